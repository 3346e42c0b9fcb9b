"""Lesson 11's two cells for a page without JavaScript: the map, and its middle row."""

from __future__ import annotations

from typing import Any

from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, png_data, svg_picture
from unet_teach.drawing.style import LIGHT, ORANGE, VERMILLION, ramp
from unet_teach.lessons.l11_loss_and_weight_map.measure import HIGHEST
from unet_teach.translation import _

LEFT, TOP, ZOOM, PROFILE = 30, 28, 5, 120  # the last: height of the profile
STOPS = (
    (0.0, "#FFFFFF"),
    (0.08, "#FCE9C4"),
    (0.3, ORANGE),
    (0.6, VERMILLION),
    (1.0, "#4A1700"),
)


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The weights in colour, dark where they are large, and below them the middle row's."""
    if "problem" in found:
        return svg_picture(10, 10, [], found["problem"], f"<p>{found['problem']}</p>")
    height, width = found["levels"].shape
    bottom = TOP + height * ZOOM + 30 + PROFILE
    data = png_data(ramp(found["levels"] / 255, STOPS))
    parts = [
        svg.text(LEFT, 18, _("the weight of every pixel, w(x)"), 13, "start"),
        svg.image(data, LEFT, TOP, width * ZOOM, height * ZOOM),
        svg.text(LEFT, bottom - PROFILE - 8, _("in the middle row"), 13, "start"),
    ]
    for weight in (0, 5, 10, 15, 20):
        y = bottom - PROFILE * weight / HIGHEST
        parts.append(svg.line(LEFT, y, LEFT + width * ZOOM, y, LIGHT.line))
        parts.append(svg.text(LEFT - 6, y + 4, weight, 12, "end", LIGHT.faint))
    steps = " ".join(
        f"V {bottom - PROFILE * min(w, HIGHEST) / HIGHEST:.2f} h {ZOOM}"
        for w in found["profile"].tolist()
    )
    area = f"M {LEFT} {bottom} {steps} V {bottom} Z"
    parts.append(svg.path(area, "#FBDDD0", VERMILLION, stroke_width=1.5))
    text = f"<p>{found['headline']}</p>"
    return svg_picture(LEFT + width * ZOOM + 10, bottom + 10, parts, found["said"], text)
