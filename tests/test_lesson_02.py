"""Lesson 02: fields of any U against torch, and the effective square."""

import re

import numpy as np
import pytest
import torch
from matplotlib.patches import Rectangle
from torch import nn
from torch.nn import functional as F

from unet_teach.config import UNetConfig
from unet_teach.inspection import measured_receptive_field
from unet_teach.lessons.l02_receptive_field.measure import (
    FIRST,
    answer,
    covered,
    effective_square,
    inside_through,
    one_trap_each,
    paths,
    questions,
    walk_back,
)
from unet_teach.lessons.l02_receptive_field.panel import field_explorer
from unet_teach.lessons.l02_receptive_field.pictures import (
    chain,
    fan,
    influence_maps,
    outlined,
    ruler,
    through_holes,
    walk,
    way_up,
)
from unet_teach.models.unet import UNet
from unet_teach.shapes import receptive_field, u_reaches, unet_field, unet_reach


# -------------------------------------------------------------------------- fields of any U
@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_with_kernels_of_three_it_is_the_library_s_u_net(depth):
    assert u_reaches(depth)[-1] == unet_reach(UNetConfig(depth=depth, padding="same"))


class PlainU(nn.Module):
    """A U of any kernel size, without skips: they bring nothing new."""

    def __init__(self, depth, k):
        super().__init__()
        self.depth = depth
        count = 2 * (2 * depth + 1)
        self.convs = nn.ModuleList(nn.Conv2d(1, 1, k, padding=k // 2) for _ in range(count))

    def forward(self, x, levels=None):
        convs = iter(self.convs)
        x = next(convs)(next(convs)(x))
        for _level in range(self.depth if levels is None else levels):
            x = next(convs)(next(convs)(F.max_pool2d(x, 2)))
        if levels is None:
            for _level in range(self.depth):
                x = next(convs)(next(convs)(F.interpolate(x, scale_factor=2.0)))
        return x


@pytest.mark.parametrize("k", [1, 3, 5])
def test_every_phase_is_what_torch_measures(k):
    depth, size = 2, 96
    network, output = PlainU(depth, k), u_reaches(depth, k)[-1]
    for pixel in range(40, 44):
        seen = np.flatnonzero(
            measured_receptive_field(network, size, (pixel, pixel)).any(axis=0)
        )
        assert (seen[0], seen[-1]) == output.of(pixel)


def test_every_level_is_what_torch_measures():
    class Level(PlainU):
        def forward(self, x):
            return super().forward(x, self.level)

    network = Level(3, 3)
    for level, reach in enumerate(u_reaches(3)[:-1]):
        network.level = level
        pixel = 48 >> level
        seen = np.flatnonzero(measured_receptive_field(network, 96, (pixel, pixel)).any(axis=1))
        assert (seen[0], seen[-1]) == reach.of(pixel)


def test_even_kernels_have_no_middle():
    with pytest.raises(ValueError, match="k is 4; it must be odd, for example 5"):
        u_reaches(2, 4)


# ------------------------------------------------------------------------- the effective square
def test_of_a_plane_it_is_the_root_of_the_share():
    assert effective_square(np.ones((101, 101)), (50, 50), 0.25) == 51  # 0.255 of the area
    assert effective_square(np.ones((101, 101)), (50, 50), 1.0) == 101
    corner = effective_square(np.ones((101, 101)), (0, 0), 1.0)
    assert corner == 201  # it reaches 100 pixels to each side, half of it outside


def test_of_a_gaussian_it_is_what_the_error_function_says():
    from scipy.stats import norm

    sigma = 6.0
    line = np.exp(-((np.arange(121) - 60) ** 2) / (2 * sigma**2))
    side = effective_square(np.outer(line, line), (60, 60), 0.95)
    # A square of side n holds (share of one axis)²; that axis holds n pixels, each one wide.
    held = [(2 * norm.cdf(n / 2 / sigma) - 1) ** 2 for n in (side - 2, side)]
    assert held[0] < 0.95 <= held[1]


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((np.zeros((3, 3)), (1, 1)), "nowhere below 0 and somewhere above"),
        ((-np.ones((3, 3)), (1, 1)), "nowhere below 0"),
        ((np.ones((3, 3)), (3, 1)), "outside of 3 × 3"),
        ((np.ones((3, 3)), (1, 1), 0), "share is 0"),
    ],
)
def test_what_is_no_influence_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        effective_square(*arguments)


