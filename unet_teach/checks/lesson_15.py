"""Lesson 15: name what the patients have, mend three lines, and check a batch beforehand."""

from __future__ import annotations

import random
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional as F

from unet_teach.checks.exercise import Exercise, Mistake
from unet_teach.inspection.clinic import PATIENTS
from unet_teach.translation import _


# ------------------------------------------------------------------------------ easy: name it
def diagnoses():
    return {letter: patient.diagnosis for letter, patient in PATIENTS.items()}


def _swapped(one: str, other: str) -> dict[str, str]:
    """The right diagnoses, two of them exchanged."""
    found = diagnoses()
    places = {name: letter for letter, name in found.items()}
    found[places[one]], found[places[other]] = other, one
    return found


easy = Exercise(
    name="15.name_it",
    task=_("Give each patient, A to H, its diagnosis."),
    reference=diagnoses,
    mistakes=(
        Mistake(
            "255 and Dice", _swapped("mask at 255", "Dice over 1"),
            _("Two losses fall below 0. The one of a Dice over 1 cannot fall below −1, since "
              "that Dice ends at 2. Which one falls by hundreds?"),
        ),
        Mistake(
            "eval and batch of one", _swapped("eval() forgotten", "batch norm at batch 1"),
            _("Two patients learn well and predict worse. One of them answers with noise, "
              "pixel by pixel: something is still thrown away at random."),
        ),
        Mistake(
            "shuffled and ReLU",
            _swapped("image and mask shuffled apart", "ReLU after the last 1×1"),
            _("Both losses stay high. Look at the smallest value of their maps: after a ReLU "
              "no logit is below 0, and no probability below one half."),
        ),
        Mistake(
            "shuffled and resized",
            _swapped("image and mask shuffled apart", "mask resized bilinearly"),
            _("Both call almost nothing a wall. But one of them has a low loss: it has "
              "learned its masks well, and the masks hold hardly a wall."),
        ),
    ),
    hints=(
        _("Sort by the loss first: not a number, below 0, high and flat, falling as it "
          "should. Then look at the maps."),
        _("Not a number: overflow. Below 0: by hundreds, or to −1? High and flat: is "
          "anything below one half? Falling as it should: noise, thin walls, or a wrong "
          "brightness?"),
        _("C overflows. Far below 0 is G, down to −1 is D. Flat: B, and F with nothing below "
          "one half. A, E and H learn: A answers with noise, E sees too few walls."),
    ),
    due=_("a dictionary: letter -> diagnosis, in the words of the list"),
)  # fmt: skip


# ------------------------------------------------------------------------------- core: fix it
def prepare(image, mask, size):
    x = F.interpolate(image.float(), size, mode="bilinear", antialias=True) / 65535
    target = F.interpolate(mask.float(), size, mode="nearest") // 255
    return x, target


