"""Training: pure batches, exact resume, many processes, and every way to fail."""

from __future__ import annotations

import errno
import json
import os
import platform
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from interruption import interrupt

from unet_teach.augment import NOTHING, AugmentConfig
from unet_teach.config import UNetConfig
from unet_teach.data.volume import Volume
from unet_teach.models.architectures import build
from unet_teach.models.unet import UNet
from unet_teach.training import (
    TIERS,
    RunError,
    TrainConfig,
    class_weights,
    evaluate,
    iou_by_class,
    judge,
    learning_rate,
    load_model,
    read_log,
    split,
    train,
)
from unet_teach.training import files as run_files
from unet_teach.training import loop as loop_module
from unet_teach.training.batches import Batches, seed_for
from unet_teach.training.log import Log
from unet_teach.training.machine import pick_device
from unet_teach.training.malloc import keep_memory

TINY = TrainConfig(
    network=UNetConfig(base_channels=2, depth=1, padding="same", batch_norm=True, dropout=0.3),
    augmentation=AugmentConfig(elastic_sigma=2.0),
    steps=8,
    batch=2,
    size=24,
    lr=1e-2,
    folds=2,
    fold=1,
    average=False,
    device="cpu",  # to the last bit only there
    precision="float32",
    memory_format="contiguous",
    threads=1,
    checkpoint_every=3,
)


