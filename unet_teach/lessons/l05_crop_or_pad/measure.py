"""How far does the edge of a tile reach into its result? Lessons 05 and 13 measure it.

At the end the crop explorer's `answer`: a window over a skip, and which walls meet in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from torch import Tensor, nn

from unet_teach.config import whole
from unet_teach.data.membranes import membrane_slice
from unet_teach.models.outputs import class_logits, logits_of
from unet_teach.tiling import evaluating
from unet_teach.translation import _, _n


def border_map(model: nn.Module, image: Tensor, tile: int, offset: int) -> np.ndarray:
    """Where a network's result on a tile differs from its result on the whole image.

    Parameters
    ----------
    model : (1, C, H, W) to logits (1, K, h, w); a single map is the logit of class 1
    image : (1, C, n, n)
    tile : side of the tile, pixels
    offset : the tile's first row and column in the image; a multiple of 2 to the depth, or
        the poolings of tile and image take other pairs

    Returns
    -------
    (tile, tile), the abs difference of the probabilities of class 1; NaN where the network
    returns nothing for the tile

    Raises
    ------
    ValueError
        A tile that does not lie inside of the image.

    Examples
    --------
    >>> import torch
    >>> conv = nn.Conv2d(1, 2, 3)
    >>> np.isnan(border_map(conv, torch.rand(1, 1, 8, 8), 4, 2)).tolist()[1]
    [True, False, False, True]
    """
    size, tile, offset = image.shape[-1], whole("tile", tile, 1), whole("offset", offset, 0)
    if not 0 <= offset <= offset + tile <= size:
        raise ValueError(
            f"a tile of {tile} from {offset} on ends at {offset + tile}; the image has {size}"
        )
    inner = slice(offset, offset + tile)
    with evaluating(model):
        full, part = (  # (h, w) and (h', w')
            class_logits(logits_of(model(x))).softmax(dim=1)[0, 1]
            for x in (image, image[..., inner, inner])
        )
    outer_margin, margin = (size - len(full)) // 2, (tile - len(part)) // 2
    start = offset + margin - outer_margin
    if start < 0:
        raise ValueError(f"offset is {offset}; the whole image's result begins later")
    there = full[start : start + len(part), start : start + len(part)]
    found = np.full((tile, tile), np.nan)
    rows = slice(margin, margin + len(part))
    found[rows, rows] = (there - part).abs().cpu().numpy()
    return found


def by_distance(difference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A map (n, n), averaged over all pixels that are as far from its nearest edge.

    Returns
    -------
    distances : ints, without those at which the map is NaN
    means : of the map, at each of these distances

    Examples
    --------
    >>> distances, means = by_distance(np.diag([4.0, 3.0, 3.0, 4.0]))
    >>> distances.tolist(), [round(float(mean), 2) for mean in means]
    ([0, 1], [0.67, 1.5])
    >>> import torch
    >>> conv = nn.Conv2d(1, 2, 3, padding=1)
    >>> distances, means = by_distance(border_map(conv, torch.rand(1, 1, 16, 16), 8, 4))
    >>> (means > 0).tolist()  # one 3×3 convolution: only the outermost pixels
    [True, False, False, False]
    """
    place = np.arange(len(difference))
    edge = np.minimum(place, place[::-1])
    ring = np.minimum(edge[:, None], edge[None])
    distances = np.unique(ring[np.isfinite(difference)])
    return distances, np.array([difference[ring == d].mean() for d in distances])


# ----------------------------------------------------------------------- the crop explorer
SIDE, POOLED, SEED = 40, 4, 0  # cells of the largest skip; pixels a cell, each way
SKIPS, BELOWS = tuple(range(24, SIDE + 1, 4)), tuple(range(16, SIDE + 1))
FIRST = {"skip": 32, "below": 24, "top": 0, "left": 0}


