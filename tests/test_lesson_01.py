"""Lesson 01: the sliding window against torch, its questions, the grid's picture."""

import re
from itertools import product
from math import isqrt
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from pictures import images_in

from unet_teach.drawing.style import LIGHT, ORANGE
from unet_teach.lessons.l01_convolution_arithmetic.measure import (
    BLUR,
    FIRST,
    KERNELS,
    LINES,
    SHARP,
    SIDE,
    answer,
    dark_line,
    questions,
)
from unet_teach.lessons.l01_convolution_arithmetic.panel import convolution_grid
from unet_teach.lessons.l01_convolution_arithmetic.picture import Sums, grid, worked
from unet_teach.lessons.l01_convolution_arithmetic.pictures import (
    RIGHT,
    WRONG,
    at_work,
    painted,
    sizes,
    whole_u,
)
from unet_teach.shapes import conv_out

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


def test_the_words_say_the_formula_and_what_is_lost():
    picture = grid(8, 3, s=2)
    assert "⌊5 / 2⌋ + 1 = <b>3</b>" in picture.text and "2·(3 − 1)" in grid(8, 3, d=2).text
    assert "rounding down drops 1" in picture.text
    assert "drops" not in grid(7, 3, s=2).text
    assert "columns −1, 0, 1" in grid(8, 3, 2, 1, row=3, column=0).alt
    assert ORANGE in picture.body and LIGHT.contracting in picture.body


def test_a_cell_outside_is_moved_to_the_last_one():
    moved = grid(7, 3, s=2, row=99, column=1)
    said = "There is no (99, 1); the nearest is shown. Output (2, 1)"
    assert said in moved.alt and said in moved.text
    assert "There is no" not in grid(7, 3, s=2, row=2, column=1).alt


# --------------------------------------------------------------------------------- in numbers
@pytest.mark.parametrize("s, p, d", [(1, 0, 1), (2, 1, 1), (1, 1, 2)])
def test_the_numbers_are_torch_s_and_the_terms_add_up(s, p, d):
    pixels = np.random.default_rng(0).integers(0, 10, (6, 6))
    kernel = np.array([[-1, 0, 1], [2, -3, 0], [1, 1, -1]])
    sums = Sums(pixels, kernel, s, p, d, "sum")
    x, w = (torch.tensor(a[None, None], dtype=torch.float64) for a in (pixels, kernel))
    assert (
        sums.output.tolist() == torch.nn.functional.conv2d(x, w, None, s, p, d)[0, 0].tolist()
    )
    for place in np.ndindex(sums.output.shape):
        terms = [t.replace("·", "*").replace("−", "-") for t in sums.terms(*place)]
        assert len(terms) == 9 and eval("+".join(terms)) == sums.output[place]
    pooled = Sums(pixels, kernel[:2, :2], 2, 0, 1, "max").output
    assert pooled.tolist() == torch.nn.functional.max_pool2d(x, 2)[0, 0].tolist()


def test_a_worked_picture_has_every_number_and_writes_the_chosen_cell_out():
    pixels, kernel = np.arange(25).reshape(5, 5) % 10, [[-1, 0, 1]] * 3
    picture = worked(pixels, kernel, row=0, column=1)
    tree = ElementTree.fromstring(picture.body)
    (now,) = tree.findall(".//{*}g[@class='conv-now']")
    said = [node.text for node in now.iter() if node.text and node.text.strip()]
    assert said == ["1·(−1)", "2·0", "3·1", "6·(−1)", "7·0", "8·1", "1·(−1)", "2·0", "3·1",
                    "= 6"]  # fmt: skip
    digits = [n.text for t in tree.findall("{*}text[@pointer-events]") for n in t]
    made = Sums(pixels, np.array(kernel), 1, 0, 1, "sum").output
    due = [*pixels.ravel(), *made.ravel(), *np.ravel(kernel)]
    assert digits == [str(number).replace("-", "−") for number in due]
    assert "Output (0, 1) is 6: 1·(−1) + 2·0 + 3·1" in picture.alt
    pooled = worked(pixels[:4, :4], np.ones((2, 2)), s=2, way="max")
    assert "is 6, the largest of 0, 1, 5, 6." in pooled.alt and "largest: 6" in pooled.body


