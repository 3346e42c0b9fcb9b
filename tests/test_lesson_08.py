"""Lesson 08: the signal and its gradient against theory, what is shown, the exercises."""

import math
import re
import subprocess
import sys
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from answers import is_accepted, is_told
from torch.nn import functional as F

from unet_teach.data.membranes import membrane_slice, synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.drawing.pair import the_pair
from unet_teach.exercises.assembled import MARGIN, USED, Small, pair_volume
from unet_teach.exercises.judging import exercise_named, judge
from unet_teach.exercises.keeping import choose
from unet_teach.layers import DoubleConv, initialise
from unet_teach.lessons.l08_train_it import pictures
from unet_teach.lessons.l08_train_it.exercises import he_std, merge_convs, train_step
from unet_teach.lessons.l08_train_it.measure import (
    DEEPEST,
    EDGES,
    FAN_IN,
    FIRST,
    HIGH,
    INITS,
    LOW,
    STARTS,
    VARIANCES,
    _stack,
    answer,
    gradients,
    learned_from,
    questions,
    recorded,
    short,
    signal,
    theory,
)
from unet_teach.lessons.l08_train_it.panel import signal_explorer
from unet_teach.lessons.l08_train_it.picture import on_chart
from unet_teach.tiling import predict


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
    assert signal("xavier", 5, seeds=1).theory[-1] == pytest.approx(math.sqrt(1 / 2**5))
    assert signal("he", 5, seeds=1).theory.tolist() == [1] * 5
    assert signal("he", 5, relu=False, seeds=1).theory[-1] == pytest.approx(math.sqrt(2**5))


def test_batch_norm_makes_any_start_a_good_one():
    for init in VARIANCES:
        for relu, due in ((True, math.sqrt(0.5)), (False, 1)):
            found = signal(init, 6, relu, batch_norm=True, seeds=2)
            assert found.measured == pytest.approx(due, abs=0.01)
            assert found.theory == pytest.approx(due)


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


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("relu", [True, False])
@pytest.mark.parametrize("init", ["small", "xavier", "he"])
def test_the_gradient_follows_theory(init, relu, batch_norm):
    """Over many seeds. The theory of batch norm is one of very many channels."""
    found = [gradients(init, 4, relu, batch_norm, seed) for seed in range(12)]
    squares = np.mean([[x.pow(2).mean().item() for x in each] for each in found], axis=0)
    expected = theory("gradients", init, 4, relu, batch_norm) ** 2
    assert squares == pytest.approx(expected, rel=0.12)
    assert expected[-1] == 1


def test_a_gradient_tells_how_the_end_changes():
    """Of a stack without ReLU, which is linear: noise · end is the gradient · each layer."""
    with torch.no_grad():
        values, passed, generator = _stack("he", 5, False, False, seed=3)
    noise = torch.randn(passed[-1].shape, generator=generator)
    whole = (noise * passed[-1]).sum().item()
    for gradient, value in zip(gradients("he", 5, False, False, 3), values, strict=True):
        assert (gradient * value).sum().item() == pytest.approx(whole, rel=1e-4)


@pytest.mark.parametrize(("way", "relu"), [("activations", True), ("gradients", False)])
def test_the_bars_are_the_numbers_of_the_layer(way, relu):
    found = answer(FIRST | {"way": way, "layer": 2, "relu": relu})
    for row, init in enumerate(INITS):
        if way == "gradients":
            values = gradients(init, DEEPEST, relu, False, 0)[1]
        else:
            values = _stack(init, DEEPEST, relu, False, 0)[1][1]
        values = values.detach().double().flatten().abs()
        zeros = (values == 0).double().mean().item()
        note = f"{100 * zeros:.0f} % exactly 0 (ReLU)"
        assert (note in found["notes"][init]) is (zeros > 0) is (relu and way == "activations")
        # Two bars for each power of ten, from 10 to the power of -18.
        places = (2 * values[values > 0].log10()).floor().long() + 36
        assert ((places < 0) | (places > 49)).double().mean() < 0.005
        counts = torch.bincount(places.clamp(0, 49), minlength=50).numpy()
        heights = found["heights"][row].astype(float)
        assert heights == pytest.approx(255 * counts / counts.max(), abs=4.6)
        assert heights.max() == 255


