"""Lesson 10: scores of changed walls against scikit-image and brute force, and the eraser."""

import re

import numpy as np
import pytest
from skimage.metrics import adapted_rand_error, variation_of_information

from unet_teach.data import isbi, load_volume
from unet_teach.drawing.style import BLUE, ORANGE, VERMILLION
from unet_teach.exercises import exercise_named, judging
from unet_teach.lessons.l10_metrics.exercises import (
    LOST,
    REGIONS,
    REMOVABLE,
    contingency_table,
    thin_walls,
    v_rand_of,
    what_is_kept,
)
from unet_teach.lessons.l10_metrics.measure import (
    beside,
    from_the_middle,
    judged,
    merged,
    one_pixel_costs,
    touched,
    walls,
)
from unet_teach.lessons.l10_metrics.panel import tissue, tissue_walls, tried, wall_eraser
from unet_teach.lessons.l10_metrics.picture import CELL, EDGE, runs, squares, tint
from unet_teach.metrics import components, thin, v_info, v_rand


def blobs(seed, size=14, share=0.55):
    return np.random.default_rng(seed).random((size, size)) < share


# ----------------------------------------------------------------- scores, against scikit-image
@pytest.mark.parametrize("seed", range(6))
def test_scores_from_a_table_as_scikit_image_has_them(seed):
    draw = np.random.default_rng(seed)
    truth, found = draw.integers(1, 5, (9, 11)), draw.integers(1, 6, (9, 11))
    table = contingency_table(truth, found)[1:, 1:]
    error, *_ = adapted_rand_error(truth, found)
    n, pairs = truth.size, (table**2).sum()
    below = (table.sum(0) ** 2).sum() + (table.sum(1) ** 2).sum()
    # scikit-image leaves out the n pairs of a pixel with itself; the challenge does not.
    assert 1 - error == pytest.approx(2 * (pairs - n) / (below - 2 * n))
    assert v_rand_of(table) == pytest.approx(2 * pairs / below)
    assert v_rand_of(table) == pytest.approx(v_rand(truth, found))
    shares = [table.sum(axis) / n for axis in (0, 1)]
    both = sum(-(p * np.log2(p)).sum() for p in shares)
    variation = variation_of_information(truth, found).sum()  # H(S) + H(T) − 2 I, in bits
    assert v_info(truth, found) == pytest.approx((both - variation) / both)


@pytest.mark.parametrize("pixels", [0, 1, 5])
def test_an_eraser_s_scores_as_scikit_image_has_them(pixels):
    truth = tissue()
    changed, found = tried(9, pixels, "erase", False)
    white = truth > 0
    white[tuple(changed.T)] = True
    assert white.sum() == (truth > 0).sum() + pixels
    error, *_ = adapted_rand_error(truth, components(white), ignore_labels=(0,))
    assert found.v_rand == pytest.approx(1 - error, abs=1e-3)
    assert found.wrong == pytest.approx(pixels / truth.size)


# ------------------------------------------------------------------------------ walls and holes
@pytest.mark.parametrize("seed", range(8))
def test_the_cost_of_each_pixel_by_erasing_it(seed):
    white = blobs(seed)
    thinned, regions = thin(white), components(white)
    costs, joined = one_pixel_costs(white)
    assert (costs[thinned > 0] == 1).all() and (joined[thinned > 0] == 0).all()
    for row, column in np.argwhere(thinned == 0):
        opened = thinned > 0
        opened[row, column] = True
        assert costs[row, column] == pytest.approx(v_rand(regions, components(opened)))
        less = regions.max() - components(opened).max()
        assert max(joined[row, column] - 1, 0) == max(less, 0)


def test_touched_at_the_corner_and_in_the_middle():
    labels = np.array([[0, 1, 4], [2, 0, 3], [0, 5, 0]])
    assert touched(labels, 0, 0) == {1, 2}  # not 4, 3 or 5, which a wrap would find
    assert touched(labels, 1, 1) == {1, 2, 3, 5}
    assert touched(labels, 2, 2) == {3, 5}


def test_walls_are_the_pixels_between_two_and_no_more():
    thinned, found = tissue(), tissue_walls()
    assert thinned.max() == 13 and len(found) == 24
    held = np.concatenate(list(found.values()))
    assert len({tuple(place) for place in held.tolist()}) == len(held)
    for pair, pixels in found.items():
        assert pair[0] < pair[1]
        assert all(touched(thinned, *place) == set(pair) for place in pixels)
    others = {tuple(p) for p in np.argwhere(thinned == 0)} - {tuple(p) for p in held.tolist()}
    assert all(len(touched(thinned, *place)) != 2 for place in others)


def test_from_the_middle_outwards():
    line = np.array([[0, 0], [1, 0], [2, 0], [3, 0], [4, 0]])
    assert from_the_middle(line)[:, 0].tolist() == [2, 1, 3, 0, 4]


