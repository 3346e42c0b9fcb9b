"""The whole U, step by step: sizes, channels, fields, parameters, operations, memory.

The paper's figure 1 as a table. Lesson 07 draws it; ``models.unet`` builds it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from unet_teach.config import UNetConfig, whole
from unet_teach.shapes.fields import Reach, skip_margins
from unet_teach.shapes.sizes import is_padded, output_size

FLOAT32_BYTES = 4
CONVOLUTIONS = ("conv", "up", "project", "last")  # the kinds of step that carry a kernel


@dataclass(frozen=True)
class Step:
    """One layer of the U and the map that it gives, for one square image."""

    name: str  # unique, for example "contract 0 conv 1"
    level: int  # 0 at the top of the U, the depth at its bottom
    kind: str  # conv, batch_norm, pool, dropout, up, project, interpolate, shuffle, pad, ...
    input_size: int  # pixels of one side
    output_size: int
    in_channels: int
    out_channels: int
    receptive_field: int  # input pixels of one side; the largest over the phases
    receptive_field_smallest: int  # the smallest: differs in the expansive path only
    parameters: int
    operations: int  # of convolutions, a multiply-add counted as 2, biases left out
    memory: int  # bytes of the map it gives, at float32

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.in_channels}×{self.input_size}² → "
            f"{self.out_channels}×{self.output_size}²"
        )


@dataclass(frozen=True)
class Skip:
    """One skip: a map of the contracting path and the map from below that it meets."""

    level: int
    size: int  # pixels of one side, before any crop
    below: int  # of the upsampled map from below, before any padding
    crop: int  # pixels taken off each side of the skip
    pad: int  # zeros added on each side of the map from below
    channels: int
    used: bool  # False with merge="none": then nothing is cropped or padded


@dataclass(frozen=True)
class Trace:
    """A U-Net at one input size: every step and skip, and the totals.

    ``print(trace)`` shows it as a table.
    """

    config: UNetConfig
    size: int
    output: int
    steps: tuple[Step, ...]
    skips: tuple[Skip, ...]  # top first

    @property
    def margin(self) -> int:
        """Pixels a side by which the output is smaller than the input (the context)."""
        return (self.size - self.output) // 2

    @property
    def parameters(self) -> int:
        """Numbers that training changes."""
        return sum(step.parameters for step in self.steps)

    @property
    def operations(self) -> int:
        """Operations of all convolutions on one image, a multiply-add counted as 2."""
        return sum(step.operations for step in self.steps)

    @property
    def memory(self) -> int:
        """Bytes of all maps together, at float32 for one image: roughly what training keeps."""
        return sum(step.memory for step in self.steps)

    @property
    def convolutions(self) -> int:
        """Convolution layers, the up-convolutions counted, as in the paper: 23."""
        return sum(step.kind in CONVOLUTIONS for step in self.steps)

    @property
    def receptive_field(self) -> int:
        """Input pixels of one side that an output pixel sees, at the largest phase."""
        return self.steps[-1].receptive_field

    def __str__(self) -> str:
        rows = [("step", "channels", "size", "field", "parameters", "MFLOP", "MB")]
        for s in self.steps:
            maps = (s.name, s.out_channels, s.output_size, s.receptive_field, s.parameters)
            rows.append((*map(str, maps), *_millions(s.operations, s.memory)))
        sizes = f"{self.size} → {self.output}"
        maps = ("in all", "", sizes, self.receptive_field, self.parameters)
        rows.append((*map(str, maps), *_millions(self.operations, self.memory)))
        first, *others = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "  ".join([row[0].ljust(first), *map(str.rjust, row[1:], others)]) for row in rows
        )


def _millions(*numbers: int) -> tuple[str, ...]:
    return tuple(f"{number / 1e6:.1f}" for number in numbers)


class _Tracer:
    """Walks through the U with a map of one size, and notes every step."""

    def __init__(self, config: UNetConfig, size: int) -> None:
        self.config, self.size, self.channels = config, size, config.in_channels
        self.reach = Reach(1, ((0, 0),))
        self.steps: list[Step] = []
        self.skips: list[Skip] = []

    def step(
        self,
        name: str,
        level: int,
        kind: str,
        *,
        size: int | None = None,
        channels: int | None = None,
        reach: Reach | None = None,
        parameters: int = 0,
        operations: int = 0,
    ) -> None:
        """Note one step; whatever it does not change may be left out."""
        size = self.size if size is None else size
        channels = self.channels if channels is None else channels
        self.reach = reach or self.reach
        fields, memory = self.reach.sizes, channels * size**2 * FLOAT32_BYTES
        before, largest, smallest = (self.size, size), max(fields), min(fields)
        maps = (*before, self.channels, channels, largest, smallest)
        self.steps.append(Step(name, level, kind, *maps, parameters, operations, memory))
        self.size, self.channels = size, channels

    def conv(
        self, name: str, level: int, kind: str, k: int, channels: int, bias: bool = True
    ) -> None:
        """A convolution k×k of stride 1: k² weights for each pair of channels, and a bias."""
        padding = (k - 1) // 2 if self.config.padding == "same" else 0
        size = self.size + 2 * padding - (k - 1)
        weights = k * k * self.channels * channels
        self.step(
            name,
            level,
            kind,
            size=size,
            channels=channels,
            reach=self.reach.conv(k, padding),
            parameters=weights + (channels if bias else 0),
            operations=2 * weights * size**2,
        )

    def double_conv(self, path: str, level: int) -> None:
        """Two 3×3 convolutions; ReLU works in place and is no step of its own."""
        channels, norm = self.config.channels[level], self.config.batch_norm
        for number in (1, 2):
            name = f"{path} {level} conv {number}"
            self.conv(name, level, "conv", 3, channels, bias=not norm)
            if norm:  # a scale and a shift for each channel
                name = f"{path} {level} batch norm {number}"
                self.step(name, level, "batch_norm", parameters=2 * channels)

    def upsample(self, level: int) -> None:
        """From the level below: twice the size, half the channels."""
        how, channels = self.config.upsample, self.config.channels[level]
        reach, size = self.reach.up(how == "bilinear"), 2 * self.size
        if how == "transposed":  # every input pixel paints a 2×2 block
            weights = 2 * 2 * self.channels * channels
            self.step(
                f"up {level}",
                level,
                "up",
                size=size,
                channels=channels,
                reach=reach,
                parameters=weights + channels,
                operations=2 * weights * self.size**2,
            )
            return
        maps = 4 * channels if how == "pixel_shuffle" else channels
        kind = "shuffle" if how == "pixel_shuffle" else "interpolate"
        self.conv(f"up {level} project", level, "project", 1, maps)
        self.step(f"up {level} {kind}", level, kind, size=size, channels=channels, reach=reach)

    def join(self, level: int, skip_size: int, margin: int) -> None:
        """Bring skip and map to one size, and merge them."""
        config, below = self.config, self.size
        channels, used = config.channels[level], config.merge != "none"
        pad = margin if is_padded(config) else 0
        crop = margin if used and not pad else 0
        self.skips.insert(0, Skip(level, skip_size, below, crop, pad, channels, used))
        if pad:
            reach = self.reach.shift(-pad)
            self.step(f"pad {level}", level, "pad", size=skip_size, reach=reach)
        if used:
            joined = 2 * channels if config.merge == "concat" else channels
            # Same reach: the skip sees the middle of what the map from below sees.
            self.step(f"{config.merge} {level}", level, config.merge, channels=joined)


def _contract(tracer: _Tracer) -> Iterator[int]:
    """Down the U; gives the size of the map of every level."""
    config = tracer.config
    for level in range(config.depth + 1):
        if level:
            reach = tracer.reach.pool()
            tracer.step(f"pool {level}", level, "pool", size=tracer.size // 2, reach=reach)
        tracer.double_conv("contract", level)
        if config.dropout and level >= config.depth - 1:
            tracer.step(f"dropout {level}", level, "dropout")
        yield tracer.size


@lru_cache(maxsize=256)
def _trace(config: UNetConfig, size: int) -> Trace:
    output_size(config, size)  # raises IllegalSize
    tracer, margins = _Tracer(config, size), skip_margins(config)
    sizes = list(_contract(tracer))
    for level in reversed(range(config.depth)):
        tracer.upsample(level)
        tracer.join(level, sizes[level], margins[level])
        tracer.double_conv("expand", level)
    tracer.conv("last", 0, "last", 1, config.out_channels)
    return Trace(config, size, tracer.size, tuple(tracer.steps), tuple(tracer.skips))


def trace(config: UNetConfig, size: int) -> Trace:
    """Follow one square image through a U-Net, without building it.

    Parameters
    ----------
    config : UNetConfig
    size : int
        Pixels of one side of the input.

    Returns
    -------
    Trace
        Every step with its sizes, channels, receptive field, parameters, operations and
        memory; the skips with what is cropped or padded; the totals.

    Raises
    ------
    IllegalSize
        A pooling would drop a pixel, or nothing would come out; ``.nearest`` names the
        nearest legal sizes.

    Notes
    -----
    Operations are those of the convolutions, a multiply-add counted as 2: biases, ReLU,
    batch norm, pooling and interpolation are left out. Memory is one float32 tensor for
    each step (ReLU in place): about what training has to keep until the backward pass,
    without weights, gradients and the workspace of the convolutions.

    Examples
    --------
    >>> unet = trace(UNetConfig(), 572)
    >>> unet.output, unet.margin, unet.parameters, unet.convolutions
    (388, 92, 31030658, 23)
    >>> [skip.crop for skip in unet.skips]
    [88, 40, 16, 4]
    >>> print(unet.steps[0])
    contract 0 conv 1: 1×572² → 64×570²
    >>> f"{unet.operations / 1e9:.1f} GFLOP"
    '300.9 GFLOP'
    """
    return _trace(config, whole("input size", size))
