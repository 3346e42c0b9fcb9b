"""Lesson 06: the merge, and surgery on the skips of a trained network."""

from __future__ import annotations

import numpy as np

from unet_teach.data.membranes import synthetic_membranes
from unet_teach.drawing.picture import Picture
from unet_teach.lessons.l06_concat_or_add.operations import Operation, operations
from unet_teach.lessons.l06_concat_or_add.picture import merged, operated
from unet_teach.models.pretrained import pretrained
from unet_teach.panel import Panel, choice, slider
from unet_teach.translation import _

SIDE = 192  # of the micrograph; small, since 40 operations are computed at the start
FACTORS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0)


def merge_toggle() -> Panel:
    """Concatenate, add, or leave the skip out: channels, memory, parameters.

    Examples
    --------
    >>> panel = merge_toggle()
    >>> panel.set(merge="none", level=3)
    >>> "1024 channels" in panel.picture.alt, "do not meet" in panel.picture.alt
    (False, True)
    """
    ways = [(_("concatenate (the paper)"), "concat"), (_("add"), "add"), (_("none"), "none")]
    controls = {
        "merge": choice(_("merge"), ways, "concat"),
        "level": slider(_("level of the U"), 0, 0, 3),
    }
    return Panel(_("Three ways to meet"), controls, merged)


def skip_surgery(image: np.ndarray | None = None, labels: np.ndarray | None = None) -> Panel:
    """Scale one skip of a trained network, or exchange it for that of other tissue.

    Parameters
    ----------
    image : uint8 (H, W), optional
        Synthetic membranes where none is given.
    labels : array (H, W) of 0 and 1, with ``image``

    Every operation is computed once, at the start; a move only draws.
    """
    if image is None:
        volume = synthetic_membranes(1, size=SIDE, seed=11)
        image, labels = volume.images[0], volume.labels[0]
    other = synthetic_membranes(1, size=image.shape[0], seed=12).images[0]
    table = operations(pretrained("membranes"), image, labels, other, FACTORS)
    ways = [(_("scale it"), "scale"), (_("swap it for other tissue's"), "swap")]
    controls = {
        "level": slider(_("skip of level"), 0, 0, 3),
        "way": choice(_("operation"), ways, "scale"),
        "factor": slider(_("factor"), 0.0, 0.0, 2.0, 0.25),
    }
    before = table[0, 1.0]

    def draw(level: int, way: str, factor: float) -> Picture:
        operation: Operation = table[level, "swap" if way == "swap" else round(factor, 2)]
        words = _("skip {level} swapped") if way == "swap" else _("skip {level} × {factor:.2f}")
        return operated(
            image, before.probability, operation.probability, operation.scores,
            before.scores, words.format(level=level, factor=factor),
        )  # fmt: skip

    return Panel(_("Skip surgery"), controls, draw)
