"""What do the skip and the map from below know of the walls, where they meet? Lesson 06."""

from __future__ import annotations

from contextlib import ExitStack
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach.data.membranes import membrane_slice
from unet_teach.data.volume import standardise
from unet_teach.lessons.l06_concat_or_add.surgery import scene
from unet_teach.threads import of_this_thread
from unet_teach.tiling import evaluating

LEARNED_FROM, RIDGE = 3, 1e-4  # a slice without the pair; how much large weights cost


def met(model: nn.Module, image: np.ndarray) -> list[tuple[Tensor, Tensor]]:
    """For each level, the top first: the skip (C, h, w), and the map from below, likewise.

    Examples
    --------
    >>> from unet_teach.config import UNetConfig
    >>> from unet_teach.models.unet import UNet
    >>> model = UNet(UNetConfig(base_channels=2, depth=2, padding="same"))
    >>> [tuple(skip.shape) for skip, _below in met(model, np.eye(8, dtype=np.uint8))]
    [(2, 8, 8), (4, 4, 4)]
    """
    joined: dict[int, Tensor] = {}

    def hook(level: int):
        return lambda _part, inputs: joined.__setitem__(level, inputs[0][0].detach().clone())

    with ExitStack() as ending:
        for level, part in enumerate(model.expand):
            own = of_this_thread(hook(level))
            ending.callback(part.register_forward_pre_hook(own).remove)
        ending.enter_context(evaluating(model))
        model(torch.from_numpy(standardise(image))[None, None])
    return [joined[level].chunk(2) for level in range(len(joined))]


def _columns(maps: Tensor) -> Tensor:
    """A map (C, h, w) as (h · w, C + 1), the last one for the bias."""
    rows = maps.flatten(1).T.double()
    return torch.cat([rows, torch.ones(len(rows), 1, dtype=rows.dtype)], dim=1)


def _wall(labels: np.ndarray, level: int) -> Tensor:
    """How much of each cell of a level's map is wall, (h · w,)."""
    wall = torch.from_numpy(labels != 1).double()[None, None]
    return F.avg_pool2d(wall, 2**level).flatten()


@lru_cache(maxsize=1)
def walls_read() -> dict[tuple[str, int], np.ndarray]:
    """The pair's walls, as one 1 × 1 convolution reads them from each of the maps that meet.

    Its weights are those with the least squared error (plus a little for large weights) on
    another slice.

    Returns
    -------
    ("skip" or "below", level) -> (h, w): about 1 where the map knows of a wall, else about 0
    """
    model, pair_image, _labels = scene()
    image, labels = membrane_slice(LEARNED_FROM, 512, 0)
    found = {}
    for level, maps in enumerate(zip(met(model, image), met(model, pair_image), strict=True)):
        for name, learned, seen in zip(("skip", "below"), *maps, strict=True):
            x, wall = _columns(learned), _wall(labels, level)
            costs = RIDGE * len(x) * torch.eye(x.shape[1], dtype=x.dtype)
            weights = torch.linalg.solve(x.T @ x + costs, x.T @ wall)
            found[name, level] = (_columns(seen) @ weights).view(seen.shape[1:]).numpy()
    return found
