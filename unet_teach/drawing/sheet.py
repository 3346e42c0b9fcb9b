"""A contact sheet: every mask drawn over its image, to see at a glance whether they match."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from unet_teach.data.volume import VOID, Volume
from unet_teach.drawing.style import CYCLE, LIGHT, rgb
from unet_teach.translation import _

MOST = 40  # slices shown; more are thumbnails that nobody looks at
SIDE = 150  # pixels, the longer side of a picture
COLUMNS, GAP, LINE, HEAD = 4, 12, 16, 34  # pixels but for the first
PALETTE = (CYCLE[1], CYCLE[0], *CYCLE[2:])  # orange is seen on any grey


def contact_sheet(
    volume: Volume, names: Sequence[str] = (), meaning: Sequence[str] = ()
) -> Image.Image:
    """Each slice as it is and, beside it, with its mask drawn over it; class 0 is left clear.

    Parameters
    ----------
    volume : Volume
    names : str for each slice, written below it; numbers if not given
    meaning : str for each class, what it is in the mask files

    Returns
    -------
    PIL.Image.Image, RGB; of more than 40 slices 40, evenly chosen, and the head says so

    Examples
    --------
    >>> pixels = np.zeros((2, 30, 30), np.uint8)
    >>> contact_sheet(Volume(pixels, pixels, "black squares")).size
    (1296, 220)
    """
    names = names or [_("slice {n}").format(n=index) for index in range(len(volume))]
    shown = np.unique(np.linspace(0, len(volume) - 1, min(len(volume), MOST)).round())
    wide = SIDE if volume.labels is None else 2 * SIDE + 2
    columns = 2 * COLUMNS if volume.labels is None else COLUMNS
    rows = -(-len(shown) // columns)
    size = (4 * 2 * SIDE + 8 * GAP, HEAD + rows * (SIDE + 2 * LINE + GAP // 2) - 2 * GAP + 22)
    sheet = Image.new("RGB", size, LIGHT.paper)
    pen, font = ImageDraw.Draw(sheet), _font(12)
    _head(pen, volume, meaning, len(shown))
    for place, index in enumerate(shown.astype(int).tolist()):
        left = GAP + place % columns * (size[0] - GAP) // columns
        top = HEAD + place // columns * (SIDE + 2 * LINE + GAP // 2)
        label = None if volume.labels is None else volume.labels[index]
        sheet.paste(_pair(volume.images[index], label), (left, top))
        words = [names[index], "" if label is None else _fractions(label, volume.classes)]
        for number, word in enumerate(words):
            word = _fitting(word, font, wide)
            pen.text((left, top + SIDE + 1 + number * LINE), word, LIGHT.ink, font)
    return sheet


def _font(size: int) -> ImageFont.FreeTypeFont:
    place = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    return ImageFont.truetype(str(place), size)


def _head(pen: ImageDraw.ImageDraw, volume: Volume, meaning: Sequence[str], shown: int) -> None:
    """The data's name and, for each class, its colour and what it is in the files."""
    font, x = _font(14), GAP
    words = volume.name
    if shown < len(volume):
        words = _("{name} ({n} shown)").format(name=words, n=shown)
    pen.text((x, 8), words, LIGHT.ink, font)
    x += int(pen.textlength(words, font)) + 2 * GAP
    for k in range(1, volume.classes if volume.labels is not None else 0):
        word = _("class {k}").format(k=k)
        if k < len(meaning):
            word = _("class {k}: {meaning}").format(k=k, meaning=meaning[k])
        pen.rectangle((x, 8, x + 16, 24), rgb(_colour(k)), LIGHT.ink)
        pen.text((x + 22, 8), word, LIGHT.ink, font)
        x += 22 + int(pen.textlength(word, font)) + 2 * GAP
    if volume.void:
        pen.text((x, 8), _("striped: void"), LIGHT.ink, font)


def _colour(k: int) -> str:
    return PALETTE[(k - 1) % len(PALETTE)]


def _pair(image: np.ndarray, label: np.ndarray | None) -> Image.Image:
    """A slice and, right of it, the same with its classes painted: at most 2 · SIDE wide."""
    height, width = image.shape
    scale = SIDE / max(height, width)
    small = (max(1, round(width * scale)), max(1, round(height * scale)))  # (w, h), of pillow
    plain = Image.fromarray(image).resize(small, _filter(scale)).convert("RGB")
    if label is None:
        return plain
    pair = Image.new("RGB", (2 * small[0] + 2, small[1]), LIGHT.paper)
    pair.paste(plain, (0, 0))
    pair.paste(_painted(plain, label, small), (small[0] + 2, 0))
    return pair


def _filter(scale: float) -> Image.Resampling:
    return Image.Resampling.NEAREST if scale > 1 else Image.Resampling.BOX


def _painted(plain: Image.Image, label: np.ndarray, small: tuple[int, int]) -> Image.Image:
    """Classes over the picture, half clear, with an outline; void in stripes."""
    pixels = np.asarray(plain).astype(np.float32) * 0.9
    for k in np.unique(label).tolist():
        if k == 0:
            continue
        # How much of each small pixel the class covers: objects of one pixel stay visible.
        mask = Image.fromarray((label == k).astype(np.uint8) * 255)
        cover = np.asarray(mask.resize(small, _filter(small[0] / label.shape[1]))) / 255
        inside = cover >= 0.5
        opacity = np.where(inside, 0.35, 0.8 * cover)
        opacity[inside & ~_inner(inside)] = 1
        colour = np.array(rgb(_colour(k)) if k != VOID else (255, 255, 255))
        if k == VOID:
            y, x = np.indices(cover.shape)
            opacity = cover * ((y + x) % 6 < 3)
        pixels += opacity[..., None] * (colour - pixels)
    return Image.fromarray(pixels.round().astype(np.uint8))


def _inner(inside: np.ndarray) -> np.ndarray:
    """The pixels whose four neighbours, where there are any, are inside as well."""
    wide = np.pad(inside, 1, constant_values=True)
    return wide[:-2, 1:-1] & wide[2:, 1:-1] & wide[1:-1, :-2] & wide[1:-1, 2:]


def _fractions(label: np.ndarray, classes: int) -> str:
    """How much of a slice each class covers, but for class 0."""
    parts = [f"{k}: {(label == k).mean():.1%}" for k in range(1, min(classes, 6))]
    return "  ".join(parts) + (" …" if classes > 6 else "")


def _fitting(word: str, font: ImageFont.FreeTypeFont, wide: int) -> str:
    """A name cut in its middle where it is wider than its picture."""
    if font.getlength(word) <= wide:
        return word
    keep = len(word)
    while keep > 2 and font.getlength(word[: keep // 2] + "…" + word[-(keep // 2) :]) > wide:
        keep -= 1
    return word[: keep // 2] + "…" + word[-(keep // 2) :]
