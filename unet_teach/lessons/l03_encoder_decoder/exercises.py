"""Lesson 03: the double convolution, the contracting path, its parameters."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach.exercises.agreement import agree, as_array, plain
from unet_teach.exercises.cases import noise, oblong, smaller, strided
from unet_teach.exercises.exercise import Exercise, Mistake, Symptom
from unet_teach.exercises.modules import on_known_numbers, unasked
from unet_teach.layers import DoubleConv
from unet_teach.translation import _, _n


# ---------------------------------------------------------------- easy: the double convolution
def double_conv(in_channels, out_channels):
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3),
        nn.ReLU(),
        nn.Conv2d(out_channels, out_channels, 3),
        nn.ReLU(),
    )


def on_the_same_weights(answer: Callable, in_channels: int, out_channels: int) -> Tensor:
    """Build, give every parameter known numbers, and run on two images: (2, C, 5, 6)."""
    generator = torch.Generator().manual_seed(100 * in_channels + out_channels)
    x = 30 * torch.randn(2, in_channels, 9, 10, generator=generator)
    wrong = partial(_not_two_convolutions, due=out_channels)
    return on_known_numbers(answer(in_channels, out_channels), x, wrong)


def _not_two_convolutions(module: nn.Module, used: list[nn.Module], due: int) -> str:
    """In words, what a first pass says against a module; "" where nothing."""
    norm = _(
        "There is a {name} in your module: the paper's sentence names convolutions and ReLUs "
        "only."
    )
    bias = _("Your convolutions have no bias: leave `bias` as torch has it.")
    if words := unasked(module, norm, bias):
        return words
    convolutions = [layer for layer in used if isinstance(layer, nn.Conv2d)]
    if len(set(convolutions)) < len(convolutions):
        return _("One convolution runs twice: two are asked for, each with its own weights.")
    if len(convolutions) == 2 and convolutions[0].out_channels != due:
        return _n(
            "Your first convolution has {n} output channel. It should go from in_channels "
            "to out_channels, and the second from out_channels to out_channels.",
            "Your first convolution has {n} output channels. It should go from in_channels "
            "to out_channels, and the second from out_channels to out_channels.",
            convolutions[0].out_channels,
        )
    return ""


def channels(rng: random.Random) -> Iterator[tuple]:
    """(in_channels, out_channels)."""
    yield from [(1, 2), (2, 4), (3, 3), (1, 1), (4, 2), (5, 1), (1, 6), (2, 2), (4, 5), (3, 1)]
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


def _larger(got: Tensor, due: Tensor) -> int:
    """By how many pixels the height is too large."""
    return as_array(got).shape[2] - due.shape[2]


easy = Exercise(
    name="03.double_conv",
    task=_("Two unpadded 3 × 3 convolutions, each followed by a ReLU, as one module."),
    reference=double_conv,
    mistakes=(
        Mistake("no ReLU between", _chain("first", "second", "relu"), _(
            "There is no ReLU between the convolutions. Two convolutions without one in "
            "between could be replaced by a single one.")),
        Mistake("no ReLU at the end", _chain("first", "relu", "second"), _(
            'The last ReLU is missing: "each followed by a rectified linear unit". Your map '
            'has negative values.')),
        Mistake("no ReLU at all", _chain("first", "second"), _(
            "Where are the ReLUs? Without any, two convolutions are one 5 × 5 convolution in "
            "disguise.")),
        Mistake("ReLU first", _chain("relu", "first", "relu", "second"), _(
            "Your ReLUs come before the convolutions. The first one throws away everything "
            "dark in the image.")),
        Mistake("one 5 × 5", _chain("wide", "relu"), _(
            "One 5 × 5 convolution has the same field and the same output size. But it has one "
            "ReLU fewer.")),
        Mistake("padded", _chain("padded", "relu", "padded second", "relu"), _(
            'You padded. The paper says "unpadded convolutions": each of them takes two pixels '
            'off the height and off the width.')),
        Mistake("sigmoid", _chain("first", "sigmoid", "second", "sigmoid"), _(
            "Your activations are sigmoids. A rectified linear unit is max(0, x).")),
    ),
    symptoms=(
        Symptom("as large as the image", lambda case, got, due: _larger(got, due) == 4, _(
            "Your map is as large as the image. The convolutions are unpadded: each takes two "
            "pixels off the height and off the width.")),
        Symptom("too large", lambda case, got, due: _larger(got, due) > 0, _(
            "Your map is too large. Two unpadded 3 × 3 convolutions take four pixels off the "
            "height and off the width: is one of them padded, or missing, or smaller?")),
        Symptom("too small", lambda case, got, due: _larger(got, due) < 0, _(
            "Your map is too small. Two 3 × 3 convolutions at stride 1 take four pixels off "
            "the height and off the width, and nothing else should.")),
        Symptom("channels", lambda case, got, due: as_array(got).shape[1] != due.shape[1], _(
            "The number of channels in your map isn't `out_channels`. The first convolution "
            "goes from in_channels to out_channels, and the second from out_channels to "
            "out_channels.")),
        Symptom("negative values", lambda case, got, due: as_array(got).min() < 0, _(
            "Your map has negative values, but after a ReLU there are none. Does the module "
            "end in one, and is it max(0, x)?")),
        Symptom("bounded", lambda case, got, due: as_array(got).max() <= 6, _(
            "Your values never get large. A ReLU is max(0, x): it has no upper end, where "
            "sigmoid, tanh and ReLU6 have one.")),
        Symptom("never zero", lambda case, got, due: as_array(got).min() > 0 and bool(
            (due == 0).any()), _(
            "None of your values is exactly 0. A ReLU is max(0, x), so it turns everything "
            "negative into 0.")),
        Symptom("other numbers",
            lambda case, got, due: as_array(got).shape == tuple(due.shape), _(
            "The shape is right, but the numbers are not. There should be a convolution, a "
            "ReLU, a convolution, a ReLU, in this order, and nothing else.")),
    ),
    hints=(
        _("Which four layers does the paper's sentence name, and in which order?"),
        _("nn.Sequential runs modules one after the other. Only the first convolution changes "
          "the number of channels."),
        _("`nn.Sequential(nn.Conv2d(in_channels, out_channels, 3), nn.ReLU(), "
          "nn.Conv2d(out_channels, out_channels, 3), nn.ReLU())`"),
    ),
    due=_("a module that takes (B, in_channels, H, W)"),
    cases=channels,
    count=30,
    run=on_the_same_weights,
    specification=_by_functions,
    worth=_("This is the part that U-Net is made of: the paper's network has nine of these, "
            "five on the contracting path and four on the expansive path."),
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


# depth, batch, (height, width) of the lowest map, rows and columns left over at each pooling
EVEN, BOTH = (0, 0), (1, 1)
PATHS = (
    (1, 1, (2, 2), EVEN), (2, 1, (2, 2), EVEN), (0, 1, (4, 4), EVEN), (1, 3, (2, 2), EVEN),
    (2, 2, (3, 3), EVEN), (0, 2, (2, 3), EVEN), (1, 1, (2, 4), EVEN), (2, 1, (3, 2), EVEN),
    (1, 1, (2, 2), BOTH), (1, 1, (3, 2), (1, 0)), (2, 2, (2, 3), (0, 1)), (2, 1, (2, 2), BOTH),
    (1, 1, (1, 1), EVEN), (2, 2, (1, 1), EVEN), (1, 2, (1, 3), EVEN), (3, 2, (2, 2), EVEN),
)  # fmt: skip


def paths(rng: random.Random) -> Iterator[tuple]:
    """(convs, x): valid double convolutions; sizes that a pooling rounds, and a batch."""
    yield from (_path(rng, *path) for path in PATHS)
    while True:
        bottom, left_over = (rng.randint(2, 4), rng.randint(2, 4)), (rng.randint(0, 1), 0)
        yield _path(rng, rng.randint(0, 3), rng.randint(1, 3), bottom, left_over)


def _path(
    rng: random.Random, depth: int, batch: int, bottom: tuple, left_over: tuple
) -> tuple[list[nn.Module], Tensor]:
    widths = (rng.choice([1, 3]), *(2 * 2**level for level in range(depth + 1)))
    convs = [DoubleConv(above, below) for above, below in pairwise(widths)]
    with torch.no_grad():
        for conv in convs:
            for parameter in conv.parameters():
                parameter.copy_(noise(rng, *parameter.shape) / 2)
            conv.requires_grad_(False)
    size = [n + 4 for n in bottom]
    for _level in range(depth):
        size = [2 * n + rest + 4 for n, rest in zip(size, left_over, strict=True)]
    x = noise(rng, batch, widths[0], *size)
    return convs, strided(x) if rng.random() < 0.3 else x


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


def _every_second(x: Tensor) -> Tensor:
    return x[..., : x.shape[-2] // 2 * 2 : 2, : x.shape[-1] // 2 * 2 : 2]


def _parts(got: object) -> list:
    return plain(got) if isinstance(plain(got), list) else [got]


def _shapes(got: object) -> list[tuple]:
    return [tuple(as_array(part).shape) for part in _parts(got)]


def _first_is_right(got: object, due: list) -> bool:
    return not agree(_parts(got)[0], due[0]) and len(_parts(got)) == len(due)


def _rounded(due: list) -> bool:
    """Whether a pooling leaves a row or a column over."""
    return any(n % 2 for level in due[:-1] for n in level.shape[-2:])


core = Exercise(
    name="03.contract",
    task=_("Run the contracting path, and keep the feature map of every level for the skips."),
    reference=contract,
    mistakes=(
        Mistake("kept after the pooling", _variant(after=True), _(
            "You keep the maps after their pooling. A skip carries the map **before** it, "
            "because it is there to keep what the pooling throws away.")),
        Mistake("average pooling", _variant(lambda x: F.avg_pool2d(x, 2)), _(
            "Your pooling takes the mean of four pixels, but the paper's takes the largest.")),
        Mistake("every second pixel", _variant(_every_second), _(
            "You keep every second pixel. A max pooling looks at all four and takes the "
            "largest.")),
        Mistake("bottom missing", lambda convs, x: contract(convs, x)[:-1], _(
            "The lowest map is missing. It isn't a skip, but the expansive path begins with "
            "it.")),
        Mistake("bottom first", lambda convs, x: contract(convs, x)[::-1], _(
            "The maps are right, but their order is not: level 0, the top of the U, comes "
            "first.")),
    ),
    symptoms=(
        Symptom("the bottom only", lambda case, got, due: len(_parts(got)) == 1
            and not agree(_parts(got)[0], due[-1]), _(
            "You return the lowest map only. The skips need those of the other levels, too: "
            "keep each one in a list when it comes out of its DoubleConv.")),
        Symptom("a pair", lambda case, got, due: any(
            isinstance(plain(part), list) for part in _parts(got)), _(
            "There is a list inside your list. Return a single one with all maps, the lowest "
            "one at its end.")),
        Symptom("what goes in", lambda case, got, due: not agree(_parts(got)[0], case["x"]), _(
            "Your first map is the image: you keep what goes into each DoubleConv. Keep what "
            "comes out of it.")),
        Symptom("axes",
            lambda case, got, due: any(len(shape) != 4 for shape in _shapes(got)), _(
            "Your maps do not have four axes: each is (batch, channels, height, width), as its "
            "DoubleConv returns it.")),
        Symptom("one image of the batch",
            lambda case, got, due: _shapes(got)[0][0] < case["x"].shape[0], _(
            "It is right for a single image, but of several only one comes out. The first axis "
            "is the batch, and everything here leaves it as it is.")),
        Symptom("too few", lambda case, got, due: len(_parts(got)) < len(due), _(
            "There are maps missing: each DoubleConv returns one, including those at the top "
            "and at the bottleneck.")),
        Symptom("too many", lambda case, got, due: len(_parts(got)) > len(due), _(
            "There are more maps than DoubleConvs. Keep one for each level, the one that its "
            "DoubleConv returns, and not the pooled one as well.")),
        Symptom("left over rows", lambda case, got, due: _first_is_right(got, due)
            and _rounded(due), _(
            "It is wrong only where a map has an odd height or width. There a pooling leaves "
            "out the last row or column, as `F.max_pool2d(x, 2)` does by default.")),
        oblong("x"),
        Symptom("another step", lambda case, got, due: _first_is_right(got, due)
            and _shapes(got)[1] != tuple(due[1].shape), _(
            "The top level is right, but the next one doesn't have the right size: a 2 × 2 "
            "pooling with stride 2 halves height and width, and there is one between two "
            "levels.")),
        Symptom("other numbers", lambda case, got, due: _first_is_right(got, due)
            and _shapes(got)[1] == tuple(due[1].shape), _(
            "The top level is right, and below it the numbers differ, so look at what is "
            "between two DoubleConvs: in the map that you have just kept, the largest of each "
            "2 × 2 pixels goes on.")),
        Symptom("below the top", lambda case, got, due: _first_is_right(got, due), _(
            "The top level is right, and below it something differs, so look at what is "
            "between two DoubleConvs: one max pooling over 2 × 2 pixels, with stride 2.")),
        Symptom("the top", lambda case, got, due: len(_parts(got)) == len(due)
            and bool(agree(_parts(got)[0], due[0])), _(
            "The first map is wrong already. It is what the first DoubleConv makes of the "
            "image, before any pooling.")),
    ),
    hints=(
        _("How many poolings are there between three levels? Where is there none?"),
        _("For every level but the first: pool. Then convolve, then keep what came out."),
        _("`for level, conv in enumerate(convs):` … `if level > 0: x = F.max_pool2d(x, 2)` … "
          "`x = conv(x)` … `maps.append(x)`"),
    ),
    due=_("a list of feature maps, one for each level, the top of the U first"),
    cases=paths,
    keeps_input=True,
    worth=_("That is the left half of the U. The last map goes on to the expansive path of "
            "lesson 04, and the others wait for it as skips."),
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
    """(in_channels, base_channels, depth); also without a pooling."""
    yield from [(1, 1, 1), (1, 64, 4), (3, 8, 2), (2, 2, 1), (1, 1, 0), (3, 4, 0), (4, 6, 0)]
    yield from [(1, 2, 0), (1, 5, 1), (5, 1, 1), (1, 7, 2), (3, 64, 4), (3, 3, 3), (1, 32, 6)]
    while True:
        base = rng.choice([1, 2, rng.randint(3, 40)])
        yield rng.choice([1, 1, 2, 3, 4]), base, rng.choice([0, 1, 1, 2, 3, 4, 5])


def _built(in_channels, base_channels, depth):
    """The specification: build it and count."""
    widths = (in_channels, *(base_channels * 2**level for level in range(depth + 1)))
    convs = [DoubleConv(above, below) for above, below in pairwise(widths)]
    return sum(p.numel() for conv in convs for p in conv.parameters())


def _counted(level: Callable, grow: int = 2) -> Callable:
    """A wrong `parameters`: each level(above, below, image), so many times wider."""

    def parameters(in_channels, base_channels, depth):
        widths = [in_channels, *(base_channels * grow**n for n in range(depth + 1))]
        return sum(level(above, below, in_channels) for above, below in pairwise(widths))

    return parameters


def _weights_only_differ(case: dict, got: object, due: int) -> bool:
    """Off by less than there are biases, or channels: the weights are all there."""
    biases = case["in_channels"] + sum(
        2 * case["base_channels"] * 2**level for level in range(case["depth"] + 1)
    )
    return 0 < abs(plain(got) - due) <= biases


stretch = Exercise(
    name="03.parameters",
    task=_("How many parameters does the contracting path have, the bottleneck included?"),
    reference=parameters,
    mistakes=(
        Mistake("no biases", _counted(lambda a, b, image: 9 * a * b + 9 * b * b), _(
            "Your count lacks the biases: each convolution has one for every output channel.")),
        Mistake("bottom left out",
            lambda image, base, depth: parameters(image, base, depth - 1), _(
            "The bottleneck is missing: with `depth` poolings there are depth + 1 DoubleConvs, "
            "and the last is the largest by far.")),
        Mistake("a level too many",
            lambda image, base, depth: parameters(image, base, depth + 1), _(
            "You count one level too many: with `depth` poolings there are depth + 1 "
            "DoubleConvs, level 0 to level depth.")),
        Mistake("one convolution", _counted(lambda a, b, image: 9 * a * b + b), _(
            "You counted one convolution for each level. There are two, and the second one "
            "takes what the first one returns.")),
        Mistake("first one twice", _counted(lambda a, b, image: 2 * (9 * a * b + b)), _(
            "You count both convolutions alike, but the second one has as many channels in as "
            "out.")),
        Mistake("second one twice", _counted(lambda a, b, image: 2 * (9 * b * b + b)), _(
            "You count both convolutions alike, as if the first one had as many channels in as "
            "out, too. But it takes the channels of the level above, or of the image.")),
        Mistake("not doubled",
            _counted(lambda a, b, image: 9 * a * b + 9 * b * b + 2 * b, grow=1), _(
            "Your channels stay the same from level to level. \"At each downsampling step we "
            "double the number of feature channels.\"")),
        Mistake("three weights", _counted(lambda a, b, image: 3 * a * b + 3 * b * b + 2 * b), _(
            "A 3 × 3 kernel has nine weights for each pair of channels, not three.")),
        Mistake("grey images only",
            lambda in_channels, base_channels, depth: parameters(1, base_channels, depth), _(
            "It is right for images with one channel. The first convolution takes "
            "`in_channels` of them.")),
        Mistake("the image at each level",
            _counted(lambda a, b, image: 9 * image * b + 9 * b * b + 2 * b), _(
            "Every level takes the channels of the image in your count. Only level 0 does; the "
            "others take what the level above returns.")),
        Mistake("always four poolings", lambda i, base, depth: parameters(i, base, 4), _(
            "You count the paper's four poolings, whatever `depth` is.")),
        Mistake("the bottom alone",
            lambda image, base, depth: parameters(image, base, depth) - parameters(
            image, base, depth - 1), _(
            "That is the last DoubleConv alone. Add up those of all levels.")),
    ),
    symptoms=(
        Symptom("biases", _weights_only_differ, _(
            "The weights are all there, but the number of biases is not right. Each of the two "
            "convolutions of a level has one bias for every output channel.")),
        Symptom("no pooling", lambda case, got, due: case["depth"] == 0, _(
            "It is wrong where depth is 0. Then there is no pooling, and one DoubleConv, from "
            "the image to base_channels.")),
        Symptom("colour", lambda case, got, due: case["in_channels"] != 1, _(
            "It is right for images with one channel, and wrong where in_channels is not 1. "
            "The first convolution of level 0 takes the image; no other one does.")),
        Symptom("deeper levels", lambda case, got, due: case["depth"] > 1, _(
            "It is right up to depth 1, and wrong from depth 2 on: write down the channels of "
            "the first four levels, into and out of each convolution. They double with every "
            "pooling.")),
        Symptom("levels", lambda case, got, due: case["depth"] > 0, _(
            "It is right for one DoubleConv, and wrong as soon as there is a pooling: how many "
            "channels go into level 1, and how many come out?")),
        Symptom("too many",
            lambda case, got, due: plain(got) > due and plain(got) % due != 0, _(
            "You count too many. Try the smallest network by hand: from 1 to 1 channels a "
            "convolution has 9 weights and 1 bias, and depth 0 has two of these, so 20.")),
        Symptom("too few", smaller, _(
            "You count too few. Try the smallest network by hand: from 1 to 1 channels a "
            "convolution has 9 weights and 1 bias, and depth 0 has two of these, so 20.")),
    ),
    hints=(
        _("Count one convolution first: how many weights join one input channel to one output "
          "channel?"),
        _("9 · in · out + out. A level has two of them: (above → below) and (below → below), "
          "with below = base_channels · 2^level."),
        _("`for level in range(depth + 1): total += 9 * above * below + below + 9 * below * "
          "below + below; above = below`"),
    ),
    due=_("a whole number"),
    cases=configs,
    specification=_built,
    worth=_("You can tell how many parameters a network has before you build it: of the "
            "paper's 18.8 million on this path, three quarters are in the last DoubleConv."),
)  # fmt: skip

EXERCISES = (easy, core, stretch)
