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


def iou_by_class(model: nn.Module, volume: Volume, average: bool = False) -> list[float]:
    """Intersection over union of each class with the most probable one, over all slices.

    1 for a class that neither the labels nor the network know. For any number of classes.
    """
    both, either = np.zeros(volume.classes), np.zeros(volume.classes)
    for image, label in zip(volume.images, volume.labels, strict=True):
        likeliest = predict(model, image, average=average).argmax(axis=0)
        for k in range(volume.classes):
            both[k] += np.count_nonzero((label == k) & (likeliest == k))
            either[k] += np.count_nonzero((label == k) | (likeliest == k))
    return [float(b / e) if e else 1.0 for b, e in zip(both, either, strict=True)]


def evaluate(model: nn.Module, volume: Volume, average: bool = False) -> Scores:
    """Score a network on a volume with labels.

    ``average`` predicts each slice in its eight flips and rotations and takes the mean.
    """
    if volume.labels is None:
        raise ValueError(f"{volume.name} has no labels to judge by; `predict` needs none")
    if volume.classes != 2:
        raise ValueError(
            f"{volume.name} has {volume.classes} classes; the challenge's metrics are "
            "for 2; see iou_by_class"
        )
    return score(volume.labels, probabilities(model, volume, average))
