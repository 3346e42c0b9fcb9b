"""Walls one pixel thin: which neurons a pixel holds apart, and what a hole in it costs.

Lesson 10. Arithmetic on labels only; the scores are those of `unet_teach.metrics`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unet_teach.metrics import components, contingency, dice, thin


@dataclass(frozen=True)
class Judged:
    """One map of white and black against the truth, in five numbers."""

    wrong: float  # pixel error: share of the pixels that differ
    dice: float  # of white
    v_rand: float
    v_info: float
    neurons: int  # regions found
    regions: np.ndarray  # (H, W) what was compared with the truth's regions
    merged: tuple[tuple[int, ...], ...]  # neurons of the truth that have run together


def judged(truth: np.ndarray, white: np.ndarray, thinned: bool = True) -> Judged:
    """Judge a map by its pixels and by its regions.

    Parameters
    ----------
    truth, white : (H, W), bool or of 0 and 1; 1 is inside
    thinned : thin the map's walls first, as the challenge does

    Examples
    --------
    >>> truth = np.array([[1, 1, 0, 1, 1]])
    >>> hole = judged(truth, np.ones_like(truth))
    >>> hole.wrong, hole.neurons, round(hole.v_rand, 3)
    (0.2, 1, 0.667)
    """
    truth, white = np.asarray(truth) > 0, np.asarray(white) > 0
    regions, neurons = thin(white) if thinned else components(white), components(truth)
    table = contingency(neurons, regions)
    return Judged(
        wrong=float(np.mean(truth != white)),
        dice=dice(truth, white),
        v_rand=table.v_rand,
        v_info=table.v_info,
        neurons=int(regions.max(initial=0)),
        regions=regions,
        merged=merged(neurons, regions),
    )


def merged(neurons: np.ndarray, regions: np.ndarray) -> tuple[tuple[int, ...], ...]:
    """Neurons that have run together: more than half of each lies in one region.

    Examples
    --------
    >>> merged(np.array([[1, 1, 0, 2, 3]]), np.array([[1, 1, 1, 1, 2]]))
    ((1, 2),)
    """
    holds: dict[int, list[int]] = {}
    for neuron in range(1, int(neurons.max(initial=0)) + 1):
        counts = np.bincount(regions[neurons == neuron])
        if counts[1:].max(initial=0) * 2 > counts.sum():
            holds.setdefault(1 + int(counts[1:].argmax()), []).append(neuron)
    return tuple(tuple(together) for together in holds.values() if len(together) > 1)


def one_pixel_costs(truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Thin the truth's walls, erase one pixel of them, and ask for V_rand: for each pixel.

    A hole between regions of a, b, … pixels adds (a + b + …)² − a² − b² − … wrong pairs to
    the S = Σ sᵢ² right ones, so V_rand = 2 S / (2 S + wrong pairs).

    Parameters
    ----------
    truth : (H, W), bool or of 0 and 1

    Returns
    -------
    V_rand (H, W) after this one pixel is erased (1 where it holds nothing apart), and the
    number of regions (H, W) that it would join: 0 where there is no wall, else 2 to 4.

    Examples
    --------
    >>> scores, joined = one_pixel_costs(np.array([[1, 1, 0, 1, 1]]))
    >>> scores.round(3).tolist(), joined.tolist()
    ([[1.0, 1.0, 0.667, 1.0, 1.0]], [[0, 0, 2, 0, 0]])
    """
    thinned, sizes = thin(truth), np.bincount(components(truth).ravel()).astype(float)
    sizes[0] = 0
    right, scores = (sizes**2).sum(), np.ones(thinned.shape)
    joined = np.zeros(thinned.shape, int)
    for row, column in np.argwhere(thinned == 0):
        near = sizes[list(touched(thinned, row, column))]
        if len(near) > 1:
            wrong = near.sum() ** 2 - (near**2).sum()
            scores[row, column] = 2 * right / (2 * right + wrong)
            joined[row, column] = len(near)
    return scores, joined


def touched(thinned: np.ndarray, row: int, column: int) -> set[int]:
    """The regions at the four sides of a pixel."""
    height, width = thinned.shape
    places = ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1))
    return {int(thinned[r, c]) for r, c in places if 0 <= r < height and 0 <= c < width} - {0}


def walls(thinned: np.ndarray) -> dict[tuple[int, int], np.ndarray]:
    """The wall of each two neighbours: its pixels, from the middle of the wall outwards.

    Parameters
    ----------
    thinned : (H, W) whole numbers, as `unet_teach.metrics.thin` gives; 0 is wall

    Returns
    -------
    (region, region) -> (pixels, 2) rows and columns of the pixels that touch these two and no
    other. In the order in which a reader meets them.

    Examples
    --------
    >>> walls(np.array([[1, 0, 2], [1, 0, 2], [1, 0, 2]]))[1, 2].tolist()
    [[1, 1], [0, 1], [2, 1]]
    """
    found: dict[tuple[int, int], list] = {}
    for row, column in np.argwhere(thinned == 0):
        near = sorted(touched(thinned, row, column))
        if len(near) == 2:
            found.setdefault((near[0], near[1]), []).append((row, column))
    return {pair: from_the_middle(np.array(pixels)) for pair, pixels in found.items()}


def from_the_middle(pixels: np.ndarray) -> np.ndarray:
    """Pixels (n, 2), sorted by their distance from the one nearest to their mean."""
    middle = pixels[((pixels - pixels.mean(0)) ** 2).sum(1).argmin()]
    return pixels[((pixels - middle) ** 2).sum(1).argsort(kind="stable")]


def beside(thinned: np.ndarray, wall: np.ndarray, region: int) -> np.ndarray:
    """The pixels (n, 2) of a region along a wall, from the middle of the wall outwards."""
    found = []
    for row, column in wall:
        for step in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            place = (int(row) + step[0], int(column) + step[1])
            inside = all(0 <= i < n for i, n in zip(place, thinned.shape, strict=True))
            if inside and thinned[place] == region and place not in found:
                found.append(place)
    return np.array(found).reshape(-1, 2)
