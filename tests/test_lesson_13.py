"""Lesson 13: stitched tiles against one pass, the picture, the controls, the exercises."""

import numpy as np
import pytest
import torch
from answers import is_hinted
from pictures import images_in
from scipy.ndimage import distance_transform_edt
from torch.nn import functional as F

from unet_teach.config import UNetConfig
from unet_teach.data.membranes import membrane_slice
from unet_teach.data.volume import standardise
from unet_teach.drawing.pair import MEMBRANES, the_pair
from unet_teach.drawing.style import rgb
from unet_teach.exercises.exercise import Told, call
from unet_teach.exercises.judging import exercise_named, judge
from unet_teach.lessons.l13_overlap_tile import measure as tiles
from unet_teach.lessons.l13_overlap_tile.exercises import Pooling, mirror_pad, stitch
from unet_teach.lessons.l13_overlap_tile.exercises import tile_positions as positions
from unet_teach.lessons.l13_overlap_tile.measure import SIDE, TILE
from unet_teach.lessons.l13_overlap_tile.panel import tile_explorer
from unet_teach.metrics import components, thin, v_rand
from unet_teach.models.unet import UNet
from unet_teach.tiling import predict, tile_positions


# -------------------------------------------------------------------- stitched against one pass
@pytest.fixture(scope="module")
def one_pass():
    """The whole slice by the library's `predict`, cut to the piece."""
    micrograph, _labels = membrane_slice(the_pair(MEMBRANES).index)
    found = predict(tiles.network("valid"), micrograph, tile=316)[1]
    return found[tuple(slice(first, first + SIDE) for first in tiles.ORIGIN)]


@pytest.fixture(scope="module")
def labels():
    _micrograph, found = membrane_slice(the_pair(MEMBRANES).index)
    return found[tuple(slice(first, first + SIDE) for first in tiles.ORIGIN)] > 0


def test_the_whole_is_what_predict_returns(one_pass):
    np.testing.assert_allclose(tiles.whole(), one_pass, atol=1e-5)


@pytest.mark.parametrize("place", [(16, 48), (17, 40)])
def test_one_shifted_pass_is_what_tiles_of_252_give(place):
    """The obvious way, for the tile that is dragged and the next two: one at a time."""
    found = tiles.stitched("image", *place)
    for row, column in (place, (place[0], place[1] + TILE), (place[0] + TILE, place[1])):
        x = tiles.seen(row - 92, column - 92, 252)
        part = tiles.inside("valid", x)[0][:TILE, :TILE]
        there = found[row : row + TILE, column : column + TILE]
        np.testing.assert_allclose(there, part[: len(there), : there.shape[1]], atol=1e-5)


@pytest.mark.parametrize("place", [(0, 0), (9, 50)])
def test_zero_padded_tiles_see_themselves_alone(place):
    found = tiles.stitched("zeros", *place)
    for row in range(place[0] % TILE, SIDE - TILE + 1, TILE):
        for column in range(place[1] % TILE, SIDE - TILE + 1, TILE):
            part = tiles.inside("same", tiles.seen(row, column, TILE))[0]
            there = found[row : row + TILE, column : column + TILE]
            np.testing.assert_allclose(there, part, atol=1e-5)


def test_what_a_tile_reads_is_the_slice_and_its_mirror():
    micrograph, _labels = membrane_slice(the_pair(MEMBRANES).index)
    rows = np.pad(standardise(micrograph), 200, mode="reflect")
    top, left = (200 + first for first in tiles.ORIGIN)
    due = rows[top - 60 : top + 192, left + 30 : left + 282]
    np.testing.assert_allclose(tiles.seen(-60, 30, 252)[0, 0].numpy(), due, atol=1e-6)


@pytest.mark.parametrize("offset", [0, 5, 63, 64, 70, 80])
def test_tiles_cover_the_piece_and_one_starts_where_it_is_asked_to(offset):
    found = tiles.starts(offset)
    assert offset in found and set(np.diff(found)) == {TILE}
    assert -TILE < found[0] <= 0 and SIDE - TILE <= found[-1] < SIDE


# -------------------------------------------------------------------------------- the answer
def asked(around, top, left):
    return tiles.answer({"around": around, "top": top, "left": left})


