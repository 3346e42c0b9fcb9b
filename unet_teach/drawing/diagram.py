"""The paper's figure 1 for any U-Net: boxes are maps, arrows are operations.

Lesson 07 reads it from left to right. `layout` places the boxes; here they are drawn.
"""

from __future__ import annotations

from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from unet_teach.config import UNetConfig
from unet_teach.drawing.layout import Box, Layout, lay_out, skip_label
from unet_teach.drawing.style import Theme, theme_named
from unet_teach.translation import _, _n

MARGIN = 0.35  # inches around the U
LABEL = 0.045  # between a box and its label
UPSAMPLERS = {
    "transposed": _("up-convolution 2×2, stride 2"),
    "nearest": _("convolution 1×1, then nearest ×2"),
    "bilinear": _("convolution 1×1, then bilinear ×2"),
    "pixel_shuffle": _("convolution 1×1, then pixel shuffle ×2"),
}
MERGES = {  # of a skip, and of one that is cropped
    "concat": (_("skip: concatenate"), _("skip: crop and concatenate")),
    "add": (_("skip: add"), _("skip: crop and add")),
    "none": (_("skip: leave out"), _("skip: crop and leave out")),
}


def u_diagram(config: UNetConfig, size: int, theme: str = "light") -> Figure:
    """Draw a U-Net with the sizes and channels that it has at one input size.

    Parameters
    ----------
    config : UNetConfig
    size : pixels of one side of the input
    theme : "light" or "dark"

    Raises
    ------
    unet_teach.shapes.IllegalSize
        The network does not take this size; names the nearest legal ones.

    Examples
    --------
    >>> figure = u_diagram(UNetConfig(depth=1, padding="same"), 64)
    >>> "64²" in [text.get_text() for text in figure.axes[0].texts]
    True
    """
    layout, colours = lay_out(config, size), theme_named(theme)
    left, right, bottom, top = layout.extent
    left, right, top = left - MARGIN, right + MARGIN, top + MARGIN + 0.5
    right = max(right, left + 8.4)  # room for the legend of a small U
    bottom -= MARGIN + 0.1 + max(0.0, 1.95 - _free_height(layout))
    figure = Figure(figsize=(right - left, top - bottom), facecolor=colours.paper)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(left, right), ylim=(bottom, top))
    axes.set_axis_off()
    _draw_skips(axes, layout, colours)
    _draw_paths(axes, layout, colours)
    for row in (*layout.contracting, *layout.expansive):
        for box in row:
            _draw_box(axes, box, colours)
    _title(axes, layout, colours, (left + MARGIN, right - MARGIN, top - 0.3))
    _legend(axes, layout, colours, (left + MARGIN, bottom + 0.28))
    return figure


def _free_height(layout: Layout) -> float:
    """Room to the left of the bottom of the U, below the topmost rows."""
    clear = [row for row in layout.contracting if row[0].x < 4.1]
    return clear[-1][0].bottom - layout.extent[2]


def _draw_box(axes: Axes, box: Box, colours: Theme) -> None:
    tint = colours.expansive if box.role in ("merged", "expansive") else colours.contracting
    if box.role in ("image", "output"):
        tint = colours.faint if box.role == "image" else colours.last
    corner = (box.x, box.bottom)
    axes.add_patch(_patch(corner, box.width, box.height, tint))
    if box.skip_share:  # what came over the skip keeps its colour
        share = box.width * box.skip_share
        axes.add_patch(Rectangle(corner, share, box.height, color=colours.contracting, lw=0))
    text = {"ha": "center", "color": colours.ink, "fontsize": 10.5}
    axes.text(box.middle, box.top + LABEL, box.channels, va="bottom", weight="bold", **text)
    text |= {"color": colours.faint, "fontsize": 9.5}
    axes.text(box.middle, box.bottom - LABEL, f"{box.size}²", va="top", **text)


def _patch(corner: tuple, width: float, height: float, colour: str) -> FancyBboxPatch:
    return FancyBboxPatch(
        corner, width, height, boxstyle="round,pad=0,rounding_size=0.025", color=colour, lw=0
    )


