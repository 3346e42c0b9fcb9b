"""The text of ``my_unet.py``: marked sections that `check` may replace, and hers around them.

    # === imports (5f1c09ab)
    import torch
    # === end imports

    # === 05 center_crop (0d4e77c1)
    def center_crop(x, size):
        ...
    # === end center_crop

The number in brackets is made of what was written between the lines. Where it does not fit any
more, somebody wrote there by hand, and that stays. Nothing here reads or writes a file.
"""

from __future__ import annotations

import ast
import hashlib
import re
import sys
from collections.abc import Iterable

from unet_teach.exercises.typed import NotKept, Typed, meaning, read_names, single
from unet_teach.translation import _

FILE = "my_unet.py"
HEAD = _(
    '''"""My U-Net, as I wrote it in the lessons.

`check` puts a part in here when its exercise passes, and replaces it when a later answer
passes. It writes between the lines `# === …` and `# === end …` and nowhere else, and never over
what I changed by hand.
`unet-teach mine` says what is mine and what is missing. To use it: `import my_unet`.
"""
'''
)
SECTION = re.compile(
    r"^# === (?:(?P<lesson>\d\d) )?(?P<part>\w+) \((?P<mark>[0-9a-f]{8})\)[ \t]*\r?\n"
    r"(?P<body>.*?)^# === end (?P=part)[ \t]*(?:\r?\n|\Z)",
    re.MULTILINE | re.DOTALL,
)
IMPORTS = "imports"


def composed(text: str, lesson: str, part: str, new: Typed, parts: list[str]) -> str:
    """The file with this part in its section, and what it needs imported at the top.

    Parameters
    ----------
    text : the file as it is; "" for a new one
    lesson, part, new : what comes in
    parts : all parts of the course, in the order of the lessons

    Raises
    ------
    NotKept
        The file is no Python, or something in it that is hers is in the way.
    """
    text = text or HEAD
    tree(text)
    sections = {found["part"]: found for found in SECTION.finditer(text)}
    old = sections.get(part)
    rest = text[: old.start()] + text[old.end() :] if old else text
    definitions = _not_there_yet(rest, part, new, parts)
    body = "\n\n\n".join(definitions.values())
    if old and _by_hand(old) and _plain(old["body"]) != body:
        raise NotKept(
            _("you changed that section by hand, so it stays. To have this answer there, take "
              "the section out, with its two lines `# ===`, and check again")
        )  # fmt: skip
    section = _section(f"{lesson} {part}", body)
    if old:
        text = text[: old.start()] + section + text[old.end() :]
    else:
        place = _place(text, sections.values(), lesson, part, parts)
        text = _put(text, place, section)
    return _with_imports(text, new.imports, parts)


