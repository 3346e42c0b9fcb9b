"""Receptive fields: which input pixels can change an output pixel.

Two exact recursions for a chain of layers, forwards and backwards, and the field of every
map in a U-Net. Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional
Neural Networks", Distill 2019, derive both recursions. Lesson 02 measures them by gradient.

What is computed is the *theoretical* field, far from the border: where padding adds zeros,
pixels near the border see less of the image.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from unet_teach.config import UNetConfig, whole
from unet_teach.shapes.sizes import conv_loss, is_padded, skip_sizes, smallest_size


@dataclass(frozen=True)
class Field:
    """The receptive field of a map, along one side.

    Output pixel ``o`` sees ``size`` input pixels, from ``start + o * jump`` on.

    Examples
    --------
    >>> Field(size=6, jump=2, start=0).pixels(3)
    range(6, 12)
    """

    size: int  # input pixels that one output pixel sees
    jump: int  # input pixels from one output pixel to the next
    start: int  # the first that output pixel 0 sees; negative: it lies in the padding

    def pixels(self, output: int) -> range:
        """Indices of the input pixels that output pixel ``output`` sees."""
        first = self.start + whole("output pixel", output, 0) * self.jump
        return range(first, first + self.size)


def _layer(index: int, layer: Sequence[int]) -> tuple[int, int, int, int]:
    """Check one layer, (k, s), (k, s, d) or (k, s, d, p), and fill in d = 1 and p = 0."""
    if not isinstance(layer, Sequence) or isinstance(layer, str) or not 2 <= len(layer) <= 4:
        raise ValueError(
            f"layer {index} is {layer!r}; it must be (k, s), (k, s, d) or (k, s, d, p), "
            f"for example (3, 1)"
        )
    names = (("kernel size k", 1), ("stride s", 1), ("dilation d", 1), ("padding p", 0))
    filled = (*layer, 1, 0)[:4] if len(layer) == 2 else (*layer, 0)[:4]
    k, s, d, p = (
        whole(f"{name} of layer {index}", value, least)
        for (name, least), value in zip(names, filled, strict=True)
    )
    return k, s, d, p


def receptive_field(layers: Iterable[Sequence[int]]) -> Field:
    """Receptive field of a chain of convolutions and poolings, computed forwards.

    ``size`` grows by d(k − 1) *jumps* at each layer, then ``jump`` is multiplied by s.

    Parameters
    ----------
    layers : iterable of (k, s), (k, s, d) or (k, s, d, p)
        Kernel size, stride, dilation and padding of each layer, first layer first.

    Returns
    -------
    Field
        Its size, jump and start, in input pixels.

    Raises
    ------
    ValueError
        A layer is not of that form, or a number in it is not whole or too small.

    Examples
    --------
    >>> receptive_field([(3, 1), (3, 1)])  # two 3×3 see what one 5×5 sees
    Field(size=5, jump=1, start=0)
    >>> receptive_field([(3, 1), (3, 1), (2, 2)])  # the first pooling: 6, not 2 · 5
    Field(size=6, jump=2, start=0)
    """
    size, jump, start = 1, 1, 0
    for index, layer in enumerate(layers):
        k, s, d, p = _layer(index, layer)
        size += d * (k - 1) * jump
        start -= p * jump
        jump *= s
    return Field(size, jump, start)


def receptive_field_backwards(layers: Iterable[Sequence[int]]) -> int:
    """Size of the same field, asked from the end: r ← s·r + k − s, from one output pixel on.

    r neighbouring outputs of a layer see s(r − 1) + d(k − 1) + 1 of its inputs, which
    without dilation is s·r + k − s. Read *forwards*, the same recursion is the popular wrong
    formula: it multiplies at each pooling what was already there.

    Examples
    --------
    >>> layers = [(3, 1), (3, 1), (2, 2)]
    >>> receptive_field_backwards(layers), receptive_field_backwards(layers[::-1])
    (6, 10)
    """
    size = 1
    for index, layer in reversed(list(enumerate(layers))):
        k, s, d, _ = _layer(index, layer)
        size = s * (size - 1) + d * (k - 1) + 1
    return size


@dataclass(frozen=True)
class Reach:
    """Input pixels that every pixel of a map sees; upsampling makes it depend on the phase.

    Pixel ``j`` of the map, with j = q + period·m, sees the inputs ``intervals[q]`` (first
    and last), moved by m·period·jump. A map of the contracting path has period 1: all
    its pixels see equally much.
    """

    jump: int  # input pixels from one pixel of the map to the next: 2 to the level
    intervals: tuple[tuple[int, int], ...]  # first and last input pixel, for each phase

    def of(self, pixel: int) -> tuple[int, int]:
        """First and last input pixel that ``pixel`` of the map sees."""
        turns, phase = divmod(pixel, len(self.intervals))
        first, last = self.intervals[phase]
        moved = turns * len(self.intervals) * self.jump
        return first + moved, last + moved

    @property
    def sizes(self) -> tuple[int, ...]:
        """Receptive field in pixels, for each phase."""
        return tuple(last - first + 1 for first, last in self.intervals)

    def conv(self, k: int, p: int = 0) -> Reach:
        """After a convolution of stride 1: pixel j is made of pixels j − p to j − p + k − 1."""
        pixels = range(len(self.intervals))
        return Reach(self.jump, tuple(self._hull(j - p, j - p + k - 1) for j in pixels))

    def pool(self) -> Reach:
        """After a pooling 2×2, in the contracting path: pixel j is made of 2j and 2j + 1."""
        return Reach(2 * self.jump, (self._hull(0, 1),))

    def up(self, bilinear: bool = False) -> Reach:
        """After upsampling: pixel j is made of j // 2; bilinearly, of its neighbour too."""
        pixels = range(2 * len(self.intervals))
        pairs = [((j - 1) // 2, (j + 1) // 2) if bilinear else (j // 2, j // 2) for j in pixels]
        return Reach(self.jump // 2, tuple(self._hull(*pair) for pair in pairs))

    def shift(self, by: int) -> Reach:
        """After a crop of ``by`` pixels on each side; a negative one pads."""
        return Reach(self.jump, tuple(self.of(j + by) for j in range(len(self.intervals))))

    def _hull(self, first: int, last: int) -> tuple[int, int]:
        seen = [self.of(pixel) for pixel in range(first, last + 1)]
        return min(pair[0] for pair in seen), max(pair[1] for pair in seen)


def skip_margins(config: UNetConfig) -> tuple[int, ...]:
    """Pixels a side by which each skip is larger than the map from below, top first.

    The same at every legal size. Cropping takes them off the skip; with ``align="pad"`` they
    are zeros around the map from below.

    Examples
    --------
    >>> skip_margins(UNetConfig())
    (88, 40, 16, 4)
    >>> skip_margins(UNetConfig(align="pad")), skip_margins(UNetConfig(padding="same"))
    ((8, 8, 8, 4), (0, 0, 0, 0))
    """
    loss, margins = conv_loss(config), []
    skips = skip_sizes(config, smallest_size(config))
    below = skips[-1] // 2 - loss
    for skip in reversed(skips):
        margins.append((skip - 2 * below) // 2)
        below = (skip if is_padded(config) else 2 * below) - loss
    return tuple(reversed(margins))


def _walk(k: int, p: int, shifts: Sequence[int], bilinear: bool = False) -> tuple[Reach, ...]:
    """Down a U and up again: the contracting path's levels, then the output.

    ``shifts`` says for each level, top first, by how many zeros the map from below is framed.
    """
    reach = Reach(1, ((0, 0),)).conv(k, p).conv(k, p)
    found = [reach]
    for _ in shifts:
        reach = reach.pool().conv(k, p).conv(k, p)
        found.append(reach)
    for shift in reversed(shifts):
        # The skip brings nothing new: it sees the middle of what the map from below sees.
        reach = reach.up(bilinear).shift(-shift).conv(k, p).conv(k, p)
    return (*found, reach)


@lru_cache(maxsize=64)
def unet_reach(config: UNetConfig) -> Reach:
    """What each output pixel of a U-Net sees, by its phase modulo 2 to the depth."""
    shifts = skip_margins(config) if is_padded(config) else (0,) * config.depth
    p = 1 if config.padding == "same" else 0
    return _walk(3, p, shifts, config.upsample == "bilinear")[-1]


@lru_cache(maxsize=64)
def u_reaches(depth: int, k: int = 3) -> tuple[Reach, ...]:
    """What each map of a U of any kernel size sees, its zeros around it ("same" padding).

    Two convolutions k×k a level, poolings 2×2, upsampling by repeated pixels.

    Parameters
    ----------
    depth : number of poolings, 0 or more
    k : side of every kernel, odd

    Returns
    -------
    tuple of Reach
        The contracting path's levels 0 … depth, then the output.

    Examples
    --------
    >>> [max(reach.sizes) for reach in u_reaches(4)]
    [5, 14, 32, 68, 140, 204]
    """
    k = whole("kernel size k", k)
    if k % 2 == 0:
        raise ValueError(f"k is {k}; it must be odd, for example {k + 1}")
    return _walk(k, k // 2, (0,) * whole("depth", depth, 0))


def unet_field(config: UNetConfig, output: int) -> range:
    """The input pixels that one output pixel of a U-Net sees, along one side.

    Neighbouring output pixels see differently much: which 2×2 block a pixel lies in, at
    each level, decides what its two 3×3 convolutions reach. The pattern repeats with the
    phase, ``output`` modulo 2 to the depth.

    Parameters
    ----------
    config : UNetConfig
    output : int
        Index of the output pixel, along one side.

    Returns
    -------
    range
        Indices of input pixels; those outside of the image lie beyond its border.

    Examples
    --------
    >>> field = unet_field(UNetConfig(), 0)
    >>> field, len(field)
    (range(0, 188), 188)
    >>> sorted({len(unet_field(UNetConfig(), pixel)) for pixel in range(16)})
    [188, 204]
    """
    first, last = unet_reach(config).of(whole("output pixel", output, 0))
    return range(first, last + 1)
