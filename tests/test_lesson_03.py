"""Lesson 03: pooling and back, the autoencoders' table, the picture and the controls."""

import importlib.util
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from pictures import images_in
from torch import nn

from unet_teach.comparisons import by_seed, load_table, summary
from unet_teach.data.membranes import membrane_slice
from unet_teach.exercises import exercise_named
from unet_teach.exercises.judging import judge
from unet_teach.layers import DoubleConv
from unet_teach.lessons.l03_encoder_decoder.measure import (
    answer,
    autoencoder,
    contrast,
    given,
    lost,
    pool_and_back,
    questions,
    reconstruct,
    recorded,
    saved_reconstructions,
    stripes,
    wall,
)
from unet_teach.lessons.l03_encoder_decoder.panel import bottleneck_explorer
from unet_teach.metrics import components, thin
from unet_teach.models.unet import count_parameters

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def experiment():
    sys.path.insert(0, str(ROOT / "experiments"))
    try:
        path = ROOT / "experiments" / "autoencoders.py"
        spec = importlib.util.spec_from_file_location("autoencoders_experiment", path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module  # a dataclass looks its module up
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(ROOT / "experiments"))
    return module


@pytest.fixture(scope="module")
def saved():
    return saved_reconstructions()


# --------------------------------------------------------------------------- arithmetic
def test_what_is_lost_is_one_minus_r_squared():
    generator = torch.Generator().manual_seed(0)
    x, y = torch.randn(2, 1, 2, 9, 9, generator=generator)
    r_squared = 1 - ((x - y) ** 2).sum() / ((x - x.mean()) ** 2).sum()
    assert lost(x, y) == pytest.approx(1 - r_squared.item(), rel=1e-5)
    assert lost(x, x) == 0
    assert lost(x, torch.full_like(x, x.mean())) == pytest.approx(1, rel=1e-5)


def test_nearest_gives_each_block_its_mean():
    image = torch.rand(2, 3, 6, 8)
    means = image.reshape(2, 3, 3, 2, 4, 2).mean(dim=(3, 5))
    expected = means.repeat_interleave(2, -2).repeat_interleave(2, -1)
    assert torch.allclose(pool_and_back(image), expected)
    assert not torch.allclose(pool_and_back(image, "bilinear"), expected)


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_the_finest_stripes_are_lost_and_wide_ones_are_not(mode):
    shares = [lost(x, pool_and_back(x, mode)) for x in map(stripes, (2, 4, 8, 16, 64))]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == pytest.approx(1) and shares[-1] < 0.01


def test_stripes_have_their_period():
    wave = stripes(8, side=64)[0, 0]
    assert (wave == wave[0]).all()
    assert torch.fft.rfft(wave[0]).abs().argmax() == 64 / 8


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: pool_and_back(torch.rand(1, 1, 4, 4), "cubic"), "valid values: 'nearest'"),
        (lambda: pool_and_back(torch.rand(1, 1, 4, 5)), "4×5; both sides must be even"),
        (lambda: stripes(1.5), "none below 2"),
    ],
)
def test_what_cannot_be_says_why(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_an_autoencoder_without_skips_sees_the_image_only_through_its_bottom(depth):
    torch.manual_seed(0)
    model = autoencoder(depth, base_channels=2)
    x = torch.rand(1, 1, 16, 16)
    assert reconstruct(model, x).shape == x.shape and model.training
    if depth:
        cut = model.contract[-1].register_forward_hook(lambda _m, _i, out: 0 * out)
        assert torch.equal(reconstruct(model, x), reconstruct(model, x.flip(-1)))
        cut.remove()
    assert not torch.equal(reconstruct(model, x), reconstruct(model, x.flip(-1)))


# --------------------------------------------------------------------------- the table
def test_the_table_is_complete_and_of_todays_recipe(experiment):
    table = load_table("autoencoders")
    due = {(v, seed) for v in experiment.VARIANTS for seed in range(experiment.SEEDS)}
    assert {(entry["variant"], entry["seed"]) for entry in table} == due
    assert len(table) == len(due)
    for entry in table:
        recipe = experiment.VARIANTS[entry["variant"]]
        assert entry["config"] == asdict(recipe)
        assert (entry["depth"], entry["merge"]) == (recipe.depth, recipe.merge)
        model = autoencoder(recipe.depth, recipe.merge)
        assert entry["parameters"] == count_parameters(model)
        assert 0 < entry["error"] < 1 and "synthetic membranes" in entry["data"]
        for fact in ("minutes", "hardware", "code", "threads"):
            assert entry[fact], fact


def test_without_skips_every_seed_loses_more_at_every_step():
    table = load_table("autoencoders")
    for seed in range(3):
        errors = [by_seed(table, f"depth {d}", "error")[seed] for d in range(5)]
        assert errors == sorted(errors)


def test_the_experiment_repeats_itself(experiment):
    """A few steps, twice: crops and weights come from the seed alone."""
    images = torch.rand(2, 1, experiment.SIZE, experiment.SIZE)
    recipe = experiment.Recipe(1, steps=3, batch=2, crop=16)
    one, again, other = (experiment.train(recipe, seed, images) for seed in (0, 0, 1))
    weights = [torch.cat([p.flatten() for p in m.parameters()]) for m in (one, again, other)]
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])


def test_no_run_is_judged_on_what_it_saw(experiment):
    assert experiment.TRAIN[1] != experiment.HELD_OUT[1]


