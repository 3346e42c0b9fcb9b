"""Write TEACHING.md's tables from the lessons and from what was measured: no figure is typed.

python tools/make_teaching.py
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import one_lesson
from anatomy import counts
from lessons import Lesson, read
from marked import between

from unet_teach.rooms import room, rooms

ROOT = Path(__file__).parents[1]
TEACHING = ROOT / "TEACHING.md"
MEMORY = ROOT / "unet_teach" / "resources" / "results" / "classroom_memory.json"
# The model of the time: assumed paces, not measured ones. TEACHING.md says so.
WORDS, LINES = 150, 12  # read in a minute
EXERCISES = {"easy": 3, "core": 5, "stretch": 8}  # minutes
INTERACTIVE, DISCUSSION = 5, 5  # minutes
SESSION = 90
SYSTEM = 1000  # MB of a server that are not for students
MACHINES = (4, 8, 16, 32, 64)  # GB
NOT_MEASURED = "–"


@dataclass
class Facts:
    """What the table says of a lesson."""

    title: str
    announced: int
    words: int
    lines: int

    @property
    def modelled(self) -> float:
        """Minutes by the assumed paces."""
        reading = self.words / WORDS + self.lines / LINES
        return reading + sum(EXERCISES.values()) + INTERACTIVE + DISCUSSION


def facts(lesson: Lesson) -> Facts:
    """Title, announced minutes and counts of a source."""
    text = "\n".join(cell.text for cell in lesson.prose)
    title = re.search(r"^# \d\d · (.+)$", text, re.M)[1]
    announced = int(re.search(r"\*\*Time\*\* about (\d+) minutes", text)[1])
    counted = counts(lesson)
    return Facts(title, announced, counted["words"], counted["lines"])


def course() -> dict[str, Facts]:
    """All lessons by their numbers."""
    sources = sorted((ROOT / "notebooks" / "src").glob("*.py"))
    return {source.name[:2]: facts(read(source)) for source in sources}


def memory() -> dict:
    """What `benchmarks/classroom.py` measured."""
    return json.loads(MEMORY.read_text(encoding="utf-8"))


def table(head: str, rows: list[list[object]], left: int = 2) -> str:
    """Markdown; ``head`` names the columns, so many of them to the left."""
    names = [name.strip() for name in head.split("|")]
    rule = ["---"] * left + ["--:"] * (len(names) - left)
    lines = [names, rule, *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def minutes() -> str:
    """Announced, by the model, and what the machine needs."""
    measured = {row["lesson"][:2]: row for row in memory()["lessons"]}
    rows = []
    for number, lesson in course().items():
        known = [NOT_MEASURED] * 3
        if row := measured.get(number):
            known = [f"{row['seconds']:.0f}", row["imports"]["rss"], row["peak"]["rss"]]
        spent = [lesson.announced, f"{lesson.modelled:.0f}"]
        rows.append([number, lesson.title, *spent, lesson.words, lesson.lines, *known])
    return table(
        "# | lesson | announced | by the model | words | lines of code | runs, s |"
        " MB after the imports | MB at most",
        rows,
    )


def ninety() -> str:
    """The one lesson, part by part, and what is left out."""
    rows, clock, left = [], 0, []
    for number in one_lesson.track():
        found = one_lesson.parts(number)
        for name, cells in found.items():
            if not name:
                continue
            heading = re.search(r"^## (.+)$", cells[0].text, re.M)[1]
            took = one_lesson.minutes(cells)
            if (number, name) in one_lesson.PLAN:
                text = "\n".join(cell.text for cell in cells)
                exercise = re.search(r"### Exercise (\d)", text)
                with_it = f", with exercise {exercise[1]}" if exercise else ""
                rows.append([number, heading + with_it, f"{clock}–{clock + took}", took])
                clock += took
            else:
                left.append(f"{number} *{heading}* ({took})")
    rows.append(["", "**to arrive, and to close**", f"{clock}–{SESSION}", SESSION - clock])
    return (
        table("lesson | part | minute | minutes", rows)
        + "\n\nLeft out: "
        + ", ".join(left)
        + "."
    )


def weeks_taught() -> list[tuple[int, list[str]]]:
    """Each week of the term with the lessons that are taught in it."""
    of = {lesson: room(lesson).FACTS.week for lesson in rooms()}
    weeks = sorted({week for week in of.values() if week})
    return [(week, [lesson for lesson in of if of[lesson] == week]) for week in weeks]


def homework_after(lessons: list[str]) -> str:
    """What the lessons of a week give home, exercise 3 aside."""
    return " ".join(room(lesson).FACTS.homework for lesson in lessons).strip()


def read_at_home(lessons: list[str]) -> list[str]:
    """The lessons that the homework of a week asks for as a whole: they have no week."""
    named = re.findall(r"\bLesson (\d\d), whole", homework_after(lessons))
    return [lesson for lesson in named if room(lesson).FACTS.week is None]


def in_no_week() -> list[str]:
    """The lessons for which the term has no place."""
    placed = [n for _week, both in weeks_taught() for n in both + read_at_home(both)]
    return [lesson for lesson in rooms() if lesson not in placed]


def weeks() -> str:
    """Two lessons a session, exercise 3 of both at home."""
    lessons, rows = course(), []
    for week, both in weeks_taught():
        homework = homework_after(both)
        in_class = sum(lessons[n].announced - EXERCISES["stretch"] for n in both)
        names = ", ".join(f"{n} {lessons[n].title}" for n in both)
        rows.append([week, names, homework, in_class])
    head = "week | in class | homework, beside exercise 3 of both | minutes"
    beside = ", ".join(f"{n} {lessons[n].title}" for n in in_no_week())
    return table(head, rows, left=3) + (f"\n\nIn no week: {beside}." if beside else "")


def fit(machine: int, peak: int) -> int:
    """Students whose kernels are all at a peak in the same moment, on so many GB."""
    found = memory()
    room = machine * 1024 - SYSTEM - found["hub"] - found["shared"]
    return max(0, room // (found["server"]["private"] + peak))


def crowd() -> tuple[str, int, int]:
    """Who ran at the same time, MB that they used, MB that the formula's terms allow."""
    found = memory()
    by_name = {row["lesson"]: row["peak"]["private"] for row in found["lessons"]}
    names = list(found["together"]["seconds"])
    each = [found["server"]["private"] + by_name[name] for name in names]
    due = found["hub"] + found["shared"] + sum(each)
    return ", ".join(name[:2] for name in names), found["together"]["pss"], due