def discs(n=4, size=40, seed=0):
    """Bright discs, inside them class 1: enough to learn from."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size]
    centres = rng.uniform(5, size - 5, (n, 6, 2))
    near = [((y - r) ** 2 + (x - c) ** 2 < 36) for slice_ in centres for r, c in slice_]
    labels = np.array(near).reshape(n, 6, size, size).any(axis=1).astype(np.uint8)
    noise = rng.integers(0, 60, labels.shape)
    return Volume((labels * 120 + noise).astype(np.uint8), labels, "discs")


def weights_of(folder):
    return run_files.read_tensors(folder / "model.pt")["weights"]


def assert_same_bits(a, b):
    assert a.keys() == b.keys()
    for name in a:
        assert torch.equal(a[name], b[name]), name


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    return train(TINY, discs(), folder)


# ------------------------------------------------------------------ batches


def test_a_batch_depends_on_seed_step_and_index_alone():
    batches = Batches(discs(), TINY)
    whole = batches.batch(5, range(4))
    half = Batches(discs(), TINY).batch(5, range(2, 4))
    for a, b in zip(whole, half, strict=True):
        assert torch.equal(a[2:], b)
    assert not torch.equal(whole[0], batches.batch(6, range(4))[0])
    assert not torch.equal(whole[0][0], whole[0][1])
    other_seed = Batches(discs(), replace(TINY, seed=1))
    assert not torch.equal(whole[0], other_seed.batch(5, range(4))[0])


def test_a_valid_network_gets_the_centre_of_the_mask():
    config = replace(
        TINY,
        network=UNetConfig(base_channels=2, depth=1),
        size=28,
        augmentation=AugmentConfig(),
    )
    same = replace(config, network=TINY.network)
    images, masks, weights = Batches(discs(), config).batch(0, range(2))
    images_same, masks_same, _ = Batches(discs(), same).batch(0, range(2))
    logits = UNet(config.network)(images)
    assert masks.shape == weights.shape == (2, *logits.shape[-2:])
    margin = (28 - logits.shape[-1]) // 2
    assert torch.equal(images, images_same)
    assert torch.equal(masks, masks_same[:, margin:-margin, margin:-margin])


def test_slices_of_different_sizes_are_served_together():
    big, small = discs(2, 40), discs(2, 33, seed=1)
    mixed = Volume([*big.images, *small.images], [*big.labels, *small.labels], "mixed")
    images, masks, _ = Batches(mixed, TINY).batch(0, range(8))
    assert images.shape == (8, 1, 24, 24) and masks.shape == (8, 24, 24)


def test_class_weights_and_weight_map_reach_the_batch():
    volume = discs()
    plain = replace(TINY, augmentation=AugmentConfig(0, 3, False, False, 0, 0, 0, 0))
    _, masks, weights = Batches(volume, plain).batch(0, range(2))
    torch.testing.assert_close(weights, torch.tensor([3.0, 1.0])[masks], rtol=0, atol=1e-4)
    _, _, mapped = Batches(volume, replace(plain, weight_map=True)).batch(0, range(2))
    assert mapped.max() > 3 and mapped.shape == masks.shape


# ------------------------------------------------------------------ the schedule


def test_one_cycle_is_torchs():
    config = replace(TINY, steps=200, lr=0.5)
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    # torch counts its peak from 1, and its last rate from its first one.
    torchs = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=0.5,
        total_steps=200,
        pct_start=(0.3 * 199 + 1) / 200,
        div_factor=25,
        final_div_factor=400,
    )
    for step in range(200):
        assert learning_rate(step, config) == pytest.approx(torchs.get_last_lr()[0], rel=1e-6)
        optimizer.step()
        torchs.step()
    assert learning_rate(7, replace(config, schedule="constant")) == 0.5
    assert np.isfinite(learning_rate(0, replace(config, steps=1)))


# ------------------------------------------------------------------ the loop


def test_a_run_learns_and_writes_down_what_it_did(whole_run):
    folder = whole_run.folder
    assert (
        [r["step"] for r in whole_run.log]
        == list(range(8))
        == [r["step"] for r in read_log(folder)]
    )
    saved = json.loads((folder / "config.json").read_text())
    assert TrainConfig.from_dict(saved) == TINY
    scores = json.loads((folder / "scores.json").read_text())
    assert scores["v_rand"] == whole_run.scores.v_rand
    _, held_out = split(discs(), TINY)
    assert evaluate(load_model(folder), held_out).v_rand == whole_run.scores.v_rand

    network = replace(TINY.network, base_channels=4, dropout=0.0)
    longer = replace(TINY, steps=80, network=network, class_weights=None)
    run = train(longer, discs(), folder.parent / "longer")
    assert np.mean([r["loss"] for r in run.log[-5:]]) < 0.5 * run.log[0]["loss"]
    assert run.scores.dice > 0.9


def test_same_seed_same_weights_other_seed_others(whole_run, tmp_path):
    again = train(TINY, discs(), tmp_path / "again")
    assert_same_bits(weights_of(whole_run.folder), weights_of(again.folder))
    other = train(replace(TINY, seed=1), discs(), tmp_path / "other")
    name = "last.weight"
    assert not torch.equal(weights_of(again.folder)[name], weights_of(other.folder)[name])


def test_one_step_is_torchs_own(tmp_path):
    """The first step by hand, with torch's loss on the same batch."""
    config = replace(TINY, steps=1, network=replace(TINY.network, dropout=0.0), fold=None)
    run = train(config, discs(), tmp_path)
    torch.manual_seed(loop_module.seed_for(config.seed))
    model = UNet(config.network)
    optimizer = torch.optim.Adam(model.parameters(), lr=config.lr / 25)
    images, masks, weights = Batches(discs(), config).batch(0, range(2))
    losses = weights * torch.nn.functional.cross_entropy(model(images), masks, reduction="none")
    losses.mean().backward()
    optimizer.step()
    assert run.log[0]["loss"] == pytest.approx(losses.mean().item(), rel=1e-6)
    for name, value in model.state_dict().items():
        torch.testing.assert_close(run.model.state_dict()[name], value)
    assert run.scores is None


def test_other_optimizer_losses_and_precision_run(tmp_path):
    ways = [
        {"optimizer": "sgd", "schedule": "constant", "lr": 1e-3},
        {"loss": "dice"},
        {"loss": "dice_cross_entropy", "weight_map": True},
        {"precision": "bfloat16", "memory_format": "channels_last"},
    ]
    for i, way in enumerate(ways):
        run = train(replace(TINY, steps=2, **way), discs(), tmp_path / str(i))
        assert np.isfinite(run.log[-1]["loss"])


def test_precision_is_chosen_and_written_down(tmp_path):
    auto = replace(TINY, steps=1, precision="auto", memory_format="auto")
    train(auto, discs(), tmp_path)
    facts = json.loads((tmp_path / "facts.json").read_text())
    assert facts["precision"] in ("float32", "bfloat16")
    assert facts["memory_format"] in ("contiguous", "channels_last")


