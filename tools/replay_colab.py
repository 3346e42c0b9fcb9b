"""Colab, replayed: its versions, the cell that installs the course there, every solved lesson.

    python tools/replay_colab.py                        # or: make colab
    python tools/replay_colab.py --torch 2.11.0         # with another torch
    python tools/replay_colab.py --python ENVIRONMENT/bin/python

Colab itself cannot be tested from outside. This makes build/colab, an environment with Colab's
versions (``tools/colab.txt``) and with nothing of the course. There, in a kernel to which
``google.colab`` is loaded, it runs the learner's first code cell; only the address in it is
replaced, by an archive of this checkout, packed as GitHub packs it. The cell may add packages,
and must change none. Then every solved lesson runs in that environment, strictly. What stays
unproven: Colab's own page, which draws the widgets, and its GPU.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import venv
from pathlib import Path

import nbformat
from nbclient import NotebookClient

sys.path.insert(0, str(Path(__file__).parent))
import links

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build"
VERSIONS = ROOT / "tools" / "colab.txt"
KERNEL = "colab-replay"
ADDS = {"unet-teach", "pooch", "platformdirs", "anywidget", "psygnal"}  # what the cell installs
SHOWN = ("torch", "numpy", "ipywidgets", "ipython", "ipykernel", "matplotlib")
INVENTORY = """
import json, sys, importlib.metadata
assert "google.colab" in sys.modules
found = importlib.metadata.distributions()
print(json.dumps({d.name.lower().replace("_", "-"): d.version for d in found}))"""


def environment(torch: str | None) -> Path:
    """A new build/colab with Colab's versions; gives its Python."""
    target = BUILD / "colab"
    venv.create(target, clear=True, with_pip=True)
    python = target / ("Scripts" if os.name == "nt" else "bin") / "python"
    wanted = [w.split("#")[0].strip() for w in VERSIONS.read_text("utf-8").splitlines()]
    wanted = [w for w in wanted if w and not (torch and w.startswith("torch=="))]
    wanted += [f"torch=={torch}"] if torch else []
    subprocess.run([python, "-m", "pip", "install", "-q", *wanted], check=True)
    return python


def disguise(python: Path) -> None:
    """Load ``google.colab`` in every Python of the environment, as Colab's kernel does."""
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    found = subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True)
    packages = Path(found.stdout.strip())
    (packages / "google").mkdir(exist_ok=True)
    (packages / "google" / "colab.py").write_text('"""Not Colab: its replay."""\n')
    (packages / "colab_replay.pth").write_text("import google.colab\n")


def register(python: Path) -> None:
    """Make a kernel of the environment known to this process and to those it starts."""
    words = [python, "-m", "ipykernel", "install", "--prefix", BUILD / "colab"]
    subprocess.run([*words, "--name", KERNEL], check=True, capture_output=True)
    os.environ["JUPYTER_PATH"] = str(BUILD / "colab" / "share" / "jupyter")
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # a warning for debuggers


def archive(repository: str) -> Path:
    """This checkout as the zip that GitHub would give, changes to tracked files included."""
    target = BUILD / f"{links.BRANCH}.zip"
    git = ["git", "-C", str(ROOT)]
    changed = subprocess.run([*git, "stash", "create"], capture_output=True, text=True).stdout
    name = f"{repository.split('/')[1]}-{links.BRANCH}/"
    pack = [*git, "archive", "--format=zip", f"--prefix={name}", f"--output={target}"]
    subprocess.run([*pack, changed.strip() or "HEAD"], check=True)
    return target


def first_cells() -> set[str]:
    """The first code cell of every learner's lesson."""
    cells = set()
    for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        cells.add(next(cell.source for cell in notebook.cells if cell.cell_type == "code"))
    return cells


def run_first_cell() -> tuple[dict[str, str], dict[str, str], str]:
    """Installed versions before and after the cell, and what it said."""
    (cell,) = first_cells()
    repository = links.repository()
    address = f"https://github.com/{repository}/archive/{links.BRANCH}.zip"
    assert address in cell, "type: make notebooks"
    cell = cell.replace(address, archive(repository).as_uri())
    check = "import unet_teach.interactive, unet_teach.exercises"  # in the same kernel, at once
    sources = [INVENTORY, cell, check, INVENTORY]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    NotebookClient(notebook, timeout=600, kernel_name=KERNEL).execute()
    texts = ["".join(o.get("text", "") for o in cell.outputs) for cell in notebook.cells]
    return json.loads(texts[0]), json.loads(texts[3]), texts[1] + texts[2]


def judged(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """What the cell did to the environment that it must not do."""
    wrong = [
        f"{name} {version} became {after.get(name, 'nothing')}"
        for name, version in sorted(before.items())
        if after.get(name) != version
    ]
    extra = set(after) - set(before) - ADDS
    missing = ADDS - set(after)
    return wrong + [f"{n} came, too" for n in extra] + [f"{n} is missing" for n in missing]


def run_lessons(jobs: str) -> int:
    """Every solved lesson in the environment, as ``make test`` runs them; pytest's status."""
    words = ["-q", "-p", "no:cacheprovider", "-n", jobs, "--dist", "loadfile", "--nbval-lax"]
    words += [f"--nbval-kernel-name={KERNEL}", "--nbval-cell-timeout=120"]
    settings = {"UNET_TEACH_STRICT": "1", "OMP_NUM_THREADS": "1", "UNET_TEACH_EXECUTED": ""}
    run = [sys.executable, "-m", "pytest", *words, "notebooks/solutions"]
    return subprocess.run(run, cwd=ROOT, env=os.environ | settings).returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--torch", help="another version than Colab's own")
    parser.add_argument("--python", type=Path, help="of an environment that is there already")
    parser.add_argument("--jobs", default="2", help="lessons at a time")
    chosen, start = parser.parse_args(), time.perf_counter()
    python = chosen.python or environment(chosen.torch)
    disguise(python)
    register(python)
    print(f"environment: {time.perf_counter() - start:.0f} s", flush=True)
    before, after, said = run_first_cell()
    print(*(f"{name} {before[name]}" for name in SHOWN), sep=", ")
    print("the cell added:", ", ".join(sorted(set(after) - set(before))))
    print("the cell said:", said.strip() or "nothing", flush=True)
    if wrong := judged(before, after):
        print("In Colab the first cell would do harm:", *wrong, sep="\n  ", file=sys.stderr)
        return 1
    start = time.perf_counter()
    status = run_lessons(chosen.jobs)
    print(f"lessons: {time.perf_counter() - start:.0f} s")
    return status


if __name__ == "__main__":
    sys.exit(main())
