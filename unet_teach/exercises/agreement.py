"""Is what a learner's answer gave what was due? If not, what differs, said kindly.

Values are compared, not types: ``3.0``, ``np.int64(3)`` and a tensor that holds 3 are all 3,
and a list of numbers, an array and a tensor are equal where their entries are. An exercise
whose contract names a type looks at it in a comparison of its own (``Exercise.same``).
"""

from __future__ import annotations

import difflib
import re
from collections import deque
from collections.abc import Callable, Iterator, KeysView, Mapping, Set, ValuesView
from typing import Any

import numpy as np
import torch
from torch import Tensor

from unet_teach.translation import _, _n

RELATIVE, ABSOLUTE = 1e-5, 1e-6
SHOWN = 36  # entries of an array that are written out
LONGEST = 240  # characters of a value in words


def agree(got: Any, expected: Any) -> str:
    """``""`` where ``got`` is right, else one sentence on the first thing that differs.

    Numbers agree to 1e-5, relative; whole numbers exactly.

    Examples
    --------
    >>> agree(4, 4), agree(np.float32(4), 4), agree(4, 3)
    ('', '', 'got 4, due 3')
    >>> agree(torch.tensor([1, 2]), [1, 2]), agree([1, 2], [1, 2, 3])
    ('', 'got 2 entries, due 3')
    >>> agree({"siz": 1}, {"size": 1})
    "there is no 'size'; did you mean that by 'siz'?"
    """
    place, words = _differs(got, expected)
    return _("at {place}: {differs}").format(place=place, differs=words) if place else words


def _differs(got: Any, expected: Any) -> tuple[str, str]:
    """Where the first difference is ("" at the top) and what differs ("" where nothing)."""
    if isinstance(expected, (Tensor, np.ndarray)) and expected.ndim:
        return "", _arrays(got, array(expected))
    got, expected = plain(got), plain(expected)
    if isinstance(expected, (bool, int, float, complex)):
        return "", _numbers(got, expected)
    if isinstance(expected, (str, bytes)):
        return "", "" if got == expected else _got_due(got, expected)
    if isinstance(expected, dict):
        return _dicts(got, expected)
    if isinstance(expected, frozenset):
        return "", _sets(got, expected)
    if isinstance(expected, list):
        return _sequences(got, expected)
    return "", "" if got is expected or _equal(got, expected) else _got_due(got, expected)


def plain(value: Any) -> Any:
    """A value in its simplest form: NumPy's and torch's numbers as Python's, all sequences
    as a list, all sets as a frozenset, all mappings as a dictionary.

    Examples
    --------
    >>> plain(np.float32(3)), plain(torch.tensor(2)), plain((1, 2)), plain({1}.union())
    (3.0, 2, [1, 2], frozenset({1}))
    """
    if isinstance(value, np.generic) or (
        isinstance(value, (Tensor, np.ndarray)) and not value.ndim
    ):
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (Set, KeysView)):
        return frozenset(value)
    if isinstance(value, (list, tuple, range, deque, ValuesView)):
        return list(value)
    return value


def array(value: Tensor | np.ndarray) -> np.ndarray:
    """A tensor or an array as an array; also one on another device, or in half precision."""
    if not isinstance(value, Tensor):
        return np.asarray(value)
    value = value.detach().cpu()
    return (value.float() if value.dtype == torch.bfloat16 else value).numpy()


def as_array(value: Any) -> np.ndarray | None:
    """Numbers in any equal form as an array; None where they are none, or ragged.

    Examples
    --------
    >>> as_array([[1, 2], [3, 4]]).shape, as_array([[1], [2, 3]]), as_array("12")
    ((2, 2), None, None)
    """
    if isinstance(value, (Tensor, np.ndarray)):
        found = array(value)
    else:
        try:
            value = _without_tensors(plain(value))
            found = np.array(value) if isinstance(value, (list, int, float)) else None
        except (ValueError, TypeError, OverflowError):
            return None
    return found if found is not None and found.dtype.kind in "biufc" else None


def _without_tensors(value: Any) -> Any:
    """A nested list, its tensors turned into arrays."""
    if isinstance(value, Tensor):
        return array(value)
    if isinstance(value, list):
        return [_without_tensors(plain(entry)) for entry in value]
    return value


