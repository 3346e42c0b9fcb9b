"""Lesson 11: two touching cells, and how hard a loss pulls at each pixel.

At the end the weight explorer's `answer`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from unet_teach.config import whole
from unet_teach.losses import class_weights, soft_dice, weight_map, weighted_cross_entropy
from unet_teach.tiling import with_gradients
from unet_teach.translation import _, _n

HEIGHT, WIDTH = 44, 84  # of the drawn scene, pixels
RADIUS, CUT = 19, 14  # of a cell; from its centre to its flat side
WIDEST = 12  # wall that fits


class TwoCells(NamedTuple):
    """A label image of two cells, and where the wall between them is."""

    cells: np.ndarray  # (H, W) uint8: 0 background, 1 left cell, 2 right cell
    wall: np.ndarray  # (H, W) bool: the background between the two flat sides


def two_cells(gap: int) -> TwoCells:
    """Two discs, each with a flat side, and a wall of ``gap`` pixels between these sides.

    Examples
    --------
    >>> cells, wall = two_cells(3)
    >>> cells[22, 38:45].tolist(), int(wall[22].sum())
    ([1, 1, 0, 0, 0, 2, 2], 3)
    """
    gap = whole("gap in pixels", gap, 0, WIDEST)
    left = (WIDTH - gap) // 2  # the first column of the wall
    right = left + gap
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5  # pixel centres
    up = (y - HEIGHT / 2) ** 2
    cells = np.zeros((HEIGHT, WIDTH), np.uint8)
    cells[((x - left + CUT) ** 2 + up < RADIUS**2) & (x < left)] = 1
    cells[((x - right - CUT) ** 2 + up < RADIUS**2) & (x > right)] = 2
    between = (x > left) & (x < right)
    return TwoCells(cells, between & (cells[:, left - 1] == 1)[:, None])


@with_gradients()
def pull(
    loss: Callable[[Tensor, Tensor], Tensor], logits: Tensor, target: Tensor
) -> np.ndarray:
    """How hard a loss pulls at the logit of class 1 of every pixel, times the pixels.

    Multiplied by their number, the pull of plain cross-entropy is ``|p − t|`` at each: 0.5 at
    a pixel that is undecided, 1 at one that is surely wrong.

    Parameters
    ----------
    loss : (logits, target) to a number
    logits : (1, 2, H, W)
    target : int64 (1, H, W)

    Returns
    -------
    float array (H, W)

    Examples
    --------
    >>> from torch.nn import functional as F
    >>> pull(F.cross_entropy, torch.zeros(1, 2, 1, 2), torch.tensor([[[0, 1]]])).tolist()
    [[0.5, 0.5]]
    """
    logits = logits.detach().clone().requires_grad_(True)
    loss(logits, target.clone()).backward()  # cloned: one of `inference_mode` takes no part
    return (logits.grad[0, 1].abs() * target.numel()).numpy()


def logits_for(probability: np.ndarray) -> Tensor:
    """Logits (1, 2, H, W), float64, whose softmax gives class 1 this probability (H, W).

    Examples
    --------
    >>> logits_for(np.array([[0.5, 0.9]])).softmax(dim=1)[0, 1].numpy().round(6)
    array([[0.5, 0.9]])
    """
    p = torch.as_tensor(probability, dtype=torch.float64)
    return torch.stack([(1 - p).log(), p.log()])[None]


# ---------------------------------------------------------------------- the weight explorer
HIGHEST = 22  # weight at the upper end of the curve
BRIGHTEST, SHADES = 12, 75  # and of the colours, so that the wall is lit at first; how many
SURE = 0.95  # probability of a network that is right everywhere, but merges the two cells
LOSSES = ("cross_entropy", "class_weights", "weight_map", "dice")
FIRST = {"gap": 3, "w0": 10, "sigma": 5, "balance": False}
HALVES = tuple(n / 2 if n % 2 else n // 2 for n in range(41))
W0S, SIGMAS = HALVES, HALVES[1:31]
LOOKED = 15, 41  # row and column of the pixel looked at first: in each wall, however thin


def feet() -> np.ndarray:
    """How far down, and how far right, the nearest pixel of the left cell is from each pixel.

    int16 (2, 44, 90); in column 42 + k it is seen from k pixels right of the cell's flat side.
    The right cell is its mirror image, so that this holds for walls of any width.

    Examples
    --------
    >>> feet()[:, 22, [41, 42, 44]].T.tolist()  # the cell's last pixel, and two beyond it
    [[0, 0], [0, -1], [0, -3]]
    """
    alone = np.pad(two_cells(0).cells == 1, ((0, 0), (0, WIDEST // 2)))
    _far, there = ndimage.distance_transform_edt(~alone, return_indices=True)
    return (there - np.indices(alone.shape)).astype(np.int16)


def share_of_wall(pulled: np.ndarray, wall: np.ndarray) -> float:
    """How much of all that a loss pulls it pulls at the wall, from 0 to 1."""
    return float(pulled[wall].sum() / pulled.sum())


@lru_cache(maxsize=64)
def _pulls(gap: int) -> dict[str, np.ndarray]:
    """What plain cross-entropy and the losses without a map pull at, by name."""
    cells, wall = two_cells(gap)
    labels = (cells > 0).astype(np.uint8)
    target = torch.from_numpy(labels)[None].long()
    logits = logits_for(np.where((labels == 1) | wall, SURE, 1 - SURE))
    plain = pull(weighted_cross_entropy, logits, target)
    return {
        "cross_entropy": plain,
        "class_weights": plain * class_weights(labels),
        "dice": pull(soft_dice, logits, target),
    }


@lru_cache(maxsize=64)
def _reached(gap: int, w0: float) -> float:
    """How much of the weight map's pull comes from the wall with the first sigma."""
    cells, wall = two_cells(gap)
    weights = weight_map(cells > 0, w0, FIRST["sigma"], class_balance=False)
    return round(share_of_wall(_pulls(gap)["cross_entropy"] * weights, wall), 3)


