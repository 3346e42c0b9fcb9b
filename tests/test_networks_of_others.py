"""Networks that were not made here: what they are wrapped in, what they give and need."""

from __future__ import annotations

import warnings
from collections import OrderedDict, namedtuple
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from unet_teach.config import UNetConfig
from unet_teach.data.volume import Volume, standardise
from unet_teach.inspection import influence, layer_names, measured_receptive_field, record
from unet_teach.lessons.l05_crop_or_pad.measure import border_map, by_distance
from unet_teach.lessons.l06_concat_or_add.surgery import probability
from unet_teach.lessons.l09_look_inside.maps import Fields, record_all
from unet_teach.lessons.l09_look_inside.panel import viewer
from unet_teach.lessons.l11_loss_and_weight_map.measure import pull
from unet_teach.lessons.l15_break_it_clinic.measure import treat
from unet_teach.losses import dice_cross_entropy, soft_dice, weighted_cross_entropy
from unet_teach.models import FCN, UNet, UNet3Plus, UNetPlusPlus
from unet_teach.models.architectures import architecture_of, build
from unet_teach.models.pretrained import pretrained, save_weights
from unet_teach.tiling import predict
from unet_teach.training import RunError, TrainConfig, evaluate, iou_by_class, load_model, train
from unet_teach.training import files as run_files

SAME = UNetConfig(padding="same", depth=1, base_channels=2)
IMAGE = np.random.default_rng(0).random((20, 24))


def other(maps=2, seed=0):
    """Somebody's network."""
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, maps, 1)).eval()
    net.config = replace(SAME, out_channels=maps)
    return net


class Then(nn.Module):
    """The same network, and what is done with its output."""

    def __init__(self, change, net=None):
        super().__init__()
        self.net = net or other()
        self.change, self.config = change, getattr(self.net, "config", None)

    def forward(self, x):
        return self.change(self.net(x))


# ------------------------------------------------------------------ one map of logits


def with_one_map(kind):
    torch.manual_seed(0)
    return build(replace(SAME, depth=3, out_channels=1), kind).eval()


@pytest.mark.parametrize("kind", ["unet", "unet_plus_plus", "unet_3plus", "fcn"])
def test_one_map_is_the_logit_of_class_1(kind):
    model = with_one_map(kind)
    found = predict(model, IMAGE)
    pixels = np.pad(standardise(IMAGE), [(0, 4), (0, 0)], mode="reflect")  # 24 × 24
    with torch.no_grad():
        due = model(torch.from_numpy(pixels)[None, None]).sigmoid()[0, 0, :20].numpy()
    assert found.shape == (2, 20, 24) and due.std() > 0.001
    np.testing.assert_allclose(found[1], due, atol=1e-6)
    np.testing.assert_allclose(found.sum(axis=0), 1, atol=1e-6)
    assert model.config.classes == 2


@pytest.mark.parametrize("loss", [weighted_cross_entropy, soft_dice, dice_cross_entropy])
def test_losses_of_one_map_are_those_of_a_second_map_of_zeros(loss):
    logits = torch.randn(2, 1, 5, 6, dtype=torch.float64)
    target = torch.randint(2, (2, 5, 6))
    both = torch.cat([torch.zeros_like(logits), logits], dim=1)
    torch.testing.assert_close(loss(logits, target), loss(both, target))


def test_cross_entropy_of_one_map_is_torch_s_binary_one():
    logits, target = torch.randn(2, 1, 5, 6), torch.randint(2, (2, 5, 6))
    due = F.binary_cross_entropy_with_logits(logits[:, 0], target.float())
    torch.testing.assert_close(weighted_cross_entropy(logits, target), due)
    with pytest.raises(ValueError, match=r"contains 2; 1 map of logits mean classes 0\.\.1"):
        weighted_cross_entropy(logits, target + 1)


