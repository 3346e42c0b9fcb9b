"""Lesson 13: mirror an image at its border, place tiles, stitch them without a seam."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach import tiling
from unet_teach.exercises.agreement import agree, array, as_array, close, plain
from unet_teach.exercises.cases import noise, oblong, strided
from unet_teach.exercises.exercise import Exercise, Mistake, Symptom, Told
from unet_teach.translation import _


# ------------------------------------------------------------------- easy: mirror an image
def mirror_pad(image, margin):
    places = []
    for n in image.shape:
        outside = torch.arange(-margin, n + margin)
        inside = outside.abs()  # left of the image: -1 is 1, -2 is 2
        places.append((n - 1) - (n - 1 - inside).abs())  # right of it: n is n - 2
    rows, columns = places
    return image[rows][:, columns]


def images(rng: random.Random) -> Iterator[tuple]:
    """(image, margin), the margin 0 or more and smaller than the image both ways."""
    yield torch.arange(1.0, 10.0).view(3, 3), 1
    yield torch.arange(1.0, 10.0).view(3, 3), 2
    yield torch.arange(1.0, 13.0).view(3, 4), 2
    yield torch.tensor([[1.0, 2.0], [3.0, 4.0]]), 0
    fixed = ((1, 1, 0), (2, 2, 1), (2, 7, 1), (7, 2, 1), (5, 4, 1), (4, 6, 2), (6, 4, 3),
             (5, 5, 3), (6, 6, 4), (4, 4, 2), (9, 8, 5), (1, 4, 0), (5, 1, 0))  # fmt: skip
    for height, width, margin in fixed:
        yield 1000 * noise(rng, height, width), margin
    yield strided(noise(rng, 4, 5)), 3
    yield noise(rng, 5, 4).double(), 2
    yield torch.full((3, 4), 0.1), 1
    while True:
        height, width = rng.randint(2, 8), rng.randint(2, 8)
        yield noise(rng, height, width), rng.randint(1, min(height, width) - 1)


def _pixel_by_pixel(image, margin):
    """The specification: walk from the border outwards and, in the image, inwards."""
    height, width = image.shape
    padded = torch.zeros(height + 2 * margin, width + 2 * margin)
    for row in range(-margin, height + margin):
        for column in range(-margin, width + margin):
            at = []
            for place, n in ((row, height), (column, width)):
                if place < 0:
                    place = -place
                elif place > n - 1:
                    place = (n - 1) - (place - (n - 1))
                at.append(place)
            padded[row + margin, column + margin] = image[at[0], at[1]]
    return padded


def _by_place(folded: Callable[[Tensor, int], Tensor]) -> Callable:
    """A wrong `mirror_pad`: the places around an axis, folded back in another way."""

    def mirror_pad(image, margin):
        rows, columns = (folded(torch.arange(-margin, n + margin), n) for n in image.shape)
        return image[rows][:, columns]

    return mirror_pad


def _twice(place, n):
    """The border pixel comes twice."""
    return torch.minimum(place % (2 * n), 2 * n - 1 - place % (2 * n))


def _columns_only(image, margin):
    columns = mirror_pad(image, margin)[margin : margin + image.shape[0]]
    return F.pad(columns, (0, 0, margin, margin))


def _padded(case: dict, got: Any, due: Tensor) -> tuple[np.ndarray, np.ndarray, int] | None:
    """(what was got, whether each pixel is right, margin), where the size is right."""
    found, due = as_array(got), array(due)
    if found is None or found.shape != due.shape:
        return None
    return found, close(found, due), case["margin"]


def _size_is(case: dict, got: Any, times: int) -> bool:
    height, width = case["image"].shape
    return tuple(np.shape(got)) == (height + times * case["margin"],
                                    width + times * case["margin"])  # fmt: skip


def _middle_is_wrong(case: dict, got: Any, due: Tensor) -> bool:
    _found, right, m = _padded(case, got, due)
    height, width = case["image"].shape
    return not right[m : m + height, m : m + width].all()


def _strange_values(case: dict, got: Any, due: Tensor) -> bool:
    found, _right, _m = _padded(case, got, due)
    known = array(case["image"]).ravel()
    return not all(close(known, np.full_like(known, x)).any() for x in found.ravel())


def _only_wrong_in(*where: str) -> Callable[[dict, Any, Tensor], bool]:
    """Whether each wrong pixel is in one of these parts: "top", "left", "corner", …"""

    def shows(case: dict, got: Any, due: Tensor) -> bool:
        _found, right, m = _padded(case, got, due)
        height, width = case["image"].shape
        y, x = np.indices(right.shape)
        high = {"top": y < m, "bottom": y >= m + height}
        wide = {"left": x < m, "right": x >= m + width}
        corner = (high["top"] | high["bottom"]) & (wide["left"] | wide["right"])
        parts = {**high, **wide, "corner": corner}
        return bool(right[~np.any([parts[name] for name in where], axis=0)].all())

    return shows


def _in_image_order(case: dict, got: Any, due: Tensor) -> bool:
    """Left of the image, its pixels from 1 on in their own order."""
    found, _right, m = _padded(case, got, due)
    inside = array(case["image"])
    rows = slice(m, m + inside.shape[0])
    return m > 1 and bool(close(found[rows, :m], inside[:, 1 : m + 1]).all())


easy = Exercise(
    name="13.mirror_pad",
    task=_("Continue an image (H, W) by mirroring; the border pixel occurs once."),
    reference=mirror_pad,
    mistakes=(
        Mistake("border pixel twice", _by_place(_twice), _(
            "The border pixel occurs twice. The mirror is **on** the border pixel, not behind "
            "it, so what comes after 1 2 3 is 2, not 3.")),
        Mistake("zeros", lambda image, margin: F.pad(image, (margin,) * 4), _(
            'The frame is zero. That is what "same" padding does; the paper mirrors.')),
        Mistake("border repeated", _by_place(lambda place, n: place.clamp(0, n - 1)), _(
            "You repeat the border pixel as far as the margin goes. Mirror the pixels behind "
            "it as well.")),
        Mistake("wrapped around", _by_place(lambda place, n: place % n), _(
            "At the left you continue with pixels from the right edge. A mirror turns the "
            "order around: the pixel next to the border inside is also next to it outside.")),
        Mistake("columns only", _columns_only, _(
            "Left and right of the image your result is right, but above and below there are "
            "zeros. Mirror both ways.")),
    ),
    symptoms=(
        Symptom("one margin in all", lambda case, got, due: _size_is(case, got, 1), _(
            "Your result is larger by `margin` altogether. The margin is added at each edge, "
            "so height and width both grow by 2 · margin.")),
        Symptom("as it was", lambda case, got, due: _size_is(case, got, 0), _(
            "Your result is as large as the image. It should have `margin` more pixels at each "
            "of the four edges.")),
        Symptom("the middle", _middle_is_wrong, _(
            "The middle of your result should be the image itself: pixel (0, 0) of the image "
            "is at (margin, margin) of the result.")),
        Symptom("strange values", _strange_values, _(
            "Around the image your result contains values that the image doesn't. A mirror "
            "shows pixels of the image as they are, and computes nothing.")),
        Symptom("not turned round", _in_image_order, _(
            "You have the right pixels next to the image, but in the order that they have "
            "inside. A mirror reverses it: the pixel nearest to the border comes first.")),
        Symptom("corners", _only_wrong_in("corner"), _(
            "Only the corners are wrong. Mirror the rows first, and then the columns of the "
            "result, so that the corners are mirrored both ways.")),
        Symptom("rows", _only_wrong_in("top", "bottom"), _(
            "Your result is right on the left and on the right of the image, and wrong above "
            "or below it. The same rule holds for rows as for columns.")),
        Symptom("columns", _only_wrong_in("left", "right"), _(
            "Your result is right above and below the image, and wrong on its left or right. "
            "The same rule holds for columns as for rows.")),
        Symptom("the far sides", _only_wrong_in("bottom", "right"), _(
            "Your result is right above and on the left, and wrong below or on the right. "
            "There the mirror is on the last pixel, n − 1: after it come n − 2, n − 3 and so "
            "on.")),
        Symptom("the near sides", _only_wrong_in("top", "left"), _(
            "Your result is right below and on the right, and wrong above or on the left. "
            "There the mirror is on pixel 0: before it come 1, 2 and so on, from the border "
            "outwards.")),
        oblong("image"),
    ),
    hints=(
        _("Take a row 1 2 3 4 and a margin of 2, and write it down by hand: which two numbers "
          "come to the left of 1, and which two to the right of 4?"),
        _("Number the places of the result from −margin to n − 1 + margin, so that the image "
          "itself has 0 to n − 1. To the left of it, place −i shows pixel i; to the right of "
          "it, place n − 1 + i shows pixel n − 1 − i."),
        _("With `outside` for these places, the pixel that each of them shows is inside = (n - "
          "1) - (n - 1 - outside.abs()).abs(). Compute it once for the rows and once for the "
          "columns; the result is image[rows][:, columns]."),
    ),
    due=_("a tensor (H + 2 · margin, W + 2 · margin)"),
    cases=images,
    worth=_("The mirrored pixels are the context that valid convolutions use up. So the "
            "network can predict every pixel, up to the image's border."),
    specification=_pixel_by_pixel,
)  # fmt: skip


# --------------------------------------------------------------------- core: where tiles start
def tile_positions(length, kept, depth):
    grid = 2**depth
    step = kept // grid * grid
    tiles = 1 + max(0, -(-(length - kept) // step))
    return [number * step for number in range(tiles)]


def sides(rng: random.Random) -> Iterator[tuple]:
    """(length, kept, depth), a tile gives at least 2**depth pixels."""
    yield 100, 36, 3
    yield 1000, 388, 4
    for kept, depth in ((36, 3), (388, 4), (32, 3), (8, 3), (5, 0), (1, 0), (7, 2), (45, 5)):
        step = kept >> depth << depth
        # Too short for one tile; just one; one pixel more; tiles that end with the side, and
        # one pixel more than that.
        for length in (1, kept - 1, kept, kept + 1, kept + 2 * step, kept + 2 * step + 1):
            if length:
                yield length, kept, depth
    yield 5000, 68, 2
    yield 3, 6, 1
    yield 16, 9, 1
    while True:
        depth = rng.randint(0, 4)
        kept = rng.randint(2**depth, 2**depth + 60)
        yield rng.randint(1, 400), kept, depth


STARTS, FIRST = _("starts"), _("the first start")
OFF, UNCOVERED = _("starts that are off the grid"), _("pixels that no tile covers")
COUNT, OUTSIDE = _("number of tiles"), _("starts that are not between 0 and `length`")


def what_positions_do(answer: Callable, length: int, kept: int, depth: int) -> dict | None:
    """What makes positions right: the last tile may be drawn back or hang over."""
    starts = answer(length, kept, depth)
    if starts is None or starts is Ellipsis:
        return starts
    starts = [plain(start) for start in plain(starts)]
    if any(isinstance(start, (list, dict)) for start in starts):
        raise Told(
            _("Each entry of your list contains several numbers. It should be the start of one "
              "tile, a single number: where the tile ends is known from `kept`.")
        )  # fmt: skip
    if any(start != int(start) for start in starts):
        raise Told(
            _("Some of your starts are not whole numbers, but a tile has to start at a pixel.")
        )
    starts = [int(start) for start in starts]
    uncovered, end = 0, 0
    for start in sorted(starts):
        uncovered += max(0, min(start, length) - end)
        end = max(end, start + kept)
    return {
        STARTS: starts,
        FIRST: starts[0] if starts else None,
        OFF: [start for start in starts if start % 2**depth],
        UNCOVERED: uncovered + max(0, length - end),
        COUNT: len(starts),
        OUTSIDE: [start for start in starts if not 0 <= start < length],
    }


def _as_good(got: Any, expected: Any) -> str:
    """Whether they do what they should; which starts they are is not looked at."""
    if not isinstance(got, dict):
        return agree(got, expected)
    one, other = ({key: value for key, value in what.items() if key != STARTS}
                  for what in (got, expected))  # fmt: skip
    for key, value in other.items():
        if words := agree(one[key], value):
            return f"{key}: {words}"
    return ""


def _always(**marks: bool) -> Callable[[dict, dict, dict], bool]:
    """A symptom of positions: of "off", "gaps" and "many", these are so and the others are
    not looked at."""

    def shows(case: dict, got: dict, due: dict) -> bool:
        found = {"off": bool(got[OFF]), "gaps": got[UNCOVERED] > 0,
                 "many": got[COUNT] > due[COUNT]}  # fmt: skip
        return all(found[name] == mark for name, mark in marks.items())

    return shows


def _rest(case: dict) -> int:
    """What is left of the length after whole steps; 0 where the tiles end with the side."""
    step = case["kept"] >> case["depth"] << case["depth"]
    return max(0, case["length"] - case["kept"]) % step


def _greedy(length, kept, depth):
    """The specification: at each uncovered pixel, the furthest tile that covers it."""
    starts = [0]
    for pixel in range(length):
        if pixel >= starts[-1] + kept:
            starts.append(max(s for s in range(0, pixel + 1, 2**depth)))
    return starts


def _drawn_back_too_far(length, kept, depth):
    step = kept // 2**depth * 2**depth
    if length <= kept:
        return [0]
    return [*range(0, length - kept, step), length - kept]


def _rounded_up(length, kept, depth):
    step = -(-kept // 2**depth) * 2**depth
    return list(range(0, max(1, length - kept + step), step))


def _last_missing(length, kept, depth):
    step = kept // 2**depth * 2**depth
    return list(range(0, max(1, length - kept), step))


def _not_a_power(length, kept, depth):
    step = kept // (2 ^ depth) * (2 ^ depth)
    return [number * step for number in range(1 + max(0, -(-(length - kept) // step)))]


def _every_grid_line(length, kept, depth):
    return list(range(0, max(1, length - kept + 2**depth), 2**depth))


core = Exercise(
    name="13.tile_positions",
    task=_("Find where tiles of `kept` pixels have to start, so that they cover `length`."),
    reference=tile_positions,
    mistakes=(
        Mistake("side by side", lambda length, kept, depth: list(range(0, length, kept)), _(
            "Your tiles start every `kept` pixels. No pixel is computed twice, but most tiles "
            "start off the grid. Round the step down to a multiple of 2**depth.")),
        Mistake("last one flush", _drawn_back_too_far, _(
            "Your last tile ends exactly at `length`, so it starts off the grid. Let it hang "
            "over the end, or move it back by a multiple of 2**depth only.")),
        Mistake("rounded up", _rounded_up, _(
            "The step is on the grid, but larger than `kept`, so pixels are missing between "
            "tiles. Round **down**.")),
        Mistake("last one missing", _last_missing, _(
            "Sometimes the last pixels are not covered, because no tile may hang over the end. "
            "It may: take one more tile whenever a pixel is left.")),
        Mistake("one too many",
            lambda length, kept, depth: list(range(0, length, kept // 2**depth * 2**depth)), _(
            "All pixels are covered and all starts are on the grid, but sometimes the last "
            "tile is not needed: the one before it covers `kept` pixels, more than a step.")),
        Mistake("every place of the grid", _every_grid_line, _(
            "Everything is covered, but a tile starts every 2**depth pixels. That is very "
            "slow. Take the largest step that leaves no gap.")),
        Mistake("no power", _not_a_power, _(
            "Your grid is not 2, 4, 8, 16 for depths 1, 2, 3, 4. In Python, 2 to the power of "
            "depth is `2**depth`; `2 ^ depth` is something else.")),
    ),
    symptoms=(
        Symptom("not from 0", lambda case, got, due: got[FIRST] != 0, _(
            "The first start has to be 0, and the others follow in ascending order.")),
        Symptom("a gap on the grid", _always(off=False, gaps=True), _(
            "All your starts are on the grid, but some pixels are not covered. A tile covers "
            "the `kept` pixels from its start on: are two starts further apart than that, or "
            "does the last tile end before `length`?")),
        Symptom("off the grid", _always(off=True), _(
            "Some of your starts are not multiples of 2**depth. There the network's poolings "
            "group the pixels in another way, so the tile does not fit its neighbours.")),
        Symptom("a gap", _always(gaps=True), _(
            "Some pixels are not covered. A tile covers the `kept` pixels from its start on: "
            "are two starts further apart, or does the last tile end before `length`?")),
        Symptom("in vain at the end",
            lambda case, got, due: _always(off=False, gaps=False, many=True)(case, got, due)
            and _rest(case) == 0, _(
            "There is a tile too many where the tiles end exactly at `length`. After the one "
            "that covers pixel length − 1 no other is needed.")),
        Symptom("kept on the grid",
            lambda case, got, due: case["kept"] % 2 ** case["depth"] == 0, _(
            "Your list is wrong only where `kept` is itself a multiple of 2**depth. Then the "
            "step is `kept`, because there is nothing to round down.")),
        Symptom("too many", _always(off=False, gaps=False, many=True), _(
            "All pixels are covered and all starts are on the grid, but there are more tiles "
            "than needed. Take the largest step that is a multiple of 2**depth and not above "
            "`kept`, and stop at the tile that covers the last pixel.")),
    ),
    hints=(
        _("Every start has to be a multiple of 2**depth, so the step is one, too. Which is the "
          "largest that is not above `kept`, so that no pixel is left out?"),
        _("The first tile covers `kept` pixels, and each further one adds a step. How many "
          "more tiles does the rest, length − kept, take? Round up, because a tile can't be "
          "cut in two."),
        _("step = kept // 2**depth * 2**depth, and tiles = 1 + max(0, ceil((length − kept) / "
          "step)). Tile number i, counted from 0, starts at i · step."),
    ),
    due=_("a list of whole numbers from 0 on: on the grid, without gaps, as few as possible"),
    cases=sides,
    count=70,
    run=what_positions_do,
    only_looks=True,
    same=_as_good,
    worth=_("Tiles at these places join without a seam, to the last digits of float32, and "
            "you compute no more of them than you need."),
    specification=_greedy,
)  # fmt: skip


# ---------------------------------------------------------------------- stretch: the stitcher
TOO_SHORT = _(
    "The network was given a tile of shape {size}, which it cannot take. Every tile should "
    "be (1, 1, tile, tile). A Python slice that reaches beyond the padded image gets shorter "
    "without an error. Is the padded image large enough, in height and in width?"
)


class Pooling(nn.Module):
    """A network in small: convolution, pooling to 1/grid, enlarging, convolution.

    Its weights are whole numbers and the same always, so results are exact. It takes sizes n
    with (n − 2) a multiple of the grid, and gives n − 2 · margin.
    """

    def __init__(self, grid: int, margin: int = 2) -> None:
        super().__init__()
        self.grid, self.margin = grid, margin

    def forward(self, x: Tensor) -> Tensor:
        """(1, 1, n, m) → (1, 1, n − 2 · margin, m − 2 · margin)."""
        for n in x.shape[-2:]:
            if n <= 2 * self.margin or (n - 2) % self.grid:
                raise Told(TOO_SHORT.format(size=tuple(x.shape)))
        x = F.conv2d(x, torch.tensor([[[[1.0, 0, 2], [0, 1, 0], [3, 0, 1]]]]))
        x = F.max_pool2d(x, self.grid)
        x = F.interpolate(x, scale_factor=float(self.grid), mode="nearest")
        k = 2 * (self.margin - 1) + 1
        return F.conv2d(x, torch.arange(1.0, k * k + 1).view(1, 1, k, k))

    def __repr__(self) -> str:
        return f"Pooling(grid={self.grid}, margin={self.margin})"


def stitch(network, image, tile, margin, grid):
    height, width = image.shape[-2:]
    kept = tile - 2 * margin
    rows = tiling.tile_positions(height, kept, grid)
    columns = tiling.tile_positions(width, kept, grid)
    below = rows[-1] + tile - margin - height  # the last tile must find pixels, too
    right = columns[-1] + tile - margin - width
    padded = tiling.mirror_pad(image, ((margin, below), (margin, right)))
    result = torch.zeros(1, 1, rows[-1] + kept, columns[-1] + kept)
    for top in rows:
        for left in columns:
            part = network(padded[..., top : top + tile, left : left + tile])
            result[..., top : top + kept, left : left + kept] = part
    return result[..., :height, :width]


def scenes(rng: random.Random) -> Iterator[tuple]:
    """(network, image, tile, margin, grid)."""
    fixed = ((4, 2, 2, 12, 12), (4, 2, 2, 13, 7), (2, 3, 3, 9, 10), (8, 2, 2, 20, 17),
             (4, 2, 3, 41, 32), (4, 3, 3, 27, 40), (2, 1, 2, 1, 1), (2, 2, 4, 3, 1),
             (4, 2, 3, 10, 10), (4, 2, 3, 11, 18), (8, 5, 3, 35, 35), (4, 5, 5, 40, 29),
             (2, 4, 6, 24, 24), (4, 2, 4, 5, 37), (4, 2, 3, 11, 15), (4, 2, 2, 18, 20),
             (8, 2, 2, 15, 19), (2, 2, 4, 8, 10))  # fmt: skip
    for grid, margin, blocks, height, width in fixed:
        yield _scene(grid, margin, blocks, height, width, seed=height)
    network, image, *numbers = _scene(4, 2, 2, 15, 21, seed=1)
    yield network, strided(image), *numbers
    while True:
        grid, margin = rng.choice((2, 4, 8)), rng.choice((2, 3))
        blocks = rng.randint(2, 3) + (grid == 2)
        height, width = rng.randint(4, 32), rng.randint(4, 32)
        yield _scene(grid, margin, blocks, height, width, rng.randrange(10**6))


def _scene(grid: int, margin: int, blocks: int, height: int, width: int, seed: int) -> tuple:
    generator = torch.Generator().manual_seed(seed)
    image = torch.randint(1, 50, (1, 1, height, width), generator=generator).float()
    return Pooling(grid, margin), image, 2 + blocks * grid, margin, grid


def _in_one_pass(network, image, tile, margin, grid):
    """The specification: mirror as far as the network needs, one pass, and cut."""
    height, width = image.shape[-2:]
    behind = []
    for n in (height, width):
        legal = [size for size in range(grid + 2, n + 99) if (size - 2) % grid == 0]
        whole = min(size for size in legal if size >= n + 2 * margin)
        behind.append((margin, whole - margin - n))
    return network(tiling.mirror_pad(image, behind))[..., :height, :width]


def _stitched(places=tiling.tile_positions, pad=tiling.mirror_pad) -> Callable:
    """The reference with tiles at other places, or other pixels around the image."""

    def stitch(network, image, tile, margin, grid):
        (height, width), kept = image.shape[-2:], tile - 2 * margin
        rows, columns = (places(n, kept, grid) for n in (height, width))
        below, right = rows[-1] + tile - margin - height, columns[-1] + tile - margin - width
        padded = pad(image, ((margin, below), (margin, right)))
        result = torch.zeros(1, 1, rows[-1] + kept, columns[-1] + kept)
        for top, left in itertools.product(rows, columns):
            part = network(padded[..., top : top + tile, left : left + tile])
            result[..., top : top + kept, left : left + kept] = part
        return result[..., :height, :width]

    return stitch


def _flush(n, kept, grid):
    """The last tile is drawn back until it ends with the image."""
    return [*range(0, n - kept, kept // grid * grid), n - kept] if n > kept else [0]


def _border_twice(x, margins):
    for axis, (before, after) in zip((-2, -1), margins, strict=True):
        n = x.shape[axis]
        x = x.index_select(axis, _twice(torch.arange(-before, n + after), n))
    return x


def _stitched_pixels(got: Any, due: Tensor) -> tuple[np.ndarray, np.ndarray] | None:
    """(what was got, whether each pixel is right), both (H, W), where the size is right."""
    found, due = as_array(got), array(due)
    if found is None or found.shape != due.shape:
        return None
    return found[0, 0], close(found, due)[0, 0]


def _larger(case: dict, got: Any, due: Tensor) -> bool:
    """The image's own part is right, and more hangs over."""
    found, (height, width) = as_array(got), due.shape[-2:]
    return found.shape != tuple(due.shape) and bool(
        close(found[..., :height, :width], array(due)).all()
    )


