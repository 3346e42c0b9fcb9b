"""Lesson 01: output sizes, read forwards and backwards."""

from __future__ import annotations

import random
from collections.abc import Iterator

from unet_teach.checks.exercise import Exercise, Mistake
from unet_teach.translation import _


# ---------------------------------------------------------------------------- easy: forwards
def conv_out(n, k, s=1, p=0, d=1):
    return (n + 2 * p - d * (k - 1) - 1) // s + 1


def places(n, k, s=1, p=0, d=1):
    """The specification: put the kernel down wherever it fits, and count."""
    first, count = 0, 0
    while first + d * (k - 1) < n + 2 * p:  # the last tap is still inside
        count, first = count + 1, first + s
    return count


def settings(rng: random.Random) -> Iterator[tuple]:
    """(n, k, s, p, d) at which the kernel fits."""
    yield from [(4, 3), (5, 3), (7, 3, 2), (8, 3, 2), (5, 3, 1, 1), (7, 3, 1, 0, 2)]
    while True:
        k, s, p, d = rng.randint(1, 7), rng.randint(1, 5), rng.randint(0, 4), rng.randint(1, 3)
        least = max(1, d * (k - 1) + 1 - 2 * p)
        yield least + rng.randint(0, 30), k, s, p, d


forwards = Exercise(
    name="01.conv_out",
    task=_("Give the output size of a convolution from n, k, s, p and d."),
    reference=conv_out,
    mistakes=(
        Mistake(
            "without the one", lambda n, k, s=1, p=0, d=1: (n + 2 * p - d * (k - 1) - 1) // s,
            _("You counted the steps, not the places: three steps along a line stand on four "
              "places. Something has to be added at the end."),
        ),
        Mistake(
            "rounded up",
            lambda n, k, s=1, p=0, d=1: (n + 2 * p - d * (k - 1) + s - 2) // s + 1,
            _("You round up. A last step that does not fit is not taken: floor, so `//`."),
        ),
        Mistake(
            "one side padded", lambda n, k, s=1, p=0, d=1: (n + p - d * (k - 1) - 1) // s + 1,
            _("The padding p stands on both sides: it counts twice."),
        ),
        Mistake(
            "without dilation", lambda n, k, s=1, p=0, d=1: (n + 2 * p - k) // s + 1,
            _("Right while d is 1. With dilation the kernel spans d(k − 1) + 1 pixels, not k."),
        ),
        Mistake(
            "dilated kernel too long", lambda n, k, s=1, p=0, d=1: (n + 2 * p - d * k) // s + 1,
            _("Between k taps there are k − 1 gaps: the kernel spans d(k − 1) + 1, not dk."),
        ),
    ),
    hints=(
        _("At stride 1: where can the first tap of the kernel stand, and where not any more?"),
        _("The kernel spans d(k − 1) + 1 pixels, the padded input n + 2p. What is left over "
          "is the way that the kernel can go, in steps of s."),
        _("Steps: (n + 2p − (d(k − 1) + 1)) // s. Places: one more."),
    ),
    due=_("a whole number (int)"),
    cases=settings,
    count=60,
    specification=places,
)  # fmt: skip


# --------------------------------------------------------------------------- core: backwards
def inputs_for(m, k, s=1, p=0, d=1):
    smallest = (m - 1) * s + d * (k - 1) + 1 - 2 * p
    return [n for n in range(smallest, smallest + s) if n >= 1]


def by_trying(m, k, s=1, p=0, d=1):
    """The specification: try every n."""
    return [n for n in range(1, 400) if places(n, k, s, p, d) == m]


def outputs(rng: random.Random) -> Iterator[tuple]:
    """(m, k, s, p, d) that at least one n gives."""
    yield from [(3, 3), (3, 3, 2), (4, 2, 2), (3, 3, 2, 1), (2, 3, 3, 2), (1, 1, 4, 2)]
    while True:
        k, s, d = rng.randint(1, 6), rng.randint(1, 5), rng.randint(1, 3)
        p, m = rng.randint(0, 4), rng.randint(1, 12)
        if inputs_for(m, k, s, p, d):
            yield m, k, s, p, d


def _range(first, last):
    """A wrong `inputs_for` with other ends."""

    def inputs_for(m, k, s=1, p=0, d=1):
        ends = (m - 1) * s + d * (k - 1) + 1 - 2 * p, s
        return list(range(first(*ends), last(*ends)))

    return inputs_for


