"""How a signal, and its gradient, grow or die on their way through many layers. Lesson 08."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach.config import UNetConfig, one_of
from unet_teach.lessons.l08_train_it.exercises import train_step
from unet_teach.models.unet import UNet
from unet_teach.translation import _

CHANNELS, SIDE, KERNEL = 64, 12, 3
FAN_IN = CHANNELS * KERNEL**2  # inputs of one unit
# Variance of the weights, by initialisation.
VARIANCES = {
    "small": 0.01**2,  # a standard deviation of 0.01, as networks had it before
    "xavier": 1 / FAN_IN,  # Glorot and Bengio 2010, for as many inputs as outputs
    "he": 2 / FAN_IN,  # He et al. 2015, made for the ReLU; the paper's section 3
}
INITS = {
    "small": _("Small: standard deviation 0.01"),
    "xavier": _("Xavier: variance 1/n"),
    "he": _("He: variance 2/n"),
}
DEEPEST, SEEDS = 20, 3  # of the interactive
EDGE, BINS = 3.1, 31  # of its histograms; the outermost hold what is beyond, too
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
FIRST = {
    "init": "xavier", "layer": 2, "way": "activations", "relu": True, "batch_norm": False,
}  # fmt: skip
AT_END = FIRST | {"layer": DEEPEST}


@dataclass(frozen=True)
class Signal:
    """Root mean square of what the layers of a deep stack pass on, after the ReLU if any."""

    measured: np.ndarray  # (seeds, layers)
    theory: np.ndarray  # (layers,)


def signal(init: str, layers: int = 20, relu: bool = True, batch_norm: bool = False,
           seeds: int = 5) -> Signal:  # fmt: skip
    """Send noise through a stack of 3 × 3 convolutions with new weights, and measure.

    Theory, for weights of variance v and n inputs to a unit: each convolution multiplies
    the mean square by n·v, each ReLU halves it (it sets one half of a symmetric signal to
    zero). So He's v = 2/n keeps the signal as it is. Borders are wrapped around, so that
    every unit has all its inputs. Theory is the mean over all stacks: the random factors of
    the layers multiply, so that a few large stacks raise it, and most are smaller.

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
    [1.0, 1.0, 1.0]
    """
    one_of("init", init, VARIANCES)
    with torch.no_grad():
        stacks = [_stack(init, layers, relu, batch_norm, seed)[1] for seed in range(seeds)]
    return Signal(
        np.array([[_root_mean_square(x) for x in passed] for passed in stacks]),
        theory("activations", init, layers, relu, batch_norm),
    )


def theory(way: str, init: str, layers: int, relu: bool, batch_norm: bool) -> np.ndarray:
    """The root of the mean square to expect after each layer, and its ReLU: (layers,).

    A gradient comes from the last layer, where its mean square is 1, and each layer multiplies
    it by the same n·v and one half as the signal. Batch norm divides it by the variance that
    it found. What a ReLU lets through is ½ in mean square and ½ − 1/2π in variance, so a
    gradient grows by π/(π − 1) in each layer (Yang et al., 2019, "A mean field theory of
    batch normalization").
    """
    gain = FAN_IN * VARIANCES[init]
    passed = 0.5 if relu else 1.0
    if way == "gradients":
        normalised = math.pi / (math.pi - 1) if relu else 1.0
        factor = normalised if batch_norm else gain * passed
        squares = factor ** np.arange(layers - 1, -1, -1.0)
    else:
        factor = gain * passed
        squares = factor ** np.arange(1, layers + 1.0)
        squares = np.full(layers, passed) if batch_norm else squares
    return np.sqrt(squares)


def _stack(
    init: str, layers: int, relu: bool, batch_norm: bool, seed: int
) -> tuple[list[Tensor], list[Tensor], torch.Generator]:
    """What each convolution gives, and what its layer passes on; the generator, to go on."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(2, CHANNELS, SIDE, SIDE, generator=generator)  # mean square 1
    x.requires_grad_(torch.is_grad_enabled())
    given, passed, shape = [], [], (CHANNELS, CHANNELS, KERNEL, KERNEL)
    for _layer in range(layers):
        weight = torch.randn(shape, generator=generator) * VARIANCES[init] ** 0.5
        x = F.conv2d(F.pad(x, (1, 1, 1, 1), mode="circular"), weight)  # (2, C, H, W)
        if batch_norm:
            # Without the small number that guards against a division by 0: the signal of
            # the small initialisation is of its size.
            x = (x - x.mean((0, 2, 3), keepdim=True)) / x.std((0, 2, 3), keepdim=True)
        given.append(x)
        x = F.relu(x) if relu else x
        passed.append(x)
    return given, passed, generator


def gradients(init: str, layers: int, relu: bool, batch_norm: bool, seed: int) -> list[Tensor]:
    """Of noise that comes back from the end: what arrives at the output of each layer."""
    with torch.enable_grad():
        _given, passed, generator = _stack(init, layers, relu, batch_norm, seed)
    noise = torch.randn(passed[-1].shape, generator=generator)
    return list(torch.autograd.grad(passed[-1], passed, noise))


def _root_mean_square(x: Tensor) -> float:
    return x.pow(2).mean().sqrt().item()


# ----------------------------------------------------------------------------------- two starts
@dataclass(frozen=True)
class Learned:
    """What a small U-Net learned of one image."""

    losses: list[float]  # before each step
    inside: np.ndarray  # (H, W), the probability of inside after the last


def learned_from(init: str, image: Tensor, target: Tensor, steps: int = 120,
                 adam: bool = False) -> Learned:  # fmt: skip
    """Train a small U-Net without batch norm on one image, by gradient descent or by Adam.

    Parameters
    ----------
    init : "small" or "he"; the biases begin at zero
    image : (1, 1, H, W)
    target : (1, H, W), 1 is inside
    """
    one_of("init", init, ("small", "he"))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = UNet(UNetConfig(base_channels=8, depth=2, padding="same"))  # by He's rule
        for part in model.modules():
            if init == "small" and isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
                nn.init.normal_(part.weight, std=VARIANCES[init] ** 0.5)
    weights = model.parameters()
    optimizer = torch.optim.Adam(weights, 0.01) if adam else torch.optim.SGD(weights, 0.2)
    losses = [train_step(model, optimizer, image, target) for _step in range(steps)]
    with torch.no_grad():
        return Learned(losses, model(image).softmax(dim=1)[0, 1].numpy())


def descent(rate: float, steps: int = 8, start: float = -2.0) -> list[float]:
    """One weight w on its way down, from the start; its loss is w², so its slope is 2w.

    Examples
    --------
    >>> descent(0.25, steps=2)
    [-2.0, -1.0, -0.5]
    """
    weights = [start]
    for _step in range(steps):
        weights.append(weights[-1] - rate * 2 * weights[-1])
    return weights


# ------------------------------------------------------------------------------ the interactive
@cache
def _measured(
    way: str, init: str, relu: bool, batch_norm: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """By layer: mean over the seeds, heights of the bins as uint8, fraction that is beyond."""
    means, first = [], []
    for seed in range(SEEDS):
        if way == "gradients":
            found = gradients(init, DEEPEST, relu, batch_norm, seed)
        else:
            with torch.no_grad():
                found = _stack(init, DEEPEST, relu, batch_norm, seed)[1]
        means.append([_root_mean_square(x) for x in found])
        first = first or [x.flatten().numpy() for x in found]
    # The zeros of a ReLU would be one bar that makes all others small.
    shown = [x[x != 0].clip(-EDGE, EDGE) for x in first]
    counts = [np.histogram(x, BINS, (-EDGE, EDGE))[0] for x in shown]
    heights = [np.round(255 * c / c.max()).astype(np.uint8) for c in counts]
    beyond = [float(np.mean(np.abs(x) > EDGE)) for x in first]
    return np.mean(means, axis=0), np.array(heights), np.array(beyond)


def answer(settings: dict[str, Any]) -> dict[str, Any]:
    """The signal of all three initialisations, and how its numbers are spread in one layer.

    Parameters
    ----------
    settings : ``way``, "activations" or "gradients"; ``layer``, from 1; ``relu`` and
        ``batch_norm``; ``init``, the one that is told of
    """
    way, number = settings["way"], settings["layer"] - 1
    how = settings["relu"], settings["batch_norm"]
    found = {init: _measured(way, init, *how) for init in INITS}
    expected = {init: theory(way, init, DEEPEST, *how) for init in INITS}
    return {
        "measured": np.float32([found[init][0] for init in INITS]),
        "theory": np.float32([expected[init] for init in INITS]),
        "heights": np.array([found[init][1][number] for init in INITS]),
        "now": {init: float(found[init][0][number]) for init in INITS},
        "notes": {init: _note(*(part[number] for part in found[init])) for init in INITS},
        "headline": (said := _headline(settings, found, expected)),
        "because": (why := because(settings, found)),
        "said": f"{said} {why}",
    }


def because(settings: dict[str, Any], found: dict[str, Any]) -> str:
    """Why the numbers of this initialisation grow, die, or go on."""
    init, relu = settings["init"], settings["relu"]
    back, norm = settings["way"] == "gradients", settings["batch_norm"]
    if back and norm and relu:
        words = _(
            "With batch norm all three send back the same gradient. It grows × 1.21 a layer, "
            "because batch norm subtracts the mean of a ReLU's outputs and divides by what is "
            "left, which is less than their RMS."
        )
    elif back and norm:
        words = _(
            "With batch norm all three send back the same gradient, because batch norm divides "
            "by the size of the weights. Without a ReLU it keeps its size all the way."
        )
    elif back and relu:
        words = _(
            "Of a gradient with an RMS near 1, {end} comes back to layer 1. The factors are "
            "those of the activations, because going back it meets the same weights, and each "
            "ReLU passes only half of it."
        )
    elif back:
        words = _(
            "Of a gradient with an RMS near 1, {end} comes back to layer 1. The factors are "
            "those of the activations, because going back it meets the same weights."
        )
    elif norm:
        words = _(
            "Yes, and weights of any size: batch norm divides each channel by its own "
            "standard deviation, so their size cancels. All three initialisations reach layer "
            "{last} with an RMS of {end}."
        )
    elif init == "small":
        words = _(
            "Weights this small shrink the signal in every layer, and {end} is left after "
            "layer {last}. From numbers so small the last layers can learn next to nothing."
        )
    elif init == "he":
        words = _(
            "It makes up for the ReLU, which sets about half of all numbers to 0 and so halves "
            "their mean square. Variance 2/n doubles it again, and the signal keeps its size."
        ) if relu else _(
            "Without a ReLU nothing halves the mean square, so variance 2/n doubles it in each "
            "layer. The RMS grows × √2 ≈ 1.41 a layer, to {end} after layer {last}."
        )  # fmt: skip
    else:
        words = _(
            "Variance 1/n is made for layers without a ReLU. With one the mean square halves, "
            "so the RMS shrinks × √½ ≈ 0.71 a layer, to {end} after layer {last}."
        ) if relu else _(
            "Variance 1/n is just right here: a sum of n products has the mean square of one "
            "input, and there is no ReLU to halve it."
        )  # fmt: skip
    means = found[init][0]
    return words.format(last=DEEPEST, end=short(means[0] if back else means[-1]))


def _note(value: float, _heights: np.ndarray, beyond: float) -> str:
    note = _("RMS {value}").format(value=short(value))
    return note if beyond < 0.005 else note + _(", {n:.0%} beyond").format(n=beyond)


def _headline(settings: dict[str, Any], found: dict, expected: dict) -> str:
    init, number = settings["init"], settings["layer"] - 1
    means = found[init][0]
    factor = (means[-1] / means[0]) ** (1 / (DEEPEST - 1))
    factor = 1 / factor if settings["way"] == "gradients" else factor
    words = {
        "activations": _(
            "{name}. After layer {layer} the root mean square (RMS) is {value}; theory says "
            "{theory}. On average, each layer multiplies it by {factor:.2f}."
        ),
        "gradients": _(
            "{name}. The gradient that arrives at layer {layer} has a root mean square (RMS) "
            "of {value}; theory says {theory}. Going back, each layer multiplies it by "
            "{factor:.2f} on average."
        ),
    }
    return words[settings["way"]].format(
        name=INITS[init], layer=settings["layer"], value=short(means[number]),
        theory=short(expected[init][number]), factor=factor,
    )  # fmt: skip


def short(value: float) -> str:
    """Three digits, without a power of ten while that is readable.

    Examples
    --------
    >>> short(1024.2), short(0.00138), short(4.2e-16)
    ('1,024', '0.00138', '4.20 · 10⁻¹⁶')
    """
    if value >= 100:
        return f"{value:,.0f}"
    if value >= 1e-4:
        return f"{value:.3g}"
    digits, power = f"{value:.2e}".split("e")
    return f"{digits} · 10{str(int(power)).translate(RAISED)}"


def given() -> dict[str, Any]:
    """What holds for all settings."""
    powers = [
        [10.0**n, f"10{str(n).translate(RAISED)}" if n else "1"] for n in range(-16, 5, 4)
    ]
    edges = np.linspace(-EDGE, EDGE, BINS + 1).round(3).tolist()
    return {"inits": list(INITS), "layers": DEEPEST, "powers": powers, "edges": edges}


def questions() -> dict[str, dict[str, Any]]:
    """What to ask, and the settings that answer it."""
    return {
        _("What does He's 2 do?"): AT_END | {"init": "he"},
        _("And without ReLUs?"): AT_END | {"init": "he", "relu": False},
        _("Which gradient comes back to layer 1?"): FIRST | {"way": "gradients", "layer": 1},
        _("Does batch norm rescue small weights?"): AT_END
        | {"init": "small", "batch_norm": True},
    }


def recorded() -> Iterator[dict[str, Any]]:
    """What the book holds: all of it."""
    ways, both = ("activations", "gradients"), (True, False)
    for way, relu, norm, init in product(ways, both, both, INITS):
        for layer in range(1, DEEPEST + 1):
            yield {"init": init, "layer": layer, "way": way, "relu": relu, "batch_norm": norm}
