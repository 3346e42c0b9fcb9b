"""What a field of displacements does to an image and its mask. Lesson 12.

A field says for each pixel of the result where in the image it is read: column, row. The
explorer's `answer` takes nine vectors, drawn by chance and dragged by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
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
    """By how much neighbours in a row come nearer or go apart: root mean square, in pixels.

    0 for a field that only moves the image; 0.2 means that lengths change by 20 %.
    """
    step = field[:, 1:, 0] - field[:, :-1, 0]
    return (step - 1).square().mean().sqrt().item()


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
    "rigid": AugmentConfig(elastic_sigma=0.0),
    "bent": AugmentConfig(elastic_sigma=10 * CROP / 512),
}
GAME = {"A": ("bent", 1), "B": ("rigid", 2), "C": ("crops alone", 0), "D": ("bent", 4)}
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
GRID, FAR = 3, 24  # vectors along each side; pixels that a hand may add to each
PAPER = 10, 572  # its sigma, and its tile, pixels
STRENGTHS, DRAWS = (0, 1.4, 4, 7, 10, 20), 5  # sigmas on the slider; draws of the dice
DRAGGED = [(12 * right, 12 * down) for right in (-1, 0, 1) for down in (-1, 0, 1)]
NET = [*range(0, SIDE - 1, 8), SIDE - 1]  # where a thread of the net is
KNOTS = [[(SIDE - 1) / 2 * k for k in (i % GRID, i // GRID)] for i in range(GRID**2)]
FIRST = {"sigma": 4, "seed": 0, "mask": "nearest"} | {
    f"{axis}{i}": 0 for i in range(GRID**2) for axis in ("right", "down")
}


@lru_cache(maxsize=1)
def tissue() -> tuple[np.ndarray, np.ndarray]:
    """A small micrograph with hardly any noise, and its labels: uint8 (80, 80) each."""
    quiet = MembraneConfig(magnification=(0.55, 0.55), grain=(0.05, 0.05), blur=(0.9, 0.9),
                           noise_clean=(0, 0), noise_dirty=(0, 0))  # fmt: skip
    return membrane_slice(0, SIDE, SEED, quiet)


def vectors_of(settings: dict[str, Any]) -> Tensor:
    """Nine vectors (9, 2), right and down: those of the draw, and what a hand added.

    Examples
    --------
    >>> vectors_of({**FIRST, "sigma": 0, "right4": 2.5})[4].tolist()
    [2.5, 0.0]
    """
    drawn = torch.randn(
        2, GRID, GRID, generator=torch.Generator().manual_seed(settings["seed"])
    )
    hand = torch.tensor([[settings[f"{axis}{i}"] for axis in ("right", "down")]
                         for i in range(GRID**2)], dtype=torch.float32)  # fmt: skip
    return settings["sigma"] * drawn.flatten(1).T + hand


def field_of(vectors: Tensor) -> Tensor:
    """The smooth field through nine vectors, as `displacement` makes it: (80, 80, 2)."""
    coarse = vectors.T.reshape(1, 2, GRID, GRID)
    fine = F.interpolate(coarse, size=(SIDE, SIDE), mode="bicubic", align_corners=True)
    return _straight(SIDE) + fine[0].permute(1, 2, 0)


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
    image : uint8 (80, 80), the image read along the field, in `SHADES` of grey
    classes : (80, 80), 0 membrane, 1 inside, 2 no class
    folded : (80, 80), where tissue is folded over
    folds, stretch : fractions; strays: values of the labels that are no class
    dark, light : mean grey value where the labels say membrane, and elsewhere
    fits : whether nothing of this is wrong
    verdict, because, said : in words

    Examples
    --------
    >>> answer({**FIRST, "sigma": 0})["stretch"], answer(FIRST)["fits"]
    (0.0, True)
    """
    hands = {name: value for name, value in settings.items() if name[-1].isdigit()}
    if far := [value for value in hands.values() if abs(value) > FAR]:
        reason = _("A vector is dragged {n:g} pixels; {most} is as far as the picture shows.")
        near = {name: max(-FAR, min(FAR, value)) for name, value in hands.items()}
        return {"problem": reason.format(n=abs(far[0]), most=FAR), "offers": [settings | near]}
    sigma, seed, how = settings["sigma"], settings["seed"], settings["mask"]
    image, labels = (torch.from_numpy(map_)[None, None].float() for map_ in tissue())
    vectors = vectors_of(settings)
    field = field_of(vectors)
    own = elastic_field(SIDE, sigma, GRID, seed + 1000) if how == "own" else field
    bent = warp(image, field[None], "bilinear")[0, 0].numpy()
    mask = warp(labels, own[None], "bilinear" if how == "bilinear" else "nearest")[0, 0].numpy()
    wrong, folds = strays(mask, 2), folded(field).numpy()
    if torch.equal(own, field):
        how = "nearest" if how == "own" else how  # nothing is moved, by no field
    wall = mask < 0.5
    found = {
        "vectors": vectors.double().numpy().round(2).tolist(),
        "net": np.rint(10 * field[NET][:, NET].numpy()).astype(np.int16),
        "image": shades(bent),
        "classes": np.where(wrong, 2, ~wall).astype(np.uint8),
        "folded": folds,
        "folds": float(folds.mean()),
        "stretch": stretch(field),
        "strays": int(wrong.sum()),
        "dark": float(bent[wall].mean()) if wall.any() else 0.0,
        "light": float(bent[~wall].mean()) if not wall.all() else 0.0,
        "fits": not (folds.any() or wrong.any() or how == "own"),
    }
    verdict = verdict_of(found, how)
    why = because(settings, found, mask, how, bent)
    said = _(
        "Sigma {sigma} pixels, draw {seed}. Lengths change by {stretch:.0%}. {verdict} {why} "
        "Mean grey value {dark:.0f} under the membranes of the labels, {light:.0f} elsewhere."
    ).format(**found, sigma=sigma, seed=seed + 1, verdict=verdict, why=why)
    return {**found, "verdict": verdict, "because": why, "said": said}


