"""Lesson 00: regions above a threshold, against scikit-image and brute force; the explorer."""

import base64
import re
from itertools import pairwise

import numpy as np
import pytest
from pictures import images_in
from skimage.measure import label
from skimage.metrics import adapted_rand_error

from unet_teach.data.membranes import synthetic_membranes
from unet_teach.drawing.pair import the_pair
from unet_teach.drawing.style import BLUE, GREEN, LIGHT, ORANGE, SKY, rgb
from unet_teach.lessons.l00_start_here import first_look as look
from unet_teach.lessons.l00_start_here.measure import (
    SIDE,
    STEPS,
    answer,
    best,
    curves,
    given,
    largest_first,
    piece,
    questions,
    recorded,
    tissue,
    who_is_where,
)
from unet_teach.lessons.l00_start_here.panel import threshold_explorer
from unet_teach.lessons.l00_start_here.picture import MAGENTA, in_colours, run_together
from unet_teach.metrics import components, dice, score, thin

SETTINGS = [*questions(tissue()).values(), {"source": "network", "threshold": 0.025}]


@pytest.fixture(scope="module")
def volume():
    return synthetic_membranes(30)


@pytest.fixture(scope="module")
def other():
    """A micrograph that is not square, and its labels."""
    volume = synthetic_membranes(1, size=96, seed=3)
    return volume.images[0, :80], volume.labels[0, :80]


# --------------------------------------------------------------------------------- the answer
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_regions_as_scikit_image_has_them(settings):
    of, found = tissue(), answer(tissue(), settings)
    inside = of.maps[settings["source"]] > settings["threshold"]
    due = label(inside, connectivity=1)
    assert ((found["regions"] > 0) == inside).all() and len(found["sizes"]) == due.max()
    for region, size in enumerate(found["sizes"], 1):
        (here,) = np.unique(due[found["regions"] == region])  # one region is one region
        assert size == np.count_nonzero(due == here)
    assert found["sizes"] == sorted(found["sizes"], reverse=True)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_who_has_run_together_by_counting(settings):
    of, found = tissue(), answer(tissue(), settings)
    groups, regions = [], found["regions"]
    for region in range(1, len(found["sizes"]) + 1):
        cells = of.cells[regions == region]
        counts = [np.count_nonzero(cells == cell) for cell in range(1, of.cells.max() + 1)]
        assert found["owner"][region - 1] == (1 + np.argmax(counts) if max(counts) else 0)
        held = [c for c, n in enumerate(counts, 1) if 2 * n > np.count_nonzero(of.cells == c)]
        assert found["held"][region - 1] == len(held)
        groups += [held] if len(held) > 1 else []
    assert found["merged"] == groups
    joined = (
        f"{sum(map(len, groups))} of 13 cells are joined" if groups else "none run together"
    )
    assert joined in found["verdict"] and found["verdict"] in found["said"]
    a, b = (of.cells[tuple(place)] for place in of.places)
    if found["pair"] == "merged":
        assert any({a, b} <= set(group) for group in groups)
    else:
        assert not any({a, b} <= set(group) for group in groups)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_scores_as_scikit_image_has_them(settings):
    of, found = tissue(), answer(tissue(), settings)
    inside = of.maps[settings["source"]] > settings["threshold"]
    assert found["accuracy"] == np.mean(inside == (of.labels == 1))
    assert found["dice"] == pytest.approx(dice(of.labels, inside))
    regions = thin(inside)
    lost = (regions == 0) & (of.cells > 0)  # each is a segment of its own
    regions[lost] = regions.max() + 1 + np.arange(lost.sum())
    error, *_ = adapted_rand_error(of.cells, regions, ignore_labels=(0,))
    assert found["v_rand"] == pytest.approx(1 - error, abs=2e-3)  # without a pixel's own pair
    curve = given(of)["curves"][settings["source"]]
    for name in ("accuracy", "dice", "v_rand"):
        assert curve[name][STEPS.index(settings["threshold"])] == found[name]


