"""From white and black to regions: connected components, and walls one pixel thin."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from unet_teach.metrics.checked import checked_mask, checked_slice

DAM = 0  # label of a wall pixel in a thinned map


def components(white: np.ndarray) -> np.ndarray:
    """4-connected regions of white, numbered from 1; black is 0. (H, W) -> int32 (H, W).

    Examples
    --------
    >>> components(np.array([[1, 0, 1], [1, 0, 0]])).tolist()
    [[1, 0, 2], [1, 0, 0]]
    """
    white = checked_slice(checked_mask(white, "white"), "white")
    return ndimage.label(white)[0].astype(np.int32, copy=False)


def thin(white: np.ndarray) -> np.ndarray:
    """Thin walls to dams one pixel wide: a watershed floods black from the white regions.

    All regions grow at one pixel a step, through the four sides of a pixel. A pixel
    that two regions reach becomes a dam. Hence: white pixels keep their region; no
    two neighbouring pixels lie in different regions; every dam touches at least two
    regions, or (where dams meet) none. Without thinning, the width of the walls would
    count as error: a blurred and thresholded ISBI stack has V_rand 0.68, thinned 0.88.

    Parameters
    ----------
    white : (H, W) array, bool or of 0 and 1

    Returns
    -------
    (H, W) int32 array
        Regions numbered from 1 as in `components`; 0 is dam. With no white there is
        nothing to flood from, and every pixel stays a dam.

    Examples
    --------
    >>> thin(np.array([[1, 0, 0, 0, 0, 1], [1, 0, 0, 0, 0, 0]])).tolist()
    [[1, 1, 1, 0, 2, 2], [1, 1, 1, 0, 2, 2]]
    """
    labels = components(white)
    height, width = labels.shape
    regions = int(labels.max(initial=0))
    if regions < 2:  # one region floods all there is, none floods nothing
        return np.full_like(labels, regions)
    # A border saves bounds checks. With an odd row length the pixels of even index are
    # one colour of a chessboard: no two are neighbours, so they can be flooded at once.
    row = width + 2 + (width + 1) % 2
    padded = np.full((height + 2, row), -1, np.int32)  # −1 is border or dam, 0 not reached
    padded[1:-1, 1 : width + 1] = labels
    flat, around = padded.ravel(), np.array([-row, -1, 1, row])
    edge = ndimage.binary_dilation(padded > 0) & (padded == 0)
    reached = np.flatnonzero(edge)
    order = np.empty(flat.size, np.intp)
    while reached.size:
        for colour in (0, 1):
            _flood(flat, reached[(reached & 1) == colour], around)
        grown = reached[flat[reached] > 0]
        reached = (grown[:, None] + around).ravel()
        reached = reached[flat[reached] == 0]
        order[reached] = np.arange(reached.size)  # the last of each pixel's mentions wins,
        reached = reached[order[reached] == np.arange(reached.size)]  # and stands for all
    return np.maximum(padded[1:-1, 1 : width + 1], DAM)


def _flood(flat: np.ndarray, pixels: np.ndarray, around: np.ndarray) -> None:
    """Give each pixel the one region it touches, or make it a dam (−1) if it touches more."""
    near = flat[pixels[:, None] + around]  # (pixels, 4)
    highest = near.max(axis=1)
    lowest = np.where(near > 0, near, np.iinfo(np.int32).max).min(axis=1)
    flat[pixels] = np.where(lowest == highest, highest, -1)
