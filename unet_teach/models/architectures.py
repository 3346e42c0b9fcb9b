"""The course's four architectures by name: built from a name, and described by one.

Training and its files use it, so that a run of any of them is kept and resumed alike.
"""

from __future__ import annotations

from dataclasses import asdict

from torch import Tensor, nn

from unet_teach.config import UNetConfig, one_of
from unet_teach.models.fcn import FCN
from unet_teach.models.nested import UNet3Plus, UNetPlusPlus
from unet_teach.models.outputs import peeled
from unet_teach.models.unet import UNet

ARCHITECTURES = {
    "unet": UNet,
    "unet_plus_plus": UNetPlusPlus,
    "unet_3plus": UNet3Plus,
    "fcn": FCN,  # FCN-8s
}
NESTED = ("unet_plus_plus", "unet_3plus")  # those that may have several heads


def build(
    config: UNetConfig, architecture: str = "unet", deep_supervision: bool = False
) -> nn.Module:
    """A network by name, its weights drawn anew.

    Raises
    ------
    ValueError
        An unknown name, several heads for a network that has one, or a config that the
        architecture is not defined for.

    Examples
    --------
    >>> build(UNetConfig(padding="same", base_channels=4, depth=3), "fcn")
    FCN-8s(scores at strides 8; UNetConfig(in_channels=1, out_channels=2, base_channels=4, \
depth=3, padding='same', merge='concat', upsample='transposed', align='crop', \
batch_norm=False, dropout=0.0))
    """
    one_of("architecture", architecture, ARCHITECTURES)
    if architecture in NESTED:
        return ARCHITECTURES[architecture](config, deep_supervision)
    if deep_supervision:
        raise ValueError(
            f"deep_supervision needs several heads, and {architecture!r} has one; "
            f"valid architectures: {', '.join(map(repr, NESTED))}"
        )
    return ARCHITECTURES[architecture](config)


def heads_of(output: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The logits of every head: with deep supervision a network in training gives a tuple."""
    return output if isinstance(output, tuple) else (output,)


def architecture_of(model: nn.Module) -> dict:
    """What `build` needs to make this network again, as plain values.

    Examples
    --------
    >>> config = UNetConfig(padding="same", base_channels=4, depth=2)
    >>> facts = architecture_of(UNetPlusPlus(config))
    >>> facts["architecture"], facts["deep_supervision"], facts["network"]["depth"]
    ('unet_plus_plus', False, 2)
    """
    *_wrappers, model = peeled(model)
    names = [name for name, kind in ARCHITECTURES.items() if type(model) is kind]
    if not names:
        valid = ", ".join(kind.__name__ for kind in ARCHITECTURES.values())
        raise ValueError(f"{type(model).__name__} has no name to be built from; valid: {valid}")
    heads = len(model.graph.heads) if names[0] in NESTED else 1
    return {
        "architecture": names[0],
        "deep_supervision": heads > 1,
        "network": asdict(model.config),
    }
