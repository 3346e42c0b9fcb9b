"""Your own images and masks, of any size, as a volume.

Images are PNG, TIFF or JPEG, grey or colour (turned to grey). 8 bits are taken as they
are; 16 bits and floats are scaled image by image, their 0.1 and 99.9 percentiles to 0 and
255: every network sees standardised slices, so a linear scale costs nothing but rounding.

Masks are PNG or TIFF: classes 0, 1, …, K − 1, as numbers or as palette entries. As a
mask has to be seen, evenly spaced greys up to 255 stand for classes too: 0/255 is 0/1
(255 = 1 = inside, as in ISBI), 0/128/255 is 0/1/2. Anything else is refused rather than
guessed, JPEG masks among it: compression invents greys between the classes.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, ImageSequence

from unet_teach.data.volume import DataError, Volume

IMAGES = (".png", ".tif", ".tiff", ".jpg", ".jpeg")
MASKS = (".png", ".tif", ".tiff")
MASK_FOLDERS = ("masks", "labels")
MASK_ENDINGS = ("_mask", "_label")

PHOTOMETRIC, WHITE_IS_ZERO = 262, 0  # a tag of TIFF, and one of its values

# More greys than this are no classes but a smoothed or compressed mask.
MOST_GREYS = 16


def load_folder(
    images: str | Path,
    masks: str | Path | None = None,
    values: tuple[int, ...] | None = None,
) -> Volume:
    """Load a person's own images, with masks if there are any.

    Parameters
    ----------
    images : str or Path
        A folder of images, one file, or a folder that holds ``images/`` and ``masks/``
        (or ``labels/``). Every page of a TIFF is a slice.
    masks : str or Path, optional
        A folder of masks named like their images (``7.png`` or ``7_mask.png`` for
        ``7.tif``), or one file where `images` is one. ``7_mask.png`` may also lie beside
        its image.
    values : tuple of int, optional
        The mask value of class 0, of class 1, …, where the rules above do not say it.

    Returns
    -------
    Volume
        In the order of the names (2 before 10); lists where sizes differ; labels are
        None if there are no masks.

    Raises
    ------
    FileNotFoundError
        No such folder or file.
    DataError
        No images, a missing pair, sizes that differ, an unreadable file, NaN, a mask
        whose values are no classes. The message names the file.

    Examples
    --------
    >>> load_folder("no/such/place")
    Traceback (most recent call last):
        ...
    FileNotFoundError: no/such/place does not exist; give the folder that holds your images
    """
    image_place, mask_place = _places(Path(os.path.expanduser(images)), masks)
    pairs = _pairs(image_place, mask_place)
    pictures, labels = [], []
    for image_file, mask_file in pairs:
        pages = [_grey(page, image_file) for page in _pages(image_file)]
        pictures += pages
        if mask_file is not None:
            drawn = [_drawn(page, mask_file) for page in _pages(mask_file)]
            _check_sizes(pages, drawn, image_file, mask_file)
            labels += drawn
    count = "1 slice" if len(pictures) == 1 else f"{len(pictures)} slices"
    name = f"own images in {Path(os.path.expanduser(images)).resolve().name}, {count}"
    if not labels:
        return Volume(_stacked(pictures), None, name)
    classes, numbered = _numbered(labels, values, mask_place or image_place)
    return Volume(_stacked(pictures), _stacked(numbered), name, classes)


def _places(images: Path, masks: str | Path | None) -> tuple[Path, Path | None]:
    """Where the images and the masks are; no masks' place if there are none."""
    if not images.exists():
        raise FileNotFoundError(
            f"{images} does not exist; give the folder that holds your images"
        )
    if masks is not None:
        mask_place = Path(os.path.expanduser(masks))
        if not mask_place.exists():
            raise FileNotFoundError(f"{mask_place} does not exist; give the masks' folder")
        if images.is_file() != mask_place.is_file():
            raise DataError(f"{images} and {mask_place}: give two folders, or two files")
        return images, mask_place
    if not (images / "images").is_dir():
        return images, None
    drawn = [images / name for name in MASK_FOLDERS if (images / name).is_dir()]
    if len(drawn) > 1:
        raise DataError(f"{images} holds masks/ and labels/; pass masks= to say which")
    return images / "images", drawn[0] if drawn else None


