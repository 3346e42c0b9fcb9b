"""Values as plain data: how what a student's function gave leaves the sandbox.

Numbers, text, lists, dictionaries, sets, arrays and tensors become JSON; anything else becomes
its kind in words. Never pickle: reading what a stranger wrote here can run nothing.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import torch
from torch import Tensor

from unet_teach.exercises.agreement import kind

DEEPEST = 16  # a list in a list in a list …
MOST = 200_000  # entries of all lists together
MOST_BITS = 10_000  # of a whole number; Python refuses to read many more
KINDS = "biufc"  # arrays of truth values and numbers, no others


class TooMuch(ValueError):
    """A value that is too large, or nested too deeply, to be looked at."""


def encode(value: Any) -> Any:
    """A value as something that `json` can write.

    Raises
    ------
    TooMuch
        More than 200,000 entries, or nested more than 16 deep (a list inside of itself, say).

    Examples
    --------
    >>> encode([1, (2.5, "a")]), encode(np.int64(3))["scalar"][0], encode(print)
    ([1, {'tuple': [2.5, 'a']}], 'int64', {'other': 'a function'})
    """
    return _encoded(value, 0, [0])


def _encoded(value: Any, depth: int, seen: list[int]) -> Any:
    seen[0] += 1
    if seen[0] > MOST:
        raise TooMuch(f"it gave more than {MOST:,} entries")
    if depth > DEEPEST:
        raise TooMuch(f"it gave lists in lists, more than {DEEPEST} deep")

    def inside(values) -> list:
        return [_encoded(entry, depth + 1, seen) for entry in values]

    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, np.generic | np.ndarray | Tensor):
        return _numbers(value)
    if isinstance(value, int):
        if value.bit_length() > MOST_BITS:
            raise TooMuch("it gave a whole number of thousands of digits")
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, list):
        return inside(value)
    if isinstance(value, tuple):
        return {"tuple": inside(value)}
    if isinstance(value, set | frozenset):
        return {"set": inside(value)}
    if isinstance(value, dict):
        return {"dict": [inside(pair) for pair in value.items()]}
    return {"other": kind(value)}


def _numbers(value: np.generic | np.ndarray | Tensor) -> dict:
    name = "array" if isinstance(value, np.ndarray) else "scalar"
    if isinstance(value, Tensor):
        name = "tensor"
        value = value.detach().cpu()
        value = (value.float() if value.dtype == torch.bfloat16 else value).resolve_conj()
        value = value.numpy()
    if value.dtype.kind not in KINDS or value.dtype.itemsize > 16:
        return {"other": kind(value)}
    content = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
    return {name: [value.dtype.name, list(value.shape), content]}


def decode(plain: Any) -> Any:
    """The value again, from what `json` read; whatever stands there, nothing is run.

    Raises
    ------
    ValueError
        It is not what `encode` writes.

    Examples
    --------
    >>> decode(encode({(0, 1): torch.ones(2)}))
    {(0, 1): tensor([1., 1.])}
    """
    if isinstance(plain, list):
        return [decode(entry) for entry in plain]
    if not isinstance(plain, dict):
        return plain
    if len(plain) != 1:
        raise ValueError(f"{len(plain)} keys where one is due")
    ((name, content),) = plain.items()
    if name == "tuple":
        return tuple(decode(entry) for entry in content)
    if name == "set":
        return {decode(entry) for entry in content}
    if name == "dict":
        return {decode(key): decode(entry) for key, entry in content}
    if name == "other":  # its type has the kind as its name: so a message can say it
        words = str(content)[:60].replace("\0", " ")
        return type(words, (), {"__repr__": lambda self: words})()
    if name in ("scalar", "array", "tensor"):
        return _array(name, *content)
    raise ValueError(f"{name!r} is no kind of value")


def _array(name: str, dtype: str, shape: list, content: str) -> Any:
    kind_ = np.dtype(str(dtype))
    if kind_.kind not in KINDS:
        raise ValueError(f"no arrays of {dtype!r}")
    array = np.frombuffer(base64.b64decode(content), kind_).reshape(shape).copy()
    if name == "tensor":
        return torch.from_numpy(array)
    return array if name == "array" else array[()]
