"""The frame: what the files beside the library promise agrees with each other."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


PYPROJECT = tomllib.loads(read("pyproject.toml"))
README = read("README.md")
CONDA_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib"}


def requirements(*extras: str) -> dict[str, Requirement]:
    """The direct dependencies, with those of some extras, by canonical name."""
    lines = list(PYPROJECT["project"]["dependencies"])
    for extra in extras:
        lines += PYPROJECT["project"]["optional-dependencies"][extra]
    found = [Requirement(line) for line in lines]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


def pins() -> dict[str, Version]:
    found = {}
    for line in read("constraints.txt").splitlines():
        if line and not line.startswith("#"):
            requirement = Requirement(line)
            (pin,) = requirement.specifier
            assert pin.operator == "==", line
            found[canonicalize_name(requirement.name)] = Version(pin.version)
    return found


def lower_bound(requirement: Requirement) -> str:
    (bound,) = requirement.specifier
    assert bound.operator == ">=", f"{requirement}: lower bounds only"
    return bound.version


# ---------------------------------------------------------------- versions and dependencies


def test_the_version_stands_in_one_place():
    import unet_teach

    assert PYPROJECT["project"]["dynamic"] == ["version"]
    assert PYPROJECT["tool"]["hatch"]["version"]["path"] == "unet_teach/__init__.py"
    line = f'__version__ = "{unet_teach.__version__}"'
    assert [p.name for p in (ROOT / "unet_teach").rglob("*.py") if line in read(p)] == [
        "__init__.py"
    ]


def test_every_dependency_has_a_lower_bound_that_the_tested_version_meets():
    for name, requirement in requirements("lab", "test").items():
        lower_bound(requirement)
        assert pins()[name] in requirement.specifier


def test_pins_are_without_local_builds():
    """``torch==2.13.0`` takes a CPU and a CUDA build alike; ``2.13.0+cpu`` only one."""
    assert [str(version) for version in pins().values() if version.local] == []
    assert pins()["torch"] == Version("2.13.0")


def installed_below(name: str, extra: str = "", seen: set | None = None) -> set[str]:
    """Everything that a distribution needs here, as installed."""
    seen = set() if seen is None else seen
    for line in metadata.requires(name) or []:
        requirement = Requirement(line)
        below = canonicalize_name(requirement.name)
        wanted = requirement.marker is None or requirement.marker.evaluate({"extra": extra})
        if wanted and below not in seen:
            seen.add(below)
            for inner in ("", *requirement.extras):
                installed_below(below, inner, seen)
    return seen


def test_constraints_cover_what_is_installed_below_the_direct_dependencies():
    known = pins()
    different = [
        n for n in requirements() if Version(metadata.version(n)).public != str(known[n])
    ]
    if different:
        pytest.skip(f"another environment than the tested one: {', '.join(different)}")
    cuda = re.compile("nvidia-|cuda-|triton")
    needed = set(requirements("lab", "test"))
    for name in list(needed):
        try:
            needed |= installed_below(name)
        except metadata.PackageNotFoundError as missing:
            pytest.skip(f"{missing} is not installed: not all extras are here")
    assert sorted(n for n in needed - set(known) if not cuda.match(n)) == []


def test_the_conda_environment_agrees():
    environment = yaml.safe_load(read("environment.yml"))
    *conda, last = environment["dependencies"]
    assert last == {"pip": ["-e .[lab]"]}
    found = {}
    for line in conda:
        requirement = Requirement(line)
        name = CONDA_NAMES.get(requirement.name, requirement.name)
        found[canonicalize_name(name)] = requirement.specifier
    assert PYPROJECT["project"]["requires-python"] in str(found.pop("python")).split(",")
    found.pop("pip")
    assert found == {name: r.specifier for name, r in requirements("lab").items()}


def test_the_conda_environment_leaves_nothing_for_pip_to_fetch(tmp_path):
    """Its pip part, where the conda part is installed: the course, and no other package."""
    (conda, pip), report = read("environment.yml").split("- pip:"), tmp_path / "report.json"
    assert "jupyterlab" in conda and yaml.safe_load(pip) == ["-e .[lab]"]
    words = [sys.executable, "-m", "pip", "install", "--no-index", "--no-build-isolation"]
    # Not editable, for which hatchling would want one more package: what it needs is the same.
    words += ["--dry-run", "--quiet", "--report", str(report), ".[lab]"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    if "No module named" in done.stderr:
        pytest.skip("no pip, or no hatchling, in this environment")
    assert done.returncode == 0, done.stderr
    (course,) = json.loads(report.read_text(encoding="utf-8"))["install"]
    assert course["metadata"]["name"] == "unet-teach" and course["requested_extras"] == ["lab"]


def reachable(host: str) -> bool:
    try:
        socket.create_connection((host, 443), timeout=5).close()
    except OSError:
        return False
    return True


@pytest.mark.slow
def test_the_conda_environments_pip_part_installs_into_an_empty_one(tmp_path):
    """Resolved anew from PyPI, it takes the tested versions, and others only where unpinned."""
    if not reachable("pypi.org"):
        pytest.skip("PyPI cannot be reached from here")
    report = tmp_path / "report.json"
    words = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--dry-run",
        "--quiet",
        "--ignore-installed",
    ]
    words += ["-c", "constraints.txt", "--report", str(report), "-e", ".[lab]"]
    subprocess.run(words, cwd=ROOT, check=True)
    found = json.loads(report.read_text(encoding="utf-8"))["install"]
    versions = {
        canonicalize_name(f["metadata"]["name"]): Version(f["metadata"]["version"])
        for f in found
    }
    assert set(requirements("lab")) <= set(versions)
    known = pins()
    assert {
        n: str(v) for n, v in versions.items() if n in known and v.public != str(known[n])
    } == {}


def test_the_oldest_constraints_are_the_lower_bounds():
    from oldest_constraints import oldest

    lines = oldest(PYPROJECT)
    assert "torch==2.6" in lines and "ipywidgets==7.7" in lines
    assert len(lines) == len(requirements("lab", "test"))


# ----------------------------------------------------------------------- Makefile and README


def targets() -> list[str]:
    """The Makefile's targets, but for files."""
    return re.findall(r"^([a-z][a-z-]*):", read("Makefile"), flags=re.MULTILINE)


