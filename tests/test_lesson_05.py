"""Lesson 05: the crop over coordinates, the border of a tile against arithmetic."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from answers import is_accepted, is_told
from pictures import images_in
from scipy import ndimage

from unet_teach.config import UNetConfig
from unet_teach.drawing.style import BLUE, VERMILLION, rgb
from unet_teach.layers import center_crop as library_crop
from unet_teach.lessons.l05_crop_or_pad.exercises import (
    center_crop,
    coordinates,
    missing_pixels,
    paper_crops,
)
from unet_teach.lessons.l05_crop_or_pad.measure import answer, border_map, by_distance, tissue
from unet_teach.lessons.l05_crop_or_pad.panel import crop_explorer
from unet_teach.lessons.l05_crop_or_pad.picture import stacked, still
from unet_teach.models.unet import UNet
from unet_teach.shapes import output_size, trace


@pytest.mark.parametrize("size", [(2, 3), (5, 4), (1, 1), (4, 2)])
def test_the_exercise_builds_what_the_library_has(size):
    places = coordinates(2, 3, 5, 4)
    assert torch.equal(center_crop(places, size), library_crop(places, size))


def test_the_crops_of_the_paper_are_those_of_the_trace():
    assert paper_crops() == [skip.crop for skip in trace(UNetConfig(), 572).skips]


def sizes_of(x, size):
    """The margins, (above, left)."""
    return (x.shape[-2] - size[0]) // 2, (x.shape[-1] - size[1]) // 2


def rounded_to_even(x, size):
    top, left = (round((n - m) / 2) for n, m in zip(x.shape[-2:], size, strict=True))
    return x[..., top : top + size[0], left : left + size[1]]


def same_on_both_ends(x, size):
    top, left = sizes_of(x, size)
    return x[..., top : x.shape[-2] - top, left : x.shape[-1] - left]


def off_both_ends(x, size):
    top, left = (x.shape[2] - size[0]) // 2, (x.shape[3] - size[1]) // 2
    return x[:, :, top:-top, left:-left]


def up_to_minus_margin(x, size):
    top, left = sizes_of(x, size)
    below, right = x.shape[-2] - size[0] - top, x.shape[-1] - size[1] - left
    return x[..., top:-below, left:-right]


def height_s_margin_twice(x, size):
    top, _left = sizes_of(x, size)
    return torch.roll(x, -top, -1)[..., top : top + size[0], : size[1]]


def rows_cut_from_the_top(x, size):
    return center_crop(x[..., : size[0], :], size)


def every_other(x, size):
    rows, columns = (
        torch.linspace(0, n - 1, m).long() for n, m in zip(x.shape[-2:], size, strict=True)
    )
    return x[..., rows, :][..., columns]


KINDS_OF_MISTAKES = [
    ("05.center_crop", rounded_to_even, "an odd margin"),
    ("05.center_crop", off_both_ends, "half off both ends"),
    ("05.center_crop", rows_cut_from_the_top, "another window"),
    ("05.center_crop", every_other, "resampled"),
    ("05.center_crop", up_to_minus_margin, "where nothing is cut"),
    ("05.center_crop", height_s_margin_twice, "one margin for both"),
    ("05.center_crop", same_on_both_ends, "one too many"),
    ("05.paper_crops", [44, 20, 8, 2], "half of them"),
    ("05.paper_crops", [88, 40, 16, 8], "one slip"),
    ("05.missing_pixels", lambda n, depth: missing_pixels(n, depth + 1), "other length"),
    ("05.missing_pixels", lambda n, depth: [n / 2**i % 2 % 1.6 for i in range(depth)],
     "fractions"),
    ("05.missing_pixels", lambda n, depth: [2 * (n >> i & 1) for i in range(depth)],
     "more than one"),
    ("05.missing_pixels", lambda n, depth: [n % 2, *missing_pixels(n // 2 + 1, depth)][:depth],
     "wrong below"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer", "told"), KINDS_OF_MISTAKES)
def test_kinds_of_mistakes_are_told_by_what_they_do(name, answer, told):
    is_told(name, answer, told)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("05.center_crop", lambda x, size: center_crop(x.numpy(), size)),
        ("05.paper_crops", np.array([88, 40, 16, 4])),
        ("05.missing_pixels", lambda n, depth: [bool(n >> i & 1) for i in range(depth)]),
        ("05.missing_pixels", lambda n, depth: np.int64(n) // 2 ** np.arange(depth) % 2),
    ],
)
def test_right_answers_in_other_forms_pass(name, answer):
    is_accepted(name, answer)


# ------------------------------------------------------------------------------------- borders
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_zeros_reach_as_far_as_the_field(layers):
    torch.manual_seed(0)
    convs = [torch.nn.Conv2d(2 if i else 1, 2, 3, padding=1) for i in range(layers)]
    image = torch.rand(1, 1, 40, 40)
    distances, differences = by_distance(border_map(torch.nn.Sequential(*convs), image, 20, 10))
    assert distances.tolist() == list(range(10))
    assert (differences[:layers] > 0).all() and (differences[layers:] < 1e-6).all()


def network(**changes):
    config = UNetConfig(base_channels=2, depth=2)
    torch.manual_seed(1)
    plain = UNet(config)
    changed = UNet(replace(config, **changes))
    changed.load_state_dict(plain.state_dict())
    return changed.eval()


def test_cropping_is_exact_and_padding_is_not():
    image = torch.rand(1, 1, 140, 140, generator=torch.Generator().manual_seed(2))
    margin = (100 - output_size(UNetConfig(base_channels=2, depth=2), 100)) // 2
    distances, differences = by_distance(border_map(network(), image, 100, 20))
    assert distances[0] == margin and differences.max() < 1e-6
    for changes in ({"align": "pad"}, {"padding": "same"}):
        distances, differences = by_distance(border_map(network(**changes), image, 100, 20))
        assert distances[0] < margin and differences[0] > 1e-4
        # Pixels of one block of the lowest map share its field: up to 3 more at depth 2.
        assert differences[distances >= margin + 3].max() < 1e-6
    assert not np.allclose(differences[distances < margin], 0)


def test_off_the_grid_of_the_poolings_even_cropping_differs():
    image = torch.rand(1, 1, 140, 140, generator=torch.Generator().manual_seed(2))
    _distances, differences = by_distance(border_map(network(), image, 100, 18))
    assert differences.max() > 1e-4


def test_a_tile_outside_is_refused():
    with pytest.raises(ValueError, match="a tile of 100 from 60 on ends at 160"):
        by_distance(border_map(network(), torch.rand(1, 1, 140, 140), 100, 60))


# ------------------------------------------------------------------------------- the explorer
def settings(skip=32, below=24, top=0, left=0):
    return {"skip": skip, "below": below, "top": top, "left": left}


@pytest.mark.parametrize(("skip", "below"), [(32, 24), (40, 40), (36, 16), (24, 22)])
def test_the_library_s_crop_meets_its_own_place(skip, below):
    """The map from below is cut by the library here, out of a map whose walls are real."""
    wall = torch.from_numpy(tissue()[1])[None, None]
    at = (skip - below) // 2
    found = answer(settings(skip, below, at, at))
    window = library_crop(library_crop(wall, (skip, skip)), (below, below))[0, 0]
    assert np.allclose(found["below"], window)
    assert found["first"] == found["middle"] == at and found["offset"] == [0, 0]
    assert found["met"] == found["walls"] == int((window >= 0.5).sum())
    assert found["verdict"].startswith("Every pixel meets its own place")


@pytest.mark.parametrize(("top", "left"), [(0, 0), (4, 6), (8, 0), (5, 4)])
def test_a_window_beside_its_place_is_counted_cell_by_cell(top, left):
    found, wall = answer(settings(top=top, left=left)), tissue()[1]
    below = [[wall[8 + r, 8 + c] >= 0.5 for c in range(24)] for r in range(24)]
    meets = [
        below[r][c] and wall[4 + top + r, 4 + left + c] >= 0.5
        for r in range(24)
        for c in range(24)
    ]
    assert found["met"] == sum(meets) < found["walls"] == sum(map(sum, below))
    assert found["offset"] == [top - 4, left - 4]


def test_the_offset_is_said():
    said = {place: answer(settings(top=place[0], left=place[1])) for place in [(0, 5), (6, 4)]}
    assert said[0, 5]["verdict"] == "The window is shifted 4 pixels up and 1 pixel right."
    assert said[6, 4]["verdict"] == "The window is shifted 2 pixels down."
    assert "begins at (6, 4)" in said[6, 4]["said"]


def test_an_odd_margin_has_no_middle():
    found = answer(settings(below=25, top=3, left=3))
    assert (found["middle"], found["first"], found["offset"]) == (3.5, 3, [-0.5, -0.5])
    assert found["verdict"].startswith("7 is odd") and found["met"] < found["walls"]
    assert np.allclose(found["below"], shift_by_half(tissue()[1])[7:32, 7:32])


def shift_by_half(array):
    return ndimage.shift(array, (-0.5, -0.5), order=1)


def test_what_does_not_fit_is_said_with_what_would():
    larger = answer(settings(24, 32))
    assert "from below, 32, is larger than the skip, 24" in larger["problem"]
    outside = answer(settings(below=28, top=8))
    assert outside["problem"] == "a window of 28 that begins at (8, 0) ends outside of 32"
    assert [(o["top"], o["left"]) for o in outside["offers"]] == [(2, 2), (4, 0)]
    for offer in larger["offers"] + outside["offers"]:
        assert "problem" not in answer(offer)
    assert still(settings(24, 32), larger).alt == larger["problem"]


def test_the_questions_are_answered():
    panel = crop_explorer()
    found = {question: panel.answered(s) for question, s in panel.presets}
    assert found["Where does it belong?"]["offset"] == [0, 0]
    assert found["Only two pixels off?"]["met"] < found["Nothing to cut?"]["walls"] / 2
    assert "odd" in found["An odd margin?"]["verdict"]
    assert "problem" in found["Larger than the skip?"]


def test_walls_at_one_place_are_printed_over_each_other():
    wall = np.array([[0.0, 1.0, 0.0, 1.0]])
    shown = stacked(wall, np.array([[0.0, 0.0, 1.0, 1.0]]))[0]
    assert shown[0].tolist() == [255] * 3
    assert [tuple(c) for c in shown[1:3]] == [rgb(BLUE), rgb(VERMILLION)]
    assert shown[3].max() < 50
    panel = crop_explorer()
    assert panel.picture.alt == panel.answer["said"]
    assert "dasharray" not in panel.picture.body  # where it belongs is not given away
    panel.set(left=1)
    assert "dasharray" in panel.picture.body
    panel.set(left=0)
    drawn = images_in(panel.picture.body)[1]
    assert np.array_equal(drawn, stacked(tissue()[1][4:28, 4:28], panel.answer["below"]))


def test_each_sentence_of_the_crop_is_true_of_its_window():
    panel = crop_explorer()
    for settings in panel.recorded():
        found = panel.answered(settings)
        margin = settings["skip"] - settings["below"]
        if margin < 0:
            assert found["because"].startswith("No crop can help")
        if "offset" not in found:
            continue
        is_home = found["offset"] == [0, 0]
        assert found["because"].startswith("In the middle") == (is_home and margin > 0)
        assert found["because"].startswith("Nothing is cut") == (margin == 0)
        if "only" in found["because"] and "meet wall" in found["because"]:
            assert found["met"] < found["walls"], settings
