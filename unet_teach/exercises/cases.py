"""What the cases of many exercises are made of: the same numbers in other types and in other
memory, sizes at the edges, random numbers from a case's own source; and the symptoms that go
with such cases."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from unet_teach.exercises.agreement import plain
from unet_teach.exercises.exercise import Symptom
from unet_teach.translation import _

Numbers = TypeVar("Numbers", np.ndarray, Tensor)

# Height and width: one, odd, even, unequal, flat and high.
SIZES = ((1, 1), (1, 4), (5, 1), (2, 2), (3, 3), (4, 6), (7, 5))


def strided(values: Numbers) -> Numbers:
    """The same numbers, columns after columns in memory: of two axes or more, not in one
    piece. It stays so in a copy, as a slice with a step would not.

    Examples
    --------
    >>> strided(torch.arange(6).reshape(2, 3)).is_contiguous()
    False
    >>> strided(np.arange(6).reshape(2, 3)).flags.c_contiguous
    False
    """
    if values.ndim < 2:
        return values
    turned = values.swapaxes(-1, -2)
    turned = turned.contiguous() if isinstance(turned, Tensor) else turned.copy(order="C")
    return turned.swapaxes(-1, -2)


def forms(values: np.ndarray, *types: type) -> Iterator[np.ndarray]:
    """An array in each of these types, uint8, int64 and float64 where none is named, and
    then once as it is with its memory not in one piece.

    Examples
    --------
    >>> [str(form.dtype) for form in forms(np.array([[0, 1]]))]
    ['uint8', 'int64', 'float64', 'int64']
    """
    for dtype in types or (np.uint8, np.int64, np.float64):
        yield values.astype(dtype)
    yield strided(values)


def numbers(rng: random.Random) -> np.random.Generator:
    """NumPy's random numbers, from a case's own source."""
    return np.random.default_rng(rng.randrange(2**31))


def noise(rng: random.Random, *shape: int) -> Tensor:
    """Normally distributed float32 numbers, from a case's own source."""
    return torch.from_numpy(numbers(rng).standard_normal(shape).astype(np.float32))


def larger(_case: dict, got: object, due: float) -> bool:
    """What a symptom may show: a number that is too large, in whatever form."""
    return plain(got) > due


def smaller(_case: dict, got: object, due: float) -> bool:
    """What a symptom may show: a number that is too small, in whatever form."""
    return plain(got) < due


def oblong(name: str) -> Symptom:
    """Wrong only where a map is not square: the last symptom, after those that say more.

    Examples
    --------
    >>> oblong("mask").shows({"mask": np.zeros((2, 3))}, None, None)
    True
    """
    return Symptom(
        f"{name} is not square",
        lambda case, got, due: case[name].shape[-2] != case[name].shape[-1],
        _("It is right for square maps, and wrong only where height and width of {name} "
          "differ: have the two changed places, or does one stand for both?").format(name=name),
        of_case=True,
    )  # fmt: skip


def not_given(name: str) -> Symptom:
    """Wrong only where an argument is left out, so its default is another than it should be.

    Of several arguments with defaults ask for the first one first: where it is left out, the
    others are, too.

    Examples
    --------
    >>> not_given("s").shows({"n": 5, "k": 3}, None, None)
    True
    """
    return Symptom(
        f"{name} is left out",
        lambda case, got, due: name not in case,
        _("It is wrong only where {name} is left out: compare the default of {name} in your "
          "first line with the one that was there.").format(name=name),
        of_case=True,
    )  # fmt: skip
