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
        "grid_inside": _(
            "Three maps of the pair from a trained network. After the last up-convolution, "
            "and still two convolutions later, a fine grid covers the cells; in the output "
            "there is none, and the walls are clear."
        ),
    },
)
