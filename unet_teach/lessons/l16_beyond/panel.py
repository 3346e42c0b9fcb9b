"""Lesson 16: U-Net, U-Net++ and UNet 3+ as one graph, its edges to switch on and off."""

from __future__ import annotations

from dataclasses import replace

from unet_teach.config import Edge, Node, SkipGraph, UNetConfig
from unet_teach.drawing.picture import Picture
from unet_teach.lessons.l16_beyond.picture import said, skip_graph_picture
from unet_teach.panel import Impossible, Panel, choice, slider, toggle
from unet_teach.shapes import GraphTrace, IllegalSize, trace_graph
from unet_teach.translation import _

PRESETS = {
    "u_net": "U-Net", "unet_plus_plus": "U-Net++", "unet_3plus": "UNet 3+",
}  # fmt: skip


def preset_graph(preset: str, depth: int, deep: bool) -> SkipGraph:
    """A preset; with deep supervision U-Net gets an output on each expansive node.

    Examples
    --------
    >>> preset_graph("u_net", 2, True).heads
    ((1, 1), (0, 2))
    """
    if preset != "u_net":
        return getattr(SkipGraph, preset)(depth, deep)
    graph = SkipGraph.u_net(depth)
    heads = tuple((i, depth - i) for i in reversed(range(depth)))
    return replace(graph, heads=heads) if deep else graph


class _Edits:
    """Which edges differ from the preset, and controls that follow from one another."""

    def __init__(self, controls: dict) -> None:
        self.controls, self.switched, self.quiet = controls, set(), False
        self.base_edges: set[Edge] = set()
        for name in ("preset", "depth"):
            controls[name].observe(lambda change: self.start_anew(), names="value")
        for name in ("start", "end"):
            controls[name].observe(lambda change: self.follow(), names="value")
        controls["there"].observe(lambda change: self.flip(), names="value")
        self.start_anew()

    @property
    def chosen(self) -> Edge:
        return self.controls["start"].value, self.controls["end"].value

    @property
    def edges(self) -> set[Edge]:
        return self.base_edges ^ self.switched

    def start_anew(self, *_panel: Panel) -> None:
        """The preset as it is; the nodes that this depth has."""
        depth = self.controls["depth"].value
        nodes = _nodes(depth)
        self.quiet, self.switched = True, set()
        preset = self.controls["preset"].value
        self.base_edges = set(preset_graph(preset, depth, False).edges)
        for name, value in (("start", (0, 0)), ("end", (0, depth))):
            if self.controls[name].options != nodes:
                self.controls[name].options = nodes
                self.controls[name].value = value
        self.follow()

    def follow(self) -> None:
        """The box says whether the chosen edge is there."""
        self.quiet = True
        self.controls["there"].value = self.chosen in self.edges
        self.quiet = False

    def flip(self) -> None:
        if not self.quiet:
            self.switched ^= {self.chosen}


def _nodes(depth: int) -> tuple[tuple[str, Node], ...]:
    return tuple((said((i, j)), (i, j)) for j in range(depth + 1) for i in range(depth - j + 1))


def _mended_by(graph: SkipGraph, edges: set[Edge], chosen: Edge) -> bool:
    """Would the other setting of the box make a graph that works?"""
    try:
        replace(graph, edges=tuple(edges ^ {chosen}))
    except ValueError:
        return False
    return True


def _traced(graph: SkipGraph, base: int, size: int) -> GraphTrace:
    config = UNetConfig(padding="same", base_channels=base, depth=graph.depth)
    try:
        return trace_graph(config, graph, size)
    except IllegalSize as illegal:
        offers = {"size": [n for n in illegal.nearest if 16 <= n <= 512]}
        raise Impossible("size", str(illegal), offers) from None


def skip_graph() -> Panel:
    """Which map goes where: sizes, channels and parameters follow from the edges.

    Examples
    --------
    >>> panel = skip_graph()
    >>> panel.set(preset="u_net", depth=3, start=(0, 0), end=(0, 3))
    >>> panel.values["there"]
    True
    >>> panel.set(there=False)
    >>> panel.picture.alt[:60]
    'U-Net, edited, depth 3, 256² pixels. 7 of 10 nodes, 8 edges '
    """
    nodes = _nodes(3)
    controls = {
        "preset": choice(_("start from"), [(words, name) for name, words in PRESETS.items()],
                         "unet_plus_plus"),
        "depth": slider(_("depth"), 3, 2, 4),
        "deep": toggle(_("deep supervision: several outputs"), False),
        "size": slider(_("input, pixels a side"), 256, 16, 512, 8),
        "base": choice(_("channels at the top"), [8, 16, 32, 64], 32),
        "start": choice(_("edge from"), nodes, (0, 0)),
        "end": choice(_("edge to"), nodes, (0, 3)),
        "there": toggle(_("this edge is there"), True),
    }  # fmt: skip
    edits = _Edits(controls)  # before the panel: its observers are to be called first

    def draw(preset: str, depth: int, deep: bool, size: int, base: int, **_edge) -> Picture:
        unedited = preset_graph(preset, depth, deep)
        edges, chosen = edits.edges, edits.chosen
        try:
            graph = replace(unedited, edges=tuple(edges))
        except ValueError as error:
            mended = _mended_by(unedited, edges, chosen)
            offers = {"there": [chosen not in edges]} if mended else {}
            raise Impossible("there", str(error), offers) from None
        plain = _traced(SkipGraph.u_net(depth), base, size).parameters
        name = PRESETS[preset]
        if edits.switched:
            name = _("{name}, edited").format(name=name)
        return skip_graph_picture(_traced(graph, base, size), chosen, name, plain)

    def undo(panel: Panel) -> None:
        edits.start_anew()
        panel.redraw()

    return Panel(_("Which map goes where"), controls, draw, {_("undo all edits"): undo})
