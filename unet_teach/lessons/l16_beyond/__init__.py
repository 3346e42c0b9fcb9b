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
        "costs": _(
            "Parameters and operations compared with U-Net, as bars. U-Net++ has 1.17 times "
            "the parameters and 2.5 times the operations; UNet 3+ has 0.87 times the "
            "parameters and 4.1 times the operations."
        ),
        "own_folder": _(
            "Four noisy images of rings, bright with a darker middle, and below each its mask: "
            "black outside, grey cells, white nuclei. No two are of one size."
        ),
        "pair_now": _(
            "The pair three times. In the micrograph the wall between the two neurons is thin "
            "and dark. By a threshold they have merged into one orange region. In the answer "
            "of a trained U-Net one is blue, the other green, with a dark wall between them."
        ),
        "pruned_heads": _(
            "The pair in the answers of three pruned heads, one picture each. Two neurons that "
            "are apart are blue and green, two that have merged are orange; walls are dark."
        ),
        "predict_it": _(
            "A noisy image of rings, its mask in three colours, and the prediction, which is "
            "the same except for single pixels. Above them the IoU of each class."
        ),
    },
)
