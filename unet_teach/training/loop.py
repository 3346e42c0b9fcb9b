"""One visible loop: a batch, a forward pass, a loss, a backward pass, a step.

Lesson 08 writes it by hand; lesson 14 trains with this one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MethodType
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from unet_teach import losses
from unet_teach.data.volume import Volume, block_folds
from unet_teach.metrics import Scores
from unet_teach.models.architectures import build, heads_of
from unet_teach.tiling import with_gradients
from unet_teach.training import files
from unet_teach.training.batches import Batches, seed_for
from unet_teach.training.config import TrainConfig
from unet_teach.training.evaluation import ClassScores, judge
from unet_teach.training.files import RunError
from unet_teach.training.log import Log
from unet_teach.training.machine import (
    FORMATS,
    Processes,
    autocast,
    explain_memory,
    pick_device,
    pick_fastest,
)
from unet_teach.training.malloc import keep_memory
from unet_teach.training.resume import (
    State,
    load_checkpoint,
    restore,
    run_facts,
    save,
    write_settings,
)

LOSSES = {
    "cross_entropy": losses.weighted_cross_entropy,
    "dice": lambda logits, target, weights: losses.soft_dice(logits, target),
    "dice_cross_entropy": losses.dice_cross_entropy,
}


class Stopped(RunError):
    """A run that was stopped by whoever watches it; it can go on."""


@dataclass(frozen=True)
class Beginning:
    """What a watcher is told when a run begins or goes on."""

    model: nn.Module
    place: Volume  # slices to look at: those held out, if any
    held_out: bool
    folder: Path
    config: TrainConfig
    done: int  # steps done before
    again: Callable[[], Run]  # goes on with the run after it was stopped
    around: int = 0  # pixels at each edge of the place that are only there to be seen


class Watcher(Protocol):
    """What looks at the network while it is trained, such as `unet_teach.film.Camera`.

    It must leave the network and torch's random numbers as they are.
    """

    def begin(self, beginning: Beginning) -> None:
        """A run begins, or goes on."""

    def step(self, record: dict) -> bool:
        """A step is done; True where the run should stop."""

    def end(self) -> None:
        """The run has ended, however it did."""


@dataclass(frozen=True)
class Run:
    """A finished run."""

    model: nn.Module
    log: list[dict]  # one record a step
    scores: Scores | ClassScores | None  # on the block held out; None where nothing was
    folder: Path


def split(volume: Volume, config: TrainConfig) -> tuple[Volume, Volume | None]:
    """The slices to train on, and the contiguous block held out (None where fold is None)."""
    if config.fold is None:
        return volume, None
    train_on, held_out = block_folds(len(volume), config.folds)[config.fold]
    return volume.select(train_on), volume.select(held_out)


def _refuse_empty(held_out: Volume | None) -> None:
    """Regions are counted in each slice: one without any cannot be judged. Better said now."""
    if held_out is None or held_out.classes != 2 or held_out.labels is None or held_out.own:
        return
    empty = [number for number, mask in enumerate(held_out.labels) if not mask.any()]
    if empty:
        raise RunError(
            f"slice {empty[0] + 1} of the {len(held_out)} held out ({held_out.name}) has no "
            "inside in its mask, and cannot be scored; hold out another fold, or none "
            "(--fold all)"
        )


def learning_rate(step: int, config: TrainConfig) -> float:
    """The learning rate of a step, from nothing but its number.

    One cycle (Smith and Topin, 2017): up along half a cosine for the first
    three tenths of the run, then down to nearly nothing.

    Examples
    --------
    >>> config = TrainConfig(steps=101, lr=1.0)
    >>> [round(learning_rate(step, config), 2) for step in (0, 30, 65, 100)]
    [0.04, 1.0, 0.5, 0.0]
    """
    if config.schedule == "constant":
        return config.lr
    last, top = config.steps - 1, 0.3 * (config.steps - 1)
    if step <= top:
        start, end, part = config.lr / 25, config.lr, step / max(top, 1)
    else:
        start, end, part = config.lr, config.lr / 10_000, (step - top) / (last - top)
    return end + (start - end) * (1 + math.cos(math.pi * part)) / 2


def make_optimizer(model: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """Adam (Kingma and Ba, 2015), or the paper's SGD with momentum 0.99."""
    if config.optimizer == "sgd":
        return torch.optim.SGD(model.parameters(), lr=config.lr, momentum=config.momentum)
    return torch.optim.Adam(model.parameters(), lr=config.lr)


