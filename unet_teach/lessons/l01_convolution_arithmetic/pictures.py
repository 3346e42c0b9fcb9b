"""Lesson 01's other pictures: kernels at work, painted patches, a U that sizes fill in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, paragraphs, svg_picture
from unet_teach.drawing.style import BLUE, GREEN, LIGHT, ORANGE, VERMILLION, new_figure
from unet_teach.lessons.l01_convolution_arithmetic.measure import dark_line
from unet_teach.shapes import conv_out, conv_transpose_out, pool_out
from unet_teach.translation import _, _n

# ----------------------------------------------------------------------------- kernels at work
CLOSE = ("micrograph", "blur")  # their last rows are enlarged
SIGNS = LinearSegmentedColormap.from_list("signs", [ORANGE, "white", BLUE])


def at_work(kernels: Mapping[str, Sequence], crops: Mapping[str, np.ndarray]) -> Figure:
    """Each kernel as tiles, orange where it is negative, above what it makes of a picture.

    Parameters
    ----------
    kernels : a name -> (k, k) numbers; those of 3 × 3 are written into their tiles
    crops : a name -> (H, W); a name that `kernels` lacks has no tiles, except that
        "eight directions" has those of `dark_line`, turned; of those in `CLOSE` the last
        rows are enlarged below
    """
    turned = {"eight directions": _mosaic([dark_line(turn * 22.5) for turn in range(8)])}
    tiles, figure = {**kernels, **turned}, new_figure(2.05 * len(crops), 4.9)
    axes = figure.subplots(3, len(crops), height_ratios=(4, 4, 1))
    for (above, below, close), (name, crop) in zip(axes.T, crops.items(), strict=True):
        shades = below.imshow(crop, cmap="gray")  # white: a large answer
        close.set_axis_off()
        if name in CLOSE:
            rows, columns = (max(1, side // 16) for side in crop.shape)
            close.imshow(crop[-rows:, -4 * columns :], cmap="gray", clim=shades.get_clim())
            close.set_title(_("its last rows"), fontsize=9)
        (above if name in tiles else below).set_title(name, fontsize=11)
        for axis in (above, below):
            axis.set_axis_off()
        if name in tiles:
            _tiles(above, np.array(tiles[name], float))
    return figure


def _mosaic(kernels: Sequence[np.ndarray]) -> np.ndarray:
    """The signs of kernels of one size in three columns, with gaps of NaN."""
    side = len(kernels[0]) + 2
    whole = np.full((3 * side, 3 * side), np.nan)
    for i, kernel in enumerate(kernels):
        y, x = i // 3 * side + 1, i % 3 * side + 1
        whole[y : y + len(kernel), x : x + len(kernel)] = np.where(kernel < 0, -1, 0.25)
    return whole


def _tiles(axis, kernel: np.ndarray) -> None:
    most = np.nanmax(abs(kernel)) or 1
    axis.imshow(kernel, cmap=SIGNS, vmin=-1.5 * most, vmax=1.5 * most)  # pale, to be read on
    if len(kernel) > 5:
        return
    for (y, x), weight in np.ndenumerate(kernel):
        words = str(Fraction(weight).limit_denominator(99)).replace("-", "−")
        axis.text(x, y, words, ha="center", va="center", color=LIGHT.ink)
        axis.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, fill=False, edgecolor=LIGHT.faint))


# ------------------------------------------------------------------- a transposed convolution
CELL, ROOM = 54, 52  # of a cell; between two grids
TINTS = ("#9FD3F5", "#F5CF7A", "#8FD6BF", "#EBBFD7")  # one for each input pixel, row by row
SHARED = "#E3E6EB"  # where patches overlap


def painted(values: Sequence[Sequence[int]], settings: Sequence[tuple[int, int]]) -> Picture:
    """Each input pixel paints a patch; where patches overlap, they add up.

    Parameters
    ----------
    values : (2, 2) of whole numbers, the input
    settings : (k, s) of each transposed convolution; all of its kernel's numbers are 1

    Examples
    --------
    >>> print(painted([[1, 2], [3, 4]], [(2, 1)]))
    A 2 × 2 input, 1 2 / 3 4, and what a transposed convolution makes of it, ...
    """
    pixels, parts, said, left, deep = np.array(values), [], [], 8, 0
    for k, s in settings:
        title, owners = _("k = {k}, s = {s}").format(k=k, s=s), painters(k, s)
        parts.append(svg.text(left, 20, _("input"), 14, "start"))
        for (y, x), value in np.ndenumerate(pixels):
            parts += _cell(left, y, x, TINTS[2 * y + x], str(value))
        left += 2 * CELL + ROOM
        parts.append(svg.text(left, 20, title, 14, "start"))
        parts.append(svg.arrow(left - ROOM + 12, 30 + CELL, left - 12, 30 + CELL, LIGHT.up, 3))
        sums = [[sum(pixels[who] for who in cell) for cell in row] for row in owners]
        for y, x in product(range(len(owners)), repeat=2):
            (first, *others) = owners[y][x]
            tint = SHARED if others else TINTS[2 * first[0] + first[1]]
            terms = "+".join(str(pixels[who]) for who in owners[y][x]) if others else ""
            parts += _cell(left, y, x, tint, str(sums[y][x]), terms)
        left, deep = left + len(owners) * CELL + ROOM, max(deep, len(owners) * CELL)
        rows = " / ".join(" ".join(map(str, row)) for row in sums)
        said.append(f"{title}: {rows}")
    alt = _(
        "A 2 × 2 input, {input}, and what a transposed convolution makes of it, each pixel's "
        "patch in a colour of its own and overlaps grey. {made}."
    ).format(input=" / ".join(" ".join(map(str, r)) for r in values), made="; ".join(said))
    return svg_picture(left - ROOM + 8, 30 + deep + 8, parts, alt)


def painters(k: int, s: int) -> list[list[list[tuple[int, int]]]]:
    """For each output cell of a 2 × 2 input the input pixels whose patches cover it.

    Examples
    --------
    >>> painters(2, 1)[0]
    [[(0, 0)], [(0, 0), (0, 1)], [(0, 1)]]
    """
    m = conv_transpose_out(2, k, s=s)

    def over(place: int) -> list[int]:
        return [pixel for pixel in (0, 1) if pixel * s <= place < pixel * s + k]

    return [[list(product(over(y), over(x))) for x in range(m)] for y in range(m)]


def _cell(left: float, y: int, x: int, tint: str, value: str, terms: str = "") -> list[str]:
    x, y = left + x * CELL, 30 + y * CELL
    square = svg.rect(x, y, CELL, CELL, tint, stroke=LIGHT.faint)
    if not terms:
        return [square, svg.text(x + CELL / 2, y + CELL / 2 + 6, value, 16)]
    return [
        square,
        svg.text(x + CELL / 2, y + CELL / 2, value, 16, font_weight="bold"),
        svg.text(x + CELL / 2, y + CELL - 7, terms, 11, fill=LIGHT.faint),
    ]


# ------------------------------------------------------------------------------- the whole U
LEVELS, IMAGE = 4, 572
WIDE, HIGH, STEP, DEEP = 46, 30, 68, 66  # of a box; from box to box, and from level to level
RIGHT, WRONG = "#BFE5D9", "#F7D3BC"


def path_through(
    conv_out: Callable, pool: Callable, up: Callable
) -> Iterator[tuple[str, Callable]]:
    """Each step through the paper's U: its arrow, and what it does to a size."""

    def conv(n: int) -> int:
        return conv_out(n, 3)

    for _level in range(LEVELS):
        yield from (("conv", conv), ("conv", conv), ("pool", pool))
    yield from (("conv", conv), ("conv", conv))
    for _level in range(LEVELS):
        yield from (("up", up), ("conv", conv), ("conv", conv))


