"""A film's picture for a page without JavaScript: prediction and errors beside each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from unet_teach.drawing.picture import SIXTEEN, Picture, png_picture
from unet_teach.drawing.style import BLUE, LIGHT, ORANGE, SKY, VERMILLION, rgb
from unet_teach.translation import _

# Of an error: wall and inside, both right; wall missed, too much; run together, broken.
COLOURS = (LIGHT.ink, LIGHT.paper, VERMILLION, BLUE, ORANGE, SKY)
PALETTE = [*SIXTEEN, *(channel for colour in COLOURS for channel in rgb(colour))]
GAP, WIDTH = 2, 560


def in_colour(found: np.ndarray) -> np.ndarray:
    """The first answer of `unet_teach.film.show.errors` as RGB, uint8 (H, W, 3).

    Examples
    --------
    >>> in_colour(np.array([[1, 4, 5]])).tolist()
    [[[255, 255, 255], [230, 159, 0], [86, 180, 233]]]
    """
    return np.array([rgb(colour) for colour in COLOURS], np.uint8)[found]


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The map at a step, and what is wrong with it."""
    if found.get("waiting"):
        return png_picture(np.full((8, 24), 15, np.uint8), found["said"], width=WIDTH,
                           palette=PALETTE)  # fmt: skip
    image, map_ = found["image"] // 16, found["map"] // 16
    gap = np.full((len(map_), GAP), 15, np.uint8)
    shown = np.concatenate([image, gap, map_, gap, found["error"] + 16], axis=1)
    caption = _("micrograph, prediction, and its errors: orange has run together")
    text = f"<p>{caption}</p><p>{found['said']}</p>"
    return png_picture(shown, found["said"], text, width=WIDTH, palette=PALETTE)
