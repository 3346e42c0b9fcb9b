"""Where each exercise stands in its lesson's notebook, as the lesson's room says.

No answers here: the student's process reads this file.
"""

from __future__ import annotations

from dataclasses import dataclass

from unet_teach.rooms import facts, rooms


@dataclass(frozen=True)
class Place:
    """One exercise in a notebook."""

    exercise: str  # "05.center_crop"
    uses: tuple[str, ...] = ()  # what the lesson itself takes from the library here

    @property
    def lesson(self) -> str:
        return self.exercise[:2]

    @property
    def answer(self) -> str:
        """The name that its cell defines."""
        return self.exercise[3:]

    @property
    def cell(self) -> str:
        """The id of its cell, without the lesson's number in front."""
        return "exercise-" + self.answer.replace("_", "-")

    @property
    def cell_id(self) -> str:
        return f"{self.lesson}-{self.cell}"


def places(lesson: str) -> tuple[Place, ...]:
    """The exercises of one lesson, in its order."""
    return tuple(Place(f"{lesson}.{a.name}", a.uses) for a in facts(lesson).asked)


def answers_of(lesson: str) -> str:
    """The name of the module that holds a lesson's answers."""
    return f"unet_teach.lessons.{rooms()[lesson]}.exercises"


def lessons() -> list[str]:
    """The numbers of all lessons."""
    return list(rooms())
