"""Lesson 00: one threshold, three opinions."""

from __future__ import annotations

import numpy as np

from unet_teach.data.membranes import synthetic_membranes
from unet_teach.drawing.picture import Picture
from unet_teach.lessons.l00_start_here.picture import judge, thresholded
from unet_teach.models.pretrained import pretrained
from unet_teach.panel import Panel, choice, slider
from unet_teach.tiling import predict
from unet_teach.translation import _

SIDE = 256  # of the part that is shown
SEED = 101  # tissue that no shipped network was trained on


def threshold_explorer(
    image: np.ndarray | None = None,
    labels: np.ndarray | None = None,
    probability: np.ndarray | None = None,
) -> Panel:
    """A threshold on the grey value of a micrograph or on a network's probability.

    Parameters
    ----------
    image : uint8 (H, W), optional
        A micrograph; without one, synthetic membranes are drawn. Its middle is shown.
    labels : array (H, W) of 0 and 1, with ``image``
    probability : array (H, W), with ``image``; what a network makes of it

    Every threshold is scored once, at the start: a move of the slider only draws.
    """
    if image is None:
        volume = synthetic_membranes(1, size=SIDE, seed=SEED)
        image, labels = volume.images[0], volume.labels[0]
        probability = predict(pretrained("membranes"), image)[1]
    image, labels, probability = (_middle(array) for array in (image, labels, probability))
    judged = {
        "network": judge(labels, probability),
        "grey": judge(labels, image / 255),
    }
    sources = [(_("the grey value itself"), "grey"), (_("a trained U-Net"), "network")]
    controls = {
        "source": choice(_("inside where"), sources, "grey"),
        "threshold": slider(_("is above"), 0.5, 0.0, 1.0, 0.05),
    }

    def draw(source: str, threshold: float) -> Picture:
        return thresholded(image, labels, judged[source], threshold)

    return Panel(_("One threshold, three opinions"), controls, draw)


def _middle(array: np.ndarray) -> np.ndarray:
    """The middle of an array, at most SIDE × SIDE."""
    top, left = (max(0, (length - SIDE) // 2) for length in array.shape)
    return array[top : top + SIDE, left : left + SIDE]