def test_the_bars_wander_as_layers_pass():
    """All have one axis: Small's to the left, and without ReLUs He's to the right."""
    edges = signal_explorer().given["edges"]
    assert len(edges) == 51 and edges[0] == 1e-18 and edges[-1] == 1e7

    def tallest(init, layer, relu=True):
        found = answer(FIRST | {"layer": layer, "relu": relu})
        return math.log10(edges[int(found["heights"][list(INITS).index(init)].argmax())])

    small = [tallest("small", layer) for layer in (1, 5, 10, 15, 20)]
    assert small == sorted(small, reverse=True) and small[0] - small[-1] > 14
    assert abs(tallest("he", 20) - tallest("he", 1)) < 0.6
    assert tallest("he", 20, relu=False) - tallest("he", 1, relu=False) > 2.4


def test_almost_none_of_the_values_is_beyond_the_axis():
    for init, relu in product((min(STARTS, key=VARIANCES.get), STARTS[-1]), (True, False)):
        with torch.no_grad():
            values = _stack(init, DEEPEST, relu, False, 0)[1][-1].abs()
        values = values[values > 0]
        assert ((values < EDGES[0]) | (values > EDGES[-1])).double().mean() < 0.005


@pytest.mark.parametrize("layer", [1, 2, 6, 20])
@pytest.mark.parametrize("way", ["activations", "gradients"])
def test_the_readout_is_of_the_layer_and_its_factor_of_the_layers_so_far(way, layer):
    found = answer(FIRST | {"init": "between", "way": way, "layer": layer})
    row = found["measured"][3]
    if way == "gradients":
        passed, before, due = DEEPEST - layer, row[-1], 0.75 ** ((DEEPEST - layer) / 2)
    else:
        passed, before, due = layer, 1.0, 0.75 ** (layer / 2)
    said = found["headline"]
    assert f"{short(row[layer - 1])} (theory: {short(due)})." in said
    if not passed:
        assert said.endswith("It starts here.")
        return
    factor = (row[layer - 1] / before) ** (1 / passed)
    assert said.endswith(f"so far multiplied it by {factor:.2f} (theory: {0.75**0.5:.2f}).")
    assert (f"the {passed} layers" if passed > 1 else "one layer") in said
    # The sentence above explains theory's factor, and tells no second measurement.
    assert "√0.75 = 0.87" in found["because"]
    assert not re.search(r"0\.0\d", found["because"])


def test_with_batch_norm_the_readout_has_no_factor_and_gradients_have_a_verdict():
    found = answer(FIRST | {"batch_norm": True})
    assert found["headline"].endswith(
        "Batch norm brings it back to this size after each layer."
    )
    found = answer(FIRST | {"batch_norm": True, "way": "gradients", "layer": 1})
    assert 35 < found["now"]["own"] < 42 and "so no gradient vanishes" in found["because"]
    assert f"= 1.21 a layer, to {short(found['now']['own'])} at layer 1" in found["because"]
    # Why: the ReLU lets half through, and batch norm divides by the variance after a ReLU.
    with torch.no_grad():
        passed = torch.stack(_stack("he", DEEPEST, True, True, 0)[1])  # (layers, N, C, H, W)
    assert passed.pow(2).mean().item() == pytest.approx(0.5, abs=0.005)
    variance = passed.var((1, 3, 4)).mean().item()
    assert (
        variance == pytest.approx(0.34, abs=0.005)
        and "√(0.5 / 0.34) = 1.21" in found["because"]
    )
    row = found["measured"][3]
    factor = (row[0] / row[-1]) ** (1 / (DEEPEST - 1))
    assert factor == pytest.approx(1.21, abs=0.01)
    assert factor == pytest.approx((0.5 / variance) ** 0.5, abs=0.02)


