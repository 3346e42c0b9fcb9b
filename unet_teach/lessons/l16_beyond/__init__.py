"""Lesson 16: Beyond U-Net."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="Beyond U-Net",
    lit="nested skip",
    shows="new maps and skips inside of the U",
    able="U-Net++, UNet 3+, and your own images",
    asked=(
        Asked("node_parameters"),
        Asked("dense_input"),
        Asked("own_pairs"),
    ),
    week=8,
    homework="Train on ten images of your own, and report by lesson 16's rubric",
    imports=("tempfile", "pathlib"),
    figures={
        "own_folder": _(
            "Four noisy images of rings, bright with a darker middle, and below each its mask: "
            "black outside, grey cells, white nuclei. No two have the same size."
        ),
        "pair_now": _(
            "The pair four times. In the micrograph the wall between the two neurons is thin "
            "and dark. After a threshold they have merged into one orange region. The "
            "untrained network's prediction is grey noise that follows the micrograph. In the "
            "trained network's prediction one neuron is blue, the other green, with a dark "
            "wall between."
        ),
        "other_microscopes": _(
            "Four images of the same rings, and below each its wrong pixels in red. Under your "
            "own microscope and with weak contrast few are wrong, at the edges of rings. With "
            "wide pixels the rings are coarse and many of their pixels are wrong. In the "
            "negative nearly all are wrong."
        ),
        "repaired": _(
            "Wrong pixels in red, after the repair. In the enlarged picture some are left at "
            "the edges of the rings; in the negative turned back, only single pixels."
        ),
        "pruned_heads": _(
            "The pair in the predictions of three pruned networks, one picture each. Two "
            "neurons that are apart are blue and green, two that have merged are orange; walls "
            "are dark."
        ),
        "predict_it": _(
            "A noisy image of rings, its mask in three colours, and the prediction, which is "
            "the same except for single pixels. Above them the IoU of each class."
        ),
    },
)
