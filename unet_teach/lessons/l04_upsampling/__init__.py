"""Lesson 04: Upsampling."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="Ways to grow\na map",
    lit="up",
    shows="the four upsampling arrows",
    able="tell four ways apart by numbers, checkerboards among them",
    asked=(
        Asked("up_conv", part=True),
        Asked("bilinear_kernel"),
        Asked("no_checkerboard"),
    ),
    week=3,
    figures={
        "pair_doubled": _(
            "Three pictures of two neighbouring neurons. Doubled by copying, they look as in "
            "the micrograph, only coarser; in the output of an untrained up-convolution, a "
            "fine grid with a period of two pixels covers everything. A fourth picture "
            "enlarges 12 × 12 pixels of that output."
        ),
        "transposed": _(
            "W, three rows of six numbers: 1 2 0 0 0 0, then 0 0 1 2 0 0, then 0 0 0 0 1 2. "
            "Next to it its transpose, six rows of three, times the column 1, 10, 100. The "
            "result is 1, 2, 10, 20, 100, 200: each of the three numbers painted two."
        ),
        "stamped": _(
            "The wall between two neurons, painted with copies of a small stamp, one for each "
            "pixel, as bright as the pixel. With stride 8 the copies keep apart; with stride 6 "
            "they overlap, and a grid of bright spots appears."
        ),
        "tent": _(
            "A tent that falls from 1 in the middle to 0 at a distance of 2 small pixels, and "
            "four bars below it: 0.25, 0.75, 0.75, 0.25. Next to it the blob of an image, in "
            "sixteenths: the rows 1 3 3 1, 3 9 9 3, 3 9 9 3, 1 3 3 1."
        ),
        "phase_tiles": _(
            "Three squares of 4 × 4 output pixels, each with its kernel. Transposed, k = 2: a "
            "pixel uses one weight of four, and the neighbours use others. Transposed, k = 3: "
            "4, 2, 2 and 1 of nine, in turn. Nearest, then 3 × 3: each pixel uses all nine."
        ),
        "wall_four_ways": _(
            "The wall between two neurons, doubled in four untrained ways. Transposed "
            "convolution and pixel shuffle cover it with a fine grid; nearest neighbour and "
            "bilinear interpolation, each with a convolution after it, show no grid. Below, "
            "16 × 16 pixels of each."
        ),
        "grid_inside": _(
            "Three maps of the pair from a trained network. After the last up-convolution, "
            "and still two convolutions later, a fine grid covers the cells; in the output "
            "there is none, and the walls are clear."
        ),
        "cancelling": _(
            "Four stacks of bars, one for each phase. The sixteen maps' pushes up and down are "
            "nearly equally long, and what is left of them is close to zero."
        ),
    },
)
