"""The student's process: runs their cells, then their functions, and says what came out.

    python child.py < job > lines

It knows the arguments that the teacher's process chose, and no right answer. A line of JSON for
each case goes to its standard output; whatever the student's code prints goes nowhere. Nothing
that it says is believed: the teacher's process compares.
"""

from __future__ import annotations

import ast
import codeop
import contextlib
import json
import linecache
import os
import pickle
import sys
import time
from types import ModuleType
from typing import Any

NONE = object()  # no answer to run


class Absent(ModuleType):
    """Stands in for a file of answers: every name can be imported, and none has an answer."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def absent(*arguments: Any, **options: Any) -> None:
            raise RuntimeError(f"{name} of {self.__name__} is not there while you are graded")

        return absent


class Sender:
    """Writes lines to where the teacher's process reads; the student's prints go elsewhere."""

    def __init__(self) -> None:
        self.process, self.out = os.getpid(), os.fdopen(os.dup(1), "w", encoding="utf-8")
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)

    def __call__(self, name: str = "", **line: Any) -> None:
        """A line of an exercise; without its name, of the whole notebook."""
        if os.getpid() == self.process:  # a copy that the student's code made stays silent
            self.out.write(f"{name}\t{json.dumps(line)}\n")
            self.out.flush()


def limit(limits: dict) -> None:
    """Give up rights that a teacher who is root has, and cap what one process may take."""
    from unet_teach.classroom.seccomp import forbid

    with contextlib.suppress(ImportError):  # Windows has neither
        import resource

        caps = {
            "RLIMIT_AS": limits["memory"],
            "RLIMIT_CPU": limits["seconds"] + 5,
            "RLIMIT_FSIZE": limits["disk"],
            "RLIMIT_CORE": 0,
            "RLIMIT_NOFILE": 256,
            "RLIMIT_NPROC": limits["processes"],
        }
        for name, cap in caps.items():
            if cap is not None:
                with contextlib.suppress(ValueError, OSError):  # stricter already, or unknown
                    resource.setrlimit(getattr(resource, name), (cap, cap))
        if limits["user"] is not None:
            os.setgroups([])
            os.setgid(limits["user"])
            os.setuid(limits["user"])
    forbid()


def hide_answers(lessons: list[str], harness: dict[str, str]) -> dict[str, Any]:
    """Put stand-ins for the answers' modules; returns what ``check`` will be handed."""
    from unet_teach import exercises as checks
    from unet_teach.classroom.lessons import answers_of
    from unet_teach.exercises import checking, judging, keeping

    handed: dict[str, Any] = {}

    def check(name: str = "", answer: Any = None, *_rest: Any) -> None:
        handed[str(name)] = answer

    def nothing(*_arguments: Any, **_options: Any) -> None:
        return None

    def mine(*_names: str) -> Absent:
        return Absent(keeping.FILE)

    for module in (checks, checking, judging, keeping):
        module.check, module.hint, module.solution = check, nothing, nothing
        module.mine = mine
    for lesson in lessons:
        module = Absent(answers_of(lesson))
        sys.modules[module.__name__] = module
        exec(harness.get(lesson, ""), module.__dict__)
    return handed


def run_cells(cells: list, namespace: dict, seconds: float) -> tuple[dict, dict]:
    """Run what is to be run of each cell.

    Returns
    -------
    (dict, dict)
        By exercise, the first error of its cell, and whose cell did not come to its end; under
        "" those of the set-up, and of any cell that is no exercise's.
    """
    from unet_teach.classroom.meter import BUSY
    from unet_teach.exercises.running import explain, limited

    troubles: dict[str, str] = {}
    late: dict[str, str] = {}
    compiler = codeop.Compile()  # remembers `from __future__`
    for cell in cells:
        name = f"<ipython-input-{cell.label}>"
        lines = [line + "\n" for line in cell.source.split("\n")]
        linecache.cache[name] = (0, None, lines, name)
        errors = [explain(cell.trouble)] if cell.trouble else []
        try:
            with limited(seconds, patience=BUSY):
                for statement in cell.statements():
                    try:
                        exec(compiler(ast.Module([statement], []), name, "exec"), namespace)
                    except KeyboardInterrupt:
                        raise
                    except BaseException as error:  # `exit()`, too, ends nothing
                        errors.append(in_words(error, explain))
        except KeyboardInterrupt:
            for exercise in cell.exercises or [""]:
                words = f"cell {cell.label} did not come back within {seconds:g} s"
                late.setdefault(exercise, words)
        if errors and cell.whole:
            for exercise in cell.exercises or [""]:
                troubles.setdefault(exercise, errors[0])
    return troubles, late


