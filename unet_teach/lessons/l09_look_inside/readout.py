"""What can be read from the maps of a layer? A linear read-out, level by level. Lesson 09.

Alain and Bengio, "Understanding intermediate layers using linear classifier probes", 2016.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach.lessons.l09_look_inside.maps import record_all
from unet_teach.metrics import components
from unet_teach.progress import progress


def features_at(
    model: nn.Module, images: Tensor, layers: Iterable[str], pixels: Tensor
) -> dict[str, Tensor]:
    """The vector that each layer holds at chosen pixels of the images.

    Parameters
    ----------
    model : any network
    images : (N, C, H, W)
    layers : names of `layer_names(model)`, each run once in a pass and giving (N, C', h, w)
    pixels : whole numbers (N, P, 2), row and column in the images; a map that is smaller is
        read where its pixel covers them

    Returns
    -------
    dict, layer -> tensor (N, P, C')

    Examples
    --------
    >>> image = torch.arange(16.0).view(1, 1, 4, 4)
    >>> pixels = torch.tensor([[[0, 0], [3, 2]]])
    >>> features_at(nn.Sequential(nn.AvgPool2d(2)), image, ["0"], pixels)["0"].tolist()
    [[[2.5], [12.5]]]
    """
    layers = list(layers)
    found = {name: [] for name in layers}
    size = torch.tensor(images.shape[-2:])
    for image, places in zip(images, pixels, strict=True):  # one at a time: little memory
        for name, maps in record_all(model, image[None], layers).items():
            rows, columns = (places * torch.tensor(maps.shape[-2:]) // size).T
            found[name].append(maps[0, :, rows, columns].T)  # (P, C')
    return {name: torch.stack(parts) for name, parts in found.items()}


def readout(
    features: Tensor, target: Tensor, new_features: Tensor, new_target: Tensor,
    ridge: float = 0.1,
) -> float:  # fmt: skip
    """Share of a target's variance that a linear read-out explains **on new data**: R².

    Each feature is standardised; the weights are those of ridge regression,
    ``(AᵀA + ridge·n·1)⁻¹ Aᵀ y``. 1 is perfect, 0 no better than the mean of the first data,
    below 0 worse than it.

    Parameters
    ----------
    features, new_features : (…, C)
    target, new_target : as many numbers
    ridge : above 0; the more, the smaller the weights

    Examples
    --------
    >>> x = torch.randn(200, 3, generator=torch.Generator().manual_seed(0))
    >>> y = x @ torch.tensor([1.0, -2.0, 0.0])
    >>> round(readout(x[:100], y[:100], x[100:], y[100:], ridge=1e-6), 3)
    1.0
    """
    a, b = (f.flatten(0, -2).double() for f in (features, new_features))  # (n, C)
    y, z = (t.flatten().double() for t in (target, new_target))
    mean, spread, level = a.mean(0), a.std(0) + 1e-6, y.mean()
    a, b = (a - mean) / spread, (b - mean) / spread
    gram = a.T @ a + ridge * len(a) * torch.eye(a.shape[1], dtype=a.dtype)
    weights = torch.linalg.solve(gram, a.T @ (y - level))
    wrong = (z - level - b @ weights).pow(2).mean()
    return float(1 - wrong / z.var(correction=0))


def probed(
    networks: Sequence[nn.Module], images: Tensor, levels: Sequence[str],
    wanted: Mapping[str, Tensor],
) -> dict[str, np.ndarray]:  # fmt: skip
    """R² of a linear read-out for each question, network and level.

    Fitted on the first half of the images and judged on the other, at 500 pixels of each.

    Parameters
    ----------
    networks : each has all the levels
    images : (N, C, H, W)
    levels : names of layers, as `features_at` takes them
    wanted : question -> the answer at each pixel (N, H, W); NaN where it is not asked

    Returns
    -------
    dict, question -> array (networks, levels)

    Examples
    --------
    >>> images = torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    >>> same = nn.Sequential(nn.Identity())
    >>> found = probed([same], images, ["0"], {"double": 2 * images[:, 0]})
    >>> round(found["double"].item(), 1)
    1.0
    """
    number, side = len(images), min(images.shape[-2:])
    pixels = torch.randint(side, (number, 500, 2), generator=torch.Generator().manual_seed(0))
    which = torch.arange(number)[:, None]
    at = {
        name: values[which, pixels[..., 0], pixels[..., 1]] for name, values in wanted.items()
    }
    old = (which < number // 2).expand(number, 500)
    scores = {name: [] for name in wanted}
    for network in progress(networks):
        found = features_at(network, images, levels, pixels)  # level -> (N, 500, channels)
        for name, y in at.items():
            fit, judge = ~y.isnan() & old, ~y.isnan() & ~old
            scores[name].append(
                [readout(f[fit], y[fit], f[judge], y[judge]) for f in found.values()]
            )
    return {name: np.array(rows) for name, rows in scores.items()}


def region_size(labels: Tensor) -> Tensor:
    """The logarithm of the area of the region around each pixel; NaN on the membrane.

    Parameters
    ----------
    labels : (N, 1, H, W); 1 is inside, 0 is membrane

    Returns
    -------
    Tensor (N, H, W)

    Examples
    --------
    >>> region_size(torch.tensor([[[[1, 1, 0, 1]]]])).exp().round().tolist()
    [[[2.0, 2.0, nan, 1.0]]]
    """
    regions = [components(one.numpy()) for one in labels[:, 0]]  # numbered; 0 is membrane
    areas = np.stack([np.bincount(one.ravel())[one] for one in regions])
    return torch.from_numpy(areas).float().log().where(labels[:, 0] > 0, torch.nan)


def edge_strength(images: Tensor) -> Tensor:
    """How fast the grey changes, after a blur of one pixel: (N, 1, H, W), of the same shape.

    Examples
    --------
    >>> ramp = 2.0 * torch.arange(9.0).expand(1, 1, 9, 9)
    >>> round(edge_strength(ramp)[0, 0, 4, 4].item(), 3)
    2.0
    """
    t = torch.arange(-3.0, 4.0)
    bell = torch.exp(-t.pow(2) / 2)
    bell = bell / bell.sum()
    soft = F.pad(images, (3, 3, 3, 3), mode="replicate")
    soft = F.conv2d(F.conv2d(soft, bell.view(1, 1, 1, 7)), bell.view(1, 1, 7, 1))
    soft = F.pad(soft, (1, 1, 1, 1), mode="replicate")
    across = (soft[..., 1:-1, 2:] - soft[..., 1:-1, :-2]) / 2
    down = (soft[..., 2:, 1:-1] - soft[..., :-2, 1:-1]) / 2
    return (across.pow(2) + down.pow(2)).sqrt()


def correlation(maps: Tensor, wanted: Tensor) -> Tensor:
    """How much each channel is like a given map, in each image: Pearson's r.

    Parameters
    ----------
    maps : (N, C, h, w)
    wanted : (N, 1, H, W), averaged down to the size of the maps

    Returns
    -------
    Tensor (N, C), from -1 to 1; 0 where a channel is constant

    Examples
    --------
    >>> ramp = torch.arange(4.0).view(1, 1, 2, 2)
    >>> maps = torch.cat([3 * ramp + 1, -ramp, 0 * ramp], dim=1)
    >>> [round(value, 3) for value in correlation(maps, ramp)[0].tolist()]
    [1.0, -1.0, 0.0]
    """
    wanted = F.adaptive_avg_pool2d(wanted, maps.shape[-2:]).flatten(2)  # (N, 1, h·w)
    maps = maps.flatten(2)  # (N, C, h·w)
    maps = maps - maps.mean(2, keepdim=True)
    wanted = wanted - wanted.mean(2, keepdim=True)
    return (maps * wanted).sum(2) / (maps.norm(dim=2) * wanted.norm(dim=2)).clamp(min=1e-9)
