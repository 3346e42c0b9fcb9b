"""Losses against brute force, torch and numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from skimage.measure import label as components
from torch.nn import functional as F

from unet_teach.losses import (
    class_weights,
    dice_cross_entropy,
    soft_dice,
    two_nearest,
    weight_map,
    weighted_cross_entropy,
)


def brute_force_border(labels: np.ndarray, w0: float, sigma: float) -> np.ndarray:
    """Equation 2's second term by measuring every pixel against every pixel of every cell."""
    cells = components(labels, connectivity=1, background=0)
    border = np.zeros(labels.shape)
    for y, x in np.argwhere(labels == 0):
        distances = sorted(
            min(np.hypot(y - v, x - u) for v, u in np.argwhere(cells == number))
            for number in range(1, cells.max() + 1)
        )
        if len(distances) >= 2:
            border[y, x] = w0 * np.exp(-((distances[0] + distances[1]) ** 2) / (2 * sigma**2))
    return border


small_labels = hnp.arrays(
    np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.integers(0, 2)
)


@settings(deadline=None, max_examples=60)
@given(small_labels, st.sampled_from([0.5, 1.0, 5.0]), st.sampled_from([0.3, 10.0]))
def test_weight_map_is_brute_force(labels, sigma, w0):
    expected = 1 + brute_force_border(labels, w0, sigma)
    found = weight_map(labels, w0=w0, sigma=sigma, class_balance=False)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1.01e-4)


def test_exact_where_the_weight_is_above_the_bound():
    rng = np.random.default_rng(0)
    labels = np.zeros((40, 60), dtype=np.uint8)
    for y, x in rng.integers([38, 58], size=(12, 2)):
        labels[y : y + 2, x : x + 2] = 1
    expected = brute_force_border(labels, 10.0, 2.0)
    found = weight_map(labels, sigma=2.0, class_balance=False).astype(np.float64) - 1
    above = expected > 1e-4
    assert above.any() and not above[labels == 0].all()  # both sides of the bound are tried
    np.testing.assert_allclose(found[above], expected[above], atol=2e-6)
    assert (found[~above] < 1.01e-4).all()


def test_far_cells_count_up_to_the_bound():
    labels = np.zeros((1, 24), dtype=np.uint8)
    labels[0, 0] = labels[0, 23] = 1  # between them d1 + d2 = 23
    found = weight_map(labels, class_balance=False)
    np.testing.assert_allclose(found[0, 1:23], 1 + 10 * np.exp(-(23**2) / 50), rtol=1e-6)


def test_distances_are_exact_up_to_the_reach():
    labels = np.zeros((1, 30), dtype=np.uint8)
    labels[0, 0] = labels[0, 29] = 1
    nearest, second = two_nearest(labels, reach=20)
    assert nearest[0, 10] == 10 and second[0, 10] == 19
    assert second[0, 5] == np.inf  # 24 pixels away


def test_wall_of_one_pixel_by_hand():
    labels = np.array([[1, 1, 1, 0, 1, 1, 1]])
    found = weight_map(labels)
    assert found[0, 3] == pytest.approx(7 / 2 + 10 * np.exp(-4 / 50), rel=1e-6)
    assert found[0, 0] == pytest.approx(7 / 12, rel=1e-6)


def test_diagonal_neighbours_are_two_cells():
    labels = np.array([[1, 0], [0, 1]])
    assert (weight_map(labels, class_balance=False)[[0, 1], [1, 0]] > 10).all()


@pytest.mark.parametrize("cells", [0, 1])
def test_one_cell_or_none_leaves_the_class_weights(cells):
    labels = np.zeros((8, 8), dtype=np.int64)
    labels[2 : 2 + cells, 3] = 1
    np.testing.assert_allclose(weight_map(labels), class_weights(labels), rtol=1e-6)


def test_classes_weigh_the_same_in_sum():
    labels = np.random.default_rng(1).choice([0, 1, 4], p=[0.2, 0.7, 0.1], size=(20, 20))
    weights = class_weights(labels)
    sums = [weights[labels == value].sum() for value in (0, 1, 4)]
    np.testing.assert_allclose(sums, 400 / 3)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.zeros((2, 4, 4), int), r"\(2, 4, 4\)"),
        (np.zeros((0, 4), int), r"\(0, 4\)"),
        (np.zeros((4, 4)), "float64"),
        (np.full((4, 4), -1), "-1"),
    ],
)
def test_weight_map_refuses(labels, message):
    with pytest.raises(ValueError, match=message):
        weight_map(labels)


