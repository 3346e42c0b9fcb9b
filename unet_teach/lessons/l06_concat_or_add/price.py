"""What a way of joining a skip costs, and what training showed. Lesson 06."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from unet_teach.comparisons import Difference, load_table, paired, summary
from unet_teach.config import UNetConfig
from unet_teach.shapes import trace
from unet_teach.translation import _

WAYS = ("concat", "add", "none")
DIGITS = {"megabytes": 1, "next": 0}  # of what depends on the level, as it is written
TRAINED = {
    "concat": "concat, 18 channels", "add": "add, 19 channels", "none": "none, 19 channels",
}  # fmt: skip


def parameters(merge: str, base: int, depth: int = 4) -> int:
    """Parameters of a U-Net with this merge and so many base channels."""
    config = UNetConfig(merge=merge, base_channels=base, depth=depth, padding="same")
    return trace(config, 2 ** (depth + 1)).parameters


@lru_cache(maxsize=16)
def costs_of(merge: str, level: int, size: int = 572) -> dict[str, float]:
    """What a merge costs in the paper's network, at one of its levels.

    Returns
    -------
    joined : channels after the merge; megabytes: of that map, one image, float32
    next : parameters of the convolution that reads it
    network : parameters of the whole; operations: of one image, in GFLOP
    wrong : % of the pixels, after training; see `trained`

    Examples
    --------
    >>> costs_of("add", 3)["joined"], costs_of("concat", 3)["network"]
    (512, 31030658)
    """
    traced = trace(UNetConfig(merge=merge), size)
    first = next(s for s in traced.steps if s.name == f"expand {level} conv 1")
    return {
        "joined": first.in_channels,
        "megabytes": first.in_channels * first.input_size**2 * 4 / 1e6,
        "next": first.parameters,
        "network": traced.parameters,
        "operations": traced.operations / 1e9,
        "wrong": 100 * trained()[1][merge],
    }


@lru_cache(maxsize=1)
def trained() -> tuple[dict[str, Difference], dict[str, float]]:
    """Small networks of equally many parameters, trained with five seeds each.

    Returns
    -------
    The pixel error that adding, and leaving out, has more than concatenating; the mean of each
    """
    found = load_table("compare_matched")
    more = {way: paired(found, TRAINED["concat"], name, "pixel_error")
            for way, name in TRAINED.items() if way != "concat"}  # fmt: skip
    means = summary(found, "pixel_error")
    return more, {way: means[name][0] for way, name in TRAINED.items()}


def priced(merge: str) -> list[dict[str, Any]]:
    """What a merge costs at each level, the top first, and what only concatenation costs.

    Returns
    -------
    For each level its ``megabytes`` and ``next`` (see `costs_of`): ``text``; ``value``, all
    digits; ``part`` and ``most``: what addition costs, and concatenation, of the largest at
    any level. Without a skip a level costs as much as with addition

    Examples
    --------
    >>> [row["next"]["text"] for row in priced("add")]
    ['36,928', '147,584', '590,080', '2,359,808']
    """
    at = [{way: costs_of(way, level) for way in (merge, "add", "concat")} for level in range(4)]
    largest = {name: max(costs["concat"][name] for costs in at) for name in DIGITS}
    return [
        {name: {"text": f"{costs[merge][name]:,.{digits}f}", "value": costs[merge][name],
                "part": costs["add"][name] / largest[name],
                "most": costs["concat"][name] / largest[name]}
         for name, digits in DIGITS.items()}
        for costs in at
    ]  # fmt: skip


def in_all(merge: str) -> str:
    """What the whole U-Net costs, in words."""
    words = _(
        "The whole U-Net, with all four levels like this, has {network:,} parameters and takes "
        "{operations:.1f} GFLOP for an image of 572 × 572."
    )
    return words.format(**costs_of(merge, 0))


def learned(merge: str) -> str:
    """What small networks of equally many parameters lost by this merge, in words."""
    more, means = trained()
    if merge == "concat":
        return ""  # the others are compared with it
    words = {
        ("add", False): _(
            "Small U-Nets that are trained to add get {wrong:.1f}\u00a0% of the pixels wrong; "
            "those that concatenate, {concat:.1f}\u00a0%. No difference was detected "
            "(95\u00a0% confidence interval {low} to {high} percentage points), perhaps "
            "because the layers before learn maps that one weight suits."
        ),
        ("none", True): _(
            "Small U-Nets that are trained without skips get {wrong:.1f}\u00a0% of the pixels "
            "wrong; those that concatenate, {concat:.1f}\u00a0% (95\u00a0% confidence interval "
            "of the difference {low} to {high} percentage points). The difference is small, "
            "because they have learned to do without skips, unlike a U-Net whose skip "
            "is cut after training."
        ),
    }[merge, more[merge].found]
    low, high = _points(more[merge].low), _points(more[merge].high)
    return words.format(
        wrong=100 * means[merge], concat=100 * means["concat"], low=low, high=high
    )


def _wrong() -> dict[str, float]:
    """% of the pixels, after training with each merge."""
    return {way: 100 * error for way, error in trained()[1].items()}


def _points(part: float) -> str:
    return format(100 * part, "+.2f").replace("-", "−")


def paid(merge: str, level: int) -> str:
    """What this merge costs or saves at one level, and why."""
    other, way = ("add", _("addition")) if merge == "concat" else ("concat", _("concatenation"))
    here, there = costs_of(merge, level), costs_of(other, level)
    words = _(
        "At level {level}, {joined} channels go on, not {theirs} as with {way}. So they "
        "take {mb:.1f} MB, not {their_mb:.1f}, and the next convolution has {n:,} "
        "parameters, not {their_n:,}."
    )
    return words.format(
        level=level, way=way, joined=here["joined"], theirs=there["joined"],
        mb=here["megabytes"], their_mb=there["megabytes"],
        n=here["next"], their_n=there["next"],
    )  # fmt: skip


def saved(now: float, most: float) -> str:
    """What adding saves in the paper's network, why, and what it does to a wall."""
    concat, add = costs_of("concat", 0), costs_of("add", 0)
    words = _(
        "Half of each joined map's memory, because half as many channels go on. Only the next "
        "convolutions read fewer, so of all parameters {n:,} are saved ({part:.0f}\u00a0%), "
        "and about {work:.0f} of {all:.1f} GFLOP. But with one weight for both maps this wall "
        "stands out by {now:.2f}, not {most:.2f}."
    )
    fewer, work = (concat[name] - add[name] for name in ("network", "operations"))
    part = 100 * fewer / concat["network"]
    return words.format(
        n=fewer, part=part, work=work, all=concat["operations"], now=now, most=most
    )


