"""Lesson 13: stitched tiles against one pass, the picture, the controls, the exercises."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from answers import is_hinted
from pictures import images_in
from torch.nn import functional as F

from unet_teach.drawing.style import BLUE
from unet_teach.exercises.exercise import Told, call
from unet_teach.exercises.judging import exercise_named, judge
from unet_teach.lessons.l13_overlap_tile import measure as tiles
from unet_teach.lessons.l13_overlap_tile.exercises import Pooling, mirror_pad, stitch
from unet_teach.lessons.l13_overlap_tile.exercises import tile_positions as positions
from unet_teach.lessons.l13_overlap_tile.measure import (
    CONFIG,
    GRID,
    SIDE,
    exact_tiles,
    piece,
    starts_of,
    stitched_difference,
    tile_of,
)
from unet_teach.lessons.l13_overlap_tile.panel import tile_explorer
from unet_teach.lessons.l13_overlap_tile.picture import (
    LEFT,
    SPACE,
    TOP,
    ZOOM,
    coloured,
    stitched_map,
)
from unet_teach.models.unet import UNet
from unet_teach.shapes import output_size
from unet_teach.tiling import predict, tile_positions


# -------------------------------------------------------------------- stitched against whole
@pytest.mark.parametrize("about", [36, 68, 100])
def test_valid_tiles_are_exact_on_the_grid_and_only_there(about):
    for offset in (24, 25, 28, 32, 36):
        worst = stitched_difference("valid", about, offset).max()
        assert (worst < 1e-4) == (offset % GRID == 0), offset
        if offset % GRID:
            assert worst > 0.5


@pytest.mark.parametrize("offset", [24, 32, 40])
def test_zero_padded_tiles_are_not_exact_on_the_grid_either(offset):
    difference = stitched_difference("same", 36, offset)
    assert difference.max() > 1
    seam = difference[:, offset].mean()
    assert seam > 2.5 * difference[:, offset // 2].mean()  # worst where tiles meet


def test_the_first_tile_is_the_whole_s_own():
    difference = stitched_difference("valid", 36, 33)
    assert difference[:33, :33].max() < 1e-4 < difference[:33, 33:].max()


@pytest.mark.parametrize("offset", [32, 33])
def test_each_stitched_pixel_is_the_last_tile_s(offset):
    """The obvious way: one tile at a time, through the library's network."""
    network = tiles._network("valid")
    image, whole = tiles._image(), tiles._whole("valid")
    tile, _kept = tile_of("valid", 36)
    first = tiles.ORIGIN - 44
    row, column = 2 * offset, offset  # the third tile down, the second across
    with torch.no_grad():
        x = image[..., first + row : first + row + tile, first + column : first + column + tile]
        logits = network(x)[0]
    part = (logits[1] - logits[0])[:offset, :offset]
    there = whole[row : row + offset, column : column + offset]
    found = stitched_difference("valid", 36, offset)
    expected = ((part - there).abs() / whole.std()).numpy()
    got = found[row : row + offset, column : column + offset]
    np.testing.assert_allclose(got, expected, atol=1e-4)


def test_both_paddings_have_the_same_weights_and_agree_inside():
    valid, same = (tiles._network(padding) for padding in ("valid", "same"))
    pairs = zip(valid.parameters(), same.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)
    x = tiles._image()[..., :224, :224]  # a valid tile from 2 on pools the same pairs
    with torch.no_grad():
        inner = same(x)[..., 62:162, 62:162]
        assert torch.allclose(valid(x[..., 18:206, 18:206]), inner, atol=1e-4)


def test_the_piece_lies_at_its_origin():
    assert piece().shape == (SIDE, SIDE)
    inner = tiles._image()[0, 0, tiles.ORIGIN : tiles.ORIGIN + SIDE]
    assert np.array_equal(piece(), inner[:, tiles.ORIGIN : tiles.ORIGIN + SIDE].numpy())


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("about", [36, 68, 100])
def test_tiles_are_legal(padding, about):
    tile, kept = tile_of(padding, about)
    assert output_size(replace(CONFIG, padding=padding), tile) == kept >= about


def test_starts_cover_the_piece_with_as_few_tiles_as_it_takes():
    for kept in (36, 68, 100):
        for offset in range(1, kept + 1):
            starts = starts_of(offset, kept)
            assert starts[-1] + kept >= SIDE
            assert len(starts) == 1 or starts[-2] + kept < SIDE
    with pytest.raises(ValueError, match="offset is 37; tiles that give 36 take 1 to 36"):
        starts_of(37, 36)


