"""Lesson 14: ISBI 2012."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="The real\nchallenge",
    lit="image output target crop contract bottom merged expand conv pool up skip last",
    shows="every part, from the image to the labels",
    able="train the whole on the real micrographs, judged honestly",
    asked=(
        Asked("blocks"),
        Asked("average"),
        Asked("pages"),
    ),
    week=7,
    homework="Discuss lesson 14 in writing: is 0.985 better than 0.973?",
    gpu=True,
    imports=("json", "os", "tempfile", "pathlib"),
    figures={
        "load_the_data": _(
            "A micrograph with dark membranes, mitochondria and vesicles, and its labels: "
            "cells white, membranes black, and the two neurons of the pair blue and green, "
            "with a thin wall between them."
        ),
        "choose_the_tier": _(
            "The learning rate by step: it rises along half a cosine for three tenths of the "
            "run, then falls to nearly zero."
        ),
        "show_own_prediction": _(
            "A validation slice, and the errors of the prediction: neurons that have run "
            "together in orange, broken ones in light blue, missed walls in red."
        ),
        "neighbours_alike": _(
            "The walls of two slices on top of each other, three times. Walls of direct "
            "neighbours run side by side for long stretches and often coincide; those of "
            "slices five apart cross at random."
        ),
        "averaging_in_numbers": _(
            "The errors on the same slice with one view and with the mean of eight views, with "
            "the numbers of neurons that have run together and that are broken."
        ),
        "show_the_pair_now": _(
            "The two neurons: micrograph, ground truth, and what the network that was just "
            "trained makes of them; orange where they have run together."
        ),
    },
)
