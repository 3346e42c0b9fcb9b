"""Lesson 12: how far and how coarsely a field bends a micrograph and its mask."""

from __future__ import annotations

import numpy as np

from unet_teach.data.membranes import synthetic_membranes
from unet_teach.drawing.picture import Picture
from unet_teach.lessons.l12_augmentation.measure import (
    Deformation,
    deform,
    largest_sigma,
    strays,
)
from unet_teach.lessons.l12_augmentation.picture import bent
from unet_teach.panel import Impossible, Panel, choice, slider, toggle
from unet_teach.translation import _

SIDE = 128  # of the image: small, so that a move is drawn at once
SEED = 12  # of the tissue
HIGH = 20  # pixels: the largest sigma


def deformation_explorer() -> Panel:
    """Sigma, coarseness and chance of a field; how the mask is read along it.

    Examples
    --------
    >>> panel = deformation_explorer()
    >>> panel.set(grid=9)
    >>> panel.problem[:24], "unet-problem" in panel.controls["sigma"]._dom_classes
    ('This folds 22% of the ti', True)
    """
    tissue = synthetic_membranes(1, size=SIDE, seed=SEED)
    image, labels = tissue.images[0], tissue.labels[0]
    readings = [(_("nearest pixel"), "nearest"), (_("bilinear"), "bilinear")]
    controls = {
        "sigma": slider(_("σ, pixels"), 10, 0, HIGH),
        "grid": slider(_("vectors a side"), 3, 2, 9),
        "seed": slider(_("seed"), 0, 0, 19),
        "mode": choice(_("mask is read"), readings, "nearest"),
        "apart": toggle(_("mask by a field of its own"), False),
    }

    def draw(sigma: int, grid: int, seed: int, mode: str, apart: bool) -> Picture:
        found = deform(image, labels, sigma, grid, seed, mode, apart)
        picture = _picture(image, found, sigma, grid, apart)
        if found.folded.any():
            share = float(np.mean(found.folded))
            reason = _(
                "This folds {share:.0%} of the tissue over: neighbours change sides, and "
                "membranes are shown two or three times."
            ).format(share=share)
            offers = {"sigma": [largest_sigma(SIDE, grid, seed, HIGH)]}
            raise Impossible("sigma", reason, offers, picture)
        return picture

    return Panel(_("One field for an image and its mask"), controls, draw)


def _picture(
    image: np.ndarray, found: Deformation, sigma: int, grid: int, apart: bool
) -> Picture:
    arrays = found.field, found.image, found.mask, found.folded, strays(found.mask, 2)
    return bent(image, *arrays, sigma=sigma, grid=grid, apart=apart)
