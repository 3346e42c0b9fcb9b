"""Scalable vector graphics as text: each function gives one element.

Attributes are written as in SVG, with ``_`` for ``-``: ``stroke_width=2``. Lengths are pixels
of the picture at its own size.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable

import numpy as np

from unet_teach.drawing.style import LIGHT


def escape(words: object) -> str:
    """Text that may stand in an element or an attribute.

    Examples
    --------
    >>> escape('n < 5 & "k"')
    'n &lt; 5 &amp; &quot;k&quot;'
    """
    return html.escape(str(words), quote=True)


def element(name: str, content: str = "", **attributes: object) -> str:
    """Any element; attributes that are None are left out. ``content`` is SVG, not text.

    Examples
    --------
    >>> element("circle", cx=1, cy=2.50, r=3, stroke_width=None)
    '<circle cx="1" cy="2.5" r="3"/>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_written(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def _written(value: object) -> str:
    """As an attribute. Two decimals are a fiftieth of a pixel and keep the text short."""
    if isinstance(value, float):
        return f"{round(value, 2):g}"
    return escape(value) if isinstance(value, str) else str(value)


def rect(
    x: float, y: float, width: float, height: float, fill: str = "none", **attributes: object
) -> str:
    """A rectangle by its top left corner; ``title`` is shown when pointed at."""
    title = tooltip(attributes.pop("title", None))
    places = {"x": x, "y": y, "width": width, "height": height, "fill": fill}
    return element("rect", title, **places, **attributes)


def circle(x: float, y: float, radius: float, fill: str = "none", **attributes: object) -> str:
    """A circle by its centre."""
    title = tooltip(attributes.pop("title", None))
    return element("circle", title, cx=x, cy=y, r=radius, fill=fill, **attributes)


def line(
    x1: float, y1: float, x2: float, y2: float, stroke: str = LIGHT.ink, **attributes: object
) -> str:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, **attributes)


def path(d: str, fill: str = "none", stroke: str = LIGHT.ink, **attributes: object) -> str:
    """A path in SVG's own words: ``M 0 0 L 10 0``."""
    title = tooltip(attributes.pop("title", None))
    return element("path", title, d=d, fill=fill, stroke=stroke, **attributes)


