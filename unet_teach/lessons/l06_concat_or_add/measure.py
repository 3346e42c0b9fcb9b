"""What each way of joining a skip costs and keeps. Lesson 06; its surgery is in `surgery`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import torch
from torch.nn import functional as F

from unet_teach.comparisons import Difference, load_table, paired, summary
from unet_teach.config import UNetConfig
from unet_teach.drawing.overlays import grey_levels
from unet_teach.lessons.l06_concat_or_add.readout import met
from unet_teach.lessons.l06_concat_or_add.surgery import scene
from unet_teach.shapes import trace
from unet_teach.translation import _

WAYS = ("concat", "add", "none")
BARS = 4  # the skip is drawn in so many parts of equal channels, and so is the map from below


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


TRAINED = {
    "concat": "concat, 18 channels", "add": "add, 19 channels", "none": "none, 19 channels",
}  # fmt: skip
FIRST = {"merge": "add", "level": 0}  # where all three maps are seen


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


def reads(merge: str) -> list[list[tuple[str, int]]]:
    """For each bar of the joined map, the bars of ``skip`` and ``below`` that it is made of.

    Examples
    --------
    >>> len(reads("concat")), reads("concat")[4], reads("add")[2], reads("none")[3]
    (8, [('below', 0)], [('skip', 2), ('below', 2)], [('below', 3)])
    """
    skip, below = ([[(name, i)] for i in range(BARS)] for name in ("skip", "below"))
    if merge == "concat":
        return skip + below
    if merge == "none":
        return below
    return [[*a, *b] for a, b in zip(skip, below, strict=True)]


@lru_cache(maxsize=1)
def meeting() -> list[tuple[torch.Tensor, torch.Tensor]]:
    """For each level of the trained network: skip and map from below, around the pair."""
    network, image, _labels = scene()
    return met(network, image)


@lru_cache(maxsize=1)
def given() -> dict[str, Any]:
    """For each bar one of its channels in the trained network, and the sum of the two.

    Returns
    -------
    maps : for each level "skip", "below" and "sum", for each bar: uint8 (side, side), in
        sixteen greys from the least value to the largest. Of a bar's channels it is the one
        in which the skip and the map from below vary most (their variances multiplied)
    shown : for each level and bar: which of the bar's channels this is, from 1
    """
    maps, chosen = [], []
    for skip, below in meeting():
        chosen.append([])
        found: dict[str, list] = {"skip": [], "below": [], "sum": []}
        for ours, theirs in zip(skip.chunk(BARS), below.chunk(BARS), strict=True):
            most = (ours.var((1, 2)) * theirs.var((1, 2))).argmax()
            chosen[-1].append(int(most) + 1)
            shown = ours[most], theirs[most], ours[most] + theirs[most]
            for name, map_ in zip(found, shown, strict=True):
                found[name].append(grey_levels(map_.numpy()) // 16 * 17)
        maps.append(found)
    return {"maps": maps, "shown": chosen}


@lru_cache(maxsize=1)
def heard() -> list[float]:
    """How much of what the next convolution sums comes from the skip; for each level.

    Its sum has a part from the skip and a part from below. Of their variances (over the pixels
    around the pair, added over the output channels): the fraction that is the skip's,
    to four digits, which are the same on every machine.
    """
    fractions = []
    for part, maps in zip(scene()[0].expand, meeting(), strict=True):
        kernels = part[0].weight.detach().chunk(2, dim=1)
        skip, below = (
            F.conv2d(map_[None], kernel, padding="same").var((2, 3)).sum()
            for map_, kernel in zip(maps, kernels, strict=True)
        )
        fractions.append(round(float(skip / (skip + below)), 4))
    return fractions


def answer(settings: dict[str, Any]) -> dict[str, Any]:
    """Join the skip of one level to the map from below, in the paper's network.

    Parameters
    ----------
    settings : ``merge``, one of "concat", "add", "none"; ``level``, 0 to 3

    Returns
    -------
    labels : of the skip, the map from below, and the joined map
    reads : see `reads`; costs: for each merge what `costs_of` says
    bars : see `bar`: those of the skip, those from below, and what is said if none is chosen
    table : what is paid, in three groups of rows; see `priced`
    headline, because, said : the merge and its price, in words
    heard : for each level the fraction of `heard`, and in words; none where the skip isn't
        read alone; used: what they are fractions of
    """
    merge, level = settings["merge"], settings["level"]
    if merge not in WAYS or level not in range(4):
        reason = _("there is no merge {merge} at level {level}; levels are 0 to 3")
        return {"problem": reason.format(**settings), "offers": [FIRST]}
    costs = {way: costs_of(way, level) for way in WAYS}
    channels, joined = UNetConfig().channels[level], costs[merge]["joined"]
    headline = {
        "concat": _(
            "Side by side: {c} + {c} = {n} channels, and each can still be read alone."
        ),
        "add": _("Added: {n} channels, each the sum of two that can no longer be told apart."),
        "none": _(
            "No skip: the {n} channels from below go on alone, without the skip's detail."
        ),
    }[merge].format(c=channels, n=joined)
    said = _(
        "Level {level}. {headline} {megabytes:.1f} MB a map, {next:,} parameters in the next "
        "convolution, {network:,} in the whole network, {operations:.1f} GFLOP; {wrong:.1f} % "
        "of the pixels are wrong after training."
    )
    why = because(merge, level)
    return {
        "labels": {
            "skip": _("skip: {n} channels").format(n=channels),
            "below": _("from below: {n}").format(n=channels),
            "joined": (_("goes on: {n}") if merge == "none" else _("joined: {n}")).format(
                n=joined
            ),
        },
        "reads": [[list(source) for source in sources] for sources in reads(merge)],
        "bars": [bar(merge, channels, place) for place in range(2 * BARS + 1)],
        "costs": costs,
        "table": priced(level, costs),
        "headline": headline,
        "because": why,
        "heard": [
            {"text": _("level {n}: {of:.0f} %").format(n=n, of=100 * part), "part": part}
            for n, part in enumerate(heard() if merge == "concat" else [])
        ],
        "used": used(merge),
        "said": f"{said.format(level=level, headline=headline, **costs[merge])} {why}",
    }


def bar(merge: str, channels: int, place: int) -> dict[str, Any]:
    """What becomes of one bar: 0 to 3 of the skip, 4 to 7 from below; 8 is none of them.

    Returns
    -------
    joined : the bar of the joined map that it is in, or -1; said: it in words
    maps : which maps of `given` are skip, map from below and joined map; "" is none of them
    captions : what is below each of the three

    Examples
    --------
    >>> bar("none", 64, 1)["said"]
    'Channels 17 to 32 of the skip: these go nowhere, because nothing reads them.'
    >>> bar("add", 64, 5)["joined"], bar("add", 64, 5)["maps"]
    (1, ['skip', 'below', 'sum'])
    """
    size = channels // BARS
    if place == 2 * BARS:
        said = _("Each bar is {n} channels. Click one to see what it holds.").format(n=size)
        captions = [_("skip"), _("from below"), _("joined")]
        return {"joined": -1, "maps": ["", "", ""], "captions": captions, "said": said}
    name, i = ("skip", "below")[place // BARS], place % BARS
    joined = next((k for k, read in enumerate(reads(merge)) if (name, i) in read), -1)
    maps = [name if name == other else "" for other in ("skip", "below")]
    skip, below, end = _("skip: not in this bar"), _("from below: not in this bar"), ""
    if joined < 0:
        words = _(
            "Channels {a} to {b} of the skip: these go nowhere, because nothing reads them."
        )
        end = _("joined: nothing")
    elif merge == "add":
        maps, words = ["skip", "below"], _(
            "Channels {a} to {b} of the skip and of the map from below, added number by "
            "number. The sum can't tell their lines apart."
        )  # fmt: skip
        end = _("joined: their sum")
    elif name == "skip":
        words = _(
            "Channels {a} to {b} of the skip become channels {c} to {d} of the joined map, "
            "unchanged."
        )
    else:
        words = _(
            "Channels {a} to {b} of the map from below become channels {c} to {d} of the "
            "joined map, unchanged."
        )
    place_of = {"a": i * size + 1, "b": (i + 1) * size}
    place_of |= {"c": joined * size + 1, "d": (joined + 1) * size}
    skip = _("skip, channel {n}") if maps[0] else skip
    below = _("from below, channel {n}") if maps[1] else below
    return {
        "joined": joined,
        "maps": [*maps, "" if joined < 0 else "sum" if merge == "add" else name],
        "captions": [skip, below, end or _("joined: unchanged")],
        "said": words.format(**place_of),
    }


def priced(level: int, costs: dict[str, dict[str, float]]) -> list[dict[str, Any]]:
    """The table: what depends on the level, the whole network, and what training showed.

    Returns
    -------
    For each group its ``title`` and ``rows``: ``name``, ``words`` and a cell for each
    way. Of a cell: ``text``; ``value``, all digits; ``part`` of the largest in its row, 0: no
    bar
    """
    more, points = trained()[0], []
    for way in WAYS:
        found = more.get(way)
        if found is None:
            points.append({"text": "–", "value": 0, "part": 0})
            continue
        words = _("{low} to {high}: no difference was detected")
        if found.found:
            words = (
                _("{low} to {high}: worse") if found.low > 0 else _("{low} to {high}: better")
            )
        text = words.format(low=_points(found.low), high=_points(found.high))
        points.append({"text": text, "value": 100 * found.mean, "part": 0})

    def row(name: str, words: str, digits: int, has_bar: bool = True) -> dict[str, Any]:
        most = max(cost[name] for cost in costs.values())
        cells = [
            {"text": f"{cost[name]:,.{digits}f}", "value": cost[name],
             "part": cost[name] / most if has_bar else 0}
            for cost in costs.values()
        ]  # fmt: skip
        return {"name": name, "words": words, "cells": cells}

    return [
        {
            "title": _("Level {level} of the paper's U-Net, image 572 × 572").format(
                level=level
            ),
            "rows": [
                row("megabytes", _("memory of the joined map, MB"), 1),
                row("next", _("parameters of the next convolution"), 0),
            ],
        },
        {
            "title": _("The whole U-Net, joined like this at all four levels"),
            "rows": [
                row("network", _("parameters"), 0),
                row("operations", _("billions of operations (GFLOP)"), 1),
            ],
        },
        {
            "title": _("Small U-Nets, trained; widths chosen so that all are equally large"),
            "rows": [
                row("wrong", _("wrong pixels, %"), 1, has_bar=False),
                {
                    "name": "more",
                    "words": _(
                        "difference from concatenate, points (95 % confidence interval)"
                    ),
                    "cells": points,
                },
            ],
        },
    ]


def _points(part: float) -> str:
    return format(100 * part, "+.2f").replace("-", "−")


def used(merge: str) -> str:
    """How much a trained network reads of the skip, or why this one doesn't tell."""
    if merge == "concat":
        words = _(
            "Does a trained U-Net use the skip? Its next convolution adds a part read from the "
            "skip and a part read from below. Of the variance of both, the skip's part has:"
        )
        return words
    if merge == "add":
        return _(
            "This U-Net was trained to concatenate. One trained to add would have other maps, "
            "but its sums would mix two maps just like these."
        )
    return _(
        "This U-Net was trained with its skips. One trained without them would have other maps."
    )


