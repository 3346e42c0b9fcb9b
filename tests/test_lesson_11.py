"""Lesson 11: the scene, the pull of a loss, the weight map against other arithmetic."""

import itertools
import math
import re

import numpy as np
import pytest
import torch
from pictures import images_in
from scipy import ndimage
from torch.nn import functional as F

from unet_teach.lessons.l11_loss_and_weight_map.exercises import (
    constant_losses,
    constants,
    cross_entropy,
    distances_to,
    weight_map,
)
from unet_teach.lessons.l11_loss_and_weight_map.measure import (
    BRIGHTEST,
    FIRST,
    HIGHEST,
    SHADES,
    SIGMAS,
    STRIP,
    W0S,
    WIDEST,
    answer,
    logits_for,
    pull,
    recorded,
    two_cells,
)
from unet_teach.lessons.l11_loss_and_weight_map.panel import weight_explorer
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
    # Where both cells have their flat sides, and nowhere else: what the view hatches.
    assert np.flatnonzero(wall.any(axis=1)).tolist() == (list(range(*STRIP)) if gap else [])
    assert STRIP[1] - STRIP[0] == 26
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


# -------------------------------------------------------------------------------- the explorer
@pytest.mark.parametrize("gap", [1, 4, 9])
@pytest.mark.parametrize("w0, sigma", [(10.0, 5.0), (20.0, 2.5), (0.0, 5.0)])
def test_the_weight_of_the_wall_is_equation_2(gap, w0, sigma):
    found = answer({**FIRST, "gap": gap, "w0": w0, "sigma": sigma})
    due = 1 + w0 * math.exp(-((gap + 1) ** 2) / (2 * sigma**2))
    assert found["wall"] == pytest.approx(due) and found["inside"] == 1
    assert found["sum"] == gap + 1 and f"weighs {due:.2f}." in found["headline"]
    _cells, wall = two_cells(gap)
    assert np.allclose(found["profile"][wall[22]], due, atol=1e-4)  # flat


@pytest.mark.parametrize("balance", [True, False])
def test_every_pixel_is_equation_2_by_other_distances(balance):
    """scipy's distances, one transform a cell, over the whole scene."""
    found = answer({**FIRST, "gap": 2, "balance": balance})
    cells = found["cells"]
    sum_ = sum(ndimage.distance_transform_edt(cells != n) for n in (1, 2))
    white = (cells > 0).mean()
    of_class = np.where(cells > 0, 1 / white, 1 / (1 - white)) / 2 if balance else 1.0
    due = of_class + np.where(cells > 0, 0, 10 * np.exp(-(sum_**2) / 50))
    shade = BRIGHTEST / SHADES
    assert np.abs(found["levels"] * shade - np.minimum(due, BRIGHTEST)).max() < 0.51 * shade
    assert np.allclose(found["profile"], due[22], atol=1e-3)
    assert found["inside"] == pytest.approx(due[cells > 0].max())
    assert found["largest"] == pytest.approx(due.max(), abs=1e-3)


@pytest.mark.parametrize("balance", [True, False])
def test_the_picture_and_the_plot_hold_every_weight(balance):
    """Where the colours end, "or more" is true; the plot ends above the largest weight."""
    most = {"w0": max(W0S), "sigma": max(SIGMAS), "balance": balance}
    largest = max(answer({**most, "gap": gap})["largest"] for gap in range(WIDEST + 1))
    assert BRIGHTEST < largest < HIGHEST
    assert answer(FIRST)["levels"].max() > 0.6 * SHADES  # the wall is lit at first


@pytest.mark.parametrize("gap", [1, 3, 12])
def test_the_headline_and_the_formula_round_alike(gap):
    for w0, sigma in [(10, 5), (20, 15), (7.5, 2.5), (20, 1), (0, 5)]:
        found = answer({**FIRST, "gap": gap, "w0": w0, "sigma": sigma})
        due = found["outside"] + w0 * math.exp(-(found["sum"] ** 2) / (2 * sigma**2))
        assert found["headline"].endswith(f"weighs {due:.2f}.")
        assert (
            f"= 1.00 + {w0:g} exp(−({{d1}} + {{d2}})² / (2 · {sigma:g}²))" in found["formula"]
        )


def in_words(part):
    return f"{part * 100:.1f}\N{NO-BREAK SPACE}%"


