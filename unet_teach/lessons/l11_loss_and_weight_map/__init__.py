"""Lesson 11: Loss and weight map."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="What counts\nas wrong",
    lit="output weights",
    shows="the output and the map of weights beside it",
    able="weigh the thin walls between touching cells",
    asked=(
        Asked("cross_entropy", part=True),
        Asked("weight_map", part=True),
        Asked("constants"),
    ),
    week=6,
    figures={
        "map_of_tissue": _(
            "Left labels of tissue, cells white, membranes black. Right the weight of each "
            "pixel: pale inside the cells and in wide membranes, dark orange, up to 10.6, in "
            "the thin walls between cells."
        ),
        "one_pixel": _(
            "Left two round cells in two colours, a dark wall of one pixel between them. Right "
            "the same with one wall pixel missing: both cells have one colour."
        ),
        "dice_sleeps": _(
            "The pull at the wrong wall by how sure the network is, from 0.5 to 0.999. "
            "Cross-entropy's rises in a straight line to 1. Dice's begins below and falls to 0."
        ),
        "how_sure": _(
            "The same new tissue as three small networks see it, with the pixels on which they "
            "are undecided in orange: most for the weight map, fewest for Dice. Dice is also "
            "sure of most of its mistakes, a larger fraction than for the other two."
        ),
    },
)
