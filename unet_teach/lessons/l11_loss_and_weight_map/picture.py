"""Lesson 11's pictures: the explorer's without JavaScript, the pull, and what mistakes cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, LogNorm

from unet_teach.drawing import svg
from unet_teach.drawing.export import figure_picture
from unet_teach.drawing.pair import Pair, coloured
from unet_teach.drawing.picture import Picture, png_data, svg_picture
from unet_teach.drawing.style import LIGHT, ORANGE, VERMILLION, new_figure, ramp
from unet_teach.lessons.l11_loss_and_weight_map.measure import HIGHEST, SHADES, STRIP
from unet_teach.translation import _

LEFT, TOP, ZOOM, PROFILE = 30, 28, 5, 120  # the last: height of the profile
STOPS = (
    (0.0, "#FFFFFF"),
    (0.08, "#FCE9C4"),
    (0.3, ORANGE),
    (0.6, VERMILLION),
    (1.0, "#4A1700"),
)


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The weights in colour, dark where they are large, and below them the middle row's."""
    if "problem" in found:
        return svg_picture(10, 10, [], found["problem"], f"<p>{found['problem']}</p>")
    height, width = found["levels"].shape
    bottom = TOP + height * ZOOM + 30 + PROFILE
    data = png_data(ramp(found["levels"] / SHADES, STOPS))
    parts = [
        svg.text(LEFT, 18, _("the weight of every pixel, w(x)"), 13, "start"),
        svg.image(data, LEFT, TOP, width * ZOOM, height * ZOOM),
        *_strip(settings["gap"], found),
        svg.text(LEFT, bottom - PROFILE - 8, _("in the middle row"), 13, "start"),
    ]
    for weight in (0, 5, 10, 15, 20):
        y = bottom - PROFILE * weight / HIGHEST
        parts.append(svg.line(LEFT, y, LEFT + width * ZOOM, y, LIGHT.line))
        parts.append(svg.text(LEFT - 6, y + 4, weight, 12, "end", LIGHT.faint))
    steps = " ".join(
        f"V {bottom - PROFILE * min(w, HIGHEST) / HIGHEST:.2f} h {ZOOM}"
        for w in found["profile"].tolist()
    )
    area = f"M {LEFT} {bottom} {steps} V {bottom} Z"
    parts.append(svg.path(area, "#FBDDD0", VERMILLION, stroke_width=1.5))
    text = f"<p>{found['headline']}</p>"
    return svg_picture(LEFT + width * ZOOM + 10, bottom + 10, parts, found["said"], text)


def _strip(gap: int, found: dict[str, Any]) -> list[str]:
    """The straight part of the wall, hatched, and what a network makes of it that misses it."""
    if not gap:
        return []
    left = LEFT + (found["levels"].shape[1] - gap) // 2 * ZOOM
    colour = (
        "#FFFFFF" if found["wall"] > 4 else LIGHT.ink
    )  # on what is dark, and on what is pale
    rows = (TOP + row * ZOOM for row in range(STRIP[0] + 1, STRIP[1], 2))
    lines = [svg.line(left, y + ZOOM, left + gap * ZOOM, y - ZOOM, colour) for y in rows]
    right, y = left + gap * ZOOM, TOP + 28.5 * ZOOM
    words = _("if missed:\none cell").replace("\n", " ")
    to = svg.line(right - 2, y, right + 18, y, LIGHT.ink)
    return [*lines, to, svg.text(right + 22, y + 4, words, 13, "start")]


LOUDEST = 200  # times a pixel inside, where the colours of the pull end


