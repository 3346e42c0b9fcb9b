"""Lesson 00: where a threshold puts the membranes, and three opinions about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unet_teach.drawing.bars import bar
from unet_teach.drawing.picture import Picture, greys, png_picture, spoken
from unet_teach.drawing.style import SKY, VERMILLION, rgb
from unet_teach.metrics import score
from unet_teach.translation import _

STEPS = tuple(round(0.05 * step, 2) for step in range(21))  # the thresholds of the slider
WIDTH = 720  # of the two pictures together, on the page
GREYS = 128
PALETTE = [
    *greys(range(0, 2 * GREYS, 2)),
    *(40, 46, 58), *rgb(SKY), *rgb(VERMILLION), *(255, 255, 255),
]  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """A map of numbers from 0 to 1, and what each threshold of it is worth."""

    values: np.ndarray  # (H, W); above the threshold is inside
    accuracy: tuple[float, ...]  # share of the pixels that are right, by threshold
    dice: tuple[float, ...]  # of inside
    v_rand: tuple[float, ...]


def judge(labels: np.ndarray, values: np.ndarray) -> Judged:
    """Score every threshold once, so that a slider need not wait.

    Parameters
    ----------
    labels : array (H, W) of 0, membrane, and 1, inside
    values : array (H, W) from 0 to 1

    Examples
    --------
    >>> judged = judge(np.array([[1, 1, 0, 1]]), np.array([[0.9, 0.7, 0.2, 0.6]]))
    >>> judged.accuracy[10], judged.dice[10], judged.v_rand[10]
    (1.0, 1.0, 1.0)
    """
    truth = np.asarray(labels) == 1
    scores = score(truth[None].astype(np.uint8), values[None], STEPS)
    accuracy = tuple(float(np.mean((values > t) == truth)) for t in STEPS)
    return Judged(values, accuracy, scores.dice_curve, scores.v_rand_curve)


def thresholded(
    image: np.ndarray, labels: np.ndarray, judged: Judged, threshold: float
) -> Picture:
    """The micrograph, and beside it which pixels a threshold gets right and wrong.

    Parameters
    ----------
    image : uint8 (H, W)
    labels : array (H, W) of 0 and 1
    judged : what `judge` gave for a map of the same size
    threshold : one of `STEPS`
    """
    place = STEPS.index(round(float(threshold), 2))
    inside, truth = judged.values > threshold, np.asarray(labels) == 1
    # Entries of the palette: 128 greys, then what was said and is so, from 00 to 11.
    found = np.uint8(GREYS) + 2 * inside.astype(np.uint8) + truth  # (H, W)
    gap = np.full((len(image), 6), GREYS + 3, np.uint8)
    entries = np.concatenate([image // 2, gap, found], axis=1)
    numbers = {
        _("pixel accuracy"): judged.accuracy[place],
        _("Dice of inside"): judged.dice[place],
        _("V_rand"): judged.v_rand[place],
    }
    seen = _(
        "A micrograph, and its pixels above the threshold {t:.2f}. {missed:.1%} of all pixels "
        "are membrane that was missed."
    ).format(t=threshold, missed=float(np.mean(inside & ~truth)))
    bars = "".join(bar(name, value) for name, value in numbers.items())
    alt = spoken(seen, bars)
    return png_picture(entries, alt, _legend() + bars, width=WIDTH, palette=PALETTE)


def _legend() -> str:
    keys = {
        "#FFFFFF": _("inside, found"), "#282E3A": _("membrane, found"),
        VERMILLION: _("membrane, missed"), SKY: _("inside, called membrane"),
    }  # fmt: skip
    return "".join(
        f'<div><span style="display:inline-block;width:0.9em;height:0.9em;background:{colour};'
        f'border:1px solid #1F2430;vertical-align:-0.1em"></span> {words}</div>'
        for colour, words in keys.items()
    )
