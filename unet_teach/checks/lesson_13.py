"""Lesson 13: mirror an image at its border, place tiles, stitch them without a seam."""

from __future__ import annotations

import operator
import random
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach import tiling
from unet_teach.checks.exercise import Exercise, Mistake
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
    """(image, margin), the margin smaller than the image."""
    yield torch.arange(1.0, 10.0).view(3, 3), 1
    yield torch.arange(1.0, 10.0).view(3, 3), 2
    yield torch.arange(1.0, 13.0).view(3, 4), 2
    yield torch.tensor([[1.0, 2.0], [3.0, 4.0]]), 0
    while True:
        height, width = rng.randint(2, 7), rng.randint(2, 7)
        generator = torch.Generator().manual_seed(rng.randrange(10**6))
        image = torch.randint(1, 100, (height, width), generator=generator).float()
        yield image, rng.randint(1, min(height, width) - 1)


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


def _edge_repeated(image, margin):
    places = []
    for n in image.shape:
        place = torch.arange(-margin, n + margin) % (2 * n)
        places.append(torch.minimum(place, 2 * n - 1 - place))
    return image[places[0]][:, places[1]]


def _zeros(image, margin):
    return F.pad(image, (margin,) * 4)


def _replicated(image, margin):
    places = [torch.arange(-margin, n + margin).clamp(0, n - 1) for n in image.shape]
    return image[places[0]][:, places[1]]


def _wrapped(image, margin):
    places = [torch.arange(-margin, n + margin) % n for n in image.shape]
    return image[places[0]][:, places[1]]


def _columns_only(image, margin):
    columns = mirror_pad(image, margin)[margin : margin + image.shape[0]]
    return F.pad(columns, (0, 0, margin, margin))


