"""Tiles of a trained network, stitched: where they differ from one pass, and what is wrong.

Lesson 13. All tiles of a stitching lie on one lattice, which moves with the tile that a hand
drags. The piece of tissue is the one around the pair; the network comes with the course.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import torch
from scipy.ndimage import distance_transform_edt
from torch import Tensor

from unet_teach.data.membranes import membrane_slice
from unet_teach.data.volume import standardise
from unet_teach.drawing.pair import APART, LEAST, LOST, MEMBRANES, MERGED, the_pair
from unet_teach.metrics import components, contingency, thin
from unet_teach.models.pretrained import pretrained
from unet_teach.models.unet import UNet
from unet_teach.shapes import size_step
from unet_teach.tiling import mirror_pad
from unet_teach.translation import _, _n

ORIGIN, SIDE = (368, 240), 144  # the piece of the slice, in pixels: its first one, its width
TILE, MARGIN = 64, 92  # from tile to tile; what valid convolutions cut off at each edge
ZEROS, IMAGE = "zeros", "image"  # what is around a tile's own pixels
FIRST = {"around": ZEROS, "top": 8, "left": 8}
LEVELS = (1e-5, 1e-3, 1e-2, 0.03, 0.1, 0.3)  # of a difference; what is below is float rounding
BLOCK = 4  # pixels in height and width whose largest difference is shown
LESS = 0.01  # a V_rand that is lower by this is called worse
NEAR = 5  # pixels: where the pair runs together is no further than this from both neurons
NOW_WRONG, NOW_RIGHT = 8, 16  # added to a pixel's kind


@lru_cache(maxsize=2)
def network(padding: str) -> UNet:
    """The course's trained network; with "valid" padding it has the same weights."""
    trained = pretrained("membranes")
    if padding == trained.config.padding:
        return trained
    other = UNet(replace(trained.config, padding=padding)).eval()
    other.load_state_dict(trained.state_dict())
    return other


@lru_cache(maxsize=1)
def mirrored() -> Tensor:
    """The slice of the pair, standardised, with 2 · MARGIN of its mirror: (1, 1, H, W)."""
    micrograph, _labels = membrane_slice(the_pair(MEMBRANES).index)
    return mirror_pad(torch.from_numpy(standardise(micrograph))[None, None], 2 * MARGIN)


def seen(top: int, left: int, size: int) -> Tensor:
    """What a tile reads: (1, 1, size, size), its first pixel counted from the piece's first."""
    rows, columns = (
        slice(2 * MARGIN + first + start, 2 * MARGIN + first + start + size)
        for first, start in zip(ORIGIN, (top, left), strict=True)
    )
    return mirrored()[..., rows, columns]


def inside(padding: str, x: Tensor) -> np.ndarray:
    """The probability of inside: (B, h, w)."""
    with torch.inference_mode():
        return network(padding)(x).softmax(dim=1)[:, 1].numpy()


def starts(offset: int) -> list[int]:
    """Where tiles start that cover the piece, if one of them starts at this offset.

    Examples
    --------
    >>> starts(0), starts(70)
    ([0, 64, 128], [-58, 6, 70, 134])
    """
    return list(range(-(-offset % TILE), SIDE, TILE))


def stitched(around: str, top: int, left: int) -> np.ndarray:
    """The probability of inside, from tiles on one lattice: (SIDE, SIDE).

    With image around them tiles of one lattice fit each other exactly, as their step is on the
    grid. So one pass that starts with the first of them gives what they give.
    """
    return _stitched(around, *phase(around, top, left))


def phase(around: str, top: int, left: int) -> tuple[int, int]:
    """The first place at which a tile's lattice returns the same as at this one.

    Examples
    --------
    >>> phase("image", 70, 16), phase("zeros", 70, 16)
    ((6, 0), (6, 16))
    """
    period = size_step(network("valid").config) if around == IMAGE else TILE
    return top % period, left % period


@lru_cache(maxsize=64)
def _stitched(around: str, top: int, left: int) -> np.ndarray:
    rows, columns = starts(top), starts(left)
    if around == IMAGE:
        grid = size_step(network("valid").config)
        first = [start[0] % grid - grid for start in (rows, columns)]
        size = SIDE + grid + 2 * MARGIN + 4  # a legal one
        part = inside("valid", seen(first[0] - MARGIN, first[1] - MARGIN, size))[0]
        return part[-first[0] :, -first[1] :][:SIDE, :SIDE]
    places = [(row, column) for row in rows for column in columns]
    parts = inside("same", torch.cat([seen(*place, TILE) for place in places]))
    lattice = parts.reshape(len(rows), len(columns), TILE, TILE).swapaxes(1, 2)
    joined = lattice.reshape(len(rows) * TILE, len(columns) * TILE)
    return joined[-rows[0] :, -columns[0] :][:SIDE, :SIDE]


