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
    homework="Train on ten images of your own, and report as lesson 14 does",
    imports=("tempfile", "pathlib"),
    figures={
        "predict_it": _(
            "A noisy image of rings, its mask in black, grey and white, and the prediction, "
            "which is the same but for single pixels."
        ),
    },
)
