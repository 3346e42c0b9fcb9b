"""Lesson 09: record a layer, find channels that are dead, name a layer from its maps."""

from __future__ import annotations

import random
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from unet_teach import inspection
from unet_teach.exercises.agreement import agree, plain
from unet_teach.exercises.cases import noise
from unet_teach.exercises.exercise import Exercise, Mistake, Symptom, Told
from unet_teach.inspection import layer_names
from unet_teach.lessons.l09_look_inside.measure import stretch_to_one
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


def nothing(part: nn.Module, inputs: tuple, output: Any) -> None:
    """Somebody else's hook."""


def hooks_on(model: nn.Module) -> int:
    return sum(len(part._forward_hooks) for part in model.modules())


def run_record(answer, model, x, layer) -> Any:
    """The recorded map. The model has two hooks of somebody else, and keeps them."""
    others = [p.register_forward_hook(nothing) for p in (model, model.get_submodule(layer))]
    before = hooks_on(model)
    try:
        found = answer(model, x, layer)
    except (AttributeError, KeyError) as error:
        if "." not in layer or layer not in str(error):
            raise
        words = _("{layer} is a path, from part to part: `model.get_submodule(layer)` follows "
                  "it, `getattr` does not.")  # fmt: skip
        raise Told(words.format(layer=repr(layer))) from error
    left = hooks_on(model) - before
    for hook in others:
        hook.remove()
    if left > 0:
        words = _("Hooks of yours that are still on the model afterwards: {count}. They will "
                  "run, and keep feature maps, in every later pass. `register_forward_hook` "
                  "returns a handle for each: call its `remove()`.")  # fmt: skip
        raise Told(words.format(count=left))
    if left < 0:
        raise Told(_("You removed hooks that others had put on the model. Remove your own "
                     "only: `handle.remove()`."))  # fmt: skip
    return found


class WithSkip(nn.Module):
    """No chain of layers: a block's map goes around another one and is added. One in-place
    ReLU is shared by all, and there is a dropout."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        relu = nn.ReLU(inplace=True)
        self.contract = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(into, channels, 3, padding=1), nn.BatchNorm2d(channels), relu,
                nn.Conv2d(channels, channels, 3, padding=1), relu,
            )
            for into in (2, channels)
        )  # fmt: skip
        self.drop = nn.Dropout(0.5)
        self.expand = nn.Sequential(nn.Conv2d(channels, channels, 1), relu)
        self.head = nn.Conv2d(channels, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        first = self.contract[0](x)
        second = self.drop(self.contract[1](first))
        return self.head(self.expand(first + second))


def drawn_from(rng: random.Random, build: Callable[[], nn.Module]) -> nn.Module:
    """A network in eval mode, its weights and its batch norms from a case's own source."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(rng.randrange(2**31))
        model = build().eval().requires_grad_(False)
        for part in model.modules():
            if isinstance(part, nn.BatchNorm2d):
                nn.init.uniform_(part.weight, 0.2, 2.0)
                nn.init.uniform_(part.bias, -0.5, 0.5)
                nn.init.uniform_(part.running_mean, -0.3, 0.3)
                nn.init.uniform_(part.running_var, 0.2, 1.0)
    return model


def a_chain(channels: int, steps: int, pooled: bool) -> nn.Module:
    """Convolutions with one in-place ReLU between them, which runs several times."""
    shared = nn.ReLU(inplace=True)
    parts: list[nn.Module] = [nn.Conv2d(2, channels, 3, padding=1), shared]
    for _step in range(steps):
        parts += [nn.Conv2d(channels, channels, 3, padding=1), shared]
    parts += [nn.MaxPool2d(2)] if pooled else []
    return nn.Sequential(*parts, nn.Conv2d(channels, 2, 1))


