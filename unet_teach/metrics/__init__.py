"""How good a segmentation is: pixel by pixel, and region by region.

A micrograph is segmented to follow neurites, so what counts is whether two
pixels of one neurite stay together and two of different neurites stay apart.
One missing pixel of wall merges two neurites: pixel error, IoU and Dice hardly
move, V_rand falls. The metrics are the ISBI 2012 challenge's: Arganda-Carreras
et al., "Crowdsourcing the creation of image segmentation algorithms for
connectomics", Frontiers in Neuroanatomy 9:142, 2015. The paper's section 4
quotes the challenge's earlier, unthinned ones.

*White* is inside a neurite (1) and *black* is wall (0). The files read in this order:
``pixels``, ``thinning``, ``regions``, ``challenge``; ``checked`` refuses bad input.
"""

from __future__ import annotations

from unet_teach.metrics.challenge import Scores, score
from unet_teach.metrics.checked import THRESHOLDS
from unet_teach.metrics.pixels import dice, iou, pixel_error
from unet_teach.metrics.regions import Contingency, contingency, v_info, v_rand
from unet_teach.metrics.thinning import DAM, components, thin

__all__ = [
    "DAM",
    "THRESHOLDS",
    "Contingency",
    "Scores",
    "components",
    "contingency",
    "dice",
    "iou",
    "pixel_error",
    "score",
    "thin",
    "v_info",
    "v_rand",
]
