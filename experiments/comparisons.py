"""Train the small networks whose comparisons the lessons teach, on ISBI 2012.

    python experiments/comparisons.py                    # all: about four hours on one core
    python experiments/comparisons.py merges --seeds 0   # one comparison, one seed

Every network is small (8 channels at the top and three poolings, where nothing else is
said), every run short (400 steps of four crops that give about 128² pixels): the class
tier's recipe otherwise, not tuned for any of the variants. In a comparison, runs of one seed
start from the same random numbers and see the same slices in the same order: they are pairs.
Each is judged at its last checkpoint, in a single pass, on slices 24 to 29, which no run has
seen.

A run that was cut short goes on where it was; a finished one is not computed again.
The tables are unet_teach/resources/results/compare_NAME.json.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from results import TABLES, add_entry, code_version, processor, summary
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from unet_teach.augment import NOTHING, AugmentConfig
from unet_teach.config import UNetConfig
from unet_teach.data import Volume, load_volume
from unet_teach.models import count_parameters
from unet_teach.shapes import output_size
from unet_teach.training import TIERS, TrainConfig, evaluate, load_model, read_log, split, train

NETWORK = UNetConfig(base_channels=8, depth=3, padding="same", batch_norm=True)
RECIPE = replace(
    TIERS["class"], network=NETWORK, steps=400, size=128, batch=4, threads=1, average=False,
    precision="float32", memory_format="contiguous", checkpoint_every=200,
)  # fmt: skip
AUGMENTATIONS = {
    "crops": NOTHING,  # nothing but random crops
    "rigid": AugmentConfig(elastic_sigma=0.0),  # all that the class tier does but elastic
    "elastic": AugmentConfig(),  # all
}
COUNTS = (1, 3, 8, 24)
UPSAMPLERS = ("transposed", "nearest", "bilinear", "pixel_shuffle")
MERGES = ("concat", "add", "none")


def with_network(size: int = RECIPE.size, **changes: object) -> TrainConfig:
    """The recipe with another network, and the crop that it needs."""
    return replace(RECIPE, network=replace(NETWORK, **changes), size=size)


# Comparison -> variant -> its recipe.
COMPARISONS = {
    # Lessons 04 and 06: how a map grows, and how it joins its skip.
    "merges": {
        f"{merge}, {upsample}": with_network(merge=merge, upsample=upsample)
        for upsample in UPSAMPLERS
        for merge in MERGES
    },
    # Lesson 05: what is done where skip and map differ in size. Crops that give 124² or 128².
    "align": {
        "crop": with_network(padding="valid", size=212),
        "pad": with_network(padding="valid", align="pad", size=132),
        "same": with_network(),
    },
    # Lesson 03: context against location.
    "depth": {
        f"{merge}, depth {depth}": with_network(merge=merge, depth=depth)
        for depth in (1, 2, 3, 4)
        for merge in ("concat", "none")
    },
    # Lesson 06: addition with as many parameters as concatenation, within 1 %.
    "matched": {
        "concat, 18 channels": with_network(base_channels=18),
        "add, 19 channels": with_network(merge="add", base_channels=19),
        "none, 19 channels": with_network(merge="none", base_channels=19),
    },
    # Lesson 11: what the network is punished for. "uniform" weighs all pixels alike.
    "losses": {
        "uniform": replace(RECIPE, class_weights=None),
        "class weights": RECIPE,
        "weight map": replace(RECIPE, weight_map=True),
        "Dice": replace(RECIPE, loss="dice", class_weights=None),
        "Dice + cross-entropy": replace(RECIPE, loss="dice_cross_entropy", class_weights=None),
    },
    # Lesson 12: how few images are enough, and what each kind of deformation adds.
    "slices": {
        f"{count} slices, {how}": replace(RECIPE, augmentation=augmentation)
        for count in COUNTS
        for how, augmentation in AUGMENTATIONS.items()
    },
    # Lesson 16: what came before U-Net and after it, with as many operations, within 5 %.
    "architectures": {
        "U-Net": with_network(base_channels=11),
        "U-Net++": replace(with_network(base_channels=8), architecture="unet_plus_plus"),
        "U-Net++, deep supervision": replace(
            with_network(base_channels=8), architecture="unet_plus_plus", deep_supervision=True
        ),
        "UNet 3+, deep supervision": replace(
            with_network(base_channels=6), architecture="unet_3plus", deep_supervision=True
        ),
        "FCN-8s": replace(with_network(base_channels=15, depth=5), architecture="fcn"),
    },
}  # fmt: skip
SEEDS = {
    "merges": 5, "align": 5, "matched": 5, "depth": 3, "losses": 5, "slices": 5,
    "architectures": 5,
}  # fmt: skip


# Variant -> so many slices to learn from; all where it is not named here.
SLICES = {f"{count} slices, {how}": count for count in COUNTS for how in AUGMENTATIONS}


def training_slices(variant: str, seed: int, volume: Volume) -> Volume:
    """What a run learns from: all slices but the held-out, or the first so many of them.

    Which are first is decided by the seed: the slices of a smaller number are among those
    of a larger.
    """
    train_on, _ = split(volume, RECIPE)
    if variant not in SLICES:
        return train_on
    order = np.random.default_rng(seed).permutation(len(train_on))
    return train_on.select(sorted(order[: SLICES[variant]].tolist()))


def operations(model: nn.Module, size: int) -> int:
    """Of the convolutions on one image, a multiply-add counted as 2: torch's own count."""
    image = torch.zeros(1, model.config.in_channels, size, size)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model.eval()(image)
    return counter.get_total_flops()


