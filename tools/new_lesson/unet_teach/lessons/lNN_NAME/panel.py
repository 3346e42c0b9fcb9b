"""Lesson NN: cut a row of cells into blocks (REPLACE: what is moved, and what is seen)."""

from __future__ import annotations

from unet_teach.drawing.picture import Picture
from unet_teach.lessons.lNN_NAME.picture import row_of_blocks
from unet_teach.panel import Impossible, Panel, slider
from unet_teach.translation import _

LARGEST = 16


def NAME_explorer(n: int = 7, k: int = 3) -> Panel:
    """A row of cells, and the size of its blocks.

    Examples
    --------
    >>> panel = NAME_explorer()
    >>> panel.set(n=8, k=4)
    >>> panel.picture.alt
    '8 cells in blocks of 4: 2 blocks, 0 cells left over.'
    """
    controls = {
        "n": slider(_("cells"), n, 1, LARGEST),
        "k": slider(_("cells in a block"), k, 1, LARGEST),
    }
    return Panel(_("Cut a row into blocks"), controls, draw)


def draw(n: int, k: int) -> Picture:
    """The picture, or which control is set too high."""
    if k > n:
        reason = _("a block of {k} is longer than the row, {n}").format(k=k, n=n)
        raise Impossible("k", reason, offers={"k": [n]})
    return row_of_blocks(n, k)
