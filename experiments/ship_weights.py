"""Put two finished runs into the package as its pretrained weights, with their own scores.

    python experiments/ship_weights.py

Needs what `isbi.py class --folds 4 --seeds 0` and `transfer.py` leave under runs/. What is
scored is what is shipped: the network read back from its file of 16-bit numbers.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from results import TABLES, summary
from transfer import RECIPE, many_tissues

from unet_teach.data import load_volume
from unet_teach.models import pretrained
from unet_teach.models.pretrained import save_weights
from unet_teach.training import TrainConfig, evaluate, load_model, split

WEIGHTS = TABLES.parent / "weights"
CITATION = "Cardona et al. 2010, PLoS Biology 8(10): e1000502"

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("names", nargs="*", default=["isbi", "membranes"])
parser.add_argument("--runs", type=Path, default=Path("runs"), help="where runs are kept")
parser.add_argument("--data", type=Path, help="ISBI 2012, if not found by itself")
options = parser.parse_args()
isbi = load_volume("isbi", options.data)


def scores(model, held_out, name: str) -> dict:
    """Single pass and mean over eight flips and rotations, on slices that it did not see."""
    single, averaged = evaluate(model, held_out), evaluate(model, held_out, average=True)
    return {"on": name, "single": summary(single), "averaged": summary(averaged)}


if "isbi" in options.names:
    folder = options.runs / "isbi_class_fold4_seed0"
    config = TrainConfig.from_dict(json.loads((folder / "config.json").read_text()))
    train_on, held_out = split(isbi, config)
    model, facts = load_model(folder), {"trained_on": train_on.name, "data": CITATION}
    save_weights(model, "isbi", WEIGHTS, **facts)
    facts["scores"] = [scores(pretrained("isbi", WEIGHTS), held_out, held_out.name)]
    facts["threshold"] = facts["scores"][0]["single"]["v_rand_threshold"]
    save_weights(model, "isbi", WEIGHTS, **facts)

if "membranes" in options.names:
    train_on, held_out = split(many_tissues(), RECIPE)
    model, facts = load_model(options.runs / "membranes_seed0"), {"trained_on": train_on.name}
    save_weights(model, "membranes", WEIGHTS, **facts)
    shipped = pretrained("membranes", WEIGHTS)
    facts["scores"] = [
        scores(shipped, held_out, held_out.name),
        scores(shipped, isbi, f"{isbi.name}, none of which it saw"),
    ]
    facts["threshold"] = facts["scores"][0]["single"]["v_rand_threshold"]  # for both
    save_weights(model, "membranes", WEIGHTS, **facts)
