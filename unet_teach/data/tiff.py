"""TIFF, by tifffile: which of a file's pictures are slices, and what their samples mean."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

from unet_teach.data.stored import TURNS, Page, not_opaque, upright, whole_palette
from unet_teach.data.volume import DataError, few

PHOTOMETRIC = {0: "inverted", 1: "grey", 2: "colour", 3: "palette", 4: "grey", 5: "cmyk"}
PHOTOMETRIC[6] = "ycbcr"
OTHER_SPACES = {8: "CIELAB", 9: "ICCLAB", 10: "ITULAB", 32803: "CFA (a camera's raw mosaic)"}
COLOURS = {"colour": 3, "ycbcr": 3, "cmyk": 4}  # samples; any other kind has one
ALPHA = (1, 2)  # of the tag ExtraSamples: associated and unassociated
LOSSY = (6, 7, 33003, 33004, 33005, 34712, 34892, 34927, 50001, 50002)  # JPEG and its heirs
SEVERE = ("page", "file", "series", "corrupt", "missing")  # of tifffile's warnings


def is_tiff(file: Path) -> bool:
    """Whether the first bytes are those of a TIFF, whatever the name says."""
    with open(file, "rb") as content:
        return content.read(4) in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def tiff_pages(file: Path) -> list[Page]:
    """Every slice of a TIFF, in order; what is left out is said in a note.

    Raises
    ------
    DataError
        Pages that may be slices or smaller copies, axes or a colour space without a rule, a
        compression that needs `imagecodecs`, a damaged file.
    """
    with _watched(file) as warned, tifffile.TiffFile(file) as tiff:
        ifds = list(tiff.pages)  # first: looking at the series would thin them out
        if not ifds:
            raise DataError(f"{file} holds no picture")
        plain = all(series.kind in ("uniform", "generic") for series in tiff.series)
        notes = []
        pages = _of_ifds(ifds, file, notes) if plain else _of_series(tiff, file, notes)
        notes += [f"tifffile says: {line}" for line in warned]
    _refuse_columns([page["pixels"].shape for page in pages], file)
    return [Page(**page, notes=tuple(notes)) for page in pages]


@contextmanager
def _watched(file: Path) -> Iterator[list[str]]:
    """Collects tifffile's warnings; one that tells of lost pixels becomes an error."""
    lines: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            line = record.getMessage()
            if record.levelno >= logging.ERROR or any(word in line for word in SEVERE):
                raise DataError(f"{file} cannot be read whole ({line}); is it complete?")
            lines.append(line)

    logger, handler = logging.getLogger("tifffile"), Collect(logging.WARNING)
    before = logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logger.propagate = before


def _of_ifds(ifds: list, file: Path, notes: list[str]) -> list[dict]:
    """A TIFF of plain pages: every one that is no smaller copy and no transparency mask."""
    whole = [page for page in ifds if not page.subfiletype & 5] or ifds[:1]
    left = len(ifds) - len(whole) + sum(len(page.subifds or ()) for page in whole)
    if left:
        notes.append(f"{left} smaller copies or transparency masks in the file are left out")
    _refuse_unflagged_copies([(page.imagelength, page.imagewidth) for page in whole], file)
    return [
        slice_
        for page in whole
        for slice_ in _slices(_pixels(page, file), page.axes, page, False, file)
    ]


def _refuse_unflagged_copies(sizes: list[tuple[int, int]], file: Path) -> None:
    """Pages ever smaller in the same proportions may be a pyramid that does not say so."""
    height, width = sizes[0]
    smaller = [h < height and w < width for h, w in sizes[1:]]
    alike = [abs(h / height - w / width) < 0.02 for h, w in sizes[1:]]
    if smaller and all(smaller) and all(alike):
        listed = few([f"{h} × {w}" for h, w in sizes], 4)
        raise DataError(
            f"{file} has pages of {listed}: smaller copies of the first, or slices? For "
            "copies, save the first page alone; for slices, save each as a file of its own"
        )


