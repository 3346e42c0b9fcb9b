"""Draw the pictures in assets/, from synthetic membranes: `make figures`.

ISBI's micrographs are not the project's to show. A picture is the same every time:
what it shows comes from a seed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from unet_teach.data.membranes import synthetic_membranes
from unet_teach.metrics import components

ASSETS = Path(__file__).parents[1] / "assets"
SEED, SIZE, GAP = 7, 384, 24  # pixels

# Okabe and Ito's colours, told apart by colour-blind readers, without black.
PALETTE = np.array(
    [
        (230, 159, 0),
        (86, 180, 233),
        (0, 158, 115),
        (240, 228, 66),
        (0, 114, 178),
        (213, 94, 0),
        (204, 121, 167),
    ]
)


def painted(image: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Each cell in a colour of its own over the micrograph: (H, W) -> (H, W, 3)."""
    cells = components(labels)  # 0 is membrane
    colour = PALETTE[cells % len(PALETTE)]  # (H, W, 3)
    grey = np.repeat(image[..., None], 3, axis=2)
    inside = (cells > 0)[..., None]
    return np.where(inside, 0.55 * grey + 0.45 * colour, 0.45 * grey).astype(np.uint8)


def first_look() -> Image.Image:
    """A slice, and the same with its cells painted, on transparent ground."""
    volume = synthetic_membranes(1, size=SIZE, seed=SEED)
    image, labels = volume.images[0], volume.labels[0]
    canvas = Image.new("RGBA", (2 * SIZE + GAP, SIZE), (0, 0, 0, 0))
    canvas.paste(Image.fromarray(image).convert("RGBA"), (0, 0))
    canvas.paste(Image.fromarray(painted(image, labels)).convert("RGBA"), (SIZE + GAP, 0))
    return canvas


if __name__ == "__main__":
    ASSETS.mkdir(exist_ok=True)
    first_look().save(ASSETS / "first_look.png", optimize=True)
    print(f"{ASSETS / 'first_look.png'} written")