backwards = Exercise(
    name="01.inputs_for",
    task=_("List every input size n from which a convolution gives m."),
    reference=inputs_for,
    mistakes=(
        Mistake(
            "smallest only", _range(lambda low, s: max(low, 1), lambda low, s: max(low, 1) + 1),
            _("That is one of them. Floor gives several inputs the same output when s > 1: "
              "how many?"),
        ),
        Mistake(
            "one too many", _range(lambda low, s: max(low, 1), lambda low, s: low + s + 1),
            _("The last one already gives m + 1: there are s sizes, not s + 1."),
        ),
        Mistake(
            "sizes below one", _range(lambda low, s: low, lambda low, s: low + s),
            _("Some of your sizes are 0 or negative. Padding alone is no image: n ≥ 1."),
        ),
        Mistake(
            "padding forgotten",
            lambda m, k, s=1, p=0, d=1: inputs_for(m, k, s, 0, d),
            _("You solved for the padded input, n + 2p. Take the padding off again."),
        ),
        Mistake(
            "m steps", lambda m, k, s=1, p=0, d=1: inputs_for(m + 1, k, s, p, d),
            _("You let the kernel take m steps. On m places stand m − 1 steps."),
        ),
    ),
    hints=(
        _("Read the formula from right to left: which values of the fraction does floor turn "
          "into m − 1?"),
        _("(n + 2p − d(k − 1) − 1) must be at least (m − 1)s and less than ms: s whole "
          "numbers in a row."),
        _("The smallest is (m − 1)s + d(k − 1) + 1 − 2p. List s of them from there, and leave "
          "out what is below 1."),
    ),
    due=_("a list of whole numbers, in rising order"),
    cases=outputs,
    count=60,
    specification=by_trying,
)  # fmt: skip


# ---------------------------------------------------------------- stretch: padding for "same"
def same_padding(k, d=1):
    total = d * (k - 1)
    return total // 2, total - total // 2


def by_trying_pads(k, d=1):
    """The specification: the most even pair that keeps ten sizes as they are."""
    pairs = [(a, b) for a in range(40) for b in (a, a + 1)]
    keeps = [
        (a, b) for a, b in pairs if all(n + a + b - d * (k - 1) == n for n in range(9, 19))
    ]
    return keeps[0]


def kernels(rng: random.Random) -> Iterator[tuple]:
    """(k, d)."""
    yield from [(3,), (5,), (2,), (4,), (3, 2), (2, 2), (4, 3)]
    while True:
        yield rng.randint(1, 12), rng.randint(1, 6)


same = Exercise(
    name="01.same_padding",
    task=_("Give the zeros to the left and to the right that keep the size at stride 1."),
    reference=same_padding,
    mistakes=(
        Mistake(
            "half the kernel", lambda k, d=1: (k // 2, k // 2),
            _("k // 2 on both sides is the rule for odd k without dilation. For k = 2 it adds "
              "2 pixels where 1 is lost."),
        ),
        Mistake(
            "without dilation", lambda k, d=1: same_padding(k),
            _("Right while d is 1. With dilation the kernel spans more, and more is lost."),
        ),
        Mistake(
            "odd one left", lambda k, d=1: same_padding(k, d)[::-1],
            _("The sum is right. Where it is odd, torch puts the zero that is left over on the "
              "right, and so do we."),
        ),
        Mistake(
            "all on each side", lambda k, d=1: (d * (k - 1), d * (k - 1)),
            _("That is what is lost in all; it has to be shared by the two sides."),
        ),
        Mistake(
            "rounded down twice", lambda k, d=1: (d * (k - 1) // 2, d * (k - 1) // 2),
            _("Where an odd number is lost, your two halves add up to one too few."),
        ),
    ),
    hints=(
        _("How many pixels does a convolution lose at stride 1? Set p = 0 in the formula."),
        _("It loses d(k − 1). Share that by two sides; what if it is odd?"),
        _("left = d(k − 1) // 2, and right is what is left of d(k − 1)."),
    ),
    due=_("a pair (left, right) of whole numbers"),
    cases=kernels,
    specification=by_trying_pads,
)  # fmt: skip

EXERCISES = (forwards, backwards, same)