# ------------------------------------------------------------------------ what a value is
def describe(value: Any) -> str:
    """A value in few words: what it is, and itself where it is short.

    Examples
    --------
    >>> describe(torch.zeros(1, 2)), describe(None), describe([1, np.int64(2)])
    ('a tensor (1, 2): [[0, 0]]', 'None', '[1, 2]')
    """
    if isinstance(value, (Tensor, np.ndarray)) and value.ndim:
        words = _("a tensor {shape}") if isinstance(value, Tensor) else _("an array {shape}")
        return words.format(shape=tuple(value.shape)) + _entries(array(value))
    if isinstance(value, torch.nn.Module):
        return _("a network ({name})").format(name=type(value).__name__)
    return _cut(_in_short(value, 0), LONGEST)


def _in_short(value: Any, depth: int) -> str:
    """A value as Python writes it, arrays inside of it by their shapes."""
    if isinstance(value, (np.generic, Tensor, np.ndarray)) and not getattr(value, "ndim", 0):
        return shown(value.item())
    if isinstance(value, (Tensor, np.ndarray, torch.nn.Module)):
        return describe(value)
    if type(value) in (list, tuple, dict) and depth < 4:
        if isinstance(value, dict):
            entries = [
                f"{shown(key)}: {_in_short(entry, depth + 1)}" for key, entry in value.items()
            ]
            return "{" + ", ".join(entries) + "}"
        entries = [_in_short(entry, depth + 1) for entry in value]
        if isinstance(value, list):
            return "[" + ", ".join(entries) + "]"
        return "(" + ", ".join(entries) + ("," if len(entries) == 1 else "") + ")"
    return shown(value)


def shown(value: Any) -> str:
    """``repr``, also of an object whose own raises or is a page long.

    Examples
    --------
    >>> class Shy:
    ...     def __repr__(self):
    ...         raise ValueError
    >>> shown(Shy()), shown(2)
    ('an object of type Shy', '2')
    """
    if callable(value) and hasattr(value, "__name__"):
        return str(value.__name__)
    try:
        return _cut(str(repr(value)), LONGEST)
    except Exception:
        return _("an object of type {name}").format(name=type(value).__name__)


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"


def _entries(numbers: np.ndarray) -> str:
    """The numbers of a small array, after a colon; of more than one row on lines of its own."""
    if not 1 <= numbers.size <= SHOWN or numbers.dtype.kind not in "biuf":
        return ""
    words = np.array2string(
        numbers, precision=4, separator=", ", suppress_small=True, floatmode="maxprec",
        formatter={"float_kind": lambda x: f"{x:.4g}"} if numbers.dtype.kind == "f" else None,
    )  # fmt: skip
    words = re.sub(r"\n\s*\n", "\n", words)  # NumPy parts its blocks by empty lines
    return ":\n" + words if "\n" in words else ": " + words


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
        frozenset: _("a set"), type(None): _("nothing (None)"), np.ndarray: _("a NumPy array"),
    }  # fmt: skip
    if isinstance(value, Tensor):
        return _("a tensor")
    if isinstance(value, type):
        return _("a class")
    if isinstance(value, torch.nn.Module):
        return _("a network (nn.Module)")
    if type(value) in names:
        return names[type(value)]
    if isinstance(value, Iterator):
        return _("a generator or iterator; `list(…)` makes a list of it")
    return _("a function") if callable(value) else type(value).__name__


# --------------------------------------------------------------------------- each in turn
def _got_due(got: Any, expected: Any) -> str:
    """What was got and due; by their kinds where these differ, with the values beside."""
    one, other = plain(got), plain(expected)
    alike = type(one) is type(other) or all(isinstance(x, (int, float)) for x in (one, other))
    if alike:
        return _("got {got}, due {due}").format(got=describe(got), due=describe(expected))
    return _("got {got}, due {due}").format(got=kind(got), due=kind(expected))


def _equal(got: Any, expected: Any) -> bool:
    try:
        return bool(got == expected)
    except Exception:  # an object whose == raises, or says more than yes or no
        return False


def _numbers(got: Any, expected: complex) -> str:
    if isinstance(got, (Tensor, np.ndarray, list)) and not isinstance(expected, bool):
        one = as_array(got)
        if one is not None and one.size == 1 and _close(one.reshape(-1)[0], expected):
            return _(
                "the value is right, but it is inside of {got}: take the number out"
            ).format(got=describe(got))
    if not isinstance(got, (bool, int, float, complex)):
        return _got_due(got, expected)
    right = got == expected if isinstance(expected, int) else False
    return "" if right or _close(got, expected) else _got_due(got, expected)


