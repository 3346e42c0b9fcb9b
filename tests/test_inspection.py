"""Inspection against torch's own intermediate results and receptive fields from arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from unet_teach.config import UNetConfig
from unet_teach.inspection import influence, layer_names, measured_receptive_field, record
from unet_teach.models import UNet


def extent(field: np.ndarray) -> tuple[int, int]:
    """First row or column that counts, and how many there are; both sides must agree."""
    rows, columns = (np.flatnonzero((field > 0).any(axis=axis)) for axis in (1, 0))
    assert np.array_equal(rows, columns) and len(rows) == rows[-1] - rows[0] + 1
    return int(rows[0]), len(rows)


@pytest.mark.parametrize("phase", range(16))
def test_the_original_network_sees_188_or_204(phase):
    model = UNet(UNetConfig(base_channels=1))
    field = measured_receptive_field(model, 220, (16 + phase, 16 + phase))
    assert extent(field) == (16, 188 if phase < 4 else 204)
    assert field.dtype == np.float64 and field.shape == (220, 220)


def test_field_of_a_chain_by_hand():
    # r ← s·r + k − s, backwards: 1 → 3 → 6 → 8 (conv 3, pool 2, conv 3)
    model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2))
    model.append(nn.Conv2d(3, 2, 3))
    assert extent(measured_receptive_field(model, 20, (2, 2))) == (4, 8)


def test_a_dead_network_still_has_its_field():
    model = UNet(UNetConfig(base_channels=1, depth=1, batch_norm=True))
    expected = measured_receptive_field(model, 20, (1, 1))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(-1)
        for part in model.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.running_mean.fill_(1e6)
    np.testing.assert_array_equal(measured_receptive_field(model, 20, (1, 1)), expected)
    assert extent(expected)[1] in (18, 20)


def test_max_pooling_alone_would_hide_pixels():
    pool = nn.MaxPool2d(4)
    assert (influence(pool, torch.rand(1, 1, 8, 8), (0, 0)) > 0).sum() == 1
    assert (measured_receptive_field(pool, 8, (0, 0)) > 0).sum() == 16


def test_the_model_is_left_alone():
    model = UNet(UNetConfig(base_channels=1, depth=1, batch_norm=True, in_channels=2))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    field = measured_receptive_field(model, (20, 24), (0, 0))
    assert field.shape == (20, 24) and model.training
    after = model.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert all(p.grad is None for p in model.parameters())
    x = torch.rand(1, 1, 4, 4)  # max pooling is max pooling again
    assert F.max_pool2d(x, 4).item() == x.max()


def test_pooling_with_dilation_is_refused():
    with pytest.raises(ValueError, match="dilation"):
        measured_receptive_field(nn.MaxPool2d(2, dilation=2), 8, (0, 0))


def test_influence_is_the_gradient():
    torch.manual_seed(0)
    model = UNet(UNetConfig(base_channels=2, depth=1, in_channels=2)).double()
    x = torch.randn(1, 2, 18, 20, dtype=torch.float64)
    found = influence(model, x, (1, 2))
    step = torch.zeros_like(x)
    expected = np.zeros((18, 20))
    with torch.no_grad():  # central differences at one row of pixels
        for column in range(20):
            for channel in range(2):
                step.zero_()[0, channel, 9, column] = 1e-6
                change = (model(x + step) - model(x - step))[0, :, 1, 2].sum() / 2e-6
                expected[9, column] += abs(change.item())
    np.testing.assert_allclose(found[9], expected[9], rtol=1e-5, atol=1e-8)
    assert expected.max() > 0 and x.grad is None and model.training


@pytest.mark.parametrize("pixel", [(2, 0), (0, -1)])
def test_pixel_outside(pixel):
    with pytest.raises(ValueError, match=r"valid: rows 0\.\.1, columns 0\.\.1"):
        influence(nn.AvgPool2d(2), torch.zeros(1, 1, 4, 4), pixel)


def test_influence_takes_one_image():
    with pytest.raises(ValueError, match=r"\(2, 1, 4, 4\)"):
        influence(nn.AvgPool2d(2), torch.zeros(2, 1, 4, 4), (0, 0))


def small():
    torch.manual_seed(0)
    return UNet(UNetConfig(base_channels=2, depth=1, padding="same", dropout=0.5))


def test_record_is_before_the_relu():
    model, x = small(), torch.randn(1, 1, 8, 8)
    image = x.clone()
    conv = model.contract[0][0]
    found = record(model, x, "contract.0.0")
    torch.testing.assert_close(found, F.conv2d(x, conv.weight, conv.bias, padding=1))
    assert (found < 0).any()  # ReLU is in place, and would have left none
    torch.testing.assert_close(record(model, x, "contract.0.1"), found.clamp(min=0))
    assert torch.equal(x, image)


def test_record_runs_in_eval_mode_and_cleans_up():
    model, x = small(), torch.randn(2, 1, 8, 8)
    assert torch.equal(record(model, x, "last"), record(model, x, "last"))  # no dropout
    assert model.training
    assert not any(part._forward_hooks for part in model.modules())
    found = record(model, x, "last")
    (found * torch.ones(1, requires_grad=True)).sum().backward()  # a tensor like any other
    with pytest.raises(ValueError):
        record(model, x[0, 0], "last")
    assert not any(part._forward_hooks for part in model.modules()) and model.training


def test_every_name_can_be_recorded():
    model, x = small(), torch.randn(1, 1, 8, 8)
    names = layer_names(model)
    assert names[0] == "contract.0" and "last" in names and "contract" not in names
    for name in names:
        assert record(model, x, name).shape[0] == 1


def test_unknown_layer():
    with pytest.raises(ValueError, match=r"'lst'; did you mean 'last'\? valid.*expand\.0"):
        record(small(), torch.zeros(1, 1, 8, 8), "lst")
    with pytest.raises(ValueError, match="no layer 'contract'"):
        record(small(), torch.zeros(1, 1, 8, 8), "contract")


def test_a_layer_that_did_not_run():
    model = nn.Sequential(nn.ReLU())
    model[0].spare = nn.ReLU()
    with pytest.raises(ValueError, match=r"'0\.spare' was not run"):
        record(model, torch.zeros(1), "0.spare")


def test_a_layer_of_several_tensors():
    with pytest.raises(ValueError, match="gives a tuple"):
        record(nn.Sequential(nn.LSTM(2, 3)), torch.zeros(4, 2), "0")
