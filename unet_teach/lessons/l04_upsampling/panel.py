"""Lesson 04: four upsamplers, any kernel and factor: what each input pixel paints."""

from __future__ import annotations

from pathlib import Path

from unet_teach.interactive import Interactive
from unet_teach.lessons.l04_upsampling.measure import (
    FIRST,
    KINDS,
    LIGHTEST,
    answer,
    names,
    questions,
    recorded,
)
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
        given={"kinds": list(KINDS), "lightest": LIGHTEST},
        presets=questions(),
        recorded=recorded,
        words={
            "lead": _(
                "To enlarge a map s times, each input pixel paints a patch: k × k pixels with "
                "an up-convolution, more if a k × k convolution comes before or after the "
                "enlarging. Point at one: where does it paint?"
            ),
            "input": _("input, 4 × 4"),
            "output": _("the output, pixel by pixel"),
            "keys": _("Arrow keys move among the pixels."),
            "k": _("kernel k"),
            "s": _("factor s"),
            "uniform": _("all weights equal (otherwise random)"),
            "pixel": _("Input ({row}, {column}) paints {high} × {wide} pixels, in orange."),
            "spot": _("Output ({row}, {column}) is painted {n} times: inputs in orange."),
            "adds": _("The weights there add up to {sum}."),
            "response": _("the output, if all inputs are 1"),
            "ripple_is": _(
                "Ripple: enlarge a plain grey. 0: it stays plain. 0.5: its pixels come out "
                "about half too bright or too dark."
            ),
            "images": _("The same micrograph, enlarged in four ways. Choose one:"),
            "chosen": _("the chosen micrograph, large"),
            **names(),
            "ripple": _("ripple {value}"),
        },
    )
