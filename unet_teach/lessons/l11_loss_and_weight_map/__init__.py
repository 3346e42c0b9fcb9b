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
            "pixel: pale inside the cells and in wide membranes, dark orange, up to ten, in "
            "the thin walls between cells."
        ),
    },
)
