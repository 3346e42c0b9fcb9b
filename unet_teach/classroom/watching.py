"""A student's process, from start to end: its limits, and who looks after them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from unet_teach.classroom.groups import Group
from unet_teach.classroom.meter import BUSY, Meter
from unet_teach.classroom.running import ProcessResult, descendants, resident, run, stats
from unet_teach.classroom.sandbox import CHILD, Limits, box, environment, quiet


def run_student(
    job: bytes, limits: Limits, sandboxed: bool, hidden: tuple[Path, ...]
) -> ProcessResult:
    """Run the child on a job, in a sandbox or, without one, in a folder of its own."""
    command, never = [sys.executable, "-P", str(CHILD)], threading.Event()
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        Group(limits.memory) as group,
    ):
        watch = Watch(limits, group)
        if sandboxed:
            command = group.entered([*box(limits, hidden), *command])
            ran = run(command, job, limits.output, watch, never, env=environment())
        else:
            options = {"env": os.environ | _outside(folder), "cwd": folder}
            ran = run(command, job, limits.output, watch, never, **options)
        ran.stopped = ran.stopped or watch.too_large(0)  # it may have been the kernel
    return ran


def _outside(folder: str) -> dict[str, str]:
    """Without a sandbox: a folder of its own, and the same quiet."""
    alone = {"PYTHONDONTWRITEBYTECODE": "1", "MPLCONFIGDIR": folder, "HOME": folder}
    return quiet() | alone


class Watch:
    """Says of what a student's processes take more than they may; "" while of nothing."""

    def __init__(self, limits: Limits, group: Group) -> None:
        self.limits, self.group, self.meter = limits, group, Meter()
        self.looks, self.start, self.parent = 0, time.monotonic(), _parent()

    def __call__(self, process: subprocess.Popen) -> str:
        limits, family = self.limits, descendants(process.pid)
        self.looks += 1
        if _parent() != self.parent:
            return "who judges it has ended"
        if self.meter.look(stats([process.pid, *family])) > limits.seconds:
            return f"it did not end within {limits.seconds} s"
        if time.monotonic() - self.start > BUSY * limits.seconds:
            return f"it did not end within {BUSY * limits.seconds} s; this machine is busy"
        if len(family) > limits.processes:
            return f"it started more than {limits.processes} processes"
        return self.too_large(resident(family), len(family)) if self.looks % 4 == 0 else ""

    def too_large(self, taken: int, processes: int = 0) -> str:
        """Whether it took too much memory, as counted here or by the kernel."""
        if taken <= self.limits.memory and not self.group.was_full():
            return ""
        words = f"it took more than {self.limits.memory / 2**30:g} GB of memory"
        return words + (f", in {processes} processes" if processes > 3 else "")


def _parent() -> int:
    return os.getppid() if hasattr(os, "getppid") else 0
