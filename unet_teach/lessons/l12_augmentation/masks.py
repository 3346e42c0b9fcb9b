"""What networks see that learned from one slice or three, with and without augmentation."""

from __future__ import annotations

from functools import cache
from importlib import resources

import numpy as np

from unet_teach.comparisons import load_table
from unet_teach.drawing import svg
from unet_teach.drawing.picture import Picture, indexed, png_data, svg_picture
from unet_teach.drawing.style import CYCLE, LIGHT, rgb
from unet_teach.metrics import components
from unet_teach.translation import _


@cache
def _kept() -> dict[str, np.ndarray]:
    """What ``experiments/few_slices.py`` wrote."""
    file = resources.files("unet_teach") / "resources" / "few_slices.npz"
    with file.open("rb") as stream, np.load(stream) as kept:
        return dict(kept)


@cache
def seen() -> dict[str, np.ndarray]:
    """Variant -> inside (288, 288)."""
    side = int(_kept()["side"])
    return {
        name: np.unpackbits(bits)[: side * side].reshape(side, side).astype(bool)
        for name, bits in _kept().items()
        if "slice" in name
    }


@cache
def scores() -> dict[str, float]:
    """Variant -> V_rand of the network that is shown, on its whole held-out block."""
    shown = int(_kept()["block"]), int(_kept()["seed"])
    rows = load_table("pairs")
    return {row["variant"]: row["v_rand"] for row in rows
            if (row["block"], row["seed"]) == shown}  # fmt: skip


def few_slices() -> Picture:
    """Four predicted masks of one place, each region in a colour: one or three slices learned.

    Examples
    --------
    >>> few_slices().text
    ''
    """
    scale, gap, head = 1.25, 14, 26
    titles = {
        "1 slice, crops": _("1 slice, crops alone"),
        "1 slice, augmented": _("1 slice, augmented"),
        "3 slices, crops": _("3 slices, crops alone"),
        "3 slices, augmented": _("3 slices, augmented"),
    }
    palette = [value for colour in (LIGHT.ink, *CYCLE) for value in rgb(colour)]
    parts, said, side = [], [], 0.0
    for place, (name, inside) in enumerate(seen().items()):
        regions = components(inside)
        side = scale * len(regions)
        x, y = (place % 2) * (side + gap), (place // 2) * (side + gap + head)
        entries = np.where(regions > 0, 1 + regions % len(CYCLE), 0).astype(np.uint8)
        title = _("{name}: V_rand {score:.2f}").format(name=titles[name], score=scores()[name])
        parts.append(svg.text(x + side / 2, y + 17, title, 14))
        parts.append(svg.image(png_data(indexed(entries, palette)), x, y + head, side, side))
        largest = np.bincount(regions.ravel())[1:].max() / regions.size
        said.append(
            _("{name}, {n} regions, the largest holds {largest:.0%} of the picture.").format(
                name=title, n=regions.max(), largest=largest
            )
        )
    alt = " ".join([_("One piece of tissue as four networks see it, by regions."), *said])
    return svg_picture(2 * side + gap, 2 * (side + head) + gap, parts, alt)
