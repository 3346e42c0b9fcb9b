"""The interval plot: what a comparison of trained networks says, as one picture.

For each comparison: the estimate, its 95 % confidence interval, and below it what the interval
is computed from: a mark for the mean of each block, with the block's pairs as small circles.
Every lesson that compares networks, the README and the book show it.
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from unet_teach.comparisons import QUESTIONS, Difference, answer, asked_in
from unet_teach.drawing.export import figure_picture
from unet_teach.drawing.picture import Picture
from unet_teach.drawing.style import MARKS, Theme, new_figure, plain_axes, theme_named
from unet_teach.translation import _, _n

NAMES = {"v_rand": "V_rand", "v_info": "V_info", "pixel_error": _("pixel error")}
BETTER_LOWER = ("pixel_error", "loss", "error")
PERFECT = ("v_rand", "v_info")  # metrics of which 1 is the best
# Inches: the figure, its axes from left to right, a row, the axis below, a line of the key.
WIDTH, LEFT, RIGHT, ROW, AXIS, LINE = 8.4, 2.5, 6.9, 1.05, 0.52, 0.2
# Of a row, from its top: its question, its bar, its first block, and from block to block.
ASKED, BAR, FIRST, LANE = 0.12, 0.3, 0.44, 0.112
THICK, MEAN, PAIR = 6, 6.8, 3.2  # points: an interval, and the marks of a block and a pair


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
    colours, runs, words = theme_named(theme), _runs(differences), _key_words(differences)
    key = LINE * len(words) + 0.36
    height = key + sum(ROW * len(rows) + AXIS for rows, _reach in runs)
    figure = new_figure(WIDTH, height, colours)
    figure.set_layout_engine("none")  # the columns of all such pictures are at the same places
    top = height - key
    for rows, reach in runs:
        tall = ROW * len(rows)
        place = (LEFT / WIDTH, (top - tall) / height, (RIGHT - LEFT) / WIDTH, tall / height)
        axes = plain_axes(figure.add_axes(place), colours)
        axes.set(xlim=(-reach, reach), ylim=(-len(rows), 0), yticks=[])
        for at, row in enumerate(rows):
            _row(axes, -at, differences[row], asks[row] if asks else "", colours)
        _frame(axes, reach > min(reach for _rows, reach in runs), colours)
        axes.set_xlabel(_label(differences[0].metric), fontsize=9.5)
        top -= tall + AXIS
    _sides(figure.axes[0], differences[0].metric, colours)
    _key_above(figure, words, differences[0].blocks or (), colours)
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


def _row(axes: Axes, y: float, difference: Difference, ask: str, theme: Theme) -> None:
    """The interval, below it the blocks; on the left what is compared, on the right numbers."""
    ends, found = (difference.low, difference.mean, difference.high), difference.found
    _bar(axes, y - BAR, ends, found, theme)
    blocks = _blocks(difference)
    for mean, (block, pairs) in zip(difference.observations, blocks.items(), strict=True):
        lane = block % len(MARKS)
        look = MARKS[lane] if difference.blocks else (theme.faint, "o")
        _block(axes, y - FIRST - LANE * lane, mean, pairs, look, theme)
    across = blended_transform_factory(axes.figure.transFigure, axes.transData)
    words = {"transform": across, "va": "top", "linespacing": 1.35, "fontsize": 9.5}
    left, right, top = 0.1 / WIDTH, (RIGHT + 0.12) / WIDTH, y - BAR + 0.07
    axes.text(left, y - ASKED, ask, color=theme.ink, **words | {"va": "center"})
    names = _("{b}\ncompared with {a}").format(a=difference.a, b=difference.b)
    axes.text(left, top, f"{names}\n{_corrected(difference)}", color=theme.faint, **words)
    low, middle, high = map(_signed, ends)
    said, weight = f"{middle}\n({low}, {high})\n", "bold" if found else "normal"
    axes.text(right, top, said + verdict(difference), color=theme.ink, weight=weight, **words)


def _bar(axes: Axes, y: float, ends: Sequence[float], found: bool, theme: Theme) -> None:
    """An interval and its estimate: dark if settled, else pale, with zero seen through it."""
    hue, strength = (theme.ink, 1) if found else (theme.faint, 0.55)
    axes.plot([ends[0], ends[2]], [y, y], color=hue, alpha=strength, linewidth=THICK,
              solid_capstyle="butt", zorder=2)  # fmt: skip
    axes.plot(ends[1], y, "|", color=hue, ms=12, mew=2, zorder=4)


def _blocks(difference: Difference) -> dict[int, list[float]]:
    """What the interval is computed from: the pairs of each block, or each pair by itself."""
    pairs: dict[int, list[float]] = {}
    blocks = difference.blocks or range(difference.n)
    for block, value in zip(blocks, difference.differences, strict=True):
        pairs.setdefault(block, []).append(value)
    return pairs


def _block(axes: Axes, y: float, mean: float, pairs: list, look: tuple, theme: Theme) -> None:
    """A large mark, behind it its pairs on a thin line; the mark hides none that is near it."""
    hue, shape = look
    axes.plot(pairs, [y] * len(pairs), color=hue, linewidth=1, alpha=0.6, zorder=2)
    axes.plot(mean, y, shape, color=hue, ms=MEAN, mec=theme.paper, mew=0.6, zorder=5)
    near = 2 * max(axes.get_xlim()) * (MEAN + 1) / 72 / (RIGHT - LEFT)
    step = 3.1 * PAIR / 72 / ROW if max(pairs) - min(pairs) < near else 0
    for place, pair in enumerate(pairs):
        nudged = y + step * ((len(pairs) - 1) / 2 - place)
        axes.plot(pair, nudged, "o", color=hue, alpha=0.7, ms=PAIR, mew=0, zorder=4)


def _corrected(difference: Difference) -> str:
    """For how many questions the interval is corrected, in words; none for one question."""
    n = difference.questions
    many = _n(
        "wider, for {n} question (Bonferroni)", "wider, for {n} questions (Bonferroni)", n,
    )  # fmt: skip
    return many if n > 1 else ""


def _frame(axes: Axes, another: bool, theme: Theme) -> None:
    """Zero, unbroken; a rule between two rows; and a band behind rows on another scale."""
    axes.axvline(0, color=theme.faint, linewidth=1.2, zorder=3)
    axes.spines["left"].set_visible(False)
    rows = round(-min(axes.get_ylim()))
    across = blended_transform_factory(axes.figure.transFigure, axes.transData)
    for row in range(1, rows):
        axes.plot([0, 1], [-row, -row], theme.line, lw=0.8, transform=across, clip_on=False)
    if another:
        axes.set_facecolor("none")
        axes.fill_between([0, 1], 0, -rows - 0.9 * AXIS / ROW, transform=across, clip_on=False,
                          color=theme.line, alpha=0.4, linewidth=0, zorder=-1)  # fmt: skip
        bold = {"color": theme.ink, "va": "center", "weight": "bold", "fontsize": 9.5}
        axes.text(0.1 / WIDTH, -rows - 0.12, _("another scale"), transform=across, **bold)


def _label(metric: str) -> str:
    name = _("difference in {metric}").format(metric=NAMES.get(metric, metric))
    return _("{name} (a perfect score is 1)").format(name=name) if metric in PERFECT else name


def _sides(axes: Axes, metric: str, theme: Theme) -> None:
    """Which side of zero is better."""
    lower = metric in BETTER_LOWER
    sides = (_("← better") if lower else _("← worse"), _("worse →") if lower else _("better →"))
    for x, side, words in ((0, "left", sides[0]), (0.5, "center", "0"), (1, "right", sides[1])):
        look = {"color": theme.faint, "fontsize": 9.5, "ha": side, "va": "bottom"}
        axes.text(x, 1, words, transform=axes.transAxes, **look)


def _key_words(differences: Sequence[Difference]) -> list[str]:
    """A line for each sign: two bars, what the interval is computed from, and its pairs."""
    said = [
        _("settled: the 95 % confidence interval leaves out zero (the tick is the estimate)"),
        _("not settled: the interval covers zero, so it may be better or worse"),
    ]
    first, n = differences[0], len(differences[0].observations)
    if first.blocks is None:
        dots = _n(
            "dots: the interval is computed from this {n} difference",
            "dots: the interval is computed from these {n} differences",
            n,
        )  # fmt: skip
        return [*said, dots]
    means = _n(
        "big mark: the mean of a validation set; the interval is computed from {n} such mean",
        "big mark: the mean of a validation set; the interval is computed from {n} such means",
        n,
    )  # fmt: skip
    small = _n(
        "small dots: its {n} pair of networks that differ in this alone, from one seed",
        "small dots: its {n} pairs of networks that differ in this alone, one for each seed",
        first.n // n,
    )
    return [*said, means, small]


def _key_above(figure: Figure, words: list, blocks: Sequence[int], theme: Theme) -> None:
    """The key, all of it above the rows."""
    height, lines = figure.get_figheight(), len(words)
    axes = figure.add_axes((0, 1 - (LINE * lines + 0.06) / height, 1, LINE * lines / height))
    axes.set(xlim=(0, WIDTH), ylim=(lines - 0.5, -0.5))
    axes.axis("off")
    beside = {"va": "center", "fontsize": 9, "color": theme.ink}
    for line, said in enumerate(words):
        axes.text(1.85, line, said, **beside)
    for line, found in enumerate((True, False)):
        _bar(axes, line, (0.4, 0.9, 1.4), found, theme)
    _block(axes, lines - 1, 0.9, [0.6, 1.2] if blocks else [0.9], (theme.faint, "o"), theme)
    for place, block in enumerate(sorted(set(blocks))):
        x = 0.16 + 0.32 * place
        _block(axes, 2, x, [x], MARKS[block % len(MARKS)], theme)
        axes.text(x + 0.1, 2, str(block + 1), **beside)


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def interval_alt(differences: Sequence[Difference], asks: Sequence[str] | None = None) -> str:
    """What the plot shows, in words and numbers.

    Examples
    --------
    >>> interval_alt([Difference("bilinear", "U-Net", "v_rand", (0.01, 0.03, 0.02))])[:54]
    'Differences in V_rand, with 95 % confidence intervals.'
    """
    _check(differences, asks)
    metric = NAMES.get(differences[0].metric, differences[0].metric)
    said = [
        _("Differences in {metric}, with 95 % confidence intervals.").format(metric=metric),
        _sentence(_key_words(differences)[2]),
    ]
    scales = {row: reach for rows, reach in _runs(differences) for row in rows}
    for row, d in enumerate(differences):
        words = _n(
            "{b} compared with {a}: {mean}, from {low} to {high}, {n} pair, {verdict}",
            "{b} compared with {a}: {mean}, from {low} to {high}, {n} pairs, {verdict}",
            d.n, a=d.a, b=d.b, verdict=verdict(d),
            mean=_signed(d.mean), low=_signed(d.low), high=_signed(d.high),
        )  # fmt: skip
        scale = _("another scale") if scales[row] > min(scales.values()) else ""
        said += [asks[row] if asks else "", *map(_sentence, (words, _corrected(d), scale))]
    return " ".join(filter(None, said))


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}." if words else ""


def interval_picture(
    differences: Sequence[Difference], asks: Sequence[str] | None = None
) -> Picture:
    """`interval_plot` with `interval_alt`, for a lesson: it shows itself.

    Examples
    --------
    >>> pairs = Difference("bilinear", "U-Net", "v_rand", (0.01, 0.03, 0.02))
    >>> print(interval_picture([pairs]))
    Differences in V_rand, with 95 % confidence intervals. Dots: the interval is ...
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
