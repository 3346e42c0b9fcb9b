"""Lesson 13: where stitched tiles differ from the whole image, and where their seams lie."""

from __future__ import annotations

import numpy as np
from PIL import Image

from unet_teach.drawing import svg
from unet_teach.drawing.overlays import few_greys
from unet_teach.drawing.picture import (
    Picture,
    indexed,
    news,
    paragraphs,
    png_data,
    spoken,
    svg_picture,
)
from unet_teach.drawing.style import BLUE, LIGHT, ORANGE, VERMILLION, ramp
from unet_teach.translation import _, _n

ZOOM, LEFT, TOP, SPACE = 2, 8, 48, 40
ROUNDING = 1e-4  # what is below is float rounding, and white
DECADES = (-4, 1)  # the scale's ends, powers of ten
STOPS = ((0.0, "#FFFFFF"), (0.3, "#FCE9C4"), (0.6, ORANGE), (0.8, VERMILLION), (1.0, "#4A1700"))
SHADES = 64
PALETTE = ramp(np.linspace(0, 1, SHADES), STOPS).ravel().tolist()


def stitched_map(
    image: np.ndarray,
    difference: np.ndarray,
    starts: list[int],
    exact: np.ndarray,
    sizes: tuple[int, int],
    padding: str,
    grid: int,
) -> Picture:
    """The image under its tiles, and beside it the map of abs(stitched − whole).

    Parameters
    ----------
    image, difference : (n, n); the difference in standard deviations of the whole
    starts : of the tiles, along both sides
    exact : bools (tiles, tiles), which tiles differ by no more than rounding
    sizes : input and output of one tile
    padding : "valid" or "same"
    grid : 2**depth

    Examples
    --------
    >>> nothing = np.zeros((8, 8))
    >>> print(stitched_map(nothing, nothing, [0, 4], np.ones((2, 2)), (12, 4), "valid", 4))
    Valid tiles of 12 pixels, of which 4 come out. Tiles start at 0, 4; modulo 4: 0, 0. ...
    """
    side = len(difference) * ZOOM
    right = LEFT + side + SPACE
    parts = [svg.text(LEFT, 18, _("the image, and where tiles start"), 13, "start")]
    parts.append(svg.text(right, 18, _("abs(stitched − whole)"), 13, "start"))
    for x, pixels in ((LEFT, few_greys(image)), (right, coloured(difference))):
        parts.append(svg.image(png_data(pixels), x, TOP, side, side))
        parts += _seams(starts, x, side, grid)
    parts += _scale(right + side + 16, side)
    words = _said(difference, starts, exact, sizes, padding, grid)
    return svg_picture(right + side + 84, TOP + side + 12, parts, *words)


def coloured(difference: np.ndarray) -> Image.Image:
    """Numbers (H, W) as colours: white up to 0.0001, then darker with their logarithm, to 10.

    Examples
    --------
    >>> image = coloured(np.array([[0.0, 1e-4, 10.0]])).convert("RGB")
    >>> np.asarray(image).tolist()
    [[[255, 255, 255], [255, 255, 255], [74, 23, 0]]]
    """
    low, high = DECADES
    powers = np.log10(np.maximum(np.asarray(difference, float), 10.0**low))
    share = np.clip((powers - low) / (high - low), 0, 1)
    entries = np.ceil(share * (SHADES - 1)).astype(np.uint8)  # upwards: white means none
    return indexed(entries, PALETTE)


def _seams(starts: list[int], x: float, side: int, grid: int) -> list[str]:
    """A line where each tile starts; blue on the grid, dashed beside it."""
    parts = [svg.rect(x, TOP, side, side, stroke=LIGHT.faint)]
    for start in starts:
        on = start % grid == 0
        look = {"stroke_width": 1.2, "stroke_dasharray": None if on else "4 3"}
        colour, at = BLUE if on else LIGHT.ink, start * ZOOM
        parts.append(svg.line(x + at, TOP - 6, x + at, TOP + side, colour, **look))
        parts.append(svg.line(x, TOP + at, x + side, TOP + at, colour, **look))
        parts.append(svg.text(x + at, TOP - 10, start, 12, "start" if at == 0 else "middle",
                              colour))  # fmt: skip
    return parts


def _scale(x: float, side: int) -> list[str]:
    """The colours and what they stand for, right of the map."""
    low, high = DECADES
    colours = coloured(np.logspace(high, low, 50)[:, None])
    parts = [svg.image(png_data(colours), x, TOP, 12, side)]
    parts.append(svg.rect(x, TOP, 12, side, stroke=LIGHT.line))
    for power in range(low, high + 1):
        y = TOP + side * (high - power) / (high - low) + 4
        parts.append(svg.text(x + 18, y, f"{10.0**power:g}", 12, "start", LIGHT.faint))
    return parts


def _said(
    difference: np.ndarray,
    starts: list[int],
    exact: np.ndarray,
    sizes: tuple[int, int],
    padding: str,
    grid: int,
) -> tuple[str, str]:
    """Alternative text, and the words beside the picture."""
    tile, kept = sizes
    largest = float(difference.max())
    seen = {
        "valid": _("Valid tiles of {tile} pixels, of which {kept} come out."),
        "same": _("Zero-padded tiles of {tile} pixels, of which {kept} come out."),
    }[padding].format(tile=tile, kept=kept)
    listed = _("Tiles start at {starts}; modulo {grid}: {rest}.").format(
        starts=", ".join(map(str, starts)), grid=grid,
        rest=", ".join(str(start % grid) for start in starts),
    )  # fmt: skip
    found = _("The largest difference from the whole is {largest:.2f} standard deviations.")
    if rounding := largest < ROUNDING:
        found = _("The largest difference from the whole is {largest:.0e} standard deviations: "
                  "rounding.")  # fmt: skip
    right = _n("{n} of {all} tiles is exact.", "{n} of {all} tiles are exact.",
               int(np.sum(exact)), all=np.size(exact))  # fmt: skip
    words = paragraphs(listed, news(found.format(largest=largest), rounding), right)
    key = _("blue: a start on the grid of {grid} pixels · dashed: beside it").format(grid=grid)
    head = "<b>" + _("tile {tile} → {kept}").format(tile=tile, kept=kept) + "</b>"
    return spoken(seen, words), paragraphs(head) + words + paragraphs(key)
