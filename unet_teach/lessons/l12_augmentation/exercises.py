"""Lesson 12: the same field for both, a corrupted mask, a learning curve read."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from functools import partial
from statistics import mean, median, pstdev, stdev

import numpy as np
import torch

from unet_teach.augment import warp
from unet_teach.exercises.agreement import agree, as_array
from unet_teach.exercises.cases import larger, smaller, strided
from unet_teach.exercises.exercise import Exercise, Mistake, Symptom
from unet_teach.translation import _


# ---------------------------------------------------------------- easy: one field, two ways
def same_field(image, mask, displacement):
    rows, columns = torch.arange(image.shape[0]), torch.arange(image.shape[1])
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    field = torch.stack([x, y], dim=-1) + displacement
    grey = warp(image[None, None], field[None], "bilinear")[0, 0]
    classes = warp(mask[None, None].float(), field[None], "nearest")[0, 0]
    return grey, classes.long()


def _quarters(rng: random.Random, shape: tuple[int, ...], low: int, high: int) -> torch.Tensor:
    """Random numbers in quarters, never half way between two whole ones."""
    quarters = [n for n in range(4 * low, 4 * high + 1) if n % 4 != 2]
    numbers = [rng.choice(quarters) / 4 for _number in range(math.prod(shape))]
    return torch.tensor(numbers).view(shape)


def _classes(rng: random.Random, shape: tuple[int, int], highest: int = 3) -> torch.Tensor:
    numbers = [rng.randint(0, highest) for _number in range(math.prod(shape))]
    return torch.tensor(numbers).view(shape)


def pairs(rng: random.Random) -> Iterator[tuple]:
    """(image, mask, displacement): the first can be read by eye."""
    image = torch.tensor([[0.0, 4.0], [8.0, 2.0]])
    move = torch.tensor([[[0.25, 0.0], [0.0, 0.75]], [[0.75, 0.0], [-0.25, -0.25]]])
    yield image, torch.tensor([[0, 3], [2, 1]]), move
    for shape, way in (((3, 5), (1.0, 0.0)), ((4, 3), (0.0, 1.0)), ((3, 3), (0.0, 0.0)),
                       ((5, 4), (0.25, -0.25)), ((4, 4), (-1.0, 0.75))):  # fmt: skip
        image = _classes(rng, shape, 99).float() / 10
        yield image, _classes(rng, shape), torch.tensor(way).expand(*shape, 2).clone()
    image, mask = _classes(rng, (4, 6), 9).float(), 2 * _classes(rng, (4, 6), 1)
    yield strided(image), strided(mask), _quarters(rng, (4, 6, 2), -1, 1)
    yield image - 5, mask * 60, _quarters(rng, (4, 6, 2), -2, 2)
    while True:
        shape = (rng.randint(3, 6), rng.randint(3, 6))
        image = _classes(rng, shape, 9).float()
        yield image, _classes(rng, shape), _quarters(rng, (*shape, 2), -1, 1)


def _mirrored(place, last):
    """A place beyond the border, folded back once."""
    return last - abs(last - abs(place))


def _place_by_place(image, mask, displacement):
    """The specification: four neighbours by their nearness, or the nearest one."""
    height, width = image.shape
    grey, classes = torch.zeros(height, width), torch.zeros(height, width, dtype=torch.long)
    for i in range(height):
        for j in range(width):
            right, down = (float(v) for v in displacement[i, j])
            x, y = _mirrored(j + right, width - 1), _mirrored(i + down, height - 1)
            for row in (math.floor(y), math.floor(y) + 1):
                for column in (math.floor(x), math.floor(x) + 1):
                    share = (1 - abs(x - column)) * (1 - abs(y - row))
                    if share > 0:
                        grey[i, j] += share * image[row, column]
            classes[i, j] = mask[round(y), round(x)]
    return grey, classes


def _read(maps, displacement, mode):
    """For the wrong answers: maps (H, W) read along straight places and a displacement."""
    rows, columns = (torch.arange(n) for n in maps.shape)
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    field = torch.stack([x, y], dim=-1) + displacement
    return warp(maps[None, None].float(), field[None], mode)[0, 0]


def _reading(image="bilinear", mask="nearest", along=lambda way: way, whole=lambda read: read):
    """A wrong `same_field`: other modes, the mask along another way, then made whole."""
    return lambda grey, classes, displacement: (
        _read(grey, displacement, image),
        whole(_read(classes, along(displacement), mask)).long(),
    )


def _displacement_alone(image, mask, displacement):
    return tuple(
        warp(maps[None, None].float(), displacement[None], mode)[0, 0]
        for maps, mode in ((image, "bilinear"), (mask, "nearest"))
    )


def _part(number: int, holds) -> object:
    """(got, case) of one part is such, and the other part is right."""

    def shows(case: dict, got: object, due: tuple) -> bool:
        return not agree(got[1 - number], due[1 - number]) and holds(
            as_array(got[number]), case
        )

    return shows


BOTH = (
    Symptom("classes of 0 and 1 only",
        _part(1, lambda mask, case: set(np.unique(mask)) <= {0, 1} and case["mask"].max() > 1),
        _("The image is right. Your mask contains only 0 and 1, but it has to keep all "
          "classes, 2 and 3 as well.")),
    Symptom("a mask of fractions", _part(1, lambda mask, case: (mask % 1 != 0).any()), _(
        "The image is right. Your mask contains fractions, because bilinear interpolation "
        "mixes pixels, and a fraction is no class. Read a mask at the nearest pixel.")),
    Symptom("classes that were not there",
        _part(1, lambda mask, case: not set(np.unique(mask)) <= set(np.unique(case["mask"]))),
        _("The image is right. Your mask contains classes that the old mask doesn't have, "
          "because mixing and rounding invents them. Read a mask at the nearest pixel.")),
    Symptom("the mask alone", _part(1, lambda mask, case: True), _(
        "The image is right and the mask isn't. Read it along the same field as the image, "
        "at the nearest pixel, and change nothing else.")),
    Symptom("the image alone", _part(0, lambda image, case: True), _(
        "The mask is right and the image isn't. Read it along the same field, as it is, "
        "with bilinear interpolation.")),
    Symptom("only where something moves",
        lambda case, got, due: bool(case["displacement"].abs().sum() > 0), _(
        "Your answer is right where the displacement is 0, and wrong where something moves."
        " Do you add the displacement as it is, right first and down second, in pixels?")),
    Symptom("also where nothing moves",
        lambda case, got, due: as_array(got[0]).shape == tuple(due[0].shape), _(
        "Your answer is wrong even where the displacement is 0 and both should stay as they"
        " are. A field holds places, in pixels from 0: (0, 0) is the middle of the first "
        "pixel, and each pixel's own place is (column, row).")),
)  # fmt: skip


easy = Exercise(
    name="12.same_field",
    task=_("Read an image and its mask along one field: the image bilinearly, the mask "
           "nearest."),
    reference=same_field,
    mistakes=(
        Mistake("mask bilinear, cut off", _reading(mask="bilinear"), _(
            "You read the mask bilinearly, and `.long()` then dropped the decimals, so every "
            "mixed value fell to a whole number below it. Even a 2 becomes a 1 where float "
            "rounding returns 1.9999999. Read a mask at the nearest pixel.")),
        Mistake("mask bilinear, rounded", _reading(mask="bilinear", whole=torch.round), _(
            "Rounding doesn't help. Half way between class 0 and class 2 is class 1, "
            "although nothing of class 1 was there. Read a mask at the nearest pixel.")),
        Mistake("both nearest", _reading(image="nearest"), _(
            "The mask is right. But in your image each value is that of a single pixel, "
            "because you read it at the nearest one, or at places that you rounded before. "
            "Then lines in the image become stairs. Read it bilinearly.")),
        Mistake("ways exchanged", _reading("nearest", "bilinear"), _(
            "It's the other way round: grey values may be mixed, classes may not.")),
        Mistake("rows for columns",
            lambda image, mask, displacement: same_field(image, mask, displacement.flip(-1)), _(
            "You exchanged right and down. The displacement and the field hold the column's"
            " part first and then the row's.")),
        Mistake("the other way",
            lambda image, mask, displacement: same_field(image, mask, -displacement), _(
            "You subtracted the displacement. It says how far away a pixel is read, so add "
            "it to the pixel's own place.")),
        Mistake("mask stays",
            lambda image, mask, displacement: (same_field(image, mask, displacement)[0], mask),
            _("The image moved and the mask didn't, so every label is in the wrong place. "
              "Read both along the field.")),
        Mistake("image stays",
            lambda image, mask, displacement: (image, same_field(image, mask, displacement)[1]),
            _("The mask moved and the image didn't, so every label is in the wrong place. "
              "Read both along the field.")),
        Mistake("mask first",
            lambda image, mask, displacement: same_field(image, mask, displacement)[::-1], _(
            "Both are right, but in the other order: the image first, then the mask.")),
        Mistake("the displacement alone", _displacement_alone, _(
            "You read at the displacement itself. It only says how far from its own place "
            "each pixel is read, so add that place, (column, row).")),
        Mistake("the pixel above and left", _reading(along=torch.floor), _(
            "The image is right. You read the mask at the pixel above and to the left, "
            "because you round places down. But 1.75 is nearest to 2.")),
        Mistake("the mask the other way", _reading(along=torch.neg), _(
            "The image is right. For the mask you subtract the displacement, so it moves "
            "the other way. Add it.")),
        Mistake("the mask turned", _reading(along=lambda way: way.flip(-1)), _(
            "The image is right. For the mask, right and down are exchanged. Use one field "
            "for both.")),
    ),
    symptoms=BOTH,
    hints=(
        _("Where would each pixel be read if the displacement were 0? Then you need two "
          "calls of `warp` with the same field. What differs between them?"),
        _('With `y, x = torch.meshgrid(rows, columns, indexing="ij")` the field is '
          '`torch.stack([x, y], dim=-1) + displacement`. `warp` takes maps (B, C, H, W) of '
          'floats and fields (B, H, W, 2).'),
        _('The mask is `warp(mask[None, None].float(), field[None], "nearest")[0, '
          '0].long()`. The image goes the same way with "bilinear".'),
    ),
    due=_("two tensors (H, W): grey values and whole classes"),
    cases=pairs,
    specification=_place_by_place,
    worth=_("From one labelled slice you can now make as many examples as you like, each "
            "with a mask that fits its image to the pixel."),
)  # fmt: skip


# ------------------------------------------------------- core: what interpolation corrupted
def corrupted(mask, field, warped):
    x, y = field[..., 0], field[..., 1]
    honest = torch.zeros(warped.shape, dtype=torch.bool)
    for row in (y.floor(), y.ceil()):
        for column in (x.floor(), x.ceil()):
            honest = honest | (warped == mask[row.long(), column.long()])
    return ~honest


def warped_masks(rng: random.Random) -> Iterator[tuple]:
    """(mask, field, warped), the last by any of several ways, right and wrong."""
    corners = torch.tensor([[0, 1], [2, 3]])
    middle = torch.full((2, 3, 2), 0.5)
    yield corners, middle, torch.tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 1.5]])
    yield 2 * corners, middle, torch.tensor([[0, 1, 2], [3, 4, 6]])
    yield strided(corners), strided(middle), torch.tensor([[0.0, 1.0, 2.0], [3.0, 0.25, 1.0]])
    mask = torch.tensor([[0, 2, 1], [0, 2, 1], [0, 0, 0]])
    field = torch.tensor([[[0.5, 0.0], [1.0, 0.5]], [[0.25, 2.0], [1.5, 1.5]]])
    yield mask, field, torch.tensor([[1.0, 2.0], [0.0, 0.75]])
    yield mask, field, torch.tensor([[2.0, 1.0], [2.0, 1.0]])
    line = torch.tensor([[3, 0, 2, 2, 1]])  # one row; places on pixels, the last one too
    on_pixels = torch.tensor([[[0.0, 0.0], [4.0, 0.0], [3.0, 0.0], [0.5, 0.0], [1.5, 0.0]]])
    yield line, on_pixels, torch.tensor([[3.0, 1.0, 1.0, 0.0, 1.0]])
    turned = on_pixels.flip(-1).transpose(0, 1).contiguous()
    yield line.T, turned, torch.tensor([[3.0], [2.0], [2.0], [3.0], [2.0]])
    own = torch.stack(
        torch.meshgrid(torch.arange(3.0), torch.arange(4.0), indexing="ij")[::-1], -1
    )
    maps = torch.tensor([[0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]])
    yield maps, own, maps.float()  # nothing moved
    yield maps, own, maps.float().roll(1, 1)
    yield maps, own.clamp(min=0.25), maps.float().roll(1, 0)
    while True:
        side = rng.randint(2, 5), rng.randint(2, 5)
        size = rng.randint(3, 6), rng.randint(3, 6)
        mask = _classes(rng, size)
        field = torch.stack(
            [_quarters(rng, side, 0, size[1] - 1), _quarters(rng, side, 0, size[0] - 1)], dim=-1
        )
        mode = rng.choice(("nearest", "bilinear", "bilinear"))
        found = warp(mask[None, None].float(), field[None], mode)[0, 0]
        found = (found * 64).round() / 64  # what is between is exactly between
        how = rng.choice(("as it is", "rounded", "cut off", "strange"))
        if how == "rounded":
            found = found.round()
        elif how == "cut off":
            found = found.floor()
        elif how == "strange":  # whole numbers from anywhere
            found = _classes(rng, side, 4).float()
        yield mask, field, found


def _four_by_four(mask, field, warped):
    """The specification: list what may stand there, and look whether it does."""
    wrong = torch.zeros(warped.shape, dtype=torch.bool)
    for i in range(warped.shape[0]):
        for j in range(warped.shape[1]):
            x, y = (float(v) for v in field[i, j])
            rows, columns = {math.floor(y), math.ceil(y)}, {math.floor(x), math.ceil(x)}
            allowed = {int(mask[r, c]) for r in rows for c in columns}
            wrong[i, j] = float(warped[i, j]) not in allowed
    return wrong


def _one_place(whole):
    """A wrong `corrupted` that compares with one of the four pixels."""

    def corrupted(mask, field, warped):
        places = whole(field).long()
        return warped != mask[places[..., 1], places[..., 0]]

    return corrupted


def _out_of_range(mask, field, warped):
    """Everything between the smallest and the largest neighbour is let through."""
    x, y = field[..., 0], field[..., 1]
    around = torch.stack([
        mask[row.long(), column.long()]
        for row in (y.floor(), y.ceil()) for column in (x.floor(), x.ceil())
    ])  # fmt: skip
    return (warped < around.amin(0)) | (warped > around.amax(0))


def _two_of_the_four(mask, field, warped):
    return _one_place(torch.floor)(mask, field, warped) & _one_place(torch.ceil)(
        mask, field, warped
    )


def _one_further(inside: bool):
    """floor + 1 in place of ceil, also where the place is on a pixel: on the last one that is
    outside, or is kept inside."""

    def corrupted(mask, field, warped):
        places, honest = field.floor().long(), torch.zeros(warped.shape, dtype=torch.bool)
        for down, right in itertools.product((0, 1), repeat=2):
            rows, columns = places[..., 1] + down, places[..., 0] + right
            if inside:
                rows = rows.clamp(max=mask.shape[0] - 1)
                columns = columns.clamp(max=mask.shape[1] - 1)
            honest = honest | (warped == mask[rows, columns])
        return ~honest

    return corrupted


def _listed(case: dict, got: object, due: torch.Tensor) -> bool:
    found = as_array(got)
    if found is None or found.dtype.kind == "b":
        return False
    places = due.argwhere()
    return found.size == places.numel() and found.ndim <= 2 and found.shape != tuple(due.shape)


def _too_many_and_too_few(got: object, due: object) -> tuple[bool, bool]:
    one, other = as_array(got).astype(bool), as_array(due).astype(bool)
    return bool((one & ~other).any()), bool((other & ~one).any())


MARKING = (
    Symptom("places", _listed, _(
        "You return places, a row and a column each. Return a map of the size of the warped"
        " mask instead, True or False at each place.")),
    Symptom("only too many",
        lambda case, got, due: _too_many_and_too_few(got, due) == (True, False), _(
        "You mark all corrupted values, but honest ones as well. A value is honest if "
        "**one** of the four pixels holds it: rows floor and ceil of y with columns floor "
        "and ceil of x, in all four combinations.")),
    Symptom("only too few",
        lambda case, got, due: _too_many_and_too_few(got, due) == (False, True), _(
        "All that you mark is corrupted, but some is missing. Any value may be wrong, whole"
        " or not, of any class. And a place that is exactly on a pixel has only this pixel "
        "around it.")),
    Symptom("other pixels", lambda case, got, due: True in _too_many_and_too_few(got, due), _(
        "Look at which pixels you compare with. Their rows are floor and ceil of "
        "`field[..., 1]` and their columns those of `field[..., 0]`, counted from 0. The "
        "value has to be equal to one of these four pixels.")),
)  # fmt: skip


core = Exercise(
    name="12.corrupted",
    task=_("Where does a warped mask hold what none of the pixels around that place holds?"),
    reference=corrupted,
    mistakes=(
        Mistake("fractions only", lambda mask, field, warped: warped != warped.round(), _(
            "You found the fractions. But a whole number may be wrong, too, because "
            "rounding makes a 1 of what was half way between 0 and 2.")),
        Mistake("classes of the mask",
            lambda mask, field, warped: ~torch.isin(warped, mask.unique().float()), _(
            "You allowed every class that is anywhere in the mask. It has to be the class "
            "of a pixel around the place where this one is read.")),
        Mistake("the nearest only", _one_place(torch.round), _(
            "That is too strict. A value is honest if any of the four pixels around the "
            "place holds it, because then this class was there.")),
        Mistake("above and left only", _one_place(torch.floor), _(
            "You looked only at the pixel above and to the left. A place between pixels has"
            " up to four around it: floor and ceil of its row and of its column.")),
        Mistake("rows for columns",
            lambda mask, field, warped: corrupted(mask, field.flip(-1), warped), _(
            "`field[..., 0]` is the column and `field[..., 1]` the row, but a mask is "
            "indexed as `mask[row, column]`.")),
        Mistake("the honest ones",
            lambda mask, field, warped: ~corrupted(mask, field, warped), _(
            "It's the other way round: return True where the mask is corrupted.")),
        Mistake("smallest to largest", _out_of_range, _(
            "You allow everything between the smallest and the largest class around. But "
            "classes are names and not amounts, so there is nothing between 0 and 2.")),
        Mistake("two of the four", _two_of_the_four, _(
            "You compare with two of the four pixels. If you round row and column up "
            "together and down together, you leave out the other two corners.")),
        Mistake("one further", _one_further(inside=True), _(
            "You take the next pixel even where the place is exactly on one. There only "
            "this one is around it, so use ceil and not floor + 1.")),
        Mistake("beyond the last", _one_further(inside=False), _(
            "You read beyond the mask. A place that is exactly on a pixel has no other "
            "pixel around it. There ceil is that pixel itself, while floor + 1 is already "
            "the next.")),
        Mistake("class 0 only",
            lambda mask, field, warped: corrupted(mask, field, warped) & (warped == 0), _(
            "You only mark class 0. Any class may be one that wasn't there.")),
        Mistake("all but class 0",
            lambda mask, field, warped: corrupted(mask, field, warped) & (warped != 0), _(
            "You never mark class 0. It's a class like the others, and it may be wrong.")),
    ),
    symptoms=MARKING,
    hints=(
        _("A value is read at column 3.2, row 7.9. From which pixels of the mask can it "
          "come?"),
        _("Combine rows `y.floor()` and `y.ceil()` with columns `x.floor()` and `x.ceil()`."
          " That makes four pixels, and a value that equals none of them is corrupted."),
        _("Begin with `honest` all False. In two nested loops, over the two rows and the "
          "two columns, set `honest = honest | (warped == mask[row.long(), "
          "column.long()])`. Return `~honest`."),
    ),
    due=_("a tensor (h, w) of truth values"),
    cases=warped_masks,
    specification=_four_by_four,
    worth=_("A list of the classes or their range may hide an invented class. You look place "
            "by place, so you find each value that none of the pixels around it holds. You "
            "can't find a 1 that was invented next to a real 1, or a wrong field."),
)  # fmt: skip


# ------------------------------------------------------------ stretch: read a learning curve
def enough_slices(scores):
    best = max(sorted(scores), key=lambda count: mean(scores[count]))
    bar = mean(scores[best]) - stdev(scores[best])
    return min(count for count in scores if mean(scores[count]) >= bar)


# What each of the likely misreadings gets wrong, whatever the seed.
CURVES: tuple[dict, ...] = (
    {4: [0.5, 0.6]},  # there is no other
    {1: [0.86, 0.9], 3: [0.6, 0.62], 9: [0.87, 0.95]},  # the curve dips in between
    {9: [0.87, 0.95], 3: [0.6, 0.62], 1: [0.86, 0.9], 2: [0.1, 0.3]},
    {2: [0.2, 0.99], 5: [0.8, 0.82], 7: [0.7, 0.8]},  # the best single score is not of the best
    {3: [0.8, 0.8, 0.8, 0.8], 6: [0.86, 0.9, 0.82, 0.84]},  # not within the standard error
    {1: [0.1, 0.12], 2: [0.5, 0.52], 30: [0.95, 0.96]},  # the means scatter, the seeds do not
    {5: [0.9, 0.91, 0.92], 2: [0.898, 0.898, 0.898], 40: [0.7, 0.9, 0.8]},  # the third digit
    {2: [0.894, 0.896], 5: [0.904, 0.91]},
    {10: [0.3, 0.9, 0.9], 20: [0.76, 0.8, 0.84], 15: [0.77, 0.7, 0.72]},  # the median is not it
    {7: [0.9, 0.8, 0.86], 11: [0.9, 0.95, 0.85], 13: [0.91, 0.87, 0.89], 6: [0.7, 0.95, 0.6]},
    {1: [0.4, 0.5], 3: [0.6, 0.62], 8: [0.7, 0.71], 24: [0.9, 0.91]},  # none but the most
    {24: [0.6, 0.62], 8: [0.9, 0.91], 3: [0.904, 0.904], 1: [0.7, 0.72]},  # the most is worst
    {2: [0.8, 0.7, 0.9, 1.0, 0.6], 12: [0.7, 0.9, 0.8, 0.9]},
    {16: [-0.2, 0.1], 4: [-0.15, -0.1], 1: [-0.5, -0.4]},  # V_rand is not all: any score
    {1: [81, 85], 5: [90, 96], 25: [93, 97]},
    {3: [0.84, 0.86], 6: [0.95, 0.75, 0.88, 0.9]},
)


def clear(curve: dict) -> bool:
    """No two best means, and none so near to the bar that rounding would decide."""
    means = sorted((mean(values) for values in curve.values()), reverse=True)
    best = max(curve, key=lambda count: mean(curve[count]))
    bar = mean(curve[best]) - stdev(curve[best])
    return means[0] - means[1] > 1e-6 and all(abs(middle - bar) > 1e-6 for middle in means)


def curves(rng: random.Random) -> Iterator[tuple]:
    """({slices: [score by seed]},), the numbers of slices in any order."""
    yield ({1: [0.5, 0.6], 4: [0.8, 0.9], 16: [0.84, 0.96]},)
    yield ({16: [0.9, 1.0], 2: [0.96, 0.8, 0.7], 4: [0.95, 0.9]},)
    yield ({1: [0.75, 0.75, 0.75], 2: [0.5, 1.0, 0.75]},)  # as good: the larger is not best
    yield ({8: [0.5, 0.75, 1.0], 2: [0.5, 0.5, 0.5]},)  # just within the spread
    yield ({4: [0.75, 0.75], 2: [0.5, 1.0], 1: [0.5, 0.5]},)  # a tie: 2 is the best
    yield from ((curve,) for curve in CURVES)
    while True:
        counts = rng.sample((1, 2, 3, 5, 8, 12, 24), rng.randint(2, 6))
        seeds, spread = rng.randint(2, 5), rng.choice((0.02, 0.05, 0.1))
        turn = rng.choice((3, 8, 24))  # from here on, more may even be worse
        curve = {
            count: [
                round(0.9 - 0.2 / min(count, turn) - 0.004 * max(0, count - turn)
                      + rng.gauss(0, spread), 3)
                for _seed in range(seeds)
            ]
            for count in counts
        }  # fmt: skip
        if clear(curve):
            yield (curve,)


def _step_by_step(scores):
    """The specification, without a shortcut."""
    means = {count: sum(values) / len(values) for count, values in scores.items()}
    best = min(count for count in scores if means[count] == max(means.values()))
    deviations = [(value - means[best]) ** 2 for value in scores[best]]
    spread = math.sqrt(sum(deviations) / (len(deviations) - 1))
    for count in sorted(scores):
        if means[count] >= means[best] - spread - 1e-12:
            return count
    return best


def _best(scores, by=mean):
    return max(sorted(scores), key=lambda count: by(scores[count]))


def _within_spread(scores, best, middle=mean, spread=stdev):
    return middle(scores[best]) - spread(scores[best])


def _above(bar=_within_spread, best=_best, middle=mean, take=min):
    """A wrong `enough_slices`: the number that is taken of those whose middle is not below
    bar(scores, the best number)."""

    def enough(scores):
        first = best(scores)
        due = bar(scores, first)
        return take([c for c in scores if middle(scores[c]) >= due] or [first])

    return enough


def _own_spread(scores):
    best = max(mean(values) for values in scores.values())
    return min(c for c, values in scores.items() if mean(values) + stdev(values) >= best)


def _standard_error(scores, best):
    return mean(scores[best]) - stdev(scores[best]) / math.sqrt(len(scores[best]))


def _spread_of_means(scores, best):
    return mean(scores[best]) - stdev(map(mean, scores.values()))


def _walks_down(scores):
    best = found = _best(scores)
    for count in sorted((c for c in scores if c < best), reverse=True):
        if mean(scores[count]) < _within_spread(scores, best):
            break
        found = count
    return found


READING = (
    Symptom("no number of slices", lambda case, got, due: float(got) not in case["scores"], _(
        "You return a number that is none of the keys. Return a number of slices, not a score "
        "and not a place in a list.")),
    Symptom("too strict", larger, _(
        "A smaller number of slices is enough. The bar is the best mean minus the whole "
        "standard deviation of the best number's own seeds, and every number of slices "
        "whose mean reaches it counts.")),
    Symptom("too lax", smaller, _(
        "Your number of slices is too small: its mean is below the bar. The bar is the best "
        "mean minus the standard deviation of the best number's own seeds.")),
    Symptom("another bar", lambda case, got, due: float(got) in case["scores"], _(
        "Your number is too small in some cases and too large in others, so your bar is "
        "another one. It should be the highest mean minus the standard deviation of the "
        "seeds with that same number of slices, neither of them rounded. Of the numbers of "
        "slices whose mean reaches it, return the smallest.")),
)  # fmt: skip


stretch = Exercise(
    name="12.enough_slices",
    task=_("The smallest number of slices whose mean is within one standard deviation of the "
           "best."),
    reference=enough_slices,
    mistakes=(
        Mistake("the best", _best, _(
            "That is the number with the best mean. A smaller one may be as good within a "
            "standard deviation, and it costs less labelling.")),
        Mistake("the first of a tie",
            _above(best=lambda scores: max(scores, key=lambda count: mean(scores[count]))), _(
            "Two numbers of slices tie for the best mean, and you took the one that comes "
            "first in the dictionary. The smaller number is the best.")),
        Mistake("most is best", _above(best=max), _(
            "You took the largest number of slices for the best. In a measurement it "
            "needn't be, so look for the highest mean.")),
        Mistake("the luckiest seed", _above(middle=max), _(
            "One lucky seed reached the bar. But the mean over the seeds has to reach it.")),
        Mistake("its own spread", _own_spread, _(
            "You used each number's own standard deviation, so the less its seeds agree, "
            "the easier it passes. The bar is the best number's mean minus the best "
            "number's standard deviation.")),
        Mistake("divided by n", _above(partial(_within_spread, spread=pstdev)), _(
            "With few seeds it matters by what you divide. `statistics.stdev` divides by n "
            "− 1, as it should when a standard deviation is estimated from a sample.")),
        Mistake("median", _above(
            partial(_within_spread, middle=median), partial(_best, by=median), median), _(
            "You compared medians, but the rule uses means.")),
        Mistake("the first found", _above(take=lambda some: some[0]), _(
            "The first in the dictionary isn't always the smallest, because its numbers "
            "come in any order.")),
        Mistake("the best single score", _above(best=partial(_best, by=max)), _(
            "You take the number with the best single score for the best. One lucky seed is"
            " enough for that, so look for the highest mean.")),
        Mistake("the standard error", _above(_standard_error), _(
            "You divide the standard deviation by the root of the number of seeds. That is the "
            "standard error of the mean; the rule takes the standard deviation itself.")),
        Mistake("the spread of the means", _above(_spread_of_means), _(
            "You use the standard deviation of the means, over the numbers of slices. The "
            "rule takes that of the seeds, at the best number of slices.")),
        Mistake("the largest that is enough", _above(take=max), _(
            "That is the largest number that is enough. Return the smallest, because it "
            "costs the least labelling.")),
        Mistake("stops at a dip", _walks_down, _(
            "You go down from the best number and stop at the first that falls short. A curve "
            "may dip: a smaller number may be enough again, so look at all of them.")),
    ),
    symptoms=READING,
    hints=(
        _("Which number of slices has the highest mean, and what is the standard deviation "
          "of its seeds?"),
        _("The bar is the best number's mean minus `statistics.stdev` of the best number's "
          "scores. Which numbers of slices reach it?"),
        _("Return `min(count for count in scores if mean(scores[count]) >= bar)`."),
    ),
    due=_("a number of slices, one of the keys"),
    cases=curves,
    count=60,
    specification=_step_by_step,
    worth=_("The rule always returns an answer, even where five seeds can't tell. In the "
            "next cell it reads the three curves above."),
)  # fmt: skip

EXERCISES = (easy, core, stretch)
