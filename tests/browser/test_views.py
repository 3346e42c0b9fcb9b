"""Every view in a static page, answered by its recording: by mouse, by touch and by keyboard.

The page is opened from a folder (file://), at a phone's, a notebook's and a wide page's width,
light and dark. Marks must carry the answer's numbers, written as Python writes them.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import random
import re
import sys
from contextlib import suppress
from functools import cache
from urllib.parse import urlencode

import numpy as np
import pytest
import torch
from conftest import ROOT, SHOTS, times
from marks import MARKS
from torch import nn
from views import BAD, KEYS, LEVERS, OVER, READY, View

sys.path.insert(0, str(ROOT / "tools"))
import record
import show_view
import site_browser

from unet_teach.ahead import as_a_page, one_step, stops
from unet_teach.interactive import packed
from unet_teach.lessons.l06_concat_or_add.measure import places
from unet_teach.lessons.l09_look_inside.panel import viewer
from unet_teach.lessons.l11_loss_and_weight_map.measure import two_cells
from unet_teach.losses import two_nearest, weight_map

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
    """The folder of each interactive's page, made when a worker first asks for it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # recording takes long: once for all workers
        shared = shared.parent

    @cache
    def folder(name):
        target = shared / f"page_{name}"
        if not target.is_dir():
            mine = tmp_path_factory.mktemp(name)
            html = show_view.page(mine, name).read_text("utf-8")
            for theme in ("light", "dark"):
                page = html.replace('data-theme="light"', f'data-theme="{theme}"')
                (mine / f"{theme}.html").write_text(page, encoding="utf-8")
            with suppress(OSError):  # another worker was quicker
                mine.rename(target)
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
        shown.goto((address or (pages(name) / f"{theme}.html").as_uri()) + link)
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
        framed = view.box.locator(".unet-button[aria-current=true]").all_text_contents()
        assert framed == [words for words, same in made(name).presets if same == settings]
        assert view.page.evaluate(BAD, 0) == [], question
        assert view.page.evaluate(OVER, 0) == [], question
        assert view.page.evaluate(site_browser.SERIOUS) == [], question
        shot = f"{name}_{width}_{theme}_{question.rstrip('?').replace(' ', '_')}.png"
        view.page.screenshot(path=SHOTS / shot, full_page=True, animations="disabled")
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
def test_every_button_after_a_reset(opened, name):
    """Pressed twice, from the first answer on: what a lever before it did hides nothing."""
    view = opened(name)
    reset = view.box.get_by_role("button", name="Reset")
    asked, buttons = {words for words, _ in made(name).presets}, view.box.locator("button")
    for place in range(buttons.count()):
        if place >= buttons.count() or buttons.nth(place).text_content() in asked:
            continue
        reset.press("Enter")
        assert view.settle() == []
        for _press in range(2):
            button = buttons.nth(place)
            if button.is_visible() and button.get_attribute("aria-disabled") != "true":
                words = button.text_content()
                button.press("Enter")
                if words != "Pause":  # it shows what was played so far; the next Reset ends it
                    assert view.settle() == [], words


def elsewhere(name):
    """The questions that change something; the first settings may be an answer themselves."""
    return [preset for preset in made(name).presets if preset[1] != made(name).first]


@pytest.mark.parametrize("name", NAMES)
def test_undo_goes_back_and_reset_to_the_first(opened, name):
    view, asked = opened(name), elsewhere(name)
    for question, _settings in asked:
        view.box.get_by_role("button", name=question, exact=True).click()
    undo = view.box.get_by_role("button", name="Undo")
    for _question, settings in asked[-2::-1]:
        undo.click()
        assert view.settle() == [] and view.state("answered") == settings
    view.box.get_by_role("button", name="Reset").click()
    assert view.settle() == [] and view.state("answered") == made(name).first
    view.page.keyboard.press("Control+z")
    assert view.settle() == [] and view.state("answered") == asked[0][1]


@pytest.mark.parametrize("name", NAMES)
def test_a_state_has_an_address(opened, name):
    _question, settings = elsewhere(name)[0]
    view = opened(name)
    view.box.get_by_role("button", name=_question, exact=True).click()
    changed = {k: json.dumps(v, separators=(",", ":")) for k, v in settings.items()
               if v != made(name).first[k]}  # fmt: skip
    link = f"#{name}?{urlencode(changed)}"
    view.page.wait_for_function("link => location.hash === link", arg=link)
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
def test_the_view_follows_the_page_s_theme_and_a_wide_screen(opened, name):
    view = opened(name)
    before = view.box.evaluate("e => getComputedStyle(e).backgroundColor")
    view.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    view.page.wait_for_selector(".unet-view[data-theme=dark]")
    assert view.box.evaluate("e => getComputedStyle(e).backgroundColor") != before
    view.page.set_viewport_size({"width": 1920, "height": 1080})
    view.page.evaluate(site_browser.axe())
    view.page.wait_for_timeout(400)
    for bad in (BAD, OVER):
        assert view.page.evaluate(bad, 0) == []
    assert view.page.evaluate(site_browser.SERIOUS) == []
    view.page.screenshot(path=SHOTS / f"{name}_1920_dark.png", full_page=True)


# ------------------------------------------------------------------ settings that cannot work
IMPOSSIBLE = {
    "bottleneck_explorer": {"depth": 9},
    "clinic": {"pin": "bad luck"},
    "convolution_grid": {"n": 2},
    "crop_explorer": {"skip": 24, "below": 32},
    "deformation_explorer": {"right0": 999},
    "field_explorer": {"depth": 9},
    "first_look": {"picture": 99},
    "merge_toggle": {"level": 9},
    "skip_graph": {"edited": [[0, 3, 1, 2]]},
    "skip_surgery": {"gains": [3, 1, 1, 1]},
    "threshold_explorer": {"threshold": 7},
    "tile_explorer": {"top": -999},
    "u_explorer": {"size": 570},
    "upsampler_explorer": {"k": 0},
    "viewer": {"layer": "nowhere"},
    "wall_eraser": {"flipped": [99999]},
    "weight_explorer": {"gap": -5},
}
NEVER = {"signal_explorer", "training_dashboard"}  # no setting of these fails
DRAWN = {"skip_graph", "u_explorer"}  # these draw what cannot work, with its own numbers
# What is claimed of an answer, and is still to be read. Levers say what is asked for, and a
# picture that has turned grey keeps its caption.
CLAIMED = """selectors => selectors.flatMap(s => [...document.querySelectorAll(s)])
  .filter(e => e.textContent && !e.querySelector('button, input, canvas')
    && !e.closest('.unet-hidden, .unet-stuck svg, .unet-faint, button, label')
    && e.checkVisibility({ visibilityProperty: true }))
  .map(e => `${e.className}: ${e.textContent}`)"""
VERDICTS = "[class*=verdict], [class*=headline]"
PALE = """[...document.querySelectorAll('.unet-stuck canvas')]
  .every(e => getComputedStyle(e).filter === 'grayscale(1)')"""


def test_every_view_has_settings_that_cannot_work():
    assert set(NAMES) == IMPOSSIBLE.keys() | NEVER


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_no_verdict_stands_beside_an_error(opened, tmp_path, name):
    panel = record.recordable()[name]()
    first, wrong = panel.first, panel.first | IMPOSSIBLE[name]
    panel.presets, panel._recorded = [["Does this work?", wrong]], lambda: [first, wrong]
    show_view.page(tmp_path, name, made=panel)
    view = opened(name, address=(tmp_path / "index.html").as_uri())
    marks = [mark[0] for mark in MARKS[name](first, view.ask(first)) if "data-" not in mark[1]]
    view.box.get_by_role("button", name="Does this work?").click()
    assert view.settle() == [] and view.box.locator(".unet-cannot").is_visible()
    assert view.box.get_attribute("data-problem")
    selectors = [VERDICTS] if name in DRAWN else [VERDICTS, *marks]
    assert view.page.evaluate(CLAIMED, selectors) == []
    assert view.page.evaluate(PALE)
    view.box.get_by_role("button", name="Undo").click()
    assert view.settle() == [] and view.page.locator(".unet-stuck").count() == 0


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

    from unet_teach.lessons.l10_metrics.measure import tissue_walls

    pixels = sorted(
        list(tissue_walls().values())[8].tolist(), key=sum
    )  # it runs down and right
    return np.ravel_multi_index(np.transpose(pixels), (72, 72)).tolist()


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
    hint = view.page.locator(".wall-hint")  # beside the map: nothing covers it
    assert hint.text_content() == "wall between 3 and 6: a hole here alone, and V_rand is 0.806"
    assert view.page.locator(".unet-tip:visible").count() == 0
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
    assert said == "wall between 3 and 6: a hole here alone, and V_rand is 0.806"
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


def test_the_book_answers_every_stroke(opened, wall):
    """Holes anywhere, a stroke across, a drawn line; nothing is said to be missing."""
    from unet_teach.lessons.l10_metrics.measure import at_wall

    view, done = opened("wall_eraser"), []
    for pixel in (wall[6], at_wall(20, 1)["flipped"][0], at_wall(13, 1)["flipped"][0]):
        view.page.mouse.click(*place(view, pixel))
        assert view.settle() == []
        done.append(pixel)
        assert view.state("answered")["flipped"] == sorted(done)
    view.box.get_by_text("Draw wall").click()
    for start, end in ((72 * 5 + 2, 72 * 15 + 50), (72 * 60 + 30, 72 * 60 + 30)):
        before = view.state("answered")["flipped"]
        view.page.mouse.move(*place(view, start))
        view.page.mouse.down()
        view.page.mouse.move(*place(view, end), steps=9)
        view.page.mouse.up()
        assert view.settle() == []
        assert set(view.state("answered")["flipped"]) > set(before)
    view.box.get_by_label("thin the walls first").uncheck()
    assert view.settle() == [] and not view.state("answered")["thinned"]
    assert view.page.locator("[data-refused]").is_hidden()
    assert view.page.locator(".unet-note").is_hidden()
    found = view.state("answered")
    linked = f"#wall_eraser?{urlencode({k: json.dumps(v) for k, v in found.items()})}"
    again = opened("wall_eraser", link=linked)
    assert again.settle() == [] and again.state("answered") == found
    for _step in range(6):
        view.box.get_by_role("button", name="Undo").click()
    assert view.settle() == [] and view.state("answered") == made("wall_eraser").first


def test_a_piece_that_is_cut_off_is_ringed(opened):
    view = opened("wall_eraser")
    ring, legend = view.page.locator(".wall-cut"), view.page.locator(".wall-legend span").last
    assert ring.get_attribute("d") == "" and legend.is_hidden()
    view.box.get_by_role("button", name="Are thick walls bad?").click()
    assert view.settle() == [] and legend.text_content() == "cut off"
    assert ring.get_attribute("d").count("M") >= 4 and legend.is_visible()
    assert "wall-odd" in view.page.locator(".wall-verdict").get_attribute("class")


def strokes(count):
    """Random settings of the eraser: holes, strokes along walls, drawn lines, all mixed."""
    from unet_teach.lessons.l10_metrics.measure import tissue, tissue_walls

    draw, truth = random.Random(0), tissue().ravel().tolist()
    black, inside = ([i for i, t in enumerate(truth) if bool(t) == want] for want in (0, 1))
    lines = [[72 * r + c for r, c in pixels.tolist()] for pixels in tissue_walls().values()]
    found = [{"flipped": places, "thinned": True} for places in ([], black, inside, [0, 5183])]
    while len(found) < count:
        row, column, step = draw.randrange(72), draw.randrange(72), draw.choice((1, 71, 72, 73))
        line = [72 * row + column + i * step for i in range(draw.randint(2, 70))]
        line = [place for place in line if place < 72 * 72]
        wall = draw.choice(lines)
        flipped = {
            0: [draw.choice(black)],
            1: wall[: draw.randint(1, len(wall))],
            2: draw.sample(black, draw.randint(2, len(black))),
            3: line,
            4: [draw.choice(black), draw.choice(inside)],
            5: {*wall, *line},
            6: draw.sample(range(72 * 72), draw.randint(1, 2000)),
        }[len(found) % 7]
        found.append({"flipped": sorted(flipped), "thinned": draw.random() < 0.6})
    return found


def graphs(count):
    """Random settings of the skip graph: arrows of the network taken out, others drawn."""
    from unet_teach.lessons.l16_beyond import measure as graph

    draw, found = random.Random(0), []
    while len(found) < count:
        kind, depth = draw.choice(list(graph.NETWORKS)), draw.choice(graph.DEPTHS)
        whole, edited = graph.preset_graph(kind, depth, False).edges, set()
        for _edit in range((0, 1, 1, 2, 3, 5)[len(found) % 6]):
            any_two = draw.sample(graph.grid(depth), 2)
            onward = sorted(any_two, key=lambda node: (node[1], -node[0]))
            edge = draw.choice(
                [draw.choice(whole), draw.choice(whole), onward, onward, any_two]
            )
            edited ^= {(*edge[0], *edge[1])}
        found.append({"kind": kind, "depth": depth, "edited": sorted(map(list, edited)),
                      "deep": draw.random() < 0.3, "size": draw.choice(graph.SIZES),
                      "base": draw.choice(graph.BASES)})  # fmt: skip
    return found


def fields(_count):
    """All of lesson 02's levers, each at a place of its own."""
    return [
        {"depth": depth, "k": k, "counts": counts, "row": 7 * k, "column": 511 - 100 * depth}
        for depth in range(5) for k in (1, 3, 5, 7) for counts in (False, True)
    ]  # fmt: skip


def test_what_the_book_computes_of_a_skip_graph_is_the_answer(opened):
    view, asked = opened("skip_graph"), graphs(420)
    found = view.page.evaluate("all => all.map(unetTeach.computed.skip_graph)", asked)
    kinds = set()
    for settings, one in zip(asked, found, strict=True):
        due = made("skip_graph").answered(settings)
        kinds.add(re.sub(r"X\d.*X\d|[\d,.]+", "#", due.get("because", due.get("problem"))))
        assert one | {"settings": settings} == json.loads(json.dumps(due)), settings
    assert len(kinds) > 18, kinds


