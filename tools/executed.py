"""The solved lessons as they ran in the tests: where they lie, and whether they still hold.

``make test`` runs every solved lesson once; with ``UNET_TEACH_EXECUTED=FOLDER`` the plugin in
``notebooks/conftest.py`` keeps each one there with its outputs. The book and the slides are
built from these, so nothing is run a second time. Each carries a fingerprint of its own text
and of the package, so that an output of other code is never taken for this one's.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
SOLUTIONS = ROOT / "notebooks" / "solutions"
FOLDER = ROOT / "build" / "executed"
SETTING = "UNET_TEACH_EXECUTED"


def fingerprint(notebook: Path, package: Path = ROOT / "unet_teach") -> str:
    """What an execution depends on, in sixteen letters: the notebook and the package."""
    digest = hashlib.sha256(notebook.read_bytes())
    for path in sorted(package.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(package).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def save(notebook: nbformat.NotebookNode, mark: str, target: Path) -> None:
    """Write an executed notebook with its fingerprint, whole or not at all."""
    notebook.metadata["unet_teach"] = {"fingerprint": mark}
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(f".{os.getpid()}.part")
    part.write_text(nbformat.writes(notebook, indent=1) + "\n", encoding="utf-8", newline="\n")
    part.replace(target)


def load(path: Path) -> nbformat.NotebookNode:
    """One executed notebook."""
    return nbformat.read(path, as_version=4)


def stale(folder: Path = FOLDER, solutions: Path = SOLUTIONS) -> list[Path]:
    """The solved notebooks that did not run yet as they are now."""
    found = []
    for notebook in sorted(solutions.glob("*.ipynb")):
        path = folder / notebook.name
        kept = load(path).metadata.get("unet_teach", {}) if path.is_file() else {}
        if kept.get("fingerprint") != fingerprint(notebook):
            found.append(notebook)
    return found


def run(notebooks: list[Path], folder: Path = FOLDER) -> None:
    """Run solved notebooks as ``make test`` does, on synthetic membranes.

    Raises
    ------
    SystemExit
        A cell failed.
    """
    command = [
        sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "--nbval-lax",
        "--nbval-current-env", "--nbval-cell-timeout=120", *map(str, notebooks),
    ]  # fmt: skip
    settings = {SETTING: str(folder), "UNET_TEACH_STRICT": "1", "OMP_NUM_THREADS": "1"}
    settings["UNET_TEACH_CACHE"] = str(ROOT / "build" / "nowhere")
    environment = {k: v for k, v in os.environ.items() if k != "UNET_TEACH_DATA"} | settings
    if subprocess.run(command, cwd=ROOT, env=environment).returncode:
        raise SystemExit("a solved lesson failed; make test says the same")


def executed(as_they_are: bool = False) -> list[Path]:
    """Every solved lesson with its outputs, run now where the tests did not; in order.

    ``as_they_are`` takes old ones, too: while writing, so that not everything runs at each
    change of the package.
    """
    missing = stale()
    if as_they_are:
        missing = [notebook for notebook in missing if not (FOLDER / notebook.name).is_file()]
    if missing:
        print(f"{len(missing)} lessons have not run as they are now; running them", flush=True)
        run(missing)
    return [FOLDER / notebook.name for notebook in sorted(SOLUTIONS.glob("*.ipynb"))]