def _pairs(images: Path, masks: Path | None) -> list[tuple[Path, Path | None]]:
    """Every image with its mask, by name, or with None where there are no masks at all."""
    if images.is_file() and masks is not None:
        _refuse_jpeg(masks)
        return [(images, masks)]
    image_files = _files(images, IMAGES, "image")
    if masks is not None:
        drawn = _files(masks, MASKS, "mask")
    else:  # perhaps beside their images
        named = {key: _bare(key) for key in image_files}
        drawn = {k: image_files[k] for k, bare in named.items() if k != bare and bare in named}
        if not drawn:
            return [(file, None) for file in image_files.values()]
        image_files = {key: file for key, file in image_files.items() if key not in drawn}
    mask_files: dict[str, Path] = {}
    for stem, file in drawn.items():
        _refuse_jpeg(file)
        key = stem if stem in image_files else _bare(stem)
        if key in mask_files:
            raise DataError(f"{mask_files[key]} and {file.name} belong to one image; keep one")
        mask_files[key] = file
    _check_complete(image_files, mask_files, masks or images)
    return [(file, mask_files[key]) for key, file in image_files.items()]


def _files(place: Path, suffixes: tuple[str, ...], what: str) -> dict[str, Path]:
    """Files by stem, in the order of their numbers; hidden files are left out."""
    listed = [place] if place.is_file() else [f for f in place.iterdir() if f.is_file()]
    listed = [file for file in listed if not file.name.startswith(".")]
    if what == "mask":
        for file in listed:
            _refuse_jpeg(file)
    chosen = [file for file in listed if file.suffix.lower() in suffixes]
    if not chosen:
        held = f"; it holds {listed[0].name}" if listed and place.is_dir() else ""
        raise DataError(f"{place} has no {what}s{held}. Valid: {', '.join(suffixes)}")
    files: dict[str, Path] = {}
    for file in sorted(chosen, key=_natural):
        if file.stem in files:
            raise DataError(f"{files[file.stem]} and {file.name} have one name; rename one")
        files[file.stem] = file
    return files


def _natural(file: Path) -> tuple[list[tuple[int, str]], str]:
    """Sorting key: numbers by value, so that 2 comes before 10; then the name itself."""
    parts = re.findall(r"\d+|\D+", file.stem)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], file.stem


def _bare(stem: str) -> str:
    """The name without what makes it a mask's: one ending, as its image may have another."""
    ending = next((ending for ending in MASK_ENDINGS if stem.endswith(ending)), "")
    return stem.removesuffix(ending)


def _refuse_jpeg(file: Path) -> None:
    if file.suffix.lower() in (".jpg", ".jpeg"):
        raise DataError(
            f"mask {file} is a JPEG: compression invents greys between the classes; "
            "save the masks as PNG from the original drawing"
        )


def _check_complete(images: dict[str, Path], masks: dict[str, Path], place: Path) -> None:
    bare = [key for key in images if key not in masks]
    if bare:
        listed = ", ".join(images[key].name for key in bare[:3]) + (", …" if bare[3:] else "")
        raise DataError(
            f"{len(bare)} of {len(images)} images have no mask in {place}: {listed}; "
            f"expected {bare[0]}.png or {bare[0]}_mask.png, for instance"
        )
    left = [masks[key].name for key in masks if key not in images]
    if left:
        listed = ", ".join(left[:3]) + (", …" if left[3:] else "")
        raise DataError(f"{len(left)} masks in {place} have no image: {listed}")


def _check_sizes(pages: list, drawn: list, image: Path, mask: Path) -> None:
    if len(pages) != len(drawn):
        raise DataError(f"{image} has {len(pages)} pages and {mask} has {len(drawn)}")
    for page, labels in zip(pages, drawn, strict=True):
        if page.shape != labels.shape:
            sizes = [f"{height} × {width}" for height, width in (page.shape, labels.shape)]
            raise DataError(
                f"{image} is {sizes[0]} pixels and its mask {mask.name} is {sizes[1]}; both "
                "need the same size (scale masks with nearest neighbour only)"
            )


def _pages(file: Path) -> list[Image.Image]:
    """Every page of a TIFF, the one picture of any other file, fully read."""
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None  # one's own may be large
    try:
        # Opened here: what pillow maps into memory by itself it does not turn rightly.
        with open(file, "rb") as content, Image.open(content) as image:
            if image.format == "TIFF":
                return [_page(page) for page in ImageSequence.Iterator(image)]
            image.load()
            # A camera stores "turn me" beside the pixels; masks are drawn on the turned one.
            return [ImageOps.exif_transpose(image)]
    except Exception as error:  # of whatever kind: pillow's decoders raise many
        raise DataError(f"{file} cannot be read ({error}); is it complete?") from error
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _page(page: Image.Image) -> Image.Image:
    """A page of a TIFF of its own; where white is stored as 0, pillow turns 8 bits only."""
    if page.mode.startswith("I;16") and page.tag_v2.get(PHOTOMETRIC) == WHITE_IS_ZERO:
        return Image.fromarray(65535 - np.asarray(page, dtype=np.int32))
    return page.copy()


