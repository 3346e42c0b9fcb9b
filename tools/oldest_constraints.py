"""Print the lower bounds of pyproject.toml as exact versions.

    python tools/oldest_constraints.py > oldest.txt
    pip install -c oldest.txt -e ".[test]"

Continuous integration tests with these, so that a lower bound is a promise kept.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


def oldest(pyproject: dict) -> list[str]:
    """``["torch==2.6", …]``: one line for each direct dependency that has a lower bound."""
    project = pyproject["project"]
    wanted = list(project["dependencies"])
    for extra in ("lab", "test"):
        wanted += project["optional-dependencies"][extra]
    return sorted({line.replace(">=", "==") for line in wanted})


if __name__ == "__main__":
    print("\n".join(oldest(tomllib.loads(PYPROJECT.read_text(encoding="utf-8")))))
