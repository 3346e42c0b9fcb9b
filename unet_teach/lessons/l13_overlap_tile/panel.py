"""Lesson 13: stitch tiles together, and see where they differ from the whole image."""

from __future__ import annotations

from unet_teach.drawing.picture import Picture
from unet_teach.lessons.l13_overlap_tile.measure import (
    GRID,
    exact_tiles,
    piece,
    starts_of,
    stitched_difference,
    tile_of,
)
from unet_teach.lessons.l13_overlap_tile.picture import stitched_map
from unet_teach.panel import Impossible, Panel, choice, slider
from unet_teach.translation import _, _n

SMALL, MEDIUM, LARGE = 36, 68, 100  # pixels that a valid tile gives; a same one 4 more


def tile_explorer() -> Panel:
    """Which tiles, how far apart, give what one pass over the whole image gives?

    A setting takes a tenth of a second when it is met first, then it is remembered.

    Examples
    --------
    >>> panel = tile_explorer()
    >>> panel.set(offset=32)
    >>> panel.picture.alt[-25:]
    '16 of 16 tiles are exact.'
    """
    sizes = [(_("small"), SMALL), (_("medium"), MEDIUM), (_("large"), LARGE)]
    paddings = [(_("valid: no padding"), "valid"), (_("same: zeros around"), "same")]
    controls = {
        "padding": choice(_("convolutions"), paddings, "valid"),
        "size": choice(_("tile"), sizes, SMALL),
        "offset": slider(_("offset, tile to tile"), SMALL, 24, LARGE + 4),
    }
    return Panel(_("Stitched tiles"), controls, draw)


def draw(padding: str, size: int, offset: int) -> Picture:
    """The picture, or that the tiles leave gaps."""
    tile, kept = tile_of(padding, size)
    if offset > kept:
        words = _n(
            "a tile gives {n} pixel: every {offset} pixels leaves gaps of {gap}",
            "a tile gives {n} pixels: every {offset} pixels leaves gaps of {gap}",
            kept, offset=offset, gap=offset - kept,
        )  # fmt: skip
        raise Impossible("offset", words, offers={"offset": [kept]})
    starts, difference = starts_of(offset, kept), stitched_difference(padding, size, offset)
    exact = exact_tiles(difference, starts)
    return stitched_map(piece(), difference, starts, exact, (tile, kept), padding, GRID)
