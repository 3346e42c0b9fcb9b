"""Lesson NN: the blocks that a row of cells is cut into (REPLACE: what is true)."""

from __future__ import annotations

from typing import Any

from unet_teach.config import whole
from unet_teach.translation import _

LARGEST = 16  # cells of a row that can be shown


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


# ------------------------------------------------------------------------- the interactive
def answer(settings: dict[str, Any]) -> dict[str, Any]:
    """What is true for a row of n cells and blocks of k.

    Examples
    --------
    >>> found = answer({"n": 7, "k": 3})
    >>> found["block"], found["rest"]
    ([0, 0, 0, 1, 1, 1, -1], 1)
    """
    n, k = settings["n"], settings["k"]
    if k > n:
        reason = _("a block of {k} is longer than the row, {n}").format(k=k, n=n)
        return {"problem": reason, "offers": [{"k": n}]}
    cut = blocks(n, k)
    of_cell = {cell: number for number, block in enumerate(cut) for cell in block}
    said = _("{n} cells in blocks of {k}: {blocks} blocks, {rest} cells left over.")
    return {
        "block": [of_cell.get(cell, -1) for cell in range(n)],  # -1: left over
        "blocks": len(cut),
        "rest": n - k * len(cut),
        "said": said.format(n=n, k=k, blocks=len(cut), rest=n - k * len(cut)),
    }


def questions() -> dict[str, dict[str, Any]]:
    """A question, as the learner would ask it, and its settings."""
    return {
        _("When is nothing left over?"): {"n": 12, "k": 4},
        _("What is the most that can be lost?"): {"n": 15, "k": 8},
        _("What if the block is too long?"): {"n": 7, "k": 9},
    }


def recorded() -> list[dict[str, Any]]:
    """The settings that the book answers: here all there are."""
    lengths = range(1, LARGEST + 1)
    return [{"n": n, "k": k} for n in lengths for k in lengths]
