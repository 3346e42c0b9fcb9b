"""Run a learner's answer so that it can hurt nothing: no loop, no error, no print."""

from __future__ import annotations

import contextlib
import copy
import dis
import io
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from unet_teach.exercises import clock
from unet_teach.exercises.exercise import Exercise, Told, call
from unet_teach.exercises.guarded import ENDS, WouldEnd, guarded
from unet_teach.translation import _

SECONDS = 60.0  # of its own (see `clock`), for all cases of one check together
EACH = 10.0  # for one case
PATIENCE = 2.0  # so many times as long may pass by the wall: the cores may be busy
POLL_SECONDS = 0.05  # seconds between two looks at the clock


class TooLong(KeyboardInterrupt):
    """The answer ran past its time. An interrupt, so that `except Exception` lets it pass."""


@dataclass(frozen=True)
class Outcome:
    """What one run of an answer came to."""

    value: Any = None
    trouble: str = ""  # why there is no value, in words; "" where there is one
    printed: str = ""  # what it printed
    attempted: bool = True
    changed: str = ""  # arguments that it changed, by name, with commas between
    left: str = ""  # settings of the notebook that it changed, likewise; they are put back
    error: str = ""  # the type of the error that it raised


class limited:
    """Stop what runs inside after so many seconds of its own, with `TooLong`.

    As if the learner had pressed "interrupt", so a Python loop stops, and a `sleep`, and the
    kernel stays usable; a loop inside compiled code cannot be stopped. An answer under
    `attempt` is stopped even if it catches every error: from then on each of its lines
    raises. Only the main thread is stopped.

    Parameters
    ----------
    seconds : by the clock that stands still while a processor is waited for
    each : the same for what follows each call of ``begin``; as long as all where not given
    patience : so many times as long may pass by the wall

    Examples
    --------
    >>> try:
    ...     with limited(0.01):
    ...         while True:
    ...             pass
    ... except TooLong:
    ...     print("over")
    over
    """

    def __init__(
        self, seconds: float, each: float | None = None, patience: float = PATIENCE
    ) -> None:
        self.seconds, self.each, self.patience = seconds, each or seconds, patience
        self.over = self.rung = False
        self.lock, self.stopped = threading.Lock(), threading.Event()

    def __enter__(self) -> limited:
        self.main = threading.current_thread() is threading.main_thread()
        self.base = sys._getframe(1)
        self.start = self.last = (clock.own(), time.monotonic())
        if self.main:
            self.before = signal.getsignal(signal.SIGINT)
            signal.signal(signal.SIGINT, self._heard)
            self.tracing = sys.gettrace()
            threading.Thread(target=self._watch, daemon=True).start()
        return self

    def begin(self) -> None:
        """The next case starts here."""
        self.last = (clock.own(), time.monotonic())

    @property
    def elapsed(self) -> tuple[float, float]:
        """Seconds by the clock: in all, and of the case that runs."""
        now = time.monotonic()
        return now - self.start[1], now - self.last[1]

    def __exit__(self, *_error: Any) -> None:
        self.base = None
        if not self.main:
            return
        with self.lock:  # it does not ring after the block was left
            self.over = True
        self.stopped.set()
        time.sleep(0)  # what was on its way is heard here, and passed over
        if self.rung:
            sys.settrace(self.tracing)
        signal.signal(signal.SIGINT, self.before or signal.SIG_DFL)

    def _late(self) -> bool:
        used, passed = clock.own(), time.monotonic()
        return any(
            used - begun[0] > seconds or passed - begun[1] > self.patience * seconds
            for begun, seconds in ((self.start, self.seconds), (self.last, self.each))
        )

    def _watch(self) -> None:
        look = min(POLL_SECONDS, self.each / 4)
        while not self.stopped.wait(look):
            with self.lock:
                if not self.over and (self.rung or self._late()):
                    self.rung = True
                    _interrupt()

    def _heard(self, _number: int, frame: FrameType | None) -> None:
        if self.over:
            return
        if not self.rung:  # the learner's own, or that of a limit around this one
            if callable(self.before):
                self.before(_number, frame)
            elif self.before != signal.SIG_IGN:
                raise KeyboardInterrupt
            return
        above, ours = frame, False
        while above is not None and above is not self.base and above.f_code is not INSIDE:
            ours |= above.f_globals.get("__name__") in (__name__, guarded.__module__)
            above = above.f_back
        if above is not None and above.f_code is INSIDE:
            while frame is not above:  # it may not go on, whatever it catches
                frame.f_trace, frame = _stop, frame.f_back
            sys.settrace(_stop)
        elif ours:  # what is put back after an answer is put back; it rings again
            return
        raise TooLong


def _interrupt() -> None:
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGINT)  # wakes a sleep, too
    else:  # Windows
        import _thread

        _thread.interrupt_main()


