"""How good a segmentation is: pixel by pixel, and region by region.

A micrograph is segmented to follow neurites, so what counts is whether two
pixels of one neurite stay together and two of different neurites stay apart.
One missing pixel of wall merges two neurites: pixel error, IoU and Dice hardly
move, V_rand falls. The metrics are the ISBI 2012 challenge's: Arganda-Carreras
et al., "Crowdsourcing the creation of image segmentation algorithms for
connectomics", Frontiers in Neuroanatomy 9:142, 2015. The paper's section 4
quotes the challenge's earlier, unthinned ones.

In this module *white* is inside a neurite (1) and *black* is wall (0).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from scipy import ndimage

THRESHOLDS = tuple(round(0.1 * i, 1) for i in range(11))  # the challenge's t = 0, 0.1, …, 1
DAM = 0  # label of a wall pixel in a thinned map
ROUNDING = 1e-5  # a mean of softmaxes may leave [0, 1] by this much

# ---------------------------------------------------------------- pixel by pixel


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
    slices, thresholds = _checked(truth, probability, thresholds)
    f_scores = [[dice(a, p > t) for t in thresholds] for a, p in slices]
    return 1.0 - float(np.mean(f_scores, axis=0).max())


def _overlap(truth: np.ndarray, white: np.ndarray) -> tuple[int, int]:
    """Pixels white in both, and the sum of the two white areas."""
    truth, white = _mask(truth, "truth"), _mask(white, "white")
    _same_shape(truth, white, "white")
    both = int(np.count_nonzero(truth & white))
    return both, int(np.count_nonzero(truth) + np.count_nonzero(white))


# ---------------------------------------------------------------- regions


def components(white: np.ndarray) -> np.ndarray:
    """4-connected regions of white, numbered from 1; black is 0. (H, W) -> int32 (H, W).

    Examples
    --------
    >>> components(np.array([[1, 0, 1], [1, 0, 0]]))
    array([[1, 0, 2],
           [1, 0, 0]], dtype=int32)
    """
    return ndimage.label(_slice(_mask(white, "white"), "white"))[0].astype(np.int32, copy=False)


def thin(white: np.ndarray) -> np.ndarray:
    """Thin walls to dams one pixel wide: a watershed floods black from the white regions.

    All regions grow at one pixel a step, through the four sides of a pixel. A pixel
    that two regions reach becomes a dam. Hence: white pixels keep their region; no
    two neighbouring pixels lie in different regions; every dam touches at least two
    regions, or (where dams meet) none. Without thinning, the width of the walls that
    a network draws would count as error: 0.52 against 0.87 for a smoothed image.

    Parameters
    ----------
    white : (H, W) array, bool or of 0 and 1

    Returns
    -------
    (H, W) int32 array
        Regions numbered from 1 as in `components`; 0 is dam. With no white there is
        nothing to flood from, and every pixel stays a dam.

    Examples
    --------
    >>> thin(np.array([[1, 0, 0, 0, 0, 1], [1, 0, 0, 0, 0, 0]]))
    array([[1, 1, 1, 0, 2, 2],
           [1, 1, 1, 0, 2, 2]], dtype=int32)
    """
    labels = components(white)
    height, width = labels.shape
    regions = int(labels.max(initial=0))
    if regions < 2:  # one region floods all there is, none floods nothing
        return np.full_like(labels, regions)
    # A border saves bounds checks. With an odd row length the pixels of even index are
    # one colour of a chessboard: no two are neighbours, so they can be flooded at once.
    row = width + 2 + (width + 1) % 2
    padded = np.full((height + 2, row), -1, np.int32)  # −1 is border or dam, 0 not reached
    padded[1:-1, 1 : width + 1] = labels
    flat, around = padded.ravel(), np.array([-row, -1, 1, row])
    edge = ndimage.binary_dilation(padded > 0) & (padded == 0)
    reached = np.flatnonzero(edge)
    order = np.empty(flat.size, np.intp)
    while reached.size:
        for colour in (0, 1):
            _flood(flat, reached[(reached & 1) == colour], around)
        grown = reached[flat[reached] > 0]
        reached = (grown[:, None] + around).ravel()
        reached = reached[flat[reached] == 0]
        order[reached] = np.arange(reached.size)  # the last of each pixel's mentions wins,
        reached = reached[order[reached] == np.arange(reached.size)]  # and stands for all
    return np.maximum(padded[1:-1, 1 : width + 1], DAM)


def _flood(flat: np.ndarray, pixels: np.ndarray, around: np.ndarray) -> None:
    """Give each pixel the one region it touches, or make it a dam (−1) if it touches more."""
    near = flat[pixels[:, None] + around]  # (pixels, 4)
    highest = near.max(axis=1, initial=0)
    lowest = np.where(near > 0, near, np.iinfo(np.int32).max).min(
        axis=1, initial=np.iinfo(np.int32).max
    )
    flat[pixels] = np.where(lowest == highest, highest, -1)


# ---------------------------------------------------------------- region by region


@dataclass(frozen=True)
class Contingency:
    """Pixels counted by the pair of regions they lie in: N times p_ij, s_j and t_i."""

    joint: np.ndarray  # pixels of each pair that occurs, int64
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
        return max(0.0, 2 * shared / (h_truth + h_segmentation))


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
    >>> contingency(np.array([[1, 1, 1, 0, 2]]), np.array([[1, 1, 0, 0, 3]])).joint
    array([2, 1, 1])
    """
    truth, segmentation = _labels(truth, "truth"), _labels(segmentation, "segmentation")
    _same_shape(truth, segmentation, "segmentation")
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
    pairs = a_kept.astype(np.int64) * columns + b_kept
    joint = np.concatenate([_occurrences(pairs, (int(a.max()) + 1) * columns), singles])
    of_segments = np.concatenate([_occurrences(b_kept, columns), singles])
    return Contingency(joint, _occurrences(a, int(a.max()) + 1), of_segments)


