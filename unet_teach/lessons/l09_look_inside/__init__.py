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
            "numbered 0 to 15, with one colour scale for all. Several show the walls as bright "
            "lines on a dark ground, others the insides of the cells bright and the walls dark."
        ),
        "noise_becomes_structure": _(
            "Sixteen feature maps twice. If each has a colour scale, the noise in the top "
            "right corner is as bright as the membranes in the others. With one scale for "
            "all, that map is plain dark."
        ),
        "best_channel": _(
            "Two plots of six lines, from the correlation in the piece where the channel was "
            "chosen to the mean of eight other pieces. At the top level all six lines are "
            "nearly flat. In the bottleneck the five of untrained networks fall to about 0.1, "
            "and only the trained network's line stays up."
        ),
        "read_out_figure": _(
            "How well edges, membrane and region can be read at each level: R² of the trained "
            "network as a line, of five untrained ones as dots. Edges are best read near the "
            "top of the contracting path, membrane at the end of the expansive path, and "
            "region in the bottleneck, where the dots stay low. Filled points of the line, "
            "settled, are those of membrane and of region on the expansive path, region in the "
            "bottleneck, and three small ones of edges."
        ),
        "riddle_pictures": _(
            "Five riddles, four channels each. A: 16 × 64 × 64, smooth with few bright "
            "lines. B and D: 16 × 64 × 64, grainy. C: 128 × 8 × 8, a handful of squares. E: "
            "64 × 16 × 16, coarse spots."
        ),
    },
)