def _grey(page: Image.Image, file: Path) -> np.ndarray:
    """uint8 (H, W), scaled between percentiles where there are more than 8 bits."""
    if not page.mode.startswith(("I", "F")):
        return np.array(page.convert("L"))
    pixels = np.asarray(page, dtype=np.float64)
    _refuse_nan(pixels, file)
    low, high = np.percentile(pixels, (0.1, 99.9))
    if low == high:
        low, high = pixels.min(), pixels.max()
    if low == high:
        return np.zeros(pixels.shape, np.uint8)
    return np.round((pixels - low).clip(0, high - low) * (255 / (high - low))).astype(np.uint8)


def _drawn(page: Image.Image, file: Path) -> np.ndarray:
    """The mask's values as they are, whole numbers (H, W)."""
    if page.mode in ("RGB", "RGBA", "LA"):
        colours = np.asarray(page.convert("RGB"))
        if (colours != colours[..., :1]).any():
            count = len(np.unique(colours.reshape(-1, 3), axis=0))
            raise DataError(
                f"mask {file} has {count} colours, and a colour is no class number; save it "
                "as grey (0, 1, 2, …) or with a palette, one entry a class"
            )
        return colours[..., 0].astype(np.int64)
    pixels = np.asarray(page)  # a palette's entries are the classes
    if pixels.dtype.kind == "f":
        _refuse_nan(pixels, file)
        if (pixels != np.round(pixels)).any():
            raise DataError(f"mask {file} holds fractions; classes are whole numbers")
    if pixels.ndim != 2:
        raise DataError(f"mask {file} is stored as {page.mode}; save it as grey")
    return pixels.astype(np.int64)


def _refuse_nan(pixels: np.ndarray, file: Path) -> None:
    bad = np.argwhere(~np.isfinite(pixels))
    if len(bad):
        row, column = bad[0].tolist()
        raise DataError(
            f"{file} has {len(bad)} pixels that are NaN or infinite, the first at row {row}, "
            f"column {column}; replace them before use"
        )


def _numbered(
    masks: list[np.ndarray], values: tuple[int, ...] | None, place: Path
) -> tuple[int, list[np.ndarray]]:
    """Classes and uint8 labels, from the values that all masks together hold."""
    found = np.unique(np.concatenate([np.unique(mask) for mask in masks])).tolist()
    chosen = list(values) if values is not None else _meant(found)
    if chosen is None or not set(found) <= set(chosen) or len(set(chosen)) != len(chosen):
        raise DataError(f"masks in {place} hold {_explained(found, values)}")
    if len(chosen) > 255:
        raise DataError(f"{len(chosen)} classes for the masks in {place}; at most 255 fit")
    order = np.argsort(chosen)
    ranks = [np.searchsorted(np.sort(chosen), mask) for mask in masks]
    return max(2, len(chosen)), [order[rank].astype(np.uint8) for rank in ranks]


def _meant(found: list[int]) -> list[int] | None:
    """The value of class 0, 1, …, where it is plain which classes the values mean."""
    if found[0] >= 0 and found[-1] <= 1:
        return [0, 1]
    white = found[-1]
    if found == list(range(len(found))) and white < 255:
        return found
    if white not in (255, 65535):
        return None
    if len(found) == 1:
        return [0, white]
    steps = [white * rank / (len(found) - 1) for rank in range(len(found))]
    even = all(abs(value - step) <= 1 for value, step in zip(found, steps, strict=True))
    return found if even and len(found) <= MOST_GREYS else None


def _explained(found: list[int], values: tuple[int, ...] | None) -> str:
    shown = ", ".join(map(str, found[:8])) + (f", … ({len(found)} values)" if found[8:] else "")
    if values is not None:
        return f"{shown}; values={tuple(values)} does not give each a class of its own"
    if len(found) > MOST_GREYS:
        return f"{shown}; too many for classes: was a mask smoothed or scaled? Threshold it"
    return (
        f"{shown}; valid: 0, 1, 2, … without a gap, or even greys up to 255 (0/255, "
        f"0/128/255). To number them in this order, pass values={tuple(found)}"
    )


def _stacked(slices: list[np.ndarray]) -> np.ndarray | list[np.ndarray]:
    return np.stack(slices) if len({image.shape for image in slices}) == 1 else slices
