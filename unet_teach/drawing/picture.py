"""A picture that shows itself in a notebook, says in words what it shows, and costs little.

The interactives draw with this instead of matplotlib: a new figure takes about 100 ms, an
SVG or a PNG a few. The alternative text goes with the picture wherever it is shown.
"""

from __future__ import annotations

import base64
import html
import io
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from PIL import Image

from unet_teach.drawing.style import BAD_NEWS, GOOD_NEWS, LIGHT
from unet_teach.drawing.svg import escape
from unet_teach.translation import _

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"
# A white card on light and dark pages alike: the drawing's colours are chosen for it.
CARD = (
    f"display:inline-block;background:{LIGHT.paper};color:{LIGHT.ink};border-radius:8px;"
    "padding:12px;max-width:100%;box-sizing:border-box;border:1px solid " + LIGHT.line
)


@dataclass(frozen=True)
class Picture:
    """What an interactive shows: a drawing, its description, and text beside it.

    Examples
    --------
    >>> picture = Picture("<svg></svg>", alt="nothing yet", text="<p>n = 5</p>")
    >>> "n = 5" in picture.html
    True
    """

    body: str  # an <svg> element or an <img> element
    alt: str  # what it shows, in words, with the numbers
    text: str = ""  # HTML beside the picture: sizes, formula
    height: float = 0  # of the drawing, in pixels

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise ValueError("a picture needs alt: say in words what it shows")

    @property
    def html(self) -> str:
        """The picture on its card, the text beside it or, on a narrow page, below."""
        words = f'<div style="flex:1 1 14em;min-width:min-content">{self.text}</div>'
        return (
            f'<div class="unet-picture" style="{CARD};font:14px/1.5 {FONT}">'
            '<div style="display:flex;flex-wrap:wrap;gap:18px;align-items:flex-start">'
            f'<div style="max-width:100%">{self.body}</div>{words if self.text else ""}'
            "</div></div>"
        )

    def _repr_html_(self) -> str:
        return self.html

    def __str__(self) -> str:
        return self.alt

    def pale(self) -> Picture:
        """The same picture in the background: for a setting that cannot be shown.

        Its words go: they would be read as those of that setting.
        """
        body = f'<div style="opacity:0.35" aria-hidden="true">{self.body}</div>'
        alt = _("Not this setting, but the last one that works: {alt}").format(alt=self.alt)
        return replace(self, body=body, alt=alt, text="")


def paragraphs(*said: str) -> str:
    """Sentences beside a picture, as HTML; an empty one is left out.

    Examples
    --------
    >>> paragraphs("n is <b>5</b>.", "")
    '<p>n is <b>5</b>.</p>'
    """
    return "".join(f"<p>{words}</p>" for words in said if words)


def news(words: str, good: bool) -> str:
    """Words in the colour of good news, or of bad.

    Examples
    --------
    >>> news("It fits.", good=True)
    '<span style="color:#00664A">It fits.</span>'
    """
    return f'<span style="color:{GOOD_NEWS if good else BAD_NEWS}">{words}</span>'


def spoken(seen: str, text: str) -> str:
    """The alternative text of a picture: what is seen, then the words beside it.

    Examples
    --------
    >>> spoken("A map.", "<p>n &lt; 5, <b>flat</b></p><div>k 3<br>s 1</div>")
    'A map. n < 5, flat; k 3; s 1.'
    """
    lines = re.split(
        r"</?(?:p|div|ul|li|table|tr|br)\b[^>]*>", text.replace("</td><td", ": <td")
    )
    said = [seen, *(html.unescape(re.sub(r"<[^>]+>", "", line)).strip() for line in lines)]
    said = [line for line in said if line]
    # The mark that parts a line from the next, where it has none of its own.
    ends = [";" if after[:1].islower() else "." for after in [*said[1:], ""]]
    lines = zip(said, ends, strict=True)
    return " ".join(line if line[-1] in ".:;" else line + end for line, end in lines)


