"""Judge a network on slices that it never saw, by the challenge's metrics."""

from __future__ import annotations

import numpy as np
from torch import nn

from unet_teach.data.volume import Volume
from unet_teach.metrics import Scores, score
from unet_teach.tiling import predict

INSIDE = 1  # the class whose probability is judged


def probabilities(model: nn.Module, volume: Volume, average: bool = False) -> list[np.ndarray]:
    """The probability of inside for every slice, each (H, W), float32."""
    return [predict(model, image, average=average)[INSIDE] for image in volume.images]


def evaluate(model: nn.Module, volume: Volume, average: bool = False) -> Scores:
    """Score a network on a volume with labels.

    ``average`` predicts each slice in its eight flips and rotations and takes the mean.
    """
    if volume.labels is None:
        raise ValueError(f"{volume.name} has no labels to judge by; `predict` needs none")
    if volume.classes != 2:
        raise ValueError(
            f"{volume.name} has {volume.classes} classes; the challenge's metrics are for 2"
        )
    return score(volume.labels, probabilities(model, volume, average))
