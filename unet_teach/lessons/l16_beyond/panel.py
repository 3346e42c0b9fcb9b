"""Lesson 16: U-Net, U-Net++ and UNet 3+ as one graph, its edges drawn and removed by hand."""

from __future__ import annotations

from pathlib import Path

from unet_teach.interactive import Interactive
from unet_teach.lessons.l16_beyond.measure import FIRST, answer, given, questions, recorded
from unet_teach.lessons.l16_beyond.picture import WORDS, still
from unet_teach.translation import _


def skip_graph() -> Interactive:
    """Which map goes where: draw an arrow, remove one; sizes, channels and costs follow.

    Examples
    --------
    >>> panel = skip_graph()
    >>> panel.set(kind="u_net", edited=[[0, 0, 0, 3]])
    >>> panel.picture.alt[:60]
    'U-Net, edited, depth 3, 256² pixels. Nodes: 7 of 10. Arrows:'
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
        computed=Path(__file__).with_name("answer.js"),
        follows=["size"],
        words={
            "lead": _("Each circle is a node, which makes a feature map. Each arrow takes a "
                      "map on. Drag from node to node to draw an arrow, and click an "
                      "arrow to remove it."),
            "picture": _("The graph. Arrow keys move from node to node. Enter takes a node; "
                         "Enter at another one draws the arrow between them, or removes it. "
                         "Escape lets go."),
            "kind": _("start from"), "depth": _("depth"), "base": _("channels at the top"),
            "size": _("input size"),
            "deep": _("deep supervision: several outputs, each with a loss of its own, so that "
                      "the nodes in the middle learn directly, too"),
            **{f"legend_{kind}": words for kind, words in WORDS.items()},
            "sign_output": "▸", "sign_circle": "X", "sign_keys": "⏎",
            "legend_output": _("output"), "legend_absent": _("not built"),
            "legend_circle": _("X0,3: level 0, column 3; below, its channels"),
            "legend_work": _("the wider the halo, the more of the work"),
            "legend_keys": _("keys: arrows move, Enter takes a node and joins it to the next"),
            "down": _("by max pooling"), "up": _("by upsampling"), "skip": _("a skip"),
            "parameters": _("parameters: the numbers that training sets"),
            "work": _("work: billions of calculations for one image (GFLOP)"),
            "flop": _("{n} GFLOP"),
            "times": _("× {n} of U-Net"),
            "node": _("{node}: {joined} channels come in, {channels} go out, of {side}² "
                      "pixels. It costs {p} parameters and {work} GFLOP, {w} of the work."),
            "image": _("{node} takes the image. {channels} channels go out, of {side}² pixels. "
                       "It costs {p} parameters and {work} GFLOP, {w} of the work."),
            "absent": _("{node} is not built, because no output needs it. Drag an arrow to it, "
                        "and one from it to a node that is built."),
            "edge": _("{start} → {end} ({kind}) brings {n} channels. It costs {p} parameters "
                      "and {o} GFLOP, {w} of the work. Click it, or tap it again, to remove "
                      "it."),
            "gone": _("{start} → {end} is taken out. Click it, or tap it again, to put it "
                      "back."),
            "spare": _("{start} → {end}: no output needs it yet. Click it, or tap it again, to "
                       "remove it."),
            "from": _("From {node}: where to? Enter at another node draws the arrow."),
            "point": _("Point at a node or an arrow, or tap it: what does it bring, and what "
                       "does it cost?"),
        },
    )  # fmt: skip