def v_rand(truth: np.ndarray, segmentation: np.ndarray) -> float:
    """Foreground-restricted Rand score: 2 Σ p_ij² / (Σ s_j² + Σ t_i²).

    Draw two pixels at random: the harmonic mean of the chance that they are together
    in the segmentation if they are in the truth, and the reverse. Arganda-Carreras et
    al. 2015, equation 4 with α = ½.

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


# ---------------------------------------------------------------- the challenge's score


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
    about 0.5 on the ISBI stack: the floor of V_info's best threshold is there, not at 0.

    Examples
    --------
    >>> truth = np.array([[[1, 1, 0, 1, 1]]])
    >>> scores = score(truth, np.array([[[0.9, 0.8, 0.3, 0.7, 0.9]]]))
    >>> scores.v_rand, scores.v_rand_threshold, scores.at(0.2)["v_info"]
    (1.0, 0.3, 0.0)
    """
    slices, thresholds = _checked(truth, probability, thresholds)
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


# ---------------------------------------------------------------- what is refused


def _checked(
    truth: Sequence[np.ndarray], probability: Sequence[np.ndarray], thresholds: Sequence[float]
) -> tuple[list[tuple[np.ndarray, np.ndarray]], tuple[float, ...]]:
    """Pairs of (mask, probability) slices and thresholds as floats, or a clear refusal."""
    thresholds = tuple(float(t) for t in thresholds)
    wrong = [t for t in thresholds if not 0 <= t <= 1]
    if wrong or not thresholds:
        raise ValueError(f"thresholds are {wrong or 'empty'}; give at least one, from 0 to 1")
    if len(truth) != len(probability) or not len(truth):
        raise ValueError(
            f"truth has {len(truth)} slices and probability {len(probability)};"
            " both must be (N, H, W) with the same N, 1 or more"
        )
    pairs = []
    for i, (a, p) in enumerate(zip(truth, probability, strict=True)):
        a = _slice(_mask(a, f"slice {i} of truth"), f"slice {i} of truth")
        p = np.asarray(p)
        _same_shape(a, p, f"slice {i} of probability")
        pairs.append((a, _probability(p, f"slice {i} of probability")))
    return pairs, thresholds


def _probability(p: np.ndarray, name: str) -> np.ndarray:
    if p.dtype.kind not in "fiub":
        raise ValueError(f"{name} is of type {p.dtype}; it must be real numbers from 0 to 1")
    p = p if p.dtype.kind == "f" else p.astype(np.float32)
    if not np.isfinite(p).all():
        bad = np.argwhere(~np.isfinite(p))[0].tolist()
        raise ValueError(
            f"{name} holds {p[tuple(bad)]} at (row, column) {tuple(bad)}; probabilities are"
            " finite, from 0 to 1: look for a diverged training or a constant image"
        )
    low, high = float(p.min(initial=0)), float(p.max(initial=1))
    if low < -ROUNDING or high > 1 + ROUNDING:
        fix = "divide by 255" if 1 < high <= 255 and low >= 0 else "apply softmax to logits"
        raise ValueError(f"{name} runs from {low:g} to {high:g}; valid: 0 to 1; {fix} first")
    return p.clip(0, 1)


def _mask(mask: np.ndarray, name: str) -> np.ndarray:
    mask = np.asarray(mask)
    if mask.dtype == bool:
        return mask
    wrong = mask[(mask != 0) & (mask != 1)]
    if wrong.size:
        raise ValueError(
            f"{name} holds {wrong[0]}; valid values: 0 (membrane) and 1 (inside);"
            " turn 0/255 labels into classes with labels > 127"
        )
    return mask.astype(bool)


def _labels(labels: np.ndarray, name: str) -> np.ndarray:
    labels = _slice(np.asarray(labels), name)
    if labels.dtype.kind not in "iu":
        raise ValueError(
            f"{name} is of type {labels.dtype}; regions are numbered with whole numbers:"
            " number them with components(truth) and thin(probability > threshold)"
        )
    if labels.min(initial=0) < 0:
        raise ValueError(f"{name} holds {labels.min()}; regions count from 1, 0 is wall")
    return labels


def _slice(array: np.ndarray, name: str) -> np.ndarray:
    if array.ndim != 2:
        raise ValueError(
            f"{name} has shape {array.shape}; one slice is (H, W), a stack for score (N, H, W)"
        )
    return array


def _same_shape(truth: np.ndarray, other: np.ndarray, name: str) -> None:
    if truth.shape != other.shape:
        raise ValueError(
            f"{name} has shape {other.shape} and the truth {truth.shape}; they must agree:"
            " crop the truth to the network's output, or predict the whole image by tiles"
        )
