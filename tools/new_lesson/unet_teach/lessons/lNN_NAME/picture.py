"""Lesson NN: a row of cells, cut into blocks (REPLACE: how it is drawn)."""

from __future__ import annotations

from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, svg_picture
from unet_teach.drawing.style import BLUE, LIGHT, ORANGE
from unet_teach.lessons.lNN_NAME.measure import blocks
from unet_teach.translation import _

CELL = 36
TOP = 34


def row_of_blocks(n: int, k: int) -> Picture:
    """A row of n cells: blocks of k in two colours, what is left over in none.

    Examples
    --------
    >>> print(row_of_blocks(7, 3))
    7 cells in blocks of 3: 2 blocks, 1 cells left over.
    """
    cut = blocks(n, k)
    parts = [svg.text(8, 20, _("blocks of {k}").format(k=k), 14, "start")]
    for cell in range(n):
        number = cell // k
        fill = (BLUE, ORANGE)[number % 2] if number < len(cut) else "none"
        left = 8 + cell * CELL
        parts.append(svg.rect(left, TOP, CELL, CELL, fill, stroke=LIGHT.line, fill_opacity=0.4))
        parts.append(svg.text(left + CELL / 2, TOP + CELL / 2 + 5, cell))
    left_over = n - k * len(cut)
    alt = _("{n} cells in blocks of {k}: {blocks} blocks, {rest} cells left over.")
    alt = alt.format(n=n, k=k, blocks=len(cut), rest=left_over)
    words = f"<p><b>{n} = {len(cut)} × {k} + {left_over}</b></p>"
    return svg_picture(16 + max(n * CELL, 120), TOP + CELL + 8, parts, alt, words)
