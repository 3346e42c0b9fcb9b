"""Find an exercise by its name, judge an answer, give hints and, in the end, the solution."""

from __future__ import annotations

import difflib
import inspect
import textwrap
from collections.abc import Iterable
from html import escape
from typing import Any

import numpy as np
from torch import Tensor

from unet_teach.exercises.agreement import agree, as_array, describe, kind, plain
from unet_teach.exercises.diagnosis import Trial, diagnose, of_error
from unet_teach.exercises.drawn import drawn
from unet_teach.exercises.exercise import Exercise
from unet_teach.exercises.guarded import guarded
from unet_teach.exercises.result import Note, Result, marked
from unet_teach.exercises.running import EACH, SECONDS, Outcome, TooLong, attempt, limited
from unet_teach.rooms import room, rooms
from unet_teach.translation import _, _n

PRINTED = 600  # characters of what an answer printed


def exercises(lesson: str) -> tuple[Exercise, ...]:
    """The exercises of one lesson, easy, core, stretch."""
    return room(lesson, "exercises").EXERCISES


def exercise_named(name: str) -> Exercise:
    """The exercise of this name.

    Raises
    ------
    ValueError
        No such exercise; names the closest and all of that lesson.
    """
    known = rooms()
    lesson = str(name)[:2]
    found = exercises(lesson) if lesson in known else ()
    for exercise in found:
        if exercise.name == name:
            return exercise
    if not found:
        listed = ", ".join(known)
        raise ValueError(f"no exercise {name!r}; a name starts with its lesson: {listed}")
    names = [exercise.name for exercise in found]
    close = difflib.get_close_matches(str(name), names, n=1)
    guess = f"did you mean {close[0]!r}? " if close else ""
    raise ValueError(f"no exercise {name!r}; {guess}valid names: {', '.join(names)}")


def judge(
    exercise: Exercise, answer: Any, seconds: float = SECONDS, each: float = EACH
) -> Result:
    """What an answer to an exercise is worth, within so many seconds of computing."""
    if answer is Ellipsis or answer is None:
        return _not_attempted(exercise)
    if exercise.cases is not None and not callable(answer):
        message = _("got {got}, due a function: give its name, without brackets").format(
            got=kind(answer)
        )
        return Result(exercise.name, "wrong", message)
    if exercise.cases is None and callable(answer):
        message = _("got a function, due {due}: call it").format(due=exercise.due)
        return Result(exercise.name, "wrong", message)
    ran: list[tuple[tuple, Outcome]] = []
    running: tuple = ()
    try:
        with limited(seconds, each) as limit:
            for running in exercise.arguments():
                limit.begin()
                ran.append((running, attempt(exercise, answer, running)))
                if not ran[-1][1].attempted:
                    break
    except TooLong:
        return _too_long(exercise, answer, ran, running, limit.elapsed)
    return verdict(exercise, answer, ran)


def _too_long(
    exercise: Exercise, answer: Any, ran: list, running: tuple, elapsed: tuple[float, float]
) -> Result:
    """What was wrong before it was stopped; else how long it ran, and on which case."""
    found = verdict(exercise, answer, ran) if ran else None
    if found and found.state == "wrong":
        return found
    all_of_it, this = (f"{seconds:.0f}" if seconds >= 3 else f"{seconds:.1f}"
                       for seconds in elapsed)  # fmt: skip
    if this == all_of_it or not ran:
        message = _(
            "it ran for {this} s on this case and was stopped: is there a loop without end?"
        ).format(this=this)
    else:
        message = _n(
            "it is right in the {n} case that it finished, but slow: stopped after {all} s, "
            "of which {this} s for this case",
            "it is right in the {n} cases that it finished, but slow: stopped after {all} s, "
            "of which {this} s for this case",
            len(ran), all=all_of_it, this=this,
        )  # fmt: skip
    return Result(
        exercise.name, "wrong", message,
        call=_call(exercise, answer, running), advice=_advice(exercise),
    )  # fmt: skip


