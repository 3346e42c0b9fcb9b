"""Lesson NN: blocks and the rest, the means of blocks, a size that fits (REPLACE: all)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product

from unet_teach.exercises.exercise import Exercise, Mistake
from unet_teach.translation import _


# ------------------------------------------------------------------ easy: blocks and the rest
def blocks_and_rest(n, k):
    return [n // k, n % k]


def rows(rng: random.Random) -> Iterator[tuple]:
    """(n, k): first every edge that the notebook's text promises, then any."""
    yield from product((0, 1, 2, 7, 8), (1, 2, 3))
    while True:
        yield rng.randint(0, 60), rng.randint(1, 9)


def _counted_out(n, k):
    """The specification: take blocks away while there are any."""
    count = 0
    while n >= k:
        n, count = n - k, count + 1
    return [count, n]


def _rounded_up(n, k):
    return [-(-n // k), n % k]


def _rest_first(n, k):
    return [n % k, n // k]


def _missing(n, k):
    return [n // k, -n % k]


easy = Exercise(
    name="NN.blocks_and_rest",
    task=_("Count the whole blocks of k cells in a row of n, and what is left over."),
    reference=blocks_and_rest,
    mistakes=(
        Mistake(
            "rounded up", _rounded_up,
            _("You count the cells that are left over as a block. Only whole blocks count."),
        ),
        Mistake("rest first", _rest_first, _("Both are right, but the blocks come first.")),
        Mistake(
            "what is missing", _missing,
            _("You give the cells that another block would need, not those left over."),
        ),
    ),
    hints=(
        _("How many cells do two blocks take, and how many do three?"),
        _("It is a division, with its rest."),
        _("`//` divides and rounds down, `%` gives the rest."),
    ),
    due=_("a list of two whole numbers"),
    cases=rows,
    specification=_counted_out,
    worth=_("Your function says how large a map is after a pooling."),
)  # fmt: skip


# ----------------------------------------------------------------------- core: their means
def block_means(values, k):
    count = len(values) // k
    return [sum(values[k * i : k * i + k]) / k for i in range(count)]


def valued_rows(rng: random.Random) -> Iterator[tuple]:
    """(values, k): rows that fit, rows with a rest, a row that is too short."""
    for n, k in ((4, 2), (5, 2), (3, 1), (7, 3), (2, 3), (0, 1)):
        yield [rng.randint(0, 9) for _cell in range(n)], k
    while True:
        yield [rng.randint(0, 9) for _cell in range(rng.randint(0, 14))], rng.randint(1, 4)


def _one_by_one(values, k):
    """The specification: collect cells until a block is full."""
    means, block = [], []
    for value in values:
        block.append(value)
        if len(block) == k:
            means.append(sum(block) / k)
            block = []
    return means


def _with_the_rest(values, k):
    parts = [values[i : i + k] for i in range(0, len(values), k)]
    return [sum(part) / len(part) for part in parts]


def _sums(values, k):
    return [mean * k for mean in block_means(values, k)]


def _moved_by_one(values, k):
    return [sum(values[i : i + k]) / k for i in range(len(values) - k + 1)]


core = Exercise(
    name="NN.block_means",
    task=_("Give the mean of each whole block of k values."),
    reference=block_means,
    mistakes=(
        Mistake(
            "with the rest", _with_the_rest,
            _("You give a mean of the cells that are left over, too. Leave them out."),
        ),
        Mistake("sums", _sums, _("You give sums. A mean is the sum, divided by k.")),
        Mistake(
            "moved by one", _moved_by_one,
            _("Your blocks overlap: each begins one cell after the one before, not k cells."),
        ),
    ),
    hints=(
        _("Where does the first block end, and where does the second one begin?"),
        _("Block i begins at cell k * i."),
        _("sum(values[k * i : k * i + k]) / k, for every i below the number of blocks."),
    ),
    due=_("a list of numbers, the first block first"),
    cases=valued_rows,
    specification=_one_by_one,
    worth=_("Your function is an average pooling in one dimension."),
)  # fmt: skip


# ------------------------------------------------------------------ stretch: a size that fits
def fitting_size(n, k, times):
    step = k**times
    return (n + step - 1) // step * step


def sizes(rng: random.Random) -> Iterator[tuple]:
    """(n, k, times): sizes that fit, one less, one more; no cutting at all."""
    yield from product((1, 15, 16, 17, 27), (2, 3), (1, 2, 3))
    yield from product((1, 5), (1, 2), (0, 1))
    while True:
        yield rng.randint(1, 99), rng.randint(1, 4), rng.randint(0, 4)


def _by_trying(n, k, times):
    """The specification: try one size after the other."""

    def fits(size):
        return all(size // k**i % k == 0 for i in range(times))

    while not fits(n):
        n += 1
    return n


def _rounded_down(n, k, times):
    return n // k**times * k**times


def _product(n, k, times):
    step = max(k * times, 1)
    return (n + step - 1) // step * step


def _always_more(n, k, times):
    return (n // k**times + 1) * k**times


stretch = Exercise(
    name="NN.fitting_size",
    task=_("Find the smallest size, n or more, that can be cut so many times without a rest."),
    reference=fitting_size,
    mistakes=(
        Mistake(
            "rounded down", _rounded_down,
            _("Your size fits, but it may be smaller than n. Go up, not down."),
        ),
        Mistake(
            "k times times", _product,
            _("You step by k · times. Cutting twice by k asks for a multiple of k · k."),
        ),
        Mistake(
            "always more", _always_more,
            _("Where n fits already, you go on to the next size. Keep n then."),
        ),
    ),
    hints=(
        _("Which sizes can be halved twice? Write down the first four."),
        _("They are the multiples of one number. Which one?"),
        _("The step is k**times; round n up to a multiple of it."),
    ),
    due=_("a whole number"),
    cases=sizes,
    specification=_by_trying,
    worth=_("Your function says to which size an image must be padded."),
)  # fmt: skip

EXERCISES = (easy, core, stretch)
