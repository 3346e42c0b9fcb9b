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
            "holes, with a ring around the pixel. Through 9 pixels A has dark corners and B a "
            "few specks. Through 33 and 97 pixels A is in a pale place of a dark line that "
            "goes on above and below it; no line passes B."
        ),
        "fan": _(
            "Rows of dots, from the image up over two convolutions and a pooling to a third "
            "convolution. Lines fan down from its one dot to 3, 6, 8 and 10 dots. "
            "Neighbouring dots are 1 pixel apart, and 2 from the pooling on: the jump. Bars "
            "at the bottom: one dot sees 3, 5, 6 and then 10 pixels."
        ),
        "walk": _(
            "From output pixels 3 and 4 back to the bottleneck, as numbered squares. Two "
            "convolutions need 5 pixels, which were made from 3; then 7, from 4. Then "
            "pixel 3 needs 0 to 7, which are four whole pairs, and pixel 4 needs 1 to 8, "
            "which cut a pair at both ends. At the bottleneck they reach 4 and 5 pixels."
        ),
        "way_up": _(
            "A strip of 16 output pixels. The first four reach 4 bottleneck pixels each, the "
            "other twelve 5. Below, the bottleneck pixels as bars of 140 pixels, each 16 "
            "further on than the last: four of them span 140 + 3 · 16 = 188 pixels, five span "
            "140 + 4 · 16 = 204."
        ),
        "plain_gradient": _(
            "Where the gradient is not zero, for five seeds, in an outline of 204 pixels. "
            "Seeds 0, 1 and 2: nearly the whole square, 97, 95 and 98 %, with small holes. "
            "Seed 3: loose patches, 12 %. Seed 4: nothing at all."
        ),
        "traps": _(
            "Four such maps in an outline of 204 pixels. ReLUs: 91 %, with small holes. "
            "Max pooling: 92 %, with ragged edges. Opposite weights: 0 %, nothing. No trap: "
            "100 %, the whole square."
        ),
        "influence_maps": _(
            "How much each input pixel moves the output pixel in the middle, as two maps with "
            "a solid square of 188 pixels. Untrained: bright nearly up to its edge, 95 % "
            "within a dashed square of 137 pixels. Trained: a small bright core, 95 % within "
            "91 pixels."
        ),
        "through_holes": _(
            "Above, what the network sees of A through holes of 9, 33, 57 and 97 pixels. "
            "Below, its probability of inside over the width of the hole. For B it stays at "
            "1. For A it is 1 up to about 41 pixels, then falls, and is 0 from 65 pixels on. "
            "With shuffled pixels around the hole, it falls already between 25 and 33."
        ),
        "ruler": _(
            "A strip of the micrograph with A in its middle, and below it four bars on the "
            "same scale. Your eye: the width that you chose. The network changed its mind: 25 "
            "to 57 pixels. 95 % of its gradient: 83. What it can see: 188, or up to 204."
        ),
    },
)
