"""The parts of grading a class, one by one; no sandbox is needed here."""

from __future__ import annotations

import ast
import csv
import io
import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from unet_teach.classroom import (
    cells,
    child,
    collecting,
    grading,
    harness,
    notebook,
    submissions,
    watching,
)  # fmt: skip
from unet_teach.classroom.grading import course, judged
from unet_teach.classroom.lessons import lessons, places
from unet_teach.classroom.plain import TooMuch, decode, encode
from unet_teach.classroom.reporting import as_csv, as_page
from unet_teach.classroom.results import Row
from unet_teach.classroom.running import ProcessResult
from unet_teach.classroom.sandbox import Limits
from unet_teach.cli import main
from unet_teach.exercises.judging import exercise_named
from unet_teach.exercises.running import Outcome

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
if not NOTEBOOKS.is_dir():
    pytest.skip("the lessons are not here", allow_module_level=True)


# ----------------------------------------------------------------------- values as plain data
@pytest.mark.parametrize(
    "value",
    [
        None, True, 3, -(2**80), 2.5, float("inf"), "Å\n\0", [1, [2, (3,)]], (), {1, 2},
        {(0, 1): [1.5], "a": {}}, np.int64(3), np.float32(0.5), np.bool_(True),
        np.arange(6, dtype=np.uint8).reshape(2, 3), np.zeros((0, 2)), torch.ones(2, 3),
        torch.tensor([1, 2]), torch.tensor(True), torch.tensor([float("nan")]),
        torch.arange(6.0).reshape(2, 3).T, torch.ones(2, requires_grad=True),
    ],
    ids=repr,
)  # fmt: skip
def test_a_value_comes_back_as_it_was(value):
    back = decode(json.loads(json.dumps(encode(value))))
    assert type(back) is type(value)
    if isinstance(value, torch.Tensor):
        assert back.dtype == value.dtype
        assert torch.equal(torch.nan_to_num(back), torch.nan_to_num(value.detach()))
    elif isinstance(value, np.ndarray):
        assert back.dtype == value.dtype and np.array_equal(back, value)
    else:
        assert back == value


def test_what_is_no_data_becomes_its_kind():
    for value, words in ((print, "a function"), (torch.nn.ReLU(), "a network (nn.Module)")):
        back = decode(encode([value]))[0]
        assert type(back).__name__ == words and repr(back) == words
    assert "other" in encode(np.array([print, "a"], object))


def test_too_much_is_refused():
    cyclic: list = []
    cyclic.append(cyclic)
    wide: list = [0] * 10
    for _depth in range(8):
        wide = [wide] * 10
    for value in (cyclic, wide, 10**5000):
        with pytest.raises(TooMuch):
            encode(value)


@pytest.mark.parametrize(
    "line",
    [
        '{"array": ["O", [1], "AAAAAAAAAAA="]}', '{"array": ["float32", [9], "AAAA"]}',
        '{"tensor": ["float32"]}', '{"pickle": "gASVAAAA"}', '{"set": [[1]]}',
        '{"dict": [[1]]}', '{"a": 1, "b": 2}', '{"array": ["float64", [5], ""]}',
    ],
)  # fmt: skip
def test_what_encode_did_not_write_is_refused(line):
    with pytest.raises((ValueError, TypeError)):
        decode(json.loads(line))