def test_more_than_two_classes(tmp_path):
    volume = discs()
    labels = volume.labels.copy()
    labels[:, :20] *= 2
    three = Volume(volume.images, labels, "three classes")
    config = replace(TINY, network=replace(TINY.network, out_channels=3), class_weights=None)
    run = train(config, three, tmp_path)
    held_out = three.select(range(2, 4))
    ious = json.loads((tmp_path / "scores.json").read_text())["iou_by_class"]
    assert ious == list(run.scores.iou_by_class) and run.scores.regions is None
    assert ious == iou_by_class(run.model, held_out) and len(ious) == 3
    with pytest.raises(ValueError, match=r"three classes.* has 3 classes"):
        evaluate(run.model, held_out)
    with pytest.raises(ValueError, match="has 3 classes and the network 2"):
        train(TINY, three, tmp_path / "two")


# ------------------------------------------------------------------ a person's own images


def own(labels, void=False):
    labels = np.asarray(labels, np.uint8)
    return Volume(np.zeros_like(labels), labels, "own images in x", 2, void)


def judged(monkeypatch, volume, maps):
    """The scores of a network that gives these probabilities of inside."""
    answers = iter(maps)

    def answer(model, image, average=False):
        inside = np.asarray(next(answers), np.float32)
        return np.stack([1 - inside, inside])

    monkeypatch.setattr("unet_teach.training.evaluation.predict", answer)
    return judge(None, volume)


def one_object():
    y, x = np.mgrid[:20, :20]
    return ((y - 10) ** 2 + (x - 10) ** 2 < 30).astype(np.uint8)


def test_one_object_an_image_is_judged_by_its_overlap(monkeypatch):
    """V_rand is 1 at threshold 0 where there is one region: white masks were the best."""
    disc = one_object()
    maps = [0.3 + 0.45 * disc + 0.02 * np.indices(disc.shape).sum(axis=0) / 40]
    scores = judged(monkeypatch, own([disc]), maps)
    assert scores.threshold == 0.5 and scores.regions is None  # of 0.4 … 0.7 all perfect
    assert scores.iou_by_class == scores.dice_by_class == (1.0, 1.0)
    assert "v_rand" not in scores.as_dict()
    two = np.concatenate([disc, disc])
    assert judged(monkeypatch, own([two]), [two]).regions.v_rand == 1


@pytest.mark.parametrize("void", [False, True])
def test_overlap_is_that_of_all_slices_together(monkeypatch, void):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, (3, 20, 20)).astype(np.uint8)
    labels[1] = 0  # an empty mask is a mask
    maps = (0.6 * labels + 0.5 * rng.random(labels.shape)).clip(0, 1)
    if void:
        labels[:, :5] = 255
    scores = judged(monkeypatch, own(labels, void), maps)
    counted = labels != 255
    due = {}
    for step in range(1, 10):
        found = maps.astype(np.float32)[counted] > step / 10
        truth = labels[counted] == 1
        due[step / 10] = (found & truth).sum() / (found | truth).sum()
    assert scores.threshold == max(due, key=due.get)
    assert scores.iou_by_class[1] == pytest.approx(due[scores.threshold])
    assert scores.inside_iou_curve[1:-1] == pytest.approx(list(due.values()))


def test_a_class_that_is_not_there_is_not_judged(monkeypatch):
    empty = np.zeros((20, 20), np.uint8)
    scores = judged(monkeypatch, own([empty]), [empty + 0.2])
    assert scores.iou_by_class[1] is None and scores.threshold == 0.5
    assert scores.inside_iou_curve == () and '"iou_by_class": [' in json.dumps(scores.as_dict())
    three = replace(own([one_object()]), classes=3)
    network = UNet(replace(TINY.network, out_channels=3))
    monkeypatch.undo()
    ious = iou_by_class(network, three)
    assert ious[2] is None and ious == list(judge(network, three).iou_by_class)


def test_empty_slices_held_out_do_not_stop_a_person(tmp_path):
    volume = discs()
    labels = volume.labels.copy()
    labels[3] = 0
    with pytest.raises(RunError, match="has no inside"):
        train(TINY, Volume(volume.images, labels, "discs"), tmp_path / "challenge")
    run = train(TINY, Volume(volume.images, labels, "own images in x"), tmp_path / "own")
    assert run.scores.iou_by_class[1] is not None


