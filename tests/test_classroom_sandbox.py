"""Students' notebooks in the real sandbox: hostile, right, wrong; what the box keeps out."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from unet_teach.classroom import groups, running, watching
from unet_teach.classroom.lessons import lessons, places
from unet_teach.classroom.results import AGAIN
from unet_teach.classroom.sandbox import PACKAGE, Limits, box, environment, why_not
from unet_teach.cli import main
from unet_teach.exercises import exercise_named

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))
collect = pytest.importorskip("collect")

WHY_NOT = why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "there is a sandbox")
SECONDS = 60  # for a notebook; generous, since machines that test are busy
FIRST, VALUE, LAST = places("05")
ROOM = PACKAGE / "lessons" / "l05_crop_or_pad"


def results(out: Path) -> dict[tuple[str, str], dict]:
    with open(out / "results.csv", encoding="utf-8-sig", newline="") as file:
        return {(row["student"], row["exercise"]): row for row in csv.DictReader(file)}


def handed_in(folder: Path, name: str, solved: bool = False, **codes: str) -> None:
    text = json.dumps(collect.notebook("05", solved, **codes))
    (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")


HELPER = """
def middle(length, due):
    return (length - due) // 2
"""
USES_HELPER = """
def center_crop(x, size):
    top, left = middle(x.shape[-2], size[0]), middle(x.shape[-1], size[1])
    return x[..., top : top + size[0], left : left + size[1]]
"""


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class in which every hostile kind sits, graded once: (rows, exit code, folders)."""
    folder, out = tmp_path_factory.mktemp("in"), tmp_path_factory.mktemp("out")
    for kind in collect.HOSTILE:
        text = collect.hostile("05", kind, folder)
        (folder / f"{kind}.ipynb").write_text(text, encoding="utf-8")
    handed_in(folder, "solved", solved=True)
    handed_in(folder, "untouched")
    wrong = collect.mistakes("05")[0]
    codes = {place.cell: wrong[place.exercise][1] for place in places("05")}
    handed_in(folder, "wrong", **codes)
    shuffled = collect.notebook(
        "05",
        **{"three-networks": HELPER, FIRST.cell: USES_HELPER, LAST.cell: "x = (", "colab": ""},
    )
    for number, cell in enumerate(shuffled["cells"]):  # a tool has given other ids
        cell["id"] = f"{number:08x}"
    shuffled["cells"] = [c for c in shuffled["cells"] if "paper_crops = ..." not in c["source"]]
    (folder / "other ids.ipynb").write_text(json.dumps(shuffled), encoding="utf-8")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    options = ["--out", str(out), "--jobs", "2", "--seconds", str(SECONDS)]
    code = main(["collect", str(folder), *options])
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    return results(out), code, folder, options


def test_nobody_is_lost_and_trouble_has_an_exit_code(graded):
    rows, code, folder, _options = graded
    assert {student for student, _exercise in rows} == {p.stem for p in folder.iterdir()}
    assert code == 3


@pytest.mark.parametrize(
    ("kind", "state", "words"),
    [
        ("hangs", "stopped", "did not come back within"),
        ("hears nothing", "stopped", "did not end within"),
        ("crashes", "crashed", "SIGSEGV"),
        ("deletes files", "wrong", "Error: [Errno"),
        ("reads the answers", "wrong", "imports gc, uses unet_teach.rooms.room"),
        ("forges its results", "wrong", "wrote into the results' channel"),
        ("fills the disk", "", "No space left on device"),
        ("forks", "stopped", "processes"),
        ("takes memory that no process has", "wrong", "none of the three"),
        ("blocks who judges", "stopped", "to judge what it gave took"),
        ("paints on the screen", "wrong", "30 students: 90 passed"),
    ],
)
def test_each_hostile_kind_is_named(graded, kind, state, words):
    row = graded[0][kind, FIRST.exercise]
    assert row["state"] == state or (not state and row["state"] in ("wrong", "stopped"))
    assert words in row["detail"], row["detail"]


def test_what_is_no_notebook_is_named(graded):
    assert graded[0]["is no notebook", ""]["state"] == "unreadable"