def dearest() -> str:
    """At which level concatenation costs most, and why."""
    words = _(
        "Compared with adding, level 3 costs the most extra parameters ({most:,}; level 0: "
        "{least:,}), because input and output channels double at each level. Level 0 costs "
        "the most extra memory ({large:.1f} MB; level 3: {small:.1f}), because its maps are "
        "largest."
    )
    top, last = (
        {name: costs_of("concat", n)[name] - costs_of("add", n)[name] for name in DIGITS}
        for n in (0, 3)
    )
    return words.format(
        most=last["next"], least=top["next"], large=top["megabytes"], small=last["megabytes"]
    )


def lost(now: float, most: float) -> str:
    """What adding loses: here a wall, and after training perhaps nothing."""
    words = _(
        "Added, or weighed 1 and 1, this wall almost vanishes ({now:.2f}), because it is "
        "bright in the skip but dark from below. Two weights reach {most:.2f}. Yet U-Nets "
        "trained to add get {add:.1f}\u00a0% of the pixels wrong, with concatenation "
        "{concat:.1f}\u00a0%: no difference was detected."
    )
    return words.format(now=now, most=most, **_wrong())


def without(now: float, most: float) -> str:
    """What it costs and loses to have no skip, and why after training so little."""
    words = _(
        "It costs the same as adding, because as many channels go on. The wall stands out by "
        "{now:.2f}, with the skip by up to {most:.2f}. Yet U-Nets trained without skips get "
        "only {none:.1f}\u00a0% of the pixels wrong, not {concat:.1f}\u00a0%, because they "
        "have learned to send all they need through the bottleneck."
    )
    return words.format(now=now, most=most, **_wrong())
