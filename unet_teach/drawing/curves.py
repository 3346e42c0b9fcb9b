"""A run as a curve."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from unet_teach.drawing.style import new_figure, plain_axes, theme_named
from unet_teach.translation import _


def loss_curve(records: Sequence[dict], theme: str = "light") -> Figure:
    """The loss of every step, faint, and its running mean over a twentieth of the run.

    Parameters
    ----------
    records : dicts with "step" and "loss", as `unet_teach.training.read_log` gives them
    theme : "light" or "dark"

    Raises
    ------
    ValueError
        No records.

    Examples
    --------
    >>> figure = loss_curve([{"step": 0, "loss": 0.7}, {"step": 1, "loss": 0.6}])
    >>> len(figure.axes[0].lines)
    2
    """
    if not records:
        raise ValueError("no records; train at least one step first")
    colours = theme_named(theme)
    steps = np.array([record["step"] + 1 for record in records])
    loss = np.array([record["loss"] for record in records], dtype=float)
    figure = new_figure(7, 3.6, colours)
    axes = plain_axes(figure.add_subplot(), colours)
    axes.plot(steps, loss, color=colours.contracting, alpha=0.3, linewidth=0.8)
    axes.plot(steps, running_mean(loss, max(1, len(loss) // 20)), color=colours.contracting)
    axes.set_xlabel(_("step"), color=colours.faint)
    axes.set_ylabel(_("loss"), color=colours.faint)
    axes.set_ylim(0, float(np.percentile(loss, 99)) * 1.15 or 1.0)  # one spike hides nothing
    axes.grid(axis="y", color=colours.line, linewidth=0.6)
    axes.set_axisbelow(True)
    return figure


def running_mean(values: np.ndarray, window: int) -> np.ndarray:
    """The mean of each value and of the ``window - 1`` before it, or as many as there are.

    Examples
    --------
    >>> running_mean(np.array([1.0, 2.0, 3.0, 4.0]), 2).tolist()
    [1.0, 1.5, 2.5, 3.5]
    """
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - window, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)