def test_beside_is_the_region_along_the_wall():
    labels = np.array([[1, 1, 0, 2], [1, 1, 0, 2], [1, 1, 0, 2]])
    wall = walls(labels)[1, 2]
    assert beside(labels, wall, 1).tolist() == [[1, 1], [0, 1], [2, 1]]
    assert beside(labels, wall, 2).tolist() == [[1, 3], [0, 3], [2, 3]]


def test_merged_needs_more_than_half_of_each():
    neurons = np.array([[1, 1, 1, 1, 2, 2, 2]])
    assert merged(neurons, np.array([[1, 1, 1, 2, 1, 1, 2]])) == ((1, 2),)
    assert merged(neurons, np.array([[1, 1, 2, 2, 1, 1, 1]])) == ()  # half is not enough
    assert merged(neurons, np.array([[0, 0, 0, 1, 1, 1, 1]])) == ()  # mostly wall
    assert merged(neurons, neurons) == ()


def test_a_hole_merges_and_a_dent_does_not():
    truth = np.zeros((5, 9), bool)
    truth[:, :4] = truth[:, 5:] = True
    hole, dent = truth.copy(), truth.copy()
    hole[2, 4], dent[2, 3] = True, False
    holed, dented = judged(truth, hole), judged(truth, dent)
    assert holed.wrong == dented.wrong == 1 / 45
    assert (holed.neurons, dented.neurons) == (1, 2)
    assert holed.merged == ((1, 2),) and dented.merged == ()
    assert holed.v_rand == pytest.approx(2 * 800 / (800 + 1600))
    assert dented.v_rand > 0.9 > holed.v_rand
    assert judged(truth, truth).v_rand == judged(truth, truth).dice == 1


def test_thinning_is_asked_for():
    truth = np.zeros((6, 20), bool)
    truth[:, :9] = truth[:, 10:] = True
    thick = truth.copy()
    thick[:, 7:13] = False
    plain, thinned = judged(truth, thick, thinned=False), judged(truth, thick)
    assert plain.wrong == thinned.wrong and plain.v_rand < thinned.v_rand
    assert (plain.regions == 0).sum() == 36 and (thinned.regions == 0).sum() == 6


@pytest.mark.skipif(
    isbi.find_isbi2012(None) is None, reason="ISBI 2012 is not on this computer"
)
def test_one_pixel_of_slice_24_of_isbi():
    costs, joined = one_pixel_costs(load_volume("isbi").labels[24] == 1)
    assert costs[joined == 2].min() == pytest.approx(0.849, abs=5e-4)
    assert costs[joined == 3].min() == pytest.approx(0.766, abs=5e-4)


# ------------------------------------------------------------------------------------- thinning
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("share", [0.2, 0.5])
def test_both_thinnings_keep_the_same(seed, share):
    white = blobs(seed, 12, share)
    kept = what_is_kept(thin_walls, white)
    assert kept == what_is_kept(thin, white)  # labels are as good as a mask
    assert kept[LOST] == kept[REMOVABLE] == 0
    assert kept[REGIONS] == components(white).max()


@pytest.mark.parametrize(
    "white, thinned, wrong",
    [
        ([1, 1, 0, 1], [1, 0, 1, 1], LOST),
        ([1, 0, 0, 0, 1], [1, 1, 1, 1, 1], REGIONS),
        ([1, 0, 0, 0, 1], [1, 0, 0, 1, 1], REMOVABLE),
    ],
)
def test_each_number_notices_its_own_fault(white, thinned, wrong):
    white, thinned = np.array([white], bool), np.array([thinned], bool)
    kept, right = (what_is_kept(f, white) for f in (lambda _white: thinned, thin_walls))
    assert [name for name in kept if kept[name] != right[name]] == [wrong]


def test_walls_stay_in_the_middle():
    row = np.array([[1, 0, 0, 0, 0, 0, 0, 0, 1]], bool)
    assert np.flatnonzero(~thin_walls(row)[0]).tolist() == [4]


def test_a_thinning_of_another_shape_or_none_is_reported():
    exercise = exercise_named("10.thin_walls")
    assert "got shape" in str(judging.judge(exercise, lambda white: white[:, 1:]))
    assert "is there a `return`?" in str(judging.judge(exercise, lambda white: None))
    assert judging.judge(exercise, lambda white: ...).state == "not attempted"


