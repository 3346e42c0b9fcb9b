"""The interval plot: what is drawn stands where the numbers say, and the words say the same."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D

from unet_teach.comparisons import QUESTIONS, Difference, answer
from unet_teach.drawing.intervals import (
    MEAN,
    PAIR,
    THICK,
    interval_alt,
    interval_picture,
    interval_plot,
    verdict,
)
from unet_teach.drawing.style import DARK, LIGHT, MARKS, rgb

BLOCKS = (0, 0, 1, 1, 2, 2, 3, 3, 4, 4)
UP = (0.01, 0.02, 0.03, 0.02, 0.03, 0.01, 0.01, 0.02, 0.02, 0.02)
UNSETTLED = (0.03, 0.02, -0.03, -0.02, 0.03, 0.01, -0.01, -0.02, 0.02, -0.02)


def difference(values=UP, metric="v_rand", questions=2, blocks=BLOCKS):
    return Difference("plain", "new", metric, values, questions, blocks)


def lines(figure) -> list[Line2D]:
    return figure.axes[0].lines


def marks(axes, size) -> list[Line2D]:
    return [
        line
        for line in axes.lines
        if line.get_markersize() == size and line.get_marker() in "os^Dv"
    ]


def words(figure) -> list[str]:
    """Of the first rows on one scale."""
    return [text.get_text() for text in figure.axes[0].texts]


def key(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[-1].texts]


def test_bars_marks_and_zero_stand_where_the_numbers_say():
    both = [difference(), difference(UNSETTLED)]
    figure = interval_plot(both)
    bars = [line.get_xdata() for line in lines(figure) if line.get_linewidth() == THICK]
    assert [tuple(bar) for bar in bars] == [(d.low, d.high) for d in both]
    estimates = [line.get_xdata()[0] for line in lines(figure) if line.get_marker() == "|"]
    assert estimates == [d.mean for d in both]
    assert [0, 0] in [list(line.get_xdata()) for line in lines(figure)]
    low, high = figure.axes[0].get_xlim()
    assert low == -high and low < min(UNSETTLED) and high > both[1].high


def test_what_the_interval_is_computed_from_is_large_and_its_pairs_are_small():
    both = [difference(), difference(UNSETTLED)]
    figure = interval_plot(both)
    means, pairs = (marks(figure.axes[0], size) for size in (MEAN, PAIR))
    assert [mark.get_xdata()[0] for mark in means] == [x for d in both for x in d.observations]
    assert [(m.get_color(), m.get_marker()) for m in means] == 2 * list(MARKS)
    assert [mark.get_xdata()[0] for mark in pairs] == [*UP, *UNSETTLED]
    assert [pair.get_color() for pair in pairs] == 2 * [MARKS[block][0] for block in BLOCKS]
    assert max(p.get_zorder() for p in pairs) < min(m.get_zorder() for m in means)
    alone = interval_plot([difference(blocks=None)])
    assert [mark.get_xdata()[0] for mark in marks(alone.axes[0], MEAN)] == list(UP)


def test_two_pairs_at_one_place_are_both_seen():
    values = (0.01, 0.01, *UP[2:])
    first, second, *others = marks(interval_plot([difference(values)]).axes[0], PAIR)
    mean = marks(interval_plot([difference(values)]).axes[0], MEAN)[0].get_ydata()[0]
    assert first.get_ydata()[0] > mean > second.get_ydata()[0]
    assert others[0].get_ydata()[0] == others[1].get_ydata()[0]  # 0.03 and 0.02 are far apart


def test_nothing_is_covered_by_another_row():
    figure = interval_plot(3 * [difference()], ["Is it?"] * 3)
    of_rows = [[] for _ in range(3)]
    for line in lines(figure):
        if line.get_marker() in ("o", "s", "^", "D", "v") or line.get_linewidth() == THICK:
            of_rows[int(-line.get_ydata()[0])] += list(line.get_ydata())
    rules = [line.get_ydata()[0] for line in lines(figure) if line.get_linewidth() == 0.8]
    assert len(rules) == 2
    for rule, (above, below) in zip(rules, pairwise(of_rows), strict=True):
        assert min(above) > rule > max(below)


def test_every_row_says_what_is_compared_and_what_is_known():
    figure = interval_plot([difference(), difference(UNSETTLED)], ["Is it?", "And now?"])
    named = "new\ncompared with plain\nwider, for 2 questions (Bonferroni)"
    assert words(figure).count(named) == 2
    shown = [word.split("\n") for word in words(figure)]
    assert ["+0.019", "better"] in [[word[0], word[-1]] for word in shown]
    assert ["+0.001", "not settled"] in [[word[0], word[-1]] for word in shown]
    unsettled = difference(UNSETTLED)
    low, high = (f"{x:+.3f}".replace("-", "−") for x in (unsettled.low, unsettled.high))
    assert f"({low}, {high})" in [word[1] for word in shown if len(word) == 3]
    assert {"← worse", "better →", "Is it?", "And now?"} <= set(words(figure))


def test_the_key_is_on_top_and_says_what_every_sign_is():
    figure = interval_plot([difference()])
    said = " ".join(key(figure))
    assert "the interval is computed from 5 such means" in said
    assert "its 2 pairs of networks" in said
    assert said.startswith("settled: ") and "not settled: " in said
    assert {"1", "2", "3", "4", "5"} <= set(key(figure))
    assert figure.axes[-1].get_position().y0 > figure.axes[0].get_position().y1
    some = interval_plot([difference(blocks=(1, 1, 1, 2, 2, 2, 4, 4, 4, 4))])
    assert key(some)[-3:] == ["2", "3", "5"]  # and their marks are those of the rows
    looks = [
        [(m.get_color(), m.get_marker()) for m in marks(some.axes[n], MEAN)] for n in (0, -1)
    ]
    assert looks[0] == looks[1][-3:] == [MARKS[1], MARKS[2], MARKS[4]]
    alone = interval_plot([difference(questions=1, blocks=None)])
    assert len(key(alone)) == 3 and "from these 10 differences" in key(alone)[2]


def test_each_row_says_its_own_correction():
    rows = [difference(questions=1), difference(), difference(questions=3)]
    corrections = [w.split("\n")[2] for w in words(interval_plot(rows)) if "compared" in w]
    assert corrections == [
        "",
        *(f"wider, for {n} questions (Bonferroni)" for n in (2, 3)),
    ]


def test_a_row_that_reaches_far_does_not_squeeze_the_others():
    far = difference(tuple(10 * x for x in UNSETTLED))
    rows = [difference(), difference(UNSETTLED), far, difference()]
    figure = interval_plot(rows)
    parts = figure.axes[:-1]
    reaches = [axes.get_xlim()[1] for axes in parts]
    assert len(reaches) == 3 and reaches[0] == reaches[2] < reaches[1] / 5
    assert reaches[1] > far.high and reaches[0] > difference(UNSETTLED).high
    assert [len(marks(axes, PAIR)) for axes in parts] == [20, 10, 10]  # none is left out
    assert {axes.get_xlabel() for axes in parts} == {
        "difference in V_rand (a perfect score is 1)"
    }
    apart = ["another scale" in [text.get_text() for text in axes.texts] for axes in parts]
    assert apart == [bool(axes.collections) for axes in parts] == [False, True, False]
    assert interval_alt(rows).count("Another scale.") == 1


def test_no_word_of_the_course_s_answers_covers_zero_or_leaves_the_picture():
    figure = interval_plot(
        [answer(name) for name in QUESTIONS], [asked.asks for asked in QUESTIONS.values()]
    )
    renderer = FigureCanvasAgg(figure).get_renderer()
    for axes in figure.axes:
        zero = axes.transData.transform((0, 0))[0]
        for text in axes.texts:
            box = text.get_window_extent(renderer)
            assert box.x0 >= 0 and box.x1 <= figure.bbox.width, text.get_text()
            if axes is not figure.axes[-1] and text.get_text() not in ("0", ""):
                assert not box.x0 < zero < box.x1, text.get_text()
    compared = [
        w for axes in figure.axes for w in (t.get_text() for t in axes.texts) if "with" in w
    ]
    assert len(set(compared)) == len(compared)


def test_where_a_lower_number_is_better_the_sides_change():
    worse = difference(metric="pixel_error")
    assert (verdict(worse), verdict(difference())) == ("worse", "better")
    assert {"← better", "worse →"} <= set(words(interval_plot([worse])))
    assert interval_plot([worse]).axes[0].get_xlabel() == "difference in pixel error"


def test_the_words_say_what_the_picture_shows():
    both = [difference(), difference(UNSETTLED)]
    said = interval_alt(both, ["Is it?", "And now?"])
    low, high = (f"{x:+.3f}".replace("-", "−") for x in (both[1].low, both[1].high))
    assert f"And now? New compared with plain: +0.001, from {low} to {high}, 10 pairs" in said
    assert said.startswith("Differences in V_rand, with 95 % confidence intervals. Big mark")
    assert key(interval_plot(both))[2][1:] in said  # the words of the key
    assert said.count("Wider, for 2 questions (Bonferroni).") == 2
    assert str(interval_picture(both)) == interval_alt(both)


def contrast(one: str, other: str) -> float:
    """Of two colours, as WCAG 2.1 has it."""

    def luminance(colour):
        share = np.array(rgb(colour)) / 255
        linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
        return linear @ (0.2126, 0.7152, 0.0722)

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name, theme", [("light", LIGHT), ("dark", DARK)])
def test_both_themes_can_be_read(name, theme):
    figure = interval_plot([difference()], ["Is it?"], theme=name)
    assert to_hex(figure.get_facecolor()).upper() == theme.paper.upper()
    for text in [*figure.axes[0].texts, *figure.axes[-1].texts]:
        assert contrast(to_hex(text.get_color()), theme.paper) > 4.5, text.get_text()
    for hue, _shape in MARKS:
        assert contrast(hue, theme.paper) > 2, hue
    assert len({shape for _hue, shape in MARKS}) == len(MARKS)


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="comparisons of nothing"):
        interval_plot([])
    with pytest.raises(ValueError, match="comparisons of dice, v_rand; give one metric"):
        interval_plot([difference(), difference(metric="dice")])
    with pytest.raises(ValueError, match="1 questions for 2 comparisons"):
        interval_plot([difference(), difference()], ["Is it?"])
    with pytest.raises(ValueError, match="theme is 'sepia'"):
        interval_plot([difference()], theme="sepia")
