"""Lesson 10's wall eraser for a page without JavaScript: the map and its numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, svg_picture
from unet_teach.drawing.style import CYCLE, LIGHT, ORANGE, VERMILLION, rgb
from unet_teach.lessons.l10_metrics.measure import given, tissue
from unet_teach.translation import _

CELL, EDGE = 5, 8  # pixels of the page for a pixel of the labels, and around the drawing


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """The regions in tints, those that have run together in orange, changed pixels outlined."""
    if "problem" in found:
        return svg_picture(10, 10, [], found["problem"], f"<p>{found['problem']}</p>")
    together = {neuron for group in found["merged"] for neuron in group}
    side = 2 * EDGE + CELL * tissue().shape[0]
    parts = [svg.rect(EDGE, EDGE, side - 2 * EDGE, side - 2 * EDGE, LIGHT.ink)]
    for region, owner in enumerate(found["owner"], 1):
        fill = ORANGE if owner in together else tint(owner)
        path = runs(found["regions"] == region)
        parts.append(svg.path(path, fill, "none", shape_rendering="crispEdges"))
    changed = np.zeros(tissue().size, bool)
    changed[settings["flipped"]] = True
    parts.append(svg.path(runs(changed.reshape(tissue().shape)), "none", VERMILLION))
    for neuron, (row, column) in enumerate(given()["centres"], 1):
        x, y = EDGE + CELL * (column + 0.5), EDGE + CELL * (row + 0.5)
        parts.append(svg.text(x, y + 5, neuron, 14, font_weight=600))
    rows = {
        _("wrong pixels"): f"{found['wrong']:.2%}", _("Dice of inside"): f"{found['dice']:.4f}",
        "V_rand": f"{found['v_rand']:.3f}", "V_info": f"{found['v_info']:.3f}",
    }  # fmt: skip
    text = "".join(f"<p>{name}: <b>{value}</b></p>" for name, value in rows.items())
    return svg_picture(side, side, parts, found["said"], text)


def runs(mask: np.ndarray) -> str:
    """A path over the True pixels of a mask: one rectangle for each run in a row."""
    steps = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    starts, ends = np.argwhere(steps == 1), np.argwhere(steps == -1)
    return "".join(
        f"M{EDGE + a * CELL} {EDGE + r * CELL}h{(b - a) * CELL}v{CELL}h-{(b - a) * CELL}z"
        for (r, a), (_r, b) in zip(starts.tolist(), ends.tolist(), strict=True)
    )


def tint(neuron: int) -> str:
    """A pale colour of the palette."""
    colour = rgb(CYCLE[neuron % len(CYCLE)])
    return "#" + "".join(f"{round(255 - 0.28 * (255 - c)):02X}" for c in colour)
