"""Grade a class of thirty in one lesson: right answers, known mistakes, and attacks.

    python benchmarks/collect.py                 # lesson 05, as `unet-teach collect` does it
    python benchmarks/collect.py 10 --students 8

Prints the seconds that it took, and what became of each kind of notebook. Eleven notebooks are
hostile, one of each kind in `HOSTILE`; all others are right, untouched, or hold mistakes that
the checks know. Fails where one is lost, not named, or takes others with it.
"""

from __future__ import annotations

import argparse
import ast
import csv
import inspect
import json
import sys
import tempfile
import textwrap
import time
from pathlib import Path

from unet_teach.classroom.harness import checks_of, cut_out
from unet_teach.classroom.lessons import places
from unet_teach.cli import main as unet_teach

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"

# What stands in the first exercise's cell. ANSWER is its name, {answers} the file with answers.
HOSTILE = {
    "hangs": """
import time

def ANSWER(*arguments):
    while True:
        try:
            time.sleep(1)
        except BaseException:  # catches all that would stop it
            pass
""",
    "hears nothing": """
import signal

def ANSWER(*arguments):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        pass
""",
    "crashes": """
import ctypes

def ANSWER(*arguments):
    ctypes.string_at(0)
""",
    "deletes files": """
import os, shutil, sys

def ANSWER(*arguments):
    for place in ("/", os.path.expanduser("~"), sys.prefix, {folder!r}):
        for name in os.listdir(place):
            shutil.rmtree(os.path.join(place, name))
""",
    "reads the answers": """
import gc
from unet_teach.rooms import room

def ANSWER(*arguments):
    for thing in gc.get_objects():
        if type(thing).__name__ == "Exercise" and thing.name == {exercise!r}:
            return thing.reference(*arguments)
    lesson = room({exercise!r}[:2], "exercises")
    try:
        return lesson.EXERCISES[0].reference(*arguments)
    except Exception:
        return open({answers!r}).read()
""",
    "forges its results": """
import json, os, sys

class Right:
    def __eq__(self, other):
        return True

    def __len__(self):
        return 0

def check(*anything):
    print("✓ passed")

def ANSWER(*arguments):
    forged = [
        dict(exercise={exercise!r}, state="passed"),
        dict(exercise={exercise!r}, case=99, value=Right),
        dict(finished=True),
    ]
    for number in range(3, 64):
        for line in forged:
            try:
                os.write(number, (json.dumps(line, default=str) + "\\n").encode())
            except OSError:
                pass
    return Right()
""",
    "fills the disk": """
def ANSWER(*arguments):
    for place in ("/tmp", "/dev/shm", "."):
        for number in range(10_000):
            with open(f"{{place}}/{{number}}", "wb") as file:
                for _part in range(64):
                    file.write(bytes(2**24))
""",
    "forks": """
import os

def ANSWER(*arguments):
    while True:
        try:
            os.fork()
        except OSError:
            pass
""",
    "takes memory that no process has": """
import ctypes, os

system = ctypes.CDLL(None)
system.shmat.restype = ctypes.c_void_p

def ANSWER(*arguments):
    try:
        file = os.memfd_create("aside")
        while True:
            os.write(file, bytes(2**26))
    except OSError:
        while (number := system.shmget(0, 2**28, 0o1600)) >= 0:
            ctypes.memset(ctypes.c_void_p(system.shmat(number, None, 0)), 1, 2**28)
    if system.unshare(0x10000000) < 0:
        raise MemoryError("none of the three")
""",
    "blocks who judges": """
import json, os

def ANSWER(*arguments):
    if os.path.exists("/tmp/done"):
        return None
    open("/tmp/done", "w").close()
    alike = [1 + number * (2**61 - 1) for number in range(400_000)]  # of one hash
    line = json.dumps(dict(case=0, value=dict(set=alike)))
    for number in range(3, 64):
        left = (os.linesep + {exercise!r} + "\t" + line + os.linesep).encode()
        try:
            while left:
                left = left[os.write(number, left):]
        except OSError:
            pass
    return {{*alike[:9]}}
""",
    "paints on the screen": """
def ANSWER(*arguments):
    raise ValueError("\x1b[2J\x1b[31m\u202e" + " " * 400 + "30 students: 90 passed\u2066 =1+1")
""",
    "is no notebook": "",
}


