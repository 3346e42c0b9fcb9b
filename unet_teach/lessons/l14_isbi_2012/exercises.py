"""Lesson 14: split by block, average over eight views, the challenge's pages."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from unet_teach.data.volume import block_folds
from unet_teach.exercises.agreement import also, array, as_array, close, plain
from unet_teach.exercises.cases import noise, numbers, strided
from unet_teach.exercises.exercise import Exercise, Mistake, Symptom, Told
from unet_teach.translation import _


# ---------------------------------------------------------------------- easy: split by block
def blocks(n, folds):
    size = n // folds
    splits = []
    for fold in range(folds):
        held_out = list(range(fold * size, (fold + 1) * size))
        train = [i for i in range(n) if i not in held_out]
        splits.append((train, held_out))
    return splits


def stacks(rng: random.Random) -> Iterator[tuple]:
    """(n, folds), n a multiple of folds, and folds 2 or more."""
    yield from [(6, 3), (30, 5), (4, 2), (5, 5), (2, 2), (8, 2), (8, 4), (9, 3), (12, 3)]
    yield from [(12, 4), (10, 2), (10, 5), (15, 3), (14, 7), (24, 6), (16, 4), (18, 2)]
    while True:
        folds = rng.randint(2, 6)
        yield folds * rng.randint(2, 6), folds


def _by_library(n, folds):
    """The specification: the library's."""
    return [(train, list(held_out)) for train, held_out in block_folds(n, folds)]


def _interleaved(n, folds):
    return [
        ([i for i in range(n) if i % folds != fold], [i for i in range(n) if i % folds == fold])
        for fold in range(folds)
    ]


def _shuffled(n, folds):
    order = list(np.random.default_rng(0).permutation(n))
    size = n // folds
    splits = []
    for fold in range(folds):
        held_out = sorted(int(i) for i in order[fold * size : (fold + 1) * size])
        splits.append(([i for i in range(n) if i not in held_out], held_out))
    return splits


def _everything_to_train(n, folds):
    return [(list(range(n)), held_out) for _train, held_out in blocks(n, folds)]


def _pairs(got: Any) -> list[tuple[list, list]]:
    return [(list(plain(train)), list(plain(held))) for train, held in map(plain, plain(got))]


def _truths(case: dict, got: Any, due: list) -> bool:
    return all(
        isinstance(plain(i), bool) for pair in _pairs(got) for side in pair for i in side
    )


def _ends_only(case: dict, got: Any, due: list) -> bool:
    return all(len(train) == len(held) == 2 for train, held in _pairs(got))


