"""How a skip is joined to the map from below, drawn with real maps. Lesson 06.

What it costs is in `price`, the surgery on a trained network in `surgery`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import torch
from scipy.ndimage import distance_transform_edt

from unet_teach.ahead import as_a_page
from unet_teach.config import UNetConfig
from unet_teach.drawing.overlays import grey_levels
from unet_teach.drawing.pair import MEMBRANES, the_pair
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
# What U-Net does, at a wall that is bright in the skip and dark from below: the sum hides it.
FIRST = {"merge": "concat", "level": 2, "block": 3, **ALL}
STOPS = [n / 5 for n in range(-5, 6)]  # what a weight may be
HARDLY = 0.5  # a wall that stands out by less is hardly seen
NEARLY = 0.95  # of the most: as good as all of it
WALL = 8  # pixels from one neuron over the pair's wall to the other, at most
RING = "21% 29% at 55% 42%"  # an ellipse around the wall, of a map's width and height


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
    ring, stops : see `RING` and `STOPS`
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
    return {"maps": maps, "ends": ends, "ring": RING, "stops": STOPS}


@lru_cache(maxsize=4)
def places(level: int) -> tuple[np.ndarray, np.ndarray]:
    """What fraction of each pixel of a level is the pair's wall, and inside of its neurons."""
    neurons, two = the_pair(MEMBRANES).numbered(scene()[2])
    across = sum(distance_transform_edt(neurons != number) for number in two)
    wall, inside = (neurons == 0) & (across < WALL), np.isin(neurons, two)
    size = 2**level  # pixels of the crop, in one of the level
    side = len(wall) // size
    parts = [part.reshape(side, size, side, size).mean((1, 3)) for part in (wall, inside)]
    return parts[0], parts[1]


def clearness(level: int, block: int, skip: float, below: float) -> float:
    """How far a weighted sum's mean at the pair's wall is from its mean inside the neurons.

    In standard deviations of the inside, so that a factor changes nothing; 0 where nothing is
    left. The maps are those that are drawn.

    Examples
    --------
    >>> [round(clearness(0, 3, *weights), 2) for weights in ((1, 1), (0, 1), (0.5, 0.5))]
    [1.36, 2.15, 1.36]
    """
    wall, inside = places(level)
    total = np.zeros(wall.shape)
    for weight, name in ((skip, "skip"), (below, "below")):
        low, high = given()["ends"][level][name][block]
        total += weight * (low + (high - low) * given()["maps"][level][name][block] / 255)
    at_wall, mean = (np.average(total, weights=part) for part in (wall, inside))
    spread = np.average((total - mean) ** 2, weights=inside) ** 0.5
    return float(abs(at_wall - mean) / spread) if spread > 0 else 0.0


@lru_cache(maxsize=16)
def clearest(level: int, block: int) -> tuple[float, float, float]:
    """The largest `clearness` that two weights reach, and these weights."""
    weights = [pair for pair in product(STOPS, STOPS) if any(pair)]
    best = max(weights, key=lambda pair: (round(clearness(level, block, *pair), 6), sum(pair)))
    return (clearness(level, block, *best), *best)


def answer(settings: dict[str, Any]) -> dict[str, Any]:
    """Join the skip of one level to the map from below, in the paper's network.

    Parameters
    ----------
    settings : ``merge``, one of "concat", "add", "none"; ``level``, 0 to 3; ``block``, 0 to 3,
        of which one channel is shown; ``skip``, ``below`` and ``sum``, −1 to 1, what the next
        convolution weighs it with. What is missing is as in `FIRST`

    Returns
    -------
    labels : of the skip, the map from below, the joined map, and what weights make of it
    reads : see `reads`; costs: for each merge what `costs_of` says
    bars : for each bar in words what becomes of it; see `goes`
    weights : of the next convolution, for the two channels that are shown: what it weighs
    told : how clearly the wall stands out, in words
    clear, best : that, and what two weights reach, as fractions of the largest of all blocks
    lost : what becomes of a skip that is not in the joined map, in words, or ""
    table : for each level what is paid; see `priced`. pale, what its pale bars are, in words
    in_all, learned : see `price`
    headline, because, said : the merge and its price, in words
    """
    settings = FIRST | settings
    merge, level = settings["merge"], settings["level"]
    block, weights = settings["block"], {name: settings[name] for name in ALL}
    if block not in range(BARS) or any(abs(weight) > 1 for weight in weights.values()):
        reason = _("a block is 0 to {last}, and a weight −1 to 1").format(last=BARS - 1)
        nearest = {name: min(max(weight, -1), 1) for name, weight in weights.items()}
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
    used = [settings[name] for name in WEIGHTS[merge]]
    skip, below = {"concat": used, "add": used * 2, "none": [0, *used]}[merge]
    now, best = clearness(level, block, skip, below), clearest(level, block)
    untouched = min(used) == 1 and block == FIRST["block"]
    why = paid(merge, level) if untouched else weighed(settings, used, now)
    for shows, reason in asked().values():
        if FIRST | shows == settings:
            why = reason()
    largest = max(clearest(*place)[0] for place in product(range(4), range(BARS)))
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
        "told": (
            _("The wall stands out by {now:.2f} standard deviations (at best {best:.2f}).")
            if merge == "concat"
            else _("The wall stands out by {now:.2f} (two weights: up to {best:.2f}).")
        ).format(now=now, best=best[0]),
        "clear": round(now / largest, 4),
        "best": round(best[0] / largest, 4),
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


