"""A small U in two strengths of colour, and the marks that some lessons add to it.

Lengths are pixels of a page 900 wide; y grows downwards, as on the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import FancyArrowPatch, Rectangle

from unet_teach.drawing.style import Theme

WIDTH, HEIGHT = 900, 260
CENTRE = 575  # the U's axis; left of it stand the words
HEIGHTS = (60, 46, 34, 26, 18)  # of the boxes, by level
WIDTHS = (9, 11, 13, 16, 20)
TOP, BETWEEN, STEP = 12, 13, 31  # first row; between rows; between the boxes of a row
FIRST = 356  # left edge of the first box
IMAGE = 60  # side of the image and of the output
PALE = 0.77  # share of the paper in what is not lit


@dataclass(frozen=True)
class Row:
    """A level of the U: left edges of its boxes on both sides, its centre, its box."""

    down: tuple[float, ...]
    up: tuple[float, ...]
    y: float
    width: float
    height: float


class Pen:
    """Draws in colour what is lit, and pale what is not."""

    def __init__(self, axes: Axes, colours: Theme, lit: frozenset[str]) -> None:
        self.axes, self.colours, self.lit = axes, colours, lit

    def shade(self, key: str, colour: str) -> str:
        if key in self.lit:
            return colour
        ends = np.array(to_rgb(colour)), np.array(to_rgb(self.colours.paper))
        return to_hex((1 - PALE) * ends[0] + PALE * ends[1])

    def box(self, key: str, x: float, y: float, size: tuple, colour: str, **more) -> None:
        """A map, by the middle of its left edge."""
        width, height = size
        style = {"facecolor": self.shade(key, colour), "lw": 0} | more
        self.axes.add_patch(Rectangle((x, y - height / 2), width, height, **style))

    def arrow(self, key: str, start: tuple, end: tuple, colour: str, **more) -> None:
        width = 2.2 if key in self.lit else 1.2
        style = {"arrowstyle": "-|>", "mutation_scale": 5 + 3 * width, "lw": width} | more
        style |= {"color": self.shade(key, colour), "shrinkA": 0, "shrinkB": 0}
        self.axes.add_patch(FancyArrowPatch(start, end, **style))

    def words(self, x: float, y: float, words: str, size: float, colour: str, **more) -> None:
        style = {"weight": "bold", "va": "top", "linespacing": 1.25} | more
        self.axes.text(x, y, words, fontsize=size, color=colour, **style)

    def frame(self, x: float, y: float, size: tuple, colour: str, **more) -> None:
        self.box("", x, y, size, colour, **{"fill": False, "ec": colour, "lw": 1.6} | more)


def u_rows() -> Iterator[Row]:
    y, x = TOP, FIRST
    for level, (height, width) in enumerate(zip(HEIGHTS, WIDTHS, strict=True)):
        y += height / 2
        if level == len(HEIGHTS) - 1:  # both ends of the bottom row hang below their columns
            ends = (x, 2 * CENTRE - x - width)
            yield Row(ends, (), y, width, height)
            return
        down = (x, x + width + STEP)
        up = tuple(2 * CENTRE - left - width for left in reversed(down))
        yield Row(down, up, y, width, height)
        y += height / 2 + BETWEEN
        x = down[1]


def draw_paths(pen: Pen, rows: list[Row]) -> None:
    """Boxes, convolutions along the rows, poolings down, upsamplings up."""
    colours = pen.colours
    for level, row in enumerate(rows):
        size = (row.width, row.height)
        key = "contract" if row.up else "bottom"
        for x in row.down:
            pen.box(key, x, row.y, size, colours.contracting)
        keys = ("merged", "expand")
        for key, x in zip(keys, row.up, strict=False):
            pen.box(key, x, row.y, size, colours.expansive)
        if row.up:  # what came over the skip
            half = (row.width * 0.75, row.height)
            pen.box("merged", row.up[0] - half[0], row.y, half, colours.contracting)
        for pair in (row.down, row.up):
            if pair:
                ends = (pair[0] + row.width + 4, row.y), (pair[1] - 4, row.y)
                pen.arrow("conv", *ends, colours.conv)
        if row.up:
            _draw_between(pen, row, rows[level + 1])


def _draw_between(pen: Pen, row: Row, below: Row) -> None:
    top, bottom = row.y + row.height / 2 + 1, below.y - below.height / 2 - 1
    x = row.down[1] + row.width / 2
    pen.arrow("pool", (x, top), (x, bottom), pen.colours.pool)
    x = row.up[0] + row.width / 2
    pen.arrow("up", (x, bottom), (x, top), pen.colours.up)


def draw_skips(pen: Pen, rows: list[Row]) -> None:
    colours = pen.colours
    for row, share in zip(rows[:-1], (0.66, 0.7, 0.74, 0.84), strict=True):
        start, end = row.down[1] + row.width + 6, row.up[0] - 0.75 * row.width - 4
        pen.arrow("skip", (start, row.y), (end, row.y), colours.skip)
        if "crop" in pen.lit:
            size = (row.width + 8, row.height * share)
            dashes = {"linestyle": (0, (2.2, 1.4)), "zorder": 3, "lw": 1.3}
            pen.frame(row.down[1] - 4, row.y, size, colours.ink, **dashes)


def draw_ends(pen: Pen, rows: list[Row]) -> None:
    """The image on the left, the classes on the right."""
    row, side = rows[0], (IMAGE, IMAGE)
    image, walls = _tissue()
    for key, x, picture in (("image", *_image_place()), ("output", *_output_place())):
        _paste(pen, key, (x, row.y), image if picture else walls)
    x, _ = _image_place()
    pen.arrow("conv", (x + side[0] + 5, row.y), (row.down[0] - 4, row.y), pen.colours.conv)
    x, _ = _output_place()
    pen.arrow("last", (row.up[1] + row.width + 4, row.y), (x - 4, row.y), pen.colours.last)


def _image_place() -> tuple[float, bool]:
    return FIRST - 31 - IMAGE, True


def _output_place() -> tuple[float, bool]:
    return 2 * CENTRE - FIRST + 31, False


def _paste(pen: Pen, key: str, place: tuple, grey: np.ndarray) -> None:
    x, y = place
    lit = key in pen.lit
    extent = (x, x + IMAGE, y + IMAGE / 2, y - IMAGE / 2)
    options = {"cmap": "gray", "vmin": 0, "vmax": 1, "alpha": 1.0 if lit else 1 - PALE}
    pen.axes.imshow(grey, extent=extent, aspect="auto", interpolation="nearest", **options)
    ink = pen.colours.ink if lit else pen.colours.line
    pen.frame(x, y, (IMAGE, IMAGE), ink, lw=1.4 if lit else 0.8)


def _tissue(side: int = IMAGE) -> tuple[np.ndarray, np.ndarray]:
    """A few cells between dark walls: (the micrograph, its labels), drawn from a seed."""
    rng = np.random.default_rng(3)
    points = rng.uniform(-0.1, 1.1, (16, 2)) * side
    grid = np.stack(np.mgrid[:side, :side], -1)[:, :, None].astype(float)
    distances = np.sort(np.linalg.norm(grid - points, axis=-1), axis=-1)
    wall = distances[..., 1] - distances[..., 0] < 4.0
    image = np.where(wall, 0.25, 0.72) + rng.normal(0, 0.05, wall.shape)
    return image.clip(0, 1), np.where(wall, 0.0, 1.0)


# ------------------------------------------------ what is drawn in some lessons only
def _field(pen: Pen, rows: list[Row]) -> None:
    """An output pixel, and lines to the square of the image that it sees."""
    y, colour = rows[0].y, pen.colours.pool
    left, right = _image_place()[0] + 14, _output_place()[0] + 29
    for edge in (-18, 18):
        ends = np.array([[left + 36, y + edge], [right, y]])
        pen.axes.plot(*ends.T, color=colour, lw=1.1, linestyle=(0, (4, 2)))
    pen.frame(left, y, (36, 36), colour, lw=2.4)
    pen.box("field", right, y, (7, 7), colour)


def _learn(pen: Pen, rows: list[Row]) -> None:
    """From the output down to the bottom of the U and up to the first map: backwards."""
    colour = pen.colours.pool
    last, bottom = rows[0].up[1] + 4, rows[-1]
    start = (_output_place()[0] + IMAGE / 2, rows[0].y + IMAGE / 2 + 4)
    turn = (bottom.down[1] + bottom.width + 8, bottom.y)
    bend = {"connectionstyle": "arc3,rad=-0.28", "lw": 3}
    pen.arrow("learn", start, turn, colour, **bend)
    first = (rows[0].down[0] + 2, rows[0].y + 36)
    pen.arrow("learn", (bottom.down[0] - 8, bottom.y), first, colour, **bend)
    pen.words(last + 4, 222, "gradient", 10.5, colour)


def _beside_output(pen: Pen, words: str) -> tuple[float, float]:
    """Room below the output for a second map; gives its place."""
    x, y = _output_place()[0], TOP + 2.3 * IMAGE
    pen.words(x + IMAGE / 2, y + IMAGE / 2 + 6, words, 10, pen.colours.ink, ha="center")
    ends = (x + IMAGE / 2, TOP + IMAGE + 6), (x + IMAGE / 2, y - IMAGE / 2 - 6)
    style = {"arrowstyle": "<|-|>"}
    pen.arrow("target" if "target" in pen.lit else "weights", *ends, pen.colours.last, **style)
    return x, y


def _target(pen: Pen, rows: list[Row]) -> None:
    _paste(pen, "target", _beside_output(pen, "labels"), _tissue()[1])


def _weights(pen: Pen, rows: list[Row]) -> None:
    """Heaviest between cells that nearly touch: shown as bright walls on grey."""
    x, y = _beside_output(pen, "weights")
    walls = 0.35 + 0.65 * (1 - _tissue()[1])
    extent = (x, x + IMAGE, y + IMAGE / 2, y - IMAGE / 2)
    pen.axes.imshow(walls, extent=extent, aspect="auto", cmap="inferno", vmin=0, vmax=1.15)
    pen.frame(x, y, (IMAGE, IMAGE), pen.colours.ink, lw=1.4)


def _warp(pen: Pen, rows: list[Row]) -> None:
    x, y = _image_place()[0], rows[0].y - IMAGE / 2
    along = np.linspace(0, IMAGE, 40)
    for place in np.linspace(11, IMAGE - 11, 3):
        bent = place + 4.5 * np.sin(along / IMAGE * 2 * np.pi + place / 9)
        pen.axes.plot(x + along, y + bent, color=pen.colours.pool, lw=1.6)
        pen.axes.plot(x + bent, y + along, color=pen.colours.pool, lw=1.6)


def _tiles(pen: Pen, rows: list[Row]) -> None:
    """One tile of the image with its context, and the part of the output that it gives."""
    x, y = _image_place()[0], rows[0].y
    out = _output_place()[0]
    for column in (1, 2):
        for start in (x, out):
            at = start + column * IMAGE / 3
            for xs, ys in (
                ([at, at], [-30, 30]),
                ([start, start + IMAGE], [at - start - 30] * 2),
            ):
                pen.axes.plot(xs, y + np.array(ys), color=pen.colours.last, lw=1.2)
    pen.frame(x + 10, y, (40, 40), pen.colours.pool, lw=2.4)
    pen.frame(out + 20, y, (20, 20), pen.colours.pool, lw=2.4)


def _broken(pen: Pen, rows: list[Row]) -> None:
    """Crosses at the image, a map, the bottom and the output."""
    places = [(_image_place()[0] + 30, rows[0].y), (_output_place()[0] + 30, rows[0].y)]
    places += [(rows[1].down[1] + 6, rows[1].y), (CENTRE, rows[-1].y)]
    for x, y in places:
        style = {"markersize": 17, "markeredgewidth": 4.5, "color": pen.colours.pool}
        pen.axes.plot([x], [y], "x", **style)


def _nested(pen: Pen, rows: list[Row]) -> None:
    """U-Net++: maps inside of the U, each made of its neighbour and the map below."""
    colours = pen.colours
    for level, count in ((0, 3), (1, 2), (2, 1)):
        row = rows[level]
        for x in np.linspace(row.down[1], row.up[0], count + 2)[1:-1]:
            pen.box("nested", x, row.y, (row.width, row.height), colours.last)
            start = (x - 26, rows[level + 1].y - rows[level + 1].height / 2 - 2)
            pen.arrow("nested", start, (x - 2, row.y + row.height / 2), colours.up, lw=1.4)


EXTRAS = {
    "field": _field, "learn": _learn, "target": _target, "weights": _weights, "warp": _warp,
    "tiles": _tiles, "broken": _broken, "nested": _nested,
}  # fmt: skip
