"""Which cells of a student's notebook are run, and what is worth a teacher's look in them.

The set-up and the exercises are run as they stand. Of every other cell only what prepares
something is: imports, functions, classes, constants, and calls of ``check``. So a student's
helper in a cell of its own is found, and no training, picture or widget costs time.

This runs in the student's process: the notebook's code is read here and nowhere else.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from unet_teach.classroom.lessons import Place

# What notebooks of the course, or a careful student, import.
EXPECTED = frozenset(
    "unet_teach torch numpy scipy matplotlib PIL math cmath random statistics itertools "
    "functools collections operator copy time typing dataclasses fractions decimal heapq "
    "bisect string re enum abc numbers warnings contextlib textwrap pprint __future__".split()
)
COURSE = {"14": {"os", "tempfile", "pathlib"}, "16": {"tempfile", "pathlib"}}
MAGIC = re.compile(r"^(\s*)[%!?].*$|^(\s*)[\w.]+\?{1,2}\s*$", re.MULTILINE)


@dataclass
class Cell:
    """A code cell, read."""

    label: str
    source: str  # without the lines that only a notebook understands
    whole: bool = False  # run as it stands
    exercises: list[str] = field(default_factory=list)  # whose answer it gives
    tree: ast.Module | None = None
    trouble: SyntaxError | None = None

    def statements(self) -> list[ast.stmt]:
        """What of it is to be run."""
        body = self.tree.body if self.tree else []
        return body if self.whole else [s for s in body if prepares(s)]


def read(cells: list[tuple[str, str]], lesson: str, places: tuple[Place, ...]) -> list[Cell]:
    """A notebook's code cells, from their (id, source), sorted into what is run how."""
    found = []
    for number, (label, code) in enumerate(cells, 1):
        cell = Cell(label or f"cell-{number}", MAGIC.sub(r"\1\2pass", code))
        for place in places:
            if label == place.cell_id or defines(code, place.answer):
                cell.exercises.append(place.exercise)
        cell.whole = bool(cell.exercises) or label == f"{lesson}-setup"
        try:
            cell.tree = ast.parse(cell.source)
        except (SyntaxError, ValueError) as error:  # a null byte is a ValueError
            cell.trouble = error
        found.append(cell)
    if not any(cell.label == f"{lesson}-setup" for cell in found):  # ids were changed
        for cell in found:
            cell.whole |= "unet_teach.checks import" in cell.source
    return found


def defines(code: str, name: str) -> bool:
    """Whether code gives a name a meaning; also where it cannot be parsed.

    Examples
    --------
    >>> [defines(code, "crop") for code in ("def crop(x):", "crop = [1]", "crop(2)")]
    [True, True, False]
    """
    pattern = rf"^(?:(?:async\s+def|def|class)\s+{name}\b|{name}\s*(?::[^=\n]+)?=(?!=))"
    return re.search(pattern, code, re.MULTILINE) is not None


def prepares(statement: ast.stmt) -> bool:
    """Whether a statement only prepares something for later, and cannot take long."""
    kinds = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef
    if isinstance(statement, kinds):
        return True
    if isinstance(statement, ast.Assign):
        try:
            ast.literal_eval(statement.value)
        except ValueError:
            return False
        return statement.value is not None and not _is_ellipsis(statement.value)
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and getattr(call.func, "id", "") == "check"


def _is_ellipsis(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is Ellipsis


def notes(cells: list[Cell], lesson: str, places: tuple[Place, ...]) -> dict[str, list[str]]:
    """What a teacher may want to look at: by exercise, and under "" for the whole notebook."""
    trees = [cell.tree for cell in cells if cell.tree]
    library, others = {}, set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.ImportFrom):
            names = {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
        elif isinstance(node, ast.Import):
            names = {a.asname or a.name.split(".")[0]: a.name for a in node.names}
        else:
            continue
        for name, dotted in names.items():
            if dotted.startswith("unet_teach"):
                library[name] = dotted
            others.add(dotted.split(".")[0])
    found = {}
    if odd := sorted(others - EXPECTED - COURSE.get(lesson, set()) - {"sys", "subprocess"}):
        found[""] = [f"imports {', '.join(odd)}"]
    for place in places:
        own = [cell.tree for cell in cells if place.exercise in cell.exercises and cell.tree]
        used = {name for tree in own for name in _outside(tree)} & set(library)
        used -= {"check", "hint", "solution", *place.uses}
        if used:
            words = ", ".join(sorted(library[name] for name in used))
            found[place.exercise] = [f"uses {words}"]
    return found


def _outside(tree: ast.Module) -> set[str]:
    """The names that code reads and does not make itself; an import counts as read."""
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    made = {name.id for name in names if not isinstance(name.ctx, ast.Load)}
    made |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    imported = {
        alias.asname or alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    return ({name.id for name in names} - made) | imported
