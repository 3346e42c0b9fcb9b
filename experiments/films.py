"""Film two trainings on synthetic membranes, with skips and without: what lesson 14 plays.

    python experiments/films.py

Into ``unet_teach/resources/results/film_*.npz``. Maps are kept in sixteen shades.
"""

from __future__ import annotations

import math
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from unet_teach.data.membranes import synthetic_membranes
from unet_teach.film import Camera, film
from unet_teach.training import TIERS, train

STEPS = (0, 1, 2, 4, 8, 16, 32, 48, 64, 80, 100, 160, 200)
RESULTS = Path(__file__).parents[1] / "unet_teach" / "resources" / "results"


def main() -> None:
    """Two runs of a minute."""
    volume = synthetic_membranes(10, size=256, seed=0)
    for name, merge in (("skips", "concat"), ("no_skips", "none")):
        check = TIERS["check"]
        config = replace(check, steps=STEPS[-1], device="cpu", precision="float32",
                         memory_format="contiguous", checkpoint_every=STEPS[-1],
                         network=replace(check.network, merge=merge))  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            train(config, volume, folder, watch=Camera(STEPS, pause=math.inf))
            made = film(folder)
        shades = {
            key: np.uint8(getattr(made, key).astype(int) * 15 // 255 * 17)
            for key in ("maps", "features", "image")
        }
        replace(made, **shades).save(RESULTS / f"film_{name}.npz")
        print(name, "V_rand of the place:", made.v_rand.round(3).tolist())


if __name__ == "__main__":
    main()