def stripes(n=4, size=24):
    labels = np.tile((np.arange(size) // 4 % 2).astype(np.uint8), (n, size, 1))
    noise = np.random.default_rng(0).integers(0, 40, labels.shape)
    return Volume((labels * 150 + noise).astype(np.uint8), labels, "stripes")


def test_one_map_is_trained_judged_and_read_back(tmp_path):
    config = TrainConfig(
        network=replace(SAME, out_channels=1, base_channels=4), steps=60, batch=2, size=24,
        lr=0.03, folds=2, fold=1, average=False, device="cpu", precision="float32",
        memory_format="contiguous", class_weights=(2.0, 1.0),
    )  # fmt: skip
    run = train(config, stripes(), tmp_path)
    assert run.scores.pixel_error < 0.1
    model = load_model(tmp_path)
    assert evaluate(model, stripes()).v_rand > 0.8
    assert min(iou_by_class(model, stripes())) > 0.8
    with pytest.raises(ValueError, match="3 class_weights for 2 classes"):
        replace(config, class_weights=(1.0, 1.0, 1.0))


def test_one_map_has_borders_like_two():
    one = other(1)
    two = Then(lambda z: torch.cat([torch.zeros_like(z), z], 1), one)
    image = torch.rand(1, 1, 16, 16)
    found, due = (by_distance(border_map(net, image, 8, 4))[1] for net in (one, two))
    np.testing.assert_allclose(found, due, atol=1e-7)
    assert due.max() > 0


def test_one_map_is_operated_on():
    model, grey = with_one_map("unet"), np.arange(64, dtype=np.uint8).reshape(8, 8)
    found = probability(model, grey, [1.0] * model.config.depth)
    np.testing.assert_allclose(found, predict(model, grey)[1], atol=1e-6)


@pytest.mark.parametrize("last", [nn.Sigmoid(), nn.Softmax(dim=1)])
def test_probabilities_in_place_of_logits_are_warned_of(last):
    net = other(1 if isinstance(last, nn.Sigmoid) else 2)
    with torch.no_grad():
        net[2].weight.mul_(100)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        predict(net, IMAGE)
        predict(net, np.zeros((8, 8)))
    with pytest.warns(UserWarning, match="between 0 and 1.*leave that last layer out"):
        predict(Then(last, net), IMAGE)


# ------------------------------------------------------------------ wrapped


def traced(net):
    return torch.jit.trace(net, torch.rand(1, 1, 8, 8))


WRAPPED = {
    "trace": traced,
    "script": torch.jit.script,
    "frozen": lambda net: torch.jit.freeze(traced(net)),
    "fx": torch.fx.symbolic_trace,
    "compile": lambda net: torch.compile(net, backend="eager"),
    "DataParallel": nn.DataParallel,
    "both": lambda net: nn.DataParallel(torch.compile(net, backend="eager")),
    "average": torch.optim.swa_utils.AveragedModel,
}


@pytest.mark.parametrize("kind", WRAPPED)
def test_wrapped_networks_predict_the_same(kind):
    net = other()
    config = None if kind in ("compile", "DataParallel", "both", "average") else net.config
    due = predict(net, IMAGE)
    if kind == "script":
        del net.config  # which torch.jit.script cannot take along
    wrapped = WRAPPED[kind](net)
    np.testing.assert_allclose(predict(wrapped, IMAGE, config=config), due, atol=1e-6)


@pytest.mark.parametrize("kind", [UNet, UNetPlusPlus, UNet3Plus, FCN])
def test_our_own_traced_networks_take_other_sizes(kind):
    torch.manual_seed(0)
    config = replace(SAME, depth=3)
    model = kind(config).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the tracer: checks become constants
        small = traced(model)
    found = predict(small, IMAGE, config=config)
    np.testing.assert_allclose(found, predict(model, IMAGE), atol=1e-6)


def test_what_cannot_be_put_into_eval_mode_is_said():
    exported = torch.export.export(other(), (torch.rand(1, 1, 20, 24),)).module()
    with pytest.raises(ValueError, match="no eval mode; give the network that it was exported"):
        predict(exported, IMAGE, config=SAME)


@pytest.mark.parametrize(
    "wrap", [nn.DataParallel, WRAPPED["compile"], WRAPPED["both"], WRAPPED["average"]]
)
def test_wrapped_networks_are_saved_as_what_they_wrap(wrap, tmp_path):
    model = UNet(SAME)
    wrapped = wrap(model)
    assert architecture_of(wrapped) == architecture_of(model)
    run_files.save_model(tmp_path / "model.pt", wrapped)
    state = load_model(tmp_path).state_dict()
    assert all(torch.equal(state[name], value) for name, value in model.state_dict().items())
    save_weights(wrapped, "own", tmp_path)
    assert pretrained("own", tmp_path).config == SAME


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "module._orig_mod."])
def test_prefixed_weights_are_read(prefix, tmp_path):
    model = UNet(SAME)
    weights = {prefix + name: value for name, value in model.state_dict().items()}
    run_files.write_tensors(
        tmp_path / "model.pt", {**architecture_of(model), "weights": weights}
    )
    state = load_model(tmp_path).state_dict()
    assert all(torch.equal(state[name], value) for name, value in model.state_dict().items())


