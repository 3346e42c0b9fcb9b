"""Build notebooks/*.ipynb from notebooks/src/*.py, byte for byte the same every time.

    python tools/build_notebooks.py            # or: make notebooks

The sources are the truth: percent-format Python, read with jupytext. A notebook is
written without outputs, and a cell's id comes from its place and its content, so
that an unchanged source gives an unchanged file.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import jupytext
import nbformat

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def build(source: str) -> str:
    """The text of the notebook that a percent-format source stands for."""
    notebook = jupytext.reads(source, fmt="py:percent")
    for position, cell in enumerate(notebook.cells):
        content = f"{position}\n{cell.cell_type}\n{cell.source}"
        cell["id"] = hashlib.sha256(content.encode()).hexdigest()[:8]
    # No version of Python or jupytext: who builds must not show.
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return nbformat.writes(notebook, indent=1) + "\n"


def sources() -> dict[Path, Path]:
    """Each source and the notebook that is built from it."""
    return {
        source: NOTEBOOKS / f"{source.stem}.ipynb"
        for source in sorted((NOTEBOOKS / "src").glob("*.py"))
    }


def main() -> int:
    for source, target in sources().items():
        text = build(source.read_text(encoding="utf-8"))
        fresh = not target.exists() or target.read_text(encoding="utf-8") != text
        if fresh:
            target.write_text(text, encoding="utf-8", newline="\n")
        print(f"{target.name}: {'written' if fresh else 'unchanged'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
