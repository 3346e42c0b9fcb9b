"""What a field of displacements does to an image and its mask. Lesson 12.

A field says for each pixel of the result where in the image it is read: column, row.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from unet_teach.augment import AugmentConfig, displacement, warp

SMALL = 1e-3  # a value as near to a class is that class, and rounding errors are no values


@dataclass(frozen=True)
class Deformation:
    """An image and its mask, read along fields."""

    field: np.ndarray  # (H, W, 2): column and row where each pixel of the image is read
    image: np.ndarray  # (H, W), grey values
    mask: np.ndarray  # (H, W), classes, or what interpolation made of them
    folded: np.ndarray  # (H, W), where the tissue is folded over


def elastic_field(size: int, sigma: float, grid: int, seed: int) -> Tensor:
    """Where each pixel of a deformed square is read: (size, size, 2), column and row.

    Examples
    --------
    >>> elastic_field(4, sigma=0.0, grid=3, seed=0)[1, 2].tolist()  # row 1, column 2
    [2.0, 1.0]
    """
    return _straight(size) + sigma * _bend(size, grid, seed)


@lru_cache(maxsize=4)
def _straight(size: int) -> Tensor:
    """Where each pixel lies: (size, size, 2), column and row."""
    places = torch.arange(size, dtype=torch.float32)
    return torch.stack(torch.meshgrid(places, places, indexing="xy"), dim=-1)


@lru_cache(maxsize=32)  # the same at every move of sigma, which only stretches it
def _bend(size: int, grid: int, seed: int) -> Tensor:
    """The displacements alone, of sigma 1."""
    config = AugmentConfig(elastic_sigma=1.0, elastic_grid=grid)
    moved = displacement((size, size), config, torch.Generator().manual_seed(seed))
    return moved.contiguous()  # row by row: a third of the time at every move


def steps(field: Tensor) -> tuple[Tensor, Tensor]:
    """What a step to the right, and one down, changes in a field: (h - 1, w - 1, 2) each."""
    return (field[:, 1:] - field[:, :-1])[:-1], (field[1:] - field[:-1])[:, :-1]


def determinant(right: Tensor, down: Tensor) -> Tensor:
    """The area that two steps span, negative where they have changed sides."""
    return right[..., 0] * down[..., 1] - right[..., 1] * down[..., 0]


def folded(field: Tensor) -> Tensor:
    """Where neighbours have changed sides: (h, w), True where the tissue is folded over.

    There the determinant of the field's derivative is 0 or less: right and below, as they
    are read, no longer turn the way they did.

    Examples
    --------
    >>> mirrored = torch.tensor([[[1.0, 0.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 1.0]]])
    >>> folded(mirrored).all().item(), folded(mirrored.flip(1)).any().item()
    (True, False)
    """
    right, down = steps(field)
    found = determinant(right, down) <= 0
    found = torch.cat([found, found[:, -1:]], dim=1)
    return torch.cat([found, found[-1:]])


def stretch(field: Tensor) -> float:
    """By how much neighbours in a row come nearer or go apart: root mean square, in pixels.

    0 for a field that only moves the image; 0.2 means that lengths change by 20 %.
    """
    step = field[:, 1:, 0] - field[:, :-1, 0]
    return (step - 1).square().mean().sqrt().item()


def strays(values: np.ndarray, classes: int) -> np.ndarray:
    """Which values are none of the classes 0, 1, … ``classes`` − 1.

    Examples
    --------
    >>> strays(np.array([0.0, 0.4, 1.0, 2.0]), 2).tolist()
    [False, True, False, True]
    """
    nearest = np.clip(np.round(values), 0, classes - 1)
    return np.abs(values - nearest) > SMALL


def deform(
    image: np.ndarray,
    labels: np.ndarray,
    sigma: float,
    grid: int,
    seed: int,
    mode: str = "nearest",
    apart: bool = False,
) -> Deformation:
    """Read a square image (n, n) and its mask along an elastic field.

    Parameters
    ----------
    image, labels : (n, n), grey values and classes
    sigma, grid, seed : standard deviation in pixels, vectors of a side, start of chance
    mode : how the mask is read, "nearest" or "bilinear"; the image is always read bilinear
    apart : whether the mask has a field of its own, which is a mistake

    Examples
    --------
    >>> labels = np.eye(8)
    >>> found = deform(labels, labels, 0.0, 3, 0)
    >>> bool(np.allclose(found.mask, labels)), bool(found.folded.any())
    (True, False)
    """
    field = elastic_field(len(image), sigma, grid, seed)
    other = elastic_field(len(image), sigma, grid, seed + 1000) if apart else field
    maps = torch.from_numpy(np.stack([image, labels]).astype(np.float32))
    warped = warp(maps[None, :1], field[None], "bilinear")[0, 0]
    mask = warp(maps[None, 1:], other[None], mode)[0, 0]
    return Deformation(field.numpy(), warped.numpy(), mask.numpy(), folded(field).numpy())


@lru_cache(maxsize=32)  # asked again at every move of sigma
def largest_sigma(size: int, grid: int, seed: int, high: int) -> int:
    """The largest whole sigma from 0 to ``high`` at which this field folds nothing."""
    # A field bends sigma times as far as that of sigma 1. Its steps are (1, 0) + sigma right
    # and (0, 1) + sigma down, and the area that they span is a polynomial of sigma.
    right, down = steps(_bend(size, grid, seed))
    first, second = right[..., 0] + down[..., 1], determinant(right, down)
    for sigma in range(1, high + 1):
        if (1 + sigma * first + sigma**2 * second <= 0).any():
            return sigma - 1
    return high
