"""Lesson 00 for a page without JavaScript: maps beside their regions, and the numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from unet_teach.drawing import svg
from unet_teach.drawing.bars import bar
from unet_teach.drawing.picture import (
    Picture,
    greys,
    indexed,
    png_data,
    png_picture,
    svg_picture,
)
from unet_teach.drawing.style import (
    BLUE,
    GREEN,
    LIGHT,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    YELLOW,
    rgb,
)
from unet_teach.lessons.l00_start_here.measure import Piece, largest_first, who_is_where
from unet_teach.metrics import components
from unet_teach.translation import _

GREYS, WIDTH, GAP = 64, 720, 4  # shades of the map; page pixels; image pixels between the two
MAGENTA = "#C2006B"  # far from orange, for any kind of colour vision
COLOURS = (LIGHT.paper, LIGHT.ink, ORANGE, MAGENTA, "#E1E1E1", BLUE, GREEN)
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
    parts, height = _with_letters(of, settings, entries)
    text = f"<p>{found['verdict']}</p>{bars}"
    return svg_picture(WIDTH, height, parts, found["said"], text)


def _with_letters(
    of: Piece, settings: dict[str, Any], entries: np.ndarray
) -> tuple[list[str], float]:
    """Both maps with their titles, A and B on each, and what the colours mean; the height."""
    scale, top = WIDTH / entries.shape[1], 26
    second, deep = (entries.shape[1] - of.cells.shape[1]) * scale, len(entries) * scale
    map_ = {"grey": _("micrograph"), "network": _("U-Net: probability of inside")}
    above = _("above {t:.3f}").format(t=settings["threshold"])
    parts = [
        svg.image(png_data(indexed(entries, PALETTE)), 0, top, WIDTH, deep),
        svg.text(0, 17, map_[settings["source"]], 14, "start"),
        svg.text(second, 17, above, 14, "start"),
    ]
    halo = {"stroke": LIGHT.paper, "stroke_width": 4, "paint_order": "stroke"}
    for left in (0, second):
        for name, (row, column) in zip("AB", of.places, strict=False):
            x, y = left + (column + 0.5) * scale, top + (row + 0.5) * scale + 7
            parts.append(svg.text(x, y, name, 20, font_weight="bold", **halo))
    meant = {WALL: _("called membrane"), MERGED: _("cells run together"),
             MISSED: _("membrane, missed"), CELL: _("a cell alone")}  # fmt: skip
    if of.places:
        meant |= {A: _("A alone"), B: _("B alone")}
    x, y = 1, top + deep + 12
    for entry, words in meant.items():
        colour = COLOURS[entry - GREYS]
        parts.append(svg.rect(x, y, 14, 14, colour, stroke=LIGHT.faint))
        parts.append(svg.text(x + 18, y + 12, words, 12, "start"))
        x += 30 + 6.7 * len(words)
    return parts, y + 24


HUES = (ORANGE, SKY, GREEN, PURPLE, YELLOW, BLUE, VERMILLION)
PALES = ("#C9CED6", "#DDE1E7", "#B4BBC6", "#E9ECF0", "#A6AEBB")


def in_colours(regions: np.ndarray) -> np.ndarray:
    """Each region of (H, W) in a colour, 0 dark: uint8 (H, W, 3).

    Examples
    --------
    >>> in_colours(np.array([[0, 1]])).tolist()
    [[[31, 36, 48], [230, 159, 0]]]
    """
    table = np.array([rgb(LIGHT.ink), *map(rgb, HUES)], np.uint8)
    return table[np.where(regions > 0, (regions - 1) % len(HUES) + 1, 0)]


def run_together(labels: np.ndarray, white: np.ndarray) -> np.ndarray:
    """Cells grey, and each region of several cells in a bright colour: uint8 (H, W, 3).

    Parameters
    ----------
    labels : (H, W), 1 is inside a cell
    white : (H, W), likewise, with cells that may have run together; the largest such region is
        orange

    Examples
    --------
    >>> labels, white = np.array([[1, 0, 1]]), np.array([[1, 1, 1]])
    >>> run_together(labels, white).tolist()[0][1]
    [230, 159, 0]
    """
    cells = components(np.asarray(labels) == 1)
    regions, _sizes = largest_first(components(np.asarray(white) == 1))
    owners, held = who_is_where(cells, regions)
    table, joined = [rgb(LIGHT.ink)], 0
    for owner, group in zip(owners, held, strict=True):
        if len(group) > 1:
            table.append(rgb(HUES[joined]))
            joined = joined % (len(HUES) - 1) + 1  # only the largest is orange
        else:
            table.append(rgb(PALES[owner % len(PALES)]))
    return np.array(table, np.uint8)[regions]


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
