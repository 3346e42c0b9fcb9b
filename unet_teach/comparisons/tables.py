"""Tables of runs, and the pairs in them."""

from __future__ import annotations

import json
from importlib import resources
from statistics import mean, stdev

from unet_teach.comparisons.difference import Difference


def load_table(name: str) -> list[dict]:
    """The runs of a committed table, ``resources/results/NAME.json``.

    Raises
    ------
    ValueError
        No such table; lists those there are.

    Examples
    --------
    >>> load_table("nothing")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: no table 'nothing'; valid names: ...
    """
    folder = resources.files("unet_teach") / "resources" / "results"
    path = folder / f"{name}.json"
    if not path.is_file():
        known = sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".json"))
        raise ValueError(f"no table {name!r}; valid names: {', '.join(known)}")
    return json.loads(path.read_text(encoding="utf-8"))


def by_pair(table: list[dict], variant: str, metric: str) -> dict[tuple, float]:
    """(block, seed) -> value of one variant; a table of one block has None for it.

    Raises
    ------
    ValueError
        A variant or metric that is not in the table; lists the variants. Two runs of one pair.
    """
    entries = [entry for entry in table if entry["variant"] == variant]
    if not entries:
        valid = ", ".join(repr(v) for v in dict.fromkeys(e["variant"] for e in table))
        raise ValueError(f"no variant {variant!r}; valid: {valid}")
    if metric not in entries[0]:
        raise ValueError(f"no metric {metric!r}; valid: {', '.join(entries[0])}")
    values = {(entry.get("block"), entry["seed"]): entry[metric] for entry in entries}
    if len(values) < len(entries):
        raise ValueError(
            f"{len(entries)} runs of {variant!r} make {len(values)} pairs; each (block, seed) "
            "may occur once"
        )
    return dict(sorted(values.items(), key=lambda item: (item[0][0] or 0, item[0][1])))


def by_seed(table: list[dict], variant: str, metric: str) -> dict[int, float]:
    """Seed -> value of one variant, where each seed occurs once. Errors as in `by_pair`."""
    values = by_pair(table, variant, metric)
    seeds = {seed: value for (_block, seed), value in values.items()}
    if len(seeds) < len(values):
        raise ValueError(f"a seed of {variant!r} occurs in two blocks; use by_pair")
    return seeds


def paired(
    table: list[dict], a: str, b: str, metric: str = "v_rand", questions: int = 1
) -> Difference:
    """What b has more than a, over the pairs that both were run for.

    Raises
    ------
    ValueError
        Fewer than two pairs, or fewer than two blocks: nothing can be said of the standard
        deviation.

    Examples
    --------
    >>> runs = [("plain", 0, 0.90), ("plain", 1, 0.92), ("new", 0, 0.93), ("new", 1, 0.94)]
    >>> table = [{"variant": v, "seed": s, "v_rand": x} for v, s, x in runs]
    >>> difference = paired(table, "plain", "new")
    >>> round(difference.mean, 3), difference.verdict
    (0.025, 'not settled')
    """
    one, other = by_pair(table, a, metric), by_pair(table, b, metric)
    pairs = [pair for pair in one if pair in other]
    if len(pairs) < 2:
        raise ValueError(f"{len(pairs)} pairs of {a!r} and {b!r}; at least 2 are needed")
    blocks = tuple(block for block, _seed in pairs)
    if blocks[0] is None:
        blocks = None
    elif len(set(blocks)) < 2:
        raise ValueError(
            f"all pairs of {a!r} and {b!r} are of block {blocks[0]}; at least 2 are needed"
        )
    differences = tuple(other[pair] - one[pair] for pair in pairs)
    return Difference(a, b, metric, differences, questions, blocks)


def summary(table: list[dict], metric: str = "v_rand") -> dict[str, tuple[float, float, int]]:
    """Variant -> mean, standard deviation and number of its runs."""
    found = {}
    for variant in dict.fromkeys(entry["variant"] for entry in table):
        values = list(by_pair(table, variant, metric).values())
        found[variant] = (mean(values), stdev(values) if len(values) > 1 else 0.0, len(values))
    return found