def whole() -> np.ndarray:
    """The probability of inside, in one pass: (SIDE, SIDE)."""
    return stitched(IMAGE, 0, 0)


@lru_cache(maxsize=1)
def truth() -> np.ndarray:
    """Whether a pixel is labelled inside: bool (SIDE, SIDE)."""
    _micrograph, labels = membrane_slice(the_pair(MEMBRANES).index)
    rows, columns = (slice(first, first + SIDE) for first in ORIGIN)
    return labels[rows, columns] > 0


def at_pair(piece: np.ndarray) -> np.ndarray:
    """The pair's place in a map of the piece."""
    pair = the_pair(MEMBRANES)
    top, left = np.subtract(pair.corner, ORIGIN)
    return piece[top : top + pair.side, left : left + pair.side]


def v_rand_of(white: np.ndarray) -> float:
    """V_rand of a map of the piece, its walls thinned first."""
    return contingency(components(truth()), thin(white)).v_rand


def kinds(white: np.ndarray) -> tuple[np.ndarray, str]:
    """Each pixel's kind, and what became of the pair.

    Returns
    -------
    uint8 (SIDE, SIDE): 0 wall, 1 inside, 2 and 3 where the pair's two neurons are, 4 where both
    of them are; and "apart", "merged" or "lost"
    """
    crop, labels, kind = at_pair(white), at_pair(truth()), white.astype(np.uint8)
    numbers, found = the_pair(MEMBRANES).regions(crop, labels), components(crop)
    for code, number in enumerate(numbers, 2):
        if number:
            at_pair(kind)[found == number] = 4 if numbers[0] == numbers[1] else code
    return kind, the_pair(MEMBRANES).verdict(crop, labels)


@lru_cache(maxsize=1)
def neurons() -> tuple[np.ndarray, list[int]]:
    """The labelled neurons in the pair's crop, numbered from 1, and the numbers of the pair."""
    return the_pair(MEMBRANES).numbered(at_pair(truth()))


def intruded(white: np.ndarray) -> list[str]:
    """Which of the pair, "A" and "B", shares its white region with another labelled neuron."""
    (labels, own), found, held = neurons(), components(at_pair(white)), set()
    for number in set(range(1, labels.max() + 1)) - set(own):
        sizes = np.bincount(found[labels == number], minlength=1)
        sizes[0] = 0
        if sizes.max() >= LEAST * (labels == number).sum():
            held.add(int(sizes.argmax()))
    regions = the_pair(MEMBRANES).regions(at_pair(white), labels)
    return [name for name, number in zip("AB", regions, strict=True) if number in held]


@lru_cache(maxsize=1)
def wall_between() -> np.ndarray:
    """The wall of the pair, as labelled: bool, in the pair's crop."""
    labels, own = neurons()
    near = [distance_transform_edt(labels != number) <= NEAR for number in own]
    return near[0] & near[1] & (labels == 0)


def leak(white: np.ndarray) -> list[int] | None:
    """Where the pair's wall is open: the middle of it, [row, column] in the piece."""
    found = np.argwhere(wall_between() & at_pair(white))
    if not len(found):
        return None
    return (
        (found.mean(axis=0) + the_pair(MEMBRANES).corner - ORIGIN).round().astype(int).tolist()
    )