@pytest.mark.parametrize(
    "student",
    [
        "deletes files",
        "reads the answers",
        "forges its results",
        "takes memory that no process has",
        "blocks who judges",
        "paints on the screen",
    ],
)
def test_an_attack_costs_its_exercise_alone(graded, student):
    for place in (VALUE, LAST):
        assert graded[0][student, place.exercise]["state"] == "passed"


def test_right_answers_pass_and_untouched_ones_are_not_attempted(graded):
    for place in places("05"):
        assert graded[0]["solved", place.exercise]["state"] == "passed"
        assert graded[0]["untouched", place.exercise]["state"] == "not attempted"


def test_a_known_mistake_fails_with_its_hint(graded):
    for place in places("05"):
        row = graded[0]["wrong", place.exercise]
        hint = exercise_named(place.exercise).mistakes[0].hint
        assert row["state"] == "wrong" and " ".join(hint.split()) in row["detail"]


def test_helpers_are_found_and_what_is_not_there_is_said(graded):
    states = [graded[0]["other ids", place.exercise] for place in places("05")]
    assert [row["state"] for row in states] == ["passed", "missing", "missing"]


def test_a_second_run_runs_only_what_was_ended(graded, capsys, monkeypatch):
    rows, code, folder, options = graded
    again = []

    def run(_command, given, *_others, **_options):
        again.append(json.loads(given.split(b"\n")[0])["filename"])
        return running.ProcessResult(stopped="not run")

    monkeypatch.setattr("unet_teach.classroom.collecting.run", run)
    assert main(["collect", str(folder), *options]) == code
    capsys.readouterr()
    ended = {student for (student, _), row in rows.items() if row["state"] in AGAIN}
    assert {name.removesuffix(".ipynb") for name in again} == ended
    assert {"hangs", "crashes", "forks"} <= ended
    found = results(Path(options[1]))
    assert all(found[key] == row for key, row in rows.items() if key[0] not in ended)


def test_no_line_of_the_results_was_written_by_a_student(graded):
    folder = Path(graded[3][1])
    for name in ("results.csv", "report.html"):
        lines = (folder / name).read_text(encoding="utf-8-sig").split("\n")
        assert not any(line.strip().startswith("30 students: 90") for line in lines)
        assert all(line.isprintable() for line in lines)


