"""What every picture in ``assets`` shows, in words: ``assets/alt_texts.json``."""

from __future__ import annotations

import json
from pathlib import Path

ASSETS = Path(__file__).parents[1] / "assets"
LISTING = ASSETS / "alt_texts.json"


def keep(pictures: dict[str, tuple[bytes, str]]) -> None:
    """Write pictures and their words; the words of pictures that are gone go, too.

    Parameters
    ----------
    pictures : name in ``assets`` -> (content, words)
    """
    texts = json.loads(LISTING.read_text(encoding="utf-8")) if LISTING.exists() else {}
    for name, (content, words) in pictures.items():
        path = ASSETS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
            print(f"assets/{name}: {len(content) / 1e3:.0f} kB")
        texts[name] = words
    there = {name: texts[name] for name in sorted(texts) if (ASSETS / name).is_file()}
    text = json.dumps(there, indent=2, ensure_ascii=False) + "\n"
    LISTING.write_text(text, encoding="utf-8")
