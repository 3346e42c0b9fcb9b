"""The tables behind the course's claims: one JSON file each, one entry a run."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import platform
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median

import torch

from unet_teach.data.volume import Volume
from unet_teach.training import TrainConfig, evaluate, load_model, read_log, split
from unet_teach.training.files import write_atomically, write_json

TABLES = Path(__file__).parents[1] / "unet_teach" / "resources" / "results"


def runs_parser(about: str, runs: str) -> argparse.ArgumentParser:
    """What an experiment that trains on ISBI is told: --runs, --data, --status."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=Path(runs))
    parser.add_argument("--data", type=Path, help="ISBI 2012, if not found by itself")
    parser.add_argument("--status", action="store_true", help="say what is done; train nothing")
    return parser


def processor() -> str:
    """Name, and what decides the speed of a CPU: its cores in use and its matrix units."""
    info = Path("/proc/cpuinfo")
    text = info.read_text() if info.exists() else ""
    names = [line.split(":")[1].strip() for line in text.splitlines() if "model name" in line]
    amx = "with AMX" if "amx_bf16" in text else "without AMX"
    return f"{len(names) or '?'} × {names[0] if names else platform.processor()}, {amx}"


def hardware(device: str | torch.device) -> str:
    """What a run computed on, from its device."""
    if torch.device(device).type == "cuda":
        return f"1 × {torch.cuda.get_device_name(device)}"
    return processor()


def code_version() -> str:
    """The commit that computed, marked where code differed from it (a table may).

    A copy without its history is told it: $UNET_TEACH_CODE.
    """
    if "UNET_TEACH_CODE" in os.environ:
        return os.environ["UNET_TEACH_CODE"]

    def git(*words: str) -> str:
        found = subprocess.run(["git", *words], capture_output=True, text=True, cwd=TABLES)
        return found.stdout.strip()

    differs = git("status", "--porcelain", "--untracked-files=no", ":/", ":(exclude).")
    commit = git("rev-parse", "--short=10", "HEAD") or "unknown"
    return commit + "-dirty" * bool(differs)


def circumstances(command: str) -> dict:
    """What a row on ISBI 2012 says of how it was made: machine, versions, command, data."""
    return {
        "hardware": processor(), "threads": torch.get_num_threads(),
        "torch": torch.__version__, "code": code_version(), "command": command,
        "data": "ISBI 2012 train, 30 slices",
    }  # fmt: skip


def summary(scores) -> dict:
    """The figures that a table shows."""
    names = ("v_rand", "v_rand_threshold", "v_info", "v_info_threshold", "pixel_error")
    return {name: round(getattr(scores, name), 5) for name in names}


def minutes(log: list[dict]) -> float:
    """Of training: the steps times their median, whatever else a machine did for a while."""
    seconds = [record["seconds"] for record in log]
    each = median(later - sooner for sooner, later in pairwise(seconds))
    return round(len(log) * each / 60, 1)


def note_run(table: str, folder: Path, volume: Volume) -> None:
    """Add a finished run to a table: how it was made, how long it took, what it scores."""
    config = TrainConfig.from_dict(json.loads((folder / "config.json").read_text()))
    facts = json.loads((folder / "facts.json").read_text())
    _, held_out = split(volume, config)
    model, log = load_model(folder).to(facts["device"]), read_log(folder)
    entry = {
        "run": folder.name,
        "fold": config.fold,
        "seed": config.seed,
        "single": summary(evaluate(model, held_out)),
        "averaged": summary(evaluate(model, held_out, average=True)),
        "steps": config.steps,
        "minutes": minutes(log),
        "final_loss": round(sum(r["loss"] for r in log[-20:]) / len(log[-20:]), 4),
        "hardware": hardware(facts["device"]),
        "code": code_version(),
        **{k: facts[k] for k in ("data", "precision", "memory_format", "threads", "torch")},
        "config": config.to_dict(),
    }
    add_entry(table, entry)


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """One process at a time changes a table: two runs may end at once."""
    with open(Path(tempfile.gettempdir()) / "unet_teach_results.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def add_entry(table: str, entry: dict) -> None:
    """Put an entry into a table, in place of an older one of the same run."""
    TABLES.mkdir(parents=True, exist_ok=True)
    path = TABLES / f"{table}.json"
    with locked():
        entries = json.loads(path.read_text()) if path.exists() else []
        entries = [e for e in entries if e["run"] != entry["run"]] + [entry]
        write_json(path, sorted(entries, key=lambda e: e["run"]))


def read_rows(path: Path) -> list[dict]:
    """A table that holds one line for each run; empty before the first."""
    return json.loads(path.read_text()) if path.exists() else []


def write_rows(path: Path, rows: list[dict]) -> None:
    """One line for each run, so that a change of the table shows which."""
    lines = ",\n".join(json.dumps(row) for row in rows)
    write_atomically(path, f"[\n{lines}\n]\n".encode())
