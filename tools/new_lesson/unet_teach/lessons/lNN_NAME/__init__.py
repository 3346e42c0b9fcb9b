"""Lesson NN: TITLE."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="TITLE",
    lit="pool",  # the parts that tools/lit_drawing.py knows, with spaces between them
    shows="the four poolings (REPLACE: what `lit` puts into colour)",
    able="REPLACE: what one can do after the lesson, in ten words",
    asked=(Asked("blocks_and_rest"), Asked("block_means"), Asked("fitting_size")),
    # week=3,  # of the term, if it is taught in class, and then also: homework="…",
    figures={
        "left_over": _(
            "REPLACE: what the figure shows, for those who cannot see it. The rest over the "
            "number of cells: for blocks of four a line that climbs from zero to three, falls "
            "to zero and climbs again."
        ),
    },
)
