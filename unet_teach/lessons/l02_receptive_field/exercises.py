"""Lesson 02: one layer's recursion, the popular formula fixed, the effective square."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator

import numpy as np

from unet_teach.exercises.agreement import plain
from unet_teach.exercises.cases import larger, numbers, smaller, strided
from unet_teach.exercises.exercise import Exercise, Mistake, Symptom
from unet_teach.translation import _


# ------------------------------------------------------------------------------ easy: one layer
def one_layer(size, jump, k, s):
    return size + (k - 1) * jump, jump * s


def layers_one(rng: random.Random) -> Iterator[tuple]:
    """(size, jump, k, s)."""
    yield from [(1, 1, 3, 1), (5, 1, 2, 2), (6, 2, 3, 1), (14, 4, 2, 2), (32, 4, 1, 1)]
    yield from [
        (1, 1, 2, 2),
        (3, 1, 3, 1),
        (7, 1, 5, 1),
        (10, 1, 4, 3),
        (2, 1, 1, 2),
        (9, 1, 7, 5),
    ]
    yield from [(9, 3, 3, 1), (9, 6, 3, 1), (20, 5, 2, 1), (8, 2, 3, 3), (44, 16, 3, 2)]
    yield from [(4, 1, 1, 1), (500, 64, 11, 4), (13, 2, 4, 1), (13, 2, 6, 2), (6, 3, 1, 3)]
    while True:
        jump = rng.choice([1, 1, 2, 3, 4, 5, 8, 16])
        yield rng.randint(1, 200), jump, rng.randint(1, 7), rng.choice([1, 1, 2, 3, 4])


def _by_places(size, jump, k, s):
    """The specification: mark the pixels that k neighbours see, and count."""
    seen = {place * jump + offset for place in range(k) for offset in range(size)}
    next_one = {(s + place) * jump + offset for place in range(k) for offset in range(size)}
    return max(seen) - min(seen) + 1, min(next_one) - min(seen)


def _first(case: dict, got: object, due: tuple) -> bool:
    """Whether the size is right."""
    return plain(next(iter(plain(got)))) == due[0]


def _second(case: dict, got: object, due: tuple) -> bool:
    """Whether the jump is right."""
    return plain(list(plain(got))[1]) == due[1]


def _off_by_one(case: dict, got: object, due: tuple) -> bool:
    """Whether the jump is right, and the size off by one."""
    return _second(case, got, due) and abs(plain(next(iter(plain(got)))) - due[0]) == 1


SIZE_IS_OFF = (
    ("off by one", lambda case: True,
     _("The new jump is right, and the new size is off by 1: `size` pixels plus k − 1 steps, "
       "and nothing besides.")),
    ("right where s is 1", lambda case: case["s"] != 1,
     _("The new jump is right, and the new size wrong where s is not 1. The kernel is placed "
       "on the old feature map, so this layer's stride does not change its field.")),
    ("right where jump is 1", lambda case: case["jump"] != 1,
     _("The new jump is right, and the new size wrong where jump is not 1. How many pixels of "
       "the image are there between two neighbours of the feature map?")),
    ("right where k is odd", lambda case: case["k"] % 2 == 0,
     _("The new jump is right, and the new size wrong where k is even: k neighbours have "
       "k − 1 steps between them, for even k too.")),
    ("right where k is 3", lambda case: case["k"] != 3,
     _("The new jump is right, and the new size wrong where k is not 3: where in your answer "
       "is a 3, or a 2 that comes from it?")),
    ("wrong", lambda case: True,
     _("The new jump is right, and the new size is not. k neighbours have k − 1 steps between "
       "them, and each step is `jump` pixels long.")),
)  # fmt: skip
JUMP_IS_OFF = (
    ("right where s is 1", lambda case: case["s"] != 1,
     _("The new size is right, and the new jump wrong where s is not 1. Moving by one pixel in "
       "the new feature map is s steps in the old one.")),
    ("right where jump is 1", lambda case: case["jump"] != 1,
     _("The new size is right, and the new jump wrong where jump is not 1: a stride after a "
       "stride multiplies.")),
    ("wrong", lambda case: True,
     _("The new size is right, and the new jump is not. Moving by one pixel in the new feature "
       "map is s steps in the old one, and each of these is `jump` pixels long.")),
)  # fmt: skip


def _one_number(right: Callable, listed: tuple) -> Iterator[Symptom]:
    """Of a pair of which one number is right: where the other one is not."""
    for name, where, hint in listed:
        yield Symptom(
            name,
            lambda case, got, due, where=where: right(case, got, due) and where(case),
            hint,
        )


easy = Exercise(
    name="02.one_layer",
    task=_("A feature map's field and jump, and one more layer: the new field and jump."),
    reference=one_layer,
    mistakes=(
        Mistake("no jump", lambda size, jump, k, s: (size + k - 1, jump * s), _(
            "You added k − 1 pixels of the feature map. How many pixels of the image are there "
            "between two neighbours of it? That is the jump.")),
        Mistake("k jumps", lambda size, jump, k, s: (size + k * jump, jump * s), _(
            "k neighbours have only k − 1 steps between them.")),
        Mistake("stride first",
            lambda size, jump, k, s: (size + (k - 1) * jump * s, jump * s), _(
            "You used the new jump. The kernel is placed on the old feature map: the stride "
            "counts for the layers that come after.")),
        Mistake("jumps added", lambda size, jump, k, s: (size + (k - 1) * jump, jump + s), _(
            "The field is right. A stride on top of a stride multiplies: two poolings make "
            "neighbours that are four pixels apart.")),
        Mistake("field multiplied", lambda size, jump, k, s: (s * size + k - s, jump * s), _(
            "That is the popular formula, r·s + k − s, which this lesson will soon put to the "
            "test. How much further does this one layer see: how many steps, and how long?")),
        Mistake("jump as it was", lambda size, jump, k, s: (size + (k - 1) * jump, jump), _(
            "The field is right, and the jump is returned as it was. A stride of s puts the "
            "next feature map's neighbours s times as far apart.")),
        Mistake("the stride alone", lambda size, jump, k, s: (size + (k - 1) * jump, s), _(
            "The field is right. The new jump is not this layer's stride alone: the strides of "
            "the layers before multiply with it.")),
    ),
    symptoms=(
        Symptom("the other way round",
            lambda case, got, due: [plain(n) for n in plain(got)] == [due[1], due[0]], _(
            "Both numbers are right, but in the other order: the new size comes first, then "
            "the new jump.")),
        *_one_number(_off_by_one, SIZE_IS_OFF[:1]),
        *_one_number(_second, SIZE_IS_OFF[1:]),
        *_one_number(_first, JUMP_IS_OFF),
    ),
    hints=(
        _("The kernel looks at k neighbours. How far is the last one from the first, in pixels "
          "of the image?"),
        _("k neighbours are (k − 1) jumps wide, and each sees `size` pixels. What does the "
          "stride change: this layer's field, or the next layer's steps?"),
        _("`return size + (k - 1) * jump, jump * s`"),
    ),
    due=_("two whole numbers: the new size and the new jump"),
    cases=layers_one,
    specification=_by_places,
    worth=_("Call it once for every layer, and you have the receptive field of any chain of "
            "convolutions and poolings, the contracting path included."),
)  # fmt: skip


# ---------------------------------------------------------------- core: the popular formula
def field_of(layers):
    size = 1
    for k, s in reversed(layers):
        size = s * size + k - s
    return size


def chains(rng: random.Random) -> Iterator[tuple]:
    """(layers,): one layer, strides of one, one pooling after convolutions, then any chain."""
    yield ([(3, 1), (3, 1), (2, 2)],)
    yield ([(3, 1)],)
    yield ([(2, 2), (3, 1)],)
    yield ([(3, 1), (3, 1), (2, 2), (3, 1), (3, 1), (2, 2)],)
    yield ([(5, 1), (3, 2), (2, 2), (7, 1)],)
    yield from [([(2, 2)],), ([(1, 1)],), ([(5, 1)],), ([(4, 3)],), ([(1, 2)],), ([(7, 4)],)]
    yield from [([(3, 1), (5, 1)],), ([(3, 1)] * 4,), ([(2, 1), (4, 1), (1, 1)],)]
    yield ([(3, 1)] * 9,)
    yield from [([(3, 2), (5, 1)],), ([(5, 1), (3, 2)],), ([(2, 2), (2, 2), (2, 2)],)]
    yield from [([(3, 3), (3, 1)],), ([(3, 1), (4, 4), (3, 1)],), ([(3, 3), (5, 2), (3, 1)],)]
    yield ([*[(3, 1), (3, 1), (2, 2)] * 4, (3, 1), (3, 1)],)  # down to the bottleneck: 140
    yield ([(7, 2), (3, 2), *[(3, 1)] * 4, (3, 2), *[(3, 1)] * 3],)
    while True:
        kinds = [(3, 1), (2, 2), (5, 1), (3, 2), (1, 1), (7, 3), (4, 2), (2, 1)]
        if rng.random() < 0.3:
            kinds = [(3, 1), (5, 1), (2, 1), (1, 1)]
        yield ([rng.choice(kinds) for _layer in range(rng.randint(1, 8))],)


def _by_marking(layers):
    """The specification: from one output pixel back, mark every input that it needs."""
    needed = {0}
    for k, s in reversed(layers):
        needed = {place * s + offset for place in needed for offset in range(k)}
    return max(needed) - min(needed) + 1


def _walk(step):
    """A wrong `field_of`: size and jump from layer to layer, step(size, jump, k, s)."""

    def field_of(layers):
        size = jump = 1
        for k, s in layers:
            size, jump = step(size, jump, k, s)
        return size

    return field_of


def _without_stride(layers):
    return 1 + sum(k - 1 for k, _s in layers)


def _jumps_added(layers, begin):
    """The strides summed, from 0 or from 1 on."""
    return _walk(lambda r, jump, k, s: (r + (k - 1) * jump, jump + s - 1 + begin))(layers)


ORDERS = (sorted, lambda layers: sorted(layers, reverse=True),
          lambda layers: sorted(layers, key=lambda layer: layer[1]),
          lambda layers: sorted(layers, key=lambda layer: -layer[1]))  # fmt: skip


def _in_another_order(case: dict, got: object, _due: int) -> bool:
    return any(plain(got) == field_of(order(case["layers"])) for order in ORDERS)


def _strides(case: dict) -> list[int]:
    return [s for _k, s in case["layers"]]


core = Exercise(
    name="02.field_of",
    task=_("The receptive field of a chain of layers [(k, s), …]: fix the popular formula."),
    reference=field_of,
    mistakes=(
        Mistake("forwards", _walk(lambda r, jump, k, s: (s * r + k - s, jump)), _(
            "This is what the popular formula returns: each pooling multiplies what was seen "
            "before it, although a pooling doesn't enlarge that. Your formula and your "
            "direction don't belong together: from which end does s·r + k − s make sense, and "
            "from which size + (k − 1)·jump?")),
        Mistake("no strides", _without_stride, _(
            "This is right as long as every stride is 1. After a pooling, neighbours are "
            "further apart.")),
        Mistake("jump too early",
            _walk(lambda r, jump, k, s: (r + (k - 1) * jump * s, jump * s)), _(
            "In your answer a layer's own stride already counts for its own kernel. But the "
            "kernel of a pooling is placed on the feature map before it, so use the jump of "
            "the layers before.")),
        Mistake("own stride alone", lambda layers: 1 + sum((k - 1) * s for k, s in layers), _(
            "Each layer uses its own stride, and no other. What counts is the product of the "
            "strides of all the layers before it, which is the jump.")),
        Mistake("only the last stride", _walk(lambda r, jump, k, s: (r + (k - 1) * jump, s)), _(
            "You kept the stride of the layer before only. Strides multiply all the way: after "
            "two poolings the jump is 4.")),
        Mistake("k jumps", _walk(lambda r, jump, k, s: (r + k * jump, jump * s)), _(
            "You add k jumps for each layer. k neighbours have only k − 1 steps between "
            "them.")),
        Mistake("poolings add nothing",
            lambda layers: field_of([(k if s == 1 else 1, s) for k, s in layers]), _(
            "Layers with a stride make the later ones add more in your answer, and add nothing "
            "themselves. A 2 × 2 pooling sees two neighbours, so it adds a step.")),
    ),
    symptoms=(
        Symptom("begins with another number", lambda case, got, due: abs(plain(got) - due) in (
            1, math.prod(_strides(case))), _(
            "Your loop does not begin with 1. With no layer at all a pixel sees itself: the "
            "field is 1 before the first step.")),
        Symptom("strides added", lambda case, got, due: plain(got) in (
            _jumps_added(case["layers"], 0), _jumps_added(case["layers"], 1)), _(
            "You add up the strides, but they multiply: after three poolings neighbours are 8 "
            "pixels apart.")),
        Symptom("a layer is missing", lambda case, got, due: plain(got) in (
            field_of(case["layers"][1:]), field_of(case["layers"][:-1])), _(
            "The first layer, or the last one, is left out. Does your loop begin with the "
            "first layer, and end after the last one?")),
        Symptom("each kind once",
            lambda case, got, due: plain(got) == field_of(list(dict.fromkeys(case["layers"]))),
            _("Equal layers are counted once. Each of them adds to the field.")),
        Symptom("after the first layer", lambda case, got, due: len(case["layers"]) > 1
            and plain(got) == field_of(case["layers"][:1]), _(
            "Only the first layer counts. Is there a `return` inside the loop?")),
        Symptom("the last layer alone", lambda case, got, due: len(case["layers"]) > 1
            and plain(got) == field_of(case["layers"][-1:]), _(
            "Only the last layer counts: does each round of the loop begin again from 1?")),
        Symptom("poolings left out", lambda case, got, due: plain(got) in (
            _without_stride([layer for layer in case["layers"] if layer != (2, 2)]),
            _without_stride([layer for layer in case["layers"] if layer[1] == 1]),
            field_of([layer for layer in case["layers"] if layer[1] == 1])), _(
            "You leave out the layers with a stride. A 2 × 2 pooling adds to the field itself, "
            "and makes every layer after it add more.")),
        Symptom("another order", _in_another_order, _(
            "You put the layers into another order. A pooling before a convolution and one "
            "after it make different chains.")),
        Symptom("strides above two", lambda case, got, due: max(_strides(case)) > 2, _(
            "It is right while no stride is above 2. A convolution may have any stride, and "
            "each of them multiplies the jump.")),
        Symptom("more than one stride",
            lambda case, got, due: sum(s > 1 for s in _strides(case)) > 1, _(
            "It is right with one stride above 1, and wrong with several: they multiply, in "
            "the order of the layers.")),
        Symptom("a convolution with a stride", lambda case, got, due: any(
            s > 1 and (k, s) != (2, 2) for k, s in case["layers"]), _(
            "It is right while 2 × 2 poolings are the only layers with a stride. A convolution "
            "can have one, too: each layer is a pair (k, s), whatever it is.")),
        Symptom("even kernels", lambda case, got, due: any(
            k % 2 == 0 and (k, s) != (2, 2) for k, s in case["layers"]), _(
            "It is wrong only where a kernel is even: k neighbours have k − 1 steps between "
            "them, for even k too.")),
        Symptom("strides", lambda case, got, due: max(_strides(case)) > 1, _(
            "It is right as long as every stride is 1. A layer adds k − 1 steps, and a step is "
            "as long as all strides **before** it multiplied; or walk back from the last layer "
            "with s·r + k − s.")),
    ),
    hints=(
        _("Ask from the end: one output pixel needs k inputs of the last layer. How many does "
          "it need of the layer before?"),
        _("r neighbours need s·(r − 1) + k inputs. Walk through the layers in the order in "
          "which that question comes up."),
        _("`for k, s in reversed(layers): ...`, or forwards, with a jump as in exercise 1."),
    ),
    due=_("a whole number"),
    cases=chains,
    count=60,
    specification=_by_marking,
    worth=_("Your formula is right for every chain now: after the fourth pooling it says 76, "
            "and the popular one 136. s·r + k − s counts from the last layer to the first. Why "
            "is the mistake so easy to miss? After the two convolutions of any level the "
            "layers read the same in both directions, so the wrong rule is right there, 140 "
            "included. Only a path that stops elsewhere, say after a pooling, shows it."),
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


def _peak(rng: random.Random, shape: tuple, middle: tuple, wide: float) -> np.ndarray:
    """Whole numbers that fall off from a pixel; so that no sum is rounded."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    far = (rows - middle[0]) ** 2 + (columns - middle[1]) ** 2
    return np.round(1000 * numbers(rng).uniform(0.2, 1, shape) * np.exp(-far / wide))


