"""Files of every kind that people have, against what tifffile and pillow read of them."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps

from unet_teach.data import DataError
from unet_teach.data.reading import read_image, read_mask

RNG = np.random.default_rng(0)
Y, X = np.mgrid[:40, :52]
MASK = ((Y - 18) ** 2 + (X - 25) ** 2 < 120).astype(np.uint8)
GREY = np.clip(70 + 90 * MASK + RNG.normal(0, 12, MASK.shape), 0, 255).astype(np.uint8)
COLOURS = np.dstack([GREY, 255 - GREY, GREY // 2])
OBJECTS = np.zeros(MASK.shape, np.uint16)
for number, (y, x) in enumerate([(8, 8), (8, 30), (28, 10), (28, 40)], 1):
    OBJECTS[(Y - y) ** 2 + (X - x) ** 2 < 30] = number
OTHER = {"software": "a scanner", "metadata": None}  # neither tifffile nor ImageJ


def luma(colours):
    return np.asarray(Image.fromarray(colours).convert("L"))


def tiff(tmp_path, pixels, **options):
    tifffile.imwrite(tmp_path / "a.tif", pixels, **options)
    return tmp_path / "a.tif"


def saved(tmp_path, image, ending, **options):
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    image.save(tmp_path / f"a.{ending}", **options)
    return tmp_path / f"a.{ending}"


def png(file, depth, colour, rows):
    """A PNG of raw rows: pillow writes neither 2-bit greys nor 16-bit colour."""
    height, width = MASK.shape
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))),
        (b"IEND", b""),
    ]
    content = b"\x89PNG\r\n\x1a\n"
    for name, body in chunks:
        crc = struct.pack(">I", zlib.crc32(name + body))
        content += struct.pack(">I", len(body)) + name + body + crc
    file.write_bytes(content)
    return file


# ------------------------------------------------------------------ images: TIFF


@pytest.mark.parametrize(
    "pixels, options, due",
    [
        (GREY, {}, GREY),
        (GREY, {"bigtiff": True}, GREY),
        (GREY, {"tile": (16, 16), "compression": "zlib", "predictor": True}, GREY),
        (GREY, {"compression": "lzma"}, GREY),
        (GREY, {"photometric": "miniswhite"}, 255 - GREY),
        (COLOURS, {"photometric": "rgb"}, luma(COLOURS)),
        (np.moveaxis(COLOURS, -1, 0).copy(), {"photometric": "rgb", "planarconfig": "separate"},
         luma(COLOURS)),
        (np.dstack([COLOURS, GREY]), {"photometric": "rgb", "extrasamples": ["unassalpha"]},
         luma(COLOURS)),
        (np.dstack([COLOURS, GREY]), {"photometric": "rgb", "extrasamples": ["unspecified"]},
         luma(COLOURS)),
        (COLOURS, {"imagej": True}, luma(COLOURS)),
    ],
)  # fmt: skip
def test_a_tiff_is_what_tifffile_reads(tmp_path, pixels, options, due):
    (image,) = read_image(tiff(tmp_path, pixels, **options))
    assert image.dtype == np.uint8 and np.array_equal(image, due)


@pytest.mark.parametrize(
    "axes, options",
    [
        ("ZYX", {"imagej": True}),
        ("ZYX", {"imagej": True, "truncate": True}),  # one directory for six slices
        ("TZYX", {"imagej": True}),
        ("ZYX", {"ome": True}),
        ("TZYX", {"ome": True}),
        ("QYX", {}),
    ],
)
def test_stacks_with_axes_are_slices_in_tifffiles_order(tmp_path, axes, options):
    stack = RNG.integers(0, 255, (6, 40, 52), np.uint8)
    shaped = stack.reshape(2, 3, 40, 52) if axes == "TZYX" else stack
    file = tiff(tmp_path, shaped, metadata={"axes": axes}, **options)
    assert np.array_equal(tifffile.imread(file).reshape(stack.shape), stack)
    assert np.array_equal(read_image(file), stack)


@pytest.mark.parametrize(
    "dtype", "int8 int16 uint16 int32 uint32 int64 uint64 float16 float32 float64".split()
)
def test_numbers_of_every_type_are_scaled(tmp_path, dtype):
    low = 120 if dtype == "int8" else 0
    pixels = (GREY.astype(float).clip(0, 247) - low).astype(dtype)
    (image,) = read_image(tiff(tmp_path, pixels))
    low, high = np.percentile(pixels.astype(float), (0.1, 99.9))
    due = np.clip((pixels.astype(float) - low) / (high - low), 0, 1) * 255
    assert np.abs(image - due).max() <= 0.5 + 1e-9


@pytest.mark.parametrize("factor", [1, 8, 200])
def test_16_bit_colour_is_scaled_like_16_bit_grey(tmp_path, factor):
    """A camera's 8 or 12 bits in files of 16: cut to the upper byte, they would be black."""
    grey = GREY.astype(np.uint16) * factor
    (due,) = read_image(tiff(tmp_path, grey))
    (image,) = read_image(tiff(tmp_path, np.dstack([grey] * 3), photometric="rgb"))
    assert np.array_equal(image, due) and due.max() == 255 and len(np.unique(due)) > 100


