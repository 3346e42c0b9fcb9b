"""Lesson 02: the receptive field of every map of a U, for a page without JavaScript."""

from __future__ import annotations

import base64
import io
from functools import lru_cache
from typing import Any

from PIL import Image

from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, paragraphs, spoken, svg_picture
from unet_teach.drawing.style import LIGHT
from unet_teach.lessons.l02_receptive_field.measure import SIZE, given
from unet_teach.translation import _

SIDE, FRAME = 420, 96  # pixels of the picture's side; image pixels of zeros around the image
SCALE = SIDE / (SIZE + 2 * FRAME)
# From the topmost level (small, light) to the bottom (large, dark), then the output.
LEVELS, OUTPUT = ("#FFE066", "#FFC233", "#FF9F1C", "#F3722C", "#D7263D"), "#00E5FF"


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """What each map sees at one pixel's place, as squares over the micrograph."""
    if "problem" in found:
        return svg_picture(10, 10, [], found["problem"], paragraphs(found["problem"]))
    here, last = (settings["row"], settings["column"]), len(found["sizes"]) - 1
    parts, lines = [_card()], []
    for number, (field, sizes) in enumerate(zip(found["fields"], found["sizes"], strict=True)):
        is_output = 0 < number == last
        colour = OUTPUT if is_output else LEVELS[number]
        name = _("output") if is_output else _("level {level}").format(level=number)
        y, x = (place - place % len(field) + field[place % len(field), 0] for place in here)
        high, wide = (sizes[place % len(field)] for place in here)
        place = ((x + FRAME) * SCALE, (y + FRAME) * SCALE, wide * SCALE, high * SCALE)
        box = svg.rect(*place, stroke=colour, stroke_width=2 + is_output, title=name)
        parts.insert(1, box)  # the small ones lie on top
        lines.append(f"{name}: {high} × {wide}")
        parts += _key(number, colour, lines[-1])
    row, column = ((place + 0.5 + FRAME) * SCALE for place in here)
    parts.append(svg.circle(column, row, 3.5, "#FFFFFF", stroke=LIGHT.ink))
    seen = _("Output pixel ({row}, {column}) sees {high} × {wide} pixels of the input.")
    seen = seen.format(row=here[0], column=here[1], high=high, wide=wide)
    words = paragraphs(_("Field of one pixel, by feature map:"), "<br>".join(lines))
    return svg_picture(SIDE, SIDE, parts, spoken(seen, words), words)


def _key(number: int, colour: str, words: str) -> list[str]:
    """A map's colour and size, in the zeros above the image: three a row."""
    down, across = divmod(number, 3)
    x, y = 8 + 138 * across, 22 + 20 * down
    mark = svg.rect(x, y - 10, 10, 10, stroke=colour, stroke_width=3)
    return [mark, svg.text(x + 16, y, words, 12, "start", fill="#FFFFFF")]


@lru_cache(maxsize=1)
def _card() -> str:
    """The micrograph in its frame of zeros."""
    buffer = io.BytesIO()
    Image.fromarray(given()["image"] * 8).save(buffer, format="JPEG", quality=80)
    data = base64.b64encode(buffer.getvalue()).decode()
    place = {"x": FRAME * SCALE, "y": FRAME * SCALE, "width": SIZE * SCALE}
    image = svg.element(
        "image", href=f"data:image/jpeg;base64,{data}", height=SIZE * SCALE, **place
    )
    zeros = svg.text(SIDE / 2, SIDE - 12, _("beyond the border: zeros"), 13, fill="#FFFFFF")
    return svg.rect(0, 0, SIDE, SIDE, "#3A414D") + image + zeros
