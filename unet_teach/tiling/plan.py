"""How an image is mirrored and cut into tiles: integers, one side at a time.

Lesson 13 builds `mirror_pad` and `tile_positions`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from torch import Tensor

from unet_teach.config import UNetConfig, whole
from unet_teach.shapes import (
    IllegalSize,
    nearest_legal_sizes,
    output_size,
    size_step,
    unet_reach,
)

MEMORY = 2**31  # bytes that the feature maps of one tile may take where tile is None


def mirror_pad(image: np.ndarray | Tensor, margin: int | tuple) -> np.ndarray | Tensor:
    """Continue an image beyond its border by mirroring it there; the border pixel comes once.

    A margin wider than the image mirrors the mirror image, and so on; a single pixel repeats.

    Parameters
    ----------
    image : array or Tensor (..., H, W)
    margin : int, or ((top, bottom), (left, right)), in pixels

    Returns
    -------
    as given, (..., top + H + bottom, left + W + right)

    Raises
    ------
    ValueError
        If a margin is negative or there is no pixel to mirror.

    Examples
    --------
    >>> mirror_pad(np.array([[1, 2, 3]]), ((0, 0), (3, 4)))
    array([[2, 3, 2, 1, 2, 3, 2, 1, 2, 3]])
    """
    if np.ndim(margin) == 0:
        margin = ((margin, margin), (margin, margin))
    (top, bottom), (left, right) = [
        [whole("margin in pixels", n, 0) for n in pair] for pair in margin
    ]
    if image.ndim < 2 or 0 in image.shape[-2:]:
        raise ValueError(f"image has shape {tuple(image.shape)}; there is no pixel to mirror")
    rows = _mirrored(image.shape[-2], top, bottom)
    columns = _mirrored(image.shape[-1], left, right)
    return image[..., rows[:, None], columns]


def _mirrored(n: int, before: int, after: int) -> np.ndarray:
    """Which of the pixels 0..n−1 stands at each place: 0 1 2 3 2 1 0 1 2 … for n = 4."""
    period = max(2 * (n - 1), 1)
    index = np.arange(-before, n + after) % period
    return np.minimum(index, period - index) if n > 1 else index


def tile_positions(length: int, kept: int, grid: int = 1) -> list[int]:
    """Where tiles start along one side, so that their kept pixels cover it.

    All are multiples of the grid: steps of ⌊kept / grid⌋ · grid, the last one drawn back
    as far as the grid allows.

    Parameters
    ----------
    length : pixels to cover
    kept : pixels that one tile gives
    grid : 2**depth for a network of that depth

    Raises
    ------
    ValueError
        If kept is smaller than the grid and one tile is not enough.

    Examples
    --------
    >>> tile_positions(1000, kept=388, grid=16)  # the paper's tiles
    [0, 384, 624]
    """
    length, kept, grid = (
        whole("length", length, 1),
        whole("kept", kept, 1),
        whole("grid", grid, 1),
    )
    if length <= kept:
        return [0]
    step = kept // grid * grid
    if step == 0:
        raise ValueError(
            f"a tile that gives {kept} pixels cannot be stitched on a grid of {grid}; "
            f"it must give {grid} or more"
        )
    last = -(-(length - kept) // grid) * grid  # rounded up to the grid
    return [*range(0, last, step), last]


@dataclass(frozen=True)
class Side:
    """How one side of an image is cut into tiles and put together again; in pixels."""

    before: int  # mirrored in front of the image
    after: int  # mirrored behind it
    tile: int  # input of one tile
    kept: int  # centre of a tile's output that no border of the tile has touched
    starts: tuple[int, ...]  # of the tiles in the padded image
    context: int  # of `kept`, what an inner tile leaves to its neighbours

    def windows(self) -> Iterator[tuple[int, slice, slice]]:
        """For each tile: its start, which of its kept pixels to take, and where they go."""
        for start in self.starts:
            low = 0 if start == 0 else self.context
            high = self.kept if start == self.starts[-1] else self.kept - self.context
            yield start, slice(low, high), slice(start + low, start + high)


def plan_side(
    config: UNetConfig, length: int, tile: int | None = None, context: int | None = None
) -> Side:
    """Plan the tiles along one side of an image; tile and context as in `predict`.

    Examples
    --------
    >>> side = plan_side(UNetConfig(), 1000, tile=572)
    >>> side.before, side.kept, side.starts, side.after
    (92, 388, (0, 384, 624), 104)
    >>> plan_side(UNetConfig(), 512).tile  # one pass: 700 gives 516
    700
    """
    tile = None if tile is None else whole("tile", tile)
    context = None if context is None else whole("context", context, 0)
    return _planned(config, whole("length", length), tile, context)


@lru_cache(maxsize=64)  # a film asks for the same at each picture
def _planned(config: UNetConfig, length: int, tile: int | None, context: int | None) -> Side:
    grid = size_step(config)
    same = config.padding == "same"
    # Zeros padded inside a tile must not reach the result: only the pixels count that the
    # network with cropped skips would give.
    config = replace(config, align="crop")
    # Bilinear interpolation at a map's border lacks a neighbour: 1 pixel is lost there, which
    # grows to 2 · 1 + 1 at the next level up, and so on.
    clamped = grid - 1 if config.upsample == "bilinear" and not same else 0
    any_legal = nearest_legal_sizes(config, 0)[-1]
    lost = any_legal - output_size(config, any_legal) + 2 * clamped
    context = reach(config) if context is None else context
    context = context if same else 0
    context = -(-context // grid) * grid  # rounded up to the grid
    single = nearest_legal_sizes(config, length + lost)[-1]  # the tile of a single pass
    least = min(single, nearest_legal_sizes(config, lost + 2 * context + grid)[-1])
    tile = single if tile is None else tile
    legal = nearest_legal_sizes(config, tile)
    if tile not in legal or tile < least:
        legal = tuple(sorted({max(n, least) for n in legal}))
        raise IllegalSize(
            f"tile {tile} does not suit this network and image ({config.padding} convolutions, "
            f"depth {config.depth}, smallest tile {least}); nearest legal sizes: "
            + ", ".join(map(str, legal)),
            legal,
        )
    if tile >= single:
        tile, context = single, 0
    kept = tile - lost
    to_cover = -(-length // grid) * grid if same else length
    starts = tile_positions(to_cover - 2 * context, kept - 2 * context, grid)
    before = lost // 2
    after = starts[-1] + tile - length - before
    return Side(before, after, tile, kept, tuple(starts), context)


@lru_cache(maxsize=64)
def reach(config: UNetConfig) -> int:
    """How many pixels away an input pixel can be and still change an output pixel.

    The furthest that any of the grid's 2**depth kinds of pixels looks to the left, as
    `unet_reach` has it; to the right it is the same, mirrored. (The receptive field is
    188 or 204 pixels wide in the paper's network, and not centred.)

    Examples
    --------
    >>> reach(UNetConfig())
    107
    """
    aligned = replace(
        config, padding="same", align="crop"
    )  # output pixel i above input pixel i
    return max(i - first for i, (first, _last) in enumerate(unet_reach(aligned).intervals))


def default_tile(config: UNetConfig, height: int, width: int) -> int | None:
    """None, a single pass, if its feature maps fit into 2 GiB, else the largest tile that does.

    The fullest moment is the topmost merge: in float32 the skip, the map from below, both
    concatenated and the convolution's output, together 5 · base_channels maps.
    """
    pixels = MEMORY // (4 * 5 * config.base_channels)
    rows, columns = plan_side(config, height), plan_side(config, width)
    if rows.tile * columns.tile <= pixels:
        return None
    crop = replace(config, align="crop")
    return nearest_legal_sizes(crop, int(pixels**0.5))[0]