def kernels_and_levers(count):
    """All of lesson 01's levers, any kernel, and some whose settings cannot work."""
    draw, found = random.Random(0), []
    given = made("convolution_grid").given
    while len(found) < count:
        k = draw.randint(1, 5)
        few, any_one = ((draw.randint(low, high) for _ in range(k * k)) for low, high in
                        ((-1, 1), (-9, 9)))  # fmt: skip
        one = [0] * k * k
        one[draw.randrange(k * k)] = draw.choice((-2, 1))
        kernel = draw.choice([*given["named"].values(), given["kernels"][k - 1], one,
                              list(few), list(any_one), [0] * k * k])  # fmt: skip
        n = 48 if len(found) % 25 == 0 else draw.randint(1, 12)
        levers = {"s": draw.randint(1, 4), "p": draw.randint(0, 3), "d": draw.randint(1, 3)}
        if len(found) % 3 == 0:
            levers = {"s": draw.randint(1, 2), "p": draw.choice((0, k // 2)), "d": 1}
        way = draw.choice(("sum", "sum", "max"))
        found.append({"n": n, "kernel": kernel, **levers, "way": way})
    return found


def bends(count):
    """Vectors dragged anywhere, one or many, of each draw and strength, read in each way."""
    from unet_teach.lessons.l12_augmentation import measure as bent

    draw, found = random.Random(0), []
    while len(found) < count:
        far = (0, 1, 4, bent.FAR)[len(found) % 4]
        hand = {name: draw.choice((draw.uniform(-far, far), draw.randint(-far, far) / 2))
                for i in draw.sample(range(9), (0, 1, 2, 9)[len(found) // 4 % 4])
                for name in (f"right{i}", f"down{i}")}  # fmt: skip
        how = draw.choice(("nearest", "bilinear", "own"))
        levers = {"sigma": draw.choice(bent.STRENGTHS), "seed": draw.randrange(bent.DRAWS)}
        found.append(bent.FIRST | hand | levers | {"mask": how})
    return found


COMPUTED = """([name, settings]) => {
  const kinds = { uint8: Uint8Array, int16: Int16Array, float32: Float32Array }, times = [];
  const text = ({ dtype, bytes }) => new kinds[dtype](bytes.buffer).join();
  const found = settings.map(one => {
    const since = performance.now(), answer = unetTeach.computed[name](one);
    times.push(performance.now() - since);
    return Object.fromEntries(Object.entries(answer).map(([name, value]) =>
      [name, value.dtype ? { all: text(value) } : value]));
  });
  return [found, times];
}"""
# What Python must say itself.
UNKNOWN = {
    "wall_eraser": [
        {"flipped": wrong} for wrong in ("all", [-1], [5184], [2.5], [7, 7], None)
    ],
    "convolution_grid": [
        {"kernel": [1, 2, 3]}, {"kernel": [10]}, {"kernel": [0.5]}, {"kernel": []},
        {"kernel": None}, {"n": 13}, {"n": 0}, {"s": 0}, {"s": 5}, {"p": -1}, {"d": 1.5},
        {"way": "mean"},
    ],
    "skip_graph": [
        {"size": 50}, {"depth": 9}, {"edited": [[0, 0, 0, 4]]}, {"edited": [1]},
    ],
    "deformation_explorer": [
        {"right0": 160.5}, {"down8": None}, {"right1": "1"}, {"sigma": 3}, {"seed": 5},
        {"seed": -1}, {"seed": "0"}, {"mask": "bicubic"},
    ],
    "field_explorer": [{"row": -1}, {"column": 512}, {"row": 2.5}, {"depth": 9}, {"k": 4}],
}  # fmt: skip


@pytest.mark.parametrize("name, asked, sentences", [
    ("wall_eraser", strokes, 10),  # each that there is, but for "no worse than one"
    ("convolution_grid", kernels_and_levers, 15),
    ("deformation_explorer", bends, 16),  # four ways to pull; one to three pairs of tips
    ("field_explorer", fields, 8),
])  # fmt: skip
def test_what_the_book_computes_is_the_answer(opened, name, asked, sentences):
    view, asked = opened(name), asked(420)
    found, took = view.page.evaluate(COMPUTED, [name, asked])
    kinds, stuck = set(), 0
    for settings, one in zip(asked, found, strict=True):
        due = json.loads(
            json.dumps(made(name).answered(settings), default=lambda a: a.ravel().tolist())
        )
        assert one.keys() | {"settings"} == due.keys()
        for part, value in one.items():
            if isinstance(value, dict) and "all" in value:  # as one text it comes sooner
                value = [float(number) for number in value["all"].split(",") if number]
            if isinstance(due[part], float):
                assert value == pytest.approx(due[part], rel=0, abs=1e-9), (part, settings)
            else:
                assert value == due[part], (part, settings)
        kinds.add(re.sub(r"[−\d,.]+", "#", due.get("because", "")))
        stuck += "problem" in due
    assert len(kinds - {""}) == sentences, kinds
    assert (stuck > 20) == (name == "convolution_grid")
    times[f"{name}, computed"] = took


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_cannot_be_is_left_to_python(opened, name):
    view, call = opened(name), f"wrong => unetTeach.computed.{name}(wrong)"
    for wrong in UNKNOWN[name]:
        assert view.page.evaluate(call, made(name).first | wrong) is None, wrong


def test_all_that_a_book_computes_is_tested():
    assert {name for name in NAMES if made(name).computed} == UNKNOWN.keys()


# What a view shows, but for what a hand that is there adds to it.
SEEN = """number => {
  const box = document.querySelectorAll('.unet-view')[number], copy = box.cloneNode(true);
  copy.querySelectorAll('.unet-tip, [role=status]').forEach(e => e.remove());
  copy.querySelectorAll('input').forEach(e => e.removeAttribute('name')); // radios
  return [copy.innerHTML, [...box.querySelectorAll('input')].map(e => [e.checked, e.value]),
    [...box.querySelectorAll('canvas')].map(e => e.toDataURL())];
}"""


def apart(one, other):
    """Where two texts or lists first differ, cut out of both."""
    if one == other:
        return []
    if not isinstance(one, str):
        return [(one, other)] if len(str(one)) < 999 else ["maps differ"]
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    return [(one[max(0, at - 90) : at + 60], other[max(0, at - 90) : at + 60])]


DRAWN_ANEW = """async () => {
  for (const theme of ['dark', 'light']) {
    document.documentElement.dataset.theme = theme;
    await new Promise(resolve => setTimeout(resolve, 40));
  }
}"""


@pytest.mark.parametrize("name", NAMES)
def test_a_refused_change_leaves_no_trace(opened, tmp_path, name):
    """All hands and keys on a page that answers its first settings and questions alone.

    After each that is refused, the view shows what it shows when it is drawn anew, there is
    nothing more to undo than before, and at the end each question is still answered.
    """
    panel = record.recordable()[name]()
    panel._recorded, panel.computed = tuple, ""
    show_view.page(tmp_path, name, made=panel)
    view = opened(name, address=(tmp_path / "index.html").as_uri())
    undo = view.box.get_by_role("button", name="Undo", exact=True)
    refused, count = view.page.locator("[data-refused]"), 0

    def seen():
        view.page.mouse.move(1, 1)
        view.page.evaluate("document.activeElement.blur()")
        return view.page.evaluate(SEEN, 0)

    def leaves_no_trace(deed):
        nonlocal count
        before = view.state("answered"), undo.get_attribute("aria-disabled")
        refused.evaluate("e => { e.hidden = true; }")
        deed()
        if refused.is_visible() and view.state("answered") == before[0]:
            count += 1
            view.page.wait_for_timeout(20)  # the hand has let go
            shown = seen()
            view.page.evaluate(DRAWN_ANEW)
            assert [
                cut for pair in zip(shown, seen(), strict=True) for cut in apart(*pair)
            ] == []
            assert (view.state("settings"), undo.get_attribute("aria-disabled")) == before

    def drag(place, across, down):
        def deed():
            place.scroll_into_view_if_needed()
            edge = place.bounding_box()
            x, y = edge["x"] + across * edge["width"], edge["y"] + down * edge["height"]
            view.page.mouse.move(x, y)
            view.page.mouse.down()
            view.page.mouse.move(x + 31, y + 21, steps=4)
            view.page.mouse.up()

        return deed

    pictures = view.box.locator("canvas:visible, svg:visible, [role=slider]:visible")
    for number in range(min(pictures.count(), 8)):
        for across, down in ((0.5, 0.5), (0.3, 0.4), (0.72, 0.63), (0.21, 0.8)):
            if (pictures.nth(number).bounding_box() or {"width": 0})["width"] > 40:
                leaves_no_trace(drag(pictures.nth(number), across, down))
    levers = view.box.locator(LEVERS)
    for number in range(levers.count()):
        if number >= levers.count():  # some go with others
            break
        lever = levers.nth(number)
        kind = lever.evaluate("e => e.getAttribute('role') || e.type || 'button'")
        for key in KEYS[kind if kind in KEYS else "button"]:
            if lever.is_visible() and lever.text_content() not in ("Play", "Pause"):
                leaves_no_trace(lambda lever=lever, key=key: lever.press(key))
    print(name, count, "refused")
    for question, settings in panel.presets:
        view.box.get_by_role("button", name=question, exact=True).click()
        assert view.settle() == [] and view.state("answered") == settings


def test_a_refusal_leaves_by_itself(opened, tmp_path):
    """It covers what lies below it: after six seconds it is gone, and another starts anew."""
    panel = record.recordable()["crop_explorer"]()
    panel._recorded = tuple
    show_view.page(tmp_path, "crop_explorer", made=panel)
    view = opened("crop_explorer", address=(tmp_path / "index.html").as_uri())
    view.page.clock.install()
    refused, lever = view.page.locator("[data-refused]"), view.box.locator("input").first
    lever.press("ArrowRight")
    assert refused.is_visible()
    view.page.clock.run_for(4000)
    lever.press("ArrowRight")
    view.page.clock.run_for(4000)
    assert refused.is_visible()  # the second one's own six seconds
    view.page.clock.run_for(2100)
    assert refused.is_hidden()


# Asks for every recorded setting with one value changed; gives the answers that changed more
# than what the interactive says that it may approximate.
WANDERS = """([kept, asked]) => asked.flatMap(([before, wish]) => {
  const found = unetTeach.nearest(kept, wish, before);
  if (!found) return [];
  const wrong = Object.keys(wish).filter(key => !kept.approximate.includes(key)
    && JSON.stringify(found[0][key]) !== JSON.stringify(wish[key]));
  return wrong.length ? [[before, wish, found[0]]] : [];
})"""


@pytest.mark.parametrize("name", NAMES)
def test_no_recorded_answer_changes_what_was_not_asked_for(opened, name):
    panel = made(name)
    settings = [as_a_page(one) for one in panel.recorded()]
    kept = {"rows": [[one] for one in settings], "approximate": panel.approximate,
            "follows": panel.follows}  # fmt: skip
    assert all(isinstance(panel.first[key], (int, float)) for key in panel.approximate)
    some = random.Random(0).sample(settings, min(len(settings), 60))
    known, places = {json.dumps(one) for one in settings}, stops(settings)
    asked = [[one, wish] for one in some for wish in one_step(one, places)[::7]
             if json.dumps(wish) not in known]  # fmt: skip
    edited = [{**one, "edits": [], "cuts": []} for one in some] if name == "viewer" else []
    asked += [[one, wish] for one, wish in zip(some[1:], edited, strict=False)]
    view = opened(name)
    assert view.page.evaluate(WANDERS, [kept, asked[:1500]]) == []
    if name == "viewer":  # and it would be seen
        loose = {**kept, "approximate": ["channel", "row", "column"]}
        found = view.page.evaluate(
            "([kept, wish, before]) => unetTeach.nearest(kept, wish, before)?.[0].channel",
            [loose, {**panel.first, "channel": 99}, panel.first],
        )
        assert found is not None and found != 99


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
    (flash,) = view.page.locator(".threshold-flash").all()  # over the regions, for a moment
    assert flash.evaluate("e => getComputedStyle(e).animationName") == "threshold-flash"
    view.page.wait_for_function(
        "document.querySelector('.threshold-flash').getAnimations().length === 0"
    )
    assert flash.evaluate("e => getComputedStyle(e).strokeWidth") == "0px"
    view.box.get_by_role("button", name="Undo").click()
    assert view.settle() == [] and view.state("answered")["threshold"] == 0.475


@pytest.mark.parametrize("question, good", [("And a trained U-Net?", True), ("", False)])
def test_the_bar_is_green_only_where_the_cells_are_whole_and_apart(opened, question, good):
    view = opened(
        "threshold_explorer", link="" if question else "#threshold_explorer?threshold=0.625"
    )
    if question:
        view.box.get_by_role("button", name=question).click()
    assert view.settle() == []
    bar, colour = (
        view.page.evaluate(f"getComputedStyle(document.querySelector('{of}')).{what}")
        for of, what in (
            (".threshold-verdict", "borderLeftColor"),
            (".threshold-dice i", "backgroundColor"),
        )
    )
    assert (bar == colour) == good


def test_the_pictures_fill_half_of_a_phone_each(opened):
    view = opened("threshold_explorer", 390)
    wide = [p.bounding_box()["width"] for p in view.page.locator(".unet-pixels").all()]
    assert min(wide) > 165 and max(wide) - min(wide) < 1


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
    view.page.locator(".bend-board").scroll_into_view_if_needed()
    grip = view.page.locator(".bend-grip").nth(number).bounding_box()
    cell = view.page.locator(".bend-board").bounding_box()["width"] / 120
    x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    view.page.mouse.move(x + right * cell, y + down * cell, steps=6)
    view.page.mouse.up()


@pytest.mark.parametrize("width", [360, 1280])
def test_an_arrow_is_dragged_to_where_nothing_is_recorded(opened, width):
    view = opened("deformation_explorer", width)
    drag_arrow(view, 4, 11, 3)
    assert view.settle() == []
    shown = view.state("answered")
    assert (shown["right4"], shown["down4"]) == (11, 3)
    assert view.page.locator(".unet-note").is_hidden()
    view.box.get_by_role("button", name="Undo").click()
    assert view.settle() == [] and view.state("answered") == made("deformation_explorer").first
    view.box.get_by_role("button", name="Draw nine new arrows").click()
    assert view.settle() == [] and view.state("answered")["seed"] == 1


def test_a_point_and_a_ring_have_the_number_of_their_arrow_and_two_can_be_bent(opened):
    view = opened("deformation_explorer")
    numbers = [str(i + 1) for i in range(9)]
    for place in (".bend-grip", ".bend-ring", ".bend-both .bend-point"):
        assert view.page.locator(place).all_text_contents() == numbers
    marked = view.page.locator(".bend-held")  # in the new image, and in the old one
    assert marked.all_text_contents() == ["5", "5"]  # at first the one that the lead names
    view.page.mouse.move(*middle_of(view.page.locator(".bend-grip").nth(0)))
    view.page.mouse.down()
    assert marked.all_text_contents() == ["1", "1"]
    view.page.mouse.up()
    assert marked.all_text_contents() == ["5", "5"]
    drag_arrow(view, 4, 11, 11)
    assert view.settle() == []
    drag_arrow(view, 0, -10, 1)
    assert view.settle() == []
    both = {"right4": 11, "down4": 11, "right0": -10, "down0": 1}
    assert view.state("answered") == made("deformation_explorer").first | both
    assert view.page.locator("[data-refused]").is_hidden()
    assert marked.all_text_contents() == ["1", "5", "1", "5"]  # those that are pulled
    view.page.keyboard.press("Control+z")
    assert view.settle() == [] and view.state("answered")["right0"] == 0


AT = """([number, thread]) => {  // in pixels: where a tip is drawn, and where the net is read
  const board = document.querySelector('.bend-board').getBoundingClientRect();
  const tip = document.querySelectorAll('.bend-grip')[number].getBoundingClientRect();
  const size = board.width / 120, half = tip.width / 2;
  const at = n => (n + half) / size - 20.5;
  const path = document.querySelector('.bend-net').getAttribute('d');
  return [[at(tip.left - board.left), at(tip.top - board.top)],
    path.split('M')[thread].split('L')[0].split(' ').map(Number)];
}"""


@pytest.mark.parametrize("width", [360, 1280])
def test_a_tip_stops_at_the_picture_s_edge_while_it_is_held(opened, width):
    view, panel = opened("deformation_explorer", width), made("deformation_explorer")
    view.page.locator(".bend-board").scroll_into_view_if_needed()
    cell = view.page.locator(".bend-board").bounding_box()["width"] / 120
    x, y = middle_of(view.page.locator(".bend-grip").nth(0))
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    view.page.mouse.move(x - 60 * cell, y - 60 * cell, steps=8)
    assert view.settle() == []
    held = view.page.evaluate(AT, [0, 1])
    view.page.mouse.up()
    assert view.settle() == []
    free = view.page.evaluate(AT, [0, 1])
    for tip, net in (held, free):  # the first thread of the net starts at point 1
        assert tip == pytest.approx(net, abs=0.5) and tip == pytest.approx([-16, -16], abs=0.5)
    assert tip == pytest.approx(panel.answered(view.state("answered"))["vectors"][0], abs=0.5)
    board = view.page.locator(".bend-board").bounding_box()
    disc = 12  # its radius in the page
    x, y = middle_of(view.page.locator(".bend-grip").nth(0))
    assert x - disc >= board["x"] - 1 and y - disc >= board["y"] - 1


def test_a_tip_that_is_drawn_beyond_the_picture_is_at_its_edge_and_can_be_grabbed(opened):
    view = opened("deformation_explorer")
    note = view.page.get_by_text("the arrow ends further out")
    assert view.page.locator(".bend-beyond").count() == 0 and note.is_hidden()
    view.box.locator(".unet-slider input").focus()
    view.page.keyboard.press("End")
    assert view.settle() == [] and note.is_visible()
    found = made("deformation_explorer").answered(view.state("answered"))
    ends = [(39.5 * (k % 3) + right, 39.5 * (k // 3) + down)
            for k, (right, down) in enumerate(found["vectors"])]  # fmt: skip
    beyond = [str(k + 1) for k, at in enumerate(ends) if min(at) < -16 or max(at) > 95]
    assert view.page.locator(".bend-beyond").all_text_contents() == beyond != []
    for name in beyond:  # on the line of its arrow
        k = int(name) - 1
        (x, y), _ = view.page.evaluate(AT, [k, 1])
        assert -16.1 <= min(x, y) and max(x, y) <= 95.1
        right, down = found["vectors"][k]
        assert (x - 39.5 * (k % 3)) * down == pytest.approx(
            (y - 39.5 * (k // 3)) * right, abs=5
        )
    number = int(beyond[0]) - 1
    drag_arrow(view, number, 10, 10)
    assert view.settle() == []
    assert beyond[0] not in view.page.locator(".bend-beyond").all_text_contents()
    view.box.get_by_role("button", name="Undo").click()
    view.page.locator(".bend-grip").nth(number).focus()
    view.page.keyboard.press("ArrowRight")
    assert view.settle() == []
    assert beyond[0] not in view.page.locator(".bend-beyond").all_text_contents()


def test_a_ring_grabs_its_tip_and_a_point_of_the_new_image_is_a_place_as_any_other(opened):
    view = opened("deformation_explorer")
    drag_arrow(view, 4, 20, 0)
    assert view.settle() == []
    ring, cell = (view.page.locator(".bend-ring").nth(4), view.page.locator(".bend-board"))
    size = cell.bounding_box()["width"] / 120
    x, y = middle_of(ring)
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    view.page.mouse.move(x - 5 * size, y + 7 * size, steps=5)
    view.page.mouse.up()
    assert view.settle() == []
    assert (view.state("answered")["right4"], view.state("answered")["down4"]) == (15, 7)
    divider = view.page.locator(".unet-wipe-grip")
    assert divider.get_attribute("aria-valuenow") == "70"
    view.page.mouse.move(*middle_of(view.page.locator(".bend-point").nth(4)))
    view.page.mouse.down()
    assert divider.get_attribute("aria-valuenow") == "50"  # it comes there, as everywhere
    view.page.mouse.up()
    shown = view.state("answered")
    assert (shown["right4"], shown["down4"]) == (15, 7)


def test_the_divider_leaves_both_sides_in_sight_and_is_put_back(opened):
    view = opened("deformation_explorer")
    at = lambda: int(view.page.locator(".unet-wipe-grip").get_attribute("aria-valuenow"))  # noqa: E731
    reset = view.box.get_by_role("button", name="Reset")
    assert at() == 70 and reset.get_attribute("aria-disabled") == "true"
    view.page.locator(".unet-wipe-grip").focus()
    for key, due in (("Home", 16), ("End", 84)):
        view.page.keyboard.press(key)
        assert at() == due and reset.get_attribute("aria-disabled") == "false"
    reset.click()
    assert at() == 70 and reset.get_attribute("aria-disabled") == "true"
    for question in ("Labels read bilinearly?", "Labels with other arrows?"):
        view.page.locator(".unet-wipe-grip").press("End")
        view.box.get_by_role("button", name=question).click()
        assert view.settle() == [] and at() == 50
    for question in questions_of("deformation_explorer")[:4]:  # about tissue: it is seen
        view.page.locator(".unet-wipe-grip").press("Home")
        view.box.get_by_role("button", name=question).click()
        assert view.settle() == [] and at() == 84, question
    view.box.get_by_text("bilinear", exact=True).click()
    assert view.settle() == [] and at() == 84  # a lever leaves it, so that one can compare
    reset.click()
    assert view.settle() == [] and at() == 70
    assert reset.get_attribute("aria-disabled") == "true"


def test_the_arrows_of_the_labels_are_drawn_if_they_are_others(opened):
    view = opened("deformation_explorer")
    path = view.page.locator(".bend-others")
    assert path.get_attribute("d") == ""
    view.box.get_by_role("button", name="Labels with other arrows?").click()
    assert view.settle() == []
    others = made("deformation_explorer").answered(view.state("answered"))["others"]
    drawn = [part.split("m")[0].split("l") for part in path.get_attribute("d").split("M")[1:]]
    ends = [[float(n) for n in end.split(",")] for _start, end in drawn]
    starts = [[float(n) for n in start.split(",")] for start, _end in drawn]
    assert ends == others != []
    assert starts == [[39.5 * (k % 3), 39.5 * (k // 3)] for k in range(9)]
    covers = """path => document.querySelectorAll('.bend-ring')[8].compareDocumentPosition(path)
      & Node.DOCUMENT_POSITION_FOLLOWING"""
    assert path.evaluate(covers)  # short ones are seen, too: they are over the rings


@pytest.mark.parametrize("width", [360, 900, 1280])
def test_the_mouse_draws_five_times_at_one_place(opened, width):
    view = opened("deformation_explorer", width)
    dice = view.box.get_by_text("Draw nine new")
    dice.scroll_into_view_if_needed()
    at = middle_of(dice)
    for seed in (1, 2, 3, 4, 0):
        view.page.mouse.click(*at)
        assert view.settle() == [] and view.state("answered")["seed"] == seed


def test_no_answer_moves_the_levers(opened):
    """Each kind of answer there is, with the labels read in each way, at all widths."""
    from unet_teach.lessons.l12_augmentation.measure import STRENGTHS

    view, panel, kinds = opened("deformation_explorer"), made("deformation_explorer"), {}
    some = [{"sigma": sigma, "seed": seed} for sigma in STRENGTHS for seed in range(5)]
    some += [{"sigma": sigma, "right4": right, "down4": down, "right5": -right}
             for sigma in STRENGTHS for right in (12, 30) for down in (0, 40)]  # fmt: skip
    some += [{"sigma": 0, "right3": pull, "right4": -pull} for pull in (17, 20)]
    for one, mask in itertools.product(some, panel.given["masks"]):
        found = panel.answered(panel.first | one | {"mask": mask})
        words = [len(found[part]) // 20 for part in ("because", "verdict")]
        kinds[found["because"][:12], *words] = one | {"mask": mask}
    tops = {}
    for changed in [{}, *kinds.values()]:
        link = urlencode({k: json.dumps(v) for k, v in changed.items()})
        view.page.evaluate("link => { location.hash = link; }", f"deformation_explorer?{link}")
        view.page.reload()
        view.page.wait_for_selector(READY)
        assert view.settle() == [] and view.state("answered") == panel.first | changed
        for width in (360, 390, 560, 600, 700, 800, 900, 1024, 1280):
            view.page.set_viewport_size({"width": width, "height": 900})
            for part in (".unet-slider", ".bend-way"):
                top = view.page.locator(part).evaluate(TOP)
                tops.setdefault((width, part), []).append((top, changed))
    moved = {where: [found[0][0], *max(found, key=lambda one: one[0])]
             for where, found in tops.items()
             if np.ptp([top for top, _changed in found]) > 1}  # fmt: skip
    assert len(kinds) > 20
    assert moved == {}


def test_of_sigma_0_a_second_press_straightens_what_was_pulled(opened):
    view, first = opened("deformation_explorer"), made("deformation_explorer").first
    lever, straight = view.box.locator(".unet-slider input"), first | {"sigma": 0}
    drag_arrow(view, 4, 5, 5)
    lever.press("Home")
    assert view.settle() == [] and view.state("answered") == straight
    view.page.keyboard.press("Control+z")  # and it is one step
    assert view.settle() == [] and view.state("answered") == first | {"right4": 5, "down4": 5}
    lever.press("Home")
    for press in (lambda: lever.press("Home"),
                  lambda: lever.click(position={"x": 3, "y": 13})):  # fmt: skip
        drag_arrow(view, 4, 5, 5)
        assert view.settle() == [] and view.state("answered")["right4"] == 5
        press()
        assert view.settle() == [] and view.state("answered") == straight
        view.page.keyboard.press("Control+z")
        assert view.settle() == [] and view.state("answered")["right4"] == 5
        lever.press("Tab")  # other keys, and the words beside it, leave it
        view.box.locator(".unet-slider > span").click()
        assert view.settle() == [] and view.state("answered")["right4"] == 5
        view.box.get_by_role("button", name="Undo").click()


@pytest.mark.parametrize("width", [360, 900, 1280])
def test_the_tips_of_a_question_can_be_told_apart(opened, width):
    view = opened("deformation_explorer", width)
    for question in questions_of("deformation_explorer"):
        view.box.get_by_role("button", name=question).click()
        assert view.settle() == []
        tips = [middle_of(tip) for tip in view.page.locator(".bend-grip").all()]
        near = min(math.dist(a, b) for i, a in enumerate(tips) for b in tips[:i])
        assert near > 16, question  # each number is seen


ALL_PIXELS = """canvas => [...canvas.getContext('2d')
  .getImageData(0, 0, canvas.width, canvas.height).data]"""


def test_two_things_that_are_wrong_are_two_colours(opened):
    view = opened("deformation_explorer", 1280)
    legend = view.page.locator(".bend-wrong span:visible")
    assert legend.count() == 0
    view.box.get_by_role("button", name="When does tissue fold?").click()
    assert view.settle() == [] and legend.all_text_contents() == ["read backwards"]
    view.box.get_by_text("bilinear", exact=True).click()
    assert view.settle() == [] and legend.count() == 2
    found = made("deformation_explorer").answered(view.state("answered"))
    folded, stray = (np.asarray(found[part]).ravel() for part in ("folded", "classes"))
    stray = stray == 2
    for canvas in view.page.locator(".unet-wipe canvas").all():
        colours = np.reshape(canvas.evaluate(ALL_PIXELS), (-1, 4))[:, :3]
        assert {*map(tuple, colours[stray])} == {(224, 33, 138)}
        only = {*map(tuple, colours[folded & ~stray])}
        assert only and (224, 33, 138) not in only
    swatches = {one.evaluate("e => getComputedStyle(e, '::before').background")
                for one in legend.all()}  # fmt: skip
    assert len(swatches) == 2 and all("rgb" in one for one in swatches)


@pytest.mark.parametrize("width", [360, 900, 1280])
def test_the_frame_of_sigma_touches_nothing(opened, width):
    view = opened("deformation_explorer", width)
    lever = view.box.locator(".unet-slider input")
    lever.press("ArrowRight")
    assert view.settle() == []
    frame = lever.evaluate(
        "e => [getComputedStyle(e).outlineWidth, getComputedStyle(e).outlineOffset]"
    )
    rim, box = sum(float(n.removesuffix("px")) for n in frame), lever.bounding_box()
    words = view.box.locator(".unet-slider > span").bounding_box()
    dice = view.box.get_by_text("Draw nine new").bounding_box()
    assert rim >= 4 and words["y"] + words["height"] <= box["y"] - rim
    assert dice["y"] >= box["y"] + box["height"] + rim


SWIPED = {  # a view, what a finger lands on, and what says where it is
    "bottleneck_explorer": (".unet-wipe", ".unet-wipe-grip"),
    "deformation_explorer": (".unet-wipe", ".unet-wipe-grip"),
    "first_look": (".unet-wipe", ".unet-wipe-grip"),
    "threshold_explorer": (".unet-axes", ".unet-handle"),
}


@pytest.mark.parametrize("name", SWIPED)
def test_a_finger_that_scrolls_moves_no_divider_and_one_that_goes_sideways_does(opened, name):
    view = opened(name, 360, has_touch=True, is_mobile=True)
    place, grip = (view.page.locator(part).first for part in SWIPED[name])
    at = lambda: grip.get_attribute("aria-valuenow")  # noqa: E731
    before, client = at(), view.page.context.new_cdp_session(view.page)
    view.page.evaluate("document.body.style.paddingBottom = '1500px'")
    place.evaluate("e => e.scrollIntoView({ block: 'center' })")

    def swipe(right, down):
        edge = place.bounding_box()
        x, y = edge["x"] + 0.25 * edge["width"], edge["y"] + 0.5 * edge["height"]
        for step in range(12):
            kind = "touchMove" if step else "touchStart"
            points = [{"x": x + step * right, "y": y + step * down}]
            client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            view.page.wait_for_timeout(20)
        client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        view.page.wait_for_timeout(300)

    since = view.page.evaluate("scrollY")
    grip.evaluate(
        """(e, at) => new MutationObserver(() => {
      if (e.ariaValueNow !== at) e.dataset.moved = e.ariaValueNow;
    }).observe(e, { attributeFilter: ['aria-valuenow'] })""",
        before,
    )
    swipe(1, -12)
    assert view.page.evaluate("scrollY") > since + 60 and at() == before
    assert grip.get_attribute("data-moved") is None and view.settle() == []
    place.evaluate("e => e.scrollIntoView({ block: 'center' })")
    swipe(8, 1)
    assert at() != before and view.settle() == []


@pytest.mark.parametrize("width", [700, 900, 1280])
def test_levers_stay_where_they_are_and_undo_is_in_sight(opened, width):
    view = opened("deformation_explorer", width)
    slider = view.page.locator(".unet-slider")
    tops = [slider.evaluate(TOP)]
    for words in ("When does tissue fold?", "other arrows", "bilinear", "Reset"):
        view.box.get_by_text(words, exact=True).click()
        assert view.settle() == []
        tops.append(slider.evaluate(TOP))
    assert max(tops) - min(tops) < 2
    if width == 1280:  # beside the pictures
        assert view.box.get_by_role("button", name="Undo").evaluate(TOP) < 400


@pytest.mark.parametrize("width", [360, 900, 1280])
def test_sigma_says_what_is_by_hand_and_stays_as_wide_and_the_dice_always_draws(opened, width):
    view = opened("deformation_explorer", width)
    said, dice = view.box.locator(".unet-slider output"), view.box.get_by_text("Draw nine new")
    lever = view.box.locator(".unet-slider input")
    place, wide = lever.evaluate(TOP), lever.bounding_box()["width"]
    assert said.text_content() == "4" and wide > 100
    drag_arrow(view, 4, 5, 5)
    assert view.settle() == [] and said.text_content() == "4 + by hand"
    for _ in range(2):
        lever.press("ArrowLeft")
        assert view.settle() == []
        assert lever.bounding_box()["width"] == pytest.approx(wide, abs=0.1)
        assert lever.evaluate(TOP) == place
    view.box.get_by_role("button", name="When does tissue fold?").click()
    assert view.settle() == [] and said.text_content() == "– (by hand)"
    assert lever.bounding_box()["width"] == pytest.approx(wide, abs=0.1)
    dice.click()  # at sigma 0 all draws are the same, so it starts at the first sigma again
    first = made("deformation_explorer").first
    assert view.settle() == [] and view.state("answered") == first | {"seed": 1}
    assert said.text_content() == "4"


def test_the_keys_are_explained_where_the_focus_is_seen(opened):
    view = opened("deformation_explorer")
    keys = view.page.get_by_text("with Shift by 5")
    assert keys.is_hidden()
    view.box.locator("button:not([aria-disabled=true])").first.focus()
    for _ in range(6):
        view.page.keyboard.press("Tab")
    assert view.page.evaluate("document.activeElement.className").startswith("bend-grip")
    assert keys.is_visible()
    before = view.state("answered")
    view.page.keyboard.press("Shift+ArrowRight")
    assert view.settle() == []
    changed = {k: v for k, v in view.state("answered").items() if v != before[k]}
    assert list(changed.values()) == [5]


def questions_of(name):
    return [question for question, _settings in made(name).presets]


TOP = """e => e.getBoundingClientRect().top
  - e.closest('.unet-view').getBoundingClientRect().top"""


def test_the_note_below_the_labels_lever_is_of_the_way_that_is_chosen(opened):
    view = opened("deformation_explorer")
    for way, words in (
        ("other arrows", "follow the pale yellow arrows"),
        ("bilinear", "mixes the four labels"),
        ("nearest", "copies the label nearest"),
    ):
        view.box.get_by_text(way, exact=True).click()
        assert view.settle() == [] and words in view.page.locator(".bend-way").text_content()


def test_a_phone_shows_questions_and_both_images_while_a_tip_is_dragged(opened):
    view = opened("deformation_explorer", 390, has_touch=True, is_mobile=True)
    new, old = (view.page.locator(place) for place in (".unet-wipe", ".bend-board"))
    bottom = old.bounding_box()["y"] + old.bounding_box()["height"]
    assert 0 < bottom - new.bounding_box()["y"] < 640  # below the bars of a small phone
    asks = questions_of("deformation_explorer")
    tops = []
    for words in (*asks, "When does tissue fold?", "bilinear", "other arrows"):
        view.box.get_by_text(words, exact=True).click()
        assert view.settle() == []
        tops.append(old.evaluate(TOP))
    assert max(tops) - min(tops) < 2  # nothing jumps away from the finger
    assert max(tops) + old.bounding_box()["height"] < 844  # all of it is on the first screen
    answer, question = view.page.locator(".unet-because"), view.box.get_by_text(asks[0])
    assert question.evaluate(TOP) < answer.evaluate(TOP) < new.evaluate(TOP) < tops[0]
    lead = view.page.locator(".unet-body > p").first  # the answer is where it was
    assert lead.is_hidden() and answer.is_visible()
    view.box.get_by_text("Reset", exact=True).click()
    assert view.settle() == [] and lead.is_visible() and answer.is_hidden()


@pytest.mark.parametrize("width", [360, 390])
def test_a_phone_keeps_new_image_and_verdict_in_sight_of_the_labels_lever(opened, width):
    view = opened("deformation_explorer", width)
    view.page.set_viewport_size({"width": width, "height": 640})
    view.box.get_by_text("other arrows", exact=True).evaluate(
        "e => e.scrollIntoView({ block: 'end' })"
    )
    view.box.get_by_text("other arrows", exact=True).click()
    assert view.settle() == [] and view.page.evaluate("scrollY") > 200
    for place in (".unet-wipe", ".bend-verdict"):
        box = view.page.locator(place).bounding_box()
        assert 0 <= box["y"] and box["y"] + box["height"] < 320, place


def test_the_labels_outline_is_on_the_image(opened):
    view = opened("deformation_explorer")
    view.box.get_by_role("button", name="Labels with other arrows?").click()
    assert view.settle() == []
    wall = made("deformation_explorer").answered(view.state("answered"))["classes"] == 0
    edges = np.diff(np.pad(wall, 1), axis=0).sum() + np.diff(np.pad(wall, 1), axis=1).sum()
    path = view.page.locator(".bend-labels").get_attribute("d")
    assert path.count("M") == edges > 100


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


def test_what_is_wrong_is_red_in_image_and_labels_and_the_legend_says_what(opened):
    view = opened("deformation_explorer")
    for question in ("When does tissue fold?", "Labels read bilinearly?"):
        view.box.get_by_role("button", name=question, exact=True).click()
        assert view.settle() == []
        due = made("deformation_explorer").answered(view.state("answered"))
        red = (due["folded"] | (due["classes"] == 2)).sum()
        for number in (0, 1):  # wherever the divider is
            found = view.page.locator(".unet-wipe canvas").nth(number).evaluate(RED)
            assert found == red > 0, (question, number)
        assert view.page.locator(".bend-wrong span:visible").count() == 1
        shades = view.page.locator(".unet-wipe canvas").first.evaluate(SHADES)
        assert shades > 3 if due["folds"] else shades == 1  # tissue is seen below a fold
        places = due["backwards"].tolist()
        pink = "".join(f"M{x - 0.5:g} {y - 0.5:g}h1v1h-1z" for x, y in places)
        assert view.page.locator(".bend-backwards").get_attribute("d") == pink
        assert (pink != "") == due["folded"].any()
    view.box.get_by_role("button", name="Labels with other arrows?").click()
    assert view.settle() == [] and view.page.locator(".bend-wrong span:visible").count() == 0
    assert view.page.locator(".unet-wipe canvas").nth(1).evaluate(RED) == 0


RED = """canvas => {
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  const data = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  let found = 0;
  for (let i = 0; i < data.length; i += 4) // pink, or a tint of it
    found += data[i] - data[i + 1] > 60;
  return found;
}"""
SHADES = (
    RED.replace("let found = 0", "const seen = new Set()")
    .replace(
        "found += data[i] - data[i + 1] > 60",
        "if (data[i] - data[i + 1] > 60) seen.add(data[i])",
    )
    .replace("return found", "return seen.size")
)


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
    assert view.settle() == [] and "no expansive path" in view.box.get_attribute("data-problem")
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
    frame = "getComputedStyle(document.querySelector('.u-drawing svg')).outlineStyle"
    assert view.page.evaluate(frame) == "none"  # a frame is for keys
    view.page.keyboard.press("ArrowRight")
    assert view.page.evaluate(frame) == "solid"
    assert inside(view, "shape") == "128 channels of 140 × 140 pixels"
    view.page.keyboard.press("ArrowUp")
    skip = json.loads(view.page.locator(".u-says").get_attribute("data-skip"))
    assert skip == answer("u_explorer", json.dumps(made("u_explorer").first))["skips"][0]


APART = """() => {
  const said = [...document.querySelectorAll(".u-inside > *")].map(e =>
    e.getBoundingClientRect());
  const marks = [...document.querySelectorAll(".u-box, .u-skip, .u-way")];
  return marks.map(e => e.getBoundingClientRect()).filter(a => said.some(b =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)).length;
}"""


def test_what_a_box_holds_stands_clear_of_the_u_and_in_sight(opened):
    """On a wide page in the two lower corners, at every depth, and the nodes are kept."""
    view = opened("u_explorer", 1280)
    view.page.evaluate("window.kept = document.querySelector('.u-box[data-box=\"0\"]')")
    depth = view.box.get_by_role("slider", name="depth")
    for stop in range(6):  # depth 4, then 1 to 5
        view.page.locator(".u-box[data-box='4'] .u-frame").click(force=True)
        assert view.settle() == [] and "pixels" in inside(view, "shape")
        assert view.page.evaluate(APART) == 0, view.state("answered")["depth"]
        edge = view.page.locator(".u-inside").bounding_box()
        assert edge["y"] + edge["height"] < view.page.viewport_size["height"]
        assert stop or view.page.evaluate("window.kept.isConnected")
        depth.press("ArrowRight" if stop else "Home")
        assert view.settle() == []


def test_operations_and_memory_have_their_units_and_frames_their_colours(opened):
    view = opened("u_explorer", 1280)
    for what, due in (("operations (GFLOP)", "23 GFLOP"), ("memory (MB)", "40 MB")):
        view.box.get_by_text(what, exact=True).click()
        assert view.page.locator(".u-box[data-box='5'] .u-size").text_content() == due
    colours = view.page.evaluate(
        "[5, 18].map(i => getComputedStyle(document.querySelector("
        "`.u-box[data-box='${i}'] .u-frame`)).stroke)"
    )
    assert colours == ["rgb(47, 134, 191)", "rgb(233, 162, 39)"]
    view.page.locator(".u-box[data-box='5'] .u-frame").click(force=True)
    assert inside(view, "operations").startswith("23.1 GFLOP")
    assert inside(view, "memory") == "40.1 MB of maps"


def test_where_no_network_was_trained_the_missing_pictures_are_explained(opened):
    view = opened("u_explorer")
    why = "No network of this form was trained, so there are no pictures."
    for question in ("Add instead of concatenate?", "Half as deep?"):
        view.box.get_by_role("button", name=question).click()
        assert view.settle() == [] and why in view.box.text_content()
        assert view.page.locator(".u-box image").count() == 0
        view.box.get_by_role("button", name="Reset").click()
        assert view.settle() == [] and why not in view.box.text_content()


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


def test_play_that_is_further_than_a_smaller_network_reaches_stands_at_its_end(opened):
    view = opened("u_explorer", reduced_motion="reduce")
    button = view.box.get_by_role("button", name="Play")
    for _box in range(20):
        button.click()
    view.box.get_by_role("slider", name="depth").press("Home")
    assert view.settle() == [] and view.state("answered")["depth"] == 1
    assert view.page.locator(".u-box.u-pale").count() == 0  # the last of nine boxes
    button.click()
    assert view.page.locator(".u-pulse").get_attribute("visibility") == "hidden"


FILMED = """name => {
  const canvas = document.querySelectorAll('.film-maps canvas')[name];
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
  return [...data].filter((_value, i) => i % 4 === 0);
}"""


def test_a_drag_along_the_curve_scrubs_the_film(opened):
    view = opened("training_dashboard")
    handle = view.page.locator(".unet-handle")
    edge = view.page.locator(".unet-axes").first.bounding_box()
    wide = edge["width"] - 60
    view.page.mouse.move(edge["x"] + 46 + wide, edge["y"] + 60)
    view.page.mouse.down()
    for step in (900, 600, 390, 255):
        view.page.mouse.move(edge["x"] + 46 + wide * step / 1200, edge["y"] + 60, steps=2)
    view.page.mouse.up()
    assert view.settle() == [] and view.state("answered")["step"] == 250
    due = made("training_dashboard").answered({"step": 250, "beside": ""})
    assert view.page.evaluate(FILMED, 2) == due["map"].ravel().tolist()
    handle.press("ArrowRight")
    assert view.settle() == [] and view.state("answered")["step"] == 400
    view.box.get_by_role("button", name="Undo").click()
    view.box.get_by_role("button", name="Undo").click()
    assert view.settle() == [] and view.state("answered")["step"] == 0


def test_the_film_plays_to_its_end(opened):
    view = opened("training_dashboard")
    assert view.state("answered")["step"] == 0  # and the answer is not given away
    assert view.page.locator(".film-features").is_hidden()
    view.box.get_by_role("button", name="Play").click()
    view.page.wait_for_selector(".film-now[data-step='1200']")
    view.box.get_by_role("button", name="Play").wait_for()
    assert view.settle() == [] and view.state("answered")["step"] == 1200


def test_the_divider_shows_more_of_the_other_run(opened):
    view = opened("training_dashboard", 360)
    view.box.get_by_role("radio", name="without skips").check(force=True)
    assert view.settle() == []
    grip = view.page.locator(".unet-wipe-grip").first
    assert grip.get_attribute("aria-valuenow") == "50"
    grip.press("Home")
    assert grip.get_attribute("aria-valuenow") == "0"
    due = made("training_dashboard").answered(view.state("answered"))
    assert view.page.evaluate(FILMED, 3) == due["other_map"].ravel().tolist()


def cell_of_skip(view, row, column):
    """Where a cell of the first skip (32 of the picture's 40) is in the page."""
    view.page.locator(".unet-pixels").first.scroll_into_view_if_needed()
    edge = view.page.locator(".unet-pixels").first.bounding_box()
    return (edge["x"] + (4 + column + 0.5) * edge["width"] / 40,
            edge["y"] + (4 + row + 0.5) * edge["height"] / 40)  # fmt: skip


def window_is_at(view, top, left):
    assert view.settle() == []
    return [view.state("answered")[name] for name in ("top", "left")] == [top, left]


def test_the_window_is_dragged_home_in_one_step(opened):
    view = opened("crop_explorer", 1280)
    dashes = view.page.locator(".crop-home")
    assert dashes.count() == 0 and view.page.locator("i.crop-place").is_hidden()
    view.page.mouse.move(*cell_of_skip(view, 20, 3))
    view.page.mouse.down()
    view.page.mouse.move(*cell_of_skip(view, 24, 7), steps=6)
    home = ".crop-sheet.crop-met-frame"
    assert view.page.locator(home).count() == 1  # seen before the hand lets go
    assert dashes.count() == 0  # the first try is not given away
    view.page.mouse.up()
    assert dashes.count() == 1 and view.page.locator("i.crop-place").is_visible()
    assert window_is_at(view, 4, 4)
    assert "drawn once" in view.page.locator(".crop-verdict").text_content()
    view.box.get_by_role("button", name="Undo").click()
    assert window_is_at(view, 0, 0)
    view.page.mouse.click(*cell_of_skip(view, 30, 30))  # outside: the window goes there
    assert window_is_at(view, 8, 8)


def test_the_window_follows_a_finger_and_keys(opened):
    view = opened("crop_explorer", 360, has_touch=True, is_mobile=True)
    client = view.page.context.new_cdp_session(view.page)
    for kind, place in [("touchStart", (10, 10)), ("touchMove", (12, 11)),
                        ("touchMove", (16, 12)), ("touchEnd", None)]:  # fmt: skip
        x, y = cell_of_skip(view, *place) if place else (0, 0)
        points = [{"x": x, "y": y}] if place else []
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert window_is_at(view, 6, 2)
    view.page.locator(".unet-pixels").first.focus()
    for key in ("ArrowUp", "ArrowRight", "ArrowRight", "ArrowRight"):
        view.page.keyboard.press(key)
    assert window_is_at(view, 5, 5)
    view.page.keyboard.press("Enter")
    assert window_is_at(view, 4, 4)
    view.page.keyboard.press("Shift+ArrowDown")
    assert window_is_at(view, 8, 4)


SKIP_INKS = """() => {
  const shot = document.querySelector('.cut-now canvas'), { width, height } = shot;
  const pen = Object.assign(document.createElement('canvas'), { width, height })
    .getContext('2d', { willReadFrequently: true });
  pen.drawImage(shot, 0, 0);
  const data = pen.getImageData(0, 0, width, height).data, found = [0, 0];
  for (let i = 0; i < data.length; i += 4) {
    const ink = [data[i], data[i + 1], data[i + 2]].join();
    if (ink === '213,94,0') found[0]++;
    if (ink === '204,121,167') found[1]++;
  }
  return found;
}"""


def assert_changes_are_seen(view):
    """Wall gone and new wall, as the answer has them, in the mask."""
    found = made("skip_surgery").answered(view.state("answered"))["map"]
    gone, new = (found > 8).sum(), (found == 8).sum()
    assert view.page.evaluate(SKIP_INKS) == [gone, new]
    return gone


def test_scissors_cut_a_skip_and_its_knob_weakens_it(opened):
    view = opened("skip_surgery", 1280)
    scissors = view.page.locator(".cut-row button").nth(2)
    knob = view.page.locator(".cut-row input").nth(2)
    legend = view.page.locator(".cut-is-gone")
    assert not legend.is_visible() and assert_changes_are_seen(view) == 0
    shots = [view.page.locator(f".cut-{name} canvas") for name in ("now", "before")]
    assert len({round(shot.bounding_box()["width"]) for shot in shots}) == 1
    scissors.click()
    assert view.settle() == [] and view.state("answered")["gains"] == [1, 1, 0, 1]
    assert "run together" in view.page.locator(".cut-headline").text_content()
    assert legend.is_visible() and assert_changes_are_seen(view) > 0
    whole = made("skip_surgery").given["before"]
    ticks = view.page.locator(".unet-tick").evaluate_all("all => all.map(e => e.dataset.tick)")
    assert [float(tick) for tick in ticks] == [whole["v_rand"], whole["accuracy"]]
    edge = knob.bounding_box()
    x = [edge["x"] + 10 + (edge["width"] - 20) * share for share in (0.0, 0.1, 0.25)]
    y = edge["y"] + edge["height"] / 2
    view.page.mouse.move(x[0], y)
    view.page.mouse.down()
    view.page.mouse.move(x[1], y, steps=3)
    view.page.mouse.move(x[2], y, steps=3)
    assert view.page.locator(".cut-row output").nth(2).text_content() == "× 0.5"
    view.page.mouse.up()
    assert view.settle() == [] and view.state("answered")["gains"] == [1, 1, 0.5, 1]
    view.box.get_by_role("button", name="Undo").click()  # the whole drag
    assert view.settle() == [] and view.state("answered")["gains"] == [1, 1, 0, 1]
    scissors.focus()
    view.page.keyboard.press("Enter")
    assert view.settle() == [] and view.state("answered")["gains"] == [1, 1, 1, 1]


def test_a_tap_cuts_a_skip(opened):
    view = opened("skip_surgery", 360, has_touch=True, is_mobile=True)
    mask, u = (view.page.locator(place).bounding_box() for place in (".cut-now", ".cut-u"))
    assert mask["y"] + mask["height"] < u["y"]  # what a hand does is seen while it does it
    view.page.locator(".cut-row button").first.tap()
    assert view.settle() == [] and view.state("answered")["gains"] == [0, 1, 1, 1]


GREYS = """canvas => {
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
  return [canvas.height, canvas.width, ...data.filter((_, i) => i % 4 === 0)];
}"""


def maps_shown(view) -> list:
    """What skip, map from below and mixture show: height, width and greys."""
    return [canvas.evaluate(GREYS) for canvas in view.page.locator(".join-flow canvas").all()]


def map_due(level: int, name: str, bar: int) -> list:
    found = made("merge_toggle").given["maps"][level][name][bar]
    return [*found.shape, *found.ravel().tolist()]


def mixture(level: int, bar: int, skip: float | None, below: float) -> np.ndarray:
    """The greys of skip × its map + below × the other, from its own least to its own most."""
    given, total = made("merge_toggle").given, 0
    for weight, name in ((skip or 0, "skip"), (below, "below")):
        low, high = given["ends"][level][name][bar]
        total = total + weight * (low + (high - low) * given["maps"][level][name][bar] / 255)
    return 255 * (total - total.min()) / (np.ptp(total) or 1)


WEIGHED = {"concat": ("skip", "below"), "add": ("sum",), "none": ("below",)}


def test_a_block_shows_its_maps_and_what_the_next_convolution_makes_of_them(opened):
    view = opened("merge_toggle", 900)
    said = view.page.locator(".join-said")
    left, right = (view.page.locator(f".join-hit[x='{x}']") for x in (0, 94))
    for press, bar in ((None, 3), (left.nth(6), 2), (right.nth(5), 1), (right.nth(3), 3)):
        if press:
            press.click()
        assert view.settle() == []
        shown = maps_shown(view)
        assert shown[:2] == [map_due(2, name, bar) for name in ("skip", "below")]
        assert np.abs(np.array(shown[2][2:]) - mixture(2, bar, 1, 1).ravel()).max() <= 1
        assert said.text_content() == view_answer(view)["bars"][bar]
        assert view.page.locator(".join-ring").count() == 4
    for way, level in (("add", 0), ("none", 0), ("add", 2), ("concat", 2)):  # it stays chosen
        view.box.locator(f"input[value={way}]").check(force=True)
        view.box.locator(f"input[value='{level}']").check(force=True)
        assert view.settle() == []
        shown = maps_shown(view)
        assert shown[:2] == [map_due(level, name, 3) for name in ("skip", "below")]
        due = mixture(level, 3, None if way == "none" else 1, 1)
        assert np.abs(np.array(shown[2][2:]) - due.ravel()).max() <= 1, (way, level)
        assert view.page.locator(".join-lit").count() == (1 if way == "none" else 2)
        assert said.text_content() == view_answer(view)["bars"][3]


def test_weights_are_free_side_by_side_and_tied_where_maps_are_added(opened):
    """Every press is seen, in the picture, in the words below it, and in the lines."""
    view = opened("merge_toggle", 1280)
    told = view.page.locator(".join-flow > :last-child figcaption")
    for way, weighed in WEIGHED.items():
        view.box.locator(f"input[value={way}]").check(force=True)
        assert view.settle() == []
        levers = view.page.locator(".join-flow .unet-slider:not([hidden]) input")
        assert levers.count() == len(weighed)
        for aims in ([1] * len(weighed), [-1, 1][-len(weighed) :], [0] * len(weighed)):
            for lever, aim in zip(levers.all(), aims, strict=True):
                lever.focus()
                view.page.keyboard.press("Home" if aim < 0 else "End")
                for _press in range(0 if aim else 5):
                    view.page.keyboard.press("ArrowLeft")
            assert view.settle() == []
            weights = [float(lever.get_attribute("data-value")) for lever in levers.all()]
            assert weights == aims
            skip, below = {"concat": weights, "add": weights * 2, "none": [None, *weights]}[way]
            found = np.array(maps_shown(view)[2][2:])
            assert np.abs(found - mixture(2, 3, skip, below).ravel()).max() <= 1, (way, aims)
            assert told.text_content() == view_answer(view)["told"]
            bar = told.evaluate("e => getComputedStyle(e, '::after').backgroundImage")
            best, full = (float(re.findall(r"([\d.]+)%", part)[-1])
                for part in bar.split("linear-gradient")[1:])  # fmt: skip
            due = [100 * view_answer(view)[name] for name in ("best", "clear")]
            assert [best, full] == pytest.approx(due, abs=0.01)
        for lever in levers.all():
            lever.press("End")
        seen = set()
        for _press in range(4):
            view.page.keyboard.press("ArrowLeft")
            seen.add(tuple(maps_shown(view)[2]))
        assert len(seen) == (4 if way == "concat" else 1)  # one weight alone changes nothing
        blocks = view.page.locator(".join-read").evaluate_all(
            "all => all.map(e => parseFloat(getComputedStyle(e).fillOpacity))"
        )
        due = {"concat": [1, 0.2], "add": [0.2], "none": [0.2]}[way]
        assert blocks == pytest.approx(due, abs=0.01)  # what is read, as much as it weighs
    reset = view.box.get_by_role("button", name="Reset", exact=True)
    reset.click()
    assert view.settle() == [] and view.state("settings") == made("merge_toggle").first
    levers = view.page.locator(".join-flow .unet-slider input").all()
    assert [lever.get_attribute("data-value") for lever in levers] == ["1"] * 3
    assert reset.get_attribute("aria-disabled") == "true"
    levers[0].focus()
    view.page.keyboard.press("ArrowLeft")
    view.page.locator(".join-hit").nth(2).click()  # a block, too, is a step
    assert view.settle() == [] and view.state("settings")["block"] == 2
    undo = view.box.get_by_role("button", name="Undo", exact=True)
    undo.click()
    assert view.settle() == [] and levers[0].get_attribute("data-value") == "0.8"
    undo.click()
    assert view.settle() == [] and levers[0].get_attribute("data-value") == "1"
    assert np.abs(np.array(maps_shown(view)[2][2:]) - mixture(2, 3, 1, 1).ravel()).max() <= 1
    levers[0].press("Home")
    view.box.locator("input[value=add]").check(force=True)  # another merge has other weights
    assert view.settle() == [] and view.state("settings")["skip"] == 1
    view.box.locator("input[value=concat]").check(force=True)  # what was found there stays
    assert view.settle() == [] and view.state("settings")["skip"] == -1
    view.page.locator(".join-table tbody tr").nth(2).click()
    assert view.settle() == [] and view.state("settings")["level"] == 2


def view_answer(view) -> dict:
    return made(view.name).answered(view.state("answered"))


def test_the_ring_lies_around_the_wall(opened):
    """As the browser draws it: on less than a fifth of the map, nine tenths of the wall."""
    view = opened("merge_toggle", 1280)
    for figure in view.page.locator(".join-flow figure").all():
        ring = figure.evaluate("e => getComputedStyle(e, '::after').backgroundImage")
        numbers = re.search(r"([\d.]+)% ([\d.]+)% at ([\d.]+)% ([\d.]+)%", ring)
        wide, high, x, y = (float(number) / 100 for number in numbers.groups())
        after, map_ = figure.evaluate(
            "e => [[getComputedStyle(e, '::after'), e.querySelector('canvas')]].map(([a, c]) =>"
            " [[parseFloat(a.top), parseFloat(a.width),"
            " parseFloat(a.height) - parseFloat(a.borderBottomWidth)],"
            " [c.offsetTop, c.clientWidth, c.clientHeight]])[0]"
        )
        assert after == pytest.approx(map_, abs=1)
        rows, columns = np.nonzero(places(0)[0])
        inside = ((columns / 128 - x) / wide) ** 2 + ((rows / 128 - y) / high) ** 2 < 0.93**2
        assert inside.mean() > 0.9 and np.pi * wide * high < 0.2


def test_bars_are_walked_by_keys(opened):
    view = opened("merge_toggle", 1280)
    view.page.locator(".join-map").focus()
    for key, bar in (("End", 3), ("ArrowDown", 0), ("ArrowUp", 3), ("Home", 0),
                     ("ArrowRight", 1)):  # fmt: skip
        view.page.keyboard.press(key)
        assert view.settle() == []
        said = view.page.locator(".join-said").text_content()
        assert said == view_answer(view)["bars"][bar], key
    assert view.page.locator(".join-keys").is_visible()


def test_lines_are_level_side_by_side_and_meet_where_maps_are_added(opened):
    view = opened("merge_toggle", 1280)
    for way in WEIGHED:
        view.box.locator(f"input[value={way}]").check(force=True)
        assert view.settle() == []
        ends = view.page.locator(".join-line").evaluate_all(
            "all => all.map(e => e.getAttribute('d').match(/[MC ]\\d+ (\\d+\\.?\\d*)/g)"
            ".map(s => +s.trim().split(' ')[1]))"
        )
        level = [points[0] == points[-1] for points in ends]
        assert (len(level), all(level)) == {
            "concat": (8, True), "add": (8, False), "none": (4, True),
        }[way]  # fmt: skip
        for name in ("skip", "below"):
            canvas = view.page.locator(".join-flow canvas").nth(("skip", "below").index(name))
            colour = canvas.evaluate("e => getComputedStyle(e).borderBottomColor")
            fill = view.page.locator(f"rect.join-{name}").first
            assert fill.evaluate("e => getComputedStyle(e).fill") == colour


def test_a_skip_that_is_left_out_says_that_it_goes_nowhere(opened):
    view = opened("merge_toggle", 900)
    view.box.get_by_role("button", name="And with no skip?").click()
    assert view.settle() == []
    assert (
        "go nowhere, because nothing reads them"
        in view.page.locator(".join-said").text_content()
    )
    first, second = view.page.locator(".join-flow > :first-child figure").all()
    dimmed = "e => getComputedStyle(e).filter"
    assert first.locator("figcaption").text_content() == "goes nowhere"
    assert first.locator("canvas").evaluate(dimmed) != "none"
    assert second.locator("canvas").evaluate(dimmed) == "none"
    faint = view.page.locator("rect.join-skip").first.evaluate(
        "e => getComputedStyle(e).opacity"
    )
    assert float(faint) < 0.5


def test_the_bars_are_as_long_as_the_prices_say(opened):
    """Read off the page: this merge's part in colour, concatenation's whole in grey."""
    view = opened("merge_toggle", 1280)
    for way in WEIGHED:
        view.box.locator(f"input[value={way}]").check(force=True)
        assert view.settle() == []
        for cells, row in zip(
            view.page.locator(".join-table tbody tr").all(), view_answer(view)["table"],
            strict=True,
        ):  # fmt: skip
            for name, due in row.items():
                bar = cells.locator(f"td[data-cost={name}] i")
                stops = bar.evaluate("e => getComputedStyle(e).backgroundImage")
                found = [float(stop) for stop in re.findall(r"([\d.]+)%", stops)]
                assert found[0] == pytest.approx(100 * due["part"], abs=0.01)
                assert found[-1] == pytest.approx(100 * due["most"], abs=0.01)


def test_no_question_moves_what_is_below_it(opened):
    view = opened("merge_toggle", 1280)
    for question, _settings in made("merge_toggle").presets:
        view.box.get_by_role("button", name=question, exact=True).click()
        assert view.settle() == []
        for place in (".join-flow", ".join-table", ".join-said", ".join-learned"):
            edge = view.page.locator(place).bounding_box()
            assert edge["y"] + edge["height"] < 900, (question, place)
        undo = view.box.get_by_role("button", name="Undo").bounding_box()
        assert undo["y"] < view.page.locator(".join-map").bounding_box()["y"]


@pytest.mark.parametrize("width", [360, 390])
def test_on_a_phone_nothing_jumps_and_no_keys_are_named(opened, width):
    view = opened("merge_toggle", width, has_touch=True, is_mobile=True)
    assert not view.page.locator(".join-keys").is_visible()
    places = []
    for question in ("", *(question for question, _ in made("merge_toggle").presets)):
        if question:
            view.box.get_by_role("button", name=question, exact=True).tap()
        assert view.settle() == []
        edges = (".unet-choice >> nth=0", ".join-flow", ".join-said", ".join-table")
        boxes = [view.page.locator(place).bounding_box() for place in edges]
        places.append([edge["y"] for edge in boxes])
    assert np.ptp(places, axis=0).max() < 1
    bar = view.page.locator(".join-hit[x='0']").nth(1)
    assert bar.bounding_box()["height"] >= 24
    bar.tap()  # the last question: no skip
    assert maps_shown(view)[:2] == [map_due(2, name, 1) for name in ("skip", "below")]
    asks = view.box.locator(".unet-title + .unet-row")
    assert asks.bounding_box()["height"] < 50  # one row, which a finger pulls


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_bar_and_its_line_have_one_colour(opened, theme):
    view = opened("merge_toggle", 900, theme)
    for name in ("skip", "below"):
        fill = view.page.locator(f"rect.join-{name}").first.evaluate(
            "e => getComputedStyle(e).fill"
        )
        line = view.page.locator(f"path.join-{name}").first.evaluate(
            "e => getComputedStyle(e).stroke"
        )
        assert fill == line


def test_the_cells_are_dragged_apart_by_hand_and_by_keys(opened):
    view = opened("weight_explorer", 1280)
    edge = view.page.locator(".unet-pixels").bounding_box()
    x, y = edge["x"] + edge["width"] * 20.5 / 84, edge["y"] + edge["height"] / 2
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    view.page.mouse.move(x - edge["width"] * 5 / 84, y, steps=5)  # the left cell, to the left
    view.page.mouse.up()
    assert view.settle() == [] and view.state("answered")["gap"] == 8
    view.box.get_by_role("button", name="Undo").click()
    assert view.settle() == [] and view.state("answered")["gap"] == 3
    view.page.locator(".unet-pixels").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
        view.page.keyboard.press(key)
    assert view.settle() == [] and view.state("answered")["gap"] == 4


def weighed(view, row, column):
    """Point at a pixel of the weight explorer; what is said of it."""
    edge = view.page.locator(".unet-pixels").bounding_box()
    cell = edge["width"] / 84
    view.page.mouse.move(edge["x"] + (column + 0.5) * cell, edge["y"] + (row + 0.5) * cell)
    return view.page.locator(".pull-here").text_content()


@pytest.mark.parametrize("question", ["The thinnest wall?", "Are class weights enough?"])
def test_a_pixel_leads_to_the_nearest_and_the_second_nearest_cell(opened, question):
    view = opened("weight_explorer", 1280)
    view.box.get_by_role("button", name=question).click()
    assert view.settle() == []
    settings = view.state("answered")
    found = made("weight_explorer").answered(settings)
    near, second = two_nearest(found["cells"], 99)
    due = weight_map(found["cells"] > 0, settings["w0"], class_balance=settings["balance"])
    for row, column in ((0, 42), (1, 41), (4, 38), (22, 41), (40, 44), (2, 2), (43, 83)):
        said = weighed(view, row, column)
        for number, far in enumerate((near[row, column], second[row, column]), 1):
            told = view.page.locator(f"text.pull-d{number}").text_content()
            line = view.page.locator(f"path.pull-d{number}").get_attribute("d")
            right, down = map(float, line.split("l")[1].split())
            assert np.hypot(right, down) == pytest.approx(far)
            end = found["cells"][row + int(down), column + int(right)]
            assert end in (1, 2) and told.endswith(f"= {far:.2f}")
        assert f"({near[row, column]:.2f} + {second[row, column]:.2f})²" in said
        assert f"w ≈ {due[row, column]:.2f}," in said
    inside = weighed(view, 20, 14)
    assert inside == found["within"] and view.page.locator("text.pull-d1").count() == 0
    assert f"w_c = {found['inside']:.2f}" in inside


def test_only_a_press_keeps_a_pixel_in_sight(opened):
    view = opened("weight_explorer", 1280)
    assert view.settle() == []
    here = view.page.locator(".pull-here")
    first, top = here.text_content(), weighed(view, 1, 42)
    view.page.mouse.move(1, 1)  # away from the picture
    assert here.text_content() == first != top
    weighed(view, 1, 42)
    view.page.mouse.down()
    view.page.mouse.up()
    view.page.mouse.move(1, 1)
    assert here.text_content() == top
    # A hand that drags a cell looks at the wall, whose weight changes.
    weighed(view, 22, 14)
    view.page.mouse.down()
    weighed(view, 22, 12)
    assert view.settle() == [] and view.state("answered")["gap"] == 5
    assert "w ≈ 5.87," in here.text_content()
    view.page.mouse.up()


def test_keys_begin_at_the_pixel_looked_at_and_are_explained(opened):
    view = opened("weight_explorer", 1280)
    assert view.settle() == []
    here, frame = view.page.locator(".pull-here"), view.page.locator(".unet-pixels")
    help_ = view.box.get_by_text("Right arrow drags the cells apart")
    first, place = here.text_content(), here.get_attribute("data-place")
    seen = "e => getComputedStyle(e).visibility"
    assert help_.evaluate(seen) == "hidden"
    view.box.locator("button[aria-current]").last.focus()
    before = view.box.bounding_box()["height"]
    view.page.keyboard.press("Tab")
    assert frame.evaluate("e => e === document.activeElement")
    assert help_.evaluate(seen) == "visible" and view.box.bounding_box()["height"] == before
    assert (here.text_content(), here.get_attribute("data-place")) == (first, place)
    assert not view.page.locator(".unet-cursor").is_visible()
    row, column = map(int, place.split(","))
    view.page.keyboard.press("Shift+ArrowDown")
    assert here.get_attribute("data-place") == f"{row + 1},{column}"
    square = view.page.locator("path.pull-at").get_attribute("d")
    assert square.startswith(f"M{column} {row + 1}h1")
    for _ in range(2):
        view.page.keyboard.press("Shift+ArrowLeft")
    assert "inside a cell" in here.text_content()


@pytest.mark.parametrize("width", [360, 1280])
def test_the_plot_is_below_the_picture_pixel_by_pixel(opened, width):
    view = opened("weight_explorer", width)
    assert view.settle() == []
    edge = view.page.locator(".unet-pixels").bounding_box()
    plot = view.page.locator(".pull-plot").bounding_box()
    assert plot["x"] == pytest.approx(edge["x"], abs=0.5)
    assert plot["width"] == pytest.approx(edge["width"], abs=0.5)
    tick = view.page.locator(".pull-tick", has_text=re.compile("^40$")).bounding_box()
    due = edge["x"] + edge["width"] * 40 / 84
    assert tick["x"] + tick["width"] / 2 == pytest.approx(due, abs=2)
    # The wall's width stands between the two, so that it covers neither.
    wall = view.page.locator(".pull-dim").bounding_box()
    assert wall["y"] > edge["y"] + edge["height"] + 3
    assert wall["y"] + wall["height"] < plot["y"] + 2


def test_without_a_wall_one_cell_is_drawn_and_nothing_pulls(opened):
    view = opened("weight_explorer", 1280)
    assert view.settle() == [] and view.page.locator(".pull-cell").count() == 2
    view.box.get_by_role("button", name="No wall at all?").click()
    assert view.settle() == [] and view.page.locator("text.pull-d1").count() == 0
    (outline,) = view.page.locator(".pull-cell").evaluate_all(
        "all => all.map(e => e.getAttribute('d'))"
    )
    assert "M42 22v1" not in outline  # no line where the two halves meet
    assert view.page.locator(".pull-strip").count() == 0
    values = view.box.locator(".unet-bars .unet-bar-value").all_text_contents()
    assert values == ["0.0 %"] * 4  # no hole where the bars were
    assert "no second nearest cell" in weighed(view, 1, 42)
    view.box.get_by_role("button", name="The thinnest wall?").click()
    assert view.settle() == [] and "0.0 %" not in view.box.locator(".unet-bars").text_content()


def test_the_strip_s_part_is_drawn_for_every_width_and_its_handle_moves_the_wall(opened):
    view = opened("weight_explorer", 1280)
    view.box.get_by_role("button", name="A small sigma?").click()
    assert view.settle() == []
    panel, chart = made("weight_explorer"), view.box.locator(".unet-axes")
    for name, more in (("weight_map", {}), ("cross_entropy", {"w0": 0})):
        d = chart.locator(f".unet-curve[data-name={name}]").get_attribute("d")
        points = np.array(re.findall(r"([\d.]+) ([\d.]+)", d), float)
        now = view.state("answered") | more
        parts = [panel.answered({**now, "gap": gap})["shares"] for gap in range(13)]
        due = [part["weight_map"] for part in parts]
        floor, top = (chart.locator(".unet-axis").evaluate("e => e.getBBox()." + end)
                      for end in ("y + e.getBBox().height", "y"))  # fmt: skip
        assert points[:, 1] == pytest.approx(floor - np.array(due) * (floor - top), abs=0.3)
        assert np.ptp(np.diff(points[:, 0])) < 0.2
    grip = chart.locator(".unet-handle")
    edge, at = chart.bounding_box(), grip.bounding_box()
    step = (
        np.diff(points[:, 0]).mean()
        * edge["width"]
        / chart.locator("svg").bounding_box()["width"]
    )
    view.page.mouse.move(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    view.page.mouse.down()
    view.page.mouse.move(at["x"] + at["width"] / 2 + 4 * step, at["y"], steps=6)
    view.page.mouse.up()
    assert view.settle() == [] and view.state("answered")["gap"] == 7
    view.box.get_by_role("button", name="Undo").click()  # the whole drag
    assert view.settle() == [] and view.state("answered")["gap"] == 3
    assert grip.get_attribute("data-value") == "3"


def test_the_square_s_weight_is_written_beside_it(opened):
    view = opened("weight_explorer", 390)
    written = view.page.locator("text.pull-w")
    assert f"w ≈ {written.text_content()[4:]}" in view.page.locator(".pull-here").text_content()
    view.box.get_by_role("button", name="No wall at all?").click()
    assert view.settle() == [] and written.count() == 0


@pytest.mark.parametrize("gap", [1, 4, 12])
def test_the_strip_that_the_network_misses_is_hatched_from_cell_to_cell(opened, gap):
    view = opened("weight_explorer", 1280)
    view.page.locator(".unet-pixels").focus()
    for _step in range(abs(gap - 3)):
        view.page.keyboard.press("ArrowRight" if gap > 3 else "ArrowLeft")
    assert view.settle() == [] and view.state("answered")["gap"] == gap
    wall = two_cells(gap).wall
    rows, columns = (np.flatnonzero(wall.any(axis=axis)) for axis in (1, 0))
    drawn = view.page.locator("path.pull-strip").evaluate(
        "e => (b => [b.x, b.y, b.width, b.height])(e.getBBox())"
    )
    assert drawn == [columns[0], rows[0], gap, len(rows)]
    limit = view.page.locator(".pull-dim").text_content()
    assert (limit == "12 px is the limit") == (gap == 12)
    view.page.keyboard.press("ArrowRight")
    assert view.settle() == [] and view.state("answered")["gap"] == min(gap + 1, 12)


def test_on_a_phone_the_bars_then_the_sliders_are_below_the_picture(opened):
    """So a hand in the picture, or at a slider, sees what it does, and can undo it."""
    view = opened("weight_explorer", 390, has_touch=True, is_mobile=True)
    view.box.get_by_role("button", name="The thinnest wall?").click()
    assert view.settle() == []
    where = {
        name: view.box.locator(name).first.bounding_box()
        for name in (
            ".unet-pixels",
            ".pull-plot",
            ".unet-bars",
            "input[type=range]",
            ".unet-toggle",
            ".unet-body .unet-row",
            ".pull-asked",
            ".pull-headline",
        )
    }
    tops = [box["y"] for box in where.values()]
    assert tops == sorted(tops)
    end = where[".unet-body .unet-row"]["y"] + where[".unet-body .unet-row"]["height"]
    assert end - where[".unet-pixels"]["y"] < 700  # of the 844 that such a screen has
    last = view.box.get_by_role("button", name="Are class weights enough?")
    last.focus()  # and the row of questions moves: out of its fade, 40 px wide
    row = view.page.locator(".unet-title + .unet-row").bounding_box()
    edge = last.bounding_box()
    assert edge["x"] + edge["width"] <= row["x"] + row["width"] - 40 + 1
    wide = opened("weight_explorer", 1280)
    lead, answered = (
        wide.box.locator(name).bounding_box() for name in (".pull-lead", ".unet-because")
    )
    assert lead["width"] <= answered["width"] < 900


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("gap", [1, 3, 12])
def test_what_a_missed_strip_makes_is_written_beside_it(opened, width, gap):
    """Inside cell 2's outline, clear of its name, with a line that begins in the strip."""
    view = opened("weight_explorer", width)
    view.page.locator(".unet-pixels").focus()
    for _step in range(abs(gap - 3)):
        view.page.keyboard.press("ArrowRight" if gap > 3 else "ArrowLeft")
    assert view.settle() == [] and view.state("answered")["gap"] == gap
    edge = view.page.locator(".unet-pixels").bounding_box()
    size, cells = edge["width"] / 84, two_cells(gap).cells

    def rows_and_columns(mark):  # of the letters, without the dark rim around them
        box = mark.evaluate("e => e.getBoundingClientRect().toJSON()")
        x, y = (box["x"] - edge["x"]) / size, (box["y"] - edge["y"]) / size
        return y, y + box["height"] / size, x, x + box["width"] / size

    boxes = [rows_and_columns(mark) for mark in view.page.locator(".pull-miss").all()]
    names = [rows_and_columns(mark) for mark in view.page.locator(".pull-of").all()]
    for top, bottom, left, right in boxes:
        assert (cells[int(top) : int(bottom) + 1, int(left) : int(right) + 1] == 2).all()
        assert top > names[1][1]
    d1, d2 = (rows_and_columns(view.page.locator(f"text.pull-d{n}")) for n in (1, 2))
    for name, far in zip(names, (d1, d2), strict=True):
        assert name[1] < far[0] + 1
    start = float(view.page.locator("path.pull-to").get_attribute("d")[1:].split()[0])
    assert (42 - (gap + 1) // 2) <= start <= boxes[0][2]
    assert two_cells(gap).wall[28, int(start)]


def test_no_slider_sticks_with_another_wall_and_balanced_classes(opened):
    view = opened("weight_explorer", 1280)
    view.page.locator(".unet-pixels").focus()
    for _step in range(5):
        view.page.keyboard.press("ArrowRight")
    view.box.get_by_role("checkbox").check()
    due = {"gap": 8, "w0": 10, "sigma": 5, "balance": True}
    for number, name in enumerate(("w0", "sigma")):
        lever = view.box.get_by_role("slider").nth(number)
        for value in made("weight_explorer").given[name]:
            lever.evaluate(
                "(e, n) => { e.value = n; e.dispatchEvent(new Event('input')); }",
                made("weight_explorer").given[name].index(value),
            )
            assert view.settle() == []
            due[name] = value
            assert view.state("answered") == due
            assert view.page.locator("[data-refused]").is_hidden()


def test_a_click_fills_the_square_and_a_drag_in_the_strip_moves_it(opened):
    view = opened("weight_explorer", 1280)
    assert view.settle() == []
    square, here = view.page.locator("path.pull-at"), view.page.locator(".pull-here")
    kept = view.page.locator("path.pull-kept")
    assert kept.evaluate("e => getComputedStyle(e).fill !== 'none'")
    assert square.evaluate("e => getComputedStyle(e).fill === 'none'")
    weighed(view, 12, 41)
    assert kept.get_attribute("d") == "M41 18h1v1h-1z"  # as before
    view.page.mouse.down()
    assert kept.get_attribute("d") == "M41 12h1v1h-1z"
    weighed(view, 30, 48)  # out of the strip, as a drag that would push cell 2
    view.page.mouse.up()
    assert view.settle() == [] and view.state("answered")["gap"] == 3
    assert here.get_attribute("data-place") == "30,48"
    assert kept.get_attribute("d") == "M48 30h1v1h-1z"
    weighed(view, 2, 42)  # what a click has marked stays, although the pointer goes on
    assert here.get_attribute("data-place") == "2,42"
    assert kept.get_attribute("d") == "M48 30h1v1h-1z"
    assert square.get_attribute("d") == "M42 2h1v1h-1z"
    assert "a click marks it" in view.page.locator(".pull-lead").text_content()
    view.page.mouse.move(1, 1)
    assert here.get_attribute("data-place") == "30,48"
    assert view.box.get_by_role("button", name="Undo").get_attribute("aria-disabled") == "true"
    weighed(view, 22, 48)  # in cell 2, which is dragged
    view.page.mouse.down()
    weighed(view, 22, 50)
    view.page.mouse.up()
    assert view.settle() == [] and view.state("answered")["gap"] == 5


@pytest.mark.parametrize("side, start", [(1, 60), (-1, 23)])
@pytest.mark.parametrize("far", [5, 2, -3])
def test_the_cell_under_the_hand_goes_with_it_and_the_other_stays(opened, side, start, far):
    """So a handle stays under the finger; let go, the picture is in its middle again."""
    view = opened("weight_explorer", 1280)
    assert view.settle() == []
    edge = view.page.locator(".unet-pixels").bounding_box()
    size, y = edge["width"] / 84, edge["y"] + edge["height"] / 2

    def grips():
        boxes = [grip.bounding_box() for grip in view.page.locator(".pull-grip").all()]
        return [box["x"] + box["width"] / 2 for box in boxes]

    view.page.wait_for_timeout(350)
    before = grips()
    view.page.mouse.move(edge["x"] + (start + 0.5) * size, y)
    view.page.mouse.down()
    view.page.mouse.move(edge["x"] + (start + 0.5 + side * far) * size, y, steps=3)
    assert view.settle() == [] and view.state("answered")["gap"] == 3 + far
    moved = [(now - then) / size for now, then in zip(grips(), before, strict=True)]
    due = [0, far] if side > 0 else [-far, 0]
    assert moved == pytest.approx(due, abs=0.05)
    shown = view.page.locator(".unet-pixels canvas").bounding_box()
    plot = view.page.locator(".pull-plot").bounding_box()
    assert shown["x"] == pytest.approx(plot["x"], abs=0.1)  # one below the other
    for words in view.page.locator(".pull-plot :is(.pull-left, .pull-right)").all():
        box = words.bounding_box()  # none is cut
        assert edge["x"] - 1 <= box["x"] <= edge["x"] + edge["width"] - box["width"] + 1
    view.page.mouse.up()
    view.page.wait_for_timeout(400)
    shown = view.page.locator(".unet-pixels canvas").bounding_box()
    assert shown["x"] == pytest.approx(edge["x"], abs=0.1)


def test_the_pointer_is_an_arrow_only_where_a_drag_takes_hold(opened):
    view = opened("weight_explorer", 1280)
    frame = view.page.locator(".unet-pixels")
    for question, wall in (("Highest in the middle?", 42), ("No wall at all?", 2)):
        view.box.get_by_role("button", name=question).click()
        assert view.settle() == []
        gap = view.state("answered")["gap"]
        for row, column, cursor in (
            (22, 20, "ew-resize"),
            (22, 64, "ew-resize"),
            (22, wall, "crosshair"),
            (1, 1, "crosshair"),
            (42, 82, "crosshair"),
        ):
            weighed(view, row, column)
            assert frame.evaluate("e => getComputedStyle(e).cursor") == cursor, (row, column)
        view.page.mouse.down()  # in a corner nothing takes hold
        weighed(view, 42, 76)
        view.page.mouse.up()
        assert view.settle() == [] and view.state("answered")["gap"] == gap
    ruler = view.page.locator(".pull-gap")
    view.box.get_by_role("button", name="Highest in the middle?").click()
    assert view.settle() == []
    assert ruler.get_attribute("d") == "M39 44h5"  # no ends that look like handles


@pytest.mark.parametrize("width", [360, 390, 1280])
@pytest.mark.parametrize("question", ["The thinnest wall?", "Highest in the middle?"])
def test_no_words_lie_on_others_in_the_picture(opened, width, question):
    view = opened("weight_explorer", width)
    view.box.get_by_role("button", name=question).click()
    assert view.settle() == []
    lie = """() => {
      const seen = [...document.querySelectorAll(
        'text.pull-of, text.pull-miss, text.pull-d1, text.pull-d2')].filter(
        e => getComputedStyle(e).visibility === 'visible');
      const boxes = seen.map(e => [e.textContent, e.getBoundingClientRect()]);
      const edge = document.querySelector('.unet-pixels').getBoundingClientRect();
      const cut = boxes.filter(([, a]) => a.left < edge.left - 1 || a.right > edge.right + 1);
      return cut.map(([one]) => 'CUT ' + one).concat(boxes.flatMap(
        ([one, a], i) => boxes.slice(i + 1).filter(([, b]) =>
        Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 5
      ).map(([two]) => one + ' ON ' + two)));
    }"""
    names = view.page.locator("text.pull-of")
    hidden = 0
    for row in (0, 3, 6, 9, 14, 17, 22, 26, 29, 33, 39, 43):
        for column in (1, 6, 20, 36, 39, 41, 42, 45, 48, 64, 76, 82):
            weighed(view, row, column)
            found = [
                pair
                for pair in view.page.evaluate(lie)
                if "if missed" not in pair or "one cell" not in pair
            ]  # its own two lines
            assert found == [], (row, column)
            hidden += not names.first.is_visible()
    assert 0 < hidden < 60 or width > 390  # and where there is room, they are seen
    weighed(view, 18, 41)
    assert names.first.is_visible() and names.last.is_visible()


def test_the_curve_says_where_1_and_half_of_w0_are(opened):
    view = opened("weight_explorer", 1280)
    assert view.settle() == []
    base = view.page.locator(".pull-tick", has_text=re.compile("^w = 1$"))
    assert base.get_attribute("y") == "21"  # the plot ends at 22
    half, words = view.page.locator(".pull-half"), view.page.get_by_text("w_c + w₀ / 2")
    assert half.get_attribute("d") == "M20 16H84" and words.is_visible()  # w = 1 + 10 / 2
    view.box.get_by_role("checkbox").check()
    assert view.settle() == []
    outside = made("weight_explorer").answered(view.state("answered"))["outside"]
    assert float(half.get_attribute("d")[4:].split("H")[0]) == pytest.approx(17 - outside)
    view.box.get_by_role("button", name="Are class weights enough?").click()  # w₀ = 0
    assert view.settle() == [] and half.count() == words.count() == 0


def test_marks_are_seen_once_something_has_moved(opened):
    view = opened("weight_explorer", 1280)
    assert view.settle() == []
    marks = view.box.locator(".unet-bars .unet-tick")
    first = made("weight_explorer").answer["shares"]
    assert [float(m.get_attribute("data-tick")) for m in marks.all()] == list(first.values())
    assert not any(mark.is_visible() for mark in marks.all())
    view.box.get_by_role("button", name="The thinnest wall?").click()
    assert view.settle() == [] and all(mark.is_visible() for mark in marks.all())
    view.page.wait_for_timeout(300)  # bars glide
    for mark, due in zip(marks.all(), first.values(), strict=True):
        edge, box = mark.locator("xpath=..").bounding_box(), mark.bounding_box()
        assert (
            box["y"] + box["height"] <= edge["y"] + 3
        )  # above the bar, so that it covers none
        at = edge["x"] + 1 + due * (edge["width"] - 2)
        assert box["x"] + box["width"] / 2 == pytest.approx(at, abs=1)
        assert mark.evaluate("e => getComputedStyle(e).boxShadow") == "none"
    view.box.get_by_role("button", name="Reset").click()
    assert view.settle() == [] and not any(mark.is_visible() for mark in marks.all())


@pytest.mark.parametrize("column", [41, 60])
def test_a_swipe_that_scrolls_the_page_moves_nothing(opened, column):
    view = opened("weight_explorer", 360, has_touch=True, is_mobile=True)
    assert view.settle() == []
    view.page.evaluate("document.body.style.paddingBottom = '2000px'")
    frame, here = view.page.locator(".unet-pixels"), view.page.locator(".pull-here")
    frame.scroll_into_view_if_needed()
    place, edge = here.get_attribute("data-place"), frame.bounding_box()
    view.page.evaluate(
        """window.heard = []; const frame = document.querySelector('.unet-pixels');
        for (const kind of ['pointermove', 'pointercancel'])
          frame.addEventListener(kind, e => heard.push(e.type))"""
    )
    client = view.page.context.new_cdp_session(view.page)
    x, y = edge["x"] + edge["width"] * column / 84, edge["y"] + 0.8 * edge["height"]
    before = view.page.evaluate("scrollY")
    for kind, far in [("Start", 0), *(("Move", n) for n in range(8, 90, 8)), ("End", 0)]:
        points = [] if kind == "End" else [{"x": x + far / 4, "y": y - far}]
        client.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    assert view.settle() == []
    assert view.page.evaluate("scrollY") > before
    assert {"pointermove", "pointercancel"} <= set(view.page.evaluate("heard"))
    assert here.get_attribute("data-place") == place and view.state("answered")["gap"] == 3


def test_a_finger_drags_the_cells_together(opened):
    view = opened("weight_explorer", 360, has_touch=True, is_mobile=True)
    view.page.locator(".unet-pixels").scroll_into_view_if_needed()
    edge = view.page.locator(".unet-pixels").bounding_box()
    client = view.page.context.new_cdp_session(view.page)
    for kind, column in [
        ("touchStart", 60),
        ("touchMove", 59),
        ("touchMove", 50),
        ("touchEnd", 0),
    ]:
        x = edge["x"] + edge["width"] * (column + 0.5) / 84
        points = [{"x": x, "y": edge["y"] + edge["height"] / 2}] if column else []
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert view.settle() == [] and view.state("answered")["gap"] == 0
    assert "one cell" in view.page.locator(".pull-headline").text_content()


def cell_of(view, side, row, column):
    """Where a cell of the input's or the output's grid is in the page."""
    frame = view.page.locator(f".conv-{side} .unet-pixels")
    edge, count = frame.bounding_box(), int(frame.locator("canvas").get_attribute("height"))
    return (edge["x"] + (column + 0.5) * edge["width"] / count,
            edge["y"] + (row + 0.5) * edge["height"] / count)  # fmt: skip


def assert_sum(view, row, column):
    found = made("convolution_grid").answered(view.state("answered"))
    k, box = found["k"], view.page.locator(".conv-sum-row")
    assert (
        json.loads(box.locator(".conv-sum").get_attribute("data-value"))
        == (found["output"][row][column])
    )
    boxes = box.locator(".conv-box")
    numbers = [
        t.replace("−", "-") for t in boxes.last.locator("span:visible").all_text_contents()
    ]
    assert list(map(int, numbers)) == [grid[row][column] for grid in found["products"]]
    patch = list(map(int, boxes.first.locator("span:visible").all_text_contents()))
    kernel = view.state("answered")["kernel"]
    assert [a * b for a, b in zip(patch, kernel, strict=True)] == list(map(int, numbers))
    assert len(patch) == k * k


def test_a_cell_that_is_pointed_at_shows_its_sum(opened):
    view = opened("convolution_grid", 900)
    said = view.page.locator(".unet-view [role=status]").text_content()
    assert said == made("convolution_grid").answer["said"]
    assert_sum(view, 0, 0)
    view.page.mouse.move(*cell_of(view, "out", 3, 1))
    assert_sum(view, 3, 1)
    view.page.mouse.move(*cell_of(view, "in", 2, 3))
    said = view.page.locator(".conv-said").text_content()
    assert said == "Input (2, 3) is 1; outputs that read it: 9."
    view.box.get_by_role("button", name="Keep the size?").click()
    assert view.settle() == []
    view.page.mouse.move(*cell_of(view, "out", 0, 4))
    said = view.page.locator(".conv-said").text_content()
    assert said == ("Output (0, 4) is 0, from rows −1, 0, 1 and columns 3, 4, 5 of the input.")
    view.box.get_by_role("button", name="Undo").click()
    assert view.settle() == []
    view.page.locator(".conv-out .unet-pixels").focus()
    view.page.keyboard.press("ArrowDown")
    assert "Output (3, 2)" in view.page.locator(".unet-view [role=status]").text_content()


def test_a_tap_shows_a_cell_s_sum(opened):
    view = opened("convolution_grid", 360, has_touch=True, is_mobile=True)
    view.page.locator(".conv-out").scroll_into_view_if_needed()
    view.page.touchscreen.tap(*cell_of(view, "out", 4, 2))
    assert_sum(view, 4, 2)


def test_a_number_typed_into_the_kernel(opened):
    view = opened("convolution_grid")
    weight = view.box.get_by_label("weight in row 1, column 1")
    weight.fill("2")
    assert view.settle() == [] and view.state("answered")["kernel"][4] == 2
    assert view.page.locator(".unet-note").is_hidden()
    assert_sum(view, 0, 0)
    weight.fill("")  # half a number is none
    assert view.state("answered")["kernel"][4] == 2
    view.box.get_by_role("button", name="Undo").click()
    assert view.settle() == [] and weight.input_value() == "0"


def test_any_number_may_be_typed_after_any_other(opened):
    view, draw = opened("convolution_grid", 900), random.Random(0)
    levers = {"input n": 10, "kernel k": 5, "stride s": 2, "padding p": 3, "dilation d": 2}
    for lever, value in [("", 0), *levers.items()]:
        if lever:
            slider = view.box.get_by_label(lever)
            slider.fill(str(value - int(lever[-1] in "nksd")))
        k = 5 if view.state("answered")["kernel"][9:] else 3
        for place in draw.sample(range(k * k), 4):
            label = f"weight in row {place // k}, column {place % k}"
            number = str(draw.randint(-9, 9))
            view.box.get_by_label(label).click()
            view.page.keyboard.type(number)
            assert view.settle() == [], (lever, label, number)
            assert view.state("answered")["kernel"][place] == int(number)
        assert view.page.locator("[data-refused]").is_hidden()
    assert view.state("answered")["d"] == 2


def test_numbers_typed_one_after_another_copy_the_image_and_move_it(opened):
    view = opened("convolution_grid", 900)
    for column, number in ((1, 1), (0, 0), (2, 0)):
        for row in range(3):
            view.box.get_by_label(f"weight in row {row}, column {column}").click()
            view.page.keyboard.type(str(number if row == 1 else 0))  # replaces what was there
    assert view.settle() == []
    assert view.state("answered")["kernel"] == [0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert view.page.locator("[data-refused]").is_hidden()
    assert (
        "1 times the pixel in the middle" in view.page.locator(".unet-because").text_content()
    )
    paint = """([side, x]) => [...document.querySelector(`.conv-${side} canvas`)
      .getContext('2d').getImageData(x, x, 1, 1).data]"""  # the same grey for the same number
    assert view.page.evaluate(paint, ["in", 1]) == view.page.evaluate(paint, ["out", 0])
    view.box.get_by_role("button", name="Pool it?").click()
    assert view.settle() == []
    four = view.page.evaluate(paint, ["out", 0])
    assert view.page.evaluate(paint, ["in", 3]) == four != [0, 0, 0, 255]


@pytest.mark.parametrize("number, kept", [("50", "5"), ("2.5", "2")])
def test_a_number_out_of_range_is_refused_at_its_field(opened, number, kept):
    view = opened("convolution_grid", 900)
    weight = view.box.get_by_label("weight in row 1, column 1")
    weight.click()
    view.page.keyboard.type(number)
    assert view.settle() == [] and weight.input_value() == kept
    red = "e => e.getAnimations().length && getComputedStyle(e).backgroundColor"
    assert weight.evaluate(red) not in (0, "rgb(255, 255, 255)")
    said = "Whole numbers from −9 to 9, please."
    told = view.page.locator("[data-refused]")
    assert told.is_visible() and said in told.text_content()
    field, tip = weight.bounding_box(), told.bounding_box()
    assert tip["x"] < field["x"] + 15 < tip["x"] + tip["width"]
    assert 0 < field["y"] - tip["y"] - tip["height"] < 30


def test_the_window_slides_to_the_end_and_a_press_stops_it(opened):
    view = opened("convolution_grid", 900)
    hidden = """() => [...document.querySelectorAll('.conv-out svg text')]
      .filter(e => !e.textContent).length"""
    view.box.get_by_role("button", name="Play").click()
    view.page.wait_for_function(f"() => {{ const n = ({hidden})(); return n > 0 && n < 24; }}")
    view.page.mouse.click(*cell_of(view, "out", 1, 1))
    assert view.page.evaluate(hidden) == 0
    assert view.box.get_by_role("button", name="Play").is_visible()
    assert_sum(view, 1, 1)
    view.box.get_by_role("button", name="Play").click()
    view.page.wait_for_function(f"() => ({hidden})() > 0")
    view.page.wait_for_function(f"() => ({hidden})() === 0")
    assert_sum(view, 4, 4)


def at_pixel(view, row, column):
    """Where a pixel of the micrograph is in the page; 64 pixels of zeros lie around it."""
    edge = view.page.locator(".field-frame").bounding_box()
    return (edge["x"] + (column + 64.5) * edge["width"] / 640,
            edge["y"] + (row + 64.5) * edge["height"] / 640)  # fmt: skip


def assert_sees(view, row, column):
    found = made("field_explorer").answered(view.state("answered"))
    high, wide = (found["sizes"][-1][place % 16] for place in (row, column))
    said = view.page.locator(".field-seen").text_content()
    assert (
        said == f"The output pixel at row {row}, column {column} sees {high} × {wide} pixels."
    )
    box = view.page.locator(".field-frame rect[data-map='5']").evaluate(
        "e => ['y', 'x', 'height', 'width'].map(name => Number(e.getAttribute(name)))"
    )
    corner = [p - p % 16 + int(found["fields"][5, p % 16, 0]) for p in (row, column)]
    assert box == [*corner, high, wide]
    square = view.page.locator(".field-notes").get_attribute("data-square")
    assert int(square) == found["square"][row % 16, column % 16]


def test_a_pixel_is_dragged_and_its_fields_follow(opened):
    view = opened("field_explorer", 672)  # one pixel of the page for one of the frame, nearly
    assert_sees(view, 250, 262)
    view.page.mouse.move(*at_pixel(view, 250, 262))
    view.page.mouse.down()
    view.page.mouse.move(*at_pixel(view, 96, 96), steps=5)
    said = view.page.locator(".field-seen").text_content()
    row, column = map(int, re.findall(r"\d+", said)[:2])
    assert abs(row - 96) < 4 and abs(column - 96) < 4
    assert_sees(view, row, column)
    view.page.mouse.move(*at_pixel(view, -60, 300))
    view.page.mouse.up()
    assert "row 0, " in view.page.locator(".field-seen").text_content()
    assert "beyond the border" in view.page.locator(".field-notes").text_content()


def test_keys_move_the_pixel_from_phase_to_phase(opened):
    view = opened("field_explorer")
    view.page.locator(".field-frame").focus()
    for step in range(1, 8):
        view.page.keyboard.press("ArrowDown")
        assert_sees(view, 250 + step, 262)
    view.page.keyboard.press("Shift+ArrowLeft")
    assert_sees(view, 257, 246)
    said = view.page.locator(".unet-view [role=status]").text_content()
    assert said == view.page.locator(".field-seen").text_content()


def test_a_drag_of_the_pixel_is_undone_and_its_pooling_block_drawn(opened):
    view = opened("field_explorer", 1280)
    back = {name: view.box.get_by_role("button", name=name) for name in ("Undo", "Reset")}
    off = {name: button.get_attribute("aria-disabled") for name, button in back.items()}
    assert off == {"Undo": "true", "Reset": "true"}
    for name in back:
        view.page.mouse.move(*at_pixel(view, 250, 262))
        view.page.mouse.down()
        view.page.mouse.move(*at_pixel(view, 100, 300), steps=4)
        view.page.mouse.up()
        assert view.settle() == []
        row, column = (view.state("answered")[key] for key in ("row", "column"))
        assert abs(row - 100) < 3 and abs(column - 300) < 3
        assert_sees(view, row, column)
        for svg in (".field-frame", ".field-glass"):
            block = view.page.locator(f"{svg} .field-block")
            place = [int(block.get_attribute(key)) for key in ("y", "x", "width")]
            assert place == [row - row % 16, column - column % 16, 16]
        noted = view.page.locator(".field-notes").text_content()
        assert f"in which the pixel is at row {row % 16}, column {column % 16}." in noted
        assert (
            "Within 2 pixels of the edge" in view.page.locator(".unet-because").text_content()
        )
        back[name].click()
        assert view.settle() == [] and view.state("answered") == made("field_explorer").first
        assert_sees(view, 250, 262)


def test_the_small_u_has_a_dot_in_each_square_s_colour(opened):
    view = opened("field_explorer")
    for depth in (4, 0, 1):
        view.box.get_by_label("poolings").fill(str(depth))
        assert view.settle() == [] and view.state("answered")["depth"] == depth
        dots = view.page.locator(".field-u circle")
        colours = dots.evaluate_all("all => all.map(e => getComputedStyle(e).fill)")
        frames = view.page.locator(".field-maps i")
        listed = frames.evaluate_all("all => all.map(e => getComputedStyle(e).borderTopColor)")
        assert len(colours) == 2 * depth + 1 and set(listed) <= set(colours)


def test_a_tap_moves_the_pixel(opened):
    view = opened("field_explorer", 360, has_touch=True, is_mobile=True)
    view.page.touchscreen.tap(*at_pixel(view, 400, 100))
    assert "row 250, column 262" not in view.page.locator(".field-seen").text_content()


def test_what_counts_is_painted_over_the_field_alone(opened):
    view = opened("field_explorer", 900)
    painted = """() => {
      const { width, height } = document.querySelector('.field-heat'), found = [];
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      const pen = canvas.getContext('2d', { willReadFrequently: true });
      pen.drawImage(document.querySelector('.field-heat'), 0, 0);
      const data = pen.getImageData(0, 0, width, height).data;
      for (let i = 0; i < width * height; i++) if (data[4 * i + 3]) found.push(i % width);
      return found.length ? [Math.min(...found), Math.max(...found)] : [];
    }"""
    assert view.page.evaluate(painted) == []
    view.box.get_by_role("button", name="Do all pixels count equally?").click()
    assert view.settle() == []
    left, right = (2 * place - 64 for place in view.page.evaluate(painted))
    first, last = made("field_explorer").answer["fields"][5, 262 % 16] + 256
    assert first <= left < 220 and 300 < right <= last


def paints(view):
    """The counts that are shown, as a list, and the sentence."""
    shown = view.page.locator(".up-out svg text").all_text_contents()
    return list(map(int, shown)), view.page.locator(".up-said").text_content()


def cell_in(view, place, row, column, count):
    edge = view.page.locator(f"{place} .unet-pixels").bounding_box()
    return (edge["x"] + (column + 0.5) * edge["width"] / count,
            edge["y"] + (row + 0.5) * edge["height"] / count)  # fmt: skip


def test_pointed_at_an_input_shows_what_it_paints_and_an_output_by_whom(opened):
    view = opened("upsampler_explorer", 900)
    view.page.mouse.move(*cell_in(view, ".up-in", 0, 2, 4))
    assert paints(view)[1] == "Input (0, 2) paints 3 × 3 pixels, in orange."
    view.page.mouse.move(*cell_in(view, ".up-out", 4, 6, 9))
    assert paints(view)[1] == "Output (4, 6) is painted 4 times: inputs in orange."
    ring = view.page.locator(".up-in .up-foot").get_attribute("d")
    assert {tuple(map(int, p)) for p in re.findall(r"M(\d) (\d)h1", ring)} >= {(2, 1), (3, 1)}
    view.page.locator(".up-in .unet-pixels").focus()
    view.page.keyboard.press("ArrowUp")
    said = view.page.locator(".unet-view [role=status]").text_content()
    assert said.startswith("Input (") and said == paints(view)[1]


def test_play_paints_with_one_input_after_another(opened):
    view = opened("upsampler_explorer", 900)
    view.box.get_by_role("button", name="Play").click()
    counts = "[...document.querySelectorAll('.up-out svg text')]"
    painted = f"() => {counts}.reduce((n, e) => n + Number(e.textContent), 0) === 27"
    view.page.wait_for_function(painted)  # three of 16, nine pixels each
    view.page.mouse.click(*cell_in(view, ".up-in", 3, 3, 4))
    assert sum(paints(view)[0]) == 144 and "Input (3, 3)" in paints(view)[1]


def test_play_ends_where_another_control_is_used(opened):
    view = opened("bottleneck_explorer")
    view.page.clock.install()
    play = view.box.get_by_role("button", name=re.compile("Play|Pause"))
    play.click()
    view.page.clock.run_for(1000)  # one step of 900 ms
    assert view.state("answered")["depth"] == 4
    view.box.get_by_role("button", name="Reset").click()
    assert play.text_content() == "Play"
    play.click()
    assert play.text_content() == "Pause"
    view.box.get_by_role("button", name="One pooling?").click()
    view.page.clock.run_for(3000)
    assert view.settle() == [] and view.state("answered")["depth"] == 1


def test_a_lens_shows_the_small_fields(opened):
    view = opened("field_explorer")
    view.box.get_by_role("button", name="Without pooling?").click()
    assert view.settle() == []
    lens = view.page.locator(".field-glass svg")
    assert lens.get_attribute("viewBox") == f"{262 - 16} {250 - 16} 32 32"
    square, pixel = lens.locator("rect").all()
    scale = lens.bounding_box()["width"] / 32
    sides = [square.bounding_box()["width"], pixel.bounding_box()["width"]]
    assert sides == pytest.approx([5 * scale, scale], abs=4)  # and a line around each
    view.page.locator(".field-frame").focus()
    view.page.keyboard.press("ArrowLeft")
    assert lens.get_attribute("viewBox") == f"{261 - 16} {250 - 16} 32 32"


def test_a_tap_on_a_picture_chooses_its_upsampler(opened):
    view = opened("upsampler_explorer", 360, has_touch=True, is_mobile=True)
    view.box.get_by_role("button", name="bilinear, conv").tap()
    assert view.settle() == [] and view.state("answered")["kind"] == "bilinear"
    view.page.touchscreen.tap(*cell_in(view, ".up-in", 1, 1, 4))
    assert paints(view)[1].startswith("Input (1, 1) paints ")


def on_tissue(view, row, column):
    """Where a pixel of the piece is on the board; 92 pixels of context lie around it."""
    edge = view.page.locator(".tile-board").bounding_box()
    return (edge["x"] + (column + 92) * edge["width"] / 328,
            edge["y"] + (row + 92) * edge["height"] / 328)  # fmt: skip


def test_a_tile_is_dragged_and_snaps_to_the_grid(opened):
    view = opened("tile_explorer", 1280)
    view.box.get_by_role("button", name="What if tiles start on the grid?").click()
    assert view.settle() == [] and view.box.get_by_label("snap to the grid").is_checked()
    view.page.mouse.move(*on_tissue(view, 20, 20))
    view.page.mouse.down()
    view.page.mouse.move(*on_tissue(view, 50, 70), steps=6)
    assert view.page.locator(".tile-grip").get_attribute("data-place") == "[48,64]"
    view.page.mouse.up()
    assert view.settle() == [] and view.state("answered")["left"] == 64
    assert view.page.locator(".tile-verdict").get_attribute("data-kind") == "same"
    view.box.get_by_role("button", name="Undo").click()  # a stroke is one step
    assert view.settle() == [] and view.state("answered")["top"] == 16


def test_a_tile_that_is_dragged_freely_goes_where_its_answer_is(opened):
    view = opened("tile_explorer", 1280)  # not snapped: a recording has few places
    view.page.mouse.move(*on_tissue(view, 30, 30))
    view.page.mouse.down()
    for place in ((38, 41), (50, 52), (45, 48), (20, 60), (27, 33)):
        view.page.mouse.move(*on_tissue(view, *place), steps=5)
        answered = view.state("answered")
        shown = json.loads(view.page.locator(".tile-grip").get_attribute("data-place"))
        assert shown == [answered["top"], answered["left"]], place
    view.page.mouse.up()
    assert view.settle() == []
    view.box.get_by_role("button", name="Reset").click()  # the hand has let go
    assert view.settle() == [] and view.state("answered") == made("tile_explorer").first


def test_keys_move_the_tile_by_a_pixel_off_the_grid(opened):
    view = opened("tile_explorer")
    view.box.get_by_role("button", name="Only one pixel off the grid?").click()
    assert view.settle() == []
    view.page.locator(".tile-grip").focus()
    view.page.keyboard.press("Shift+ArrowUp")
    assert view.settle() == [] and view.state("answered")["top"] == 16
    view.box.get_by_label("snap to the grid").check()
    assert view.settle() == [] and view.state("answered")["left"] == 16
    assert view.page.locator(".tile-verdict").get_attribute("data-kind") == "same"


@pytest.mark.parametrize("width", [360, 1280])
def test_the_layers_are_scrubbed_by_hand_and_by_keys(opened, width):
    view = opened("signal_explorer", width)
    chart = view.page.locator(".unet-axes[data-now]")
    chart.scroll_into_view_if_needed()
    edge, grip = chart.bounding_box(), view.page.locator(".unet-handle").bounding_box()
    x, y = grip["x"] + grip["width"] / 2, edge["y"] + 100
    ticks = [chart.locator("svg text").filter(has_text=re.compile(f"^{n}$")) for n in (5, 15)]
    first, last = (
        box["x"] + box["width"] / 2 for box in (tick.last.bounding_box() for tick in ticks)
    )
    across = (last - first) / 10  # from layer to layer
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    view.page.mouse.move(x - 12 * across, y, steps=6)
    view.page.mouse.up()
    assert view.settle() == [] and view.state("answered")["layer"] == 8
    view.box.get_by_role("button", name="Undo").click()
    assert view.settle() == [] and view.state("answered")["layer"] == 20
    view.page.locator(".unet-handle").focus()
    for key in ("End", "ArrowLeft"):
        view.page.keyboard.press(key)
    assert view.settle() == [] and view.state("answered")["layer"] == 19


def test_a_tap_on_a_histogram_changes_nothing(opened):
    view = opened("signal_explorer", 360, has_touch=True, is_mobile=True)
    before = view.state("answered")
    view.page.locator(".signal-row[data-init=small]").tap()
    assert view.settle() == [] and view.state("answered") == before


@pytest.mark.parametrize("width", [360, 390, 900, 1280])
def test_the_signals_chart_is_below_the_lever_and_no_answer_moves_it(opened, width):
    view = opened("signal_explorer", width)
    places = []
    asked = [words for words, _settings in made("signal_explorer").presets]
    for words in ["", *asked, "← gradients"]:
        if words:
            view.box.get_by_text(words, exact=True).click()
        assert view.settle() == []
        lever, chart, row = (
            view.page.locator(part).first.evaluate(
                "e => { const b = e.getBoundingClientRect();"
                " return [b.top + scrollY, b.bottom + scrollY] }"
            )
            for part in (".signal-start", ".signal-curve .unet-axes", ".signal-row")
        )
        assert 0 < chart[0] - lever[1] < 65
        assert row[0] > chart[1] or width > 700
        places.append(lever[0])
    assert len(set(places)) == 1
    named = view.page.locator(".signal-start output").bounding_box()
    assert named["height"] < 25  # one line


@pytest.mark.parametrize("width", [360, 1280])
def test_a_line_of_ones_own_is_tilted_until_it_is_flat(opened, width):
    view = opened("signal_explorer", width)
    lever = view.box.get_by_label("variance of the first weights")
    own = view.page.locator(".signal-row[data-init=own]")
    lever.focus()
    lines = []
    for key, init in [
        ("Right", "xavier"),
        ("Right", "1.25/n"),
        ("Right", "between"),
        ("Right", "1.75/n"),
        ("Right", "he"),
        ("Right", "2.25/n"),
        ("Left", "he"),
        ("Left", "1.75/n"),
    ]:
        view.page.keyboard.press(f"Arrow{key}")
        assert view.settle() == [] and view.state("answered")["init"] == init
        assert own.is_visible() == (init not in ("xavier", "he"))
        named = view.page.locator(".signal-name:not([hidden])").all_text_contents()
        is_found = len(lines) > 2  # He's, once the lever was there
        assert ("He: stays" in named) == is_found
        he = view.page.locator(".signal-start small").get_by_text("He", exact=True)
        assert he.is_visible() == is_found
        if own.is_visible():
            line = view.page.locator(".signal-curve .unet-curve[data-name=own]")
            lines.append(line.get_attribute("d"))
    assert len(lines) == 5 and len(set(lines)) == 4  # 1.75/n twice
    view.box.get_by_role("button", name="Reset").click()
    assert view.settle() == [] and view.state("answered")["init"] == "half"
    named = view.page.locator(".signal-name:not([hidden])").all_text_contents()
    # to be found again
    assert named == ["Small: gone\n↓ 3 · 10⁻¹⁶", "Yours: gone\n↓ 7 · 10⁻⁷"]
    view.page.locator(".signal-start div").get_by_text("1.5/n", exact=True).click()
    assert view.settle() == [] and view.state("answered")["init"] == "between"


def starts_seen(view):
    """The lines, and the names below the lever, that are to be seen."""
    assert view.settle() == []
    lines = view.page.locator(".signal-curve .unet-curve[stroke]:not([data-name=theory])")
    names = view.page.locator(".signal-start small").all()
    return (
        [line.get_attribute("data-name") for line in lines.all()],
        [name.text_content() for name in names if name.text_content() and name.is_visible()],
    )


@pytest.mark.parametrize("way", ["activations →", "← gradients"])
def test_xavier_and_he_are_hidden_until_the_lever_was_there(opened, way):
    view = opened("signal_explorer")
    view.box.get_by_text(way, exact=True).click()
    assert starts_seen(view) == (["small", "own"], ["Small"])
    marks = view.page.locator(".signal-start div")
    marks.get_by_text("3/n", exact=True).click()  # far: past both
    assert starts_seen(view) == (["small", "own"], ["Small"])
    view.box.get_by_label("batch norm").check()  # all are the same
    assert starts_seen(view) == (["small", "xavier", "he", "own"], ["Small"])
    view.box.get_by_label("batch norm").uncheck()
    assert starts_seen(view) == (["small", "own"], ["Small"])
    marks.locator("span").filter(has_text=re.compile("^2/n")).click()
    assert starts_seen(view) == (["small", "he"], ["Small", "He"])
    view.box.get_by_role("button", name="Reset").click()
    view.box.get_by_text(way, exact=True).click()
    assert starts_seen(view) == (["small", "own"], ["Small"])
    lever = view.box.get_by_label("variance of the first weights").bounding_box()
    at = [lever["x"] + 8 + (lever["width"] - 16) * place / 9 for place in (1, 7.6)]
    y = lever["y"] + lever["height"] / 2
    view.page.mouse.move(at[0], y)
    view.page.mouse.down()
    view.page.mouse.move(at[1], y, steps=30)
    view.page.mouse.up()
    found = ["small", "xavier", "he", "own"], ["Small", "Xavier", "He"]
    assert starts_seen(view) == found and view.state("answered")["init"] == "triple"


@pytest.mark.parametrize("width", [360, 1280])
def test_a_line_that_leaves_the_chart_ends_at_its_edge(opened, width):
    view = opened("signal_explorer", width)
    view.page.locator(".signal-curve .unet-axes").scroll_into_view_if_needed()
    drawn, below, floor = view.page.evaluate("""() => {
      const line = document.querySelector('.unet-curve[data-name=small]');
      const svg = line.ownerSVGElement.getBoundingClientRect(), floor = svg.height - 40;
      const at = fall => {
        const pairs = line.getAttribute('d').slice(1).split('L');
        const points = pairs.map(p => p.split(' ').map(Number));
        const i = points.findIndex(p => p[1] > floor), [a, b] = [points[i - 1], points[i]];
        const y = floor + fall, x = a[0] + (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]);
        return document.elementsFromPoint(svg.left + x, svg.top + y).includes(line);
      };
      return [at(-4), at(3), svg.top + floor];
    }""")
    assert drawn and not below
    for name in view.page.locator(".signal-name:not([hidden])").all():  # on the chart
        box = name.bounding_box()
        assert box["y"] + box["height"] <= floor + 1
        assert box["x"] + box["width"] <= width
    # The band reaches from a half to 2, as 248 px reach from 10⁻⁵ to 3000.
    band = view.page.locator(".unet-curve[data-name=band]").evaluate(
        "e => getComputedStyle(e).strokeWidth"
    )
    assert float(band[:-2]) == pytest.approx(248 * math.log(4) / math.log(3e8), abs=0.1)


def test_the_ring_of_the_lever_leaves_its_labels_free(opened):
    view = opened("signal_explorer")
    view.box.get_by_label("variance of the first weights").focus()
    view.page.keyboard.press("ArrowRight")
    assert view.settle() == []
    ring, label = view.page.evaluate("""() => {
      const input = document.querySelector('.signal-start input'), s = getComputedStyle(input);
      return [input.getBoundingClientRect().bottom + parseFloat(s.outlineWidth)
        + parseFloat(s.outlineOffset), document.querySelector(
        '.signal-start > div span').getBoundingClientRect().top];
    }""")
    assert ring <= label


@pytest.mark.parametrize("way", ["activations", "gradients"])
def test_play_draws_the_lines_as_far_as_the_signal_has_come(opened, way):
    view = opened("signal_explorer")
    if way == "gradients":
        view.box.get_by_text("← gradients").click()
        assert view.settle() == []
    view.page.evaluate("""() => {
      const chart = document.querySelector('.unet-axes[data-now]'), seen = window.seen = [];
      new MutationObserver(() => {
        const part = name => chart.querySelector(name);
        const [small, theory] = ['small', 'theory'].map(name =>
          part(`[data-name=${name}]`).getAttribute('d').slice(1).split('L'));
        seen.push([Number(part('.unet-handle').dataset.value), small.length, theory.length,
          small[0], theory[0], getComputedStyle(part('.signal-name')).visibility]);
      }).observe(chart, { attributes: true, attributeFilter: ['data-plays', 'data-now'] });
    }""")
    last, far = (1, 20) if way == "gradients" else (20, 1)
    view.box.get_by_role("button", name="Play").click()
    view.page.wait_for_function(
        f"window.seen.some(s => s[0] === {far}) && window.seen.at(-1)[0] === {last}",
        timeout=20_000,
    )
    assert view.settle() == []
    found = view.page.evaluate("window.seen")
    layers = {layer: drawn for layer, *drawn in found}
    assert sorted(layers) == list(range(1, 21))
    for layer, (points, theory, start, of_theory, names) in layers.items():
        assert points == (21 - layer if way == "gradients" else layer) and theory == 20
        assert names == ("visible" if layer == last else "hidden")
        # Activations begin at the first layer, gradients end there.
        is_left = float(start.split()[0]) == float(of_theory.split()[0])
        assert is_left == (way == "activations" or layer == last)


def test_a_signal_that_is_paused_is_drawn_whole(opened):
    view = opened("signal_explorer")
    view.box.get_by_role("button", name="Play").click()
    handle, name = (
        view.page.locator(f".signal-curve .{part}") for part in ("unet-handle", "signal-name")
    )
    view.page.wait_for_function(
        "document.querySelector('.unet-handle').dataset.value === '4'", timeout=20_000
    )
    assert not name.first.is_visible()
    view.box.get_by_role("button", name="Pause").click()
    assert view.settle() == [] and int(handle.get_attribute("data-value")) < 20
    line = view.page.locator(".signal-curve .unet-curve[data-name=small]").get_attribute("d")
    assert line.count("L") == 19 and name.first.is_visible()


def test_the_ring_of_the_layers_handle_leaves_the_numbers_free(opened):
    view = opened("signal_explorer")
    view.page.locator(".unet-handle").focus()
    view.page.keyboard.press("Home")
    assert view.settle() == []
    outlines = view.page.evaluate("""() => ['.unet-handle', '.unet-handle i'].map(part => {
      const e = document.querySelector(part), s = getComputedStyle(e);
      return [s.outlineStyle, e.getBoundingClientRect().bottom + parseFloat(s.outlineWidth)
        + parseFloat(s.outlineOffset)];
    })""")
    assert outlines[0][0] == "none" and outlines[1][0] == "solid"
    ticks = view.page.locator(".signal-curve svg text").filter(has_text=re.compile("^1$"))
    tops = [tick.bounding_box()["y"] for tick in ticks.all()]
    assert max(tops) > outlines[1][1] - 3  # a box of text begins above its digits


def test_play_goes_back_with_the_gradients(opened):
    view = opened("signal_explorer")
    view.box.get_by_role("button", name="What balances the ReLU?").click()
    view.box.get_by_text("← gradients").click()
    assert view.settle() == [] and view.state("answered")["layer"] == 1  # where it comes back
    view.page.locator(".unet-handle").focus()
    view.page.keyboard.press("End")
    view.settle()
    view.box.get_by_role("button", name="Play").click()
    view.page.wait_for_function(
        "document.querySelector('.unet-handle').dataset.value === '1'", timeout=20_000
    )
    assert view.settle() == [] and view.state("answered")["layer"] == 1
    assert view.box.get_by_role("button", name="Play").is_visible()


def node_at(view, level, column):
    view.page.locator(".graph-picture").scroll_into_view_if_needed()
    edge = view.page.locator(f".graph-node[data-key='{level},{column}'] circle").last
    box = edge.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def point_on(view, key):
    """The middle of an edge, in the page."""
    view.page.locator(".graph-picture").scroll_into_view_if_needed()
    return view.page.locator(f".graph-edge[data-key='{key}'] .graph-line").evaluate("""e => {
      const p = e.getPointAtLength(e.getTotalLength() / 2), m = e.getScreenCTM();
      return [m.a * p.x + m.e, m.d * p.y + m.f];
    }""")


def drawn_edges(view):
    return dict(json.loads(view.page.locator(".graph-picture").get_attribute("data-edges")))


def nested(view):
    """Begin with a U-Net++."""
    view.box.get_by_role("button", name="What fills the gaps in U-Net++?").click()
    assert view.settle() == []
    return view


@pytest.mark.parametrize("width", [360, 900])
def test_an_edge_is_drawn_from_node_to_node_and_clicked_away(opened, width):
    view = nested(opened("skip_graph", width))
    view.page.mouse.move(*node_at(view, 0, 1))
    view.page.mouse.down()
    view.page.mouse.move(*node_at(view, 1, 1), steps=5)
    view.page.mouse.up()
    assert view.settle() == [] and view.state("answered")["edited"] == [[0, 1, 1, 1]]
    assert drawn_edges(view)["0,1,1,1"] == "down"
    view.page.mouse.click(*point_on(view, "0,1,1,1"))
    assert view.settle() == [] and view.state("answered")["edited"] == []
    view.page.mouse.click(*point_on(view, "0,0,0,3"))
    assert view.settle() == [] and view.state("answered")["edited"] == [[0, 0, 0, 3]]
    assert "costs 9,216 parameters" in view.page.locator(".unet-because").text_content()
    assert drawn_edges(view)["0,0,0,3"] == "gone"
    view.page.mouse.click(*point_on(view, "0,0,0,3"))  # what was taken out comes back
    assert view.settle() == [] and drawn_edges(view)["0,0,0,3"] == "skip"
    many = ("0,0,0,3", "0,1,0,3", "0,0,0,2", "1,0,1,2")  # no edit is one too many in the book
    for key in many:
        view.page.mouse.click(*point_on(view, key))
        assert view.settle() == [] and drawn_edges(view)[key] == "gone"
    assert len(view.state("answered")["edited"]) == len(many)


def test_a_drag_along_an_edge_that_is_there_keeps_it(opened):
    view = nested(opened("skip_graph"))
    view.page.mouse.move(*node_at(view, 0, 0))
    view.page.mouse.down()
    view.page.mouse.move(*node_at(view, 0, 1), steps=5)
    view.page.mouse.up()
    assert view.state("settings")["edited"] == []
    tip = view.page.locator(".graph-tells")
    assert tip.text_content().startswith(
        "X0,0 → X0,1 (a skip) brings 32 channels. It costs 9,216 param"
    )
    view.page.mouse.move(*node_at(view, 0, 3))
    said = "X0,3: 128 channels come in, 32 go out, of 256² pixels. It costs"
    assert tip.text_content().startswith(said)


def test_a_refused_edge_is_red_with_the_reason_and_a_way_out(opened):
    view = nested(opened("skip_graph"))
    view.page.mouse.move(*node_at(view, 0, 3))
    view.page.mouse.down()
    view.page.mouse.move(*node_at(view, 1, 2), steps=5)
    view.page.mouse.up()
    assert view.settle() == []
    red = view.page.locator(".graph-edge.graph-wrong")
    keys = {red.nth(i).get_attribute("data-key") for i in range(red.count())}
    assert keys == {"0,3,1,2", "1,2,0,3"}
    view.box.get_by_role("button", name="without X0,3 → X1,2").click()
    assert view.settle() == [] and red.count() == 0
    view.page.mouse.click(*point_on(view, "0,0,1,0"))
    assert view.settle() == [] and "X1,0 has no input" in (
        view.box.get_attribute("data-problem")
    )
    wrong = view.page.locator(".graph-node.graph-wrong")
    assert wrong.get_attribute("data-key") == "1,0"
    gone = view.page.locator(".graph-gone.graph-wrong")
    assert gone.get_attribute("data-key") == "0,0,1,0"


def test_keys_join_two_nodes_and_part_them(opened):
    view = opened("skip_graph")
    view.box.get_by_role("button", name="Which skips does a plain U-Net have?").click()
    view.page.locator(".graph-picture svg").focus()
    for key in ("Enter", "ArrowRight", "Enter"):
        view.page.keyboard.press(key)
    assert view.settle() == [] and drawn_edges(view)["0,0,0,1"] == "spare"
    assert "No output needs X0,0 → X0,1 yet, so it costs nothing." in view.box.text_content()
    for key in ("ArrowLeft", "Enter", "Escape", "Enter", "ArrowRight", "Enter"):
        view.page.keyboard.press(key)
    assert view.settle() == [] and view.state("answered")["edited"] == []


def test_a_finger_joins_two_nodes_and_reads_an_edge_before_it_removes_it(opened):
    view = nested(opened("skip_graph", 360, has_touch=True, is_mobile=True))
    drag = finger(view)
    drag(node_at(view, 0, 1), node_at(view, 1, 1))
    assert view.settle() == [] and view.state("answered")["edited"] == [[0, 1, 1, 1]]
    tells = view.page.locator(".graph-tells")
    view.page.touchscreen.tap(*point_on(view, "0,1,1,1"))  # the first tap reads
    assert tells.text_content().startswith("X0,1 → X1,1 (by max pooling) brings 32 channels.")
    assert view.settle() == [] and view.state("answered")["edited"] == [[0, 1, 1, 1]]
    view.page.touchscreen.tap(*point_on(view, "0,1,1,1"))
    assert view.settle() == [] and view.state("answered")["edited"] == []
    drag(node_at(view, 0, 2), node_at(view, 1, 2))
    assert view.settle() == [] and view.state("answered")["edited"] == [[0, 2, 1, 2]]


def finger(view):
    """Drags from one place to another."""
    hand = view.page.context.new_cdp_session(view.page)

    def drag(start, end):
        for kind, points in [("Start", [start]), ("Move", [end]), ("End", [])]:
            touches = [{"x": x, "y": y} for x, y in points]
            what = {"type": f"touch{kind}", "touchPoints": touches}
            hand.send("Input.dispatchTouchEvent", what)

    return drag


@pytest.mark.parametrize("touch", [True, False])
def test_a_press_on_a_node_reads_it_and_changes_nothing(opened, touch):
    more = {"has_touch": True, "is_mobile": True} if touch else {}
    view = opened("skip_graph", 360, **more)
    press = view.page.touchscreen.tap if touch else view.page.mouse.click
    for node in ((1, 0), (2, 0), (0, 1), (0, 0)):  # a pair that is joined, one that is not
        press(*node_at(view, *node))
        read = view.page.locator(".graph-tells").text_content()
        assert read.startswith("X{},{}".format(*node))
        assert ("GFLOP" in read) is (node != (0, 1))
    assert view.settle() == [] and view.state("answered")["edited"] == []
    assert (
        view.page.locator(".graph-price").bounding_box()["y"]
        < (view.page.locator(".graph-picture").bounding_box()["y"])
    )


# ------------------------------------------------------------------------------ the clinic
def middle_of(locator):
    place = locator.bounding_box()
    return place["x"] + place["width"] / 2, place["y"] + place["height"] / 2


def card(view, letter):
    return view.page.locator(f".ward-card[data-letter={letter}]")


def test_a_diagnosis_is_dragged_onto_a_patient_and_the_next_is_covered(opened):
    view = opened("clinic")
    view.box.get_by_role("button", name="Reveal A").click()
    assert view.settle() == [] and view.page.locator(".ward-told").is_visible()
    view.page.mouse.move(*middle_of(view.box.get_by_role("button", name="mask at 255").last))
    view.page.mouse.down()
    view.page.mouse.move(*middle_of(card(view, "G")), steps=5)
    assert "ward-over" in card(view, "G").get_attribute("class")
    view.page.mouse.up()
    due = {"patient": "G", "pin": "mask at 255", "revealed": False, "ask": ""}
    assert view.settle() == [] and view.state("answered") == due
    assert not view.page.locator(".ward-told").is_visible()
    view.box.get_by_role("button", name="Reveal G").click()
    assert view.settle() == []
    assert view.page.locator(".ward-verdict").text_content() == "✓ Right: mask at 255."


def test_pins_stay_on_their_cards_until_reset(opened):
    view = opened("clinic", 360, has_touch=True, is_mobile=True)
    for letter, name in (("B", "Dice over 1"), ("E", "eval() forgotten")):
        card(view, letter).tap()
        view.page.locator(".ward-chip", has_text=name).tap()
        assert view.settle() == []
    pins = view.page.locator(".ward-pinned")
    assert pins.all_text_contents() == ["Dice over 1", "eval() forgotten"]
    card(view, "B").tap()
    assert view.settle() == [] and view.state("answered")["pin"] == "Dice over 1"
    card(view, "A").tap()  # the first settings again, and yet no reset
    for question, _settings in made("clinic").presets:
        view.box.get_by_role("button", name=question, exact=True).click()
        assert view.settle() == [] and pins.count() == 2, question
    card(view, "A").tap()
    assert view.box.get_by_role("button", name="Reset").get_attribute("aria-disabled") == (
        "false"
    )
    view.box.get_by_role("button", name="Reset").click()
    assert view.settle() == [] and pins.count() == 0


def test_cards_say_who_was_right_and_the_line_fixed_is_covered_until_then(opened):
    view = opened("clinic")
    score, ticks = view.page.locator(".ward-score"), view.page.locator(".ward-tick")
    covered = view.page.locator(".ward-covered")
    assert score.text_content() == "" and covered.count() == 1
    for letter, name in (("C", "half-precision overflow"), ("D", "mask at 255")):
        card(view, letter).click()
        chip = view.page.locator(".ward-chip", has_text=name)
        chip.click()
        said = f"{name}: {made('clinic').given['hints'][name]}."
        assert view.page.locator(".ward-hint").text_content() == said
        view.box.get_by_role("button", name=f"Reveal {letter}").click()
        assert view.settle() == [] and covered.count() == 0
    assert ticks.all_text_contents() == ["", "", "✓", "✗", "", "", "", ""]
    assert score.text_content() == "1 of 8 right"
    names = view.page.locator(".ward-pictures figcaption").all_text_contents()
    assert names[:2] == ["prediction of D", "with the line fixed"]
    view.page.locator(".ward-chip", has_text="Dice over 1").click()  # another pin is not judged
    assert view.settle() == [] and ticks.nth(3).text_content() == "" and covered.count() == 1
    view.box.get_by_role("button", name="Reset").click()
    assert view.settle() == [] and score.text_content() == ""


# ------------------------------------------------------------------- lesson 09's whole network
SHEET = """([row, column]) => {
  const edge = document.querySelector(".net").getBoundingClientRect();
  const at = document.querySelector("[data-box='0'] .net-frame").getBoundingClientRect();
  const sheet = document.querySelector(".net > canvas"), scale = sheet.width / edge.width;
  const x = at.left - edge.left + at.width * column, y = at.top - edge.top + at.height * row;
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  pen.drawImage(sheet, Math.floor(x * scale), Math.floor(y * scale), 1, 1, 0, 0, 1, 1);
  return [...pen.getImageData(0, 0, 1, 1).data];
}"""


def test_a_box_opens_its_channels_and_closes_again(opened):
    view = opened("viewer")
    panel, box = view.page.locator(".look-open"), view.page.locator("[data-box='1']")
    assert panel.is_hidden() and box.get_attribute("aria-pressed") == "false"
    box.click()  # what is shown first: nothing is asked, and yet it opens
    assert panel.is_visible() and view.state("answered") == made("viewer").first
    view.box.get_by_role("button", name="Close this box").click()
    assert panel.is_hidden() and box.evaluate("e => e === document.activeElement")
    view.page.locator("[data-box='9']").click()
    assert view.settle() == [] and panel.is_visible()
    view.box.get_by_role("button", name="Undo").click()
    assert view.settle() == [] and panel.is_hidden()


def test_the_maps_of_the_network_are_painted_in_their_boxes(opened):
    view, given = opened("viewer"), made("viewer").given
    high, wide = given["boxes"][0]["thumb"]
    for row, column in ((3, 2), (16, 16), (20, 9), (30, 29)):
        due = given["thumbs"][row * wide + column] / 248 * 255
        share = [(row + 0.5) / high, (column + 0.5) / wide]
        red, green, blue, alpha = view.page.evaluate(SHEET, share)
        assert red == green == blue and alpha == 255
        assert abs(red - due) <= 1, (row, column)


def test_a_click_on_a_tile_shows_that_map_and_silences_nothing(opened):
    """In the first layer eight maps are recorded."""
    view = opened("viewer", 1280)
    view.page.locator("[data-box='1']").click()
    for tile in (7, 6, 4):
        channel = int(view.page.locator(".look-tile").nth(tile).get_attribute("data-channel"))
        view.page.locator(".look-tile").nth(tile).click()
        assert view.settle() == []
        assert view.state("answered") == {**made("viewer").first, "channel": channel}
    for box in (30, 26, 14):
        view.page.locator(f"[data-box='{box}']").click()
        assert view.settle() == []
        layer = view.state("answered")["layer"]
        assert layer == made("viewer").given["boxes"][box]["name"]
        for lever in (
            ".look-tile >> nth=1",
            "text='like the labels'",
            ".look-one .net-map",
        ):
            view.page.locator(lever).click()
            assert view.settle() == []
            found = view.state("answered")
            assert found["layer"] == layer and found["edits"] == found["cuts"] == [], lever
    view.box.get_by_role("button", name="Reset").click()
    scissors = view.page.locator(".net-cut")
    for number in range(2):  # in a page one at a time
        scissors.nth(number).click()
        assert view.settle() == []
        assert len(view.state("answered")["cuts"]) == 1
    scissors.nth(1).click()
    assert view.settle() == [] and view.state("answered")["cuts"] == []


def test_the_cross_stays_at_its_place_of_the_tissue(opened):
    """At each dot: when a box opens, a channel is chosen, a skip is cut, the weights change."""
    view = opened("viewer", 1280)
    frame = view.page.locator(".look-ends .unet-pixels")
    assert view.page.locator(".look-dot").count() == 3
    edge = frame.bounding_box()
    for down, right in ((0.25, 0.25), (0.75, 0.75)):
        where = {"x": edge["width"] * right, "y": edge["height"] * down}
        frame.click(position=where)
        assert view.settle() == []
        place = {key: view.state("answered")[key] for key in ("row", "column")}
        assert place == {"row": int(down * 64), "column": int(right * 64)}
        drawn = view.page.locator(".look-cross").get_attribute("d")
        for lever in (
            "[data-box='9']",
            ".look-tile >> nth=2",
            "[data-box='20']",
            ".net-cut >> nth=1",
            "[data-box='24']",
            "text='untrained'",
        ):
            view.page.locator(lever).click()
            assert view.settle() == []
            assert {k: view.state("answered")[k] for k in place} == place, lever
            assert view.page.locator(".look-cross").get_attribute("d") == drawn, lever
        view.box.get_by_role("button", name="Reset").click()
        edge = frame.bounding_box()


PRESSED = (".net-box", ".net-cut", ".look-tile")


@pytest.mark.parametrize("start", ["", "deepest", "without a skip", "untrained"])
def test_what_a_page_does_not_hold_is_said_at_the_hand(opened, start):
    """A press is answered as it was asked for, or changes nothing and the page says why."""
    view, given = opened("viewer", 1280), made("viewer").given
    refused = 0
    for kind in PRESSED:
        count = view.page.locator(kind).count()
        for number in range(0, count, max(1, count // 8)):
            view.box.get_by_role("button", name="Reset").click(force=True)
            question = view.box.locator(".unet-row button", has_text=start).first
            (question if start else view.page.locator("[data-box='1']")).click()
            assert view.settle() == []
            one, before = view.page.locator(kind).nth(number), view.state("answered")
            if not one.is_visible():
                continue
            one.click(force=True)
            assert view.settle() == []
            tip, now = view.page.locator("[data-refused]"), view.state("answered")
            said = f"{kind} {number}"
            if tip.is_visible():
                refused += 1
                assert now == before and "Recorded here" in tip.text_content(), said
            elif kind == ".net-box":  # every box opens, whatever was done to the network
                box = given["boxes"][int(one.get_attribute("data-box"))]
                assert now == {**before, "layer": box["name"], "channel": -1}, said
            elif kind == ".net-cut":
                assert now["cuts"] != before["cuts"], said
            else:
                assert str(now["channel"]) in (one.get_attribute("data-channel"), "-1"), said
            assert kind != ".net-box" or tip.is_hidden(), said
    assert refused


class Sum(nn.Module):
    """An image with what one convolution makes of it added."""

    def __init__(self):
        super().__init__()
        self.one, self.other = nn.Conv2d(1, 3, 3, padding=1), nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x):
        x = self.one(x).relu()
        return x + self.other(x).relu()


def test_a_sum_in_a_network_without_a_u_is_cut_by_hand(opened, tmp_path):
    """✂ stands in the box of the sum: by mouse, and back by keys."""
    panel = viewer(nn.Sequential(Sum(), nn.Conv2d(3, 2, 1)), torch.rand(1, 1, 16, 16))
    (box,) = (box for box in panel.given["boxes"] if box["skips"])
    (skip,) = box["skips"]
    there = {**panel.first, "layer": box["steps"][-1][0]}
    panel._recorded = lambda: [there, {**there, "cuts": [skip]}]
    show_view.page(tmp_path, "viewer", made=panel)
    view = opened("viewer", 1280, address=(tmp_path / "index.html").as_uri())
    view.ask = lambda settings: packed(panel.answered(settings))
    view.page.locator(".net-box").nth(panel.given["boxes"].index(box)).click()
    scissors = view.page.locator(".look-cut")
    assert scissors.text_content() == f"✂ {skip[0]}"
    scissors.click()
    assert view.settle() == [] and view.state("answered")["cuts"] == [skip]
    assert scissors.get_attribute("aria-pressed") == "true"
    scissors.focus()
    view.page.keyboard.press("Enter")
    assert view.settle() == [] and view.state("answered")["cuts"] == []


def undone_in_one(view, lever):
    """Drags a slider to its farther end over many stops; says whether it asks for anything."""
    lever.scroll_into_view_if_needed()
    edge, first = lever.bounding_box(), view.state("settings")
    y, left, room = edge["y"] + edge["height"] / 2, edge["x"] + 8, edge["width"] - 16
    value, most = int(lever.input_value()), int(lever.get_attribute("max"))
    start, end = value / most, 0 if 2 * value > most else 1
    view.page.mouse.move(left + room * start, y)
    view.page.mouse.down()
    for part in (0.25, 0.5, 0.75, 1):
        view.page.mouse.move(left + room * (start + (end - start) * part), y, steps=3)
    view.page.mouse.up()
    assert view.settle() == [] and int(lever.input_value()) == end * most
    undo = view.box.get_by_role("button", name="Undo", exact=True)
    is_asked = undo.get_attribute("aria-disabled") == "false"
    if is_asked:
        undo.click()
    assert view.settle() == [] and view.state("settings") == first
    assert undo.get_attribute("aria-disabled") == "true", lever.get_attribute("aria-label")
    return is_asked


@pytest.mark.parametrize("name", NAMES)
def test_a_slider_that_is_dragged_is_one_step_and_a_key_is_one(opened, name):
    view = opened(name, 1280)
    levers = view.box.locator("input[type=range]:visible").all()
    asked = [lever for lever in levers if undone_in_one(view, lever)]
    for lever in asked:
        first, value = view.state("settings"), int(lever.input_value())
        way = 1 if 2 * value <= int(lever.get_attribute("max")) else -1
        lever.focus()
        passed = []
        for _press in range(2):
            passed.append(view.state("settings"))
            view.page.keyboard.press("ArrowRight" if way > 0 else "ArrowLeft")
            assert view.settle() == []
        undo = view.box.get_by_role("button", name="Undo", exact=True)
        for before in passed[::-1]:
            undo.click()
            assert view.settle() == [] and view.state("settings") == before
        assert view.state("settings") == first


# What a question moves in sight: setting -> the places that it passes, from the first settings.
GLIDES = {
    "merge_toggle": ("What do you lose by adding?", "below"),
    "weight_explorer": ("No wall at all?", "gap"),
    "deformation_explorer": ("Pull 5 right, and tissue goes left: why?", "right4"),
}


@pytest.mark.parametrize("name", GLIDES)
def test_a_question_moves_what_it_changes_in_sight(opened, name):
    """Over many frames, as one step of Undo; not for who asked for less motion."""
    question, setting = GLIDES[name]
    for less, least in (("no-preference", 2), ("reduce", 1)):
        view = opened(name, 1280, reduced_motion=less)
        first = view.state("settings")
        view.page.evaluate(
            "() => { const box = document.querySelector('.unet-view'); window.passed = [];"
            "new MutationObserver(() => passed.push(JSON.parse(box.dataset.answered)))"
            ".observe(box, { attributeFilter: ['data-answered'] }); }"
        )
        view.box.get_by_role("button", name=question, exact=True).click()
        assert view.settle() == []
        passed = [found[setting] for found in view.page.evaluate("passed")]
        there = view.state("answered")[setting]
        assert passed[-1] == there != first[setting], (less, passed)
        assert len(set(passed)) >= least and (less != "reduce" or set(passed) == {there})
        assert passed in (sorted(passed), sorted(passed, reverse=True)), passed
        held = {one.get(setting, first[setting]) for one in made(name).recorded()}
        assert {*passed} <= held or name == "deformation_explorer"  # which computes its answers
        undo = view.box.get_by_role("button", name="Undo", exact=True)
        undo.click()
        assert view.settle() == [] and view.state("settings") == first
        assert undo.get_attribute("aria-disabled") == "true"


@pytest.mark.parametrize("name", GLIDES)
def test_what_moves_stops_where_something_else_is_asked(opened, name):
    question, _setting = GLIDES[name]
    view = opened(name, 1280)
    view.box.get_by_role("button", name=question, exact=True).click()
    view.box.get_by_role("button", name="Undo", exact=True).click()
    view.page.wait_for_timeout(900)
    assert view.settle() == [] and view.state("settings") == made(name).first


def test_what_a_question_moves_arrives_when_a_lever_is_used_meanwhile(opened):
    view = opened("weight_explorer", 1280)
    question, settings = made("weight_explorer").presets[2]  # no wall at all
    view.box.get_by_role("button", name=question, exact=True).click()
    view.box.get_by_role("checkbox").check()
    view.page.wait_for_timeout(900)
    assert view.settle() == [] and view.state("settings") == {**settings, "balance": True}
    view.box.get_by_role("button", name="Undo", exact=True).click()
    assert view.settle() == [] and not view.state("settings")["balance"]


def test_a_question_asked_while_another_moves_is_a_step_of_its_own(opened):
    view = opened("merge_toggle", 1280)
    presets = made("merge_toggle").presets
    for question, _settings in presets:
        view.box.get_by_role("button", name=question, exact=True).click()
    undo = view.box.get_by_role("button", name="Undo", exact=True)
    for _question, settings in presets[-2::-1]:
        undo.click()
        assert view.settle() == [] and view.state("settings") == settings


def test_a_drag_that_hardly_begins_is_still_a_step(opened):
    """Its first move is too small to change anything."""
    view = opened("deformation_explorer", 1280)
    view.box.get_by_role("button", name="Draw", exact=False).click()
    assert view.settle() == []
    drawn, grip = view.state("settings"), view.page.locator(".bend-grip").nth(4)
    grip.scroll_into_view_if_needed()
    edge = grip.bounding_box()
    x, y = edge["x"] + edge["width"] / 2, edge["y"] + edge["height"] / 2
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    view.page.mouse.move(x + 0.4, y)
    view.page.mouse.move(x + 40, y, steps=4)
    view.page.mouse.up()
    assert view.settle() == [] and view.state("settings") != drawn
    view.box.get_by_role("button", name="Undo", exact=True).click()
    assert view.settle() == [] and view.state("settings") == drawn
