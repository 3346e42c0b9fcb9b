"""Lesson 11: a safe cross-entropy, equation 2, and the constants that losses choose."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from decimal import Decimal

import numpy as np
import torch

from unet_teach.exercises.agreement import as_array, close, plain
from unet_teach.exercises.cases import oblong, strided
from unet_teach.exercises.exercise import Exercise, Mistake, Symptom
from unet_teach.translation import _


# ---------------------------------------------------------- easy: cross-entropy that is safe
def cross_entropy(logits, target):
    z = logits - logits.amax(dim=1, keepdim=True)
    own = z.gather(1, target[:, None])[:, 0]
    return z.exp().sum(dim=1).log() - own


def logits_and_targets(rng: random.Random) -> Iterator[tuple]:
    """(logits (B, K, H, W), target (B, H, W)): harmless ones, large ones, far apart ones.

    In float64, so that rounding does not decide whether an answer is right.
    """
    for pair, true in (((1.0, 3.0), 0), ((1000.0, 0.0), 1), ((-1000.0, -1003.0), 1)):
        yield torch.tensor(pair).double().view(1, 2, 1, 1), torch.tensor([[[true]]])
    # Two pixels whose logits lie far apart: one maximum for both would not do.
    apart = torch.tensor([[[[900.0, 0.0]], [[899.0, 1.0]]]]).double()  # (1, 2, 1, 2)
    yield apart, torch.tensor([[[0, 1]]])
    yield apart.transpose(2, 3), torch.tensor([[[1], [0]]])
    yield torch.full((1, 3, 1, 1), -2000.0).double(), torch.tensor([[[2]]])
    yield torch.tensor([0.0, 50.0, -50.0]).double().view(1, 3, 1, 1), torch.tensor([[[2]]])
    for shape, spread in (((2, 2, 3, 3), 1.0), ((3, 4, 2, 5), 3.0), ((2, 3, 4, 1), 40.0),
                          ((1, 5, 5, 5), 2.0), ((3, 3, 3, 3), 800.0)):  # fmt: skip
        generator = torch.Generator().manual_seed(rng.randrange(10**6))
        logits = spread * torch.randn(shape, generator=generator, dtype=torch.float64)
        target = torch.randint(0, shape[1], (shape[0], *shape[2:]), generator=generator)
        yield logits, target
        yield strided(logits), strided(target)
    while True:
        batch, classes, height, width = (rng.randint(1, 3) for _axis in range(4))
        shape = (batch, classes + 1, height, width)
        generator = torch.Generator().manual_seed(rng.randrange(10**6))
        spread, shift = rng.choice((1.0, 10.0, 300.0)), rng.choice((0.0, 0.0, 900.0, -900.0))
        logits = spread * torch.randn(shape, generator=generator, dtype=torch.float64)
        target = torch.randint(0, shape[1], (batch, height, width), generator=generator)
        yield logits + shift, target


def _in_decimals(logits, target):
    """The specification: −log of the true class's share, with numbers that do not overflow."""
    loss = torch.empty(target.shape, dtype=torch.float64)
    for b, row, column in np.ndindex(*target.shape):
        values = [Decimal(value) for value in logits[b, :, row, column].tolist()]
        total = sum(value.exp() for value in values)
        share = values[int(target[b, row, column])].exp() / total
        loss[b, row, column] = float(-share.ln())
    return loss


def _own(logits, target):
    return logits.gather(1, target[:, None])[:, 0]


def _unsafe(logits, target):
    return -_own(logits.exp() / logits.exp().sum(1, keepdim=True), target).log()


def _maximum_not_returned(logits, target):
    top = logits.amax(1, keepdim=True)
    return (logits - top).exp().sum(1).log() - _own(logits, target)


def _one_maximum(logits, target):
    top = logits.max()
    return top + (logits - top).exp().sum(1).log() - _own(logits, target)


def _smallest_taken_off(logits, target):
    z = logits - logits.amin(1, keepdim=True)
    return z.exp().sum(1).log() - _own(z, target)


