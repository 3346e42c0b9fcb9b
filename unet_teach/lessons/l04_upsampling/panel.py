"""Lesson 04: four upsamplers, any kernel and factor, on a constant map."""

from __future__ import annotations

from functools import lru_cache

from unet_teach.drawing.picture import Picture
from unet_teach.lessons.l04_upsampling.measure import (
    constant_response,
    overlap,
    ripple,
    spectrum,
)
from unet_teach.lessons.l04_upsampling.picture import constant_map_upsampled
from unet_teach.panel import Panel, choice, slider, toggle
from unet_teach.translation import _

NAMES = {
    "transposed": _("transposed convolution"),
    "nearest": _("nearest neighbour, then convolution"),
    "bilinear": _("bilinear, then convolution"),
    "pixel_shuffle": _("convolution, then pixel shuffle"),
}


@lru_cache(maxsize=512)
def _measured(kind: str, k: int, s: int, uniform: bool) -> tuple:
    """What the picture shows; the response of the first channel, the ripple of all."""
    maps = constant_response(kind, k, s, uniform)
    return overlap(kind, k, s), maps[0], spectrum(maps), ripple(maps)


def upsampler_explorer() -> Panel:
    """Which upsampler, with which kernel and factor, leaves a constant map constant?

    Examples
    --------
    >>> panel = upsampler_explorer()
    >>> panel.set(kind="transposed", k=3, s=2, uniform=True)
    >>> panel.picture.alt[-12:]
    'ripple 0.48.'
    """
    controls = {
        "kind": choice(_("upsampler"), [(words, kind) for kind, words in NAMES.items()],
                       "transposed"),
        "k": slider(_("kernel k"), 3, 1, 6),
        "s": slider(_("factor, stride s"), 2, 2, 4),
        "uniform": toggle(_("all weights equal (else: new weights, He)"), False),
    }  # fmt: skip

    def draw(kind: str, k: int, s: int, uniform: bool) -> Picture:
        counts, response, waves, amount = _measured(kind, k, s, uniform)
        return constant_map_upsampled(counts, response, waves, amount, NAMES[kind], s)

    return Panel(_("A constant map, upsampled"), controls, draw)
