"""U-Net in ninety minutes: one notebook from parts of some lessons.

    python tools/one_lesson.py        # build/one_lesson.ipynb and build/one_lesson_solved.ipynb

In some lessons cells are tagged ``core``, and each part says its minutes. All of them together
are more than ninety; `PLAN` is what fits, in order, with the exercises in it.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from build_notebooks import BADGES, build
from lessons import Cell, Lesson, read

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "notebooks" / "src"
MINUTES = re.compile(r"^\*\(one-lesson track: (\d+) minutes[^)]*\)\*\n*", re.M)
PLAN = (
    ("01", "slide"), ("01", "three-changes"),
    ("05", "the-problem"), ("05", "remedy-one"),
    ("06", "two-merges"), ("06", "linear"),
    ("07", "read-the-figure"), ("07", "parts-first"), ("07", "one-step-up"),
    ("07", "same-network"), ("07", "the-explorer"),
)  # fmt: skip
TITLE = """\
# U-Net in ninety minutes

Five questions, one network: how large is the map that a convolution gives, how do maps of
unequal size meet, what does joining them cost, how is the whole put together, and what comes
out of 572 pixels? Press **Shift + Enter** to run a cell; answer each question before you do."""


def track() -> list[str]:
    """The numbers of the lessons that have core cells."""
    found = map(read, sorted(SOURCES.glob("*.py")))
    return [lesson.number for lesson in found if any("core" in c.tags for c in lesson.cells)]


def parts(number: str) -> dict[str, list[Cell]]:
    """The core cells of a lesson, by the part that they belong to; "" is the set-up."""
    (source,) = SOURCES.glob(f"{number}_*.py")
    found, name = {"": []}, ""
    for cell in read(source).cells:
        if "core" in cell.tags:
            if MINUTES.search(cell.text):
                name = cell.name
                found[name] = []
            found[name].append(cell)
    return found


def minutes(cells: list[Cell]) -> int:
    """What a part announces."""
    return int(MINUTES.search(cells[0].text)[1])


def one_lesson() -> Lesson:
    """All parts of the plan as one lesson."""
    cells = [Cell("markdown", TITLE, "title")]
    for number in track():
        found = parts(number)
        chosen = ["", *(name for lesson, name in PLAN if lesson == number)]
        for cell in [cell for name in chosen for cell in found[name]]:
            own = f"{number}-{cell.name}" if cell.name else ""
            cells.append(replace(cell, name=own, text=MINUTES.sub("", cell.text)))
    return Lesson("90_one_lesson", cells)


def notebook(solved: bool) -> str:
    """The notebook's text; it is no file of the repository, so it has no badge."""
    built = json.loads(build(one_lesson(), solved, folder="build"))
    built["cells"] = [cell for cell in built["cells"] if not cell["id"].endswith(BADGES)]
    return json.dumps(built, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    (ROOT / "build").mkdir(exist_ok=True)
    for name, solved in (("one_lesson", False), ("one_lesson_solved", True)):
        path = ROOT / "build" / f"{name}.ipynb"
        path.write_text(notebook(solved), encoding="utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
