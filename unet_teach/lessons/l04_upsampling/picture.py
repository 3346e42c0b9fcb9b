"""Lesson 04: what an upsampler does to a constant map, for a page without JavaScript."""

from __future__ import annotations

from typing import Any

import numpy as np

from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, paragraphs, png_data, spoken, svg_picture
from unet_teach.drawing.style import BLUE, LIGHT, rgb
from unet_teach.lessons.l04_upsampling.measure import is_flat
from unet_teach.translation import _

TOP, PANEL, GAP = 30, 234, 28


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """How often each output pixel is painted, and one channel of the response to ones."""
    if "problem" in found:
        return svg_picture(10, 10, [], found["problem"], paragraphs(found["problem"]))
    counts, response, left = found["after"][-1], found["response"], 8 + PANEL + GAP
    pixels = _tint(0.75 * counts / counts.max(), np.array(rgb(BLUE)))
    pixels[counts == 0] = rgb("#FBDDD0")
    low, high = found["scale"]
    greys = np.round(255 * np.clip((response - low) / (high - low), 0, 1)).astype(np.uint8)
    shown = png_data(np.repeat(greys[..., None], 3, axis=-1))
    parts = [
        svg.text(8, 18, _("how often painted"), 13, "start"),
        svg.image(png_data(pixels), 8, TOP, PANEL, PANEL),
        svg.text(left, 18, _("output, if all inputs are 1"), 13, "start"),
        svg.image(shown, left, TOP, PANEL, PANEL),
        svg.rect(left, TOP, PANEL, PANEL, stroke=LIGHT.line),
    ]
    cell = PANEL / len(counts)
    middles = 8 + (np.arange(len(counts)) + 0.5) * cell
    for row, y in enumerate(middles - 8 + TOP + 4):
        parts += svg.numbers(middles, y, counts[row], min(11, cell))
    name = _("{kind}, k = {k}, s = {s}").format(**settings)
    flat = _("A constant map becomes a pattern: ripple {ripple:.2f}.")
    if is_flat(response):
        flat = _("A constant map stays constant: ripple {ripple:.2f}.")
    words = paragraphs(f"<b>{name}</b>", found["verdict"], flat.format(**found))
    width, height = left + PANEL + 10, TOP + PANEL + 10
    return svg_picture(width, height, parts, spoken("", words), words)


def _tint(shares: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """From white where a share is 0 to the colour where it is 1; uint8 (H, W, 3)."""
    return np.round(255 + shares[..., None] * (colours - 255.0)).astype(np.uint8)