easy = Exercise(
    name="13.mirror_pad",
    task=_("Continue an image (H, W) by mirroring; the border pixel comes once."),
    reference=mirror_pad,
    mistakes=(
        Mistake(
            "border pixel twice", _edge_repeated,
            _("The border pixel comes twice. The mirror stands **on** the border pixel, not "
              "behind it: beside 1 2 3 comes 2, not 3."),
        ),
        Mistake(
            "zeros", _zeros,
            _("The frame is zero. That is what \"same\" padding does; the paper mirrors."),
        ),
        Mistake(
            "border repeated", _replicated,
            _("You repeat the border pixel as far as the margin goes. Mirror the pixels behind "
              "it as well."),
        ),
        Mistake(
            "wrapped around", _wrapped,
            _("The right side comes in again at the left. A mirror turns the order around: "
              "what is next to the border in the image is next to it outside."),
        ),
        Mistake(
            "columns only", _columns_only,
            _("Right along the rows; above and below there are zeros. Mirror both ways."),
        ),
    ),
    hints=(
        _("A row 1 2 3 4 with a margin of 2: what stands left of 1, and what right of 4?"),
        _("Number the places from −margin to n − 1 + margin. Left of the image place −i shows "
          "pixel i. Right of it place n − 1 + i shows pixel n − 1 − i."),
        _("inside = (n - 1) - (n - 1 - outside.abs()).abs(), once for rows and once for "
          "columns; then image[rows][:, columns]."),
    ),
    due=_("a tensor (H + 2 · margin, W + 2 · margin)"),
    cases=images,
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
    yield 388, 388, 4
    yield 389, 388, 4
    yield 20, 36, 3
    yield 3, 36, 3
    yield 96, 32, 3
    while True:
        depth = rng.randint(0, 4)
        kept = rng.randint(2**depth, 2**depth + 60)
        yield rng.randint(1, 400), kept, depth


OFF, UNCOVERED = _("starts that are off the grid"), _("pixels that no tile covers")
COUNT, OUTSIDE = _("tiles"), _("starts outside of the side")


def what_positions_do(answer: Callable, length: int, kept: int, depth: int) -> dict | None:
    """What makes positions right: the last tile may be drawn back or hang over."""
    starts = answer(length, kept, depth)
    if starts is None or starts is Ellipsis:
        return starts
    starts = [operator.index(start) for start in starts]
    covered = {pixel for start in starts for pixel in range(start, start + kept)}
    return {
        OFF: [start for start in starts if start % 2**depth],
        UNCOVERED: len(set(range(length)) - covered),
        COUNT: len(starts),
        OUTSIDE: [start for start in starts if not 0 <= start < length],
    }


def _greedy(length, kept, depth):
    """The specification: at each uncovered pixel, the furthest tile that covers it."""
    starts = [0]
    for pixel in range(length):
        if pixel >= starts[-1] + kept:
            starts.append(max(s for s in range(0, pixel + 1, 2**depth)))
    return starts


def _side_by_side(length, kept, depth):
    return list(range(0, length, kept))


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


def _one_too_many(length, kept, depth):
    step = kept // 2**depth * 2**depth
    return list(range(0, length, step))


def _every_grid_line(length, kept, depth):
    return list(range(0, max(1, length - kept + 2**depth), 2**depth))


core = Exercise(
    name="13.tile_positions",
    task=_("Where tiles start that give `kept` pixels each, so that they cover `length`."),
    reference=tile_positions,
    mistakes=(
        Mistake(
            "side by side", _side_by_side,
            _("Steps of `kept`: no pixel is computed twice, but most tiles start off the grid. "
              "Round the step down to a multiple of 2**depth."),
        ),
        Mistake(
            "last one flush", _drawn_back_too_far,
            _("Your last tile ends flush with the side, and so starts off the grid. Let it "
              "hang over, or draw it back by a multiple of 2**depth only."),
        ),
        Mistake(
            "rounded up", _rounded_up,
            _("The step is on the grid, but larger than `kept`: between tiles pixels are "
              "missing. Round **down**."),
        ),
        Mistake(
            "last one missing", _last_missing,
            _("A rest at the end may stay uncovered: think of a side that is one pixel longer "
              "than a step fits."),
        ),
        Mistake(
            "one too many", _one_too_many,
            _("All pixels are covered and all starts are on the grid, but sometimes one tile "
              "is in vain: the one before gives more than a step."),
        ),
        Mistake(
            "every place of the grid", _every_grid_line,
            _("Right, and very slow: a tile at every 2**depth pixels. Take the largest step "
              "that leaves no gap."),
        ),
    ),
    hints=(
        _("What is the largest multiple of 2**depth that is not above `kept`? Take it as the "
          "step."),
        _("One tile covers `kept` pixels. How many more steps does the rest, length − kept, "
          "take? Round up."),
        _("step = kept // 2**depth * 2**depth; tiles = 1 + max(0, ceil((length − kept) / "
          "step)); start number i is i · step."),
    ),
    due=_("a list of whole numbers: on the grid, without gaps, and as few as possible"),
    cases=sides,
    run=what_positions_do,
    specification=_greedy,
)  # fmt: skip


# ---------------------------------------------------------------------- stretch: the stitcher
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
                raise ValueError(f"this network does not take a size of {n}")
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
    fixed = ((4, 2, 2, 12, 12), (4, 2, 2, 13, 7), (2, 3, 3, 9, 10), (8, 2, 2, 20, 17))
    for grid, margin, blocks, height, width in fixed:
        yield _scene(grid, margin, blocks, height, width, seed=height)
    while True:
        grid, margin = rng.choice((2, 4, 8)), rng.choice((2, 3))
        blocks = rng.randint(2, 3) + (grid == 2)
        height, width = rng.randint(4, 24), rng.randint(4, 24)
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


def _stitched(network, image, tile, margin, rows, columns, padded):
    height, width = image.shape[-2:]
    kept = tile - 2 * margin
    result = torch.zeros(1, 1, rows[-1] + kept, columns[-1] + kept)
    for top in rows:
        for left in columns:
            part = network(padded[..., top : top + tile, left : left + tile])
            result[..., top : top + kept, left : left + kept] = part
    return result[..., :height, :width]


def _around(image, tile, margin, rows, columns, pad=tiling.mirror_pad):
    """An image with its margins, for tiles at these places."""
    height, width = image.shape[-2:]
    below, right = rows[-1] + tile - margin - height, columns[-1] + tile - margin - width
    return pad(image, ((margin, below), (margin, right)))


def _places(image, tile, margin, grid):
    return [tiling.tile_positions(n, tile - 2 * margin, grid) for n in image.shape[-2:]]


def _without_grid(network, image, tile, margin, grid):
    kept = tile - 2 * margin
    places = [list(range(0, n, kept)) for n in image.shape[-2:]]
    padded = _around(image, tile, margin, *places)
    return _stitched(network, image, tile, margin, *places, padded)


def _flush(network, image, tile, margin, grid):
    """The last tile is drawn back until it ends with the image."""
    kept, places = tile - 2 * margin, []
    for n in image.shape[-2:]:
        step = kept // grid * grid
        places.append([*range(0, n - kept, step), n - kept] if n > kept else [0])
    padded = _around(image, tile, margin, *places)
    return _stitched(network, image, tile, margin, *places, padded)


def _zero_frame(network, image, tile, margin, grid):
    def zeros(x, margins):
        (top, bottom), (left, right) = margins
        return F.pad(x, (left, right, top, bottom))

    places = _places(image, tile, margin, grid)
    padded = _around(image, tile, margin, *places, pad=zeros)
    return _stitched(network, image, tile, margin, *places, padded)


def _symmetric(network, image, tile, margin, grid):
    """The border pixel comes twice."""

    def twice(x, margins):
        for axis, (before, after) in zip((-2, -1), margins, strict=True):
            n = x.shape[axis]
            place = torch.arange(-before, n + after) % (2 * n)
            x = x.index_select(axis, torch.minimum(place, 2 * n - 1 - place))
        return x

    places = _places(image, tile, margin, grid)
    padded = _around(image, tile, margin, *places, pad=twice)
    return _stitched(network, image, tile, margin, *places, padded)


def _behind_only(network, image, tile, margin, grid):
    """No margin in front of the image: all is shifted."""
    places = _places(image, tile, margin, grid)
    padded = _around(image, tile, margin, *places, pad=lambda x, margins: tiling.mirror_pad(
        x, tuple((0, sum(pair)) for pair in margins)))  # fmt: skip
    return _stitched(network, image, tile, margin, *places, padded)


stretch = Exercise(
    name="13.stitch",
    task=_("Run a network over an image of any size, tile by tile, without a seam."),
    reference=stitch,
    mistakes=(
        Mistake(
            "steps of what a tile gives", _without_grid,
            _("Your tiles lie side by side, and only those that start on the grid pool the "
              "same pixels as the whole. Give `grid` to tile_positions."),
        ),
        Mistake(
            "last one flush", _flush,
            _("Wrong in the last row or column of tiles only: they were drawn back to end with "
              "the image, off the grid. Let them hang over."),
        ),
        Mistake(
            "zeros around", _zero_frame,
            _("Inside it is right, near the image's border it is not: there is a frame of "
              "zeros. Mirror the image instead."),
        ),
        Mistake(
            "border pixel twice", _symmetric,
            _("Inside it is right, near the border it is not: the mirror repeats the border "
              "pixel. See exercise 1."),
        ),
        Mistake(
            "no margin in front", _behind_only,
            _("Everything is shifted: output pixel 0 belongs to input pixel `margin`, so the "
              "image needs `margin` mirrored pixels above and on its left."),
        ),
    ),
    hints=(
        _("Which pixels of the padded image must a tile see to give output pixels top to top + "
          "kept − 1?"),
        _("Mirror `margin` pixels in front. Then the tile for output pixel `top` starts at "
          "`top` in the padded image. How far must the image go on behind for the last tile?"),
        _("Behind: last start + tile − margin − height. Write each part into a canvas of last "
          "start + kept pixels, and cut the image's size out of it at the end."),
    ),
    due=_("a tensor (1, 1, H, W), what one pass over the mirrored image gives"),
    cases=scenes,
    specification=_in_one_pass,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
