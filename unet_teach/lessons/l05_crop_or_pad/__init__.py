"""Lesson 05: Crop or pad."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="Crop or pad",
    lit="skip crop",
    shows="the skips and the dashed frames of their crops",
    able="join maps of unequal size, and name the price of each remedy",
    asked=(
        Asked("center_crop", part=True),
        Asked("paper_crops"),
        Asked("missing_pixels"),
    ),
    week=3,
    homework="Discuss lesson 05 in writing: which remedy for one small image?",
    figures={
        "measure_borders": _(
            "Mean difference over the distance from the tile's edge. Padding the map: 0.3 at "
            "the edge, falling in steps. Same padding: 0.1 at the edge, falling sooner. Both "
            "reach zero at a grey line at 92 pixels, where the dots for cropping begin, at "
            "zero."
        ),
    },
)