def weighed(settings: dict[str, Any], used: list[float], now: float) -> str:
    """What the next convolution does to the wall with these weights, and why."""
    merge, place = settings["merge"], (settings["level"], settings["block"])
    if not any(used):
        return _("Nothing is left, because all that is read has the weight 0.")
    most, *best = clearest(*place)
    skip, below, added = (clearness(*place, *pair) for pair in ((1, 0), (0, 1), (1, 1)))
    if most < HARDLY:
        words = _(
            "Neither map shows the wall, so no weights help much: at best it stands out by "
            "{most:.2f}. Click another block."
        )
    elif merge == "add":
        words = _(
            "The wall stands out by {now:.2f} at every weight but 0, because one weight fades "
            "skip and map from below alike. With a weight for each it reaches {most:.2f}."
        )
    elif merge == "none" and best[0]:
        words = _(
            "The wall stands out by {now:.2f} at every weight but 0, because a weight fades "
            "wall and inside alike. With the skip, two weights reach {most:.2f}."
        )
    elif merge == "none":
        words = _(
            "The wall stands out by {now:.2f} at every weight but 0, because a weight fades "
            "wall and inside alike. In this block a skip can't raise that."
        )
    elif f"{now:.2f}" != f"{most:.2f}":
        words = _(
            "The wall stands out by {now:.2f}; other weights reach {most:.2f}. You can find "
            "them, because each map has a weight of its own."
        )
    elif skip > NEARLY * most:
        words = _(
            "Found ({most:.2f}): almost only the skip, which alone reaches {skip:.2f}. Adding "
            "can't drop one of two ({added:.2f})."
        )
    elif below > NEARLY * most:
        words = _(
            "Found ({most:.2f}): almost only the map from below, which alone reaches "
            "{below:.2f}. Adding can't drop one of two ({added:.2f})."
        )
    elif min(best) < 0:
        words = _(
            "Found ({most:.2f}): one map minus some of the other, because the wall is bright "
            "in one and dark in the other. Adding can't subtract ({added:.2f})."
        )
    else:
        words = _(
            "Found ({most:.2f}): some of each. Each map alone shows the wall less (skip "
            "{skip:.2f}, from below {below:.2f}), and adding can't weigh one more than the "
            "other ({added:.2f})."
        )
    return words.format(now=now, most=most, skip=skip, below=below, added=added)


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


def _at(skip: float, below: float, say: Callable[[float, float], str]) -> Callable[[], str]:
    """What is said of the first wall, with these weights and with the best two."""
    level, block = FIRST["level"], FIRST["block"]
    return lambda: say(clearness(level, block, skip, below), clearest(level, block)[0])


def asked() -> dict[str, tuple[dict[str, Any], Callable[[], str]]]:
    """A question -> the settings that show its answer, and what gives it in words."""
    return {
        _("What does adding save?"): ({"merge": "add"}, _at(1, 1, saved)),
        _("Which level is the most expensive?"): ({"level": 3}, dearest),
        _("What do you lose by adding?"): ({"below": -0.2}, _at(1, 1, lost)),
        _("And with no skip?"): ({"merge": "none"}, _at(0, 1, without)),
    }


def questions() -> dict[str, dict[str, Any]]:
    """Settings that answer a question, by the question."""
    return {question: FIRST | settings for question, (settings, _reason) in asked().items()}


def recorded() -> Iterator[dict[str, Any]]:
    """What the book holds: everything that a hand can reach."""
    for merge, names in WEIGHTS.items():
        for level, block, *weights in product(range(4), range(BARS), *[STOPS] * len(names)):
            moved = dict(zip(names, weights, strict=True))
            yield as_a_page({"merge": merge, "level": level, "block": block, **ALL, **moved})
