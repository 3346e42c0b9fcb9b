"""The README's picture: images beside what is known of them and what a network says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from unet_teach.drawing.overlays import grey_levels, overlay
from unet_teach.drawing.style import new_figure, theme_named
from unet_teach.translation import _

INCHES = 2.6  # side of one picture


def side_by_side(
    image: np.ndarray | Sequence[np.ndarray],
    truth: np.ndarray | Sequence[np.ndarray] | None = None,
    probability: np.ndarray | Sequence[np.ndarray] | None = None,
    threshold: float = 0.5,
    theme: str = "light",
) -> Figure:
    """A gallery, one row a slice: image, truth, probability of inside, membranes painted.

    Parameters
    ----------
    image : (H, W), or several of them
    truth : likewise, 1 inside and 0 membrane; left out if None
    probability : likewise, from 0 to 1; left out if None
    threshold : the last column paints membrane where the probability is not above it, or
        the labels' membrane where there is no probability
    theme : "light" or "dark"

    Raises
    ------
    ValueError
        Different numbers of images, truths and probabilities, or different sizes.

    Examples
    --------
    >>> slice_ = np.zeros((8, 8), np.uint8)
    >>> [axes.get_title() for axes in side_by_side(slice_, truth=slice_).axes]
    ['micrograph', 'labels', 'labels over it']
    """
    images = _several(image)
    columns = [(_("micrograph"), [grey_levels(i) for i in images])]
    if truth is not None:
        columns.append((_("labels"), [np.asarray(t) * 255 for t in _several(truth)]))
    if probability is not None:
        maps = [np.asarray(p) for p in _several(probability)]
        columns.append((_("probability of inside"), [np.round(p * 255) for p in maps]))
        masks = [p > threshold for p in maps]
        if len(masks) == len(images):
            painted = [overlay(i, m) for i, m in zip(images, masks, strict=True)]
            columns.append((_("membranes found (t = {t:g})").format(t=threshold), painted))
    elif truth is not None:
        pairs = zip(images, _several(truth), strict=False)  # unequal numbers: refused below
        columns.append((_("labels over it"), [overlay(i, np.asarray(t)) for i, t in pairs]))
    for name, pictures in columns:
        if len(pictures) != len(images):
            raise ValueError(f"{len(images)} images and {len(pictures)} {name}; one each")
    return _gallery(columns, len(images), theme)


def _gallery(columns: list[tuple[str, list]], rows: int, theme: str) -> Figure:
    colours = theme_named(theme)
    figure = new_figure(INCHES * len(columns), INCHES * rows + 0.35, colours)
    grid = figure.subplots(rows, len(columns), squeeze=False)
    for column, (name, pictures) in enumerate(columns):
        for row, picture in enumerate(pictures):
            axes = grid[row, column]
            axes.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
            axes.set_axis_off()
            if row == 0:
                axes.set_title(name, fontsize=10, color=colours.ink)
    return figure


def _several(slices: np.ndarray | Sequence[np.ndarray]) -> list[np.ndarray]:
    """One slice as a list of one."""
    alone = isinstance(slices, np.ndarray) and slices.ndim == 2
    return [slices] if alone else list(slices)
