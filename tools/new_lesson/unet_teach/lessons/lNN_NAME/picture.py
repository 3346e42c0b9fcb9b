"""Lesson NN: the row of blocks for a page without JavaScript (REPLACE: how it is drawn)."""

from __future__ import annotations

from typing import Any

from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, svg_picture
from unet_teach.drawing.style import BLUE, LIGHT, ORANGE

CELL, TOP = 36, 8


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """A row of n cells: blocks of k in two colours, what is left over in none."""
    if "problem" in found:
        return svg_picture(10, 10, [], found["problem"], f"<p>{found['problem']}</p>")
    parts = []
    for cell, number in enumerate(found["block"]):
        fill = "none" if number < 0 else (BLUE, ORANGE)[number % 2]
        left = 8 + cell * CELL
        parts.append(svg.rect(left, TOP, CELL, CELL, fill, stroke=LIGHT.line, fill_opacity=0.4))
        parts.append(svg.text(left + CELL / 2, TOP + CELL / 2 + 5, cell))
    sizes = (16 + settings["n"] * CELL, TOP + CELL + 8)
    return svg_picture(*sizes, parts, found["said"], f"<p>{found['said']}</p>")
