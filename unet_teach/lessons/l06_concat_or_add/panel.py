"""Lesson 06: the merge, and surgery on the skips of a trained network."""

from __future__ import annotations

from pathlib import Path

from unet_teach.interactive import Interactive
from unet_teach.lessons.l06_concat_or_add import measure, surgery
from unet_teach.lessons.l06_concat_or_add.picture import operated, still
from unet_teach.translation import _


def merge_toggle() -> Interactive:
    """Concatenate, add, or leave the skip out: channels, memory, parameters.

    Examples
    --------
    >>> panel = merge_toggle()
    >>> panel.set(merge="add", level=3)
    >>> panel.answer["costs"]["add"]["joined"]
    512
    """
    return Interactive(
        "merge_toggle",
        _("Side by side or added: what do you pay, what do you lose?"),
        measure.answer,
        {"merge": "concat", "level": 0},
        Path(__file__).with_name("view.js"),
        still,
        presets=measure.questions(),
        recorded=measure.recorded,
        words={
            "lead": _(
                "Choose a way to join, then click a bar on the right: which channels are in it?"
            ),
            "merge": _("How the two maps are joined"),
            "concat": _("concatenate"),
            "add": _("add"),
            "none": _("no skip"),
            "short_concat": _("concat"),
            "short_add": _("add"),
            "short_none": _("no skip"),
            "level": _("level of the U (0 is the top)"),
            "map": _("The channels of skip, map from below and joined map"),
            "keys": _("Arrow keys go from bar to bar of the joined map."),
            "bars": _("Each bar of the skip and of the map from below is {n} channels."),
            "skip": _("skip"),
            "below": _("from below"),
            "channels": _("{n} channels"),
            "reads": _("Channels {from} to {to} of the joined map: {what}."),
            "of": _("{from} to {to} of {name}"),
            "plus": _(" plus "),
            "joined": _("joined channels"),
            "megabytes": _("joined map, MB"),
            "next": _("parameters of the next convolution"),
            "network": _("parameters of the network"),
            "operations": _("operations, GFLOP"),
        },
    )


def skip_surgery() -> Interactive:
    """Scissors and a gain on each skip of a trained network; the pair's wall is watched.

    Examples
    --------
    >>> panel = skip_surgery()
    >>> panel.answer["verdict"]
    'apart'
    >>> panel.set(gains=[1, 1, 0, 1])
    >>> panel.answer["verdict"]
    'merged'
    """
    return Interactive(
        "skip_surgery",
        _("Cut a skip: what becomes of the walls?"),
        surgery.answer,
        {"gains": [1, 1, 1, 1]},
        Path(__file__).with_name("surgery.js"),
        operated,
        given=surgery.given(),
        presets=surgery.questions(),
        recorded=surgery.recorded,
        words={
            "lead": _("Click a skip to cut it, or drag its knob to weaken it."),
            "u": _("The skips of the U"),
            "skip": _("Skip of level {level}"),
            "times": _("level {level} · × {n}"),
            "cut": _("level {level} · cut"),
            "bottom": _("256 channels"),
            "now": _("mask now"),
            "before": _("all skips whole"),
            "changed": _("pixels that changed"),
            "v_rand": _("V_rand (1 = every neuron separate)"),
            "accuracy": _("pixel accuracy"),
            "share": _("{n} of the pixels change class."),
            "whole": _("all skips whole"),
            "legend_wall": _("wall"),
            "legend_a": _("one neuron"),
            "legend_b": _("its neighbour"),
            "legend_both": _("run together"),
            "legend_gone": _("wall gone"),
            "legend_new": _("new wall"),
        },
    )
