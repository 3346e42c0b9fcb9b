"""Lesson 11: equation 2 on two touching cells."""

from __future__ import annotations

from pathlib import Path

from unet_teach.interactive import Interactive
from unet_teach.lessons.l11_loss_and_weight_map.measure import (
    BRIGHTEST,
    FIRST,
    HIGHEST,
    LOOKED,
    SHADES,
    SIGMAS,
    W0S,
    WIDEST,
    WIDTH,
    answer,
    feet,
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
    >>> panel.answer["headline"][-38:]
    '= 2, so each pixel there weighs 10.23.'
    """
    return Interactive(
        "weight_explorer",
        _("How much should the wall between two cells weigh?"),
        answer,
        FIRST,
        Path(__file__).with_name("view.js"),
        still,
        given={
            "w0": list(W0S),
            "sigma": list(SIGMAS),
            "widest": WIDEST,
            "highest": HIGHEST,
            "shades": SHADES,
            "across": list(range(20, WIDTH, 20)),
            "up": list(range(5, HIGHEST, 5)),
            "looked": list(LOOKED),
            "feet": feet(),
            "losses": [
                ["cross_entropy", _("cross-entropy")],
                ["class_weights", _("class weights")],
                ["weight_map", _("weight map")],
                ["dice", _("Dice")],
            ],
        },
        presets=questions(),
        recorded=recorded,
        follows=["w0", "sigma"],
        words={
            "lead": _(
                "The brighter a pixel, the more a mistake there costs, because the loss counts "
                "it w times. Drag a cell (↔), or point at a pixel: d₁ leads to the "
                "nearest cell, d₂ to the second nearest."
            ),
            "first": _("1. What does a pixel weigh?"),
            "second": _("2. What does that do to the learning?"),
            "map": _("Two cells and the weight of every pixel"),
            "keys": _(
                "Right arrow drags the cells apart, left arrow together. Shift and an arrow "
                "key move the white square."
            ),
            "cell": _("cell {n}"),
            "one": _("one cell"),
            "gap": _("wall {n} px"),
            "none": _("no wall"),
            "weight": _("weight w"),
            "more": _("{n} or more").format(n=BRIGHTEST),
            "along": _("pixels of the dashed line (grey: cells)"),
            "line": _("The weight along the dashed line"),
            "w0": _("w₀"),
            "sigma": _("σ, pixels"),
            "balance": _("w_c balances the classes"),
            "formula": _("w = w_c + w₀ exp(−(d₁ + d₂)² / (2σ²))"),
        },
    )
