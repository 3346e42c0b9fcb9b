"""Lesson 04: Upsampling."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="Ways to grow\na map",
    lit="up",
    shows="the four upsampling arrows",
    able="tell four ways apart by numbers, checkerboards among them",
    asked=(
        Asked("zero_insertion"),
        Asked("bilinear_kernel"),
        Asked("no_checkerboard"),
    ),
    week=3,
    figures={
        "trained_table": _(
            "V_rand of five seeds for each upsampler, one dot a seed: transposed, nearest, "
            "bilinear and pixel shuffle. The dots lie between 0.87 and 0.96, and those of "
            "all four overlap."
        ),
    },
)
