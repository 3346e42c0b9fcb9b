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
from unet_teach.threads import one_thread
from unet_teach.translation import _

CHANNELS, SIDE, KERNEL = 64, 12, 3
FAN_IN = CHANNELS * KERNEL**2  # inputs of one unit
# Variance of the weights, by initialisation.
VARIANCES = {
    "small": 0.01**2,  # a standard deviation of 0.01, as networks had it before
    "xavier": 1 / FAN_IN,  # Glorot and Bengio 2010, for as many inputs as outputs
    "he": 2 / FAN_IN,  # He et al. 2015, made for the ReLU; the paper's section 3
    "half": 0.5 / FAN_IN,  # to try, below, between and above
    "between": 1.5 / FAN_IN,
    "triple": 3 / FAN_IN,
    "double": 4 / FAN_IN,
    **{f"{k:g}/n": k / FAN_IN for k in (1.25, 1.75, 2.25)},
}
INITS = {
    "small": _("Small: 0.06/n (standard deviation 0.01)"),
    "xavier": _("Xavier: 1/n (Glorot and Bengio, 2010)"),
    "he": _("He: 2/n (He and others, 2015)"),
}
SHORT = {"small": _("Small"), "xavier": _("Xavier"), "he": _("He"), "own": _("Yours")}
STARTS = sorted(VARIANCES, key=VARIANCES.__getitem__)  # of the lever
DEEPEST, SEEDS = 20, 3  # of the interactive
LOW, HIGH = 1e-5, 3e3  # of its chart; what is smaller counts as gone
STAYS = 2  # up to this factor from 1 a signal counts as one that stays
POWERS = range(-16, 5, 4)  # of ten, below its histograms
# Of its histograms, by size: half a power of ten each. Less than 0.5 % is below the lowest.
EDGES = 10.0 ** np.linspace(-18, 7, 51)
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
FIRST = {
    "init": "half", "layer": DEEPEST, "way": "activations", "relu": True, "batch_norm": False,
}  # fmt: skip


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
    init : "small", "xavier", "he", or one of the values between and beyond them
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


@one_thread()  # on any number of cores the same sums, in the same order
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
    """By layer: mean over the seeds, heights of the bins as uint8, fraction that is 0."""
    means, first = [], []
    for seed in range(SEEDS):
        if way == "gradients":
            found = gradients(init, DEEPEST, relu, batch_norm, seed)
        else:
            with torch.no_grad():
                found = _stack(init, DEEPEST, relu, batch_norm, seed)[1]
        means.append([_root_mean_square(x) for x in found])
        first = first or [x.flatten().numpy() for x in found]
    # The zeros of a ReLU have no place on an axis of powers of ten: they are told apart.
    counts = [np.histogram(np.abs(x), EDGES)[0] for x in first]
    # In steps of 8, which is about a pixel of a bar, because a recording packs them best.
    heights = [np.minimum(8 * np.round(32 * c / c.max()), 255).astype(np.uint8) for c in counts]
    zeros = [float(np.mean(x == 0)) for x in first]
    return np.mean(means, axis=0), np.array(heights), np.array(zeros)


