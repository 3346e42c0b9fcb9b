"""The command line: ``python -m unet_teach``, or ``unet-teach`` for short.

``parser`` says what a person may type; ``doctor``, ``data``, ``train``, ``evaluate``,
``predict``, ``score``, ``mine`` and ``collect`` do it. Exit code 0: done. 1: something failed
that the person can mend, and the last line says how. 2: a command that is not understood.
3: collected, and something needs a look. 130: interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from unet_teach.cli.common import complain, explain, mendable
from unet_teach.cli.parser import make_parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code.

    Parameters
    ----------
    arguments : list of str, optional
        What was typed after ``unet-teach``; the process's own arguments if not given.

    Examples
    --------
    >>> main(["predict", "no/such/model", "image.png"])
    1
    """
    if hasattr(sys.stdout, "reconfigure"):  # a code page without ² or → stops no work
        sys.stdout.reconfigure(errors="backslashreplace")
    options = make_parser().parse_args(arguments)  # exits with 2 where it does not understand
    # Only the chosen command is imported: --help does not wait for torch.
    command = import_module(f"unet_teach.cli.{options.command}")
    try:
        return command.run(options)
    except KeyboardInterrupt as interrupt:
        complain(str(interrupt) or "interrupted")
        return 130
    except Exception as error:
        if options.debug or not mendable(error):
            raise
        complain(explain(error))
        return 1


__all__ = ["main"]