def test_a_dark_line_is_found_in_its_own_direction():
    picture = np.ones((31, 31), np.float32)
    picture[:, 14:17] = 0
    x = torch.tensor(picture)[None, None]
    answers = [
        torch.nn.functional.conv2d(x, torch.tensor(dark_line(degrees))[None, None])[0, 0, 8, 8]
        for degrees in (0, 45, 90)
    ]
    assert answers[0] == pytest.approx(1, abs=1e-5) and answers[0] > 2 * max(answers[1:])
    assert all(abs(dark_line(degrees).sum()) < 1e-5 for degrees in (0, 22.5, 67.5))


@pytest.mark.parametrize("k, s", [(2, 2), (3, 2), (3, 1), (2, 1)])
def test_painted_patches_are_a_transposed_convolution(k, s):
    x = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    due = torch.nn.functional.conv_transpose2d(x, torch.ones(1, 1, k, k), stride=s)[0, 0].int()
    picture = painted([[1, 2], [3, 4]], [(k, s)])
    rows = " / ".join(" ".join(map(str, row)) for row in due.tolist())
    assert f"k = {k}, s = {s}: {rows}." in picture.alt
    assert picture.body.count(">1+2+3+4<") == max(0, k - s) ** 2  # all four overlap there


def test_kernels_are_tiles_above_what_they_make():
    kernels = {"edges": [[-1.0, 0.0, 1 / 9]] * 3, "line": dark_line(0)}
    names = ["micrograph", *kernels, "eight directions"]
    figure = at_work(kernels, {name: np.eye(4) * i for i, name in enumerate(names)})
    above, below, close = figure.axes[:4], figure.axes[4:8], figure.axes[8:]
    written = [[text.get_text() for text in axis.texts] for axis in above]
    assert written == [[], ["−1", "0", "1/9"] * 3, [], []]
    assert [len(axis.images) for axis in above] == [0, 1, 1, 1]
    titled = [axis.get_title() for axis in (below[0], *above[1:])]
    assert titled == names and not any(axis.get_title() for axis in below[1:])
    for i, axis in enumerate(below):
        assert (axis.images[0].get_array() == np.eye(4) * i).all()
    (enlarged,) = close[0].images
    assert enlarged.get_array().tolist() == [[0, 0, 0, 0]]  # the last row of the micrograph
    assert not any(axis.images for axis in close[1:])
    colour = above[1].images[0].to_rgba
    (red, _, blue, _), (red_above, _, blue_above, _) = colour(-1.0), colour(1.0)
    assert red > blue and red_above < blue_above  # orange below zero
    turned = above[3].images[0].get_array()
    for i in range(8):
        y, x = 1 + i // 3 * 17, 1 + i % 3 * 17
        assert ((turned[y : y + 15, x : x + 15] < 0) == (dark_line(i * 22.5) < 0)).all()


# -------------------------------------------------------------------------------- the whole U
def test_the_sizes_of_the_u_are_those_of_its_layers():
    n, due = torch.zeros(1, 1, 572), [572]
    conv, up = torch.nn.Conv1d(1, 1, 3), torch.nn.ConvTranspose1d(1, 1, 2, stride=2)
    pool = torch.nn.MaxPool1d(2)
    layers = [conv, conv, pool] * 4 + [conv, conv] + [up, conv, conv] * 4
    for layer in layers:
        n = layer(n)
        due.append(n.shape[-1])
    assert sizes(conv_out) == due


def test_a_box_is_green_where_the_learner_s_size_is_right():
    def nothing(n, k, s=1):
        raise NotImplementedError

    whole, empty, wrong = (whole_u(of) for of in (conv_out, nothing, lambda n, *k: n - 9))
    assert "26 of 26 computed sizes are right." in whole.alt and WRONG not in whole.body
    assert whole.body.count(RIGHT) == 27 and "stays empty" not in whole.text
    assert "0 of 26 computed sizes are right." in empty.alt and "stays empty" in empty.text
    assert empty.body.count(">?<") == 26 and empty.body.count(RIGHT) == 1
    assert wrong.body.count(WRONG) == 26 and ">563<" in wrong.body
    assert whole_u().body == empty.body.replace(empty.alt, whole_u().alt)
    late = whole_u(lambda *of: conv_out(*of) if of[0] > 140 else "no number")
    assert late.body.count(RIGHT) == 7 and late.body.count(">?<") == 20
    constant = whole_u(lambda n, k, s=1: n - 2)  # right for each grey arrow, for no orange one
    assert constant.body.count(RIGHT) == 3 and constant.body.count(WRONG) == 24


