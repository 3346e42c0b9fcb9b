"""The drawn U in words: what is where, and what goes wrong at an illegal size."""

from __future__ import annotations

from unet_teach.lessons.l07_build_unet.floors import Floored
from unet_teach.shapes import Trace
from unet_teach.translation import _, _n

PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


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


def failure(floored: Floored, short: bool = False) -> str:
    """The step that rules a size out, in words.

    Examples
    --------
    >>> from unet_teach.config import UNetConfig
    >>> from unet_teach.lessons.l07_build_unet.floors import follow
    >>> failure(follow(UNetConfig(), 100))
    'contract 4 conv 1 gets 2 pixels in height and width, too few'
    >>> failure(follow(UNetConfig(), 570), short=True)
    '279 is odd: a row and a column are lost'
    """
    step, size = floored.failing, _entering(floored)[floored.failing]
    if step in floored.dropped:
        if short:
            return _("{size} is odd: a row and a column are lost").format(size=size)
        lost = _("{step} gets {size} pixels in height and width and drops a row and a column")
        return lost.format(step=step, size=size)
    if short:
        return _("{size} is too small").format(size=size)
    return _n(
        "{step} gets {n} pixel in height and width, too few",
        "{step} gets {n} pixels in height and width, too few",
        size, step=step,
    )  # fmt: skip


def outcome(floored: Floored, margins: list[int]) -> str:
    """What torch makes of an illegal size; ``margins`` are the crops of a legal one."""
    if floored.stuck:
        return _("nothing comes out")
    said = _("torch would return {output}² without an error").format(output=floored.output)
    shift = max(abs(a - b) for a, b in zip(floored.crops, margins, strict=True))
    if not shift:
        return said
    return said + _n(
        ", its skips shifted by up to {n} pixel from the map from below",
        ", its skips shifted by up to {n} pixels from the map from below",
        shift,
    )


def _entering(floored: Floored) -> dict[str, int]:
    """The size that each step gets, as far as the map came."""
    found: dict[str, int] = {}
    for path, rows in (("contract", floored.contracting), ("expand", floored.expansive)):
        for level, row in enumerate(rows):
            found |= {f"{path} {level} conv {n}": size for n, size in enumerate(row[:2], 1)}
    for level, row in enumerate(floored.contracting[:-1]):
        if len(row) == 3:
            found[f"pool {level + 1}"] = row[2]
    return found


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
    return [str(traced.config.channels[level]), sides[0], skip, sides[1]]


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
    rows = [_level_row(traced, level) for level in range(config.depth + 1)]
    said = [f"{row[0]} channels, {', '.join(row[1:])}" for row in rows]
    return f"{first} {'; '.join(said)}."
