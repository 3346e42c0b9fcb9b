"""What the commands share: saying things, and loading what ``--data`` names."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

# What a person may type of how own images are read, and what `load_folder` calls it.
READING = {"classes": "values", "void": "void", "channel": "channel"}
DATA_NAMES = ("auto", "isbi", "membranes")  # what --data takes beside a path


class Failed(Exception):
    """A command cannot go on; the message says what to do."""


def first_process() -> bool:
    """Whether this process speaks: `torchrun` starts several, and one is enough."""
    return os.environ.get("RANK", "0") == "0"


def say(*words: object) -> None:
    """One line for the person."""
    if first_process():
        print(*words, flush=True)


def complain(message: str) -> None:
    """One line on stderr; from another process than the first, with its number."""
    rank = "" if first_process() else f" (process {os.environ['RANK']})"
    print(f"unet-teach{rank}: {message}", file=sys.stderr, flush=True)


def typed_path(name: str) -> Path:
    """A path as a person types it. A ~ of nobody's home stays as it is: it may be a name."""
    return Path(os.path.expanduser(name))


def mendable(error: Exception) -> bool:
    """Whether it comes from what was typed or given; any other error is shown whole."""
    kinds = (Failed, ValueError, OSError)
    files = sys.modules.get("unet_teach.training.files")  # if not loaded, it raised nothing
    return isinstance(error, kinds if files is None else (*kinds, files.RunError))


def explain(error: BaseException) -> str:
    """An error as one line.

    Examples
    --------
    >>> explain(FileNotFoundError(2, "No such file or directory", "a.json"))
    'a.json: No such file or directory; check the name'
    """
    if isinstance(error, FileNotFoundError) and error.filename:
        return f"{error.filename}: {error.strerror}; check the name"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}; choose another place"
    return " ".join(str(error).split()) or type(error).__name__


def progress(items: Iterable[T], what: str) -> Iterator[T]:
    """Counts on one line of stderr, where a person is looking at it."""
    items = list(items)
    shown = sys.stderr.isatty() and len(items) > 1
    for number, item in enumerate(items, 1):
        if shown:
            end = "\n" if number == len(items) else ""
            print(f"\r{what} {number} of {len(items)}", end=end, file=sys.stderr, flush=True)
        yield item


def load_data(name: str, reading: dict | None = None):
    """The volume that ``--data`` names: auto, isbi, membranes, or a path. Says which it is.

    ``reading`` is what was typed of how a person's own images are to be read: `READING`.

    Returns
    -------
    (Volume, str, Look or None)
        The second is a short name for folders: "isbi", "membranes", or the path's last part.
        The third says how a person's own images were understood.
    """
    from unet_teach.data import is_own, load_volume
    from unet_teach.data.folder import look

    path, reading = (
        typed_path(name),
        {k: v for k, v in (reading or {}).items() if v is not None},
    )
    own = name not in DATA_NAMES and path.exists() and is_own(path)
    if reading and not own:
        raise Failed(f"--{', --'.join(reading)}: only for images of your own, and not {name}")
    if own:
        found = look(path, **{READING[key]: value for key, value in reading.items()})
        for note in found.notes:
            complain(f"note: {note}")
        say(f"data: {found.volume}")
        say(f"      {found.layout}")
        if found.meaning:
            say(f"      {classes_line(found)}")
        return found.volume, path.resolve().stem, found
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if name in DATA_NAMES:
            volume = load_volume(name)
            if name != "auto" and Path(name).is_dir():
                complain(f"note: {name} is the course's own data; your folder is ./{name}")
        else:
            if not path.exists():
                raise Failed(
                    f"--data {name}: there is no such file or folder; valid: auto, isbi, "
                    "membranes, or a path that exists"
                )
            volume = load_volume("auto", path)
    for warning in caught:
        complain(f"note: {warning.message}")
    say(f"data: {volume}")
    kinds = {"ISBI 2012": "isbi", "synthetic": "membranes"}
    short = [kind for start, kind in kinds.items() if volume.name.startswith(start)]
    if name == "auto" and short == ["membranes"]:
        say("      (drawn by this program; `unet-teach data fetch` gets real micrographs)")
    return volume, short[0] if short else path.resolve().stem, None


def reading_of(options: argparse.Namespace) -> dict:
    """What was typed of how a person's own images are to be read."""
    return {name: getattr(options, name) for name in READING}


def classes_line(found) -> str:
    """Which value of a mask is which class, and how much of all masks it covers."""
    fractions = class_fractions(found.volume)
    parts = [
        f"{value} is class {k} ({fractions[k]:.1%})" for k, value in enumerate(found.meaning)
    ]
    void = 1 - sum(fractions)
    return "in the masks, " + ", ".join(parts) + (f"; void {void:.1%}" if void > 1e-9 else "")


def class_fractions(volume) -> list[float]:
    """How much of all pixels each class covers; void is what is missing to 1."""
    pixels = sum(label.size for label in volume.labels)
    return [
        sum(int((label == k).sum()) for label in volume.labels) / pixels
        for k in range(volume.classes)
    ]


def table(rows: list[tuple]) -> str:
    """Columns of equal width, the first to the left, the others to the right.

    Examples
    --------
    >>> print(table([("", "best"), ("V_rand", "0.97")]))
            best
    V_rand  0.97
    """
    cells = [tuple(map(str, row)) for row in rows]
    first, *others = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join([row[0].ljust(first), *map(str.rjust, row[1:], others)]) for row in cells
    ]
    return "\n".join(lines)


def scores_table(scores) -> str:
    """What a network was judged to be worth: challenge's figures, or each class's overlap."""
    if hasattr(scores, "iou_by_class"):
        words = overlap_table(scores)
        return words if scores.regions is None else f"{words}\n{scores_table(scores.regions)}"
    return table(
        [
            ("", "best", "at threshold"),
            ("V_rand (1 is perfect)", f"{scores.v_rand:.4f}", f"{scores.v_rand_threshold:g}"),
            ("V_info (1 is perfect)", f"{scores.v_info:.4f}", f"{scores.v_info_threshold:g}"),
            (
                "pixel error (0 is perfect)",
                f"{scores.pixel_error:.4f}",
                f"{scores.pixel_error_threshold:g}",
            ),
        ]
    )


def overlap_table(scores) -> str:
    """IoU and Dice of each class; one that is not in the labels cannot be judged."""
    rows = [("", "IoU", "Dice")]
    for k, pair in enumerate(zip(scores.iou_by_class, scores.dice_by_class, strict=True)):
        there = pair[0] is not None
        shown = [f"{value:.4f}" for value in pair] if there else ["not there", "to be judged"]
        rows.append((f"class {k} (1 is perfect)", *shown))
    words = table(rows)
    if scores.threshold is None:
        return words
    chosen = "the best for its IoU" if scores.inside_iou_curve else "the default"
    return f"{words}\nclass 1 is where its probability is above {scores.threshold:g}, {chosen}"


def duration(seconds: float) -> str:
    """About how long, for a person.

    Examples
    --------
    >>> duration(42), duration(150), duration(9000)
    ('42 s', '2.5 min', '2.5 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
