"""Start a student's process, watch it, end it, and keep what it said."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from unet_teach.classroom.sandbox import CHILD, Limits, box, environment

LOOK = 0.05  # seconds between two looks
TAIL = 2000  # characters of what it complained


@dataclass
class Ran:
    """How a student's process went."""

    said: bytes = b""  # its lines
    stopped: str = ""  # why it was ended from outside; "" where it ended by itself
    code: int = 0  # its exit code; above 128, or below 0, a signal
    complaint: str = ""  # the end of its standard error
    seconds: float = 0.0


class Interrupted(Exception):
    """The teacher interrupted; the process was ended and says nothing."""


def run(
    job: bytes, limits: Limits, sandboxed: bool, hidden: tuple[Path, ...], stop: threading.Event
) -> Ran:
    """Run one job to its end, or to where a limit ends it.

    Raises
    ------
    Interrupted
        ``stop`` was set meanwhile.
    """
    start = time.monotonic()
    with (
        tempfile.TemporaryFile() as file,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
    ):
        file.write(job)
        file.seek(0)
        command = [sys.executable, "-P", str(CHILD)]
        process = subprocess.Popen(
            [*box(limits, hidden), *command] if sandboxed else command,
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment() if sandboxed else os.environ | _outside(folder),
            cwd=None if sandboxed else folder,
            start_new_session=True,
        )
        said, complaint = Drain(process.stdout, limits.output), Drain(process.stderr, None)
        try:
            stopped = _watch(process, limits, said, stop, start)
        finally:
            end(process)
        said.join(2)  # a process that got away may hold the pipe: not waited for
        complaint.join(2)
        if stop.is_set():
            raise Interrupted
    return Ran(
        bytes(said.kept), stopped, process.returncode,
        complaint.kept[-TAIL:].decode(errors="replace"), time.monotonic() - start,
    )  # fmt: skip


def _outside(folder: str) -> dict[str, str]:
    """Without a sandbox: a folder of its own, and the same quiet."""
    kept = environment()
    names = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "OMP_NUM_THREADS", "MPLBACKEND")
    return {name: kept[name] for name in names} | {"MPLCONFIGDIR": folder, "HOME": folder}


def _watch(process, limits: Limits, said: Drain, stop: threading.Event, start: float) -> str:
    """Wait until it ends, or until it takes more than it may; says of what."""
    looks = 0
    while process.poll() is None:
        if stop.wait(LOOK):
            return "interrupted"
        if time.monotonic() - start > limits.seconds:
            return f"it did not end within {limits.seconds} s"
        if said.full:
            return f"it wrote more than {limits.output // 2**20} MB"
        looks += 1
        family = descendants(process.pid)
        if len(family) > limits.processes:
            return f"it started more than {limits.processes} processes"
        if looks % 4 == 0 and resident(family) > limits.memory:
            taken = f"it took more than {limits.memory / 2**30:g} GB of memory"
            return taken + (f", in {len(family)} processes" if len(family) > 3 else "")
    return f"it wrote more than {limits.output // 2**20} MB" if said.full else ""


class Drain(threading.Thread):
    """Reads a pipe to its end, and keeps the beginning (with a limit) or the end (without)."""

    def __init__(self, pipe, limit: int | None) -> None:
        super().__init__(daemon=True)
        self.pipe, self.limit, self.kept, self.full = pipe, limit, bytearray(), False
        self.start()

    def run(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while part := os.read(self.pipe.fileno(), 2**16):
                if self.limit is None:
                    self.kept = (self.kept + part)[-4 * TAIL :]
                elif len(self.kept) + len(part) > self.limit:
                    self.full = True
                else:
                    self.kept += part


def descendants(pid: int) -> list[int]:
    """The processes below this one, as far as Linux says."""
    found, waiting = [], [pid]
    while waiting and len(found) < 5000:
        parent = waiting.pop()
        for task in _read(f"/proc/{parent}/task", listed=True):
            children = _read(f"/proc/{parent}/task/{task}/children")
            waiting += map(int, children)
            found += map(int, children)
    return found


def resident(pids: list[int]) -> int:
    """Bytes of memory that processes hold together; what they share counts for each."""
    pages = [_read(f"/proc/{pid}/statm") for pid in pids]
    return sum(int(fields[1]) for fields in pages if len(fields) > 1) * _page_size()


def _page_size() -> int:
    return os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def _read(path: str, listed: bool = False) -> list[str]:
    try:
        return os.listdir(path) if listed else Path(path).read_text().split()
    except (OSError, ValueError):  # it has ended meanwhile, or this is no Linux
        return []


def end(process: subprocess.Popen) -> None:
    """End a process and all below it: in a sandbox the kernel does the rest."""
    if sys.platform == "win32":
        if process.poll() is None:
            command = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
            subprocess.run(command, capture_output=True)
    else:
        for pid in descendants(process.pid)[::-1] if process.poll() is None else []:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
