"""The challenge's score: threshold, thin, compare, slice by slice; then the best of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from unet_teach.metrics.checked import THRESHOLDS, checked_stack
from unet_teach.metrics.pixels import dice, iou
from unet_teach.metrics.regions import contingency
from unet_teach.metrics.thinning import components, thin


@dataclass(frozen=True)
class Scores:
    """The best of each metric over the thresholds, and the whole curves."""

    v_rand: float  # the highest mean over slices …
    v_rand_threshold: float  # … and the lowest threshold that reaches it
    v_info: float
    v_info_threshold: float
    pixel_error: float  # 1 − the best mean Dice
    pixel_error_threshold: float
    iou: float  # of white at a threshold of 0.5, as argmax of two classes gives
    dice: float  # likewise
    thresholds: tuple[float, ...]
    v_rand_curve: tuple[float, ...]  # mean over slices at each threshold
    v_info_curve: tuple[float, ...]
    iou_curve: tuple[float, ...]
    dice_curve: tuple[float, ...]
    v_rand_slices: tuple[float, ...]  # of each slice, at v_rand_threshold
    v_info_slices: tuple[float, ...]  # of each slice, at v_info_threshold

    def at(self, threshold: float) -> dict[str, float]:
        """Every metric at one of the thresholds: what counts when it was fixed beforehand."""
        distance = [abs(t - threshold) for t in self.thresholds]
        i = int(np.argmin(distance))
        if not distance[i] < 1e-9:
            raise ValueError(
                f"threshold {threshold} was not scored; thresholds scored:"
                f" {', '.join(f'{t:g}' for t in self.thresholds)};"
                f" nearest: {self.thresholds[i]:g}"
            )
        return {
            "threshold": self.thresholds[i],
            "v_rand": self.v_rand_curve[i],
            "v_info": self.v_info_curve[i],
            "pixel_error": 1.0 - self.dice_curve[i],
            "iou": self.iou_curve[i],
            "dice": self.dice_curve[i],
        }

    def as_dict(self) -> dict:
        """Plain numbers and lists, ready for ``json.dumps``."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}


def score(
    truth: Sequence[np.ndarray],
    probability: Sequence[np.ndarray],
    thresholds: Sequence[float] = THRESHOLDS,
) -> Scores:
    """Judge a stack as the challenge does: threshold, thin, compare, slice by slice.

    For every threshold t the prediction is white where p > t; its walls are thinned
    (`thin`) and compared with the 4-connected regions of the truth. The mean over
    slices is taken first, then each metric's best over t.

    Parameters
    ----------
    truth : (N, H, W) of 0 and 1, or N arrays (H, W) of any sizes; 1 is inside
    probability : likewise, the probability of inside, from 0 to 1
    thresholds : numbers from 0 to 1

    Returns
    -------
    Scores

    Raises
    ------
    ValueError
        Shapes differ, a value is out of range or NaN, a slice of truth is all membrane.

    Notes
    -----
    Nothing is above 1, so t = 1 leaves no white: each pixel is a segment of its own, as
    the challenge has it. V_rand is then next to 0, but V_info is 2 H(S) / (H(S) + log N),
    0.47 on the ISBI stack: there lies the floor of V_info's best threshold, not at 0.

    Examples
    --------
    >>> truth = np.array([[[1, 1, 0, 1, 1]]])
    >>> scores = score(truth, np.array([[[0.9, 0.8, 0.3, 0.7, 0.9]]]))
    >>> scores.v_rand, scores.v_rand_threshold, scores.at(0.2)["v_info"]
    (1.0, 0.3, 0.0)
    """
    slices, thresholds = checked_stack(truth, probability, thresholds)
    table = np.array([_score_slice(a, p, thresholds, i) for i, (a, p) in enumerate(slices)])
    curves = table.mean(axis=0).T  # (N, T, 4) -> (4, T): V_rand, V_info, IoU, Dice
    best_rand, best_info, _, best_dice = curves.argmax(axis=1).tolist()
    half = [[iou(a, p > 0.5), dice(a, p > 0.5)] for a, p in slices]
    rand_curve, info_curve, iou_curve, dice_curve = (tuple(c.tolist()) for c in curves)
    return Scores(
        v_rand=rand_curve[best_rand],
        v_rand_threshold=thresholds[best_rand],
        v_info=info_curve[best_info],
        v_info_threshold=thresholds[best_info],
        pixel_error=1.0 - dice_curve[best_dice],
        pixel_error_threshold=thresholds[best_dice],
        iou=float(np.mean(half, axis=0)[0]),
        dice=float(np.mean(half, axis=0)[1]),
        thresholds=thresholds,
        v_rand_curve=rand_curve,
        v_info_curve=info_curve,
        iou_curve=iou_curve,
        dice_curve=dice_curve,
        v_rand_slices=tuple(table[:, best_rand, 0].tolist()),
        v_info_slices=tuple(table[:, best_info, 1].tolist()),
    )


def _score_slice(
    truth: np.ndarray, probability: np.ndarray, thresholds: tuple[float, ...], index: int
) -> list[list[float]]:
    """V_rand, V_info, IoU and Dice of one slice, for each threshold: (T, 4)."""
    if not truth.any():
        raise ValueError(
            f"slice {index} of truth has 0 pixels inside (1): all of it is membrane, and"
            " regions need at least 1: leave the slice out, or check that inside is 1"
        )
    regions, rows, before = components(truth), [], None
    for t in thresholds:
        white = probability > t
        if before is None or not np.array_equal(white, before):  # a binary map changes once
            table = contingency(regions, thin(white))
            row = [table.v_rand, table.v_info, iou(truth, white), dice(truth, white)]
        rows.append(row)
        before = white
    return rows
