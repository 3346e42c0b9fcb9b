"""A run's folder: what is in it, and how it survives a kill at any moment.

``config.json``    the run's `TrainConfig`, which can be given back
``log.jsonl``      one line a step: step, loss, lr, seconds since the start
``checkpoint.pt``  everything that a resume needs
``model.pt``       the finished network: its config and weights
``scores.json``    its scores on the slices held out
``film.npz``       what it made of one place, from step to step, where it was filmed

A file is written under another name, pushed to the disk, and then renamed:
whoever reads it finds the old one or the new one, never half of one.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import nn

from unet_teach.config import UNetConfig
from unet_teach.models.architectures import architecture_of, build
from unet_teach.models.outputs import WRAPPERS, not_finite, peeled

MODELS = ("model.pt", "checkpoint.pt")  # what of a run's folder holds a network, best first


class RunError(RuntimeError):
    """A run that cannot go on; the message says why and what to do."""


@contextlib.contextmanager
def explain_disk(path: Path) -> Iterator[None]:
    """Turn "no space left on device" into what to do about it."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise RunError(
                f"the disk is full: {path} cannot be written. What was saved before is intact; "
                "free some space and start the same command again to resume"
            ) from error
        raise RunError(f"cannot write {path}: {error.strerror}") from error


def write_atomically(path: Path, content: bytes) -> None:
    """All of the content, or the file as it was."""
    temporary = path.with_name(path.name + ".partial")
    with explain_disk(path):
        try:
            with open(temporary, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:  # an interrupt, too
            temporary.unlink(missing_ok=True)
            raise


def write_together(contents: dict[Path, bytes]) -> None:
    """All of these files or, where one cannot be written, none of them."""
    written: list[Path] = []
    try:
        for path, content in contents.items():
            written.append(path)
            write_atomically(path, content)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise


def write_json(path: Path, values: object) -> None:
    """Atomically, and readable by a person."""
    write_atomically(path, (json.dumps(values, indent=2) + "\n").encode())


def write_tensors(path: Path, values: dict) -> None:
    """Atomically, in torch's format."""
    buffer = io.BytesIO()
    torch.save(values, buffer)
    write_atomically(path, buffer.getvalue())


def open_folder(folder: str | Path) -> Path:
    """The run's folder, made and proven writable."""
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"  # of several processes each has its own
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError as error:
        raise RunError(f"cannot write to {folder}: {error.strerror}; choose another") from error
    return folder


def read_tensors(path: Path) -> dict:
    """A file of `write_tensors`. Only tensors and plain values: it cannot run code."""
    try:
        values = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} does not exist") from None
    except Exception as error:  # torch, zipfile and pickle each raise their own kinds
        raise RunError(
            f"{path} is damaged or was not written by unet_teach (a whole network, written by "
            "torch.save or torch.jit.save, is not read, because it could run code)"
        ) from error
    if not isinstance(values, dict):
        raise RunError(f"{path} was not written by unet_teach")
    return values


def save_model(path: Path, model: nn.Module) -> None:
    """Weights with the architecture that they belong to; what a network is wrapped in is not.

    Raises
    ------
    RunError
        A weight that is NaN or infinite: no file is written.
    """
    *_wrappers, model = peeled(model)
    weights = model.state_dict()
    refuse_not_finite(weights, "the network")
    write_tensors(path, {**architecture_of(model), "weights": weights})


def refuse_not_finite(weights: dict, source: object) -> None:
    """Refuse weights that hold NaN or infinity: whatever they segment is nothing."""
    name = not_finite(weights)
    if name:
        raise RunError(
            f"{source} cannot be used: its weight {name} holds NaN or infinity, so training "
            "diverged; train again with a lower lr"
        )


def load_model(path: str | Path) -> nn.Module:
    """The network of a run's folder, of its ``model.pt``, or of a ``checkpoint.pt``.

    Raises
    ------
    FileNotFoundError, RunError
        Nothing there, a damaged file, or weights of another architecture.
    """
    path = Path(path)
    if path.is_dir():
        found = [path / name for name in MODELS]
        existing = [file for file in found if file.exists()]
        if not existing:
            raise FileNotFoundError(f"{path} holds no model.pt and no checkpoint.pt")
        path = existing[0]
    values = read_tensors(path)
    if not {"network", "weights"} <= set(values):
        alone = values and all(isinstance(value, torch.Tensor) for value in values.values())
        what = "weights alone, without the config of their network" if alone else "no network"
        raise RunError(f"{path} holds {what}; give a model.pt or checkpoint.pt of a run")
    network = UNetConfig.from_dict(values["network"])
    # Files of before the other architectures hold a U-Net and do not say so.
    kind = values.get("architecture", "unet"), values.get("deep_supervision", False)
    model = build(network, *kind)
    load_weights(model, values["weights"], path)
    return model.eval()


def load_weights(model: nn.Module, weights: dict, source: object) -> None:
    """`load_state_dict`, explaining the first weight that does not fit.

    Names may carry the ``module.`` of `DataParallel` or the ``_orig_mod.`` of `torch.compile`.
    """
    expected = model.state_dict()
    weights = {
        ".".join(part for part in name.split(".") if part not in WRAPPERS): value
        for name, value in weights.items()
    }
    for name in [*expected, *weights]:
        ours, theirs = (
            tuple(w[name].shape) if name in w else "missing" for w in (expected, weights)
        )
        if ours != theirs:
            raise RunError(
                f"{source} is of another architecture: {name} is {theirs} there and {ours} "
                "in this network; use the config that it was trained with"
            )
    refuse_not_finite(weights, source)
    model.load_state_dict(weights)


def read_log(path: str | Path) -> list[dict]:
    """The steps of a run; a last line that a kill left unfinished is passed over.

    ``path`` is a log, or the folder of a run.
    """
    path = Path(path)
    if path.is_dir():
        path = path / "log.jsonl"
    records = []
    for line in path.read_text().splitlines():
        try:
            records.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return records
