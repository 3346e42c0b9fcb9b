"""Lesson 05: the crop over coordinates, the border of a tile against arithmetic."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from answers import is_accepted, is_told

from unet_teach.config import UNetConfig
from unet_teach.layers import center_crop as library_crop
from unet_teach.lessons.l05_crop_or_pad.exercises import (
    center_crop,
    coordinates,
    missing_pixels,
    paper_crops,
)
from unet_teach.lessons.l05_crop_or_pad.measure import border_difference
from unet_teach.lessons.l05_crop_or_pad.panel import crop_explorer
from unet_teach.lessons.l05_crop_or_pad.picture import (
    CELL,
    GAP,
    HEADING,
    TOP,
    crop_over_coordinates,
)
from unet_teach.models.unet import UNet
from unet_teach.shapes import output_size, trace


@pytest.mark.parametrize("size", [(2, 3), (5, 4), (1, 1), (4, 2)])
def test_the_exercise_builds_what_the_library_has(size):
    places = coordinates(2, 3, 5, 4)
    assert torch.equal(center_crop(places, size), library_crop(places, size))


def test_the_crops_of_the_paper_are_those_of_the_trace():
    assert paper_crops() == [skip.crop for skip in trace(UNetConfig(), 572).skips]


def sizes_of(x, size):
    """The margins, (above, left)."""
    return (x.shape[-2] - size[0]) // 2, (x.shape[-1] - size[1]) // 2


def rounded_to_even(x, size):
    top, left = (round((n - m) / 2) for n, m in zip(x.shape[-2:], size, strict=True))
    return x[..., top : top + size[0], left : left + size[1]]


def same_on_both_ends(x, size):
    top, left = sizes_of(x, size)
    return x[..., top : x.shape[-2] - top, left : x.shape[-1] - left]


def up_to_minus_margin(x, size):
    top, left = sizes_of(x, size)
    below, right = x.shape[-2] - size[0] - top, x.shape[-1] - size[1] - left
    return x[..., top:-below, left:-right]


def height_s_margin_twice(x, size):
    top, _left = sizes_of(x, size)
    return torch.roll(x, -top, -1)[..., top : top + size[0], : size[1]]


def rows_cut_from_the_top(x, size):
    return center_crop(x[..., : size[0], :], size)


def every_other(x, size):
    rows, columns = (
        torch.linspace(0, n - 1, m).long() for n, m in zip(x.shape[-2:], size, strict=True)
    )
    return x[..., rows, :][..., columns]


KINDS_OF_MISTAKES = [
    ("05.center_crop", rounded_to_even, "an odd margin"),
    ("05.center_crop", rows_cut_from_the_top, "another window"),
    ("05.center_crop", every_other, "resampled"),
    ("05.center_crop", up_to_minus_margin, "where nothing is cut"),
    ("05.center_crop", height_s_margin_twice, "one margin for both"),
    ("05.center_crop", same_on_both_ends, "one too many"),
    ("05.paper_crops", [44, 20, 8, 2], "half of them"),
    ("05.paper_crops", [88, 40, 16, 8], "one slip"),
    ("05.missing_pixels", lambda n, depth: missing_pixels(n, depth + 1), "other length"),
    ("05.missing_pixels", lambda n, depth: [n / 2**i % 2 % 1.6 for i in range(depth)],
     "fractions"),
    ("05.missing_pixels", lambda n, depth: [2 * (n >> i & 1) for i in range(depth)],
     "more than one"),
    ("05.missing_pixels", lambda n, depth: [n % 2, *missing_pixels(n // 2 + 1, depth)][:depth],
     "wrong below"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer", "told"), KINDS_OF_MISTAKES)
def test_kinds_of_mistakes_are_told_by_what_they_do(name, answer, told):
    is_told(name, answer, told)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("05.center_crop", lambda x, size: center_crop(x.numpy(), size)),
        ("05.paper_crops", np.array([88, 40, 16, 4])),
        ("05.missing_pixels", lambda n, depth: [bool(n >> i & 1) for i in range(depth)]),
        ("05.missing_pixels", lambda n, depth: np.int64(n) // 2 ** np.arange(depth) % 2),
    ],
)
def test_right_answers_in_other_forms_pass(name, answer):
    is_accepted(name, answer)


# ------------------------------------------------------------------------------------- borders
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_zeros_reach_as_far_as_the_field(layers):
    torch.manual_seed(0)
    convs = [torch.nn.Conv2d(2 if i else 1, 2, 3, padding=1) for i in range(layers)]
    image = torch.rand(1, 1, 40, 40)
    distances, differences = border_difference(torch.nn.Sequential(*convs), image, 20, 10)
    assert distances.tolist() == list(range(10))
    assert (differences[:layers] > 0).all() and (differences[layers:] < 1e-6).all()


def network(**changes):
    config = UNetConfig(base_channels=2, depth=2)
    torch.manual_seed(1)
    plain = UNet(config)
    changed = UNet(replace(config, **changes))
    changed.load_state_dict(plain.state_dict())
    return changed.eval()


def test_cropping_is_exact_and_padding_is_not():
    image = torch.rand(1, 1, 140, 140, generator=torch.Generator().manual_seed(2))
    margin = (100 - output_size(UNetConfig(base_channels=2, depth=2), 100)) // 2
    distances, differences = border_difference(network(), image, 100, 20)
    assert distances[0] == margin and differences.max() < 1e-6
    for changes in ({"align": "pad"}, {"padding": "same"}):
        distances, differences = border_difference(network(**changes), image, 100, 20)
        assert distances[0] < margin and differences[0] > 1e-4
        # Pixels of one block of the lowest map share its field: up to 3 more at depth 2.
        assert differences[distances >= margin + 3].max() < 1e-6
    assert not np.allclose(differences[distances < margin], 0)


def test_off_the_grid_of_the_poolings_even_cropping_differs():
    image = torch.rand(1, 1, 140, 140, generator=torch.Generator().manual_seed(2))
    _distances, differences = border_difference(network(), image, 100, 18)
    assert differences.max() > 1e-4


def test_a_tile_outside_is_refused():
    with pytest.raises(ValueError, match="a tile of 100 from 60 on ends at 160"):
        border_difference(network(), torch.rand(1, 1, 140, 140), 100, 60)


# ------------------------------------------------------------------------------- the explorer
def test_a_crop_of_the_middle_meets_its_own_places():
    picture = crop_over_coordinates(8, 4, 2, 2)
    assert "meets the cell of its own place" in picture.alt
    assert picture.body.count(">2,2<") == 2  # once in the skip, once in the map from below


def test_a_crop_of_the_corner_is_said_to_lie_beside():
    picture = crop_over_coordinates(8, 4, 0, 1)
    assert "2 rows and 1 column away" in picture.alt
    # In the cell that belongs to (2, 2) stands what came, (0, 1); and (2, 2) came to another.
    assert picture.body.count(">0,1<") == 2 and picture.body.count(">2,2<") == 3


@pytest.mark.parametrize(("skip", "below", "top", "left"), [(8, 4, 0, 1), (12, 3, 9, 5)])
def test_each_name_stands_in_its_cell(skip, below, top, left):
    body = crop_over_coordinates(skip, below, top, left).body
    found = re.findall(r'<tspan x="([\d.]+)" y="([\d.]+)">(\d+),(\d+)</tspan>', body)
    named = [(float(x), float(y), int(row), int(column)) for x, y, row, column in found]
    cells = {(row, column) for row in range(skip) for column in range(skip)}
    beside = 8 + max(skip * CELL + GAP, HEADING)
    for x, y, row, column in (name for name in named if name[0] < beside):
        assert ((x - 8) // CELL, (y - TOP) // CELL) == (column, row)
        cells.remove((row, column))
    assert not cells  # each once
    in_cell = {}
    for x, y, *name in sorted(name for name in named if name[0] > beside):
        in_cell.setdefault(((y - TOP) // CELL, (x - beside) // CELL), []).append(tuple(name))
    middle = (skip - below) // 2
    assert in_cell == {
        (row, column): [(row + middle, column + middle), (row + top, column + left)]
        for row in range(below)
        for column in range(below)
    }
    sizes = re.findall(r'<text font-size="([\d.]+)"[^>]*>(<tspan.*?)</text>', body)
    for size, spans in sizes:  # "10,10" must fit its cell
        words = re.findall(r">([\d,]+)<", spans)
        assert {len(word) < 5 for word in words} == {size == "12"}


def test_an_odd_margin_is_said():
    assert "5 is odd" in crop_over_coordinates(9, 4, 2, 2).text
    with pytest.raises(ValueError, match="top is 6; a crop of 4 from 9 takes 0 to 5"):
        crop_over_coordinates(9, 4, 6, 2)


@pytest.mark.parametrize("name", ["skip", "below", "top", "left"])
def test_every_control_changes_the_picture(name):
    panel = crop_explorer()
    before = panel.picture
    panel.controls[name].value += 1
    assert panel.picture.body != before.body and panel.problem == ""
    assert panel.picture == crop_over_coordinates(**panel.values)


def test_the_button_moves_the_crop_to_the_middle():
    panel = crop_explorer(9, 4)
    panel.children[2].children[0].click()
    assert (panel.values["top"], panel.values["left"]) == (2, 2)


def test_what_does_not_fit_is_red():
    panel = crop_explorer(8, 4)
    panel.set(top=7)
    assert panel.problem == "a crop of 4 that begins at 7 ends outside of 8"
    panel._offers.children[1].click()
    assert panel.values["top"] == 4 and panel.problem == ""
    panel.set(below=9)
    assert "is larger than the skip" in panel.problem


def test_strict_every_end_of_every_control(monkeypatch):
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    crop_explorer()
