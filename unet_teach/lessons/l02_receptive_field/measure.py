"""How much of a receptive field is used: the square with most of the influence. Lesson 02.

At the end the explorer's `answer`: what each map of a U sees, and how much each pixel counts.

Luo, Li, Urtasun and Zemel, "Understanding the Effective Receptive Field in Deep
Convolutional Neural Networks", NeurIPS 2016.
"""

from __future__ import annotations

import copy
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from unet_teach.data.membranes import synthetic_membranes
from unet_teach.inspection import AveragePooling, influence, positive_copy
from unet_teach.shapes import u_reaches
from unet_teach.translation import _, _n

SIZE, SHARE = 512, 0.95  # of the explorer's image; of the influence that its square holds
FIRST = {"depth": 4, "k": 3, "counts": False, "row": 250, "column": 262}


def effective_square(influence: np.ndarray, pixel: tuple[int, int], share: float = 0.95) -> int:
    """Side of the smallest square about a pixel that holds this share of the influence.

    Parameters
    ----------
    influence : (H, W), not negative; for instance from `influence`
    pixel : (row, column), the middle of the square
    share : above 0, at most 1

    Returns
    -------
    int, odd. Where the square reaches beyond the array, what lies inside counts.

    Raises
    ------
    ValueError
        Negative or no influence at all, a pixel outside, a share that is none.

    Examples
    --------
    >>> effective_square(np.array([[0, 1, 0], [1, 20, 1], [0, 1, 0]]), (1, 1), share=0.8)
    1
    >>> effective_square(np.array([[0, 1, 0], [1, 20, 1], [0, 1, 0]]), (1, 1), share=0.95)
    3
    """
    influence = np.asarray(influence, dtype=np.float64)
    if influence.ndim != 2 or not influence.sum() > 0 or influence.min() < 0:
        raise ValueError("influence must be (H, W), nowhere below 0 and somewhere above")
    if not 0 < share <= 1:
        raise ValueError(f"share is {share!r}; it must be above 0 and at most 1")
    (row, column), (height, width) = pixel, influence.shape
    if not (0 <= row < height and 0 <= column < width):
        raise ValueError(f"pixel {tuple(pixel)} is outside of {height} × {width}")
    # The ring in which a pixel lies is its chessboard distance from the middle.
    rows, columns = np.ogrid[:height, :width]
    ring = np.maximum(abs(rows - row), abs(columns - column))  # (H, W)
    within = np.cumsum(np.bincount(ring.ravel(), weights=influence.ravel()))
    enough = (
        share * within[-1] * (1 - 1e-12)
    )  # float sums of one whole differ in the last digit
    return 2 * int(np.argmax(within >= enough)) + 1


