"""What a network is, before any of it is built: frozen dataclasses, no torch.

Ronneberger, Fischer and Brox, "U-Net: Convolutional Networks for Biomedical
Image Segmentation", MICCAI 2015, is "the paper" everywhere in this project.
The defaults below are its network; every field is one decision that a lesson
takes apart.
"""

from __future__ import annotations

import contextlib
import math
import numbers
import operator
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import TypeVar

T = TypeVar("T")

# The valid values of every field that is a choice. The paper's choice comes first.
CHOICES = {
    "padding": ("valid", "same"),
    "merge": ("concat", "add", "none"),
    "upsample": ("transposed", "nearest", "bilinear", "pixel_shuffle"),
    "align": ("crop", "pad"),
}


def whole(name: str, value: object, least: int | None = None, most: int | None = None) -> int:
    """``value`` as an int from ``least`` to ``most``: the one rule for whole numbers here.

    Whatever Python takes as an index is a whole number: int, NumPy's integers, integer tensors
    of one element. True and False are not, and neither is a float, even 4.0: a size that came
    out of a division is a mistake that this course is there to show.

    Raises
    ------
    ValueError
        No whole number, or one outside of the range.

    Examples
    --------
    >>> whole("depth", 4.0, 1)
    Traceback (most recent call last):
        ...
    ValueError: depth is 4.0; it must be a whole number, 1 or more: write 4
    """
    low, high = (-math.inf if least is None else least), (math.inf if most is None else most)
    fix = ""
    if not str(getattr(value, "dtype", type(value).__name__)).endswith("bool"):
        with contextlib.suppress(TypeError):
            if low <= operator.index(value) <= high:
                return operator.index(value)
        if isinstance(value, numbers.Real) and value % 1 == 0 and low <= value <= high:
            fix = f": write {int(value)}"
    valid = (
        ""
        if least is None
        else f", {least} or more"
        if most is None
        else f", {least} to {most}"
    )
    raise ValueError(f"{name} is {value!r}; it must be a whole number{valid}{fix}")


def one_of(name: str, value: T, valid: Iterable[T]) -> T:
    """``value``, if it is one of the ``valid`` ones: the one rule for choices here.

    Raises
    ------
    ValueError
        It is none of them; lists them all.

    Examples
    --------
    >>> one_of("padding", "full", ("valid", "same"))
    Traceback (most recent call last):
        ...
    ValueError: padding is 'full'; valid values: 'valid', 'same'
    """
    valid = tuple(valid)
    if value not in valid:
        listed = ", ".join(map(repr, valid))
        raise ValueError(f"{name} is {value!r}; valid values: {listed}")
    return value


def refuse_unknown(kind: type, values: dict, what: str) -> None:
    """Refuse, by name, a value that is no field of this dataclass; lists the fields."""
    known = [field.name for field in fields(kind)]
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise ValueError(f"unknown {what} {unknown[0]!r}; valid {what}s: {', '.join(known)}")