@with_gradients()
def train(
    config: TrainConfig,
    volume: Volume,
    folder: str | Path,
    on_step: Callable[[dict], None] | None = None,
    watch: Watcher | None = None,
    forward: Callable[[nn.Module, Tensor], Tensor] | None = None,
) -> Run:
    """Train a network, or go on with a run that was cut short.

    Killed at any moment and started again with the same arguments, a run ends
    with the same bits as one that was left alone (on the CPU, at the same
    number of threads and precision; a difference is warned of).

    Parameters
    ----------
    config : TrainConfig
    volume : Volume
        All slices; ``config.fold`` says which of them are held out.
    folder : str or Path
        Where the run is kept; `unet_teach.training.files` says what is in it.
    on_step : callable, optional
        Called after each step with its record: step, loss, lr, seconds.
    watch : Watcher, optional
        Sees the network after each step, and may stop the run. One process only.
    forward : callable, optional
        ``forward(self, x)`` in place of the U-Net's own, such as the one that a learner wrote.
        The parts of the network, and so its weights, stay as they are.

    Returns
    -------
    Run

    Raises
    ------
    RunError
        A folder with another run in it or that cannot be written, a loss that is no
        number, memory or disk used up.
    Stopped
        By the watcher; the same call goes on.
    ValueError
        A forward of one's own for another architecture than ``unet``.
    """
    if forward and config.architecture != "unet":
        raise ValueError(f"forward is for the architecture 'unet', not {config.architecture!r}")
    if config.threads:
        torch.set_num_threads(config.threads)
    device = pick_device(config.device)
    processes = Processes.join(device)
    share = processes.share(config.batch)
    folder = files.open_folder(folder)
    train_on, held_out = split(volume, config)
    _refuse_empty(held_out)
    with explain_memory(_what_takes_memory(config)), keep_memory():
        batches = Batches(train_on, config, device)
        state = begin_or_resume(config, volume, folder, device, processes)
        model, optimizer, scaler = state.model, state.optimizer, state.scaler
        if forward:
            model.forward = MethodType(forward, model)
        precision, memory_format = state.facts["precision"], state.facts["memory_format"]
        parallel = DistributedDataParallel(model) if processes.world > 1 else model
        parallel.train()
        log = Log(folder, state.done, config, processes.first)
        place = train_on if held_out is None or held_out.labels is None else held_out
        again = partial(train, config, volume, folder, on_step, watch, forward)
        seen = Beginning(model, place, place is held_out, folder, config, state.done, again)
        with closing(log), watched(watch, seen):
            for step in log.steps(f"training on {device}, {precision}"):
                images, masks, weights = batches.batch(step, share)
                images = images.contiguous(memory_format=FORMATS[memory_format])
                torch.manual_seed(seed_for(config.seed, step, processes.rank))  # for drop-out
                lr = learning_rate(step, config)
                for group in optimizer.param_groups:
                    group["lr"] = lr

                with autocast(device, precision):
                    logits = parallel(images)
                loss = loss_of(logits, masks, weights, config.loss)
                optimizer.zero_grad()
                scaler.scale(loss).backward()  # the scaler acts in float16 only
                scaler.step(optimizer)
                scaler.update()

                record = log.write(step, processes.mean(loss.detach()), lr)
                last = step + 1 == config.steps
                stop = watch is not None and watch.step(record) and not last
                due = last or stop or (step + 1) % config.checkpoint_every == 0
                if processes.first and due:
                    save(folder, step + 1, config, state)
                if on_step is not None:
                    on_step(record)
                if stop:
                    raise Stopped(
                        f"stopped after step {step + 1} of {config.steps}, and saved; the same "
                        "call goes on"
                    )
        scores = _finish(model, held_out, config, folder) if processes.first else None
    processes.leave()
    return Run(model.eval(), log.records, scores, folder)


@contextmanager
def watched(watch: Watcher | None, beginning: Beginning) -> Iterator[None]:
    """A watcher's beginning and, however the run ends, its end."""
    if watch is None:
        yield
        return
    watch.begin(beginning)
    try:
        yield
    finally:
        watch.end()


def begin_or_resume(
    config: TrainConfig,
    volume: Volume,
    folder: Path,
    device: torch.device,
    processes: Processes,
) -> State:
    """The network and what trains it: new ones, or as the folder's checkpoint has them."""
    torch.manual_seed(seed_for(config.seed))  # decides the first weights
    model = build(config.network, config.architecture, config.deep_supervision).to(device)
    optimizer = make_optimizer(model, config)
    facts = run_facts(config, volume, device, processes.world)
    saved = load_checkpoint(folder, config, facts)
    if "auto" in (facts["precision"], facts["memory_format"]):
        picked = processes.agree(pick_fastest(model, config, device))
        facts["precision"], facts["memory_format"] = picked
    scaler = torch.amp.GradScaler(device.type, enabled=facts["precision"] == "float16")
    model.to(memory_format=FORMATS[facts["memory_format"]])
    done = restore(saved, model, optimizer, scaler)
    if processes.first:
        write_settings(folder, config, facts)
    return State(model, optimizer, scaler, facts, done)


def loss_of(
    logits: Tensor | tuple[Tensor, ...], masks: Tensor, weights: Tensor, name: str
) -> Tensor:
    """The loss of this name; with deep supervision its mean over all heads."""
    each = [LOSSES[name](head, masks, weights) for head in heads_of(logits)]
    return sum(each) / len(each)


def _what_takes_memory(config: TrainConfig) -> str:
    return (
        f"with {config.batch} crops of {config.size}² and {config.network.base_channels} base "
        "channels; try a smaller batch, then a smaller size, then fewer base channels. "
        "Checkpoints are intact"
    )


def _finish(
    model: nn.Module, held_out: Volume | None, config: TrainConfig, folder: Path
) -> Scores | ClassScores | None:
    """Keep the network, and its scores where slices were held out."""
    files.save_model(folder / "model.pt", model)
    if held_out is None:
        return None
    scores = judge(model, held_out, config.average)
    files.write_json(folder / "scores.json", scores.as_dict())
    return scores
