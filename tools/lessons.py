"""Read a lesson's source, and say what it breaks of the form that every lesson keeps.

A source is percent-format Python (``notebooks/src/NN_name.py``). Every prose cell carries an
id, ``# %% [markdown] id="why-the-floor"``, by which a translation finds it. The solved part
of an exercise stands between two markers, from which the learner's stub is made::

    # BEGIN SOLUTION: sizes = ...
    sizes = [568, 280, 136, 64]
    # END SOLUTION

Without a text after the colon the learner gets ``raise NotImplementedError("your turn")``.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

import jupytext

from unet_teach.rooms import interactives

BEGIN = re.compile(r"^(?P<indent> *)# BEGIN SOLUTION(?:: *(?P<stub>.*))?$")
END = re.compile(r"^ *# END SOLUTION$")
STUB = 'raise NotImplementedError("your turn")'
PICTURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<path>assets/[^)\s]+)\)")
PANEL = re.compile(r"unet_teach\.lessons\.(?P<room>l\d\d_\w+)\.panel")
TWIN = re.compile(r"^\{\{twin: (?P<name>\w+)\}\}$", re.MULTILINE)


class SourceError(ValueError):
    """What is wrong in a source, and where."""


@dataclass
class Cell:
    """One cell of a source."""

    kind: str  # "markdown" or "code"
    text: str  # as written, with solution markers
    name: str = ""  # the id; always there for prose
    tags: list[str] = field(default_factory=list)

    @property
    def is_exercise(self) -> bool:
        return any(BEGIN.match(line) for line in self.text.splitlines())

    def solved(self) -> str:
        """The code with its solution, without the markers."""
        lines = self.text.splitlines()
        return "\n".join(line for line in lines if not (BEGIN.match(line) or END.match(line)))

    def learners(self) -> str:
        """The code with a stub in place of each solution."""
        kept, hidden = [], False
        for line in self.text.splitlines():
            if begin := BEGIN.match(line):
                kept.append(begin["indent"] + (begin["stub"] or STUB))
                hidden = True
            elif END.match(line):
                hidden = False
            elif not hidden:
                kept.append(line)
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
        A prose cell without an id, an id twice, a solution that does not end.
    """
    return parse(path.stem, path.read_text(encoding="utf-8"))


def parse(name: str, source: str) -> Lesson:
    """As `read`, from the text of a source."""
    notebook, cells, seen = jupytext.reads(source, fmt="py:percent"), [], set()
    for position, raw in enumerate(notebook.cells):
        cell = Cell(
            raw.cell_type, raw.source, raw.metadata.get("id", ""), raw.metadata.get("tags", [])
        )
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
    open_ = False
    for line in cell.text.splitlines():
        if bool(BEGIN.match(line)) and open_:
            raise SourceError(f"{place}: BEGIN SOLUTION inside of another")
        if bool(END.match(line)) and not open_:
            raise SourceError(f"{place}: END SOLUTION without a BEGIN")
        open_ = (open_ or bool(BEGIN.match(line))) and not END.match(line)
        if "SOLUTION" in line and not (BEGIN.match(line) or END.match(line)):
            raise SourceError(f"{place}: {line.strip()!r}; write # BEGIN SOLUTION: stub")
    if open_:
        raise SourceError(f"{place}: BEGIN SOLUTION without an END")