# --------------------------------------------------------------------------------- the explorer
@pytest.mark.parametrize("depth, k", [(0, 3), (1, 1), (2, 3), (2, 5), (1, 7)])
def test_what_each_pixel_counts_is_what_torch_measures(depth, k):
    found, size, period = answer({"depth": depth, "k": k, "counts": True}), 96, 2**depth
    network, line = PlainU(depth, k), found["line"].astype(float)
    for row, column in {(48, 48), (49, 48), (47, 50)}:
        due = measured_receptive_field(network, size, (row, column))
        due /= due.sum()
        middle, rows, columns = line.shape[1] // 2, row % period, column % period
        ours = np.zeros_like(due)
        for y, x in np.argwhere(due > 0):
            ours[y, x] = line[rows, y - row + middle] * line[columns, x - column + middle]
        assert ours == pytest.approx(due, abs=1e-7)
        square = found["square"][rows, columns]
        assert square == effective_square(due, (row, column))


def test_fields_and_sizes_are_those_of_the_shapes():
    found = answer(FIRST)
    assert found["fields"].shape == (6, 16, 2)
    for field, sizes, level in zip(found["fields"], found["sizes"], range(6), strict=True):
        reach = u_reaches(4)[level]
        for pixel in (0, 5, 250, 262, 511):
            moved = pixel - pixel % 16
            place = pixel if level == 5 else pixel >> level
            assert tuple(field[pixel % 16] + moved) == reach.of(place)
            assert sizes[pixel % 16] == np.ptp(reach.of(place)) + 1
    assert sorted(found["sizes"][-1]) == [188] * 4 + [204] * 12
    assert len(answer({**FIRST, "depth": 0})["sizes"]) == 1  # level 0 is the output


def met_in_bottleneck(pixel: int, depth: int, k: int) -> int:
    """How many bottleneck pixels, along one line, an output pixel depends on."""
    first = last = pixel
    for _level in range(depth):  # two convolutions, then the pixel that was doubled
        first, last = (first - (k - 1)) // 2, (last + k - 1) // 2
    return last - first + 1


