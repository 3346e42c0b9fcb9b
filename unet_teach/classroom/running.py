"""Start a process, watch it, end it, and keep what it said."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

POLL_SECONDS = 0.05  # seconds between two looks at it
TAIL = 2000  # characters of what it complained


@dataclass
class ProcessResult:
    """How a process went."""

    said: bytes = b""  # its standard output
    stopped: str = ""  # why it was ended from outside; "" where it ended by itself
    code: int = 0  # its exit code; above 128, or below 0, a signal
    complaint: str = ""  # the end of its standard error
    seconds: float = 0.0


class Interrupted(Exception):
    """The teacher interrupted; the process was ended and says nothing."""


def run(
    command: list[str],
    given: bytes,
    most: int,
    why_stop: Callable[[subprocess.Popen], str],
    stop: threading.Event,
    **options: Any,
) -> ProcessResult:
    """Run a command to its end, or to where it must be ended.

    It gets pipes and no file: whatever it writes to them ends in this process's memory.

    Parameters
    ----------
    given : what it reads
    most : bytes of what it says
    why_stop : asked again and again; anything but "" ends it
    stop : ends it, when set
    options : of `subprocess.Popen`

    Raises
    ------
    Interrupted
        ``stop`` was set meanwhile.
    """
    start = time.monotonic()
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True, **options,
    )  # fmt: skip
    threading.Thread(target=_feed, args=(process.stdin, given), daemon=True).start()
    said, complaint = Drain(process.stdout, most), Drain(process.stderr, None)
    stopped = ""
    try:
        while not stopped and process.poll() is None:
            if stop.wait(POLL_SECONDS):
                break
            full = f"it wrote more than {most / 2**20:g} MB" if said.full else ""
            stopped = full or why_stop(process)
    finally:
        end(process)
    said.join(2)  # a process that got away may hold the pipe: not waited for
    complaint.join(2)
    if stop.is_set():
        raise Interrupted
    if said.full and not stopped:
        stopped = f"it wrote more than {most / 2**20:g} MB"
    return ProcessResult(
        bytes(said.kept), stopped, process.returncode,
        complaint.kept[-TAIL:].decode(errors="replace"), time.monotonic() - start,
    )  # fmt: skip


def _feed(pipe: IO[bytes], given: bytes) -> None:
    with contextlib.suppress(OSError, ValueError):  # it has ended, or does not listen
        pipe.write(given)
    with contextlib.suppress(OSError, ValueError):
        pipe.close()


class Drain(threading.Thread):
    """Reads a pipe to its end, and keeps the beginning (with a limit) or the end (without)."""

    def __init__(self, pipe: IO[bytes], limit: int | None) -> None:
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


def stats(pids: list[int]) -> list[list[str]]:
    """Of each process, the fields of its ``stat`` from its state on: R, S, D, T …"""
    found = []
    for pid in pids:
        with contextlib.suppress(OSError, ValueError):  # it has ended meanwhile
            line = Path(f"/proc/{pid}/stat").read_bytes().decode(errors="replace")
            found.append(line.rpartition(")")[2].split())  # its name may hold anything
    return [fields for fields in found if len(fields) > 14]


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
