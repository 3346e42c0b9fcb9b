"""How a signal grows or dies on its way through many layers. Lesson 08."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from unet_teach.config import one_of

CHANNELS, SIDE, KERNEL = 64, 12, 3
FAN_IN = CHANNELS * KERNEL**2  # inputs of one neuron
# Variance of the weights, by initialisation.
VARIANCES = {
    "small": 0.01**2,  # a standard deviation of 0.01, as networks had it before
    "xavier": 1 / FAN_IN,  # Glorot and Bengio 2010, for as many inputs as outputs
    "he": 2 / FAN_IN,  # He et al. 2015, made for the ReLU; the paper's section 3
}


@dataclass(frozen=True)
class Signal:
    """Standard deviations of what the convolutions of a deep stack give, before the ReLU."""

    measured: np.ndarray  # (seeds, layers)
    theory: np.ndarray  # (layers,)


def signal(init: str, layers: int = 20, relu: bool = True, batch_norm: bool = False,
           seeds: int = 5) -> Signal:  # fmt: skip
    """Send noise through a stack of 3 × 3 convolutions with new weights, and measure.

    Theory, for weights of variance v and n inputs to a neuron: each convolution multiplies
    the mean square by n·v, each ReLU halves it (it sets one half of a symmetric signal to
    zero). So He's v = 2/n keeps the signal as it is. Borders are wrapped around, so that
    every neuron has all its inputs.

    Parameters
    ----------
    init : "small", "xavier" or "he"
    layers : number of convolutions
    relu : a ReLU after each
    batch_norm : a batch normalisation after each convolution
    seeds : so many stacks, each with its own noise and weights

    Raises
    ------
    ValueError
        An unknown initialisation.

    Examples
    --------
    >>> signal("he", layers=3).theory.round(2).tolist()
    [1.41, 1.41, 1.41]
    """
    gain, square, theory = FAN_IN * VARIANCES[one_of("init", init, VARIANCES)], 1.0, []
    for _layer in range(layers):
        square = 1.0 if batch_norm else gain * square
        theory.append(square**0.5)
        square = square / 2 if relu else square
    measured = [_stack(init, layers, relu, batch_norm, seed) for seed in range(seeds)]
    return Signal(np.array(measured), np.array(theory))


def _stack(init: str, layers: int, relu: bool, batch_norm: bool, seed: int) -> list[float]:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(2, CHANNELS, SIDE, SIDE, generator=generator)  # mean square 1
    found, shape = [], (CHANNELS, CHANNELS, KERNEL, KERNEL)
    for _layer in range(layers):
        weight = torch.randn(shape, generator=generator) * VARIANCES[init] ** 0.5
        x = F.conv2d(F.pad(x, (1, 1, 1, 1), mode="circular"), weight)  # (2, C, H, W)
        if batch_norm:
            # Without the small number that guards against a division by 0: the signal of
            # the small initialisation is of its size.
            x = (x - x.mean((0, 2, 3), keepdim=True)) / x.std((0, 2, 3), keepdim=True)
        found.append(x.pow(2).mean().sqrt().item())
        x = F.relu(x) if relu else x
    return found
