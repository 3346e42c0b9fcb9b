"""Lesson 16: U-Net, U-Net++ and UNet 3+ as one graph, its edges drawn and removed by hand."""

from __future__ import annotations

from pathlib import Path

from unet_teach.interactive import Interactive
from unet_teach.lessons.l16_beyond.measure import FIRST, answer, given, questions, recorded
from unet_teach.lessons.l16_beyond.picture import WORDS, still
from unet_teach.translation import _


def skip_graph() -> Interactive:
    """Which map goes where: draw an edge, remove one; sizes, channels and costs follow.

    Examples
    --------
    >>> panel = skip_graph()
    >>> panel.set(kind="u_net", edited=[[0, 0, 0, 3]])
    >>> panel.picture.alt[:60]
    'U-Net, edited, depth 3, 256² pixels. 7 of 10 nodes, 8 edges '
    """
    return Interactive(
        "skip_graph",
        _("Which feature map goes where, and at what price?"),
        answer,
        FIRST,
        Path(__file__).with_name("view.js"),
        still,
        given=given(),
        presets=questions(),
        recorded=recorded,
        follows=["size"],
        words={
            "lead": _("Click an arrow to take it out; drag from one circle to another to add "
                      "one. What does it cost?"),
            "picture": _("The graph. Arrow keys move from node to node. Enter takes a node; "
                         "Enter at another one adds the edge between them, or removes it. "
                         "Escape lets go."),
            "kind": _("start from"), "depth": _("depth"), "base": _("channels at the top"),
            "size": _("input size"), "deep": _("deep supervision: several outputs"),
            **{f"legend_{kind}": words for kind, words in WORDS.items()},
            "legend_output": _("output"), "legend_absent": _("not built"),
            "legend_circle": _("X0,3: level 0, column 3; below, its channels"),
            "legend_work": _("the wider the halo, the more of the work"),
            "down": _("max pooling"), "up": _("upsampling"), "skip": _("skip"),
            "parameters": _("parameters"), "work": _("work"), "flop": _("{n} GFLOP"),
            "times": _("× {n} of U-Net"),
            "node": _("{node} takes {joined} channels from {n} maps and makes {channels}, of "
                      "{side}² pixels. It costs {p} parameters and {w} of the work."),
            "one": _("{node} takes {joined} channels from 1 map and makes {channels}, of "
                     "{side}² pixels. It costs {p} parameters and {w} of the work."),
            "image": _("{node} takes the image and makes {channels} channels of {side}² "
                       "pixels. It costs {p} parameters and {w} of the work."),
            "absent": _("{node} is not built: no output needs it."),
            "edge": _("{start} → {end} ({kind}) brings {n} channels. {p} parameters are needed "
                      "for it. Click to remove it."),
            "gone": _("{start} → {end} is taken out. Click to put it back."),
            "spare": _("{start} → {end}: no output needs it yet. Click to remove it."),
            "from": _("From {node}: where to?"),
        },
    )  # fmt: skip
