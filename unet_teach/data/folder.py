"""Your own images and masks, of any size, as a volume.

Which files belong together is in `unet_teach.data.pairs`, how each is read in
`unet_teach.data.reading`, and what the masks' values mean in `unet_teach.data.classes`.
Nothing is left out in silence: `look` says of every file what was understood, and
`load_folder` warns of what it did not use.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from unet_teach.data.classes import classes_of
from unet_teach.data.pairs import pairs, places
from unet_teach.data.reading import drawn, grey, image_notes, stored_pages
from unet_teach.data.stored import Page
from unet_teach.data.volume import OWN, DataError, Volume


@dataclass(frozen=True)
class Slice:
    """Where a slice comes from, and how its files store it."""

    image: str  # name of the file, with its page where there are several
    stored: str  # such as "8-bit grey"
    mask: str = ""
    mask_stored: str = ""


@dataclass(frozen=True)
class Look:
    """A folder as it was understood."""

    volume: Volume
    slices: tuple[Slice, ...]
    layout: str  # where images and masks were found
    meaning: tuple[str, ...]  # the masks' value of each class
    notes: tuple[str, ...]  # what was left out, and what is unusual


def load_folder(
    images: str | Path,
    masks: str | Path | None = None,
    values: str | Sequence | None = None,
    void: int | str | None = None,
    channel: int | str | None = None,
) -> Volume:
    """Load a person's own images, with masks if there are any; warn of what is left out.

    Parameters
    ----------
    images : str or Path
        A folder of images, one file, or a folder in one of the layouts of
        `unet_teach.data.pairs`, such as ``images/`` and ``masks/``. Every page of a TIFF is
        a slice.
    masks : str or Path, optional
        A folder of masks named like their images (``7.png`` or ``7_mask.png`` for
        ``7.tif``), or one file where `images` is one.
    values : str or sequence, optional
        The mask's value of class 0, of class 1, …, where the rules do not say it: numbers
        (what is stored), ranges or colours (what is shown): ``(90, 3)``, ``"0,1-65535"``,
        ``"#000000,#ff0000"``.
    void : int or str, optional
        The value of pixels that are not trained on and not judged, 255 in PASCAL VOC.
    channel : int or "slices", optional
        Which channel of the images to take, counted from 0, or each as a slice.

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
        No images, a missing pair, sizes that differ, an unreadable file, NaN, a mask whose
        values may be meant in two ways. The message names the file and what would work.

    Examples
    --------
    >>> load_folder("no/such/place")
    Traceback (most recent call last):
        ...
    FileNotFoundError: no/such/place does not exist; give the folder that holds your images
    """
    found = look(images, masks, values, void, channel)
    for note in found.notes:
        warnings.warn(note, stacklevel=2)
    return found.volume


def look(
    images: str | Path,
    masks: str | Path | None = None,
    values: str | Sequence | None = None,
    void: int | str | None = None,
    channel: int | str | None = None,
) -> Look:
    """What `load_folder` understands, slice by slice. Takes and raises what it does."""
    root = Path(os.path.expanduser(images))
    image_place, mask_place = places(root, masks)
    found, notes = pairs(image_place, mask_place)
    pictures, masked, slices, said = [], [], [], {}
    for image_file, mask_file in found:
        pages = stored_pages(image_file, channel)
        drawings = [] if mask_file is None else stored_pages(mask_file, channel)
        if mask_file is not None:
            _check_sizes(pages, drawings, image_file, mask_file)
            masked += [drawn(page, mask_file) for page in drawings]
        for page in pages:
            pictures.append(grey(page, image_file, channel))
            _collect(said, image_file, image_notes(page, channel))
        for page in drawings:
            _collect(said, mask_file, page.notes)
        slices += _described(image_file, pages, mask_file, drawings)
    notes += [f"{_some(files)}: {note}" for note, files in said.items()]
    count = "1 slice" if len(pictures) == 1 else f"{len(pictures)} slices"
    name, layout = f"{OWN} in {root.resolve().name}, {count}", f"images: {image_place}"
    if not masked:
        volume = Volume(_stacked(pictures), None, name)
        return Look(volume, tuple(slices), f"{layout}; no masks", (), tuple(notes))
    numbered = classes_of(masked, values, void)
    volume = Volume(
        _stacked(pictures), _stacked(numbered.labels), name, numbered.count, void is not None
    )
    layout += f"; masks: {mask_place or 'beside them'}"
    return Look(volume, tuple(slices), layout, numbered.meaning, (*notes, *numbered.notes))


def _collect(said: dict[str, list[str]], file: Path, notes: Sequence[str]) -> None:
    """Note by note the files that it is about, each once."""
    for note in notes:
        files = said.setdefault(note, [])
        if file.name not in files:
            files.append(file.name)


def _some(files: list[str]) -> str:
    more = len(files) - 3
    return ", ".join(files[:3]) + (f" and {more} more" if more > 0 else "")


def _described(
    image: Path, pages: list[Page], mask: Path | None, drawings: list[Page]
) -> list[Slice]:
    found = []
    for index, page in enumerate(pages):
        number = f", page {index + 1}" if len(pages) > 1 else ""
        stored = (mask.name, str(drawings[index])) if mask is not None else ()
        found.append(Slice(f"{image.name}{number}", str(page), *stored))
    return found


def _check_sizes(pages: list[Page], drawings: list[Page], image: Path, mask: Path) -> None:
    if len(pages) != len(drawings):
        raise DataError(f"{image} has {len(pages)} pages and {mask} has {len(drawings)}")
    for page, drawing in zip(pages, drawings, strict=True):
        _check_turn(page, drawing, image, mask)
        if page.shape != drawing.shape:
            sizes = [f"{height} × {width}" for height, width in (page.shape, drawing.shape)]
            raise DataError(
                f"{image} is {sizes[0]} pixels and its mask {mask.name} is {sizes[1]}; both "
                "need the same size (scale masks with nearest neighbour only)"
            )


def _check_turn(page: Page, drawing: Page, image: Path, mask: Path) -> None:
    """An orientation tag on one of the two: was the mask drawn on what is seen, or stored?"""
    if page.orientation == drawing.orientation:
        return
    quarter = (page.orientation > 4) != (drawing.orientation > 4)
    height, width = page.shape
    if quarter and height != width and page.shape == drawing.shape:
        return  # it only fits as it is seen
    tagged, tag = (image, page) if page.orientation != 1 else (mask, drawing)
    raise DataError(
        f"{tagged} has the orientation tag {tag.orientation}, and {mask.name} and {image.name} "
        "are not turned alike: was the mask drawn on the picture as it is seen, or as it is "
        "stored? Save the pair without the tag, both upright"
    )


def _stacked(slices: list[np.ndarray]) -> np.ndarray | list[np.ndarray]:
    return np.stack(slices) if len({image.shape for image in slices}) == 1 else slices
