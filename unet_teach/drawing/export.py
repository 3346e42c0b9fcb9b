"""Pictures as the bytes of files, and the challenge's probability maps."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from PIL import Image, ImageSequence

from unet_teach.drawing.picture import Picture, png_picture


def png(picture: Figure | Image.Image | np.ndarray, dpi: int = 160) -> bytes:
    """A figure, a picture or a uint8 array (H, W) as PNG; the same bytes every time.

    Examples
    --------
    >>> png(np.zeros((2, 2), np.uint8))[:4]
    b'\\x89PNG'
    """
    buffer = io.BytesIO()
    if isinstance(picture, Figure):
        picture.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    else:
        picture = Image.fromarray(picture) if isinstance(picture, np.ndarray) else picture
        picture.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def figure_picture(figure: Figure, alt: str, dpi: int = 80) -> Picture:
    """A figure as a picture that shows itself in a notebook and says what it shows.

    Examples
    --------
    >>> figure_picture(Figure(figsize=(1, 1)), alt="nothing", dpi=50).body[:30]
    '<img alt="nothing" width="50" '
    """
    plt.close(figure)  # a notebook would show what is open a second time, without words
    with Image.open(io.BytesIO(png(figure, 2 * dpi))) as image:  # sharp on fine screens, too
        pixels = np.asarray(image.convert("RGB"))
    return png_picture(pixels, alt, width=pixels.shape[1] // 2)


def probability_tiff(pages: Sequence[np.ndarray]) -> bytes:
    """The challenge's format: a TIFF of 32-bit floats from 0 to 1, one page a slice.

    Raises
    ------
    ValueError
        No page, or a value that is no probability.
    """
    pages = [np.asarray(page, dtype=np.float32) for page in pages]
    if not pages:
        raise ValueError("no page to write")
    for page in pages:
        if page.ndim != 2 or not (page.min() >= 0 and page.max() <= 1):  # NaN fails, too
            raise ValueError("a page must be (H, W) of probabilities from 0 to 1")
    first, *others = [Image.fromarray(page) for page in pages]
    buffer = io.BytesIO()
    first.save(buffer, format="TIFF", save_all=True, append_images=others)
    return buffer.getvalue()


def read_probability_tiff(path: str | Path) -> list[np.ndarray]:
    """The pages of `probability_tiff`, float32 (H, W) each.

    Raises
    ------
    ValueError
        Pages of another type, or out of range.
    """
    with Image.open(path) as image:
        pages = [np.array(page) for page in ImageSequence.Iterator(image)]
    for page in pages:
        if page.dtype != np.float32 or not (page.min() >= 0 and page.max() <= 1):
            raise ValueError(f"{path} holds {page.dtype} values that are no probabilities")
    return pages
