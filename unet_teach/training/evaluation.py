"""Judge a network on slices that it never saw.

ISBI 2012 and the synthetic membranes by the challenge's metrics (`Scores`), a person's own
images and more than two classes by the overlap of each class (`ClassScores`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from torch import nn

from unet_teach.data.volume import VOID, Volume
from unet_teach.metrics import THRESHOLDS, Scores, components, score
from unet_teach.tiling import predict

INSIDE = 1  # the class whose probability is judged


@dataclass(frozen=True)
class ClassScores:
    """How well each class was found, over all slices together; void pixels do not count."""

    iou_by_class: tuple[float | None, ...]  # None: no pixel of it in the labels
    dice_by_class: tuple[float | None, ...]
    threshold: float | None = None  # of two classes: inside is above it
    thresholds: tuple[float, ...] = ()  # of two classes, and the IoU of inside at each
    inside_iou_curve: tuple[float, ...] = ()
    regions: Scores | None = None  # of two classes, where a slice has two regions or more

    def as_dict(self) -> dict:
        """Plain numbers and lists, ready for ``json.dumps``; the regions' among them."""
        own = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}
        own.pop("regions")
        return {**(self.regions.as_dict() if self.regions else {}), **own}


def probabilities(model: nn.Module, volume: Volume, average: bool = False) -> list[np.ndarray]:
    """The probability of inside for every slice, each (H, W), float32."""
    return [predict(model, image, average=average)[INSIDE] for image in volume.images]


def judge(
    model: nn.Module,
    volume: Volume,
    average: bool = False,
    each: Callable[[Iterable], Iterable] = iter,
) -> Scores | ClassScores:
    """The scores that suit this volume; ``each`` may show progress over the slices.

    Raises
    ------
    ValueError
        No labels; of the challenge's data, a slice without any inside.
    """
    if volume.labels is None:
        raise ValueError(f"{volume.name} has no labels to judge by; `predict` needs none")
    two = volume.classes == 2
    maps = []
    for image in each(volume.images):
        classes = predict(model, image, average=average)  # (K, H, W)
        maps.append(classes[INSIDE] if two else classes.argmax(axis=0))
    if two and not volume.own:
        return score(*_without_void(volume.labels, maps))
    if two:
        return _judge_two(volume.labels, maps)
    found = [
        _counts(label, likeliest, volume.classes) for label, likeliest in _zip(volume, maps)
    ]
    return ClassScores(*_overlaps(np.sum(found, axis=0)))


def evaluate(model: nn.Module, volume: Volume, average: bool = False) -> Scores:
    """Score a network by the challenge's metrics on a volume with labels of two classes.

    ``average`` predicts each slice in its eight flips and rotations and takes the mean.
    """
    if volume.labels is None:
        raise ValueError(f"{volume.name} has no labels to judge by; `predict` needs none")
    if volume.classes != 2:
        raise ValueError(
            f"{volume.name} has {volume.classes} classes; the challenge's metrics are "
            "for 2; see iou_by_class"
        )
    return score(*_without_void(volume.labels, probabilities(model, volume, average)))


def iou_by_class(model: nn.Module, volume: Volume, average: bool = False) -> list[float | None]:
    """Intersection over union of each class with the most probable one, over all slices.

    None for a class that the labels lack: it is not there to be judged.
    """
    found = np.zeros((3, volume.classes), np.int64)
    for image, label in zip(volume.images, volume.labels, strict=True):
        likeliest = predict(model, image, average=average).argmax(axis=0)
        found += _counts(label, likeliest, volume.classes)
    return list(_overlaps(found)[0])


def best_threshold(thresholds: Sequence[float], curve: Sequence[float]) -> float:
    """Where the curve is highest, never at 0 or 1; of equal ones the nearest to 0.5.

    Examples
    --------
    >>> best_threshold([0, 0.1, 0.4, 0.5, 1], [1, 0.9, 0.9, 0.8, 1])
    0.4
    """
    inner = [(t, value) for t, value in zip(thresholds, curve, strict=True) if 0 < t < 1]
    return max(inner, key=lambda pair: (round(pair[1], 9), -abs(pair[0] - 0.5)))[0]


def _zip(volume: Volume, maps: list[np.ndarray]) -> Iterable[tuple[np.ndarray, np.ndarray]]:
    return zip(volume.labels, maps, strict=True)


def _judge_two(labels: Sequence[np.ndarray], maps: list[np.ndarray]) -> ClassScores:
    """Two classes of a person's own: the threshold by IoU of inside, and both at it."""
    pairs = list(zip(labels, maps, strict=True))
    counts = [sum(_counts(a, p > t, 2) for a, p in pairs) for t in THRESHOLDS]
    curve = [_overlaps(count)[0][INSIDE] for count in counts]
    there = curve[0] is not None
    threshold = best_threshold(THRESHOLDS, curve) if there else 0.5
    ious, dices = _overlaps(counts[THRESHOLDS.index(threshold)])
    curve = tuple(curve) if there else ()
    filled = [(label, p) for label, p in pairs if (label == INSIDE).any()]
    truth, maps = _without_void(*zip(*filled, strict=True)) if filled else ([], [])
    separate = any(components(mask).max() > 1 for mask in truth)
    regions = score(truth, maps) if separate else None
    return ClassScores(ious, dices, threshold, THRESHOLDS, curve, regions)


def _counts(label: np.ndarray, found: np.ndarray, classes: int) -> np.ndarray:
    """Pixels of each class in both, in the labels, and found, (3, K), void aside."""
    counted = label != VOID
    rows = [(label[counted] == k, found[counted] == k) for k in range(classes)]
    return np.array([[(a & b).sum(), a.sum(), b.sum()] for a, b in rows]).T


def _overlaps(counts: np.ndarray) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
    """IoU and Dice of each class from `_counts`; None where the labels lack it."""
    ious, dices = [], []
    for both, due, got in counts.T.tolist():
        ious.append(both / (due + got - both) if due else None)
        dices.append(2 * both / (due + got) if due else None)
    return tuple(ious), tuple(dices)


def _without_void(
    labels: Sequence[np.ndarray], maps: Sequence[np.ndarray]
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Void made wall in the labels and in the maps, so that it counts for neither."""
    maps = [np.where(a == VOID, 0, p) for a, p in zip(labels, maps, strict=True)]
    return [np.where(a == VOID, 0, a) for a in labels], maps
