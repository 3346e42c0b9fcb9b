"""Lesson 05: move the crop, and see which places meet."""

from __future__ import annotations

from unet_teach.drawing.picture import Picture
from unet_teach.lessons.l05_crop_or_pad.picture import crop_over_coordinates
from unet_teach.panel import Impossible, Panel, slider
from unet_teach.translation import _

LARGEST = 12


def crop_explorer(skip: int = 8, below: int = 4, top: int = 0, left: int = 0) -> Panel:
    """A crop over a map of coordinates; the corner is where many first implementations cut.

    Examples
    --------
    >>> panel = crop_explorer()
    >>> panel.set(top=2, left=2)
    >>> panel.picture.alt[-57:]
    '. Every cell of the skip meets the cell of its own place.'
    """
    controls = {
        "skip": slider(_("size of the skip"), skip, 2, LARGEST),
        "below": slider(_("map from below"), below, 1, LARGEST),
        "top": slider(_("first row"), top, 0, LARGEST - 1),
        "left": slider(_("first column"), left, 0, LARGEST - 1),
    }

    def to_middle(panel: Panel) -> None:
        middle = max(0, panel.values["skip"] - panel.values["below"]) // 2
        panel.set(top=middle, left=middle)

    actions = {_("to the middle"): to_middle}
    return Panel(_("Move the crop"), controls, draw, actions)


def draw(skip: int, below: int, top: int, left: int) -> Picture:
    """The picture, or which control is set too high."""
    if below > skip:
        reason = _("the map from below, {below}, is larger than the skip, {skip}")
        raise Impossible(
            "below", reason.format(below=below, skip=skip), offers={"below": [skip]}
        )
    for name, start in (("top", top), ("left", left)):
        if start > skip - below:
            reason = _("a crop of {below} that begins at {start} ends outside of {skip}")
            words = reason.format(below=below, start=start, skip=skip)
            raise Impossible(name, words, offers={name: [skip - below]})
    return crop_over_coordinates(skip, below, top, left)
