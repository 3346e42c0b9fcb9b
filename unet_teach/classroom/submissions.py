"""Find the students' notebooks in a folder, and read one without trusting it."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from unet_teach.classroom.lessons import lessons, places

LARGEST = 50 * 2**20  # bytes of a notebook; one with all its pictures has a few
CHECK = re.compile(r"""check\(\s*["'](\d\d)\.\w+["']""")


class Unreadable(ValueError):
    """No notebook of this course; says why."""


@dataclass(frozen=True)
class Submission:
    """One file that a student handed in."""

    student: str
    name: str  # the path below the folder of submissions, as shown
    path: Path
    trouble: str = ""  # why it is not even opened


@dataclass(frozen=True)
class Notebook:
    """What counts of a notebook."""

    lesson: str
    digest: str  # of the file's bytes
    cells: list[tuple[str, str]] = field(repr=False)  # (id, source) of each code cell


def find(folder: Path, leave_out: tuple[Path, ...] = ()) -> list[Submission]:
    """Everything that was handed in: ``NAME.ipynb``, or a folder of notebooks for each student.

    Links are not followed, hidden files and what lies in ``leave_out`` are passed over.
    """
    found = []
    for entry in sorted(folder.iterdir(), key=lambda path: path.name):
        if entry.name.startswith(".") or entry in leave_out:
            continue
        if entry.is_symlink() or not entry.is_dir():
            found.append(_one(folder, entry, entry.stem))
            continue
        below = sorted(_notebooks(entry))
        found += [_one(folder, path, entry.name) for path in below]
        if not below:
            trouble = "no .ipynb file in this folder"
            found.append(Submission(shown(entry.name), shown(entry.name), entry, trouble))
    return found


def _notebooks(folder: Path) -> list[Path]:
    """The notebooks at any depth; links to folders are not entered."""
    found = []
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() == ".ipynb" and not hidden and "__MACOSX" not in path.parts:
            found.append(path)
    return found


def _one(folder: Path, path: Path, student: str) -> Submission:
    trouble = ""
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        trouble = "a link to another place; links are not followed"
    elif not stat.S_ISREG(mode):
        trouble = "not a file" if not stat.S_ISDIR(mode) else "a folder"
    elif path.suffix.lower() != ".ipynb":
        trouble = f"no notebook: its name ends with {path.suffix or 'nothing'}, due .ipynb"
    name = shown(str(path.relative_to(folder)))
    return Submission(shown(student), name, path, trouble)


def shown(name: str) -> str:
    """A name that can be printed: no control characters, none that is no Unicode.

    Examples
    --------
    >>> shown("Åsa\\n\\x1b[31m"), shown("\\udcff")
    ('Åsa??[31m', '?')
    """
    return "".join("?" if unicodedata.category(c) in ("Cc", "Cs", "Cf") else c for c in name)


def read(submission: Submission) -> Notebook:
    """Read a notebook as data; none of its code is run, or even parsed.

    Raises
    ------
    Unreadable
        It is no notebook, or of none of the lessons.
    """
    if submission.trouble:
        raise Unreadable(submission.trouble)
    try:
        with open(submission.path, "rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from None
    if len(content) > LARGEST:
        raise Unreadable(f"larger than {LARGEST // 2**20} MB; clear its outputs")
    try:
        raw = json.loads(content.decode("utf-8-sig"))
        cells = [_cell(cell) for cell in raw["cells"] if cell["cell_type"] == "code"]
    except UnicodeDecodeError:
        raise Unreadable("no notebook: it is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"no notebook: no JSON in line {error.lineno}") from None
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
        raise Unreadable(
            "no notebook: JSON, but without cells as a notebook has them"
        ) from None
    lesson = lesson_of(cells, submission.path.name)
    return Notebook(lesson, hashlib.sha256(content).hexdigest(), cells)


def _cell(cell: dict) -> tuple[str, str]:
    source = cell["source"]
    text = source if isinstance(source, str) else "".join(source)
    # What is half of a character is none in source code either.
    return str(cell.get("id") or ""), text.encode(errors="replace").decode()


def lesson_of(cells: list[tuple[str, str]], filename: str) -> str:
    """The lesson's number: from the cells' ids, else from calls of check, else from the name.

    Raises
    ------
    Unreadable
        None of them tells.
    """
    ids = {place.cell_id: place.lesson for lesson in lessons() for place in places(lesson)}
    by_id = Counter(ids[label] for label, _source in cells if label in ids)
    by_check = Counter(n for _label, source in cells for n in CHECK.findall(source))
    for votes in (by_id, by_check):
        known = [number for number, _count in votes.most_common() if number in lessons()]
        if known:
            return known[0]
    if (start := re.match(r"\d\d(?=_)", filename)) and start[0] in lessons():
        return start[0]
    raise Unreadable("a notebook, but of none of the lessons: no exercise was found in it")
