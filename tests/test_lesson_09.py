"""Lesson 09: all layers in one pass against one at a time, read-outs, the viewer's picture."""

import base64
import io
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage
from torch import nn

from unet_teach.config import UNetConfig
from unet_teach.drawing.style import VERMILLION
from unet_teach.inspection import layer_names, measured_receptive_field, record
from unet_teach.lessons.l09_look_inside.maps import OUTPUT, Fields, record_all
from unet_teach.lessons.l09_look_inside.measure import untrained_like
from unet_teach.lessons.l09_look_inside.panel import viewer
from unet_teach.lessons.l09_look_inside.picture import (
    BROKEN,
    GAP,
    INPUT,
    PALETTE,
    SHADES,
    SIDE,
    SPACE,
    TOP,
    Channels,
    maps_picture,
    montage,
    shades,
)
from unet_teach.lessons.l09_look_inside.readout import (
    correlation,
    edge_strength,
    features_at,
    readout,
)
from unet_teach.models.unet import UNet

CONFIG = UNetConfig(base_channels=3, depth=2, padding="same", batch_norm=True, dropout=0.5)


def small(seed=0):
    torch.manual_seed(seed)
    return UNet(CONFIG)


class Nasty(nn.Module):
    """In-place and shared layers, a tuple, a dictionary, whole numbers, nothing."""

    def __init__(self):
        super().__init__()
        self.relu, self.conv = nn.ReLU(inplace=True), nn.Conv2d(2, 2, 3, padding=1)
        self.split, self.spare = Split(), nn.Conv2d(1, 1, 1)

    def forward(self, x):
        x = self.relu(self.conv(self.relu(x)))
        left, extra = self.split(x)
        return {"left": left, "mean": x.mean((2, 3)), "nothing": None, "extra": extra}


class Split(nn.Module):
    def forward(self, x):
        return x + 1, {"channels": torch.tensor(x.shape[1]), "empty": x[:, :0]}


# ------------------------------------------------------------------------- all layers at once
def test_one_pass_gives_what_single_passes_give():
    model, x = small(), torch.randn(2, 1, 16, 12)
    image = x.clone()
    recorded = record_all(model, x)
    assert set(recorded) - {"dropout (1)", "dropout (2)", OUTPUT} == set(layer_names(model)) - {
        "dropout"
    }
    for name in set(layer_names(model)) - {"dropout"}:
        assert torch.equal(recorded[name], record(model, x, name)), name
    assert torch.equal(recorded["dropout (2)"], record(model, x, "dropout"))
    assert torch.equal(recorded[OUTPUT], record(model, x, "last"))
    assert model.training and torch.equal(x, image)
    assert not any(p._forward_hooks or p._forward_pre_hooks for p in model.modules())


def test_layers_come_in_the_order_in_which_they_start():
    names = list(record_all(small(), torch.randn(1, 1, 8, 8)))
    assert names[:3] == ["contract.0", "contract.0.0", "contract.0.1"]
    assert names.index("expand.1") < names.index("expand.0") < names.index("last")
    assert names[-1] == OUTPUT


def test_what_a_nasty_network_gives_is_recorded():
    model, x = Nasty(), torch.randn(1, 2, 5, 4)
    image = x.clone()
    recorded = record_all(model, x)
    assert list(recorded) == [
        "relu (1)", "conv", "relu (2)", "split[0]", "split[1]['channels']",
        "(output)['left']", "(output)['mean']", "(output)['extra']['channels']",
    ]  # fmt: skip
    expected = model.conv(image.clamp(min=0))
    torch.testing.assert_close(recorded["conv"], expected)  # not overwritten
    torch.testing.assert_close(recorded["relu (1)"], image.clamp(min=0))
    torch.testing.assert_close(recorded["relu (2)"], expected.clamp(min=0))
    assert recorded["conv"].min() < 0 and recorded["split[1]['channels']"].item() == 2
    assert torch.equal(x, image)


def test_arguments_may_be_a_tuple_or_a_dictionary():
    class Sum(nn.Module):
        def forward(self, a, b):
            return a + b

    a, b = torch.ones(2), torch.full((2,), 3.0)
    for x in ((a, b), {"b": b, "a": a}):
        assert record_all(Sum(), x)[OUTPUT].tolist() == [4, 4]


