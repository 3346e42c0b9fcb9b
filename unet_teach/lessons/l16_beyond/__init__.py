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
        "pair_now": _(
            "The pair: on the left the micrograph, on the right the answer of a trained U-Net. "
            "One neuron is blue, the other green, with a dark wall between them: apart."
        ),
        "pruned_heads": _(
            "The pair in the answers of three pruned heads, one picture each. Two neurons that "
            "are apart are blue and green, two that have merged are orange; walls are dark."
        ),
        "predict_it": _(
            "A noisy image of rings, its mask in black, grey and white, and the prediction, "
            "which is the same but for single pixels."
        ),
    },
)
