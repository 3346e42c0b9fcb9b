"""Grade a folder of submissions: several at a time, each kept as soon as it is done.

What was graded stands in ``OUT/kept``, one file a notebook, written whole or not at all. A
second run takes from there what has not changed: the notebook, the exercises, the limits.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from pathlib import Path
from queue import SimpleQueue

from unet_teach import __version__
from unet_teach.classroom.grading import Row, as_data, course, renamed, rows, unreadable
from unet_teach.classroom.running import Interrupted, Ran, run
from unet_teach.classroom.sandbox import PACKAGE, Limits
from unet_teach.classroom.submissions import Notebook, Submission, Unreadable, read
from unet_teach.threads import one_thread
from unet_teach.training.files import write_atomically


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
    left: list[tuple[int, Submission, Notebook]] = []
    for place, submission in enumerate(submissions):
        early = before(submission, settings)
        if isinstance(early, Graded):
            done[place] = early
            tell(early)
        else:
            left.append((place, submission, early))
    with one_thread():
        for place, graded in _graded(left, settings):
            done[place] = graded
            tell(graded)
    return [done[place] for place in sorted(done)]


def before(submission: Submission, settings: Settings) -> Graded | Notebook:
    """What needs no run: the unreadable, and what was graded before; else the notebook."""
    try:
        notebook = read(submission)
    except Unreadable as error:
        return Graded(submission, unreadable(submission, str(error)))
    file = kept_file(submission, settings)
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        if content["of"] == _fingerprint(notebook, settings) and not settings.again:
            found = [renamed(Row(**row), submission) for row in content["rows"]]
            return Graded(submission, found, content["seconds"], kept=True)
    except (OSError, ValueError, KeyError, TypeError):  # none, or one of another version
        pass
    return notebook


def _graded(left: list, settings: Settings) -> Iterator[tuple[int, Graded]]:
    """Run what is left, several at a time. Only this thread draws cases and compares."""
    stop, slots = threading.Event(), SimpleQueue()
    for slot in range(settings.jobs):
        slots.put(slot)

    def one(notebook: Notebook) -> Ran:
        slot = slots.get()
        try:
            lesson = course(notebook.lesson, settings.seed)
            job = lesson.job(notebook, settings.limits, settings.sandboxed, slot)
            return run(job, settings.limits, settings.sandboxed, settings.hidden, stop)
        finally:
            slots.put(slot)

    for number in sorted({notebook.lesson for _place, _submission, notebook in left}):
        course(number, settings.seed)  # here: drawing cases moves torch's random numbers
    pool = ThreadPoolExecutor(settings.jobs)
    try:
        waiting: dict[Future, tuple] = {pool.submit(one, item[2]): item for item in left}
        while waiting:
            finished, _others = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                place, submission, notebook = waiting.pop(future)
                yield place, _judge(submission, notebook, future.result(), settings)
    except BaseException:
        stop.set()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _judge(submission: Submission, notebook: Notebook, ran: Ran, settings: Settings) -> Graded:
    found = rows(submission, course(notebook.lesson, settings.seed), ran)
    graded = Graded(submission, found, round(ran.seconds, 2))
    content = {
        "of": _fingerprint(notebook, settings),
        "seed": settings.seed,
        "seconds": graded.seconds,
        "rows": [as_data(row) for row in found],
    }
    file = kept_file(submission, settings)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, (json.dumps(content, indent=1) + "\n").encode())
    return graded


def kept_file(submission: Submission, settings: Settings) -> Path:
    """Where a submission's results are kept: by its place, so that no name is in the way."""
    name = hashlib.sha256(str(submission.path.resolve()).encode(errors="replace")).hexdigest()
    return settings.out / "kept" / f"{name[:24]}.json"


def _fingerprint(notebook: Notebook, settings: Settings) -> str:
    """Of all that a verdict depends on, but for the cases that were drawn."""
    lesson = PACKAGE / "checks" / f"lesson_{notebook.lesson}.py"
    parts = (
        __version__, notebook.digest, str(settings.sandboxed), str(asdict(settings.limits)),
        hashlib.sha256(lesson.read_bytes()).hexdigest(),
    )  # fmt: skip
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


__all__ = ["Graded", "Interrupted", "Settings", "grade_all"]
