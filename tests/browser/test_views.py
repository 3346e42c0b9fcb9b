"""Every view in a static page, answered by its recording: by mouse, by touch and by keyboard.

The page is opened from a folder (file://), at a phone's, a notebook's and a wide page's width,
light and dark. Marks must carry the answer's numbers, written as Python writes them.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from urllib.parse import urlencode

import pytest
from conftest import ROOT, SHOTS, times
from views import BAD, OVER, READY, View

sys.path.insert(0, str(ROOT / "tools"))
import record
import show_view
import site_browser

from unet_teach.interactive import packed

NAMES = list(record.recordable())
WIDTHS = (360, 900, 1280)


@cache
def made(name):
    return record.recordable()[name]()


@cache
def answer(name, settings):
    found = packed(made(name).answered(json.loads(settings)))
    return {k: v for k, v in found.items() if not (isinstance(v, dict) and "bytes" in v)}


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """The folder of each interactive's page, made when it is first asked for."""

    @cache
    def folder(name):
        target = tmp_path_factory.mktemp(name)
        show_view.page(target, name)
        return target

    return folder


@pytest.fixture
def opened(page, pages):
    """Opens an interactive's page; what its console says fails the test."""
    contexts, said = [], []

    def open_page(name, width=900, theme="light", link="", address="", **more):
        context = page.context.browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, **more
        )
        contexts.append(context)
        shown = context.new_page()
        shown.on("console", lambda message: said.append(message.text))
        shown.on("pageerror", lambda error: said.append(str(error)))
        target = pages(name) / "index.html"
        html = target.read_text("utf-8").replace('data-theme="light"', f'data-theme="{theme}"')
        target.with_name(f"{theme}.html").write_text(html, encoding="utf-8")
        shown.goto((address or target.with_name(f"{theme}.html").as_uri()) + link)
        if more.get("java_script_enabled", True):
            shown.wait_for_selector(READY)
        return View(shown, 0, name, lambda s: answer(name, json.dumps(s)))

    yield open_page
    for context in contexts:
        context.close()
    assert said == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_every_question_is_answered_and_seen(opened, name, width, theme):
    view = opened(name, width, theme)
    assert view.settle() == []
    view.page.evaluate(site_browser.axe())
    for question, settings in [("", made(name).first), *made(name).presets]:
        if question:
            view.box.get_by_role("button", name=question, exact=True).click()
        assert view.settle() == [], question
        assert view.state("answered") == settings, question
        assert view.page.evaluate(BAD, 0) == [], question
        assert view.page.evaluate(OVER, 0) == [], question
        assert view.page.evaluate(site_browser.SERIOUS) == [], question
        shot = f"{name}_{width}_{theme}_{question.rstrip('?').replace(' ', '_')}.png"
        view.page.wait_for_timeout(400)
        view.page.screenshot(path=SHOTS / shot, full_page=True)
    assert view.box.get_attribute("data-theme") == theme


@pytest.mark.parametrize("name", NAMES)
def test_every_lever_by_the_keyboard_alone(opened, name):
    view = opened(name)
    view.listen()
    seen = {json.dumps(view.state("answered"))}
    for done in view.press_everything():
        assert view.settle() == [], done
        seen.add(json.dumps(view.state("answered")))
    assert len(seen) > 3
    found = view.times()
    times[f"{name}, recorded"] = found["answers"]
    times[f"{name}, recorded: floor"] = found["floor"]


@pytest.mark.parametrize("name", NAMES)
def test_undo_goes_back_and_reset_to_the_first(opened, name):
    view = opened(name)
    for question, _settings in made(name).presets:
        view.box.get_by_role("button", name=question, exact=True).click()
    undo = view.box.get_by_role("button", name="Undo")
    for _question, settings in made(name).presets[-2::-1]:
        undo.click()
        assert view.settle() == [] and view.state("answered") == settings
    view.box.get_by_role("button", name="Reset").click()
    assert view.settle() == [] and view.state("answered") == made(name).first
    view.page.keyboard.press("Control+z")
    assert view.settle() == [] and view.state("answered") == made(name).presets[0][1]