OBLONG = (
    ((1, 9), (0, 4)), ((9, 1), (4, 0)), ((3, 12), (1, 5)), ((12, 3), (7, 2)),
    ((7, 11), (3, 5)), ((11, 7), (5, 3)), ((11, 7), (1, 5)),
)  # fmt: skip


def _clear(gradient: np.ndarray, middle: tuple, share: float) -> bool:
    """No square holds the share but for rounding."""
    row, column = middle
    for half in range(max(gradient.shape)):
        top, left = max(row - half, 0), max(column - half, 0)
        inside = gradient[top : row + half + 1, left : column + half + 1].sum()
        if abs(inside / gradient.sum() - share) < 1e-6:
            return False
    return True


def gradients(rng: random.Random) -> Iterator[tuple]:
    """(gradient, middle, share): first what holds a share exactly, of powers of two, so that
    the order of adding and dividing does not matter; then any."""
    dot, flat = np.zeros((5, 5)), np.ones((8, 8))
    dot[2, 2], dot[0, 4], dot[1, 1] = 112, 4, 12
    yield flat, (3, 3), 0.5
    yield from ((dot, (2, 2), share) for share in (0.5, 0.875, 0.9, 1.0))
    yield from ((flat, (0, 0), share) for share in (0.25, 1.0))
    yield from ((np.full((1, 1), 4.0), (0, 0), 0.75), (flat, (4, 4), 1.0))
    yield from (case for case in _falling_off(rng) if _clear(*case))