def test_a_threshold_is_scored_as_the_challenge_has_it(other):
    image, labels = other
    of = piece(image, labels)
    for t in (0.2, 0.5, 0.65):
        found = answer(of, {"source": "grey", "threshold": t})
        alone = score(labels[None], image[None] / 255, [t])
        assert (found["v_rand"], found["dice"]) == (alone.v_rand_curve[0], alone.dice_curve[0])


def test_the_histogram_counts_every_pixel_once():
    of, counted = tissue(), given(tissue())["histograms"]
    for source, values in of.maps.items():
        for place, (low, high) in enumerate(pairwise(STEPS)):
            within = (values >= low) & ((values < high) | (high == values) & (high == 1))
            for name, class_ in (("membrane", 0), ("inside", 1)):
                due = np.count_nonzero(within & (of.labels == class_))
                assert counted[source][name][place] == due
        assert sum(map(sum, counted[source].values())) == of.labels.size


def test_small_things_by_hand():
    assert largest_first(np.array([[0, 0]]))[1] == []
    assert who_is_where(np.array([[0, 1]]), np.array([[1, 0]])) == ([0], [[]])
    half = who_is_where(np.array([[1, 1]]), np.array([[1, 2]]))  # half is not more than half
    assert half == ([1, 1], [[], []])


def test_every_sentence_is_true_of_its_threshold():
    of, counted = tissue(), curves(tissue(), "grey")
    seen = set()
    for settings in recorded(of):
        found, source = answer(of, settings), settings["source"]
        words, inside = found["because"], of.maps[source] > settings["threshold"]
        assert words and len(words.split()) <= 38 and words in found["said"]
        right, v_rand = f"{100 * np.mean(inside == of.labels):.1f} %", f"{found['v_rand']:.3f}"
        seen.add(words.split()[0])
        assert ("%" in words) == (right in words)
        assert v_rand in words or not inside.any()
        if words.startswith("No "):
            assert not inside.any()
        elif words.startswith("No:"):
            assert inside.all() and len(found["merged"][0]) == 13
        elif words.startswith("At "):
            assert found["accuracy"] == max(counted["accuracy"]) and "11 cells" in words
        elif words.startswith("Not all:"):
            assert found["v_rand"] == max(counted["v_rand"]) and "6 cells" in words
        elif words.startswith("One gap"):
            assert f"here {sum(map(len, found['merged']))} are joined" in words
        else:
            whole = sum(
                np.bincount(found["regions"][of.cells == cell])[1:].max(initial=0) * 2
                > np.count_nonzero(of.cells == cell)
                for cell in range(1, 14)
            )
            assert f"{whole} of 13" in words and found["merged"] == []
            many = np.count_nonzero(~inside & (of.cells > 0)) / np.count_nonzero(of.cells)
            if words.startswith("Yes"):
                assert found["good"] and found["v_rand"] > 0.95 and many < 0.25
            else:
                assert words.startswith("The gaps are closed") and many > 0.2
    assert seen == {"No", "No:", "At", "Not", "One", "Yes,", "The"}


def test_a_threshold_that_breaks_cells_is_no_success():
    of = tissue()
    good = [s for s in recorded(of) if answer(of, s)["good"]]
    assert good and {s["source"] for s in good} == {"network"}
    for settings in good:
        found = answer(of, settings)
        assert found["pair"] == "apart" and not found["merged"] and found["whole"] >= 7


