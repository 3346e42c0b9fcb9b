"""What a trained network makes of a picture of one's choice. Lesson 00, the first minutes."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from functools import cache, partial
from typing import Any

import numpy as np

from unet_teach.data.membranes import membrane_slice
from unet_teach.lessons.l00_start_here.measure import largest_first, who_is_where
from unet_teach.metrics import components
from unet_teach.models.pretrained import pretrained, weights_facts
from unet_teach.tiling import predict
from unet_teach.translation import _, _n

SIDE, SMALL = 160, 4  # pixels of a picture; of how many one of its thumbnail is the mean
TISSUES = {1: (3, 11), 2: (8, 12), 4: (17, 14), 6: (27, 16)}  # slice, seed: four animals
PICTURES = 6  # four of tissue, and between them a brick wall and a face
NETWORK = "membranes"
CELL = 30  # pixels; a smaller region is counted as none
OWN = "own"  # the choice that stands for a picture of one's own


@cache
def picture(number: int) -> np.ndarray:
    """One of the six pictures, uint8 (SIDE, SIDE), none of which the network was trained on."""
    if number in TISSUES:
        index, seed = TISSUES[number]
        return membrane_slice(index, SIDE, seed)[0]
    return bricks() if number == 3 else face()


def bricks() -> np.ndarray:
    """A brick wall: pale bricks of different greys, dark joints."""
    rows, columns = np.indices((SIDE, SIDE))
    course = rows // 20
    shifted = columns + 20 * (course % 2)
    joint = (rows % 20 < 4) | (shifted % 40 < 4)
    return np.where(joint, 60, 150 + (7 * course + shifted // 40) * 37 % 50).astype(np.uint8)


def face() -> np.ndarray:
    """A smiling face, drawn with a dark line."""
    rows, columns = np.indices((SIDE, SIDE)) - SIDE // 2
    around, smile = np.hypot(rows, columns), np.hypot(rows - 2, columns)
    line = (abs(around - 64) < 3) | ((abs(smile - 38) < 3) & (rows > 12))
    eyes = np.hypot(rows + 18, abs(columns) - 24) < 8
    return np.where(line | eyes, 30, np.where(around < 64, 235, 215)).astype(np.uint8)


def own_picture(text: str) -> np.ndarray | None:
    """A picture of one's own from the base64 of its grey values; None if it is no picture.

    Examples
    --------
    >>> own_picture(base64.b64encode(bytes(SIDE * SIDE)).decode()).shape
    (160, 160)
    """
    try:
        grey = np.frombuffer(base64.b64decode(text, validate=True), np.uint8)
    except (binascii.Error, ValueError):
        return None
    return grey.reshape(SIDE, SIDE) if grey.size == SIDE**2 else None


network = cache(partial(pretrained, NETWORK))  # its file is read once


def answer(settings: dict[str, Any]) -> dict[str, Any]:
    """Run the network on a picture.

    Parameters
    ----------
    settings : ``picture``, 1 to 6, or "own"; ``own``, its grey values as base64

    Returns
    -------
    image : uint8 (SIDE, SIDE)
    regions : (SIDE, SIDE), connected regions that are called inside, from 1, the largest first;
        0 is called membrane
    cells : how many of them have at least `CELL` pixels
    inside : fraction of the pixels that is called inside
    verdict, because, said : in words: how many, why, and all of it

    Examples
    --------
    >>> answer({"picture": 7, "own": ""})["offers"][0]
    {'picture': 1, 'own': ''}
    """
    own = settings["picture"] == OWN
    if not own and settings["picture"] not in range(1, PICTURES + 1):
        return refused(_("There is no picture {n}.").format(n=settings["picture"]))
    image = own_picture(settings["own"]) if own else picture(settings["picture"])
    if image is None:
        return refused(_("This file holds no picture that can be read."))
    if np.ptp(image) == 0:
        return refused(_("This picture has the same grey everywhere: there is nothing to see."))
    inside = predict(network(), image)[1] > weights_facts(NETWORK)["threshold"]
    regions, sizes = largest_first(components(inside))
    count = sum(size >= CELL for size in sizes)
    verdict = _n("The network sees {n} cell.", "The network sees {n} cells.", count).format(
        n=count
    )
    why = because(settings["picture"], regions, sizes, count)
    said = _("{verdict} It calls {share:.0%} of the pixels inside, the rest membrane. {why}")
    return {
        "image": image,
        "regions": regions,
        "cells": count,
        "inside": float(inside.mean()),
        "verdict": verdict,
        "because": why,
        "said": said.format(verdict=verdict, share=inside.mean(), why=why),
    }


def because(number: int | str, regions: np.ndarray, sizes: list[int], count: int) -> str:
    """What the network makes of this picture, and why, in two sentences."""
    if number == OWN:
        return _(
            "Is it right? Only you can tell. The network has learned one thing, dark membranes "
            "between pale cells, and where a picture shows something else, its answer means "
            "nothing."
        )
    drawn = cells_of(number)
    held = who_is_where(drawn, regions)[1]
    words = {
        1: _("{alone} of the {n} cells drawn here have a region of their own. The network has "
             "never seen this picture, but it has learned from others what a membrane looks "
             "like: a thin dark line between pale cells."),
        2: _("No: the two dark spots, mitochondria, stay part of their cells, because a "
             "membrane looks different: it is a thin dark line. {alone} of the {n} cells drawn "
             "here have a region of their own."),
        3: _("Yes: it takes all {n} bricks for cells. Each is pale with dark joints "
             "around it, just as a cell is pale with dark membranes around it, and the network "
             "has learned nothing else."),
        4: _("Yes: it is one region, {share:.0f} % of the picture. The count is {count} "
             "because {around} neighbours at the edge and a scrap of it, {least} pixels, "
             "count, too."),
        5: _("Yes: it takes the head for one cell and the background for another, because a "
             "thin dark line separates them. The eyes count as little as the dark spots in a "
             "cell do."),
        6: _("Most of them: {alone} of the {n} cells drawn here have a region of their own. It "
             "counts {count} all the same, because pieces of cells count, too."),
    }  # fmt: skip
    alone = sum(len(group) == 1 for group in held)
    return words[number].format(
        alone=alone, around=alone - 1, n=int(drawn.max()), count=count,
        share=100 * sizes[0] / SIDE**2, least=sizes[count - 1],
    )  # fmt: skip


def cells_of(number: int) -> np.ndarray:
    """What was drawn as a cell in a picture, numbered from 1: a brick, too, and a face."""
    if number in TISSUES:
        index, seed = TISSUES[number]
        return components(membrane_slice(index, SIDE, seed)[1] == 1)
    return components(picture(number) > 100)  # between the dark lines


def refused(reason: str) -> dict[str, Any]:
    """What cannot be looked at, and the first picture as an offer."""
    return {"problem": reason, "offers": [{"picture": 1, "own": ""}]}


@cache
def given() -> dict[str, Any]:
    """The six pictures, small: uint8 (6, SIDE / 4, SIDE / 4); and the side of a whole one."""
    whole = np.stack([picture(n + 1) for n in range(PICTURES)])
    side = SIDE // SMALL
    small = whole.reshape(-1, side, SMALL, side, SMALL).mean(axis=(2, 4))
    return {"thumbnails": small.round().astype(np.uint8), "side": SIDE}


def questions() -> dict[str, dict[str, Any]]:
    """Pictures that answer a question, by the question."""
    asked = {_("Many small cells?"): 6, _("One large cell?"): 4, _("Fooled by dark spots?"): 2,
             _("By a brick wall?"): 3, _("By a face?"): 5}  # fmt: skip
    return {question: {"picture": number, "own": ""} for question, number in asked.items()}


def recorded() -> Iterator[dict[str, Any]]:
    """What the book holds: the six."""
    for number in range(1, PICTURES + 1):
        yield {"picture": number, "own": ""}
