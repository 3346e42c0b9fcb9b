"""How often does an interval hold what it promises, when two seeds share a block?

    python experiments/simulate_analysis.py        # seconds

Five blocks of two differences each. Their variance is 1, of which a fraction belongs to the
block. Three analyses are compared: Student's t over the means of the blocks, a mixed model,
and Student's t over ten differences as if they were independent. README.md quotes the table.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

BLOCKS, SEEDS, REPETITIONS = 5, 2, 20_000


def half_widths(d: np.ndarray) -> dict[str, np.ndarray]:
    """Of the 95 % intervals around the mean; d is (repetitions, blocks, seeds)."""
    pairs = BLOCKS * SEEDS
    means = d.mean(axis=2)  # (repetitions, blocks)
    between = SEEDS * means.var(axis=1, ddof=1)  # mean squares of the analysis of variance
    within = ((d - means[..., None]) ** 2).sum(axis=(1, 2)) / (pairs - BLOCKS)
    pooled = ((BLOCKS - 1) * between + (pairs - BLOCKS) * within) / (pairs - 1)
    few, many = (float(stats.t.ppf(0.975, df)) for df in (BLOCKS - 1, pairs - 1))
    # Restricted maximum likelihood sets the block's variance to 0 where it comes out below.
    mixed = np.where(between > within, few * np.sqrt(between), many * np.sqrt(pooled))
    return {
        "means of blocks": few * np.sqrt(between / pairs),
        "mixed model": mixed / np.sqrt(pairs),
        "ten independent pairs": many * np.sqrt(pooled / pairs),
    }


def simulate(fraction: float, true: float, rng: np.random.Generator) -> dict[str, list[float]]:
    """Analysis -> coverage of the true difference, and how often 0 is left out."""
    of_blocks = rng.normal(0, np.sqrt(fraction), (REPETITIONS, BLOCKS, 1))
    of_seeds = rng.normal(0, np.sqrt(1 - fraction), (REPETITIONS, BLOCKS, SEEDS))
    d = true + of_blocks + of_seeds
    estimate, found = d.mean(axis=(1, 2)), {}
    for name, half in half_widths(d).items():
        covers, detects = np.abs(estimate - true) <= half, np.abs(estimate) > half
        found[name] = [float(covers.mean()), float(detects.mean())]
    return found


def main() -> None:
    rng = np.random.default_rng(0)
    print("fraction of the block, analysis: coverage, power at a difference of 1.5")
    for fraction in (0.0, 0.1, 0.25, 0.5, 0.75):
        for name, (covers, detects) in simulate(fraction, 1.5, rng).items():
            print(f"{fraction:4}  {name:22} {covers:.2f} {detects:.2f}")


if __name__ == "__main__":
    main()