def test_files_that_are_not_a_run_s_say_what_they_are(tmp_path):
    torch.save(nn.DataParallel(UNet(SAME)).state_dict(), tmp_path / "alone.pt")
    with pytest.raises(RunError, match=r"weights alone.*give a model\.pt or checkpoint\.pt"):
        load_model(tmp_path / "alone.pt")
    torch.save(UNet(SAME), tmp_path / "whole.pt")
    torch.jit.save(traced(other()), tmp_path / "traced.pt")
    for name in ("whole.pt", "traced.pt"):
        with pytest.raises(RunError, match=r"a whole network.*could run code"):
            load_model(tmp_path / name)


# ------------------------------------------------------------------ what they give


@dataclass
class Output:
    logits: torch.Tensor
    loss: torch.Tensor | None = None


Named = namedtuple("Named", "logits hidden")


@pytest.mark.parametrize(
    "change",
    [
        lambda y: {"out": y},
        lambda y: {"out": y, "aux": -y},  # torchvision
        lambda y: OrderedDict(loss=y.mean(), logits=y, hidden_states=(y, y)),  # Hugging Face
        lambda y: Output(y, y.mean()),
        lambda y: Named(y, -y),
        lambda y: SimpleNamespace(logits=y),
        lambda y: [y],
        lambda y: (y, None, y.mean()),
        lambda y: {"a": (y,)},
        lambda y: y.half(),
        lambda y: y.bfloat16(),
        lambda y: y.double(),
    ],
)
def test_logits_are_found(change):
    np.testing.assert_allclose(predict(Then(change), IMAGE), predict(other(), IMAGE), atol=2e-3)
    assert influence(Then(change), torch.rand(1, 1, 8, 8), (4, 4)).sum() > 0


