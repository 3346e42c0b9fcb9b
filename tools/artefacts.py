"""Make everything that is generated and committed, from sources, rooms and tables of runs.

    python tools/artefacts.py         # or: make artefacts
    python tools/artefacts.py 17      # or: make artefacts LESSON=17

With a lesson's number: its pictures and notebooks only, and the tables in README and TEACHING,
which speak of all lessons. Not made here: the README's pictures of the screen, which need a
browser (`make_screens`), its moving picture, which is a training (`make_moving`), and what is
trained or measured (``experiments``, ``benchmarks``).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import build_notebooks
import lesson_figures
import make_twins
from lessons import SourceError
from make_claims import draw as draw_answers
from make_claims import with_claims
from make_lessons import with_lessons
from make_minutes import draw as draw_minutes
from make_minutes import with_minutes
from make_results import with_results
from make_teaching import with_tables

from unet_teach.rooms import interactives, rooms

ROOT = Path(__file__).parents[1]
# Each text, and what writes the parts of it that stand between marks.
TEXTS: dict[str, tuple[Callable[[str], str], ...]] = {
    "README.md": (with_lessons, with_results, with_claims),
    "TEACHING.md": (with_tables,),
    "experiments/README.md": (with_minutes,),
}


def artefacts(numbers: list[str]) -> None:
    """Pictures first: the notebooks hold them."""
    if not numbers:
        draw_answers()
        draw_minutes()
    chosen = numbers or list(rooms())
    lesson_figures.draw(chosen)
    panels = {f"unet_teach.lessons.{rooms()[number]}.panel" for number in chosen}
    make_twins.save(n for n, module in interactives().items() if module.__name__ in panels)
    before = [f"{int(number) - 1:02}" for number in numbers]  # it links to the next
    build_notebooks.write([*numbers, *before])
    for name, writers in TEXTS.items():
        path = ROOT / name
        before = text = path.read_text(encoding="utf-8")
        for write in writers:
            text = write(text)
        if text != before:
            path.write_text(text, encoding="utf-8")
            print(f"{name}: written")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", metavar="NN", help="all, if none is given")
    chosen = parser.parse_args().lessons
    if unknown := sorted(set(chosen) - set(rooms())):
        parser.error(f"no room of lesson {unknown[0]!r}; valid: {', '.join(rooms())}")
    try:
        artefacts(chosen)
    except SourceError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