def _smaller(case: dict, got: Any, due: Tensor) -> bool:
    found, m = as_array(got), case["margin"]
    return found.shape[-2:] == tuple(max(0, n - 2 * m) for n in due.shape[-2:])


def _holes(case: dict, got: Any, due: Tensor) -> bool:
    """Whatever is wrong was never written."""
    found, right = _stitched_pixels(got, due)
    return not found[~right].any()


def _first_tile_only(case: dict, got: Any, due: Tensor) -> bool:
    found, right = _stitched_pixels(got, due)
    kept = case["tile"] - 2 * case["margin"]
    outside = np.ones_like(right)
    outside[:kept, :kept] = False
    return not right[outside].any() and not found[outside].any()


def _near(case: dict, right: np.ndarray, ends: str) -> np.ndarray:
    """Which pixels see beyond the image there, at most: "first" and/or "last" rows, columns."""
    reach, near = case["margin"] + case["grid"], np.zeros_like(right)
    if "first" in ends:
        near[:reach], near[:, :reach] = True, True
    if "last" in ends:
        near[-reach:], near[:, -reach:] = True, True
    return near


def _wrong_near(ends: str) -> Callable[[dict, Any, Tensor], bool]:
    def shows(case: dict, got: Any, due: Tensor) -> bool:
        _found, right = _stitched_pixels(got, due)
        return bool((right | _near(case, right, ends)).all())

    return shows


