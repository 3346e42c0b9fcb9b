"""Walls one pixel thin: which neurons a pixel holds apart, and what a hole in it costs.

Lesson 10. Arithmetic on labels only; the scores are those of `unet_teach.metrics`. At the end
the wall eraser's `answer`: some pixels of a small tissue change colour, and are judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import stats

from unet_teach.data.membranes import MembraneConfig, membrane_slice
from unet_teach.metrics import components, contingency, dice, thin
from unet_teach.translation import _, whole_number

SIDE, SEED, MAGNIFICATION = 72, 6, 0.55  # a small piece of tissue with 13 neurons


@dataclass(frozen=True)
class Judged:
    """One map of white and black against the truth, in five numbers."""

    wrong: float  # share of the pixels that differ
    dice: float  # of white
    v_rand: float
    v_info: float
    neurons: int  # regions found
    regions: np.ndarray  # (H, W) what was compared with the truth's regions
    merged: tuple[tuple[int, ...], ...]  # neurons of the truth that have run together


def judged(truth: np.ndarray, white: np.ndarray, thinned: bool = True) -> Judged:
    """Judge a map by its pixels and by its regions.

    Parameters
    ----------
    truth, white : (H, W), bool or of 0 and 1; 1 is inside
    thinned : thin the map's walls first, as the challenge does

    Examples
    --------
    >>> truth = np.array([[1, 1, 0, 1, 1]])
    >>> hole = judged(truth, np.ones_like(truth))
    >>> hole.wrong, hole.neurons, round(hole.v_rand, 3)
    (0.2, 1, 0.667)
    """
    truth, white = np.asarray(truth) > 0, np.asarray(white) > 0
    regions, neurons = thin(white) if thinned else components(white), components(truth)
    table = contingency(neurons, regions)
    return Judged(
        wrong=float(np.mean(truth != white)),
        dice=dice(truth, white),
        v_rand=table.v_rand,
        v_info=table.v_info,
        neurons=int(regions.max(initial=0)),
        regions=regions,
        merged=merged(neurons, regions),
    )


def merged(neurons: np.ndarray, regions: np.ndarray) -> tuple[tuple[int, ...], ...]:
    """Neurons that have run together: more than half of each lies in one region.

    Examples
    --------
    >>> merged(np.array([[1, 1, 0, 2, 3]]), np.array([[1, 1, 1, 1, 2]]))
    ((1, 2),)
    """
    holds: dict[int, list[int]] = {}
    for neuron in range(1, int(neurons.max(initial=0)) + 1):
        counts = np.bincount(regions[neurons == neuron])
        if counts[1:].max(initial=0) * 2 > counts.sum():
            holds.setdefault(1 + int(counts[1:].argmax()), []).append(neuron)
    return tuple(tuple(together) for together in holds.values() if len(together) > 1)


def one_pixel_costs(truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Thin the truth's walls, erase one pixel of them, and ask for V_rand: for each pixel.

    A hole between regions of a, b, … pixels adds (a + b + …)² − a² − b² − … wrong pairs to
    the S = Σ sᵢ² right ones, so V_rand = 2 S / (2 S + wrong pairs).

    Parameters
    ----------
    truth : (H, W), bool or of 0 and 1

    Returns
    -------
    V_rand (H, W) after this one pixel is erased (1 where it holds nothing apart), and the
    number of regions (H, W) that it would join: 0 where there is no wall, else 2 to 4.

    Examples
    --------
    >>> scores, joined = one_pixel_costs(np.array([[1, 1, 0, 1, 1]]))
    >>> scores.round(3).tolist(), joined.tolist()
    ([[1.0, 1.0, 0.667, 1.0, 1.0]], [[0, 0, 2, 0, 0]])
    """
    thinned, sizes = thin(truth), np.bincount(components(truth).ravel()).astype(float)
    sizes[0] = 0
    right, scores = (sizes**2).sum(), np.ones(thinned.shape)
    joined = np.zeros(thinned.shape, int)
    for row, column in np.argwhere(thinned == 0):
        near = sizes[list(touched(thinned, row, column))]
        if len(near) > 1:
            wrong = near.sum() ** 2 - (near**2).sum()
            scores[row, column] = 2 * right / (2 * right + wrong)
            joined[row, column] = len(near)
    return scores, joined


def touched(thinned: np.ndarray, row: int, column: int) -> set[int]:
    """The regions at the four sides of a pixel."""
    height, width = thinned.shape
    places = ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1))
    return {int(thinned[r, c]) for r, c in places if 0 <= r < height and 0 <= c < width} - {0}