def folder_of(config: TrainConfig, slices: int, runs: Path) -> Path:
    """Where the run of a recipe on so many slices is kept."""
    facts = json.dumps([config.to_dict(), slices], sort_keys=True)
    return runs / sha256(facts.encode()).hexdigest()[:12]


def run(comparison: str, variant: str, seed: int, volume: Volume, runs: Path) -> None:
    """Train one variant with one seed, and note what it scores."""
    config = replace(COMPARISONS[comparison][variant], seed=seed)
    name = f"{variant}, seed {seed}"
    path = TABLES / f"compare_{comparison}.json"
    entries = json.loads(path.read_text()) if path.exists() else []
    if any(entry["run"] == name for entry in entries):
        return
    # Two comparisons may hold the same run: it is trained once.
    learned = training_slices(variant, seed, volume)
    folder = folder_of(config, len(learned), runs)
    if not (folder / "model.pt").exists():
        train(replace(config, fold=None), learned, folder)
    model, log = load_model(folder), read_log(folder)
    _, held_out = split(volume, config)
    scores = evaluate(model, held_out)
    entry = {
        "run": name,
        "variant": variant,
        "seed": seed,
        **summary(scores),
        "dice": round(scores.dice, 5),
        "loss": round(sum(r["loss"] for r in log[-50:]) / 50, 5),
        "parameters": count_parameters(model),
        "giga_operations": round(operations(model, config.size) / 1e9, 3),
        "output": output_size(config.network, config.size),
        "minutes": round(log[-1]["seconds"] / 60, 2),
        "data": volume.name,
        "hardware": processor(),
        "code": code_version(),
        "config": config.to_dict(),
    }
    add_entry(f"compare_{comparison}", entry)
    print(comparison, name, summary(scores), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("comparisons", nargs="*", metavar="NAME", help=", ".join(COMPARISONS))
    parser.add_argument("--seeds", type=int, nargs="+", help="instead of the first 5 (or 3)")
    parser.add_argument("--runs", type=Path, default=Path("runs/comparisons"))
    parser.add_argument("--data", type=Path, help="ISBI 2012, if not found by itself")
    options = parser.parse_args()
    names = options.comparisons or list(COMPARISONS)
    if unknown := sorted(set(names) - set(COMPARISONS)):
        parser.error(f"no comparison {unknown[0]!r}; valid: {', '.join(COMPARISONS)}")
    volume = load_volume("isbi", options.data)
    for name in names:
        # Seed by seed: what is cut short is still balanced.
        for seed in options.seeds or range(SEEDS[name]):
            for variant in COMPARISONS[name]:
                run(name, variant, seed, volume, options.runs)


if __name__ == "__main__":
    main()
