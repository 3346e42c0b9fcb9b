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
MIDDLED = 5  # pixels of a wall that has a middle and edges to compare
FIRST = {"gap": 3, "w0": 10, "sigma": 5, "balance": False}
# The sliders' stops: few, so that the book can hold each with each, and no slider sticks.
W0S = (0, 2.5, 5, 7.5, 10, 15, 20)
SIGMAS = (0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 10, 15)
STRIP = 9, 35  # first row of the wall's straight part, and the one behind its last
LOOKED = 18, 41  # row and column of the pixel looked at first: in each wall, however thin


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


@lru_cache(maxsize=4096)
def _of_map(gap: int, w0: float, sigma: float, balance: bool) -> float:
    """How much of a weight map's pull comes from the wall."""
    cells, wall = two_cells(gap)
    weights = weight_map(cells > 0, w0, sigma, class_balance=balance)
    return share_of_wall(_pulls(gap)["cross_entropy"] * weights, wall)


def _reached(gap: int, w0: float) -> float:
    """That, with the first sigma, unbalanced."""
    return _of_map(gap, w0, FIRST["sigma"], False)


def curve(w0: float, sigma: float, balance: bool) -> list[float]:
    """How much of the weight map's pull comes from a wall of 0, 1, … pixels, to three digits.

    Examples
    --------
    >>> curve(10, 5, False)[:6]
    [0.0, 0.554, 0.698, 0.756, 0.783, 0.792]
    """
    return [round(_of_map(gap, w0, sigma, balance), 3) for gap in range(WIDEST + 1)]


def _left(total: float, sigma: float) -> float:
    """How much of w0 the exponential leaves where d1 + d2 is this total, from 0 to 1."""
    return math.exp(-(total**2) / (2 * sigma**2))


def _percent(part: float) -> str:
    """A fraction in words that no line break parts.

    Examples
    --------
    >>> _percent(0.2911)
    '29.1\\xa0%'
    """
    return f"{100 * part:.1f}\N{NO-BREAK SPACE}%"


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
    shares : for each loss, see `share_of_wall`, of a network that merges the cells; 0 without
        a wall
    curve : see `curve`
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
    }
    pulls = _pulls(gap)
    pulls = {**pulls, "weight_map": pulls["cross_entropy"] * weights}
    found["curve"] = curve(w0, sigma, settings["balance"])
    found["shares"] = {name: share_of_wall(pulls[name], wall) for name in LOSSES}
    if gap:
        headline = _n(
            "A wall of {n} pixel: d₁ + d₂ = {sum}, because distances end at cell pixels' "
            "centres. So each pixel of the strip weighs {wall:.2f}.",
            "A wall of {n} pixels: d₁ + d₂ = {sum}, because distances end at cell pixels' "
            "centres. So each pixel of the strip weighs {wall:.2f}.",
            gap, **found,
        )  # fmt: skip
        asked = _(
            "The network is {sure:.0f}\N{NO-BREAK SPACE}% sure, and wrong only in the strip. "
            "Cross-entropy pulls {times:.0f} times harder at a wrong pixel than at a right one "
            "({wrong:.2f}, {right:.2f}). Dice pulls at both about alike, so its bar is about "
            "the strip's part of all pixels, {area}."
        )
        plain = pulls["cross_entropy"]
        wrong, right = plain[wall].mean(), plain[~wall].mean()
        found["asked"] = asked.format(
            sure=100 * SURE, area=_percent(found["area"]), wrong=wrong, right=right,
            times=wrong / right,
        )  # fmt: skip
    else:
        headline = _(
            "No wall: the labels contain one cell. There is no second nearest, so the second "
            "term is 0 everywhere."
        )
        found["asked"] = _(
            "There is no wall to be wrong about, so none of any loss's pull comes from one. "
            "Drag a cell away, and the losses differ."
        )
    if settings != FIRST:  # the view's marks are seen then
        marks = _("▾ shows where a bar was at first.")
        found["asked"] = f"{found['asked']} {marks}"
    said = _("{headline} w0 = {w0:g}, sigma = {sigma:g}. Inside the cells the weight is "
             "{inside:.2f}, the largest is {largest:.2f}.")  # fmt: skip
    numbers = {"inside": found["inside"], "largest": found["largest"]}
    said = said.format(headline=headline, w0=w0, sigma=sigma, **numbers)
    why = because(settings, found)
    formula = _(
        "The white square: w ≈ {w}, because\n"
        "w = {w_c:.2f} + {w0:g} exp(−({d1} + {d2})² / (2 · {sigma:g}²))"
    )  # of any pixel of the background: what its place decides is left open
    alone = _("The white square has no second nearest cell:\nw = w_c = {w_c:.2f}")
    left_open = {name: f"{{{name}}}" for name in ("d1", "d2", "w")}
    numbers = {"w_c": found["outside"], "w0": w0, "sigma": sigma, **left_open}
    found["formula"] = (formula if gap else alone).format(**numbers)
    within = _(
        "The white square is inside a cell. Only background, which parts cells, gets the "
        "second term:\nw = w_c = {w_c:.2f}"
    )
    found["within"] = within.format(w_c=found["inside"])
    return {**found, "headline": headline, "because": why, "said": f"{said} {why}"}


