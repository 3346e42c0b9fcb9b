"""Write the README's table of lessons from their sources and rooms.

python tools/make_lessons.py
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from make_teaching import course
from marked import between

from unet_teach.rooms import facts, rooms

ROOT = Path(__file__).parents[1]
HEAD = """\
| # | lesson | minutes | afterwards you can |
|---|---|---|---|"""


def lessons() -> str:
    """The table: a line for each lesson, which leads to its notebook."""
    lines = [HEAD]
    for number, lesson in course().items():
        notebook = f"notebooks/{rooms()[number][1:]}.ipynb"
        cells = [number, f"[{lesson.title}]({notebook})", str(lesson.announced)]
        lines.append(f"| {' | '.join([*cells, facts(number).able])} |")
    return "\n".join(lines)


def with_lessons(readme: str) -> str:
    """The README's text with the table of today."""
    return between(readme, "lessons", lessons())


if __name__ == "__main__":
    path = ROOT / "README.md"
    path.write_text(with_lessons(path.read_text(encoding="utf-8")), encoding="utf-8")
