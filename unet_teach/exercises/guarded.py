"""Where a learner's answer runs: what it changes outside of itself is put back afterwards.

An answer that leaves gradients switched off, or another function under torch's name, would
make every later check wrong, and the cause would be far away. So each case starts from what
torch and NumPy are when they are fresh, and ends with what the notebook had made of them.
"""

from __future__ import annotations

import builtins
import contextlib
import math
import os
import random
import statistics
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from unet_teach.translation import _

# Whose functions an answer might replace by its own.
OWNERS = (
    builtins, math, random, statistics, np, np.random, torch, nn, F, torch.Tensor, nn.Module,
    nn.Conv2d, nn.ConvTranspose2d, nn.ReLU, nn.MaxPool2d, nn.Sequential, nn.BatchNorm2d,
)  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """Something that an answer might leave changed for the whole notebook."""

    name: str
    read: Callable
    put: Callable
    fresh: Any = None  # how it is in a new process; None: as the notebook has it

    def value(self) -> Any:
        try:
            return self.read()
        except OSError:  # the folder that it went to is gone
            return None


SETTINGS = (
    Setting(_("gradients"), torch.is_grad_enabled, torch.set_grad_enabled, True),
    Setting(_("torch's default dtype"), torch.get_default_dtype, torch.set_default_dtype,
            torch.float32),
    Setting(_("torch's default device"), lambda: str(torch.get_default_device()),
            torch.set_default_device, "cpu"),
    Setting(_("torch's number of threads"), torch.get_num_threads, torch.set_num_threads),
    Setting(_("NumPy's error handling"), np.geterr, lambda how: np.seterr(**how)),
    Setting(_("the working directory"), os.getcwd, os.chdir),
    Setting(_("Python's recursion limit"), sys.getrecursionlimit, sys.setrecursionlimit),
)  # fmt: skip
ENDS = _("it calls exit() or quit(), which would end the kernel; use `return`")
# Numbers drawn in a check are none that the notebook would have drawn: nothing is said of them.
DRAWN: tuple[tuple[Callable, Callable], ...] = (
    (random.getstate, random.setstate),
    (np.random.get_state, np.random.set_state),
    (torch.get_rng_state, torch.set_rng_state),
)


def _functions(owner: Any) -> dict[str, Any]:
    """Its functions by name; of a class, None for one that it has from another class."""
    names = dir(owner) if isinstance(owner, type) else list(vars(owner))
    return {
        name: vars(owner).get(name)
        for name in names
        if callable(getattr(owner, name, None)) and not name.startswith("_")
    }


FRESH = tuple((owner, _functions(owner)) for owner in OWNERS)


class WouldEnd(Exception):
    """`exit()` and its like: said in words, and the kernel lives on."""


def _replaced() -> list[tuple[Any, str, Any, Any]]:
    """Functions that are others now than when this was imported: owner, name, now, then.

    Not those by which torch replaces its own, at the first optimizer for instance.
    """
    return [
        (owner, name, now, then)
        for owner, functions in FRESH
        for name, then in functions.items()
        if (now := vars(owner).get(name)) is not then and not _of_torch(now)
    ]


def _of_torch(function: Any) -> bool:
    return str(getattr(function, "__module__", "")).split(".")[0] == "torch"


def _put(owner: Any, name: str, value: Any) -> None:
    with contextlib.suppress(AttributeError, TypeError):
        if value is None:
            delattr(owner, name)
        else:
            setattr(owner, name, value)


@contextlib.contextmanager
def guarded() -> Iterator[list[str]]:
    """Run what is inside on fresh settings; the list then names what it left changed.

    Examples
    --------
    >>> with guarded() as left:
    ...     _before = torch.set_grad_enabled(False)
    >>> left, torch.is_grad_enabled()
    (['gradients'], True)
    """
    left: list[str] = []
    before = [setting.value() for setting in SETTINGS]
    drawn = [read() for read, _put_back in DRAWN]
    environment, replaced = dict(os.environ), _replaced()
    for owner, name, _theirs, real in replaced:
        _put(owner, name, real)
    for setting, old in zip(SETTINGS, before, strict=True):
        if setting.fresh is not None and setting.fresh != old:
            setting.put(setting.fresh)
    start = [setting.value() for setting in SETTINGS]
    try:
        with _no_way_out(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield left
    finally:
        for owner, name, _theirs, real in _replaced():
            left.append(f"{getattr(owner, '__name__', owner)}.{name}")
            _put(owner, name, real)
        for setting, at_start, old in zip(SETTINGS, start, before, strict=True):
            now = setting.value()
            if now != at_start:
                left.append(setting.name)
            if now != old:
                setting.put(old)
        for (_read, put_back), state in zip(DRAWN, drawn, strict=True):
            put_back(state)
        if (now := dict(os.environ)) != environment:
            changed = {key for key, _value in now.items() ^ environment.items()}
            if not all("TORCH" in key for key in changed):  # torch's own
                left.append(_("the environment's variables"))
            os.environ.clear()
            os.environ.update(environment)
        for owner, name, theirs, _real in replaced:
            _put(owner, name, theirs)


@contextlib.contextmanager
def _no_way_out() -> Iterator[None]:
    """Inside, what would end the kernel or wait for the keyboard is an error in words."""

    def refuse(what: str) -> Callable:
        def refused(*_arguments: Any, **_options: Any) -> None:
            raise WouldEnd(what)

        return refused

    doors = [(os, "_exit", ENDS), (os, "abort", ENDS)]
    doors.append((builtins, "input", _("it calls input(), and nobody is there to type")))
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None:  # IPython's exit() only asks it to end, once the cell is done
        doors.append((shell, "ask_exit", ENDS))
    before = [(owner, name, getattr(owner, name)) for owner, name, _words in doors]
    for owner, name, words in doors:
        setattr(owner, name, refuse(words))
    try:
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)
