"""A table of operations on the skips of one trained network, computed once. Lesson 06."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from unet_teach.data.volume import standardise
from unet_teach.lessons.l06_concat_or_add.measure import operate, skip_of
from unet_teach.metrics import score
from unet_teach.models.outputs import class_logits
from unet_teach.translation import _


@dataclass(frozen=True)
class Operation:
    """What a network makes of an image with one skip changed."""

    probability: np.ndarray  # (H, W), of inside
    scores: dict[str, float]  # V_rand and pixel accuracy at a threshold of 0.5


def operations(
    model: nn.Module,
    image: np.ndarray,
    labels: np.ndarray,
    other: np.ndarray,
    factors: Sequence[float],
) -> dict[tuple[int, float | str], Operation]:
    """Every skip scaled by every factor, and swapped for that of another image.

    Parameters
    ----------
    model : UNet with same padding and ``merge="concat"``
    image, other : uint8 (H, W) of one size, sides multiples of 2 to the depth
    labels : (H, W) of 0 and 1
    factors : what a skip is multiplied with

    Returns
    -------
    (level, factor) or (level, "swap") -> Operation
    """
    x, donor = (torch.from_numpy(standardise(a))[None, None] for a in (image, other))
    table: dict[tuple[int, float | str], Operation] = {}
    for level in range(model.config.depth):
        for factor in factors:
            table[level, factor] = _judge(
                operate(model, x, level, lambda skip, factor=factor: factor * skip), labels
            )
        foreign = skip_of(model, donor, level)
        table[level, "swap"] = _judge(
            operate(model, x, level, lambda _skip, foreign=foreign: foreign), labels
        )
    return table


def _judge(logits: torch.Tensor, labels: np.ndarray) -> Operation:
    probability = class_logits(logits).softmax(dim=1)[0, 1].cpu().numpy()  # (H, W)
    truth = (np.asarray(labels) == 1).astype(np.uint8)
    scores = {
        "V_rand": score(truth[None], probability[None], [0.5]).v_rand,
        _("pixel accuracy"): float(np.mean((probability > 0.5) == truth)),
    }
    return Operation(probability, scores)
