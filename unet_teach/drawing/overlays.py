"""A segmentation laid over its micrograph, so that both can be seen."""

from __future__ import annotations

import numpy as np
from PIL import Image

from unet_teach.drawing.picture import SIXTEEN, indexed
from unet_teach.drawing.style import CYCLE, VERMILLION, rgb


def overlay(image: np.ndarray, segmentation: np.ndarray, opacity: float = 0.5) -> Image.Image:
    """Colour what a segmentation says, over the grey image.

    Parameters
    ----------
    image : array (H, W) of any number type
        uint8 is shown as it is; anything else is stretched to black … white.
    segmentation : array (H, W), bool or whole numbers, 0 or more
        A mask (bool, or nothing above 1): its 0, the membranes, are painted vermillion.
        Regions or classes (above 1): each number has a colour, 0 has none.
    opacity : from 0, the image alone, to 1, the colours alone

    Returns
    -------
    PIL.Image.Image, RGB, W × H

    Raises
    ------
    ValueError
        Shapes that differ, fractions, an opacity out of range.

    Examples
    --------
    >>> overlay(np.zeros((2, 3), np.uint8), np.ones((2, 3), bool)).size
    (3, 2)
    """
    image, segmentation = np.asarray(image), np.asarray(segmentation)
    if image.ndim != 2 or image.shape != segmentation.shape:
        raise ValueError(
            f"image {image.shape} and segmentation {segmentation.shape}; both must be one "
            "(H, W)"
        )
    if segmentation.dtype.kind not in "bui" or (segmentation < 0).any():
        raise ValueError(
            f"segmentation is {segmentation.dtype}; it must hold 0, 1, 2, …: threshold "
            "probabilities first"
        )
    if not 0 <= opacity <= 1:
        raise ValueError(f"opacity is {opacity}; it must be from 0 to 1")
    grey = np.repeat(grey_levels(image)[..., None], 3, axis=-1).astype(np.float32)  # (H, W, 3)
    if segmentation.max(initial=0) <= 1:
        painted, colours = segmentation == 0, np.array(rgb(VERMILLION))
    else:
        palette = np.array([rgb(colour) for colour in CYCLE])
        painted, colours = segmentation > 0, palette[(segmentation - 1) % len(palette)]
    mixed = (1 - opacity) * grey + opacity * colours
    pixels = np.where(painted[..., None], mixed, grey)
    return Image.fromarray(np.round(pixels).astype(np.uint8))


def few_greys(image: np.ndarray) -> Image.Image:
    """An image (H, W) in sixteen greys: half a byte for each pixel; noise hides the steps.

    Examples
    --------
    >>> np.asarray(few_greys(np.array([[0, 15, 16, 255]], np.uint8)).convert("L")).tolist()
    [[0, 0, 17, 255]]
    """
    return indexed(grey_levels(image) // 16, SIXTEEN)


def grey_levels(image: np.ndarray) -> np.ndarray:
    """uint8 as it is; other numbers stretched from their least to their largest.

    Examples
    --------
    >>> grey_levels(np.array([[0.0, 0.5, 1.0]])).tolist()
    [[0, 128, 255]]
    """
    if image.dtype == np.uint8:
        return image
    low, high = float(image.min()), float(image.max())
    if low == high:
        return np.full(image.shape, 128, np.uint8)
    return np.round((image - low) / (high - low) * 255).astype(np.uint8)