def test_why_a_pixel_sees_one_size_or_another_is_true_at_each_place():
    told = 0
    for depth in range(5):
        for k in (1, 3, 5, 7):
            found = answer({**FIRST, "depth": depth, "k": k})
            sizes, why = found["sizes"][-1], found["because"]
            if len(set(sizes)) == 1:
                assert "Within" not in why
                continue
            found = re.search(
                r"Within (\d+) pixels of the edge of its (\d+) × \2 pooling block \(dotted\), "
                r"it depends on one bottleneck pixel (fewer|more), so it sees (\d+) \3: "
                r"(\d+)\.",
                why,
            )
            near, block, less, edge = (int(found[i]) for i in (1, 2, 4, 5))
            sign = 1 if found[3] == "fewer" else -1
            assert block == 2**depth
            due = [edge if min(q, block - 1 - q) < near else edge + sign * less
                   for q in range(block)]  # fmt: skip
            assert due == sizes
            met = [met_in_bottleneck(q, depth, k) for q in range(block)]
            assert [m - met[0] for m in met] == [(size - edge) // block for size in sizes]
            told += 1
    assert told == 5


def test_questions_and_what_cannot_work():
    sees = {q: max(answer({**FIRST, **s})["sizes"][-1]) for q, s in questions().items()}
    assert list(sees.values()) == [5, 18, 392, 16, 204]
    found = answer({**FIRST, "k": 4})
    assert found["problem"].startswith("4 poolings and k = 4; valid are")
    assert found["offers"] == [FIRST] and "problem" not in answer(found["offers"][0])
    found = answer({**FIRST, "row": -3, "column": 600})
    assert "row -3, column 600; valid are 0 to 511" in found["problem"]
    assert found["offers"] == [{**FIRST, "row": 0, "column": 511}]


def test_the_picture_has_the_boxes_where_the_fields_lie():
    panel = field_explorer()
    assert "Output pixel (250, 262) sees 204 × 204" in panel.picture.alt
    first, last = u_reaches(4)[-1].of(262)
    width = (last - first + 1) * 420 / (512 + 2 * 96)
    x = (first + 96) * 420 / (512 + 2 * 96)
    assert f'x="{round(x, 2):g}"' in panel.picture.body
    assert f'width="{round(width, 2):g}"' in panel.picture.body
    panel.ask("Without pooling?")
    assert "sees 5 × 5" in panel.picture.alt
    panel.set(k=4)
    assert panel.picture.alt == panel.problem


def test_the_still_says_each_map_s_size_beside_its_colour():
    body = field_explorer().picture.body
    for words in ("level 0: 5 × 5", "level 4: 140 × 140", "output: 204 × 204"):
        assert words in body
    marks = [part for part in body.split("<rect") if 'width="10"' in part]
    assert len(marks) == 6 and 'stroke="#00E5FF"' in marks[-1]


# ---------------------------------------------------------------------- the way up, the traps
def test_the_walk_back_needs_what_the_field_of_the_library_needs():
    bottleneck = receptive_field(([(3, 1)] * 2 + [(2, 2)]) * 4 + [(3, 1)] * 2)
    for output in range(40):
        *_steps, (first, last) = walk_back(output)
        seen = range(first * bottleneck.jump, last * bottleneck.jump + bottleneck.size)
        assert seen == unet_field(UNetConfig(), output)


def test_each_trap_alone_hides_pixels_and_without_one_it_is_the_measured_field():
    network = UNet(UNetConfig(base_channels=1, depth=2))
    noise = torch.randn(1, 1, 60, 60, generator=torch.Generator().manual_seed(1))
    *traps, free = one_trap_each(network, noise, (2, 2)).values()
    due = measured_receptive_field(network, 60, (2, 2)) > 0
    assert np.array_equal(free > 0, due)
    counts = [(trap > 0).sum() for trap in traps]
    assert all(0 < count < due.sum() for count in counts[:2]) and counts[2] == 0


# --------------------------------------------------------------------------------- the figures
def test_a_chain_s_dots_lie_in_the_middle_of_what_they_see():
    layers = [(3, 1), (2, 2), (5, 1), (3, 3), (2, 1)]
    places, sizes, jumps = chain(layers)
    seen = [[{pixel} for pixel in range(len(places[0]))]]
    for (k, s), row in zip(layers, places[1:], strict=True):
        below = seen[-1]
        seen.append([set().union(*below[i * s : i * s + k]) for i in range(len(row))])
        for place, pixels in zip(row, seen[-1], strict=True):
            assert place == (min(pixels) + max(pixels)) / 2
    assert sizes == [len(row[0]) for row in seen]
    assert seen[-1] == [set(range(len(places[0])))]  # the top dot needs all of them, no more
    assert all(np.diff(row) == pytest.approx(j) for row, j in zip(places, jumps, strict=True))


def words_of(axes):
    return [text.get_text() for text in axes.texts]


def test_the_fan_has_a_box_for_each_pixel_that_a_dot_sees():
    (axes,) = fan([(3, 1), (3, 1), (2, 2), (3, 1)]).axes
    rows = {}
    for box in axes.patches:
        rows.setdefault(box.get_y(), []).append(box.get_x())
    assert [len(row) for row in rows.values()] == [3, 5, 6, 10]
    said = words_of(axes)
    assert [word for word in said if word.startswith("jump")] == [
        f"jump {n}" for n in (1, 1, 1, 2, 2)
    ]
    assert [word for word in said if word.isdigit()] == ["10", "8", "6", "3", "1"]


def test_the_walk_s_squares_are_the_pixels_needed_and_the_halves_of_cut_pairs():
    (axes,) = walk([4]).axes
    squares = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    rows = {}
    for box, text in zip(squares, axes.texts, strict=False):
        filled = box.get_facecolor() != (1, 1, 1, 1)
        rows.setdefault(text.get_position()[1], []).append((int(text.get_text()), filled))
    needed = [[pixel for pixel, filled in row if filled] for row in rows.values()]
    assert [(row[0], row[-1]) for row in needed] == walk_back(4)
    cut = [[pixel for pixel, filled in row if not filled] for row in rows.values()]
    assert cut == [[], [9], [], [9], [], [0, 9], [], [9], []]
    assert "reaches 5 bottleneck pixels" in words_of(axes)


def test_the_outline_is_the_field_and_the_title_its_seen_part():
    seen = np.zeros((30, 30))
    seen[2:12, 2:7] = 1
    axes, _empty = outlined({"half": seen, "none": 0 * seen}, range(2, 12)).axes
    (outline,) = axes.patches
    assert (outline.get_x(), outline.get_width(), outline.get_height()) == (1.5, 10, 10)
    assert axes.get_title() == "half\n50 %"


def test_the_ruler_s_bars_are_as_long_as_they_say_and_centred():
    lengths = {"eye": [33, 33, 33], "field": [188, 188, 204]}
    strip, bars = ruler(np.zeros((300, 400)), (150, 200), lengths).axes
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars.patches]
    assert ends == [(-16.5, 16.5), (-94, 94)]
    assert words_of(bars) == ["eye: 33 pixels", "field: 188 to 204 pixels"]
    assert sorted(line.get_xdata()[0] for line in strip.lines[1:]) == [-94, -16.5, 16.5, 94]
    assert max(max(line.get_xdata()) for line in bars.lines) == 102