class Decision(nn.Module):
    """A network's logit of class 1 minus that of class 0: above 0 it decides for class 1.

    The sum of both is no use for `influence`, because their weights may be opposite.

    Examples
    --------
    >>> Decision(nn.Identity())(torch.tensor([2.0, 5.0]).reshape(1, 2, 1, 1)).item()
    3.0
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits = self.network(x)  # (B, 2, H, W)
        return logits[:, 1:] - logits[:, :1]


def walk_back(output: int, depth: int = 4) -> list[tuple[int, int]]:
    """First and last pixel needed at each step from an output pixel back to the bottleneck.

    Alternately after two 3 × 3 convolutions, and after an upsampling, which made the pixels
    2i and 2i + 1 from pixel i.

    Examples
    --------
    >>> walk_back(3, depth=2)
    [(3, 3), (3, 7), (1, 3), (1, 7), (0, 3)]
    """
    steps = [(output, output)]
    for _level in range(depth):
        first, last = steps[-1]
        steps += [(first, last + 4), (first // 2, (last + 4) // 2)]
    return steps


def paths(output: int, depth: int = 4) -> list[int]:
    """Along one line of an unpadded U-Net, the paths from each input pixel to an output pixel.

    Those through the bottleneck; a skip adds more in the middle of the field, none at its ends.

    Examples
    --------
    >>> paths(0, depth=0)
    [1, 2, 3, 2, 1]
    """
    line = torch.ones(1, 1, 32 * 2**depth, dtype=torch.float64, requires_grad=True)
    kernel = torch.ones(1, 1, 3, dtype=torch.float64)

    def level(x: torch.Tensor) -> torch.Tensor:
        return F.conv1d(F.conv1d(x, kernel), kernel)

    x = level(line)
    for _down in range(depth):
        x = level(2 * F.avg_pool1d(x, 2))  # the sum
    for _up in range(depth):
        x = level(F.interpolate(x, scale_factor=2.0))
    (found,) = torch.autograd.grad(x[0, 0, output], line)
    return [round(count) for count in found[0, 0].tolist() if count]


def one_trap_each(
    network: nn.Module, noise: torch.Tensor, pixel: tuple[int, int]
) -> dict[str, np.ndarray]:
    """Influence on an output pixel with each trap of the gradient alone, then with none.

    The last one is what `measured_receptive_field` does: positive weights, average pooling and
    a white image. The others undo one of these.

    Parameters
    ----------
    network : a U-Net of two classes; it is not changed
    noise : (1, 1, H, W), below 0 in places
    pixel : (row, column) of the output

    Returns
    -------
    name of the trap -> (H, W)
    """
    network = positive_copy(network)
    noise = noise.double()
    white, opposite = torch.ones_like(noise), copy.deepcopy(network)
    with torch.no_grad():
        opposite.last.weight[1] *= -1  # what raises class 0 lowers class 1
    with AveragePooling():
        shut = influence(network, noise, pixel)
        cancelled = influence(opposite, white, pixel)
        free = influence(network, white, pixel)
    return {
        _("ReLUs"): shut,
        _("max pooling"): influence(network, noise.abs(), pixel),  # > 0: every ReLU is open
        _("opposite weights"): cancelled,
        _("no trap"): free,
    }


def covered(
    image: np.ndarray, pixel: tuple[int, int], width: int, rest: np.ndarray | None = None
) -> np.ndarray:
    """A standardised image, 0 (or `rest`) everywhere except in a square around a pixel.

    Standardised first and covered afterwards: a picture that is mostly one grey has a small
    standard deviation, and dividing by that would exaggerate what is left.

    Parameters
    ----------
    image : (H, W), mean 0
    pixel : (row, column), the middle of the square
    width : of the square, odd
    rest : (H, W), what covers the image outside of the square; None: 0, the mean grey

    Examples
    --------
    >>> covered(np.arange(1.0, 13).reshape(3, 4), (0, 1), 3).tolist()
    [[1.0, 2.0, 3.0, 0.0], [5.0, 6.0, 7.0, 0.0], [0.0, 0.0, 0.0, 0.0]]
    """
    (row, column), half = pixel, width // 2
    shown = np.zeros_like(image) if rest is None else rest.copy()
    hole = np.s_[max(row - half, 0) : row + half + 1, max(column - half, 0) : column + half + 1]
    shown[hole] = image[hole]
    return shown


@torch.no_grad()
def inside_through(
    network: nn.Module,
    image: np.ndarray,
    pixel: tuple[int, int],
    width: int,
    rest: np.ndarray | None = None,
) -> float:
    """The probability of class 1 at a pixel, if the network sees only a square around it.

    Only the part that the pixel can see is computed: it begins at a multiple of 2^depth, so
    that every pooling combines the same pixels as in the whole image.

    Parameters
    ----------
    network : a U-Net of ``padding="same"``, in eval mode
    image : (H, W), standardised; H and W multiples of 2^depth
    pixel, width, rest : as in `covered`
    """
    step = 2**network.config.depth
    far = max(u_reaches(network.config.depth)[-1].sizes) // 2 + step  # to each side
    starts = [max(0, (place - far) // step * step) for place in pixel]
    row, column = (place - start for place, start in zip(pixel, starts, strict=True))
    ends = [start + 2 * (far + step) // step * step for start in starts]
    part = covered(image, pixel, width, rest)[starts[0] : ends[0], starts[1] : ends[1]]
    logits = network(torch.from_numpy(np.ascontiguousarray(part))[None, None])  # (1, 2, h, w)
    return float(logits.softmax(dim=1)[0, 1, row, column])


# ----------------------------------------------------------------------------- the explorer
def weighed(depth: int, k: int) -> np.ndarray:
    """How much the pixels of a line count for each output pixel of a U with equal weights.

    All weights are alike and poolings take the mean, so this counts paths; in two dimensions
    it is the product of a row's and a column's number.

    Returns
    -------
    (2^depth, 2n) : for each phase q, the inputs from q - n to q + n - 1, in sum 1

    Examples
    --------
    >>> weighed(0, 3)[0, 2:7].round(2).tolist()
    [0.11, 0.22, 0.33, 0.22, 0.11]
    """
    reach, period = u_reaches(depth, k)[-1], 2**depth
    far = max(-reach.of(0)[0], reach.of(period - 1)[1] + 1) + period
    margin = period * -(-far // period)
    line = torch.ones(1, 1, 2 * margin + period, dtype=torch.float64, requires_grad=True)
    kernel = torch.full((1, 1, k), 1 / k, dtype=torch.float64)

    def level(x: torch.Tensor) -> torch.Tensor:
        return F.conv1d(F.conv1d(x, kernel, padding=k // 2), kernel, padding=k // 2)

    x = level(line)
    for _down in range(depth):
        x = level(F.avg_pool1d(x, 2))
    for _up in range(depth):
        x = level(F.interpolate(x, scale_factor=2.0))
    rows = []
    for phase in range(period):
        (found,) = torch.autograd.grad(x[0, 0, margin + phase], line, retain_graph=True)
        rows.append(found[0, 0, phase : phase + 2 * margin].numpy())
    return np.array(rows) / np.sum(rows, axis=1, keepdims=True)


def squares_that_count(lines: np.ndarray, share: float = SHARE) -> np.ndarray:
    """`effective_square` of two lines' product, for each two phases: (P, P)."""
    middle = lines.shape[1] // 2
    within = np.array([
        [line[max(0, middle - h) : middle + h + 1].sum() for h in range(middle + 1)]
        for line in lines
    ])  # fmt: skip
    enough = within[:, None] * within[None] >= share * (1 - 1e-12)
    return 2 * enough.argmax(axis=2) + 1


