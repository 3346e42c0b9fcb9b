"""Lesson 09: record a layer, find channels that are dead, name a layer from its maps."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from unet_teach.checks.exercise import Exercise, Mistake
from unet_teach.inspection.features import layer_names
from unet_teach.inspection.features import record as library_record
from unet_teach.translation import _


# ------------------------------------------------------------------ easy: record with a hook
def record(model, x, layer):
    seen = []

    def keep(part, inputs, output):
        seen.append(output.detach().clone())

    handle = model.get_submodule(layer).register_forward_hook(keep)
    model(x)
    handle.remove()
    return seen[-1]


def run_record(answer, model, x, layer) -> Any:
    """The recorded map, and how many hooks are left on the model afterwards."""
    found = answer(model, x, layer)
    if found is None or found is Ellipsis:
        return found
    left = sum(len(part._forward_hooks) for part in model.modules())
    return {"the map": found, "hooks left on the model": left}


def small_network(rng: random.Random) -> nn.Module:
    """Convolutions with in-place ReLUs; one ReLU is shared and runs several times."""
    channels, shared = rng.randint(2, 3), nn.ReLU(inplace=True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(rng.randrange(2**31))
        parts: list[nn.Module] = [nn.Conv2d(2, channels, 3, padding=1), shared]
        for _step in range(rng.randint(1, 2)):
            parts += [nn.Conv2d(channels, channels, 3, padding=1), shared]
        if rng.random() < 0.5:
            parts += [nn.MaxPool2d(2)]
        return nn.Sequential(*parts, nn.Conv2d(channels, 2, 1)).requires_grad_(False)


def layers_to_record(rng: random.Random) -> Iterator[tuple]:
    """(model, x, layer): first layers before and after an in-place ReLU, then any."""
    number = 0
    while True:
        model = small_network(rng)
        generator = torch.Generator().manual_seed(rng.randrange(2**31))
        x = torch.randn(1, 2, 4, 4, generator=generator)
        layer = ("0", "1")[number] if number < 2 else rng.choice(layer_names(model))
        number += 1
        yield model, x, layer


def _recorder(keep_what=None, remove=True, run=-1):
    """A way to record that keeps something else, leaves its hook, or another run's output."""

    def record(model, x, layer):
        seen = []

        def keep(part, inputs, output):
            seen.append(keep_what(inputs, output) if keep_what else output.clone())

        handle = model.get_submodule(layer).register_forward_hook(keep)
        model(x)
        if remove:
            handle.remove()
        return seen[run]

    return record


def _with_gradient(inputs: tuple, output: Tensor) -> Tensor:
    return output.detach()


easy = Exercise(
    name="09.record",
    task=_("Give what one layer of a model gives when the model is run on x."),
    reference=record,
    mistakes=(
        Mistake(
            "overwritten", _recorder(_with_gradient),
            _("Your map has no negative numbers where the convolution gave some: the ReLU "
              "behind it works in place and overwrote what you kept. Keep a copy, "
              "`output.clone()`. (`detach()` alone shares the memory.)"),
        ),
        Mistake(
            "hook left", _recorder(remove=False),
            _("The map is right, and your hook is still there: it will run, and keep maps, in "
              "every later pass. Call `handle.remove()`."),
        ),
        Mistake(
            "input", _recorder(lambda inputs, output: inputs[0].clone()),
            _("That is what the layer was given. A hook gets (layer, inputs, output): keep the "
              "third."),
        ),
        Mistake(
            "the network's output", lambda model, x, layer: model(x),
            _("That is what the whole network gives. Keep what your hook was handed instead."),
        ),
        Mistake(
            "first run", _recorder(run=0),
            _("A layer may run several times in one pass, as a shared ReLU does. You kept the "
              "first; due is the last."),
        ),
    ),
    hints=(
        _("Which function does torch call for you as soon as a layer is done, and what does it "
          "hand over?"),
        _("`handle = model.get_submodule(layer).register_forward_hook(keep)`; torch calls "
          "`keep(part, inputs, output)`. Then run the model, and take the hook off again."),
        _("In `keep`: `seen.append(output.detach().clone())`. Afterwards `handle.remove()` and "
          "`return seen[-1]`."),
    ),
    due=_("a tensor, the layer's output; and no hook left on the model"),
    cases=layers_to_record,
    run=run_record,
)  # fmt: skip