@pytest.mark.parametrize("part", [0.02, 0.22, 0.9])
def test_class_weights_are_those_of_the_data(part):
    labels = np.zeros((1, 10, 1000), np.uint8)
    labels.flat[: int(part * labels.size)] = 1
    balanced = np.array([1 / (1 - part), 1 / part])  # as scikit-learn's "balanced", scaled
    due = np.minimum(balanced / balanced.min(), 10)
    assert class_weights(own(labels)) == pytest.approx(due, abs=0.005)


def test_void_pixels_weigh_nothing_and_are_no_class():
    volume = discs()
    labels = volume.labels.copy()
    labels[:, :20] = 255
    volume = Volume(volume.images, labels, "own images in x", 2, void=True)
    plain = replace(TINY, augmentation=NOTHING)
    _, masks, weights = Batches(volume, plain).batch(0, range(8))
    assert masks.max() == 1 and (weights == 0).any() and (weights > 0).any()
    for config in (plain, replace(plain, weight_map=True, class_weights=None)):
        batches = Batches(volume, config)
        assert all((w[:20] == 0).all() and (w[20:] > 0).all() for w in batches.weights)
    with pytest.raises(ValueError, match="void pixels, which must not count"):
        Batches(volume, replace(TINY, loss="dice"))


def test_an_interrupted_run_closes_its_log(monkeypatch, tmp_path):
    logs = []

    class Kept(Log):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            logs.append(self)

    def stop(record):
        raise KeyboardInterrupt

    monkeypatch.setattr(loop_module, "Log", Kept)
    with pytest.raises(KeyboardInterrupt):
        train(TINY, discs(), tmp_path, on_step=stop)
    assert logs[0].file.closed


@pytest.mark.parametrize(
    "values, words",
    [
        ({"augmentation": {"magic": 1}}, "unknown augmentation 'magic'; valid augmentations"),
        ({"augmentation": {"scale": "much"}}, "scale is 'much'"),
        ({"augmentation": {"noise": None}}, "noise is None"),
        ({"lr": "fast"}, "lr is 'fast'"),
        ({"momentum": None}, "momentum is None"),
        ({"class_weights": 3}, "class_weights are 3"),
        ({"class_weights": ["a", "b"]}, "class_weights are"),
        ({"network": 3}, "network is 3"),
    ],
)
def test_settings_of_the_wrong_type_are_named(values, words):
    with pytest.raises(ValueError, match=words):
        TrainConfig.from_dict(values)


# ------------------------------------------------------------------ killed and resumed

SCRIPT = """
import os, sys
sys.path.insert(0, {tests!r})
from test_training import TINY, discs
from unet_teach.training import train
calls, real, die_at = 0, os.fsync, int(sys.argv[2])
def fsync(descriptor):
    global calls
    calls += 1
    if calls == die_at:
        os.truncate(descriptor, os.fstat(descriptor).st_size // 2)
        os._exit(9)  # as kill -9, in the middle of writing a file
    real(descriptor)
os.fsync = fsync
def on_step(record):
    if record["step"] == -die_at:
        os._exit(9)
train(TINY, discs(), sys.argv[1], on_step=on_step)
"""


def test_killed_anywhere_a_run_ends_with_the_same_bits(whole_run, tmp_path):
    script = SCRIPT.format(tests=os.path.dirname(__file__))
    # Negative: after that step. Positive: while that file is written; 4 is a checkpoint.
    for die_at in (-4, 4, 5):
        command = [sys.executable, "-c", script, str(tmp_path / "run"), str(die_at)]
        dead = subprocess.run(command, capture_output=True, text=True)
        assert dead.returncode == 9, dead.stderr
    log = tmp_path / "run" / "log.jsonl"
    with open(log, "a") as file:
        file.write('{"step": 7, "lo')  # half a line, as a kill may leave it
    run = train(TINY, discs(), tmp_path / "run")
    assert_same_bits(weights_of(whole_run.folder), weights_of(tmp_path / "run"))
    keys = ("step", "loss", "lr")
    a, b = ([{k: r[k] for k in keys} for r in run_.log] for run_ in (run, whole_run))
    assert a == b and [r["step"] for r in read_log(log)] == list(range(8))


def test_interrupted_at_every_step(whole_run, tmp_path):
    for stop in range(7):
        folder = tmp_path / str(stop)
        interrupt(TINY, discs(), folder, stop)
        train(TINY, discs(), folder)
        assert_same_bits(weights_of(whole_run.folder), weights_of(folder))