def answer(settings: dict[str, Any]) -> dict[str, Any]:
    """The signal of three initialisations and of one's own, and its spread in one layer.

    Parameters
    ----------
    settings : ``way``, "activations" or "gradients"; ``layer``, from 1; ``relu`` and
        ``batch_norm``; ``init``, the one that is told of: if it is none of the three, there
        is a fourth line, "own"
    """
    way, number = settings["way"], settings["layer"] - 1
    how = settings["relu"], settings["batch_norm"]
    lines = {**{init: init for init in INITS}, line_of(settings["init"]): settings["init"]}
    found = {line: _measured(way, init, *how) for line, init in lines.items()}
    expected = {line: theory(way, init, DEEPEST, *how) for line, init in lines.items()}
    return {
        "measured": np.float32([found[line][0] for line in lines]),
        "theory": np.float32([expected[line] for line in lines]),
        "heights": np.array([found[line][1][number] for line in lines]),
        "now": {line: float(found[line][0][number]) for line in lines},
        "notes": {line: _note(*(part[number] for part in found[line])) for line in lines},
        "ends": {
            line: _fate(line, found[line][0][0 if way == "gradients" else -1]) for line in lines
        },
        "line": line_of(settings["init"]),
        "seen": [line for line, init in lines.items() if _is_seen(settings, init)],
        # so that lines on one another are all seen
        "dashes": [None, "0 12 12 24", "0 24 12 12", "0 36 12 0"] if how[1] else [None] * 4,
        "spread": (
            _("How large are the gradients at layer {n}? (bars: how many)")
            if way == "gradients"
            else _("How large are the values after layer {n}? (bars: how many)")
        ).format(n=settings["layer"]),
        "caption": _("RMS, the typical size of a gradient, by layer")
        if way == "gradients"
        else _("RMS, the typical size of a value, by layer"),
        "key": _(
            "grey band: stays (within a factor of 2 of 1) · below 10⁻⁵: gone · dashed: theory"
        )
        + _about_theory(way, *how)
        + _(" · n\u00a0=\u00a0576"),
        "headline": (said := _headline(settings, found, expected)),
        "because": (why := because(settings, found)),
        "said": f"{said} {why}",
    }


def line_of(init: str) -> str:
    """Which line a start has: one of the three, or "own"."""
    return init if init in INITS else "own"


def _about_theory(way: str, relu: bool, batch_norm: bool) -> str:
    if batch_norm:
        return _(" · with batch norm the lines of all starts lie on one another")
    if way == "gradients":
        return _(", the mean over all networks")
    few = _(", the mean over all networks; a few large ones raise it, so most end lower")
    return few if relu else ""


def _is_seen(settings: dict[str, Any], init: str) -> bool:
    """Which start is the right one is to be found: only with batch norm are all the same."""
    return settings["batch_norm"] or init in ("small", settings["init"])


