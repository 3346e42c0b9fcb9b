"""Lesson 09: the channels of a layer as thumbnails, a pixel of them, and what it saw."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from matplotlib import colormaps

from unet_teach.drawing import svg
from unet_teach.drawing.overlays import few_greys
from unet_teach.drawing.picture import (
    Picture,
    indexed,
    paragraphs,
    png_data,
    spoken,
    svg_picture,
)
from unet_teach.drawing.style import BAD_NEWS, LIGHT, SKY, VERMILLION, rgb
from unet_teach.lessons.l09_look_inside.measure import PAGE
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
    """The channels of one layer of one network, as many as one page shows.

    They are drawn once, whichever of them and whichever pixel is chosen.
    """

    name: str  # of the network
    pictures: np.ndarray  # (n, h, w): thumbnails, or one channel at full size
    first: int  # the number of the first of them
    low: np.ndarray  # (C,) least value of each channel of the layer
    high: np.ndarray  # (C,) largest
    maps: np.ndarray  # (C, H, W) of the layer
    together: bool  # one colour scale for all channels, or one each

    @cached_property
    def scales(self) -> tuple[np.ndarray, np.ndarray]:
        """Low and high of the colours of each channel: the layer's, or the channel's own."""
        if not self.together:
            return self.low, self.high
        full = np.full(len(self.low), 1.0)
        return full * np.nanmin(self.low), full * np.nanmax(self.high)

    @cached_property
    def finite(self) -> bool:
        """Is every number that is shown one that has a shade?"""
        return bool(np.isfinite(self.pictures).all())

    @cached_property
    def thumbnails(self) -> tuple[list[str], list[tuple[float, float, float, float]]]:
        """The elements of all pictures, from (0, 0), and x, y, width, height of each."""
        count, height, width = self.pictures.shape
        shown = slice(self.first, self.first + count)
        low, high = (scale[shown] for scale in self.scales)
        whole, columns = montage(shades(self.pictures, low, high))
        zoom = SIDE / max(whole.shape)
        wide, tall = whole.shape[1] * zoom, whole.shape[0] * zoom
        elements = [svg.image(png_data(indexed(whole, PALETTE)), 0, 0, wide, tall)]
        boxes = []
        for place in range(count):
            row, column = divmod(place, columns)
            box = (column * (width + 1) * zoom, row * (height + 1) * zoom, width * zoom,
                   height * zoom)  # fmt: skip
            number = self.first + place
            words = _("channel {n}: {low:.3g} … {high:.3g}").format(
                n=number, low=self.low[number], high=self.high[number]
            )
            elements.append(svg.rect(*box, pointer_events="all", title=words))
            boxes.append(box)
        return elements, boxes


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


def maps_picture(
    image: np.ndarray | None, sides: list[Channels | None], layer: str, channel: int,
    pixel: tuple[int, int], seen: Box | None, size: tuple[int, int],
) -> Picture:  # fmt: skip
    """The input with the field of a pixel, and the layer's channels of one or two networks.

    Parameters
    ----------
    image : (H, W), small; None where the input is no image
    sides : for each network its channels, or None where it has no such layer; all with one
        colour scale for all channels of a network, or all with one each
    layer : its name
    channel : the chosen one
    pixel : (row, column) in the layer's maps
    seen : the field of that pixel in the input
    size : height and width of the input itself
    """
    there = [side for side in sides if side is not None]
    parts = _input(image, pixel, seen, size, there[0].maps.shape)
    for place, side in enumerate(sides):
        left = INPUT + SPACE + place * (SIDE + SPACE)
        parts += _side(side, left, channel, pixel)
    size = INPUT + len(sides) * (SIDE + SPACE), TOP + SIDE + BARS + 40
    return svg_picture(*size, parts, *_said(there, layer, channel, pixel, seen))


def _input(image, pixel, seen, size, shape) -> list[str]:
    """The input; on it the field and, as a cross, where the pixel lies."""
    parts = [svg.text(0, TOP - 10, _("input"), 14, "start", font_weight="bold")]
    if image is None:
        return [*parts, svg.text(0, TOP + 20, _("not an image"), 13, "start", LIGHT.faint)]
    height, width = size
    scale = INPUT / max(height, width)
    grey = png_data(few_greys(image))
    parts.append(svg.image(grey, 0, TOP, width * scale, height * scale))
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


def _side(side, left: float, channel: int, pixel) -> list[str]:
    """Name, range, thumbnails with the chosen one framed, and the bars below."""
    if side is None:
        return [svg.text(left, TOP + 20, _("has no such layer"), 13, "start", LIGHT.faint)]
    elements, boxes = side.thumbnails
    parts = [
        svg.text(left, TOP - 26, side.name, 14, "start", font_weight="bold"),
        svg.text(left, TOP - 10, _range(side, channel), 12, "start", LIGHT.faint),
        svg.group(elements, transform=f"translate({left:g} {TOP:g})"),
    ]
    x, y, width, height = boxes[channel - side.first]
    if len(boxes) > 1:
        parts.append(svg.rect(left + x, TOP + y, width, height, stroke=VERMILLION,
                              stroke_width=3))  # fmt: skip
    elif side.maps.shape[1:] != (1, 1):  # the pixel in the large channel
        step = (height / side.maps.shape[1], width / side.maps.shape[2])
        y, x = (p * s for p, s in zip(pixel, step, strict=True))
        parts.append(svg.rect(left + x - 2, TOP + y - 2, step[1] + 4, step[0] + 4,
                              stroke=VERMILLION, stroke_width=2))  # fmt: skip
    return parts + _bars(side.maps[:, pixel[0], pixel[1]], left, channel)


def _bars(values: np.ndarray, left: float, channel: int) -> list[str]:
    """The value of every channel of this page at the chosen pixel."""
    page, count = channel // PAGE * PAGE, len(values)
    values = values[page : page + PAGE]
    broken = np.flatnonzero(~np.isfinite(values))
    values = np.nan_to_num(values, posinf=0, neginf=0)
    largest = float(np.abs(values).max()) or 1.0
    top = TOP + SIDE + 24
    negative = bool((values < 0).any())
    zero = top + (BARS / 2 if negative else BARS)
    unit = (BARS / 2 if negative else BARS) / largest
    step = SIDE / len(values)
    wide = max(1.0, min(step * 0.8, 24.0))
    words = _("value of each channel at this pixel, up to {largest:.3g}")
    if count > PAGE:
        words = _("channels {first} to {last} of {count} here, up to {largest:.3g}")
    words = words.format(largest=largest, first=page, last=page + len(values) - 1, count=count)
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
    marks = [(left + (place + 0.5) * step, zero - 3, "✕") for place in broken.tolist()]
    return parts + svg.texts(marks, 11, fill=BAD_NEWS)  # no number: not a bar of no length


def _range(side: Channels, channel: int) -> str:
    words = (
        _("dark {low:.3g}, light {high:.3g}, for all channels")
        if side.together
        else _("each its own; channel {channel} {low:.3g} to {high:.3g}")
    )
    low, high = side.scales
    return words.format(low=low[channel], high=high[channel], channel=channel)


def _field(seen: Box | None) -> str:
    if seen is None:
        return _("has a field that cannot be measured")
    top, bottom, left, right = seen
    return _("sees rows {top} to {bottom}, columns {left} to {right}").format(
        top=top, bottom=bottom, left=left, right=right
    )


def _said(there: list[Channels], layer, channel, pixel, seen) -> tuple[str, str]:
    """Alternative text, and the words beside the picture."""
    row, column = pixel
    names = [svg.escape(side.name) for side in there]
    of = {"layer": svg.escape(layer), "first": names[0], "second": names[-1],
          "size": " × ".join(map(str, there[0].maps.shape))}  # fmt: skip
    head = _("Layer <b>{layer}</b> of {first}, channels × rows × columns {size}.")
    if len(there) > 1:
        head = _("Layer <b>{layer}</b> of {first} and of {second}, channels × rows × columns "
                 "{size}.")  # fmt: skip
    scale = (
        _("All channels have one colour scale.")
        if there[0].together
        else _("Each channel has a colour scale of its own.")
    )
    at = [
        _("{network}: <b>{value:.3g}</b> (the channel: {low:.3g} to {high:.3g})").format(
            network=name, value=side.maps[channel, row, column],
            low=side.low[channel], high=side.high[channel],
        )
        for name, side in zip(names, there, strict=True)
    ]  # fmt: skip
    there_is = _("Channel {channel} there:").format(channel=channel)
    words = paragraphs(head.format(**of), scale, _of_pixel(row, column, seen), there_is)
    words += f"<ul>{''.join(f'<li>{value}</li>' for value in at)}</ul>"
    key = [_("blue cross: the pixel · red frame: its receptive field, the chosen channel")]
    if not all(side.finite for side in there):
        key.append(_("solid red: not a number, or infinite"))
    return spoken("", words), words + paragraphs(*key)


def _of_pixel(row: int, column: int, seen: Box | None) -> str:
    if seen is None:
        return _("The field of pixel ({row}, {column}) cannot be measured.").format(
            row=row, column=column
        )
    top, bottom, left, right = seen
    return _(
        "Pixel ({row}, {column}) sees rows {top} to {bottom}, columns {left} to {right} "
        "({high} × {wide})."
    ).format(
        row=row, column=column, top=top, bottom=bottom, left=left, right=right,
        high=bottom - top + 1, wide=right - left + 1,
    )  # fmt: skip