def layers_to_record(rng: random.Random) -> Iterator[tuple]:
    """(model, x, layer): layers before and after an in-place ReLU of a chain, layers with
    dotted names of a network with a skip, then any. Batches of one to three."""
    for layer, images, size in (("0", 1, (4, 4)), ("1", 1, (4, 4)), ("0", 2, (3, 5)),
                                ("2", 3, (4, 3)), ("1", 2, (5, 2))):  # fmt: skip
        yield drawn_from(rng, lambda: a_chain(2, 1, False)), noise(rng, images, 2, *size), layer
    for layer in ("contract.0.3", "contract.1.3", "contract.0.1", "contract.0.2", "head",
                  "contract.1", "expand", "drop", "contract.1.0"):  # fmt: skip
        yield drawn_from(rng, lambda: WithSkip(3)), noise(rng, 2, 2, 4, 5), layer
    for layer in ("1", "11"):  # a name that begins others
        yield drawn_from(rng, lambda: a_chain(2, 5, False)), noise(rng, 2, 2, 3, 4), layer
    while True:
        if rng.random() < 0.5:
            steps, pooled = rng.randint(1, 2), rng.random() < 0.5
            model = drawn_from(rng, lambda n=steps, p=pooled: a_chain(2, n, p))
        else:
            model = drawn_from(rng, lambda: WithSkip(2))
        x = noise(rng, rng.randint(1, 3), 2, rng.randint(2, 5), rng.randint(2, 5))
        yield model, x, rng.choice(layer_names(model))


def _recorder(keep_what=None, run=-1):
    """A way to record that keeps something else, or another run's output."""

    def record(model, x, layer):
        seen = []

        def keep(part, inputs, output):
            seen.append(keep_what(inputs, output) if keep_what else output.clone())

        handle = model.get_submodule(layer).register_forward_hook(keep)
        model(x)
        handle.remove()
        return seen[run]

    return record


def _with_gradient(inputs: tuple, output: Tensor) -> Tensor:
    return output.detach()


def _of_another_layer(case: dict, got: Any, _due: Any) -> bool:
    names = [name for name in layer_names(case["model"]) if name != case["layer"]]
    return any(not agree(got, inspection.record(case["model"], case["x"], n)) for n in names)


def _runs_again(case: dict, _got: Any, _due: Any) -> bool:
    runs: list = []
    part = case["model"].get_submodule(case["layer"])
    handle = part.register_forward_hook(lambda *_arguments: runs.append(1))
    case["model"](case["x"])
    handle.remove()
    return len(runs) > 1


easy = Exercise(
    name="09.record",
    task=_("Return what one layer of a model returns when the model is run on x."),
    reference=record,
    mistakes=(
        Mistake("overwritten", _recorder(_with_gradient), _(
            "Your feature map has no negative numbers though the layer returned some, because "
            "the ReLU after it works in place and overwrote what you kept. Keep a copy, "
            "`output.clone()`. (`detach()` alone shares the memory.)")),
        Mistake("input", _recorder(lambda inputs, output: inputs[0].clone()), _(
            "That is the layer's input. A hook gets (layer, inputs, output): keep the third.")),
        Mistake("the network's output", lambda model, x, layer: model(x), _(
            "That is what the whole network returns. Keep what your hook gets instead.")),
        Mistake("first run", _recorder(run=0), _(
            "A layer may run several times in one pass, as a shared ReLU does. You kept its "
            "first output; return its last.")),
        Mistake("first image only", lambda model, x, layer: record(model, x[:1], layer), _(
            "Your feature map is that of the first image only. x is a batch (B, C, H, W): run "
            "the model on all of it.")),
    ),
    symptoms=(
        Symptom("another layer", _of_another_layer, _(
            "You return the feature map of another layer. Look up the layer by its whole name, "
            "`model.get_submodule(layer)`, because many layers share the last part of a name, "
            "such as the 0 of contract.0.")),
        Symptom("runs more than once", _runs_again, _(
            "Your answer is wrong only for a layer that runs several times in one pass. Return "
            "its last output; and let your hook return nothing, because torch passes what a "
            "hook returns to the next layer.")),
        Symptom("not a chain", lambda case, got, due: isinstance(case["model"], WithSkip), _(
            "Your answer is right where each layer feeds the next, and wrong in a network with "
            "a skip, batch norms and a dropout. Run the network as it is, with `model(x)`, "
            "and keep what your hook gets.")),
    ),
    hints=(
        _("Which function does torch call for you as soon as a layer is done, and with which "
          "arguments?"),
        _("`handle = model.get_submodule(layer).register_forward_hook(keep)`; torch calls "
          "`keep(part, inputs, output)`. Then run the model, and remove the hook again."),
        _("In `keep`: `seen.append(output.detach().clone())`. Afterwards `handle.remove()` and "
          "`return seen[-1]`."),
    ),
    due=_("a tensor, the layer's output"),
    cases=layers_to_record,
    run=run_record,
    show=lambda model, x, layer: _(
        "layer = {layer}, x of shape {shape}, and this model:\n{model}"
    ).format(layer=repr(layer), shape=tuple(x.shape), model=model),
    worth=_("With these few lines you can look into any network, your own or one that you "
            "downloaded, without changing a line of it."),
)  # fmt: skip


