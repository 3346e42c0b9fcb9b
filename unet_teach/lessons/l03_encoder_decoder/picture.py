"""Lesson 03: a micrograph, what an autoencoder gives back of it, and where it is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, paragraphs, png_data, spoken, svg_picture
from unet_teach.drawing.style import BLUE, LIGHT, VERMILLION, rgb
from unet_teach.translation import _, _n

SIDE, GAP, TOP = 208, 12, 26  # of one of the three pictures
WIDTH = 3 * SIDE + 2 * GAP
CHART_TOP, CHART_HEIGHT, LEFT = TOP + SIDE + 46, 132, 60
ZOOM = 3  # so many times larger, where only the middle is shown
FULL = 1.0  # standard deviations: the error that is painted in full colour

Errors = Mapping[int, Sequence[float]]  # depth -> one error a seed


def reconstructed(
    image: np.ndarray, given_back: np.ndarray, spread: float, errors: Errors, depth: int,
    others: Errors | None = None, skips: bool = False, zoom: bool = False,
) -> Picture:  # fmt: skip
    """Image, reconstruction and error map; below them the error of every depth.

    Parameters
    ----------
    image, given_back : uint8 (n, n)
    spread : standard deviation of the micrograph that the image is a part of
    errors : depth -> share of the variance of whole slices that was lost, one a seed
    depth : of the network that gave the image back, one of ``errors``
    others : likewise, of the networks that are not shown; drawn pale
    skips : whether the network had skips
    zoom : only the middle, enlarged

    Raises
    ------
    ValueError
        Two pictures of unequal size; a depth without errors.

    Examples
    --------
    >>> flat = np.full((6, 6), 90, np.uint8)
    >>> print(reconstructed(flat, flat, 40.0, {0: [0.01]}, 0))
    A piece of a micrograph, ... errors. An autoencoder of depth 0 without skips. 0.0% ...
    """
    if image.shape != given_back.shape:
        raise ValueError(f"the image is {image.shape}, its copy {given_back.shape}")
    if depth not in errors:
        raise ValueError(f"depth is {depth}; there are errors of {sorted(errors)}")
    wrong = np.abs(given_back.astype(float) - image) / spread  # standard deviations
    piece = float(np.mean(wrong**2))
    pictures = (image, given_back, error_colours(wrong))
    heads = (_("the image"), _("given back"), _("where it is wrong"))
    parts = []
    for place, (pixels, head) in enumerate(zip(pictures, heads, strict=True)):
        x = place * (SIDE + GAP)
        parts.append(svg.text(x + SIDE / 2, 17, head, 14))
        parts.append(_embedded(_middle(pixels) if zoom else pixels, x))
    parts += _chart(errors, others or {}, depth)
    words = _said(depth, skips, piece, errors[depth])
    seen = _("A piece of a micrograph, what is given back of it, and a map of the errors.")
    key = _key(others_have_skips=not skips)
    height = CHART_TOP + CHART_HEIGHT + 44
    return svg_picture(WIDTH, height, parts, spoken(seen, words), words + key)


def _said(depth: int, skips: bool, piece: float, seeds: Sequence[float]) -> str:
    """The network and what it loses."""
    name = _("An autoencoder of depth {depth} with skips.") if skips else (
        _("An autoencoder of depth {depth} without skips."))  # fmt: skip
    lost = _n(
        "<b>{piece:.1%}</b> of the variance is lost here; of whole slices <b>{mean:.1%}</b> "
        "({n} seed).",
        "<b>{piece:.1%}</b> of the variance is lost here; of whole slices <b>{mean:.1%}</b> "
        "(mean of {n} seeds).",
        len(seeds), piece=piece, mean=sum(seeds) / len(seeds),
    )  # fmt: skip
    return paragraphs(name.format(depth=depth), lost)


def _key(others_have_skips: bool) -> str:
    return paragraphs(
        _("map: white is right, red is wrong by a standard deviation or more"),
        _("dots: one a seed; the pale ones are the networks with skips")
        if others_have_skips
        else _("dots: one a seed; the pale ones are the networks without skips"),
    )


def error_colours(wrong: np.ndarray) -> np.ndarray:
    """White for 0, vermillion for `FULL` and all above: uint8 (H, W, 3).

    Examples
    --------
    >>> error_colours(np.array([[0.0, 1.0, 7.0]])).tolist()
    [[[255, 255, 255], [213, 94, 0], [213, 94, 0]]]
    """
    share = np.clip(wrong / FULL, 0, 1)[..., None]  # (H, W, 1)
    return np.rint(255 + share * (np.array(rgb(VERMILLION)) - 255)).astype(np.uint8)


def _middle(pixels: np.ndarray) -> np.ndarray:
    side = len(pixels) // ZOOM
    start = (len(pixels) - side) // 2
    return pixels[start : start + side, start : start + side]


def _embedded(pixels: np.ndarray, x: float) -> str:
    """A PNG in the drawing, in a frame."""
    data = png_data(np.ascontiguousarray(pixels))
    return svg.image(data, x, TOP, SIDE, SIDE) + svg.rect(x, TOP, SIDE, SIDE, stroke=LIGHT.line)


def _chart(errors: Errors, others: Errors, depth: int) -> list[str]:
    """Share of the variance that is lost, by depth."""
    depths = sorted({*errors, *others})
    most = max(max(seeds) for group in (errors, others) for seeds in group.values())
    top = max(0.1, np.ceil(10 * most) / 10)  # the axis ends at a tenth
    parts = [svg.text(0, CHART_TOP - 14, _("share of the variance lost"), 13, "start")]
    for tick in np.linspace(0, top, 3):
        y = _y(tick, top)
        parts.append(svg.line(LEFT, y, WIDTH, y, LIGHT.line))
        parts.append(svg.text(LEFT - 8, y + 4, f"{tick:.0%}", 12, "end", LIGHT.faint))
    for d in depths:
        x = _x(d, depths)
        chosen = d == depth
        if chosen:
            band = (x - 34, CHART_TOP - 4, 68, CHART_HEIGHT + 30)
            parts.insert(0, svg.rect(*band, "#E8F1F8", rx=6))
        parts.append(
            svg.text(x, CHART_TOP + CHART_HEIGHT + 19, d, 13,
                     font_weight="bold" if chosen else None)
        )  # fmt: skip
        parts += [
            svg.circle(x, _y(e, top), 4, "none", stroke="#8A93A0") for e in others.get(d, ())
        ]
        parts += [
            svg.circle(x, _y(e, top), 4.5, BLUE, title=f"{e:.1%}") for e in errors.get(d, ())
        ]
    middle = (LEFT + WIDTH) / 2
    parts.append(svg.text(middle, CHART_TOP + CHART_HEIGHT + 38, _("poolings"), 13))
    return parts


def _x(depth: int, depths: Sequence[int]) -> float:
    return LEFT + (WIDTH - LEFT) * (depths.index(depth) + 0.5) / len(depths)


def _y(error: float, top: float) -> float:
    return CHART_TOP + CHART_HEIGHT * (1 - error / top)
