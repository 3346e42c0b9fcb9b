"""How much of a receptive field is used: the square with most of the influence. Lesson 02.

Luo, Li, Urtasun and Zemel, "Understanding the Effective Receptive Field in Deep
Convolutional Neural Networks", NeurIPS 2016.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from unet_teach.inspection import influence
from unet_teach.layers import initialise


def effective_square(influence: np.ndarray, pixel: tuple[int, int], share: float = 0.95) -> int:
    """Side of the smallest square about a pixel that holds this share of the influence.

    Parameters
    ----------
    influence : (H, W), not negative; for instance from `influence`
    pixel : (row, column), the middle of the square
    share : above 0, at most 1

    Returns
    -------
    int, odd. Where the square reaches beyond the array, what lies inside counts.

    Raises
    ------
    ValueError
        Negative or no influence at all, a pixel outside, a share that is none.

    Examples
    --------
    >>> effective_square(np.array([[0, 1, 0], [1, 20, 1], [0, 1, 0]]), (1, 1), share=0.8)
    1
    >>> effective_square(np.array([[0, 1, 0], [1, 20, 1], [0, 1, 0]]), (1, 1), share=0.95)
    3
    """
    influence = np.asarray(influence, dtype=np.float64)
    if influence.ndim != 2 or not influence.sum() > 0 or influence.min() < 0:
        raise ValueError("influence must be (H, W), nowhere below 0 and somewhere above")
    if not 0 < share <= 1:
        raise ValueError(f"share is {share!r}; it must be above 0 and at most 1")
    (row, column), (height, width) = pixel, influence.shape
    if not (0 <= row < height and 0 <= column < width):
        raise ValueError(f"pixel {tuple(pixel)} is outside of {height} × {width}")
    # The ring in which a pixel lies is its chessboard distance from the middle.
    rows, columns = np.ogrid[:height, :width]
    ring = np.maximum(abs(rows - row), abs(columns - column))  # (H, W)
    within = np.cumsum(np.bincount(ring.ravel(), weights=influence.ravel()))
    enough = (
        share * within[-1] * (1 - 1e-12)
    )  # float sums of one whole differ in the last digit
    return 2 * int(np.argmax(within >= enough)) + 1


def stack_influence(
    layers: int, channels: int = 8, relu: bool = True, seed: int = 0
) -> np.ndarray:
    """Influence on the middle pixel after a stack of new 3 × 3 convolutions, (n, n).

    He's weights, an image of noise; n = 2·layers + 1 is the theoretical field.

    Examples
    --------
    >>> stack_influence(3).shape
    (7, 7)
    """
    generator = torch.Generator().manual_seed(seed)
    convs: list[nn.Module] = []
    for layer in range(layers):
        conv = nn.Conv2d(channels if layer else 1, channels, 3, bias=False)
        convs += [conv, nn.ReLU()] if relu else [conv]
    stack, side = nn.Sequential(*convs), 2 * layers + 1
    initialise(stack, generator)
    image = torch.randn(1, 1, side, side, generator=generator)
    return influence(stack, image, (0, 0))
