"""Tiling against numpy's padding, single passes over whole images, and measured gradients."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from unet_teach.config import UNetConfig
from unet_teach.data.volume import standardise
from unet_teach.inspection import measured_receptive_field
from unet_teach.models import FCN, UNet, UNet3Plus, UNetPlusPlus
from unet_teach.shapes import IllegalSize
from unet_teach.tiling import (
    default_tile,
    mirror_pad,
    plan_side,
    predict,
    reach,
    tile_positions,
)

UPSAMPLERS = ("transposed", "nearest", "bilinear", "pixel_shuffle")
side = st.integers(1, 6)
margin = st.integers(0, 20)


def network(kind=UNet, seed=0, **settings):
    """A random network in float64, so that rounding does not hide what tiling gets wrong."""
    torch.manual_seed(seed)
    return kind(UNetConfig(**{"base_channels": 2, "depth": 2, **settings})).double()


def picture(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def single_pass(model, image, before, after):
    """The obvious way: numpy's mirror, one pass, nothing cut off but what the model takes."""
    pad = np.pad(standardise(image), [(before, after[0]), (before, after[1])], mode="reflect")
    with torch.no_grad():
        p = model.eval()(torch.from_numpy(pad).double()[None, None]).softmax(dim=1)[0]
    return p[:, : image.shape[0], : image.shape[1]].numpy()


@settings(deadline=None, max_examples=60)
@given(side, side, margin, margin, margin, margin)
def test_mirror_pad_is_numpy_s_reflect(height, width, top, bottom, left, right):
    image = np.arange(2 * height * width).reshape(2, height, width)
    margins = ((top, bottom), (left, right))
    expected = np.pad(image, ((0, 0), *margins), mode="reflect")
    np.testing.assert_array_equal(mirror_pad(image, margins), expected)
    np.testing.assert_array_equal(mirror_pad(torch.from_numpy(image), margins), expected)


def test_mirror_pad_by_one_number():
    image = picture(4, 5)
    np.testing.assert_array_equal(mirror_pad(image, 9), np.pad(image, 9, mode="reflect"))


@pytest.mark.parametrize(("shape", "margin"), [((0, 3), 1), ((3,), 1), ((3, 3), -1)])
def test_mirror_pad_refuses(shape, margin):
    with pytest.raises(ValueError, match=r"pixel"):
        mirror_pad(np.zeros(shape), margin)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 500), st.integers(1, 90), st.sampled_from([1, 2, 4, 16, 32]))