def test_a_finished_run_is_given_back(whole_run):
    steps = []
    run = train(TINY, discs(), whole_run.folder, on_step=steps.append)
    assert steps == [] and len(run.log) == 8 and run.scores == whole_run.scores


def test_a_resume_that_changes_the_last_digits_is_warned_of(tmp_path):
    interrupt(TINY, discs(), tmp_path, 4)
    with pytest.warns(UserWarning, match="threads was 1 before the interruption and is 2 now"):
        train(replace(TINY, threads=2), discs(), tmp_path)
    torch.set_num_threads(1)


# ------------------------------------------------------------------ many processes

PARALLEL = """
import sys
sys.path.insert(0, {tests!r})
from dataclasses import replace
from test_training import TINY, discs
from unet_teach.training import train
network = replace(TINY.network, batch_norm=False, dropout=0.0)
config = replace(TINY, network=network, steps=10, batch=4, optimizer="sgd", lr=1e-2)
train(config, discs(), sys.argv[1])
"""


def test_two_processes_equal_one_with_the_doubled_batch(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(PARALLEL.format(tests=os.path.dirname(__file__)))
    alone = [sys.executable, str(script), str(tmp_path / "one")]
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    both = [sys.executable, *launcher, str(script), str(tmp_path / "two")]
    for command in (alone, both):
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    one, two = weights_of(tmp_path / "one"), weights_of(tmp_path / "two")
    for name in one:
        torch.testing.assert_close(two[name], one[name], rtol=0, atol=1e-5)
    losses = [[r["loss"] for r in read_log(tmp_path / way)] for way in ("one", "two")]
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)


# ------------------------------------------------------------------ what is refused


def test_a_loss_that_is_no_number_stops_the_run_and_says_where(tmp_path):
    network = replace(TINY.network, batch_norm=False)
    wild = replace(TINY, network=network, optimizer="sgd", schedule="constant", lr=1e20)
    with pytest.raises(RunError, match=r"loss is (nan|inf) at step \d.*lower lr"):
        train(wild, discs(), tmp_path)
    assert not (tmp_path / "model.pt").exists()


def test_full_disk_keeps_what_was_saved(tmp_path, monkeypatch):
    interrupt(TINY, discs(), tmp_path, 3)
    before = (tmp_path / "checkpoint.pt").read_bytes()

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(run_files.os, "fsync", full)
        with pytest.raises(RunError, match=r"disk is full.*resume"):
            train(TINY, discs(), tmp_path)
    assert (tmp_path / "checkpoint.pt").read_bytes() == before
    assert not list(tmp_path.glob("*.partial"))


def test_a_log_on_a_full_disk_is_explained_too(tmp_path, monkeypatch):
    class Full:
        def write(self, text):
            raise OSError(errno.ENOSPC, "No space left on device")

        flush = close = lambda self: None

    def open_full(self, *arguments, **keywords):
        made(self, *arguments, **keywords)
        self.file = Full()

    made = loop_module.Log.__init__
    monkeypatch.setattr(loop_module.Log, "__init__", open_full)
    with pytest.raises(RunError, match="disk is full"):
        train(TINY, discs(), tmp_path)


