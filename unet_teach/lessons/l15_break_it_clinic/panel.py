"""Lesson 15: eight patients, and a diagnosis to pin to each."""

from __future__ import annotations

from pathlib import Path

from unet_teach.interactive import Interactive
from unet_teach.lessons.l15_break_it_clinic.measure import (
    FIRST,
    answer,
    given,
    questions,
    recorded,
)
from unet_teach.lessons.l15_break_it_clinic.picture import still
from unet_teach.translation import _


def clinic() -> Interactive:
    """Look at eight patients, pin a diagnosis to each, and reveal what it has.

    Nothing is trained here: ``experiments/clinic.py`` did it.

    Examples
    --------
    >>> panel = clinic()
    >>> panel.set(patient="G", pin="mask at 255", revealed=True)
    >>> panel.answer["right"], panel.picture.alt[:9]
    (True, 'Patient G')
    """
    return Interactive(
        "clinic",
        _("The clinic: what is wrong with each network?"),
        answer,
        FIRST,
        Path(__file__).with_name("view.js"),
        still,
        given=given(),
        presets=questions(),
        recorded=recorded,
        words={
            "lead": _(
                "Eight networks were trained, each with one wrong line of code. Click a card, "
                "pin what you think is wrong, and reveal it."
            ),
            "ward": _("The eight patients"),
            "patient": _("Patient {letter}"),
            "dice": _("Dice {dice}"),
            "ends": _("ends: NaN"),
            "to": _("loss {first} → {last}"),
            "unpinned": _("no diagnosis yet"),
            "image": _("image"),
            "truth": _("ground truth"),
            "sees": _("prediction of {letter}"),
            "mended": _("with the line fixed"),
            "loss": _("loss"),
            "step": _("step"),
            "lines": _(
                "Orange: this run. Dashed blue: its line fixed. Dotted: three numbers to know."
            ),
            "key": _(
                "Prediction: black is surely wall, white surely none, orange not a number."
            ),
            "pins": _(
                "What is wrong with {letter}? Click a diagnosis, or drag it onto any card."
            ),
            "reveal": _("Reveal {letter}"),
            "cover": _("Cover again"),
            "next": _("Next patient"),
            "score": _("{n} of {all} right"),
            "point": _("Point at a diagnosis to read what it means."),
            "means": _("{name}: {hint}."),
        },
    )
