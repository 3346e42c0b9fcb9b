"""Lesson 10: neurons between walls one pixel thin, a hole in one of them, and its price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from unet_teach.drawing import svg
from unet_teach.drawing.bars import bar
from unet_teach.drawing.picture import Picture, svg_picture
from unet_teach.drawing.style import BLUE, CYCLE, LIGHT, ORANGE, VERMILLION, rgb
from unet_teach.lessons.l10_metrics.measure import Judged
from unet_teach.translation import _

CELL, EDGE = 7, 8  # pixels of the page for a pixel of the labels, and around the drawing
HOVER = (
    ".wall-lit{visibility:hidden;pointer-events:none} .wall:hover .wall-lit{visibility:visible}"
)


def opened_wall(
    truth: np.ndarray,
    found: Judged,
    walls: Mapping[tuple[int, int], np.ndarray],
    chosen: tuple[int, int],
    changed: np.ndarray,
    deed: str,
    over: Sequence[str] = (),
) -> Picture:
    """The regions that were found, the pixels that were changed, and five numbers.

    Parameters
    ----------
    truth : (H, W) neurons from 1, and 0 on walls one pixel thin
    found : how the changed map is judged
    walls : two neighbours -> the pixels (n, 2) of the wall between them
    chosen : the wall at hand
    changed : (k, 2) rows and columns of the pixels that were changed
    deed : "erase", the wall, or "blacken", as many pixels beside it
    over : what `pointed_at` gives, the same for every change
    """
    side = [EDGE + n * CELL for n in truth.shape[::-1]]
    parts = [svg.style(HOVER)]
    parts.append(svg.rect(EDGE, EDGE, side[0] - EDGE, side[1] - EDGE, LIGHT.ink))
    parts += _neurons(truth, found)
    parts.append(svg.path(squares(walls[chosen]), BLUE, "none"))
    if len(changed):
        outline = {"stroke": "#FFFFFF", "stroke_width": 2, "title": _("changed")}
        parts.append(svg.path(squares(changed), VERMILLION, **outline))
    parts += over
    number = 1 + list(walls).index(chosen)
    alt = _said(truth, found, number, chosen, len(changed), deed)
    text = _words(truth, found, number, chosen, len(changed), deed)
    return svg_picture(side[0] + EDGE, side[1] + EDGE, parts, alt, text)


def squares(places: np.ndarray) -> str:
    """A path of one square for each (row, column)."""
    return "".join(
        f"M{EDGE + c * CELL} {EDGE + r * CELL}h{CELL}v{CELL}h-{CELL}z" for r, c in places
    )


def runs(mask: np.ndarray) -> str:
    """A path over the True pixels of a mask: one rectangle for each run in a row."""
    return _runs(mask.astype(bool).tobytes(), mask.shape[1])


@lru_cache(maxsize=64)  # of twelve regions a move changes one or two
def _runs(content: bytes, width: int) -> str:
    padded = np.pad(np.frombuffer(content, np.int8).reshape(-1, width), ((0, 0), (1, 1)))
    steps = np.diff(padded, axis=1)
    starts, ends = np.argwhere(steps == 1), np.argwhere(steps == -1)
    return "".join(
        f"M{EDGE + a * CELL} {EDGE + r * CELL}h{(b - a) * CELL}v{CELL}h-{(b - a) * CELL}z"
        for (r, a), (_r, b) in zip(starts.tolist(), ends.tolist(), strict=True)
    )


def tint(neuron: int) -> str:
    """A pale colour of the palette."""
    colour = rgb(CYCLE[neuron % len(CYCLE)])
    return "#" + "".join(f"{round(255 - 0.28 * (255 - c)):02X}" for c in colour)


def _neurons(truth: np.ndarray, found: Judged) -> list[str]:
    """Every region in its neuron's tint; neurons that have run together in orange."""
    lost = {neuron for together in found.merged for neuron in together}
    parts = []
    for region in range(1, found.neurons + 1):
        mask = found.regions == region
        owner = int(np.bincount(truth[mask], minlength=2)[1:].argmax()) + 1
        fill = ORANGE if owner in lost else tint(owner)
        parts.append(svg.path(runs(mask), fill, "none", shape_rendering="crispEdges"))
    return parts


