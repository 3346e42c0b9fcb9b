"""Lesson 12: a net bent over a micrograph, and the image and mask that are read along it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image

from unet_teach.plots import svg
from unet_teach.plots.picture import Picture, greys, indexed, png_data, svg_picture
from unet_teach.plots.style import BAD_NEWS, BLUE, GOOD_NEWS, LIGHT, VERMILLION, YELLOW, rgb
from unet_teach.translation import _

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
    Sigma 0 pixels, 3 × 3 vectors. Left: ... every value of the mask is a class.
    """
    side = image.shape[0] * SCALE
    frame = side + 2 * MARGIN * SCALE
    second = LEFT + frame + GAP
    third = second + side + GAP
    low = TOP + MARGIN * SCALE  # the images stand side by side with the micrograph
    titles = (
        (LEFT, _("where each pixel is read")),
        (second, _("image: bilinear")),
        (third, _("mask: {how}").format(how=_("own field") if apart else _("same field"))),
    )
    parts = [
        svg.text(x, TOP - 10 if x == LEFT else low - 10, words, 13, "start")
        for x, words in titles
    ]
    parts += _net(image, field, grid, frame)
    parts += [
        svg.image(png_data(_grey(warped, folded)), second, low, side, side),
        svg.image(png_data(_classes(mask, wrong)), third, low, side, side),
        svg.rect(second, low, side, side, stroke=LIGHT.line),
        svg.rect(third, low, side, side, stroke=LIGHT.line),
    ]
    keys = (
        (0, WALL, _("membrane")),
        (88, INSIDE, _("inside")),
        (143, VERMILLION, _("no class")),
    )
    for along, colour, words in keys:
        x = third + along
        parts.append(svg.rect(x, low + side + 10, 11, 11, colour, stroke=LIGHT.ink))
        parts.append(svg.text(x + 15, low + side + 20, words, 12, "start", LIGHT.faint))
    if folded.any():
        parts.append(svg.rect(second, low + side + 10, 11, 11, VERMILLION, stroke=LIGHT.ink))
        words = _("folded over")
        parts.append(svg.text(second + 15, low + side + 20, words, 12, "start", LIGHT.faint))
    said = _said(warped, mask, folded, wrong, sigma, grid, apart)
    return svg_picture(third + side + LEFT, TOP + frame + FOOT, parts, *said)


def _grey(warped: np.ndarray, folded: np.ndarray) -> np.ndarray | Image.Image:
    grey = np.clip(np.round(warped), 0, 255).astype(np.uint8)
    if not folded.any():
        return grey
    palette = [*greys(range(255)), *rgb(VERMILLION)]  # no white, then
    return indexed(np.where(folded, np.uint8(255), np.minimum(grey, 254)), palette)


def _classes(mask: np.ndarray, wrong: np.ndarray) -> Image.Image:
    entries = np.where(wrong, np.uint8(2), (mask >= 0.5).astype(np.uint8))
    return indexed(entries, [*rgb(WALL), *rgb(INSIDE), *rgb(VERMILLION)])


@lru_cache(maxsize=4)  # the same at every move
def _backdrop(content: bytes, size: int) -> str:
    """A micrograph, pale and mirrored beyond its border, as the address of a PNG."""
    image = np.frombuffer(content, np.uint8).reshape(size, size)
    wide = np.pad(image, MARGIN, mode="reflect")
    return png_data(indexed(wide // 16, greys(range(100, 260, 10))))  # sixteen: half a byte


def _net(image: np.ndarray, field: np.ndarray, grid: int, frame: float) -> list[str]:
    """The micrograph, mirrored beyond its border, under the bent net and its vectors."""
    size = len(image)
    side = size * SCALE
    inner = (LEFT + MARGIN * SCALE, TOP + MARGIN * SCALE, side, side)
    edge = f"M {LEFT} {TOP} h {frame:g} v {frame:g} h {-frame:g} Z"
    parts = [
        svg.image(_backdrop(image.tobytes(), size), LEFT, TOP, frame, frame),
        f'<clipPath id="deformation-frame">{svg.path(edge, fill=LIGHT.ink)}</clipPath>',
        svg.rect(*inner, stroke="#FFFFFF", stroke_width=2, stroke_dasharray="5 4"),
    ]
    # A pixel is a square: the middle of pixel 0 is half a pixel in.
    places = (field + 0.5 + MARGIN) * SCALE + np.array([LEFT, TOP])
    along = [*range(0, size - 1, 4), size - 1]
    threads = [*range(0, size - 1, NET), size - 1]
    across = places[np.ix_(threads, along)]
    down = places[np.ix_(along, threads)].swapaxes(0, 1)
    lines = np.concatenate([across, down])  # (threads, points, 2)
    # One format for all: at this many numbers it is what takes the time.
    form = ("M" + "%.1f,%.1f " * len(along)) * len(lines)
    net = form % tuple(lines.ravel().tolist())
    knots = np.round(np.linspace(0, size - 1, grid)).astype(int)
    starts = (np.stack(np.meshgrid(knots, knots), axis=-1) + 0.5 + MARGIN) * SCALE
    starts = (starts + np.array([LEFT, TOP])).reshape(-1, 2)  # (grid², 2)
    ends = places[np.ix_(knots, knots)].reshape(-1, 2)
    far = np.hypot(*(ends - starts).T) > 6  # a shorter arrow is all head
    drawn = [
        svg.path(net, stroke=BLUE, stroke_width=1.4),
        svg.dots(starts, 2.5, YELLOW),
        svg.arrows(np.hstack([starts, ends])[far], VERMILLION, 1.8),
    ]
    return [*parts, svg.group(drawn, clip_path="url(#deformation-frame)")]


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
    if count:
        values = _("{count:,} of {all:,} values of the mask are no class").format(
            count=count, all=wrong.size
        )
    else:
        values = _("every value of the mask is a class")
    wall = mask < 0.5
    both = wall.any() and not wall.all()
    greys = ""
    if both:
        greys = _("The image is {wall:.0f} grey under the mask's membranes, {inside:.0f} "
                  "elsewhere.").format(
            wall=float(warped[wall].mean()), inside=float(warped[~wall].mean())
        )  # fmt: skip
    tissue = (
        _("{folds:.1%} of the tissue is folded over").format(folds=folds)
        if folds
        else _("nothing is folded over")
    )
    fields = _("a field of its own") if apart else _("the same field")
    alt = _(
        "Sigma {sigma:g} pixels, {grid} × {grid} vectors. Left: a net bent over a micrograph. "
        "Middle: the image read along it; {tissue}. Right: its mask, read along {fields}; "
        "{values}. {greys}"
    ).format(sigma=sigma, grid=grid, tissue=tissue, fields=fields, values=values, greys=greys)
    good, bad = GOOD_NEWS, BAD_NEWS
    words = (
        f"<p><b>σ = {sigma:g}, {grid} × {grid}</b></p>"
        f'<p style="color:{bad if folds else good}">{tissue[:1].upper() + tissue[1:]}.</p>'
        f'<p style="color:{bad if count else good}">{values[:1].upper() + values[1:]}.</p>'
        f"<p>{greys}</p>"
    )
    return alt.strip(), words
