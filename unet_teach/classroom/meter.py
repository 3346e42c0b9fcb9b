"""The time that a family of processes takes for itself, from outside: `Meter`.

As `exercises.clock` says it from inside: what they wait for a processor does not count.
"""

from __future__ import annotations

import os
import time

BUSY = 10  # a limit in seconds of one's own may take so many times as long by the wall


def taken(stats: list[list[str]]) -> float:
    """Seconds of a processor that processes took, and those that they waited for.

    Parameters
    ----------
    stats : of each process, the fields of ``/proc/PID/stat`` from its state on
    """
    ticks = sum(int(field) for stat in stats for field in stat[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


class Meter:
    """The time that a family of processes takes for itself, from one look to the next."""

    def __init__(self) -> None:
        self.seconds, self.processor, self.then = 0.0, 0.0, time.monotonic()

    def look(self, stats: list[list[str]]) -> float:
        """Seconds so far, given `taken`'s fields of every process now.

        Where one of them is ready to run, only what a processor did counts; else they rest, and
        the wall's time does.
        """
        now, processor = time.monotonic(), taken(stats) if stats else 0.0
        counts = max(0.0, processor - self.processor)
        if not any(stat[0] == "R" for stat in stats):
            counts = max(counts, now - self.then)
        self.then, self.processor = now, max(self.processor, processor)
        self.seconds += counts
        return self.seconds
