"""Lesson 08: three initialisations, with and without ReLU and batch norm."""

from __future__ import annotations

from functools import cache

from unet_teach.drawing.picture import Picture
from unet_teach.lessons.l08_train_it.measure import Signal, signal
from unet_teach.lessons.l08_train_it.picture import signal_by_layer
from unet_teach.panel import Panel, choice, slider, toggle
from unet_teach.translation import _

DEEPEST = 20
INITS = {
    "small": _("standard deviation 0.01"),
    "xavier": _("Xavier: variance 1/n"),
    "he": _("He: variance 2/n"),
}


@cache
def _measured(init: str, relu: bool, batch_norm: bool) -> Signal:
    return signal(init, DEEPEST, relu, batch_norm, seeds=3)


def signal_explorer() -> Panel:
    """A deep stack of convolutions: does the signal grow, die, or go on?

    Examples
    --------
    >>> panel = signal_explorer()
    >>> panel.set(init="he", relu=True)
    >>> panel.picture.alt[:16]
    'He: variance 2/n'
    """
    controls = {
        "init": choice(_("initialisation"), [(w, n) for n, w in INITS.items()], "xavier"),
        "layers": slider(_("layers"), DEEPEST, 2, DEEPEST),
        "relu": toggle(_("a ReLU after each"), True),
        "batch_norm": toggle(_("batch norm before it"), False),
    }
    for init in INITS:  # all of them now: a move only draws
        for relu in (False, True):
            for batch_norm in (False, True):
                _measured(init, relu, batch_norm)

    def draw(init: str, layers: int, relu: bool, batch_norm: bool) -> Picture:
        found = _measured(init, relu, batch_norm)
        return signal_by_layer(found.measured[:, :layers], found.theory[:layers], INITS[init])

    return Panel(_("A signal through many layers"), controls, draw)
