"""Lesson 11: the weight map of two touching cells, and its profile across the wall."""

from __future__ import annotations

import numpy as np

from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, paragraphs, png_data, spoken, svg_picture
from unet_teach.drawing.style import BLUE, LIGHT, ORANGE, VERMILLION, ramp
from unet_teach.translation import _, _n

LEFT, TOP, ZOOM = 44, 30, 6
PROFILE, GAP = 150, 34  # height of the profile, and what lies between it and the map
HIGHEST = 24.0  # weight at the upper end of both scales
STOPS = (
    (0.0, "#FFFFFF"),
    (0.08, "#FCE9C4"),
    (0.3, ORANGE),
    (0.6, VERMILLION),
    (1.0, "#4A1700"),
)


def weights_of_two_cells(
    cells: np.ndarray, weights: np.ndarray, gap: int, w0: float, sigma: float
) -> Picture:
    """The map in colour with the cells' outlines; below it the weights of its middle row.

    Parameters
    ----------
    cells : (H, W) whole numbers, 0 is background
    weights : (H, W), equation 2
    gap : pixels of wall between the cells
    w0, sigma : what the map was made with

    Examples
    --------
    >>> cells = np.array([[1, 1, 0, 2, 2]])
    >>> print(weights_of_two_cells(cells, np.where(cells, 1.0, 10.23), 1, 10, 5))
    Two cells, 1 pixel of wall between them, w0 = 10, sigma = 5. The largest weight is 10.23...
    """
    height, width = cells.shape
    middle = height // 2
    bottom = TOP + height * ZOOM
    parts = [svg.text(LEFT, 18, _("the weight of every pixel, w(x)"), 13, "start")]
    # Enlarged here: some viewers would blur.
    data = png_data(coloured(weights), ZOOM)
    parts.append(svg.image(data, LEFT, TOP, width * ZOOM, height * ZOOM))
    parts.append(svg.path(outline(cells), stroke=BLUE, stroke_width=2))
    y = TOP + (middle + 0.5) * ZOOM
    parts.append(svg.line(LEFT, y, LEFT + width * ZOOM, y, LIGHT.ink, stroke_dasharray="5 5"))
    parts.append(svg.rect(LEFT, TOP, width * ZOOM, height * ZOOM, stroke=LIGHT.line))
    parts += _cell_names(cells, y)
    parts += _profile(cells[middle], weights[middle], bottom + GAP)
    total = bottom + GAP + PROFILE + 30
    words = _said(cells, weights, gap, w0, sigma)
    return svg_picture(
        LEFT + width * ZOOM + 70, total, [*parts, *_scale(height, width)], *words
    )


def coloured(weights: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3): white at 0, then orange, vermillion, and dark at 24.

    Examples
    --------
    >>> coloured(np.array([[0.0, 24.0]])).tolist()
    [[[255, 255, 255], [74, 23, 0]]]
    """
    share = np.clip(np.asarray(weights, float) / HIGHEST, 0, 1)
    return ramp(share, STOPS)


def outline(cells: np.ndarray) -> str:
    """The borders between pixels of different labels, as the words of an SVG path."""
    found = []
    for row, column in np.argwhere(np.diff(cells.astype(int), axis=1) != 0).tolist():
        found.append(f"M {LEFT + (column + 1) * ZOOM} {TOP + row * ZOOM} v {ZOOM}")
    for row, column in np.argwhere(np.diff(cells.astype(int), axis=0) != 0).tolist():
        found.append(f"M {LEFT + column * ZOOM} {TOP + (row + 1) * ZOOM} h {ZOOM}")
    return " ".join(found)


def _cell_names(cells: np.ndarray, y: float) -> list[str]:
    numbers = [number for number in np.unique(cells).tolist() if number]
    places = [np.argwhere(cells == number)[:, 1].mean() for number in numbers]
    return [
        svg.text(LEFT + (x + 0.5) * ZOOM, y - 10, _("cell {n}").format(n=n), 13, fill=BLUE)
        for n, x in zip(numbers, places, strict=True)
    ]


def _height(weight: float) -> float:
    return PROFILE * min(float(weight), HIGHEST) / HIGHEST


def _profile(cells: np.ndarray, weights: np.ndarray, top: float) -> list[str]:
    """A step for every pixel of the middle row; below it, which pixels are cell."""
    bottom, parts = top + PROFILE, []
    right = LEFT + len(cells) * ZOOM
    parts.append(svg.text(LEFT, top - 8, _("along the dashed line"), 13, "start"))
    for weight in (0, 5, 10, 15, 20):
        y = bottom - _height(weight)
        parts.append(svg.line(LEFT, y, right, y, LIGHT.line))
        parts.append(svg.text(LEFT - 8, y + 4, weight, 12, "end", LIGHT.faint))
    steps = " ".join(f"V {bottom - _height(w):.2f} h {ZOOM}" for w in weights)
    area = f"M {LEFT} {bottom} {steps} V {bottom} Z"
    parts.append(svg.path(area, "#FBDDD0", VERMILLION, stroke_width=1.5))
    marks = "".join(
        f"M{LEFT + column * ZOOM} {bottom + 4}h{ZOOM}v7h-{ZOOM}z"
        for column in np.flatnonzero(cells).tolist()
    )
    parts.append(svg.path(marks, BLUE, "none"))
    parts.append(svg.text(LEFT, bottom + 26, _("blue: cell"), 12, "start", LIGHT.faint))
    return parts


def _scale(height: int, width: int) -> list[str]:
    """The colours and their weights, right of the map."""
    x, tall = LEFT + width * ZOOM + 16, height * ZOOM
    ramp = coloured(np.linspace(HIGHEST, 0, 48)[:, None])  # (48, 1, 3)
    parts = [svg.image(png_data(ramp), x, TOP, 12, tall)]
    parts.append(svg.rect(x, TOP, 12, tall, stroke=LIGHT.line))
    for weight in (0, 5, 10, 15, 20):
        y = TOP + tall * (1 - weight / HIGHEST) + 4
        parts.append(svg.text(x + 18, y, weight, 12, "start", LIGHT.faint))
    return parts


def _said(
    cells: np.ndarray, weights: np.ndarray, gap: int, w0: float, sigma: float
) -> tuple[str, str]:
    """Alternative text, and the words beside the picture."""
    largest, inside = float(weights.max()), float(weights[cells > 0].max())
    if gap:
        seen = _n(
            "Two cells, {n} pixel of wall between them, w0 = {w0:g}, sigma = {sigma:g}.",
            "Two cells, {n} pixels of wall between them, w0 = {w0:g}, sigma = {sigma:g}.",
            gap, w0=w0, sigma=sigma,
        )  # fmt: skip
    else:
        seen = _("Two cells, no wall between them, w0 = {w0:g}, sigma = {sigma:g}.")
        seen = seen.format(w0=w0, sigma=sigma)
    said = _("The largest weight is <b>{largest:.2f}</b>; inside the cells it is {inside:.2f}.")
    words = paragraphs(said.format(largest=largest, inside=inside))
    wall = _("in the wall: d<sub>1</sub> + d<sub>2</sub> = {sum}").format(sum=gap + 1)
    formula = "w = w<sub>c</sub> + w<sub>0</sub> exp(−(d<sub>1</sub> + d<sub>2</sub>)² / 2σ²)"
    return spoken(seen, words), paragraphs(formula) + words + paragraphs(wall if gap else "")