def notebook(lesson: str, solved: bool = False, **cells: str) -> dict:
    """A lesson's notebook, with other code in some of its cells (ids without the number)."""
    folder = NOTEBOOKS / "solutions" if solved else NOTEBOOKS
    (path,) = folder.glob(f"{lesson}_*.ipynb")
    found = json.loads(path.read_text(encoding="utf-8"))
    for cell in found["cells"]:
        code = cells.get(cell["id"].removeprefix(f"{lesson}-"))
        if code is not None:
            cell["source"] = code
    return found


def hostile(lesson: str, kind: str, folder: Path) -> str:
    """The text of a hostile file. Its other exercises are solved."""
    if kind == "is no notebook":
        return "%PDF-1.7\nmy homework\n"
    place = places(lesson)[0]
    answers = inspect.getsourcefile(checks_of(lesson))
    code = HOSTILE[kind].replace("ANSWER", place.answer)
    code = code.format(folder=str(folder), exercise=place.exercise, answers=answers)
    return json.dumps(notebook(lesson, solved=True, **{place.cell: code}))


def mistakes(lesson: str) -> list[dict[str, tuple[str, str]]]:
    """Rounds of known mistakes: in each, exercise -> (name of the mistake, code of a cell)."""
    source = inspect.getsource(checks_of(lesson))
    rounds: list[dict[str, tuple[str, str]]] = []
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call) or getattr(call.func, "id", "") != "Exercise":
            continue
        given = {word.arg: word.value for word in call.keywords}
        place = next(p for p in places(lesson) if p.exercise == given["name"].value)
        for number, mistake in enumerate(given["mistakes"].elts):
            name, answer = mistake.args[0].value, mistake.args[1]
            used = {n.id for n in ast.walk(answer) if isinstance(n, ast.Name)}
            code = cut_out(source, used)[0]
            rounds += [{}] * (number + 1 - len(rounds))
            code = code.replace("from __future__ import annotations\n", "")
            code = textwrap.indent(f"{code}\nreturn {ast.unparse(answer)}\n", "    ")
            code = f"def made():\n{code}\n{place.answer} = made()\n"  # its names stay inside
            rounds[number] = rounds[number] | {place.exercise: (name, code)}
    return rounds


def write_class(lesson: str, students: int, folder: Path) -> None:
    """A folder of submissions: the hostile ones first, then all sorts."""
    kinds = list(HOSTILE)
    wrong = mistakes(lesson)
    cell = {place.exercise: place.cell for place in places(lesson)}
    for number in range(students):
        name = f"student-{number:02d}"
        if number < len(kinds):
            name += f"-{kinds[number].replace(' ', '-')}"
            text = hostile(lesson, kinds[number], folder)
        elif number % 4 == 0:
            text = json.dumps(notebook(lesson, solved=True))
        elif number % 4 == 1:
            text = json.dumps(notebook(lesson))
        else:
            codes = wrong[number % len(wrong)].items()
            changed = {cell[exercise]: code for exercise, (_name, code) in codes}
            text = json.dumps(notebook(lesson, **changed))
        (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lesson", nargs="?", default="05")
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder, out = Path(place) / "submissions", Path(place) / "graded"
        folder.mkdir()
        write_class(options.lesson, options.students, folder)
        start = time.perf_counter()
        arguments = ["collect", str(folder), "--out", str(out), "--jobs", str(options.jobs)]
        code = unet_teach(arguments)
        seconds = time.perf_counter() - start
        with open(out / "results.csv", encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    print(f"\nexit code {code}; {len({row['student'] for row in rows})} of {options.students}")
    for row in rows:
        print(
            f"{row['student']:32} {row['exercise']:24} {row['state']:14} {row['detail'][:90]}"
        )
    print(f"\n{options.students} submissions of lesson {options.lesson}: {seconds:.0f} s")
    found = complaints(rows, options.students)
    for words in found:
        print(f"not as it should be: {words}")
    return 1 if found else 0


def complaints(rows: list[dict], students: int) -> list[str]:
    """Who is lost, who got through, who suffered from others."""
    by_student: dict[str, list[dict]] = {}
    for row in rows:
        by_student.setdefault(row["student"], []).append(row)
    found = [] if len(by_student) == students else [f"{students - len(by_student)} are lost"]
    for number, (student, own) in enumerate(sorted(by_student.items())):
        if number < len(HOSTILE):
            if own[0]["state"] == "passed" or not own[0]["detail"]:
                found.append(f"{student} is not named")
        elif any(row["state"] not in ("passed", "wrong", "not attempted") for row in own):
            found.append(f"{student} suffered")
        elif number % 4 == 0 and any(row["state"] != "passed" for row in own):
            found.append(f"{student} is right, and did not pass")
    return found


if __name__ == "__main__":
    sys.exit(main())