# ------------------------------------------------------------------------ where exercises stand
@pytest.mark.parametrize("folder", [NOTEBOOKS, NOTEBOOKS / "solutions"], ids=lambda f: f.name)
def test_the_table_is_what_the_notebooks_are(folder):
    found = []
    for path in sorted(folder.glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        sources = {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}
        for source in sources.values():
            for name, answer in re.findall(r'^check\("(.+?)", (\w+)\)', source, re.MULTILINE):
                found.append((name, answer))
                place = next(p for p in places(name[:2]) if p.exercise == name)
                assert cells.defines(sources[place.cell_id], answer), name
    assert found == [(p.exercise, p.answer) for lesson in lessons() for p in places(lesson)]


@pytest.mark.parametrize("lesson", lessons())
def test_no_answer_goes_into_the_students_process(lesson):
    drawn = course(lesson, seed=1)
    given = {
        name
        for statement in ast.parse(drawn.harness).body
        for name in harness.names_of(statement)
    }
    for exercise in drawn.exercises:
        secret = {exercise.reference.__name__}
        if exercise.specification:
            secret.add(exercise.specification.__name__)
        assert not given & secret
    assert "EXERCISES" not in given and "Mistake(" not in drawn.harness


def test_an_answer_in_the_harness_is_noticed(monkeypatch):
    monkeypatch.setattr(harness, "run_there", lambda exercise: "missing_pixels")
    exercises = harness.checks_of("05").EXERCISES
    cases = {exercise.name: list(exercise.arguments()) for exercise in exercises}
    with pytest.raises(ValueError, match=r"05\.missing_pixels"):
        harness.harness_source("05", exercises, cases)


def test_each_run_draws_other_cases():
    one, other = course("01", seed=1), course("01", seed=2)
    last = -2  # the very last is the first once more
    assert one.cases["01.conv_out"][last] != other.cases["01.conv_out"][last]


# --------------------------------------------------------------------- which cells are run, how
def read(*sources: str | tuple[str, str], lesson: str = "05") -> list[cells.Cell]:
    named = [s if isinstance(s, tuple) else (f"x{n}", s) for n, s in enumerate(sources)]
    return cells.read(named, lesson, places(lesson))


def run_of(cell: cells.Cell) -> list[str]:
    return [ast.unparse(statement) for statement in cell.statements()]


def test_setup_and_exercises_are_run_whole_and_the_rest_only_prepares():
    found = read(
        ("05-setup", "import torch\ntorch.manual_seed(0)"),
        ("05-three-networks", "import math\nHALF = 0.5\nnets = train()\ndef f(): pass\nf()"),
        ("05-exercise-center-crop", "def center_crop(x, size):\n    return x\nprint(1)"),
        ("05-check-center-crop", 'check("05.center_crop", center_crop)'),
    )
    assert run_of(found[0]) == ["import torch", "torch.manual_seed(0)"]
    assert run_of(found[1]) == ["import math", "HALF = 0.5", "def f():\n    pass"]
    assert len(run_of(found[2])) == 2 and found[2].exercises == ["05.center_crop"]
    assert run_of(found[3]) == ["check('05.center_crop', center_crop)"]


def test_an_exercise_is_found_by_its_name_where_a_tool_changed_the_ids():
    found = read(
        ("f3a1", "from unet_teach.exercises import check\nprint(2)"),
        ("9c0d", "paper_crops = [88, 40, 16, 4]"),
        ("77aa", "missing_pixels = lambda n, depth: []\nif paper_crops == [1]: pass"),
    )
    assert [cell.exercises for cell in found] == [
        [], ["05.paper_crops"], ["05.missing_pixels"]
    ]  # fmt: skip
    assert run_of(found[0]) == ["from unet_teach.exercises import check", "print(2)"]


def test_what_only_a_notebook_understands_is_passed_over():
    (found,) = read(
        "%matplotlib inline\n!rm -rf /\ndef center_crop(x, size):\n  %time 1\ncrop?"
    )
    assert found.trouble is None
    assert run_of(found)[:2] == ["pass", "pass"]


def test_a_cell_that_does_not_parse_is_still_an_exercise():
    (found,) = read("def center_crop(x, size)\n    return x")
    assert found.exercises == ["05.center_crop"] and isinstance(found.trouble, SyntaxError)


def test_notes_name_what_is_used_of_the_library_and_odd_imports():
    found = read(
        "from unet_teach.layers import center_crop as cc\nimport socket",
        "def center_crop(x, size):\n    return cc(x, size)",
        "from unet_teach.shapes import trace\ndef missing_pixels(n, trace): return trace",
    )
    assert cells.notes(found, "05", places("05")) == {
        "": ["imports socket"],
        "05.center_crop": ["uses unet_teach.layers.center_crop"],
    } | {"05.missing_pixels": ["uses unet_teach.shapes.trace"]}


def opened(path: Path) -> notebook.Notebook:
    return notebook.read(path.read_bytes(), path.name)


@pytest.mark.parametrize("lesson", lessons())
def test_the_solved_lesson_gets_no_note(lesson):
    (path,) = (NOTEBOOKS / "solutions").glob(f"{lesson}_*.ipynb")
    found = opened(path)
    read_ = cells.read(found.cells, lesson, places(lesson))
    assert found.lesson == lesson
    assert cells.notes(read_, lesson, places(lesson)) == {}


# ------------------------------------------------------------------------------ what comes in
def write(path: Path, *code: str, **more) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = [{"cell_type": "code", "source": source} for source in code]
    path.write_text(json.dumps({"cells": content} | more), encoding="utf-8")
    return path


def test_notebooks_are_found_flat_and_in_folders(tmp_path):
    write(tmp_path / "anna.ipynb")
    write(tmp_path / "ben" / "week 1" / "01_x.ipynb")
    write(tmp_path / "ben" / "05_y.IPYNB")
    write(tmp_path / "ben" / ".ipynb_checkpoints" / "05_y-checkpoint.ipynb")
    (tmp_path / "carla").mkdir()
    (tmp_path / "dan.docx").write_text("homework")
    (tmp_path / ".hidden").write_text("")
    (tmp_path / "out").mkdir()
    found = submissions.find_submissions(tmp_path, leave_out=(tmp_path / "out",))
    assert [(s.student, bool(s.trouble)) for s in found] == [
        ("anna", False), ("ben", False), ("ben", False), ("carla", True), ("dan", True)
    ]  # fmt: skip
    assert "no .ipynb file" in found[3].trouble and ".docx" in found[4].trouble


@pytest.mark.skipif(os.name == "nt", reason="links and pipes as on Unix")
def test_links_and_pipes_are_named_and_not_opened(tmp_path):
    secret = write(tmp_path / "secret.txt", "check('05.center_crop', f)")
    folder = tmp_path / "in"
    (folder / "eve").mkdir(parents=True)
    (folder / "eve" / "05.ipynb").symlink_to(secret)
    (folder / "fay.ipynb").symlink_to(tmp_path)
    os.mkfifo(folder / "gus.ipynb")
    found = {s.student: s for s in submissions.find_submissions(folder)}
    assert set(found) == {"eve", "fay", "gus"}
    for student, words in (("eve", "a link"), ("fay", "a link"), ("gus", "not a file")):
        with pytest.raises(submissions.Unreadable, match=words):
            submissions.content(found[student])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7", "no JSON in line 1"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"[]", "without cells"),
        (b'{"cells": 3}', "without cells"),
        (b'{"cells": [{"cell_type": "code"}]}', "without cells"),
        (b'{"cells": []}', "of none of the lessons"),
        (b"[" * 100_000, "no notebook"),
        (b'{"cells": ' + b"1" * 5000 + b"}", "no notebook"),
    ],
)
def test_what_is_no_notebook_says_why(content, words):
    with pytest.raises(submissions.Unreadable, match=words):
        notebook.read(content, "a")


