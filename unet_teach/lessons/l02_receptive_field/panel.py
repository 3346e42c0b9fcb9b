"""Lesson 02: how far a pixel of each map sees, laid over a micrograph."""

from __future__ import annotations

from unet_teach.data import membranes
from unet_teach.drawing.picture import Picture
from unet_teach.lessons.l02_receptive_field.picture import field_over_image
from unet_teach.panel import Panel, choice, slider
from unet_teach.shapes import u_reaches
from unet_teach.translation import _

SIZE = 512


def field_explorer(depth: int = 4, k: int = 3) -> Panel:
    """The receptive field of every map, by depth, kernel size and pixel.

    Examples
    --------
    >>> panel = field_explorer()
    >>> panel.set(row=256, column=256)
    >>> panel.picture.alt[:34]
    'Output pixel (256, 256) sees 188 ×'
    """
    image = membranes.synthetic_membranes(1, size=SIZE, seed=11).images[0]
    controls = {
        "depth": slider(_("poolings (depth)"), depth, 0, 4),
        "k": choice(_("kernel k × k"), [1, 3, 5, 7], k),
        "row": slider(_("row"), 250, 0, SIZE - 1),
        "column": slider(_("column"), 262, 0, SIZE - 1),
    }

    def draw(depth: int, k: int, row: int, column: int) -> Picture:
        return field_over_image(image, u_reaches(depth, k), row, column)

    return Panel(_("What one pixel sees"), controls, draw)
