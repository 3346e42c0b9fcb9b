"""All layers of a network made ready to be looked at: thumbnails, ranges, values. Lesson 09."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach.data.volume import standardise
from unet_teach.lessons.l09_look_inside.maps import OUTPUT, channels_of, record_all
from unet_teach.models.outputs import peeled
from unet_teach.models.unet import UNet

PAGE = 64  # channels that are shown at once


@dataclass(frozen=True)
class Layer:
    """The maps of one layer for one image."""

    maps: np.ndarray  # (C, H, W)
    thumbnails: np.ndarray  # (C, h, w), averaged down
    low: np.ndarray  # (C,) least finite value of each channel
    high: np.ndarray  # (C,) largest


def stretch_to_one(maps: Tensor) -> Tensor:
    """Maps as a picture with one colour scale: 0 is the least number of all, 1 the largest."""
    return (maps - maps.min()) / (maps.max() - maps.min())


def gallery(model: nn.Module, x: Any, pixels: int) -> dict[str, Layer]:
    """Every layer of a network, from one pass; thumbnails of a page share so many pixels.

    Examples
    --------
    >>> layers = gallery(nn.Conv2d(1, 4, 3), torch.rand(1, 1, 18, 18), pixels=64)
    >>> {name: (layer.maps.shape, layer.thumbnails.shape) for name, layer in layers.items()}
    {'(output)': ((4, 16, 16), (4, 4, 4))}
    """
    recorded = record_all(model, x)
    return {name: _layer(channels_of(t).float().cpu(), pixels) for name, t in recorded.items()}


def _layer(maps: Tensor, pixels: int) -> Layer:
    flat = maps.flatten(1)
    finite = flat.isfinite()
    none = ~finite.any(dim=1)
    low = flat.masked_fill(~finite, float("inf")).amin(1).masked_fill(none, 0.0)
    high = flat.masked_fill(~finite, float("-inf")).amax(1).masked_fill(none, 0.0)
    small = shrunk(maps.numpy(), pixels // min(len(maps), PAGE))
    return Layer(maps.numpy(), small, low.numpy(), high.numpy())


def shrunk(maps: np.ndarray, pixels: int) -> np.ndarray:
    """Maps (C, H, W) of at most so many pixels each: means over blocks, none enlarged.

    Examples
    --------
    >>> shrunk(np.array([[[0.0, 2.0, 4.0, 6.0]] * 2]), pixels=2).tolist()
    [[[1.0, 5.0]]]
    """
    height, width = maps.shape[-2:]
    factor = min(1.0, (pixels / (height * width)) ** 0.5)
    if factor == 1:
        return maps
    size = max(1, int(height * factor)), max(1, int(width * factor))
    return F.adaptive_avg_pool2d(torch.from_numpy(maps)[None], size)[0].numpy()


def kinds(model: nn.Module) -> dict[str, str]:
    """The class of every layer, by the name under which it is recorded.

    Examples
    --------
    >>> kinds(nn.Sequential(nn.ReLU()))
    {'(output)': 'Sequential', '0': 'ReLU'}
    """
    *_wrappers, model = peeled(model)
    return {name or OUTPUT: type(part).__name__ for name, part in model.named_modules()}


def as_input(image: Any) -> Any:
    """An array (H, W), standardised, as a tensor (1, 1, H, W); everything else as it is.

    Raises
    ------
    ValueError
        An array of another shape.
    """
    if not isinstance(image, np.ndarray):
        return image
    if image.ndim != 2:
        raise ValueError(
            f"image has shape {image.shape}; valid: an array (H, W), or a tensor "
            "(B, C, H, W) as the network takes it"
        )
    return torch.from_numpy(standardise(image))[None, None]


def as_picture(x: Any, pixels: int) -> tuple[np.ndarray | None, tuple[int, int]]:
    """The first image of an input, its channels averaged, and its full size.

    None and (1, 1) where the input is no image.
    """
    if not isinstance(x, Tensor) or x.ndim != 4:
        return None, (1, 1)
    grey = x[0].detach().float().cpu().mean(dim=0, keepdim=True).nan_to_num()  # (1, H, W)
    return shrunk(grey.numpy(), pixels)[0], tuple(x.shape[-2:])


def untrained_like(model: UNet, seed: int = 0) -> UNet:
    """A new network of the same form; torch's own random numbers are left as they were."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return UNet(model.config).eval()