def _squares(logits, target):
    one = torch.nn.functional.one_hot(target, logits.shape[1]).movedim(-1, 1)
    return ((logits.softmax(1) - one) ** 2).sum(1)


def _wrong(got: object, due: object) -> tuple[np.ndarray, np.ndarray]:
    """The numbers that are wrong, and what they should be."""
    one, other = as_array(got), as_array(due)
    there = ~close(one, other)
    return one[there], other[there]


def _ends_somewhere(_case: dict, got: object, due: object) -> bool:
    one, other = _wrong(got, due)
    return bool((one < other).all() and one.min() > 4 and one.max() < 120)


def _zero_for_much(_case: dict, got: object, due: object) -> bool:
    one, other = _wrong(got, due)
    return bool((np.abs(one) < 1e-6).all() and (other > 20).all())


SAFETY = (
    Symptom("infinite or not a number",
        lambda _case, got, due: not np.isfinite(_wrong(got, due)[0]).any(), _(
        "Where it is wrong, your loss is infinite or not a number, because exp of a large "
        "number overflows and the logarithm of an exp that became 0 is −∞. Subtract each "
        "pixel's **largest** logit first, and never take the logarithm of a probability.")),
    Symptom("nothing for a sure mistake", _zero_for_much, _(
        "In your loss a pixel that is surely wrong costs nothing. If you replace infinite "
        "values, you hide the worst pixels. Rewrite the formula instead, so that nothing "
        "becomes infinite.")),
    Symptom("ends at a number", _ends_somewhere, _(
        "Your loss stops growing at a certain number, however wrong the pixel is. A "
        "smallest probability, added or clamped, does that, and there the gradient is 0 as "
        "well. Don't compute the probability; work with its logarithm.")),
    Symptom("only large logits",
        lambda case, got, due: bool(case["logits"].abs().max() > 40), _(
        "Your loss is right for small logits and wrong for large ones. Subtract each "
        "pixel's largest logit first and add it again at the end, because that doesn't "
        "change log Σ exp(z).")),
    oblong("target"),
    Symptom("too small", lambda case, got, due: bool(np.less(*_wrong(got, due)).all()), _(
        "Where it is wrong, your loss is too small. For each pixel it should be log Σ "
        "exp(z) over the classes, minus the z of the true class.")),
)  # fmt: skip


easy = Exercise(
    name="11.cross_entropy",
    task=_("Compute every pixel's cross-entropy from its logits, however large they are."),
    reference=cross_entropy,
    mistakes=(
        Mistake("overflow", _unsafe, _(
            "Your loss is right where logits are small. But for a computer exp(1000) is "
            "infinite and exp(−1000) is 0. Subtract the largest logit first, because that "
            "doesn't change the softmax.")),
        Mistake("a floor under the logarithm",
            lambda logits, target: -(_own(logits.softmax(1), target) + 1e-8).log(), _(
            "With + 1e-8 the loss ends at 18.4, however wrong the pixel is. There its "
            "gradient is 0, so the network would learn nothing from its worst pixels. Don't"
            " compute the probability; work with its logarithm.")),
        Mistake("maximum not given back", _maximum_not_returned, _(
            "You subtracted the maximum and didn't add it again: log Σ exp(z) = m + log Σ "
            "exp(z − m).")),
        Mistake("one maximum for all", _one_maximum, _(
            "You use one maximum for all pixels. Where a pixel's logits are far below it, "
            "every exp is 0 and the logarithm is −∞, so each pixel needs its own maximum.")),
        Mistake("sign", lambda logits, target: -cross_entropy(logits, target), _(
            "The logarithm of a probability is never above 0. The loss is **minus** that.")),
        Mistake("along the rows",
            lambda logits, target: -_own(logits.log_softmax(-1), target), _(
            "Your softmax runs along the rows of the image. Classes are dimension 1 of (B, K, "
            "H, W).")),
        Mistake("the smallest taken off", _smallest_taken_off, _(
            "You subtract the smallest logit, so what is large stays large, and exp "
            "overflows. Subtract the largest: then no exp is above 1.")),
        Mistake("in bits",
            lambda logits, target: cross_entropy(logits, target) / math.log(2), _(
            "That is the loss in bits, with the logarithm to base 2. Equation 1 uses the "
            "natural logarithm, as torch does.")),
        Mistake("squares", _squares, _(
            "That is the squared distance between probabilities and labels, which is at most "
            "2. Cross-entropy is minus the logarithm of the true class's probability.")),
    ),
    symptoms=SAFETY,
    hints=(
        _("−log softmax is log Σ exp(z) minus the z of the true class. Which of its parts "
          "can overflow?"),
        _("log Σ exp(z) = m + log Σ exp(z − m) for any m. If m is the pixel's largest "
          "logit, no exp is above 1 and one of them is exactly 1, so nothing overflows and "
          "the sum is never 0."),
        _("First `z = logits - logits.amax(dim=1, keepdim=True)`. The z of the true class "
          "is `z.gather(1, target[:, None])[:, 0]`."),
    ),
    due=_("a tensor (B, H, W), the loss of every pixel"),
    cases=logits_and_targets,
    specification=_in_decimals,
    worth=_("torch's own cross-entropy does the same inside. It is safe for every logit, "
            "and a pixel that is surely wrong still has its full gradient."),
)  # fmt: skip


