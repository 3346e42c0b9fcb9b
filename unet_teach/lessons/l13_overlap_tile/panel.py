"""Lesson 13: drag a tile, and see where the stitched result is different, and where wrong."""

from __future__ import annotations

from pathlib import Path

from unet_teach.interactive import Interactive
from unet_teach.lessons.l13_overlap_tile.measure import (
    FIRST,
    answer,
    given,
    questions,
    recorded,
)
from unet_teach.lessons.l13_overlap_tile.picture import still
from unet_teach.translation import _


def tile_explorer() -> Interactive:
    """Which tiles return what one pass returns, and what is it worth that they do?

    Examples
    --------
    >>> panel = tile_explorer()
    >>> panel.set(around="image", top=32, left=48)
    >>> panel.answer["kind"], panel.answer["changed"]
    ('same', 0.0)
    """
    return Interactive(
        "tile_explorer",
        _("Can you cut an image into tiles without a seam?"),
        answer,
        FIRST,
        Path(__file__).with_name("view.js"),
        still,
        given=given(),
        presets=questions(),
        recorded=recorded,
        follows=["top", "left"],
        words={
            "lead": _(
                "A network can read the tissue in the white frame in one pass, or tile by "
                "tile. Is the result the same? Drag the bright tile: the others move with it."
            ),
            "board": _("The tissue, and what one tile reads of it"),
            "tile": _("the tile"),
            "keys": _("Arrow keys move the tile by 16 pixels, with Shift by one."),
            "at": _("row {top}, column {left}"),
            "on": _("on the grid of {grid} = 2⁴ (four poolings)"),
            "off": _("off the grid of {grid} = 2⁴ (four poolings)"),
            "around": _("What is around a tile"),
            "zeros": _("zeros around it"),
            "image": _("image around it"),
            "snap": _("snap to the grid"),
            "reads": _("reads {n} × {n} pixels"),
            "different": _("Different from one pass?"),
            "wrong": _("Wrong, by the labels?"),
            "largest": _("largest difference"),
            "changed": _("pixels that change sides"),
            "now_wrong": _("wrong in tiles only"),
            "now_right": _("right in tiles only"),
            "v_rand": _("V_rand, one pass → tiles"),
            "scale": _("probability is off by more than"),
            "ours": _("A and B: our pair"),
            "apart": _("our pair, A and B, apart"),
            "merged": _("our pair, A and B, run together"),
        },
    )
