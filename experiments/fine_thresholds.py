"""Judge the networks of the loss comparison once more, with thresholds up to 0.999.

    python experiments/comparisons.py losses     # first: the networks themselves
    python experiments/fine_thresholds.py

The challenge scans the thresholds 0, 0.1, …, 1. A loss that makes a network very sure of
"inside" may do best between 0.9 and 1, where that scan does not look. The table is
unet_teach/resources/results/compare_losses_fine.json.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch
from comparisons import COMPARISONS, SEEDS, folder_of
from results import add_entry, code_version, processor, summary

from unet_teach.data import load_volume
from unet_teach.metrics import THRESHOLDS, score
from unet_teach.training import load_model, split
from unet_teach.training.evaluation import probabilities

FINE = (*THRESHOLDS[:-1], 0.95, 0.97, 0.98, 0.99, 0.995, 0.999)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=Path("runs/comparisons"))
    parser.add_argument("--data", type=Path, help="ISBI 2012, if not found by itself")
    options = parser.parse_args()
    torch.set_num_threads(1)
    volume = load_volume("isbi", options.data)
    for seed in range(SEEDS["losses"]):
        for variant, recipe in COMPARISONS["losses"].items():
            config = replace(recipe, seed=seed)
            folder = folder_of(config, len(split(volume, config)[0]), options.runs)
            _, held_out = split(volume, config)
            found = probabilities(load_model(folder), held_out)
            scores = score(held_out.labels, found, FINE)
            entry = {
                "run": f"{variant}, seed {seed}",
                "variant": variant,
                "seed": seed,
                **summary(scores),
                "thresholds": list(FINE),
                "data": volume.name,
                "hardware": processor(),
                "code": code_version(),
            }
            add_entry("compare_losses_fine", entry)
            print(entry["run"], summary(scores), flush=True)


if __name__ == "__main__":
    main()
