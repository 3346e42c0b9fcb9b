"""What an answer needs: which names statements give a meaning to, and which they read.

Python's own compiler is asked, so that every way to bind a name counts: assignments of all
kinds, imports, ``with``, ``except``, ``match``, ``:=``, ``global``. Nothing is run here.
"""

from __future__ import annotations

import ast
import dis
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

READS = ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS")
BINDS = ("STORE_NAME", "STORE_GLOBAL")  # not `del`: what was there when it was checked stays
CHANGES = frozenset(  # methods that change what they are called on
    "append extend insert add update setdefault remove discard pop popitem clear sort reverse "
    "appendleft extendleft load_state_dict eval train seed manual_seed".split()
)


@dataclass(frozen=True)
class Names:
    """What the names in one statement are to others."""

    binds: frozenset[str] = frozenset()  # has a meaning, or another one, after it has run
    changes: frozenset[str] = frozenset()  # not bound anew, but changed: table["a"] = 1
    reads: frozenset[str] = frozenset()  # must have a meaning for it, or for what it defines
    outside: frozenset[str] = frozenset()  # bound when what it defines is called: `global`
    imports: frozenset[str] = frozenset()  # modules, and what comes from them


def names(statement: ast.stmt) -> Names:
    """The names of a statement; none where it cannot be compiled.

    Examples
    --------
    >>> found = names(ast.parse("def f(x, y=TWO):\\n    return half(x) + y").body[0])
    >>> sorted(found.binds), sorted(found.reads)
    (['f'], ['TWO', 'half'])
    """
    try:
        code = compile(ast.Module([statement], []), "<names>", "exec", 0, True)
    except Exception:  # a `return` outside of a function, an `await`, nested too deeply
        return Names()
    inner = [i for part in codes(code) if part is not code for i in dis.get_instructions(part)]
    own = list(dis.get_instructions(code))
    outside = frozenset(i.argval for i in inner if i.opname == "STORE_GLOBAL")
    return Names(
        # `:=` in a comprehension and `global` in a class bind at once, as if outside.
        binds=frozenset(i.argval for i in own if i.opname in BINDS) | outside,
        changes=frozenset(_changed(statement)),
        reads=frozenset(i.argval for i in own + inner if i.opname in READS),
        outside=outside,
        imports=frozenset(
            node.asname or node.name.split(".")[0]
            for node in ast.walk(statement)
            if isinstance(node, ast.alias)
        ),
    )


def codes(code: CodeType) -> Iterator[CodeType]:
    """A code object, and those of the functions and classes inside of it."""
    waiting = [code]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += [constant for constant in part.co_consts if isinstance(constant, CodeType)]


def _changed(statement: ast.stmt) -> Iterator[str]:
    """The names of what a statement changes in place; not what a function in it would."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        waiting += ast.iter_child_nodes(node)
        place = node
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            place = node.value.func  # its value is not used: it is there for what it changes
            if not isinstance(place, ast.Attribute):
                continue
            if place.attr not in CHANGES and not place.attr.endswith("_"):
                continue
        elif not isinstance(node, ast.Attribute | ast.Subscript) or isinstance(
            node.ctx, ast.Load
        ):
            continue
        while isinstance(place, ast.Attribute | ast.Subscript | ast.Starred):
            place = place.value
        if isinstance(place, ast.Name):
            yield place.id


def needed(statements: list[Names], wanted: set[str]) -> set[int]:
    """The places of the statements that give the wanted names their meaning, and so on.

    Examples
    --------
    >>> code = "a = 1\\nb = a + 1\\nc = 3\\nb += 1\\ndef f(): return b"
    >>> sorted(needed([names(s) for s in ast.parse(code).body], {"f"}))
    [0, 1, 3, 4]
    """
    wanted, found, before = set(wanted), set(), -1
    modules = frozenset().union(*(s.imports for s in statements))
    outside = {name: s.outside for s in statements for name in s.binds if s.outside}
    while len(found) > before:
        before = len(found)
        for place, own in enumerate(statements):
            given = own.binds | (own.changes - modules)
            given |= {n for name in own.reads & set(outside) for n in outside[name]}
            if place not in found and given & wanted:
                found.add(place)
                wanted |= own.reads
    return found
