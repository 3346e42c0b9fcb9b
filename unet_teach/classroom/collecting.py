"""Grade a folder of submissions: several at a time, each kept as soon as it is done.

Each is judged by a process of its own (`judge`); this one reads no notebook and no value, only
verdicts of a limited length. What was graded stands in ``OUT/kept``, one file a notebook,
written whole or not at all. A second run takes from there what has not changed: the notebook,
the course, the limits. What was stopped or crashed is not kept: it may have been the machine.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from unet_teach import __version__
from unet_teach.classroom.meter import BUSY
from unet_teach.classroom.results import AGAIN, LONGEST, STATES, Row, shown
from unet_teach.classroom.running import Interrupted, ProcessResult, run
from unet_teach.classroom.sandbox import JUDGE, PACKAGE, Limits, quiet
from unet_teach.classroom.submissions import Submission, Unreadable, content
from unet_teach.training.files import write_atomically

VERDICT = 2**18  # bytes of a verdict
MOST = 20  # exercises of a lesson


@dataclass(frozen=True)
class Settings:
    """How a folder is graded."""

    out: Path
    seed: int  # of the cases; kept from the students
    sandboxed: bool = True
    jobs: int = 1
    again: bool = False  # also what was graded before
    limits: Limits = field(default_factory=Limits)
    hidden: tuple[Path, ...] = ()  # folders that no student's process may see


@dataclass(frozen=True)
class Graded:
    """What became of one notebook."""

    submission: Submission
    rows: list[Row]
    seconds: float = 0.0
    kept: bool = False  # from an earlier run


def grade_all(
    submissions: list[Submission], settings: Settings, tell: Callable[[Graded], None]
) -> list[Graded]:
    """Grade submissions, in their order; ``tell`` hears of each as soon as it is done.

    Raises
    ------
    KeyboardInterrupt
        Interrupted: every student's process was ended; what was done is kept.
    """
    done: dict[int, Graded] = {}
    left: list[tuple[int, Submission]] = []
    for place, submission in enumerate(submissions):
        if early := before(submission, settings):
            done[place] = early
            tell(early)
        else:
            left.append((place, submission))
    for place, graded in _graded(left, settings):
        done[place] = graded
        tell(graded)
    return [done[place] for place in sorted(done)]


def before(submission: Submission, settings: Settings) -> Graded | None:
    """What needs no run: what cannot be read, and what was graded before."""
    try:
        found = _fingerprint(content(submission), settings)
    except Unreadable as error:
        return Graded(submission, [_row(submission, "", "", "unreadable", str(error))])
    try:
        kept = json.loads(kept_file(submission, settings).read_text(encoding="utf-8"))
        if kept["of"] == found and not settings.again:
            rows = [_named(Row(**row), submission) for row in kept["rows"]]
            return Graded(submission, rows, kept["seconds"], kept=True)
    except (OSError, ValueError, KeyError, TypeError):  # none, or one of another version
        pass
    return None


def _graded(left: list, settings: Settings) -> Iterator[tuple[int, Graded]]:
    """Judge what is left, several at a time."""
    stop, slots = threading.Event(), SimpleQueue()
    for slot in range(settings.jobs):
        slots.put(slot)

    def one(submission: Submission) -> Graded:
        slot = slots.get()
        try:
            return judged(submission, settings, slot, stop)
        except (OSError, MemoryError) as error:  # this computer's fault, and this one's alone
            words = f"it could not be run: {error}"
            return Graded(submission, [_row(submission, "", "", "crashed", words)])
        finally:
            slots.put(slot)

    pool = ThreadPoolExecutor(settings.jobs)
    try:
        waiting: dict[Future, int] = {pool.submit(one, item[1]): item[0] for item in left}
        while waiting:
            finished, _others = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                yield waiting.pop(future), future.result()
    except BaseException:
        stop.set()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def judged(
    submission: Submission, settings: Settings, slot: int, stop: threading.Event
) -> Graded:
    """Have one notebook judged, and keep what came of it."""
    try:
        found = content(submission)
    except Unreadable as error:
        return Graded(submission, [_row(submission, "", "", "unreadable", str(error))])
    order = {
        "filename": shown(submission.path.name), "seed": settings.seed, "slot": slot,
        "limits": asdict(settings.limits), "sandboxed": settings.sandboxed,
        "hidden": [os.fsdecode(path.absolute()) for path in settings.hidden],
    }  # fmt: skip
    ran = run(
        [sys.executable, "-P", str(JUDGE)], json.dumps(order).encode() + b"\n" + found, VERDICT,
        _patience(2 * BUSY * settings.limits.seconds), stop,
        env=os.environ | quiet(), cwd=tempfile.gettempdir(),
    )  # fmt: skip
    graded = understood(submission, ran)
    if not any(row.state in AGAIN for row in graded.rows):
        _keep(graded, _fingerprint(found, settings), settings)
    return graded


def _patience(seconds: float) -> Callable[[subprocess.Popen], str]:
    end = time.monotonic() + seconds
    words = f"to judge it took more than {seconds:g} s"
    return lambda _process: words if time.monotonic() > end else ""


def understood(submission: Submission, ran: ProcessResult) -> Graded:
    """The rows that a judge's line gives; one row, where it gave none."""
    try:
        found = json.loads(ran.said)
        if "unreadable" in found:
            rows = [_row(submission, "", "", "unreadable", found["unreadable"])]
            return Graded(submission, rows, ran.seconds)
        rows = [_row(submission, found["lesson"], **row) for row in found["exercises"][:MOST]]
        if rows and all(row.state in STATES for row in rows):
            return Graded(submission, rows, float(found["seconds"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    words, state = ran.stopped, "stopped"
    if not words:
        state = "crashed"
        last = ran.complaint.strip().splitlines()[-1:] or [f"exit code {ran.code}"]
        words = f"to judge it took too much, or failed: {last[0]}"
    return Graded(submission, [_row(submission, "", "", state, words)], ran.seconds)


def _row(
    submission: Submission, lesson: str, exercise: str, state: str, detail: str,
    seconds: float = 0.0,
) -> Row:  # fmt: skip
    """A line of the results; whatever a student wrote in it is cleaned here."""
    row = Row("", str(lesson), str(exercise), state, detail, round(float(seconds), 2), "")
    return _named(row, submission)


def _named(row: Row, submission: Submission) -> Row:
    """A row, under the name that its file has now."""
    note = f"note: {submission.note}; " if submission.note else ""
    detail = shown(note + row.detail.removeprefix(note), LONGEST).removesuffix(";")
    return replace(row, student=submission.student, notebook=submission.name, detail=detail)


def _keep(graded: Graded, fingerprint: str, settings: Settings) -> None:
    kept: dict[str, Any] = {"of": fingerprint, "seed": settings.seed, "seconds": graded.seconds}
    kept["rows"] = [asdict(row) for row in graded.rows]
    file = kept_file(graded.submission, settings)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, (json.dumps(kept, indent=1) + "\n").encode())


def kept_file(submission: Submission, settings: Settings) -> Path:
    """Where a submission's results are kept: by its place, so that no name is in the way."""
    place = os.fsencode(submission.path.absolute())
    return settings.out / "kept" / f"{hashlib.sha256(place).hexdigest()[:24]}.json"


def _fingerprint(found: bytes, settings: Settings) -> str:
    """Of all that a verdict depends on, except the cases that were drawn."""
    parts = [__version__, str(settings.sandboxed), str(asdict(settings.limits))]
    whole = hashlib.sha256("\n".join([*parts, _course()]).encode())
    whole.update(found)
    return whole.hexdigest()


@cache
def _course() -> str:
    """Of the files that judge."""
    parts = ("exercises", "classroom", "lessons")
    files = [p for part in parts for p in sorted((PACKAGE / part).rglob("*.py"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


__all__ = ["Graded", "Interrupted", "Settings", "grade_all"]
