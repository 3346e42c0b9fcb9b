"""Lesson 14: the dashboard, the record that it replays, and the exercises' references."""

import json
import re
from importlib import resources

import numpy as np
import pytest
import torch
from answers import is_hinted
from pictures import images_in
from torch import nn

from unet_teach.comparisons import load_table
from unet_teach.config import UNetConfig
from unet_teach.data.volume import block_folds, standardise
from unet_teach.lessons.l14_isbi_2012.exercises import Slanted, average, blocks, pages
from unet_teach.lessons.l14_isbi_2012.measure import load_watched
from unet_teach.lessons.l14_isbi_2012.panel import Dashboard, training_dashboard
from unet_teach.lessons.l14_isbi_2012.picture import (
    GAP,
    HEIGHT,
    LEFT,
    LR_HEIGHT,
    POINTS,
    TOP,
    WIDTH,
    running_mean,
    training_so_far,
)
from unet_teach.tiling import predict
from unet_teach.training import TIERS, learning_rate

RECORDS = [
    {"step": i, "loss": 1 - i / 20, "lr": 0.1 * (1 + i), "seconds": 2.0 * (i + 1)}
    for i in range(10)
]


# ----------------------------------------------------------------------------------- the record
def test_the_record_ends_with_the_score_of_the_results_file():
    watched = load_watched("class")
    (entry,) = [
        e
        for e in load_table("isbi_class")
        if (e["fold"], e["seed"]) == (watched.facts["fold"], watched.facts["seed"])
    ]
    last = dict(watched.checkpoints[-1])
    assert last.pop("step") == watched.steps == entry["steps"]
    assert last == entry["single"]


def test_the_record_is_of_today_s_tier():
    watched, config = load_watched("class"), TIERS["class"]
    assert [r["step"] for r in watched.records] == list(range(config.steps))
    due = range(config.checkpoint_every, config.steps + 1, config.checkpoint_every)
    assert [c["step"] for c in watched.checkpoints] == list(due)
    for record in watched.records:
        assert record["lr"] == pytest.approx(learning_rate(record["step"], config))
    seconds = [record["seconds"] for record in watched.records]
    assert sorted(seconds) == seconds and all(record["loss"] > 0 for record in watched.records)
    assert watched.maps.shape == (len(due), 160, 160) and watched.maps.dtype == np.uint8
    assert watched.maps[-1].std() > 2 * watched.maps[0].std() / 3 > 0


def test_an_unknown_record_lists_those_there_are():
    with pytest.raises(ValueError, match="no record of tier 'huge'; valid: class"):
        load_watched("huge")


def test_the_record_is_small():
    folder = resources.files("unet_teach") / "resources" / "results"
    for name in ("log_class.json", "log_class.npz"):
        assert len((folder / name).read_bytes()) < 300_000, name
    assert json.loads((folder / "log_class.json").read_text())["data"].startswith("ISBI 2012")


# -------------------------------------------------------------------------- the dashboard
def test_the_picture_says_how_far_it_is():
    picture = training_so_far(RECORDS, 40)
    assert picture.alt.startswith("Step 10 of 40: the loss is 0.5")
    assert "20 seconds so far, about 60 seconds to go." in picture.alt
    done = training_so_far(RECORDS, 10)
    assert done.alt.startswith("All 10 steps are done") and "20 seconds in all" in done.alt
    assert training_so_far([], 10).alt == "Nothing is trained yet: 0 of 10 steps."


def test_minutes_are_minutes():
    slow = [{**record, "seconds": 60.0 * (record["step"] + 1)} for record in RECORDS]
    assert "10 minutes so far, about 30 minutes to go." in training_so_far(slow, 40).alt


def test_scores_are_drawn_where_they_belong():
    checks = [{"step": 20, "v_rand": 0.9, "v_info": 1.0}]
    picture = training_so_far(RECORDS, 40, checks)
    assert 'cx="262" cy="121" r="4.5" fill="#D55E00"' in picture.body  # half of each axis
    assert 'cx="262" cy="26" r="4.5" fill="#009E73"' in picture.body
    assert "V_rand is 0.900 and V_info 1.000" in picture.alt


