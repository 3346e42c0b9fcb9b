"""The box that a student's process runs in: bubblewrap, on Linux.

Inside there is the system, this Python and the library, all read-only, a small empty folder in
memory, and nothing else: no network, no file of yours, none of the answers. When the first
process in it ends, or yours does, the kernel ends every other.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import unet_teach

PACKAGE = Path(unet_teach.__file__).parent
CHILD = Path(__file__).with_name("child.py")
JUDGE = Path(__file__).with_name("judge.py")
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store")
SETTINGS = (
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/alternatives",
    "/etc/localtime",
    "/etc/fonts",
)
FONTS = ("/usr/share/fonts", "/usr/local/share/fonts")  # matplotlib would list them each time
FIRST_USER = 60600  # as root: students' processes get numbers that no one has
COUNTED_INSIDE = (5, 14)  # from this Linux on, a sandbox's processes are counted apart


@dataclass(frozen=True)
class Limits:
    """What one notebook may take."""

    seconds: int = 60  # from start to end
    each: int = 10  # seconds of one cell, and of all cases of one exercise
    memory: int = 4 * 2**30  # bytes of addresses of a process; resident, of all together
    disk: int = 256 * 2**20  # bytes that it can write, in memory
    output: int = 64 * 2**20  # bytes of results
    processes: int = 32  # at once; twice as many cannot even be made


class NoSandbox(RuntimeError):
    """No sandbox can be made here; says why, and what to do."""


def why_not(needs: str = "unet_teach.classroom.plain") -> str:
    """Why no sandbox can be made here; "" where one was made, with this module in it."""
    if sys.platform != "linux":
        return (
            f"there is no sandbox on {platform.system()}: only time-outs can be promised. "
            "Collect on Linux, or in a Linux container that may use bubblewrap"
        )
    if not shutil.which("bwrap"):
        return (
            "the program bwrap is missing; install the package bubblewrap "
            "(Debian, Ubuntu: sudo apt install bubblewrap; Fedora: sudo dnf install bubblewrap)"
        )
    code = f"import {needs}; open('/tmp/proof', 'w').close()"
    if os.getuid() == 0:  # as the child will do it
        user = FIRST_USER
        code = f"import os; os.setgroups([]); os.setgid({user}); os.setuid({user}); {code}"
    try:
        tried = subprocess.run(
            [*box(Limits()), sys.executable, "-P", "-c", code],
            env=environment(), capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "bwrap (bubblewrap) did not come back within 60 s"
    if tried.returncode:
        words = tried.stderr.strip().splitlines() or [f"exit code {tried.returncode}"]
        return f"bwrap (bubblewrap) cannot make a sandbox here: {words[-1]}. {_advice()}"
    return ""


def _advice() -> str:
    """What helps where bwrap is there and may not do its work."""
    setting = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
    if os.getuid() and setting.exists() and setting.read_text().strip() == "1":  # Ubuntu 24.04
        return f"Here only root may: sudo sysctl kernel.{setting.name}=0"
    return "Most containers forbid it (Docker: --privileged allows it); take a Linux machine"


def box(limits: Limits, hidden: tuple[Path, ...] = ()) -> list[str]:
    """The command that runs what follows it in a sandbox.

    Parameters
    ----------
    hidden : folders that must not be seen even where they lie inside of something that is
    """
    command = ["bwrap", "--die-with-parent", "--new-session"]
    command += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    command += ["--unshare-cgroup-try"]
    if os.getuid() == 0:  # the child gives root up itself, for a number that is counted
        command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user"]
    for place in SYSTEM:
        if os.path.islink(place):
            command += ["--symlink", os.readlink(place), place]
        elif os.path.isdir(place):
            command += ["--ro-bind", place, place]
    command += ["--proc", "/proc", "--dev", "/dev"]
    for place in ("/dev/shm", "/tmp"):  # before this Python, which may lie below /tmp
        command += ["--perms", "1777", "--size", str(limits.disk // 2), "--tmpfs", place]
    for folder in _above(*map(Path, SETTINGS), *python_folders(), PACKAGE):
        command += ["--perms", "0755", "--dir", folder]  # else for its owner alone
    for place in (*SETTINGS, *map(str, python_folders())):
        command += ["--ro-bind-try", place, place]
    for place in (*FONTS, *map(str, _inside_what_is_seen(hidden))):
        if os.path.isdir(place):
            command += ["--tmpfs", place, "--remount-ro", place]
    rooms = PACKAGE / "lessons"
    command += ["--ro-bind", str(PACKAGE), str(PACKAGE)]
    command += ["--perms", "0755", "--tmpfs", str(rooms)]
    for folder in sorted(path.parent for path in rooms.glob("*/__init__.py")):
        command += ["--perms", "0755", "--dir", str(folder)]  # else for its owner alone
    for file in map(str, sorted(rooms.rglob("*.py"))):
        if not file.endswith("exercises.py"):  # the answers; compiled ones are left out, too
            command += ["--ro-bind", file, file]
    command += ["--remount-ro", str(rooms)]
    return [*command, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp", "--"]


def python_folders() -> list[Path]:
    """This Python: its environment, what that was made from, and where packages lie."""
    found = [Path(p) for p in (sys.prefix, sys.base_prefix, sys.exec_prefix)]
    packages = [Path(p) for p in sys.path if p.endswith(("site-packages", "dist-packages"))]
    return [p for p in dict.fromkeys(found + packages) if p != Path("/usr") and p.is_dir()]


def _above(*places: Path) -> list[str]:
    """The folders that lead to some places, the outermost first, but for the system's."""
    found = {parent for place in places for parent in place.parents} - {Path("/")}
    system = [Path(place) for place in SYSTEM]
    own = [p for p in found if not any(p.is_relative_to(s) for s in system)]
    return [str(p) for p in sorted(own, key=lambda p: len(p.parts))]