def _close(got: Any, expected: Any) -> bool:
    """Alike: whole numbers but for rounding, others to five digits."""
    relative, absolute = (1e-9, 1e-9) if isinstance(expected, int) else (RELATIVE, ABSOLUTE)
    try:
        return bool(np.isclose(got, expected, rtol=relative, atol=absolute, equal_nan=True))
    except (TypeError, OverflowError):  # a whole number of hundreds of digits
        return False


def _arrays(got: Any, expected: np.ndarray) -> str:
    found = as_array(got)
    if found is None:
        return _got_due(got, expected)
    if found.shape != expected.shape:
        return _("got shape {got}, due {due}").format(got=found.shape, due=expected.shape)
    wrong = ~close(found, expected)
    if not wrong.any():
        return ""
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    return _n(
        "{n} of {all} entries differs; at {place} got {got:.6g}, due {due:.6g}",
        "{n} of {all} entries differ; at {place} got {got:.6g}, due {due:.6g}",
        int(wrong.sum()), all=wrong.size, place=list(place),
        got=found[place].astype(float), due=expected[place].astype(float),
    )  # fmt: skip


def close(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Where the entries of two arrays of one shape agree: truth values, of that shape."""
    wide = complex if "c" in one.dtype.kind + other.dtype.kind else float
    return np.isclose(
        one.astype(wide), other.astype(wide), rtol=RELATIVE, atol=1e-5, equal_nan=True
    )


def _dicts(got: Any, expected: dict) -> tuple[str, str]:
    if not isinstance(got, dict):
        return "", _got_due(got, expected)
    missing = [key for key in expected if key not in got]
    extra = [key for key in got if key not in expected]
    if missing:
        near = difflib.get_close_matches(str(missing[0]), map(str, extra), n=1, cutoff=0.5)
        words = _("there is no {name}")
        if near:
            words = _("there is no {name}; did you mean that by {other}?")
        return "", words.format(name=shown(missing[0]), other=shown(*near or [""]))
    if extra:
        return "", _("{name} should not be there").format(name=shown(extra[0]))
    return _first((f"[{shown(key)}]", got[key], value) for key, value in expected.items())


def _sets(got: Any, expected: frozenset) -> str:
    if not isinstance(got, frozenset):
        return _got_due(got, expected)
    words = []
    for sentence, entries in (
        (_("missing: {entries}"), expected - got),
        (_("too many: {entries}"), got - expected),
    ):
        if entries:
            listed = ", ".join(sorted(shown(entry) for entry in entries))
            words.append(sentence.format(entries=_cut(listed, LONGEST)))
    return "; ".join(words)


def _sequences(got: Any, expected: list) -> tuple[str, str]:
    if isinstance(got, (Tensor, np.ndarray)):
        got = list(got)
    if not isinstance(got, list):
        return "", _got_due(got, expected)
    if len(got) != len(expected):
        words = _n("got {n} entry, due {due}", "got {n} entries, due {due}", len(got),
                   due=len(expected))  # fmt: skip
        return "", words
    pairs = zip(got, expected, strict=True)
    return _first((f"[{place}]", *pair) for place, pair in enumerate(pairs))


def _first(entries: Iterator[tuple[str, Any, Any]]) -> tuple[str, str]:
    """The first of some entries that differs, and where inside of it."""
    for place, got, expected in entries:
        inside, words = _differs(got, expected)
        if words:
            return place + inside, words
    return "", ""


# ------------------------------------------------- comparisons that an exercise may ask for
def also(*demands: Callable[[Any, Any], str]) -> Callable[[Any, Any], str]:
    """A comparison: the values, and then what the exercise's contract demands besides.

    Examples
    --------
    >>> same = also(whole_entries)
    >>> same(np.array([True]), np.array([1]))
    'the entries are truth values (bool), due are whole numbers'
    """

    def same(got: Any, expected: Any) -> str:
        return agree(got, expected) or next(
            filter(None, (d(got, expected) for d in demands)), ""
        )

    return same


def whole_entries(got: Any, _expected: Any) -> str:
    """A demand: the entries are of a whole-number type."""
    found = as_array(got)
    if found is None or found.dtype.kind in "iu":
        return ""
    names = {
        "b": _("truth values (bool)"),
        "f": _("fractions ({dtype})").format(dtype=found.dtype),
    }
    return _("the entries are {kind}, due are whole numbers").format(
        kind=names.get(found.dtype.kind, found.dtype)
    )


def truth_entries(got: Any, _expected: Any) -> str:
    """A demand: the entries are truth values."""
    found = as_array(got)
    if found is None or found.dtype.kind == "b":
        return ""
    return _("the entries are of type {dtype}, due are truth values (bool)").format(
        dtype=found.dtype
    )