# --------------------------------------------------------------------------- core: equation 2
def weight_map(distances, w0, sigma):
    d1, d2 = np.sort(distances, axis=0)[:2]
    border = w0 * np.exp(-((d1 + d2) ** 2) / (2 * sigma**2))
    return 1 + np.where(d1 > 0, border, 0.0)


def distances_to(cells: np.ndarray) -> np.ndarray:
    """(cells, H, W): how far each pixel is from the nearest pixel of each cell."""
    found = []
    places = np.argwhere(np.ones(cells.shape, bool))
    for number in range(1, cells.max() + 1):
        there = np.argwhere(cells == number)
        squares = ((places[:, None] - there[None]) ** 2).sum(axis=-1)  # (pixels, of the cell)
        found.append(np.sqrt(squares.min(axis=1)).reshape(cells.shape))
    return np.array(found)


def cell_distances(rng: random.Random) -> Iterator[tuple]:
    """(distances, w0, sigma) of small scenes of two to five cells, in any order."""
    yield distances_to(np.array([[1, 0, 2]])), 10.0, 5.0
    yield distances_to(np.array([[1, 0, 0, 0, 2, 0, 3]])), 10.0, 2.0
    yield distances_to(np.array([[3, 3, 0], [0, 0, 0], [2, 0, 1]])), 4.0, 1.0
    yield distances_to(np.array([[1], [0], [0], [2]])), 10.0, 5.0
    yield (
        distances_to(np.array([[1, 1, 0, 2], [1, 0, 0, 2], [0, 0, 0, 0], [4, 0, 3, 3]])),
        0.3,
        0.7,
    )
    yield distances_to(np.array([[2, 0, 1], [0, 0, 0], [3, 0, 4]])), 10.0, 2.5  # all as near
    yield distances_to(np.array([[1, 0, 2, 0, 3, 0, 4, 0, 5]])), 10.0, 3.0
    yield distances_to(np.array([[5, 0, 0, 1], [4, 0, 0, 2], [3, 0, 0, 0]])), 2.0, 4.0
    yield distances_to(np.array([[1, 2]])), 7.0, 5.0  # no wall at all
    yield distances_to(np.array([[1, 0, 0, 0, 0, 0, 0, 0, 2]])), 100.0, 10.0
    wide = distances_to(np.array([[0, 1, 0, 0, 2], [3, 0, 0, 0, 0], [0, 0, 0, 4, 4]]))
    yield wide, 1, 2
    yield strided(wide), 10.0, 5.0
    while True:
        height, width = rng.randint(3, 6), rng.randint(4, 7)
        places = [(row, column) for row in range(height) for column in range(width)]
        cells = np.zeros((height, width), int)
        for number, place in enumerate(rng.sample(places, rng.randint(2, 5)), start=1):
            cells[place] = number
        yield distances_to(cells), rng.choice((1.0, 4.0, 10.0)), rng.choice((1.0, 2.5, 5.0))