@pytest.mark.parametrize("way", ["activations", "gradients"])
def test_the_verdict_follows_one_rule_that_the_legend_tells(way):
    words = set()
    for init, relu, norm in product(STARTS, (True, False), (True, False)):
        settings = {"init": init, "way": way, "relu": relu, "batch_norm": norm}
        found = answer(FIRST | settings)
        for row, said in zip(found["measured"], found["ends"].values(), strict=True):
            end = row[0 if way == "gradients" else -1]
            fate = said.split(": ")[1]
            if end < 1e-5:
                digit, power = f"{end:.0e}".split("e")
                due = f"gone\n↓ {digit} · {short(10.0 ** int(power)).split(' · ')[1]}"
            elif end < 0.5:
                due = "fades"
            else:
                due = "stays" if end < 2 else "grows" if end < 3000 else "grows ↑"
            assert fate == due
            words.add(fate.split("\n")[0])
        assert "stays (within a factor of 2 of 1) · below 10⁻⁵: gone" in found["key"]
    assert words == {"gone", "fades", "stays", "grows", "grows ↑"}


def test_the_chart_shows_that_almost_flat_is_not_flat():
    """It is the same for all settings, and high enough to see a line leave the band."""
    powers = signal_explorer().given["powers"]
    assert (powers[0][0], powers[-1][0]) == (LOW, HIGH) == (1e-5, 3e3)
    pixel = math.log10(HIGH / LOW) / 248  # in powers of ten
    close = answer(FIRST | {"init": "1.75/n"})["now"]
    assert close["own"] < 0.25 and math.log10(0.5 / close["own"]) / pixel > 8
    assert 0.5 < close["he"] < 2
    # He's without ReLUs is on it; what is not, ends at its edge.
    for init in STARTS:
        for way, relu in product(("activations", "gradients"), (True, False)):
            row = answer(FIRST | {"init": init, "way": way, "relu": relu})["measured"][-1]
            shown = on_chart(row.tolist())
            assert all(LOW <= value <= HIGH for _layer, value in shown)
            assert (
                (len(shown) == DEEPEST and shown[-1][0] == DEEPEST)
                or way == "gradients"
                or (shown[-1][1] in (LOW, HIGH) and shown[-1][0] < DEEPEST)
            )


@pytest.mark.parametrize("relu", [True, False])
@pytest.mark.parametrize("init", STARTS)
def test_gradients_are_told_of_as_gradients(init, relu):
    back, ahead = (
        answer(FIRST | {"init": init, "relu": relu, "way": way, "layer": 1})
        for way in ("gradients", "activations")
    )
    assert "gradient" in back["because"] and "gradient" not in ahead["because"]
    assert back["caption"] == ahead["caption"].replace("a value", "a gradient")
    assert "size of a gradient" in back["caption"]
    if init in INITS:
        assert ("He's" in back["because"]) is (init == "he" and relu)
    assert " of its " not in back["because"] and "left at layer 1, of" not in back["because"]


def test_the_question_of_the_gradient_is_answered_with_its_reason():
    found = answer(questions()["Which gradient comes back to layer 1?"])
    assert "sum of products with the same weights" in found["because"]
    assert "ReLU again lets half of it through. So the same 2 balances it" in found["because"]
    assert f"He's RMS is still {short(found['now']['he'])}, while" in found["because"]
    assert f"Small's is {short(found['now']['small'])}." in found["because"]


def test_a_line_is_said_to_stay_only_where_it_is_nearly_flat():
    ends = {init: answer(FIRST | {"init": init})["ends"] for init in STARTS}
    assert ends["he"]["he"] == "He: stays"
    own = {init: found["own"] for init, found in ends.items() if "own" in found}
    assert own == {
        "half": "Yours: gone\n↓ 7 · 10⁻⁷", "1.25/n": "Yours: fades", "between": "Yours: fades",
        "1.75/n": "Yours: fades", "2.25/n": "Yours: grows", "triple": "Yours: grows",
        "double": "Yours: grows",
    }  # fmt: skip


