"""Lesson 00: a first look at a network's answer; one threshold, three opinions."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from unet_teach.drawing.pair import Pair
from unet_teach.interactive import Interactive
from unet_teach.lessons.l00_start_here import first_look as look
from unet_teach.lessons.l00_start_here.measure import (
    FIRST,
    answer,
    given,
    piece,
    questions,
    recorded,
    tissue,
)
from unet_teach.lessons.l00_start_here.picture import look_still, still
from unet_teach.translation import _


def first_look() -> Interactive:
    """A picture of one's choice, and what a trained network makes of it.

    Examples
    --------
    >>> first_look().answer["verdict"]
    'The network sees 20 cells.'
    """
    return Interactive(
        "first_look",
        _("Choose a picture; a trained U-Net finds its cells"),
        look.answer,
        {"picture": 1, "own": ""},
        Path(__file__).with_name("first_look.js"),
        look_still,
        given=look.given(),
        presets=look.questions(),
        recorded=look.recorded,
        words={
            "lead": _("Choose a picture, then drag the line across it."),
            "choose": _("Four pictures of synthetic tissue, a brick wall and a face"),
            "picture": _("picture {n}"),
            "own": _("A picture of your own …"),
            "in_notebook": _("In the notebook you can use a picture of your own, too."),
            "wipe": _("The line between the picture and the cells"),
            "before": _("picture"),
            "after": _("cells"),
            "share": _("{share} of the pixels are called inside, the rest membrane."),
        },
    )


def threshold_explorer(
    image: np.ndarray | None = None,
    labels: np.ndarray | None = None,
    probability: np.ndarray | None = None,
    pair: Pair | None = None,
) -> Interactive:
    """A threshold on the grey value of a micrograph or on a network's probability.

    It opens at a low threshold, where membranes have many gaps.

    Parameters
    ----------
    image : uint8 (H, W), optional
        A micrograph; without one, synthetic membranes are drawn.
    labels : array (H, W) of 0 and 1, with ``image``
    probability : array (H, W), optional, with ``image``; what a network makes of it
    pair : Pair, optional
        Where in the image the pair is; without one, the image's middle is shown.

    Examples
    --------
    >>> explorer = threshold_explorer()
    >>> explorer.answer["verdict"]
    'A and B have run together. 13 of 13 cells are joined to another.'
    >>> explorer.ask("And a trained U-Net?")
    >>> explorer.answer["verdict"]
    'A and B are apart. 13 regions for 13 cells, none run together.'
    """
    shown = tissue() if image is None else piece(image, labels, probability, pair)
    return Interactive(
        "threshold_explorer",
        _("Which threshold is best? Three scores disagree"),
        partial(answer, shown),
        FIRST,
        Path(__file__).with_name("view.js"),
        partial(still, shown),
        given=given(shown),
        presets=questions(shown),
        recorded=partial(recorded, shown),
        words={
            "lead": _(
                "Drag the line in the histogram: what is right of it counts as inside a cell."
            ),
            "source": _("What is thresholded"),
            "grey": _("micrograph"),
            "network": _("U-Net"),
            "map": _("The map that is thresholded"),
            "regions": _("The regions above the threshold"),
            "keys": _("Arrow keys move, Enter lights a region up."),
            "above": _("above {t}: a colour for each region"),
            "pair": _("A B"),
            "click": _("Click a cell: how large is its region?"),
            "picked": _("This region has {n} pixels."),
            "picked_more": _("This region has {n} pixels: {k} cells in one."),
            "picked_wall": _("Called membrane at this threshold."),
            "missed": _("membrane, missed"),
            "together": _("run together"),
            "threshold": _("threshold"),
            "inside": _("inside"),
            "membrane": _("membrane"),
            "histogram": _("How many pixels have which value, by their true class"),
            "value": _("grey value, 1 is white"),
            "probability": _("probability of inside"),
            "scores": _("Three scores over all thresholds"),
            "opinions": _(
                "Accuracy and Dice count pixels. V_rand asks: are the cells kept apart, and "
                "whole?"
            ),
            "accuracy": _("pixel accuracy"),
            "dice": _("Dice of inside"),
            "v_rand": _("V_rand"),
        },
    )
