"""Run a learner's answer so that it can hurt nothing: no loop, no error, no print."""

from __future__ import annotations

import _thread
import contextlib
import copy
import io
import signal
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from unet_teach.checks.exercise import Exercise
from unet_teach.translation import _

SECONDS = 10.0  # for all cases of one check together


class TooLong(Exception):
    """The answer ran past its time: most likely a loop without end."""


@dataclass(frozen=True)
class Outcome:
    """What one run of an answer came to."""

    value: Any = None
    trouble: str = ""  # why there is no value, in words; "" where there is one
    printed: str = ""  # what it printed
    attempted: bool = True


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Stop what runs inside after so many seconds, with `TooLong`.

    As if the learner had pressed "interrupt", so a Python loop stops and the kernel stays
    usable; a loop inside compiled code cannot be stopped. Only the main thread is stopped.

    Examples
    --------
    >>> with limited(0.01):
    ...     while True:
    ...         pass
    Traceback (most recent call last):
        ...
    unet_teach.checks.running.TooLong
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    lock, state = threading.Lock(), {"over": False, "rung": False}

    def ring() -> None:
        with lock:  # never after the block was left
            if not state["over"]:
                state["rung"] = True
                _thread.interrupt_main()

    timer = threading.Timer(seconds, ring)
    timer.daemon = True
    with hearing_interrupts():
        timer.start()
        try:
            try:
                yield
            finally:
                with lock:
                    state["over"] = True
                timer.cancel()
        except KeyboardInterrupt:
            if state["rung"]:
                raise TooLong from None
            raise  # the learner's own interrupt


@contextlib.contextmanager
def hearing_interrupts() -> Iterator[None]:
    """Let an interrupt be an error inside, also where the process ignores interrupts.

    A process does that which a script has started in the background.
    """
    before = signal.getsignal(signal.SIGINT)
    deaf = before in (signal.SIG_IGN, signal.SIG_DFL)
    if deaf:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        if deaf:
            signal.signal(signal.SIGINT, before)


def attempt(exercise: Exercise, answer: Any, arguments: tuple) -> Outcome:
    """One case: the arguments are copied first, so an answer may overwrite them.

    Nothing but an interrupt gets out: an error, `None`, a print in place of a return become
    words.
    """
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            value = exercise.outcome(answer, copy.deepcopy(arguments))
    except NotImplementedError:
        return Outcome(attempted=False)
    except (KeyboardInterrupt, TooLong):
        raise
    except BaseException as error:  # SystemExit too: `exit()` in a notebook ends the kernel
        return Outcome(trouble=explain(error), printed=printed.getvalue())
    if value is Ellipsis:
        return Outcome(attempted=False)
    trouble = ""
    if value is None:
        trouble = _("it gave back nothing (None): is there a `return`?")
        if printed.getvalue().strip():
            trouble = _("it printed {what} and gave back nothing (None): use `return`").format(
                what=repr(printed.getvalue().strip()[:60])
            )
    return Outcome(value, trouble, printed.getvalue())


def explain(error: BaseException) -> str:
    """An error in one sentence, with the learner's own line where it can be found."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if _is_learners(frame.filename)]
    words = str(error).strip().splitlines()
    said = f"{type(error).__name__}: {words[0][:300]}" if words else type(error).__name__
    if own and own[-1].line:
        return _("it raised {error}, in line {number}: {line}").format(
            error=said, number=own[-1].lineno, line=own[-1].line
        )
    return _("it raised {error}").format(error=said)


def _is_learners(filename: str) -> bool:
    """Code typed in a cell has a file name of its own making."""
    return "ipykernel" in filename or "<ipython-input" in filename or filename == "<stdin>"
