"""Lesson 07: what every box of a U-Net costs and sees, and what an illegal size does.

`answer` is what the drawn U shows. torch runs illegal sizes too: `run_any_size` and
`coordinate_shifts` measure what that does to the skips; `floors`, beside this file, computes
the same without torch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import chain, product
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach.config import CHOICES, UNetConfig
from unet_teach.data.membranes import membrane_slice
from unet_teach.data.volume import standardise
from unet_teach.layers import align, center_crop, merge
from unet_teach.lessons.l07_build_unet.floors import Floored, follow
from unet_teach.lessons.l07_build_unet.words import failure, in_words, outcome
from unet_teach.models.pretrained import pretrained
from unet_teach.models.unet import UNet
from unet_teach.shapes import Step, Trace, nearest_legal_sizes, trace
from unet_teach.translation import _

LARGEST = 1024  # pixels of one side that the explorer goes to
FIRST = {"size": 572, "depth": 4, "padding": "valid", "merge": "concat",
         "upsample": "transposed", "align": "crop", "base_channels": 64}  # fmt: skip
DEPTHS, BASES = (1, 2, 3, 4, 5), (4, 8, 16, 32, 64)
NETWORK, PICTURE = "membranes", 144  # whose maps are shown, and of how large an image
FRAME = 94  # mirrored pixels at each edge: 128 pixels become the legal 316
THUMB = 36  # pixels of a shown map, at most
SHOWN = 3  # channels of each box


def run_any_size(model: UNet, x: Tensor) -> Tensor:
    """A U-Net's forward pass without its check of the input size.

    Examples
    --------
    >>> from unet_teach.config import UNetConfig
    >>> small = UNet(UNetConfig(base_channels=1))
    >>> run_any_size(small, torch.zeros(1, 1, 190, 188)).shape  # 190: not a word
    torch.Size([1, 2, 4, 4])
    """
    skips = []
    for level, convs in enumerate(model.contract):
        x = convs(F.max_pool2d(x, 2) if level else x)
        skips.append(x)
    for level in reversed(range(model.config.depth)):
        x = model.upsamplers[level](x)
        if model.config.merge != "none":
            x = merge(*align(skips[level], x, model.config.align), model.config.merge)
        x = model.expand[level](x)
    return model.last(x)


def shapes_on_the_way(network: nn.Module, x: Tensor) -> dict[str, tuple[int, ...]]:
    """What each block of a U returns, in the order in which they run.

    Parameters
    ----------
    network : with ``contract``, ``expand`` and ``last``, as the lesson's `Parts` has them
    x : what it takes, (B, C, H, W)

    Returns
    -------
    "contract.0", "expand.0", "last" … -> (C, H, W)

    Examples
    --------
    >>> from unet_teach.config import UNetConfig
    >>> small = UNet(UNetConfig(base_channels=1, depth=1))
    >>> shapes_on_the_way(small, torch.zeros(1, 1, 20, 20))["expand.0"]
    (1, 4, 4)
    """
    found: dict[str, tuple[int, ...]] = {}
    handles = []
    for name, block in network.named_modules():
        if re.fullmatch(r"(contract|expand)\.\d+|last", name):
            handles.append(
                block.register_forward_hook(
                    lambda _b, _x, y, name=name: found.update({name: tuple(y.shape[1:])})
                )
            )
    try:
        with torch.no_grad():
            network(x)
    finally:
        for handle in handles:
            handle.remove()
    return found


def untrained(image: np.ndarray, seed: int = 0) -> np.ndarray:
    """What a U-Net that never learned makes of the pair: its probability of *inside*.

    Its weights are torch's own random numbers, drawn in the order in which the lesson's
    `Parts` are created; 8 channels at the top, valid convolutions.

    Parameters
    ----------
    image : (128, 128), grey; it is framed by ``FRAME`` mirrored pixels
    seed : of the random numbers

    Returns
    -------
    The probability at each pixel, (128, 128).
    """
    with torch.random.fork_rng(devices=[]):
        model = UNet(UNetConfig(base_channels=8))
        levels = zip(model.contract[1:], model.upsamplers, model.expand, strict=True)
        torch.manual_seed(seed)
        for part in (model.contract[0], *chain.from_iterable(levels), model.last):
            for layer in part.modules():
                if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                    layer.reset_parameters()
    x = torch.from_numpy(standardise(image))[None, None]
    with torch.no_grad():
        logits = model(F.pad(x, (FRAME,) * 4, mode="reflect"))
    return center_crop(logits, image.shape).softmax(dim=1)[0, 1].numpy()


def met_places(size: int, depth: int = 4) -> list[tuple[np.ndarray, np.ndarray]]:
    """Where in the input the two maps of each merge come from, along one axis.

    Every pixel carries its coordinate through the U: a valid convolution keeps the middle, a
    pooling takes the mean of two, and an up-convolution makes two pixels of one, a quarter of
    the old distance to its left and right.

    Parameters
    ----------
    size : pixels of one side of the input, legal or not
    depth : number of poolings

    Returns
    -------
    For each level, top first: the coordinates of the pixels of the cropped skip, and those of
    the map from below, in input pixels.

    Examples
    --------
    >>> skip, below = met_places(570)[0]
    >>> float(skip[0]), float(below[0])  # the first pixels that meet at the top
    (97.0, 90.0)
    """
    x = torch.arange(size, dtype=torch.float64)  # where each pixel is
    skips, met = [], []
    for level in range(depth + 1):
        x = F.avg_pool1d(x[None], 2)[0] if level else x
        x = x[2:-2]  # two 3×3 convolutions
        skips.append(x)
    for level in reversed(range(depth)):
        quarter = 2**level / 2  # neighbours below are 2·2**level input pixels apart
        x = torch.stack([x - quarter, x + quarter], dim=1).flatten()
        start = (len(skips[level]) - len(x)) // 2
        met.insert(0, (skips[level][start : start + len(x)].numpy(), x.numpy()))
        x = x[2:-2]
    return met


def coordinate_shifts(size: int, depth: int = 4) -> list[float]:
    """How far each cropped skip is shifted from the map from below, in input pixels, top first.

    The difference of the two coordinates in `met_places`, the same at every pixel.

    Examples
    --------
    >>> coordinate_shifts(572), coordinate_shifts(570)
    ([0.0, 0.0, 0.0, 0.0], [7.0, 6.0, 4.0, 0.0])
    """
    return [float((skip - below).mean()) for skip, below in met_places(size, depth)]


# ------------------------------------------------------------------------------ the drawn U
def answer(settings: dict[str, Any]) -> dict[str, Any]:
    """Every box and skip of a U-Net at one input size.

    Parameters
    ----------
    settings : ``size``, and fields of `UNetConfig`, as in ``FIRST``

    Returns
    -------
    boxes : [kind, level, path] in the order of computation; kind image, conv, pool, merged or
        last, path down or up
    sizes, channels, fields, parameters, operations, memory : a number for each box
    formulas : how the parameters of each box come about, "" where it has none
    skips : by level, each as in `unet_teach.shapes.Skip`
    totals : of the whole; pictured: whether the maps in `given` are those of this very network
        ("same"), of one with as many boxes ("like"), or of none such ("")
    because, said : what is to be learned from it; all this in words

    For an illegal size: problem, offers, and the U of the nearest legal size, in which
    ``sizes`` are those that torch would give, None where the map never comes; failing: the
    box that cannot be made as it should; note: what goes wrong there.

    Examples
    --------
    >>> found = answer(FIRST)
    >>> found["totals"]["parameters"], found["totals"]["output"], found["sizes"][:4]
    (31030658, 388, [572, 570, 568, 284])
    >>> answer(FIRST | {"size": 570})["offers"][1]["size"]
    572
    """
    size = settings["size"]
    config = UNetConfig(**{k: v for k, v in settings.items() if k != "size"})
    near = min(max(size, 1), LARGEST)
    offers = [n for n in nearest_legal_sizes(config, near) if n <= LARGEST]
    if offers == [size]:
        return _facts(trace(config, size))
    legal = trace(config, min(offers, key=lambda n: abs(n - size)))
    found = _facts(legal) | {
        "pictured": "",
        "because": "",
        "offers": [{**settings, "size": n, "words": str(n)} for n in offers],
    }
    if size != near:
        said = _("The input size goes from 1 to {n} here.").format(n=LARGEST)
        return found | {"problem": said}
    floored = follow(config, size)
    problem = _("{size}² does not fit this U: {reason}; {outcome}.").format(
        size=size,
        reason=failure(floored),
        outcome=outcome(floored, [skip.crop for skip in legal.skips]),
    )
    note = failure(floored, short=True)
    why = _(
        "Because {note}. Before each of the {depth} poolings the size has to be even, and "
        "every convolution needs room for its 3 × 3 pixels."
    )
    return found | {
        "problem": problem,
        "because": why.format(note=note, depth=config.depth),
        "sizes": _walked(floored),
        "failing": _names(config.depth).index(floored.failing),
        "note": note,
    }


def _facts(traced: Trace) -> dict[str, Any]:
    config, groups = traced.config, list(_groups(traced))
    entering = [1, *(group[-1].receptive_field for group in groups)]
    of_each = {
        what: [0, *(sum(getattr(step, what) for step in group) for group in groups)]
        for what in ("parameters", "operations", "memory")
    }
    like = config.depth == 4 and (config.merge, config.upsample) == ("concat", "transposed")
    same = like and (config.padding, config.base_channels) == ("same", 16)
    found = {
        "boxes": _boxes(config.depth),
        "sizes": [traced.size, *(group[-1].output_size for group in groups)],
        "channels": [config.in_channels, *(group[-1].out_channels for group in groups)],
        "fields": entering,
        **of_each,
        "formulas": ["", *map(_formula, groups)],
        "skips": [
            {"level": skip.level, "size": skip.size, "below": skip.below, "crop": skip.crop,
             "kept": skip.size - 2 * skip.crop, "pad": skip.pad, "channels": skip.channels,
             "joined": skip.channels * (2 if config.merge == "concat" else 1),
             "used": skip.used}
            for skip in traced.skips
        ],
        "totals": {"size": traced.size, "output": traced.output,
                   "parameters": traced.parameters, "operations": traced.operations,
                   "memory": traced.memory, "convolutions": traced.convolutions},
        "pictured": "same" if same and traced.size == PICTURE else "like" if like else "",
    }  # fmt: skip
    found["because"] = because(config, found)
    return {**found, "said": f"{in_words(traced)} {found['because']}"}


@lru_cache(maxsize=1024)
def _whole(config: UNetConfig) -> tuple[int, int]:
    """Parameters of a network, and how many input pixels an output pixel sees, each way."""
    traced = trace(config, nearest_legal_sizes(config, LARGEST)[0])
    return traced.parameters, traced.steps[-1].receptive_field


def because(config: UNetConfig, found: dict[str, Any]) -> str:
    """What makes this U other than the paper's, and why, with its numbers."""
    total, skip, floor = found["totals"], found["skips"][0], 3 * config.depth + 2
    numbers = {
        "size": total["size"], "output": total["output"], "depth": config.depth,
        "bottom": found["sizes"][floor], "seen": found["fields"][floor],
        "lost": (total["size"] - total["output"]) // 2,
        "crop": skip["crop"], "pad": skip["pad"],
    }  # fmt: skip
    if found["pictured"] == "same":
        words = _(
            "Thin walls at the top, a coarse sketch at the bottom: there {size}² pixels have "
            "become {bottom}², and each sees {seen} × {seen} of the image. So the skips bring "
            "the fine detail across."
        )
    elif config.merge == "none":
        words = _(
            "Without skips everything has to come through the bottleneck, and there {size}² "
            "pixels have become {bottom}². What is lost on the way there cannot come back."
        )
    elif config.merge == "add":
        before, _field = _whole(replace(config, merge="concat"))
        numbers["part"] = f"{100 - 100 * total['parameters'] / before:.0f}"
        words = _(
            "Adding saves {part} % of the parameters, because the sum has half as many "
            "channels as the stack that the next convolution would read. But then skip and "
            "map from below can't be told apart."
        )
    elif config.depth != FIRST["depth"]:
        before, field = _whole(replace(config, depth=FIRST["depth"]))
        part = 100 * total["parameters"] / before
        numbers |= {
            "part": f"{part:.2g}" if part < 100 else f"{part:.0f}",
            "sees": found["fields"][-1], "field": field,
        }  # fmt: skip
        words = _(
            "It has {part} % of the parameters of depth 4, because each further level has "
            "about four times as many as the one above. An output pixel sees {sees} × {sees} "
            "input pixels, at depth 4 {field} × {field}."
        )
    elif config.padding == "same":
        words = _(
            "None: a padded convolution keeps its size, so {size}² go in, {output}² come out, "
            "and each skip crosses whole. In exchange the network reads zeros around the "
            "image instead of tissue."
        )
    elif skip["pad"]:
        words = _(
            "{size}² go in and {output}² come out. Each map from below is smaller than its "
            "skip, because no convolution pads, so it gets zeros: {pad} at each edge at the "
            "top level."
        )
    else:
        words = _(
            "{size}² go in and {output}² come out, {lost} pixels less at each edge, because "
            "no convolution pads. So the skips have to be cropped, by {crop} pixels at each "
            "edge at the top level."
        )
    return words.format(**numbers)


