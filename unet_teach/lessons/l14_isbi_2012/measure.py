"""A run that was watched, read back: every step, every checkpoint's scores and map. Lesson 14.

`experiments/isbi.py --watch` leaves it beside the tables.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources

import numpy as np


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
