"""What the student's process needs of a lesson's checks, and nothing that gives an answer away.

Some exercises are run by a small function of their own (``run``: build the network, give it
these weights, pass this image through), and some get arguments of a class of their own. Their
source is cut out of the lesson's file, with what it needs in turn; the references stay here.
"""

from __future__ import annotations

import ast
import inspect
import io
import pickle
from types import ModuleType
from typing import Any

from unet_teach.exercises.exercise import Exercise
from unet_teach.rooms import room


def checks_of(lesson: str) -> ModuleType:
    """The file with a lesson's exercises and answers; for the teacher's process only."""
    return room(lesson, "exercises")


def harness_source(lesson: str, exercises: tuple[Exercise, ...], cases: dict[str, list]) -> str:
    """Source of the functions and classes that running a lesson's exercises needs.

    Raises
    ------
    ValueError
        An answer would be among them.
    """
    module = checks_of(lesson)
    roots = set()
    for exercise in exercises:
        roots |= {run_there(exercise)} - {""}
        roots |= own_classes(module.__name__, cases[exercise.name])
    source, names = cut_out(inspect.getsource(module), roots)
    for exercise in exercises:
        if exercise.reference.__name__ in names:
            raise ValueError(f"{exercise.name}: what runs it needs the answer itself")
    return source


def run_there(exercise: Exercise) -> str:
    """The function of the lesson's checks that runs an answer in the child; "" for a call."""
    own = exercise.run.__module__.startswith("unet_teach.lessons.")
    return exercise.run.__name__ if own and not exercise.only_looks else ""


def own_classes(module: str, cases: list) -> set[str]:
    """The names of the module's classes among these arguments, however deep inside."""
    found = set()

    class Look(pickle.Pickler):
        def persistent_id(self, thing: Any) -> None:
            if type(thing).__module__ == module:
                found.add(type(thing).__name__)

    Look(io.BytesIO()).dump(cases)
    return found


def cut_out(source: str, roots: set[str]) -> tuple[str, set[str]]:
    """The imports of a source, and those of its definitions that some names need.

    Examples
    --------
    >>> code = "import math\\nTWO = 2\\ndef f():\\n    return TWO\\ndef g():\\n    return 3"
    >>> cut_out(code, {"f"})[0].splitlines()
    ['import math', 'TWO = 2', 'def f():', '    return TWO']
    """
    tree = ast.parse(source)
    defined: dict[str, ast.stmt] = {}
    for statement in tree.body:
        for name in names_of(statement):
            defined[name] = statement
    needed, waiting = set(), roots & set(defined)  # the others are imported, or Python's
    while waiting:
        name = waiting.pop()
        needed.add(name)
        inside = {n.id for n in ast.walk(defined[name]) if isinstance(n, ast.Name)}
        waiting |= (inside & set(defined)) - needed
    kept = [
        statement
        for statement in tree.body
        if isinstance(statement, ast.Import | ast.ImportFrom)
        or needed & set(names_of(statement))
    ]
    return "\n".join(ast.unparse(statement) for statement in kept), needed


def names_of(statement: ast.stmt) -> list[str]:
    """The names that a statement at the top of a file gives a meaning to."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    targets = getattr(statement, "targets", [getattr(statement, "target", None)])
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        return [n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)]
    return []