def _blocks_of_folds(case: dict, got: Any, due: list) -> bool:
    return len(_pairs(got)) == -(-case["n"] // case["folds"]) != case["folds"]


def _some(wrong: Callable[[set, list, dict], bool]) -> Callable[[dict, Any, list], bool]:
    """Whether some pair has this fault: wrong(train, held out, case)."""

    def shows(case: dict, got: Any, due: list) -> bool:
        return any(wrong(set(train), held, case) for train, held in _pairs(got))

    return shows


def _twice(case: dict, got: Any, due: list) -> bool:
    held = [i for _train, some in _pairs(got) for i in some]
    return sorted(held) != list(range(case["n"]))


def _other_order(case: dict, got: Any, due: list) -> bool:
    def ordered(pairs: list) -> list:
        return sorted((sorted(train), sorted(held)) for train, held in pairs)

    return ordered(_pairs(got)) == ordered(due)


easy = Exercise(
    name="14.blocks",
    task=_("Cut a stack of n slices into contiguous blocks; hold out each block once."),
    reference=blocks,
    mistakes=(
        Mistake("interleaved", _interleaved, _(
            "Every held-out slice has both its neighbours in the training set. They look "
            "almost the same, so this is data leakage: hold out neighbours together.")),
        Mistake("shuffled", _shuffled, _(
            "You drew slices at random, as for unrelated photographs. Slices of one piece of "
            "tissue are not independent of each other, so take them in order.")),
        Mistake("held out, and trained on", _everything_to_train, _(
            "Every slice is in the training list, even those that are held out. Then the "
            "network is tested on what it was trained on.")),
        Mistake("swapped",
            lambda n, folds: [(held_out, train) for train, held_out in blocks(n, folds)], _(
            "The two parts of each pair have changed places: first comes what is trained on, "
            "then what is held out.")),
        Mistake("one fold", lambda n, folds: blocks(n, folds)[:1], _(
            "That is the first fold only. Each block is held out once, so there are as many "
            "pairs as folds.")),
    ),
    symptoms=(
        Symptom("truth values", _truths, _(
            "Your lists hold True or False for each slice. Return the numbers of the slices "
            "themselves: those that are trained on, and those that are held out.")),
        Symptom("ends only", _ends_only, _(
            "Your lists hold two numbers each, as if they were the ends of a range. List all "
            "slice numbers: `list(range(start, stop))`.")),
        Symptom("folds as size", _blocks_of_folds, _(
            "You made blocks of `folds` slices. `folds` is the number of blocks, so a block "
            "has n // folds slices.")),
        Symptom("number of pairs", lambda case, got, due: len(_pairs(got)) != case["folds"], _(
            "There should be one pair for each block, so as many pairs as `folds`.")),
        Symptom("overlap", _some(lambda train, held, case: bool(train & set(held))), _(
            "In some pair the same slice is both trained on and held out. Look at where the "
            "last block and the first one begin and end.")),
        Symptom("size of a block",
            _some(lambda train, held, case: len(held) != case["n"] // case["folds"]), _(
            "Your blocks do not have n // folds slices each. Remember that `range(start, "
            "stop)` ends one before `stop`.")),
        Symptom("forgotten",
            _some(lambda train, held, case: len(train | set(held)) < case["n"]), _(
            "In some pair a slice is neither trained on nor held out. Whatever is not in the "
            "block belongs to the training list, its neighbours too.")),
        Symptom("held out not once", _twice, _(
            "Over all pairs each slice should be held out once. In yours some are held out "
            "more than once, or never.")),
        Symptom("torn apart",
            _some(lambda train, held, case: max(held) - min(held) >= len(held)), _(
            "The slices that you hold out are not one block. Between them there are others "
            "that are trained on and look almost the same.")),
        Symptom("order", _other_order, _(
            "The pairs are right, but their order is not. The first block of the stack comes "
            "first, and the numbers in each list rise.")),
    ),
    hints=(
        _("How many slices does a block have? Which ones are in block number `fold`?"),
        _("Block `fold` is range(fold * size, (fold + 1) * size). All others are trained on."),
        _("train = [i for i in range(n) if i not in held_out]"),
    ),
    due=_("a list of pairs (train, held out), each a list of whole numbers"),
    cases=stacks,
    count=25,
    worth=_("Now each slice is tested once, by a network that was trained on none of its "
            "block. So a score from these folds says how well the network does on slices that "
            "are new to it."),
    specification=_by_library,
)  # fmt: skip


# ------------------------------------------------------------- core: the mean of eight views
def average(network, image):
    total = np.zeros_like(network(image))
    for flip in (False, True):
        for turns in range(4):
            view = np.fliplr(image) if flip else image
            answer = network(np.rot90(view, turns))
            answer = np.rot90(answer, -turns)
            total = total + (np.fliplr(answer) if flip else answer)
    return total / 8


class Slanted:
    """A stand-in for a network: depends on where a pixel lies and on its neighbours, and its
    answers are below 0 and above 1, too."""

    def __init__(self, seed: int) -> None:
        self.kernel = np.random.default_rng(seed).integers(1, 9, (2, 2)) / 10

    def __call__(self, image):
        (a, b), (c, d) = self.kernel
        right, below = np.roll(image, -1, 1), np.roll(image, -1, 0)
        row, column = np.ogrid[: len(image), : len(image)]
        # No turn makes this map its own mirror image.
        return a * image + b * right - c * below + d * (row + row * column**3 / 50)

    def __repr__(self) -> str:
        return f"network({self.kernel.ravel().tolist()})"


def with_views_seen(answer: Callable, network: Callable, image: np.ndarray) -> Any:
    """Run an answer, and look at what it shows to the network."""
    seen = []

    def watched(view: Any) -> Any:
        seen.append(np.array(view, dtype=float))
        return network(view)

    result = answer(watched, image)
    if result is None or result is Ellipsis:
        return result
    views = [np.rot90(x, turns) for x in (image, np.fliplr(image)) for turns in range(4)]

    def alike(one: np.ndarray, other: np.ndarray) -> bool:
        return one.shape == other.shape and bool(np.allclose(one, other, atol=1e-5))

    if any(not any(alike(view, one) for view in views) for one in seen):
        raise Told(
            _("The network was shown something that is not one of the eight views. Each view "
              "is the whole image (n, n), turned or mirrored and otherwise as it is.")
        )  # fmt: skip
    missing = sum(not any(alike(view, one) for one in seen) for view in views)
    if missing:
        raise Told(
            _("Of the eight views, {missing} never reached the network. There are four "
              "quarter turns of the image, and four of its mirror image.").format(
                missing=missing)
        )  # fmt: skip
    return result


def views(rng: random.Random) -> Iterator[tuple]:
    """(network, image (n, n)), n also 1, and odd."""
    yield Slanted(0), np.arange(16.0).reshape(4, 4)
    for n in (1, 2, 3, 4, 5, 6, 7):
        yield Slanted(n), numbers(rng).normal(0, 2, (n, n))
    yield Slanted(1), strided(numbers(rng).normal(0, 2, (5, 5)))
    yield Slanted(2), numbers(rng).normal(0, 2, (4, 4)).astype(np.float32)
    yield Slanted(3), 1e4 * numbers(rng).random((5, 5))
    while True:
        seed, side = rng.randrange(10**6), rng.randint(4, 6)
        yield Slanted(seed), numbers(rng).normal(0, 2, (side, side))


def _view_by_view(network, image):
    """The specification: eight views as (turn, mirror), each undone step by step."""
    answers = []
    for mirror in (0, 1):
        for turns in range(4):
            view = image[:, ::-1] if mirror else image
            for _turn in range(turns):
                view = view.T[::-1]  # a quarter turn against the clock
            answer = network(view)
            for _turn in range(turns):
                answer = answer[::-1].T  # and back
            answers.append(answer[:, ::-1] if mirror else answer)
    return np.mean(answers, axis=0)


def _variant(
    back: Callable = lambda answer, turns: np.rot90(answer, -turns),
    unflip: Callable = np.fliplr,
    order: bool = True,
    merge: Callable = lambda answers: np.mean(answers, axis=0),
) -> Callable:
    """A wrong average."""

    def average(network, image):
        answers = []
        for flip in (False, True):
            for turns in range(4):
                view = np.fliplr(image) if flip else image
                answer = network(np.rot90(view, turns))
                if order:
                    answer = back(answer, turns)
                answer = unflip(answer) if flip else answer
                if not order:
                    answer = back(answer, turns)
                answers.append(answer)
        return merge(answers)

    return average


def _eight(network: Callable, image: np.ndarray) -> list[np.ndarray]:
    """The eight answers, each undone."""
    turned = [
        (np.rot90(network(np.rot90(x, turns)), -turns), flip)
        for flip, x in enumerate((image, np.fliplr(image)))
        for turns in range(4)
    ]
    return [np.fliplr(answer) if flip else answer for answer, flip in turned]


def _uneven(case: dict, got: Any, due: np.ndarray) -> bool:
    """A sum of the right eight answers, with weights that are not all alike."""
    found = as_array(got)
    answers = np.stack([a.ravel() for a in _eight(case["network"], case["image"])], axis=1)
    if np.linalg.matrix_rank(answers) < 8:  # too few pixels to tell
        return True
    weights = np.linalg.lstsq(answers, found.ravel(), rcond=None)[0]
    return bool(np.allclose(answers @ weights, found.ravel(), rtol=1e-4, atol=1e-4))


def _same_sum(case: dict, got: Any, due: np.ndarray) -> bool:
    """The right numbers in other places: what was turned or mirrored is not undone."""
    return bool(np.isclose(as_array(got).sum(), due.sum(), rtol=1e-4, atol=1e-4))


core = Exercise(
    name="14.average",
    task=_("Run the network on eight views of an image, turn and mirror each output back, and "
           "take the mean."),
    reference=average,
    mistakes=(
        Mistake("not turned back", _variant(back=lambda answer, turns: answer), _(
            "You don't turn the answers back, so you take the mean of maps that point in "
            "different directions.")),
        Mistake("turned on", _variant(back=np.rot90), _(
            "You turn the answers further in the same direction. To undo a turn, turn by "
            "`-turns`.")),
        Mistake("not mirrored back", _variant(unflip=lambda answer: answer), _(
            "You don't mirror the answers to the mirrored views back.")),
        Mistake("undone in the wrong order", _variant(order=False), _(
            "You mirrored first and then turned. Undo the last step first: turn back, then "
            "mirror back.")),
        Mistake("the largest", _variant(merge=lambda answers: np.max(answers, axis=0)), _(
            "You take the largest of the eight answers. Take their mean, because the largest "
            "answer is too confident.")),
    ),
    symptoms=(
        Symptom("median", lambda case, got, due: bool(np.allclose(
            as_array(got), np.median(_eight(case["network"], case["image"]), axis=0))), _(
            "You take the median of the eight answers. The exercise asks for their mean.")),
        Symptom("uneven", lambda case, got, due: _uneven(case, got, due)
            and not np.allclose(as_array(got) * due.sum(), due * as_array(got).sum()), _(
            "You add up the right answers, but they do not all count the same. Is one of "
            "the views used twice, or does a running mean favour the last ones?")),
        Symptom("not undone", lambda case, got, due: as_array(got).shape == due.shape
            and _same_sum(case, got, due), _(
            "The network is shown the right views, but not every answer is turned and mirrored "
            "back. Undo the steps in the opposite order, the last one first, and a turn by the "
            "same turn backwards.")),
    ),
    hints=(
        _("In which eight ways can you turn and mirror a square, so that it stays a square?"),
        _("np.rot90(view, turns), for an image and for its mirror image. How is each undone?"),
        _("answer = np.rot90(answer, -turns), then np.fliplr(answer) where the view was "
          "mirrored; add up, divide by 8."),
    ),
    due=_("an array (n, n)"),
    cases=views,
    run=with_views_seen,
    worth=_("This is test-time augmentation: if the network makes a chance mistake in one "
            "view, the other seven can correct it. The next cells show what that is worth."),
    specification=_view_by_view,
)  # fmt: skip


# ------------------------------------------------------------- stretch: the challenge's pages
def pages(logits):
    inside = logits.softmax(dim=1)[:, 1]
    return inside.numpy().astype(np.float32)


def stacks_of_logits(rng: random.Random) -> Iterator[tuple]:
    """(logits (N, 2, H, W),), float32, also very large ones."""
    yield (torch.tensor([[[[0.0, 2.0]], [[1.0, -1.0]]]]),)
    for pages_, height, width in ((2, 1, 1), (2, 3, 4), (3, 5, 2), (2, 4, 4), (3, 1, 3)):
        yield (3 * noise(rng, pages_, 2, height, width),)
    yield (strided(3 * noise(rng, 2, 2, 3, 5)),)
    yield (torch.full((2, 2, 2, 3), 0.1),)
    for scale in (100.0, 1000.0, 1e4):
        yield (scale + noise(rng, 2, 2, 3, 2),)
        yield (scale * noise(rng, 2, 2, 2, 3) - scale,)
    while True:
        shape = (rng.randint(2, 3), 2, rng.randint(1, 4), rng.randint(1, 4))
        yield (3 * noise(rng, *shape),)


def float32_entries(got: Any, _expected: Any) -> str:
    """A demand: the pages have 32 bits."""
    dtype = as_array(got).dtype
    if dtype == np.float32:
        return ""
    return _("the values are right, but of type {dtype}; the pages are float32").format(
        dtype=dtype
    )


def _by_sigmoid(logits):
    """The specification: with two classes the softmax is a sigmoid of the difference."""
    difference = logits[:, 1].double() - logits[:, 0].double()
    return (1 / (1 + torch.exp(-difference))).numpy().astype(np.float32)


def _is(make: Callable[[Tensor], Tensor]) -> Callable[[dict, Any, np.ndarray], bool]:
    """Whether the result is this function of the logits."""

    def shows(case: dict, got: Any, due: np.ndarray) -> bool:
        other, found = array(make(case["logits"])), as_array(got)
        return found.shape == other.shape and bool(close(found, other).all())

    return shows


def _stretched(case: dict, got: Any, due: np.ndarray) -> bool:
    """Each page from 0 to 1, or NaN where it is all alike."""
    found = as_array(got).reshape(len(due), -1)
    low, high = found.min(axis=1), found.max(axis=1)
    return bool((((low == 0) & (high == 1)) | np.isnan(low)).all())


stretch = Exercise(
    name="14.pages",
    task=_("Turn logits (N, 2, H, W) into the challenge's pages: float32 probabilities of "
           "inside."),
    reference=pages,
    mistakes=(
        Mistake("the walls", lambda logits: logits.softmax(dim=1)[:, 0].numpy(), _(
            "These are probabilities of wall. In the challenge's pages the inside is bright, "
            "so take class 1.")),
        Mistake("decided", lambda logits: logits.argmax(dim=1).numpy().astype(np.float32), _(
            "Your pages hold only 0 and 1. The challenge tries thresholds itself, so it needs "
            "the probabilities.")),
        Mistake("grey values", lambda logits: np.round(255 * pages(logits)), _(
            "Your values go from 0 to 255. A 32-bit page holds probabilities, from 0 to 1.")),
        Mistake("logits", lambda logits: logits[:, 1].numpy(), _(
            "These are logits, which may be negative or above 1. Take a softmax over the "
            "classes.")),
        Mistake("sigmoid of one", lambda logits: logits[:, 1].sigmoid().numpy(), _(
            "A sigmoid of one logit ignores the other. With two logits their difference "
            "counts, so use softmax.")),
        Mistake("softmax over the slices",
            lambda logits: logits.softmax(dim=0)[:, 1].numpy(), _(
            "Your softmax runs over the slices. The classes are in dimension 1.")),
    ),
    symptoms=(
        Symptom("not a number", lambda case, got, due: bool(np.isnan(as_array(got)).any())
            and bool((case["logits"].abs() > 80).any()), _(
            "Where logits are large, your result is not a number (NaN): exp(100) is infinite "
            "in float32, and ∞ / ∞ is undefined. Subtract the larger logit from both first, or "
            "use torch's softmax, which does.")),
        Symptom("one of two large", lambda case, got, due: bool(
            (case["logits"].abs() > 80).any()), _(
            "Your result is wrong only where logits are large. There exp overflows or becomes "
            "0. Subtract the larger logit from both first, or use torch's softmax, which "
            "does.")),
        Symptom("over another axis", lambda case, got, due: any(
                _is(lambda z, dim=dim: z.softmax(dim)[:, 1])(case, got, due) for dim in (2, 3)
            ), _(
            "Your softmax runs over rows or columns of pixels. It should run over the two "
            "classes, dimension 1.")),
        Symptom("twice", _is(lambda z: z.softmax(1).softmax(1)[:, 1]), _(
            "You take the softmax twice. The first one returns probabilities, and the second "
            "pulls them all towards one half.")),
        Symptom("the second slice", _is(lambda z: z.softmax(1)[min(1, len(z) - 1)]), _(
            "You return the second slice with both classes. Take the second **class** of all "
            "slices, because the classes are in dimension 1.")),
        Symptom("divided by the sum", _is(lambda z: z[:, 1] / z.sum(1)), _(
            "You divide a logit by the sum of both. Logits may be negative, so take exp of "
            "each first. That is what softmax does.")),
        Symptom("logarithm", _is(lambda z: z.log_softmax(1)[:, 1]), _(
            "Those are logarithms of the probabilities. The pages hold the probabilities "
            "themselves.")),
        Symptom("stretched", _stretched, _(
            "Each of your pages goes from 0 to 1, whatever the logits are. A probability comes "
            "from the pixel's own two logits: softmax over the classes.")),
        Symptom("type", lambda case, got, due: bool(close(as_array(got), due).all()), _(
            "The probabilities are right. The file has pages of 32 bits, so the array should "
            "be float32: `.astype(np.float32)`.")),
    ),
    hints=(
        _("Which class is inside? Over which dimension do probabilities add up to 1?"),
        _("softmax over dim=1, then class 1; a NumPy array of type float32."),
        _("logits.softmax(dim=1)[:, 1].numpy().astype(np.float32)"),
    ),
    due=_("a float32 array (N, H, W)"),
    cases=stacks_of_logits,
    same=also(float32_entries),
    worth=_("These are the pages that the ISBI challenge took: one for each slice, bright "
            "inside the cells, and ready for every threshold that its judges tried."),
    specification=_by_sigmoid,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
