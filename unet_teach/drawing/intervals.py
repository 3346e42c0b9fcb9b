"""The interval plot: what a comparison of trained networks says, as one picture.

For each comparison: the estimate, its 95 % confidence interval, a line at zero, and the pairs
as dots. Every lesson that compares networks, the README and the book show it.
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from unet_teach.comparisons import QUESTIONS, Difference, answer, asked_in
from unet_teach.drawing.export import figure_picture
from unet_teach.drawing.picture import Picture
from unet_teach.drawing.style import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    Theme,
    new_figure,
    plain_axes,
    theme_named,
)
from unet_teach.translation import _, _n

# Of the blocks, in their order: a hue and a shape each, so that either is enough.
MARKS = ((BLUE, "o"), (ORANGE, "s"), (GREEN, "^"), (PURPLE, "D"), (SKY, "v"))
NAMES = {"v_rand": "V_rand", "v_info": "V_info", "pixel_error": _("pixel error")}
BETTER_LOWER = ("pixel_error", "loss", "error")
PERFECT = ("v_rand", "v_info")  # metrics of which 1 is the best
WIDTH = 5  # points, of an interval
BAR, LANES = 0.24, (0.1, 0.01, -0.08, -0.17, -0.26)  # from the middle of a comparison's row


def verdict(difference: Difference) -> str:
    """What the interval says, in words: higher, lower, or not settled.

    Examples
    --------
    >>> verdict(Difference("a", "b", "v_rand", (0.02, -0.01, 0.01)))
    'not settled'
    """
    if not difference.found:
        return _("not settled")
    better = (difference.mean > 0) != (difference.metric in BETTER_LOWER)
    return _("better") if better else _("worse")


def interval_plot(
    differences: Sequence[Difference], asks: Sequence[str] | None = None, theme: str = "light"
) -> Figure:
    """One row for each comparison, all of one metric.

    Parameters
    ----------
    differences : of one metric; the estimate is b minus a
    asks : a question for each, above its row; none if not given
    theme : "light" or "dark"

    Raises
    ------
    ValueError
        Nothing to draw, several metrics, or another number of questions than of comparisons.

    Examples
    --------
    >>> pairs = Difference("bilinear", "U-Net", "v_rand", (0.01, 0.03, 0.02))
    >>> interval_plot([pairs]).axes[0].get_xlabel()
    'difference in V_rand (a perfect score is 1)'
    """
    _check(differences, asks)
    colours, metric = theme_named(theme), differences[0].metric
    figure = new_figure(8.4, 1.4 + 1.15 * len(differences), colours)
    runs = _runs(differences)
    parts = figure.subplots(len(runs), height_ratios=[len(rows) for rows, _reach in runs])
    for axes, (rows, reach) in zip([parts] if len(runs) == 1 else parts, runs, strict=True):
        plain_axes(axes, colours)
        for place, row in enumerate(rows):
            _row(axes, -place, differences[row], asks[row] if asks else None, colours)
        _frame(axes, len(rows), reach, colours)
    figure.axes[-1].set_xlabel(_label(metric))
    _sides(figure.axes[0], metric, colours)
    _legend(figure, differences, colours)
    return figure


def _runs(differences: Sequence[Difference]) -> list[tuple[list[int], float]]:
    """Rows that follow each other on one scale, with how far it reaches.

    One that reaches more than three times as far as the middle one has a scale of its own:
    it would squeeze all others to nothing.
    """
    reach = [max(map(abs, (d.low, d.high, *d.differences))) for d in differences]
    usual = sorted(reach)[len(reach) // 2]
    most = max(x for x in reach if x <= 3 * usual)
    runs: list[tuple[list[int], float]] = []
    for row, own in enumerate(reach):
        scale = 1.08 * (most if own <= 3 * usual else own) or 1.0
        if not runs or runs[-1][1] != scale:
            runs.append(([], scale))
        runs[-1][0].append(row)
    return runs


def _check(differences: Sequence[Difference], asks: Sequence[str] | None) -> None:
    metrics = sorted({difference.metric for difference in differences})
    if len(metrics) != 1:
        raise ValueError(f"comparisons of {', '.join(metrics) or 'nothing'}; give one metric")
    if asks is not None and len(asks) != len(differences):
        raise ValueError(
            f"{len(asks)} questions for {len(differences)} comparisons; give one each"
        )


def _row(axes: Axes, y: float, difference: Difference, ask: str | None, theme: Theme) -> None:
    """The interval and its estimate, below it the pairs; on both sides what they are."""
    hue = theme.ink if difference.found else theme.faint
    middle = {"color": hue, "marker": "|", "markersize": 17, "markeredgewidth": 3}
    axes.plot([difference.low, difference.high], [y + BAR] * 2, color=hue, linewidth=WIDTH,
              solid_capstyle="butt", zorder=3)  # fmt: skip
    axes.plot(difference.mean, y + BAR, zorder=4, **middle)
    for block, value in zip(_blocks(difference), difference.differences, strict=True):
        hue, shape = _mark(block, theme, difference.blocks is not None)
        axes.plot(value, y + LANES[block % len(LANES)], shape, color=hue, markersize=6,
                  markeredgecolor=theme.paper, markeredgewidth=0.6)  # fmt: skip
    left, right = axes.get_yaxis_transform(), {"va": "center", "fontsize": 10}
    names = _("{b}\ncompared with {a}").format(a=difference.a, b=difference.b)
    axes.text(-0.02, y, names, transform=left, ha="right", color=theme.ink, **right)
    ends = f"{_signed(difference.low)}, {_signed(difference.high)}"
    said = f"{_signed(difference.mean)}\n({ends})\n{verdict(difference)}"
    weight = "bold" if difference.found else "normal"
    axes.text(1.02, y, said, transform=left, ha="left", color=theme.ink, weight=weight, **right)
    if ask:
        behind = {"facecolor": theme.paper, "edgecolor": "none", "pad": 1.5}  # the line at zero
        axes.text(0, y + 0.46, ask, transform=left, color=theme.ink, va="center", fontsize=10,
                  bbox=behind, zorder=5)  # fmt: skip


def _blocks(difference: Difference) -> Sequence[int]:
    """Of each pair; the middle lane where it has none."""
    return difference.blocks or (len(LANES) // 2,) * difference.n


def _mark(block: int, theme: Theme, blocks: bool = True) -> tuple[str, str]:
    return MARKS[block % len(MARKS)] if blocks else (theme.faint, "o")


def _frame(axes: Axes, rows: int, reach: float, theme: Theme) -> None:
    """Zero, and a rule between two rows."""
    axes.set(xlim=(-reach, reach), ylim=(0.45 - rows, 0.68), yticks=[])
    axes.axvline(0, color=theme.faint, linewidth=1.2, zorder=1)
    for row in range(1, rows):
        axes.axhline(0.64 - row, color=theme.line, linewidth=0.8)
    axes.spines["left"].set_visible(False)


def _label(metric: str) -> str:
    name = _("difference in {metric}").format(metric=NAMES.get(metric, metric))
    return _("{name} (a perfect score is 1)").format(name=name) if metric in PERFECT else name


def _sides(axes: Axes, metric: str, theme: Theme) -> None:
    """Which side of zero is better."""
    sides = [_("← worse"), _("better →")]
    if metric in BETTER_LOWER:
        sides = [_("← better"), _("worse →")]
    for x, side, words in zip((0, 1), ("left", "right"), sides, strict=True):
        axes.annotate(words, (x, 1), xycoords="axes fraction", ha=side, va="bottom",
                      color=theme.faint, fontsize=10)  # fmt: skip
    axes.annotate("0", (0, 1), xycoords=("data", "axes fraction"), ha="center",
                  va="bottom", color=theme.faint, fontsize=10)  # fmt: skip


def _legend(figure: Figure, differences: Sequence[Difference], theme: Theme) -> None:
    """What the bar is, and what the marks are."""
    interval = _("estimate and 95 % confidence interval")
    if (most := _questions(differences)) > 1:
        alike = all(d.questions == most for d in differences)
        interval = _n(
            "estimate and 95 % confidence interval (Bonferroni-corrected for {n} question)",
            "estimate and 95 % confidence interval (Bonferroni-corrected for {n} questions)",
            most,
        ) if alike else _(
            "estimate and 95 % confidence interval (Bonferroni-corrected where a lesson asks "
            "several questions)"
        )  # fmt: skip
    unsettled = _("the interval covers zero: not settled, it may be better or worse")
    bars = [
        Line2D([], [], color=hue, linewidth=WIDTH, marker="|", markersize=14, markeredgewidth=3)
        for hue in (theme.ink, theme.faint)
    ]
    blocks = sorted({block for d in differences for block in d.blocks or ()})
    look = {"linestyle": "", "markersize": 6}
    handles, words = (
        [Line2D([], [], linestyle="")],
        [_("a dot: two networks that differ in this alone, by held-out block:")],
    )
    for block in blocks:
        hue, shape = _mark(block, theme)
        handles.append(Line2D([], [], color=hue, marker=shape, **look))
        words.append(str(block + 1))
    if not blocks:
        handles, words = (
            [Line2D([], [], color=theme.faint, marker="o", **look)],
            [_("a pair of networks, trained with the same seed")],
        )
    below = {"frameon": False, "fontsize": 9, "labelcolor": theme.ink, "columnspacing": 1.2}
    figure.legend(handles, words, loc="outside lower center", ncols=len(words), **below)
    figure.legend(bars, [interval, unsettled], loc="outside upper center", ncols=1, **below)


def _questions(differences: Sequence[Difference]) -> int:
    """For how many questions the intervals are corrected."""
    return max(difference.questions for difference in differences)


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def interval_alt(differences: Sequence[Difference], asks: Sequence[str] | None = None) -> str:
    """What the plot shows, in words and numbers.

    Examples
    --------
    >>> interval_alt([Difference("bilinear", "U-Net", "v_rand", (0.01, 0.03, 0.02))])[:60]
    'Differences in V_rand, with 95 % confidence intervals. U-Net'
    """
    _check(differences, asks)
    metric = NAMES.get(differences[0].metric, differences[0].metric)
    said = [_("Differences in {metric}, with 95 % confidence intervals.").format(metric=metric)]
    if (most := _questions(differences)) > 1:
        said = [
            _n(
                "Differences in {metric}, with 95 % confidence intervals (Bonferroni-corrected "
                "for {n} question).",
                "Differences in {metric}, with 95 % confidence intervals (Bonferroni-corrected "
                "for {n} questions).",
                most, metric=metric,
            )
        ]  # fmt: skip
    for ask, d in zip(asks or [""] * len(differences), differences, strict=True):
        sentence = _n(
            "{b} compared with {a}: {mean}, from {low} to {high}, {n} pair, {verdict}.",
            "{b} compared with {a}: {mean}, from {low} to {high}, {n} pairs, {verdict}.",
            d.n, a=d.a, b=d.b, verdict=verdict(d),
            mean=_signed(d.mean), low=_signed(d.low), high=_signed(d.high),
        )  # fmt: skip
        said.append(f"{ask} {sentence[0].upper()}{sentence[1:]}".strip())
    return " ".join(said)


def interval_picture(
    differences: Sequence[Difference], asks: Sequence[str] | None = None
) -> Picture:
    """`interval_plot` with `interval_alt`, for a lesson: it shows itself.

    Examples
    --------
    >>> pairs = Difference("bilinear", "U-Net", "v_rand", (0.01, 0.03, 0.02))
    >>> print(interval_picture([pairs]))
    Differences in V_rand, with 95 % confidence intervals. U-Net compared with bilinear: ...
    """
    return figure_picture(interval_plot(differences, asks), interval_alt(differences, asks))


def primary_answers(lesson: int) -> Picture:
    """A lesson's primary questions with their answers, as `interval_picture` shows them.

    Raises
    ------
    ValueError
        The lesson asks none, or the runs that answer it are not all done.
    """
    names = asked_in(lesson)
    if not names:
        raise ValueError(f"lesson {lesson} asks no primary question; see QUESTIONS")
    return interval_picture([answer(n) for n in names], [QUESTIONS[n].asks for n in names])
