"""Lesson 02: the receptive field of every map of a U, laid over a micrograph."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import Image

from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, news, paragraphs, spoken, svg_picture
from unet_teach.drawing.style import LIGHT
from unet_teach.shapes import Reach
from unet_teach.translation import _, _n

SIDE = 420  # pixels of the picture's side
FRAME = 96  # image pixels around the image, of zeros: the padding
# From the topmost level (small, light) to the bottom (large, dark).
LEVELS = ("#FFE066", "#FFC233", "#FF9F1C", "#F3722C", "#D7263D")
OUTPUT = "#00E5FF"


def field_over_image(
    image: np.ndarray, reaches: Sequence[Reach], row: int, column: int
) -> Picture:
    """What each map of a U sees of an image at one pixel's place.

    Parameters
    ----------
    image : uint8 (n, n)
    reaches : of the contracting path's levels, then of the output, as from `u_reaches`
    row, column : the output pixel; with "same" padding also a pixel of the image

    Raises
    ------
    ValueError
        A pixel outside of the image.

    Examples
    --------
    >>> from unet_teach.shapes import u_reaches
    >>> print(field_over_image(np.zeros((64, 64), np.uint8), u_reaches(1), 32, 33))
    Output pixel (32, 33) sees 18 × 18 pixels of the input. Field of ...
    """
    size = image.shape[0]
    for name, place in (("row", row), ("column", column)):
        if not 0 <= place < size:
            raise ValueError(f"{name} is {place}; the image has 0 to {size - 1}")
    scale = SIDE / (size + 2 * FRAME)
    parts = [_card(image, scale, size)]
    *levels, output = reaches
    clip = f"M 0 0 H {SIDE} V {SIDE} H 0 Z"
    parts.append(f'<clipPath id="fields-frame">{svg.path(clip, fill=LIGHT.ink)}</clipPath>')
    boxes = []
    for level in reversed(range(len(levels))):
        rows, columns = (_seen(levels[level], place >> level) for place in (row, column))
        name = _("level {level}").format(level=level)
        boxes.append(_box(rows, columns, scale, LEVELS[level], 2, name))
    if len(levels) > 1:
        rows, columns = _seen(output, row), _seen(output, column)
        boxes.append(_box(rows, columns, scale, OUTPUT, 3, _("output")))
    parts.append(svg.group(boxes, clip_path="url(#fields-frame)"))
    x, y = ((place + 0.5 + FRAME) * scale for place in (column, row))
    parts.append(svg.circle(x, y, 3.5, "#FFFFFF", stroke=LIGHT.ink))
    return svg_picture(SIDE, SIDE, parts, *_said(levels, output, row, column, size))


def _seen(reach: Reach, place: int) -> range:
    first, last = reach.of(place)
    return range(first, last + 1)


@lru_cache(maxsize=8)
def _jpeg(data: bytes, side: int, shown: int) -> str:
    """JPEG, not PNG: the whole picture travels at every move."""
    pixels = Image.frombytes("L", (side, side), data).resize((shown, shown), Image.BOX)
    buffer = io.BytesIO()
    pixels.save(buffer, format="JPEG", quality=80)
    return base64.b64encode(buffer.getvalue()).decode()


def _card(image: np.ndarray, scale: float, size: int) -> str:
    """The micrograph in its frame of zeros."""
    shown = size * scale
    data = _jpeg(np.ascontiguousarray(image).tobytes(), size, round(shown))
    place = {"x": FRAME * scale, "y": FRAME * scale, "width": shown, "height": shown}
    picture = svg.element("image", href=f"data:image/jpeg;base64,{data}", **place)
    return (
        svg.rect(0, 0, SIDE, SIDE, "#3A414D")
        + picture
        + svg.text(SIDE / 2, SIDE - 12, _("beyond the border: zeros"), 13, fill="#FFFFFF")
    )


def _box(
    rows: range, columns: range, scale: float, colour: str, width: float, name: str
) -> str:
    x, y = ((axis.start + FRAME) * scale for axis in (columns, rows))
    place = (x, y, len(columns) * scale, len(rows) * scale)
    return svg.rect(*place, stroke=colour, stroke_width=width, title=name)


def _swatch(colour: str) -> str:
    """A square on the picture's own ground: light colours are lost on a white card."""
    return (
        '<span style="display:inline-block;width:11px;height:11px;margin-right:6px;'
        f'border:3px solid {colour};background:#3A414D;vertical-align:-3px"></span>'
    )


def _said(
    levels: Sequence[Reach], output: Reach, row: int, column: int, size: int
) -> tuple[str, str]:
    """Alternative text, and the words beside the picture."""
    rows, columns = _seen(output, row), _seen(output, column)
    high, wide = len(rows), len(columns)
    seen = _("Output pixel ({row}, {column}) sees {high} × {wide} pixels of the input.").format(
        row=row, column=column, high=high, wide=wide
    )
    fields = [
        _swatch(LEVELS[level])
        + _("level {level}: {n} × {n}").format(level=level, n=reach.sizes[0])
        for level, reach in enumerate(levels)
    ]
    if len(levels) > 1:
        words = _("output: {high} × {wide}").format(high=high, wide=wide)
        fields.append(f"{_swatch(OUTPUT)}<b>{words}</b>")
    phases, period = "", len(output.intervals)
    if len(set(output.sizes)) > 1:
        phases = _("row {row} mod {n} = {a}, column {column} mod {n} = {b}").format(
            row=row, column=column, n=period, a=row % period, b=column % period
        )
    beyond, over = max(-rows.start, -columns.start, rows.stop - size, columns.stop - size), ""
    if beyond > 0:
        over = _n("It reaches {n} pixel beyond the border.",
                  "It reaches {n} pixels beyond the border.", beyond)  # fmt: skip
        over = news(over, good=False)
    words = paragraphs(_("Field of one pixel, by map:"), "<br>".join(fields), phases, over)
    return spoken(seen, words), words