def test_the_lesson_is_told_by_ids_by_checks_or_by_the_name(tmp_path):
    by_check = write(tmp_path / "a.ipynb", "x = 1", 'check("05.center_crop", f)')
    by_name = write(tmp_path / "07_build_unet (2).ipynb", "def forward(self, x): pass")
    for path, lesson in ((by_check, "05"), (by_name, "07")):
        assert opened(path).lesson == lesson


# ---------------------------------------------------------------------- what the child is worth
LESSON = course("05", seed=3)
CROPS = LESSON.cases["05.center_crop"]


CROP = "05.center_crop"


def said(name: str = "", **line) -> str:
    return f"{name}\t{json.dumps(line)}"


def right_lines(name: str = CROP) -> list[str]:
    exercise = exercise_named(name)
    lines = [said(notes={}), said(starts=name)]
    for number, case in enumerate(LESSON.cases[name]):
        lines.append(said(name, case=number, value=encode(exercise.expected(case))))
    return lines


def judge_of(*lines: str, **ran) -> dict[str, tuple[str, str]]:
    text = "".join(line + "\n" for line in lines).encode()
    found = grading.verdicts(LESSON, ProcessResult(text, **ran), 20)
    return {one.exercise: (one.state, one.detail) for one in found}


def test_right_outputs_pass_and_one_wrong_one_does_not():
    lines = right_lines()
    assert judge_of(*lines)[CROP] == ("passed", "")
    other = lines[10].replace(lines[10].split('"')[-2], lines[11].split('"')[-2])
    assert judge_of(*lines[:10], other, *lines[11:])[CROP][0] == "wrong"
    assert judge_of(*lines[:-1])[CROP][0] == "crashed"  # the last case is missing


