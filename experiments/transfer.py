"""Train on synthetic membranes alone, judge on ISBI 2012: how lifelike is the generator?

    python experiments/transfer.py

A fixed recipe sees no ISBI pixel. Its threshold is chosen on synthetic slices held out,
of tissues that training did not see; ISBI's training stack, all 30 slices, is then scored
at that one threshold. The table is unet_teach/resources/results/membranes_to_isbi.json.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from results import add_entry, code_version, processor, summary

from unet_teach.augment import AugmentConfig
from unet_teach.data import Volume, load_volume
from unet_teach.data.membranes import membrane_slice
from unet_teach.training import TIERS, evaluate, read_log, split, train

TISSUES = 60  # of each, one slice as clean as ISBI's first half and one as noisy as its second

RECIPE = replace(
    TIERS["class"],
    steps=1000,
    folds=12,  # the last five tissues are held out, to choose the threshold
    fold=11,
    # Wider than on ISBI itself: the unknown stack may differ in any of these.
    augmentation=AugmentConfig(scale=0.2, contrast=0.3, brightness=0.3, noise=0.3),
)


def many_tissues(count: int = TISSUES, first_seed: int = 1000, size: int = 512) -> Volume:
    """Two slices each of many synthetic tissues: variety counts for more than depth."""
    rng = np.random.default_rng(0)
    chosen = [
        (seed, int(index))
        for seed in range(first_seed, first_seed + count)
        for index in (rng.integers(0, 15), rng.integers(15, 30))
    ]
    slices = [membrane_slice(index, size, seed) for seed, index in chosen]
    images, labels = (np.stack(stack) for stack in zip(*slices, strict=True))
    return Volume(images, labels, f"synthetic membranes, {count} tissues from {first_seed}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--threads", type=int)
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where runs are kept")
    parser.add_argument("--data", type=Path, help="ISBI 2012, if not found by itself")
    options = parser.parse_args()

    isbi, synthetic = load_volume("isbi", options.data), many_tissues()
    _, held_out = split(synthetic, RECIPE)
    for seed in options.seeds:
        config = replace(RECIPE, seed=seed, threads=options.threads)
        run = train(config, synthetic, options.runs / f"membranes_seed{seed}")
        log, entry = read_log(run.folder), {"run": run.folder.name, "seed": seed}
        for way, average in (("single", False), ("averaged", True)):
            here, there = (evaluate(run.model, v, average) for v in (held_out, isbi))
            entry[way] = {
                "on_synthetic": summary(here),
                "on_isbi_at_that_threshold": {
                    "v_rand": round(there.at(here.v_rand_threshold)["v_rand"], 5),
                    "v_info": round(there.at(here.v_info_threshold)["v_info"], 5),
                },
                "on_isbi_at_its_best": summary(there),
            }
        facts = json.loads((run.folder / "facts.json").read_text())
        entry |= {
            "steps": config.steps,
            "minutes": round(log[-1]["seconds"] / 60, 1),
            "hardware": processor(),
            "code": code_version(),
            **{k: facts[k] for k in ("data", "precision", "memory_format", "threads", "torch")},
            "config": config.to_dict(),
        }
        add_entry("membranes_to_isbi", entry)


if __name__ == "__main__":
    main()
