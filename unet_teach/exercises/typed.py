"""What a learner typed: the text of a function or class of hers, and what it needs to run.

A notebook keeps the text of every cell that ran (`linecache`), so her words are found as they
stand, with comments. What they use comes along: functions and classes of her own, imports, and
plain constants. What cannot come along is said in one sentence (`NotKept`).
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import linecache
import symtable
import sys
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from unet_teach.translation import _

HERS = "__main__"  # the module that cells run in
LONGEST = 200  # characters of a constant


class NotKept(Exception):
    """Why an answer cannot be written into a file; the message tells the learner."""


@dataclass(frozen=True)
class Typed:
    """An answer as it was typed.

    ``definitions`` are texts by the names that they define, each behind what it needs, the
    answer last; ``imports`` are statements of one name each, by that name.
    """

    definitions: dict[str, str]
    imports: dict[str, str]


@dataclass(frozen=True)
class _Cell:
    file: str
    lines: list[str]
    tree: ast.Module


def is_hers(answer: Any) -> bool:
    """Whether it was defined in a cell; not what she imported, nor what the library has."""
    inner = inspect.unwrap(getattr(answer, "func", answer))  # of a `partial`
    return getattr(inner, "__module__", "") == HERS


def typed(answer: Any, name: str) -> Typed:
    """The text of a function or class of hers, under this name, with all that it needs.

    Raises
    ------
    NotKept
        Its text cannot be had, or it would not run elsewhere.
    """
    inner = inspect.unwrap(answer)
    if not isinstance(inner, (FunctionType, type)):
        raise NotKept(_("it is neither a function nor a class with a text of its own"))
    search = _Search(_names_around(inner), _cells(_files(inner)))
    search.define(name, answer)
    return Typed(search.definitions, search.imports)


def _files(thing: Any) -> list[str]:
    """Where it was typed: of a function its cell; of a class those of its own methods."""
    own = [thing] if isinstance(thing, FunctionType) else vars(thing).values()
    return [f.__code__.co_filename for f in map(inspect.unwrap, own) if _is_function(f)]


def _is_function(thing: Any) -> bool:
    return isinstance(thing, FunctionType) and thing.__module__ == HERS


def _names_around(thing: Any) -> dict[str, Any]:
    own = [thing] if isinstance(thing, FunctionType) else vars(thing).values()
    found = [f.__globals__ for f in map(inspect.unwrap, own) if _is_function(f)]
    return found[0] if found else vars(sys.modules[HERS])


def _cells(files: list[str]) -> list[_Cell]:
    """These files, then all cells that ran, the newest first."""
    ran = [name for name, entry in linecache.cache.items() if entry[1:2] == (None,)]
    found = []
    for name in dict.fromkeys([*files, *reversed(ran)]):
        lines = linecache.getlines(name)
        with contextlib.suppress(SyntaxError, ValueError):
            found.append(_Cell(name, lines, ast.parse("".join(lines))))
    return found


class _Search:
    """Gathers the texts that an answer needs, from the cells and the notebook's names."""

    def __init__(self, names: dict[str, Any], cells: list[_Cell]) -> None:
        self.names, self.cells = names, cells
        self.definitions: dict[str, str] = {}
        self.imports: dict[str, str] = {}
        self.begun: set[str] = set()

    def define(self, name: str, value: Any) -> None:
        """Put in what gives a name this function or class of hers."""
        own = inspect.unwrap(value).__name__
        if own not in self.begun:  # two that call each other
            self.begun.add(own)
            text = self._text(own, inspect.unwrap(value))
            for other in sorted(read_names(text) - {own}):
                self._need(other, own)
            self.definitions[own] = text
        if name != own:
            self.definitions[name] = f"{name} = {own}"

    def _text(self, name: str, value: Any) -> str:
        if name == "<lambda>":
            raise NotKept(_("a `lambda` has no name: write it with `def`"))
        if value.__qualname__ != name:
            raise NotKept(_("`{name}` is made inside of another function").format(name=name))
        files = _files(value)
        line = value.__code__.co_firstlineno if isinstance(value, FunctionType) else None
        for cell in self.cells:
            for node in cell.tree.body:
                if not isinstance(node, (ast.FunctionDef, ast.ClassDef)) or node.name != name:
                    continue
                first = min(part.lineno for part in (node, *node.decorator_list))
                if (not files or cell.file in files) and line in (None, first):
                    return "".join(cell.lines[first - 1 : node.end_lineno]).rstrip()
        raise NotKept(
            _("the text of `{name}` cannot be found: is it made by `exec` or by a decorator, "
              "or does its cell begin with `%%time`?").format(name=name)
        )  # fmt: skip

    def _need(self, name: str, user: str) -> None:
        """Put in what gives a name the meaning that it has in the notebook."""
        if name not in self.names or name in self.begun:
            return  # Python's own, or never reached
        value = self.names[name]
        if statement := self._imported(name, value):
            self.imports[name] = statement
        elif _is_plain(value):
            self.definitions[name] = f"{name} = {value!r}"
        elif isinstance(value, (FunctionType, type)) and is_hers(value):
            self.define(name, value)
        elif getattr(value, "__module__", "") != "my_unet":  # that is in the file already
            raise NotKept(
                _("`{user}` uses `{name}`, which is set elsewhere in the notebook; hand it "
                  "over as an argument").format(user=user, name=name)
            )  # fmt: skip

    def _imported(self, name: str, value: Any) -> str:
        """The import that gave this name this value; "" where there is none."""
        for cell in self.cells:
            for node in ast.walk(cell.tree):
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    for bound, statement in single(node).items():
                        if bound == name and meaning(statement) is value:
                            return statement
        where, own = getattr(value, "__module__", ""), getattr(value, "__name__", "")
        if (
            where in sys.modules
            and where != HERS
            and getattr(sys.modules[where], own, 0) is value
        ):
            return f"from {where} import {own}" + (f" as {name}" if name != own else "")
        return ""


