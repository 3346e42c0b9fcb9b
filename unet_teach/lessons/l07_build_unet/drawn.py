"""How the whole U is drawn: boxes, arrows, skips with their crops, notes in red, legend.

`explorer` says what stands at each box; inches of `layout` become pixels here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from unet_teach.config import UNetConfig
from unet_teach.drawing import svg
from unet_teach.drawing.diagram import UPSAMPLERS
from unet_teach.drawing.layout import Box, Layout, skip_label
from unet_teach.drawing.style import LIGHT
from unet_teach.lessons.l07_build_unet.floors import Floored
from unet_teach.translation import _

WIDTH = 900
EDGE = 24  # left and right of the U
ROW = 62  # pixels of an inch, downwards
HEAD = 78  # above the U: title, totals
RED = "#B3261E"
MERGES = {"concat": "concatenate", "add": "add", "none": "leave out"}
UNITS = {
    "size": "size", "receptive field": "receptive field, in input pixels",
    "parameters": "parameters", "operations": "operations, a multiply-add is 2",
    "memory": "memory, in bytes",
}  # fmt: skip
HOVER = ".unet-box:hover rect{stroke:#1F2430;stroke-width:1.4}"


@dataclass(frozen=True)
class Place:
    """A box, the step that made its map, and what is written at it."""

    box: Box
    name: str  # of the step: "contract 0 conv 1", "pool 1", "up 0", "last"
    label: str
    title: str = ""
    pale: bool = False


class Page:
    """From the inches of `layout` to the pixels of the page."""

    def __init__(self, layout: Layout) -> None:
        left, right, bottom, top = layout.extent
        self.scale = min(74.0, (WIDTH - 2 * EDGE) / (right - left))
        self.shift = (WIDTH - self.scale * (left + right)) / 2
        self.top, self.height = top, HEAD + ROW * (top - bottom) + 24

    def x(self, inches: float) -> float:
        return self.shift + self.scale * inches

    def y(self, inches: float) -> float:
        return HEAD + ROW * (self.top - inches)


def entering_sizes(floored: Floored) -> dict[str, int]:
    """The size that each step gets, as far as the map came."""
    found: dict[str, int] = {}
    for path, rows in (("contract", floored.contracting), ("expand", floored.expansive)):
        for level, row in enumerate(rows):
            found |= {f"{path} {level} conv {n}": size for n, size in enumerate(row[:2], 1)}
    for level, row in enumerate(floored.contracting[:-1]):
        if len(row) == 3:
            found[f"pool {level + 1}"] = row[2]
    return found


def draw_head(title: str, facts: str, colour: str = LIGHT.ink) -> list[str]:
    return [
        svg.style(HOVER),
        svg.text(EDGE - 12, 24, title, 18, "start", colour, font_weight=700),
        svg.text(EDGE - 12, 44, facts, 13, "start", LIGHT.faint),
    ]


def draw_box(page: Page, place: Place, layout: Layout) -> str:
    box = place.box
    tint = LIGHT.expansive if box.role in ("merged", "expansive") else LIGHT.contracting
    tint = {"image": LIGHT.faint, "output": LIGHT.last}.get(box.role, tint)
    x, y = page.x(box.x), page.y(box.top)
    width, height = page.scale * box.width, ROW * box.height
    parts = [svg.rect(x, y, width, height, tint, rx=1.5)]
    if box.skip_share:  # what came over the skip keeps its colour
        parts.append(svg.rect(x, y, width * box.skip_share, height, LIGHT.contracting))
    parts += _frame(page, place, layout)
    opacity = 0.38 if place.pale else None
    return svg.group(parts, title=place.title, opacity=opacity, class_="unet-box")


def draw_numbers(page: Page, places: list[Place]) -> list[str]:
    """The channels above each box, and what is written below it."""
    parts = []
    for pale in (False, True):
        boxes = [(place.box, place.label) for place in places if place.pale == pale]
        above = [(page.x(box.middle), page.y(box.top) - 5, box.channels) for box, _l in boxes]
        below = [(page.x(box.middle), page.y(box.bottom) + 14, label) for box, label in boxes]
        opacity = 0.38 if pale else None
        parts += svg.texts(above, 12.5, font_weight=700, opacity=opacity)
        parts += svg.texts(below, 12, fill=LIGHT.faint, opacity=opacity)
    return parts


def _frame(page: Page, place: Place, layout: Layout) -> list[str]:
    """A dashed frame around what a crop keeps of a skip, or what zeros are put around."""
    box, share = place.box, 1.0
    for skip in layout.trace.skips:
        if skip.used and place.name == f"contract {skip.level} conv 2":
            share = 1 - 2 * skip.crop / skip.size
        if skip.used and skip.pad and place.name == f"up {skip.level}":
            share = skip.below / skip.size
    if share == 1.0:
        return []
    left = box.x + box.width * box.skip_share * ("up" in place.name)
    x, width = page.x(left), page.x(box.right) - page.x(left)
    height, cut = ROW * box.height, ROW * box.height * (1 - share) / 2
    y = page.y(box.top)
    veil = {"fill_opacity": 0.55}
    return [
        svg.rect(x, y, width, cut, LIGHT.paper, **veil),
        svg.rect(x, y + height - cut, width, cut, LIGHT.paper, **veil),
        svg.rect(
            x - 2.5, y + cut, width + 5, height - 2 * cut,
            stroke=LIGHT.ink, stroke_width=1.2, stroke_dasharray="3 2.2",
        ),
    ]  # fmt: skip


def draw_skips(page: Page, layout: Layout, floored: Floored | None = None) -> Iterator[str]:
    for skip, left, right in zip(
        layout.trace.skips, layout.contracting, layout.expansive, strict=False
    ):
        x1, x2, y = page.x(left[-1].right) + 6, page.x(right[0].x) - 5, page.y(left[-1].y)
        dashes = None if skip.used else "2 4"
        colour = LIGHT.skip if skip.used else LIGHT.faint
        drawn = [svg.arrow(x1, y, x2, y, colour, 2.2, stroke_dasharray=dashes)]
        what, sizes = skip_label(skip)
        if floored is not None:
            what, sizes = _floored_skip(floored, skip.level, skip.used), ""
        if x2 - x1 < 92:  # the lowest skip is short
            what = what.replace(" a side", "")
            sizes = sizes.replace("² by ", "²: ")
        drawn.append(svg.text((x1 + x2) / 2, y - 6, what, 12))
        drawn.append(svg.text((x1 + x2) / 2, y + 16, sizes, 12, fill=LIGHT.faint))
        lost = floored is not None and floored.stuck
        yield svg.group(drawn, opacity=0.38 if lost else None)


def _floored_skip(floored: Floored, level: int, used: bool) -> str:
    crop = floored.crops[level]
    return _("crop {crop}").format(crop=crop) if used and crop and not floored.stuck else ""


def draw_arrows(
    page: Page, places: list[Place], floored: Floored | None = None
) -> Iterator[str]:
    """The operation that leads to each box."""
    wrong = () if floored is None else (*floored.dropped, floored.stuck)
    for before, place in pairwise(places):
        kind = place.name.split()[0]
        start, end = before.box, place.box
        if kind in ("pool", "up"):
            colour, x = (LIGHT.pool if kind == "pool" else LIGHT.up), page.x(start.middle)
            ends = (page.y(start.bottom) + 20, page.y(end.top) - 19)
            if kind == "up":
                ends = (page.y(start.top) - 19, page.y(end.bottom) + 20)
            line = (x, ends[0], x, ends[1])
        else:
            colour, y = (LIGHT.last if kind == "last" else LIGHT.conv), page.y(start.y)
            line = (page.x(start.right) + 4, y, page.x(end.x) - 4, y)
        width, opacity = 1.8, 0.38 if before.pale else None
        if place.name in wrong:
            colour, width, opacity = RED, 4.5, None
        yield svg.arrow(*line, colour, width, opacity=opacity)


def draw_notes(page: Page, places: list[Place], floored: Floored) -> Iterator[str]:
    """What goes wrong, beside each step that does, the first one strongest."""
    sizes = entering_sizes(floored)
    for before, place in pairwise(places):
        if place.name not in (*floored.dropped, floored.stuck):
            continue
        size, first = sizes[place.name], place.name == floored.failing
        said = _("✗ {size} is odd: a row is dropped") if first else _("✗ {size} is odd")
        if place.name == floored.stuck:
            said = _("✗ {size}² is too small")
        said = said.format(size=size)
        x, y = page.x(before.box.middle) + 10, page.y(before.box.bottom) + 40
        width = (7.5 if first else 7.0) * len(said) + 12
        yield svg.rect(x, y - 15, width, 21, LIGHT.paper, stroke=RED, rx=4)
        weight = 700 if first else 400
        yield svg.text(x + 6, y, said, 12.5, "start", RED, font_weight=weight)


def draw_legend(config: UNetConfig, show: str, y: float) -> tuple[list[str], float]:
    """What the numbers and arrows mean, in lines below the U; and where they end."""
    skip = _("skip: ") + _(MERGES[config.merge])
    entries = [
        (_("convolution 3×3, ReLU"), LIGHT.conv), (_("max pooling 2×2"), LIGHT.pool),
        (_(UPSAMPLERS[config.upsample]), LIGHT.up), (skip, LIGHT.skip),
        (_("convolution 1×1"), LIGHT.last),
    ]  # fmt: skip
    said = _("above a box: channels · below it: {show} · point at a box: all its numbers")
    y += 18
    elements = [
        svg.text(EDGE - 12, y, said.format(show=_(UNITS[show])), 12.5, "start", LIGHT.faint)
    ]
    x, y = EDGE - 12.0, y + 24
    for label, colour in entries:
        width = 33 + 6.6 * len(label) + 10
        if x + width > WIDTH:
            x, y = EDGE - 12.0, y + 22
        elements.append(svg.arrow(x, y - 4, x + 26, y - 4, colour, 2))
        elements.append(svg.text(x + 32, y, label, 12, "start"))
        x += width
    return elements, y + 12
