"""A window that slides over a small micrograph: each output number, and what it is made of.

Lesson 01's grid in numbers. Pixels are whole numbers from 0 (black) to 9 (white), so that a
learner can follow every sum by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations, product
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
    said = _(
        "A {n} × {n} input, a {k} × {k} window, s = {s}, p = {p}, d = {d}: the output is "
        "{m} × {m}, with numbers from {low} to {high}."
    ).format(**found, n=n, s=s, p=p, d=d)
    return {**found, "said": " ".join([said, *found["notes"], found["because"]])}


def shade(kernel: np.ndarray, output: np.ndarray, way: str) -> tuple[list[int], str]:
    """Which number has which colour, so that an even patch keeps its grey wherever it can.

    Examples
    --------
    >>> shade(np.array(BLUR), np.array([[42]]), "sum")
    ([0, 81], 'Black is 0, white is 81; in the input white is 9.')
    """
    total = 1 if way == "max" else int(kernel.sum())
    if total <= 0:
        most = int(abs(output).max()) or 1
        return [-most, most], _("Orange is above 0, blue below.")
    if total == 1 and (way == "max" or kernel.min() >= 0):
        words = _("Black is 0, white is 9, as in the input.")
    elif kernel.min() >= 0:
        words = _("Black is 0, white is {most}; in the input white is 9.")
    else:
        words = _("Black is 0 or less, white {most} or more.")
    return [0, 9 * total], words.format(most=9 * total)


def because(settings: dict[str, Any], found: dict[str, Any]) -> str:
    """What the window does here, and why, in two sentences."""
    n, s, p, d = (settings[name] for name in ("n", "s", "p", "d"))
    kernel, k, m = settings["kernel"], found["k"], found["m"]
    reach = d * (k - 1) + 1
    free = n + 2 * p - reach  # places of the window after the first, one pixel apart
    used = [(place, weight) for place, weight in enumerate(kernel) if weight]
    numbers = {"n": n, "k": k, "s": s, "p": p, "m": m, "cost": reach - 1, "free": free,
               "places": free + 1, "skipped": free + 1 - m, "five": 5 * sum(kernel),
               "total": sum(kernel), "weight": used[0][1] if used else 0}  # fmt: skip
    numbers = {name: str(number).replace("-", "−") for name, number in numbers.items()}
    return _words(settings, k, m, used, free, reach).format(**numbers)


def _words(
    settings: dict[str, Any], k: int, m: int, used: list[tuple[int, int]], free: int, reach: int
) -> str:
    n, s, p, kernel = (settings[name] for name in ("n", "s", "p", "kernel"))
    if settings["way"] == "max":
        pooled = _("{n} × {n} becomes {m} × {m}: of each window only the largest number stays.")
        if m == 1:
            return pooled
        if s >= reach:
            more = _(
                "The window moves as far as it is wide, or further, so no pixel is read twice."
            )
        else:
            more = _("The window moves less far than it is wide, so windows overlap.")
        return f"{pooled} {more}"
    named = {
        tuple(LINES): _(
            "Yes, in orange: the kernel adds the 8 neighbours and subtracts the pixel 8 times. "
            "On a dark wall the neighbours are brighter, so the sum is above 0; on an even "
            "patch it is 0."
        ),
        tuple(BLUR): _(
            "Yes: each output is the sum of nine pixels, so a single one counts little, and "
            "the grain gets weaker. A ninth of the sum is their mean, and the greys are the "
            "mean's."
        ),
        tuple(SHARP): _(
            "Yes: nine times the pixel minus its four neighbours. An even patch becomes 5 "
            "times as large (9 − 4), but a difference 9 times: walls and grain stand out."
        ),
    }
    if words := named.get(tuple(kernel)):
        return words
    if not used:
        return _("All weights are 0, so every output is 0, whatever the image shows.")
    if len(used) == 1:
        if 2 * used[0][0] + 1 == k * k:
            return _(
                "Only the weight in the middle is not 0, so each output is {weight} times the "
                "pixel in the middle of its window."
            )
        return _(
            "Only one weight is not 0, so each output is {weight} times one pixel of its "
            "window. That pixel is not in the middle, so the picture moves."
        )
    if m == n and p and s == 1:
        return _(
            "Yes, with p = {p}: {n} stays {m}. The window costs {cost} pixels in height and in "
            "width, because it has to fit in, and {p} at each edge make up for them."
        )
    if s > 1 and free:
        skips = _(
            "It skips {skipped} of the {places} places in height and in width, because the "
            "window moves {s} pixels at a time."
        )
        if free % s == 0:
            return skips
        edge = _("{free} is no multiple of {s}, so no window reaches the right and lower edge.")
        return f"{skips} {edge}"
    if kernel == KERNELS[k]:
        return _(
            "This kernel takes the right of the window minus its left. So an output is above "
            "0, orange, where the picture gets brighter to the right, and blue where it gets "
            "darker."
        )
    if sum(kernel):
        return _(
            "The weights add up to {total}, so where the image has the same number everywhere, "
            "say 5, the output is {total} × 5 = {five}."
        )
    return _(
        "The weights add up to 0, so an even patch becomes 0, whatever its grey: only "
        "differences between pixels are left."
    )


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
    """What the book holds: small levers together, any alone, and numbers typed."""
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
    yield from ({"kernel": kernel} for kernel in typed())
    for start in ({"p": 1}, {"n": 8, "s": 2}):
        yield from ({**start, "kernel": kernel} for kernel in one_typed(FIRST["kernel"]))
    for kernel, numbers in ((LINES, range(-9, 0)), (BLUR, range(5)), (SHARP, range(2, 10))):
        yield from ({"n": SIDE, "kernel": [*kernel[:4], i, *kernel[5:]]} for i in numbers)


def typed() -> Iterator[list[int]]:
    """Kernels that a hand types into the first: one number, two small ones, or a way to zeros.

    On that way each number is as at first or 0, and one of them may be 1; from zeros on again
    any one number. So the image can be left as it is, and moved, whichever number comes first.
    """
    kernel = FIRST["kernel"]
    yield from one_typed(kernel)
    for one, other in combinations(range(9), 2):
        for pair in product(range(-2, 3), repeat=2):
            changed = dict(zip((one, other), pair, strict=True))
            yield [changed.get(place, number) for place, number in enumerate(kernel)]
    for kept in product((0, 1), repeat=9):
        fewer = [number * keep for number, keep in zip(kernel, kept, strict=True)]
        yield fewer
        yield from ([*fewer[:place], 1, *fewer[place + 1 :]] for place in range(9))
    yield from one_typed([0] * 9)


def one_typed(kernel: list[int]) -> Iterator[list[int]]:
    """A kernel with one of its numbers typed anew, from −9 to 9."""
    for place, number in product(range(len(kernel)), range(-MOST, MOST + 1)):
        yield [*kernel[:place], number, *kernel[place + 1 :]]
