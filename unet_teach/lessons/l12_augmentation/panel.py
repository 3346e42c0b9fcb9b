"""Lesson 12: nine arrows bend a micrograph and its labels."""

from __future__ import annotations

from pathlib import Path

from unet_teach.interactive import Interactive
from unet_teach.lessons.l12_augmentation.measure import (
    FIRST,
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
    'ue is folded over: 1.0 % of the new image is read backwards.'
    """
    return Interactive(
        "deformation_explorer",
        _("Bend an image: do its labels still fit?"),
        answer,
        FIRST,
        Path(__file__).with_name("view.js"),
        still,
        given={
            **given(),
            "colours": [[31, 36, 48], [255, 255, 255], [224, 33, 138]],  # wall, inside, wrong
            "ways": [
                [
                    "nearest",
                    _("nearest"),
                    _("Each new pixel copies the label nearest to where it is read."),
                ],
                [
                    "bilinear",
                    _("bilinear"),
                    _("Each new pixel mixes the four labels around where it is read."),
                ],
                [
                    "own",
                    _("other arrows"),
                    _("The labels follow the pale yellow arrows, the image the orange ones."),
                ],
            ],
        },
        presets=questions(),
        recorded=recorded,
        computed=Path(__file__).with_name("answer.js"),
        words={
            "lead": _(
                "U-Net's authors (Ronneberger et al., 2015) had 30 images, so they bent them. "
                "A bent image needs labels bent alike. Drag tip 5: the new image copies its "
                "point 5 (orange, too) from there."
            ),
            "arrow": _("arrow {n} of 9"),
            "tip": _("{right} right, {down} down"),
            "keys": _("Arrow keys move the tip by 1 pixel, with Shift by 5."),
            "beyond": _("Dashed tips: the arrow ends further out than can be shown."),
            "board": _(
                "The micrograph, mirrored where it is dim, with the net of places that are read"
            ),
            "read": _("Old image. The blue net is where the new one is read."),
            "dice": _("⚄ Draw nine new arrows"),
            "sigma": _("σ, the arrows' standard deviation in pixels"),
            "partly": _("{n} + by hand"),
            "by_hand": _("– (by hand)"),
            "folds": _("read backwards"),
            "strays": _("a label of no class"),
            "mask": _("How the labels are read"),
            "labels_by": _("labels:"),
            "label": _("Image or labels"),
            "first": _("image"),
            "second": _("labels"),
            "bent": _(
                "New image, its labels outlined. Drag ↔ to see them: black is membrane, white "
                "is cell."
            ),
            "stretch": _(
                "Distances between neighbouring pixels typically change by {n}, in the paper "
                "by about 4 %."
            ),
        },
    )