def _refuse_columns(shapes: list[tuple[int, ...]], file: Path) -> None:
    """Hundreds of pages three pixels wide are a colour picture, written without saying so."""
    height, width = shapes[0][:2]
    if len(shapes) > 4 and width in (3, 4) and height > 8:
        raise DataError(
            f"{file} has {len(shapes)} pages of {height} × {width} pixels: that looks like a "
            "colour picture whose channels were taken for columns; save it anew with "
            'photometric="rgb"'
        )


def _of_series(tiff: tifffile.TiffFile, file: Path, notes: list[str]) -> list[dict]:
    """A TIFF that names its axes: ImageJ, OME, tifffile's own, a microscope's."""
    sure = bool(tiff.is_imagej or tiff.is_shaped or tiff.is_ome)
    found = []
    for series in tiff.series:
        first = series.keyframe
        if first.subfiletype & 5 or series.name in ("Thumbnail", "Label", "Macro", "Map"):
            notes.append(f"the file's {series.name or 'smaller copy'} is left out")
            continue
        if len(series.levels) > 1:
            notes.append(f"{len(series.levels) - 1} smaller copies in the file are left out")
        array = _series_pixels(series, file)
        others = [(a, n) for a, n in zip(series.axes, series.shape, strict=True) if n > 1]
        others = [f"{n} along {a}" for a, n in others if a not in "YXSC"]
        if len(others) > 1:
            notes.append(f"slices are counted over {' × '.join(others)}")
        found += _slices(array, series.axes, first, sure, file)
    if not tiff.is_imagej and not tiff.is_ome and len(tiff.series) > 1:
        _refuse_unflagged_copies([page["pixels"].shape[:2] for page in found], file)
    return found


def _series_pixels(series: tifffile.TiffPageSeries, file: Path) -> np.ndarray:
    try:
        return series.asarray()
    except (ValueError, NotImplementedError, ImportError):
        parts = [_pixels(page, file) for page in series.pages if page is not None]
        return np.stack(parts).reshape(series.shape)


def _pixels(page: tifffile.TiffPage, file: Path) -> np.ndarray:
    """What is stored, decompressed: by tifffile, or by pillow where that is the same."""
    try:
        return page.asarray()
    except (ValueError, NotImplementedError, ImportError) as error:
        wanting = "imagecodecs" in str(error) or "not supported" in str(error)
        if isinstance(error, ValueError) and not wanting:
            raise
        pixels = _by_pillow(page, file)
        if pixels is None:
            name = getattr(page.compression, "name", page.compression)
            raise DataError(
                f"{file} is compressed with {name}, {page.bitspersample} bits a sample, which "
                "needs the package imagecodecs: pip install 'unet-teach[tiff]'; or save it "
                "without compression"
            ) from None
        return pixels


def _by_pillow(page: tifffile.TiffPage, file: Path) -> np.ndarray | None:
    """The same numbers from pillow, its changes taken back; None where it loses bits."""
    try:
        with open(file, "rb") as content, Image.open(content) as image:
            image.seek(page.index)
            image.load()
            pixels, mode = np.asarray(image), image.mode
    except Exception:  # of whatever kind: then it is imagecodecs that is needed
        return None
    if page.bitspersample > 8 and not mode.startswith(("I", "F")):
        return None
    if mode not in ("1", "L", "P", "LA", "RGB", "RGBA", "CMYK", "I", "F", "I;16", "I;16B"):
        return None
    if mode in ("1", "L") and PHOTOMETRIC.get(int(page.photometric)) == "inverted":
        pixels = ~pixels if mode == "1" else 255 - pixels  # pillow turns these, and no others
    if mode == "L" and page.bitspersample in (2, 4):  # pillow has stretched them
        pixels = pixels // (255 // (2**page.bitspersample - 1))
    orientation = int(page.tags.valueof(274, default=1))
    back = {6: 8, 8: 6}.get(orientation, orientation)  # pillow has turned it already
    pixels = TURNS.get(back, TURNS[1])(pixels)
    return np.moveaxis(pixels, -1, 0) if page.axes.startswith("S") else pixels


