"""What a table of trained networks says, and what it does not: paired differences.

The runs of one seed are pairs: same first random numbers, same slices in the same order. So
the difference of two variants is taken seed by seed, and what is left of the seeds' spread
decides how small a difference could have been seen at all. Lessons 03 to 06 use it.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from importlib import resources
from statistics import mean, stdev

from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Difference:
    """Variant b minus variant a, over pairs of runs with the same seed.

    ``low`` to ``high`` is the 95 % interval of Student's t. A difference is ``found`` where
    the interval leaves out 0. Of twenty questions asked of nothing but noise one would be
    "found" by chance, so who asks several says how many: each interval is then as much wider
    as it takes to keep that chance for all of them together (Bonferroni).
    """

    a: str
    b: str
    metric: str
    differences: tuple[float, ...]  # by seed
    questions: int = 1  # so many comparisons are made together

    @property
    def n(self) -> int:
        return len(self.differences)

    @property
    def mean(self) -> float:
        return mean(self.differences)

    @property
    def smallest(self) -> float:
        """Half the interval: a mean difference below this could not have been told from 0."""
        quantile = stats.t.ppf(1 - (1 - CONFIDENCE) / self.questions / 2, self.n - 1)
        return float(quantile * stdev(self.differences) / math.sqrt(self.n))

    @property
    def low(self) -> float:
        return self.mean - self.smallest

    @property
    def high(self) -> float:
        return self.mean + self.smallest

    @property
    def found(self) -> bool:
        return abs(self.mean) > self.smallest

    @property
    def verdict(self) -> str:
        """``"b is higher"``, ``"a is higher"`` or ``"none found"``."""
        if not self.found:
            return "none found"
        return f"{self.b if self.mean > 0 else self.a} is higher"

    def __str__(self) -> str:
        return (
            f"{self.b} − {self.a}: {self.metric}\n"
            f"    {self.mean:+.4f}, from {self.low:+.4f} to {self.high:+.4f}\n"
            f"    ({self.n} pairs; below {self.smallest:.4f} nothing could have been seen)\n"
            f"    {self.verdict}"
        )


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


def by_seed(table: list[dict], variant: str, metric: str) -> dict[int, float]:
    """Seed -> value of one variant.

    Raises
    ------
    ValueError
        A variant or metric that is not in the table; lists the variants.
    """
    entries = [entry for entry in table if entry["variant"] == variant]
    if not entries:
        valid = ", ".join(repr(v) for v in dict.fromkeys(e["variant"] for e in table))
        raise ValueError(f"no variant {variant!r}; valid: {valid}")
    if metric not in entries[0]:
        raise ValueError(f"no metric {metric!r}; valid: {', '.join(entries[0])}")
    return {entry["seed"]: entry[metric] for entry in entries}


def paired(
    table: list[dict], a: str, b: str, metric: str = "v_rand", questions: int = 1
) -> Difference:
    """What b has more than a, over the seeds that both were run with.

    Raises
    ------
    ValueError
        Fewer than two pairs: nothing can be said of the spread.

    Examples
    --------
    >>> runs = [("plain", 0, 0.90), ("plain", 1, 0.92), ("new", 0, 0.93), ("new", 1, 0.94)]
    >>> table = [{"variant": v, "seed": s, "v_rand": x} for v, s, x in runs]
    >>> difference = paired(table, "plain", "new")
    >>> round(difference.mean, 3), difference.verdict
    (0.025, 'none found')
    """
    one, other = by_seed(table, a, metric), by_seed(table, b, metric)
    seeds = sorted(set(one) & set(other))
    if len(seeds) < 2:
        raise ValueError(f"{len(seeds)} pairs of {a!r} and {b!r}; at least 2 are needed")
    differences = tuple(other[seed] - one[seed] for seed in seeds)
    return Difference(a, b, metric, differences, questions)


def summary(table: list[dict], metric: str = "v_rand") -> dict[str, tuple[float, float, int]]:
    """Variant -> mean, standard deviation and number of its runs."""
    found = {}
    for variant in dict.fromkeys(entry["variant"] for entry in table):
        values = list(by_seed(table, variant, metric).values())
        found[variant] = (mean(values), stdev(values) if len(values) > 1 else 0.0, len(values))
    return found
