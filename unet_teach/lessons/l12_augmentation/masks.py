"""What networks see on real tissue: one slice learned, with and without augmentation; none."""

from __future__ import annotations

import math
from functools import cache
from importlib import resources

import numpy as np
from scipy import ndimage

from unet_teach.comparisons import load_table
from unet_teach.data.membranes import membrane_slice
from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, indexed, png_data, svg_picture
from unet_teach.drawing.style import LIGHT, ORANGE, SKY, rgb
from unet_teach.translation import _

WALL, ONE, TOGETHER, PIECE = range(4)  # what a region is, as the experiment has judged it
COLOURS = (LIGHT.ink, LIGHT.paper, ORANGE, SKY)
SCALE, GAP, HEAD = 1.25, 14, 26


@cache
def _kept() -> dict[str, np.ndarray]:
    """What ``experiments/few_slices.py`` wrote."""
    file = resources.files("unet_teach") / "resources" / "few_slices.npz"
    with file.open("rb") as stream, np.load(stream) as kept:
        return dict(kept)


def seen(name: str) -> np.ndarray:
    """What one network sees: `WALL`, `ONE`, `TOGETHER` or `PIECE` at each pixel (288, 288)."""
    return _kept()[name]


def scores() -> dict[str, tuple[float, float]]:
    """Variant -> V_rand of the network that is shown, on its block, and its threshold."""
    shown = int(_kept()["block"]), int(_kept()["seed"])
    return {row["variant"]: (row["v_rand"], 1 / (1 + math.exp(-row["v_rand_logit"])))
            for row in load_table("pairs") if (row["block"], row["seed"]) == shown}  # fmt: skip


def width(wall: np.ndarray) -> float:
    """How wide the walls of a mask are, in pixels: the median over their middle lines.

    Examples
    --------
    >>> width(np.repeat([False, True, False], [4, 5, 4]) * np.ones((9, 1), dtype=bool))
    5.0
    """
    to_edge = ndimage.distance_transform_edt(wall)
    middle = wall & (to_edge == ndimage.maximum_filter(to_edge, 3))
    return float(2 * np.median(to_edge[middle]) - 1)


def fractions(name: str) -> tuple[float, float]:
    """Of what a network calls inside: what has run together, and what is in pieces."""
    codes = seen(name)
    return tuple((codes == code).sum() / (codes > WALL).sum() for code in (TOGETHER, PIECE))


def program_mask() -> np.ndarray:
    """A strip of a mask that the course's program drew: `WALL` or `ONE` (288, 144)."""
    labels = membrane_slice(0)[1][224:, 100:244]
    return np.where(labels > 0, ONE, WALL).astype(np.uint8)


def regions_in_colour(titles: dict[str, str], beside: np.ndarray | None = None) -> Picture:
    """Predicted masks of one place; in colour, where their regions aren't neurons.

    Parameters
    ----------
    titles : variant -> what is written above its mask
    beside : a mask from the course's program, drawn at the same scale; none if not given

    Examples
    --------
    >>> regions_in_colour({"real": "A"}).text
    ''
    """
    palette = [value for colour in COLOURS for value in rgb(colour)]
    parts, said, side = [], [], SCALE * len(seen(next(iter(titles))))
    for place, (name, title) in enumerate(titles.items()):
        codes = seen(name)
        x = place * (side + GAP)
        parts.append(svg.text(x + side / 2, 17, title, 14))
        parts.append(svg.image(png_data(indexed(codes, palette)), x, HEAD, side, side))
        together, piece = fractions(name)
        counted = _("{together:.0%} run together, {piece:.0%} in pieces")
        words = counted.format(together=together, piece=piece)
        parts.append(svg.text(x + side / 2, HEAD + side + 18, words, 13))
        sentence = _("{name}: {together:.0%} has run together, {piece:.0%} is in pieces.")
        said.append(sentence.format(name=title, together=together, piece=piece))
    width, height = len(titles) * (side + GAP) - GAP, side + HEAD + GAP + 20
    strip = 0 if beside is None else SCALE * beside.shape[1]
    if beside is not None:
        x, data = width + 2 * GAP, png_data(indexed(beside, palette))
        parts.append(svg.text(x + strip / 2, 17, _("our program's mask"), 14))
        parts.append(svg.image(data, x, HEAD, strip, side))
        parts.append(svg.rect(x, HEAD, strip, side, stroke=LIGHT.line))
        said.append(_("Next to them a mask that our program drew."))
    for x, colour, words in (
        (0.12, ORANGE, _("neurons that have run together")),
        (0.58, SKY, _("a piece of a neuron that was cut")),
    ):
        parts.append(svg.rect(x * width, height, 14, 14, colour))
        parts.append(svg.text(x * width + 20, height + 12, words, 13, "start"))
    alt = " ".join([_("One piece of tissue as networks see it."), *said])
    return svg_picture(width + (strip and strip + 2 * GAP), height + 20, parts, alt)


def few_slices() -> Picture:
    """One slice learned, without and with augmentation: two networks."""
    titles = {
        "1 slice, crops": _("crops alone, 1 slice"),
        "1 slice, augmented": _("bent, 1 slice"),
    }
    words, found = _("{name}, threshold {at:.2f}: V_rand {score:.2f}"), scores()
    scored = {
        name: words.format(name=title, score=found[name][0], at=found[name][1])
        for name, title in titles.items()
    }
    return regions_in_colour(scored)


def real_or_drawn() -> Picture:
    """Two networks, one of which has never seen a real micrograph: which?

    Examples
    --------
    >>> real_or_drawn().alt[-42:]
    'Next to them a mask that our program drew.'
    """
    return regions_in_colour({"synthetic": "A", "real": "B"}, program_mask())
