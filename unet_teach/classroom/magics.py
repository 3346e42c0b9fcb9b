"""Python out of a notebook's cell, which may hold lines that only IPython understands.

The cell is parsed as it is first. Only where that fails, and only on the line at which Python
stops, a line that looks like a magic, a shell command or a question is taken out. So the line
``% 2`` of a formatted expression stays what it is, and so does a ``%`` inside of a text.
(IPython has a transformer of its own; it is not there where only the course's package is
installed, and it hands the body of a cell magic over as a text.)
"""

from __future__ import annotations

import ast
import re

ERRORS = (SyntaxError, ValueError, RecursionError, MemoryError)  # of `ast.parse`
MOST = 1000  # lines that are taken out of a cell
TIMED = re.compile(r"^(\s*)%(?:time|prun)[ \t]+(?=[^-\s])")  # the rest of the line is Python
RESULT = re.compile(r"^(\s*[^=!%?#'\"]+?\s*=\s*)[!%].*$")  # files = !ls
ALONE = re.compile(r"^(\s*)(?:[%!?].*|[,;/][A-Za-z_].*|[^#'\"]*\?{1,2}\s*)$")
CELL = re.compile(r"^\s*%%(\w+)")
PYTHON = ("time", "capture", "prun", "memit")  # cell magics whose body runs as it stands


def parse(code: str) -> tuple[str, ast.Module | None, Exception | None]:
    """A cell's source as Python reads it, its tree, and why there is none.

    Examples
    --------
    >>> parse("left = (7\\n% 2)")[0]
    'left = (7\\n% 2)'
    >>> parse("%matplotlib inline\\nfiles = !ls\\nleft = (7\\n% 2)")[0].splitlines()
    ['pass', 'files = None', 'left = (7', '% 2)']
    """
    tree, trouble = _tried(code)
    if not isinstance(trouble, SyntaxError):
        return code, tree, trouble
    lines = _prepared(code.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    for _round in range(MOST):
        source = "\n".join(lines)
        tree, trouble = _tried(source)
        if not isinstance(trouble, SyntaxError):
            return source, tree, trouble
        if not _without(lines, (trouble.lineno or 0) - 1):
            break
    return source, None, trouble


def _tried(source: str) -> tuple[ast.Module | None, Exception | None]:
    try:
        return ast.parse(source), None
    except ERRORS as error:
        return None, error


def _prepared(lines: list[str]) -> list[str]:
    """Without a cell magic, and without prompts or an indentation that all lines share."""
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if magic := CELL.match(lines[first]):
        return ["" for _line in lines[: first + 1]] + (
            lines[first + 1 :] if magic[1] in PYTHON else []
        )
    if lines[first].startswith(">>>"):
        return [re.sub(r"^(>>>|\.\.\.) ?", "", line) for line in lines]
    indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
    return [line.removeprefix(indent) for line in lines]


def _without(lines: list[str], number: int) -> bool:
    """Take a line out that only IPython understands; False where it is none."""
    if not 0 <= number < len(lines):
        return False
    line = lines[number]
    if TIMED.match(line):
        lines[number] = TIMED.sub(r"\1", line)
    elif found := RESULT.match(line) or ALONE.match(line):
        lines[number] = found[1] + ("None" if "=" in found[1] else "pass")
    else:
        return False
    while line.endswith("\\") and number + 1 < len(lines):  # a command of several lines
        number += 1
        line, lines[number] = lines[number], ""
    return True