def pointed_at(
    truth: np.ndarray,
    walls: Mapping[tuple[int, int], np.ndarray],
    price: Mapping[tuple[int, int], float],
) -> list[str]:
    """Walls that light up the neurons which they hold apart, and each neuron's number.

    ``price``: wall -> V_rand once one of its pixels is erased, shown in words.
    """
    lit = [_pointed_at(truth, pair, walls[pair], price[pair]) for pair in walls]
    return lit + _numbers(truth)


def _pointed_at(truth: np.ndarray, pair: tuple, pixels: np.ndarray, price: float) -> str:
    words = _("between {a} and {b}: one pixel less, and V_rand is {v:.3f}").format(
        a=pair[0], b=pair[1], v=price
    )
    lit = svg.path(
        runs(np.isin(truth, pair)), "none", BLUE, stroke_width=1.5, class_="wall-lit"
    )
    target = svg.path(
        squares(pixels), "transparent", "transparent", stroke_width=4, title=words
    )
    return svg.group([target, lit], class_="wall")


def _numbers(truth: np.ndarray) -> list[str]:
    """Each neuron's number, at the pixel of it that is nearest to its middle."""
    parts = []
    for neuron in range(1, int(truth.max()) + 1):
        places = np.argwhere(truth == neuron)
        middle = places[((places - places.mean(0)) ** 2).sum(1).argmin()]
        y, x = ((middle + 0.5) * CELL + EDGE).tolist()
        parts.append(svg.text(x, y + 5, neuron, 14, font_weight=600, pointer_events="none"))
    return parts


def _done(number: int, pair: tuple, count: int, deed: str) -> str:
    """What was changed, in words."""
    if deed == "erase":
        words = _("{count} pixel{s} of wall {number}, between neurons {a} and {b}, erased")
    else:
        words = _("{count} pixel{s} blackened beside wall {number}, between {a} and {b}")
    s = "" if count == 1 else "s"
    return words.format(count=count, s=s, number=number, a=pair[0], b=pair[1])


def _together(groups: Sequence[Sequence[int]]) -> str:
    if not groups:
        return _("no two have run together")
    listed = "; ".join(" + ".join(map(str, together)) for together in groups)
    return _("run together: {listed}").format(listed=listed)


def _said(truth, found: Judged, number: int, pair: tuple, count: int, deed: str) -> str:
    return _(
        "{n} neurons between thin walls. {done}: {m} regions are found, {together}. Pixel "
        "error {wrong:.2%}, Dice {dice:.4f}, V_rand {v_rand:.3f}, V_info {v_info:.3f}."
    ).format(
        n=int(truth.max()), done=_done(number, pair, count, deed), m=found.neurons,
        together=_together(found.merged), wrong=found.wrong, dice=found.dice,
        v_rand=found.v_rand, v_info=found.v_info,
    )  # fmt: skip


def _words(truth, found: Judged, number: int, pair: tuple, count: int, deed: str) -> str:
    wrong = _("pixel error: {wrong:.2%}, {count} of {all} pixels").format(
        wrong=found.wrong, count=count, all=truth.size
    )
    neurons = _("neurons: {n}; found: {m}").format(n=int(truth.max()), m=found.neurons)
    keys = {BLUE: _("the chosen wall"), VERMILLION: _("changed"), ORANGE: _("run together")}
    legend = "".join(
        f'<div><span style="display:inline-block;width:0.9em;height:0.9em;background:{colour};'
        f'vertical-align:-0.1em"></span> {words}</div>'
        for colour, words in keys.items()
    )
    bars = {"V_rand": found.v_rand, "V_info": found.v_info, _("Dice of inside"): found.dice}
    return (
        f"<p><b>{_done(number, pair, count, deed)}</b></p><p>{wrong}</p>"
        + "".join(bar(name, value) for name, value in bars.items())
        + f"<p>{neurons}; {_together(found.merged)}</p>{legend}"
        + "<p>" + _("Point at a wall: which neurons does it hold apart?") + "</p>"
    )  # fmt: skip
