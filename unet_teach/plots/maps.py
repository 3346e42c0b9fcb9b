"""Lesson 09: the channels of a layer as thumbnails, a pixel of them, and what it saw."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps

from unet_teach.plots import svg
from unet_teach.plots.overlays import grey_levels
from unet_teach.plots.picture import Picture, indexed, png_data, svg_picture
from unet_teach.plots.style import LIGHT, SKY, VERMILLION, rgb
from unet_teach.translation import _

SHADES = 32  # dark is low, light is high; more would only make the message larger
BROKEN, GAP = SHADES, SHADES + 1  # palette entries: not a finite number, nothing
_RAMP = (255 * colormaps["cividis"](np.linspace(0, 1, SHADES))[:, :3]).round().astype(int)
PALETTE = [*_RAMP.flatten().tolist(), *rgb(VERMILLION), *rgb(LIGHT.paper)]

INPUT, SIDE, SPACE, TOP = 240, 300, 24, 44  # pixels of the picture
BARS = 72  # height of the bars
Box = tuple[int, int, int, int]  # first and last row, first and last column


@dataclass(frozen=True)
class Channels:
    """The channels of one layer of one network, as many as one page shows."""

    name: str  # of the network
    pictures: np.ndarray  # (n, h, w): thumbnails, or one channel at full size
    first: int  # the number of the first of them
    low: np.ndarray  # (C,) least value of each channel of the layer
    high: np.ndarray  # (C,) largest
    values: np.ndarray  # (C,) at the chosen pixel
    shape: tuple[int, int, int]  # C, H, W of the layer


def shades(pictures: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Numbers to palette entries: ``low`` to ``high`` from the first shade to the last.

    A channel without any range is all dark; what is no finite number is vermillion.

    Examples
    --------
    >>> shades(np.array([[[0.0, 1.0, 2.0, np.nan]]]), np.array([0.0]), np.array([2.0])).tolist()
    [[[0, 16, 31, 32]]]
    """
    low, span = low[:, None, None], (high - low)[:, None, None]
    finite = np.isfinite(pictures)
    with np.errstate(invalid="ignore", over="ignore"):
        share = np.where(finite, pictures - low, 0) / np.where(span > 0, span, 1)
    entries = np.rint(np.clip(share, 0, 1) * (SHADES - 1)).astype(np.uint8)
    return np.where(finite, entries, np.uint8(BROKEN))


def montage(entries: np.ndarray) -> tuple[np.ndarray, int]:
    """Pictures (n, h, w) in rows, one pixel apart; gives the whole, and how many in a row."""
    count, height, width = entries.shape
    columns = max(1, min(count, math.ceil(math.sqrt(count * (height + 1) / (width + 1)))))
    rows = math.ceil(count / columns)
    cells = np.full((rows * columns, height + 1, width + 1), GAP, np.uint8)
    cells[:count, :height, :width] = entries
    whole = cells.reshape(rows, columns, height + 1, width + 1).transpose(0, 2, 1, 3)
    whole = whole.reshape(rows * (height + 1), columns * (width + 1))
    return whole[:-1, :-1], columns


def coloured(entries: np.ndarray) -> np.ndarray:
    """Palette entries (H, W) as colours, uint8 (H, W, 3).

    Examples
    --------
    >>> coloured(np.array([[GAP]], np.uint8)).tolist()
    [[[255, 255, 255]]]
    """
    return np.array(PALETTE, np.uint8).reshape(-1, 3)[entries]


def scales(side: Channels, together: bool) -> tuple[np.ndarray, np.ndarray]:
    """Low and high of the colours of each channel: the layer's, or the channel's own."""
    if not together:
        return side.low, side.high
    full = np.full(len(side.low), 1.0)
    return full * np.nanmin(side.low), full * np.nanmax(side.high)


