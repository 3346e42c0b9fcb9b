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
        "the_pair_before": _(
            "The pair in three pictures: the micrograph, the labels with a thin black wall "
            "between two white neurons, and the probability of inside from an untrained "
            "U-Net: a dark checkerboard with a trace of the walls."
        ),
        "the_pair_now": _(
            "The pair in four pictures: the micrograph; the labels, one neuron blue and one "
            "green; the network that learned one image: pieces of walls with gaps, both "
            "neurons in one orange region that fills most of the picture; and the one that "
            "learned from many for a minute: closed walls, one neuron blue and one green."
        ),
        "show_learned": _(
            "Left the loss over 120 steps, from above log 2 down to less than a hundredth. "
            "Beside it the labels of one crop and what the network learned of it, 100% "
            "right: the same black lines."
        ),
    },
)
