"""Any network with an image, ready to be asked: the answers of lesson 09's viewer."""

from __future__ import annotations

import copy
import difflib
import math
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from unet_teach.lessons.l09_look_inside.boxes import boxed, word
from unet_teach.lessons.l09_look_inside.maps import Fields, channels_of
from unet_teach.lessons.l09_look_inside.measure import (
    activity,
    as_levels,
    prediction,
    scale_of,
    shrunk,
)
from unet_teach.lessons.l09_look_inside.readout import correlation
from unet_teach.lessons.l09_look_inside.trace import Step, Trace, traced
from unet_teach.lessons.l09_look_inside.why import reasons
from unet_teach.models.outputs import NAMED, WRAPPERS, peeled, tensors
from unet_teach.threads import ALONE, one_thread
from unet_teach.translation import _

THUMB, LARGE = 32 * 32, 128 * 128  # pixels of a box's picture, of the opened channel
MAPS = 8  # of the first layer that the book holds, and half as many of the others
PAGE, TILES = 64, 4_096  # channels at once, and pixels of all their tiles


class Look:
    """A network, an image, and what can be asked of the two.

    Parameters
    ----------
    versions : name -> network, or the weights of the last network at another time
    x : what the network takes
    labels : (H, W), 1 inside of what is looked for; or None

    Raises
    ------
    ValueError
        No step of the network gives numbers.
    """

    def __init__(
        self, versions: Mapping[str, Any], x: Any, labels: np.ndarray | None = None
    ) -> None:
        self.names, self.versions = list(versions), list(versions.values())
        self.model, self.x, self.labels = self.versions[-1], x, labels
        self._spare: nn.Module | None = None
        self._loaded = -1  # the version whose weights are in the spare one
        self.trace = lru_cache(maxsize=4)(self._trace)
        self._seeded, self.problem = True, ""
        try:
            self.base = self.trace(len(self.names) - 1, (), ())
        except Exception as error:  # any network is welcome: its reason is shown
            self.problem = f"{type(error).__name__}: {error}".strip().splitlines()[0]
            return
        self.boxes = boxed(self.base)
        if len(self.boxes) < 2:
            raise ValueError("no layer of this network gives numbers: there is nothing to see")
        self.size = channels_of(self.base.steps[0].maps).shape[-2:]
        self.fields: Fields | None = None
        self.shown = [self._picture(self.base, box.steps[-1]) for box in self.boxes]
        shapes = (channels_of(self.base.steps[box.steps[-1]].maps).shape for box in self.boxes)
        self.least = min((list(shape[1:]) for shape in shapes), key=math.prod)  # of all maps
        self.told = self.outcome(self.base)
        self._opened = self._changes()
        self._seeded = self._draws()

    def _draws(self) -> bool:
        """Whether a pass of these networks draws random numbers, in eval mode."""
        networks = [n for n, it in enumerate(self.versions) if isinstance(it, nn.Module)]
        draws = False
        for version in networks:
            with suppress(Exception):  # what it raises is said when it is asked for
                draws = draws or self.trace(version, (), ()).random
        return draws

    def _changes(self) -> list[int]:
        """How often each parameter was written to, as torch counts it."""
        networks = [version for version in self.versions if isinstance(version, nn.Module)]
        every = (p for network in networks for p in network.parameters())
        return [0 if p.is_inference() else p._version for p in every]

    def _trace(self, version: int, edits: tuple, cuts: tuple) -> Trace:
        # One thread: sums in another order differ in the last bit, and nothing has changed.
        with ALONE, one_thread():
            return traced(self._network(version), self.x, edits, cuts, seeded=self._seeded)

    def _network(self, version: int) -> nn.Module:
        """A version as a network: weights go into one copy of the last."""
        found = self.versions[version]
        if isinstance(found, nn.Module):
            return found
        if self._spare is None:
            *_wrappers, inner = peeled(self.model)
            self._spare = copy.deepcopy(inner)
        if self._loaded != version:
            self._loaded = -1
            plain = {".".join(p for p in name.split(".") if p not in WRAPPERS): value
                     for name, value in found.items()}  # fmt: skip
            self._spare.load_state_dict(plain)
            self._loaded = version
        return self._spare

    # ------------------------------------------------------------------ what always holds
    def given(self) -> dict[str, Any]:
        """The boxes, their lines and pictures, and the image."""
        if self.problem:
            return {"boxes": []}
        steps = self.base.steps
        holder = {n: i for i, box in enumerate(self.boxes) for n in box.steps}
        boxes = []
        for number, (box, (maps, channel, kind)) in enumerate(
            zip(self.boxes, self.shown, strict=True)
        ):
            shape = list(channels_of(steps[box.steps[-1]].maps).shape)
            last = steps[box.steps[-1]]
            boxes.append({
                "name": last.name, "level": box.level, "side": box.side, "shape": shape,
                "word": word(steps[box.steps[0]]), "thumb": list(maps.shape), "scale": kind,
                "channel": channel, "parents": box.parents,
                "held": self._held(number),
                "skips": [[steps[p].name, steps[box.steps[0]].name]
                          for p in steps[box.steps[0]].parents if holder[p] < number - 1
                          and len(box.parents) > 1 and steps[box.steps[0]].module is None],
                "steps": [[steps[n].name, word(steps[n])] for n in box.steps],
            })  # fmt: skip
        return {
            "boxes": boxes, "layout": "u" if self.boxes[0].side != "flow" else "flow",
            "thumbs": np.concatenate([maps.ravel() for maps, _c, _k in self.shown]),
            "image": self.image(), "size": list(self.size), "versions": self.names,
            "labels": self.labels is not None, "note": self.note(),
            "told": self.told[2] if self.told else "",
        }  # fmt: skip

    def _held(self, number: int) -> list[int]:
        """The channels of a box that the book holds: those that vary most."""
        maps = channels_of(self.base.steps[self.boxes[number].steps[-1]].maps)
        varies = activity(maps.float().cpu().numpy())[0]
        count = MAPS if number == 1 else MAPS // 2
        return np.argsort(-varies, kind="stable")[:count].tolist()

    def note(self) -> str:
        """What a learner must know of how this network was recorded."""
        if self.base.note:
            return _(
                "The functions between its modules could not be recorded ({why}): the modules "
                "are in the order in which they ran."
            ).format(why=self.base.note)
        if [step.kind for step in self.base.steps[1:]] == ["Around"]:
            return _("A traced network does not show its layers: this is its output.")
        return ""

    def image(self) -> np.ndarray:
        maps = channels_of(self.base.steps[0].maps).float().cpu().numpy()
        grey = shrunk(maps.mean(axis=0, keepdims=True), LARGE)[0]
        return as_levels(grey, float(np.nanmin(grey)), float(np.nanmax(grey)))

    def _picture(self, trace: Trace, number: int) -> tuple[np.ndarray, int, str]:
        """A step's most active channel, small; its number and the kind of its scale."""
        maps = channels_of(trace.steps[number].maps).float().cpu().numpy()
        channel = int(activity(maps)[0].argmax())
        small = shrunk(maps[channel : channel + 1], THUMB)[0]
        if not trace.steps[number].parents:  # the image itself
            return (
                as_levels(small, float(np.nanmin(small)), float(np.nanmax(small))),
                channel,
                "grey",
            )
        kind, low, high = scale_of(maps[channel : channel + 1])
        return as_levels(small, low, high), channel, kind

    # ------------------------------------------------------------------ an answer
    def first(self) -> dict[str, Any]:
        """The settings to begin with: the first layer, the middle of the image."""
        layer = "" if self.problem else self.base.steps[self.boxes[1].steps[-1]].name
        high, wide = (1, 1) if self.problem else self.size
        return {
            "layer": layer, "channel": -1, "page": 0, "sort": "activity", "row": high // 2,
            "column": wide // 2, "edits": [], "cuts": [], "version": len(self.names) - 1,
        }  # fmt: skip

    def answer(self, settings: dict[str, Any]) -> dict[str, Any]:
        """What is true for some settings.

        Parameters
        ----------
        settings : layer, a step's name; channel (−1: the first in the order); page of 64
            channels; sort by "activity", "labels" or "number"; row and column in the image;
            edits and cuts as `traced` takes them; version, a number

        Returns
        -------
        dict, with the tiles of the layer's channels, the opened one large, the value in every
        box, the field, the reasons of a convolution's pixel, the outcome before and now;
        because, a sentence on what these settings change or show
        """
        with ALONE:  # the spare network holds one version's weights at a time
            return self._answer(settings)

    def _answer(self, settings: dict[str, Any]) -> dict[str, Any]:
        if self.problem:
            return {"problem": self.problem}
        if self._changes() != self._opened:
            return {"problem": _(
                "This network has changed since it was opened here. Run the cell again to see "
                "it as it is now."
            )}  # fmt: skip
        edits, cuts = (tuple(map(tuple, settings[name])) for name in ("edits", "cuts"))
        try:
            trace = self.trace(settings["version"], edits, cuts)
            self._network(settings["version"])  # a trace from before: its weights again
        except Exception as error:  # weights that do not fit, an edit that breaks a check
            plain = {**settings, "edits": [], "cuts": [], "version": len(self.names) - 1}
            return {"problem": f"{error}".splitlines()[0], "offers": [plain]}
        number = trace.number(settings["layer"])
        if number is None:
            return self._unknown(settings, trace)
        maps = channels_of(trace.steps[number].maps).float().cpu().numpy()
        tiles = self._tiles(maps, settings, trace.steps[number].name)
        channel, (row, column) = tiles["channel"], self._cell(maps.shape, settings)
        value = float(maps[channel, row, column])
        found = {
            "step": trace.steps[number].name, "number": number,
            "box": next(i for i, b in enumerate(self.boxes) if number in b.steps)
            if number < len(self.base.steps) else -1,
            "shape": list(maps.shape), "cell": [row, column], "value": f"{value:.3g}",
            **tiles, "large": self._large(maps, channel),
            "at": [f"{maps[c, row, column]:.2g}" for c in tiles["order"]],
            "values": self._values(trace, settings),
            "why": self._why(trace, number, (channel, row, column), edits),
            **self._field(trace.steps[number], row, column),
            **self._changed(trace), **self._outcome(trace),
        }  # fmt: skip
        found["because"] = self.because(settings, found)
        return {**found, "said": f"{in_words(found, self.size)} {found['because']}".strip()}

    def because(self, settings: dict, found: dict[str, Any]) -> str:
        """What these settings change, or what the opened layer holds, and why."""
        count, *size = found["shape"]
        high, wide = self.size
        numbers = {"n": count, "rows": size[0], "columns": size[1], "high": high, "wide": wide,
                   "share": found.get("share"), "flipped": found.get("flipped"),
                   "pixels": found.get("pixels"), "last": self.names[-1]}  # fmt: skip
        counted = found.get("share") is not None
        if settings["version"] != len(self.names) - 1:
            words = _(
                "{flipped} of {pixels} pixels ({share}) get another class than with the "
                "network “{last}”. The image and the boxes are the same, only the weights "
                "differ: what a map shows comes from them."
            )
            return words.format(**numbers) if counted else ""
        if settings["cuts"]:
            words = _(
                "{flipped} of {pixels} pixels ({share}) change their class, because zeros "
                "arrive at the join {join} in place of what the skip brought. All else "
                "still comes from below."
            )
            if len(settings["cuts"]) > 1:
                words = _(
                    "{flipped} of {pixels} pixels ({share}) change their class, because zeros "
                    "arrive at {cuts} joins in place of what the skips brought. All else "
                    "still comes from below."
                )
            join = self._place(settings["cuts"][0][1])
            numbers |= {"join": join, "cuts": len(settings["cuts"])}
            return words.format(**numbers) if counted else ""
        if settings["edits"]:
            words = _(
                "{flipped} of {pixels} pixels ({share}) change their class, because {how}."
            )
            (_step, channel, percent), *others = settings["edits"]
            how = _("{several} channels are scaled").format(several=len(others) + 1)
            if not others:
                how = _("channel {channel} is multiplied by {gain:g}").format(
                    channel=channel, gain=percent / 100
                )
            return words.format(**numbers, how=how) if counted else ""
        if found["likeness"] and not settings["page"]:
            numbers |= {"best": found["order"][0], "r": found["likeness"][0]}
            words = _(
                "Channel {best} is most like them, with a correlation of {r}: it is bright "
                "where the labels are 1."
            )
            if found["likeness"][0].startswith("-"):
                words = _(
                    "Channel {best} is most like them, with a correlation of {r}: it is bright "
                    "where the labels are 0. That is as useful, because a later layer can "
                    "subtract it."
                )
            return words.format(**numbers)
        if settings == self.first() and self.boxes[0].side != "flow":
            joins = sum(len(box.parents) > 1 for box in self.boxes)
            words = _(
                "On its way through the U the image of {high} × {wide} pixels becomes maps of "
                "only {least}. At {joins} joins a skip brings detail back that was lost on "
                "the way."
            )
            return words.format(**numbers, joins=joins, least=" × ".join(map(str, self.least)))
        if not found["field"]:
            return ""
        top, bottom, left, right = found["field"]
        numbers |= {"seen": f"{bottom - top + 1} × {right - left + 1}"}
        if size == self.least and math.prod(size) < high * wide:
            words = _(
                "Only {rows} × {columns} numbers in each of {n} maps are left of {high} × "
                "{wide} pixels. The one at the cross comes from {seen} pixels, so it tells "
                "more of what is there than where."
            )
        else:
            words = _(
                "Each of these {n} maps has {rows} × {columns} numbers. The one at the cross "
                "comes from {seen} of the image's {high} × {wide} pixels."
            )
        return words.format(**numbers)

    def _place(self, name: str) -> str:
        """Where a step stands, as the picture says it: by its level in a U, or by its name."""
        number = self.base.number(name)
        box = next((b for b in self.boxes if number in b.steps), None)
        if box is None or box.side == "flow":
            return f"“{name}”"
        return _("on level {level}").format(level=box.level)

    def _unknown(self, settings: dict, trace: Trace) -> dict[str, Any]:
        names = [step.name for step in trace.steps]
        near = difflib.get_close_matches(str(settings["layer"]), names, 3, 0.3) or names[1:2]
        return {
            "problem": _("There is no layer {name!r}.").format(name=settings["layer"]),
            "offers": [{**settings, "layer": name, "words": name} for name in near],
        }

    def _cell(self, shape: tuple[int, ...], settings: dict) -> tuple[int, int]:
        """The pixel of a map at the place of a pixel of the image."""
        return tuple(
            min(int((place + 0.5) / whole * side), side - 1)
            for place, whole, side in zip(
                (settings["row"], settings["column"]), self.size, shape[-2:], strict=True
            )
        )

    def _tiles(self, maps: np.ndarray, settings: dict, layer: str) -> dict[str, Any]:
        """One page of channels in the order asked for, with one colour scale for all."""
        varies, dead = activity(maps)
        rank = {"activity": -varies, "number": np.arange(len(maps))}
        by_labels = settings["sort"] == "labels" and self.labels is not None
        likeness = self._likeness(maps, layer) if by_labels else None
        if by_labels:
            rank["labels"] = -np.abs(likeness)
        order = np.argsort(rank.get(settings["sort"], -varies), kind="stable")
        pages = math.ceil(len(order) / PAGE)
        page = min(settings["page"], pages - 1)
        order = order[page * PAGE : (page + 1) * PAGE]
        kind, low, high = scale_of(maps)
        small = shrunk(maps[order], min(THUMB, TILES // len(order)))
        channel = settings["channel"]
        return {
            "channel": int(order[0]) if not 0 <= channel < len(maps) else channel,
            "order": order.tolist(), "tiles": as_levels(small, low, high), "pages": pages,
            "dead": [int(c) for c in order if dead[c]], "all_dead": int(dead.sum()),
            "scale": kind, "ends": [f"{low:.3g}", f"{high:.3g}"],
            "likeness": [f"{r:.2f}" for r in likeness[order]] if by_labels else [],
        }  # fmt: skip

    def _likeness(self, maps: np.ndarray, layer: str) -> np.ndarray:
        there = np.asarray(self.labels, np.float32)[self._shown_part(layer, *maps.shape[-2:])]
        wanted = torch.from_numpy(there)[None, None]
        return correlation(torch.from_numpy(maps)[None].nan_to_num(), wanted)[0].numpy()

    def _shown_part(self, layer: str, high: int, wide: int) -> tuple[slice, slice]:
        """The part of the image that the pixels of a map lie over: all, or without the frame
        that valid convolutions have taken off.

        A pixel lies over the middle of its receptive field. Where the image's edge cuts fields
        off, the map is padded and lies over the whole image.
        """
        rows, columns = [0, high // 2, high - 1], [0, wide // 2, wide - 1]
        boxes = [self._box(layer, *place) for place in zip(rows, columns, strict=True)]
        whole = (slice(None), slice(None))
        if None in boxes or min(high, wide) < 2:
            return whole
        sides = np.array([(b[1] - b[0], b[3] - b[2]) for b in boxes])
        if (sides != sides[0]).any() or boxes[0] == boxes[-1]:
            return whole
        (top, left), (bottom, right) = (
            np.array([b[0] + b[1] + 1, b[2] + b[3] + 1]) / 2 for b in (boxes[0], boxes[-1])
        )
        half = np.array([(bottom - top) / (high - 1), (right - left) / (wide - 1)]) / 2
        first = np.maximum(np.round([top - half[0], left - half[1]]), 0).astype(int)
        last = np.round([bottom + half[0], right + half[1]]).astype(int)
        return slice(first[0], last[0]), slice(first[1], last[1])

    def _large(self, maps: np.ndarray, channel: int) -> np.ndarray:
        """The opened channel, in the colours of its layer."""
        _kind, low, high = scale_of(maps)
        return as_levels(shrunk(maps[channel : channel + 1], LARGE)[0], low, high)

    def _values(self, trace: Trace, settings: dict) -> list[str]:
        """For each box the value of the channel that is shown, at the place."""
        found = []
        for box, (_maps, channel, _kind) in zip(self.boxes, self.shown, strict=True):
            maps = self._same(trace, box.steps[-1])
            if maps is None:
                found.append("")
                continue
            row, column = self._cell(maps.shape, settings)
            found.append(f"{float(maps[channel, row, column]):.3g}")
        return found

    def _same(self, trace: Trace, number: int) -> Tensor | None:
        """A step's maps in another trace, if they have the same form there."""
        base = self.base.steps[number]
        if number >= len(trace.steps) or trace.steps[number].name != base.name:
            return None
        maps = trace.steps[number].maps
        return channels_of(maps) if maps.shape == base.maps.shape else None

    def _changed(self, trace: Trace) -> dict[str, Any]:
        """The pictures of the boxes that are not as they are in `given`."""
        which, pictures = [], []
        for i, (box, (_shown, channel, _kind)) in enumerate(
            zip(self.boxes, self.shown, strict=True)
        ):
            now = None if trace is self.base else self._same(trace, box.steps[-1])
            before = channels_of(self.base.steps[box.steps[-1]].maps)
            if now is None or torch.equal(now, before):
                continue
            one, was = (m[channel : channel + 1].float().cpu().numpy() for m in (now, before))
            pictures.append(as_levels(shrunk(one, THUMB)[0], *scale_of(was)[1:]))
            which.append(i)
        flat = [picture.ravel() for picture in pictures]
        return {
            "changed": which,
            "changed_maps": np.concatenate(flat or [np.zeros(0, np.uint8)]),
        }

    # ------------------------------------------------------------------ why, and what it saw
    def _why(self, trace: Trace, number: int, at: tuple[int, int, int], edits: tuple):
        box = next((b for b in self.boxes if number in b.steps), None)
        first = number if box is None else box.steps[0]  # what a box begins with
        step = trace.steps[first]
        if not isinstance(step.module, nn.Conv2d) or len(step.parents) != 1:
            return None
        found = reasons(step.module, trace.steps[step.parents[0]].maps, *at)
        if found is None:
            return None
        given = float(channels_of(step.maps)[at])
        if not math.isclose(found["total"], given, rel_tol=0.02, abs_tol=0.02):
            return None  # an edit, or a step between: these are not its reasons
        for part in found["parts"]:
            for name in ("patch", "kernel"):
                part[name] = [[f"{v:.2f}" for v in line] for line in part[name]]
            part["sum"] = f"{part['sum']:+.2f}"
        return {**found, "name": step.name, "kind": word(step), "rest": f"{found['rest']:+.2f}",
                "bias": f"{found['bias']:+.2f}", "total": f"{found['total']:.2f}",
                "then": self._then(trace, first, number, at, edits)}  # fmt: skip

    def _then(self, trace: Trace, first: int, number: int, at: tuple, edits: tuple) -> list:
        """From a convolution to the number that is shown: norm, ReLU, and what each returns."""
        path = [number]
        while path[-1] > first and len(parents := trace.steps[path[-1]].parents) == 1:
            path.append(parents[0])
        steps = [trace.steps[n] for n in reversed(path[:-1])]
        alike = all(s.maps.shape == trace.steps[first].maps.shape for s in steps)
        if path[-1] != first or not alike or {s.name for s in steps} & {e[0] for e in edits}:
            return []  # what a hand has scaled is not what the step returned
        return [[word(s), f"{float(channels_of(s.maps)[at]):.3g}"] for s in steps]

    def _box(self, layer: str, row: int, column: int) -> tuple[int, int, int, int] | None:
        if self.fields is None:
            self.fields = Fields(self.model, self.x, _maps_by_name)
        return self.fields.box(layer, row, column)

    def _field(self, step: Step, row: int, column: int) -> dict[str, Any]:
        box = self._box(step.name, row, column)
        return {"field": box, "no_field": self.fields.why(step.name, row, column)}

    # ------------------------------------------------------------------ what comes out
    def outcome(self, trace: Trace):
        found = dict(tensors(trace.output))
        place = next((name for name in NAMED if name in found), None)
        maps = [t for t in found.values() if t.ndim == 4]
        logits = found[place] if place else (maps or list(found.values()) or [None])[0]
        return None if logits is None else prediction(logits)

    def _outcome(self, trace: Trace) -> dict[str, Any]:
        """The prediction now and before, and how many pixels changed their class."""
        now = self.told if trace is self.base else self.outcome(trace)
        if now is None or self.told is None:
            return {"now": None, "wrong": None}
        maps, classes, _words = now
        before, old, _words = self.told
        same = classes.shape == old.shape
        flipped = int((classes != old).sum()) if same else classes.size
        return {
            "now": as_levels(shrunk(maps[None], LARGE)[0], 0, 1),
            "before": as_levels(shrunk(before[None], LARGE)[0], 0, 1) if same else None,
            "flipped": flipped, "pixels": classes.size,
            "share": f"{flipped / classes.size:.1%}",
            "shift": float(np.abs(maps - before).mean()) if same else 1.0,
        }  # fmt: skip


def _maps_by_name(model: nn.Module, x: Any, gradients: bool) -> dict[str, Tensor]:
    return {step.name: step.maps for step in traced(model, x, gradients=gradients).steps}


def in_words(found: dict[str, Any], size: tuple[int, int]) -> str:
    """An answer in a few sentences, for who cannot see the picture."""
    row, column = found["cell"]
    said = [
        _("Layer {step}, channels × rows × columns {shape}; channel {channel}.").format(
            step=found["step"], shape=" × ".join(map(str, found["shape"])),
            channel=found["channel"],
        ),
        _("Pixel ({row}, {column}) has the value {value}").format(
            row=row, column=column, value=found["value"]
        ) + (_(" and sees rows {} to {}, columns {} to {}.").format(*found["field"])
             if found["field"] else "."),
    ]  # fmt: skip
    if found["no_field"]:
        said.append(_("No field: {why}.").format(why=found["no_field"]))
    if found["all_dead"]:
        said.append(_("Dead channels: {n}.").format(n=found["all_dead"]))
    if found.get("flipped"):
        said.append(
            _("{share} of the output's pixels have another class than before.").format(
                share=found["share"]
            )
        )
    return " ".join(said)
