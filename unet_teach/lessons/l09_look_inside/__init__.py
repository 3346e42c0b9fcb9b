"""Lesson 09: Look inside."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="Look inside",
    lit="contract bottom merged expand",
    shows="the feature maps themselves",
    able="read feature maps without fooling yourself",
    asked=(
        Asked("record", part=True),
        Asked("dead_channels"),
        Asked("name_layers", uses=("inspection",)),
    ),
    figures={
        "pair_channels": _(
            "Left the micrograph of the pair. Right sixteen feature maps of it, four by four, "
            "with one colour scale for all. Several show the walls as bright lines on a dark "
            "ground, others the insides of the cells bright and the walls dark."
        ),
        "noise_becomes_structure": _(
            "Sixteen feature maps twice. If each has a colour scale, the noise in the top "
            "right corner is as bright as the membranes in the others. With one scale for "
            "all, that map is plain dark."
        ),
        "read_out_figure": _(
            "How well edges, membrane and region can be read at each level: R² of the trained "
            "network as a line, of five untrained ones as a band. Edges are best read at the "
            "top of the contracting path, membrane at the end of the expansive path, and "
            "region in the bottleneck, where the band stays low."
        ),
        "riddle_pictures": _(
            "Five riddles, four channels each. A: 16 × 64 × 64, smooth with few bright "
            "lines. B and D: 16 × 64 × 64, grainy. C: 128 × 8 × 8, a handful of squares. E: "
            "64 × 16 × 16, coarse spots."
        ),
    },
)
