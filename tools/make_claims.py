"""Draw and write the README's answers from the committed table, so that no figure is typed.

    python tools/make_claims.py

The picture is one interval plot of all primary questions.
"""

from __future__ import annotations

import sys
from html import escape
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from alt_texts import keep
from marked import between

from unet_teach.comparisons import QUESTIONS, Difference, answer
from unet_teach.drawing import png
from unet_teach.drawing.intervals import interval_alt, interval_plot

ROOT = Path(__file__).parents[1]
PICTURE = "answers.png"  # in assets


def answered() -> tuple[list[Difference], list[str]]:
    """The answers of all primary questions, and what they ask."""
    return [answer(name) for name in QUESTIONS], [asked.asks for asked in QUESTIONS.values()]


def answers() -> tuple[bytes, str]:
    """The plot of all primary questions, and what it says."""
    return png(interval_plot(*answered()), dpi=100), interval_alt(*answered())


def draw() -> None:
    """The picture, and what it says: the same bytes every time."""
    keep({PICTURE: answers()})


def with_claims(readme: str) -> str:
    """The README's text with the plot of today."""
    alt = escape(interval_alt(*answered()), quote=True)
    return between(readme, "claims", f'<img src="assets/{PICTURE}" width="760" alt="{alt}">')


if __name__ == "__main__":
    draw()
    path = ROOT / "README.md"
    path.write_text(with_claims(path.read_text(encoding="utf-8")), encoding="utf-8")
