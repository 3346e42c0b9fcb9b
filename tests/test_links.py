"""The doors into the course: links from one setting, Colab's cell, Binder, dev container."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from unet_teach.rooms import facts, rooms

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
builder = pytest.importorskip("build_notebooks")
lessons = pytest.importorskip("lessons")
links = pytest.importorskip("links")

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
REPOSITORY = PYPROJECT["tool"]["unet-teach"]["repository"]
LEARNERS = [
    path
    for path in sorted((ROOT / "notebooks").rglob("*.ipynb"))
    if not {"solutions", ".ipynb_checkpoints"} & set(path.parts)
]
DOORS = (
    "colab.research.google.com",
    "mybinder.org",
    "codespaces.new",
    "github.com",
    "githubusercontent.com",
    "github.io",
)
PICTURES = {
    "https://colab.research.google.com/assets/colab-badge.svg",
    "https://mybinder.org/badge_logo.svg",
    "https://github.com/codespaces/badge.svg",
}


OTHERS = set()  # addresses at these hosts that are not the course's: whom a text cites
NO_REPOSITORY = re.compile(r"https?://[^/]+/?(github/|v2/gh/)?|.*\{.*|.*\bowner/name\b.*", re.I)


def doors(text: str) -> set[str]:
    """Every address in a text that leads to one of the hosts, but for the badges' pictures."""
    found = re.findall(r"https?://[^\s)\"'`<>\\]+", text)
    return {url for url in found if any(host in url for host in DOORS)} - PICTURES


def ours(url: str) -> bool:
    """Whether an address leads to the repository of the setting."""
    starts = [host + REPOSITORY for host in links.HOSTS] + [links.pages(REPOSITORY)]
    return bool(re.match(rf"({'|'.join(map(re.escape, starts))})(?![\w-])", url))


def tracked() -> list[Path]:
    run = ["git", "ls-files", "-z"]
    found = subprocess.run(run, cwd=ROOT, capture_output=True, text=True)
    if found.returncode:
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in found.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def due(path: str) -> set[str]:
    """Where a notebook's two badges lead."""
    return {
        f"https://colab.research.google.com/github/{REPOSITORY}/blob/main/{path}",
        f"https://mybinder.org/v2/gh/{REPOSITORY}/main?labpath={path.replace('/', '%2F')}",
    }


def cells(text: str) -> list[dict]:
    return json.loads(text)["cells"]


# ------------------------------------------------------------------------------- one setting
def test_the_readme_has_every_door():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tests = f"https://github.com/{REPOSITORY}/actions/workflows/test.yml"
    assert doors(readme) >= due("notebooks/00_start_here.ipynb") | {
        f"https://codespaces.new/{REPOSITORY}",
        tests,
        f"{tests}/badge.svg",
    }
    assert all(picture in readme for picture in PICTURES)


@pytest.mark.parametrize("path", LEARNERS, ids=lambda path: path.stem)
def test_no_link_of_a_notebook_is_stale(path):
    place = path.relative_to(ROOT).as_posix()
    archive = f"https://github.com/{REPOSITORY}/archive/main.zip"
    found = [doors("".join(cell["source"])) for cell in cells(path.read_text(encoding="utf-8"))]
    assert set().union(*found) == due(place) | {archive}, "type: make notebooks"


def test_no_link_of_any_text_is_stale():
    """Every tracked file but the tests, whose examples lead nowhere."""
    stale, holding = set(), set()
    for path in tracked():
        name = path.relative_to(ROOT)
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture, weights
        if name.parts[0] == "tests":
            continue
        urls = {url for url in doors(text) - OTHERS if not NO_REPOSITORY.fullmatch(url)}
        stale |= {f"{name}: {url}" for url in urls if not ours(url)}
        if any(ours(url) for url in urls) and path.suffix != ".ipynb":
            holding.add(path)
    assert sorted(stale) == [], "type: make links REPO=owner/name"
    assert {ROOT / "README.md"} <= holding
    missed = holding - set(links.texts(ROOT))
    assert sorted(missed) == [], "make links would leave these as they are: see links.TEXTS"


