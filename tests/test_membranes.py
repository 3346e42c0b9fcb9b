"""The synthetic sections: reproducible, lifelike in numbers, and refused where impossible."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from unet_teach.data import membranes
from unet_teach.data.membranes import MembraneConfig, membrane_slice, synthetic_membranes


@pytest.fixture(scope="module")
def stack():
    return synthetic_membranes(6, size=128, seed=4)


@pytest.fixture(scope="module")
def many():
    """Slices of many tissues, clean and noisy: images and labels (24, 128, 128)."""
    pairs = [membrane_slice(7 * k % 30, 128, k) for k in range(24)]
    return np.stack([p[0] for p in pairs]), np.stack([p[1] for p in pairs])


def test_shape_and_type(stack):
    assert stack.images.shape == stack.labels.shape == (6, 128, 128)
    assert stack.images.dtype == stack.labels.dtype == np.uint8
    assert set(np.unique(stack.labels)) == {0, 1}
    assert stack.classes == 2
    assert "synthetic" in stack.name


@pytest.mark.parametrize("size", [32, 45, 64])
def test_small_and_odd_sizes(size):
    volume = synthetic_membranes(1, size=size, seed=2)
    assert volume.images.shape == (1, size, size)
    assert volume.images.std() > 10


def test_same_seed_same_bits_also_without_the_cache(stack):
    membranes._tissue.cache_clear()
    again = synthetic_membranes(6, size=128, seed=4)
    assert np.array_equal(stack.images, again.images)
    assert np.array_equal(stack.labels, again.labels)


def test_a_longer_stack_begins_with_the_shorter(stack):
    short = synthetic_membranes(2, size=128, seed=4)
    assert np.array_equal(short.images, stack.images[:2])
    assert np.array_equal(short.labels, stack.labels[:2])
    image, labels = membrane_slice(5, 128, 4)
    assert np.array_equal(image, stack.images[5])
    assert np.array_equal(labels, stack.labels[5])


def test_seeds_differ(stack):
    tissue, other = (membranes._tissue(128, seed, MembraneConfig()) for seed in (4, 5))
    assert not np.isin(tissue.x, other.x).any()
    other = synthetic_membranes(1, size=128, seed=5)
    assert (other.labels[0] != stack.labels[0]).mean() > 0.1
    assert (other.images[0] != stack.images[0]).mean() > 0.9


def test_share_of_inside_is_isbis(many):
    # ISBI 2012: 0.780 over the stack, 0.73 to 0.83 by slice of 512² pixels.
    share = many[1].mean((1, 2))
    assert 0.73 < share.mean() < 0.83
    assert share.std() < 0.12


def test_regions_are_many_and_no_specks(many):
    # ISBI 2012: 114 regions in 512² pixels, so about 7 in 128², and more that are cut.
    counts, areas = [], []
    for labels in many[1]:
        parts, count = ndimage.label(labels)
        counts.append(count)
        areas.extend(np.bincount(parts.ravel())[1:])
    assert 5 < np.mean(counts) < 25
    assert np.mean(np.array(areas) < 10) < 0.05


def test_specks_go_to_what_is_around_them():
    inside = np.ones((40, 40), bool)
    inside[:, 18:22] = False  # a wall
    expected = inside.astype(np.uint8)
    inside[5:8, 5:8] = False  # 9 pixels of wall within a cell
    inside[30:33, 19:21] = True  # 6 pixels of cell within the wall
    assert np.array_equal(membranes._without_specks(inside), expected)
    assert not np.array_equal(membranes._without_specks(inside, least=1), expected)


def test_walls_are_dark_by_as_much_as_isbis(many):
    # ISBI 2012: (137.6 - 85.6) / 42.8 = 1.2 standard deviations.
    drop = [
        (image[labels == 1].mean() - image[labels == 0].mean()) / image.std()
        for image, labels in zip(*many, strict=True)
    ]
    assert 0.9 < np.mean(drop) < 1.5
    assert min(drop) > 0.3


def test_mitochondria_are_inside(monkeypatch):
    """Mitochondria darken pixels that the labels call inside, and change no label."""
    none, all_ = (replace(MembraneConfig(), mitochondria=m) for m in (0.0, 1.0))
    before, after = {}, {}
    original = membranes._paint_mitochondria

    def spy(picture, *rest):
        store = before if rest[-1] is none else after
        old = picture.copy()
        original(picture, *rest)
        store["darker"] = old - picture > 0.2

    monkeypatch.setattr(membranes, "_paint_mitochondria", spy)
    labels_none = membrane_slice(0, 256, 3, none)[1]
    labels_all = membrane_slice(0, 256, 3, all_)[1]
    assert not before["darker"].any()
    assert after["darker"].mean() > 0.02
    assert labels_all[after["darker"]].mean() > 0.9
    assert (labels_all != labels_none).mean() < 0.05


def test_a_mitochondrion_stays_in_its_own_cell():
    config = replace(MembraneConfig(), mitochondria=1.0)
    tissue, depth = membranes._tissue(128, 3, config), np.full((128, 128), 20.0)
    for cell, painted in ((tissue.cell[1], True), (-1, False)):  # 1: in the middle
        picture = np.zeros((128, 128))
        rng, everywhere = np.random.default_rng(0), np.full((128, 128), cell)
        membranes._paint_mitochondria(picture, tissue, 0, everywhere, depth, rng, config)
        assert picture.any() == painted


def test_neighbours_in_z_are_alike():
    labels = synthetic_membranes(12, size=128, seed=1).labels.astype(float)
    soft = [ndimage.gaussian_filter(s, 2).ravel() for s in labels]

    def alike(lag):
        return np.mean([np.corrcoef(soft[i], soft[i + lag])[0, 1] for i in range(12 - lag)])

    assert alike(1) > 0.4
    assert alike(1) > alike(3) > alike(9)


def test_the_second_half_is_noisier():
    def noise(index):  # Immerkaer's mask: what is left of a picture without its lines
        image = membrane_slice(index, 96, 0)[0].astype(float)
        mask = np.outer([1, -2, 1], [1, -2, 1])
        return np.abs(ndimage.convolve(image, mask)).mean()

    clean = np.mean([noise(i) for i in range(0, 15, 2)])
    noisy = np.mean([noise(i) for i in range(15, 30, 2)])
    assert noisy > 1.5 * clean


def test_an_upright_wall_is_thin_and_an_oblique_one_wide_and_grey():
    """A straight wall that does not move, against one that moves 12 pixels a section."""
    gap = np.tile(2 * np.abs(np.arange(64, dtype=np.float32) - 31.5), (64, 1))
    near = {"gap": gap, "cell": np.zeros((64, 64), int), "other": np.ones((64, 64), int)}
    dark = {}
    for v in (0.0, 12.0):
        near["speed"] = np.full((64, 64), 2 * v, np.float32)
        wall, labels, depth = membranes._walls(near, np.random.default_rng(0), MembraneConfig())
        dark[v] = wall[32]
        assert labels[32, 32] == 0
        assert labels[32, 4] == 1
        assert depth[32, 10] == pytest.approx(21.5, abs=0.5)
    assert dark[12.0].max() < 0.7 * dark[0.0].max()
    # The dark area grows as the membrane's length in the section: √(1 + (12 / 12.5)²).
    assert dark[12.0].sum() / dark[0.0].sum() == pytest.approx(1.386, rel=0.03)


def test_smooth_noise_has_mean_0_and_variance_1():
    noise = membranes._smooth(np.random.default_rng(0), 400, 5)
    assert noise.mean() == pytest.approx(0, abs=0.1)
    assert noise.var() == pytest.approx(1, abs=0.1)


def test_every_pixel_has_a_cell():
    tissue = membranes._tissue(128, 0, MembraneConfig())
    for z in (0, 13, 40):
        near = membranes._tessellate(tissue, z, 128, 0, MembraneConfig())
        assert (near["gap"] >= 0).all()
        assert near["gap"].max() < 500  # 1000 where no circle reached a pixel
        assert (near["cell"] != near["other"]).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "n is 0; .* 1 or more"),
        ({"n": 2.0}, "n is 2.0"),
        ({"n": True}, "n is True"),
        ({"n": 1, "size": 31}, "size is 31; .* 32 or more"),
        ({"n": 1, "size": "64"}, "size is '64'"),
        ({"n": 1, "seed": -1}, "seed is -1; .* 0 or more"),
        ({"n": 1, "seed": None}, "seed is None"),
    ],
)
def test_bad_numbers_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        synthetic_membranes(**arguments)


def test_every_field_of_the_config_is_used():
    text = Path(membranes.__file__).read_text(encoding="utf-8")
    for field in fields(MembraneConfig):
        assert f"config.{field.name}" in text, field.name
