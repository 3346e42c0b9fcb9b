"""What students hand in, and what is shown of it: one bad entry costs that entry alone."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from unet_teach.classroom import collecting, meter, submissions
from unet_teach.classroom.reporting import as_csv, as_page
from unet_teach.classroom.results import MARKS, Row, shown
from unet_teach.classroom.running import ProcessResult
from unet_teach.classroom.submissions import DEEPEST, Submission, find_submissions
from unet_teach.cli import main
from unet_teach.cli.collect import on_screen, to_look_at
from unet_teach.exercises import clock
from unet_teach.exercises.running import TooLong, limited

on_unix = pytest.mark.skipif(os.name == "nt", reason="names, links and pipes as on Unix")


def touch(*places: Path) -> None:
    for place in places:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("{}")


def found(folder: Path) -> dict[str, Submission]:
    return {submission.name: submission for submission in find_submissions(folder)}


# ---------------------------------------------------------------------------- odd entries
@pytest.fixture
def deep(tmp_path):
    """A folder in a folder, 1,500 times: deeper than any path may be long."""
    place = os.open(tmp_path, os.O_RDONLY)
    for _level in range(1500):
        os.mkdir("deep", dir_fd=place)
        place, above = os.open("deep", os.O_RDONLY, dir_fd=place), place
        os.close(above)
    os.close(place)
    yield
    subprocess.run(["rm", "-rf", "deep"], cwd=tmp_path)  # pytest itself cannot


@on_unix
def test_each_bad_entry_costs_itself_alone(tmp_path, monkeypatch, deep):
    touch(tmp_path / "anna.ipynb", tmp_path / "ben" / "05.ipynb", tmp_path / "zoe" / "1.ipynb")
    touch(tmp_path / "gil" / "closed" / "2.ipynb", tmp_path / "gil" / "open" / "3.ipynb")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "broken.ipynb").symlink_to(tmp_path / "no such")
    os.mkfifo(tmp_path / "pipe.ipynb")
    os.mkfifo(tmp_path / "ben" / "pipe.ipynb")
    (tmp_path / "folder.ipynb").mkdir()
    touch(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.ipynb")))
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    entries = found(tmp_path)
    fine = {name for name, entry in entries.items() if not entry.trouble}
    assert fine == {"anna.ipynb", "ben/05.ipynb", "zoe/1.ipynb", "gil/open/3.ipynb", "??.ipynb"}
    troubles = {name: entry.trouble for name, entry in entries.items() if entry.trouble}
    assert "Permission denied" in troubles.pop("gil/closed")
    assert f"more than {DEEPEST} deep" in troubles.pop("/".join(["deep"] * (DEEPEST + 2)))
    assert {name: words.split(";")[0] for name, words in troubles.items()} == {
        "loop": "a link to another place", "broken.ipynb": "a link to another place",
        "pipe.ipynb": "not a file", "ben/pipe.ipynb": "not a file",
        "folder.ipynb": "no .ipynb file in this folder",
    }  # fmt: skip


@on_unix
def test_a_file_that_is_something_else_by_now_is_not_opened(tmp_path):
    """Between the listing and the reading a student may put another thing in its place."""
    for name in ("pipe", "link", "gone", "closed", "large"):
        touch(tmp_path / f"{name}.ipynb")
    entries = found(tmp_path)
    for name in ("pipe", "link", "gone"):
        (tmp_path / f"{name}.ipynb").unlink()
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "link.ipynb").symlink_to(__file__)
    os.truncate(tmp_path / "large.ipynb", submissions.LARGEST + 1)
    for name, words in (("pipe", "not a file"), ("link", "cannot be read"),
                        ("gone", "No such file"), ("large", "larger than 50 MB")):  # fmt: skip
        with pytest.raises(submissions.Unreadable, match=words):
            submissions.content(entries[f"{name}.ipynb"])


def test_more_notebooks_than_anybody_has_are_named_and_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(submissions, "MOST", 3)
    touch(*(tmp_path / "eve" / f"{number}.ipynb" for number in range(5)), tmp_path / "z.ipynb")
    entries = found(tmp_path)
    assert [bool(entry.trouble) for entry in entries.values()] == [False] * 3 + [True, False]
    assert "more than 3 notebooks" in entries["eve"].trouble


def test_a_folder_that_cannot_be_listed_is_said_in_one_line(tmp_path, monkeypatch, capsys):
    def refuse(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert main(["collect", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "cannot be listed: Permission denied" in capsys.readouterr().err


# --------------------------------------------------------------- one name for two things
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("anna.ipynb", "anna/05.ipynb"),
        ("Anna.ipynb", "anna/05.ipynb"),
        ("anna.ipynb", "anna.docx"),
        ("\xe5sa.ipynb", "a\u030asa/1.ipynb"),
    ],
)
def test_a_name_that_stands_for_two_things_is_named(tmp_path, one, other):
    touch(tmp_path / one, tmp_path / other, tmp_path / "ben.ipynb")
    entries = find_submissions(tmp_path)
    noted = [entry for entry in entries if entry.note]
    assert len(noted) == 2 and len(entries) == 3
    assert all("beside" in entry.note and "one student, or 2?" in entry.note for entry in noted)
    graded = [collecting.before(replace(entry, trouble="none"), None) for entry in noted]
    assert [words for words in to_look_at(graded) if words == noted[0].note]
    assert all(each.rows[0].detail.startswith(f"note: {noted[0].note}") for each in graded)


def test_two_names_that_look_the_same_are_told_apart(tmp_path):
    if os.name == "nt":
        pytest.skip("no such names there")
    touch(tmp_path / "a\x1b.ipynb", tmp_path / "a\x07.ipynb", tmp_path / "a?.ipynb")
    assert list(found(tmp_path)) == ["a?.ipynb", "a?.ipynb (2)", "a?.ipynb (3)"]
    kept = {
        collecting.kept_file(one, collecting.Settings(tmp_path, 1))
        for one in find_submissions(tmp_path)
    }
    assert len(kept) == 3


def test_a_lesson_handed_in_twice_is_named():
    row = Row("anna", "05", "05.center_crop", "passed", "", 0.1, "anna/05.ipynb")
    rows = [row, replace(row, notebook="anna/05-Copy1.ipynb"), replace(row, lesson="06")]
    entry = Submission("anna", "anna/05.ipynb", Path("x"))
    (words,) = to_look_at([collecting.Graded(entry, [one]) for one in rows])
    assert (
        words == "anna handed in lesson 05 more than once: anna/05.ipynb, anna/05-Copy1.ipynb"
    )


# ------------------------------------------------------------------------- what is shown
EVIL = [
    "\x1b[2J\x1b[31mred", "\x9b31m", "a\r\nb", "\u202egnp.exe", "\u2066x\u2069", "a\u200bb",
    "\u2028line", "\u2029", "\x00", "\x07", "\x08\x08", "\ue000", "\ufffe", "\udcff", "\u3164",
    "\u2800" * 50, "z" + "\u0301" * 99, " " * 300 + "30 students: 90 passed", "\u00a0" * 90,
    "\u3000" * 90 + "look", "\U000e0041", "\ufeff", "\u061c", "\x85", "\t\t\t", "x" * 10**6,
]  # fmt: skip


@pytest.mark.parametrize("evil", EVIL, ids=lambda evil: ascii(evil[:12]))
def test_what_a_student_wrote_is_shown_as_one_plain_line(evil):
    words = shown(f"anna{evil}z")
    assert len(words) <= 200 and words.isprintable() and "  " not in words
    assert words.startswith("anna") and words.splitlines() == [words]
    assert not any(unicodedata.category(c)[0] == "C" for c in words)
    entry = Submission(shown(evil), shown(evil), Path("x"))
    passed = {"exercise": "05.center_crop", "state": "wrong", "detail": evil, "seconds": 0}
    line = json.dumps({"lesson": "05", "exercises": [passed], "seconds": 1}).encode()
    (row,) = collecting.understood(entry, ProcessResult(line)).rows
    on_it = on_screen(row) + as_csv([row]).replace("\n", "") + as_page([row]).replace("\n", "")
    assert on_it.isprintable() and len(row.detail) <= 2000


def test_accents_are_not_heaped_over_other_lines():
    assert shown("z" + "\u0301" * 99).count("\u0301") == MARKS


def test_names_of_people_stay_as_they_are():
    for name in ("Åsa Öberg", "Nguyễn Thị", "محمد", "李小龍", "O'Neil-Smith", "Ζωή", "😀 b"):
        assert shown(name) == name
        assert shown(unicodedata.normalize("NFD", name)) == unicodedata.normalize("NFD", name)


@pytest.mark.parametrize(
    "formula",
    ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "＝1", "a;=HYPERLINK(1)", "a; +1", "\r=1"],
)
def test_no_spreadsheet_computes_what_a_student_wrote(formula):
    row = Row(formula, "05", "05.center_crop", "wrong", formula, 0.1, formula)
    (_head, cells) = list(csv.reader(io.StringIO(as_csv([row]))))
    for cell in (cells[0], cells[4], cells[6]):
        for part in cell.split(";"):
            assert part.lstrip()[:1] not in tuple("=+-@＝＋－＠"), cell


@pytest.mark.parametrize(
    "said",
    [
        b"", b"[]", b"3", b"{}", b"[" * 200_000, b"\xff", b'{"lesson": "05"}',
        b'{"exercises": 3}',
        b'{"lesson": "05", "exercises": [], "seconds": 1}', b'{"lesson": 1, "exercises": [3]}',
        b'{"lesson": "05", "exercises": [{"exercise": "05.x", "state": "excellent", '
        b'"detail": "", "seconds": 1}], "seconds": 1}',
    ],
)  # fmt: skip
def test_a_verdict_that_is_none_gives_one_line_that_says_so(said):
    entry = Submission("anna", "anna.ipynb", Path("x"))
    (row,) = collecting.understood(
        entry, ProcessResult(said, code=-24, complaint="a\n\x1b[31mb")
    ).rows
    assert row.state == "crashed" and "[31mb" in row.detail and "\x1b" not in row.detail
    (row,) = collecting.understood(
        entry, ProcessResult(said, stopped="to judge it took more")
    ).rows
    assert row.state == "stopped" and row.detail == "to judge it took more"


def test_what_cannot_be_run_costs_its_student_alone(tmp_path, monkeypatch):
    touch(tmp_path / "in" / "anna.ipynb", tmp_path / "in" / "ben.ipynb")
    tries = []

    def run(*_arguments, **_options):
        tries.append(1)
        if len(tries) == 1:
            raise OSError(24, "Too many open files")
        return ProcessResult(b'{"unreadable": "of none of the lessons"}')

    monkeypatch.setattr(collecting, "run", run)
    settings = collecting.Settings(tmp_path / "out", 1)
    graded = collecting.grade_all(
        find_submissions(tmp_path / "in"), settings, lambda _graded: None
    )
    assert [one.rows[0].state for one in graded] == ["crashed", "unreadable"]
    assert "Too many open files" in graded[0].rows[0].detail
    assert not collecting.kept_file(graded[0].submission, settings).exists()
    assert collecting.kept_file(graded[1].submission, settings).exists()


@pytest.mark.parametrize(
    "ended", [ProcessResult(stopped="it did not end"), ProcessResult(code=-9)]
)
def test_what_may_be_this_computers_fault_is_not_kept(tmp_path, monkeypatch, ended):
    touch(tmp_path / "in" / "anna.ipynb")
    monkeypatch.setattr(collecting, "run", lambda *_arguments, **_options: ended)
    settings = collecting.Settings(tmp_path / "out", 1)
    (one,) = collecting.grade_all(
        find_submissions(tmp_path / "in"), settings, lambda _graded: None
    )
    assert one.rows[0].state in ("stopped", "crashed") and to_look_at([one])
    assert not collecting.kept_file(one.submission, settings).exists()


# --------------------------------------------------------------------------------- time
def test_time_in_the_queue_for_a_processor_does_not_count(monkeypatch):
    """A neighbour's thirty processes: most of the time this one is ready, and waits."""
    now = [0.0]
    monkeypatch.setattr(meter.time, "monotonic", lambda: now[0])
    ticks = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100

    def stat(state: str, processor: float) -> list[str]:
        return [state, *["0"] * 10, str(int(processor * ticks)), "0", "0", "0"]

    family = meter.Meter()
    for look in range(1, 101):  # ten seconds by the wall, one of a processor
        now[0] = look / 10
        family.look([stat("S", 0), stat("R", look / 100)])
    assert family.seconds == pytest.approx(1, abs=0.03)
    for look in range(1, 101):  # ten seconds asleep
        now[0] = 10 + look / 10
        family.look([stat("S", 0), stat("S", 1)])
    assert family.seconds == pytest.approx(11, abs=0.2)
    now[0] += 1
    family.look([])  # nobody says anything, as on other systems: the wall's time
    assert family.seconds == pytest.approx(12, abs=0.2)


@pytest.mark.skipif(not hasattr(os, "sysconf"), reason="as on Unix")
def test_a_limit_stops_what_runs_and_not_what_waits(monkeypatch):
    monkeypatch.setattr(clock, "queued", lambda: waited[0])
    real, waited = clock.time.monotonic, [0.0]
    start = real()
    with limited(0.3, patience=meter.BUSY):  # all the time passes in the queue
        while real() - start < 1:
            waited[0] = real() - start
    caught = []
    try:
        with limited(0.2):
            while True:
                try:
                    while True:
                        pass
                except Exception:
                    caught.append(1)
    except TooLong:
        caught.append("late")
    assert caught == ["late"]


@pytest.mark.skipif(sys.platform != "linux", reason="as Linux says it")
def test_linux_says_how_long_a_process_waited():
    assert 0 <= clock.queued() <= clock.time.monotonic()
    assert Path("/proc/self/schedstat").exists() == (clock.queued() > 0)
