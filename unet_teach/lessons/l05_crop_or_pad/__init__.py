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
        "see_borders": _(
            "Three tiles, bright where a network's result differs from that on the whole "
            "image. Cropping: a black square in a wide grey rim without a result. Padding the "
            "map: the rim glows, brightest at the edges, around the same black square. Same "
            "padding: a fainter glow with the outlines of cells, black in the middle."
        ),
        "measure_borders": _(
            "Mean difference over the distance from the tile's edge. Padding the map: 0.3 at "
            "the edge, falling in steps. Same padding: 0.1 at the edge, falling sooner. Both "
            "reach zero at a grey line at 92 pixels, where the dots for cropping begin, at "
            "zero."
        ),
        "drawn_twice": _(
            "The walls around the pair in a skip, blue, printed over those of the smaller map "
            "from below, orange. Cropped from the corner, every wall is drawn twice, once in "
            "each colour, four pixels apart; cropped from the middle, the two coincide and "
            "are dark."
        ),
        "pair_now": _(
            "The pair in two networks' answers, one with same padding, the other on a mirrored "
            "image with its answer cropped. In both a dark wall is between the two neurons, "
            "one blue, one green, and both titles say: apart."
        ),
    },
)
