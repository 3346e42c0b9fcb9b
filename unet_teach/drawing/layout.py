"""Where the boxes of the U stand: geometry only, nothing is drawn here.

Lengths are inches. A box is a feature map: its height follows the map's size, its width the
number of channels, both by square root, so that 28² and 1024 still fit beside 572² and 64.
"""

from __future__ import annotations

from dataclasses import dataclass

from unet_teach.config import UNetConfig
from unet_teach.shapes import Skip, Step, Trace, trace
from unet_teach.translation import _

TALLEST = 1.7  # height of the input
GAP = 0.42  # between two boxes of a row: room for an arrow
BETWEEN = 1.0  # between two rows: room for two labels and an arrow
MAPS = ("conv", "concat", "add", "last")  # the kinds of step whose map gets a box


@dataclass(frozen=True)
class Box:
    """A feature map: its place, and what is written at it."""

    x: float  # left edge
    y: float  # centre
    width: float
    height: float
    size: int  # pixels of one side
    channels: int
    role: str  # image, contracting, merged, expansive, output
    skip_share: float = 0.0  # share of the width that came over the skip

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def top(self) -> float:
        return self.y + self.height / 2

    @property
    def bottom(self) -> float:
        return self.y - self.height / 2


@dataclass(frozen=True)
class Layout:
    """All boxes, a row for each level: contracting, then expansive ones, left to right."""

    trace: Trace
    contracting: tuple[tuple[Box, ...], ...]  # by level; the last is the bottom of the U
    expansive: tuple[tuple[Box, ...], ...]  # by level, without the bottom

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, right, bottom, top of all boxes."""
        boxes = [box for row in (*self.contracting, *self.expansive) for box in row]
        xs = [x for box in boxes for x in (box.x, box.right)]
        ys = [y for box in boxes for y in (box.bottom, box.top)]
        return min(xs), max(xs), min(ys), max(ys)


class _Scale:
    """From pixels and channels to inches."""

    def __init__(self, config: UNetConfig, size: int) -> None:
        self.size, self.widest = size, max(config.channels) ** 0.5

    def height(self, size: int) -> float:
        return max(0.2, TALLEST * (size / self.size) ** 0.5)

    def width(self, channels: int) -> float:
        return 0.07 + 0.5 * channels**0.5 / self.widest


def lay_out(config: UNetConfig, size: int) -> Layout:
    """Place the boxes of a U-Net at one input size.

    Examples
    --------
    >>> layout = lay_out(UNetConfig(), 572)
    >>> [box.size for box in layout.contracting[0]], layout.expansive[0][-1].channels
    ([572, 570, 568], 2)
    """
    traced, scale = trace(config, size), _Scale(config, size)
    tallest = [scale.height(_largest(traced, level)) for level in range(config.depth + 1)]
    centres, y = [], 0.0
    for level, height in enumerate(tallest):
        y -= (tallest[level - 1] + height) / 2 + BETWEEN if level else 0
        centres.append(y)
    contracting, x = [], 0.0
    for level, centre in enumerate(centres):
        row = _row(_contracting_maps(traced, level), x, centre, scale)
        contracting.append(row)
        x = row[-1].middle - scale.width(row[-1].channels) / 2  # the pooled map hangs below
    expansive, below = [], contracting[-1]
    for level in reversed(range(config.depth)):
        maps = _expansive_maps(traced, level)
        # The half that came from below stands above the map that it was made of.
        lead = scale.width(maps[0][1]) * (1 - (1 - maps[0][3]) / 2)
        row = _row(maps, below[-1].middle - lead, centres[level], scale)
        expansive.insert(0, row)
        below = row if level else below
    return Layout(traced, tuple(contracting), tuple(expansive))


def _largest(traced: Trace, level: int) -> int:
    steps = [s for s in traced.steps if s.level == level and s.kind in MAPS]
    return max(max(step.input_size, step.output_size) for step in steps)


def _row(maps: list[tuple], x: float, y: float, scale: _Scale) -> tuple[Box, ...]:
    boxes = []
    for size, channels, role, share in maps:
        width = scale.width(channels)
        boxes.append(Box(x, y, width, scale.height(size), size, channels, role, share))
        x += width + GAP
    return tuple(boxes)


def _contracting_maps(traced: Trace, level: int) -> list[tuple]:
    """(size, channels, role, share of the skip) of the row's boxes."""
    convs = _convs(traced, "contract", level)
    role = "image" if level == 0 else "contracting"
    entering = (convs[0].input_size, convs[0].in_channels, role, 0.0)
    return [entering, *((s.output_size, s.out_channels, "contracting", 0.0) for s in convs)]


def _expansive_maps(traced: Trace, level: int) -> list[tuple]:
    convs = _convs(traced, "expand", level)
    share = 0.5 if traced.config.merge == "concat" else 0.0
    entering = (convs[0].input_size, convs[0].in_channels, "merged", share)
    maps = [entering, *((s.output_size, s.out_channels, "expansive", 0.0) for s in convs)]
    if level == 0:
        maps.append((traced.output, traced.config.out_channels, "output", 0.0))
    return maps


def _convs(traced: Trace, path: str, level: int) -> list[Step]:
    return [s for s in traced.steps if s.name.startswith(f"{path} {level} conv")]


def skip_label(skip: Skip) -> tuple[str, str]:
    """What happens to a skip on its way, and the sizes.

    Examples
    --------
    >>> skip_label(trace(UNetConfig(), 572).skips[0])
    ('crop 88', '568² → 392²')
    """
    if not skip.used:
        return _("not used"), ""
    if skip.crop:
        return _("crop {n}").format(n=skip.crop), f"{skip.size}² → {skip.size - 2 * skip.crop}²"
    if skip.pad:  # the map from below is what changes
        words = _("pad {below}² by {n}").format(below=skip.below, n=skip.pad)
        return _("copy {size}²").format(size=skip.size), words
    return _("copy"), f"{skip.size}²"
