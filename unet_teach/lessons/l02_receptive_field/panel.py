"""Lesson 02: how far a pixel of each map sees, laid over a micrograph."""

from __future__ import annotations

from pathlib import Path

from unet_teach.interactive import Interactive
from unet_teach.lessons.l02_receptive_field.measure import (
    FIRST,
    answer,
    given,
    questions,
)
from unet_teach.lessons.l02_receptive_field.picture import still
from unet_teach.translation import _


def field_explorer() -> Interactive:
    """The receptive field of every map of a U, by depth, kernel size and pixel.

    Examples
    --------
    >>> panel = field_explorer()
    >>> panel.set(depth=1)
    >>> panel.answer["said"][:80]
    '1 pooling, kernels 3 × 3: an output pixel sees 18 pixels in height and in width.'
    """
    return Interactive(
        "field_explorer",
        _("How far does one pixel see?"),
        answer,
        FIRST,
        Path(__file__).with_name("view.js"),
        still,
        given=given(),
        presets=questions(),
        computed=Path(__file__).with_name("answer.js"),
        words={
            "lead": _(
                "Drag the cross. Each square is what one pixel of a feature map sees; the dot "
                "of the same colour shows the map's place in the U."
            ),
            "image": _("A micrograph, zeros around it, and a pixel that can be moved"),
            "keys": _("Arrow keys move the pixel, with Shift by 16."),
            "depth": _("poolings"),
            "k": _("kernel"),
            "counts": _("how much each pixel counts"),
            "level": _("level {level}"),
            "output": _("output"),
            "size": _("{high} × {wide}"),
            "sees": _(
                "The output pixel at row {row}, column {column} sees {high} × {wide} pixels."
            ),
            "lens": _("32 × 32 pixels around it, enlarged; a grey square is 2 × 2 of them"),
            "beyond": _("Part of it is beyond the border, where there are only zeros."),
            "square": _(
                "95 % of all paths through the bottleneck begin within {n} × {n} pixels (all "
                "weights equal)."
            ),
            "block": _(
                "Dotted: the pixel's {n} × {n} pooling block, in which the pixel is at "
                "row {row}, column {column}."
            ),
        },
    )
