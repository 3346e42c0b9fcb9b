"""What a training slice beside it adds to a validation slice's score, from ``leak.json``."""

from __future__ import annotations

from statistics import mean

from unet_teach.comparisons.difference import Difference

BLOCK, FIFTH = "a block", "every fifth slice"  # how the validation slices were chosen


def distance(number: int, held_out: list[int], count: int = 30) -> int:
    """From a validation slice to the nearest training slice, in slices.

    Examples
    --------
    >>> [distance(i, [6, 7, 8, 9, 10, 11]) for i in range(6, 12)]
    [1, 2, 3, 3, 2, 1]
    >>> [distance(i, [0, 1, 2]) for i in range(3)]
    [3, 2, 1]
    """
    return min(abs(number - other) for other in range(count) if other not in held_out)


def leaks(rows: list[dict], scores: str = "v_rand_slices") -> tuple[Difference, Difference]:
    """The leak of single slices, and what of it a block still has at its ends.

    Each slice was held out in two ways (`BLOCK`, `FIFTH`), so its own difficulty cancels. The
    first is V_rand with both neighbours in training minus V_rand in a block. The second is
    the part of it that slices at a block's ends, with one neighbour in training, get too:
    block minus fifth there, less the same further inside. Both are means of five blocks.

    Parameters
    ----------
    rows : of ``leak.json``
    scores : ``v_rand_slices``, each slice at the threshold that is best for its six;
        ``v_rand_own``, each at its own best one
    """
    of = {}  # (design, slice) -> its scores, one a seed
    places = {}  # slice -> (block, distance to the nearest training slice)
    for row in rows:
        for number, value in zip(row["slices"], row[scores], strict=True):
            of.setdefault((row["design"], number), []).append(value)
            if row["design"] == BLOCK:
                places[number] = row["part"], distance(number, row["slices"])
    gain = {i: mean(of[FIFTH, i]) - mean(of[BLOCK, i]) for i in places}
    single, ends = [], []
    for part in sorted({part for part, _away in places.values()}):
        here = {i: away for i, (its, away) in places.items() if its == part}
        single.append(mean(gain[i] for i in here))
        inside = mean(gain[i] for i, away in here.items() if away > 1)
        ends.append(inside - mean(gain[i] for i, away in here.items() if away == 1))
    return (
        Difference(BLOCK, FIFTH, "v_rand", tuple(single), questions=2),
        Difference("inside of a block", "at its ends", "v_rand", tuple(ends), questions=2),
    )
