"""Lesson 10: erase a pixel of a thin wall."""

from __future__ import annotations

from pathlib import Path

from unet_teach.interactive import Interactive
from unet_teach.lessons.l10_metrics.measure import answer, given, questions, recorded
from unet_teach.lessons.l10_metrics.picture import still
from unet_teach.translation import _


def wall_eraser() -> Interactive:
    """Erase pixels of thin walls, or draw new ones: which number notices?

    Examples
    --------
    >>> panel = wall_eraser()
    >>> panel.ask("The worst hole?")
    >>> panel.picture.alt[-60:]
    'Wrong pixels 0.02%, Dice 0.9999, V_rand 0.806, V_info 0.942.'
    """
    return Interactive(
        "wall_eraser",
        _("Erase a thin wall"),
        answer,
        {"flipped": [], "thinned": True},
        Path(__file__).with_name("view.js"),
        still,
        given=given(),
        presets=questions(),
        recorded=recorded,
        words={
            "lead": _("Click a wall to make a hole one pixel wide. Which number notices?"),
            "erase": _("Erase wall"),
            "draw": _("Draw wall"),
            "thinned": _("thin the walls before scoring"),
            "map": _("The map: 13 neurons between thin walls"),
            "keys": _("Arrow keys move, N goes to the next wall, Enter changes a pixel."),
            "wall": _("wall between {a} and {b}; one hole here, and V_rand is {v}"),
            "crossing": _("where walls meet; one hole here, and V_rand is {v}"),
            "inside": _("inside of neuron {a}"),
            "legend_wall": _("wall"),
            "legend_was": _("wall, thinned away"),
            "legend_one": _("run together"),
            "legend_changed": _("changed"),
            "wrong": _("wrong pixels"),
            "of_pixels": _("{n} of {all} pixels"),
            "right": _("pixels right"),
            "dice": _("Dice of inside"),
            "v_rand": _("V_rand"),
            "v_info": _("V_info"),
            "apart": _("{m} regions for {n} neurons: none run together."),
            "together": _("Run together: {groups}. {m} regions for {n} neurons."),
            "formula": _("V_rand = 2 Σ entries² / (Σ row sums² + Σ column sums²)"),
            "table": _("Contingency table: pixels of each neuron (row) by segment (column)"),
            "neuron": _("neuron"),
            "segment": _("segment"),
            "lost": _("lost"),
            "more": _("and {n} more segments"),
        },
    )
