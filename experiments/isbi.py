"""Train a tier on ISBI 2012, over folds and seeds, and write down what it scores.

    python experiments/isbi.py class --folds 4 --seeds 0 1 2
    python experiments/isbi.py class --folds 0 1 2 3 4 --seeds 0
    python experiments/isbi.py full --folds 4 --seeds 0 1 2

A run that was cut short goes on where it was; a finished one is not computed again.
The table, with every run in it, is unet_teach/resources/results/isbi_TIER.json.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from results import note_run

from unet_teach.data import load_volume
from unet_teach.training import TIERS, train

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("tier", choices=list(TIERS))
parser.add_argument("--folds", type=int, nargs="+", default=[4])
parser.add_argument("--seeds", type=int, nargs="+", default=[0])
parser.add_argument("--threads", type=int)
parser.add_argument("--runs", type=Path, default=Path("runs"), help="where runs are kept")
parser.add_argument("--data", type=Path, help="ISBI 2012, if not found by itself")
options = parser.parse_args()

volume = load_volume("isbi", options.data)
for fold in options.folds:
    for seed in options.seeds:
        config = replace(TIERS[options.tier], fold=fold, seed=seed, threads=options.threads)
        folder = options.runs / f"isbi_{options.tier}_fold{fold}_seed{seed}"
        if not (folder / "scores.json").exists():
            train(config, volume, folder)
        note_run(f"isbi_{options.tier}", folder, volume)
