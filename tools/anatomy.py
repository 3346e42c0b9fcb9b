"""The form that every lesson keeps, as a list of complaints.

python tools/anatomy.py          # counts of each lesson, and what breaks the form
"""

from __future__ import annotations

import ast
import re
import sys
from itertools import chain, pairwise, repeat
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from lessons import Cell, Lesson, SourceError, read

SOURCES = Path(__file__).parents[1] / "notebooks" / "src"
CELLS, WORDS, LINES = (28, 52), (850, 2200), (60, 180)
PROSE_WORDS, CODE_LINES = 130, 16  # in one cell; the exercise's solved part counts too
IMPORT = re.compile(r"^from [\w.]+ import \([^)]*\)", re.M)
SETUP_LINES = 23  # imports, one a line
TRACK = "*(one-lesson track: "  # a part of the lesson of ninety minutes says its minutes
ASSERT = re.compile(r"^\s*assert ", re.M)
FOR_TESTS = re.compile(r"^\s*assert .{0,30}|# (?:noqa|fmt:|type:).*", re.M)
LEVELS = ("easy", "core", "stretch")


def words(cell: Cell) -> int:
    """Words of a prose cell, without pictures, tags and table rules."""
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)|<[^>]+>|\{\{[^}]*\}\}|\$\$?", " ", cell.text)
    return len([word for word in text.split() if re.search(r"\w", word)])


def lines(cell: Cell) -> int:
    """Lines of code that are neither empty nor only a comment; an import counts as one."""
    code = IMPORT.sub("import", cell.solved()).splitlines()
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in code)


def headings(lesson: Lesson) -> list[tuple[int, str]]:
    """(level, text) of each heading, in order."""
    found = []
    for cell in lesson.prose:
        text = re.sub(r"```.*?```", "", cell.text, flags=re.S)
        found += [(len(m[1]), m[2]) for m in re.finditer(r"^(#+) +(.+)$", text, re.M)]
    return found


def counts(lesson: Lesson) -> dict[str, int]:
    """Cells, words of prose, lines of code: what a learner sees, so no claims."""
    shown = [cell for cell in lesson.cells if not cell.is_claim]
    return {
        "cells": len(shown),
        "words": sum(map(words, lesson.prose)),
        "lines": sum(lines(cell) for cell in shown if cell.kind == "code"),
    }


def complaints(lesson: Lesson) -> list[str]:
    """What breaks the form; empty for a lesson that keeps it."""
    found = []
    for rule in (_sizes, _frame, _headings, _lists, _exercises, _code, _pictures):
        found += rule(lesson)
    return found


def _sizes(lesson: Lesson) -> list[str]:
    found, counted = [], counts(lesson)
    limits = {"cells": CELLS, "words": WORDS, "lines": LINES}
    for what, (low, high) in limits.items():
        if not low <= counted[what] <= high:
            found.append(f"{counted[what]} {what}; {low} to {high} is the form")
    for cell in lesson.prose:
        if words(cell) > PROSE_WORDS:
            found.append(f"{cell.name}: {words(cell)} words in a cell; at most {PROSE_WORDS}")
    for cell, most in zip(lesson.code, chain([SETUP_LINES], repeat(CODE_LINES)), strict=False):
        if lines(cell) > most:
            start = cell.text.splitlines()[0]
            found.append(f"{start!r}: {lines(cell)} lines in a cell; at most {most}")
    return found


def _frame(lesson: Lesson) -> list[str]:
    """Title, objectives, setup; recap and discussion."""
    found, prose = [], lesson.prose
    if not prose or lesson.cells[0].kind != "markdown" or len(prose) < 3:
        return ["a lesson begins with its title"]
    if f"assets/lessons/{lesson.number}_u.png" not in prose[0].text:
        found.append(f"the first cell shows assets/lessons/{lesson.number}_u.png")
    aims = next((c for c in prose if "## You will be able to" in c.text), None)
    if aims is None or len(re.findall(r"^- ", aims.text, re.M)) != 3:
        found.append('"## You will be able to" with three bullets is missing')
    elif not re.search(r"\d+ minutes", aims.text):
        found.append("the minutes are missing after the three bullets")
    if "## In this notebook we" not in prose[-1].text:
        found.append('the last cell is "## In this notebook we"')
    if '"' not in prose[-1].text and "“" not in prose[-1].text and ">" not in prose[-1].text:
        found.append("the recap quotes the paper beside the line of code")
    talk = [cell for cell in prose if "### Discuss" in cell.text]
    if len(talk) != 1 or "<details>" not in talk[0].text:
        found.append('one "### Discuss" with its answer in <details> is missing')
    setup = lesson.code[0].text if lesson.code else ""
    if "import" not in setup:
        found.append("the first code cell imports")
    if not any("seed" in cell.text for cell in lesson.code[:2]):
        found.append("the setup sets a seed")
    return found


def _headings(lesson: Lesson) -> list[str]:
    levels = [level for level, _text in headings(lesson)]
    found = []
    if levels[:1] != [1] or levels.count(1) != 1:
        found.append("one heading of level 1, the first")
    for before, after in pairwise(levels):
        if after > before + 1:
            found.append(f"a heading of level {after} follows one of level {before}")
    return found


