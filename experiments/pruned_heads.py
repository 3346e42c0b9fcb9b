"""Train lesson 16's U-Net++ with three heads ten times; score each head on tissues not seen.

    python experiments/pruned_heads.py            # all: about six minutes on one core

The recipe, the slices and the pruning are in unet_teach/lessons/l16_beyond/measure.py. The
table is unet_teach/resources/results/pruned_heads.json. Synthetic membranes only.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import torch
from results import add_entry, code_version, processor

from unet_teach.data.membranes import membrane_slice
from unet_teach.lessons.l16_beyond.measure import HEADS, UNSEEN, eight_slices, pruned
from unet_teach.metrics import score
from unet_teach.models import count_parameters
from unet_teach.tiling import predict
from unet_teach.training import train

SIDE, INDEX = 256, 20  # of each tissue, the part and the slice: a noisy one


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(1, 11)))
    torch.set_num_threads(1)
    stack, tissues = eight_slices(), [membrane_slice(INDEX, SIDE, seed) for seed in UNSEEN]
    for seed in parser.parse_args().seeds:
        run = train(replace(HEADS, seed=seed), stack, Path(tempfile.mkdtemp()) / "run")
        found, weights = {}, {}
        for column in (1, 2, 3):
            cut = pruned(run.model, column)
            weights[column] = count_parameters(cut)
            scored = (score(labels[None], predict(cut, image)[1][None])
                      for image, labels in tissues)  # fmt: skip
            found[column] = [round(one.v_rand, 5) for one in scored]
        entry = {
            "run": f"seed {seed}", "variant": "U-Net++, three heads", "seed": seed,
            "v_rand": found, "parameters": weights, "steps": HEADS.steps,
            "data": f"synthetic membranes, slice {INDEX} of {len(UNSEEN)} tissues, {SIDE}²",
            "hardware": processor(), "threads": 1, "torch": torch.__version__,
            "code": code_version(), "command": "python experiments/pruned_heads.py",
        }  # fmt: skip
        add_entry("pruned_heads", entry)
        print(entry["run"], {head: sum(v) / len(v) for head, v in found.items()}, flush=True)


if __name__ == "__main__":
    main()
