"""What the commands share: saying things, and loading what ``--data`` names."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

OURS = ("auto", "isbi", "membranes")  # what --data takes beside a path


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


def load_data(name: str):
    """The volume that ``--data`` names: auto, isbi, membranes, or a path. Says which it is.

    Returns
    -------
    (Volume, str)
        The second is a short name for folders: "isbi", "membranes", or the path's last part.
    """
    from unet_teach.data import load_volume

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if name in OURS:
            volume = load_volume(name)
            if name != "auto" and Path(name).is_dir():
                complain(f"note: {name} is the course's own data; your folder is ./{name}")
        else:
            path = typed_path(name)
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
    return volume, short[0] if short else typed_path(name).resolve().stem


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
    """The challenge's three figures, each with the threshold that it was reached at."""
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
