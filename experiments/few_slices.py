"""Keep what four networks see, so that lesson 12 can show masks and not only scores.

    python experiments/pairs.py         # first: the networks themselves
    python experiments/few_slices.py

Trained on one slice and on three, without and with augmentation. Of the second seed of each
block, the pair is shown whose difference at one slice is the **median** of the five: neither
the best nor the worst. The file is unet_teach/resources/few_slices.npz: predicted masks of the
middle of the first held-out slice, each at the best threshold of its run, no micrograph.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from pairs import RECIPE, VARIANTS, read_table, recipe_digest
from results import TABLES

from unet_teach.data import load_volume
from unet_teach.training import load_model, split
from unet_teach.training.evaluation import probabilities

FILE = TABLES.parent / "few_slices.npz"
SHOWN = ("1 slice, crops", "1 slice, augmented", "3 slices, crops", "3 slices, augmented")
SIDE = 288  # pixels of the slice's middle


def median_pair(rows: list[dict]) -> tuple[int, int]:
    """(block, seed) of the median difference at one slice, among the second seeds."""
    of = {(r["variant"], r["block"], r["seed"]): r["v_rand"] for r in rows}
    pairs = [(block, 2 * block + 1) for block in range(5)]
    gain = {p: of[(SHOWN[1], *p)] - of[(SHOWN[0], *p)] for p in pairs}
    return sorted(pairs, key=gain.get)[len(pairs) // 2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=Path("runs/pairs"))
    parser.add_argument("--data", type=Path, help="ISBI 2012, if not found by itself")
    options = parser.parse_args()
    torch.set_num_threads(1)
    volume, rows = load_volume("isbi", options.data), read_table()
    block, seed = median_pair(rows)
    _, held_out = split(volume, replace(RECIPE, fold=block, seed=seed))
    kept = {}
    for name in SHOWN:
        digest = recipe_digest(VARIANTS[name])
        model = load_model(options.runs / f"{digest}_block{block}_seed{seed}")
        (row,) = (r for r in rows if r["run"] == f"{name}, block {block}, seed {seed}")
        threshold = 1 / (1 + np.exp(-row["v_rand_logit"]))
        inside = probabilities(model, held_out.select([0]))[0] > threshold
        start = (len(inside) - SIDE) // 2
        kept[name] = np.packbits(inside[start : start + SIDE, start : start + SIDE])
        print(f"{name}: V_rand {row['v_rand']:.3f}")
    np.savez_compressed(FILE, block=block, seed=seed, side=SIDE, **kept)
    print(f"{FILE}: {FILE.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