def svg_picture(
    width: float, height: float, elements: Iterable[str], alt: str, text: str = ""
) -> Picture:
    """Elements of `svg`, drawn from (0, 0) at the top left to (width, height).

    Examples
    --------
    >>> from unet_teach.drawing.svg import rect
    >>> svg_picture(10, 10, [rect(0, 0, 5, 5, "#000000")], "a black square").alt
    'a black square'
    """
    body = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(alt)}" '
        f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" '
        f'style="max-width:100%;height:auto" font-family="{escape(FONT)}">'
        f"{''.join(elements)}</svg>"
    )
    return Picture(body, alt, text, height)


def indexed(entries: np.ndarray, palette: Sequence[int]) -> Image.Image:
    """Entries of a palette, uint8 (H, W), as an image: a third of the bytes of colours.

    Examples
    --------
    >>> image = indexed(np.array([[1]], np.uint8), [0, 0, 0, 213, 94, 0])
    >>> image.convert("RGB").getpixel((0, 0))
    (213, 94, 0)
    """
    image = Image.fromarray(entries, mode="P")
    image.putpalette(list(palette))
    return image


def greys(levels: Iterable[int]) -> list[int]:
    """A palette's entries for grey levels, as `indexed` takes them.

    Examples
    --------
    >>> greys([0, 9])
    [0, 0, 0, 9, 9, 9]
    """
    return [level for level in levels for _channel in range(3)]


SIXTEEN = greys(range(0, 256, 17))  # half a byte a pixel: of uint8, entry ``level // 16``


def png_data(pixels: np.ndarray | Image.Image, scale: int = 1) -> str:
    """Pixels as the address of a PNG that is its own content, each drawn as scale × scale.

    Examples
    --------
    >>> png_data(np.zeros((2, 3), np.uint8))[:26]
    'data:image/png;base64,iVBO'
    """
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    palette = bytes(image.getpalette() or ()) if image.mode == "P" else b""
    return _encoded(image.mode, image.size, image.tobytes(), palette, scale)


@lru_cache(maxsize=32)  # an interactive shows some of its images again at every move
def _encoded(
    mode: str, size: tuple[int, int], content: bytes, palette: bytes, scale: int
) -> str:
    image = Image.frombytes(mode, size, content)
    if palette:
        image.putpalette(palette)
    if scale != 1:  # enlarged here: a browser would blur
        image = image.resize((image.width * scale, image.height * scale), Image.NEAREST)
    buffer = io.BytesIO()
    # Speed before size. One byte a pixel: either runs or noise, no use in a longer search.
    look_for = zlib.Z_RLE if image.mode in ("L", "P") else zlib.Z_DEFAULT_STRATEGY
    image.save(buffer, format="PNG", compress_level=1, compress_type=look_for)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def png_picture(
    pixels: np.ndarray,
    alt: str,
    text: str = "",
    scale: int = 1,
    width: int | None = None,
    palette: Sequence[int] = (),
) -> Picture:
    """Pixels as they are: uint8 (H, W) or (H, W, 3), each drawn as scale × scale.

    With a ``palette``, as `indexed` takes it, (H, W) are its entries.

    Raises
    ------
    ValueError
        Another type or shape: it is the drawing function's part to choose the greys. Colours
        where a palette has them.

    Examples
    --------
    >>> png_picture(np.zeros((2, 3), np.uint8), "black", scale=4).body[:30]
    '<img alt="black" width="12" st'
    """
    pixels = np.asarray(pixels)
    if pixels.dtype != np.uint8 or not (pixels.ndim == 2 or pixels.shape[2:] == (3,)):
        raise ValueError(
            f"pixels are {pixels.dtype} {pixels.shape}; valid: uint8, (H, W) or (H, W, 3)"
        )
    if palette and pixels.ndim != 2:
        raise ValueError(f"pixels are {pixels.shape}; with a palette they are entries (H, W)")
    image = indexed(pixels, palette) if palette else pixels
    shown = width or scale * pixels.shape[1]
    body = (
        f'<img alt="{escape(alt)}" width="{shown}" '
        f'style="max-width:100%;height:auto;display:block" src="{png_data(image, scale)}">'
    )
    return Picture(body, alt, text, shown * pixels.shape[0] / pixels.shape[1])
