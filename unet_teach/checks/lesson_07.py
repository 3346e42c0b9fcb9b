"""Lesson 07: five shapes, the forward pass, all legal sizes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain

import torch
from torch import Tensor
from torch.nn import functional as F

from unet_teach.checks.exercise import Exercise, Mistake
from unet_teach.config import UNetConfig
from unet_teach.layers import center_crop
from unet_teach.models.unet import UNet
from unet_teach.shapes import size_step, smallest_size
from unet_teach.shapes.floors import follow
from unet_teach.translation import _


# ------------------------------------------------------------------------- five shapes
def five_shapes() -> dict[str, tuple[int, ...]]:
    """Two images of 3 × 220 × 252, 32 base channels, 5 classes, valid convolutions."""
    return {
        "top": (2, 32, 216, 248),
        "level 1": (2, 64, 104, 120),
        "bottom": (2, 512, 6, 8),
        "merged": (2, 512, 12, 16),
        "output": (2, 5, 36, 68),
    }


SHAPES = five_shapes()
SAME = {
    "top": (2, 32, 220, 252), "level 1": (2, 64, 110, 126), "bottom": (2, 512, 13, 15),
    "merged": (2, 512, 26, 30), "output": (2, 5, 220, 252),
}  # fmt: skip

five = Exercise(
    name="07.five_shapes",
    task=_("Predict the shapes of five maps of a U-Net, before you run it."),
    reference=five_shapes,
    mistakes=(
        Mistake(
            "same padding", SAME,
            _("Your maps keep their size at each convolution. These convolutions are valid: "
              "each takes one pixel off every edge, so a DoubleConv takes 4 off a side."),
        ),
        Mistake(
            "merged without the skip", SHAPES | {"merged": (2, 256, 12, 16)},
            _("Only `merged` is off: concatenation puts the channels of the skip beside those "
              "of the map from below."),
        ),
        Mistake(
            "merged at the skip's size", SHAPES | {"merged": (2, 512, 20, 24)},
            _("Only `merged` is off: that is the skip before its crop. Which of the two maps "
              "decides the size?"),
        ),
        Mistake(
            "one channel out", SHAPES | {"output": (2, 1, 36, 68)},
            _("Only `output` is off: how many maps does the last 1×1 convolution give, one in "
              "all or one for each class?"),
        ),
        Mistake(
            "a DoubleConv counted as one", {
                "top": (2, 32, 218, 250), "level 1": (2, 64, 107, 123),
                "bottom": (2, 512, 10, 12), "merged": (2, 512, 20, 24),
                "output": (2, 5, 128, 160),
            },
            _("Each level seems to lose 2 pixels a side. How many convolutions stand in a "
              "DoubleConv?"),
        ),
        Mistake(
            "width before height",
            {name: (*shape[:2], *shape[:1:-1]) for name, shape in SHAPES.items()},
            _("Height and width have changed places: a tensor is (B, C, H, W)."),
        ),
    ),
    hints=(
        _("Which of the four numbers does a convolution change? Which does a pooling?"),
        _("A DoubleConv takes 4 off height and width; a pooling halves both; each level down "
          "doubles the channels. Go down the left side first: 220 → 216 → 108 → …"),
        _("Going up, height and width double and the channels halve, then the skip's channels "
          "come on top. At the bottom: (2, 512, 6, 8)."),
    ),
    due=_("a dictionary with five shapes, each a tuple (B, C, H, W)"),
)  # fmt: skip


# ------------------------------------------------------------------------ forward pass
class UNetParts(UNet):
    """The library's U-Net with its forward pass taken out: that is the exercise."""

    def forward(self, x: Tensor) -> Tensor:
        raise RuntimeError("forward is yours to write: call the parts, not the whole")


def forward(self, x):
    skips = []
    for level, convs in enumerate(self.contract):
        if level > 0:
            x = F.max_pool2d(x, 2)
        x = convs(x)
        skips.append(x)
    for level in reversed(range(len(self.expand))):
        x = self.upsamplers[level](x)
        skip = center_crop(skips[level], x.shape[-2:])
        x = torch.cat([skip, x], dim=1)
        x = self.expand[level](x)
    return self.last(x)