def test_low_scores_are_drawn_where_they_are_and_not_as_one_dot_at_the_foot():
    checks = [
        {"step": 20, "v_rand": 0.217, "v_info": 0.56},
        {"step": 40, "v_rand": 0.9, "v_info": 1.0},
    ]
    body = training_so_far(RECORDS, 40, checks).body
    dots = [
        float(y) for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"[^>]*><title', body)
    ]
    due = [TOP + HEIGHT * (1 - (score - 0.2) / 0.8) for score in (0.217, 0.9, 0.56, 1.0)]
    assert dots == pytest.approx(due, abs=0.01)
    assert ">0.20<" in body and ">0.60<" in body and ">0.80<" not in body


def test_a_loss_that_is_cut_off_is_said():
    calm = [{"step": i, "loss": 1.0, "lr": 1.0, "seconds": i} for i in range(400)]
    spike = [*calm, {"step": 400, "loss": 9.5, "lr": 1.0, "seconds": 400.0}]
    assert "▲ up to 9.50, cut off" in training_so_far(spike, 500).body
    for last in (1.0, 1.2):  # the axis reaches so far
        near = [*calm, {"step": 400, "loss": last, "lr": 1.0, "seconds": 400.0}]
        assert "cut off" not in training_so_far(near, 500).body
    curve = re.search(r'd="M ([\d. L]+)" fill="none"', training_so_far(near, 500).body)[1]
    assert float(curve.split()[-1]) == TOP  # the loss of 1.2, at the upper end


def test_the_map_is_shown_as_it_was_predicted():
    part = np.array([[0, 100, 200], [16, 15, 255]], np.uint8)
    (shown,) = images_in(training_so_far(RECORDS, 40, part=part).text)
    assert shown[..., 0].tolist() == [[0, 102, 204], [17, 0, 255]]  # in sixteen greys


def test_a_long_run_is_drawn_with_few_points():
    many = [{"step": i, "loss": 0.5, "lr": 1.0, "seconds": i} for i in range(20_000)]
    assert len(training_so_far(many, 20_000).body) < 30_000


@pytest.mark.parametrize("done", [1, 2, 251, 499, 500, 1000])
def test_each_curve_begins_at_the_first_step_and_ends_at_the_last(done):
    lr = [0.1 * (i + 1) / done for i in range(done)]
    records = [
        {"step": i, "loss": 1.0 + i / done, "lr": lr[i], "seconds": 1.0} for i in range(done)
    ]
    curves = re.findall(r'd="M ([\d. L]+)" fill="none"', training_so_far(records, 1000).body)
    assert len(curves) == 3  # every step's loss, its mean, the learning rate
    points = [np.array([p.split() for p in d.split(" L ")], dtype=float) for d in curves]
    for xy in points:
        steps = (xy[:, 0] - LEFT) / WIDTH * 1000
        assert steps[0] == pytest.approx(1, abs=0.2) and steps[-1] == pytest.approx(
            done, abs=0.2
        )
        assert len(xy) <= 2 * POINTS and (np.diff(steps) > 0).all()
    loss, __, rate = (xy[:, 1] for xy in points)
    high = 1.05 * np.percentile([record["loss"] for record in records], 99)
    assert loss[0] == pytest.approx(TOP + HEIGHT * (1 - 1 / high), abs=0.06)
    foot = TOP + HEIGHT + GAP + LR_HEIGHT
    assert rate[-1] == pytest.approx(foot - LR_HEIGHT, abs=0.06)
    assert rate[0] == pytest.approx(foot - LR_HEIGHT / done, abs=0.06)


def test_a_dashboard_follows_a_run_and_its_resume():
    dashboard = Dashboard(TIERS["check"])
    assert "0 of 60" in dashboard.picture.alt
    for record in RECORDS:
        dashboard(record)
    for record in RECORDS[5:]:  # resumed at a checkpoint: steps come again
        dashboard({**record, "loss": 0.1})
    assert [r["step"] for r in dashboard.records] == list(range(10))
    assert dashboard.records[-1]["loss"] == 0.1
    dashboard({"step": 59, "loss": 0.2, "lr": 0.0, "seconds": 30.0})
    assert dashboard.value == dashboard.picture.html  # the last step is always drawn