def test_every_target_is_phony_and_explained():
    (phony,) = re.findall(r"^\.PHONY: (.*)$", read("Makefile"), flags=re.MULTILINE)
    assert phony.split() == targets()


@pytest.mark.skipif(shutil.which("make") is None, reason="no make here")
def test_make_alone_lists_every_target():
    run = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = re.findall(r"^  make ([a-z-]+)  ", run.stdout, flags=re.MULTILINE)
    assert listed == targets()


def commands(text: str) -> list[str]:
    """The lines of a text's fenced shell blocks, without comments."""
    blocks = re.findall(r"```(?:sh|bash|powershell)\n(.*?)```", text, flags=re.DOTALL)
    lines = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_commands_in_the_documents_exist(document):
    known, checked = set(targets()), 0
    for command in commands(read(document)):
        words = command.split()
        if words[0] == "make":
            assert {w for w in words[1:] if "=" not in w and "'" not in w} <= known, command
            checked += 1
        for script in re.findall(r"(?:tools|benchmarks|experiments)/\w+\.py", command):
            assert (ROOT / script).is_file(), command
            checked += 1
    assert checked >= 2


def test_subcommands_in_the_readme_exist():
    found = re.findall(r"(?:^|`)(?:unet-teach|python -m unet_teach) ([a-z]+)", README, re.M)
    assert {"doctor", "data", "train", "evaluate", "predict"} <= set(found)
    for name in sorted(set(found)):
        run = [sys.executable, "-m", "unet_teach", name, "--help"]
        done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "DATA_AND_WEIGHTS.md"])
def test_links_inside_the_project_lead_somewhere(document):
    links = re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", read(document))
    inside = [a or b for a, b in links if not (a or b).startswith(("http", "mailto"))]
    assert [link for link in inside if not (ROOT / link).exists()] == []


