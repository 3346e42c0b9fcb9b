"""Through a bottleneck and back: autoencoders with and without skips. Lesson 03."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach.comparisons import by_seed, load_table
from unet_teach.config import UNetConfig, one_of
from unet_teach.data.membranes import membrane_slice
from unet_teach.layers import DoubleConv, initialise
from unet_teach.metrics import components, thin
from unet_teach.models.unet import UNet
from unet_teach.tiling import evaluating
from unet_teach.translation import _

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


@lru_cache(maxsize=1)
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


# ----------------------------------------------------------------------------- the explorer
TISSUE, PIECE = (0, 256, 32), slice(80, 176)  # the saved piece: of which slice, and where
CELLS = (12, 14)  # two neighbours in that piece; the wall between them is thin
INSET = (40, 47, 24)  # the square around their wall: row, column, pixels


@lru_cache(maxsize=1)
def wall() -> tuple[np.ndarray, np.ndarray]:
    """The wall of the two cells, one pixel thin, and the cells within 8 pixels of it."""
    labels = membrane_slice(*TISSUE)[1][PIECE, PIECE]
    regions = thin(labels)
    touched = [ndimage.binary_dilation(regions == cell) for cell in CELLS]
    on = (regions == 0) & touched[0] & touched[1]
    near = ndimage.binary_dilation(on, iterations=8)
    return on, near & np.isin(components(labels), CELLS)


def contrast(image: np.ndarray) -> float:
    """By how many grey values the wall is darker than the two cells beside it."""
    on, beside = wall()
    return float(image[beside].mean() - image[on].mean())


@lru_cache(maxsize=1)
def losses() -> dict[str, list[list[float]]]:
    """Share of the variance that was lost of new tissue: by depth, one a seed.

    ``none`` without skips, from depth 0; ``concat`` with skips, from depth 1.
    """
    table, found = load_table("autoencoders"), {}
    for merge, words in (("none", ""), ("concat", ", skips")):
        depths = sorted(d for name, d in saved_reconstructions().by_depth if name == merge)
        names = [f"depth {depth}{words}" for depth in depths]
        found[merge] = [list(by_seed(table, name, "error").values()) for name in names]
    return found


def answer(settings: dict[str, Any]) -> dict[str, Any]:
    """What an autoencoder returns of a micrograph that it had not seen.

    Parameters
    ----------
    settings : ``depth``, poolings from 0 to 4; ``skips``, whether it has a U-Net's skips

    Returns
    -------
    image : uint8 (96, 96), what is returned
    lost : fraction of the variance, mean over seeds; seeds : each
    contrast : of the thin wall, in grey values
    verdict, because, said : in words

    Examples
    --------
    >>> found = answer({"depth": 4, "skips": False})
    >>> round(found["lost"], 2), round(found["contrast"])
    (0.43, 3)
    """
    depth, skips = settings["depth"], settings["skips"]
    if (("concat" if skips else "none"), depth) not in saved_reconstructions().by_depth:
        reason = _("No such network was trained: the depth is {d}, and may be 0 to 4.")
        offers = [{"depth": max(0, min(4, depth)), "skips": False}]
        if skips and depth == 0:
            reason = _("Without a pooling there is no expansive path, and so no skips.")
            offers = [{"depth": 0, "skips": False, "words": _("no skips")},
                      {"depth": 1, "skips": True, "words": _("one pooling")}]  # fmt: skip
        return {"problem": reason.format(d=depth), "offers": offers}
    merge, start = ("concat", 1) if skips else ("none", 0)
    saved, seeds = saved_reconstructions(), losses()[merge][depth - start]
    image = saved.by_depth[merge, depth]
    found = {
        "image": image,
        "lost": sum(seeds) / len(seeds),
        "seeds": seeds,
        "contrast": contrast(image),
    }
    verdict = _(
        "{lost:.1f} % of the image's variance is lost. The thin wall is darker than its cells "
        "by {now:.0f} grey values; before, it was {was:.0f}."
    )
    verdict = verdict.format(
        lost=100 * found["lost"], now=found["contrast"], was=contrast(saved.image)
    )
    network = _("An autoencoder of depth {d} with skips.") if skips else (
        _("An autoencoder of depth {d} without skips."))  # fmt: skip
    why = because(depth, skips)
    said = f"{network.format(d=depth)} {verdict} {why}"
    return {**found, "verdict": verdict, "because": why, "said": said}


def because(depth: int, skips: bool) -> str:
    """What this depth does to the thin wall, and why."""
    numbers = {"block": 2**depth, "cells": (96 // 2**depth) ** 2}
    if skips:
        words = _(
            "With skips hardly anything is lost, whatever the depth: fine detail doesn't have "
            "to pass through the bottleneck, because the skip of level 0 carries it across "
            "before the first pooling."
        )
    elif not depth:
        words = _(
            "Without pooling nothing has to be thrown away, because every place keeps all its "
            "channels. The little that is lost is what training didn't get right."
        )
    elif depth == 1:
        words = _(
            "One pooling does the wall no harm. It leaves one place for {block} × {block} "
            "pixels, and its channels can describe nearly all that was in them."
        )
    elif depth == 2:
        words = _(
            "The wall is paler, and still there: two poolings leave one place for {block} × "
            "{block} pixels, and its channels can describe most of what was in them."
        )
    elif depth == 3:
        words = _(
            "The wall is fading. One place of the bottleneck has 64 channels for 8 × 8 pixels, "
            "as many numbers as pixels, but the network hasn't learned to copy them all."
        )
    else:
        words = _(
            "At depth 4 only {cells} places are left of 96 × 96 pixels. Each has 128 channels "
            "for 16 × 16 pixels, too few for a copy, and the thin wall is lost."
        )
    return words.format(**numbers)


@lru_cache(maxsize=1)
def given() -> dict[str, Any]:
    """What holds for all settings.

    Returns
    -------
    image : uint8 (96, 96), what went in; range : its darkest and its brightest grey value
    inset : row, column and pixels of the square around the thin wall
    ends : row and column of the wall's left and its right end there; contrast : of the wall
    losses : see `losses`; means : their means, by depth
    """
    image = saved_reconstructions().image
    means = {merge: [sum(s) / len(s) for s in by] for merge, by in losses().items()}
    row, column, side = INSET
    seen = np.argwhere(wall()[0][row : row + side, column : column + side].T)[:, ::-1]
    return {
        "image": image, "range": [int(image.min()), int(image.max())], "inset": list(INSET),
        "ends": [seen[0].tolist(), seen[-1].tolist()],
        "contrast": contrast(image), "losses": losses(), "means": means,
    }  # fmt: skip


def questions() -> dict[str, dict[str, Any]]:
    """Settings that answer a question, by the question."""
    return {
        _("One pooling?"): {"depth": 1},
        _("When is the wall gone?"): {"depth": 4},
        _("And with skips?"): {"depth": 4, "skips": True},
        _("No pooling at all?"): {"depth": 0},
    }


def recorded() -> Iterator[dict[str, Any]]:
    """What the book holds: everything, and the settings that cannot work."""
    for skips in (False, True):
        for depth in range(5):
            yield {"depth": depth, "skips": skips}
