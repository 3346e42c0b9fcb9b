"""Each batch is a pure function of (seed, step, index): the secret of an exact resume.

No state of a random generator has to be saved, and two processes draw together
what one would have drawn alone.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from unet_teach.augment import augment
from unet_teach.data.volume import VOID, Volume, standardise
from unet_teach.losses import weight_map
from unet_teach.shapes import output_size
from unet_teach.training.config import TrainConfig


def seed_for(*numbers: int) -> int:
    """A seed that these whole numbers alone decide, for instance (seed, step, index).

    Examples
    --------
    >>> seed_for(0, 1, 2) == seed_for(0, 1, 2), seed_for(0, 1, 2) == seed_for(0, 2, 1)
    (True, False)
    """
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0]) >> 1


MOST_WEIGHT = 10.0  # of a class, the commonest weighing 1: more makes rare pixels rule a batch


def class_weights(volume: Volume) -> tuple[float, ...]:
    """The weight of each class in the loss: 1 / its fraction of the pixels.

    Scaled so that the commonest class weighs 1, and 10 at most. A class that does not occur
    weighs 1. ISBI's 78 % and 22 % give 1 and 3.5.

    Examples
    --------
    >>> labels = np.zeros((1, 2, 10), np.uint8)
    >>> labels[0, 0, :5] = 1
    >>> class_weights(Volume(labels, labels, "a quarter is inside"))
    (1.0, 3.0)
    """
    counts = sum(
        np.bincount(label.ravel(), minlength=256)[: volume.classes] for label in volume.labels
    )
    most = counts.max()
    return tuple(round(float(min(most / n, MOST_WEIGHT)), 2) if n else 1.0 for n in counts)


class Batches:
    """A volume on its device, ready to be cropped, deformed and served.

    Examples
    --------
    >>> from unet_teach.training.config import TIERS
    >>> pixels = np.zeros((2, 128, 128), np.uint8)
    >>> batches = Batches(Volume(pixels, pixels, "black"), TIERS["check"])
    >>> [tuple(t.shape) for t in batches.batch(step=0, indices=range(4))]
    [(4, 1, 96, 96), (4, 96, 96), (4, 96, 96)]
    """

    def __init__(
        self, volume: Volume, config: TrainConfig, device: torch.device | str = "cpu"
    ) -> None:
        if volume.labels is None:
            raise ValueError(f"{volume.name} has no labels; training needs them")
        if volume.classes > config.network.classes:
            raise ValueError(
                f"{volume.name} has {volume.classes} classes and the network "
                f"{config.network.classes}; set out_channels to {volume.classes}"
            )
        if volume.void and "dice" in config.loss:
            raise ValueError(
                f"loss is {config.loss!r}, which counts every pixel, and {volume.name} has "
                "void pixels, which must not count; use 'cross_entropy'"
            )
        self.config, self.device, self.void = config, device, volume.void
        self.images = [torch.from_numpy(standardise(image)) for image in volume.images]
        self.masks = [torch.from_numpy(np.array(label)).long() for label in volume.labels]
        self.weights = [self._weigh(mask) for mask in self.masks]
        if volume.void:
            for mask, weight in zip(self.masks, self.weights, strict=True):
                weight[mask == VOID] = 0
                mask[mask == VOID] = 0  # of some class; it weighs nothing
        self.images, self.masks, self.weights = (
            [t.to(device) for t in stack] for stack in (self.images, self.masks, self.weights)
        )
        self.margin = (config.size - output_size(config.network, config.size)) // 2

    def _weigh(self, mask: Tensor) -> Tensor:
        """Loss weight of every pixel, (H, W)."""
        config = self.config
        mask = mask.where(mask != VOID, 0) if self.void else mask
        if config.weight_map:
            return torch.from_numpy(weight_map(mask.numpy(), config.w0, config.sigma))
        if config.class_weights is not None:
            return torch.tensor(config.class_weights)[mask]
        return torch.ones(mask.shape)

    def batch(self, step: int, indices: range) -> tuple[Tensor, Tensor, Tensor]:
        """The crops of these indices at this step.

        Returns
        -------
        images : (B, 1, n, n)
        masks, weights : (B, m, m)
            The part that the network's output covers: m = n with same padding, else less.
        """
        seeds = [seed_for(self.config.seed, step, index) for index in indices]
        generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        chosen = [int(torch.randint(len(self.images), (), generator=g)) for g in generators]
        size = (self.config.size, self.config.size)

        def crops(picks: list[int], sources: list[torch.Generator]) -> tuple[Tensor, ...]:
            images = torch.stack([self.images[i] for i in picks])[:, None]
            masks = torch.stack([self.masks[i] for i in picks])
            weights = torch.stack([self.weights[i] for i in picks])
            return augment(images, masks, self.config.augmentation, sources, size, weights)

        if len({self.images[i].shape for i in chosen}) == 1:
            images, masks, weights = crops(chosen, generators)
        else:  # slices of different sizes cannot be stacked before they are cropped
            pairs = zip(chosen, generators, strict=True)
            parts = [crops([i], [g]) for i, g in pairs]
            images, masks, weights = (torch.cat(part) for part in zip(*parts, strict=True))
        inside = slice(self.margin, self.config.size - self.margin)
        return images, masks[:, inside, inside], weights[:, inside, inside]