def polyline(
    points: Iterable[tuple[float, float]], stroke: str = LIGHT.ink, **attributes: object
) -> str:
    """A path from point to point (x, y), as one element or, through no point, as none.

    Examples
    --------
    >>> polyline([(0, 1), (2.5, 3)], "#000000")
    '<path d="M 0.0 1.0 L 2.5 3.0" fill="none" stroke="#000000"/>'
    """
    flat = [number for point in points for number in point]
    # One format for all: at this many numbers it is what takes the time.
    d = " L ".join(["%.1f %.1f"] * (len(flat) // 2)) % tuple(flat)
    return path("M " + d, stroke=stroke, **attributes) if flat else ""


def text(
    x: float | str,
    y: float,
    words: object,
    size: float = 13,
    anchor: str = "middle",
    fill: str = LIGHT.ink,
    **attributes: object,
) -> str:
    """Words on one line, ``y`` the base line, ``anchor`` start, middle or end.

    Examples
    --------
    >>> text(0, 10, "n < 5", size=12)
    '<text x="0" y="10" font-size="12" text-anchor="middle" fill="#1F2430">n &lt; 5</text>'
    """
    places = {"x": x, "y": y, "font_size": size, "text_anchor": anchor, "fill": fill}
    return element("text", escape(words), **places, **attributes)


def texts(
    rows: Iterable[tuple[float, float, object]], size: float = 13, **attributes: object
) -> list[str]:
    """Words at many places (x, y), all in one style, as one element or none.

    One element for each would take the browser longer to lay out.

    Examples
    --------
    >>> texts([(10, 5, 7), (30, 5, "<")], fill="#000000")[0][-84:]
    ' fill="#000000"><tspan x="10" y="5">7</tspan><tspan x="30" y="5">&lt;</tspan></text>'
    """
    spans = "".join(element("tspan", escape(words), x=x, y=y) for x, y, words in rows)
    look = {"font_size": size, "text_anchor": "middle", "fill": LIGHT.ink, **attributes}
    return [element("text", spans, **look)] if spans else []


def numbers(
    xs: Iterable[float],
    y: float,
    values: Iterable[object],
    size: float = 11,
    **attributes: object,
) -> list[str]:
    """Numbers, each in the middle of its place in a row, as one element or none.

    One for each number would take the browser several times as long: each digit has its
    own place instead.

    Examples
    --------
    >>> numbers([10, 30], 5, [7, 12], size=10, fill="#000000")[0][:32]
    '<text x="10 27.1 32.9" y="5" fon'
    """
    digit, places, words = 0.58 * size, [], ""
    for x, value in zip(xs, values, strict=True):
        digits = str(value)
        words += digits
        places += [x + (i - (len(digits) - 1) / 2) * digit for i in range(len(digits))]
    listed = " ".join(f"{place:.2f}".rstrip("0").rstrip(".") for place in places)
    return [text(listed, y, words, size, **attributes)] if words else []


def image(href: str, x: float, y: float, width: float, height: float) -> str:
    """A picture in the picture, its pixels left square; ``href`` from `picture.png_data`."""
    look = {"style": "image-rendering:pixelated", "preserveAspectRatio": "none"}
    place = {"x": x, "y": y, "width": width, "height": height}
    return element("image", href=href, **place, **look)


def arrow(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    stroke: str = LIGHT.ink,
    width: float = 2,
    **attributes: object,
) -> str:
    """A line with a head at its end (x2, y2), as one outline; in two elements where dashed.

    Examples
    --------
    >>> arrow(0, 5, 20, 5, "#000000", width=2)[:61]
    '<polygon points="0.0,6.0 12.6,6.0 12.6,8.7 20.0,5.0 12.6,1.3 '
    """
    length, head = math.hypot(x2 - x1, y2 - y1) or 1.0, _head(width)
    along, across = (x2 - x1) / length, (y2 - y1) / length
    foot, neck = (x1, y1), (x2 - head * along, y2 - head * across)
    corners = [(neck, head / 2), ((x2, y2), 0.0), (neck, -head / 2)]
    shaft = ""
    if attributes.get("stroke_dasharray"):
        shaft = line(*foot, *neck, stroke=stroke, stroke_width=width, **attributes)
        attributes = {}
    else:
        half = width / 2
        corners = [(foot, half), (neck, half), *corners, (neck, -half), (foot, -half)]
    shape = " ".join(f"{x - s * across:.1f},{y + s * along:.1f}" for (x, y), s in corners)
    return shaft + element("polygon", points=shape, fill=stroke, **attributes)


def _head(width: float) -> float:
    """The length of an arrow's head; it is as wide."""
    return 3 + 2.2 * width


def arrows(ends: np.ndarray, stroke: str, width: float = 2) -> str:
    """Many arrows (n, 4), each from (x1, y1) to (x2, y2), as two elements: shafts and heads."""
    necks, heads = _heads(ends, width)
    count, shafts = len(ends), np.hstack([ends[:, :2], necks])
    # One format for all: at this many numbers it is what takes the time.
    lines = "M%.1f,%.1fL%.1f,%.1f" * count % tuple(shafts.ravel().tolist())
    corners = "M%.1f,%.1fL%.1f,%.1fL%.1f,%.1fZ" * count % tuple(heads.ravel().tolist())
    return path(lines, stroke=stroke, stroke_width=width) + path(corners, stroke, "none")


def _heads(ends: np.ndarray, width: float) -> tuple[np.ndarray, np.ndarray]:
    """Where arrows' shafts end, (n, 2), and their heads' three corners, (n, 3, 2)."""
    start, end = ends[:, :2], ends[:, 2:]
    length = np.hypot(*(end - start).T)[:, None]
    along = (end - start) / np.where(length > 0, length, 1)
    head = _head(width)
    neck = end - head * along
    side = head * 0.5 * along[:, ::-1] * (-1, 1)
    return neck, np.stack([end, neck + side, neck - side], axis=1)


def group(elements: Iterable[str], **attributes: object) -> str:
    """Elements that are moved, styled or pointed at together: ``transform="…"``."""
    title = tooltip(attributes.pop("title", None))
    return element("g", title + "".join(elements) or " ", **attributes)


def tooltip(words: object | None) -> str:
    """What is shown when an element is pointed at."""
    return "" if words is None else f"<title>{escape(words)}</title>"


def style(rules: str) -> str:
    """CSS for this picture alone; scope the rules by a class of your own."""
    return f"<style>{rules}</style>"