def test_bands_are_chosen_or_asked_for(tmp_path):
    bands = np.dstack([GREY, MASK, GREY // 2, GREY, GREY])
    file = tiff(tmp_path, bands, photometric="minisblack", planarconfig="contig")
    with pytest.raises(DataError, match=r"5 bands that are not red.*--channel 0.*slices"):
        read_image(file)
    assert np.array_equal(read_image(file, channel=1), [MASK])
    assert np.array_equal(read_image(file, channel="slices"), np.moveaxis(bands, -1, 0))
    with pytest.raises(DataError, match=r"channels 0 to 4"):
        read_image(file, channel=5)
    six = np.stack([GREY, MASK] * 3)  # as ImageJ has it where no axes are given: channels
    file = tiff(tmp_path, six, imagej=True, truncate=True)
    assert np.array_equal(read_image(file, channel="slices"), six)


def test_smaller_copies_are_left_out_or_asked_about(tmp_path):
    file = tmp_path / "a.tif"
    with tifffile.TiffWriter(file, bigtiff=True) as writer:
        writer.write(GREY, subifds=1, tile=(16, 16))
        writer.write(GREY[::2, ::2], subfiletype=1, tile=(16, 16))
    assert np.array_equal(read_image(file), [GREY])
    for flag in (1, 0):
        with tifffile.TiffWriter(file) as writer:
            writer.write(GREY, metadata=None)
            writer.write(GREY[::4, ::4], subfiletype=flag, metadata=None)
        if flag:
            assert np.array_equal(read_image(file), [GREY])
    with pytest.raises(DataError, match=r"40 × 52, 10 × 13: smaller copies .* or slices"):
        read_image(file)


def test_pages_of_several_sizes_keep_their_order(tmp_path):
    pages = [GREY, GREY[:30, :50], 255 - GREY]
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for page in pages:
            writer.write(page)
    read = read_image(tmp_path / "a.tif")
    assert all(np.array_equal(a, b) for a, b in zip(read, pages, strict=True))


@pytest.mark.parametrize(
    "pixels, options, words",
    [
        (COLOURS, {"photometric": "cielab"}, "colour space CIELAB; save it as grey or RGB"),
        (GREY.astype(complex), {}, "complex128 numbers; save its amplitude"),
        (RNG.integers(0, 9, (60, 50, 3)).astype(np.uint16), {"photometric": "minisblack"},
         "60 pages of 50 × 3 pixels: .*colour picture"),
        (np.stack([GREY] * 2), {"ome": True, "metadata": {"axes": "CYX"}}, "2 bands"),
    ],
)  # fmt: skip
def test_unsupported_is_named_and_not_called_incomplete(tmp_path, pixels, options, words):
    with pytest.raises(DataError, match=words) as error:
        read_image(tiff(tmp_path, pixels, **options))
    assert "complete" not in str(error.value)


@pytest.mark.parametrize(
    "mode, compression",
    [
        ("L", "tiff_lzw"),
        ("RGB", "tiff_lzw"),
        ("P", "tiff_lzw"),
        ("CMYK", "tiff_lzw"),
        ("LA", "tiff_lzw"),
        ("1", "group4"),
        ("L", "packbits"),
        ("L", "jpeg"),
        ("RGB", "jpeg"),
        ("YCbCr", "raw"),
    ],
)
def test_pillows_tiffs_are_read_with_and_without_imagecodecs(tmp_path, mode, compression):
    image = Image.fromarray(COLOURS).convert(mode)
    file = saved(tmp_path, image, "tif", compression=compression)
    with Image.open(file) as again:
        due = np.asarray(again.convert("L")).astype(int)
    # JPEG's colours come through red, green and blue, or not: rounding.
    near = 2 if compression == "jpeg" or mode == "YCbCr" else 0
    assert np.abs(read_image(file)[0] - due).max() <= near


def test_a_compression_without_a_decoder_names_the_package(tmp_path, monkeypatch):
    file = saved(tmp_path, GREY, "tif", compression="tiff_lzw")
    monkeypatch.setattr("unet_teach.data.tiff._by_pillow", lambda *_: None)

    def asarray(self, *_, **__):
        raise ValueError("<COMPRESSION.LZW: 5> requires the 'imagecodecs' package")

    monkeypatch.setattr(tifffile.TiffPage, "asarray", asarray)
    with pytest.raises(DataError, match=r"compressed with LZW.*unet-teach\[tiff\]"):
        read_image(file)


@pytest.mark.parametrize(
    "options", [{}, {"imagej": True, "truncate": True}, {"metadata": None}]
)
def test_a_cut_stack_is_not_a_shorter_stack(tmp_path, options):
    stack = RNG.integers(0, 255, (6, 40, 52), np.uint8)
    file = tiff(tmp_path, stack, **options)
    content = file.read_bytes()
    for part in (0.9, 0.5, 0.1):
        file.write_bytes(content[: int(part * len(content))])
        with pytest.raises(DataError, match=r"a\.tif cannot be read"):
            read_image(file)


# ------------------------------------------------------------------ images: pillow's


@pytest.mark.parametrize("ending", ["png", "jpg", "tif"])
@pytest.mark.parametrize("orientation", range(2, 9))
def test_orientation_is_followed_as_pillow_does(tmp_path, ending, orientation):
    tag = Image.Exif()
    tag[274] = orientation
    file = saved(tmp_path, GREY, ending, exif=tag)
    plain = Image.open(saved(tmp_path, GREY, "png", exif=tag))
    if ending == "jpg":
        plain = Image.open(file)
    assert np.array_equal(read_image(file)[0], np.asarray(ImageOps.exif_transpose(plain)))


@pytest.mark.parametrize(
    "ending, mode",
    [(e, m) for e in ("png", "bmp") for m in ("1", "L", "P", "RGB")]
    + [("png", "LA"), ("png", "RGBA"), ("gif", "P"), ("jpg", "L"), ("jpg", "CMYK")],
)
def test_other_files_are_what_pillow_reads(tmp_path, ending, mode):
    file = saved(tmp_path, Image.fromarray(COLOURS).convert(mode), ending)
    with Image.open(file) as image:
        due = np.asarray(image.convert("L"))
    assert np.array_equal(read_image(file), [due])


def test_content_decides_and_not_the_name(tmp_path):
    file = tiff(tmp_path, GREY).rename(tmp_path / "a.png")
    assert np.array_equal(read_image(file), [GREY])


@pytest.mark.parametrize("ending", ["gif", "png"])
def test_an_animation_is_refused(tmp_path, ending):
    more = {"save_all": True, "append_images": [Image.fromarray(255 - GREY)]}
    with pytest.raises(DataError, match=r"animation of 2 frames"):
        read_image(saved(tmp_path, GREY, ending, **more))


def test_16_bit_colour_in_a_png_is_not_cut_to_8(tmp_path):
    rows = [np.repeat(row.astype(">u2")[:, None], 3, axis=1).tobytes() for row in GREY]
    file = png(tmp_path / "a.png", 16, 2, rows)
    assert np.asarray(Image.open(file)).max() == 0  # what pillow would keep
    with pytest.raises(DataError, match=r"16 bits for each of several channels.*TIFF"):
        read_image(file)


def test_a_picture_that_is_all_in_its_alpha_is_refused(tmp_path):
    pixels = np.dstack([np.zeros_like(COLOURS), GREY])
    with pytest.raises(DataError, match=r"picture is the alpha channel alone"):
        read_image(saved(tmp_path, pixels, "png"))


# ------------------------------------------------------------------ masks


@pytest.mark.parametrize(
    "pixels",
    [MASK, MASK * 255, MASK.astype(bool), MASK.astype(np.int64), MASK.astype(np.int8),
     MASK.astype(np.float32), MASK.astype(np.uint16) * 65535, MASK.astype(np.uint64)],
)  # fmt: skip
def test_a_mask_of_tifffile_is_what_tifffile_reads(tmp_path, pixels):
    """A bool array is stored with white as 0; tifffile gives it back as it was."""
    file = tiff(tmp_path, pixels)
    assert np.array_equal(read_mask(file), [tifffile.imread(file) > 0])


@pytest.mark.parametrize(
    "pixels, by_number, by_colour",
    [(MASK * 255, "0,255", "#000000,#ffffff"), (MASK.astype(bool), "0,1", "#000000,#ffffff")],
)
def test_white_as_0_from_another_program_is_a_question(tmp_path, pixels, by_number, by_colour):
    file = tiff(tmp_path, pixels, photometric="miniswhite", **OTHER)
    with pytest.raises(DataError, match=f'"{by_number}".*"{by_colour}"'):
        read_mask(file)
    assert np.array_equal(read_mask(file, by_number), [MASK])
    assert np.array_equal(read_mask(file, by_colour), [1 - MASK])


@pytest.mark.parametrize(
    "mode, compression", [("1", "raw"), ("1", "group4"), ("L", "tiff_lzw")]
)
def test_black_and_white_of_pillow_is_what_pillow_reads(tmp_path, mode, compression):
    image = Image.fromarray(MASK * 255).convert(mode)
    assert np.array_equal(
        read_mask(saved(tmp_path, image, "tif", compression=compression)), [MASK]
    )


def test_a_palette_whose_numbers_and_greys_disagree_is_a_question(tmp_path):
    quantised = Image.fromarray(MASK * 255).convert("RGB").quantize(2)
    assert np.array_equal(np.asarray(quantised), 1 - MASK)  # pillow puts white first
    file = saved(tmp_path, quantised, "png")
    with pytest.raises(DataError, match=r"0 shows #ffffff, 1 shows #000000"):
        read_mask(file)
    assert np.array_equal(read_mask(file, "0,1"), [1 - MASK])
    assert np.array_equal(read_mask(file, "#000000,#ffffff"), [MASK])


def voc(numbers):
    """A palette mask as in PASCAL VOC: 255 is (224, 224, 192), void."""
    image = Image.frombytes("P", numbers.shape[::-1], numbers.astype(np.uint8).tobytes())
    palette = np.zeros((256, 3), np.uint8)
    for bit in range(8):
        for channel in range(3):
            palette[:, channel] |= (np.arange(256) >> 3 * bit + channel & 1).astype(
                np.uint8
            ) << (7 - bit)
    image.putpalette(palette.ravel().tolist())
    return image


def test_a_coloured_palette_is_read_by_its_numbers_and_void_is_asked_for(tmp_path):
    numbers = np.where(Y < 3, 255, MASK)
    file = saved(tmp_path, voc(numbers), "png")
    assert Image.open(file).convert("RGB").getpixel((0, 0)) == (224, 224, 192)
    with pytest.raises(DataError, match=r"255 marks pixels that do not count.*--void 255"):
        read_mask(file)
    assert np.array_equal(read_mask(file, void=255), [numbers])
    with pytest.raises(DataError, match=r"hold 0, 255"):  # not black and white: 255 is a colour
        read_mask(saved(tmp_path, voc(MASK * 255), "png"))
    file = saved(tmp_path, voc(np.where(Y < 3, 255, MASK * 15)), "png")
    assert np.array_equal(read_mask(file, values=(0, 15), void="255"), [numbers])


def test_colours_are_named_and_taken_when_given(tmp_path):
    file = saved(tmp_path, np.dstack([MASK * 255, MASK * 0, MASK * 0]), "png")
    with pytest.raises(DataError, match=r'a colour is no class number.*"#000000,#ff0000"'):
        read_mask(file)
    assert np.array_equal(read_mask(file, "#000000,#ff0000"), [MASK])
    with pytest.raises(DataError, match=r"does not give each a class"):
        read_mask(file, "#000000,#00ff00")
    with pytest.raises(DataError, match=r"both as numbers, or both as colours"):
        read_mask(file, "#000000,#ff0000", void=255)


def with_alpha(colour, alpha):
    return np.dstack([np.dstack([colour] * 3), alpha])


def test_alpha_is_the_mask_where_the_colours_are_one(tmp_path):
    white, black = np.full_like(MASK, 255), np.zeros_like(MASK)
    for colour in (white, black, MASK * 255):
        file = saved(tmp_path, with_alpha(colour, MASK * 255), "png")
        assert np.array_equal(read_mask(file), [MASK])
    file = saved(tmp_path, with_alpha(white - MASK * 255, MASK * 255), "png")
    with pytest.raises(DataError, match=r"transparency that say different things"):
        read_mask(file)
    assert np.array_equal(read_mask(file, "#000000,#ffffff"), [1 - MASK])
    both = Image.merge("LA", [Image.fromarray(white), Image.fromarray(MASK * 255)])
    assert np.array_equal(read_mask(saved(tmp_path, both, "png")), [MASK])
    entries = Image.frombytes("P", MASK.shape[::-1], MASK.tobytes())
    entries.putpalette([255] * 6)
    assert np.array_equal(read_mask(saved(tmp_path, entries, "png", transparency=0)), [MASK])


def test_jpeg_greys_are_refused_and_cut_when_told(tmp_path):
    file = saved(tmp_path, MASK * 255, "jpg")
    called = tmp_path / "called.png"
    called.write_bytes(file.read_bytes())
    for place in (file, called):
        with pytest.raises(DataError, match=r'JPEG: compression invents.*"0-127,128-255"'):
            read_mask(place)
    assert np.array_equal(read_mask(called, "0-127,128-255"), [MASK])
    again = saved(tmp_path, Image.open(called), "png")
    with pytest.raises(DataError, match=r"too many for classes"):
        read_mask(again)
    inside = saved(tmp_path, Image.fromarray(MASK * 255), "tif", compression="jpeg")
    with pytest.raises(DataError, match=r"JPEG"):
        read_mask(inside)


def test_greys_in_thin_lines_are_a_resampled_mask_or_a_class_of_lines(tmp_path):
    """Halved by averaging, 0/255 has the even greys 0, 64, 128, 191, 255: five classes?"""
    half = Image.fromarray(MASK * 255).resize((26, 20), Image.BOX)
    assert np.unique(half).tolist() == [0, 64, 128, 192, 255]
    file = saved(tmp_path, half, "png")
    with pytest.raises(DataError, match=r'64, 128, 192 in thin lines only.*"0-127,128-255"'):
        read_mask(file)
    assert np.array_equal(read_mask(file, "0-127,128-255"), [np.asarray(half) > 127])
    assert read_mask(file, (0, 64, 128, 192, 255))[0].max() == 4
    solid = np.where(MASK, 255, np.where(Y < 20, 128, 0)).astype(np.uint8)
    assert np.unique(read_mask(saved(tmp_path, solid, "png"))).tolist() == [0, 1, 2]


def test_numbers_of_objects_are_not_classes_unasked(tmp_path):
    file = tiff(tmp_path, OBJECTS)
    with pytest.raises(DataError, match=r'count objects.*"0,1-65535".*"0,1,2,3,4"'):
        read_mask(file)
    assert np.array_equal(read_mask(file, "0,1-65535"), [OBJECTS > 0])
    assert np.array_equal(read_mask(file, range(5)), [OBJECTS])
    many = tiff(tmp_path, np.arange(MASK.size).reshape(MASK.shape).astype(np.uint16))
    with pytest.raises(DataError, match=r"too many for classes.*objects.*0,1-65535"):
        read_mask(many)
    scattered = OBJECTS.copy()  # each number in several pieces: classes
    scattered[20:, :] = OBJECTS[:20, ::-1]
    assert np.array_equal(read_mask(tiff(tmp_path, scattered)), [scattered])


def test_few_bits_are_read_as_stored(tmp_path):
    """Pillow stretches 2-bit greys to 0, 85, 170, 255: a mask of 0 and 1 would be refused."""
    bits = (
        MASK[:, 0::4] << 6 | MASK[:, 1::4] << 4 | MASK[:, 2::4] << 2 | MASK[:, 3::4]
    ).astype(np.uint8)
    file = png(tmp_path / "a.png", 2, 0, [row.tobytes() for row in bits])
    assert np.unique(np.asarray(Image.open(file))).tolist() == [0, 85]
    assert np.array_equal(read_mask(file), [MASK])
    assert np.array_equal(read_image(file), [MASK * 85])


@pytest.mark.parametrize(
    "value, words",
    [("a", "valid: a number"), ("0,#ff0000", "numbers for all"), ("0-9,9", "own")],
)
def test_values_that_cannot_be_meant(tmp_path, value, words):
    with pytest.raises(DataError, match=words):
        read_mask(saved(tmp_path, MASK, "png"), value)


def test_negative_void(tmp_path):
    pixels = np.where(Y < 3, -1, MASK.astype(np.int16)).astype(np.int16)
    file = tiff(tmp_path, pixels)
    with pytest.raises(DataError, match=r"void=-1"):
        read_mask(file)
    assert np.array_equal(read_mask(file, void=-1), [np.where(Y < 3, 255, MASK)])
