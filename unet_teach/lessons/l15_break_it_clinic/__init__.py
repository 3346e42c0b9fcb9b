"""Lesson 15: Break it: the clinic."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="Break it,\nfix it",
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
        "pair_now": _(
            "The pair by the same network twice. With a standardised image one neuron is blue, "
            "the other green, with a dark wall between them; with the line forgotten all is "
            "one orange area without a wall."
        ),
        "band": _(
            "Dice of the walls for patients A to H: crosses for three broken runs, dots for "
            "three fixed ones. A dashed line at 0.82 has all crosses below it and all dots "
            "above; B and C, broken, lie at zero."
        ),
    },
)
