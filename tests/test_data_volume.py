"""Volume, standardise, block_folds and load_volume, against hand numbers and scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from unet_teach import data
from unet_teach.data import (
    DataError,
    Volume,
    block_folds,
    isbi,
    load_volume,
    membranes,
    standardise,
)


def stack(n=4, size=6, dtype=np.uint8):
    return np.arange(n * size * size).reshape(n, size, size).astype(dtype)


def labels(n=4, size=6, classes=2):
    return stack(n, size) % np.uint8(classes)


def test_a_volume_counts_and_selects():
    volume = Volume(stack(), labels(classes=3), "squares")
    assert (len(volume), volume.classes) == (4, 3)
    chosen = volume.select([3, 1])
    assert np.array_equal(chosen.images, stack()[[3, 1]])
    assert np.array_equal(chosen.labels, labels(classes=3)[[3, 1]])
    assert volume.select(range(1, 3)).name == "squares: slices 1–2"
    assert volume.select(range(4)).name == "squares"
    with pytest.raises(AttributeError):
        volume.name = "other"


def test_a_selection_keeps_classes_that_it_does_not_hold():
    drawn = np.zeros((3, 4, 4), np.uint8)
    drawn[0, 0, :3] = 0, 1, 2
    assert Volume(drawn, drawn, "three").select([1, 2]).classes == 3


def test_slices_of_different_sizes_are_a_list():
    images = [np.zeros((4, 5), np.uint8), np.ones((6, 3), np.uint8)]
    volume = Volume(images, None, "mixed")
    assert volume.classes == 2 and volume.select([1]).images[0] is images[1]
    assert repr(volume) == "Volume('mixed': 2 slices of 4 × 5 to 6 × 3, no labels)"


@pytest.mark.parametrize(
    "images, drawn, classes, words",
    [
        (stack().astype(float), None, 0, "float64.*uint8"),
        (stack()[0], None, 0, r"\(6, 6\).*\(N, H, W\)"),
        (stack()[:0], None, 0, "empty"),
        ([stack()], None, 0, r"slice 0 is \(4, 6, 6\)"),
        (tuple(stack()), None, 0, "tuple.*an array, a list"),
        (stack(), labels(3), 0, "4 images and 3 labels"),
        (stack(), labels(size=5), 0, r"\(6, 6\).*\(5, 5\)"),
        (stack(), labels().astype(bool), 0, "labels are bool.*uint8"),
        (stack(), labels() * np.uint8(255), 0, "255.*divide a 0/255 mask by 255"),
        (stack(), labels() * np.uint8(2), 0, "hold 0, 2.*without a gap"),
        (stack(), labels(classes=3), 2, "hold 0, 1, 2; valid for 2 classes: 0–1"),
    ],
)
def test_a_volume_refuses(images, drawn, classes, words):
    with pytest.raises(DataError, match=words):
        Volume(images, drawn, "bad", classes)


def test_a_selection_names_the_valid_slices():
    with pytest.raises(IndexError, match=r"slice 4 of squares.*0 to 3"):
        Volume(stack(), None, "squares").select([4])
    with pytest.raises(DataError, match="no slice"):
        Volume(stack(), None, "squares").select([])


@settings(deadline=None)
@given(arrays.arrays(np.uint8, arrays.array_shapes(min_dims=2, max_dims=2, max_side=9)))
def test_standardise_is_scipys_zscore(image):
    result = standardise(image)
    assert result.dtype == np.float32 and result.shape == image.shape
    if image.min() == image.max():
        assert not result.any()
    else:
        assert np.allclose(result, stats.zscore(image.astype(float), axis=None), atol=1e-5)


def test_standardise_ignores_brightness_and_contrast():
    image = np.random.default_rng(0).normal(size=(8, 8))
    assert np.allclose(standardise(image), standardise(3 * image + 1000), atol=1e-5)
    assert not standardise(np.full((3, 7), 0.1)).any()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_standardise_names_the_bad_pixel(value):
    image = np.ones((4, 5))
    image[2, 3] = value
    with pytest.raises(DataError, match=r"1 pixels that are NaN or infinite.*row 2, column 3"):
        standardise(image)
    with pytest.raises(DataError, match=r"\(1, 4, 5\)"):
        standardise(np.ones((1, 4, 5)))


def test_the_protocol_is_five_blocks_of_six():
    folds = block_folds()
    assert [list(held) for _, held in folds] == [list(range(s, s + 6)) for s in range(0, 30, 6)]
    assert folds[4][0] == list(range(24))


@settings(deadline=None)
@given(st.integers(2, 50), st.data())
def test_folds_partition_into_contiguous_blocks(n, draw):
    folds = block_folds(n, draw.draw(st.integers(2, n)))
    assert [i for _, held in folds for i in held] == list(range(n))
    assert max(len(h) for _, h in folds) - min(len(h) for _, h in folds) <= 1
    for train, held in folds:
        assert sorted([*train, *held]) == list(range(n)) and not set(train) & set(held)


@pytest.mark.parametrize(
    "n, folds, words",
    [
        (30, 1, "folds is 1.*2 to 30"),
        (4, 5, "folds is 5.*2 to 4"),
        (1, 2, "n is 1"),
        (30, 2.5, "2.5"),
    ],
)
def test_folds_refuse(n, folds, words):
    with pytest.raises(ValueError, match=words):
        block_folds(n, folds)


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """A computer without ISBI, and a generator that only notes what it was asked for."""
    monkeypatch.setenv("UNET_TEACH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("UNET_TEACH_DATA", raising=False)
    made = Volume(stack(), labels(), "synthetic membranes")
    asked = []
    monkeypatch.setattr(
        membranes, "synthetic_membranes", lambda *a, **k: asked.append((a, k)) or made
    )
    return asked


def test_auto_without_isbi_is_synthetic(alone, recwarn):
    assert load_volume().name == "synthetic membranes"
    assert alone == [((30,), {"size": 512, "seed": 0})]
    assert load_volume("membranes").name == "synthetic membranes"
    assert not recwarn.list


def test_only_the_last_synthetic_slices_are_drawn(alone):
    load_volume("auto", last=6)
    assert alone == [((6,), {"size": 512, "seed": 0, "first": 24})]


def test_auto_says_when_the_setting_holds_nothing(alone, tmp_path, monkeypatch):
    monkeypatch.setenv("UNET_TEACH_DATA", str(tmp_path / "typo"))
    with pytest.warns(UserWarning, match="UNET_TEACH_DATA is .*typo.*synthetic membranes"):
        load_volume()


def test_auto_with_a_damaged_isbi_is_an_error(alone, tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / isbi.ZIP).write_bytes(b"half a zip")
    with pytest.raises(DataError, match="10 bytes that are no complete zip"):
        load_volume()
    assert not alone


def test_auto_with_a_path_never_falls_back(alone, tmp_path):
    with pytest.raises(FileNotFoundError, match="does not exist"):
        load_volume("auto", tmp_path / "typo")
    with pytest.raises(FileNotFoundError, match="no ISBI 2012"):
        load_volume("isbi")
    assert not alone


def test_load_volume_refuses(alone):
    with pytest.raises(ValueError, match="'mnist'; valid values: 'auto', 'isbi'"):
        load_volume("mnist")
    with pytest.raises(ValueError, match="needs path="):
        load_volume("folder")
    with pytest.raises(ValueError, match="made, not read"):
        load_volume("membranes", "somewhere")
    assert set(data.__all__) >= {"Volume", "load_volume"}
