"""A window that slides over a small micrograph: each output number, and what it is made of.

Lesson 01's grid in numbers. Pixels are whole numbers from 0 (black) to 9 (white), so that a
learner can follow every sum by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from math import isqrt
from typing import Any

import numpy as np
from scipy import ndimage

from unet_teach.data.membranes import MembraneConfig, membrane_slice
from unet_teach.shapes import conv_out, dropped
from unet_teach.translation import _, _n

SIDE, LARGEST = 48, 12  # of the micrograph; of the piece of it that is shown as numbers
CORNER = (24, 20)  # of that piece: a wall runs through it
KERNELS = {  # what a new size begins with: brighter on the right than on the left?
    1: [2], 2: [-1, 1] * 2, 3: [-1, 0, 1] * 3, 4: [-1, -1, 1, 1] * 4, 5: [-1, -1, 0, 1, 1] * 5,
}  # fmt: skip
LINES, BLUR, SHARP = [1, 1, 1, 1, -8, 1, 1, 1, 1], [1] * 9, [0, -1, 0, -1, 5, -1, 0, -1, 0]
FIRST = {"n": 7, "kernel": KERNELS[3], "s": 1, "p": 0, "d": 1, "way": "sum"}


@lru_cache(maxsize=1)
def micrograph() -> np.ndarray:
    """A synthetic micrograph (48, 48) of whole numbers from 0 to 9."""
    fine, _labels = membrane_slice(0, 4 * SIDE, 6, MembraneConfig(magnification=(1.0, 1.0)))
    smooth = ndimage.gaussian_filter(fine.astype(float), 2)
    small = smooth.reshape(SIDE, 4, SIDE, 4).mean((1, 3))
    low, high = np.percentile(small, [2, 95])
    return np.clip(np.round(9 * (small - low) / (high - low)), 0, 9).astype(int)


def dark_line(degrees: float, size: int = 15) -> np.ndarray:
    """A kernel that answers to a dark line: the rest of its window minus a strip.

    Parameters
    ----------
    degrees : of the strip, which is three pixels wide; 0 is upright
    size : of the kernel in height and in width

    Returns
    -------
    float32 (size, size), negative in the strip and positive around it; the sum is 0

    Examples
    --------
    >>> (30 * dark_line(0, size=5)).round().astype(int).tolist()[0]
    [3, -2, -2, -2, 3]
    """
    rows, columns = np.indices((size, size)) - size // 2
    angle = np.deg2rad(degrees)
    strip = abs(columns * np.cos(angle) + rows * np.sin(angle)) <= 1.5
    return np.where(strip, -1 / strip.sum(), 1 / (~strip).sum()).astype(np.float32)


def image(n: int) -> np.ndarray:
    """The micrograph, or the n × n piece of it that is looked at in numbers."""
    row, column = CORNER
    return micrograph() if n == SIDE else micrograph()[row : row + n, column : column + n]


def reads(cell: int, k: int, s: int, d: int) -> list[int]:
    """Places of the padded input that an output cell reads, along one side.

    Examples
    --------
    >>> reads(1, k=3, s=2, d=1)
    [2, 3, 4]
    """
    return [cell * s + tap * d for tap in range(k)]


def answer(settings: dict[str, Any]) -> dict[str, Any]:
    """Slide a kernel over `image`.

    Parameters
    ----------
    settings : ``n`` (1 to 12, or 48), ``s``, ``p``, ``d``; ``kernel``, k² whole numbers row by
        row; ``way``, "sum" of the products, or "max" of the pixels (pooling)

    Returns
    -------
    m, k : sides of the output and of the kernel; lost: rows that no output reads
    input, output : rows of numbers; low, high: the output's smallest and largest
    taps : for each output cell the places of the padded input that it reads, along one side
    feeds : for each place of the padded input the output cells that read it
    read : (n, n), how many outputs read each pixel
    products : (m, m, k²), what is summed up for each output; not for the whole micrograph
    formula, notes, said : in words

    Examples
    --------
    >>> found = answer(FIRST)
    >>> found["m"], found["products"][0, 0].tolist(), found["output"][0][0]
    (5, [-2, 0, 7, -1, 0, 4, -4, 0, 1], 5)
    """
    n, s, p, d, way = (settings[name] for name in ("n", "s", "p", "d", "way"))
    if problem := cannot(settings):
        return {"problem": problem, "offers": list(offers(settings))}
    kernel = np.array(settings["kernel"])
    k = isqrt(kernel.size)
    m, whole = conv_out(n, k, s, p, d), n + 2 * p
    taps = [reads(cell, k, s, d) for cell in range(m)]
    feeds = [[cell for cell in range(m) if place in taps[cell]] for place in range(whole)]
    nothing = 0 if way == "sum" else -1  # a padded place is never the largest
    padded = np.pad(image(n), p, constant_values=nothing)
    at = np.array(taps)
    patches = padded[at[:, None, :, None], at[None, :, None, :]].reshape(m, m, k * k)
    products = patches * kernel
    output = products.sum(-1) if way == "sum" else patches.max(-1)
    counts = np.array([len(cells) for cells in feeds[p : p + n]])
    found = {
        "m": m, "k": k, "lost": dropped(n, k, s, p, d),
        "input": image(n).tolist(), "output": output.tolist(),
        "low": int(output.min()), "high": int(output.max()),
        "taps": taps, "feeds": feeds, "read": np.outer(counts, counts),
        "formula": formula(n, k, s, p, d), "notes": list(notes(n, k, s, p, d)),
    }  # fmt: skip
    if way == "sum" and n <= LARGEST:
        found["products"] = products
    said = _(
        "A {n} × {n} input, a {k} × {k} window, s = {s}, p = {p}, d = {d}: the output is "
        "{m} × {m}, with numbers from {low} to {high}."
    ).format(**found, n=n, s=s, p=p, d=d)
    return {**found, "said": " ".join([said, *found["notes"]])}


def cannot(settings: dict[str, Any]) -> str:
    """Why a window has no place in these settings; "" where it has."""
    n, s, p, d = (settings[name] for name in ("n", "s", "p", "d"))
    k = isqrt(len(settings["kernel"]))
    if k**2 != len(settings["kernel"]) or not k:
        words = _("a kernel has k × k numbers, for example 9, not {n}")
        return words.format(n=len(settings["kernel"]))
    if not (1 <= n <= LARGEST or n == SIDE) or min(s, d) < 1 or p < 0:
        words = _("n is 1 to {most}, or {side}; s and d are at least 1, p at least 0")
        return words.format(most=LARGEST, side=SIDE)
    if (reach := d * (k - 1) + 1) > n + 2 * p:
        return _n(
            "The window spans {n} pixel, the padded input only {whole}.",
            "The window spans {n} pixels, the padded input only {whole}.",
            reach, whole=n + 2 * p,
        )  # fmt: skip
    if settings["way"] == "max" and p > k // 2:
        return _("A pooling's window must reach the image: p is at most half of k.")
    return ""


def offers(settings: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Settings that work and differ in one lever, as little as possible."""
    larger = {"n": range(settings["n"] + 1, LARGEST + 1), "p": range(settings["p"] + 1, 4)}
    less = {"p": range(settings["p"] - 1, -1, -1), "d": range(settings["d"] - 1, 0, -1)}
    tries = [*larger.items(), *less.items()]
    tries.append(("kernel", [KERNELS[k] for k in range(5, 0, -1)]))
    for name, values in tries:
        for value in values:
            if not cannot(changed := {**settings, name: value}):
                shown = ("k", isqrt(len(value))) if name == "kernel" else (name, value)
                yield {**changed, "words": "{} = {}".format(*shown)}
                break


