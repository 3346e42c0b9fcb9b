"""Lesson 16: parameters from a graph, the input of a dense node, a folder of one's own."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from unet_teach.config import SkipGraph, UNetConfig
from unet_teach.data.folder import load_folder
from unet_teach.drawing import png
from unet_teach.exercises.agreement import agree, array, as_array, close, plain
from unet_teach.exercises.cases import larger, noise, smaller, strided
from unet_teach.exercises.exercise import Exercise, Mistake, Symptom, Told
from unet_teach.models.nested import NestedUNet
from unet_teach.translation import _


# ------------------------------------------------------------ easy: parameters of one node
def node_parameters(graph, node, base):
    width = base * 2 ** node[0]
    joined, count = 0, 0
    for level, _column in graph.inputs(node):
        if level > node[0]:  # from below, over an up-convolution
            count += 2 * 2 * (2 * width) * width + width
        joined += width // 2 if level < node[0] else width  # from above, over a pooling
    joined = joined or 1  # the image is grey
    return count + 9 * joined * width + width + 9 * width * width + width


def nodes_of_graphs(rng: random.Random) -> Iterator[tuple]:
    """(graph, node, base): U-Nets and U-Net++, some with an edge more or less."""
    u, dense, deep = (
        SkipGraph.u_net(2),
        SkipGraph.unet_plus_plus(2),
        SkipGraph.unet_plus_plus(3),
    )
    yield u, (0, 2), 4
    yield from ((u, node, 4) for node in ((0, 0), (1, 0), (2, 0), (1, 1)))
    yield from ((dense, node, 3) for node in ((0, 0), (0, 1), (1, 1), (0, 2)))
    yield from ((deep, node, 2) for node in ((3, 0), (2, 1), (1, 2), (0, 3)))
    yield SkipGraph.u_net(4), (4, 0), 64
    yield SkipGraph.u_net(4), (3, 1), 64
    yield SkipGraph.u_net(1), (0, 1), 64
    yield SkipGraph.u_net(1), (0, 0), 2
    yield dense, (0, 2), 1
    yield u.remove((0, 0), (0, 2)), (0, 2), 4  # from below only
    yield u.remove((1, 0), (1, 1)), (1, 1), 2
    yield dense.remove((0, 0), (0, 2)), (0, 2), 4
    yield deep.remove((1, 0), (1, 2)), (1, 2), 2
    yield dense.remove((2, 0), (1, 1)), (1, 1), 4  # a skip only
    yield deep.remove((2, 1), (1, 2)), (1, 2), 1
    yield dense.add((0, 1), (1, 1)), (1, 1), 4  # pooled, and not in column 0
    yield deep.add((0, 2), (1, 2)), (1, 2), 2
    yield dense.add((1, 0), (0, 2)), (0, 2), 4  # twice from below
    yield deep.add((1, 0), (0, 3)).add((1, 1), (0, 3)), (0, 3), 2
    while True:
        preset = rng.choice([SkipGraph.u_net, SkipGraph.unet_plus_plus])
        graph = preset(rng.randint(1, 3))
        if rng.random() < 0.5:
            skips = [(start, end) for start, end in graph.edges if start[0] == end[0]]
            graph = graph.remove(*rng.choice(skips))
        yield graph, rng.choice(graph.order), rng.choice([2, 4])


def _shown_node(graph, node, base):
    """The part of the graph that counts, in place of all its edges."""
    return f"node {node}, base {base}, graph.inputs({node}) = {graph.inputs(node)}"


def _built(graph, node, base):
    """The specification: build the network, count what belongs to the node."""
    config = UNetConfig(padding="same", base_channels=base, depth=graph.depth)
    name = f"{node[0]}_{node[1]}"
    return sum(
        parameter.numel()
        for key, parameter in NestedUNet(config, graph).named_parameters()
        if key.startswith(f"nodes.{name}.")
        or (key.startswith("edges.") and key.split(".")[1].endswith(f"__{name}"))
    )


def _counted(
    graph, node, base, width=None, inputs=None, bias=1, up_bias=1, ups=1, up=8, from_below=1,
    pooled=0.5, joins=True, second=True, second_bias=1, image=1, kernel=9,
):  # fmt: skip
    """The reference with one part exchanged."""
    width = base * 2 ** node[0] if width is None else width(base, node[0])
    delivered, count = [], 0
    for level, _column in graph.inputs(node) if inputs is None else inputs(graph, node):
        if level > node[0]:
            delivered.append(from_below * width)
            count += ups * (up * width * width + bias * up_bias * width)
        else:
            delivered.append(width if level == node[0] else int(pooled * width))
    joined = (sum(delivered) if joins is True else joins(width, delivered)) or image
    count += kernel * joined * width + bias * width
    again = kernel * (width if second is True else joined) * width + bias * second_bias * width
    return count + (again if second else 0)


def _one_skip(graph, node):
    """The inputs without all skips but the first."""
    inputs = graph.inputs(node)
    skips = [start for start in inputs if start[0] == node[0]]
    return [start for start in inputs if start not in skips[1:]]


def _of_its_place(graph, node):
    """What U-Net++ would join, whatever the graph says."""
    (i, j), dense = node, SkipGraph.unet_plus_plus(graph.depth)
    return dense.inputs((i, j))


def _otherwise(**changes: Any) -> Callable:
    return lambda graph, node, base: _counted(graph, node, base, **changes)


def _kinds(case: dict) -> set[str]:
    """The kinds of edges that lead into the node; "image" where none does."""
    own = case["node"][0]
    return {
        "skip" if level == own else "below" if level > own else "above"
        for level, _column in case["graph"].inputs(case["node"])
    } or {"image"}


def _counts_edges_out(case: dict, got: Any, due: int) -> bool:
    """Whatever it takes for a node without edges into it, or out of it."""
    graph, (own, _column), base = case.values()
    width, ends = base * 2**own, [b[0] for a, b in graph.edges if a == case["node"]]
    ups = sum(level > own for level in ends)
    rest = plain(got) - ups * (8 * width**2 + width) - 9 * width**2 - 2 * width
    joined = sum(width // 2 if level < own else width for level in ends)
    return rest in {9 * width * n for n in (joined, 1, 0)}


def _kinds_in(**wanted: bool) -> Callable[[dict, Any, int], bool]:
    return lambda case, got, due: set(wanted) <= _kinds(case)


easy = Exercise(
    name="16.node_parameters",
    task=_("How many parameters do a node of a skip graph and the edges into it have?"),
    reference=node_parameters,
    mistakes=(
        Mistake("no biases at all", _otherwise(bias=0), _(
            "All weights are there. Each of the convolutions, the up-convolutions too, also "
            "has one bias for each channel that it returns.")),
        Mistake("edges forgotten", _otherwise(ups=0), _(
            "The node itself is right. But an edge from below has weights of its own, a 2×2 "
            "up-convolution. Pooling and skips have none.")),
        Mistake("not halved", _otherwise(from_below=2), _(
            "You count too many channels from below. The up-convolution halves them, so they "
            "arrive with the node's own width.")),
        Mistake("added", _otherwise(joins=lambda width, some: max(some, default=0)), _(
            "Your node seems to add its inputs. They are concatenated, so their channels add "
            "up.")),
        Mistake("added at one width",
            _otherwise(joins=lambda width, some: width if some else 0), _(
            "Your first convolution always takes `width` channels. Its inputs are "
            "concatenated, so it takes as many as they have together.")),
        Mistake("one convolution", _otherwise(second=False), _(
            "One 3×3 convolution is missing: a node is a DoubleConv, and the second one goes "
            "from width to width.")),
        Mistake("one skip a node", _otherwise(inputs=_one_skip), _(
            "Your count is right for a U-Net. In U-Net++ several skips lead into one node, so "
            "go through all of `graph.inputs(node)`.")),
        Mistake("up-convolutions without bias", _otherwise(up_bias=0), _(
            "The up-convolutions have a bias, too: one for each channel that they return, "
            "`width` each.")),
        Mistake("one bias for both", _otherwise(second_bias=0), _(
            "A bias is missing: both convolutions of the DoubleConv have one for each of their "
            "`width` channels.")),
        Mistake("up from its own width", _otherwise(up=4), _(
            "An up-convolution takes 2 · width channels and returns width. You count only "
            "width · width weights for each pixel of its kernel.")),
        Mistake("up of one pixel", _otherwise(up=2), _(
            "An up-convolution has a 2 × 2 kernel, so four weights for each pair of channels: "
            "2 · width into it and width out of it.")),
        Mistake("up of nine pixels", _otherwise(up=18), _(
            "An up-convolution has a 2 × 2 kernel here, so four weights for each pair of "
            "channels, not nine.")),
        Mistake("pooled at full width", _otherwise(pooled=1), _(
            "Pooling keeps the channels of the level above, and these are half as many as the "
            "node's own.")),
        Mistake("pooled at double width", _otherwise(pooled=2), _(
            "From above come fewer channels, not more: the level above has half of the node's "
            "width.")),
        Mistake("joined twice", _otherwise(second="joined"), _(
            "The second convolution of the DoubleConv takes what the first one returns, "
            "`width` channels. You count the joined inputs again.")),
        Mistake("an image in colour", _otherwise(image=3), _(
            "Your count is right for all nodes except the first. The image has 1 channel here, "
            "not 3.")),
        Mistake("no image", _otherwise(image=0), _(
            "Your count is right for all nodes except the first. No edge leads into it, so it "
            "takes the image, 1 channel.")),
        Mistake("always 64", _otherwise(width=lambda base, level: 64 * 2**level), _(
            "Your count does not change with `base`. It always takes 64 channels at the top.")),
        Mistake("twice the level",
            _otherwise(width=lambda base, level: max(base, base * 2 * level)), _(
            "Your count is right down to level 2. The width doubles at each level, `base * "
            "2**level`: 1, 2, 4, 8 times base.")),
        Mistake("one more a level", _otherwise(width=lambda base, level: base * (level + 1)), _(
            "The width doubles from level to level: 1, 2, 4, 8 times base, not 1, 2, 3, 4.")),
        Mistake("the same width", _otherwise(width=lambda base, level: base), _(
            "All your levels have `base` channels, but the width doubles with each level.")),
        Mistake("three weights", _otherwise(kernel=3), _(
            "A 3 × 3 kernel has nine weights for each pair of channels, not three.")),
        Mistake("from the node's place", _otherwise(inputs=_of_its_place), _(
            "Your count depends only on the node's place in U-Net++. Graphs differ, and edges "
            "may be added or removed, so use `graph.inputs(node)`.")),
    ),
    symptoms=(
        Symptom("edges out of it", _counts_edges_out, _(
            "You count the edges that leave the node. Take those that lead into it: "
            "`graph.inputs(node)`.")),
        Symptom("the first node", _kinds_in(image=True), _(
            "Your count is wrong only for the first node. No edge leads into it, so it takes "
            "the image, 1 channel.")),
        Symptom("from above and below",
            lambda case, got, due: _kinds(case) >= {"above", "below"}, _(
            "Your count is wrong only where one edge comes from above and another from below. "
            "Look at each input's level on its own.")),
        Symptom("from above", _kinds_in(above=True), _(
            "Your count is wrong only for nodes that something is pooled into. Pooling has no "
            "parameters, and brings the channels of the level above, width // 2.")),
        Symptom("from below", _kinds_in(below=True), _(
            "Your count is wrong only for nodes with an edge from below. Its 2 × 2 "
            "up-convolution has 2 · 2 · (2 · width) · width weights and width biases, and "
            "brings width channels.")),
        Symptom("skips", _kinds_in(skip=True), _(
            "Your count is wrong only for nodes with a skip. Each skip has no parameters of "
            "its own, and brings width channels to the first convolution.")),
        Symptom("too large", larger, _(
            "You count too many. Try node (0, 0) with base 1 by hand: 9 weights and 1 bias in "
            "each of two convolutions, 20 in all.")),
        Symptom("too small", smaller, _(
            "You count too few. Try node (0, 0) with base 1 by hand: 9 weights and 1 bias in "
            "each of two convolutions, 20 in all.")),
    ),
    hints=(
        _("Begin with the inputs. How many channels arrive over each kind of edge, and how "
          "many are there once they are concatenated?"),
        _("A k×k convolution from a to b channels has k·k·a·b + b parameters. A skip brings "
          "the node's own width, pooling from above brings half of it, and an edge from below "
          "brings the width, after an up-convolution that has parameters of its own."),
        _("For each (level, column) in graph.inputs(node), compare level with node[0]. If "
          "there is no input, the node takes the image, 1 channel. Add 9·joined·width + width "
          "+ 9·width² + width for the DoubleConv to what the up-convolutions have."),
    ),
    due=_("a whole number"),
    cases=nodes_of_graphs,
    show=_shown_node,
    worth=_("You can now count the parameters of any network of this family from its drawing, "
            "before it is built. The next cell adds up all nodes."),
    specification=_built,
)  # fmt: skip


# --------------------------------------------------------------- core: one dense skip
def dense_input(maps, i, j):
    skips = [maps[i, k] for k in range(j)]
    below = F.interpolate(maps[i + 1, j - 1], scale_factor=2)
    return torch.cat([*skips, below], dim=1)


def dense_maps(rng: random.Random) -> Iterator[tuple]:
    """(maps, i, j): every node of the triangle, also later ones, in any order."""
    yield _triangle(rng, 2, 1, 2, 1), 0, 2
    fixed = ((1, 1, 2, 1, 0, 1), (2, 1, 1, 1, 1, 1), (2, 3, 2, 2, 0, 1), (3, 1, 1, 2, 1, 2),
             (3, 2, 3, 1, 2, 1), (3, 1, 2, 2, 0, 3), (4, 1, 1, 1, 0, 4), (2, 1, 3, 3, 0, 2),
             (3, 1, 1, 1, 0, 2), (3, 1, 1, 1, 1, 1))  # fmt: skip
    for depth, height, width, batch, i, j in fixed:
        yield _triangle(rng, depth, height, width, batch), i, j
    maps = _triangle(rng, 3, 1, 2, 2)
    yield dict(reversed(maps.items())), 0, 3
    yield {node: maps[node] for node in rng.sample(list(maps), len(maps))}, 1, 2
    yield {node: strided(x) for node, x in maps.items()}, 0, 2
    while True:
        depth = rng.randint(1, 3)
        j = rng.randint(1, depth)
        maps = _triangle(rng, depth, *(rng.randint(1, 2) for _number in range(3)))
        order = rng.sample(list(maps), len(maps))
        yield {node: maps[node] for node in order}, rng.randint(0, depth - j), j


def _triangle(rng: random.Random, depth: int, height: int, width: int, batch: int) -> dict:
    """Node -> map; one channel at the top and twice as many a level, the bottom h × w."""
    maps = {}
    for i in range(depth + 1):
        size = height * 2 ** (depth - i), width * 2 ** (depth - i)
        for j in range(depth - i + 1):
            maps[i, j] = noise(rng, batch, 2**i, *size)
    return maps


def _shown_maps(maps, i, j):
    return f"maps of {len(maps)} nodes, i = {i}, j = {j}"


def _channel_by_channel(maps, i, j):
    """The specification: the inputs that U-Net++'s graph lists, copied in their order."""
    depth = max(level for level, _column in maps)
    own, copied = maps[i, 0], []
    for level, column in SkipGraph.unet_plus_plus(depth).inputs((i, j)):
        for channel in range(maps[level, column].shape[1]):
            grown = torch.zeros(own.shape[0], *own.shape[2:], dtype=own.dtype)
            factor = 2 ** (level - i)
            for y in range(own.shape[2]):
                for x in range(own.shape[3]):
                    at = maps[level, column][:, channel, y // factor, x // factor]
                    grown[:, y, x] = at
            copied.append(grown)
    return torch.stack(copied, dim=1)


def _up(x):
    return F.interpolate(x, scale_factor=2)


def _joining(columns=range, below=lambda j: j - 1, order=list) -> Callable:
    """A wrong `dense_input`: other maps of the level, another one from below, another order."""
    return lambda maps, i, j: torch.cat(
        order([*(maps[i, k] for k in columns(j)), _up(maps[i + 1, below(j)])]), dim=1
    )


def _blocks(case: dict, got: Any) -> list[tuple[int, int] | None] | None:
    """Which node's map each part of the result is, enlarged where it has to be; None for a
    part that is none. None in place of the list where the size does not fit."""
    found, own = as_array(got), case["maps"][case["i"], 0]
    if found.ndim != 4 or found.shape[0] != own.shape[0] or found.shape[2:] != own.shape[2:]:
        return None
    candidates = {}
    for node, x in case["maps"].items():
        factor = own.shape[-1] // x.shape[-1]
        if factor >= 1:
            candidates[node] = array(F.interpolate(x, scale_factor=factor))
    parts, at = [], 0
    while at < found.shape[1]:
        for node, x in candidates.items():
            part = found[:, at : at + x.shape[1]]
            if part.shape == x.shape and close(part, x).all():
                parts.append(node)
                at += x.shape[1]
                break
        else:
            parts.append(None)
            at += 1
    return parts


def _joined(test: Callable[[list, list], bool]) -> Callable[[dict, Any, Tensor], bool]:
    """A symptom of which maps are joined: test(those that are, those that should be)."""

    def shows(case: dict, got: Any, due: Tensor) -> bool:
        parts = _blocks(case, got)
        return parts is not None and test(parts, _blocks(case, due))

    return shows


def _row(parts: list, due: list) -> list:
    """The parts of the node's own level."""
    return [part for part in parts if part and part[0] == due[0][0]]


core = Exercise(
    name="16.dense_input",
    task=_("Join what goes into node X^{i,j} of U-Net++, from the maps of the other nodes."),
    reference=dense_input,
    mistakes=(
        Mistake("the plain skip", _joining(lambda j: [0]), _(
            "You took U-Net's long skip, X^{i,0} alone. A dense node takes X^{i,0} and all "
            "nodes between it and itself.")),
        Mistake("the neighbour alone", _joining(lambda j: [j - 1]), _(
            "You took the left neighbour alone. All of X^{i,0} … X^{i,j−1} go in, the first of "
            "them too.")),
        Mistake("from below first", _joining(order=lambda parts: [parts[-1], *parts[:-1]]), _(
            "All maps are there, but in another order. The skips come first, and what comes "
            "from below comes last. Trained weights rely on the order of the channels.")),
        Mistake("itself too", _joining(lambda j: range(j + 1)), _(
            "X^{i,j} is among its own inputs, which makes a cycle. The skips end with column j "
            "− 1.")),
        Mistake("from column 0", _joining(below=lambda j: 0), _(
            "From below you took X^{i+1,0}. In the figure the arrow up comes from the node "
            "below and to the left, X^{i+1,j−1}.")),
        Mistake("backwards", _joining(lambda j: reversed(range(j))), _(
            "All maps are there, but the skips are in reverse order. Begin with column 0.")),
    ),
    symptoms=(
        Symptom("one of the batch",
            lambda case, got, due: as_array(got).shape[0] == 1 < due.shape[0], _(
            "Only the first image of the batch is in your result.")),
        Symptom("along another axis",
            lambda case, got, due: as_array(got).shape[1] != due.shape[1]
            and as_array(got).size == due.numel(), _(
            "The maps are joined along another axis. Channels are dimension 1: `torch.cat(..., "
            "dim=1)`.")),
        Symptom("not a map", _joined(lambda parts, due: all(
            part not in parts for part in due) and None in parts), _(
            "None of the maps is in your result as it is. Concatenate them with torch.cat, and "
            "do not add them.")),
        Symptom("another order", _joined(lambda parts, due: parts != due
            and None not in parts and sorted(parts) == sorted(due)), _(
            "All maps are there, but in another order. First X^{i,0}, X^{i,1} and so on by "
            "their columns, whatever the order of the dictionary, then what comes from "
            "below.")),
        Symptom("twice", _joined(lambda parts, due: len(set(parts)) < len(parts)
            and set(parts) == set(due)), _(
            "The right maps are there, and one of them twice. With j = 1 the first and the "
            "last map of the row are the same.")),
        Symptom("a skip is missing", _joined(lambda parts, due: parts[-1:] == due[-1:]
            and set(parts) < set(due)), _(
            "A map of the node's own level is missing: all from X^{i,0} to X^{i,j−1} go in, so "
            "j of them. `range(j)` ends with j − 1.")),
        Symptom("from below is missing", _joined(lambda parts, due: parts == due[:-1]), _(
            "What comes from below is missing: X^{i+1,j−1}, at twice its size, comes last.")),
        Symptom("some are missing", _joined(lambda parts, due: set(parts) < set(due)), _(
            "Some maps are missing. X^{i,0} to X^{i,j−1} go in, all of them, and then the one "
            "from below, X^{i+1,j−1}.")),
        Symptom("deeper levels", _joined(lambda parts, due: None not in parts
            and set(due) < set(parts)), _(
            "The right maps are there, and others that should not be. Only the next level "
            "below, X^{i+1,j−1}, and the node's own row up to column j − 1 go in.")),
        Symptom("another one from below",
            _joined(lambda parts, due: _row(parts, due) == due[:-1]
            and parts != due), _(
            "The skips are right, but what comes from below is not. It should be X^{i+1,j−1}, "
            "the node below and to the left, each pixel repeated in a square of 2 × 2.")),
        Symptom("other skips", _joined(lambda parts, due: due[-1] in parts and parts != due), _(
            "What comes from below is right, but the skips are not. They should be X^{i,0} to "
            "X^{i,j−1}, the node's own row.")),
    ),
    hints=(
        _("Find X^{0,2} in the picture of U-Net++ above. Which arrows end there, and from "
          "which nodes do they come?"),
        _("The skips are maps[i, 0] … maps[i, j - 1]. From below comes maps[i + 1, j - 1], and "
          "it has to be enlarged first, by F.interpolate(…, scale_factor=2)."),
        _("With skips = [maps[i, k] for k in range(j)] and the enlarged map as below, return "
          "torch.cat([*skips, below], dim=1)."),
    ),
    due=_("a tensor (B, C, H, W), C the sum of the channels"),
    cases=dense_maps,
    show=_shown_maps,
    worth=_("That is what makes a U-Net a U-Net++: each node takes all nodes before it in its "
            "row, and the one below and to the left."),
    specification=_channel_by_channel,
)  # fmt: skip


# -------------------------------------------------------------- stretch: a folder of your own
@dataclass(frozen=True)
class Drawing:
    """What an exercise puts into a folder: (name in it, picture), shown as a listing."""

    files: tuple[tuple[str, np.ndarray], ...]

    def __repr__(self) -> str:
        listed = []
        for name, pixels in self.files:
            height, width = pixels.shape
            values = ", ".join(map(str, np.unique(pixels)))
            held = f", holds {values}" if name.startswith("masks/") else ""
            listed.append(f"{name}: {height} × {width}{held}")
        return "folder of [" + "; ".join(listed) + "]"

    def write(self, folder: Path) -> None:
        for name, pixels in self.files:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(png(pixels))


def read(file):
    """One grey picture as a uint8 array (H, W)."""
    return load_folder(file).images[0]


def images_in(folder):
    """The images' files, without hidden ones; the name of each is file.stem."""
    return [f for f in (folder / "images").glob("*.png") if not f.name.startswith(".")]


def mask_of(file):
    """Where the mask of an image is."""
    return file.parent.parent / "masks" / f"{file.stem}_mask.png"


def own_pairs(folder):
    images = {file.stem: read(file) for file in images_in(folder)}
    masks = {file.stem: read(mask_of(file)) for file in images_in(folder)}
    for name, image in images.items():
        if image.shape != masks[name].shape:
            raise ValueError(f"{name}: image {image.shape}, mask {masks[name].shape}")
    values = np.unique(np.concatenate([mask.ravel() for mask in masks.values()]))
    return {name: (images[name], np.searchsorted(values, masks[name])) for name in images}


def _by_the_library(folder):
    """The specification: `load_folder`, its slices named by the images' numbers."""
    names = [f.stem for f in (folder / "images").iterdir() if not f.name.startswith(".")]
    masks = [read(folder / "masks" / f"{name}_mask.png") for name in names]
    values = sorted({int(value) for mask in masks for value in mask.flat})
    if len(values) == 1:  # which the library asks about
        return {name: (read(folder / "images" / f"{name}.png"), 0 * mask)
                for name, mask in zip(names, masks, strict=True)}  # fmt: skip
    found = {}
    for name in names:
        files = folder / "images" / f"{name}.png", folder / "masks" / f"{name}_mask.png"
        volume = load_folder(*files, values=values)
        found[name] = volume.images[0], volume.labels[0]
    return found


NOT_THERE = _(
    "Your function looks for {name}, which is not there. The mask of images/7.png is "
    "masks/7_mask.png; of images/cell.7.png it is masks/cell.7_mask.png, since only `.png` is "
    "the ending."
)


def _in_a_folder(answer: Callable, drawing: Drawing) -> Any:
    """Write the pictures, hand over the folder; a ValueError is an outcome, too."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        drawing.write(folder)
        try:
            return answer(folder)
        except FileNotFoundError as error:
            missing = Path(str(error.filename))
            if not missing.is_relative_to(folder):
                raise
            raise Told(NOT_THERE.format(name=missing.relative_to(folder).as_posix())) from error
        except ValueError as error:
            return f"ValueError: {error}"


def _same_pairs(got: Any, expected: Any) -> str:
    """As `agree`; where a refusal is due, any ValueError is one."""
    if isinstance(expected, str):
        refused = isinstance(got, str) and got.startswith("ValueError")
        return (
            ""
            if refused
            else _("a ValueError is due, because a mask does not have its image's size")
        )
    if isinstance(got, str) and got.startswith("ValueError"):
        return _("it refused a folder that is in order: {error}").format(error=got)
    return agree(got, expected)


def drawings(rng: random.Random) -> Iterator[tuple]:
    """(drawing,): numbers with gaps, several sizes, 1 to 4 classes; hidden files; a misfit."""
    yield (_drawing([1, 2], (0, 255), seed=1),)
    yield (_drawing([1, 2], (0, 128, 255), seed=2, some=True),)
    yield (_drawing([1, 10, 2], (0, 255), seed=3, square=True),)
    yield (_drawing([1, 2], (0, 255), seed=4, hidden=True),)
    yield (_drawing([1, 2], (0, 255), seed=5, misfit="turned"),)
    yield (_drawing([1, 2], (0, 255), seed=7, misfit="taller"),)
    yield (_drawing([2, 1], (0, 255), seed=8, misfit="wider"),)
    yield (_drawing([3], (0, 1, 2), seed=6),)
    yield (_drawing(["cell.7", "a-b_c", "cell.8"], (0, 255), seed=9),)
    # What becomes a class number must not be taken for a grey once more.
    yield (_drawing([4, 20, 3], (0, 2, 255), seed=10),)
    yield (_drawing([1, 2], (1, 2, 3), seed=11),)
    yield (_drawing([10, 1, 2], (7, 90, 91), seed=12, some=True, falling=True),)
    yield (_drawing([5], (7,), seed=13),)
    palettes = [(0, 255), (0, 128, 255), (0, 85, 170, 255), (0, 1), (0, 1, 2), (1, 2, 200)]
    while True:
        numbers = rng.sample([1, 2, 3, 10, 11, 20, 100], rng.randint(1, 4))
        values = rng.choice(palettes)
        misfit = rng.choice(["turned", "taller", "wider"]) if rng.random() < 0.15 else ""
        yield (
            _drawing(
                numbers, values, rng.randrange(10**6), rng.random() < 0.5, misfit,
                len(numbers) > 1 and rng.random() < 0.5, rng.random() < 0.5,
            ),
        )  # fmt: skip


def _drawing(
    numbers: list,
    values: tuple[int, ...],
    seed: int,
    hidden: bool = False,
    misfit: str = "",
    some: bool = False,
    falling: bool = False,
    square: bool = False,
) -> Drawing:
    """Pictures of 2 to 5 pixels in height and width; ``some``: only the first mask has all the
    values; ``falling``: its largest one comes first; ``square``: all of one size."""
    rng, files = np.random.default_rng(seed), []
    for place, number in enumerate(numbers):
        height, width = (4, 4) if square else (rng.integers(2, 4), rng.integers(4, 6))
        image = rng.integers(0, 256, (height, width)).astype(np.uint8)
        ends = (values[0], values[-1]) if some and place else values
        chosen = rng.choice(ends, (height, width))
        chosen.flat[: len(ends)] = ends[::-1] if falling else ends
        mask = chosen.astype(np.uint8)
        if misfit and place == len(numbers) - 1:
            grown = np.ones((1 + (misfit == "taller"), 1 + (misfit == "wider")), "uint8")
            mask = mask.T.copy() if misfit == "turned" else np.kron(mask, grown)
        files.append((f"images/{number}.png", image))
        files.append((f"masks/{number}_mask.png", mask))
    if hidden:  # a preview that a program left behind
        files.append((f"images/.{numbers[0]}.png", files[0][1]))
        files.append((f"masks/.{numbers[0]}_mask.png", files[1][1] // 2 + 20))
    return Drawing(tuple(files))


def _paired(folder, *, hidden=False, check=True, classes="all", by_place=False):
    """The reference with one part exchanged."""
    images = sorted(
        f for f in (folder / "images").glob("*.png") if hidden or not f.name.startswith(".")
    )
    masks = [folder / "masks" / f"{file.stem}_mask.png" for file in images]
    if by_place:
        masks = sorted(masks)
    found = {
        image.stem: (read(image), read(mask)) for image, mask in zip(images, masks, strict=True)
    }
    if check and any(image.shape != mask.shape for image, mask in found.values()):
        raise ValueError("sizes differ")
    together = np.unique(np.concatenate([mask.ravel() for _image, mask in found.values()]))
    number = {
        "all": lambda mask: np.searchsorted(together, mask),
        "each": lambda mask: np.searchsorted(np.unique(mask), mask),
        "none": lambda mask: mask,
        "floor": lambda mask: mask // 255,
        "above": lambda mask: (mask > 0).astype(np.uint8),
    }[classes]
    return {name: (image, number(mask)) for name, (image, mask) in found.items()}


def _pairing(**changes: Any) -> Callable:
    return lambda folder: _paired(folder, **changes)


def _sizes_turned(case: dict, got: Any, due: Any) -> bool:
    files = dict(case["folder"].files)
    return isinstance(due, str) and any(
        files[f"images/{name[6:-9]}.png"].shape == mask.shape[::-1] != mask.shape
        for name, mask in files.items()
        if name.startswith("masks/")
    )


def _hidden_files(case: dict, got: Any, due: Any) -> bool:
    return any("/." in name for name, _pixels in case["folder"].files)


def _pairs_that(test: Callable[[dict, dict], bool]) -> Callable[[dict, Any, Any], bool]:
    """A symptom of dictionaries: test(got, due)."""

    def shows(case: dict, got: Any, due: Any) -> bool:
        return isinstance(got, dict) and isinstance(due, dict) and test(got, due)

    return shows


def _alike(one: Any, other: Any) -> bool:
    return not agree(one, other)


def _anothers_mask(case: dict, got: Any, due: Any) -> bool:
    """Two masks have changed places; or their sizes differ, and it refused them for that."""
    if isinstance(got, str) or isinstance(due, str):
        return isinstance(got, str) and len(due) > 1
    return any(
        _alike(got[name][1], due[other][1]) and not _alike(got[name][1], due[name][1])
        for name in due for other in due
    )  # fmt: skip


def _numbers(got: dict, due: dict) -> set[tuple[int, int]]:
    """All pairs (number due, number got) that some pixel has."""
    return {
        pair
        for name, (_image, classes) in due.items()
        for pair in zip(classes.ravel(), as_array(got[name][1]).ravel(), strict=True)
    }


def _merged(got: dict, due: dict) -> bool:
    found = _numbers(got, due)
    return len({number for _due, number in found}) < len({number for number, _got in found})


def _with_gaps(got: dict, due: dict) -> bool:
    numbers = {number for _due, number in _numbers(got, due)}
    return numbers != set(range(len(numbers)))


def _renumbered(got: dict, due: dict) -> bool:
    found = _numbers(got, due)
    return len(found) == len({d for d, _g in found}) == len({g for _d, g in found})


stretch = Exercise(
    name="16.own_pairs",
    task=_("Load a folder of images and masks as pairs: name → (image, class of each pixel)."),
    reference=own_pairs,
    mistakes=(
        Mistake("paired by place", _pairing(by_place=True, check=False), _(
            "An image got another image's mask. Sorted, `1.png` comes before `10.png`, but "
            "`10_mask.png` before `1_mask.png`: pair by name, not by place.")),
        Mistake("hidden files", _pairing(hidden=True), _(
            "Your result has a pair of hidden files too many. Their names begin with a dot, "
            "and some programs leave them behind. Skip them.")),
        Mistake("mask at 255", _pairing(classes="none"), _(
            "The mask's greys are not class numbers. Classes are numbered 0, 1, 2 and so on, "
            "so 255 would be the 256th class.")),
        Mistake("divided by 255", _pairing(classes="floor"), _(
            "Divided by 255, all greys but white become 0. Here classes may be 0, 128 and 255, "
            "or 0, 1 and 2: look which values there are, and number them.")),
        Mistake("above 0", _pairing(classes="above"), _(
            "Everything that is not black became one class. There may be more than two "
            "classes, so number the values that occur.")),
        Mistake("each mask by itself", _pairing(classes="each"), _(
            "If a mask lacks the middle class, you number its white differently from the other "
            "masks. Collect the values of all masks first, then number them.")),
        Mistake("any size", _pairing(check=False), _(
            "You accepted a mask of another size than its image. Compare the shapes and raise "
            "a ValueError; scaling or cropping would shift the classes.")),
    ),
    symptoms=(
        Symptom("turned, and not refused", _sizes_turned, _(
            "You accepted a mask of 4 × 2 pixels for an image of 2 × 4. They have equally many "
            "pixels but different shapes, so compare the shapes.")),
        Symptom("not refused", lambda case, got, due: isinstance(due, str), _(
            "A mask that does not have its image's size has to be refused: raise a ValueError "
            "for the whole folder, and do not skip the pair silently.")),
        Symptom("another's mask", _anothers_mask, _(
            "An image gets another image's mask, or is refused because of it. Sorted, `1.png` "
            "comes before `10.png`, but `10_mask.png` before `1_mask.png`: pair by name.")),
        Symptom("refused", lambda case, got, due: isinstance(got, str), _(
            "You refuse a folder that is in order. Raise a ValueError only where a mask does "
            "not have its image's size.")),
        Symptom("keys with the ending",
            _pairs_that(lambda got, due: {*got} == {f"{name}.png" for name in due}), _(
            "Your keys end in `.png`. The key is the name without that ending, `file.stem`.")),
        Symptom("hidden files", lambda case, got, due: _hidden_files(case, got, due), _(
            "Your result is wrong only where there are hidden files. Leave out images and "
            "masks whose names begin with a dot, and do not count their values.")),
        Symptom("mask first", _pairs_that(lambda got, due: all(
            _alike(got[name][0], due[name][1]) for name in due)), _(
            "The two arrays of a pair have changed places: first the image, then the "
            "classes.")),
        Symptom("other images", _pairs_that(lambda got, due: all(
            _alike(got[name][1], due[name][1]) for name in due)), _(
            "The classes are right, and the images are not. Return each image as `read` "
            "returns it, in its own grey values from 0 to 255.")),
        Symptom("two classes in one", _pairs_that(_merged), _(
            "Two values of the masks became the same class. Are they numbered one after "
            "another in the same array? Then a new number is taken for a grey, and changed "
            "again.")),
        Symptom("numbers with gaps", _pairs_that(_with_gaps), _(
            "Your class numbers have gaps. The greys differ from folder to folder: find those "
            "that occur in all masks together, and number them 0, 1, 2 and so on.")),
        Symptom("in another order", _pairs_that(_renumbered), _(
            "The classes are numbered in another order. The smallest grey of "
            "all masks is class 0, the next one class 1.")),
        Symptom("other classes", _pairs_that(lambda got, due: all(
            _alike(got[name][0], due[name][0]) for name in due)), _(
            "The images are right, but the classes are not. The greys of masks differ from "
            "folder to folder: find those that occur in all masks together, and number them "
            "from the smallest on.")),
        Symptom("several at once", lambda case, got, due: True, _(
            "More than one thing seems to be off, so take them one by one. Is every key an "
            "image's name without `.png`? Is the first array of a pair the image as `read` "
            "returns it? Are the classes numbered over all masks together? And is a folder "
            "refused if, and only if, a mask has another shape than its image?")),
    ),
    hints=(
        _("Take three steps, one after the other: read all pairs by name, find all values that "
          "the masks hold together, and only then number them."),
        _("For each file of images_in(folder), the key is file.stem, and read(mask_of(file)) "
          "is its mask. Compare the two shapes there. Keep images and masks in two "
          "dictionaries until all of them are read."),
        _("values = np.unique(…) of all masks together. Then np.searchsorted(values, mask) "
          "returns the class of each pixel."),
    ),
    due=_("a dictionary: name → (image, classes), two arrays (H, W)"),
    cases=drawings,
    count=25,
    run=_in_a_folder,
    same=_same_pairs,
    worth=_("Now you can train on your own images if they are in such a folder. Each image "
            "gets the mask of its own name, and a folder that doesn't fit is refused."),
    specification=_by_the_library,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