def test_every_control_of_the_replay_changes_the_picture():
    panel = training_dashboard()
    before = panel.picture
    panel.controls["step"].value = 50
    assert panel.picture.body != before.body and "Step 50 of 500" in panel.picture.alt
    button = panel.children[2].children[0]
    button.click()
    assert panel.values["step"] == 100
    panel.set(step=500)
    button.click()
    assert panel.values["step"] == 50  # from the end to the beginning


def test_strict_every_end_of_every_control(monkeypatch):
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    training_dashboard()


# ------------------------------------------------------------------------------ exercises
def test_blocks_are_the_library_s():
    assert blocks(30, 5) == [(train, list(held)) for train, held in block_folds()]


def test_the_average_is_the_library_s():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.Conv2d(2, 2, 3, padding=1)).eval()
    model.config = UNetConfig(padding="same", depth=1)
    image = np.random.default_rng(0).integers(0, 255, (12, 12)).astype(np.uint8)

    def network(view):
        with torch.no_grad():
            x = torch.from_numpy(np.ascontiguousarray(view, dtype=np.float32))
            return model(x[None, None]).softmax(1)[0, 1].numpy()

    expected = predict(model, image, average=True, context=2)[1]
    assert np.allclose(average(network, standardise(image)), expected, atol=1e-5)


def test_no_view_of_the_stand_in_equals_another():
    image = np.random.default_rng(1).random((4, 4))
    network = Slanted(3)
    four = [np.rot90(network(np.rot90(image, t)), -t) for t in range(4)]
    assert not np.allclose(np.mean(four, axis=0), average(network, image))


def test_the_pages_add_up_with_the_walls():
    logits = torch.randn(2, 2, 3, 4)
    walls = logits.softmax(dim=1)[:, 0].numpy()
    assert np.allclose(pages(logits) + walls, 1) and pages(logits).dtype == np.float32


# ------------------------------------------- hints for kinds of mistakes, however written
def held_back(change):
    """The right pairs, each changed: change(train, held out)."""
    return lambda n, folds: [change(train, held) for train, held in blocks(n, folds)]


def clockwise(network, image):
    eight = [np.rot90(network(np.rot90(x, t)), t) for x in (image, image.T) for t in range(4)]
    return np.mean(eight, axis=0)


def identity_twice(network, image):
    return (8 * average(network, image) + network(image)) / 9


KINDS = {
    "14.blocks": {
        "True or False": lambda n, folds: [([True] * n, [False] * n)] * folds,
        "ends of a range": held_back(lambda train, held: ((0, 9), (held[0], held[-1]))),
        "number of blocks": lambda n, folds: blocks(n, n // folds),
        "one pair for each block": lambda n, folds: blocks(n, folds)[1:],
        "held out as well": held_back(lambda train, held: (train + held[:1], held)),
        "n // folds slices each": held_back(lambda train, held: (train, held[:-1])),
        "neither trained on nor": held_back(lambda train, held: (train[:-1], held)),
        "more than once": lambda n, folds: blocks(n, folds)[:1] * folds,
        "order is not": lambda n, folds: blocks(n, folds)[::-1],
    },
    "14.average": {
        "7 never reached": lambda network, image: network(image),
        "not one of the eight": lambda network, image: network(image + 1),
        "not every answer": clockwise,
        "do not all count the same": identity_twice,
    },
    "14.pages": {
        "not a number": lambda z: (z.exp() / z.exp().sum(1, keepdim=True))[:, 1],
        "rows or columns": lambda z: z.softmax(2)[:, 1],
        "softmax twice": lambda z: z.softmax(1).softmax(1)[:, 1],
        "second **class**": lambda z: z.softmax(1)[-1] if len(z) == 2 else z.softmax(1)[1],
        "sum of both": lambda z: z[:, 1] / z.sum(1),
        "logarithms": lambda z: z.log_softmax(1)[:, 1],
        "`.astype(np.float32)`": lambda z: pages(z).astype(float),
    },
}


@pytest.mark.parametrize(
    ("name", "words", "answer"),
    [(name, *kind) for name, kinds in KINDS.items() for kind in kinds.items()],
)
def test_a_kind_of_mistake_is_told(name, words, answer):
    is_hinted(name, answer, words)


def test_running_mean_against_numpy():
    values = np.random.default_rng(0).normal(size=50)
    slow = [values[max(0, i - 6) : i + 1].mean() for i in range(50)]
    np.testing.assert_allclose(running_mean(values, 7), slow, atol=1e-12)
