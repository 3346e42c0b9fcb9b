"""Lesson 05: the crop, the crops of the paper, odd sizes."""

from __future__ import annotations

import random
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional as F

from unet_teach.checks.exercise import Exercise, Mistake
from unet_teach.config import UNetConfig
from unet_teach.shapes import trace
from unet_teach.translation import _


# ---------------------------------------------------------------------------- easy: the crop
def center_crop(x, size):
    height, width = size
    top = (x.shape[-2] - height) // 2
    left = (x.shape[-1] - width) // 2
    return x[..., top : top + height, left : left + width]


def coordinates(batch: int, channels: int, height: int, width: int) -> Tensor:
    """A map (B, C, H, W) in which every entry tells its own place."""
    rows = torch.arange(float(height))[:, None] * 100
    places = rows + torch.arange(float(width))  # 203.0 is row 2, column 3
    number = torch.arange(float(batch * channels)).view(batch, channels, 1, 1)
    return number * 10_000 + places


def crops(rng: random.Random) -> Iterator[tuple]:
    """(map, size): square ones, odd margins, then any."""
    yield coordinates(1, 1, 4, 4), (2, 2)
    yield coordinates(1, 1, 5, 5), (2, 2)
    yield coordinates(1, 2, 6, 4), (2, 4)
    yield coordinates(2, 1, 7, 4), (4, 3)
    while True:
        height, width = rng.randint(1, 9), rng.randint(1, 9)
        size = rng.randint(1, height), rng.randint(1, width)
        yield coordinates(rng.randint(1, 2), rng.randint(1, 3), height, width), size


def _from_corner(x, size):
    return x[..., : size[0], : size[1]]


def _to_corner(x, size):
    return x[..., x.shape[-2] - size[0] :, x.shape[-1] - size[1] :]


def _resized(x, size):
    return F.interpolate(x, size)


def _rounded_up(x, size):
    top, left = (x.shape[-2] - size[0] + 1) // 2, (x.shape[-1] - size[1] + 1) // 2
    return x[..., top : top + size[0], left : left + size[1]]


def _swapped(x, size):
    return center_crop(x, size[::-1])


def _by_index(x, size):
    """The specification: take every pixel by its place."""
    top, left = (x.shape[-2] - size[0]) // 2, (x.shape[-1] - size[1]) // 2
    cut = x.new_empty(*x.shape[:-2], *size)
    for row in range(size[0]):
        for column in range(size[1]):
            cut[..., row, column] = x[..., row + top, column + left]
    return cut


easy = Exercise(
    name="05.center_crop",
    task=_("Cut the middle of height × width out of a map (B, C, H, W)."),
    reference=center_crop,
    mistakes=(
        Mistake(
            "from the corner", _from_corner,
            _("You cut from the top left corner. The size is right, the place is not: what the "
              "map from below shows lies in the middle of the skip."),
        ),
        Mistake(
            "to the other corner", _to_corner,
            _("You cut the bottom right corner: half of the margin belongs to each side."),
        ),
        Mistake(
            "resized", _resized,
            _("You made the whole map smaller. A crop keeps every pixel as it is, and leaves "
              "the rim out."),
        ),
        Mistake(
            "odd one above", _rounded_up,
            _("Right where the margin is even. Where it is odd, round down: the spare pixel is "
              "lost below and on the right, as in the library."),
        ),
        Mistake(
            "height and width swapped", _swapped,
            _("Height and width are swapped. The size is (height, width), rows first."),
        ),
    ),
    hints=(
        _("How many rows are too many? How many of them go above?"),
        _("`x.shape[-2]` is the height. The first row is half of what is too many, rounded "
          "down."),
        _("top = (x.shape[-2] - height) // 2, left likewise; then "
          "x[..., top : top + height, left : left + width]."),
    ),
    due=_("a tensor (B, C, height, width)"),
    cases=crops,
    specification=_by_index,
)  # fmt: skip


# ------------------------------------------------------------------- core: the paper's crops
def paper_crops():
    return [skip.crop for skip in trace(UNetConfig(), 572).skips]


