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
        "table": _(
            "Pixel error of five seeds for twelve networks, one dot a seed: concatenation, "
            "addition or no skip, each with four upsamplers. Without skips the dots lie at "
            "0.054 to 0.062, with either merge mostly at 0.050 to 0.057."
        ),
    },
)