# -------------------------------------------------------------------- core: dead channels
def dead_channels(maps):
    flat = maps.transpose(0, 1).flatten(1)
    return [c for c in range(len(flat)) if flat[c].max() == flat[c].min()]


def batches(rng: random.Random) -> Iterator[tuple]:
    """(maps,) of a layer on a batch, with channels that are dead and some that only look so."""
    generator = torch.Generator().manual_seed(rng.randrange(2**31))
    number = 0
    while True:
        count, images = (6, 2) if number == 0 else (rng.randint(1, 8), rng.randint(1, 3))
        size = rng.randint(2, 4), rng.randint(2, 4)
        maps = torch.randn(images, count, *size, generator=generator)
        for channel in range(count):
            kind = channel if number == 0 else rng.randrange(8)
            one = maps[:, channel]
            if kind == 0:  # dead after a ReLU
                one.zero_()
            elif kind == 1:  # stuck
                one.fill_(rng.choice((-1.5, 0.5, 2.0)))
            elif kind == 2:  # speaks in one place of one image only, the last
                one.zero_()
                one[-1, -1, -1] = 3.0
            elif kind == 3:  # weak
                one.mul_(1e-4)
            elif kind == 4:  # flat in each image, and different in each
                level = torch.arange(1.0, images + 1)
                one.copy_(level[:, None, None].expand(one.shape))
            else:  # a ReLU's
                one.clamp_(min=0)
        number += 1
        yield (maps,)


def _number_by_number(maps):
    """The specification: compare every value of a channel with its first."""
    dead = []
    for channel in range(maps.shape[1]):
        values = [v for image in maps for v in image[channel].flatten().tolist()]
        if all(value == values[0] for value in values):
            dead.append(channel)
    return dead


def _spread_below(maps, least=1e-2):
    flat = maps.transpose(0, 1).flatten(1)
    return [c for c in range(len(flat)) if flat[c].max() - flat[c].min() < least]


def _flat_in_each_image(maps):
    spread = maps.amax((2, 3)) - maps.amin((2, 3))
    return [c for c in range(maps.shape[1]) if (spread[:, c] == 0).all()]


core = Exercise(
    name="09.dead_channel",
    task=_("List the channels of maps (B, C, H, W) that say the same whatever they are shown."),
    reference=dead_channels,
    mistakes=(
        Mistake(
            "only zeros",
            lambda maps: [c for c in range(maps.shape[1]) if (maps[:, c] == 0).all()],
            _("You look for zeros. A channel that is stuck at another number, such as its bias "
              "alone, tells as little."),
        ),
        Mistake(
            "first image only", lambda maps: dead_channels(maps[:1]),
            _("You looked at the first image only. A channel that is silent there may speak in "
              "the next one: that is why there is a batch."),
        ),
        Mistake(
            "weak is not dead", _spread_below,
            _("You list weak channels, too. A small range is no death: the weights of the next "
              "layer may be large."),
        ),
        Mistake(
            "flat in each image", _flat_in_each_image,
            _("A channel may be flat in each image and still tell one image from another: then "
              "it is alive. Compare over the whole batch."),
        ),
        Mistake(
            "silent somewhere",
            lambda maps: [c for c in range(maps.shape[1]) if (maps[:, c] == 0).any()],
            _("You list every channel that is 0 somewhere. After a ReLU that is nearly all of "
              "them: dead means everywhere."),
        ),
    ),
    hints=(
        _("What can you say of the largest and the smallest value of a channel that never "
          "changes?"),
        _("Bring each channel's values together, over images and pixels: "
          "`maps.transpose(0, 1).flatten(1)` is (C, B·H·W)."),
        _("Dead are the channels c with `flat[c].max() == flat[c].min()`."),
    ),
    due=_("a list of channel numbers (int), in order"),
    cases=batches,
    specification=_number_by_number,
)  # fmt: skip


