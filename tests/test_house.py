"""The house, read with ``ast`` and never run.

- A module imports only from modules above it. So the library never imports what belongs to the
  course, and the engines of the course never import a room: they find rooms by their names.
- A room never imports another room. What two rooms need moves up.
- `inspection` holds nothing that a single lesson alone needs.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "unet_teach"

# The reading order in its wings, and the third parties that each part may use. Torch and scipy
# speak numpy, so who may use one of them may use numpy.
WINGS: dict[str, dict[str, set[str]]] = {
    "library": {
        "__init__": set(),
        "config": set(),
        "shapes": set(),
        "layers": {"torch"},
        "models": {"torch"},
        "data": {"numpy", "scipy", "pillow", "tifffile", "pooch"},
        "augment": {"torch"},
        "losses": {"torch", "scipy"},
        "metrics": {"numpy", "scipy"},
        "threads": set(),
        "tiling": {"torch"},
        "progress": {"tqdm"},
        "training": {"torch", "tqdm"},
        "inspection": {"torch"},
        "translation": set(),
        "comparisons": {"numpy", "scipy"},
    },
    "engines": {
        "drawing": {"matplotlib", "pillow"},
        "ahead": set(),
        "interactive": {"anywidget", "traitlets"},
        "film": {"torch", "traitlets"},
        "rooms": set(),
        "exercises": {"torch"},  # learners build networks: their answers are tensors
    },
    "rooms": {
        "lessons": {"torch", "scipy", "pillow", "matplotlib", "ipywidgets"},
    },
    "doors": {
        "classroom": {"torch"},  # as exercises: what students give back is tensors, too
        "cli": set(),
        "__main__": set(),
        "resources": set(),
    },
}
HOUSE = {part: allowed for wing in WINGS.values() for part, allowed in wing.items()}
WING = {part: wing for wing, parts in WINGS.items() for part in parts}
ORDER = list(HOUSE)
MAY_PRINT = {"training", "exercises", "cli", "__main__"}
DISTRIBUTION = {"PIL": "pillow"}  # where the import's name is another one


def modules() -> dict[str, Path]:
    """``"data.isbi" -> …/data/isbi.py``; a package's ``__init__`` goes by its folder's name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = list(path.relative_to(PACKAGE).with_suffix("").parts)
        if len(parts) > 1 and parts[-1] == "__init__":
            parts.pop()
        found[".".join(parts)] = path
    return found


MODULES = modules()