# -------------------------------------------------------------------- core: dead channels
def dead_channels(maps):
    flat = maps.transpose(0, 1).flatten(1)  # (C, B·H·W)
    return [c for c in range(len(flat)) if flat[c].max() == flat[c].min()]


def channel(rng: random.Random, kind: Any, images: int, size: tuple[int, int]) -> Tensor:
    """(images, H, W) of one channel: stuck at a number, or of a kind that only looks dead."""
    one = noise(rng, images, *size)
    if not isinstance(kind, str):  # dead
        return torch.full_like(one, kind)
    if kind in ("last", "first"):  # speaks in one place of one image only
        one.zero_()
        place = -1 if kind == "last" else 0
        one[place, place, place] = 3.0
    elif kind == "weak":
        one.mul_(1e-4)
    elif kind == "a little":  # the least that float32 can tell
        one.fill_(1.0)
        one[-1, 0, -1] = 1.0 + 2**-23
    elif kind == "flat":  # in each image, and different in each
        one.copy_(torch.arange(1.0, images + 1)[:, None, None].expand(one.shape))
    elif kind == "pattern":  # the same in each image
        one.copy_(torch.arange(one[0].numel()).view(1, *size).expand(one.shape))
    elif kind == "balanced":  # its mean is 0 in each image
        one.copy_((torch.arange(one.numel()) % 2 * 2.0 - 1).view(one.shape))
    elif kind in ("below", "above"):
        one.abs_().add_(0.1).mul_(-1 if kind == "below" else 1)
    elif kind == "relu":
        one.clamp_(min=0)
    return one


KINDS = (0.0, 0.0, -1.5, 0.5, 0.1, 2.0, "last", "first", "weak", "flat", "pattern", "below",
         "above", "relu", "relu", "any", "any")  # fmt: skip


