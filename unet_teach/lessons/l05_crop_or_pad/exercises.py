"""Lesson 05: the crop, the crops of the paper, odd sizes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from operator import ne, sub

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from unet_teach.config import UNetConfig
from unet_teach.exercises.agreement import as_array
from unet_teach.exercises.cases import oblong
from unet_teach.exercises.exercise import Exercise, Mistake, Symptom
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
    places = rows + torch.arange(float(width))  # 203.1 is row 2, column 3 of the second map
    number = torch.arange(float(batch * channels)).view(batch, channels, 1, 1)
    return number / 10 + places


# Height and width of the map, then of the crop: margins even, odd, 0 and unequal.
CROPS = (
    ((4, 4), (2, 2)), ((5, 5), (2, 2)), ((6, 4), (2, 4)), ((7, 4), (4, 3)),
    ((1, 1), (1, 1)), ((5, 3), (5, 3)), ((4, 4), (4, 4)), ((6, 6), (5, 5)), ((6, 3), (3, 1)),
    ((3, 9), (3, 4)), ((9, 3), (4, 3)), ((8, 5), (2, 4)), ((5, 8), (4, 2)), ((6, 9), (3, 6)),
    ((9, 6), (6, 3)), ((7, 7), (1, 1)), ((8, 8), (3, 7)), ((1, 6), (1, 3)), ((6, 1), (3, 1)),
    ((64, 60), (56, 52)), ((12, 10), (8, 6)), ((9, 11), (2, 4)),
)  # fmt: skip


def crops(rng: random.Random) -> Iterator[tuple]:
    """(map, size): `CROPS` for one image and several, then any."""
    for number, (whole, size) in enumerate(CROPS):
        yield coordinates(*((1, 1), (2, 1), (1, 3), (3, 2))[number % 4], *whole), size
    while True:
        height, width = rng.randint(1, 12), rng.randint(1, 12)
        size = rng.randint(1, height), rng.randint(1, width)
        yield coordinates(rng.randint(1, 3), rng.randint(1, 3), height, width), size


def _rounded_up(x, size):
    top, left = (x.shape[-2] - size[0] + 1) // 2, (x.shape[-1] - size[1] + 1) // 2
    return x[..., top : top + size[0], left : left + size[1]]


def _margins_swapped(x, size):
    down, right = x.shape[-2] - size[0], x.shape[-1] - size[1]
    return F.pad(x, (-(down // 2), down // 2 - down, -(right // 2), right // 2 - right))


def _from_the_ends(x, size):
    down, right = (x.shape[-2] - size[0]) // 2, (x.shape[-1] - size[1]) // 2
    return x[..., down:-down, right:-right]


def _by_index(x, size):
    """The specification: take every pixel by its place."""
    top, left = (x.shape[-2] - size[0]) // 2, (x.shape[-1] - size[1]) // 2
    cut = x.new_empty(*x.shape[:-2], *size)
    for row in range(size[0]):
        for column in range(size[1]):
            cut[..., row, column] = x[..., row + top, column + left]
    return cut


def _margins(case) -> tuple[int, int]:
    return tuple(map(sub, case["x"].shape[-2:], case["size"]))


def _is_window(case, got, due):
    """As large as it should be, neighbours are neighbours still."""
    got, due = as_array(got), as_array(due)
    if got.shape != due.shape or not np.isin(got, as_array(case["x"])).all():
        return False
    return np.ptp(got - due) < 0.01


def _resampled(case, got, due):
    """Neighbours are no neighbours any more; of single rows or columns one cannot say."""
    alone = 1 in as_array(due).shape[-2:]
    return as_array(got).shape == due.shape and (alone or not _is_window(case, got, due))


def _odd_margin(case, got, due):
    return _is_window(case, got, due) and any(margin % 2 for margin in _margins(case))


def _one_too_many(case, got, due):
    more = set(map(sub, as_array(got).shape, as_array(due).shape))
    return more == {0, 1}


easy = Exercise(
    name="05.center_crop",
    task=_("Cut the middle of height × width out of a map (B, C, H, W)."),
    reference=center_crop,
    mistakes=(
        Mistake("from the corner", lambda x, size: x[..., : size[0], : size[1]], _(
            "You cut from the top left corner. The size is right, but the place is not: what "
            "the map from below shows is in the middle of the skip.")),
        Mistake("to the other corner",
            lambda x, size: x[..., x.shape[-2] - size[0] :, x.shape[-1] - size[1] :], _(
            "You cut out the bottom right corner. Half of the margin should come off at each "
            "edge.")),
        Mistake("resized", lambda x, size: F.interpolate(x, size), _(
            "You made the whole map smaller. A crop keeps the pixels in the middle as they "
            "are, and leaves out the rim.")),
        Mistake("odd one above", _rounded_up, _(
            "This is right where the margin is even. Where it is odd, round half of it down, "
            "so that the spare pixel is lost below and on the right, as in the library.")),
        Mistake("half off both ends", _from_the_ends, _(
            "You cut half of the margin off at both ends, as in `x[..., m:-m, :]`. Where that "
            "half is 0, the slice ends at −0 and is empty; where the margin is odd, one row "
            "too many is left. Say where the crop begins, and how long it is.")),
        Mistake("margins swapped", _margins_swapped, _(
            "Rows are cut off where columns should be, and the other way round. Axis −2 is the "
            "height, axis −1 the width; `F.pad` asks for the last axis first.")),
        Mistake("height and width swapped", lambda x, size: center_crop(x, size[::-1]), _(
            "Height and width are swapped. The size is (height, width), rows first.")),
    ),
    hints=(
        _("How many rows have to be cut off? How many of them are above the crop?"),
        _("`x.shape[-2]` is the height. The first row of the crop is half of the margin, "
          "rounded down."),
        _("top = (x.shape[-2] - height) // 2, left likewise; then "
          "x[..., top : top + height, left : left + width]."),
    ),
    due=_("a tensor (B, C, height, width)"),
    cases=crops,
    symptoms=(
        Symptom("an odd margin", _odd_margin, _(
            "This is right where the margin is even. Where it is odd, round half of it down, "
            "so that the spare pixel is lost below and on the right.")),
        Symptom("another window", _is_window, _(
            "Your crop has the right size, but it begins in another place. Of the rows that "
            "are too many, half are cut off above and half below; the same holds for the "
            "columns.")),
        Symptom("resampled", _resampled, _(
            "Pixels that are neighbours in your result are not neighbours in x: the map was "
            "made smaller, or its pixels were mixed. A crop keeps the pixels in the middle as "
            "they are, and leaves out the others.")),
        Symptom("where nothing is cut", lambda case, got, due: not all(_margins(case)), _(
            "It is wrong only where no rows or no columns are to be cut off: a slice that ends "
            "at −0 is empty.")),
        Symptom("one margin for both", lambda case, got, due: len(set(_margins(case))) == 2, _(
            "It is right wherever as many rows as columns are cut off, and wrong only where "
            "the two differ. Height and width have a margin each.")),
        oblong("x"),
        Symptom("one too many", _one_too_many, _(
            "Where the margin is odd, you keep one row or column too many. The crop is exactly "
            "as long as `size` says, so there one end loses one pixel more than the other.")),
    ),
    worth=_("Your function brings a skip to the size of the map from below, so that every "
            "pixel meets the one from the same place. The library's U-Net crops in the same "
            "way."),
    specification=_by_index,
)  # fmt: skip


# ------------------------------------------------------------------- core: the paper's crops
def paper_crops():
    return [88, 40, 16, 4]


core = Exercise(
    name="05.paper_crops",
    task=_("How many pixels does the paper's U-Net cut off at each edge of its four skips?"),
    reference=paper_crops,
    mistakes=(
        Mistake("both sides", [2 * crop for crop in paper_crops()], _(
            "That is what is cut off in all. Half of it comes off at each edge.")),
        Mistake("bottom first", paper_crops()[::-1], _(
            "The numbers are right, but the order is not: level 0, the top of the U, comes "
            "first.")),
        Mistake("the same everywhere", [92, 92, 92, 92], _(
            "92 is what the whole network loses at each edge, counted in pixels of the image. "
            "Each skip has a loss of its own, in pixels of its level.")),
        Mistake("the skips themselves", [s.size for s in trace(UNetConfig(), 572).skips], _(
            "Those are the sizes of the skips before the crop.")),
        Mistake("what is left",
            [s.size - 2 * s.crop for s in trace(UNetConfig(), 572).skips], _(
            "Those are the sizes that are left after the crop.")),
    ),
    hints=(
        _("Write down the four skips (568, 280, 136, 64) and the four maps that come from "
          "below. Which sizes have those?"),
        _("From below: 28 doubled is 56; two convolutions make 52; doubled 104, and so on."),
        _("(64 − 56) / 2 = 4 is the lowest one. Three are left."),
    ),
    due=_("a list of four whole numbers, the top of the U first"),
    symptoms=(
        Symptom("half of them",
            lambda case, got, due: list(got) == [crop / 2 for crop in due], _(
            "Each is half of what it should be: divide by 2 only once.")),
        Symptom("one slip", lambda case, got, due: len(got) == len(due)
            and sum(map(ne, got, due)) == 1, _(
            "Three of the four are right. Work each one out again: (size of the skip − size of "
            "the map from below) / 2.")),
    ),
    worth=_("These are the pixels that the paper's dashed boxes cut off: at the top of the U, "
            "the skip loses almost a third of its width to the crop."),
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
    """(n, depth), n at least 2 to the depth."""
    yield from [(8, 1), (9, 1), (10, 2), (11, 2), (101, 3), (572, 4)]
    yield from [(2, 1), (3, 1), (4, 2), (7, 2), (6, 2), (27, 2), (25, 3), (15, 3), (8, 3)]
    yield from [(20, 4), (44, 3), (44, 5), (31, 4), (32, 5), (63, 5), (42, 5), (53, 5)]
    yield from [(1023, 6), (100, 6), (64, 6), (4095, 2), (3000, 1), (2731, 6)]
    while True:
        depth = rng.randint(1, 6)
        yield rng.randint(2**depth, 700), depth


def _rounded(n, depth):
    sizes = [n]
    for _level in range(depth):
        sizes.append((sizes[-1] + 1) // 2)
    return [2 * sizes[level + 1] - sizes[level] for level in range(depth)]


def _halves_as_they_are(n, depth):
    sizes = [n / 2**level for level in range(depth + 1)]
    return [sizes[level] - 2 * int(sizes[level + 1]) for level in range(depth)]


stretch = Exercise(
    name="05.missing_pixels",
    task=_("With same padding: by how many pixels is the upsampled map short of its skip?"),
    reference=missing_pixels,
    mistakes=(
        Mistake("bottom first", lambda n, depth: missing_pixels(n, depth)[::-1], _(
            "The numbers are right, but the order is not: the top of the U comes first.")),
        Mistake("remainder of the whole", lambda n, depth: [n % 2**depth] * depth, _(
            "The remainder of n divided by 2 to the power of `depth` says whether anything is "
            "lost, not where.")),
        Mistake("pooling rounded up", _rounded, _(
            "You let the pooling round up. torch's pooling drops the odd pixel, so it rounds "
            "down.")),
        Mistake("only the top", lambda n, depth: [n % 2] + [0] * (depth - 1), _(
            "You looked at the first pooling only. Go on halving, because a later map can be "
            "odd, too.")),
        Mistake("nothing", lambda n, depth: [0] * depth, _(
            "Your answer says that all sizes fit. Follow 101 down: 101, 50, 25, …")),
        Mistake("halves as they are", _halves_as_they_are, _(
            "You go on with fractions: after 25 comes 12.5. A map has whole pixels, and the "
            "pooling rounds down, so after 25 comes 12.")),
    ),
    hints=(
        _("Which maps does a pooling make smaller by more than half?"),
        _("Write down the sizes of all levels, each half of the one above, rounded down. Then "
          "double each and compare with the one above."),
        _("sizes[level] - 2 * sizes[level + 1], for every level."),
    ),
    due=_("a list of whole numbers, the top of the U first"),
    cases=inputs,
    count=45,
    symptoms=(
        Symptom("other length", lambda case, got, due: len(got) != len(due), _(
            "Your list should have one number for each pooling, so `depth` of them. The "
            "bottleneck has no skip.")),
        Symptom("fractions", lambda case, got, due: any(float(entry) % 1 for entry in got), _(
            "You go on with fractions: after 25 comes 12.5. A map has whole pixels, and the "
            "pooling rounds down, so after 25 comes 12.")),
        Symptom("more than one", lambda case, got, due: max(abs(entry) for entry in got) > 1, _(
            "A pooling drops one pixel at most, so an upsampled map can be short of its skip "
            "by 0 or 1 only. Compare each level only with twice the level below it.")),
        Symptom("wrong below", lambda case, got, due: got[0] == due[0], _(
            "The top level is right, but a lower one is not. Follow the sizes down, each "
            "rounded down before the next is halved: 101, 50, 25, 12, …")),
    ),
    worth=_("Your function says at which levels an odd size costs a pixel. Where it returns "
            "only zeros, a network with same padding takes the image as it is."),
    specification=_by_torch,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
