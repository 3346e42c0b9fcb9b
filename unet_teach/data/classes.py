"""Which class a mask's values mean: settled over all masks together, refused where in doubt.

Without `values` the numbers are the classes where they are 0, 1, 2, … without a gap. As a mask
has to be seen, evenly spaced greys up to 255 (or 65535) stand for classes too: 0/255 is 0/1,
0/128/255 is 0/1/2. Everything else is a question, and so are three cases that only look plain:

- numbers that are a single piece in each mask: objects counted, rather than classes;
- a grey found in thin lines only: a mask that was resampled, rather than one class more;
- a palette (or a TIFF with white stored as 0) whose numbers and colours differ in order.

``values`` answers all of them: the value of class 0, of class 1, …, each a number (what is
stored), a range such as ``1-65535``, or a colour such as ``#ff0000`` (what is shown).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from unet_teach.data.questions import (
    disagreement,
    explained,
    refuse_lines,
    refuse_lossy,
    refuse_objects,
    refuse_other_alpha,
)
from unet_teach.data.stored import MOST_GREYS, Drawn, place_of
from unet_teach.data.volume import VOID, DataError, few

MOST_CLASSES = VOID


@dataclass(frozen=True)
class Classes:
    """All masks as classes, and how that was understood."""

    count: int
    labels: list[np.ndarray]  # uint8 (H, W)
    meaning: tuple[str, ...]  # what each class's value is
    notes: tuple[str, ...] = ()


Range = tuple[int, int]  # lowest and highest value of a class


def classes_of(
    masks: list[Drawn], values: str | Sequence | None = None, void: int | str | None = None
) -> Classes:
    """Number the values of all masks together; see this module's first lines.

    Raises
    ------
    DataError
        Values that are no classes, or that may be meant in two ways: the message has both,
        and the `values` that say which.
    """
    ranges, coloured = parse_values(values)
    void_range, void_coloured = parse_values(None if void is None else [void])
    refuse_lossy(masks, ranges)
    if coloured or void_coloured:
        if not coloured or (void_range and not void_coloured):
            raise DataError("give the classes and void both as numbers, or both as colours")
        way = "colour"
    else:
        void_number = void_range[0][0] if void_range else None
        way = _chosen_way(masks, ranges is not None, void_number)
    found = _found(masks, way)
    if void_range:
        found = found[(found < void_range[0][0]) | (found > void_range[0][1])]
    if ranges is None:
        ranges = [(value, value) for value in _plain(masks, found.tolist(), way)]
    else:
        _check_ranges(found, ranges, values, masks)
    if len(ranges) > MOST_CLASSES:
        raise DataError(
            f"{len(ranges)} classes in {place_of(masks)}; at most {MOST_CLASSES} fit"
        )
    labels = [_label(mask.read(way), ranges, void_range) for mask in masks]
    return Classes(
        max(2, len(ranges)), labels, tuple(map(_spell(way), ranges)), _notes(masks, labels, way)
    )


def parse_values(values: str | Sequence | None) -> tuple[list[Range] | None, bool]:
    """Ranges of the classes, and whether they are of colours (0xRRGGBB).

    Examples
    --------
    >>> parse_values("0, 1-65535"), parse_values(["#000000", "#ff0000"])
    (([(0, 0), (1, 65535)], False), ([(0, 0), (16711680, 16711680)], True))
    """
    if values is None:
        return None, False
    parts = values.split(",") if isinstance(values, str) else list(values)
    ranges, colours = [], set()
    for part in parts:
        low, high, colour = _parse(part)
        ranges.append((low, high))
        colours.add(colour)
    if len(colours) != 1:
        raise DataError(f"{values!r}: give numbers for all classes, or colours for all")
    return ranges, colours.pop()


def _parse(part: object) -> tuple[int, int, bool]:
    if isinstance(part, (int, np.integer)):
        return int(part), int(part), False
    if isinstance(part, tuple) and len(part) == 2:
        return int(part[0]), int(part[1]), False
    word = str(part).strip()
    if re.fullmatch("#[0-9a-fA-F]{6}", word):
        return int(word[1:], 16), int(word[1:], 16), True
    match = re.fullmatch(r"(-?\d+)(?:-(-?\d+))?", word)
    if not match:
        raise DataError(
            f"class value {word!r}; valid: a number (255), a range (1-65535), a colour "
            "(#ff0000)"
        )
    low = int(match[1])
    return low, int(match[2] or low), False


def _chosen_way(masks: list[Drawn], given: bool, void: int | None) -> str:
    """By number, by grey shown or by alpha; both readings in the refusal where in doubt."""
    if any(mask.alpha is not None for mask in masks):
        if all(_one_colour(mask) for mask in masks):
            return "alpha"
        if not given:
            refuse_other_alpha(masks)
    if given or any(mask.numbers is None for mask in masks):
        return "number"  # where some have colours alone, reading them explains
    doubtful = [mask for mask in masks if mask.doubtful]
    if not doubtful:
        return "number"
    pairs = _pairs(masks)  # (number, colour) of every value that occurs
    pairs = [(n, c) for n, c in pairs if n != void]
    numbers, colours = ({pair[i] for pair in pairs} for i in (0, 1))
    one_to_one = len(pairs) == len(numbers) == len(colours)
    if any(mask.coloured for mask in masks):
        if not one_to_one or any(c == 0 and n != 0 for n, c in pairs):
            raise disagreement(masks, pairs)
        return "number"
    by_number, by_grey = meant(sorted(numbers)), meant(sorted(c & 255 for c in colours))
    if by_number and by_grey:
        same = all(by_number.index(n) == by_grey.index(c & 255) for n, c in pairs)
        if not same:
            raise disagreement(masks, pairs)
    return "grey" if by_grey and not by_number else "number"


def _one_colour(mask: Drawn) -> bool:
    shown = mask.shown()
    return bool((shown == shown.flat[0]).all())


def _pairs(masks: list[Drawn]) -> list[tuple[int, int]]:
    found = set()
    for mask in masks:
        used = np.unique(mask.numbers)
        codes = used * 0x010101 if mask.table is None else mask.table[used]
        found |= set(zip(used.tolist(), codes.tolist(), strict=True))
    return sorted(found)


def _found(masks: list[Drawn], way: str) -> np.ndarray:
    return np.unique(np.concatenate([np.unique(mask.read(way)) for mask in masks]))


def meant(found: list[int], greys: bool = True) -> list[int] | None:
    """The value of class 0, 1, …, where it is plain which classes the values mean.

    Examples
    --------
    >>> meant([0, 255]), meant([255]), meant([0, 1, 2]), meant([0, 90, 255])
    ([0, 255], [0, 255], [0, 1, 2], None)
    """
    if not found:
        return None
    if found[0] >= 0 and found[-1] <= 1:
        return [0, 1]
    white = found[-1]
    if found == list(range(len(found))) and white < 255:
        return found
    if white not in (255, 65535) or not greys:
        return None
    if len(found) == 1:
        return [0, white]
    steps = [white * rank / (len(found) - 1) for rank in range(len(found))]
    even = all(abs(value - step) <= 1 for value, step in zip(found, steps, strict=True))
    return found if even and len(found) <= MOST_GREYS else None


def _plain(masks: list[Drawn], found: list[int], way: str) -> list[int]:
    """`meant`, or what may be meant, as a DataError."""
    chosen = meant(found, greys=not any(mask.coloured for mask in masks))
    if chosen is None:
        raise DataError(f"masks in {place_of(masks)} hold {explained(found)}")
    counted = chosen == list(range(len(chosen)))
    (refuse_objects if counted else refuse_lines)(masks, way, chosen)
    return chosen


def _check_ranges(found: np.ndarray, ranges: list[Range], values, masks: list[Drawn]) -> None:
    hits = sum(((found >= low) & (found <= high)).astype(int) for low, high in ranges)
    ordered = sorted(ranges)
    overlap = any(a[1] >= b[0] for a, b in pairwise(ordered))
    if (hits != 1).any() or overlap:
        shown = values if isinstance(values, str) else tuple(values)
        listed = found[hits != 1] if (hits != 1).any() else found
        raise DataError(
            f"masks in {place_of(masks)} hold {few(listed.tolist(), 8)}; values={shown} does "
            "not give each a class of its own"
        )


def _label(values: np.ndarray, ranges: list[Range], void: list[Range] | None) -> np.ndarray:
    labels = np.full(values.shape, VOID, np.uint8)
    for number, (low, high) in enumerate(ranges):
        labels[(values >= low) & (values <= high)] = number
    for low, high in void or ():
        labels[(values >= low) & (values <= high)] = VOID
    return labels


def _spell(way: str):
    """How a class's range is written where a person reads it."""

    def spell(bounds: Range) -> str:
        low, high = (f"#{value:06x}" if way == "colour" else str(value) for value in bounds)
        return (low if low == high else f"{low}-{high}") + (
            "" if way in ("number", "colour") else f" ({way})"
        )

    return spell


def _notes(masks: list[Drawn], labels: list[np.ndarray], way: str) -> tuple[str, ...]:
    notes = []
    if way == "alpha":
        notes.append("the masks are read from their alpha channel: their colours are all one")
    if way == "grey":
        notes.append("the masks are read by the greys that their palettes show")
    for value in np.unique([label.flat[0] for label in labels]).tolist():
        files = [m.file.name for m, label in zip(masks, labels, strict=True)
                 if (label == value).all()]  # fmt: skip
        if files:
            name = "void" if value == VOID else f"class {value}"
            notes.append(f"{len(files)} of {len(masks)} masks are {name} alone: {few(files)}")
    return tuple(notes)
