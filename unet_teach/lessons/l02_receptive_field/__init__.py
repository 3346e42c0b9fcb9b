"""Lesson 02: Receptive field."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="What one\npixel sees",
    lit="field image output",
    shows="one output pixel and the square of the image that it sees",
    able="compute what a pixel of the output sees, then measure it",
    asked=(
        Asked("one_layer"),
        Asked("field_of", part=True),
        Asked("effective_square"),
    ),
    week=2,
    figures={
        "peepholes": _(
            "Two pixels of grey value 118, A above and B below, each through three square "
            "holes, with a ring around the pixel. Through 9 pixels both are grey with darker "
            "patches. Through 33 and 97 pixels A is in a gap of a dark line that goes on "
            "above and below it; no line passes B."
        ),
        "fan": _(
            "Rows of dots, from the image up over two convolutions and a pooling to a third "
            "convolution. Lines fan down from its one dot to 3, 6, 8 and 10 dots. "
            "Neighbouring dots are 1 pixel apart, and 2 from the pooling on: the jump. Bars "
            "at the bottom: one dot sees 3, 5, 6 and then 10 pixels."
        ),
        "way_up": _(
            "A strip of 16 output pixels. The first four reach 4 bottleneck pixels each, the "
            "other twelve 5. Below, the bottleneck pixels as bars of 140 pixels, each 16 "
            "further on than the last: four of them span 140 + 3 · 16 = 188 pixels, five span "
            "140 + 4 · 16 = 204."
        ),
        "plain_gradient": _(
            "Where the gradient is not zero, for five seeds. Seeds 0, 1 and 2: nearly the "
            "whole square, 97, 95 and 98 %, with small holes. Seed 3: loose patches, 12 %. "
            "Seed 4: nothing at all."
        ),
        "influence_maps": _(
            "How much each input pixel moves the output pixel in the middle, as two maps with "
            "a solid square of 188 pixels. Untrained: bright nearly up to its edge, 95 % "
            "within a dashed square of 137 pixels. Trained: a small bright core, 95 % within "
            "93 pixels."
        ),
        "stacks": _(
            "Field over the number of convolutions. Theory is a straight line that reaches "
            "121 pixels at 60 layers; the effective field bends away from it, follows the "
            "dotted curve 5.2 times the root of the layers, and reaches 41."
        ),
        "through_holes": _(
            "Above, what the network sees of A through holes of 9, 33, 57 and 97 pixels. "
            "Below, its probability of inside over the width of the hole. For B it stays at "
            "1. For A it is 1 up to about 41 pixels, then falls, and is 0 from 65 pixels on."
        ),
    },
)
