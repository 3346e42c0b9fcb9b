"""Lesson 12: Many images from few."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="Many images\nfrom few",
    lit="image warp",
    shows="the image, bent by a grid",
    able="train from few images, with one field and two interpolations",
    asked=(
        Asked("same_field", uses=("warp",), part=True),
        Asked("corrupted"),
        Asked("enough_slices"),
    ),
    week=6,
    homework="Start `unet-teach train --tier class` and bring its folder",
    figures={
        "invented_class": _(
            "A piece of a micrograph and its mask after the same deformation. Interpolated "
            "by nearest the mask has two classes. Bilinear and rounded it has a third, a "
            "thin red rim along every membrane."
        ),
        "learning_curve": _(
            "V_rand over 1, 3, 8 and 24 slices for crops alone, affine and bent, one dot a "
            "seed. With one slice crops alone are lowest and reach from 0.55 to 0.87; from "
            "three slices on all are close together, and crops alone climb highest."
        ),
    },
)
