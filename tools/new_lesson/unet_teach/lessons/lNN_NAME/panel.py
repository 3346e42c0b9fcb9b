"""Lesson NN: cut a row of cells into blocks (REPLACE: what is grabbed, and what is seen)."""

from __future__ import annotations

from pathlib import Path

from unet_teach.interactive import Interactive
from unet_teach.lessons.lNN_NAME.measure import (
    LARGEST,
    answer,
    questions,
    recorded,
)
from unet_teach.lessons.lNN_NAME.picture import still
from unet_teach.translation import _


def NAME_explorer() -> Interactive:
    """A row of cells, and the size of its blocks.

    Examples
    --------
    >>> panel = NAME_explorer()
    >>> panel.set(n=8, k=4)
    >>> panel.picture.alt
    '8 cells in blocks of 4: 2 blocks, 0 cells left over.'
    """
    return Interactive(
        "NAME_explorer",
        _("Cut a row into blocks"),
        answer,
        {"n": 7, "k": 3},
        Path(__file__).with_name("view.js"),
        still,
        given={"largest": LARGEST},
        presets=questions(),
        recorded=recorded,
        words={
            "lead": _("Click the cell where the first block is to end. What is left over?"),
            "n": _("cells"),
            "k": _("cells in a block"),
            "end_here": _("cell {cell}: end the first block here"),
        },
    )
