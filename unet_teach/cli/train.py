"""``unet-teach train``: from what was typed to a `TrainConfig`, and what a person sees."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from unet_teach.cli.common import (
    Failed,
    complain,
    duration,
    first_process,
    load_data,
    reading_of,
    say,
    scores_table,
)
from unet_teach.data import Volume
from unet_teach.data.folder import Look
from unet_teach.drawing import png
from unet_teach.drawing.sheet import contact_sheet
from unet_teach.shapes import trace
from unet_teach.training import TIERS, Run, TrainConfig, class_weights, split, train
from unet_teach.training.files import read_tensors, write_atomically
from unet_teach.training.machine import pick_device
from unet_teach.training.resume import COMPUTING

# Options that override one setting of a tier or of a saved config, by their names there.
SHEET = "masks.png"  # every mask over its image, of a person's own data
KEPT = ("model.pt", "config.json", "log.jsonl", "scores.json", SHEET)  # of a run, if there
SETTINGS = ("seed", "steps", "batch", "size", "lr", "threads", "precision", "device")


def run(options: argparse.Namespace) -> int:
    """Train, or go on; the exit code."""
    config = chosen_config(options)
    device = pick_device(config.device)
    volume, short, found = load_data(options.data, reading_of(options))
    if volume.labels is None:
        raise Failed(
            f"{volume.name} has no masks to learn from; put them into masks/ beside images/, "
            "under equal names, or beside their images as NAME_mask.png"
        )
    config = fitted(config, volume, given_fold=options.fold)
    if not options.config:
        config = balanced(config, volume)
    folder = Path(options.folder or Path("runs") / run_name(options, config, short))
    introduce(config, volume, device, folder)
    done = steps_done(folder)
    if done:
        where = "finished already" if done >= config.steps else f"going on from step {done}"
        say(f"{folder} holds this run: {where}")
    estimate = Estimate(config.steps)
    on_step = estimate if found is None else SheetFirst(found, folder, estimate)
    try:
        finished = train(config, volume, folder, on_step=on_step)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"interrupted at step {estimate.step or done}; start the same command again to "
            f"resume from step {steps_done(folder)}"
        ) from None
    conclude(finished, config, options.channel)
    return 0


def chosen_config(options: argparse.Namespace) -> TrainConfig:
    """A tier or a saved config, with what else was typed put in its place."""
    if options.config and options.tier:
        raise Failed("--config and --tier: give one of the two")
    config = read_config(options.config) if options.config else TIERS[options.tier or "class"]
    typed = {name: getattr(options, name) for name in SETTINGS}
    typed = {name: value for name, value in typed.items() if value is not None}
    if options.fold is not None:
        typed["fold"] = None if options.fold == "all" else options.fold
    if options.base_channels is not None:
        typed["network"] = replace(config.network, base_channels=options.base_channels)
    return replace(config, **typed)


def read_config(name: str) -> TrainConfig:
    """The config of an earlier run; every way in which the file can be wrong is explained."""
    hint = "give the config.json of a run"
    try:
        return TrainConfig.from_dict(json.loads(Path(name).read_text(encoding="utf-8")))
    except IsADirectoryError:
        raise Failed(f"{name} is a folder; give the config.json in it") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Failed(f"{name} is no JSON ({error.msg} at {where}); {hint}") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise Failed(f"{name} is no training config: {error}; {hint}") from None


def fitted(config: TrainConfig, volume: Volume, given_fold: int | str | None) -> TrainConfig:
    """The config, made to fit a person's own data: its classes, its number of slices."""
    classes = volume.classes
    if classes > 2 and classes != config.network.out_channels:
        say(f"      {classes} classes: the network gets {classes} outputs")
        network = replace(config.network, out_channels=classes)
        config = replace(config, network=network, class_weights=None)
    slices = len(volume)
    if config.fold is None or slices >= config.folds:
        return config
    if slices == 1 and given_fold is None:
        say("      1 slice: nothing is held out, so nothing will be judged")
        return replace(config, fold=None)
    if given_fold is None:
        return replace(config, folds=slices, fold=slices - 1)
    if slices == 1 or given_fold >= slices:
        folds = "all" if slices == 1 else f"0 to {slices - 1}, or all"
        raise Failed(f"--fold {given_fold}; valid for {volume.name}: {folds}")
    return replace(config, folds=slices)


