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
            "three fixed ones. A grey gap from 0.78 to 0.86 holds no run: all crosses are "
            "below it and all dots above; the crosses of B and C are at zero."
        ),
        "patient_i": _(
            "Loss of patient I over 20 steps: without scaling a flat line at 0.727, with the "
            "loss times 65536 a curve that falls to 0.31."
        ),
        "pair_alarm": _(
            "The pair by the same network twice. The standardised image, without an alarm, has "
            "one neuron blue and the other green; the image that was not standardised has a "
            "red frame and the word alarm, and all is one orange area."
        ),
    },
)
