"""Scalable vector graphics as text: each function gives one element.

Attributes are written as in SVG, with ``_`` for ``-``: ``stroke_width=2``. Lengths are pixels
of the picture at its own size.
"""

from __future__ import annotations

import html
from collections.abc import Iterable

from unet_teach.plots.style import LIGHT


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
        f' {key.rstrip("_").replace("_", "-")}="{escape(_number(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def _number(value: object) -> object:
    """Two decimals are a fiftieth of a pixel and keep the text short."""
    return f"{round(value, 2):g}" if isinstance(value, float) else value


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


def text(
    x: float,
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
    """A line with a head at its end (x2, y2)."""
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5 or 1.0
    along = ((x2 - x1) / length, (y2 - y1) / length)
    head = 3 + 2.2 * width
    neck = (x2 - head * along[0], y2 - head * along[1])
    side = (-along[1] * head * 0.5, along[0] * head * 0.5)
    points = [(x2, y2), (neck[0] + side[0], neck[1] + side[1])]
    points.append((neck[0] - side[0], neck[1] - side[1]))
    shape = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    shaft = line(x1, y1, *neck, stroke=stroke, stroke_width=width, **attributes)
    return shaft + element("polygon", points=shape, fill=stroke)


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
