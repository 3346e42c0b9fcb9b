"""What a threshold makes of the pair's tissue: regions, and three opinions. Lesson 00.

Inside is where a map of numbers from 0 to 1 is above the threshold. The map is the micrograph
itself, or what a trained network makes of it. The pair's two neurons are called A and B here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from unet_teach.data.membranes import membrane_slice
from unet_teach.drawing.pair import APART, LOST, MEMBRANES, MERGED, Pair, the_pair
from unet_teach.metrics import components, score
from unet_teach.models.pretrained import pretrained
from unet_teach.tiling import predict
from unet_teach.translation import _

FIRST = {"source": "grey", "threshold": 0.3}  # the membranes are full of gaps
SIDE = 128  # of the part of a micrograph that is shown, where it holds no pair
STEPS = tuple(round(step / 40, 3) for step in range(41))  # the thresholds
SCORES = ("accuracy", "dice", "v_rand")


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece of tissue, and the maps of it that can be thresholded."""

    labels: np.ndarray  # (H, W) of 0, membrane, and 1, inside
    maps: dict[str, np.ndarray]  # "grey" and, where there is one, "network": (H, W), 0 to 1
    cells: np.ndarray  # (H, W), the true cells from 1; 0 is membrane
    pair: Pair | None  # what it is cut to

    @property
    def places(self) -> list[list[int]]:
        """Row and column of a pixel inside A, and of one inside B; none without a pair."""
        if self.pair is None:
            return []
        places = np.array(self.pair.neurons) - self.pair.corner
        return places.tolist()


