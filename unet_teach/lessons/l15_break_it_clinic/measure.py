"""Eight patients: one training loop, eight lines that can be broken. Lesson 15.

Read `treat` from top to bottom. Wherever it says ``if ill == …`` the broken line stands
above the fixed one, and everything else is the same for both.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach.comparisons import load_table
from unet_teach.config import UNetConfig
from unet_teach.data.membranes import MembraneConfig, synthetic_membranes
from unet_teach.models.unet import UNet
from unet_teach.progress import progress
from unet_teach.tiling import with_gradients
from unet_teach.translation import _

BRIGHT = 65535  # what a pixel of 16 bits reaches
CROP, SHRINK = 128, 2  # pixels of a crop's side; it is shrunk by this factor
TRAIN, HELD_OUT, TISSUE = 8, 2, 51  # slices, each of its own tissue; the first seed
NETWORK = UNetConfig(out_channels=1, base_channels=6, depth=2, padding="same",
                     batch_norm=True)  # fmt: skip
EXPOSURE = (0.3, 1.19)  # of the darkest and the brightest slice
ORDER = [3, 6, 1, 8, 4, 9, 0, 7, 2, 5]  # darkest 0, brightest 9, by slice
EASY = MembraneConfig(
    mitochondria=0.0, vesicles=0.0, synapses=0.0, dense=0.0, wall_contrast=(1.2, 1.4),
    grain=(0.1, 0.15), noise_clean=(0.02, 0.05), density=(0.02, 0.05), shading=(0.02, 0.04),
)  # fmt: skip
LR = 0.02  # the highest of a one-cycle schedule
GROUPS = 6  # of the group norm: with two, some seeds learned nothing
NUMBERS = range(3, 3 + TRAIN)  # in the names of the training slices' files
DROPOUT = 0.6  # of the maps before the last 1×1


@dataclass(frozen=True)
class Patient:
    """One failure: its line, broken and fixed, and the setting in which it hurts."""

    diagnosis: str
    broken: str  # the line, as it stands in `treat`
    fixed: str
    loss: str = "cross-entropy"  # or "dice"
    batch: int = 4


# The order is that of the wards' beds: nothing can be told from it.
PATIENTS = {
    "A": Patient(
        "eval() forgotten",
        "model.train()  # as training left it",
        "model.eval()",
    ),
    "B": Patient(
        "image and mask shuffled apart",
        "order = sorted(NUMBERS, key=str)  # as text, where 10 comes before 3",
        "order = sorted(NUMBERS)",
    ),
    "C": Patient(
        "half-precision overflow",
        "grey = image.half().float()  # float16 ends at 65504",
        "grey = image.float()",
    ),
    "D": Patient(
        "Dice over 1",
        "dice = 2 * (p * target).sum() / target.sum()",
        "dice = 2 * (p * target).sum() / (p.sum() + target.sum())",
        loss="dice",
    ),
    "E": Patient(
        "mask resized bilinearly",
        'mask = smaller(mask, "bilinear")',
        'mask = smaller(mask, "nearest")',
    ),
    "F": Patient(
        "ReLU after the last 1×1",
        "logits = model(x).relu()",
        "logits = model(x)",
    ),
    "G": Patient(
        "mask at 255",
        "target = mask.float()",
        "target = (mask // 255).float()",
    ),
    "H": Patient(
        "batch norm at batch 1",
        "model = network()",
        "model = with_group_norm(network())",
        batch=1,
    ),
}


@dataclass(frozen=True)
class Chart:
    """What a run leaves behind."""

    losses: tuple[float, ...]  # by step; NaN and infinity as they came
    score: float  # Dice of the walls, on tissue that was not trained on
    probability: np.ndarray  # (H, W) of the first held-out slice: how sure of a wall


@lru_cache(maxsize=1)
def ward() -> tuple[Tensor, Tensor]:
    """Micrographs of 16 bits, int32 (N, 1, H, W), and masks, uint8: 255 on walls, 0 inside.

    Each slice has an exposure of its own, from half to full: one microscope, ten days.
    """
    slices = [
        synthetic_membranes(1, size=256, seed=TISSUE + i, config=EASY)
        for i in range(TRAIN + HELD_OUT)
    ]
    exposure = np.linspace(*EXPOSURE, TRAIN + HELD_OUT)[ORDER][:, None, None]
    grey = np.stack([tissue.images[0] for tissue in slices])
    pixels = np.minimum(np.rint(grey * exposure * (BRIGHT / 255)), BRIGHT).astype(np.int32)
    walls = np.stack([tissue.labels[0] == 0 for tissue in slices]).astype(np.uint8) * 255
    return torch.from_numpy(pixels)[:, None], torch.from_numpy(walls)[:, None]


@with_gradients()
def treat(letter: str, broken: bool, seed: int = 0, steps: int = 100) -> Chart:
    """Train one patient, with its line broken or fixed, and examine it.

    Examples
    --------
    >>> chart = treat("G", broken=True, steps=2)
    >>> chart.losses[-1] < 0  # no cross-entropy is negative
    True
    """
    patient = PATIENTS[letter]
    ill = patient.diagnosis if broken else ""
    torch.manual_seed(seed)
    images, masks = (each[:TRAIN] for each in ward())
    if ill == "image and mask shuffled apart":
        order = sorted(NUMBERS, key=str)  # as text, where 10 comes before 3
    else:
        order = sorted(NUMBERS)
    masks = masks[[number - NUMBERS[0] for number in order]]  # the images are in order

    if patient.batch > 1 or ill == "batch norm at batch 1":
        model = network()
    else:
        model = with_group_norm(network())

    optimizer, losses = torch.optim.Adam(model.parameters()), []
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LR, total_steps=steps)
    for _step in progress(range(steps)):
        image, mask = crops(images, masks, patient.batch)

        if ill == "half-precision overflow":
            grey = image.half().float()  # float16 ends at 65504
        else:
            grey = image.float()
        x = smaller(grey, "bilinear") / BRIGHT - 0.5  # (B, 1, H, W)

        if ill == "mask resized bilinearly":
            mask = smaller(mask, "bilinear")
        else:
            mask = smaller(mask, "nearest")

        if ill == "mask at 255":
            target = mask.float()
        else:
            target = (mask // 255).float()

        if ill == "ReLU after the last 1×1":
            logits = model(x).relu()
        else:
            logits = model(x)  # (B, 1, H, W), one logit: above 0 means wall

        if patient.loss == "cross-entropy":
            loss = F.binary_cross_entropy_with_logits(logits, target)
        else:
            p = logits.sigmoid()
            if ill == "Dice over 1":
                dice = 2 * (p * target).sum() / target.sum()
            else:
                dice = 2 * (p * target).sum() / (p.sum() + target.sum())
            loss = 1 - dice

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())

    if ill == "eval() forgotten":
        model.train()  # as training left it
    else:
        model.eval()
    score, probability = examine(model, relu=ill == "ReLU after the last 1×1")
    return Chart(tuple(losses), score, probability)


def examine(model: nn.Module, relu: bool = False) -> tuple[float, np.ndarray]:
    """Dice of the walls on the held-out slices, and what the model sees in the first."""
    images, masks = (each[TRAIN:] for each in ward())
    x = smaller(images.float(), "bilinear") / BRIGHT - 0.5
    truth = smaller(masks, "nearest") == 255
    with torch.no_grad():  # one slice at a time, as one predicts
        logits = torch.cat([model(piece) for piece in x.split(1)])
    p = (logits.relu() if relu else logits).sigmoid()
    wall = p >= 0.5  # NaN is not
    both = (wall & truth).sum().item()
    return 2 * both / (wall.sum() + truth.sum()).item(), p[0, 0].numpy()


def crops(images: Tensor, masks: Tensor, batch: int) -> tuple[Tensor, Tensor]:
    """A batch of random pieces, the same of image and mask: (B, 1, CROP, CROP) each."""
    last = images.shape[-1] - CROP + 1
    places = [
        (int(torch.randint(len(images), ())), *torch.randint(last, (2,)).tolist())
        for _piece in range(batch)
    ]
    return tuple(
        torch.stack([stack[i, :, y : y + CROP, x : x + CROP] for i, y, x in places])
        for stack in (images, masks)
    )


def smaller(stack: Tensor, mode: str) -> Tensor:
    """Shrunk by `SHRINK`, in the type it came in. "bilinear" means over the pixels around.

    Examples
    --------
    >>> edge = torch.tensor([0, 0, 0, 255, 255, 255, 255, 255]).repeat(2, 1)[None, None]
    >>> smaller(edge, "nearest").flatten().tolist()
    [0, 0, 255, 255]
    """
    size = [n // SHRINK for n in stack.shape[-2:]]
    soft = {"antialias": True, "align_corners": False} if mode == "bilinear" else {}
    return F.interpolate(stack.float(), size, mode=mode, **soft).to(stack.dtype)


def network() -> nn.Module:
    """A small U-Net of one logit, with dropout before its last convolution."""
    model = UNet(NETWORK)
    model.last = nn.Sequential(nn.Dropout(DROPOUT), model.last)
    return model


def with_group_norm(model: nn.Module) -> nn.Module:
    """Each batch norm replaced by a group norm, which needs no batch."""
    for part in model.modules():
        for name, child in part.named_children():
            if isinstance(child, nn.BatchNorm2d):
                setattr(part, name, nn.GroupNorm(GROUPS, child.num_features))
    return model


NAN = 255  # of the saved maps: where the network answered "not a number"


@dataclass(frozen=True)
class Maps:
    """A piece of the first held-out slice, and what each patient makes of it."""

    image: np.ndarray  # uint8 (H, W)
    truth: np.ndarray  # bool (H, W), True on walls
    seen: dict[tuple[str, bool], np.ndarray]  # (letter, broken) -> uint8, 250 is sure, NAN


def as_grey(probability: np.ndarray) -> np.ndarray:
    """Probabilities in steps of 1/50, as uint8 from 0 to 250; `NAN` where there is none.

    Examples
    --------
    >>> as_grey(np.array([0.0, 0.5, 1.0, np.nan])).tolist()
    [0, 125, 250, 255]
    """
    known = ~np.isnan(probability)
    steps = np.rint(50 * np.where(known, probability, 0)) * 5
    return np.where(known, steps, NAN).astype(np.uint8)


def saved_maps() -> Maps:
    """What ``experiments/clinic.py`` left.

    Examples
    --------
    >>> len(saved_maps().seen)
    16
    """
    path = resources.files("unet_teach") / "resources" / "clinic.npz"
    with path.open("rb") as file, np.load(file) as saved:
        seen = {
            (name[0], name.endswith("broken")): saved[name]
            for name in saved.files
            if "_" in name
        }
        return Maps(saved["image"], saved["truth"], seen)


# ---------------------------------------------------------------------------- mixed precision
@dataclass(frozen=True)
class Sixteen:
    """What a run in mixed precision leaves behind."""

    losses: tuple[float, ...]  # by step
    skipped: int  # steps after which the scale was smaller
    zeros: float  # fraction of the first step's gradients that are exactly 0


def plain_step(model: nn.Module, optimizer: Any, loss: Tensor, scale: float) -> None:
    """One training step as everybody writes it; the scale is not used."""
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


@with_gradients()
def patient_i(
    step: Any = plain_step,
    scale: float = 1.0,
    kind: torch.dtype = torch.float16,
    steps: int = 20,
) -> Sixteen:
    """Train two convolutions under autocast; the loss counts for a thousandth.

    Parameters
    ----------
    step : (model, optimizer, loss, scale) -> the next scale, or None where it stays as it is
    scale : of the loss, at first
    kind : of the convolutions' numbers; float32 means without autocast

    Examples
    --------
    >>> ill = patient_i(steps=3)
    >>> ill.zeros, len(set(ill.losses))  # all gradients are 0, and the loss never moves
    (1.0, 1)
    """
    torch.manual_seed(0)
    images, masks = (each[:2] for each in ward())
    x = smaller(images.float(), "bilinear") / BRIGHT - 0.5
    target = (smaller(masks, "nearest") // 255).float()
    model = nn.Sequential(
        nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.Conv2d(8, 1, 5, padding=2)
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=300, momentum=0.5)
    losses, skipped, zeros = [], 0, []
    for _step in range(steps):
        with torch.autocast("cpu", dtype=kind, enabled=kind != torch.float32):
            logits = model(x)
        loss = F.binary_cross_entropy_with_logits(logits.float(), target)
        following = step(model, optimizer, 0.001 * loss, scale)
        skipped += following is not None and following < scale
        scale = scale if following is None else following
        zeros.append(torch.cat([w.grad.flatten() == 0 for w in model.parameters()]))
        losses.append(loss.item())
    return Sixteen(tuple(losses), skipped, zeros[0].float().mean().item())


# ------------------------------------------------------------------------- the last patient
HEALTHY = "healthy"


def letter_of(diagnosis: str) -> str:
    """The letter of the patient who has this; of no other, "".

    Examples
    --------
    >>> letter_of("Dice over 1"), letter_of(HEALTHY)
    ('D', '')
    """
    found = (letter for letter, patient in PATIENTS.items() if patient.diagnosis == diagnosis)
    return next(found, "")


def tenth(seed: int | str) -> tuple[str, Chart]:
    """A patient whom nobody has seen: what it has, and how its training went.

    One of the eight lines is broken, or none is; the seed, a number or a name, decides.
    """
    draw = random.Random(seed)
    name = draw.choice([*DIAGNOSES, HEALTHY])
    return name, treat(letter_of(name) or "A", name != HEALTHY, draw.randrange(1000))


# ----------------------------------------------------------------------------- the clinic
SHOWN = 1  # the seed whose maps were kept
ENTROPY = 0.507  # the loss of knowing only what fraction of the training masks is wall
DIAGNOSES = tuple(sorted(patient.diagnosis for patient in PATIENTS.values()))
FIRST: dict[str, Any] = {"patient": "A", "pin": "", "revealed": False, "ask": ""}


def hints() -> dict[str, str]:
    """By diagnosis: what these words mean, for someone who reads them for the first time."""
    return {
        "eval() forgotten": _(
            "dropout, meant for training, stays on when the network predicts"
        ),
        "image and mask shuffled apart": _("images are paired with the masks of other images"),
        "half-precision overflow": _("a number too large for 16 bits turns into infinity"),
        "Dice over 1": _("the Dice formula leaves out the prediction's area, so it exceeds 1"),
        "mask resized bilinearly": _(
            "shrinking the labels mixes wall and cell into in-betweens"
        ),
        "ReLU after the last 1×1": _("the last layer's negative numbers are set to 0"),
        "mask at 255": _("a wall's target is 255 where the loss expects 1"),
        "batch norm at batch 1": _(
            "training sees one slice at a time and removes its brightness"
        ),
    }


def cases() -> dict[str, tuple[str, str]]:
    """By diagnosis: what you see, and why."""
    return {
        "eval() forgotten": (
            _("The loss is that of a healthy run. The map is full of dots."),
            _("Dropout is still on when the network predicts: at random, it sets 60 % of the "
              "last feature maps' numbers to 0."),
        ),
        "image and mask shuffled apart": (
            _("The loss stays at the class entropy. No pixel is called wall."),
            _("Sorted as text, file 10 comes before file 3, so each image has another's mask. "
              "In 100 steps the network learns only what fraction of the pixels is wall."),
        ),
        "half-precision overflow": (
            _("After some steps the loss is NaN. The map holds no numbers."),
            _("The brightest pixels of a 16-bit image are too large for float16, which ends at "
              "65504. One such pixel is enough to make the loss NaN."),
        ),
        "Dice over 1": (
            _("The loss falls below 0, but never below −1. There is far too much wall."),
            _("The formula forgets the prediction's area, so calling more pixels wall costs "
              "nothing."),
        ),
        "mask resized bilinearly": (
            _("The loss is low. The walls on the map are thin and pale."),
            _("Resizing blurs thin walls, and integer division by 255 turns each blurred pixel "
              "into 0. Only 47 % of the wall pixels keep their label. If the network can't "
              "tell which, its best answer on walls is just below one half."),
        ),
        "ReLU after the last 1×1": (
            _("The loss stays high. On the map, no probability is below one half."),
            _("A negative logit says “no wall”. The ReLU turns it into 0, which says “one "
              "half”, and one half counts as wall."),
        ),
        "mask at 255": (
            _("The loss falls by hundreds below 0. The walls swallow the cells."),
            _("The target is 255 instead of 1, so a larger logit lowers the loss of a wall "
              "pixel far more than it raises that of a cell pixel."),
        ),
        "batch norm at batch 1": (
            _("The loss is that of a healthy run. But there are grey clouds in some slices, "
              "and the Dice is only near 0.7."),
            _("In training, batch norm subtracts the batch's own mean: at batch size 1, the "
              "brightness of that slice. In inference it subtracts an average over many "
              "slices, which doesn't fit this one."),
        ),
    }  # fmt: skip


def why(diagnosis: str) -> str:
    """What you see of a failure, and why, in one breath."""
    return " ".join(cases()[diagnosis])


@cache
def beds() -> dict[str, dict[str, Any]]:
    """By letter: what a patient shows to everyone, and what is told when it is revealed."""
    runs = {(r["letter"], r["broken"]): r for r in load_table("clinic") if r["seed"] == SHOWN}
    maps, found = saved_maps(), {}
    for letter in PATIENTS:
        ill, well = runs[letter, True], runs[letter, False]
        known = [loss for _step, loss in ill["curve"] if loss is not None]
        both = [loss for _step, loss in (*ill["curve"], *well["curve"]) if loss is not None]
        squeeze = math.asinh if is_wide(both) else float
        seen = maps.seen[letter, True]
        values = seen[seen != NAN] / 250
        shown = {
            "seen": seen,
            "dice": ill["dice"],
            "curve": _points(ill["curve"], squeeze),
            "first": known[0],
            "last": ill["curve"][-1][1],
            "gap": next((step for step, loss in ill["curve"] if loss is None), 0),
            "low": min(0, *map(squeeze, both)),
            "high": max(1, *map(squeeze, both)),
            "ticks": _ticks(both, squeeze),
            "marks": [[squeeze(at), words, above] for at, words, above in marks(both)],
            "wall": float((values >= 0.5).mean()) if len(values) else None,
            "range": [float(values.min()), float(values.max())] if len(values) else None,
        }
        told = {
            "diagnosis": ill["diagnosis"],
            "broken": ill["line"],
            "mended": well["line"],
            "why": why(ill["diagnosis"]),
            "dice": well["dice"],
            "curve": _points(well["curve"], squeeze),
        }
        found[letter] = {"shown": shown, "told": told, "cured": maps.seen[letter, False]}
    return found


def is_wide(losses: list[float]) -> bool:
    """Whether these losses need one scale for tenths and hundreds."""
    return max(losses) - min(losses) > 20


def marks(losses: list[float]) -> list[tuple[float, str, bool]]:
    """The three numbers to know: (loss, its name or "", whether the name is above its line).

    On a wide scale log 2 and the class entropy fall together, and one name serves both.

    Examples
    --------
    >>> [(at, above) for at, _words, above in marks([0.2, 0.7])]
    [(0.6931471805599453, True), (0.507, False), (0, True)]
    """
    if is_wide(losses):
        names = _("log 2 and class entropy"), "", _("0, the floor")
    else:
        names = "log 2", _("class entropy"), _("0, the floor")
    above = True, False, not is_wide(losses)
    return list(zip((math.log(2), ENTROPY, 0), names, above, strict=True))


def _points(curve: list, squeeze: Any) -> list[list[float]]:
    """(step, height) up to the first loss that is not a number."""
    points = []
    for step, loss in curve:
        if loss is None:
            break
        points.append([step, squeeze(loss)])
    return points


def _ticks(losses: list[float], squeeze: Any) -> list[list]:
    """Where the axis of the loss has words."""
    low, high = min([0, *losses]), max([1, *losses])
    marks = (-1000, -100, -10, 0, 10, 100) if squeeze is math.asinh else (-1, -0.5, 0, 0.5, 1)
    return [[squeeze(t), f"{t:g}".replace("-", "−")] for t in marks if low <= t <= high]


def given() -> dict[str, Any]:
    """The image, its ground truth, the eight diagnoses, and what each patient shows."""
    maps = saved_maps()
    return {
        "image": maps.image,
        "truth": maps.truth,
        "diagnoses": list(DIAGNOSES),
        "patients": {letter: bed["shown"] for letter, bed in beds().items()},
        "last": load_table("clinic")[0]["curve"][-1][0],
        "nan": NAN,
        "sure": 250,
        "hints": hints(),
    }


def answer(settings: dict[str, Any]) -> dict[str, Any]:
    """The verdict over the pinned diagnosis, and the true one; nothing of it until revealed.

    Parameters
    ----------
    settings : ``patient``, a letter; ``pin``, a diagnosis or ""; ``revealed``; ``ask``: a
        question of the whole ward, "below", "early" or "calm", or ""

    Returns
    -------
    right, verdict, told, reasons, seen : of the diagnosis; None or "" until it is revealed
    lit : the letters of those who answer the question
    because : its answer in words; without a question, what this patient shows

    Examples
    --------
    >>> answer({"patient": "G", "pin": "Dice over 1", "revealed": True})["right"]
    False
    >>> answer({"patient": "G", "pin": "Dice over 1", "revealed": False})["told"] is None
    True
    """
    letter, pin = settings["patient"], settings["pin"]
    if letter not in PATIENTS:
        return {
            "problem": _("There is no patient {letter}; they are A to H.").format(
                letter=letter
            ),
            "offers": [FIRST],
        }
    if pin not in ("", *DIAGNOSES):
        problem = _("{pin} isn't one of the eight diagnoses.").format(pin=pin)
        return {"problem": problem, "offers": [{**settings, "pin": ""}]}
    ask = settings.get("ask", "")
    lit, said = asked(ask) if ask else ([], symptoms(letter))
    if not settings["revealed"]:
        return {"right": None, "verdict": "", "told": None, "lit": lit, "because": said,
                "said": said}  # fmt: skip
    told = beds()[letter]["told"]
    right = pin == told["diagnosis"] if pin else None
    verdict = {
        True: _("Right: {name}."),
        False: _("Not {pin}. It is: {name}."),
        None: _("It is: {name}."),
    }[right].format(pin=pin, name=told["diagnosis"])
    cured = _("With the line fixed, the Dice goes from {ill:.2f} to {well:.2f}.").format(
        ill=beds()[letter]["shown"]["dice"], well=told["dice"]
    )
    parts = [verdict, told["why"], cured]
    if right is False:
        parts.insert(1, _("If it were “{pin}”: {why}").format(pin=pin, why=why(pin)))
    return {"right": right, "verdict": verdict, "told": told, "lit": lit, "because": said,
            "seen": beds()[letter]["cured"], "reasons": parts[1:],
            "said": " ".join([*parts, said])}  # fmt: skip


def asked(question: str) -> tuple[list[str], str]:
    """Which patients answer a question, and the answer in words."""
    shown = {letter: bed["shown"] for letter, bed in beds().items()}
    if question == "below":
        lit = [letter for letter, bed in shown.items() if (bed["last"] or 0) < 0]
        mild, wild = sorted(lit, key=lambda letter: -shown[letter]["last"])
        words = _(
            "Two: {mild}'s ends at {a:.2f}, {wild}'s at {b:.0f}. No loss used here can be "
            "negative if it is computed correctly. How far it falls tells the two apart: one "
            "never gets below −1."
        )
        numbers = {"a": shown[mild]["last"], "b": shown[wild]["last"]}
        return lit, words.format(mild=mild, wild=wild, **numbers).replace(" -", " −")
    if question == "early":
        lit = [letter for letter, bed in shown.items() if bed["gap"]]
        words = _(
            "{letter}'s: from step {gap} on its loss is not a number (NaN), so there's nothing "
            "to draw. Its map is orange, because it holds no numbers either."
        )
        return lit, words.format(letter=lit[0], gap=shown[lit[0]]["gap"])
    lit = [letter for letter, bed in shown.items() if 0 <= (bed["last"] or -1) < ENTROPY]
    (same,) = (
        letter for letter in lit if shown[letter]["curve"] == beds()[letter]["told"]["curve"]
    )
    words = _(
        "Three: {letters} end between 0 and the class entropy, {entropy:.2f}, as a healthy run "
        "does. {same}'s is even, to the last digit, the curve with its line fixed. Only the "
        "map and the Dice warn you."
    )
    return lit, words.format(letters=", ".join(lit), entropy=ENTROPY, same=same)


def symptoms(letter: str) -> str:
    """What a patient shows, in words; nothing of its diagnosis."""
    bed = beds()[letter]["shown"]
    words = {**bed, "letter": letter}
    if bed["gap"]:
        loss = _("At step {gap} its loss is no longer a number.").format(**words)
        seen = _("Its map holds no numbers.")
    else:
        loss = (
            _("Its loss goes from {first:.2f} to {last:.2f}.").format(**words).replace("-", "−")
        )
        seen = _("Its map calls {wall:.0%} of the pixels wall; the probabilities go from "
                 "{low:.2f} to {high:.2f}.").format(
                     wall=bed["wall"], low=bed["range"][0], high=bed["range"][1])  # fmt: skip
    return " ".join((_("Patient {letter}: Dice {dice:.2f}.").format(**words), loss, seen))


def questions() -> dict[str, dict[str, Any]]:
    """What a learner may ask of the ward."""
    return {
        _("Whose loss falls below zero?"): {"patient": "G", "ask": "below"},
        _("Whose curve ends early?"): {"patient": "C", "ask": "early"},
        _("Which curves warn of nothing?"): {"patient": "A", "ask": "calm"},
    }


def recorded() -> list[dict[str, Any]]:
    """Every patient with every diagnosis pinned to it, covered and revealed: all there is."""
    return [
        {"patient": letter, "pin": pin, "revealed": revealed}
        for letter in PATIENTS
        for revealed in (False, True)
        for pin in ("", *DIAGNOSES)
    ]