def _falling_off(rng: random.Random) -> Iterator[tuple]:
    """About pixels in the centre, off it and at the edges; large, flat and high."""
    cross, flat = np.zeros((7, 7)), np.ones((9, 9))
    cross[3], cross[:, 3], cross[3, 3] = 1, 1, 30
    yield cross, (3, 3), 0.95
    yield np.eye(5), (2, 2), 0.9
    for middle in ((0, 0), (0, 4), (8, 8), (4, 1), (3, 4), (4, 5)):
        yield flat, middle, 0.3
        yield _peak(rng, (9, 9), middle, 2.0), middle, 0.9
        yield 1000 * _peak(rng, (9, 9), middle, 2.0), middle, 0.75
    for shape, middle in OBLONG:
        yield strided(_peak(rng, shape, middle, 6.0)), middle, 0.95
        yield _peak(rng, shape, middle, 60.0), middle, 0.8
    while True:
        shape = rng.choice([7, 8, 9, 11]), rng.choice([7, 8, 9, 11, 13])
        middle = tuple(n // 2 + rng.randint(-1, 1) for n in shape)
        if rng.random() < 0.3:
            middle = tuple(rng.randrange(n) for n in shape)
        share = rng.choice([0.5, 0.8, 0.9, 0.95, 0.99])
        yield _peak(rng, shape, middle, rng.uniform(2, 30)), middle, share


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


def _extent(gradient, middle, share):
    """All that is not nothing: the theoretical field."""
    rows, columns = np.nonzero(gradient)
    return int(max(np.ptp(rows), np.ptp(columns))) + 1


def _above_a_part_of_the_peak(gradient, middle, share):
    rows, columns = np.nonzero(gradient >= (1 - share) * gradient.max())
    return int(max(np.ptp(rows), np.ptp(columns))) + 1


def _mean_inside(gradient, middle, share):
    """Grows along one row only."""
    return effective_square(gradient[middle[0]][None], (0, middle[1]), share)


def _near(far):
    """What is near by another distance, far(rows away, columns away), in place of a square."""

    def effective_square(gradient, middle, share):
        rows, columns = np.indices(gradient.shape)
        away = far(abs(rows - middle[0]), abs(columns - middle[1]))
        due = share * gradient.sum()
        halves = range(2 * max(gradient.shape))
        return next(2 * h + 1 for h in halves if gradient[away <= h].sum() >= due)

    return effective_square


def _about_the_centre(gradient, middle, share):
    return effective_square(gradient, tuple(n // 2 for n in gradient.shape), share)


def _outside(case: dict, got: object, due: int) -> bool:
    """Whether the right square leaves the image."""
    half = due // 2
    return any(
        place < half or place + half >= n
        for place, n in zip(case["middle"], case["gradient"].shape, strict=True)
    )


stretch = Exercise(
    name="02.effective_square",
    task=_("The width of the smallest square around a pixel that holds a given fraction of the "
           "gradient."),
    reference=effective_square,
    mistakes=(
        Mistake("half the side",
            lambda gradient, middle, share: effective_square(gradient, middle, share) // 2, _(
            "That is how far the square reaches from its middle. Its width is twice that, plus "
            "1 for the pixel in the middle.")),
        Mistake("theoretical field", _extent, _(
            "You measured everything that is not zero, which is the theoretical field. The "
            "task asks for the part that holds `share` of the sum.")),
        Mistake("threshold on the peak", _above_a_part_of_the_peak, _(
            "You kept the pixels above a fraction of the largest value. But `share` is a "
            "fraction of the sum over all pixels.")),
        Mistake("one ring too many",
            lambda gradient, middle, share: effective_square(gradient, middle, share) + 2, _(
            "Your square is one ring too large: the one before it is already enough. Does your "
            "loop go one step too far, or does your slice end too early? In `a[start : end]` "
            "the row `end` is no longer included.")),
        Mistake("squared",
            lambda gradient, middle, share: effective_square(gradient**2, middle, share), _(
            "You summed the squares of the values. The task asks for the sum of the values "
            "themselves, and squaring gives the middle even more weight.")),
        Mistake("one row", _mean_inside, _(
            "You looked along one row only. A square has rows above and below it, too.")),
        Mistake("a diamond", _near(np.add), _(
            "You add the distances in rows and columns, which makes a diamond. In a square the "
            "larger of the two counts.")),
        Mistake("a disc", _near(np.hypot), _(
            "You measure the distance as the crow flies, which makes a disc. In a square the "
            "larger of the two distances, in rows and in columns, counts.")),
        Mistake("about the largest", lambda gradient, middle, share: effective_square(
                gradient, np.unravel_index(gradient.argmax(), gradient.shape), share
            ), _(
            "Your square is centred on the pixel with the largest gradient. It should be "
            "centred on `middle`, wherever that is.")),
        Mistake("always 95 %", lambda gradient, middle, _share: effective_square(
            gradient, middle, 0.95), _(
            "You look for 95 %, whatever `share` is. Use `share` itself.")),
        Mistake("the rest", lambda gradient, middle, share: effective_square(
            gradient, middle, 1 - share), _(
            "Your square holds 1 − share of the sum. The task asks for the one that holds "
            "`share` of it.")),
        Mistake("about the centre", _about_the_centre, _(
            "Your square is around the centre of the image. It should be around `middle`, "
            "wherever that is.")),
    ),
    symptoms=(
        Symptom("an even side", lambda case, got, due: plain(got) % 2 == 0, _(
            "Your width is even. A square around a pixel reaches equally far in both "
            "directions, and the pixel itself counts, too: 2 · half + 1.")),
        Symptom("the area", lambda case, got, due: plain(got) == due**2, _(
            "That is the number of pixels in the square. The task asks for its width.")),
        Symptom("one pixel is enough", lambda case, got, due: due == 1, _(
            "It is wrong where the pixel in the middle holds the share alone. A square 1 pixel "
            "wide is a square, too.")),
        Symptom("exactly the share", lambda case, got, due: plain(got) > due
            and not _clear(**case), _(
            "It is wrong where a square holds exactly the share. That is enough, so use `>=` "
            "and not `>`.")),
        Symptom("row and column",
            lambda case, got, due: case["middle"][0] != case["middle"][1], _(
            "It is right where the row and the column of `middle` are the same number, and "
            "wrong only where they differ: `middle` is (row, column), and `gradient[row, "
            "column]` has the row first, too.")),
        Symptom("off the centre", lambda case, got, due: any(
                2 * place + 1 not in (n, n + 1)
                for place, n in zip(case["middle"], case["gradient"].shape, strict=True))
            and not _outside(case, got, due), _(
            "It is right for a pixel in the centre of the image, and wrong elsewhere: is your "
            "square centred on `middle`, its row first, then its column?")),
        Symptom("leaving the image", _outside, _(
            "It is right while the square stays inside the image, and wrong where it leaves "
            "it. There only the part inside counts for the sum. A start below 0 counts from "
            "the end in NumPy, so use `max(row - half, 0)`, and go on growing until the share "
            "is reached. The width is still 2 · half + 1.")),
        Symptom("one ring less", lambda case, got, due: plain(got) == due - 2, _(
            "Your square is one ring too small: it does not hold the share yet.")),
        Symptom("one ring more", lambda case, got, due: plain(got) == due + 2, _(
            "Where it is wrong, your square is one ring too large. Does it grow by one ring at "
            "a time, 1, 3, 5, and does your slice hold its last row and column? In `a[start : "
            "end]` the row `end` is no longer included.")),
        Symptom("too large", larger, _(
            "A smaller square around `middle` already holds the share: the sum inside it is at "
            "least `share * gradient.sum()`. Exactly as much is enough, and what a square has "
            "beyond the array counts as nothing.")),
        Symptom("too small", smaller, _(
            "Your square doesn't hold the share yet. What is it a share of? Compare the sum "
            "inside with `share * gradient.sum()`.")),
    ),
    hints=(
        _("Begin with a square 1 pixel wide. How much of the sum is in it? If that is too "
          "little, how wide is the next square?"),
        _("`gradient[row - half : row + half + 1, …]`. Take care at the border: a negative "
          "start counts from the end in NumPy, so use `max(row - half, 0)`."),
        _("`for half in range(…)`: return 2 * half + 1 as soon as inside >= share * "
          "gradient.sum()."),
    ),
    due=_("an odd whole number, the width of the square in pixels"),
    cases=gradients,
    count=70,
    specification=_by_side,
    worth=_("Your function finds the square that holds most of a gradient: where this output "
            "reacts to small changes in this image, not all that it could react to."),
)  # fmt: skip

EXERCISES = (easy, core, stretch)
