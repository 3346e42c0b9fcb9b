"""Lesson 08: a signal on its way through many layers, on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, paragraphs, spoken, svg_picture
from unet_teach.drawing.style import BLUE, LIGHT, VERMILLION
from unet_teach.translation import _, _n

LEFT, TOP, WIDTH, HEIGHT = 64, 30, 440, 260
POWERS = (-8, 4)  # of ten: what the axis shows, and more where a signal needs it


def signal_by_layer(
    measured: Sequence[Sequence[float]], theory: Sequence[float], name: str
) -> Picture:
    """Standard deviation of the activations after each layer, measured and by theory.

    Parameters
    ----------
    measured : one row of standard deviations for each seed
    theory : what is expected, by layer
    name : the setting, in words

    Examples
    --------
    >>> print(signal_by_layer([[1.0, 0.5], [1.0, 0.6]], [1.0, 0.5], "Xavier"))
    Xavier. The standard deviation is 1 after layer 1 and 0.55 after layer 2; theory says ...
    """
    layers = len(theory)
    ends = _ends([*theory, *(value for row in measured for value in row)])
    parts = _axes(layers, ends)
    points = [(_x(i, layers), _y(value, ends)) for i, value in enumerate(theory)]
    parts.append(svg.polyline(points, VERMILLION, stroke_width=2, stroke_dasharray="6 4"))
    means = []
    for i in range(layers):
        values = [row[i] for row in measured]
        means.append(sum(values) / len(values))
        x = _x(i, layers)
        bar = x, _y(min(values), ends), x, _y(max(values), ends)
        parts.append(svg.line(*bar, BLUE, stroke_width=3))
        parts.append(svg.circle(x, _y(means[-1], ends), 4.5, BLUE,
                                title=_("layer {layer}: {value:.3g}").format(
                                    layer=i + 1, value=means[-1])))  # fmt: skip
    said = _(
        "The standard deviation is {first} after layer 1 and <b>{last}</b> after layer "
        "{layers}; theory says {theory}."
    ).format(first=_short(means[0]), last=_short(means[-1]), layers=layers,
             theory=_short(theory[-1]))  # fmt: skip
    factor = (means[-1] / means[0]) ** (1 / max(1, layers - 1)) if means[0] else math.nan
    words = paragraphs(
        f"<b>{name}</b>", said, _("× {factor:.2f} from layer to layer").format(factor=factor)
    )
    key = _n("dots: {n} seed · dashed: theory",
             "dots: mean of {n} seeds, bars: smallest to largest · dashed: theory",
             len(measured))  # fmt: skip
    size = LEFT + WIDTH + 16, TOP + HEIGHT + 44
    return svg_picture(*size, parts, spoken("", words), words + paragraphs(key))


def _short(value: float) -> str:
    """Three digits, without an exponent while that is readable."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _x(layer: int, layers: int) -> float:
    return LEFT + WIDTH * (layer + 0.5) / layers


def _ends(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten at the ends of the axis: even, `POWERS` or as far as a value is."""
    powers = [math.log10(value) / 2 for value in values if value > 0]
    low, high = min(map(math.floor, powers), default=0), max(map(math.ceil, powers), default=0)
    return min(POWERS[0], 2 * low), max(POWERS[1], 2 * high)


def _y(value: float, ends: tuple[int, int]) -> float:
    low, high = ends
    power = math.log10(value) if value > 0 else low  # no power of ten is 0
    return TOP + HEIGHT * (1 - (power - low) / (high - low))


def _axes(layers: int, ends: tuple[int, int]) -> list[str]:
    parts = [svg.text(LEFT - 52, 18, _("standard deviation"), 13, "start")]
    low, high = ends
    every = 2 * math.ceil((high - low) / 20)
    for power in range(-(-low // every) * every, high + 1, every):
        y = _y(10.0**power, ends)
        stroke = LIGHT.ink if power == 0 else LIGHT.line
        parts.append(svg.line(LEFT, y, LEFT + WIDTH, y, stroke))
        words = "1" if power == 0 else f"10{str(power).translate(_RAISED)}"
        parts.append(svg.text(LEFT - 8, y + 4, words, 12, "end", LIGHT.faint))
    for layer in range(0, layers, max(1, layers // 10)):
        place = _x(layer, layers), TOP + HEIGHT + 18
        parts.append(svg.text(*place, layer + 1, 12, fill=LIGHT.faint))
    parts.append(svg.text(LEFT + WIDTH / 2, TOP + HEIGHT + 38, _("layer"), 13))
    return parts


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
