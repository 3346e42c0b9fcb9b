"""Lesson 06: tied weights, what each merge costs, a fair pair."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import torch

from unet_teach.exercises.agreement import agree, as_array, close, plain
from unet_teach.exercises.cases import noise
from unet_teach.exercises.exercise import Exercise, Mistake, Symptom
from unet_teach.lessons.l06_concat_or_add.price import parameters
from unet_teach.translation import _


# ------------------------------------------------------------------------- easy: tied weights
def tied(weight):
    return torch.cat([weight, weight], dim=1)


def _entry_by_entry(weight):
    """The specification: channel c of both maps gets the same kernel."""
    out, channels, height, width = weight.shape
    both = weight.new_empty(out, 2 * channels, height, width)
    for channel in range(channels):
        both[:, channel] = weight[:, channel]  # meets the skip
        both[:, channels + channel] = weight[:, channel]  # meets the map from below
    return both


def weights(rng: random.Random) -> Iterator[tuple]:
    """Kernels (O, C, k, k): whole numbers, one channel and more, one output and more."""
    yield (torch.arange(1.0, 3.0).view(1, 2, 1, 1),)
    yield (torch.arange(1.0, 5.0).view(2, 2, 1, 1),)
    fixed = random.Random(6)
    for out, channels in ((1, 1), (1, 3), (3, 1), (2, 3), (3, 2), (4, 4)):
        for k in (1, 2, 3):
            yield (noise(fixed, out, channels, k, k),)
    while True:
        k = rng.choice((1, 2, 3, 5))
        yield (noise(rng, rng.randint(1, 4), rng.randint(2, 5), k, k),)


def _halves(weight) -> list[np.ndarray]:
    weight = as_array(weight)
    return [weight[:, : weight.shape[1] // 2], weight[:, weight.shape[1] // 2 :]]


def _one_output(case, got, due):
    got = as_array(got)
    return got.shape[0] == 1 < due.shape[0] or close(got[0], as_array(due)[0]).all()


def _axes_swapped(case, got, due):
    got = as_array(got).swapaxes(0, 1)
    return got.shape == tuple(due.shape) and close(got, as_array(due)).all()


def _half_is_right(which):
    def shows(case, got, due):
        return close(_halves(got)[which], as_array(case["weight"])).all()

    return shows


def _other_sum(case, got, due):
    """The halves together are not twice the weight: wrong where a and b are equal."""
    first, second = _halves(got)
    return not close(first + second, 2 * as_array(case["weight"])).all()


easy = Exercise(
    name="06.tied",
    task=_("Turn the weight of conv(a + b) into that of a conv(concat(a, b)) that computes "
           "the same."),
    reference=tied,
    mistakes=(
        Mistake("halved", lambda weight: torch.cat([weight, weight], 1) / 2, _(
            "That computes half of it. conv(a + b) is conv(a) + conv(b), each with the whole "
            "weight.")),
        Mistake("interleaved", lambda weight: weight.repeat_interleave(2, dim=1), _(
            "Your copies alternate: first channel, first channel, second, second. But the "
            "concatenation brings all channels of a, then all of b.")),
        Mistake("only the skip",
            lambda weight: torch.cat([weight, torch.zeros_like(weight)], 1), _(
            "All your weights for b are 0, but a + b needs both maps.")),
        Mistake("a minus b", lambda weight: torch.cat([weight, -weight], 1), _(
            "That computes conv(a − b).")),
        Mistake("mirrored", lambda weight: torch.cat([weight, weight.flip(1)], 1), _(
            "The channels of b are in the wrong order: channel c of b belongs to channel c of "
            "a.")),
    ),
    hints=(
        _("A convolution is linear: what is conv(a + b), written with conv(a) and conv(b)?"),
        _("The concatenation has all channels of a, then all of b. Which kernel does channel c "
          "of b need?"),
        _("The same as channel c of a: torch.cat([weight, weight], dim=1)."),
    ),
    due=_("a tensor (O, 2C, k, k)"),
    cases=weights,
    symptoms=(
        Symptom("one output", _one_output, _(
            "The first output channel is right, but the others are not: all O of them need "
            "their kernels.")),
        Symptom("axes swapped", _axes_swapped, _(
            "The numbers are right, but the first two axes have changed places. A convolution "
            "has its outputs in axis 0 and its inputs in axis 1.")),
        Symptom("other shape",
            lambda case, got, due: as_array(got).shape != tuple(due.shape), _(
            "Only one axis grows, from (O, C, k, k) to (O, 2C, k, k): axis 1, the input "
            "channels. The number of outputs and the size of the kernels stay as they are.")),
        Symptom("b is wrong", _half_is_right(0), _(
            "The first C channels, which meet a, are right. But the other C, which meet b, are "
            "not: channel c of b needs the same kernel as channel c of a.")),
        Symptom("a is wrong", _half_is_right(1), _(
            "The last C channels, which meet b, are right. The first C, which meet a, are not: "
            "a needs the same kernels as b.")),
        Symptom("other sum", _other_sum, _(
            "Try it with a = b: then conv(a + b) is conv(2a), so the kernels for a and those "
            "for b have to sum to twice `weight`. Yours do not.")),
    ),
    worth=_("So a concatenating network can do all that an adding one does: it only has to "
            "learn the same kernels for both maps."),
    specification=_entry_by_entry,
)  # fmt: skip


# -------------------------------------------------------------------------- core: what it costs
def costs(channels, n, k=3):
    concat = 2 * channels * channels * k * k + channels, 2 * channels * n * n
    add = channels * channels * k * k + channels, channels * n * n
    return {"concat": concat, "add": add}


def _measured(channels, n, k=3):
    """The specification: build both, and count."""
    a = b = torch.zeros(1, channels, n, n)
    found = {}
    for name, joined in {"concat": torch.cat([a, b], 1), "add": a + b}.items():
        conv = torch.nn.Conv2d(joined.shape[1], channels, k)
        found[name] = sum(p.numel() for p in conv.parameters()), joined.numel()
    return found


def merges(rng: random.Random) -> Iterator[tuple]:
    """(channels, n, k), k also left out."""
    yield from [(1, 2, 1), (2, 3, 1), (2, 4), (64, 392)]
    yield from [(1, 1), (1, 7), (5, 1, 3), (4, 1, 2), (3, 3, 3), (7, 2, 7), (6, 6, 1), (9, 5)]
    yield from [(16, 10, 2), (10, 16, 4), (512, 56, 3), (1024, 28, 1), (3, 20, 5), (8, 2, 5)]
    while True:
        yield rng.randint(1, 40), rng.randint(1, 60), rng.choice((1, 2, 3, 5))


def _wrong_costs(parameters, numbers):
    """`costs` with other formulas of (joined channels, channels, n, k)."""

    def costs(channels, n, k=3):
        return {
            name: (parameters(joined, channels, n, k), numbers(joined, channels, n, k))
            for name, joined in (("concat", 2 * channels), ("add", channels))
        }

    return costs


def _map(joined, channels, n, k):
    return joined * n * n


def _conv(joined, channels, n, k):
    return joined * channels * k * k + channels


def _pairs(got, due):
    """For both merges: what is due and what was got, (parameters, numbers)."""
    return [(plain(got[name]), due[name]) for name in ("concat", "add")]


def _pair_swapped(case, got, due):
    return all(not agree(pair[::-1], right) for pair, right in _pairs(got, due))


def _by_biases(case, got, due):
    return all(
        (one - other) % case["channels"] == 0
        and abs(one - other) <= 2 * case["channels"]
        and numbers == right
        for (one, numbers), (other, right) in _pairs(got, due)
    )


def _only(which):
    """Only the parameters (0) or only the numbers (1) are wrong."""

    def shows(case, got, due):
        return all(pair[1 - which] == right[1 - which] for pair, right in _pairs(got, due))

    return shows


core = Exercise(
    name="06.costs",
    task=_("For both merges: parameters of the next convolution, numbers in the joined map."),
    reference=costs,
    mistakes=(
        Mistake("without biases", _wrong_costs(lambda j, c, n, k: j * c * k * k, _map), _(
            "The parameters lack the biases: one for each output channel.")),
        Mistake("output doubled, too",
            _wrong_costs(lambda j, c, n, k: j * j * k * k + j, _map), _(
            "You doubled the output of the convolution as well. It has `channels` outputs in "
            "both cases: only its input is wider.")),
        Mistake("no kernel", _wrong_costs(lambda j, c, n, k: j * c + c, _map), _(
            "Each pair of channels has k × k weights, not one.")),
        Mistake("map without area", _wrong_costs(_conv, lambda j, c, n, k: j * n), _(
            "A map has n × n numbers for each channel.")),
        Mistake("two maps for add", lambda channels, n, k=3: {**costs(channels, n, k), "add": (
            costs(channels, n, k)["add"][0], 2 * channels * n * n)}, _(
            "The sum of two maps is one map: addition makes no new channels.")),
    ),
    hints=(
        _("How many channels enter the next convolution in each case, and how many leave it?"),
        _("A convolution has in · out · k · k weights and `out` biases; a map has "
          "channels · n · n numbers."),
        _("concat: (2C · C · k² + C, 2C · n²). For add, C in place of 2C."),
    ),
    due=_('a dictionary {"concat": (parameters, numbers), "add": (parameters, numbers)}'),
    cases=merges,
    symptoms=(
        Symptom("merges swapped",
            lambda case, got, due: not agree({"concat": got["add"], "add": got["concat"]}, due),
            _('The numbers are right, but those of "concat" and of "add" have changed '
              'places.')),
        Symptom("pairs swapped", _pair_swapped, _(
            "The numbers are right, but in each pair the parameters come first and the numbers "
            "of the joined map second.")),
        Symptom("biases", _by_biases, _(
            "Your parameters are off by the biases. There is one bias for each **output** "
            "channel, and the convolution has `channels` of them with both merges.")),
        Symptom("3 for every k", lambda case, got, due: case.get("k", 3) != 3, _(
            "It is right where k is 3, and wrong only where it is not: each pair of channels "
            "has k · k weights.")),
        Symptom("only the parameters", _only(0), _(
            "The joined maps are right, but the parameters are not. The convolution has in · "
            "out · k · k weights and `out` biases: `in` is 2 · channels after a concatenation "
            "and channels after an addition, `out` is channels in both cases.")),
        Symptom("only the numbers", _only(1), _(
            "The parameters are right, but the joined maps are not. Count the numbers in the "
            "map that goes **into** the convolution: its channels times n · n.")),
    ),
    worth=_("Now you can read off what a merge costs at any level: parameters where there are "
            "many channels, memory where the maps are large."),
    specification=_measured,
)  # fmt: skip


# ------------------------------------------------------------------------ stretch: a fair pair
def matched(base, depth):
    target = parameters("concat", base, depth)
    candidates = range(1, 2 * base + 2)
    return min(candidates, key=lambda b: abs(parameters("add", b, depth) - target))


def bases(rng: random.Random) -> Iterator[tuple]:
    """(base channels of the concatenating network, depth); small ones where it is deep, so
    that also those who build and count all candidates are done in time."""
    yield from [(2, 2), (4, 1), (8, 2), (18, 3), (12, 4)]
    yield from [(2, 1), (3, 1), (16, 1), (33, 1), (6, 2), (15, 2), (24, 2)]
    yield from [(5, 3), (8, 3), (11, 3), (16, 3), (4, 4), (7, 4), (3, 5), (6, 5)]
    while True:
        depth = rng.randint(1, 5)
        yield rng.randint(2, (40, 26, 18, 12, 6)[depth - 1]), depth


def _at_most(base, depth):
    target = parameters("concat", base, depth)
    fits = [b for b in range(1, 2 * base + 2) if parameters("add", b, depth) <= target]
    return max(fits)


def _by_ratio(base, depth):
    ratio = parameters("concat", base, depth) / parameters("add", base, depth)
    return round(base * ratio)


def _on_the_other_side(case, got, due):
    """The neighbour of the right one, with the goal between both."""
    goal = parameters("concat", case["base"], case["depth"])
    sides = {parameters("add", int(base), case["depth"]) < goal for base in (got, due)}
    return abs(got - due) == 1 and sides == {True, False}


stretch = Exercise(
    name="06.matched",
    task=_("Find the base channels that bring an adding U-Net nearest to a concatenating one."),
    reference=matched,
    mistakes=(
        Mistake("the same base", lambda base, depth: base, _(
            "With the same base the adding network has about a tenth fewer parameters: that is "
            "the unfair pair.")),
        Mistake("the largest below", _at_most, _(
            "You take the largest network that has no more parameters than the goal. But the "
            "nearest may have more, so compare the distances.")),
        Mistake("the smallest above", lambda base, depth: _at_most(base, depth) + 1, _(
            "You take the first network that has more parameters than the goal. But the "
            "nearest may have fewer, so compare the distances.")),
        Mistake("by the ratio", _by_ratio, _(
            "You scaled the base by the same factor as the parameters. But parameters grow "
            "with the square of the base.")),
        Mistake("half of it", lambda base, depth: max(1, base // 2), _(
            "That makes the network smaller still. An adding network needs more channels to "
            "have as many parameters.")),
    ),
    hints=(
        _("Is the adding network with the same base larger or smaller?"),
        _("Count `parameters(\"add\", b, depth)` for each b in some range, and compare with "
          "`parameters(\"concat\", base, depth)`."),
        _("min(range(1, 2 * base + 2), key=lambda b: abs(... - ...))"),
    ),
    due=_("a whole number (int)"),
    cases=bases,
    count=30,
    symptoms=(
        Symptom("a fraction", lambda case, got, due: got % 1 != 0, _(
            "No network has a fraction of a channel. Try whole numbers, and take the one whose "
            "number of parameters is nearest.")),
        Symptom("the other side", _on_the_other_side, _(
            "The goal is between your network and the right one, which is nearer to it. Count "
            "the parameters of both, and compare the distances, without their signs.")),
        Symptom("not larger", lambda case, got, due: got <= case["base"], _(
            "With the same base an adding network has **fewer** parameters, so it needs more "
            "base channels than the concatenating one.")),
        Symptom("too large", lambda case, got, due: got > due + 1, _(
            "Your adding network has too many parameters. They grow with the **square** of the "
            "base, so a few channels more are enough.")),
    ),
    worth=_("With this base the two networks differ in how they merge and hardly in how many "
            "parameters they have, so a comparison says something about merging."),
)  # fmt: skip

EXERCISES = (easy, core, stretch)