@lru_cache(maxsize=1)
def tissue() -> tuple[np.ndarray, np.ndarray]:
    """A micrograph pooled to (40, 40), uint8, and how much of each cell is wall, 0 to 1."""
    image, labels = membrane_slice(0, SIDE * POOLED, SEED)
    cells = (SIDE, POOLED, SIDE, POOLED)
    grey = image.reshape(cells).mean(axis=(1, 3)).round().astype(np.uint8)
    return grey, 1 - (labels > 0).reshape(cells).mean(axis=(1, 3))


def from_below(side: int) -> np.ndarray:
    """The wall (side, side) in the middle of `tissue`; an odd side lies half a cell beside.

    There each of its cells is the mean of the four that it overlaps.

    Examples
    --------
    >>> from_below(24).shape, from_below(25).shape
    ((24, 24), (25, 25))
    """
    wall, start = tissue()[1], (SIDE - side) // 2
    if side % 2 == 0:
        return wall[start : start + side, start : start + side]
    part = wall[start : start + side + 1, start : start + side + 1]
    return (part[1:, 1:] + part[:-1, 1:] + part[1:, :-1] + part[:-1, :-1]) / 4


def answer(settings: dict[str, Any]) -> dict[str, Any]:
    """Cut a window out of the skip, and lay it on the map from below.

    Parameters
    ----------
    settings : ``skip`` and ``below``, the sides of the two maps in cells; ``top`` and
        ``left``, the window's first row and column in the skip

    Returns
    -------
    below : (side, side), how much of each cell of the map from below is wall
    middle : where the window would meet its own place; half a cell where the margin is odd
    first : the same, rounded down, as `center_crop` does
    offset : rows and columns that the window is away from there, in cells
    walls, met : cells of wall in the map from below, and those that meet wall in the window
    verdict, because, said : what that means, and why, in words
    """
    skip, below = settings["skip"], settings["below"]
    start = (settings["top"], settings["left"])
    first = (skip - below) // 2
    if below > skip:
        reason = _("the map from below, {below}, is larger than the skip, {skip}")
        same = {**settings, "below": skip, "top": 0, "left": 0}
        larger = [n for n in SKIPS if n >= below]
        at = (larger[0] - below) // 2
        offers = [
            {**same, "words": _("map from below {n}").format(n=skip)},
            {**settings, "skip": larger[0], "top": at, "left": at,
             "words": _("skip {n}").format(n=larger[0])},
        ]  # fmt: skip
        why = _(
            "No crop can help, because it makes the skip smaller, and the skip is the smaller "
            "one already: {skip} × {skip}, and the map from below has {below} × {below}."
        )
        return {
            "problem": reason.format(below=below, skip=skip),
            "because": why.format(below=below, skip=skip),
            "offers": offers,
        }
    if not all(0 <= n <= skip - below for n in start):
        reason = _("a window of {below} that begins at ({top}, {left}) ends outside of {skip}")
        inside = [min(max(n, 0), skip - below) for n in start]
        words = _("begin at ({top}, {left})")
        offers = [
            {**settings, "top": t, "left": c, "words": words.format(top=t, left=c)}
            for t, c in dict.fromkeys(((first, first), tuple(inside)))
        ]
        return {"problem": reason.format(**settings), "because": "", "offers": offers}
    middle, wall, corner = (skip - below) / 2, tissue()[1], (SIDE - skip) // 2
    rows, columns = (slice(corner + n, corner + n + below) for n in start)
    lower, window = from_below(below), wall[rows, columns]
    walls = lower >= 0.5
    found = {
        "below": lower.astype(np.float32),
        "middle": middle,
        "first": first,
        "offset": [n - middle for n in start],
        "walls": int(walls.sum()),
        "met": int((walls & (window >= 0.5)).sum()),
    }
    found["verdict"] = _verdict(skip - below, found["offset"])
    found["because"] = because(settings, found)
    return {**found, "said": f"{_said(settings, found)} {found['because']}"}


