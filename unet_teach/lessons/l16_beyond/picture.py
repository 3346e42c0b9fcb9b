"""Lesson 16 for a page without JavaScript: a skip graph as in U-Net++'s figure 1."""

from __future__ import annotations

from typing import Any

from unet_teach.config import Node
from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, svg_picture
from unet_teach.drawing.style import BLUE, LIGHT
from unet_teach.lessons.l16_beyond.measure import grid
from unet_teach.translation import _

LEFT, TOP, RADIUS = 92, 92, 23
ACROSS, DOWN = 62, 92  # half the way between two nodes of a level; between two levels
COLOURS = {"down": LIGHT.pool, "up": LIGHT.up, "skip": LIGHT.skip}
WORDS = {"down": _("down: max pooling"), "up": _("up: upsampling"), "skip": _("skip")}


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """Nodes with their channels, edges by kind, sizes by level."""
    if "problem" in found:
        return svg_picture(10, 10, [], found["problem"], f"<p>{found['problem']}</p>")
    depth, channels = settings["depth"], {n["node"]: n["channels"] for n in found["nodes"]}
    parts = [svg.text(8, TOP + DOWN * level + 5, f"{side}²", 13, "start", LIGHT.faint)
             for level, side in enumerate(found["sides"])]  # fmt: skip
    for facts in found["edges"]:
        a, b, c, d = facts["edge"]
        parts.append(curve((a, b), (c, d), COLOURS[facts["kind"]]))
    for node in grid(depth):
        (x, y), there = place(node), node in channels
        tint = LIGHT.paper if not there else LIGHT.expansive if node[1] else BLUE
        ink = LIGHT.faint if not there else LIGHT.ink if node[1] else "#FFFFFF"
        dash = {} if there else {"stroke": LIGHT.line, "stroke_dasharray": "4 4"}
        parts.append(svg.circle(x, y, RADIUS, tint, **dash))
        parts.append(svg.text(x, y - 2, f"{node[0]},{node[1]}", 11, fill=ink))
        if there:
            parts.append(svg.text(x, y + 13, channels[node], 14, fill=ink, font_weight="bold"))
        if node in found["heads"]:
            parts.append(svg.text(x + RADIUS + 3, y + 5, "▸", 20, "start", LIGHT.last))
    bottom, x = TOP + DOWN * depth + RADIUS, 8.0
    for kind, words in WORDS.items():
        parts.append(svg.line(x, bottom + 34, x + 20, bottom + 34, COLOURS[kind]))
        parts.append(svg.text(x + 26, bottom + 38, words, 12, "start", LIGHT.faint))
        x += 42 + 6.6 * len(words)
    width = max(LEFT + 2 * ACROSS * depth + RADIUS + 24, 400)
    text = f"<p><b>{found['name']}</b></p><p>{found['said']}</p>"
    return svg_picture(width, bottom + 50, parts, found["said"], text)


def place(node: Node) -> tuple[float, float]:
    """The middle of a node: each level starts half a step further to the right.

    Examples
    --------
    >>> place((0, 1))[0] - place((0, 0))[0], place((1, 0))[0] - place((0, 0))[0]
    (124, 62)
    """
    level, column = node
    return LEFT + ACROSS * (level + 2 * column), TOP + DOWN * level


def curve(start: Node, end: Node, colour: str) -> str:
    """An edge: straight between neighbours, else a bow around the nodes that lie between."""
    (x1, y1), (x2, y2) = place(start), place(end)
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
    bow, length = (
        (0 if steps == 1 else 16 + 36 * steps),
        ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5,
    )
    side = -1 if start[0] > end[0] or x2 < x1 else 1  # ways up bow outwards
    x = (x1 + x2) / 2 + side * bow * (y2 - y1) / length
    y = (y1 + y2) / 2 - side * bow * (x2 - x1) / length
    (x1, y1), (x2, y2) = _rim(x1, y1, x, y), _rim(x2, y2, x, y)
    way = svg.path(f"M {x1:.1f} {y1:.1f} Q {x:.1f} {y:.1f} {x2:.1f} {y2:.1f}", stroke=colour,
                   stroke_width=2, class_="edge")  # fmt: skip
    far = ((x2 - x) ** 2 + (y2 - y) ** 2) ** 0.5 or 1
    dx, dy = (x2 - x) / far, (y2 - y) / far
    tip = [(x2, y2), (x2 - 9 * dx - 4.5 * dy, y2 - 9 * dy + 4.5 * dx),
           (x2 - 9 * dx + 4.5 * dy, y2 - 9 * dy - 4.5 * dx)]  # fmt: skip
    return way + svg.element(
        "polygon", points=" ".join(f"{a:.1f},{b:.1f}" for a, b in tip), fill=colour
    )


def _rim(x: float, y: float, to_x: float, to_y: float) -> tuple[float, float]:
    far = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5
    return x + RADIUS * (to_x - x) / far, y + RADIUS * (to_y - y) / far
