"""A window that slides over a small micrograph: each output number, and what it is made of.

Lesson 01's grid in numbers. Pixels are whole numbers from 0 (black) to 9 (white), so that a
learner can follow every sum by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import isqrt
from typing import Any

import numpy as np
from scipy import ndimage

from unet_teach.data.membranes import MembraneConfig, membrane_slice
from unet_teach.shapes import conv_out, dropped
from unet_teach.translation import _, _n

SIDE, LARGEST = 48, 12  # of the micrograph; of the piece of it that is shown as numbers
MOST = 9  # that a hand can type into the kernel
CORNER = (24, 20)  # of that piece: a wall runs through it
KERNELS = {  # what a new size begins with: brighter on the right than on the left?
    1: [2], 2: [-1, 1] * 2, 3: [-1, 0, 1] * 3, 4: [-1, -1, 1, 1] * 4, 5: [-1, -1, 0, 1, 1] * 5,
}  # fmt: skip
STOPS = {
    "n": range(1, LARGEST + 1),
    "k": range(1, 6),
    "s": range(1, 5),
    "p": range(4),
    "d": range(1, 4),
}
LINES, BLUR, SHARP = [1, 1, 1, 1, -8, 1, 1, 1, 1], [1] * 9, [0, -1, 0, -1, 9, -1, 0, -1, 0]
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
    """Slide a kernel over `image`. ``answer.js`` computes the same in a page without a kernel.

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
    products : for each of the kernel's k² numbers (m, m), what it adds to each output; not for
        the whole micrograph
    shade : the ends of the output's colours: from 0 they are greys, else blue and orange
    formula, notes, shade_words, because, said : in words

    Examples
    --------
    >>> found = answer(FIRST)
    >>> found["m"], [grid[0][0] for grid in found["products"]], found["output"][0][0]
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
        found["products"] = np.moveaxis(products, -1, 0).tolist()  # so it is recorded small
    found["shade"], found["shade_words"] = shade(kernel, output, way)
    found["because"] = because(settings, found)
    said = sentences()["said"].format(**found, n=n, s=s, p=p, d=d)
    return {**found, "said": " ".join([said, *found["notes"], found["because"]])}


def shade(kernel: np.ndarray, output: np.ndarray, way: str) -> tuple[list[int], str]:
    """Which number has which colour, so that an even patch keeps its grey wherever it can.

    Examples
    --------
    >>> shade(np.array(BLUR), np.array([[42]]), "sum")
    ([0, 81], 'Black is 0, white is 81; in the input white is 9.')
    """
    says, total = sentences(), 1 if way == "max" else int(kernel.sum())
    if total <= 0:
        most = int(abs(output).max()) or 1
        return [-most, most], says["signed"]
    if way == "sum" and kernel.min() < 0:
        words = says["clipped"]
    else:
        words = says["same" if total == 1 else "white"]
    return [0, 9 * total], words.format(most=9 * total)


def because(settings: dict[str, Any], found: dict[str, Any]) -> str:
    """What the window does here, and why, in two sentences."""
    n, s, p, d = (settings[name] for name in ("n", "s", "p", "d"))
    kernel, k, m = settings["kernel"], found["k"], found["m"]
    reach = d * (k - 1) + 1
    free = n + 2 * p - reach  # places of the window after the first, one pixel apart
    used = [weight for weight in kernel if weight]
    numbers = {"n": n, "k": k, "s": s, "p": p, "m": m, "cost": reach - 1, "free": free,
               "places": free + 1, "skipped": free + 1 - m, "five": 5 * sum(kernel),
               "total": sum(kernel), "weight": used[0] if used else 0}  # fmt: skip
    numbers = {name: str(number).replace("-", "−") for name, number in numbers.items()}
    says = sentences()
    reasons = [says[reason] for reason in _reasons(settings, k, m, free)]
    return " ".join(reasons).format(**numbers)


def _reasons(settings: dict[str, Any], k: int, m: int, free: int) -> list[str]:
    """Which of the `sentences` say why; ``answer.js`` chooses in the same way."""
    n, s, p, d, kernel = (settings[name] for name in ("n", "s", "p", "d", "kernel"))
    if settings["way"] == "max":
        if m == 1:
            return ["pooled"]
        return ["pooled", "apart" if s > d * (k - 1) else "overlap"]
    named = {tuple(LINES): "lines", tuple(BLUR): "blur", tuple(SHARP): "sharp"}
    if d == 1 and (name := named.get(tuple(kernel))):
        return [name]
    used = [place for place, weight in enumerate(kernel) if weight]
    if not used:
        return ["zeros"]
    if len(used) == 1:
        return ["copies" if 2 * used[0] + 1 == k * k else "moves"]
    if m == n and p and s == 1:
        return ["keeps"]
    if s > 1 and free:
        return ["skips", "edge"] if free % s else ["skips"]
    if kernel == KERNELS[k]:
        return ["right"]
    return ["total" if sum(kernel) else "even"]


