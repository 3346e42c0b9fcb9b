"""How a picture file is read: one rule for images, one for masks, whatever the format.

TIFFs are read by tifffile (with imagecodecs where a compression needs it), all other files by
pillow: PNG, JPEG, BMP, GIF. The first bytes decide, not the name. Every page of a TIFF is a
slice, and so is every position along an axis of ImageJ or OME other than the channels.

==========================  ================================  ===============================
stored as                   an image is                       a mask's values are
==========================  ================================  ===============================
grey, 8 bits or fewer       taken as it is                    the numbers
grey of other types         scaled: its 0.1 and 99.9          the numbers; fractions are
                            percentiles to 0 and 255          refused
grey, white stored as 0     turned, so that white is 255      the numbers where tifffile or
(TIFF's MinIsWhite)                                           ImageJ wrote it, else as for a
                                                              palette
palette                     the colours shown, to grey        the entries' numbers; where the
                                                              colours say otherwise, refused
colour, 8 bits              to grey by luma                   the greys; colours are refused
                            (ITU-R 601)                       until `values` names them
colour, more bits           to grey by luma, then scaled      as above
CMYK, YCbCr                 as colour                         as colour
several bands               one of them, or each as a slice:  refused, but for
                            `channel`                         `channel="slices"`
CIELAB, raw mosaics         refused                           refused
alpha                       left out, and said                left out where opaque; the
                                                              drawing itself where all colours
                                                              are one; else refused if it says
                                                              otherwise
orientation (EXIF, TIFF)    turned                            turned
smaller copies in a TIFF    left out, and said                left out, and said
animation                   refused                           refused
JPEG, or JPEG in a TIFF     taken                             refused, but for `values` with
                                                              ranges
==========================  ================================  ===============================

What the values mean is settled over all masks together, in `unet_teach.data.classes`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from unet_teach.data.classes import classes_of
from unet_teach.data.stored import Drawn, Page, other_pages
from unet_teach.data.tiff import is_tiff, tiff_pages
from unet_teach.data.volume import DataError

LUMA = np.array([19595, 38470, 7471])  # ITU-R 601 in 65536ths, as pillow has it


def read_image(file: str | Path, channel: int | str | None = None) -> list[np.ndarray]:
    """The slices of an image file in grey.

    Parameters
    ----------
    file : str or Path
    channel : int or "slices", optional
        Which of several channels or bands to take, counted from 0, or each as a slice;
        without it, colour becomes grey, and bands that are no colours are refused.

    Returns
    -------
    list of uint8 arrays (H, W)

    Raises
    ------
    FileNotFoundError
    DataError
        What the table above refuses, NaN, a damaged file. The message names the file.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "a.png"
    >>> Image.fromarray(np.array([[0, 7], [9, 255]], np.uint8)).save(file)
    >>> read_image(file)[0].tolist()
    [[0, 7], [9, 255]]
    """
    return [grey(page, Path(file), channel) for page in stored_pages(file, channel)]


def read_mask(
    file: str | Path,
    values: str | Sequence | None = None,
    void: int | str | None = None,
    channel: str | None = None,
) -> list[np.ndarray]:
    """The slices of a mask file as classes 0, 1, 2, …; `VOID` (255) where nothing counts.

    Parameters
    ----------
    file : str or Path
    values, void, channel : optional
        As `unet_teach.data.folder.load_folder` takes them.

    Returns
    -------
    list of uint8 arrays (H, W)

    Raises
    ------
    FileNotFoundError
    DataError
        What the table above refuses, or values that are no classes.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "a.png"
    >>> Image.fromarray(np.array([[0, 255], [255, 128]], np.uint8)).save(file)
    >>> read_mask(file)[0].tolist()
    [[0, 2], [2, 1]]
    >>> read_mask(file, values="0-127, 128-255")[0].tolist()
    [[0, 1], [1, 1]]
    """
    pages = [drawn(page, Path(file)) for page in stored_pages(file, channel)]
    return classes_of(pages, values, void).labels


def stored_pages(file: str | Path, channel: int | str | None = None) -> list[Page]:
    """Every slice of a file as it is stored; any failure names the file.

    With ``channel="slices"`` each band is a slice.
    """
    file = Path(os.path.expanduser(file))
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None  # one's own may be large
    try:
        pages = tiff_pages(file) if is_tiff(file) else other_pages(file)
        return _bands_as_slices(pages) if channel == "slices" else pages
    except (DataError, FileNotFoundError):
        raise
    except Exception as error:  # of whatever kind: decoders raise many
        raise DataError(f"{file} cannot be read ({error}); is it complete?") from error
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _bands_as_slices(pages: list[Page]) -> list[Page]:
    found = []
    for page in pages:
        bands = range(page.pixels.shape[-1]) if page.kind == "bands" else ()
        each = [replace(page, pixels=page.pixels[..., i : i + 1], kind="grey") for i in bands]
        found += each or [page]
    return found


def grey(page: Page, file: Path, channel: int | str | None = None) -> np.ndarray:
    """What an image shows, uint8 (H, W), by the rules of this module."""
    pixels, bits = page.pixels, page.bits
    if pixels.dtype.kind not in "biuf":
        raise DataError(f"{file} holds {pixels.dtype} numbers; save its amplitude as float32")
    if channel not in (None, "slices"):
        if not 0 <= channel < pixels.shape[-1]:
            last = pixels.shape[-1] - 1
            raise DataError(f"channel is {channel}; {file} has the channels 0 to {last}")
        pixels = pixels[..., channel]
    elif page.kind == "bands":
        raise DataError(
            f"{file} has {pixels.shape[-1]} bands that are not red, green and blue, and a "
            "network takes one. Say which with channel=0, 1, … (--channel 0), or that each is "
            'a slice, channel="slices" (--channel slices)'
        )
    elif page.kind == "palette":
        pixels, bits = _luma(page.palette[pixels[..., 0]]), 8
    elif page.kind == "colour":
        pixels = _luma(pixels[..., :3])
    else:
        pixels = pixels[..., 0]
    refuse_nan(pixels, file)
    pixels = _stretched(pixels, bits)
    if page.kind == "inverted":
        pixels = 255 - pixels
    if page.alpha is not None and channel is None and (pixels == pixels.flat[0]).all():
        raise DataError(
            f"{file} has one colour, and its picture is the alpha channel alone; save it "
            "flattened, without transparency"
        )
    return pixels


def image_notes(page: Page, channel: int | str | None) -> list[str]:
    """What of an image's page is not used, or not as it is stored."""
    notes = list(page.notes)
    used = 3 if page.kind == "colour" else 1
    if page.alpha is not None:
        notes.append("its alpha channel is left out")
    if isinstance(channel, int) and page.pixels.shape[-1] > 1:
        notes.append(f"channel {channel} alone is taken of {page.pixels.shape[-1]}")
    elif page.pixels.shape[-1] > used:
        notes.append(f"{page.pixels.shape[-1] - used} bands beside the colours are left out")
    if page.orientation != 1:
        notes.append(f"turned, as its orientation tag {page.orientation} says")
    return notes


