"""Lesson 16: a skip graph as in U-Net++'s figure 1, nodes by level and column."""

from __future__ import annotations

from unet_teach.config import Edge, Node
from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, paragraphs, spoken, svg_picture
from unet_teach.drawing.style import BLUE, LIGHT, PURPLE
from unet_teach.shapes import GraphTrace, edge_kind
from unet_teach.translation import _, _n

LEFT, TOP, RADIUS = 92, 92, 23
ACROSS, DOWN = 62, 92  # half the way between two nodes of a level; between two levels
COLOURS = {"down": LIGHT.pool, "up": LIGHT.up, "skip": LIGHT.skip}
KINDS = {"down": _("down"), "up": _("up"), "skip": _("skip")}
WORDS = {"down": _("down: max pooling"), "up": _("up: upsampling"), "skip": _("skip")}


def place(node: Node) -> tuple[float, float]:
    """The middle of a node: each level starts half a step further to the right.

    Examples
    --------
    >>> place((0, 1))[0] - place((0, 0))[0], place((1, 0))[0] - place((0, 0))[0]
    (124, 62)
    """
    level, column = node
    return LEFT + ACROSS * (level + 2 * column), TOP + DOWN * level


def said(node: Node) -> str:
    """A node's name in words without superscripts: "X0,2"."""
    return f"X{node[0]},{node[1]}"


def skip_graph_picture(
    traced: GraphTrace, chosen: Edge | None = None, name: str = "", plain: int = 0
) -> Picture:
    """Nodes with their channels, edges by kind, sizes by level, and the totals.

    Parameters
    ----------
    traced : GraphTrace
    chosen : the edge that the controls point at, there or not
    name : of the preset, in words
    plain : parameters of the plain U-Net to compare with; 0 leaves the comparison out

    Examples
    --------
    >>> from unet_teach.config import SkipGraph, UNetConfig
    >>> from unet_teach.shapes import trace_graph
    >>> config = UNetConfig(padding="same", base_channels=8, depth=2)
    >>> print(skip_graph_picture(trace_graph(config, SkipGraph.u_net(2), 64), name="U-Net"))
    U-Net, depth 2, 64² pixels. 5 of 6 nodes, 6 edges (2 down, 2 up, 2 skips), 1 output. ...
    """
    graph = traced.graph
    grid = [(i, j) for i in range(graph.depth + 1) for j in range(graph.depth - i + 1)]
    right, bottom = LEFT + 2 * ACROSS * graph.depth, TOP + DOWN * graph.depth
    parts = _levels(traced)
    parts += [_edge(facts.edge, COLOURS[facts.kind]) for facts in traced.edges]
    if chosen is not None:
        parts.append(_edge(chosen, PURPLE, 5, dash=_dashed(traced, chosen)))
    parts += [_node(traced, node, chosen) for node in grid]
    parts += _legend(bottom + RADIUS + 34)
    words = _described(traced, chosen, name, plain, len(grid))
    width = max(right + RADIUS + 20, 470)
    return svg_picture(width, bottom + RADIUS + 50, parts, spoken("", words), words)


def _dashed(traced: GraphTrace, chosen: Edge) -> str | None:
    """An edge that is not there, or that no output needs, is dashed."""
    return None if any(facts.edge == chosen for facts in traced.edges) else "6 6"


def _levels(traced: GraphTrace) -> list[str]:
    parts = []
    for level in range(traced.graph.depth + 1):
        y, side = TOP + DOWN * level, traced.size // 2**level
        words = f"{side}²"
        parts.append(svg.text(8, y + 5, words, 13, "start", LIGHT.faint))
    return parts


def _edge(edge: Edge, colour: str, width: float = 2, dash: str | None = None) -> str:
    """A line between neighbours; a bow where it would run through other nodes."""
    (x1, y1), (x2, y2) = place(edge[0]), place(edge[1])
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    if not length:  # from a node to itself
        d = f"M {x1 - 8} {y1 - RADIUS} C {x1 - 44} {y1 - 70} {x1 + 44} {y1 - 70} "
        d += f"{x1 + 8} {y1 - RADIUS}"
        return svg.path(d, stroke=colour, stroke_width=width, stroke_dasharray=dash)
    steps = max(abs(edge[1][0] - edge[0][0]), abs(edge[1][1] - edge[0][1]))
    bow = 0.0 if steps == 1 else 8 + 18 * steps
    across = ((y2 - y1) / length, -(x2 - x1) / length)  # to the left of the way
    if x2 < x1 or (y2 < y1 and x2 > x1):  # ways up bow outwards, to the right
        across = (-across[0], -across[1])
    middle = (x1 + x2) / 2 + 2 * bow * across[0], (y1 + y2) / 2 + 2 * bow * across[1]
    start, end = _rim((x1, y1), middle), _rim((x2, y2), middle)
    d = f"M {start[0]:.1f} {start[1]:.1f} Q {middle[0]:.1f} {middle[1]:.1f} "
    d += f"{end[0]:.1f} {end[1]:.1f}"
    title = f"{said(edge[0])} → {said(edge[1])}"
    curve = svg.path(
        d, stroke=colour, stroke_width=width, stroke_dasharray=dash, title=title,
        class_="edge",
    )  # fmt: skip
    return curve + _head(middle, end, colour, width)


