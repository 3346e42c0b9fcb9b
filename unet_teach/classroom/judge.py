"""The process that judges one notebook: reads it, runs the child, compares, says a few lines.

    python judge.py < job > verdict

A process of its own, with limits, because all that it looks at was made by a student. The
teacher's process gets one line of JSON from it, with an upper limit for its length.
"""

from __future__ import annotations

import contextlib
import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

MEMORY = 4 * 2**30  # bytes
SECONDS = 30  # of a processor, beside those that a notebook may take
SHOWN = 4000  # characters of a detail; cut again, and cleaned, by who reads it


def protect(seconds: int) -> None:
    """Cap what this process may take, so that no value can block it for long."""
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(1))
    with contextlib.suppress(ImportError):  # Windows has none
        import resource

        caps = {"RLIMIT_CPU": seconds + SECONDS, "RLIMIT_CORE": 0}
        if sys.platform == "linux":
            caps["RLIMIT_DATA"] = MEMORY
        for name, cap in caps.items():
            hard = resource.getrlimit(getattr(resource, name))[1]
            with contextlib.suppress(ValueError, OSError):  # stricter already
                resource.setrlimit(getattr(resource, name), (cap, hard))


def judge(order: dict, content: bytes) -> dict[str, Any]:
    """The verdict on a notebook: its lesson and exercises, or why it is none."""
    from unet_teach.classroom.notebook import read
    from unet_teach.classroom.sandbox import Limits
    from unet_teach.classroom.submissions import Unreadable

    try:
        notebook = read(content, order["filename"])
    except Unreadable as error:
        return {"unreadable": str(error)}
    except MemoryError:
        return {"unreadable": "no notebook: to read it takes too much memory"}
    from unet_teach.classroom.grading import course, verdicts
    from unet_teach.classroom.watching import run_student

    limits, sandboxed = Limits(**order["limits"]), order["sandboxed"]
    lesson = course(notebook.lesson, order["seed"])
    job = lesson.job(notebook, limits, sandboxed, order["slot"])
    del content, notebook
    ran = run_student(job, limits, sandboxed, tuple(map(Path, order["hidden"])))
    found = [asdict(verdict) for verdict in verdicts(lesson, ran, limits.each)]
    for verdict in found:
        verdict["detail"] = verdict["detail"][:SHOWN]
    return {"lesson": lesson.lesson, "exercises": found, "seconds": round(ran.seconds, 2)}


def main() -> None:
    order = json.loads(sys.stdin.buffer.readline())  # from the teacher's process
    content = sys.stdin.buffer.read()
    protect(order["limits"]["seconds"])
    sys.stdout.write(json.dumps(judge(order, content)) + "\n")


if __name__ == "__main__":
    main()
