"""What every network asks of its input and its config, asked in one place."""

from __future__ import annotations

from torch import Tensor

from unet_teach.config import UNetConfig
from unet_teach.shapes import output_size


def check_input(x: Tensor, config: UNetConfig) -> None:
    """Refuse what `config`'s network does not take.

    Raises
    ------
    ValueError
        Not (B, C, H, W) with the config's channels.
    unet_teach.shapes.IllegalSize
        A pool would drop a pixel; the message names the nearest legal sizes.
    """
    if x.ndim != 4 or x.shape[1] != config.in_channels:
        raise ValueError(
            f"input has shape {tuple(x.shape)}; "
            f"due is (B, {config.in_channels}, H, W) with this config"
        )
    for side in dict.fromkeys(x.shape[-2:]):
        output_size(config, int(side))  # raises IllegalSize


def require(config: UNetConfig, network: str, **settings: str) -> None:
    """Refuse a config whose `settings` are not those that `network` is defined for.

    Examples
    --------
    >>> require(UNetConfig(), "FCN", padding="same")
    Traceback (most recent call last):
        ...
    ValueError: FCN needs padding='same', and padding is 'valid'; \
use dataclasses.replace(config, padding='same')
    """
    for name, due in settings.items():
        value = getattr(config, name)
        if value != due:
            raise ValueError(
                f"{network} needs {name}={due!r}, and {name} is {value!r}; "
                f"use dataclasses.replace(config, {name}={due!r})"
            )
