"""Seconds and peak memory of each solved lesson, run from top to bottom.

    python benchmarks/lessons.py            # all of them
    python benchmarks/lessons.py 02 07      # two

Each runs in a fresh kernel, as nbval runs it. The memory is the kernel's largest resident
size; "imports" is that of a kernel that only imports what the lessons import, before any
training. Not on Windows, and on macOS in other units: `resource` measures it.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

SOLUTIONS = Path(__file__).parents[1] / "notebooks" / "solutions"
PEAK = """
import resource
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
IMPORTS = "import torch, unet_teach.training, unet_teach.exercises, unet_teach.interactive"


def run(notebook: nbformat.NotebookNode, folder: Path) -> tuple[float, int]:
    """Seconds from the kernel's start to its end, and its peak in MB."""
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK))
    start = time.perf_counter()
    client = NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    seconds = time.perf_counter() - start
    (last,) = [o for o in notebook.cells[-1].outputs if o.output_type == "stream"]
    return seconds, int(last.text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", metavar="NN")
    chosen = parser.parse_args().lessons
    os.environ |= {"UNET_TEACH_STRICT": "1", "UNET_TEACH_MINE": "off"}
    empty = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(IMPORTS)])
    empty.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    seconds, peak = run(empty, SOLUTIONS)
    print(f"{'imports':32} {seconds:6.1f} s  {peak:5} MB", flush=True)
    total = 0.0
    for path in sorted(SOLUTIONS.glob("*.ipynb")):
        if chosen and path.name[:2] not in chosen:
            continue
        seconds, peak = run(nbformat.read(path, as_version=4), SOLUTIONS)
        total += seconds
        print(f"{path.stem:32} {seconds:6.1f} s  {peak:5} MB", flush=True)
    print(f"{'all':32} {total:6.1f} s")


if __name__ == "__main__":
    main()