def because(
    settings: dict[str, Any],
    found: dict[str, Any],
    mask: np.ndarray,
    how: str,
    bent: np.ndarray,
) -> str:
    """Why image and labels look as they do, in a sentence or two with their numbers."""
    sigma = settings["sigma"]
    words = {"sigma": sigma, "side": SIDE, "stretch": f"{found['stretch'] * 100:.0f} %"}
    if found["folds"]:
        gap = (SIDE - 1) / 2
        nearer = nearest_tips(found["vectors"])
        passed = _(
            "At the latest when two neighbouring tips pass each other: their tails are {gap:g} "
            "pixels apart, and the arrows bring the tips {nearer:.0f} nearer. Just before, "
            "the smooth field can fold already."
        )
        steep = _(
            "Where the field bends too fast: two neighbouring tips come {nearer:.0f} pixels "
            "nearer, of the {gap:g} between their tails, and somewhere between them even the "
            "order of the pixels changes."
        )
        return (passed if nearer >= gap else steep).format(gap=gap, nearer=nearer)
    if how == "own":
        labels = torch.from_numpy(tissue()[1])[None, None].float()
        field = field_of(vectors_of(settings))
        wall = warp(labels, field[None], "nearest")[0, 0].numpy() < 0.5
        one, other = float(bent[wall].mean()), float(bent[~wall].mean())
        far = _(
            "No, the yellow outline has left the membranes: under the labels' membranes the "
            "mean grey value is {dark:.0f}, elsewhere {light:.0f}. With one field for both it "
            "would be {one:.0f} and {other:.0f}."
        )
        near = _(
            "Not quite: arrows as short as these shift the yellow outline only a little. Under "
            "the labels' membranes the mean grey value is {dark:.0f} instead of {one:.0f}, "
            "elsewhere {light:.0f} instead of {other:.0f}."
        )
        little = found["light"] - found["dark"] > 0.8 * (other - one)
        return (near if little else far).format(**found, one=one, other=other)
    if found["strays"]:
        between = mask[np.abs(mask - 0.5) < 0.5 - SMALL]
        return _(
            "No: between a 0 for membrane and a 1 for inside, bilinear mixes values such as "
            "{value:.2f}, and that is no class. Nearest copies the label of one pixel."
        ).format(value=between[0])
    if moved := [i for i in range(GRID**2) if settings[f"right{i}"] or settings[f"down{i}"]]:
        right, down = found["vectors"][moved[0]]
        return _(
            "The new pixel at the small dot of arrow {n} is read at the arrow's tip: "
            "{across:.0f} pixels further {ways}, {along:.0f} further {way}. Its neighbours "
            "follow, so lengths change by {stretch}."
        ).format(
            n=moved[0] + 1, across=abs(right), along=abs(down), **words,
            ways=_("left") if right < 0 else _("right"), way=_("up") if down < 0 else _("down"),
        )  # fmt: skip
    if not sigma:
        return _(
            "No arrow, no change: each of the {side} × {side} new pixels is read at its own "
            "place."
        ).format(**words)
    paper = PAPER[0] * SIDE / PAPER[1]  # its sigma, on an image as small as this
    words |= {"there": sigma * PAPER[1] / SIDE, "paper": PAPER[0], "tile": PAPER[1]}
    if sigma < 1.1 * paper:
        return _(
            "Yes: {sigma:g} of these {side} pixels is as much as {paper} of the {tile} in the "
            "paper. Lengths change by {stretch}, and you hardly see it."
        ).format(**words)
    return _(
        "Stronger than in the paper: {sigma:g} of these {side} pixels would be {there:.0f} of "
        "its {tile}, and it used {paper}. Lengths change by {stretch}, yet the labels bend "
        "along."
    ).format(**words)