def doubled(y):
    return y.repeat_interleave(2, -1).repeat_interleave(2, -2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda y: (y, -y), r"a tuple, holds several maps.*\[0\] \(1, 2, 20, 24\), \[1\]"),
        (lambda y: [y, y[..., ::2, ::2]], "a list, holds several maps"),
        (lambda y: {"a": y, "b": y}, r"a dict, holds several.*\['a'\].*wrap it in a module"),
        (lambda y: None, "a NoneType, holds no map"),
        (lambda y: y.numpy(), "a ndarray, holds no map"),
        (lambda y: y[0], r"no map \(B, K, H, W\) of real numbers: \(2, 20, 24\)"),
        (lambda y: y[None], r"no map.*\(1, 1, 2, 20, 24\)"),
        (lambda y: y + 0j, "no map"),
        (lambda y: y.argmax(1, keepdim=True), "int64: these are classes, not logits"),
        (lambda y: y > 0, "torch.bool: these are classes"),
        (lambda y: y[:, :1], r"out_channels=1 \(one map is the logit of class 1\)"),
        (lambda y: torch.cat([y, y], 1), r"\(1, 2, 20, 24\); set out_channels=4"),
        (lambda y: y[..., ::2, ::2], r"\(1, 2, 10, 12\).*check padding, depth and align"),
        (doubled, r"\(1, 2, 40, 48\).*check padding"),  # its middle would be taken otherwise
        (lambda y: y[..., 1:-1, 1:-1], r"\(1, 2, 18, 22\).*check padding"),
        (lambda y: F.pad(y, (0, 1, 0, 1)), r"\(1, 2, 21, 25\).*check padding"),
        (lambda y: y.movedim(1, -1), r"\(1, 20, 24, 2\).*check padding"),
        (lambda y: y.repeat(2, 1, 1, 1), r"\(2, 2, 20, 24\)"),
        (
            lambda y: y * float("nan"),
            "output holds NaN or infinity, although its weights do not",
        ),
        (lambda y: y / 0, "output holds NaN or infinity"),
    ],
)
def test_what_is_no_map_of_logits_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        predict(Then(change), IMAGE)


def test_a_tile_whose_output_is_larger_than_the_config_says_is_not_cropped_unasked():
    net = UNet(UNetConfig(depth=1, base_channels=2, align="pad"))
    assert predict(net, IMAGE).shape == (2, 20, 24)
    with pytest.raises(ValueError, match="align"):
        predict(net, IMAGE, config=replace(net.config, align="crop"))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (nn.Conv2d(1, 2, 3), r"Conv2d has no config; .* config=UNetConfig\("),
        (lambda x: x, "model is a function; give a network"),
        (nn.Conv2d, "model is Conv2d; give a network, an object"),
        (nn.Conv2d(1, 2, 3, device="meta"), "'meta'"),
    ],
)
def test_what_is_no_network_with_a_config(model, message):
    with pytest.raises(ValueError, match=message):
        predict(model, IMAGE, config=SAME if "meta" in message else None)


@pytest.mark.parametrize("config", [{"padding": "same"}, SimpleNamespace(hidden_size=3)])
def test_a_config_of_another_kind_can_be_given_beside_it(config):
    net = other()
    due, net.config = predict(net, IMAGE), config
    with pytest.raises(ValueError, match=rf"another kind \({type(config).__name__}\)"):
        predict(net, IMAGE)
    np.testing.assert_array_equal(predict(net, IMAGE, config=SAME), due)


def test_another_number_of_input_channels_is_named():
    net = nn.Conv2d(3, 2, 3, padding=1)
    net.config = SAME
    with pytest.raises(ValueError, match="takes 3 channels, but its config says in_channels=1"):
        predict(net, IMAGE)


def test_half_precision_that_overflows_is_explained():
    net = other().half()
    net[2].weight.data.fill_(60000.0)
    with pytest.raises(ValueError, match=r"65504: try model\.float\(\)"):
        predict(net, IMAGE)


# ------------------------------------------------------------------ weights that are no numbers


def spoilt(model, value=float("nan")):
    with torch.no_grad():
        next(model.parameters()).view(-1)[0] = value
    return model


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_neither_used_nor_saved_nor_read(value, tmp_path):
    model = spoilt(UNet(SAME), value)
    with pytest.raises(ValueError, match=r"weight contract\.0\.0\.weight holds NaN or inf"):
        predict(model, IMAGE)
    for save in (
        lambda: run_files.save_model(tmp_path / "model.pt", model),
        lambda: save_weights(model, "own", tmp_path),
    ):
        with pytest.raises((RunError, ValueError), match=r"contract\.0\.0\.weight"):
            save()
    assert list(tmp_path.iterdir()) == []
    content = {**architecture_of(model), "weights": model.state_dict()}
    run_files.write_tensors(tmp_path / "model.pt", content)
    with pytest.raises(RunError, match=r"model\.pt cannot be used: its weight contract\.0\.0"):
        load_model(tmp_path)


