"""A bar for what takes more than three seconds: how much is done, how long is left."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm


def progress(steps: Iterable, leave: bool = False, **more: Any) -> tqdm:
    """The same steps, under a bar; gone when all are done, but for ``leave``.

    Parameters
    ----------
    steps : what is gone through
    more : what tqdm takes: desc, total, initial, disable …

    Examples
    --------
    >>> sum(progress(range(5), disable=True))
    10
    """
    # A notebook paints what comes by stderr red, as if something were wrong.
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    here = sys.stdout if hasattr(shell, "kernel") else sys.stderr
    return tqdm(steps, leave=leave, file=here, **more)
