"""Lesson 09: all layers in one pass against one at a time, read-outs, the viewer's picture."""

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import nn
from torch.nn import functional as F

from unet_teach.config import UNetConfig
from unet_teach.data.membranes import synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.inspection import layer_names, measured_receptive_field, record
from unet_teach.lessons.l09_look_inside.boxes import boxed
from unet_teach.lessons.l09_look_inside.maps import OUTPUT, Fields, record_all
from unet_teach.lessons.l09_look_inside.measure import untrained_like
from unet_teach.lessons.l09_look_inside.panel import viewer
from unet_teach.lessons.l09_look_inside.picture import BROKEN, SHADES, montage, shades
from unet_teach.lessons.l09_look_inside.readout import (
    correlation,
    edge_strength,
    features_at,
    readout,
)
from unet_teach.lessons.l09_look_inside.trace import traced
from unet_teach.lessons.l09_look_inside.why import reasons
from unet_teach.models.pretrained import pretrained
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
def test_what_is_not_finite_and_what_never_changes():
    values = np.array([[[np.nan, 1.0], [np.inf, 3.0]], [[5.0, 5.0], [5.0, 5.0]]])
    entries = shades(values, np.array([1.0, 5.0]), np.array([3.0, 5.0]))
    assert entries[0].tolist() == [[BROKEN, 0], [BROKEN, SHADES - 1]]
    assert (entries[1] == 0).all()


@pytest.mark.parametrize("count, shape", [(1, (3, 4)), (5, (2, 2)), (64, (7, 7)), (6, (1, 9))])
def test_a_montage_keeps_every_channel_at_its_place(count, shape):
    pictures = np.random.default_rng(0).integers(0, 60, (count, *shape)).astype(np.uint8)
    whole, columns = montage(pictures)
    for number, picture in enumerate(pictures):
        top, left = number // columns * (shape[0] + 1), number % columns * (shape[1] + 1)
        assert (whole[top : top + shape[0], left : left + shape[1]] == picture).all()
    assert max(whole.shape) < 4 * min(whole.shape) or count == 1


# --------------------------------------------------------------------- the graph of a pass
class Residual(nn.Module):
    """Functions without a module, joins, a shared layer, in-place steps, two outputs."""

    def __init__(self):
        super().__init__()
        self.first, self.shared = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.norm, self.head = nn.BatchNorm2d(4), nn.Conv2d(8, 2, 1)
        self.register_buffer("runs", torch.zeros(1))

    def forward(self, x):
        self.runs += 1
        x = F.relu(self.norm(self.first(x)))
        y = F.relu(self.shared(x), inplace=True)
        y = self.shared(F.dropout(y, 0.5, training=True))
        y += x
        low = F.max_pool2d(y.relu_(), 2)
        up = F.interpolate(low, scale_factor=2)
        return {"out": self.head(torch.cat([y, up], 1)), "mean": low.mean((2, 3))}


def graph(trace):
    """Name -> the names of what went in."""
    return {s.name: [trace.steps[p].name for p in s.parents] for s in trace.steps}


def test_functions_and_joins_are_steps():
    torch.manual_seed(0)
    found = traced(Residual(), torch.randn(1, 3, 8, 8))
    assert graph(found) == {
        "input": [], "first": ["input"], "norm": ["first"], "relu": ["norm"],
        "shared": ["relu"], "relu (2)": ["shared"], "dropout": ["relu (2)"],
        "shared (2)": ["dropout"], "add": ["shared (2)", "relu"], "relu (3)": ["add"],
        "max_pool2d": ["relu (3)"], "interpolate": ["max_pool2d"],
        "cat": ["relu (3)", "interpolate"], "head": ["cat"], "mean": ["max_pool2d"],
    }  # fmt: skip
    assert {place: found.steps[n].name for place, n in found.outputs.items()} == {
        "['out']": "head", "['mean']": "mean"
    }  # fmt: skip
    assert found.note == "" and found.number("nobody") is None
    assert found.steps[found.number("add")].maps.min() < 0  # kept before it was overwritten


def test_steps_hold_what_a_hook_gets():
    model, x = small(), torch.randn(1, 1, 16, 12)
    found, due = traced(model, x), record_all(model, x)
    layers = [s for s in found.steps if s.name in due]
    assert len(layers) == 34  # five blocks of six, up-convolutions, the last, a dropout
    for step in layers:
        assert torch.equal(step.maps, due[step.name]), step.name


