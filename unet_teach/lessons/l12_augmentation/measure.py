"""What a field of displacements does to an image and its mask. Lesson 12.

A field says for each pixel of the result where in the image it is read: column, row. The
explorer's `answer` takes nine vectors, drawn by chance and dragged by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from unet_teach.augment import (
    NOTHING,
    AugmentConfig,
    change_intensity,
    displacement,
    random_field,
    warp,
)
from unet_teach.data.membranes import MembraneConfig, membrane_slice
from unet_teach.data.volume import standardise
from unet_teach.metrics import components, v_rand
from unet_teach.translation import _

SMALL = 1e-3  # a value as near to a class is that class, and rounding errors are no values


def elastic_field(size: int, sigma: float, grid: int, seed: int) -> Tensor:
    """Where each pixel of a deformed square is read: (size, size, 2), column and row.

    Examples
    --------
    >>> elastic_field(4, sigma=0.0, grid=3, seed=0)[1, 2].tolist()  # row 1, column 2
    [2.0, 1.0]
    """
    return _straight(size) + sigma * _bend(size, grid, seed)


@lru_cache(maxsize=4)
def _straight(size: int) -> Tensor:
    """Where each pixel lies: (size, size, 2), column and row."""
    places = torch.arange(size, dtype=torch.float32)
    return torch.stack(torch.meshgrid(places, places, indexing="xy"), dim=-1)


@lru_cache(maxsize=32)  # the same at every move of sigma, which only stretches it
def _bend(size: int, grid: int, seed: int) -> Tensor:
    """The displacements alone, of sigma 1."""
    config = AugmentConfig(elastic_sigma=1.0, elastic_grid=grid)
    moved = displacement((size, size), config, torch.Generator().manual_seed(seed))
    return moved.contiguous()  # row by row: a third of the time at every move


def steps(field: Tensor) -> tuple[Tensor, Tensor]:
    """What a step to the right, and one down, changes in a field: (h - 1, w - 1, 2) each."""
    return (field[:, 1:] - field[:, :-1])[:-1], (field[1:] - field[:-1])[:, :-1]


def determinant(right: Tensor, down: Tensor) -> Tensor:
    """The area that two steps span, negative where they have changed sides."""
    return right[..., 0] * down[..., 1] - right[..., 1] * down[..., 0]


def folded(field: Tensor) -> Tensor:
    """Where neighbours have changed sides: (h, w), True where the tissue is folded over.

    There the determinant of the field's derivative is 0 or less: right and below, as they
    are read, no longer turn the way they did.

    Examples
    --------
    >>> mirrored = torch.tensor([[[1.0, 0.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 1.0]]])
    >>> folded(mirrored).all().item(), folded(mirrored.flip(1)).any().item()
    (True, False)
    """
    right, down = steps(field)
    found = determinant(right, down) <= 0
    found = torch.cat([found, found[:, -1:]], dim=1)
    return torch.cat([found, found[-1:]])


def stretch(field: Tensor) -> float:
    """By how much neighbours in rows and columns come nearer or go apart: root mean square.

    0 for a field that only moves the image; 0.2 means that lengths change by 20 %.
    """
    right, down = field[:, 1:, 0] - field[:, :-1, 0], field[1:, :, 1] - field[:-1, :, 1]
    return (torch.cat([right.flatten(), down.flatten()]) - 1).square().mean().sqrt().item()


def strays(values: np.ndarray, classes: int) -> np.ndarray:
    """Which values are none of the classes 0, 1, … ``classes`` − 1.

    Examples
    --------
    >>> strays(np.array([0.0, 0.4, 1.0, 2.0]), 2).tolist()
    [False, True, False, True]
    """
    nearest = np.clip(np.round(values), 0, classes - 1)
    return np.abs(values - nearest) > SMALL


def agreement(labels: np.ndarray, inside: np.ndarray) -> float:
    """V_rand of a mask, as in lesson 10: its connected regions against those of the labels.

    Examples
    --------
    >>> agreement(np.array([[1, 0, 1]]), np.array([[True, False, True]]))
    1.0
    """
    return v_rand(components(np.asarray(labels)), components(np.asarray(inside)))


# --------------------------------------------------------------------- the game, and one place
CORNER, CROP = 176, 160  # of the game's crops: row and column in their slice, and pixels
ARMS = {
    "crops alone": NOTHING,
    "affine": AugmentConfig(elastic_sigma=0.0),
    "bent": AugmentConfig(elastic_sigma=10 * CROP / 512),
}
GAME = {"A": ("bent", 1), "B": ("affine", 2), "C": ("crops alone", 0), "D": ("bent", 4)}
PIXELS = torch.tensor([[9.0, 1.0, 3.0, 6.0], [2.0, 4.0, 8.0, 5.0], [7.0, 0.0, 6.0, 1.0]])
PIXEL, MOVED = (1, 0), (0.75, 1.0)  # (column, row) of one pixel, and its displacement


def game_crop(letter: str) -> tuple[Tensor, Tensor]:
    """One of the game's crops, (160, 160), and the field along which it was read.

    Examples
    --------
    >>> crop, field = game_crop("C")
    >>> crop.shape, field[0, 0].tolist()
    (torch.Size([160, 160]), [176.0, 176.0])
    """
    arm, seed = GAME[letter]
    chance = torch.Generator().manual_seed(seed)
    field = CORNER + random_field((CROP, CROP), (CROP, CROP), ARMS[arm], chance)
    whole = torch.from_numpy(standardise(membrane_slice(SEED)[0]))[None, None]
    read = warp(whole, field[None], "bilinear")
    return change_intensity(read, ARMS[arm], [chance])[0, 0], field


def place_read() -> dict[str, tuple[float, float] | float]:
    """Where one pixel of the new image is read, and what is read there.

    Examples
    --------
    >>> place_read()
    {'place': (1.75, 1.0), 'bilinear': 7.0, 'nearest': 8.0}
    """
    place = PIXEL[0] + MOVED[0], PIXEL[1] + MOVED[1]
    read = {
        mode: warp(PIXELS[None, None], torch.tensor([[[place]]]), mode).item()
        for mode in ("bilinear", "nearest")
    }
    return {"place": place, **read}


# ----------------------------------------------------------------------------- the explorer
SIDE, MARGIN, SEED = 80, 20, 12  # pixels of the image, those shown around it, its tissue
SHADES = 20  # of grey that the image is sent in
GRID, FAR = 3, 160  # vectors along each side; pixels that a hand may add to each
REACH = (
    16  # pixels beyond the image that a hand can bring a tip to, so that it is whole in sight
)
PAPER = 10, 572  # its sigma, and its tile, pixels
MASKS = "nearest", "bilinear", "own"  # how labels are read
STRENGTHS, DRAWS = (0, 1.4, 4, 7, 10, 14, 20), 5  # sigmas on the slider; draws of the dice
FOLDS = 16.5  # pixels that each of two tips moves towards the other: half a pixel less, no fold
OTHER = 1000  # from a draw's seed to that of the labels' own field
NET = [*range(0, SIDE - 1, 8), SIDE - 1]  # where a thread of the net is
KNOTS = [[(SIDE - 1) / 2 * k for k in (i % GRID, i // GRID)] for i in range(GRID**2)]
STILL = {f"{axis}{i}": 0 for i in range(GRID**2) for axis in ("right", "down")}  # no hand's
FIRST = {"sigma": 4, "seed": 0, "mask": "nearest"} | STILL


@lru_cache(maxsize=1)
def tissue() -> tuple[np.ndarray, np.ndarray]:
    """A small micrograph with hardly any noise, and its labels: uint8 (80, 80) each."""
    quiet = MembraneConfig(magnification=(0.55, 0.55), grain=(0.05, 0.05), blur=(0.9, 0.9),
                           noise_clean=(0, 0), noise_dirty=(0, 0))  # fmt: skip
    return membrane_slice(0, SIDE, SEED, quiet)


def drawn(seed: int) -> Tensor:
    """Nine vectors (9, 2), right and down, drawn with standard deviation 1."""
    chance = torch.Generator().manual_seed(seed)
    return torch.randn(2, GRID, GRID, generator=chance).flatten(1).T.double()


def vectors_of(settings: dict[str, Any]) -> Tensor:
    """Nine vectors (9, 2), right and down: those of the draw, and what a hand added.

    Examples
    --------
    >>> vectors_of({**FIRST, "sigma": 0, "right4": 2.5})[4].tolist()
    [2.5, 0.0]
    """
    hand = torch.tensor([[settings[f"{axis}{i}"] for axis in ("right", "down")]
                         for i in range(GRID**2)], dtype=torch.float64)  # fmt: skip
    return settings["sigma"] * drawn(settings["seed"]) + hand


@lru_cache(maxsize=1)
def bicubic_weights() -> np.ndarray:
    """How much of each of 3 numbers in a row is in each of 80 pixels between them: (80, 3).

    Examples
    --------
    >>> bicubic_weights()[0].tolist(), bicubic_weights().sum(axis=1).round(9).min().item()
    ([1.0, 0.0, 0.0], 1.0)
    """
    one = torch.eye(GRID, dtype=torch.float64)[None, :, None]  # each number alone
    fine = F.interpolate(one, size=(1, SIDE), mode="bicubic", align_corners=True)
    return fine[0, :, 0].T.numpy()


@lru_cache(maxsize=64)
def folding(sigma: float) -> int:
    """How many of the draws fold at this sigma, without a hand.

    Examples
    --------
    >>> [folding(sigma) for sigma in STRENGTHS]
    [0, 0, 0, 0, 0, 2, 4]
    """
    return sum(bool(folded(field_of(sigma * drawn(seed))).any()) for seed in range(DRAWS))


# These two are `displacement` and `warp` of unet_teach.augment in double precision and in an
# order that is written here, so that `answer.js` comes to the same numbers, bit by bit.
def field_of(vectors: Tensor) -> Tensor:
    """The smooth field through nine vectors, as `displacement` makes it: (80, 80, 2)."""
    a, b, c = bicubic_weights().T[..., None, None]
    left, middle, right = vectors.reshape(GRID, GRID, 1, 2).numpy().transpose(1, 0, 2, 3)
    across = left * a[:, 0] + middle * b[:, 0] + right * c[:, 0]  # row, column, axis
    fine = a * across[0] + b * across[1] + c * across[2]
    return torch.from_numpy(fine + _straight(SIDE).numpy())


def read(map_: np.ndarray, field: Tensor, mode: str) -> np.ndarray:
    """A map (80, 80) read along a field, as `warp` reads it; mirrored beyond the border."""
    period = 2 * (SIDE - 1)
    places = np.abs(field.numpy()) % period
    column, row = np.moveaxis(np.minimum(places, period - places), -1, 0)
    if mode == "nearest":
        return map_[np.rint(row).astype(int), np.rint(column).astype(int)]
    left, top = np.floor(column).astype(int), np.floor(row).astype(int)
    right, bottom = np.minimum(left + 1, SIDE - 1), np.minimum(top + 1, SIDE - 1)
    x, y = column - left, row - top
    above = map_[top, left] * (1 - x) + map_[top, right] * x
    below = map_[bottom, left] * (1 - x) + map_[bottom, right] * x
    return above * (1 - y) + below * y


def answer(settings: dict[str, Any]) -> dict[str, Any]:
    """Bend a micrograph and its labels.

    Parameters
    ----------
    settings : ``seed`` and ``sigma`` of the draw; ``right0``, ``down0``, … ``down8``: pixels
        that a hand added to its vectors, row by row; ``mask``: how the labels are read,
        "nearest", "bilinear", or "own": along a field of their own

    Returns
    -------
    vectors : [right, down] of each, in pixels
    net : int16 (11, 11, 2), column and row in tenths of a pixel: the field at each eighth pixel
    others : those that the labels follow, if others
    image : uint8 (80, 80), the image read along the field, in `SHADES` of grey
    classes : (80, 80), 0 membrane, 1 inside, 2 no class
    folded : (80, 80), where tissue is folded over
    backwards : int16 (n, 2), column and row in the old image at which folded pixels are read
    folds, stretch : fractions; strays: values of the labels that are no class
    dark, light : mean grey value where the labels say membrane, and elsewhere
    fits : whether nothing of this is wrong
    verdict, because, tally, said : in words; tally: which draw it is, and how many fold

    Examples
    --------
    >>> answer({**FIRST, "sigma": 0})["stretch"], answer(FIRST)["fits"]
    (0.0, True)
    """
    hands = {name: value for name, value in settings.items() if name[-1].isdigit()}
    if far := [value for value in hands.values() if abs(value) > FAR]:
        reason = _("An arrow is dragged by {n:g} pixels; at most {most} are possible.")
        near = {name: max(-FAR, min(FAR, value)) for name, value in hands.items()}
        return {"problem": reason.format(n=abs(far[0]), most=FAR), "offers": [settings | near]}
    sigma, seed, how = settings["sigma"], settings["seed"], settings["mask"]
    image, labels = (map_.astype(float) for map_ in tissue())
    vectors, others = vectors_of(settings), sigma * drawn(seed + OTHER)
    field = field_of(vectors)
    own = field_of(others) if how == "own" else field
    bent = read(image, field, "bilinear")
    mask = read(labels, own, "bilinear" if how == "bilinear" else "nearest")
    wrong, folds = strays(mask, 2), folded(field).numpy()
    if torch.equal(own, field):
        how = "none" if how == "own" else how  # nothing is moved: no arrow is there
    wall = mask < 0.5
    found = {
        "vectors": vectors.numpy().round(2).tolist(),
        "others": others.numpy().round(2).tolist() if how == "own" else [],
        "net": np.rint(10 * field[NET][:, NET].numpy()).astype(np.int16),
        "image": shades(bent),
        "classes": np.where(wrong, 2, ~wall).astype(np.uint8),
        "folded": folds,
        "backwards": np.rint(field.numpy()[folds]).astype(np.int16),
        "folds": float(folds.mean()),
        "stretch": stretch(field),
        "strays": int(wrong.sum()),
        "dark": float(bent[wall].mean()) if wall.any() else 0.0,
        "light": float(bent[~wall].mean()) if not wall.all() else 0.0,
        "fits": not (folds.any() or wrong.any() or how == "own"),
    }
    same = read(labels, field, "nearest") < 0.5  # the walls, if labels are read as the image is
    between = mask[np.abs(mask - 0.5) < 0.5 - SMALL]
    more = {
        "one": float(bent[same].mean()) if same.any() else 0.0,
        "other": float(bent[~same].mean()) if not same.all() else 0.0,
        "value": float(between[0]) if between.size else 0.0,
    }
    return {**found, **in_words(settings, found, how, more)}


def in_words(
    settings: dict[str, Any], found: dict[str, Any], how: str, more: dict[str, float]
) -> dict[str, str]:
    """What is to be seen, and why image and labels look so, with their numbers."""
    sigma, vectors, says = settings["sigma"], found["vectors"], sentences()
    pulls = [(settings[f"right{i}"], settings[f"down{i}"]) for i in range(GRID**2)]
    moved = [i for i, pull in enumerate(pulls) if any(pull)]
    pull = pulls[moved[0]] if moved else (0, 0)
    near = nearest_tips(vectors, found["folded"])
    nearer, one, other = near[0] if near else (0, 0, 0)
    passed = [pair for pair in near if pair[0] >= (SIDE - 1) / 2][:3]
    by = [(f"{n - (SIDE - 1) / 2:.1f}", a, b) for n, a, b in passed]
    told = {
        **{name: f"{found[name]:.0f}" for name in ("dark", "light")},
        **{name: f"{more[name]:.0f}" for name in ("one", "other")},
        "sigma": f"{sigma:g}", "draw": settings["seed"] + 1, "value": f"{more['value']:.2f}",
        "stretch": f"{found['stretch'] * 100:.0f} %", "folds": f"{found['folds'] * 100:.1f} %",
        "strays": found["strays"], "nearer": f"{nearer:.0f}",
        "n": moved[0] + 1 if moved else 0, "a": one, "b": other,
        "way": way(pull, says), "back": way((-pull[0], -pull[1]), says),
        "there": f"{sigma * PAPER[1] / SIDE:.0f}", "count": folding(sigma),
        "pairs": ", ".join(says["pair"].format(a=a, b=b, by=n) for n, a, b in by),
    }  # fmt: skip
    little = found["light"] - found["dark"] > 0.8 * (more["other"] - more["one"])
    if found["folds"]:
        why = "passed" if passed else "steep" if near else "apart"
    elif how == "own":
        why = "near" if little else "far"
    elif found["strays"]:
        why = "between"
    elif moved:
        why = "moved" if len(moved) == 1 else "pulled"
    elif not sigma:
        why = "still"
    else:  # the paper's sigma, on an image as small as this
        why = "gentle" if sigma < 1.1 * PAPER[0] * SIDE / PAPER[1] else "strong"
    wrong = {"folded": found["folds"], "other": how == "own", "no_class": found["strays"],
             "none": how == "none", "same": found["fits"] and how != "none"}  # fmt: skip
    seen = [name for name, so in wrong.items() if so]  # a fold must not hide wrong labels
    told["verdict"] = " ".join(says[name].format(**told) for name in seen)
    told["because"] = says[why].format(**told)
    which = "unbent" if not sigma else "pulls" if moved else "draw"
    told["tally"] = says[which].format(**told)
    return {
        "verdict": told["verdict"],
        "because": told["because"],
        "tally": told["tally"],
        "said": says["said"].format(**told),
    }


@lru_cache(maxsize=1)
def sentences() -> dict[str, str]:
    """What answers are told in, with holes; a page without a kernel fills them, too."""
    fixed = {"gap": (SIDE - 1) / 2, "side": SIDE, "all": SIDE**2, "paper": PAPER[0],
             "tile": PAPER[1], "draws": DRAWS, "start": FIRST["sigma"],
             "least": 2 * FOLDS}  # fmt: skip
    says = {
        "folded": _("The tissue is folded over: {folds} of the new image is read backwards."),
        "other": _("The labels follow other arrows (pale yellow), so they no longer fit."),
        "no_class": _("{strays} of {all} values of the labels are no class."),
        "none": _("All arrows are zero, the others, too: every label is still on its pixel."),
        "same": _("Both follow the same arrows: every label is still on its pixel."),
        "passed": _(
            "It folds, because tips have passed each other: {pairs}. So tissue between "
            "them is read in reversed order."
        ),
        "pair": _("{a} and {b} by {by} pixels"),
        "apart": _(
            "It folds, because neighbouring arrows differ so much that some pixels are read "
            "in reversed order."
        ),
        "steep": _(
            "It folds before tips {a} and {b} meet; so far they have come {nearer} of {gap} "
            "pixels closer. Pulled alone and equally, two neighbouring tips fold the tissue "
            "from about {least} pixels on, because a smooth bend is steepest between them."
        ),
        "far": _(
            "The labels have left the membranes. Those are dark, so a low mean grey under "
            "their labels means a good fit: here {dark} ({light} elsewhere), with the image's "
            "arrows {one}."
        ),
        "near": _(
            "The labels are a little off, because such short arrows shift them only a little. "
            "Membranes are dark, so a low mean grey under their labels means a good fit: "
            "here {dark} ({light} elsewhere), with the image's "
            "arrows {one}."
        ),
        "between": _(
            "Bilinear spoils labels, because between a 0 for membrane and a 1 for cell it "
            "mixes values such as {value}, and that is no class. Nearest copies the label of "
            "one pixel."
        ),
        "moved": _(
            "Tip {n} is pulled {way}, and the new image fetches the grey of its point {n} from "
            "the tip. So what lay further {way} is now at {n}: the tissue moves {back}."
        ),
        "pulled": _(
            "The new image fetches the grey of each point from the tip of its number. So the "
            "tissue moves the other way than you pull."
        ),
        "right": _("right"), "left": _("left"), "down": _("down"), "up": _("up"),
        "still": _(
            "No arrow, no change: each of the {side} × {side} new pixels is read exactly at a "
            "pixel, so nothing is mixed, either."
        ),
        "gentle": _(
            "As gentle as in the paper: {sigma} of these {side} pixels is as much as {paper} "
            "of its {tile}, so you hardly see the bend."
        ),
        "strong": _(
            "Stronger than in the paper: {sigma} of these {side} pixels would be {there} of "
            "its {tile}; it used {paper}, and its arrows are further apart. Yet the labels "
            "fit, because they bend along."
        ),
        "draw": _(
            "Draw {draw} of {draws}. At σ {sigma}, tissue folds in {count} of the {draws}."
        ),
        "pulls": _("Draw {draw} of {draws}, plus your pulls; a new draw drops them."),
        "unbent": _("At σ 0 only your pulls bend the image; a new draw starts at σ {start}."),
        "said": _(
            "Sigma {sigma} pixels. {tally} Distances between neighbouring pixels "
            "typically change by {stretch}. {verdict} {because} Mean grey value "
            "{dark} under the membranes of the labels, {light} elsewhere."
        ),
    }  # fmt: skip
    for name, words in says.items():  # what is the same in all answers
        for hole, number in fixed.items():
            words = words.replace(f"{{{hole}}}", f"{number:g}")
        says[name] = words
    return says


@lru_cache(maxsize=1)
def pairs() -> list[list[int]]:
    """Two tips that are next to each other, from 1; their axis; and the pixels between them.

    Examples
    --------
    >>> pairs()[0], pairs()[1]  # the pixels: the first of 40, and the step to the next
    ([1, 2, 0, 0, 1], [1, 4, 1, 0, 80])
    """
    found = []
    for k, (x, y) in enumerate(np.rint(KNOTS).astype(int).tolist()):
        for axis, step, is_there in (
            (0, 1, k % GRID < GRID - 1),
            (1, GRID, k < GRID**2 - GRID),
        ):
            if is_there:
                found.append([k + 1, k + 1 + step, axis, y * SIDE + x, (1, SIDE)[axis]])
    return found


def nearest_tips(
    vectors: list[list[float]], folded: np.ndarray
) -> list[tuple[float, int, int]]:
    """By how many pixels two tips come nearer, between which tissue folds; the most first.

    Examples
    --------
    >>> vectors = [[0, 0]] * 3 + [[20, 0], [-15, 0], [0, 0]] + [[0, 0]] * 3
    >>> nearest_tips(vectors, folded(field_of(torch.tensor(vectors).double())).numpy())
    [(35, 4, 5)]
    """
    found, flat = [], folded.ravel()
    for a, b, axis, start, step in pairs():
        if flat[start : start + 40 * step : step].any():
            found.append((vectors[a - 1][axis] - vectors[b - 1][axis], a, b))
    return sorted(found, key=lambda pair: -pair[0])


def way(pull: tuple[float, float], says: dict[str, str]) -> str:
    """Where a tip is pulled, in a word: along the axis by which it is pulled more.

    Examples
    --------
    >>> way((11, 3), sentences()), way((-5, -6), sentences())
    ('right', 'up')
    """
    axis = int(abs(pull[1]) > abs(pull[0]))
    return says[(("right", "left"), ("down", "up"))[axis][pull[axis] < 0]]


def shades(image: np.ndarray) -> np.ndarray:
    """Grey values from 0 to 255 in `SHADES` steps, so that a page holds many images."""
    return ((image * SHADES / 256).astype(np.uint8) * (255 / (SHADES - 1))).astype(np.uint8)


@lru_cache(maxsize=1)
def given() -> dict[str, Any]:
    """What holds for all settings.

    Returns
    -------
    around : uint8 (120, 120), the image, mirrored beyond its border
    range : its darkest and its brightest grey value
    margin, side, far, reach : `MARGIN`, `SIDE`, `FAR`, `REACH`
    knots : column and row of each vector; strengths, draws : `STRENGTHS`, `DRAWS`
    tissue : uint8 (2, 80, 80), image and labels
    drawn : float32 (2, draws, 9, 2), the vectors of each draw and of the labels' own field
    still : the settings of hands that have moved nothing; masks : `MASKS`
    pairs : `pairs`; folding : how many draws fold at each strength
    weights, net, shades, paper, says : `bicubic_weights`, `NET`, `SHADES`, `PAPER`, `sentences`
    """
    around = np.pad(shades(tissue()[0].astype(float)), MARGIN, mode="reflect")
    draws = [[drawn(seed + more).numpy() for seed in range(DRAWS)] for more in (0, OTHER)]
    return {
        "around": around, "range": [int(around.min()), int(around.max())],
        "margin": MARGIN, "side": SIDE, "far": FAR, "reach": REACH, "knots": KNOTS,
        "strengths": list(STRENGTHS), "draws": DRAWS, "tissue": np.stack(tissue()),
        "drawn": np.array(draws, np.float32), "weights": bicubic_weights(), "net": NET,
        "still": STILL, "masks": list(MASKS), "shades": SHADES, "paper": PAPER,
        "says": sentences(), "pairs": pairs(), "folding": [*map(folding, STRENGTHS)],
    }  # fmt: skip


def questions() -> dict[str, dict[str, Any]]:
    """Settings that answer a question, by the question."""
    return {
        _("Pull 5 right, and tissue goes left: why?"): {"right4": 12},
        _("As gentle as in the paper?"): {"sigma": 1.4},  # 10 pixels in 572
        _("The paper's 10 pixels here?"): {"sigma": 10},
        _("When does tissue fold?"): {"sigma": 0, "right3": FOLDS, "right4": -FOLDS},
        _("Labels read bilinearly?"): {"mask": "bilinear"},
        _("Labels with other arrows?"): {"mask": "own"},
    }


def recorded() -> Iterator[dict[str, Any]]:
    """What the book holds: each strength, draw and question; it computes all else."""
    yield from ({"sigma": sigma} for sigma in STRENGTHS)
    yield from ({"seed": seed} for seed in range(DRAWS))
    yield from questions().values()