def answer(settings: dict[str, Any]) -> dict[str, Any]:
    """Stitch the piece from tiles, and compare with one pass, and with the labels.

    Parameters
    ----------
    settings : ``around`` each tile, "zeros" or "image"; ``top`` and ``left``, where one of the
        tiles starts, in pixels of the piece; the others are 64 pixels further, and so on

    Returns
    -------
    levels : (SIDE / BLOCK, SIDE / BLOCK), how many of LEVELS the largest difference of
        BLOCK × BLOCK pixels is above; largest, mean: difference from one pass, of probabilities
    labels : (SIDE, SIDE), each pixel's kind, see `kinds`; 8 more where it is wrong and was
        right in one pass, 16 more where it is right and was wrong
    changed : fraction of pixels that are on the other side of 1/2; now_wrong, now_right: pixels
    v_rand : of the stitched map; pair: "apart", "merged" or "lost"; leak: see `leak`, where it
        is merged; intruded: see `intruded`
    window : top, left and width of what the tile reads; rows, columns: where tiles start
    on_grid : whether the starts are multiples of the network's grid
    kind : "same", "different" or "worse"; verdict, because, said: in words
    """
    around, top, left = settings["around"], settings["top"], settings["left"]
    last = SIDE - TILE
    if not (0 <= top <= last and 0 <= left <= last):
        legal = {"top": min(max(top, 0), last), "left": min(max(left, 0), last)}
        problem = _("the tile starts at row {top}, column {left}: valid are 0 to {last}")
        problem = problem.format(top=top, left=left, last=last)
        return {"problem": problem, "offers": [{**settings, **legal}]}
    grid, margin = size_step(network("valid").config), MARGIN if around == IMAGE else 0
    found = {
        **_compared(around, *phase(around, top, left)),
        "window": [top - margin, left - margin, TILE + 2 * margin + (4 if margin else 0)],
        "rows": starts(top),
        "columns": starts(left),
        "on_grid": top % grid == left % grid == 0,
    }
    found["kind"] = "different"
    if found["largest"] <= LEVELS[0]:
        found["kind"] = "same"
    elif found["pair"] != APART or found["v_rand"] < given()["v_rand"] - LESS:
        found["kind"] = "worse"
    found["verdict"] = _verdict(found)
    found["because"] = because(settings, found)
    return {**found, "said": f"{_said(settings, found)} {found['because']}"}


