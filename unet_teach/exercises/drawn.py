"""The case that went wrong, drawn: what went in, what came out, what was due, side by side."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np

from unet_teach.exercises.agreement import as_array, close, plain
from unet_teach.translation import _, _n

LARGEST, WITH_NUMBERS = 24, 10  # cells a side: drawn at all, with their numbers written in
CELL, SMALL = 34, 12  # pixels of a cell, with its number and without
WRONG = "#C4500A"


def drawn(case: dict[str, Any], got: Any, due: Any) -> str:
    """HTML with the maps of a case, the cells that differ outlined; "" where there is no map.

    A map is an array of at least two rows and two columns. Of several (a batch, channels, a
    list of maps) the first that differs is drawn.
    """
    found = _first_wrong(got, due)
    if found is None:
        return ""
    place, one, other = found
    maps = [(_("got"), one), (_("due"), other)]
    inputs = [(name, as_array(value)) for name, value in case.items()]
    inputs = [(name, m) for name, m in inputs if m is not None and m.ndim >= 2]
    if len(inputs) == 1:
        name, values = inputs[0]
        maps.insert(0, (name, values[(0,) * (values.ndim - 2)]))
    if any(max(values.shape) > LARGEST or min(values.shape) < 1 for _name, values in maps):
        return ""
    wrong = ~close(one, other) if one.shape == other.shape else None
    figures = "".join(_grid(name, values, wrong if name in (_("got"), _("due")) else None)
                      for name, values in maps)  # fmt: skip
    where = _("at {place}:").format(place=place)
    title = f"<div>{escape(where)}</div>" if place.strip("[0]") else ""
    return (
        f'{title}<div style="display:flex;flex-wrap:wrap;gap:16px;white-space:normal">'
        f"{figures}</div>"
    )


def _first_wrong(got: Any, due: Any) -> tuple[str, np.ndarray, np.ndarray] | None:
    """Where the first map is that differs, what it is, and what it should be."""
    one, other = as_array(got), as_array(due)
    if one is None or other is None:
        got, due = plain(got), plain(due)
        if not (isinstance(got, list) and isinstance(due, list)):
            return None
        for number, pair in enumerate(zip(got, due, strict=False)):
            if (found := _first_wrong(*pair)) is not None:
                place, one, other = found
                if one.shape != other.shape or not close(one, other).all():
                    return f"[{number}]{place}", one, other
        return None
    if one.ndim != other.ndim or one.ndim < 2 or min(one.shape + other.shape) < 1:
        return None
    if max(other.shape[-2:]) < 2 or one.dtype.kind == "c" or other.dtype.kind == "c":
        return None
    for index in np.ndindex(other.shape[:-2]):
        if any(i >= n for i, n in zip(index, one.shape, strict=False)):
            continue
        if one[index].shape != other[index].shape or not close(one[index], other[index]).all():
            return "".join(f"[{i}]" for i in index), one[index], other[index]
    return None


def _grid(name: str, values: np.ndarray, wrong: np.ndarray | None) -> str:
    """One map as a picture: grey from its smallest to its largest value."""
    height, width = values.shape
    written = max(height, width) <= WITH_NUMBERS
    cell = CELL if written else SMALL
    longest = max((len(f"{float(v):.3g}") for v in values.flat), default=0) if written else 0
    wide = max(cell, 12 + 6 * longest)  # so that the longest number fits
    finite = values[np.isfinite(values.astype(float))].astype(float)
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    cells = []
    for i, j in np.ndindex(values.shape):
        value = float(values[i, j])
        level = 0.5 if high == low or not np.isfinite(value) else (value - low) / (high - low)
        grey = round(55 + 200 * level)
        x, y = j * wide, i * cell
        cells.append(f'<rect x="{x}" y="{y}" width="{wide}" height="{cell}" '
                     f'fill="rgb({grey},{grey},{grey})"/>')  # fmt: skip
        if written:
            ink = "#000000" if grey > 140 else "#ffffff"
            cells.append(
                f'<text x="{x + wide / 2:g}" y="{y + cell / 2 + 4}" fill="{ink}" '
                f'font-size="11" text-anchor="middle">{value:.3g}</text>'
            )
    for i, j in np.argwhere(wrong) if wrong is not None else ():
        cells.append(
            f'<rect x="{j * wide + 1.5}" y="{i * cell + 1.5}" width="{wide - 3}" '
            f'height="{cell - 3}" fill="none" stroke="{WRONG}" stroke-width="3"/>'
        )
    count = 0 if wrong is None else int(wrong.sum())
    alt = _("{name}: a map of {height} × {width}, values from {low:.3g} to {high:.3g}.").format(
        name=name, height=height, width=width, low=low, high=high
    )
    if count:
        alt += " " + _n("{n} cell that differs is outlined.",
                        "{n} cells that differ are outlined.", count)  # fmt: skip
    return (
        f'<figure style="margin:4px 0"><figcaption>{escape(name)} '
        f"({height} × {width})</figcaption>"
        f'<svg role="img" aria-label="{escape(alt)}" width="{width * wide}" '
        f'height="{height * cell}" viewBox="0 0 {width * wide} {height * cell}" '
        f'style="outline:1px solid #8A8F98">'
        f"{''.join(cells)}</svg></figure>"
    )
