"""Lesson 08: the signal against theory, its picture, and the controls."""

import math
import re

import numpy as np
import pytest
import torch

from unet_teach import widgets
from unet_teach.inspection.signal import FAN_IN, VARIANCES, signal
from unet_teach.layers import DoubleConv, initialise
from unet_teach.plots.signal import signal_by_layer


@pytest.mark.parametrize("init", ["small", "xavier", "he"])
@pytest.mark.parametrize("relu", [True, False])
def test_the_mean_square_follows_theory(init, relu):
    """Over many seeds, since one stack is a product of random factors."""
    found = signal(init, layers=4, relu=relu, seeds=20)
    mean_square = (found.measured**2).mean(axis=0)
    assert mean_square == pytest.approx(found.theory**2, rel=0.12)


def test_theory_is_the_product_of_its_factors():
    gain = FAN_IN * VARIANCES["xavier"]
    assert gain == pytest.approx(1)
    assert signal("xavier", 5, seeds=1).theory[-1] == pytest.approx(math.sqrt(1 / 2**4))
    assert signal("he", 5, relu=False, seeds=1).theory[-1] == pytest.approx(math.sqrt(2**5))


def test_batch_norm_makes_any_start_a_good_one():
    for init in VARIANCES:
        found = signal(init, 6, batch_norm=True, seeds=2)
        assert found.measured == pytest.approx(1, abs=0.01)
        assert (found.theory == 1).all()


def test_the_same_seed_gives_the_same_signal():
    assert (signal("he", 3).measured == signal("he", 3).measured).all()
    assert len(set(signal("he", 3, seeds=5).measured[:, -1])) == 5


def test_an_unknown_initialisation_lists_the_known_ones():
    with pytest.raises(ValueError, match="init is 'kaiming'; valid values: 'small', 'xavier'"):
        signal("kaiming")


def test_the_library_draws_its_weights_by_hes_rule():
    torch.manual_seed(0)
    convs = DoubleConv(64, 64)
    initialise(convs)
    assert convs[0].weight.std().item() == pytest.approx(math.sqrt(VARIANCES["he"]), rel=0.02)


def test_a_dot_lies_where_its_power_of_ten_is():
    picture = signal_by_layer([[1.0, 1e-4]], [1.0, 1e-4], "x")
    dots = [float(y) for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', picture.body)]
    top, height, low, high = 30, 260, -8, 4
    expected = [top + height * (1 - (power - low) / (high - low)) for power in (0, -4)]
    assert dots == pytest.approx(expected, abs=0.01)
    assert "0.0001 after layer 2" in picture.alt


def test_the_axis_reaches_every_signal():
    picture = signal_by_layer([[1e6, 1e-15, 1e-16, 0.0]], [1.0, 1.0, 1.0, 1.0], "x")
    dots = [float(y) for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', picture.body)]
    places = [30 + 260 * share for share in (0, 21 / 22, 1, 1)]  # 10⁶ to 10⁻¹⁶; no power is 0
    assert dots == pytest.approx(places, abs=0.01)
    ticks = dict(re.findall(r'y="([\d.]+)" font-size="12" text-anchor="end"[^>]*>([^<]+)<',
                            picture.body))  # fmt: skip
    one = 30 + 260 * 6 / 22
    assert "1" in ticks.values() and len(ticks) <= 12
    assert [float(y) for y, words in ticks.items() if words == "1"] == pytest.approx(
        [one + 4], abs=0.01
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [("init", "he"), ("layers", 7), ("relu", False), ("batch_norm", True)],
)
def test_every_control_changes_the_picture(name, value):
    panel = widgets.signal_explorer()
    before = panel.picture
    panel.controls[name].value = value
    assert panel.picture.body != before.body and panel.problem == ""


def test_the_explorer_shows_what_was_measured():
    panel = widgets.signal_explorer()
    panel.set(init="xavier", layers=12)
    measured = signal("xavier", 20, seeds=3).measured[:, 11]
    assert f"{np.mean(measured):.2} after layer 12" in panel.picture.alt


def test_strict_every_end_of_every_control(monkeypatch):
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    widgets.signal_explorer()
