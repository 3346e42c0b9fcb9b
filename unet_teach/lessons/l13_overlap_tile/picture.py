"""Lesson 13's tiles for a page without JavaScript: the tissue, what differs, what is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, indexed, png_data, svg_picture
from unet_teach.drawing.style import (
    BLUE,
    GREEN,
    LIGHT,
    ORANGE,
    SKY,
    new_figure,
    plain_axes,
    ramp,
    rgb,
)
from unet_teach.lessons.l13_overlap_tile.measure import LEVELS, MARGIN, SIDE, TILE, given
from unet_teach.metrics import components
from unet_teach.tiling import Side
from unet_teach.translation import _

CELL, EDGE, TOP = 2, 8, 26  # picture pixels for one of the image, around all, above
HEAT = ramp(np.linspace(0, 1, len(LEVELS) + 1),
            ((0.0, "#FFFFFF"), (0.5, ORANGE), (1.0, "#4A1700"))).ravel().tolist()  # fmt: skip
INKS = ("#1F2430", "#FFFFFF", SKY, GREEN, ORANGE)  # of `kinds`
LABELS = [c for ink in (*INKS, "#B3261E", BLUE) for c in rgb(ink)]


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The tissue with its tiles, the difference, and the labels with what changed."""
    if "problem" in found:
        return svg_picture(10, 10, [], found["problem"], f"<p>{found['problem']}</p>")
    side, margin = CELL * SIDE, MARGIN // 2
    tissue = given()["picture"][margin:-margin, margin:-margin]
    labels = np.where(found["labels"] < 8, found["labels"], 4 + found["labels"] // 8)
    maps = {
        _("tissue and tiles"): tissue,
        _("different"): indexed(found["levels"], HEAT),
        _("wrong"): indexed(labels.astype(np.uint8), LABELS),
    }
    parts = []
    for number, (name, pixels) in enumerate(maps.items()):
        x = EDGE + number * (side + EDGE)
        parts += [svg.text(x, TOP - 8, name, 14, "start"),
                  svg.image(png_data(pixels), x, TOP, side, side)]  # fmt: skip
        for axis, starts in (("y", found["rows"]), ("x", found["columns"])):
            for at in (CELL * start for start in starts if start > 0):
                ends = (x, TOP + at, x + side, TOP + at) if axis == "y" else (
                    x + at, TOP, x + at, TOP + side)  # fmt: skip
                parts.append(svg.line(*ends, SKY, stroke_dasharray="4 3"))
        corner = (x + CELL * settings["left"], TOP + CELL * settings["top"])
        parts.append(svg.rect(*corner, CELL * TILE, CELL * TILE, stroke=ORANGE, stroke_width=3))
    width, height = EDGE + 3 * (side + EDGE), TOP + side + EDGE
    return svg_picture(width, height, parts, found["said"], f"<p>{found['verdict']}</p>")


def run_together(white: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """A slice as RGB: walls dark; regions that hold two neurons or more orange, others blue.

    A neuron is in a region that covers at least half of it. Regions of no neuron are white.

    Examples
    --------
    >>> labels = np.array([[1, 1, 0, 2, 2]])
    >>> run_together(labels > 0, labels)[0, 0].tolist() == list(rgb(BLUE))
    True
    """
    found, neurons = components(white), components(labels > 0)
    pairs = np.zeros((neurons.max() + 1, found.max() + 1), np.int64)
    np.add.at(pairs, (neurons, found), 1)
    held = (2 * pairs >= pairs.sum(axis=1, keepdims=True))[1:, :].sum(axis=0)
    inks = np.array([rgb(ink) for ink in ("#FFFFFF", BLUE, ORANGE)], np.uint8)
    picture = inks[np.minimum(held, 2)[found]]
    picture[found == 0] = 40
    return picture


def kept_of_tiles(side: Side) -> Figure:
    """What each tile along one side of an image computes, and what of it is kept."""
    figure = new_figure(8, 2.5)
    axes = plain_axes(figure.subplots())
    ticks = {0}
    for number, (start, _taken, kept) in enumerate(side.windows(), 1):
        wide = kept.stop - kept.start
        axes.barh(number, side.tile, left=start, color=LIGHT.line, height=0.7)
        axes.barh(number, wide, left=kept.start, color=BLUE, height=0.7)
        words = _("{first} to {last}: {n} kept")
        words = words.format(first=kept.start, last=kept.stop - 1, n=wide)
        axes.text(kept.start + wide / 2, number, words, color="white", ha="center", va="center")
        ticks |= {start, start + side.tile}
    axes.set(xticks=sorted(ticks), yticks=range(1, number + 1), xlim=(-4, max(ticks) + 4))
    axes.set_yticklabels([_("tile {n}").format(n=n) for n in range(1, number + 1)])
    axes.set(xlabel=_("pixel of the row"), title=_("grey: computed, and thrown away"))
    axes.invert_yaxis()
    return figure
