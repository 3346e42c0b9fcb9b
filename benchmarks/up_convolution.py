"""How long `UpConv` takes beside the transposed convolution of torch that it is.

    python benchmarks/up_convolution.py

Both have the same weights and see the same maps, those of the four levels of a network of 32
channels at a batch of 4 × 256². They take turns, in a new random order each round; a time is
that of forward and backward, or of forward alone. A ratio is torch's time over `UpConv`'s in
the same round: above 1, `UpConv` is faster. The table gives the median and the range.
"""

from __future__ import annotations

import argparse
import statistics
import time
from itertools import product

import torch
from torch import Tensor, nn
from training_step import MODES, Mode, interleave

from unet_teach.layers import UpConv
from unet_teach.training.malloc import keep_memory

LEVELS = ((64, 128), (128, 64), (256, 32), (512, 16))  # channels and side of the map


class Pass:
    """One layer and its map: calling it goes through once and gives the seconds."""

    def __init__(self, layer: nn.Module, x: Tensor, precision: str, train: bool) -> None:
        self.layer, self.x = layer.requires_grad_(train), x.requires_grad_(train)
        self.half, self.train = precision == "bfloat16", train

    def __call__(self) -> float:
        self.layer.zero_grad()
        self.x.grad = None
        start = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=self.half):
            y = self.layer(self.x)
            if self.train:
                y.backward(torch.ones_like(y))
        return time.perf_counter() - start


def pair(channels: int, side: int, batch: int, mode: Mode, train: bool) -> dict[str, Pass]:
    """`UpConv` and torch's layer with the same weights, each with its own copy of a map."""
    precision, layout = mode
    form = torch.channels_last if layout == "channels_last" else torch.contiguous_format
    ours = UpConv(channels, channels // 2)
    theirs = nn.ConvTranspose2d(channels, channels // 2, kernel_size=2, stride=2)
    theirs.load_state_dict(ours.state_dict())
    dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
    x = torch.randn(batch, channels, side, side, dtype=dtype).contiguous(memory_format=form)
    return {
        name: Pass(layer.to(memory_format=form), x.clone(), precision, train)
        for name, layer in (("UpConv", ours), ("torch", theirs))
    }


def row(times: dict[str, list[float]]) -> str:
    """Median of `UpConv` in milliseconds, and torch's time over it: median and range."""
    ours, theirs = times["UpConv"], times["torch"]
    ratios = [b / a for a, b in zip(ours, theirs, strict=True)]
    spread = f"{min(ratios):.2f} … {max(ratios):.2f}"
    return f"{1000 * statistics.median(ours):8.2f}{statistics.median(ratios):8.2f}   {spread}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=4, help="maps at a time")
    parser.add_argument("--rounds", type=int, default=15, help="timed passes of each layer")
    options = parser.parse_args()
    torch.manual_seed(0)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    print(f"\n{'precision, format':26}{'pass':10}{'map':>10}{'ms':>8}{'ratio':>8}   range")
    for mode, train in product(MODES, (True, False)):
        for channels, side in LEVELS:
            passes = pair(channels, side, options.batch, mode, train)
            with keep_memory():  # as training has it
                times = interleave(passes, options.rounds)
            way, of = ("training" if train else "forward"), f"{channels}×{side}²"
            print(f"{', '.join(mode):26}{way:10}{of:>10}{row(times)}")


if __name__ == "__main__":
    main()
