"""What a way of joining a skip costs, and what training showed. Lesson 06."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from unet_teach.comparisons import Difference, load_table, paired, summary
from unet_teach.config import UNetConfig
from unet_teach.shapes import trace
from unet_teach.translation import _

WAYS = ("concat", "add", "none")
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


def because(merge: str, level: int, is_asked: bool) -> str:
    """What this merge costs or saves here or, if a question asks, in the network; and why."""
    if not is_asked:
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