def balanced(config: TrainConfig, volume: Volume) -> TrainConfig:
    """The tier's class weights are ISBI's; a person's own data gets those of its own masks."""
    if not volume.own or config.weight_map:
        return config
    train_on, held_out = split(volume, config)
    weights = class_weights(train_on)
    say("      weights of the classes in the loss, from their fractions: "
        + ", ".join(f"{weight:g}" for weight in weights))  # fmt: skip
    for part, where in ((train_on, "trained on"), (held_out, "held out")):
        lacking = [] if part is None else absent(part)
        if lacking:
            complain(
                f"note: no pixel of class {', '.join(map(str, lacking))} in what is {where}"
            )
    return replace(config, class_weights=weights)


def absent(volume: Volume) -> list[int]:
    """The classes that no label of this volume has."""
    return [k for k in range(volume.classes) if not any((a == k).any() for a in volume.labels)]


class SheetFirst:
    """Called after each step; at the first it puts the contact sheet into the run's folder."""

    def __init__(self, found: Look, folder: Path, then: Callable[[dict], None]) -> None:
        self.found, self.folder, self.then, self.written = found, folder, then, False

    def __call__(self, record: dict) -> None:
        if not self.written and first_process():
            names = [part.image for part in self.found.slices]
            sheet = contact_sheet(self.found.volume, names, self.found.meaning)
            write_atomically(self.folder / SHEET, png(sheet))
        self.written = True
        self.then(record)


def run_name(options: argparse.Namespace, config: TrainConfig, data: str) -> str:
    """The folder of a run under runs/, such as class-isbi-fold4-seed0."""
    start = options.tier or "class"
    if options.config:  # many are called config.json: its run's name, and what it holds
        path = Path(options.config)
        start = path.resolve().parent.name if path.stem == "config" else path.stem
        settings = read_config(options.config).to_dict().items()
        what = {name: value for name, value in settings if name not in COMPUTING}
        start += f"-{hashlib.sha256(json.dumps(what).encode()).hexdigest()[:6]}"
    fold = "all" if config.fold is None else config.fold
    parts = [start, data, f"fold{fold}", f"seed{config.seed}"]
    for name in ("steps", "base_channels", "lr", "batch", "size"):
        value = getattr(options, name)
        if value is not None:  # another run than the tier's own: a folder of its own
            parts.append(f"{name.replace('_', '')}{value:g}")
    return "-".join(parts)


def introduce(config: TrainConfig, volume: Volume, device: object, folder: Path) -> None:
    """What is about to be computed, before it takes its time."""
    train_on, held_out = split(volume, config)
    judged = "nothing" if held_out is None else held_out.name
    parameters = trace(config.network, config.size).parameters
    precision = config.precision
    if precision == "auto":
        precision = "chosen by timing a step of each"
    say(f"trained on: {len(train_on)} slices; held out to judge by: {judged}")
    say(f"network: {config.network.base_channels} base channels, {parameters:,} parameters")
    crops = f"{config.batch} crops of {config.size}²"
    say(f"{config.steps} steps of {crops} on {device}, precision {precision}")
    say(f"run: {folder}")


def steps_done(folder: Path) -> int:
    """How many steps the folder's checkpoint has behind it."""
    path = folder / "checkpoint.pt"
    return int(read_tensors(path).get("done", 0)) if path.is_file() else 0


class Estimate:
    """Called after each step; says after the sixth how long the rest will take."""

    def __init__(self, steps: int) -> None:
        self.steps, self.step, self.seen, self.start = steps, 0, 0, 0.0

    def __call__(self, record: dict) -> None:
        self.step, self.seen = record["step"] + 1, self.seen + 1
        if self.seen == 1:  # the first step sets up, and says little of the others
            self.start = time.perf_counter()
        if self.seen == 6 and first_process():
            each = (time.perf_counter() - self.start) / 5
            left = duration(each * (self.steps - self.step))
            # A line of its own, below the progress bar.
            print(f"\nabout {left} left ({each:.2g} s a step)", file=sys.stderr, flush=True)


def conclude(finished: Run, config: TrainConfig, channel: int | None = None) -> None:
    """The scores, and where everything is."""
    folder = finished.folder
    if finished.scores is not None:
        how = ", mean over eight flips and rotations" if config.average else ""
        say(f"\nscores on the slices held out{how}:")
        say(scores_table(finished.scores))
    elif config.fold is None:
        complain("note: nothing was held out, so there is no score")
    kept = [name for name in KEPT if (folder / name).is_file()]
    say(f"\n{folder}: {', '.join(kept)}")
    more = "" if channel is None else f" --channel {channel}"
    say(f"segment images with it: unet-teach predict {folder} IMAGE{more}")
