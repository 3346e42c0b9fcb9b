"""The panel around every interactive: one message a move, problems said, errors let out."""

import base64
import io
import os
import re
import subprocess
import sys

import ipywidgets as core
import numpy as np
import pytest
import torch
from pictures import images_in
from PIL import Image

from unet_teach.drawing.picture import Picture, png_data, png_picture, svg_picture
from unet_teach.drawing.style import rgb
from unet_teach.drawing.svg import arrow, element, group, rect, style, text
from unet_teach.panel import PROBLEM, Impossible, Panel, choice, slider, toggle


def draw(n, kind="plain", loud=False):
    if n > 7:
        raise Impossible("n", f"n is {n}; at most 7", offers={"n": [6, 7]})
    return Picture(f"<svg>{n} {kind} {loud}</svg>", alt=f"n {n}, {kind}, {loud}")


def panel(**more):
    controls = {
        "n": slider("size n", 3, 1, 9),
        "kind": choice("kind", [("Plain", "plain"), ("Fine", "fine")], "plain"),
        "loud": toggle("loud", False),
    }
    return Panel("A <panel>", controls, draw, **more)


def messages(widget, change):
    """The states that a widget sends to the page while something changes."""
    sent = []
    original = widget.send_state
    widget.send_state = lambda key=None: sent.append(key)
    try:
        change()
    finally:
        widget.send_state = original
    return sent


def test_a_move_of_each_control_draws_again():
    shown = panel()
    for name, value in [("n", 5), ("kind", "fine"), ("loud", True)]:
        shown.controls[name].value = value
    assert shown.picture.alt == "n 5, fine, True"
    assert shown.picture.body in shown._shown.value


needs_version_8 = pytest.mark.skipif(
    core.__version__.startswith("7."), reason="version 7 sends nothing without a kernel"
)


@needs_version_8
def test_a_move_sends_one_picture_and_nothing_else():
    shown = panel()
    others = [shown._reason, shown._offers, shown._head, shown]

    def move():
        shown.controls["n"].value = 6

    counts = {}
    for widget in [shown._shown, *others]:
        counts[widget] = messages(widget, move)
        shown.set(n=3)
    assert counts[shown._shown] == [{"value"}] or len(counts[shown._shown]) == 1
    assert all(counts[widget] == [] for widget in others)


@needs_version_8
def test_a_move_in_the_page_is_not_sent_back(monkeypatch):
    shown, sent = panel(), []
    for widget in (*shown.controls.values(), shown._shown):
        monkeypatch.setattr(widget, "_send", lambda message, buffers=None: sent.append(message))
    data = {"method": "update", "state": {"value": 6}, "buffer_paths": []}
    shown.controls["n"]._handle_msg({"content": {"data": data}, "buffers": []})
    assert shown.picture.alt.startswith("n 6")
    assert [message["method"] for message in sent] == ["update"]
    assert "<svg>6" in sent[0]["state"]["value"]


