"""Seconds from the start of *check* until the training view shows a mask that one recognises.

    python benchmarks/first_mask.py            # three runs, half a minute
    python benchmarks/first_mask.py --data DIR # on ISBI 2012, from that folder

Lesson 14's run, filmed as its training view films it.
*Recognisable* is a picture whose V_rand is above one half: most pairs of pixels that belong to
one neuron are together there, and most others apart. The training begins at 0 s.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from unet_teach.data import load_volume
from unet_teach.data.membranes import synthetic_membranes
from unet_teach.film import Camera
from unet_teach.training import TIERS, train

RECOGNISABLE = 0.5  # V_rand of the filmed place


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="ISBI 2012; synthetic membranes without it")
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    volume = load_volume("isbi", chosen.data) if chosen.data else None
    volume = volume or synthetic_membranes(30, size=256, seed=0)
    for seed in range(chosen.runs):
        camera = Camera()
        with tempfile.TemporaryDirectory() as folder:
            train(replace(TIERS["check"], seed=seed), volume, folder, watch=camera)
        film = camera.film
        shown = zip(film.seconds, film.steps, film.v_rand, strict=True)
        first = next((one for one in shown if one[2] > RECOGNISABLE), None)
        said = "never" if first is None else "{:.1f} s, step {}, V_rand {:.2f}".format(*first)
        print(
            f"seed {seed}: {said}; the run's {film.planned} steps took {film.seconds[-1]:.1f} s"
        )


if __name__ == "__main__":
    main()
