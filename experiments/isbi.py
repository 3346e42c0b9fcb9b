"""Train a tier on ISBI 2012, over folds and seeds, and write down what it scores.

    python experiments/isbi.py class --folds 4 --seeds 0 1 2
    python experiments/isbi.py class --folds 0 1 2 3 4 --seeds 0
    python experiments/isbi.py class --folds 0 1 2 3 4 --seeds 0 --steps 1500
    python experiments/isbi.py full --folds 4 --seeds 0 1 2
    python experiments/isbi.py full --folds 0 1 2 3 4 --seeds 0 --steps 3000
    python experiments/isbi.py paper --folds 4
    python experiments/isbi.py class --folds 4 --seeds 0 1 2 --threads 2 --on amx

A run that was cut short goes on where it was; a finished one is not computed again.
The table, with every run in it, is unet_teach/resources/results/isbi_TIER.json
(isbi_TIER_STEPS.json where --steps gives a tier another length, isbi_TIER_on_NAME.json where
--on NAME asks for another machine's own table).

With --watch every checkpoint of the first run is judged as well, and what lesson 14 replays is
left beside the tables: log_TIER.json (every step, the scores of every checkpoint) and
log_TIER.npz (the predicted map of a part of one held-out slice, no micrograph).
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
from results import TABLES, code_version, hardware, note_run, summary

from unet_teach.data import Volume, load_volume
from unet_teach.tiling import predict
from unet_teach.training import TIERS, TrainConfig, evaluate, load_model, read_log, split, train
from unet_teach.training.files import write_json
from unet_teach.training.machine import pick_device

PART = (slice(160, 320), slice(160, 320))  # of the first held-out slice: its map is kept
INSIDE = 1


class Watch:
    """Judges every checkpoint while the run goes on; `train` calls it after each step."""

    def __init__(self, config: TrainConfig, volume: Volume, folder: Path) -> None:
        self.config, self.folder = config, folder
        _, self.held_out = split(volume, config)
        self.scores: list[dict] = []
        self.maps: list[np.ndarray] = []

    def __call__(self, record: dict) -> None:
        done = record["step"] + 1
        if done % self.config.checkpoint_every and done != self.config.steps:
            return
        model = load_model(self.folder / "checkpoint.pt")  # a copy: the run is not touched
        scores = summary(evaluate(model, self.held_out))
        self.scores.append({"step": done, **scores})
        inside = predict(model, self.held_out.images[0])[INSIDE]  # (H, W)
        self.maps.append(np.rint(255 * inside[PART]).astype(np.uint8))
        print(f"checkpoint at {done}: {scores}", flush=True)

    def write(self, tier: str) -> None:
        """Leave what lesson 14 replays. A run that was resumed has no full record: said."""
        due = -(-self.config.steps // self.config.checkpoint_every)
        if len(self.scores) != due:
            print(f"{len(self.scores)} of {due} checkpoints were watched: nothing is written")
            return
        rows = [[r["step"], round(r["loss"], 5), r["lr"], r["seconds"]]
                for r in read_log(self.folder)]  # fmt: skip
        log = {
            "tier": tier,
            "fold": self.config.fold,
            "seed": self.config.seed,
            "data": self.held_out.name,
            "hardware": hardware(pick_device(self.config.device)),
            "code": code_version(),
            "checkpoints": self.scores,
            "columns": ["step", "loss", "lr", "seconds"],
            "steps": rows,
        }
        write_json(TABLES / f"log_{tier}.json", log)
        np.savez_compressed(TABLES / f"log_{tier}.npz", maps=np.stack(self.maps))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tier", choices=list(TIERS))
    parser.add_argument("--folds", type=int, nargs="+", default=[4])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--steps", type=int, help="other than the tier's")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--on", metavar="NAME", help="a machine that gets a table of its own")
    parser.add_argument("--watch", action="store_true", help="judge every checkpoint")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where runs are kept")
    parser.add_argument("--data", type=Path, help="ISBI 2012, if not found by itself")
    options = parser.parse_args()

    volume, tier, name = load_volume("isbi", options.data), TIERS[options.tier], options.tier
    if options.steps:
        tier, name = replace(tier, steps=options.steps), f"{name}_{options.steps}"
    if options.on:
        name = f"{name}_on_{options.on}"
    for number, (fold, seed) in enumerate(product(options.folds, options.seeds)):
        config = replace(tier, fold=fold, seed=seed, threads=options.threads)
        folder = options.runs / f"isbi_{name}_fold{fold}_seed{seed}"
        watch = Watch(config, volume, folder) if options.watch and number == 0 else None
        if not (folder / "scores.json").exists():
            train(config, volume, folder, on_step=watch)
        if watch:
            watch.write(name)
        note_run(f"isbi_{name}", folder, volume)


if __name__ == "__main__":
    main()
