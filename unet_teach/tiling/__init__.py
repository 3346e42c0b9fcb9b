"""Images of any size: mirror padding and the overlap-tile strategy (the paper's figure 2).

"This strategy allows the seamless segmentation of arbitrarily large images by an
overlap-tile strategy. To predict the pixels in the border region of the image, the
missing context is extrapolated by mirroring the input image." Lesson 13 builds it.

Seamless is meant to the last bits, not by eye. A network of 2×2 poolings is not the same
at every pixel, but the same again every 2**depth pixels, its *grid*: tiles that start on
multiples of it give what one pass over the whole image gives, up to float rounding.
"""

from unet_teach.tiling.plan import (
    Side,
    default_tile,
    mirror_pad,
    plan_side,
    reach,
    tile_positions,
)
from unet_teach.tiling.prediction import evaluating, predict, with_gradients

__all__ = [
    "Side",
    "default_tile",
    "evaluating",
    "mirror_pad",
    "plan_side",
    "predict",
    "reach",
    "tile_positions",
    "with_gradients",
]