def test_what_is_said_is_of_what_was_moved():
    first = answer(FIRST)["shares"]
    for settings, *due in [
        ({"w0": 20}, "leaves 72.6\xa0% of w₀ = 20", "weighs 14.52 more than one inside a cell"),
        ({"sigma": 3}, "leaves 41.1\xa0% of w₀ (with σ = 5: 72.6\xa0%)", "with σ = 5 it is"),
        (
            {"gap": 8},
            "More pixels, but each is lighter: 8 × 2.98 is less than 5 × 5.87.",
            "is 76.6\xa0%; it is highest at 5 pixels (79.2\xa0%). Without the map it is 53.1",
        ),
        (
            {"gap": 4},
            "Lighter pixels, because d₁ + d₂ is larger, but more of them.",
            "rises from 75.6\xa0% at 3 pixels to 78.3\xa0%.",
        ),
        (
            {"gap": 1},
            "The wall is now 1 px: heavier pixels, because d₁ + d₂ is smaller, but fewer",
            "falls from 75.6\xa0% at 3 pixels to 55.4\xa0%; without the map it is only 11.9",
        ),
        (
            {"gap": 5},
            "The wall is now 5 pixels wide, so it has a middle",
            "Neither weighs more: all have 5.87, because",
        ),
    ]:
        found = answer({**FIRST, **settings})
        for words in due:
            assert words in found["because"]
        assert "middle" in found["because"] or (
            in_words(found["shares"]["weight_map"]) in found["because"]
        )
        if settings.get("gap", 5) != 5:  # both walls, and without the map where it is told
            most = answer({**FIRST, "gap": 5})["shares"]["weight_map"]
            other = most if settings["gap"] > 5 else first["weight_map"]
            assert in_words(other) in found["because"]
            without = in_words(found["shares"]["cross_entropy"])
            assert (without in found["because"]) == (settings["gap"] != 4)
        if "gap" not in settings:
            assert found["because"].endswith(f"it is {in_words(first['weight_map'])}.")
    both = answer({**FIRST, "w0": 20, "sigma": 7})["because"]  # against σ = 5 with this w₀
    assert both.endswith(in_words(answer({**FIRST, "w0": 20})["shares"]["weight_map"]) + ".")


def test_class_weights_are_hardly_enough():
    """They lift all background alike, so that the wall is as bright as what is around it."""
    found = answer({**FIRST, "w0": 0, "balance": True})
    shares = found["shares"]
    assert (
        found["wall"] == pytest.approx(found["outside"])
        and found["outside"] > 1 > found["inside"]
    )
    assert shares["weight_map"] == pytest.approx(shares["class_weights"], abs=1e-6)
    assert (
        found["because"].startswith("No, hardly: ")
        and "all background alike" in found["because"]
    )
    rise = (
        f"from {in_words(shares['cross_entropy'])} only to {in_words(shares['class_weights'])}"
    )
    assert found["because"].endswith("Raise w₀: it lifts only what has two cells near.")
    thin = answer({**FIRST, "w0": 0, "sigma": 0.5, "balance": True})["because"]
    assert thin.endswith("Raise w₀ and σ, because d₁ + d₂ = 4 is far for σ = 0.5.")
    assert rise == "from 29.1\xa0% only to 31.9\xa0%" and rise in found["because"]
    with_map = answer({**FIRST, "balance": True})  # the row of class weights stays as it is
    assert with_map["shares"]["class_weights"] == shares["class_weights"]
    assert rise in with_map["because"] and "No" not in with_map["because"]
    assert in_words(with_map["shares"]["weight_map"]) in with_map["because"]
    far = answer({**FIRST, "sigma": 0.5, "balance": True})["because"]
    assert far.endswith("w₀ = 10 hardly helps, because d₁ + d₂ = 4 is far for σ = 0.5.")


def test_a_map_that_does_nothing_is_not_compared_with_itself():
    found = answer({**FIRST, "sigma": 0.5})
    assert "does almost nothing here: d₁ + d₂ = 4 is far for σ = 0.5" in found["because"]
    assert "%" not in found["because"] and round(found["wall"], 2) == 1
    for settings in recorded():
        words = answer({**FIRST, **settings})["because"]
        assert not re.search(r"\b0\.0\xa0%", words), words
        assert "0.00 more" not in words, words
        for one, other in re.findall(r"So (\S+%) .*; .* (\S+%)\.$", words):
            assert one != other, words
        assert len(words) < 210  # two lines


