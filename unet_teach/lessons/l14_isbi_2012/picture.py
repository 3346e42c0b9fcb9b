"""Lesson 14: a training run as it goes: loss, learning rate, scores, a predicted map."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from unet_teach.drawing import svg
from unet_teach.drawing.picture import SIXTEEN, Picture, paragraphs, png_picture, svg_picture
from unet_teach.drawing.style import BLUE, GREEN, LIGHT, VERMILLION
from unet_teach.translation import _, _n

LEFT, WIDTH, TOP, HEIGHT = 52, 420, 26, 190
LR_HEIGHT, GAP = 34, 44
POINTS = 250  # at most so many points of a curve: more would not be seen


def training_so_far(
    records: Sequence[dict],
    steps: int,
    checkpoints: Sequence[dict] = (),
    part: np.ndarray | None = None,
    words: str = "",
) -> Picture:
    """Loss and learning rate of every step, scores of every checkpoint, the latest map.

    Parameters
    ----------
    records : dicts with step, loss, lr and seconds, as `train` gives them
    steps : of the whole run: the width of the picture
    checkpoints : dicts with step (how many are done), v_rand and v_info
    part : uint8 (H, W), probability of inside, 255 is 1
    words : HTML beside the picture

    Examples
    --------
    >>> print(training_so_far([{"step": 0, "loss": 0.7, "lr": 0.1, "seconds": 2.0}], steps=10))
    Step 1 of 10: the loss is 0.700; 2 seconds so far, about 18 seconds to go.
    """
    done = len(records)
    loss = np.array([record["loss"] for record in records], dtype=float)
    mean = running_mean(loss, max(1, steps // 20)) if done else loss
    high, most = 1.05 * float(np.percentile(loss, 99)) if done else 1.0, loss.max(initial=0)
    high = most if high < most < 1.25 * high else high  # only what would hide the rest is cut
    scores = [check[metric] for check in checkpoints for metric in ("v_rand", "v_info")]
    lowest = min(0.8, math.floor(10 * min(scores, default=1.0)) / 10)  # the foot of their axis
    parts = _axes(steps, high, bool(checkpoints), lowest)
    place = {"steps": steps, "bottom": TOP + HEIGHT, "height": HEIGHT}
    pale = {"stroke": LIGHT.contracting, "stroke_width": 1, "opacity": 0.35}
    parts.append(_curve(loss / high, **place, **pale))
    parts.append(_curve(mean / high, **place, stroke=BLUE, stroke_width=2, opacity=1))
    rates = np.array([record["lr"] for record in records], dtype=float)
    foot = TOP + HEIGHT + GAP + LR_HEIGHT
    rates = rates / (rates.max(initial=0.0) or 1.0)
    parts.append(_curve(rates, steps, foot, LR_HEIGHT, stroke=LIGHT.faint, stroke_width=1.5))
    parts += _scores(checkpoints, steps, lowest)
    if most > high:
        cut = _("▲ up to {most:.2f}, cut off").format(most=most)
        parts.append(svg.text(LEFT, 16, cut, 12, "start", LIGHT.faint))
    height = TOP + HEIGHT + GAP + LR_HEIGHT + 26
    alt = _said(records, steps, mean, checkpoints)
    body = svg_picture(LEFT + WIDTH + 50, height, parts, alt).body
    text = paragraphs(svg.escape(alt)) + words
    if part is not None:
        name = _("the predicted map of a part of a held-out slice: black wall, white inside")
        text += png_picture(part // 16, name, width=190, palette=SIXTEEN).body
        text += paragraphs(name)
    return Picture(body, alt, text, height)


def _x(step: float | np.ndarray, steps: int) -> float | np.ndarray:
    return LEFT + WIDTH * step / max(1, steps)


def _curve(values: np.ndarray, steps: int, bottom: float, height: float, **look: object) -> str:
    """A value for each step so far, 1 at ``height`` above the bottom; more is cut off there."""
    if not len(values):
        return ""
    places = np.arange(0, len(values), max(1, len(values) // POINTS))
    places = np.append(places[places < len(values) - 1], len(values) - 1)
    x, y = _x(places + 1, steps), bottom - height * np.minimum(values[places], 1.0)
    return svg.polyline(zip(x.tolist(), y.tolist(), strict=True), **look)


def _axes(steps: int, high: float, scored: bool, lowest: float) -> list[str]:
    bottom = TOP + HEIGHT
    parts = [svg.text(LEFT - 44, 16, _("loss"), 13, "start", BLUE)]
    for share in (0.0, 0.5, 1.0):
        y = bottom - HEIGHT * share
        parts.append(svg.line(LEFT, y, LEFT + WIDTH, y, LIGHT.line))
        parts.append(svg.text(LEFT - 8, y + 4, f"{share * high:.2f}", 12, "end", LIGHT.faint))
        if scored:
            value = lowest + share * (1 - lowest)
            place = LEFT + WIDTH + 8, y + 4
            parts.append(svg.text(*place, f"{value:.2f}", 12, "start", LIGHT.faint))
    if scored:
        names = ((VERMILLION, "V_rand", 96), (GREEN, "V_info", 0))
        for colour, name, shift in names:
            place = LEFT + WIDTH - shift
            parts.append(svg.text(place, 16, name, 13, "end"))
            parts.append(svg.circle(place - 56, 12, 4.5, colour))
    for share in (0.0, 0.5, 1.0):
        place = _x(share * steps, steps), bottom + 18
        parts.append(svg.text(*place, round(share * steps), 12, fill=LIGHT.faint))
    parts.append(svg.text(LEFT + WIDTH * 0.25, bottom + 18, _("step"), 12, fill=LIGHT.faint))
    top = bottom + GAP
    parts.append(svg.text(LEFT - 44, top + 14, _("rate"), 12, "start", LIGHT.faint))
    parts.append(svg.line(LEFT, top + LR_HEIGHT, LEFT + WIDTH, top + LR_HEIGHT, LIGHT.line))
    return parts


def _scores(checkpoints: Sequence[dict], steps: int, lowest: float) -> list[str]:
    parts = []
    for metric, colour in (("v_rand", VERMILLION), ("v_info", GREEN)):
        for check in checkpoints:
            share = (check[metric] - lowest) / (1 - lowest)
            y = TOP + HEIGHT * (1 - share)
            words = _("{metric} {value:.3f}, step {step}").format(
                metric=metric, value=check[metric], step=check["step"]
            )
            parts.append(svg.circle(_x(check["step"], steps), y, 4.5, colour, title=words))
    return parts


def _said(
    records: Sequence[dict], steps: int, mean: np.ndarray, checkpoints: Sequence[dict]
) -> str:
    """How far it is, in words."""
    done = len(records)
    if not done:
        return _("Nothing is trained yet: 0 of {steps} steps.").format(steps=steps)
    seconds = records[-1]["seconds"]
    said = _(
        "Step {done} of {steps}: the loss is {loss:.3f}; {spent} so far, about {left} to go."
    )
    if done >= steps:
        said = _("All {steps} steps are done: the loss is {loss:.3f}; {spent} in all.")
    left = seconds / done * (steps - done)
    spent, left = _duration(seconds), _duration(left)
    said = said.format(done=done, steps=steps, loss=mean[-1], spent=spent, left=left)
    if checkpoints:
        last = checkpoints[-1]
        said += " " + _("On held-out slices V_rand is {r:.3f} and V_info {i:.3f}.").format(
            r=last["v_rand"], i=last["v_info"]
        )
    return said


def _duration(seconds: float) -> str:
    if seconds >= 120:
        return _n("{n} minute", "{n} minutes", round(seconds / 60))
    return _n("{n} second", "{n} seconds", round(seconds))


def running_mean(values: np.ndarray, window: int) -> np.ndarray:
    """The mean of each value and of the ``window - 1`` before it, or as many as there are.

    Examples
    --------
    >>> running_mean(np.array([1.0, 2.0, 3.0, 4.0]), 2).tolist()
    [1.0, 1.5, 2.5, 3.5]
    """
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - window, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)
