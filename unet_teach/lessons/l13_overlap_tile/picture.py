"""Lesson 13's tiles for a page without JavaScript: the tissue, what differs, what is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, indexed, png_data, svg_picture
from unet_teach.drawing.style import BLUE, GREEN, ORANGE, SKY, ramp, rgb
from unet_teach.lessons.l13_overlap_tile.measure import LEVELS, MARGIN, SIDE, TILE, given
from unet_teach.translation import _

CELL, EDGE, TOP = 2, 8, 26  # picture pixels for one of the image, around all, above
HEAT = ramp(np.linspace(0, 1, len(LEVELS) + 1),
            ((0.0, "#FFFFFF"), (0.5, ORANGE), (1.0, "#4A1700"))).ravel().tolist()  # fmt: skip
INKS = ("#1F2430", "#FFFFFF", SKY, GREEN, ORANGE)  # of `kinds`
LABELS = [c for ink in (*INKS, "#B3261E", BLUE) for c in rgb(ink)]


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The tissue with its tiles, the difference, and the labels with what changed."""
    if "problem" in found:
        return svg_picture(10, 10, [], found["problem"], f"<p>{found['problem']}</p>")
    side, margin = CELL * SIDE, MARGIN // 2
    tissue = given()["picture"][margin:-margin, margin:-margin]
    labels = np.where(found["labels"] < 8, found["labels"], 4 + found["labels"] // 8)
    maps = {
        _("tissue and tiles"): tissue,
        _("different"): indexed(found["levels"], HEAT),
        _("wrong"): indexed(labels.astype(np.uint8), LABELS),
    }
    parts = []
    for number, (name, pixels) in enumerate(maps.items()):
        x = EDGE + number * (side + EDGE)
        parts += [svg.text(x, TOP - 8, name, 14, "start"),
                  svg.image(png_data(pixels), x, TOP, side, side)]  # fmt: skip
        for axis, starts in (("y", found["rows"]), ("x", found["columns"])):
            for at in (CELL * start for start in starts if start > 0):
                ends = (x, TOP + at, x + side, TOP + at) if axis == "y" else (
                    x + at, TOP, x + at, TOP + side)  # fmt: skip
                parts.append(svg.line(*ends, SKY, stroke_dasharray="4 3"))
        corner = (x + CELL * settings["left"], TOP + CELL * settings["top"])
        parts.append(svg.rect(*corner, CELL * TILE, CELL * TILE, stroke=ORANGE, stroke_width=3))
    width, height = EDGE + 3 * (side + EDGE), TOP + side + EDGE
    return svg_picture(width, height, parts, found["said"], f"<p>{found['verdict']}</p>")
