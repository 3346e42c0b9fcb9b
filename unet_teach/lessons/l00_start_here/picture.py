"""Lesson 00's threshold for a page without JavaScript: the map, its regions, three numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from unet_teach.drawing.bars import bar
from unet_teach.drawing.picture import Picture, greys, png_picture
from unet_teach.drawing.style import CYCLE, LIGHT, ORANGE, VERMILLION, rgb
from unet_teach.lessons.l00_start_here.measure import Piece
from unet_teach.translation import _

GREYS, WIDTH, GAP = 64, 720, 4  # shades of the map; page pixels; image pixels between the two
TINTS = [round(255 - 0.45 * (255 - c)) for colour in CYCLE for c in rgb(colour)]
PALETTE = [*greys(range(0, 4 * GREYS, 4)), *rgb(LIGHT.paper), *rgb(LIGHT.ink), *rgb(ORANGE),
           *rgb(VERMILLION), *TINTS]  # fmt: skip
PAPER, WALL, MERGED, MISSED, FIRST = range(GREYS, GREYS + 5)


def still(of: Piece, settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The map, and beside it a colour for each region; what has run together is orange."""
    if "problem" in found:
        blank = np.full((8, 8), PAPER, np.uint8)
        text = f"<p>{found['problem']}</p>"
        return png_picture(blank, found["problem"], text, width=WIDTH, palette=PALETTE)
    colour = np.full(len(found["sizes"]) + 1, WALL, np.uint8)
    for region, (owner, held) in enumerate(zip(found["owner"], found["held"], strict=True), 1):
        colour[region] = MERGED if held > 1 else FIRST + owner % len(CYCLE)
    shown = colour[found["regions"]]
    shown[(shown == MERGED) & (of.cells == 0)] = MISSED
    values = (of.maps[settings["source"]] * (GREYS - 1) + 0.5).astype(np.uint8)
    gap = np.full((len(values), GAP), PAPER, np.uint8)
    names = {"accuracy": _("pixel accuracy"), "dice": _("Dice of inside"), "v_rand": "V_rand"}
    bars = "".join(bar(words, found[name]) for name, words in names.items())
    entries = np.concatenate([values, gap, shown], axis=1)
    text = f"<p>{found['verdict']}</p>{bars}"
    return png_picture(entries, found["said"], text, width=WIDTH, palette=PALETTE)
