"""The challenge's metrics against brute force, scikit-image, hand numbers and real labels."""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from scipy import ndimage
from skimage.metrics import adapted_rand_error, variation_of_information
from skimage.segmentation import watershed

from unet_teach.metrics import (
    THRESHOLDS,
    components,
    contingency,
    dice,
    iou,
    pixel_error,
    score,
    thin,
    v_info,
    v_rand,
)

FEW, MANY = settings(max_examples=50, deadline=None), settings(max_examples=150, deadline=None)
SIDES = st.tuples(st.integers(1, 14), st.integers(1, 14))
MASKS = SIDES.flatmap(lambda sides: arrays(bool, sides))
LABEL_PAIRS = st.tuples(st.integers(1, 6), st.integers(1, 6)).flatmap(
    lambda sides: st.tuples(
        arrays(np.int64, sides, elements=st.integers(0, 4)).filter(np.any),
        arrays(np.int64, sides, elements=st.integers(0, 4)),
    )
)


def blobs(size: int = 96, seed: int = 0, sigma: float = 3.0) -> np.ndarray:
    """Smooth noise in (0, 1): regions and walls of many widths."""
    noise = np.random.default_rng(seed).normal(size=(size, size))
    smooth = ndimage.gaussian_filter(noise, sigma)
    return 1 / (1 + np.exp(-3 * smooth / smooth.std()))


def singles(segmentation: np.ndarray) -> np.ndarray:
    """Dam pixels with labels of their own, for oracles that do not know of dams."""
    segmentation = segmentation.astype(np.int64)
    dam = segmentation == 0
    segmentation[dam] = segmentation.max() + 1 + np.arange(dam.sum())
    return segmentation


# ---------------------------------------------------------------- V_rand and V_info


@MANY
@given(LABEL_PAIRS)
@example((np.array([[4, 1]]), np.array([[1, 2]])))
def test_v_rand_equals_brute_force_over_all_pixel_pairs(pair):
    truth, segmentation = pair
    s, t = truth[truth > 0], singles(segmentation)[truth > 0]
    in_truth = s[:, None] == s[None, :]  # every ordered pair, each pixel with itself too
    in_segmentation = t[:, None] == t[None, :]
    both = (in_truth & in_segmentation).sum()
    expected = 2 * both / (in_truth.sum() + in_segmentation.sum())
    assert v_rand(truth, segmentation) == pytest.approx(expected, abs=1e-12)


@MANY
@given(LABEL_PAIRS)
@example((np.array([[4, 1]]), np.array([[1, 2]])))
def test_v_info_equals_brute_force_entropies(pair):
    truth, segmentation = pair
    s, t = truth[truth > 0].tolist(), singles(segmentation)[truth > 0].tolist()

    def entropy(values):
        return -sum(n / len(s) * math.log(n / len(s)) for n in Counter(values).values())

    h_s, h_t, h_both = entropy(s), entropy(t), entropy(zip(s, t, strict=True))
    expected = 2 * (h_s + h_t - h_both) / (h_s + h_t) if h_s + h_t > 0 else 1.0
    assert v_info(truth, segmentation) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(60))
