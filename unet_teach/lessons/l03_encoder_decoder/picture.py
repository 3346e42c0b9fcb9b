"""Lesson 03's bottleneck for a page without JavaScript: image and copy, and their thin wall."""

from __future__ import annotations

from typing import Any

import numpy as np

from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, png_data, svg_picture
from unet_teach.drawing.style import ORANGE
from unet_teach.lessons.l03_encoder_decoder.measure import given
from unet_teach.translation import _

SIDE, EDGE, TOP = 170, 8, 28  # of a picture, around all, above


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The image and what is returned, with a frame around the wall; then both magnified."""
    if "problem" in found:
        return svg_picture(10, 10, [], found["problem"], f"<p>{found['problem']}</p>")
    row, column, size = given()["inset"]
    cut, parts = np.s_[row : row + size, column : column + size], []
    pictures = (
        (_("image"), given()["image"]), (_("returned"), found["image"]),
        (_("its thin wall"), given()["image"][cut]), (_("returned"), found["image"][cut]),
    )  # fmt: skip
    for place, (name, pixels) in enumerate(pictures):
        x, cell = EDGE + place * (SIDE + EDGE), SIDE / len(pixels)
        parts.append(svg.text(x, TOP - 9, name, 14, "start"))
        parts.append(svg.image(png_data(np.ascontiguousarray(pixels)), x, TOP, SIDE, SIDE))
        corner = (x + column * cell, TOP + row * cell) if place < 2 else (x, TOP)
        side = size * cell
        parts.append(svg.rect(*corner, side, side, stroke=ORANGE, stroke_width=2))
    width = EDGE + len(pictures) * (SIDE + EDGE)
    text = f"<p>{found['verdict']}</p>"
    return svg_picture(width, TOP + SIDE + EDGE, parts, found["said"], text)
