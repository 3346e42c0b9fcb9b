"""FCN against F.interpolate, against hand sums of channels, and against its own paper."""

from itertools import pairwise

import pytest
import torch
from torch.nn import functional as F

from unet_teach.config import UNetConfig
from unet_teach.models import FCN
from unet_teach.models.fcn import BilinearUp
from unet_teach.shapes import IllegalSize

CONFIG = UNetConfig(padding="same", base_channels=4, depth=4)


@pytest.mark.parametrize("factor", [2, 4, 8, 32])
@pytest.mark.parametrize("channels", [1, 3])
def test_bilinear_up_is_torch_bilinear_away_from_the_edge(factor, channels):
    x = torch.randn(2, channels, 6, 7, generator=torch.Generator().manual_seed(factor))
    ours = BilinearUp(channels, factor)(x)
    oracle = F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)
    assert ours.shape == oracle.shape
    inside = slice(factor, -factor)  # the outermost pixel meets zeros here, itself there
    torch.testing.assert_close(ours[..., inside, inside], oracle[..., inside, inside])


@pytest.mark.parametrize("factor", [0, 1, 3])
def test_bilinear_up_refuses_odd_factors(factor):
    with pytest.raises(ValueError, match=f"factor is {factor}; it must be an even"):
        BilinearUp(1, factor)


@pytest.mark.parametrize(
    ("depth", "stride"), [(5, 32), (5, 16), (5, 8), (4, 8), (1, 2), (4, 2)]
)
def test_output_has_the_size_of_the_input(depth, stride):
    config = UNetConfig(padding="same", base_channels=2, depth=depth, out_channels=3)
    assert FCN(config, stride)(torch.zeros(2, 1, 64, 32)).shape == (2, 3, 64, 32)


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize(("stride", "scored"), [(16, 1), (8, 2), (4, 3), (2, 4)])
def test_parameters_by_hand(stride, scored, batch_norm):
    widths = [1, 4, 8, 16, 32, 64]
    path = 0
    for c, k in pairwise(widths):
        path += 9 * c * k + 9 * k * k + (4 * k if batch_norm else 2 * k)
    scores = sum((c + 1) * 2 for c in widths[-scored:])
    ups = (scored - 1) * 2 * 2 * 4 * 4
    config = UNetConfig(padding="same", base_channels=4, batch_norm=batch_norm)
    learned = [p for p in FCN(config, stride).parameters() if p.requires_grad]
    assert sum(p.numel() for p in learned) == path + scores + ups


def test_starts_as_the_coarsest_network():
    """The finer levels' scores start at zero: FCN-8s starts with the bottom's scores alone."""
    model = FCN(UNetConfig(padding="same", base_channels=4, depth=5), 8)
    x = bottom = torch.randn(1, 1, 96, 96)
    for level, convs in enumerate(model.contract):
        bottom = convs(F.max_pool2d(bottom, 2) if level else bottom)
    score = model.scores[0](bottom)
    for up in (*model.upsamplers, model.last):
        score = up(score)
    assert score.abs().max() > 0
    torch.testing.assert_close(model(x), score)


def test_the_scores_of_every_scored_level_reach_the_output():
    model = FCN(CONFIG, 4).eval()
    x = torch.randn(1, 1, 128, 128)
    with torch.no_grad():
        before = model(x)
        for score in model.scores:
            score.bias += 1  # bilinear weights sum to one: a constant stays a constant
        change = (model(x) - before)[..., 60:68, 60:68]
    torch.testing.assert_close(change, torch.full((1, 2, 8, 8), 3.0))


def test_by_hand_on_functional_torch():
    """The whole of FCN-2s at depth 2, written out; non-zero scores so that all paths count."""
    torch.manual_seed(0)
    model = FCN(UNetConfig(padding="same", base_channels=3, depth=2), stride=2)
    for score in model.scores:
        torch.nn.init.normal_(score.weight)
    weights = dict(model.named_parameters())

    def double_conv(x, level):
        for i in (0, 2):
            name = f"contract.{level}.{i}"
            x = F.relu(
                F.conv2d(x, weights[f"{name}.weight"], weights[f"{name}.bias"], padding=1)
            )
        return x

    x = torch.randn(2, 1, 8, 12)
    top = double_conv(x, 0)
    middle = double_conv(F.max_pool2d(top, 2), 1)
    bottom = double_conv(F.max_pool2d(middle, 2), 2)
    score = F.conv2d(bottom, weights["scores.0.weight"], weights["scores.0.bias"])
    score = F.conv_transpose2d(score, weights["upsamplers.0.weight"], stride=2, padding=1)
    score = score + F.conv2d(middle, weights["scores.1.weight"], weights["scores.1.bias"])
    expected = F.conv_transpose2d(score, weights["last.weight"], stride=2, padding=1)
    torch.testing.assert_close(model(x), expected, rtol=1e-5, atol=1e-5)


def test_every_learned_weight_gets_a_gradient_after_one_step_and_the_last_stays_bilinear():
    torch.manual_seed(1)
    model = FCN(CONFIG, 8)
    tents = model.last.weight.clone()
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(2):  # the zero scores pass nothing to their features in the first step
        optimiser.zero_grad()
        F.cross_entropy(
            model(torch.randn(2, 1, 32, 32)), torch.randint(2, (2, 32, 32))
        ).backward()
        optimiser.step()
    assert all(p.grad.abs().sum() > 0 for p in model.parameters() if p.requires_grad)
    assert torch.equal(model.last.weight, tents)


def test_refuses():
    with pytest.raises(ValueError, match="FCN needs padding='same', and padding is 'valid'"):
        FCN(UNetConfig())
    with pytest.raises(ValueError, match=r"stride is 32; .* valid strides: 16, 8, 4, 2"):
        FCN(CONFIG, 32)
    with pytest.raises(ValueError, match=r"stride is 3;"):
        FCN(CONFIG, 3)
    with pytest.raises(ValueError, match=r"input has shape \(1, 3, 32, 32\)"):
        FCN(CONFIG)(torch.zeros(1, 3, 32, 32))
    with pytest.raises(IllegalSize) as error:
        FCN(CONFIG)(torch.zeros(1, 1, 32, 40))
    assert error.value.nearest == (32, 48)


def test_repr_tells_which_maps_are_scored():
    assert repr(FCN(CONFIG, 4)).startswith("FCN-4s(scores at strides 16, 8, 4;")
