"""Save a run, and go on with it as if nothing had happened."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from unet_teach import __version__
from unet_teach.data.volume import Volume
from unet_teach.training.config import TrainConfig
from unet_teach.training.files import (
    RunError,
    load_weights,
    read_tensors,
    refuse_not_finite,
    write_json,
    write_tensors,
)

# These settings say how to compute, not what: a resume may change them.
COMPUTING = ("device", "precision", "memory_format", "threads", "checkpoint_every")
# These settings say which network the weights belong to.
ARCHITECTURE = ("architecture", "deep_supervision", "network")
# These facts decide the last bits of a result.
LAST_DIGITS = ("device", "precision", "memory_format", "threads", "processes", "torch")


def run_facts(config: TrainConfig, volume: Volume, device: torch.device, world: int) -> dict:
    """The facts of a run that its config does not hold."""
    digest = hashlib.sha256()
    for stack in (volume.images, volume.labels):
        for image in stack:
            digest.update(str(image.shape).encode() + image.tobytes())
    return {
        "data": volume.name,
        "data_sha256": digest.hexdigest(),
        "device": str(device),
        "precision": config.precision,
        "memory_format": config.memory_format,
        "threads": torch.get_num_threads(),
        "processes": world,
        "torch": str(torch.__version__),  # a plain string: it goes into the checkpoint
        "unet_teach": __version__,
    }


@dataclass(frozen=True)
class State:
    """What a run goes on with: its network, what trains it, and the facts of the run."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    scaler: torch.amp.GradScaler
    facts: dict
    done: int = 0  # steps that a checkpoint had already


def save(folder: Path, done: int, config: TrainConfig, state: State) -> None:
    """Write ``checkpoint.pt``: the states of model, optimizer, scaler after `done` steps."""
    weights = state.model.state_dict()
    refuse_not_finite(weights, f"the network after step {done}")
    settings = config.to_dict()
    values = {
        "done": done,
        "config": settings,
        "facts": state.facts,
        **{name: settings[name] for name in ARCHITECTURE},
        "optimizer": state.optimizer.state_dict(),
        "scaler": state.scaler.state_dict(),
        "weights": weights,
    }
    write_tensors(folder / "checkpoint.pt", values)


def load_checkpoint(folder: Path, config: TrainConfig, facts: dict) -> dict | None:
    """The folder's checkpoint, if there is one and it is of this very run.

    Settings that were chosen by timing are taken over into ``facts``; what else would
    change the last bits is warned of.

    Raises
    ------
    RunError
        The checkpoint is of another configuration or of other data.
    """
    path = folder / "checkpoint.pt"
    if not path.exists():
        return None
    saved = read_tensors(path)
    if not {"done", "config", "facts", "weights", "optimizer", "scaler"} <= set(saved):
        raise RunError(
            f"{path} is of another program; choose another folder, or move that file away"
        )
    _refuse_another_run(folder, saved, config, facts)
    for name in ("precision", "memory_format"):
        if facts[name] == "auto":
            facts[name] = saved["facts"][name]
    for name in LAST_DIGITS:
        before, now = saved["facts"][name], facts[name]
        if before != now:
            warnings.warn(
                f"{name} was {before} before the interruption and is {now} now: "
                "the run goes on, but not with the same last digits",
                stacklevel=5,  # the line that calls `train`
            )
    return saved


def restore(
    saved: dict | None,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    scaler: torch.amp.GradScaler,
) -> int:
    """Bring all three to the state of a checkpoint: the number of steps already done."""
    if saved is None:
        return 0
    load_weights(model, saved["weights"], "the checkpoint")
    optimizer.load_state_dict(saved["optimizer"])
    scaler.load_state_dict(saved["scaler"])
    return saved["done"]


def _refuse_another_run(folder: Path, saved: dict, config: TrainConfig, facts: dict) -> None:
    # Read as a config, a checkpoint of before a setting existed has its default.
    before, now = TrainConfig.from_dict(saved["config"]).to_dict(), config.to_dict()
    for name in now:
        if name not in COMPUTING and before[name] != now[name]:
            raise RunError(
                f"{folder} holds a run with another {name}: {before[name]!r}, now "
                f"{now[name]!r}; choose another folder, or delete this one to start anew"
            )
    if saved["facts"]["data_sha256"] != facts["data_sha256"]:
        raise RunError(
            f"{folder} holds a run on other data: {saved['facts']['data']!r}, now "
            f"{facts['data']!r}; choose another folder, or delete this one to start anew"
        )


def write_settings(folder: Path, config: TrainConfig, facts: dict) -> None:
    """Write ``config.json`` and ``facts.json``, for people and for the command line."""
    write_json(folder / "config.json", config.to_dict())
    write_json(folder / "facts.json", facts)