def raw_batches(rng: random.Random) -> Iterator[tuple]:
    """(image int32 of 16 bits, mask uint8 of 0 and 255, size); one pixel is overexposed."""
    while True:
        generator = torch.Generator().manual_seed(rng.randrange(2**31))
        height, width = (4 * rng.randint(1, 3) for _axis in "yx")
        batch = rng.randint(1, 2)
        image = torch.randint(0, 65536, (batch, 1, height, width), generator=generator)
        image.view(-1)[rng.randrange(image.numel())] = 65535
        mask = 255 * torch.randint(0, 2, image.shape, generator=generator)
        mask[0, 0, 0, :2] = torch.tensor([0, 255])  # an edge that bilinear blurs
        yield image.int(), mask.to(torch.uint8), (height // 2, width // 2)


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


def _image_nearest(image, mask, size):
    _x, target = prepare(image, mask, size)
    return F.interpolate(image.float(), size, mode="nearest") / 65535, target


core = Exercise(
    name="15.fix_it",
    task=_("Mend three lines: give x from 0 to 1 and a target of 0 and 1, both of `size`."),
    reference=prepare,
    mistakes=(
        Mistake(
            "as it was", _variant(half=True, at_255=True, mode="bilinear"),
            _("All three are still broken: float16, the mask's interpolation, and 255."),
        ),
        Mistake(
            "still in half precision", _variant(half=True),
            _("The target is right. But float16 ends at 65504, and an overexposed pixel has "
              "65535."),
        ),
        Mistake(
            "still at 255", _variant(at_255=True),
            _("Your target holds 255. A class is a name, 0 or 1."),
        ),
        Mistake(
            "still bilinear", _variant(mode="bilinear"),
            _("A mask holds names, not amounts. Between 0 and 255 there is no class: take "
              "the nearest pixel."),
        ),
        Mistake(
            "a soft target", _soft,
            _("Divided by 255 a blurred mask holds values such as 0.5. Take the nearest "
              "pixel, so that there is only 0 and 1."),
        ),
        Mistake(
            "the image by nearest, too", _image_nearest,
            _("The mask is right now, but you changed the image's interpolation too: an "
              "image holds amounts, there bilinear is right."),
        ),
    ),
    hints=(
        _("Which line gives infinity, which one values between two classes, and which one a "
          "class that does not exist?"),
        _("`image.float()` in place of `.half()`, `mode=\"nearest\"` for the mask, and "
          "`// 255`."),
        _("target = F.interpolate(mask.float(), size, mode=\"nearest\") // 255"),
    ),
    due=_("two tensors (x, target), float32 (B, 1, *size)"),
    cases=raw_batches,
    count=20,
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


FAULTS = ("255", "bilinear", "inf", "nan", "relu", "overflow", "wide image", "wide logits")


def _batch(faults: tuple[str, ...], seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """A batch of two, with these faults."""
    generator = torch.Generator().manual_seed(seed)
    image, logits = torch.randn(2, 2, 1, 3, 4, generator=generator)
    mask = torch.randint(0, 2, image.shape, generator=generator).float()
    logits = logits.clamp(-0.8, 3)
    logits[0, 0, 0, 0], mask[0, 0, 0, :2] = -0.5, torch.tensor([0.0, 1.0])
    for fault in faults:
        if fault == "255":
            mask = 255 * mask
        elif fault == "bilinear":
            mask = mask.clone()
            mask[0, 0, 1, 1] = 0.5
        elif fault in ("inf", "nan"):
            image[1, 0, 0, 0] = float(fault)
        elif fault == "relu":
            logits = logits.relu()
        elif fault == "overflow":
            logits[0, 0, 2, 3] = float("inf")
        elif fault == "wide image":
            image = image.repeat(1, 1, 1, 2)
        elif fault == "wide logits":
            logits = logits.repeat(1, 1, 2, 1)
    return image, mask, logits


def batches(rng: random.Random) -> Iterator[tuple]:
    """(image, mask, logits): a healthy one, one of each fault, then several at once."""
    yield _batch((), 0)
    for fault in FAULTS:
        yield _batch((fault,), rng.randrange(1000))
    while True:
        count = rng.randint(0, 3)
        yield _batch(tuple(rng.sample(FAULTS, count)), rng.randrange(1000))


def _instead(name: str, test):
    """The checks with one of them done otherwise."""

    def my_checks(image, mask, logits):
        wrong = checks(image, mask, logits) - {name}
        return wrong | {name} if test(image, mask, logits) else wrong

    return my_checks


def _only_the_first(image, mask, logits):
    names = ("shapes differ", "image not finite", "mask not 0 or 1", "logits not finite",
             "logits never negative")  # fmt: skip
    found = checks(image, mask, logits)
    return {next(name for name in names if name in found)} if found else set()


stretch = Exercise(
    name="15.prevent_it",
    task=_("Give the set of all that is wrong with a batch and its logits."),
    reference=checks,
    mistakes=(
        Mistake(
            "only above 1",
            _instead("mask not 0 or 1", lambda image, mask, logits: bool(mask.max() > 1)),
            _("You find 255, but not 0.5: a mask that was interpolated. Compare each pixel "
              "with 0 and with 1."),
        ),
        Mistake(
            "only NaN",
            _instead(
                "image not finite", lambda image, mask, logits: bool(image.isnan().any())
            ),
            _("You find NaN in the image, but not infinity, which comes first. "
              "`torch.isfinite` knows both."),
        ),
        Mistake(
            "above 0 only",
            _instead(
                "logits never negative", lambda image, mask, logits: bool((logits > 0).all())
            ),
            _("After a ReLU many logits are exactly 0. Ask whether all are 0 **or** more."),
        ),
        Mistake(
            "only image and mask",
            _instead(
                "shapes differ", lambda image, mask, logits: image.shape != mask.shape
            ),
            _("Image and mask agree, but the logits have a shape, too."),
        ),
        Mistake(
            "only the first", _only_the_first,
            _("You stop at the first thing that is wrong. Collect them all in a set."),
        ),
    ),
    hints=(
        _("For each of the five names: which question to a tensor has the answer yes only "
          "where it applies?"),
        _("wrong = set(); then five times: if …: wrong.add(\"…\"). `isfinite()`, `==`, `>=` "
          "and `.all()` are enough."),
        _("not ((mask == 0) | (mask == 1)).all() finds 255 and 0.5 alike; (logits >= 0).all() "
          "finds the ReLU."),
    ),
    due=_("a set of names; empty where all is well"),
    cases=batches,
    specification=_pixel_by_pixel,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