def test_the_saved_piece_is_of_the_held_out_slice(experiment, saved):
    count, seed = experiment.HELD_OUT
    grey = experiment.synthetic_membranes(count, size=experiment.SIZE, seed=seed).images[0]
    assert (saved.image == grey[experiment.PIECE, experiment.PIECE]).all()
    assert saved.spread == pytest.approx(grey.std())
    assert experiment.PIECES.stat().st_size < 100_000
    assert set(saved.by_depth) == {("none", d) for d in range(5)} | {
        ("concat", d) for d in range(1, 5)
    }


def test_the_saved_pieces_lose_about_what_the_table_says(saved):
    """The piece is a small part of what was judged: within a factor of two and a half."""
    means = summary(load_table("autoencoders"), "error")
    for (merge, depth), copy in saved.by_depth.items():
        share = np.mean(((copy.astype(float) - saved.image) / saved.spread) ** 2)
        name = f"depth {depth}" + (", skips" if merge == "concat" else "")
        assert 1 / 2.5 < share / means[name][0] < 2.5, name


# --------------------------------------------------------------------------- the explorer
LEGAL = [(depth, skips) for depth in range(5) for skips in (False, True) if depth or not skips]


@pytest.mark.parametrize(("depth", "skips"), LEGAL)
def test_an_answer_is_the_saved_copy_and_the_table_s_loss(saved, depth, skips):
    found = answer({"depth": depth, "skips": skips})
    assert (found["image"] == saved.by_depth["concat" if skips else "none", depth]).all()
    name = f"depth {depth}" + (", skips" if skips else "")
    means = summary(load_table("autoencoders"), "error")
    assert found["lost"] == pytest.approx(means[name][0]) and len(found["seeds"]) == 3
    place = depth - 1 if skips else depth
    kind = "concat" if skips else "none"
    assert given()["losses"][kind][place] == found["seeds"]
    assert given()["means"][kind][place] == found["lost"]
    assert f"depth {depth} {'with' if skips else 'without'} skips" in found["said"]
    assert f"{100 * found['lost']:.1f} % of the image's variance is lost" in found["verdict"]


def test_the_wall_and_its_contrast_by_counting(saved):
    image, labels = (part[80:176, 80:176] for part in membrane_slice(0, 256, 32))
    assert (image == saved.image).all()  # the labels are those of the saved piece
    regions, cells, (on, beside) = thin(labels), components(labels), wall()
    for row in range(1, 95):
        for column in range(1, 95):
            sides = {
                regions[row + a, column + b] for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1))
            }
            assert on[row, column] == (regions[row, column] == 0 and {12, 14} <= sides)
    walls = np.argwhere(on)
    assert len(walls) > 12
    for row, column in np.argwhere(beside):
        assert cells[row, column] in (12, 14)
        assert (
            np.abs(walls - (row, column)).sum(axis=1).min() <= 8
        )  # a step has four directions
    top, left, side = given()["inset"]
    assert (walls >= (top, left)).all() and (walls < (top + side, left + side)).all()
    ramp = np.where(on, 100, np.where(beside, 130, 0)).astype(np.uint8)
    assert contrast(ramp) == 30


def test_the_wall_dissolves_without_skips_only():
    kept = [answer({"depth": d, "skips": False})["contrast"] for d in range(5)]
    skips = [answer({"depth": d, "skips": True})["contrast"] for d in range(1, 5)]
    assert min(kept[:3]) > 25 > 15 > kept[3] > kept[4] and kept[4] < 4
    assert min(skips) > 0.95 * given()["contrast"]


def test_what_cannot_work_is_said_with_what_would():
    panel = bottleneck_explorer()
    panel.set(depth=0, skips=True)
    assert "no expansive path" in panel.problem == panel.picture.alt
    for offer in panel.answer["offers"]:
        panel.set(depth=0, skips=True)
        panel.set(**{name: value for name, value in offer.items() if name != "words"})
        assert panel.problem == ""
    panel.set(depth=7)
    assert "depth is 7, and may be 0 to 4" in panel.problem
    panel.set(**panel.answer["offers"][0])
    assert panel.settings == {"depth": 4, "skips": False} and panel.problem == ""


def test_the_book_holds_everything():
    assert [(s["depth"], s["skips"]) for s in recorded()] == [
        (depth, skips) for skips in (False, True) for depth in range(5)
    ]
    assert all(answer({"depth": 3, "skips": False} | s) for s in questions().values())


def test_the_still_picture_holds_the_pixels(saved):
    panel = bottleneck_explorer()
    image, copy, wall_before, wall_after = images_in(panel.picture.body)
    assert (image == saved.image).all() and (copy == saved.by_depth["none", 3]).all()
    assert (wall_before == saved.image[40:64, 47:71]).all()
    assert (wall_after == copy[40:64, 47:71]).all() and "19.4 %" in panel.picture.alt


def test_strict_every_preset(monkeypatch):
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    bottleneck_explorer()


# --------------------------------------------------------------------------- the checks
def test_the_check_notices_each_missing_relu():
    """The library's layer passes as it is, and fails with either ReLU taken out."""
    exercise = exercise_named("03.double_conv")
    assert judge(exercise, DoubleConv).passed
    for place in (1, 3):

        def without(in_channels, out_channels, place=place):
            parts = list(DoubleConv(in_channels, out_channels))
            parts[place] = nn.Identity()
            return nn.Sequential(*parts)

        result = judge(exercise, without)
        assert result.state == "wrong" and "ReLU" in result.hint


def test_the_papers_contracting_path_by_hand():
    exercise = exercise_named("03.parameters")
    assert exercise.reference(1, 64, 4) == 18_842_048
