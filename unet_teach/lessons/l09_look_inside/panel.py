"""Lesson 09: look inside any network, at one layer's channels and what a pixel of them saw."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from unet_teach.data.membranes import synthetic_membranes
from unet_teach.drawing.picture import Picture, paragraphs, spoken
from unet_teach.drawing.svg import escape
from unet_teach.lessons.l09_look_inside.maps import Fields
from unet_teach.lessons.l09_look_inside.measure import (
    PAGE,
    as_input,
    as_picture,
    gallery,
    kinds,
    shrunk,
    untrained_like,
)
from unet_teach.lessons.l09_look_inside.picture import Channels, maps_picture
from unet_teach.models.pretrained import pretrained
from unet_teach.panel import Panel, choice, slider, toggle
from unet_teach.translation import _

PIXELS = 56_000  # of all thumbnails together: what keeps the message small
INPUT_PIXELS = 128 * 128  # of the input as it is shown


class Viewer(Panel):
    """A panel whose sliders fit the layer that is looked at."""

    def __init__(self, layers: dict[str, tuple[int, int, int]], *args: Any) -> None:
        self.layers = layers  # name -> C, H, W
        self._place: dict[str, float] = {}  # of the pixel, from 0 to 1, where it was chosen
        super().__init__(*args)

    def _on_move(self, change: dict) -> None:
        if change["owner"] is self.controls["layer"]:
            held, self._held = self._held, True  # one picture for all of it
            try:
                self._fit(self.layers[change["old"]], self.layers[change["new"]])
            finally:
                self._held = held
        for name in [n for n in self._place if change["owner"] is self.controls[n]]:
            del self._place[name]  # chosen again, in this layer
        super()._on_move(change)

    def _fit(self, old: tuple[int, int, int], new: tuple[int, int, int]) -> None:
        """New ends for the sliders; the pixel stays at the same place of the picture."""
        kept = {}
        for axis, name in ((1, "row"), (2, "column")):
            control = self.controls[name]
            kept[name] = self._place.get(name, (control.value + 0.5) / old[axis])
            control.max = max(control.max, new[axis] - 1)
            control.value, control.max = int(kept[name] * new[axis]), new[axis] - 1
        self._place = kept  # not rounded from layer to layer: it would drift
        self.controls["channel"].max = new[0] - 1


def viewer(
    model: Any = None,
    image: Any = None,
    other: Any = None,
    pixel: tuple[int, int] | None = None,
) -> Viewer:
    """Look inside any network: a layer's channels, a pixel, what it saw, what it says.

    Parameters
    ----------
    model : any `nn.Module`. Where none is given: the course's trained network, and beside it
        an untrained one
    image : an array (H, W), which is standardised, or what the network takes as it is: a
        tensor, or a tuple or dictionary of arguments. Synthetic membranes where none is given
    other : a second network, for instance another checkpoint, shown beside the first
    pixel : (row, column) in the maps of the first layer; the middle where none is given

    Raises
    ------
    ValueError
        No layer gives numbers, or maps too large to keep.

    All maps are recorded once, at the start. A new pixel costs one gradient for its field; if
    that cannot be measured, the maps are shown without it, and a sentence says why. Gradients
    are switched on where they are needed, also under `torch.no_grad`.

    Examples
    --------
    >>> import torch
    >>> panel = viewer(torch.nn.Conv2d(1, 3, 3), torch.rand(1, 1, 8, 8), pixel=(0, 5))
    >>> panel.picture.alt[:63]
    'Layer (output) of this network, channels × rows × columns 3 × 6'
    """
    names = (_("this network"), _("the other"))
    if model is None:
        model, names = pretrained("membranes"), (_("trained"), _("untrained"))
        if other is None:
            other = untrained_like(model)
    if image is None:
        image = synthetic_membranes(1, size=128, seed=20).images[0]
    x = as_input(image)
    networks = [model] if other is None else [model, other]
    tables = [gallery(network, x, PIXELS // len(networks)) for network in networks]
    if not tables[0]:
        raise ValueError("no layer of this network gives numbers: there is nothing to see")
    fields, (shown, size) = Fields(model, x), as_picture(x, INPUT_PIXELS)
    shapes = {name: layer.maps.shape for name, layer in tables[0].items()}
    first = next(iter(shapes))
    row, column = pixel or tuple(side // 2 for side in shapes[first][1:])
    if not (0 <= row < shapes[first][1] and 0 <= column < shapes[first][2]):
        height, width = shapes[first][1:]
        raise ValueError(
            f"pixel {(row, column)} is outside of {first}; valid: rows 0 to {height - 1}, "
            f"columns 0 to {width - 1}"
        )

    @lru_cache(maxsize=4)  # what stays the same while the pixel moves is drawn once
    def side(place: int, layer: str, page: int, large: bool, together: bool) -> Channels | None:
        found = tables[place].get(layer)
        if found is None or found.maps.shape != shapes[layer]:
            return None
        pictures = found.thumbnails[page : page + PAGE]
        if large:
            pictures = shrunk(found.maps[page : page + 1], PIXELS // 2)
        return Channels(
            names[place], pictures, page, found.low, found.high, found.maps, together
        )

    def draw(layer: str, large: bool, channel: int, row: int, column: int,
             together: bool) -> Picture:  # fmt: skip
        page = channel if large else channel // PAGE * PAGE
        sides = [side(place, layer, page, large, together) for place in range(len(tables))]
        seen, why = fields.box(layer, row, column), fields.why(layer, row, column)
        drawn = maps_picture(shown, sides, layer, channel, (row, column), seen, size)
        if not why:
            return drawn
        words = paragraphs(_("No field: {why}.").format(why=escape(why)))
        return replace(drawn, alt=spoken(drawn.alt, words), text=drawn.text + words)

    controls = {
        "layer": choice(_("layer"), _labels(networks[0], shapes), first),
        "channel": slider(_("channel"), 0, 0, shapes[first][0] - 1),
        "row": slider(_("row in the map"), row, 0, shapes[first][1] - 1),
        "column": slider(_("column in the map"), column, 0, shapes[first][2] - 1),
        "together": toggle(_("one colour scale for all channels"), True),
        "large": toggle(_("only this channel, large"), False),
    }
    return Viewer(shapes, _("Look inside"), controls, draw)


def _labels(model: Any, shapes: dict[str, tuple]) -> list[tuple[str, str]]:
    """The tree of layers: what lies inside of another stands further to the right."""
    classes, found = kinds(model), []
    for name, shape in shapes.items():
        plain = name.split(" (")[0] if name not in classes else name
        plain = plain.split("[")[0]
        above = [other for other in shapes if plain.startswith(f"{other}.")]
        size = " × ".join(map(str, shape))
        kind = classes.get(plain, "")
        found.append((f"{chr(0xA0) * 4 * len(above)}{name} · {kind} · {size}", name))
    return found
