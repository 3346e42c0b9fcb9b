"""In which cases an answer is wrong: wherever a side is odd, the batch has two, d is not 1.

A condition is a question to the arguments of a case. Where its answer is yes in just those
cases that came out wrong, the learner is told it: that is a fact, whatever she wrote. It is a
clause of its own, put into one of a few sentences: all pairs of the two would be hundreds.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from torch import Tensor

from unet_teach.exercises.agreement import array, plain, shown
from unet_teach.translation import _

ENOUGH = 3  # cases on both sides: fewer separate by chance


def where(cases: Sequence[dict[str, Any]], failed: Sequence[bool], reference: Callable) -> str:
    """A sentence on what the failed cases have in common, or "".

    Parameters
    ----------
    cases : the arguments of each case, by name
    failed : for each case, whether it came out wrong
    reference : the right answer, for the defaults of its arguments

    Examples
    --------
    >>> def f(n, d=1): ...
    >>> cases = [{"n": n, "d": d} for n in (3, 5, 8) for d in (1, 2)]
    >>> where(cases, [case["d"] == 2 for case in cases], f)
    'It is right in every case in which d is 1, and wrong in all others.'
    """
    if not any(failed) or all(failed):
        return ""
    said = [dict(facts(case, reference)) for case in cases]
    names = list(dict.fromkeys(name for facts_of_case in said for name in facts_of_case))
    table = {name: [facts_of_case.get(name) for facts_of_case in said] for name in names}
    right = [not wrong for wrong in failed]
    if min(sum(failed), sum(right)) >= ENOUGH:
        for name, answers in table.items():
            if answers == failed:
                return _(
                    "It is wrong in every case in which {what}, and right in all others."
                ).format(what=name)
            if answers == right:
                return _(
                    "It is right in every case in which {what}, and wrong in all others."
                ).format(what=name)
    if words := _from_where_on(cases, failed):
        return words
    return _one_sided(table, failed)


def _one_sided(table: dict[str, list], failed: Sequence[bool]) -> str:
    """What holds in all failed cases and in few of the right ones; the rarest such fact."""
    found = []
    for name, answers in table.items():
        pairs = list(zip(answers, failed, strict=True))
        holds = sum(yes is True for yes in answers)
        if all(yes is True for yes, wrong in pairs if wrong):
            if sum(failed) >= max(ENOUGH, 0.5 * holds) and holds <= 0.6 * len(answers):
                found.append((holds, name))
    if not found:
        return ""
    _holds, name = min(found, key=lambda entry: entry[0])
    return _("In all cases in which it is wrong, {what}.").format(what=name)


def _from_where_on(cases: Sequence[dict[str, Any]], failed: Sequence[bool]) -> str:
    """A number from which on it is wrong, or up to which."""
    for name in dict.fromkeys(name for case in cases for name in case):
        numbers = [plain(case.get(name)) for case in cases]
        if not all(isinstance(n, (int, float)) and not isinstance(n, bool) for n in numbers):
            continue
        wrong = [n for n, is_wrong in zip(numbers, failed, strict=True) if is_wrong]
        right = [n for n, is_wrong in zip(numbers, failed, strict=True) if not is_wrong]
        if min(len(set(wrong)), len(set(right))) < ENOUGH:
            continue
        if max(right) < min(wrong):
            words = _("It is right up to {name} = {right}, and wrong from {name} = {wrong} on.")
            return words.format(name=name, right=max(right), wrong=min(wrong))
        if max(wrong) < min(right):
            words = _("It is wrong up to {name} = {wrong}, and right from {name} = {right} on.")
            return words.format(name=name, right=min(right), wrong=max(wrong))
    return ""


def facts(case: dict[str, Any], reference: Callable) -> Iterator[tuple[str, bool]]:
    """What can be said of a case's arguments: (a clause, whether it holds)."""
    defaults = _defaults(reference)
    for name, default in defaults.items():
        value = plain(case.get(name, default))
        if isinstance(value, (int, float, str)):
            yield (
                _("{name} is {value}").format(name=name, value=shown(plain(default))),
                bool(value == plain(default)),
            )
    whole = {**{n: d for n, d in defaults.items() if n not in case}, **case}
    numbers = {}
    for name, value in whole.items():
        value = array(value) if isinstance(value, Tensor) and value.ndim else plain(value)
        if isinstance(value, bool):
            yield _("{name} is True").format(name=name), value
        elif isinstance(value, (int, float)):
            numbers[name] = value
            yield from _of_number(name, value)
        elif isinstance(value, str):
            yield _("{name} is {value}").format(name=name, value=shown(value)), True
        elif isinstance(value, np.ndarray):
            yield from _of_array(name, value)
        elif isinstance(value, (list, dict)):
            yield from _of_list(name, value)
    yield from _of_pairs(numbers)


def _defaults(reference: Callable) -> dict[str, Any]:
    try:
        parameters = inspect.signature(reference).parameters.values()
    except (TypeError, ValueError):
        return {}
    return {p.name: p.default for p in parameters if p.default is not p.empty}


