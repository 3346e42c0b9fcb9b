"""The parts of a U-Net: the double convolution, the upsamplers, the crop and the two merges.

The paper's section 2 in code: "the repeated application of two 3x3
convolutions (unpadded convolutions), each followed by a rectified linear unit
(ReLU)", "a 2x2 convolution ('up-convolution') that halves the number of feature
channels", "a concatenation with the correspondingly cropped feature map".
Lessons 03 to 06 build each of them by hand.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach.config import CHOICES, one_of


class DoubleConv(nn.Sequential):
    """Two 3×3 convolutions, each followed by a ReLU.

    Parameters
    ----------
    in_channels, out_channels : int
        Channels of the input, and of both convolutions' outputs.
    padding : {"valid", "same"}
        ``"valid"``: each convolution takes one pixel off every side.
        ``"same"``: a frame of zeros keeps the size.
    batch_norm : bool
        Normalise between convolution and ReLU (Ioffe and Szegedy, 2015); the
        convolution then needs no bias of its own.

    Examples
    --------
    >>> DoubleConv(1, 64)(torch.zeros(1, 1, 572, 572)).shape
    torch.Size([1, 64, 568, 568])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        padding: str = "valid",
        batch_norm: bool = False,
    ) -> None:
        one_of("padding", padding, CHOICES["padding"])
        parts: list[nn.Module] = []
        for channels in (in_channels, out_channels):
            parts.append(
                nn.Conv2d(channels, out_channels, 3, padding=padding, bias=not batch_norm)
            )
            if batch_norm:
                parts.append(nn.BatchNorm2d(out_channels))
            parts.append(nn.ReLU(inplace=True))
        super().__init__(*parts)


class UpConv(nn.ConvTranspose2d):
    """The paper's up-convolution: a transposed convolution 2×2 with stride 2.

    Every input pixel paints one 2×2 block of the output; blocks do not overlap.

    Examples
    --------
    >>> UpConv(1024, 512)(torch.zeros(1, 1024, 28, 28)).shape
    torch.Size([1, 512, 56, 56])
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(in_channels, out_channels, kernel_size=2, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in, H, W) to (B, out, 2H, 2W).

        On a CPU as one matrix product: the channels of a pixel, times a matrix
        (in, 2·2·out), are its block. torch's own way gives the same numbers, but
        training takes longer with it there (`benchmarks/up_convolution.py`).
        """
        if x.device.type != "cpu" or x.shape[1:-2] != (self.in_channels,):
            return super().forward(x)  # where x is wrong, torch says how
        (batch, channels, height, width), out = x.shape, self.out_channels
        matrix = self.weight.permute(2, 3, 1, 0).reshape(4 * out, channels)
        blocks = F.linear(x.permute(0, 2, 3, 1), matrix, self.bias.repeat(4))
        blocks = blocks.view(batch, height, width, 2, 2, out).permute(0, 1, 3, 2, 4, 5)
        return blocks.reshape(batch, 2 * height, 2 * width, out).permute(0, 3, 1, 2)


class UpInterpolate(nn.Module):
    """A 1×1 convolution that changes the channels, then interpolation to twice the size.

    The two commute, since interpolation treats every channel alike and its
    weights sum to one; the convolution comes first because it then has a
    quarter of the pixels to work on.
    """

    def __init__(self, in_channels: int, out_channels: int, mode: str) -> None:
        super().__init__()
        self.mode = one_of("mode", mode, ("nearest", "bilinear"))
        self.conv = nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        align_corners = False if self.mode == "bilinear" else None
        x = self.conv(x)  # (B, out, H, W)
        return F.interpolate(x, scale_factor=2, mode=self.mode, align_corners=align_corners)