def test_exact_tiles_are_those_without_a_difference():
    difference = np.zeros((6, 6))
    difference[5, 0] = 1e-3
    assert exact_tiles(difference, [0, 4]).tolist() == [[True, True], [False, True]]


# -------------------------------------------------------------------------------- the picture
def test_each_difference_is_drawn_where_it_is():
    difference = np.zeros((12, 12))
    difference[3, 7] = 10.0
    image = np.zeros((12, 12))
    image[2, 5] = 1
    exact = exact_tiles(difference, [0, 4, 8])
    picture = stitched_map(image, difference, [0, 4, 8], exact, (20, 4), "valid", 8)
    grey, coloured_map, scale = images_in(picture.body)
    assert grey.shape == (12, 12, 3) and scale.shape == (50, 1, 3)
    assert grey[2, 5].min() == 255 and np.sum(grey == 255) == 3
    assert coloured_map[3, 7].tolist() == scale[0, 0].tolist() == [74, 23, 0]
    assert np.sum(coloured_map.min(axis=2) < 255) == 1
    assert "8 of 9 tiles are exact" in picture.alt and "start at 0, 4, 8" in picture.alt
    assert "modulo 8: 0, 4, 0" in picture.text


def test_seams_on_the_grid_are_blue_and_the_others_dashed():
    nothing = np.zeros((12, 12))
    picture = stitched_map(nothing, nothing, [0, 4, 8], np.ones((3, 3)), (20, 4), "valid", 8)
    right = LEFT + 12 * ZOOM + SPACE
    for left in (LEFT, right):
        for start, colour in ((4, "#1F2430"), (8, BLUE)):
            x = left + start * ZOOM
            line = f'<line x1="{x}" y1="{TOP - 6}" x2="{x}" y2="{TOP + 12 * ZOOM}"'
            rest = picture.body.split(line)[1].split("/>")[0]
            assert f'stroke="{colour}"' in rest
            assert ("dasharray" in rest) == (start == 4)
    assert "rounding" in picture.alt and "rounding" in picture.text


def test_colours_follow_the_powers_of_ten():
    colours = np.asarray(coloured(np.logspace(-6, 3, 40)[None]).convert("RGB"))
    shades = colours[0].astype(int).sum(axis=1)
    assert (np.diff(shades) <= 0).all() and shades[0] == 765 and shades[-1] == 97


def test_what_is_more_than_rounding_is_not_white():
    assert np.asarray(coloured(np.array([[1.001e-4]])).convert("RGB")).min() < 255


# ------------------------------------------------------------------------------- the explorer
def test_the_explorer_opens_on_every_second_tile():
    panel = tile_explorer()
    assert "start at 0, 36, 72, 108" in panel.picture.alt
    assert "4 of 16 tiles are exact" in panel.picture.alt


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("padding", "same", "Zero-padded tiles of 40 pixels, of which 40 come out"),
        ("size", 68, "of 156 pixels, of which 68 come out"),
        ("offset", 32, "16 of 16 tiles are exact"),
    ],
)
def test_every_control_changes_the_picture(name, value, words):
    panel = tile_explorer()
    before = panel.picture.body
    panel.controls[name].value = value
    assert panel.problem == "" and panel.picture.body != before
    assert words in panel.picture.alt


def test_gaps_are_refused_and_the_largest_offset_offered():
    panel = tile_explorer()
    panel.controls["offset"].value = 40
    assert panel.problem == "a tile gives 36 pixels: every 40 pixels leaves gaps of 4"
    assert "exact" not in panel.picture.text  # said of the last setting, not of this one
    button = panel._offers.children[-1]
    assert button.description.endswith("= 36")
    button.click()
    assert panel.problem == "" and panel.values["offset"] == 36


def test_strict_every_end_of_every_control(monkeypatch):
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    tile_explorer()


# ------------------------------------------------------------------------------- the exercises
def test_mirror_pad_is_torch_s_reflect():
    image = torch.rand(5, 8)
    for margin in range(5):
        reflect = torch.nn.functional.pad(image[None], (margin,) * 4, mode="reflect")[0]
        assert torch.equal(mirror_pad(image, margin), reflect)


def test_positions_drawn_back_and_hanging_over_both_pass():
    def drawn_back(length, kept, depth):
        return tile_positions(length, kept, 2**depth)

    exercise = exercise_named("13.tile_positions")
    assert exercise.run is not call
    assert judge(exercise, drawn_back).passed
    assert positions(1000, 388, 4) == [0, 384, 768]  # hangs over
    assert drawn_back(1000, 388, 4) == [0, 384, 624]


