"""What the run computes with: device, precision, processes.

Precision is chosen by timing, never assumed: on a CPU with matrix units (AMX)
bfloat16 is five times faster than float32, on one without it ten times slower.
"""

from __future__ import annotations

import contextlib
import copy
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import distributed as dist
from torch import nn

from unet_teach.models.architectures import heads_of
from unet_teach.shapes import nearest_legal_sizes
from unet_teach.training.config import TrainConfig
from unet_teach.training.files import RunError

DTYPES = {"float32": None, "bfloat16": torch.bfloat16, "float16": torch.float16}
FORMATS = {"channels_last": torch.channels_last, "contiguous": torch.contiguous_format}


def pick_device(name: str = "auto") -> torch.device:
    """The device of this name; "auto" takes CUDA, then Apple's MPS, then the CPU.

    Examples
    --------
    >>> pick_device("cpu")
    device(type='cpu')
    """
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    here = ["cpu"] + ["cuda"] * cuda + ["mps"] * mps
    if name == "auto":
        name = here[-1] if not cuda else "cuda"
    kind, _, number = name.partition(":")
    count = torch.cuda.device_count() if kind == "cuda" else 1
    if kind not in here or (number and number not in map(str, range(count))):
        here += [f"cuda:{i}" for i in range(count)] if kind == "cuda" and cuda else []
        raise ValueError(f"device is {name!r}; on this computer: {', '.join(here)}")
    if name == "cuda" and "LOCAL_RANK" in os.environ:  # torchrun: one GPU for each process
        rank, count = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
        if rank >= count:
            raise ValueError(
                f"process {rank} has no GPU of its own, there being {count} here; start "
                f"torchrun with --nproc-per-node={count}, or train with device 'cpu'"
            )
        name = f"cuda:{rank}"
    return torch.device(name)


def autocast(device: torch.device, precision: str) -> contextlib.AbstractContextManager:
    """The context in which a network computes at this precision."""
    dtype = DTYPES[precision]
    if dtype is None:
        return contextlib.nullcontext()
    return torch.autocast(device.type, dtype=dtype)


def pick_fastest(
    model: nn.Module, config: TrainConfig, device: torch.device
) -> tuple[str, str]:
    """The fastest precision and memory format here, among those that the config admits.

    A step of each is timed, the first aside: on one small input on a CPU, on a whole batch
    on a GPU. Where two are equally fast, chance decides; results then differ in their
    last digits.
    """
    precisions = ["float32"]
    if device.type == "cpu":
        precisions.append("bfloat16")
    elif device.type == "cuda":
        precisions.append("bfloat16" if torch.cuda.is_bf16_supported(False) else "float16")
    if config.precision != "auto":
        precisions = [config.precision]
    formats = list(FORMATS) if config.memory_format == "auto" else [config.memory_format]
    ways = [(precision, name) for precision in precisions for name in formats]
    if len(ways) == 1:
        return ways[0]
    batch, size = config.batch, config.size
    if device.type == "cpu":
        # Inputs of about 96 pixels tell as much as full ones, in a tenth of the time. A GPU
        # would only tell how long it takes to be given its work.
        batch, size = 1, nearest_legal_sizes(model.config, 96)[-1]
    # Not zeros: batch norm would blow up their gradients, and odd numbers compute slowly.
    shape = (batch, model.config.in_channels, size, size)
    x = torch.randn(shape, generator=torch.Generator())
    x = x.to(device)
    seconds = {way: step_seconds(copy.deepcopy(model), x, *way) for way in ways}
    return min(seconds, key=seconds.get)


def step_seconds(
    model: nn.Module, x: torch.Tensor, precision: str, memory_format: str
) -> float:
    """Seconds for a forward and a backward pass: the best of three, after one that sets up."""
    model, x = (t.to(memory_format=FORMATS[memory_format]) for t in (model, x))
    seconds = []
    for _ in range(4):
        start = time.perf_counter()
        with autocast(x.device, precision):
            loss = sum(head.float().square().mean() for head in heads_of(model(x)))
        loss.backward()
        if x.device.type == "cuda":
            torch.cuda.synchronize(x.device)
        seconds.append(time.perf_counter() - start)
    return min(seconds[1:])


@contextlib.contextmanager
def explain_memory(hint: str) -> Iterator[None]:
    """Turn "out of memory" into what to do about it: where it happened, and what to try."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        words = str(error).lower()
        known = isinstance(error, (torch.OutOfMemoryError, MemoryError))
        if not known and "allocate memory" not in words and "out of memory" not in words:
            raise
        raise RunError(f"out of memory {hint}") from error


@dataclass(frozen=True)
class Processes:
    """Which of how many processes this is.

    ``torchrun --nproc-per-node=2 -m unet_teach train`` starts two of them, each with its
    share of every batch; they end with the weights that one would have reached alone with
    the whole batch, to float rounding. Two layers break that. Batch norm: each process
    normalises over its own crops, a smaller and noisier sample, and only the first one's
    running means are kept. Drop-out: each process drops other units.
    """

    rank: int = 0
    world: int = 1

    @classmethod
    def join(cls, device: torch.device) -> Processes:
        """Meet the others if `torchrun` started this process, else be alone."""
        world = int(os.environ.get("WORLD_SIZE", 1))
        if world == 1:
            return cls()
        if not dist.is_initialized():
            if device.type == "cuda":
                torch.cuda.set_device(device)
            dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
        return cls(dist.get_rank(), world)

    @property
    def first(self) -> bool:
        return self.rank == 0

    def share(self, batch: int) -> range:
        """The indices of a batch that this process computes."""
        if batch % self.world:
            raise ValueError(
                f"batch is {batch}; it must be a multiple of {self.world} processes"
            )
        each = batch // self.world
        return range(self.rank * each, (self.rank + 1) * each)

    def mean(self, value: torch.Tensor) -> float:
        """The mean of a number over all processes."""
        if self.world > 1:
            value = value.clone()
            dist.all_reduce(value)
        return value.item() / self.world

    def agree(self, value: object) -> object:
        """What the first process says."""
        if self.world == 1:
            return value
        box = [value]
        dist.broadcast_object_list(box, src=0)
        return box[0]

    def leave(self) -> None:
        """Wait for the others, then part."""
        if self.world > 1 and dist.is_initialized():
            dist.barrier()
            dist.destroy_process_group()
