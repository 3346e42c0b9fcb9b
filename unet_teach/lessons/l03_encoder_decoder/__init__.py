"""Lesson 03: Encoder and decoder."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="Contract\nand expand",
    lit="contract bottom expand conv pool up",
    shows="both paths, without the skips",
    able="build the contracting path; show what pooling loses",
    asked=(
        Asked("double_conv", part=True),
        Asked("contract", part=True),
        Asked("parameters"),
    ),
    week=2,
    homework="Lesson 03: count the parameters of a network of depth 3",
    figures={
        "stripes": _(
            "The fraction lost by pooling and upsampling, over the period of the stripes. Both "
            "curves, nearest and bilinear, begin at 1 for a period of 2, fall, and are near "
            "0 from a period of 32 on; bilinear still loses almost all at a period of 3."
        ),
        "micrograph_down_and_up": _(
            "A micrograph, and what is left of it after one to four poolings and interpolation "
            "back: 5%, 17%, 38% and 58% are lost. The membranes blur, and at the end only a "
            "few grey clouds remain."
        ),
        "error_by_depth": _(
            "The fraction lost, a point for each network, over its number of poolings. Without "
            "skips the points rise from 0.01 to more than 0.4, and from one pooling on they "
            "are below the line of interpolation alone; with skips all are near 0."
        ),
        "pair_segmented": _(
            "Two neighbouring neurons: the micrograph, the labels, and the maps of two "
            "networks with four poolings. Without skips the map shows grey and white clouds; "
            "with skips the walls are thin dark lines."
        ),
        "depth_table": _(
            "Pixel error, a point for each of three seeds, over one to four poolings. Both "
            "means fall to three poolings and rise at four; without skips the points are "
            "higher, and at four poolings far higher than with skips."
        ),
        "pair_levels": _(
            "One channel of each level that the contracting path keeps of the pair, 128, 64, "
            "32, 16 and 8 pixels wide. At the top the wall between the two neurons is a thin "
            "line; at the bottleneck there are only coarse blocks."
        ),
    },
)
