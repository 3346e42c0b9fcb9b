"""Lesson 11: equation 2 on two touching cells."""

from __future__ import annotations

from unet_teach.drawing.picture import Picture
from unet_teach.lessons.l11_loss_and_weight_map.measure import WIDEST, two_cells
from unet_teach.lessons.l11_loss_and_weight_map.picture import weights_of_two_cells
from unet_teach.losses import weight_map
from unet_teach.panel import Impossible, Panel, slider, toggle
from unet_teach.translation import _


def weight_explorer() -> Panel:
    """What w0, sigma and the width of the wall make of the weight map.

    Examples
    --------
    >>> panel = weight_explorer()
    >>> panel.set(gap=1)
    >>> panel.picture.alt[-68:]
    'sigma = 5. The largest weight is 10.23; inside the cells it is 1.00.'
    """
    controls = {
        "gap": slider(_("wall, pixels"), 3, 0, WIDEST),
        "w0": slider(_("w0"), 10.0, 0.0, 20.0, 0.5),
        "sigma": slider(_("sigma, pixels"), 5.0, 0.5, 15.0, 0.5),
        "balance": toggle(_("w_c balances the classes (else: w_c = 1)"), False),
    }
    return Panel(_("Two touching cells"), controls, draw)


def draw(gap: int, w0: float, sigma: float, balance: bool) -> Picture:
    """The picture; without a wall there is one cell, and no second nearest."""
    cells, _wall = two_cells(gap)
    labels = (cells > 0).astype("uint8")
    weights = weight_map(labels, w0, sigma, class_balance=balance)
    picture = weights_of_two_cells(cells if gap else labels, weights, gap, w0, sigma)
    if gap == 0:
        reason = _(
            "without a pixel of wall the two are one cell in the labels: there is no second "
            "nearest cell, and the second term is 0 everywhere"
        )
        raise Impossible("gap", reason, offers={"gap": [1]}, picture=picture)
    return picture
