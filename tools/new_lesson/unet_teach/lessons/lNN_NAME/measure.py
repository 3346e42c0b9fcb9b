"""Lesson NN: the blocks that a row of cells is cut into (REPLACE: what is true)."""

from __future__ import annotations

from unet_teach.config import whole


def blocks(n: int, k: int) -> list[range]:
    """The whole blocks of k cells that a row of n cells holds, the first one first.

    Raises
    ------
    ValueError
        A length below 0, blocks below 1.

    Examples
    --------
    >>> blocks(7, 3)  # cell 6 is left over
    [range(0, 3), range(3, 6)]
    """
    n, k = whole("n", n, 0), whole("k", k, 1)
    return [range(start, start + k) for start in range(0, n - k + 1, k)]
