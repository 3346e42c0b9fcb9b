"""Lesson 05's crop for a page without JavaScript: the window, and the walls that meet."""

from __future__ import annotations

from typing import Any

import numpy as np

from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, png_data, svg_picture
from unet_teach.drawing.style import BLUE, ORANGE, VERMILLION, rgb
from unet_teach.lessons.l05_crop_or_pad.measure import FIRST, SIDE, tissue
from unet_teach.translation import _

CELL, EDGE, TOP = 8, 8, 26  # pixels of the page for a cell, around the drawing, above it
INKS = BLUE, VERMILLION  # walls of the window, walls of the map from below


def stacked(window: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Two maps of wall, 0 to 1, printed over each other: uint8 (H, W, 3).

    Examples
    --------
    >>> stacked(np.array([[0.0, 1.0]]), np.array([[0.0, 1.0]])).tolist()
    [[[255, 255, 255], [0, 42, 0]]]
    """
    light = np.ones((*window.shape, 3))
    for ink, wall in zip(INKS, (window, below), strict=True):
        light *= 1 - wall[..., None] * (1 - np.array(rgb(ink)) / 255)
    return (255 * light).round().astype(np.uint8)


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The skip with its window on the left, what is stacked on the right."""
    if "problem" in found:
        return svg_picture(10, 10, [], found["problem"], f"<p>{found['problem']}</p>")
    skip, below, top, left = (settings[name] for name in ("skip", "below", "top", "left"))
    grey, wall = tissue()
    corner, wide = (SIDE - skip) // 2, skip * CELL
    whole = slice(corner, corner + skip)
    rows, columns = (slice(corner + n, corner + n + below) for n in (top, left))
    right = 2 * EDGE + wide
    side, place = below * CELL, found["middle"] * CELL
    both = png_data(stacked(wall[rows, columns], found["below"]))
    dashes = []
    if (top, left) != (FIRST["top"], FIRST["left"]):  # or they would give the answer away
        dashes = [svg.rect(EDGE + place, TOP + place, side, side, stroke="#FFFFFF",
                           stroke_width=2, stroke_dasharray="6 5")]  # fmt: skip
    parts = [
        svg.text(EDGE, 17, _("the skip"), 14, "start"),
        svg.text(right, 17, _("what is stacked"), 14, "start"),
        svg.image(png_data(grey[whole, whole]), EDGE, TOP, wide, wide),
        *dashes,
        svg.rect(EDGE + left * CELL, TOP + top * CELL, side, side, stroke=ORANGE,
                 stroke_width=4),
        svg.image(both, right + place, TOP + place, side, side),
        svg.rect(right + place, TOP + place, side, side, stroke=ORANGE, stroke_width=2),
    ]  # fmt: skip
    text = f"<p><b>{found['verdict']}</b></p>"
    return svg_picture(right + wide + EDGE, TOP + wide + EDGE, parts, found["said"], text)