@pytest.mark.parametrize("name", NAMES)
def test_a_state_has_an_address(opened, name):
    _question, settings = made(name).presets[0]
    view = opened(name)
    view.box.get_by_role("button", name=_question, exact=True).click()
    link = "#" + view.page.evaluate("location.hash.slice(1)")
    changed = {k: json.dumps(v, separators=(",", ":")) for k, v in settings.items()
               if v != made(name).first[k]}  # fmt: skip
    assert link == f"#{name}?{urlencode(changed)}"
    linked = opened(name, link=link)
    assert linked.settle() == [] and linked.state("answered") == settings
    assert opened(name, link="#elsewhere?n=1").state("answered") == made(name).first
    assert opened(name, link=f"#{name}?x=1&flipped=[").state("answered") == made(name).first


@pytest.mark.parametrize("name", NAMES)
def test_the_still_picture_stands_without_javascript(opened, name):
    view = opened(name, java_script_enabled=False)
    still = view.page.locator(".interactive .unet-picture")
    assert still.is_visible() and still.get_by_role("img").first.is_visible()
    assert view.page.locator(".unet-view").count() == 0


@pytest.mark.parametrize("name", NAMES)
def test_the_page_works_from_a_server_too(opened, pages, name):
    with site_browser.served(pages(name)) as address:
        view = opened(name, address=address + "index.html")
        assert view.page.locator("[data-interactive]").is_hidden()
        assert view.settle() == []


@pytest.mark.parametrize("name", NAMES)
def test_the_view_follows_the_page_s_theme(opened, name):
    view = opened(name)
    before = view.box.evaluate("e => getComputedStyle(e).backgroundColor")
    view.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    view.page.wait_for_selector(".unet-view[data-theme=dark]")
    assert view.box.evaluate("e => getComputedStyle(e).backgroundColor") != before