def test_the_bars_of_the_way_up_span_what_the_output_pixel_sees():
    reached = [(0, 3), (0, 4), (0, 4)]
    strip, few, many = way_up(reached).axes
    assert words_of(strip)[:6:2] == ["4", "5", "5"]
    for axes, due in ((few, 188), (many, 204)):
        ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in axes.patches]
        bars = [end for end in ends if end[1] - end[0] == 140]
        assert max(bars)[1] - min(bars)[0] == due
        assert words_of(axes)[-1].endswith(f"= {due} pixels")


def test_the_squares_lie_on_the_map_around_the_pixel():
    gradient = np.full((41, 41), 1e-9)
    gradient[17:24, 18:25] = 1.0
    (axes, *_bar) = influence_maps(
        {"one": gradient, "two": gradient}, (20, 21), range(5, 35)
    ).axes
    solid, dashed = axes.patches
    assert (solid.get_x(), solid.get_y(), solid.get_width()) == (4.5, 4.5, 30)
    assert (dashed.get_x(), dashed.get_y(), dashed.get_width()) == (17.5, 16.5, 7)
    assert words_of(axes) == ["can see: 30 pixels", "95 %: 7 pixels"]


def test_a_hole_leaves_the_rest_covered_at_the_border_too():
    image = np.arange(1.0, 31).reshape(5, 6)
    assert np.array_equal(covered(image, (2, 3), 99), image)
    found = covered(image, (0, 5), 3)
    assert np.argwhere(found).tolist() == [[0, 4], [0, 5], [1, 4], [1, 5]]
    assert np.array_equal(found[found > 0], image[:2, 4:].ravel())
    found = covered(image, (0, 5), 3, -image)
    assert np.array_equal(found[found > 0], image[:2, 4:].ravel()) and found[4, 0] == -25


def test_a_plain_stack_has_one_path_to_a_corner_and_a_u_net_has_many_in_the_middle():
    assert paths(1, depth=0) == [1, 2, 3, 2, 1]
    assert [len(paths(output)) for output in (3, 4)] == [188, 204]
    assert paths(3)[0] == 341 and paths(4)[-1] == 1


@pytest.mark.parametrize("pixel", [(150, 161), (300, 20), (313, 260)])
def test_through_a_hole_it_is_what_the_whole_image_gives(pixel):
    torch.manual_seed(0)
    network = UNet(UNetConfig(base_channels=8, padding="same")).eval()
    image = np.random.default_rng(0).normal(size=(320, 336)).astype(np.float32)
    with torch.no_grad():
        shown = torch.from_numpy(covered(image, pixel, 31))[None, None]
        due = network(shown).softmax(dim=1)[0, 1, pixel[0], pixel[1]].item()
    assert inside_through(network, image, pixel, 31) == pytest.approx(due, abs=1e-4)
    assert inside_through(network, image, pixel, 9) != pytest.approx(due, abs=1e-4)


def test_the_last_figure_shows_each_hole_each_answer_and_the_eye():
    views = {9: np.zeros((5, 5)), 33: np.ones((5, 5))}
    *holes, axes = through_holes(views, [9, 33], {"A": [1, 0.2], "B": [1, 0.9]}, 17).axes
    assert [hole.get_title() for hole in holes] == [f"A, hole of {n} pixels" for n in views]
    lines = {line.get_label(): line for line in axes.lines}
    assert list(lines["A"].get_ydata()) == [1, 0.2] and list(lines["B"].get_ydata()) == [1, 0.9]
    assert list(lines["your eye: 17 pixels"].get_xdata()) == [17, 17]
