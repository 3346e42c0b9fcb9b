"""Pictures of a run while it goes on: one place, the prediction, four feature maps, the losses.

They are kept in the run's folder as ``film.npz``. A picture is taken in evaluation mode and
without gradients, and draws no random number: a run that is filmed ends with the same bits.
"""

from __future__ import annotations

import io
import math
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from unet_teach.layers import DoubleConv
from unet_teach.metrics import components, thin, v_rand
from unet_teach.threads import of_this_thread
from unet_teach.tiling import predict
from unet_teach.training import Beginning, RunError
from unet_teach.training.evaluation import INSIDE
from unet_teach.training.files import write_atomically

NAME = "film.npz"
DENSE = (0, 1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 80, 100)  # steps that are always taken
MOST = 60  # pictures that are kept; with more, every second one goes
FREE = 4  # pictures of the first steps are always taken
PAUSE = 1.0  # seconds between two pictures
SHARE = 0.025  # of the run's time that pictures may take
SIDE, MAP = 128, 32  # pixels of the place, at most, and of a feature map as it is kept
MAPS = 4


@dataclass(frozen=True)
class Film:
    """n pictures of one place, and the losses."""

    image: np.ndarray  # uint8 (H, W); all 0 where a micrograph may not be shown
    truth: np.ndarray  # uint8 (H, W), 1 is inside
    planned: int  # steps of the whole run
    held_out: bool  # the place is of a slice that the network never saw
    names: tuple[str, ...]  # of the four feature maps: the parts of the network
    channels: tuple[int, ...]  # of each part, the one that was filmed
    steps: np.ndarray  # (n,) how many were done
    seconds: np.ndarray  # (n,) since the run began
    maps: np.ndarray  # uint8 (n, H, W), 255 is a probability of 1
    features: np.ndarray  # uint8 (n, 4, h, w), each from its least to its greatest value
    validation: np.ndarray  # (n,) cross-entropy of the place
    v_rand: np.ndarray  # (n,) of the place, walls thinned
    loss: np.ndarray  # (steps done,) of every batch

    def at(self, step: int) -> int:
        """The number of the last picture that was taken at this step or before it."""
        return max(0, int(np.searchsorted(self.steps, step, side="right")) - 1)

    def until(self, done: int) -> Film:
        """As it was after so many steps."""
        kept = self.steps <= done
        taken = ("steps", "seconds", "maps", "features", "validation", "v_rand")
        cut = {name: getattr(self, name)[kept] for name in taken}
        return replace(self, **cut, loss=self.loss[:done])

    def save(self, path: Path) -> None:
        """All of the film, or the file as it was."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **{f.name: getattr(self, f.name) for f in fields(self)})
        write_atomically(path, buffer.getvalue())


def film(run: str | Path) -> Film:
    """The film of a run, from its folder or its file.

    Raises
    ------
    FileNotFoundError, RunError
        There is none, or it is damaged.
    """
    path = Path(run)
    path = path / NAME if path.is_dir() else path
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist; give the folder of a filmed run")
    try:
        with np.load(path) as found:
            values = {f.name: found[f.name] for f in fields(Film)}
    except Exception as error:  # numpy and zipfile each raise their own kinds
        raise RunError(f"{path} is damaged or is no film of a run") from error
    for name in ("names", "channels"):
        values[name] = tuple(values[name].tolist())
    return Film(
        **values | {"planned": int(values["planned"]), "held_out": bool(values["held_out"])}
    )


class Camera:
    """Films a run: ``train(config, volume, folder, watch=Camera())``.

    Pictures are dense in the first hundred steps; then one a second, of which at most sixty
    are kept. All together they take a fortieth of the run's time, but for those of the first
    steps in a run of a second or two: where a picture is slow, there are fewer.

    Parameters
    ----------
    steps : always filmed, while there is time
    pause : seconds to the next picture; math.inf, and it is ``steps`` alone, without haste
    """

    def __init__(self, steps: Collection[int] = DENSE, pause: float = PAUSE) -> None:
        self.dense, self.pause = frozenset(steps), pause
        self.film: Film | None = None
        self.taken, self.losses = [], []  # of each picture (step, seconds, map, features, …)
        self.cost = 0.0  # seconds that pictures have taken

    def begin(self, beginning: Beginning) -> None:
        """A run begins, or goes on; the middle of the first slice to look at is filmed."""
        self.model, self.folder = beginning.model, beginning.folder
        self.planned, done = beginning.config.steps, beginning.done
        self.held_out = beginning.held_out
        image, truth = beginning.place.images[0], beginning.place.labels[0]
        self.around = beginning.around
        side = min(beginning.config.size, SIDE, *(n - 2 * self.around for n in truth.shape))
        window = _middle(truth.shape, side)
        self.image, self.truth = image[window], np.uint8(truth[window] == INSIDE)
        self.seen = image[_middle(truth.shape, side + 2 * self.around)]
        self.taken, self.losses, self.names, self.channels = [], [], (), ()
        if done and (self.folder / NAME).exists():
            self._take_up(film(self.folder).until(done))
        self.losses += [np.nan] * (done - len(self.losses))  # steps that were not filmed
        self.apart, self.next_kept, self.passing = self.pause, 0.0, False
        self.cost, self.spent, self.before = 0.0, 0.0, self.taken[-1][1] if self.taken else 0.0
        self.next = self.before + self.pause
        if not self.taken:
            self._take(done, 0.0)
        self.spent = self.cost

    def step(self, record: dict) -> bool:
        """A step is done; True where the run should stop."""
        done, seconds = record["step"] + 1, record["seconds"]
        self.losses.append(record["loss"])
        spare = SHARE * (seconds - self.before) - self.spent
        due = done in self.dense or seconds >= self.next
        if done == self.planned or (
            due and (spare > 0 or done <= FREE or self.pause == math.inf)
        ):
            before = self.cost
            self._take(done, seconds)
            self.spent += self.cost - before
            self.next = seconds + self.pause
        return False

    def end(self) -> None:
        """The run has ended, or was stopped, or failed: keep the film."""
        if self.taken:
            self.film = self._made()
            self.film.save(self.folder / NAME)
        self.model = None

    def _take(self, done: int, seconds: float) -> None:
        start = time.perf_counter()
        if self.passing:
            self.taken.pop()
        found, handles, last = [], [], {}
        for name, part in _parts(self.model):
            handles.append(part.register_forward_hook(of_this_thread(_kept_as(name, last))))
        try:
            probability = predict(self.model, self.seen)[INSIDE]
            probability = probability[_middle(probability.shape, len(self.truth))]
        finally:
            for handle in handles:
                handle.remove()
        if not self.names:  # in the order in which they run
            order = list(last)
            picks = np.linspace(0, len(order) - 1, MAPS).round().astype(int)
            self.names = tuple(order[i] for i in picks)
        if not self.channels:  # the one in which most is to be seen
            self.channels = [int(last[n][0].float().std((1, 2)).argmax()) for n in self.names]
        for name, channel in zip(self.names, self.channels, strict=True):
            found.append(_small(last[name][0, channel].float()))
        right = np.where(self.truth == 1, probability, 1 - probability)
        self.taken.append((
            done, seconds, np.uint8(probability * 255 + 0.5), np.stack(found),
            float(-np.log(np.maximum(right, 1e-7)).mean()),
            region_score(self.truth, probability > 0.5),
        ))  # fmt: skip
        timed = done not in self.dense and done != self.planned
        self.passing = timed and seconds < self.next_kept  # shown now, and not kept
        if not self.passing:
            self.next_kept = seconds + self.apart
            self._thin_out()
        self.cost += time.perf_counter() - start

    def _thin_out(self) -> None:
        later = [t for t in self.taken if t[0] not in self.dense]
        if len(later) + len(self.dense) > MOST:
            gone = {t[0] for t in later[-2::-2]}
            self.taken = [t for t in self.taken if t[0] not in gone]
            self.apart *= 2

    def _take_up(self, before: Film) -> None:
        if before.image.shape != self.image.shape:
            return
        self.names, self.channels = before.names, before.channels
        self.losses = before.loss.tolist()
        columns = (before.steps, before.seconds, before.maps, before.features,
                   before.validation, before.v_rand)  # fmt: skip
        self.taken = [
            (int(a), float(b), c, d, float(e), float(f))
            for a, b, c, d, e, f in zip(*columns, strict=True)
        ]

    def _made(self) -> Film:
        steps, seconds, maps, features, validation, scores = zip(*self.taken, strict=True)
        picture = self.image if self.image.ndim == 2 else self.image[0]
        low, high = float(picture.min()), float(picture.max())
        return Film(
            image=np.uint8((picture - low) / (high - low or 1) * 255), truth=self.truth,
            planned=self.planned, held_out=self.held_out, names=self.names,
            channels=tuple(self.channels),
            steps=np.array(steps), seconds=np.array(seconds), maps=np.stack(maps),
            features=np.stack(features), validation=np.array(validation),
            v_rand=np.array(scores), loss=np.array(self.losses, np.float64),
        )  # fmt: skip


def _middle(shape: tuple[int, ...], side: int) -> tuple:
    """The square window of this side in the middle of (H, W)."""
    top, left = ((n - side) // 2 for n in shape)
    return np.s_[..., top : top + side, left : left + side]


def _kept_as(name: str, kept: dict) -> Callable:
    return lambda _part, _inputs, output: kept.update({name: output})


def _parts(model: nn.Module) -> list[tuple[str, nn.Module]]:
    """What gives feature maps: pairs of convolutions, or else every convolution."""
    for kind in (DoubleConv, nn.Conv2d):
        found = [(name, part) for name, part in model.named_modules() if isinstance(part, kind)]
        if found:
            return found
    return [("network", model)]


def _small(values: torch.Tensor) -> np.ndarray:
    """A map (h, w) as uint8 (32, 32), from its least value to its greatest."""
    values = values[None, None]
    shrink = min(values.shape[-2:]) > MAP
    values = F.adaptive_avg_pool2d(values, MAP) if shrink else F.interpolate(values, (MAP, MAP))
    values = values[0, 0].cpu().numpy()
    low, high = values.min(), values.max()
    return np.uint8((values - low) / (high - low or 1) * 255 + 0.5)


def region_score(truth: np.ndarray, white: np.ndarray) -> float:
    """V_rand of a map, its walls thinned; 0 where it has no region at all."""
    return v_rand(components(truth), thin(white)) if white.any() and truth.any() else 0.0
