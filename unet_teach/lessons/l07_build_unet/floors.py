"""What happens to any input size, legal or not: a pooling rounds down, as it does in torch.

`sizes` says which sizes are legal; here a size is followed through the U all the same, to
see which step drops a pixel and what that does to the skips. Lesson 07 draws it.
"""

from __future__ import annotations

from dataclasses import dataclass

from unet_teach.config import UNetConfig, whole
from unet_teach.shapes.sizes import is_padded


@dataclass(frozen=True)
class Floored:
    """The sizes of all maps, as far as they come; the steps that drop or run out of pixels.

    A row holds the map that enters a level and those after its two convolutions. Steps are
    named as in `Trace`.
    """

    size: int
    contracting: tuple[tuple[int, ...], ...]  # by level
    expansive: tuple[tuple[int, ...], ...]  # by level; empty where the map never came
    crops: tuple[int, ...]  # pixels that a centre crop takes off the skip's left, by level
    dropped: tuple[str, ...]  # the poolings that drop a row and a column
    stuck: str  # the step for which too few pixels are left; "" where the end is reached

    @property
    def output(self) -> int | None:
        """Pixels of one side that come out, or None."""
        return None if self.stuck else self.expansive[0][-1]

    @property
    def failing(self) -> str:
        """The step that rules this size out, "" where it is legal."""
        return self.stuck or next(iter(self.dropped), "")


class _Stuck(Exception):
    pass


class _Walk:
    """One map's size, and the rules that torch has for it."""

    def __init__(self, config: UNetConfig, size: int) -> None:
        self.loss, self.size = 2 if config.padding == "valid" else 0, size
        self.dropped: list[str] = []

    def double_conv(self, path: str, level: int, row: list[int]) -> None:
        row.append(self.size)
        for number in (1, 2):
            if self.size <= self.loss:
                raise _Stuck(f"{path} {level} conv {number}")
            self.size -= self.loss
            row.append(self.size)

    def pool(self, level: int) -> None:
        if self.size < 2:
            raise _Stuck(f"pool {level}")
        if self.size % 2:
            self.dropped.append(f"pool {level}")
        self.size //= 2


def follow(config: UNetConfig, size: int) -> Floored:
    """Follow any size through a U-Net, as torch would run it.

    Examples
    --------
    >>> follow(UNetConfig(), 572).output, follow(UNetConfig(), 570).output
    (388, 372)
    >>> follow(UNetConfig(), 570).dropped
    ('pool 2', 'pool 3', 'pool 4')
    >>> follow(UNetConfig(), 570).crops, follow(UNetConfig(), 572).crops
    ((95, 43, 17, 4), (88, 40, 16, 4))
    >>> follow(UNetConfig(), 100).stuck
    'contract 4 conv 1'
    """
    size = whole("input size", size, 1)
    walk, levels = _Walk(config, size), range(config.depth)
    down: list[list[int]] = [[] for _ in range(config.depth + 1)]
    up: list[list[int]] = [[] for _ in levels]
    crops, stuck = [0 for _ in levels], ""
    try:
        for level, row in enumerate(down):
            if level:
                walk.pool(level)
            walk.double_conv("contract", level, row)
        for level in reversed(levels):
            walk.size *= 2
            if is_padded(config):
                walk.size = down[level][-1]
            elif config.merge != "none":
                crops[level] = (down[level][-1] - walk.size) // 2
            walk.double_conv("expand", level, up[level])
    except _Stuck as step:
        stuck = str(step)
    rows = (tuple(map(tuple, down)), tuple(map(tuple, up)))
    return Floored(size, *rows, tuple(crops), tuple(walk.dropped), stuck)
