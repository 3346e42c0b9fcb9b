"""Lesson 03: how much of an image comes through a bottleneck."""

from __future__ import annotations

from unet_teach.comparisons import by_seed, load_table
from unet_teach.drawing.picture import Picture
from unet_teach.lessons.l03_encoder_decoder.measure import saved_reconstructions
from unet_teach.lessons.l03_encoder_decoder.picture import reconstructed
from unet_teach.panel import Impossible, Panel, slider, toggle
from unet_teach.translation import _


def bottleneck_explorer() -> Panel:
    """Depth of an autoencoder: what it gives back of a micrograph, and the error.

    All networks were trained before, by ``experiments/autoencoders.py``; a move only draws.

    Examples
    --------
    >>> panel = bottleneck_explorer()
    >>> panel.set(depth=4)
    >>> "depth 4 without skips" in panel.picture.alt
    True
    """
    saved, table = saved_reconstructions(), load_table("autoencoders")
    errors = {
        merge: {
            depth: list(by_seed(table, f"depth {depth}{words}", "error").values())
            for name, depth in sorted(saved.by_depth)
            if name == merge
        }
        for merge, words in (("none", ""), ("concat", ", skips"))
    }
    deepest = max(errors["none"])
    controls = {
        "depth": slider(_("poolings (depth)"), 2, 0, deepest),
        "skips": toggle(_("with skips, as in a U-Net"), False),
        "zoom": toggle(_("enlarge the middle"), False),
    }

    def draw(depth: int, skips: bool, zoom: bool) -> Picture:
        merge, other = ("concat", "none") if skips else ("none", "concat")
        if depth not in errors[merge]:
            reason = _("Without a pooling there is no way up, and so there are no skips.")
            raise Impossible("skips", reason, {"skips": [False], "depth": [1]})
        return reconstructed(
            saved.image, saved.by_depth[merge, depth], saved.spread, errors[merge], depth,
            errors[other], skips, zoom,
        )  # fmt: skip

    return Panel(_("Through the bottleneck"), controls, draw)
