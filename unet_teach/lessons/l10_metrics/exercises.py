"""Lesson 10: the contingency table, V_rand from it, and walls made thin."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import numpy as np

from unet_teach.exercises.agreement import as_array
from unet_teach.exercises.cases import forms, larger, numbers, smaller, strided
from unet_teach.exercises.exercise import Exercise, Mistake, Symptom
from unet_teach.lessons.l10_metrics.measure import touched
from unet_teach.metrics import components, thin
from unet_teach.translation import _


# --------------------------------------------------------------- easy: the contingency table
def contingency_table(truth, segmentation):
    table = np.zeros((truth.max() + 1, segmentation.max() + 1), int)
    np.add.at(table, (truth, segmentation), 1)
    return table


def label_images(rng: random.Random) -> Iterator[tuple]:
    """(truth, segmentation): two maps of labels from 0; first a square table by hand, then
    labels that are missing, pairs that come often, other types and other memory."""
    yield np.array([[1, 1, 0, 2, 2]]), np.array([[1, 1, 1, 0, 2]])
    yield np.array([[1, 1, 1]]), np.array([[1, 0, 2]])
    yield np.array([[0, 1, 1], [2, 1, 1]]), np.array([[3, 1, 1], [3, 1, 2]])
    yield np.array([[0]]), np.array([[0]])
    yield np.array([[3], [0], [3]]), np.array([[0], [1], [0]])
    yield np.array([[5, 5, 2]]), np.array([[0, 7, 7]])
    yield np.array([[2, 2], [2, 2]]), np.array([[4, 4], [4, 4]])
    yield np.array([[0, 1, 2, 3]]), np.array([[2, 1, 0, 0]])
    yield np.zeros((20, 30), int), np.zeros((20, 30), int)
    yield np.arange(600).reshape(20, 30) % 2, np.arange(600).reshape(20, 30) // 300
    one, other = numbers(rng).integers(0, 4, (2, 4, 6))
    yield from zip(
        forms(one, np.uint8, np.int32), forms(other, np.uint8, np.int32), strict=True
    )
    yield one.T, other.T
    yield strided(one), other
    many = np.arange(40, dtype=np.uint8).reshape(5, 8)  # 39 · 40 is no number of 8 bits
    yield many, many[::-1].copy()
    while True:
        shape = rng.randint(1, 5), rng.randint(1, 6)
        many = rng.randint(1, 4), rng.randint(1, 4)
        yield tuple(numbers(rng).integers(0, most + 1, shape) for most in many)


def _pixel_by_pixel(truth, segmentation):
    """The specification: one tally for each pixel."""
    table = [[0] * (int(segmentation.max()) + 1) for _row in range(int(truth.max()) + 1)]
    for row in range(truth.shape[0]):
        for column in range(truth.shape[1]):
            table[truth[row, column]][segmentation[row, column]] += 1
    return np.array(table)


def _counted_once(truth, segmentation):
    table = np.zeros((truth.max() + 1, segmentation.max() + 1), int)
    table[truth, segmentation] += 1
    return table


def _then(change: Callable) -> Callable:
    """The right table, changed."""
    return lambda truth, segmentation: change(contingency_table(truth, segmentation))


def _once_a_row(truth, segmentation):
    table = np.zeros((truth.max() + 1, segmentation.max() + 1), int)
    for ours, theirs in zip(truth, segmentation, strict=True):
        table[ours, theirs] += 1
    return table


def _no_minlength(truth, segmentation):
    many, size = int(segmentation.max()) + 1, int(truth.max()) + 1
    return np.bincount((truth.astype(int) * many + segmentation).ravel()).reshape(size, many)


def _has_gaps(case: dict, _got: object, _due: object) -> bool:
    return any(len(np.unique(labels)) <= labels.max() for labels in case.values())


COUNTING = (
    Symptom("cut off at 255",
        lambda case, got, due: due.max() > 255 and as_array(got).max() < 256, _(
        "Counts above 255 come out too small: your table is of a type that has no room for "
        "them, such as uint8.")),
    Symptom("a label that no pixel has", _has_gaps, _(
        "Your table is wrong where a label between 0 and the largest one does not occur. Row i "
        "still belongs to label i and is all 0, because the largest label sets the size.")),
    Symptom("too few rows", lambda case, got, due: as_array(got).ndim == 2 and any(
        n < m for n, m in zip(as_array(got).shape, due.shape, strict=True)), _(
        "Your table has too few rows or columns. Labels go from 0 to the largest one, so there "
        "is one more than the largest.")),
    Symptom("too few", lambda case, got, due: (as_array(got) <= due).all(), _(
        "Pixels are missing from your table: its entries should add up to the number of "
        "pixels. Does a pair of labels count each time that it occurs? Do all labels count?")),
    Symptom("too many", lambda case, got, due: as_array(got).sum() > due.sum(), _(
        "Your entries add up to more than the number of pixels. Each pixel counts once, in the "
        "entry of its two labels.")),
)  # fmt: skip


easy = Exercise(
    name="10.contingency_table",
    task=_("Count the pixels of every pair of labels: a row per neuron, a column per segment."),
    reference=contingency_table,
    mistakes=(
        Mistake("counted once", _counted_once, _(
            "Your table has only 0 and 1: `table[a, b] += 1` with arrays adds once for each "
            "pair, however often it occurs. `np.add.at` adds every time.")),
        Mistake("transposed", _then(np.transpose), _(
            "Rows and columns are swapped: the rows belong to the labels of the truth.")),
        Mistake("shares", _then(lambda table: table / table.sum()), _(
            "These are fractions of the pixels. Return whole numbers, the counts themselves.")),
        Mistake("without the walls",
            _then(lambda table: np.pad(table[1:, 1:], ((1, 0), (1, 0)))), _(
            "Your row 0 and column 0 are empty. Count label 0 like every other; what to do "
            "with walls is decided later.")),
        Mistake("row and column 0 cut off", _then(lambda table: table[1:, 1:]), _(
            "Row 0 and column 0 are missing: entry (i, j) has to belong to labels i and j.")),
        Mistake("equal labels only",
            _then(lambda table: table * np.eye(*table.shape, dtype=int)), _(
            "You count where both labels are equal. Labels are only names: neuron 2 may well "
            "be segment 7. Every pair counts.")),
        Mistake("largest labels left out",
            _then(lambda table: np.pad(table[:-1, :-1], ((0, 1), (0, 1)))), _(
            "The last row and the last column are empty: the largest label counts, too.")),
        Mistake("once a row", _once_a_row, _(
            "You count a pair of labels once in each row of the image, however often it occurs "
            "there. Adding to `table[a, b]` with arrays adds once for each pair.")),
        Mistake("whole neurons",
            _then(lambda table: np.where(table > 0, table.sum(axis=1, keepdims=True), 0)), _(
            "Wherever two labels meet, you enter the whole size of the neuron. Count only the "
            "pixels that have both labels.")),
        Mistake("whole segments",
            _then(lambda table: np.where(table > 0, table.sum(axis=0, keepdims=True), 0)), _(
            "Wherever two labels meet, you enter the whole size of the segment. Count only the "
            "pixels that have both labels.")),
        Mistake("ends at the last pair", _no_minlength, _(
            "Your code fails where the last pair of labels, the largest with the largest, does "
            "not occur, because then your list of counts is too short for the table. "
            "`np.bincount` takes a `minlength`.")),
    ),
    symptoms=COUNTING,
    hints=(
        _("How many rows does the table need, if the largest label of the truth is 5?"),
        _("Go through the pixels: each adds 1 to the entry (its label in the truth, its label "
          "in the segmentation)."),
        _("table = np.zeros((truth.max() + 1, segmentation.max() + 1), int), then "
          "np.add.at(table, (truth, segmentation), 1)."),
    ),
    due=_("an array of whole numbers (labels of the truth, labels of the segmentation)"),
    cases=label_images,
    specification=_pixel_by_pixel,
    worth=_("All scores that compare regions, V_rand and V_info among them, are computed from "
            "this one table: the images are not needed any more."),
)  # fmt: skip


# ------------------------------------------------------------------- core: V_rand from a table
def v_rand_of(table):
    together = (table**2).sum()
    in_truth, in_segmentation = table.sum(axis=1), table.sum(axis=0)
    return float(2 * together / ((in_truth**2).sum() + (in_segmentation**2).sum()))


def tables(rng: random.Random) -> Iterator[tuple]:
    """(table,) with at least one pixel in each row and column; first a merge, then a split."""
    for rows in ([[4, 1], [0, 3]], [[3], [2]], [[3, 2]], [[5, 0], [0, 2]], [[1]], [[9]],
                 [[0, 5], [2, 0]], [[1, 1, 1]], [[1], [1], [1]], [[2, 0, 3], [0, 7, 1]],
                 [[1, 0], [0, 1], [6, 2]], [[30, 2, 0, 1], [0, 0, 11, 5]]):  # fmt: skip
        yield (np.array(rows),)
    large = np.array([[90_000, 1_200, 0], [3, 150_000, 7], [0, 0, 80_000]])  # a whole slice
    yield (large,)
    yield (strided(large),)
    yield (1000 * np.eye(3, dtype=int)[::-1],)
    while True:
        shape = rng.randint(1, 4), rng.randint(1, 4)
        draw = numbers(rng)
        table = draw.integers(0, 9, shape) * (draw.random(shape) < 0.6)
        table[np.arange(max(shape)) % shape[0], np.arange(max(shape)) % shape[1]] += 1
        yield (table,)


def _by_all_pairs(table):
    """The specification: take every two pixels (a pixel with itself, too) and look."""
    if table.sum() > 1500:  # too many pairs: one entry after another
        pairs = list(np.ndenumerate(table.astype(float)))
        rows, columns = (
            sum(sum(n for place, n in pairs if place[axis] == i) ** 2 for i in range(size))
            for axis, size in enumerate(table.shape)
        )
        return 2 * sum(n**2 for _place, n in pairs) / (rows + columns)
    pixels = [place for place, count in np.ndenumerate(table) for _pixel in range(count)]
    neurons = np.array([neuron for neuron, _segment in pixels])
    segments = np.array([segment for _neuron, segment in pixels])
    in_truth = neurons[:, None] == neurons
    in_segmentation = segments[:, None] == segments
    both = (in_truth & in_segmentation).sum()
    return float(2 * both / (in_truth.sum() + in_segmentation.sum()))


def _squares(table, axis):
    """Over the line the squares of the entries, below it those of one kind of sums only."""
    return float((table**2).sum() / (table.sum(axis=axis) ** 2).sum())


def _margins(table):
    return (table.sum(axis=1) ** 2).sum() + (table.sum(axis=0) ** 2).sum()


def _rand_index(table):
    """All pairs on which both agree, those that are apart in both, too."""
    every, together = table.sum() ** 2, (table**2).sum()
    return float((every + 2 * together - _margins(table)) / every)


def _pairs_of_two(table):
    """Pairs of two different pixels: n (n − 1)."""

    def pairs(counts):
        return (counts * (counts - 1)).sum()

    below = pairs(table.sum(axis=1)) + pairs(table.sum(axis=0))
    return float(2 * pairs(table) / below) if below else 1.0


SCORING = (
    Symptom("rounded", lambda case, got, due: 0 < abs(float(got) - due) <= 0.05 and any(
        float(got) == round(float(got), n) for n in range(1, 5)), _(
        "Your result is rounded. Return the number as it is, because two maps may differ in "
        "the fourth digit.")),
    Symptom("0 or 1", lambda case, got, due: float(got) in (0, 1), _(
        "Where it is wrong, your result is 0 or 1. Do you use `//` or `int`? Both throw away "
        "what follows the decimal point.")),
    Symptom("above 1", lambda case, got, due: float(got) > 1, _(
        "Your result is above 1, which V_rand never is. Square each count, and each sum of a "
        "row or a column, and then add up.")),
    Symptom("only rectangular", lambda case, got, due: len(set(case["table"].shape)) > 1, _(
        "Your result is right for square tables, and wrong where the numbers of neurons and "
        "segments differ. Which axis does each of your sums run along?")),
    Symptom("too large", larger, _(
        "Your result is too large. The denominator is the mean of two sums of squares, of the "
        "row sums and of the column sums. The numerator has the squares of single entries.")),
    Symptom("too small", smaller, _(
        "Your result is too small. The numerator has the squares of **all** entries; the "
        "denominator is the mean, not the sum, of two sums of squares.")),
)  # fmt: skip


core = Exercise(
    name="10.v_rand_of",
    task=_("Compute V_rand, with α = ½, from a contingency table whose pixels all count."),
    reference=v_rand_of,
    mistakes=(
        Mistake("without the 2", lambda table: v_rand_of(table) / 2, _(
            "Your result is half of the right one: α = ½ is in the denominator, so a 2 belongs "
            "in the numerator.")),
        Mistake("split only", lambda table: _squares(table, 1), _(
            "You divided by the pairs of the truth alone. Then a map with one single "
            "region gets 1, but merges must cost, too.")),
        Mistake("merge only", lambda table: _squares(table, 0), _(
            "You divided by the pairs of the segmentation alone. Then a map of single pixels "
            "gets 1, but splits must cost, too.")),
        Mistake("plain mean", lambda table: (_squares(table, 1) + _squares(table, 0)) / 2, _(
            "That is the plain mean of both scores. V_rand takes the mean of the two "
            "**denominators** instead, which makes it the harmonic mean of both scores.")),
        Mistake("square of the sum",
            lambda table: float(2 * table.sum() ** 2 / _margins(table)), _(
            "You sum the entries first and then square. Square each entry, then sum.")),
        Mistake("best match", lambda table: float(table.max(axis=1).sum() / table.sum()), _(
            "That is the fraction of pixels in each neuron's largest segment. V_rand counts "
            "pairs of pixels, so it needs squares.")),
        Mistake("margins not squared",
            lambda table: float(2 * (table**2).sum() / (table.sum() + table.sum())), _(
            "In the denominator you have numbers of pixels. It needs pairs, too: square each "
            "row's and each column's sum.")),
        Mistake("first row cut off", lambda table: v_rand_of(table[1:]), _(
            "You leave out row 0. All pixels of this table count: the walls were taken out "
            "before.")),
        Mistake("first column cut off", lambda table: v_rand_of(table[:, 1:]), _(
            "You leave out column 0. All pixels of this table count: the lost ones have "
            "columns of their own.")),
        Mistake("rows as shares",
            lambda table: v_rand_of(table / table.sum(axis=1, keepdims=True)), _(
            "You divide each row by its own sum, so a small neuron counts like a large one. "
            "Take fractions of all pixels.")),
        Mistake("columns as shares",
            lambda table: v_rand_of(table / table.sum(axis=0, keepdims=True)), _(
            "You divide each column by its own sum, so a small segment counts like a large "
            "one. Take fractions of all pixels.")),
        Mistake("Rand index", _rand_index, _(
            "That is the Rand index. It counts pairs that are apart in both maps, too, and "
            "those are nearly all; V_rand counts pairs that are together.")),
        Mistake("diagonal",
            lambda table: float(2 * (np.diag(table) ** 2).sum() / _margins(table)), _(
            "In the numerator you take the diagonal only. But numbers are only names: neuron 2 "
            "may be segment 7. Square all entries.")),
        Mistake("shares over counts", lambda table: v_rand_of(table) / int(table.sum()) ** 2, _(
            "Your numerator has fractions of all pixels, your denominator counts. Use the same "
            "in both, so that the number of pixels cancels.")),
        Mistake("pairs of two pixels", _pairs_of_two, _(
            "You count pairs of two different pixels, n(n − 1). The formula has squares: the "
            "second pixel may be the first one again.")),
    ),
    symptoms=SCORING,
    hints=(
        _("n pixels make n² ordered pairs (each with itself, too). Which pairs are together in "
          "both maps? Which in the truth?"),
        _("Together in both: the sum of the squared entries. In the truth: of the squared sums "
          "of rows. In the segmentation: of columns."),
        _("2 * (table**2).sum() / ((table.sum(axis=1)**2).sum() + (table.sum(axis=0)**2).sum())"
          ", as a float."),
    ),
    due=_("a number (float) above 0 and at most 1"),
    cases=tables,
    specification=_by_all_pairs,
    worth=_("This is the challenge's first score. One pixel of a wall can take it from 1 to "
            "below 0.9, as you will see in a moment."),
)  # fmt: skip


# --------------------------------------------------------------------------- stretch: thinning
def thin_walls(white):
    labels = components(white)
    for _round in range(labels.size):
        before = labels.copy()
        for row, column in np.argwhere(before == 0):
            if touched(before, row, column):
                regions = touched(labels, row, column)
                if len(regions) == 1:
                    labels[row, column] = regions.pop()
        if (labels == before).all():
            break
    return labels > 0


def masks(rng: random.Random) -> Iterator[tuple]:
    """(white,): first walls of even and odd width, a crossing, and one region alone."""
    yield (np.array([[1, 0, 0, 0, 0, 1]] * 3, bool),)
    yield (np.array([[1, 0, 0, 0, 1]], bool),)
    crossing = np.zeros((6, 7), bool)
    crossing[:2, :2] = crossing[:2, 5:] = crossing[4:, :2] = crossing[4:, 5:] = True
    yield (crossing,)
    yield (np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]], bool),)
    yield (np.zeros((2, 3), bool),)
    for wall in (1, 2, 3, 13, 30):  # thin to thick, across and down
        line = np.array([[True, *[False] * wall, True]])
        yield from ((line,), (line.T,))
    yield (np.ones((3, 4), bool),)
    yield (np.array([[True]]),)
    rim = np.zeros((5, 8), bool)  # black at the rim, and a hole
    rim[1:4, 1:3] = rim[1:4, 5:7] = True
    yield (rim,)
    hole = np.ones((5, 5), bool)
    hole[1:4, 1:4] = False
    yield (hole,)
    hole = hole.copy()
    hole[2, 2] = True
    yield (hole,)
    yield (np.eye(6, dtype=bool),)  # corners do not touch
    yield (np.eye(6, 9, dtype=bool)[:, ::-1] | np.eye(6, 9, k=4, dtype=bool),)
    yield (strided(rim),)
    edges = np.zeros((4, 6), bool)  # regions at opposite edges
    edges[:, 0] = edges[0, 5] = edges[3, 5] = True
    yield (edges,)
    while True:
        draw = numbers(rng)
        white = np.zeros((rng.randint(3, 9), rng.randint(3, 9)), bool)
        for _spot in range(rng.randint(1, 5)):
            row, column = (int(draw.integers(0, n)) for n in white.shape)
            white[row : row + rng.randint(1, 3), column : column + rng.randint(1, 3)] = True
        yield (white,)


LOST, REGIONS, REMOVABLE = _("white pixels lost"), _("regions"), _("pixels not thinned away")


def what_is_kept(answer: Callable, white: np.ndarray) -> dict | None:
    """What makes a thinned map, in numbers: many maps are right, their numbers are alike."""
    thinned = answer(white.copy())
    if thinned is None or thinned is Ellipsis:
        return thinned
    inside = np.asarray(thinned) > 0
    if inside.shape != white.shape:
        raise ValueError(f"got shape {inside.shape}, due {white.shape}")
    labels = components(inside)
    left = [touched(labels, row, column) for row, column in np.argwhere(~inside)]
    return {
        LOST: int((white & ~inside).sum()),
        REGIONS: int(labels.max()),
        REMOVABLE: sum(len(regions) == 1 for regions in left),
    }


def _what_is_due(white):
    """The specification: the library's watershed has the same numbers."""
    return thin(white) > 0


