"""Lesson 00: masks, the constant answer, the best threshold."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np

from unet_teach.checks.exercise import Exercise, Mistake
from unet_teach.translation import _


# ------------------------------------------------------------------------------- easy: a mask
def fix_mask(mask):
    return (mask > 127).astype(np.uint8)


def _pixel_by_pixel(mask):
    """The specification: ask every pixel whether it is nearer to 0 or to 255."""
    fixed = np.zeros(mask.shape, np.uint8)
    for place in np.ndindex(mask.shape):
        value = int(mask[place])
        fixed[place] = 1 if 255 - value < value else 0
    return fixed


def masks(rng: random.Random) -> Iterator[tuple]:
    """Masks of 0 and 255 first, then such that a lossy file has blurred."""
    yield (np.array([[0, 255], [255, 0]], np.uint8),)
    yield (np.array([[0, 255, 255]], np.uint8),)
    yield (np.array([[2, 253, 128, 127, 0, 255, 1, 254]], np.uint8),)
    while True:
        shape = rng.randint(1, 5), rng.randint(1, 5)
        grey = np.random.default_rng(rng.randrange(2**31)).integers(0, 256, shape)
        yield (grey.astype(np.uint8),)


easy = Exercise(
    name="00.fix_mask",
    task=_("Turn a mask of 0 and 255 into the classes 0 and 1."),
    reference=fix_mask,
    mistakes=(
        Mistake(
            "whole division", lambda mask: mask // 255,
            _("255 // 255 is 1, but 254 // 255 is 0. A file that was saved with loss holds "
              "254 or 250 too: compare with a number in the middle."),
        ),
        Mistake(
            "above nothing", lambda mask: (mask > 0).astype(np.uint8),
            _("Everything that is not exactly 0 becomes 1, a faint 2 as well: compare with a "
              "number in the middle."),
        ),
        Mistake(
            "upside down", lambda mask: (mask <= 127).astype(np.uint8),
            _("Your classes are swapped: bright pixels are 1."),
        ),
        Mistake(
            "fractions", lambda mask: mask / 255,
            _("That is a map of fractions. A class is a whole number; and what should a pixel "
              "of class 0.5 be?"),
        ),
        Mistake(
            "left as it was", lambda mask: mask.copy(),
            _("There is still a 255 in it. A loss takes that for class number 255."),
        ),
    ),
    hints=(
        _("Which comparison gives True for bright pixels only?"),
        _("`mask > 127` is an array of True and False: `.astype` makes it 1 and 0."),
        _("(mask > 127).astype(np.uint8)"),
    ),
    due=_("an array of whole numbers 0 and 1, of the same shape"),
    cases=masks,
    specification=_pixel_by_pixel,
)  # fmt: skip


# -------------------------------------------------------------------- core: the constant answer
def constant_accuracy(labels):
    _classes, counts = np.unique(labels, return_counts=True)
    return float(counts.max() / labels.size)


def _by_trying(labels):
    """The specification: try every constant answer."""
    return max(float(np.mean(labels == c)) for c in set(labels.flatten().tolist()))


def label_maps(rng: random.Random) -> Iterator[tuple]:
    """Maps of two classes, now more of the one, now more of the other; then of three."""
    yield (np.array([[1, 1], [1, 0]]),)
    yield (np.array([[0, 0, 0, 1]]),)
    yield (np.array([[2, 2, 2, 0, 1]]),)
    yield (np.array([[1, 1, 1]]),)
    while True:
        shape, classes = (rng.randint(1, 6), rng.randint(2, 6)), rng.randint(2, 4)
        random_map = np.random.default_rng(rng.randrange(2**31)).integers(0, classes, shape)
        yield (random_map,)


core = Exercise(
    name="00.constant_accuracy",
    task=_("Give the pixel accuracy of the best constant answer to a map of labels."),
    reference=constant_accuracy,
    mistakes=(
        Mistake(
            "always class 1", lambda labels: float(np.mean(labels == 1)),
            _("You always answer 1. Where another class is more frequent, that is not the best "
              "constant."),
        ),
        Mistake(
            "mean of the labels", lambda labels: float(np.mean(labels)),
            _("The mean of the labels is the share of class 1 only while there are no other "
              "classes than 0 and 1."),
        ),
        Mistake(
            "the wrong pixels", lambda labels: 1 - constant_accuracy(labels),
            _("That is the share of the pixels that it gets wrong."),
        ),
        Mistake(
            "the rarest class",
            lambda labels: float(np.unique(labels, return_counts=True)[1].min() / labels.size),
            _("You answer with the rarest class, the worst constant."),
        ),
        Mistake(
            "one over classes", lambda labels: 1 / len(np.unique(labels)),
            _("That is a guess at random. A constant does better: it takes the class that is "
              "most frequent."),
        ),
        Mistake(
            "a count",
            lambda labels: float(np.unique(labels, return_counts=True)[1].max()),
            _("That is a number of pixels; accuracy is a share of them."),
        ),
    ),
    hints=(
        _("Which constant answer is right most often?"),
        _("`np.unique(labels, return_counts=True)` counts the pixels of each class."),
        _("The largest of the counts, divided by `labels.size`, as a float."),
    ),
    due=_("a number (float) from 0 to 1"),
    cases=label_maps,
    specification=_by_trying,
)  # fmt: skip


# ------------------------------------------------------------------ stretch: the best threshold
def best_thresholds(labels, values, thresholds):
    truth, scores = labels == 1, []
    for threshold in thresholds:
        inside = values > threshold
        areas = inside.sum() + truth.sum()
        scores.append(2 * (inside & truth).sum() / areas if areas else 1.0)
    return [t for t, score in zip(thresholds, scores, strict=True) if score == max(scores)]


def _judged(judge, pick):
    """A wrong `best_thresholds`: another judge of (truth, inside), or another choice."""

    def best_thresholds(labels, values, thresholds):
        scores = [judge(labels == 1, values > t) for t in thresholds]
        return pick(list(thresholds), scores)

    return best_thresholds


def _dice(truth, inside):
    areas = inside.sum() + truth.sum()
    return 2 * (inside & truth).sum() / areas if areas else 1.0


def _iou_like(truth, inside):
    return (inside & truth).sum()


def _all_best(thresholds, scores):
    return [t for t, score in zip(thresholds, scores, strict=True) if score == max(scores)]


def maps(rng: random.Random) -> Iterator[tuple]:
    """(labels, values, thresholds) with and without ties."""
    yield np.array([1, 0]), np.array([0.9, 0.1]), [0.0, 0.5]
    yield np.array([1, 0]), np.array([0.9, 0.1]), [0.2, 0.4, 0.9]
    yield np.array([1, 0, 0, 0]), np.array([0.5, 0.5, 0.4, 0.3]), [0.2, 0.4, 0.5]
    while True:
        generator = np.random.default_rng(rng.randrange(2**31))
        size = rng.randint(3, 12)
        labels = generator.integers(0, 2, size)
        noise = generator.integers(0, 11, size) / 10
        values = np.round(0.6 * noise + 0.4 * labels * rng.random(), 1)
        yield labels, values, [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 0.9]


stretch = Exercise(
    name="00.best_threshold",
    task=_("List every threshold that reaches the highest Dice of class 1."),
    reference=best_thresholds,
    mistakes=(
        Mistake(
            "the first only", _judged(_dice, lambda t, s: _all_best(t, s)[:1]),
            _("There is a tie, and you name only its first threshold. List all of them."),
        ),
        Mistake(
            "the last only", _judged(_dice, lambda t, s: _all_best(t, s)[-1:]),
            _("There is a tie, and you name only its last threshold. List all of them."),
        ),
        Mistake(
            "pixel accuracy", _judged(lambda a, b: (a == b).mean(), _all_best),
            _("That threshold has the best pixel accuracy; Dice looks at class 1 only."),
        ),
        Mistake(
            "overlap alone", _judged(_iou_like, _all_best),
            _("You count the overlap and do not divide by the areas. Then calling everything "
              "inside always wins."),
        ),
        Mistake(
            "the worst", _judged(lambda a, b: -_dice(a, b), _all_best),
            _("Those are the worst ones."),
        ),
        Mistake(
            "at or above",
            lambda labels, values, thresholds: _all_best(
                list(thresholds), [_dice(labels == 1, values >= t) for t in thresholds]
            ),
            _("A value that equals the threshold is not above it: `>`, not `>=`."),
        ),
    ),
    hints=(
        _("First write Dice for one threshold: twice the overlap, divided by both areas."),
        _("Make a list with the Dice of each threshold. Then keep those that equal its "
          "maximum."),
        _("inside = values > t; 2 * (inside & truth).sum() / (inside.sum() + truth.sum()); "
          "where both areas are empty, Dice is 1."),
    ),
    due=_("a list of thresholds, in their order"),
    cases=maps,
    count=60,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
