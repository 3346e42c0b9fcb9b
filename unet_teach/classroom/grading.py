"""From a notebook to a verdict on each exercise: the child runs, this process compares.

What the child says is the student's, so reading and comparing it has limits, too: an exercise
whose values take too long to look at is *stopped*, and the others are judged all the same.
"""

from __future__ import annotations

import io
import json
import pickle
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field, fields

from unet_teach.classroom.harness import checks_of, harness_source, run_there
from unet_teach.classroom.lessons import Place, places
from unet_teach.classroom.meter import BUSY
from unet_teach.classroom.notebook import Notebook
from unet_teach.classroom.plain import decode
from unet_teach.classroom.running import ProcessResult
from unet_teach.classroom.sandbox import Limits, caps
from unet_teach.exercises.exercise import Exercise
from unet_teach.exercises.judging import verdict
from unet_teach.exercises.result import Result
from unet_teach.exercises.running import Outcome, TooLong, attempt, limited

STRANGE = 1000  # lines that the child cannot have written, until nobody listens any more
GENERAL = 2**16  # bytes of a line about the whole notebook
SIMPLE = bool | int | float | str  # what else of an outcome is told


@dataclass(frozen=True)
class Course:
    """A lesson as this run asks it: exercises whose cases are drawn, and what a child needs."""

    lesson: str
    exercises: tuple[Exercise, ...]
    cases: dict[str, list]
    tasks: tuple[dict, ...]
    harness: str

    def job(self, notebook: Notebook, limits: Limits, sandboxed: bool, slot: int) -> bytes:
        """What the child is told. Pickled by us and read by it, never the other way."""
        return pickle.dumps(
            {
                "lesson": self.lesson,
                "cells": notebook.cells,
                "tasks": self.tasks,
                "harness": self.harness,
                "each": limits.each,
                "limits": caps(limits, sandboxed, slot),
            }
        )


def course(lesson: str, seed: int) -> Course:
    """The exercises of a lesson, with the cases that a seed draws; the seed stays here."""
    own = {place.exercise: place for place in places(lesson)}
    drawn = tuple(e for e in checks_of(lesson).EXERCISES if e.name in own)
    cases = {e.name: list(e.arguments(seed=seed)) for e in drawn}
    tasks = tuple(_task(e, own[e.name], cases[e.name]) for e in drawn)
    return Course(lesson, drawn, cases, tasks, harness_source(lesson, drawn, cases))


def _task(exercise: Exercise, place: Place, cases: list) -> dict:
    return {
        "exercise": exercise.name,
        "answer": place.answer,
        "value": exercise.cases is None,
        "run": run_there(exercise),
        "cases": pickle.dumps(cases),
    }


@dataclass
class ExerciseOutput:
    """What the child said of one exercise."""

    outcomes: list[Outcome] = field(default_factory=list)
    stopped: str = ""
    missing: bool = False
    seconds: float = 0.0
    strange: bool = False  # said what it could not have said


@dataclass
class Report:
    """The child's lines, sorted; those of the exercises not understood yet."""

    lines: dict[str, list[bytes]]
    notes: dict[str, list[str]] = field(default_factory=dict)
    running: str = ""  # the exercise that had begun when it ended
    setup: str = ""  # the first error of the set-up
    late: str = ""  # what of the cells before did not come to its end
    strange: int = 0  # lines that it could not have written

    @property
    def flooded(self) -> bool:
        return self.strange > STRANGE


def sort_lines(said: bytes, course: Course) -> Report:
    """Sort the child's lines; one that is not due is counted, and passed over."""
    report = Report({exercise.name: [] for exercise in course.exercises})
    most = {name: len(cases) + 3 for name, cases in course.cases.items()}
    for line in io.BytesIO(said):
        name, _tab, text = line.partition(b"\t")
        name = name.decode(errors="replace")
        if line.endswith(b"\n") and len(report.lines.get(name, ())) < most.get(name, 0):
            report.lines[name].append(text)
            continue
        try:
            if name or len(line) > GENERAL:
                raise ValueError("a line that is not due")
            _read_general(report, json.loads(text))
        except Exception:  # a student can write anything there
            report.strange += 1
            if report.flooded:
                break
    return report


def _read_general(report: Report, line: dict) -> None:
    """A line about the whole notebook."""
    if "notes" in line:
        if not report.notes:  # the first: before any of the student's code ran
            report.notes = {str(k): [str(w) for w in v] for k, v in line["notes"].items()}
    elif "late" in line:
        report.late = str(line["late"])
    elif "starts" in line:
        report.running = line["starts"] if line["starts"] in report.lines else ""
    else:
        report.setup = str(line["setup"])


