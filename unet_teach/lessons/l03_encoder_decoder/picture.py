"""Lesson 03's bottleneck for a page without JavaScript: image and copy, and their thin wall.

Besides: a point for each network, over its depth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from unet_teach.comparisons import by_seed
from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, png_data, svg_picture
from unet_teach.drawing.style import BLUE, LIGHT, ORANGE, new_figure, plain_axes
from unet_teach.lessons.l03_encoder_decoder.measure import given
from unet_teach.translation import _

SIDE, EDGE, TOP = 170, 8, 28  # of a picture, around all, above


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The image and what is returned, with a frame around the wall; then both magnified."""
    if "problem" in found:
        return svg_picture(10, 10, [], found["problem"], f"<p>{found['problem']}</p>")
    row, column, size = given()["inset"]
    cut, parts = np.s_[row : row + size, column : column + size], []
    pictures = (
        (_("image"), given()["image"]), (_("returned"), found["image"]),
        (_("its thin wall"), given()["image"][cut]), (_("returned"), found["image"][cut]),
    )  # fmt: skip
    for place, (name, pixels) in enumerate(pictures):
        x, cell = EDGE + place * (SIDE + EDGE), SIDE / len(pixels)
        parts.append(svg.text(x, TOP - 9, name, 14, "start"))
        parts.append(svg.image(png_data(np.ascontiguousarray(pixels)), x, TOP, SIDE, SIDE))
        corner = (x + column * cell, TOP + row * cell) if place < 2 else (x, TOP)
        side = size * cell
        parts.append(svg.rect(*corner, side, side, stroke=ORANGE, stroke_width=2))
    width = EDGE + len(pictures) * (SIDE + EDGE)
    text = f"<p>{found['verdict']}</p>"
    return svg_picture(width, TOP + SIDE + EDGE, parts, found["said"], text)


def seeds_by_depth(
    table: list[dict],
    metric: str,
    names: Mapping[str, str],
    label: str,
    untrained: Sequence[float] = (),
) -> Figure:
    """A point for each network, over its number of poolings, and a line through the means.

    Parameters
    ----------
    table : runs, as `load_table` reads them
    metric : what is shown of each run
    names : two kinds of networks -> their variants' names, with ``{}`` for the depth
    label : of the vertical axis
    untrained : what interpolation alone reaches, by depth; nothing is drawn where not given
    """
    figure = new_figure(7.5, 3.4)
    axes, known = plain_axes(figure.add_subplot()), {run["variant"] for run in table}
    if untrained:
        axes.plot(untrained, color=LIGHT.faint, linewidth=1, label=_("interpolation alone"))
    for (kind, name), hue, shape in zip(names.items(), (ORANGE, BLUE), "so", strict=True):
        depths = [depth for depth in range(5) if name.format(depth) in known]
        seeds = [list(by_seed(table, name.format(d), metric).values()) for d in depths]
        axes.plot(depths, [np.mean(runs) for runs in seeds], color=hue, alpha=0.6)
        for depth, runs in zip(depths, seeds, strict=True):
            axes.plot(depth + np.linspace(-0.06, 0.06, len(runs)), runs, shape, color=hue,
                      ms=6, label=kind if depth == depths[0] else None)  # fmt: skip
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel=_("depth: number of poolings"), ylabel=label, ylim=(0, None))
    axes.legend(frameon=False)
    return figure