@lru_cache(maxsize=512)
def _compared(around: str, top: int, left: int) -> dict[str, Any]:
    """What of an answer is the same at all places of one phase."""
    result = stitched(around, top, left)
    difference = np.abs(result - whole())
    white, before = result > 0.5, whole() > 0.5
    changed, right = white != before, white == truth()
    kind, pair = kinds(white)
    blocks = difference.reshape(SIDE // BLOCK, BLOCK, SIDE // BLOCK, BLOCK).max(axis=(1, 3))
    return {
        "levels": np.searchsorted(LEVELS, blocks).astype(np.uint8),
        "labels": kind + NOW_WRONG * (changed & ~right) + NOW_RIGHT * (changed & right),
        "largest": float(difference.max()),
        "mean": float(difference.mean()),
        "changed": float(changed.mean()),
        "now_wrong": int(np.count_nonzero(changed & ~right)),
        "now_right": int(np.count_nonzero(changed & right)),
        "v_rand": v_rand_of(white),
        "pair": pair,
        "leak": leak(white) if pair == MERGED else None,
        "intruded": intruded(white),
    }


def shifted(start: int) -> int:
    """How many of the four poolings take other blocks than one pass, if a tile starts here.

    Examples
    --------
    >>> [shifted(start) for start in (16, 8, 20, 17)]
    [0, 1, 2, 4]
    """
    return sum(start % 2**level > 0 for level in range(1, 5))


def because(settings: dict[str, Any], found: dict[str, Any]) -> str:
    """Why the tiles return what one pass returns, or something else."""
    if settings["around"] == ZEROS:
        words = _(
            "A tile with zeros around it has to do without all that is beyond its edge, on "
            "the grid or off it. {changed:.1f} % of the pixels change sides, and V_rand (1: "
            "all neurons apart) goes from {before:.3f} to {v_rand:.3f}."
        )
    elif found["on_grid"]:
        words = _(
            "No seams: at each edge a tile reads at least {margin} more pixels of the image, "
            "all that its output depends on. It starts at a multiple of 16, so its four "
            "poolings take the same 2 × 2 blocks as one pass."
        )
    else:
        start = _(
            "Even with image around each tile, V_rand (1: all neurons apart) falls from "
            "{before:.3f} to {v_rand:.3f}."
        )
        if found["kind"] == "different":
            start = _(
                "With image around each tile, V_rand (1: all neurons apart) is {v_rand:.3f}, "
                "and {before:.3f} in one pass."
            )
        rest = _(
            "Yet {changed:.1f} % of the pixels change sides, because off the grid {poolings} "
            "other 2 × 2 blocks."
        )
        words = f"{start} {rest}"
    poolings = max(shifted(settings["top"]), shifted(settings["left"]))
    return words.format(
        changed=100 * found["changed"],
        v_rand=found["v_rand"],
        before=given()["v_rand"],
        margin=MARGIN,
        poolings=_("all four poolings take") if poolings == 4
        else _n("one of the four poolings takes", "{n} of the four poolings take", poolings),
    )  # fmt: skip


def _verdict(found: dict[str, Any]) -> str:
    """What becomes of the pair, and whether the result is another one, or worse."""
    pair = {MERGED: _("The pair has run together."), APART: _("The pair is apart."),
            LOST: _("One neuron of the pair is lost.")}[found["pair"]]  # fmt: skip
    if found["pair"] == APART and found["intruded"]:
        pair = {
            "A": _("The pair is apart, but A has run into a neighbour."),
            "B": _("The pair is apart, but B has run into a neighbour."),
            "AB": _("The pair is apart, but A and B have each run into a neighbour."),
        }["".join(found["intruded"])]
    rest = {
        "same": _("The tiles return what one pass returns, to the last digits."),
        "different": _("The tiles differ from one pass, but are no worse by V_rand."),
        "worse": _("The tiles differ from one pass, and are worse."),
    }[found["kind"]]
    return f"{pair} {rest}"


def _said(settings: dict[str, Any], found: dict[str, Any]) -> str:
    """All of an answer, for who cannot see the picture."""
    around = {ZEROS: _("Zeros around each tile"), IMAGE: _("Image around each tile")}
    return _(
        "{around}; a tile at row {top}, column {left}. Difference from one pass: at most "
        "{largest:.2f}, {mean:.4f} on average; {changed:.2%} of the pixels change sides, "
        "{now_wrong} now wrong, {now_right} now right. V_rand {before:.3f} in one pass, "
        "{v_rand:.3f} in tiles. {verdict}"
    ).format(
        **{**settings, **found, "around": around[settings["around"]]},
        before=given()["v_rand"],
    )  # fmt: skip


@lru_cache(maxsize=1)
def given() -> dict[str, Any]:
    """What holds for all settings.

    Returns
    -------
    picture : uint8, the piece and MARGIN pixels around it at half the size; margin, side, tile,
        grid: in pixels; blocks: of levels, in height and in width
    ours : uint8 like picture, 1 and 2 where the pair's neurons are labelled; neurons: a place
        in each, in pixels of the piece; steps: LEVELS in words
    v_rand : of one pass
    """
    pixels = seen(-MARGIN, -MARGIN, SIDE + 2 * MARGIN)[0, 0].numpy()
    half = pixels.reshape(len(pixels) // 2, 2, -1, 2).mean(axis=(1, 3))
    pair, (labels, own) = the_pair(MEMBRANES), neurons()
    ours = np.zeros(pixels.shape, np.uint8)
    top, left = MARGIN + np.subtract(pair.corner, ORIGIN)
    crop = ours[top : top + pair.side, left : left + pair.side]
    for code, number in enumerate(own, 1):
        crop[labels == number] = code
    grey = np.clip(128 + 50 * half, 0, 255) // 8 * 8  # 32 greys are small and enough
    return {
        "picture": grey.astype(np.uint8),
        "ours": ours[::2, ::2],
        "neurons": np.subtract(pair.neurons, ORIGIN).tolist(),
        "margin": MARGIN,
        "side": SIDE,
        "tile": TILE,
        "grid": size_step(network("valid").config),
        "blocks": SIDE // BLOCK,
        "steps": ["0", "10⁻⁵", *(f"{level:g}"[1:] for level in LEVELS[1:])],
        "v_rand": v_rand_of(whole() > 0.5),
    }


def questions() -> dict[str, dict[str, Any]]:
    """Settings that answer a question, by the question."""
    return {
        _("Does image around each tile help?"): {"around": IMAGE, "top": 8, "left": 8},
        _("What if tiles start on the grid?"): {"around": IMAGE, "top": 16, "left": 16},
        _("Only one pixel off the grid?"): {"around": IMAGE, "top": 17, "left": 17},
        _("On the grid, but with zeros around?"): {"around": ZEROS, "top": 16, "left": 16},
    }


def recorded() -> Iterator[dict[str, Any]]:
    """What the book holds: a lattice of places, closer ones on the ways from the first one.

    With image around the result repeats every 16 pixels, so that many places are few results.
    """
    last = SIDE - TILE
    for around, step, near in ((IMAGE, 4, 1), (ZEROS, 8, 2)):
        for top, left in product(range(0, last + 1, step), repeat=2):
            yield {"around": around, "top": top, "left": left}
        for place in range(0, last + 1, near):
            yield {"around": around, "top": place, "left": place}
            if place % (2 * near) == 0 or around == IMAGE:
                yield {"around": around, "top": place, "left": FIRST["left"]}
                yield {"around": around, "top": FIRST["top"], "left": place}
    for settings in (FIRST, *questions().values()):
        for axis in ("top", "left"):
            for step in (-1, 1):
                yield {**settings, axis: settings[axis] + step}
