"""A small network of the learner's own parts, and a minute's training: ``make mine``."""

from __future__ import annotations

import dis
import inspect
import json
import tempfile
import time
from collections.abc import Callable, Collection
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from torch import Tensor, nn

from unet_teach.config import UNetConfig
from unet_teach.data import Volume
from unet_teach.data.membranes import membrane_slice
from unet_teach.data.volume import standardise
from unet_teach.drawing import png
from unet_teach.drawing.pair import MEMBRANES, the_pair
from unet_teach.exercises.keeping import choose, in_a_line
from unet_teach.layers import initialise
from unet_teach.metrics import components, thin, v_rand
from unet_teach.progress import progress
from unet_teach.shapes import output_size
from unet_teach.tiling import predict
from unet_teach.training import Beginning, Stopped, TrainConfig, Watcher, learning_rate
from unet_teach.training.files import open_folder, write_atomically, write_tensors
from unet_teach.training.loop import watched
from unet_teach.translation import _

USED = ("double_conv", "contract", "up_conv", "center_crop", "forward", "he_std", "train_step")
SHAPE = UNetConfig(base_channels=8, depth=2)  # one channel in, two classes out, as the paper's
SIZE, BATCH = 140, 4  # of a training crop; legal for this shape
STEPS, LR = 240, 1e-2  # half a minute on two cores; the highest learning rate of Adam
SEEDS, SLICES, SLICE = range(1, 7), (5, 20), 256  # of the tissue; slice 20 is a noisy one
UNSEEN = (201, 202, 203)  # seeds of tissue that it is judged on, and nothing was chosen on
MARGIN = (SIZE - output_size(SHAPE, SIZE)) // 2  # that valid convolutions take
LEFT_OUT, SPARED = -100, 0.15  # what cross_entropy does not count; of inside, what it does