def test_pictures_say_what_they_show():
    """A drawing's alt text is the one drawn with it; a screen's is written for the README."""
    texts = json.loads(read("assets/alt_texts.json"))
    found = re.findall(r"<img src=\"assets/([^\"]+)\"[^>]*\balt=\"([^\"]+)\"", README)
    assert len(found) == README.count("<img") >= 1
    drawn = [(name, alt) for name, alt in found if not name.startswith("screens/")]
    assert drawn and [(name, texts[name]) for name, _ in drawn] == drawn
    for name, alt in found:
        assert (ROOT / "assets" / name).is_file() and len(alt) > 60, name


def test_the_readme_leads_to_every_lesson():
    lessons = {path.name for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")}
    assert set(re.findall(r"\]\(notebooks/(\d\d_\w+\.ipynb)\)", README)) == lessons


WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def jobs(workflow: str = "test.yml") -> dict:
    return yaml.safe_load(read(f".github/workflows/{workflow}"))["jobs"]


def runs(job: dict) -> list[str]:
    """The commands of a job's steps."""
    return [step["run"] for step in job["steps"] if "run" in step]


def test_windows_runs_what_the_readme_says():
    """One set of commands, in the workflow and in the README's part on Windows."""
    found = runs(jobs()["windows"])
    assert found and set(found) <= set(commands(README))


def test_windows_runs_the_tests_that_make_runs():
    """The same folders and options as `make test`, the solved lessons strictly."""
    makefile = read("Makefile")
    (recipe,) = re.findall(r"^test: .*\n((?:\t.*\n)+)", makefile, flags=re.MULTILINE)
    made = [line.split("$(NBVAL) ")[1] for line in recipe.splitlines() if "$(NBVAL)" in line]
    (options,) = re.findall(r"^NBVAL = (.*)$", makefile, flags=re.MULTILINE)
    found = [line for line in runs(jobs()["windows"]) if " pytest " in line]
    assert [line.split(f"{options} ")[1] for line in found] == made
    assert [("STRICT" in line) for line in found] == [False, True]


def test_continuous_integration_runs_one_script():
    assert "bash .ci/run" in runs(jobs()["make"])
    assert "set -euo pipefail" in read(".ci/run")
    for line in ("make lint", "make test"):
        assert line in read(".ci/run") and line in read("CONTRIBUTING.md")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_what_a_workflow_runs_exists(path):
    """It parses, pins what it uses, asks for few rights, and its commands lead somewhere."""
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert {"name", "permissions", "jobs"} <= set(workflow)
    for job in workflow["jobs"].values():
        assert job["runs-on"] and job["timeout-minutes"] <= 60
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step)
            assert re.fullmatch(r"[\w./-]+@v\d+", step.get("uses", "a/b@v1"))
        for line in runs(job):
            for target in re.findall(r"\bmake ([a-z-]+)", line):
                assert target in targets(), line
            for script in re.findall(r"[\w.]+/(?:\w+\.py|run)\b", line):
                assert (ROOT / script).is_file(), line


def test_every_door_is_replayed():
    """Colab with ipywidgets 7.7.1, Binder, the dev container: somewhere in the workflow."""
    found = "\n".join(line for job in jobs().values() for line in runs(job))
    for words in ("make colab", "tools/replay_binder.py", "first_lesson.py --dev-container"):
        assert words in found
    versions = read("tools/colab.txt").splitlines()
    assert {"ipywidgets==7.7.1", "ipython==7.34.0", "numpy==2.1.3"} <= set(versions)


# --------------------------------------------------------------------------- what is not here


def tracked() -> list[Path]:
    run = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if run.returncode:
        pytest.skip("not a git checkout")
    return [Path(name) for name in run.stdout.split("\0") if name]


def test_no_micrographs_are_committed():
    """Neither as TIFF or HDF5, nor as a picture of the stack's own size in a data folder."""
    assert [p for p in tracked() if p.suffix in {".tif", ".tiff", ".h5", ".hdf5", ".zip"}] == []
    assert [p for p in tracked() if p.suffix == ".png" and p.parts[0] != "assets"] == []


def test_no_file_is_large():
    large = [p for p in tracked() if (ROOT / p).exists() and (ROOT / p).stat().st_size > 5e6]
    assert large == []
