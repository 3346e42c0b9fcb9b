"""Why has this pixel this number? The patch times the kernel, channel by channel. Lesson 09."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SHOWN, LARGEST = 3, 7  # input channels in numbers; the widest kernel that is written down


@torch.no_grad()
def reasons(
    conv: nn.Conv2d, x: Tensor, channel: int, row: int, column: int
) -> dict[str, Any] | None:
    """What each input channel adds to one pixel of a convolution; None where none can tell.

    Parameters
    ----------
    conv : the layer
    x : (1, C, H, W), what went in
    channel, row, column : the pixel of the output

    Returns
    -------
    parts : of the input channels that add or take most, at most three: ``channel``, ``sum``,
        and ``patch`` and ``kernel`` (k, k), empty for a kernel above 7 × 7
    rest : of all others together; others : how many
    bias, total : total = Σ sums + rest + bias

    Examples
    --------
    >>> conv = nn.Conv2d(1, 1, 1)
    >>> _ = nn.init.constant_(conv.weight, 2.0), nn.init.constant_(conv.bias, 0.5)
    >>> found = reasons(conv, torch.tensor([[[[1.0, 3.0]]]]), 0, 0, 1)
    >>> found["parts"][0]["sum"], found["bias"], found["total"]
    (6.0, 0.5, 6.5)
    """
    if not isinstance(conv, nn.Conv2d) or isinstance(conv, nn.LazyConv2d) or x.ndim != 4:
        return None
    weight = conv.weight.detach().double().cpu()
    if x.shape[1] != conv.in_channels or channel >= len(weight):
        return None
    sides = conv._reversed_padding_repeated_twice
    mode = "constant" if conv.padding_mode == "zeros" else conv.padding_mode
    padded = F.pad(x.double().cpu(), sides, mode=mode)[0]
    group = channel // (conv.out_channels // conv.groups)
    first = group * weight.shape[1]
    (high, wide), (down, across) = conv.kernel_size, conv.dilation
    top, left = row * conv.stride[0], column * conv.stride[1]
    patch = padded[first : first + weight.shape[1],
                   top : top + (high - 1) * down + 1 : down,
                   left : left + (wide - 1) * across + 1 : across]  # fmt: skip
    if patch.shape != weight.shape[1:]:
        return None
    kernel = weight[channel]  # (C, k, k)
    sums = (patch * kernel).sum((1, 2))
    order = sums.abs().argsort(descending=True, stable=True)[:SHOWN].tolist()
    written = max(high, wide) <= LARGEST
    bias = 0.0 if conv.bias is None else float(conv.bias[channel])
    return {
        "parts": [
            {"channel": first + c, "sum": float(sums[c]),
             "patch": patch[c].tolist() if written else [],
             "kernel": kernel[c].tolist() if written else []}
            for c in order
        ],
        "rest": float(sums.sum() - sums[order].sum()), "others": len(sums) - len(order),
        "bias": bias, "total": float(sums.sum()) + bias,
    }  # fmt: skip
