"""The time that a process takes for itself: running or resting, not waiting for a processor.

A notebook that needs ten seconds needs them also where thirty others want the same two cores;
it only gets them later. So what counts is the time since the start, without that which the
process spent in the queue, as Linux says. Elsewhere every second counts.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator

TICK = 0.2  # seconds between two looks at the clock
BUSY = 10  # a limit in seconds of one's own may take so many times as long by the wall


class Late(KeyboardInterrupt):
    """The time is over. An interrupt, so that code which catches errors does not catch it."""


def queued() -> float:
    """Seconds that this process's main thread has waited for a processor."""
    try:
        with open("/proc/self/schedstat") as file:
            return int(file.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def own() -> float:
    """A clock, in seconds, that stands still while this process waits for a processor."""
    return time.monotonic() - queued()


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Stop what runs inside after so many seconds of its own; main thread only.

    Raises
    ------
    Late
        Again and again until the block is left, for code that catches it. A loop inside of
        compiled code cannot be stopped.

    Examples
    --------
    >>> try:
    ...     with limited(0.01):
    ...         while True:
    ...             pass
    ... except Late:
    ...     print("over")
    over
    """
    if not hasattr(signal, "setitimer"):  # Windows
        with _by_the_wall(seconds):
            yield
        return
    end, last, over = own() + seconds, time.monotonic() + BUSY * seconds, False

    def look(*_signal: object) -> None:
        if not over and (own() > end or time.monotonic() > last):
            raise Late

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, min(seconds, TICK), TICK)
    try:
        try:
            yield
        finally:
            over = True
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _by_the_wall(seconds: float) -> Iterator[None]:
    from unet_teach.checks import running

    try:
        with running.limited(seconds):
            yield
    except running.TooLong:
        raise Late from None


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