def answer(settings: dict[str, Any]) -> dict[str, Any]:
    """Weigh the pixels of two cells by equation 2, and ask who pulls at their wall.

    Parameters
    ----------
    settings : ``gap``, pixels of wall; ``w0``; ``sigma``, pixels; ``balance``, whether w_c
        balances the classes (else it is 1)

    Returns
    -------
    levels : (44, 84), the colours of the weights, as parts of 75 of a weight of 12
    spans : first column, and the one behind the last, of each piece of cell in the middle row
    cells : (44, 84), 0 background, 1 and 2 the cells
    profile : the weights of the middle row
    wall : the weight in the wall, None without one; inside, largest: in the cells, anywhere
    outside : w_c of the background, which is the weight far from the cells
    sum : d1 + d2 in the straight part of the wall
    area : of this part, as a fraction of all pixels
    shares : for each loss, see `share_of_wall`, of a network that merges the cells; empty
        without a wall
    formula : equation 2 with these numbers; d1, d2 and w of a pixel are left open
    within : that inside of a cell
    asked : what the shares answer
    headline, because, said : that, in words
    """
    gap, w0, sigma = settings["gap"], settings["w0"], settings["sigma"]
    if not 0 <= gap <= WIDEST or sigma <= 0 or w0 < 0:
        reason = _("a wall of {gap} pixels, w0 = {w0:g}, sigma = {sigma:g}: valid are 0 to "
                   "{widest} pixels, w0 from 0, and sigma above 0")  # fmt: skip
        legal = {"gap": min(max(gap, 0), WIDEST), "w0": max(w0, 0)}
        offer = {**settings, **legal, "sigma": sigma if sigma > 0 else 0.5}
        return {"problem": reason.format(**settings, widest=WIDEST), "offers": [offer]}
    cells, wall = two_cells(gap)
    labels = (cells > 0).astype(np.uint8)
    weights = weight_map(labels, w0, sigma, class_balance=settings["balance"])
    middle = HEIGHT // 2
    found = {
        "levels": (np.clip(weights / BRIGHTEST, 0, 1) * SHADES).round().astype(np.uint8),
        "cells": cells,
        "spans": np.flatnonzero(np.diff(np.pad(labels[middle], 1))).reshape(-1, 2).tolist(),
        "profile": weights[middle].astype(np.float32),
        "wall": float(weights[middle, wall[middle]].max()) if gap else None,
        "inside": float(weights[labels == 1].max()),
        "largest": float(weights.max()),
        "outside": float(class_weights(labels)[0, 0]) if settings["balance"] else 1.0,
        "sum": gap + 1,
        "area": float(wall.mean()),
        "shares": {},
    }
    if gap:
        pulls = _pulls(gap)
        pulls = {**pulls, "weight_map": pulls["cross_entropy"] * weights}
        found["shares"] = {name: share_of_wall(pulls[name], wall) for name in LOSSES}
        headline = _n(
            "A wall of {n} pixel: everywhere in its straight part d₁ + d₂ = {sum}, so each "
            "pixel there weighs {wall:.2f}.",
            "A wall of {n} pixels: everywhere in its straight part d₁ + d₂ = {sum}, so each "
            "pixel there weighs {wall:.2f}.",
            gap, **found,
        )  # fmt: skip
        asked = _(
            "A network is {sure:.0f} % sure of every pixel. It is right, except that it takes "
            "the straight part of the wall for cell. This part is {area:.1f} % of the pixels. "
            "What fraction of each loss's pull, the size of its gradient, comes from there? "
            "(Dice pulls about as hard at right pixels as at wrong ones.)"
        )
        found["asked"] = asked.format(sure=100 * SURE, area=100 * found["area"])
    else:
        headline = _(
            "No wall: the labels contain one cell. There is no second nearest, so the second "
            "term is 0 everywhere."
        )
        found["asked"] = _("No wall, so no pull from it.")
    said = _("{headline} w0 = {w0:g}, sigma = {sigma:g}. Inside the cells the weight is "
             "{inside:.2f}, the largest is {largest:.2f}.")  # fmt: skip
    numbers = {"inside": found["inside"], "largest": found["largest"]}
    said = said.format(headline=headline, w0=w0, sigma=sigma, **numbers)
    why = because(settings, found)
    formula = _(
        "The white square weighs w ≈ {w}, because\n"
        "w = {w_c:.2f} + {w0:g} exp(−({d1} + {d2})² / (2 · {sigma:g}²))"
    )  # of any pixel of the background: what its place decides is left open
    alone = _("The white square has no second nearest cell:\nw = w_c = {w_c:.2f}")
    left_open = {name: f"{{{name}}}" for name in ("d1", "d2", "w")}
    numbers = {"w_c": found["outside"], "w0": w0, "sigma": sigma, **left_open}
    found["formula"] = (formula if gap else alone).format(**numbers)
    within = _(
        "The white square is inside a cell, where the second term is 0:\nw = w_c = {w_c:.2f}"
    )
    found["within"] = within.format(w_c=found["inside"])
    return {**found, "headline": headline, "because": why, "said": f"{said} {why}"}


