"""Prove the paper's own network: 20 steps, and the same 20 with an interruption.

    python experiments/paper_proof.py

The whole tier needs a GPU. Here its network (64 channels, valid convolutions, 572²) takes
twenty steps, then the same twenty interrupted after the twelfth and resumed; both must end
with the same bits. Seconds and memory go to unet_teach/resources/results/paper_proof.json.
"""

from __future__ import annotations

import argparse
import json
import resource
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import torch
from results import add_entry, code_version, processor

from unet_teach.data import load_volume
from unet_teach.training import TIERS, load_model, read_log, train

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--steps", type=int, default=20)
parser.add_argument("--threads", type=int)
parser.add_argument("--runs", type=Path, default=Path("runs"), help="where runs are kept")
parser.add_argument("--data", default="auto", help="isbi, membranes or auto")
options = parser.parse_args()

volume = load_volume(options.data)
config = replace(
    TIERS["paper"],
    steps=options.steps,
    threads=options.threads,
    fold=None,  # nothing to judge after twenty steps
    checkpoint_every=5,
    device="cpu",  # a GPU adds up in no fixed order: not the same bits
    precision="float32",
    memory_format="contiguous",
)


def interrupt(record: dict) -> None:
    """As Ctrl-C would, two steps after a checkpoint."""
    if record["step"] == 11:
        raise KeyboardInterrupt


folder = options.runs / "paper_whole"
train(config, volume, folder)
try:
    train(config, volume, options.runs / "paper_resumed", on_step=interrupt)
except KeyboardInterrupt:
    print("interrupted after step 12; resuming from step 10")
train(config, volume, options.runs / "paper_resumed")

whole, resumed = (load_model(options.runs / f"paper_{way}") for way in ("whole", "resumed"))
pairs = zip(whole.state_dict().values(), resumed.state_dict().values(), strict=True)
assert all(torch.equal(a, b) for a, b in pairs), "the resumed run differs"
log, facts = read_log(folder), json.loads((folder / "facts.json").read_text())
seconds = [b["seconds"] - a["seconds"] for a, b in pairwise(log)]
entry = {
    "run": f"paper_{options.steps}_steps",
    "resumed_with_the_same_bits": True,
    "parameters": sum(p.numel() for p in whole.parameters()),
    "seconds_a_step": round(sorted(seconds)[len(seconds) // 2], 2),
    "peak_memory_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
    "losses": [round(record["loss"], 4) for record in log],
    "hardware": processor(),
    "code": code_version(),
    **{k: facts[k] for k in ("data", "precision", "memory_format", "threads", "torch")},
    "config": config.to_dict(),
}
add_entry("paper_proof", entry)
print(json.dumps({k: entry[k] for k in list(entry)[1:6]}, indent=2))