# ------------------------------------------------------------------------------ the interactive
ASKED = [FIRST, *[{**FIRST, **settings} for settings in questions().values()]] + [
    {"n": 9, "kernel": KERNELS[k], "s": s, "p": p, "d": d, "way": way}
    for k, s, p, d, way in [(3, 2, 1, 2, "sum"), (2, 3, 1, 2, "max"), (5, 1, 2, 1, "max"),
                            (4, 2, 3, 1, "sum"), (1, 4, 0, 3, "sum")]
]  # fmt: skip


@pytest.mark.parametrize("settings", ASKED)
def test_an_answer_is_what_torch_computes(settings):
    n, s, p, d = (settings[name] for name in "nspd")
    found, k = answer(settings), isqrt(len(settings["kernel"]))
    x = torch.tensor(found["input"], dtype=torch.float64)[None, None].requires_grad_()
    assert x.shape[-1] == n and 0 <= x.min() <= x.max() <= 9
    if settings["way"] == "max":
        due = torch.nn.functional.max_pool2d(x, k, s, p, d)[0, 0]
    else:
        kernel = torch.tensor(settings["kernel"], dtype=torch.float64).reshape(1, 1, k, k)
        due = torch.nn.functional.conv2d(x, kernel, None, s, p, d)[0, 0]
    assert due.tolist() == found["output"] and found["m"] == len(due)
    assert (found["low"], found["high"]) == (due.min(), due.max())
    ones = torch.nn.functional.conv2d(x, torch.ones(1, 1, k, k).double(), None, s, p, d)
    (read,) = torch.autograd.grad(ones.sum(), x)
    assert (read[0, 0].numpy() == found["read"]).all()
    assert ("products" in found) == (settings["way"] == "sum" and n < 48)
    if "products" in found:
        assert (np.sum(found["products"], 0) == np.array(found["output"])).all()


@pytest.mark.parametrize("setting", SETTINGS)
def test_taps_and_feeds_are_what_torch_links(setting):
    n, k, s, p, d = setting
    found, linked = (
        answer({**FIRST, "n": n, "kernel": [1] * k**2, "s": s, "p": p, "d": d}),
        weights_used(*setting),
    )
    assert {(c, place) for c, taps in enumerate(found["taps"]) for place in taps} == linked
    assert {(c, place) for place, cells in enumerate(found["feeds"]) for c in cells} == linked


def test_products_are_patch_times_kernel():
    settings = {**FIRST, "p": 1, "d": 2}
    found, kernel = answer(settings), np.array(settings["kernel"])
    padded = np.pad(found["input"], 1)
    for row, column in product(range(found["m"]), repeat=2):
        patch = padded[row : row + 5 : 2, column : column + 5 : 2].ravel()
        products = [grid[row][column] for grid in found["products"]]
        assert (products == patch * kernel).all()


def test_questions_answer_themselves():
    found = {question: answer({**FIRST, **s}) for question, s in questions().items()}
    assert found["Keep the size?"]["m"] == 7
    assert found["What does stride 2 skip?"]["lost"] == 1
    assert "rounding down drops 1" in found["What does stride 2 skip?"]["said"]
    walls, blur = found["Find the walls?"], found["Blur it?"]
    assert walls["low"] < 0 < walls["high"] and (blur["m"], blur["high"]) == (46, 81)
    pooled = found["Pool it?"]
    blocks = np.array(pooled["input"]).reshape(4, 2, 4, 2)
    assert pooled["output"] == blocks.max((1, 3)).tolist()


@pytest.mark.parametrize("changed, ends, words", [
    ({}, [-19, 19], "Orange is above 0"), ({"way": "max"}, [0, 9], "as in the input"),
    ({"kernel": BLUR}, [0, 81], "white is 81"), ({"kernel": SHARP}, [0, 45], "45 or more"),
    ({"kernel": [0, 0, 0, 0, 1, 0, 0, 0, 0]}, [0, 9], "as in the input"),
    ({"kernel": [0] * 9}, [-1, 1], "Orange"), ({"n": SIDE, "kernel": LINES}, None, "Orange"),
])  # fmt: skip
def test_an_even_patch_keeps_its_grey_where_the_weights_add_up_to_more_than_0(
    changed, ends, words
):
    found = answer({**FIRST, **changed})
    most = max(found["high"], -found["low"])
    assert found["shade"] == (ends or [-most, most]) and words in found["shade_words"]


