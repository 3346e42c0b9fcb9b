"""Lesson 11: two touching cells, and how hard a loss pulls at each pixel."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from unet_teach.config import whole
from unet_teach.tiling import with_gradients

HEIGHT, WIDTH = 44, 84  # of the drawn scene, pixels
RADIUS, CUT = 19, 14  # of a cell; from its centre to its flat side
WIDEST = 12  # wall that fits


class TwoCells(NamedTuple):
    """A label image of two cells, and where the wall between them is."""

    cells: np.ndarray  # (H, W) uint8: 0 background, 1 left cell, 2 right cell
    wall: np.ndarray  # (H, W) bool: the background between the two flat sides


def two_cells(gap: int) -> TwoCells:
    """Two discs, each with a flat side, and a wall of ``gap`` pixels between these sides.

    Examples
    --------
    >>> cells, wall = two_cells(3)
    >>> cells[22, 38:45].tolist(), int(wall[22].sum())
    ([1, 1, 0, 0, 0, 2, 2], 3)
    """
    gap = whole("gap in pixels", gap, 0, WIDEST)
    left = (WIDTH - gap) // 2  # the first column of the wall
    right = left + gap
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5  # pixel centres
    up = (y - HEIGHT / 2) ** 2
    cells = np.zeros((HEIGHT, WIDTH), np.uint8)
    cells[((x - left + CUT) ** 2 + up < RADIUS**2) & (x < left)] = 1
    cells[((x - right - CUT) ** 2 + up < RADIUS**2) & (x > right)] = 2
    between = (x > left) & (x < right)
    return TwoCells(cells, between & (cells[:, left - 1] == 1)[:, None])


@with_gradients()
def pull(
    loss: Callable[[Tensor, Tensor], Tensor], logits: Tensor, target: Tensor
) -> np.ndarray:
    """How hard a loss pulls at the logit of class 1 of every pixel, times the pixels.

    Multiplied by their number, the pull of plain cross-entropy is ``|p − t|`` at each: 0.5 at
    a pixel that is undecided, 1 at one that is surely wrong.

    Parameters
    ----------
    loss : (logits, target) to a number
    logits : (1, 2, H, W)
    target : int64 (1, H, W)

    Returns
    -------
    float array (H, W)

    Examples
    --------
    >>> from torch.nn import functional as F
    >>> pull(F.cross_entropy, torch.zeros(1, 2, 1, 2), torch.tensor([[[0, 1]]])).tolist()
    [[0.5, 0.5]]
    """
    logits = logits.detach().clone().requires_grad_(True)
    loss(logits, target.clone()).backward()  # cloned: one of `inference_mode` takes no part
    return (logits.grad[0, 1].abs() * target.numel()).numpy()


def logits_for(probability: np.ndarray) -> Tensor:
    """Logits (1, 2, H, W), float64, whose softmax gives class 1 this probability (H, W).

    Examples
    --------
    >>> logits_for(np.array([[0.5, 0.9]])).softmax(dim=1)[0, 1].numpy().round(6)
    array([[0.5, 0.9]])
    """
    p = torch.as_tensor(probability, dtype=torch.float64)
    return torch.stack([(1 - p).log(), p.log()])[None]
