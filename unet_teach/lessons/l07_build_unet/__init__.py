"""Lesson 07: Build U-Net."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="The whole U",
    lit="image output crop contract bottom merged expand conv pool up skip last",
    shows="every part",
    able="write the whole; say which input sizes are legal, and why",
    asked=(
        Asked("five_shapes"),
        Asked("forward", uses=("center_crop",), part=True),
        Asked("legal"),
    ),
    week=4,
    homework="Change one thing in lesson 07's explorer and explain three numbers that moved",
    figures={
        "costs_by_level": _(
            "Share of each level of the U, as bars. Parameters lie almost all at levels 3 "
            "and 4, memory mostly at levels 0 and 1; the operations are spread evenly over "
            "levels 0 to 3."
        ),
    },
)