core = Exercise(
    name="05.crops_of_the_paper",
    task=_("How many pixels does the paper's U-Net cut off each side of its four skips?"),
    reference=paper_crops,
    mistakes=(
        Mistake(
            "both sides", [2 * crop for crop in paper_crops()],
            _("That is what is cut off in all: half of it goes on each side."),
        ),
        Mistake(
            "bottom first", paper_crops()[::-1],
            _("The numbers are right, the order is not: level 0, the top of the U, first."),
        ),
        Mistake(
            "the same everywhere", [92, 92, 92, 92],
            _("92 is what the whole network loses a side, counted in pixels of the image. Each "
              "skip has a loss of its own, in pixels of its level."),
        ),
        Mistake(
            "what is left", [s.size - 2 * s.crop for s in trace(UNetConfig(), 572).skips],
            _("Those are the sizes that are left after the crop."),
        ),
    ),
    hints=(
        _("Write down the four skips (568, 280, 136, 64) and the four maps that come from "
          "below. Which sizes have those?"),
        _("From below: 28 doubled is 56; two convolutions make 52; doubled 104, and so on."),
        _("(64 − 56) / 2 = 4 is the lowest one. Three are left."),
    ),
    due=_("a list of four whole numbers, the top of the U first"),
)  # fmt: skip


# -------------------------------------------------------------------------- stretch: odd sizes
def missing_pixels(n, depth):
    sizes = [n]
    for _level in range(depth):
        sizes.append(sizes[-1] // 2)
    return [sizes[level] - 2 * sizes[level + 1] for level in range(depth)]


def _by_torch(n, depth):
    """The specification: pool, upsample and compare."""
    x, found = torch.zeros(1, 1, n), []
    for _level in range(depth):
        pooled = F.max_pool1d(x, 2)
        found.append(x.shape[-1] - F.interpolate(pooled, scale_factor=2).shape[-1])
        x = pooled
    return found


def inputs(rng: random.Random) -> Iterator[tuple]:
    """(n, depth)."""
    yield from [(8, 1), (9, 1), (10, 2), (11, 2), (101, 3), (572, 4)]
    while True:
        depth = rng.randint(1, 5)
        yield rng.randint(2**depth, 700), depth


def _always_the_remainder(n, depth):
    return [n % 2**depth] * depth


def _rounded(n, depth):
    sizes = [n]
    for _level in range(depth):
        sizes.append((sizes[-1] + 1) // 2)
    return [2 * sizes[level + 1] - sizes[level] for level in range(depth)]


stretch = Exercise(
    name="05.odd_sizes",
    task=_("With same padding: by how many pixels is the upsampled map short of its skip?"),
    reference=missing_pixels,
    mistakes=(
        Mistake(
            "bottom first", lambda n, depth: missing_pixels(n, depth)[::-1],
            _("The numbers are right, the order is not: the top of the U first."),
        ),
        Mistake(
            "remainder of the whole", _always_the_remainder,
            _("The remainder of n by 2 to the depth says whether anything is lost, not where."),
        ),
        Mistake(
            "pooling rounded up", _rounded,
            _("You let the pooling round up. torch's pooling drops the odd pixel: floor."),
        ),
        Mistake(
            "only the top", lambda n, depth: [n % 2] + [0] * (depth - 1),
            _("You looked at the first pooling only. Halve on: a later map can be odd, too."),
        ),
        Mistake(
            "nothing", lambda n, depth: [0] * depth,
            _("So you say that all sizes fit. Follow 101 down: 101, 50, 25, …"),
        ),
    ),
    hints=(
        _("Which maps does a pooling make smaller by more than half?"),
        _("Write down the sizes of all levels, each half of the one above, rounded down. Then "
          "double each and compare with the one above."),
        _("sizes[level] - 2 * sizes[level + 1], for every level."),
    ),
    due=_("a list of whole numbers, the top of the U first"),
    cases=inputs,
    specification=_by_torch,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
