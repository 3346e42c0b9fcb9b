"""U-Net: the whole, after its parts. The paper's figure 1, top to bottom and up again.

Lesson 07 writes this file's `UNet.forward`.
"""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach.config import UNetConfig
from unet_teach.layers import DoubleConv, align, initialise, make_upsampler, merge
from unet_teach.models.inputs import check_input


class UNet(nn.Module):
    """A U-Net as its config describes it; the default config is the paper's network.

    Parameters
    ----------
    config : UNetConfig

    Raises
    ------
    unet_teach.shapes.IllegalSize
        From `forward`, where a pool would drop a pixel; the message names the nearest
        legal sizes.

    Examples
    --------
    >>> import torch
    >>> small = UNet(UNetConfig(base_channels=4))
    >>> small(torch.zeros(1, 1, 188, 204)).shape
    torch.Size([1, 2, 4, 20])
    >>> sum(p.numel() for p in UNet(UNetConfig()).parameters())
    31030658
    """

    def __init__(self, config: UNetConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or UNetConfig()
        channels, extra = config.channels, (config.padding, config.batch_norm)

        self.contract = nn.ModuleList([DoubleConv(config.in_channels, channels[0], *extra)])
        self.upsamplers = nn.ModuleList()
        self.expand = nn.ModuleList()
        for above, below in pairwise(channels):
            self.contract.append(DoubleConv(above, below, *extra))
            self.upsamplers.append(make_upsampler(config.upsample, below, above))
            joined = 2 * above if config.merge == "concat" else above
            self.expand.append(DoubleConv(joined, above, *extra))
        self.dropout = nn.Dropout(config.dropout)
        self.last = nn.Conv2d(channels[0], config.out_channels, 1)
        initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (B, K, h, w) of images (B, C, H, W); h = H and w = W with same padding."""
        check_input(x, self.config)
        depth = self.config.depth
        skips = []
        for level, convs in enumerate(self.contract):
            if level > 0:
                x = F.max_pool2d(x, 2)  # (B, C, H, W) -> (B, C, H/2, W/2)
            x = convs(x)  # (B, C, H, W) -> (B, 2C, H - 4, W - 4) with valid convolutions
            if level >= depth - 1:  # "Drop-out layers at the end of the contracting path"
                x = self.dropout(x)
            skips.append(x)

        for level in reversed(range(depth)):
            x = self.upsamplers[level](x)  # (B, 2C, H, W) -> (B, C, 2H, 2W)
            if self.config.merge != "none":
                skip, x = align(skips[level], x, self.config.align)
                x = merge(skip, x, self.config.merge)  # (B, 2C, 2H, 2W) with "concat"
            x = self.expand[level](x)  # (B, C, 2H - 4, 2W - 4) with valid convolutions
        return self.last(x)  # (B, K, h, w)


def count_parameters(model: nn.Module) -> int:
    """Numbers that training changes, in all.

    Examples
    --------
    >>> count_parameters(nn.Conv2d(1, 64, 3))
    640
    """
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
