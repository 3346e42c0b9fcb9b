"""Lesson 12: a net bent over a micrograph, and the image and mask that are read along it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from unet_teach.drawing import svg
from unet_teach.drawing.picture import (
    Picture,
    greys,
    indexed,
    news,
    paragraphs,
    png_data,
    spoken,
    svg_picture,
)
from unet_teach.drawing.style import BLUE, LIGHT, VERMILLION, YELLOW, rgb
from unet_teach.translation import _, _n

SCALE = 1.6  # pixels of the picture for one of the image
MARGIN = 24  # image pixels shown beyond the border, mirrored
TOP, LEFT, GAP, FOOT = 28, 6, 16, 26
NET = 16  # image pixels between two threads of the net
WALL, INSIDE = "#282E3A", "#FFFFFF"


def bent(
    image: np.ndarray,
    field: np.ndarray,
    warped: np.ndarray,
    mask: np.ndarray,
    folded: np.ndarray,
    wrong: np.ndarray,
    *,
    sigma: float,
    grid: int,
    apart: bool,
) -> Picture:
    """The field as a net over the image, then what is read along it.

    Parameters
    ----------
    image : uint8 (n, n), as it was
    field : (n, n, 2), column and row where each pixel of the result is read
    warped : (n, n), the deformed image, grey values from 0 to 255
    mask : (n, n), the deformed mask; 0 is membrane, 1 is inside
    folded : bool (n, n), where the tissue is folded over
    wrong : bool (n, n), where the mask holds no class
    sigma, grid : displacement in pixels, vectors of a side
    apart : whether the mask was read along a field of its own

    Examples
    --------
    >>> grey, nothing = np.zeros((32, 32), np.uint8), np.zeros((32, 32), bool)
    >>> places = np.stack(np.meshgrid(np.arange(32.0), np.arange(32.0)), axis=-1)
    >>> more = {"sigma": 0, "grid": 3, "apart": False}
    >>> print(bent(grey, places, grey, grey + 1, nothing, nothing, **more))
    Sigma 0 pixels, 3 × 3 vectors. Left: ... Every value of the mask is a class.
    """
    side, frame, second, third, low = _layout(len(image))
    both = _both(_grey(warped, folded), _classes(mask, wrong))
    parts = [
        _around(image.tobytes(), len(image), apart),
        svg.group(_net(field, grid), clip_path="url(#deformation-frame)"),
        svg.image(both, second, low, side + GAP + side, side),
    ]
    if folded.any():
        parts.append(_key(second, low + side, VERMILLION, _("folded over")))
    said = _said(warped, mask, folded, wrong, sigma, grid, apart)
    return svg_picture(third + side + LEFT, TOP + frame + FOOT, parts, *said)


def _layout(size: int) -> tuple[float, float, float, float, float]:
    """Sides of an image and of the micrograph with its margin; where image and mask stand."""
    side = size * SCALE
    frame = side + 2 * MARGIN * SCALE
    second = LEFT + frame + GAP
    # Side by side with the micrograph: their top is where its is.
    return side, frame, second, second + side + GAP, TOP + MARGIN * SCALE


@lru_cache(maxsize=4)
def _around(content: bytes, size: int, apart: bool) -> str:
    """What no field moves: the micrograph and its frame, titles, boxes, the colours' names."""
    side, frame, second, third, low = _layout(size)
    image = np.frombuffer(content, np.uint8).reshape(size, size)
    wide = np.pad(image, MARGIN, mode="reflect")  # pale, in sixteen shades, half a byte each
    backdrop = png_data(indexed(wide // 16, greys(range(100, 260, 10))))
    edge = f"M {LEFT} {TOP} h {frame:g} v {frame:g} h {-frame:g} Z"
    inner = (LEFT + MARGIN * SCALE, low, side, side)
    parts = [
        svg.text(LEFT, TOP - 10, _("where each pixel is read"), 13, "start"),
        svg.text(second, low - 10, _("image: bilinear"), 13, "start"),
        svg.text(third, low - 10, _("mask: own field") if apart else _("mask: same field"), 13,
                 "start"),
        svg.image(backdrop, LEFT, TOP, frame, frame),
        f'<clipPath id="deformation-frame">{svg.path(edge, fill=LIGHT.ink)}</clipPath>',
        svg.rect(*inner, stroke="#FFFFFF", stroke_width=2, stroke_dasharray="5 4"),
    ]  # fmt: skip
    for x in (second, third):  # around the pixels, which are drawn later
        parts.append(svg.rect(x - 0.5, low - 0.5, side + 1, side + 1, stroke=LIGHT.line))
    keys = (
        (0, WALL, _("membrane")),
        (88, INSIDE, _("inside")),
        (143, VERMILLION, _("no class")),
    )
    return "".join([*parts, *(_key(third + x, low + side, *key) for x, *key in keys)])


def _key(x: float, y: float, colour: str, words: str) -> str:
    """A colour and its name, under an image that ends at ``y``."""
    square = svg.rect(x, y + 10, 11, 11, colour, stroke=LIGHT.ink)
    return square + svg.text(x + 15, y + 20, words, 12, "start", LIGHT.faint)


# Image and mask are one picture of few colours: sooner packed than two.
SHADES = 32  # of grey, from black to white
WALL_ENTRY, BAD_ENTRY, PAPER_ENTRY = range(SHADES, SHADES + 3)
COLOURS = [
    *greys(round(255 * shade / (SHADES - 1)) for shade in range(SHADES)),
    *rgb(WALL), *rgb(VERMILLION), *rgb(LIGHT.paper),
]  # fmt: skip


def _grey(warped: np.ndarray, folded: np.ndarray) -> np.ndarray:
    """The entries of ``COLOURS`` for grey values from 0 to 255."""
    entries = (warped * ((SHADES - 1) / 255) + 0.5).astype(np.uint8)  # the nearest shade
    entries[folded] = BAD_ENTRY
    return entries


def _classes(mask: np.ndarray, wrong: np.ndarray) -> np.ndarray:
    """The entries of ``COLOURS`` for classes: the inside is white."""
    entries = np.where(mask < 0.5, np.uint8(WALL_ENTRY), np.uint8(SHADES - 1))
    entries[wrong] = BAD_ENTRY
    return entries


def _both(image: np.ndarray, mask: np.ndarray) -> str:
    gap = np.full((len(image), round(GAP / SCALE)), PAPER_ENTRY, np.uint8)
    return png_data(indexed(np.hstack([image, gap, mask]), COLOURS))


def _placed(pixels: np.ndarray) -> np.ndarray:
    """Column and row in the image -> x and y in the picture."""
    # A pixel is a square: the middle of pixel 0 is half a pixel in.
    return (pixels + (0.5 + MARGIN)) * SCALE + (LEFT, TOP)


@lru_cache(maxsize=4)
def _threads(size: int) -> tuple[tuple, tuple]:
    """Where a net's threads are fixed, those across and those down: indices of a field."""
    along, threads = ([*range(0, size - 1, step), size - 1] for step in (4, NET))
    return np.ix_(threads, along), np.ix_(along, threads)


@lru_cache(maxsize=16)
def _knots(size: int, grid: int) -> tuple[tuple, np.ndarray]:
    """Where a field's vectors are: indices of a field, then x and y in the picture."""
    knots = np.round(np.linspace(0, size - 1, grid)).astype(int)
    places = np.stack(np.meshgrid(knots, knots), axis=-1)
    return np.ix_(knots, knots), _placed(places).reshape(-1, 2)


def _net(field: np.ndarray, grid: int) -> list[str]:
    """The bent net and its vectors."""
    size = len(field)
    across, down = _threads(size)
    lines = np.concatenate([field[across], field[down].swapaxes(0, 1)])  # (threads, points, 2)
    # One format for all: at this many numbers it is what takes the time.
    form = ("M" + "%.1f,%.1f " * lines.shape[1]) * len(lines)
    net = form % tuple(_placed(lines).ravel().tolist())
    knots, starts = _knots(size, grid)
    ends = _placed(field[knots]).reshape(-1, 2)
    far = np.hypot(*(ends - starts).T) > 6  # a shorter arrow is all head
    return [
        svg.path(net, stroke=BLUE, stroke_width=1.4),
        svg.dots(starts, 2.5, YELLOW),
        svg.arrows(np.hstack([starts, ends])[far], VERMILLION, 1.8),
    ]


def _said(
    warped: np.ndarray,
    mask: np.ndarray,
    folded: np.ndarray,
    wrong: np.ndarray,
    sigma: float,
    grid: int,
    apart: bool,
) -> tuple[str, str]:
    """Alternative text, and the words beside the picture."""
    count, folds = int(wrong.sum()), float(folded.mean())
    sizes = {"sigma": sigma, "grid": grid}
    seen = _(
        "Sigma {sigma:g} pixels, {grid} × {grid} vectors. Left: a net bent over a micrograph. "
        "Middle: the image read along it. Right: its mask, read along the same field."
    )
    if apart:
        seen = _(
            "Sigma {sigma:g} pixels, {grid} × {grid} vectors. Left: a net bent over a "
            "micrograph. Middle: the image read along it. Right: its mask, read along a field "
            "of its own."
        )
    tissue = _("Nothing is folded over.")
    if folds:
        tissue = _("{folds:.1%} of the tissue is folded over.").format(folds=folds)
    values = _("Every value of the mask is a class.")
    if count:
        values = _n("{n:,} of {all:,} values of the mask is no class.",
                    "{n:,} of {all:,} values of the mask are no class.",
                    count, all=wrong.size)  # fmt: skip
    wall, greys = mask < 0.5, ""
    if wall.any() and not wall.all():
        greys = _("The image is {wall:.0f} grey under the mask's membranes, {inside:.0f} "
                  "elsewhere.").format(
            wall=float(warped[wall].mean()), inside=float(warped[~wall].mean())
        )  # fmt: skip
    words = paragraphs(news(tissue, not folds), news(values, not count), greys)
    head = paragraphs(f"<b>σ = {sigma:g}, {grid} × {grid}</b>")
    return spoken(seen.format(**sizes), words), head + words
