"""Lesson 05: a crop that is moved over a map whose values are its own coordinates."""

from __future__ import annotations

from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, news, paragraphs, spoken, svg_picture
from unet_teach.drawing.style import BLUE, LIGHT, ORANGE
from unet_teach.translation import _, _n

CELL = 32
TOP = 34
GAP = 50
HEADING = 268  # the least width of the skip's heading


def crop_over_coordinates(skip: int, below: int, top: int, left: int) -> Picture:
    """A skip of skip × skip cells, each named by its place, and the crop that is taken.

    The right part is the map from below. It shows the middle of the image, so each of its
    cells belongs to the middle of the skip; beside that stands what the crop brings there.

    Parameters
    ----------
    skip, below : sides of the skip and of the map from below, below ≤ skip
    top, left : first row and column of the crop

    Raises
    ------
    ValueError
        A crop that does not lie in the skip.

    Examples
    --------
    >>> print(crop_over_coordinates(6, 4, 0, 1))
    The crop of 4 × 4 begins at (0, 1); the middle begins at (1, 1). Every cell of the ...
    """
    for name, start in (("top", top), ("left", left)):
        if not 0 <= start <= skip - below:
            raise ValueError(f"{name} is {start}; a crop of {below} from {skip} takes 0 to "
                             f"{skip - below}")  # fmt: skip
    middle = (skip - below) // 2
    right = 8 + max(skip * CELL + GAP, HEADING)
    parts = [svg.text(8, 20, _("the skip: each cell says where it is"), 14, "start")]
    parts.append(svg.rect(8 + left * CELL, TOP + top * CELL, *[below * CELL] * 2, "#FCE9C4"))
    parts.append(_grid(8, skip))
    parts += _names(8, 20, skip, (0, 0))
    parts.append(_frame(8, top, left, below, ORANGE, "none"))
    parts.append(_frame(8, middle, middle, below, BLUE, "6 4"))
    parts.append(svg.text(right, 20, _("map from below, meets …"), 14, "start"))
    aligned = (top, left) == (middle, middle)
    parts.append(svg.rect(right, TOP, *[below * CELL] * 2, "#D5EEE6" if aligned else "#FBDDD0"))
    parts.append(_grid(right, below))
    parts += _names(right, 20 if aligned else 14, below, (middle, middle))
    if not aligned:  # below each cell's own name that of what comes there
        parts += _names(right, 28, below, (top, left), "#A63A00")
    parts.append(_frame(right, 0, 0, below, LIGHT.ink, "none"))
    width, height = right + max(below * CELL, 190) + 8, TOP + skip * CELL + 12
    return svg_picture(width, height, parts, *_said(skip, below, (top, left), (middle, middle)))


def _grid(left: float, side: int) -> str:
    """The lines between side × side cells, as one element."""
    long = side * CELL
    lines = "".join(
        f"M {left:g} {TOP + i * CELL} h {long} M {left + i * CELL:g} {TOP} v {long} "
        for i in range(side + 1)
    )
    return svg.path(lines, stroke=LIGHT.line)


def _names(
    left: float, low: float, side: int, first: tuple[int, int], fill: str = LIGHT.ink
) -> list[str]:
    """The names of side × side cells, the first of which is called ``first``."""
    rows = {12: [], 10.5: []}  # size -> names: "10,10" must fit its cell
    for row in range(side):
        for column in range(side):
            words = f"{first[0] + row},{first[1] + column}"
            place = left + (column + 0.5) * CELL, TOP + row * CELL + low
            rows[12 if len(words) < 5 else 10.5].append((*place, words))
    return [text for size, names in rows.items() for text in svg.texts(names, size, fill=fill)]


def _frame(left: float, row: int, column: int, side: int, colour: str, dash: str) -> str:
    place = (left + column * CELL, TOP + row * CELL, side * CELL, side * CELL)
    return svg.rect(*place, stroke=colour, stroke_width=3, stroke_dasharray=dash)


def _said(skip: int, below: int, start: tuple, middle: tuple) -> tuple[str, str]:
    """Alternative text, and the words beside the picture."""
    seen = _("The crop of {m} × {m} begins at {start}; the middle begins at {middle}.").format(
        m=below, start=start, middle=middle
    )
    down, across = (abs(a - b) for a, b in zip(start, middle, strict=True))
    if aligned := down == across == 0:
        match = _("Every cell of the skip meets the cell of its own place.")
    else:
        match = _(
            "Every cell of the skip meets a cell that lies {rows} and {columns} away from its "
            "own place."
        ).format(
            rows=_n("{n} row", "{n} rows", down),
            columns=_n("{n} column", "{n} columns", across),
        )
    margin = skip - below
    odd = _("{margin} is odd: no crop is quite in the middle.").format(margin=margin)
    words = paragraphs(news(match, aligned), odd if margin % 2 else "")
    formula = f"<b>({skip} − {below}) // 2 = {middle[0]}</b>"
    key = _("orange: the crop · blue, dashed: the middle")
    return spoken(seen, words), paragraphs(formula, key) + words