def read_output(lines: list[bytes], count: int) -> ExerciseOutput:
    """Understand the lines of one exercise that has so many cases."""
    output = ExerciseOutput()
    for text in lines:
        try:
            line = json.loads(text)
            if "case" in line:
                if line["case"] != len(output.outcomes) or line["case"] >= count:
                    raise ValueError("a case that is not due")
                output.outcomes.append(_outcome(line))
            elif "stopped" in line:
                output.stopped = str(line["stopped"])
            elif line.get("missing") is True:
                output.missing = True
            else:
                output.seconds = min(float(line["seconds"]), 1e6)
        except Exception:
            output.strange = True
    return output


def _outcome(line: dict) -> Outcome:
    known = {f.name for f in fields(Outcome)} - {"value"}
    told = {k: v for k, v in line.items() if k in known and isinstance(v, SIMPLE)}
    if "value" not in line:
        return Outcome(**told)
    try:
        return Outcome(decode(line["value"]), **told)
    except Exception:
        return Outcome(trouble="it gave something that cannot be read")


@dataclass(frozen=True)
class Verdict:
    """What became of one exercise."""

    exercise: str
    state: str
    detail: str
    seconds: float


def verdicts(course: Course, ran: ProcessResult, each: float) -> Iterator[Verdict]:
    """What became of each exercise of one notebook; ``each``: seconds to judge one."""
    report = sort_lines(ran.said, course)
    for exercise in course.exercises:
        output = ExerciseOutput()
        try:
            with limited(each, patience=BUSY):
                cases = course.cases[exercise.name]
                output = read_output(report.lines[exercise.name], len(cases))
                state, detail = judged(exercise, cases, output)
        except TooLong:
            state, detail = "stopped", f"to judge what it gave took more than {each:g} s"
        except MemoryError:
            state, detail = "stopped", "to judge what it gave took too much memory"
        if not state:
            state, detail = _ended(report, ran, exercise.name)
        if report.late and state in ("wrong", "missing"):  # it may have missed something
            state, detail = "stopped", "; ".join(part for part in (report.late, detail) if part)
        notes = "; ".join([detail, *_notes(report, output, exercise.name, state)])
        yield Verdict(exercise.name, state, notes.removeprefix("; "), output.seconds)


def _ended(report: Report, ran: ProcessResult, name: str) -> tuple[str, str]:
    """What there is to say of an exercise that the child did not finish."""
    if report.flooded:
        return "stopped", "it flooded the results' channel"
    where = report.running if report.running != name else ""
    words = ran.stopped or _crash(ran)
    return "stopped" if ran.stopped else "crashed", words + (f", in {where}" if where else "")


def _notes(report: Report, output: ExerciseOutput, name: str, state: str) -> list[str]:
    notes = [*report.notes.get("", []), *report.notes.get(name, [])]
    if report.setup and state == "wrong":
        notes.append(f"the set-up broke: {report.setup}")
    if report.strange or output.strange:
        notes.append("wrote into the results' channel")
    return [f"note: {', '.join(notes)}"] if notes else []


def judged(exercise: Exercise, cases: list, output: ExerciseOutput) -> tuple[str, str]:
    """State and detail, from what the child said alone; "" where it did not get that far."""
    if output.missing:
        return "missing", "neither its cell nor its name was found"
    outcomes = output.outcomes
    if output.stopped:
        last = outcomes[-1].trouble if outcomes else ""
        return "stopped", output.stopped + (f"; before that {last}" if last else "")
    if outcomes and not outcomes[-1].attempted:
        return "not attempted", ""
    if len(outcomes) < len(cases):
        if len(outcomes) == 1 and outcomes[0].trouble:  # its cell broke: no case was run
            return "wrong", outcomes[0].trouble
        return "", ""
    ran = list(zip(cases, outcomes, strict=True))
    if exercise.only_looks:
        ran = [(case, _looked_at(exercise, case, outcome)) for case, outcome in ran]
    try:
        result = verdict(exercise, None, ran)
    except MemoryError:
        raise
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


def _crash(ran: ProcessResult) -> str:
    """How a process ended that nobody ended."""
    number = ran.code - 128 if ran.code > 128 else -ran.code  # bwrap adds 128
    try:
        return f"its process ended with {signal.Signals(number).name}"
    except ValueError:
        words = f"its process ended with exit code {ran.code}"
    last = ran.complaint.strip().splitlines()[-1:] if ran.code else []
    return f"{words} ({last[0].strip()[:200]})" if last else words