def because(settings: dict[str, Any], found: dict[str, Any]) -> str:
    """What is to be learned from these settings, in two sentences with their numbers."""
    gap, w0, sigma = settings["gap"], settings["w0"], settings["sigma"]
    left = math.exp(-(found["sum"] ** 2) / (2 * sigma**2))  # of w0, in the wall
    pulled = {name: f"{part * 100:.1f} %" for name, part in found["shares"].items()}
    if not gap:
        words = _(
            "Nothing weighs more here, so nothing asks the network to keep the cells apart. "
            "A wall of one pixel would weigh w_c + {more:.2f}, because it has a cell on each "
            "side."
        )
        return words.format(more=w0 * math.exp(-2 / sigma**2))
    if settings["balance"]:
        cells = float((found["cells"] > 0).mean())
        words = _(
            "w_c is {outside:.2f} for a background pixel and {inside:.2f} for a cell pixel, "
            "because the cells cover {cells:.0f} % of the image. Whatever the wall weighs "
            "beyond that comes from w₀."
        )
        return words.format(outside=found["outside"], inside=found["inside"], cells=100 * cells)
    usual = FIRST["sigma"]
    reached = _reached(gap, w0) if sigma > usual else 0  # with the usual sigma
    if not w0:
        words = _(
            "w₀ = 0 switches the second term off, so the wall weighs what every pixel weighs. "
            "The map pulls there exactly as cross-entropy does."
        )
    elif left < 0.1:
        words = _(
            "For σ = {sigma:g} a sum of {sum} is already far: the exponential leaves "
            "{left:.1f} % of w₀. So {weight_map} of the map's pull comes from the wall, and "
            "without the map it would be {cross_entropy}."
        )
    elif reached > round(found["shares"]["weight_map"], 3):
        words = _(
            "A large σ also lifts the pixels around the wall. So only {weight_map} of the "
            "map's pull comes from the wall, although each of its pixels weighs more: with "
            "σ = {usual:g} it is {reached:.1f} %."
        )
    elif gap == 1:
        words = _(
            "The thinner the wall, the smaller d₁ + d₂, and the more each pixel weighs. It has "
            "few pixels, though: {weight_map} of the weight map's pull comes from them, and "
            "{cross_entropy} of cross-entropy's."
        )
    else:
        words = _(
            "The middle of the wall weighs no more than its edges, because a pixel further "
            "from one cell is a pixel nearer to the other. With the map {weight_map} of the "
            "pull comes from the wall, without it {cross_entropy}."
        )
    return words.format(
        sum=found["sum"],
        sigma=sigma,
        left=100 * left,
        usual=usual,
        reached=100 * reached,
        **pulled,
    )


def questions() -> dict[str, dict[str, Any]]:
    """Settings that answer a question, by the question."""
    return {
        _("Highest in the middle?"): {**FIRST, "gap": 5},
        _("The thinnest wall?"): {**FIRST, "gap": 1},
        _("No wall at all?"): {**FIRST, "gap": 0},
        _("A small sigma?"): {**FIRST, "sigma": 1.5},
        _("Weigh the classes equally?"): {**FIRST, "balance": True},
    }


def recorded() -> Iterator[dict[str, Any]]:
    """What the book holds: every width with some w0 and sigma, the first with all."""
    for balance in (False, True):
        for gap in range(WIDEST + 1):
            yield {**FIRST, "gap": gap, "balance": balance}
    for gap, w0, sigma in product(range(WIDEST + 1), (0, 5, 10, 15, 20), (1, 2.5, 5, 10)):
        yield {"gap": gap, "w0": w0, "sigma": sigma}
    for w0, sigma in product((0, 5, 10, 15, 20), (1, 2.5, 5, 10)):
        yield {"w0": w0, "sigma": sigma, "balance": True}
    for w0, sigma in product(W0S, SIGMAS):
        yield {**FIRST, "w0": w0, "sigma": sigma}
