"""Binder, replayed: its build, how soon a lesson is open, and how much memory it takes.

    python tools/replay_binder.py                  # every solved lesson's memory (minutes)
    python tools/replay_binder.py 00 08 14         # of three
    python tools/replay_binder.py --python python3.12

Binder itself cannot be tested from outside. For a folder `.binder` with a requirements.txt and
a runtime.txt, repo2docker makes an environment with a JupyterLab of its own, copies the
repository, installs the requirements from the repository's root and runs postBuild. The same
is done here, in a temporary folder, from the last commit; what Binder takes from conda-forge
comes from PyPI, and the Python is this one, unless another is named. It prints sizes, seconds
and memory, and fails where the installed packages contradict each other or a lesson needs more
memory than Binder has.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parent))
from opening import Server, serving

ROOT = Path(__file__).parents[1]
LESSON = "notebooks/00_start_here.ipynb"
LIMIT = 2048  # MB that Binder gives
# What repo2docker puts into every image: its environment.py-3.12.yml of August 2025.
BASE = [
    "ipywidgets==8.*",
    "jupyter-offlinenotebook==0.3.*",
    "jupyter-resource-usage==1.*",
    "jupyter_server==2.*",
    "jupyterhub==5.*",
    "jupyterlab==4.*",
    "notebook==7.*",
]


def timed(what: str, words: list, **where) -> None:
    """Run a command, and print how long it took."""
    start = time.perf_counter()
    subprocess.run([str(word) for word in words], check=True, **where)
    print(f"{what}: {time.perf_counter() - start:.0f} s", flush=True)


def build(home: Path, prefix: Path, python: str) -> Path:
    """Make Binder's environment at a prefix, and the repository at home; gives its Python."""
    own = prefix / "bin" / "python"
    pip = [own, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-cache-dir"]
    timed("empty environment", [python, "-m", "venv", prefix])
    timed("Binder's own packages", [*pip, *BASE])
    before = megabytes(prefix)
    timed("the repository", ["git", "clone", "-q", "--local", ROOT, home])
    timed("requirements.txt", [*pip, "-r", ".binder/requirements.txt"], cwd=home)
    setting = os.environ | {"NB_PYTHON_PREFIX": str(prefix)}
    timed("postBuild", ["./.binder/postBuild"], cwd=home, env=setting)
    subprocess.run([own, "-m", "pip", "check"], check=True)
    print(f"installed: {megabytes(prefix) - before} MB beside {before} MB of Binder's own")
    return own


def megabytes(folder: Path) -> int:
    """What the files of a folder take up."""
    sizes = [p.stat().st_size for p in folder.rglob("*") if p.is_file() and not p.is_symlink()]
    return sum(sizes) // 2**20


def open_first(home: Path, python: Path) -> int:
    """Start the server and open the first lesson; gives the MB that the server takes."""
    server, start = Server(), time.perf_counter()
    command = [str(python), "-m", "jupyterlab", *server.flags]
    with serving(command, home, home.parent / "server.log", server):
        server.wait()
        print(f"server answers: {time.perf_counter() - start:.1f} s")
        server.open(LESSON)
        print(f"first lesson open, its kernel ready: {time.perf_counter() - start:.1f} s")
        resident = psutil.Process(server.process.pid).memory_info().rss // 2**20
    print(f"server: {resident} MB", flush=True)
    return resident


def peak(home: Path, python: Path, lessons: list[str]) -> int:
    """The most MB that one of the solved lessons takes in the environment."""
    run, most = [str(python), "-u", "benchmarks/lessons.py", *lessons], 0
    with subprocess.Popen(run, cwd=home, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            if " MB" in line:
                most = max(most, int(line.split()[-2]))
    if process.returncode:
        sys.exit(f"a lesson failed on Binder: {' '.join(run)} in {home}")
    return most


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", metavar="NN")
    parser.add_argument("--python", default=sys.executable)
    chosen = parser.parse_args()
    runtime = (ROOT / ".binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    print(f"runtime.txt: {runtime}; here: {chosen.python}")
    with tempfile.TemporaryDirectory(prefix="binder_") as folder:
        home, prefix = Path(folder) / "jovyan", Path(folder) / "env"
        python = build(home, prefix, chosen.python)
        taken = open_first(home, python) + peak(home, python, chosen.lessons)
    print(f"server and the largest lesson: {taken} MB of {LIMIT}")
    return int(taken > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
