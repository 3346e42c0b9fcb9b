"""Pictures of lesson 08: film, a pixel's loss, two starts, three balls, a batch, the pair."""

from __future__ import annotations

import math
from importlib import resources

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from torch import Tensor

from unet_teach.drawing.pair import MEMBRANES, Pair, coloured, the_pair
from unet_teach.drawing.style import (
    BLUE,
    GREEN,
    LIGHT,
    ORANGE,
    VERMILLION,
    new_figure,
    plain_axes,
    rgb,
)
from unet_teach.exercises.assembled import LEFT_OUT, MARGIN
from unet_teach.film import Film, film
from unet_teach.lessons.l08_train_it.measure import Learned, descent
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
    """The micrograph and each picture of the pair's film, black 0 and white 1, with steps."""
    figure = new_figure(2.15 * (1 + len(shown.steps)), 2.5)
    axes = figure.subplots(1, 1 + len(shown.steps))
    titles = [_("step {n}").format(n=step) for step in shown.steps]
    pictures = (shown.image, *shown.maps)
    for ax, title, picture in zip(axes, (_("micrograph"), *titles), pictures, strict=True):
        ax.imshow(picture, cmap="gray", vmin=0, vmax=255)
        ax.set_title(title, fontsize=12)
        ax.set(xticks=[], yticks=[])
        _mark(ax, the_pair(MEMBRANES), 13)
    return figure


def _mark(ax: Axes, pair: Pair, size: int) -> None:
    """The names of the pair's two neurons, in a picture of its crop."""
    for name, (row, column) in zip("AB", pair.neurons, strict=True):
        mark = ax.text(column - pair.corner[1], row - pair.corner[0], name, color="white",
                       fontsize=size, weight="bold", ha="center", va="center")  # fmt: skip
        mark.set_path_effects([withStroke(linewidth=3, foreground="black")])


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
        at_the_end = probability > 0.9  # to its left, so that the axis can end at 1
        ax.text(
            1 if at_the_end else probability + 0.025,
            loss + (0.4 if at_the_end else 0.14),
            f"{words}: {loss:.2f}",
            fontsize=12,
            ha="right" if at_the_end else "left",
        )
    ax.set_xlabel(_("probability of the right class"), fontsize=12)
    ax.set_ylabel(_("loss of the pixel"), fontsize=12)
    ax.tick_params(labelsize=11)
    ax.set(xlim=(0, 1), ylim=(0, 4.7), xticks=np.linspace(0, 1, 6))
    return figure


def starts(labels: np.ndarray, small: Learned, he: Learned) -> Figure:
    """Two losses by step with the baseline of the labels, and what each start came to."""
    figure = new_figure(9.6, 3)
    curves, *maps = figure.subplots(1, 4, width_ratios=(1.7, 1, 1, 1))
    plain_axes(curves)
    names = (_("small start"), _("He's start"))
    for learned, colour, name in zip((small, he), (VERMILLION, GREEN), names, strict=True):
        curves.plot(learned.losses, color=colour, linewidth=2, label=name)
    inside = labels.mean()
    entropy = -(inside * np.log(inside) + (1 - inside) * np.log(1 - inside))
    words = _("baseline {loss:.2f}").format(loss=entropy)
    curves.axhline(entropy, color=LIGHT.faint, linestyle="--", label=words)
    curves.set_xlabel(_("step"), fontsize=12)
    curves.set_ylabel(_("loss"), fontsize=12)
    curves.set_ylim(0, 1.25)
    curves.legend(fontsize=11, frameon=False)
    shown = (labels, small.inside, he.inside)
    for ax, title, picture in zip(maps, (_("labels"), *names), shown, strict=True):
        ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
        ax.set_title(title, fontsize=12)
        ax.set(xticks=[], yticks=[])
    return figure


def balls(rates: tuple[float, ...] = (0.03, 0.3, 1.05)) -> Figure:
    """The loss against one weight, and a ball's way down at each learning rate."""
    figure = new_figure(9.6, 2.9)
    for ax, rate in zip(figure.subplots(1, len(rates), sharey=True), rates, strict=True):
        plain_axes(ax)
        weights, valley = np.array(descent(rate)), np.linspace(-4.6, 4.6, 200)
        ax.plot(valley, valley**2, color=LIGHT.faint, linewidth=1.5)
        ax.plot(weights, weights**2, "o-", color=BLUE, linewidth=1, markersize=5)
        ax.plot(weights[0], weights[0] ** 2, "o", color=ORANGE, markersize=10)
        ax.plot(weights[-1], weights[-1] ** 2, "o", color=VERMILLION, markersize=10)
        ax.set_title(_("learning rate {rate}").format(rate=rate), fontsize=12)
        ax.set_xlabel(_("weight"), fontsize=12)
        ax.set(xticks=[0], ylim=(-0.8, 20))
        ax.tick_params(labelsize=11)
    figure.axes[0].set_ylabel(_("loss"), fontsize=12)
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


def pair_seen(pair: Pair, micrograph: np.ndarray, labels: np.ndarray, maps: dict) -> Figure:
    """The pair's micrograph, its labels and what networks call inside; A and B are marked."""
    figure = new_figure(2.4 * (2 + len(maps)), 3.3)
    axes = figure.subplots(1, 2 + len(maps))
    axes[0].imshow(pair.crop(micrograph), cmap="gray", vmin=0, vmax=255)
    axes[0].set_title(_("micrograph"), fontsize=12)
    for ax, (title, shown) in zip(axes[1:], {_("labels"): labels, **maps}.items(), strict=True):
        ax.imshow(coloured(pair, shown, labels), interpolation="nearest")
        ax.set_title(title, fontsize=12)
    for ax in axes:
        ax.set(xticks=[], yticks=[])
        _mark(ax, pair, 16)
    said = {
        BLUE: _("A, apart"), GREEN: _("B, apart"), ORANGE: _("A and B run together"),
        "#282828": _("wall"), "#E1E1E1": _("other neurons"),
    }  # fmt: skip
    patches = [Patch(facecolor=hue, edgecolor=LIGHT.faint, label=s) for hue, s in said.items()]
    figure.legend(
        handles=patches, loc="outside lower center", ncols=5, frameon=False, fontsize=11
    )
    return figure