def test_each_comparison_that_is_said_holds_in_each_recorded_state():
    """What is heavier, more, or hardly anything is so by the numbers that are shown."""
    every = {tuple(one.values()): answer(one) for one in recorded() if one["gap"]}
    seen = set()

    def part(gap, w0, sigma, balance=False):
        return every[gap, w0, sigma, balance]["shares"]["weight_map"]

    def says(words, said):
        if words in said:
            seen.add(words)
        return words in said

    for (gap, w0, sigma, balance), found in every.items():
        said, here, at = found["because"], found["shares"], (gap, w0, sigma, balance)
        mine, plain = here["weight_map"], here["cross_entropy"]
        others = part(gap, w0, 5)
        if says("More pixels, but each is lighter", said):
            best = every[5, w0, sigma, balance]
            assert part(5, w0, sigma) == max(part(n, w0, sigma) for n in range(1, 13)), at
            assert gap > 5 and found["wall"] < best["wall"], at
            assert gap * found["wall"] < 5 * best["wall"] and mine < part(5, w0, sigma), at
            assert f"{gap} × {found['wall']:.2f} is less than 5 × {best['wall']:.2f}" in said
        if says("Lighter pixels", said):
            assert found["wall"] < every[3, w0, sigma, balance]["wall"], at
            assert mine > part(3, w0, sigma), at
        if says("heavier pixels", said):
            assert found["wall"] > every[3, w0, sigma, balance]["wall"], at
            assert mine < part(3, w0, sigma), at
        if says("weighs hardly more than any other pixel", said):
            assert found["wall"] < 1.01 and mine - plain < 0.002, at
        if says("weighs what every pixel weighs", said):
            assert found["wall"] == found["outside"] == found["inside"] and mine == plain, at
        if says("Raise w₀: it", said):
            assert part(gap, 20, sigma, balance) > mine + 0.05, at
        if says("Raise w₀ and σ", said):
            assert part(gap, 20, 15, balance) > mine + 0.05, at
        if says("hardly helps", said):
            assert mine - here["class_weights"] < 0.001, at
        if says("what counts as near", said):
            assert (
                (mine > others) == (sigma > 5) == (found["wall"] > every[gap, w0, 5, 0]["wall"])
            )
        if says("A larger σ also lifts", said):
            assert sigma > 5 and mine < others and found["wall"] > every[gap, w0, 5, 0]["wall"]
        if says("A smaller σ lifts", said):
            assert sigma < 5 and mine > others and found["wall"] < every[gap, w0, 5, 0]["wall"]
        if says("change in proportion", said):
            assert abs(mine - others) < 0.001, at
        if says("is already far", said):
            assert plain < mine < others and found["wall"] - 1 < 0.1 * w0, at
        if says("with both it is", said):
            assert mine > here["class_weights"] > plain, at
        if "each pixel of the strip weighs" in found["headline"]:
            cells, wall = two_cells(gap)
            weights = library_map(cells > 0, w0, sigma, class_balance=balance)[wall]
            assert np.allclose(weights, found["wall"], atol=1e-4), at
    assert len(seen) == 14  # every kind of sentence was met


def test_a_large_sigma_lifts_the_pixels_around_the_wall():
    settings = {**FIRST, "w0": 20}
    usual, large = answer(settings), answer({**settings, "sigma": 15})
    assert large["wall"] > usual["wall"]
    assert large["shares"]["weight_map"] < usual["shares"]["weight_map"]
    assert "A larger σ also lifts the pixels around the wall" in large["because"]
    for found in (usual, large):
        assert in_words(found["shares"]["weight_map"]) in large["because"]
    cells, wall = two_cells(3)
    around = (cells == 0) & ~wall
    lifted = [
        library_map(cells > 0, 20, s, class_balance=False)[around].mean() for s in (5, 15)
    ]
    assert lifted[1] > 2 * lifted[0]
    # A wide wall gains by it: its own pixels are what is lifted most.
    wide = {**settings, "gap": 10}
    assert (
        answer({**wide, "sigma": 15})["shares"]["weight_map"]
        > (answer(wide)["shares"]["weight_map"])
    )
    assert "around the wall" not in answer({**wide, "sigma": 15})["because"]


def test_what_is_asked_says_who_is_sure_of_what():
    found = answer(FIRST)
    assert "95\xa0% sure, and wrong only in the strip" in found["asked"]
    part = f"the strip's part of all pixels, {in_words(two_cells(3).wall.mean())}."
    assert part in found["asked"] and len(found["asked"]) < 240  # no wall of text
    assert "of the strip weighs" in found["headline"]  # the funnels weigh less
    for gap in range(1, 13):  # Dice pulls about as hard at right pixels as at wrong ones
        part = two_cells(gap).wall.mean()
        assert 0.9 * part < answer({**FIRST, "gap": gap})["shares"]["dice"] < 1.3 * part, gap
    assert "19 times harder at a wrong pixel than at a right one (0.95, 0.05)" in found["asked"]
    assert "Dice pulls at both about alike, so its bar" in found["asked"]
    for gap in range(1, 13):  # said of every wall, and of every pixel
        cells, wall = two_cells(gap)
        merged = logits_for(np.where((cells > 0) | wall, 0.95, 0.05))
        target = torch.from_numpy((cells > 0).astype(np.int64))[None]
        plain, dice = (pull(loss, merged, target) for loss in (F.cross_entropy, soft_dice))
        assert np.allclose(plain, np.where(wall, 0.95, 0.05))
        assert np.abs(dice / dice[wall].mean() - 1).max() < 0.12, gap
    balanced = answer({**FIRST, "balance": True})
    assert balanced["within"].endswith(f"w = w_c = {balanced['inside']:.2f}")
    assert 0 < balanced["inside"] < 1


