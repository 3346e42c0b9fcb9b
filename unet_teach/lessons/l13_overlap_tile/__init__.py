"""Lesson 13: Overlap-tile."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="An image\nof any size",
    lit="image output tiles",
    shows="the image cut into tiles, the output put together",
    able="segment an image of any size without seams",
    asked=(
        Asked("mirror_pad", part=True),
        Asked("tile_positions", part=True),
        Asked("stitch", uses=("tiling",), part=True),
    ),
    week=7,
    figures={
        "the_pair_in_tiles": _(
            "The pair three times. In the labels and in one pass its two neurons are apart, "
            "blue and green. In tiles both are orange: they have run together where two "
            "dashed lines, the tiles' edges, cross on the wall between them."
        ),
        "the_pair_now": _(
            "The pair, stitched from tiles on the grid: two neurons, blue and green, with a "
            "wall between them."
        ),
        "naive_tiles": _(
            "A probability map stitched from tiles, with seams that can be seen, and its "
            "difference from the whole image: dark, with bright spots along a grid of lines "
            "where the tiles meet."
        ),
        "by_offset": _(
            "The largest difference, on a logarithmic scale, over offsets of 0 to 16 pixels. "
            "At 0 and 16 it is below a millionth; at every offset between it is above a "
            "tenth."
        ),
    },
)
