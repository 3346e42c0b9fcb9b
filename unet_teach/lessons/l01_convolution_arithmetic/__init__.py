"""Lesson 01: Convolution arithmetic."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="Convolution\narithmetic",
    lit="conv",
    shows="the arrows of the convolutions",
    able="predict every output size, and read the formula both ways",
    asked=(
        Asked("conv_out", part=True),
        Asked("inputs_for"),
        Asked("same_padding"),
    ),
    week=1,
    homework="Lesson 01: where else does a window slide in your own field?",
    figures={
        "pair_kernels": _(
            "Two neighbouring neurons, six times, with the kernel in coloured tiles above: the "
            "micrograph; blurred (nine times 1/9), with clearer walls and a dark lowest row; "
            "its vertical edges (−1, 0, 1 in each row), grey grain all over; yours, at first "
            "5 in the middle and −1 at its four neighbours, with sharper grain; dark upright "
            "lines (an orange strip in a blue square), in which only the upright part of the "
            "wall between the two is bright; and the largest of eight directions, in which "
            "that whole wall is one bright line. Below the micrograph and its blur their last "
            "rows are enlarged: in the blur the lowest row is darker than those above it."
        ),
        "pair_now": _(
            "The pair as five maps. With the grey value above 0.4 the two neurons are one "
            "orange region, full of specks, and so they are with eight directions below 0.08 "
            "in a window of 9 × 9. In 15 × 15 one is blue and one green, both full of cracks, "
            "and both have run into other cells. In 27 × 27 they have few cracks and thick "
            "walls, and nearly the outlines that they have in the labels."
        ),
    },
)