# ---------------------------------------------------------------------------- the first look
def test_what_is_said_of_a_picture_is_so():
    found = {n: look.answer({"picture": n, "own": ""}) for n in range(1, 7)}
    begins = ["17 of the 20", "No:", "Yes: it takes all 36 bricks",
              "Yes: it is one region, 67 %", "Yes: it takes the head",
              "Most of them: 18 of the 21"]  # fmt: skip
    for (number, one), begin in zip(found.items(), begins, strict=True):
        assert one["because"].startswith(begin) and one["because"] in one["said"]
        assert len(one["because"].split()) <= 38
        drawn, alone = look.cells_of(number), 0
        for region in range(1, one["regions"].max() + 1):
            here = np.bincount(drawn[one["regions"] == region], minlength=drawn.max() + 1)
            alone += np.count_nonzero((2 * here > np.bincount(drawn.ravel()))[1:]) == 1
        due = {1: 17, 2: 10, 3: 36, 4: 7, 5: 2, 6: 18}
        assert alone == due[number] and (
            number in (3, 4, 5) or f"{alone} of the" in one["because"]
        )
    assert look.cells_of(3).max() == found[3]["cells"] == 36
    regions = found[2]["regions"]
    for spot in (np.s_[32:72, 76:120], np.s_[52:88, 4:28]):  # the two mitochondria
        (cell,) = set(np.unique(regions[spot])) - {0}
        assert np.mean(regions[spot] == cell) > 0.94
    large, scrap = found[4]["regions"] == 1, found[4]["regions"] == 8
    assert round(100 * large.mean()) == 67 and scrap.sum() == 30 and found[4]["cells"] == 8
    assert (
        look.cells_of(4)[scrap] == np.bincount(look.cells_of(4)[large])[1:].argmax() + 1
    ).any()
    assert "6 neighbours" in found[4]["because"]
    for region in range(2, 8):
        rows, columns = np.nonzero(found[4]["regions"] == region)
        assert {0, look.SIDE - 1} & {*rows, *columns}
    head = found[5]["regions"]
    assert head[0, 0] != head[80, 80] and head[0, 0] * head[80, 80] > 0
    assert (head[55:70, 50:62] == head[80, 80]).all()  # an eye
    own = base64.b64encode(look.picture(1).tobytes()).decode()
    assert look.answer({"picture": "own", "own": own})["because"].startswith("Is it right?")


# -------------------------------------------------------------------------------- the explorer
def test_it_opens_with_all_run_together_and_a_network_knows_better():
    explorer = threshold_explorer()
    assert len(explorer.answer["merged"][0]) == 13 and not explorer.answer["good"]
    assert explorer.first not in [settings for _question, settings in explorer.presets]
    explorer.ask("Most pixels right?")
    assert explorer.settings == best(tissue(), "grey", "accuracy")
    assert explorer.settings == {"source": "grey", "threshold": 0.4}
    assert explorer.answer["pair"] == "merged" and explorer.answer["v_rand"] < 0.3
    explorer.ask("Keep cells apart?")
    assert explorer.answer["pair"] == "apart" and explorer.answer["merged"] != []
    explorer.ask("And a trained U-Net?")
    assert explorer.answer["pair"] == "apart" and explorer.answer["merged"] == []
    assert (
        explorer.answer["v_rand"] > 0.99 and "A and B are apart" in explorer.answer["verdict"]
    )
    explorer.ask("Call all inside?")
    assert len(explorer.answer["merged"][0]) == 13
    explorer.set(source="grey", threshold=0.6)
    assert explorer.answer["pair"] == "lost" and "to pieces" in explorer.answer["verdict"]


def test_the_pair_is_the_course_s(volume):
    pair = the_pair(volume.name)
    image, labels = volume.images[pair.index], volume.labels[pair.index]
    of = piece(image, labels, image / 255, pair)
    assert (of.maps["grey"] == tissue().maps["grey"]).all() and of.places == tissue().places
    for threshold in STEPS[14:26]:
        settings = {"source": "grey", "threshold": threshold}
        due = pair.verdict(image / 255 > threshold, labels)
        assert answer(of, settings)["pair"] == answer(tissue(), settings)["pair"] == due


def test_what_cannot_work_is_said_with_what_would(other):
    explorer = threshold_explorer(*other)
    explorer.set(source="network")
    assert "No network's answer" in explorer.problem == explorer.picture.alt
    explorer.set(**explorer.answer["offers"][0])
    assert explorer.problem == ""
    explorer.set(threshold=0.36)
    assert "0.36 is not one" in explorer.problem
    explorer.set(**explorer.answer["offers"][0])
    assert explorer.settings["threshold"] == 0.35
    assert explorer.answer["pair"] == "" and explorer.given["places"] == []


def test_a_micrograph_of_ones_own_is_cut_to_its_middle(other):
    image, labels = np.zeros((2, 300, 100), np.uint8)
    image[86 : 86 + SIDE], labels[86 : 86 + SIDE, :50] = 200, 1
    explorer = threshold_explorer(image, labels, image / 255)
    assert (explorer.given["maps"]["grey"] == 200).all()
    assert explorer.given["truth"].shape == (SIDE, 100)
    small = threshold_explorer(*other)
    assert small.answer["regions"].shape == (80, 96)
    assert "And a trained U-Net?" not in dict(small.presets)


