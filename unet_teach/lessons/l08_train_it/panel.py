"""Lesson 08: three initialisations, with and without ReLU and batch norm."""

from __future__ import annotations

from pathlib import Path

from unet_teach.interactive import Interactive
from unet_teach.lessons.l08_train_it.measure import (
    FIRST,
    answer,
    given,
    names,
    questions,
    recorded,
)
from unet_teach.lessons.l08_train_it.picture import still
from unet_teach.translation import _


def signal_explorer() -> Interactive:
    """A deep stack of convolutions: do a signal and its gradient grow, die, or go on?

    Examples
    --------
    >>> panel = signal_explorer()
    >>> panel.set(init="he")
    >>> panel.answer["headline"][-41:]
    'far multiplied it by 0.99 (theory: 1.00).'
    """
    return Interactive(
        "signal_explorer",
        _("With which first weights does a signal survive 20 layers?"),
        answer,
        FIRST,
        Path(__file__).with_name("view.js"),
        still,
        given=given(),
        presets=questions(),
        recorded=recorded,
        words={
            **names(),
            "lead": _(
                "Random numbers go through 20 convolutions with random weights. Drag their "
                "variance until your line stays in the grey band: the signal survives."
            ),
            "way": _("What goes through the layers"),
            "activations": _("activations →"),
            "gradients": _("← gradients"),
            "batch_norm": _("batch norm after each convolution"),
            "relu": _("ReLU after each convolution"),
            "init": _("variance of the first weights"),
            "curve": _("RMS by layer"),
            "onwards": _("layer, first to last →"),
            "backwards": _("← layer, last to first"),
            "size": _("size, without sign"),
            "layer": _("layer"),
            "through": _("Play through the layers"),
        },
    )