def test_the_answer_is_what_was_measured():
    found = answer(FIRST | {"init": "xavier", "layer": 12})
    measured = signal("xavier", 20, seeds=3).measured[:, 11].mean()
    assert found["now"]["xavier"] == pytest.approx(measured, rel=1e-6)
    assert f"After layer 12 the RMS is {measured:.3g} (theory:" in found["headline"]
    assert found["measured"].shape == found["theory"].shape == (3, DEEPEST)
    assert found["measured"][1, 11] == np.float32(found["now"]["xavier"])


def test_every_setting_changes_the_answer():
    first = signal_explorer()
    for name, value in {"init": "he", "layer": 7, "relu": False, "batch_norm": True,
                        "way": "gradients"}.items():  # fmt: skip
        panel = signal_explorer()
        panel.set(**{name: value})
        assert panel.answer["said"] != first.answer["said"] and panel.problem == ""
        assert panel.picture.body != first.picture.body or name == "init"


def test_with_relus_most_networks_end_below_the_mean_that_theory_tells():
    squares = signal("he", 20, seeds=60).measured[:, -1] ** 2
    assert squares.mean() == pytest.approx(1, abs=0.25) and (squares < 1).mean() > 0.6
    words = "a few large ones raise it, so most end lower"
    assert words in answer(FIRST)["key"]
    for other in ({"relu": False}, {"way": "gradients"}):  # there it was not found so clearly
        assert words not in answer(FIRST | other)["key"]


@pytest.mark.parametrize("way", ["activations", "gradients"])
def test_a_start_is_seen_where_the_lever_stands_on_it(way):
    def seen(**settings):
        return answer(FIRST | {"way": way} | settings)["seen"]

    assert seen() == ["small", "own"] and seen(init="small") == ["small"]
    assert seen(init="xavier") == ["small", "xavier"] and seen(init="he") == ["small", "he"]
    assert seen(init="between") == seen(init="triple") == ["small", "own"]
    # With batch norm all are the same, so none is given away.
    assert seen(batch_norm=True) == ["small", "xavier", "he", "own"]


@pytest.mark.parametrize("way", ["activations", "gradients"])
@pytest.mark.parametrize("relu", [True, False])
@pytest.mark.parametrize("init", STARTS)
def test_the_line_of_every_start_is_its_own_and_told_with_its_numbers(init, relu, way):
    found = answer(FIRST | {"init": init, "relu": relu, "way": way, "layer": 1})
    assert len(found["measured"]) == len(found["now"]) == 3 + (init not in INITS)
    line = found["line"]
    assert line == (init if init in INITS else "own")
    row = found["measured"][list(found["now"]).index(line)]
    factor = (row[-1] / row[0]) ** (1 / (DEEPEST - 1))
    factor = 1 / factor if way == "gradients" else factor
    due = FAN_IN * VARIANCES[init] * (0.5 if relu else 1)
    assert factor == pytest.approx(due**0.5, rel=0.06)
    if init not in INITS:
        assert f"by √{round(due, 3):g} = {due**0.5:.2f}." in found["because"]
    elif way == "gradients":
        assert short(found["now"][line]) in found["because"]


def test_the_book_holds_every_setting():
    settings = list(recorded())
    assert len(settings) == 2 * 2 * 2 * len(STARTS) * 20
    assert all(preset in settings for preset in questions().values())


