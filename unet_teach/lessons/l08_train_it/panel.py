"""Lesson 08: three initialisations, with and without ReLU and batch norm."""

from __future__ import annotations

from pathlib import Path

from unet_teach.interactive import Interactive
from unet_teach.lessons.l08_train_it.measure import (
    FIRST,
    INITS,
    answer,
    given,
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
    >>> panel.answer["headline"][-33:]
    'each layer multiplies it by 0.99.'
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
            **INITS,
            "lead": _(
                "Three ways to draw the weights of a network before training. Drag along its "
                "layers, or press Play."
            ),
            "way": _("What goes through the layers"),
            "activations": _("activations →"),
            "gradients": _("← gradients"),
            "relu": _("a ReLU after each"),
            "batch_norm": _("batch norm before it"),
            "init": _("initialisation"),
            "short_small": _("Small"),
            "short_xavier": _("Xavier"),
            "short_he": _("He"),
            "curve": _("Root mean square by layer, on a logarithmic scale"),
            "key": _("lines: measured · dashed: theory"),
            "layer": _("layer"),
            "spread_activations": _(
                "The numbers that layer {n} passes on, from −3 to 3 (without a ReLU's zeros)"
            ),
            "spread_gradients": _("The gradients that arrive at layer {n}, from −3 to 3"),
            "scale": _(
                "Each as high as its fullest bar; the outermost bars hold what is beyond."
            ),
        },
    )
