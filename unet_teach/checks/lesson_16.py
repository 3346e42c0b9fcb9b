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
from torch.nn import functional as F

from unet_teach.checks.agreement import agree
from unet_teach.checks.exercise import Exercise, Mistake
from unet_teach.config import SkipGraph, UNetConfig
from unet_teach.data.folder import load_folder
from unet_teach.models.nested import NestedUNet
from unet_teach.plots import png
from unet_teach.translation import _


# ------------------------------------------------------------ easy: parameters of one node
def node_parameters(graph, node, base):
    width = base * 2 ** node[0]
    joined, count = 0, 0
    for level, _column in graph.inputs(node):
        if level > node[0]:  # from below, over an up-convolution
            joined += width
            count += 2 * 2 * (2 * width) * width + width
        elif level == node[0]:  # a skip
            joined += width
        else:  # from above, over a pooling
            joined += width // 2
    joined = joined or 1  # the image is grey
    return count + 9 * joined * width + width + 9 * width * width + width


def nodes_of_graphs(rng: random.Random) -> Iterator[tuple]:
    """(graph, node, base): U-Nets and U-Net++, some with a skip taken out."""
    yield SkipGraph.u_net(2), (0, 2), 4
    yield SkipGraph.u_net(2), (1, 0), 4
    yield SkipGraph.u_net(1), (0, 0), 2
    yield SkipGraph.unet_plus_plus(2), (0, 2), 4
    while True:
        preset = rng.choice([SkipGraph.u_net, SkipGraph.unet_plus_plus])
        graph = preset(rng.randint(1, 3))
        if rng.random() < 0.5:
            skips = [(start, end) for start, end in graph.edges if start[0] == end[0]]
            graph = graph.remove(*rng.choice(skips))
        yield graph, rng.choice(graph.order), rng.choice([2, 4])


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
    graph, node, base, bias=1, ups=True, halved=True, joins=True, both=True, dense=True
):
    """The reference with one part exchanged."""
    width = base * 2 ** node[0]
    inputs = graph.inputs(node)
    if not dense:  # only the first skip
        first = [start for start in inputs if start[0] == node[0]][:1]
        inputs = [start for start in inputs if start[0] != node[0] or start in first]
    delivered, count = [], 0
    for level, _column in inputs:
        if level > node[0]:
            delivered.append(width if halved else 2 * width)
            count += (4 * (2 * width) * width + bias * width) if ups else 0
        else:
            delivered.append(width if level == node[0] else width // 2)
    joined = (sum(delivered) if joins else max(delivered, default=0)) or 1
    count += 9 * joined * width + bias * width
    return count + (9 * width * width + bias * width if both else 0)


def _otherwise(**changes: Any) -> Callable:
    return lambda graph, node, base: _counted(graph, node, base, **changes)


easy = Exercise(
    name="16.parameters",
    task=_("How many parameters do a node of a skip graph and the edges into it have?"),
    reference=node_parameters,
    mistakes=(
        Mistake(
            "no biases", _otherwise(bias=0),
            _("All weights are there. Each of the convolutions, the up-convolutions too, also "
              "has one bias for each channel that it gives."),
        ),
        Mistake(
            "edges forgotten", _otherwise(ups=False),
            _("The node itself is right. An edge from below has weights of its own: a 2×2 "
              "up-convolution. Pooling and skips have none."),
        ),
        Mistake(
            "not halved", _otherwise(halved=False),
            _("Too many channels from below: the up-convolution halves them. They arrive with "
              "the node's own width."),
        ),
        Mistake(
            "added", _otherwise(joins=False),
            _("Your node seems to add its inputs. They are concatenated: their channels add "
              "up."),
        ),
        Mistake(
            "one convolution", _otherwise(both=False),
            _("One 3×3 convolution is missing: a node is a DoubleConv, and the second one goes "
              "from width to width."),
        ),
        Mistake(
            "one skip a node", _otherwise(dense=False),
            _("Right for a U-Net. In U-Net++ several skips lead into one node: walk through "
              "all of `graph.inputs(node)`."),
        ),
    ),
    hints=(
        _("How many channels arrive over each kind of edge, and how many in all?"),
        _("A k×k convolution from a to b channels has k·k·a·b + b parameters. Skip: the node's "
          "own width; from above: half of it; from below: the width, after an up-convolution."),
        _("For each (level, column) in graph.inputs(node), compare level with node[0]. No "
          "input means the image: 1 channel. Then 9·joined·width + width + 9·width² + width."),
    ),
    due=_("a whole number"),
    cases=nodes_of_graphs,
    specification=_built,
)  # fmt: skip


# --------------------------------------------------------------- core: one dense skip
def dense_input(maps, i, j):
    skips = [maps[i, k] for k in range(j)]
    below = F.interpolate(maps[i + 1, j - 1], scale_factor=2)
    return torch.cat([*skips, below], dim=1)


def dense_maps(rng: random.Random) -> Iterator[tuple]:
    """(maps, i, j): small whole numbers; every node of the triangle, also later ones."""
    yield _triangle(2, 1, 2, 1, 0), 0, 2
    yield _triangle(1, 1, 2, 1, 1), 0, 1
    yield _triangle(2, 1, 1, 1, 2), 1, 1
    while True:
        depth = rng.randint(1, 3)
        j = rng.randint(1, depth)
        maps = _triangle(depth, rng.randint(1, 2), rng.randint(1, 2), rng.randint(1, 2),
                         rng.randrange(10**6))  # fmt: skip
        yield maps, rng.randint(0, depth - j), j


def _triangle(depth: int, height: int, width: int, batch: int, seed: int) -> dict:
    """Node -> map; one channel at the top and twice as many a level, the bottom h × w."""
    generator, maps = torch.Generator().manual_seed(seed), {}
    for i in range(depth + 1):
        size = height * 2 ** (depth - i), width * 2 ** (depth - i)
        for j in range(depth - i + 1):
            shape = (batch, 2**i, *size)
            maps[i, j] = torch.randint(1, 100, shape, generator=generator).float()
    return maps


def _channel_by_channel(maps, i, j):
    """The specification: the inputs that U-Net++'s graph lists, copied in their order."""
    depth = max(level for level, _column in maps)
    own, copied = maps[i, 0], []
    for level, column in SkipGraph.unet_plus_plus(depth).inputs((i, j)):
        for channel in range(maps[level, column].shape[1]):
            grown = torch.zeros(own.shape[0], *own.shape[2:])
            factor = 2 ** (level - i)
            for y in range(own.shape[2]):
                for x in range(own.shape[3]):
                    at = maps[level, column][:, channel, y // factor, x // factor]
                    grown[:, y, x] = at
            copied.append(grown)
    return torch.stack(copied, dim=1)


def _up(x):
    return F.interpolate(x, scale_factor=2)


def _plain_skip(maps, i, j):
    return torch.cat([maps[i, 0], _up(maps[i + 1, j - 1])], dim=1)


def _neighbour_only(maps, i, j):
    return torch.cat([maps[i, j - 1], _up(maps[i + 1, j - 1])], dim=1)


def _below_first(maps, i, j):
    return torch.cat([_up(maps[i + 1, j - 1]), *[maps[i, k] for k in range(j)]], dim=1)


def _itself_too(maps, i, j):
    skips = [maps[i, k] for k in range(j + 1)]
    return torch.cat([*skips, _up(maps[i + 1, j - 1])], dim=1)


def _from_the_contracting_path(maps, i, j):
    return torch.cat([*[maps[i, k] for k in range(j)], _up(maps[i + 1, 0])], dim=1)


def _backwards(maps, i, j):
    skips = [maps[i, k] for k in reversed(range(j))]
    return torch.cat([*skips, _up(maps[i + 1, j - 1])], dim=1)


core = Exercise(
    name="16.dense_skip",
    task=_("Join what goes into node X^{i,j} of U-Net++, from the maps of the other nodes."),
    reference=dense_input,
    mistakes=(
        Mistake(
            "the plain skip", _plain_skip,
            _("That is U-Net's long skip: X^{i,0} alone. A dense node takes X^{i,0} and all "
              "that stand between it and the node."),
        ),
        Mistake(
            "the neighbour alone", _neighbour_only,
            _("You took the left neighbour alone. All of X^{i,0} … X^{i,j−1} go in, the first "
              "of them too."),
        ),
        Mistake(
            "from below first", _below_first,
            _("All maps are there, in another order: the skips come first, what comes from "
              "below comes last. Trained weights know their channels by their order."),
        ),
        Mistake(
            "itself too", _itself_too,
            _("X^{i,j} is among its own inputs: a cycle. The skips end with column j − 1."),
        ),
        Mistake(
            "from column 0", _from_the_contracting_path,
            _("From below you took X^{i+1,0}. In the figure the way up comes from the node "
              "below and to the left, X^{i+1,j−1}."),
        ),
        Mistake(
            "backwards", _backwards,
            _("All maps are there, but the skips stand in reverse: begin with column 0."),
        ),
    ),
    hints=(
        _("Find X^{0,2} in the picture. Which arrows end there?"),
        _("Skips: maps[i, 0] … maps[i, j - 1]. From below: maps[i + 1, j - 1], enlarged by "
          "F.interpolate(…, scale_factor=2)."),
        _("torch.cat([*skips, below], dim=1), with skips = [maps[i, k] for k in range(j)]."),
    ),
    due=_("a tensor (B, C, H, W), C the sum of the channels"),
    cases=dense_maps,
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


def own_pairs(folder):
    images, masks = {}, {}
    for file in (folder / "images").glob("*.png"):
        if not file.name.startswith("."):
            images[file.stem] = read(file)
    for name, image in images.items():
        masks[name] = read(folder / "masks" / f"{name}_mask.png")
        if masks[name].shape != image.shape:
            raise ValueError(f"{name}: image {image.shape}, mask {masks[name].shape}")
    values = np.unique(np.concatenate([mask.ravel() for mask in masks.values()]))
    classes = {name: np.searchsorted(values, mask) for name, mask in masks.items()}
    return {name: (images[name], classes[name]) for name in images}


def _by_the_library(folder):
    """The specification: `load_folder`, its slices named by the images' numbers."""
    names = [f.stem for f in (folder / "images").iterdir() if not f.name.startswith(".")]
    volume = load_folder(folder)
    pairs = zip(volume.images, volume.labels, strict=True)
    return dict(zip(sorted(names, key=int), pairs, strict=True))


def _in_a_folder(answer: Callable, drawing: Drawing) -> Any:
    """Write the pictures, hand over the folder; a ValueError is an outcome, too."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        drawing.write(folder)
        try:
            return answer(folder)
        except NotImplementedError:
            raise
        except ValueError as error:
            return f"ValueError: {error}"


def _same_pairs(got: Any, expected: Any) -> str:
    """As `agree`; where a refusal is due, any ValueError is one."""
    if isinstance(expected, str):
        refused = isinstance(got, str) and got.startswith("ValueError")
        return "" if refused else _("a ValueError is due: a mask has not its image's size")
    if isinstance(got, str) and got.startswith("ValueError"):
        return _("it refused a folder that is in order: {error}").format(error=got)
    return agree(got, expected)


def drawings(rng: random.Random) -> Iterator[tuple]:
    """(drawing,): numbers with gaps, several sizes, 2 to 4 classes; hidden files; a misfit."""
    yield (_drawing([1, 2], (0, 255), seed=1),)
    yield (_drawing([1, 2], (0, 128, 255), seed=2, some=True),)
    yield (_drawing([1, 10], (0, 255), seed=3),)
    yield (_drawing([1, 2], (0, 255), seed=4, hidden=True),)
    yield (_drawing([1, 2], (0, 255), seed=5, misfit="turned"),)
    yield (_drawing([1, 2], (0, 255), seed=7, misfit="taller"),)
    yield (_drawing([3], (0, 1, 2), seed=6),)
    palettes = [(0, 255), (0, 128, 255), (0, 85, 170, 255), (0, 1), (0, 1, 2)]
    while True:
        numbers = rng.sample([1, 2, 3, 10, 11, 20, 100], rng.randint(1, 4))
        values = rng.choice(palettes)
        misfit = rng.choice(["turned", "taller", "wider"]) if rng.random() < 0.15 else ""
        yield (
            _drawing(
                numbers, values, rng.randrange(10**6), rng.random() < 0.5, misfit,
                len(numbers) > 1 and rng.random() < 0.5,
            ),
        )  # fmt: skip


def _drawing(
    numbers: list[int],
    values: tuple[int, ...],
    seed: int,
    hidden: bool = False,
    misfit: str = "",
    some: bool = False,
) -> Drawing:
    """Pictures of 2 to 5 pixels a side; ``some``: only the first mask has all the values."""
    rng, files = np.random.default_rng(seed), []
    for place, number in enumerate(numbers):
        height, width = rng.integers(2, 4), rng.integers(4, 6)
        image = rng.integers(0, 256, (height, width)).astype(np.uint8)
        ends = (values[0], values[-1]) if some and place else values
        chosen = rng.choice(ends, (height, width))
        chosen.flat[: len(ends)] = ends
        mask = chosen.astype(np.uint8)
        if misfit and place == len(numbers) - 1:
            grown = np.ones((1 + (misfit == "taller"), 1 + (misfit == "wider")), "uint8")
            mask = mask.T.copy() if misfit == "turned" else np.kron(mask, grown)
        files.append((f"images/{number}.png", image))
        files.append((f"masks/{number}_mask.png", mask))
    if hidden:  # a preview that a program left behind
        files.append((f"images/.{numbers[0]}.png", files[0][1]))
        files.append((f"masks/.{numbers[0]}_mask.png", files[1][1]))
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


stretch = Exercise(
    name="16.own_folder",
    task=_("Load a folder of images and masks as pairs: name → (image, class of each pixel)."),
    reference=own_pairs,
    mistakes=(
        Mistake(
            "paired by place", _pairing(by_place=True, check=False),
            _("An image got another one's mask. Sorted, `1.png` comes before `10.png`, but "
              "`10_mask.png` before `1_mask.png`: pair by name, not by place."),
        ),
        Mistake(
            "hidden files", _pairing(hidden=True),
            _("There is a pair too many, of hidden files: their names begin with a dot. "
              "Programs leave them behind; skip them."),
        ),
        Mistake(
            "mask at 255", _pairing(classes="none"),
            _("The mask's greys are no class numbers. Classes are 0, 1, 2, …: 255 would be the "
              "256th."),
        ),
        Mistake(
            "divided by 255", _pairing(classes="floor"),
            _("Divided by 255, all greys but white become 0. Here classes may be 0, 128 and "
              "255, or 0, 1 and 2: look which values there are, and number them."),
        ),
        Mistake(
            "above 0", _pairing(classes="above"),
            _("All that is not black became one class. There may be more than two: number the "
              "values that occur."),
        ),
        Mistake(
            "each mask by itself", _pairing(classes="each"),
            _("A mask without the middle class numbers its white otherwise than the others do. "
              "Collect the values of all masks first, then number them."),
        ),
        Mistake(
            "any size", _pairing(check=False),
            _("A mask of another size than its image went through. Compare the shapes and "
              "raise a ValueError; scaling or cropping would shift the classes."),
        ),
    ),
    hints=(
        _("Three steps: read the pairs by name, find all values that the masks hold, number "
          "them."),
        _("(folder / \"images\").glob(\"*.png\") gives the hidden files as well. The mask of "
          "7.png is masks/7_mask.png: file.stem is \"7\"."),
        _("values = np.unique of all masks together; np.searchsorted(values, mask) gives each "
          "pixel's class."),
    ),
    due=_("a dictionary: name → (image, classes), two arrays (H, W)"),
    cases=drawings,
    count=15,
    run=_in_a_folder,
    same=_same_pairs,
    specification=_by_the_library,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
