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
        "pair_doubled": _(
            "Three pictures of two neighbouring neurons. Doubled by copying, they look as in "
            "the micrograph, only coarser; doubled by an untrained up-convolution, a fine grid "
            "with a period of two pixels covers everything."
        ),
        "wall_four_ways": _(
            "The wall between two neurons, doubled in four untrained ways. Transposed "
            "convolution and pixel shuffle cover it with a fine grid; nearest neighbour and "
            "bilinear interpolation, each with a convolution after it, show no grid."
        ),
        "trained_table": _(
            "V_rand of five seeds for each upsampler, one dot a seed: transposed, nearest, "
            "bilinear and pixel shuffle. The dots lie between 0.87 and 0.96, and those of "
            "all four overlap."
        ),
    },
)
