"""Lesson 14: split by block, average over eight views, the challenge's pages."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import numpy as np
import torch

from unet_teach.checks.exercise import Exercise, Mistake
from unet_teach.data.volume import block_folds
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
    """(n, folds), n a multiple of folds."""
    yield from [(6, 3), (30, 5), (4, 2), (5, 5)]
    while True:
        folds = rng.randint(2, 7)
        yield folds * rng.randint(1, 8), folds


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


def _swapped(n, folds):
    return [(held_out, train) for train, held_out in blocks(n, folds)]


def _first_only(n, folds):
    return blocks(n, folds)[:1]


easy = Exercise(
    name="14.split_by_block",
    task=_("Cut a stack of n slices into contiguous blocks; hold out each block once."),
    reference=blocks,
    mistakes=(
        Mistake(
            "interleaved", _interleaved,
            _("Every held-out slice has both its neighbours in the training set. They look "
              "almost the same: the score leaks. Hold out neighbours together."),
        ),
        Mistake(
            "shuffled", _shuffled,
            _("You drew slices at random, as one does with photographs. Slices of one piece of "
              "tissue are no independent pictures: take them in order."),
        ),
        Mistake(
            "held out, and trained on", _everything_to_train,
            _("The held-out slices are in the training list as well. Then the network is asked "
              "what it was told."),
        ),
        Mistake(
            "swapped", _swapped,
            _("The pair is (train, held out): you give the small part to the training."),
        ),
        Mistake(
            "one fold", _first_only,
            _("That is the first fold only. Each block is held out once: give as many pairs as "
              "there are folds."),
        ),
    ),
    hints=(
        _("How many slices has a block? Which ones are in block number `fold`?"),
        _("Block `fold` is range(fold * size, (fold + 1) * size). All others are trained on."),
        _("train = [i for i in range(n) if i not in held_out]"),
    ),
    due=_("a list of pairs (train, held out), each a list of whole numbers"),
    cases=stacks,
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
    """A stand-in for a network: depends on where a pixel lies and on its neighbours."""

    def __init__(self, seed: int) -> None:
        self.kernel = np.random.default_rng(seed).integers(1, 9, (2, 2)) / 10

    def __call__(self, image):
        (a, b), (c, d) = self.kernel
        right, below = np.roll(image, -1, 1), np.roll(image, -1, 0)
        row, column = np.ogrid[: len(image), : len(image)]
        # No turn makes this map its own mirror image.
        return a * image + b * right + c * below + d * (row + row * column**3 / 50)

    def __repr__(self) -> str:
        return f"network({self.kernel.ravel().tolist()})"


def views(rng: random.Random) -> Iterator[tuple]:
    """(network, image (n, n))."""
    yield Slanted(0), np.arange(16.0).reshape(4, 4)
    while True:
        seed, side = rng.randrange(10**6), rng.randint(4, 6)
        image = np.random.default_rng(seed).integers(0, 9, (side, side)).astype(float)
        yield Slanted(seed), image


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
    flips: tuple = (False, True),
    turned: tuple = (0, 1, 2, 3),
    order: bool = True,
    merge: Callable = lambda answers: np.mean(answers, axis=0),
) -> Callable:
    """A wrong average."""

    def average(network, image):
        answers = []
        for flip in flips:
            for turns in turned:
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


core = Exercise(
    name="14.average",
    task=_("Ask the network about eight views of an image, undo each, and take the mean."),
    reference=average,
    mistakes=(
        Mistake(
            "not turned back", _variant(back=lambda answer, turns: answer),
            _("The answers are not turned back. You take the mean of maps that lie in eight "
              "directions."),
        ),
        Mistake(
            "turned on", _variant(back=np.rot90),
            _("You turn the answers further in the same direction. To undo a turn, turn by "
              "`-turns`."),
        ),
        Mistake(
            "not mirrored back", _variant(unflip=lambda answer: answer),
            _("Mirrored views are not mirrored back."),
        ),
        Mistake(
            "undone in the wrong order", _variant(order=False),
            _("You mirrored first and then turned. Undo the last thing first: turn back, then "
              "mirror back. (Socks and shoes.)"),
        ),
        Mistake(
            "turns only", _variant(flips=(False,)),
            _("Four turns of a mirror image are four more views."),
        ),
        Mistake(
            "flips only", _variant(turned=(0,)),
            _("Two views only. Turn each of them by 0, 90, 180 and 270 degrees."),
        ),
        Mistake(
            "the largest", _variant(merge=lambda answers: np.max(answers, axis=0)),
            _("You take the largest of eight answers. Their mean is wanted: the largest is "
              "too sure."),
        ),
    ),
    hints=(
        _("Which eight views of a square leave it a square?"),
        _("np.rot90(view, turns), for an image and for its mirror image. How is each undone?"),
        _("answer = np.rot90(answer, -turns), then np.fliplr(answer) where the view was "
          "mirrored; add up, divide by 8."),
    ),
    due=_("an array (n, n)"),
    cases=views,
    specification=_view_by_view,
)  # fmt: skip


# ------------------------------------------------------------- stretch: the challenge's pages
def pages(logits):
    inside = logits.softmax(dim=1)[:, 1]
    return inside.numpy().astype(np.float32)


def stacks_of_logits(rng: random.Random) -> Iterator[tuple]:
    """(logits (N, 2, H, W),)."""
    yield (torch.tensor([[[[0.0, 2.0]], [[1.0, -1.0]]]]),)
    while True:
        shape = (rng.randint(1, 3), 2, rng.randint(1, 4), rng.randint(1, 4))
        generator = torch.Generator().manual_seed(rng.randrange(10**6))
        yield (3 * torch.randn(shape, generator=generator),)


def _by_sigmoid(logits):
    """The specification: with two classes the softmax is a sigmoid of the difference."""
    difference = logits[:, 1].double() - logits[:, 0].double()
    return (1 / (1 + torch.exp(-difference))).numpy().astype(np.float32)


def _wall(logits):
    return logits.softmax(dim=1)[:, 0].numpy()


def _decided(logits):
    return logits.argmax(dim=1).numpy().astype(np.float32)


def _grey(logits):
    return np.round(255 * pages(logits))


def _not_normalised(logits):
    return logits[:, 1].numpy()


def _one_sigmoid(logits):
    return logits[:, 1].sigmoid().numpy()


def _over_slices(logits):
    return logits.softmax(dim=0)[:, 1].numpy()


stretch = Exercise(
    name="14.pages",
    task=_("From logits (N, 2, H, W) to the challenge's pages: float32, inside, 0 to 1."),
    reference=pages,
    mistakes=(
        Mistake(
            "the walls", _wall,
            _("These are probabilities of wall. The challenge wants inside to be bright: class "
              "1."),
        ),
        Mistake(
            "decided", _decided,
            _("You decided already. The challenge tries thresholds itself: give it the "
              "probabilities."),
        ),
        Mistake(
            "grey values", _grey,
            _("From 0 to 255. A 32-bit page holds probabilities, from 0 to 1."),
        ),
        Mistake(
            "logits", _not_normalised,
            _("These are logits, which may be negative or above 1. Take a softmax over the "
              "classes."),
        ),
        Mistake(
            "sigmoid of one", _one_sigmoid,
            _("A sigmoid of one logit forgets the other. With two logits it is their "
              "difference that counts: softmax."),
        ),
        Mistake(
            "softmax over the slices", _over_slices,
            _("Your softmax runs over the slices. The classes lie in dimension 1."),
        ),
    ),
    hints=(
        _("Which class is inside? Over which dimension do probabilities add up to 1?"),
        _("softmax over dim=1, then class 1; a NumPy array of type float32."),
        _("logits.softmax(dim=1)[:, 1].numpy().astype(np.float32)"),
    ),
    due=_("a float32 array (N, H, W)"),
    cases=stacks_of_logits,
    specification=_by_sigmoid,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
