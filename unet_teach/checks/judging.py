"""Find an exercise by its name, judge an answer, give hints and, in the end, the solution."""

from __future__ import annotations

import difflib
import inspect
import os
import textwrap
from html import escape
from importlib import import_module, resources
from typing import Any

import numpy as np
from torch import Tensor

from unet_teach.checks.agreement import agree, describe, kind
from unet_teach.checks.exercise import Exercise, Mistake
from unet_teach.checks.result import ExerciseFailed, Note, Result
from unet_teach.checks.running import SECONDS, Outcome, TooLong, attempt, limited
from unet_teach.translation import _


def lessons() -> list[str]:
    """The numbers of the lessons that have exercises: "00", "01", …"""
    files = [entry.name for entry in resources.files("unet_teach.checks").iterdir()]
    return sorted(name[7:9] for name in files if name.startswith("lesson_"))


def exercises(lesson: str) -> tuple[Exercise, ...]:
    """The exercises of one lesson, easy, core, stretch."""
    return import_module(f"unet_teach.checks.lesson_{lesson}").EXERCISES


def exercise_named(name: str) -> Exercise:
    """The exercise of this name.

    Raises
    ------
    ValueError
        No such exercise; names the closest and all of that lesson.
    """
    known = lessons()
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


def check(name: str, answer: Any) -> Result:
    """Judge an answer to an exercise.

    Parameters
    ----------
    name : the exercise, for example ``"05.center_crop"``
    answer : your function (itself, not its result) or, where one is asked for, your value

    Returns
    -------
    Result
        Not attempted, wrong (with the smallest case that shows it, and a hint where the
        mistake is a known one) or passed.

    Raises
    ------
    ValueError
        No such exercise.
    ExerciseFailed
        With ``UNET_TEACH_STRICT=1``, where the exercise is not solved.
    """
    result = judge(exercise_named(name), answer)
    if os.environ.get("UNET_TEACH_STRICT") == "1" and not result.passed:
        raise ExerciseFailed(str(result))
    return result


def judge(exercise: Exercise, answer: Any, seconds: float = SECONDS) -> Result:
    """As `check`, for an exercise at hand."""
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
        with limited(seconds):
            for running in exercise.arguments():
                ran.append((running, attempt(exercise, answer, running)))
                if not ran[-1][1].attempted:
                    break
    except TooLong:
        message = _("it did not come back within {seconds:.0f} s: a loop without end?")
        return Result(
            exercise.name, "wrong", message.format(seconds=seconds),
            call=_call(exercise, answer, running), advice=_advice(exercise),
        )  # fmt: skip
    return verdict(exercise, answer, ran)


def verdict(exercise: Exercise, answer: Any, ran: list[tuple[tuple, Outcome]]) -> Result:
    """What the outcomes of some cases say; the answer itself gives only its name."""
    if not all(outcome.attempted for _arguments, outcome in ran):
        return _not_attempted(exercise)
    tried = [(*entry, _differs(exercise, *entry)) for entry in ran]
    if all(not differs for _arguments, _outcome, differs in tried):
        return Result(exercise.name, "passed")
    return _wrong(exercise, answer, tried)


def _not_attempted(exercise: Exercise) -> Result:
    advice = _('When you want help: hint("{name}").').format(name=exercise.name)
    return Result(exercise.name, "not attempted", exercise.task, advice=advice)


def _differs(exercise: Exercise, arguments: tuple, outcome: Outcome) -> str:
    if outcome.trouble:
        return outcome.trouble
    try:
        return exercise.same(outcome.value, exercise.expected(arguments))
    except Exception:  # a comparison of the exercise's own that the answer's type breaks
        return _("got {got}, due {due}").format(got=kind(outcome.value), due=exercise.due)


