"""Draw and write what minutes of training buy, from the committed tables.

    python tools/make_minutes.py

Every point is judged on all five blocks of six ISBI 2012 slices, each held out in turn, and was
trained on one core of an AMD EPYC without matrix units. The interval is Student's t over the
blocks' means, as in experiments/README.md.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median, stdev

from scipy import stats

sys.path.insert(0, str(Path(__file__).parent))
from alt_texts import keep
from marked import between

from unet_teach.comparisons import load_table
from unet_teach.comparisons.difference import CONFIDENCE
from unet_teach.drawing import png
from unet_teach.drawing.style import BLUE, LIGHT, new_figure, plain_axes

ROOT = Path(__file__).parents[1]
PICTURE = "minutes.png"  # in assets
HEAD = """\
| recipe | minutes of one core | V_rand | 95 % confidence interval |
|---|---|---|---|"""
TRAININGS = ("real", "synthetic", "mixed")  # whose three networks are averaged


@dataclass(frozen=True)
class Point:
    """A recipe: what it took, and its V_rand on each block."""

    name: str
    minutes: float
    blocks: tuple[float, ...]

    @property
    def v_rand(self) -> float:
        return mean(self.blocks)

    @property
    def half_width(self) -> float:
        """Half the 95 % confidence interval."""
        quantile = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(self.blocks) - 1))
        return quantile * stdev(self.blocks) / len(self.blocks) ** 0.5


def _small(table: str, variant: str) -> tuple[float, tuple[float, ...]]:
    """Minutes of one network of 8 channels, the median of those timed; V_rand by block.

    A network of synthetic tissue alone was trained once a seed and judged on every block:
    what took a second was no training.
    """
    rows = [row for row in load_table(table) if row["variant"] == variant]
    timed = [row["cpu_seconds"] for row in rows if (row.get("cpu_seconds") or 0) > 10]
    blocks = sorted({row["block"] for row in rows})
    means = (mean(row["v_rand"] for row in rows if row["block"] == block) for block in blocks)
    return median(timed) / 60 if timed else 0.0, tuple(means)


def _tier(table: str, way: str) -> tuple[float, tuple[float, ...]]:
    """Minutes and V_rand by block of a tier, seed 0; single, or averaged over orientations."""
    rows = sorted((r for r in load_table(table) if r["seed"] == 0), key=lambda row: row["fold"])
    return mean(row["minutes"] for row in rows), tuple(row[way]["v_rand"] for row in rows)


def points() -> list[Point]:
    """From the quickest to the slowest."""
    three = sum(_small("mixed", kind)[0] for kind in TRAININGS)
    found = [
        Point("8 channels, 400 steps, augmented", *_small("pairs", "U-Net")),
        Point("8 channels, 400 steps, crops alone", *_small("pairs", "24 slices, crops")),
        Point("8 channels, 800 steps", *_small("mixed", "real")),
        Point("8 channels, 800 steps, real and synthetic", *_small("mixed", "mixed")),
        Point("mean of three such networks", three, _small("mixed", "mean of the three")[1]),
        Point("`class`: 16 channels, 500 steps", *_tier("isbi_class", "single")),
        Point("`class`, over eight orientations", *_tier("isbi_class", "averaged")),
        Point("`class`, 1,500 steps, the same", *_tier("isbi_class_1500", "averaged")),
    ]
    return sorted(found, key=lambda point: point.minutes)


def table() -> str:
    """The points, in words."""
    lines = [HEAD]
    for p in points():
        low, high = p.v_rand - p.half_width, p.v_rand + p.half_width
        lines.append(
            f"| {p.name} | {p.minutes:.1f} | {p.v_rand:.3f} | {low:.3f} to {high:.3f} |"
        )
    return "\n".join(lines)


def picture() -> tuple[bytes, str]:
    """The curve, and what it says."""
    figure, found = new_figure(7.6, 3.4), points()
    grid = figure.add_gridspec(1, 2, width_ratios=(5, 3))
    axes, key = plain_axes(figure.add_subplot(grid[0])), figure.add_subplot(grid[1])
    for number, point in enumerate(found):
        aside = -14 if number in (0, 2) else 7  # points
        axes.errorbar(point.minutes, point.v_rand, yerr=point.half_width, fmt="o", color=BLUE,
                      ecolor=LIGHT.line, elinewidth=3, markersize=6)  # fmt: skip
        axes.annotate(str(number + 1), (point.minutes, point.v_rand), (aside, 3),
                      textcoords="offset points", fontsize=10, color=LIGHT.ink)  # fmt: skip
    axes.set_xscale("log")
    ticks = [0.5, 1, 2, 5, 10, 20, 50]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_xlabel("minutes of training on one core")
    axes.set_ylabel("V_rand on five held-out blocks")
    names = "\n".join(
        f"{i + 1}  {p.name.replace('`', '')}".replace(", real", ",\n    real")
        for i, p in enumerate(found)
    )
    key.axis("off")
    key.text(0, 0.5, names, fontsize=9, color=LIGHT.ink, va="center", linespacing=1.9)
    said = "; ".join(
        f"{p.name}: {p.minutes:.1f} minutes, V_rand {p.v_rand:.3f} ± {p.half_width:.3f}"
        for p in found
    ).replace("`", "")
    return png(figure, dpi=100), f"V_rand against minutes of training on one core. {said}."


def with_minutes(readme: str) -> str:
    """The page's text with the picture and the table of today."""
    said = picture()[1]
    shown = f'<img src="../assets/{PICTURE}" width="760" alt="{said}">'
    return between(readme, "minutes", f"{shown}\n\n{table()}")


def draw() -> None:
    """The picture, and what it says: the same bytes every time."""
    keep({PICTURE: picture()})


if __name__ == "__main__":
    draw()
    path = ROOT / "experiments" / "README.md"
    path.write_text(with_minutes(path.read_text(encoding="utf-8")), encoding="utf-8")
