"""A lesson is added in a copy of the tree: three paths by hand, the rest by one command."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
make_lesson = pytest.importorskip("make_lesson")
pytest.importorskip("jupytext")

N, NAME = "83", "toy_blocks"  # a number that stands in no other test's name
BY_HAND = {
    f"notebooks/src/{N}_{NAME}.py",
    f"unet_teach/lessons/l{N}_{NAME}",
    f"tests/test_lesson_{N}.py",
}
PROSE = {"TEACHING.md"}
GENERATED = {
    f"notebooks/{N}_{NAME}.ipynb",
    f"notebooks/solutions/{N}_{NAME}.ipynb",
    f"assets/lessons/{N}_u.png",
    f"assets/twins/{NAME}_explorer.svg",
    "assets/alt_texts.json",
    "README.md",
    "TEACHING.md",  # its tables
}
# What holds for each lesson, and what speaks of all of them.
TESTS = [
    *("tests/test_notebooks.py", "tests/test_checks.py", "tests/test_checks_mutants.py"),
    *("tests/test_house.py", "tests/test_teaching.py", "tests/test_slides.py"),
    *("tests/test_links.py", "tests/test_classroom.py", f"tests/test_lesson_{N}.py"),
    f"unet_teach/lessons/l{N}_{NAME}",
]
OF_ALL = [
    *("every_notebook_is_what", "the_tables_are", "place_in_the_weeks", "memory_is"),
    *("no_lesson_comes_before", "as_many_weeks", "the_table_is_what", "import_each_other"),
]


def files(*options: str) -> list[str]:
    """What git knows, or with ``--others`` would take."""
    run = ["git", "ls-files", "-z", *options]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def ran(folder: Path, *command: str) -> subprocess.CompletedProcess:
    """A Python command in the copy, whose package it imports."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True
    )


def contents(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    """The paths that are new or other than before, a room's files as one."""
    names = {n for n in before.keys() | after.keys() if before.get(n) != after.get(n)}
    room = f"unet_teach/lessons/l{N}_{NAME}"
    return {room if name.startswith(f"{room}/") else name for name in names}


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("course")
    for name in files("--cached", "--others", "--exclude-standard"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([], "N is ''; valid: two digits"),
        (["7", "gates"], "N is '7'; valid: two digits"),
        (["05", "gates"], "there is a unet_teach/lessons/l05_crop_or_pad already"),
        ([N], "NAME is ''; valid: small letters"),
        ([N, "Skip-Gates"], "NAME is 'Skip-Gates'; valid: small letters"),
        ([N, "../gates"], "NAME is '../gates'; valid: small letters"),
        ([N, "x" * 31], "at most 30"),
        ([N, "crop"], "there is a crop_explorer in unet_teach/lessons/l05_crop_or_pad/panel"),
    ],
)
def test_a_bad_number_or_name_is_refused_and_nothing_written(copy, words, reason):
    before = contents(copy)
    done = ran(copy, "tools/make_lesson.py", *words)
    assert done.returncode == 1 and reason in done.stderr
    assert changed(before, contents(copy)) == set()


def test_a_lesson_takes_three_paths_and_one_command(copy):
    before = contents(copy)
    done = ran(copy, "tools/make_lesson.py", N, NAME)
    assert done.returncode == 0, done.stderr
    scaffolded = contents(copy)
    assert changed(before, scaffolded) == BY_HAND | PROSE
    done = ran(copy, "tools/artefacts.py", N)
    assert done.returncode == 0, done.stdout + done.stderr
    assert changed(scaffolded, contents(copy)) == GENERATED
    for rule in (["check"], ["format", "--check"]):
        done = ran(copy, "-m", "ruff", *rule, *sorted(BY_HAND))
        assert done.returncode == 0, done.stdout
    names = " or ".join([N, *OF_ALL])
    options = ["-q", "-x", "-rA", "-p", "no:cacheprovider", "-k", names]
    done = ran(copy, "-m", "pytest", *options, *TESTS)
    assert done.returncode == 0, done.stdout[-3000:]
    passed = re.findall(r"^PASSED (.+)$", done.stdout, re.M)
    silent = [name for name in OF_ALL if not any(name in test for test in passed)]
    assert silent == [], "a test of this name was not run"
    for file in TESTS:
        assert any(test.startswith(file) for test in passed), f"nothing of {file} was run"
    nbval = ["--nbval-lax", "--nbval-current-env", f"notebooks/solutions/{N}_{NAME}.ipynb"]
    done = ran(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", *nbval)
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_scaffold_is_refused_as_soon_as_it_is_committed():
    """Its sentences say what to put in their place: then they are gone."""
    folders = ("notebooks/", "unet_teach/lessons/", "tests/test_lesson_", "README", "TEACHING")
    mark = make_lesson.MARK.encode()
    tracked = [name for name in files("--cached") if name.startswith(folders)]
    waiting = [name for name in tracked if mark in (ROOT / name).read_bytes()]
    assert waiting == []
