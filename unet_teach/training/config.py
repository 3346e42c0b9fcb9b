"""What a training run is: one frozen dataclass, and the four tiers of the course."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from numbers import Real

from unet_teach.augment import AugmentConfig
from unet_teach.config import UNetConfig, one_of, refuse_unknown, whole
from unet_teach.models.architectures import ARCHITECTURES
from unet_teach.shapes import output_size

CHOICES = {
    "architecture": tuple(ARCHITECTURES),
    "optimizer": ("adam", "sgd"),
    "schedule": ("one_cycle", "constant"),
    "loss": ("cross_entropy", "dice", "dice_cross_entropy"),
    "device": ("auto", "cpu", "cuda", "mps"),
    "precision": ("auto", "float32", "bfloat16", "float16"),
    "memory_format": ("auto", "contiguous", "channels_last"),
}


MOST_THREADS = 1024  # more is a slip of the finger


def _real(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


@dataclass(frozen=True)
class TrainConfig:
    """Everything that decides what a run computes, and how. Saved beside it as JSON.

    Examples
    --------
    >>> TrainConfig(loss="mse")
    Traceback (most recent call last):
        ...
    ValueError: loss is 'mse'; valid values: 'cross_entropy', 'dice', 'dice_cross_entropy'
    >>> TrainConfig.from_dict(TIERS["paper"].to_dict()) == TIERS["paper"]
    True
    """

    network: UNetConfig = field(
        default_factory=lambda: UNetConfig(base_channels=16, padding="same", batch_norm=True)
    )
    architecture: str = "unet"  # or "unet_plus_plus", "unet_3plus", "fcn"
    deep_supervision: bool = False  # a loss on every head of the nested architectures
    augmentation: AugmentConfig = field(default_factory=AugmentConfig)
    steps: int = 500  # optimiser steps
    batch: int = 4  # crops in a step, over all processes together
    size: int = 256  # height and width of a crop, the network's input
    optimizer: str = "adam"  # "sgd" is the paper's, with momentum
    lr: float = 2e-3  # the highest learning rate
    momentum: float = 0.99  # of "sgd"; the paper's value
    schedule: str = "one_cycle"  # or "constant"
    loss: str = "cross_entropy"  # or "dice", or their sum "dice_cross_entropy"
    class_weights: tuple[float, ...] | None = (3.0, 1.0)  # wall, inside: 78/22 is about 3.5
    weight_map: bool = False  # equation 2 of the paper, in place of class_weights
    w0: float = 10.0  # of the weight map
    sigma: float = 5.0  # pixels, of the weight map
    folds: int = 5  # contiguous blocks of slices
    fold: int | None = 4  # the block that is held out; None trains on everything
    average: bool = True  # judge the mean over eight flips and rotations
    seed: int = 0
    device: str = "auto"
    precision: str = "auto"  # "auto" times a step of each and takes the fastest
    memory_format: str = "auto"  # likewise
    threads: int | None = None  # CPU threads; None leaves torch's choice
    checkpoint_every: int = 50  # steps

    def __post_init__(self) -> None:
        for name, valid in CHOICES.items():
            value = getattr(self, name)
            if name == "device" and isinstance(value, str) and value.startswith("cuda:"):
                continue
            one_of(name, value, valid)
        for name, kind in (("network", UNetConfig), ("augmentation", AugmentConfig)):
            if not isinstance(getattr(self, name), kind):
                raise ValueError(f"{name} is {getattr(self, name)!r}; give a {kind.__name__}")
        for name in ("steps", "batch", "size", "folds", "checkpoint_every"):
            self._whole(name, 1)
        if not _real(self.lr) or not self.lr > 0:
            raise ValueError(f"lr is {self.lr!r}; it must be above 0")
        if not _real(self.momentum) or not 0 <= self.momentum < 1:
            raise ValueError(f"momentum is {self.momentum!r}; it must be in [0, 1)")
        self._whole("seed", 0)
        if self.threads is not None:
            self._whole("threads", 1, MOST_THREADS)
        if self.fold is not None:
            self._whole("fold")
            if self.fold not in range(self.folds):
                raise ValueError(f"fold is {self.fold}; valid: 0 to {self.folds - 1}, or None")
        if self.class_weights is not None:
            try:
                weights = tuple(map(float, self.class_weights))
            except (TypeError, ValueError):
                shown = repr(self.class_weights)
                raise ValueError(
                    f"class_weights are {shown}; give one number a class"
                ) from None
            object.__setattr__(self, "class_weights", weights)
            if not all(weight > 0 for weight in self.class_weights):
                raise ValueError(f"class_weights are {self.class_weights}; each must exceed 0")
            if len(self.class_weights) != self.network.classes:
                raise ValueError(
                    f"{len(self.class_weights)} class_weights for "
                    f"{self.network.classes} classes; give one each, or None"
                )
        output_size(self.network, self.size)  # raises IllegalSize, with the nearest legal sizes

    def _whole(self, name: str, least: int | None = None, most: int | None = None) -> None:
        object.__setattr__(self, name, whole(name, getattr(self, name), least, most))

    def to_dict(self) -> dict:
        """As plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict) -> TrainConfig:
        """The inverse of `to_dict`; unknown names are refused by name."""
        if not isinstance(values, dict):
            raise ValueError(f"settings have names; this is a {type(values).__name__}")
        refuse_unknown(cls, values, "setting")
        values = dict(values)
        if isinstance(values.get("network"), dict):
            values["network"] = UNetConfig.from_dict(values["network"])
        if isinstance(values.get("augmentation"), dict):
            refuse_unknown(AugmentConfig, values["augmentation"], "augmentation")
            values["augmentation"] = AugmentConfig(**values["augmentation"])
        return cls(**values)


_CLASS = TrainConfig()

TIERS = {
    # seconds: does everything work?
    "check": replace(
        _CLASS,
        network=UNetConfig(base_channels=8, depth=2, padding="same", batch_norm=True),
        steps=60,
        size=96,
        lr=1e-2,
        average=False,
        augmentation=AugmentConfig(elastic_sigma=3.0),
        checkpoint_every=20,
    ),
    # minutes on a laptop
    "class": _CLASS,
    # minutes on a GPU, an hour on two cores with AMX
    "full": replace(
        _CLASS,
        network=UNetConfig(base_channels=32, padding="same", batch_norm=True),
        steps=6000,
        lr=1e-3,
    ),
    # section 3 of the paper: "a high momentum (0.99)", "favor large input tiles over a
    # large batch size", the weight map, drop-out. It gives no learning rate, no number
    # of steps and no class balance; these are the project's.
    "paper": TrainConfig(
        network=UNetConfig(dropout=0.5),
        steps=20_000,
        batch=1,
        size=572,
        optimizer="sgd",
        lr=1e-4,
        schedule="constant",
        class_weights=None,
        weight_map=True,
        checkpoint_every=500,
    ),
}
