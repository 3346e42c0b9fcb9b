"""Images of any size: mirror padding and the overlap-tile strategy (the paper's figure 2).

"This strategy allows the seamless segmentation of arbitrarily large images by an
overlap-tile strategy. To predict the pixels in the border region of the image, the
missing context is extrapolated by mirroring the input image." Lesson 13 builds it.

Seamless is meant to the last bits, not by eye. A network of 2×2 poolings is not the same
at every pixel, but the same again every 2**depth pixels, its *grid*: tiles that start on
multiples of it give what one pass over the whole image gives, up to float rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from unet_teach.config import UNetConfig
from unet_teach.data.volume import standardise
from unet_teach.layers import center_crop
from unet_teach.shapes import IllegalSize, nearest_legal_sizes, output_size, size_step

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
    if isinstance(margin, (int, np.integer)):
        margin = ((margin, margin), (margin, margin))
    (top, bottom), (left, right) = margin
    if min(top, bottom, left, right) < 0:
        raise ValueError(f"margin is {margin}; every margin must be 0 or more pixels")
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
    if min(length, kept, grid) < 1:
        raise ValueError(f"length {length}, kept {kept}, grid {grid}; each must be 1 or more")
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
    context = (reach(config) if context is None else context) if same else 0
    context = -(-context // grid) * grid  # rounded up to the grid
    whole = nearest_legal_sizes(config, length + lost)[-1]  # the tile of a single pass
    least = min(whole, nearest_legal_sizes(config, lost + 2 * context + grid)[-1])
    tile = whole if tile is None else tile
    legal = nearest_legal_sizes(config, tile)
    if tile not in legal or tile < least:
        legal = tuple(sorted({max(n, least) for n in legal}))
        raise IllegalSize(
            f"tile {tile} does not suit this network and image ({config.padding} convolutions, "
            f"depth {config.depth}, smallest tile {least}); nearest legal sizes: "
            + ", ".join(map(str, legal)),
            legal,
        )
    if tile >= whole:
        tile, context = whole, 0
    kept = tile - lost
    to_cover = -(-length // grid) * grid if same else length
    starts = tile_positions(to_cover - 2 * context, kept - 2 * context, grid)
    before = lost // 2
    after = starts[-1] + tile - length - before
    return Side(before, after, tile, kept, tuple(starts), context)


def reach(config: UNetConfig) -> int:
    """How many pixels away an input pixel can be and still change an output pixel.

    Walks from one output pixel backwards through the U, the way that reaches furthest:
    up the expansive path, through the bottom, up the contracting path; for each of the
    grid's 2**depth kinds of pixels. (The receptive field is 188 or 204 wide in the paper's
    network, and not centred.)

    Examples
    --------
    >>> reach(UNetConfig())
    107
    """
    blur = 1 if config.upsample == "bilinear" else 0
    furthest = 0
    for pixel in range(size_step(config)):
        low = high = pixel
        for _ in range(config.depth):  # the expansive path, from its end
            low, high = (low - 2 - blur) // 2, (high + 2 + blur) // 2
        low, high = low - 2, high + 2  # the bottom
        for _ in range(config.depth):  # the contracting path, from its end
            low, high = 2 * low - 2, 2 * high + 1 + 2
        furthest = max(furthest, pixel - low, high - pixel)
    return furthest


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


def predict(
    model: nn.Module,
    image: np.ndarray,
    tile: int | None = None,
    average: bool = False,
    device: str | torch.device | None = None,
    *,
    context: int | None = None,
    autocast_dtype: torch.dtype | None = None,
    memory_format: torch.memory_format = torch.contiguous_format,
) -> np.ndarray:
    """The probability of each class at each pixel of an image of any size.

    The image is standardised (each channel by itself), continued by mirroring, cut into
    overlapping tiles, and the parts of the tiles' outputs that know their whole context
    are put together. The result equals that of a single pass over the mirrored image up
    to float rounding. A network with zero-padded ("same") convolutions sees its zeros
    at the image's border in both.

    Parameters
    ----------
    model : network with a `config` (`UNetConfig`) that turns (B, C, H, W) into logits
        It is run in eval mode; its training state and device are given back as they were.
    image : number array (H, W) or (C, H, W)
    tile : side of a tile's input, such as 572; None: a single pass where its maps take
        less than 2 GiB (see `default_tile`), else the largest tile for which they do
    average : mean over the eight flips and rotations of the image (8 times the work);
        turning the image then turns the result
    device : where to compute; None: where the model is
    context : for "same" convolutions, pixels by which inner tiles overlap on each side;
        None: `reach`. Networks that see further than the U-Net of their config need more.
    autocast_dtype : such as torch.bfloat16, for speed; None: the model's own precision
    memory_format : of the tiles; torch.channels_last is faster where the weights are too

    Returns
    -------
    float32 array (K, H, W); sums to 1 over the K classes (softmax)

    Raises
    ------
    ValueError
        Empty image, NaN or infinite pixels, a number of channels that is not the model's.
    unet_teach.shapes.IllegalSize
        The network does not take this tile; names the nearest legal sizes.

    Examples
    --------
    >>> model = nn.Conv2d(1, 2, 3, padding=1)
    >>> model.config = UNetConfig(padding="same", depth=1)
    >>> predict(model, np.eye(5, 7)).shape
    (2, 5, 7)
    """
    config = getattr(getattr(model, "module", model), "config", None)
    if config is None:
        raise ValueError(f"{type(model).__name__} has no config; predict needs its UNetConfig")
    x = _checked(image, config)  # (C, H, W)
    if tile is None:
        tile = default_tile(config, *x.shape[-2:])
    ways = [(turns, flip) for flip in (False, True) for turns in range(4)]
    mean = 0.0
    with _evaluating(model, device, autocast_dtype) as where:
        for turns, flip in ways if average else ways[:1]:
            turned = torch.rot90(x.flip(-1) if flip else x, turns, (-2, -1))
            part = _overlap_tile(model, config, turned, tile, context, where, memory_format)
            part = torch.rot90(part, -turns, (-2, -1))  # (K, H, W)
            mean = mean + (part.flip(-1) if flip else part)
    return (mean / (len(ways) if average else 1)).numpy()


def _overlap_tile(model, config, x, tile, context, device, memory_format) -> Tensor:
    """Probabilities (K, H, W) of a standardised image (C, H, W), tile by tile."""
    height, width = x.shape[-2:]
    rows, columns = (plan_side(config, n, tile, context) for n in (height, width))
    margin = ((rows.before, rows.after), (columns.before, columns.after))
    x = mirror_pad(x, margin)  # (C, H + margins, W + margins)
    size = (rows.starts[-1] + rows.kept, columns.starts[-1] + columns.kept)
    canvas = torch.empty(config.out_channels, *size)
    for top, take_rows, put_rows in rows.windows():
        for left, take_columns, put_columns in columns.windows():
            piece = x[None, :, top : top + rows.tile, left : left + columns.tile]
            logits = model(piece.to(device).contiguous(memory_format=memory_format))
            if isinstance(logits, (list, tuple)):  # deep supervision: the output comes last
                logits = logits[-1]
            clean = center_crop(logits, (rows.kept, columns.kept))[0]  # (K, kept, kept)
            p = clean.float().softmax(dim=0)
            canvas[:, put_rows, put_columns] = p[:, take_rows, take_columns].cpu()
    return canvas[:, :height, :width]


def _checked(image: np.ndarray, config: UNetConfig) -> Tensor:
    """The image as a standardised Tensor (C, H, W), or a short message."""
    image = np.asarray(image)
    channels = image[None] if image.ndim == 2 else image
    if channels.ndim != 3 or channels.shape[0] != config.in_channels:
        due = "(H, W)" if config.in_channels == 1 else f"({config.in_channels}, H, W)"
        last = image.ndim == 3 and image.shape[-1] == config.in_channels
        fix = "; move the channels first: np.moveaxis(image, -1, 0)" if last else ""
        raise ValueError(
            f"image has shape {image.shape}; this network has {config.in_channels} input "
            f"channels and takes {due}{fix}"
        )
    if image.dtype.kind not in "biuf":
        raise ValueError(f"image is {image.dtype}; it must hold real numbers")
    return torch.from_numpy(np.stack([standardise(channel) for channel in channels]))


@contextmanager
def _evaluating(
    model: nn.Module, device: str | torch.device | None, autocast_dtype: torch.dtype | None
) -> Iterator[torch.device]:
    """Eval mode, no gradients, the wished device and precision, until the block ends."""
    home = next((p.device for p in model.parameters()), torch.device("cpu"))
    # Each part's own state: a frozen batch norm may be in eval mode inside a training network.
    states = [(part, part.training) for part in model.modules()]
    try:
        where = home if device is None else torch.device(device)
        model.to(where)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"device {device!r} cannot be used ({reason}); try 'cpu'") from error
    try:
        model.eval()
        casting = torch.autocast(where.type, autocast_dtype, enabled=autocast_dtype is not None)
        with torch.inference_mode(), casting:
            yield where
    finally:
        for part, training in states:
            part.training = training
        model.to(home)
