"""Lesson 11: equation 2 on two touching cells."""

from __future__ import annotations

from pathlib import Path

from unet_teach.interactive import Interactive
from unet_teach.lessons.l11_loss_and_weight_map.measure import (
    FIRST,
    HIGHEST,
    SIGMAS,
    W0S,
    WIDEST,
    answer,
    questions,
    recorded,
)
from unet_teach.lessons.l11_loss_and_weight_map.picture import still
from unet_teach.translation import _


def weight_explorer() -> Interactive:
    """What w0, sigma and the width of the wall make of the weight map.

    Examples
    --------
    >>> panel = weight_explorer()
    >>> panel.set(gap=1)
    >>> panel.answer["headline"]
    'A wall of 1 pixel: d₁ + d₂ = 2 everywhere in it, so it weighs 10.23.'
    """
    return Interactive(
        "weight_explorer",
        _("Two touching cells"),
        answer,
        FIRST,
        Path(__file__).with_name("view.js"),
        still,
        given={
            "w0": list(W0S),
            "sigma": list(SIGMAS),
            "widest": WIDEST,
            "highest": HIGHEST,
        },
        presets=questions(),
        recorded=recorded,
        follows=["w0", "sigma"],
        words={
            "lead": _(
                "Drag the two cells apart, and watch the weight of the wall between them."
            ),
            "map": _("Two cells and the weight of every pixel"),
            "keys": _("Right arrow drags the cells apart, left arrow together."),
            "cell": _("cell {n}"),
            "gap": _("wall {n} px"),
            "weight": _("weight w"),
            "more": _("{n} or more"),
            "line": _("The weight along the dashed line"),
            "along": _("along the dashed line, pixels"),
            "w0": _("w₀"),
            "sigma": _("σ, pixels"),
            "balance": _("w_c balances the classes"),
            "formula": _("w = w_c + w₀ exp(−(d₁ + d₂)² / 2σ²)"),
            "pulls": _(
                "A network merges the cells and is 95 % sure. The wall is {area} of the "
                "pixels: how much of each loss's pull comes from it?"
            ),
            "cross_entropy": _("cross-entropy"),
            "class_weights": _("class weights"),
            "weight_map": _("weight map"),
            "dice": _("Dice"),
        },
    )
