"""Lesson 14's table with a bar in every row: own scores, this course's, the published ones."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from unet_teach.comparisons import load_table
from unet_teach.drawing.export import figure_picture
from unet_teach.drawing.picture import Picture
from unet_teach.drawing.style import BLUE, LIGHT, VERMILLION
from unet_teach.lessons.l14_isbi_2012.measure import interval
from unet_teach.metrics import Scores
from unet_teach.translation import _

LEFT = 0.6  # where the bars' scale begins: what scores less is a mark at the edge
Row = tuple[str, tuple[float, float, float], float]  # name, V_rand with its interval, V_info


def course_rows() -> list[Row]:
    """What this course's runs reach on ISBI 2012, from the tables of results."""
    rows = [
        (_("all inside"), (0.078,) * 3, 0.0),  # tests/test_metrics.py measures these two
        (_("a threshold on the grey value"), (0.882,) * 3, 0.936),
    ]
    for title, table, way in (
        (_("paper (its last block only)"), "isbi_paper", "single"),
        (_("class"), "isbi_class", "single"),
        (_("class, eight views"), "isbi_class", "averaged"),
        (_("full, 3000 steps, eight views"), "isbi_full_3000", "averaged"),
    ):
        runs = [run[way] for run in load_table(table) if run["seed"] == 0]
        v_rand, v_info = ([run[name] for run in runs] for name in ("v_rand", "v_info"))
        reached = interval(v_rand) if len(runs) > 1 else (v_rand[0],) * 3
        rows.append((title, reached, sum(v_info) / len(runs)))
    return rows


def published_rows() -> list[Row]:
    """The challenge's own table, as far as it is listed here."""
    listed = ((_("U-Net, 2015"), 0.973, 0.987), ("PolyMtl", 0.981, 0.988),
              (_("SFCNNs, the highest listed here"), 0.987, 0.991))  # fmt: skip
    return [(title, (v_rand,) * 3, v_info) for title, v_rand, v_info in listed]


def score_table(own: Mapping[str, Scores], where: str) -> Picture:
    """Own scores above those of the course and the published ones, one test below another.

    Parameters
    ----------
    own : a title -> its scores; the last one is drawn in colour
    where : the slices on which these were measured

    Examples
    --------
    >>> score_table({}, "nothing").alt[-48:]
    'SFCNNs, the highest listed here 0.987 and 0.991.'
    """
    mine = [(name, interval(s.v_rand_slices), s.v_info) for name, s in own.items()]
    tests = (
        (_("Your validation set: {where}").format(where=where), mine),
        (_("ISBI 2012, training stack: this course"), course_rows()),
        (_("ISBI 2012, the challenge's test stack: published"), published_rows()),
    )
    lines = sum(1.4 + len(rows) for _title, rows in tests)
    figure = Figure(figsize=(10, 0.34 * lines + 0.6), facecolor=LIGHT.paper)
    axes, y, said = figure.add_axes((0.32, 0.11, 0.4, 0.88)), 0.0, []
    for title, rows in tests:
        axes.text(-0.78, y, title, fontsize=11, fontweight="bold",
                  transform=axes.get_yaxis_transform(), va="center",
                  color=LIGHT.ink)  # fmt: skip
        for name, reached, v_info in rows:
            y += 1
            is_hers = rows is mine and name == list(own)[-1]
            _draw_row(axes, y, name, reached, v_info, VERMILLION if is_hers else BLUE)
        y += 1.4
        said.append(f"{title}: " + "; ".join(
            _("{name} {v_rand:.3f} and {v_info:.3f}").format(
                name=name, v_rand=reached[0], v_info=v_info)
            for name, reached, v_info in rows) + ".")  # fmt: skip
    for x, words in ((1.04, _("V_rand, 95 %\nconfidence interval")), (1.54, "V_info")):
        axes.text(x, 0, words, transform=axes.get_yaxis_transform(), va="center", fontsize=10,
                  color=LIGHT.faint)  # fmt: skip
    axes.set(xlim=(LEFT, 1), ylim=(y - 1, -0.6), yticks=[], xlabel=_("V_rand: 1 is perfect"))
    axes.grid(axis="x", color=LIGHT.line)
    axes.set_axisbelow(True)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    alt = _("V_rand and V_info, where 1 is perfect.")
    return figure_picture(figure, " ".join([alt, *said]))


def _draw_row(
    axes: Axes, y: float, name: str, reached: tuple, v_info: float, colour: str
) -> None:
    mean, low, high = reached
    weight = "bold" if colour == VERMILLION else "normal"
    number = f"{mean:.3f}"
    if high > low:
        axes.plot([max(low, LEFT), min(high, 1)], [y, y], color=colour, linewidth=2)
        number += f" ({low:.3f} … {min(high, 1):.3f})"
    mark = "o" if mean > LEFT else "<"
    axes.plot(max(mean, LEFT), y, mark, color=colour, markersize=8, clip_on=False)
    for x, words in ((-0.74, name), (1.04, number), (1.54, f"{v_info:.3f}")):
        axes.text(x, y, words, transform=axes.get_yaxis_transform(), va="center", fontsize=10.5,
                  fontweight=weight, color=LIGHT.ink)  # fmt: skip
