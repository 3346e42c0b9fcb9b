"""``unet-teach collect``: grade a folder of notebooks, each in a sandbox."""

from __future__ import annotations

import argparse
import os
import secrets
from collections import Counter
from pathlib import Path

from unet_teach.classroom.collecting import Graded, Settings, grade_all
from unet_teach.classroom.reporting import as_csv, as_page, summary
from unet_teach.classroom.results import TROUBLE, Row, shown
from unet_teach.classroom.sandbox import Limits, why_not
from unet_teach.classroom.submissions import Submission, find_submissions
from unet_teach.cli.common import Failed, complain, duration, say, typed_path
from unet_teach.training.files import open_folder, write_atomically

MOST_GB = 1024
WIDE = 300  # characters of a detail on the screen
NEEDS_A_LOOK = 3  # the exit code where all was graded and something needs a look


def run(options: argparse.Namespace) -> int:
    """Grade; 3 if anything was unreadable, stopped or crashed."""
    folder, out = typed_path(options.submissions), typed_path(options.out)
    submissions = handed_in(folder, out)
    settings = Settings(
        out=open_folder(out),
        seed=secrets.randbits(48) if options.seed is None else options.seed,
        sandboxed=choose_sandbox(options.unsandboxed),
        jobs=options.jobs or usable_cores(),
        again=options.again,
        limits=limits(options),
        hidden=(folder, out),
    )
    say(f"{len(submissions)} submissions in {shown(str(folder))}, {settings.jobs} at a time")
    teller = Teller(len(submissions))
    try:
        graded = grade_all(submissions, settings, teller)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"interrupted; {teller.done} of {len(submissions)} are done and kept. The same "
            "command goes on from there"
        ) from None
    return conclude(graded, settings)


def handed_in(folder: Path, out: Path) -> list[Submission]:
    """What there is to grade."""
    if not folder.is_dir():
        what = "is no folder" if folder.exists() else "does not exist"
        raise Failed(f"{folder} {what}; give the folder that holds the students' notebooks")
    leave_out = tuple(p for p in (out, out.absolute()) if p != folder)
    try:
        found = find_submissions(folder, leave_out)
    except OSError as error:
        raise Failed(f"{folder} cannot be listed: {error.strerror}") from None
    if not found:
        raise Failed(
            f"{folder} is empty; due are NAME.ipynb files, or a folder for each student"
        )
    return found


def choose_sandbox(unsandboxed: bool) -> bool:
    """Whether there will be one; refuses to go on without, unless told to."""
    why = why_not()
    if unsandboxed:
        complain(
            "warning: --unsandboxed: students' code runs as you, with your files and your "
            "network, and can read the answers. Only time-outs are promised"
        )
        return False
    if why:
        raise Failed(
            f"{why}. To run it all as yourself, if you trust the students: --unsandboxed"
        )
    return True


def limits(options: argparse.Namespace) -> Limits:
    """The limits that were typed, checked."""
    if options.seconds < 5:
        raise Failed(f"--seconds {options.seconds}; at least 5: Python and torch take some")
    if not 1 <= options.memory <= MOST_GB:
        raise Failed(f"--memory {options.memory}; 1 to {MOST_GB} (GB): torch takes some")
    if options.jobs is not None and options.jobs < 1:
        raise Failed(f"--jobs {options.jobs}; at least 1")
    return Limits(
        seconds=options.seconds,
        each=max(2, options.seconds // 6),
        memory=round(options.memory * 2**30),
    )


def usable_cores() -> int:
    """Of the cores, those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Teller:
    """Says a line for each notebook as it is done."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0

    def __call__(self, graded: Graded) -> None:
        self.done += 1
        counted = Counter(row.state for row in graded.rows)
        words = ", ".join(f"{count} {state}" for state, count in counted.most_common())
        how = "kept from before" if graded.kept else f"{graded.seconds:.1f} s"
        say(f"[{self.done}/{self.total}] {graded.submission.name}: {words} ({how})")


def conclude(graded: list[Graded], settings: Settings) -> int:
    """Write the results, and say what to look at."""
    rows = [row for one in graded for row in one.rows]
    write_atomically(settings.out / "results.csv", as_csv(rows).encode("utf-8-sig"))
    write_atomically(settings.out / "report.html", as_page(rows).encode())
    fresh = sum(one.seconds for one in graded if not one.kept)
    say(f"\n{summary(rows)}; {duration(fresh)} of students' processes")
    look = to_look_at(graded)
    for words in look:
        say(f"  look: {words}")
    say(f"for a spreadsheet: {settings.out / 'results.csv'}")
    say(f"to read: {settings.out / 'report.html'}")
    return NEEDS_A_LOOK if look else 0


def to_look_at(graded: list[Graded]) -> list[str]:
    """A line for each: trouble, a name that stands for two things, a lesson handed in twice."""
    notes = dict.fromkeys(one.submission.note for one in graded if one.submission.note)
    found, places = list(notes), {}
    for row in [row for one in graded for row in one.rows]:
        if row.state in TROUBLE:
            found.append(on_screen(row))
        if row.lesson:
            places.setdefault((row.student, row.lesson), {})[row.notebook] = True
    for (student, lesson), notebooks in places.items():
        if len(notebooks) > 1:
            found.append(f"{student} handed in lesson {lesson} more than once: "
                         f"{shown(', '.join(notebooks), WIDE)}")  # fmt: skip
    return found


def on_screen(row: Row) -> str:
    """A row on one line; the whole detail stands in the files."""
    where = row.exercise or row.notebook
    return f"{row.student}, {where}: {row.state}: {shown(row.detail, WIDE)}"