def _groups(traced: Trace) -> Iterator[list[Step]]:
    """The steps behind each box but the first: an upsampling and its merge are one."""
    group: list[Step] = []
    for step in traced.steps:
        if step.kind in ("pool", "conv", "last", "up", "project") and group:
            yield group
            group = []
        group.append(step)
    yield group


def _formula(group: list[Step]) -> str:
    """How many weights, and a bias for each channel: "3·3·1·64 + 64"."""
    step, k = group[0], {"conv": 3, "up": 2, "project": 1, "last": 1}.get(group[0].kind)
    return f"{k}·{k}·{step.in_channels}·{step.out_channels} + {step.out_channels}" if k else ""


def _boxes(depth: int) -> list[list]:
    """[kind, level, path] of each box, in the order of computation."""
    down = [[[("pool" if n else "image"), n, "down"], *[["conv", n, "down"]] * 2]
            for n in range(depth + 1)]  # fmt: skip
    up = [[["merged", n, "up"], *[["conv", n, "up"]] * 2] for n in reversed(range(depth))]
    return [*chain.from_iterable(down + up), ["last", 0, "up"]]


def _names(depth: int) -> list[str]:
    """The step that made each box, as `follow` names it."""
    found, number = [], 0
    for kind, level, path in _boxes(depth):
        number = number + 1 if kind == "conv" else 0
        path = "contract" if path == "down" else "expand"
        found.append({"conv": f"{path} {level} conv {number}", "pool": f"pool {level}",
                      "merged": f"up {level}"}.get(kind, kind))  # fmt: skip
    return found


