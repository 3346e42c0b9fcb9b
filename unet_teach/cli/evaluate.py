"""``unet-teach evaluate``: a network judged by the challenge's metrics."""

from __future__ import annotations

import argparse
from pathlib import Path

from unet_teach.cli.common import (
    Failed,
    complain,
    load_data,
    progress,
    reading_of,
    say,
    scores_table,
)
from unet_teach.cli.models import Trained, held_out_slices, load_trained
from unet_teach.data import Volume, block_folds
from unet_teach.training import judge
from unet_teach.training.files import write_json
from unet_teach.training.machine import pick_device


def run(options: argparse.Namespace) -> int:
    """Judge; the exit code."""
    device = pick_device(options.device)
    trained = load_trained(options.model)
    volume, _, _ = load_data(options.data, reading_of(options))
    _check(trained, volume)
    seen = trained.trained_on(volume)
    if seen == set() and options.data == "auto":
        raise Failed(
            f"{trained.name} was trained on other data, {trained.facts['data']}; give that "
            "with --data, or say which other to judge by: --data isbi, --data membranes"
        )
    chosen = slices_to_judge(options.fold, trained, volume, seen)
    judged = volume.select(chosen)
    say(f"model: {trained.name}; judged on: {judged.name}")
    note = _note(trained, seen, chosen)
    if note:
        say(note)
    model = trained.model.to(device)
    facts = {"model": trained.name, "data": judged.name, "average": options.average}
    facts["note"] = note
    scores = judge(model, judged, options.average, lambda images: progress(images, "slice"))
    facts["scores"] = scores.as_dict()
    say(scores_table(scores))
    if options.json:
        write_json(Path(options.json), facts)
        say(f"all figures: {options.json}")
    return 0


def slices_to_judge(
    fold: int | str | None, trained: Trained, volume: Volume, seen: set[int] | None
) -> range:
    """Which slices: those asked for; else those that the run held out; else all."""
    everything = range(len(volume))
    if fold == "all":
        return everything
    if fold is None:
        unseen = [i for i in everything if i not in (seen or ())]
        return held_out_slices(len(volume), trained.config) if seen and unseen else everything
    folds = trained.config.folds if trained.config else 5
    blocks = block_folds(len(volume), folds)
    if not 0 <= fold < folds:
        raise Failed(f"--fold {fold}; valid: 0 to {folds - 1}, or all")
    return blocks[fold][1]


def _check(trained: Trained, volume: Volume) -> None:
    if volume.labels is None:
        raise Failed(f"{volume.name} has no masks to judge by; `unet-teach predict` needs none")
    outputs = trained.model.config.classes
    if volume.classes != outputs:
        raise Failed(
            f"{volume.name} has {volume.classes} classes and {trained.name} knows {outputs}; "
            "choose data and model that belong together"
        )


def _note(trained: Trained, seen: set[int] | None, chosen: range) -> str:
    """What a reader of the scores must know."""
    if seen is None:
        known = (trained.facts or {}).get("trained_on")
        if known:
            return f"note: this network was trained on: {known}"
        complain("note: config.json and facts.json of the run are missing, so it is not known "
                 "whether these slices were trained on")  # fmt: skip
        return ""
    both = len(seen & set(chosen))
    if not both:
        return ""
    return (
        f"note: the model was trained on {both} of these {len(chosen)} slices: this says "
        "little about new images"
    )