@needs_version_8
@pytest.mark.parametrize(("setting", "expected"), [("1", True), (None, False)])
def test_ipywidgets_own_switch_is_left_to_who_sets_it(setting, expected):
    environment = {k: v for k, v in os.environ.items() if k != "JUPYTER_WIDGETS_ECHO"}
    if setting is not None:
        environment["JUPYTER_WIDGETS_ECHO"] = setting
    code = "import ipywidgets, unet_teach.panel; print(ipywidgets.widgets.widget"
    found = subprocess.run(
        [sys.executable, "-c", f"{code}.JUPYTER_WIDGETS_ECHO)"],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert found.stdout.strip() == str(expected), found.stderr


def test_a_smaller_picture_leaves_the_page_where_it_is():
    heights = {3: 100, 4: 300, 5: 50}

    def draw(n):
        return Picture("<svg/>", alt=f"n is {n}", height=heights[n])

    shown, room = Panel("x", {"n": slider("n", 3, 3, 5)}, draw), []
    for n in heights:
        shown.set(n=n)
        room.append(re.search(r"min-height:(\d+)px", shown._shown.value)[1])
    assert room == ["126", "326", "326"]  # with the card around it


def test_the_rules_of_a_picture_come_into_the_page_once():
    def draw(n):
        return Picture(f"<svg><style>.a:hover{{opacity:0}}</style>{n}</svg>", alt="a number")

    shown = Panel("x", {"n": slider("n", 3, 1, 9)}, draw)
    head = shown._head.value
    shown.set(n=4)
    assert shown._head.value == head and head.count(".a:hover") == 1
    assert "<style>" not in shown._shown.value and "<svg>4</svg>" in shown._shown.value


def test_setting_several_draws_once():
    calls = []

    def count(**values):
        calls.append(values)
        return draw(**values)

    shown = Panel("x", panel().controls, count)
    calls.clear()
    shown.set(n=2, kind="fine", loud=True)
    assert calls == [{"n": 2, "kind": "fine", "loud": True}]
    with pytest.raises(ValueError, match="no control 'm'; valid names: n, kind, loud"):
        shown.set(m=1)


def test_a_picture_is_drawn_on_one_core_and_the_others_are_free_again():
    threads, seen = torch.get_num_threads(), []

    def count(n, kind, loud):
        seen.append(torch.get_num_threads())
        return draw(n, kind, loud)

    torch.set_num_threads(3)
    try:
        shown = Panel("x", panel().controls, count)
        shown.set(n=8)  # cannot work
        assert seen == [1, 1] and shown.problem and torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(threads)


def test_what_cannot_work_turns_its_control_red_and_offers_what_can():
    shown = panel()
    shown.set(n=8)
    assert shown.problem == "n is 8; at most 7" and 'role="alert"' in shown._reason.value
    assert PROBLEM in shown.controls["n"]._dom_classes
    assert PROBLEM not in shown.controls["kind"]._dom_classes
    assert "opacity" in shown._shown.value and "3 plain" in shown._shown.value
    _words, six, seven = shown._offers.children
    assert (six.description, seven.description) == ("size n = 6", "size n = 7")
    seven.click()
    assert shown.values["n"] == 7 and shown.picture.alt.startswith("n 7")
    assert shown.problem == "" and shown._reason.value == "" and shown._offers.children == ()
    assert PROBLEM not in shown.controls["n"]._dom_classes


def test_words_of_the_last_setting_do_not_stay_beside_one_that_cannot_work():
    def draw(n):
        if n > 4:
            raise Impossible("n", "too many")
        return Picture("<svg>three</svg>", alt="exact", text="<p>all exact</p>")

    shown = Panel("x", {"n": slider("n", 3, 1, 9)}, draw)
    assert "all exact" in shown._shown.value
    shown.set(n=5)
    assert "three" in shown._shown.value and "all exact" not in shown._shown.value
    assert shown.picture.alt == "Not this setting, but the last one that works: exact"
    shown.set(n=4)
    assert "all exact" in shown._shown.value and shown.picture.alt == "exact"


def contrast(one, other):
    """The ratio of the Web Content Accessibility Guidelines 2.2."""
    lights = []
    for colour in (one, other):
        shares = [channel / 255 for channel in rgb(colour)]
        linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
        lights.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    low, high = sorted(lights)
    return (high + 0.05) / (low + 0.05)


def test_a_problem_can_be_read_on_a_light_page_and_on_a_dark_one():
    shown = panel()
    shown.set(n=8)
    words, ground = re.search(r"color:(#\w+);background:(#\w+)", shown._reason.value).groups()
    assert contrast(words, ground) >= 4.5
    label = re.search(rf"\.{PROBLEM} \.widget-readout {{ ([^}}]+) }}", shown._head.value)[1]
    assert f"color:{words};background:{ground}" in label
    frame = re.search(r"outline: 2px solid (#\w+)", shown._head.value)[1]
    assert min(contrast(frame, page) for page in ("#FFFFFF", "#111111")) >= 3


def test_a_picture_of_what_fails_may_be_shown_instead():
    def failing(n):
        if n == 4:
            raise Impossible("n", "drops a pixel", picture=Picture("<svg/>", alt="red step"))
        return Picture("<svg/>", alt="fine")

    shown = Panel("x", {"n": slider("n", 3, 1, 9)}, failing)
    shown.set(n=4)
    assert shown.picture.alt == "red step" and shown.problem == "drops a pixel"


def test_an_impossible_start_is_said_too():
    shown = Panel("x", {"n": slider("n", 9, 1, 9)}, draw)
    assert shown.problem and shown.picture is None
    shown.set(n=2)
    assert shown.picture.alt.startswith("n 2")


def test_a_second_problem_before_the_first_good_picture():
    """The first brings a picture of its own, the second has none: the first's stays, pale."""

    def draw(n):
        raise Impossible(
            "n",
            f"{n} cannot be",
            picture=Picture("<svg></svg>", f"n is {n}") if n == 1 else None,
        )

    panel = Panel("N", {"n": slider("n", 1, 1, 9)}, draw)
    panel.set(n=2)
    assert panel.problem == "2 cannot be"
    assert panel.picture.alt.endswith("n is 1") and "opacity" in panel.picture.body
    panel = Panel("N", {"n": slider("n", 2, 1, 9)}, draw)  # the other way round
    panel.set(n=3)
    assert panel.picture is None
    panel.set(n=1)
    assert panel.picture.alt == "n is 1" and "opacity" not in panel.picture.body


def test_numpy_s_whole_numbers_get_a_slider_of_whole_numbers():
    control = slider("n", np.int64(1), np.int64(0), 9)
    assert isinstance(control, core.IntSlider)


def test_an_error_in_the_drawing_gets_out():
    def broken(n):
        if n == 9:
            raise RuntimeError("broken")
        return Picture("<svg/>", alt="fine")

    shown = Panel("x", {"n": slider("n", 3, 1, 9)}, broken)
    with pytest.raises(RuntimeError, match="broken"):
        shown.controls["n"].value = 9


def test_strict_tries_the_ends_of_every_control(monkeypatch):
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    seen = []

    def noting(**values):
        seen.append(tuple(values.values()))
        return draw(**values)

    shown = Panel("x", panel().controls, noting)
    assert {n for n, *_ in seen} == {1, 3, 9} and {k for _, k, _ in seen} == {"plain", "fine"}
    assert shown.values == {"n": 3, "kind": "plain", "loud": False}

    def broken(n):
        return Picture("<svg/>", alt=str(1 / (9 - n)))

    with pytest.raises(ZeroDivisionError):
        Panel("x", {"n": slider("n", 3, 1, 9)}, broken)


def test_an_action_is_a_button():
    shown = panel(actions={"one more": lambda p: p.set(n=p.values["n"] + 1)})
    button = shown.children[2].children[0]
    button.click()
    assert button.description == "one more" and shown.values["n"] == 4


def test_fractions_get_a_slider_of_fractions():
    assert type(slider("a", 0.5, 0, 1, 0.1)).__name__ == "FloatSlider"
    assert type(slider("a", 1, 0, 9)).__name__ == "IntSlider"


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
