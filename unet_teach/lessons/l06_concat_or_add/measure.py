"""How a skip is joined to the map from below, drawn with real maps. Lesson 06.

What it costs is in `price`, the surgery on a trained network in `surgery`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import product
from typing import Any

import torch

from unet_teach.ahead import as_a_page
from unet_teach.config import UNetConfig
from unet_teach.drawing.overlays import grey_levels
from unet_teach.lessons.l06_concat_or_add.price import (
    WAYS,
    costs_of,
    dearest,
    in_all,
    learned,
    lost,
    paid,
    priced,
    saved,
    without,
)
from unet_teach.lessons.l06_concat_or_add.readout import met
from unet_teach.lessons.l06_concat_or_add.surgery import scene
from unet_teach.translation import _

BARS = 4  # the skip is drawn in so many parts of equal channels, and so is the map from below
WEIGHTS = {"concat": ("skip", "below"), "add": ("sum",), "none": ("below",)}  # see `answer`
ALL = {"skip": 1, "below": 1, "sum": 1}
FIRST = {"merge": "concat", "level": 0, "block": 0, **ALL}  # what U-Net does


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
    """For each bar one of its channels in the trained network.

    Returns
    -------
    maps : for each level "skip" and "below", for each bar: uint8 (side, side), in sixteen
        greys from the least value to the largest. Of a bar's channels it is the one in which
        the skip and the map from below vary most (their variances multiplied)
    ends : likewise, the least value and the largest
    """
    maps, ends = [], []
    for level in meeting():
        found: dict[str, list] = {"skip": [], "below": []}
        range_: dict[str, list] = {"skip": [], "below": []}
        for both in zip(*(map_.chunk(BARS) for map_ in level), strict=True):
            most = torch.stack([map_.var((1, 2)) for map_ in both]).prod(0).argmax()
            for name, map_ in zip(found, both, strict=True):
                found[name].append(grey_levels(map_[most].numpy()) // 16 * 17)
                range_[name].append(
                    [round(float(f(map_[most])), 4) for f in (torch.min, torch.max)]
                )
        maps.append(found)
        ends.append(range_)
    return {"maps": maps, "ends": ends}


def answer(settings: dict[str, Any]) -> dict[str, Any]:
    """Join the skip of one level to the map from below, in the paper's network.

    Parameters
    ----------
    settings : ``merge``, one of "concat", "add", "none"; ``level``, 0 to 3; ``block``, 0 to 3,
        of which one channel is shown; ``skip``, ``below`` and ``sum``, 0 to 1, what the next
        convolution weighs it with. What is missing is as in `FIRST`

    Returns
    -------
    labels : of the skip, the map from below, the joined map, and what weights make of it
    reads : see `reads`; costs: for each merge what `costs_of` says
    bars : for each bar in words what becomes of it; see `goes`
    weights : of the next convolution, for the two channels that are shown: what it weighs
    told : for each weight 1 (or 0, where it is 0): what these weights do, in words
    lost : what becomes of a skip that is not in the joined map, in words, or ""
    table : for each level what is paid; see `priced`. pale, what its pale bars are, in words
    in_all, learned : see `price`
    headline, because, said : the merge and its price, in words
    """
    settings = FIRST | settings
    merge, level = settings["merge"], settings["level"]
    block, weights = settings["block"], {name: settings[name] for name in ALL}
    if block not in range(BARS) or any(not 0 <= weight <= 1 for weight in weights.values()):
        reason = _("a block is 0 to {last}, and a weight 0 to 1").format(last=BARS - 1)
        nearest = {name: min(max(weight, 0), 1) for name, weight in weights.items()}
        nearest["block"] = min(range(BARS), key=lambda other: abs(other - block))
        return {"problem": reason, "offers": [nearest]}
    if merge not in WAYS or level not in range(4):
        reason = _("there is no merge {merge} at level {level}; levels are 0 to 3")
        nearest = {
            "merge": merge if merge in WAYS else FIRST["merge"],
            "level": min(range(4), key=lambda other: abs(other - level)),
        }
        return {"problem": reason.format(**settings), "offers": [nearest]}
    costs = {way: costs_of(way, level) for way in WAYS}
    channels, joined = UNetConfig().channels[level], costs[merge]["joined"]
    headline = {
        "concat": _("Side by side: {c} + {c} = {n} channels, each with a weight of its own."),
        "add": _("Added: {n} sums, each with one weight for both of its parts."),
        "none": _("No skip: only the {n} channels from below go on."),
    }[merge].format(c=channels, n=joined)
    said = _(
        "Level {level}. {headline} {megabytes:.1f} MB of maps, {next:,} parameters in the next "
        "convolution, {network:,} in the whole network, {operations:.1f} GFLOP; {wrong:.1f} % "
        "of the pixels are wrong after training."
    )
    gone = [settings[name] == 0 for name in WEIGHTS[merge]]
    why = weighed(merge) if sum(gone) == 1 else paid(merge, level)
    for shows, reason in asked().values():
        if FIRST | shows == settings | {"block": 0}:
            why = reason()
    told = {
        "concat": {
            "11": _("Two maps, two weights."),
            "01": _("The skip is gone, and the other map stays."),
            "10": _("Only the skip is left."),
            "00": _("Both weights are 0: nothing is left."),
        },
        "add": {
            "1": _("One weight for both maps, as two equal ones side by side."),
            "0": _("The weight is 0: both are gone."),
        },
        "none": {
            "1": _("The skip isn't there to be read."),
            "0": _("The weight is 0: nothing is left."),
        },
    }[merge]
    return {
        "labels": {
            "skip": _("skip: {n}").format(n=channels),
            "below": _("from below: {n}").format(n=channels),
            "joined": (_("goes on: {n}") if merge == "none" else _("joined: {n}")).format(
                n=joined
            ),
            "mixed": _("weighted map") if merge == "none" else _("weighted sum"),
        },
        "reads": [[list(source) for source in sources] for sources in reads(merge)],
        "bars": [goes(merge, channels, place) for place in range(BARS)],
        "weights": list(WEIGHTS[merge]),
        "lost": _("goes nowhere") if merge == "none" else "",
        "told": told,
        "costs": costs,
        "table": priced(merge),
        "pale": _("Left part of a bar: what only concatenation costs.")
        if merge == "concat"
        else _("Left part of a bar: what concatenation would cost on top."),
        "in_all": in_all(merge),
        "learned": learned(merge),
        "headline": headline,
        "because": why,
        "said": f"{said.format(level=level, headline=headline, **costs[merge])} {why}",
    }


def weighed(merge: str) -> str:
    """What the next convolution can drop, and why."""
    return {
        "concat": _(
            "One map is dropped and the other kept: the next convolution can do that, because "
            "each map has a weight of its own."
        ),
        "add": _(
            "Both are dropped: the next convolution can't keep one of them, because their sum "
            "has only one weight."
        ),
        "none": _("The map from below is dropped, and there is no skip that could stay."),
    }[merge]


def goes(merge: str, channels: int, place: int) -> str:
    """What becomes of one bar of the skip, and of the one at its place from below.

    Examples
    --------
    >>> goes("add", 64, 1)
    "Channels 17 to 32 of both are added number by number. The sum can't tell them apart."
    """
    size = channels // BARS
    words = {
        "concat": _(
            "Channels {a} to {b} of the skip stay channels {a} to {b}. Those from below become "
            "channels {c} to {d}."
        ),
        "add": _(
            "Channels {a} to {b} of both are added number by number. The sum can't tell them "
            "apart."
        ),
        "none": _(
            "Channels {a} to {b} from below go on. Those of the skip go nowhere, because "
            "nothing reads them."
        ),
    }[merge]
    first, last = place * size + 1, (place + 1) * size
    return words.format(a=first, b=last, c=channels + first, d=channels + last)


def asked() -> dict[str, tuple[dict[str, Any], Callable[[], str]]]:
    """A question -> the settings that show its answer, and what gives it in words."""
    return {
        _("What does adding save?"): ({"merge": "add"}, saved),
        _("Which level is the most expensive?"): ({"level": 3}, dearest),
        _("What do you lose by adding?"): ({"merge": "add", "sum": 0}, lost),
        _("And with no skip?"): ({"merge": "none"}, without),
    }


def questions() -> dict[str, dict[str, Any]]:
    """Settings that answer a question, by the question."""
    return {question: FIRST | settings for question, (settings, _reason) in asked().items()}


def recorded() -> Iterator[dict[str, Any]]:
    """What the book holds: everything that a hand can reach."""
    tenths = [n / 10 for n in range(11)]
    for merge, names in WEIGHTS.items():
        for level, block, *weights in product(range(4), range(BARS), *[tenths] * len(names)):
            moved = dict(zip(names, weights, strict=True))
            yield as_a_page({"merge": merge, "level": level, "block": block, **ALL, **moved})
