"""The time that this process takes for itself: running or resting, not waiting for a processor.

An answer that needs ten seconds needs them also where thirty others want the same two cores; it
only gets them later. So what counts is the time without that which the process spent in the
queue, as Linux says. Elsewhere every second counts.
"""

from __future__ import annotations

import time


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
