"""Lesson 02: one layer's recursion, the popular formula mended, the effective square."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np

from unet_teach.checks.exercise import Exercise, Mistake
from unet_teach.translation import _


# ------------------------------------------------------------------------------ easy: one layer
def one_layer(size, jump, k, s):
    return size + (k - 1) * jump, jump * s


def layers_one(rng: random.Random) -> Iterator[tuple]:
    """(size, jump, k, s)."""
    yield from [(1, 1, 3, 1), (5, 1, 2, 2), (6, 2, 3, 1), (14, 4, 2, 2), (32, 4, 1, 1)]
    while True:
        jump = 2 ** rng.randint(0, 4)
        yield rng.randint(1, 200), jump, rng.randint(1, 7), rng.randint(1, 4)


def _by_places(size, jump, k, s):
    """The specification: mark the pixels that k neighbours see, and count."""
    seen = {place * jump + offset for place in range(k) for offset in range(size)}
    next_one = {(s + place) * jump + offset for place in range(k) for offset in range(size)}
    return max(seen) - min(seen) + 1, min(next_one) - min(seen)


easy = Exercise(
    name="02.one_layer",
    task=_("A map's field and jump, and one more layer (k, s): the new field and jump."),
    reference=one_layer,
    mistakes=(
        Mistake(
            "no jump", lambda size, jump, k, s: (size + k - 1, jump * s),
            _("You added k − 1 pixels of the map. How many pixels of the image lie between two "
              "neighbours of the map? That is the jump."),
        ),
        Mistake(
            "k jumps", lambda size, jump, k, s: (size + k * jump, jump * s),
            _("k neighbours have only k − 1 steps between them."),
        ),
        Mistake(
            "stride first", lambda size, jump, k, s: (size + (k - 1) * jump * s, jump * s),
            _("You used the new jump. The kernel stands on the old map: the stride counts for "
              "the layers that come after."),
        ),
        Mistake(
            "jumps added", lambda size, jump, k, s: (size + (k - 1) * jump, jump + s),
            _("The field is right. A stride on top of a stride multiplies: two poolings make "
              "neighbours that are four pixels apart."),
        ),
        Mistake(
            "field multiplied", lambda size, jump, k, s: (s * size + k - s, jump * s),
            _("That is the popular formula, r·s + k − s. It belongs to the way back, as this "
              "lesson will show."),
        ),
    ),
    hints=(
        _("The kernel looks at k neighbours. How far is the last one from the first, in pixels "
          "of the image?"),
        _("k neighbours are (k − 1) jumps wide, and each sees `size` pixels. What does the "
          "stride change: this layer's field, or the next layer's steps?"),
        _("return size + (k - 1) * jump, jump * s"),
    ),
    due=_("two whole numbers: the new size and the new jump"),
    cases=layers_one,
    specification=_by_places,
)  # fmt: skip


# ---------------------------------------------------------------- core: the popular formula
def field_of(layers):
    size = 1
    for k, s in reversed(layers):
        size = s * size + k - s
    return size


def chains(rng: random.Random) -> Iterator[tuple]:
    """(layers,): one pooling after convolutions first, then any chain."""
    yield ([(3, 1), (3, 1), (2, 2)],)
    yield ([(3, 1)],)
    yield ([(2, 2), (3, 1)],)
    yield ([(3, 1), (3, 1), (2, 2), (3, 1), (3, 1), (2, 2)],)
    yield ([(5, 1), (3, 2), (2, 2), (7, 1)],)
    while True:
        count = rng.randint(1, 8)
        kinds = [(3, 1), (2, 2), (5, 1), (3, 2), (1, 1), (7, 3)]
        yield ([rng.choice(kinds) for _layer in range(count)],)


def _by_marking(layers):
    """The specification: from one output pixel back, mark every input that it needs."""
    needed = {0}
    for k, s in reversed(layers):
        needed = {place * s + offset for place in needed for offset in range(k)}
    return max(needed) - min(needed) + 1


def _popular(layers):
    size = 1
    for k, s in layers:
        size = s * size + k - s
    return size


def _without_stride(layers):
    return 1 + sum(k - 1 for k, _s in layers)


def _own_stride(layers):
    size, jump = 1, 1
    for k, s in layers:
        jump *= s
        size += (k - 1) * jump
    return size


def _last_jump(layers):
    size, before = 1, 1
    for k, s in layers:
        size, before = size + (k - 1) * before, s
    return size


core = Exercise(
    name="02.debug",
    task=_("The receptive field of a chain of layers [(k, s), …]; mend the popular formula."),
    reference=field_of,
    mistakes=(
        Mistake(
            "forwards", _popular,
            _("This is still the popular formula. Each pooling multiplies what was seen before "
              "it, though what was seen before does not become larger. From which end does "
              "s·r + k − s make sense?"),
        ),
        Mistake(
            "no strides", _without_stride,
            _("Right as long as every stride is 1. After a pooling, neighbours are further "
              "apart."),
        ),
        Mistake(
            "jump too early", _own_stride,
            _("Each layer counts its own stride already. The kernel of a pooling stands on the "
              "map before it: use the jump of the layers before."),
        ),
        Mistake(
            "only the last stride", _last_jump,
            _("You kept the stride of the layer before only. Strides multiply all the way: "
              "after two poolings the jump is 4."),
        ),
    ),
    hints=(
        _("Ask from the end: one output pixel needs k inputs of the last layer. How many does "
          "it need of the layer before?"),
        _("r neighbours need s·(r − 1) + k inputs. Walk through the layers in the order in "
          "which that question comes up."),
        _("for k, s in reversed(layers): ... — or forwards, with a jump as in exercise 1."),
    ),
    due=_("a whole number"),
    cases=chains,
    specification=_by_marking,
)  # fmt: skip


# ------------------------------------------------------------- stretch: the effective square
def effective_square(gradient, middle, share):
    row, column = middle
    for half in range(max(gradient.shape)):
        top, left = max(row - half, 0), max(column - half, 0)
        inside = gradient[top : row + half + 1, left : column + half + 1].sum()
        if inside >= share * gradient.sum():
            return 2 * half + 1
    return 2 * max(gradient.shape) - 1


def gradients(rng: random.Random) -> Iterator[tuple]:
    """(gradient, middle, share): whole numbers, so that no sum is rounded."""
    cross = np.zeros((7, 7))
    cross[3], cross[:, 3], cross[3, 3] = 1, 1, 30
    yield cross, (3, 3), 0.95
    yield np.ones((9, 9)), (4, 4), 0.5
    yield np.eye(5), (2, 2), 0.9
    while True:
        side = rng.choice([7, 9, 11, 15])
        height, width = side, side + rng.choice([0, 2])
        middle = (
            height // 2 + rng.randint(-1, 1),
            width // 2 + rng.randint(-1, 1),
        )
        rows, columns = np.ogrid[:height, :width]
        far = (rows - middle[0]) ** 2 + (columns - middle[1]) ** 2
        noise = np.random.default_rng(rng.randrange(10**6)).uniform(0.2, 1, (height, width))
        peak = np.round(1000 * noise * np.exp(-far / rng.uniform(2, 30)))
        yield peak, middle, rng.choice([0.5, 0.8, 0.9, 0.95])


def _by_side(gradient, middle, share):
    """The specification: every odd side, the pixels of its square one by one."""
    height, width = gradient.shape
    for side in range(1, 2 * max(height, width) + 2, 2):
        inside = sum(
            gradient[row, column]
            for row in range(height)
            for column in range(width)
            if abs(row - middle[0]) <= side // 2 and abs(column - middle[1]) <= side // 2
        )
        if inside >= share * gradient.sum():
            return side
    raise AssertionError("the whole image holds everything")


def _half(gradient, middle, share):
    return effective_square(gradient, middle, share) // 2


def _extent(gradient, middle, share):
    """All that is not nothing: the theoretical field."""
    rows, columns = np.nonzero(gradient)
    return int(max(np.ptp(rows), np.ptp(columns))) + 1


def _above_a_part_of_the_peak(gradient, middle, share):
    rows, columns = np.nonzero(gradient >= (1 - share) * gradient.max())
    return int(max(np.ptp(rows), np.ptp(columns))) + 1


def _too_large(gradient, middle, share):
    return effective_square(gradient, middle, share) + 2


def _squared(gradient, middle, share):
    return effective_square(gradient**2, middle, share)


def _mean_inside(gradient, middle, share):
    """Grows along one row only."""
    return effective_square(gradient[middle[0]][None], (0, middle[1]), share)


stretch = Exercise(
    name="02.effective_square",
    task=_("The side of the smallest square about a pixel with 95 % of all gradient."),
    reference=effective_square,
    mistakes=(
        Mistake(
            "half the side", _half,
            _("That is how far the square reaches from its middle. Its side is twice that, and "
              "the middle."),
        ),
        Mistake(
            "theoretical field", _extent,
            _("You measured everything that is not zero: the theoretical field. Asked is the "
              "part that holds 95 % of the sum."),
        ),
        Mistake(
            "threshold on the peak", _above_a_part_of_the_peak,
            _("You kept the pixels above a part of the largest value. The share is one of the "
              "sum over all pixels."),
        ),
        Mistake(
            "one ring too many", _too_large,
            _("The square before this one is enough already: stop as soon as the share is "
              "reached."),
        ),
        Mistake(
            "squared", _squared,
            _("You summed squares. Asked is the sum of the absolute values; squaring "
              "gives the middle still more weight."),
        ),
        Mistake(
            "one row", _mean_inside,
            _("You looked along one row only. A square has rows above and below it, too."),
        ),
    ),
    hints=(
        _("Begin with a square of side 1. How much of the sum lies in it? If too little, what "
          "is the next side?"),
        _("gradient[row - half : row + half + 1, …]. Take care at the border: a negative start "
          "counts from the end in NumPy, so use max(row - half, 0)."),
        _("for half in range(…): return 2 * half + 1 as soon as inside >= share * "
          "gradient.sum()."),
    ),
    due=_("an odd whole number, the side of the square"),
    cases=gradients,
    specification=_by_side,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
