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
            "Two pixels of the same grey, each through three square holes. Through 9 pixels "
            "both are grey with darker patches. Through 33 and 97 pixels the upper one is in a "
            "gap of a dark line that goes on above and below it; no line passes the lower one."
        ),
        "influence_maps": _(
            "How much each input pixel moves the output pixel in the middle, as two maps on "
            "dark ground. Untrained: a wide square, brightest in its middle and fading "
            "evenly. Trained: the same square with ragged edges, and a small bright core."
        ),
    },
)