def nearest_tips(vectors: list[list[float]]) -> float:
    """By how many pixels two tips in a row, or in a column, come nearer than their tails.

    Examples
    --------
    >>> nearest_tips([[0, 0]] * 3 + [[20, 0], [-15, 0], [0, 0]] + [[0, 0]] * 3)
    35.0
    """
    at = np.array(vectors, float).reshape(GRID, GRID, 2)
    across, along = at[:, :-1, 0] - at[:, 1:, 0], at[:-1, :, 1] - at[1:, :, 1]
    return float(max(across.max(), along.max()))


def shades(image: np.ndarray) -> np.ndarray:
    """Grey values from 0 to 255 in `SHADES` steps, so that a page holds many images."""
    return ((image * SHADES / 256).astype(np.uint8) * (255 / (SHADES - 1))).astype(np.uint8)


def verdict_of(found: dict[str, Any], how: str) -> str:
    """What is to be seen, in a sentence."""
    if found["folds"]:
        words = _("{folds:.1%} of the tissue is folded over: it is read twice, once backwards.")
        return words.format(folds=found["folds"])
    if how == "own":
        return _("Two fields: the labels no longer lie on the image.")
    if found["strays"]:
        words = _("{n} of {all} values of the labels are no class.")
        return words.format(n=found["strays"], all=SIDE**2)
    return _("One field: every label still lies on its pixel.")


@lru_cache(maxsize=1)
def given() -> dict[str, Any]:
    """What holds for all settings.

    Returns
    -------
    around : uint8 (120, 120), the image, mirrored beyond its border
    range : its darkest and its brightest grey value
    margin, side, far : `MARGIN`, `SIDE`, `FAR`
    knots : column and row of each vector; strengths, draws : `STRENGTHS`, `DRAWS`
    dragged : what the book holds of a hand: (right, down) of each arrow
    """
    around = np.pad(shades(tissue()[0].astype(float)), MARGIN, mode="reflect")
    return {
        "around": around, "range": [int(around.min()), int(around.max())],
        "margin": MARGIN, "side": SIDE, "far": FAR, "knots": KNOTS,
        "strengths": list(STRENGTHS), "draws": DRAWS, "dragged": DRAGGED,
    }  # fmt: skip


def questions() -> dict[str, dict[str, Any]]:
    """Settings that answer a question, by the question."""
    return {
        _("As gentle as in the paper?"): {"sigma": 1.4},  # 10 pixels in 572
        _("The paper's 10 pixels, here?"): {"sigma": 10},
        _("When does tissue fold?"): {"sigma": 0, "right3": 20, "right4": -20},
        _("Labels read bilinear?"): {"mask": "bilinear"},
        _("Labels by another field?"): {"mask": "own"},
    }


def recorded() -> Iterator[dict[str, Any]]:
    """What the book holds: every draw and strength, and each vector dragged a few ways."""
    for seed in range(DRAWS):
        for sigma in STRENGTHS:
            yield {"seed": seed, "sigma": sigma}
    for mask in ("bilinear", "own"):
        yield from ({"mask": mask, "seed": seed} for seed in range(DRAWS))
        yield from ({"mask": mask, "sigma": sigma} for sigma in STRENGTHS)
    for i in range(GRID**2):
        for right, down in DRAGGED:
            yield {f"right{i}": right, f"down{i}": down}
    for right3, right4 in product((0, 12, 16, 20), (0, -12, -16, -20)):
        yield {"sigma": 0, "right3": right3, "right4": right4}