def asked_of_it():
    """All levers with each kernel that a size begins with, and any kernel by chance."""
    levers = [range(1, 13), range(1, 5), range(4), range(1, 4), ("sum", "max")]
    for n, s, p, d, way in product(*levers):
        for kernel in KERNELS.values():
            yield {"n": n, "kernel": kernel, "s": s, "p": p, "d": d, "way": way}
    rng = np.random.default_rng(0)
    for number in range(4000):
        k = int(rng.integers(1, 6))
        kernel = rng.integers(-9, 10, k * k) * (rng.random(k * k) < rng.choice([0.1, 0.5, 1]))
        named = [LINES, BLUR, SHARP][number % 3]
        n, s, p, d = (int(rng.choice(list(stops))) for stops in levers[:4])
        if number % 3 == 0:
            s = d = 1
        kernel = named if number % 5 == 0 else kernel.tolist()
        yield {"n": n, "kernel": kernel, "s": s, "p": p, "d": d, "way": "sum"}
    for kernel, s in product((LINES, BLUR, SHARP), (1, 2)):
        yield {**FIRST, "n": SIDE, "kernel": kernel, "s": s}


def test_every_sentence_is_true_of_its_settings():
    """All levers, and kernels by chance: each number in them, counted anew."""
    seen = set()
    for settings in asked_of_it():
        n, s, p, d, way, kernel = (settings[x] for x in ("n", "s", "p", "d", "way", "kernel"))
        found = answer(settings)
        if "problem" in found:
            continue
        words, m, k = found["because"].replace("−", "-"), found["m"], found["k"]
        assert words and len(words.split()) <= 38 and found["because"] in found["said"]
        kind = re.sub(r"-?\d+", "#", words)
        seen.add(kind)
        numbers = list(map(int, re.findall(r"-?\d+", words)))
        places = range(n + 2 * p - d * (k - 1))
        if way == "max":
            assert numbers == [n, n, m, m]
            if "read twice" in kind or "overlap" in kind:
                assert ("overlap" in kind) == (found["taps"][1][0] <= found["taps"][0][-1])
        elif kind.startswith("It skips"):
            assert numbers[:3] == [len(places) - m, len(places), s]
            unread = found["feeds"][-1] == []
            assert ("no window reaches" in kind) == (unread and (len(places) - 1) % s > 0)
        elif kind.startswith("Yes, with p"):
            assert numbers == [p, n, n, d * (k - 1), p] and m == n and d * (k - 1) == 2 * p
        elif kind.startswith("Only"):
            (weight,) = [number for number in kernel if number]
            middle = kernel.index(weight) == (k * k - 1) / 2
            assert numbers[-1] == weight or numbers[0] == weight
            assert middle == ("the weight in the middle" in kind)
        elif kind.startswith("The weights"):
            assert numbers[0] == sum(kernel) and numbers[-1] == (5 * sum(kernel) or 0)
        elif kind.startswith("All weights"):
            assert not any(kernel) and not np.any(found["output"])
        elif kind.startswith("This kernel"):
            columns = np.reshape(kernel, (k, k)).sum(0)
            assert (columns[: k // 2] < 0).all() and (columns[-(k // 2) :] > 0).all()
        else:
            assert (kernel in (LINES, BLUR, SHARP)) and words.startswith("Yes")
            assert found["taps"][0] == [0, 1, 2]  # the neighbours are beside the pixel
    assert len(seen) == 15


@pytest.mark.parametrize("changed, words", [
    ({"n": 3, "kernel": KERNELS[5]}, "The window spans 5 pixels, the padded input only 3."),
    ({"d": 3, "n": 6}, "spans 7 pixels"), ({"way": "max", "p": 2}, "at most half of k"),
    ({"kernel": [1, 2, 3]}, "a kernel has k × k numbers"), ({"n": 20}, "n is 1 to 12, or 48"),
])  # fmt: skip
def test_what_cannot_work_is_said_with_what_would(changed, words):
    found = answer({**FIRST, **changed})
    assert words in found["problem"]
    assert changed.keys() == {"n"} or found["offers"]
    for offer in found["offers"]:
        assert "problem" not in answer(offer) and offer.pop("words")


def test_the_still_picture_is_the_grid_or_the_micrograph():
    panel = convolution_grid()
    kernel = np.reshape(FIRST["kernel"], (3, 3))
    assert panel.picture.body == worked(panel.answer["input"], kernel).body
    assert panel.answer["formula"] in panel.picture.text
    panel.ask("Blur it?")
    assert "46 × 46" in panel.picture.alt
    shown, blurred = images_in(panel.picture.body)
    assert (shown == np.array(panel.answer["input"]) * 28).all()
    assert (blurred == np.array(panel.answer["output"]) * 255 // 81).all()
    panel.set(n=3, kernel=KERNELS[5])
    assert panel.picture.alt == panel.problem
