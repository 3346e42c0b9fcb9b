"""Lesson 06: surgery against a forward pass by hand, the merge's figures against torch."""

import numpy as np
import pytest
import torch
from answers import is_accepted, is_told
from pictures import images_in
from torch.nn import functional as F

from unet_teach.config import UNetConfig
from unet_teach.data.membranes import synthetic_membranes
from unet_teach.drawing.overlays import overlay
from unet_teach.lessons.l06_concat_or_add.exercises import costs, matched, parameters, tied
from unet_teach.lessons.l06_concat_or_add.measure import operate, skip_of
from unet_teach.lessons.l06_concat_or_add.operations import operations
from unet_teach.lessons.l06_concat_or_add.panel import merge_toggle, skip_surgery
from unet_teach.lessons.l06_concat_or_add.picture import merged, operated
from unet_teach.models.unet import UNet, count_parameters


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return UNet(UNetConfig(base_channels=3, depth=2, padding="same", batch_norm=True)).eval()


def by_hand(model, x, level, change):
    """The same network, written out, with one skip changed."""
    skips = []
    for i, convs in enumerate(model.contract):
        x = convs(F.max_pool2d(x, 2) if i else x)
        skips.append(x)
    for i in (1, 0):
        x = model.upsamplers[i](x)
        skip = change(skips[i]) if i == level else skips[i]
        x = model.expand[i](torch.cat([skip, x], 1))
    return model.last(x)


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("change", [lambda s: s, lambda s: 0 * s, lambda s: 1.5 * s + 1])
def test_an_operation_is_what_it_is_by_hand(model, level, change):
    x = torch.rand(2, 1, 16, 24, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = by_hand(model, x, level, change)
    assert torch.allclose(operate(model, x, level, change), expected, atol=1e-6)


def test_the_model_is_left_as_it_was(model):
    x = torch.rand(1, 1, 16, 16)
    before = model(x)
    model.train()
    operate(model, x, 0, torch.zeros_like)
    assert model.training and not model.expand[0]._forward_pre_hooks
    model.eval()
    assert torch.equal(model(x), before)


def test_a_foreign_skip_is_that_of_the_other_image(model):
    x, other = torch.rand(1, 1, 16, 16), torch.rand(1, 1, 16, 16)
    with torch.no_grad():
        expected = model.contract[0](other)
    assert torch.allclose(skip_of(model, other, 0), expected, atol=1e-6)
    own = skip_of(model, x, 1)
    assert torch.allclose(operate(model, x, 1, lambda _s: own), model(x), atol=1e-6)


def test_a_network_without_skips_to_cut_is_refused():
    adding = UNet(UNetConfig(base_channels=2, depth=1, padding="same", merge="add"))
    with pytest.raises(ValueError, match="merge='concat'"):
        operate(adding, torch.rand(1, 1, 8, 8), 0, torch.zeros_like)
    model = UNet(UNetConfig(base_channels=2, depth=1, padding="same"))
    with pytest.raises(
        ValueError, match="level of a skip is 1; it must be a whole number, 0 to 0"
    ):
        operate(model, torch.rand(1, 1, 8, 8), 1, torch.zeros_like)
    with pytest.raises(ValueError, match="merge='concat'"):
        operate(torch.nn.Conv2d(1, 1, 1), torch.rand(1, 1, 8, 8), 0, torch.zeros_like)


def test_the_table_holds_every_operation(model):
    volume = synthetic_membranes(2, size=32, seed=0)
    table = operations(model, volume.images[0], volume.labels[0], volume.images[1], (0.0, 1.0))
    assert set(table) == {(level, what) for level in (0, 1) for what in (0.0, 1.0, "swap")}
    assert (table[0, 1.0].probability == table[1, 1.0].probability).all()
    assert (table[0, 0.0].probability != table[0, 1.0].probability).any()


@pytest.mark.parametrize("merge", ["concat", "add", "none"])
@pytest.mark.parametrize("level", [0, 3])
def test_the_figures_of_a_merge_are_those_of_the_network(merge, level):
    with torch.device("meta"):
        network = UNet(UNetConfig(merge=merge))
    first = network.expand[level][0]
    picture = merged(merge, level)
    assert f"the next convolution: {count_parameters(first):,};" in picture.alt
    assert f"{count_parameters(network):,}" in picture.text
    assert f">{first.in_channels}<" in picture.body


@pytest.mark.parametrize("name", ["merge", "level"])
def test_the_toggle_moves(name):
    panel = merge_toggle()
    before = panel.picture
    panel.set(**{name: {"merge": "add", "level": 2}[name]})
    assert panel.picture != before and panel.picture == merged(**panel.values)


def test_the_operated_picture_is_an_overlay_in_fewer_greys():
    image = (40 * np.arange(6, dtype=np.uint8)[None]).repeat(4, axis=0)
    before, after = np.full((4, 6), 0.9), np.full((4, 6), 0.9)
    before[1, 2], after[2, 3] = 0.5, 0.1
    picture = operated(image, before, after, {"V_rand": 0.5}, {"V_rand": 0.75}, "this")
    (shown,) = images_in(picture.body)
    due = [np.asarray(overlay(image // 16 * 17, p > 0.5)) for p in (before, after)]
    assert np.array_equal(shown[:, :6], due[0]) and np.array_equal(shown[:, -6:], due[1])
    assert (shown[:, 6:-6] == 255).all() and shown.shape == (4, 18, 3)
    assert "8.3% of the pixels change class" in picture.alt  # 2 of 24


def test_every_control_of_the_surgery_changes_the_picture():
    panel = skip_surgery()
    for name, value in (("factor", 1.5), ("level", 2), ("way", "swap")):
        before = panel.picture
        panel.controls[name].value = value
        assert panel.picture != before and panel.problem == ""
    panel.set(way="scale", factor=1.0)
    assert "0.0% of the pixels change class" in panel.picture.alt
    panel.set(level=2, factor=0.0)
    assert "0.0% of the pixels" not in panel.picture.alt


def test_strict_every_end_of_every_control(monkeypatch):
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    merge_toggle()
    skip_surgery()


# ---------------------------------------------------------------------------------- exercises
def changed(place, merge="both"):
    """The parameters (0) or the numbers (1) tripled, of one merge or of both."""

    def answer(channels, n, k=3):
        found = {name: list(pair) for name, pair in costs(channels, n, k).items()}
        for name in found if merge == "both" else [merge]:
            found[name][place] *= 3
        return found

    return answer


def two_biases(channels, n, k=3):
    found = costs(channels, n, k)
    more, numbers = found["concat"]
    return found | {"concat": (more + channels, numbers)}


def next_to_it(base, depth):
    """The nearest on the other side, and in half of the cases only."""
    goal, best = parameters("concat", base, depth), matched(base, depth)
    other = best + 1 if parameters("add", best, depth) < goal else best - 1
    return other if base % 2 else best


KINDS_OF_MISTAKES = [
    ("06.tied", lambda w: tied(w)[:1], "one output"),
    ("06.tied", lambda w: tied(w).swapaxes(0, 1), "axes swapped"),
    ("06.tied", lambda w: torch.cat([w, w], 0), "other shape"),
    ("06.tied", lambda w: torch.cat([w, w.flip(-1) + 1], 1), "b is wrong"),
    ("06.tied", lambda w: torch.cat([w.flip(-1) + 1, w], 1), "a is wrong"),
    ("06.tied", lambda w: 2 * tied(w), "other sum"),
    ("06.costs", lambda *args: dict(zip(["add", "concat"], costs(*args).values(), strict=True)),
     "merges swapped"),
    ("06.costs", lambda *args: {name: pair[::-1] for name, pair in costs(*args).items()},
     "pairs swapped"),
    ("06.costs", two_biases, "biases"),
    ("06.costs", lambda channels, n, k=3: costs(channels, n), "3 for every k"),
    ("06.costs", changed(0, "concat"), "only the parameters"),
    ("06.costs", changed(1), "only the numbers"),
    ("06.matched", lambda base, depth: base * 1.07, "a fraction"),
    ("06.matched", next_to_it, "the other side"),
    ("06.matched", lambda base, depth: base - 1, "not larger"),
    ("06.matched", lambda base, depth: 2 * base + 1, "too large"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer", "told"), KINDS_OF_MISTAKES)
def test_kinds_of_mistakes_are_told_by_what_they_do(name, answer, told):
    is_told(name, answer, told)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("06.tied", lambda weight: np.concatenate([weight, weight], 1)),
        ("06.costs", lambda *args: {k: np.array(v) for k, v in costs(*args).items()}),
        ("06.matched", lambda base, depth: float(matched(base, depth))),
    ],
)
def test_right_answers_in_other_forms_pass(name, answer):
    is_accepted(name, answer)
