"""Lesson 15: a patient's loss curve, and what it sees beside image and truth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from unet_teach.comparisons import load_table
from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, paragraphs, png_data, spoken, svg_picture
from unet_teach.drawing.style import BAD_NEWS, BLUE, LIGHT, VERMILLION, rgb
from unet_teach.lessons.l15_break_it_clinic.measure import SHOWN, is_wide, marks, saved_maps
from unet_teach.translation import _

SIDE, GAP, TOP = 176, 14, 26  # of one picture
CHART_TOP, CHART_HEIGHT, LEFT = TOP + SIDE + 48, 170, 70
WIDTH = 4 * SIDE + 3 * GAP
SURE, NAN = 250, 255  # of a map: sure of a wall, not a number

Curve = Sequence[Sequence]  # pairs (step, loss); None is not a number


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """One patient for a page without JavaScript; its diagnosis where it is revealed."""
    if "problem" in found:
        return svg_picture(10, 10, [], found["problem"], f"<p>{found['problem']}</p>")
    letter, maps = settings["patient"], saved_maps()
    runs = {(r["letter"], r["broken"]): r for r in load_table("clinic") if r["seed"] == SHOWN}
    ill, well, mended = runs[letter, True], runs[letter, False], None
    if settings["revealed"]:
        mended = {
            "diagnosis": ill["diagnosis"], "broken": ill["line"], "line": well["line"],
            "seen": maps.seen[letter, False], "curve": well["curve"], "dice": well["dice"],
        }  # fmt: skip
    return patient_chart(letter, maps.image, maps.truth, maps.seen[letter, True],
                         ill["curve"], ill["dice"], mended)  # fmt: skip


def patient_chart(
    letter: str,
    image: np.ndarray,
    truth: np.ndarray,
    seen: np.ndarray,
    curve: Curve,
    dice: float,
    mended: Mapping | None = None,
) -> Picture:
    """One patient; with ``mended``, its diagnosis and how it does afterwards.

    Parameters
    ----------
    letter : the patient's name
    image : uint8 (H, W)
    truth : bool (H, W), True on walls
    seen : uint8 (H, W), 0 to `SURE` for how sure it is of a wall, `NAN` for no number
    curve : pairs (step, loss)
    dice : of the walls
    mended : diagnosis, broken, line, seen, curve, dice
    """
    pictures = [(_("image"), image), (_("truth"), _walls(SURE * truth.astype(np.uint8)))]
    pictures.append((_("patient {letter} sees").format(letter=letter), _walls(seen)))
    if mended:
        pictures.append((_("fixed"), _walls(mended["seen"])))
    parts = []
    for place, (words, pixels) in enumerate(pictures):
        x = place * (SIDE + GAP)
        parts.append(svg.text(x, 18, words, 13, "start"))
        parts.append(_embedded(pixels, x))
    curves = [(mended["curve"], BLUE, "mended")] if mended else []  # wide, below the other
    curves.append((curve, VERMILLION, "patient"))
    parts += _chart(curves)
    said = _said(letter, seen, curve, dice)
    key = paragraphs(_("black: sure of a wall · white: sure of none · red: no number"))
    alt, text = spoken("", said), said + key
    if mended:
        found = _revealed(mended)
        alt, text = spoken(alt, found), text + found + _lines(mended)
    return svg_picture(WIDTH + 14, CHART_TOP + CHART_HEIGHT + 44, parts, alt, text)


def first_gap(curve: Curve) -> int | None:
    """The first noted step whose loss is not a number.

    Examples
    --------
    >>> first_gap([(1, 0.7), (3, None)]), first_gap([(1, 0.7)])
    (3, None)
    """
    return next((step for step, loss in curve if loss is None), None)


def _said(letter: str, seen: np.ndarray, curve: Curve, dice: float) -> str:
    """What a patient shows, whether or not its diagnosis is revealed."""
    known, gap = [loss for _step, loss in curve if loss is not None], first_gap(curve)
    loss = _("The loss goes from {first:.2f} to {last:.2f}.")
    if gap is not None:
        loss = _("At step {step} the loss is not a number.")
        if known:
            loss = _("The loss goes from {first:.2f} to {last:.2f}; at step {step} it is not a "
                     "number.")  # fmt: skip
    first, last = (known[0], known[-1]) if known else (math.nan, math.nan)
    return paragraphs(
        "<b>" + _("Patient {letter}").format(letter=letter) + "</b>",
        _("The Dice of the walls is <b>{dice:.2f}</b>.").format(dice=dice),
        loss.format(first=first, last=last, step=gap),
        _map_in_words(seen),
    )


def _map_in_words(seen: np.ndarray) -> str:
    if (seen == NAN).all():
        return _("Its map holds no numbers.")
    share = (seen >= SURE / 2)[seen != NAN].mean()
    return _("Its map calls {share:.0%} of the pixels a wall, and goes from {low:.2f} to "
             "{high:.2f}.").format(share=share, low=seen.min() / SURE,
                                   high=seen.max() / SURE)  # fmt: skip


def _revealed(mended: Mapping) -> str:
    return paragraphs(
        _("Diagnosis: <b>{name}</b>.").format(name=svg.escape(mended["diagnosis"])),
        _(
            "With the line fixed, the Dice of the walls is <b>{dice:.2f}</b> (wide blue curve)."
        ).format(dice=mended["dice"]),
    )


def _lines(mended: Mapping) -> str:
    """The line of code that was wrong, and the right one."""
    code = '<pre style="white-space:pre-wrap;margin:2px 0;color:{colour}">{line}</pre>'
    return code.format(colour=BAD_NEWS, line="− " + svg.escape(mended["broken"])) + code.format(
        colour=BLUE, line="+ " + svg.escape(mended["line"])
    )


def _walls(seen: np.ndarray) -> np.ndarray:
    """Black where it is sure of a wall, white where of none, vermillion without a number.

    Examples
    --------
    >>> _walls(np.array([[0, 250, 255]], np.uint8))[0].tolist()
    [[255, 255, 255], [0, 0, 0], [213, 94, 0]]
    """
    grey = np.rint(255 * (1 - np.minimum(seen, SURE) / SURE)).astype(np.uint8)
    pixels = np.repeat(grey[..., None], 3, axis=-1)  # (H, W, 3)
    pixels[seen == NAN] = rgb(VERMILLION)
    return pixels


def _embedded(pixels: np.ndarray, x: float) -> str:
    """A PNG in the drawing, in a frame."""
    data = png_data(np.ascontiguousarray(pixels))
    return svg.image(data, x, TOP, SIDE, SIDE) + svg.rect(x, TOP, SIDE, SIDE, stroke=LIGHT.line)


def _chart(curves: list[tuple[Curve, str, str]]) -> list[str]:
    """Loss by step; where a curve stops being a number it ends in a cross."""
    known = [loss for curve, *_rest in curves for _step, loss in curve if loss is not None]
    low, high = min([0.0, *known]), max([1.0, *known])
    if is_wide([low, high]):  # one scale for tenths and hundreds
        places = {value: math.asinh(value) for value in (low, high, 0.0, 1.0)}
        height = lambda v: _y(math.asinh(v), places[low], places[high])  # noqa: E731
        ticks = [t for t in (-1000, -100, -10, 0, 10, 100) if low <= t <= high]
    else:
        height = lambda v: _y(v, low, high)  # noqa: E731
        step = 0.5 if high - low <= 3 else 5
        ticks = [i * step for i in range(math.ceil(low / step), math.floor(high / step) + 1)]
    last = max(step for curve, *_rest in curves for step, _loss in curve)
    parts = [svg.text(0, CHART_TOP - 16, _("loss"), 13, "start")]
    for tick in ticks:
        y = height(tick)
        parts.append(svg.line(LEFT, y, WIDTH, y, LIGHT.ink if tick == 0 else LIGHT.line))
        parts.append(svg.text(LEFT - 8, y + 4, f"{tick:g}", 12, "end", LIGHT.faint))
    for at, words, above in marks([low, high]):
        y = height(at)
        parts.append(svg.line(LEFT, y, WIDTH, y, LIGHT.faint, stroke_dasharray="3 4"))
        if words:
            down = -5 if above else 14
            parts.append(svg.text(WIDTH, y + down, words, 12, "end", LIGHT.faint))
    for step in range(0, last + 1, 20):
        parts.append(svg.text(_x(step, last), CHART_TOP + CHART_HEIGHT + 19, step, 12,
                              fill=LIGHT.faint))  # fmt: skip
    parts.append(svg.text((LEFT + WIDTH) / 2, CHART_TOP + CHART_HEIGHT + 38, _("step"), 13))
    for curve, colour, name in curves:
        points = []
        for step, loss in curve:
            if loss is None:
                break
            points.append((_x(step, last), height(loss)))
        width = 7 if name == "mended" else 2.5  # they may be the same curve
        pale = 0.45 if name == "mended" else None
        look = {"stroke_width": width, "stroke_opacity": pale, "class_": name}
        parts.append(svg.polyline(points, colour, **look))
        gap = first_gap(curve)
        if gap is not None:
            x, y = points[-1] if points else (_x(gap, last), height(0.5))
            parts.append(svg.text(x + 12, y - 8, "✕ NaN", 15, "start", BAD_NEWS))
    return parts


def _x(step: float, last: float) -> float:
    return LEFT + (WIDTH - LEFT) * step / last


def _y(value: float, low: float, high: float) -> float:
    return CHART_TOP + CHART_HEIGHT * (1 - (value - low) / (high - low))
