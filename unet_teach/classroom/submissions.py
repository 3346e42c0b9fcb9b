"""Find what the students handed in. Nothing of it is understood here, only fetched."""

from __future__ import annotations

import errno
import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from unet_teach.classroom.results import distinct, shown

LARGEST = 50 * 2**20  # bytes of a notebook; one with all its pictures has a few
DEEPEST = 16  # folders in folders of one student
MOST = 200  # notebooks of one student
SAFELY = ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY")  # as far as a system has them


class Unreadable(ValueError):
    """No notebook of this course; says why."""


@dataclass(frozen=True)
class Submission:
    """One file that a student handed in."""

    student: str
    name: str  # the path below the folder of submissions, as shown
    path: Path
    trouble: str = ""  # why it is not even opened
    note: str = ""  # what a teacher should know of it


def find_submissions(folder: Path, leave_out: tuple[Path, ...] = ()) -> list[Submission]:
    """Everything that was handed in: ``NAME.ipynb``, or a folder of notebooks for each student.

    Links are not followed, hidden files and what lies in ``leave_out`` are passed over. What
    cannot be looked at costs its own place alone. Where a name stands for two things, such as
    ``anna.ipynb`` beside ``anna/``, each gets a note.

    Raises
    ------
    OSError
        The folder itself cannot be listed.
    """
    found: list[Submission] = []
    owners: dict[str, list[Path]] = {}
    for entry in sorted(folder.iterdir(), key=lambda path: path.name):
        if entry.name.startswith(".") or entry in leave_out:
            continue
        try:
            is_folder = stat.S_ISDIR(entry.lstat().st_mode)
        except OSError as error:
            found.append(_trouble(folder, entry, entry.stem, _why(error)))
            continue
        student = entry.name if is_folder else entry.stem
        owners.setdefault(_alike(student), []).append(entry)
        found += _below(folder, entry) if is_folder else [_one(folder, entry, student)]
    names = distinct(submission.name for submission in found)
    found = [replace(one, name=name) for one, name in zip(found, names, strict=True)]
    return [replace(one, note=_note(folder, one, owners)) for one in found]


def _alike(student: str) -> str:
    """What a reader of names, or another computer's disk, takes for the same."""
    return unicodedata.normalize("NFKC", shown(student)).casefold()


def _note(folder: Path, submission: Submission, owners: dict[str, list[Path]]) -> str:
    entries = owners.get(_alike(submission.student), [])
    if len(entries) < 2:
        return ""
    names = [shown(entry.name) + ("/" if entry.is_dir() else "") for entry in entries]
    return f"{' beside '.join(names)}: one student, or {len(names)}?"


def _below(folder: Path, entry: Path) -> list[Submission]:
    """The notebooks in one student's folder, and what stands in their way."""
    found = []
    for path, trouble in _notebooks(entry):
        if len(found) == MOST:
            trouble = f"more than {MOST} notebooks in this folder; the others are left out"
            return [*found, _trouble(folder, entry, entry.name, trouble)]
        if trouble:
            found.append(_trouble(folder, path, entry.name, trouble))
        else:
            found.append(_one(folder, path, entry.name))
    return found or [_trouble(folder, entry, entry.name, "no .ipynb file in this folder")]


def _notebooks(folder: Path) -> Iterator[tuple[Path, str]]:
    """The notebooks at some depth, in order; links to folders are not entered."""
    waiting = [folder]
    while waiting:
        place = waiting.pop()
        if len(place.parts) - len(folder.parts) > DEEPEST:
            yield place, f"folders in folders, more than {DEEPEST} deep: not looked into"
            continue
        inner = []
        try:
            with os.scandir(place) as entries:
                for entry in sorted(entries, key=lambda entry: entry.name):
                    path = place / entry.name
                    if entry.name.startswith(".") or entry.name == "__MACOSX":
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        inner.append(path)
                    elif path.suffix.lower() == ".ipynb":
                        yield path, ""
        except OSError as error:
            yield place, _why(error)
        waiting += inner[::-1]


def _why(error: OSError) -> str:
    words = "its path is too long" if error.errno == errno.ENAMETOOLONG else error.strerror
    return f"cannot be looked at: {words}"


def _one(folder: Path, path: Path, student: str) -> Submission:
    trouble = ""
    try:
        mode = path.lstat().st_mode
    except OSError as error:
        return _trouble(folder, path, student, _why(error))
    if stat.S_ISLNK(mode):
        trouble = "a link to another place; links are not followed"
    elif not stat.S_ISREG(mode):
        trouble = "not a file"
    elif path.suffix.lower() != ".ipynb":
        ending = shown(path.suffix) or "nothing"
        trouble = f"no notebook: its name ends with {ending}, due .ipynb"
    return _trouble(folder, path, student, trouble)


def _trouble(folder: Path, path: Path, student: str, trouble: str) -> Submission:
    return Submission(shown(student), shown(str(path.relative_to(folder))), path, trouble)


def content(submission: Submission) -> bytes:
    """The bytes of a notebook; what they mean is found out elsewhere.

    Raises
    ------
    Unreadable
        It cannot be read, is no file, or is too large.
    """
    if submission.trouble:
        raise Unreadable(submission.trouble)
    flags = os.O_RDONLY
    for name in SAFELY:  # by now it may be a pipe, or a link
        flags |= getattr(os, name, 0)
    try:
        with open(os.open(submission.path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Unreadable("not a file")
            found = file.read(LARGEST + 1)
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from None
    if len(found) > LARGEST:
        raise Unreadable(f"larger than {LARGEST // 2**20} MB; clear its outputs")
    return found
