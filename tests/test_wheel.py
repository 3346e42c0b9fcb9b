"""The package as others get it: sdist and wheel are built, installed and used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RESOURCES = ROOT / "unet_teach" / "resources"

pytest.importorskip("build")
pytest.importorskip("hatchling")


def run(*command: object, cwd: Path) -> str:
    """A command away from the checkout, so that what is installed is what is imported."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout.strip()


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[Path, Path]:
    """The sdist, and the wheel that is built from it."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    (sdist,), (wheel,) = out.glob("*.tar.gz"), out.glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory) -> Path:
    """Python of a new environment that holds the wheel, and sees torch from this one.

    Plain ``--system-site-packages`` would show the system's packages, and this Python is
    often a virtual environment itself; so a .pth file names its site-packages. Editable
    installs are .pth files too, and those are not followed: the checkout stays unseen.
    """
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    scheme = {"base": str(folder), "platbase": str(folder)}
    inside = Path(sysconfig.get_path("purelib", "venv", scheme))
    python = Path(sysconfig.get_path("scripts", "venv", scheme)) / Path(sys.executable).name
    (inside / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    target = ["--no-deps", "--no-index", "--quiet", "--disable-pip-version-check"]
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--ignore-installed"]
    run(*pip, *target, built[1], cwd=folder)
    return python


def package_files() -> set[str]:
    """Every file of the package that git knows or would take, and that is no byte code."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "unet_teach"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a git checkout")
    return {name for name in done.stdout.splitlines() if (ROOT / name).is_file()}


def resource_files() -> set[str]:
    """Every resource that lies there, whether or not .gitignore would hide it."""
    found = {p for p in RESOURCES.rglob("[!.]*") if p.is_file() and p.suffix != ".pyc"}
    return {path.relative_to(ROOT).as_posix() for path in found}


def test_wheel_and_sdist_hold_the_whole_package(built):
    sdist, wheel = built
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = set(archive.namelist())
    with tarfile.open(sdist) as archive:
        in_sdist = {name.partition("/")[2] for name in archive.getnames()}
    wanted = package_files() | resource_files()
    assert sorted(wanted - in_wheel) == []
    assert sorted(wanted - in_sdist) == []


def test_wheel_holds_the_licence_and_nothing_of_the_checkout(built):
    with zipfile.ZipFile(built[1]) as archive:
        names = archive.namelist()
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert any(name.endswith("licenses/DATA_AND_WEIGHTS.md") for name in names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {"unet_teach"}
    assert [name for name in names if "__pycache__" in name or "/." in name] == []


def test_the_installed_package_is_the_wheel(installed, tmp_path):
    where = run(installed, "-c", "import unet_teach; print(unet_teach.__file__)", cwd=tmp_path)
    assert Path(where).is_relative_to(installed.parents[1])
    version = "from importlib.metadata import version; print(version('unet-teach'))"
    import unet_teach

    assert run(installed, "-c", version, cwd=tmp_path) == unet_teach.__version__


def test_the_installed_command_answers(installed, tmp_path):
    command = installed.with_name(installed.name.replace("python", "unet-teach"))
    assert "train" in run(command, "--help", cwd=tmp_path)


@pytest.mark.parametrize("name", ["isbi", "membranes"])
def test_trained_weights_load_from_the_installed_wheel(installed, tmp_path, name):
    index = RESOURCES / "weights" / "weights.json"
    if not index.is_file() or name not in json.loads(index.read_text(encoding="utf-8")):
        pytest.skip(f"no weights {name!r} in unet_teach/resources/weights yet")
    code = f"""
import numpy as np
from unet_teach.models.pretrained import pretrained
from unet_teach.tiling import predict
image = np.random.default_rng(0).integers(0, 256, (100, 130)).astype("uint8")
print(predict(pretrained({name!r}), image).shape)
"""
    assert run(installed, "-c", code, cwd=tmp_path) == "(2, 100, 130)"
