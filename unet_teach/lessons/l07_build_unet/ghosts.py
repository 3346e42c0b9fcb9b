"""The pair in a row of pictures; its walls as the two maps of the top merge have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from unet_teach.data.membranes import membrane_slice
from unet_teach.drawing.pair import MEMBRANES, the_pair
from unet_teach.drawing.style import BLUE, LIGHT, ORANGE, new_figure, rgb
from unet_teach.lessons.l07_build_unet.measure import coordinate_shifts, met_places
from unet_teach.translation import _, _n


def met_walls(
    walls: np.ndarray, corner: tuple[int, int], side: int, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """A square of a slice as the two maps of the top merge have it, for one input size.

    The square is in the middle of the input. Each pixel of the merge shows what the slice
    has at the place that this pixel comes from, as `met_places` says.

    Parameters
    ----------
    walls : the slice, (H, W)
    corner : top row and left column of the square
    side : of the square, in pixels
    size : height and width of the input, in pixels

    Returns
    -------
    The square in the skip, and what the map from below has at the same pixels, (side, side).

    Examples
    --------
    >>> slice_ = np.arange(900).reshape(30, 30)
    >>> skip, below = met_walls(slice_, (10, 10), 2, 570)
    >>> skip.tolist(), below.tolist()  # 7 rows and 7 columns apart
    ([[310, 311], [340, 341]], [[93, 94], [123, 124]])
    """
    skip, below = met_places(size)[0]
    first = (size - side) // 2  # where the square begins in the input
    square = (first <= skip) & (skip < first + side)

    def shown(places: np.ndarray) -> np.ndarray:
        inside = np.round(places[square] - first).astype(int)
        rows, columns = (
            np.clip(start + inside, 0, most - 1)
            for start, most in zip(corner, walls.shape, strict=True)
        )
        return walls[np.ix_(rows, columns)]

    return shown(skip), shown(below)


def overlaid(skip: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Two masks as RGB: blue where only the first is, orange where only the second, dark both.

    Examples
    --------
    >>> overlaid(np.array([[True, False]]), np.array([[True, False]])).tolist()
    [[[31, 36, 48], [255, 255, 255]]]
    """
    inks = np.array([rgb(ink) for ink in ("#FFFFFF", BLUE, ORANGE, LIGHT.ink)], np.uint8)
    return inks[skip.astype(int) + 2 * below]


def in_a_row(pictures: Mapping[str, np.ndarray], alike: Sequence[str] = ()) -> Figure:
    """Pictures of the pair with their titles: grey from darkest to lightest, or in colour.

    Parameters
    ----------
    pictures : a title -> (H, W), or (H, W, 3) in colour
    alike : titles that have the greys of the first of them, so that they can be compared
    """
    figure = new_figure(2.75 * len(pictures), 3)
    axes = figure.subplots(1, len(pictures))
    for ax, (title, picture) in zip(axes, pictures.items(), strict=True):
        scale = pictures[alike[0]] if title in alike else picture
        ax.imshow(picture, cmap="gray", vmin=scale.min(), vmax=scale.max())
        ax.set_title(title, fontsize=12)
        ax.set(xticks=[], yticks=[])
    return figure


def ghost_walls(sizes: Sequence[int]) -> Figure:
    """The pair's walls in the top merge: those of the skip over those of the map from below."""
    pair = the_pair(MEMBRANES)
    _micrograph, labels = membrane_slice(pair.index)
    figure = new_figure(4.2 * len(sizes), 5.3)
    for axes, size in zip(figure.subplots(1, len(sizes)), sizes, strict=True):
        skip, below = met_walls(labels == 0, pair.corner, pair.side, size)
        axes.imshow(overlaid(skip, below), interpolation="nearest")
        apart = round(coordinate_shifts(size)[0])
        axes.set_title(_("input {size} × {size}").format(size=size), fontsize=13)
        said = _("the walls coincide")
        if apart:
            said = _n(
                "a ghost: {n} pixel right, {n} pixel down",
                "a ghost: {n} pixels right, {n} pixels down",
                apart,
            )
        axes.set_xlabel(said, fontsize=12)
        axes.set(xticks=[], yticks=[])
    inks = {
        _("walls in the skip"): BLUE,
        _("walls in the map from below"): ORANGE,
        _("in both"): LIGHT.ink,
    }
    patches = [Patch(color=ink, label=words) for words, ink in inks.items()]
    figure.legend(
        handles=patches, loc="outside lower center", ncols=3, fontsize=11, frameon=False
    )
    return figure