def test_batch_norm_that_is_no_number_is_named():
    model = UNet(replace(SAME, batch_norm=True))
    model.contract[0][1].running_var.fill_(float("nan"))
    with pytest.raises(ValueError, match="running_var"):
        predict(model, IMAGE)


def test_a_last_step_to_nowhere_leaves_the_checkpoint_before_it(tmp_path, monkeypatch):
    """The loss of the last step is still a number; what the step leaves is not."""
    config = TrainConfig(
        network=SAME, steps=4, batch=1, size=24, folds=2, fold=1, average=False, device="cpu",
        precision="float32", memory_format="contiguous", checkpoint_every=2,
    )  # fmt: skip
    step = torch.optim.Adam.step
    taken = []

    def last_one_fails(self, *arguments):
        step(self, *arguments)
        taken.append(1)
        if len(taken) == 4:
            self.param_groups[0]["params"][0].data.fill_(float("nan"))

    monkeypatch.setattr(torch.optim.Adam, "step", last_one_fails)
    with pytest.raises(RunError, match=r"after step 4 cannot be used.*lower lr"):
        train(config, stripes(), tmp_path)
    assert not (tmp_path / "model.pt").exists()
    assert run_files.read_tensors(tmp_path / "checkpoint.pt")["done"] == 2
    load_model(tmp_path)
    monkeypatch.undo()
    train(config, stripes(), tmp_path)  # goes on from step 2


# ------------------------------------------------------------------ gradients


def switched_off(how):
    if how == "set_grad_enabled":
        return torch.set_grad_enabled(False)
    return torch.no_grad() if how == "no_grad" else torch.inference_mode()


OFF = ["no_grad", "inference_mode", "set_grad_enabled"]


@pytest.mark.parametrize("how", OFF)
def test_gradients_are_found_where_they_are_switched_off(how):
    net, x = UNet(SAME), torch.rand(1, 1, 12, 12)
    due = influence(net, x, (5, 5)), measured_receptive_field(net, 12, (5, 5))
    box, logits = Fields(net, x).box("(output)", 5, 5), torch.zeros(1, 2, 3, 3)
    with switched_off(how):
        inside = x.clone(), torch.ones(1, 3, 3).long()  # under inference_mode tensors of it
        np.testing.assert_allclose(influence(net, inside[0], (5, 5)), due[0], atol=1e-7)
        np.testing.assert_array_equal(measured_receptive_field(net, 12, (5, 5)), due[1])
        assert Fields(net, inside[0]).box("(output)", 5, 5) == box != None  # noqa: E711
        assert (pull(F.cross_entropy, logits.clone(), inside[1]) == 0.5).all()
        assert influence(UNet(SAME), inside[0], (5, 5)).sum() > 0  # its weights, too
        assert len(treat("G", broken=False, steps=1).losses) == 1
        assert not torch.is_grad_enabled()
        assert torch.is_inference_mode_enabled() == (how == "inference_mode")


@pytest.mark.parametrize("how", OFF)
def test_the_viewer_shows_fields_where_gradients_are_switched_off(how):
    net, x = other(), torch.rand(1, 1, 12, 12)
    due = viewer(net, x, pixel=(5, 5)).picture.alt
    with switched_off(how):
        panel = viewer(net, x, pixel=(5, 5))
        assert panel.picture.alt == due and "sees rows 4 to 6" in due
        panel.set(row=8)
        assert "sees rows 7 to 9" in panel.picture.alt
    panel.set(row=3)
    assert "sees rows 2 to 4" in panel.picture.alt