# ---------------------------------------------------------------------------- lesson 10's hands
def place(view, pixel):
    """Where a pixel of the map is in the page."""
    edge = view.page.locator(".unet-pixels").bounding_box()
    return (edge["x"] + (pixel % 72 + 0.5) * edge["width"] / 72,
            edge["y"] + (pixel // 72 + 0.5) * edge["height"] / 72)  # fmt: skip


PIXEL = """pixel => {
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  pen.drawImage(document.querySelector('.unet-pixels canvas'), 0, 0);
  return [...pen.getImageData(pixel % 72, Math.floor(pixel / 72), 1, 1).data.slice(0, 3)];
}"""


@pytest.fixture(scope="module")
def wall():
    """The pixels of the wall that matters most, in the order in which a finger meets them."""
    import numpy as np

    from unet_teach.lessons.l10_metrics.measure import along, tissue_walls

    pixels = along(list(tissue_walls().values())[8])
    return np.ravel_multi_index(tuple(pixels.T), (72, 72)).tolist()


def colours(view):
    """The colour of each neuron's middle."""
    return [view.page.evaluate(PIXEL, row * 72 + column)
            for row, column in made("wall_eraser").given["centres"]]  # fmt: skip


def assert_one_hole(view, pixel):
    assert view.settle() == []
    assert view.state("answered")["flipped"] == [pixel]
    found = colours(view)
    assert found[2] == found[5] and found.count(found[2]) == 2, "3 and 6 are one colour"
    assert "3 + 6" in view.page.locator(".wall-verdict").text_content()


def test_a_click_beside_a_thin_wall_opens_it(opened, wall):
    view = opened("wall_eraser", 900)
    before = colours(view)
    x, y = place(view, wall[6])
    view.page.mouse.move(x + 2, y)
    assert (
        "wall between 3 and 6; one hole here, and V_rand is 0.806"
        in view.page.locator(".unet-tip").text_content()
    )
    view.page.mouse.click(x + 2, y)
    assert_one_hole(view, wall[6])
    view.box.get_by_role("button", name="Undo").click()
    assert view.settle() == [] and colours(view) == before


def test_a_tap_opens_a_wall_and_a_scroll_does_not(opened, wall):
    view = opened("wall_eraser", 360, has_touch=True, is_mobile=True)
    view.page.locator(".unet-pixels").scroll_into_view_if_needed()
    view.page.touchscreen.tap(*place(view, wall[6]))
    assert_one_hole(view, wall[6])
    view.box.get_by_role("button", name="Reset").tap()
    assert view.settle() == [] and view.state("answered")["flipped"] == []
    x, y = place(view, wall[6])
    client = view.page.context.new_cdp_session(view.page)
    touch = [{"x": x, "y": y}]
    client.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": touch})
    for step in range(1, 12):
        touch = [{"x": x, "y": y - 12 * step}]
        client.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": touch})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    view.page.wait_for_timeout(300)
    assert view.settle() == [] and view.state("answered")["flipped"] == []


def test_keys_open_a_wall(opened, wall):
    view = opened("wall_eraser")
    view.page.locator(".unet-pixels").focus()
    for _wall in range(9):
        view.page.keyboard.press("n")
    said = view.page.locator(".unet-view [role=status]").text_content()
    assert said == "wall between 3 and 6; one hole here, and V_rand is 0.806"
    view.page.keyboard.press("Enter")
    middle = made("wall_eraser").given["middles"][8]
    assert_one_hole(view, 72 * middle[0] + middle[1])


def test_a_drag_along_a_wall_is_one_step(opened, wall):
    view = opened("wall_eraser", 1280)
    view.page.mouse.move(*place(view, wall[4]))
    view.page.mouse.down()
    for pixel in wall[5:9]:
        view.page.mouse.move(*place(view, pixel), steps=3)
    view.page.mouse.up()
    assert view.settle() == []
    assert view.state("answered")["flipped"] == sorted(wall[4:9])
    assert view.page.locator(".unet-note").is_hidden()
    view.box.get_by_role("button", name="Undo").click()
    assert view.settle() == [] and view.state("answered")["flipped"] == []


def test_what_is_not_recorded_is_said(opened, wall):
    from unet_teach.lessons.l10_metrics.measure import at_wall

    view, (other,) = opened("wall_eraser"), at_wall(20, 1)["flipped"]
    view.page.mouse.click(*place(view, wall[6]))
    view.page.mouse.click(*place(view, other))
    assert view.settle() == [] and view.state("answered")["flipped"] == [other]
    assert "nearest" in view.page.locator(".unet-note").text_content()
    assert view.page.locator(".unet-note").is_visible()
    view.box.get_by_role("button", name="Reset").click()
    assert view.page.locator(".unet-note").is_hidden()


# ---------------------------------------------------------------------------- lesson 00's hands
def at_threshold(view, threshold):
    """Where a threshold is in the histogram, in the page."""
    now = view.page.locator(".unet-handle").bounding_box()
    room = view.page.locator(".unet-axes").first.bounding_box()
    here = json.loads(view.page.locator(".unet-handle").get_attribute("data-value"))
    wide = room["width"] - 60  # between the two ends
    x = now["x"] + now["width"] / 2 + (threshold - here) * wide
    return x, room["y"] + room["height"] / 2


def test_a_drag_on_the_histogram_is_one_step_and_merges_flash(opened):
    view = opened("threshold_explorer")
    view.box.get_by_role("button", name="Keep cells apart?").click()
    assert view.settle() == []
    assert "A and B are apart" in view.page.locator(".threshold-verdict").text_content()
    view.page.mouse.move(*at_threshold(view, 0.475))
    view.page.mouse.down()
    for threshold in (0.525, 0.5, 0.45):
        view.page.mouse.move(*at_threshold(view, threshold))
    view.page.mouse.up()
    assert view.settle() == [] and view.state("answered")["threshold"] == 0.45
    assert "A and B have run" in view.page.locator(".threshold-verdict").text_content()
    assert view.page.locator(".threshold-flash").count() == 2  # in both pictures
    view.box.get_by_role("button", name="Undo").click()
    assert view.settle() == [] and view.state("answered")["threshold"] == 0.475


def test_a_tap_on_the_histogram_moves_the_threshold_and_a_scroll_does_not(opened):
    view = opened("threshold_explorer", 360, has_touch=True, is_mobile=True)
    view.page.locator(".unet-axes").first.scroll_into_view_if_needed()
    view.page.touchscreen.tap(*at_threshold(view, 0.6))
    assert view.settle() == [] and view.state("answered")["threshold"] == 0.6


def test_a_click_lights_a_region_up_in_both_pictures_and_says_its_size(opened):
    view = opened("threshold_explorer")
    view.box.get_by_role("button", name="And a trained U-Net?").click()
    assert view.settle() == []
    found, click = made("threshold_explorer").answered(view.state("answered")), (64, 80)
    region = found["regions"][click]
    for number, picture in enumerate(view.page.locator(".unet-pixels").all()):
        edge = picture.bounding_box()
        size = edge["width"] / 128
        if number:  # the second click, at the same place, takes the light away
            assert view.page.locator(".threshold-lit").count() == 2
        view.page.mouse.click(
            edge["x"] + (click[1] + 0.5) * size, edge["y"] + (click[0] + 0.5) * size
        )
        said = view.page.locator(".threshold-about").text_content()
        assert number or said == f"This region has {found['sizes'][region - 1]:,} pixels."
    assert view.page.locator(".threshold-lit").count() == 0


# ---------------------------------------------------------------------------- lesson 12's hands
def drag_arrow(view, number, right, down):
    """Drag an arrow's tip by so many pixels of the image, in many small moves."""
    grip = view.page.locator(".bend-grip").nth(number).bounding_box()
    cell = view.page.locator(".bend-board").bounding_box()["width"] / 120
    x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    view.page.mouse.move(x + right * cell, y + down * cell, steps=6)
    view.page.mouse.up()


@pytest.mark.parametrize("width", [360, 1280])
def test_an_arrow_is_dragged_and_comes_to_what_is_recorded(opened, width):
    view = opened("deformation_explorer", width)
    drag_arrow(view, 4, 11, 1)
    assert view.settle() == []
    shown = view.state("answered")
    assert (shown["right4"], shown["down4"]) == (12, 0)
    assert view.page.locator(".unet-note").is_visible()
    view.box.get_by_role("button", name="Undo").click()
    assert view.settle() == [] and view.state("answered") == made("deformation_explorer").first
    view.box.get_by_role("button", name="Draw anew").click()
    assert view.settle() == [] and view.state("answered")["seed"] == 1


def test_a_finger_drags_an_arrow(opened):
    view = opened("deformation_explorer", 360, has_touch=True, is_mobile=True)
    view.page.locator(".bend-board").scroll_into_view_if_needed()
    grip = view.page.locator(".bend-grip").nth(4).bounding_box()
    x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
    client = view.page.context.new_cdp_session(view.page)
    cell = view.page.locator(".bend-board").bounding_box()["width"] / 120
    for kind, step in (("touchStart", 0), *(("touchMove", n) for n in range(1, 13))):
        touch = {"touchPoints": [{"x": x, "y": y - step * cell}]}
        client.send("Input.dispatchTouchEvent", {"type": kind, **touch})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert view.settle() == []
    assert (view.state("answered")["right4"], view.state("answered")["down4"]) == (0, -12)


def test_a_fold_is_red_in_image_and_labels(opened):
    view = opened("deformation_explorer")
    for question in ("When does tissue fold?", "Labels read bilinear?"):
        view.box.get_by_role("button", name=question, exact=True).click()
        assert view.settle() == []
        due = made("deformation_explorer").answered(view.state("answered"))
        for number, red in ((0, due["folded"]), (1, due["folded"] | (due["classes"] == 2))):
            found = view.page.locator(".unet-wipe canvas").nth(number).evaluate(RED)
            assert found == red.sum(), (question, number)


RED = """canvas => {
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  const data = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  let found = 0;
  for (let i = 0; i < data.length; i += 4)
    found += data[i] === 213 && data[i + 1] === 94 && data[i + 2] === 0;
  return found;
}"""


# ---------------------------------------------------------------------------- lesson 03's hands
@pytest.mark.parametrize("width", [360, 1280])
def test_the_depth_is_dragged_on_its_chart(opened, width):
    view = opened("bottleneck_explorer", width)
    view.page.locator(".unet-axes").scroll_into_view_if_needed()
    room = view.page.locator(".unet-axes").bounding_box()
    wide = (room["width"] - 60) / 4.8  # from one depth to the next
    x = room["x"] + 46 + 0.4 * wide
    view.page.mouse.move(x + 3 * wide, room["y"] + 60)
    view.page.mouse.down()
    for depth in (2, 1, 0, 1, 2):
        view.page.mouse.move(x + (depth - 0.3) * wide, room["y"] + 60)
    view.page.mouse.up()
    assert view.settle() == [] and view.state("answered")["depth"] == 2
    view.box.get_by_role("button", name="Undo").click()
    assert view.settle() == [] and view.state("answered")["depth"] == 3


def test_skips_without_a_pooling_are_offered_a_way_out(opened):
    view = opened("bottleneck_explorer")
    view.box.get_by_role("button", name="No pooling at all?").click()
    view.box.get_by_text("with skips, as in a U-Net").click()
    assert view.settle() == [] and "no way up" in view.box.get_attribute("data-problem")
    view.box.get_by_role("button", name="one pooling", exact=True).click()
    assert view.settle() == [] and view.state("answered") == {"depth": 1, "skips": True}


def inside(view, name):
    return view.page.locator(f".u-inside [data-name={name}]").text_content()


def test_a_click_on_a_box_tells_what_is_in_it(opened):
    view = opened("u_explorer", 900)
    box = view.page.locator(".u-box[data-box='5'] .u-frame").bounding_box()
    view.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert inside(view, "shape") == "128 channels of 280 × 280 pixels"
    assert inside(view, "parameters") == "3·3·128·128 + 128 = 147,584 · 0.5 % of all"
    assert inside(view, "field") == "14 × 14 input pixels"
    assert view.page.locator(".u-maps canvas").count() == 3
    view.page.keyboard.press("ArrowRight")
    assert inside(view, "shape") == "128 channels of 140 × 140 pixels"
    view.page.keyboard.press("ArrowUp")
    skip = json.loads(view.page.locator(".u-says").get_attribute("data-skip"))
    assert skip == answer("u_explorer", json.dumps(made("u_explorer").first))["skips"][0]


def test_a_finger_finds_the_narrow_box_and_the_skip(opened):
    view = opened("u_explorer", 360, has_touch=True, is_mobile=True)
    view.page.locator(".u-drawing").scroll_into_view_if_needed()
    box = view.page.locator(".u-box[data-box='27'] .u-frame").bounding_box()
    view.page.touchscreen.tap(box["x"] + 12, box["y"] + 20)
    assert inside(view, "shape") == "2 channels of 388 × 388 pixels"
    skip = view.page.locator(".u-skip").nth(1).bounding_box()
    view.page.touchscreen.tap(skip["x"] + 60, skip["y"] + skip["height"] - 4)
    assert "40 pixels are cut off each edge" in view.page.locator(".u-says").text_content()


def test_another_network_takes_the_nearest_size_that_fits_and_570_turns_red(opened):
    view = opened("u_explorer")
    view.box.get_by_text("same", exact=True).click()
    assert view.settle() == [] and view.state("answered")["size"] == 576
    view.box.get_by_role("button", name="Reset").click()
    view.box.get_by_role("spinbutton").fill("570")
    view.page.keyboard.press("Enter")
    assert view.settle() == [] and view.state("answered")["size"] == 570
    assert (
        view.page.locator(".u-note").text_content()
        == "✗ 279 is odd: a row and a column are lost"
    )
    assert view.page.locator(".u-wrong").count() == 1
    assert view.page.locator(".u-box.u-pale").count() == 22
    sizes = view.page.locator(".u-box title").all_text_contents()
    assert sizes[5:7] == ["128 × 279²", "128 × 139²"]
    view.page.locator(".unet-cannot button", has_text="572").click()
    assert view.settle() == [] and view.page.locator(".u-wrong").count() == 0


def test_play_runs_through_the_u_and_comes_to_its_end(opened):
    view = opened("u_explorer", reduced_motion="reduce")  # a press is one step
    button = view.box.get_by_role("button", name="Play")
    button.click()
    assert view.page.locator(".u-box.u-pale").count() == 27
    for _box in range(27):
        button.click()
    assert view.page.locator(".u-box.u-pale").count() == 0
    assert inside(view, "shape") == "2 channels of 388 × 388 pixels"
    button.click()
    assert view.page.locator(".u-pulse").get_attribute("visibility") == "hidden"