def no_answer(*_arguments: Any) -> None:
    """Stands where an exercise has its reference."""
    raise RuntimeError("there are no answers in this process")


def run_answer(send: Sender, task: dict, answer: Any, run: Any, seconds: float) -> None:
    """One exercise: a line for each case, until one is not attempted or takes too long."""
    from unet_teach.classroom.meter import BUSY
    from unet_teach.exercises.agreement import kind
    from unet_teach.exercises.exercise import Exercise, call
    from unet_teach.exercises.running import attempt, limited

    name, cases = task["exercise"], pickle.loads(task["cases"])
    due = None if task["value"] else iter
    # An exercise without its answer: enough to run one.
    stand_in = Exercise(name, "", no_answer, (), (), "", cases=due, run=run or call)
    if answer is None or answer is Ellipsis:
        return send(name, case=0, attempted=False)
    if task["value"] == callable(answer):
        words = "a value: call it" if task["value"] else "a function: give its name"
        return send(name, case=0, trouble=f"got {kind(answer)}, due {words}")
    start = time.perf_counter()
    try:
        with limited(seconds, patience=BUSY):
            for number, arguments in enumerate(cases):
                try:
                    told = _said(attempt(stand_in, answer, arguments))
                except Exception as error:
                    told = {"trouble": in_words(error)}
                send(name, case=number, **told)
                if not told.get("attempted", True):
                    break
    except KeyboardInterrupt:
        send(name, stopped=f"it did not come back within {seconds:g} s")
    send(name, seconds=time.perf_counter() - start)


def _said(outcome: Any) -> dict:
    """An outcome for JSON: its value as plain data, and what else is simple in it."""
    from unet_teach.classroom.plain import encode

    simple = bool | int | float | str
    others = {name: v for name, v in vars(outcome).items() if name != "value"}
    told = {name: v for name, v in others.items() if isinstance(v, simple)}
    told = {name: v[:500] if isinstance(v, str) else v for name, v in told.items()}
    if not outcome.attempted or outcome.trouble:
        return told
    try:
        return told | {"value": encode(outcome.value)}
    except KeyboardInterrupt:
        raise
    except (
        BaseException
    ) as error:  # a class of the student's own may do anything when looked at
        return told | {"trouble": in_words(error)}


def in_words(error: BaseException, how: Any = str) -> str:
    """An error as a text, whatever the student's class does when it is asked for one."""
    try:
        return how(error)[:500] or type(error).__name__
    except KeyboardInterrupt:
        raise
    except BaseException:
        return f"it raised {type(error).__name__}"


def answer_of(send: Sender, task: dict, handed: dict, namespace: dict, cells: tuple) -> Any:
    """The answer to one exercise, where there is one to run; else says why, and `NONE`."""
    name, (found, troubles, late) = task["exercise"], cells
    if name in handed:
        answer = handed[name]
    elif task["answer"] in namespace:
        answer = namespace[task["answer"]]
    elif name in late:
        send(name, stopped=late[name])
        return NONE
    elif name in found:
        words = troubles.get(name) or f"its cell defines no {task['answer']}"
        send(name, case=0, trouble=words)
        return NONE
    else:
        send(name, missing=True)
        return NONE
    if troubles.get(name) and task["value"] and answer is Ellipsis:
        send(name, case=0, trouble=troubles[name])
        return NONE
    return answer


def main() -> None:
    send = Sender()
    job = pickle.load(sys.stdin.buffer)  # from who judges, never from a student
    limit(job["limits"])
    from unet_teach.classroom import cells as reading
    from unet_teach.classroom.lessons import answers_of, lessons, places

    lesson, each = job["lesson"], job["each"]
    cells = reading.read(job["cells"], lesson, places(lesson))
    found = {exercise for cell in cells for exercise in cell.exercises}
    send(notes=reading.notes(cells, lesson, places(lesson)))  # before any of their code runs
    handed = hide_answers(lessons(), {lesson: job["harness"]})
    helpers = dict(sys.modules[answers_of(lesson)].__dict__)
    namespace = {"__name__": "__main__", "display": print, "get_ipython": lambda: None}
    troubles, late = run_cells(cells, namespace, each)
    if late.get(""):
        send(late=late[""])
    for task in job["tasks"]:
        send(starts=task["exercise"])
        answer = answer_of(send, task, handed, namespace, (found, troubles, late))
        if answer is not NONE:
            run_answer(send, task, answer, helpers.get(task["run"]), each)
    send(setup=troubles.get("", "")[:300])
    send.out.flush()
    os._exit(0)  # nothing that the student's code left behind gets a word


if __name__ == "__main__":
    main()
