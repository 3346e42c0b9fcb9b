"""A picture as a file stores it, and a mask in every way in which it can be read.

`Page` is the one form that every file is brought to before `unet_teach.data.reading`
decides what is seen; of a mask it then makes a `Drawn`. Here pillow reads PNG, JPEG, BMP
and GIF; `unet_teach.data.tiff` reads TIFF.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from unet_teach.data.volume import DataError

MOST_GREYS = 16  # more are no classes but a smoothed or compressed mask
ORIENTATION = 274  # the tag of EXIF and of TIFF
TURNS = {  # the tag's values, as steps that bring what is stored upright
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: np.swapaxes(a, 0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(np.swapaxes(a, 0, 1), 2),
    8: np.rot90,
}


@dataclass(frozen=True)
class Page:
    """One picture as it is stored, before anything is decided.

    ``kind`` says what the samples are: "grey", "inverted" (grey, white stored as 0),
    "palette" (numbers of its entries), "colour" (red, green, blue) or "bands" (samples that
    the file calls neither grey nor colour).
    """

    pixels: np.ndarray  # (H, W, C) of bool, whole numbers or floats, alpha apart
    kind: str
    bits: int  # of one sample
    alpha: np.ndarray | None = None  # (H, W), None where every pixel is opaque
    palette: np.ndarray | None = None  # uint8 (entries, 3)
    orientation: int = 1  # the tag that was followed: the pixels are upright already
    numbers_meant: bool = True  # False: what is stored and what is shown may both be meant
    lossy: bool = False  # compressed so that values between the drawn ones appear
    notes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        return self.pixels.shape[:2]

    def __str__(self) -> str:
        kind = {"inverted": "grey, white stored as 0", "bands": "bands"}.get(self.kind)
        number = " float" if self.pixels.dtype.kind == "f" else ""
        signed = " signed" if self.pixels.dtype.kind == "i" and self.bits > 1 else ""
        return f"{self.bits}-bit{number}{signed} {kind or self.kind}"


def upright(page: dict, orientation: int) -> dict:
    """The fields of a `Page`, pixels and alpha turned as the orientation tag says."""
    if orientation not in TURNS:  # the standard knows no other
        orientation = 1
    turn = TURNS[orientation]
    alpha = page.get("alpha")
    turned = {"pixels": turn(page["pixels"]), "alpha": None if alpha is None else turn(alpha)}
    return {**page, **turned, "orientation": orientation}


def other_pages(file: Path) -> list[Page]:
    """The one picture of a file that is no TIFF, read by pillow.

    Raises
    ------
    DataError
        An animation, 16-bit colour in a PNG, or a colour space without a rule.
    """
    # Opened here: what pillow maps into memory by itself it does not turn rightly.
    with open(file, "rb") as content:
        header = content.read(26)
        content.seek(0)
        with Image.open(content) as image:
            depth, colour = _png_kind(header)
            if depth == 16 and colour in (2, 4, 6):
                raise DataError(
                    f"{file} is a PNG with 16 bits for each of several channels, of which "
                    "pillow keeps 8; save it as TIFF, or as grey with 16 bits"
                )
            notes = _check_frames(image, file)
            image.load()
            page = _fields(image, depth, file)
            lossy = image.format in ("JPEG", "MPO", "WEBP")
            page = upright(page, image.getexif().get(ORIENTATION, 1))
            return [Page(**page, lossy=lossy, notes=notes)]


def _png_kind(header: bytes) -> tuple[int, int]:
    """Bits of a sample and colour type of a PNG; zeros for other files."""
    return (header[24], header[25]) if header[1:4] == b"PNG" and len(header) > 25 else (0, 0)


def _check_frames(image: Image.Image, file: Path) -> tuple[str, ...]:
    frames = getattr(image, "n_frames", 1)
    if frames == 1:
        return ()
    if image.format == "MPO":  # a telephone's JPEG with a preview or a second view behind it
        return (f"{frames - 1} more pictures in the file are left out",)
    raise DataError(
        f"{file} is an animation of {frames} frames; save the frames as files of their own, "
        "or as the pages of a TIFF"
    )


def _fields(image: Image.Image, depth: int, file: Path) -> dict:
    """Pixels, kind, bits, alpha and palette of a pillow image."""
    mode, alpha = image.mode, _alpha(image)
    if mode == "1":
        return _page(np.asarray(image), "grey", 1, alpha)
    if mode in ("L", "LA", "La"):
        grey = np.asarray(image if mode == "L" else image.convert("LA"))
        grey = grey if mode == "L" else grey[..., 0]
        if depth in (1, 2, 4):  # pillow has stretched them to 0 … 255
            return _page(grey // (255 // (2**depth - 1)), "grey", depth, alpha)
        return _page(grey, "grey", 8, alpha)
    if mode in ("P", "PA"):
        entries = np.asarray(image)
        entries = entries[..., 0] if entries.ndim == 3 else entries
        palette = np.array(image.getpalette("RGB"), np.uint8).reshape(-1, 3)
        return {**_page(entries, "palette", 8, alpha), "palette": whole_palette(palette)}
    if mode in ("RGB", "RGBX", "RGBA", "RGBa", "CMYK", "YCbCr", "HSV"):
        return _page(np.asarray(image.convert("RGB")), "colour", 8, alpha)
    if mode.startswith("I;16") or mode in ("I", "F"):
        pixels = np.asarray(image)
        bits = 16 if depth == 16 else 8 * pixels.dtype.itemsize
        return _page(pixels, "grey", bits, alpha)
    raise DataError(f"{file} has the colour space {mode}; save it as grey or RGB")


def _page(pixels: np.ndarray, kind: str, bits: int, alpha: np.ndarray | None) -> dict:
    pixels = pixels if pixels.ndim == 3 else pixels[..., None]
    return {"pixels": pixels, "kind": kind, "bits": bits, "alpha": alpha}


def whole_palette(palette: np.ndarray) -> np.ndarray:
    """256 entries or more: what a short palette does not name is black."""
    missing = max(0, 256 - len(palette))
    return np.concatenate([palette, np.zeros((missing, 3), np.uint8)])


def _alpha(image: Image.Image) -> np.ndarray | None:
    """How opaque each pixel is, (H, W), or None where all are fully."""
    stored = image.mode in ("LA", "La", "PA", "RGBA", "RGBa")
    if not stored and ("transparency" not in image.info or image.mode not in ("P", "L", "RGB")):
        return None
    return not_opaque(np.asarray(image.convert("RGBA"))[..., 3])


def not_opaque(alpha: np.ndarray) -> np.ndarray | None:
    """The alpha channel in 8 bits where it has 16, or None where it says nothing."""
    full = np.iinfo(alpha.dtype).max if alpha.dtype.kind in "iu" else 1
    if (alpha == full).all():
        return None
    return (alpha >> 8).astype(np.uint8) if alpha.dtype == np.uint16 else alpha


def ask(values: str) -> str:
    """How a person gives these values, in Python and in a terminal."""
    return f'values="{values}" (--classes "{values}")'


@dataclass(frozen=True)
class Drawn:
    """A mask's slice, in each way in which it can be read."""

    file: Path
    numbers: np.ndarray | None  # (H, W), whole; None where there are colours alone
    table: np.ndarray | None = None  # 0xRRGGBB shown for each number, where that is known
    codes: np.ndarray | None = None  # 0xRRGGBB of each pixel (H, W), where colours are all
    alpha: np.ndarray | None = None  # (H, W); None where opaque
    coloured: bool = False  # shows colours that are no greys
    doubtful: bool = False  # both what is stored and what is shown may be meant
    lossy: bool = False

    def read(self, way: str) -> np.ndarray:
        """(H, W) by "number", by "colour" (0xRRGGBB), by "grey" shown, or by "alpha"."""
        if way == "alpha":
            return np.full(self.shape, 255) if self.alpha is None else self.alpha
        if way == "number":
            if self.numbers is None:
                raise DataError(f"mask {self.file} is in colour: {self.colours()}")
            return self.numbers
        if self.codes is None and self.table is None:
            raise DataError(f"mask {self.file} holds numbers, not colours; give numbers")
        codes = self.table[self.numbers] if self.codes is None else self.codes
        return codes & 255 if way == "grey" else codes

    def shown(self) -> np.ndarray:
        """The colours where they are known, else the numbers, (H, W)."""
        known = self.codes is not None or self.table is not None
        return self.read("colour") if known else self.numbers

    @property
    def shape(self) -> tuple[int, int]:
        return (self.codes if self.numbers is None else self.numbers).shape

    def colours(self) -> str:
        """The colours as an option to be typed, or how many there are."""
        codes = self.table[self.numbers] if self.codes is None else self.codes
        used = np.unique(codes).tolist()
        if len(used) > MOST_GREYS:
            return f"it has {len(used)} colours, too many for classes; was it smoothed?"
        return (
            f"it has {len(used)} colours, and a colour is no class number; in the order of the "
            f"classes, for instance: {ask(','.join(f'#{code:06x}' for code in used))}"
        )


def place_of(masks: list[Drawn]) -> Path:
    """The masks' folder, or the file where there is but one."""
    return masks[0].file if len(masks) == 1 else masks[0].file.parent
