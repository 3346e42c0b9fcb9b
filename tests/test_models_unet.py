"""UNet against the 2015 network written out plainly, against known counts and sizes."""

from itertools import product

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from unet_teach.config import CHOICES, UNetConfig
from unet_teach.models import UNet, count_parameters
from unet_teach.shapes import IllegalSize, trace


class PlainUNet(nn.Module):
    """Figure 1 with every layer named, nothing shared with the library."""

    def __init__(self, base, pad):
        super().__init__()
        c1, c2, c3, c4, c5 = (base * k for k in (1, 2, 4, 8, 16))
        self.pad = pad
        self.conv1a, self.conv1b = nn.Conv2d(1, c1, 3, 1, pad), nn.Conv2d(c1, c1, 3, 1, pad)
        self.conv2a, self.conv2b = nn.Conv2d(c1, c2, 3, 1, pad), nn.Conv2d(c2, c2, 3, 1, pad)
        self.conv3a, self.conv3b = nn.Conv2d(c2, c3, 3, 1, pad), nn.Conv2d(c3, c3, 3, 1, pad)
        self.conv4a, self.conv4b = nn.Conv2d(c3, c4, 3, 1, pad), nn.Conv2d(c4, c4, 3, 1, pad)
        self.conv5a, self.conv5b = nn.Conv2d(c4, c5, 3, 1, pad), nn.Conv2d(c5, c5, 3, 1, pad)
        self.up4 = nn.ConvTranspose2d(c5, c4, 2, 2)
        self.conv6a, self.conv6b = nn.Conv2d(c5, c4, 3, 1, pad), nn.Conv2d(c4, c4, 3, 1, pad)
        self.up3 = nn.ConvTranspose2d(c4, c3, 2, 2)
        self.conv7a, self.conv7b = nn.Conv2d(c4, c3, 3, 1, pad), nn.Conv2d(c3, c3, 3, 1, pad)
        self.up2 = nn.ConvTranspose2d(c3, c2, 2, 2)
        self.conv8a, self.conv8b = nn.Conv2d(c3, c2, 3, 1, pad), nn.Conv2d(c2, c2, 3, 1, pad)
        self.up1 = nn.ConvTranspose2d(c2, c1, 2, 2)
        self.conv9a, self.conv9b = nn.Conv2d(c2, c1, 3, 1, pad), nn.Conv2d(c1, c1, 3, 1, pad)
        self.out = nn.Conv2d(c1, 2, 1)

    def forward(self, x):
        x1 = F.relu(self.conv1b(F.relu(self.conv1a(x))))
        x2 = F.relu(self.conv2b(F.relu(self.conv2a(F.max_pool2d(x1, 2, 2)))))
        x3 = F.relu(self.conv3b(F.relu(self.conv3a(F.max_pool2d(x2, 2, 2)))))
        x4 = F.relu(self.conv4b(F.relu(self.conv4a(F.max_pool2d(x3, 2, 2)))))
        x5 = F.relu(self.conv5b(F.relu(self.conv5a(F.max_pool2d(x4, 2, 2)))))
        x = torch.cat((self.cut(x4, 4), self.up4(x5)), 1)
        x = F.relu(self.conv6b(F.relu(self.conv6a(x))))
        x = torch.cat((self.cut(x3, 16), self.up3(x)), 1)
        x = F.relu(self.conv7b(F.relu(self.conv7a(x))))
        x = torch.cat((self.cut(x2, 40), self.up2(x)), 1)
        x = F.relu(self.conv8b(F.relu(self.conv8a(x))))
        x = torch.cat((self.cut(x1, 88), self.up1(x)), 1)
        x = F.relu(self.conv9b(F.relu(self.conv9a(x))))
        return self.out(x)

    def cut(self, skip, margin):
        """64 → 56, 136 → 104, 280 → 200, 568 → 392 in the figure."""
        return skip if self.pad else skip[:, :, margin:-margin, margin:-margin]

    def modules_in_our_order(self):
        return [
            *(self.conv1a, self.conv1b, self.conv2a, self.conv2b, self.conv3a, self.conv3b),
            *(self.conv4a, self.conv4b, self.conv5a, self.conv5b),
            *(self.up1, self.up2, self.up3, self.up4),
            *(self.conv9a, self.conv9b, self.conv8a, self.conv8b, self.conv7a, self.conv7b),
            *(self.conv6a, self.conv6b, self.out),
        ]


