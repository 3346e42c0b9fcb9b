"""How many of the computer's cores the course takes for small things: one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch, where it is loaded, on one core: tensors are small, others need the rest.

    Those are students whose notebooks run beside, or the browser, which has to show what
    is drawn: two threads that share one free core wait for each other.

    Examples
    --------
    >>> import torch
    >>> with one_thread():
    ...     torch.get_num_threads()
    1
    """
    torch = sys.modules.get("torch")
    if torch is None:
        yield
        return
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
