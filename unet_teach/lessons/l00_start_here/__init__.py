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
        "answers": _(
            "Three pictures, and below each the cells that a network sees in it, in colours. "
            "Synthetic tissue, 20 cells between dark membranes; a brick wall, where the joints "
            "are taken for membranes and 36 bricks for cells; a smiling face drawn with a dark "
            "line, 2 cells."
        ),
        "gates": _(
            "The labels of the slice four times, with 0, 10, 20 and 30 gates. At first all "
            "cells are grey. After ten gates some groups of cells are coloured, because they "
            "have run together. Then an orange region of several large cells spreads over 30 % "
            "of the tissue, while accuracy stays above 0.99."
        ),
        "show_slice": _(
            "Left a grainy micrograph, dark membranes between grey cells of many sizes. "
            "Right its labels: white inside the cells, thin black lines where the membranes "
            "are."
        ),
    },
)