def untouched(model, act):
    """Run something, and see that the network and torch are as they were."""
    torch.manual_seed(5)
    state = {name: value.clone() for name, value in model.state_dict().items()}
    buffers, flags = list(map(id, model.buffers())), [p.training for p in model.modules()]
    random = torch.get_rng_state()
    act()
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert list(map(id, model.buffers())) == buffers and torch.equal(
        random, torch.get_rng_state()
    )
    assert [p.training for p in model.modules()] == flags
    assert not any(p._forward_hooks or p._forward_pre_hooks for p in model.modules())
    assert all(p.grad is None for p in model.parameters())


def test_the_network_comes_back_as_it_was():
    model = Residual()
    model.norm.eval()

    def look():
        panel = viewer(model, torch.randn(1, 3, 8, 8, generator=torch.Generator()))
        panel.set(layer="cat", cuts=[["relu (3)", "cat"]], edits=[["first", 0, 0]])
        assert panel.problem == ""

    untouched(model, look)


def test_an_edit_is_what_a_hook_would_do():
    model, x = small().eval(), torch.randn(1, 1, 16, 16)
    found = traced(model, x, edits=[["contract.1.5", 2, 50]])

    def halve(_part, _inputs, output):
        output[:, 2] *= 0.5

    handle = model.contract[1][5].register_forward_hook(halve)
    due = model(x)
    handle.remove()
    torch.testing.assert_close(found.output, due.detach())
    assert not torch.equal(found.output, model(x))


def test_a_cut_skip_silences_half_of_a_join():
    model, x = small().eval(), torch.randn(1, 1, 16, 16)
    found = traced(model, x, cuts=[["contract.0.5", "cat (2)"]])
    weight = model.expand[0][0].weight
    with torch.no_grad():
        weight[:, :3] = 0  # the channels of the skip come first
    torch.testing.assert_close(found.output, model(x).detach())


def test_a_cut_skip_is_named_by_its_level():
    panel = viewer()
    panel.set(cuts=[["contract.1.5", "cat (3)"]])
    assert "arrive at the join on level 1 in place" in panel.answer["because"]


def test_a_network_without_a_graph_is_shown_module_by_module():
    class Proud(nn.Module):  # refuses to be listened to
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Conv2d(1, 2, 1), nn.Conv2d(2, 2, 1)

        def forward(self, x):
            if torch.overrides._get_current_function_mode_stack():
                raise RuntimeError("no modes here")
            return self.b(self.a(x).abs())

    panel = viewer(Proud(), torch.rand(1, 1, 5, 5))
    assert "no modes here" in panel.given["note"]
    assert [box["name"] for box in panel.given["boxes"]] == ["input", "a", "b"]


# ------------------------------------------------------------------------------ boxes and lines
def test_a_u_is_drawn_as_a_u_and_others_as_they_flow():
    x = torch.randn(1, 1, 32, 32)
    boxes = boxed(traced(small(), x))
    assert [(b.level, b.side) for b in boxes if b.side != "up"] == [
        *[(0, "down")] * 3, *[(1, "down")] * 3, *[(2, "bottom")] * 3
    ]  # fmt: skip
    assert [b.level for b in boxes if b.side == "up"] == [1] * 4 + [0] * 5
    valid = UNet(UNetConfig(base_channels=2, depth=3))
    assert {b.side for b in boxed(traced(valid, torch.zeros(1, 1, 92, 92)))} == {
        "down", "bottom", "up"
    }  # fmt: skip
    flow = boxed(traced(nn.Sequential(nn.Conv2d(1, 2, 3, 2), nn.ReLU(), nn.MaxPool2d(2)), x))
    assert [b.side for b in flow] == ["flow"] * 3


# --------------------------------------------------------------------------------- the viewer
@pytest.fixture(scope="module")
def panel():
    return viewer()


@pytest.fixture
def ours():
    x = torch.randn(1, 1, 16, 24, generator=torch.Generator().manual_seed(3))
    return small(), small(1), x