def _luma(colours: np.ndarray) -> np.ndarray:
    """(H, W) from (H, W, 3): rounded for 8 bits, as pillow does, a float for others."""
    if colours.dtype == np.uint8:
        return ((colours.astype(np.int64) @ LUMA + 32768) >> 16).astype(np.uint8)
    return colours.astype(np.float64) @ (LUMA / 65536)


def _stretched(pixels: np.ndarray, bits: int) -> np.ndarray:
    """uint8: 8 bits as they are, fewer times a whole number, others between percentiles."""
    if pixels.dtype == bool:
        return pixels.astype(np.uint8) * 255
    if pixels.dtype == np.uint8 and bits <= 8:
        return pixels * np.uint8(255 // (2**bits - 1))
    pixels = pixels.astype(np.float64)
    low, high = np.percentile(pixels, (0.1, 99.9))
    if low == high:
        low, high = pixels.min(), pixels.max()
    if low == high:
        return np.zeros(pixels.shape, np.uint8)
    return np.round((pixels - low).clip(0, high - low) * (255 / (high - low))).astype(np.uint8)


def drawn(page: Page, file: Path) -> Drawn:
    """What a mask holds, in each way in which it can be read, by the rules of this module."""
    pixels, kind = page.pixels, page.kind
    if pixels.dtype.kind not in "biuf":
        raise DataError(f"mask {file} holds {pixels.dtype} numbers; classes are whole numbers")
    if kind == "bands" or pixels.shape[-1] > (3 if kind == "colour" else 1):
        raise DataError(
            f"mask {file} has {pixels.shape[-1]} bands; save one channel, with a number or a "
            'grey for each class, or say that each is a slice: channel="slices" (--channel '
            "slices)"
        )
    refuse_nan(pixels, file)
    if kind == "colour":
        return _in_colour(page, file)
    numbers, table, coloured = pixels[..., 0], None, False
    numbers = numbers.astype(np.uint8) if numbers.dtype == bool else numbers
    if kind == "palette":
        table = _codes(page.palette)
        used = _codes(page.palette[np.unique(numbers)])
        coloured = bool((used != used % 256 * 0x010101).any())
    elif numbers.dtype == np.uint8:
        white = 2**page.bits - 1
        levels = np.arange(256).clip(0, white) * (255 // white)
        table = (255 - levels if kind == "inverted" else levels) * 0x010101
    if numbers.dtype.kind == "f":
        if (numbers != np.round(numbers)).any():
            raise DataError(
                f"mask {file} holds fractions, from {numbers.min():g} to {numbers.max():g}; "
                "classes are whole numbers: threshold it"
            )
        numbers = numbers.astype(np.int64)
    doubtful = kind == "palette" or not page.numbers_meant
    return Drawn(file, numbers, table, None, page.alpha, coloured, doubtful, page.lossy)


def _in_colour(page: Page, file: Path) -> Drawn:
    """Greys stored as colours are numbers; real colours have codes alone."""
    pixels, greys = page.pixels, np.arange(256) * 0x010101
    if (pixels == pixels[..., :1]).all():
        table = greys if pixels.dtype == np.uint8 else None
        return Drawn(file, pixels[..., 0], table, None, page.alpha, lossy=page.lossy)
    if pixels.dtype != np.uint8:
        raise DataError(f"mask {file} has colours of {page.bits} bits; save it with 8")
    codes = _codes(pixels)
    return Drawn(file, None, None, codes, page.alpha, coloured=True, lossy=page.lossy)


def _codes(colours: np.ndarray) -> np.ndarray:
    """0xRRGGBB of uint8 colours (…, 3), int32 (…)."""
    red, green, blue = np.moveaxis(colours.astype(np.int32), -1, 0)
    return red << 16 | green << 8 | blue


def refuse_nan(pixels: np.ndarray, file: Path) -> None:
    """Raise a DataError where a pixel is NaN or infinite; it says which."""
    bad = np.argwhere(~np.isfinite(pixels))
    if len(bad):
        row, column = bad[0].tolist()[:2]
        raise DataError(
            f"{file} has {len(bad)} pixels that are NaN or infinite, the first at row {row}, "
            f"column {column}; replace them before use"
        )