# ---------------------------------------------------------------------------------- the picture
def painted(path, shape):
    """The pixels that a path of rectangles covers."""
    mask = np.zeros(shape, int)
    for x, y, width, height in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h-\d+z", path):
        column, row = (int(x) - EDGE) // CELL, (int(y) - EDGE) // CELL
        mask[row : row + int(height) // CELL, column : column + int(width) // CELL] += 1
    return mask


def test_paths_cover_what_they_should():
    mask = blobs(3, 9)
    assert (painted(runs(mask), mask.shape) == mask).all()
    assert (painted(squares(np.argwhere(mask)), mask.shape) == mask).all()


def paths(body, fill):
    found = re.findall(rf'<path d="([^"]*)" fill="{fill}"', body)
    return painted("".join(found), tissue().shape)


def test_the_picture_shows_the_hole_and_who_ran_together():
    panel = wall_eraser()
    panel.set(wall=9, pixels=3)
    pair, wall = list(tissue_walls().items())[8]
    body = panel.picture.body
    assert (np.argwhere(paths(body, VERMILLION)) == sorted(wall[:3].tolist())).all()
    assert (np.argwhere(paths(body, BLUE)) == sorted(wall.tolist())).all()
    orange = paths(body, ORANGE) > 0
    assert orange[np.isin(tissue(), pair)].all()
    assert not orange[(tissue() > 0) & ~np.isin(tissue(), pair)].any()
    pale = paths(body, tint(1)) > 0
    assert pale[tissue() == 1].all() and not pale[tissue() == 2].any()


def test_pointing_at_a_wall_lights_its_two_neurons():
    panel = wall_eraser()
    groups = re.findall(r'<g class="wall">(.*?)</g>', panel.picture.body)
    assert len(groups) == 24 and ".wall:hover .wall-lit" in panel.picture.body
    for number, (group, pair) in enumerate(zip(groups, tissue_walls(), strict=True), 1):
        panel.set(wall=number)
        words = f"between {pair[0]} and {pair[1]}: one pixel less, and V_rand is "
        assert words in group
        price = float(re.search(r"V_rand is ([\d.]+)<", group)[1])
        assert f"V_rand {price:.3f}," in panel.picture.alt
        lit = re.search(r'd="([^"]*)"[^>]*class="wall-lit"', group)[1]
        assert (painted(lit, tissue().shape) == np.isin(tissue(), pair)).all()


# ----------------------------------------------------------------------------------- the widget
def test_nothing_changed_is_perfect():
    panel = wall_eraser()
    panel.set(pixels=0)
    assert "Pixel error 0.00%, Dice 1.0000, V_rand 1.000, V_info 1.000." in panel.picture.alt
    assert "no two have run together" in panel.picture.alt
    assert f'fill="{VERMILLION}"' not in panel.picture.body
    assert ORANGE not in panel.picture.body


def test_a_dent_is_made_in_the_larger_neuron():
    for number, pair in enumerate(tissue_walls(), 1):
        changed, _found = tried(number, 2, "blacken", True)
        sizes = {neuron: np.count_nonzero(tissue() == neuron) for neuron in pair}
        assert {int(tissue()[tuple(place)]) for place in changed} == {max(sizes, key=sizes.get)}


def test_unthinned_a_dent_makes_the_wall_thicker():
    before = np.count_nonzero(tissue() == 0)
    plain, thinned = (tried(9, 4, "blacken", asked)[1].regions for asked in (False, True))
    assert np.count_nonzero(plain == 0) == before + 4 > np.count_nonzero(thinned == 0)


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("wall", 9, "wall 9, between neurons 3 and 6, erased: 12 regions"),
        ("pixels", 4, "4 pixels of wall 1"),
        ("deed", "blacken", "1 pixel blackened beside wall 1, between 1 and 2: 13 regions"),
        ("thinned", False, "12 regions"),
    ],
)
def test_every_control_changes_the_picture(name, value, words):
    panel = wall_eraser()
    before = panel.picture
    panel.controls[name].value = value
    assert panel.picture.body != before.body and panel.problem == ""
    assert words in panel.picture.alt


def test_more_pixels_than_a_wall_has_turn_the_slider_red():
    panel = wall_eraser()
    shortest = min(range(24), key=lambda n: len(list(tissue_walls().values())[n])) + 1
    panel.set(wall=shortest, pixels=6)
    assert panel.problem == "only 4 pixels are there"
    assert "unet-problem" in panel.controls["pixels"]._dom_classes
    button = panel._offers.children[-1]
    button.click()
    assert panel.problem == "" and panel.values["pixels"] == 4


def test_buttons_find_the_walls_that_matter_most_and_least():
    panel = wall_eraser()
    buttons = {b.description: b for row in panel.children for b in getattr(row, "children", ())}
    scores = [tried(n, 1, "erase", True)[1].v_rand for n in range(1, 25)]
    buttons["the wall that matters most"].click()
    assert scores[panel.values["wall"] - 1] == min(scores)
    buttons["the wall that matters least"].click()
    assert scores[panel.values["wall"] - 1] == max(scores)


def test_strict_every_end_of_every_control(monkeypatch):
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    wall_eraser()
