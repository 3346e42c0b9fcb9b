"""What an illegal size does: torch runs it, and the skips stand beside what they meet.

Lesson 07 measures both. `floors`, beside this file, computes the same without torch.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from unet_teach.layers import align, merge
from unet_teach.models.unet import UNet


def run_any_size(model: UNet, x: Tensor) -> Tensor:
    """A U-Net's forward pass without its check of the input size.

    Examples
    --------
    >>> from unet_teach.config import UNetConfig
    >>> small = UNet(UNetConfig(base_channels=1))
    >>> run_any_size(small, torch.zeros(1, 1, 190, 188)).shape  # 190: not a word
    torch.Size([1, 2, 4, 4])
    """
    skips = []
    for level, convs in enumerate(model.contract):
        x = convs(F.max_pool2d(x, 2) if level else x)
        skips.append(x)
    for level in reversed(range(model.config.depth)):
        x = model.upsamplers[level](x)
        if model.config.merge != "none":
            x = merge(*align(skips[level], x, model.config.align), model.config.merge)
        x = model.expand[level](x)
    return model.last(x)


def coordinate_shifts(size: int, depth: int = 4) -> list[float]:
    """How far each cropped skip stands beside the map from below, in input pixels.

    The maps carry their own coordinates through the U: a valid convolution keeps the
    middle, a pooling takes the mean of two, upsampling repeats. Where both maps of a
    merge say the same place, the shift is 0.

    Parameters
    ----------
    size : pixels of one side of the input, legal or not
    depth : number of poolings

    Returns
    -------
    The shift at each level, top first.

    Examples
    --------
    >>> coordinate_shifts(572), coordinate_shifts(570)
    ([0.0, 0.0, 0.0, 0.0], [7.0, 6.0, 4.0, 0.0])
    """
    x = torch.arange(size, dtype=torch.float64)  # where each pixel lies
    skips, shifts = [], []
    for level in range(depth + 1):
        x = F.avg_pool1d(x[None], 2)[0] if level else x
        x = x[2:-2]  # two 3×3 convolutions
        skips.append(x)
    for level in reversed(range(depth)):
        x = x.repeat_interleave(2)
        start = (len(skips[level]) - len(x)) // 2
        skip = skips[level][start : start + len(x)]
        shifts.insert(0, float((skip - x).mean()))
        x = x[2:-2]
    return shifts
