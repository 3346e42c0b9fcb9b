"""Trained weights that come with the package: small, checked, with their scores beside them.

A weights folder holds ``weights.json``, which maps each name to its file, the file's
sha256, the config and whatever else is known of it (scores, training data), and
the files themselves: state dicts in float16, half the size and, for a network
with batch norm, the same segmentation.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from dataclasses import asdict
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import torch

from unet_teach.config import UNetConfig
from unet_teach.models.outputs import not_finite, peeled
from unet_teach.models.unet import UNet

INDEX = "weights.json"


def pretrained(name: str, folder: str | os.PathLike | None = None) -> UNet:
    """A trained U-Net by name, in evaluation mode, float32, on the CPU.

    Parameters
    ----------
    name : str
        ``"isbi"`` or ``"membranes"``: what the network was trained on.
    folder : path, optional
        Another weights folder than the package's own.

    Raises
    ------
    ValueError
        Unknown name, or a file that is not the one that its sha256 was taken from.
    FileNotFoundError
        No weights in the folder.
    """
    entry = weights_facts(name, folder)
    file = _weights_folder(folder) / entry["file"]
    if not file.is_file():
        raise FileNotFoundError(
            f"weights {name!r} are listed in {INDEX}, and {file} is missing"
        )
    content = file.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != entry["sha256"]:
        raise ValueError(
            f"{file} is damaged or another file: its sha256 is {found[:12]}…, "
            f"due is {entry['sha256'][:12]}…; install the package again"
        )
    model = UNet(UNetConfig.from_dict(entry["config"]))
    # weights_only: a state dict is data, and loading it must not be able to run code.
    # load_state_dict copies into the model's own float32 tensors.
    model.load_state_dict(torch.load(io.BytesIO(content), weights_only=True))
    return model.eval()


def weights_facts(name: str, folder: str | os.PathLike | None = None) -> dict:
    """What ``weights.json`` says of one name: file, sha256, config, scores, training data."""
    index = _weights_folder(folder) / INDEX
    if not index.is_file():
        raise FileNotFoundError(f"no weights here: {index} is missing")
    entries = json.loads(index.read_text(encoding="utf-8"))
    if name not in entries:
        listed = ", ".join(repr(known) for known in sorted(entries))
        raise ValueError(f"no weights named {name!r}; valid names: {listed or 'none yet'}")
    return entries[name]


def save_weights(model: UNet, name: str, folder: str | os.PathLike, **facts: object) -> Path:
    """Write a network where `pretrained(name, folder)` finds it; returns the file.

    Parameters
    ----------
    model : UNet
    name : str
        Replaces what was there under that name.
    folder : path
        Made if missing.
    **facts
        What a reader must know, as JSON: ``scores``, ``trained_on``, …
    """
    reserved = {"file", "sha256", "config"} & set(facts)
    if reserved:
        raise ValueError(f"{sorted(reserved)[0]!r} is written by save_weights itself")
    *_wrappers, model = peeled(model)
    halves = {
        key: value.half() if value.is_floating_point() else value
        for key, value in model.state_dict().items()
    }
    key = not_finite(halves)
    if key:
        raise ValueError(f"{key} is not finite in float16 (largest number 65504)")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    file, index = folder / f"{name}.pt", folder / INDEX
    torch.save({key: value.cpu().contiguous() for key, value in halves.items()}, file)

    entries = json.loads(index.read_text(encoding="utf-8")) if index.is_file() else {}
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    config = asdict(model.config)
    entries[name] = {"file": file.name, "sha256": sha256, "config": config, **facts}
    text = json.dumps(entries, indent=2, sort_keys=True)  # before the old index is touched
    index.write_text(text + "\n", encoding="utf-8")
    return file


def _weights_folder(folder: str | os.PathLike | None) -> Traversable:
    if folder is not None:
        return Path(folder)
    return resources.files("unet_teach") / "resources" / "weights"