def test_the_pooling_network_repeats_on_its_grid_only():
    network, x = Pooling(4), torch.rand(1, 1, 30, 30)
    whole = network(x)
    assert torch.equal(network(x[..., 8:22, 4:18]), whole[..., 8:18, 4:14])
    assert not torch.equal(network(x[..., 9:23, 4:18]), whole[..., 9:19, 4:14])
    with pytest.raises(Told, match="cannot take"):
        network(x[..., :13, :14])


@pytest.mark.parametrize("shape", [(50, 61), (5, 90), (131, 44)])
def test_the_stitcher_of_exercise_3_is_the_library_s_predict(shape):
    torch.manual_seed(0)
    network = UNet(replace(CONFIG, depth=2)).double().eval()
    image = np.random.default_rng(0).normal(size=shape)
    image = (image - image.mean()) / image.std()
    x = torch.from_numpy(image)[None, None]
    with torch.no_grad():
        found = stitch(lambda part: network(part).softmax(1)[:, 1:], x, 84, 20, 4)[0, 0]
    due = predict(network, image, tile=None)[1]
    np.testing.assert_allclose(found.numpy(), due, atol=1e-5)


# ------------------------------------------- hints for kinds of mistakes, however written
def padded(image, *modes, margin):
    """Rows and columns continued by NumPy, each in its mode."""
    for axis, mode in enumerate(modes):
        image = np.pad(image, [(margin, margin) if a == axis else (0, 0) for a in (0, 1)], mode)
    return image


def far_edges(image, margin):
    due, (height, width) = mirror_pad(image, margin), image.shape
    due[margin + height :], due[:, margin + width :] = due[margin], due[:, :1]
    return due


PADS = {
    "height and width both grow": lambda x, m: mirror_pad(x, m)[m // 2 :, m // 2 :][
        : len(x) + m, : x.shape[1] + m
    ],
    "as large as the image": lambda x, m: x,
    "The middle of your result": lambda x, m: mirror_pad(x.flip(0), m),
    "the image does not have": lambda x, m: mirror_pad(x, m) + F.pad(0 * x, (m,) * 4, value=9),
    "wrong below or on the right": far_edges,
    "wrong above or below it": lambda x, m: padded(x, "edge", "reflect", margin=m),
    "wrong on its left or right": lambda x, m: padded(x, "reflect", "edge", margin=m),
    "square maps": lambda x, m: mirror_pad(x[:, : len(x)], m),
}
POSITIONS = {
    "has to be 0": lambda n, kept, d: positions(n, kept, d)[1:],
    "several numbers": lambda n, kept, d: [(s, s + kept) for s in positions(n, kept, d)],
    "All your starts are on the grid": lambda n, kept, d: list(range(0, n, 2 * kept << d)),
    "not multiples": lambda n, kept, d: [0] + [s + (d > 0) for s in positions(n, kept, d)[1:]],
    "more tiles than needed": lambda n, kept, d: [*positions(n, kept, d), 0],
    "itself a multiple": lambda n, kept, d: positions(
        n, kept - (kept % 2**d == 0 and kept > 2**d), d
    ),
}
STITCHES = {
    "hangs over": lambda net, x, *rest: F.pad(stitch(net, x, *rest), (0, 3, 0, 1)),
    "smaller than the image": lambda net, x, t, m, g: stitch(net, x, t, m, g)[
        ..., m : max(m, x.shape[2] - m), m : max(m, x.shape[3] - m)
    ],
    "no tile was written": lambda net, x, t, m, g: (
        stitch(net, x, t, m, g) * (torch.arange(x.shape[3]) < t - 2 * m)
    ),
    "Only the first tile": lambda net, x, t, m, g: (
        stitch(net, x, t, m, g)
        * (torch.arange(x.shape[3]) < t - 2 * m)
        * (torch.arange(x.shape[2]) < t - 2 * m)[:, None]
    ),
    "which it cannot take": lambda net, x, t, m, g: net(x[..., : g + 1, : g + 1]),
}


@pytest.mark.parametrize(
    ("name", "words", "answer"),
    [
        (name, words, answer)
        for name, answers in (
            ("13.mirror_pad", PADS),
            ("13.tile_positions", POSITIONS),
            ("13.stitch", STITCHES),
        )
        for words, answer in answers.items()
    ],
)
def test_a_kind_of_mistake_is_told(name, words, answer):
    is_hinted(name, answer, words)


def test_positions_may_be_any_whole_numbers():
    exercise = exercise_named("13.tile_positions")
    assert judge(exercise, lambda *case: np.array(positions(*case), float)).passed
    assert "whole numbers" in judge(exercise, lambda *case: [0.5]).hint
