"""Lesson 15: name what the patients have, fix three lines, and check a batch beforehand."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from unet_teach.exercises.agreement import agree, as_array, close, plain
from unet_teach.exercises.cases import strided
from unet_teach.exercises.exercise import Exercise, Mistake, Symptom
from unet_teach.translation import _


# ------------------------------------------------------------------------------ easy: name it
def diagnoses():
    return {
        "A": "eval() forgotten",
        "B": "image and mask shuffled apart",
        "C": "half-precision overflow",
        "D": "Dice over 1",
        "E": "mask resized bilinearly",
        "F": "ReLU after the last 1×1",
        "G": "mask at 255",
        "H": "batch norm at batch 1",
    }


def _swapped(one: str, other: str) -> dict[str, str]:
    """The right diagnoses, two of them exchanged."""
    found = diagnoses()
    places = {name: letter for letter, name in found.items()}
    found[places[one]], found[places[other]] = other, one
    return found


def _spelt(name: Any) -> Any:
    """A diagnosis without what does not matter: capitals, spaces, x or ×."""
    return "".join(name.lower().replace("×", "x").split()) if isinstance(name, str) else name


def _same_names(got: Any, expected: dict) -> str:
    if isinstance(got := plain(got), dict):
        got = {key: _spelt(name) for key, name in got.items()}
        expected = {key: _spelt(name) for key, name in expected.items()}
    return agree(got, expected)


def _named_wrong(letter: str) -> Callable[[dict, Any, dict], bool]:
    return lambda case, got, due: letter in got and _spelt(got[letter]) != _spelt(due[letter])


# Of each patient what tells it from the others, the plainest first.
SIGNS = {
    "C": _("Look at C again. After some steps its loss is no longer a number: which of the "
           "eight makes a value infinite?"),
    "G": _("Look at G again. Its loss falls by hundreds below 0: which of the eight makes the "
           "target far too large?"),
    "D": _("Look at D again. Its loss falls below 0, but not below −1: which loss can end "
           "there if its formula is wrong?"),
    "F": _("Look at F again. Its map has no probability below one half: what keeps logits from "
           "being negative?"),
    "B": _("Look at B again. Its loss is flat and its map finds no wall at all: what if images "
           "and masks have nothing to do with each other?"),
    "A": _("Look at A again. It learns well, but its map is noisy from pixel to pixel: "
           "something is still drawn at random when it predicts."),
    "E": _("Look at E again. Its loss is low, and it finds too few walls: were the walls still "
           "there in the masks that it learned from?"),
    "H": _("Look at H again. It learns well, but how good its map is depends on the "
           "brightness of the slice: what depends on the only image in the batch?"),
}  # fmt: skip


easy = Exercise(
    name="15.diagnoses",
    task=_("Name the diagnosis of each patient, A to H."),
    reference=diagnoses,
    mistakes=(
        Mistake("255 and Dice", _swapped("mask at 255", "Dice over 1"), _(
            "Two losses fall below 0. With a Dice over 1 the loss cannot fall below −1, "
            "because that Dice ends at 2. Which one falls by hundreds?")),
        Mistake("eval and batch of one",
            _swapped("eval() forgotten", "batch norm at batch 1"), _(
            "Two patients learn well but predict badly. The map of one is noisy from pixel "
            "to pixel: something is still thrown away at random.")),
        Mistake("shuffled and ReLU",
            _swapped("image and mask shuffled apart", "ReLU after the last 1×1"), _(
            "Both losses stay high. Look at the smallest value of their maps: after a ReLU no "
            "logit is below 0, and no probability below one half.")),
        Mistake("shuffled and resized",
            _swapped("image and mask shuffled apart", "mask resized bilinearly"), _(
            "Both call almost nothing a wall. But one of them has a low loss: it has "
            "learned its masks well, and those contain less than half of the wall.")),
    ),
    symptoms=(
        Symptom("no dictionary", lambda case, got, due: not isinstance(got, dict), _(
            'Return a dictionary with the letters as keys: `{"A": "..."}` and so on to H.')),
        Symptom("letters", lambda case, got, due: set(got) != set(due), _(
            "The keys should be the eight capital letters from A to H, each once.")),
        Symptom("other words", lambda case, got, due: not {*map(_spelt, got.values())}
            <= {*map(_spelt, due.values())}, _(
            "Some of your diagnoses are not in the list. Copy the names as they are printed "
            "above, as text.")),
        Symptom("one twice", lambda case, got, due: len(set(map(_spelt, got.values()))) < 8, _(
            "You gave one diagnosis to two patients. Each of the eight occurs once.")),
        *(Symptom(f"{letter} is wrong", _named_wrong(letter), words)
          for letter, words in SIGNS.items()),
    ),
    hints=(
        _("Sort the patients by their loss first: whose is not a number, whose is below 0, "
          "whose is high and flat, and whose falls as it should? Then tell the patients of "
          "one group apart by their maps."),
        _("A loss that is not a number means overflow. If it is below 0: by hundreds, or not "
          "below −1? If it is high and flat: is any probability below one half? If it falls as "
          "it should: does the map show noise, too few walls, or a slice that came out too "
          "dark or too bright?"),
        _("C overflows. G falls far below 0 and D not below −1. B and F are flat, and F's map "
          "has nothing below one half. A, E and H learn: A predicts noise, and E finds too few "
          "walls."),
    ),
    due=_("a dictionary: letter -> diagnosis, in the words of the list"),
    same=_same_names,
    worth=_("You can now tell these eight apart by their curves and maps, even when the "
            "training code raises no error."),
)  # fmt: skip


# ------------------------------------------------------------------------------- core: fix it
def prepare(image, mask, size):
    x = F.interpolate(image.float(), size, mode="bilinear", antialias=True) / 65535
    target = F.interpolate(mask.float(), size, mode="nearest") // 255
    return x, target


def raw_batches(rng: random.Random) -> Iterator[tuple]:
    """(image int32 of 16 bits, mask uint8 of 0 and 255, size); one pixel is overexposed.

    Each size is 1, 1.5, 2, 2.5 or 4 times smaller, so that the nearest pixel does not hang on
    rounding.
    """
    fixed = ((1, 8, 8, 4, 4), (2, 8, 12, 4, 6), (3, 6, 10, 4, 4), (1, 10, 5, 4, 5),
             (2, 4, 8, 4, 2), (1, 12, 6, 3, 6), (2, 6, 6, 6, 6), (1, 4, 15, 1, 10))  # fmt: skip
    for batch, height, width, *size in fixed:
        yield *_raw(rng, batch, height, width), tuple(size)
    image, mask = _raw(rng, 2, 8, 10)
    yield strided(image), strided(mask), (4, 4)
    yield 0 * image + 100, 0 * mask, (4, 5)  # dark, and no wall
    yield 0 * image + 65535, 0 * mask + 255, (8, 5)
    while True:
        height, width = (4 * rng.randint(1, 3) for _axis in "yx")
        yield *_raw(rng, rng.randint(1, 2), height, width), (height // 2, width // 2)


def _raw(rng: random.Random, batch: int, height: int, width: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(rng.randrange(2**31))
    image = torch.randint(0, 65536, (batch, 1, height, width), generator=generator)
    image.view(-1)[rng.randrange(image.numel())] = 65535
    mask = 255 * torch.randint(0, 2, image.shape, generator=generator)
    mask[0, 0, 0, :2] = torch.tensor([0, 255])  # an edge that bilinear blurs
    return image.int(), mask.to(torch.uint8)


def float32_pair(got: Any, expected: Any) -> str:
    """Two results, both right and both float32."""
    if words := agree(got, expected):
        return words
    for name, part in zip(("x", "target"), got, strict=True):
        if (dtype := as_array(part).dtype) != np.float32:
            return _("{name} has the right values, but of type {dtype}; due is float32").format(
                name=name, dtype=dtype
            )
    return ""


def _parts(got: Any, due: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    """(got, due) of x and of the target."""
    return [(as_array(one), as_array(other)) for one, other in zip(got, due, strict=True)]


def _part(
    number: int, test: Callable[[np.ndarray, np.ndarray], Any]
) -> Callable[[dict, Any, Any], bool]:
    """A symptom of x (0) or of the target (1), where their sizes are right and it is wrong."""

    def shows(case: dict, got: Any, due: Any) -> bool:
        one, other = _parts(got, due)[number]
        wrong = one.shape == other.shape and not close(one, other).all()
        return bool(wrong and test(one.astype(float), other.astype(float)))

    return shows


def _sizes(case: dict, got: Any, due: Any) -> bool:
    return any(one.shape[-2:] != other.shape[-2:] for one, other in _parts(got, due))


def _swapped_sizes(case: dict, got: Any, due: Any) -> bool:
    return all(one.shape[-2:] == other.shape[:-3:-1] for one, other in _parts(got, due))


def _variant(half=False, at_255=False, mode="nearest"):
    """The function with some of its lines broken."""

    def prepare(image, mask, size):
        grey = image.half().float() if half else image.float()
        x = F.interpolate(grey, size, mode="bilinear", antialias=True) / 65535
        soft = {"antialias": True} if mode == "bilinear" else {}
        target = F.interpolate(mask.float(), size, mode=mode, **soft)
        return x, target if at_255 else target // 255

    return prepare


def _soft(image, mask, size):
    x, _target = prepare(image, mask, size)
    return x, F.interpolate(mask.float(), size, mode="bilinear", antialias=True) / 255


def _without_antialias(image, mask, size):
    _x, target = prepare(image, mask, size)
    return F.interpolate(image.float(), size, mode="bilinear") / 65535, target


def _scaled(x: np.ndarray, due: np.ndarray) -> bool:
    """All values of each image times the same number, and that is not 1."""
    with np.errstate(all="ignore"):
        ratio = np.where(due > 1e-3, x / due, np.nan).reshape(len(x), -1)
    spread = np.nanmax(ratio, axis=1) - np.nanmin(ratio, axis=1)
    return bool((spread < 1e-3).all() and np.nanmax(np.abs(ratio - 1)) > 1e-3)


def _image_nearest(image, mask, size):
    _x, target = prepare(image, mask, size)
    return F.interpolate(image.float(), size, mode="nearest") / 65535, target


core = Exercise(
    name="15.prepare",
    task=_("Fix three lines: return x from 0 to 1 and a target of 0 and 1, both of `size`."),
    reference=prepare,
    mistakes=(
        Mistake("as it was", _variant(half=True, at_255=True, mode="bilinear"), _(
            "All three are still wrong: float16, the interpolation of the mask, and 255.")),
        Mistake("still in half precision", _variant(half=True), _(
            "The target is right. But x is still computed in float16, which ends at 65504, and "
            "an overexposed pixel has 65535.")),
        Mistake("still at 255", _variant(at_255=True), _(
            "Your target contains 255. A class is a label, 0 or 1, not a grey value.")),
        Mistake("still bilinear", _variant(mode="bilinear"), _(
            "The mask is still blurred before it becomes 0 and 1, and that loses walls. "
            "Between 0 and 255 there is no class: take the nearest pixel.")),
        Mistake("a soft target", _soft, _(
            "Your target holds values such as 0.5, between two classes. Take the nearest pixel "
            "of the mask, so that there is only 0 and 1.")),
        Mistake("the image by nearest, too", _image_nearest, _(
            "The mask is right now, but you changed the image's interpolation, too. An image "
            "holds amounts, and their mean makes sense: keep bilinear there.")),
        Mistake("without antialias", _without_antialias, _(
            "The target is right, and x is nearly so: `antialias=True` is missing. It wasn't a "
            "fault, and without it bilinear shrinking skips pixels.")),
    ),
    symptoms=(
        Symptom("exchanged", lambda case, got, due: not agree(list(got)[::-1], due), _(
            "x and the target have changed places: return x first, then the target.")),
        Symptom("size turned round", _swapped_sizes, _(
            "Height and width have changed places. `size` is (height, width), in the order "
            "that F.interpolate takes.")),
        Symptom("size", _sizes, _(
            "Your results do not have the size that is asked for: `size` is not always half of "
            "the image, and height and width may shrink differently.")),
        Symptom("not divided", _part(0, lambda x, due: close(x / 65535, due).all()), _(
            "x is not divided: 16 bits go up to 65535, and x should go from 0 to 1.")),
        Symptom("divided by 255", _part(0, lambda x, due: close(x * 255 / 65535, due).all()), _(
            "x is divided by 255. The image has 16 bits, which go up to 65535.")),
        Symptom("around 0", _part(0, lambda x, due: close(x + 0.5, due).all()), _(
            "x goes from −0.5 to 0.5. The exercise asks for 0 to 1.")),
        Symptom("few digits", _part(0, lambda x, due: np.allclose(x, due, rtol=0.02, atol=1e-3)
            and not _scaled(x, due)), _(
            "x is right to two or three digits only. A type of 16 bits, or rounding, loses the "
            "others: compute it in float32.")),
        Symptom("own scale", _part(0, _scaled), _(
            "x is scaled by something other than 65535, such as the largest value of the "
            "batch. Then the same grey becomes another number in every batch.")),
        Symptom("x is infinite", _part(0, lambda x, due: not np.isfinite(x).all()), _(
            "x is not finite where a pixel is overexposed: float16 ends at 65504, and such a "
            "pixel has 65535.")),
        Symptom("target of 255", _part(1, lambda t, due: t.max() > 1), _(
            "Your target has values above 1. The classes are 0 and 1, and a mask's 255 "
            "means class 1.")),
        Symptom("classes exchanged", _part(1, lambda t, due: close(1 - t, due).all()), _(
            "In your target 0 and 1 have changed places: 255 becomes 1.")),
        Symptom("between the classes", _part(1, lambda t, due: not np.isin(t, (0, 1)).all()), _(
            "Your target holds values between 0 and 1, and there is no class between two "
            "classes. Take the nearest pixel of the mask.")),
        Symptom("other pixels", _part(1, lambda t, due: True), _(
            'Your target holds 0 and 1 only, but not where `mode="nearest"` has them: the mask '
            'was blurred before, or other pixels were picked.')),
        Symptom("types", lambda case, got, due: not agree(got, due), _(
            "All values are right, but the type is not: x and the target should both be "
            "float32, because the loss computes with both.")),
    ),
    hints=(
        _("Follow a pixel of 65535 and a mask of 255 through the lines. Which line makes "
          "infinity, which one makes values between two classes, and which one leaves a class "
          "that does not exist?"),
        _("Convert the image by `image.float()` alone, without `.half()`. Resize the mask with "
          "`mode=\"nearest\"`, which picks pixels and needs no antialias. Then make 255 a 1 "
          "by `// 255`."),
        _("target = F.interpolate(mask.float(), size, mode=\"nearest\") // 255, and x is the "
          "line as it was, except for `.half()`."),
    ),
    due=_("two tensors (x, target), float32 (B, 1, *size)"),
    cases=raw_batches,
    count=20,
    same=float32_pair,
    worth=_("Whatever camera or drawing program a batch comes from, what your network sees is "
            "finite, from 0 to 1, and its target holds classes only."),
)  # fmt: skip


# ------------------------------------------------------------------------- stretch: prevent it
def checks(image, mask, logits):
    wrong = set()
    if image.shape != mask.shape or mask.shape != logits.shape:
        wrong.add("shapes differ")
    if not image.isfinite().all():
        wrong.add("image not finite")
    if not ((mask == 0) | (mask == 1)).all():
        wrong.add("mask not 0 or 1")
    if not logits.isfinite().all():
        wrong.add("logits not finite")
    if (logits >= 0).all():
        wrong.add("logits never negative")
    return wrong


def _pixel_by_pixel(image, mask, logits):
    """The specification: every number looked at."""
    values = {name: [float(v) for v in t.flatten()] for name, t in
              (("image", image), ("mask", mask), ("logits", logits))}  # fmt: skip
    wrong = set()
    if len({tuple(image.shape), tuple(mask.shape), tuple(logits.shape)}) > 1:
        wrong.add("shapes differ")
    for name in ("image", "logits"):
        if any(v != v or abs(v) == float("inf") for v in values[name]):
            wrong.add(f"{name} not finite")
    if any(v not in (0.0, 1.0) for v in values["mask"]):
        wrong.add("mask not 0 or 1")
    if sum(v >= 0 for v in values["logits"]) == len(values["logits"]):
        wrong.add("logits never negative")
    return wrong


# What can be wrong with an image, a mask, logits; shapes that differ in one of the three.
IMAGES = {"inf": float("inf"), "-inf": float("-inf"), "nan": float("nan")}
MASKS = {"255": (0, 255), "half": (0, 1, 0.5), "minus": (-1, 1), "two": (0, 1, 2),
         "only 255": (255,), "nearly": (0, 0.999), "faint": (0, 1e-3)}  # fmt: skip
LOGITS = {"relu": 0.0, "zeros": 0.0, "positive": 0.3}
SHAPES = {"wide": (2, 1, 3, 8), "high": (2, 1, 6, 4), "turned": (2, 1, 4, 3),
          "one": (1, 1, 3, 4), "channels": (2, 2, 3, 4)}  # fmt: skip


def _batch(
    seed: int, image: str = "", mask: str = "", logits: str = "", not_finite: str = "",
    shapes: tuple[str, ...] = ("", "", ""), classes: tuple[int, ...] = (0, 1),
) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """A batch of two, with these faults; what is wrong stands somewhere inside."""
    generator = torch.Generator().manual_seed(seed)
    sizes = [SHAPES.get(name, (2, 1, 3, 4)) for name in shapes]
    x, z = (torch.randn(size, generator=generator) for size in (sizes[0], sizes[2]))
    values = torch.tensor(MASKS.get(mask, classes), dtype=torch.float32)
    m = values[torch.randint(0, len(values), sizes[1], generator=generator)]
    m.view(-1)[1 : 1 + len(values)] = values
    if image:
        x[-1, 0, 0, 1] = IMAGES[image]
    z = z.clamp(-0.8, 3)
    if logits:
        z = z.abs() + LOGITS[logits] if logits == "positive" else z.relu()
        z = 0 * z if logits == "zeros" else z
    else:  # one pixel at least says no, and it is not the first
        z[-1, 0, -1, -1] = -0.5
    if not_finite:
        z[0, 0, 1, 2] = IMAGES[not_finite]
    return x, m, z


def batches(rng: random.Random) -> Iterator[tuple]:
    """(image, mask, logits): healthy ones, one of each fault, then several at once."""
    yield _batch(0)
    for classes in ((0,), (1,)):  # a mask without wall, or of nothing else, is in order
        yield _batch(1, classes=classes)
    one = torch.full((1, 1, 1, 1), -1.0)
    yield one, 0 * one, one
    healthy = _batch(3)
    yield healthy[0], healthy[1], -healthy[2].abs() - 0.1  # all negative
    few = healthy[2].abs()
    few[0, 0, 0, 1] = -1e-3
    yield healthy[0], healthy[1], few  # one, and hardly, negative
    yield 1000 * healthy[0], healthy[1], 1000 * healthy[2]
    yield tuple(map(strided, healthy))
    yield from (_batch(4, image=fault) for fault in IMAGES)
    yield from (_batch(5, mask=fault) for fault in MASKS)
    yield from (_batch(7, logits=fault) for fault in LOGITS)
    yield from (_batch(8, not_finite=fault) for fault in IMAGES)
    for fault, place in itertools.product(SHAPES, range(3)):
        yield _batch(9, shapes=tuple(fault if i == place else "" for i in range(3)))
    yield _batch(10, shapes=("wide", "wide", "wide"))  # not alike before, and alike now
    yield _batch(11, "nan", "255", "relu", shapes=("", "", "wide"))
    yield _batch(12, "inf", "half", "", "nan")
    while True:
        shapes = ["", "", ""]
        if rng.random() < 0.3:
            shapes[rng.randrange(3)] = rng.choice(list(SHAPES))
        logits, not_finite = rng.choice([("", ""), (rng.choice(list(LOGITS)), ""),
                                         ("", rng.choice(list(IMAGES)))])  # fmt: skip
        image, mask = (rng.choice(["", rng.choice(list(t))]) for t in (IMAGES, MASKS))
        yield _batch(rng.randrange(1000), image, mask, logits, not_finite, tuple(shapes))


def _instead(name: str, test):
    """The checks with one of them done otherwise."""

    def changed(image, mask, logits):
        wrong = checks(image, mask, logits) - {name}
        return wrong | {name} if test(image, mask, logits) else wrong

    return changed


NAMES = ("shapes differ", "image not finite", "mask not 0 or 1", "logits not finite",
         "logits never negative")  # fmt: skip


def _only_the_first(image, mask, logits):
    found = checks(image, mask, logits)
    return {next(name for name in NAMES if name in found)} if found else set()


def _differ_in(
    *names: str, missing: bool = False, extra: bool = False
) -> Callable[[dict, Any, set], bool]:
    """Whether the sets differ in these names alone, and these are missing, or too many."""

    def shows(case: dict, got: Any, due: set) -> bool:
        got, due = frozenset(plain(got)), frozenset(due)
        return (got ^ due) <= {*names} and not (
            (missing and got - due) or (extra and due - got)
        )

    return shows


stretch = Exercise(
    name="15.checks",
    task=_("Return the set of all that is wrong with a batch and its logits."),
    reference=checks,
    mistakes=(
        Mistake("only above 1",
            _instead("mask not 0 or 1", lambda image, mask, logits: bool(mask.max() > 1)), _(
            "You find 255, but not 0.5 or −1. Such values come from interpolation, or from a "
            "program's own mark: compare each pixel with 0 and with 1.")),
        Mistake("only NaN", _instead(
                "image not finite", lambda image, mask, logits: bool(image.isnan().any())
            ), _(
            "You find NaN in the image, but not infinity, which comes first. `torch.isfinite` "
            "knows both.")),
        Mistake("above 0 only", _instead(
                "logits never negative", lambda image, mask, logits: bool((logits > 0).all())
            ), _(
            "After a ReLU many logits are exactly 0, and you miss those. Ask whether all are 0 "
            "**or** more.")),
        Mistake("only image and mask", _instead(
                "shapes differ", lambda image, mask, logits: image.shape != mask.shape
            ), _(
            "Image and mask agree, but the logits have a shape, too.")),
        Mistake("only the first", _only_the_first, _(
            "You stop at the first thing that is wrong. Collect them all in a set.")),
    ),
    symptoms=(
        Symptom("no set", lambda case, got, due: not isinstance(plain(got), frozenset), _(
            "Return a set, even if nothing or only one thing is wrong: begin with `wrong = "
            "set()`, and add each name with `wrong.add(...)`.")),
        Symptom("other words", lambda case, got, due: bool(frozenset(plain(got)) - {*NAMES}), _(
            "Your set holds a name that is not one of the five. Compare them letter by letter "
            "with those in the exercise.")),
        Symptom("shapes missed", _differ_in("shapes differ", missing=True), _(
            "You miss shapes that differ. Compare the whole shapes of all three tensors: (2, "
            "1, 3, 4) and (2, 1, 4, 3) hold equally many numbers, and image and mask may agree "
            "where the logits do not.")),
        Symptom("shapes invented", _differ_in("shapes differ", extra=True), _(
            'You report "shapes differ" for three tensors of one shape.')),
        Symptom("finite missed",
            _differ_in("image not finite", "logits not finite", missing=True), _(
            "You miss values that are not finite. NaN, ∞ and −∞ all count, wherever they are: "
            "`torch.isfinite` knows all three.")),
        Symptom("finite invented",
            _differ_in("image not finite", "logits not finite", extra=True), _(
            'You report "not finite" where all values are ordinary numbers: large ones are '
            'finite, too. And do you look at image and logits each on its own?')),
        Symptom("mask missed", _differ_in("mask not 0 or 1", missing=True), _(
            "You miss masks with other values than 0 and 1. 255, 2, −1, 0.5 and 0.999 are all "
            "neither, even in a single pixel: compare each pixel with 0 and with 1.")),
        Symptom("mask invented", _differ_in("mask not 0 or 1", extra=True), _(
            'You report "mask not 0 or 1" for a mask that is in order. It may be all 0, or all '
            '1: each **pixel** has to be 0 or 1.')),
        Symptom("negative invented", _differ_in("logits never negative", extra=True), _(
            'You report "logits never negative" where some are negative. A single one, '
            'wherever it is, shows that there is no ReLU behind them.')),
        Symptom("negative missed", _differ_in("logits never negative", missing=True), _(
            "You miss logits of which none is negative. All 0 or more counts, also where all "
            "are exactly 0, or all above 0.")),
        Symptom("negative", _differ_in("logits never negative"), _(
            '"logits never negative" applies if every logit is 0 or more. You report it for '
            "other batches, but not for these.")),
        Symptom("some missed", _differ_in(*NAMES, missing=True), _(
            "All that you report is right, but something is missing. Ask each of the five "
            "questions whatever the others said: no `elif`, and no early `return`.")),
        Symptom("some invented", _differ_in(*NAMES, extra=True), _(
            "Your set contains all that is wrong, but also something that isn't. Is it "
            "empty at the start of each call?")),
    ),
    hints=(
        _("Take the five names one by one. Which question about a tensor can you answer with "
          "yes exactly when the name applies?"),
        _("Begin with wrong = set(), and write five times: if …: wrong.add(\"…\"). Comparing "
          "shapes, `isfinite()`, `==`, `>=` and `.all()` are all that you need."),
        _("For the mask, not ((mask == 0) | (mask == 1)).all() finds 255 as well as 0.5. For "
          "the logits, (logits >= 0).all() finds the ReLU."),
    ),
    due=_("a set of names; empty if nothing is wrong"),
    cases=batches,
    count=60,
    worth=_("Call it on every batch from now on: it takes milliseconds. It would have stopped "
            "F and G at the start, and C at its first overexposed pixel."),
    specification=_pixel_by_pixel,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