def test_positions_cover_every_pixel_on_the_grid(length, kept, grid):
    if kept < grid and kept < length:
        with pytest.raises(ValueError, match=f"gives {kept} pixels"):
            tile_positions(length, kept, grid)
        return
    starts = tile_positions(length, kept, grid)
    covered = {pixel for start in starts for pixel in range(start, start + kept)}
    assert covered >= set(range(length))
    assert all(start % grid == 0 for start in starts)
    assert starts == sorted(set(starts))
    assert starts[-1] + kept < length + grid or starts == [0]
    assert len(starts) == 1 + max(0, -(-(length - kept) // (kept // grid * grid or 1)))


def test_the_paper_s_tiles():
    plan = plan_side(UNetConfig(), 1000, tile=572)
    assert (plan.before, plan.kept, plan.starts) == (92, 388, (0, 384, 624))
    plan = plan_side(UNetConfig(), 512)
    assert (plan.tile, plan.kept, plan.starts) == (700, 516, (0,))


@pytest.mark.parametrize("upsample", UPSAMPLERS)
@pytest.mark.parametrize("depth", [1, 2])
def test_reach_is_measured(upsample, depth):
    model = network(base_channels=1, depth=depth, upsample=upsample, padding="same")
    grid, centre = 2**depth, 16 * 2**depth
    measured = 0
    for pixel in range(centre, centre + grid):
        seen = measured_receptive_field(model, 2 * centre, (pixel, centre)) > 0
        rows = np.flatnonzero(seen.any(axis=1))
        assert 0 < rows[0] and rows[-1] < 2 * centre - 1  # the border did not cut it off
        measured = max(measured, pixel - rows[0], rows[-1] - pixel)
    assert reach(model.config) == measured


@pytest.mark.parametrize("upsample", UPSAMPLERS)
@pytest.mark.parametrize("align", ["crop", "pad"])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_tiles_give_the_single_pass(upsample, align, padding):
    model = network(upsample=upsample, align=align, padding=padding)
    image = picture(131, 109)
    whole, tiled = predict(model, image), predict(model, image, tile=84)
    assert len(plan_side(model.config, 109, 84).starts) > 1
    assert whole.std() > 0.01
    np.testing.assert_allclose(tiled, whole, atol=2e-7)


@pytest.mark.parametrize("kind", [FCN, UNetPlusPlus, UNet3Plus])
def test_tiles_of_the_other_networks(kind):
    options = {"stride": 4} if kind is FCN else {"deep_supervision": True}
    model = network(lambda config: kind(config, **options), padding="same")
    image = picture(96, 120)
    whole = predict(model, image)
    assert whole.std() > 0.01
    np.testing.assert_allclose(predict(model, image, tile=80), whole, atol=2e-7)


def test_single_pass_of_a_valid_network():
    model = network()
    image = picture(50, 61)  # 92 → 52 and 104 → 64
    expected = single_pass(model, image, 20, (22, 23))
    np.testing.assert_allclose(predict(model, image), expected, atol=2e-7)


def test_single_pass_of_a_same_network():
    model = network(padding="same")
    image = picture(50, 61)
    expected = single_pass(model, image, 0, (2, 3))
    np.testing.assert_allclose(predict(model, image), expected, atol=2e-7)


def test_too_little_context_shows():
    model = network(padding="same")
    image = picture(128, 128)
    whole = predict(model, image)
    assert reach(model.config) == 23
    assert abs(predict(model, image, tile=84, context=24) - whole).max() < 2e-7
    assert abs(predict(model, image, tile=84, context=12) - whole).max() > 1e-3


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 5)])
def test_images_smaller_than_the_context(padding, shape):
    p = predict(network(padding=padding), picture(*shape))
    assert p.shape == (2, *shape) and p.dtype == np.float32
    np.testing.assert_allclose(p.sum(axis=0), 1, atol=1e-6)


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_average_turns_with_the_image(padding):
    model = network(padding=padding)
    image = picture(30, 41)
    turns = [
        lambda x: np.rot90(x, 1, (-2, -1)),
        lambda x: x[..., ::-1],
        lambda x: x[..., ::-1, :],
    ]
    for turn in turns:
        found = predict(model, turn(image), average=True)
        np.testing.assert_allclose(found, turn(predict(model, image, average=True)), atol=1e-6)
        assert abs(predict(model, turn(image)) - turn(predict(model, image))).max() > 1e-3


def test_average_is_the_mean_of_eight():
    model = network(padding="same")
    image = picture(20, 28)
    parts = []
    for flip in (image, image[:, ::-1]):
        for k in range(4):
            back = np.rot90(predict(model, np.rot90(flip, k)), -k, (-2, -1))
            parts.append(back if flip is image else back[..., ::-1])
    np.testing.assert_allclose(
        predict(model, image, average=True), np.mean(parts, 0), atol=1e-6
    )


def test_channels_are_standardised_each():
    model = network(in_channels=3, out_channels=4, padding="same")
    image = picture(3, 24, 20)
    scaled = image * np.array([1.0, 7.0, 0.1])[:, None, None] + 5
    assert predict(model, image).shape == (4, 24, 20)
    np.testing.assert_allclose(predict(model, scaled), predict(model, image), atol=1e-5)


def test_state_is_given_back():
    model = network(padding="same", batch_norm=True, dropout=0.5).train()
    frozen = next(part for part in model.modules() if isinstance(part, nn.BatchNorm2d))
    frozen.eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    first, second = (predict(model, picture(16, 16)) for _ in range(2))
    np.testing.assert_array_equal(first, second)  # no dropout, no running statistics
    assert model.training and not frozen.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    with pytest.raises(ValueError, match="NaN"):
        predict(model, np.full((8, 8), np.nan))
    assert model.training and model(torch.zeros(1, 1, 8, 8).double()).requires_grad