class UpShuffle(nn.Sequential):
    """Pixel shuffle (Shi et al., 2016): four maps for each output, dealt out as a 2×2 block."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(nn.Conv2d(in_channels, 4 * out_channels, 1), nn.PixelShuffle(2))


def make_upsampler(kind: str, in_channels: int, out_channels: int) -> nn.Module:
    """The upsampler that a config names: (B, in, H, W) to (B, out, 2H, 2W).

    Examples
    --------
    >>> make_upsampler("bilinear", 8, 4)(torch.zeros(1, 8, 5, 5)).shape
    torch.Size([1, 4, 10, 10])
    """
    one_of("upsample", kind, CHOICES["upsample"])
    if kind == "transposed":
        return UpConv(in_channels, out_channels)
    if kind == "pixel_shuffle":
        return UpShuffle(in_channels, out_channels)
    return UpInterpolate(in_channels, out_channels, kind)


def center_crop(x: Tensor, size: tuple[int, int]) -> Tensor:
    """The middle of a map. Where the margin is odd, the spare pixel is lost below and right.

    Parameters
    ----------
    x : Tensor
        (B, C, H, W)
    size : (int, int)
        Height and width to keep.

    Examples
    --------
    >>> center_crop(torch.arange(5.0).view(1, 1, 1, 5), (1, 3)).flatten().tolist()
    [1.0, 2.0, 3.0]
    """
    height, width = x.shape[-2:]
    new_height, new_width = size
    if not (1 <= new_height <= height and 1 <= new_width <= width):
        raise ValueError(f"cannot crop {height}×{width} to {new_height}×{new_width}")
    top, left = (height - new_height) // 2, (width - new_width) // 2
    return x[..., top : top + new_height, left : left + new_width]


def zero_pad(x: Tensor, size: tuple[int, int]) -> Tensor:
    """A map in the middle of zeros, (B, C, *size): the inverse of `center_crop`.

    Examples
    --------
    >>> zero_pad(torch.ones(1, 1, 1, 2), (1, 5)).flatten().tolist()
    [0.0, 1.0, 1.0, 0.0, 0.0]
    """
    height, width = x.shape[-2:]
    rows, columns = size[0] - height, size[1] - width
    if rows < 0 or columns < 0:
        raise ValueError(f"cannot pad {height}×{width} to {size[0]}×{size[1]}")
    left, top = columns // 2, rows // 2
    return F.pad(x, (left, columns - left, top, rows - top))


def align(skip: Tensor, x: Tensor, how: str) -> tuple[Tensor, Tensor]:
    """Bring both maps to one size: "crop" the skip or zero-"pad" the map from below."""
    one_of("align", how, CHOICES["align"])
    if skip.shape[-2:] == x.shape[-2:]:
        return skip, x
    if how == "crop":
        return center_crop(skip, x.shape[-2:]), x
    return skip, zero_pad(x, skip.shape[-2:])


def merge(skip: Tensor, x: Tensor, how: str) -> Tensor:
    """Join a skip (B, C, H, W) and the map from below (B, C, H, W), already of one size.

    ``"concat"`` keeps both, (B, 2C, H, W), the skip first as in the paper's
    figure; ``"add"`` sums them, (B, C, H, W).
    """
    if how == "concat":
        return torch.cat([skip, x], dim=1)
    if how == "add":
        return skip + x
    raise ValueError(f"merge is {how!r}; valid values: 'concat', 'add' ('none' joins nothing)")


def incoming_nodes(conv: nn.Conv2d | nn.ConvTranspose2d) -> float:
    """N of He's rule: how many numbers are weighed and added to make one output number.

    A convolution reads a k×k window of each input channel of its group. A transposed one paints
    a k×k block for every input pixel, its blocks a stride s apart: (k/s)² of them overlap at an
    output pixel, in the mean where s does not divide k. With the paper's k = s = 2 that is one
    input pixel, so N is ``in_channels``, although each weighs 2×2 numbers.

    Examples
    --------
    >>> incoming_nodes(nn.Conv2d(8, 4, 3)), incoming_nodes(UpConv(8, 4))
    (72.0, 8.0)
    """
    (height, width), nodes = conv.kernel_size, conv.in_channels / conv.groups
    strides = conv.stride if isinstance(conv, nn.ConvTranspose2d) else (1, 1)
    return nodes * height * width / (strides[0] * strides[1])


def initialise(module: nn.Module, generator: torch.Generator | None = None) -> None:
    """Draw all weights as the paper does (section 3; He et al., 2015), biases zero.

    "the initial weights [come] from a Gaussian distribution with a standard
    deviation of sqrt(2/N), where N denotes the number of incoming nodes of one
    neuron".
    """
    for part in module.modules():
        if not isinstance(part, (nn.Conv2d, nn.ConvTranspose2d)):
            continue
        with torch.no_grad():
            part.weight.normal_(0.0, (2 / incoming_nodes(part)) ** 0.5, generator=generator)
            if part.bias is not None:
                part.bias.zero_()