def _lists(lesson: Lesson) -> list[str]:
    """A line of a sentence that begins as an item does would be shown as a list."""
    item = re.compile(r"\s*(1[.)]|[+*]) ")  # these may follow a sentence without an empty line
    paragraphs = [p.splitlines() for cell in lesson.prose for p in cell.text.split("\n\n")]
    return [
        f"{line!r} would begin a list in the middle of a sentence"
        for first, *others in filter(None, paragraphs)
        for line in others
        if item.match(line) and not item.match(first)
    ]


def _exercises(lesson: Lesson) -> list[str]:
    found = []
    titles = [text for _level, text in headings(lesson) if text.startswith("Exercise")]
    due = [f"Exercise {i} ({level})" for i, level in enumerate(LEVELS, 1)]
    if [title.split(":")[0] for title in titles] != due:
        found.append(f"exercises are titled {due}, not {titles}")
    checks = [
        name for c in lesson.code for name in re.findall(r'^check\("([^"]+)"', c.text, re.M)
    ]
    if len(checks) != 3 or any(not name.startswith(lesson.number) for name in checks):
        found.append(f"three checks of this lesson; found {checks}")
    for name in checks:
        if not any(f'hint("{name}")' in cell.text for cell in lesson.cells):
            found.append(f'hint("{name}") is nowhere offered')
    answers = [i for i, cell in enumerate(lesson.cells) if cell.is_exercise]
    for place in answers:
        after = "\n".join(cell.text for cell in lesson.cells[place : place + 2])
        if "check(" not in after:
            found.append(f"no check follows {lesson.cells[place].text.splitlines()[0]!r}")
    if len(answers) < 3:
        found.append("three cells with a solution to hide")
    return found


def _code(lesson: Lesson) -> list[str]:
    found, text = [], "\n".join(cell.text for cell in lesson.code)
    rules = {
        r"import \*": "a star import",
        r"^\s*[!%]": "a shell or magic line",
        r"^\s*(import|from) ipywidgets": "ipywidgets itself; import your room's panel",
        r";\s*$": "a semicolon at the end of a line",
    }
    for pattern, what in rules.items():
        if match := re.search(pattern, text, re.M):
            found.append(f"{what}: {match[0].strip()!r}")
    for cell in lesson.code:
        if "plt.subplots(" in cell.text and not re.search(r"^described\(", cell.text, re.M):
            found.append(f"a figure without words, described(figure, …): {cell.name!r}")
    found += _claims(lesson)
    if not any(re.search(rf"^{name}\(", text, re.M) for name in lesson.interactives):
        found.append("no interactive ends a cell")
    found += [f"{call} ends a cell and leaves its value below it" for call in _left(lesson)]
    tagged = any("core" in cell.tags for cell in lesson.cells)
    timed = [cell for cell in lesson.prose if TRACK in cell.text]
    due = [*timed, *lesson.code[:1]] if timed else []
    if tagged != bool(timed) or any("core" not in cell.tags for cell in due):
        found.append(f"tag core goes with a part's minutes, {TRACK}8 minutes)*")
    return found


def _claims(lesson: Lesson) -> list[str]:
    """Claims are asserted in cells of their own, and a learner's code is free of them."""
    found = []
    claims = [cell for cell in lesson.code if cell.is_claim]
    if not claims:
        found.append("no claim is asserted: a cell with the tag claim")
    for cell in claims:
        if not ASSERT.search(cell.text) or cell.is_exercise:
            found.append(f"claim {cell.name!r} asserts nothing")
        if {"slide", "fragment"} & set(cell.tags):
            found.append(f"claim {cell.name!r} is on a slide")
    for cell in lesson.code:
        if not cell.is_claim and (seen := FOR_TESTS.search(cell.text)):
            found.append(f"{seen[0].strip()!r} is for the tests; in {cell.name!r}, not a claim")
    return found


def _left(lesson: Lesson) -> list[str]:
    """Calls such as ``axes.legend()`` that end a cell: what they return would be shown."""
    found = []
    for cell in lesson.code:
        try:
            last = ast.parse(cell.text).body[-1:]
        except SyntaxError:  # a shell line, refused above
            continue
        call = last[0].value if last and isinstance(last[0], ast.Expr) else None
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        found.append(ast.unparse(call)[:40])
    return found


def _pictures(lesson: Lesson) -> list[str]:
    text, found = "\n".join(cell.text for cell in lesson.prose), []
    if re.search(r"<img(?![^>]*alt=)", text):
        found.append("an <img> without alt")
    if "{{twin:" not in text:
        found.append("no {{twin: …}} for those without a kernel")
    return found


def main() -> int:
    broken = 0
    for source in sorted(SOURCES.glob("*.py")):
        try:
            lesson = read(source)
        except SourceError as error:
            print(error)
            broken += 1
            continue
        print(lesson.name, counts(lesson))
        for complaint in complaints(lesson):
            print("   ", complaint)
            broken += 1
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