def _pixel_by_pixel(distances, w0, sigma):
    """The specification: one pixel, its distances in order, equation 2."""
    weights = np.ones(distances.shape[1:])
    for row, column in np.ndindex(*weights.shape):
        nearest, second = sorted(distances[:, row, column].tolist())[:2]
        if nearest > 0:  # not inside of a cell
            exponent = -((nearest + second) ** 2) / (2 * sigma**2)
            weights[row, column] += w0 * math.exp(exponent)
    return weights


def _right(d1, d2, sigma):
    return (d1 + d2) ** 2 / (2 * sigma**2)


def _nearest(distances):
    return np.sort(distances, axis=0)[:2]


def _next_different(distances):
    """d2 is the second of the different distances: equal ones count once."""
    d1 = distances.min(axis=0)
    return d1, np.where(distances > d1, distances, np.inf).min(axis=0)


def _with(formula=_right, two=_nearest, everywhere=False, base=1.0) -> Callable:
    """Equation 2 with another exponent, two other distances, or also inside of the cells."""

    def weight_map(distances, w0, sigma):
        border = w0 * np.exp(-formula(*two(distances), sigma))
        return base + np.where(everywhere | (distances.min(axis=0) > 0), border, 0.0)

    return weight_map


def _where_wrong(case: dict, got: object, due: object) -> np.ndarray:
    """The distances (cells, pixels) of the pixels whose weight is wrong."""
    return np.sort(case["distances"], axis=0)[:, ~close(as_array(got), as_array(due))]


WEIGHING = (
    Symptom("only inside",
        lambda case, got, due: (_where_wrong(case, got, due)[0] == 0).all(), _(
        "Your map is right between the cells and wrong inside them. Wherever d1 is 0, in "
        "whichever cell, the second term should be 0, so the weight is 1.")),
    Symptom("equally near",
        lambda case, got, due: np.ptp(_where_wrong(case, got, due)[:2], axis=0).max() < 1e-9, _(
        "Your map is wrong only where two cells are equally near, as in the middle of a "
        "wall. There d2 is the same number as d1, because equal distances still count as "
        "two.")),
    Symptom("more than two cells", lambda case, got, due: len(case["distances"]) > 2, _(
        "Your map is right for two cells and wrong where there are more. d1 and d2 belong "
        "to the two cells that are nearest to **this** pixel.")),
    Symptom("too large", lambda case, got, due: bool(np.greater(*_wrong(got, due)).all()), _(
        "Where it is wrong, your weight is too large. Is there a minus in the exponent? Is "
        "the sum of both distances squared before it is divided by 2σ²?")),
    oblong("distances"),
    Symptom("outside", lambda case, got, due: (_where_wrong(case, got, due)[0] > 0).all(), _(
        "Your map is right inside the cells and wrong between them. There the weight is 1 +"
        " w0 · exp(−(d1 + d2)² / (2σ²)). Compute one pixel of the smallest case by hand and"
        " compare.")),
)  # fmt: skip


