"""Lesson 00 for a page without JavaScript: maps beside their regions, and the numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from unet_teach.drawing.bars import bar
from unet_teach.drawing.picture import Picture, greys, png_picture
from unet_teach.drawing.style import BLUE, GREEN, LIGHT, ORANGE, VERMILLION, rgb
from unet_teach.lessons.l00_start_here.measure import Piece
from unet_teach.translation import _

GREYS, WIDTH, GAP = 64, 720, 4  # shades of the map; page pixels; image pixels between the two
COLOURS = (LIGHT.paper, LIGHT.ink, ORANGE, VERMILLION, "#E1E1E1", BLUE, GREEN)
PALETTE = [*greys(range(0, 4 * GREYS, 4)), *(c for colour in COLOURS for c in rgb(colour))]
PAPER, WALL, MERGED, MISSED, CELL, A, B = range(GREYS, GREYS + len(COLOURS))


def still(of: Piece, settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The map, and beside it the regions; A is blue, B green, what has run together orange."""
    if "problem" in found:
        blank = np.full((8, 8), PAPER, np.uint8)
        text = f"<p>{found['problem']}</p>"
        return png_picture(blank, found["problem"], text, width=WIDTH, palette=PALETTE)
    of_pair = dict(zip((int(of.cells[r, c]) for r, c in of.places), (A, B), strict=False))
    colour = np.full(len(found["sizes"]) + 1, WALL, np.uint8)
    for region, (owner, held) in enumerate(zip(found["owner"], found["held"], strict=True), 1):
        colour[region] = MERGED if held > 1 else of_pair.get(owner, CELL)
    shown = colour[found["regions"]]
    shown[(shown == MERGED) & (of.cells == 0)] = MISSED
    values = (of.maps[settings["source"]] * (GREYS - 1) + 0.5).astype(np.uint8)
    gap = np.full((len(values), GAP), PAPER, np.uint8)
    names = {"accuracy": _("pixel accuracy"), "dice": _("Dice of inside"), "v_rand": "V_rand"}
    bars = "".join(bar(words, found[name]) for name, words in names.items())
    entries = np.concatenate([values, gap, shown], axis=1)
    text = f"<p>{found['verdict']}</p>{bars}"
    return png_picture(entries, found["said"], text, width=WIDTH, palette=PALETTE)


def look_still(_settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The picture, and beside it a colour for each cell that the network sees."""
    if "problem" in found:
        blank = np.full((8, 8), PAPER, np.uint8)
        return png_picture(
            blank, found["problem"], f"<p>{found['problem']}</p>", width=WIDTH, palette=PALETTE
        )
    colours = np.array([MERGED, MISSED, CELL, A, B], np.uint8)
    cells = np.where(found["regions"] > 0, colours[found["regions"] % len(colours)], WALL)
    values = (found["image"] // (256 // GREYS)).astype(np.uint8)
    gap = np.full((len(values), GAP), PAPER, np.uint8)
    entries = np.concatenate([values, gap, cells.astype(np.uint8)], axis=1)
    return png_picture(
        entries, found["said"], f"<p>{found['said']}</p>", width=WIDTH, palette=PALETTE
    )