def _first_is_right(case: dict, got: Any, due: Tensor) -> bool:
    _found, right = _stitched_pixels(got, due)
    return bool(right[0, 0])


stretch = Exercise(
    name="13.stitch",
    task=_("Run a network over an image of any size, tile by tile, without a seam."),
    reference=stitch,
    mistakes=(
        Mistake("steps of what a tile gives",
            _stitched(lambda n, kept, grid: [*range(0, n, kept)]), _(
            "Your tiles start every `tile − 2 · margin` pixels, side by side. Only tiles that "
            "start on the grid pool the same pixels as one pass does: pass `grid` to "
            "tile_positions.")),
        Mistake("last one flush", _stitched(_flush), _(
            "Only the last row or column of tiles is wrong. You moved these tiles back to end "
            "with the image, so they start off the grid. Let them hang over the end.")),
        Mistake("zeros around",
            _stitched(pad=lambda x, margins: F.pad(x, (*margins[1], *margins[0]))), _(
            "Your result is right inside and wrong near the image's border, because there are "
            "zeros around the image. Mirror the image instead.")),
        Mistake("border pixel twice", _stitched(pad=_border_twice), _(
            "Your result is right inside and wrong near the border, because your mirror "
            "repeats the border pixel. See exercise 1.")),
        Mistake("no margin in front",
            _stitched(pad=lambda x, pairs: tiling.mirror_pad(x, [(0, sum(m)) for m in pairs])),
            _("Everything is shifted: output pixel 0 belongs to input pixel `margin`, so the "
              "image needs `margin` mirrored pixels above and on its left.")),
    ),
    symptoms=(
        Symptom("not cut", _larger, _(
            "Your result is right, but larger than the image. What hangs over below and on the "
            "right has to be cut off at the end.")),
        Symptom("smaller by the margins", _smaller, _(
            "Your result is smaller than the image by the margins. Continue the image by "
            "mirroring before you cut the tiles out of it.")),
        Symptom("one tile", _first_tile_only, _(
            "Only the first tile is in your result. Does the loop end after its first round, "
            "with a `return` inside of it?")),
        Symptom("holes", _holes, _(
            "Where your result is wrong it is 0, because no tile was written there. Combine "
            "each start in rows with each start in columns.")),
        Symptom("behind", _wrong_near("last"), _(
            "Your result is wrong only near the lower or the right border. There the last "
            "tile sees what is behind the image. Is that the mirror, and does the tile start "
            "on the grid?")),
        Symptom("in front", _wrong_near("first"), _(
            "Your result is wrong only near the upper or the left border. There the tiles "
            "should see `margin` pixels of the image's mirror.")),
        Symptom("around", _wrong_near("first and last"), _(
            "Your result is right inside and wrong near the image's border. There the network "
            "sees what is around the image. That should be its mirror, in which the border "
            "pixel occurs once.")),
        Symptom("off the grid", _first_is_right, _(
            "Your first tile is right, and later ones are wrong. Do they start on multiples "
            "of `grid`, and are they written to the place that they were computed for?")),
        oblong("image"),
    ),
    hints=(
        _("A tile loses `margin` pixels at each edge. So which pixels of the padded image does "
          "it have to see to return the output pixels top to top + kept − 1?"),
        _("Mirror `margin` pixels above and on the left. Then the tile for output pixel `top` "
          "starts at `top` in the padded image. How many pixels have to be mirrored below and "
          "on the right, so that the last tile is whole?"),
        _("Below the image, mirror last start + tile − margin − height pixels, and on its "
          "right last start + tile − margin − width. Write each output into zeros of last "
          "start + kept pixels in height and in width, and cut out the image's size at the "
          "end."),
    ),
    due=_("a tensor (1, 1, H, W), what one pass over the mirrored image returns"),
    cases=scenes,
    worth=_("Now an image may be too large for one pass: the network sees one tile at a time, "
            "and nobody can tell afterwards where the tiles met."),
    specification=_in_one_pass,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