def piece(
    image: np.ndarray,
    labels: np.ndarray,
    probability: np.ndarray | None = None,
    pair: Pair | None = None,
) -> Piece:
    """The pair's place in a micrograph, or else its middle, at most `SIDE` × `SIDE`.

    Parameters
    ----------
    image : uint8 (H, W)
    labels : (H, W), 1 is inside
    probability : (H, W), what a network says of each pixel, from 0 to 1
    pair : where in the micrograph the pair is
    """
    top, left = (max(0, (length - SIDE) // 2) for length in np.shape(image))
    middle = np.s_[top : top + SIDE, left : left + SIDE]
    cut = pair.crop if pair else lambda array: np.asarray(array)[middle]
    maps = {"grey": cut(image) / 255}
    if probability is not None:
        maps["network"] = np.clip(cut(probability), 0, 1)
    inside = cut(labels) == 1
    return Piece(inside.astype(np.uint8), maps, components(inside), pair)


@lru_cache(maxsize=1)
def tissue() -> Piece:
    """The pair in the synthetic membranes, and the shipped network's answer."""
    pair = the_pair(MEMBRANES)
    image, labels = membrane_slice(pair.index)
    return piece(image, labels, predict(pretrained("membranes"), image)[1], pair)


@lru_cache(maxsize=8)
def curves(of: Piece, source: str) -> dict[str, tuple[float, ...]]:
    """The scores of every threshold: pixel accuracy, Dice of inside, V_rand.

    Examples
    --------
    >>> labels = np.array([[1, 1, 0, 1]])
    >>> found = curves(piece(200 * labels + 10, labels), "grey")
    >>> found["accuracy"][0], found["accuracy"][20], found["v_rand"][20]
    (0.75, 1.0, 1.0)
    """
    values, truth = of.maps[source], of.labels == 1
    scores = score(of.labels[None], values[None], STEPS)
    accuracy = tuple(float(np.mean((values > t) == truth)) for t in STEPS)
    return dict(zip(SCORES, (accuracy, scores.dice_curve, scores.v_rand_curve), strict=True))


def best(of: Piece, source: str, name: str) -> dict[str, Any]:
    """Settings of `answer`: the lowest threshold at which a score is highest."""
    return {"source": source, "threshold": STEPS[int(np.argmax(curves(of, source)[name]))]}


def answer(of: Piece, settings: dict[str, Any]) -> dict[str, Any]:
    """Threshold a map: which regions are there, and what is that worth?

    Parameters
    ----------
    of : the tissue
    settings : ``source``, "grey" or "network"; ``threshold``, one of `STEPS`

    Returns
    -------
    regions : (H, W), connected regions from 1, the largest first; 0 is called membrane
    sizes, owner, held : of each region its pixels, the true cell that most of it lies in (0
        where none), and how many true cells lie in it with more than half of their pixels
    merged : true cells that have run together, in groups
    pair : "apart", "merged" or "lost": A and B; "" where there is no pair
    accuracy, dice, v_rand : the scores at this threshold
    whole : how many true cells have most of their pixels in one region
    good : no cells have run together, and A, B and most others are whole
    verdict, because, said : in words: what is seen, why, and all of it

    Examples
    --------
    >>> answer(tissue(), {"source": "grey", "threshold": 0.4})["pair"]
    'merged'
    """
    source, threshold = settings["source"], settings["threshold"]
    if source not in of.maps:
        reason = _("No network's answer was given for this image.")
        return {"problem": reason, "offers": [{**settings, "source": "grey"}]}
    if threshold not in STEPS:
        near = min(STEPS, key=lambda step: abs(step - threshold))
        reason = _("The threshold {t} is not one of those that were scored.")
        offers = [{**settings, "threshold": near}]
        return {"problem": reason.format(t=threshold), "offers": offers}
    white = of.maps[source] > threshold
    regions, sizes = largest_first(components(white))
    owner, held = who_is_where(of.cells, regions)
    scores = {n: curves(of, source)[n][STEPS.index(threshold)] for n in SCORES}
    found = {
        "regions": regions,
        "sizes": sizes,
        "owner": owner,
        "held": [len(group) for group in held],
        "merged": [group for group in held if len(group) > 1],
        "pair": of.pair.verdict(white, of.labels) if of.pair else "",
        "whole": sum(map(len, held)),
        **scores,
    }
    cells = int(of.cells.max())
    found["good"] = not found["merged"] and found["pair"] != LOST and 2 * found["whole"] > cells
    verdict = verdict_of(found, cells)
    why = because(of, settings, found)
    what = {"grey": _("the grey value"), "network": _("the network's probability")}[source]
    said = _(
        "Inside is where {what} is above {t:.3f}. {verdict} Pixel accuracy {accuracy:.3f}, "
        "Dice of inside {dice:.3f}, V_rand {v_rand:.3f}. {why}"
    ).format(what=what, t=threshold, verdict=verdict, why=why, **scores)
    return {**found, "verdict": verdict, "because": why, "said": said}


def because(of: Piece, settings: dict[str, Any], found: dict[str, Any]) -> str:
    """What is to be learned from this threshold, in two sentences with its numbers."""
    source, cells = settings["source"], int(of.cells.max())
    together = sum(map(len, found["merged"]))
    is_best = [
        source == "grey" and settings == best(of, "grey", n) for n in ("accuracy", "v_rand")
    ]
    if not found["sizes"]:
        words = _(
            "No pixel is above this threshold, so all are called membrane. That is right for "
            "{accuracy:.1f} % of them, and not one cell is found."
        )
    elif found["regions"].all():
        words = _(
            "No: {accuracy:.1f} % of the pixels are right, because so many are inside, but all "
            "{n} cells have become one region. Of the three scores only V_rand, {v_rand:.3f}, "
            "minds that."
        )
    elif is_best[0] and together:
        words = _(
            "At {t:.3f}: {accuracy:.1f} % are right. Yet {together} cells have run together, "
            "because one gap in a membrane joins two cells: a few wrong pixels, which only "
            "V_rand, {v_rand:.3f}, takes seriously."
        )
    elif is_best[1] and together:
        words = _(
            "Not all: V_rand is highest here, {v_rand:.3f}, and {together} cells are still "
            "joined. A higher threshold closes more gaps, but breaks cells up, because their "
            "grain is as dark as membrane."
        )
    elif together:
        words = _(
            "One gap in a membrane is enough to join two cells, and here {together} are "
            "joined. In the pixel accuracy, {accuracy:.1f} %, a gap is a few pixels; in "
            "V_rand, {v_rand:.3f}, it is two whole cells."
        )
    elif found["good"] and source == "network" and is_better_than_grey(of, found):
        words = _(
            "Yes, it keeps cells apart: V_rand is {v_rand:.3f}. The network judges a pixel by "
            "its surroundings, so a dark grain alone is no membrane to it. {whole} of {n} "
            "cells have most of their pixels in one region."
        )
    else:
        words = _(
            "The gaps are closed, but now many pixels inside the cells are below the "
            "threshold, too. Cells that still have most of their pixels in one region: {whole} "
            "of {n}. V_rand is {v_rand:.3f}."
        )
    shown = {"accuracy": 100 * found["accuracy"], "v_rand": found["v_rand"]}
    shown |= {"t": settings["threshold"], "whole": found["whole"], "together": together}
    return words.format(n=cells, **shown)


def is_better_than_grey(of: Piece, found: dict[str, Any]) -> bool:
    """Whether more pixels are right than with any threshold on the grey value."""
    return found["accuracy"] > max(curves(of, "grey")["accuracy"])


def verdict_of(found: dict[str, Any], cells: int) -> str:
    """What has become of the pair, and of all cells, in one or two sentences."""
    pair = {
        MERGED: _("A and B have run together."),
        APART: _("A and B are apart."),
        LOST: _("A or B has gone to pieces."),
    }.get(found["pair"], "")
    together, regions = sum(map(len, found["merged"])), len(found["sizes"])
    all_ = (
        _("{k} of {n} cells are joined to another.").format(k=together, n=cells) if together
        else _("{m} regions for {n} cells, none run together.").format(m=regions, n=cells)
    )  # fmt: skip
    return f"{pair} {all_}".strip() if regions else _("Not one cell is found.")


def largest_first(regions: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """Regions numbered anew by their size, and these sizes.

    Examples
    --------
    >>> largest_first(np.array([[1, 0, 2, 2]]))[0].tolist()
    [[2, 0, 1, 1]]
    """
    sizes = np.bincount(regions.ravel())[1:]
    order = np.argsort(-sizes, kind="stable")
    number = np.zeros(len(sizes) + 1, int)
    number[order + 1] = np.arange(1, len(sizes) + 1)
    return number[regions], sizes[order].tolist()


def who_is_where(cells: np.ndarray, regions: np.ndarray) -> tuple[list[int], list[list[int]]]:
    """For each region: the cell that most of it lies in, and the cells that lie in it.

    A cell lies in a region with more than half of its pixels; 0 is no cell.

    Examples
    --------
    >>> who_is_where(np.array([[1, 1, 0, 2, 2]]), np.array([[1, 1, 1, 1, 2]]))
    ([1, 2], [[1], []])
    """
    counts = np.zeros((int(regions.max(initial=0)) + 1, int(cells.max(initial=0)) + 1), int)
    np.add.at(counts, (regions, cells), 1)
    whole, counts[:, 0] = counts.sum(axis=0), 0
    held = 2 * counts[1:] > whole
    return counts[1:].argmax(axis=1).tolist(), [np.flatnonzero(row).tolist() for row in held]


@lru_cache(maxsize=2)
def given(of: Piece) -> dict[str, Any]:
    """What holds at every threshold.

    Returns
    -------
    steps : the thresholds
    truth : (H, W), true cells from 1; 0 is membrane
    places, pair : of A and of B, if there are, a pixel inside, and which true cell it is
    maps : for each source (H, W), from 0 to 255
    histograms : for each source, pixels of membrane and of inside between two thresholds
    curves : for each source, each score at each threshold
    """
    counted = {}
    for source, values in of.maps.items():
        inside, membrane = (
            np.histogram(values[of.labels == label], STEPS)[0].tolist() for label in (1, 0)
        )
        counted[source] = {"inside": inside, "membrane": membrane}
    return {
        "steps": list(STEPS),
        "truth": of.cells,
        "places": of.places,
        "pair": [int(of.cells[row, column]) for row, column in of.places],
        "maps": {s: np.rint(255 * v).astype(np.uint8) for s, v in of.maps.items()},
        "histograms": counted,
        "curves": {s: {n: list(c) for n, c in curves(of, s).items()} for s in of.maps},
    }


def questions(of: Piece) -> dict[str, dict[str, Any]]:
    """Settings that answer a question, by the question."""
    asked = {
        _("Most pixels right?"): best(of, "grey", "accuracy"),
        _("Keep cells apart?"): best(of, "grey", "v_rand"),
        _("Call all inside?"): {"source": "grey", "threshold": 0.0},
    }
    if "network" in of.maps:
        asked[_("And a trained U-Net?")] = {"source": "network", "threshold": 0.5}
    return asked


def recorded(of: Piece) -> Iterator[dict[str, Any]]:
    """What the book holds: everything."""
    for source in of.maps:
        for threshold in STEPS:
            yield {"source": source, "threshold": threshold}
