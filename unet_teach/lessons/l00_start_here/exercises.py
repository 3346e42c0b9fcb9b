"""Lesson 00: masks, the constant answer, the best threshold."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import numpy as np

from unet_teach.exercises.agreement import agree, as_array, plain
from unet_teach.exercises.cases import SIZES, forms, numbers, oblong
from unet_teach.exercises.exercise import Exercise, Mistake, Symptom
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


def _in_two_steps(mask):
    fixed = mask.copy()
    fixed[fixed > 127] = 1
    fixed[fixed != 1] = 0
    return fixed


def masks(rng: random.Random) -> Iterator[tuple]:
    """Masks of 0 and 255 first, then such that a lossy file has blurred; in uint8 and int64."""
    for dtype in (np.uint8, np.int64):
        yield (np.array([[0, 255], [255, 0]], dtype),)
        yield (np.array([[0, 255, 255]], dtype),)
        yield (np.array([[2, 253, 128, 127, 0, 255, 1, 254]], dtype),)
        yield (np.arange(256).reshape(32, 8).astype(dtype),)
        for value in (0, 3, 100, 127, 128, 160, 250, 255):  # masks of one class
            yield (np.full((2, 3), value, dtype),)
        yield (np.array([[250, 252], [254, 255], [251, 250]], dtype),)
        yield (np.array([[0, 3, 1, 2]], dtype),)
    while True:
        for shape in SIZES:
            grey = numbers(rng).integers(0, 256, shape)
            yield from ((form,) for form in forms(grey, np.uint8, np.int64))


def _brightness(case: dict, got: object) -> tuple[np.ndarray, np.ndarray]:
    """The grey values that became 0, and those that became 1."""
    classes, mask = as_array(got), case["mask"].astype(int)
    return mask[classes == 0], mask[classes == 1]


def _classes(got: object) -> bool:
    return set(np.unique(as_array(got)).tolist()) <= {0, 1}


def _cut_at_a_level(case: dict, got: object, _due: object) -> bool:
    """All that became 1 is brighter than all that became 0."""
    dark, bright = _brightness(case, got)
    return _classes(got) and dark.max(initial=-1) < bright.min(initial=256)


def _too_low(case: dict, got: object, due: np.ndarray) -> bool:
    return _cut_at_a_level(case, got, due) and bool((as_array(got) >= due).all())


def _too_high(case: dict, got: object, due: np.ndarray) -> bool:
    return _cut_at_a_level(case, got, due) and bool((as_array(got) <= due).all())


easy = Exercise(
    name="00.fix_mask",
    task=_("Turn a mask of 0 and 255 into the classes 0 and 1."),
    reference=fix_mask,
    mistakes=(
        Mistake("only 255", lambda mask: mask // 255, _(
            "Only 255 itself becomes 1 in your answer. A file saved with lossy compression "
            "holds values such as 254 or 250, too, and these are nearer to 255 than to 0. So "
            "compare with a number in the middle.")),
        Mistake("above nothing", lambda mask: (mask > 0).astype(np.uint8), _(
            "Everything that is not exactly 0 becomes 1, even a faint 2. Compare with a number "
            "in the middle instead.")),
        Mistake("upside down", lambda mask: (mask <= 127).astype(np.uint8), _(
            "Your classes are swapped: bright pixels are 1.")),
        Mistake("in two steps", _in_two_steps, _(
            "A pixel of grey value 1 stays 1 in your answer: after your first step it can't be "
            "told from the 1s that you wrote. Compare once, with the mask still unchanged.")),
        Mistake("fractions", lambda mask: mask / 255, _(
            "Those are fractions, but a class is a whole number. What would a pixel of class "
            "0.5 be?")),
        Mistake("left as it was", lambda mask: mask.copy(), _(
            "There is still a 255 in your result, and a loss takes that for class number "
            "255.")),
    ),
    symptoms=(
        Symptom("rows and columns", lambda case, got, due: not agree(as_array(got).T, due), _(
            "Rows and columns have changed places: your result is the transpose of the right "
            "one.")),
        Symptom("another shape", lambda case, got, due: as_array(got).shape != due.shape, _(
            "Your result doesn't have the shape of the mask. Each pixel gets one class, and it "
            "stays in its place.")),
        Symptom("other values", lambda case, got, due: as_array(got).max() > 1, _(
            "There are values above 1 in your result, but only the classes 0 and 1 should be "
            "left. A loss would take 255 for class number 255.")),
        Symptom("no classes", lambda case, got, due: not _classes(got), _(
            "There are values in your result that are neither 0 nor 1, but a class is one of "
            "these two whole numbers.")),
        Symptom("uint8", lambda case, got, due: case["mask"].dtype == np.uint8, _(
            "The same numbers come out right as int64 and wrong as uint8, the type in which "
            "masks are read. A uint8 holds 0 to 255 and wraps around: 255 + 1 is 0, and 0 - 1 "
            "is 255. Compare without calculating, or convert first.")),
        Symptom("nothing bright", lambda case, got, due: as_array(got).size > 0
            and not as_array(got).any(), _(
            "Where your answer is wrong, every pixel becomes 0. If you assign in two steps, "
            "look at what the second one does to the 1s of the first.")),
        Symptom("cut too low", _too_low, _(
            "Some pixels become 1 that are nearer to 0. Up to which grey value is 0 nearer, "
            "and from which one on is 255 nearer? Try 127 and 128.")),
        Symptom("cut too high", _too_high, _(
            "Some pixels become 0 that are nearer to 255. Up to which grey value is 0 nearer, "
            "and from which one on is 255 nearer? Try 127 and 128.")),
        Symptom("a moving cut", _cut_at_a_level, _(
            "Your limit between dark and bright is not the same for every mask. But a mask can "
            "be bright everywhere, or dark everywhere. So the limit has to be halfway between "
            "0 and 255, whatever the mask contains.")),
        oblong("mask"),
    ),
    hints=(
        _("Which comparison is True for bright pixels only?"),
        _("`mask > 127` is an array of True and False: `.astype` makes it 1 and 0."),
        _("`(mask > 127).astype(np.uint8)`"),
    ),
    due=_("an array of whole numbers 0 and 1, of the same shape"),
    cases=masks,
    count=60,
    specification=_pixel_by_pixel,
    worth=_("Your function takes a mask as a drawing program saves it, with lossy compression "
            "or without, and returns what the loss of lesson 08 asks for: a class for every "
            "pixel."),
)  # fmt: skip


# -------------------------------------------------------------------- core: the constant answer
def constant_accuracy(labels):
    _classes, counts = np.unique(labels, return_counts=True)
    return float(counts.max() / labels.size)


def _by_trying(labels):
    """The specification: try every constant answer."""
    return max(float(np.mean(labels == c)) for c in set(labels.flatten().tolist()))


def label_maps(rng: random.Random) -> Iterator[tuple]:
    """Two classes, more of the one, then of the other; one alone; more, with gaps; large."""
    yield (np.array([[1, 1], [1, 0]]),)
    yield (np.array([[0, 0, 0, 1]]),)
    for rows in ([[2, 2, 2, 0, 1]], [[0, 1], [1, 0]], [[5, 5], [0, 2], [5, 0]], [[4, 0, 4, 4]],
                 [[1, 1, 1]], [[0, 0]], [[3]], [[7], [7], [200]], [[0, 1, 2], [2, 1, 0]],
                 [[0, 0, 2], [0, 2, 0]], [[1, 2, 2], [2, 1, 3]]):  # fmt: skip
        yield from ((form,) for form in forms(np.array(rows), np.uint8))
    for classes in (2, 3, 5):  # more than 256 pixels of a class
        large = numbers(rng).integers(0, classes, (61, 47)) // 2 * rng.choice([1, 1, 2])
        large[:20] = classes - 1
        yield from ((form,) for form in forms(large, np.uint8))
    while True:
        for shape in SIZES:
            yield (numbers(rng).integers(0, 2, shape).astype(rng.choice([np.uint8, int])),)
            yield (numbers(rng).integers(0, rng.randint(3, 5), shape),)


def _count_of_a_class(case: dict, got: object, due: float) -> bool:
    """The fraction of a class that is not the most frequent one, or is not there at all."""
    got = float(plain(got))
    counts = np.unique(case["labels"], return_counts=True)[1] / case["labels"].size
    return got < due - 1e-6 and np.isclose([0, *counts], got).any()


def _one_of_the_most_frequent(case: dict, got: object, _due: float) -> bool:
    classes, counts = np.unique(case["labels"], return_counts=True)
    return float(plain(got)) in classes[counts == counts.max()]


def _divided_by_a_side(case: dict, got: object, due: float) -> bool:
    labels, got = case["labels"], float(plain(got))
    return any(np.isclose(got * side, due * labels.size) for side in labels.shape)


core = Exercise(
    name="00.constant_accuracy",
    task=_("Return the pixel accuracy of the best constant answer to an array of labels."),
    reference=constant_accuracy,
    mistakes=(
        Mistake("always class 1", lambda labels: float(np.mean(labels == 1)), _(
            "You always answer 1. Where another class is more frequent, that is not the best "
            "constant.")),
        Mistake("mean of the labels", lambda labels: float(np.mean(labels)), _(
            "The mean of the labels is the fraction of class 1 only while there are no other "
            "classes than 0 and 1.")),
        Mistake("the wrong pixels", lambda labels: 1 - constant_accuracy(labels), _(
            "That is the fraction of the pixels that the best constant gets wrong. How many "
            "does it get right?")),
        Mistake("the rarest class",
            lambda labels: float(np.unique(labels, return_counts=True)[1].min() / labels.size),
            _("You answer with the rarest class, which is the worst constant. Which one is "
              "best?")),
        Mistake("one over classes", lambda labels: 1 / len(np.unique(labels)), _(
            "That is how often a random guess is right. The best constant does better, because "
            "it takes the most frequent class.")),
        Mistake("a count",
            lambda labels: float(np.unique(labels, return_counts=True)[1].max()), _(
            "That is a number of pixels. Accuracy is a fraction, so divide by the number of "
            "all pixels.")),
        Mistake("percent", lambda labels: 100 * constant_accuracy(labels), _(
            "That is in percent. Return a fraction instead, where 1 means that every pixel is "
            "right.")),
        Mistake("the highest class number",
            lambda labels: float(np.mean(labels == labels.max())), _(
            "That is how often the class with the highest number occurs. The best constant is "
            "the class that occurs most often, whatever its number is.")),
    ),
    symptoms=(
        Symptom("a counter that is full",
            lambda case, got, due: due * case["labels"].size > 255, _(
            "It is right for small arrays, and wrong where one class has more than 255 pixels: "
            "a uint8 can't count any further and starts again at 0.")),
        Symptom("rounded down", lambda case, got, due: float(plain(got)) == 0, _(
            "Your result is 0 where it should be a fraction: does `//` or `int` round it "
            "down?")),
        Symptom("a fraction of one class", _count_of_a_class, _(
            "Your number is how often one class occurs, but another class occurs more often. "
            "Do you count every class, 0 and the highest one too, over the whole array?")),
        Symptom("the class", _one_of_the_most_frequent, _(
            "You return the most frequent class itself. How often is it the right answer?")),
        Symptom("divided by a side", _divided_by_a_side, _(
            "You divide the right count by too small a number: by the height or the width "
            "alone. `len(labels)` counts the rows, `labels.size` all pixels.")),
        Symptom("above one", lambda case, got, due: float(plain(got)) > 1, _(
            "Your result is above 1, but an accuracy can't be, because it is the fraction of "
            "the pixels that are right.")),
        Symptom("two classes", lambda case, got, due: case["labels"].max() > 1, _(
            "It is right while the classes are 0 and 1. With other classes there is more to "
            "choose from, and the numbers may have gaps, such as 0, 2 and 5.")),
        oblong("labels"),
    ),
    hints=(
        _("Which constant answer is right most often?"),
        _("`np.unique(labels, return_counts=True)` counts the pixels of each class."),
        _("The largest of the counts, divided by `labels.size`, as a float."),
    ),
    due=_("a number (float) from 0 to 1"),
    cases=label_maps,
    count=70,
    specification=_by_trying,
    worth=_("That number is the baseline for every pixel accuracy in this course: one that is "
            "no higher doesn't show that a network has learned anything."),
)  # fmt: skip


# ------------------------------------------------------------------ stretch: the best threshold
def best_thresholds(labels, values, thresholds):
    truth, scores = labels == 1, []
    for threshold in thresholds:
        inside = values > threshold
        areas = inside.sum() + truth.sum()
        scores.append(2 * (inside & truth).sum() / areas if areas else 1.0)
    return [t for t, score in zip(thresholds, scores, strict=True) if score == max(scores)]


def _all_best(thresholds: list, scores: list) -> list:
    return [t for t, score in zip(thresholds, scores, strict=True) if score == max(scores)]


def _judged(
    judge: Callable, pick: Callable = _all_best, inside: Callable = np.greater, of: int = 1
) -> Callable:
    """A wrong `best_thresholds`: another judge of (truth, inside), or another choice."""

    def best_thresholds(labels, values, thresholds):
        scores = [judge(labels == of, inside(values, t)) for t in thresholds]
        return pick(list(thresholds), scores)

    return best_thresholds


def _dice(truth, inside, empty=1.0):
    areas = inside.sum() + truth.sum()
    return 2 * (inside & truth).sum() / areas if areas else empty


def _precision(truth, inside):
    return (inside & truth).sum() / inside.sum() if inside.any() else 0.0


def maps(rng: random.Random) -> Iterator[tuple]:
    """(labels, values, thresholds): ties, empty areas, any order, other ranges."""
    two, order = (np.array([[1, 0]]), np.array([[0.9, 0.1]])), [0.6, 0.0, 0.3, 0.1, 0.95]
    yield *two, [0.0, 0.5]
    yield *two, [0.2, 0.4, 0.9]
    yield np.array([[1, 0], [0, 0]]), np.array([[0.5, 0.5], [0.4, 0.3]]), [0.2, 0.4, 0.5]
    for listed in ([0.5], [0.4, 0.2, 0.6], order, [0.95, 0.2, 1.0], [1, 0]):
        yield *two, listed
    row = np.array([[0.15, 0.35, 0.55, 0.75, 0.85, 0.95]])
    for classes in ([1, 0, 0, 0, 0, 1], [1, 1, 0, 1, 0, 1], [0, 0, 2, 1, 1, 2],
                    [0] * 6, [1] * 6, [0, 2, 0, 2, 2, 0]):  # fmt: skip
        for listed in ([0.1, 0.3, 0.5, 0.7, 0.9], [0.9, 0.1, 0.5, 0.3, 0.7], [1.0, 0.97, 0.2]):
            yield np.array([classes]), row, listed
    # 2/3 and 4/6 are a tie, too
    yield np.array([[1, 1, 0, 0, 0]]), np.array([[0.9, 0.3, 0.3, 0.3, 0.1]]), [0.8, 0.2, 0.0]
    falling = np.array([[8, 7, 6, 5, 4, 3, 2, 1, 0]]) / 10
    yield np.array([[1, 0, 0, 1, 1, 0, 0, 1, 0]]), falling, [0.35, 0.05, 0.75]  # 2/3, 4/6
    steps = np.repeat([0.9, 0.8, 0.5, 0.1], [180, 20, 1, 199]).reshape(20, 20)
    inside = (steps == 0.9) | (np.arange(400).reshape(20, 20) >= 380)
    yield inside.astype(int), steps, [0.4, 0.7]  # 0.8978 is no 0.9
    for dtype in (np.uint8, np.int64):  # grey values
        greys = numbers(rng).integers(0, 256, (4, 5)).astype(dtype)
        yield (greys > 90).astype(dtype), greys, [0, 200, 30, 60, 255, 90, 150]
    while True:
        for shape in ((1, 6), (3, 4), (5, 2)):
            labels = numbers(rng).integers(0, rng.choice([2, 2, 3]), shape)
            steps = numbers(rng).integers(0, 11, shape) + 5 * (labels == 1) * rng.randint(0, 1)
            values, listed = steps / 10, [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 0.9, 1.2]
            if rng.random() < 0.5:  # none equals a threshold
                values = values + 0.05
            if rng.random() < 0.2:  # logits
                values, listed = 20 * values - 8, [-6, -3.5, 0, 2, 4.25, 7, 11]
            yield labels, values, rng.sample(listed, len(listed))


def _picked(case: dict, got: object) -> list:
    """What was named: where it is an array, as a list."""
    array = as_array(got)
    return array.ravel().tolist() if array is not None else list(plain(got))


def _stopped_early(case: dict, got: object, due: list) -> bool:
    place = case["thresholds"].index
    return max(map(place, _picked(case, got))) < place(due[-1])


def _its_best(case: dict) -> float:
    return max(_dice(case["labels"] == 1, case["values"] > t) for t in case["thresholds"])


stretch = Exercise(
    name="00.best_thresholds",
    task=_("List every threshold that reaches the highest Dice of class 1."),
    reference=best_thresholds,
    mistakes=(
        Mistake("the first only", _judged(_dice, lambda t, s: _all_best(t, s)[:1]), _(
            "There is a tie, and you name only its first threshold. List all of them.")),
        Mistake("the last only", _judged(_dice, lambda t, s: _all_best(t, s)[-1:]), _(
            "There is a tie, and you name only its last threshold. List all of them.")),
        Mistake("pixel accuracy", _judged(lambda a, b: (a == b).mean()), _(
            "That threshold has the best pixel accuracy; Dice looks at class 1 only.")),
        Mistake("overlap alone", _judged(lambda truth, inside: (truth & inside).sum()), _(
            "You count the overlap and don't divide by the areas. Then the answer that calls "
            "every pixel inside always wins.")),
        Mistake("precision alone", _judged(_precision), _(
            "You divide the overlap by the area above the threshold alone. Then a threshold "
            "that finds one right pixel wins: divide by both areas.")),
        Mistake("the worst", _judged(lambda a, b: -_dice(a, b)), _(
            "Those are the thresholds with the lowest Dice. Which ones have the highest?")),
        Mistake("at or above", _judged(_dice, inside=np.greater_equal), _(
            "A value that equals the threshold is not above it: `>`, not `>=`.")),
        Mistake("below", _judged(_dice, inside=np.less), _(
            "Inside is where the value is **above** the threshold, but you call inside what is "
            "below it.")),
        Mistake("the other class", _judged(lambda a, b: _dice(a, ~b), of=0), _(
            "Those thresholds have the best Dice of class 0. The task asks for class 1.")),
        Mistake("two empty areas", _judged(lambda a, b: _dice(a, b, 0.0)), _(
            "Where no pixel is of class 1 and none is above the threshold, both areas are "
            "empty, and their Dice is 1: they agree perfectly.")),
        Mistake("places",
            _judged(_dice, lambda t, s: [i for i in range(len(t)) if s[i] == max(s)]), _(
            "You list the places of the thresholds, 0 for the first. List the thresholds.")),
    ),
    symptoms=(
        Symptom("no class 1", lambda case, got, due: not (case["labels"] == 1).any(), _(
            "It is wrong where no pixel is of class 1. There the Dice of two empty areas is 1, "
            "and the Dice of an empty area and any other is 0.")),
        Symptom("other classes", lambda case, got, due: (case["labels"] > 1).any(), _(
            "It is wrong where the labels hold a class 2: only the pixels with label 1 are of "
            "class 1.")),
        Symptom("the Dice itself",
            lambda case, got, due: not agree(np.max(_picked(case, got)), _its_best(case)), _(
            "You return the highest Dice itself. The task asks which thresholds reach it.")),
        Symptom("one for a tie",
            lambda case, got, due: len(_picked(case, got)) == 1 < len(due), _(
            "Several thresholds are equally good, and you name a single number. List all of "
            "them.")),
        Symptom("no thresholds of the list",
            lambda case, got, due: not set(_picked(case, got)) <= set(case["thresholds"]), _(
            "You name numbers that are not among the thresholds. Return those that reach the "
            "highest Dice, each exactly as it is in the list.")),
        Symptom("another order",
            lambda case, got, due: sorted(_picked(case, got)) == sorted(due), _(
            "All the right thresholds are there, but not in the order in which you were given "
            "them, and that order may be any.")),
        Symptom("part of a tie", lambda case, got, due: set(_picked(case, got)) < set(due), _(
            "There is a tie, and you name only some of its thresholds. 2/3 and 4/6 are a tie, "
            "too, and an equally good threshold may come after a worse one.")),
        Symptom("more than the tie",
            lambda case, got, due: set(_picked(case, got)) > set(due), _(
            "The right thresholds are there, but so are some that don't reach the highest Dice "
            "of the whole list.")),
        Symptom("named twice", lambda case, got, due: set(_picked(case, got)) == set(due), _(
            "You name a threshold more often than it is in the list.")),
        Symptom("a value on the threshold",
            lambda case, got, due: np.isin(case["values"], case["thresholds"]).any(), _(
            "It is wrong only where a value equals a threshold. Such a value is not above it: "
            "`>`, not `>=`.")),
        Symptom("stopped early", _stopped_early, _(
            "A threshold that comes later in the list is at least as good as those that you "
            "name. Dice may fall and rise again: look at all of them.")),
        Symptom("in any order",
            lambda case, got, due: case["thresholds"] != sorted(case["thresholds"]), _(
            "It is right where the thresholds rise from one to the next. But they may come in "
            "any order, and Dice may fall and rise again, so look at all of them.")),
        Symptom("another score",
            lambda case, got, due: not set(_picked(case, got)) & set(due), _(
            "Where it is wrong, none of your thresholds has the highest Dice. Work one case "
            "out by hand: twice the overlap, divided by the area of class 1 plus the area "
            "above the threshold.")),
        Symptom("not the best",
            lambda case, got, due: not set(_picked(case, got)) <= set(due), _(
            "Some of the thresholds that you name do not reach the highest Dice. Work one case "
            "out by hand: twice the overlap, divided by the area of class 1 plus the area "
            "above the threshold.")),
    ),
    hints=(
        _("First write Dice for one threshold: twice the overlap, divided by both areas."),
        _("Make a list with the Dice of each threshold. Then keep those that equal its "
          "maximum."),
        _("`inside = values > t`; `2 * (inside & truth).sum() / (inside.sum() + truth.sum())`; "
          "where both areas are empty, Dice is 1."),
    ),
    due=_("a list of thresholds, in their order"),
    cases=maps,
    count=70,
    worth=_("Your function finds the best threshold for any array of values. Where several are "
            "equally good, it lists them all, so that nobody takes a lucky choice for a "
            "finding."),
)  # fmt: skip

EXERCISES = (easy, core, stretch)
