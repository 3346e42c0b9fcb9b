"""The whole U for a page without JavaScript: boxes, sizes, skips."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from unet_teach.config import UNetConfig
from unet_teach.drawing import svg
from unet_teach.drawing.layout import Box, Layout, lay_out, skip_label
from unet_teach.drawing.picture import Picture, svg_picture
from unet_teach.drawing.style import BAD_NEWS, LIGHT
from unet_teach.translation import _

WIDTH, ROW, HEAD, EDGE = 900, 62, 84, 24
LABEL = 20  # pixels above or below a box that its label takes
ROOM = 90  # pixels that a skip's sizes need


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The U at a legal size; for another, that of the nearest one, and why in red."""
    config = UNetConfig(**{k: v for k, v in settings.items() if k != "size"})
    u = _Placed(lay_out(config, found["totals"]["size"]))
    layout, problem = u.layout, found.get("problem")
    boxes = [box for row in layout.contracting for box in row]
    boxes += [box for row in reversed(layout.expansive) for box in row]
    parts = [part for box, size in zip(boxes, found["sizes"], strict=True)
             for part in u.box(box, size)]  # fmt: skip
    parts += [*u.skips(labelled=not problem), *u.paths(found.get("failing"))]
    totals = found["totals"]
    head = _("U-Net: {size}² in, {output}² out").format(**totals)
    facts = _("{convolutions} convolution layers · {parameters:,} parameters").format(**totals)
    if problem:
        head, facts = problem.split("; ")[0], found.get("note", "")
    ink = BAD_NEWS if problem else LIGHT.ink
    parts += [svg.text(12, 24, head, 16, "start", ink, font_weight=700),
              svg.text(12, 44, facts, 13, "start", LIGHT.faint)]  # fmt: skip
    return svg_picture(WIDTH, u.height, parts, problem or found["said"])


class _Placed:
    """A layout in the picture's pixels."""

    def __init__(self, layout: Layout) -> None:
        left, right, bottom, top = layout.extent
        self.layout, self.top = layout, top
        self.scale = min(74.0, (WIDTH - 2 * EDGE) / (right - left))
        self.shift = (WIDTH - self.scale * (left + right)) / 2
        self.height = HEAD + ROW * (top - bottom) + 24

    def place(self, x: float, y: float) -> tuple[float, float]:
        return self.shift + self.scale * x, HEAD + ROW * (self.top - y)

    def box(self, box: Box, size: int | None) -> list[str]:
        """A map with its channels above and its size below."""
        x, y = self.place(box.x, box.top)
        middle, below = self.place(box.middle, box.bottom)
        tint = LIGHT.expansive if box.role in ("merged", "expansive") else LIGHT.contracting
        tint = {"image": LIGHT.faint, "output": LIGHT.last}.get(box.role, tint)
        width, height = self.scale * box.width, ROW * box.height
        parts = [svg.rect(x, y, width, height, tint, rx=1.5)]
        if box.skip_share:
            parts.append(svg.rect(x, y, width * box.skip_share, height, LIGHT.contracting))
        parts.append(svg.text(middle, y - 5, box.channels, 12, font_weight=700))
        said = "–" if size is None else f"{size}²"
        return [*parts, svg.text(middle, below + 14, said, 12, fill=LIGHT.faint)]

    def skips(self, labelled: bool) -> Iterator[str]:
        """An arrow for each skip; labelled, what happens on its way and what crosses over."""
        for skip, row, end in zip(
            self.layout.trace.skips,
            self.layout.contracting,
            self.layout.expansive,
            strict=False,
        ):
            start = row[-1]
            (x1, y), (x2, _y) = self.place(start.right, start.y), self.place(end[0].x, 0)
            if skip.used:
                yield svg.arrow(x1 + 6, y, x2 - 5, y, LIGHT.skip, 2.2)
            if not labelled:
                continue
            words, sizes = skip_label(skip)
            yield svg.text((x1 + x2) / 2, y - 6, words, 12)
            if x2 - x1 > ROOM:
                yield svg.text((x1 + x2) / 2, y + 17, sizes, 12, fill=LIGHT.faint)
            if skip.crop and skip.used:
                yield self.frame(start, 1 - 2 * skip.crop / skip.size)

    def frame(self, box: Box, share: float) -> str:
        """Dashed, around this share of a map's height."""
        (x, y), height = self.place(box.x, box.y), ROW * box.height * share
        look = {"stroke": LIGHT.ink, "stroke_width": 1.2, "stroke_dasharray": "3 2"}
        return svg.rect(x - 3, y - height / 2, self.scale * box.width + 6, height, **look)

    def paths(self, failing: int | None) -> Iterator[str]:
        """Arrows down and up between the levels; the one to the failing box thick and red."""
        for level, (above, below) in enumerate(pairwise(self.layout.contracting), 1):
            fails = failing == 3 * level  # each level has three boxes
            look = (BAD_NEWS, 4) if fails else (LIGHT.pool, 2)
            (x, y1), (_x, y2) = (
                self.place(above[-1].middle, above[-1].bottom), self.place(0, below[0].top)
            )  # fmt: skip
            yield svg.arrow(x, y1 + LABEL, x, y2 - LABEL, *look)
        rows = [*self.layout.expansive, self.layout.contracting[-1]]
        for above, below in pairwise(rows):
            last = below[2]  # of the top level, which has one box more, nothing goes up
            (x, y1), (_x, y2) = (
                self.place(last.middle, last.top), self.place(0, above[0].bottom)
            )  # fmt: skip
            yield svg.arrow(x, y1 - LABEL, x, y2 + LABEL, LIGHT.up, 2)