def test_the_same_regions_by_other_names_score_one_and_never_more(seed):
    """The sums of the entropies run in another order then: rounding must not show."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(1, 9, (4, 5))
    renamed = rng.permutation(np.arange(1, 9))[truth - 1]
    assert v_rand(truth, renamed) == 1
    assert 1 - 1e-12 < v_info(truth, renamed) <= 1


def test_hand_numbers():
    truth = np.array([[1, 1, 1, 1, 0, 2, 2]])
    dam = np.array([[1, 1, 0, 2, 2, 2, 2]])
    # joint 2, 1 (dam), 1, 2: 4 + 1 + 1 + 4; truth 16 + 4; segments 2, 1, 3: 4 + 1 + 9
    assert v_rand(truth, dam) == 2 * 10 / (20 + 14)
    assert v_rand(truth, truth) == v_info(truth, truth) == 1
    assert v_info(truth, np.ones_like(truth)) == 0
    assert v_rand(truth, np.ones_like(truth)) == 2 * 20 / (20 + 36)


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7])
def test_thinned_predictions_score_as_scikit_image_scores_them(threshold):
    truth = components(blobs(seed=1) > 0.4)
    thinned = thin(blobs(seed=1) + 0.3 * blobs(seed=2) > threshold + 0.15)
    error, *_ = adapted_rand_error(truth, singles(thinned), ignore_labels=(0,))
    count = np.count_nonzero(truth)  # pairs with itself: N² here, N (N − 1) there
    assert v_rand(truth, thinned) == pytest.approx(1 - error, abs=5 / count * truth.max())
    counted = truth > 0
    s, t = truth[counted], singles(thinned)[counted]
    variation = variation_of_information(s, t).sum()  # H(S|T) + H(T|S), in bits
    h = [-sum(p * math.log2(p) for p in np.bincount(x)[np.unique(x)] / x.size) for x in (s, t)]
    assert v_info(truth, thinned) == pytest.approx(1 - variation / sum(h), abs=1e-9)


@FEW
@given(LABEL_PAIRS, st.permutations([1, 2, 3, 4]))
def test_the_names_of_labels_do_not_matter(pair, names):
    truth, segmentation = pair
    renamed = np.array([0, *names], np.int64)[segmentation]
    assert v_rand(truth, renamed) == v_rand(truth, segmentation)
    huge = [
        np.where(x > 0, x.astype(np.uint64) + np.uint64(2**63), 0) for x in (truth, renamed)
    ]
    assert v_rand(*huge) == v_rand(truth, segmentation)
    assert v_info(*huge) == pytest.approx(v_info(truth, segmentation), abs=1e-9)


def test_many_segments_are_counted_by_sorting_as_by_table():
    truth = np.arange(1, 3601).reshape(60, 60)  # 3600 × 1800 pairs: too many for a table
    segmentation = np.repeat(np.arange(1, 1801), 2).reshape(60, 60)
    assert v_rand(truth, segmentation) == 2 * 3600 / (3600 + 1800 * 4)


# ---------------------------------------------------------------- thinning


def neighbours(labels: np.ndarray) -> np.ndarray:
    """The four neighbours of each pixel, −1 outside: (4, H, W)."""
    padded = np.pad(labels, 1, constant_values=-1)
    return np.stack([padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]])


@MANY
@given(MASKS)
@example(np.eye(14, dtype=bool))
@example(blobs(14, sigma=1) > 0.6)
def test_what_thinning_promises(white):
    thinned, regions = thin(white), components(white)
    assert thinned.shape == white.shape
    np.testing.assert_array_equal(thinned[white], regions[white])  # white never becomes dam
    near = neighbours(thinned)
    touching = (near > 0) & (near != thinned)
    assert not touching[:, thinned > 0].any()  # no two regions side by side
    assert components(thinned > 0).max() == regions.max()  # none torn, none joined
    if regions.max() == 0:
        assert not thinned.any()
        return
    for row, column in np.argwhere(thinned == 0):
        touched = {int(n) for n in near[:, row, column] if n > 0}
        assert len(touched) != 1, "a dam that holds nothing apart"
    np.testing.assert_array_equal(thin(thinned > 0) > 0, thinned > 0)


def test_regions_grow_at_equal_speed():
    row = np.zeros((1, 30), int)
    row[0, [0, 1, 2, 3, 20]] = 1
    thinned = thin(row)
    # Of the 16 black pixels between, one is dam and each side takes 7 or 8.
    assert np.flatnonzero(thinned[0] == 0).tolist() in ([11], [12])
    dots = np.zeros((31, 31), bool)
    dots[15, 5] = dots[15, 25] = True
    thinned = thin(dots)
    near_left = np.add(*np.abs(np.indices(dots.shape) - np.array([15, 5])[:, None, None]))
    near_right = np.add(*np.abs(np.indices(dots.shape) - np.array([15, 25])[:, None, None]))
    assert (thinned[near_left < near_right - 1] == 1).all()
    assert (thinned[near_right < near_left - 1] == 2).all()


def test_dams_lie_about_where_scikit_image_has_them():
    white, truth = blobs(128, seed=3) > 0.6, components(blobs(128, seed=3) > 0.45)
    mine = thin(white)
    other = watershed(np.zeros(white.shape), components(white), watershed_line=True)
    assert (mine != other).mean() < 0.05
    assert v_rand(truth, mine) == pytest.approx(v_rand(truth, other), abs=0.01)
    assert v_info(truth, mine) == pytest.approx(v_info(truth, other), abs=0.01)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (6, 1), (5, 8)])
def test_one_region_floods_everything_and_none_floods_nothing(shape):
    one = np.zeros(shape, bool)
    one[0, 0] = True
    assert (thin(one) == 1).all()
    assert (thin(np.ones(shape)) == 1).all()
    assert (thin(np.zeros(shape)) == 0).all()


# ---------------------------------------------------------------- pixels


@FEW
@given(MASKS, st.randoms(use_true_random=False))
def test_dice_and_iou_count_pixels(truth, random):
    white = np.array([random.random() < 0.5 for _ in range(truth.size)]).reshape(truth.shape)
    a = {i for i, v in enumerate(truth.ravel()) if v}
    b = {i for i, v in enumerate(white.ravel()) if v}
    assert iou(truth, white) == (len(a & b) / len(a | b) if a | b else 1)
    expected = 2 * len(a & b) / (len(a) + len(b)) if a or b else 1
    assert dice(truth, white.astype(int)) == expected


def test_nothing_against_nothing_agrees():
    nothing = np.zeros((2, 3), int)
    assert dice(nothing, nothing) == iou(nothing, nothing) == 1
    assert dice(nothing, nothing + 1) == iou(nothing, nothing + 1) == 0


# ---------------------------------------------------------------- the score


def stack() -> tuple[np.ndarray, np.ndarray]:
    """Three slices of truth, and a prediction of which each metric likes another threshold."""
    right = np.stack([blobs(48, i) for i in range(3)])
    wrong = np.stack([blobs(48, 50 + i, sigma=1) for i in range(3)])
    return (right > 0.35).astype(np.uint8), 0.4 * right + 0.6 * wrong


def test_score_is_each_metrics_best_mean_over_slices():
    truth, probability = stack()
    result = score(truth, probability)
    assert result.thresholds == THRESHOLDS == tuple(np.linspace(0, 1, 11).round(1).tolist())
    for name, metric in (("v_rand", v_rand), ("v_info", v_info)):
        each = np.array(
            [
                [
                    metric(components(a), thin(p > t))
                    for a, p in zip(truth, probability, strict=True)
                ]
                for t in THRESHOLDS
            ]
        )
        best = each.mean(axis=1).argmax()
        assert getattr(result, f"{name}_curve") == pytest.approx(each.mean(axis=1))
        assert getattr(result, name) == pytest.approx(each.mean(axis=1).max())
        assert getattr(result, f"{name}_threshold") == THRESHOLDS[best]
        assert getattr(result, f"{name}_slices") == pytest.approx(each[best])
    f = [[dice(a, p > t) for a, p in zip(truth, probability, strict=True)] for t in THRESHOLDS]
    assert result.pixel_error == pytest.approx(1 - np.mean(f, axis=1).max())
    assert result.pixel_error == pixel_error(truth, probability)
    assert result.pixel_error_threshold == THRESHOLDS[np.mean(f, axis=1).argmax()]
    assert result.dice == pytest.approx(np.mean(f[5])) == result.at(0.5)["dice"]
    assert result.iou == result.iou_curve[5] < result.dice
    each = {result.v_rand_threshold, result.v_info_threshold, result.pixel_error_threshold}
    assert len(each) == 3  # every metric has a best threshold of its own


def test_the_mean_over_slices_comes_before_the_best_threshold():
    truth, probability = [[[1, 0]], [[1, 0]]], [[[0.9, 0.6]], [[0.4, 0.1]]]
    # Each slice has a perfect threshold, 0.6 and 0.1; together 0.1 is best: (2/3 + 1) / 2.
    assert pixel_error(truth, probability) == pytest.approx(1 / 6)
    assert score(truth, probability).pixel_error == pytest.approx(1 / 6)


def test_thresholds_in_any_order():
    truth, probability = stack()
    mixed = score(truth, probability, [0.6, 0.2, 0.6])
    low, high = score(truth, probability, [0.2, 0.6]).v_rand_curve
    assert mixed.v_rand_curve == (high, low, high)


def test_iou_and_dice_are_at_a_half_whatever_the_thresholds():
    truth, probability = stack()
    assert score(truth, probability, [0.2]).dice == score(truth, probability, [0.5]).dice
    assert score(truth, probability, 0.2).dice_curve == (
        score(truth, probability).at(0.2)["dice"],
    )


def test_at_gives_a_threshold_fixed_beforehand_and_refuses_others():
    result = score(*stack(), thresholds=[0.1, 0.3, 0.6])
    assert result.at(0.1 + 0.2) == {
        "threshold": 0.3,
        "v_rand": result.v_rand_curve[1],
        "v_info": result.v_info_curve[1],
        "pixel_error": 1 - result.dice_curve[1],
        "iou": result.iou_curve[1],
        "dice": result.dice_curve[1],
    }
    with pytest.raises(
        ValueError, match=r"threshold 0.5 .* scored: 0.1, 0.3, 0.6; nearest: 0.6"
    ):
        result.at(0.5)


def test_as_dict_survives_json():
    result = score(*stack())
    values = json.loads(json.dumps(result.as_dict(), allow_nan=False))
    assert values["v_rand"] == result.v_rand
    assert tuple(values["v_info_curve"]) == result.v_info_curve


def test_slices_of_several_sizes_and_kinds_of_numbers():
    truth, probability = stack()
    truths = [truth[0], truth[1][:30], truth[2][:, :20].astype(bool)]
    probabilities = [
        probability[0].astype(np.float32),
        probability[1][:30],
        probability[2][:, :20],
    ]
    result = score(truths, probabilities)
    alone = [
        score([a], [p]).at(0.4)["v_rand"] for a, p in zip(truths, probabilities, strict=True)
    ]
    assert result.at(0.4)["v_rand"] == pytest.approx(np.mean(alone))


def test_a_perfect_binary_prediction_is_perfect_below_one():
    truth = thin(blobs(40) > 0.5)[None] > 0
    result = score(truth, truth)
    assert result.v_rand_curve[:10] == result.v_info_curve[:10] == (1,) * 10
    assert (result.v_rand, result.v_rand_threshold, result.pixel_error) == (1, 0, 0)


def test_all_white_is_one_region_and_no_white_is_as_many_segments_as_pixels():
    truth = np.array([[[1, 1, 1, 0, 1]]])
    result = score(truth, np.ones(truth.shape))
    assert result.v_rand_curve[0] == 2 * 10 / (10 + 16)
    assert result.v_info_curve[0] == 0
    assert result.v_rand_curve[10] == 2 * 4 / (10 + 4)  # nothing is above t = 1
    h = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert result.v_info_curve[10] == pytest.approx(2 * h / (h + math.log(4)))
    nothing = score(truth, np.zeros(truth.shape))
    assert set(nothing.v_rand_curve) == {2 * 4 / (10 + 4)}
    assert (nothing.iou, nothing.dice, nothing.pixel_error) == (0, 0, 1)


# ---------------------------------------------------------------- what is refused

GOOD = np.array([[[1, 1, 0, 1]]])
HALF = np.full(GOOD.shape, 0.5)
LOGITS = np.array([[[-2.5, 0.5, 0.5, 7.0]]])
NAN = np.array([[[0.5, 0.5, np.nan, 0.5]]])


@pytest.mark.parametrize(
    ("truth", "probability", "thresholds", "message"),
    [
        (GOOD * 255, HALF, THRESHOLDS, r"truth holds 255; valid values: 0 .* labels > 127"),
        (GOOD * 0, HALF, THRESHOLDS, "slice 0 of truth has 0 pixels inside"),
        (GOOD, HALF[..., :3], THRESHOLDS, r"has shape \(1, 3\), the truth \(1, 4\).* crop"),
        (GOOD, np.stack([HALF, HALF], 1), THRESHOLDS, r"\(2, 1, 4\).* probabilities\[1\]"),
        (GOOD, np.concatenate([HALF, HALF]), THRESHOLDS, "1 slices and probability 2"),
        (GOOD[0], HALF[0], THRESHOLDS, r"has shape \(4,\).* truth\[None\]"),
        (None, HALF, THRESHOLDS, "no labels"),
        (GOOD[:0], HALF[:0], THRESHOLDS, "truth has 0 slices"),
        (GOOD, NAN, THRESHOLDS, r"holds nan at \(row, column\) \(0, 2\)"),
        (GOOD, HALF + 1, THRESHOLDS, "runs from 1.5 to 1.5; valid: 0 to 1; divide by 255"),
        (GOOD, LOGITS, THRESHOLDS, "runs from -2.5 to 7; valid: 0 to 1; apply softmax"),
        (GOOD, HALF * 1j, THRESHOLDS, "type complex128"),
        (GOOD, HALF, [0.5, 1.5], r"thresholds are \[1.5\]"),
        (GOOD, HALF, [np.nan], r"thresholds are \[nan\]"),
        (GOOD, HALF, [], "thresholds are empty"),
    ],
)
def test_score_refuses(truth, probability, thresholds, message):
    with pytest.raises(ValueError, match=message):
        score(truth, probability, thresholds)


def test_rounding_of_a_softmax_is_no_error():
    assert score(GOOD, HALF * (2 + 2e-7)).v_rand_curve == score(GOOD, HALF * 2).v_rand_curve


@pytest.mark.parametrize(
    ("truth", "segmentation", "message"),
    [
        (GOOD[0], GOOD[0][:, :2], r"shape \(1, 2\), the truth \(1, 4\)"),
        (GOOD[0] * 0, GOOD[0], "every pixel is membrane"),
        (GOOD[0] > 0, GOOD[0], r"type bool; .* components\(truth\)"),
        (GOOD[0], HALF[0], r"segmentation is of type float64"),
        (-GOOD[0], GOOD[0], "truth holds -1"),
        (GOOD, GOOD, r"\(1, 1, 4\); a slice is \(H, W\)"),
    ],
)
def test_comparing_labels_refuses(truth, segmentation, message):
    for metric in (v_rand, v_info, contingency):
        with pytest.raises(ValueError, match=message):
            metric(truth, segmentation)


# ---------------------------------------------------------------- the real stack


@pytest.fixture(scope="module")
def isbi() -> tuple[np.ndarray, np.ndarray]:
    """Images and labels {0, 1} of the ISBI 2012 training stack: (30, 512, 512) each."""
    folder = Path(os.environ.get("UNET_TEACH_DATA") or "/nowhere")
    if not (folder / "train").is_dir() or not (folder / "labels").is_dir():
        pytest.skip("UNET_TEACH_DATA names no folder with train/ and labels/")
    images, labels = (
        np.stack([np.array(Image.open(path)) for path in sorted((folder / part).glob("*.png"))])
        for part in ("train", "labels")
    )
    return images.astype(np.float32), (labels > 127).astype(np.uint8)


def standardised(image: np.ndarray) -> np.ndarray:
    return (image - image.mean()) / image.std()


def means(labels, white) -> tuple[float, float]:
    tables = [contingency(components(a), thin(w)) for a, w in zip(labels, white, strict=True)]
    return np.mean([x.v_rand for x in tables]), np.mean([x.v_info for x in tables])


def test_the_floors_of_the_real_stack(isbi):
    images, labels = isbi
    gauss = [standardised(ndimage.gaussian_filter(x, 2)) for x in images]
    assert means(labels, [x > -0.2 for x in gauss])[0] == pytest.approx(0.882, abs=0.003)
    assert means(labels, [x > -0.3 for x in gauss])[1] == pytest.approx(0.936, abs=0.002)
    wide = [ndimage.gaussian_filter(x, 12) for x in images]
    dog = [
        standardised(ndimage.gaussian_filter(x, 2) - w)
        for x, w in zip(images, wide, strict=True)
    ]
    assert means(labels, [x > -0.25 for x in dog])[0] == pytest.approx(0.874, abs=0.003)
    assert means(labels, [x > -0.3 for x in dog])[1] == pytest.approx(0.942, abs=0.002)
    one = means(labels, np.ones_like(labels))
    assert one == (pytest.approx(0.078, abs=0.0005), 0)


def test_real_slices_score_as_scikit_image_scores_them(isbi):
    images, labels = isbi
    for image, label in zip(images[::10], labels[::10], strict=True):
        white = standardised(ndimage.gaussian_filter(image, 2)) > -0.4
        truth, mine = components(label), thin(white)
        error, *_ = adapted_rand_error(truth, singles(mine), ignore_labels=(0,))
        assert v_rand(truth, mine) == pytest.approx(1 - error, abs=1e-4)
        other = watershed(np.zeros(white.shape), components(white), watershed_line=True)
        assert v_rand(truth, mine) == pytest.approx(v_rand(truth, other), abs=0.002)
        assert v_info(truth, mine) == pytest.approx(v_info(truth, other), abs=0.001)


def test_one_pixel_of_wall_erased_merges_two_neurites(isbi):
    label = isbi[1][24]
    truth, thinned = components(label), thin(label)
    assert v_rand(truth, thinned) == v_info(truth, thinned) == 1
    hole = thinned > 0
    assert not hole[291, 210]
    hole[291, 210] = True
    assert v_rand(truth, thin(hole)) == pytest.approx(0.849, abs=0.0005)
    assert dice(label, hole) == pytest.approx(dice(label, thinned > 0), abs=1e-5)
