"""Maps made ready to be looked at, and what becomes of an image. Lesson 09."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from scipy import stats
from torch import Tensor
from torch.nn import functional as F

from unet_teach.data.volume import standardise
from unet_teach.models.unet import UNet
from unet_teach.translation import _


def stretch_to_one(maps: Tensor) -> Tensor:
    """Maps as a picture with one colour scale: 0 is the least number of all, 1 the largest."""
    return (maps - maps.min()) / (maps.max() - maps.min())


def settled(one: np.ndarray, others: np.ndarray, questions: int = 1) -> np.ndarray:
    """Whether one network differs from several by more than another of their kind would.

    By Student's t another one lies within t · √(1 + 1/n) standard deviations of the mean of n,
    19 times out of 20; t grows with the number of questions (Bonferroni's correction), so that
    this holds for all of them together.

    Parameters
    ----------
    one : what is measured of one network, any shape
    others : the same of n networks, (n, …)
    questions : that are asked together

    Examples
    --------
    >>> others = np.array([[0.0], [0.1], [0.2], [0.1], [0.1]])
    >>> settled(np.array([0.4]), others), settled(np.array([0.4]), others, questions=27)
    (array([ True]), array([False]))
    """
    n = len(others)
    t = stats.t.ppf(1 - 0.05 / questions / 2, n - 1)
    reach = t * (1 + 1 / n) ** 0.5 * others.std(0, ddof=1)
    return np.abs(one - others.mean(0)) > reach


def shrunk(maps: np.ndarray, pixels: int) -> np.ndarray:
    """Maps (C, H, W) of at most so many pixels each: means over blocks, none enlarged.

    Examples
    --------
    >>> shrunk(np.array([[[0.0, 2.0, 4.0, 6.0]] * 2]), pixels=2).tolist()
    [[[1.0, 5.0]]]
    """
    height, width = maps.shape[-2:]
    factor = min(1.0, (pixels / (height * width)) ** 0.5)
    if factor == 1:
        return maps
    size = max(1, int(height * factor)), max(1, int(width * factor))
    return F.adaptive_avg_pool2d(torch.from_numpy(maps)[None], size)[0].numpy()


def as_input(image: Any) -> Any:
    """An array (H, W), standardised, as a tensor (1, 1, H, W); everything else as it is.

    Raises
    ------
    ValueError
        An array of another shape.
    """
    if not isinstance(image, np.ndarray):
        return image
    if image.ndim != 2:
        raise ValueError(
            f"image has shape {image.shape}; valid: an array (H, W), or a tensor "
            "(B, C, H, W) as the network takes it"
        )
    return torch.from_numpy(standardise(image))[None, None]


def untrained_like(model: UNet, seed: int = 0) -> UNet:
    """A new network of the same form; torch's own random numbers are left as they were."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return UNet(model.config).eval()


def as_levels(maps: np.ndarray, low: float, high: float) -> np.ndarray:
    """Numbers as 0 to 248 in 32 steps, from low to high; what is no finite number is 255.

    32 shades are about what an eye tells apart, and make a recording half as long.

    Examples
    --------
    >>> as_levels(np.array([-1.0, 0.0, 1.0, np.nan]), -1, 1).tolist()
    [0, 128, 248, 255]
    """
    finite = np.isfinite(maps)
    share = (np.where(finite, maps, 0) - low) / ((high - low) or 1)
    return np.where(finite, 8 * np.rint(31 * np.clip(share, 0, 1)), 255).astype(np.uint8)


def scale_of(maps: np.ndarray) -> tuple[str, float, float]:
    """One colour scale for all channels: its kind, and the numbers of its ends.

    From 0 to the largest number, or, where some are below 0, the same to both sides of 0.

    Examples
    --------
    >>> scale_of(np.array([-1.0, 3.0])), scale_of(np.array([0.0, 3.0]))
    (('signed', -3.0, 3.0), ('heat', 0.0, 3.0))
    """
    finite = maps[np.isfinite(maps)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    most = max(abs(low), abs(high))
    return ("signed", -most, most) if low < 0 else ("heat", 0.0, most)


def activity(maps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How much each channel (C, H, W) varies over the picture, and which are dead.

    Dead is a channel of one number; of a map of one pixel, one that is 0.

    Examples
    --------
    >>> varies, dead = activity(np.array([[[0.0, 2.0]], [[5.0, 5.0]]]))
    >>> varies.tolist(), dead.tolist()
    ([1.0, 0.0], [False, True])
    """
    flat = np.nan_to_num(maps.reshape(len(maps), -1), posinf=0.0, neginf=0.0)
    if flat.shape[1] == 1:
        return np.abs(flat[:, 0]), maps.reshape(len(maps), -1)[:, 0] == 0
    return flat.std(axis=1), (maps == maps[:, :1, :1]).all(axis=(1, 2))


def prediction(logits: Tensor) -> tuple[np.ndarray, np.ndarray, str] | None:
    """What an output (B, K, H, W) says: a map from 0 to 1, the class of each pixel, words.

    None for an output that is no picture. Probabilities are taken as they are, other numbers
    as logits: a sigmoid of one map, a softmax of several.

    Examples
    --------
    >>> maps, classes, words = prediction(torch.tensor([[[[-1.0, 1.0]]]]))
    >>> [[round(p, 2) for p in maps[0].tolist()]], classes.tolist(), words
    ([[0.27, 0.73]], [[0, 1]], 'probability of class 1')
    """
    if logits.ndim != 4 or logits.shape[-2:] == (1, 1):
        return None
    maps = logits[0].detach().float().cpu().nan_to_num()  # (K, H, W)
    total = maps.sum(dim=0)
    are = bool((maps >= 0).all() and (maps <= 1).all())
    if len(maps) == 1:
        one = maps[0] if are else maps[0].sigmoid()
    else:
        maps = (
            maps if are and torch.allclose(total, total * 0 + 1, atol=1e-2) else maps.softmax(0)
        )
        one = maps[1]
    if len(maps) <= 2:
        classes = (one > 0.5).long() if len(maps) == 1 else maps.argmax(0)
        return one.numpy(), classes.numpy(), _("probability of class 1")
    classes = maps.argmax(0)
    share = classes.float() / (len(maps) - 1)
    return share.numpy(), classes.numpy(), _("most likely of {n} classes").format(n=len(maps))
