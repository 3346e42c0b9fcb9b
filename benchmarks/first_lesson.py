"""From a fresh clone to the first lesson open: seconds of what a newcomer types.

    python benchmarks/first_lesson.py                   # git clone, make lab
    python benchmarks/first_lesson.py --dev-container   # what .devcontainer runs, then make lab

The last commit is cloned into a temporary folder, and `make lab` is waited for until the first
lesson's page, its cells and a kernel that answers are there. What pip downloaded before counts
as downloaded: it is measured with pip's cache as it is. Nothing is asserted about the time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))
from opening import Server, serving

ROOT = Path(__file__).parents[1]
LESSON = "00_start_here.ipynb"  # make lab serves the folder that it lies in


def post_create(clone: Path) -> str:
    """What the dev container runs when it is made."""
    text = (clone / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    return json.loads(text)["postCreateCommand"]


def measure(folder: Path, dev_container: bool) -> dict[str, float]:
    """Seconds until each step was reached, in order."""
    clone, server, start, reached = folder / "course", Server(), time.time(), {}
    subprocess.run(["git", "clone", "-q", "--local", ROOT, clone], check=True)
    reached["cloned"] = time.time() - start
    lab = f"make lab LAB_FLAGS='{' '.join(server.flags)}'"
    command = f"{post_create(clone)} && {lab}" if dev_container else lab
    with serving(["sh", "-c", command], clone, folder / "lab.log", server):
        server.wait()
        reached["set up"] = (clone / ".venv" / ".ready").stat().st_mtime - start
        reached["JupyterLab answers"] = time.time() - start
        server.open(LESSON)
        reached["first lesson open, its kernel ready"] = time.time() - start
    return reached


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dev-container", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="first_lesson_") as folder:
        reached = measure(Path(folder), chosen.dev_container)
    for step, seconds in reached.items():
        print(f"{seconds:6.1f} s  {step}")


if __name__ == "__main__":
    main()