def _slices(
    array: np.ndarray, axes: str, page: tifffile.TiffPage, sure: bool, file: Path
) -> list[dict]:
    """The fields of a `Page` for every slice of an array with these axes."""
    if "Y" not in axes or "X" not in axes:
        raise DataError(f"{file} has the axes {axes}; a picture needs Y and X")
    samples = [a for a in axes if a in "CS" and array.shape[axes.index(a)] > 1]
    if len(samples) > 1:
        raise DataError(f"{file} has channels and colours (axes {axes}); save one channel")
    order = [a for a in axes if a not in "YXCS"] + ["Y", "X"] + [a for a in axes if a in "CS"]
    array = array.transpose([axes.index(a) for a in order])
    first = order.index("Y")
    height, width, *last = array.shape[first:]
    stack = array.reshape(-1, height, width, int(np.prod(last, dtype=int)))
    kind = _kind(page, file) if samples != ["C"] else "bands"
    return [_one(pixels, kind, page, sure, file) for pixels in stack]  # (H, W, C) each


def _kind(page: tifffile.TiffPage, file: Path) -> str:
    photometric = int(page.photometric)
    if photometric in PHOTOMETRIC:
        return PHOTOMETRIC[photometric]
    name = OTHER_SPACES.get(photometric) or getattr(page.photometric, "name", photometric)
    raise DataError(f"{file} has the colour space {name}; save it as grey or RGB")


def _one(
    pixels: np.ndarray, kind: str, page: tifffile.TiffPage, sure: bool, file: Path
) -> dict:
    """The fields of a `Page` from the samples of one slice, (H, W, C)."""
    alpha, bits = None, page.bitspersample
    if kind != "bands":
        colours = COLOURS.get(kind, 1)
        extra = [int(value) for value in page.extrasamples][: pixels.shape[-1] - colours]
        opaque = [colours + i for i, value in enumerate(extra) if value in ALPHA]
        if opaque:
            alpha = not_opaque(pixels[..., opaque[0]])
            pixels = np.delete(pixels, opaque[0], axis=-1)
        if kind in ("ycbcr", "cmyk"):
            pixels, kind = _as_rgb(pixels, kind, page, file), "colour"
        elif kind in ("grey", "inverted") and pixels.shape[-1] > 1:
            kind = "bands"
    written = page.software + page.description
    fields = {
        "pixels": pixels,
        "kind": kind,
        "bits": bits,
        "alpha": alpha,
        "numbers_meant": kind != "inverted" or sure or "tifffile" in written,
        "lossy": int(page.compression) in LOSSY,
    }
    if kind == "palette":
        table = np.asarray(page.colormap).T  # 16 bits an entry, in some files only 8
        shift = 8 if table.max(initial=0) > 255 else 0
        fields["palette"] = whole_palette((table >> shift).astype(np.uint8))
    return upright(fields, int(page.tags.valueof(274, default=1)))


def _as_rgb(pixels: np.ndarray, kind: str, page: tifffile.TiffPage, file: Path) -> np.ndarray:
    samples = COLOURS[kind]
    if pixels.dtype != np.uint8 or pixels.shape[-1] not in (samples, 3):
        raise DataError(
            f"{file} has the colour space {kind} with {page.bitspersample} bits and "
            f"{pixels.shape[-1]} samples; save it as RGB"
        )
    # The decoders of JPEG give red, green and blue already.
    if kind == "ycbcr" and int(page.compression) in (6, 7):
        return pixels
    mode = {"ycbcr": "YCbCr", "cmyk": "CMYK"}[kind]
    return np.asarray(Image.fromarray(pixels, mode).convert("RGB"))
