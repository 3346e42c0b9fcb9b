"""What the metrics refuse, and how they say it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

THRESHOLDS = tuple(round(0.1 * i, 1) for i in range(11))  # the challenge's t = 0, 0.1, …, 1
ROUNDING = 1e-5  # a mean of softmaxes may leave [0, 1] by this much


def checked_stack(
    truth: Sequence[np.ndarray], probability: Sequence[np.ndarray], thresholds: Sequence[float]
) -> tuple[list[tuple[np.ndarray, np.ndarray]], tuple[float, ...]]:
    """Pairs of (mask, probability) slices and thresholds as floats, or a clear refusal."""
    thresholds = tuple(float(t) for t in np.atleast_1d(thresholds))
    wrong = [t for t in thresholds if not 0 <= t <= 1]
    if wrong or not thresholds:
        raise ValueError(f"thresholds are {wrong or 'empty'}; give at least one, from 0 to 1")
    if truth is None:
        raise ValueError("truth is None: this volume has no labels; score one that has")
    if len(truth) != len(probability) or not len(truth):
        raise ValueError(
            f"truth has {len(truth)} slices and probability {len(probability)};"
            " both must be (N, H, W) with the same N, 1 or more"
        )
    pairs = []
    for i, (a, p) in enumerate(zip(truth, probability, strict=True)):
        a = checked_slice(checked_mask(a, f"slice {i} of truth"), f"slice {i} of truth")
        p = np.asarray(p)
        check_same_shape(a, p, f"slice {i} of probability")
        pairs.append((a, checked_probability(p, f"slice {i} of probability")))
    return pairs, thresholds


def checked_probability(p: np.ndarray, name: str) -> np.ndarray:
    if p.dtype.kind not in "fiub":
        raise ValueError(f"{name} is of type {p.dtype}; it must be real numbers from 0 to 1")
    p = p if p.dtype.kind == "f" else p.astype(np.float32)
    if not np.isfinite(p).all():
        bad = np.argwhere(~np.isfinite(p))[0].tolist()
        raise ValueError(
            f"{name} holds {p[tuple(bad)]} at (row, column) {tuple(bad)}; probabilities are"
            " finite, from 0 to 1: look for a diverged training or a constant image"
        )
    low, high = (float(p.min()), float(p.max())) if p.size else (0.0, 1.0)
    if low < -ROUNDING or high > 1 + ROUNDING:
        fix = "divide by 255" if 1 < high <= 255 and low >= 0 else "apply softmax to logits"
        raise ValueError(f"{name} runs from {low:g} to {high:g}; valid: 0 to 1; {fix} first")
    return p.clip(0, 1)


def checked_mask(mask: np.ndarray, name: str) -> np.ndarray:
    mask = np.asarray(mask)
    if mask.dtype == bool:
        return mask
    wrong = mask[(mask != 0) & (mask != 1)]
    if wrong.size:
        raise ValueError(
            f"{name} holds {wrong[0]}; valid values: 0 (membrane) and 1 (inside);"
            " for 0/255 masks give labels > 127, for several classes one at a time: labels == 1"
        )
    return mask.astype(bool)


def checked_labels(labels: np.ndarray, name: str) -> np.ndarray:
    labels = checked_slice(np.asarray(labels), name)
    if labels.dtype.kind not in "iu":
        raise ValueError(
            f"{name} is of type {labels.dtype}; regions are numbered with whole numbers:"
            " number them with components(truth) and thin(probability > threshold)"
        )
    if labels.min(initial=0) < 0:
        raise ValueError(f"{name} holds {labels.min()}; regions count from 1, 0 is wall")
    if labels.max(initial=0) > labels.size:  # huge: products overflow; renumber, 0 first
        _, order = np.unique(np.append(labels.dtype.type(0), labels), return_inverse=True)
        labels = order[1:].reshape(labels.shape)
    return labels.astype(np.int64, copy=False)


def checked_slice(array: np.ndarray, name: str) -> np.ndarray:
    if array.ndim != 2:
        raise ValueError(
            f"{name} has shape {array.shape}; a slice is (H, W), a stack (N, H, W):"
            " score a single image as truth[None], probability[None]"
        )
    return array


def check_same_shape(truth: np.ndarray, other: np.ndarray, name: str) -> None:
    if truth.shape != other.shape:
        fix = "crop the truth to the network's output, or predict the whole image by tiles"
        if other.shape[1:] == truth.shape:  # (K, H, W), a map of each class
            fix = "give one map per slice, that of inside: probabilities[1]"
        raise ValueError(
            f"{name} has shape {other.shape}, the truth {truth.shape}; they must agree: {fix}"
        )
