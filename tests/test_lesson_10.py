"""Lesson 10: scores of changed walls against scikit-image and brute force, and the eraser."""

import re

import numpy as np
import pytest
from skimage.metrics import adapted_rand_error, variation_of_information

from unet_teach.data import isbi, load_volume
from unet_teach.drawing.style import ORANGE, VERMILLION
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
    answer,
    at_wall,
    beside,
    from_the_middle,
    given,
    judged,
    merged,
    one_pixel_costs,
    questions,
    tissue,
    tissue_walls,
    touched,
    walls,
)
from unet_teach.lessons.l10_metrics.panel import wall_eraser
from unet_teach.lessons.l10_metrics.picture import CELL, EDGE, runs, tint
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


SETTINGS = {
    "nothing": {"flipped": [], "thinned": True},
    "a hole": at_wall(9, 1),
    "five holes, not thinned": at_wall(9, 5, thinned=False),
    "a dent": at_wall(4, 3, "draw"),
    "a dent, not thinned": at_wall(4, 3, "draw", thinned=False),
} | questions()


@pytest.mark.parametrize("name", SETTINGS)
def test_an_answer_s_scores_as_scikit_image_has_them(name):
    truth, found = tissue(), answer(SETTINGS[name])
    white, flipped = truth > 0, np.zeros(truth.size, bool)
    flipped[SETTINGS[name]["flipped"]] = True
    assert (found["white"] == (white ^ flipped.reshape(truth.shape))).all()
    assert found["wrong"] == pytest.approx(flipped.sum() / truth.size)
    assert found["erased"] == np.count_nonzero(found["white"] & ~white)
    assert found["drawn"] == np.count_nonzero(~found["white"] & white)
    both = np.count_nonzero(found["white"] & white)
    assert found["dice"] == pytest.approx(2 * both / (white.sum() + found["white"].sum()))
    regions = found["regions"].copy()
    assert found["found"] == regions.max()
    if not SETTINGS[name]["thinned"]:
        assert ((regions > 0) == found["white"]).all()
    lost = (regions == 0) & (truth > 0)  # each is a segment of its own
    regions[lost] = regions.max() + 1 + np.arange(lost.sum())
    error, *_ = adapted_rand_error(truth, regions, ignore_labels=(0,))
    assert found["v_rand"] == pytest.approx(1 - error, abs=1e-3)  # without a pixel's own pair
    a, b = truth[truth > 0], regions[truth > 0]
    shares = [np.unique(part, return_counts=True)[1] / a.size for part in (a, b)]
    both = sum(-(p * np.log2(p)).sum() for p in shares)
    variation = variation_of_information(a, b).sum()
    assert found["v_info"] == pytest.approx((both - variation) / both, abs=1e-9)


@pytest.mark.parametrize("name", SETTINGS)
def test_the_shown_table_by_counting(name):
    truth, found = tissue(), answer(SETTINGS[name])
    table, regions = found["table"], found["regions"]
    counts = {(i, j): n for i, j, n in table["counts"]}
    for i in range(truth.max()):
        for j, segment in enumerate(table["segments"]):
            pixels = np.count_nonzero((truth == i + 1) & (regions == segment))
            assert counts.get((i, j), 0) == pixels
            assert (i + 1 in table["neurons"][j]) == (pixels > 0)
        assert table["lost"][i] == np.count_nonzero((truth == i + 1) & (regions == 0))
    first = [min(neurons, key=lambda n, j=j: (-counts[n - 1, j], n))
             for j, neurons in enumerate(table["neurons"])]  # fmt: skip
    assert first == sorted(first) == [found["owner"][s - 1] for s in table["segments"]]
    lost, sums = sum(table["lost"]), found["sums"]
    columns, rows = np.zeros(len(table["segments"]), int), np.zeros(truth.max(), int)
    for (i, j), pixels in counts.items():
        columns[j] += pixels
        rows[i] += pixels
    assert sums["both"] == sum(n**2 for n in counts.values()) + lost
    assert sums["segments"] == (columns**2).sum() + lost
    assert sums["truth"] == ((rows + table["lost"]) ** 2).sum()
    assert found["v_rand"] == 2 * sums["both"] / (sums["truth"] + sums["segments"])


def test_each_question_is_answered_in_words_that_begin_with_the_answer():
    begin = {
        "The worst hole?": "Between 3 and 6: one region now holds their 1,539 + 550 pixels",
        "The mildest?": "Between 12 and 13: ",
        "Are six holes worse?": "No worse than one: 3 and 6 can run together only once.",
        "Is a dent as bad?": "No harm: ",
        "Are thick walls bad?": "Hardly: walls are thinned to one pixel before scoring",
        "No walls at all?": "Then all 13 neurons are one region. V_info is 0.000, because",
    }
    for question, settings in questions().items():
        found = answer(settings)
        assert found["because"].startswith(begin[question])
        assert found["said"].endswith(found["because"]) and found["verdict"] in found["said"]
    assert answer(questions()["No walls at all?"])["verdict"].endswith(
        "1 region for 13 neurons."
    )
    thick = answer(questions()["Are thick walls bad?"])
    assert thick["verdict"] == "None run together, but 14 regions for 13 neurons."
    (piece,) = thick["pieces"]
    assert thick["owner"][piece - 1] == 8