def because(merge: str, level: int) -> str:
    """What this merge costs or saves here or in the whole network, and why."""
    if {"merge": merge, "level": level} not in questions().values():
        other, way = "concat", _("concatenation")
        if merge == "concat":
            other, way = "add", _("addition")
        here, there = costs_of(merge, level), costs_of(other, level)
        words = _(
            "At level {level}, the joined map takes {mb:.1f} MB, not {their_mb:.1f} as with "
            "{way}, and the next convolution has {n:,} parameters, not {their_n:,}."
        )
        return words.format(
            level=level, way=way, mb=here["megabytes"], their_mb=there["megabytes"],
            n=here["next"], their_n=there["next"],
        )  # fmt: skip
    concat, add = costs_of("concat", 0), costs_of("add", 0)
    if merge == "concat":
        words = _(
            "Level 3 costs the most parameters ({most:,}; level 0: {least:,}), because "
            "channels double at each level. Level 0 costs the most memory ({large:.1f} MB; "
            "level 3: {small:.1f}), because its maps are largest."
        )
        deepest = costs_of(merge, 3)
        return words.format(
            most=deepest["next"], least=concat["next"],
            large=concat["megabytes"], small=deepest["megabytes"],
        )  # fmt: skip
    if merge == "add":
        words = _(
            "Adding at all four levels saves {n:,} parameters ({part:.0f} %) and about "
            "{work:.0f} of {all:.1f} GFLOP, because each next convolution reads half as many "
            "channels."
        )
        saved = concat["network"] - add["network"]
        part = 100 * saved / concat["network"]
        work = concat["operations"] - add["operations"]
        return words.format(n=saved, part=part, work=work, all=concat["operations"])
    words = _(
        "It costs the same as adding, because a sum has no parameters. Small networks trained "
        "without skips get {none:.1f} % of the pixels wrong; those that concatenate, "
        "{concat:.1f} %."
    )
    means = trained()[1]
    return words.format(none=100 * means["none"], concat=100 * means["concat"])


def questions() -> dict[str, dict[str, Any]]:
    """Settings that answer a question, by the question."""
    return {
        _("What does adding save?"): FIRST,
        _("At which level is joining the most expensive?"): {"merge": "concat", "level": 3},
        _("And with no skip?"): {"merge": "none", "level": 0},
    }


def recorded() -> Iterator[dict[str, Any]]:
    """What the book holds: everything."""
    for merge in WAYS:
        for level in range(4):
            yield {"merge": merge, "level": level}
