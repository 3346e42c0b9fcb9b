"""FCN: what U-Net grew out of. It adds score maps where U-Net concatenates features.

Long, Shelhamer and Darrell, "Fully Convolutional Networks for Semantic
Segmentation", CVPR 2015, section 4. Their three networks score the classes at the
bottom, upsample the scores, and add the scores of shallower, finer levels on
the way: FCN-32s none, FCN-16s one, FCN-8s two. Lesson 06 sets it beside U-Net.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach.config import UNetConfig, whole
from unet_teach.layers import DoubleConv, initialise
from unet_teach.models.inputs import check_input, require


class BilinearUp(nn.ConvTranspose2d):
    """A transposed convolution that starts out as bilinear interpolation.

    Kernel 2f, stride f, padding f/2, and in both directions the weights of a tent:
    1 - |t|/f at the kernel's pixel centres t. "Note that the deconvolution filter
    in such a layer need not be fixed (e.g., to bilinear upsampling), but can be
    learned" (section 3.3).

    Parameters
    ----------
    channels : int
        Maps in and out; each starts by being upsampled alone.
    factor : int
        An even whole number: (B, C, H, W) becomes (B, C, factor·H, factor·W).

    Examples
    --------
    >>> up = BilinearUp(1, 2)
    >>> up(torch.tensor([[[[0.0, 4.0, 8.0]] * 3]]))[0, 0, 2].tolist()
    [0.0, 1.0, 3.0, 5.0, 7.0, 6.0]
    """

    def __init__(self, channels: int, factor: int) -> None:
        factor = whole("factor", factor)
        if factor < 2 or factor % 2:
            raise ValueError(f"factor is {factor!r}; it must be an even whole number")
        super().__init__(channels, channels, 2 * factor, factor, factor // 2, bias=False)
        t = torch.arange(2 * factor) - (2 * factor - 1) / 2
        tent = 1 - t.abs() / factor
        with torch.no_grad():
            self.weight.zero_()  # (C, C, 2f, 2f)
            for channel in range(channels):
                self.weight[channel, channel] = tent[:, None] * tent[None, :]


class FCN(nn.Module):
    """FCN on U-Net's contracting path: class scores, not features, climb up again.

    Parameters
    ----------
    config : UNetConfig
        `padding` must be "same": score maps are added pixel on pixel, and the
        output has the input's size. Of the rest, `in_channels`, `out_channels`,
        `base_channels`, `depth`, `batch_norm` and `dropout` count; `merge`,
        `upsample` and `align` say how a U-Net expands, and are not used.
    stride : int
        Stride of the finest level that is scored, the number in the network's
        name: a power of two from 2 to 2**depth. Stride 2**depth adds no score map
        (FCN-32s at depth 5), each halving adds one more. At the usual depth 4
        the deepest map has stride 16, so stride 8 adds one score map.

    Raises
    ------
    ValueError
        Illegal padding or stride.
    unet_teach.shapes.IllegalSize
        From `forward`, where a side is no multiple of 2**depth.

    Examples
    --------
    >>> config = UNetConfig(padding="same", base_channels=4, depth=5)
    >>> FCN(config, stride=8)(torch.zeros(1, 1, 64, 96)).shape
    torch.Size([1, 2, 64, 96])
    """

    def __init__(self, config: UNetConfig, stride: int = 8) -> None:
        super().__init__()
        require(config, "FCN", padding="same")
        strides = [2**level for level in range(config.depth, 0, -1)]
        stride = whole("stride", stride)
        if stride not in strides:
            raise ValueError(
                f"stride is {stride!r}; at depth {config.depth} the deepest map has stride "
                f"{strides[0]}; valid strides: {', '.join(map(str, strides))}"
            )
        self.config, self.stride = config, stride
        self.scored = strides.index(stride) + 1  # levels scored, counted from the bottom
        channels, classes = config.channels, config.out_channels

        self.contract = nn.ModuleList(
            DoubleConv(above, below, "same", config.batch_norm)
            for above, below in pairwise((config.in_channels, *channels))
        )
        self.dropout = nn.Dropout(config.dropout)
        self.scores = nn.ModuleList(
            nn.Conv2d(width, classes, 1) for width in channels[: -self.scored - 1 : -1]
        )
        initialise(self)
        for score in self.scores[1:]:
            nn.init.zeros_(score.weight)  # "so that the net starts with unmodified predictions"
        # After `initialise`, which would draw over the tents.
        self.upsamplers = nn.ModuleList(BilinearUp(classes, 2) for _ in self.scores[1:])
        self.last = BilinearUp(classes, stride)
        # Section 4.3: the last upsampling stays bilinear, those before it are learned.
        self.last.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (B, K, H, W) of images (B, C, H, W)."""
        check_input(x, self.config)
        maps = []
        for level, convs in enumerate(self.contract):
            if level > 0:
                x = F.max_pool2d(x, 2)  # (B, C, H, W) -> (B, C, H/2, W/2)
            x = convs(x)  # (B, C, H/2, W/2) -> (B, 2C, H/2, W/2)
            if level >= self.config.depth - 1:
                x = self.dropout(x)
            maps.append(x)

        score = self.scores[0](maps.pop())  # (B, K, H/2^depth, W/2^depth)
        for up, project in zip(self.upsamplers, self.scores[1:], strict=True):
            score = up(score) + project(maps.pop())  # (B, K, 2h, 2w)
        return self.last(score)  # (B, K, H, W)

    def __repr__(self) -> str:
        scored = ", ".join(f"{self.stride * 2**i}" for i in reversed(range(self.scored)))
        return f"FCN-{self.stride}s(scores at strides {scored}; {self.config})"
