"""One core for small things; and one at a time, where a page is answered beside a cell.

JupyterLab sends what a page says to a thread beside the cells (a subshell). So a network may
be asked about while a cell runs it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

ALONE = threading.RLock()  # held where the state of a network, or of an answer, is changed


def of_this_thread(hook: Callable) -> Callable:
    """A hook of a module that hears the passes of the thread that made it, and no other's.

    Examples
    --------
    >>> heard = []
    >>> hook = of_this_thread(lambda part, given: heard.append(given))
    >>> hook(None, "here")
    >>> beside = threading.Thread(target=hook, args=(None, "beside"))
    >>> beside.start(), beside.join()
    (None, None)
    >>> heard
    ['here']
    """
    home = threading.get_ident()

    @wraps(hook)
    def heard(*given: Any, **named: Any) -> Any:
        return hook(*given, **named) if threading.get_ident() == home else None

    return heard


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
