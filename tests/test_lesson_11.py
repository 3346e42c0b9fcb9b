"""Lesson 11: the scene, the pull of a loss, the map's drawing, the explorer."""

import math
import re

import numpy as np
import pytest
import torch
from pictures import images_in
from scipy import ndimage
from torch.nn import functional as F

from unet_teach.drawing.style import BLUE, VERMILLION
from unet_teach.lessons.l11_loss_and_weight_map.exercises import (
    constant_losses,
    constants,
    cross_entropy,
    distances_to,
    weight_map,
)
from unet_teach.lessons.l11_loss_and_weight_map.measure import (
    WIDEST,
    logits_for,
    pull,
    two_cells,
)
from unet_teach.lessons.l11_loss_and_weight_map.panel import weight_explorer
from unet_teach.lessons.l11_loss_and_weight_map.picture import (
    HIGHEST,
    LEFT,
    PROFILE,
    TOP,
    ZOOM,
    coloured,
    outline,
    weights_of_two_cells,
)
from unet_teach.losses import class_weights, soft_dice, weighted_cross_entropy
from unet_teach.losses import weight_map as library_map
from unet_teach.metrics import components


# ------------------------------------------------------------------------------------ the scene
@pytest.mark.parametrize("gap", range(WIDEST + 1))
def test_two_equal_cells_with_a_straight_wall(gap):
    cells, wall = two_cells(gap)
    assert components(cells > 0).max() == (2 if gap else 1)
    assert (cells == 1).sum() == (cells == 2).sum() == (two_cells(1).cells == 1).sum()
    assert not (wall & (cells > 0)).any()
    for row in np.flatnonzero(wall.any(axis=1)):
        columns = np.flatnonzero(wall[row])
        assert len(columns) == gap and np.ptp(columns) == gap - 1
        assert (cells[row, columns[0] - 1], cells[row, columns[-1] + 1]) == (1, 2)
    # Where both cells have their flat sides, and nowhere else.
    assert wall.any(axis=1).sum() == (26 if gap else 0)
    # In the middle, away from the frame.
    assert not cells[0].any() and np.array_equal(cells, cells[::-1])
    columns = np.flatnonzero(cells.any(axis=0))
    assert columns[0] > 0 and abs(columns[0] - (cells.shape[1] - 1 - columns[-1])) <= 1


def test_a_wall_that_does_not_fit_is_refused():
    with pytest.raises(
        ValueError, match="gap in pixels is 13; it must be a whole number, 0 to 12"
    ):
        two_cells(13)


# -------------------------------------------------------------------------------------- pull
def scene(seed=0):
    rng = np.random.default_rng(seed)
    p, t = rng.uniform(0.02, 0.98, (5, 7)), rng.integers(0, 2, (5, 7))
    return p, t, torch.from_numpy(t)[None]


def test_logits_for_gives_the_probability_back():
    p, _t, _target = scene()
    assert np.allclose(logits_for(p).softmax(dim=1)[0, 1].numpy(), p, atol=1e-12)


def test_pull_of_cross_entropy_is_p_minus_t():
    p, t, target = scene()
    assert np.allclose(pull(F.cross_entropy, logits_for(p), target), np.abs(p - t))
    weights = torch.rand(1, 5, 7, dtype=torch.float64)
    found = pull(lambda z, y: weighted_cross_entropy(z, y, weights), logits_for(p), target)
    assert np.allclose(found, weights[0].numpy() * np.abs(p - t))


def test_pull_of_dice_is_its_derivative_by_hand():
    """1 − mean of 2 Σ p t / (Σ p + Σ t): the slope by p, times dp/dz = p (1 − p)."""
    p, t, target = scene()
    slope = np.zeros(p.shape)
    for q, truth, sign in ((p, t, 1), (1 - p, 1 - t, -1)):
        total = q.sum() + truth.sum() + 1
        overlap = 2 * (q * truth).sum() + 1
        slope += sign * (2 * truth * total - overlap) / total**2
    due = np.abs(slope) / 2 * p * (1 - p) * p.size
    assert np.allclose(pull(soft_dice, logits_for(p), target), due)


def test_pull_leaves_the_logits_alone():
    p, _t, target = scene()
    logits = logits_for(p)
    pull(F.cross_entropy, logits, target)
    assert logits.grad is None and not logits.requires_grad


