"""A run that is cut short."""

from __future__ import annotations

import pytest

from unet_teach.training import train


def interrupt(config, volume, folder, step):
    """Train, and press Ctrl-C after this step."""

    def press(record):
        if record["step"] == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config, volume, folder, on_step=press)
