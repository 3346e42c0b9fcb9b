"""Cut, scale or exchange one skip of a trained U-Net: what is it good for? Lesson 06."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from unet_teach.config import UNetConfig, whole
from unet_teach.shapes import trace
from unet_teach.tiling import evaluating


def parameters(merge: str, base: int, depth: int = 4) -> int:
    """Parameters of a U-Net with this merge and so many base channels."""
    config = UNetConfig(merge=merge, base_channels=base, depth=depth, padding="same")
    return trace(config, 2 ** (depth + 1)).parameters


def _check(model: nn.Module, level: int) -> None:
    config = getattr(model, "config", None)
    if getattr(config, "merge", None) != "concat":
        raise ValueError("the model must be a U-Net with merge='concat': its skips stand apart")
    whole("level of a skip", level, 0, config.depth - 1)


def skip_of(model: nn.Module, x: Tensor, level: int) -> Tensor:
    """The map (1, C, h, w) that one skip brings, already cropped to where it is joined."""
    seen: list[Tensor] = []

    def keep(skip: Tensor) -> Tensor:
        seen.append(skip.clone())
        return skip

    operate(model, x, level, keep)
    return seen[0].clone()


def operate(
    model: nn.Module, x: Tensor, level: int, change: Callable[[Tensor], Tensor]
) -> Tensor:
    """Run a U-Net with one of its skips changed on its way; all else stays as it is.

    Parameters
    ----------
    model : UNet with ``merge="concat"``; its training state is given back as it was
    x : (B, C, H, W)
    level : of the skip, 0 at the top
    change : takes the skip (B, C, h, w) and gives what is to arrive

    Returns
    -------
    Tensor, logits (B, K, H', W')

    Raises
    ------
    ValueError
        A network without such skips, a level that it does not have.

    Examples
    --------
    >>> from unet_teach.config import UNetConfig
    >>> from unet_teach.models.unet import UNet
    >>> model = UNet(UNetConfig(base_channels=2, depth=1, padding="same"))
    >>> operate(model, torch.rand(1, 1, 8, 8), 0, torch.zeros_like).shape
    torch.Size([1, 2, 8, 8])
    """
    _check(model, level)
    channels = model.config.channels[level]  # the skip stands first in the concatenation

    def exchange(_part: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
        skip, below = inputs[0][:, :channels], inputs[0][:, channels:]
        return (torch.cat([change(skip), below], dim=1),)

    handle = model.expand[level].register_forward_pre_hook(exchange)
    try:
        with evaluating(model):
            return model(x).clone()
    finally:
        handle.remove()
