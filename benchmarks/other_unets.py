"""Three widely used U-Nets, restated in this project's words from their public definitions.

milesial's Pytorch-UNet, MONAI's BasicUNet and nnU-Net's PlainConvUNet, as
`training_step.py` times them: five levels of base … 16·base channels, one image
channel, two classes. `check` compares them with the installed originals.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Block(nn.Sequential):
    """Twice convolution 3×3, normalisation, activation."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        norm: Callable[[int], nn.Module],
        act: Callable[[], nn.Module],
        bias: bool = True,
        stride: int = 1,
    ) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=bias),
            norm(out_channels),
            act(),
            nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=bias),
            norm(out_channels),
            act(),
        )


class Restated(nn.Module):
    """The common frame of the three: five levels, transposed convolutions, concatenation."""

    def __init__(self, down: list[nn.Module], up: list[nn.Module], join: list[nn.Module]):
        super().__init__()
        self.down, self.up, self.join = (nn.ModuleList(m) for m in (down, up, join))
        self.pool = True  # max pooling before each level but the first
        self.skip_first = True  # order of concatenation
        self.last: nn.Module = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        maps = []
        for level, block in enumerate(self.down):
            x = block(F.max_pool2d(x, 2) if level and self.pool else x)
            maps.append(x)
        maps.pop()
        for up, block in zip(self.up, self.join, strict=True):
            x, skip = self.fit(up(x), maps[-1]), maps.pop()
            x = block(torch.cat((skip, x) if self.skip_first else (x, skip), dim=1))
        return self.last(x)

    @staticmethod
    def fit(x: Tensor, skip: Tensor) -> Tensor:
        return x