def sizes(conv: Callable) -> list[int | None]:
    """The 27 sizes from 572 to the end, by some `conv_out`; None from where it fails on.

    It is called with n and k for a convolution, with n, k and s for a pooling.

    Examples
    --------
    >>> sizes(conv_out)[:4], sizes(conv_out)[-1]
    ([572, 570, 568, 284], 388)
    >>> sizes(lambda n, k, s=1: None)[:3]
    [572, None, None]
    """
    found: list[int | None] = [IMAGE]
    steps = path_through(conv, lambda n: conv(n, 2, 2), lambda n: conv_transpose_out(n, 2, s=2))
    for _arrow, step in steps:
        try:
            n = int(step(found[-1])) if found[-1] is not None else None
        except Exception:  # whatever a learner's function raises, her box stays empty
            n = None
        found.append(n)
    return found


def _places() -> list[tuple[float, float]]:
    """The corner of each box on its way down the left side and up the right."""
    places, x, level = [(8.0, 8.0)], 8.0, 0
    for arrow, _step in path_through(conv_out, pool_out, pool_out):
        x += STEP if arrow == "conv" else 0
        level += {"pool": 1, "up": -1}.get(arrow, 0)
        places.append((x, 8.0 + level * DEEP))
    return places


def whole_u(conv_out_of_yours: Callable | None = None) -> Picture:
    """The paper's U with a box for every size, filled in by a function.

    Parameters
    ----------
    conv_out_of_yours : as exercise 1 has it, called with k = 3, and with k = s = 2 for a
        pooling; without it, or where it fails, the boxes hold a question mark.
        Up-convolutions are the library's.

    Examples
    --------
    >>> print(whole_u(conv_out))
    The paper's U, ... 26 of 26 computed sizes are right.
    """
    nothing = [IMAGE] + [None] * (3 * 2 * LEVELS + 2)
    found = sizes(conv_out_of_yours) if conv_out_of_yours else nothing
    due, places, parts = sizes(conv_out), _places(), []
    colours = {"conv": LIGHT.conv, "pool": LIGHT.pool, "up": LIGHT.up}
    steps = path_through(conv_out, pool_out, pool_out)
    for (arrow, _step), (x, y), (to_x, to_y) in zip(
        steps, places[:-1], places[1:], strict=True
    ):
        if arrow == "conv":
            ends = x + WIDE + 1, y + HIGH / 2, to_x - 1, to_y + HIGH / 2
        else:
            down = arrow == "pool"
            ends = x + WIDE / 2, y + HIGH * down, to_x + WIDE / 2, to_y + HIGH * (not down)
        parts.append(svg.arrow(*ends, colours[arrow], 2.5))
    for n, right, (x, y) in zip(found, due, places, strict=True):
        fill = LIGHT.paper if n is None else RIGHT if n == right else WRONG
        edge = LIGHT.faint if n is None else GREEN if n == right else VERMILLION
        parts.append(svg.rect(x, y, WIDE, HIGH, fill, stroke=edge, stroke_width=2, rx=4))
        words, ink = ("?", LIGHT.faint) if n is None else (n, LIGHT.ink)
        parts.append(svg.text(x + WIDE / 2, y + HIGH / 2 + 5, words, 15, fill=ink))
    width, height = places[-1][0] + WIDE + 8, 8 + LEVELS * DEEP + HIGH + 40
    names = {"conv": _("3 × 3 convolution"), "pool": _("2 × 2 max pooling"),
             "up": _("2 × 2 up-convolution")}  # fmt: skip
    for i, (arrow, words) in enumerate(names.items()):
        x, y = 8 + i * 210, height - 14
        parts.append(svg.arrow(x, y - 5, x + 30, y - 5, colours[arrow], 2.5))
        parts.append(svg.text(x + 38, y, words, 13, "start"))
    good = sum(n == right for n, right in zip(found[1:], due[1:], strict=True))
    said = _n("{n} of {all} computed sizes is right.",
              "{n} of {all} computed sizes are right.", good, all=len(due) - 1)  # fmt: skip
    listed = ", ".join("?" if n is None else str(n) for n in found)
    alt = _("The paper's U, a box for each size, in the order of the arrows: {listed}. {said}")
    empty = _("A box stays empty where your conv_out returned no number.")
    words = paragraphs(said, empty if None in found else "") if conv_out_of_yours else ""
    return svg_picture(width, height, parts, alt.format(listed=listed, said=said), words)
