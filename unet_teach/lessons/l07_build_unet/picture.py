"""The whole U for a page without JavaScript: boxes, sizes, skips."""

from __future__ import annotations

from typing import Any

from unet_teach.config import UNetConfig
from unet_teach.drawing import svg
from unet_teach.drawing.layout import Box, lay_out, skip_label
from unet_teach.drawing.picture import Picture, svg_picture
from unet_teach.drawing.style import BAD_NEWS, LIGHT
from unet_teach.translation import _

WIDTH, ROW, HEAD, EDGE = 900, 62, 66, 24


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The U at a legal size; for another, that of the nearest one, and why in red."""
    config = UNetConfig(**{k: v for k, v in settings.items() if k != "size"})
    layout = lay_out(config, found["totals"]["size"])
    left, right, bottom, top = layout.extent
    scale = min(74.0, (WIDTH - 2 * EDGE) / (right - left))
    shift = (WIDTH - scale * (left + right)) / 2

    def place(x: float, y: float) -> tuple[float, float]:
        return shift + scale * x, HEAD + ROW * (top - y)

    def drawn(box: Box, size: int | None) -> list[str]:
        x, y = place(box.x, box.top)
        middle, below = place(box.middle, box.bottom)
        tint = LIGHT.expansive if box.role in ("merged", "expansive") else LIGHT.contracting
        tint = {"image": LIGHT.faint, "output": LIGHT.last}.get(box.role, tint)
        width, height = scale * box.width, ROW * box.height
        parts = [svg.rect(x, y, width, height, tint, rx=1.5)]
        if box.skip_share:
            parts.append(svg.rect(x, y, width * box.skip_share, height, LIGHT.contracting))
        parts.append(svg.text(middle, y - 5, box.channels, 12, font_weight=700))
        said = "–" if size is None else f"{size}²"
        return [*parts, svg.text(middle, below + 14, said, 12, fill=LIGHT.faint)]

    boxes = [box for row in layout.contracting for box in row]
    boxes += [box for row in reversed(layout.expansive) for box in row]
    parts = [part for box, size in zip(boxes, found["sizes"], strict=True)
             for part in drawn(box, size)]  # fmt: skip
    for skip, start, end in zip(
        layout.trace.skips, layout.contracting, layout.expansive, strict=False
    ):
        (x1, y), (x2, _y) = place(start[-1].right, start[-1].y), place(end[0].x, 0)
        if skip.used:
            parts.append(svg.arrow(x1 + 6, y, x2 - 5, y, LIGHT.skip, 2.2))
        if not found.get("problem"):
            parts.append(svg.text((x1 + x2) / 2, y - 6, skip_label(skip)[0], 12))
    totals = found["totals"]
    head = _("U-Net: {size}² in, {output}² out").format(**totals)
    facts = _("{convolutions} convolution layers · {parameters:,} parameters").format(**totals)
    ink = BAD_NEWS if found.get("problem") else LIGHT.ink
    if found.get("problem"):
        head, facts = found["problem"].split("; ")[0], found.get("note", "")
    parts += [svg.text(12, 24, head, 16, "start", ink, font_weight=700),
              svg.text(12, 44, facts, 13, "start", LIGHT.faint)]  # fmt: skip
    height = HEAD + ROW * (top - bottom) + 24
    return svg_picture(WIDTH, height, parts, found.get("problem") or found["said"])
