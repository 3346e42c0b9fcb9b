"""Augmentation: one field for image and mask, against scipy and against doing nothing."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from unet_teach.augment import (
    NOTHING,
    AugmentConfig,
    augment,
    change_intensity,
    displacement,
    random_field,
    warp,
)

GEOMETRY = AugmentConfig(contrast=0.0, brightness=0.0, noise=0.0)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def smooth_images(b=2, size=48):
    noise = np.random.default_rng(0).normal(size=(b, size, size))
    return torch.tensor(ndimage.gaussian_filter(noise, (0, 3, 3)), dtype=torch.float32)[:, None]


def test_nothing_changes_nothing():
    images = smooth_images()
    masks = (images[:, 0] > 0).long()
    same_images, same_masks = augment(images, masks, NOTHING, generator())
    torch.testing.assert_close(same_images, images, atol=1e-5, rtol=0)
    assert torch.equal(same_masks, masks)


def test_a_crop_without_deformation_is_a_slice_of_the_image():
    images = torch.arange(20.0 * 20).view(1, 1, 20, 20)
    places = set()
    for seed in range(200):
        crop, _ = augment(images, images[:, 0].long(), NOTHING, generator(seed), size=(16, 12))
        corner = round(crop[0, 0, 0, 0].item())
        row, column = divmod(corner, 20)
        expected = images[..., row : row + 16, column : column + 12]
        torch.testing.assert_close(crop, expected, atol=1e-2, rtol=0)
        places.add((row, column))
    rows, columns = (set(side) for side in zip(*places, strict=True))
    assert rows == set(range(5)) and columns == set(range(9))  # every place that there is


def test_the_mask_follows_the_image():
    """A mask made of the warped image is the warped mask, but for pixels on an edge."""
    images = smooth_images(4, 64)
    masks = (images[:, 0] > 0).long()
    crops, classes = augment(images, masks, GEOMETRY, generator(3), size=(48, 48))
    agree = ((crops[:, 0] > 0).long() == classes).float().mean()
    assert agree > 0.97
    assert 0.2 < classes.float().mean() < 0.8


def test_classes_stay_classes():
    masks = torch.randint(0, 3, (2, 40, 40), generator=generator()) * 2
    _, classes = augment(torch.zeros(2, 1, 40, 40), masks, GEOMETRY, generator())
    assert set(classes.unique().tolist()) == {0, 2, 4} and classes.dtype == masks.dtype


@pytest.mark.parametrize(("mode", "order"), [("bilinear", 1), ("nearest", 0)])
def test_warp_is_scipys(mode, order):
    image = smooth_images(1, 30)
    field = random_field((30, 30), (30, 30), GEOMETRY, generator(1))
    field = field.double() + 1e-3  # away from ties between two nearest pixels
    ours = warp(image.double(), field[None], mode)[0, 0]
    x, y = field.numpy().transpose(2, 0, 1)
    theirs = ndimage.map_coordinates(image[0, 0].double(), [y, x], order=order, mode="mirror")
    differ = np.abs(ours.numpy() - theirs) > 1e-6
    assert differ.mean() < (0.01 if mode == "nearest" else 1e-9)


def test_beyond_the_border_the_image_is_mirrored():
    image = torch.tensor([[[[1.0, 2.0, 3.0]]]])
    field = torch.tensor([[[[-1.0, 0.0], [-2.0, 0.0], [3.0, 0.0]]]])
    assert warp(image, field, "nearest").flatten().tolist() == [2.0, 3.0, 2.0]


def test_displacements_are_the_papers():
    """Gaussian of 10 pixels on a 3×3 grid, met exactly at the grid's nine points."""
    config = AugmentConfig()
    corners = torch.stack(
        [displacement((65, 65), config, generator(s))[::32, ::32] for s in range(300)]
    )
    assert corners.shape == (300, 3, 3, 2)
    assert corners.std().item() == pytest.approx(10, rel=0.05)
    assert corners.mean().abs() < 0.5
    coarse = 10 * torch.randn(1, 2, 3, 3, generator=generator(7))
    fine = displacement((65, 65), config, generator(7))
    coarse = coarse[0].permute(1, 2, 0)  # (3, 3, 2)
    torch.testing.assert_close(fine[::32, ::32], coarse, atol=1e-4, rtol=0)
    # Halfway between two of them: cubic convolution (Keys, 1981, a = -3/4), border repeated.
    keys = torch.tensor([-3 / 32, 19 / 32, 19 / 32, -3 / 32])[:, None]
    halfway = (keys * coarse[0, [0, 0, 1, 2]]).sum(dim=0)
    torch.testing.assert_close(fine[0, 16], halfway, atol=1e-4, rtol=0)


