"""Lesson 04: what an upsampler does to a constant map, in three pictures."""

from __future__ import annotations

import numpy as np

from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, news, paragraphs, png_data, spoken, svg_picture
from unet_teach.drawing.style import BLUE, LIGHT, VERMILLION, rgb
from unet_teach.translation import _, _n

TOP, PANEL, GAP = 30, 216, 28
COUNTED = 12  # output pixels of a side whose inputs are counted
SHOWN = 24  # output pixels of a side that are shown


def constant_map_upsampled(
    counts: np.ndarray,
    response: np.ndarray,
    waves: np.ndarray,
    ripple: float,
    name: str,
    s: int,
) -> Picture:
    """Overlap count, one channel of the response to ones, and its spectrum.

    Parameters
    ----------
    counts : (12, 12) whole numbers, inputs that make each output pixel
    response : (24, 24), one channel of the output
    waves : (13,), amplitude by frequency; [i] at i / 24 waves a pixel
    ripple : standard deviation over mean absolute value
    name : the upsampler, in words
    s : its factor

    Examples
    --------
    >>> ones, counts = np.ones((24, 24)), np.ones((12, 12), int)
    >>> print(constant_map_upsampled(counts, ones, np.zeros(13), 0.0, "X", 2))
    X, × 2. Every output pixel is made of 1 input pixel. A constant map stays ...
    """
    lefts = [8 + i * (PANEL + GAP) for i in range(3)]
    titles = (_("inputs for each output pixel"), _("output, if all inputs are 1"),
              _("its waves"))  # fmt: skip
    parts = [
        svg.text(x, 18, words, 13, "start") for x, words in zip(lefts, titles, strict=True)
    ]
    parts += _counted(counts, lefts[0])
    parts += _shown(response, lefts[1])
    parts += _waves(waves, lefts[2], s)
    width, height = lefts[2] + PANEL + 10, TOP + PANEL + 40
    return svg_picture(width, height, parts, *_said(counts, ripple, name, s))


def _tint(shares: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """From white where a share is 0 to the colour where it is 1; uint8 (H, W, 3)."""
    return np.round(255 + shares[..., None] * (colours - 255.0)).astype(np.uint8)


def _counted(counts: np.ndarray, left: float) -> list[str]:
    cell, shares = PANEL / COUNTED, 0.75 * counts / max(int(counts.max()), 1)
    pixels = _tint(shares, np.array(rgb(BLUE)))
    pixels[counts == 0] = rgb("#FBDDD0")
    parts = [svg.image(png_data(pixels), left, TOP, PANEL, PANEL)]
    lines = "".join(f"M {left:g} {TOP + i * cell:g} h {PANEL} " for i in range(COUNTED + 1))
    lines += "".join(f"M {left + i * cell:g} {TOP} v {PANEL} " for i in range(COUNTED + 1))
    parts.append(svg.path(lines, stroke="#FFFFFF"))
    middles = (np.arange(COUNTED) + 0.5) * cell
    for row, y in enumerate(TOP + middles + 4):
        parts += svg.numbers(left + middles, y, counts[row], 11)
    return parts


def _shown(response: np.ndarray, left: float) -> list[str]:
    """Blue below 0, vermillion above; a constant map in one even tint."""
    values = response / max(float(np.abs(response).max()), 1e-9)
    colours = np.where((values > 0)[..., None], rgb(VERMILLION), rgb(BLUE))
    parts = [
        svg.image(png_data(_tint(np.abs(values), colours)), left, TOP, PANEL, PANEL),
        svg.rect(left, TOP, PANEL, PANEL, stroke=LIGHT.line),
    ]
    keys = ((BLUE, "−"), ("#FFFFFF", "0"), (VERMILLION, "+"))
    for number, (colour, sign) in enumerate(keys):
        x = left + number * 34
        parts.append(svg.rect(x, TOP + PANEL + 10, 12, 12, colour, stroke=LIGHT.line))
        parts.append(svg.text(x + 17, TOP + PANEL + 21, sign, 13, "start", LIGHT.faint))
    return parts


def _waves(waves: np.ndarray, left: float, s: int) -> list[str]:
    bottom, top = TOP + PANEL, max(1.0, float(waves.max()))
    step = PANEL / len(waves)
    parts = [svg.line(left, bottom, left + PANEL, bottom, LIGHT.line)]
    for i, height in enumerate(waves):
        x, tall = left + i * step + 2, PANEL * 0.92 * float(height) / top
        colour = LIGHT.faint if i == 0 else VERMILLION
        title = f"{i}/{SHOWN}: {height:.2f}"
        if tall > 0.3:
            parts.append(svg.rect(x, bottom - tall, step - 4, tall, colour, title=title))
    for i, words in {0: "0", SHOWN // s: f"1/{s}", SHOWN // 2: "1/2"}.items():
        parts.append(svg.text(left + (i + 0.5) * step, bottom + 16, words, 12))
    words = _("waves a pixel (grey: none)")
    parts.append(svg.text(left, bottom + 34, words, 12, "start", LIGHT.faint))
    return parts


def _said(counts: np.ndarray, ripple: float, name: str, s: int) -> tuple[str, str]:
    """Alternative text, and the words beside the picture."""
    kinds = sorted({int(count) for count in counts.ravel()})
    if len(kinds) == 1:
        made = _n("Every output pixel is made of {n} input pixel.",
                  "Every output pixel is made of {n} input pixels.", kinds[0])  # fmt: skip
    else:
        made = _("Output pixels are made of {listed} input pixels, by turns.").format(
            listed=", ".join(map(str, kinds))
        )
    empty = _("0: nobody paints there.") if 0 in kinds else ""
    if constant := ripple < 5e-4:
        flat = _("A constant map stays constant: ripple 0.00.")
    else:
        flat = _("A constant map becomes a pattern: ripple {ripple:.2f}.").format(ripple=ripple)
    words = paragraphs(f"<b>{name}, × {s}</b>", f"{made} {empty}", news(flat, constant))
    key = _("ripple: standard deviation / mean absolute value, 16 channels")
    return spoken("", words), words + paragraphs(key)
