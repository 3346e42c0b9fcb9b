"""Is what a learner's answer gave what was due? If not, what differs, said kindly."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from unet_teach.translation import _

RELATIVE, ABSOLUTE = 1e-5, 1e-6


def agree(got: Any, expected: Any) -> str:
    """``""`` where ``got`` is right, else one sentence on the first thing that differs.

    Types first, then shapes, then values (to 1e-5, relative). A number is not a tensor with
    one element, and ``numpy.int64(5)`` is not an ``int``: the sentence says how to turn one
    into the other.

    Examples
    --------
    >>> agree(4, 4), agree(4, 3)
    ('', 'got 4, due 3')
    >>> agree(torch.tensor(3), 3)
    'got a tensor, due a whole number (int); `.item()` takes the number out of a tensor'
    >>> agree([1, 2], [1, 2, 3])
    'got 2 entries, due 3'
    """
    if isinstance(expected, bool):
        return _plain(got, expected, bool, isinstance(got, bool))
    if isinstance(expected, int):
        return _plain(got, expected, int, isinstance(got, int) and not isinstance(got, bool))
    if isinstance(expected, float):
        right = isinstance(got, (int, float)) and not isinstance(got, bool)
        if not right or not _close(got, expected):
            return _plain(got, expected, float, right)
        return ""
    if isinstance(expected, Tensor | np.ndarray):
        return _arrays(got, expected)
    if isinstance(expected, str):
        return _plain(got, expected, str, isinstance(got, str))
    if isinstance(expected, dict):
        return _dicts(got, expected)
    if isinstance(expected, (set, frozenset)):
        return _plain(got, expected, set, isinstance(got, (set, frozenset)))
    if isinstance(expected, (list, tuple)):
        return _sequences(got, expected)
    return "" if got == expected else _("got {got}, due {due}").format(got=got, due=expected)


def describe(value: Any) -> str:
    """A value in few words: what it is, and itself where it is short.

    Examples
    --------
    >>> describe(torch.zeros(1, 2)), describe(None), describe([1, 2])
    ('a tensor (1, 2): [0., 0.]', 'None', '[1, 2]')
    """
    if isinstance(value, Tensor):
        return _("a tensor {shape}").format(shape=tuple(value.shape)) + _entries(value)
    if isinstance(value, np.ndarray):
        return _("an array {shape}").format(shape=value.shape) + _entries(value)
    if isinstance(value, torch.nn.Module):
        return _("a network, {name}").format(name=type(value).__name__)
    words = repr(value)
    return words if len(words) <= 300 else words[:297] + "…"


def _entries(value: Tensor | np.ndarray) -> str:
    """The numbers of a small tensor, after a colon."""
    numbers = _numbers(value)
    if not 2 <= numbers.size <= 36:
        return ""
    return ": " + np.array2string(np.squeeze(numbers), precision=3, separator=", ")


def kind(value: Any) -> str:
    """The type of a value, as a learner would say it.

    Examples
    --------
    >>> kind(np.int64(3)), kind(True), kind(print)
    ('a NumPy number (int64)', 'a truth value (bool)', 'a function')
    """
    if isinstance(value, np.generic):
        return _("a NumPy number ({name})").format(name=type(value).__name__)
    names = {
        bool: _("a truth value (bool)"), int: _("a whole number (int)"),
        float: _("a number (float)"), str: _("text (str)"), list: _("a list"),
        tuple: _("a tuple"), dict: _("a dictionary"), set: _("a set"),
        type(None): _("nothing (None)"), np.ndarray: _("a NumPy array"),
    }  # fmt: skip
    if isinstance(value, Tensor):
        return _("a tensor")
    if isinstance(value, type):
        return _("a class")
    if isinstance(value, torch.nn.Module):
        return _("a network (nn.Module)")
    if type(value) in names:
        return names[type(value)]
    return _("a function") if callable(value) else type(value).__name__


def _close(got: float, expected: float) -> bool:
    return bool(np.isclose(got, expected, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True))


def _plain(got: Any, expected: Any, due: type, right: bool) -> str:
    """A number, a text or a set: type, then value."""
    if not right:
        return _type_differs(got, due())
    if got == expected:
        return ""
    return _("got {got}, due {due}").format(got=describe(got), due=describe(expected))


def _type_differs(got: Any, expected: Any) -> str:
    words = _("got {got}, due {due}").format(got=kind(got), due=kind(expected))
    if isinstance(expected, (int, float)):
        if isinstance(got, Tensor):
            words += "; " + _("`.item()` takes the number out of a tensor")
        elif isinstance(got, np.generic):
            name = type(expected).__name__
            words += "; " + _("`{name}(…)` makes it a Python number").format(name=name)
        elif isinstance(got, float):
            words += "; " + _("use `//` where a fraction cannot be")
    return words


def _arrays(got: Any, expected: Tensor | np.ndarray) -> str:
    if type(got) is not type(expected) and not (
        isinstance(got, Tensor) and isinstance(expected, Tensor)
    ):
        return _type_differs(got, expected)
    if tuple(got.shape) != tuple(expected.shape):
        return _("got shape {got}, due {due}").format(
            got=tuple(got.shape), due=tuple(expected.shape)
        )
    got, expected = _numbers(got), _numbers(expected)
    fractions = [array.dtype.kind in "fc" for array in (got, expected)]
    if fractions[0] != fractions[1]:
        return _("got entries of type {got}, due {due}").format(
            got=got.dtype, due=expected.dtype
        )
    wrong = ~np.isclose(
        got.astype(float), expected.astype(float), rtol=RELATIVE, atol=1e-5, equal_nan=True
    )
    if not wrong.any():
        return ""
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    return _("{count} of {all} entries differ; at {place} got {got:.6g}, due {due:.6g}").format(
        count=int(wrong.sum()), all=wrong.size, place=place,
        got=float(got[place]), due=float(expected[place]),
    )  # fmt: skip


def _numbers(array: Tensor | np.ndarray) -> np.ndarray:
    return array.detach().cpu().numpy() if isinstance(array, Tensor) else array


def _dicts(got: Any, expected: dict) -> str:
    if not isinstance(got, dict):
        return _type_differs(got, expected)
    for word, one, other in ((_("missing"), expected, got), (_("too many"), got, expected)):
        if extra := [key for key in one if key not in other]:
            return f"{word}: {extra[0]!r}"
    for key, value in expected.items():
        if differs := agree(got[key], value):
            return _("at {place}: {differs}").format(place=repr(key), differs=differs)
    return ""


def _sequences(got: Any, expected: list | tuple) -> str:
    if not isinstance(got, (list, tuple)):
        return _type_differs(got, expected)
    if len(got) != len(expected):
        return _("got {got} entries, due {due}").format(got=len(got), due=len(expected))
    for place, pair in enumerate(zip(got, expected, strict=True)):
        if differs := agree(*pair):
            return _("at place {place}: {differs}").format(place=place, differs=differs)
    return ""
