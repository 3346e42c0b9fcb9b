"""Pictures carry their words, and pixels arrive as they are."""

import base64
import io

import numpy as np
import pytest
from pictures import images_in
from PIL import Image

from unet_teach.drawing.picture import Picture, png_data, png_picture, svg_picture
from unet_teach.drawing.svg import arrow, element, group, rect, style, text


def test_a_picture_carries_its_words():
    picture = svg_picture(20, 10, [rect(0, 0, 5, 5, "#000000")], 'a "square"', "<p>5</p>")
    assert 'aria-label="a &quot;square&quot;"' in picture.body and 'role="img"' in picture.body
    assert "<p>5</p>" in picture.html and str(picture) == 'a "square"'
    assert picture._repr_html_() == picture.html
    with pytest.raises(ValueError, match="needs alt"):
        Picture("<svg/>", alt=" ")


def test_pixels_arrive_as_they_are():
    pixels = np.arange(6, dtype=np.uint8).reshape(2, 3)
    body = png_picture(pixels, "six greys", scale=2).body
    (shown,) = images_in(body)
    assert (shown == pixels.repeat(2, 0).repeat(2, 1)).all()
    assert (
        png_data(pixels) != png_data(pixels + 1) != png_data(pixels.T)
    )  # none taken for another
    for wrong in (pixels.astype(float), pixels[0], np.zeros((2, 2, 4), np.uint8)):
        with pytest.raises(ValueError, match="valid: uint8"):
            png_picture(wrong, "x")
    with pytest.raises(ValueError, match=r"pixels are \(2, 2, 3\); with a palette"):
        png_picture(np.zeros((2, 2, 3), np.uint8), "x", palette=[0, 0, 0])


def test_a_palette_goes_with_its_picture():
    picture = Image.frombytes("P", (2, 1), bytes([0, 1]))
    picture.putpalette([200, 10, 20, 30, 40, 50])
    data = png_data(picture).split(",")[1]
    read = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")
    assert [read.getpixel((x, 0)) for x in (0, 1)] == [(200, 10, 20), (30, 40, 50)]


def test_svg_elements_are_well_formed():
    from xml.etree import ElementTree

    parts = [
        rect(0, 0, 1.234567, 2, "#fff", stroke_width=2, title="5 < 6 & 7"),
        text(0, 0, "a < b & c"),
        arrow(0, 0, 10, 10),
        group([element("circle", r=1)], class_="cell", title="here"),
        style(".cell:hover { opacity: 1 }"),
    ]
    tree = ElementTree.fromstring(svg_picture(10, 10, parts, "parts").body)
    assert tree.find(".//{*}rect").get("width") == "1.23"
    assert tree.find(".//{*}title").text == "5 < 6 & 7"
    assert tree.find(".//{*}g").get("class") == "cell"
