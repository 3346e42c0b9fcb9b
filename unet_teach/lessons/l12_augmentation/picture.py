"""Lesson 12's pictures: the game, one place that is read, the explorer without JavaScript."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor

from unet_teach.drawing import svg
from unet_teach.drawing.export import figure_picture
from unet_teach.drawing.picture import Picture, greys, indexed, png_data, svg_picture
from unet_teach.drawing.style import BLUE, LIGHT, ORANGE, VERMILLION, new_figure, rgb
from unet_teach.lessons.l12_augmentation.measure import (
    CORNER,
    CROP,
    GAME,
    KNOTS,
    MARGIN,
    MOVED,
    PIXEL,
    PIXELS,
    SIDE,
    game_crop,
    given,
    place_read,
)
from unet_teach.translation import _

CELL, EDGE, TOP = 3, 8, 26  # picture pixels for one of the image, around all, above
BAD, PALETTE = 64, [*greys(range(0, 256, 4)), *rgb(VERMILLION)]
TURNED = 3  # of five pairs, the one whose mask was forgotten
BOX = 52  # picture pixels for one of the old image, where one place is read


def four_crops(named: bool = False) -> Picture:
    """The game: one crop as it is, three changed; with names, and the net that was straight.

    Examples
    --------
    >>> four_crops().alt
    'Four crops of one piece of tissue, A to D. One of them is the original.'
    """
    names = {"crops alone": _("crops alone"), "affine": _("affine"), "bent": _("bent")}
    figure, said = new_figure(9.6, 2.7), []
    for axis, letter in zip(figure.subplots(1, 4), GAME, strict=True):
        crop, field = (array.numpy() for array in game_crop(letter))
        axis.imshow(crop, cmap="gray", vmin=-2.5, vmax=2)
        title = f"{letter}: {names[GAME[letter][0]]}" if named else letter
        axis.set_title(title, fontsize=11)
        axis.set(xticks=[], yticks=[])
        said.append(title)
        for way in (0, 1) if named else ():
            levels = range(CORNER, CORNER + CROP, 20)
            axis.contour(field[..., way], levels=levels, colors=ORANGE, linewidths=1.1)
    alt = _("Four crops of one piece of tissue, A to D. One of them is the original.")
    net = _("The same four crops, each with a net that was straight in the original. {names}.")
    return figure_picture(figure, net.format(names="; ".join(said)) if named else alt)


def one_place() -> Picture:
    """What goes in, a grid of numbers, and what comes out at one pixel, which is displaced."""
    found, (rows, columns) = place_read(), PIXELS.shape
    (x, y), (to_x, to_y) = ((BOX * (n + 0.5) for n in at) for at in (PIXEL, found["place"]))
    grid = _cells(PIXELS.tolist(), BOX)
    grid += [svg.circle(BOX * (column + 0.5), BOX * (row + 0.5), 2.5, LIGHT.faint)
             for row in range(rows) for column in range(columns)]  # fmt: skip
    grid += [svg.arrow(x, y, to_x, to_y, VERMILLION, 2.5),
             svg.circle(to_x, to_y, 6, "none", stroke=VERMILLION, stroke_width=2)]  # fmt: skip
    parts = [svg.text(22, 18, _("goes in: the old image"), 14, "start"), _at(22, 46, grid)]
    parts += [
        svg.text(22 + BOX * (n + 0.5), 41, n, 11, fill=LIGHT.faint) for n in range(columns)
    ]
    parts += [svg.text(11, 50 + BOX * (n + 0.5), n, 11, fill=LIGHT.faint) for n in range(rows)]
    for left, mode in zip((270, 430), ("bilinear", "nearest"), strict=True):
        title = {"bilinear": _("comes out, bilinear"), "nearest": _("comes out, nearest")}[mode]
        cells = [["?"] * columns for _row in range(rows)]
        parts += [svg.text(left, 18, title, 14, "start"), _at(left, 46, _cells(cells, 32))]
    alt = _(
        "A grid of numbers, the old image. An arrow leads from pixel {pixel} by {moved} to "
        "place {place}, between a 4 and an 8. What comes out there, bilinear and nearest, is "
        "asked."
    ).format(pixel=PIXEL, moved=MOVED, **found)
    return svg_picture(580, 46 + BOX * rows + 6, parts, alt)


def five_pairs(crops: Tensor, targets: Tensor) -> Picture:
    """Five crops, (5, 1, H, W), with the outlines of their masks, (5, H, W); one is turned.

    Examples
    --------
    >>> import torch
    >>> five_pairs(torch.rand(5, 1, 8, 8), torch.eye(8).expand(5, 8, 8)).alt[:12]
    'Five deforme'
    """
    figure = new_figure(10, 2.2)
    for i, axis in enumerate(figure.subplots(1, 5)):
        crop = crops[i, 0].numpy()
        axis.imshow(crop[::-1] if i == TURNED else crop, cmap="gray")
        axis.contour(targets[i].numpy(), [0.5], colors=ORANGE, linewidths=0.8)
        axis.set(xticks=[], yticks=[])
    alt = _(
        "Five deformed crops of one micrograph, each with a deformed mask drawn as an orange "
        "outline. In one of them the outline does not follow the membranes."
    )
    return figure_picture(figure, alt)


def _cells(rows: list[list], box: int) -> list[str]:
    """A grid of numbers, or of question marks, with a frame around the pixel shown."""
    parts = []
    right, down = (0.78, 0.38) if box == BOX else (0.5, 0.66)  # beside the dot, if there is one
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            known = value != "?"
            words, fill = (f"{value:g}", LIGHT.ink) if known else (value, LIGHT.faint)
            x, y = box * column, box * row
            parts.append(svg.rect(x, y, box, box, LIGHT.paper, stroke=LIGHT.line))
            parts.append(svg.text(x + right * box, y + down * box, words, 14, fill=fill))
    x, y = box * PIXEL[0], box * PIXEL[1]
    return [*parts, svg.rect(x, y, box, box, stroke=BLUE, stroke_width=3)]


def _at(x: float, y: float, parts: list[str]) -> str:
    return svg.element("g", "".join(parts), transform=f"translate({x} {y})")


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The bent net over the micrograph, then image and labels; red where it went wrong."""
    if "problem" in found:
        return svg_picture(10, 10, [], found["problem"], f"<p>{found['problem']}</p>")
    wide, side = CELL * (SIDE + 2 * MARGIN), CELL * SIDE
    bad = found["folded"] | (found["classes"] == 2)
    image = np.where(bad, BAD, found["image"] // 4)
    labels = np.where(bad, BAD, 63 * (found["classes"] > 0))
    places, parts = {}, []
    for x, name, entries, size in (
        (EDGE, _("where it is read"), given()["around"] // 4, wide),
        (2 * EDGE + wide, _("image"), image, side),
        (3 * EDGE + wide + side, _("labels"), labels, side),
    ):
        places[name] = x
        data = png_data(indexed(entries.astype(np.uint8), PALETTE))
        parts += [svg.text(x, TOP - 8, name, 14, "start"), svg.image(data, x, TOP, size, size)]
    inner, hole = CELL * MARGIN, CELL * SIDE  # what is mirrored, around the image, is dimmed
    frame = f"M{EDGE} {TOP}h{wide}v{wide}h-{wide}Z" + (
        f"M{EDGE + inner} {TOP + inner}v{hole}h{hole}v-{hole}Z"
    )
    parts.append(svg.path(frame, "#10141C", "none", fill_opacity=0.6))
    corner = np.array([EDGE, TOP]) + CELL * (MARGIN + 0.5)
    net = corner + CELL * found["net"] / 10
    for line in [*net, *net.swapaxes(0, 1)]:
        parts.append(svg.polyline(line.tolist(), stroke=BLUE, stroke_width=1.2))
    starts = corner + CELL * np.array(KNOTS)
    ends = starts + CELL * np.array(found["vectors"])
    far = np.hypot(*(ends - starts).T) > 6  # a shorter arrow is all head
    parts.append(svg.arrows(np.hstack([starts, ends])[far], VERMILLION, 2))
    width, height = 4 * EDGE + wide + 2 * side, TOP + wide + EDGE
    return svg_picture(width, height, parts, found["said"], f"<p>{found['verdict']}</p>")
