"""Lesson 15: what the course's network makes of the pair, with and without an alarm."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from unet_teach.drawing.pair import Pair, coloured
from unet_teach.drawing.style import BLUE, VERMILLION, new_figure
from unet_teach.translation import _


def wall_logits(network: nn.Module, image: np.ndarray) -> Tensor:
    """What a network of two classes, wall and inside, says in one logit: above 0 means wall.

    Parameters
    ----------
    network : (1, 1, H, W) -> two logits per pixel, (1, 2, H, W): wall first, then inside
    image : float32 (H, W)

    Returns
    -------
    (1, 1, H, W): wall − inside, whose sigmoid is the softmax's probability of wall.
    """
    with torch.inference_mode():
        wall, inside = network(torch.from_numpy(image)[None, None]).split(1, dim=1)
    return wall - inside


def pair_row(
    pair: Pair,
    logits: Mapping[str, Tensor],
    labels: np.ndarray,
    alarms: Mapping[str, bool] | None = None,
) -> Figure:
    """The pair in its two colours or in one, as each input of the network leaves it.

    Parameters
    ----------
    pair : where the two neurons are
    logits : an input's name -> (1, 1, H, W), above 0 means wall
    labels : (H, W), 0 on walls
    alarms : an input's name -> whether a check warned; drawn as a frame, and said below
    """
    figure = new_figure(3 * len(logits), 3.2 if alarms is None else 3.5)
    axes = figure.subplots(1, len(logits))
    for axis, (name, logit) in zip(axes, logits.items(), strict=True):
        inside = logit[0, 0].numpy() < 0  # (H, W)
        axis.imshow(coloured(pair, inside, labels), interpolation="nearest")
        axis.set_title(f"{name}: {pair.verdict(inside, labels)}", fontsize=11)
        axis.set(xticks=[], yticks=[])
        if alarms is not None:
            colour = VERMILLION if alarms[name] else BLUE
            words = _("ALARM: not standardised") if alarms[name] else _("no alarm")
            axis.set_xlabel(words, fontsize=12, color=colour, weight="bold")
            for edge in axis.spines.values():
                edge.set(color=colour, linewidth=5 if alarms[name] else 1.5)
    return figure