def walls(thinned: np.ndarray) -> dict[tuple[int, int], np.ndarray]:
    """The wall of each two neighbours: its pixels, from the middle of the wall outwards.

    Parameters
    ----------
    thinned : (H, W) whole numbers, as `unet_teach.metrics.thin` gives; 0 is wall

    Returns
    -------
    (region, region) -> (pixels, 2) rows and columns of the pixels that touch these two and no
    other. In the order in which a reader meets them.

    Examples
    --------
    >>> walls(np.array([[1, 0, 2], [1, 0, 2], [1, 0, 2]]))[1, 2].tolist()
    [[1, 1], [0, 1], [2, 1]]
    """
    found: dict[tuple[int, int], list] = {}
    for row, column in np.argwhere(thinned == 0):
        near = sorted(touched(thinned, row, column))
        if len(near) == 2:
            found.setdefault((near[0], near[1]), []).append((row, column))
    return {pair: from_the_middle(np.array(pixels)) for pair, pixels in found.items()}


def from_the_middle(pixels: np.ndarray) -> np.ndarray:
    """Pixels (n, 2), sorted by their distance from the one nearest to their mean."""
    middle = pixels[((pixels - pixels.mean(0)) ** 2).sum(1).argmin()]
    return pixels[((pixels - middle) ** 2).sum(1).argsort(kind="stable")]


def beside(thinned: np.ndarray, wall: np.ndarray, region: int) -> np.ndarray:
    """The pixels (n, 2) of a region along a wall, from the middle of the wall outwards."""
    found = []
    for row, column in wall:
        for step in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            place = (int(row) + step[0], int(column) + step[1])
            inside = all(0 <= i < n for i, n in zip(place, thinned.shape, strict=True))
            if inside and thinned[place] == region and place not in found:
                found.append(place)
    return np.array(found).reshape(-1, 2)