def batches(rng: random.Random) -> Iterator[tuple]:
    """(maps,) of a layer on a batch, with channels that are dead and some that only look so."""

    def maps(kinds: tuple, images: int, *size: int) -> tuple:
        return (torch.stack([channel(rng, kind, images, size) for kind in kinds], dim=1),)

    yield maps((0.0, -1.5, "last", "weak", "flat", "relu"), 2, 3, 2)
    yield maps((0.0, "any", 0.5), 1, 2, 3)
    yield maps(("any", "above", "below"), 3, 3, 2)
    yield maps((2.0, 0.0), 3, 2, 2)
    yield maps((0.0, 0.1, -0.7, 0.001, "any", 0.5), 4, 9, 8)  # rounding: no variance of 0
    yield maps(("any", "relu", 0.3), 2, 7, 11)
    yield maps(("pattern", 0.0, "balanced", "pattern"), 3, 2, 4)
    yield maps(("a little", "weak", 1.0), 2, 3, 3)
    yield maps(("below", -2.0, "above"), 2, 2, 5)
    yield maps(("first", "last", 0.0), 3, 4, 2)
    yield maps(("flat", "flat", "any"), 4, 1, 3)
    yield maps((0.0,), 2, 2, 2)
    yield maps(("relu",), 1, 3, 1)
    yield maps((1.0, "any", "any", "any", 0.0, "flat", "flat", 2.0), 2, 2, 3)
    yield (maps((0.1, "weak", "flat", 0.0), 3, 5, 6)[0].double(),)
    yield maps(tuple([0.0, *["any"] * 10, 3.0]), 2, 2, 2)
    while True:
        kinds = tuple(rng.choice(KINDS) for _channel in range(rng.randint(1, 8)))
        yield maps(kinds, rng.randint(1, 3), rng.randint(2, 4), rng.randint(2, 4))


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


def _wrong_channels(case: dict, got: Any, due: Any) -> tuple[list[Tensor], list[Tensor]]:
    """(listed and alive, dead and not listed): the maps (B, H, W) of these channels."""
    maps, listed = case["maps"], [int(plain(c)) for c in plain(got)]
    return ([maps[:, c] for c in listed if c not in due],
            [maps[:, c] for c in due if c not in listed])  # fmt: skip


def never(_one: Tensor) -> bool:
    return False


def _wrong_where(
    listed: Callable[[Tensor], Any] = never, missed: Callable[[Tensor], Any] = never
) -> Callable[[dict, Any, Any], bool]:
    """All channels (B, H, W) that are listed and alive, and all that are missed, are such."""

    def shows(case: dict, got: Any, due: Any) -> bool:
        alive, dead = _wrong_channels(case, got, due)
        return bool(alive + dead) and all(map(listed, alive)) and all(map(missed, dead))

    return shows


def _is_inexact(one: Tensor) -> bool:
    return bool((one * 64 != (one * 64).round()).all())


def _yes_or_no(case: dict, got: Any, _due: Any) -> bool:
    entries = [plain(entry) for entry in got]
    return len(entries) == case["maps"].shape[1] and all(isinstance(e, bool) for e in entries)


SYMPTOMS = (
    Symptom("yes or no", _yes_or_no, _(
        "You return True or False for each channel. Return the numbers of those that are "
        "dead instead.")),
    Symptom("a standard deviation that is rounded", _wrong_where(missed=_is_inexact), _(
        "You find the channels that are stuck at 0 or at 0.5, and miss those that are stuck at "
        "a number such as 0.1. A mean or a standard deviation of many values of 0.1 is "
        "rounded, so it need not be exact: compare the values themselves.")),
    Symptom("stuck at another number", _wrong_where(missed=lambda one: one.ne(0).all()), _(
        "You miss channels that are stuck at a number other than 0, such as their bias alone. "
        "They say as little about the image as zeros.")),
    Symptom("changes only a little", _wrong_where(lambda one: one.max() - one.min() < 1e-2), _(
        "You list channels that change only a little. They are alive, because large weights in "
        "the next layer can make the change count. Look for channels with no change at all.")),
    Symptom("flat in each",
        _wrong_where(lambda one: one.amax((1, 2)).eq(one.amin((1, 2))).all()), _(
        "You list channels that are constant within each image, but differ from one image to "
        "the next. Those are alive: compare over the whole batch.")),
    Symptom("the same picture in each", _wrong_where(lambda one: one.eq(one[:1]).all()), _(
        "You list channels that show the same picture in each image. A dead channel here has "
        "one number for all pixels of all images.")),
    Symptom("never above 0",
        _wrong_where(lambda one: one.max() <= 0, lambda one: one.min() > 0), _(
        "You list channels that are never above 0. Before a ReLU such a channel may still "
        "change: check whether its values differ.")),
    Symptom("a sum of 0",
        _wrong_where(lambda one: abs(one.mean()) < 1e-6, lambda one: one.ne(0).all()), _(
        "You look for a sum, or a mean, of 0. Positive and negative values cancel in it, and a "
        "channel that is stuck at another number says as little as one of zeros.")),
    Symptom("equal means", _wrong_where(lambda one: torch.allclose(
        one.mean((1, 2)), one.mean(), atol=1e-6)), _(
        "You list channels whose mean is the same in each image. Their pixels may still "
        "differ: compare the values themselves.")),
    Symptom("not over the whole batch", lambda case, got, due: case["maps"].shape[0] > 1, _(
        "Your answer is right for a batch of one image, and wrong where there are several. "
        "Channel c of all images is `maps[:, c]`: are your numbers those of channels, and do "
        "you compare over all images?")),
)  # fmt: skip


