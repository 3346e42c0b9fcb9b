"""Train small autoencoders of every depth on synthetic membranes, with and without skips.

    python experiments/autoencoders.py            # all: about nine minutes on one core

Lesson 03: how much of an image comes through a bottleneck? A network gives its input back,
trained for the mean squared error. Runs of one seed see the same crops in the same order:
they are pairs. Each is judged on four micrographs that no run has seen. The error is the
share of the variance that is lost (see `unet_teach.lessons.l03_encoder_decoder.measure.lost`).

The table is unet_teach/resources/results/autoencoders.json; what seed 0 makes of one piece is
unet_teach/resources/autoencoders.npz. A run that is in both is not computed again.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, replace

import numpy as np
import torch
from results import TABLES, add_entry, code_version, processor
from torch.nn import functional as F

from unet_teach.data.membranes import synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.lessons.l03_encoder_decoder.measure import (
    BASE_CHANNELS,
    autoencoder,
    lost,
    reconstruct,
)
from unet_teach.models.unet import count_parameters

SEEDS = 3
SIZE = 256  # of a micrograph
TRAIN, HELD_OUT = (8, 31), (4, 32)  # slices, and the seed of their tissue
PIECE = slice(80, 176)  # rows and columns of the first held-out slice: 96 × 96 are kept
PIECES = TABLES.parent / "autoencoders.npz"


@dataclass(frozen=True)
class Recipe:
    """How one autoencoder is made."""

    depth: int
    merge: str = "none"
    base_channels: int = BASE_CHANNELS
    steps: int = 300
    batch: int = 8
    crop: int = 64  # pixels of a side
    lr: float = 0.01  # the highest of a one-cycle schedule


VARIANTS = {f"depth {depth}": Recipe(depth) for depth in range(5)}
VARIANTS |= {f"depth {depth}, skips": Recipe(depth, "concat") for depth in range(1, 5)}
# Is it only that deep networks take longer to train?
VARIANTS["depth 4, 900 steps"] = replace(VARIANTS["depth 4"], steps=900)


def micrographs(slices: int, seed: int) -> torch.Tensor:
    """(N, 1, H, W), each with mean 0 and variance 1."""
    volume = synthetic_membranes(slices, size=SIZE, seed=seed)
    return torch.from_numpy(np.stack([standardise(image) for image in volume.images]))[:, None]


def crops(images: torch.Tensor, recipe: Recipe, generator: torch.Generator) -> torch.Tensor:
    """One batch, (B, 1, crop, crop)."""
    which = torch.randint(len(images), (recipe.batch,), generator=generator).tolist()
    last = SIZE - recipe.crop
    places = torch.randint(last + 1, (recipe.batch, 2), generator=generator).tolist()
    found = [
        images[i, :, y : y + recipe.crop, x : x + recipe.crop]
        for i, (y, x) in zip(which, places, strict=True)
    ]
    return torch.stack(found)


def train(recipe: Recipe, seed: int, images: torch.Tensor) -> torch.nn.Module:
    """An autoencoder, at its last step."""
    torch.manual_seed(seed)
    model = autoencoder(recipe.depth, recipe.merge, recipe.base_channels)
    optimizer = torch.optim.Adam(model.parameters(), lr=recipe.lr)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.lr, total_steps=recipe.steps
    )
    generator = torch.Generator().manual_seed(seed)
    for _step in range(recipe.steps):
        batch = crops(images, recipe, generator)
        loss = F.mse_loss(model(batch), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model


def keep_piece(recipe: Recipe, given_back: torch.Tensor) -> None:
    """Put the piece of the first held-out slice into the file, as grey values."""
    grey = synthetic_membranes(HELD_OUT[0], size=SIZE, seed=HELD_OUT[1]).images[0]
    piece = given_back[0, 0].numpy()[PIECE, PIECE] * grey.std() + grey.mean()
    saved = dict(np.load(PIECES)) if PIECES.exists() else {}
    saved["image"], saved["spread"] = grey[PIECE, PIECE], np.float64(grey.std())
    name = f"{recipe.merge}_{recipe.depth}"
    saved[name] = np.clip(np.rint(piece), 0, 255).astype(np.uint8)
    np.savez_compressed(PIECES, **dict(sorted(saved.items())))


def run(variant: str, seed: int) -> None:
    """Train one variant with one seed, and note what it loses."""
    recipe, name = VARIANTS[variant], f"{variant}, seed {seed}"
    path = TABLES / "autoencoders.json"
    entries = json.loads(path.read_text()) if path.exists() else []
    shown = seed == 0 and recipe.steps == Recipe.steps
    kept = PIECES.exists() and f"{recipe.merge}_{recipe.depth}" in np.load(PIECES).files
    if any(entry["run"] == name for entry in entries) and (kept or not shown):
        return
    start = time.perf_counter()
    model = train(recipe, seed, micrographs(*TRAIN))
    minutes = (time.perf_counter() - start) / 60
    held_out = micrographs(*HELD_OUT)
    given_back = reconstruct(model, held_out)
    if shown:
        keep_piece(recipe, given_back)
    entry = {
        "run": name,
        "variant": variant,
        "seed": seed,
        "depth": recipe.depth,
        "merge": recipe.merge,
        "error": round(lost(held_out, given_back), 5),
        "parameters": count_parameters(model),
        "minutes": round(minutes, 3),
        "data": f"synthetic membranes, {HELD_OUT[0]} slices of {SIZE}² not trained on",
        "hardware": processor(),
        "threads": torch.get_num_threads(),
        "code": code_version(),
        "config": asdict(recipe),
    }
    add_entry("autoencoders", entry)
    print(f"{name}: {entry['error']:.4f}", flush=True)


def main() -> None:
    torch.set_num_threads(1)
    for seed in range(SEEDS):  # seed by seed: what is cut short is still balanced
        for variant in VARIANTS:
            run(variant, seed)


if __name__ == "__main__":
    main()