def formula(n: int, k: int, s: int, p: int, d: int) -> str:
    """The output size with its numbers; without a dilation it is shorter.

    Examples
    --------
    >>> formula(8, 3, 2, 0, 1)
    'm = ⌊(8 + 2·0 − 3) / 2⌋ + 1 = ⌊5 / 2⌋ + 1 = 3'
    >>> formula(8, 3, 2, 0, 2)
    'm = ⌊(8 + 2·0 − 2·(3 − 1) − 1) / 2⌋ + 1 = ⌊3 / 2⌋ + 1 = 2'
    """
    left = n + 2 * p - d * (k - 1) - 1
    spans = f"{k}" if d == 1 else f"{d}·({k} − 1) − 1"
    return (
        f"m = ⌊({n} + 2·{p} − {spans}) / {s}⌋ + 1 = ⌊{left} / {s}⌋ + 1 "
        f"= {conv_out(n, k, s, p, d)}"
    )


def notes(n: int, k: int, s: int, p: int, d: int) -> Iterator[str]:
    """What the marks in the input mean, where there are any."""
    if lost := dropped(n, k, s, p, d):
        yield _n(
            "Orange: rounding down drops {n}; no output reads the last row and column.",
            "Orange: rounding down drops {n}; no output reads the last {n} rows and columns.",
            lost,
        )
    if p:
        yield _("Blue rim: padding, not the image.")


def questions() -> dict[str, dict[str, Any]]:
    """Settings that answer a question, by the question."""
    return {
        _("Find the walls?"): {"n": SIDE, "kernel": LINES},
        _("Blur it?"): {"n": SIDE, "kernel": BLUR},
        _("Sharpen it?"): {"n": SIDE, "kernel": SHARP},
        _("Keep the size?"): {"p": 1},
        _("What does stride 2 skip?"): {"n": 8, "s": 2},
        _("Pool it?"): {"n": 8, "kernel": KERNELS[2], "s": 2, "way": "max"},
    }


def recorded() -> Iterator[dict[str, Any]]:
    """What the book holds: small levers together, any alone, and one number typed anew."""
    for n, k, s, p, d in product((5, 7, 8), (2, 3), (1, 2, 3), (0, 1), (1, 2)):
        for way in ("sum", "max"):
            yield {"n": n, "kernel": KERNELS[k], "s": s, "p": p, "d": d, "way": way}
    for n, s, p, d in product(range(1, LARGEST + 1), range(1, 4), range(3), range(1, 4)):
        yield from ({"n": n, "s": s, "p": p, "d": d, "way": way} for way in ("sum", "max"))
    for start in (FIRST, {**FIRST, "p": 1}, {**FIRST, "n": 8, "s": 2}):
        levers = {"n": range(1, LARGEST + 1), "s": range(1, 5), "p": range(4), "d": range(1, 4)}
        for name, values in {**levers, "kernel": KERNELS.values()}.items():
            yield from ({**start, name: value} for value in values)
    for kernel, (n, s, p) in product(
        (LINES, BLUR, SHARP), ((7, 1, 0), (7, 1, 1), (8, 2, 0), (SIDE, 1, 1), (SIDE, 2, 0))
    ):
        yield {"n": n, "kernel": kernel, "s": s, "p": p}
    yield from ({"n": SIDE, "kernel": KERNELS[k]} for k in KERNELS)
    yield {"n": SIDE, "kernel": KERNELS[2], "s": 2, "way": "max"}
    for place, number in product(range(9), range(-3, 4)):
        yield {"kernel": [*FIRST["kernel"][:place], number, *FIRST["kernel"][place + 1 :]]}
