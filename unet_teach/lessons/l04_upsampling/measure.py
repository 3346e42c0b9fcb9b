"""What an upsampler makes of a constant map: overlap, ripple, spectrum. Lesson 04.

Odena, Dumoulin and Olah, "Deconvolution and Checkerboard Artifacts", Distill 2016.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from unet_teach.config import one_of, whole

KINDS = ("transposed", "nearest", "bilinear", "pixel_shuffle")
CHANNELS, SIDE = 16, 24  # of the constant map; the side of what is looked at


def new_weight(
    kind: str, k: int, s: int, uniform: bool = False, seed: int = 0, channels: int = CHANNELS
) -> Tensor:
    """Weights of an untrained upsampler with as many channels in as out: He's, or all equal.

    He's variance is 2 / N, equal weights are 1 / N, for the N numbers that make one output
    number (`unet_teach.layers.incoming_nodes`).

    Returns
    -------
    (C, C, k, k), for pixel shuffle (s²·C, C, k, k)

    Raises
    ------
    ValueError
        An unknown kind; k or s below 1.
    """
    one_of("kind", kind, KINDS)
    k, s = whole("k", k, 1), whole("s", s, 1)
    outputs = channels * s * s if kind == "pixel_shuffle" else channels
    shape, nodes = (outputs, channels, k, k), channels * k * k
    if kind == "transposed":  # its blocks k×k are s apart
        nodes /= s * s
    if uniform:
        return torch.full(shape, 1 / nodes)
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator) * (2 / nodes) ** 0.5


def upsampled(kind: str, x: Tensor, weight: Tensor, s: int) -> Tensor:
    """x (B, C, H, W), s times as large, by one of the four ways; weights as in `new_weight`."""
    if kind == "transposed":
        return F.conv_transpose2d(x, weight, stride=s)
    if kind == "pixel_shuffle":
        return F.pixel_shuffle(_same(x, weight), s)
    return _same(F.interpolate(x, scale_factor=float(s), mode=kind), weight)


def _same(x: Tensor, weight: Tensor) -> Tensor:
    """A convolution that keeps the size; an even kernel's spare zero is at the end."""
    k = weight.shape[-1]
    before, after = (k - 1) // 2, k // 2
    return F.conv2d(F.pad(x, (before, after, before, after)), weight)


def constant_response(
    kind: str, k: int, s: int, uniform: bool = False, seed: int = 0, channels: int = CHANNELS
) -> np.ndarray:
    """What a map of ones becomes, away from its border: (C, SIDE, SIDE)."""
    weight = new_weight(kind, k, s, uniform, seed, channels)
    n = -(-SIDE // s) + 2 * k + 2
    with torch.no_grad():
        found = upsampled(kind, torch.ones(1, channels, n, n), weight, s)[0].numpy()
    start = (found.shape[-1] - SIDE) // 2
    start -= start % s  # the first pixel looked at has phase 0
    return found[:, start : start + SIDE, start : start + SIDE]


def ripple(maps: np.ndarray) -> float:
    """Standard deviation over the pixels of a map, over the mean absolute value.

    Over all channels together, so that a channel that is nearly 0 does not decide.

    Examples
    --------
    >>> ripple(np.array([[[1.0, 3.0], [1.0, 3.0]]]))
    0.5
    """
    deviation = np.sqrt(np.mean(np.var(maps, axis=(1, 2))))
    return float(deviation / np.mean(np.abs(maps)))


def spectrum(maps: np.ndarray) -> np.ndarray:
    """Mean amplitude of each frequency along the rows, over the mean absolute value.

    ``spectrum(...)[i]`` is at i / SIDE waves a pixel; [0] is the constant part.
    """
    waves = np.abs(np.fft.rfft(maps, axis=2)) / maps.shape[2]
    return waves.mean(axis=(0, 1)) / np.mean(np.abs(maps))


def overlap(kind: str, k: int, s: int, side: int = 12) -> np.ndarray:
    """How many input pixels make each output pixel, away from the border: (side, side).

    Counted, not computed: every input is touched alone, with positive weights.

    Examples
    --------
    >>> overlap("transposed", 3, 2, side=4)[0].tolist()
    [4, 2, 4, 2]
    """
    weight = new_weight(kind, k, s, uniform=True, channels=1)
    n = -(-side // s) + 2 * k + 2
    line = torch.eye(n).reshape(n, 1, 1, n).expand(n, 1, n, n)  # one column of ones each
    with torch.no_grad():
        found = upsampled(kind, line.contiguous(), weight, s)[:, 0]  # (n, H, W)
    # The largest of each column: with k below s there are rows that nobody paints.
    counts = (found.amax(dim=1) > 1e-9).sum(dim=0).numpy()  # by output column
    start = (len(counts) - side) // 2
    start -= start % s
    inside = counts[start : start + side]
    return np.outer(inside, inside)  # rows and columns alike
