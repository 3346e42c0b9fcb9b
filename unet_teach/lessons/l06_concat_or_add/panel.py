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
        measure.FIRST,
        Path(__file__).with_name("view.js"),
        still,
        given=measure.given(),
        presets=measure.questions(),
        recorded=measure.recorded,
        words={
            "lead": _(
                "The next convolution weighs what it reads and adds it up. Drag its weights "
                "until the wall (in the ring) stands out most. Then add the maps, and try "
                "again."
            ),
            "blocks": _("A block is a quarter of the channels. Click one to see its maps."),
            "merge": _("How the two maps are joined"),
            "concat": _("concatenate"),
            "add": _("add"),
            "none": _("no skip"),
            "level": _("level of the U (0 is the top)"),
            "map": _("The channels of skip, map from below and joined map"),
            "keys": _("Arrow keys go from block to block."),
            "seen": _(
                "Channels and prices are those of the paper's U-Net. The maps are from a "
                "smaller, trained one, around the course's two neurons: of each block the "
                "channel in which both vary most. Each picture has its own greys. The wall "
                "stands out by the distance of its mean from the mean inside both neurons, "
                "bright or dark, in standard deviations of the inside."
            ),
            "skip": _("skip ×"),
            "below": _("from below ×"),
            "sum": _("their sum ×"),
            "row": _("level"),
            "megabytes": _("memory of what is read, MB"),
            "next": _("parameters of the next convolution"),
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
            "lead": _(
                "Each line is a skip of this trained U. Cut it with its scissors, or drag its "
                "knob to weaken or strengthen it."
            ),
            "u": _("The skips of the U"),
            "skip": _("level {level}"),
            "times": _("× {n}"),
            "gone": _("× 0: cut"),
            "scissors": _("✂ cut"),
            "mend": _("↺ join"),
            "bottom": _("256 channels"),
            "now": _("mask now"),
            "before": _("all skips whole"),
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
