"""Lesson 12: nine arrows bend a micrograph and its labels."""

from __future__ import annotations

from pathlib import Path

from unet_teach.interactive import Interactive
from unet_teach.lessons.l12_augmentation.measure import (
    FIRST,
    GRID,
    answer,
    given,
    questions,
    recorded,
)
from unet_teach.lessons.l12_augmentation.picture import still
from unet_teach.translation import _


def deformation_explorer() -> Interactive:
    """Drag the vectors of a coarse grid, or draw them by chance: one field for two maps.

    Examples
    --------
    >>> panel = deformation_explorer()
    >>> panel.ask("When does tissue fold?")
    >>> panel.answer["verdict"][-60:]
    'the tissue is folded over: it is read twice, once backwards.'
    """
    return Interactive(
        "deformation_explorer",
        _("Bend an image: do its labels still fit?"),
        answer,
        FIRST,
        Path(__file__).with_name("view.js"),
        still,
        given=given(),
        presets=questions(),
        recorded=recorded,
        approximate=[f"{way}{i}" for way in ("right", "down") for i in range(GRID**2)],
        words={
            "lead": _(
                "Drag an orange tip: the new pixel, at the small dot, is read there. The "
                "dimmed rim is the image, mirrored."
            ),
            "arrow": _("arrow {n} of 9"),
            "tip": _("{right} right, {down} down"),
            "keys": _("Arrow keys move the tip by a pixel."),
            "board": _("The micrograph, with the net of places that are read"),
            "read": _("the old image: where each pixel is read"),
            "dice": _("⚄ Draw again"),
            "strength": _("σ in pixels"),
            "mask": _("How the labels are read"),
            "nearest": _("nearest"),
            "bilinear": _("bilinear"),
            "own": _("another field"),
            "labels_by": _("labels:"),
            "label": _("Image or labels"),
            "first": _("image"),
            "second": _("labels"),
            "bent": _("the new image, and the outline of its labels"),
            "stretch": _("Lengths change by {n}."),
            "wrong": _("folded, or no class"),
        },
    )