def _walked(floored: Floored) -> list[int | None]:
    """The size at each box, as far as the map comes."""
    sizes: list[int | None] = []
    for row in (*floored.contracting, *reversed(floored.expansive)):
        sizes += [*row[:3], *[None] * (3 - len(row))]
    return [*sizes, floored.output]


@lru_cache(maxsize=1)
def given() -> dict[str, Any]:
    """What holds for all settings.

    Returns
    -------
    stops : (depth, padding, align, merge) -> [smallest legal size, step to the next]
    largest : where the sizes end
    maps : for each box of the trained network its most active channels, uint8 (channels, h, w);
        of a merged box one from the skip, one from below
    channels : the numbers of those channels
    """
    keys = list(product(DEPTHS, *(CHOICES[what] for what in ("padding", "align", "merge"))))
    stops = {}
    for depth, padding, how, joined in keys:
        config = UNetConfig(depth=depth, padding=padding, align=how, merge=joined)
        stops[f"{depth} {padding} {how} {joined}"] = [
            nearest_legal_sizes(config, 1)[0],
            2**depth,
        ]
    image, _labels = membrane_slice(3, PICTURE, 7)
    maps = feature_maps(pretrained(NETWORK), image)
    shown = [_most_active(m) for m in maps]
    for place, (kind, level, _path) in enumerate(_boxes(4)):
        if kind == "merged":  # the half that came over the skip shows what its start shows
            half = len(maps[place]) // 2
            below = half + _most_active(maps[place][half:])[0]
            shown[place] = [shown[3 * level + 2][0], below, shown[3 * level + 2][1]]
    return {
        "stops": stops,
        "largest": LARGEST,
        "maps": [_grey(m[numbers]) for m, numbers in zip(maps, shown, strict=True)],
        "channels": shown,
    }


