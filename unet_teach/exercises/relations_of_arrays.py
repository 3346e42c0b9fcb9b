"""What a wrong number, or a wrong array, has to do with the right one.

Turned, shifted, cut off, three times as large: each sentence is a fact about the two.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np

from unet_teach.exercises.agreement import close
from unet_teach.translation import _, _n

# By the number of axes from this one to the last.
SIZES = {
    1: _("Only the width is off."), 2: _("Only the height is off."),
    3: _("Only the number of channels is off."), 4: _("Only the size of the batch is off."),
}  # fmt: skip
# Of the first two of four axes.
FIRSTS = (
    _("Only the first entry of the batch is right."), _("Only the first channel is right."),
)  # fmt: skip
TURNED = (
    _("The entries of the batch are in another order: what should come first comes last."),
    _("The channels are in another order: what should come first comes last."),
)


class Faint(str):
    """A sentence that holds, but would hold of many other results, too."""


TRANSPOSED = _(
    "Rows and columns have changed places: your result is the transpose of the right one."
)


def of_arrays(got: np.ndarray, due: np.ndarray) -> Iterator[str]:
    """All that holds between two arrays, in sentences, most telling first.

    Examples
    --------
    >>> next(of_arrays(np.array([[1, 2], [3, 4]]), np.array([[1, 3], [2, 4]])))
    'Rows and columns have changed places: your result is the transpose of the right one.'
    >>> list(of_arrays(np.array([6.0, 3.0]), np.array([2.0, 1.0])))[0]
    'Your result is 3 times the right one.'
    """
    yield from _in_place(got, due) if got.shape == due.shape else _in_shape(got, due)


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and bool(close(one, other).all())


# ------------------------------------------------------------------- numbers in their places
def _in_place(got: np.ndarray, due: np.ndarray) -> Iterator[str]:
    """Of numbers and arrays of one shape."""
    if got.dtype.kind == "b" or due.dtype.kind == "b":
        yield from _of_truths(got, due)
    if "c" in got.dtype.kind + due.dtype.kind:
        return
    truths = got.dtype.kind == "b" and due.dtype.kind == "b"
    got, due = got.astype(float), due.astype(float)
    yield from _turned(got, due)
    yield from _by_axis(got, due)
    yield from _shifted(got, due)
    if not truths:
        yield from _values(got, due)
    if got.ndim and got.size > 2 and _varied(due):
        if alike(np.sort(got, None), np.sort(due, None)):
            yield _("All values are right, but they are in other places.")
        yield from _border(got, due)


def _varied(values: np.ndarray) -> bool:
    return len(np.unique(values)) > 2


def _of_truths(got: np.ndarray, due: np.ndarray) -> Iterator[str]:
    if not set(np.unique(got.astype(float))) <= {0.0, 1.0}:
        return
    got, due = got.astype(bool), due.astype(bool)
    if (got != due).all():
        yield _("True and False have changed places: it says the opposite of what is due.")
    if got.ndim == 0:
        return
    if not got.any():
        yield _("Your result is False everywhere.")
    if got.all():
        yield _("Your result is True everywhere.")
    if not (got & ~due).any():
        yield _("All that you mark is right, but some places are missing.")
    if not (due & ~got).any():
        yield _("All the right places are marked, and some that should not be.")


def _turned(got: np.ndarray, due: np.ndarray) -> Iterator[str]:
    if got.ndim >= 2 and got.shape[-1] == got.shape[-2] and alike(got.swapaxes(-1, -2), due):
        yield TRANSPOSED
    if got.ndim == 1 and len(got) > 1 and alike(got[::-1], due):
        yield _("The order is reversed.")
    if got.ndim >= 2:
        if alike(got[..., ::-1, ::-1], due):
            yield _("Your result is turned upside down, by half a turn.")
        if alike(got[..., ::-1], due):
            yield _("Your result is mirrored: left and right have changed places.")
        if alike(got[..., ::-1, :], due):
            yield _("Your result is mirrored: top and bottom have changed places.")


def _by_axis(got: np.ndarray, due: np.ndarray) -> Iterator[str]:
    """Right in some entries of the first axes, or these in another order."""
    if got.ndim < 3:
        return
    for axis in (0, 1) if got.ndim == 4 else ():
        if got.shape[axis] < 2:
            continue
        right = [alike(got.take(i, axis), due.take(i, axis)) for i in range(got.shape[axis])]
        if right[0] and not any(right[1:]):
            yield FIRSTS[axis]
        for k in range(1, got.shape[axis]):
            if alike(np.roll(got, k, axis), due):
                yield TURNED[axis]
                break


def _shifted(got: np.ndarray, due: np.ndarray) -> Iterator[str]:
    """The same picture, moved by up to three pixels; what came in at the edge is left out."""
    if got.ndim < 2 or min(got.shape[-2:]) < 3:
        return
    height, width = got.shape[-2:]
    for down, right in sorted(
        itertools.product(range(-3, 4), repeat=2), key=lambda way: abs(way[0]) + abs(way[1])
    ):
        if (down, right) == (0, 0) or height - abs(down) < 2 or width - abs(right) < 2:
            continue
        one = got[
            ..., max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)
        ]
        other = due[
            ..., max(-down, 0) : height + min(-down, 0), max(-right, 0) : width + min(-right, 0)
        ]
        if _varied(other) and other.size >= due.size / 3 and alike(one, other):
            ways = [
                _("{n} down").format(n=down) if down > 0 else _("{n} up").format(n=-down),
                _("{n} to the right").format(n=right)
                if right > 0
                else _("{n} to the left").format(n=-right),
            ]
            said = [way for way, moved in zip(ways, (down, right), strict=True) if moved]
            yield _("The picture is right but moved, in pixels: {ways}.").format(
                ways=", ".join(said)
            )
            return


VALUES: tuple[tuple[Callable[[np.ndarray], np.ndarray], str], ...] = (
    (lambda due: -due, _("The sign is the other way round.")),
    (lambda due: 1 - due, _("Your result is 1 minus the right one.")),
    (lambda due: 1 / due, _("Your result is 1 divided by the right one.")),
    (np.abs, _("The values are right but for their sign: yours are never negative.")),
    (lambda due: np.maximum(due, 0), _("Where a value should be negative, yours is 0.")),
    (np.sqrt, _("Your result is the square root of the right one.")),
    (np.square, _("Your result is the square of the right one.")),
    (np.log, _("Your result is the logarithm of the right one.")),
    (lambda due: -np.log(due), _("Your result is minus the logarithm of the right one.")),
    (np.exp, _("Your result is the exponential of the right one.")),
    (np.floor, _("Your values are rounded down; fractions are due.")),
    (np.ceil, _("Your values are rounded up; fractions are due.")),
    (np.round, _("Your values are rounded; fractions are due.")),
    (lambda due: np.clip(due, 0, 1), _("Your values are cut off below 0 and above 1.")),
    (lambda due: np.mod(due, 256), _("Your values wrap around at 256, as uint8 does.")),
    (lambda due: np.cumsum(due, -1) if due.ndim else due,
     _("Your result adds up the right values one after the other, along the last axis.")),
)  # fmt: skip


def _values(got: np.ndarray, due: np.ndarray) -> Iterator[str]:
    """Each number of the one a function of the same number of the other."""
    if got.size == 0:
        return
    if got.ndim and got.size > 1 and len(np.unique(due)) > 1:
        if not got.any():
            yield _("Your result is 0 everywhere.")
        elif len(np.unique(got)) == 1 and got.size > 2:
            yield _("Your result has the same value everywhere.")
    with np.errstate(all="ignore"):
        for change, words in VALUES:
            expected = np.asarray(change(due))
            if alike(expected, got):
                # 0, 1 and infinity are what too many functions give.
                telling = np.isfinite(expected) & (expected != 0) & (expected != 1)
                yield words if telling.any() else Faint(words)
        for digits in (1, 2, 3, 4):
            if alike(np.round(due, digits), got):
                yield _n("Your values are rounded to {n} digit; give them as they are.",
                         "Your values are rounded to {n} digits; give them as they are.",
                         digits)  # fmt: skip
    factor, offset = constants(got, due)
    if factor is not None:
        yield _("Your result is {factor} times the right one.").format(factor=_ratio(factor))
    if offset is not None:
        words = (
            _("Your values are too large by {n}.")
            if offset > 0
            else _("Your values are too small by {n}.")
        )
        yield words.format(n=f"{abs(offset):.4g}")
    if got.ndim and _varied(due) and alike(np.sort(due, -1), got):
        yield _("Your values are the right ones, sorted; their order matters.")
    difference = (got - due)[~close(got, due)]
    if alike(due, np.round(due)) and alike(got, np.round(got)) and difference.size:
        if (np.abs(difference) == 1).all():
            more = _(
                "Where it is wrong, it is 1 too large: is something rounded up, or counted, "
                "that should not be?"
            )
            less = _(
                "Where it is wrong, it is 1 too small: is something rounded down, or left out, "
                "that should not be?"
            )
            if (difference > 0).all():
                yield more
            if (difference < 0).all():
                yield less
    if _proportional(got, due):
        yield _("Right up to a factor: what are your values divided by, or multiplied with?")
    if difference.size and alike(due, np.round(due)) and (np.abs(difference) == 1).all():
        yield _("Where it is wrong, it is off by 1, sometimes up and sometimes down.")
    if difference.size:
        if (difference > 0).all():
            yield _("Where it is wrong, it is too large.")
        elif (difference < 0).all():
            yield _("Where it is wrong, it is too small.")


def constants(got: np.ndarray, due: np.ndarray) -> tuple[float | None, float | None]:
    """The factor, and the summand, that make one of the other; None where none does."""
    factor = offset = None
    sure = due[np.abs(due) > 1e-9]
    if sure.size and np.isfinite(got).all() and np.isfinite(due).all():
        ratio = float(got[np.abs(due) > 1e-9].flat[0] / sure.flat[0])
        if alike(due * ratio, got) and abs(ratio - 1) > 1e-6 and abs(ratio) > 1e-9:
            factor = ratio
        change = float((got - due).flat[0])
        if alike(due + change, got) and abs(change) > 1e-9:
            offset = change
    return factor, offset


def _ratio(factor: float) -> str:
    for below in (1, 2, 3, 4, 8, 9, 16, 255, 256):
        if abs(factor * below - round(factor * below)) < 1e-6 and abs(factor * below) < 1000:
            above = round(factor * below)
            return f"{above}" if below == 1 else f"{above}/{below}"
    return f"{factor:.4g}"


def _proportional(got: np.ndarray, due: np.ndarray) -> bool:
    """One factor for each row along some axis: a norm taken over the wrong axis, say."""
    if got.ndim == 0 or got.size < 4 or not np.isfinite(got).all():
        return False
    for axis in range(got.ndim):
        with np.errstate(all="ignore"):
            a = got / np.linalg.norm(got, axis=axis, keepdims=True)
            b = due / np.linalg.norm(due, axis=axis, keepdims=True)
        if (
            due.shape[axis] > 1
            and np.isfinite(a).all()
            and np.isfinite(b).all()
            and alike(a, b)
        ):
            return True
    return False


def _border(got: np.ndarray, due: np.ndarray) -> Iterator[str]:
    """Right in the middle and wrong at the edges of a map, or the other way round."""
    if got.ndim < 2 or min(got.shape[-2:]) < 3:
        return
    right = close(got, due)
    for margin in range(1, (min(got.shape[-2:]) - 1) // 2 + 1):
        inner = right[..., margin:-margin, margin:-margin]
        if inner.all():
            yield _n("It is right inside, and wrong in the outermost row or column.",
                     "It is right inside, and wrong in the outermost {n} rows or columns.",
                     margin)  # fmt: skip
            return
    edges = [right[..., 0, :], right[..., -1, :], right[..., 0], right[..., -1]]
    if all(edge.all() for edge in edges):
        yield _("It is right at the edges, and wrong inside.")


# --------------------------------------------------------------------------- other shapes
def _in_shape(got: np.ndarray, due: np.ndarray) -> Iterator[str]:
    if got.ndim >= 2 and alike(got.swapaxes(-1, -2), due):
        yield TRANSPOSED
        return
    if got.size == due.size and got.ndim and due.ndim:
        for order in itertools.permutations(range(got.ndim)) if got.ndim <= 4 else ():
            if order != tuple(range(got.ndim)) and alike(got.transpose(order), due):
                yield _("The numbers are right, but the axes are in another order.")
                return
        if alike(got.ravel(), due.ravel()):
            yield _(
                "The numbers are right, but the shape is not: an axis is missing, or there is "
                "one too many."
            )
            return
    if got.ndim == 0 < due.ndim:
        yield _("There is a single number where several are due.")
        return
    if due.ndim == 0:
        yield _("There are several numbers where a single one is due.")
        return
    if got.ndim == due.ndim and got.ndim >= 1:
        if due.ndim >= 3 and got.shape[0] == 1 < due.shape[0] and alike(got, due[:1]):
            yield _("Only the first entry of the batch is there.")
        if got.ndim >= 2 and got.shape[:-2] == due.shape[:-2]:
            yield from _cut(got, due)
        if got.ndim >= 2 and got.shape == (*due.shape[:-2], due.shape[-1], due.shape[-2]):
            yield _("Height and width have changed places.")
        different = [i for i in range(got.ndim) if got.shape[i] != due.shape[i]]
        by = {got.shape[i] - due.shape[i] for i in different}
        if len(different) == 1 and 2 <= got.ndim <= 4:
            yield SIZES[got.ndim - different[0]]
        if len(by) == 1 and got.ndim >= 2:
            n = by.pop()
            words = _("The size is too small by {n} along each axis that differs.")
            if n > 0:
                words = _("The size is too large by {n} along each axis that differs.")
            yield words.format(n=abs(n))
    if got.ndim == due.ndim - 1:
        if alike(got, due[0]):
            yield _("Only the first entry along the first axis is there.")
    if got.ndim < due.ndim:
        yield _("Your result has too few axes: has one been lost that has length 1?")
    if got.ndim > due.ndim:
        yield _("Your result has an axis too many.")
    if got.ndim == due.ndim >= 2:
        for place, words in (
            (slice(-2, None), _("Height and width are not what they should be.")),
            (slice(None, -2), _("Height and width are right; the axes before them are not.")),
        ):
            other = slice(None, -2) if place.start == -2 else slice(-2, None)
            if got.shape[place] != due.shape[place] and got.shape[other] == due.shape[other]:
                yield words


def _cut(got: np.ndarray, due: np.ndarray) -> Iterator[str]:
    """One is a window of the other."""
    small, large = (got, due) if got.shape[-1] <= due.shape[-1] else (due, got)
    down, right = (large.shape[axis] - small.shape[axis] for axis in (-2, -1))
    if down < 0 or right < 0 or not small.size or not _varied(large):
        return
    for i, j in itertools.product(range(down + 1), range(right + 1)):
        if alike(large[..., i : i + small.shape[-2], j : j + small.shape[-1]], small):
            if small is got:
                yield _("The values are right, but rows or columns at the edges are missing.")
            else:
                yield _("The values are right, but there are rows or columns too many.")
            return