# ----------------------------------------------------------------------------------- pictures
def test_the_film_of_the_opening_is_of_the_lessons_network():
    """Its first picture is drawn from the seed; rounding may differ, and it has 16 shades."""
    of = SimpleNamespace(**choose(USED, file=None)[0])
    torch.manual_seed(0)
    inside = predict(Small(of, whole=True), pair_volume(MARGIN).images[0])[1]
    inside = inside[MARGIN:-MARGIN, MARGIN:-MARGIN]
    recorded = pictures.recorded_minute()
    assert np.abs(recorded.maps[0] - 255 * inside).max() < 20
    right = [np.mean((shown > 127) == recorded.truth) for shown in recorded.maps]
    assert right[0] < 0.7 and right[-1] > 0.85 and recorded.planned == 240
    axes = pictures.film_strip(recorded).axes
    titles = [ax.get_title() for ax in axes]
    assert titles == ["micrograph", "step 0", "step 20", "step 40", "step 240"]
    assert (np.asarray(axes[-1].images[0].get_array()) == recorded.maps[-1]).all()


def test_the_neurons_of_the_film_are_marked():
    pair = the_pair("synthetic membranes (seed 0)")
    places = [(x - pair.corner[1], y - pair.corner[0]) for y, x in pair.neurons]
    for axes in pictures.film_strip(pictures.recorded_minute()).axes:
        assert [(t.get_text(), t.get_position()) for t in axes.texts] == [
            *zip("AB", places, strict=True)
        ]


def test_of_three_balls_one_crawls_one_arrives_and_one_jumps_out():
    figure = pictures.balls()
    assert [ax.get_title()[14:] for ax in figure.axes] == ["0.03", "0.3", "1.05"]
    ways = [ax.lines[1].get_xdata() for ax in figure.axes]
    for way, ax in zip(ways, figure.axes, strict=True):
        w = torch.tensor(-2.0, requires_grad=True)
        step = torch.optim.SGD([w], lr=float(ax.get_title()[14:]))
        for due in way:
            assert w.item() == pytest.approx(due, abs=1e-5)
            step.zero_grad()
            (w**2).backward()
            step.step()
        assert ax.get_xlim()[0] < way.min() and way.max() < ax.get_xlim()[1]
        assert (ax.lines[1].get_ydata() < ax.get_ylim()[1]).all()
    crawls, arrives, jumps = (abs(way[-1]) for way in ways)
    assert 1 < crawls < 2 and arrives < 0.01 and jumps > 4


def test_the_surprise_of_three_pixels_is_on_the_curve():
    curve, *dots = pictures.surprise().axes[0].lines
    for dot in dots:
        (probability,), (loss,) = dot.get_data()
        assert loss == pytest.approx(-math.log(probability))
        assert np.interp(probability, *curve.get_data()) == pytest.approx(loss, abs=0.01)
    assert len(dots) == 3


def one_image():
    tissue = synthetic_membranes(1, size=96, seed=7)
    image = torch.from_numpy(standardise(tissue.images[0]))[None, None]
    return tissue.labels[0], image, torch.from_numpy(tissue.labels[0].astype("int64"))[None]


def test_only_hes_start_learns_more_than_the_baseline():
    labels, image, target = one_image()
    small, he = (learned_from(start, image, target) for start in ("small", "he"))
    assert len(small.losses) == len(he.losses) == 120
    inside = labels.mean()
    assert np.abs(small.inside - inside).max() < 0.01  # the same everywhere
    right = ((he.inside > 0.5) == (labels > 0)).mean()
    assert right > inside + 0.02 and he.losses[-1] < 0.2  # nothing learned: 0.35
    axes = pictures.starts(labels, small, he).axes
    curves = {line.get_label(): line.get_ydata() for line in axes[0].lines}
    assert list(curves) == ["small start", "He's start", "baseline 0.35"]
    assert curves["small start"][-1] == pytest.approx(curves["baseline 0.35"][0], abs=0.002)
    assert [ax.get_title() for ax in axes[1:]] == ["labels", "small start", "He's start"]
    assert (np.asarray(axes[2].images[0].get_array()) == small.inside).all()
    with pytest.raises(ValueError, match="valid values: 'small', 'he'"):
        learned_from("xavier", image, target)


