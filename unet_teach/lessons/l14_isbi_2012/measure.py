"""What a result is worth, and a run that was watched, read back. Lesson 14.

`experiments/isbi.py --watch` leaves the record of a run beside the tables: every step, every
checkpoint's scores and map.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
from scipy import ndimage, stats

from unet_teach.data import Volume
from unet_teach.data.volume import standardise
from unet_teach.metrics import Scores, score


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean, and the 95 % confidence interval of Student's t.

    Examples
    --------
    >>> [round(number, 3) for number in interval((0.9, 0.92, 0.94))]
    [0.92, 0.87, 0.97]
    """
    if len(values) < 2:
        raise ValueError(f"{len(values)} value: an interval needs two or more")
    mean = float(np.mean(values))
    half = float(stats.t.ppf(0.975, len(values) - 1) * stats.sem(values))
    return mean, mean - half, mean + half


def baselines(volume: Volume) -> dict[str, Scores]:
    """What needs no training, by the challenge's metrics: one answer for all, and a threshold.

    The threshold is put on the slice blurred by a Gaussian of two pixels; which one, the
    scores choose for the best, as they do for a network.
    """
    greys = [standardise(ndimage.gaussian_filter(i.astype(float), 2)) for i in volume.images]
    white = [np.ones(image.shape) for image in volume.images]
    return {
        "constant": score(volume.labels, white, thresholds=(0.5,)),
        "threshold": score(volume.labels, [np.clip(0.5 + g / 2, 0, 1) for g in greys]),
    }


@dataclass(frozen=True)
class Watched:
    """A finished run as it went."""

    facts: dict  # tier, fold, seed, data, hardware, code
    records: tuple[dict, ...]  # of every step: step, loss, lr, seconds
    checkpoints: tuple[dict, ...]  # step (how many are done), v_rand, v_info, pixel_error
    maps: np.ndarray  # uint8 (checkpoints, H, W), 255 is a probability of 1

    @property
    def steps(self) -> int:
        return len(self.records)


def load_watched(tier: str = "class") -> Watched:
    """The committed record of a tier.

    Raises
    ------
    ValueError
        No such record; lists those there are.

    Examples
    --------
    >>> watched = load_watched()
    >>> watched.steps, len(watched.checkpoints) == len(watched.maps)
    (500, True)
    """
    folder = resources.files("unet_teach") / "resources" / "results"
    path = folder / f"log_{tier}.json"
    if not path.is_file():
        names = (file.name for file in folder.iterdir())
        known = sorted(n[4:-5] for n in names if n.startswith("log_") and n.endswith(".json"))
        raise ValueError(f"no record of tier {tier!r}; valid: {', '.join(known)}")
    log = json.loads(path.read_text(encoding="utf-8"))
    columns, checkpoints = log.pop("columns"), tuple(log.pop("checkpoints"))
    records = tuple(dict(zip(columns, row, strict=True)) for row in log.pop("steps"))
    with (folder / f"log_{tier}.npz").open("rb") as file:
        maps = np.load(file)["maps"]
    return Watched(log, records, checkpoints, maps)