core = Exercise(
    name="09.dead_channels",
    task=_("List the channels of maps (B, C, H, W) that have one number, whatever the image."),
    reference=dead_channels,
    mistakes=(
        Mistake("only zeros",
            lambda maps: [c for c in range(maps.shape[1]) if (maps[:, c] == 0).all()], _(
            "You look for zeros. A channel that is stuck at another number, such as its bias "
            "alone, says as little about the image.")),
        Mistake("first image only", lambda maps: dead_channels(maps[:1]), _(
            "You looked at the first image only. A channel that is constant there may change "
            "in the next one: compare over the whole batch.")),
        Mistake("weak is not dead", _spread_below, _(
            "You list weak channels, too. A channel with a small range isn't dead, because the "
            "weights of the next layer may be large.")),
        Mistake("flat in each image", _flat_in_each_image, _(
            "A channel may be constant within each image and still differ between images: then "
            "it is alive. Compare over the whole batch.")),
        Mistake("silent somewhere",
            lambda maps: [c for c in range(maps.shape[1]) if (maps[:, c] == 0).any()], _(
            "You list every channel that is 0 somewhere. After a ReLU that is nearly all of "
            "them; a dead channel has one number everywhere.")),
        Mistake("dead images",
            lambda maps: [b for b in range(len(maps)) if maps[b].max() == maps[b].min()], _(
            "You look at each image, over all of its channels, and list numbers of images. "
            "Channels are axis 1 of (B, C, H, W).")),
    ),
    symptoms=SYMPTOMS,
    hints=(
        _("What do you know about the largest and the smallest value of a channel that never "
          "changes?"),
        _("Bring each channel's values together, over images and pixels: "
          "`maps.transpose(0, 1).flatten(1)` is (C, B·H·W)."),
        _("With that as `flat`, channel c is dead if `flat[c].max() == flat[c].min()`."),
    ),
    due=_("a list of channel numbers (int), in order"),
    cases=batches,
    specification=_number_by_number,
    worth=_("Run it on each level of a network that does not learn as it should: a layer with "
            "many dead channels is smaller than it looks."),
)  # fmt: skip


# ---------------------------------------------------------------- stretch: name the layer
def name_layers(model, x, names, pictures):
    found = []
    for picture in pictures:
        gaps = {}
        for name in names:
            maps = inspection.record(model, x, name)
            if maps.shape == picture.shape:
                stretched = (maps - maps.min()) / (maps.max() - maps.min())
                gaps[name] = (stretched - picture).abs().max().item()
        found.append(min(gaps, key=gaps.get))
    return found


def two_levels(channels: int) -> nn.Module:
    """Blocks with batch norm and dotted names, a pooling between, maps of 1 to 4 channels."""

    def block(into: int, out: int) -> nn.Module:
        return nn.Sequential(
            nn.Conv2d(into, out, 3, padding=1), nn.BatchNorm2d(out), nn.ReLU(inplace=True),
            nn.Conv2d(out, out, 3, padding=1),
        )  # fmt: skip

    parts = {"contract": block(channels, 3), "pool": nn.MaxPool2d(2), "expand": block(3, 3),
             "wide": nn.Conv2d(3, 4, 1), "head": nn.Conv2d(4, 1, 1)}  # fmt: skip
    return nn.Sequential(OrderedDict(parts))