def test_the_same_start_learns_the_same_and_leaves_the_random_numbers_alone():
    _labels, image, target = one_image()
    before = torch.get_rng_state()
    one, other = (learned_from("he", image, target, steps=2).losses for _run in range(2))
    assert one == other and torch.equal(torch.get_rng_state(), before)


def test_the_pair_is_marked_and_its_legend_names_the_colours():
    pair = the_pair("synthetic membranes (seed 0)")
    micrograph, labels = membrane_slice(pair.index)
    figure = pictures.pair_seen(pair, micrograph, labels, {"white": np.ones_like(labels)})
    assert len(figure.axes) == 3
    of_labels, of_white = (np.asarray(ax.images[0].get_array()) for ax in figure.axes[1:])
    patches = figure.legends[0].get_patches()
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    hues = {
        word: tuple(round(255 * part) for part in patch.get_facecolor()[:3])
        for word, patch in zip(words, patches, strict=True)
    }
    for ax, (y, x) in zip("AB", pair.neurons, strict=True):
        place = y - pair.corner[0], x - pair.corner[1]
        assert tuple(of_labels[place]) == hues[f"{ax}, apart"]
        assert tuple(of_white[place]) == hues["A and B run together"]
    assert {tuple(c) for c in of_labels.reshape(-1, 3)} <= set(hues.values())
    for axes in figure.axes:
        at = {mark.get_text(): mark.get_position() for mark in axes.texts}
        places = [(x - pair.corner[1], y - pair.corner[0]) for y, x in pair.neurons]
        assert list(at.values()) == places and list(at) == ["A", "B"]


def test_what_the_loss_leaves_out_of_a_batch_is_orange():
    images = torch.arange(50.0 * 50).reshape(1, 1, 50, 50).repeat(2, 1, 1, 1)
    target = torch.tensor([[0, 1, -100] + [0] * 7] * 10)[None].repeat(2, 1, 1)
    axes = pictures.batch(images, target).axes
    shown = np.asarray(axes[2].images[0].get_array())
    assert shown[0, :3].tolist() == [[0] * 3, [255] * 3, [230, 159, 0]]
    crop = np.asarray(axes[1].images[0].get_array())
    assert (crop == images[1, 0, 20:-20, 20:-20].numpy()).all()


# ---------------------------------------------------------------------------------- exercises
def in_evaluation_mode(model, optimizer, image, target):
    model.eval()
    return train_step(model, optimizer, image, target)


def in_training_mode(model, optimizer, image, target):
    model.train()
    return train_step(model, optimizer, image, target)


def looking_once_more(model, optimizer, image, target):
    loss = train_step(model, optimizer, image, target)
    kept = torch.random.get_rng_state()  # so that dropout draws as before
    model(image)
    torch.random.set_rng_state(kept)
    return loss


def loss_after_the_step(model, optimizer, image, target):
    train_step(model, optimizer, image, target)
    mode = model.training  # left as it was, so that the loss is the only mistake
    with torch.no_grad():
        model.eval()
        loss = F.cross_entropy(model(image), target)
        model.train(mode)
    return loss.item()


def cleared_after(model, optimizer, image, target):
    loss = F.cross_entropy(model(image), target)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


def a_new_optimizer(model, optimizer, image, target):
    optimizer = torch.optim.SGD(model.parameters(), lr=optimizer.param_groups[0]["lr"])
    return train_step(model, optimizer, image, target)


def twice(model, optimizer, image, target):
    loss = train_step(model, optimizer, image, target)
    optimizer.step()
    return loss


def with_loss(loss_of, returned=lambda loss: loss.item()):
    def step(model, optimizer, image, target):
        optimizer.zero_grad()
        loss = loss_of(model(image), target)
        loss.backward()
        optimizer.step()
        return returned(loss)

    return step


def smoothed(logits, target):
    return F.cross_entropy(logits, target, label_smoothing=0.1)


def per_image(logits, target):
    return F.cross_entropy(logits, target) / len(logits)


def two_classes(logits, target):
    return F.cross_entropy(logits[:, :2], target.clamp(max=1))


