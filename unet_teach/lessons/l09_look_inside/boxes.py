"""The steps of a pass in boxes, as the viewer draws them: what belongs together, and where."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from torch import nn

from unet_teach.lessons.l09_look_inside.maps import channels_of
from unet_teach.lessons.l09_look_inside.trace import Step, Trace
from unet_teach.translation import _

# A step whose kind holds one of these begins a box, even where it changes no size.
BEGINS = (
    "conv",
    "linear",
    "attention",
    "matmul",
    "bmm",
    "einsum",
    "pool",
    "lstm",
    "gru",
    "crop",
)


@dataclass
class Box:
    """Steps that follow each other alone, such as convolution, batch norm and ReLU."""

    steps: list[int]
    parents: list[int] = field(default_factory=list)  # boxes
    level: int = 0  # how often its maps were halved, on the whole
    side: str = "flow"  # "down", "bottom" or "up" in a U


def boxed(trace: Trace) -> list[Box]:
    """Boxes of a trace, in order: steps that follow each other and that no one else reads.

    Examples
    --------
    >>> import torch
    >>> from unet_teach.lessons.l09_look_inside.trace import traced
    >>> net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Conv2d(2, 2, 3))
    >>> [box.steps for box in boxed(traced(net, torch.zeros(1, 1, 8, 8)))]
    [[0], [1, 2], [3]]
    """
    steps, readers = trace.steps, [0] * len(trace.steps)
    for step in steps:
        for parent in step.parents:
            readers[parent] += 1
    for number in trace.outputs.values():
        readers[number] += 1
    boxes: list[Box] = []
    holder: dict[int, int] = {}  # step -> box
    for number, step in enumerate(steps):
        parent = step.parents[0] if len(step.parents) == 1 else None
        if (
            parent is not None
            and readers[parent] == 1
            and steps[parent].parents
            and steps[parent].maps.shape == step.maps.shape
            and not any(word in step.kind.lower() for word in BEGINS)
        ):
            holder[number] = holder[parent]
            boxes[holder[number]].steps.append(number)
            continue
        holder[number] = len(boxes)
        found = dict.fromkeys(holder[parent] for parent in step.parents)
        level = _level(step, trace, boxes, list(found))
        boxes.append(Box([number], list(found), level))
    _as_u(boxes)
    return boxes


def _level(step: Step, trace: Trace, boxes: list[Box], parents: list[int]) -> int:
    """The level of what went in, one deeper for each halving, one higher for each doubling."""
    if not parents:
        return 0
    high, above = max(
        (channels_of(trace.steps[boxes[p].steps[-1]].maps).shape[-2], boxes[p].level)
        for p in parents
    )
    now = channels_of(step.maps).shape[-2]
    stride = getattr(step.module, "stride", None)
    valid = isinstance(step.module, nn.Conv2d) and stride in (1, (1, 1))
    if valid or step.kind == "crop" or not now or not high:  # loses a margin, halves nothing
        return above
    return max(0, above + round(math.log2(high / now)))


def _as_u(boxes: list[Box]) -> None:
    """Mark the sides, where the levels go down once and up once; else all stay in the flow."""
    levels = [box.level for box in boxes]
    deepest = max(levels)
    first, last = levels.index(deepest), len(levels) - 1 - levels[::-1].index(deepest)
    down, up = levels[:first], levels[last + 1 :]
    if not down or not up or down != sorted(down) or up != sorted(up, reverse=True):
        return
    if set(levels[first : last + 1]) != {deepest} or up[-1] > deepest - 1 or deepest < 1:
        return
    for number, box in enumerate(boxes):
        box.side = "down" if number < first else "up" if number > last else "bottom"


WORDS = {
    "input": _("image"), "max_pool2d": _("max pool"), "MaxPool2d": _("max pool"),
    "interpolate": _("resize"), "Upsample": _("resize"), "crop": _("crop"), "cat": _("join"),
    "add": _("add"), "BatchNorm2d": _("norm"), "relu": "ReLU", "Dropout": _("dropout"),
    "UpConv": _("up-conv"), "ConvTranspose2d": _("up-conv"), "Linear": _("linear"),
    "MultiheadAttention": _("attention"), "Around": _("traced"),
}  # fmt: skip


def word(step: Step) -> str:
    """A step's kind as it stands under its box: short."""
    kernel = getattr(step.module, "kernel_size", None)
    if "Conv2d" in step.kind and isinstance(kernel, tuple):
        return _("conv {kernel}").format(kernel="×".join(map(str, kernel)))
    return WORDS.get(step.kind, step.kind)