def _rim(centre: tuple[float, float], towards: tuple[float, float]) -> tuple[float, float]:
    dx, dy = towards[0] - centre[0], towards[1] - centre[1]
    length = (dx**2 + dy**2) ** 0.5
    return centre[0] + RADIUS * dx / length, centre[1] + RADIUS * dy / length


def _head(
    before: tuple[float, float], tip: tuple[float, float], colour: str, width: float
) -> str:
    dx, dy = tip[0] - before[0], tip[1] - before[1]
    length = (dx**2 + dy**2) ** 0.5 or 1.0
    dx, dy, long = dx / length, dy / length, 6 + 1.5 * width
    points = [tip]
    for side in (1, -1):
        x, y = tip[0] - long * dx, tip[1] - long * dy
        points.append((x - side * dy * long * 0.5, y + side * dx * long * 0.5))
    shape = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return svg.element("polygon", points=shape, fill=colour)


def _node(traced: GraphTrace, node: Node, chosen: Edge | None) -> str:
    (x, y), facts = place(node), traced.node(node)
    label = f"{node[0]},{node[1]}"
    ring = {"stroke": PURPLE, "stroke_width": 4} if chosen and node in chosen else {}
    if facts is None:
        circle = svg.circle(
            x, y, RADIUS, LIGHT.paper,
            **({"stroke": LIGHT.line, "stroke_dasharray": "4 4"} | ring),
        )  # fmt: skip
        return circle + svg.text(x, y + 5, label, 12, fill=LIGHT.faint)
    tint = BLUE if node[1] == 0 else LIGHT.expansive  # white can be read on this blue
    title = f"{said(node)}: {facts.joined} → {facts.channels} × {facts.size}², "
    title += f"{facts.parameters:,}"
    ink = "#FFFFFF" if node[1] == 0 else LIGHT.ink
    parts = [
        svg.circle(x, y, RADIUS, tint, **({"stroke": LIGHT.paper} | ring), title=title),
        svg.text(x, y - 2, label, 11, fill=ink),
        svg.text(x, y + 13, facts.channels, 14, fill=ink, font_weight="bold"),
    ]
    if node in traced.graph.heads:
        parts.append(svg.text(x + RADIUS + 3, y + 5, "▸", 20, "start", LIGHT.last))
    return svg.group(parts)


def _legend(y: float) -> list[str]:
    parts, x = [], 8.0
    for kind, words in WORDS.items():
        parts.append(svg.line(x, y, x + 20, y, COLOURS[kind], stroke_width=3))
        parts.append(svg.text(x + 26, y + 4, words, 12, "start", LIGHT.faint))
        x += 42 + 6.6 * len(words)
    parts.append(svg.text(x, y + 5, "▸", 17, "start", LIGHT.last))
    parts.append(svg.text(x + 14, y + 4, _("output"), 12, "start", LIGHT.faint))
    return parts


def _described(
    traced: GraphTrace, chosen: Edge | None, name: str, plain: int, all_nodes: int
) -> str:
    """What the graph is, what it costs, and what the chosen edge does."""
    graph, kinds = traced.graph, [facts.kind for facts in traced.edges]
    head = _("<b>{name}</b>, depth {depth}, {size}² pixels.").format(
        name=svg.escape(name or _("skip graph")), depth=graph.depth, size=traced.size
    )
    counted = _n(
        "{nodes} of {all} nodes, {edges} edges ({down} down, {up} up, {skip} skips), {n} "
        "output.",
        "{nodes} of {all} nodes, {edges} edges ({down} down, {up} up, {skip} skips), {n} "
        "outputs.",
        len(graph.heads), nodes=len(traced.nodes), all=all_nodes, edges=len(kinds),
        **{kind: kinds.count(kind) for kind in COLOURS},
    )  # fmt: skip
    giga = traced.operations / 1e9
    shown = f"{giga:.1f}" if giga >= 1 else f"{giga:.2g}"  # not "0.0" of a small network
    total = _("{p:,} parameters, {o} GFLOP.")
    if plain:
        total = _("{p:,} parameters, {o} GFLOP: × {ratio:.2f} of U-Net's parameters.")
    total = total.format(p=traced.parameters, o=shown, ratio=traced.parameters / (plain or 1))
    line = _selected(traced, chosen) if chosen is not None else ""
    return paragraphs(
        head, counted, total, line and f'<span style="color:#8F3F74">{line}</span>'
    )


def _selected(traced: GraphTrace, chosen: Edge) -> str:
    """What the chosen edge does, and what its end takes in all."""
    start, end = said(chosen[0]), said(chosen[1])
    facts = next((facts for facts in traced.edges if facts.edge == chosen), None)
    if facts is None:
        there = chosen in traced.graph.edges
        none = _("{start} → {end} is there, and no output needs it.") if there else (
            _("There is no edge {start} → {end}."))  # fmt: skip
        line = none.format(start=start, end=end)
    else:
        line = _n(
            "{start} → {end} ({kind}) brings {n} channel.",
            "{start} → {end} ({kind}) brings {n} channels.",
            facts.channels, start=start, end=end, kind=KINDS[edge_kind(chosen)],
        )  # fmt: skip
    node = traced.node(chosen[1])
    if node is not None:
        line += " " + _("Channels at {end}: {joined} in, {n} out.").format(
            end=end, joined=node.joined, n=node.channels
        )
    return line
