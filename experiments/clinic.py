"""Train the eight patients of lesson 15, each with its line broken and mended, three seeds.

    python experiments/clinic.py            # all: about two minutes on one core

The loop and its eight lines are `treat` in unet_teach/lessons/l15_break_it_clinic/measure.py.
The table is unet_teach/resources/results/clinic.json; what the patients of one seed see of a
piece of a held-out slice is unet_teach/resources/clinic.npz. Synthetic membranes only.
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict

import numpy as np
import torch
from results import TABLES, add_entry, code_version, processor

from unet_teach.lessons.l15_break_it_clinic import measure as clinic

SEEDS, STEPS = 3, 100
SHOWN = 1  # the seed whose maps are kept
KEPT = 34  # points of a curve
PIECE = slice(16, 112)  # rows and columns of the first held-out slice, shrunk
MAPS = TABLES.parent / "clinic.npz"


def thinned(losses: tuple[float, ...]) -> list[list]:
    """Pairs (step from 1, loss), at most `KEPT`, the last among them; None is not a number."""
    every = math.ceil(len(losses) / KEPT)
    steps = range(len(losses) - 1, -1, -every)
    values = [(step + 1, losses[step]) for step in reversed(steps)]
    return [[step, round(v, 4) if math.isfinite(v) else None] for step, v in values]


def run(letter: str, broken: bool, seed: int) -> np.ndarray:
    """Train one patient and note how it went; gives its map."""
    patient = clinic.PATIENTS[letter]
    start = time.perf_counter()
    chart = clinic.treat(letter, broken, seed, STEPS)
    minutes = (time.perf_counter() - start) / 60
    state = "broken" if broken else "mended"
    entry = {
        "run": f"{letter}, {state}, seed {seed}",
        "variant": f"{letter}, {state}",
        "letter": letter,
        "broken": broken,
        "seed": seed,
        "diagnosis": patient.diagnosis,
        "line": patient.broken if broken else patient.fixed,
        "loss": patient.loss,
        "batch": patient.batch,
        "dice": round(chart.score, 5),
        "curve": thinned(chart.losses),
        "steps": STEPS,
        "minutes": round(minutes, 3),
        "data": f"synthetic membranes, {clinic.HELD_OUT} slices of 256² not trained on",
        "hardware": processor(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "code": code_version(),
        "config": asdict(clinic.NETWORK),
    }
    add_entry("clinic", entry)
    print(f"{entry['run']}: {chart.score:.3f}", flush=True)
    return clinic.as_grey(chart.probability)[PIECE, PIECE]


def main() -> None:
    torch.set_num_threads(1)
    images, masks = clinic.ward()
    image = clinic.smaller(images[clinic.TRAIN, None].float(), "bilinear")[0, 0].numpy()
    truth = clinic.smaller(masks[clinic.TRAIN, None], "nearest")[0, 0].numpy() == 255
    image = (image - image.min()) / (image.max() - image.min())
    kept = {"image": np.rint(255 * image).astype(np.uint8)[PIECE, PIECE]}
    kept["truth"] = truth[PIECE, PIECE]
    for seed in range(SEEDS):
        for letter in clinic.PATIENTS:
            for broken in (True, False):
                seen = run(letter, broken, seed)
                if seed == SHOWN:
                    kept[f"{letter}_{'broken' if broken else 'mended'}"] = seen
    np.savez_compressed(MAPS, **kept)


if __name__ == "__main__":
    main()