def test_a_pass_keeps_only_what_is_asked_for_and_has_a_limit():
    model, x = small(), torch.randn(1, 1, 8, 8)
    assert list(record_all(model, x, ["last", "contract.1"])) == ["contract.1", "last"]
    with pytest.raises(ValueError, match="more than 0 MB; give a smaller image"):
        record_all(model, x, limit=100)
    assert not any(p._forward_hooks or p._forward_pre_hooks for p in model.modules())


# --------------------------------------------------------------------------- measured fields
def box(field):
    rows, columns = (np.flatnonzero((field > 0).any(axis=axis)) for axis in (1, 0))
    return rows[0], rows[-1], columns[0], columns[-1]


@pytest.mark.parametrize("pixel", [(0, 0), (9, 14), (17, 5)])
def test_fields_of_the_output_are_those_of_lesson_02(pixel):
    model = small()
    fields = Fields(model, torch.rand(1, 1, 40, 48))
    assert fields.box(OUTPUT, *pixel) == box(measured_receptive_field(model, (40, 48), pixel))
    assert fields.box("contract.0.0", *pixel) == (
        max(pixel[0] - 1, 0), pixel[0] + 1, max(pixel[1] - 1, 0), pixel[1] + 1
    )  # fmt: skip


def test_fields_of_another_network_and_of_inputs_that_are_no_image():
    model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2))
    fields = Fields(model, torch.rand(1, 2, 12, 12))
    assert fields.box("2", 1, 2) == (2, 5, 4, 7)
    assert fields.box("no such layer", 0, 0) is None
    assert Fields(nn.Linear(3, 2), torch.rand(1, 3)).box(OUTPUT, 0, 0) is None
    nasty = Fields(Nasty(), torch.rand(1, 2, 6, 6))
    assert nasty.box("split[1]['channels']", 0, 0) is None  # a count has no gradient
    assert nasty.box("(output)['mean']", 0, 0) == (0, 5, 0, 5)


# ------------------------------------------------------------------------------- read-outs
def test_features_are_those_of_the_pixel_that_covers_the_place():
    model, images = small(), torch.randn(2, 1, 16, 16)
    pixels = torch.tensor([[[0, 0], [15, 3]], [[7, 8], [2, 14]]])
    found = features_at(model, images, ["contract.1", "last"], pixels)
    maps = record(model, images, "contract.1")
    assert torch.allclose(found["contract.1"][0, 1], maps[0, :, 7, 1], atol=1e-5)
    assert torch.allclose(found["contract.1"][1, 0], maps[1, :, 3, 4], atol=1e-5)
    assert found["last"].shape == (2, 2, 2)


def test_the_readout_is_ridge_regression():
    generator = torch.Generator().manual_seed(0)
    x, noise = torch.randn(60, 4, generator=generator), torch.randn(60, generator=generator)
    y = x @ torch.tensor([1.0, 0.0, -2.0, 0.5]) + noise
    a = np.asarray((x[:30] - x[:30].mean(0)) / x[:30].std(0), float)
    b = np.asarray((x[30:] - x[:30].mean(0)) / x[:30].std(0), float)
    level = float(y[:30].mean())
    padded = np.concatenate([a, np.sqrt(0.1 * 30) * np.eye(4)])  # ridge as more equations
    weights = np.linalg.lstsq(padded, np.r_[y[:30].numpy() - level, np.zeros(4)])[0]
    wrong = y[30:].numpy() - level - b @ weights
    expected = 1 - (wrong**2).mean() / y[30:].numpy().var()
    assert readout(x[:30], y[:30], x[30:], y[30:]) == pytest.approx(expected, abs=1e-4)
    assert readout(x[:30], y[:30], noise[:30, None].expand(30, 4), y[30:]) < 0.1


def test_edge_strength_is_scipys():
    image = np.random.default_rng(0).normal(size=(20, 25)).astype(np.float32)
    soft = ndimage.gaussian_filter(image, 1, mode="nearest", truncate=3)
    rows, columns = np.gradient(soft)
    ours = edge_strength(torch.from_numpy(image)[None, None])[0, 0].numpy()
    np.testing.assert_allclose(ours[1:-1, 1:-1], np.hypot(rows, columns)[1:-1, 1:-1], atol=1e-5)
    assert ours.shape == image.shape


def test_the_correlation_is_numpys():
    maps, wanted = torch.randn(2, 3, 4, 4), torch.randn(2, 1, 8, 8)
    wanted_small = wanted.reshape(2, 4, 2, 4, 2).mean((2, 4))
    expected = np.corrcoef(maps[1, 2].flatten(), wanted_small[1].flatten())[0, 1]
    assert correlation(maps, wanted)[1, 2].item() == pytest.approx(expected, abs=1e-5)


