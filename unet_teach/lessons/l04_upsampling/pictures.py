"""Lesson 04's figures: a matrix and its transpose, a tent, weights by phase, what cancels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from unet_teach.drawing.style import (
    BLUE,
    GREEN,
    LIGHT,
    ORANGE,
    SKY,
    VERMILLION,
    new_figure,
    plain_axes,
)
from unet_teach.translation import _

COPIES = (SKY, ORANGE, GREEN)  # of the kernel, by the number that paints them
PALE = "#E3E7EC"


def _table(axes: Axes, title: str, left: float, numbers: np.ndarray, hues: np.ndarray) -> None:
    """Numbers in boxes, centred at height 0; ``hues`` has a colour for each that is not 0."""
    top = -len(numbers) / 2
    for (row, column), number in np.ndenumerate(numbers):
        fill = hues[row, column] if number else "white"
        box = Rectangle((left + column, top + row), 1, 1, fc=fill, ec=LIGHT.line)
        axes.add_patch(box)
        ink = LIGHT.ink if number else "#AEB6C2"
        middle = (left + column + 0.5, top + row + 0.5)
        axes.text(*middle, f"{number:g}", ha="center", va="center", color=ink, fontsize=11)
    axes.text(left + numbers.shape[1] / 2, top - 0.5, title, ha="center", fontsize=12)


def transposed(matrix: Tensor, y: Tensor) -> Figure:
    """W, then Wᵀ y = the output: each row of W, and what it paints, in a colour of its own.

    Parameters
    ----------
    matrix : W, (rows, columns), at most three rows
    y : (rows,)
    """
    W, numbers = matrix.numpy(), y.numpy()[:, None]
    rows, columns = W.shape
    hues = np.array(COPIES[:rows])
    painter = np.abs(W * numbers).argmax(0)  # of each output number: the copy that counts most
    figure = new_figure(8.6, 3.4)
    axes = figure.subplots()
    wide = np.repeat(hues[:, None], columns, 1)
    second = columns + 2.5
    _table(axes, "W", 0, W, wide)
    _table(axes, "Wᵀ", second, W.T, wide.T)
    _table(axes, "y", second + rows + 1.2, numbers, hues[:, None])
    _table(axes, "Wᵀ y", second + rows + 4, W.T @ numbers, hues[painter][:, None])
    for place, sign in ((second + rows + 0.6, "×"), (second + rows + 3.1, "=")):
        axes.text(place, 0, sign, ha="center", va="center", fontsize=18)
    axes.set(xlim=(-0.2, second + rows + 5.2), ylim=(columns / 2 + 0.2, -columns / 2 - 1.2))
    axes.set_aspect("equal")
    axes.axis("off")
    return figure


def tent(weights: Sequence[float]) -> Figure:
    """Weights below their tent, and the blob that rows times columns make, in sixteenths."""
    line = np.array(weights)
    places, end = np.arange(len(line)) - (len(line) - 1) / 2, len(line) / 2
    figure = new_figure(7.6, 2.9)
    left, right = figure.subplots(1, 2, width_ratios=(1.6, 1))
    plain_axes(left)
    left.bar(places, line, 0.94, color=SKY)
    left.plot([-end, 0, end], [0, 1, 0], color=VERMILLION, lw=2)
    for place, weight in zip(places, line, strict=True):
        left.text(place, weight / 2, f"{weight:g}", ha="center", va="center", fontsize=12)
    left.set(xticks=[-end, *places, end], yticks=[0, 1], ylim=(0, 1.08))
    left.set_xlabel(_("distance from the large pixel's centre, in small pixels"))
    blob = line[:, None] * line
    right.imshow(blob, cmap="Blues", vmin=0, vmax=1)
    for (row, column), weight in np.ndenumerate(blob):
        right.text(column, row, f"{16 * weight:g}", ha="center", va="center", fontsize=12)
    right.set(title=_("in an image, times 1/16"), xticks=[], yticks=[])
    return figure


def phase_tiles(ways: Mapping[str, np.ndarray]) -> Figure:
    """For each way a square of output pixels, each with its kernel; the weights used are blue.

    Parameters
    ----------
    ways : name -> (side, side, k, k), as `measure.used` finds them
    """
    figure = new_figure(10, 3.9)
    for axes, (name, uses) in zip(figure.subplots(1, len(ways)), ways.items(), strict=True):
        side, k = uses.shape[0], uses.shape[-1]
        for (row, column, a, b), is_used in np.ndenumerate(uses):
            corner = (column + 0.1 + 0.8 * b / k, row + 0.1 + 0.8 * a / k)
            fill = BLUE if is_used else PALE
            axes.add_patch(Rectangle(corner, 0.8 / k, 0.8 / k, fc=fill, ec="white", lw=1.2))
        for edge in range(side + 1):
            strong = 1.6 if edge % 2 == 0 else 0.6
            axes.plot([0, side], [edge, edge], color=LIGHT.faint, lw=strong)
            axes.plot([edge, edge], [0, side], color=LIGHT.faint, lw=strong)
        counts = sorted({int(count) for count in uses.sum((2, 3)).flat})
        listed = ", ".join(map(str, counts))
        axes.set_title(_("{name}\n{listed} of {all} weights").format(
            name=name, listed=listed, all=k * k), fontsize=12)  # fmt: skip
        axes.set(xlim=(-0.05, side + 0.05), ylim=(side + 0.05, -0.05))
        axes.set_aspect("equal")
        axes.axis("off")
    return figure


def cancelling(pushed: np.ndarray) -> Figure:
    """How far each map pushes each phase up or down, stacked, and what is left of them all.

    Parameters
    ----------
    pushed : (4, C), as `measure.pushes` finds them
    """
    figure = new_figure(7.6, 3.2)
    axes = plain_axes(figure.subplots())
    for phase, each in enumerate(pushed):
        for way, hue in ((each[each > 0], BLUE), (each[each < 0], VERMILLION)):
            way = way[np.argsort(-np.abs(way))]
            bottoms = np.cumsum(way) - way
            axes.bar(np.full(len(way), phase), way, 0.5, bottoms, color=hue, ec="white", lw=0.8)
        left = each.sum()
        axes.plot([phase - 0.36, phase + 0.36], [left, left], color=LIGHT.ink, lw=3)
        words = _("{left:+.3f} is left").format(left=left).replace("-", "−")
        axes.text(phase, each[each > 0].sum() + 0.03, words, ha="center", fontsize=11)
    axes.axhline(0, color=LIGHT.faint, lw=0.8)
    names = [_("top left"), _("top right"), _("bottom left"), _("bottom right")]
    axes.set(xticks=range(4), xticklabels=names, xlim=(-0.6, 3.6))
    axes.margins(y=0.12)
    axes.set_ylabel(_("push on inside − membrane"))
    return figure
