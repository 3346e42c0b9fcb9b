"""Lesson 07: five shapes, the forward pass, all legal sizes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import lru_cache, partial

import torch
from torch import Tensor
from torch.nn import functional as F

from unet_teach.config import UNetConfig
from unet_teach.exercises.agreement import agree, as_array, plain
from unet_teach.exercises.exercise import Exercise, Mistake, Symptom
from unet_teach.layers import center_crop
from unet_teach.lessons.l07_build_unet.floors import follow
from unet_teach.models.unet import UNet
from unet_teach.shapes import size_step, smallest_size
from unet_teach.translation import _


# ------------------------------------------------------------------------- five shapes
def five_shapes() -> dict[str, tuple[int, ...]]:
    """Two images of 3 × 220 × 252, 32 base channels, 5 classes, valid convolutions."""
    return {
        "top": (2, 32, 216, 248),
        "level 1": (2, 64, 104, 120),
        "bottom": (2, 512, 6, 8),
        "merged": (2, 512, 12, 16),
        "output": (2, 5, 36, 68),
    }


SHAPES = five_shapes()
SAME = {
    "top": (2, 32, 220, 252), "level 1": (2, 64, 110, 126), "bottom": (2, 512, 13, 15),
    "merged": (2, 512, 26, 30), "output": (2, 5, 220, 252),
}  # fmt: skip


def _wrong_places(got, due) -> dict[str, set[int]]:
    """Of each shape that is wrong, which of its four numbers are."""
    got = {name: list(plain(shape)) for name, shape in got.items()}
    places = {name: {i for i in range(4) if got[name][i] != due[name][i]} for name in due}
    return {name: wrong for name, wrong in places.items() if wrong}


def _only_at(*places: int) -> Callable:
    """Wrong in these numbers of the shapes only, and in several shapes."""

    def shows(case, got, due):
        found = _wrong_places(got, due)
        return len(found) > 1 and set().union(*found.values()) <= set(places)

    return shows


def _only_in(name: str) -> Callable:
    return lambda case, got, due: set(_wrong_places(got, due)) == {name}


def _first_in(name: str) -> Callable:
    """Several are wrong, and this one comes first on the way through the U."""
    return lambda case, got, due: next(iter(_wrong_places(got, due)), "") == name


five = Exercise(
    name="07.five_shapes",
    task=_("Predict the shapes of five maps of a U-Net, before you run it."),
    reference=five_shapes,
    mistakes=(
        Mistake("same padding", SAME, _(
            "Your maps keep their size at each convolution. These convolutions are valid: each "
            "takes one pixel off every edge, so a DoubleConv takes 4 off the height and 4 off "
            "the width.")),
        Mistake("merged without the skip", SHAPES | {"merged": (2, 256, 12, 16)}, _(
            "Only `merged` is off: concatenation stacks the channels of the skip and those of "
            "the map from below, so their numbers add up.")),
        Mistake("merged at the skip's size", SHAPES | {"merged": (2, 512, 20, 24)}, _(
            "Only `merged` is off: that is the skip before its crop. Which of the two maps "
            "decides the size?")),
        Mistake("one channel out", SHAPES | {"output": (2, 1, 36, 68)}, _(
            "Only `output` is off: how many maps does the last 1×1 convolution produce, one in "
            "all or one for each class?")),
        Mistake("a DoubleConv counted as one", {
                "top": (2, 32, 218, 250), "level 1": (2, 64, 107, 123),
                "bottom": (2, 512, 10, 12), "merged": (2, 512, 20, 24),
                "output": (2, 5, 128, 160),
            }, _(
            "Each level seems to lose 2 pixels in height and in width. How many convolutions "
            "are there in a DoubleConv?")),
        Mistake("width before height",
            {name: (*shape[:2], *shape[:1:-1]) for name, shape in SHAPES.items()}, _(
            "Height and width have changed places. The order of the axes is (B, C, H, W).")),
    ),
    hints=(
        _("Which of the four numbers does a convolution change? Which does a pooling?"),
        _("A DoubleConv takes 4 off height and width; a pooling halves both; each level down "
          "doubles the channels. Go down the contracting path first: 220 → 216 → 108 → …"),
        _("Going up, height and width double and the channels halve. Then the skip's channels "
          "are added. At the bottleneck: (2, 512, 6, 8)."),
    ),
    due=_("a dictionary with five shapes, each a tuple (B, C, H, W)"),
    symptoms=(
        Symptom("not four numbers",
            lambda case, got, due: any(len(shape) != 4 for shape in got.values()), _(
            "A shape has four numbers: (B, C, H, W). The batch is one of them.")),
        Symptom("only the batch", _only_at(0), _(
            "Only the first number is off. Two images go in, and no layer changes how many "
            "there are.")),
        Symptom("only the channels", _only_at(1), _(
            "All heights and widths are right, but not all channels. There are 32 at the top "
            "level, and twice as many on each level below.")),
        Symptom("only height and width", _only_at(2, 3), _(
            "All channels are right, but not all heights and widths. Each valid convolution "
            "takes one pixel off at every edge, so a `DoubleConv` takes 4 off the height and 4 "
            "off the width; a pooling halves both, an up-convolution doubles both.")),
        Symptom("only top", _only_in("top"), _(
            "Only `top` is off: the first `DoubleConv` is two valid convolutions, from 3 "
            "channels to 32.")),
        Symptom("only level 1", _only_in("level 1"), _(
            "Only `level 1` is off: pool the map of `top` once, then follow it through the "
            "`DoubleConv` of level 1, which doubles the channels.")),
        Symptom("only bottom", _only_in("bottom"), _(
            "Only `bottom` is off: four poolings come before it, and its own `DoubleConv` "
            "counts, too.")),
        Symptom("only merged", _only_in("merged"), _(
            "Only `merged` is off: the map from the bottleneck, up-convolved (twice the height "
            "and width, half the channels), joined with a skip that is cropped to its size, "
            "before the next `DoubleConv`.")),
        Symptom("first top", _first_in("top"), _(
            "The first that is off is `top`, and what comes after it depends on it: the first "
            "`DoubleConv` is two valid convolutions, from 3 channels to 32.")),
        Symptom("first level 1", _first_in("level 1"), _(
            "`top` is right, and the next, `level 1`, is off: pool the map of `top` once, then "
            "follow it through the `DoubleConv` of level 1, which doubles the channels.")),
        Symptom("first bottom", _first_in("bottom"), _(
            "`top` and `level 1` are right, and `bottom` is off: four poolings come before it, "
            "and its own `DoubleConv` counts, too.")),
        Symptom("first merged", _first_in("merged"), _(
            "The contracting path is right, and `merged` is off: the map from the bottleneck, "
            "up-convolved (twice the height and width, half the channels), joined with a skip "
            "that is cropped to its size.")),
        Symptom("only output", _only_in("output"), _(
            "Only `output` is off: one map of logits for each of the 5 classes, and each step "
            "up doubles height and width and then takes 4 off.")),
    ),
    worth=_("You can now predict every shape in a U-Net with pencil and paper, which is the "
            "quickest way to find out why one does not run."),
)  # fmt: skip


# ------------------------------------------------------------------------ forward pass
class UNetParts(UNet):
    """The library's U-Net with its forward pass taken out: that is the exercise."""

    def forward(self, x: Tensor) -> Tensor:
        raise RuntimeError("forward is yours to write: call the parts, not the whole")


