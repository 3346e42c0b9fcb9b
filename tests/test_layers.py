"""The parts of a U-Net against torch, numpy and identities known beforehand."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from unet_teach.config import CHOICES, UNetConfig
from unet_teach.layers import (
    DoubleConv,
    UpConv,
    align,
    center_crop,
    initialise,
    make_upsampler,
    merge,
    zero_pad,
)


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_double_conv_is_conv_relu_conv_relu(padding):
    torch.manual_seed(0)
    block = DoubleConv(2, 5, padding)
    x, pad = torch.randn(3, 2, 9, 11), 1 if padding == "same" else 0
    by_hand = x
    for conv in (m for m in block if isinstance(m, nn.Conv2d)):
        by_hand = F.conv2d(by_hand, conv.weight, conv.bias, padding=pad).clamp(min=0)
    torch.testing.assert_close(block(x), by_hand)
    assert block(x).shape == (3, 5, 9 - 4 + 4 * pad, 11 - 4 + 4 * pad)


def test_batch_norm_stands_between_convolution_and_relu():
    kinds = [type(m).__name__ for m in DoubleConv(1, 2, batch_norm=True)]
    assert kinds == ["Conv2d", "BatchNorm2d", "ReLU"] * 2
    assert all(
        m.bias is None
        for m in DoubleConv(1, 2, batch_norm=True)
        if hasattr(m, "bias") and isinstance(m, nn.Conv2d)
    )


@pytest.mark.parametrize("kind", CHOICES["upsample"])
def test_every_upsampler_doubles_and_sets_the_channels(kind):
    x = torch.randn(2, 6, 5, 7)
    assert make_upsampler(kind, 6, 4)(x).shape == (2, 4, 10, 14)


def test_up_conv_paints_blocks_that_do_not_overlap():
    torch.manual_seed(0)
    up = UpConv(3, 2)
    x = torch.zeros(1, 3, 4, 4)
    x[0, 1, 2, 3] = 1.0
    painted = (up(x) - up.bias.view(1, 2, 1, 1)).detach()
    block = painted[0, :, 4:6, 6:8].clone()
    torch.testing.assert_close(block, up.weight[1].detach())
    painted[0, :, 4:6, 6:8] = 0
    assert painted.abs().max() < 1e-6


@pytest.mark.parametrize("form", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("shape", [(2, 6, 5, 7), (1, 6, 1, 1), (3, 6, 8, 2), (0, 6, 4, 4)])
def test_up_conv_is_torchs_transposed_convolution(shape, form):
    torch.manual_seed(0)
    ours, theirs = UpConv(6, 3), torch.nn.ConvTranspose2d(6, 3, 2, stride=2)
    theirs.load_state_dict(ours.state_dict())
    outcomes = []
    for layer in (ours, theirs):
        generator = torch.Generator().manual_seed(1)
        x = torch.randn(shape, generator=generator).contiguous(memory_format=form)
        y = layer(x.requires_grad_())
        y.backward(torch.randn(y.shape, generator=generator))
        outcomes.append([y, x.grad, layer.weight.grad, layer.bias.grad])
    torch.testing.assert_close(*outcomes)


def test_up_conv_takes_one_image_and_names_wrong_channels():
    up = UpConv(6, 3)
    torch.testing.assert_close(up(torch.ones(6, 5, 7)), up(torch.ones(1, 6, 5, 7))[0])
    with pytest.raises(RuntimeError, match="to have 6 channels, but got 5"):
        up(torch.ones(1, 5, 4, 4))


def test_up_conv_on_another_device_is_torchs_own(monkeypatch):
    monkeypatch.setattr(torch.nn.ConvTranspose2d, "forward", lambda self, x: "torch's own")
    up = UpConv(6, 3)
    assert up.to("meta")(torch.empty(2, 6, 5, 7, device="meta")) == "torch's own"


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_one_by_one_convolution_and_interpolation_commute(mode):
    torch.manual_seed(0)
    up, x = make_upsampler(mode, 6, 4), torch.randn(1, 6, 5, 5)
    corners = False if mode == "bilinear" else None
    other_way = up.conv(F.interpolate(x, scale_factor=2, mode=mode, align_corners=corners))
    torch.testing.assert_close(up(x), other_way)


def test_pixel_shuffle_deals_out_by_the_definition():
    torch.manual_seed(0)
    up, x = make_upsampler("pixel_shuffle", 3, 2), torch.randn(1, 3, 2, 2)
    maps, out = up[0](x), up(x)
    for c in range(2):
        for dy in range(2):
            for dx in range(2):
                dealt = out[0, c, dy::2, dx::2]
                torch.testing.assert_close(dealt, maps[0, 4 * c + 2 * dy + dx])


def test_center_crop_keeps_the_middle_of_a_map_of_coordinates():
    y, x = torch.meshgrid(torch.arange(7), torch.arange(10), indexing="ij")
    where = torch.stack([y, x])[None]  # each value is its own place
    crop = center_crop(where, (3, 5))
    assert crop[0, 0, :, 0].tolist() == [2, 3, 4]
    assert crop[0, 1, 0].tolist() == [2, 3, 4, 5, 6]  # the spare pixel is lost on the right
    assert center_crop(where, (7, 10)).equal(where)


def test_zero_pad_undoes_center_crop_for_every_parity():
    for size in (5, 6):
        for small in (2, 3):
            inner = torch.rand(1, 2, small, small)
            padded = zero_pad(inner, (size, size))
            assert padded.shape[-2:] == (size, size)
            assert center_crop(padded, (small, small)).equal(inner)
            assert padded.sum().item() == pytest.approx(inner.sum().item())


def test_align_and_merge():
    skip, x = torch.rand(1, 3, 8, 8), torch.rand(1, 3, 4, 4)
    cropped, same = align(skip, x, "crop")
    assert cropped.equal(skip[..., 2:6, 2:6]) and same is x
    whole, padded = align(skip, x, "pad")
    assert whole is skip and padded.shape == skip.shape and padded[..., 2:6, 2:6].equal(x)
    assert merge(cropped, x, "concat")[:, :3].equal(cropped)
    assert merge(cropped, x, "concat")[:, 3:].equal(x)
    assert merge(cropped, x, "add").equal(cropped + x)


def test_addition_is_concatenation_with_tied_weights():
    torch.manual_seed(0)
    a, b = torch.randn(1, 3, 8, 8), torch.randn(1, 3, 8, 8)
    w = torch.randn(4, 3, 3, 3)
    tied = F.conv2d(merge(a, b, "concat"), torch.cat([w, w], dim=1))
    torch.testing.assert_close(tied, F.conv2d(merge(a, b, "add"), w), atol=1e-5, rtol=1e-5)


def test_he_initialisation_keeps_the_variance():
    """Through ten layers of a wide stack the mean square stays what it was."""
    torch.manual_seed(0)
    stack = nn.Sequential(*[m for _ in range(10) for m in (nn.Conv2d(64, 64, 1), nn.ReLU())])
    initialise(stack)
    x = torch.randn(1, 64, 64, 64)
    ratio = stack(x).square().mean() / x.square().mean()
    assert 0.3 < ratio < 3
    for m in stack:
        if isinstance(m, nn.Conv2d):
            assert m.weight.std().item() == pytest.approx((2 / 64) ** 0.5, rel=0.05)
            assert m.bias.abs().max() == 0
    up = UpConv(128, 64)
    initialise(up)
    assert up.weight.std().item() == pytest.approx((2 / 128) ** 0.5, rel=0.05)
    conv = nn.Conv2d(16, 64, 3)
    initialise(conv, torch.Generator().manual_seed(3))
    assert conv.weight.std().item() == pytest.approx((2 / 144) ** 0.5, rel=0.05)


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(64, 64, 3),
        nn.Conv2d(64, 64, (1, 3), groups=4, stride=2),
        UpConv(64, 32),
        nn.ConvTranspose2d(64, 64, 4, stride=2),
        nn.ConvTranspose2d(64, 64, (3, 5), stride=(1, 2), groups=8),
        nn.ConvTranspose2d(64, 64, 3, stride=2),  # overlaps of 1, 2 and 4: in the mean 9/4
    ],
)
def test_he_weights_double_the_mean_square(layer):
    """The oracle for N of any layer: noise of mean square 1 comes out with mean square 2."""
    initialise(layer, torch.Generator().manual_seed(0))
    noise = torch.randn(4, 64, 40, 40, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        found = layer(noise)[..., 2:-2, 2:-2]  # away from the border
    assert found.square().mean().item() == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: DoubleConv(1, 2, "full"), "padding is 'full'; valid values: 'valid', 'same'"),
        (lambda: make_upsampler("cubic", 2, 1), "upsample is 'cubic'; valid values: 'trans"),
        (lambda: center_crop(torch.zeros(1, 1, 4, 4), (5, 4)), "cannot crop 4×4 to 5×4"),
        (lambda: center_crop(torch.zeros(1, 1, 4, 4), (0, 4)), "cannot crop 4×4 to 0×4"),
        (lambda: zero_pad(torch.zeros(1, 1, 4, 4), (3, 4)), "cannot pad 4×4 to 3×4"),
        (
            lambda: align(torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 2, 2), "resize"),
            "align is 'resize'; valid values: 'crop', 'pad'",
        ),
        (
            lambda: merge(torch.zeros(1), torch.zeros(1), "mean"),
            "merge is 'mean'; valid values",
        ),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"padding": "full"}, "padding is 'full'; valid values: 'valid', 'same'"),
        ({"merge": "mean"}, "merge is 'mean'; valid values: 'concat', 'add', 'none'"),
        ({"depth": 0}, "depth is 0; it must be a whole number, 1 or more"),
        ({"base_channels": 2.5}, "base_channels is 2.5"),
        ({"in_channels": True}, "in_channels is True"),
        ({"batch_norm": 1}, "batch_norm is 1; it must be True or False"),
        ({"dropout": 1.0}, "dropout is 1.0; it must be at least 0 and below 1"),
        ({"dropout": "a"}, "dropout is 'a'"),
    ],
)
def test_a_config_that_cannot_be(change, message):
    with pytest.raises(ValueError) as caught:
        UNetConfig(**change)
    assert message in str(caught.value)


def test_unknown_settings_of_a_config_are_named():
    with pytest.raises(
        ValueError, match="unknown setting 'filters'; valid settings: in_channels"
    ):
        UNetConfig.from_dict({"filters": 3})
