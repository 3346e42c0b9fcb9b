"""System calls that a student's process may not make: nobody could count what they take.

Memory that belongs to no process (`memfd_create`, System V), new namespaces (in one of its own
a process could mount a disk in memory of any size), and corners of the kernel that no exercise
needs. A filter in the kernel (seccomp) answers "there is no such call"; it holds for every
process started later and cannot be taken off. Linux on x86 and ARM, 64 bits.
"""

from __future__ import annotations

import ctypes
import platform
import struct
import sys

# name: numbers on x86_64, aarch64
CALLS = {
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194),
    "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180), "unshare": (272, 97),
    "setns": (308, 268), "mount": (165, 40), "pivot_root": (155, 41), "fsopen": (430, 430),
    "open_tree": (428, 428), "move_mount": (429, 429), "clone3": (435, 435),
    "io_uring_setup": (425, 425), "userfaultfd": (323, 282), "bpf": (321, 280),
    "perf_event_open": (298, 241), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218),
}  # fmt: skip
# The kernel's name of the processor, our column above, and the number of `clone`.
PROCESSORS = {"x86_64": (0xC000003E, 0, 56), "aarch64": (0xC00000B7, 1, 220)}
NEW_USER = 0x10000000  # clone(CLONE_NEWUSER)
OTHER_SYSTEM = 0x40000000  # calls of x86's third kind (x32) start here
ALLOW, NO_SUCH_CALL, NOT_PERMITTED = 0x7FFF0000, 0x00050000 | 38, 0x00050000 | 1
LOAD, EQUAL, AT_LEAST, ANY_BIT, ANSWER = 0x20, 0x15, 0x35, 0x45, 0x06


def program(machine: str) -> bytes:
    """The filter as the kernel reads it; empty where the processor is another.

    Each instruction is (code, steps if true, steps if false, number). A system call comes as
    its number (byte 0), the processor's kind (4) and its arguments (from 16 on).
    """
    if machine not in PROCESSORS:
        return b""
    kind, column, clone = PROCESSORS[machine]
    steps = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, kind), (ANSWER, 0, 0, NO_SUCH_CALL)]
    steps += [(LOAD, 0, 0, 0), (AT_LEAST, 0, 1, OTHER_SYSTEM), (ANSWER, 0, 0, NO_SUCH_CALL)]
    for numbers in CALLS.values():
        steps += [(EQUAL, 0, 1, numbers[column]), (ANSWER, 0, 0, NO_SUCH_CALL)]
    steps += [(EQUAL, 0, 3, clone), (LOAD, 0, 0, 16), (ANY_BIT, 0, 1, NEW_USER)]
    steps += [(ANSWER, 0, 0, NOT_PERMITTED), (ANSWER, 0, 0, ALLOW)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def forbid() -> bool:
    """Put the filter on this process, for good; whether the kernel took it."""
    code = program(platform.machine()) if sys.platform == "linux" else b""
    if not code:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    text = ctypes.create_string_buffer(code, len(code))
    whole = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(text))
    no_new_rights = libc.prctl(38, 1, 0, 0, 0) == 0
    return no_new_rights and libc.prctl(22, 2, ctypes.create_string_buffer(whole), 0, 0) == 0
