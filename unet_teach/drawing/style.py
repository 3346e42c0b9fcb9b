"""One palette and one figure style for every picture of the project.

The hues are those of Okabe and Ito ("Color Universal Design", 2008), told apart by readers
with any kind of colour vision; each also differs in lightness, so a grey printout works.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from unet_teach.config import one_of

BLUE, SKY, GREEN = "#0072B2", "#56B4E9", "#009E73"
ORANGE, VERMILLION, PURPLE, YELLOW = "#E69F00", "#D55E00", "#CC79A7", "#F0E442"
GOOD_NEWS, BAD_NEWS = "#00664A", "#B3261E"  # of words: they can be read on white
CYCLE = (SKY, ORANGE, GREEN, PURPLE, YELLOW, BLUE, VERMILLION)
# A hue and a shape each, so that either is enough.
MARKS = ((BLUE, "o"), (ORANGE, "s"), (GREEN, "^"), (PURPLE, "D"), (SKY, "v"))


@dataclass(frozen=True)
class Theme:
    """The colours that change between a light and a dark page."""

    paper: str  # background
    ink: str  # text and outlines
    faint: str  # secondary text
    line: str  # rules and frames
    contracting: str  # maps of the contracting path
    expansive: str  # maps of the expansive path
    conv: str  # the arrows, by operation
    pool: str
    up: str
    skip: str
    last: str


LIGHT = Theme(
    paper="#FFFFFF",
    ink="#1F2430",
    faint="#5B6472",
    line="#D5DAE1",
    contracting="#2F86BF",
    expansive="#E9A227",
    conv="#5B6472",
    pool="#C4500A",
    up="#00805C",
    skip="#2F86BF",
    last="#A8507F",
)
DARK = Theme(
    paper="#0D1117",  # GitHub's dark page
    ink="#E8EBF0",
    faint="#A3ACB9",
    line="#39414D",
    contracting="#4FA3DB",
    expansive="#F0B84A",
    conv="#A3ACB9",
    pool="#F0803C",
    up="#2FBF93",
    skip="#6DB9EA",
    last="#DE8FBA",
)
THEMES = {"light": LIGHT, "dark": DARK}


def theme_named(name: str) -> Theme:
    """The theme of this name.

    Examples
    --------
    >>> theme_named("sepia")
    Traceback (most recent call last):
        ...
    ValueError: theme is 'sepia'; valid values: 'light', 'dark'
    """
    return THEMES[one_of("theme", name, THEMES)]


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green, blue from 0 to 255.

    Examples
    --------
    >>> rgb("#D55E00")
    (213, 94, 0)
    """
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def ramp(share: np.ndarray, stops: Sequence[tuple[float, str]]) -> np.ndarray:
    """Numbers from 0 to 1 as colours between stops (place, colour): uint8, one axis more.

    Examples
    --------
    >>> ramp(np.array([0.0, 0.5, 1.0]), [(0.0, "#000000"), (1.0, "#64C8FF")]).tolist()
    [[0, 0, 0], [50, 100, 128], [100, 200, 255]]
    """
    places = [place for place, _colour in stops]
    channels = zip(*(rgb(colour) for _place, colour in stops), strict=True)
    mixed = [np.interp(share, places, channel) for channel in channels]
    return np.round(np.stack(mixed, axis=-1)).astype(np.uint8)


def new_figure(width: float, height: float, theme: Theme = LIGHT) -> Figure:
    """An empty figure in inches; no pyplot, so nothing is kept when it is thrown away."""
    return Figure(figsize=(width, height), facecolor=theme.paper, layout="constrained")


def plain_axes(axes: Axes, theme: Theme = LIGHT) -> Axes:
    """Two thin axes, and no box around them."""
    axes.set_facecolor(theme.paper)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(theme.line)
    axes.tick_params(colors=theme.faint, labelsize=9)
    axes.xaxis.label.set_color(theme.faint)
    axes.yaxis.label.set_color(theme.faint)
    return axes