def because(settings: dict[str, Any], found: dict[str, Any]) -> str:
    """Why the numbers of this initialisation grow, die, or go on."""
    init, relu = settings["init"], settings["relu"]
    back, norm = settings["way"] == "gradients", settings["batch_norm"]
    factor = FAN_IN * VARIANCES[init] * (0.5 if relu else 1)  # of the mean square
    at, line = 0 if back else -1, line_of(init)  # where the way ends
    ends = {line: short(part[0][at]) for line, part in found.items()}
    if back and norm and relu:
        words = _(
            "Batch norm cancels the weights' size, so no gradient vanishes. But it grows × "
            "√(0.5 / {v:.2f}) = {g:.2f} a layer, to {end} at layer 1: the ReLU halves its mean "
            "square, and batch norm divides it by the signal's variance, {v:.2f} after a ReLU."
        )
    elif back and norm:
        words = _(
            "Batch norm divides a gradient by the size of the weights, too, so that size "
            "cancels and no gradient vanishes. Without a ReLU to halve it, it stays at {end}."
        )
    elif back and init not in INITS:
        words = _(
            "A gradient goes back through the same weights, so variance {k:g}/n multiplies its "
            "mean square by {k:g}, too, and the ReLU halves it. In theory each layer "
            "multiplies its RMS by √{f:g} = {r:.2f}. With which variance is this factor 1?"
        ) if relu else _(
            "A gradient goes back through the same weights, so in theory variance {k:g}/n "
            "multiplies its mean square by {k:g} in each layer, too, and its RMS by √{f:g} = "
            "{r:.2f}. With which variance is this factor 1?"
        )  # fmt: skip
    elif back and init == "small":
        words = _(
            "Weights this small shrink a gradient, too, in every layer: only {end} comes back "
            "to layer 1. Gradient descent changes weights in proportion to their gradient, so "
            "layer 1 hardly learns."
        )
    elif back and init == "he":
        words = _(
            "Backwards, too, each gradient is a sum of products with the same weights, and the "
            "ReLU again lets half of it through. So the same 2 balances it: at layer 1 He's "
            "RMS is still {he}, while Small's is {small}."
        ) if relu else _(
            "Without a ReLU nothing halves a gradient's mean square, so variance 2/n doubles "
            "it in each layer. Its RMS grows × √2 ≈ 1.41 a layer, to {end} at layer 1: the "
            "gradient explodes."
        )  # fmt: skip
    elif back:
        words = _(
            "Variance 1/n keeps a gradient's mean square in each sum of products, but the ReLU "
            "lets only half of it through. So its RMS shrinks × √½ ≈ 0.71 a layer, and {end} "
            "comes back to layer 1."
        ) if relu else _(
            "A gradient is a sum of n products with the same weights, too. Variance 1/n keeps "
            "its mean square, and no ReLU halves it, so at layer 1 Xavier's RMS is still {end}."
        )  # fmt: skip
    elif norm:
        words = _(
            "Batch norm rescues weights of any size: it divides each channel by its own "
            "standard deviation, so their size cancels. All starts reach layer "
            "{last} with an RMS of {end}. Now look at the gradients."
        )
    elif init not in INITS:
        words = _(
            "Variance {k:g}/n multiplies the mean square by {k:g}, and the ReLU halves it, so "
            "in theory each layer multiplies it by {f:g}, and its root, the RMS, by √{f:g} = "
            "{r:.2f}. With which variance is this factor 1?"
        ) if relu else _(
            "Variance {k:g}/n multiplies the mean square by {k:g} in each layer in theory, and "
            "its root, the RMS, by √{f:g} = {r:.2f}. With which variance is this factor 1?"
        )  # fmt: skip
    elif init == "small":
        words = _(
            "Weights this small shrink the signal in every layer, and {end} is left after "
            "layer {last}. From numbers so small the last layers can learn next to nothing."
        )
    elif init == "he":
        words = _(
            "Variance 2/n, the rule of Kaiming He and others (2015): the ReLU sets about half "
            "of all numbers to 0, which halves the mean square, and the 2 doubles it again, so "
            "on average the signal keeps its size."
        ) if relu else _(
            "Without a ReLU nothing halves the mean square, so variance 2/n doubles it in each "
            "layer: the RMS grows × √2 ≈ 1.41 a layer, to {end} after layer {last}. Which "
            "variance keeps it?"
        )  # fmt: skip
    else:
        words = _(
            "Variance 1/n, the rule of Xavier Glorot and Yoshua Bengio (2010), is made for "
            "layers without a ReLU. With one the mean square halves, so the RMS shrinks × √½ ≈ "
            "0.71 a layer, to {end} after layer {last}."
        ) if relu else _(
            "Variance 1/n, the rule of Xavier Glorot and Yoshua Bengio (2010), is just right "
            "here: a sum of n products has the mean square of one input, and there is no ReLU "
            "to halve it."
        )  # fmt: skip
    return words.format(
        last=DEEPEST, end=ends[line], k=round(FAN_IN * VARIANCES[init], 2), f=round(factor, 3),
        r=factor**0.5, v=0.5 - 0.5 / math.pi, g=(math.pi / (math.pi - 1)) ** 0.5, **ends,
    )  # fmt: skip


def names() -> dict[str, str]:
    """Each start of the lever in words, short enough to stand beside it."""
    known = {init: f"{_variance(init)} ({SHORT[init]})" for init in INITS}
    return {init: _variance(init) for init in STARTS} | known


def _variance(init: str) -> str:
    return f"{round(FAN_IN * VARIANCES[init], 2):g}/n"


def _note(value: float, _heights: np.ndarray, zeros: float) -> str:
    note = _("RMS {value}").format(value=short(value))
    zero = _(" · {n:.0f} % exactly 0 (ReLU)").format(n=100 * zeros)
    return note + zero if zeros > 0.005 else note


