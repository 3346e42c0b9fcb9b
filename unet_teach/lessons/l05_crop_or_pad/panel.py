"""Lesson 05: drag the crop window, and see which walls meet."""

from __future__ import annotations

from pathlib import Path

from unet_teach.interactive import Interactive
from unet_teach.lessons.l05_crop_or_pad.measure import (
    FIRST,
    answer,
    given,
    questions,
    recorded,
)
from unet_teach.lessons.l05_crop_or_pad.picture import still
from unet_teach.translation import _


def crop_explorer() -> Interactive:
    """A window over a skip; it begins at the corner, where many first implementations cut.

    Examples
    --------
    >>> panel = crop_explorer()
    >>> panel.set(top=4, left=4)
    >>> panel.answer["verdict"]
    'Every pixel meets its own place, and each wall is drawn once.'
    """
    return Interactive(
        "crop_explorer",
        _("Move the crop"),
        answer,
        FIRST,
        Path(__file__).with_name("view.js"),
        still,
        given=given(),
        presets=questions(),
        recorded=recorded,
        follows=["top", "left"],
        words={
            "lead": _("Drag the orange window until each wall is drawn only once."),
            "skip_map": _("the skip"),
            "stacked": _("the window and that map, stacked"),
            "map": _("The skip, and the window that is cut out of it"),
            "overlay": _("The window and the map from below, one over the other"),
            "keys": _("Arrow keys move the window, Enter brings it to the middle."),
            "skip": _("size of the skip"),
            "below": _("the map from below"),
            "size": _("{n} × {n}"),
            "begins": _("The window begins at row {top}, column {left}."),
            "met": _("{met} of {walls} wall pixels meet wall"),
            "legend_skip": _("wall in the window"),
            "legend_below": _("wall in the map from below"),
            "legend_both": _("wall in both"),
            "legend_place": _("where it belongs"),
        },
    )