def _inside_what_is_seen(hidden: tuple[Path, ...]) -> list[Path]:
    seen = [*map(Path, SYSTEM), *python_folders()]
    course = PACKAGE.parent  # a clone: its notebooks have solutions, its tests answers
    own = [course / name for name in ("notebooks", "tests", ".git", "build", "book")]
    places = [place.resolve() for place in (*own, *hidden)]
    return [p for p in places if any(p.is_relative_to(s.resolve()) for s in seen)]


def environment() -> dict[str, str]:
    """The variables that a student's process sees."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    homes = (sys.prefix, sys.base_prefix, sys.exec_prefix, "/usr")
    added = [str(p) for p in python_folders() if not any(p.is_relative_to(h) for h in homes)]
    return kept | {
        "PATH": "/usr/bin:/bin", "HOME": "/tmp", "USER": "student", "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join([str(PACKAGE.parent), *added]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg", "MPLCONFIGDIR": "/tmp/matplotlib",
    }  # fmt: skip


def quiet() -> dict[str, str]:
    """Of those variables, what a process outside of the sandbox gets, too."""
    return {n: environment()[n] for n in ("PYTHONPATH", "OMP_NUM_THREADS", "MPLBACKEND")}


def caps(limits: Limits, sandboxed: bool, slot: int) -> dict[str, int | None]:
    """What the child is to cap for itself before any of the student's code runs."""
    root = sandboxed and os.getuid() == 0
    counted = root or (sandboxed and _linux() >= COUNTED_INSIDE)
    return {
        "memory": limits.memory if sys.platform == "linux" else None,
        "seconds": limits.seconds,
        "disk": limits.disk,
        "processes": 2 * limits.processes if counted else None,
        "user": FIRST_USER + slot if root else None,
    }


def _linux() -> tuple[int, ...]:
    return tuple(int(part) for part in platform.release().split(".")[:2] if part.isdigit())
