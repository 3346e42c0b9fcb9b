"""Lesson 01: the linked grid of a convolution."""

from __future__ import annotations

from unet_teach.drawing.picture import Picture
from unet_teach.lessons.l01_convolution_arithmetic.picture import grid
from unet_teach.panel import Impossible, Panel, choice, slider
from unet_teach.translation import _, _n

LARGEST = 12  # input size


def convolution_grid(
    n: int = 7, k: int = 3, s: int = 2, p: int = 0, d: int = 1, row: int = 1, column: int = 1
) -> Panel:
    """Every n, k, s, p, d of a convolution, and what reads what.

    Examples
    --------
    >>> panel = convolution_grid()
    >>> panel.set(n=8)
    >>> panel.picture.alt[:27]
    'A 8 × 8 input and the 3 × 3'
    """
    way = [(_("output → the inputs it reads"), False), (_("input → the outputs"), True)]
    controls = {
        "n": slider(_("input size n"), n, 1, LARGEST),
        "k": slider(_("kernel k"), k, 1, 5),
        "s": slider(_("stride s"), s, 1, 4),
        "p": slider(_("padding p"), p, 0, 3),
        "d": slider(_("dilation d"), d, 1, 3),
        "backwards": choice(_("point at"), way, False),
        "row": slider(_("row"), row, 0, LARGEST - 1),
        "column": slider(_("column"), column, 0, LARGEST - 1),
    }
    return Panel(_("The linked grid"), controls, draw)


def draw(n: int, k: int, s: int, p: int, d: int, **cell: int) -> Picture:
    """The grid, or why there is none."""
    reach = d * (k - 1) + 1
    if reach > n + 2 * p:
        reason = _n(
            "the kernel spans {n} pixel, the padded input only {whole}",
            "the kernel spans {n} pixels, the padded input only {whole}",
            reach, whole=n + 2 * p,
        )  # fmt: skip
        raise Impossible("k", reason, offers={"n": [reach - 2 * p]})
    return grid(n, k, s, p, d, **cell)
