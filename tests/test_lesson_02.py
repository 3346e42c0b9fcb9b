"""Lesson 02: fields of any U against torch, and the effective square."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from unet_teach.config import UNetConfig
from unet_teach.inspection import measured_receptive_field
from unet_teach.lessons.l02_receptive_field.measure import effective_square, stack_influence
from unet_teach.lessons.l02_receptive_field.panel import field_explorer
from unet_teach.lessons.l02_receptive_field.picture import field_over_image
from unet_teach.shapes import u_reaches, unet_reach


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


def test_a_stack_has_the_field_of_theory_and_seeds():
    first, again, other = (stack_influence(4, seed=seed) for seed in (0, 0, 1))
    assert first.shape == (9, 9) and (first > 0).sum() > 60
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    linear = stack_influence(4, relu=False)
    assert not np.array_equal(first, linear)


# ---------------------------------------------------------------------------------- the picture
def test_the_boxes_lie_where_the_fields_lie():
    image = np.zeros((100, 100), np.uint8)
    picture = field_over_image(image, u_reaches(1), 50, 50)
    first, last = u_reaches(1)[-1].of(50)
    scale = 420 / (100 + 2 * 96)
    x, width = (first + 96) * scale, (last - first + 1) * scale
    assert (
        f'x="{round(x, 2):g}" y="{round(x, 2):g}" width="{round(width, 2):g}"' in picture.body
    )
    assert "<title>level 0</title>" in picture.body and "output: 18 × 18" in picture.text


def test_beyond_the_border_is_said_and_a_pixel_outside_refused():
    image = np.zeros((64, 64), np.uint8)
    assert "beyond" not in field_over_image(image, u_reaches(0), 30, 30).alt
    assert "It reaches 2 pixels beyond" in field_over_image(image, u_reaches(0), 0, 30).alt
    with pytest.raises(ValueError, match="row is 64; the image has 0 to 63"):
        field_over_image(image, u_reaches(0), 64, 3)


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("depth", 0, "sees 5 × 5"),
        ("k", 5, "sees 392 × 392"),
        ("row", 256, "(256, 262) sees 188 × 204"),
        ("column", 256, "(250, 256) sees 204 × 188"),
    ],
)
def test_every_control_changes_the_picture(name, value, words):
    panel = field_explorer()
    before = panel.picture
    panel.controls[name].value = value
    assert panel.picture.body != before.body and panel.problem == ""
    assert words in panel.picture.alt


def test_a_move_is_small_enough_to_travel():
    panel = field_explorer()
    panel.set(row=3, column=500, k=7)
    assert len(panel.picture.html) < 80_000


def test_strict_every_end_of_every_control(monkeypatch):
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    torch.manual_seed(0)
    field_explorer()
