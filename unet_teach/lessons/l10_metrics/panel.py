"""Lesson 10: erase a pixel of a thin wall."""

from __future__ import annotations

from pathlib import Path

from unet_teach.interactive import Interactive
from unet_teach.lessons.l10_metrics.measure import answer, given, questions
from unet_teach.lessons.l10_metrics.picture import still
from unet_teach.translation import _


def wall_eraser() -> Interactive:
    """Erase pixels of thin walls, or draw new ones: which number notices?

    Examples
    --------
    >>> panel = wall_eraser()
    >>> panel.ask("The worst hole?")
    >>> panel.answer["because"][:50]
    'Between 3 and 6: one region now holds their 1,539 '
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
        computed=Path(__file__).with_name("answer.js"),
        words={
            "lead": _("Click a wall to make a hole one pixel wide. Which number notices?"),
            "erase": _("Erase wall"),
            "draw": _("Draw wall"),
            "thinned": _("thin the walls first, so width does not count"),
            "map": _("The map: 13 neurons between thin walls"),
            "keys": _("Arrow keys move, N goes to the next wall, Enter changes a pixel."),
            "point": _("Point at a wall: what would a hole there cost?"),
            "wall": _("wall between {a} and {b}: a hole here alone, and V_rand is {v}"),
            "crossing": _("where walls meet: a hole here alone, and V_rand is {v}"),
            "inside": _("inside of neuron {a}"),
            "legend_wall": _("wall"),
            "legend_was": _("wall, thinned away"),
            "legend_one": _("run together"),
            "legend_changed": _("changed"),
            "legend_piece": _("cut off"),
            "wrong": _("wrong pixels"),
            "of_pixels": _("{n} of {all} pixels"),
            "right": _("pixels right"),
            "dice": _("Dice of inside"),
            "v_rand": _("V_rand"),
            "v_info": _("V_info"),
            "v_rand_asks": _("Do pixels together belong together?"),
            "v_info_asks": _("Does a region tell the neuron?"),
            "formula": _("V_rand = 2 Σ entries² / (Σ row sums² + Σ column sums²)"),
            "table": _("Contingency table: pixels of each neuron (row) by segment (column)"),
            "neuron": _("neuron"),
            "segment": _("segment"),
            "lost": _("lost"),
            "more": _("and {n} more segments"),
        },
    )