def variant(
    pool: Callable = F.max_pool2d,
    join: Callable | None = None,
    end: Callable = lambda self, x: self.last(x),
) -> Callable:
    """A forward pass with one part exchanged."""
    join = join or (lambda skip, x: torch.cat([center_crop(skip, x.shape[-2:]), x], 1))

    def forward(self, x):
        skips = []
        for level, convs in enumerate(self.contract):
            x = convs(pool(x, 2) if level else x)
            skips.append(x)
        for level in reversed(range(len(self.expand))):
            x = self.upsamplers[level](x)
            x = self.expand[level](join(skips[level], x))
        return end(self, x)

    return forward


def _top_left(skip: Tensor, x: Tensor) -> Tensor:
    return torch.cat([skip[..., : x.shape[-2], : x.shape[-1]], x], 1)


def _resized(skip: Tensor, x: Tensor) -> Tensor:
    return torch.cat([F.interpolate(skip, x.shape[-2:]), x], 1)


def _swapped(skip: Tensor, x: Tensor) -> Tensor:
    return torch.cat([x, center_crop(skip, x.shape[-2:])], 1)


@lru_cache(maxsize=64)
def small_net(config: UNetConfig, seed: int) -> UNetParts:
    """Seeded weights; biases too, or else a lost one would not show."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = UNetParts(config)
        for name, parameter in net.named_parameters():
            if name.endswith("bias"):
                torch.nn.init.uniform_(parameter, 0.0, 0.5)
    return net.requires_grad_(False)


def nets(rng: random.Random) -> Iterator[tuple[UNetParts, Tensor]]:
    """Small U-Nets, each with an image of a legal, oblong size."""
    depths = chain((1, 2), iter(lambda: rng.choice((1, 1, 2, 2, 3)), 0))
    for depth in depths:
        # As many classes as channels: a forgotten last layer then shows in the values.
        channels = rng.choice((2, 3))
        config = UNetConfig(rng.choice((1, 2)), channels, channels, depth)
        least, step = smallest_size(config), size_step(config)
        height, width = (least + step * rng.randrange(1, 20 // step + 3) for _side in "HW")
        generator = torch.Generator().manual_seed(rng.randrange(2**31))
        x = torch.rand(1, config.in_channels, height, width, generator=generator)
        yield small_net(config, rng.randrange(3)), x


whole = Exercise(
    name="07.forward",
    task=_("Write U-Net's forward pass: from an image to a map of logits."),
    reference=forward,
    mistakes=(
        Mistake(
            "map from below first", variant(join=_swapped),
            _("You concatenate the map from below first. A network trained so would do as "
              "well, but with given weights the order counts: the paper's figure puts the "
              "skip first."),
        ),
        Mistake(
            "crop from the top left", variant(join=_top_left),
            _("Your crop takes the top left corner of the skip. Its middle is what lies over "
              "the map from below."),
        ),
        Mistake(
            "skip resized", variant(join=_resized),
            _("You resize the skip to make it fit. Then its pixels lie elsewhere than those of "
              "the map from below: crop it."),
        ),
        Mistake(
            "average pooling", variant(pool=F.avg_pool2d),
            _("Your pooling takes the mean of four pixels; the paper's takes their maximum."),
        ),
        Mistake(
            "no last layer", variant(end=lambda self, x: x),
            _("Everything is right but for the end: the last 1×1 convolution is missing."),
        ),
        Mistake(
            "ReLU at the end", variant(end=lambda self, x: F.relu(self.last(x))),
            _("There is a ReLU after the last convolution. Logits may be negative: a class "
              "that is unlikely has to be able to say so."),
        ),
        Mistake(
            "softmax at the end", variant(end=lambda self, x: self.last(x).softmax(1)),
            _("You return probabilities; logits are due. The loss takes its softmax itself."),
        ),
    ),
    hints=(
        _("Two loops: one goes down and keeps something at every level. What does the second "
          "one do with it, and in which order?"),
        _("Down: pool (but not before the first level), convolve, keep. Up, from the last "
          "level but one to level 0: upsample, crop the kept map, concatenate, convolve."),
        _("Going up: x = self.upsamplers[level](x); skip = center_crop(skips[level], "
          "x.shape[-2:]); x = self.expand[level](torch.cat([skip, x], dim=1)). At the end: "
          "self.last(x)."),
    ),
    due=_("a tensor of logits (B, K, h, w)"),
    cases=nets,
    count=24,
)  # fmt: skip


# ------------------------------------------------------------------------- legal sizes
def legal(low, high, depth=4):
    sizes = []
    for n in range(low, high + 1):
        size, even = n, True
        for _level in range(depth):
            size -= 4  # two valid 3×3 convolutions
            even = even and size % 2 == 0  # what the pool gets
            size //= 2
        size -= 4
        for _level in range(depth):
            size = 2 * size - 4
        if even and size >= 1:
            sizes.append(n)
    return sizes


def legal_by_following(low: int, high: int, depth: int = 4) -> list[int]:
    """The specification: follow every size, and see whether anything goes wrong."""
    config = UNetConfig(depth=depth)
    return [n for n in range(max(low, 1), high + 1) if not follow(config, n).failing]


def _where(rule: Callable[[int, int], bool]) -> Callable:
    """A wrong `legal` that keeps the sizes of which rule(n, depth) holds."""

    def legal(low, high, depth=4):
        return [n for n in range(low, high + 1) if rule(n, depth)]

    return legal


def _residue(n: int, depth: int) -> bool:
    config = UNetConfig(depth=depth)
    return n % size_step(config) == smallest_size(config) % size_step(config)


def _bottom(n: int, depth: int) -> int:
    """The map at the bottom of the U; whole wherever the poolings are even."""
    for _level in range(depth):
        n = (n - 4) // 2
    return n - 4


def ranges(rng: random.Random) -> Iterator[tuple[int, int, int]]:
    """(low, high, depth): whole courses first, then ends that are legal, and random ones."""
    yield 1, 60, 1
    yield 1, 130, 2
    yield 100, 600, 4
    while True:
        depth = rng.randrange(1, 6)
        config = UNetConfig(depth=depth)
        edge = smallest_size(config) + size_step(config) * rng.randrange(0, 4)
        yield (
            max(1, edge - rng.randrange(40)),
            edge + rng.choice((0, 0, rng.randrange(80))),
            depth,
        )
        low = rng.randrange(1, 300)
        yield low, low + rng.randrange(200), depth


sizes = Exercise(
    name="07.legal_sizes",
    task=_("Find all input sizes from low to high at which no pooling drops a pixel."),
    reference=legal,
    mistakes=(
        Mistake(
            "multiples of the step", _where(lambda n, depth: n % 2**depth == 0),
            _("Multiples of 2 to the depth are the rule for same padding. With valid "
              "convolutions each level takes 4 pixels off before its pooling."),
        ),
        Mistake(
            "no smallest size", _where(_residue),
            _("The pattern is right, but it starts too early: at least one pixel has to come "
              "out at the end."),
        ),
        Mistake(
            "only down", _where(lambda n, depth: _residue(n, depth) and _bottom(n, depth) > 0),
            _("You stop at the bottom of the U. The expansive path takes pixels too, and some "
              "sizes have none left at the end."),
        ),
        Mistake(
            "last size missing", lambda low, high, depth=4: legal(low, high - 1, depth),
            _("`high` itself belongs to the range: `range(low, high)` stops one before."),
        ),
        Mistake(
            "whatever torch runs",
            _where(lambda n, depth: not follow(UNetConfig(depth=depth), n).stuck),
            _("You took every size that gives an output. torch runs those too where a pooling "
              "drops a row: ask at each pooling whether the size is even."),
        ),
        Mistake(
            "only the first pooling",
            _where(lambda n, depth: n % 2 == 0
                   and not follow(UNetConfig(depth=depth), n).stuck),
            _("You looked at the first pooling only. Every pooling has to get an even size."),
        ),
    ),
    hints=(
        _("Follow one size down the U with pencil and paper, 570 say. Where does it go wrong?"),
        _("For each n: go down as the network does (minus 4, even?, halve), then the bottom, "
          "then up (double, minus 4). Keep n if every pool got an even size and the end is at "
          "least 1."),
        _("Inside the loop over levels: size -= 4; even = even and size % 2 == 0; size //= 2. "
          "Then size -= 4 once for the bottom, and size = 2 * size - 4 for each level up."),
    ),
    due=_("a list of whole numbers"),
    cases=ranges,
    specification=legal_by_following,
)  # fmt: skip

EXERCISES = (five, whole, sizes)
