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
import io
import os
import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

import numpy as np
import pooch
from PIL import Image, ImageSequence

from unet_teach.config import one_of
from unet_teach.data.volume import DataError, Volume, few

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

# A set is 7.8 MB; a zip that unpacks to much more is not the challenge's.
MOST_BYTES = 200_000_000

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
        Where no copy is found, download the official zip, under `TERMS`, to the path if
        one was given and to the cache otherwise.
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
    OSError
        The download failed; the message says what to do by hand.

    Examples
    --------
    >>> load_isbi2012(split="validation")
    Traceback (most recent call last):
        ...
    ValueError: split is 'validation'; valid values: 'train', 'test'
    """
    one_of("split", split, ("train", "test"))
    found = find_isbi2012(path)
    if found is None and download:
        found = fetch(path)
    if found is None:
        raise FileNotFoundError(_not_found(path))
    images = _verified(found, f"{split}-volume")
    labels = _verified(found, f"{split}-labels", optional=split == "test")
    if labels is not None:
        labels = (labels == 255).astype(np.uint8)
    return Volume(images, labels, f"ISBI 2012 {split}, {len(images)} slices")


def find_isbi2012(path: str | Path | None = None) -> Path | None:
    """Where a copy of ISBI 2012 is (unverified), or None; the network is never touched."""
    for place in _places(path):
        for folder in (place, *_below(place)):
            with suppress(OSError):  # a folder that may not be read holds nothing for us
                if (copy := _copy_in(folder)) is not None:
                    return copy
    return None


def resembles(copy: Path) -> bool:
    """Whether a copy may be the challenge's: its slices are PNGs of its size, or no PNGs."""
    slices = _slices(copy, "train-volume") if copy.is_dir() else []
    if not slices or _tiff(copy, "train-volume"):
        return True
    try:
        with Image.open(slices[0]) as image:
            return len(slices) <= SHAPE[0] and image.size == SHAPE[:0:-1]
    except OSError:  # damaged: `load_isbi2012` explains it
        return True


def fetch(path: str | Path | None = None, url: str = URL) -> Path:
    """Download the official zip (see `TERMS`), showing progress; return where it is.

    It is downloaded under another name and takes its own only once its pixels are
    verified, so that an interrupted download never looks like a copy.

    Parameters
    ----------
    path : str or Path, optional
        A folder, or the zip's name; the cache if not given.
    """
    target = cache() if path is None else Path(os.path.expanduser(path))
    if target.suffix.lower() != ".zip":
        target = target / ZIP
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    by_hand = (
        f"By hand: download {url}, and put it at {target}, or anywhere and set "
        "UNET_TEACH_DATA to where it is"
    )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        pooch.HTTPDownloader(progressbar=True, chunk_size=2**16, timeout=60)(
            url, str(part), None
        )
        for name in ("train-volume", "train-labels"):
            _verified(part, name)
        os.replace(part, target)
    except DataError as error:
        raise DataError(f"what came from {url} is refused: {error}. {by_hand}") from None
    except OSError as error:  # requests' errors are among them
        reason = _reason(error, target.parent)
        raise OSError(f"could not download {url}: {reason}. {by_hand}") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return target


def cache() -> Path:
    """The folder downloads go to: ``$UNET_TEACH_CACHE``, or the system's cache folder."""
    setting = os.environ.get("UNET_TEACH_CACHE") or pooch.os_cache("unet_teach")
    return Path(os.path.expanduser(setting))


def _reason(error: OSError, folder: Path) -> str:
    if isinstance(error, (PermissionError, FileExistsError, NotADirectoryError)):
        return f"{folder} cannot be written to; set UNET_TEACH_CACHE to a folder that can"
    if error.strerror:  # of the system: disk full, for instance
        return f"{error.strerror} ({folder})"
    if (response := getattr(error, "response", None)) is not None:
        return f"the server answered {response.status_code} {response.reason}"
    return f"is this computer online? ({type(error).__name__})"


def _places(path: str | Path | None) -> list[Path]:
    # A path that was given is the only place: another copy must not stand in for it.
    if path is not None:
        return [Path(os.path.expanduser(path))]
    setting = os.environ.get("UNET_TEACH_DATA")
    return [*([Path(os.path.expanduser(setting))] if setting else []), cache()]


def _below(place: Path) -> list[Path]:
    with suppress(OSError):
        return sorted(p for p in place.iterdir() if p.is_dir())
    return []


def _copy_in(place: Path) -> Path | None:
    """The zip, or the folder itself if it holds the images of either split."""
    if place.is_file():
        return place if place.suffix.lower() == ".zip" else None
    if not place.is_dir():
        return None
    for name in ("train-volume", "test-volume"):
        if _tiff(place, name) or _slices(place, name):
            return place
    # Browsers write "ISBI-2012-challenge (1).zip".
    return next(iter(sorted(place.glob("ISBI-2012-challenge*.zip"))), None)


def _tiff(folder: Path, name: str) -> Path | None:
    files = (folder / (name + suffix) for suffix in (".tif", ".tiff"))
    return next((file for file in files if file.is_file()), None)