def imports(tree: ast.Module, known: set[str]) -> list[tuple[str, int]]:
    """Each imported module's dotted name and line, inside functions too."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            for alias in node.names:
                # `from unet_teach.data import isbi` imports a module, not a name in one.
                inner = f"{node.module}.{alias.name}"
                is_module = inner.removeprefix("unet_teach.") in known
                found.append((inner if is_module else node.module, node.lineno))
    return found


def room_of(name: str) -> str:
    """``"lessons.l05_crop_or_pad.panel" -> "l05_crop_or_pad"``, "" for what is in no room."""
    found = re.match(r"lessons\.(l\d\d_\w+)", name)
    return found[1] if found else ""


def complaints(name: str, source: str, known: set[str]) -> list[str]:
    """What the house has against this source, as module `name`."""
    tree, part, found = ast.parse(source), name.split(".")[0], []
    if part not in HOUSE:
        return [f"{name}: not in the house's order; add it to HOUSE, where it belongs"]
    allowed = HOUSE[part] | ({"numpy"} if HOUSE[part] else set())
    for module, line in imports(tree, known):
        top, _, rest = module.partition(".")
        if top == "unet_teach":
            other = rest.split(".")[0] or "__init__"
            if list(WINGS).index(WING[other]) > list(WINGS).index(WING[part]):
                wings = f"nothing of the {WING[part]} imports the {WING[other]}"
                found.append(f"{name}:{line} imports {module}: {wings}")
            elif part in ("__init__",) or ORDER.index(other) > ORDER.index(part):
                found.append(f"{name}:{line} imports {module}, which is read later")
            elif room_of(name) and room_of(rest) not in ("", room_of(name)):
                found.append(f"{name}:{line} imports {module}, another room")
        elif top not in sys.stdlib_module_names:
            if DISTRIBUTION.get(top, top) not in allowed:
                found.append(f"{name}:{line} imports {top}; allowed: {sorted(allowed)}")
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(a.name == "*" for a in node.names):
            found.append(f"{name}:{node.lineno} star import")
        is_print = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
        if is_print and part not in MAY_PRINT:
            found.append(f"{name}:{node.lineno} prints")
    return found


@pytest.mark.parametrize("name", MODULES)
def test_module_keeps_the_house_rules(name):
    source = MODULES[name].read_text(encoding="utf-8")
    assert complaints(name, source, set(MODULES)) == []


@pytest.mark.parametrize(
    "name, source, complaint",
    [
        ("shapes", "from unet_teach.layers import DoubleConv", "read later"),
        ("shapes.tracing", "def f():\n    import torch", "imports torch"),
        ("data.isbi", "from unet_teach import tiling", "read later"),
        ("metrics", "import skimage.metrics", "imports skimage"),
        ("losses", "from torch import *", "star import"),
        ("metrics", "print(1)", "prints"),
        ("__init__", "from unet_teach.config import UNetConfig", "read later"),
        ("helpers", "", "not in the house's order"),
        ("training.loop", "from unet_teach.drawing import png", "library imports the engines"),
        ("shapes", "def f():\n    import unet_teach.lessons", "library imports the rooms"),
        (
            "rooms",
            "from unet_teach.lessons import l05_crop_or_pad",
            "engines imports the rooms",
        ),
        (
            "lessons.l05_crop_or_pad.panel",
            "from unet_teach.cli import main",
            "rooms imports the doors",
        ),
        (
            "lessons.l05_crop_or_pad.panel",
            "from unet_teach.lessons.l06_concat_or_add.measure import operate",
            "another room",
        ),
    ],
)
def test_each_rule_can_be_broken(name, source, complaint):
    assert any(complaint in line for line in complaints(name, source, set(MODULES)))


def graph() -> dict[str, set[str]]:
    """Which module of the package imports which, at its top level or below."""
    edges = {}
    for name, path in MODULES.items():
        found = imports(ast.parse(path.read_text(encoding="utf-8")), set(MODULES))
        inside = {module.removeprefix("unet_teach.") for module, _ in found}
        edges[name] = (inside & set(MODULES)) - {name}
    return edges


def needed_by_one(edges: dict[str, set[str]]) -> list[str]:
    """The files of `inspection` that only one lesson imports, or nothing at all."""
    files = [name for name in edges if name.split(".")[0] == "inspection"]
    users = {
        file: {room_of(user) or user for user, needs in edges.items() if file in needs}
        for file in files
    }
    return [file for file in files if len(users[file]) < 2]


def test_inspection_holds_nothing_that_a_single_lesson_alone_needs():
    edges = graph()
    assert needed_by_one(edges) == []
    lonely = {"inspection.viewer": set(), "lessons.l09_look_inside.x": {"inspection.viewer"}}
    lonely["lessons.l09_look_inside.y"] = {"inspection.viewer"}
    assert needed_by_one({**edges, **lonely}) == ["inspection.viewer"]


def test_no_two_files_import_each_other():
    """Inside a folder the order is the author's, but there is one."""
    left = graph()
    while free := [name for name, needs in left.items() if not needs & set(left)]:
        for name in free:
            del left[name]
    assert left == {}, "these files import each other in a circle"


@pytest.mark.parametrize("name", ["unet_teach", "unet_teach.config", "unet_teach.shapes"])
def test_arithmetic_does_not_wait_for_torch(name):
    code = f"import sys, {name}; sys.exit(any(m in sys.modules for m in ('torch', 'numpy')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent).returncode == 0


def test_every_part_that_stands_is_in_the_package_docstring():
    import unet_teach

    parts = {name.split(".")[0] for name in MODULES} - {"__init__", "__main__", "resources"}
    missing = [part for part in parts if f"``{part}``" not in unet_teach.__doc__]
    assert missing == []