def because(settings: dict[str, Any], found: dict[str, Any]) -> str:
    """What is to be learned from these settings, with their numbers.

    First what differs from the first settings: the classes, then sigma, w0, and the wall.
    """
    gap, w0, sigma = settings["gap"], settings["w0"], settings["sigma"]
    usual, shares, total = FIRST["sigma"], found["shares"], found["sum"]
    left = _left(total, sigma)  # of w0, in the wall
    if not gap:
        words = _(
            "No pixel is between two cells, so no weight asks the network to keep the cells "
            "apart."
        )
        if settings["balance"]:  # which lifts all background alike
            words = _(
                "No pixel is between two cells, so neither w₀ nor balancing keeps them apart."
            )
        more = w0 * _left(2, sigma)
        if more < 0.005:
            return words
        thin = _(
            "In a wall of one pixel each would weigh {more:.2f} more, because it has a cell on "
            "each side."
        )
        return f"{words} {thin.format(more=more)}"
    pulled = {name: _percent(part) for name, part in shares.items()}
    # What the map's part was before sigma, or w0, was changed.
    before = _percent(_reached(gap, FIRST["w0"] if sigma == usual else w0))
    if settings["balance"] and pulled["weight_map"] == pulled["class_weights"]:
        words = _(
            "No, hardly: balancing brings the strip's part of the pull from "
            "{cross_entropy} only to {class_weights}, because it lifts all background alike. "
            "{rest}"
        )
        raised = _("Raise w₀: it lifts only what has two cells near.")
        if w0:
            raised = _(
                "w₀ = {w0:g} hardly helps, because d₁ + d₂ = {sum} is far for σ = {sigma:g}."
            )
        elif left < 0.1:
            raised = _("Raise w₀ and σ, because d₁ + d₂ = {sum} is far for σ = {sigma:g}.")
        words = words.replace("{rest}", raised)
    elif settings["balance"]:
        words = _(
            "Balancing lifts all background alike, so alone it would bring the "
            "strip's part of the pull from {cross_entropy} only to {class_weights}. w₀ lifts "
            "only what has two cells near, so with both it is {weight_map}."
        )
    elif not w0:
        words = _(
            "w₀ = 0 switches the second term off, so the wall weighs what every pixel weighs. "
            "The map pulls there exactly as cross-entropy does: {cross_entropy}."
        )
    elif pulled["weight_map"] == pulled["cross_entropy"] or left < 0.0005:
        words = _(
            "The map does almost nothing here: d₁ + d₂ = {sum} is far for σ = {sigma:g}, so "
            "the exponential leaves hardly any of w₀, and the wall weighs hardly more than any "
            "other pixel."
        )
    elif sigma < usual and left < 0.1:
        words = _(
            "For σ = {sigma:g} a sum d₁ + d₂ = {sum} is already far: the exponential leaves "
            "only {left} of w₀. So {weight_map} of the map's pull comes from the strip; "
            "without the map it would be {cross_entropy}."
        )
    elif sigma != usual and pulled["weight_map"] == before:
        words = _(
            "At d₁ + d₂ = {sum} the exponential leaves {left} of w₀ (with σ = {usual:g}: "
            "{usually}). But the pixels around the strip change in proportion, so "
            "{weight_map} of the map's pull comes from the strip with either σ."
        )
    elif sigma > usual and shares["weight_map"] < _reached(gap, w0):
        words = _(
            "A larger σ also lifts the pixels around the wall. So {weight_map} of the map's "
            "pull comes from the strip, although each of its pixels weighs more: with "
            "σ = {usual:g} it is {before}."
        )
    elif sigma < usual and shares["weight_map"] > _reached(gap, w0):
        words = _(
            "A smaller σ lifts the pixels around the wall less. So {weight_map} of the map's "
            "pull comes from the strip, although each of its pixels weighs less: with "
            "σ = {usual:g} it is {before}."
        )
    elif sigma != usual:
        words = _(
            "At d₁ + d₂ = {sum} the exponential leaves {left} of w₀ (with σ = {usual:g}: "
            "{usually}), because σ says what counts as near. So {weight_map} of the map's pull "
            "comes from the strip; with σ = {usual:g} it is {before}."
        )
    elif w0 != FIRST["w0"]:
        words = _(
            "The exponential leaves {left} of w₀ = {w0:g}, so each pixel of the strip weighs "
            "{more:.2f} more than one inside a cell. So {weight_map} of the map's pull comes "
            "from there; with w₀ = {first:g} it is {before}."
        )
    elif gap == MIDDLED:
        words = _(
            "The wall is now {gap} pixels wide, so it has a middle and edges. Neither "
            "weighs more: all have {wall:.2f}, because a step away from one cell is a step "
            "towards the other."
        )
    elif gap > FIRST["gap"]:
        words = _(
            "Lighter pixels, because d₁ + d₂ is larger, but more of them. So the strip's part "
            "of the map's pull rises from {at_first} at {usual_gap} pixels to {weight_map}."
        ) if gap < MIDDLED else _(
            "More pixels, but each is lighter: {gap} × {wall:.2f} is less than "
            "{best_gap} × {best:.2f}. So the strip's part of the map's pull is {weight_map}; "
            "it is highest at {best_gap} pixels ({at_best}). Without the map it is "
            "{cross_entropy}."
        )  # fmt: skip
    elif gap < FIRST["gap"]:
        words = _(
            "The wall is now {gap} px: heavier pixels, because d₁ + d₂ is smaller, but fewer "
            "of them. So the strip's "
            "part of the map's pull falls from {at_first} at {usual_gap} pixels to "
            "{weight_map}; without the map it is only {cross_entropy}."
        )
    else:
        words = _(
            "With the map {weight_map} of the pull comes from the strip, without it only "
            "{cross_entropy}."
        )
    return words.format(
        **settings,
        **pulled,
        sum=total,
        wall=found["wall"],
        left=_percent(left),
        more=w0 * left,
        usual=usual,
        usually=_percent(_left(total, usual)),
        first=FIRST["w0"],
        before=before,
        at_first=_percent(_reached(FIRST["gap"], FIRST["w0"])),
        usual_gap=FIRST["gap"],
        at_best=_percent(_reached(MIDDLED, FIRST["w0"])),
        best_gap=MIDDLED,
        best=1 + FIRST["w0"] * _left(MIDDLED + 1, usual),
    )


def questions() -> dict[str, dict[str, Any]]:
    """Settings that answer a question, by the question."""
    return {
        _("Highest in the middle?"): {**FIRST, "gap": MIDDLED},
        _("The thinnest wall?"): {**FIRST, "gap": 1},
        _("No wall at all?"): {**FIRST, "gap": 0},
        _("A small sigma?"): {**FIRST, "sigma": 1.5},
        _("Are class weights enough?"): {**FIRST, "w0": 0, "balance": True},
    }


def recorded() -> Iterator[dict[str, Any]]:
    """What the book holds: all that hands can ask for."""
    for gap, w0, sigma, balance in product(range(WIDEST + 1), W0S, SIGMAS, (False, True)):
        yield {"gap": gap, "w0": w0, "sigma": sigma, "balance": balance}
