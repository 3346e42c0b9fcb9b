"""What an upsampler makes of a constant map: overlap and ripple. Lesson 04.

At the end the explorer's `answer`: what each input pixel paints, and what becomes of an image.

Odena, Dumoulin and Olah, "Deconvolution and Checkerboard Artifacts", Distill 2016.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from unet_teach.config import one_of, whole
from unet_teach.data.membranes import MembraneConfig, membrane_slice
from unet_teach.translation import _, _n

KINDS = ("transposed", "nearest", "bilinear", "pixel_shuffle")
CHANNELS, SIDE = 16, 24  # of the constant map; the side of what is looked at
LEAST = 1e-6  # paint that is none: float32 rounds where bilinear weights are 0
PAINTERS, IMAGE = 4, 24  # sides of the explorer's small grid and of its image
LIGHTEST = 23  # of the image's greys, from 0
SEED = 25  # of the explorer's random kernels: all sums are above 0, so that light stays light
FIRST = {"kind": "transposed", "k": 3, "s": 2, "uniform": True}


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


def phases(maps: Tensor) -> Tensor:
    """The four places in a 2 × 2 block, one map each: (…, H, W) to (4, …, H / 2, W / 2).

    Examples
    --------
    >>> phases(torch.tensor([[1, 2], [3, 4]])).flatten().tolist()
    [1, 2, 3, 4]
    """
    return torch.stack([maps[..., a::2, b::2] for a in (0, 1) for b in (0, 1)])


def grid(maps: Tensor) -> Tensor:
    """How much of each map's standard deviation a grid of period 2 makes, from 0 to 1.

    The standard deviation of the means of its four phases, over that of all its pixels.

    Parameters
    ----------
    maps : (C, H, W), H and W even

    Returns
    -------
    (C,)

    Examples
    --------
    >>> grid(torch.tensor([[[0.0, 1.0], [0.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]]])).tolist()
    [1.0, 0.0]
    """
    deviation = maps.std((1, 2), unbiased=False)
    return phases(maps).mean((2, 3)).std(0, unbiased=False) / deviation.clamp(min=LEAST)


def pushes(maps: Tensor, weight: Tensor) -> Tensor:
    """How far each map's grid moves the four phases of a weighted sum of maps from their mean.

    Parameters
    ----------
    maps : (C, H, W), H and W even
    weight : (C,), of a 1 × 1 convolution with one output

    Returns
    -------
    (4, C); what is left of the grid in the sum is the sum over C

    Examples
    --------
    >>> stripes = torch.tensor([[0.0, 2.0], [0.0, 2.0]])
    >>> pushes(torch.stack([stripes, stripes]), torch.tensor([1.0, -1.0])).tolist()
    [[-1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, -1.0]]
    """
    means = phases(maps).mean((2, 3))
    return (means - means.mean(0)) * weight


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
    counts = (found.amax(dim=1) > LEAST).sum(dim=0).numpy()  # by output column
    start = (len(counts) - side) // 2
    start -= start % s
    inside = counts[start : start + side]
    return np.outer(inside, inside)  # rows and columns alike


def used(kind: str, k: int, s: int, side: int = 4) -> np.ndarray:
    """Which of the k × k weights make each output pixel: (side, side, k, k), bool.

    Asked of the gradient, away from the border; not for pixel shuffle.

    Examples
    --------
    >>> used("transposed", 3, 2).sum((2, 3))[:2, :2].tolist(), used("nearest", 3, 2).all()
    ([[4, 2], [2, 1]], np.True_)
    """
    weight = new_weight(kind, k, s, uniform=True, channels=1).requires_grad_()
    found = upsampled(kind, torch.ones(1, 1, side + 2 * k, side + 2 * k), weight, s)[0, 0]
    start = s * k  # of phase 0
    asked = found[start : start + side, start : start + side].flatten()
    each = [torch.autograd.grad(pixel, weight, retain_graph=True)[0] for pixel in asked]
    return torch.stack(each).view(side, side, k, k).numpy() > LEAST


# ----------------------------------------------------------------------------- the explorer
def painted(kind: str, k: int, s: int) -> np.ndarray:
    """Where each pixel of a 4 × 4 map paints, its border included: (16, H, W), bool.

    Examples
    --------
    >>> painted("transposed", 3, 2).sum(axis=0)[0].tolist()
    [1, 1, 2, 1, 2, 1, 2, 1, 1]
    """
    weight = new_weight(kind, k, s, uniform=True, channels=1)
    count = PAINTERS**2
    units = torch.eye(count).reshape(count, 1, PAINTERS, PAINTERS)
    with torch.no_grad():
        return (upsampled(kind, units, weight, s)[:, 0] > LEAST).numpy()


def amounts(kind: str, k: int, s: int) -> tuple[np.ndarray, list[float]]:
    """What random weights add up to at each output pixel, as the inputs paint in turn.

    Returns
    -------
    (16, H, W), uint8 : places in the list, after the first, first two, … inputs; 0: not painted
    list : the sums, to a tenth, ascending from the second on; the first is 0
    """
    weight = new_weight(kind, k, s, seed=SEED, channels=1)
    units = torch.eye(PAINTERS**2).reshape(-1, 1, PAINTERS, PAINTERS)
    with torch.no_grad():
        parts = upsampled(kind, units, weight, s)[:, 0].double().numpy()
    tenths = np.round(10 * parts.cumsum(axis=0)).astype(int)
    bare = painted(kind, k, s).cumsum(axis=0) == 0
    values = np.unique(tenths[~bare])
    places = np.where(bare, 0, 1 + np.searchsorted(values, tenths)).astype(np.uint8)
    return places, [0.0, *(values / 10).tolist()]


@lru_cache(maxsize=1)
def picture() -> torch.Tensor:
    """A small synthetic micrograph, (1, 1, 24, 24), from 0 to 1."""
    fine, _labels = membrane_slice(0, 4 * IMAGE, 6, MembraneConfig(magnification=(1.0, 1.0)))
    small = fine.reshape(IMAGE, 4, IMAGE, 4).mean((1, 3))
    low, high = np.percentile(small, [2, 98])
    return torch.from_numpy(np.clip((small - low) / (high - low), 0, 1)).float()[None, None]


def enlarged(kind: str, k: int, s: int, uniform: bool) -> np.ndarray:
    """The micrograph by an untrained upsampler: its darkest is 0, its brightest `LIGHTEST`."""
    weight, side = new_weight(kind, k, s, uniform, SEED, channels=1), s * (IMAGE - 1)
    with torch.no_grad():
        found = upsampled(kind, picture(), weight, s)[0, 0, :side, :side].numpy()
    shares = (found - found.min()) / max(float(np.ptp(found)), 1e-9)
    return np.round(LIGHTEST * shares).astype(np.uint8)


def names() -> dict[str, str]:
    """The four ways in words."""
    return {
        "transposed": _("transposed"), "nearest": _("nearest, conv"),
        "bilinear": _("bilinear, conv"), "pixel_shuffle": _("pixel shuffle"),
    }  # fmt: skip


def answer(settings: dict[str, Any]) -> dict[str, Any]:
    """What each input pixel paints, what a constant map becomes, and what an image.

    Parameters
    ----------
    settings : ``kind``, one of `KINDS`; ``k``, the kernel's side, 1 to 6; ``s``, the factor, 2
        to 4; ``uniform``, whether all weights are equal, or new ones (He)

    Returns
    -------
    after : (16, H, W), how often each output pixel is painted by the first, first two, … inputs
    paint, numbers, depth : of random weights what they add up to instead, see `amounts`; else
        None. What a number of ``after`` or ``paint`` says, and how deep its blue is, 0 to 1
    name, table, legend : in words, the way with its ripple, and what those numbers are
    foot : for each input the top, left, height and width of what it paints
    response : (24, 24), the output if all inputs are 1
    scale, ends : the two numbers that are black and white: as far from its mean; in words
    level : whether it is flat, in words
    ripple : of it, see `ripple`
    ripples, images : of each kind: its ripple, and `enlarged`
    verdict, because, said : in words

    Examples
    --------
    >>> found = answer(FIRST)
    >>> found["foot"][5], found["level"], found["verdict"][33:]
    ([2, 2, 3, 3], 'uneven: from 0.44 to 1.78', 'are painted 1, 2, 4 times, in turn.')
    """
    kind, k, s, uniform = (settings[name] for name in ("kind", "k", "s", "uniform"))
    if kind not in KINDS or not 1 <= k <= 6 or not 2 <= s <= 4:
        words = _("{kind}, k = {k}, s = {s}; valid are k of 1 to 6, s of 2 to 4")
        return {"problem": words.format(kind=kind, k=k, s=s), "offers": [dict(FIRST)]}
    spots = painted(kind, k, s)
    feet = []
    for spot in spots:
        rows, columns = np.flatnonzero(spot.any(1)), np.flatnonzero(spot.any(0))
        feet.append(
            [int(rows[0]), int(columns[0]), int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1]
        )
    after = spots.cumsum(axis=0).astype(np.uint8)
    maps = {each: constant_response(each, k, s, uniform, SEED, channels=1) for each in KINDS}
    response = maps[kind][0]
    ripples = [ripple(each) for each in maps.values()]
    found = {
        "after": after, "foot": feet, "response": response, **looks(response, uniform),
        "ripple": ripple(maps[kind]), "ripples": ripples,
        "name": _("{name}, k = {k}, s = {s}: ripple {ripple:.2f}").format(
            name=names()[kind], k=k, s=s, ripple=ripple(maps[kind])
        ),
        "images": np.array([enlarged(each, k, s, uniform) for each in KINDS]),
        "verdict": verdict(kind, k, s),
    }  # fmt: skip
    if uniform:
        paint, sums = None, list(range(int(after.max()) + 1))
        table = _("output: how often is each pixel painted?")
        legend = _("Stronger blue: more often. Pale red: never.")
    else:
        paint, sums = amounts(kind, k, s)
        table = _("output: sum of each pixel's weights")
        legend = _("Stronger blue: larger. Pale red: never painted.")
    low = 0 if uniform else min(sums[1:])
    depth = [round((each - low) / (max(sums) - low or 1), 2) for each in sums]
    numbers = [str(each) if uniform else signed(each, 1) for each in sums]
    found |= {"paint": paint, "numbers": numbers, "depth": depth, "table": table}
    why = because(kind, k, s, uniform, response)
    said = f"{found['verdict']} {table} {found['level']}. {why}"
    return {**found, "legend": legend, "because": why, "said": said}


def looks(response: np.ndarray, uniform: bool) -> dict[str, Any]:
    """How a response is shown: a scale about its mean, which is mid-grey, and what it is."""
    low, high, mean = (float(f(response)) for f in (np.min, np.max, np.mean))
    span = 1.0 if uniform else max(1.0, high - mean, mean - low)
    ends = [signed(mean - span), signed(mean + span)]
    ends[0] = f"≤ {ends[0]}" if low < mean - span - 0.005 else ends[0]
    ends[1] = f"≥ {ends[1]}" if high > mean + span + 0.005 else ends[1]
    level = _("uneven: from {low} to {high}")
    if is_flat(response):
        level = _("flat: every pixel {mean}, no checkerboard")
    level = level.format(low=signed(low), high=signed(high), mean=signed(mean))
    return {"scale": [mean - span, mean + span], "ends": ends, "level": level}


def is_flat(response: np.ndarray) -> bool:
    """Whether a response is constant, but for rounding in float32."""
    return ripple(response[None]) < 5e-4


def signed(number: float, digits: int = 2) -> str:
    """A number in words, with a real minus."""
    return f"{number + 0.0:.{digits}f}".replace("-", "−")


def because(kind: str, k: int, s: int, uniform: bool, response: np.ndarray) -> str:
    """Why there is a pattern, or why there is none."""
    counts, even = {int(n) for n in overlap(kind, k, s).ravel()}, ""
    if kind in ("nearest", "bilinear"):
        words = _(
            "Yes, that helps with any weights: once the map is enlarged, the same {k} × {k} "
            "weights make every output pixel. If all inputs are 1, each gets the same "
            "sum, {mean}."
        )
    elif k < s and kind == "transposed":
        words = _(
            "A patch is {k} pixels wide, but patches start {s} pixels apart. So {bare} of "
            "every {s} rows and columns are never painted, and no training can change that."
        )
    elif not uniform:
        even = _n("Every pixel is painted once", "Every pixel is painted {n} times",
                  max(counts))  # fmt: skip
        if len(counts) > 1:
            even = _("The {k} × {k} patches overlap unevenly").format(k=k)
        words = _(
            "{even}, and each place in a block of {s} × {s} output pixels has random weights "
            "of its own. Their sums differ, from {low} to {high}: a pattern."
        )
        if len(counts) == 1:
            words = _(
                "{even}, but not with the same weights: in a block of {s} × {s} output pixels "
                "each place has random ones of its own. Their sums differ, from {low} to "
                "{high}: a pattern."
            )
    elif kind == "pixel_shuffle":
        words = _(
            "No pattern with equal weights: all output pixels are painted equally often, so "
            "each one gets the same sum. Random weights would differ from place to place."
        )
    elif k == s:
        words = _(
            "No pattern with equal weights: patches of {k} × {k} pixels start {s} apart, so "
            "they tile the output. Each pixel is painted once, and gets the same sum."
        )
    elif k % s == 0:
        words = _(
            "Yes, with equal weights: the {k} × {k} patches overlap, but evenly, because {k} "
            "is {times} × {s}. Away from the edge each pixel gets {n} equal parts, and so the "
            "same sum."
        )
    else:
        words = _(
            "{k} isn't a multiple of {s}, so the {k} × {k} patches overlap unevenly. Where "
            "more of them meet, the same 1s add up to more, and a checkerboard remains."
        )
    numbers = {"low": response.min(), "high": response.max(), "mean": response.mean()}
    return words.format(
        k=k, s=s, bare=s - k, times=k // s, n=(k // s) ** 2, even=even,
        **{name: signed(float(number)) for name, number in numbers.items()},
    )  # fmt: skip


def verdict(kind: str, k: int, s: int) -> str:
    """How often an output pixel is painted, away from the border, in words."""
    counts = sorted({int(count) for count in overlap(kind, k, s).ravel()})
    if len(counts) == 1:
        return _n("Away from the edge every output pixel is painted once.",
                  "Away from the edge every output pixel is painted {n} times.",
                  counts[0])  # fmt: skip
    words = _("Away from the edge output pixels are painted {listed} times, in turn.")
    return words.format(listed=", ".join(map(str, counts)))


def questions() -> dict[str, dict[str, Any]]:
    """Settings that answer a question, by the question."""
    return {
        _("And U-Net's own, k = 2?"): {"k": 2},
        _("Does it help that s divides k?"): {"k": 4},
        _("With random weights, too?"): {"k": 4, "uniform": False},
        _("Interpolate first?"): {"kind": "bilinear", "uniform": False},
        _("Which pixels stay bare?"): {"k": 2, "s": 3},
    }


def recorded() -> Iterator[dict[str, Any]]:
    """What the book holds: everything."""
    for kind, k, s in product(KINDS, range(1, 7), range(2, 5)):
        yield from ({"kind": kind, "k": k, "s": s, "uniform": equal} for equal in (True, False))