def tree(root: Path) -> dict[str, str]:
    found = links.texts(root) + sorted(root.rglob("*.ipynb"))
    return {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in found}


def tool(root: Path, *words: str) -> subprocess.CompletedProcess:
    run = [sys.executable, f"tools/{words[0]}", *words[1:]]
    return subprocess.run(run, cwd=root, capture_output=True, text=True)


def fork(target: Path) -> set[str]:
    """A copy of what is committed, with two lessons; gives the names of their notebooks."""
    for path in tracked():
        name = path.relative_to(ROOT)
        lesson = name.parts[0] == "notebooks"
        if lesson and not (name.parts[1] == "src" and name.name[:2] in ("00", "14")):
            continue
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target / name)
    return {f"notebooks/{p.stem}.ipynb" for p in (target / "notebooks" / "src").glob("*.py")}


def test_pointing_elsewhere_changes_every_link_and_nothing_else(tmp_path):
    learners, new = fork(tmp_path), "Some-One/a.course"
    extra = (
        f'repository-code: "https://github.com/{REPOSITORY}"\nurl: {links.pages(REPOSITORY)}/'
    )
    (tmp_path / "EXTRA.cff").write_text(extra, encoding="utf-8")
    assert len(learners) == 2 and tool(tmp_path, "build_notebooks.py").returncode == 0
    before = tree(tmp_path)
    done = tool(tmp_path, "links.py", new)
    assert done.returncode == 0, done.stderr
    assert tool(tmp_path, "build_notebooks.py").returncode == 0
    after = tree(tmp_path)
    assert after["EXTRA.cff"] == (
        f'repository-code: "https://github.com/{new}"\n'
        f"url: https://{new.split('/')[0].lower()}.github.io/a.course/"
    )
    changed = {name for name in before if before[name] != after[name]}
    assert {"pyproject.toml", "README.md", "EXTRA.cff"} | learners <= changed
    assert before.keys() == after.keys()
    for name in before:
        if not name.startswith("tests/"):
            assert not any(ours(url) for url in doors(after[name])), name
    for name in changed:
        old = after[name].replace(links.pages(new), links.pages(REPOSITORY))
        assert old.replace(new, REPOSITORY) == before[name]
    # The way back is the same command.
    assert tool(tmp_path, "links.py", REPOSITORY).returncode == 0
    assert tool(tmp_path, "build_notebooks.py").returncode == 0
    assert tree(tmp_path) == before


def test_a_repository_of_another_form_is_refused(tmp_path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for wrong in ("course", "a/b/c", "https://github.com/a/b", 'a/b"', ""):
        with pytest.raises(ValueError, match="valid: owner/name"):
            links.point(wrong, tmp_path)
    assert (tmp_path / "pyproject.toml").read_text("utf-8") == (
        ROOT / "pyproject.toml"
    ).read_text("utf-8")


def test_only_the_whole_name_is_replaced():
    text = "https://github.com/a/b https://github.com/a/b-more https://example.org/a/b a/b"
    assert links.repointed(text, "a/b", "c/d") == text.replace("com/a/b ", "com/c/d ")
    text = "https://a.github.io/b/ https://a.github.io/b-more https://a.github.io"
    assert links.repointed(text, "A/b", "C/d") == text.replace(
        "//a.github.io/b/", "//c.github.io/d/"
    )


def test_make_links_points_and_builds():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"^links: .*\n((?:\t.*\n)+)", makefile, flags=re.MULTILINE)
    assert recipe.split() == [
        *("$(BIN)", "tools/links.py", "$(REPO)"),
        *("$(BIN)", "tools/build_notebooks.py"),
    ]


# ------------------------------------------------------------- the cells that the builder adds
SOURCES = sorted((ROOT / "notebooks" / "src").glob("*.py"))
first = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


