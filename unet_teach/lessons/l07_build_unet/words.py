"""What the whole-U explorer says beside its drawing: totals, a row a level, and in words."""

from __future__ import annotations

from unet_teach.drawing.svg import escape
from unet_teach.shapes import Trace
from unet_teach.translation import _

PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
CELL = "padding:2px 10px;text-align:right;border-bottom:1px solid #D5DAE1;white-space:nowrap"


def short(number: float, digits: int = 3) -> str:
    """A number with a prefix, in few characters.

    Examples
    --------
    >>> short(36928), short(36928, 2), short(2359808), short(960, 2), short(0)
    ('36.9 k', '37k', '2.36 M', '960', '0')
    """
    space = " " if digits > 2 else ""
    for size, prefix in PREFIXES:
        if round(number) >= size:
            value = number / size
            places = max(0, digits - len(str(int(value))))
            return f"{value:.{places}f}{space}{prefix}"
    return f"{number:.0f}"


def cells(row: list[object], tag: str = "td") -> str:
    """One row of a table."""
    return "<tr>" + "".join(f'<{tag} style="{CELL}">{word}</{tag}>' for word in row) + "</tr>"


def summary(traced: Trace) -> str:
    """The totals and a table with a row for each level, as HTML.

    Examples
    --------
    >>> from unet_teach.config import UNetConfig
    >>> from unet_teach.shapes import trace
    >>> "31,030,658" in summary(trace(UNetConfig(), 572))
    True
    """
    head = [_("level"), _("channels"), _("contracting"), _("skip"), _("expansive"),
            _("parameters"), _("operations"), _("memory")]  # fmt: skip
    rows = [cells(_level_row(traced, level)) for level in range(traced.config.depth + 1)]
    total = [_("in all"), "", f"{traced.size}²", "", f"{traced.output}²"]
    total += [f"{traced.parameters:,}", f"{traced.operations / 1e9:,.1f} GFLOP"]
    total += [f"{traced.memory / 1e6:,.0f} MB"]
    note = _(
        "Operations: of the convolutions, a multiply-add counted as 2. Memory: every map once, "
        "float32, one image. An output pixel sees {field} input pixels along a side; "
        "the output ends {margin} pixels inside of each edge."
    ).format(field=_fields(traced), margin=traced.margin)
    # Below the U where there is no room beside it; to be scrolled on a page narrower than it.
    return (
        f'<div tabindex="0" role="region" aria-label="{_("the numbers, level by level")}" '
        'style="contain:inline-size;overflow-x:auto;min-width:min(760px,40vw)">'
        '<table style="border-collapse:collapse;font-size:13px">'
        f"{cells(head, 'th')}{''.join(rows)}{cells([f'<b>{word}</b>' for word in total])}"
        f'</table></div><p style="font-size:13px;margin:6px 0 0">{escape(note)}</p>'
    )


def _fields(traced: Trace) -> str:
    last = traced.steps[-1]
    largest, smallest = last.receptive_field, last.receptive_field_smallest
    return (
        f"{largest}"
        if largest == smallest
        else _("{least} to {most}").format(least=smallest, most=largest)
    )


def _level_row(traced: Trace, level: int) -> list[str]:
    steps = [step for step in traced.steps if step.level == level]
    down = [step for step in steps if step.name.startswith("contract")]
    up = [step for step in steps if step.name.startswith("expand")]
    sides = [f"{part[0].input_size}² → {part[-1].output_size}²" if part else "–"
             for part in (down, up)]  # fmt: skip
    skip = _skip_words(traced, level) if level < traced.config.depth else "–"
    parameters = sum(step.parameters for step in steps)
    operations = sum(step.operations for step in steps) / 1e9
    memory = sum(step.memory for step in steps) / 1e6
    numbers = [f"{parameters:,}", f"{operations:,.1f} GFLOP", f"{memory:,.0f} MB"]
    channels = str(traced.config.channels[level])
    return [str(level), channels, sides[0], skip, sides[1], *numbers]


def _skip_words(traced: Trace, level: int) -> str:
    skip = traced.skips[level]
    if not skip.used:
        return _("not used")
    if skip.crop:
        return f"{skip.size} − 2·{skip.crop} = {skip.size - 2 * skip.crop}"
    if skip.pad:
        return f"{skip.size} = {skip.below} + 2·{skip.pad}"
    return f"{skip.size}"


def in_words(traced: Trace) -> str:
    """The whole picture for those who do not see it.

    Examples
    --------
    >>> from unet_teach.config import UNetConfig
    >>> from unet_teach.shapes import trace
    >>> in_words(trace(UNetConfig(depth=1), 572))[:42]
    'U-Net of depth 1 at 572², valid convolutio'
    """
    config = traced.config
    first = _(
        "U-Net of depth {depth} at {size}², {padding} convolutions: {output}² comes out, "
        "{parameters} parameters, {operations} GFLOP, {memory} MB of maps, receptive field "
        "{field} pixels. Level by level, contracting path, skip, expansive path:"
    ).format(
        depth=config.depth, size=traced.size, padding=config.padding, output=traced.output,
        parameters=f"{traced.parameters:,}", operations=f"{traced.operations / 1e9:.1f}",
        memory=f"{traced.memory / 1e6:.0f}", field=_fields(traced),
    )  # fmt: skip
    rows = [_level_row(traced, level)[1:5] for level in range(config.depth + 1)]
    said = [f"{row[0]} channels, {', '.join(row[1:])}" for row in rows]
    return f"{first} {'; '.join(said)}."