@pytest.mark.parametrize(
    ("padding", "size"), [("valid", (188, 204)), ("same", (64, 96)), ("valid", (236, 188))]
)
def test_weights_of_an_independent_implementation_give_the_same_output(padding, size):
    torch.manual_seed(0)
    plain = PlainUNet(4, 1 if padding == "same" else 0)
    ours = UNet(UNetConfig(base_channels=4, padding=padding))
    places = [m for m in ours.modules() if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d))]
    assert len(places) == 23  # "In total the network has 23 convolutional layers."
    for place, source in zip(places, plain.modules_in_our_order(), strict=True):
        place.load_state_dict(source.state_dict())
    x = torch.randn(2, 1, *size)
    with torch.no_grad():
        torch.testing.assert_close(ours(x), plain(x), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "parameters"),
    [
        ({}, 31_030_658),  # 31.03 million: the count everybody quotes for the 2015 network
        ({"padding": "same"}, 31_030_658),
        ({"merge": "add"}, 27_897_218),
        ({"merge": "none"}, 27_897_218),
        ({"upsample": "bilinear"}, 28_941_698),
        ({"upsample": "nearest"}, 28_941_698),
        ({"upsample": "pixel_shuffle"}, 31_033_538),  # 3c more biases a level than transposed
    ],
)
def test_known_parameter_counts(settings, parameters):
    with torch.device("meta"):  # counts only, no memory
        model = UNet(UNetConfig(**settings))
    assert count_parameters(model) == parameters
    if not settings:
        assert sum(count_parameters(convs) for convs in model.contract) == 18_842_048


COMBINATIONS = list(
    product(*(CHOICES[k] for k in ("padding", "merge", "upsample", "align")), [False, True])
)


@pytest.mark.parametrize(("padding", "merge", "upsample", "align", "batch_norm"), COMBINATIONS)
def test_every_combination_has_the_size_and_parameters_of_its_trace(
    padding, merge, upsample, align, batch_norm
):
    config = UNetConfig(
        base_channels=4,
        depth=2,
        padding=padding,
        merge=merge,
        upsample=upsample,
        align=align,
        batch_norm=batch_norm,
    )
    model = UNet(config)
    with torch.no_grad():
        logits = model(torch.randn(2, 1, 52, 60))
    assert logits.shape == (2, 2, trace(config, 52).output, trace(config, 60).output)
    assert torch.isfinite(logits).all()
    assert trace(config, 52).parameters == count_parameters(model)


def test_the_sizes_of_figure_1():
    """572 → 388, and every convolution's map on the way: 570, 568 … 390, 388."""
    seen = []
    model = UNet(UNetConfig(base_channels=1))
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_hook(lambda m, i, out: seen.append(out.shape[-1]))
    with torch.no_grad():
        model(torch.zeros(1, 1, 572, 572))
    assert seen == [
        *(570, 568, 282, 280, 138, 136, 66, 64, 30, 28),
        *(54, 52, 102, 100, 198, 196, 390, 388, 388),
    ]


def test_he_initialisation():
    """Standard deviation sqrt(2/N) of each layer's weights, biases zero."""
    torch.manual_seed(0)
    for upsample in CHOICES["upsample"]:
        for module in UNet(UNetConfig(base_channels=16, depth=2, upsample=upsample)).modules():
            if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
                nodes = module.weight[0].numel()
                if isinstance(module, nn.ConvTranspose2d):
                    nodes = module.in_channels  # stride 2: one input pixel for each output
                assert not module.bias.any()
                if module.weight.numel() > 500:
                    std = module.weight.std().item() * nodes**0.5
                    assert std == pytest.approx(2**0.5, rel=0.1), module


def test_dropout_is_at_the_end_of_the_contracting_path_and_only_in_training():
    torch.manual_seed(0)
    model = UNet(UNetConfig(base_channels=4, padding="same", dropout=0.5))
    dropped = []
    model.dropout.register_forward_hook(lambda m, i, out: dropped.append(out.shape[1]))
    x = torch.randn(1, 1, 32, 32)
    assert not torch.equal(model(x), model(x))
    assert dropped[:2] == [32, 64]  # the two deepest levels
    model.eval()
    assert torch.equal(model(x), model(x))


def test_every_parameter_learns():
    for merge in CHOICES["merge"]:
        model = UNet(UNetConfig(base_channels=4, depth=2, padding="same", merge=merge))
        model(torch.randn(2, 1, 32, 32)).square().mean().backward()
        assert all(p.grad.abs().sum() > 0 for p in model.parameters())


def test_illegal_input_is_refused_with_the_nearest_legal_one():
    model = UNet(UNetConfig(base_channels=1))
    with pytest.raises(IllegalSize, match="570") as error:
        model(torch.zeros(1, 1, 572, 570))
    assert error.value.nearest == (556, 572)
    with pytest.raises(IllegalSize, match="100") as error:
        model(torch.zeros(1, 1, 100, 188))
    assert error.value.nearest == (188,)
    for shape in ((1, 3, 188, 188), (1, 188, 188)):
        with pytest.raises(ValueError, match="input has shape"):
            model(torch.zeros(shape))
