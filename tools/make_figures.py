"""Draw the pictures of the README and the lessons again: ``python tools/make_figures.py``.

Of synthetic membranes only, the same bytes every time (at the same versions of matplotlib
and pillow). ``assets/alt_texts.json`` holds what each picture says, for those who cannot
see it; the README copies it.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from alt_texts import keep
from gallery import side_by_side

from unet_teach.config import UNetConfig
from unet_teach.data.membranes import synthetic_membranes
from unet_teach.drawing import overlay, png, u_diagram
from unet_teach.models.pretrained import pretrained
from unet_teach.shapes import trace
from unet_teach.tiling import predict

SEED = 101  # tissue that no shipped network was trained on


def u_net(theme: str) -> tuple[bytes, str]:
    """The paper's network at the paper's size."""
    config, size = UNetConfig(), 572
    traced = trace(config, size)
    levels = "; ".join(
        f"level {skip.level} {skip.size}², {skip.channels} channels, cropped by {skip.crop} a "
        f"side to meet {skip.below}²"
        for skip in traced.skips
    )
    alt = (
        f"U-Net drawn as a U. An image of {size} by {size} pixels goes down the contracting "
        f"path on the left, through pairs of 3×3 convolutions and four poolings, to "
        f"{config.channels[-1]} channels at the bottom, and up the expansive path on the "
        f"right to a map of {traced.output} by {traced.output} pixels with two classes. A skip "
        f"joins the two paths at every level: {levels}. {traced.parameters:,} parameters."
    )
    return png(u_diagram(config, size, theme), dpi=120), alt


def membranes() -> tuple[bytes, str]:
    """A slice, its labels and, where the trained network is there, what it says."""
    volume = synthetic_membranes(1, size=512, seed=SEED)
    image, labels = volume.images[0], volume.labels[0]
    try:
        probability = predict(pretrained("membranes"), image, average=True)[1]
    except (FileNotFoundError, ValueError):  # the weights are not in this checkout
        probability = None
    alt = (
        "A synthetic electron micrograph: pale cell profiles of many sizes between dark "
        "membranes, with mitochondria and vesicles inside. Beside it its labels, cells white "
        "and membranes black"
    )
    painted = ", and the labels' membranes painted over the micrograph."
    if probability is None:
        return png(side_by_side(image, truth=labels), dpi=200), alt + painted
    alt += (
        ", the probability of inside that a trained U-Net gives, and the membranes that it "
        "found, painted over the micrograph."
    )
    return png(side_by_side(image, labels, probability), dpi=200), alt


def walls() -> tuple[bytes, str]:
    """One picture for a first page: the micrograph, its membranes painted."""
    volume = synthetic_membranes(1, size=512, seed=SEED)
    alt = "A synthetic micrograph of nerve tissue with its cell membranes painted orange-red."
    return png(overlay(volume.images[0], volume.labels[0])), alt


def main() -> None:
    """Write all pictures and their alt texts; says which are new."""
    keep(
        {
            "u_net.png": u_net("light"),
            "u_net_dark.png": u_net("dark"),
            "membranes.png": membranes(),
            "membranes_overlay.png": walls(),
        }
    )


if __name__ == "__main__":
    main()
