"""What a hand may ask an interactive for next, so that it can be answered before it does."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial
from itertools import zip_longest
from operator import itemgetter
from typing import Any

Settings = dict[str, Any]


def as_a_page(settings: Settings) -> Settings:
    """Settings as a page sends them: it knows one kind of numbers, and writes 1.0 as 1.

    Examples
    --------
    >>> as_a_page({"gain": 1.0, "place": (0.5, 2.0)})
    {'gain': 1, 'place': [0.5, 2]}
    """
    return json.loads(
        json.dumps(settings),
        parse_float=lambda text: int(float(text)) if float(text).is_integer() else float(text),
    )


def stops(known: list[Settings]) -> dict[str, list[list]]:
    """The values that each setting takes, place by place; numbers in order.

    A list that always has the same length has as many places as that, all else one.

    Examples
    --------
    >>> stops([{"n": 3, "gains": [1, 1]}, {"n": 1}, {"gains": [0, 1]}])
    {'n': [[1, 3]], 'gains': [[0, 1], [1]]}
    """
    found: dict[str, list[list]] = {}
    for name in known[0]:
        values = [settings[name] for settings in known if name in settings]
        lengths = {len(value) if isinstance(value, list) else 0 for value in values}
        is_row = len(lengths) == 1 and max(lengths) > 1
        places = zip(*values, strict=True) if is_row else [values]
        found[name] = [_each_once(place) for place in places]
    return found


def one_step(here: Settings, stops: dict[str, list[list]]) -> list[Settings]:
    """Settings with one value changed, the nearest first.

    Of each place first the next values to both sides and the ends, then what is further.

    Examples
    --------
    >>> [one["n"] for one in one_step({"n": 5}, {"n": [[1, 2, 4, 5, 6, 9]]})]
    [4, 6, 1, 9, 2]
    >>> one_step({"gains": [1, 0]}, {"gains": [[0, 1], [0, 1]]})
    [{'gains': [0, 0]}, {'gains': [1, 1]}]
    """
    found = []
    for name, places in stops.items():
        is_row = len(places) > 1
        if is_row and len(here[name]) != len(places):
            continue
        for place, values in enumerate(places):
            now = here[name][place] if is_row else here[name]
            others = sorted((v for v in values if v != now), key=partial(_apart, now))
            ends = [end for end in (values[0], values[-1]) if end in others[2:]]
            order = [*others[:2], *ends, *(v for v in others[2:] if v not in ends)]
            for rank, value in enumerate(order):
                row = (
                    [*here[name][:place], value, *here[name][place + 1 :]] if is_row else value
                )
                found.append((rank, {**here, name: row}))
    return [settings for _rank, settings in sorted(found, key=itemgetter(0))]


def _each_once(values: Iterable[Any]) -> list:
    found = list({json.dumps(value): value for value in values}.values())
    return sorted(found) if all(isinstance(one, (int, float)) for one in found) else found


def _apart(one: Any, other: Any) -> float:
    """How far two values of a setting are from each other; lists: in how many places."""
    if isinstance(one, list) and isinstance(other, list):
        return sum(a != b for a, b in zip_longest(one, other))
    numbers = isinstance(one, (int, float)) and isinstance(other, (int, float))
    return abs(one - other) if numbers else 1
