"""The parts of a text that a command writes, each between two marks.

>>> between("a <!-- n: begin --> old <!-- n: end --> b", "n", "new")
'a <!-- n: begin -->\\nnew\\n<!-- n: end --> b'
"""

from __future__ import annotations


def between(text: str, name: str, content: str) -> str:
    """The text with new content between the marks of a name."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, rest = text.split(begin)
    _old, after = rest.split(end)
    return f"{before}{begin}\n{content}\n{end}{after}"
