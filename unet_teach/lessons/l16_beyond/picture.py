"""Lesson 16: three networks side by side, and a skip graph for a page without JavaScript."""

from __future__ import annotations

from typing import Any

from unet_teach.config import Node
from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, svg_picture
from unet_teach.drawing.style import BLUE, LIGHT
from unet_teach.lessons.l16_beyond.measure import FIRST, NETWORKS, answer, grid
from unet_teach.translation import _

LEFT, TOP, RADIUS = 92, 92, 23
ACROSS, DOWN = 62, 92  # half the way between two nodes of a level; between two levels
WIDE = 300  # of one network of three
COLOURS = {"down": LIGHT.pool, "up": LIGHT.up, "skip": LIGHT.skip}
WORDS = {
    "down": _("down: by max pooling"), "up": _("up: by upsampling"),
    "skip": _("skip on one level"),
}  # fmt: skip


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
    bottom = TOP + DOWN * depth + RADIUS
    parts += _legend(8, bottom + 34)
    width = max(LEFT + 2 * ACROSS * depth + RADIUS + 24, 400)
    text = f"<p><b>{found['name']}</b></p><p>{found['said']}</p>"
    return svg_picture(width, bottom + 50, parts, found["said"], text)


def three_networks(priced: bool = False) -> Picture:
    """U-Net, U-Net++ and UNet 3+ of the papers' size as graphs, their nodes at equal places.

    Parameters
    ----------
    priced : below each graph, its parameters and its work as multiples of U-Net's

    Examples
    --------
    >>> three_networks(priced=True).alt[-61:]
    "Outputs: 1. × 0.87 of U-Net's parameters, × 4.11 of its work."
    """
    parts, said = [], []
    for left, kind in zip((0, WIDE, 2 * WIDE), NETWORKS, strict=True):
        found = answer(FIRST | {"kind": kind, "depth": 4, "base": 64})
        there, graph = {node["node"] for node in found["nodes"]}, []
        empty = {"stroke": LIGHT.line, "stroke_width": 2, "stroke_dasharray": "6 6"}
        for node in sorted(set(grid(4)) - there):
            graph.append(svg.circle(*place(node), RADIUS, LIGHT.paper, **empty))
        for facts in found["edges"]:
            a, b, c, d = facts["edge"]
            graph.append(curve((a, b), (c, d), COLOURS[facts["kind"]], 3.2))
        for node in sorted(there):
            hue = LIGHT.expansive if node[1] else BLUE
            graph.append(svg.circle(*place(node), RADIUS, hue))
        moved = f"translate({left - 30} 34) scale(0.5)"
        parts.append(svg.text(left + WIDE / 2, 24, found["name"], 18, font_weight="bold"))
        parts.append(svg.group(graph, transform=moved))
        words = _("{name}: {counted}").format(**found)
        if priced:
            times = zip((_("parameters"), _("work")), found["times"], strict=True)
            for row, (what, n) in enumerate(times):
                parts += _price(left + 22, 292 + 46 * row, what, n)
            words += _(" × {a:.2f} of U-Net's parameters, × {b:.2f} of its work.").format(
                a=found["times"][0], b=found["times"][1])  # fmt: skip
        said.append(words)
    bottom = 300 + 88 * priced
    parts += _legend(22, bottom, 5)
    return svg_picture(3 * WIDE, bottom + 14, parts, " ".join(said))


def _price(x: float, y: float, what: str, times: float) -> list[str]:
    """A bar as long as this multiple of U-Net's, above it the multiple in words."""
    words = _("× {times:.2f} {what}").format(times=times, what=what)
    return [
        svg.text(x, y + 12, words, 15, "start", font_weight="bold"),
        svg.rect(x, y + 19, 62 * times, 12, LIGHT.ink),
    ]


def _legend(x: float, y: float, thick: float = 2) -> list[str]:
    """What each colour of an edge means, in a row."""
    parts = []
    for kind, words in WORDS.items():
        parts.append(svg.line(x, y, x + 20, y, COLOURS[kind], stroke_width=thick))
        parts.append(svg.text(x + 26, y + 4, words, 12, "start", LIGHT.faint))
        x += 42 + 6.6 * len(words)
    return parts


def place(node: Node) -> tuple[float, float]:
    """The middle of a node: each level starts half a step further to the right.

    Examples
    --------
    >>> place((0, 1))[0] - place((0, 0))[0], place((1, 0))[0] - place((0, 0))[0]
    (124, 62)
    """
    level, column = node
    return LEFT + ACROSS * (level + 2 * column), TOP + DOWN * level


def curve(start: Node, end: Node, colour: str, width: float = 2) -> str:
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
                   stroke_width=width, class_="edge")  # fmt: skip
    far = ((x2 - x) ** 2 + (y2 - y) ** 2) ** 0.5 or 1
    dx, dy = 2.25 * width * (x2 - x) / far, 2.25 * width * (y2 - y) / far
    tip = [(x2, y2), (x2 - 2 * dx - dy, y2 - 2 * dy + dx),
           (x2 - 2 * dx + dy, y2 - 2 * dy - dx)]  # fmt: skip
    return way + svg.element(
        "polygon", points=" ".join(f"{a:.1f},{b:.1f}" for a, b in tip), fill=colour
    )


def _rim(x: float, y: float, to_x: float, to_y: float) -> tuple[float, float]:
    far = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5
    return x + RADIUS * (to_x - x) / far, y + RADIUS * (to_y - y) / far