@pytest.mark.parametrize("gap", [1, 2, 4])
def test_what_the_lesson_says_of_a_thin_wall_holds_for_others(gap):
    cells, wall = two_cells(gap)
    labels = (cells > 0).astype(np.uint8)
    target = torch.from_numpy(labels).long()[None]
    merged = logits_for(np.where((labels == 1) | wall, 0.95, 0.05))
    right = (labels == 0) & ~wall
    ratio = {}
    for name, weights in (("class", class_weights(labels)), ("map", library_map(labels))):
        w = torch.from_numpy(weights)[None]
        g = pull(lambda z, t, w=w: weighted_cross_entropy(z, t, w), merged, target)
        ratio[name] = g[wall].mean() / g[right].mean()
    g = pull(soft_dice, merged, target)
    assert ratio["class"] == pytest.approx(19) and ratio["map"] > 4 * ratio["class"]
    assert g[wall].mean() / g[right].mean() == pytest.approx(1)


# -------------------------------------------------------------------------------- exercises
def test_the_exercise_is_torchs_cross_entropy():
    logits, target = 50 * torch.randn(2, 3, 4, 5), torch.randint(0, 3, (2, 4, 5))
    due = F.cross_entropy(logits, target, reduction="none")
    assert torch.allclose(cross_entropy(logits, target), due, atol=1e-4)


def test_the_exercise_is_the_librarys_map():
    cells = np.zeros((12, 15), int)
    cells[1:4, 1:4], cells[5:11, 2:6], cells[2:9, 8:14] = 1, 2, 3
    distances = distances_to(cells)
    for number in (1, 2, 3):
        due = ndimage.distance_transform_edt(cells != number)
        assert np.allclose(distances[number - 1], due)
    found = weight_map(distances, 10.0, 5.0)
    assert np.allclose(found, library_map(cells > 0, class_balance=False), atol=2e-4)


@pytest.mark.parametrize("f, w0, w1", [(0.1, 1, 4), (0.56, 3, 1), (0.9, 2, 2)])
def test_the_constants_minimise(f, w0, w1):
    answers = constants(f, w0, w1)
    for name, loss in constant_losses(f, w0, w1).items():
        p = min(answers[name], 1 - 1e-9)
        for other in (0.99 * p, 0.9 * p, 0.99 * p + 0.01, 0.9 * p + 0.1):
            assert loss(p) < loss(other) or other > p > 0.99, name


def test_the_constant_losses_are_the_librarys():
    target = torch.zeros(1, 20, 10, dtype=torch.long)
    target[0, :7] = 1  # f = 0.35
    weights = torch.tensor([3.0, 2.0])[target]
    losses = constant_losses(0.35, 3.0, 2.0)
    for p in (0.2, 0.7):
        z = logits_for(np.full((20, 10), p))
        assert weighted_cross_entropy(z, target).item() == pytest.approx(
            losses["cross_entropy"](p)
        )
        assert weighted_cross_entropy(z, target, weights).item() == pytest.approx(
            losses["weighted"](p)
        )
        assert soft_dice(z, target, smooth=1e-9).item() == pytest.approx(losses["dice_both"](p))


# -------------------------------------------------------------------------------- the drawing
def pixels_of(body: str) -> np.ndarray:
    return images_in(body)[0]


def test_every_pixel_has_the_colour_of_its_weight():
    cells, _wall = two_cells(2)
    weights = library_map(cells > 0)
    drawn = pixels_of(weights_of_two_cells(cells, weights, 2, 10, 5).body)
    assert drawn.shape == (44 * ZOOM, 84 * ZOOM, 3)
    assert np.array_equal(drawn[::ZOOM, ::ZOOM], coloured(weights))
    assert np.array_equal(drawn[ZOOM - 1 :: ZOOM, ZOOM - 1 :: ZOOM], coloured(weights))


def test_colours_darken_with_the_weight():
    ramp = coloured(np.linspace(0, HIGHEST, 100)[None])[0].astype(int).sum(axis=1)
    assert (np.diff(ramp) <= 0).all() and ramp[0] == 3 * 255 and ramp[-1] < 120
    assert (coloured(np.array([[99.0]])) == coloured(np.array([[HIGHEST]]))).all()


