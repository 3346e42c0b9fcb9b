"""A film's picture for a page without JavaScript: prediction, errors, and a legend."""

from __future__ import annotations

from typing import Any

import numpy as np

from unet_teach.drawing import svg
from unet_teach.drawing.picture import (
    SIXTEEN,
    Picture,
    indexed,
    png_data,
    png_picture,
    svg_picture,
)
from unet_teach.drawing.style import BLUE, LIGHT, ORANGE, SKY, VERMILLION, rgb
from unet_teach.translation import _

# Of an error: wall and inside, both right; wall missed, too much; run together, broken.
COLOURS = (LIGHT.ink, LIGHT.paper, VERMILLION, BLUE, ORANGE, SKY)
PALETTE = [*SIXTEEN, *(channel for colour in COLOURS for channel in rgb(colour))]
EDGE, GAP, TOP, ROW = 280, 12, 26, 24  # of a map, beside it, above it; a row of the legend


def in_colour(found: np.ndarray) -> np.ndarray:
    """The first answer of `unet_teach.film.show.errors` as RGB, uint8 (H, W, 3).

    Examples
    --------
    >>> in_colour(np.array([[1, 4, 5]])).tolist()
    [[[255, 255, 255], [230, 159, 0], [86, 180, 233]]]
    """
    return np.array([rgb(colour) for colour in COLOURS], np.uint8)[found]


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The map at a step, and what is wrong with it; below, what each colour says."""
    if found.get("waiting"):
        return png_picture(np.full((8, 24), 255, np.uint8), found["said"], width=2 * EDGE)
    rows, columns = found["map"].shape
    tall, width = EDGE * rows / columns, 3 * EDGE + 2 * GAP + 2
    step = found["now"]["step"]
    maps = {
        _("micrograph"): found["image"] // 16,
        _("prediction after step {step}").format(step=step): found["map"] // 16,
        _("errors"): found["error"] + 16,
    }
    parts = []
    for place, (title, entries) in enumerate(maps.items()):
        left = 1 + place * (EDGE + GAP)
        parts.append(svg.text(left + EDGE / 2, TOP - 9, title, 15))
        parts.append(svg.image(png_data(indexed(entries, PALETTE)), left, TOP, EDGE, tall))
        parts.append(svg.rect(left, TOP, EDGE, tall, stroke=LIGHT.line))
    for place, words in enumerate(legend()):
        row, column = place % 2, place // 2
        left, middle = 1 + column * (EDGE + GAP), TOP + tall + ROW * (row + 0.8)
        parts.append(svg.rect(left, middle - 7, 16, 14, COLOURS[place], stroke=LIGHT.faint))
        parts.append(svg.text(left + 24, middle + 5, words, 14, "start"))
    return svg_picture(width, TOP + tall + 2 * ROW + 8, parts, found["said"],
                       f"<p>{found['said']}</p>")  # fmt: skip


def legend() -> tuple[str, ...]:
    """What each of `COLOURS` says, in their order."""
    return (
        _("wall, right"), _("inside, right"), _("wall missed"), _("wall where there is none"),
        _("neurons run together"), _("neuron broken in two"),
    )  # fmt: skip
