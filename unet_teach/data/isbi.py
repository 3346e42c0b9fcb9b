"""ISBI 2012: thirty slices of a fly larva's nerve cord, the paper's first data set (section 4).

Serial-section electron micrographs of the *Drosophila* first instar larva ventral nerve
cord, 30 slices of 512 × 512 pixels, 4 × 4 × 50 nm each, and a label for every pixel:
white inside a neurite, black on a membrane. The images are not part of this project;
a copy is found on this computer, or downloaded when told to, after reading `TERMS`.

The same volume goes around as multi-page TIFFs and as PNG slices, so **pixels** are
verified, not files: a damaged or different copy is refused.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pooch
from PIL import Image

from unet_teach.data.volume import DataError, Volume

URL = "https://downloads.imagej.net/ISBI-2012-challenge.zip"
ZIP = "ISBI-2012-challenge.zip"

TERMS = """\
ISBI 2012 EM segmentation challenge: the organisers' terms.
Free to use for generating or testing NON-COMMERCIAL image segmentation software.
This is not a Creative Commons licence, and it is not this project's licence (MIT).
Publications that use the data must cite the article below (and TrakEM2)."""

CITATION = """\
Cardona A, Saalfeld S, Preibisch S, Schmid B, Cheng A, Pulokas J, Tomancak P, Hartenstein V
(2010). An integrated micro- and macroarchitectural analysis of the Drosophila brain by
computer-assisted serial section electron microscopy. PLoS Biology 8(10): e1000502.
The challenge and its metrics: Arganda-Carreras et al. (2015), doi 10.3389/fnana.2015.00142."""

SHAPE = (30, 512, 512)

# sha256 of the pixels: uint8, C order, shape SHAPE. None was published for the test labels.
DIGESTS = {
    "train-volume": "200da3d452d726e6c9ca1ce04b869d4edb727320d23b516d01cce707dc8c4760",
    "train-labels": "a7cb64000a1a7e542682927e19c91339f58f9f178e0bcce4e207371116f0ca36",
    "test-volume": "1b58fa7ec1d0ff9d39a855622db3ff66a97863036339b0d04be51b2f5a99b0e9",
    "test-labels": None,
}

# The folder of PNG slices of each set; the set's own name is understood too.
FOLDERS = {
    "train-volume": "train",
    "train-labels": "labels",
    "test-volume": "test",
    "test-labels": "test_labels",
}

ACCEPTED = (
    f"{ZIP}, a folder with train-volume.tif, train-labels.tif and test-volume.tif, or a "
    "folder with train/, labels/ and test/ full of PNG slices; each perhaps one folder below"
)


def load_isbi2012(
    path: str | Path | None = None, download: bool = False, split: str = "train"
) -> Volume:
    """Load the ISBI 2012 volume, its pixels verified.

    Parameters
    ----------
    path : str or Path, optional
        The zip or a folder. Without it, ``$UNET_TEACH_DATA`` and the cache are searched.
    download : bool
        Download the official zip where no copy is found (see `TERMS`).
    split : {"train", "test"}
        The test labels are used where the copy has them, otherwise they are None.

    Returns
    -------
    Volume
        uint8 (30, 512, 512); label 1 where the mask is 255 (inside), 0 on a membrane.

    Raises
    ------
    FileNotFoundError
        No copy found; the message says where it was looked for and what is accepted.
    DataError
        A damaged or different volume; the message says which set and what was found.

    Examples
    --------
    >>> load_isbi2012(split="validation")
    Traceback (most recent call last):
        ...
    ValueError: split is 'validation'; valid values: 'train', 'test'
    """
    if split not in ("train", "test"):
        raise ValueError(f"split is {split!r}; valid values: 'train', 'test'")
    found = find(path)
    if found is None:
        raise FileNotFoundError(_not_found(path))
    images = _verified(found, f"{split}-volume")
    labels = _verified(found, f"{split}-labels", optional=split == "test")
    if labels is not None:
        labels = (labels > 0).astype(np.uint8)
    return Volume(images, labels, f"ISBI 2012 {split}, {len(images)} slices")


def find(path: str | Path | None = None) -> Path | None:
    """Where a copy of ISBI 2012 is (unverified), or None; the network is never touched."""
    for place in _places(path):
        try:
            for folder in (place, *_below(place)):
                if (copy := _copy_in(folder)) is not None:
                    return copy
        except OSError:  # a folder that may not be read holds nothing for us
            continue
    return None


def cache() -> Path:
    """The folder downloads go to: ``$UNET_TEACH_CACHE``, or the system's cache folder."""
    return Path(os.environ.get("UNET_TEACH_CACHE") or pooch.os_cache("unet_teach")).expanduser()


def _places(path: str | Path | None) -> list[Path]:
    # A path that was given is the only place: another copy must not stand in for it.
    if path is not None:
        return [Path(path).expanduser()]
    setting = os.environ.get("UNET_TEACH_DATA")
    return [*([Path(setting).expanduser()] if setting else []), cache()]


def _below(place: Path) -> list[Path]:
    return sorted(p for p in place.iterdir() if p.is_dir()) if place.is_dir() else []


def _copy_in(place: Path) -> Path | None:
    """The zip, or the folder itself if it holds the images of either split."""
    if place.suffix.lower() == ".zip" and place.is_file():
        return place
    if not place.is_dir():
        return None
    for name in ("train-volume", "test-volume"):
        if _tiff(place, name) or _slices(place, name):
            return place
    return place / ZIP if (place / ZIP).is_file() else None


def _tiff(folder: Path, name: str) -> Path | None:
    for suffix in (".tif", ".tiff"):
        if (folder / (name + suffix)).is_file():
            return folder / (name + suffix)
    return None


def _slices(folder: Path, name: str) -> list[Path]:
    """PNG slices of a set in volume order (2 before 10)."""
    for inner in (FOLDERS[name], name):
        files = [f for f in (folder / inner).glob("*.png") if not f.name.startswith(".")]
        if files:
            return sorted(files, key=lambda f: [int(d) for d in re.findall(r"\d+", f.stem)])
    return []


def _verified(copy: Path, name: str, optional: bool = False) -> np.ndarray | None:
    """The pixels of one set, (30, 512, 512) uint8, or None if optional and not there."""
    pages = list(_pages(copy, name))
    if not pages:
        if optional:
            return None
        raise DataError(f"{copy} has no {name}; accepted: {ACCEPTED}")
    stack = np.stack(pages)
    digest = hashlib.sha256(stack.tobytes()).hexdigest()
    if DIGESTS[name] not in (None, digest):
        raise DataError(f"{name} in {copy} is damaged: {stack.shape}, sha256 {digest}")
    return stack


def _pages(copy: Path, name: str) -> Iterator[np.ndarray]:
    for file in _slices(copy, name):
        with Image.open(file) as image:
            yield np.asarray(image.convert("L"))


def _not_found(path: str | Path | None) -> str:
    looked = ", ".join(str(place) for place in _places(path))
    return f"no ISBI 2012 in {looked}; accepted: {ACCEPTED}"