def feature_maps(model: UNet, image: np.ndarray) -> list[np.ndarray]:
    """The map at each box, (channels, H, W), of a grey image; the last one as probabilities.

    Examples
    --------
    >>> maps = feature_maps(UNet(UNetConfig(depth=1, base_channels=2)), np.zeros((20, 20)))
    >>> [m.shape for m in maps][-2:]
    [(2, 4, 4), (2, 4, 4)]
    """
    x = torch.from_numpy(standardise(image))[None, None]
    found, skips, depth = [], [], model.config.depth

    def convolved(x: Tensor, layers: nn.Sequential) -> Tensor:
        found.append(x.clone())  # a ReLU works in place
        for layer in layers:
            x = layer(x)
            if isinstance(layer, nn.ReLU):
                found.append(x.clone())
        return x

    with torch.no_grad():
        for level in range(depth + 1):
            x = convolved(F.max_pool2d(x, 2) if level else x, model.contract[level])
            skips.append(x)
        for level in reversed(range(depth)):
            x = model.upsamplers[level](x)
            x = merge(*align(skips[level], x, model.config.align), model.config.merge)
            x = convolved(x, model.expand[level])
        found.append(model.last(x).softmax(1))
    return [m[0].numpy() for m in found]


def _most_active(maps: np.ndarray) -> list[int]:
    """The channels that differ most from place to place, the first one most."""
    return np.argsort(-maps.std(axis=(1, 2)), kind="stable")[:SHOWN].tolist()


