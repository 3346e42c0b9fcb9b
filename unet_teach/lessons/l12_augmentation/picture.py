"""Lesson 12's field for a page without JavaScript: the net, the image, its labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, greys, indexed, png_data, svg_picture
from unet_teach.drawing.style import BLUE, VERMILLION, rgb
from unet_teach.lessons.l12_augmentation.measure import KNOTS, MARGIN, SIDE, given
from unet_teach.translation import _

CELL, EDGE, TOP = 3, 8, 26  # picture pixels for one of the image, around all, above
BAD, PALETTE = 64, [*greys(range(0, 256, 4)), *rgb(VERMILLION)]


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The bent net over the micrograph, then image and labels; red where it went wrong."""
    if "problem" in found:
        return svg_picture(10, 10, [], found["problem"], f"<p>{found['problem']}</p>")
    wide, side = CELL * (SIDE + 2 * MARGIN), CELL * SIDE
    image = np.where(found["folded"], BAD, found["image"] // 4)
    bad = found["folded"] | (found["classes"] == 2)
    labels = np.where(bad, BAD, 63 * (found["classes"] > 0))
    places, parts = {}, []
    for x, name, entries, size in (
        (EDGE, _("where it is read"), given()["around"] // 4, wide),
        (2 * EDGE + wide, _("image"), image, side),
        (3 * EDGE + wide + side, _("labels"), labels, side),
    ):
        places[name] = x
        data = png_data(indexed(entries.astype(np.uint8), PALETTE))
        parts += [svg.text(x, TOP - 8, name, 14, "start"), svg.image(data, x, TOP, size, size)]
    corner = np.array([EDGE, TOP]) + CELL * (MARGIN + 0.5)
    net = corner + CELL * found["net"] / 10
    for line in [*net, *net.swapaxes(0, 1)]:
        parts.append(svg.polyline(line.tolist(), stroke=BLUE, stroke_width=1.2))
    starts = corner + CELL * np.array(KNOTS)
    ends = starts + CELL * np.array(found["vectors"])
    far = np.hypot(*(ends - starts).T) > 6  # a shorter arrow is all head
    parts.append(svg.arrows(np.hstack([starts, ends])[far], VERMILLION, 2))
    width, height = 4 * EDGE + wide + 2 * side, TOP + wide + EDGE
    return svg_picture(width, height, parts, found["said"], f"<p>{found['verdict']}</p>")
