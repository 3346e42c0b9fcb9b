"""Lesson 03: the double convolution, the contracting path, its parameters."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach.checks.agreement import kind
from unet_teach.checks.exercise import Exercise, Mistake
from unet_teach.layers import DoubleConv
from unet_teach.translation import _


# ---------------------------------------------------------------- easy: the double convolution
def double_conv(in_channels, out_channels):
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3),
        nn.ReLU(),
        nn.Conv2d(out_channels, out_channels, 3),
        nn.ReLU(),
    )


def on_the_same_weights(answer: Callable, in_channels: int, out_channels: int) -> Tensor:
    """Build, draw every parameter anew from one seed, and run: the map, (1, C, 6, 7)."""
    module = answer(in_channels, out_channels)
    if not isinstance(module, nn.Module):
        raise TypeError(
            _("return a module, for example nn.Sequential(...); this is {kind}").format(
                kind=kind(module)
            )
        )
    generator = torch.Generator().manual_seed(100 * in_channels + out_channels)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) / 3)
        return module(torch.randn(1, in_channels, 10, 11, generator=generator))


def channels(rng: random.Random) -> Iterator[tuple]:
    """(in_channels, out_channels)."""
    yield from [(1, 2), (2, 4), (3, 3)]
    while True:
        yield rng.randint(1, 5), rng.randint(1, 6)


def _chain(*parts: str) -> Callable:
    """A wrong double convolution: its parts, by name."""

    def build(in_channels, out_channels):
        made = {
            "first": lambda: nn.Conv2d(in_channels, out_channels, 3),
            "second": lambda: nn.Conv2d(out_channels, out_channels, 3),
            "wide": lambda: nn.Conv2d(in_channels, out_channels, 5),
            "padded": lambda: nn.Conv2d(in_channels, out_channels, 3, padding=1),
            "padded second": lambda: nn.Conv2d(out_channels, out_channels, 3, padding=1),
            "relu": nn.ReLU,
            "sigmoid": nn.Sigmoid,
        }
        return nn.Sequential(*(made[part]() for part in parts))

    return build


def _by_functions(in_channels, out_channels):
    """The specification: the library's own layer."""
    return DoubleConv(in_channels, out_channels)


easy = Exercise(
    name="03.double_conv",
    task=_("Two unpadded 3 × 3 convolutions, each followed by a ReLU, as one module."),
    reference=double_conv,
    mistakes=(
        Mistake(
            "no ReLU between", _chain("first", "second", "relu"),
            _("There is no ReLU between the convolutions. Two convolutions without one in "
              "between could be replaced by a single one."),
        ),
        Mistake(
            "no ReLU at the end", _chain("first", "relu", "second"),
            _("The last ReLU is missing: \"each followed by a rectified linear unit\". Your "
              "map has negative values."),
        ),
        Mistake(
            "no ReLU at all", _chain("first", "second"),
            _("Where are the ReLUs? Without any, this is one 5 × 5 convolution in disguise."),
        ),
        Mistake(
            "ReLU first", _chain("relu", "first", "relu", "second"),
            _("Your ReLUs stand before the convolutions. The first one throws away everything "
              "dark in the image."),
        ),
        Mistake(
            "one 5 × 5", _chain("wide", "relu"),
            _("One 5 × 5 convolution has the same field and the same output size. But it has "
              "one ReLU less."),
        ),
        Mistake(
            "padded", _chain("padded", "relu", "padded second", "relu"),
            _("You padded. The paper says \"unpadded convolutions\": the map loses two pixels "
              "a side."),
        ),
        Mistake(
            "sigmoid", _chain("first", "sigmoid", "second", "sigmoid"),
            _("These are sigmoids. A rectified linear unit is max(0, x)."),
        ),
    ),
    hints=(
        _("Which four layers, in which order, does the paper's sentence name?"),
        _("nn.Sequential runs modules one after the other. Only the first convolution changes "
          "the number of channels."),
        _("nn.Sequential(nn.Conv2d(in_channels, out_channels, 3), nn.ReLU(), "
          "nn.Conv2d(out_channels, out_channels, 3), nn.ReLU())"),
    ),
    due=_("a module that takes (B, in_channels, H, W)"),
    cases=channels,
    run=on_the_same_weights,
    specification=_by_functions,
)  # fmt: skip


# ---------------------------------------------------------------- core: the contracting path
def contract(convs, x):
    maps = []
    for level, conv in enumerate(convs):
        if level > 0:
            x = F.max_pool2d(x, 2)
        x = conv(x)
        maps.append(x)
    return maps


def paths(rng: random.Random) -> Iterator[tuple]:
    """(convs, x): valid double convolutions, sizes that no pooling rounds."""
    number = 0
    while True:
        depth = (1, 2)[number] if number < 2 else rng.randint(1, 3)
        torch_seed = rng.randrange(10**6)
        generator = torch.Generator().manual_seed(torch_seed)
        widths = (rng.randint(1, 2), *(2 + level for level in range(depth + 1)))
        convs = [DoubleConv(above, below) for above, below in pairwise(widths)]
        with torch.no_grad():
            for conv in convs:
                for parameter in conv.parameters():
                    parameter.copy_(torch.randn(parameter.shape, generator=generator) / 2)
                conv.requires_grad_(False)
        height, width = ((4 + 2 * rng.randint(1, 2)) for _side in range(2))
        for _level in range(depth):
            height, width = 2 * height + 4, 2 * width + 4
        yield convs, torch.randn(1, widths[0], height, width, generator=generator)
        number += 1


