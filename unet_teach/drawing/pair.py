"""The pair: two neurons with a thin wall between them, which the whole course follows.

Each lesson opens with what is still wrong with it and closes with the same small figure. The
place was chosen once in each of the two data sets by ``experiments/choose_pair.py``: a
threshold on the grey value runs the two together, and the network that comes with the course
keeps them apart.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from unet_teach.data import Volume
from unet_teach.drawing.export import figure_picture
from unet_teach.drawing.picture import Picture
from unet_teach.drawing.style import BLUE, GREEN, ORANGE, new_figure, rgb
from unet_teach.metrics.thinning import components
from unet_teach.translation import _

FILE = Path(__file__).parents[1] / "resources" / "pair.json"
ISBI, MEMBRANES = "ISBI 2012 train", "synthetic membranes (seed 0)"  # volumes' names
APART, MERGED, LOST = "apart", "merged", "lost"
LEAST = 0.5  # fraction of a neuron that must be white, in one piece, or else it is lost


@dataclass(frozen=True)
class Pair:
    """Where the two neurons are; (row, column) in the slice.

    Examples
    --------
    >>> pair, labels = Pair(0, (0, 0), 4, ((1, 0), (1, 3))), np.array([[1, 0, 0, 1]] * 4)
    >>> pair.verdict(labels), pair.verdict(np.ones((4, 4)), labels)
    ('apart', 'merged')
    """

    index: int  # of the slice
    corner: tuple[int, int]  # of the square crop
    side: int  # of the crop, in pixels
    neurons: tuple[tuple[int, int], tuple[int, int]]  # a pixel inside of each

    def crop(self, array: np.ndarray) -> np.ndarray:
        """The pair's place in its slice (H, W), in that slice as a stack of one, or in a stack.

        Raises
        ------
        ValueError
            The array is too small to hold it.
        """
        array = np.asarray(array)
        if array.shape == (self.side, self.side):
            return array
        (top, left), side = self.corner, self.side
        index = 0 if len(array) == 1 else self.index  # a stack of one holds the pair's slice
        crop = array[index] if array.ndim == 3 and len(array) > index else array
        if crop.ndim != 2 or min(crop.shape[0] - top, crop.shape[1] - left) < side:
            raise ValueError(
                f"shape {array.shape}; the pair is in slice {self.index}, "
                f"rows {top} to {top + side - 1}, columns {left} to {left + side - 1}"
            )
        return crop[top : top + side, left : left + side]

    def numbered(self, labels: np.ndarray) -> tuple[np.ndarray, list[int]]:
        """The labelled neurons in the crop, numbered from 1, and the numbers of these two.

        Examples
        --------
        >>> pair, labels = Pair(0, (0, 0), 4, ((1, 0), (1, 3))), np.array([[1, 0, 0, 1]] * 4)
        >>> pair.numbered(labels)[1]
        [1, 2]
        """
        found, (top, left) = components(self.crop(labels) > 0), self.corner
        return found, [int(found[row - top, column - left]) for row, column in self.neurons]

    def regions(self, white: np.ndarray, labels: np.ndarray | None = None) -> list[int]:
        """The number of the white region that each neuron is in, in the crop; 0: in none."""
        found = components(self.crop(white) > 0)
        truth, two = self.numbered(white if labels is None else labels)
        numbers = []
        for neuron in two:
            inside = truth == neuron
            sizes = np.bincount(found[inside], minlength=1)
            sizes[0] = 0
            numbers.append(int(sizes.argmax()) if sizes.max() >= LEAST * inside.sum() else 0)
        return numbers

    def verdict(self, white: np.ndarray, labels: np.ndarray | None = None) -> str:
        """``"apart"``, ``"merged"`` or ``"lost"``: what has become of the two neurons.

        Parameters
        ----------
        white : what is called inside, of the whole slice or of the crop
        labels : the ground truth, likewise; `white` itself if not given
        """
        first, second = self.regions(white, labels)
        if not (first and second):
            return LOST
        return MERGED if first == second else APART


@cache
def the_pair(volume_name: str) -> Pair:
    """The pair of a volume, by the volume's name.

    Raises
    ------
    ValueError
        Neither the training stack of ISBI 2012 nor the synthetic membranes of seed 0.

    Examples
    --------
    >>> the_pair("mine")
    Traceback (most recent call last):
        ...
    ValueError: the pair is in ISBI 2012 train and in synthetic membranes (seed 0), not in mine
    """
    known = {ISBI: "isbi", MEMBRANES: "membranes"}
    name = next((known[start] for start in known if volume_name.startswith(start)), None)
    if name is None:
        raise ValueError(f"the pair is in {ISBI} and in {MEMBRANES}, not in {volume_name}")
    found = json.loads(FILE.read_text(encoding="utf-8"))[name]
    return Pair(
        found["index"],
        tuple(found["corner"]),
        found["side"],
        tuple(tuple(place) for place in found["neurons"]),
    )


def pair_figure(volume: Volume, masks: Mapping[str, np.ndarray]) -> Picture:
    """The micrograph, the labels, and what each mask makes of the pair.

    Parameters
    ----------
    volume : ISBI 2012, or the synthetic membranes: all 30 slices, or the pair's slice alone
    masks : a title -> what is called inside: True or above 0, of the whole slice or the crop

    Raises
    ------
    ValueError
        A volume, or a mask, that does not hold the pair.
    """
    if volume.own or volume.labels is None:
        raise ValueError(
            f"the pair is in ISBI 2012 and in the synthetic membranes, not in {volume}"
        )
    pair = the_pair(volume.name)
    labels = pair.crop(volume.labels)
    shown = {_("labels"): labels, **masks}
    lines = 1 + max(title.count("\n") for title in shown)
    figure = new_figure(2.15 * (1 + len(shown)), 2.4 + 0.2 * lines)
    axes = figure.subplots(1, 1 + len(shown))
    axes[0].imshow(pair.crop(volume.images), cmap="gray", vmin=0, vmax=255)
    axes[0].set_title(_("micrograph"), fontsize=11)
    words, said = {APART: _("two neurons"), MERGED: _("run together"), LOST: _("lost")}, []
    for axis, (title, mask) in zip(axes[1:], shown.items(), strict=True):
        verdict = words[pair.verdict(mask, labels)]
        axis.imshow(coloured(pair, mask, labels), interpolation="nearest")
        axis.set_title(title, fontsize=11)
        axis.set_xlabel(verdict, fontsize=11)
        said.append(f"{title}: {verdict}".replace("\n", ", "))
    for axis in axes:
        axis.set(xticks=[], yticks=[])
    alt = _("Two neighbouring neurons. {what}.").format(what="; ".join(said))
    return figure_picture(figure, alt)


def coloured(pair: Pair, mask: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The crop as RGB: walls dark, other regions pale, the pair blue and green, or orange."""
    white = pair.crop(mask) > 0
    found, numbers = components(white), pair.regions(mask, labels)
    picture = np.where(white[..., None], 225, 40).astype(np.uint8).repeat(3, axis=-1)
    hues = (ORANGE, ORANGE) if numbers[0] == numbers[1] else (BLUE, GREEN)
    for number, hue in zip(numbers, hues, strict=True):
        if number:
            picture[found == number] = rgb(hue)
    return picture