def repeated(
    true: float, times: int, random: np.random.Generator, questions: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """A comparison of two networks, again and again: five blocks of two pairs each.

    The two pairs of a block share its tissue, so a block's mean is one observation. Both the
    tissue and the seed move a difference with a standard deviation of 0.01.

    Parameters
    ----------
    true : the difference between the networks
    times : repetitions
    random : where the numbers come from
    questions : for how many the intervals are corrected (Bonferroni)

    Returns
    -------
    estimates, half-widths of their 95 % confidence intervals; one each for each repetition

    Examples
    --------
    >>> estimates, halves = repeated(0.01, 1000, np.random.default_rng(0))
    >>> round(float(np.mean(np.abs(estimates - 0.01) < halves)), 2)
    0.95
    """
    tissue = random.normal(0, 0.01, (times, 5, 1))
    blocks = (true + tissue + random.normal(0, 0.01, (times, 5, 2))).mean(axis=2)
    edge = stats.t.ppf(1 - 0.05 / questions / 2, 4)  # 2.78 for one question
    return blocks.mean(axis=1), edge * blocks.std(axis=1, ddof=1) / 5**0.5


# ------------------------------------------------------------------------- the wall eraser
@lru_cache(maxsize=1)
def tissue() -> np.ndarray:
    """Neurons (72, 72) from 1, and 0 on walls one pixel thin: the truth of this lesson."""
    config = MembraneConfig(magnification=(MAGNIFICATION, MAGNIFICATION))
    _image, labels = membrane_slice(0, SIDE, SEED, config)
    return components(thin(labels) > 0)


@lru_cache(maxsize=1)
def tissue_walls() -> dict[tuple[int, int], np.ndarray]:
    """The walls of `tissue`."""
    return walls(tissue())


def at_wall(number: int, pixels: int, deed: str = "erase", thinned: bool = True) -> dict:
    """Settings of `answer`: so many pixels of a wall erased, or drawn beside it.

    Parameters
    ----------
    number : of the wall, from 1
    pixels : from the middle of the wall outwards
    deed : "erase", or "draw": in the larger one of the two neurons, along the wall

    Raises
    ------
    ValueError
        Fewer pixels are there.

    Examples
    --------
    >>> at_wall(9, 2)
    {'flipped': [2344, 2417], 'thinned': True}
    """
    truth = tissue()
    pair, wall = list(tissue_walls().items())[number - 1]
    if deed == "draw":
        larger = max(pair, key=lambda neuron: np.count_nonzero(truth == neuron))
        wall = beside(truth, wall, larger)
    if pixels > len(wall):
        raise ValueError(f"{pixels} pixels at wall {number}; only {len(wall)} are there")
    places = np.ravel_multi_index(tuple(wall[:pixels].T), truth.shape)
    return {"flipped": sorted(places.tolist()), "thinned": thinned}


def answer(settings: dict[str, Any]) -> dict[str, Any]:
    """Change the colour of some pixels of `tissue`, and judge the map.

    Parameters
    ----------
    settings : ``flipped``, the pixels whose colour changes, counted row by row from 0: a wall's
        pixel is erased, one inside of a neuron becomes wall; ``thinned``, whether walls are
        thinned before regions are compared

    Returns
    -------
    white, regions : (72, 72), the map, and what of it was compared with the truth's neurons
    owner : for each region from 1, the neuron that most of it lies in
    pieces : regions that are cut off: their neuron has a larger one, or they lie in none
    erased, drawn : numbers of pixels
    merged : neurons that have run together, in groups
    found, wrong, dice, v_rand, v_info : as in `Judged`; wrong_pixels: how many those are
    table : neurons against segments, see `shown_table`; sums: see `sums_of_squares`
    verdict, because, said : that, in words

    ``answer.js`` computes the same in a page without a kernel.

    Examples
    --------
    >>> answer(at_wall(9, 1))["merged"]
    [[3, 6]]
    """
    truth, places = tissue(), settings["flipped"]
    if outside := [place for place in places if not 0 <= place < truth.size]:
        kept = [place for place in places if place not in outside]
        reason = _("pixel {n} is outside: valid are 0 to {last}")
        problem = reason.format(n=outside[0], last=truth.size - 1)
        return {"problem": problem, "offers": [{**settings, "flipped": kept}]}
    white = truth > 0
    white.flat[places] = ~white.flat[places]
    judgement = judged(truth > 0, white, settings["thinned"])
    table = shown_table(truth, judgement.regions)
    drawn = int(np.count_nonzero((truth > 0) & ~white))
    found = {
        "white": white,
        "regions": judgement.regions,
        "owner": owners(truth, judgement.regions),
        "pieces": pieces(truth, judgement.regions),
        "erased": len(places) - drawn,
        "drawn": drawn,
        "merged": [list(group) for group in judgement.merged],
        "found": judgement.neurons,
        "wrong": judgement.wrong,
        "wrong_pixels": len(places),
        "dice": judgement.dice,
        "v_rand": judgement.v_rand,
        "v_info": judgement.v_info,
        "table": table,
        "sums": sums_of_squares(truth, judgement.regions),
    }
    return {**found, **in_words(settings["thinned"], found)}


def owners(truth: np.ndarray, regions: np.ndarray) -> list[int]:
    """For each region from 1, the neuron that most of its pixels lie in; 0 where none.

    Examples
    --------
    >>> owners(np.array([[1, 1, 0, 2]]), np.array([[2, 2, 2, 1]]))
    [2, 1]
    """
    return _pixels(regions, truth).argmax(axis=1)[1:].tolist()


def pieces(truth: np.ndarray, regions: np.ndarray) -> list[int]:
    """Regions that are cut off: their neuron has a larger one, or they lie in none.

    Examples
    --------
    >>> pieces(np.array([[1, 1, 1, 1, 0, 0]]), np.array([[1, 0, 2, 2, 0, 3]]))
    [1, 3]
    """
    counts, owner = _pixels(regions, truth), owners(truth, regions)
    main = {}
    for region, neuron in enumerate(owner, 1):
        if neuron and counts[region, neuron] > counts[main.get(neuron, 0), neuron]:
            main[neuron] = region
    return [region for region in range(1, len(counts)) if region not in main.values()]


def _pixels(regions: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Pixels of each region (row) in each neuron (column); row and column 0 are left empty."""
    counts = np.zeros((int(regions.max(initial=0)) + 1, int(truth.max(initial=0)) + 1), int)
    np.add.at(counts, (regions, truth), 1)
    counts[:, 0] = counts[0] = 0
    return counts


def shown_table(truth: np.ndarray, regions: np.ndarray) -> dict[str, Any]:
    """The contingency table as it is looked at: segments in the order of their neurons.

    Returns
    -------
    segments : the regions' numbers, in the order of the columns
    neurons : those that lie in a segment, for each column
    counts : [row, column, pixels] of each entry that is not 0
    lost : for each neuron, its pixels that are wall in the map: each a segment of its own

    Examples
    --------
    >>> shown_table(np.array([[1, 1, 1, 0, 2]]), np.array([[2, 2, 0, 0, 1]]))["counts"]
    [[0, 0, 2], [1, 1, 1]]
    """
    first = owners(truth, regions)
    order = sorted((owner, region) for region, owner in enumerate(first, 1) if owner)
    columns = [region for _owner, region in order]
    counts = np.zeros((int(truth.max()) + 1, int(regions.max(initial=0)) + 1), int)
    np.add.at(counts, (truth, regions), 1)
    inside = counts[1:, columns]
    return {
        "segments": columns,
        "neurons": [(np.flatnonzero(column) + 1).tolist() for column in inside.T],
        "counts": [[int(i), int(j), int(inside[i, j])] for i, j in np.argwhere(inside)],
        "lost": counts[1:, 0].tolist(),
    }


def sums_of_squares(truth: np.ndarray, regions: np.ndarray) -> dict[str, int]:
    """The three sums that V_rand is made of, of counts: 2 · both / (truth + segments).

    Examples
    --------
    >>> sums_of_squares(np.array([[1, 1, 0, 2, 2]]), np.ones((1, 5), int))
    {'both': 8, 'truth': 8, 'segments': 16}
    """
    table = contingency(truth, regions)
    squares = (int((part**2).sum()) for part in (table.joint, table.truth, table.segmentation))
    return dict(zip(("both", "truth", "segments"), squares, strict=True))


@lru_cache(maxsize=1)
def sentences() -> dict[str, str]:
    """What answers are told in, with holes; a page without a kernel fills them, too."""
    return {
        "one": _("1 region"),
        "many": _("{found} regions"),
        "together": _("Run together: {groups}. {regions} for {n} neurons."),
        "apart": _("{regions} for {n} neurons: none run together."),
        "odd": _("None run together, but {regions} for {n} neurons."),
        "said": _(
            "Wall pixels erased: {erased}, drawn: {drawn}. {verdict} Wrong pixels {wrong}, "
            "Dice {dice}, V_rand {v_rand}, V_info {v_info}. {because}"
        ),
        "whole": _(
            "All four bars are full, because every wall is whole. Two of them will hardly "
            "move when one opens."
        ),
        "harmless": _(
            "No harm: pixels of one neuron are still together, those of different neurons "
            "apart. So V_rand and V_info stay at 1, and only the pixel scores fall, to "
            "{right}."
        ),
        "hole": _(
            "Between {a} and {b}: one region now holds their {size_a} + {size_b} pixels, so "
            "{joined} pairs are wrongly together. V_rand falls to {v_rand}, while {right} of "
            "the pixels stay right."
        ),
        "holes": _(
            "No worse than one: {a} and {b} can run together only once. V_rand stays at "
            "{v_rand}, because it asks who is together, not how wide the hole is."
        ),
        "all": _(
            "Then all {n} neurons are one region. V_info is {v_info}, because that region "
            "tells nothing about which neuron a pixel is in; {right} of the pixels are still "
            "right."
        ),
        "thick": _(
            "Hardly: walls are thinned to one pixel before scoring, so their width costs "
            "almost nothing. {wrong} of the pixels are wrong, and yet V_rand is {v_rand}."
        ),
        "unthinned": _(
            "Without thinning, walls take {lost} of the neurons' pixels, and each of these "
            "counts as a region of its own. That tears apart {torn} of {pairs} pairs: V_rand "
            "is {v_rand}."
        ),
        "joined": _(
            "V_rand is {v_rand}, because it counts pairs of pixels: {joined} pairs from "
            "different neurons are in one region now. Of all pixels, {right} are still right."
        ),
        "torn": _(
            "V_rand is {v_rand}, because it counts pairs of pixels: {torn} of {pairs} pairs "
            "from one neuron are in different regions now. No two neurons have run together."
        ),
        "both": _(
            "V_rand is {v_rand} for two reasons. Pairs of pixels from different neurons in "
            "one region: {joined}. Pairs from one neuron in different regions: {torn}."
        ),
    }


def reason(thinned: bool, found: dict[str, Any]) -> str:
    """Which of the `sentences` says why V_rand is what it is."""
    sums, pixels = found["sums"], found["wrong_pixels"]
    joined, torn = sums["segments"] > sums["both"], sums["truth"] > sums["both"]
    whole = not torn and not found["pieces"] and not found["drawn"]
    if not joined and not torn:
        return "harmless" if pixels else "whole"
    if whole and found["found"] == 1:
        return "all"
    if whole and found["found"] == len(tissue_sizes()) - 1:  # one wall is open
        return "hole" if pixels == 1 else "holes"
    if thinned and not found["erased"] and not found["merged"] and found["v_rand"] >= 0.99:
        return "thick"
    if not thinned and not joined and sum(found["table"]["lost"]):
        return "unthinned"
    return "both" if joined and torn else "joined" if joined else "torn"


def in_words(thinned: bool, found: dict[str, Any]) -> dict[str, str]:
    """Verdict, reason, and all of an answer for who cannot see the picture."""
    says, sizes, sums, groups = sentences(), tissue_sizes(), found["sums"], found["merged"]
    a, b = (groups[0] if groups else [0, 0])[:2]
    n = {"found": found["found"], "n": len(sizes), "a": a, "b": b,
         "size_a": sizes[a - 1], "size_b": sizes[b - 1],
         "erased": found["erased"], "drawn": found["drawn"],
         "lost": sum(found["table"]["lost"]),
         "joined": (sums["segments"] - sums["both"]) // 2,
         "torn": (sums["truth"] - sums["both"]) // 2,
         "pairs": (sums["truth"] - sum(sizes)) // 2}  # fmt: skip
    words = {name: whole_number(number) for name, number in n.items()} | {
        "groups": "; ".join(" + ".join(map(str, group)) for group in groups),
        "right": f"{(1 - found['wrong']) * 100:.2f} %",
        "wrong": f"{found['wrong'] * 100:.2f} %", "dice": f"{found['dice']:.4f}",
        "v_rand": f"{found['v_rand']:.3f}", "v_info": f"{found['v_info']:.3f}",
    }  # fmt: skip
    words["regions"] = says["one" if found["found"] == 1 else "many"].format(**words)
    kind = "together" if groups else "apart" if found["found"] == len(sizes) else "odd"
    words["verdict"] = says[kind].format(**words)
    words["because"] = says[reason(thinned, found)].format(**words)
    told = says["said"].format(**words)
    return {"verdict": words["verdict"], "because": words["because"], "said": told}


@lru_cache(maxsize=1)
def tissue_sizes() -> list[int]:
    """The pixels of each neuron of `tissue`."""
    return np.bincount(tissue().ravel())[1:].tolist()


@lru_cache(maxsize=1)
def given() -> dict[str, Any]:
    """What holds for all settings: the truth, its walls, and the price of a hole in each.

    Returns
    -------
    truth : (72, 72); sizes: pixels of each neuron; centres: a pixel in its middle
    says : see `sentences`
    walls : the two neurons at each wall; middles: the pixel in the middle of each wall
    wall : (72, 72), number of the wall that a pixel is part of, from 1; 0 where of none
    price : (72, 72), V_rand after this one pixel of wall is erased; else 1
    """
    truth, every = tissue(), tissue_walls()
    wall = np.zeros(truth.shape, int)
    for number, pixels in enumerate(every.values(), 1):
        wall[tuple(pixels.T)] = number
    centres = []
    for neuron in range(1, int(truth.max()) + 1):
        places = np.argwhere(truth == neuron)
        centres.append(places[((places - places.mean(0)) ** 2).sum(1).argmin()].tolist())
    return {
        "truth": truth,
        "sizes": tissue_sizes(),
        "says": sentences(),
        "centres": centres,
        "walls": [list(pair) for pair in every],
        "middles": [pixels[0].tolist() for pixels in every.values()],
        "wall": wall,
        "price": one_pixel_costs(truth > 0)[0],
    }


def questions() -> dict[str, dict[str, Any]]:
    """Settings that answer a question, by the question."""
    truth, every = tissue(), list(tissue_walls().values())
    price = [given()["price"][tuple(pixels[0])] for pixels in every]
    most, least = 1 + int(np.argmin(price)), 1 + int(np.argmax(price))
    black = np.flatnonzero(truth == 0)
    near = sorted({p for n in range(len(every)) for p in _both_sides(n + 1)})
    return {
        _("The worst hole?"): at_wall(most, 1),
        _("The mildest?"): at_wall(least, 1),
        _("Are six holes worse?"): at_wall(most, 6),
        _("Is a dent as bad?"): at_wall(most, 1, "draw"),
        _("Are thick walls bad?"): {"flipped": near, "thinned": True},
        _("No walls at all?"): {"flipped": black.tolist(), "thinned": True},
    }


def _both_sides(number: int) -> list[int]:
    """The pixels along a wall, in both of its neurons."""
    truth = tissue()
    pair, wall = list(tissue_walls().items())[number - 1]
    places = np.concatenate([beside(truth, wall, neuron) for neuron in pair])
    return np.ravel_multi_index(tuple(places.T), truth.shape).tolist()
