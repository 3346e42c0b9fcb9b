"""Lesson 10: the contingency table, V_rand from it, and walls made thin."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import numpy as np

from unet_teach.checks.exercise import Exercise, Mistake
from unet_teach.inspection.walls import touched
from unet_teach.metrics import components, thin
from unet_teach.translation import _


# --------------------------------------------------------------- easy: the contingency table
def contingency_table(truth, segmentation):
    table = np.zeros((truth.max() + 1, segmentation.max() + 1), int)
    np.add.at(table, (truth, segmentation), 1)
    return table


def label_images(rng: random.Random) -> Iterator[tuple]:
    """(truth, segmentation): two maps of labels from 0; first a square table by hand."""
    yield np.array([[1, 1, 0, 2, 2]]), np.array([[1, 1, 1, 0, 2]])
    yield np.array([[1, 1, 1]]), np.array([[1, 0, 2]])
    yield np.array([[0, 1, 1], [2, 1, 1]]), np.array([[3, 1, 1], [3, 1, 2]])
    while True:
        shape = rng.randint(1, 5), rng.randint(1, 6)
        many = rng.randint(1, 4), rng.randint(1, 4)
        draw = np.random.default_rng(rng.randrange(10**6))
        yield tuple(draw.integers(0, most + 1, shape) for most in many)


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


def _transposed(truth, segmentation):
    return contingency_table(truth, segmentation).T


def _shares(truth, segmentation):
    return contingency_table(truth, segmentation) / truth.size


def _no_wall(truth, segmentation):
    table = contingency_table(truth, segmentation)
    table[0], table[:, 0] = 0, 0
    return table


def _cut_off(truth, segmentation):
    return contingency_table(truth, segmentation)[1:, 1:]


def _agreeing_only(truth, segmentation):
    table = contingency_table(truth, segmentation)
    return table * np.eye(*table.shape, dtype=int)


easy = Exercise(
    name="10.contingency",
    task=_("Count the pixels of every pair of labels: one row a neuron, one column a segment."),
    reference=contingency_table,
    mistakes=(
        Mistake(
            "counted once", _counted_once,
            _("Your table holds only 0 and 1: `table[a, b] += 1` with arrays adds once for "
              "each pair, however often it occurs. `np.add.at` adds every time."),
        ),
        Mistake(
            "transposed", _transposed,
            _("Rows and columns have changed places: rows are labels of the truth."),
        ),
        Mistake(
            "shares", _shares,
            _("These are shares of the pixels. Keep whole numbers: counts, not divided."),
        ),
        Mistake(
            "without the walls", _no_wall,
            _("Your row 0 and column 0 are empty. Count label 0 like every other; what to do "
              "with walls is decided later."),
        ),
        Mistake(
            "row and column 0 cut off", _cut_off,
            _("Row 0 and column 0 are missing: entry (i, j) is to belong to labels i and j."),
        ),
        Mistake(
            "equal labels only", _agreeing_only,
            _("You count where both labels are equal. Labels are only names: neuron 2 may well "
              "be segment 7. Every pair counts."),
        ),
    ),
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
)  # fmt: skip


# ------------------------------------------------------------------- core: V_rand from a table
def v_rand_of(table):
    together = (table**2).sum()
    in_truth, in_segmentation = table.sum(axis=1), table.sum(axis=0)
    return float(2 * together / ((in_truth**2).sum() + (in_segmentation**2).sum()))


def tables(rng: random.Random) -> Iterator[tuple]:
    """(table,) with at least one pixel in each row and column; first a merge, then a split."""
    for rows in ([[4, 1], [0, 3]], [[3], [2]], [[3, 2]], [[5, 0], [0, 2]]):
        yield (np.array(rows),)
    while True:
        shape = rng.randint(1, 4), rng.randint(1, 4)
        draw = np.random.default_rng(rng.randrange(10**6))
        table = draw.integers(0, 9, shape) * (draw.random(shape) < 0.6)
        table[np.arange(max(shape)) % shape[0], np.arange(max(shape)) % shape[1]] += 1
        yield (table,)


def _by_all_pairs(table):
    """The specification: take every two pixels (a pixel with itself, too) and look."""
    pixels = [place for place, count in np.ndenumerate(table) for _pixel in range(count)]
    neurons = np.array([neuron for neuron, _segment in pixels])
    segments = np.array([segment for _neuron, segment in pixels])
    in_truth = neurons[:, None] == neurons
    in_segmentation = segments[:, None] == segments
    both = (in_truth & in_segmentation).sum()
    return float(2 * both / (in_truth.sum() + in_segmentation.sum()))


def _no_two(table):
    return v_rand_of(table) / 2


def _of_truth_only(table):
    return float((table**2).sum() / (table.sum(axis=1) ** 2).sum())


def _of_segmentation_only(table):
    return float((table**2).sum() / (table.sum(axis=0) ** 2).sum())


def _plain_mean(table):
    return (_of_truth_only(table) + _of_segmentation_only(table)) / 2


def _square_of_sum(table):
    together = table.sum() ** 2
    margins = table.sum(axis=1) ** 2, table.sum(axis=0) ** 2
    return float(2 * together / (margins[0].sum() + margins[1].sum()))


def _best_match(table):
    return float(table.max(axis=1).sum() / table.sum())


def _not_squared(table):
    return float(2 * (table**2).sum() / (table.sum() + table.sum()))


core = Exercise(
    name="10.v_rand",
    task=_("Compute V_rand, with α = ½, from a contingency table whose pixels all count."),
    reference=v_rand_of,
    mistakes=(
        Mistake(
            "without the 2", _no_two,
            _("Half of what is due: α = ½ stands below the line, so a 2 comes above it."),
        ),
        Mistake(
            "split only", _of_truth_only,
            _("You divided by the pairs of the truth alone. A map in which all is one region "
              "would get 1: merges must cost, too."),
        ),
        Mistake(
            "merge only", _of_segmentation_only,
            _("You divided by the pairs of the segmentation alone. A map of single pixels "
              "would get 1: splits must cost, too."),
        ),
        Mistake(
            "plain mean", _plain_mean,
            _("That is the plain mean of both scores. V_rand adds up the two **lower** lines: "
              "the harmonic mean, as in Dice."),
        ),
        Mistake(
            "square of the sum", _square_of_sum,
            _("Above 1? You summed first and squared then. Square each entry, then sum."),
        ),
        Mistake(
            "best match", _best_match,
            _("That is the share of pixels in each neuron's largest segment. V_rand counts "
              "pairs of pixels: squares."),
        ),
        Mistake(
            "margins not squared", _not_squared,
            _("Below the line stand numbers of pixels. Pairs are needed there as well: square "
              "each row's and each column's sum."),
        ),
    ),
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
    while True:
        draw = np.random.default_rng(rng.randrange(10**6))
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


def _unchanged(white):
    return white


def _all_white(white):
    return np.full_like(white, white.any())


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


def _one_step(white):
    """The reference, stopped after its first round."""
    before = components(white)
    labels = before.copy()
    for row, column in np.argwhere(before == 0):
        regions = touched(labels, row, column)
        if touched(before, row, column) and len(regions) == 1:
            labels[row, column] = regions.pop()
    return labels > 0


def _eroded(white):
    """The white is thinned, not the walls."""
    padded = np.pad(white, 1, constant_values=True)
    near = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return white & near


def _eight_neighbours(white):
    """Corners count as touching, so walls stay two pixels thick where they slant."""
    labels = components(white)
    for _step in range(labels.size):
        before = labels.copy()
        for row, column in np.argwhere(before == 0):
            block = (slice(max(0, row - 1), row + 2), slice(max(0, column - 1), column + 2))
            regions = set(np.unique(labels[block]).tolist()) - {0}
            if before[block].any() and len(regions) == 1:
                labels[row, column] = regions.pop()
        if (labels == before).all():
            break
    return labels > 0


stretch = Exercise(
    name="10.thinning",
    task=_("Let the white regions grow until the walls between them are one pixel thin."),
    reference=thin_walls,
    mistakes=(
        Mistake(
            "unchanged", _unchanged,
            _("The mask came back as it was: thick walls stayed thick."),
        ),
        Mistake(
            "all white", _all_white,
            _("Everything is white, no wall is left: a pixel that **two** regions touch has to "
              "stay black."),
        ),
        Mistake(
            "all pixels at once", _at_once,
            _("Where a wall is an even number of pixels wide, two fronts step into "
              "neighbouring pixels in the same moment, and the neurons touch. Look at the "
              "labels as they are **now**, pixel by pixel."),
        ),
        Mistake(
            "one step only", _one_step,
            _("One layer was taken away. Repeat it until nothing changes any more."),
        ),
        Mistake(
            "white eroded", _eroded,
            _("The white became smaller: you thinned the neurons. Here the walls are to lose."),
        ),
        Mistake(
            "eight neighbours", _eight_neighbours,
            _("You look at eight neighbours. Regions are 4-connected: a corner does not touch, "
              "so look above, below, left and right only."),
        ),
    ),
    hints=(
        _("A black pixel has four neighbours. When may it become white without joining two "
          "neurons?"),
        _("Number the regions with `components`. A black pixel that touches exactly one number "
          "takes it. Repeat until nothing changes."),
        _("In each round only pixels that touch a region in a copy, made before the round, may "
          "grow: that is a layer. Whether they touch one region only, ask the labels as they "
          "are now. Stop when a round changed nothing; return labels > 0."),
    ),
    due=_("a mask (H, W): no white lost, as many regions, no pixel more to thin away"),
    cases=masks,
    run=what_is_kept,
    specification=_what_is_due,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
