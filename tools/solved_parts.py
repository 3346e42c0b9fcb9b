"""The `my_unet.py` of whoever answers as the solved notebooks do, lesson by lesson."""

from __future__ import annotations

import json
import linecache
from functools import cache
from pathlib import Path

from unet_teach.classroom.lessons import places
from unet_teach.exercises.keeping import parts
from unet_teach.exercises.own_file import composed
from unet_teach.exercises.typed import typed
from unet_teach.rooms import rooms

SOLUTIONS = Path(__file__).parents[1] / "notebooks" / "solutions"


class Notebook:
    """Runs cells as IPython does: one namespace, and the text of each cell in `linecache`."""

    def __init__(self) -> None:
        self.names: dict = {"__name__": "__main__"}
        self.cells = 0

    def run(self, cell: str, name: str = ""):
        """What a name means after a cell."""
        self.cells += 1
        file = f"/tmp/ipykernel_1/{id(self)}-{self.cells}.py"
        linecache.cache[file] = (len(cell), None, cell.splitlines(keepends=True), file)
        exec(compile(cell, file, "exec"), self.names)
        return self.names.get(name)


def solved(lesson: str) -> dict[str, tuple[str, str]]:
    """Of each part that a solved lesson builds: the set-up that it needs, and its cell."""
    (path,) = SOLUTIONS.glob(f"{lesson}_*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts = {cell["id"]: "".join(cell["source"]) for cell in cells}
    part_of = {exercise.name: part for part, exercise in parts().items()}
    return {
        part_of[place.exercise]: (texts[f"{lesson}-setup"], texts[place.cell_id])
        for place in places(lesson)
        if place.exercise in part_of
    }


@cache
def chain() -> dict[str, str]:
    """The file as it is before each lesson, by its number; "" before the first part."""
    before, text = {}, ""
    for lesson in rooms():
        before[lesson] = text
        for part, cells in solved(lesson).items():
            notebook = Notebook()
            for cell in cells:
                answer = notebook.run(cell, part)
            text = composed(text, lesson, part, typed(answer, part), list(parts()))
    return before