@pytest.mark.parametrize(("name", "value"), [("sigma", 0.0), ("sigma", np.nan), ("w0", -1.0)])
def test_weight_map_refuses_settings(name, value):
    with pytest.raises(ValueError, match=name):
        weight_map(np.ones((4, 4), int), **{name: value})


def batch(classes=3, dtype=torch.float32, size=5):
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(4, classes, size, size + 1, generator=generator, dtype=dtype)
    target = torch.randint(classes, (4, size, size + 1), generator=generator)
    weights = torch.rand(4, size, size + 1, generator=generator, dtype=dtype) * 9 + 0.5
    return logits, target, weights


def test_cross_entropy_is_torch_s():
    logits, target, weights = batch()
    found = weighted_cross_entropy(logits, target)
    torch.testing.assert_close(found, F.cross_entropy(logits, target))
    pixels = F.cross_entropy(logits, target, reduction="none")
    expected = (pixels * weights).sum() / pixels.numel()
    torch.testing.assert_close(weighted_cross_entropy(logits, target, weights), expected)


def test_dice_by_hand():
    target = torch.tensor([[[0, 1], [1, 1]]])
    logits = torch.zeros(1, 2, 2, 2)  # every probability is a half
    class_0 = (2 * 0.5 + 1) / (2 + 1 + 1)
    class_1 = (2 * 1.5 + 1) / (2 + 3 + 1)
    assert soft_dice(logits, target).item() == pytest.approx(1 - (class_0 + class_1) / 2)


def test_dice_of_an_absent_class_goes_to_zero():
    target = torch.zeros(2, 4, 4, dtype=torch.int64)
    logits = torch.tensor([60.0, -60.0])[None, :, None, None].expand(2, 2, 4, 4)
    assert soft_dice(logits, target).item() == pytest.approx(0, abs=1e-6)
    assert soft_dice(-logits, target).item() > 0.9


def test_sum_of_the_two():
    logits, target, weights = batch()
    expected = weighted_cross_entropy(logits, target, weights) + soft_dice(logits, target)
    assert dice_cross_entropy(logits, target, weights) == expected


@pytest.mark.parametrize("loss", [weighted_cross_entropy, dice_cross_entropy])
def test_two_halves_average_to_the_whole(loss):
    logits, target, weights = batch(dtype=torch.float64)
    whole = loss(logits, target, weights)
    halves = [loss(logits[i::2], target[i::2], weights[i::2]) for i in (0, 1)]
    torch.testing.assert_close(sum(halves) / 2, whole)


@pytest.mark.parametrize("loss", [weighted_cross_entropy, dice_cross_entropy])
def test_gradients(loss):
    logits, target, weights = batch(dtype=torch.float64, size=2)
    logits.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: loss(x, target, weights), logits)


def test_float32_under_bf16_autocast():
    logits, target, weights = batch(size=64)
    half = logits.bfloat16()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = dice_cross_entropy(half, target, weights)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, dice_cross_entropy(half.float(), target, weights))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x, t, w: (x, t.clamp(max=0) + 255, w), r"255.*0\.\.2.*mask // 255"),
        (lambda x, t, w: (x, t - 3, w), r"target contains -3"),
        (lambda x, t, w: (x, t + 1, w), r"target contains 3; 3 maps"),
        (lambda x, t, w: (x, t.float(), w), r"float32.*int64"),
        (lambda x, t, w: (x[..., 1:-1], t, w), r"\(4, 5, 6\).*crop the target to 5×4"),
        (lambda x, t, w: (x, t, w[:, 1:]), r"weight_map has shape \(4, 4, 6\)"),
        (lambda x, t, w: (x[0], t, w), r"logits have shape"),
        (lambda x, t, w: (x[:0], t[:0], w[:0]), r"no pixel"),
    ],
)
def test_losses_refuse(change, message):
    with pytest.raises(ValueError, match=message):
        dice_cross_entropy(*change(*batch()))


def test_dice_refuses_no_smoothing():
    logits, target, _ = batch()
    with pytest.raises(ValueError, match="smooth"):
        soft_dice(logits, target, smooth=0.0)
