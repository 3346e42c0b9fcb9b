"""Draw the pictures that open the lessons again: ``python tools/lesson_figures.py``.

``assets/lessons/NN_u.png`` is the small U with that lesson's part lit; what it says in words
goes to ``assets/alt_texts.json``, beside the README's pictures.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from alt_texts import keep
from lit import lit_alt, lit_u
from PIL import Image

from unet_teach.drawing.export import png
from unet_teach.rooms import rooms

DPI = 180  # sharp on screens of double density, small enough to stand in every notebook


def small(content: bytes, colours: int = 96) -> bytes:
    """The same picture with a palette: a third of the bytes, no difference to see."""
    with Image.open(io.BytesIO(content)) as image:
        palette = image.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
    return png(palette)


def draw(numbers: Iterable[str]) -> None:
    """Write the pictures of some lessons; says which are new."""
    keep({f"lessons/{n}_u.png": (small(png(lit_u(n), dpi=DPI)), lit_alt(n)) for n in numbers})


if __name__ == "__main__":
    draw(sys.argv[1:] or rooms())
