"""What can be said of the paper tier without training: its rate, its weights, what it samples.

    python experiments/paper_arithmetic.py        # about a minute on one core

README.md quotes the figures.
"""

from __future__ import annotations

import argparse
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch

from unet_teach.augment import random_field
from unet_teach.data import load_volume
from unet_teach.losses import weight_map
from unet_teach.shapes import output_size
from unet_teach.training import TIERS, TrainConfig

SIZE = 512  # of a slice, in height and in width
RINGS = (0, 20, 62, 128, 256)  # distances from a slice's edge, in pixels


def reach(tier: TrainConfig) -> None:
    """How far the weights can move: the sum of the rates, and the last of them."""
    far = tier.lr / (1 - tier.momentum)
    print(f"rate {tier.lr:g}, momentum {tier.momentum}: {far:g} for a gradient that stays")
    print(f"over {tier.steps} steps at a constant rate: {far * tier.steps:g}")


def balance(labels: np.ndarray, weights: np.ndarray, name: str) -> None:
    """What a loss weighs, and what it is where the network knows the weights' sums alone."""
    wall, inside = (np.where(labels == k, weights, 0).mean() for k in (0, 1))
    whole = wall + inside
    baseline = -sum(part * math.log(part / whole) for part in (wall, inside))
    ratio = weights[labels == 0].mean() / weights[labels == 1].mean()
    equal = weights.mean() ** 2 / (weights**2).mean()  # as Kish's effective sample size
    print(
        f"{name}: mean weight {whole:.2f}, wall to inside {ratio:.1f}, {wall / whole:.0%} of "
        f"all weight on the wall, counts as {equal:.0%} of the pixels, loss of a constant "
        f"{baseline:.3f}"
    )


def sampled(tier: TrainConfig, crops: int, name: str) -> None:
    """How often a pixel is a target, 1 in the mean, by its distance from the slice's edge."""
    margin = (tier.size - output_size(tier.network, tier.size)) // 2
    inside, counted = slice(margin, tier.size - margin), np.zeros((SIZE, SIZE))
    for seed in range(crops):
        field = random_field(
            (SIZE, SIZE), (tier.size, tier.size), tier.augmentation,
            torch.Generator().manual_seed(seed),
        )[inside, inside]  # fmt: skip
        x, y = field.round().long().numpy().reshape(-1, 2).T
        here = (x >= 0) & (x < SIZE) & (y >= 0) & (y < SIZE)
        np.add.at(counted, (y[here], x[here]), 1)
    counted /= counted.mean()
    places = np.arange(SIZE)
    edge = np.minimum(places, SIZE - 1 - places)
    edge = np.minimum(edge[:, None], edge)
    rings = [counted[(edge >= a) & (edge < b)].mean() for a, b in pairwise(RINGS)]
    print(
        f"{name}: {', '.join(f'{x:.2f}' for x in rings)} of the mean by ring {RINGS}; "
        f"{(counted < 0.05).mean():.0%} of the pixels below 0.05, "
        f"{(counted < 0.25).mean():.0%} below 0.25"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="ISBI 2012, if not found by itself")
    options = parser.parse_args()
    torch.set_num_threads(1)
    labels = load_volume("isbi", options.data).labels[:24:4]
    paper = TIERS["paper"]
    reach(paper)
    maps = np.stack([weight_map(label, paper.w0, paper.sigma) for label in labels])
    balance(labels, maps.astype(float), "weight map")
    balance(labels, np.where(labels == 0, 3.0, 1.0), "class weights 3 and 1")
    sampled(paper, 150, "paper")
    sampled(TIERS["class"], 600, "class")


if __name__ == "__main__":
    main()
