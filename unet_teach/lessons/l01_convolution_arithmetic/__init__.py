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
            "Two neighbouring neurons, five times: the micrograph; blurred, with clearer walls "
            "and a dark lowest row; its vertical edges, grey grain all over; dark upright "
            "lines, in which only the upright part of the wall between the two is bright; and "
            "the largest of eight directions, in which that whole wall is one bright line."
        ),
        "pair_now": _(
            "The pair above a threshold of 0.4, as two maps. Both times the two neurons are "
            "one orange region; after the blur there are fewer specks in it."
        ),
    },
)