def _variant(
    pool: Callable = lambda x: F.max_pool2d(x, 2), first: bool = False, after: bool = False
) -> Callable:
    """A wrong contracting path."""

    def contract(convs, x):
        maps = []
        for level, conv in enumerate(convs):
            if not after and (level > 0 or first):
                x = pool(x)
            x = conv(x)
            if after and level + 1 < len(convs):
                x = pool(x)
            maps.append(x)
        return maps

    return contract


def _bottom_missing(convs, x):
    return contract(convs, x)[:-1]


def _bottom_first(convs, x):
    return contract(convs, x)[::-1]


def _every_second(x: Tensor) -> Tensor:
    return x[..., ::2, ::2]


core = Exercise(
    name="03.contracting_path",
    task=_("Run the contracting path, and keep the map of every level for the skips."),
    reference=contract,
    mistakes=(
        Mistake(
            "kept after the pooling", _variant(after=True),
            _("You keep the maps after their pooling. A skip carries the map **before** it: "
              "what the pooling throws away is what the skip is for."),
        ),
        Mistake(
            "average pooling", _variant(lambda x: F.avg_pool2d(x, 2)),
            _("Your pooling takes the mean of four pixels; the paper's is a max pooling."),
        ),
        Mistake(
            "every second pixel", _variant(_every_second),
            _("You keep every second pixel. A max pooling looks at all four and takes the "
              "largest."),
        ),
        Mistake(
            "bottom missing", _bottom_missing,
            _("The lowest map is missing. It is no skip, but the way up begins with it."),
        ),
        Mistake(
            "bottom first", _bottom_first,
            _("The maps are right, their order is not: level 0, the top of the U, first."),
        ),
    ),
    hints=(
        _("How many poolings are there between three levels? Where is none?"),
        _("For every level but the first: pool. Then convolve, then keep what came out."),
        _("for level, conv in enumerate(convs): if level > 0: x = F.max_pool2d(x, 2); "
          "x = conv(x); maps.append(x)"),
    ),
    due=_("a list of maps, one a level, the top of the U first"),
    cases=paths,
)  # fmt: skip


# --------------------------------------------------------------------- stretch: parameters
def parameters(in_channels, base_channels, depth):
    total, above = 0, in_channels
    for level in range(depth + 1):
        below = base_channels * 2**level
        total += 9 * above * below + below + 9 * below * below + below
        above = below
    return total


def configs(rng: random.Random) -> Iterator[tuple]:
    """(in_channels, base_channels, depth)."""
    yield from [(1, 1, 1), (1, 64, 4), (3, 8, 2), (2, 2, 1)]
    while True:
        yield rng.randint(1, 4), rng.randint(1, 40), rng.randint(1, 5)


def _built(in_channels, base_channels, depth):
    """The specification: build it and count."""
    widths = (in_channels, *(base_channels * 2**level for level in range(depth + 1)))
    convs = [DoubleConv(above, below) for above, below in pairwise(widths)]
    return sum(p.numel() for conv in convs for p in conv.parameters())


def _no_bias(in_channels, base_channels, depth):
    biases = sum(2 * base_channels * 2**level for level in range(depth + 1))
    return parameters(in_channels, base_channels, depth) - biases


def _no_bottom(in_channels, base_channels, depth):
    return parameters(in_channels, base_channels, depth - 1)


def _one_conv(in_channels, base_channels, depth):
    total, above = 0, in_channels
    for level in range(depth + 1):
        below = base_channels * 2**level
        total += 9 * above * below + below
        above = below
    return total


def _first_twice(in_channels, base_channels, depth):
    return 2 * _one_conv(in_channels, base_channels, depth)


def _not_doubled(in_channels, base_channels, depth):
    total, above = 0, in_channels
    for _level in range(depth + 1):
        total += 9 * above * base_channels + 9 * base_channels**2 + 2 * base_channels
        above = base_channels
    return total


def _three(in_channels, base_channels, depth):
    total, above = 0, in_channels
    for level in range(depth + 1):
        below = base_channels * 2**level
        total += 3 * above * below + 3 * below * below + 2 * below
        above = below
    return total


stretch = Exercise(
    name="03.parameters",
    task=_("How many parameters has the contracting path, the bottom included?"),
    reference=parameters,
    mistakes=(
        Mistake(
            "no biases", _no_bias,
            _("You are short by the biases: each convolution has one for every output "
              "channel."),
        ),
        Mistake(
            "bottom left out", _no_bottom,
            _("The bottom is missing: `depth` poolings have depth + 1 double convolutions, and "
              "the last is the largest by far."),
        ),
        Mistake(
            "one convolution", _one_conv,
            _("You counted one convolution a level. There are two, and the second one takes "
              "what the first one gives."),
        ),
        Mistake(
            "first one twice", _first_twice,
            _("Both convolutions are counted alike. The second has as many channels in as "
              "out."),
        ),
        Mistake(
            "not doubled", _not_doubled,
            _("Your channels stay the same on the way down. \"At each downsampling step we "
              "double the number of feature channels.\""),
        ),
        Mistake(
            "three weights", _three,
            _("A 3 × 3 kernel has nine weights for each pair of channels, not three."),
        ),
    ),
    hints=(
        _("Count one convolution first: how many weights join one input channel to one output "
          "channel?"),
        _("9 · in · out + out. A level has two of them: (above → below) and (below → below), "
          "with below = base_channels · 2^level."),
        _("for level in range(depth + 1): total += 9 * above * below + below + 9 * below * "
          "below + below; above = below"),
    ),
    due=_("a whole number"),
    cases=configs,
    specification=_built,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
