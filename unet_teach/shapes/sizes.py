"""Which input sizes a U-Net takes, and what it makes of them.

A size is legal when no pooling drops a pixel and at least one pixel comes out. torch
runs the others too: it drops a row at each odd pooling, and the output is then no longer
centred on the input. Sizes are of one side; height and width are each checked apart.
The paper says it in section 3: "it is important to select the input tile size such that
all 2x2 max-pooling operations are applied to a layer with an even x- and y-size".
Lesson 07 finds the rule.
"""

from __future__ import annotations

from itertools import count

from unet_teach.config import UNetConfig, whole


class IllegalSize(ValueError):
    """An input size that this network does not take.

    Attributes
    ----------
    nearest : tuple of int
        The nearest legal sizes, one or two, ascending.
    """

    def __init__(self, message: str, nearest: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.nearest = tuple(nearest)


def conv_loss(config: UNetConfig) -> int:
    """Pixels that one ``DoubleConv`` takes from a side: 4 without padding, 0 with.

    Examples
    --------
    >>> conv_loss(UNetConfig()), conv_loss(UNetConfig(padding="same"))
    (4, 0)
    """
    return 4 if config.padding == "valid" else 0


def size_step(config: UNetConfig) -> int:
    """Distance between two legal sizes: 2 to the number of poolings.

    Examples
    --------
    >>> size_step(UNetConfig())
    16
    """
    return 2**config.depth


def smallest_size(config: UNetConfig) -> int:
    """The smallest legal input size.

    Every legal size grows from a map at the bottom of the U, upwards through the
    contracting path, so the smallest grows from the smallest bottom that leaves an output.

    Examples
    --------
    >>> smallest_size(UNetConfig()), smallest_size(UNetConfig(padding="same"))
    (188, 16)
    """
    loss = conv_loss(config)
    for bottom in count(1):
        size = bottom + loss
        for _ in range(config.depth):
            size = 2 * size + loss
        if _output(config, size) >= 1:
            return size
    raise AssertionError("a large enough bottom always leaves an output")


def skip_sizes(config: UNetConfig, size: int) -> tuple[int, ...]:
    """Sizes of the maps that enter the poolings, top first; a skip starts from each.

    Works for illegal sizes too, and shows what is wrong with them: the first odd number.

    Examples
    --------
    >>> skip_sizes(UNetConfig(), 572)
    (568, 280, 136, 64)
    >>> skip_sizes(UNetConfig(), 570)
    (566, 279, 135, 63)
    """
    size = whole("input size", size, 1)
    sizes = []
    for _ in range(config.depth):
        sizes.append(size - conv_loss(config))
        size = sizes[-1] // 2
    return tuple(sizes)


def _output(config: UNetConfig, size: int) -> int:
    """Output size of a size whose poolings are even; below 1 where nothing is left."""
    skips = skip_sizes(config, size)
    loss = conv_loss(config)
    map_size = skips[-1] // 2 - loss  # the bottom of the U
    for skip in reversed(skips):
        map_size *= 2  # the map from below
        if is_padded(config):
            map_size = skip  # zeros around the map from below
        map_size -= loss
    return map_size


def is_padded(config: UNetConfig) -> bool:
    """Whether the map from below is zero-padded to its skip; without a skip nothing is.

    Examples
    --------
    >>> is_padded(UNetConfig(align="pad")), is_padded(UNetConfig(align="pad", merge="none"))
    (True, False)
    """
    return config.align == "pad" and config.merge != "none"


def nearest_legal_sizes(config: UNetConfig, size: int) -> tuple[int, ...]:
    """The nearest legal sizes: (below, above); one number if size is legal or below all.

    Examples
    --------
    >>> nearest_legal_sizes(UNetConfig(), 570)
    (556, 572)
    >>> nearest_legal_sizes(UNetConfig(), 572), nearest_legal_sizes(UNetConfig(), 100)
    ((572,), (188,))
    """
    size = whole("input size", size)
    smallest, step = smallest_size(config), size_step(config)
    if size <= smallest:
        return (smallest,)
    below = size - (size - smallest) % step
    return (size,) if below == size else (below, below + step)


def legal_sizes(config: UNetConfig, low: int, high: int) -> list[int]:
    """All legal input sizes from ``low`` to ``high``, both included.

    Examples
    --------
    >>> legal_sizes(UNetConfig(), 100, 250)  # n ≡ 12 (mod 16), n ≥ 188
    [188, 204, 220, 236]
    """
    low, high = whole("low", low, 0), whole("high", high, 0)
    if low > high:
        raise ValueError(f"low is {low} and high is {high}; low must not be above high")
    return list(range(nearest_legal_sizes(config, low)[-1], high + 1, size_step(config)))


def output_size(config: UNetConfig, size: int) -> int:
    """Output size of one side; the check that a network makes of height and width.

    Raises
    ------
    IllegalSize
        A pooling would drop a pixel, or no pixel comes out; names the nearest legal sizes.

    Examples
    --------
    >>> output_size(UNetConfig(), 572)
    388
    >>> output_size(UNetConfig(align="pad"), 572)
    564
    >>> output_size(UNetConfig(), 570)
    Traceback (most recent call last):
        ...
    unet_teach.shapes.sizes.IllegalSize: input size 570 does not halve evenly at depth 4 \
with valid convolutions; nearest legal sizes: 556, 572
    """
    size = whole("input size", size)
    nearest = nearest_legal_sizes(config, size)
    if nearest != (size,):
        fault = "does not halve evenly" if len(nearest) == 2 else "is too small"
        word = "sizes" if len(nearest) == 2 else "size"
        raise IllegalSize(
            f"input size {size} {fault} at depth {config.depth} with {config.padding} "
            f"convolutions; nearest legal {word}: {', '.join(map(str, nearest))}",
            nearest,
        )
    return _output(config, size)