def _grey(maps: np.ndarray) -> np.ndarray:
    """Maps (C, H, W) as uint8, each from its own smallest to its largest, at most THUMB²."""
    step = max(1, maps.shape[1] // THUMB)
    if step > 1:
        maps = maps.reshape(len(maps), maps.shape[1] // step, step, -1, step).mean((2, 4))
    low, high = (f(maps, axis=(1, 2), keepdims=True) for f in (np.min, np.max))
    return np.round((maps - low) / np.maximum(high - low, 1e-9) * 255).astype(np.uint8)


def questions() -> dict[str, dict[str, Any]]:
    """Settings that answer a question, by the question."""
    return {
        _("What does a trained network see?"): {
            "size": PICTURE, "padding": "same", "base_channels": 16},
        _("Why not 570?"): {"size": 570},
        _("No cropping at all?"): {"size": 576, "padding": "same"},
        _("Add instead of concatenate?"): {"merge": "add"},
        _("Half as deep?"): {"depth": 2},
    }  # fmt: skip


def recorded() -> Iterator[dict[str, Any]]:
    """What the book holds: any size of the paper's U; all levers at the size nearest to 572."""

    def near(depth: int, padding: str, how: str = "crop") -> dict[str, Any]:
        changes = {"depth": depth, "padding": padding, "align": how}
        sizes = nearest_legal_sizes(UNetConfig(**changes), FIRST["size"])
        return {**changes, "size": min(sizes, key=lambda n: abs(n - FIRST["size"]))}

    yield from ({"size": size} for size in range(1, LARGEST + 1))
    for size in range(16, LARGEST + 1, 16):
        yield {"size": size, "padding": "same"}
        if size <= 512:
            yield {"size": size, "padding": "same", "base_channels": 16}
    for of in product(DEPTHS, CHOICES["padding"], CHOICES["align"]):
        for joined, how, base in product(CHOICES["merge"], CHOICES["upsample"], BASES):
            yield near(*of) | {"merge": joined, "upsample": how, "base_channels": base}
