"""Lesson 03: Encoder and decoder."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="Contract\nand expand",
    lit="contract bottom expand conv pool up",
    shows="both paths, without the skips",
    able="build the contracting path; show what pooling loses",
    asked=(
        Asked("double_conv", part=True),
        Asked("contract", part=True),
        Asked("parameters"),
    ),
    week=2,
    homework="Lesson 03: count the parameters of a network of depth 3",
    figures={
        "stripes": _(
            "The fraction lost by pooling and upsampling, over the period of the stripes. Both "
            "curves, nearest and bilinear, begin at 1 for a period of 2, fall, and are near "
            "0 from a period of 32 on; bilinear still loses almost all at a period of 3."
        ),
        "micrograph_down_and_up": _(
            "A micrograph after one to four poolings and interpolation back: 5%, 17%, 38% "
            "and 58% lost. The membranes blur, and at depth 4 only a few grey clouds remain."
        ),
        "depth_table": _(
            "Pixel error over one to four poolings. Both curves fall to three poolings and "
            "rise at four; without skips the error is higher throughout, and at four "
            "poolings far higher than with concatenated skips."
        ),
    },
)
