"""Lesson 00: Start here."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="One class\nfor each pixel",
    lit="image output",
    shows="the image and the output",
    able="run everything; say what segmentation is",
    asked=(
        Asked("fix_mask"),
        Asked("constant_accuracy"),
        Asked("best_thresholds"),
    ),
    week=1,
    figures={
        "show_slice": _(
            "Left a grainy micrograph, dark membranes between grey cells of many sizes. "
            "Right its labels: white inside the cells, thin black lines where the membranes "
            "are."
        ),
    },
)
