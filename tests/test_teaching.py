"""TEACHING.md says what lessons, checks and measurements say; the hub's settings load."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from unet_teach.rooms import room

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
anatomy = pytest.importorskip("anatomy")
lessons = pytest.importorskip("lessons")
make_lessons = pytest.importorskip("make_lessons")
make_teaching = pytest.importorskip("make_teaching")
one_lesson = pytest.importorskip("one_lesson")

TEACHING = (ROOT / "TEACHING.md").read_text(encoding="utf-8")
FLAT = " ".join(TEACHING.split())  # wherever lines break
SOURCES = sorted((ROOT / "notebooks" / "src").glob("*.py"))
DEPLOY = ROOT / "deploy" / "jupyterhub"


def section(number: str) -> str:
    """What TEACHING.md says of one lesson."""
    found = re.search(rf"^### {number} · .+?(?=^##)", TEACHING, re.M | re.S)
    assert found, f"TEACHING.md has no lesson {number}"
    return found[0]


# ------------------------------------------------------------------------------- the tables


def test_the_tables_are_those_of_the_lessons_and_the_measurements():
    assert make_teaching.with_tables(TEACHING) == TEACHING, "type: make artefacts"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert make_lessons.with_lessons(readme) == readme, "type: make artefacts"


def test_the_parts_of_the_one_lesson_fit_into_ninety_minutes():
    track = one_lesson.track()
    assert sorted({number for number, _name in one_lesson.PLAN}) == track
    found = {n: one_lesson.parts(n) for n in track}
    planned = sum(one_lesson.minutes(found[number][name]) for number, name in one_lesson.PLAN)
    assert make_teaching.SESSION - 10 <= planned <= make_teaching.SESSION - 5
    everything = [cells for parts in found.values() for name, cells in parts.items() if name]
    total = sum(map(one_lesson.minutes, everything))
    assert f"all core parts together are {total} minutes" in FLAT
    first, second = (
        sum(one_lesson.minutes(c) for n in half for name, c in found[n].items() if name)
        for half in (track[:2], track[2:])
    )
    assert f"01 and 05 take {first}, 06 and 07 take {second}" in FLAT


def term() -> list[str]:
    """The lessons in the order in which a class meets them; those without a week come last."""
    weeks = [both for _week, both in make_teaching.weeks_taught()]
    met = [n for both in weeks for n in [*both, *make_teaching.read_at_home(both)]]
    return met + make_teaching.in_no_week()


def test_every_lesson_has_its_place_in_the_weeks_and_fits():
    assert sorted(term()) == [source.name[:2] for source in SOURCES], "each once"
    taught = make_teaching.weeks_taught()
    assert [week for week, _both in taught] == list(range(1, len(taught) + 1))
    course = make_teaching.course()
    for _week, both in taught:
        announced = sum(course[number].announced for number in both)
        at_home = len(both) * make_teaching.EXERCISES["stretch"]
        assert announced - at_home <= make_teaching.SESSION


def test_lesson_09_is_read_at_home_in_week_5():
    assert "09" in make_teaching.read_at_home(dict(make_teaching.weeks_taught())[5])


def test_as_many_weeks_are_said_as_there_are():
    count = "no one two three four five six seven eight nine ten eleven twelve".split()
    texts = TEACHING + (ROOT / "README.md").read_text(encoding="utf-8")
    said = re.findall(r"\b(\w+)[ -]weeks\b", texts)
    assert said and set(said) == {count[len(make_teaching.weeks_taught())]}


def test_no_lesson_comes_before_what_it_needs():
    order = term()
    for source in SOURCES:
        text = source.read_text(encoding="utf-8")
        before = re.search(r"\*\*Prerequisites\*\* (.+?) ·", text)[1]
        for needed in re.findall(r"\d\d", before):
            assert order.index(needed) < order.index(source.name[:2]), (needed, source.name)


def test_the_paces_of_the_model_are_those_in_the_text():
    paces = re.search(r"assumed paces: (\d+) words and (\d+) lines", FLAT).groups()
    assert [int(pace) for pace in paces] == [make_teaching.WORDS, make_teaching.LINES]
    easy, core, stretch = make_teaching.EXERCISES.values()
    said = (
        f"{easy}, {core} and {stretch} minutes for the exercises, {make_teaching.INTERACTIVE}"
        f" for the interactive, {make_teaching.DISCUSSION} for the discussion"
    )
    assert said in FLAT


def test_what_the_text_says_of_the_table_is_true():
    rows = make_teaching.memory()["lessons"]
    longest = sorted(rows, key=lambda row: row["seconds"])
    first, second = sorted(row["lesson"][:2] for row in longest[-2:])
    assert f"Lessons {first} and {second} run longest" in FLAT
    assert longest[len(rows) // 2]["seconds"] < 30
    minutes = [e["minutes"] for e in json.loads(
        (make_teaching.MEMORY.parent / "isbi_class.json").read_text()
    )]  # fmt: skip
    low, high = round(min(minutes)), round(max(minutes))
    assert f"A `class` run takes {low} to {high} minutes" in FLAT


def test_memory_is_what_the_course_promises():
    found = make_teaching.memory()
    measured = {row["lesson"] for row in found["lessons"]}
    assert measured <= {source.stem for source in SOURCES}
    dashed = re.findall(rf"^\| (\d\d) \| .* {make_teaching.NOT_MEASURED} \|$", TEACHING, re.M)
    assert dashed == [s.name[:2] for s in SOURCES if s.stem not in measured], "said so"
    for row in found["lessons"]:
        assert row["imports"]["rss"] < 450, row["lesson"]
        assert row["imports"]["private"] < row["imports"]["pss"] < row["imports"]["rss"]
        assert row["peak"]["rss"] + found["server"]["rss"] < 2000, "Binder has 2 GB"
    _numbers, used, due = make_teaching.crowd()
    assert 0.7 * due < used <= due, "the formula's terms and the crowd"


# --------------------------------------------------------------------------- lesson by lesson


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name[:2])
def test_beliefs_and_questions_are_those_of_the_lesson(source):
    number, lesson = source.name[:2], lessons.read(source)
    text = section(number)
    checks = room(number, "exercises")
    known = {e.name: {mistake.name for mistake in e.mistakes} for e in checks.EXERCISES}
    named = re.findall(r"`(\d\d\.\w+)`,\s+\*([^*]+)\*", text)
    assert named, "no mistake of this lesson's checks is named"
    for exercise, mistake in named:
        assert mistake in known[exercise], (exercise, mistake, known[exercise])
    title, *_others = [heading for level, heading in anatomy.headings(lesson) if level == 1]
    assert text.splitlines()[0] == f"### {title}"
    places = {heading for _level, heading in anatomy.headings(lesson)}
    asked = re.findall(r"^- \*\*(.+?)\*\* ", text.split("Ask:")[1], re.M)
    assert 2 <= len(asked) <= 4 and set(asked) <= places, set(asked) - places


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name[:2])
def test_numbers_are_those_of_the_lesson(source):
    """Lessons assert their numbers beside them, so what stands there is true."""
    checks = Path(room(source.name[:2], "exercises").__file__)
    known = "".join(p.read_text(encoding="utf-8") for p in (source, checks)).replace("_", "")
    numbers = set(re.findall(r"\d[\d,]*(?:\.\d+)?", known.replace(",", "")))
    said = re.sub(r"`[^`]*`|\*\*.+?\*\*|^###.*$", " ", section(source.name[:2]), flags=re.M)
    for number in re.findall(r"\d[\d,]*(?:\.\d+)?", said):
        assert number.replace(",", "").rstrip(".") in numbers, number


def test_it_says_whether_there_are_translations():
    translations = list((ROOT / "notebooks").glob("translations/*/*.md"))
    assert ("No translation exists yet" in FLAT) == (not translations)


def test_every_lesson_that_compares_is_named():
    compares = [s.name[:2] for s in SOURCES if 'load_table("compare_' in s.read_text("utf-8")]
    named = re.search(r"(\w+) lessons \(([\d, ]+)\)\s+compare", FLAT)
    assert named[2].split(", ") == compares


# --------------------------------------------------------------- the one lesson, the commands


def test_the_one_lesson_runs_from_top_to_bottom(tmp_path):
    cells = json.loads(one_lesson.notebook(solved=True))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    script = tmp_path / "one_lesson.py"
    head = "import matplotlib; matplotlib.use('agg')"
    script.write_text("\n\n".join([head, *code]), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=300,
        env={**os.environ, "UNET_TEACH_STRICT": "1", "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]


def test_the_one_lesson_has_one_title_no_badge_and_its_exercises_open():
    cells = json.loads(one_lesson.notebook(solved=False))["cells"]
    texts = {
        kind: ["".join(cell["source"]) for cell in cells if cell["cell_type"] == kind]
        for kind in ("markdown", "code")
    }
    prose = "\n".join(texts["markdown"])
    assert len(re.findall("^# ", prose, re.M)) == 1
    assert "badge" not in prose and "one-lesson track" not in prose
    stubs = [code for code in texts["code"] if "raise NotImplementedError" in code]
    checks = [code for code in texts["code"] if code.startswith("check(")]
    assert len(stubs) == len(checks) == 4
    assert len({cell["id"] for cell in cells}) == len(cells)


def test_every_command_in_the_text_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    texts = TEACHING + (DEPLOY / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"`make ([a-z-]+)", texts):
        assert re.search(rf"^{target}:", makefile, re.M), target
    for script in re.findall(r"python ((?:tools|benchmarks)/\w+\.py)", texts):
        assert (ROOT / script).is_file(), script
    for file in re.findall(r"\]\((?!http|#)([^)#]+)", TEACHING):
        assert (ROOT / file).exists(), file


def test_every_link_within_the_text_has_its_heading():
    titles = re.findall(r"^#+ (.+)$", TEACHING, re.M)
    anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    for text in (TEACHING, (DEPLOY / "README.md").read_text(encoding="utf-8")):
        for anchor in re.findall(r"\((?:\.\./\.\./TEACHING\.md)?#([^)]+)\)", text):
            assert anchor in anchors, anchor


# ------------------------------------------------------------------------- the shared server


def settings(name: str, monkeypatch, **environment):
    """The settings of a file as JupyterHub reads them."""
    loader = pytest.importorskip("traitlets.config")
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    return loader.PyFileConfigLoader(name, path=str(DEPLOY)).load_config()


def test_the_hubs_settings_are_safe_as_they_stand(monkeypatch):
    c = settings("jupyterhub_config.py", monkeypatch, STUDENTS="7")
    assert c.JupyterHub.bind_url.startswith("http://127.0.0.1:")
    assert c.JupyterHub.authenticator_class == "pam"
    assert c.PAMAuthenticator.allowed_groups == {"students"}
    assert "allow_all" not in c.Authenticator
    assert c.JupyterHub.active_server_limit == 7
    assert c.Spawner.environment["OMP_NUM_THREADS"] == "1"
    assert Path(c.Spawner.environment["COURSE"]) == ROOT
    assert Path(c.Spawner.cmd[-1]).is_file()


def test_the_limit_lets_every_lesson_through(monkeypatch):
    monkeypatch.delenv("DATA_LIMIT_MB", raising=False)
    limit = int(
        settings("jupyterhub_config.py", monkeypatch).Spawner.environment["DATA_LIMIT_MB"]
    )
    assert limit > max(row["peak"]["rss"] for row in make_teaching.memory()["lessons"])


def test_the_trial_is_the_same_hub_on_loopback(monkeypatch, tmp_path):
    trial = {"TRIAL_FOLDER": str(tmp_path), "TRIAL_PORT": "8100"}
    c = settings("trial_config.py", monkeypatch, **trial)
    assert c.JupyterHub.bind_url == "http://127.0.0.1:8100"
    assert c.JupyterHub.spawner_class == "simple"
    assert c.Spawner.environment["OMP_NUM_THREADS"] == "1"  # from the other file


def test_jupyterhub_knows_every_setting(monkeypatch):
    """A name that JupyterHub does not have would be ignored without a word."""
    if importlib.util.find_spec("jupyterhub") is None:
        pytest.skip("jupyterhub is not installed: pip install 'jupyterhub>=5,<7'")
    from jupyterhub import app, auth, proxy, spawner

    owners = {
        "JupyterHub": app.JupyterHub, "Authenticator": auth.Authenticator,
        "PAMAuthenticator": auth.PAMAuthenticator, "Spawner": spawner.Spawner,
        "SimpleLocalProcessSpawner": spawner.SimpleLocalProcessSpawner,
        "ConfigurableHTTPProxy": proxy.ConfigurableHTTPProxy,
    }  # fmt: skip
    for file in ("jupyterhub_config.py", "trial_config.py"):
        for owner, values in settings(file, monkeypatch).items():
            for name in values:
                assert name in owners[owner].class_traits(config=True), f"{owner}.{name}"


def test_a_student_gets_copies_and_keeps_what_she_has(tmp_path):
    """The start script, with a stand-in for the server that it starts."""
    if sys.platform != "linux":
        pytest.skip("the server is for Linux")
    commands, home = tmp_path / "bin", tmp_path / "home"
    (home / "unet-teach").mkdir(parents=True)
    commands.mkdir()
    server = commands / "jupyterhub-singleuser"
    server.write_text('#!/bin/sh\necho "$@"; ulimit -d\n')
    server.chmod(0o755)
    mine = home / "unet-teach" / "00_start_here.ipynb"
    mine.write_text("my own work")
    ran = subprocess.run(
        ["sh", str(DEPLOY / "start_student.sh"), "--port=1"], capture_output=True, text=True,
        env={"PATH": f"{commands}:/usr/bin:/bin", "HOME": str(home), "COURSE": str(ROOT),
             "DATA_LIMIT_MB": "2000"},
    )  # fmt: skip
    assert ran.stdout.split() == ["--port=1", str(2_000_000_000 // 1024)], ran.stderr
    copies = {path.name for path in (home / "unet-teach").iterdir()}
    assert copies == {f"{source.stem}.ipynb" for source in SOURCES}
    assert mine.read_text() == "my own work"
    assert (home / "unet-teach" / "01_convolution_arithmetic.ipynb").stat().st_mode & 0o077 == 0


# ------------------------------------------------------------------------------ how to cite


def test_the_citation_is_of_this_version_this_repository_and_this_paper():
    yaml = pytest.importorskip("yaml")
    import unet_teach

    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(
        cited
    )  # what the format asks for
    assert str(cited["version"]) == unet_teach.__version__ and cited["license"] == "MIT"
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    repository = re.search(r'^repository = "(.+?)"', pyproject, re.M)[1]
    assert cited["repository-code"] == f"https://github.com/{repository}"
    texts = [(ROOT / name).read_text("utf-8") for name in ("README.md", "DATA_AND_WEIGHTS.md")]
    for reference in cited["references"]:
        assert any(reference["doi"] in text for text in texts), reference["title"]


def test_the_rubric_is_the_same_for_teachers_and_for_learners():
    """Criteria and points; what earns them is told at more length to teachers."""
    found = []
    for path in (ROOT / "TEACHING.md", ROOT / "notebooks" / "16_beyond.ipynb"):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            cells = json.loads(text)["cells"]
            text = "\n".join(
                "".join(c["source"]) for c in cells if c["cell_type"] == "markdown"
            )
        table = text[text.index("| Data described") :].split("\n\n")[0]
        found.append(re.findall(r"^\| ([^|*]+) \| (\d) \|", table, re.MULTILINE))
    assert found[0] == found[1] and sum(int(points) for _name, points in found[0]) == 20