def _draw_paths(axes: Axes, layout: Layout, colours: Theme) -> None:
    """Convolutions along the rows, poolings down, upsamplings up."""
    for row in (*layout.contracting, *layout.expansive):
        for start, end in pairwise(row):
            colour = colours.last if end.role == "output" else colours.conv
            _arrow(axes, (start.right + 0.06, start.y), (end.x - 0.06, end.y), colour)
    for above, below in pairwise(layout.contracting):
        x = above[-1].middle
        ends = (x, above[-1].bottom - 0.25), (x, below[0].top + 0.26)
        _arrow(axes, *ends, colours.pool, 2.2)
    rows = [*layout.expansive, layout.contracting[-1]]
    for above, below in pairwise(rows):
        x = _last_map(below).middle
        ends = (x, _last_map(below).top + 0.26), (x, above[0].bottom - 0.25)
        _arrow(axes, *ends, colours.up, 2.2)


def _last_map(row: tuple[Box, ...]) -> Box:
    return [box for box in row if box.role != "output"][-1]


def _draw_skips(axes: Axes, layout: Layout, colours: Theme) -> None:
    for skip, left, right in zip(
        layout.trace.skips, layout.contracting, layout.expansive, strict=False
    ):
        start, end = left[-1], right[0]
        style = "-" if skip.used else (0, (2, 3))
        ends = (start.right + 0.06, start.y), (end.x - 0.06, start.y)
        _arrow(axes, *ends, colours.skip if skip.used else colours.line, 2.2, style)
        if skip.crop and skip.used:
            _draw_crop(axes, start, 1 - 2 * skip.crop / skip.size, colours)
        text = {"ha": "center", "color": colours.ink if skip.used else colours.faint}
        middle = (start.right + end.x) / 2
        what, sizes = skip_label(skip)
        axes.text(middle, start.y + 0.07, what, va="bottom", fontsize=10, **text)
        text["color"] = colours.faint
        axes.text(middle, start.y - 0.08, sizes, va="top", fontsize=9.5, **text)


def _draw_crop(axes: Axes, box: Box, share: float, colours: Theme) -> None:
    """A dashed frame around the part of a map that a cropped skip keeps."""
    height = box.height * share
    axes.add_patch(
        Rectangle(
            (box.x - 0.03, box.y - height / 2), box.width + 0.06, height,
            fill=False, edgecolor=colours.ink, lw=0.9, linestyle=(0, (2.2, 1.6)), zorder=3,
        )
    )  # fmt: skip


def _arrow(
    axes: Axes, start: tuple, end: tuple, colour: str, width: float = 1.5, style: object = "-"
) -> None:
    axes.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=5 + 3 * width, color=colour, lw=width,
            linestyle=style, shrinkA=0, shrinkB=0, joinstyle="miter", capstyle="butt",
        )
    )  # fmt: skip


def _title(axes: Axes, layout: Layout, colours: Theme, place: tuple) -> None:
    left, right, y = place
    traced = layout.trace
    sizes = _("U-Net: {size}² in, {output}² out").format(size=traced.size, output=traced.output)
    facts = _n(
        "{n} convolution layer · {parameters:,} parameters · receptive field {field}²",
        "{n} convolution layers · {parameters:,} parameters · receptive field {field}²",
        traced.convolutions, parameters=traced.parameters, field=traced.receptive_field,
    )  # fmt: skip
    axes.text(left, y, sizes, color=colours.ink, fontsize=15, weight="bold", va="center")
    axes.text(right, y, facts, color=colours.faint, fontsize=10.5, va="center", ha="right")


def _legend(axes: Axes, layout: Layout, colours: Theme, place: tuple) -> None:
    """What the arrows mean, from the corner `place` upwards."""
    config, (x, y) = layout.trace.config, place
    conv = _("convolution 3×3, ReLU")
    if config.batch_norm:
        conv = _("convolution 3×3, batch norm, ReLU")
    cropped = any(skip.crop for skip in layout.trace.skips)
    entries = [
        (_("convolution 1×1: a score for each class"), colours.last),
        (MERGES[config.merge][cropped], colours.skip),
        (UPSAMPLERS[config.upsample], colours.up),
        (_("max pooling 2×2"), colours.pool),
        (conv, colours.conv),
    ]
    for row, (words, colour) in enumerate(entries):
        level = y + 0.28 * row
        _arrow(axes, (x, level), (x + 0.42, level), colour, 2.0)
        axes.text(x + 0.55, level, words, va="center", fontsize=10.5, color=colours.ink)
    note = _("above a box: channels · below: size")
    if cropped:
        note += _(" · crop: pixels at each edge")
    axes.text(x, y + 0.28 * len(entries) + 0.06, note, fontsize=10.5, color=colours.faint)
