"""Lesson 04: four upsamplers, any kernel and factor: what each input pixel paints."""

from __future__ import annotations

from pathlib import Path

from unet_teach.interactive import Interactive
from unet_teach.lessons.l04_upsampling.measure import FIRST, KINDS, answer, questions, recorded
from unet_teach.lessons.l04_upsampling.picture import still
from unet_teach.translation import _


def upsampler_explorer() -> Interactive:
    """Which upsampler, with which kernel and factor, leaves a constant map constant?

    Examples
    --------
    >>> panel = upsampler_explorer()
    >>> panel.set(kind="transposed", k=3, s=2, uniform=True)
    >>> panel.picture.alt[-12:]
    'ripple 0.48.'
    """
    return Interactive(
        "upsampler_explorer",
        _("Why does enlarging leave a checkerboard?"),
        answer,
        FIRST,
        Path(__file__).with_name("view.js"),
        still,
        given={"kinds": list(KINDS)},
        presets=questions(),
        recorded=recorded,
        words={
            "lead": _(
                "To enlarge a map s times, every input pixel paints a patch of k × k pixels. "
                "Point at one: where does it paint?"
            ),
            "input": _("input, 4 × 4"),
            "output": _("output: how often is each pixel painted?"),
            "keys": _("Arrow keys move among the pixels."),
            "k": _("kernel k"),
            "s": _("factor s"),
            "uniform": _("all weights equal (otherwise random)"),
            "pixel": _("Input ({row}, {column}) paints {high} × {wide} pixels."),
            "spot": _("Output ({row}, {column}) is painted {n} times."),
            "response": _("the output, if all inputs are 1"),
            "ripple_is": _(
                "Ripple says how uneven that is: its standard deviation over its mean size. "
                "0 is flat."
            ),
            "zero": _("below 0, above"),
            "images": _("The same micrograph, enlarged in four ways. Choose one:"),
            "transposed": _("transposed"),
            "nearest": _("nearest, conv"),
            "bilinear": _("bilinear, conv"),
            "pixel_shuffle": _("pixel shuffle"),
            "ripple": _("ripple {value}"),
        },
    )
