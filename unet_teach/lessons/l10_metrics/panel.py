"""Lesson 10: erase a pixel of a thin wall."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from unet_teach.data.membranes import MembraneConfig, membrane_slice
from unet_teach.drawing.picture import Picture
from unet_teach.lessons.l10_metrics.measure import Judged, beside, judged, walls
from unet_teach.lessons.l10_metrics.picture import opened_wall, pointed_at
from unet_teach.metrics import components, thin
from unet_teach.panel import Impossible, Panel, choice, slider, toggle
from unet_teach.translation import _

SIDE, SEED, MAGNIFICATION = 72, 6, 0.55  # a small piece of tissue with 13 neurons
MOST = 6  # pixels that may be changed


@lru_cache(maxsize=1)
def tissue() -> np.ndarray:
    """Neurons (72, 72) from 1, and 0 on walls one pixel thin: the truth of this lesson."""
    config = MembraneConfig(magnification=(MAGNIFICATION, MAGNIFICATION))
    _image, labels = membrane_slice(0, SIDE, SEED, config)
    return components(thin(labels) > 0)


@lru_cache(maxsize=1)
def tissue_walls() -> dict[tuple[int, int], np.ndarray]:
    """The walls of `tissue`."""
    return walls(tissue())


@lru_cache(maxsize=1024)
def tried(number: int, pixels: int, deed: str, thinned: bool) -> tuple[np.ndarray, Judged]:
    """Change so many pixels at a wall: which they are, and how the map is judged."""
    truth = tissue()
    pair, wall = list(tissue_walls().items())[number - 1]
    if deed == "blacken":
        larger = max(pair, key=lambda neuron: np.count_nonzero(truth == neuron))
        wall = beside(truth, wall, larger)
    if pixels > len(wall):
        reason = _("only {n} pixels are there").format(n=len(wall))
        raise Impossible("pixels", reason, offers={"pixels": [len(wall)]})
    white = truth > 0
    white[tuple(wall[:pixels].T)] = deed == "erase"
    return wall[:pixels], judged(truth > 0, white, thinned)


def wall_eraser() -> Panel:
    """Erase pixels of a thin wall, or blacken as many beside it: which number notices?

    Examples
    --------
    >>> panel = wall_eraser()
    >>> panel.set(wall=9, pixels=1)
    >>> panel.picture.alt[-59:]
    'Pixel error 0.02%, Dice 0.9999, V_rand 0.806, V_info 0.942.'
    """
    every = tissue_walls()
    price = {
        pair: tried(number, 1, "erase", True)[1].v_rand for number, pair in enumerate(every, 1)
    }
    over = pointed_at(tissue(), every, price)
    deeds = [(_("erase pixels of the wall"), "erase"), (_("blacken beside it"), "blacken")]
    controls = {
        "wall": slider(_("which wall"), 1, 1, len(every)),
        "pixels": slider(_("pixels changed"), 1, 0, MOST),
        "deed": choice(_("how"), deeds, "erase"),
        "thinned": toggle(_("thin the walls again before judging"), True),
    }

    def draw(wall: int, pixels: int, deed: str, thinned: bool) -> Picture:
        changed, found = tried(wall, pixels, deed, thinned)
        chosen = list(every)[wall - 1]
        return opened_wall(tissue(), found, every, chosen, changed, deed, over)

    def to(best: Callable) -> Callable[[Panel], None]:
        order = list(every)
        return lambda panel: panel.set(wall=1 + order.index(best(every, key=price.get)))

    most, least = _("the wall that matters most"), _("the wall that matters least")
    actions = {most: to(min), least: to(max)}
    return Panel(_("Erase a thin wall"), controls, draw, actions)
