"""Read a lesson's source, and say what it breaks of the form that every lesson keeps.

A source is percent-format Python (``notebooks/src/NN_name.py``). Every prose cell carries an
id, ``# %% [markdown] id="why-the-floor"``, by which a translation finds it. A solution stands
in the lesson's room alone; the source says where it belongs, in a function or above a value::

    def center_crop(x, size):
        # SOLUTION: exercises.center_crop

    # SOLUTION: exercises.paper_crops
    paper_crops = ...

The solved notebook gets the reference's body, or its value. The learner gets the value's line
as it stands, and in the function ``raise NotImplementedError("your turn")``.

A cell tagged ``claim`` asserts what the prose says. It is in the solved notebook, which the
tests run, and not in the learner's: it is proved for her, and she need not read the proof.
"""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

import jupytext

from unet_teach.rooms import FOLDER, interactives, rooms

MARKER = re.compile(r"^(?P<indent> *)# SOLUTION: exercises\.(?P<name>\w+)$")
CLAIM = "claim"  # the tag of a cell that only asserts
STUB = 'raise NotImplementedError("your turn")'
PICTURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<path>assets/[^)\s]+)\)")
PANEL = re.compile(r"unet_teach\.lessons\.(?P<room>l\d\d_\w+)\.panel")
TWIN = re.compile(r"^\{\{twin: (?P<name>\w+)\}\}$", re.MULTILINE)


class SourceError(ValueError):
    """What is wrong in a source, and where."""


def reference(lesson: str, name: str) -> str:
    """The body of an answer in a lesson's room, as it is written there.

    Raises
    ------
    SourceError
        The lesson has no room, or its room no such answer.

    Examples
    --------
    >>> reference("05", "paper_crops")
    'return [88, 40, 16, 4]'
    """
    if lesson not in rooms():
        raise SourceError(f"no lesson {lesson!r}; valid: {', '.join(rooms())}")
    path = FOLDER / rooms()[lesson] / "exercises.py"
    text = path.read_text(encoding="utf-8")
    for found in ast.parse(text).body:
        if isinstance(found, ast.FunctionDef) and found.name == name:
            first = found.body[ast.get_docstring(found) is not None]
            return textwrap.dedent(
                "\n".join(text.splitlines()[first.lineno - 1 : found.end_lineno])
            )
    raise SourceError(f"no {name!r} in {path.relative_to(FOLDER.parent)}")


@dataclass
class Cell:
    """One cell of a source."""

    kind: str  # "markdown" or "code"
    text: str  # as written, with the places of solutions
    name: str = ""  # the id; always there for prose
    tags: list[str] = field(default_factory=list)
    lesson: str = ""  # its number, "05"

    @property
    def is_exercise(self) -> bool:
        return any(MARKER.match(line) for line in self.text.splitlines())

    @property
    def is_claim(self) -> bool:
        return CLAIM in self.tags

    def solved(self) -> str:
        """The code with its solution."""
        lines, made = self.text.splitlines(), []
        for line in lines:
            if not (place := MARKER.match(line)):
                made.append(line)
                continue
            body = reference(self.lesson, place["name"])
            if place["indent"]:
                made.append(textwrap.indent(body, place["indent"]))
                continue
            stub = lines.pop(lines.index(line) + 1)
            made.append(f"{stub.split(' = ')[0]} = {body.removeprefix('return ')}")
        return "\n".join(made)

    def learners(self) -> str:
        """The code with a stub in place of each solution."""
        kept = []
        for line in self.text.splitlines():
            if not (place := MARKER.match(line)):
                kept.append(line)
            elif place["indent"]:
                kept.append(place["indent"] + STUB)
        return "\n".join(kept)


@dataclass
class Lesson:
    """A source, cell by cell."""

    name: str  # "05_crop_or_pad"
    cells: list[Cell]

    @property
    def number(self) -> str:
        return self.name[:2]

    @property
    def prose(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.kind == "markdown"]

    @property
    def code(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.kind == "code"]

    @property
    def interactives(self) -> list[str]:
        """The interactives that the lesson imports; other names of a ``panel`` are none."""
        known = interactives()
        imports = [node for cell in self.code for node in _imports(cell.text)]
        names = [
            alias.name
            for node in imports
            if PANEL.fullmatch(node.module or "")
            for alias in node.names
        ]
        return [name for name in names if name in known]


def _imports(code: str) -> list[ast.ImportFrom]:
    """The statements ``from … import …`` of a cell, in parentheses or not."""
    try:
        tree = ast.parse(code)
    except SyntaxError:  # a shell line, which the form refuses
        return []
    return [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]


def read(path: Path) -> Lesson:
    """Read one source.

    Raises
    ------
    SourceError
        A prose cell without an id, an id twice, a solution that no room has.
    """
    return parse(path.stem, path.read_text(encoding="utf-8"))


def parse(name: str, source: str) -> Lesson:
    """As `read`, from the text of a source."""
    notebook, cells, seen = jupytext.reads(source, fmt="py:percent"), [], set()
    for position, raw in enumerate(notebook.cells):
        label, tags = raw.metadata.get("id", ""), raw.metadata.get("tags", [])
        cell = Cell(raw.cell_type, raw.source, label, tags, name[:2])
        start = cell.text.splitlines()[0][:40] if cell.text.strip() else "(empty)"
        place = f"{name}, cell {position + 1} ({start!r})"
        if cell.kind == "markdown" and not cell.name:
            raise SourceError(f'{place}: a prose cell needs an id: # %% [markdown] id="…"')
        if cell.name and not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,55}", cell.name):
            raise SourceError(f"{place}: id {cell.name!r}; valid: small letters, digits and -")
        if cell.name in seen:
            raise SourceError(f"{place}: id {cell.name!r} stands twice; give another one")
        seen |= {cell.name} - {""}
        _check_markers(cell, place)
        cells.append(cell)
    return Lesson(name, cells)


def _check_markers(cell: Cell, place: str) -> None:
    lines = cell.text.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        marker = MARKER.match(line)
        if "SOLUTION" in line and not marker:
            raise SourceError(f"{place}: {line.strip()!r}; write # SOLUTION: exercises.name")
        if marker and not marker["indent"] and " = ..." not in following:
            raise SourceError(f"{place}: below {line!r} stands the stub of a value, name = ...")
    try:
        cell.solved()
    except SourceError as error:
        raise SourceError(f"{place}: {error}") from None
