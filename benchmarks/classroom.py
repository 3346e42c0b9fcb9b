"""The memory that a student needs on a shared server, in each lesson, and how many fit.

    python -m pip install "jupyterhub>=5,<7"         # into the environment that has the course
    npm install -g configurable-http-proxy
    python benchmarks/classroom.py                   # measure all lessons; minutes
    python benchmarks/classroom.py 05 08             # two of them, only printed
    python tools/make_teaching.py                    # the tables in TEACHING.md

A real JupyterHub on loopback (`hub.py`), whose students run the solved lessons. Resident
memory (RSS) counts what is in memory for a process, the pages of torch's libraries included.
Those exist once for all students, so a sum of RSS says too much. *Private* is what belongs to
one process alone: what each further student costs. The proportional size (PSS) shares common
pages out among those who have them; its sum over all processes is what is really used.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import tempfile
import time
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import nbformat
from hub import Hub, Student, hub, memory, parent, processes

ROOT = Path(__file__).parents[1]
SOLUTIONS = ROOT / "notebooks" / "solutions"
RESULTS = ROOT / "unet_teach" / "resources" / "results" / "classroom_memory.json"
TRAINS = re.compile(r"\.backward\(\)|\b(?:train|learn|treat)\(|train_step")
TOGETHER = ("02", "05", "08", "12")  # lessons that four students run at the same time
THREADS = 4  # what each kernel would take by itself on a machine of four cores
IMPORTS = (
    "import scipy.ndimage, matplotlib.pyplot, torch\n"
    "import unet_teach.training, unet_teach.exercises, unet_teach.interactive"
)


def lessons(numbers: tuple[str, ...] | list[str]) -> list[Path]:
    """The solved notebooks of these numbers; of all, where none is given."""
    every = sorted(SOLUTIONS.glob("[0-9][0-9]_*.ipynb"))
    return [path for path in every if not numbers or path.name[:2] in numbers]


def cells(lesson: Path) -> list[str]:
    """The code of a solved lesson."""
    notebook = nbformat.read(lesson, as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


async def take(student: Student, lesson: Path, threads: int = 1) -> dict:
    """A lesson in a fresh kernel: memory after the imports, before training, at its peak."""
    await student.open()
    if threads > 1:  # else one, as the server's settings have it
        await student.run(f"import torch; torch.set_num_threads({threads})")
    found, start = {}, time.perf_counter()
    for number, code in enumerate(cells(lesson)):
        if "before_training" not in found and TRAINS.search(code):
            found["before_training"] = memory(student.pid)["highest"]
        await student.run(code)
        if number == 0:  # the setup cell
            now = memory(student.pid)
            found["imports"] = {name: now[name] for name in ("rss", "pss", "private")}
    seconds, end = time.perf_counter() - start, memory(student.pid)
    found.setdefault("before_training", end["highest"])
    shared = found["imports"]["rss"] - found["imports"]["private"]
    found["peak"] = {"rss": end["highest"], "private": end["highest"] - shared}
    await student.close()
    return {"lesson": lesson.stem, **found, "seconds": round(seconds, 1)}


async def at_once(running: Hub, students: list[Student], threads: int = 1) -> dict:
    """Several lessons at the same time: their seconds, and what all processes used at most."""
    most = 0

    async def watch() -> None:
        nonlocal most
        while True:
            kernels = [pid for s in students for pid in processes(f"kernel-{s.kernel}")]
            pids = {running.pid, *running.proxy(), *kernels, *map(parent, kernels)}
            with suppress(OSError):  # a process that has ended meanwhile
                most = max(most, sum(memory(pid)["pss"] for pid in pids))
            await asyncio.sleep(0.2)

    watching = asyncio.create_task(watch())
    each = zip(students, lessons(TOGETHER), strict=True)
    rows = await asyncio.gather(*(take(*pair, threads) for pair in each))
    watching.cancel()
    seconds = {row["lesson"]: row["seconds"] for row in rows}
    return {"seconds": seconds, "pss": most}


async def measure(numbers: list[str]) -> dict:
    """All figures of the table."""
    with tempfile.TemporaryDirectory(prefix="hub_") as folder:
        async with hub(folder) as running:
            students = [Student(running, f"student{n}") for n in range(1 + len(TOGETHER))]
            for student in students:
                await student.arrive()
            neighbour, one, *_others = students
            await neighbour.open()
            await neighbour.run(IMPORTS)  # so that what is shared shows as shared
            rows = []
            for lesson in lessons(numbers):
                rows.append(await take(one, lesson))
                print(json.dumps(rows[-1]), flush=True)
            server = memory(one.server)
            together = await at_once(running, students[1:])
            threaded = await at_once(running, students[1:], threads=THREADS)
            fixed = sum(memory(pid)["pss"] for pid in [running.pid, *running.proxy()])
    packages = ("jupyterhub", "jupyterlab", "torch")
    return {
        "versions": {name: metadata.version(name) for name in packages},
        "cores": os.cpu_count(),
        "hub": fixed,
        "server": {name: server[name] for name in ("rss", "pss", "private")},
        "shared": max(row["imports"]["rss"] - row["imports"]["private"] for row in rows),
        "lessons": rows,
        "together": together,
        "with_threads": {"threads": THREADS, "seconds": threaded["seconds"]},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", metavar="NN", help="print, and write nothing")
    chosen = parser.parse_args().lessons
    found = asyncio.run(measure(chosen))
    if not chosen:
        RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({name: value for name, value in found.items() if name != "lessons"}))


if __name__ == "__main__":
    main()