def test_an_answer_is_what_the_layer_gives(ours):
    model, other, x = ours
    panel = viewer(model, x, other, pixel=(4, 18))
    panel.set(layer="expand.1", channel=4)
    maps = record(model, x, "expand.1")[0].numpy()  # 6 × 8 × 12
    found = panel.answer
    assert found["step"] == "expand.1.5" and found["cell"] == [2, 9]
    assert found["value"] == f"{maps[4, 2, 9]:.3g}"
    order = np.argsort(-maps.std((1, 2)), kind="stable").tolist()
    assert found["order"] == order
    assert found["at"] == [f"{maps[c, 2, 9]:.2g}" for c in order]
    levels = 8 * np.rint(31 * maps[order] / maps.max())  # after a ReLU: from 0
    assert (found["tiles"] == levels).all() and (found["large"] == 8 * np.rint(
        31 * maps[4] / maps.max())).all()  # fmt: skip
    assert found["field"] == Fields(model, x).box("expand.1", 2, 9)
    panel.set(version=0)
    theirs = record(other, x, "expand.1")[0].numpy()
    assert panel.answer["value"] == f"{theirs[4, 2, 9]:.3g}"


def test_a_field_of_a_function_is_that_of_what_it_reads(panel):
    panel.set(layer="cat (4)", row=40, column=41)
    cat = panel.answer["field"]
    fields = Fields(pretrained("membranes"), torch.zeros(1, 1, 64, 64))
    first, last = fields.box("contract.0", 40, 41), fields.box("upsamplers.0", 40, 41)
    assert cat == tuple(f(a, b) for f, a, b in zip((min, max) * 2, first, last, strict=True))
    panel.set(**panel.first)


def test_reasons_add_up_to_torch_s_own_number():
    torch.manual_seed(0)
    for conv in (
        nn.Conv2d(4, 6, 3, padding=1), nn.Conv2d(4, 6, 3, 2, 2, 2, groups=2),
        nn.Conv2d(4, 6, (3, 5), padding="same", padding_mode="reflect", bias=False),
    ):  # fmt: skip
        x = torch.randn(1, 4, 9, 11)
        due = conv(x)[0]
        for channel, row, column in ((0, 0, 0), (5, 2, 3), (3, due.shape[1] - 1, 0)):
            found = reasons(conv, x, channel, row, column)
            assert found["total"] == pytest.approx(due[channel, row, column].item(), abs=1e-5)
            sums = [np.sum(np.array(p["patch"]) * p["kernel"]) for p in found["parts"]]
            assert sums == pytest.approx([p["sum"] for p in found["parts"]])
            assert sum(sums) + found["rest"] + found["bias"] == pytest.approx(found["total"])
    assert reasons(nn.ReLU(), x, 0, 0, 0) is None


def test_why_ends_at_the_number_that_is_shown(panel):
    panel.set(layer="contract.1.5")  # a ReLU, after a convolution and a batch norm
    answer, why = panel.answer, panel.answer["why"]
    assert [word for word, _number in why["then"]] == ["norm", "ReLU"]
    normed, shown = (float(number) for _word, number in why["then"])
    assert why["then"][-1][1] == answer["value"] and shown == max(normed, 0)
    panel.set(edits=[["contract.1.5", answer["channel"], 0]])
    assert not panel.answer["why"]["then"]  # a hand made it 0, not the ReLU
    panel.set(layer="contract.1.3", edits=[])
    assert not panel.answer["why"]["then"]  # the convolution itself
    panel.set(**panel.first)


def test_channels_are_sorted_by_likeness_to_the_labels(panel):
    panel.set(layer="expand.0.5", sort="labels")
    tissue = synthetic_membranes(1, size=80, seed=33)
    image, labels = (all_of[0][8:72, 8:72] for all_of in (tissue.images, tissue.labels))
    x = torch.from_numpy(standardise(image))[None, None]
    maps = record(pretrained("membranes"), x, "expand.0.5")[0].flatten(1).numpy()
    r = [np.corrcoef(one, labels.ravel())[0, 1] for one in maps]
    assert panel.answer["order"] == np.argsort(-np.abs(r)).tolist()
    assert panel.answer["likeness"][0] == f"{r[panel.answer['order'][0]]:.2f}"
    panel.set(**panel.first)


def test_dead_channels_are_found(ours):
    model, _other, x = ours
    with torch.no_grad():
        model.contract[0][4].weight[1], model.contract[0][4].bias[1] = 0, -1
    panel = viewer(model, x)
    panel.set(layer="contract.0.5")
    assert panel.answer["dead"] == [1] and "Dead channels: 1" in panel.answer["said"]


