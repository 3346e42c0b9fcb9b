"""Keep what four networks see, so that lesson 12 can show masks and not only scores.

    python experiments/pairs.py         # first: the networks themselves
    python experiments/mixed.py
    python experiments/few_slices.py

Trained on one slice, without and with augmentation; on 24 slices; on drawn tissue alone. Of the
second seed of each block, the pair is shown whose difference at one slice is the **median** of
the five: neither the best nor the worst. The file is unet_teach/resources/few_slices.npz:
predicted masks of the middle of the first held-out slice, each at its run's best threshold, and
which of their regions hold neurons that have run together, or a piece of a neuron; no
micrograph, no labels.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from mixed import trained
from pairs import BLOCKS, LOGITS, RECIPE, THRESHOLDS, folder_of, read_table, seed_of
from results import TABLES

from unet_teach.comparisons import load_table
from unet_teach.data import load_volume
from unet_teach.film.show import BROKEN, MERGED, errors
from unet_teach.lessons.l12_augmentation.masks import ONE, PIECE, TOGETHER, WALL
from unet_teach.metrics import components
from unet_teach.training import load_model, split
from unet_teach.training.evaluation import probabilities

FILE = TABLES.parent / "few_slices.npz"
SHOWN = ("1 slice, crops", "1 slice, augmented")
SIDE = 288  # pixels of the slice's middle


def median_pair(rows: list[dict]) -> tuple[int, int]:
    """(block, seed) of the median difference at one slice, among the second seeds."""
    of = {(r["variant"], r["block"], r["seed"]): r["v_rand"] for r in rows}
    pairs = [(block, seed_of(block, repetition=1)) for block in range(BLOCKS)]
    gain = {p: of[(SHOWN[1], *p)] - of[(SHOWN[0], *p)] for p in pairs}
    return sorted(pairs, key=gain.get)[len(pairs) // 2]


def judged(labels: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """What each region of a mask is: `WALL`, `ONE`, `TOGETHER` or `PIECE`, uint8 (H, W).

    A region is coloured if most of it belongs to neurons that have run together, or to neurons
    that are broken, as the film counts them.
    """
    found, *_ = errors(labels, inside)
    codes = np.where(inside, ONE, WALL).astype(np.uint8)
    regions = components(inside)
    for region in range(1, int(regions.max(initial=0)) + 1):
        here = regions == region
        for error, code in ((MERGED, TOGETHER), (BROKEN, PIECE)):
            if (found[here] == error).mean() > 0.5:
                codes[here] = code
    return codes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=Path("runs/pairs"))
    parser.add_argument("--mixed", type=Path, default=Path("runs/mixed"))
    parser.add_argument("--data", type=Path, help="ISBI 2012, if not found by itself")
    options = parser.parse_args()
    torch.set_num_threads(1)
    volume, rows = load_volume("isbi", options.data), read_table()
    block, seed = median_pair(rows)
    _, held_out = split(volume, replace(RECIPE, fold=block, seed=seed))
    kept, rows = {}, rows + load_table("mixed")
    folders = {name: folder_of(name, block, seed, options.runs) for name in SHOWN}
    for kind, its in (("real", seed), ("synthetic", 1)):  # 24 real slices, and none at all
        folders[kind] = trained(kind, block, its, volume, options.mixed)
    for name, folder in folders.items():
        (row,) = (
            r for r in rows if (r["variant"], r["block"], r["seed"]) == (name, block, seed)
        )
        threshold = THRESHOLDS[LOGITS.index(row["v_rand_logit"])]
        inside = probabilities(load_model(folder), held_out.select([0]))[0] > threshold
        start = (len(inside) - SIDE) // 2
        piece = np.s_[start : start + SIDE, start : start + SIDE]
        kept[name] = judged(np.asarray(held_out.labels[0])[piece], inside[piece])
        print(f"{name}: V_rand {row['v_rand']:.3f}")
    np.savez_compressed(FILE, block=block, seed=seed, **kept)
    print(f"{FILE}: {FILE.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
