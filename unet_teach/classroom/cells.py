"""Which cells of a student's notebook are run, and what is worth a teacher's look in them.

The set-up and the exercises are run as they stand. Of every other cell only what prepares
something is: imports, functions, classes, constants, calls of ``check``, and whatever the
exercises need (`needs`). So a student's helper in a cell of its own is found, and no training,
picture or widget costs time that no answer asks for.

This runs in the student's process: the notebook's code is read here and nowhere else.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from unet_teach.classroom import magics
from unet_teach.classroom.lessons import Place
from unet_teach.classroom.needs import Names, names, needed
from unet_teach.rooms import facts

# What notebooks of the course, or a careful student, import.
EXPECTED = frozenset(
    "unet_teach torch numpy scipy matplotlib PIL math cmath random statistics itertools "
    "functools collections operator copy time typing dataclasses fractions decimal heapq "
    "bisect string re enum abc numbers warnings contextlib textwrap pprint __future__".split()
)
CONSTANT = (
    ast.Constant, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.UnaryOp, ast.unaryop,
    ast.Name, ast.Attribute, ast.expr_context,
)  # fmt: skip


@dataclass
class Cell:
    """A code cell, read."""

    label: str
    source: str  # without the lines that only a notebook understands
    whole: bool = False  # run as it stands
    exercises: list[str] = field(default_factory=list)  # whose answer it gives
    tree: ast.Module | None = None
    trouble: Exception | None = None
    names: list[Names] = field(default_factory=list)  # of each statement
    needed: set[int] = field(default_factory=set)  # the places of statements

    def statements(self) -> list[ast.stmt]:
        """What of it is to be run."""
        body = self.tree.body if self.tree else []
        chosen = enumerate(body)
        return [s for n, s in chosen if self.whole or n in self.needed or prepares(s)]


def read(cells: list[tuple[str, str]], lesson: str, places: tuple[Place, ...]) -> list[Cell]:
    """A notebook's code cells, from their (id, source), sorted into what is run how."""
    found = []
    for number, (label, code) in enumerate(cells, 1):
        source, tree, trouble = magics.parse(code)
        cell = Cell(label or f"cell-{number}", source, tree=tree, trouble=trouble)
        cell.names = [names(statement) for statement in tree.body] if tree else []
        bound = set().union(*(own.binds for own in cell.names))
        for place in places:
            given = place.answer in bound or (not tree and defines(code, place.answer))
            if label == place.cell_id or given:
                cell.exercises.append(place.exercise)
        cell.whole = bool(cell.exercises) or label == f"{lesson}-setup"
        found.append(cell)
    if not any(cell.label == f"{lesson}-setup" for cell in found):  # ids were changed
        for cell in found:
            cell.whole |= "unet_teach.exercises import" in cell.source
    _choose(found, {place.answer for place in places})
    return found


def _choose(cells: list[Cell], wanted: set[str]) -> None:
    """Mark what the answers, and what is handed to ``check``, need of all cells."""
    pairs = [(cell, place) for cell in cells for place in range(len(cell.names))]
    for cell, place in pairs:
        if _is_check(cell.tree.body[place]):
            wanted |= cell.names[place].reads
    for chosen in needed([cell.names[place] for cell, place in pairs], wanted):
        cell, place = pairs[chosen]
        cell.needed.add(place)


def defines(code: str, name: str) -> bool:
    """Whether code that cannot be parsed looks as if it gave a name a meaning.

    Examples
    --------
    >>> [defines(code, "crop") for code in ("def crop(x):", "crop = [1]", "crop(2)")]
    [True, True, False]
    """
    pattern = rf"^(?:(?:async\s+def|def|class)\s+{name}\b|{name}\s*(?::[^=\n]+)?=(?!=))"
    return re.search(pattern, code, re.MULTILINE) is not None


def prepares(statement: ast.stmt) -> bool:
    """Whether a statement only prepares something for later, and cannot take long.

    Examples
    --------
    >>> [prepares(ast.parse(code).body[0]) for code in ("TWO: int = 2", "x = {[1]: 2}", "f()")]
    [True, True, False]
    """
    kinds = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef
    if isinstance(statement, kinds):
        return True
    if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value:
        ellipsis = isinstance(statement.value, ast.Constant) and statement.value.value is ...
        return not ellipsis and all(isinstance(n, CONSTANT) for n in ast.walk(statement.value))
    return _is_check(statement)


def _is_check(statement: ast.stmt) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and getattr(call.func, "id", "") == "check"


def notes(cells: list[Cell], lesson: str, places: tuple[Place, ...]) -> dict[str, list[str]]:
    """What a teacher may want to look at: by exercise, and under "" for the whole notebook."""
    trees = [cell.tree for cell in cells if cell.tree]
    library, others = {}, set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.ImportFrom):
            names = {a.asname or a.name: f"{node.module or '.'}.{a.name}" for a in node.names}
        elif isinstance(node, ast.Import):
            names = {a.asname or a.name.split(".")[0]: a.name for a in node.names}
        else:
            continue
        for name, dotted in names.items():
            if dotted.startswith("unet_teach"):
                library[name] = dotted
            others.add(dotted.split(".")[0])
    found = {}
    usual = EXPECTED | {*facts(lesson).imports, "sys", "subprocess"}
    if odd := sorted(others - usual):
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
