"""The linked grid of lesson 01: what an output cell reads.

The output cells carry their inputs as a hidden overlay that CSS shows when one is pointed at;
the same overlay is drawn for the chosen cell, so that nothing needs a mouse.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
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

CELL, ROOMY = 30, 36  # pixels of a cell, at most; with a number in it
ROOM = 300  # for each of the two grids
TOP = 34  # above the grids, for their titles
PAD, LOST, PALE = "#DDE1E7", "#F7D9C8", "#EEF4FA"
DARKEST = 130  # the grey of a pixel 0 under its number
TERM, LINE = 72, 22  # pixels for a product that is written out, and for a line of them
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
    m, lost = conv_out(n, k, s, p, d), dropped(n, k, s, p, d)
    asked, (row, column) = (row, column), (min(row, m - 1), min(column, m - 1))
    width, height, parts = _grids(n, k, s, p, d, (row, column))
    what = _linked(k, s, p, d, row, column)
    if asked != (row, column):
        moved = _("There is no ({y}, {x}); the nearest is shown.").format(
            y=asked[0], x=asked[1]
        )
        what = f"{moved} {what}"
    words = paragraphs(what, *_marked(p, lost))
    alt = spoken(_seen(n, k, s, p, d, m), words)
    return svg_picture(width, height, parts, alt, _formula(n, k, s, p, d, m) + words)


def worked(
    picture: Sequence, kernel: Sequence, row: int = 0, column: int = 0,
    s: int = 1, p: int = 0, d: int = 1, way: str = "sum",
) -> Picture:  # fmt: skip
    """The same in numbers: input, kernel, output, and what is added up for the chosen cell.

    Parameters
    ----------
    picture : (n, n) of whole numbers from 0, which is drawn dark, to 9
    kernel : (k, k) of whole numbers
    row, column : the chosen cell of the output
    s, p, d : stride, padding, dilation
    way : "sum" of the products, or "max" of the pixels (pooling)

    Examples
    --------
    >>> print(worked([[1, 2], [3, 4]], [[-1, 1], [0, 2]]))
    A 2 × 2 input and the 1 × 1 output of a convolution with k = 2, s = 1, p = 0, d = 1. ...
    """
    pixels, weights = np.array(picture, int), np.array(kernel, int)
    n, k = len(pixels), len(weights)
    sums = Sums(pixels, weights, s, p, d, way)
    width, height, parts = _grids(n, k, s, p, d, (row, column), sums)
    m, value = len(sums.output), _number(sums.output[row, column])
    terms = (" + " if way == "sum" else ", ").join(sums.terms(row, column))
    made = _("Output ({y}, {x}) is {value}: {terms}.") if way == "sum" else _(
        "Output ({y}, {x}) is {value}, the largest of {terms}."
    )  # fmt: skip
    said = made.format(y=row, x=column, value=value, terms=terms)
    marked = list(_marked(p, dropped(n, k, s, p, d)))
    alt = spoken(_seen(n, k, s, p, d, m), paragraphs(said, *marked))
    pointed = _("Point at a number of the output to see what it is made of.")
    return svg_picture(width, height, parts, alt, paragraphs(pointed, *marked))


@dataclass(frozen=True, eq=False)
class Sums:
    """The numbers of a convolution: what is added up for each cell of the output."""

    pixels: np.ndarray  # (n, n)
    weights: np.ndarray  # (k, k)
    s: int
    p: int
    d: int
    way: str  # "sum" or "max"

    @property
    def padded(self) -> np.ndarray:
        return np.pad(self.pixels, self.p)

    def patch(self, row: int, column: int) -> np.ndarray:
        """(k, k), the pixels that a cell of the output reads."""
        places = (reads(cell, len(self.weights), self.s, self.d) for cell in (row, column))
        return self.padded[np.ix_(*places)]

    @cached_property
    def output(self) -> np.ndarray:
        """(m, m)"""
        m = conv_out(len(self.pixels), len(self.weights), self.s, self.p, self.d)
        patches = [self.patch(*place) for place in product(range(m), repeat=2)]
        made = [
            (patch * self.weights).sum() if self.way == "sum" else patch.max()
            for patch in patches
        ]
        return np.array(made).reshape(m, m)

    def terms(self, row: int, column: int) -> list[str]:
        """The k² products of a cell of the output as they are written: ``"3·(−1)"``."""
        pairs = zip(self.patch(row, column).ravel(), self.weights.ravel(), strict=True)
        if self.way == "max":
            return [str(pixel) for pixel, _weight in pairs]
        return [f"{x}·{w}" if w >= 0 else f"{x}·({_number(w)})" for x, w in pairs]


def _seen(n: int, k: int, s: int, p: int, d: int, m: int) -> str:
    return _(
        "A {n} × {n} input and the {m} × {m} output of a convolution with k = {k}, s = {s}, "
        "p = {p}, d = {d}."
    ).format(n=n, m=m, k=k, s=s, p=p, d=d)


def _grids(
    n: int, k: int, s: int, p: int, d: int, chosen: tuple[int, int], sums: Sums | None = None
) -> tuple[float, float, list[str]]:
    """Width, height and parts of the two grids; with numbers the kernel is between them."""
    m, lost, whole = conv_out(n, k, s, p, d), dropped(n, k, s, p, d), n + 2 * p
    cell = min(ROOMY if sums else CELL, ROOM // max(whole, m))
    kernel_side = k * cell if sums and sums.way == "sum" else 0
    left, right = 8, 8 + whole * cell + 70 + (kernel_side + 20 if kernel_side else 0)
    shade = sums.pixels if sums else None
    parts = [svg.style(STYLE), _input(left, whole, n, p, lost, cell, shade)]
    parts.append(_lattice(right, m, cell))
    parts.append(svg.rect(right, TOP, m * cell, m * cell, "none", stroke=LIGHT.ink))
    foot = TOP + max(whole, m, k if kernel_side else 0) * cell
    wide = max(right + m * cell, right + 90) + 10

    def written(y: int, x: int) -> str:
        return _written_out(sums, y, x, left, foot + 30) if sums else ""

    parts += _outputs_lead(left, right, cell, (k, s, d), m, chosen, written)
    parts.append(svg.text(left, 20, _("input {n} × {n}").format(n=n), 14, "start"))
    parts.append(svg.text(right, 20, _("output {m} × {m}").format(m=m), 14, "start"))
    if not sums:
        return wide, foot + 10, parts
    parts += _signs(sums, left, foot + 30)
    parts += _digits(left, sums.padded, cell) + _digits(right, sums.output, cell)
    if kernel_side:
        middle = left + whole * cell + 45
        parts.append(svg.text(middle, 20, _("kernel"), 14, "start"))
        parts.append(svg.text(middle - 22, TOP + kernel_side / 2 + 6, "×", 18))
        parts.append(svg.text(right - 22, TOP + kernel_side / 2 + 6, "=", 18))
        parts.append(svg.rect(middle, TOP, kernel_side, kernel_side, PALE))
        parts.append(_lattice(middle, k, cell))
        parts.append(svg.rect(middle, TOP, kernel_side, kernel_side, stroke=LIGHT.ink))
        parts += _digits(middle, sums.weights, cell)
    return max(wide, left + k * TERM + 120), foot + 22 + LINE * k, parts


def _digits(left: float, values: np.ndarray, cell: int) -> list[str]:
    """Numbers in the cells of a grid; the mouse goes through them to the cells."""
    places = [
        (left + (x + 0.5) * cell, TOP + (y + 0.5) * cell + 0.18 * cell, _number(value))
        for (y, x), value in np.ndenumerate(values)
    ]
    return svg.texts(places, min(14, 0.48 * cell), pointer_events="none")


def _written_out(sums: Sums, row: int, column: int, left: float, top: float) -> str:
    """The products of a cell, a line for each row of the kernel, and what they make."""
    k = len(sums.weights)
    places = [
        (left + TERM * (i % k + 0.5), top + LINE * (i // k), term)
        for i, term in enumerate(sums.terms(row, column))
    ]
    value = _number(sums.output[row, column])
    end = f"= {value}" if sums.way == "sum" else _("largest: {value}").format(value=value)
    (lines,) = svg.texts(places, 14)
    foot = top + LINE * (k - 1)
    return lines + svg.text(left + k * TERM + 8, foot, end, 16, "start", font_weight="bold")


def _signs(sums: Sums, left: float, top: float) -> list[str]:
    """What is between the products, for whichever cell; nothing in a pooling."""
    if sums.way == "max":
        return []
    k = len(sums.weights)
    places = [(left + TERM * (i % k + 1), top + LINE * (i // k), "+") for i in range(k * k - 1)]
    return svg.texts(places, 14, fill=LIGHT.faint)


def _number(value: int) -> str:
    return str(value).replace("-", "−")


def _input(
    left: float, whole: int, n: int, p: int, lost: int, cell: int, shade: np.ndarray | None
) -> str:
    """The padded input: zeros grey, what rounding down drops hatched, small numbers dark."""
    size = whole * cell
    parts = [svg.rect(left, TOP, size, size, PAD)]
    parts.append(svg.rect(left + p * cell, TOP + p * cell, n * cell, n * cell, LIGHT.paper))
    for (y, x), value in np.ndenumerate(np.zeros((0, 0)) if shade is None else shade):
        grey = f"{DARKEST + round((255 - DARKEST) * value / 9):02X}"
        place = (left + (p + x) * cell, TOP + (p + y) * cell)
        parts.append(svg.rect(*place, cell, cell, "#" + 3 * grey))
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


def _outputs_lead(left, right, cell, settings, m, chosen, written) -> list[str]:
    k, s, d = settings
    start, corner = (left, TOP), (right, TOP)
    # The taps of a kernel look alike wherever it stands: drawn once, used often.
    name, taps = f"taps-{k}-{d}-{cell}", reads(0, k, s, d)
    shape = _squares(start, taps, taps, cell, "conv-linked")
    parts = [svg.element("defs", svg.group([shape], id=name))]

    def linked(y: int, x: int) -> str:
        return f'<use href="#{name}" x="{x * s * cell}" y="{y * s * cell}"/>{written(y, x)}'

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
    """With its numbers; without a dilation it is shorter."""
    spans, in_numbers = ("k", f"{k}") if d == 1 else ("d(k − 1) − 1", f"{d}·({k} − 1) − 1")
    inner = n + 2 * p - d * (k - 1) - 1
    return paragraphs(
        f"<b>m = ⌊(n + 2p − {spans}) / s⌋ + 1</b>",
        f"= ⌊({n} + 2·{p} − {in_numbers}) / {s}⌋ + 1<br>= ⌊{inner} / {s}⌋ + 1 = <b>{m}</b>",
    )


def _marked(p: int, lost: int) -> Iterator[str]:
    """What the marks in the input mean, where there are any."""
    if lost:
        yield _n(
            "Hatched: rounding down drops {n}; no output reads the last row and column.",
            "Hatched: rounding down drops {n}; no output reads the last {n} rows and columns.",
            lost,
        )
    if p:
        yield _("Grey: zeros. Rows and columns below 0 are among them.")


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The interactive without JavaScript: `worked`, or the micrograph and what it becomes."""
    if "problem" in found:
        return svg_picture(10, 10, [], found["problem"], paragraphs(found["problem"]))
    n, s, p, d = (settings[name] for name in "nspd")
    if n <= LARGEST:
        k = isqrt(len(settings["kernel"]))
        kernel = np.reshape(settings["kernel"], (k, k))
        shown = worked(found["input"], kernel, 0, 0, s, p, d, settings["way"])
        return replace(shown, text=paragraphs(found["formula"]) + shown.text)
    (low, high), scale = found["shade"], 5
    shades = [np.array(found["input"]) * 28.0, np.array(found["output"], float)]
    shades[1] = np.clip((shades[1] - low) * 255 / (high - low), 0, 255)
    sides = [scale * len(pixels) for pixels in shades]
    lefts, parts = (8, 8 + sides[0] + 24), []
    for left, side, pixels in zip(lefts, sides, shades, strict=True):
        parts.append(svg.image(png_data(pixels.astype(np.uint8)), left, 8, side, side))
    words = paragraphs(found["formula"])
    return svg_picture(lefts[1] + sides[1] + 8, max(sides) + 16, parts, found["said"], words)