def _slices(folder: Path, name: str) -> list[Path]:
    """PNG slices of a set in volume order (2 before 10)."""
    for inner in (FOLDERS[name], name):
        files = [f for f in (folder / inner).glob("*.png") if not f.name.startswith(".")]
        if files:
            return sorted(files, key=lambda f: [int(d) for d in re.findall(r"\d+", f.stem)])
    return []


def _verified(copy: Path, name: str, optional: bool = False) -> np.ndarray | None:
    """The pixels of one set, (30, 512, 512) uint8, or None if optional and not there."""
    pages = _read(copy, name)
    if not pages:
        if optional:
            return None
        held = [other for other in DIGESTS if other != name and _has(copy, other)]
        holds = f"; it holds {', '.join(held)}" if held else ""
        raise DataError(f"{copy} has no {name}{holds}. Accepted: {ACCEPTED}")
    shapes = {page.shape for page in pages}
    if len(shapes) > 1:
        raise _refusal(copy, name, f"slices of different sizes: {sorted(shapes)}")
    stack = np.stack(pages)
    digest = hashlib.sha256(stack.tobytes()).hexdigest()
    found = f"shape {stack.shape}, {stack.dtype}, sha256 of the pixels {digest[:16]}…"
    if stack.shape != SHAPE or stack.dtype != np.uint8:
        raise _refusal(copy, name, found)
    if DIGESTS[name] is None:
        _check_test_labels(copy, name, stack)
    elif digest != DIGESTS[name]:
        known = [other for other, expected in DIGESTS.items() if expected == digest]
        raise _refusal(copy, name, found + "".join(f", the pixels of {k}" for k in known))
    return stack


def _check_test_labels(copy: Path, name: str, stack: np.ndarray) -> None:
    values = np.unique(stack).tolist()
    if values != [0, 255]:
        shown = few(values, 8)
        raise _refusal(copy, name, f"values {shown} instead of 0 and 255")
    if (stack == 255).mean() < 0.5:
        raise _refusal(copy, name, "more black than white; white is inside a neurite")


def _refusal(copy: Path, name: str, found: str) -> DataError:
    expected = f"shape {SHAPE}, uint8"
    if DIGESTS[name]:
        expected += f", sha256 {DIGESTS[name][:16]}…"
    return DataError(
        f"{name} in {copy} is damaged or another volume. Found: {found}. Expected: "
        f"{expected}. "
        "Fetch it again (unet-teach data fetch), or set UNET_TEACH_DATA to an intact copy. "
        "Images of your own: name their folders images/ and masks/"
    )


def _has(copy: Path, name: str) -> bool:
    if copy.is_file():
        with zipfile.ZipFile(copy) as archive:
            return _member(archive, name) is not None
    return bool(_tiff(copy, name) or _slices(copy, name))


def _read(copy: Path, name: str) -> list[np.ndarray]:
    """The slices of one set, none if it is not there."""
    try:
        if copy.is_file():
            return _read_zip(copy, name)
        if (tiff := _tiff(copy, name)) is not None:
            return list(_pages(tiff))
        return [page for file in _slices(copy, name) for page in _pages(file)]
    except zipfile.BadZipFile as error:
        size = copy.stat().st_size
        found = f"{size:,} bytes that are no complete zip ({error})"
        raise _refusal(copy, name, found) from None
    except Exception as error:  # of whatever kind: pillow's and zlib's decoders raise many
        raise _refusal(copy, name, f"unreadable ({error})") from error


def _read_zip(copy: Path, name: str) -> list[np.ndarray]:
    with zipfile.ZipFile(copy) as archive:
        member = _member(archive, name)
        if member is None:
            return []
        if member.file_size > MOST_BYTES:
            raise ValueError(f"{member.filename} unpacks to {member.file_size:,} bytes")
        return list(_pages(io.BytesIO(archive.read(member))))


def _member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo | None:
    """By base name, wherever it is in the zip; macOS adds shadow files, "._" in front."""
    wanted = (f"{name}.tif", f"{name}.tiff")
    members = archive.infolist()
    return next((m for m in members if m.filename.split("/")[-1].lower() in wanted), None)


def _pages(file: Path | IO[bytes]) -> Iterator[np.ndarray]:
    with Image.open(file) as image:
        for page in ImageSequence.Iterator(image):
            # 8 bits however stored (palette, black and white); others are refused as they are.
            plain = page if page.mode.startswith(("I", "F")) else page.convert("L")
            yield np.array(plain)


def _not_found(path: str | Path | None) -> str:
    places = _places(path)
    looked = ", ".join(str(p) if p.exists() else f"{p} (does not exist)" for p in places)
    inside = [file for p in places for file in (p, *(p.glob("*") if p.is_dir() else ()))]
    hdf5 = next((f for f in inside if f.suffix.lower() in (".h5", ".hdf5", ".hdf")), None)
    hint = f" ({hdf5} is HDF5, which is not read)" if hdf5 else ""
    return (
        f"no ISBI 2012 in {looked}{hint}. Accepted: {ACCEPTED}. "
        "To download it: unet-teach data fetch"
    )