core = Exercise(
    name="11.weight_map",
    task=_("Compute equation 2, with w_c = 1, from each pixel's distance to every cell."),
    reference=weight_map,
    mistakes=(
        Mistake("inside of the cells, too", _with(everywhere=True), _(
            "The walls are right. Inside a cell d1 is 0 and there is nothing to keep apart,"
            " so the exercise sets the second term to 0 there.")),
        Mistake("squares added", _with(lambda d1, d2, s: (d1**2 + d2**2) / (2 * s**2)), _(
            "You add the squares. Equation 2 squares the **sum**, (d1 + d2)², which "
            "measures the width of the gap.")),
        Mistake("not squared", _with(lambda d1, d2, s: (d1 + d2) / (2 * s**2)), _(
            "The sum of the distances has to be squared.")),
        Mistake("sigma squared alone", _with(lambda d1, d2, s: (d1 + d2) ** 2 / s**2), _(
            "Your weights fall too fast with the distance: divide by 2σ², as in a Gaussian.")),
        Mistake("twice sigma", _with(lambda d1, d2, s: (d1 + d2) ** 2 / (2 * s)), _(
            "σ has to be squared: 2σ² is in pixels squared, as (d1 + d2)² is.")),
        Mistake("the nearest cell alone",
            _with(lambda d1, d2, s: (2 * d1) ** 2 / (2 * s**2)), _(
            "You use the nearest cell twice, so the rim of a single cell would weigh as "
            "much as a wall. d2 belongs to the **second** nearest.")),
        Mistake("the farthest cell", _with(two=lambda d: (d.min(axis=0), d.max(axis=0))), _(
            "With two cells that is right. With three, your d2 belongs to the farthest cell"
            " and not to the second nearest.")),
        Mistake("the first two cells", _with(two=lambda d: d[:2]), _(
            "You take the first two cells everywhere. But at each pixel other cells may be "
            "the two nearest, so sort along axis 0.")),
        Mistake("the first two cells, inside them, too",
            _with(two=lambda d: d[:2], everywhere=True), _(
            "Two things are wrong. You take the first two cells everywhere, but at each pixel "
            "other cells may be the two nearest, so sort along axis 0. And inside a cell, "
            "where d1 is 0, the second term should be 0.")),
        Mistake("w_c left out", _with(base=0.0), _(
            "That is the second term alone. Add w_c = 1, because otherwise the cells "
            "wouldn't count at all.")),
        Mistake("grows with the distance",
            _with(lambda d1, d2, s: -((d1 + d2) ** 2) / (2 * s**2)), _(
            "Your weight grows with the distance: the minus in the exponent is missing.")),
        Mistake("times sigma squared", _with(lambda d1, d2, s: (d1 + d2) ** 2 / 2 * s**2), _(
            "You divide by 2 and then multiply by σ², because Python goes from left to "
            "right. Put `(2 * sigma**2)` in brackets.")),
        Mistake("equal distances count once", _with(two=_next_different), _(
            "Where two cells are equally near, as in the middle of a wall, d2 is the same "
            "number as d1. You take a third cell's distance there, or none.")),
        Mistake("cut off at w0",
            lambda distances, w0, sigma: np.minimum(weight_map(distances, w0, sigma), w0), _(
            "Your weights stop at w0. The second term alone may nearly reach w0, and 1 is "
            "added to it.")),
    ),
    symptoms=WEIGHING,
    hints=(
        _("At each pixel `distances` holds one number for each cell. Which two of them do "
          "you need?"),
        _("`np.sort(distances, axis=0)[:2]` returns d1 and d2. A pixel is inside a cell "
          "where d1 is 0."),
        _("Return `1 + np.where(d1 > 0, w0 * np.exp(-((d1 + d2) ** 2) / (2 * sigma**2)), "
          "0.0)`."),
    ),
    due=_("an array (H, W), the weight of every pixel"),
    cases=cell_distances,
    specification=_pixel_by_pixel,
    worth=_("With this map in the loss, a pixel of the thinnest wall counts about ten times"
            " as much as one inside a cell."),
)  # fmt: skip


# ------------------------------------------------------------------- stretch: the constants
def constants(f, w0, w1):
    weighted = w1 * f / (w1 * f + w0 * (1 - f))
    return {"cross_entropy": f, "weighted": weighted, "dice_inside": 1.0, "dice_both": f}


