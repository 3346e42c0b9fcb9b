"""Train the pairs of networks that answer the lessons' primary questions, on ISBI 2012.

    python experiments/pairs.py                        # all: about 3.5 hours of one core
    python experiments/pairs.py skips --blocks 0 1     # one question, two blocks
    python experiments/pairs.py --status               # what is done

README.md beside this file says what is asked, and why so; it was written before the runs.
A run that was cut short goes on where it was; a finished one is not computed again. Two
processes may share the work if each has blocks of its own (--blocks). The
table is unet_teach/resources/results/pairs.json, one line for each run.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np
import torch
from comparisons import operations
from results import TABLES, code_version, locked, processor, read_rows, runs_parser, write_rows

from unet_teach.augment import NOTHING, AugmentConfig
from unet_teach.comparisons import QUESTIONS
from unet_teach.config import UNetConfig
from unet_teach.data import Volume, load_volume
from unet_teach.metrics import score
from unet_teach.models import count_parameters
from unet_teach.training import TIERS, TrainConfig, load_model, probabilities, read_log, split
from unet_teach.training import train as train_network

TABLE = TABLES / "pairs.json"
BLOCKS, REPETITIONS = 5, 2
BEND = 10 / 512  # elastic strength: the paper's 10 pixels on an image of 512
# Thresholds by their logits: every 0.5 in the middle, every 1 at both ends.
LOGITS = (*range(-8, -4), *np.arange(-4, 8.25, 0.5).tolist(), *range(9, 15))
THRESHOLDS = tuple(1 / (1 + np.exp(-x)) for x in LOGITS)

NETWORK = UNetConfig(base_channels=8, depth=3, padding="same", batch_norm=True)
RECIPE = replace(
    TIERS["class"], network=NETWORK, steps=400, size=128, batch=4, lr=1e-2, folds=BLOCKS,
    augmentation=AugmentConfig(elastic_sigma=BEND * 128), threads=1, average=False,
    precision="float32", memory_format="channels_last", checkpoint_every=100,
)  # fmt: skip


@dataclass(frozen=True)
class Variant:
    """A recipe, and how many of the training slices it sees (None: all of them)."""

    recipe: TrainConfig
    slices: int | None = None


def with_network(**changes: object) -> TrainConfig:
    """The common recipe with another network."""
    return replace(RECIPE, network=replace(NETWORK, **changes))


def few(slices: int, **changes: object) -> Variant:
    """Fewer slices and three times the steps."""
    return Variant(replace(RECIPE, steps=3 * RECIPE.steps, **changes), slices)


VARIANTS = {
    "U-Net": Variant(RECIPE),
    "no skips": Variant(with_network(merge="none")),
    "bilinear": Variant(with_network(upsample="bilinear")),
    "valid, crop": Variant(
        replace(
            RECIPE, network=replace(NETWORK, padding="valid"), size=212,
            augmentation=AugmentConfig(elastic_sigma=BEND * 212),
        )
    ),
    "weight map": Variant(replace(RECIPE, weight_map=True)),
    "cross-entropy": Variant(replace(RECIPE, class_weights=None)),
    "Dice": Variant(replace(RECIPE, class_weights=None, loss="dice")),
    "24 slices, crops": Variant(replace(RECIPE, augmentation=NOTHING)),
    "3 slices, crops": few(3, augmentation=NOTHING),
    "3 slices, augmented": few(3),
    "1 slice, crops": few(1, augmentation=NOTHING),
    "1 slice, augmented": few(1),
    "U-Net, 11 channels": Variant(with_network(base_channels=11)),
    "U-Net++": Variant(replace(RECIPE, architecture="unet_plus_plus")),
}  # fmt: skip


def seed_of(block: int, repetition: int) -> int:
    """Ten seeds, each for one pair: no first weights are shared between blocks."""
    return REPETITIONS * block + repetition


def order(questions: list[str], blocks: list[int]) -> Iterator[tuple[str, int, int]]:
    """(variant, block, seed), so that what is cut short is balanced; each run once."""
    for repetition in range(REPETITIONS):
        for block in blocks:
            named = (QUESTIONS[q] for q in questions)
            variants = dict.fromkeys(v for q in named for v in (q.first, q.second))
            for variant in variants:
                yield variant, block, seed_of(block, repetition)


def training_slices(variant: Variant, config: TrainConfig, volume: Volume) -> Volume:
    """What a run learns from: all but the held-out block, or a few slices of that.

    The seed draws which; the slices of a smaller number are among those of a larger.
    """
    learned, _ = split(volume, config)
    if variant.slices is None:
        return learned
    drawn = np.random.default_rng(config.seed).permutation(len(learned))
    return learned.select(sorted(drawn[: variant.slices].tolist()))


def recipe_digest(variant: Variant) -> str:
    """Changes when anything changes that decides what a variant computes."""
    facts = [variant.recipe.to_dict(), variant.slices, LOGITS]
    return sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]


def read_table() -> list[dict]:
    return read_rows(TABLE)


def add_row(row: dict) -> None:
    """One line for each run, in an order that does not depend on when it was made."""
    with locked():
        rows = [r for r in read_table() if r["run"] != row["run"]] + [row]
        rows.sort(key=lambda r: (r["block"], r["seed"], list(VARIANTS).index(r["variant"])))
        write_rows(TABLE, rows)


def folder_of(name: str, block: int, seed: int, runs: Path) -> Path:
    """Where a run keeps its network."""
    return runs / f"{recipe_digest(VARIANTS[name])}_block{block}_seed{seed}"


def run(name: str, block: int, seed: int, volume: Volume, runs: Path, code: str) -> None:
    """Train one variant for one pair, and note what it scores."""
    variant, title = VARIANTS[name], f"{name}, block {block}, seed {seed}"
    digest = recipe_digest(variant)
    if any(row["run"] == title and row["recipe"] == digest for row in read_table()):
        return
    start, cpu = time.perf_counter(), time.process_time()
    config = replace(variant.recipe, fold=block, seed=seed)
    learned, (_, held_out) = training_slices(variant, config, volume), split(volume, config)
    folder = folder_of(name, block, seed, runs)
    whole = not folder.exists()  # or else it goes on with what another process began
    if not (folder / "model.pt").exists():
        train_network(replace(config, fold=None), learned, folder)
    model, log = load_model(folder), read_log(folder)
    scores = score(held_out.labels, probabilities(model, held_out), THRESHOLDS)
    step = median(np.diff([record["seconds"] for record in log]).tolist())
    row = {
        "run": title,
        "variant": name,
        "block": block,
        "seed": seed,
        "v_rand": round(scores.v_rand, 5),
        "v_rand_logit": LOGITS[THRESHOLDS.index(scores.v_rand_threshold)],
        "v_info": round(scores.v_info, 5),
        "v_info_logit": LOGITS[THRESHOLDS.index(scores.v_info_threshold)],
        "dice": round(scores.dice, 5),
        "loss": round(sum(r["loss"] for r in log[-50:]) / 50, 5),
        "parameters": count_parameters(model),
        "giga_operations": round(operations(model, config.size) / 1e9, 3),
        "slices": len(learned),
        "steps": config.steps,
        "seconds": round(step * config.steps, 1),  # of training: steps times their median
        "wall_seconds": round(time.perf_counter() - start, 1),  # training and evaluation
        "cpu_seconds": round(time.process_time() - cpu, 1) if whole else None,  # likewise
        "hardware": processor(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "code": code,
        "command": "python experiments/" + " ".join([Path(sys.argv[0]).name, *named(sys.argv)]),
        "data": volume.name,
        "recipe": digest,
        "v_rand_curve": [round(v, 4) for v in scores.v_rand_curve],  # over LOGITS
        "v_info_curve": [round(v, 4) for v in scores.v_info_curve],
    }
    add_row(row)
    print(f"{time.strftime('%H:%M:%S')} {title}: {scores.v_rand:.4f}", flush=True)


def named(arguments: list[str]) -> list[str]:
    """The arguments of a command without the places of one machine."""
    kept, places = [], ("--data", "--runs")
    for before, word in pairwise(arguments):
        if word not in places and before not in places:
            kept.append(f'"{word}"' if " " in word else word)
    return kept


def status() -> None:
    """Pairs (block/seed) of each question, seconds of each run. No difference: see README."""
    rows = read_table()
    done: dict[str, set] = {name: set() for name in VARIANTS}
    for row in rows:
        done[row["variant"]].add((row["block"], row["seed"]))
    for name, question in QUESTIONS.items():
        pairs = sorted(done[question.first] & done[question.second])
        print(f"{name}: {len(pairs)} pairs", *(f"{b}/{s}" for b, s in pairs))
    for name in VARIANTS:
        took = [(r.get("cpu_seconds"), r["wall_seconds"]) for r in rows if r["variant"] == name]
        said = [f"{wall:.0f}" + (f" ({cpu:.0f} of CPU)" if cpu else "") for cpu, wall in took]
        print(f"{name}: {len(said)} runs, seconds: {', '.join(said)}")


def main() -> None:
    parser = runs_parser(__doc__, "runs/pairs")
    parser.add_argument("questions", nargs="*", metavar="NAME", help=", ".join(QUESTIONS))
    parser.add_argument("--blocks", type=int, nargs="+", choices=range(BLOCKS))
    options = parser.parse_args()
    if options.status:
        return status()
    questions = options.questions or list(QUESTIONS)
    if unknown := sorted(set(questions) - set(QUESTIONS)):
        parser.error(f"no question {unknown[0]!r}; valid: {', '.join(QUESTIONS)}")
    torch.set_num_threads(1)
    volume, code = load_volume("isbi", options.data), code_version()
    for name, block, seed in order(questions, options.blocks or list(range(BLOCKS))):
        run(name, block, seed, volume, options.runs, code)


if __name__ == "__main__":
    main()
