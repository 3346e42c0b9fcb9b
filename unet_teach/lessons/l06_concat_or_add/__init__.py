"""Lesson 06: Concatenate or add."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="Concatenate\nor add",
    lit="skip merged",
    shows="the skips and the maps where they are joined",
    able="say what each merge costs and keeps",
    asked=(
        Asked("tied"),
        Asked("costs"),
        Asked("matched", uses=("parameters",)),
    ),
    week=4,
    figures={
        "pair_without_skip": _(
            "The pair in a trained network's answer. With all four skips one neuron is blue, "
            "the other green, with a dark wall between them: apart. With the skip of level 2 "
            "multiplied by zero both are in one orange region: merged."
        ),
        "walls_read": _(
            "What a 1 × 1 convolution reads of the walls around the pair, from level 3 to "
            "level 0. In the skips the wall between the neurons is dark at every level: "
            "coarse at level 3, sharp at level 2, and among more and more grain above. In the "
            "maps from below it is missing at level 3, blurred at level 2, sharp and clean "
            "at levels 1 and 0."
        ),
        "fair": _(
            "Pixel error of five seeds for three networks of equal size, one dot a seed. "
            "Concatenation and addition are at 0.049 to 0.051, without skips the dots are at "
            "0.052 to 0.054."
        ),
        "pair_now": _(
            "The pair with the skip of level 2 weakened. Times 1 and times 0.5 the neurons "
            "are blue and green: apart. Times 0.25 both are orange: merged."
        ),
    },
)