@pytest.mark.parametrize("around, top, left", [("zeros", 8, 8), ("image", 17, 17)])
def test_the_numbers_by_hand(one_pass, labels, around, top, left):
    found, result = asked(around, top, left), tiles.stitched(around, top, left)
    difference, white = abs(result - one_pass), result > 0.5
    assert found["largest"] == pytest.approx(difference.max(), abs=1e-5)
    assert found["mean"] == pytest.approx(difference.mean(), abs=1e-5)
    changed, right = white != (one_pass > 0.5), white == labels
    assert found["changed"] == changed.mean()
    wrong_now, right_now = changed & ~right, changed & right
    assert (found["now_wrong"], found["now_right"]) == (wrong_now.sum(), right_now.sum())
    assert np.array_equal(found["labels"] // 8, wrong_now + 2 * right_now)
    assert np.array_equal(found["labels"] % 8 > 0, white)
    assert found["v_rand"] == v_rand(components(labels), thin(white))
    one = np.unravel_index(difference.argmax(), difference.shape)
    assert (
        found["levels"][one[0] // tiles.BLOCK, one[1] // tiles.BLOCK] == found["levels"].max()
    )


def test_the_pair_runs_together_at_a_seam_and_is_tinted():
    pair = the_pair(MEMBRANES)
    places = [tuple(np.subtract(place, tiles.ORIGIN)) for place in pair.neurons]
    for around, verdict, tints in (("zeros", "merged", [4, 4]), ("image", "apart", [2, 3])):
        found = asked(around, 8, 8)
        assert found["pair"] == verdict
        assert [found["labels"][place] for place in places] == tints


def test_image_around_on_the_grid_is_not_different_at_all():
    for top, left in ((0, 0), (16, 32), (80, 64)):
        found = asked("image", top, left)
        assert found["kind"] == "same" and found["on_grid"] and found["largest"] < 1e-5
        assert not found["levels"].any() and found["changed"] == 0


def test_off_the_grid_or_with_zeros_it_is_different():
    for place in ((1, 0), (0, 15), (8, 8)):
        assert (
            asked("image", *place)["largest"] > 0.05 and not asked("image", *place)["on_grid"]
        )
    for place in ((0, 0), (16, 32)):
        assert asked("zeros", *place)["largest"] > 0.5 and asked("zeros", *place)["on_grid"]


def test_different_is_not_wrong():
    found = asked("image", 17, 17)
    assert found["kind"] == "different" and found["changed"] > 0.02
    assert found["v_rand"] > tiles.given()["v_rand"] - 0.001
    zeros = asked("zeros", 16, 32)
    assert zeros["kind"] == "worse" and zeros["v_rand"] < tiles.given()["v_rand"] - 0.2


def test_where_a_wall_is_opened_is_where_the_pair_leaks(labels):
    assert tiles.leak(labels) is None and tiles.intruded(labels) == []
    wall = np.argwhere(tiles.wall_between())
    row, column = wall[len(wall) // 2] + the_pair(MEMBRANES).corner - tiles.ORIGIN
    opened = labels.copy()
    opened[row - 3 : row + 4, column - 3 : column + 4] = True
    assert tiles.kinds(labels)[1] == "apart" and tiles.kinds(opened)[1] == "merged"
    middle = np.argwhere(opened & ~labels).mean(axis=0)
    assert np.hypot(*(tiles.leak(opened) - middle)) < 1.5
    assert tiles.intruded(opened) == []


@pytest.mark.parametrize("name", "AB")
def test_a_neuron_that_runs_into_a_third_is_told(labels, name):
    numbered, own = tiles.neurons()
    number, told = own["AB".index(name)], []
    near = distance_transform_edt(numbered != number) <= tiles.NEAR
    for other in set(np.unique(numbered)) - {0, *own}:
        wall = near & (distance_transform_edt(numbered != other) <= tiles.NEAR)
        opened = labels.copy()
        tiles.at_pair(opened)[wall & ~tiles.wall_between()] = True
        joined = components(tiles.at_pair(opened))
        if joined[numbered == other][0] == joined[numbered == number][0]:
            told.append(tiles.intruded(opened))
    assert told and all(found == [name] for found in told)


def test_a_tile_beside_the_picture_is_refused_and_the_nearest_place_offered():
    found = asked("zeros", -3, 90)
    assert "row -3, column 90: valid are 0 to 80" in found["problem"]
    assert found["offers"] == [{"around": "zeros", "top": 0, "left": 80}]


def test_each_question_has_its_answer():
    kinds = [tiles.answer(settings)["kind"] for settings in tiles.questions().values()]
    assert kinds == ["different", "same", "different", "worse"]


# -------------------------------------------------------------------------------- the picture
def test_the_still_picture_holds_what_the_answer_says():
    panel = tile_explorer()
    tissue, different, wrong = images_in(panel.picture.body)
    assert tissue.shape[:2] == (SIDE // 2, SIDE // 2)
    assert different.shape[:2] == (SIDE // tiles.BLOCK, SIDE // tiles.BLOCK)
    assert wrong.shape[:2] == (SIDE, SIDE)
    reds = (wrong == rgb("#B3261E")).all(axis=2)
    assert reds.sum() == panel.answer["now_wrong"] > 0
    assert (different == 255).all(axis=2).sum() == (panel.answer["levels"] == 0).sum()
    assert panel.picture.alt == panel.answer["said"] and "run together" in panel.picture.text


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
    network, x = Pooling(4), torch.randint(10, (1, 1, 30, 30)).float()  # sums are exact
    whole = network(x)
    assert torch.equal(network(x[..., 8:22, 4:18]), whole[..., 8:18, 4:14])
    assert not torch.equal(network(x[..., 9:23, 4:18]), whole[..., 9:19, 4:14])
    with pytest.raises(Told, match="cannot take"):
        network(x[..., :13, :14])


@pytest.mark.parametrize("shape", [(50, 61), (5, 90), (131, 44)])
def test_the_stitcher_of_exercise_3_is_the_library_s_predict(shape):
    torch.manual_seed(0)
    network = UNet(UNetConfig(base_channels=4, depth=2)).double().eval()
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
    "values that the image doesn't": lambda x, m: (
        mirror_pad(x, m) + F.pad(0 * x, (m,) * 4, value=9)
    ),
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