def sentences() -> dict[str, Any]:
    """All that an answer says, with holes; for a page without a kernel, too."""
    return {
        "said": _(
            "A {n} × {n} input, a {k} × {k} window, s = {s}, p = {p}, d = {d}: the output is "
            "{m} × {m}, with numbers from {low} to {high}."
        ),
        "signed": _("Orange is above 0, blue below."),
        "same": _("Black is 0, white is 9, as in the input."),
        "white": _("Black is 0, white is {most}; in the input white is 9."),
        "clipped": _("Black is 0 or less, white {most} or more."),
        "pooled": _(
            "{n} × {n} becomes {m} × {m}: of each window only the largest number stays."
        ),
        "apart": _(
            "The window moves as far as it is wide, or further, so no pixel is read twice."
        ),
        "overlap": _("The window moves less far than it is wide, so windows overlap."),
        "lines": _(
            "Yes, in orange: the kernel adds the 8 neighbours and subtracts the pixel 8 times. "
            "On a dark wall the neighbours are brighter, so the sum is above 0; on an even "
            "patch it is 0."
        ),
        "blur": _(
            "Yes: each output is the sum of nine pixels, so a single one counts little, and "
            "the grain gets weaker. A ninth of the sum is their mean, which the greys "
            "show."
        ),
        "sharp": _(
            "Yes: nine times the pixel minus its four neighbours. An even patch becomes 5 "
            "times as bright (9 − 4), but a pixel's difference from its neighbours counts 9 "
            "times, so walls and grain stand out."
        ),
        "zeros": _("All weights are 0, so every output is 0, whatever the image shows."),
        "copies": _(
            "Only the weight in the middle is not 0, so each output is {weight} times the "
            "pixel in the middle of its window."
        ),
        "moves": _(
            "Only one weight is not 0, so each output is {weight} times one pixel of its "
            "window. That pixel is not in the middle, so the picture moves."
        ),
        "keeps": _(
            "Yes, with p = {p}: {n} stays {m}. The window costs {cost} pixels in height and in "
            "width, because it has to fit in, and {p} at each edge make up for them."
        ),
        "skips": _(
            "It skips {skipped} of the {places} places in height and in width, because the "
            "window moves {s} pixels at a time."
        ),
        "edge": _(
            "{free} is no multiple of {s}, so no window reaches the right and lower edge."
        ),
        "right": _(
            "This kernel takes the right of the window minus its left. So an output is above "
            "0, orange, where the picture gets brighter to the right, and blue where it gets "
            "darker."
        ),
        "total": _(
            "The weights add up to {total}, so where the image has the same number everywhere, "
            "say 5, the output is {total} × 5 = {five}."
        ),
        "even": _(
            "The weights add up to 0, so an even patch becomes 0, whatever its grey: only "
            "differences between pixels are left."
        ),
        "rim": _("Blue rim: padding, not the image."),
        "reach": _("A pooling's window must reach the image: p is at most half of k."),
        "lost": [_lost(count) for count in range(4)],
        "spans": [_spans(reach, "{whole}") for reach in range(14)],
    }


def given() -> dict[str, Any]:
    """What holds for all settings: the micrograph, the kernels that have a name, the words."""
    return {
        "stops": {name: list(values) for name, values in STOPS.items()}, "side": SIDE,
        "kernels": [KERNELS[k] for k in STOPS["k"]], "most": MOST, "corner": CORNER,
        "micrograph": micrograph().tolist(),
        "named": {"lines": LINES, "blur": BLUR, "sharp": SHARP}, "says": sentences(),
    }  # fmt: skip


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
        return _spans(reach, n + 2 * p)
    if settings["way"] == "max" and p > k // 2:
        return sentences()["reach"]
    return ""


def _spans(reach: int, whole: Any) -> str:
    return _n(
        "The window spans {n} pixel, the padded input only {whole}.",
        "The window spans {n} pixels, the padded input only {whole}.",
        reach, whole=whole,
    )  # fmt: skip


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
        yield _lost(lost)
    if p:
        yield sentences()["rim"]


def _lost(count: int) -> str:
    return _n(
        "Orange: rounding down drops {n}; no output reads the last row and column.",
        "Orange: rounding down drops {n}; no output reads the last {n} rows and columns.",
        count,
    )


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
