"""Pictures of lesson 08: the film that it opens with, a pixel's loss, a batch, momentum."""

from __future__ import annotations

import math
from importlib import resources

import numpy as np
from matplotlib.figure import Figure
from torch import Tensor

from unet_teach.drawing.style import (
    BLUE,
    ORANGE,
    SKY,
    VERMILLION,
    new_figure,
    plain_axes,
    rgb,
)
from unet_teach.exercises.assembled import LEFT_OUT, MARGIN
from unet_teach.film import Film, film
from unet_teach.translation import _


def recorded_minute() -> Film:
    """The training of lesson 08 as ``experiments/films.py`` filmed it: steps 0, 20, 40, 240.

    Examples
    --------
    >>> recorded_minute().steps.tolist()
    [0, 20, 40, 240]
    """
    results = resources.files("unet_teach") / "resources" / "results"
    return film(str(results / "film_minute.npz"))


def film_strip(shown: Film) -> Figure:
    """The micrograph and each picture of a film, black 0 and white 1, with its step."""
    figure = new_figure(2.15 * (1 + len(shown.steps)), 2.5)
    axes = figure.subplots(1, 1 + len(shown.steps))
    titles = [_("step {n}").format(n=step) for step in shown.steps]
    pictures = (shown.image, *shown.maps)
    for ax, title, picture in zip(axes, (_("micrograph"), *titles), pictures, strict=True):
        ax.imshow(picture, cmap="gray", vmin=0, vmax=255)
        ax.set_title(title, fontsize=12)
        ax.set(xticks=[], yticks=[])
    return figure


def surprise() -> Figure:
    """A pixel's cross-entropy by the probability of its right class, and three pixels."""
    figure = new_figure(6.6, 3)
    ax = plain_axes(figure.subplots())
    probabilities = np.linspace(0.01, 1, 200)
    ax.plot(probabilities, -np.log(probabilities), color=BLUE, linewidth=2)
    said = {0.95: _("sure, and right"), 0.5: _("undecided"), 0.05: _("sure, and wrong")}
    for probability, words in said.items():
        loss = -math.log(probability)
        ax.plot(probability, loss, "o", color=VERMILLION, markersize=8, clip_on=False)
        ax.text(probability + 0.025, loss + 0.14, f"{words}: {loss:.2f}", fontsize=12)
    ax.set_xlabel(_("probability of the right class"), fontsize=12)
    ax.set_ylabel(_("loss of the pixel"), fontsize=12)
    ax.tick_params(labelsize=11)
    ax.set(xlim=(0, 1.35), ylim=(0, 4.7), xticks=np.linspace(0, 1, 6))
    return figure


def remembered(momentum: float) -> Figure:
    """By which factor a gradient still counts, by its age; the younger half in blue."""
    ages = np.arange(math.ceil(math.log(0.02) / math.log(momentum)))
    factors, half = momentum**ages, round(math.log(0.5) / math.log(momentum))
    figure = new_figure(7, 2.6)
    ax = plain_axes(figure.subplots())
    for part, colour, words in (
        (slice(half + 1), BLUE, _("half of the step: the last {n} gradients").format(n=half)),
        (slice(half, None), SKY, _("the other half: all older ones")),
    ):
        ax.fill_between(ages[part], factors[part], color=colour, label=words, linewidth=0)
    ax.set_xlabel(_("age of a gradient, in steps"), fontsize=12)
    ax.set_ylabel(_("factor"), fontsize=12)
    ax.tick_params(labelsize=11)
    ax.set(xlim=(0, len(ages)), ylim=(0, 1.05))
    ax.legend(fontsize=12, frameon=False)
    return figure


def batch(images: Tensor, target: Tensor) -> Figure:
    """Crops (B, 1, n, n) where the network answers, and what is compared there (B, m, m).

    Walls are black, inside is white, and what the loss leaves out is orange.
    """
    figure = new_figure(2.3 * len(images), 4.7)
    rows = figure.subplots(2, len(images))
    classes = target.numpy()
    grey = np.repeat(np.where(classes == 1, 255, 0)[..., None], 3, axis=-1)
    grey[classes == LEFT_OUT] = rgb(ORANGE)
    for column, (image, shown) in enumerate(zip(images.numpy(), grey, strict=True)):
        rows[0, column].imshow(image[0, MARGIN:-MARGIN, MARGIN:-MARGIN], cmap="gray")
        rows[1, column].imshow(shown)
    rows[0, 0].set_ylabel(_("crops"), fontsize=12)
    rows[1, 0].set_ylabel(_("target"), fontsize=12)
    for ax in rows.flat:
        ax.set(xticks=[], yticks=[])
    return figure
