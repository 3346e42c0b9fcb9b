"""The pair of neurons that the course follows: where it is, and what becomes of it."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from unet_teach.data import load_volume
from unet_teach.data.isbi import find_isbi2012
from unet_teach.data.volume import Volume
from unet_teach.drawing.pair import APART, LOST, MERGED, Pair, coloured, pair_figure, the_pair
from unet_teach.drawing.style import BLUE, GREEN, ORANGE, rgb

EXPERIMENTS = Path(__file__).parents[1] / "experiments"
LABELS = np.zeros((12, 16), np.uint8)
LABELS[3:9, 3:7] = LABELS[3:9, 8:12] = 1  # two neurons, a wall one pixel wide
SMALL = Pair(0, (2, 2), 10, ((5, 4), (5, 10)))


@pytest.fixture(scope="module")
def membranes():
    return load_volume("membranes")


@pytest.fixture(scope="module")
def choose():
    sys.path.insert(0, str(EXPERIMENTS))
    try:
        import choose_pair
    finally:
        sys.path.remove(str(EXPERIMENTS))
    return choose_pair


def test_a_hole_in_the_wall_runs_them_together():
    assert SMALL.verdict(LABELS) == APART
    holed = LABELS.copy()
    holed[5, 7] = 1
    assert SMALL.verdict(holed, LABELS) == MERGED
    assert SMALL.regions(LABELS, LABELS) == [1, 2]


def test_a_neuron_of_which_less_than_half_is_white_is_lost():
    eaten = LABELS.copy()
    eaten[3:6, 3:7] = 0  # half of the first is left
    assert SMALL.verdict(eaten, LABELS) == APART
    eaten[6, 3] = 0
    assert SMALL.verdict(eaten, LABELS) == LOST
    assert SMALL.verdict(np.zeros_like(LABELS), LABELS) == LOST


def test_white_that_meets_outside_of_the_crop_does_not_count():
    around = LABELS.copy()
    around[3:9, 12:16] = around[11] = 1
    around[9:12, 4] = around[9:12, 14] = 1  # a way from one to the other, below the crop
    narrow = Pair(0, (2, 2), 8, ((5, 4), (5, 9)))
    assert narrow.verdict(around, LABELS) == APART
    assert ndimage.label(around)[1] == 1


def test_a_mask_may_be_the_slice_the_crop_or_a_stack():
    crop = SMALL.crop(LABELS)
    assert crop.shape == (10, 10) and SMALL.verdict(crop) == APART
    assert np.array_equal(SMALL.crop(np.stack([LABELS, 0 * LABELS])), crop)
    late = replace(SMALL, index=29)
    assert np.array_equal(late.crop(LABELS[None]), crop)  # a stack of its slice alone
    with pytest.raises(ValueError, match="the pair is in slice 29"):
        late.crop(np.stack([LABELS, LABELS]))
    with pytest.raises(
        ValueError, match=r"shape \(5, 5\); the pair is in slice 0, rows 2 to 11"
    ):
        SMALL.verdict(np.ones((5, 5)))


def test_colours_say_the_verdict():
    assert tuple(coloured(SMALL, LABELS, SMALL.crop(LABELS))[3, 2]) == rgb(BLUE)
    assert tuple(coloured(SMALL, LABELS, SMALL.crop(LABELS))[3, 8]) == rgb(GREEN)
    merged = coloured(SMALL, np.ones_like(LABELS), SMALL.crop(LABELS))
    assert tuple(merged[3, 2]) == tuple(merged[3, 8]) == rgb(ORANGE)
    lost = coloured(SMALL, np.zeros_like(LABELS), SMALL.crop(LABELS))
    assert len(np.unique(lost)) == 1


def test_the_synthetic_pair_is_the_command_s_first(choose, membranes):
    _wall, pair = choose.candidates(membranes, "membranes")[0]
    assert pair == the_pair(membranes.name)


def test_the_isbi_pair_is_the_command_s_first(choose):
    if find_isbi2012() is None:
        pytest.skip("needs ISBI 2012")
    volume = load_volume("isbi")
    assert choose.candidates(volume, "isbi")[0][1] == the_pair(volume.name)


def test_the_figure_says_what_it_shows(membranes):
    image = membranes.images[-1] / 255
    pair = the_pair(membranes.name)
    assert pair.verdict(membranes.labels[-1]) == APART
    picture = pair_figure(membranes, {"threshold 0.4": image > 0.4, "nothing": 0 * image})
    assert picture.alt == (
        "Two neighbouring neurons. labels: two neurons; threshold 0.4: run together; "
        "nothing: lost."
    )


def test_images_of_ones_own_have_no_pair():
    own = Volume(
        np.zeros((1, 200, 200), np.uint8), np.ones((1, 200, 200), np.uint8), "my cells"
    )
    with pytest.raises(ValueError, match="the pair is in ISBI 2012 train and in synthetic"):
        pair_figure(own, {})