def pull_picture(
    pulls: Mapping[str, Mapping[str, np.ndarray]], labels: np.ndarray, wall: np.ndarray
) -> Picture:
    """How hard each loss pulls at every pixel, as a multiple of a pixel inside the cells.

    Parameters
    ----------
    pulls : network -> loss -> what `pull` returns, (H, W)
    labels : (H, W), 1 inside
    wall : bool (H, W), where the two cells touch

    Examples
    --------
    >>> inside, wall = np.array([[1, 0, 1]] * 2), np.array([[False, True, False]] * 2)
    >>> pulls = {"sure": {"a loss": np.where(wall, 5.0, 1.0)}}
    >>> pull_picture(pulls, inside, wall).alt[-34:]
    'sure, a loss: 5 times at the wall.'
    """
    colours = LinearSegmentedColormap.from_list("weights", STOPS)
    norm, said = LogNorm(1, LOUDEST, clip=True), []
    columns, middle = max(map(len, pulls.values())), round(np.nonzero(wall)[1].mean())
    near = slice(max(0, middle - 22), middle + 23)  # columns: where the cells touch
    figure = new_figure(2.35 * columns, 2.5 * len(pulls) + 0.3)
    axes = figure.subplots(len(pulls), columns, squeeze=False)
    for row, (network, by_loss) in zip(axes, pulls.items(), strict=True):
        row[0].set_ylabel(network, fontsize=11)
        for axis, (loss, pulled) in zip(row, by_loss.items(), strict=True):
            times = pulled / pulled[labels == 1].mean()
            axis.imshow(times[:, near], cmap=colours, norm=norm, interpolation="nearest")
            axis.contour(labels[:, near] | wall[:, near], [0.5], colors=LIGHT.faint,
                         linewidths=0.6)  # fmt: skip
            at_wall = _("wall: {n:.0f} × inside").format(n=times[wall].mean())
            axis.set(xticks=[], yticks=[])
            axis.set_title(loss, fontsize=12)
            axis.set_xlabel(at_wall, fontsize=11)
            words = _("{network}, {loss}: {n:.0f} times at the wall.")
            said.append(words.format(network=network, loss=loss, n=times[wall].mean()))
    bar = figure.colorbar(ScalarMappable(norm, colours), ax=axes, aspect=30)
    bar.set_label(_("pull, × a pixel inside"), fontsize=10)
    bar.set_ticks([1, 10, 100], labels=["1", "10", "100"])
    alt = _("How hard each loss pulls, as a multiple of a pixel inside the cells.")
    return figure_picture(figure, " ".join([alt, *said]))


def price_picture(
    pair: Pair,
    labels: np.ndarray,
    mistakes: Mapping[str, np.ndarray],
    prices: Mapping[str, Mapping[str, float]],
) -> Picture:
    """What mistakes around the pair cost under each loss: a disc as large as the price.

    Parameters
    ----------
    pair : where the two neurons are
    labels : (H, W) of the pair's slice
    mistakes : name -> bool (H, W), the pixels that are wrong
    prices : loss -> name of the mistake -> what its pixels cost together
    """
    figure, said = new_figure(3.1 * len(prices), 3.5), []
    axes = figure.subplots(1, len(prices), squeeze=False)[0]
    for axis, (loss, costs) in zip(axes, prices.items(), strict=True):
        axis.imshow(coloured(pair, labels, labels), alpha=0.45, interpolation="nearest")
        for name, cost in costs.items():
            y, x = (place.mean() for place in np.nonzero(pair.crop(mistakes[name])))
            axis.scatter(x, y, s=5 * cost, color=VERMILLION, alpha=0.85, zorder=3)
            axis.text(x, y, f"{name}\n{cost:.0f}", ha="center", va="center", fontsize=11,
                      weight="bold", color=LIGHT.ink, zorder=4)  # fmt: skip
            said.append(_("{loss}: the {name} costs {cost:.0f}.").format(
                loss=loss, name=name, cost=cost))  # fmt: skip
        axis.set(xticks=[], yticks=[])
        axis.set_title(loss, fontsize=12)
    alt = _("Two neighbouring neurons, and on each mistake a disc whose area is its cost.")
    return figure_picture(figure, " ".join([alt, *said]))