@first
def test_the_learners_notebook_gets_three_cells_and_no_other(source):
    lesson = lessons.read(source)
    learners = json.loads(builder.build(lesson, solved=False))
    solved = json.loads(builder.build(lesson, solved=True))
    ids = [cell["id"][3:] for cell in learners["cells"]]
    assert ids[1] == "open-online" and "![" in "".join(learners["cells"][0]["source"])
    code = next(c for c in learners["cells"] if c["cell_type"] == "code")
    assert code["id"][3:] == "colab" and code["metadata"]["tags"] == ["colab"]
    assert code["metadata"]["jupyter"] == {"source_hidden": True}  # folded in JupyterLab
    rest = [i for i in ids if i not in ("open-online", "colab", "next")]
    claims = {cell.name for cell in lesson.cells if cell.is_claim}
    assert rest == [cell["id"][3:] for cell in solved["cells"] if cell["id"][3:] not in claims]
    assert ids[-1] == "next"
    targets = re.findall(r"\]\(([^)]+)\)", "".join(learners["cells"][-1]["source"]))
    assert all((ROOT / "notebooks" / target).is_file() for target in targets)
    following = f"{int(lesson.number) + 1:02}"
    assert targets[-2:] == ["glossary.md", "references.md"]
    assert [t[:2] for t in targets[:-2]] == ([following] if following in rooms() else [])
    setup = learners["cells"][ids.index("colab") + 1]
    assert setup["cell_type"] == "code" and "unet_teach" in "".join(setup["source"])
    gpu = {"accelerator": "GPU"} if facts(lesson.number).gpu else {}
    assert learners["metadata"] == solved["metadata"] | gpu
    assert "accelerator" not in solved["metadata"]


@pytest.mark.parametrize("name", ["open-online", "colab", "next"])
def test_a_source_cannot_take_the_builders_ids(name):
    text = f'# %% [markdown] id="{name}"\n# # 05\n\n# %%\n1\n'
    with pytest.raises(lessons.SourceError, match=f"'{name}' is the builder's"):
        builder.build(lessons.parse("05_lesson", text), solved=False)


# Nothing may be started, opened on the network or written while the cell runs.
GUARD = """
import sys
WATCHED = ("subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "socket.")
def watch(event, args):
    if event.startswith(WATCHED):
        raise SystemExit(f"{event} {args}")
sys.addaudithook(watch)
"""
COLAB = """
import subprocess, sys, types
sys.modules["google.colab"] = types.ModuleType("google.colab")
subprocess.run = lambda words, check: print("\\n".join(map(str, [check, *words])))
"""


def ran(code: str) -> subprocess.CompletedProcess:
    run = [sys.executable, "-I", "-c", code]
    return subprocess.run(run, capture_output=True, text=True)


def test_the_cell_for_colab_does_nothing_elsewhere():
    cell = links.install(REPOSITORY)
    assert len(cell.splitlines()) <= 9
    done = ran(f"{GUARD}\n{cell}\nassert 'subprocess' not in sys.modules")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    # The guard itself sees what a cell starts.
    assert ran(f"{GUARD}\nimport subprocess\nsubprocess.run(['true'])").returncode == 1


def test_the_cell_for_colab_adds_and_replaces_nothing():
    done = ran(f"{COLAB}\n{links.install(REPOSITORY)}")
    check, _python, *words = done.stdout.splitlines()
    assert check == "True" and words[:5] == ["-m", "pip", "install", "-q", "--no-deps"]
    wanted = [Requirement(word) for word in words[5:]]
    widgets = {"anywidget", "psygnal"}  # which it needs; ipywidgets is Colab's own
    assert {w.name for w in wanted} == {"unet-teach", "pooch", "platformdirs", *widgets}
    assert wanted[0].url == f"https://github.com/{REPOSITORY}/archive/main.zip"
    assert not any(w.specifier for w in wanted), "a version could replace Colab's"


# --------------------------------------------------------------------- Binder, dev container
def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {pin.name: str(pin.specifier) for pin in found}


def supported(python: str) -> bool:
    return SpecifierSet(PYPROJECT["project"]["requires-python"]).contains(python)