def test_the_outcome_of_a_cut_is_counted(panel):
    panel.ask("And without a skip?")
    (a, b), model = panel.settings["cuts"][0], pretrained("membranes")
    tissue = synthetic_membranes(1, size=80, seed=33)
    x = torch.from_numpy(standardise(tissue.images[0][8:72, 8:72]))[None, None]
    before, now = (traced(model, x, cuts=c).output.argmax(1) for c in ([], [[a, b]]))
    assert panel.answer["flipped"] == int((before != now).sum()) > 50
    names = [panel.given["boxes"][i]["name"] for i in panel.answer["changed"]]
    assert names[0] == "cat (2)" and names[-4:] == [
        "cat (4)",
        "expand.0.2",
        "expand.0.5",
        "last",
    ]
    panel.set(**panel.first)


def test_checkpoints_are_looked_at_with_one_copy(ours):
    model, other, x = ours
    wrapped = {f"module.{name}": value for name, value in other.state_dict().items()}
    panel = viewer(model, x, checkpoints=[wrapped, model.state_dict()])
    panel.set(layer="last", version=0)
    due = record(other, x, "last")[0, panel.answer["channel"]]
    assert panel.answer["value"] == f"{due[8, 12].item():.3g}"
    assert panel.given["versions"] == ["checkpoint 1", "checkpoint 2", "this network"]
    panel.set(version=1)
    assert panel.answer["changed"] == [] and panel.answer["shift"] == 0


def test_answers_carry_what_is_shown():
    parts = [nn.Conv2d(8 if n else 1, 8, 3, padding=1) for n in range(40)]
    deep = nn.Sequential(*parts)
    shallow = viewer(deep[:4], torch.rand(1, 1, 32, 32))
    full = viewer(deep, torch.rand(1, 1, 32, 32))

    def bytes_of(p):
        return sum(v.size for v in p.answer.values() if isinstance(v, np.ndarray))

    assert bytes_of(full) == bytes_of(shallow) < 20_000
    assert all(max(box["thumb"]) <= 48 for box in full.given["boxes"])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_looked_at(dtype):
    panel = viewer(small().to(dtype), np.random.default_rng(0).random((16, 16)))
    assert panel.problem == "" and panel.answer["field"] is not None


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


def test_any_module_can_be_looked_at(monkeypatch):
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    with torch.no_grad():
        panel = viewer(Nasty(), torch.randn(2, 2, 9, 7))
    for box in panel.given["boxes"]:
        for name, _word in box["steps"]:
            panel.set(layer=name)
            assert panel.problem == "" and name in panel.picture.alt
    assert "80 × 1 × 1" in viewer(nn.Linear(3, 80), torch.randn(1, 3)).picture.alt
    lstm = viewer(nn.LSTM(2, 3), torch.zeros(1, 4, 2))
    assert "the input is no image" in lstm.picture.alt
    heads = viewer(nn.MultiheadAttention(4, 2), (torch.rand(5, 1, 4),) * 3)
    assert heads.given["boxes"][-1]["name"] == "MultiheadAttention"
    broken = nn.Conv2d(1, 2, 3)
    nn.init.constant_(broken.weight, float("nan"))
    assert (viewer(broken, torch.rand(1, 1, 5, 5)).answer["large"] == 255).all()


def test_an_array_is_standardised(ours):
    model, _other, _x = ours
    grey = np.random.default_rng(0).integers(0, 255, (16, 16)).astype(np.uint8)
    x = torch.from_numpy((grey - grey.mean()) / grey.std()).float()[None, None]
    panel = viewer(model, grey)
    panel.set(layer="contract.0", channel=0)
    due = record(model, x, "contract.0")[0, 0, 8, 8].item()
    assert float(panel.answer["value"]) == pytest.approx(due, rel=0.01)