def forward(self, x):
    skips = []
    for level, convs in enumerate(self.contract):
        if level > 0:
            x = F.max_pool2d(x, 2)  # (B, C, H, W) -> (B, C, H/2, W/2)
        x = convs(x)  # -> (B, 2C, H - 4, W - 4)
        skips.append(x)
    for level in reversed(range(len(self.expand))):
        x = self.upsamplers[level](x)  # (B, 2C, H, W) -> (B, C, 2H, 2W)
        skip = center_crop(skips[level], x.shape[-2:])
        x = torch.cat([skip, x], dim=1)  # -> (B, 2C, 2H, 2W)
        x = self.expand[level](x)  # -> (B, C, 2H - 4, 2W - 4)
    return self.last(x)


def variant(
    pool: Callable = F.max_pool2d,
    fit: Callable = center_crop,
    join: Callable | None = None,
    end: Callable = lambda self, x: self.last(x),
) -> Callable:
    """A forward pass with one part exchanged."""
    join = join or (lambda skip, x: torch.cat([fit(skip, x.shape[-2:]), x], 1))

    def forward(self, x):
        skips = []
        for level, convs in enumerate(self.contract):
            x = convs(pool(x, 2) if level else x)
            skips.append(x)
        for level in reversed(range(len(self.expand))):
            x = self.upsamplers[level](x)
            x = self.expand[level](join(skips[level], x))
        return end(self, x)

    return forward


