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
    STRIP,
    W0S,
    WIDEST,
    WIDTH,
    answer,
    curve,
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
    >>> panel.answer["headline"][-40:]
    'So each pixel of the strip weighs 10.23.'
    """
    at_first = answer(FIRST)["shares"]
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
            "up": [1, *range(5, HIGHEST, 5)],
            "looked": list(LOOKED),
            "strip": list(range(STRIP[0] + 1, STRIP[1], 2)),
            "feet": feet(),
            "plain": curve(0, 5, False),  # without a map, as cross-entropy alone
            "losses": [
                ["cross_entropy", _("cross-entropy"), at_first["cross_entropy"]],
                [
                    "class_weights",
                    _("class weights\nrarer class more"),
                    at_first["class_weights"],
                ],
                ["weight_map", _("weight map"), at_first["weight_map"]],
                ["dice", _("Dice"), at_first["dice"]],
            ],
        },
        presets=questions(),
        recorded=recorded,
        words={
            "lead": _(
                "If the network misses the hatched strip, it counts two cells as one. So the "
                "loss counts pixels w times, brighter ones more. Drag a cell (↔), or point "
                "at a pixel; a click marks it."
            ),
            "first": _("What does a pixel weigh?"),
            "second": _("How much pull comes from the strip?"),
            "map": _("Two cells and the weight of every pixel"),
            "keys": _(
                "Right arrow drags the cells apart, left arrow together. Shift and an arrow "
                "key move the white square."
            ),
            "cell": _("cell {n}"),
            "one": _("one cell"),
            "gap": _("wall {n} px"),
            "most": _("{n} px is the limit").format(n=WIDEST),
            "strip": _("if missed:\none cell"),
            "none": _("no wall"),
            "weight": _("weight w"),
            "more": _("{n} or more").format(n=BRIGHTEST),
            "along": _("along the dashed line (grey: cells)"),
            "half": _("w_c + w₀ / 2"),
            "line": _("The weight along the dashed line"),
            "share": _("The strip's part of the pull, by the wall's width"),
            "width": _("wall's width, px (drag)"),
            "w0": _("w₀: how much more walls weigh"),
            "sigma": _("σ: how far that reaches, px"),
            "balance": _("Balance classes, too"),
            "formula": _("w = w_c + w₀ exp(−(d₁ + d₂)² / (2σ²))"),
        },
    )