def because(settings: dict[str, Any], found: dict[str, Any]) -> str:
    """The rule of the place, or what a window beside it costs, with these numbers."""
    away, margin = max(map(abs, found["offset"])), settings["skip"] - settings["below"]
    numbers = {
        **settings, "middle": found["middle"], "first": found["first"], "margin": margin,
        "met": found["met"], "walls": found["walls"],
        "part": f"{100 * found['met'] / max(1, found['walls']):.0f}",
    }  # fmt: skip
    if not margin:
        words = _(
            "Nothing is cut: both maps have {skip} × {skip} pixels, so ({skip} − {below}) / 2 "
            "= 0. Every pixel of the skip crosses over, as in a U whose convolutions pad."
        )
    elif not away:
        words = _(
            "In the middle: ({skip} − {below}) / 2 = {first}, so the window begins at row and "
            "column {first}. The pixels that the map from below lacks are missing equally at "
            "all four edges."
        )
    elif away < 1:
        words = _(
            "No window fits: ({skip} − {below}) / 2 = {middle:g}, and a window can only begin "
            "at a whole pixel. Half a pixel off, {met} of {walls} wall pixels ({part} %) "
            "meet wall."
        )
    elif away <= 2:
        words = _(
            "Enough to miss: only {met} of {walls} wall pixels ({part} %) meet wall, because a "
            "wall is only a few pixels wide. Stacked, the channels then tell of two places at "
            "once."
        )
    else:
        words = _(
            "Stacking puts two channels over each other, pixel by pixel. Here they show "
            "different places: only {met} of {walls} wall pixels ({part} %) meet wall."
        )
    return words.format(**numbers)


def _verdict(margin: int, offset: list[float]) -> str:
    """How far the window is from its place."""
    if not any(offset):
        return _("Every pixel meets its own place, and each wall is drawn once.")
    if max(map(abs, offset)) < 1:
        return _(
            "{margin} is odd, so no window fits exactly: this one is half a pixel off."
        ).format(margin=margin)
    names = (_("down"), _("up")), (_("right"), _("left"))
    parts = [
        _n("{size:g} pixel", "{size:g} pixels", 1 + (abs(n) > 1), size=abs(n))
        + f" {words[n < 0]}"
        for n, words in zip(offset, names, strict=True)
        if n
    ]
    away = _(" and ").join(parts)
    return _("The window is shifted {away}.").format(away=away)


def _said(settings: dict[str, Any], found: dict[str, Any]) -> str:
    """An answer in a few sentences, for who cannot see the picture."""
    return _(
        "A window of {below} × {below} begins at ({top}, {left}) in a skip of {skip} × {skip}; "
        "its own place begins at ({middle:g}, {middle:g}). {verdict} {met} of {walls} wall "
        "pixels meet wall."
    ).format(**{**settings, **{k: v for k, v in found.items() if k != "below"}})


def given() -> dict[str, Any]:
    """The tissue: its micrograph and its walls, and the sizes that there are."""
    grey, wall = tissue()
    return {
        "grey": grey,
        "wall": wall.astype(np.float32),
        "skips": list(SKIPS),
        "belows": list(BELOWS),
    }


def questions() -> dict[str, dict[str, Any]]:
    """Settings that answer a question, by the question."""
    return {
        _("Where does it belong?"): {**FIRST, "top": 4, "left": 4},
        _("Only two pixels off?"): {**FIRST, "top": 4, "left": 6},
        _("An odd margin?"): {"skip": 32, "below": 25, "top": 3, "left": 3},
        _("Nothing to cut?"): {"skip": 32, "below": 32, "top": 0, "left": 0},
        _("Larger than the skip?"): {"skip": 24, "below": 32, "top": 0, "left": 0},
    }


def recorded() -> Iterator[dict[str, Any]]:
    """What the book holds: each place of the first window, and of others the middle."""
    for place in range(81):
        yield {**FIRST, "top": place // 9, "left": place % 9}
    for skip in SKIPS:
        for below in BELOWS:
            most = max(0, skip - below)
            for top, left in product({0, most // 2, 4, most}, repeat=2):
                yield {"skip": skip, "below": below, "top": top, "left": left}
