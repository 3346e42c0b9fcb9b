"""Does a network that also saw synthetic tissue do better on real tissue it has not seen?

    python experiments/mixed.py            # about 40 minutes of one core
    python experiments/mixed.py --status   # what is done

README.md beside this file says what is asked; it was written before the runs. The recipe, the
blocks, the seeds and the measure are those of ``pairs.py``, with 800 steps; only the training
slices differ. A finished run is not computed again. The table is
unet_teach/resources/results/mixed.json: one line for each network, and for each block and seed
one of the mean of its three networks' probabilities.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import torch
from pairs import BLOCKS, LOGITS, RECIPE, REPETITIONS, THRESHOLDS, recipe_digest, seed_of
from pairs import Variant as Recipe
from results import TABLES, circumstances, locked, read_rows, runs_parser, write_rows
from transfer import many_tissues

from unet_teach.data import Volume, load_volume
from unet_teach.metrics import score
from unet_teach.training import load_model, probabilities, split
from unet_teach.training import train as train_network

TABLE = TABLES / "mixed.json"
LONGER = replace(RECIPE, steps=800)
KINDS = ("real", "synthetic", "mixed")
MEAN = "mean of the three"


@cache
def synthetic() -> Volume:
    """120 slices of 60 tissues, none of which is anyone's."""
    return many_tissues()


def training_slices(kind: str, learned: Volume) -> Volume:
    """What a network learns from; in a mixture half of all crops are real."""
    if kind == "real":
        return learned
    if kind == "synthetic":
        return synthetic()
    times = len(synthetic()) // len(learned)
    both = [(part.images, part.labels) for part in (*[learned] * times, synthetic())]
    images, labels = (
        np.concatenate([np.stack(x) for x in stack]) for stack in zip(*both, strict=True)
    )
    return Volume(images, labels, "real and synthetic")


def trained(kind: str, block: int, seed: int, volume: Volume, runs: Path) -> Path:
    """The folder of a trained network; it goes on where it was cut short."""
    # What has seen no real slice is the same network for every block.
    where = f"seed{seed}" if kind == "synthetic" else f"block{block}_seed{seed}"
    folder = runs / f"{recipe_digest(Recipe(LONGER))}_{kind}_{where}"
    if not (folder / "model.pt").exists():
        learned, _ = split(volume, replace(LONGER, fold=block, seed=seed))
        train_network(replace(LONGER, seed=seed), training_slices(kind, learned), folder)
    return folder


def row(kind: str, block: int, seed: int, maps: list, held_out: Volume, **more: object) -> dict:
    """What one block's probabilities score."""
    found = score(held_out.labels, maps, THRESHOLDS)
    return {
        "run": f"{kind}, block {block}, seed {seed}",
        "variant": kind, "block": block, "seed": seed,
        "v_rand": round(found.v_rand, 5), "v_info": round(found.v_info, 5),
        "v_rand_logit": LOGITS[THRESHOLDS.index(found.v_rand_threshold)],
        "dice": round(found.dice, 5), "steps": LONGER.steps,
        **circumstances("python experiments/mixed.py"), **more,
    }  # fmt: skip


def pair(block: int, repetition: int, volume: Volume, runs: Path) -> None:
    """Three networks and their mean, judged on one held-out block."""
    seed, rows, together = seed_of(block, repetition), [], []
    _, held_out = split(volume, replace(LONGER, fold=block, seed=seed))
    for kind in KINDS:
        start, cpu = time.perf_counter(), time.process_time()
        # Two seeds are enough for what does not depend on the block.
        own = repetition if kind == "synthetic" else seed
        maps = probabilities(load_model(trained(kind, block, own, volume, runs)), held_out)
        together.append(maps)
        took = {"wall_seconds": round(time.perf_counter() - start, 1),
                "cpu_seconds": round(time.process_time() - cpu, 1)}  # fmt: skip
        rows.append(row(kind, block, seed, maps, held_out, **took))
    means = [np.mean(slices, axis=0) for slices in zip(*together, strict=True)]
    rows.append(row(MEAN, block, seed, means, held_out))
    with locked():
        kept = read_rows(TABLE) + rows
        kept.sort(key=lambda r: (r["block"], r["seed"], [*KINDS, MEAN].index(r["variant"])))
        write_rows(TABLE, kept)
    print(time.strftime("%H:%M:%S"), block, seed, *(r["v_rand"] for r in rows), flush=True)


def main() -> None:
    options = runs_parser(__doc__, "runs/mixed").parse_args()
    done = {(r["block"], r["seed"]) for r in read_rows(TABLE)}
    if options.status:
        return print(f"{len(done)} of {BLOCKS * REPETITIONS}:", *sorted(done))
    torch.set_num_threads(1)
    volume = load_volume("isbi", options.data)
    for repetition in range(REPETITIONS):
        for block in range(BLOCKS):
            if (block, seed_of(block, repetition)) not in done:
                pair(block, repetition, volume, options.runs)


if __name__ == "__main__":
    main()
