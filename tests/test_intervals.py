"""The interval plot: what is drawn stands where the numbers say, and the words say the same."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D

from unet_teach.comparisons import Difference
from unet_teach.drawing.intervals import (
    MARKS,
    interval_alt,
    interval_picture,
    interval_plot,
    verdict,
)
from unet_teach.drawing.style import DARK, LIGHT, rgb

BLOCKS = (0, 0, 1, 1, 2, 2, 3, 3, 4, 4)
UP = (0.01, 0.02, 0.03, 0.02, 0.03, 0.01, 0.01, 0.02, 0.02, 0.02)
UNSETTLED = (0.03, 0.02, -0.03, -0.02, 0.03, 0.01, -0.01, -0.02, 0.02, -0.02)


def difference(values=UP, metric="v_rand", questions=2, blocks=BLOCKS):
    return Difference("plain", "new", metric, values, questions, blocks)


def lines(figure) -> list[Line2D]:
    return figure.axes[0].lines


def words(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_bars_dots_and_zero_stand_where_the_numbers_say():
    both = [difference(), difference(UNSETTLED)]
    figure = interval_plot(both)
    bars = [line.get_xdata() for line in lines(figure) if line.get_linewidth() == 5]
    assert [tuple(bar) for bar in bars] == [(d.low, d.high) for d in both]
    estimates = [line.get_xdata()[0] for line in lines(figure) if line.get_markersize() == 17]
    assert estimates == [d.mean for d in both]
    dots = [line for line in lines(figure) if line.get_marker() in dict(map(reversed, MARKS))]
    dots = [line for line in dots if line.get_markersize() == 6]
    assert [dot.get_xdata()[0] for dot in dots] == [*UP, *UNSETTLED]
    looks = [(dot.get_color(), dot.get_marker()) for dot in dots]
    assert looks == 2 * [MARKS[block] for block in BLOCKS]
    assert [0, 0] in [list(line.get_xdata()) for line in lines(figure)]
    low, high = figure.axes[0].get_xlim()
    assert low == -high and low < min(UNSETTLED) and high > both[1].high


def test_nothing_is_covered_by_another_row():
    figure = interval_plot(3 * [difference()], ["Is it?"] * 3)
    of_rows = [[] for _ in range(3)]
    for line in lines(figure):
        if line.get_marker() in ("o", "s", "^", "D", "v") or line.get_linewidth() == 5:
            of_rows[round(-line.get_ydata()[0] - 0.01)] += list(line.get_ydata())
    rules = [line.get_ydata()[0] for line in lines(figure) if line.get_linewidth() == 0.8]
    assert len(rules) == 2
    for rule, (above, below) in zip(rules, pairwise(of_rows), strict=True):
        assert min(above) > rule > max(below)


def test_every_row_says_what_is_compared_and_what_is_known():
    figure = interval_plot([difference(), difference(UNSETTLED)], ["Is it?", "And now?"])
    assert "new\ncompared with plain" in words(figure)
    shown = [word.split("\n") for word in words(figure)]
    assert ["+0.019", "better"] in [[word[0], word[-1]] for word in shown]
    assert ["+0.001", "not settled"] in [[word[0], word[-1]] for word in shown]
    unsettled = difference(UNSETTLED)
    low, high = (f"{x:+.3f}".replace("-", "−") for x in (unsettled.low, unsettled.high))
    assert f"({low}, {high})" in [word[1] for word in shown if len(word) == 3]
    assert {"← worse", "better →", "Is it?", "And now?"} <= set(words(figure))
    legend = [t.get_text() for legend in figure.legends for t in legend.get_texts()]
    assert any("Bonferroni-corrected for 2 questions" in text for text in legend)
    assert {"1", "2", "3", "4", "5"} <= set(legend)
    alone = interval_plot([difference(questions=1, blocks=None)])
    legend = [t.get_text() for legend in alone.legends for t in legend.get_texts()]
    assert not any("Bonferroni" in text for text in legend) and len(legend) == 3


def test_a_correction_that_differs_is_not_said_of_all():
    figure = interval_plot([difference(), difference(questions=3)])
    legend = " ".join(t.get_text() for part in figure.legends for t in part.get_texts())
    assert "where a lesson asks several" in legend and "for 3" not in legend


def test_a_row_that_reaches_far_does_not_squeeze_the_others():
    far = difference(tuple(10 * x for x in UNSETTLED))
    figure = interval_plot([difference(), difference(UNSETTLED), far, difference()])
    reaches = [axes.get_xlim()[1] for axes in figure.axes]
    assert len(reaches) == 3 and reaches[0] == reaches[2] < reaches[1] / 5
    assert reaches[1] > far.high and reaches[0] > difference(UNSETTLED).high
    shapes = [shape for _hue, shape in MARKS]
    dots = [sum(line.get_marker() in shapes for line in axes.lines) for axes in figure.axes]
    assert dots == [20, 10, 10]  # none is left out


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
    assert said.startswith("Differences in V_rand, with 95 % confidence intervals (Bonferroni")
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
    for text in figure.axes[0].texts:
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