def maps_picture(
    image: np.ndarray | None, sides: list[Channels | None], layer: str, channel: int,
    pixel: tuple[int, int], seen: Box | None, size: tuple[int, int], together: bool,
) -> Picture:  # fmt: skip
    """The input with the field of a pixel, and the layer's channels of one or two networks.

    Parameters
    ----------
    image : (H, W), small; None where the input is no image
    sides : for each network its channels, or None where it has no such layer
    layer : its name
    channel : the chosen one
    pixel : (row, column) in the layer's maps
    seen : the field of that pixel in the input
    size : height and width of the input itself
    together : one colour scale for all channels of a network, or one each
    """
    parts = _input(image, pixel, seen, size, next(s for s in sides if s is not None).shape)
    for place, side in enumerate(sides):
        left = INPUT + SPACE + place * (SIDE + SPACE)
        parts += _side(side, left, channel, pixel, together)
    alt, words = _said(sides, layer, channel, pixel, seen, together)
    width = INPUT + len(sides) * (SIDE + SPACE)
    return svg_picture(width, TOP + SIDE + BARS + 40, parts, alt, words)


def _image(entries: np.ndarray, box: tuple, palette: list[int] | None = None) -> str:
    picture = indexed(entries, palette) if palette else entries
    return svg.image(png_data(picture), *box)


def _input(image, pixel, seen, size, shape) -> list[str]:
    """The input; on it the field and, as a cross, where the pixel lies."""
    parts = [svg.text(0, TOP - 10, _("input"), 14, "start", font_weight="bold")]
    if image is None:
        return [*parts, svg.text(0, TOP + 20, _("not an image"), 13, "start", LIGHT.faint)]
    height, width = size
    scale = INPUT / max(height, width)
    parts.append(_image(grey_levels(image), (0, TOP, width * scale, height * scale)))
    if seen is not None:
        top, bottom, left, right = seen
        box = (left * scale, TOP + top * scale, (right - left + 1) * scale,
               (bottom - top + 1) * scale)  # fmt: skip
        parts.append(svg.rect(*box, stroke=LIGHT.paper, stroke_width=4, opacity=0.8))
        parts.append(svg.rect(*box, stroke=VERMILLION, stroke_width=2))
    if shape[1] > 1 or shape[2] > 1:
        x = (pixel[1] + 0.5) / shape[2] * width * scale
        y = TOP + (pixel[0] + 0.5) / shape[1] * height * scale
        cross = f"M {x - 5:.1f} {y:.1f} h 10 M {x:.1f} {y - 5:.1f} v 10"
        parts.append(svg.path(cross, stroke=SKY, stroke_width=2))
    foot = TOP + height * scale + 18
    parts.append(svg.text(0, foot, _field(seen), 12, "start", LIGHT.faint))
    return parts


def _side(side, left: float, channel: int, pixel, together: bool) -> list[str]:
    """Name, range, thumbnails with the chosen one framed, and the bars below."""
    if side is None:
        return [svg.text(left, TOP + 20, _("has no such layer"), 13, "start", LIGHT.faint)]
    count, height, width = side.pictures.shape
    low, high = scales(side, together)
    shown = slice(side.first, side.first + count)
    whole, columns = montage(shades(side.pictures, low[shown], high[shown]))
    zoom = SIDE / max(whole.shape)
    box = (left, TOP, whole.shape[1] * zoom, whole.shape[0] * zoom)
    parts = [
        svg.text(left, TOP - 26, side.name, 14, "start", font_weight="bold"),
        svg.text(left, TOP - 10, _range(low, high, channel, together), 12, "start",
                 LIGHT.faint),
        _image(whole, box, PALETTE),
    ]  # fmt: skip
    for place in range(count):
        x = left + place % columns * (width + 1) * zoom
        y = TOP + place // columns * (height + 1) * zoom
        number = side.first + place
        words = f"{_('channel')} {number}: {side.low[number]:.3g} … {side.high[number]:.3g}"
        chosen = count > 1 and number == channel
        frame = {"stroke": VERMILLION, "stroke_width": 3} if chosen else {}
        parts.append(
            svg.rect(x, y, width * zoom, height * zoom, pointer_events="all", title=words,
                     **frame)
        )  # fmt: skip
    if count == 1 and side.shape[1:] != (1, 1):  # the pixel in the large channel
        step = (height / side.shape[1] * zoom, width / side.shape[2] * zoom)
        y, x = (p * s for p, s in zip(pixel, step, strict=True))
        parts.append(svg.rect(left + x - 2, TOP + y - 2, step[1] + 4, step[0] + 4,
                              stroke=VERMILLION, stroke_width=2))  # fmt: skip
    return parts + _bars(side, left, channel)