class Milesial(Restated):
    """github.com/milesial/Pytorch-UNet, ``UNet(1, 2, bilinear=False)``: batch norm, no biases.

    It pads the map from below to its skip, by nothing here, and pays for the call.
    """

    def __init__(self, base: int) -> None:
        width = [base * 2**level for level in range(5)]

        def block(c: int, k: int) -> Block:
            return Block(c, k, nn.BatchNorm2d, lambda: nn.ReLU(inplace=True), bias=False)

        ups = list(pairwise(reversed(width)))
        super().__init__(
            [block(c, k) for c, k in pairwise([1, *width])],
            [nn.ConvTranspose2d(c, k, 2, 2) for c, k in ups],
            [block(c, k) for c, k in ups],
        )
        self.last = nn.Conv2d(base, 2, 1)

    @staticmethod
    def fit(x: Tensor, skip: Tensor) -> Tensor:
        rows, columns = skip.shape[2] - x.shape[2], skip.shape[3] - x.shape[3]
        return F.pad(x, [columns // 2, columns - columns // 2, rows // 2, rows - rows // 2])


class Monai(Restated):
    """MONAI ``BasicUNet(2, 1, 2, features=(b, 2b, 4b, 8b, 16b, b))``.

    Instance norm, leaky ReLU of 0.1, biases; the last upsampling keeps its 2b channels.
    (Its default features for b = 32, (32, 32, 64, 128, 256, 32), are a narrower network.)
    """

    def __init__(self, base: int) -> None:
        width = [base * 2**level for level in range(5)]

        def block(c: int, k: int) -> Block:
            norm = lambda n: nn.InstanceNorm2d(n, affine=True)  # noqa: E731
            return Block(c, k, norm, lambda: nn.LeakyReLU(0.1, inplace=True))

        ups = list(pairwise(reversed(width)))
        kept = [c if k == base else k for c, k in ups]
        super().__init__(
            [block(c, k) for c, k in pairwise([1, *width])],
            [nn.ConvTranspose2d(c, n, 2, 2) for (c, _), n in zip(ups, kept, strict=True)],
            [block(k + n, k) for (_, k), n in zip(ups, kept, strict=True)],
        )
        self.last = nn.Conv2d(base, 2, 1)

    @staticmethod
    def fit(x: Tensor, skip: Tensor) -> Tensor:
        odd = [int(s != n) for s, n in zip(skip.shape[:1:-1], x.shape[:1:-1], strict=True)]
        return F.pad(x, [0, odd[0], 0, odd[1]], "replicate")


class PlainConv(Restated):
    """nnU-Net ``PlainConvUNet``: strided convolutions for pooling, instance norm, leaky ReLU.

    As nnU-Net's planner sets it, but with five stages and without deep supervision,
    which would only add work. The heads of the deeper stages exist and are not used.
    """

    def __init__(self, base: int) -> None:
        width = [base * 2**level for level in range(5)]

        def block(c: int, k: int, stride: int = 1) -> Block:
            norm = lambda n: nn.InstanceNorm2d(n, eps=1e-5, affine=True)  # noqa: E731
            return Block(c, k, norm, lambda: nn.LeakyReLU(inplace=True), stride=stride)

        ups = list(pairwise(reversed(width)))
        super().__init__(
            [block(c, k, 1 if c == 1 else 2) for c, k in pairwise([1, *width])],
            [nn.ConvTranspose2d(c, k, 2, 2) for c, k in ups],
            [block(2 * k, k) for _, k in ups],
        )
        self.pool, self.skip_first = False, False
        self.unused = nn.ModuleList(nn.Conv2d(k, 2, 1) for _, k in ups[:-1])
        self.last = nn.Conv2d(base, 2, 1)


OTHERS = {"milesial": Milesial, "MONAI BasicUNet": Monai, "nnU-Net PlainConvUNet": PlainConv}


def check() -> None:
    """Compare the restated networks with the real ones, where they are installed."""
    pairs: list[tuple[str, Callable[[], nn.Module]]] = [
        ("MONAI BasicUNet", _real_monai),
        ("nnU-Net PlainConvUNet", _real_plain_conv),
    ]
    for name, build in pairs:
        try:
            real = build().eval()
        except ImportError as error:
            print(f"{name}: not installed ({error})")
            continue
        restated = OTHERS[name](8).eval()
        unused = [v for k, v in restated.state_dict().items() if k.startswith("unused")]
        given = {k: v for k, v in real.named_parameters() if v.requires_grad}
        counts = [sum(p.numel() for p in m) for m in (restated.parameters(), given.values())]
        assert counts[0] == counts[1], (
            f"{name}: {counts[0]} parameters, the real one {counts[1]}"
        )
        _copy_in_order(real, restated)
        x = torch.randn(2, 1, 32, 48)
        with torch.no_grad():
            torch.testing.assert_close(restated(x), real(x), rtol=0, atol=1e-5)
        print(f"{name}: {counts[0]:,} parameters and output equal the installed one's", end="")
        print(f" ({sum(v.numel() for v in unused)} of them unused)" if unused else "")


def _real_monai() -> nn.Module:
    from monai.networks.nets import BasicUNet

    return BasicUNet(spatial_dims=2, features=(8, 16, 32, 64, 128, 8))


def _real_plain_conv() -> nn.Module:
    from dynamic_network_architectures.architectures.unet import PlainConvUNet

    return PlainConvUNet(
        *(1, 5, [8, 16, 32, 64, 128], nn.Conv2d, 3, [1, 2, 2, 2, 2], 2, 2, 2),
        conv_bias=True,
        norm_op=nn.InstanceNorm2d,
        norm_op_kwargs={"eps": 1e-5, "affine": True},
        nonlin=nn.LeakyReLU,
        nonlin_kwargs={"inplace": True},
    )


def _called(model: nn.Module) -> list[nn.Module]:
    """The modules with weights, in the order in which a forward pass calls them."""
    order: list[nn.Module] = []
    hooks = [
        m.register_forward_hook(lambda module, i, o: order.append(module))
        for m in model.modules()
        if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d, nn.InstanceNorm2d))
    ]
    with torch.no_grad():
        model(torch.zeros(1, 1, 32, 32))
    for hook in hooks:
        hook.remove()
    return order


def _copy_in_order(source: nn.Module, target: nn.Module) -> None:
    for one, other in zip(_called(source), _called(target), strict=True):
        other.load_state_dict(one.state_dict())