def test_rotation_flip_and_scale_keep_what_they_should():
    config = AugmentConfig(elastic_sigma=0.0, scale=0.2)
    determinants = []
    for seed in range(200):
        field = random_field((99, 99), (99, 99), config, generator(seed)).double()
        right = field[50, 51] - field[50, 50]
        down = field[51, 50] - field[50, 50]
        assert abs(right @ down) < 1e-4  # right angles stay right
        assert torch.allclose(right.norm(), down.norm(), atol=1e-4)  # squares stay squares
        assert 1 / 1.2 - 1e-3 <= right.norm() <= 1.2 + 1e-3
        determinants.append((right[0] * down[1] - right[1] * down[0]).sign().item())
    assert 60 < determinants.count(-1) < 140  # mirrored about one time in two


def test_intensity_stays_in_its_range_and_differs_by_image():
    config = AugmentConfig(contrast=0.5, brightness=0.3, noise=0.0)
    images = torch.ones(300, 1, 2, 2)
    images[:, :, 0] = -1
    changed = change_intensity(images, config, [generator(s) for s in range(300)])
    contrast = (changed[:, 0, 1, 0] - changed[:, 0, 0, 0]) / 2
    brightness = (changed[:, 0, 1, 0] + changed[:, 0, 0, 0]) / 2
    assert 1 / 1.5 <= contrast.min() < 0.72 and 1.4 < contrast.max() <= 1.5
    assert -0.3 <= brightness.min() < -0.27 and 0.27 < brightness.max() <= 0.3
    noisy = change_intensity(
        torch.zeros(50, 1, 64, 64), AugmentConfig(noise=0.5), [generator(s) for s in range(50)]
    )
    spread = noisy.std(dim=(1, 2, 3))
    assert spread.max() <= 0.52 and spread.min() < 0.1


def test_chance_comes_from_the_generator_alone():
    images, masks = smooth_images(), torch.zeros(2, 48, 48, dtype=torch.long)
    torch.manual_seed(1)
    a = augment(images, masks, AugmentConfig(), generator(5))
    torch.manual_seed(2)
    b = augment(images, masks, AugmentConfig(), generator(5))
    assert torch.equal(a[0], b[0])
    assert not torch.equal(a[0], augment(images, masks, AugmentConfig(), generator(6))[0])
    each = [generator(1), generator(2)]
    both = augment(images, masks, AugmentConfig(), each)[0]
    second = augment(images[1:], masks[1:], AugmentConfig(), [generator(2)])[0]
    assert torch.equal(both[1:], second)


def test_weights_are_warped_along():
    images = smooth_images()
    _, masks, weights = augment(
        images, (images[:, 0] > 0).long(), GEOMETRY, generator(), weights=images[:, 0]
    )
    crops, _ = augment(images, (images[:, 0] > 0).long(), GEOMETRY, generator())
    torch.testing.assert_close(weights, crops[:, 0])
    assert masks.shape == weights.shape


def test_a_crop_larger_than_the_image_is_mirrored_into_being():
    crops, classes = augment(
        smooth_images(1, 20), torch.ones(1, 20, 20).long(), GEOMETRY, generator(), (64, 64)
    )
    assert crops.shape == (1, 1, 64, 64) and torch.isfinite(crops).all()
    assert (classes == 1).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: AugmentConfig(elastic_sigma=-1), "elastic_sigma is -1; it must be 0 or more"),
        (lambda: AugmentConfig(noise=float("nan")), "noise is nan"),
        (
            lambda: AugmentConfig(elastic_grid=1),
            "elastic_grid is 1; it must be a whole number, 2 or more",
        ),
        (
            lambda: augment(
                torch.zeros(2, 1, 8, 8), torch.zeros(2, 9, 8), NOTHING, generator()
            ),
            r"images (2, 1, 8, 8) and masks (2, 9, 8) do not fit",
        ),
        (
            lambda: warp(torch.zeros(1, 1, 8, 8), torch.zeros(1, 8, 8, 2), "bicubic"),
            "mode is 'bicubic'; valid values: 'bilinear', 'nearest'",
        ),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert message in str(caught.value)