def shares(rng: random.Random) -> Iterator[tuple]:
    """(f, w0, w1): the share of class 1, and the weights of class 0 and class 1."""
    yield from [(0.5, 3.0, 1.0), (0.2, 1.0, 4.0), (0.8, 4.0, 1.0), (0.1, 1.0, 1.0)]
    yield from [(0.5, 1.0, 1.0), (0.5, 2.0, 2.0), (0.3, 0.5, 0.25), (0.9, 7.0, 3.0),
                (0.01, 0.1, 9.0), (0.7, 3, 2), (0.35, 2, 7), (0.99, 0.2, 0.3)]  # fmt: skip
    while True:
        yield tuple(round(rng.uniform(*ends), 3) for ends in ((0.02, 0.98), (0.1, 9), (0.1, 9)))


def constant_losses(f, w0, w1) -> dict[str, Callable[[float], float]]:
    """The four losses of an image that is answered by p everywhere, by pixel."""

    def dice(p, share):
        return 2 * p * share / (p + share)

    return {
        "cross_entropy": lambda p: -f * math.log(p) - (1 - f) * math.log(1 - p),
        "weighted": lambda p: -w1 * f * math.log(p) - w0 * (1 - f) * math.log(1 - p),
        "dice_inside": lambda p: 1 - dice(p, f),
        "dice_both": lambda p: 1 - (dice(p, f) + dice(1 - p, 1 - f)) / 2,
    }


def _by_search(f, w0, w1):
    """The specification: thirds, again and again, keeping the side with the lower loss."""
    found = {}
    for name, loss in constant_losses(f, w0, w1).items():
        low, high = 1e-9, 1 - 1e-9
        for _step in range(90):
            third = (high - low) / 3
            if loss(low + third) < loss(high - third):
                high -= third
            else:
                low += third
        found[name] = (low + high) / 2
    return found


def _changed(**answers: Callable) -> Callable:
    def constants_(f, w0, w1):
        return constants(f, w0, w1) | {k: answer(f, w0, w1) for k, answer in answers.items()}

    return constants_


def _log_odds(f, w0, w1):
    right = constants(f, w0, w1)
    return right | {
        name: math.log(right[name] / (1 - right[name]))
        for name in ("cross_entropy", "weighted")
    }


def _only(name: str, hint: str) -> Symptom:
    """Only this entry is wrong."""

    def shows(_case: dict, got: dict, due: dict) -> bool:
        return set(got) == set(due) and all(
            (key == name) != np.isclose(float(plain(got[key])), due[key], rtol=1e-5)
            for key in due
        )

    return Symptom(f"only {name}", shows, hint)


ENTRIES = (
    _only("weighted", _("Three are right. For `weighted`, count each pixel of class 1 w1 "
                        "times and each other pixel w0 times. Then p is the fraction of "
                        "class 1 in that count.")),
    _only("dice_inside", _("Three are right. For `dice_inside`, draw 2pf / (p + f) as a "
                           "function of p from 0 to 1. Where is it largest? Return that p, "
                           "not the Dice there.")),
    _only("dice_both", _("Three are right. For `dice_both`, set the derivative of the mean "
                         "of both Dice to 0. Try it at f = 0.5 first.")),
    _only("cross_entropy", _("Three are right. For `cross_entropy`, set the derivative of "
                             "−f log p − (1 − f) log(1 − p) to 0.")),
    Symptom("a logit", lambda case, got, due: np.isclose(
            float(plain(got["cross_entropy"])), math.log(case["f"] / (1 - case["f"]))
        ), _(
        "For `cross_entropy` you return the logit, log(f / (1 − f)). Return the probability"
        " p itself.")),
    Symptom("no probability",
        lambda case, got, due: not all(0 <= float(plain(p)) <= 1 for p in got.values()), _(
        "Some of your numbers are below 0 or above 1. Return probabilities p, not odds p / "
        "(1 − p), logits or values of the loss.")),
    Symptom("dice_inside and others",
        lambda case, got, due: not np.isclose(float(plain(got["dice_inside"])), 1), _(
        "Several are wrong. For `dice_inside`, draw 2pf / (p + f) as a function of p from 0 to "
        "1: where is it largest? For `weighted`, count each pixel of class 1 w1 times and each "
        "other pixel w0 times: then p is the fraction of class 1 in that count.")),
)  # fmt: skip


