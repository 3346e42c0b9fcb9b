"""Write the scaffold of a new lesson: its source, its room, its test, its part of TEACHING.md.

    python tools/make_lesson.py 17 attention      # or: make lesson N=17 NAME=attention

It is a copy of the folder ``new_lesson``, with NN, NAME and TITLE filled in: a lesson that
works and passes its tests, whose sentences say what to put in their place. They carry `MARK`,
and a test refuses a committed file that still has one.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEMPLATE = Path(__file__).with_name("new_lesson")
MARK = "REPLACE"
LONGEST = 30  # letters of a name, so that the lines of the scaffold keep their length


def refusal(number: str, name: str) -> str:
    """Why no lesson of this number and name can be begun; "" where it can."""
    rooms = ROOT / "unet_teach" / "lessons"
    taken = {path.name[1:3]: path for path in sorted(rooms.glob("l[0-9][0-9]_*"))}
    for folder, pattern in (
        ("notebooks/src", "[0-9][0-9]_*.py"),
        ("tests", "test_lesson_??.py"),
    ):
        for path in sorted((ROOT / folder).glob(pattern)):
            taken.setdefault(re.search(r"\d\d", path.name)[0], path)
    free = next(n for n in (f"{i:02}" for i in range(100)) if n not in taken)
    if not re.fullmatch(r"[0-9]{2}", number):
        return f"N is {number!r}; valid: two digits; the next free number is N={free}"
    if number in taken:
        place = taken[number].relative_to(ROOT).as_posix()
        return (
            f"N is {number}, and there is a {place} already; the next free number is N={free}"
        )
    if not re.fullmatch(rf"[a-z][a-z0-9_]{{0,{LONGEST - 1}}}", name):
        return (
            f"NAME is {name!r}; valid: small letters, digits and underscores, a letter first, "
            f"at most {LONGEST}, such as NAME=attention"
        )
    for panel in rooms.glob("*/panel.py"):
        if f"def {name}_explorer(" in panel.read_text(encoding="utf-8"):
            place = panel.relative_to(ROOT).as_posix()
            return f"NAME is {name!r}, and there is a {name}_explorer in {place}; take another"
    return ""


def filled(text: str, number: str, name: str) -> str:
    """A template's text, or path, for one lesson.

    >>> filled("lNN_NAME: TITLE", "17", "skip_gates")
    'l17_skip_gates: Skip gates'
    """
    title = name.replace("_", " ").strip().capitalize()
    return text.replace("NN", number).replace("NAME", name).replace("TITLE", title)


def with_section(teaching: str, number: str, section: str) -> str:
    """TEACHING.md with a lesson's section, in its place among the others."""
    start = teaching.index("\n## Lesson by lesson\n") + 1
    later = [m.start() for m in re.finditer(r"^### (\d\d) · ", teaching, re.M) if m[1] > number]
    after = teaching.index("\n## ", start) + 1
    place = min([*later, after])
    return teaching[:place] + section + teaching[place:]


def write(number: str, name: str) -> list[str]:
    """Write all files of the scaffold; gives their paths."""
    files = {
        ROOT / filled(path.relative_to(TEMPLATE).as_posix(), number, name): path
        for path in sorted(TEMPLATE.rglob("*.*"))
        if path.suffix in (".py", ".md", ".js", ".css")
    }
    for target, path in files.items():
        text = filled(path.read_text(encoding="utf-8"), number, name)
        if target.exists():  # TEACHING.md
            text = with_section(target.read_text(encoding="utf-8"), number, text)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
    return [target.relative_to(ROOT).as_posix() for target in files]


def main() -> int:
    number, name, *_more = [*sys.argv[1:], "", ""]
    if reason := refusal(number, name):
        usage = "nothing was written; type as in: make lesson N=17 NAME=attention"
        print(f"{reason}\n{usage}", file=sys.stderr)
        return 1
    for path in write(number, name):
        print(path)
    print(f"now: make artefacts LESSON={number}; then rewrite whatever carries the word {MARK}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