def tree(text: str) -> ast.Module:
    """The file, parsed; in words where it is no Python."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or "?"
        raise NotKept(
            _("line {line} of it isn't Python ({error}); fix it, and check again").format(
                line=line, error=getattr(error, "msg", error)
            )
        ) from None


def _section(title: str, body: str, mark: str = "") -> str:
    mark = mark or _mark(body)
    return f"# === {title} ({mark})\n{body}\n# === end {title.split()[-1]}\n"


def _mark(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:8]


def _plain(body: str) -> str:
    """Without what an editor may do to the ends of lines."""
    return "\n".join(body.splitlines())


def _by_hand(found: re.Match) -> bool:
    return _mark(_plain(found["body"])) != found["mark"]


def changed_by_hand(text: str) -> set[str]:
    """The parts whose sections are not as they were written."""
    return {found["part"] for found in SECTION.finditer(text) if _by_hand(found)}


def users(text: str, name: str) -> list[str]:
    """The parts whose sections read a global name."""
    found = SECTION.finditer(text)
    return [s["part"] for s in found if s["part"] != name and name in read_names(s["body"])]


def _not_there_yet(rest: str, part: str, new: Typed, parts: list[str]) -> dict[str, str]:
    """The definitions that the rest has not; one with another meaning is refused."""
    theirs, needed = _defined(rest), {}
    for name, text in new.definitions.items():
        if name in theirs and (name == part or _plain(text) not in theirs[name]):
            raise NotKept(
                _("there is another `{name}` in it already; give one of the two another name")
                .format(name=name)
            )  # fmt: skip
        if name not in theirs or name not in parts:  # another part is there to be used
            needed[name] = text
    return needed


def _defined(text: str) -> dict[str, list[str]]:
    """The texts that give each name a meaning at the top of a file, imports apart."""
    found: dict[str, list[str]] = {}
    for node in tree(text).body:
        names = [node.name] if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else []
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            names = [inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)
                     and isinstance(inner.ctx, ast.Store)]  # fmt: skip
        for name in names:
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            lines = text.splitlines()[first - 1 : node.end_lineno]
            found.setdefault(name, []).append("\n".join(lines))
    return found


def _place(
    text: str, sections: Iterable[re.Match], lesson: str, part: str, parts: list[str]
) -> int:
    """Where a new section begins: behind those of earlier exercises, before those of later."""

    def order(lesson: str | None, part: str) -> tuple[str, int]:
        return lesson or "", parts.index(part) if part in parts else len(parts)

    here, place = order(lesson, part), len(text)
    for found in reversed(list(sections)):
        if order(found["lesson"], found["part"]) < here:
            return found.end()
        place = found.start()
    return place


def _put(text: str, place: int, section: str, lines: int = 2) -> str:
    """A section between what is before and behind it, with empty lines around."""
    before, behind = text[:place], text[place:]
    if before and not before.endswith("\n"):
        before += "\n"
    gap = "\n" * lines if before else ""
    missing = "\n" * lines if behind and not behind.startswith(("\n", "\r\n")) else ""
    return before + gap + section + missing + behind


def _with_imports(text: str, new: dict[str, str], parts: list[str]) -> str:
    """The file with these imports in its block at the top, and none that nothing reads.

    A name that is a part of hers is imported no more: who imported the library's uses hers.
    """
    old = next((s for s in SECTION.finditer(text) if s["part"] == IMPORTS), None)
    rest = text[: old.start()] + text[old.end() :] if old else text
    theirs, there = set(_defined(rest)), imported(text)
    for name, statement in new.items():
        other = there.get(name, "")
        if (name in theirs and name not in parts) or (
            other and meaning(other) is not meaning(statement)
        ):
            raise NotKept(
                _("`{name}` is something else there than here, where `{statement}` gives it; "
                  "give one of the two another name").format(name=name, statement=statement)
            )  # fmt: skip
    missing = {n: s for n, s in new.items() if n not in there and n not in theirs}
    if old and _by_hand(old):  # what she wrote there stays as it is
        body = "\n".join([_plain(old["body"]), *missing.values()])
        return text[: old.start()] + _section(IMPORTS, body, old["mark"]) + text[old.end() :]
    read = {node.id for node in ast.walk(tree(rest)) if isinstance(node, ast.Name)}
    all_of_them = (imported(old["body"]) if old else {}) | missing
    body = _listed(s for n, s in all_of_them.items() if n in read and n not in theirs)
    section = _section(IMPORTS, body) if body else ""
    if old:
        return text[: old.start()] + section + text[old.end() :]
    return _put(text, _below_the_head(text), section, lines=1) if body else text


def imported(text: str) -> dict[str, str]:
    """What is imported at the top of a file: a statement of `single` for each name."""
    found = {}
    for node in tree(text).body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= single(node)
    return found


def _listed(statements: Iterable[str]) -> str:
    """Python's own modules first, then others, then the course's, as one usually has them."""

    def group(statement: str) -> int:
        top = statement.split()[1].split(".")[0]
        return 0 if top in sys.stdlib_module_names else 2 if top == "unet_teach" else 1

    listed = sorted(statements, key=lambda s: (group(s), s.startswith("from"), s))
    groups = [[s for s in listed if group(s) == number] for number in range(3)]
    return "\n\n".join("\n".join(some) for some in groups if some)


def _below_the_head(text: str) -> int:
    """Behind the file's docstring and its imports from `__future__`."""
    line = 0
    for node in tree(text).body:
        words = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not words and getattr(node, "module", "") != "__future__":
            break
        line = node.end_lineno
    return sum(map(len, text.splitlines(keepends=True)[:line]))
