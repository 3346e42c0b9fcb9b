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
        "four_ways": _(
            "The pair and the tissue around it, cut in four ways. Zeros around tiles that are "
            "off the grid: the pair is one orange region, and the difference from one pass is "
            "bright along the seams. Zeros, on the grid: the pair is apart, and the seams are "
            "still bright. Image around the tiles, one pixel off the grid: apart, with faint "
            "differences at walls. Image, on the grid: apart, and the difference is black."
        ),
        "rims_thrown_away": _(
            "Three tiles of 320 pixels along a row of 512, one bar each: from 0, 96 and 192 "
            "on. In blue what is kept of them, end to end: 208, 96 and 208 pixels. The rims "
            "where they overlap are grey."
        ),
        "the_pair_now": _(
            "A whole slice twice, its regions blue, or orange where neurons have run together; "
            "dotted lines where tiles meet, and a frame around the pair. Side by side, several "
            "regions at the dotted lines are orange, the pair among them. With image around "
            "the tiles, on the grid, the pair is blue, and little else is orange."
        ),
        "naive_tiles": _(
            "A probability map stitched from tiles, with visible seams, and its difference "
            "from one pass over the whole slice: dark, with bright spots along a grid of lines "
            "where the tiles meet."
        ),
        "by_offset": _(
            "The largest difference, on a logarithmic scale, over offsets of 0 to 16 pixels. "
            "At 0 and 16 it is below a millionth; at every offset between it is above a "
            "tenth."
        ),
    },
)
