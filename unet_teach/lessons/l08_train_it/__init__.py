"""Lesson 08: Train it."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="Make it learn",
    lit="learn output",
    shows="an arrow from the output back through the network",
    able="follow one visible loop from random weights to a mask",
    asked=(
        Asked("he_std", part=True),
        Asked("train_step", part=True),
        Asked("merge_convs"),
    ),
    week=5,
    figures={
        "show_learned": _(
            "Left the loss over 120 steps, from above log 2 down to less than a hundredth. "
            "Beside it the labels of one crop and what the network learned of it, 100% "
            "right: the same black lines."
        ),
    },
)
