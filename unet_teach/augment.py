"""One field, two interpolations: how thirty images teach as if they were thousands.

The paper's section 3.1: "We generate smooth deformations using random
displacement vectors on a coarse 3 by 3 grid. The displacements are sampled from
a Gaussian distribution with 10 pixels standard deviation. Per-pixel
displacements are then computed using bicubic interpolation." The image is read
along that field between its pixels (bilinear), the mask at the nearest pixel:
a class has no in-between. Lesson 12 takes this file apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real

import torch
from torch import Tensor
from torch.nn import functional as F

from unet_teach.config import one_of, whole


@dataclass(frozen=True)
class AugmentConfig:
    """What may happen to a training image. All zero and False: nothing but a random crop."""

    elastic_sigma: float = 10.0  # pixels: standard deviation of the coarse displacements
    elastic_grid: int = 3  # displacement vectors along each side of the output
    rotate: bool = True  # by any angle
    flip: bool = True  # mirror, one time in two
    scale: float = 0.1  # magnify by a factor between 1/(1 + scale) and 1 + scale
    contrast: float = 0.2  # multiply grey values by a factor of the same kind
    brightness: float = 0.2  # add up to this many standard deviations of the slice
    noise: float = 0.2  # add white noise of up to this many standard deviations

    def __post_init__(self) -> None:
        for name in ("elastic_sigma", "scale", "contrast", "brightness", "noise"):
            value = getattr(self, name)
            if not isinstance(value, Real) or not value >= 0:
                raise ValueError(f"{name} is {getattr(self, name)!r}; it must be 0 or more")
        object.__setattr__(self, "elastic_grid", whole("elastic_grid", self.elastic_grid, 2))


NOTHING = AugmentConfig(0.0, 3, False, False, 0.0, 0.0, 0.0, 0.0)


def _uniform(low: float, high: float, generator: torch.Generator) -> float:
    return low + (high - low) * torch.rand((), generator=generator).item()


def _factor(spread: float, generator: torch.Generator) -> float:
    """A factor as likely to enlarge as to shrink: its logarithm is uniform."""
    limit = math.log1p(spread)
    return math.exp(_uniform(-limit, limit, generator))


def displacement(
    size: tuple[int, int],
    config: AugmentConfig,
    generator: torch.Generator,
    device: torch.device | str = "cpu",
) -> Tensor:
    """The elastic part alone: (H, W, 2) displacements in pixels, (right, down).

    Examples
    --------
    >>> displacement((64, 64), AugmentConfig(), torch.Generator().manual_seed(0)).shape
    torch.Size([64, 64, 2])
    """
    coarse = torch.randn(1, 2, config.elastic_grid, config.elastic_grid, generator=generator)
    coarse = config.elastic_sigma * coarse.to(device)
    fine = F.interpolate(coarse, size=size, mode="bicubic", align_corners=True)
    return fine[0].permute(1, 2, 0)  # (1, 2, H, W) -> (H, W, 2)


def random_field(
    image_size: tuple[int, int],
    size: tuple[int, int],
    config: AugmentConfig,
    generator: torch.Generator,
    device: torch.device | str = "cpu",
) -> Tensor:
    """Where each pixel of a random, deformed crop lies in its image.

    Parameters
    ----------
    image_size, size : (int, int)
        Height and width of the image, and of the crop taken from it.
    config : AugmentConfig
    generator : torch.Generator
        On the CPU, so that every device draws the same numbers.
    device : torch.device or str
        Where the field is computed from the few numbers drawn.

    Returns
    -------
    Tensor
        (h, w, 2): column and row, in pixels of the image; 0 is the middle of the first pixel.
    """
    angle = _uniform(-math.pi, math.pi, generator) if config.rotate else 0.0
    zoom = _factor(config.scale, generator)
    mirror = -1.0 if config.flip and _uniform(0, 1, generator) < 0.5 else 1.0
    cos, sin = math.cos(angle) / zoom, math.sin(angle) / zoom

    rows, columns = (
        torch.arange(n, dtype=torch.float32, device=device) - (n - 1) / 2 for n in size
    )
    y, x = torch.meshgrid(rows, mirror * columns, indexing="ij")  # (h, w) each, 0 in the middle
    field = torch.stack([cos * x - sin * y, sin * x + cos * y], dim=-1)  # (h, w, 2)
    if config.elastic_sigma > 0:
        field = field + displacement(size, config, generator, device)

    # The crop's middle lies anywhere that keeps an unturned crop inside its image, on a
    # whole pixel, so that without deformation the crop is a plain slice.
    left = math.floor(_uniform(0, max(image_size[1] - size[1], 0) + 1, generator))
    top = math.floor(_uniform(0, max(image_size[0] - size[0], 0) + 1, generator))
    middle = [left + (size[1] - 1) / 2, top + (size[0] - 1) / 2]
    return field + torch.tensor(middle, device=device)


def warp(maps: Tensor, field: Tensor, mode: str) -> Tensor:
    """Read maps (B, C, H, W) along fields (B, h, w, 2) in pixels; mirrored beyond the border.

    ``mode`` is ``"bilinear"`` for grey values and ``"nearest"`` for classes.

    Examples
    --------
    >>> image = torch.arange(25.0).view(1, 1, 5, 5)
    >>> warp(image, torch.tensor([[[[0.5, 0.0], [4.0, 4.0]]]]), "bilinear").flatten().tolist()
    [0.5, 24.0]
    """
    one_of("mode", mode, ("bilinear", "nearest"))
    limits = torch.tensor([maps.shape[-1] - 1, maps.shape[-2] - 1], device=field.device)
    grid = 2 * field / limits.clamp(min=1) - 1  # pixels -> -1 … 1, as grid_sample counts
    return F.grid_sample(maps, grid, mode=mode, padding_mode="reflection", align_corners=True)


def change_intensity(
    images: Tensor, config: AugmentConfig, generators: Sequence[torch.Generator]
) -> Tensor:
    """Contrast, brightness and noise, drawn apart for each standardised image (B, C, H, W)."""
    changed = []
    for image, generator in zip(images, generators, strict=True):
        contrast = _factor(config.contrast, generator)
        brightness = _uniform(-config.brightness, config.brightness, generator)
        image = contrast * image + brightness
        if config.noise > 0:
            amount = _uniform(0, config.noise, generator)
            image = image + amount * torch.randn(image.shape, generator=generator).to(image)
        changed.append(image)
    return torch.stack(changed)


def augment(
    images: Tensor,
    masks: Tensor,
    config: AugmentConfig,
    generator: torch.Generator | Sequence[torch.Generator],
    size: tuple[int, int] | None = None,
    weights: Tensor | None = None,
) -> tuple[Tensor, ...]:
    """A random, deformed crop of each image, and of its mask by the same field.

    Parameters
    ----------
    images : Tensor
        (B, C, H, W), standardised grey values.
    masks : Tensor
        (B, H, W), classes.
    config : AugmentConfig
    generator : torch.Generator or one for each image
        The only source of chance: same generator state, same result.
    size : (int, int), optional
        Height and width of the crops; the images' own if not given.
    weights : Tensor, optional
        (B, H, W) loss weights, read along the same field with bilinear interpolation.

    Returns
    -------
    tuple of Tensor
        Images (B, C, h, w), masks (B, h, w) and, where given, weights (B, h, w).

    Examples
    --------
    >>> images, masks = torch.randn(2, 1, 64, 64), torch.zeros(2, 64, 64, dtype=torch.long)
    >>> seed = torch.Generator().manual_seed(0)
    >>> images, masks = augment(images, masks, AugmentConfig(), seed, size=(32, 32))
    >>> images.shape, masks.shape
    (torch.Size([2, 1, 32, 32]), torch.Size([2, 32, 32]))
    """
    if images.ndim != 4 or masks.shape != (images.shape[0], *images.shape[-2:]):
        raise ValueError(
            f"images {tuple(images.shape)} and masks {tuple(masks.shape)} do not fit; "
            "due are (B, C, H, W) and (B, H, W)"
        )
    generators = (
        [generator] * len(images) if isinstance(generator, torch.Generator) else generator
    )
    image_size = tuple(images.shape[-2:])
    fields = [
        random_field(image_size, size or image_size, config, g, images.device)
        for g in generators
    ]
    field = torch.stack(fields)  # (B, h, w, 2)

    crops = change_intensity(warp(images, field, "bilinear"), config, generators)
    classes = warp(masks[:, None].float(), field, "nearest")[:, 0].to(masks.dtype)
    if weights is None:
        return crops, classes
    return crops, classes, warp(weights[:, None], field, "bilinear")[:, 0]
