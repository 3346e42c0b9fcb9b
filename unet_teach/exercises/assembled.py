"""A small network of the learner's own parts, and a minute's training: ``make mine``."""

from __future__ import annotations

import dis
import inspect
import json
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach.config import UNetConfig
from unet_teach.data.membranes import synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.drawing import png
from unet_teach.exercises.keeping import choose, in_a_line
from unet_teach.layers import UpConv, initialise
from unet_teach.shapes import output_size
from unet_teach.training.files import open_folder, write_atomically, write_tensors
from unet_teach.translation import _

USED = ("double_conv", "contract", "center_crop", "forward", "he_std", "train_step")
SHAPE = UNetConfig(base_channels=8, depth=2)  # one channel in, two classes out, as the paper's
SIZE, BATCH = 140, 4  # of a training crop; legal for this shape


class Small(nn.Module):
    """A U-Net of depth 2, put together of her parts and the library's.

    With a `forward` of hers, that is the whole; else it goes down by `contract` and comes up
    with `center_crop`. The up-convolutions and the last layer are the library's.
    """

    def __init__(self, of: SimpleNamespace, whole: bool) -> None:
        super().__init__()
        channels = SHAPE.channels
        self.of, self.whole = of, whole
        self.contract = nn.ModuleList(of.double_conv(*two) for two in pairwise((1, *channels)))
        self.upsamplers = nn.ModuleList(UpConv(b, a) for a, b in pairwise(channels))
        self.expand = nn.ModuleList(of.double_conv(2 * a, a) for a in channels[:-1])
        self.last = nn.Conv2d(channels[0], SHAPE.out_channels, 1)
        initialise(self)
        for conv in self.modules():
            if isinstance(conv, nn.Conv2d):
                sides = conv.in_channels, conv.out_channels, conv.kernel_size[0]
                nn.init.normal_(conv.weight, std=of.he_std(*sides))

    def forward(self, x: Tensor) -> Tensor:
        """(B, 1, n, n) to (B, 2, n - 40, n - 40)."""
        if self.whole:
            return self.of.forward(self, x)
        *skips, x = self.of.contract(self.contract, x)
        for level in reversed(range(len(self.expand))):
            x = self.upsamplers[level](x)  # (B, 2C, H, W) -> (B, C, 2H, 2W)
            skip = self.of.center_crop(skips[level], x.shape[-2:])
            x = self.expand[level](torch.cat([skip, x], dim=1))  # -> (B, C, 2H - 4, 2W - 4)
        return self.last(x)


def train(file: Path, steps: int, folder: Path) -> None:
    """Some hundred steps on synthetic membranes, judged on a slice that it has not seen.

    Says whose each part was that ran. A run's folder is all that is written: the network's
    weights, the loss of every step, and the slice with its labels and the probability.
    """
    chosen, hers = choose(USED, file)
    of, whole = SimpleNamespace(**chosen), "forward" in hers
    runs = {"double_conv", "he_std", "train_step", "center_crop"}  # the labels are cropped, too
    called = reads(inspect.unwrap(of.forward)) & {"contract"}
    runs |= {"forward", *called} if whole else {"contract"}
    used = [name for name in USED if name in runs]
    print(in_a_line([n for n in used if n in hers], [n for n in used if n not in hers]))
    open_folder(folder)

    torch.manual_seed(0)
    net = Small(of, whole)
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    tissue = synthetic_membranes(4, size=256, seed=0)
    draw, log, start = np.random.default_rng(0), [], time.monotonic()
    for step in range(1, steps + 1):
        images, target = crops(tissue, draw)
        log.append(of.train_step(net, optimizer, images, middle(of, target)))
        if step % max(1, steps // 5) == 0:
            passed = time.monotonic() - start
            words = _("step {step} of {steps}: loss {loss:.3f}, {passed:.0f} s")
            loss = np.mean(log[-20:])
            print(words.format(step=step, steps=steps, loss=loss, passed=passed), flush=True)
    lines = [json.dumps({"step": n, "loss": loss}) + "\n" for n, loss in enumerate(log, 1)]
    write_atomically(folder / "log.jsonl", "".join(lines).encode())
    write_tensors(folder / "weights.pt", net.state_dict())
    write_atomically(folder / "prediction.png", png(judged(of, net)))
    words = _("in {folder}: prediction.png (image, labels, probability), weights.pt, log.jsonl")
    print(words.format(folder=folder))


def reads(function: Callable) -> set[str]:
    """The global names that a function reads, as compiled."""
    return {i.argval for i in dis.get_instructions(function) if i.opname == "LOAD_GLOBAL"}


def crops(tissue, draw: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Random crops and their labels: (B, 1, n, n) and (B, n, n)."""
    images, labels = [], []
    for _crop in range(BATCH):
        number = draw.integers(len(tissue))
        top, left = draw.integers(tissue.images.shape[-1] - SIZE + 1, size=2)
        here = number, slice(top, top + SIZE), slice(left, left + SIZE)
        images.append(standardise(tissue.images[number])[here[1:]])
        labels.append(tissue.labels[here].astype(np.int64))
    return torch.from_numpy(np.stack(images))[:, None], torch.from_numpy(np.stack(labels))


def middle(of: SimpleNamespace, target: Tensor) -> Tensor:
    """The labels of the pixels that valid convolutions answer for: (B, n - 40, n - 40)."""
    size = output_size(SHAPE, target.shape[-1])
    return of.center_crop(target[:, None], (size, size))[:, 0]


def judged(of: SimpleNamespace, net: nn.Module) -> np.ndarray:
    """Says how much of another slice is right; image, labels and probability as a picture."""
    other = synthetic_membranes(1, size=252, seed=1)
    image = torch.from_numpy(standardise(other.images[0]))[None, None]
    with torch.no_grad():
        inside = F.softmax(net(image), dim=1)[0, 1]
    labels = middle(of, torch.from_numpy(other.labels.astype(np.int64)))[0]
    right = ((inside > 0.5) == labels).float().mean().item()
    constant = max(labels.float().mean().item(), 1 - labels.float().mean().item())
    words = _(
        "another slice: {right:.1%} of the pixels right; one answer for all: {constant:.1%}"
    )
    print(words.format(right=right, constant=constant))
    shown = middle(of, torch.from_numpy(other.images))[0]
    both = [(255 * part).numpy().astype(np.uint8) for part in (labels, inside)]
    return np.hstack([shown.numpy().astype(np.uint8), *both])