def verdict(exercise: Exercise, answer: Any, ran: list[tuple[tuple, Outcome]]) -> Result:
    """What the outcomes of some cases say; the answer itself gives only its name."""
    if not all(outcome.attempted for _arguments, outcome in ran):
        return _not_attempted(exercise)
    with guarded():
        trials = [_tried(exercise, *entry) for entry in ran]
        if all(not trial.differs for trial in trials):
            return Result(
                exercise.name, "passed", exercise.worth, notes=_notes(exercise, trials)
            )
        return _wrong(exercise, answer, trials)


def _not_attempted(exercise: Exercise) -> Result:
    advice = _('When you want help: hint("{name}").').format(name=exercise.name)
    return Result(exercise.name, "not attempted", exercise.task, advice=advice)


def _tried(exercise: Exercise, arguments: tuple, outcome: Outcome) -> Trial:
    due = exercise.expected(arguments)
    return Trial(arguments, outcome, _differs(exercise, outcome, due), due)


def differs(exercise: Exercise, outcome: Outcome, arguments: tuple) -> str:
    """What is wrong with the outcome of one case, in words; "" where it is right."""
    return _tried(exercise, arguments, outcome).differs


def _differs(exercise: Exercise, outcome: Outcome, due: Any) -> str:
    if outcome.trouble:
        return outcome.trouble
    if exercise.keeps_input and outcome.changed:
        return _changed(outcome.changed)
    try:
        return exercise.same(outcome.value, due)
    except Exception:  # a comparison of the exercise's own that the answer's type breaks
        return _("got {got}, due {due}").format(got=kind(outcome.value), due=exercise.due)


def _changed(names: str) -> str:
    return _(
        "your function changed its input {names}: whoever calls it still needs that as it was; "
        "work on a copy"
    ).format(names=names)


def _notes(exercise: Exercise, trials: list[Trial]) -> tuple[str, ...]:
    """What should be known besides, right or wrong."""
    changed = _all(trial.outcome.changed for trial in trials)
    left = _all(trial.outcome.left for trial in trials)
    notes = [_changed(changed)] if changed and not exercise.keeps_input else []
    if left:
        notes.append(
            _("your function changed {names} for the whole notebook; the check put it back")
            .format(names=left)
        )  # fmt: skip
    return tuple(notes)


def _all(names: Iterable[str]) -> str:
    """The names of several such lists, each once."""
    return ", ".join(dict.fromkeys(name for some in names for name in some.split(", ") if name))


def _wrong(exercise: Exercise, answer: Any, trials: list[Trial]) -> Result:
    """The smallest case that shows the mistake, and the hint that fits."""
    failed = [trial for trial in trials if trial.differs]
    worst = min(failed, key=lambda trial: size(trial.arguments))
    outcome, message, got, expected, picture = worst.outcome, worst.differs, "", "", ""
    found = diagnose(exercise, trials)
    if message in found.hint:  # said already
        message = ""
    if exercise.cases is None:
        got, expected = describe(outcome.value), exercise.due
        message = _value_differs(outcome.value, worst.due)
    elif not outcome.trouble and not (exercise.keeps_input and outcome.changed):
        got, expected = describe(outcome.value), describe(worst.due)
        if message == _("got {got}, due {due}").format(got=got, due=expected):
            message = ""  # said already
        picture = drawn(exercise.named(worst.arguments), outcome.value, worst.due)
    return Result(
        exercise.name,
        "wrong",
        message,
        call=_call(exercise, answer, worst.arguments),
        got=got,
        expected=expected,
        hint=found.hint or of_error(outcome),
        advice="" if found.mistake else _advice(exercise),
        mistake=found.mistake,
        printed=outcome.printed.strip()[:PRINTED],
        notes=_notes(exercise, trials),
        picture=picture,
    )


