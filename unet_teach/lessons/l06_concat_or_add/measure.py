"""What each way of joining a skip costs and keeps. Lesson 06; its surgery is in `surgery`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from unet_teach.comparisons import load_table, paired, summary
from unet_teach.config import UNetConfig
from unet_teach.shapes import trace
from unet_teach.translation import _

WAYS = ("concat", "add", "none")
SLABS = 8  # a map is drawn in so many parts of equal channels


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
    }


def reads(merge: str) -> list[list[tuple[str, int]]]:
    """For each slab of the joined map, the slabs of ``skip`` and ``below`` that it is made of.

    Examples
    --------
    >>> len(reads("concat")), reads("concat")[8], reads("add")[2], reads("none")[7]
    (16, [('below', 0)], [('skip', 2), ('below', 2)], [('below', 7)])
    """
    skip, below = ([[(name, i)] for i in range(SLABS)] for name in ("skip", "below"))
    if merge == "concat":
        return skip + below
    if merge == "none":
        return below
    return [[*a, *b] for a, b in zip(skip, below, strict=True)]


def answer(settings: dict[str, Any]) -> dict[str, Any]:
    """Join the skip of one level to the map from below, in the paper's network.

    Parameters
    ----------
    settings : ``merge``, one of "concat", "add", "none"; ``level``, 0 to 3

    Returns
    -------
    channels : of the skip, and of the map from below
    reads : see `reads`; costs: for each merge what `costs_of` says
    most : for each of these numbers the largest of the three
    headline, because, said : the merge and its price, in words
    """
    merge, level = settings["merge"], settings["level"]
    if merge not in WAYS or level not in range(4):
        reason = _("there is no merge {merge} at level {level}; levels are 0 to 3")
        first = {"merge": "concat", "level": 0}
        return {"problem": reason.format(**settings), "offers": [first]}
    costs = {way: costs_of(way, level) for way in WAYS}
    channels = UNetConfig().channels[level]
    headline = {
        "concat": _(
            "Side by side: {c} + {c} = {n} channels, and each can still be read alone."
        ),
        "add": _("Added: {n} channels, each the sum of two that can no longer be told apart."),
        "none": _("No skip: {n} channels from below go on alone, and the detail is lost."),
    }[merge].format(c=channels, n=costs[merge]["joined"])
    said = _(
        "Level {level}. {headline} {megabytes:.1f} MB a map, {next:,} parameters in the next "
        "convolution, {network:,} in the whole network, {operations:.1f} GFLOP."
    )
    why = because(merge)
    return {
        "channels": channels,
        "reads": [[list(source) for source in sources] for sources in reads(merge)],
        "costs": costs,
        "most": {key: max(c[key] for c in costs.values()) for key in costs[merge]},
        "headline": headline,
        "because": why,
        "said": f"{said.format(level=level, headline=headline, **costs[merge])} {why}",
    }


def because(merge: str) -> str:
    """What this merge costs or saves in the whole network, and why."""
    concat, add = costs_of("concat", 0), costs_of("add", 0)
    if merge == "concat":
        words = _(
            "Most are at level 3: the convolution after the merge has {0:,} parameters at "
            "level 0, then {1:,}, {2:,} and {3:,}. A level further down has about four times "
            "as many, because its input and its output channels both double."
        )
        return words.format(*(costs_of(merge, level)["next"] for level in range(4)))
    if merge == "add":
        words = _(
            "Adding at all four levels saves {n:,} parameters ({part:.0f} %) and {work:.1f} "
            "GFLOP, because each next convolution reads half as many channels. The sum has no "
            "parameters of its own, so every number is that of no skip."
        )
        saved = concat["network"] - add["network"]
        part = 100 * saved / concat["network"]
        work = concat["operations"] - add["operations"]
        return words.format(n=saved, part=part, work=work)
    words = _(
        "Each number is that of adding, because a sum needs no parameters and no more "
        "channels. You lose detail: small trained networks without skips had {none:.1f} % of "
        "wrong pixels, with concatenation {concat:.1f} % (95 % confidence interval of the "
        "difference {low:.2f} to {high:.2f})."
    )
    found = load_table("compare_matched")
    with_skips, without = "concat, 18 channels", "none, 19 channels"
    lost = paired(found, with_skips, without, "pixel_error")
    wrong = {name: 100 * mean for name, (mean, *_) in summary(found, "pixel_error").items()}
    return words.format(
        none=wrong[without], concat=wrong[with_skips], low=100 * lost.low, high=100 * lost.high
    )


def questions() -> dict[str, dict[str, Any]]:
    """Settings that answer a question, by the question."""
    return {
        _("What does adding save?"): {"merge": "add", "level": 0},
        _("Where are most parameters?"): {"merge": "concat", "level": 3},
        _("And with no skip?"): {"merge": "none", "level": 0},
    }


def recorded() -> Iterator[dict[str, Any]]:
    """What the book holds: everything."""
    for merge in WAYS:
        for level in range(4):
            yield {"merge": merge, "level": level}
