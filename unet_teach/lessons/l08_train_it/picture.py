"""Lesson 08's signal for a page without JavaScript: three lines by layer, and three spreads."""

from __future__ import annotations

import math
from typing import Any

from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, svg_picture
from unet_teach.drawing.style import BLUE, GREEN, LIGHT, VERMILLION
from unet_teach.lessons.l08_train_it.measure import (
    DEEPEST,
    EDGES,
    HIGH,
    LOW,
    SHORT,
    STAYS,
    given,
)
from unet_teach.translation import _

LEFT, TOP, WIDTH, HEIGHT, SPREAD = 50, 34, 300, 260, 200  # the last: width of a histogram
OWN = "#7A3E9D"  # as in view.css
COLOURS = {"small": VERMILLION, "xavier": BLUE, "he": GREEN, "own": OWN}


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The root mean square by layer; beside it, how the numbers of one layer are spread."""
    powers, sizes = given()["powers"], given()["sizes"]
    floor, right = TOP + HEIGHT, LEFT + WIDTH
    low, high = math.log10(LOW), math.log10(HIGH)

    def place(layer: int, value: float) -> tuple[float, float]:
        power = math.log10(value)
        return LEFT + WIDTH * (layer - 0.5) / DEEPEST, floor - HEIGHT * (power - low) / (
            high - low
        )

    parts = [svg.text(LEFT - 40, 18, _("root mean square, by layer"), 13, "start")]
    top, bottom = (place(1, size)[1] for size in (STAYS, 1 / STAYS))
    parts.append(svg.rect(LEFT, top, WIDTH, bottom - top, LIGHT.line))
    for power, words in powers:
        _x, y = place(1, power)
        parts.append(svg.line(LEFT, y, right, y, LIGHT.line))
        parts.append(svg.text(LEFT - 6, y + 4, words, 12, "end", LIGHT.faint))
    for layer in (1, 5, 10, 15, 20):
        x, _y = place(layer, 1)
        parts.append(svg.text(x, floor + 18, layer, 12, fill=LIGHT.faint))
    x, _y = place(settings["layer"], 1)
    parts.append(svg.line(x, TOP, x, floor, LIGHT.ink))
    words = _("size of the values at layer {n}, without sign").format(n=settings["layer"])
    parts.append(svg.text(right + 30, 18, words, 13, "start"))
    lowest, highest = (math.log10(EDGES[i]) for i in (0, -1))
    for place_of, init in enumerate(seen := found["seen"]):
        row, name = list(found["now"]).index(init), SHORT[init]
        for kind, style in (("theory", {"stroke_dasharray": "6 4", "stroke_width": 1}),
                            ("measured", {"stroke_width": 2.5})):  # fmt: skip
            points = on_chart(found[kind][row].tolist())
            points = [place(layer, value) for layer, value in points]
            parts.append(svg.polyline(points, COLOURS[init], **style))
        bottom, bar = TOP + 88 * (place_of + 1) - 6, SPREAD / (len(EDGES) - 1)
        parts.append(svg.rect(right + 30, bottom - 67, 9, 9, COLOURS[init]))
        words = f"{name} · {found['notes'][init]}"
        parts.append(svg.text(right + 44, bottom - 58, words, 12, "start"))
        parts.append(svg.line(right + 30, bottom, right + 30 + SPREAD, bottom, LIGHT.faint))
        for power, words in sizes:
            part = (math.log10(power) - lowest) / (highest - lowest)
            parts.append(svg.text(right + 30 + SPREAD * part, bottom + 13, words, 11,
                                  fill=LIGHT.faint))  # fmt: skip
        for i, height in enumerate(found["heights"][row].tolist()):
            tall = 50 * height / 255
            at = right + 30 + i * bar, bottom - tall
            parts.append(svg.rect(*at, bar, tall, COLOURS[init]))
    text = f"<p>{found['headline']}</p><p>{found['key']}</p>"
    return svg_picture(
        right + SPREAD + 170, TOP + 88 * max(3, len(seen)) + 30, parts, found["said"], text
    )


def on_chart(values: list[float]) -> list[tuple[float, float]]:
    """The line through a value per layer, as far as the chart goes: to its edge at most.

    Examples
    --------
    >>> [(round(layer, 3), value) for layer, value in on_chart([1e-4, 1e-6])]
    [(1.0, 0.0001), (1.5, 1e-05)]
    """
    points: list[tuple[float, float]] = []
    for layer, value in enumerate(values, 1):
        edge = min(max(value, LOW), HIGH)
        if edge != value and points:
            before = math.log(values[layer - 2])
            part = (math.log(edge) - before) / (math.log(value) - before)
            points.append((layer - 1 + part, edge))
        if edge != value:
            break
        points.append((float(layer), value))
    return points
