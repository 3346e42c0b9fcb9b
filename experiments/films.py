"""Film trainings on synthetic membranes: two that lesson 14 plays, and lesson 08's minute.

    python experiments/films.py           # all: about four minutes of one core
    python experiments/films.py minute    # one of them

Into ``unet_teach/resources/results/film_*.npz``. Maps are kept in sixteen shades.
"""

from __future__ import annotations

import math
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

from unet_teach.data.membranes import synthetic_membranes
from unet_teach.exercises.assembled import USED, Practice, Small
from unet_teach.exercises.keeping import choose
from unet_teach.film import Camera, Film, film
from unet_teach.training import TIERS, train

MINUTE = (0, 20, 40, 240)  # what lesson 08 opens with
STEPS = (0, 1, 2, 4, 8, 16, 32, 48, 64, 80, 100, 160, 250, 400, 600, 800, 1000, 1200)
RESULTS = Path(__file__).parents[1] / "unet_teach" / "resources" / "results"


def main() -> None:
    """Two runs of 1,200 steps, and one of a minute."""
    makers = {
        "skips": lambda: long_run("concat"),
        "no_skips": lambda: long_run("none"),
        "minute": minute,
    }
    for name in sys.argv[1:] or makers:
        keep(name, makers[name]())


def long_run(merge: str) -> Film:
    """The *check* tier's network on larger crops, and for twenty times as many steps."""
    check = TIERS["check"]
    config = replace(check, steps=STEPS[-1], size=128, device="cpu", precision="float32",
                     threads=1, memory_format="contiguous", checkpoint_every=STEPS[-1],
                     network=replace(check.network, merge=merge))  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        tissue = synthetic_membranes(10, size=256, seed=0)
        train(config, tissue, folder, watch=Camera(STEPS, pause=math.inf))
        return film(folder)


def minute() -> Film:
    """Lesson 08's minute, with the library's parts: the pair at four steps."""
    of = SimpleNamespace(**choose(USED, file=None)[0])
    torch.manual_seed(0)
    camera = Camera(MINUTE, pause=math.inf)
    Practice(Small(of, whole=True), of.train_step, MINUTE[-1]).run(watch=camera)
    return camera.film


def keep(name: str, made: Film) -> None:
    """In sixteen shades, beside the tables."""
    shades = {
        key: np.uint8(getattr(made, key).astype(int) * 15 // 255 * 17)
        for key in ("maps", "features", "image")
    }
    replace(made, **shades).save(RESULTS / f"film_{name}.npz")
    print(name, "V_rand of the place:", made.v_rand.round(3).tolist())


if __name__ == "__main__":
    main()