def _of_number(name: str, value: float) -> Iterator[tuple[str, bool]]:
    for small in (0, 1, 2, 3):
        yield _("{name} is {value}").format(name=name, value=small), value == small
    for small in (0, 1):
        yield _("{name} is not {value}").format(name=name, value=small), value != small
    if value == math.floor(value):
        yield _("{name} is odd").format(name=name), value % 2 == 1
        yield _("{name} is at most {value}").format(name=name, value=2), value <= 2
    yield _("{name} is negative").format(name=name), value < 0
    yield _("{name} is a fraction").format(name=name), value != math.floor(value)


def _of_pairs(numbers: dict[str, float]) -> Iterator[tuple[str, bool]]:
    names = list(numbers)
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            a, b = numbers[one], numbers[other]
            yield _("{one} equals {other}").format(one=one, other=other), a == b
            yield _("{one} is larger than {other}").format(one=one, other=other), a > b
            if isinstance(a, int) and isinstance(b, int):
                for whole, part, x, y in ((one, other, a, b), (other, one, b, a)):
                    if y:
                        words = _("{part} divides {whole} without a rest")
                        yield words.format(part=part, whole=whole), x % y == 0


def _of_array(name: str, value: np.ndarray) -> Iterator[tuple[str, bool]]:
    def said(words: str, holds: Any) -> tuple[str, bool]:
        return words.format(name=name), bool(holds)

    if value.ndim == 4:
        yield said(_("the second axis of {name} has length 1"), value.shape[1] == 1)
    if value.ndim >= 3:
        yield said(_("the first axis of {name} has length 1"), value.shape[0] == 1)
    if value.ndim >= 2:
        height, width = value.shape[-2:]
        yield said(_("{name} is as high as it is wide"), height == width)
        yield said(_("the height or the width of {name} is odd"), height % 2 or width % 2)
        yield said(_("the height of {name} is odd"), height % 2)
        yield said(_("the width of {name} is odd"), width % 2)
        yield said(_("{name} is higher than wide"), height > width)
        yield said(_("{name} has one row or one column only"), min(height, width) == 1)
    if value.ndim == 1:
        yield said(_("{name} has one entry only"), value.shape[0] == 1)
        yield said(_("the number of entries of {name} is odd"), value.shape[0] % 2)
    yield said(_("{name} is empty"), value.size == 0)
    yield said(_("{name} is of type uint8"), value.dtype == np.uint8)
    yield said(_("{name} holds whole numbers"), value.dtype.kind in "iu")
    yield said(_("{name} holds truth values"), value.dtype.kind == "b")
    yield said(_("{name} is float64"), value.dtype == np.float64)
    yield said(_("the memory of {name} is not in one piece"), not value.flags.c_contiguous)
    if value.size == 0 or value.dtype.kind not in "biuf":
        return
    numbers = value.astype(float)
    yield said(_("all entries of {name} are alike"), (numbers == numbers.flat[0]).all())
    yield said(_("{name} holds NaN or infinity"), not np.isfinite(numbers).all())
    yield said(_("{name} has negative entries"), (numbers < 0).any())
    yield said(_("{name} has an entry 0"), (numbers == 0).any())
    yield said(_("{name} has an entry above 1"), (numbers > 1).any())
    yield said(_("{name} has an entry above 2"), (numbers > 2).any())
    yield said(_("{name} has more than two different values"), len(np.unique(numbers)) > 2)
    yield said(_("{name} has equal entries"), len(np.unique(numbers)) < numbers.size)
    yield said(_("the largest value of {name} stands more than once"),
               (numbers == numbers.max()).sum() > 1)  # fmt: skip
    if value.ndim == 1 and value.size > 1:
        yield said(_("{name} is in ascending order"), (np.diff(numbers) >= 0).all())


def _of_list(name: str, value: list | dict) -> Iterator[tuple[str, bool]]:
    def said(words: str, holds: Any) -> tuple[str, bool]:
        return words.format(name=name), bool(holds)

    yield said(_("{name} is empty"), not value)
    yield said(_("{name} has one entry only"), len(value) == 1)
    yield said(_("{name} has two entries"), len(value) == 2)
    yield said(_("the number of entries of {name} is odd"), len(value) % 2)
    entries = [plain(entry) for entry in value]  # of a dictionary: its keys
    if all(isinstance(entry, (int, float, str)) for entry in entries) and entries:
        kinds = {isinstance(entry, str) for entry in entries}
        if len(kinds) == 1:
            yield said(_("{name} is in ascending order"), entries == sorted(entries))
        yield said(_("{name} has equal entries"), len(set(entries)) < len(entries))
        if kinds == {False}:
            yield said(_("{name} has an entry 0"), 0 in entries)
            yield said(_("{name} has an entry 1"), 1 in entries)
            yield said(_("{name} has negative entries"), min(entries) < 0)
            yield said(_("{name} has odd entries"), any(entry % 2 == 1 for entry in entries))
    if isinstance(value, list) and len(value) == 2 and all(type(e) is int for e in entries):
        yield said(_("the two entries of {name} are equal"), entries[0] == entries[1])
    if isinstance(value, dict):
        lengths = [len(v) for v in value.values() if isinstance(v, (list, tuple))]
        if lengths:
            yield said(_("all lists in {name} have the same length"), len(set(lengths)) == 1)
