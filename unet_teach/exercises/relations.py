"""What a wrong result has to do with the right one: turned, shifted, one too many, upside down.

Each relation is a fact about what came out and what was due, so the sentence that goes with it
holds whatever the learner wrote. `diagnosis` asks which of them holds in every failed case.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from unet_teach.exercises.agreement import agree, as_array, plain
from unet_teach.exercises.relations_of_arrays import of_arrays
from unet_teach.translation import _

MANY = 2500  # comparisons of entries: more take too long for what they say


def relations(got: Any, due: Any) -> Iterator[str]:
    """All that holds between one result and the right one, in sentences, most telling first.

    Examples
    --------
    >>> list(relations([3, 2, 1], [1, 2, 3]))[0]
    'The order is reversed.'
    >>> next(relations({'a': 1, 'b': 'x'}, {'a': 1, 'b': 'y'}))
    "All is right but one entry: 'b'."
    """
    one, other = as_array(got), as_array(due)
    if one is not None and other is not None:
        yield from of_arrays(one, other)
    got, due = plain(got), plain(due)
    if isinstance(due, list) and isinstance(got, list):
        yield from _in_sequences(got, due)
    if isinstance(due, frozenset) and isinstance(got, frozenset) and got != due:
        yield from _of_sets(got, due)
    if isinstance(due, dict) and isinstance(got, dict):
        yield from _of_dicts(got, due)


# ------------------------------------------------------------- lists, sets, dictionaries
def _in_sequences(got: list, due: list) -> Iterator[str]:
    def same(one: Any, other: Any) -> bool:
        return not agree(one, other)

    if any(isinstance(entry, str) for entry in got) and not any(
        isinstance(entry, str) for entry in due
    ):
        yield _("Some entries are text; numbers are due.")
    if len(got) > 1 and same(got[::-1], due):
        yield _("The order is reversed.")
    if len(got) == len(due):
        wrong = [i for i, pair in enumerate(zip(got, due, strict=True)) if not same(*pair)]
        if len(due) > 1 and len(wrong) == 1:
            yield _("All entries are right but one: the one at place {place}.").format(
                place=_place(wrong[0], len(due))
            )
        elif len(wrong) < len(due) and len(due) > 2:
            yield (
                _("It is wrong from place {place} on.").format(place=wrong[0])
                if wrong == list(range(wrong[0], len(due)))
                else _("The entry at place {place} is the first that is wrong.").format(
                    place=wrong[0]
                )
            )
        inside = [set(relations(got[i], due[i])) for i in wrong]
        if inside and (common := set.intersection(*inside)):
            first = next(w for w in relations(got[wrong[0]], due[wrong[0]]) if w in common)
            yield _("In the entries that are wrong: {words}").format(words=first)
    elif due and same(got, due[:1]):
        yield _("Only the first entry is there.")
    elif same(got, due[1:]):
        yield _("The first entry is missing.")
    elif same(got, due[:-1]):
        yield _("The last entry is missing.")
    elif same(got[1:], due):
        yield _("There is an entry too many at the beginning.")
    elif same(got[:-1], due):
        yield _("There is an entry too many at the end.")
    if len(got) * len(due) > MANY:
        return
    missing = [entry for entry in due if not any(same(other, entry) for other in got)]
    extra = [entry for entry in got if not any(same(entry, other) for other in due)]
    if not missing and not extra:
        if len(got) == len(due):
            yield _("All entries are there, but in another order.")
        else:
            yield _("All values are there, but not as often as they should be.")
    elif not extra:
        yield _("All that you list is right, but some entries are missing.")
    elif not missing:
        yield _("All the right entries are there, and some that should not be.")
    if len(got) > len(due):
        yield _("There are more entries than are due.")
    elif len(got) < len(due):
        yield _("There are fewer entries than are due.")


def _place(index: int, length: int) -> str:
    return _("{index} (the last)").format(index=index) if index == length - 1 else f"{index}"


def _of_sets(got: frozenset, due: frozenset) -> Iterator[str]:
    if not got:
        yield _("Your set is empty.")
    if got < due:
        yield _("All that you name is right, but something is missing.")
    if got > due:
        yield _("All that is right is there, and something that should not be.")


def _of_dicts(got: dict, due: dict) -> Iterator[str]:
    if set(got) != set(due):
        if set(map(str, got)) == set(map(str, due)):
            yield _("The keys have the right text, but not the right type.")
        elif len(got) < len(due) and set(got) < set(due):
            yield _("Some keys are missing.")
        elif set(got) > set(due):
            yield _("There are keys too many.")
        else:
            yield _("The keys are not named as they should be.")
        return
    wrong = [key for key in due if agree(got[key], due[key])]
    one = len(wrong) == 1 < len(due)
    inside = [set(relations(got[key], due[key])) for key in wrong]
    if inside and (common := set.intersection(*inside)):
        first = next(w for w in relations(got[wrong[0]], due[wrong[0]]) if w in common)
        where = (
            _("Only the entry {key} is wrong: {words}")
            if one
            else _("In the entries that are wrong: {words}")
        )
        yield where.format(key=repr(wrong[0]), words=first)
    if one:
        yield _("All is right but one entry: {key}.").format(key=repr(wrong[0]))
    if sorted(map(repr, map(plain, got.values()))) == sorted(
        map(repr, map(plain, due.values()))
    ):
        yield _("The values are right, but some have changed places.")
