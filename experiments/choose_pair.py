"""Choose the pair of neurons that the course follows, once in each data set.

    python experiments/choose_pair.py --data /path/to/isbi2012

In the last slice, which no network that comes with the course was trained on: two touching
neurons that a threshold on the grey value runs together (the one with the highest pixel
accuracy) and that the trained network keeps apart, with little else run into them. Of all such
pairs the one with the longest shared wall. Only numbers are written: unet_teach/resources/
pair.json.
"""

from __future__ import annotations

import argparse
import json
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy import ndimage

from unet_teach.data import Volume, load_volume
from unet_teach.drawing.pair import APART, FILE, MERGED, Pair
from unet_teach.metrics.thinning import components
from unet_teach.models.pretrained import pretrained, weights_facts
from unet_teach.tiling import predict
from unet_teach.training.files import write_atomically

SIDE, AREA, NEAR = 128, (600, 9000), 4  # pixels: the crop, a neuron, half of a wall's width
RECOVERED = 0.8  # fraction of each neuron that the network must find in one piece


def best_threshold(image: np.ndarray, labels: np.ndarray) -> float:
    """Of the tenths, the one with the highest pixel accuracy."""
    tenths = np.arange(1, 10) / 10
    return float(max(tenths, key=lambda t: np.mean((image / 255 > t) == labels)))


def placed(first: np.ndarray, second: np.ndarray, index: int) -> Pair | None:
    """The pair in the middle of its crop; None if it does not fit."""
    rows, columns = (np.flatnonzero((first | second).any(axis=axis)) for axis in (1, 0))
    if max(np.ptp(rows), np.ptp(columns)) >= SIDE:
        return None
    size = first.shape[0]
    corner = [
        int(np.clip((line[0] + line[-1] - SIDE) // 2, 0, size - SIDE))
        for line in (rows, columns)
    ]
    deepest = [
        np.unravel_index(ndimage.distance_transform_edt(mask).argmax(), mask.shape)
        for mask in (first, second)
    ]
    return Pair(index, tuple(corner), SIDE, tuple((int(r), int(c)) for r, c in deepest))


def candidates(volume: Volume, network: str) -> list[tuple[int, Pair]]:
    """(pixels of shared wall, pair), the longest first."""
    index = len(volume) - 1
    image, labels = volume.images[index], volume.labels[index]
    thresholded = image / 255 > best_threshold(image, labels)
    net = predict(pretrained(network), image)[1] > weights_facts(network)["threshold"]
    neurons = components(labels == 1)
    areas = np.bincount(neurons.ravel())
    chosen = [n for n in range(1, len(areas)) if AREA[0] <= areas[n] <= AREA[1]]
    grown = {n: ndimage.binary_dilation(neurons == n, iterations=NEAR) for n in chosen}
    found = []
    for one, other in combinations(chosen, 2):
        wall = int((grown[one] & grown[other]).sum())
        pair = placed(neurons == one, neurons == other, index) if wall else None
        if pair is None or pair.verdict(thresholded, labels) != MERGED:
            continue
        if pair.verdict(net, labels) == APART and recovered(pair, net, neurons, (one, other)):
            found.append((wall, pair))
    return sorted(found, key=lambda entry: -entry[0])


def recovered(pair: Pair, net: np.ndarray, neurons: np.ndarray, numbers: tuple) -> bool:
    """Whether the network finds most of both neurons, and hardly anything of others."""
    regions = components(pair.crop(net))
    for region, number in zip(pair.regions(net, neurons > 0), numbers, strict=True):
        of = pair.crop(neurons)[regions == region]
        if (of == number).sum() < RECOVERED * (pair.crop(neurons) == number).sum():
            return False
        if (of == number).sum() < RECOVERED * (of > 0).sum():
            return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="ISBI 2012, if not found by itself")
    options = parser.parse_args()
    chosen = {}
    for name, volume in (
        ("membranes", load_volume("membranes")),
        ("isbi", load_volume("isbi", options.data)),
    ):
        found = candidates(volume, name)
        wall, pair = found[0]
        chosen[name] = vars(pair) | {"wall": wall, "candidates": len(found)}
        print(name, chosen[name])
    write_atomically(FILE, (json.dumps(chosen, indent=1) + "\n").encode())


if __name__ == "__main__":
    main()
