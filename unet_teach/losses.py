"""Losses: the paper's weight map (section 3, equation 2), weighted cross-entropy, soft Dice.

The paper weights the cross-entropy of every pixel: rare classes count more, and so do
the thin walls between two cells, where one wrong pixel merges them. Lesson 11 takes
these functions apart.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor
from torch.nn import functional as F

from unet_teach.models.outputs import class_logits

# The border term is exact wherever it is above this, and may be 0 below it.
NEGLIGIBLE = 1e-4


def weight_map(
    labels: np.ndarray, w0: float = 10.0, sigma: float = 5.0, class_balance: bool = True
) -> np.ndarray:
    """The weight of every pixel, equation 2 of the paper.

    ``w(x) = w_c(x) + w0 · exp(−(d1(x) + d2(x))² / (2 σ²))``, where d1 and d2 are the
    distances, in pixels, from a background pixel to the nearest and the second nearest
    cell. A cell is a 4-connected component of one class other than 0. Inside the cells the
    second term is 0: it is there to keep cells apart. A wall of one pixel has d1 = d2 = 1.

    w_c balances the classes of this slice: pixels / (classes present × pixels of class c),
    so that each class present weighs the same in sum, and the mean of w_c is 1.
    With a single cell there is no second nearest one (d2 is infinite), with none no first:
    the second term is then 0 everywhere and w_c alone is left.

    Parameters
    ----------
    labels : integer or bool array (H, W), class 0 is the background (the walls)
    w0 : height of the second term
    sigma : its width, in pixels
    class_balance : False sets w_c to 1

    Returns
    -------
    float32 array (H, W). The second term is exact wherever it is above 1e-4.

    Raises
    ------
    ValueError
        If labels are not a non-empty two-dimensional array of classes, or w0 or sigma
        makes no sense.

    Examples
    --------
    >>> labels = np.array([[1, 1, 0, 1, 1]])
    >>> weight_map(labels, class_balance=False).round(2)  # 1 + 10 exp(−2² / 50)
    array([[ 1.  ,  1.  , 10.23,  1.  ,  1.  ]], dtype=float32)
    """
    labels = _checked_labels(labels)
    if not (math.isfinite(w0) and w0 >= 0):
        raise ValueError(f"w0 is {w0}; it must be a finite number, 0 or more (the paper: 10)")
    if not (math.isfinite(sigma) and sigma > 0):
        raise ValueError(f"sigma is {sigma}; it must be above 0 pixels (the paper: 5)")
    weights = class_weights(labels) if class_balance else np.ones(labels.shape)
    if w0 > NEGLIGIBLE:
        # Where d1 + d2 exceeds this, the second term is below NEGLIGIBLE.
        reach = math.ceil(sigma * math.sqrt(2 * math.log(w0 / NEGLIGIBLE)))
        nearest, second = two_nearest(labels, reach)
        border = w0 * np.exp(-((nearest + second) ** 2) / (2 * sigma**2))
        weights = weights + np.where(labels == 0, border, 0.0)
    return weights.astype(np.float32)


def class_weights(labels: np.ndarray) -> np.ndarray:
    """w_c of equation 2 as a float64 map (H, W): rare classes weigh more, the mean is 1.

    Examples
    --------
    >>> class_weights(np.array([[0, 1, 1, 1]])).round(2)
    array([[2.  , 0.67, 0.67, 0.67]])
    """
    _, index, counts = np.unique(labels, return_inverse=True, return_counts=True)
    per_class = labels.size / (len(counts) * counts)
    return per_class[index].reshape(labels.shape)


def two_nearest(labels: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """Distances (H, W), in pixels, to the nearest and the second nearest cell.

    Exact up to ``reach``; what lies further may come out as infinite. A distance transform
    of the whole image for each of hundreds of cells would take minutes: each is taken in the
    cell's bounding box, widened by reach, outside which that cell is too far to matter.
    """
    nearest = np.full(labels.shape, np.inf)
    second = np.full(labels.shape, np.inf)
    for value in np.unique(labels[labels != 0]):  # touching cells of two classes stay two
        cells, _ = ndimage.label(labels == value)  # 4-connected
        for number, box in enumerate(ndimage.find_objects(cells), start=1):
            wide = tuple(slice(max(s.start - reach, 0), s.stop + reach) for s in box)
            distance = ndimage.distance_transform_edt(cells[wide] != number)
            # Second smallest of three numbers, two of them sorted.
            second[wide] = np.minimum(second[wide], np.maximum(nearest[wide], distance))
            nearest[wide] = np.minimum(nearest[wide], distance)
    return nearest, second


def weighted_cross_entropy(
    logits: Tensor, target: Tensor, weight_map: Tensor | None = None
) -> Tensor:
    """Mean over all pixels of ``w(x) · −log softmax(logits(x))[target(x)]``, equation 1.

    Computed in float32 (float64 where logits are), under autocast too.

    Parameters
    ----------
    logits : (B, K, H, W); a single map is the logit of class 1 (`class_logits`)
    target : int64 (B, H, W), classes 0..K-1
    weight_map : (B, H, W); None weighs every pixel 1

    Returns
    -------
    Tensor ()

    Raises
    ------
    ValueError
        If shapes differ, or the target is not int64 or has values outside 0..K-1.

    Examples
    --------
    >>> weighted_cross_entropy(torch.zeros(1, 2, 4, 4), torch.zeros(1, 4, 4).long())
    tensor(0.6931)
    """
    _check(logits, target, weight_map)
    logits = class_logits(_full_precision(logits))
    loss = F.cross_entropy(logits, target, reduction="none")  # (B, H, W)
    if weight_map is not None:
        loss = loss * weight_map.to(loss)
    # Divided by the number of pixels, not by the sum of weights as torch does with class
    # weights: that sum differs from one half of a batch to the other, and the average of
    # two processes' losses would then not be the loss of the whole batch.
    return loss.mean()


def soft_dice(logits: Tensor, target: Tensor, smooth: float = 1.0) -> Tensor:
    """One minus the Dice coefficient of the probabilities, mean over images and classes.

    ``1 − (2 Σ p t + smooth) / (Σ p + Σ t + smooth)`` with p = softmax(logits) and t the
    one-hot target, summed over the pixels of one image (Milletari et al. 2016, with plain
    sums below as in Sudre et al. 2017). ``smooth``, in pixels, keeps a class that an image
    lacks from dividing by 0. Summed by image, not by batch: then the average of two
    processes' losses is the loss of the whole batch.

    Parameters and errors as in `weighted_cross_entropy`.

    Examples
    --------
    >>> target = torch.tensor([[[0, 1], [1, 1]]])
    >>> logits = 100.0 * F.one_hot(target, 2).movedim(-1, 1)  # sure and right
    >>> soft_dice(logits, target)
    tensor(0.)
    """
    _check(logits, target, None)
    if not smooth > 0:
        raise ValueError(f"smooth is {smooth}; it must be above 0 pixels (usual: 1)")
    p = class_logits(_full_precision(logits)).softmax(dim=1)  # (B, K, H, W)
    classes = torch.arange(p.shape[1], device=target.device)
    t = (target[:, None] == classes[:, None, None]).to(p)  # (B, K, H, W)
    overlap = (p * t).sum(dim=(2, 3))  # (B, K)
    total = p.sum(dim=(2, 3)) + t.sum(dim=(2, 3))  # (B, K)
    return 1 - ((2 * overlap + smooth) / (total + smooth)).mean()


def dice_cross_entropy(
    logits: Tensor, target: Tensor, weight_map: Tensor | None = None
) -> Tensor:
    """`weighted_cross_entropy` plus `soft_dice` (the map weighs the first alone).

    Examples
    --------
    >>> dice_cross_entropy(torch.zeros(1, 2, 4, 4), torch.zeros(1, 4, 4).long()).ndim
    0
    """
    return weighted_cross_entropy(logits, target, weight_map) + soft_dice(logits, target)


def _full_precision(logits: Tensor) -> Tensor:
    # bfloat16 keeps 8 bits: sums over 10⁵ pixels and logarithms of small numbers need more.
    return logits if logits.dtype == torch.float64 else logits.float()


def _checked_labels(labels: np.ndarray) -> np.ndarray:
    labels = np.asarray(labels)
    if labels.ndim != 2 or labels.size == 0:
        raise ValueError(f"labels have shape {labels.shape}; give one slice, (H, W)")
    if labels.dtype.kind not in "biu":
        raise ValueError(
            f"labels are {labels.dtype}; valid: whole numbers or bool (labels.astype(np.uint8))"
        )
    if labels.min() < 0:
        raise ValueError(f"labels contain {labels.min()}; classes start at 0, the background")
    return labels.astype(np.int64)


def _check(logits: Tensor, target: Tensor, weights: Tensor | None) -> None:
    if logits.ndim != 4:
        raise ValueError(f"logits have shape {tuple(logits.shape)}; valid: (B, K, H, W)")
    batch, maps, height, width = logits.shape
    classes = max(maps, 2)  # one map tells two classes apart
    for name, tensor in (("target", target), ("weight_map", weights)):
        if tensor is not None and tuple(tensor.shape) != (batch, height, width):
            raise ValueError(
                f"{name} has shape {tuple(tensor.shape)}; these logits need "
                f"{(batch, height, width)}, (B, H, W). A network with valid convolutions "
                f"answers for the centre only: crop the {name} to {height}×{width}"
            )
    if target.dtype != torch.int64:
        raise ValueError(f"target is {target.dtype}; valid: torch.int64 (target.long())")
    if target.numel() == 0:
        raise ValueError(f"target has shape {tuple(target.shape)}: no pixel to learn from")
    # One transfer from the device. Without it CUDA stops with a "device-side assert".
    low, high = torch.stack(target.aminmax()).tolist()
    if low < 0 or high >= classes:
        wrong = low if low < 0 else high
        fix = "; a 0/255 mask becomes classes by mask // 255" if high == 255 else ""
        raise ValueError(
            f"target contains {wrong}; {maps} map{'s' * (maps > 1)} of logits mean classes "
            f"0..{classes - 1}{fix}"
        )
