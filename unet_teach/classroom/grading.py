"""From a notebook to a verdict on each exercise: the child runs, this process compares."""

from __future__ import annotations

import json
import pickle
import signal
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from typing import Any

from unet_teach.checks.exercise import Exercise
from unet_teach.checks.judging import verdict
from unet_teach.checks.result import Result
from unet_teach.checks.running import Outcome, attempt
from unet_teach.classroom.lessons import Place, places
from unet_teach.classroom.plain import decode
from unet_teach.classroom.props import LOOKED_AT_HERE, checks_of, props, run_there
from unet_teach.classroom.running import Ran
from unet_teach.classroom.sandbox import Limits, caps
from unet_teach.classroom.submissions import Notebook, Submission

# What can become of an exercise, and what a teacher should know of it.
STATES = {
    "passed": "right outputs",
    "wrong": "wrong outputs, or an error",
    "not attempted": "as the course gave it",
    "missing": "the notebook has no such exercise",
    "stopped": "ended from outside: time, memory, output or processes",
    "crashed": "the process ended by itself",
    "unreadable": "no notebook of this course",
}
TROUBLE = ("stopped", "crashed", "unreadable")  # somebody should look


@dataclass(frozen=True)
class Row:
    """One line of the results."""

    student: str
    lesson: str
    exercise: str
    state: str
    detail: str
    seconds: float
    notebook: str


@dataclass(frozen=True)
class Course:
    """A lesson as this run asks it: exercises whose cases are drawn, and what a child needs."""

    lesson: str
    exercises: tuple[Exercise, ...]
    cases: dict[str, list]
    tasks: tuple[dict, ...]
    props: str

    def job(self, notebook: Notebook, limits: Limits, sandboxed: bool, slot: int) -> bytes:
        """What the child is told. Pickled by us and read by it, never the other way."""
        return pickle.dumps(
            {
                "lesson": self.lesson,
                "cells": notebook.cells,
                "tasks": self.tasks,
                "props": self.props,
                "each": limits.each,
                "limits": caps(limits, sandboxed, slot),
            }
        )


@lru_cache(maxsize=32)
def course(lesson: str, seed: int) -> Course:
    """The exercises of a lesson, with the cases that a seed draws; the seed stays here."""
    own = {place.exercise: place for place in places(lesson)}
    drawn = tuple(e for e in checks_of(lesson).EXERCISES if e.name in own)
    cases = {e.name: list(e.arguments(seed=seed)) for e in drawn}
    tasks = tuple(_task(e, own[e.name], cases[e.name]) for e in drawn)
    return Course(lesson, drawn, cases, tasks, props(lesson, drawn, cases))


def _task(exercise: Exercise, place: Place, cases: list) -> dict:
    return {
        "exercise": exercise.name,
        "answer": place.answer,
        "value": exercise.cases is None,
        "run": run_there(exercise),
        "cases": pickle.dumps(cases),
    }


@dataclass
class Heard:
    """What the child said of one exercise."""

    outcomes: list[Outcome] = field(default_factory=list)
    stopped: str = ""
    missing: bool = False
    seconds: float = 0.0


@dataclass
class Report:
    """All that the child said, as far as it made sense."""

    heard: dict[str, Heard]
    notes: dict[str, list[str]] = field(default_factory=dict)
    running: str = ""  # the exercise that had begun when it ended
    setup: str = ""  # the first error of the set-up
    strange: int = 0  # lines that it could not have written


def listen(said: bytes, course: Course) -> Report:
    """Read the child's lines; one that is not due is counted, and passed over."""
    report = Report({exercise.name: Heard() for exercise in course.exercises})
    for number, line in enumerate(said.split(b"\n")[:-1]):
        try:
            _hear(report, json.loads(line), course, first=number == 0)
        except Exception:  # a student can write anything there
            report.strange += 1
    return report


def _hear(report: Report, line: dict, course: Course, first: bool) -> None:
    if first:
        report.notes = {str(k): [str(w) for w in v] for k, v in line["notes"].items()}
    elif "starts" in line:
        report.running = line["starts"] if line["starts"] in report.heard else ""
    elif line.get("finished") is True:
        report.setup = str(line["setup"])
    else:
        heard = report.heard[line["exercise"]]
        if "case" in line:
            due = len(heard.outcomes)
            if line["case"] != due or due >= len(course.cases[line["exercise"]]):
                raise ValueError("a case that is not due")
            heard.outcomes.append(_outcome(line))
        elif "stopped" in line:
            heard.stopped = str(line["stopped"])
        elif line.get("missing") is True:
            heard.missing = True
        else:
            heard.seconds = min(float(line["seconds"]), 1e6)