# ---------------------------------------------------------------- stretch: name the layer
def name_layers(model, x, names, pictures):
    found = []
    for picture in pictures:
        gaps = {}
        for name in names:
            maps = library_record(model, x, name)
            if maps.shape == picture.shape:
                stretched = (maps - maps.min()) / (maps.max() - maps.min())
                gaps[name] = (stretched - picture).abs().max().item()
        found.append(min(gaps, key=gaps.get))
    return found


def stretch_to_one(maps: Tensor) -> Tensor:
    """Maps as a picture with one colour scale: 0 is the least number of all, 1 the largest."""
    return (maps - maps.min()) / (maps.max() - maps.min())


def riddles(rng: random.Random) -> Iterator[tuple]:
    """(model, x, names, pictures): two blocks with batch norm, a pooling between them."""
    number = 0
    while True:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(rng.randrange(2**31))
            parts: list[nn.Module] = []
            for into in (1, 3):
                norm = nn.BatchNorm2d(3)
                nn.init.uniform_(norm.weight, 0.2, 2.0)
                nn.init.uniform_(norm.bias, -0.5, 0.5)
                parts += [nn.Conv2d(into, 3, 3, padding=1), norm, nn.ReLU(inplace=True)]
                parts += [nn.Conv2d(3, 3, 3, padding=1)]
            parts.insert(4, nn.MaxPool2d(2))
            model = nn.Sequential(*parts).eval().requires_grad_(False)
            x = torch.randn(1, 1, 6, 6)
        names = layer_names(model)
        chosen = ["1", "0", "4"] if number == 0 else rng.sample(names, rng.randint(1, 4))
        number += 1
        yield model, x, names, [stretch_to_one(library_record(model, x, n)) for n in chosen]


def _by(measure):
    """An answer that compares by another measure: measure(maps, picture) -> number."""

    def name_layers(model, x, names, pictures):
        found = []
        for picture in pictures:
            gaps = {}
            for name in names:
                maps = library_record(model, x, name)
                if maps.shape == picture.shape:
                    gaps[name] = float(measure(maps, picture))
            found.append(min(gaps, key=gaps.get))
        return found

    return name_layers


def _each_alone(maps: Tensor) -> Tensor:
    """Each channel on its own scale, in steps: rounding must not tell equal pictures apart."""
    low, high = maps.amin((-2, -1), keepdim=True), maps.amax((-2, -1), keepdim=True)
    return ((maps - low) / (high - low).clamp(min=1e-12) * 1e4).round()


def _in_network_order(model, x, names, pictures):
    return sorted(name_layers(model, x, names, pictures), key=names.index)


stretch = Exercise(
    name="09.name_the_layer",
    task=_("Say which layer each picture is of: maps stretched to 0…1, one scale for all."),
    reference=name_layers,
    mistakes=(
        Mistake(
            "by shape alone", _by(lambda maps, picture: 0),
            _("You take the first layer with the right shape. A convolution, its batch norm "
              "and its ReLU all have the same: compare the values."),
        ),
        Mistake(
            "without stretching", _by(lambda maps, picture: (maps - picture).abs().max()),
            _("You compare numbers on two scales. The pictures were stretched to 0…1: stretch "
              "what you record in the same way."),
        ),
        Mistake(
            "one scale each",
            _by(lambda maps, picture: (_each_alone(maps) - _each_alone(picture)).abs().max()),
            _("You stretched each channel for itself. Then a convolution and the batch norm "
              "after it look the same, and you name the first of them. Use one scale for all."),
        ),
        Mistake(
            "in the network's order", _in_network_order,
            _("The names are right and their order is not: the first name belongs to the first "
              "picture."),
        ),
    ),
    hints=(
        _("What would you have to record, and what has to be done to it, before you can lay it "
          "beside a picture?"),
        _("For each name: `maps = record(model, x, name)`. Where the shape is right, stretch: "
          "subtract the least number of all, divide by the range. Then measure the gap."),
        _("`gaps[name] = (stretched - picture).abs().max().item()`, and the answer for this "
          "picture is `min(gaps, key=gaps.get)`."),
    ),
    due=_("a list of names, one for each picture, in their order"),
    cases=riddles,
    count=20,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
