"""The whole-U explorer: every decision of a U-Net, and what it makes of every number."""

from __future__ import annotations

from unet_teach.config import UNetConfig
from unet_teach.drawing.picture import Picture
from unet_teach.lessons.l07_build_unet.floors import follow
from unet_teach.lessons.l07_build_unet.picture import SHOW, broken_u, failure, u_picture
from unet_teach.panel import Impossible, Panel, choice, slider
from unet_teach.shapes import IllegalSize
from unet_teach.translation import _

SMALLEST, LARGEST = 8, 764  # of the slider; what is legal depends on the other controls


def u_explorer(size: int = 572, depth: int = 4, padding: str = "valid") -> Panel:
    """Input size, depth, padding, merge, upsampler, channels → the U with all its numbers.

    Examples
    --------
    >>> panel = u_explorer()
    >>> panel.set(size=570)
    >>> panel.problem.split("; ")[0]
    'input size 570 does not halve evenly at depth 4 with valid convolutions'
    """
    controls = {
        "size": slider(_("input size"), size, SMALLEST, LARGEST),
        "depth": slider(_("depth"), depth, 1, 5),
        "padding": choice(_("padding"), _named("valid", "same"), padding),
        "merge": choice(_("skips"), _named("concat", "add", "none"), "concat"),
        "upsample": choice(
            _("upsampler"),
            _named("transposed", "nearest", "bilinear", "pixel_shuffle"),
            "transposed",
        ),
        "align": choice(_("unequal sizes"), [(_("crop the skip"), "crop"),
                                             (_("zero-pad the map"), "pad")], "crop"),
        "base_channels": choice(_("base channels"), [4, 8, 16, 32, 64], 64),
        "show": choice(_("number at a box"), _named(*SHOW), "size"),
    }  # fmt: skip
    return Panel(_("The whole U"), controls, draw)


def _named(*values: str) -> list[tuple[str, str]]:
    return [(_(value.replace("_", " ")), value) for value in values]


def draw(size: int, show: str, **settings: object) -> Picture:
    """The U or, where the size is illegal, what is wrong with it."""
    config = UNetConfig(**settings)
    try:
        return u_picture(config, size, show)
    except IllegalSize as illegal:
        reachable = [n for n in illegal.nearest if SMALLEST <= n <= LARGEST]
        raise Impossible(
            "size", f"{illegal}; {failure(follow(config, size))}",
            offers={"size": reachable}, picture=broken_u(config, size),
        ) from None  # fmt: skip