# -------------------------------------------------------------------------------- the picture
def pngs(picture):
    data = re.findall(r'href="data:image/png;base64,([^"]+)"', picture.body)
    return [Image.open(io.BytesIO(base64.b64decode(text))) for text in data]


def channels(pictures, together=True):
    pictures = np.asarray(pictures, float)
    low, high = np.fmin.reduce(pictures, axis=(1, 2)), np.fmax.reduce(pictures, axis=(1, 2))
    return Channels("N", pictures, 0, low, high, pictures, together)


TWO = [[[0, 1], [2, 4]], [[0, 0.1], [0.2, 0.4]]]


@pytest.mark.parametrize("together, second", [(True, [0, 1, 2, 3]), (False, [0, 8, 16, 31])])
def test_one_scale_for_all_or_one_each(together, second):
    sides = [channels(TWO, together)]
    picture = maps_picture(None, sides, "L", 0, (0, 0), None, (1, 1))
    (image,) = pngs(picture)
    entries = np.asarray(image)
    assert image.mode == "P" and image.getpalette()[: len(PALETTE)] == PALETTE
    assert entries[:, :2].flatten().tolist() == [0, 8, 16, 31]
    assert (entries[:, 2] == GAP).all()
    assert entries[:, 3:].flatten().tolist() == second
    assert ("one colour scale" in picture.alt) == together


def test_what_is_not_finite_and_what_never_changes():
    values = np.array([[[np.nan, 1.0], [np.inf, 3.0]], [[5.0, 5.0], [5.0, 5.0]]])
    entries = shades(values, np.array([1.0, 5.0]), np.array([3.0, 5.0]))
    assert entries[0].tolist() == [[BROKEN, 0], [BROKEN, SHADES - 1]]
    assert (entries[1] == 0).all()
    sides = [channels(np.where(np.isinf(values), 2, values))]
    words = maps_picture(None, sides, "L", 0, (0, 0), None, (1, 1)).text
    assert "not a number" in words


@pytest.mark.parametrize("count, shape", [(1, (3, 4)), (5, (2, 2)), (64, (7, 7)), (6, (1, 9))])
def test_a_montage_keeps_every_channel_at_its_place(count, shape):
    pictures = np.random.default_rng(0).integers(0, 60, (count, *shape)).astype(np.uint8)
    whole, columns = montage(pictures)
    for number, picture in enumerate(pictures):
        top, left = number // columns * (shape[0] + 1), number % columns * (shape[1] + 1)
        assert (whole[top : top + shape[0], left : left + shape[1]] == picture).all()
    assert max(whole.shape) < 4 * min(whole.shape) or count == 1


def test_field_and_pixel_are_drawn_where_they_are():
    image = np.arange(40 * 80, dtype=float).reshape(40, 80)
    sides = [channels(np.zeros((1, 20, 40)))]
    picture = maps_picture(image, sides, "L", 0, (10, 4), (8, 23, 0, 15), (40, 80))
    unit = INPUT / 80
    frame = f'<rect x="0" y="{TOP + 8 * unit:g}" width="{16 * unit:g}" height="{16 * unit:g}"'
    assert f'{frame} fill="none" stroke="{VERMILLION}"' in picture.body
    x, y = (4 + 0.5) / 40 * INPUT, TOP + (10 + 0.5) / 20 * 40 * unit
    assert f"M {x - 5:.1f} {y:.1f} h 10" in picture.body
    step = SIDE / 40  # the pixel in the large channel
    left, top = INPUT + SPACE + 4 * step - 2, TOP + 10 * step - 2
    assert f'<rect x="{left:g}" y="{top:g}" width="{step + 4:g}"' in picture.body
    assert "rows 8 to 23, columns 0 to 15 (16 × 16)" in picture.text
    assert "sees rows 8 to 23, columns 0 to 15" in picture.alt


def test_bars_are_as_long_as_their_values():
    pictures = np.zeros((3, 2, 2))
    pictures[:, 1, 0] = 2.0, -1.0, 0.5
    picture = maps_picture(None, [channels(pictures)], "L", 1, (1, 0), None, (1, 1))
    heights = [float(h) for h in re.findall(r"h 24\.0 v (-?[\d.]+) h", picture.body)]
    assert sorted(heights) == [-36, -9, 18]  # up is negative; the largest takes half of 72
    chosen = re.search(rf'd="([^"]+)" fill="{VERMILLION}"', picture.body)[1]
    assert "v 18.0" in chosen and "v -36" not in chosen


