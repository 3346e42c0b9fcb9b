"""Lesson 09's viewer for a page without JavaScript; and maps as pictures, for its figures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib import colormaps

from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, indexed, paragraphs, png_data, svg_picture
from unet_teach.drawing.style import LIGHT, VERMILLION, rgb

SHADES = 32  # dark is low, light is high; more would only make the message larger
BROKEN, GAP = SHADES, SHADES + 1  # palette entries: not a finite number, nothing
_RAMP = (255 * colormaps["cividis"](np.linspace(0, 1, SHADES))[:, :3]).round().astype(int)
PALETTE = [*_RAMP.flatten().tolist(), *rgb(VERMILLION), *rgb(LIGHT.paper)]
BOX, STEP, ROW, WIDE = 40, 46, 62, 12  # the still picture: a box, its place, boxes in a row


def still(given: dict[str, Any], settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The network with its maps: in the form of a U, or row by row; the opened box framed."""
    if "problem" in found:
        return svg_picture(
            10, 10, [], found["problem"], f"<p>{svg.escape(found['problem'])}</p>"
        )
    parts, at = [], 0
    places = spots(given["boxes"])
    for number, (box, (x, y)) in enumerate(zip(given["boxes"], places, strict=True)):
        high, wide = box["thumb"]
        shown = given["thumbs"][at : at + high * wide].reshape(high, wide)
        at += high * wide
        entries = np.where(shown == 255, BROKEN, np.rint(shown / 248 * (SHADES - 1)))
        unit = BOX / max(high, wide)
        data = png_data(indexed(entries.astype(np.uint8), PALETTE))
        parts.append(svg.image(data, x, y, wide * unit, high * unit))
        if number == found["box"]:
            parts.append(svg.rect(x - 2, y - 2, BOX + 4, BOX + 4, stroke=VERMILLION,
                                  stroke_width=3))  # fmt: skip
    width, height = (max(place[axis] for place in places) + STEP for axis in (0, 1))
    return svg_picture(
        width, height, parts, found["said"], paragraphs(svg.escape(found["said"]))
    )


def spots(boxes: list[dict[str, Any]]) -> list[tuple[float, float]]:
    """Where each box lies: at the level of its maps, or, out of a U, row by row.

    Examples
    --------
    >>> spots([{"side": "flow", "level": 0}] * 13)[-2:]
    [(508, 2), (2, 64)]
    """
    if boxes[0]["side"] == "flow":
        return [(2 + i % WIDE * STEP, 2 + i // WIDE * ROW) for i in range(len(boxes))]
    rows = [[b["side"] for b in boxes if b["level"] == n]
            for n in range(max(b["level"] for b in boxes) + 1)]  # fmt: skip
    most = max(map(len, rows)) + 1
    seen, found = {}, []
    for box in boxes:
        level, side = box["level"], box["side"]
        n = seen[level, side] = seen.get((level, side), -1) + 1
        start = most - rows[level].count("up") if side == "up" else 0
        middle = (most - len(rows[level])) // 2 if side == "bottom" else 0
        found.append((2 + (start + middle + n) * STEP, 2 + level * ROW))
    return found


def shades(pictures: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Numbers to palette entries: ``low`` to ``high`` from the first shade to the last.

    A channel without any range is all dark; what is no finite number is vermillion.

    Examples
    --------
    >>> shades(np.array([[[0.0, 1.0, 2.0, np.nan]]]), np.array([0.0]), np.array([2.0])).tolist()
    [[[0, 16, 31, 32]]]
    """
    low, span = low[:, None, None], (high - low)[:, None, None]
    finite = np.isfinite(pictures)
    with np.errstate(invalid="ignore", over="ignore"):
        share = np.where(finite, pictures - low, 0) / np.where(span > 0, span, 1)
    entries = np.rint(np.clip(share, 0, 1) * (SHADES - 1)).astype(np.uint8)
    return np.where(finite, entries, np.uint8(BROKEN))


def montage(entries: np.ndarray) -> tuple[np.ndarray, int]:
    """Pictures (n, h, w) in rows, one pixel apart; gives the whole, and how many in a row."""
    count, height, width = entries.shape
    columns = max(1, min(count, math.ceil(math.sqrt(count * (height + 1) / (width + 1)))))
    rows = math.ceil(count / columns)
    cells = np.full((rows * columns, height + 1, width + 1), GAP, np.uint8)
    cells[:count, :height, :width] = entries
    whole = cells.reshape(rows, columns, height + 1, width + 1).transpose(0, 2, 1, 3)
    whole = whole.reshape(rows * (height + 1), columns * (width + 1))
    return whole[:-1, :-1], columns


def coloured(entries: np.ndarray) -> np.ndarray:
    """Palette entries (H, W) as colours, uint8 (H, W, 3).

    Examples
    --------
    >>> coloured(np.array([[GAP]], np.uint8)).tolist()
    [[[255, 255, 255]]]
    """
    return np.array(PALETTE, np.uint8).reshape(-1, 3)[entries]
