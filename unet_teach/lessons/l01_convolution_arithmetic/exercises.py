"""Lesson 01: output sizes, read forwards and backwards."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import product

from unet_teach.exercises.agreement import plain
from unet_teach.exercises.cases import not_given
from unet_teach.exercises.exercise import Exercise, Mistake, Symptom
from unet_teach.translation import _

PAPER = ((572, 3), (64, 2, 2), (388, 1))  # sizes of the paper's U-Net, as (n or m, k, s)


def _settings(case: dict) -> tuple[int, int, int, int]:
    """(k, s, p, d) of a case, its defaults filled in."""
    return case["k"], case.get("s", 1), case.get("p", 0), case.get("d", 1)


def _left_over(case: dict) -> int:
    """Pixels behind the last place of the kernel."""
    k, s, p, d = _settings(case)
    return (case["n"] + 2 * p - d * (k - 1) - 1) % s


def _only_where(name: str, default: int, hint: str) -> Symptom:
    """Wrong only where this setting is not the default."""
    return Symptom(
        f"only where {name} is not {default}",
        lambda case, got, due: case.get(name, default) != default,
        hint,
    )


ONE_SETTING = (
    _only_where("d", 1, _("It is right while d is 1. With dilation the kernel reads pixels "
                          "that are d apart, so it spans d(k − 1) + 1 pixels in all.")),
    _only_where("p", 0, _("It is right while p is 0. The padding adds p pixels on the left and "
                          "p on the right, however small the kernel is.")),
    _only_where("s", 1, _("It is right while s is 1. With a stride, ask how many steps of s "
                          "pixels fit into the pixels left to slide across, and round "
                          "down.")),
    _only_where("k", 3, _("It is right for a 3 × 3 kernel, and wrong for others. Where in your "
                          "answer is the 3, or the 2 pixels that such a kernel loses?")),
    Symptom("only where a default is changed",
        lambda case, got, due: _settings(case)[1:] != (1, 0, 1), _(
        "It is right with the defaults, s = 1, p = 0 and d = 1, and wrong only where another "
        "value is given: begin with one of them, and add the others one at a time.")),
)  # fmt: skip


# ---------------------------------------------------------------------------- easy: forwards
def conv_out(n, k, s=1, p=0, d=1):
    return (n + 2 * p - d * (k - 1) - 1) // s + 1


def places(n, k, s=1, p=0, d=1):
    """The specification: put the kernel down wherever it fits, and count."""
    first, count = 0, 0
    while first + d * (k - 1) < n + 2 * p:  # the last tap is still inside
        count, first = count + 1, first + s
    return count


def _written_out(cases: Iterator[tuple], size: int = 5) -> Iterator[tuple]:
    """Each case, and once more with its defaults written out: what is wrong in the one and
    right in the other has a wrong default."""
    for case in cases:
        yield case
        if len(case) < size:
            yield case + (1, 0, 1)[len(case) - size :]


def settings(rng: random.Random) -> Iterator[tuple]:
    """(n, k, s, p, d) at which the kernel fits; one setting at a time, then any."""
    yield from [(4, 3), (5, 3), (7, 3, 2), (8, 3, 2), (5, 3, 1, 1), (7, 3, 1, 0, 2)]
    yield from [*PAPER, (1, 1), (3, 3), (2, 2), (6, 5), (9, 4), (7, 7)]
    yield from [(10, 3, 3), (11, 3, 3), (12, 3, 3), (9, 1, 2), (8, 2, 5), (1, 1, 3)]
    yield 512, 7, 4
    yield from [(4, 3, 1, 0), (4, 3, 1, 3), (1, 3, 1, 1), (2, 5, 1, 2), (5, 1, 1, 2)]
    yield from [(9, 3, 1, 0, 1), (9, 3, 1, 0, 3), (7, 2, 1, 0, 3), (9, 4, 1, 0, 2)]
    yield 6, 1, 1, 0, 4
    while True:
        k, s = rng.randint(1, 7), rng.choice([1, 1, 1, 2, 3, 4, 5])
        p, d = rng.choice([0, 0, 0, 1, 2, 4]), rng.choice([1, 1, 1, 2, 3])
        n = max(1, d * (k - 1) + 1 - 2 * p) + rng.randint(0, 30)
        yield (n, k, s, p, d)[: rng.choice([2, 3, 4, 5, 5, 5])] if n > k else (n, k, s, p, d)


forwards = Exercise(
    name="01.conv_out",
    task=_("Return the output size of a convolution from n, k, s, p and d."),
    reference=conv_out,
    mistakes=(
        Mistake("without the one",
            lambda n, k, s=1, p=0, d=1: (n + 2 * p - d * (k - 1) - 1) // s, _(
            "You counted the steps, not the places: after three steps the kernel has been at "
            "four places. Something has to be added at the end.")),
        Mistake("rounded up",
            lambda n, k, s=1, p=0, d=1: (n + 2 * p - d * (k - 1) + s - 2) // s + 1, _(
            "You round up. A last step that doesn't fit isn't taken: round down with `//`.")),
        Mistake("padded on one side",
            lambda n, k, s=1, p=0, d=1: (n + p - d * (k - 1) - 1) // s + 1, _(
            "The padding p is added on both sides: it counts twice.")),
        Mistake("padding taken off",
            lambda n, k, s=1, p=0, d=1: (n - 2 * p - d * (k - 1) - 1) // s + 1, _(
            "You subtract the padding, but it makes the input larger before the kernel moves, "
            "so add it.")),
        Mistake("without dilation", lambda n, k, s=1, p=0, d=1: (n + 2 * p - k) // s + 1, _(
            "This is right while d is 1. With dilation the kernel spans d(k − 1) + 1 pixels, "
            "not k.")),
        Mistake("dilated kernel too long",
            lambda n, k, s=1, p=0, d=1: (n + 2 * p - d * k) // s + 1, _(
            "From the first of k pixels to the last there are k − 1 steps, so the kernel spans "
            "d(k − 1) + 1 pixels, not dk.")),
        Mistake("without stride", lambda n, k, s=1, p=0, d=1: n + 2 * p - d * (k - 1), _(
            "This is right while s is 1. With stride s the kernel moves s pixels at a time, so "
            "there are fewer places. Divide the pixels left to slide across by s, and round "
            "down.")),
        Mistake("always two less", lambda n, k, s=1, p=0, d=1: n - 2, _(
            "You take off 2 pixels whatever the kernel is. That is right for a 3 × 3 kernel "
            "without padding, as in the paper; k, s, p and d change it.")),
    ),
    symptoms=(
        *map(not_given, "spd"),
        Symptom("a fraction", lambda case, got, due: float(plain(got)) % 1 != 0, _(
            "There are only whole places. Where the stride doesn't fit evenly, round the "
            "number of steps down, with `//`.")),
        Symptom("rounded up at times",
            lambda case, got, due: _left_over(case) > 0 and plain(got) == due + 1, _(
            "Where pixels are left over after the last step, your answer is 1 too large: a "
            "step that does not fit is not taken, so round down, with `//`.")),
        *ONE_SETTING,
        Symptom("one too many", lambda case, got, due: plain(got) == due + 1, _(
            "Where it is wrong, it is too large by 1. The kernel spans d(k − 1) + 1 pixels, "
            "with the 1, and the first place counts once.")),
        Symptom("one too few", lambda case, got, due: plain(got) == due - 1, _(
            "Where it is wrong, it is too small by 1: do you count the first place, and the "
            "last one that still fits?")),
    ),
    hints=(
        _("At stride 1: at which pixels can the kernel begin, and at which does it no longer "
          "fit?"),
        _("The kernel spans d(k − 1) + 1 pixels, the padded input n + 2p. The difference is "
          "how far the kernel can slide, in steps of s."),
        _("The kernel takes (n + 2p − (d(k − 1) + 1)) // s steps, and it fits at one place "
          "more than that."),
    ),
    due=_("a whole number (int)"),
    cases=lambda rng: _written_out(settings(rng)),
    count=110,
    specification=places,
    worth=_("With this line and a second one, for up-convolutions, you can compute every size "
            "in the paper's figure, from 572 to 388."),
)  # fmt: skip


# --------------------------------------------------------------------------- core: backwards
def inputs_for(m, k, s=1, p=0, d=1):
    smallest = (m - 1) * s + d * (k - 1) + 1 - 2 * p
    return [n for n in range(smallest, smallest + s) if n >= 1]


def by_trying(m, k, s=1, p=0, d=1):
    """The specification: try every n."""
    return [n for n in range(1, (m + 1) * s + d * k + 1) if places(n, k, s, p, d) == m]


def outputs(rng: random.Random) -> Iterator[tuple]:
    """(m, k, s, p, d); one setting at a time, then any. Twice no n gives m."""
    yield from [(3, 3), (3, 3, 2), (4, 2, 2), (3, 3, 2, 1), (2, 3, 3, 2), (1, 1, 4, 2)]
    yield from [(1, 1), (1, 3), (2, 2), (5, 4), (25, 7), (388, 3), (40, 1), (13, 5)]
    yield from [(28, 2, 2), (1, 3, 2), (1, 2, 5), (120, 3, 3), (15, 1, 4), (75, 5, 4)]
    yield from [(4, 3, 1, 0), (3, 3, 1, 1), (6, 5, 1, 2), (9, 1, 1, 4), (5, 3, 1, 2)]
    yield 50, 3, 1, 1
    yield from [(4, 3, 1, 0, 1), (3, 3, 1, 0, 2), (1, 4, 1, 0, 3), (30, 3, 1, 0, 4)]
    yield 7, 2, 1, 0, 2
    yield from [(1, 1, 3, 1), (1, 3, 4, 2), (2, 1, 5, 3), (2, 1, 1, 3), (3, 2, 1, 4)]
    for s, p, d in product((1, 2, 3), (0, 1, 3), (1, 2)):
        yield rng.randint(3, 9), rng.randint(2, 5), s, p, d
    while True:
        k, s, d = rng.randint(1, 6), rng.choice([1, 1, 2, 3, 4, 5]), rng.choice([1, 1, 2, 3])
        p, m = rng.choice([0, 0, 1, 2, 4]), rng.choice([1, 2, rng.randint(3, 12), 60])
        if inputs_for(m, k, s, p, d):
            yield (m, k, s, p, d)[: rng.choice([3, 4, 5, 5])] if p == 0 else (m, k, s, p, d)


def _range(first: Callable, last: Callable) -> Callable:
    """A wrong `inputs_for` with other ends."""

    def inputs_for(m, k, s=1, p=0, d=1):
        ends = (m - 1) * s + d * (k - 1) + 1 - 2 * p, s
        return list(range(first(*ends), last(*ends)))

    return inputs_for


def _sizes(got: object) -> list:
    return [plain(n) for n in plain(got)]


def _in_a_row(got: object, due: list) -> bool:
    """As many as are due, and moved by one number."""
    return len({one - other for one, other in zip(_sizes(got), due, strict=True)}) == 1


backwards = Exercise(
    name="01.inputs_for",
    task=_("List every input size n from which a convolution returns m."),
    reference=inputs_for,
    mistakes=(
        Mistake("smallest only",
            _range(lambda low, s: max(low, 1), lambda low, s: max(low, 1) + 1), _(
            "That is one of them. Rounding down gives several inputs the same output when s > "
            "1. How many?")),
        Mistake("one too many",
            _range(lambda low, s: max(low, 1), lambda low, s: low + s + 1), _(
            "The last one already leads to m + 1: there are s sizes, not s + 1.")),
        Mistake("sizes below one", _range(lambda low, s: low, lambda low, s: low + s), _(
            "Some of your sizes are 0 or negative. Padding alone doesn't make an image, so n "
            "is at least 1.")),
        Mistake("padding forgotten", lambda m, k, s=1, p=0, d=1: inputs_for(m, k, s, 0, d), _(
            "You solved for the padded input, n + 2p. Take the padding off again.")),
        Mistake("padding added", lambda m, k, s=1, p=0, d=1: inputs_for(m, k, s, -p, d), _(
            "You add the padding, but the input may be smaller by 2p, because the zeros make "
            "up for it.")),
        Mistake("without dilation", lambda m, k, s=1, p=0, d=1: inputs_for(m, k, s, p), _(
            "This is right while d is 1. With dilation the kernel spans d(k − 1) + 1 pixels, "
            "not k.")),
        Mistake("m steps", lambda m, k, s=1, p=0, d=1: inputs_for(m + 1, k, s, p, d), _(
            "You let the kernel take m steps. For m places it takes m − 1 steps.")),
        Mistake("forwards", lambda m, k, s=1, p=0, d=1: [conv_out(m, k, s, p, d)], _(
            "That is the output size for an input of m. The task asks the other way round: "
            "which inputs does a convolution turn into m?")),
        Mistake("s sizes whatever they are",
            _range(lambda low, s: max(low, 1), lambda low, s: max(low, 1) + s), _(
            "Where the smallest size would be below 1, you begin at 1 and still list s sizes. "
            "The largest one stays where it is: (m − 1)s + d(k − 1) − 2p + s.")),
    ),
    symptoms=(
        Symptom("one at most", lambda case, got, due: len(_sizes(got)) == 1 != len(due), _(
            "You always list a single size. Rounding down gives several inputs the same output "
            "when s > 1. How many? And with much padding there may be none.")),
        *map(not_given, "spd"),
        Symptom("below one",
            lambda case, got, due: [n for n in _sizes(got) if n >= 1] == due, _(
            "Some of your sizes are 0 or negative. Padding alone doesn't make an image, so n "
            "is at least 1.")),
        Symptom("the ends",
            lambda case, got, due: bool(due) and _sizes(got) == [due[0], due[-1]], _(
            "You list the smallest and the largest size. The task asks for all those in "
            "between, too, each once.")),
        Symptom("falling", lambda case, got, due: sorted(_sizes(got)) == due, _(
            "All the sizes are there; they should be in ascending order.")),
        Symptom("where there is none", lambda case, got, due: not due, _(
            "With that much padding the output for n = 1 is already larger than m. Then the "
            "list is empty.")),
        Symptom("the kernel has to fit", lambda case, got, due: case["m"] == 1
            and set(_sizes(got)) > set(due), _(
            "For m = 1 you list sizes in which the kernel does not fit at all: the padded "
            "input is smaller than d(k − 1) + 1. `int` rounds −0.5 up to 0; `//` rounds "
            "down.")),
        Symptom("too many", lambda case, got, due: set(_sizes(got)) > set(due), _(
            "The right sizes are there, but so are others that don't lead to m. There are at "
            "most s of them: put your first and your last one into `conv_out`.")),
        Symptom("too few", lambda case, got, due: set(_sizes(got)) < set(due), _(
            "All that you list is right, but some are missing. There are s of them in a row, "
            "without those below 1: does your search begin, or end, too early?")),
        Symptom("moved", lambda case, got, due: case.get("p", 0) == 0 and case.get("d", 1) == 1
            and _in_a_row(got, due) and len(due) == case.get("s", 1), _(
            "There are as many sizes as there should be, but they are too large or too small. "
            "Put one of them into `conv_out`: does it return m?")),
        *ONE_SETTING,
        Symptom("none of them", lambda case, got, due: not set(_sizes(got)) & set(due), _(
            "Where it is wrong, none of your sizes leads to m. Put one of them into "
            "`conv_out`, and compare.")),
    ),
    hints=(
        _("Read the formula from right to left: which values of the fraction does rounding "
          "down turn into m − 1?"),
        _("(n + 2p − d(k − 1) − 1) must be at least (m − 1)s and less than ms: s whole "
          "numbers in a row."),
        _("The smallest is (m − 1)s + d(k − 1) + 1 − 2p. List s of them from there, and leave "
          "out what is below 1."),
    ),
    due=_("a list of whole numbers, in ascending order"),
    cases=lambda rng: _written_out(outputs(rng)),
    count=110,
    specification=by_trying,
    worth=_("Lesson 07 asks this for a whole U-Net: which images go through without a pixel "
            "being lost at some pooling."),
)  # fmt: skip


# ---------------------------------------------------------------- stretch: padding for "same"
def same_padding(k, d=1):
    total = d * (k - 1)
    return total // 2, total - total // 2


def by_trying_pads(k, d=1):
    """The specification: the most even pair that keeps ten sizes as they are."""
    pairs = [(a, b) for a in range(d * k) for b in (a, a + 1)]
    keeps = [
        (a, b) for a, b in pairs if all(n + a + b - d * (k - 1) == n for n in range(9, 19))
    ]
    return keeps[0]


def kernels(rng: random.Random) -> Iterator[tuple]:
    """(k, d)."""
    yield from [(3,), (5,), (2,), (4,), (3, 2), (2, 2), (4, 3), (1,), (3, 1), (4, 1), (1, 5)]
    yield from [(2, 1), (2, 3), (2, 6), (4, 2), (6, 4), (7,), (11,), (12,), (31, 5), (64, 7)]
    while True:
        yield (rng.randint(1, 12), rng.randint(1, 6))[: rng.choice([1, 2, 2])]


def _pair(got: object) -> tuple[float, float]:
    left, right = (plain(side) for side in plain(got))
    return left, right


def _lost(case: dict) -> int:
    return case.get("d", 1) * (case["k"] - 1)


same = Exercise(
    name="01.same_padding",
    task=_("Return the zeros to the left and to the right that keep the size at stride 1."),
    reference=same_padding,
    mistakes=(
        Mistake("half the kernel", lambda k, d=1: (k // 2, k // 2), _(
            "k // 2 on both sides is the rule for odd k without dilation. For k = 2 it adds 2 "
            "pixels where 1 is lost.")),
        Mistake("without dilation", lambda k, d=1: same_padding(k), _(
            "It is right while d is 1. With dilation the kernel spans more, and more is "
            "lost.")),
        Mistake("odd one left", lambda k, d=1: same_padding(k, d)[::-1], _(
            "The sum is right. Where it is odd, torch puts the zero that is left over on the "
            "right, and so do we.")),
        Mistake("all on each side", lambda k, d=1: (d * (k - 1), d * (k - 1)), _(
            "That is what is lost in all. Divide it between the left and the right end.")),
        Mistake("rounded down twice", lambda k, d=1: (d * (k - 1) // 2, d * (k - 1) // 2), _(
            "Where an odd number is lost, your two halves add up to one too few.")),
        Mistake("one for every even kernel",
            lambda k, d=1: (d * (k - 1) // 2, d * (k - 1) // 2 + (k + 1) % 2), _(
            "One more on the right for every even k is one too many where d is even, too: what "
            "counts is whether d(k − 1), the sum, is odd.")),
    ),
    symptoms=(
        Symptom("one side only",
            lambda case, got, due: 0 in _pair(got) and sum(_pair(got)) == _lost(case), _(
            "The sum is right, but all zeros are on one side: divide them between left and "
            "right.")),
        Symptom("fractions", lambda case, got, due: any(side % 1 for side in _pair(got)), _(
            "You can't add half a zero. Where an odd number of pixels is lost, the right end "
            "gets the zero that is left over.")),
        Symptom("the sum is right", lambda case, got, due: sum(_pair(got)) == _lost(case), _(
            "The sum is right, but not how it is divided: left and right get the same, and "
            "where the sum is odd, the right side gets the one that is left over.")),
        not_given("d"),
        Symptom("dilation", lambda case, got, due: case.get("d", 1) != 1, _(
            "It is right while d is 1. With dilation the kernel spans d(k − 1) + 1 pixels: how "
            "many are lost at stride 1?")),
        Symptom("even kernels", lambda case, got, due: case["k"] % 2 == 0, _(
            "It is right for odd k. A convolution with an even k loses an odd number of pixels "
            "(as long as d is odd), so the two ends can't get the same number of zeros.")),
        Symptom("too many", lambda case, got, due: sum(_pair(got)) > _lost(case), _(
            "Your zeros are more than what is lost: set p = 0 and s = 1 in the formula of "
            "exercise 1. How much smaller than n is the result?")),
        Symptom("too few", lambda case, got, due: sum(_pair(got)) < _lost(case), _(
            "Your zeros are fewer than what is lost: set p = 0 and s = 1 in the formula of "
            "exercise 1. How much smaller than n is the result?")),
    ),
    hints=(
        _("How many pixels does a convolution lose at stride 1? Set p = 0 in the formula."),
        _("It loses d(k − 1) pixels. Divide this number between the left and the right end. "
          "What happens if it is odd?"),
        _("left = d(k − 1) // 2, and right is the rest of d(k − 1)."),
    ),
    due=_("a pair (left, right) of whole numbers"),
    cases=lambda rng: _written_out(kernels(rng), size=2),
    count=60,
    specification=by_trying_pads,
    worth=_("This is what `padding=\"same\"` means: every layer keeps its size, and at the "
            "edges of the image the kernel looks at zeros. Lesson 13 shows what that does."),
)  # fmt: skip

EXERCISES = (forwards, backwards, same)
