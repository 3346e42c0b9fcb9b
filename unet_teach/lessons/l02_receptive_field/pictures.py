"""Lesson 02's figures: layers as dots, the way up, squares over gradients, holes, a ruler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from unet_teach.drawing.style import (
    BLUE,
    GREEN,
    LIGHT,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    new_figure,
    plain_axes,
)
from unet_teach.lessons.l02_receptive_field.measure import effective_square, walk_back
from unet_teach.shapes import receptive_field, receptive_field_backwards
from unet_teach.translation import _

DARK = "#00224E"  # cividis at 0
HUES = (SKY, BLUE, VERMILLION, GREEN, PURPLE, ORANGE)
HOLE_HUES = (BLUE, ORANGE, GREEN)
AT_BOTTLENECK, JUMP = 140, 16  # image pixels: a bottleneck pixel's field; to the next one's


def chain(layers: Sequence[tuple[int, int]]) -> tuple[list[np.ndarray], list[int], list[int]]:
    """Where the dots of a chain of layers are, along one line of pixels.

    Parameters
    ----------
    layers : (k, s) of each layer, the first one first; at least one

    Returns
    -------
    places : for the image and then each layer, the dots that the last layer's dot 0 needs,
        each in the middle of what it sees; in pixels of the image
    sizes, jumps : the field of one dot, and from one dot to the next

    Examples
    --------
    >>> places, sizes, jumps = chain([(3, 1), (3, 1), (2, 2)])
    >>> [len(row) for row in places], sizes, jumps
    ([6, 4, 2, 1], [1, 3, 5, 6], [1, 1, 1, 2])
    """
    places, sizes, jumps = [], [], []
    for done in range(len(layers) + 1):
        field = receptive_field(layers[:done])
        needed = receptive_field_backwards(layers[done:])
        places.append((field.size - 1) / 2 + field.jump * np.arange(needed))
        sizes.append(field.size)
        jumps.append(field.jump)
    return places, sizes, jumps


def fan(layers: Sequence[tuple[int, int]]) -> Figure:
    """Rows of dots from the image up to one dot, and below them the field of one dot a row."""
    places, sizes, jumps = chain(layers)
    figure, top = new_figure(7.5, 5.2), len(layers)
    axes = figure.add_subplot()
    for row, (k, s) in enumerate(layers):
        for place, dot in enumerate(places[row + 1]):
            for source in places[row][place * s : place * s + k]:
                axes.plot([source, dot], [row, row + 1], color="#AEB6C2", lw=1.5, zorder=1)
    kinds = [
        _("{i}: conv {k} × {k}") if s == 1 else _("{i}: pool {k} × {k}") for _k, s in layers
    ]
    names = [
        _("image"),
        *(kind.format(i=i, k=layers[i - 1][0]) for i, kind in enumerate(kinds, 1)),
    ]
    left, right = -1.2, sizes[-1] + 1.4
    for row, (dots, jump) in enumerate(zip(places, jumps, strict=True)):
        hue = HUES[row - 1] if row else LIGHT.ink
        axes.plot(dots[1:], np.full(len(dots) - 1, row), "o", color=LIGHT.faint, ms=11)
        axes.plot(dots[:1], [row], "o", color=hue, ms=13)
        axes.plot(dots[-1] + jump, row, "o", mfc="white", mec=LIGHT.faint, ms=11)
        arrow = {"arrowstyle": "<->", "color": LIGHT.ink, "shrinkA": 0, "shrinkB": 0}
        ends = [(dots[-1] + jump * step, row + 0.3) for step in (0, 1)]
        axes.annotate("", *ends, arrowprops=arrow)
        axes.text(ends[0][0] + jump / 2, row + 0.36, _("jump {n}").format(n=jump), ha="center",
                  va="bottom", fontsize=10)  # fmt: skip
        axes.text(left, row, names[row], ha="right", va="center", fontsize=11)
        axes.text(right, row, str(len(dots)), ha="center", va="center", fontsize=11)
    axes.text(right, top + 0.75, _("dots\nneeded"), ha="center", va="center", fontsize=10)
    for row, size in enumerate(sizes[1:], 1):
        y = -0.45 - 0.5 * row
        for pixel in range(size):
            axes.add_patch(Rectangle((pixel - 0.45, y), 0.9, 0.34, color=HUES[row - 1]))
        words = _("{n} pixels").format(n=size)
        axes.text(size - 0.3, y + 0.17, words, va="center", fontsize=11)
        words = _("a dot of layer {i} sees").format(i=row)
        axes.text(left, y + 0.17, words, ha="right", va="center", fontsize=11)
    axes.set(xlim=(left - 3.0, right + 1), ylim=(-0.6 - 0.5 * top, top + 1.1))
    axes.set_axis_off()
    return figure


def walk(outputs: Sequence[int]) -> Figure:
    """The pixels that each step back from an output pixel needs, in their pairs.

    Parameters
    ----------
    outputs : one or more output pixels, each for a column

    Returns
    -------
    Figure : from the output pixel at the top down to the bottleneck; filled squares are needed,
        hollow ones complete a pair of which only one is
    """
    figure = new_figure(7.5, 5.6)
    for column, (output, hue) in enumerate(zip(outputs, (SKY, ORANGE), strict=False)):
        axes, steps = figure.add_subplot(1, len(outputs), column + 1), walk_back(output)
        for row, (first, last) in enumerate(steps):
            paired = row % 2  # what an upsampling made
            left, right = (first // 2 * 2, last // 2 * 2 + 1) if paired else (first, last)
            middle = (left + right) / 2
            for pixel in range(left, right + 1):
                face = hue if first <= pixel <= last else "white"
                axes.add_patch(Rectangle((pixel - middle - 0.42, -row - 0.21), 0.84, 0.42,
                                         fc=face, ec=LIGHT.faint, lw=0.8))  # fmt: skip
                axes.text(pixel - middle, -row - 0.015, str(pixel), ha="center", va="center",
                          fontsize=10)  # fmt: skip
            if row == len(steps) - 1:
                continue
            if paired:
                for pixel in range(left, right, 2):
                    top, under = pixel + 0.5 - middle, pixel / 2 - (left + right - 1) / 4
                    axes.plot([top - 0.9, top + 0.9], [-row - 0.3] * 2, color=LIGHT.ink, lw=1.5)
                    axes.plot([top, under], [-row - 0.3, -row - 0.78], color=LIGHT.ink, lw=1)
            else:  # the fan of two convolutions
                after = (steps[row + 1][0] // 2 * 2 + steps[row + 1][1] // 2 * 2 + 1) / 2
                low, high = (end - after for end in steps[row + 1])
                axes.fill(
                    [first - middle - 0.42, last - middle + 0.42, high + 0.42, low - 0.42],
                    [-row - 0.21, -row - 0.21, -row - 0.79, -row - 0.79], color="#E3E7ED",
                )  # fmt: skip
        count = steps[-1][1] - steps[-1][0] + 1
        axes.set_title(_("output pixel {n}").format(n=output), fontsize=11, weight="bold")
        axes.text(0, -len(steps) + 0.45, _("reaches {n} bottleneck pixels").format(n=count),
                  ha="center", va="top", fontsize=11, weight="bold")  # fmt: skip
        axes.set(xlim=(-5.1, 5.1), ylim=(-len(steps), 0.3))
        axes.set_axis_off()
        for row in range(len(steps) - 1) if not column else ():
            words = _("made in pairs from") if row % 2 else _("two convolutions\nneed")
            axes.text(-5.3, -row - 0.5, words, ha="right", va="center", fontsize=10)
        if not column:
            words = _("bottleneck")
            axes.text(-5.3, 1 - len(steps), words, ha="right", va="center", fontsize=10)
    return figure


def way_up(reached: Sequence[tuple[int, int]]) -> Figure:
    """Which bottleneck pixels neighbouring output pixels reach, and what these see.

    Parameters
    ----------
    reached : for each output pixel, the first and the last bottleneck pixel that it reaches

    Returns
    -------
    Figure : a strip with an output pixel in each square; then the bars of the bottleneck pixels
        of the first output pixel that reaches the fewest, and of the first with the most
    """
    counts = [last - first + 1 for first, last in reached]
    kinds = sorted(set(counts))
    hues = dict(zip(kinds, (SKY, ORANGE), strict=True))
    figure = new_figure(7.5, 5)
    strip, *panels = figure.subplots(
        1 + len(kinds), 1, gridspec_kw={"height_ratios": [1.7, *(n + 1.2 for n in kinds)]}
    )
    for place, count in enumerate(counts):
        strip.add_patch(Rectangle((place, 0), 1, 1, fc=hues[count], ec="white", lw=2))
        strip.text(place + 0.5, 0.5, str(count), ha="center", va="center", fontsize=12)
        strip.text(place + 0.5, -0.15, str(place), ha="center", va="top", fontsize=10)
    strip.text(-0.1, -0.15, _("phase"), ha="right", va="top", fontsize=10)
    strip.set(xlim=(-1.2, len(counts)), ylim=(-0.7, 1))
    title = _("{n} output pixels in a row: how many bottleneck pixels does each reach?")
    strip.set_title(title.format(n=len(counts)), fontsize=11, loc="left")
    strip.set_axis_off()
    ends = [JUMP * reached[counts.index(n)][1] + AT_BOTTLENECK for n in kinds]
    for axes, kind in zip(panels, kinds, strict=True):
        _bars(axes, reached[counts.index(kind)], hues[kind])
        axes.set_xlim(-6, max(ends) + 6)
    panels[0].set_xticklabels([])
    panels[-1].set_xlabel(_("pixel of the image"), fontsize=11)
    return figure


def _bars(axes: Axes, reached: tuple[int, int], hue: str) -> None:
    """A bar for what each reached bottleneck pixel sees, and one arrow for them all."""
    first, last = reached
    for row, pixel in enumerate(range(first, last + 1)):
        axes.barh(-row, AT_BOTTLENECK, 0.8, JUMP * pixel, color=hue)
        words = _("bottleneck pixel {i} sees {n} pixels").format(i=pixel, n=AT_BOTTLENECK)
        axes.text(JUMP * pixel + AT_BOTTLENECK / 2, -row, words, ha="center", va="center",
                  fontsize=10)  # fmt: skip
    steps, start, end = last - first, JUMP * first, JUMP * last + AT_BOTTLENECK
    axes.annotate("", (start, 0.95), (end, 0.95), arrowprops={"arrowstyle": "<->", "shrinkA": 0,
                                                              "shrinkB": 0})  # fmt: skip
    words = _("{n} + {steps} · {jump} = {all} pixels").format(
        n=AT_BOTTLENECK, steps=steps, jump=JUMP, all=end - start
    )
    axes.text((start + end) / 2, 1.1, words, ha="center", va="bottom", fontsize=11,
              weight="bold")  # fmt: skip
    axes.set(yticks=[], ylim=(-steps - 0.6, 2))
    plain_axes(axes).spines["left"].set_visible(False)


def outlined(found: Mapping[str, np.ndarray], field: range) -> Figure:
    """Where gradients are not zero, each with the outline of the computed field.

    Parameters
    ----------
    found : a title -> influence (H, W), not negative
    field : what the output pixel can see, in height as in width
    """
    figure = new_figure(8, 2.6 if len(found) < 5 else 2.3)
    for axes, (name, gradient) in zip(
        figure.subplots(1, len(found)), found.items(), strict=True
    ):
        seen = gradient > 0
        axes.imshow(seen, cmap="cividis", vmin=0, vmax=1)
        axes.add_patch(Rectangle((field[0] - 0.5, field[0] - 0.5), len(field), len(field),
                                 fill=False, ec=VERMILLION, lw=2.5))  # fmt: skip
        percent = 100 * seen.sum() / len(field) ** 2
        axes.set_title(_("{name}\n{n:.0f} %").format(name=name, n=percent), fontsize=13)
        far = len(seen) + 7.5  # a margin, so that the whole outline is seen
        axes.set(xticks=[], yticks=[], xlim=(-8, far), ylim=(far, -8), facecolor=DARK)
    return figure


def influence_maps(
    found: Mapping[str, np.ndarray], pixel: tuple[int, int], field: range
) -> Figure:
    """Gradients on a logarithmic scale, with the computed field and the square that holds 95 %.

    Parameters
    ----------
    found : a title -> influence (H, W), not negative
    pixel : (row, column) of the output
    field : what it can see, in height as in width
    """
    figure = new_figure(8, 3.7)
    panels = figure.subplots(1, len(found))
    for axes, (name, gradient) in zip(panels, found.items(), strict=True):
        shown = np.clip(gradient / gradient.max(), 1e-4, 1)
        image = axes.imshow(shown, cmap="cividis", norm=LogNorm(1e-4, 1))
        used, (row, column) = effective_square(gradient, pixel), pixel
        corner = (column - used // 2, row - used // 2)
        corners = {len(field): (field[0], field[0]), used: corner}
        for (width, (x, y)), line in zip(corners.items(), ("-", "--"), strict=True):
            axes.add_patch(Rectangle((x - 0.5, y - 0.5), width, width, fill=False, ec="white",
                                     lw=2, ls=line))  # fmt: skip
        words = (_("can see: {n} pixels"), _("95 %: {n} pixels"))
        for text, (width, (x, y)) in zip(words, corners.items(), strict=True):
            axes.text(x, y - 5, text.format(n=width), color="white", fontsize=11, weight="bold")
        axes.set(title=name, xticks=[], yticks=[])
    bar = figure.colorbar(image, ax=panels, shrink=0.95)
    ticks = [10.0**-power for power in range(5)]
    bar.set_ticks(ticks, labels=["1", *(f"1/{10**power}" for power in range(1, 5))])
    bar.minorticks_off()
    bar.set_label(_("gradient, as a fraction of the largest"), fontsize=11)
    return figure


def through_holes(
    views: Mapping[int, np.ndarray],
    widths: Sequence[int],
    curves: Mapping[str, Sequence[float]],
    eye: int,
) -> Figure:
    """What a network sees through some holes, and its answer over the width of the hole.

    Parameters
    ----------
    views : width of the hole -> grey values (n, n) around the first pixel, the rest covered
    widths : of the holes, in pixels
    curves : name of a pixel -> probability of *inside*, one for each width; at most three
    eye : the width at which a person was sure
    """
    figure = new_figure(7.5, 4.9)
    grid = figure.add_gridspec(2, len(views), height_ratios=(1, 1.9))
    for column, (width, view) in enumerate(views.items()):
        axes = figure.add_subplot(grid[0, column])
        axes.imshow(view, cmap="gray", vmin=-2.5, vmax=2.5)
        axes.set(xticks=[], yticks=[])
        axes.set_title(_("A, hole of {n} pixels").format(n=width), fontsize=11)
    axes = plain_axes(figure.add_subplot(grid[1, :]))
    for (name, answers), hue, shape in zip(curves.items(), HOLE_HUES, "os^", strict=False):
        axes.plot(widths, answers, color=hue, marker=shape, ms=5, label=name)
    axes.axhline(0.5, color=LIGHT.line)
    axes.axvline(eye, color=LIGHT.ink, ls=":", label=_("your eye: {n} pixels").format(n=eye))
    axes.set(ylim=(-0.03, 1.05))
    axes.set_xlabel(_("width of the hole in pixels"), fontsize=11)
    axes.set_ylabel(_("probability of inside"), fontsize=11)
    axes.legend(frameon=False, fontsize=11, loc=(0.7, 0.3))
    return figure


def ruler(
    image: np.ndarray, pixel: tuple[int, int], lengths: Mapping[str, Sequence[int]]
) -> Figure:
    """Lengths under a strip of the image, all centred on one pixel and on one scale.

    Parameters
    ----------
    image : grey values (H, W)
    pixel : (row, column), the middle of every bar
    lengths : what is measured -> its length, and from where to where that may be, in pixels
    """
    (row, column), far = pixel, max(map(max, lengths.values())) // 2 + 6
    figure = new_figure(7.5, 4.8)
    strip, bars = figure.subplots(2, 1, sharex=True)
    shown = image[row - 30 : row + 31, column - far : column + far + 1]
    strip.imshow(shown, cmap="gray", vmin=30, vmax=230, aspect="auto",
                 extent=(-far - 0.5, far + 0.5, 30.5, -30.5))  # fmt: skip
    strip.plot(0, 0, "o", color=ORANGE, ms=12, fillstyle="none", mew=2)
    strip.set(yticks=[])
    for place, (name, (length, low, high)) in enumerate(lengths.items()):
        hue = (ORANGE, SKY, GREEN, VERMILLION)[place]
        bars.barh(-place, length, 0.4, -length / 2, color=hue)
        words = _("{name}: {n} pixels") if low == high else _("{name}: {low} to {high} pixels")
        words = words.format(name=name, n=length, low=low, high=high)
        bars.text(0, -place + 0.26, words, ha="center", va="bottom", fontsize=11)
        for sign in (-1, 1):
            strip.axvline(sign * length / 2, color=hue, lw=2, ls="--")
            bars.plot([sign * low / 2, sign * high / 2], [-place] * 2, color=LIGHT.ink, lw=2)
    bars.set(yticks=[], ylim=(0.4 - len(lengths), 1))
    bars.set_xlabel(_("pixels from A"), fontsize=11)
    plain_axes(bars).spines["left"].set_visible(False)
    return figure