def test_a_channel_without_a_number_is_no_bar_of_no_length():
    pictures = np.zeros((3, 2, 2))
    pictures[1] = np.nan
    pictures[2] = 1.0
    body = maps_picture(None, [channels(pictures)], "L", 0, (0, 0), None, (1, 1)).body
    marks = re.findall(r"<tspan[^>]*>✕</tspan>", body)
    left, step = INPUT + SPACE, SIDE / 3
    assert len(marks) == 1 and f'x="{left + 1.5 * step:g}"' in marks[0]


def test_which_channels_the_bars_are_of_is_said_where_there_are_more():
    pictures = np.ones((70, 1, 1))
    for channel, said in ((3, "channels 0 to 63 of 70 here"), (66, "channels 64 to 69 of 70")):
        side = replace(channels(pictures), first=64 * (channel // 64))
        side = replace(side, pictures=pictures[side.first : side.first + 64])
        body = maps_picture(None, [side], "L", channel, (0, 0), None, (1, 1)).body
        assert said in body
    few = maps_picture(None, [channels(pictures[:64])], "L", 3, (0, 0), None, (1, 1)).body
    assert "channels 0" not in few and "value of each channel" in few


# --------------------------------------------------------------------------------- the viewer
@pytest.fixture(scope="module")
def panel():
    return viewer()


@pytest.fixture
def ours():
    x = torch.randn(1, 1, 16, 24, generator=torch.Generator().manual_seed(3))
    return small(), small(1), x


def test_the_viewer_shows_what_the_layer_gives(ours):
    model, other, x = ours
    panel = viewer(model, x, other, pixel=(3, 20))
    panel.set(layer="expand.1", channel=4, row=2, column=9)
    values = [record(m, x, "expand.1")[0, 4, 2, 9].item() for m in (model, other)]
    alt = panel.picture.alt
    said = dict(zip(("this network", "the other"), values, strict=True))
    assert all(f"{name}: {value:.3g} (" in alt for name, value in said.items())
    maps = record(model, x, "expand.1")[0].numpy()
    entries = np.asarray(pngs(panel.picture)[1])
    full = np.full(6, maps.min()), np.full(6, maps.max())
    assert (entries == montage(shades(maps, *full))[0]).all()
    panel.set(together=False, large=True)
    alone = np.asarray(pngs(panel.picture)[2])
    theirs = record(other, x, "expand.1")[0, 4:5].numpy()
    expected = shades(theirs, theirs.min((1, 2)), theirs.max((1, 2)))[0]
    assert (alone == expected).all() and alone.shape == (8, 12)
    assert measured(panel) == Fields(model, x).box("expand.1", 2, 9)


def measured(panel):
    found = re.search(r"rows (\d+) to (\d+), columns (\d+) to (\d+)", panel.picture.alt)
    return tuple(map(int, found.groups()))


@pytest.mark.parametrize(
    "name, value",
    [("layer", "contract.1"), ("channel", 3), ("row", 2), ("column", 5), ("together", False),
     ("large", True)],
)  # fmt: skip
def test_every_control_changes_the_picture(panel, name, value):
    before, old = panel.picture, panel.controls[name].value
    panel.controls[name].value = value
    assert panel.picture.body != before.body and panel.problem == ""
    panel.controls[name].value = old


def test_the_default_is_trained_beside_untrained(panel):
    assert "contract.0 of trained and of untrained" in panel.picture.alt
    image, *maps = pngs(panel.picture)
    assert "16 × 128 × 128" in panel.picture.alt and image.size == (128, 128)
    assert [one.size for one in maps] == [(4 * 42 - 1, 4 * 42 - 1)] * 2  # thumbnails of 41 × 41


def test_the_untrained_network_costs_no_random_number():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    one, two = (untrained_like(small(), seed) for seed in (0, 0))
    torch.manual_seed(5)
    other = untrained_like(one, seed=1)
    assert torch.equal(torch.rand(3), expected) and not other.training
    assert torch.equal(one.last.weight, two.last.weight)
    assert not torch.equal(one.last.weight, other.last.weight)


def test_a_move_is_one_small_message(panel):
    sent = []
    panel._shown.observe(lambda change: sent.append(len(change["new"])), names="value")
    panel.set(layer="contract.0", row=100, column=120, channel=15)
    moves = [("layer", "contract.4"), ("channel", 200), ("row", 1), ("together", False)]
    moves += [("large", True), ("layer", "expand.0"), ("layer", "contract.0.1")]
    for name, value in moves:
        sent.clear()
        panel.controls[name].value = value
        assert len(sent) == 1 and sent[0] < 150_000, (name, sent)
    panel.set(layer="contract.0", large=False, together=True, channel=0)


def test_the_sliders_fit_the_layer_and_the_pixel_stays_where_it_is(panel):
    panel.set(layer="contract.0", row=100, column=120, channel=15)
    panel.controls["layer"].value = "contract.4"
    sliders = {name: panel.controls[name] for name in ("channel", "row", "column")}
    assert {n: (s.value, s.max) for n, s in sliders.items()} == {
        "channel": (15, 255), "row": (6, 7), "column": (7, 7)
    }  # fmt: skip
    sliders["channel"].value = 255
    assert "Channel 255" in panel.picture.text and "channel 192:" in panel.picture.body
    panel.controls["layer"].value = "last"
    assert (sliders["channel"].value, sliders["channel"].max) == (1, 1)
    assert sliders["row"].max == 127 and 96 <= sliders["row"].value < 112
    panel.set(layer="contract.0", channel=0)


def test_the_pixel_does_not_drift_from_layer_to_layer(panel):
    panel.set(layer="contract.0", row=64, column=3, channel=0)
    for name in ("contract.4", "contract.2", "last", "contract.4", "contract.0"):
        panel.controls["layer"].value = name
    assert (panel.values["row"], panel.values["column"]) == (64, 3)
    panel.controls["layer"].value = "contract.4"
    assert panel.values["row"] == 4
    panel.controls["row"].value = 1  # chosen here: a pixel of 16 × 16
    panel.controls["layer"].value = "contract.0"
    assert (panel.values["row"], panel.values["column"]) == (24, 3)
    panel.set(row=64, column=64)


def test_any_module_can_be_looked_at(monkeypatch):
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    panel = viewer(Nasty(), torch.randn(2, 2, 9, 7))
    for _label, name in panel.controls["layer"].options:
        panel.set(layer=name)
        assert panel.problem == "" and name in panel.picture.alt.replace("&#x27;", "'")
    assert "80 × 1 × 1" in viewer(nn.Linear(3, 80), torch.randn(1, 3)).picture.alt
    lstm = viewer(nn.LSTM(2, 3), torch.zeros(1, 4, 2))
    assert "not an image" in lstm.picture.body and "cannot be measured" in lstm.picture.alt
    broken = nn.Conv2d(1, 2, 3)
    nn.init.constant_(broken.weight, float("nan"))
    assert "not a number" in viewer(broken, torch.rand(1, 1, 5, 5)).picture.text


def test_a_layer_that_the_other_lacks_is_said():
    one, two = (nn.Sequential(nn.Conv2d(1, c, 3)) for c in (2, 3))
    assert "has no such layer" in viewer(one, torch.rand(1, 1, 5, 5), two).picture.body


def test_an_array_is_standardised(ours):
    model, _other, _x = ours
    grey = np.random.default_rng(0).integers(0, 255, (16, 16)).astype(np.uint8)
    x = torch.from_numpy((grey - grey.mean()) / grey.std()).float()[None, None]
    value = record(model, x, "contract.0")[0, 0, 8, 8].item()
    alt = viewer(model, grey).picture.alt
    assert float(re.search(r"this network: (\S+) ", alt)[1]) == pytest.approx(value, rel=0.01)


def test_what_cannot_be_shown_is_said(ours):
    model, _other, x = ours
    with pytest.raises(ValueError, match=r"pixel \(16, 0\) is outside of contract.0"):
        viewer(model, x, pixel=(16, 0))
    with pytest.raises(ValueError, match=r"image has shape \(3, 8, 8\)"):
        viewer(model, np.zeros((3, 8, 8)))

    class Silent(nn.Module):
        def forward(self, x):
            return "done"

    with pytest.raises(ValueError, match="no layer of this network gives numbers"):
        viewer(Silent(), x)


def test_strict_every_end_of_every_control(monkeypatch, ours):
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    viewer(ours[0], ours[2], ours[1])
