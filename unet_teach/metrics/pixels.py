"""Pixel by pixel: Dice, IoU, pixel error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from unet_teach.metrics.checked import THRESHOLDS, check_same_shape, checked_mask, checked_stack


def dice(truth: np.ndarray, white: np.ndarray) -> float:
    """Dice coefficient (F-score) of white: 2 |A ∩ B| / (|A| + |B|).

    Parameters
    ----------
    truth, white : arrays of one shape, bool or of 0 and 1

    Returns
    -------
    float
        From 0 to 1; 1 where neither has any white, since they agree.

    Examples
    --------
    >>> dice(np.array([[1, 1, 0]]), np.array([[1, 0, 0]]))
    0.6666666666666666
    """
    both, sum_of_areas = _overlap(truth, white)
    return 2 * both / sum_of_areas if sum_of_areas else 1.0


def iou(truth: np.ndarray, white: np.ndarray) -> float:
    """Intersection over union (Jaccard index) of white: |A ∩ B| / |A ∪ B|.

    Takes and returns what `dice` does; IoU = Dice / (2 − Dice).

    Examples
    --------
    >>> iou(np.array([[1, 1, 0]]), np.array([[1, 0, 0]]))
    0.5
    """
    both, sum_of_areas = _overlap(truth, white)
    return both / (sum_of_areas - both) if sum_of_areas else 1.0


def pixel_error(
    truth: Sequence[np.ndarray],
    probability: Sequence[np.ndarray],
    thresholds: Sequence[float] = THRESHOLDS,
) -> float:
    """1 − the best F-score of white over the thresholds (mean over slices first).

    Takes what `score` takes, and costs no thinning. It separates poorly: on the
    ISBI stack smoothed noise scores nearly as well as a tuned threshold.

    Examples
    --------
    >>> pixel_error(np.array([[[1, 1, 0]]]), np.array([[[0.9, 0.4, 0.1]]]))
    0.0
    """
    slices, thresholds = checked_stack(truth, probability, thresholds)
    f_scores = [[dice(a, p > t) for t in thresholds] for a, p in slices]
    return 1.0 - float(np.mean(f_scores, axis=0).max())


def _overlap(truth: np.ndarray, white: np.ndarray) -> tuple[int, int]:
    """Pixels white in both, and the sum of the two white areas."""
    truth, white = checked_mask(truth, "truth"), checked_mask(white, "white")
    check_same_shape(truth, white, "white")
    both = int(np.count_nonzero(truth & white))
    return both, int(np.count_nonzero(truth) + np.count_nonzero(white))
