"""Lesson 06: tied weights, what each merge costs, a fair pair."""

from __future__ import annotations

import random
from collections.abc import Iterator

import torch

from unet_teach.checks.exercise import Exercise, Mistake
from unet_teach.config import UNetConfig
from unet_teach.shapes import trace
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
    """Kernels (O, C, k, k); whole numbers first."""
    yield (torch.arange(1.0, 3.0).view(1, 2, 1, 1),)
    yield (torch.arange(1.0, 5.0).view(2, 2, 1, 1),)
    while True:
        generator = torch.Generator().manual_seed(rng.randrange(2**31))
        out, channels, k = rng.randint(1, 3), rng.randint(2, 4), rng.choice((1, 3))
        yield (torch.randn(out, channels, k, k, generator=generator),)


easy = Exercise(
    name="06.tied_weights",
    task=_("Given the weights of conv(a + b), give those of a conv(concat(a, b)) that does the "
           "same."),
    reference=tied,
    mistakes=(
        Mistake(
            "halved", lambda weight: torch.cat([weight, weight], 1) / 2,
            _("That gives half of it. conv(a + b) is conv(a) + conv(b), each with the whole "
              "weight."),
        ),
        Mistake(
            "interleaved", lambda weight: weight.repeat_interleave(2, dim=1),
            _("Your copies alternate: first channel, first channel, second, second. But the "
              "concatenation brings all channels of a, then all of b."),
        ),
        Mistake(
            "only the skip", lambda weight: torch.cat([weight, torch.zeros_like(weight)], 1),
            _("Your weights let b through nowhere: a + b needs both."),
        ),
        Mistake(
            "a minus b", lambda weight: torch.cat([weight, -weight], 1),
            _("That computes conv(a − b)."),
        ),
        Mistake(
            "mirrored", lambda weight: torch.cat([weight, weight.flip(1)], 1),
            _("The channels of b stand in the wrong order: channel c of b belongs to channel c "
              "of a."),
        ),
    ),
    hints=(
        _("A convolution is linear: what is conv(a + b), written with conv(a) and conv(b)?"),
        _("The concatenation has all channels of a, then all of b. Which kernel does channel c "
          "of b need?"),
        _("The same as channel c of a: torch.cat([weight, weight], dim=1)."),
    ),
    due=_("a tensor (O, 2C, k, k)"),
    cases=weights,
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
    """(channels, n, k)."""
    yield from [(1, 2, 1), (2, 3, 1), (2, 4), (64, 392)]
    while True:
        yield rng.randint(1, 40), rng.randint(1, 60), rng.choice((1, 3, 5))


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


core = Exercise(
    name="06.costs",
    task=_("For both merges: parameters of the next convolution, numbers in the joined map."),
    reference=costs,
    mistakes=(
        Mistake(
            "without biases", _wrong_costs(lambda j, c, n, k: j * c * k * k, _map),
            _("The parameters lack the biases: one for each output channel."),
        ),
        Mistake(
            "output doubled, too", _wrong_costs(lambda j, c, n, k: j * j * k * k + j, _map),
            _("You doubled the output of the convolution as well. It has `channels` outputs "
              "in both cases: only its input is wider."),
        ),
        Mistake(
            "no kernel", _wrong_costs(lambda j, c, n, k: j * c + c, _map),
            _("Each pair of channels has k × k weights, not one."),
        ),
        Mistake(
            "map without area", _wrong_costs(_conv, lambda j, c, n, k: j * n),
            _("A map has n × n numbers for each channel."),
        ),
        Mistake(
            "two maps for add",
            lambda channels, n, k=3: {**costs(channels, n, k), "add": (
                costs(channels, n, k)["add"][0], 2 * channels * n * n)},
            _("The sum of two maps is one map: addition makes no new channels."),
        ),
    ),
    hints=(
        _("How many channels enter the next convolution in each case, how many leave it?"),
        _("A convolution has in · out · k · k weights and `out` biases; a map has "
          "channels · n · n numbers."),
        _("concat: (2C · C · k² + C, 2C · n²). For add, C in place of 2C."),
    ),
    due=_('a dictionary {"concat": (parameters, numbers), "add": (parameters, numbers)}'),
    cases=merges,
    specification=_measured,
)  # fmt: skip


# ------------------------------------------------------------------------ stretch: a fair pair
def parameters(merge: str, base: int, depth: int = 4) -> int:
    """Parameters of a U-Net with this merge and so many base channels."""
    config = UNetConfig(merge=merge, base_channels=base, depth=depth, padding="same")
    return trace(config, 2 ** (depth + 1)).parameters


def matched(base, depth):
    target = parameters("concat", base, depth)
    candidates = range(1, 2 * base + 2)
    return min(candidates, key=lambda b: abs(parameters("add", b, depth) - target))


def bases(rng: random.Random) -> Iterator[tuple]:
    """(base channels of the concatenating network, depth)."""
    yield from [(2, 2), (4, 1), (8, 2), (18, 3), (12, 4)]
    while True:
        yield rng.randint(2, 30), rng.randint(1, 5)


def _at_most(base, depth):
    target = parameters("concat", base, depth)
    fits = [b for b in range(1, 2 * base + 2) if parameters("add", b, depth) <= target]
    return max(fits)


def _by_ratio(base, depth):
    ratio = parameters("concat", base, depth) / parameters("add", base, depth)
    return round(base * ratio)


stretch = Exercise(
    name="06.matched_pair",
    task=_("Find the base channels that bring an adding U-Net nearest to a concatenating one."),
    reference=matched,
    mistakes=(
        Mistake(
            "the same base", lambda base, depth: base,
            _("With the same base the adding network has about a tenth fewer parameters: that "
              "is the unfair pair."),
        ),
        Mistake(
            "the largest below", _at_most,
            _("You take the largest that is not above. The nearest may lie above: compare the "
              "distances."),
        ),
        Mistake(
            "the smallest above", lambda base, depth: _at_most(base, depth) + 1,
            _("You take the first that is above. The nearest may lie below: compare the "
              "distances."),
        ),
        Mistake(
            "by the ratio", _by_ratio,
            _("You scaled the base like the parameters. But parameters grow with the square of "
              "the base."),
        ),
        Mistake(
            "half of it", lambda base, depth: max(1, base // 2),
            _("That makes the network smaller still. An adding network needs more channels to "
              "have as many parameters."),
        ),
    ),
    hints=(
        _("Is the adding network with the same base larger or smaller?"),
        _("Count `parameters(\"add\", b, depth)` for each b in some range, and compare with "
          "`parameters(\"concat\", base, depth)`."),
        _("min(range(1, 2 * base + 2), key=lambda b: abs(... - ...))"),
    ),
    due=_("a whole number (int)"),
    cases=bases,
    count=24,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