def test_state_is_given_back_after_an_error():
    model = network(padding="same")
    model.last = nn.Identity()
    model.last.register_forward_hook(lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        predict(model, picture(8, 8))
    assert model.training and not torch.is_inference_mode_enabled()


def test_precision_and_memory_format():
    model = network(padding="same").float()
    image = picture(40, 40)
    exact = predict(model, image)
    last = predict(model, image, memory_format=torch.channels_last)
    np.testing.assert_allclose(last, exact, atol=1e-5)
    coarse = predict(model, image, autocast_dtype=torch.bfloat16)
    assert coarse.dtype == np.float32
    assert 1e-5 < abs(coarse - exact).max() < 0.1
    with torch.autocast("cpu", dtype=torch.bfloat16):  # precision is what the call says
        np.testing.assert_array_equal(predict(model, image), exact)


def test_default_tile_keeps_to_the_memory():
    config = UNetConfig(padding="same")
    assert default_tile(config, 512, 512) is None
    large = default_tile(config, 5000, 5000)
    assert large % 16 == 0 and 20 * 64 * large**2 <= 2**31 < 20 * 64 * (large + 16) ** 2
    valid = default_tile(UNetConfig(), 5000, 300)
    assert plan_side(UNetConfig(), 5000, valid).tile == valid


@pytest.mark.parametrize(
    ("settings", "tile", "message", "nearest"),
    [
        ({"depth": 4}, 570, "570.*nearest legal sizes: 556, 572", (556, 572)),
        ({"depth": 4}, 188, "smallest tile 204", (204,)),  # gives 4 pixels, the grid is 16
        ({"depth": 4, "padding": "same"}, 224, "smallest tile 240", (240,)),
        ({"padding": "same"}, 85, "nearest legal sizes: 84, 88", (84, 88)),
        ({"padding": "same"}, 0, "smallest tile 52", (52,)),
    ],
)
def test_illegal_tiles(settings, tile, message, nearest):
    with pytest.raises(IllegalSize, match=message) as caught:
        predict(network(**settings), picture(600, 600), tile=tile)
    assert caught.value.nearest == nearest


def test_offered_tiles_work():
    for padding, tile in (("valid", 204), ("same", 240)):
        model = network(base_channels=1, depth=4, padding=padding)
        assert predict(model, picture(30, 300), tile).shape == (2, 30, 300)
    assert predict(network(), picture(3, 3), tile=44).shape == (2, 3, 3)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((0, 5)), r"\(0, 5\)"),
        (np.array([[0.0, np.inf]]), "infinite"),
        (np.zeros((8, 8, 1)), r"1 input channels.*np\.moveaxis"),
        (np.zeros((3, 8, 8)), r"\(3, 8, 8\).*takes \(H, W\)"),
        (np.zeros(8), r"\(8,\)"),
        (np.array([["a"]]), "real numbers"),
        (np.array([[1j]]), "real numbers"),
    ],
)
def test_images_that_are_refused(image, message):
    with pytest.raises(ValueError, match=message):
        predict(network(padding="same"), image)


@pytest.mark.parametrize("device", ["gpu", "cuda:99"])
def test_unknown_device(device):
    model = network(padding="same")
    with pytest.raises(ValueError, match=f"device '{device}' cannot be used.*try 'cpu'"):
        predict(model, picture(8, 8), device=device)


def test_a_model_without_config():
    with pytest.raises(ValueError, match="Conv2d has no config"):
        predict(nn.Conv2d(1, 2, 3), picture(8, 8))


def test_wrapped_in_data_parallel():
    model = network(padding="same")
    wrapped = nn.Module()
    wrapped.module, wrapped.forward = model, model.forward
    np.testing.assert_array_equal(
        predict(wrapped, picture(8, 8)), predict(model, picture(8, 8))
    )


def test_a_wrong_grid_shows():
    """Why offsets are multiples of 2**depth: shifted by one, a pixel's output is another."""
    model = network().eval()
    x = torch.randn(1, 1, 92, 92).double()
    with torch.no_grad():
        whole = model(x)  # 92 → 52
        on_grid, off_grid = model(x[..., 4:88, 4:88]), model(x[..., 5:89, 5:89])  # 84 → 44
    torch.testing.assert_close(on_grid, whole[..., 4:48, 4:48])
    assert (off_grid - whole[..., 5:49, 5:49]).abs().max() > 1e-3


def test_config_is_not_changed():
    config = UNetConfig(align="pad")
    plan_side(config, 500)
    assert config == replace(config, align="pad")