def _is_plain(value: Any) -> bool:
    """A number, a text, or a short list of such: what its `repr` gives again."""
    try:
        return len(repr(value)) <= LONGEST and ast.literal_eval(repr(value)) == value
    except Exception:  # a `repr` that is no Python, a comparison that has no answer
        return False


def single(node: ast.Import | ast.ImportFrom) -> dict[str, str]:
    """An import taken apart: one statement for each name that it gives.

    Examples
    --------
    >>> single(ast.parse("from torch import nn, optim as o").body[0])
    {'nn': 'from torch import nn', 'o': 'from torch import optim as o'}
    """
    found = {}
    for alias in node.names:
        name = alias.asname or alias.name.split(".")[0]
        one = ast.Import([alias])
        if isinstance(node, ast.ImportFrom):
            name, one = (
                alias.asname or alias.name,
                ast.ImportFrom(node.module, [alias], node.level),
            )
        found[name] = ast.unparse(one)
    return found


def meaning(statement: str) -> Any:
    """What a statement of `single` gives its name, of what is loaded; else None."""
    node = ast.parse(statement).body[0]
    alias = node.names[0]
    if isinstance(node, ast.Import):
        return sys.modules.get(alias.name if alias.asname else alias.name.split(".")[0])
    inner = f"{node.module}.{alias.name}"
    return getattr(sys.modules.get(node.module or ""), alias.name, sys.modules.get(inner))


def read_names(text: str) -> set[str]:
    """The names that definitions read from outside of themselves.

    Python's own compiler is asked which names are global, so that a variable of the function
    is not taken for one of the notebook.
    """
    top = symtable.symtable(text, "<typed>", "exec")
    tables, found = [top], set()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            if symbol.is_declared_global() and symbol.is_assigned():
                raise NotKept(
                    _("it changes the global `{name}`; return that instead").format(
                        name=symbol.get_name()
                    )
                )
            if symbol.is_referenced() and (table is top or symbol.is_global()):
                found.add(symbol.get_name())
    return found