def test_what_cannot_be_shown_is_said(ours):
    model, _other, x = ours
    with pytest.raises(ValueError, match=r"pixel \(16, 0\) is outside of the image"):
        viewer(model, x, pixel=(16, 0))
    with pytest.raises(ValueError, match=r"image has shape \(3, 8, 8\)"):
        viewer(model, np.zeros((3, 8, 8)))

    class Silent(nn.Module):
        def forward(self, x):
            return "done"

    with pytest.raises(ValueError, match="no layer of this network gives numbers"):
        viewer(Silent(), x)
    wrong = viewer(model, torch.rand(1, 3, 16, 16))
    assert "due is (B, 1, H, W)" in wrong.problem and wrong.problem in wrong.picture.alt
    panel = viewer(model, x)
    panel.set(layer="contract.0.55")
    assert "There is no layer 'contract.0.55'." == panel.problem
    assert panel.answer["offers"][0]["layer"] == "contract.0.5"
    panel.set(**{k: v for k, v in panel.answer["offers"][0].items() if k != "words"})
    assert panel.problem == ""


def test_a_network_that_was_trained_since_is_not_mixed_with_what_it_was():
    network, image = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()), torch.rand(1, 1, 12, 12)
    panel = viewer(network, image)
    elsewhere = {**panel.first, "row": 3}
    assert panel.problem == ""
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    network(image).sum().backward()
    optimizer.step()
    assert "has changed since it was opened" in panel.answered(elsewhere)["problem"]
    panel.set(row=3)
    assert "Run the cell again" in panel.problem
    assert "problem" not in viewer(network, image).answered(elsewhere)


def test_each_question_about_the_network_has_its_sentence():
    panel = viewer()
    for question, settings in panel.presets:
        found = panel.answered(settings)
        assert found["because"] and found["said"].endswith(found["because"]), question
        if settings["cuts"] or not settings["version"]:
            pixels = f"{found['flipped']} of {found['pixels']} pixels ({found['share']})"
            assert found["because"].startswith(pixels), question
        elif settings["sort"] == "labels":
            best = f"Channel {found['order'][0]} is most like them"
            assert (
                found["because"].startswith(best) and found["likeness"][0] in found["because"]
            )


def test_where_nothing_is_changed_any_more_nothing_has_changed_on_two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)  # a sum in another order differs in its last bit
    try:
        panel = viewer()
        skips = [skip for box in panel.given["boxes"] for skip in box["skips"]]
        edits = [panel.first | {"cuts": [skip]} for skip in skips] + [
            panel.first | {"edits": [[panel.first["layer"], 0, percent]]}
            for percent in (0, 50, 200)
        ]
        assert all(panel.answered(edit)["changed"] for edit in edits)
        found = panel.answered(panel.first)
    finally:
        torch.set_num_threads(before)
    assert found["changed"] == [] and found["shift"] == 0


def test_labels_are_compared_with_what_a_map_lies_over():
    torch.manual_seed(0)
    image, labels = torch.rand(1, 1, 44, 60), np.random.default_rng(0).random((44, 60)) > 0.5
    frames = {"0": (2, 2), "1": (2, 2), "2": (4, 4)}  # that convolutions take off
    net = nn.Sequential(nn.Conv2d(1, 3, 5), nn.MaxPool2d(2), nn.Conv2d(3, 3, 3))
    panel = viewer(net, image, labels=labels)
    maps = {name: record(net, image, name)[0].numpy() for name in ("0", "1", "2")}
    for name, found in maps.items():
        high, wide = frames[name]
        there = labels[high : 44 - high, wide : 60 - wide].astype(float)
        step = len(there) // found.shape[1]
        there = there.reshape(found.shape[1], step, -1, step).mean((1, 3)).ravel()
        due = [np.corrcoef(one.ravel(), there)[0, 1] for one in found]
        answer = panel.answered(panel.first | {"layer": name, "sort": "labels"})
        assert answer["order"] == np.argsort(-np.abs(due), kind="stable").tolist()
        assert answer["likeness"] == [f"{due[channel]:.2f}" for channel in answer["order"]]


def test_labels_of_another_size_are_refused():
    with pytest.raises(ValueError, match=r"labels have shape \(8, 9\); valid: .*\(8, 8\)"):
        viewer(nn.Conv2d(1, 3, 3), torch.rand(1, 1, 8, 8), labels=np.ones((8, 9)))


def test_only_the_default_network_has_the_name_that_the_book_has_answers_for():
    assert viewer(image=np.eye(64)).name == "viewer"
    assert viewer(nn.Conv2d(1, 3, 3), torch.rand(1, 1, 8, 8)).name == "own_viewer"
    assert viewer(checkpoints=[pretrained("membranes").state_dict()]).name == "own_viewer"