@pytest.mark.parametrize(
    "line",
    [
        "passed", "\t[]", "\t3", said(CROP, state="passed"), said(CROP, case=7, value=1),
        said("99.other", case=0, value=1), said(notes=3), "\x00", "\t" + "[" * 99_999,
        CROP + "\t" + "[" * 99_999, said(CROP), "", said(late=1, notes=2),
        CROP + "\t" + '{"case": 0, "value": ' + "9" * 5000 + "}",
    ],
)  # fmt: skip
def test_lines_that_are_not_due_change_nothing_and_are_noted(line):
    first, *lines = right_lines()
    note = "note: wrote into the results' channel"
    assert judge_of(first, line, *lines)[CROP] == ("passed", note)
    assert judge_of(first, line)[CROP][0] != "passed"


def test_a_cell_that_was_cut_off_makes_no_answer_wrong():
    lines, late = right_lines(), said(late="cell 05-setup did not come back within 10 s")
    wrong = [lines[0], late, said(CROP, case=0, trouble="it raised NameError")]
    state, detail = judge_of(*wrong)[CROP]
    assert (
        state == "stopped" and "05-setup did not come back" in detail and "NameError" in detail
    )
    assert judge_of(lines[0], late, *lines[1:])[CROP] == ("passed", "")


class Breaks:
    """Whatever one does with it goes wrong."""

    __class__ = __repr__ = __len__ = __eq__ = __hash__ = property(lambda _self: 1 / 0)


class Leaves(torch.Tensor):
    def detach(self):
        raise SystemExit


@pytest.mark.parametrize("made", [Breaks, lambda: Leaves([1.0, 2.0]), lambda: 10**9999])
def test_a_value_that_breaks_when_looked_at_is_a_trouble_of_its_case(made):
    outcome = Outcome(value=made())
    assert child._said(outcome)["trouble"]
    json.dumps(child._said(outcome))


COLLIDING = [1 + number * (2**61 - 1) for number in range(200_000)]  # all of one hash


@pytest.mark.parametrize(
    ("lines", "seconds", "words"),
    [
        ([said(CROP, case=0, value={"set": COLLIDING})], 5, "took more than 5 s"),
        ([""] * 2_000_000, 120, "flooded"),
        ([said(CROP, case=0, value=[0] * 3_000_000)], 120, "crashed"),
    ],
    ids=["colliding", "newlines", "many entries"],
)
def test_what_would_block_who_judges_costs_its_exercise_alone(lines, seconds, words):
    value, last = LESSON.exercises[1].name, LESSON.exercises[2].name
    text = "".join(f"{line}\n" for line in [*right_lines(last), *right_lines(value), *lines])
    ran = ProcessResult(text.encode())
    found = {v.exercise: v for v in grading.verdicts(LESSON, ran, seconds)}
    assert words in f"{found[CROP].state} {found[CROP].detail}"
    assert found[CROP].state in ("stopped", "crashed")
    assert found[value].state == found[last].state == "passed"