def _fate(init: str, end: float) -> str:
    """What has become of a signal of about 1 at the end of its way, on the chart or off it."""
    words = {
        LOW: _("{name}: gone\n↓ {end}"),
        1 / STAYS: _("{name}: fades"),
        STAYS: _("{name}: stays"),
        HIGH: _("{name}: grows"),
    }
    fate = next((words[most] for most in words if end < most), _("{name}: grows ↑"))
    digit, power = f"{end:.0e}".split("e")
    return fate.format(name=SHORT[init], end=f"{digit} · {_power(int(power))}")


def _headline(settings: dict[str, Any], found: dict, expected: dict) -> str:
    """One layer's RMS, measured and by theory, and the factor of the layers passed so far."""
    init, number = line_of(settings["init"]), settings["layer"] - 1
    is_back = settings["way"] == "gradients"
    passed = DEEPEST - 1 - number if is_back else number + 1
    factors = []
    for values in (found[init][0], expected[init]):
        start = values[-1] if is_back else 1.0  # the input's mean square is 1
        factors.append((values[number] / start) ** (1 / max(passed, 1)))
    if is_back:
        words = _(
            "{name}, variance {variance}. The gradient that arrives at layer {layer} has an "
            "RMS of {value} (theory: {theory}). "
        )
    else:
        words = _(
            "{name}, variance {variance}. After layer {layer} the RMS is {value} (theory: "
            "{theory}). "
        )
    if not passed:
        words += _("It starts here.")
    elif settings["batch_norm"] and not is_back:
        words += _("Batch norm brings it back to this size after each layer.")
    elif passed == 1:
        words += _("The one layer so far multiplied it by {factor:.2f} (theory: {due:.2f}).")
    else:
        words += _(
            "On average, each of the {passed} layers so far multiplied it by {factor:.2f} "
            "(theory: {due:.2f})."
        )
    return words.format(
        name=SHORT[init], variance=_variance(settings["init"]), layer=settings["layer"],
        value=short(found[init][0][number]), theory=short(expected[init][number]),
        passed=passed, factor=factors[0], due=factors[1],
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
    return f"{digits} · {_power(int(power))}"


def _power(n: int) -> str:
    return f"10{str(n).translate(RAISED)}"


def given() -> dict[str, Any]:
    """What holds for all settings."""
    sizes = [[10.0**n, _power(n) if n else "1"] for n in POWERS]
    powers = [[10.0**n, _power(n) if n < -1 else f"{10.0**n:g}"] for n in range(-5, 4)]
    powers.append([HIGH, ""])
    # Stops between are not named: there is no room for them on a phone.
    marks = [
        ["" if init.endswith("/n") else _variance(init), SHORT.get(init, "")] for init in STARTS
    ]
    edges = [float(f"{edge:.4g}") for edge in EDGES]
    titles = INITS | {"own": SHORT["own"]}
    return {"inits": list(titles), "starts": STARTS, "marks": marks, "layers": DEEPEST,
            "powers": powers, "sizes": sizes, "edges": edges, "titles": titles}  # fmt: skip


def questions() -> dict[str, dict[str, Any]]:
    """What to ask, and the settings that answer it."""
    return {
        _("Can you make a line flat?"): FIRST | {"init": "between"},
        _("What balances the ReLU?"): FIRST | {"init": "he"},
        _("And without ReLUs?"): FIRST | {"init": "he", "relu": False},
        _("Which gradient comes back to layer 1?"): FIRST
        | {"init": "he", "way": "gradients", "layer": 1},
        _("Does batch norm rescue small weights?"): FIRST
        | {"init": "small", "batch_norm": True},
    }


def recorded() -> Iterator[dict[str, Any]]:
    """What the book holds: all of it."""
    ways, both = ("activations", "gradients"), (True, False)
    for way, relu, norm, init in product(ways, both, both, STARTS):
        for layer in range(1, DEEPEST + 1):
            yield {"init": init, "layer": layer, "way": way, "relu": relu, "batch_norm": norm}
