"""Overlap-tile prediction: class probabilities of an image of any size."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from unet_teach.config import SkipGraph, UNetConfig
from unet_teach.data.volume import standardise
from unet_teach.layers import center_crop
from unet_teach.models.outputs import class_logits, config_of, logits_of, not_finite, peeled
from unet_teach.shapes import output_size
from unet_teach.threads import ALONE
from unet_teach.tiling.plan import default_tile, mirror_pad, plan_side, reach


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
    config: UNetConfig | None = None,
) -> np.ndarray:
    """The probability of each class at each pixel of an image of any size.

    The image is standardised (each channel by itself), continued by mirroring, cut into
    overlapping tiles, and the parts of the tiles' outputs that know their whole context
    are put together. The result equals that of a single pass over the mirrored image up
    to float rounding. A network with zero-padded ("same") convolutions sees its zeros
    at the image's border in both.

    Parameters
    ----------
    model : network that turns (B, C, H, W) into logits, of any make
        It is run in eval mode; its training state and device are given back as they were.
        Where it returns more than a tensor, see `unet_teach.models.outputs.logits_of`.
    image : number array (H, W) or (C, H, W)
    tile : side of a tile's input, such as 572; None: a single pass where its maps take
        less than 2 GiB (see `default_tile`), else the largest tile for which they do
    average : mean over the eight flips and rotations of the image (8 times the work);
        turning the image then turns the result
    device : where to compute; None: where the model is
    context : for "same" convolutions, pixels by which inner tiles overlap on each side;
        None: what the networks of `unet_teach.models` need (see `reach`)
    autocast_dtype : such as torch.bfloat16, for speed; None: the model's own precision
    memory_format : of the tiles; torch.channels_last is faster where the weights are too
    config : what the network takes and gives; None: the one that it has as its ``config``

    Returns
    -------
    float32 array (K, H, W); sums to 1 over the K classes (softmax). A network of one map gives
    two classes: the map is the logit of class 1, and its sigmoid the probability.

    Raises
    ------
    ValueError
        Empty image, NaN or infinite pixels, a number of channels that is not the model's; an
        output that is not what its config says, or that is no number.
    unet_teach.shapes.IllegalSize
        The network does not take this tile; names the nearest legal sizes.

    Examples
    --------
    >>> model = nn.Conv2d(1, 2, 3, padding=1)
    >>> model.config = UNetConfig(padding="same", depth=1)
    >>> predict(model, np.eye(5, 7)).shape
    (2, 5, 7)
    """
    config = config_of(model) if config is None else config
    x = _checked(image, config)  # (C, H, W)
    if tile is None:
        tile = default_tile(config, *x.shape[-2:])
    context = _context(model, config) if context is None else context
    ways = [(turns, flip) for flip in (False, True) for turns in range(4)]
    mean = 0.0
    with evaluating(model, device, autocast_dtype) as where:
        for turns, flip in ways if average else ways[:1]:
            turned = torch.rot90(x.flip(-1) if flip else x, turns, (-2, -1))
            part = _overlap_tile(model, config, turned, tile, context, where, memory_format)
            part = torch.rot90(part, -turns, (-2, -1))  # (K, H, W)
            mean = mean + (part.flip(-1) if flip else part)
    return (mean / (len(ways) if average else 1)).numpy()


def _overlap_tile(
    model: nn.Module,
    config: UNetConfig,
    x: Tensor,
    tile: int | None,
    context: int,
    device: torch.device,
    memory_format: torch.memory_format,
) -> Tensor:
    """Probabilities (K, H, W) of a standardised image (C, H, W), tile by tile."""
    height, width = x.shape[-2:]
    rows, columns = (plan_side(config, n, tile, context) for n in (height, width))
    margin = ((rows.before, rows.after), (columns.before, columns.after))
    x = mirror_pad(x, margin)  # (C, H + margins, W + margins)
    size = (rows.starts[-1] + rows.kept, columns.starts[-1] + columns.kept)
    dtype = next((p.dtype for p in model.parameters()), torch.float32)
    canvas = torch.empty(config.classes, *size)
    for top, take_rows, put_rows in rows.windows():
        for left, take_columns, put_columns in columns.windows():
            piece = x[None, :, top : top + rows.tile, left : left + columns.tile]
            piece = piece.to(device, dtype).contiguous(memory_format=memory_format)
            clean = center_crop(_logits(model, config, piece), (rows.kept, columns.kept))
            p = class_logits(clean.float()).softmax(dim=1)[0]  # (K, kept, kept)
            if not p.isfinite().all():
                raise ValueError(_no_number(model, dtype))
            canvas[:, put_rows, put_columns] = p[:, take_rows, take_columns].cpu()
    return canvas[:, :height, :width]


def _logits(model: nn.Module, config: UNetConfig, piece: Tensor) -> Tensor:
    """The logits of one tile, (1, K, h, w), if they are what the config says."""
    try:
        logits = logits_of(model(piece))
    except RuntimeError as error:
        takes = re.search(r"to have (\d+) channels, but got", str(error))
        if not takes:
            raise
        raise ValueError(
            f"this network takes {takes[1]} channels, but its config says in_channels="
            f"{config.in_channels}; set it to {takes[1]}"
        ) from error
    due = (1, config.out_channels, *(output_size(config, n) for n in piece.shape[-2:]))
    if tuple(logits.shape) != due:
        maps, fix = logits.shape[1], "check padding, depth and align"
        if (1, *logits.shape[2:]) == (due[0], *due[2:]):
            alone = " (one map is the logit of class 1)" if maps == 1 else ""
            fix = f"set out_channels={maps}{alone}"
        raise ValueError(
            f"for an input {tuple(piece.shape)} the network's output is {tuple(logits.shape)}, "
            f"but its config says {due}; {fix} in its UNetConfig"
        )
    low, high = logits.aminmax()
    sums = due[1] > 1 and (logits.sum(dim=1) - 1).abs().max() < 0.01
    if (0 <= low < 0.02 and 0.98 < high <= 1) or (low >= 0 and sums):
        warnings.warn(
            "all that this network gives lies between 0 and 1, as after a sigmoid or softmax, "
            "but predict expects logits; leave that last layer out",
            stacklevel=4,
        )
    return logits


def _no_number(model: nn.Module, dtype: torch.dtype) -> str:
    """Why a network gives NaN."""
    name = not_finite(model.state_dict())
    if name:
        return f"the network's weight {name} holds NaN or infinity; train again with a lower lr"
    fix = "; half precision ends at 65504: try model.float()" if dtype == torch.float16 else ""
    return f"the network's output holds NaN or infinity, although its weights do not{fix}"


def _context(model: nn.Module, config: UNetConfig) -> int:
    """How many pixels away this network looks; FCN and U-Net++ no further than U-Net."""
    graphs = [getattr(part, "graph", None) for part in peeled(model)]
    if any(isinstance(graph, SkipGraph) and graph.projected for graph in graphs):
        # UNet 3+: bilinear, and a 3×3 convolution last
        return reach(replace(config, upsample="bilinear")) + 1
    return reach(config)


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
def evaluating(
    model: nn.Module,
    device: str | torch.device | None = None,
    autocast_dtype: torch.dtype | None = None,
    gradients: bool = False,
) -> Iterator[torch.device]:
    """Eval mode and the wished device and precision; afterwards all is as it was before.

    Who evaluates in another thread waits: it would else find eval mode, and give that back.

    Examples
    --------
    >>> model = nn.Dropout()
    >>> with evaluating(model):
    ...     model.training
    False
    >>> model.training
    True
    """
    with ALONE:
        yield from _evaluating(model, device, autocast_dtype, gradients)


def _evaluating(
    model: nn.Module, device: Any, autocast_dtype: torch.dtype | None, gradients: bool
) -> Iterator[torch.device]:
    home = next((p.device for p in model.parameters()), torch.device("cpu"))
    if home.type == "meta":
        raise ValueError(
            "the network is on the device 'meta': it has no weights yet; load them"
        )
    # Each part's own state: a frozen batch norm may be in eval mode inside a training network.
    # A frozen trace has none.
    states = [(part, part.training) for part in model.modules() if hasattr(part, "training")]
    try:
        where = home if device is None else torch.device(device)
        if where != home:
            model.to(where)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"device {device!r} cannot be used ({reason}); try 'cpu'") from error
    casting = torch.autocast(where.type, autocast_dtype, enabled=autocast_dtype is not None)
    try:
        model.eval()
        with with_gradients() if gradients else torch.inference_mode(), casting:
            yield where
    except NotImplementedError as error:
        if "eval()" not in str(error):
            raise
        raise ValueError(
            f"a {type(model).__name__} of torch.export has no eval mode; give the network that "
            "it was exported from"
        ) from error
    finally:
        for part, training in states:
            part.training = training
        if where != home:
            model.to(home)


@contextmanager
def with_gradients() -> Iterator[None]:
    """Gradients, also where the caller is under `no_grad`, `inference_mode` or the like.

    Also a decorator.

    Examples
    --------
    >>> x = torch.ones(1)
    >>> with torch.no_grad(), with_gradients():
    ...     (2 * x.requires_grad_()).requires_grad
    True
    """
    with torch.inference_mode(False), torch.enable_grad():
        yield
