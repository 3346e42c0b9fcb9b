"""Pictures, looked at pixel by pixel and number by number."""

from __future__ import annotations

import re
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from unet_teach.config import UNetConfig
from unet_teach.drawing import (
    overlay,
    probability_tiff,
    read_probability_tiff,
    svg,
)
from unet_teach.drawing.layout import lay_out, skip_label
from unet_teach.drawing.style import CYCLE, DARK, LIGHT, VERMILLION, rgb
from unet_teach.shapes import IllegalSize, trace

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

PAPER = UNetConfig()


def test_the_papers_figure_has_the_papers_numbers():
    # Read off figure 1 of the paper, by hand.
    sizes = "572 570 568 284 282 280 140 138 136 68 66 64 32 30 28".split()
    sizes += "56 54 52 104 102 100 200 198 196 392 390 388 388".split()
    channels = "1 64 64 64 128 128 128 256 256 256 512 512 512 1024 1024".split()
    channels += "1024 512 512 512 256 256 256 128 128 128 64 64 2".split()
    layout = lay_out(PAPER, 572)
    boxes = [box for row in (*layout.contracting, *layout.expansive) for box in row]
    assert sorted(box.size for box in boxes) == sorted(map(int, sizes))
    assert sorted(box.channels for box in boxes) == sorted(map(int, channels))
    crops = [skip_label(skip)[0] for skip in layout.trace.skips]
    assert crops == [f"crop {n}" for n in (88, 40, 16, 4)]
    with pytest.raises(IllegalSize, match="556, 572"):
        lay_out(PAPER, 570)


def test_boxes_stand_in_order_and_apart():
    layout = lay_out(PAPER, 572)
    for left, right in zip(layout.contracting, layout.expansive, strict=False):
        row = [*left, *right]
        assert all(a.right < b.x for a, b in pairwise(row))
        assert len({box.y for box in row}) == 1
    for above, below in pairwise(layout.contracting):
        assert above[-1].middle == pytest.approx(below[0].middle)  # pooled straight down
        assert above[-1].bottom > below[0].top
    heights = [row[0].height for row in layout.contracting]
    assert heights == sorted(heights, reverse=True)


@pytest.mark.parametrize("merge, share", [("concat", 0.5), ("add", 0.0), ("none", 0.0)])
def test_a_merged_box_shows_what_came_over_the_skip(merge, share):
    config = UNetConfig(merge=merge, depth=2, padding="same")
    first = lay_out(config, 32).expansive[0][0]
    assert first.skip_share == share
    assert first.channels == (128 if merge == "concat" else 64)


def test_skips_say_what_happens_to_them():
    pad = trace(UNetConfig(align="pad"), 572).skips[0]
    assert skip_label(pad) == ("copy 568²", f"pad {pad.below}² by {pad.pad}")
    assert skip_label(trace(UNetConfig(merge="none"), 572).skips[0]) == ("not used", "")
    same = trace(UNetConfig(padding="same"), 64).skips[0]
    assert skip_label(same) == ("copy", "64²")


def contrast(one: str, other: str) -> float:
    """WCAG 2.1's contrast ratio."""

    def luminance(colour):
        parts = [c / 255 for c in rgb(colour)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_words_and_arrows_can_be_read(theme):
    for name in ("ink", "faint"):
        assert contrast(getattr(theme, name), theme.paper) >= 4.5  # WCAG AA, text
    for name in ("conv", "pool", "up", "skip", "last"):
        assert contrast(getattr(theme, name), theme.paper) >= 3  # WCAG AA, graphics


def test_overlay_of_a_mask_paints_membrane_only():
    image = np.array([[100, 200]], np.uint8)
    pixels = np.asarray(overlay(image, np.array([[0, 1]]), opacity=0.5))
    assert pixels[0, 1].tolist() == [200, 200, 200]
    expected = [(100 + c) / 2 for c in rgb(VERMILLION)]
    assert np.abs(pixels[0, 0] - expected).max() <= 0.5


def test_overlay_of_regions_paints_each_and_not_zero():
    image = np.zeros((1, 3), np.uint8)
    pixels = np.asarray(overlay(image, np.array([[0, 1, 2]]), opacity=1))
    assert [tuple(p) for p in pixels[0].tolist()] == [(0, 0, 0), rgb(CYCLE[0]), rgb(CYCLE[1])]


@pytest.mark.parametrize(
    "image, mask, message",
    [
        (np.zeros((2, 2)), np.zeros((2, 3), int), "both must be one"),
        (np.zeros((2, 2)), np.full((2, 2), 0.5), "threshold"),
        (np.zeros((2, 2)), np.full((2, 2), -1), "must hold 0, 1, 2"),
    ],
)
def test_overlay_refuses(image, mask, message):
    with pytest.raises(ValueError, match=message):
        overlay(image, mask)


def test_probability_tiff_round_trip(tmp_path):
    pages = np.random.default_rng(0).random((3, 5, 7), dtype=np.float32)
    path = tmp_path / "p.tif"
    path.write_bytes(probability_tiff(pages))
    back = read_probability_tiff(path)
    np.testing.assert_array_equal(back, pages)
    with Image.open(path) as image:
        assert (image.n_frames, image.mode, image.tag_v2[258]) == (3, "F", (32,))


@pytest.mark.parametrize("value", [np.nan, -0.1, 1.5])
def test_probability_tiff_refuses_what_is_none(value):
    with pytest.raises(ValueError, match="probabilities"):
        probability_tiff([np.full((2, 2), value)])


def test_read_probability_tiff_refuses_another_type(tmp_path):
    Image.fromarray(np.zeros((2, 2), np.uint8)).save(tmp_path / "p.tif")
    with pytest.raises(ValueError, match="uint8"):
        read_probability_tiff(tmp_path / "p.tif")


@pytest.mark.parametrize("dashes", [None, "2 4"])
def test_an_arrow_is_the_one_of_many(dashes):
    x1, y1, x2, y2 = 3.0, 40.0, 33.0, 0.0  # 3-4-5
    one = svg.arrow(x1, y1, x2, y2, "#123456", 2, stroke_dasharray=dashes, opacity=0.5)
    points = re.search(r'points="([^"]+)"', one)[1].split()
    corners = [tuple(map(float, point.split(","))) for point in points]
    many = svg.arrows(np.array([[x1, y1, x2, y2]]), "#123456", 2)
    neck, *head = re.findall(r"([-\d.]+),([-\d.]+)", many)[1:]
    head = {tuple(map(float, place)) for place in head}
    assert (x2, y2) in head and head <= set(corners)
    assert ("stroke-dasharray" in one) == ("<line" in one) == (dashes is not None)
    assert 'opacity="0.5"' in one
    if dashes is None:  # from the foot to the neck as wide as it was asked for
        foot = np.array([corners[0], corners[-1]])
        assert np.hypot(*(foot[0] - foot[1])) == pytest.approx(2, abs=0.1)
        assert foot.mean(axis=0) == pytest.approx((x1, y1), abs=0.06)
        middle = np.array([corners[1], corners[-2]]).mean(axis=0)
        assert middle == pytest.approx(tuple(map(float, neck)), abs=0.06)
    else:
        assert len(corners) == 3
