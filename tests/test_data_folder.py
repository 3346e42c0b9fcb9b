"""A person's own images: what is drawn with numpy and pillow comes back, or is explained."""

import unicodedata
import warnings

import numpy as np
import pytest
from PIL import Image

from unet_teach.data import DataError, load_volume
from unet_teach.data.folder import load_folder, look


def save(path, pixels, mode=None, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(path, **options)
    return path


def grey(height=8, width=6, start=0):
    return (np.arange(height * width).reshape(height, width) * 3 + start).astype(np.uint8)


def mask(*values, height=8, width=6, dtype=np.uint8):
    return np.resize(np.array(values, dtype), (height, width))


def one(tmp_path, drawn, name="a.png", **options):
    """The folder of one image with this mask."""
    save(tmp_path / "images" / "a.png", grey())
    save(tmp_path / "masks" / name, drawn, **options)
    return tmp_path


@pytest.mark.parametrize("folder", ["masks", "labels"])
def test_images_and_masks_are_paired_by_name_in_the_order_of_numbers(tmp_path, folder):
    for index in (10, 2, 1):
        save(tmp_path / "images" / f"s{index}.png", grey(start=index))
        ending = "_mask.png" if index == 2 else ".png"
        save(tmp_path / folder / f"s{index}{ending}", mask(0, 255, 255 * (index % 2)))
    volume = load_folder(tmp_path)
    assert volume.images[:, 0, 0].tolist() == [1, 2, 10]
    assert volume.labels[:, 0, 2].tolist() == [1, 0, 0] and volume.labels.dtype == np.uint8
    assert volume.name == f"own images in {tmp_path.name}, 3 slices"
    assert np.array_equal(load_volume("auto", tmp_path).labels, volume.labels)


def test_two_folders_two_files_and_masks_beside_their_images(tmp_path):
    image = save(tmp_path / "x" / "a.png", grey())
    drawn = save(tmp_path / "y" / "a.tif", mask(0, 1))
    both = load_folder(tmp_path / "x", tmp_path / "y")
    files = load_folder(image, drawn)
    save(tmp_path / "x" / "a_mask.png", mask(0, 1))
    beside = load_folder(tmp_path / "x")
    for volume in (both, files, beside):
        assert np.array_equal(volume.images, [grey()])
        assert np.array_equal(volume.labels, [mask(0, 1)])


def test_images_alone_have_no_labels_and_may_differ_in_size(tmp_path):
    save(tmp_path / "a.png", grey())
    save(tmp_path / "b.png", grey(5, 9))
    volume = load_folder(tmp_path)
    assert volume.labels is None and [i.shape for i in volume.images] == [(8, 6), (5, 9)]


def test_every_page_of_a_tiff_is_a_slice(tmp_path):
    pages = [Image.fromarray(grey(start=s)) for s in range(3)]
    save(tmp_path / "i.tif", pages[0], save_all=True, append_images=pages[1:])
    drawn = [Image.fromarray(mask(0, 255)) for _ in pages]
    save(tmp_path / "m.tif", drawn[0], save_all=True, append_images=drawn[1:])
    volume = load_folder(tmp_path / "i.tif", tmp_path / "m.tif")
    assert volume.images[:, 0, 0].tolist() == [0, 1, 2] and volume.labels.mean() == 0.5
    save(tmp_path / "m.tif", drawn[0], save_all=True, append_images=drawn[1:2])
    with pytest.raises(DataError, match=r"3 pages and .*m.tif has 2"):
        load_folder(tmp_path / "i.tif", tmp_path / "m.tif")


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("compression", ["raw", "tiff_lzw"])
def test_a_turned_tiff_is_turned(tmp_path, orientation, compression):
    file = save(
        tmp_path / "a.tif", grey(4, 8), tiffinfo={274: orientation}, compression=compression
    )
    turned = np.rot90(grey(4, 8), {1: 0, 3: 2, 6: 3, 8: 1}[orientation])
    assert np.array_equal(load_folder(file).images[0], turned)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_where_white_is_stored_as_zero_it_is_white(tmp_path, dtype):
    stored = np.array([[0, 1, 2, 255]], dtype) * (257 if dtype == np.uint16 else 1)
    as_usual = load_folder(save(tmp_path / "usual.tif", stored)).images[0]
    inverted = save(tmp_path / "inverted.tif", stored)
    _write_tag(inverted, 262, 0)
    assert np.array_equal(load_folder(inverted).images[0], 255 - as_usual)


def _write_tag(file, tag, value):
    """Change a short of the first directory of a little-endian TIFF."""
    content = bytearray(file.read_bytes())
    assert content[:2] == b"II"
    start = int.from_bytes(content[4:8], "little")
    for entry in range(int.from_bytes(content[start : start + 2], "little")):
        place = start + 2 + 12 * entry
        if int.from_bytes(content[place : place + 2], "little") == tag:
            content[place + 8 : place + 10] = value.to_bytes(2, "little")
    file.write_bytes(content)


def test_a_large_picture_is_no_attack(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert load_folder(save(tmp_path / "large.png", grey(8, 6))).images.shape == (1, 8, 6)
    assert Image.MAX_IMAGE_PIXELS == 10


def test_only_one_ending_makes_a_mask(tmp_path):
    save(tmp_path / "images" / "x_label.png", grey())
    save(tmp_path / "masks" / "x_label_mask.png", mask(0, 255))
    assert load_folder(tmp_path).labels.shape == (1, 8, 6)


def test_a_folder_of_ones_own_may_hold_a_test_folder(tmp_path):
    save(one(tmp_path, mask(0, 255)) / "test" / "0.png", grey())
    assert load_volume("auto", tmp_path).name == f"own images in {tmp_path.name}, 1 slice"


def test_colour_becomes_grey_by_luma(tmp_path):
    colour = np.random.default_rng(0).integers(0, 256, (8, 6, 3), dtype=np.uint8)
    save(tmp_path / "a.png", colour)
    expected = colour @ np.array([0.299, 0.587, 0.114])  # ITU-R 601
    assert np.abs(load_folder(tmp_path).images[0] - expected).max() < 1


@pytest.mark.parametrize(
    "ending, mode", [("png", "P"), ("jpg", "L"), ("tif", "L"), ("PNG", "1")]
)
def test_images_of_every_kind_are_read(tmp_path, ending, mode):
    flat = np.full((8, 6), 255, np.uint8)
    save(tmp_path / f"a.{ending}", flat, mode)
    assert np.array_equal(load_folder(tmp_path).images, [flat])


@pytest.mark.parametrize(
    "dtype, ending", [("uint16", "png"), ("uint16", "tif"), ("float32", "tif")]
)
def test_more_than_8_bits_are_scaled_between_percentiles(tmp_path, dtype, ending):
    pixels = np.arange(4096).reshape(64, 64).astype(dtype) * 15 + 500
    pixels[0, 0] = 65535  # one hot pixel must not make the rest black
    save(tmp_path / f"a.{ending}", pixels.astype(dtype))
    result = load_folder(tmp_path).images[0].astype(float)
    low, high = np.percentile(pixels, (0.1, 99.9))
    expected = np.clip((pixels - low) / (high - low), 0, 1) * 255
    assert np.abs(result - expected).max() <= 0.5 + 1e-9


@pytest.mark.parametrize(
    "values, classes",
    [
        ((0, 1), [0, 1]),
        ((0, 255), [0, 1]),
        ((255,), [1]),
        ((0,), [0]),
        ((1,), [1]),
        ((0, 1, 2, 3), [0, 1, 2, 3]),
        ((0, 128, 255), [0, 1, 2]),
        ((0, 127, 255), [0, 1, 2]),
        ((0, 85, 170, 255), [0, 1, 2, 3]),
    ],
)
def test_mask_values_become_classes(tmp_path, values, classes):
    volume = load_folder(one(tmp_path, mask(*values)))
    assert np.array_equal(volume.labels[0], mask(*classes))
    assert volume.classes == max(2, len(classes))


@pytest.mark.parametrize(
    "values, words",
    [
        ((0, 2), r"hold 0, 2; valid: 0, 1, 2.*values=\(0, 2\)"),
        ((0, 90, 255), "hold 0, 90, 255"),
        ((0, 254, 255), "hold 0, 254, 255"),
        (tuple(range(0, 255, 6)), r"43 values\); too many for classes"),
        (tuple(round(255 * i / 16) for i in range(17)), r"17 values\); too many for classes"),
    ],
)
def test_other_mask_values_are_refused(tmp_path, values, words):
    with pytest.raises(DataError, match=words):
        load_folder(one(tmp_path, mask(*values)))


def test_a_smoothed_mask_is_not_256_classes(tmp_path):
    image = save(tmp_path / "a.png", grey(16, 16))
    smooth = np.arange(256, dtype=np.uint8).reshape(16, 16)
    with pytest.raises(DataError, match=r"256 values\); too many for classes"):
        load_folder(image, save(tmp_path / "m.png", smooth))


def test_values_number_the_classes(tmp_path):
    one(tmp_path, mask(7, 90, 3))
    volume = load_folder(tmp_path, values=(90, 3, 7, 200))
    assert np.array_equal(volume.labels[0], mask(2, 0, 1)) and volume.classes == 4
    with pytest.raises(DataError, match=r"values=\(3, 90\) does not give each"):
        load_folder(tmp_path, values=(3, 90))
    with pytest.raises(DataError, match="a class of its own"):
        load_folder(tmp_path, values=(3, 90, 7, 7))


def test_values_are_those_of_all_masks_together(tmp_path):
    one(tmp_path, mask(0, 255))
    save(tmp_path / "images" / "b.png", grey())
    save(tmp_path / "masks" / "b.png", mask(0, 128))
    assert load_folder(tmp_path).labels[:, 0, 1].tolist() == [2, 1]


def test_palettes_bits_and_16_bit_masks(tmp_path):
    palette = Image.fromarray(mask(0, 1, 2)).convert("P")
    palette.putdata(mask(0, 1, 2).ravel())
    palette.putpalette([0, 0, 0, 200, 0, 0, 0, 0, 90])
    assert np.array_equal(load_folder(one(tmp_path, palette)).labels, [mask(0, 1, 2)])
    for drawn in (mask(0, 1).astype(bool), mask(0, 65535, dtype=np.uint16)):
        assert np.array_equal(load_folder(one(tmp_path, drawn)).labels, [mask(0, 1)])
    grey_as_colour = Image.fromarray(mask(0, 255)).convert("RGB")
    assert np.array_equal(load_folder(one(tmp_path, grey_as_colour)).labels, [mask(0, 1)])


def test_colour_and_jpeg_and_fractional_masks_are_refused(tmp_path):
    colour = np.zeros((8, 6, 3), np.uint8)
    colour[0, :2] = (255, 0, 0), (0, 255, 0)
    with pytest.raises(DataError, match="3 colours, and a colour is no class number"):
        load_folder(one(tmp_path, colour))
    (tmp_path / "masks" / "a.png").unlink()
    with pytest.raises(DataError, match="JPEG: compression invents"):
        load_folder(one(tmp_path, mask(0, 255), "a.jpg"))
    (tmp_path / "masks" / "a.jpg").unlink()
    with pytest.raises(DataError, match="fractions"):
        load_folder(one(tmp_path, mask(0, 0.5, dtype=np.float32), "a.tif"))
    save(tmp_path / "masks" / "a.tif", mask(0, np.nan, dtype=np.float32))
    with pytest.raises(DataError, match="NaN"):
        load_folder(tmp_path)


def test_jpeg_masks_are_refused_wherever_they_are(tmp_path):
    image = save(tmp_path / "a.png", grey())
    drawn = save(tmp_path / "a_mask.jpg", mask(0, 255))
    for places in ((tmp_path,), (image, drawn)):
        with pytest.raises(DataError, match=r"a_mask.jpg is a JPEG"):
            load_folder(*places)


def test_missing_pairs_are_listed(tmp_path):
    one(tmp_path, mask(0, 1))
    save(tmp_path / "images" / "b.png", grey())
    with pytest.raises(DataError, match=r"1 of 2 images have no mask in .*: b.png"):
        load_folder(tmp_path)
    save(tmp_path / "masks" / "b.png", mask(0, 1))
    save(tmp_path / "masks" / "c.png", mask(0, 1))
    with pytest.raises(DataError, match=r"1 masks in .* have no image: c.png"):
        load_folder(tmp_path)


def test_two_files_for_one_image_are_refused(tmp_path):
    one(tmp_path, mask(0, 1))
    save(tmp_path / "masks" / "a_mask.png", mask(0, 1))
    with pytest.raises(DataError, match="belong to one image"):
        load_folder(tmp_path)
    save(tmp_path / "images" / "a.tif", grey())
    with pytest.raises(DataError, match="have one name"):
        load_folder(tmp_path)


def test_what_cannot_be_told_is_asked(tmp_path):
    one(tmp_path, mask(0, 1))
    (tmp_path / "images" / "._a.png").write_bytes(b"left by macOS")
    assert len(load_folder(tmp_path)) == 1
    with pytest.raises(DataError, match="two folders, or two files"):
        load_folder(tmp_path / "images", tmp_path / "masks" / "a.png")
    (tmp_path / "labels").mkdir()
    with pytest.raises(DataError, match="holds labels/ and masks/"):
        load_folder(tmp_path)


def test_sizes_that_differ_are_named(tmp_path):
    with pytest.raises(DataError, match=r"8 × 6 pixels and its mask a.png is 8 × 7"):
        load_folder(one(tmp_path, mask(0, 1, width=7)))


def test_empty_folders_say_what_is_valid(tmp_path):
    with pytest.raises(DataError, match=r"has no images. Valid: .png"):
        load_folder(tmp_path)
    (tmp_path / "a.npy").touch()
    with pytest.raises(DataError, match=r"1 files of other kinds left out: a.npy"):
        load_folder(tmp_path)
    save(tmp_path / "images" / "a.png", grey())
    (tmp_path / "masks").mkdir()
    with pytest.raises(DataError, match="has no masks"):
        load_folder(tmp_path)
    with pytest.raises(FileNotFoundError, match="masks' folder"):
        load_folder(tmp_path / "images", tmp_path / "typo")


@pytest.mark.parametrize("ending", ["png", "tif", "jpg"])
def test_truncated_files_are_named(tmp_path, ending):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    path = save(tmp_path / f"a.{ending}", noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DataError, match=rf"a.{ending} cannot be read"):
        load_folder(tmp_path)
    path.write_bytes(b"")
    with pytest.raises(DataError, match=rf"a.{ending} cannot be read"):
        load_folder(tmp_path)


def test_nan_in_an_image_is_named(tmp_path):
    pixels = np.ones((5, 5), np.float32)
    pixels[4, 2] = np.nan
    save(tmp_path / "a.tif", pixels)
    with pytest.raises(DataError, match=r"a.tif has 1 pixels.*row 4, column 2"):
        load_folder(tmp_path)


def test_a_turned_photograph_is_turned(tmp_path):
    turn = Image.Exif()
    turn[0x0112] = 6  # shown turned by 90°
    save(tmp_path / "a.jpg", grey(), exif=turn)
    assert load_folder(tmp_path).images.shape == (1, 6, 8)


# ------------------------------------------------------------------ layouts, and what is said


@pytest.mark.parametrize(
    "image, drawn",
    [
        ("imgs/{}.png", "masks/{}.png"),
        ("image/{}.png", "label/{}.png"),
        ("Images/{}.PNG", "Labels/{}.TIF"),
        ("imagesTr/case{}_0000.png", "labelsTr/case{}.png"),  # nnU-Net
        ("train/{}.png", "labels/{}.png"),  # as a copy of ISBI 2012 has them
        ("{}.png", "masks/{}.png"),
        ("x{}.jpg", "x{}_mask.gif"),  # Carvana
        ("{}.png", "{}_masks.png"),  # cellpose
        ("{}.tif", "{}_cp_masks.png"),
        ("{}_img.png", "{}_masks.png"),
        ("ISIC_{}.jpg", "ISIC_{}_segmentation.png"),
        ("images/{}.bmp", "masks/{}_gt.png"),
        ("images/{}.ome.tif", "masks/{}.tif"),
        ("images/{}.png", "masks/mask_{}.png"),
    ],
)
def test_layouts_that_people_have(tmp_path, image, drawn):
    for number in range(3):
        save(tmp_path / image.format(number), np.full((20, 20), number * 9, np.uint8))
        labels = np.zeros((20, 20), np.uint8)
        labels[number] = 255
        save(tmp_path / drawn.format(number), labels)
    volume = load_volume("auto", tmp_path)
    assert volume.own and volume.images[:, 0, 0].tolist() == [0, 9, 18]
    assert [np.flatnonzero(label.any(axis=1)).tolist() for label in volume.labels] == [
        [0], [1], [2],
    ]  # fmt: skip
    assert "masks: " in look(tmp_path).layout


def test_other_folders_are_told_how_to_be_named(tmp_path):
    save(tmp_path / "pictures" / "0.png", grey())
    save(tmp_path / "truth" / "0.png", mask(0, 1))
    with pytest.raises(DataError, match=r"pictures/, truth/ have some: name .* images/"):
        load_volume("auto", tmp_path)
    save(tmp_path / "a.png", grey())
    save(tmp_path / "a.jpg", grey())
    with pytest.raises(DataError, match=r"have one name.*a_mask.png"):
        load_folder(tmp_path)


def test_names_are_the_same_in_every_unicode_form(tmp_path):
    name = "zell\u00e9"
    save(tmp_path / "images" / f"{unicodedata.normalize('NFC', name)}.png", grey())
    save(tmp_path / "masks" / f"{unicodedata.normalize('NFD', name)}.png", mask(0, 255))
    assert load_folder(tmp_path).labels.shape == (1, 8, 6)


def test_what_is_left_out_is_said(tmp_path):
    one(tmp_path, mask(0, 255))
    save(tmp_path / "images" / "sub" / "b.png", grey())
    (tmp_path / "images" / "notes.txt").write_text("")
    rgba = np.dstack([grey()] * 4)
    save(tmp_path / "images" / "a.png", rgba)
    with pytest.warns(UserWarning) as caught:
        load_folder(tmp_path)
    said = "\n".join(str(warning.message) for warning in caught)
    for words in (
        "left out: sub/",
        "left out: notes.txt",
        "a.png: its alpha channel is left out",
    ):
        assert words in said, words
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_folder(one(tmp_path / "plain", mask(0, 255)))  # and nothing where nothing is


def test_empty_masks_and_masks_of_one_class_are_named(tmp_path):
    one(tmp_path, mask(0, 255))
    save(tmp_path / "images" / "b.png", grey())
    save(tmp_path / "masks" / "b.png", mask(0))
    assert look(tmp_path).notes == ("1 of 2 masks are class 0 alone: b.png",)


def test_look_says_what_every_file_holds(tmp_path):
    save(tmp_path / "images" / "a.tif", grey().astype(np.uint16))
    save(tmp_path / "masks" / "a.png", mask(0, 128, 255))
    found = look(tmp_path)
    (part,) = found.slices
    assert (part.image, part.stored) == ("a.tif", "16-bit grey")
    assert (part.mask, part.mask_stored) == ("a.png", "8-bit grey")
    assert found.meaning == ("0", "128", "255")
    assert found.layout == f"images: {tmp_path}/images; masks: {tmp_path}/masks"


@pytest.mark.parametrize(
    "orientation, drawn, words",
    [
        (6, (6, 8), ""),  # drawn on what is seen
        (6, (8, 6), "orientation tag 6"),  # drawn on what is stored
        (3, (8, 6), "orientation tag 3"),  # either
    ],
)
def test_a_mask_of_a_turned_picture(tmp_path, orientation, drawn, words):
    tag = Image.Exif()
    tag[274] = orientation
    save(tmp_path / "images" / "a.jpg", grey(), exif=tag)
    save(tmp_path / "masks" / "a.png", mask(0, 255, height=drawn[0], width=drawn[1]))
    if words:
        with pytest.raises(DataError, match=f"{words}.*as it is seen, or as it is stored"):
            load_folder(tmp_path)
    else:
        assert load_folder(tmp_path).labels.shape == (1, 6, 8)


def test_palettes_are_compared_over_all_masks(tmp_path):
    """One entry, two colours: the numbers of two files do not mean the same."""
    for name, colours in (("a", [0, 0, 0, 255, 0, 0]), ("b", [0, 0, 0, 0, 255, 0])):
        save(tmp_path / "images" / f"{name}.png", grey())
        image = Image.frombytes("P", (6, 8), mask(0, 1).tobytes())
        image.putpalette(colours)
        save(tmp_path / "masks" / f"{name}.png", image)
    with pytest.raises(DataError, match="1 shows #00ff00, 1 shows #ff0000"):
        load_folder(tmp_path)
    assert load_folder(tmp_path, values="#000000,#ff0000,#00ff00").labels[:, 0, 1].tolist() == [
        1, 2,
    ]  # fmt: skip


def test_void_is_kept_apart_from_the_classes(tmp_path):
    volume = load_folder(one(tmp_path, mask(0, 1, 255)), void=255)
    assert volume.classes == 2 and volume.void and volume.select([0]).void
    assert np.array_equal(volume.labels[0], mask(0, 1, 255))