def told_apart(model: nn.Module, x: Tensor, names: list[str]) -> bool:
    """No two of these layers give pictures that are nearly equal."""
    shown = [stretch_to_one(inspection.record(model, x, name)) for name in names]
    return all(
        one.shape != other.shape or (one - other).abs().max() > 0.02
        for place, one in enumerate(shown)
        for other in shown[:place]
    )


def riddles(rng: random.Random) -> Iterator[tuple]:
    """(model, x, names, pictures): names in the network's order and in others, some of them
    or all, pictures of one layer twice."""
    fixed = [
        (["contract.1", "contract.0", "expand.0"], False),
        (["contract.2", "contract.2", "head"], False),
        (["expand.2"], True), (["pool", "contract.3", "pool", "expand.3"], True),
        (["head", "wide"], True), (["expand.1", "contract.2"], False), (["contract.0"], False),
        (["contract.1", "expand.1", "contract.1"], True),
    ]  # fmt: skip
    while True:
        channels = rng.choice((1, 1, 3))
        model = drawn_from(rng, lambda n=channels: two_levels(n))
        x = noise(rng, 1, channels, rng.choice((6, 7)), rng.choice((6, 8)))
        parts = model.named_modules()
        names = [name for name, part in parts if name and not isinstance(part, nn.Sequential)]
        if not told_apart(model, x, names):
            continue
        chosen, mixed = fixed.pop(0) if fixed else ([], rng.random() < 0.5)
        if mixed:
            rng.shuffle(names)
        if not chosen:
            names = names[: rng.randint(4, len(names))]
            chosen = [rng.choice(names) for _picture in range(rng.randint(1, 4))]
        shown = [stretch_to_one(inspection.record(model, x, name)) for name in chosen]
        yield model, x, names, shown


def _by(measure):
    """An answer that compares by another measure: measure(maps, picture) -> number."""

    def name_layers(model, x, names, pictures):
        found = []
        for picture in pictures:
            gaps = {}
            for name in names:
                maps = inspection.record(model, x, name)
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


def _first_names(model, x, names, pictures):
    return [names[place % len(names)] for place in range(len(pictures))]


def _each_name_once(model, x, names, pictures):
    found: list = []
    for picture in pictures:
        left = [name for name in names if name not in found]
        maps = {name: inspection.record(model, x, name) for name in left}
        gaps = {n: (stretch_to_one(m) - picture).abs().max().item() if m.shape == picture.shape
                else 9.0 for n, m in maps.items()}  # fmt: skip
        found.append(min(gaps, key=gaps.get))
    return found


def _wrong_names(got: Any, due: list) -> list[tuple]:
    """(place, named, right) of each picture that is named wrong."""
    pairs = enumerate(zip(plain(got), due, strict=True))
    return [(place, plain(one), other) for place, (one, other) in pairs if plain(one) != other]


def _only_before_a_relu(case: dict, got: Any, due: list) -> bool:
    least = [inspection.record(case["model"], case["x"], name).min() for name in due]
    wrong = {place for place, _named, _right in _wrong_names(got, due)}
    return all((low < 0) == (place in wrong) for place, low in enumerate(least))


def _of_another_shape(case: dict, got: Any, due: list) -> bool:
    model, x = case["model"], case["x"]
    return any(
        inspection.record(model, x, named).shape != inspection.record(model, x, right).shape
        for _place, named, right in _wrong_names(got, due)
    )