def test_outlines_run_between_different_labels():
    cells = np.array([[1, 0], [1, 2]])
    due = {
        f"M {LEFT + ZOOM} {TOP} v {ZOOM}", f"M {LEFT + ZOOM} {TOP + ZOOM} v {ZOOM}",
        f"M {LEFT + ZOOM} {TOP + ZOOM} h {ZOOM}",
    }  # fmt: skip
    assert set(re.findall(r"M \d+ \d+ [hv] \d+", outline(cells))) == due


def test_the_profile_is_the_middle_row():
    cells = np.array([[1, 1, 1, 1]] * 2 + [[1, 0, 0, 2]] + [[1, 1, 0, 2]] * 2)
    weights = np.array([[9.0] * 4] * 2 + [[1.0, 6.0, 12.0, 99.0]] + [[8.0] * 4] * 2)
    body = weights_of_two_cells(cells, weights, 2, 10, 5).body
    area = re.search(rf'd="M {LEFT} ([\d.]+) ([^"]+) Z"[^>]*stroke="{VERMILLION}"', body)
    bottom = float(area[1])
    tops = [float(y) for y in re.findall(rf"V ([\d.]+) h {ZOOM}", area[2])]
    heights = [(bottom - y) / PROFILE * HIGHEST for y in tops]
    assert heights == pytest.approx([1, 6, 12, HIGHEST], abs=0.01)
    (marks,) = re.findall(rf'd="([^"]+)" fill="{BLUE}"', body)
    below = re.findall(rf"M(\d+) {bottom + 4:g}h{ZOOM}v7h-{ZOOM}z", marks)
    assert [(int(x) - LEFT) // ZOOM for x in below] == [0, 3]


def test_the_scale_has_the_colours_of_its_weights():
    cells, _wall = two_cells(2)
    scale = images_in(weights_of_two_cells(cells, library_map(cells > 0), 2, 10, 5).body)[1]
    due = coloured(np.linspace(HIGHEST, 0, len(scale)))
    assert scale.shape[1] == 1 and np.array_equal(scale[:, 0], due)


# -------------------------------------------------------------------------------- the explorer
def largest(panel) -> float:
    return float(re.search(r"largest weight is ([\d.]+);", panel.picture.alt)[1])


@pytest.mark.parametrize("gap", [1, 4, 9])
@pytest.mark.parametrize("w0, sigma", [(10.0, 5.0), (20.0, 2.5), (0.0, 5.0)])
def test_the_largest_weight_is_equation_2(gap, w0, sigma):
    panel = weight_explorer()
    panel.set(gap=gap, w0=w0, sigma=sigma)
    due = 1 + w0 * math.exp(-((gap + 1) ** 2) / (2 * sigma**2))
    assert largest(panel) == pytest.approx(due, abs=0.0051)
    assert f"d<sub>1</sub> + d<sub>2</sub> = {gap + 1}<" in panel.picture.text
    assert f"<b>{due:.2f}</b>" in panel.picture.text


def test_with_w_c_the_cells_weigh_less_than_one():
    panel = weight_explorer()
    panel.set(balance=True)
    labels = two_cells(3).cells > 0
    due = labels.size / (2 * labels.sum())
    assert f"inside the cells it is {due:.2f}." in panel.picture.alt and due < 1


def test_without_a_wall_there_is_one_cell_and_the_control_is_red():
    panel = weight_explorer()
    panel.set(gap=0)
    assert "no second nearest cell" in panel.problem
    assert "no wall between them" in panel.picture.alt and largest(panel) == 1
    assert "cell 1" in panel.picture.body and "cell 2" not in panel.picture.body
    panel._offers.children[1].click()
    assert panel.values["gap"] == 1 and panel.problem == "" and largest(panel) == 10.23


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("gap", 1, "1 pixel of wall"),
        ("w0", 4.0, "w0 = 4"),
        ("sigma", 2.5, "sigma = 2.5"),
        ("balance", True, "inside the cells it is 0.89"),
    ],
)
def test_every_control_changes_the_picture(name, value, words):
    panel = weight_explorer()
    before = panel.picture
    panel.controls[name].value = value
    assert panel.picture.body != before.body and panel.problem == ""
    assert words in panel.picture.alt


def test_strict_every_end_of_every_control(monkeypatch):
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    weight_explorer()
