"""The networks, from the plain U-Net to what grew out of it and what it grew out of."""

from unet_teach.models.architectures import ARCHITECTURES, build
from unet_teach.models.fcn import FCN
from unet_teach.models.nested import NestedUNet, UNet3Plus, UNetPlusPlus
from unet_teach.models.pretrained import pretrained
from unet_teach.models.unet import UNet, count_parameters

__all__ = [
    "ARCHITECTURES",
    "FCN",
    "NestedUNet",
    "UNet",
    "UNet3Plus",
    "UNetPlusPlus",
    "build",
    "count_parameters",
    "pretrained",
]
