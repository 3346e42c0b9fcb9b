"""Drawing: arrays in, a picture out. No state is kept, no window is opened.

A function returns a matplotlib ``Figure`` (made without pyplot) or a PIL image.
`style` holds the one palette.
"""

from unet_teach.drawing.export import (
    figure_picture,
    png,
    probability_tiff,
    read_probability_tiff,
)
from unet_teach.drawing.overlays import overlay

__all__ = [
    "figure_picture",
    "overlay",
    "png",
    "probability_tiff",
    "read_probability_tiff",
]
