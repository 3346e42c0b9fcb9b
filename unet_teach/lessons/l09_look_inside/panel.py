"""Lesson 09: look inside any network, from its image to its prediction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch

from unet_teach.data.membranes import synthetic_membranes
from unet_teach.interactive import Interactive
from unet_teach.lessons.l09_look_inside.look import Look
from unet_teach.lessons.l09_look_inside.measure import as_input, untrained_like
from unet_teach.lessons.l09_look_inside.picture import still
from unet_teach.models.pretrained import pretrained
from unet_teach.translation import _


def viewer(
    model: Any = None,
    image: Any = None,
    other: Any = None,
    pixel: tuple[int, int] | None = None,
    labels: Any = None,
    checkpoints: Mapping[str, Any] | Iterable[Any] | None = None,
) -> Interactive:
    """Look inside any network: its maps in a picture of it, a pixel's reasons, a cut skip.

    Parameters
    ----------
    model : any `nn.Module`. Where none is given: the course's trained network, and beside it
        an untrained one
    image : an array (H, W), which is standardised, or what the network takes as it is: a
        tensor, or a tuple or dictionary of arguments. Synthetic membranes where none is given
    other : a second network of the same form, to be compared with
    pixel : (row, column) in the image; the middle where none is given
    labels : (H, W), 1 inside of what is looked for: channels can be sorted by likeness to it
    checkpoints : weights (state dictionaries) of the model at earlier times, in order or by
        name; the model as it is comes last

    Raises
    ------
    ValueError
        No layer gives numbers; a pixel outside of the image; labels of another size.

    The network runs once, and again for each change; it comes back as it was. Where it raises,
    the panel shows the reason. Gradients, for the field of a pixel, are switched on where they
    are needed, also under `torch.no_grad`.

    Examples
    --------
    >>> panel = viewer(torch.nn.Conv2d(1, 3, 3), torch.rand(1, 1, 8, 8), pixel=(0, 5))
    >>> panel.picture.alt[:50]
    'Layer Conv2d, channels × rows × columns 3 × 6 × 6;'
    """
    last, told = _("this network"), ""
    own = model is not None or other is not None or checkpoints is not None
    if model is None:
        model, last = pretrained("membranes"), _("trained")
        told = _("bright = inside a neuron, dark = membrane")
        other = untrained_like(model) if other is None and checkpoints is None else other
    if image is None:
        tissue = synthetic_membranes(1, size=80, seed=33)
        image = tissue.images[0][8:72, 8:72]
        labels = tissue.labels[0][8:72, 8:72] if labels is None else labels
    versions: dict[str, Any] = {}
    if other is not None:
        versions[_("untrained") if last == _("trained") else _("the other")] = other
    if isinstance(checkpoints, Mapping):
        versions |= {str(name): weights for name, weights in checkpoints.items()}
    else:
        for number, weights in enumerate(checkpoints or (), 1):
            versions[_("checkpoint {n}").format(n=number)] = weights
    x = as_input(image)
    if x is not image:  # made here: of the network's own precision
        kinds = (p.dtype for p in model.parameters() if p.is_floating_point())
        x = x.to(next(kinds, torch.float32))
    look = Look(
        {**versions, last: model}, x, None if labels is None else np.asarray(labels) > 0
    )
    first = look.first()
    if labels is not None and not look.problem and np.shape(labels) != tuple(look.size):
        raise ValueError(
            f"labels have shape {np.shape(labels)}; valid: the image's, {tuple(look.size)}"
        )
    if pixel is not None and not look.problem:
        high, wide = look.size
        if not (0 <= pixel[0] < high and 0 <= pixel[1] < wide):
            raise ValueError(
                f"pixel {tuple(pixel)} is outside of the image; valid: rows 0 to {high - 1}, "
                f"columns 0 to {wide - 1}"
            )
        first |= {"row": int(pixel[0]), "column": int(pixel[1])}
    given = look.given()
    given["told"] = told or given.get("told", "")
    given["places"] = [] if look.problem else places(look)
    return Interactive(
        "own_viewer" if own else "viewer",  # the book holds answers for the second
        _("What does each layer see?"),
        look.answer,
        first,
        Path(__file__).with_name("view.js"),
        lambda settings, found: still(given, settings, found),
        given=given,
        presets=questions(given, first),
        recorded=lambda: recorded(look),
        follows=["row", "column"],
        words=words(),
    )


def questions(given: dict[str, Any], first: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Settings that answer a question about this network, by the question."""
    boxes = given["boxes"]
    if len(boxes) < 3:
        return {}
    deepest = max(range(1, len(boxes)), key=lambda i: (boxes[i]["level"], i))
    found = {_("What is left at the deepest level?"): {"layer": boxes[deepest]["name"]}}
    if given["labels"]:
        late = boxes[-2]["name"]
        found[_("Which channel is like the labels?")] = {"layer": late, "sort": "labels"}
    if skips := [skip for box in boxes for skip in box["skips"]]:
        middle = skips[(len(skips) - 1) // 2]  # the top one is often missed least
        found[_("And without a skip?")] = {"layer": boxes[-1]["name"], "cuts": [middle]}
    if len(given["versions"]) > 1:
        found[_("And {name}?").format(name=given["versions"][0])] = {"version": 0}
    return found


def places(look: Look) -> list[list[int]]:
    """The places, [row, column], at which a page reads the maps: the first one, two more."""
    first, (high, wide) = look.first(), look.size
    two = ([int(share * high), int(share * wide)] for share in (0.25, 0.75))
    return [[first["row"], first["column"]], *two]


def recorded(look: Look) -> Iterator[dict[str, Any]]:
    """What the book holds.

    Of every box, at three places: its first maps by activity, the map most like the labels, and
    one change, of the weights or a cut skip. One silent map in the first layer alone.
    """
    given = look.given()
    boxes = given["boxes"]
    changes = [{"cuts": [skip]} for box in boxes for skip in box["skips"]]
    changes += [{"version": n} for n in range(len(given["versions"]) - 1)]
    for box, (row, column) in product(boxes, places(look)):
        here = {"layer": box["name"], "row": row, "column": column}
        yield here
        yield from ({**here, "channel": channel} for channel in box["held"])
        yield from ({**here, **change} for change in changes)
        if given["labels"]:
            yield {**here, "sort": "labels"}
    for box in boxes if given["labels"] else ():
        like = {"layer": box["name"], "sort": "labels"}
        yield from ({**like, "channel": channel} for channel in box["held"])
    best = boxes[1]["channel"]
    yield {"channel": best, "edits": [[boxes[1]["name"], best, 0]]}


def words() -> dict[str, str]:
    """What the view says."""
    return {
        "lead": _(
            "Each box shows one feature map of its layer. Click a box to see all of them; ✂ "
            "cuts a skip."
        ),
        "network": _("The network, from the image to its output"),
        "box": _("{word}, layer {name}, {shape}, here {value}"),
        "cut": _("Cut the skip from {a} to {b}"),
        "mend": _("Restore the skip from {a} to {b}"),
        "of_heat": _("0 → large"),
        "of_signed": _("negative – 0 – positive"),
        "of_changed": _("changed"),
        "size": _("level {level} · {n} maps of {rows} × {columns}"),
        "steps": _("step"),
        "sort": _("order of the channels"),
        "activity": _("by activity"),
        "labels": _("like the labels"),
        "number": _("by number"),
        "tile": _("channel {n}, here {value}"),
        "dead": _("dead"),
        "scale": _("One scale for all channels of this layer:"),
        "channel": _("Channel {n}: {value} at the cross"),
        "gain": _("This channel"),
        "off": _("silent"),
        "half": _("half"),
        "plain": _("as it is"),
        "double": _("double"),
        "page": _("channels {a} to {b} of {n}"),
        "earlier": _("Earlier channels"),
        "later": _("Later channels"),
        "image": _("The image: choose a place"),
        "input": _("What goes in"),
        "place": _("Click a place to read every map there."),
        "empty": _("Click a box: all feature maps of its layer open here."),
        "dot": _("Click a dot to read every map there."),
        "close": _("Close this box"),
        "keys": _("Arrow keys move, Enter chooses the place."),
        "field": _("{high} × {wide} pixels of the image reach this pixel"),
        "output": _("What comes out"),
        "before": _("before"),
        "now": _("now"),
        "wipe": _("before and now: move the divider"),
        "ask": _("Why this value?"),
        "why": _(
            "Why? Before any norm and ReLU its {kind} returns {total}: patch × kernel, channel "
            "by channel"
        ),
        "rest": _("{n} other channels {rest}, bias {bias}: together {total}"),
        "bias": _("and the bias {bias}: together {total}"),
        "part": _("input channel {n}:"),
        "reasons": _("The largest parts of the sum"),
        "version": _("the network"),
        "book": _(
            "Recorded here: the most active channels of the trained, uncut network, and one "
            "change at a time. A notebook answers everything."
        ),
    }