def test_binder_installs_the_tested_versions():
    # An environment.yml, a setup.py or a Dockerfile here would be built in their place.
    assert {path.name for path in (ROOT / ".binder").iterdir()} == {
        "requirements.txt",
        "runtime.txt",
        "postBuild",
        "overrides.json",
        "lessons_only.json",
    }
    assert not (ROOT / "binder").exists(), "beside .binder, Binder refuses it"
    python = (ROOT / ".binder/runtime.txt").read_text(encoding="utf-8").strip()
    assert re.fullmatch(r"python-3\.\d+", python) and supported(python.split("-")[1])
    lines = (ROOT / ".binder/requirements.txt").read_text(encoding="utf-8").splitlines()
    options = [line for line in lines if line.startswith("-")]
    assert options == [
        "-c ../constraints.txt",
        "--extra-index-url https://download.pytorch.org/whl/cpu",
        "-e .",
    ]
    wanted = [Requirement(line) for line in lines if line[0] not in "#-"]
    assert {w.name: str(w.specifier) for w in wanted} == {
        "torch": f"{pins()['torch']}+cpu",  # not the build with NVIDIA's libraries
        "ipywidgets": pins()["ipywidgets"],
    }


def test_a_lesson_that_is_closed_on_binder_gives_its_memory_back():
    """Binder's settings are those of `make lab` and one more; postBuild puts them in place."""
    ours = json.loads((ROOT / "tools/jupyterlab_settings.json").read_text(encoding="utf-8"))
    binders = json.loads((ROOT / ".binder/overrides.json").read_text(encoding="utf-8"))
    own = binders.pop("@jupyterlab/notebook-extension:tracker")
    assert own == {"kernelShutdown": True} and binders == ours
    run = subprocess.run(
        ["git", "ls-files", "-s", ".binder/postBuild"], cwd=ROOT, capture_output=True, text=True
    )
    if run.returncode == 0:
        assert run.stdout.startswith("100755 "), "git update-index --chmod=+x .binder/postBuild"


@pytest.mark.skipif(sys.platform == "win32", reason="Binder runs it on Linux")
def test_binders_post_build_puts_the_settings_where_jupyterlab_reads_them(tmp_path):
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    setting = os.environ | {"NB_PYTHON_PREFIX": str(tmp_path), "MPLCONFIGDIR": str(tmp_path)}
    subprocess.run([".binder/postBuild"], cwd=ROOT, env=setting, check=True)
    made = tmp_path / "share/jupyter/lab/settings/overrides.json"
    assert made.read_text("utf-8") == (ROOT / ".binder/overrides.json").read_text("utf-8")
    paths = setting | {"JUPYTER_CONFIG_PATH": str(tmp_path / "etc/jupyter")}
    ask = (
        "from jupyter_server.serverapp import ServerApp; app = ServerApp(); "
        "app.initialize(argv=['--allow-root', '--no-browser']); "
        "print(app.contents_manager.hide_globs)"
    )
    said = subprocess.run(
        [sys.executable, "-c", ask], cwd=tmp_path, env=paths, capture_output=True, text=True
    )
    hidden = re.search(r"hide_globs=(\[.*?\])", (ROOT / "Makefile").read_text("utf-8"))[1]
    assert said.stdout.strip().splitlines()[-1:] == [str(json.loads(hidden))], said.stderr


def test_the_dev_container_makes_the_environment():
    text = (ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8")
    container = json.loads(text)
    image, python = container["image"].rsplit(":", 1)
    assert image == "mcr.microsoft.com/devcontainers/python" and supported(python)
    runtime = (ROOT / ".binder/runtime.txt").read_text(encoding="utf-8").strip()
    assert runtime == f"python-{python}"
    assert container["postCreateCommand"] == "make .venv/.ready TORCH=cpu"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "READY = .venv/.ready\n" in makefile and "\n$(READY): " in makefile
    code = container["customizations"]["vscode"]
    assert "ms-toolsai.jupyter" in code["extensions"]
    interpreter = code["settings"]["python.defaultInterpreterPath"]
    assert interpreter == "${containerWorkspaceFolder}/.venv/bin/python"
    opened = container["customizations"]["codespaces"]["openFiles"]
    assert opened and all((ROOT / name).is_file() for name in opened)
