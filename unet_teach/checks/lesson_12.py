"""Lesson 12: the same field for both, a corrupted mask, a learning curve read."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from statistics import mean, median, pstdev, stdev

import torch

from unet_teach.augment import warp
from unet_teach.checks.exercise import Exercise, Mistake
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


def _read(maps, displacement, mode, sign=1):
    """For the wrong answers: maps (H, W) read along straight places and a displacement."""
    rows, columns = (torch.arange(n) for n in maps.shape)
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    field = torch.stack([x, y], dim=-1) + sign * displacement
    return warp(maps[None, None].float(), field[None], mode)[0, 0]


def _cut_off(image, mask, displacement):
    grey = _read(image, displacement, "bilinear")
    return grey, _read(mask, displacement, "bilinear").long()


def _rounded(image, mask, displacement):
    grey = _read(image, displacement, "bilinear")
    return grey, _read(mask, displacement, "bilinear").round().long()


def _both_nearest(image, mask, displacement):
    grey = _read(image, displacement, "nearest")
    return grey, _read(mask, displacement, "nearest").long()


def _modes_exchanged(image, mask, displacement):
    grey = _read(image, displacement, "nearest")
    return grey, _read(mask, displacement, "bilinear").long()


def _rows_for_columns(image, mask, displacement):
    return same_field(image, mask, displacement.flip(-1))


def _other_way(image, mask, displacement):
    return same_field(image, mask, -displacement)


def _mask_stays(image, mask, displacement):
    return same_field(image, mask, displacement)[0], mask


easy = Exercise(
    name="12.same_field",
    task=_("Read an image and its mask along one field: the image bilinear, the mask nearest."),
    reference=same_field,
    mistakes=(
        Mistake(
            "mask bilinear, cut off", _cut_off,
            _("The mask was read bilinear, and .long() then cut the fractions off: every mixed "
              "pixel goes to a lower class. Read a mask at the nearest pixel."),
        ),
        Mistake(
            "mask bilinear, rounded", _rounded,
            _("Rounding does not help: half way between class 0 and class 2 lies class 1, and "
              "nothing of class 1 was there. Read a mask at the nearest pixel."),
        ),
        Mistake(
            "both nearest", _both_nearest,
            _("The mask is right. The image has values between its pixels: read it bilinear, "
              "or its lines become stairs."),
        ),
        Mistake(
            "ways exchanged", _modes_exchanged,
            _("Just the other way round: grey values may be mixed, classes may not."),
        ),
        Mistake(
            "rows for columns", _rows_for_columns,
            _("Right and down are exchanged: the displacement and the field hold the column's "
              "part first, then the row's."),
        ),
        Mistake(
            "the other way", _other_way,
            _("You took the displacement off. It says where a pixel is read: add it to the "
              "pixel's own place."),
        ),
        Mistake(
            "mask stays", _mask_stays,
            _("The image moved and the mask did not. Then every label is in the wrong place: "
              "read both along the field."),
        ),
    ),
    hints=(
        _("Where would each pixel be read if the displacement were 0? And two calls of `warp`, "
          "with the same field: what differs between them?"),
        _('y, x = torch.meshgrid(rows, columns, indexing="ij"); the field is '
          "torch.stack([x, y], dim=-1) + displacement. `warp` takes maps (B, C, H, W) of "
          "fractions and fields (B, H, W, 2)."),
        _('warp(mask[None, None].float(), field[None], "nearest")[0, 0].long(), and the image '
          'the same way with "bilinear".'),
    ),
    due=_("two tensors (H, W): grey values and whole classes"),
    cases=pairs,
    specification=_place_by_place,
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
    mask = torch.tensor([[0, 2, 1], [0, 2, 1], [0, 0, 0]])
    field = torch.tensor([[[0.5, 0.0], [1.0, 0.5]], [[0.25, 2.0], [1.5, 1.5]]])
    yield mask, field, torch.tensor([[1.0, 2.0], [0.0, 0.75]])
    yield mask, field, torch.tensor([[2.0, 1.0], [2.0, 1.0]])
    while True:
        size, side = rng.randint(3, 6), rng.randint(2, 5)
        mask = _classes(rng, (size, size))
        field = _quarters(rng, (side, side, 2), 0, size - 1)
        mode = rng.choice(("nearest", "bilinear", "bilinear"))
        found = warp(mask[None, None].float(), field[None], mode)[0, 0]
        found = (found * 64).round() / 64  # what is between is exactly between
        how = rng.choice(("as it is", "rounded", "cut off", "strange"))
        if how == "rounded":
            found = found.round()
        elif how == "cut off":
            found = found.floor()
        elif how == "strange":  # whole numbers from anywhere
            found = _classes(rng, (side, side), 4).float()
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


def _fractions(mask, field, warped):
    return warped != warped.round()


def _not_in_the_mask(mask, field, warped):
    return ~torch.isin(warped, mask.unique().float())


def _not_the_nearest(mask, field, warped):
    places = field.round().long()
    return warped != mask[places[..., 1], places[..., 0]]


def _above_and_left(mask, field, warped):
    places = field.floor().long()
    return warped != mask[places[..., 1], places[..., 0]]


def _turned(mask, field, warped):
    return corrupted(mask, field.flip(-1), warped)


def _the_honest(mask, field, warped):
    return ~corrupted(mask, field, warped)


def _out_of_range(mask, field, warped):
    """Everything between the smallest and the largest neighbour is let through."""
    x, y = field[..., 0], field[..., 1]
    around = torch.stack([
        mask[row.long(), column.long()]
        for row in (y.floor(), y.ceil()) for column in (x.floor(), x.ceil())
    ])  # fmt: skip
    return (warped < around.amin(0)) | (warped > around.amax(0))


core = Exercise(
    name="12.corrupted_mask",
    task=_("Where does a warped mask hold what none of the pixels around that place holds?"),
    reference=corrupted,
    mistakes=(
        Mistake(
            "fractions only", _fractions,
            _("You found the fractions. But a whole number may be wrong, too: rounding makes a "
              "1 of what lay half way between 0 and 2."),
        ),
        Mistake(
            "classes of the mask", _not_in_the_mask,
            _("You allowed every class that is anywhere in the mask. It must be the class of a "
              "pixel next to the place where this one is read."),
        ),
        Mistake(
            "the nearest only", _not_the_nearest,
            _("Stricter than asked: a value that any of the four pixels around the place holds "
              "is a class that was there."),
        ),
        Mistake(
            "above and left only", _above_and_left,
            _("You looked at the pixel above and left. A place between pixels has up to four "
              "around it: floor and ceil of its row and of its column."),
        ),
        Mistake(
            "rows for columns", _turned,
            _("field[..., 0] is the column and field[..., 1] the row; a mask is asked for "
              "mask[row, column]."),
        ),
        Mistake(
            "the honest ones", _the_honest,
            _("Just the other way round: True is due where the mask is corrupted."),
        ),
        Mistake(
            "smallest to largest", _out_of_range,
            _("You let through all between the smallest and the largest class around. Classes "
              "are names, not amounts: between 0 and 2 there is nothing."),
        ),
    ),
    hints=(
        _("Which pixels of the mask can a value come from that is read at column 3.2, row "
          "7.9?"),
        _("Rows y.floor() and y.ceil(), columns x.floor() and x.ceil(): four combinations. "
          "A value that equals none of the four is corrupted."),
        _("Start with honest = all False. In two nested loops: honest = honest | (warped == "
          "mask[row.long(), column.long()]). Give ~honest."),
    ),
    due=_("a tensor (h, w) of truth values"),
    cases=warped_masks,
    specification=_four_by_four,
)  # fmt: skip


# ------------------------------------------------------------ stretch: read a learning curve
def enough_slices(scores):
    best = max(scores, key=lambda count: mean(scores[count]))
    bar = mean(scores[best]) - stdev(scores[best])
    return min(count for count in scores if mean(scores[count]) >= bar)


def curves(rng: random.Random) -> Iterator[tuple]:
    """({slices: [score by seed]},), the numbers of slices in any order."""
    yield ({1: [0.5, 0.6], 4: [0.8, 0.9], 16: [0.84, 0.96]},)
    yield ({16: [0.9, 1.0], 2: [0.96, 0.8, 0.7], 4: [0.95, 0.9]},)
    yield ({1: [0.75, 0.75, 0.75], 2: [0.5, 1.0, 0.75]},)  # as good: the larger is not best
    yield ({8: [0.5, 0.75, 1.0], 2: [0.5, 0.5, 0.5]},)  # just within the spread
    while True:
        counts = rng.sample((1, 2, 3, 5, 8, 12, 24), rng.randint(2, 6))
        seeds, spread = rng.randint(2, 5), rng.choice((0.02, 0.05, 0.1))
        turn = rng.choice((3, 8, 24))  # from here on, more may even be worse
        yield ({
            count: [
                round(0.9 - 0.2 / min(count, turn) - 0.004 * max(0, count - turn)
                      + rng.gauss(0, spread), 3)
                for _seed in range(seeds)
            ]
            for count in counts
        },)  # fmt: skip


def _step_by_step(scores):
    """The specification, without a shortcut."""
    means = {count: sum(values) / len(values) for count, values in scores.items()}
    best = next(count for count in scores if means[count] == max(means.values()))
    deviations = [(value - means[best]) ** 2 for value in scores[best]]
    spread = math.sqrt(sum(deviations) / (len(deviations) - 1))
    for count in sorted(scores):
        if means[count] >= means[best] - spread - 1e-12:
            return count
    return best


def _best(scores):
    return max(scores, key=lambda count: mean(scores[count]))


def _most_is_best(scores):
    most = max(scores)
    bar = mean(scores[most]) - stdev(scores[most])
    return min(count for count in scores if mean(scores[count]) >= bar)


def _by_its_luckiest(scores):
    best = max(scores, key=lambda count: mean(scores[count]))
    bar = mean(scores[best]) - stdev(scores[best])
    return min(count for count in scores if max(scores[count]) >= bar)


def _own_spread(scores):
    best = max(mean(values) for values in scores.values())
    return min(c for c, values in scores.items() if mean(values) + stdev(values) >= best)


def _divided_by_n(scores):
    best = max(scores, key=lambda count: mean(scores[count]))
    bar = mean(scores[best]) - pstdev(scores[best])
    return min(count for count in scores if mean(scores[count]) >= bar)


def _by_median(scores):
    best = max(scores, key=lambda count: median(scores[count]))
    bar = median(scores[best]) - stdev(scores[best])
    return min(count for count in scores if median(scores[count]) >= bar)


def _first_found(scores):
    best = max(scores, key=lambda count: mean(scores[count]))
    bar = mean(scores[best]) - stdev(scores[best])
    return next(count for count in scores if mean(scores[count]) >= bar)


stretch = Exercise(
    name="12.learning_curve",
    task=_("The smallest number of slices whose mean is within one standard deviation of the "
           "best."),
    reference=enough_slices,
    mistakes=(
        Mistake(
            "the best", _best,
            _("That is the number with the best mean. A smaller one may be as good within the "
              "spread, and cost less labelling."),
        ),
        Mistake(
            "most is best", _most_is_best,
            _("You took the largest number of slices for the best. In a measurement it need "
              "not be: look for the highest mean."),
        ),
        Mistake(
            "the luckiest seed", _by_its_luckiest,
            _("One lucky seed got over the bar. It is the mean over the seeds that has to."),
        ),
        Mistake(
            "its own spread", _own_spread,
            _("You used each number's own spread: then the worse its seeds agree, the easier "
              "it passes. The bar is the best's mean minus the best's spread."),
        ),
        Mistake(
            "divided by n", _divided_by_n,
            _("With few seeds it matters by what you divide: `statistics.stdev` divides by "
              "n − 1, as a spread estimated from a sample should."),
        ),
        Mistake(
            "median", _by_median,
            _("You compared medians; the task is about means."),
        ),
        Mistake(
            "the first found", _first_found,
            _("The first in the dictionary is not always the smallest: its numbers stand in "
              "any order."),
        ),
    ),
    hints=(
        _("Which number of slices has the highest mean, and how far do its seeds scatter?"),
        _("The bar: mean of the best minus `statistics.stdev` of the best's scores. Which "
          "numbers of slices reach it?"),
        _("min(count for count in scores if mean(scores[count]) >= bar)"),
    ),
    due=_("a number of slices, one of the keys"),
    cases=curves,
    specification=_step_by_step,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
