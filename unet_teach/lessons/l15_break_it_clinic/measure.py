"""Eight patients: one training loop, eight lines that can be broken. Lesson 15.

Read `treat` from top to bottom. Wherever it says ``if ill == …`` the broken line stands
above the mended one, and everything else is the same for both.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach.config import UNetConfig
from unet_teach.data.membranes import MembraneConfig, synthetic_membranes
from unet_teach.models.unet import UNet
from unet_teach.tiling import with_gradients

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
DROPOUT = 0.6  # of the maps before the last 1×1


@dataclass(frozen=True)
class Patient:
    """One failure: its line, broken and mended, and the setting in which it hurts."""

    diagnosis: str
    broken: str  # the line, as it stands in `treat`
    mended: str
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
        "masks = masks.roll(1, dims=0)  # sorted otherwise than the images",
        "masks = masks.roll(0, dims=0)",
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
    """Train one patient, with its line broken or mended, and examine it.

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
        masks = masks.roll(1, dims=0)  # sorted otherwise than the images
    else:
        masks = masks.roll(0, dims=0)

    if patient.batch > 1 or ill == "batch norm at batch 1":
        model = network()
    else:
        model = with_group_norm(network())

    optimizer, losses = torch.optim.Adam(model.parameters()), []
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LR, total_steps=steps)
    for _step in range(steps):
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