def last_of(name, axis):
    """Only the last channel of one kernel's axis is used."""

    def answer(first, second):
        kernels = {"first": first.clone(), "second": second.clone()}
        kernels[name].swapaxes(0, axis)[:-1] = 0
        return merge_convs(*kernels.values())

    return answer


def square_only(first, second):
    return merge_convs(first, second) + (first.shape[-1] != second.shape[-1])


KINDS_OF_MISTAKES = [
    ("08.he_std", lambda i, o, k: (2 / (i * o * k * k)) ** 0.5, "depends on the outputs"),
    ("08.he_std", lambda i, o, k: (2 / (i * k)) ** 0.5, "kernel counted otherwise"),
    ("08.he_std", lambda i, o, k: (2 / (i * i * k * k)) ** 0.5, "channels counted otherwise"),
    ("08.train_step", in_evaluation_mode, "mode left changed"),
    ("08.train_step", in_training_mode, "mode left changed"),
    ("08.train_step", looking_once_more, "two forward passes"),
    ("08.train_step", with_loss(F.cross_entropy, lambda loss: round(loss.item(), 3)),
     "only the returned loss"),
    ("08.train_step", cleared_after, "only with old gradients"),
    ("08.train_step", a_new_optimizer, "only with momentum"),
    ("08.train_step", with_loss(per_image), "only with several images"),
    ("08.train_step", with_loss(two_classes), "only with more classes"),
    ("08.train_step", with_loss(smoothed), "another loss"),
    ("08.train_step", twice, "another step"),
    ("08.merge_convs", lambda a, b: F.pad(merge_convs(a, b), (0, 1, 0, 1)),
     "size of the kernel"),
    ("08.merge_convs", lambda a, b: merge_convs(a, b).transpose(0, 1), "channels"),
    ("08.merge_convs", lambda a, b: merge_convs(a, b.flip(-1, -2)), "one turned"),
    ("08.merge_convs", last_of("first", 0), "one channel between"),
    ("08.merge_convs", last_of("second", 0), "one output"),
    ("08.merge_convs", last_of("first", 1), "one input"),
    ("08.merge_convs", square_only, "same sizes only"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer", "told"), KINDS_OF_MISTAKES)
def test_kinds_of_mistakes_are_told_by_what_they_do(name, answer, told):
    is_told(name, answer, told)


def test_the_loss_after_the_step_is_none_before_it():
    result = judge(exercise_named("08.train_step"), loss_after_the_step)
    assert result.state == "wrong" and result.hint


def test_a_loss_with_its_graph_is_refused():
    result = judge(
        exercise_named("08.train_step"), with_loss(F.cross_entropy, lambda loss: loss)
    )
    assert result.state == "wrong" and "`loss.item()`" in result.hint


def by_pixel(logits, target):
    flat = logits.movedim(1, -1).reshape(-1, logits.shape[1])
    return F.cross_entropy(flat, target.reshape(-1), reduction="none").mean()


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("08.he_std", lambda i, o, k: torch.tensor(he_std(i, o, k))),
        ("08.train_step", with_loss(by_pixel)),
        ("08.train_step", with_loss(lambda x, y: F.nll_loss(F.log_softmax(x, 1), y))),
        ("08.train_step", with_loss(F.cross_entropy, lambda loss: np.float32(loss.item()))),
        ("08.merge_convs", lambda a, b: F.conv_transpose2d(b.double(), a.double()).numpy()),
    ],
)
def test_right_answers_in_other_forms_pass(name, answer):
    is_accepted(name, answer)


def test_what_torch_sets_up_by_itself_is_not_laid_at_the_answers_door():
    """In a process in which there was no optimizer yet."""
    code = (
        "from unet_teach.exercises.judging import exercise_named, judge\n"
        "from unet_teach.lessons.l08_train_it.exercises import train_step\n"
        "print(judge(exercise_named('08.train_step'), train_step))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "passed" in ran.stdout and "note" not in ran.stdout, ran.stdout + ran.stderr