def _outcome(line: dict) -> Outcome:
    if line.get("attempted") is False:
        return Outcome(attempted=False)
    if "trouble" in line:
        return Outcome(trouble=str(line["trouble"]) or "no value")
    try:
        return Outcome(decode(line["value"]))
    except Exception:
        return Outcome(trouble="it gave something that cannot be read")


def rows(submission: Submission, course: Course, ran: Ran) -> list[Row]:
    """The verdict on each exercise of one notebook."""
    report = listen(ran.said, course)
    found = []
    for exercise in course.exercises:
        heard = report.heard[exercise.name]
        state, detail = judged(exercise, course.cases[exercise.name], heard)
        if not state:
            state = "stopped" if ran.stopped else "crashed"
            detail = ran.stopped or _crash(ran)
            if report.running and report.running != exercise.name:
                detail += f", in {report.running}"
        notes = [*report.notes.get("", []), *report.notes.get(exercise.name, [])]
        if report.setup and state == "wrong":
            notes.append(f"the set-up broke: {report.setup}")
        if report.strange:
            notes.append("wrote into the results' channel")
        if notes:
            detail = "; ".join([*([detail] if detail else []), f"note: {', '.join(notes)}"])
        found.append(
            _row(submission, course.lesson, exercise.name, state, detail, heard.seconds)
        )
    return found


def judged(exercise: Exercise, cases: list, heard: Heard) -> tuple[str, str]:
    """State and detail, from what the child said alone; "" where it did not get that far."""
    if heard.missing:
        return "missing", "neither its cell nor its name was found"
    outcomes = heard.outcomes
    if heard.stopped:
        last = outcomes[-1].trouble if outcomes else ""
        return "stopped", heard.stopped + (f"; before that {last}" if last else "")
    if outcomes and not outcomes[-1].attempted:
        return "not attempted", ""
    if len(outcomes) < len(cases):
        if len(outcomes) == 1 and outcomes[0].trouble:  # its cell broke: no case was run
            return "wrong", outcomes[0].trouble
        return "", ""
    ran = list(zip(cases, outcomes, strict=True))
    if exercise.name in LOOKED_AT_HERE:
        ran = [(case, _looked_at(exercise, case, outcome)) for case, outcome in ran]
    try:
        result = verdict(exercise, None, ran)
    except Exception as error:  # a value that breaks the comparison is no right one
        return "wrong", f"it gave something that cannot be compared ({type(error).__name__})"
    return result.state, "" if result.passed else in_words(result)


def _looked_at(exercise: Exercise, case: tuple, outcome: Outcome) -> Outcome:
    """An outcome as the exercise's ``run`` sees it, from what the answer gave."""
    if outcome.trouble:
        return outcome
    return attempt(exercise, lambda *_arguments: outcome.value, case)


def in_words(result: Result) -> str:
    """A verdict on one line: the hint first, then the case that shows the mistake."""
    parts = [("hint:", result.hint, 600), ("", result.message, 300), ("with", result.call, 200)]
    parts += [("got", result.got, 200), ("due", result.expected, 200)]
    shown = [f"{label} {_short(words, most)}".strip() for label, words, most in parts if words]
    return "; ".join(shown)


def _short(words: str, most: int) -> str:
    words = " ".join(words.split())
    return words if len(words) <= most else words[: most - 1] + "…"


def _crash(ran: Ran) -> str:
    """How a process ended that nobody ended."""
    number = ran.code - 128 if ran.code > 128 else -ran.code  # bwrap adds 128
    try:
        return f"its process ended with {signal.Signals(number).name}"
    except ValueError:
        words = f"its process ended with exit code {ran.code}"
    last = ran.complaint.strip().splitlines()[-1:] if ran.code else []
    return f"{words} ({last[0].strip()[:200]})" if last else words


def unreadable(submission: Submission, why: str) -> list[Row]:
    """The one row of what is no notebook of this course."""
    return [_row(submission, "", "", "unreadable", why, 0.0)]


def _row(
    submission, lesson: str, exercise: str, state: str, detail: str, seconds: float
) -> Row:
    return Row(
        submission.student, lesson, exercise, state, detail[:2000], round(seconds, 2),
        submission.name,
    )  # fmt: skip


def as_data(row: Row) -> dict[str, Any]:
    """A row for JSON."""
    return asdict(row)


def renamed(row: Row, submission: Submission) -> Row:
    """A kept row, under the name that its file has now."""
    return replace(row, student=submission.student, notebook=submission.name)
