"""MODEL as a person may type it: a run, a file, or a network that comes with the course."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from unet_teach.cli.common import Failed, complain, typed_path
from unet_teach.data import Volume
from unet_teach.models.pretrained import pretrained, weights_facts
from unet_teach.models.unet import UNet
from unet_teach.training import TrainConfig, load_model
from unet_teach.training.files import MODELS
from unet_teach.training.resume import run_facts

PRETRAINED = ("isbi", "membranes")


@dataclass(frozen=True)
class Trained:
    """A network, and what is known of how it came to be."""

    model: UNet
    name: str
    config: TrainConfig | None = None  # of its run
    facts: dict | None = None  # of its run, or of the weights that come with the course
    threshold: float | None = None  # the best on the slices that it held out …
    best_for: str = "V_rand"  # … for this metric

    def trained_on(self, volume: Volume) -> set[int] | None:
        """Which of these slices the network was trained on; None where that is not known."""
        if self.config is None or not self.facts or "data_sha256" not in self.facts:
            return None
        if run_facts(self.config, volume, "cpu", 1)["data_sha256"] != self.facts["data_sha256"]:
            return set()
        held_out = held_out_slices(len(volume), self.config)
        return set(range(len(volume))) - set(held_out)


def held_out_slices(n: int, config: TrainConfig) -> range:
    """The slices that this config holds out, none of them where its fold is None."""
    from unet_teach.data import block_folds

    return range(0) if config.fold is None else block_folds(n, config.folds)[config.fold][1]


def load_trained(name: str) -> Trained:
    """The network of this name or at this place.

    Raises
    ------
    Failed
        There is none; the message lists what is valid.
    """
    path = typed_path(name)
    if name in PRETRAINED and not any((path / file).exists() for file in MODELS):
        facts = weights_facts(name)
        shown = f"{name} (comes with the course)"
        return Trained(pretrained(name), shown, None, facts, facts.get("threshold"))
    if not path.exists():
        raise Failed(
            f"model {name}: there is no such file or folder; give a run's folder, a model.pt, "
            f"or one of {', '.join(PRETRAINED)}"
        )
    model = load_model(path)
    folder = path if path.is_dir() else path.parent
    config, facts, scores = (
        _read(folder / f) for f in ("config.json", "facts.json", "scores.json")
    )
    if config is not None:
        try:
            config = TrainConfig.from_dict(config)
        except (ValueError, TypeError) as error:
            complain(f"note: {folder / 'config.json'} is of no run of ours ({error})")
            config = None
    return Trained(model, str(path), config, facts, *_threshold(scores or {}))


def _threshold(scores: dict) -> tuple[float | None, str]:
    """The threshold that a run's scores speak for, and by which metric."""
    if scores.get("iou_by_class"):  # of a person's own images
        return (scores.get("threshold") if scores.get("inside_iou_curve") else None), "IoU"
    return scores.get("v_rand_threshold"), "V_rand"


def _read(path: Path) -> dict | None:
    """What the run says of itself, if it does."""
    if not path.is_file():
        return None
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Failed(f"{path} is no JSON ({error}); delete it, or restore it") from None
    return values if isinstance(values, dict) else None