@dataclass(frozen=True)
class UNetConfig:
    """Everything that tells one U-Net from another.

    Examples
    --------
    >>> UNetConfig().channels
    (64, 128, 256, 512, 1024)
    >>> UNetConfig(padding="full")
    Traceback (most recent call last):
        ...
    ValueError: padding is 'full'; valid values: 'valid', 'same'
    """

    in_channels: int = 1  # 1 for grey micrographs, 3 for colour
    out_channels: int = 2  # maps of logits: one for each class, or one alone, see `classes`
    base_channels: int = 64  # channels of the first level; each level below has twice as many
    depth: int = 4  # number of poolings
    padding: str = "valid"  # 3×3 convolutions: "valid" loses a pixel a side, "same" pads zeros
    merge: str = "concat"  # how a skip joins the map from below: "concat", "add" or "none"
    upsample: str = "transposed"  # "transposed", "nearest", "bilinear" or "pixel_shuffle"
    align: str = "crop"  # where sizes differ: "crop" the skip, or zero-"pad" the map from below
    batch_norm: bool = False  # after each 3×3 convolution, before its ReLU
    dropout: float = 0.0  # probability, at the end of the contracting path

    def __post_init__(self) -> None:
        for name, valid in CHOICES.items():
            one_of(name, getattr(self, name), valid)
        for name in ("in_channels", "out_channels", "base_channels", "depth"):
            object.__setattr__(self, name, whole(name, getattr(self, name), 1))
        if not isinstance(self.batch_norm, bool):
            raise ValueError(f"batch_norm is {self.batch_norm!r}; it must be True or False")
        if not isinstance(self.dropout, numbers.Real) or not 0 <= self.dropout < 1:
            raise ValueError(f"dropout is {self.dropout!r}; it must be at least 0 and below 1")
        object.__setattr__(self, "dropout", float(self.dropout))

    @property
    def classes(self) -> int:
        """How many classes the logits tell apart: as many as there are maps, and never below 2.

        One map alone is the logit of class 1, against a logit of 0 for class 0: its sigmoid is
        the probability of class 1.
        """
        return max(2, self.out_channels)

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels of each level, from the top to the bottom of the U."""
        return tuple(self.base_channels * 2**level for level in range(self.depth + 1))

    @classmethod
    def from_dict(cls, values: dict) -> UNetConfig:
        """The inverse of ``dataclasses.asdict``; unknown names are refused by name."""
        refuse_unknown(cls, values, "setting")
        return cls(**values)


Node = tuple[int, int]  # (level, column): level 0 is the top, column 0 the contracting path
Edge = tuple[Node, Node]  # (from, to)


@dataclass(frozen=True)
class SkipGraph:
    """Which map goes into which: a U-Net as a graph, to be edited one edge at a time.

    A node (level, column) is a block of convolutions; its map has 1/2**level of the
    input's side. Column 0 is the contracting path and (0, 0) takes the image. An
    edge between levels goes down by max pooling or up by upsampling; an edge
    within a level is a skip. Nodes are named as in U-Net++ (Zhou et al. 2018,
    figure 1: X^{level, column}), so the expansive path of a plain U-Net is
    (depth - 1, 1), (depth - 2, 2), …, (0, depth).

    Parameters
    ----------
    depth
        Number of poolings: levels 0 … depth, columns 0 … depth - level.
    edges
        Pairs (from, to). They are kept sorted, which is also the order in which a
        node concatenates its inputs.
    heads
        Nodes that give logits, the output last. () means ((0, depth),). With more
        than one the network is trained with deep supervision.
    projected
        UNet 3+ brings each input of an expansive node to ``base_channels`` by a 3×3
        convolution before it concatenates them (Huang et al. 2020, section 2.1).

    Raises
    ------
    ValueError
        A node outside the grid, a cycle, or a head that the image cannot reach.

    Examples
    --------
    >>> graph = SkipGraph.u_net(2)
    >>> graph.inputs((0, 2))
    ((0, 0), (1, 1))
    >>> graph.remove((0, 0), (0, 2)).inputs((0, 2))  # without the topmost skip
    ((1, 1),)
    >>> len(graph.edges), len(SkipGraph.unet_plus_plus(2).edges)
    (6, 9)
    """

    depth: int
    edges: tuple[Edge, ...]
    heads: tuple[Node, ...] = ()
    projected: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", whole("depth", self.depth, 1))
        edges = sorted({(_node(start), _node(end)) for start, end in self.edges})
        heads = tuple(map(_node, self.heads)) or ((0, self.depth),)
        object.__setattr__(self, "edges", tuple(edges))
        object.__setattr__(self, "heads", heads)
        nodes = (*(node for edge in edges for node in edge), *heads)
        for node in nodes:
            self._check_node(node)
        self._inputs_first(nodes)  # refuses a cycle, also one that no head needs
        for node in self.order:
            if node != (0, 0) and not self.inputs(node):
                raise ValueError(
                    f"output {heads[-1]} needs node {node}, and no edge leads into {node}; "
                    f"add one, or first remove the edges out of it"
                )

    def _check_node(self, node: Node) -> None:
        level, column = node
        if not (0 <= level <= self.depth and 0 <= column <= self.depth - level):
            raise ValueError(
                f"unknown node {node} at depth {self.depth}; valid nodes (level, column): "
                f"level 0 … {self.depth}, column 0 … {self.depth} - level"
            )

    def inputs(self, node: Node) -> tuple[Node, ...]:
        """The nodes whose maps go into `node`, in the order of concatenation."""
        return tuple(start for start, end in self.edges if end == node)

    @property
    def order(self) -> tuple[Node, ...]:
        """The nodes that the heads need, each after its inputs."""
        return self._inputs_first(self.heads)

    def _inputs_first(self, wanted: tuple[Node, ...]) -> tuple[Node, ...]:
        """`wanted` and all that they need, in topological order (depth-first search)."""
        done: list[Node] = []
        path: list[Node] = []

        def visit(node: Node) -> None:
            if node in path:
                cycle = " → ".join(map(str, reversed([*path[path.index(node) :], node])))
                raise ValueError(f"cycle in the graph: {cycle}; remove one of these edges")
            if node in done:
                return
            path.append(node)
            for start in self.inputs(node):
                visit(start)
            done.append(path.pop())

        for node in wanted:
            visit(node)
        return tuple(done)

    def add(self, start: Node, end: Node) -> SkipGraph:
        """A new graph with one more edge."""
        if (start, end) in self.edges:
            raise ValueError(f"edge {start} → {end} is there already")
        return replace(self, edges=(*self.edges, (start, end)))

    def remove(self, start: Node, end: Node) -> SkipGraph:
        """A new graph with one edge less."""
        if (start, end) not in self.edges:
            into = ", ".join(map(str, self.inputs(end))) or "none"
            raise ValueError(f"no edge {start} → {end}; edges into {end} come from: {into}")
        return replace(self, edges=tuple(e for e in self.edges if e != (start, end)))

    @classmethod
    def u_net(cls, depth: int = 4) -> SkipGraph:
        """Ronneberger et al. 2015: one skip a level, one path down, one path up."""
        skips = [((level, 0), (level, depth - level)) for level in range(depth)]
        ups = [((i + 1, depth - i - 1), (i, depth - i)) for i in range(depth)]
        return cls(depth, (*_contracting_path(depth), *skips, *ups))

    @classmethod
    def unet_plus_plus(cls, depth: int = 4, deep_supervision: bool = False) -> SkipGraph:
        """Zhou et al. 2018: X^{i,j} takes X^{i,0} … X^{i,j-1} and, from below, X^{i+1,j-1}."""
        nested = [(i, j) for j in range(1, depth + 1) for i in range(depth - j + 1)]
        skips = [((i, k), (i, j)) for i, j in nested for k in range(j)]
        ups = [((i + 1, j - 1), (i, j)) for i, j in nested]
        heads = [(0, j) for j in range(1 if deep_supervision else depth, depth + 1)]
        return cls(depth, (*_contracting_path(depth), *skips, *ups), tuple(heads))

    @classmethod
    def unet_3plus(cls, depth: int = 4, deep_supervision: bool = False) -> SkipGraph:
        """Huang et al. 2020: an expansive node sees every scale once.

        It takes the contracting path down to its own level, and every expansive node below.
        """
        expansive = [(i, depth - i) for i in range(depth)]
        full_scale = [((k, 0), (i, j)) for i, j in expansive for k in range(i + 1)]
        full_scale += [
            ((k, depth - k), (i, j)) for i, j in expansive for k in range(i + 1, depth + 1)
        ]
        heads = [(i, depth - i) for i in reversed(range(depth + 1 if deep_supervision else 1))]
        return cls(
            depth, (*_contracting_path(depth), *full_scale), tuple(heads), projected=True
        )


def _node(pair: Node) -> Node:
    level, column = pair
    return whole("level", level), whole("column", column)


def _contracting_path(depth: int) -> list[Edge]:
    return [((level, 0), (level + 1, 0)) for level in range(depth)]
