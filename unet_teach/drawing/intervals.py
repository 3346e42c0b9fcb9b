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
    'difference in V_rand'
    """
    _check(differences, asks)
    colours, metric = theme_named(theme), differences[0].metric
    figure = new_figure(8.4, 1.4 + 1.15 * len(differences), colours)
    axes = plain_axes(figure.add_subplot(), colours)
    for row, difference in enumerate(differences):
        _row(axes, -row, difference, asks[row] if asks else None, colours)
    _frame(axes, differences, NAMES.get(metric, metric), colours)
    _legend(figure, differences, colours)
    return figure


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
    bar = {"color": theme.ink, "solid_capstyle": "butt", "zorder": 3}
    axes.plot([difference.low, difference.high], [y + BAR] * 2, linewidth=3, **bar)
    axes.plot(difference.mean, y + BAR, "o", color=theme.paper, markeredgecolor=theme.ink,
              markersize=9, markeredgewidth=2.5, zorder=4)  # fmt: skip
    for block, value in zip(_blocks(difference), difference.differences, strict=True):
        hue, shape = _mark(block, theme, difference.blocks is not None)
        axes.plot(value, y + LANES[block % len(LANES)], shape, color=hue, markersize=6,
                  markeredgecolor=theme.paper, markeredgewidth=0.6)  # fmt: skip
    left, right = axes.get_yaxis_transform(), {"va": "center", "fontsize": 10}
    names = _("{b}\ncompared with {a}").format(a=difference.a, b=difference.b)
    axes.text(-0.02, y, names, transform=left, ha="right", color=theme.ink, **right)
    said = f"{_signed(difference.mean)}\n{verdict(difference)}"
    axes.text(1.02, y, said, transform=left, ha="left", color=theme.ink, **right)
    if ask:
        behind = {"facecolor": theme.paper, "edgecolor": "none", "pad": 1.5}  # the line at zero
        axes.text(0, y + 0.46, ask, transform=left, color=theme.ink, va="center", fontsize=10,
                  bbox=behind, zorder=5)  # fmt: skip


def _blocks(difference: Difference) -> Sequence[int]:
    """Of each pair; the middle lane where it has none."""
    return difference.blocks or (len(LANES) // 2,) * difference.n


def _mark(block: int, theme: Theme, blocks: bool = True) -> tuple[str, str]:
    return MARKS[block % len(MARKS)] if blocks else (theme.faint, "o")


def _frame(axes: Axes, differences: Sequence[Difference], name: str, theme: Theme) -> None:
    """Zero, and which side of it is better."""
    ends = [abs(x) for d in differences for x in (d.low, d.high, *d.differences)]
    reach = 1.08 * max(ends) or 1.0
    axes.set(xlim=(-reach, reach), ylim=(0.45 - len(differences), 0.68), yticks=[])
    axes.axvline(0, color=theme.faint, linewidth=1.2, zorder=1)
    for row in range(1, len(differences)):
        axes.axhline(0.64 - row, color=theme.line, linewidth=0.8)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(_("difference in {metric}").format(metric=name))
    sides = [_("← worse"), _("better →")]
    if differences[0].metric in BETTER_LOWER:
        sides = [_("← better"), _("worse →")]
    for x, side, words in zip((0, 1), ("left", "right"), sides, strict=True):
        axes.annotate(words, (x, 1), xycoords="axes fraction", ha=side, va="bottom",
                      color=theme.faint, fontsize=10)  # fmt: skip
    axes.annotate(_("no difference"), (0, 1), xycoords=("data", "axes fraction"), ha="center",
                  va="bottom", color=theme.faint, fontsize=10)  # fmt: skip


def _legend(figure: Figure, differences: Sequence[Difference], theme: Theme) -> None:
    """What the bar is, and what the marks are."""
    interval = _("estimate and 95 % confidence interval; covers zero: not settled")
    if (most := _questions(differences)) > 1:
        interval = _n(
            "estimate and 95 % confidence interval (Bonferroni-corrected for {n} question); "
            "covers zero: not settled",
            "estimate and 95 % confidence interval (Bonferroni-corrected for {n} questions); "
            "covers zero: not settled",
            most,
        )
    estimate = Line2D([], [], color=theme.ink, linewidth=3, marker="o", markersize=9,
                      markerfacecolor=theme.paper, markeredgewidth=2.5)  # fmt: skip
    blocks = sorted({block for d in differences for block in d.blocks or ()})
    look = {"linestyle": "", "markersize": 6}
    handles, words = (
        [Line2D([], [], linestyle="")],
        [_("pairs of networks, by held-out block of slices:")],
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
    figure.legend([estimate], [interval], loc="outside upper center", **below)


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
