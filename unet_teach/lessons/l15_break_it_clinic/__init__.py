"""Lesson 15: Break it: the clinic."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="Break it,\nmend it",
    lit="broken",
    shows="four places where things go wrong, marked by crosses",
    able="diagnose eight classic failures from their curves",
    asked=(
        Asked("diagnoses"),
        Asked("prepare"),
        Asked("checks"),
    ),
    week=8,
    figures={
        "band": _(
            "Dice of the walls for patients A to H: crosses for three broken runs, dots for "
            "three mended ones. A dashed line at 0.82 has all crosses below it and all dots "
            "above; B and C, broken, lie at zero."
        ),
    },
)