class Small(nn.Module):
    """A U-Net of depth 2, put together of her parts and the library's.

    With a `forward` of hers, that is the whole; else it goes down by `contract` and comes up
    with `center_crop`. The last layer, and the batch norm after each pair of convolutions, are
    the library's.
    """

    def __init__(self, of: SimpleNamespace, whole: bool) -> None:
        super().__init__()
        channels = SHAPE.channels
        self.of, self.whole = of, whole
        self.config = SHAPE

        def block(one: int, other: int) -> nn.Sequential:
            return nn.Sequential(of.double_conv(one, other), nn.BatchNorm2d(other))

        self.contract = nn.ModuleList(block(*two) for two in pairwise((1, *channels)))
        self.upsamplers = nn.ModuleList(of.up_conv(b, a) for a, b in pairwise(channels))
        self.expand = nn.ModuleList(block(2 * a, a) for a in channels[:-1])
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
    """Some hundred steps on synthetic membranes, judged on tissue that it has not seen.

    Says whose each part was that ran. A run's folder is all that is written: the network's
    weights, the loss of every step, and the slice with its labels and the probability.
    """
    chosen, hers = choose(USED, file)
    of, whole = SimpleNamespace(**chosen), "forward" in hers
    runs = {"double_conv", "up_conv", "he_std", "train_step", "center_crop"}
    called = reads(inspect.unwrap(of.forward)) & {"contract"}
    runs |= {"forward", *called} if whole else {"contract"}
    used = [name for name in USED if name in runs]
    print(in_a_line([n for n in used if n in hers], [n for n in used if n not in hers]))
    open_folder(folder)

    torch.manual_seed(0)
    practice = Practice(Small(of, whole), of.train_step, steps, folder=folder)

    def say(record: dict) -> None:
        step = record["step"] + 1
        if step % max(1, steps // 5) == 0:
            words = _("step {step} of {steps}: loss {loss:.3f}, {passed:.0f} s")
            loss, passed = np.mean(practice.log[-20:]), record["seconds"]
            print(words.format(step=step, steps=steps, loss=loss, passed=passed), flush=True)

    log = practice.run(on_step=say)
    lines = [json.dumps({"step": n, "loss": loss}) + "\n" for n, loss in enumerate(log, 1)]
    write_atomically(folder / "log.jsonl", "".join(lines).encode())
    write_tensors(folder / "weights.pt", practice.net.state_dict())
    write_atomically(folder / "prediction.png", png(judged(practice.net)))
    words = _("in {folder}: prediction.png (image, labels, probability), weights.pt, log.jsonl")
    print(words.format(folder=folder))


class Practice:
    """Her network and her training step on varied crops of synthetic membranes.

    The learning rate goes up and comes down again, as in `unet_teach.training`. Once stopped,
    by a watcher or by the notebook's ■, the next `run` goes on.

    Parameters
    ----------
    net : a network of the shape of `Small`
    step : a training step, as lesson 08 asks for
    steps : how often it is called
    folder : where a watcher may keep its film; a new one if not given
    keep : after so many steps a copy of the weights is kept, in ``kept``, by its name
    """

    def __init__(
        self,
        net: nn.Module,
        step: Callable,
        steps: int = STEPS,
        folder: Path | None = None,
        keep: Collection[int] = (),
    ) -> None:
        self.net, self.train_step, self.steps = net, step, steps
        self.folder = folder or Path(tempfile.mkdtemp(prefix="unet-teach-"))
        self.optimizer = torch.optim.Adam(net.parameters(), lr=LR)
        self.config = TrainConfig(network=SHAPE, steps=steps, size=SIZE, lr=LR)
        self.tissue = [membrane_slice(i, SLICE, seed) for seed in SEEDS for i in SLICES]
        self.draw = np.random.default_rng(0)
        self.log: list[float] = []  # the loss of every step
        self.seconds, self.keep, self.kept = 0.0, keep, {}
        self._keep_weights()

    def run(
        self,
        watch: Watcher | None = None,
        on_step: Callable[[dict], None] | None = None,
    ) -> list[float]:
        """Train to the last step; the loss of each.

        A watcher sees the pair of the course, which is of tissue that it never trains on.
        """
        done, again = len(self.log), partial(self.run, watch, on_step)
        seen = Beginning(
            self.net, pair_volume(MARGIN), True, self.folder, self.config, done, again, MARGIN
        )
        start = time.monotonic() - self.seconds
        self.net.train()
        with watched(watch, seen):
            told = watch is not None or on_step is not None
            for _step in progress(range(done, self.steps), disable=told):
                images, target = crops(self.tissue, self.draw)
                for group in self.optimizer.param_groups:
                    group["lr"] = learning_rate(len(self.log), self.config)
                loss = self.train_step(self.net, self.optimizer, images, target)
                self.seconds = time.monotonic() - start
                record = {"step": len(self.log), "loss": loss, "seconds": self.seconds}
                self.log.append(loss)
                self._keep_weights()
                if on_step is not None:
                    on_step(record)
                if watch is not None and watch.step(record) and len(self.log) < self.steps:
                    raise Stopped("stopped; run it again to go on")
        self.net.eval()
        return self.log

    def _keep_weights(self) -> None:
        if (done := len(self.log)) in self.keep:
            name = _("step {step}").format(step=done)
            self.kept[name] = {k: v.clone() for k, v in self.net.state_dict().items()}


@cache
def pair_volume(around: int = 0) -> Volume:
    """The pair of the course, as a volume of one slice, with so much tissue at each edge.

    Where the slice ends at the pair, it is continued by mirroring.
    """
    pair = the_pair(MEMBRANES)
    here = tuple(slice(at, at + pair.side + 2 * around) for at in pair.corner)
    image, labels = (
        np.pad(part, around, mode="reflect")[here][None] for part in membrane_slice(pair.index)
    )
    return Volume(image, labels, MEMBRANES)


def unseen() -> Volume:
    """Slices of three tissues that no `Practice` trains on, one clean and two noisy."""
    slices = zip((5, 20, 20), UNSEEN, strict=True)
    images, labels = zip(*(membrane_slice(i, SLICE, seed) for i, seed in slices), strict=True)
    return Volume(np.stack(images), np.stack(labels), _("membranes not trained on"))


def reads(function: Callable) -> set[str]:
    """The global names that a function reads, as compiled."""
    return {i.argval for i in dis.get_instructions(function) if i.opname == "LOAD_GLOBAL"}


def crops(tissue: list, draw: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Crops from anywhere, turned and flipped: (B, 1, n, n), and their labels (B, m, m).

    Four of five pixels are inside, and a loss that counts each alike lets go of thin walls. So
    most of the pixels inside are left out, others in each crop.
    """
    images, targets = [], []
    for _crop in range(BATCH):
        image, labels = tissue[draw.integers(len(tissue))]
        top, left = draw.integers(len(image) - SIZE + 1, size=2)
        here = np.s_[top : top + SIZE, left : left + SIZE]
        turns, step = int(draw.integers(4)), (1, -1)[draw.integers(2)]
        image, target = (
            np.rot90(part[here], turns)[:, ::step].copy()
            for part in (standardise(image), labels.astype(np.int64))
        )
        target[(target == 1) & (draw.random(target.shape) > SPARED)] = LEFT_OUT
        images.append(image)
        targets.append(target[MARGIN:-MARGIN, MARGIN:-MARGIN])  # what the network answers for
    return torch.from_numpy(np.stack(images))[:, None], torch.from_numpy(np.stack(targets))


def judged(net: nn.Module) -> np.ndarray:
    """Says how good it is on tissue not seen; image, labels and probability, in a row."""
    others = unseen()
    inside = [predict(net, image)[1] for image in others.images]
    white = [probability > 0.5 for probability in inside]
    right = np.mean(np.stack(white) == others.labels)
    share = others.labels.mean()
    scores = [v_rand(components(t), thin(w)) for t, w in zip(others.labels, white, strict=True)]
    words = _(
        "other tissue: {right:.1%} of the pixels right; one answer for all: {constant:.1%}; "
        "V_rand {score:.3f}"
    )
    print(words.format(right=right, constant=max(share, 1 - share), score=np.mean(scores)))
    both = [np.uint8(255 * part) for part in (others.labels[0], inside[0])]
    return np.hstack([others.images[0], *both])
