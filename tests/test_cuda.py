"""On an NVIDIA GPU everything works as on the CPU. Skipped where there is none, as in CI."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from interruption import interrupt

from unet_teach import losses
from unet_teach.augment import AugmentConfig, augment
from unet_teach.config import UNetConfig
from unet_teach.data.membranes import synthetic_membranes
from unet_teach.models import UNet
from unet_teach.tiling import predict
from unet_teach.training import TIERS, evaluate, load_model, read_log, train
from unet_teach.training.batches import Batches
from unet_teach.training.machine import pick_device, pick_fastest

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no NVIDIA GPU here")

CHECK = replace(TIERS["check"], steps=12, checkpoint_every=5, fold=None, device="cuda")
EXACT = replace(CHECK, precision="float32", memory_format="contiguous")


@pytest.fixture(autouse=True)
def full_precision(monkeypatch):
    """float32 all through: torch computes convolutions on a GPU in TF32, ten bits."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)


@pytest.fixture(scope="module")
def volume():
    return synthetic_membranes(4, size=128, seed=0)


def test_cuda_is_taken_where_it_is():
    assert pick_device().type == "cuda"


def test_a_batch_is_the_same_on_the_gpu(volume):
    due, found = (
        Batches(volume, EXACT, device).batch(3, range(4)) for device in ("cpu", "cuda")
    )
    assert all(part.device.type == "cuda" for part in found)
    images, masks, weights = (part.cpu() for part in found)
    # A pixel between two may be read from one or the other: rounding decides.
    assert (masks == due[1]).float().mean() > 0.999
    assert (images - due[0]).abs().mean() < 1e-4
    assert (weights - due[2]).abs().mean() < 1e-3


def test_the_draws_do_not_depend_on_the_device():
    images, masks = torch.randn(2, 1, 64, 64), torch.randint(2, (2, 64, 64))
    config = AugmentConfig(noise=0.0)
    parts = []
    for device in ("cpu", "cuda"):
        generator = torch.Generator().manual_seed(0)
        parts.append(augment(images.to(device), masks.to(device), config, generator, (32, 32)))
    torch.testing.assert_close(parts[1][0].cpu(), parts[0][0], rtol=0, atol=1e-3)


@pytest.mark.parametrize("padding", ["same", "valid"])
def test_a_network_predicts_the_same_on_the_gpu(padding):
    torch.manual_seed(0)
    model = UNet(UNetConfig(base_channels=8, depth=2, padding=padding))
    image = np.random.default_rng(0).normal(size=(150, 131))
    due, found = (
        predict(model, image, average=True, device=where) for where in ("cpu", "cuda")
    )
    np.testing.assert_allclose(found, due, rtol=0, atol=1e-4)
    assert next(model.parameters()).device.type == "cpu"  # given back as it was


def test_the_losses_are_the_same_on_the_gpu():
    logits, target = torch.randn(2, 2, 16, 16), torch.randint(2, (2, 16, 16))
    weights = torch.rand(2, 16, 16)
    for loss in (losses.weighted_cross_entropy, losses.dice_cross_entropy):
        found = loss(*(part.cuda() for part in (logits, target, weights)))
        torch.testing.assert_close(found.cpu(), loss(logits, target, weights))


def test_a_run_on_the_gpu_learns_what_one_on_the_cpu_learns(volume, tmp_path):
    gpu = train(EXACT, volume, tmp_path / "gpu")
    cpu = train(replace(EXACT, device="cpu"), volume, tmp_path / "cpu")
    losses_of = [[record["loss"] for record in run.log] for run in (cpu, gpu)]
    # Rounding grows from step to step; the first ones tell.
    np.testing.assert_allclose(losses_of[1][:4], losses_of[0][:4], rtol=2e-2)
    assert losses_of[1][-1] < losses_of[1][0]


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_a_run_goes_on_after_an_interruption(precision, volume, tmp_path):
    config = replace(EXACT, precision=precision, memory_format="channels_last")
    whole = train(config, volume, tmp_path / "whole")
    interrupt(config, volume, tmp_path / "resumed", 7)
    resumed = train(config, volume, tmp_path / "resumed")
    assert [r["step"] for r in read_log(tmp_path / "resumed")] == list(range(12))
    # The same random numbers, the same state; a GPU adds up in no fixed order.
    due = [record["loss"] for record in whole.log]
    np.testing.assert_allclose([r["loss"] for r in resumed.log], due, rtol=0.1)


def test_the_fastest_way_is_among_those_asked_for():
    model = UNet(CHECK.network).cuda()
    precision, memory_format = pick_fastest(model, CHECK, torch.device("cuda"))
    assert precision in ("float32", "bfloat16", "float16")
    assert memory_format in ("contiguous", "channels_last")


def test_weights_from_the_gpu_load_without_one(volume, tmp_path):
    config = replace(EXACT, fold=1, folds=2)
    run = train(config, volume, tmp_path)
    model = load_model(tmp_path)
    assert next(model.parameters()).device.type == "cpu"
    facts = json.loads((tmp_path / "facts.json").read_text())
    assert facts["device"] == "cuda"
    held_out = volume.select(range(2, 4))
    assert evaluate(model, held_out).v_rand == pytest.approx(run.scores.v_rand, abs=0.01)
