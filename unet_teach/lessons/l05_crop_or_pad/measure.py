"""How far does the edge of a tile reach into its result? Lessons 05 and 13 measure it."""

from __future__ import annotations

import numpy as np
from torch import Tensor, nn

from unet_teach.config import whole
from unet_teach.models.outputs import class_logits, logits_of
from unet_teach.tiling import evaluating


def border_difference(
    model: nn.Module, image: Tensor, tile: int, offset: int
) -> tuple[np.ndarray, np.ndarray]:
    """Compare a network's result on a tile with its result on the whole image.

    Parameters
    ----------
    model : (1, C, H, W) to logits (1, K, h, w); a single map is the logit of class 1
    image : (1, C, n, n)
    tile : side of the tile, pixels
    offset : the tile's first row and column in the image; a multiple of 2 to the depth, or
        the poolings of tile and image take other pairs

    Returns
    -------
    distances : ints, from the edge of the tile's *input*, of the pixels that came out
    differences : the mean abs difference of the probabilities of class 1 there

    Raises
    ------
    ValueError
        A tile that does not lie inside of the image.

    Examples
    --------
    >>> import torch
    >>> conv = nn.Conv2d(1, 2, 3, padding=1)
    >>> distances, differences = border_difference(conv, torch.rand(1, 1, 16, 16), 8, 4)
    >>> (differences > 0).tolist()  # one 3×3 convolution: only the outermost pixels
    [True, False, False, False]
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
    difference = (there - part).abs().cpu().numpy()
    place = np.arange(len(part))
    edge = np.minimum(place, place[::-1]) + margin  # from the nearer edge
    ring = np.minimum(edge[:, None], edge[None])
    distances = np.unique(ring)
    return distances, np.array([difference[ring == d].mean() for d in distances])
