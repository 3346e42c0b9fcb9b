"""Draw the pictures that open the lessons again: ``python tools/lesson_figures.py``.

``assets/lessons/NN_u.png`` is the small U with that lesson's part lit; what it says in words
goes to ``assets/alt_texts.json``, beside the README's pictures.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

from lit import lit_alt, lit_u
from PIL import Image

from unet_teach.drawing.export import png
from unet_teach.rooms import rooms

ASSETS = Path(__file__).parents[1] / "assets"
DPI = 180  # sharp on screens of double density, small enough to stand in every notebook


def small(content: bytes, colours: int = 96) -> bytes:
    """The same picture with a palette: a third of the bytes, no difference to see."""
    with Image.open(io.BytesIO(content)) as image:
        palette = image.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
    return png(palette)


def main() -> int:
    """Write all pictures and their alt texts; says which."""
    (ASSETS / "lessons").mkdir(parents=True, exist_ok=True)
    listing = ASSETS / "alt_texts.json"
    texts = json.loads(listing.read_text(encoding="utf-8")) if listing.exists() else {}
    for part in rooms():
        name = f"lessons/{part}_u.png"
        content = small(png(lit_u(part), dpi=DPI))
        (ASSETS / name).write_bytes(content)
        texts[name] = lit_alt(part)
        print(f"{ASSETS / name}: {len(content) / 1e3:.0f} kB")
    text = json.dumps(texts, indent=2, ensure_ascii=False) + "\n"
    listing.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
