"""Lesson 01: Convolution arithmetic."""

from unet_teach.rooms import Asked, Facts

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
)