def resident() -> float:
    """MB of memory that this process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_freed_memory_is_kept_for_the_next_step_and_given_back_in_the_end():
    def use():  # a feature map of 64 MB
        torch.ones(2**24)

    before = resident()
    use()
    assert resident() - before < 32  # what keep_memory is for
    with keep_memory():
        use()
        assert resident() - before > 60
    assert resident() - before < 32
    use()
    assert resident() - before < 32


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr("unet_teach.training.malloc.ctypes.CDLL", lambda name: object())
    with keep_memory():
        pass
    monkeypatch.setattr("unet_teach.training.malloc.sys.platform", "darwin")
    monkeypatch.setattr("unet_teach.training.malloc.ctypes.CDLL", None)  # not asked for
    with keep_memory():
        pass


def test_out_of_memory_is_explained(tmp_path, monkeypatch):
    messages = (
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError(
            "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"
        ),
        MemoryError(),
    )
    for i, error in enumerate(messages):

        def forward(self, x, error=error):
            raise error

        monkeypatch.setattr(UNet, "forward", forward)
        with pytest.raises(RunError, match=r"out of memory with 2 crops of 24².*smaller batch"):
            train(TINY, discs(), tmp_path / str(i))


def test_out_of_memory_is_explained_where_the_network_is_built(tmp_path, monkeypatch):
    def build(*arguments):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(loop_module, "build", build)
    with pytest.raises(RunError, match="fewer base channels"):
        train(TINY, discs(), tmp_path)


def test_a_held_out_mask_without_inside_is_named_before_the_first_step(tmp_path):
    volume = discs()
    volume.labels[3] = 0
    with pytest.raises(RunError, match=r"slice 2 of the 2 held out .* no inside in its mask"):
        train(TINY, volume, tmp_path, on_step=lambda record: pytest.fail("it trains"))
    assert train(replace(TINY, fold=None, steps=1), volume, tmp_path).scores is None


def test_a_checkpoint_of_another_program_is_left_alone(tmp_path):
    torch.save({"state_dict": {}}, tmp_path / "checkpoint.pt")
    with pytest.raises(RunError, match=r"checkpoint.pt is of another program; choose another"):
        train(TINY, discs(), tmp_path)


def test_a_bug_is_not_taken_for_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(UNet, "forward", lambda self, x: x.view(-7))
    with pytest.raises(RuntimeError) as caught:
        train(TINY, discs(), tmp_path)
    assert not isinstance(caught.value, RunError)


def test_a_folder_with_another_run_is_left_alone(whole_run):
    before = (whole_run.folder / "checkpoint.pt").read_bytes()
    with pytest.raises(RunError, match=r"another lr: 0.01, now 0.5; choose another folder"):
        train(replace(TINY, lr=0.5), discs(), whole_run.folder)
    with pytest.raises(RunError, match="other data"):
        train(TINY, discs(seed=5), whole_run.folder)
    assert (whole_run.folder / "checkpoint.pt").read_bytes() == before
    saved = json.loads((whole_run.folder / "config.json").read_text())
    assert saved["lr"] == 0.01


def test_a_folder_that_cannot_be_written(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(RunError, match=r"cannot write to .*choose another"):
        train(TINY, discs(), blocked / "run")


OTHERS = [
    ("unet_plus_plus", False),
    ("unet_plus_plus", True),
    ("unet_3plus", True),
    ("fcn", False),
]


@pytest.mark.parametrize("architecture, deep", OTHERS)
def test_every_architecture_trains_resumes_and_is_read_back(architecture, deep, tmp_path):
    network = UNetConfig(base_channels=2, depth=3, padding="same", batch_norm=True)
    config = replace(TINY, network=network, architecture=architecture, deep_supervision=deep)
    volume = discs()
    whole = train(config, volume, tmp_path / "whole")
    interrupt(config, volume, tmp_path / "cut", 4)
    resumed = train(config, volume, tmp_path / "cut")
    read = load_model(tmp_path / "cut")
    assert type(read) is type(whole.model) is type(resumed.model)
    x = torch.randn(1, 1, 24, 24)
    with torch.no_grad():
        expected = whole.model(x)
        assert torch.equal(resumed.model(x), expected) and torch.equal(read(x), expected)


def test_deep_supervision_learns_from_every_head(tmp_path):
    """Without it, the shallow heads do not exist; with it, each of them moves."""
    network = UNetConfig(base_channels=2, depth=2, padding="same")
    config = replace(
        TINY, network=network, architecture="unet_plus_plus", deep_supervision=True
    )
    torch.manual_seed(seed_for(config.seed))
    before = build(network, "unet_plus_plus", True)
    after = train(config, discs(), tmp_path).model
    assert len(after.heads) == 2
    for name in after.heads:
        assert not torch.equal(after.heads[name].weight, before.heads[name].weight)


def test_what_has_one_head_has_no_deep_supervision(tmp_path):
    with pytest.raises(ValueError, match="needs several heads, and 'unet' has one"):
        train(replace(TINY, deep_supervision=True), discs(), tmp_path)


def test_a_checkpoint_of_before_a_setting_existed_is_resumed(tmp_path):
    train(replace(TINY, steps=8), discs(), tmp_path)
    saved = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    for name in ("architecture", "deep_supervision"):
        del saved[name], saved["config"][name]
    torch.save(saved, tmp_path / "checkpoint.pt")
    assert len(train(TINY, discs(), tmp_path).log) == TINY.steps
    (tmp_path / "model.pt").unlink()
    assert type(load_model(tmp_path)) is UNet


def test_weights_of_another_architecture(whole_run, tmp_path):
    values = run_files.read_tensors(whole_run.folder / "model.pt")
    values["network"]["base_channels"] = 4
    run_files.write_tensors(tmp_path / "model.pt", values)
    with pytest.raises(RunError, match=r"another architecture: contract.0.0.weight is \(2, 1"):
        load_model(tmp_path)


def test_files_that_are_no_model(whole_run, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no model.pt"):
        load_model(tmp_path)
    with pytest.raises(FileNotFoundError, match="does not exist"):
        load_model(tmp_path / "nothing.pt")
    half = (whole_run.folder / "model.pt").read_bytes()[:500]
    (tmp_path / "model.pt").write_bytes(half)
    with pytest.raises(RunError, match="damaged"):
        load_model(tmp_path)
    torch.save({"a": 1}, tmp_path / "model.pt")
    with pytest.raises(RunError, match="holds no network"):
        load_model(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"loss": "mse"}, "loss is 'mse'; valid values: 'cross_entropy'"),
        ({"device": "tpu"}, "device is 'tpu'; valid values"),
        ({"steps": 0}, "steps is 0; it must be a whole number"),
        ({"batch": 1.5}, "batch is 1.5"),
        ({"lr": -1}, "lr is -1"),
        ({"fold": 9}, "fold is 9; valid: 0 to 1"),
        ({"momentum": 1}, "momentum is 1"),
        ({"threads": 0}, "threads is 0"),
        ({"size": 25}, "nearest legal sizes: 24, 26"),
        ({"class_weights": (1.0, 1.0, 1.0)}, "3 class_weights for 2 classes"),
        ({"class_weights": (0.0, 1.0)}, "each must exceed 0"),
    ],
)
def test_a_setting_that_cannot_be(change, message):
    with pytest.raises(ValueError) as caught:
        replace(TINY, **change)
    assert message in str(caught.value)


def test_unknown_settings_are_named():
    with pytest.raises(ValueError, match="unknown setting 'epochs'; valid settings: net"):
        TrainConfig.from_dict({"epochs": 3})
    with pytest.raises(ValueError, match="unknown setting 'kernel'"):
        TrainConfig.from_dict({"network": {"kernel": 3}})


def test_more_processes_than_gpus(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert pick_device() == torch.device("cuda:1")
    monkeypatch.setenv("LOCAL_RANK", "2")
    due = r"process 2 has no GPU .* 2 here; .*--nproc-per-node=2"
    with pytest.raises(ValueError, match=due):
        pick_device()


def test_devices_that_are_not_here(tmp_path):
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="device is 'cuda'; on this computer: cpu"):
            train(replace(TINY, device="cuda"), discs(), tmp_path)


def test_no_labels_no_training(tmp_path):
    volume = Volume(discs().images, None, "test stack")
    with pytest.raises(ValueError, match=r"test stack.* has no labels"):
        train(TINY, volume, tmp_path)


# ------------------------------------------------------------------ the tiers


def test_tiers_are_the_courses_and_survive_json():
    assert list(TIERS) == ["check", "class", "full", "paper"]
    for config in TIERS.values():
        assert TrainConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    assert TIERS["full"].network.base_channels == 32
    paper = TIERS["paper"]
    assert paper.network == UNetConfig(dropout=0.5) and paper.size == 572
    assert (paper.optimizer, paper.momentum, paper.batch) == ("sgd", 0.99, 1)


@pytest.mark.parametrize("in_a_notebook", [True, False])
def test_the_bar_is_red_nowhere(tmp_path, capsys, monkeypatch, in_a_notebook):
    """A notebook paints stderr red; a terminal keeps stdout for what is piped on."""
    shell = SimpleNamespace(kernel=None) if in_a_notebook else None
    python = SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", python)
    log = Log(tmp_path, 0, TIERS["check"], first=True)
    assert next(log.steps("training")) == 0
    log.bar.close()
    log.close()
    said = capsys.readouterr()
    assert ("training" in said.out, "training" in said.err) == (
        in_a_notebook,
        not in_a_notebook,
    )
