"""How long one training step takes, beside three other U-Nets of the same width.

    python benchmarks/training_step.py
    python benchmarks/training_step.py --device cuda --rounds 21 --record cuda

All networks have five levels of base, 2·base … 16·base channels, see the same batch and
take the same step: forward, cross-entropy, backward, Adam. They live in one process
and take turns, in a new random order each round, so that whatever else the machine
does falls on all of them. Two blocks are printed:

1. *as shipped*: the others in float32 with contiguous tensors, which is what their
   own defaults give; this project's network in the precision and memory format that its
   training picks, the fastest of `MODES` on this machine, and with `keep_memory`, as its
   training has it;
2. *all alike*: every network in that same precision and memory format, with `keep_memory`.

A ratio is the other's time over this project's in the same round: above 1, this
project's is faster. The table gives the median and the range over the rounds.

The other networks are restated in `other_unets.py`. With ``--check``, those that are
installed (``pip install monai dynamic-network-architectures``) are compared with them:
same number of parameters, and with the same weights the same output. With ``--record NAME``
every round goes to unet_teach/resources/results/training_step.json, for the README.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import json
import platform
import random
import statistics
import sys
import time
from pathlib import Path

import torch
from other_unets import OTHERS, check
from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach.config import UNetConfig
from unet_teach.models import UNet
from unet_teach.training.malloc import keep_memory

sys.path.insert(0, str(Path(__file__).parents[1] / "experiments"))
from results import add_entry, code_version, hardware

OURS = "unet_teach"
FLOAT32 = ("float32", "contiguous")
MODES = (FLOAT32, ("float32", "channels_last"), ("bfloat16", "channels_last"))
Mode = tuple[str, str]


def ours(base: int) -> UNet:
    return UNet(UNetConfig(base_channels=base, padding="same", batch_norm=True))


class Step:
    """One network, its optimiser and its batch: calling it trains two steps and gives the
    seconds of the second; the first finds the memory that the second uses again."""

    def __init__(
        self, model: nn.Module, mode: Mode, batch: Tensor, target: Tensor, keep: bool = True
    ) -> None:
        (self.precision, layout), self.keep = mode, keep
        form = torch.channels_last if layout == "channels_last" else torch.contiguous_format
        self.device = batch.device
        # A copy: the same initial weights in both blocks.
        self.model = copy.deepcopy(model).to(self.device, memory_format=form).train()
        self.batch, self.target = batch.contiguous(memory_format=form), target
        self.adam = torch.optim.Adam(self.model.parameters(), lr=1e-3)

    def __call__(self) -> float:
        with keep_memory() if self.keep else contextlib.nullcontext():
            self.once()
            return self.once()

    def once(self) -> float:
        self.wait()
        start = time.perf_counter()
        self.adam.zero_grad(set_to_none=True)
        half = self.precision == "bfloat16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=half):
            logits = self.model(self.batch)
        loss = F.cross_entropy(logits.float(), self.target)
        loss.backward()
        self.adam.step()
        self.wait()
        seconds = time.perf_counter() - start
        if not torch.isfinite(loss):
            raise RuntimeError(f"loss is {loss.item()}; the timing would be of nonsense")
        return seconds

    def wait(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize()


def interleave(steps: dict[str, Step], rounds: int, seed: int = 0) -> dict[str, list[float]]:
    """Seconds of each step in each round, every round in a new order; one warm-up apart."""
    order = random.Random(seed)
    times: dict[str, list[float]] = {name: [] for name in steps}
    for step in steps.values():
        step()
    for _ in range(rounds):
        for name in order.sample(list(steps), len(steps)):
            times[name].append(steps[name]())
    return times


def report(title: str, times: dict[str, list[float]], modes: dict[str, Mode]) -> dict:
    """Print one block; return what it says, for ``--json``."""
    print(f"\n{title}\n{'network':24}{'precision, format':26}{'step s':>9}{'ratio':>8}   range")
    rows = {}
    for name, seconds in times.items():
        ratios = [other / own for other, own in zip(seconds, times[OURS], strict=True)]
        median, ratio = statistics.median(seconds), statistics.median(ratios)
        mode = ", ".join(modes[name])
        spread = f"{min(ratios):.2f} … {max(ratios):.2f}"
        print(f"{name:24}{mode:26}{median:9.3f}{ratio:8.2f}   {spread}")
        rows[name] = {"mode": modes[name], "seconds": seconds, "ratios": ratios}
    return rows


def entry(options: argparse.Namespace, results: dict) -> dict:
    """What the table says of one run: on what, and every round."""
    for block in results.values():
        for row in block.values():
            row["seconds"] = [round(seconds, 4) for seconds in row["seconds"]]
            row["ratios"] = [round(ratio, 3) for ratio in row["ratios"]]
    return {
        "run": options.record,
        "hardware": hardware(options.device),
        "device": options.device,
        "threads": torch.get_num_threads(),
        "torch": str(torch.__version__),
        "code": code_version(),
        **{name: getattr(options, name) for name in ("base", "batch", "size", "rounds")},
        **results,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Time of one training step of four U-Nets.")
    parser.add_argument("--base", type=int, default=32, help="channels of the first level")
    parser.add_argument("--batch", type=int, default=4, help="images a step")
    parser.add_argument("--size", type=int, default=256, help="side of an image, 16·n")
    parser.add_argument("--rounds", type=int, default=7, help="timed steps of each network")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--json", metavar="FILE", help="write every timing there, too")
    parser.add_argument("--record", metavar="NAME", help="put the rounds into the table")
    parser.add_argument("--check", action="store_true", help="compare with installed originals")
    options = parser.parse_args()
    if options.check:
        return check()

    torch.manual_seed(0)
    shape = (options.batch, options.size, options.size)
    device = torch.device(options.device)
    batch = torch.randn(options.batch, 1, options.size, options.size).to(device)
    target = torch.randint(2, shape).to(device)
    networks = {OURS: ours(options.base), **{n: c(options.base) for n, c in OTHERS.items()}}

    tries = {", ".join(mode): Step(networks[OURS], mode, batch, target) for mode in MODES}
    trial = {name: min(t) for name, t in interleave(tries, 2).items()}
    best = MODES[list(trial).index(min(trial, key=trial.__getitem__))]
    del tries
    print(
        f"{platform.machine()}, torch {torch.__version__}, {torch.get_num_threads()} threads, "
    )
    print(
        f"base {options.base}, batch {options.batch} × {options.size}², {options.rounds} rounds"
    )
    print(f"{OURS}: " + "; ".join(f"{name} {seconds:.3f} s" for name, seconds in trial.items()))

    results = {}
    for title, other in (("as shipped", FLOAT32), ("all alike", best)):
        modes = {name: best if name == OURS else other for name in networks}
        kept = {name: name == OURS or title == "all alike" for name in networks}
        steps = {n: Step(m, modes[n], batch, target, kept[n]) for n, m in networks.items()}
        results[title] = report(title, interleave(steps, options.rounds), modes)
        del steps
    if options.record:
        add_entry("training_step", entry(options, results))
    if options.json:
        facts = {"torch": torch.__version__, "threads": torch.get_num_threads()}
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({**vars(options), **facts, "trial": trial, **results}, file, indent=1)


if __name__ == "__main__":
    main()