@lru_cache(maxsize=64)
def small_net(config: UNetConfig, seed: int) -> UNetParts:
    """Seeded weights; biases too, or else a lost one would not show."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = UNetParts(config)
        for name, parameter in net.named_parameters():
            if name.endswith("bias"):
                torch.nn.init.uniform_(parameter, 0.0, 0.5)
    return net.requires_grad_(False)


# Depth, base channels, classes, channels of the image, batch, steps of size in height and in
# width. First as many classes as channels: a forgotten last layer then shows in the values.
NETS = (
    (1, 2, 2, 1, 1, 4, 4), (1, 3, 3, 1, 2, 2, 1), (2, 2, 2, 2, 1, 0, 2), (2, 2, 3, 3, 3, 1, 0),
    (1, 2, 1, 1, 1, 0, 3), (1, 3, 2, 2, 3, 3, 3), (3, 2, 2, 1, 2, 1, 0), (2, 3, 5, 1, 2, 1, 1),
    (3, 1, 2, 3, 1, 0, 1), (2, 1, 1, 1, 1, 2, 1), (1, 4, 4, 3, 2, 0, 0), (4, 1, 2, 1, 2, 0, 1),
)  # fmt: skip


def _net(rng: random.Random, depth, base, classes, channels, batch, down, right) -> tuple:
    config = UNetConfig(channels, classes, base, depth)
    least, step = smallest_size(config), size_step(config)
    generator = torch.Generator().manual_seed(rng.randrange(2**31))
    shape = batch, channels, least + step * down, least + step * right
    return small_net(config, rng.randrange(3)), torch.rand(shape, generator=generator)


def nets(rng: random.Random) -> Iterator[tuple[UNetParts, Tensor]]:
    """Small U-Nets, each with one image or several of a legal size."""
    fixed = random.Random(7)
    for row in NETS:
        yield _net(fixed, *row)
    while True:
        depth = rng.choice((1, 1, 2, 2, 3))
        steps = (rng.randrange(1, 20 // 2**depth + 3) for _axis in "HW")
        sizes = (rng.randint(1, 3) for _size in range(4))
        yield _net(rng, depth, *sizes, *steps)


def _pooled_once_more(self, x):
    skips = []
    for convs in self.contract:
        skips.append(convs(x))
        x = F.max_pool2d(skips[-1], 2)
    for level in reversed(range(len(self.expand))):
        x = self.upsamplers[level](x)
        x = self.expand[level](torch.cat([center_crop(skips[level], x.shape[-2:]), x], 1))
    return self.last(x)


def _as_if(*answers: Callable) -> Callable:
    """What one of these would give."""
    return lambda case, got, due: any(
        not agree(got, answer(case["self"], case["x"])) for answer in answers
    )


def _another_size(sign: int) -> Callable:
    """Larger (1) or smaller (-1) than it should be."""

    def shows(case, got, due):
        sizes = zip(as_array(got).shape[-2:], due.shape[-2:], strict=True)
        return all(sign * (one - other) > 0 for one, other in sizes)

    return shows


whole = Exercise(
    name="07.forward",
    task=_("Write U-Net's forward pass: from an image to a map of logits."),
    reference=forward,
    mistakes=(
        Mistake("map from below first",
            variant(join=lambda skip, x: torch.cat([x, center_crop(skip, x.shape[-2:])], 1)), _(
            "You concatenate the map from below first. A network that was trained like that "
            "would do just as well, but with given weights the order counts: the paper's "
            "figure puts the skip first.")),
        Mistake("crop from the top left",
            variant(fit=lambda skip, size: skip[..., : size[0], : size[1]]), _(
            "Your crop takes the top left corner of the skip. But the map from below shows the "
            "middle of what the skip shows.")),
        Mistake("skip resized", variant(fit=F.interpolate), _(
            "You resize the skip to make it fit. Then its pixels are no longer at the same "
            "places as those of the map from below, so crop it instead.")),
        Mistake("crop with swapped size",
            variant(fit=lambda skip, size: center_crop(skip, size[::-1])), _(
            "This is right for square images. For others your crop has its height and width "
            "swapped: `x.shape[-2:]` is (height, width).")),
        Mistake("pooled once more", _pooled_once_more, _(
            "There is a pooling too many, after the bottleneck. Each pooling is **between** "
            "two levels, so there is one fewer than there are entries in `self.contract`.")),
        Mistake("average pooling", variant(pool=F.avg_pool2d), _(
            "Your pooling takes the mean of four pixels; the paper's takes their maximum.")),
        Mistake("no last layer", variant(end=lambda self, x: x), _(
            "Everything is right except for the end: the last 1×1 convolution is missing.")),
        Mistake("ReLU at the end", variant(end=lambda self, x: F.relu(self.last(x))), _(
            "There is a ReLU after the last convolution. Logits may be negative, because an "
            "unlikely class needs a low score.")),
        Mistake("softmax at the end", variant(end=lambda self, x: self.last(x).softmax(1)), _(
            "You return probabilities, but the function should return logits. The loss applies "
            "the softmax itself.")),
    ),
    hints=(
        _("Two loops: one goes down and keeps something at every level. What does the second "
          "one do with it, and in which order?"),
        _("Down: pool (but not before the first level), convolve, keep. Up, from the last "
          "level but one to level 0: upsample, crop the kept map, concatenate, convolve."),
        _("Going up: x = self.upsamplers[level](x); skip = center_crop(skips[level], "
          "x.shape[-2:]); x = self.expand[level](torch.cat([skip, x], dim=1)). At the end: "
          "self.last(x)."),
    ),
    due=_("a tensor of logits (B, K, h, w)"),
    symptoms=(
        Symptom("no skips", _as_if(variant(join=lambda skip, x: torch.cat([0 * x, x], 1))), _(
            "The skips don't reach the result: it is what a network without them returns. Is "
            "the map that you kept the one that goes into the concatenation?")),
        Symptom("skip resized smoothly",
            _as_if(variant(fit=partial(F.interpolate, mode="bilinear")),
            variant(fit=F.adaptive_avg_pool2d)), _(
            "You shrink the skip to make it fit, which mixes its pixels and moves them away "
            "from those of the map from below: crop it.")),
        Symptom("no classes", lambda case, got, due: as_array(got).ndim == 3, _(
            "Your result has no axis of classes. Logits are one map for each class, (B, K, h, "
            "w); which of them is the largest is decided later.")),
        Symptom("too small", _another_size(-1), _(
            "Your result is too small. There are `len(self.expand)` poolings and as many "
            "up-convolutions: is there a pooling too many, or a step up too few?")),
        Symptom("too large", _another_size(1), _(
            "Your result is too large. There are `len(self.expand)` poolings and as many "
            "up-convolutions: is there a pooling too few, or a step up too many?")),
        Symptom("values only", lambda case, got, due: as_array(got).shape == due.shape, _(
            "The shapes are right, but the values are not. Compare step by step: what is kept "
            "is the map **after** a level's convolutions and before the pooling, the crop "
            "takes the middle, the skip comes first, each part is used once, and nothing "
            "follows `self.last`.")),
    ),
    worth=_("This is the whole U-Net: what you wrote runs with any depth, and with the paper's "
            "own 31 million weights just as with these few."),
    cases=nets,
    count=24,
)  # fmt: skip


# ------------------------------------------------------------------------- legal sizes
def legal(low, high, depth=4):
    sizes = []
    for n in range(low, high + 1):
        size, even = n, True
        for _level in range(depth):
            size -= 4  # two valid 3×3 convolutions
            even = even and size % 2 == 0  # what the pooling gets
            size //= 2
        size -= 4
        for _level in range(depth):
            size = 2 * size - 4
        if even and size >= 1:
            sizes.append(n)
    return sizes


def legal_by_following(low: int, high: int, depth: int = 4) -> list[int]:
    """The specification: follow every size, and see whether anything goes wrong."""
    config = UNetConfig(depth=depth)
    return [n for n in range(max(low, 1), high + 1) if not follow(config, n).failing]


def _where(rule: Callable[[int, int], bool]) -> Callable:
    """A wrong `legal` that keeps the sizes of which rule(n, depth) holds."""

    def legal(low, high, depth=4):
        return [n for n in range(low, high + 1) if rule(n, depth)]

    return legal


def _residue(n: int, depth: int) -> bool:
    config = UNetConfig(depth=depth)
    return n % size_step(config) == smallest_size(config) % size_step(config)


def _bottom(n: int, depth: int) -> int:
    """The map at the bottom of the U; whole wherever the poolings are even."""
    for _level in range(depth):
        n = (n - 4) // 2
    return n - 4


def ranges(rng: random.Random) -> Iterator[tuple]:
    """(low, high, depth): whole stretches, ends that are legal and ends that are not, ranges of
    one size and ranges without any; depth also left out."""
    yield 1, 60, 1
    yield 1, 130, 2
    yield 100, 300
    yield from [(18, 18, 1), (17, 17, 1), (16, 18, 1), (18, 20, 1), (19, 21, 1), (1, 17, 1)]
    yield from [(44, 44, 2), (45, 47, 2), (44, 52, 2), (40, 43, 2), (30, 49, 2), (60, 76, 2)]
    yield from [(1, 100, 3), (92, 92, 3), (92, 108, 3), (93, 99, 3), (84, 91, 3), (124, 140, 3)]
    yield from [(188, 188, 4), (188, 220), (172, 187), (189, 204), (300, 332, 4), (204, 204)]
    yield from [(380, 412, 5), (370, 379, 5), (380, 380, 5), (412, 444, 5)]
    while True:
        depth = rng.randint(1, 5)
        config = UNetConfig(depth=depth)
        edge = smallest_size(config) + size_step(config) * rng.randrange(0, 4)
        yield max(1, edge - rng.randrange(40)), edge + rng.choice((0, rng.randrange(60))), depth
        low = rng.randrange(1, 300)
        yield low, low + rng.randrange(60), depth


def _depth(case) -> int:
    return case.get("depth", 4)


def _too_many(case, got, due) -> set[int]:
    return set(plain(got)) - set(due)


def _truth_values(case, got, due):
    return len(got) > 0 and all(isinstance(plain(n), bool) for n in got)


def _end_missing(end: str) -> Callable:
    """Only this end of the range is missing, which is legal itself."""
    return lambda case, got, due: (
        set(due) - set(plain(got)) == {case[end]} and not _too_many(case, got, due)
    )


def _beginning_elsewhere(case, got, due):
    """As far apart as they should be, but other ones; at depth 1 there is no telling."""
    step, found = 2 ** _depth(case), list(plain(got))
    apart = all((n - found[0]) % step == 0 for n in found)
    return apart and (step == 2 or not any(_residue(n, _depth(case)) for n in found))


def _too_early(case, got, due):
    more = _too_many(case, got, due)
    rule = all(_residue(n, _depth(case)) for n in more)
    return bool(more) and rule and set(due) <= set(plain(got))


def _dropping(case, got, due):
    return any(not _residue(n, _depth(case)) for n in _too_many(case, got, due))


def _smallest_is_wrong(case, got, due):
    """Without a gap from some size on, which is another one than it should be."""
    found, step = sorted(plain(got)), 2 ** _depth(case)
    rule = all(_residue(n, _depth(case)) for n in found)
    whole = not found or found == list(range(found[0], max([*found, *due]) + 1, step))
    return rule and whole


sizes = Exercise(
    name="07.legal",
    task=_("Find all input sizes from low to high at which no pooling drops a pixel."),
    reference=legal,
    mistakes=(
        Mistake("multiples of the step", _where(lambda n, depth: n % 2**depth == 0), _(
            "Multiples of 2 to the power of `depth` are the rule for same padding. With valid "
            "convolutions each level takes 4 pixels off before its pooling.")),
        Mistake("12 left over", _where(lambda n, depth: n % 2**depth == 12), _(
            "A remainder of 12 is what depth 4 leaves. At another depth it is another one, and "
            "small sizes have no pixel left at the end. Follow a size down and up again.")),
        Mistake("the pattern of depth 4", _where(lambda n, depth: n % 16 == 12), _(
            "You keep n if n % 16 is 12, which is the pattern of depth 4, and you keep sizes "
            "at which no pixel comes out. Follow each size through the U instead, with `depth` "
            "poolings.")),
        Mistake("no smallest size", _where(_residue), _(
            "The pattern is right, but it starts too early: at least one pixel has to come out "
            "at the end.")),
        Mistake("only down",
            _where(lambda n, depth: _residue(n, depth) and _bottom(n, depth) > 0), _(
            "You stop at the bottleneck. The expansive path takes pixels off, too, and some "
            "sizes have none left at the end.")),
        Mistake("last size missing", lambda low, high, depth=4: legal(low, high - 1, depth), _(
            "`high` itself belongs to the range: `range(low, high)` stops one before.")),
        Mistake("whatever torch runs",
            _where(lambda n, depth: not follow(UNetConfig(depth=depth), n).stuck), _(
            "You took every size that leads to an output. But torch also runs sizes at which a "
            "pooling drops a row, so ask at each pooling whether the size is even.")),
        Mistake("only the first pooling", _where(lambda n, depth: n % 2 == 0
            and not follow(UNetConfig(depth=depth), n).stuck), _(
            "You looked at the first pooling only. Every pooling has to get an even size.")),
    ),
    hints=(
        _("Follow one size down the U with pencil and paper, say 570. Where does it go wrong?"),
        _("For each n: go down as the network does (minus 4, even?, halve), then the "
          "bottleneck, then up (double, minus 4). Keep n if every pooling got an even size and "
          "the end is at least 1."),
        _("Inside the loop over levels: size -= 4; even = even and size % 2 == 0; size //= 2. "
          "Then size -= 4 once for the bottleneck, and size = 2 * size - 4 for each level up."),
    ),
    due=_("a list of whole numbers"),
    cases=ranges,
    symptoms=(
        Symptom("truth values", _truth_values, _(
            "You list True and False. List the sizes themselves instead: put n into the list "
            "where it is legal.")),
        Symptom("low missing", _end_missing("low"), _(
            "`low` itself belongs to the range: where it is legal, it is the first entry.")),
        Symptom("high missing", _end_missing("high"), _(
            "`high` itself belongs to the range: where it is legal, it is the last entry.")),
        Symptom("outside",
            lambda case, got, due: any(not case["low"] <= n <= case["high"] for n in got), _(
            "Some of your numbers are not between `low` and `high`. List sizes of the image, "
            "not of a map further down.")),
        Symptom("starting too early", _too_early, _(
            "No pooling drops a pixel at your sizes, but the smallest of them have no pixel "
            "left at the end. Follow them down **and** up: the bottleneck takes 4 pixels, and "
            "so does each level of the expansive path.")),
        Symptom("another smallest", _smallest_is_wrong, _(
            "The pattern is right, but the smallest size is not. It depends on the depth, and "
            "1 pixel of output is enough: 18 at depth 1, 44 at depth 2, 188 at depth 4.")),
        Symptom("beginning elsewhere", _beginning_elsewhere, _(
            "Your sizes are as far apart as they should be, 2 to the depth, but they are the "
            "wrong ones. At each level a `DoubleConv` takes 4 pixels off, and the map that "
            "goes **into** the pooling has to be even.")),
        Symptom("dropping", _dropping, _(
            "At some of your sizes a pooling gets an odd map and drops a row. Every one of the "
            "`depth` poolings has to get an even size, not only the first ones.")),
        Symptom("depth 4 only", lambda case, got, due: _depth(case) != 4, _(
            "It is right at depth 4 and wrong at other depths. Count the poolings with "
            "`depth`, and don't take 16 or 188 as given.")),
    ),
    worth=_("Now you know which images a U-Net with valid convolutions takes, and why the "
            "paper uses 572: it is legal, and 570 is not."),
    specification=legal_by_following,
)  # fmt: skip

EXERCISES = (five, whole, sizes)