def _stop(frame: FrameType, event: str, _argument: Any) -> Callable | None:
    """Traces an answer that did not stop when it was told to: its next line raises.

    Not at the error itself: Python ends the tracing at the first error of a tracer, and that
    one would be caught like the first.
    """
    if event != "line":
        return _stop
    above = frame
    while above is not None:
        if above.f_code is INSIDE:
            raise TooLong
        above = above.f_back
    return None


def _inside(exercise: Exercise, answer: Any, arguments: tuple) -> Any:
    """The answer runs below this frame, and nothing else does."""
    return exercise.outcome(answer, arguments)


INSIDE: CodeType = _inside.__code__


def attempt(exercise: Exercise, answer: Any, arguments: tuple) -> Outcome:
    """One case. The arguments are copied first, and what it changed in them is named.

    Nothing but an interrupt gets out: an error, `None`, a print in place of a return become
    words.
    """
    printed = io.StringIO()
    given, left = copy.deepcopy(arguments), []
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            with guarded() as left:
                value = kept(_inside(exercise, answer, given))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too: `exit()` in a notebook ends the kernel
        if is_stub(error):
            return Outcome(attempted=False)
        return Outcome(
            trouble=explain(error), printed=printed.getvalue(), left=", ".join(left),
            error=type(error).__name__,
        )  # fmt: skip
    if value is Ellipsis:
        return Outcome(attempted=False)
    trouble = ""
    if value is None:
        trouble = _("it returned nothing (None): is there a `return`?")
        if printed.getvalue().strip():
            trouble = _("it printed {what} and returned nothing (None): use `return`").format(
                what=repr(printed.getvalue().strip()[:60])
            )
    changed = ""
    if exercise.run is call:  # others make something of their arguments first
        names = list(exercise.named(arguments))
        changed = ", ".join(
            name
            for name, old, new in zip(names, arguments, given, strict=False)
            if not untouched(old, new)
        )
    return Outcome(value, trouble, printed.getvalue(), changed=changed, left=", ".join(left))


def kept(value: Any) -> Any:
    """A value that a later run of the answer cannot change: a list that it keeps, say."""
    if isinstance(value, Tensor) and not isinstance(value, nn.Parameter):
        return value.detach().clone()
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (list, tuple, set):
        return type(value)(kept(entry) for entry in value)
    if type(value) is dict:
        return {key: kept(entry) for key, entry in value.items()}
    return value


def untouched(old: Any, new: Any) -> bool:
    """Whether numbers, lists and dictionaries are what they were; others are not looked at."""
    if isinstance(old, Tensor):
        if old.shape != new.shape or old.dtype != new.dtype:
            return False
        return bool(torch.equal(old.nan_to_num(), new.nan_to_num()))
    if isinstance(old, np.ndarray):
        if old.shape != new.shape or old.dtype != new.dtype:
            return False
        return bool(np.array_equal(old, new, equal_nan=old.dtype.kind in "fc"))
    if isinstance(old, (list, tuple)):
        return len(old) == len(new) and all(map(untouched, old, new))
    if isinstance(old, Mapping):
        return list(old) == list(new) and all(untouched(old[key], new[key]) for key in old)
    return not isinstance(old, (set, int, float, str)) or old == new or old != old  # NaN


def is_stub(error: BaseException) -> bool:
    """Whether this is the exercise's own ``raise NotImplementedError("your turn")``, and
    nothing else stands in the function: torch raises that error, too."""
    if not isinstance(error, NotImplementedError):
        return False
    frames = list(traceback.walk_tb(error.__traceback__))
    code = frames[-1][0].f_code
    steps = [step.opname for step in dis.get_instructions(code)]
    return code.co_names == ("NotImplementedError",) and len(steps) == len(STUB_STEPS)


def _stub() -> None:
    """What the learner finds; only its steps are counted."""
    raise NotImplementedError("your turn")


STUB_STEPS = tuple(dis.get_instructions(_stub.__code__))


def explain(error: BaseException) -> str:
    """An error in one sentence, with the learner's own line where it can be found."""
    if isinstance(error, (WouldEnd, SystemExit)):
        return str(error) if isinstance(error, WouldEnd) else ENDS
    if isinstance(error, Told):
        return str(error)
    own = [f for f in traceback.extract_tb(error.__traceback__) if _is_learners(f.filename)]
    try:
        words = str(error).strip().splitlines()
    except Exception:
        words = [_("(its message cannot be shown)")]
    name = type(error).__name__
    if name == "NotImplementedError" and words == ["your turn"]:
        return _("your function still ends in `raise NotImplementedError`: take that line out")
    said = f"{name}: {words[0][:300]}" if words else name
    if own and own[-1].line:
        return _("it raised {error}, in line {number}: {line}").format(
            error=said, number=own[-1].lineno, line=own[-1].line
        )
    return _("it raised {error}").format(error=said)


def _is_learners(filename: str) -> bool:
    """Code typed in a cell has a file name of its own making; and her own file."""
    cell = "ipykernel" in filename or "<ipython-input" in filename or filename == "<stdin>"
    return cell or filename.endswith("my_unet.py")