@pytest.mark.parametrize("thinned", [True, False])
def test_pairs_in_the_words_by_counting(thinned):
    """Random maps: pairs wrongly together and apart, counted pixel by pixel."""
    draw, truth = np.random.default_rng(thinned), tissue()
    for size in (1, 3, 40, 400):
        flipped = np.sort(draw.choice(truth.size, size, replace=False)).tolist()
        found = answer({"flipped": flipped, "thinned": thinned})
        a, b = truth[truth > 0], found["regions"][truth > 0]
        b = np.where(b == 0, -1 - np.arange(b.size), b)
        alike = [part[:, None] == part for part in (a, b)]
        joined, torn = (int((one & ~other).sum()) // 2 for one, other in (alike[::-1], alike))
        sums = found["sums"]
        assert (sums["segments"] - sums["both"]) // 2 == joined
        assert (sums["truth"] - sums["both"]) // 2 == torn
        if not found["because"].startswith(("Hardly", "Then", "No")):
            assert all(f"{n:,}" in found["because"] for n in (joined, torn) if n)


def test_pixels_outside_are_answered_with_what_would_work():
    found = answer({"flipped": [5, 5184, -1], "thinned": True})
    assert found["problem"] == "pixel 5184 is outside: valid are 0 to 5183"
    assert found["offers"] == [{"flipped": [5], "thinned": True}]
    assert "problem" not in answer(found["offers"][0])


def test_what_is_given_holds_for_each_wall():
    known, truth = given(), tissue()
    assert known["sizes"] == [np.count_nonzero(truth == n + 1) for n in range(13)]
    assert [truth[tuple(place)] for place in known["centres"]] == list(range(1, 14))
    for number, (a, b) in enumerate(known["walls"], 1):
        places = np.argwhere(known["wall"] == number)
        assert all(touched(truth, *place) == {a, b} for place in places)
        middle = known["middles"][number - 1]
        assert known["wall"][tuple(middle)] == number
        assert known["price"][tuple(middle)] == answer(at_wall(number, 1))["v_rand"]
    assert (known["price"][truth > 0] == 1).all()


def test_questions_ask_what_they_say():
    scores = [answer(at_wall(n, 1))["v_rand"] for n in range(1, 25)]
    found = {words: answer(settings) for words, settings in questions().items()}
    assert (
        found["The worst hole?"]["v_rand"]
        == min(scores)
        == found["Are six holes worse?"]["v_rand"]
    )
    assert found["The mildest?"]["v_rand"] == max(scores)
    assert found["Are six holes worse?"]["erased"] == 6
    assert (found["Is a dent as bad?"]["drawn"], found["Is a dent as bad?"]["merged"]) == (
        1,
        [],
    )
    thick = questions()["Are thick walls bad?"]
    assert answer(thick)["v_rand"] > 0.99 > answer({**thick, "thinned": False})["v_rand"]
    assert found["No walls at all?"]["found"] == 1


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


# ------------------------------------------------------------------------- the still picture
def painted(body, fill):
    """The pixels of the tissue that paths of this colour cover."""
    mask = np.zeros(tissue().shape, int)
    for path in re.findall(rf'<path d="([^"]*)" [^>]*"{fill}"', body):
        for x, y, width, height in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h-\d+z", path):
            column, row = (int(x) - EDGE) // CELL, (int(y) - EDGE) // CELL
            mask[row : row + int(height) // CELL, column : column + int(width) // CELL] += 1
    return mask


def test_runs_cover_what_they_should():
    mask = np.zeros(tissue().shape, bool)
    mask[:14, :14] = blobs(3)
    assert (painted(f'<path d="{runs(mask)}" fill="x"', "x") == mask).all()


def test_the_picture_shows_the_hole_and_who_ran_together():
    panel = wall_eraser()
    panel.set(**at_wall(9, 3))
    pair = list(tissue_walls())[8]
    body = panel.picture.body
    assert np.flatnonzero(painted(body, VERMILLION)).tolist() == panel.settings["flipped"]
    orange = painted(body, ORANGE) > 0
    assert orange[np.isin(tissue(), pair)].all()
    assert not orange[(tissue() > 0) & ~np.isin(tissue(), pair)].any()
    pale = painted(body, tint(1)) > 0
    assert pale[tissue() == 1].all() and not pale[tissue() == 2].any()


def test_the_picture_s_words_and_numbers():
    panel = wall_eraser()
    assert "Wrong pixels 0.00 %, Dice 1.0000, V_rand 1.000, V_info 1.000." in panel.picture.alt
    assert "13 regions for 13 neurons: none run together." in panel.picture.alt
    panel.ask("The worst hole?")
    assert "Run together: 3 + 6. 12 regions for 13 neurons. Wrong pixels 0.02 %" in (
        panel.picture.alt
    )
    assert "<b>0.806</b>" in panel.picture.text
    panel.set(flipped=[9999])
    assert panel.problem == panel.picture.alt


def test_a_dent_is_made_in_the_larger_neuron():
    for number, pair in enumerate(tissue_walls(), 1):
        changed = at_wall(number, 2, "draw")["flipped"]
        sizes = {neuron: np.count_nonzero(tissue() == neuron) for neuron in pair}
        assert {int(tissue().flat[place]) for place in changed} == {max(sizes, key=sizes.get)}


def test_unthinned_a_dent_makes_the_wall_thicker():
    before = np.count_nonzero(tissue() == 0)
    plain, thinned = (
        answer(at_wall(9, 4, "draw", asked))["regions"] for asked in (False, True)
    )
    assert np.count_nonzero(plain == 0) == before + 4 > np.count_nonzero(thinned == 0)


def test_more_pixels_than_a_wall_has():
    shortest = min(range(24), key=lambda n: len(list(tissue_walls().values())[n])) + 1
    with pytest.raises(ValueError, match="only 4 are there"):
        at_wall(shortest, 6)


def test_strict_every_question(monkeypatch):
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    wall_eraser()