stretch = Exercise(
    name="11.constants",
    task=_("Find the constant probability that minimises each loss, if a fraction f is class "
           "1."),
    reference=constants,
    mistakes=(
        Mistake("the majority",
            _changed(cross_entropy=lambda f, w0, w1: 1.0 if f > 0.5 else 0.0), _(
            "If you always answer the majority, that is best for accuracy. But the "
            "cross-entropy of a sure answer that is wrong has no limit. Set the derivative "
            "of −f log p − (1 − f) log(1 − p) to 0.")),
        Mistake("weights left out", _changed(weighted=lambda f, w0, w1: f), _(
            "Three are right. A weight w1 counts a pixel of class 1 w1 times, as if there "
            "were w1 f of them and w0 (1 − f) others.")),
        Mistake("weights swapped",
            _changed(weighted=lambda f, w0, w1: w0 * f / (w0 * f + w1 * (1 - f))), _(
            "Three are right. In `weighted` the weights are swapped: w1 belongs to class 1,"
            " whose fraction is f.")),
        Mistake("the odds' factor on p",
            _changed(weighted=lambda f, w0, w1: w1 * f / w0), _(
            "Three are right. Weights multiply the odds p / (1 − p) by w1 / w0, and not p, "
            "which would leave the range from 0 to 1.")),
        Mistake("a share that is none",
            _changed(weighted=lambda f, w0, w1: w1 * f / (w0 + w1)), _(
            "Three are right. `weighted` has to be 1 where f is 1, so divide by w1 f + w0 "
            "(1 − f).")),
        Mistake("Dice like cross-entropy", _changed(dice_inside=lambda f, w0, w1: f), _(
            "Three are right. The Dice of class 1 alone is 2pf / (p + f). Does it ever fall"
            " when p grows?")),
        Mistake("both like one", _changed(dice_both=lambda f, w0, w1: 1.0), _(
            "Three are right. With p = 1 the Dice of class 0 is 0, so the mean of both is "
            "at most a half. Set the derivative of the mean to 0.")),
        Mistake("both in the middle", _changed(dice_both=lambda f, w0, w1: 0.5), _(
            "Three are right. A half is best where f is a half. In general set f²/(p + f)² = "
            "(1 − f)²/(2 − p − f)².")),
        Mistake("of the other class",
            lambda f, w0, w1: {name: 1 - p for name, p in constants(f, w0, w1).items()}, _(
            "Your numbers are 1 minus the right ones, so they are probabilities of class 0."
            " p is that of class 1, whose fraction is f.")),
        Mistake("log-odds", _log_odds, _(
            "For the cross-entropies you return logits, log(p / (1 − p)). Return the "
            "probability p itself.")),
    ),
    symptoms=ENTRIES,
    hints=(
        _("Write each loss as a function of p alone: a fraction f of the pixels pays for "
          "class 1, the rest for class 0. Where is its derivative 0?"),
        _("For cross-entropy solve −f/p + (1 − f)/(1 − p) = 0; with weights each of the two"
          " parts has its factor. The Dice of class 1 is 2pf/(p + f), and its derivative is"
          " 2f²/(p + f)². Can that be 0?"),
        _("The Dice of both is the mean of 2pf/(p + f) and 2(1 − p)(1 − f)/(2 − p − f). Its"
          " derivative is 0 where f(2 − p − f) = (1 − f)(p + f). Solve that for p."),
    ),
    due=_('a dictionary with "cross_entropy", "weighted", "dice_inside", "dice_both"'),
    cases=shares,
    specification=_by_search,
    worth=_("So where nothing can be seen, cross-entropy and the Dice of both classes "
            "reward the fraction f, weights shift that answer, and the Dice of one class "
            "alone always rewards a sure yes."),
)  # fmt: skip

EXERCISES = (easy, core, stretch)