def test_shares_of_the_pull_are_those_of_the_gradient():
    """By autograd of the losses themselves, with their own weights."""
    found, (cells, wall) = answer({**FIRST, "gap": 2}), two_cells(2)
    labels = (cells > 0).astype(np.uint8)
    target = torch.from_numpy(labels).long()[None]
    plain = library_map(labels, class_balance=False)
    losses = {
        "cross_entropy": F.cross_entropy,
        "dice": soft_dice,
        "weight_map": lambda z, t: (
            F.cross_entropy(z, t, reduction="none") * torch.from_numpy(plain)
        ).sum(),
        "class_weights": lambda z, t: F.cross_entropy(
            z, t, torch.tensor([1 / np.mean(labels == 0), 1 / np.mean(labels)])
        ),
    }
    for name, loss in losses.items():
        z = logits_for(np.where((labels == 1) | wall, 0.95, 0.05)).requires_grad_()
        loss(z, target).backward()
        pulled = z.grad[0, 1].abs().numpy()
        assert found["shares"][name] == pytest.approx(pulled[wall].sum() / pulled.sum())
    assert found["area"] == wall.mean()
    assert found["shares"]["weight_map"] > 2 * found["shares"]["class_weights"]
    assert found["shares"]["dice"] < 1.2 * found["area"]


def test_the_book_holds_each_stop_with_each():
    """So no slider sticks, and no number is changed that a hand has not changed."""
    panel = weight_explorer()
    stops = [panel.given[name] for name in ("w0", "sigma")]
    every = itertools.product(range(panel.given["widest"] + 1), *stops, (False, True))
    assert {tuple(one[name] for name in FIRST) for one in panel.recorded()} == set(every)
    assert panel.approximate == panel.follows == []
    for asked in [panel.first, *(settings for _question, settings in panel.presets)]:
        assert asked["w0"] in stops[0] and asked["sigma"] in stops[1]


def test_marks_show_where_the_bars_were_at_first():
    panel, words = weight_explorer(), "▾ shows where a bar was at first."
    marks = {name: mark for name, _words, mark in panel.given["losses"]}
    assert marks == panel.answer["shares"] and words not in panel.answer["asked"]
    panel.set(w0=20)
    assert panel.answer["asked"].endswith(words)


def test_without_a_wall_there_is_one_cell():
    panel = weight_explorer()
    panel.ask("No wall at all?")
    found = panel.answer
    assert "no second nearest" in found["headline"] and panel.problem == ""
    assert "none of any loss's pull" in found["asked"] and "{" not in found["formula"]
    assert found["wall"] is None and set(found["shares"].values()) == {0}
    assert found["largest"] == 1
    assert "10.23" not in found["because"] and "weigh 9.23 more" in found["because"]
    panel.set(w0=0)  # a wall would weigh no more then
    assert panel.answer["because"].endswith("to keep the cells apart.")


def test_what_cannot_be_is_answered_with_what_can():
    panel = weight_explorer()
    panel.set(gap=WIDEST + 1, sigma=0.0)
    assert "valid are 0 to 12 pixels" in panel.problem == panel.picture.alt
    panel.set(**panel.answer["offers"][0])
    assert panel.problem == "" and (panel.settings["gap"], panel.settings["sigma"]) == (12, 0.5)


def images_without_wall(panel):
    """How many lines the still picture has besides the strip."""
    bare = {**FIRST, "gap": 0}
    body = panel._picture(bare, panel.answered(bare)).body
    assert "missed" not in body
    return body.count("<line")


def test_the_questions_and_the_still_picture():
    panel = weight_explorer()
    found = {question: panel.answered(s) for question, s in panel.presets}
    assert found["The thinnest wall?"]["wall"] > found["Highest in the middle?"]["wall"]
    assert found["A small sigma?"]["wall"] < 2
    assert found["Are class weights enough?"]["inside"] < 1
    hatched = panel.picture.body.count("<line") - images_without_wall(panel)
    assert hatched == 13 + 1 and "if missed: one cell" in panel.picture.body
    assert panel.picture.alt == panel.answer["said"]
    (drawn,) = images_in(panel.picture.body)
    dark = drawn.astype(int).sum(axis=2)
    levels = panel.answer["levels"].astype(int)
    assert (dark[levels == levels.max()] < dark[levels == levels.min()].min()).all()


def test_the_strip_s_part_is_largest_where_it_is_said_to_be():
    parts = [answer({**FIRST, "gap": gap})["shares"]["weight_map"] for gap in range(13)]
    assert max(range(13), key=parts.__getitem__) == 5
    assert parts[:6] == sorted(parts[:6]) and parts[5:] == sorted(parts[5:], reverse=True)
