"""Lesson 01: the linked grid against torch, its picture, its controls."""

import re
from itertools import product
from xml.etree import ElementTree

import pytest
import torch

from unet_teach.drawing.style import LIGHT, ORANGE
from unet_teach.lessons.l01_convolution_arithmetic.panel import convolution_grid
from unet_teach.lessons.l01_convolution_arithmetic.picture import feeds, grid, reads

SETTINGS = [(5, 3, 1, 0, 1), (8, 3, 2, 1, 1), (9, 2, 3, 0, 2), (6, 4, 1, 2, 1), (7, 1, 4, 0, 3)]


def weights_used(n, k, s, p, d):
    """(output, padded input) pairs that a convolution of torch really links, by gradient."""
    x = torch.zeros(1, 1, n + 2 * p, requires_grad=True)
    y = torch.nn.functional.conv1d(x, torch.ones(1, 1, k), None, s, 0, d)[0, 0]
    return {
        (cell, place)
        for cell in range(len(y))
        for place in torch.autograd.grad(y[cell], x, retain_graph=True)[0]
        .nonzero()[:, 2]
        .tolist()
    }


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_reads_what_is_what_torch_links(setting):
    n, k, s, p, d = setting
    linked = weights_used(*setting)
    m = 1 + max(cell for cell, _place in linked)
    assert {(cell, place) for cell in range(m) for place in reads(cell, k, s, d)} == linked
    places = range(n + 2 * p)
    assert {(c, place) for place in places for c in feeds(place, m, k, s, d)} == linked


def squares(picture, kind, chosen_only=True):
    """Corners of the cells that are drawn lit, not those shown when pointed at."""
    tree = ElementTree.fromstring(picture.body)
    for hidden in tree.findall(".//{*}g[@class='conv-cell']/.."):
        for cell in hidden.findall("{*}g[@class='conv-cell']"):
            hidden.remove(cell)
    found = []
    shapes = {g.get("id"): g for g in tree.findall(".//{*}g[@id]")}
    for node in tree.iter():
        tag, moved, path = node.tag.split("}")[1], (0.0, 0.0), node
        if tag == "use":
            path = shapes[node.get("href")[1:]].find("{*}path")
            moved = float(node.get("x")), float(node.get("y"))
        elif tag != "path" or any(node in list(shape.iter()) for shape in shapes.values()):
            continue
        if path.get("class") == kind:
            for x, y in re.findall(r"M(\d+) (\d+)", path.get("d")):
                found.append((float(x) + moved[0], float(y) + moved[1]))
    return sorted(found)


def test_the_lit_cells_are_the_inputs_of_the_chosen_output():
    lit = squares(grid(7, 3, s=2, row=1, column=2), "conv-linked")
    cell = 30
    due = [(8 + x * cell, 34 + y * cell) for y, x in product((2, 3, 4), (4, 5, 6))]
    assert lit == sorted(due)
    assert len(squares(grid(7, 3, s=2), "conv-chosen")) == 1


def test_backwards_the_lit_cells_are_outputs():
    lit = squares(grid(5, 3, p=1, row=0, column=2, backwards=True), "conv-linked")
    right = 8 + 7 * 30 + 70
    due = [(right + x * 30, 34 + y * 30) for y, x in product((0, 1), (1, 2, 3))]
    assert lit == sorted(due)


def test_the_words_say_the_formula_and_what_is_lost():
    picture = grid(8, 3, s=2)
    assert "⌊5 / 2⌋ + 1 = <b>3</b>" in picture.text and "throws away 1" in picture.text
    assert "throws away" not in grid(7, 3, s=2).text
    assert "(7, 7) is read by no output" in grid(8, 3, 2, row=7, column=7, backwards=True).alt
    assert "columns −1, 0, 1" in grid(8, 3, 2, 1, row=3, column=0).alt
    assert ORANGE in picture.body and LIGHT.contracting in picture.body


def test_a_cell_outside_is_moved_to_the_last_one():
    moved = grid(7, 3, s=2, row=99, column=1)
    said = "There is no (99, 1); the nearest is shown. Output (2, 1)"
    assert said in moved.alt and said in moved.text
    assert "There is no" not in grid(7, 3, s=2, row=2, column=1).alt


@pytest.mark.parametrize("name", ["n", "k", "s", "p", "d", "backwards", "row", "column"])
def test_every_control_changes_the_picture(name):
    panel = convolution_grid()
    before = panel.picture
    control = panel.controls[name]
    control.value = True if name == "backwards" else control.value + 1
    assert panel.picture.body != before.body and panel.problem == ""
    settings = {key: value for key, value in panel.values.items()}
    assert panel.picture == grid(**settings)


def test_a_kernel_that_does_not_fit_is_red_and_the_size_that_fits_is_offered():
    panel = convolution_grid()
    panel.set(n=3, k=5)
    assert panel.problem == "the kernel spans 5 pixels, the padded input only 3"
    _words, offer = panel._offers.children
    assert offer.description == "input size n = 5"
    offer.click()
    assert panel.problem == "" and panel.values["n"] == 5


def test_strict_every_end_of_every_control(monkeypatch):
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    convolution_grid()