# --------------------------------------------------------------------------- what the box is
def inside(code: str, hidden: tuple[Path, ...] = ()) -> list[str]:
    """Lines that Python prints in a sandbox, before any right is given up."""
    ran = subprocess.run(
        [*box(Limits(disk=2**20), hidden), sys.executable, "-c", code],
        env=environment(), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def test_the_box_has_no_answers_and_no_files_of_yours(tmp_path):
    (tmp_path / "secret").write_text("mine")
    answers = [ROOM / "exercises.py", ROOM / "__pycache__"]
    own = [ROOT / "notebooks", ROOT / "tests", ROOT / ".git", tmp_path, Path.home() / ".bashrc"]
    places_ = [str(path) for path in (*answers, *own, "/etc/passwd", "/etc/shadow")]
    code = f"import os\nfor p in {places_!r}: print(os.path.exists(p))"
    assert inside(code) == ["False"] * len(places_)
    assert inside("import unet_teach.exercises.agreement; print(1)") == ["1"]


def test_the_box_has_no_network_and_nothing_to_write_on():
    code = """
import os, socket
print([name for _number, name in socket.if_nameindex()])
print(socket.socket().connect_ex(("127.0.0.1", 22)) != 0)
for place in ("/", "/usr", "/dev", {package!r}, {room!r}, {prefix!r}):
    try:
        open(os.path.join(place, "written"), "w")
        print("wrote into", place)
    except OSError:
        pass
try:
    with open("/tmp/large", "wb") as file:
        file.write(bytes(2**21))
except OSError as error:
    print(error.errno)
print(len([name for name in os.listdir("/proc") if name.isdigit()]))
"""
    code = code.format(package=str(PACKAGE), room=str(ROOM), prefix=sys.prefix)
    # Its own loopback, with nobody on it; a full disk; bwrap and Python alone in the world.
    assert inside(code) == ["['lo']", "True", "28", "2"]


def test_what_lies_inside_of_what_is_seen_can_be_hidden():
    hidden = Path(json.__file__).parent  # in a folder that the box must have
    code = f"import os; print(os.listdir({str(hidden)!r}))"
    assert inside(code) != ["[]"]
    assert inside(code, (hidden,)) == ["[]"]


def alive(mark: str) -> list[str]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if mark in (folder / "cmdline").read_bytes().decode(errors="replace"):
                    found.append(folder.name)
            except OSError:
                pass
    return found


def wait_until(condition, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return bool(condition())


def test_nothing_outlives_the_teachers_process_even_killed_outright():
    mark = f"9876{os.getpid()}"
    shell = f"setsid sleep {mark} & setsid sh -c 'sleep {mark}; true' & sleep {mark}"
    code = (
        "import subprocess\nfrom unet_teach.classroom.sandbox import *\n"
        f"subprocess.run([*box(Limits()), 'sh', '-c', {shell!r}], env=environment())"
    )
    teacher = subprocess.Popen([sys.executable, "-c", code])
    try:
        assert wait_until(lambda: len([p for p in alive(mark) if p != str(teacher.pid)]) >= 4)
    finally:
        teacher.send_signal(signal.SIGKILL)
        teacher.wait()
    assert wait_until(lambda: not alive(mark))


def test_a_process_that_takes_too_many_of_anything_is_ended(monkeypatch):
    def ran(shell: str, **limits) -> running.ProcessResult:
        whole = Limits(**{"seconds": 20} | limits)
        monkeypatch.setattr(watching, "box", lambda *_: [*box(whole), "sh", "-c", shell])
        return watching.run_student(b"", whole, True, ())

    assert "more than 8 processes" in ran("for i in $(seq 20); do sleep 60 & done; wait",
                                          processes=8).stopped  # fmt: skip
    assert "more than 1 MB" in ran("yes", output=2**20).stopped
    assert "within 1 s" in ran("sleep 60", seconds=1).stopped
    assert ran("kill -SEGV $$").code in (139, -11)


def in_the_box(code: str, monkeypatch, **limits) -> running.ProcessResult:
    whole = Limits(**{"seconds": 30} | limits)
    command = [*box(whole), sys.executable, "-c", code]
    monkeypatch.setattr(watching, "box", lambda *_: command)
    return watching.run_student(b"job", whole, True, ())


def test_nothing_that_it_is_handed_lies_on_the_teachers_disk(monkeypatch):
    code = """
import os, stat
for number in range(9):  # nothing was opened yet
    try:
        kind = os.fstat(number).st_mode
    except OSError:
        continue
    print("pipe" if stat.S_ISFIFO(kind) else "file", number, flush=True)
for number in range(3):
    try:
        again = os.open(f"/proc/self/fd/{number}", os.O_RDWR)
        os.set_blocking(again, False)
        os.write(again, b"x" * 2**20)
    except OSError:
        pass
"""
    said = in_the_box(code, monkeypatch).said.replace(b"x", b"").decode()
    assert sorted(said.split()) == ["0", "1", "2", "pipe", "pipe", "pipe"]


def test_memory_that_no_process_has_is_counted_where_there_is_a_group(monkeypatch):
    with groups.Group(2**30) as group:
        if group.folder is None:
            pytest.skip("no control group can be made here")
    left = group.folder.with_name("unet-teach-0")  # by one who was killed: nobody has number 0
    left.mkdir()
    fill = "import os\nf = os.memfd_create('x')\nwhile True: os.write(f, bytes(2**20))"
    ran = in_the_box(fill, monkeypatch, memory=2**28)
    assert ran.stopped == "it took more than 0.25 GB of memory"
    assert not group.folder.exists() and not left.exists()


def test_what_nobody_could_count_is_forbidden():
    code = """
import ctypes, os, threading
from unet_teach.classroom.seccomp import forbid
print(forbid())
system = ctypes.CDLL(None, use_errno=True)
system.memfd_create(b"x", 0), print(ctypes.get_errno())
system.shmget(0, 2**20, 0o1600), print(ctypes.get_errno())
system.unshare(0x10000000), print(ctypes.get_errno())
if os.fork() == 0:  # and by whatever it starts
    os.execv("/bin/sh", ["sh", "-c", "unshare --user true 2>&1 | wc -l"])
os.wait()
thread = threading.Thread(target=print, args=("thread",))
thread.start(), thread.join()
"""
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment()
    )
    if "False" in ran.stdout:
        pytest.skip("no filter for this processor")
    words = sorted(ran.stdout.split())
    assert words == ["1", "38", "38", "38", "True", "thread"], ran.stderr


def test_who_judges_ends_what_it_started_when_it_is_ended(monkeypatch):
    mark = f"8765{os.getpid()}"
    code = (
        "import sys\nfrom unet_teach.classroom import judge, watching\n"
        "from unet_teach.classroom.sandbox import Limits\njudge.protect(60)\n"
        f"watching.box = lambda *_: ['sh', '-c', 'setsid sleep {mark}']\n"
        "watching.run_student(b'', Limits(), True, ())"
    )
    judging = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    assert wait_until(lambda: len([p for p in alive(mark) if p != str(judging.pid)]) >= 1)
    running.end(judging)
    assert wait_until(lambda: not alive(mark))


def test_who_judges_has_limits_of_its_own():
    code = (
        "import resource, sys\nfrom unet_teach.classroom import judge\njudge.protect(60)\n"
        "print(resource.getrlimit(resource.RLIMIT_CPU)[0])\n"
        "try:\n    bytearray(5 * 2**30)\nexcept MemoryError:\n    print('no')"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stdout.split() == ["90", "no"], ran.stderr


@pytest.mark.skipif(
    os.name == "nt" or not shutil.which("setpriv") or getattr(os, "getuid", lambda: 1)() != 0,
    reason="needs root, to become somebody else",
)
def test_who_is_not_root_gets_a_sandbox_too():
    python = shutil.which("python3", path="/usr/bin")
    if python is None:
        pytest.skip("a Python that everybody may run is needed")
    code = "from unet_teach.classroom.sandbox import why_not as w; print(repr(w('unet_teach')))"
    ran = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", python, "-c", code],
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
        cwd="/", capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    if ran.returncode:
        pytest.skip("the course cannot be read by everybody here")
    assert ran.stdout.strip() == "''"


# -------------------------------------------------------------------- every lesson, minutes
@pytest.mark.slow
def test_every_lesson_can_be_graded(tmp_path):
    """Solved passes, the learner's is not attempted, each known mistake fails with its hint."""
    folder, out, due = tmp_path / "in", tmp_path / "out", {}
    for name, source in (("solved", ROOT / "notebooks" / "solutions"),
                         ("learner", ROOT / "notebooks")):  # fmt: skip
        (folder / name).mkdir(parents=True)
        for path in source.glob("*.ipynb"):
            shutil.copy(path, folder / name)
    for lesson in lessons():
        cell = {place.exercise: place.cell for place in places(lesson)}
        for number, codes in enumerate(collect.mistakes(lesson)):
            changed = {cell[exercise]: code for exercise, (_mistake, code) in codes.items()}
            target = folder / f"round {number}" / f"{lesson}.ipynb"
            target.parent.mkdir(exist_ok=True)
            target.write_text(json.dumps(collect.notebook(lesson, **changed)), encoding="utf-8")
            for exercise, (mistake, _code) in codes.items():
                known = exercise_named(exercise).mistakes
                due[f"round {number}", exercise] = next(
                    " ".join(m.hint.split()) for m in known if m.name == mistake
                )
    assert main(["collect", str(folder), "--out", str(out), "--seconds", "120"]) == 0
    rows = results(out)
    assert len([key for key in rows if key[0] == "solved"]) >= 51
    for (student, exercise), row in rows.items():
        hint = due.get((student, exercise))
        state = "passed" if student == "solved" else "wrong" if hint else "not attempted"
        assert row["state"] == state, row
        assert not hint or hint in row["detail"], row
