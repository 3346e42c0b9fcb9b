"""Region by region: V_rand and V_info from the table of which pixels lie where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unet_teach.metrics.checked import check_same_shape, checked_labels
from unet_teach.metrics.thinning import DAM


@dataclass(frozen=True)
class Contingency:
    """Pixels counted by the pair of regions they lie in: N times p_ij, s_j and t_i."""

    joint: np.ndarray  # pixels of each pair that has any, int64
    truth: np.ndarray  # pixels of each region of the truth
    segmentation: np.ndarray  # pixels of each segment; a dam pixel is a segment of its own

    @property
    def v_rand(self) -> float:
        """See `v_rand`. Whole numbers until the division, so nothing is rounded."""
        together = 2 * int((self.joint**2).sum())
        return together / int((self.truth**2).sum() + (self.segmentation**2).sum())

    @property
    def v_info(self) -> float:
        """See `v_info`."""
        h_joint, h_truth, h_segmentation = map(
            _entropy, (self.joint, self.truth, self.segmentation)
        )
        if h_truth + h_segmentation == 0:
            return 1.0  # one region in both: they agree, and there was nothing to learn
        shared = h_truth + h_segmentation - h_joint
        score = 2 * shared / (h_truth + h_segmentation)
        return min(max(0.0, score), 1.0)  # rounding may leave it just outside


def contingency(truth: np.ndarray, segmentation: np.ndarray) -> Contingency:
    """Count the pixels of every pair of regions, over the pixels that the truth labels.

    Parameters
    ----------
    truth : (H, W) whole numbers; 0 is not counted
    segmentation : (H, W) whole numbers; each pixel of 0 is a segment of its own

    Raises
    ------
    ValueError
        Shapes differ, labels are no labels, or the truth labels no pixel.

    Examples
    --------
    >>> contingency(np.array([[1, 1, 1, 0, 2]]), np.array([[1, 1, 0, 0, 3]])).joint.tolist()
    [2, 1, 1]
    """
    truth = checked_labels(truth, "truth")
    segmentation = checked_labels(segmentation, "segmentation")
    check_same_shape(truth, segmentation, "segmentation")
    counted = truth > 0
    if not counted.any():
        raise ValueError(
            "the truth has 0 labelled pixels: every pixel is membrane (0), so no region to"
            " compare; at least 1 is needed: leave this slice out, or check that inside is 1"
        )
    a, b = truth[counted], segmentation[counted]
    singles = np.ones(np.count_nonzero(b == DAM), np.int64)
    a_kept, b_kept = a[b != DAM], b[b != DAM]
    columns = int(b.max()) + 1
    pairs = a_kept * columns + b_kept
    joint = np.concatenate([_occurrences(pairs, (int(a.max()) + 1) * columns), singles])
    of_segments = np.concatenate([_occurrences(b_kept, columns), singles])
    return Contingency(joint, _occurrences(a, int(a.max()) + 1), of_segments)


def v_rand(truth: np.ndarray, segmentation: np.ndarray) -> float:
    """Foreground-restricted Rand score: 2 Σ p_ij² / (Σ s_j² + Σ t_i²).

    Draw two pixels at random. It is the harmonic mean of two chances: that they are
    together in the segmentation where they are in the truth (no false split), and
    together in the truth where they are in the segmentation (no merge). Arganda-Carreras et
    al. 2015, with α = ½.

    Parameters
    ----------
    truth : (H, W) whole numbers, such as `components` gives; 0 is not counted
    segmentation : (H, W) whole numbers, such as `thin` gives; each 0 is a segment of its own

    Returns
    -------
    float
        Above 0, at most 1.

    Raises
    ------
    ValueError
        Shapes differ, labels are no labels, or the truth labels no pixel.

    Examples
    --------
    >>> truth = np.array([[1, 1, 0, 2, 2]])
    >>> v_rand(truth, truth), v_rand(truth, np.ones_like(truth))
    (1.0, 0.6666666666666666)
    """
    return contingency(truth, segmentation).v_rand


def v_info(truth: np.ndarray, segmentation: np.ndarray) -> float:
    """Foreground-restricted information score: 2 I(S; T) / (H(S) + H(T)).

    How much of the truth's regions the segmentation tells, and the reverse.
    Arganda-Carreras et al. 2015, with α = ½. Takes and raises what `v_rand` does.

    Returns
    -------
    float
        From 0 to 1; 1 where both are one region.

    Examples
    --------
    >>> truth = np.array([[1, 1, 0, 2, 2]])
    >>> v_info(truth, truth), v_info(truth, np.ones_like(truth))
    (1.0, 0.0)
    """
    return contingency(truth, segmentation).v_info


def _occurrences(values: np.ndarray, bound: int) -> np.ndarray:
    """How often each value occurs, without the values that do not."""
    if bound > 2**22:  # a table would be mostly empty: sort instead
        return np.unique(values, return_counts=True)[1]
    counts = np.bincount(values, minlength=1)
    return counts[counts > 0]


def _entropy(counts: np.ndarray) -> float:
    """H = −Σ p log p, in nats."""
    p = counts / counts.sum()
    return float(-(p * np.log(p)).sum())
