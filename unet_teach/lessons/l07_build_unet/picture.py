"""The whole U for any setting, every number at its box; the step that fails, in red.

The boxes stand where `layout` puts them, so that this is the U of the README and of the
lessons; `explorer_drawing` draws it as SVG, in milliseconds. Lesson 07.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from unet_teach.config import UNetConfig, one_of
from unet_teach.drawing.layout import Box, Layout, lay_out
from unet_teach.drawing.picture import Picture, svg_picture
from unet_teach.lessons.l07_build_unet import words
from unet_teach.lessons.l07_build_unet.drawn import (
    RED,
    WIDTH,
    Page,
    Place,
    draw_arrows,
    draw_box,
    draw_head,
    draw_legend,
    draw_notes,
    draw_numbers,
    draw_skips,
    entering_sizes,
)
from unet_teach.lessons.l07_build_unet.floors import Floored, follow
from unet_teach.shapes import Step, Trace, nearest_legal_sizes
from unet_teach.translation import _

SHOW = ("size", "receptive field", "parameters", "operations", "memory")


def u_picture(config: UNetConfig, size: int, show: str = "size") -> Picture:
    """The U at a legal size, with one kind of number at each box.

    Parameters
    ----------
    config : UNetConfig
    size : pixels of one side of the input
    show : one of `SHOW`; pointing at a box shows all of them

    Raises
    ------
    unet_teach.shapes.IllegalSize
        `broken_u` draws what is wrong with such a size.

    Examples
    --------
    >>> "392²" in u_picture(UNetConfig(), 572).body
    True
    """
    one_of("show", show, SHOW)
    layout = lay_out(config, size)
    traced = layout.trace
    places = list(_places(layout, show))
    title = _("U-Net: {size}² in, {output}² out").format(size=size, output=traced.output)
    facts = _("{layers} convolution layers · {parameters} parameters · {operations} GFLOP")
    facts = facts.format(
        layers=traced.convolutions, parameters=f"{traced.parameters:,}",
        operations=f"{traced.operations / 1e9:,.1f}",
    )  # fmt: skip
    page = Page(layout)
    elements = [*draw_head(title, facts), *draw_skips(page, layout), *draw_arrows(page, places)]
    elements += [draw_box(page, place, layout) for place in places]
    elements += draw_numbers(page, places)
    legend, height = draw_legend(config, show, page.height)
    return svg_picture(
        WIDTH, height, [*elements, *legend], words.in_words(traced), words.summary(traced)
    )


def broken_u(config: UNetConfig, size: int) -> Picture:
    """The U at an illegal size: the sizes that torch would give, what goes wrong in red.

    Examples
    --------
    >>> broken_u(UNetConfig(), 570).alt.split(": ")[1]
    'pool 2 gets 279 pixels a side and drops a row and a column'
    """
    floored = follow(config, size)
    # The boxes stand as at the nearest legal size; only what is written differs.
    layout = lay_out(config, nearest_legal_sizes(config, size)[-1])
    places = list(_floored_places(layout, floored))
    page = Page(layout)
    title = _("{size}² does not fit this U").format(size=size)
    reason = failure(floored)
    elements = [*draw_head(title, _outcome(floored, layout.trace), RED)]
    elements += [*draw_skips(page, layout, floored), *draw_arrows(page, places, floored)]
    elements += [draw_box(page, place, layout) for place in places]
    elements += draw_numbers(page, places)
    elements += draw_notes(page, places, floored)
    room = 28 if floored.stuck else 0  # for a note below the lowest row
    legend, height = draw_legend(config, "size", page.height + room)
    alt = f"{title}: {reason}: {_outcome(floored, layout.trace)}"
    return svg_picture(WIDTH, height, [*elements, *legend], alt)


def failure(floored: Floored) -> str:
    """The step that rules a size out, in words.

    Examples
    --------
    >>> failure(follow(UNetConfig(), 100))
    'contract 4 conv 1 gets 2 pixels a side, too few'
    """
    step, size = floored.failing, entering_sizes(floored)[floored.failing]
    many = _("pixel a side") if size == 1 else _("pixels a side")
    end = _("and drops a row and a column") if step in floored.dropped else _("too few")
    join = " " if step in floored.dropped else ", "
    return f"{step} " + _("gets {size} {many}").format(size=size, many=many) + join + end


def _outcome(floored: Floored, legal: Trace) -> str:
    if floored.stuck:
        return _("nothing comes out")
    margins = [skip.crop for skip in legal.skips]
    shift = max(abs(a - b) for a, b in zip(floored.crops, margins, strict=True))
    said = _("torch would give {output}² without a word").format(output=floored.output)
    if not shift:
        return said
    many = _("pixel") if shift == 1 else _("pixels")
    return said + _(", its skips up to {shift} {many} beside the map from below").format(
        shift=shift, many=many
    )


# ------------------------------------------------------------------ what stands at a box
def _names(config: UNetConfig) -> Iterator[str]:
    """The step that made each box's map, in the order of `_boxes`."""
    for level in range(config.depth + 1):
        yield f"pool {level}" if level else "image"
        yield from (f"contract {level} conv {number}" for number in (1, 2))
    for level in reversed(range(config.depth)):
        yield f"up {level}"
        yield from (f"expand {level} conv {number}" for number in (1, 2))
    yield "last"


def _boxes(layout: Layout) -> Iterator[Box]:
    yield from chain.from_iterable(layout.contracting)
    yield from chain.from_iterable(reversed(layout.expansive))


def _steps(traced: Trace) -> Iterator[list[Step]]:
    """The steps behind each box but the first: an upsampling and its merge are one."""
    group: list[Step] = []
    for step in traced.steps:
        if step.kind in ("pool", "conv", "last", "up", "project"):
            if group:
                yield group
            group = []
        group.append(step)
    yield group


def _places(layout: Layout, show: str) -> Iterator[Place]:
    config, groups = layout.trace.config, chain([[]], _steps(layout.trace))
    for box, name, group in zip(_boxes(layout), _names(config), groups, strict=True):
        numbers = [sum(getattr(step, what) for step in group) for what in SHOW[2:]]
        field = group[-1].receptive_field if group else 1
        labels = [f"{box.size}²", f"{field}²", *(words.short(n, 2) for n in numbers)]
        title = _(
            "{name}: {channels} channels of {size}² · receptive field {field}² · {parameters} "
            "parameters · {operations} operations · {memory}B of maps"
        ).format(
            name=name, channels=box.channels, size=box.size, field=field,
            parameters=f"{numbers[0]:,}", operations=words.short(numbers[1]),
            memory=words.short(numbers[2]),
        )  # fmt: skip
        yield Place(box, name, labels[SHOW.index(show)], title)


def _floored_places(layout: Layout, floored: Floored) -> Iterator[Place]:
    sizes: list[int | None] = []
    for row in (*floored.contracting, *reversed(floored.expansive)):
        sizes += [*row, *[None] * (3 - len(row))]
    sizes.append(floored.output)
    pale = False
    rows = zip(_boxes(layout), _names(layout.trace.config), sizes, strict=True)
    for box, name, size in rows:
        pale = pale or name == floored.failing
        label = "–" if size is None else f"{size}²"
        title = f"{name}: {label}"
        yield Place(replace(box, size=size or 0), name, label, title, pale)
