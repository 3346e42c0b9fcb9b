"""The U with five sockets for the learner's parts: hers are blue, empty ones dashed."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from unet_teach.drawing.style import BLUE, LIGHT, new_figure
from unet_teach.exercises.keeping import choose, place
from unet_teach.translation import _

SOCKETS = ("double_conv", "contract", "up_conv", "center_crop", "forward")
BOXES = ((1.0, 2.0), (2.2, 1.0), (4.0, 0.0), (5.8, 1.0), (7.0, 2.0))  # down, then up


def sockets() -> Figure:
    """The U, with what ``my_unet.py`` holds of it and what passes there."""
    return drawn(choose(SOCKETS, place())[1])


def drawn(yours: Collection[str]) -> Figure:
    """The U with these sockets filled.

    Examples
    --------
    >>> len(drawn(["contract"]).axes)
    1
    """
    figure = new_figure(8.5, 3.9)
    axes = figure.subplots()
    axes.set(xlim=(-0.5, 8.5), ylim=(-0.65, 3.25), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    _socket(axes, "forward", yours, (4, 2.95), (8.6, 0.5), _("forward: the way through"))
    for at in BOXES:
        _socket(axes, "double_conv", yours, at, (1.1, 0.5), "double_conv")
    for (x, y), (right, _y) in zip(BOXES[:2], (BOXES[4], BOXES[3]), strict=True):
        _arrow(axes, (x + 0.6, y), (right - 0.6, y), "center_crop" in yours)
        _socket(axes, "center_crop", yours, (4, y), (1.15, 0.4), "center_crop")
    for one, other in pairwise(BOXES[:3]):  # a pooling each
        start, end = (one[0], one[1] - 0.28), (other[0] - 0.3, other[1] + 0.3)
        _arrow(axes, start, end, "contract" in yours)
    _socket(axes, "contract", yours, (0.95, 0.55), (1.1, 0.4), "contract")
    for one, other in pairwise(BOXES[2:]):  # an up-convolution each
        start, end = (one[0] + 0.3, one[1] + 0.28), (other[0], other[1] - 0.28)
        _arrow(axes, start, end, "up_conv" in yours)
    _socket(axes, "up_conv", yours, (7.05, 0.55), (1.1, 0.4), "up_conv")
    return figure


def _socket(
    axes: Axes, part: str, yours: Collection[str], at: tuple, size: tuple, words: str
) -> None:
    """A plug where the part is hers, an empty outline where not."""
    (x, y), (wide, high), is_hers = at, size, part in yours
    axes.add_patch(
        FancyBboxPatch(
            (x - wide / 2, y - high / 2), wide, high, boxstyle="round,pad=0,rounding_size=0.1",
            facecolor=BLUE if is_hers else LIGHT.paper,
            edgecolor=BLUE if is_hers else LIGHT.faint,
            linestyle="-" if is_hers else (0, (4, 3)), linewidth=1.5, zorder=2,
        )
    )  # fmt: skip
    axes.text(
        x, y, words, ha="center", va="center", fontsize=10, zorder=3, family="monospace",
        color=LIGHT.paper if is_hers else LIGHT.ink,
    )  # fmt: skip


def _arrow(axes: Axes, start: tuple, end: tuple, is_hers: bool) -> None:
    style = {"arrowstyle": "-|>", "color": BLUE if is_hers else LIGHT.faint, "linewidth": 1.5}
    axes.annotate("", end, start, arrowprops=style, zorder=1)
