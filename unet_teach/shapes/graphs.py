"""A skip graph followed without building it: sizes, channels, parameters, operations.

What `tracing` is for the U, this is for U-Net++, UNet 3+ and whatever an edited `SkipGraph`
says. Lesson 16 draws it; ``models.nested`` builds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from unet_teach.config import Edge, Node, SkipGraph, UNetConfig, whole
from unet_teach.shapes.sizes import output_size


@dataclass(frozen=True)
class GraphEdge:
    """One edge, with what it does to the map that it carries."""

    edge: Edge  # (from, to)
    kind: str  # "down", "up" or "skip"
    channels: int  # that it delivers
    parameters: int
    operations: int


@dataclass(frozen=True)
class GraphNode:
    """One block of convolutions and the map that it gives, for one square image."""

    node: Node  # (level, column)
    size: int  # pixels of one side
    joined: int  # channels that come in, all inputs side by side
    channels: int  # of its map
    parameters: int  # of its convolutions alone; the edges into it are counted apart
    operations: int


@dataclass(frozen=True)
class GraphTrace:
    """A skip graph at one input size: every node and edge that the heads need."""

    graph: SkipGraph
    config: UNetConfig
    size: int
    nodes: tuple[GraphNode, ...]  # each after its inputs
    edges: tuple[GraphEdge, ...]
    head_parameters: int
    head_operations: int

    @property
    def parameters(self) -> int:
        """Numbers that training changes."""
        return self.head_parameters + sum(p.parameters for p in (*self.nodes, *self.edges))

    @property
    def operations(self) -> int:
        """Operations of all convolutions on one image, a multiply-add counted as 2."""
        return self.head_operations + sum(p.operations for p in (*self.nodes, *self.edges))

    def node(self, node: Node) -> GraphNode | None:
        """The facts of one node; None where no head needs it."""
        return next((found for found in self.nodes if found.node == node), None)


def edge_kind(edge: Edge) -> str:
    """Down the levels by pooling, up by upsampling, or a skip within one level.

    Examples
    --------
    >>> edge_kind(((0, 0), (1, 0))), edge_kind(((1, 0), (0, 1))), edge_kind(((0, 0), (0, 1)))
    ('down', 'up', 'skip')
    """
    start, end = edge[0][0], edge[1][0]
    return "down" if start < end else "up" if start > end else "skip"


def trace_graph(config: UNetConfig, graph: SkipGraph, size: int) -> GraphTrace:
    """Follow one square image through a skip graph, without building the network.

    Parameters
    ----------
    config : UNetConfig
        With same padding and of the graph's depth, as `NestedUNet` wants it.
    graph : SkipGraph
    size : int
        Pixels of one side of the input.

    Raises
    ------
    ValueError
        Another padding than "same", another merge than "concat", or another depth.
    IllegalSize
        A pooling would drop a pixel.

    Examples
    --------
    >>> config = UNetConfig(padding="same")
    >>> plain = trace_graph(config, SkipGraph.u_net(4), 512)
    >>> plain.parameters, f"{plain.operations / 1e9:.1f} GFLOP"
    (31030658, '384.8 GFLOP')
    >>> trace_graph(config, SkipGraph.unet_plus_plus(4), 512).parameters
    36156866
    """
    if config.padding != "same" or config.merge != "concat" or config.depth != graph.depth:
        raise ValueError(
            f"padding is {config.padding!r}, merge {config.merge!r}, depth {config.depth}; a "
            f"skip graph of depth {graph.depth} needs 'same', 'concat' and that depth"
        )
    output_size(config, size)  # raises IllegalSize
    return _trace_graph(config, graph, whole("input size", size))


@lru_cache(maxsize=256)
def _trace_graph(config: UNetConfig, graph: SkipGraph, size: int) -> GraphTrace:
    nodes, edges = [], []
    for node in graph.order:
        incoming = [_edge(config, graph, (start, node), size) for start in graph.inputs(node)]
        joined = sum(edge.channels for edge in incoming) or config.in_channels
        nodes.append(_node(config, graph, node, joined, size))
        edges += incoming
    k = 3 if graph.projected else 1
    weights = {head: k * k * _width(config, graph, head) for head in graph.heads}
    classes = config.out_channels
    parameters = sum((w + 1) * classes for w in weights.values())
    operations = sum(2 * w * classes * _side(size, head) ** 2 for head, w in weights.items())
    return GraphTrace(graph, config, size, tuple(nodes), tuple(edges), parameters, operations)


def _side(size: int, node: Node) -> int:
    return size // 2 ** node[0]


def _width(config: UNetConfig, graph: SkipGraph, node: Node) -> int:
    """Channels of a node's map; UNet 3+ gives all its expansive nodes alike."""
    if graph.projected and node[1] > 0:
        return config.base_channels * (graph.depth + 1)
    return config.channels[node[0]]


def _conv(config: UNetConfig, before: int, after: int, side: int) -> tuple[int, int]:
    """Parameters and operations of a 3×3 convolution; batch norm stands for the bias."""
    weights = 9 * before * after
    return weights + after * (2 if config.batch_norm else 1), 2 * weights * side**2


def _node(
    config: UNetConfig, graph: SkipGraph, node: Node, joined: int, size: int
) -> GraphNode:
    width, side = _width(config, graph, node), _side(size, node)
    costs = [_conv(config, joined, width, side)]
    if not (graph.projected and node[1] > 0):  # a DoubleConv has a second one
        costs.append(_conv(config, width, width, side))
    return GraphNode(node, side, joined, width, *map(sum, zip(*costs, strict=True)))


def _edge(config: UNetConfig, graph: SkipGraph, edge: Edge, size: int) -> GraphEdge:
    start, end = edge
    width, kind = _width(config, graph, start), edge_kind(edge)
    if graph.projected and end[1] > 0:  # brought to the base channels at the end's size
        cost = _conv(config, width, config.base_channels, _side(size, end))
        return GraphEdge(edge, kind, config.base_channels, *cost)
    parameters = operations = 0
    for level in range(start[0], end[0], -1):  # up: half the channels at each doubling
        maps = width // 2 * (4 if config.upsample == "pixel_shuffle" else 1)
        weights = width * maps * (4 if config.upsample == "transposed" else 1)
        parameters += weights + maps
        operations += 2 * weights * _side(size, (level, 0)) ** 2
        width //= 2
    return GraphEdge(edge, kind, width, parameters, operations)
