"""Through a bottleneck and back: autoencoders with and without skips. Lesson 03."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach.config import UNetConfig, one_of
from unet_teach.layers import DoubleConv, initialise
from unet_teach.models.unet import UNet
from unet_teach.tiling import evaluating

BASE_CHANNELS = 8
UPSAMPLERS = ("nearest", "bilinear")


def autoencoder(
    depth: int, merge: str = "none", base_channels: int = BASE_CHANNELS
) -> nn.Module:
    """A small U-Net that gives an image back: one channel in, one channel out.

    Parameters
    ----------
    depth : number of poolings; at 0 only the top level is left
    merge : "none" makes an hourglass, "concat" a U-Net with its skips
    base_channels : channels of the top level

    Examples
    --------
    >>> autoencoder(3)(torch.zeros(1, 1, 32, 32)).shape
    torch.Size([1, 1, 32, 32])
    """
    if depth == 0:
        top = DoubleConv(1, base_channels, "same", batch_norm=True)
        model = nn.Sequential(top, nn.Conv2d(base_channels, 1, 1))
        initialise(model)
        return model
    return UNet(
        UNetConfig(out_channels=1, base_channels=base_channels, depth=depth, padding="same",
                   merge=merge, batch_norm=True)
    )  # fmt: skip


def reconstruct(model: nn.Module, images: Tensor) -> Tensor:
    """What an autoencoder gives back, (B, 1, H, W), batch norm at rest."""
    with evaluating(model):
        return model(images).clone()


def lost(images: Tensor, given_back: Tensor) -> float:
    """The share of an image's variance that did not come back: mean squared error / variance.

    0 is a perfect copy. 1 is what the image's mean would reach, in every pixel the same.

    Examples
    --------
    >>> x = torch.tensor([1.0, 3.0])
    >>> lost(x, x), lost(x, torch.tensor([2.0, 2.0]))
    (0.0, 1.0)
    """
    return (F.mse_loss(given_back, images) / images.var(correction=0)).item()


def pool_and_back(image: Tensor, mode: str = "nearest") -> Tensor:
    """One mean pooling 2 × 2, then interpolation to the old size; nothing is learned.

    Parameters
    ----------
    image : (B, C, H, W), H and W even
    mode : "nearest" or "bilinear"

    Raises
    ------
    ValueError
        Another mode, or an odd side.

    Examples
    --------
    >>> pool_and_back(torch.tensor([[[[0.0, 1.0], [0.0, 1.0]]]])).flatten().tolist()
    [0.5, 0.5, 0.5, 0.5]
    """
    one_of("mode", mode, UPSAMPLERS)
    if image.shape[-1] % 2 or image.shape[-2] % 2:
        height, width = image.shape[-2:]
        raise ValueError(f"the image is {height}×{width}; both sides must be even")
    small = F.avg_pool2d(image, 2)  # (B, C, H/2, W/2)
    align_corners = False if mode == "bilinear" else None
    return F.interpolate(small, scale_factor=2, mode=mode, align_corners=align_corners)


def stripes(period: float, side: int = 256) -> Tensor:
    """Upright stripes, (1, 1, side, side): a sine of this period in pixels, at least 2.

    Examples
    --------
    >>> stripes(2, side=4)[0, 0, 0].round().tolist()
    [1.0, -1.0, 1.0, -1.0]
    """
    if period < 2:
        raise ValueError(f"period is {period}; a grid of pixels shows none below 2")
    column = torch.arange(side, dtype=torch.float32)
    wave = torch.sin(2 * torch.pi * column / period + torch.pi / 2)
    return wave.expand(1, 1, side, side).clone()


@dataclass(frozen=True)
class Reconstructions:
    """A piece of a micrograph, and what trained autoencoders gave back of it."""

    image: np.ndarray  # uint8 (H, W)
    spread: float  # standard deviation of the micrograph's grey values
    by_depth: dict[tuple[str, int], np.ndarray]  # (merge, depth) -> uint8 (H, W)


def saved_reconstructions() -> Reconstructions:
    """What ``experiments/autoencoders.py`` left, of seed 0.

    Examples
    --------
    >>> sorted(depth for merge, depth in saved_reconstructions().by_depth if merge == "none")
    [0, 1, 2, 3, 4]
    """
    path = resources.files("unet_teach") / "resources" / "autoencoders.npz"
    with path.open("rb") as file, np.load(file) as saved:
        names = [name.rsplit("_", 1) for name in saved.files if "_" in name]
        by_depth = {(merge, int(depth)): saved[f"{merge}_{depth}"] for merge, depth in names}
        return Reconstructions(saved["image"], float(saved["spread"]), by_depth)