def threads() -> str:
    """What more threads than cores do to a crowd."""
    found = memory()
    one, more = found["together"]["seconds"], found["with_threads"]["seconds"]
    numbers = ", ".join(name[:2] for name in one)
    waited = f"{sum(one.values()):.0f} seconds, all together, with one thread each"
    threaded = f"{sum(more.values()):.0f} with {found['with_threads']['threads']} threads each"
    return f"""\
Students who ran lessons {numbers} at the same time on {found["cores"]} cores waited
{waited}, and {threaded}: one run of each, on a
machine that had other work to do as well."""


def students() -> str:
    """How many students fit."""
    found, rows = memory(), []
    peaks = sorted((row["peak"]["private"], row["lesson"][:2]) for row in found["lessons"])
    chosen = peaks[-1], peaks[len(peaks) // 2], peaks[0]
    for machine in MACHINES:
        fits = [fit(machine, peak) for peak, _lesson in chosen]
        rows.append([f"{machine} GB", f"**{fits[0]}**", *fits[1:]])
    names = [f"{what} ({lesson})" for what, (_peak, lesson) in zip(
        ("the heaviest lesson", "the middle one", "the lightest"), chosen, strict=True
    )]  # fmt: skip
    hub, shared, server = found["hub"], found["shared"], found["server"]["private"]
    numbers, used, due = crowd()
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    return f"""\
{table(" | ".join(["machine", *names]), rows)}

```text
students = (memory − {SYSTEM} − {hub} − {shared}) / ({server} + {chosen[0][0]})        in MB
```

Of the memory, {SYSTEM} MB are for the system, {hub} for the hub and its proxy, {shared} for the
pages that all kernels share, once. Each student needs {server} for her server, and for her
kernel at its peak {chosen[0][0]} in the heaviest lesson, {chosen[1][0]} in the middle one,
{chosen[2][0]} in the lightest. Held against a crowd: students who ran lessons {numbers} at the
same time used {used} MB at most, where the terms allow {due}. Measured with {versions}."""


TABLES = {
    "minutes": minutes, "ninety": ninety, "weeks": weeks, "threads": threads,
    "students": students,
}  # fmt: skip


def with_tables(text: str) -> str:
    """TEACHING.md with the tables of today."""
    for name, make in TABLES.items():
        text = between(text, name, make())
    return text


if __name__ == "__main__":
    TEACHING.write_text(with_tables(TEACHING.read_text(encoding="utf-8")), encoding="utf-8")
