"""How much does a training slice beside it raise a validation slice's score?

    python experiments/leak.py            # about 15 minutes of one core
    python experiments/leak.py --status   # what is done

README.md beside this file says what is asked; it was written before the runs. Every slice is
held out twice: in a contiguous block of six, and in a set of every fifth slice, where both its
neighbours are in training. Nothing else differs. A finished run is not computed again. The
table is unet_teach/resources/results/leak.json, one line for each network.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import torch
from pairs import BLOCKS, RECIPE, REPETITIONS, THRESHOLDS, recipe_digest, seed_of
from pairs import Variant as Recipe
from results import TABLES, circumstances, read_rows, runs_parser, write_rows

from unet_teach.augment import NOTHING
from unet_teach.comparisons.leak import BLOCK, FIFTH
from unet_teach.data import Volume, load_volume
from unet_teach.data.volume import block_folds
from unet_teach.metrics import score
from unet_teach.training import load_model, probabilities
from unet_teach.training import train as train_network

TABLE = TABLES / "leak.json"
CROPS = replace(RECIPE, augmentation=NOTHING)


def held_out_slices(design: str, part: int, count: int) -> list[int]:
    """Six of thirty slices: neighbours, or every fifth."""
    return list(
        block_folds(count, BLOCKS)[part][1] if design == BLOCK else range(part, count, BLOCKS)
    )


def run(design: str, part: int, seed: int, volume: Volume, runs: Path) -> dict:
    """Train one network, and score each slice that it didn't see."""
    out = held_out_slices(design, part, len(volume))
    learned = volume.select([i for i in range(len(volume)) if i not in out])
    held_out = volume.select(out)
    name = "block" if design == BLOCK else "fifth"
    folder = runs / f"{recipe_digest(Recipe(CROPS))}_{name}{part}_seed{seed}"
    if not (folder / "model.pt").exists():
        train_network(replace(CROPS, fold=None, seed=seed), learned, folder)
    maps = probabilities(load_model(folder), held_out)
    found = score(held_out.labels, maps, THRESHOLDS)
    alone = (
        score(held_out.labels[i : i + 1], maps[i : i + 1], THRESHOLDS) for i in range(len(maps))
    )
    return {
        "run": f"{design}, part {part}, seed {seed}", "design": design, "part": part,
        "seed": seed, "slices": out, "v_rand": round(found.v_rand, 5),
        "v_rand_slices": [round(value, 5) for value in found.v_rand_slices],
        "v_rand_own": [round(each.v_rand, 5) for each in alone],  # each at its own threshold
        "steps": CROPS.steps, **circumstances("python experiments/leak.py"),
    }  # fmt: skip


def main() -> None:
    options = runs_parser(__doc__, "runs/leak").parse_args()
    rows = read_rows(TABLE)
    done = {(r["design"], r["part"], r["seed"]) for r in rows}
    if options.status:
        return print(f"{len(done)} of {2 * BLOCKS * REPETITIONS}:", *sorted(done))
    torch.set_num_threads(1)
    volume = load_volume("isbi", options.data)
    for repetition in range(REPETITIONS):
        for part in range(BLOCKS):
            for design in (BLOCK, FIFTH):
                which = design, part, seed_of(part, repetition)
                if which not in done:
                    rows.append(run(*which, volume, options.runs))
                    write_rows(TABLE, rows)
                    said = f"{rows[-1]['run']}: {rows[-1]['v_rand']:.4f}"
                    print(time.strftime("%H:%M:%S"), said, flush=True)


if __name__ == "__main__":
    main()
