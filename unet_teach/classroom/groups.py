"""A control group for a student's processes, where Linux lets us make one.

The kernel then counts all their memory, also what belongs to no process (files in memory,
shared memory), and ends them where it is too much. Root gets a group on most machines, others
where one is delegated to them. Without it `seccomp` still forbids what could not be counted.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
# The two versions: the file with the limit, the one that counts who was ended for memory.
FILES = (
    ("memory.max", "memory.events"),
    ("memory.limit_in_bytes", "memory.oom_control"),
)


def parents() -> list[Path]:
    """Where a group might be made: below our own, or at the top."""
    found = []
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _number, kinds, place = line.split(":", 2)
            if kinds in ("", "memory"):
                top = ROOT / kinds if kinds else ROOT
                found += [top / place.lstrip("/"), top]
    return found


class Group:
    """A group with a limit for memory, for as long as the block lasts; maybe none."""

    def __init__(self, memory: int) -> None:
        self.memory, self.folder, self.counter = memory, None, None

    def __enter__(self) -> Group:
        for parent in parents():
            _swept(parent)
            folder = parent / f"unet-teach-{os.getpid()}"
            try:
                folder.mkdir()
            except OSError:
                continue
            for limit, counter in FILES:
                with contextlib.suppress(OSError):
                    if (folder / limit).exists():
                        (folder / limit).write_text(str(self.memory))
                        self.folder, self.counter = folder, folder / counter
                        return self
            _removed(folder)
        return self

    def __exit__(self, *_error: object) -> None:
        if self.folder:
            _removed(self.folder)

    def entered(self, command: list[str]) -> list[str]:
        """The command, so that it runs in the group from its first process on."""
        if not self.folder:
            return command
        place = str(self.folder / "cgroup.procs")
        return ["/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', place, *command]

    def was_full(self) -> bool:
        """Whether the kernel has ended one of its processes for memory."""
        try:
            words = self.counter.read_text() if self.counter else ""
        except OSError:
            return False
        count = re.search(r"^oom_kill (\d+)$", words, re.MULTILINE)
        return bool(count) and int(count[1]) > 0


def _swept(parent: Path) -> None:
    """Remove the empty groups of those who were killed and could not do it themselves."""
    for folder in parent.glob("unet-teach-*"):
        if not Path("/proc", folder.name.rpartition("-")[2]).exists():
            with contextlib.suppress(OSError):
                folder.rmdir()


def _removed(folder: Path) -> None:
    """Remove a group; its processes may take a moment to be gone."""
    for _try in range(40):
        with contextlib.suppress(OSError):
            folder.rmdir()
        if not folder.exists():
            return
        time.sleep(0.05)
