"""Lesson 03: how much of an image comes through a bottleneck."""

from __future__ import annotations

from pathlib import Path

from unet_teach.interactive import Interactive
from unet_teach.lessons.l03_encoder_decoder.measure import answer, given, questions, recorded
from unet_teach.lessons.l03_encoder_decoder.picture import still
from unet_teach.translation import _


def bottleneck_explorer() -> Interactive:
    """Drag an autoencoder's depth: what does it return of a micrograph?

    All networks were trained before, by ``experiments/autoencoders.py``.

    Examples
    --------
    >>> panel = bottleneck_explorer()
    >>> panel.ask("When is the wall gone?")
    >>> panel.answer["verdict"][:30]
    "42.6 % of the image's variance"
    """
    return Interactive(
        "bottleneck_explorer",
        _("Through the bottleneck"),
        answer,
        {"depth": 3, "skips": False},
        Path(__file__).with_name("view.js"),
        still,
        given=given(),
        presets=questions(),
        recorded=recorded,
        words={
            "lead": _("Drag the depth in the chart, and wipe over the micrograph."),
            "depth": _("depth: number of poolings"),
            "skips": _("with skips, as in a U-Net"),
            "chart": _("How much is lost at which depth"),
            "lost": _("variance lost; each dot is one network"),
            "none": _("no skips"),
            "concat": _("with skips"),
            "label": _("The image, or what the network returns"),
            "first": _("image"),
            "second": _("returned"),
            "inset": _("The thin wall, magnified: it runs from dot to dot"),
            "wall": _("darker by {now} grey values"),
        },
    )
