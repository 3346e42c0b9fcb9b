"""One comparison: the estimate, its confidence interval, and what such pairs can detect."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import mean, stdev

from scipy import optimize, stats

from unet_teach.translation import _

CONFIDENCE = 0.95
POWER = 0.8


@dataclass(frozen=True)
class Difference:
    """Variant b minus variant a, over pairs of runs.

    ``low`` to ``high`` is the 95 % confidence interval of Student's t. Where pairs belong to
    blocks, it is taken over the means of the blocks: five blocks of two pairs are five
    observations. A difference is ``found`` where the interval leaves out 0.

    If you ask twenty questions of nothing but noise, one of them is likely to look like a
    yes. So a lesson that asks several says how many, and each interval becomes as much wider
    as it takes to keep a chance of 95 % for all of them together (Bonferroni's correction).

    Examples
    --------
    >>> seen = (0.01, 0.03, 0.02, 0.04)
    >>> Difference("plain", "new", "v_rand", seen, blocks=(0, 0, 1, 1)).observations
    (0.02, 0.03)
    """

    a: str
    b: str
    metric: str
    differences: tuple[float, ...]  # by block, then by seed
    questions: int = 1  # so many comparisons are made together
    blocks: tuple[int, ...] | None = None  # of each pair; None: each pair stands for itself

    @property
    def n(self) -> int:
        """Pairs."""
        return len(self.differences)

    @property
    def observations(self) -> tuple[float, ...]:
        """What the interval is taken over: the mean of each block, or else the pairs."""
        if self.blocks is None:
            return self.differences
        of = {block: [] for block in self.blocks}
        for block, difference in zip(self.blocks, self.differences, strict=True):
            of[block].append(difference)
        return tuple(mean(values) for values in of.values())

    @property
    def mean(self) -> float:
        """The estimate."""
        return mean(self.observations)

    @property
    def standard_error(self) -> float:
        """Of the estimate."""
        return stdev(self.observations) / math.sqrt(len(self.observations))

    @property
    def degrees(self) -> int:
        """Degrees of freedom of Student's t."""
        return len(self.observations) - 1

    @property
    def half_width(self) -> float:
        """Half the length of the confidence interval."""
        return self._quantile * self.standard_error

    @property
    def _quantile(self) -> float:
        return float(stats.t.ppf(1 - (1 - CONFIDENCE) / self.questions / 2, self.degrees))

    @property
    def smallest(self) -> float:
        """The half-width, by the name that older lessons call it.

        It is *not* the smallest difference that can be detected: see `detectable`.
        """
        return self.half_width

    @property
    def low(self) -> float:
        return self.mean - self.half_width

    @property
    def high(self) -> float:
        return self.mean + self.half_width

    @property
    def found(self) -> bool:
        """Whether the interval leaves out 0."""
        return abs(self.mean) > self.half_width

    def power(self, true: float) -> float:
        """How often such pairs detect a true difference: the fraction of repetitions whose
        interval leaves out 0, if the standard deviation is as estimated (noncentral t).

        Examples
        --------
        >>> five = Difference("a", "b", "v_rand", (0.01, 0.03, 0.02, 0.04, 0.0))
        >>> round(five.power(five.half_width), 2), round(five.power(five.detectable), 2)
        (0.56, 0.8)
        """
        shift = true / self.standard_error
        above, below = stats.nct.sf(self._quantile, self.degrees, [shift, -shift])
        return float(above + below)

    @property
    def detectable(self) -> float:
        """The true difference that such pairs detect with 80 % power.

        A difference as large as the half-width is detected in little more than half of all
        repetitions. Four of five take 1.35 times as much with five observations.
        """
        if not self.standard_error:
            return 0.0
        highest = 2 * self.half_width
        while self.power(highest) < POWER:
            highest *= 2
        return float(optimize.brentq(lambda true: self.power(true) - POWER, 0.0, highest))

    @property
    def verdict(self) -> str:
        """``"b is higher"``, ``"a is higher"`` or ``"not settled"``."""
        if not self.found:
            return "not settled"
        return f"{self.b if self.mean > 0 else self.a} is higher"

    def __str__(self) -> str:
        """Short lines, so that none is cut on a narrow page."""
        several = (
            _(", Bonferroni for {n}").format(n=self.questions) if self.questions > 1 else ""
        )
        return _(
            "{b} − {a}: {metric}\n"
            "    {mean:+.4f}, 95 % confidence interval {low:+.4f} to {high:+.4f}\n"
            "    {n} pairs{several}:\n"
            "    {verdict}"
        ).format(
            a=self.a, b=self.b, metric=self.metric, mean=self.mean, low=self.low,
            high=self.high, several=several, n=self.n, verdict=self.verdict,
        )  # fmt: skip
