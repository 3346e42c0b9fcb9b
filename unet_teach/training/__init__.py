"""Training: what a run is, one visible loop, and what survives a kill.

Read `config`, then `loop`; the rest serves it.
"""

from unet_teach.training.batches import class_weights
from unet_teach.training.config import TIERS, TrainConfig
from unet_teach.training.evaluation import (
    ClassScores,
    best_threshold,
    evaluate,
    iou_by_class,
    judge,
    probabilities,
)
from unet_teach.training.files import RunError, load_model, read_log
from unet_teach.training.loop import (
    Beginning,
    Run,
    Stopped,
    Watcher,
    learning_rate,
    split,
    train,
)

__all__ = [
    "TIERS",
    "Beginning",
    "ClassScores",
    "Run",
    "RunError",
    "Stopped",
    "TrainConfig",
    "Watcher",
    "best_threshold",
    "class_weights",
    "evaluate",
    "iou_by_class",
    "judge",
    "learning_rate",
    "load_model",
    "probabilities",
    "read_log",
    "split",
    "train",
]
