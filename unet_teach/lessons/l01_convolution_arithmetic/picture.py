"""The linked grid of lesson 01: what an output cell reads.

The output cells carry their inputs as a hidden overlay that CSS shows when one is pointed at;
the same overlay is drawn for the chosen cell, so that nothing needs a mouse.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import isqrt
from typing import Any

import numpy as np

from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, paragraphs, png_data, spoken, svg_picture
from unet_teach.drawing.style import LIGHT, ORANGE
from unet_teach.lessons.l01_convolution_arithmetic.measure import LARGEST, reads
from unet_teach.shapes import conv_out, dropped
from unet_teach.translation import _, _n

CELL = 30  # pixels of a cell, at most
ROOM = 300  # for each of the two grids
TOP = 34  # above the grids, for their titles
PAD, LOST = "#DDE1E7", "#F7D9C8"
STYLE = (
    ".conv-lit{visibility:hidden} .conv-cell:hover .conv-lit{visibility:visible}"
    ".conv-now{pointer-events:none} .conv-cell:hover~.conv-now{visibility:hidden}"
    f".conv-cell{{cursor:pointer;fill:transparent}} .conv-linked{{fill:{ORANGE}}}"
    f".conv-chosen{{fill:{LIGHT.contracting}}}"
    f".conv-linked,.conv-chosen{{stroke:{LIGHT.ink};fill-opacity:0.8}}"
)


def grid(
    n: int = 5, k: int = 3, s: int = 1, p: int = 0, d: int = 1,
    row: int = 0, column: int = 0,
) -> Picture:  # fmt: skip
    """A square input of n × n, its zeros around it, and the output of a convolution beside it.

    Parameters
    ----------
    n, k, s, p, d : input size, kernel, stride, padding, dilation of one side
    row, column : the chosen cell of the output; one that lies outside is moved to the last one

    Raises
    ------
    ValueError
        A kernel that does not fit into the padded input.

    Examples
    --------
    >>> print(grid(7, 3, s=2, row=1))
    A 7 × 7 input and the 3 × 3 output of a convolution with k = 3, s = 2, p = 0, d = 1. ...
    """
    m, lost, whole = conv_out(n, k, s, p, d), dropped(n, k, s, p, d), n + 2 * p
    asked, (row, column) = (row, column), (min(row, m - 1), min(column, m - 1))
    cell = min(CELL, ROOM // max(whole, m))
    left, right = 8, 8 + whole * cell + 70
    parts = [svg.style(STYLE), _input(left, whole, n, p, lost, cell)]
    parts.append(_lattice(right, m, cell))
    parts.append(svg.rect(right, TOP, m * cell, m * cell, "none", stroke=LIGHT.ink))
    parts += _outputs_lead(left, right, cell, (k, s, d), m, (row, column))
    parts.append(svg.text(left, 20, _("input {n} × {n}").format(n=n), 14, "start"))
    parts.append(svg.text(right, 20, _("output {m} × {m}").format(m=m), 14, "start"))
    height = TOP + max(whole, m) * cell + 10
    what = _linked(k, s, p, d, row, column)
    if asked != (row, column):
        moved = _("There is no ({y}, {x}); the nearest is shown.").format(
            y=asked[0], x=asked[1]
        )
        what = f"{moved} {what}"
    seen = _(
        "A {n} × {n} input and the {m} × {m} output of a convolution with k = {k}, s = {s}, "
        "p = {p}, d = {d}."
    ).format(n=n, m=m, k=k, s=s, p=p, d=d)
    words = paragraphs(what, *_marked(p, lost))
    width, alt = max(right + m * cell, right + 90) + 10, spoken(seen, words)
    return svg_picture(width, height, parts, alt, _formula(n, k, s, p, d, m) + words)


def _input(left: float, whole: int, n: int, p: int, lost: int, cell: int) -> str:
    """The padded input: zeros grey, what floor throws away hatched."""
    size = whole * cell
    parts = [svg.rect(left, TOP, size, size, PAD)]
    parts.append(svg.rect(left + p * cell, TOP + p * cell, n * cell, n * cell, LIGHT.paper))
    if lost:
        start, thick = (whole - lost) * cell, lost * cell
        for x, y, w, h in ((start, 0, thick, size), (0, start, start, thick)):
            parts.append(svg.rect(left + x, TOP + y, w, h, LOST))
        strokes = "".join(
            f"M {left + start} {TOP + y} l {thick} {min(cell, size - y)} "
            for y in range(0, size, cell)
        ) + "".join(
            f"M {left + x} {TOP + start} l {cell} {thick} " for x in range(0, start, cell)
        )
        parts.append(svg.path(strokes, stroke="#C4500A", stroke_width=1, opacity=0.6))
    parts.append(_lattice(left, whole, cell))
    parts.append(
        svg.rect(
            left + p * cell, TOP + p * cell, n * cell, n * cell, stroke=LIGHT.ink,
            stroke_width=1.5,
        )
    )  # fmt: skip
    return "".join(parts)


def _lattice(left: float, count: int, cell: int) -> str:
    size = count * cell
    lines = "".join(
        f"M {left + i * cell} {TOP} v {size} M {left} {TOP + i * cell} h {size} "
        for i in range(count + 1)
    )
    return svg.path(lines, stroke=LIGHT.line, stroke_width=1)


def _squares(corner: tuple, rows: list[int], columns: list[int], cell: int, kind: str) -> str:
    """Filled cells of the grid with this corner, in one path."""
    (left, top), square = corner, f"h{cell}v{cell}h-{cell}z"
    d = "".join(f"M{left + x * cell} {top + y * cell}{square}" for y in rows for x in columns)
    return f'<path class="{kind}" d="{d}"/>'


def _hidden(corner: tuple, y: int, x: int, cell: int, linked: str) -> str:
    """A cell that shows what it is linked with when it is pointed at."""
    place = f'x="{corner[0] + x * cell}" y="{corner[1] + y * cell}"'
    own = _squares(corner, [y], [x], cell, "conv-chosen")
    target = f'<rect {place} width="{cell}" height="{cell}"/>'
    return f'<g class="conv-cell">{target}<g class="conv-lit">{linked}{own}</g></g>'


def _now(corner: tuple, chosen: tuple, cell: int, linked: str) -> str:
    """The chosen cell and what it is linked with, until another one is pointed at."""
    own = _squares(corner, [chosen[0]], [chosen[1]], cell, "conv-chosen")
    return f'<g class="conv-now">{linked}{own}</g>'


def _outputs_lead(left, right, cell, settings, m, chosen) -> list[str]:
    k, s, d = settings
    start, corner = (left, TOP), (right, TOP)
    # The taps of a kernel look alike wherever it stands: drawn once, used often.
    name, taps = f"taps-{k}-{d}-{cell}", reads(0, k, s, d)
    shape = _squares(start, taps, taps, cell, "conv-linked")
    parts = [svg.element("defs", svg.group([shape], id=name))]

    def linked(y: int, x: int) -> str:
        return f'<use href="#{name}" x="{x * s * cell}" y="{y * s * cell}"/>'

    cells = product(range(m), repeat=2)
    parts += [_hidden(corner, y, x, cell, linked(y, x)) for y, x in cells]
    return [*parts, _now(corner, chosen, cell, linked(*chosen))]


def _linked(k, s, p, d, row, column) -> str:
    """What is lit, in one sentence; rows of the input are counted without its zeros."""
    rows, columns = ([i - p for i in reads(place, k, s, d)] for place in (row, column))
    return _("Output ({y}, {x}) reads input rows {rows}, columns {columns}.").format(
        y=row, x=column, rows=_listed(rows), columns=_listed(columns)
    )


def _listed(numbers: list[int]) -> str:
    return ", ".join(str(number).replace("-", "−") for number in numbers)


def _formula(n, k, s, p, d, m) -> str:
    """With its numbers."""
    top = f"{n} + 2·{p} − {d}·({k} − 1) − 1"
    inner = n + 2 * p - d * (k - 1) - 1
    return paragraphs(
        "<b>m = ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1</b>",
        f"= ⌊({top}) / {s}⌋ + 1<br>= ⌊{inner} / {s}⌋ + 1 = <b>{m}</b>",
    )


def _marked(p: int, lost: int) -> Iterator[str]:
    """What the marks in the input mean, where there are any."""
    if lost:
        yield _n(
            "Hatched: floor throws away {n}; no output reads the last row and column.",
            "Hatched: floor throws away {n}; no output reads the last {n} rows and columns.",
            lost,
        )
    if p:
        yield _("Grey: zeros. Rows below 0 lie in them.")


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The interactive without JavaScript: `grid`, or the micrograph and what it becomes."""
    if "problem" in found:
        return svg_picture(10, 10, [], found["problem"], paragraphs(found["problem"]))
    n, s, p, d = (settings[name] for name in "nspd")
    if n <= LARGEST:
        return grid(n, isqrt(len(settings["kernel"])), s, p, d)
    low, high, scale = found["low"], found["high"], 5
    shades = [np.array(found["input"]) * 28.0, np.array(found["output"], float)]
    shades[1] = (shades[1] - low) * 255 / max(high - low, 1)
    sides = [scale * len(pixels) for pixels in shades]
    lefts, parts = (8, 8 + sides[0] + 24), []
    for left, side, pixels in zip(lefts, sides, shades, strict=True):
        parts.append(svg.image(png_data(pixels.astype(np.uint8)), left, 8, side, side))
    words = paragraphs(found["formula"])
    return svg_picture(lefts[1] + sides[1] + 8, max(sides) + 16, parts, found["said"], words)