NAMING = (
    Symptom("places for names",
        lambda case, got, due: [case["names"][int(plain(n))] for n in plain(got)] == due, _(
        "You return places in the list of names. Return the names themselves.")),
    Symptom("only before a ReLU", _only_before_a_relu, _(
        "You are right where the least number of a layer is 0, as after a ReLU, and wrong "
        "where it is below 0: subtract the least number before you divide, and divide by the "
        "range, the largest number minus the least.")),
    Symptom("nothing found",
        lambda case, got, due: any(named is None for _p, named, _r in _wrong_names(got, due)),
        _("For some pictures you find no layer at all (None). Do you stretch what you record "
          "in the same way, (maps − least) / (largest − least), over all channels?")),
    Symptom("another order", lambda case, got, due: sorted(plain(got)) == sorted(due), _(
        "The names are right, but their order is not: the first name belongs to the first "
        "picture.")),
    Symptom("only where a layer comes twice",
        lambda case, got, due: all(due.count(right) > 1 for _p, _n, right in
        _wrong_names(got, due)), _(
        "Your answer is wrong only where two pictures are of the same layer: answer for each "
        "picture by itself.")),
    Symptom("another shape", _of_another_shape, _(
        "You name layers whose feature maps have another shape than the picture. Compare the "
        "shapes first, all four numbers of them.")),
    Symptom("the right shape and no more",
        lambda case, got, due: len(_wrong_names(got, due)) > 0, _(
        "Each layer that you name has the right shape, but it isn't the right one of those "
        "with that shape. Stretch what you record as the picture was stretched, and take the "
        "layer with the smallest difference.")),
)  # fmt: skip


stretch = Exercise(
    name="09.name_layers",
    task=_("Name the layer that each picture shows: its maps stretched to 0…1, on one scale."),
    reference=name_layers,
    mistakes=(
        Mistake("by shape alone", _by(lambda maps, picture: 0), _(
            "You take the first layer with the right shape. A convolution, its batch norm and "
            "its ReLU all have the same: compare the values.")),
        Mistake("without stretching",
            _by(lambda maps, picture: (maps - picture).abs().max()), _(
            "You compare numbers on two scales. The pictures were stretched to 0…1: stretch "
            "what you record in the same way.")),
        Mistake("one scale each",
            _by(lambda maps, picture: (_each_alone(maps) - _each_alone(picture)).abs().max()),
            _("You stretched each channel by itself. Then a convolution and the batch norm "
              "after it look the same, and you name the first of them. Use one scale for "
              "all channels.")),
        Mistake("in the network's order", _in_network_order, _(
            "The names are right, but they are sorted: the first name belongs to the first "
            "picture.")),
        Mistake("the largest gap",
            _by(lambda maps, p: -(stretch_to_one(maps) - p).abs().max()), _(
            "You name the layer that is least like the picture: take the one with the smallest "
            "difference.")),
        Mistake("the first names", _first_names, _(
            "You return the first names of the list. The pictures come in another order, and "
            "there are more names than pictures: compare each picture with each layer.")),
        Mistake("each name once", _each_name_once, _(
            "Your answer is wrong only where two pictures are of the same layer: you may name "
            "a layer again.")),
    ),
    symptoms=NAMING,
    hints=(
        _("What do you have to record, and what do you have to do to it before you can compare "
          "it with a picture?"),
        _("For each name: `maps = inspection.record(model, x, name)`. Where the shape is "
          "right, stretch: subtract the least number of all, divide by the range. Then measure "
          "the largest difference from the picture."),
        _("`gaps[name] = (stretched - picture).abs().max().item()`, and the answer for this "
          "picture is `min(gaps, key=gaps.get)`."),
    ),
    due=_("a list of names, one for each picture, in their order"),
    cases=riddles,
    count=14,
    show=lambda model, x, names, pictures: _(
        "names = {names}, pictures of shapes {shapes}"
    ).format(names=names, shapes=[tuple(picture.shape) for picture in pictures]),
    worth=_("You can often tell two layers of a network apart by what they return. A picture "
            "without its scale and its layer's name shows much less than it seems to."),
)  # fmt: skip

EXERCISES = (easy, core, stretch)
