"""The rooms of the lessons: found by their names, never listed.

A lesson's room is a folder ``unet_teach/lessons/lNN_name``, named as its notebook. Its
``__init__`` says its `Facts`; `exercises` holds what is asked and the answers, and `measure`,
`picture` and `panel` make its interactive. Nothing here imports a room before it is asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).with_name("lessons")


@dataclass(frozen=True)
class Asked:
    """An exercise of a lesson, in the cell ``exercise-center-crop`` of its notebook.

    What the cell defines has the exercise's name, and so has the answer in the room.
    """

    name: str  # "center_crop"
    uses: tuple[str, ...] = ()  # what the lesson itself takes from the library here
    part: bool = False  # of the learner's own network: kept in my_unet.py when it passes


@dataclass(frozen=True)
class Facts:
    """What tools, book and grader have to know of a lesson and cannot read in its notebook."""

    label: str  # beside the small U that opens the lesson; two lines
    lit: str  # which parts of the U are in colour
    shows: str  # the same in words
    able: str  # what one can do after it, for the table in the README
    asked: tuple[Asked, ...]
    week: int | None = None  # of the term, if taught in class; else it is homework
    homework: str = ""  # of that week, said where the week ends
    gpu: bool = False  # a hosted notebook of it asks for a GPU
    imports: tuple[str, ...] = ()  # that only this lesson uses, so no remark in `collect`
    figures: dict[str, str] = field(default_factory=dict)  # figure -> what it shows


@cache
def rooms() -> dict[str, str]:
    """The number of each lesson and the name of its room, ``{"05": "l05_crop_or_pad", …}``."""
    names = sorted(p.name for p in FOLDER.iterdir() if (p / "__init__.py").is_file())
    return {name[1:3]: name for name in names if re.match(r"l\d\d_", name)}


def room(lesson: str, part: str = "") -> ModuleType:
    """A room, or one of its files: ``room("05", "exercises")``.

    Raises
    ------
    ValueError
        No lesson of this number.
    """
    if lesson not in rooms():
        raise ValueError(f"no lesson {lesson!r}; valid: {', '.join(rooms())}")
    return import_module(".".join(["unet_teach.lessons", rooms()[lesson], part]).rstrip("."))


def facts(lesson: str) -> Facts:
    """What a room says of its lesson.

    Examples
    --------
    >>> facts("05").asked[0]
    Asked(name='center_crop', uses=(), part=True)
    """
    return room(lesson).FACTS


def interactives() -> dict[str, ModuleType]:
    """All interactives by name, each with the `panel` that makes it.

    It is a function that says in its annotations that it returns an `Interactive`.

    Examples
    --------
    >>> interactives()["crop_explorer"].__name__
    'unet_teach.lessons.l05_crop_or_pad.panel'
    """
    from unet_teach.interactive import Interactive

    found = {}
    for lesson, name in rooms().items():
        if not (FOLDER / name / "panel.py").exists():
            continue
        module = room(lesson, "panel")
        for attribute, value in vars(module).items():
            gives = getattr(value, "__annotations__", {}).get("return")
            kind = getattr(module, str(gives), None)
            if isinstance(kind, type) and issubclass(kind, Interactive) and attribute[0] != "_":
                found[attribute] = module
    return found