def _wrong(exercise: Exercise, answer: Any, tried: list) -> Result:
    """The smallest case that shows the mistake, and its hint where it is a known one."""
    failed = [entry for entry in tried if entry[2]]
    arguments, outcome, differs = min(failed, key=lambda entry: size(entry[0]))
    mistake = recognise(exercise, tried)
    got = "" if outcome.trouble else describe(outcome.value)
    expected = "" if outcome.trouble else _shown(exercise, arguments)
    message = differs
    if exercise.cases is None:
        message = _value_differs(outcome.value, exercise.reference())
    elif differs == _("got {got}, due {due}").format(got=got, due=expected):
        message = ""  # said already
    return Result(
        exercise.name,
        "wrong",
        message,
        call=_call(exercise, answer, arguments),
        got=got,
        expected=expected,
        hint=mistake.hint if mistake else "",
        advice="" if mistake else _advice(exercise),
        mistake=mistake.name if mistake else "",
    )


def _shown(exercise: Exercise, arguments: tuple) -> str:
    """What was due; a value's answer is not given away."""
    return exercise.due if exercise.cases is None else describe(exercise.expected(arguments))


def _value_differs(got: Any, expected: Any) -> str:
    """How near a value is, without giving the answer away."""
    lists = isinstance(expected, (list, tuple)) and isinstance(got, (list, tuple))
    if lists and len(got) == len(expected):
        right = sum(not agree(*pair) for pair in zip(got, expected, strict=True))
        return _("{right} of {all} are right").format(right=right, all=len(expected))
    if lists:
        return _("got {got} entries, due {due}").format(got=len(got), due=len(expected))
    if isinstance(expected, dict) and isinstance(got, dict) and set(got) == set(expected):
        right = sum(not agree(got[key], expected[key]) for key in expected)
        return _("{right} of {all} are right").format(right=right, all=len(expected))
    return agree(got, expected) if kind(got) != kind(expected) else _("that is not it")


def recognise(exercise: Exercise, tried: list) -> Mistake | None:
    """The known mistake that goes wrong in every case just as this answer did."""
    for mistake in exercise.mistakes:
        if all(_alike(exercise, mistake, *entry[:2]) for entry in tried):
            return mistake
    return None


def _alike(exercise: Exercise, mistake: Mistake, arguments: tuple, outcome: Outcome) -> bool:
    theirs = attempt(exercise, mistake.answer, arguments)
    if theirs.trouble or outcome.trouble:
        return bool(theirs.trouble) and bool(outcome.trouble)
    try:
        return not exercise.same(outcome.value, theirs.value)
    except Exception:
        return False


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
    return f"{name}({', '.join(describe(argument) for argument in arguments)})"


def _advice(exercise: Exercise) -> str:
    return _('It should give {due}. For help: hint("{name}").').format(
        due=exercise.due, name=exercise.name
    )


def hint(name: str, number: int = 1) -> Note:
    """The hints to an exercise, one at a time: the first asks, the last nearly tells.

    Raises
    ------
    ValueError
        No such exercise, or no such hint.
    """
    hints = exercise_named(name).hints
    if number not in range(1, len(hints) + 1):
        raise ValueError(f"hint is {number!r}; {name} has hints 1 to {len(hints)}")
    title = _("Hint {number} of {all}").format(number=number, all=len(hints))
    more = ""
    if number < len(hints):
        more = _('The next one: hint("{name}", {next}).').format(name=name, next=number + 1)
    else:
        more = _('Still stuck: solution("{name}").').format(name=name)
    words = hints[number - 1]
    html = f"<div>{escape(words)}</div><div>{escape(more)}</div>"
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
    ask = _('{question}\nThen: solution("{name}", sure=True)')
    text = code if sure else ask.format(question=question, name=name)
    return Note(title, html, text)


def source(exercise: Exercise) -> str:
    """The reference as a learner would write it, without its docstring's length."""
    if exercise.cases is None:
        return repr(exercise.reference())
    return textwrap.dedent(inspect.getsource(exercise.reference)).rstrip()