def test_the_book_holds_every_threshold():
    due = [{"source": s, "threshold": t} for s in ("grey", "network") for t in STEPS]
    assert list(recorded(tissue())) == due


def test_the_still_picture_has_the_regions_and_the_numbers():
    explorer, of = threshold_explorer(), tissue()
    (shown,) = images_in(explorer.picture.body)
    map_, regions = shown[:, :SIDE].astype(float), shown[:, -SIDE:]
    assert np.abs(map_[..., 0] - 252 * of.maps["grey"]).max() <= 2.1  # 64 shades
    held = np.array([0, *explorer.answer["held"]])[explorer.answer["regions"]] > 1
    network = threshold_explorer()
    network.ask("And a trained U-Net?")
    (apart,) = images_in(network.picture.body)
    names = [tuple(apart[row, column - SIDE]) for row, column in of.places]
    assert names == [tuple(rgb(BLUE)), tuple(rgb(GREEN))]
    assert (regions[held & (of.cells > 0)] == rgb(ORANGE)).all()
    assert (regions[held & (of.cells == 0)] == rgb(MAGENTA)).all()
    assert not (regions[~held] == rgb(ORANGE)).all(-1).any()
    assert "V_rand 0.291" in explorer.picture.alt and "13 of 13" in explorer.picture.alt


def test_the_still_picture_names_the_two_neurons_and_its_colours(other):
    explorer = threshold_explorer()
    body, words = explorer.picture.body, ["micrograph", "above 0.300", "cells run together"]
    assert body.count(">A</text>") == body.count(">B</text>") == 2
    assert all(f">{said}</text>" in body for said in [*words, "membrane, missed", "A alone"])
    x, y = re.search(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*>A</text>', body).groups()
    (row, column), scale = tissue().places[0], 720 / (2 * SIDE + 4)
    assert float(x) == pytest.approx((column + 0.5) * scale, abs=0.01)
    assert float(y) == pytest.approx(26 + (row + 0.5) * scale + 7, abs=0.01)
    explorer.ask("And a trained U-Net?")
    assert ">U-Net: probability of inside</text>" in explorer.picture.body
    without = threshold_explorer(*other).picture.body
    assert ">A</text>" not in without and "A alone" not in without


# --------------------------------------------------------------------------------- the gates
def test_cells_that_run_together_are_bright_and_the_largest_group_orange():
    labels = np.array([[1, 0, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1]])
    gated = np.array([[1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0, 1]])
    shown = run_together(labels, gated)[0]
    assert (shown[4:11] == rgb(ORANGE)).all() and (shown[[3, 11]] == rgb(LIGHT.ink)).all()
    assert (shown[:3] == rgb(SKY)).all()
    spread = np.ptp(run_together(labels, labels).astype(int), axis=-1)
    assert spread.max() < 30 < np.ptp(shown[0].astype(int))
    assert np.ptp(shown[12].astype(int)) < 30


def test_only_the_largest_group_of_many_is_orange():
    labels = np.tile([1, 0, 1, 0], 20)[None]
    labels[0, -8:] = [1, 1, 1, 0, 1, 1, 1, 0]
    gated = labels.copy()
    gated[0, 1::4] = 1
    gated[0, -5] = 1
    shown = run_together(labels, gated)
    orange = (shown == rgb(ORANGE)).all(-1)
    assert components(orange).max() == 1 and orange[0, -8:-1].all()


def test_regions_keep_their_borders_in_colours():
    regions = np.array([[1, 0, 2], [0, 0, 0], [8, 0, 9]])
    shown = in_colours(regions)
    assert (shown[regions == 0] == rgb(LIGHT.ink)).all()
    assert (shown[regions > 0] != rgb(LIGHT.ink)).any(-1).all()
    assert (shown[0, 0] == shown[2, 0]).all() and (shown[0, 0] != shown[0, 2]).any()


def test_strict_every_preset(monkeypatch):
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    threshold_explorer()
