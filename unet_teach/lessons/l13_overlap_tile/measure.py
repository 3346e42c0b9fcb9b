"""Tiles stitched together, compared with the whole image in one pass. Lesson 13.

The network is small and new (depth 3, so its grid is 8 pixels), the piece of image lies in
the middle of a larger one: what differs comes from the tiles, not from the image's border.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from unet_teach.config import UNetConfig
from unet_teach.data.membranes import synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.layers import initialise
from unet_teach.models.unet import UNet
from unet_teach.shapes import nearest_legal_sizes, output_size, size_step
from unet_teach.tiling import reach

CONFIG = UNetConfig(base_channels=4, depth=3)
GRID = size_step(CONFIG)
SIDE = 132  # pixels of the piece that is stitched
ORIGIN = 96  # its first row and column in the image; a multiple of the grid
ROUNDING = 1e-4  # standard deviations; what is below is float rounding


def tile_of(padding: str, about: int) -> tuple[int, int]:
    """Input and output of the smallest legal tile that gives ``about`` pixels or more.

    Examples
    --------
    >>> tile_of("valid", 36), tile_of("same", 36)
    ((124, 36), (40, 40))
    """
    config = replace(CONFIG, padding=padding)
    least = nearest_legal_sizes(config, 0)[-1]
    lost = least - output_size(config, least)
    tile = nearest_legal_sizes(config, about + lost)[-1]
    return tile, tile - lost


def starts_of(offset: int, kept: int) -> list[int]:
    """0, offset, 2 · offset, … as many as it takes to cover the piece.

    Raises
    ------
    ValueError
        The tiles would leave gaps.

    Examples
    --------
    >>> starts_of(36, kept=36)
    [0, 36, 72, 108]
    """
    if not 0 < offset <= kept:
        raise ValueError(f"offset is {offset}; tiles that give {kept} take 1 to {kept}")
    count = 1 + max(0, -(-(SIDE - kept) // offset))
    return [offset * number for number in range(count)]


@lru_cache(maxsize=1)
def _image() -> Tensor:
    """(1, 1, H, W), synthetic, standardised."""
    pixels = synthetic_membranes(1, size=400, seed=13).images[0]
    return torch.from_numpy(standardise(pixels))[None, None]


def piece() -> np.ndarray:
    """The piece of image that the tiles cover: (SIDE, SIDE)."""
    inner = slice(ORIGIN, ORIGIN + SIDE)
    return _image()[0, 0, inner, inner].numpy()


@lru_cache(maxsize=2)
def _network(padding: str) -> UNet:
    """The same weights for both paddings."""
    weights = torch.Generator().manual_seed(13)
    network = UNet(replace(CONFIG, padding=padding)).eval()
    initialise(network, weights)
    return network


def _answers(network: UNet, x: Tensor) -> Tensor:
    """Logit of class 1 minus logit of class 0: (B, h, w)."""
    with torch.inference_mode():
        logits = network(x)
    return logits[:, 1] - logits[:, 0]


@lru_cache(maxsize=2)
def _whole(padding: str) -> Tensor:
    """What the network says of the piece in one pass: (SIDE, SIDE)."""
    network, context = _network(padding), ORIGIN
    if padding == "valid":
        context = (tile_of(padding, SIDE)[0] - SIDE) // 2
    elif context <= reach(network.config):
        raise AssertionError("the image's own border would be seen")
    n = nearest_legal_sizes(network.config, SIDE + 2 * context)[-1]
    outer = slice(ORIGIN - context, ORIGIN - context + n)
    answers = _answers(network, _image()[..., outer, outer])[0]
    first = (len(answers) - SIDE) // 2 if padding == "valid" else context
    return answers[first : first + SIDE, first : first + SIDE]


@lru_cache(maxsize=256)
def stitched_difference(padding: str, about: int, offset: int) -> np.ndarray:
    """abs(stitched − whole) at each pixel, in standard deviations of the whole: (SIDE, SIDE).

    Tiles start at all pairs of `starts_of`; where two overlap, the later one counts.

    Parameters
    ----------
    padding : "valid" or "same"
    about : pixels that a tile gives at least; see `tile_of`
    offset : from the start of one tile to the start of the next

    Examples
    --------
    >>> bool(stitched_difference("valid", 36, 32).max() < ROUNDING)
    True
    """
    tile, kept = tile_of(padding, about)
    starts, network, whole = starts_of(offset, kept), _network(padding), _whole(padding)
    first = ORIGIN - (tile - kept) // 2
    size = starts[-1] + kept
    stitched = torch.zeros(size, size)
    for top in starts:
        rows = [
            _image()[..., first + top : first + top + tile, first + left : first + left + tile]
            for left in starts
        ]
        for left, part in zip(starts, _answers(network, torch.cat(rows)), strict=True):
            stitched[top : top + kept, left : left + kept] = part
    return ((stitched[:SIDE, :SIDE] - whole).abs() / whole.std()).numpy()


def exact_tiles(difference: np.ndarray, starts: list[int]) -> np.ndarray:
    """Which tiles, as far as they are seen, differ by no more than rounding: bools.

    Examples
    --------
    >>> exact_tiles(np.diag([0.0, 1.0, 0.0, 0.0]), [0, 2]).tolist()
    [[False, True], [True, True]]
    """
    ends = [*starts[1:], len(difference)]
    spans = [slice(*pair) for pair in zip(starts, ends, strict=True)]
    return np.array([[difference[r, c].max() < ROUNDING for c in spans] for r in spans])
