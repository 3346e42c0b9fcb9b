"""Lesson 06: what each merge keeps and costs, and what a trained net does without a skip."""

from __future__ import annotations

import numpy as np

from unet_teach.config import UNetConfig
from unet_teach.drawing import svg
from unet_teach.drawing.bars import bar
from unet_teach.drawing.overlays import grey_levels, overlay
from unet_teach.drawing.picture import (
    SIXTEEN,
    Picture,
    paragraphs,
    png_picture,
    spoken,
    svg_picture,
)
from unet_teach.drawing.style import LIGHT
from unet_teach.shapes import trace
from unet_teach.translation import _

BLOCK = 22  # width of a block of channels
TALL = 130
LEVELS = np.array([SIXTEEN[::3]], np.uint8)  # (1, 16)
# The greys of the inside, the same under vermillion for membranes, and white.
TINTED = np.ravel(overlay(LEVELS, np.zeros_like(LEVELS))).tolist()
PALETTE = [*SIXTEEN, *TINTED, 255, 255, 255]


def merged(merge: str, level: int = 0, size: int = 572) -> Picture:
    """Skip and map from below, the way they are joined, and the price in the paper's network.

    Examples
    --------
    >>> print(merged("add", level=3))
    At level 3 a skip and a map of 512 channels each are added to 512 channels. ...
    """
    config = UNetConfig(merge=merge)
    traced, paper = trace(config, size), trace(UNetConfig(), size)
    skip, c = traced.skips[level], config.channels[level]
    first = next(s for s in traced.steps if s.name == f"expand {level} conv 1")
    joined = first.in_channels
    parts = [*_blocks(skip.used, merge, c, joined)]
    seen = {
        "concat": _("At level {level} a skip and a map of {c} channels each are put side by "
                    "side: {joined} channels."),
        "add": _("At level {level} a skip and a map of {c} channels each are added to {joined} "
                 "channels."),
        "none": _("At level {level} a skip and a map of {c} channels each do not meet: "
                  "{joined} channels go on."),
    }[merge].format(level=level, c=c, joined=joined)  # fmt: skip
    held = joined * first.input_size**2 * 4 / 1e6
    rows = [
        (_("channels after the merge"), f"{joined}"),
        (_("joined map, one image"), f"{held:.1f} MB"),
        (_("parameters of the next convolution"), f"{first.parameters:,}"),
        (_("parameters of the whole network"), f"{traced.parameters:,}"),
        (_("fewer than with concatenation"), f"{paper.parameters - traced.parameters:,}"),
        (_("operations"), f"{traced.operations / 1e9:.1f} GFLOP"),
    ]
    cells = "".join(
        f'<tr><td style="text-align:left">{name}</td><td style="text-align:right"><b>{value}'
        "</b></td></tr>"
        for name, value in rows
    )
    table = f"<table>{cells}</table>"
    return svg_picture(420, 2 * TALL + 60, parts, spoken(seen, table), table)


def _blocks(used: bool, merge: str, c: int, joined: int) -> list[str]:
    """The two maps on the left, what comes of them on the right."""
    blue, orange = LIGHT.contracting, LIGHT.expansive
    top, low, middle = 30, TALL + 56, (TALL + 36) / 2 + 24
    fade = None if used else 0.25
    parts = [
        svg.text(60, 20, _("skip"), 14), svg.text(60, low - 8, _("map from below"), 14),
        svg.rect(50, top, BLOCK, TALL, blue, opacity=fade),
        svg.rect(50, low, BLOCK, TALL, orange),
        svg.text(100, top + TALL / 2, c, 14), svg.text(100, low + TALL / 2, c, 14),
    ]  # fmt: skip
    if used:
        parts.append(svg.arrow(120, top + TALL / 2, 205, middle + 45, LIGHT.skip))
    parts.append(svg.arrow(120, low + TALL / 2, 205, middle + 75, LIGHT.up))
    x, width = 225, BLOCK
    if merge == "concat":
        parts.append(svg.rect(x, middle, BLOCK, TALL, blue))
        parts.append(svg.rect(x + BLOCK, middle, BLOCK, TALL, orange))
        width = 2 * BLOCK
    elif merge == "add":
        parts.append(svg.rect(x, middle, BLOCK, TALL, orange))
        parts.append(svg.rect(x, middle, BLOCK, TALL, blue, opacity=0.55))
        parts.append(svg.text(x + BLOCK / 2, middle - 10, "+", 20))
    else:
        parts.append(svg.rect(x, middle, BLOCK, TALL, orange))
    parts.append(svg.text(x + width / 2, middle + TALL + 20, joined, 14, font_weight="bold"))
    parts.append(
        svg.arrow(x + width + 12, middle + TALL / 2, x + width + 70, middle + TALL / 2)
    )
    parts.append(svg.text(x + width + 76, middle + TALL / 2 - 4, _("next"), 13, "start"))
    parts.append(
        svg.text(x + width + 76, middle + TALL / 2 + 13, _("convolution"), 13, "start")
    )
    return parts


def operated(
    image: np.ndarray, healthy: np.ndarray, probability: np.ndarray, scores: dict[str, float],
    before: dict[str, float], what: str,
) -> Picture:  # fmt: skip
    """A micrograph with the membranes of the healthy network, and of the operated one.

    Parameters
    ----------
    image : uint8 (H, W)
    healthy, probability : (H, W), probability of inside before and after the operation
    scores, before : name -> value from 0 to 1, after and before
    what : the operation, in words
    """
    grey = grey_levels(image) // 16
    left, right = (grey + np.uint8(16) * (p <= 0.5) for p in (healthy, probability))
    gap = np.full((len(image), 6), 32, np.uint8)
    changed = float(np.mean((healthy > 0.5) != (probability > 0.5)))
    seen = _(
        "A micrograph with the membranes that a network finds, healthy on the left, operated "
        "on the right."
    )
    change = _("{changed:.1%} of the pixels change class.").format(changed=changed)
    words = paragraphs(f"<b>{what}</b>", change)
    alt = spoken(seen, words + paragraphs(_listed(scores)))
    words += "".join(bar(name, value) for name, value in scores.items())
    words += paragraphs(_("healthy: {scores}").format(scores=_listed(before)))
    entries = np.concatenate([left, gap, right], axis=1)
    return png_picture(entries, alt, words, width=620, palette=PALETTE)


def _listed(scores: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in scores.items())