def _at_once(white):
    """All pixels of a step together: two fronts jump into each other."""
    labels = components(white)
    for _step in range(labels.size):
        padded = np.pad(labels, 1)
        near = np.stack(
            [padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]]
        )
        lowest = np.where(near > 0, near, labels.size + 1).min(0)
        grow = (labels == 0) & (near.max(0) > 0) & (lowest == near.max(0))
        if not grow.any():
            break
        labels = np.where(grow, near.max(0), labels)
    return labels > 0


def _grown(white, near=touched, rounds=0):
    """The reference with other neighbours, or stopped after so many rounds."""
    labels = components(white)
    for _round in range(rounds or labels.size):
        before = labels.copy()
        for row, column in np.argwhere(before == 0):
            regions = near(labels, row, column)
            if near(before, row, column) and len(regions) == 1:
                labels[row, column] = regions.pop()
        if (labels == before).all():
            break
    return labels > 0


def _corners_too(labels, row, column):
    """Then walls stay two pixels thick where they slant."""
    block = labels[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
    return set(block.ravel().tolist()) - {0}


def _eroded(white):
    """The white is thinned, not the walls."""
    padded = np.pad(white, 1, constant_values=True)
    near = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return white & near


GROWING = (
    Symptom("white lost", lambda case, got, due: got[LOST] > 0, _(
        "White pixels have become black. Only walls may lose pixels: regions may grow, but "
        "never shrink.")),
    Symptom("regions have run together", lambda _case, got, due: got[REGIONS] < due[REGIONS], _(
        "Regions have run together. Before a pixel turns white, look at its four neighbours as "
        "they are now, with all that has just been filled, and not across the edge of the "
        "image: a pixel that touches two regions stays black.")),
    Symptom("black left",
        lambda case, got, due: got[REMOVABLE] > 0 and got[REGIONS] == due[REGIONS], _(
        "Black pixels are left that touch one region only. Look at each black pixel, also at "
        "the edge of the image and inside of a region, and go on until a whole round changes "
        "nothing.")),
    Symptom("more regions", lambda case, got, due: got[REGIONS] > due[REGIONS], _(
        "There are more regions than before: each pixel that turns white has to touch a "
        "region, and becomes a part of it.")),
    Symptom("one or the other",
        lambda case, got, due: got[REGIONS] != due[REGIONS] or got[REMOVABLE] > 0, _(
        "Where it is wrong, the number of regions has changed, or black pixels are left that "
        "touch one region only. A black pixel turns white just where it touches **one** "
        "region; repeat until nothing changes.")),
)  # fmt: skip


stretch = Exercise(
    name="10.thin_walls",
    task=_("Let the white regions grow until the walls between them are one pixel thin."),
    reference=thin_walls,
    mistakes=(
        Mistake("unchanged", lambda white: white, _(
            "You return the mask unchanged, so thick walls are still thick.")),
        Mistake("all white", lambda white: np.full_like(white, white.any()), _(
            "Everything is white and no wall is left, but a pixel that touches **two** regions "
            "has to stay black.")),
        Mistake("all pixels at once", _at_once, _(
            "Where a wall is an even number of pixels wide, two neurons grow into neighbouring "
            "pixels in one step, and then they touch. Look at the labels as they are "
            "**now**, pixel by pixel.")),
        Mistake("one step only", lambda white: _grown(white, rounds=1), _(
            "You took away one layer only. Repeat the step until nothing changes any more.")),
        Mistake("white eroded", _eroded, _(
            "The white became smaller: you thinned the neurons instead of the walls.")),
        Mistake("eight neighbours", lambda white: _grown(white, _corners_too), _(
            "You look at eight neighbours. Sharing a corner doesn't count as touching, so look "
            "above, below, left and right only.")),
    ),
    symptoms=GROWING,
    hints=(
        _("A black pixel has four neighbours. When may it become white without joining two "
          "neurons?"),
        _("Number the regions with `components`. A black pixel that touches exactly one number "
          "takes it. Repeat until nothing changes."),
        _("In each round, fill only pixels that touch a region in a copy from before the round "
          "(one layer), but count the regions that a pixel touches in the labels as they are "
          "now. Stop when a round changed nothing; return labels > 0."),
    ),
    due=_("a mask (H, W): no white lost, as many regions, no pixel left to thin away"),
    cases=masks,
    run=what_is_kept,
    only_looks=True,
    worth=_("Thinned like this, a wall may be as thick as an annotator likes: only holes in it "
            "still cost something."),
    specification=_what_is_due,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
