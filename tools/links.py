"""The links that open the course elsewhere, all made from one setting.

    python tools/links.py OWNER/NAME     # or: make links REPO=OWNER/NAME

``repository`` under ``[tool.unet-teach]`` in pyproject.toml names the published repository. The
command writes a new name there and into the links of every text of the project, README and
CITATION.cff among them; the notebooks take it from the setting when they are built (``make
links`` builds them, too), and so does the book.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).parents[1]
BRANCH = "main"
HOSTS = (
    "https://colab.research.google.com/github/",
    "https://mybinder.org/v2/gh/",
    "https://codespaces.new/",
    "https://github.com/",
    "https://raw.githubusercontent.com/",
)
# Where a link may stand, and the folders that hold nothing of the project's own.
TEXTS = {".md", ".toml", ".cff", ".yml", ".yaml", ".json", ".py", ".sh", ".txt", ".html"}
NOT_OURS = {".git", ".venv", "build", "dist", "runs", "node_modules"}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9_.-]+")
COLAB_BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
BINDER_BADGE = "https://mybinder.org/badge_logo.svg"
# Without dependencies, and nothing upgraded: Colab keeps its own torch, numpy and ipywidgets.
INSTALL = """# @title Install the course (in Colab only) {{ display-mode: "form" }}
import sys

if "google.colab" in sys.modules:  # elsewhere this cell does nothing
    import subprocess

    course = "unet-teach @ https://github.com/{repository}/archive/{branch}.zip"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", course]
    subprocess.run([*pip, "pooch", "platformdirs", "anywidget", "psygnal"], check=True)"""


def repository(root: Path = ROOT) -> str:
    """The published repository, ``owner/name``, as the setting has it."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return settings["tool"]["unet-teach"]["repository"]


def colab(repository: str, path: str) -> str:
    """Where Colab opens a notebook of the repository."""
    return f"https://colab.research.google.com/github/{repository}/blob/{BRANCH}/{path}"


def binder(repository: str, path: str) -> str:
    """Where Binder opens a notebook of the repository, in JupyterLab."""
    return f"https://mybinder.org/v2/gh/{repository}/{BRANCH}?labpath={quote(path, safe='')}"


def row(repository: str, path: str) -> str:
    """The two badges of a notebook, as Markdown."""
    return (
        f"[![Open in Colab]({COLAB_BADGE})]({colab(repository, path)})\n"
        f"[![Open in Binder]({BINDER_BADGE})]({binder(repository, path)})"
    )


def install(repository: str) -> str:
    """The code cell that installs the course in Colab."""
    return INSTALL.format(repository=repository, branch=BRANCH)


def pages(repository: str) -> str:
    """Where GitHub Pages shows the book of a repository."""
    owner, name = repository.split("/")
    return f"https://{owner.lower()}.github.io/{name}"


def repointed(text: str, old: str, new: str) -> str:
    """A text with its links to the repository ``old`` leading to ``new``."""
    hosts = "|".join(map(re.escape, HOSTS))
    text = re.sub(rf"({hosts}){re.escape(old)}(?![\w-])", rf"\g<1>{new}", text)
    return re.sub(rf"{re.escape(pages(old))}(?![\w-])", pages(new), text)


def texts(root: Path = ROOT) -> list[Path]:
    """Every text of the project that may hold a link; not the notebooks: those are built."""
    found = [path for path in sorted(root.rglob("*")) if path.suffix in TEXTS]
    return [p for p in found if p.is_file() and not NOT_OURS & set(p.relative_to(root).parts)]


def point(new: str, root: Path = ROOT) -> list[Path]:
    """Write the setting and every text's links; give the files that changed.

    Raises
    ------
    ValueError
        Not of the form ``owner/name``.
    """
    if not NAME.fullmatch(new):
        raise ValueError(f"{new!r} is no repository; valid: owner/name, as in {repository()}")
    old, changed = repository(root), []
    setting = 'repository = "{}"'
    for path in texts(root):
        before = path.read_text(encoding="utf-8")
        after = repointed(before, old, new)
        if path == root / "pyproject.toml":
            after = after.replace(setting.format(old), setting.format(new))
        if after != before:
            path.write_text(after, encoding="utf-8", newline="\n")
            changed.append(path)
    return changed


def main() -> int:
    if len(sys.argv) != 2:
        print("which repository? make links REPO=owner/name", file=sys.stderr)
        return 2
    try:
        changed = point(sys.argv[1])
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    names = [path.relative_to(ROOT).as_posix() for path in changed]
    print("changed:", ", ".join(names) or "nothing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