def test_a_thinned_map_is_looked_at_by_the_teachers_process():
    """The numbers that a right map has cannot be claimed; the map itself is due."""
    exercise, cases = exercise_named("10.thin_walls"), course("10", 4).cases["10.thin_walls"]
    claimed = grading.ExerciseOutput([Outcome(exercise.expected(case)) for case in cases])
    assert judged(exercise, cases, claimed)[0] == "wrong"
    maps = grading.ExerciseOutput([Outcome(exercise.reference(*case)) for case in cases])
    assert judged(exercise, cases, maps) == ("passed", "")


@pytest.mark.parametrize(
    ("ran", "due", "words"),
    [
        (ProcessResult(stopped="it did not end within 60 s"), "stopped", "60 s"),
        (ProcessResult(code=139), "crashed", "SIGSEGV"),
        (ProcessResult(code=-9), "crashed", "SIGKILL"),
        (
            ProcessResult(code=3, complaint="MemoryError\n"),
            "crashed",
            "exit code 3 (MemoryError)",
        ),
    ],
)
def test_what_ended_early_says_how(ran, due, words):
    ran.said = "".join(line + "\n" for line in right_lines()).encode()
    first, *others = grading.verdicts(LESSON, ran, 20)
    assert first.state == "passed"
    assert {one.state for one in others} == {due} and words in others[0].detail


# ------------------------------------------------------------------------------- the results
NASTY = Row('=HYPERLINK("x")<script>', "05", "05.center_crop", "wrong", "@a\nb", 1.5, "\udcff")


def test_a_spreadsheet_computes_nothing():
    text = as_csv([NASTY])
    ((_head, row),) = [list(csv.reader(io.StringIO(text)))]
    assert row[0].startswith("'=") and row[4].startswith("'@")
    text.encode()


def test_the_page_escapes_and_has_what_a_screen_reader_needs():
    page = as_page([NASTY])
    page.encode()
    assert "<script" not in page and "&lt;script&gt;" in page
    for due in (
        '<html lang="en">',
        "<title>",
        "<caption>",
        'scope="col"',
        'scope="row"',
        "<h1>",
    ):
        assert due in page
    assert "http" not in page.replace("http-equiv", "")  # nothing from elsewhere


# --------------------------------------------------------------- a class, without real children
@pytest.fixture
def pretended(monkeypatch, tmp_path):
    """Three notebooks and a child that answers everything rightly, at once."""
    for name in ("anna", "ben", "carla"):
        write(tmp_path / "in" / f"{name}.ipynb", 'check("05.center_crop", f)', n=name)
    ran = []
    passed = {"exercise": CROP, "state": "passed", "detail": "", "seconds": 0.1}
    line = json.dumps({"lesson": "05", "exercises": [passed], "seconds": 0.1})

    def run(_command, given, *_others, **_options):
        ran.append(given)
        return ProcessResult(line.encode())

    monkeypatch.setattr(collecting, "run", run)
    settings = collecting.Settings(out=tmp_path / "out", seed=3)
    return submissions.find_submissions(tmp_path / "in"), settings, ran


def test_an_interrupted_class_goes_on_where_it_was(pretended):
    found, settings, ran = pretended

    def interrupt(_graded):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collecting.grade_all(found, settings, interrupt)
    before = len(ran)
    kept = list((settings.out / "kept").glob("*.json"))
    assert kept and all(json.loads(file.read_text())["rows"] for file in kept)
    graded = collecting.grade_all(found, settings, lambda graded: None)
    assert len(ran) == before + 3 - len(kept)
    assert [one.submission.student for one in graded] == ["anna", "ben", "carla"]
    assert sum(one.kept for one in graded) == len(kept)