def answer(settings: dict[str, Any]) -> dict[str, Any]:
    """What each map of a U sees of the image, for every pixel of the output.

    The pattern repeats every P = 2^depth pixels: the output pixel at q + P·t sees what the one
    at q sees, moved by P·t.

    Parameters
    ----------
    settings : ``depth``, the number of poolings; ``k``, the kernels' side; ``counts``, whether
        it is shown how much each pixel counts; ``row`` and ``column`` of the output pixel,
        on which nothing here depends: the view finds its place in the pattern

    Returns
    -------
    fields : (maps, P, 2), first and last input pixel seen from q: of levels 0 to depth, then of
        the output
    sizes : for each map and phase, how many those are
    line : (P, n), see `weighed`; square: (P, P), see `squares_that_count`
    because, said : in words

    Examples
    --------
    >>> answer(FIRST)["sizes"][-1][:3]
    [188, 188, 204]
    """
    depth, k = settings["depth"], settings["k"]
    if not 0 <= depth <= 4 or k not in (1, 3, 5, 7):
        words = _("{depth} poolings and k = {k}; valid are 0 to 4, and k of 1, 3, 5, 7")
        return {"problem": words.format(depth=depth, k=k), "offers": [dict(FIRST)]}
    place = {name: settings.get(name, FIRST[name]) for name in ("row", "column")}
    if not all(0 <= at < SIZE for at in place.values()):
        words = _("the pixel is at row {row}, column {column}; valid are 0 to {last}")
        legal = {name: min(max(at, 0), SIZE - 1) for name, at in place.items()}
        problem = words.format(**place, last=SIZE - 1)
        return {"problem": problem, "offers": [{**settings, **legal}]}
    *levels, output = u_reaches(depth, k)
    fields = [[reach.of(q >> level) for q in range(2**depth)]
              for level, reach in enumerate(levels)]  # fmt: skip
    if depth:
        fields.append([output.of(q) for q in range(2**depth)])
    sizes = [[last - first + 1 for first, last in each] for each in fields]
    found = {"fields": np.array(fields), "sizes": sizes}
    found["line"], found["square"] = _counted(depth, k)
    listed = _(" or ").join(str(size) for size in sorted(set(sizes[-1])))
    said = _n(
        "{n} pooling, kernels {k} × {k}: an output pixel sees {listed} pixels in height and in "
        "width.",
        "{n} poolings, kernels {k} × {k}: an output pixel sees {listed} pixels in height and "
        "in width.",
        depth, k=k, listed=listed,
    )  # fmt: skip
    why = because(settings, found)
    return {**found, "because": why, "said": f"{said} {why}"}


