"""`my_unet.py`: what passes is kept as it was typed, what is kept is used, nothing is lost."""

from __future__ import annotations

import functools
import json
import linecache
import os
import subprocess
import sys
from pathlib import Path

import pytest

from unet_teach.exercises import check, keeping, mine
from unet_teach.exercises.keeping import parts, read
from unet_teach.exercises.own_file import SECTION
from unet_teach.training import files

ROOT = Path(__file__).parents[1]
CROP = '''\
def center_crop(x, size):
    """Hers."""
    top, left = (x.shape[-2] - size[0]) // 2, (x.shape[-1] - size[1]) // 2
    return x[..., top : top + size[0], left : left + size[1]]  # her comment
'''


class Notebook:
    """Runs cells as IPython does: one namespace, and the text of each cell in `linecache`."""

    def __init__(self) -> None:
        self.names: dict = {"__name__": "__main__"}
        self.cells = 0

    def run(self, cell: str, name: str = ""):
        self.cells += 1
        file = f"/tmp/ipykernel_1/{id(self)}-{self.cells}.py"
        linecache.cache[file] = (len(cell), None, cell.splitlines(keepends=True), file)
        exec(compile(cell, file, "exec"), self.names)
        return self.names.get(name)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder that the notebook is in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("UNET_TEACH_MINE", raising=False)
    return tmp_path


@pytest.fixture
def file(folder):
    return folder / "my_unet.py"


def passed(exercise: str, cell: str, name: str, notebook: Notebook | None = None) -> str:
    """What is said of the file when this cell's answer passes."""
    result = check(exercise, (notebook or Notebook()).run(cell, name))
    assert result.passed, str(result)
    return result.kept


def solved() -> dict[str, tuple[str, str, str]]:
    """Of each part its exercise, the name in its cell, and the cells that it needs."""
    from unet_teach.classroom.lessons import places

    answers = {place.exercise: place for n in {e.name[:2] for e in parts().values()}
               for place in places(n)}  # fmt: skip
    found = {}
    for part, exercise in parts().items():
        place = answers[exercise.name]
        (path,) = (ROOT / "notebooks" / "solutions").glob(f"{place.lesson}_*.ipynb")
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = {cell["id"]: "".join(cell["source"]) for cell in cells}
        found[part] = (texts[f"{place.lesson}-setup"], texts[place.cell_id], place.answer)
    return found
