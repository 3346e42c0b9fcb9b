"""Lesson 06 for a page without JavaScript: a merge and its costs, and an operated mask."""

from __future__ import annotations

from typing import Any

import numpy as np

from unet_teach.drawing import svg
from unet_teach.drawing.bars import bar
from unet_teach.drawing.picture import Picture, greys, png_picture, svg_picture
from unet_teach.drawing.style import BLUE, GREEN, LIGHT, ORANGE, VERMILLION, rgb
from unet_teach.lessons.l06_concat_or_add.measure import BARS
from unet_teach.lessons.l06_concat_or_add.surgery import CHANGED, scene
from unet_teach.translation import _

WIDE, HIGH, STEP = 70, 22, 28  # a bar of channels; from one to the next
COLOURS = ("#1F2430", "#E1E5EA", BLUE, GREEN, ORANGE, VERMILLION, LIGHT.paper)
PALETTE = [*greys(range(0, 256, 4)), *(c for colour in COLOURS for c in rgb(colour))]


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The bars of two maps on the left, the joined map on the right, its costs below."""
    if "problem" in found:
        return svg_picture(10, 10, [], found["problem"], f"<p>{found['problem']}</p>")
    fill = {"skip": LIGHT.contracting, "below": LIGHT.expansive}
    both = zip(*(rgb(colour) for colour in fill.values()), strict=True)
    fill["sum"] = "#" + "".join(f"{(a + b) // 2:02X}" for a, b in both)
    place = {"skip": 26, "below": 166}
    parts = []
    for name, top in place.items():
        parts.append(svg.text(8, top - 8, found["labels"][name], 13, "start"))
        parts += [svg.rect(8, top + STEP * i, WIDE, HIGH, fill[name]) for i in range(BARS)]
    joined = found["reads"]
    top = 26 + STEP * (9 - len(joined)) / 2
    for k, sources in enumerate(joined):
        y = top + STEP * k
        name = sources[0][0] if len(sources) == 1 else "sum"
        parts.append(svg.rect(220, y, WIDE, HIGH, fill[name]))
        for name, i in sources:
            line = (12 + WIDE, place[name] + STEP * i + HIGH / 2, 216, y + HIGH / 2)
            parts.append(svg.line(*line, fill[name], opacity=0.5))
    label = found["labels"]["joined"]
    parts.append(svg.text(220 + WIDE, top - 8, label, 13, "end", font_weight="bold"))
    return svg_picture(360, 290, parts, found["said"], f"<p>{found['said']}</p>")


def operated(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The micrograph and the mask; the pair blue and green, or orange where run together."""
    if "problem" in found:
        text = f"<p>{found['problem']}</p>"
        blank = np.zeros((8, 8), np.uint8)
        return png_picture(blank, found["problem"], text, width=420, palette=PALETTE)
    image = scene()[1] // 4
    gap = np.full((len(image), 4), 70, np.uint8)
    mask = (64 + found["map"] % CHANGED).astype(np.uint8)
    mask[(found["map"] >= CHANGED) & (found["map"] % CHANGED > 0)] = 69
    scores = {"V_rand": found["v_rand"], _("pixel accuracy"): found["accuracy"]}
    text = f"<p>{found['headline']}</p>" + "".join(bar(*score) for score in scores.items())
    entries = np.concatenate([image, gap, mask], axis=1)
    return png_picture(entries, found["said"], text, width=620, palette=PALETTE)