def _value_differs(got: Any, expected: Any) -> str:
    """How near a value is, without giving the answer away."""
    got, expected = plain(got), plain(expected)
    if isinstance(expected, list) and (found := as_array(got)) is not None and found.ndim:
        got = list(found)
    lists = isinstance(expected, list) and isinstance(got, list)
    if lists and len(got) == len(expected):
        right = sum(not agree(*pair) for pair in zip(got, expected, strict=True))
        return _("{right} of {all} are right").format(right=right, all=len(expected))
    if lists:
        return agree(got, expected)  # it names two numbers of entries
    if isinstance(expected, dict) and isinstance(got, dict):
        if set(got) != set(expected):
            return agree(got, expected)  # it names a key and no value
        right = sum(not agree(got[key], expected[key]) for key in expected)
        return _("{right} of {all} are right").format(right=right, all=len(expected))
    return agree(got, expected) if kind(got) != kind(expected) else _("that is not it")


def size(arguments: Any) -> float:
    """How large a case is: the smallest one that fails is shown."""
    if isinstance(arguments, (Tensor, np.ndarray)):
        return float(np.prod(arguments.shape))
    if isinstance(arguments, bool | str) or arguments is None:
        return 0.0
    if isinstance(arguments, (int, float)):
        return float(abs(arguments))
    if isinstance(arguments, dict):
        arguments = list(arguments.values())
    if isinstance(arguments, (list, tuple)):
        return float(sum(size(argument) for argument in arguments))
    return 1.0


def _call(exercise: Exercise, answer: Any, arguments: tuple) -> str:
    if exercise.cases is None:
        return ""
    name = getattr(answer, "__name__", exercise.name.split(".")[1])
    return exercise.case("f" if name == "<lambda>" else str(name), arguments)


def _advice(exercise: Exercise) -> str:
    return _('It should give {due}. For help: hint("{name}").').format(
        due=exercise.due, name=exercise.name
    )


# Of each exercise, the hint that `hint` gave last: the next call moves on.
_given: dict[str, int] = {}


def hint(name: str, number: int | None = None) -> Note:
    """The hints to an exercise, one at a time: the first asks, the last nearly tells.

    Without a number, each call gives the next one; the last stays.

    Raises
    ------
    ValueError
        No such exercise, or no such hint.
    """
    hints = exercise_named(name).hints
    if number is None:
        number = min(_given.get(name, 0) + 1, len(hints))
    if number not in range(1, len(hints) + 1):
        raise ValueError(f"hint is {number!r}; {name} has hints 1 to {len(hints)}")
    _given[name] = number
    title = _("Hint {number} of {all}").format(number=number, all=len(hints))
    more = _('Still stuck: solution("{name}").').format(name=name)
    if number < len(hints):
        more = _('The next one: hint("{name}") once more.').format(name=name)
    words = hints[number - 1]
    html = f"<div>{marked(words)}</div><div>{marked(more)}</div>"
    return Note(title, html, f"{words}\n{more}")


def solution(name: str, sure: bool = False) -> Note:
    """The reference answer, behind a fold; as text only when you are sure.

    Raises
    ------
    ValueError
        No such exercise.
    """
    exercise = exercise_named(name)
    title = _("One solution of {name}").format(name=name)
    question = _("Have you tried, and read all hints? A wrong try teaches more than this.")
    code = source(exercise)
    html = (
        f"<div>{escape(question)}</div><details{' open' if sure else ''}>"
        f"<summary>{escape(_('Show it'))}</summary><pre>{escape(code)}</pre></details>"
    )
    ask = _('Then: solution("{name}", sure=True)').format(name=name)
    text = code if sure else f"{question}\n{ask}"
    return Note(title, html, text)


def source(exercise: Exercise) -> str:
    """The reference as a learner would write it, without its docstring's length."""
    if exercise.cases is None:
        return repr(exercise.reference())
    return textwrap.dedent(inspect.getsource(exercise.reference)).rstrip()