def because(settings: dict[str, Any], found: dict[str, Any]) -> str:
    """Why an output pixel sees so much, and no more."""
    depth, k, sizes = settings["depth"], settings["k"], sorted(set(found["sizes"][-1]))
    several = _(" or ").join(str(size) for size in sizes)
    if settings["counts"] and sizes[-1] > 1:
        words = _(
            "No: it sees up to {wide} × {wide} pixels, but 95 % of all paths through the "
            "bottleneck begin within a square of at most {square}, because far more of them "
            "begin in the field's middle than at its edge."
        )
        return words.format(wide=sizes[-1], square=int(found["square"].max()))
    if k == 1:
        words = _(
            "A 1 × 1 kernel looks at no neighbour, so the convolutions add nothing. What is "
            "left is the block of {block} × {block} pixels that {depth} poolings have put "
            "together."
        )
        return words.format(block=2**depth, depth=depth)
    if not depth:
        words = _(
            "Only {size} × {size}: there are two convolutions, and each adds k − 1 = {more} "
            "pixels in height and in width. No pooling makes their steps any larger."
        )
        return words.format(size=sizes[0], more=k - 1)
    words = _(
        "It sees {several} pixels, because after each pooling a convolution's step covers "
        "twice as many."
    ) if k == FIRST["k"] else _(
        "It sees {several} pixels, because a convolution now adds k − 1 = {more} pixels, not "
        "2, and after each pooling its steps cover twice as many."
    )  # fmt: skip
    if len(sizes) > 1:
        edge, *others = found["sizes"][-1]
        near = 1 + next(i for i, size in enumerate(others) if size != edge)
        less, fewer = others[near - 1] - edge, _("fewer") if edge == sizes[0] else _("more")
        rest = _(
            "Within {near} pixels of the edge of its {block} × {block} pooling block (dotted), "
            "it depends on one bottleneck pixel {fewer}, so it sees {less} {fewer}: {edge}."
        )
        numbers = {"near": near, "block": 2**depth, "less": abs(less), "edge": edge}
        words = f"{words} {rest.format(fewer=fewer, **numbers)}"
    return words.format(several=several, more=k - 1)


@lru_cache(maxsize=32)
def _counted(depth: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    lines = weighed(depth, k)
    return lines.astype(np.float32), squares_that_count(lines)


def answers() -> dict[str, dict[str, Any]]:
    """Each answer, for ``answer.js``: what ``both`` values of counts share, and the rest."""
    found = {}
    for depth, k in product(range(5), (1, 3, 5, 7)):
        each = {c: answer({"depth": depth, "k": k, "counts": c}) for c in (False, True)}
        words = {
            str(c).lower(): {name: one[name] for name in ("because", "said")}
            for c, one in each.items()
        }
        both = {name: each[True][name] for name in ("fields", "sizes", "line", "square")}
        found[f"{depth} {k}"] = {"both": both, **words}
    return found


@lru_cache(maxsize=1)
def given() -> dict[str, Any]:
    """The micrograph, four pixels as one; its own side; all answers, by "depth k"."""
    image = synthetic_membranes(1, size=SIZE, seed=11).images[0]
    half = image.reshape(SIZE // 2, 2, SIZE // 2, 2).mean((1, 3))
    return {"image": (half // 8).astype(np.uint8), "size": SIZE, "answers": answers()}


def questions() -> dict[str, dict[str, Any]]:
    """Settings that answer a question, by the question."""
    return {
        _("Without pooling?"): {"depth": 0},
        _("One pooling?"): {"depth": 1},
        _("Larger kernels?"): {"k": 5},
        _("Kernels of 1 × 1?"): {"k": 1},
        _("Do all pixels count equally?"): {"counts": True},
    }