def test_training_runs_where_gradients_are_switched_off(tmp_path):
    config = TrainConfig(
        network=SAME, steps=2, batch=1, size=24, folds=2, fold=1, average=False, device="cpu",
        precision="float32", memory_format="contiguous",
    )  # fmt: skip
    logs = [train(config, stripes(), tmp_path / "on").log]
    for how in ("no_grad", "inference_mode"):
        with switched_off(how):
            logs.append(train(config, stripes(), tmp_path / how).log)
    assert len({tuple(record["loss"] for record in log) for log in logs}) == 1


class Checkpointed(nn.Module):
    def __init__(self, reentrant):
        super().__init__()
        self.first, self.last = nn.Conv2d(1, 2, 3), nn.Conv2d(2, 3, 3)
        self.reentrant = reentrant

    def forward(self, x):
        return self.last(checkpoint(self.first, x, use_reentrant=self.reentrant))


@pytest.mark.filterwarnings("ignore:None of the inputs")
def test_a_reentrant_checkpoint_has_maps_and_no_field():
    x = torch.rand(1, 1, 12, 12)
    with_field, without = (viewer(Checkpointed(r), x) for r in (False, True))
    without.set(layer="last")
    with_field.set(layer="last")
    assert "sees rows" in with_field.picture.alt and "No field" not in with_field.picture.text
    for words in (without.picture.alt, without.picture.text):
        assert "No field: a checkpoint with use_reentrant=True" in words
    assert "3 × 8 × 8" in without.picture.alt


# ------------------------------------------------------------------ looking into them


@pytest.mark.parametrize("kind", ["fx", "compile", "DataParallel", "both", "average"])
def test_what_a_network_is_wrapped_in_does_not_hide_its_layers(kind):
    net, x = other(), torch.rand(1, 1, 12, 12)
    wrapped = WRAPPED[kind](net)
    assert layer_names(wrapped) == layer_names(net) == ["0", "1", "2"]
    torch.testing.assert_close(record(wrapped, x, "0"), record(net, x, "0"))
    assert list(record_all(wrapped, x)) == list(record_all(net, x))
    assert "sees rows" in viewer(wrapped, x).picture.alt


@pytest.mark.parametrize("kind", ["trace", "script", "frozen"])
def test_a_traced_network_shows_its_output_alone_and_no_field(kind):
    net, x = other(), torch.rand(1, 1, 12, 12)
    del net.config
    closed = WRAPPED[kind](net)
    torch.testing.assert_close(record_all(closed, x), {"(output)": net(x).detach()})
    assert "No field: the field of a traced network" in viewer(closed, x).picture.alt
    with pytest.raises(ValueError, match="does not show its layers"):
        record(closed, x, "0")
    with pytest.raises(ValueError, match="field of a traced network cannot be measured"):
        measured_receptive_field(closed, 12, (5, 5))  # its max poolings would hide pixels


def test_other_max_poolings_do_not_hide_pixels():
    assert (measured_receptive_field(nn.AdaptiveMaxPool2d(2), 8, (0, 0)) > 0).sum() == 16
    for pool in (
        nn.MaxPool2d(2, return_indices=True),
        nn.AdaptiveMaxPool2d(2, return_indices=True),
        nn.FractionalMaxPool2d(2, 2),
    ):
        net = Then(lambda y: y[0] if isinstance(y, tuple) else y, nn.Sequential(pool))
        with pytest.raises(ValueError, match=r"cannot be measured|no average counterpart"):
            measured_receptive_field(net, 8, (0, 0))


def test_fields_take_whole_numbers_of_any_make():
    net = nn.Conv2d(1, 1, 3)
    due = measured_receptive_field(net, 8, (0, 0))
    np.testing.assert_array_equal(measured_receptive_field(net, np.int64(8), (0, 0)), due)
    with pytest.raises(ValueError, match=r"size is 8\.0; it must be a whole number.*write 8"):
        measured_receptive_field(net, 8.0, (0, 0))