def test_only_what_changed_is_run_again(pretended, tmp_path):
    found, settings, ran = pretended
    collecting.grade_all(found, settings, lambda graded: None)
    write(tmp_path / "in" / "ben.ipynb", 'check("05.center_crop", other)')
    for file in (settings.out / "kept").glob("*.json"):
        if '"carla"' in file.read_text():
            file.write_text("{ half of")  # as after a full disk
    graded = collecting.grade_all(found, settings, lambda graded: None)
    assert [one.kept for one in graded] == [True, False, False] and len(ran) == 5
    again = collecting.Settings(out=settings.out, seed=3, again=True)
    assert not any(one.kept for one in collecting.grade_all(found, again, lambda graded: None))


# ----------------------------------------------------------------- where there is no sandbox
def test_without_a_sandbox_it_warns_and_grades(tmp_path, capsys):
    (solved,) = (NOTEBOOKS / "solutions").glob("01_*.ipynb")
    (tmp_path / "in").mkdir()
    shutil.copy(solved, tmp_path / "in" / "anna.ipynb")
    leaves = (
        "import ctypes\nimport no_such_module\ndef conv_out(*n): ctypes.CDLL(None)._exit(7)"
    )
    write(tmp_path / "in" / "ben.ipynb", leaves, 'check("01.conv_out", conv_out)')
    options = ["--out", str(tmp_path / "out"), "--unsandboxed", "--seconds", "120"]
    assert main(["collect", str(tmp_path / "in"), *options]) == 3
    assert "students' code runs as you" in capsys.readouterr().err
    text = (tmp_path / "out" / "results.csv").read_text(encoding="utf-8-sig")
    states = [(row["student"], row["state"]) for row in csv.DictReader(io.StringIO(text))]
    assert states == [("anna", "passed")] * 3 + [("ben", "crashed")] * 3
    assert "exit code 7" in text and "imports ctypes, no_such_module" in text


def test_without_a_sandbox_a_time_out_ends_what_was_started_too(tmp_path, monkeypatch):
    script = tmp_path / "child.py"
    sleeper = "import time; time.sleep(600)"
    script.write_text(
        "import subprocess, sys, time\n"
        f"print(subprocess.Popen([sys.executable, '-c', {sleeper!r}]).pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    monkeypatch.setattr(watching, "CHILD", script)
    ran = watching.run_student(b"", Limits(seconds=3), False, ())
    assert ran.stopped == "it did not end within 3 s" and ran.seconds < 60
    if Path("/proc/self/stat").exists():
        state = Path(f"/proc/{int(ran.said)}/stat")
        assert not state.exists() or state.read_text().split()[2] == "Z"


# ------------------------------------------------------------------------------ what one types
def test_refusals_name_what_to_do(tmp_path, monkeypatch, capsys):
    assert main(["collect", str(tmp_path / "none")]) == 1
    assert "does not exist; give the folder" in capsys.readouterr().err
    assert main(["collect", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "is empty" in capsys.readouterr().err
    write(tmp_path / "a.ipynb")
    monkeypatch.setenv("PATH", "")
    assert main(["collect", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    words = capsys.readouterr().err
    if os.sys.platform == "linux":
        assert "apt install bubblewrap" in words
    assert ("--unsandboxed" in words and "only time-outs" in words) or "bwrap" in words


def test_help_says_what_a_teacher_asks(capsys):
    with pytest.raises(SystemExit):
        main(["collect", "--help"])
    words = " ".join(capsys.readouterr().out.split())
    for due in ("right outputs", "bubblewrap", "not protected against", "exit code", "--again"):
        assert due in words
