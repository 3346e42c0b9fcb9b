"""What can become of an exercise, and how it is shown: whoever wrote it, it stays one line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

# What can become of an exercise, and what a teacher should know of it.
STATES = {
    "passed": "right outputs",
    "wrong": "wrong outputs, or an error",
    "not attempted": "as the course gave it",
    "missing": "the notebook has no such exercise",
    "stopped": "ended from outside: time, memory, output or processes; run again next time",
    "crashed": "the process ended by itself; run again next time",
    "unreadable": "no notebook of this course",
}
TROUBLE = ("stopped", "crashed", "unreadable")  # somebody should look
AGAIN = ("stopped", "crashed")  # may be the machine's fault: not kept
LONGEST = 2000  # characters of a detail
LONGEST_NAME = 200
HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # controls, turners of text, no characters
# Letters and marks that show nothing.
BLANK = frozenset(map(chr, (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0)))
MARKS = 4  # accents on one letter


@dataclass(frozen=True)
class Row:
    """One line of the results."""

    student: str
    lesson: str
    exercise: str
    state: str
    detail: str
    seconds: float
    notebook: str


def shown(words: str, most: int = LONGEST_NAME) -> str:
    """What a student wrote, as it can be printed: one line, nothing that moves or hides text.

    Controls (escape sequences, line ends), marks that turn the direction of text, letters that
    show nothing and heaps of accents become question marks; many blanks become one.

    Examples
    --------
    >>> shown("Åsa\\n\\x1b[31m"), shown("\\udcff"), shown("a\\u202eb    c"), shown("abcdef", 4)
    ('Åsa??[31m', '?', 'a?b c', 'abc…')
    """
    clean, marks = [], 0
    for character in words[: 2 * most]:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        hidden = category in HIDDEN or character in BLANK or marks > MARKS
        clean.append("?" if hidden else " " if category == "Zs" else character)
    line = " ".join("".join(clean).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def distinct(names: Iterable[str]) -> list[str]:
    """The same names, a number behind each that was there before.

    Examples
    --------
    >>> distinct(["a?", "b", "a?"])
    ['a?', 'b', 'a? (2)']
    """
    found: dict[str, int] = {}
    for name in names:
        number = 1
        while (new := name if number == 1 else f"{name} ({number})") in found:
            number += 1
        found[new] = number
    return list(found)