def _bars(side: Channels, left: float, channel: int) -> list[str]:
    """The value of every channel of this page at the chosen pixel."""
    page = channel // 64 * 64
    values = np.nan_to_num(side.values[page : page + 64], posinf=0, neginf=0)
    largest = float(np.abs(values).max()) or 1.0
    top = TOP + SIDE + 24
    negative = bool((values < 0).any())
    zero = top + (BARS / 2 if negative else BARS)
    unit = (BARS / 2 if negative else BARS) / largest
    step = SIDE / len(values)
    wide = max(1.0, min(step * 0.8, 24.0))
    words = _("value of each channel at this pixel, up to {largest:.3g}").format(
        largest=largest
    )
    parts = [svg.text(left, top - 6, words, 12, "start", LIGHT.faint)]
    paths = {False: [], True: []}
    for place, value in enumerate(values):
        paths[page + place == channel].append(
            f"M {left + (place + 0.5) * step - wide / 2:.1f} {zero:.1f} h {wide:.1f} "
            f"v {-value * unit:.1f} h {-wide:.1f} z"
        )
    for chosen, colour in ((False, LIGHT.faint), (True, VERMILLION)):
        if paths[chosen]:
            parts.append(svg.path(" ".join(paths[chosen]), fill=colour, stroke="none"))
    parts.append(svg.line(left, zero, left + SIDE, zero, LIGHT.line))
    return parts


def _range(low: np.ndarray, high: np.ndarray, channel: int, together: bool) -> str:
    words = (
        _("dark {low:.3g}, light {high:.3g}, for all channels")
        if together
        else _("each its own; channel {channel} {low:.3g} to {high:.3g}")
    )
    return words.format(low=low[channel], high=high[channel], channel=channel)


def _field(seen: Box | None) -> str:
    if seen is None:
        return _("has a field that cannot be measured")
    top, bottom, left, right = seen
    return _("sees rows {top} to {bottom}, columns {left} to {right}").format(
        top=top, bottom=bottom, left=left, right=right
    )


def _said(sides, layer, channel, pixel, seen, together) -> tuple[str, str]:
    """The alt text, and the text beside the picture."""
    there = [side for side in sides if side is not None]
    count, height, width = there[0].shape
    names = _(" and of ").join(side.name for side in there)
    scale = _("one colour scale for all channels") if together else _("a colour scale each")
    values = "; ".join(f"{side.name} {side.values[channel]:.3g}" for side in there)
    field = _field(seen)
    alt = _(
        "Layer {layer} of {names}, channels × rows × columns {count} × {height} × {width}, "
        "{scale}. The pixel "
        "in row {row}, column {column} {field}. Channel {channel} there: {values}."
    ).format(
        layer=layer, names=names, count=count, height=height, width=width, scale=scale,
        row=pixel[0], column=pixel[1], field=field, channel=channel, values=values,
    )  # fmt: skip
    rows = "".join(
        f"<li>{svg.escape(side.name)}: <b>{side.values[channel]:.3g}</b> "
        + _("(the channel: {low:.3g} to {high:.3g})").format(
            low=side.low[channel], high=side.high[channel]
        )
        + "</li>"
        for side in there
    )
    broken = ""
    if not all(np.isfinite(side.pictures).all() for side in there):
        broken = "<p>" + _("solid red: not a number, or infinite") + "</p>"
    extent = "" if seen is None else f" ({seen[1] - seen[0] + 1} × {seen[3] - seen[2] + 1})"
    words = (
        f"<p><b>{svg.escape(layer)}</b>: {count} × {height} × {width}</p><p>"
        + _("pixel ({row}, {column}) {field}{extent}").format(
            row=pixel[0], column=pixel[1], field=field, extent=extent
        )
        + f"</p><p>{_('channel')} {channel}:</p><ul>{rows}</ul><p>"
        + _("blue cross: the pixel · red frame: its receptive field, the chosen channel")
        + f"</p>{broken}"
    )
    return alt, words
