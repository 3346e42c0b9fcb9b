"""Lesson 04: upsamplers against torch, ripple against arithmetic, the explorer."""

import re

import numpy as np
import pytest
import torch
from answers import is_hinted, is_told
from matplotlib.colors import to_rgb
from pictures import images_in
from torch import nn
from torch.nn import functional as F

from unet_teach.drawing.style import BLUE, rgb
from unet_teach.exercises.judging import exercise_named, judge
from unet_teach.layers import initialise, make_upsampler
from unet_teach.lessons.l04_upsampling import pictures
from unet_teach.lessons.l04_upsampling.exercises import (
    bilinear_kernel,
    no_checkerboard,
    up_conv,
)
from unet_teach.lessons.l04_upsampling.measure import (
    FIRST,
    KINDS,
    LIGHTEST,
    SEED,
    answer,
    constant_response,
    new_weight,
    overlap,
    picture,
    pushes,
    questions,
    recorded,
    ripple,
    signed,
    upsampled,
    used,
)
from unet_teach.lessons.l04_upsampling.panel import upsampler_explorer
from unet_teach.models.fcn import BilinearUp


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("k, s", [(1, 2), (3, 2), (4, 3), (5, 4)])
def test_the_shape_is_s_times_as_large(kind, k, s):
    found = upsampled(kind, torch.randn(2, 4, 5, 6), new_weight(kind, k, s, channels=4), s)
    due = ((5 - 1) * s + k, (6 - 1) * s + k) if kind == "transposed" else (5 * s, 6 * s)
    assert found.shape == (2, 4, *due)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_what_the_library_s_upsamplers_compute(kind):
    layer, x = make_upsampler(kind, 4, 4), torch.randn(1, 4, 6, 6)
    conv = {"transposed": layer, "pixel_shuffle": getattr(layer, "0", None)}.get(kind)
    conv = getattr(layer, "conv", None) if conv is None else conv
    with torch.no_grad():
        conv.bias.zero_()
        # Interpolation and a 1×1 convolution commute.
        assert torch.allclose(upsampled(kind, x, conv.weight, 2), layer(x), atol=1e-5)


@pytest.mark.parametrize("k, s", [(1, 2), (2, 2), (3, 2), (4, 2), (5, 3), (6, 4)])
def test_overlap_is_the_count_of_windows(k, s):
    """Transposed: output o is painted by the inputs i with 0 ≤ o − i·s < k."""
    far = 60  # a multiple of every s here: phase 0
    line = [sum(0 <= o + far - i * s < k for i in range(far)) for o in range(12)]
    assert overlap("transposed", k, s).tolist() == np.outer(line, line).tolist()


def test_overlap_of_the_others_by_hand():
    assert set(overlap("pixel_shuffle", 3, 2).ravel()) == {9}
    assert overlap("nearest", 2, 2)[0].tolist()[:4] == [1, 2, 1, 2]
    assert set(overlap("bilinear", 1, 2).ravel()) == {4}


def test_ripple_of_equal_weights_is_arithmetic():
    """k = 3, s = 2: the phases are painted 4, 2, 2 and 1 times."""
    times = np.array([4, 2, 2, 1])
    due = times.std() / times.mean()
    assert ripple(constant_response("transposed", 3, 2, uniform=True)) == pytest.approx(due)
    assert round(due, 2) == 0.48


def test_pixels_of_phase_zero_come_first():
    for s in (2, 3, 4):
        maps = constant_response("transposed", s, s, seed=3)
        assert np.allclose(maps[:, :s, :s], maps[:, s : 2 * s, s : 2 * s], atol=1e-6)
        weight = new_weight("transposed", s, s, seed=3).sum(0)  # (C, k, k): all inputs are 1
        assert np.allclose(maps[:, :s, :s], weight, atol=1e-5)


@pytest.mark.parametrize("s", [2, 3, 4])
def test_with_equal_weights_the_response_is_the_overlap(s):
    for k in range(1, 7):
        maps = constant_response("transposed", k, s, uniform=True)
        counts = overlap("transposed", k, s)
        assert np.allclose(maps[0, :12, :12] / maps.max(), counts / counts.max(), atol=1e-5), k


@pytest.mark.parametrize("kind", ["transposed", "nearest", "pixel_shuffle"])
@pytest.mark.parametrize(("k", "s"), [(2, 2), (3, 2), (4, 2), (3, 3)])
def test_new_weights_follow_hes_rule(kind, k, s):
    """He's weights double the mean square, so that a ReLU, which halves it, keeps it."""
    noise = torch.randn(1, 256, 24, 24, generator=torch.Generator().manual_seed(1))
    found = upsampled(kind, noise, new_weight(kind, k, s, channels=256), s)
    inner = slice(2 * s, 20 * s)  # away from the border, and whole periods of the overlap
    assert found[..., inner, inner].square().mean().item() == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize("kind", KINDS)
def test_the_library_s_own_layers_ripple_as_the_lesson_says(kind):
    for seed in range(5):
        layer = make_upsampler(kind, 16, 16)
        initialise(layer, torch.Generator().manual_seed(seed))
        with torch.no_grad():
            found = ripple(layer(torch.ones(1, 16, 8, 8))[0].numpy())
        assert found < 1e-4 if kind in ("nearest", "bilinear") else 0.8 < found < 1.4


def test_unknown_kinds_and_sizes_are_refused():
    with pytest.raises(ValueError, match="kind is 'cubic'; valid values: 'transposed'"):
        new_weight("cubic", 3, 2)
    with pytest.raises(ValueError, match="k is 0; it must be a whole number, 1 or more"):
        new_weight("nearest", 0, 2)


@pytest.mark.parametrize(("kind", "k"), [("transposed", 2), ("transposed", 5), ("bilinear", 3)])
def test_a_pixel_is_the_sum_of_the_weights_that_it_uses(kind, k):
    """With inputs of 1: by the mask of each phase, for random weights."""
    weight = new_weight(kind, k, 2, channels=1)
    sums = (torch.from_numpy(used(kind, k, 2)) * weight).sum((2, 3))
    found = constant_response(kind, k, 2, channels=1)[0, :4, :4]
    assert found == pytest.approx(sums.numpy(), abs=1e-5)


def test_what_is_left_of_all_pushes_is_the_grid_of_the_weighted_sum():
    maps, weight = torch.randn(5, 6, 8), torch.randn(5)
    total = (weight[:, None, None] * maps).sum(0)
    means = torch.stack([total[a::2, b::2].mean() for a in (0, 1) for b in (0, 1)])
    left = pushes(maps, weight).sum(1)
    assert torch.allclose(left, means - means.mean(), atol=1e-5) and left.abs().max() > 0.01


# ------------------------------------------------------------------------------------ figures
def numbers_in(axes):
    return [float(text.get_text()) for text in axes.texts if text.get_text().isdigit()]


def test_each_number_and_what_it_paints_have_one_colour():
    W, y = torch.tensor([[1.0, 2, 0, 0], [0, 0, 1, 2]]), torch.tensor([3.0, 40.0])
    (axes,) = pictures.transposed(W, y).axes
    due = [*W.flatten(), *W.T.flatten(), *y, *(W.T @ y)]
    assert numbers_in(axes) == due
    hues = [box.get_facecolor() for box in axes.patches]
    assert hues[-4:] == [hues[-6]] * 2 + [hues[-5]] * 2 and hues[-6] != hues[-5]
    assert hues[0] == hues[1] == hues[8] == hues[-6]  # row 0 of W, column 0 of its transpose


def test_the_bars_reach_the_tent_at_their_middles():
    weights = bilinear_kernel(4).sum(0) / 4
    left, right = pictures.tent(weights.tolist()).axes
    x, y = left.lines[0].get_data()
    for bar in left.patches:
        middle = bar.get_x() + bar.get_width() / 2
        assert bar.get_height() == pytest.approx(np.interp(middle, x, y))
    assert np.allclose(right.images[0].get_array(), bilinear_kernel(4))


def test_the_tiles_are_blue_where_a_weight_is_used():
    uses = used("transposed", 3, 2)
    few, all_nine = pictures.phase_tiles({"few": uses, "all": used("nearest", 3, 2)}).axes
    blue = [[box.get_facecolor()[:3] == to_rgb(BLUE) for box in ax.patches] for ax in
            (few, all_nine)]  # fmt: skip
    assert blue[0] == uses.flatten().tolist() and all(blue[1])
    assert few.get_title() == "few\n1, 2, 4 of 9 weights"


def test_the_stacked_bars_are_as_long_as_the_pushes():
    pushed = np.array([[0.3, -0.1, -0.1], [0.2, 0.1, -0.4], [-0.3, 0.1, 0.1], [0.1, 0.0, 0.0]])
    (axes,) = pictures.cancelling(pushed).axes
    for phase, each in enumerate(pushed):
        bars = [bar for bar in axes.patches if bar.get_x() + bar.get_width() / 2 == phase]
        ends = [bar.get_y() + bar.get_height() for bar in bars]
        assert max(ends) == pytest.approx(each[each > 0].sum())
        assert min(0, *ends) == pytest.approx(each[each < 0].sum())
    assert [text.get_text() for text in axes.texts] == [
        f"{left} is left" for left in ("+0.100", "−0.100", "−0.100", "+0.100")
    ]


# ---------------------------------------------------------------------------------- exercises
@pytest.mark.parametrize("s", [2, 4, 8])
def test_the_bilinear_kernel_is_the_one_that_fcn_starts_with(s):
    assert torch.allclose(BilinearUp(1, s).weight[0, 0], bilinear_kernel(s))


@pytest.mark.parametrize("k, s", [(2, 2), (3, 2), (4, 2), (7, 3)])
def test_repaired_weights_keep_a_constant_map_constant(k, s):
    weight = torch.randn(3, 2, k, k)
    new = no_checkerboard(weight, s)
    found = F.conv_transpose2d(torch.ones(1, 3, 14, 14), new, stride=s)[..., k:-k, k:-k]
    spread = found.amax((-2, -1)) - found.amin((-2, -1))
    assert spread.max() < 1e-4 < new.std()
    assert torch.allclose(no_checkerboard(new, s), new, atol=1e-6)  # nothing left to repair


def line_of(s):
    return bilinear_kernel(s).sum(0) / s


def squared(line):
    return line[:, None] * line


def only_first_pair(weight, s):
    new = weight.clone()
    new[:1, :1] = no_checkerboard(weight[:1, :1], s)
    return new


def one_way(weight, s):
    """The sums of the columns' phases are alike, those of the rows are not."""
    new = no_checkerboard(weight, s)
    new[..., 0, :s] += 1
    return new


def means_alike(weight, s):
    new = weight.clone()
    goal = weight.mean((-2, -1), keepdim=True)
    for a in range(s):
        for b in range(s):
            part = new[..., a::s, b::s]
            part += goal - part.mean((-2, -1), keepdim=True)
    return new


def uneven(weight, s):
    """The first weight of each phase takes the correction of all."""
    new, whole = weight.clone(), no_checkerboard(weight, s) - weight
    for a in range(s):
        for b in range(s):
            new[..., a, b] += whole[..., a::s, b::s].sum((-2, -1))
    return new


def first_count(weight, s):
    """Shared out among as many weights as the first phase has."""
    new, most = weight.clone(), (-(-weight.shape[-1] // s)) ** 2
    change = no_checkerboard(weight, s) - weight
    for a in range(s):
        for b in range(s):
            part = new[..., a::s, b::s]
            part += change[..., a::s, b::s].sum((-2, -1), keepdim=True) / most
    return new


class Turned(nn.ConvTranspose2d):
    def forward(self, x):
        return super().forward(x.flip(-1)).flip(-1)


class Bare(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(i, o, 2, 2))
        self.bias = nn.Parameter(torch.zeros(o))

    def forward(self, x):
        return F.conv_transpose2d(x, self.weight, self.bias, stride=2)


class Own(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.up = nn.ConvTranspose2d(in_channels=i, out_channels=o, kernel_size=2, stride=2)

    def forward(self, x):
        return self.up(x)


KINDS_OF_MISTAKES = [
    ("04.up_conv", lambda i, o: nn.Conv2d(i, o, 2, padding="same"), "not larger"),
    ("04.up_conv", lambda i, o: nn.ConvTranspose2d(i, o, 1), "not larger"),
    ("04.up_conv", lambda i, o: nn.ConvTranspose2d(i, o, 2), "too small"),
    ("04.up_conv", lambda i, o: nn.ConvTranspose2d(i, o, 2, 2, padding=1), "too small"),
    ("04.up_conv", lambda i, o: nn.ConvTranspose2d(i, o, 3, 2), "too large"),
    ("04.up_conv", lambda i, o: nn.ConvTranspose2d(i, o, 2, 3), "too large"),
    ("04.up_conv", lambda i, o: nn.ConvTranspose2d(i, i, 2, 2), "channels"),
    ("04.up_conv", lambda i, o: Turned(i, o, 2, 2), "other numbers"),
    ("04.bilinear_kernel", line_of, "one line"),
    ("04.bilinear_kernel", lambda s: squared(torch.arange(0.5, 2 * s) / (2 * s)), "lopsided"),
    ("04.bilinear_kernel", lambda s: squared(line_of(s) ** 2), "constant map changes"),
    ("04.bilinear_kernel", lambda s: squared((torch.pi / 2 * line_of(s)).sin() ** 2),
     "constant maps only"),
    ("04.no_checkerboard", lambda w, s: no_checkerboard(w, s).sum((-2, -1)), "other shape"),
    ("04.no_checkerboard", lambda w, s: 2 * w - no_checkerboard(w, s), "wrong direction"),
    ("04.no_checkerboard", only_first_pair, "first pair only"),
    ("04.no_checkerboard", one_way, "one direction"),
    ("04.no_checkerboard", means_alike, "means alike"),
    ("04.no_checkerboard", lambda w, s: 2 * no_checkerboard(w, s), "sums not to the mean"),
    ("04.no_checkerboard", uneven, "not evenly"),
    ("04.no_checkerboard", first_count, "phases of different length"),
    ("04.no_checkerboard", lambda w, s: w.mT, "sums still differ"),
]  # fmt: skip


NO_UP_CONVOLUTIONS = [
    (lambda i, o: [nn.ConvTranspose2d(i, o, 2, 2)], "Return one module"),
    (lambda i, o: nn.Upsample(scale_factor=2), "no parameters"),
    (lambda i, o: Bare(i, o), "no nn.ConvTranspose2d"),
    (lambda i, o: nn.ConvTranspose2d(i, o, 2, 2, bias=False), "no bias"),
    (lambda i, o: nn.Sequential(up_conv(i, o), nn.BatchNorm2d(o)), "BatchNorm2d"),
    (lambda i, o: nn.Sequential(up_conv(i, o), nn.Dropout(0.5)), "differently"),
    (lambda i, o: nn.Sequential(up_conv(i, o), nn.Conv2d(o, o, 1)), "2 layers"),
]


@pytest.mark.parametrize(("answer", "words"), NO_UP_CONVOLUTIONS)
def test_what_is_no_up_convolution_is_told_why(answer, words):
    is_hinted("04.up_conv", answer, words)


def test_channels_the_wrong_way_round_are_refused():
    result = judge(exercise_named("04.up_conv"), lambda i, o: nn.ConvTranspose2d(o, i, 2, 2))
    assert not result.passed and "channels" in str(result)


@pytest.mark.parametrize(("name", "answer", "told"), KINDS_OF_MISTAKES)
def test_kinds_of_mistakes_are_told_by_what_they_do(name, answer, told):
    is_told(name, answer, told)


def test_right_answers_in_other_forms_pass():
    """As an array, as nested lists, in float64."""
    for name, given in (
        ("04.up_conv", lambda i, o: nn.Sequential(nn.ConvTranspose2d(i, o, (2, 2), (2, 2)))),
        ("04.up_conv", Own),
        ("04.bilinear_kernel", lambda s: bilinear_kernel(s).tolist()),
        ("04.no_checkerboard", lambda weight, s: no_checkerboard(weight.double(), s)),
    ):
        result = judge(exercise_named(name), given)
        assert result.passed and result.message, str(result)


# --------------------------------------------------------------------------------- the explorer
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("k, s", [(1, 2), (2, 3), (3, 2), (6, 4)])
def test_what_each_input_paints_is_what_a_gradient_says(kind, k, s):
    found = answer({"kind": kind, "k": k, "s": s, "uniform": True})
    x = torch.ones(1, 1, 4, 4, dtype=torch.float64, requires_grad=True)
    y = upsampled(kind, x, new_weight(kind, k, s, uniform=True, channels=1).double(), s)[0, 0]
    counts = np.zeros(y.shape, int)
    top = np.full((16, 2), 99)
    for place in np.ndindex(*y.shape):
        (used,) = torch.autograd.grad(y[place], x, retain_graph=True)
        for i in np.flatnonzero(used.numpy().ravel() > 1e-9):
            counts[place] += 1
            top[i] = np.minimum(top[i], place)
    assert (found["after"][-1] == counts).all() and found["after"].shape[0] == 16
    assert [foot[:2] for foot in found["foot"]] == top.tolist()
    before = np.zeros_like(counts)
    for i, ((row, column, high, wide), after) in enumerate(
        zip(found["foot"], found["after"], strict=True)
    ):
        spot = after - before
        assert (
            spot.sum() == spot[row : row + high, column : column + wide].sum() == high * wide
        ), i
        before = after


def test_an_answer_s_numbers_are_the_room_s():
    for settings in [FIRST, *[{**FIRST, **asked} for asked in questions().values()]]:
        found, kind, rest = answer(settings), settings["kind"], list(settings.values())[1:]
        maps = constant_response(kind, *rest, SEED, channels=1)
        assert (found["response"] == maps[0]).all()
        assert found["ripples"][KINDS.index(kind)] == found["ripple"] == ripple(maps)
        side = 23 * settings["s"]
        assert found["images"].shape == (4, side, side)
        assert all((image.min(), image.max()) == (0, LIGHTEST) for image in found["images"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("k, s", [(1, 2), (3, 2), (2, 3), (4, 4)])
def test_the_numbers_of_random_weights_are_what_ones_become(kind, k, s):
    """At each place of a block the sum of its weights; the same that the response shows."""
    found = answer({"kind": kind, "k": k, "s": s, "uniform": False})
    weight = new_weight(kind, k, s, seed=SEED, channels=1)
    whole = upsampled(kind, torch.ones(1, 1, 4, 4), weight, s)[0, 0].numpy()
    numbers = np.array([float(number.replace("−", "-")) for number in found["numbers"]])
    shown = numbers[found["paint"][-1]]
    assert np.abs(shown - whole).max() <= 0.0501
    assert ((found["paint"] == 0) == (found["after"] == 0)).all()
    inner = np.s_[s : 2 * s, s : 2 * s] if k <= s + 1 else np.s_[4:8, 4:8]
    assert np.abs(shown[inner] - found["response"][:s, :s]).max() <= 0.0501
    ascending = np.argsort(numbers[1:], kind="stable") + 1
    assert (np.diff(np.array(found["depth"])[ascending]) >= 0).all()
    assert max(found["depth"][1:]) <= 1 and min(found["depth"][1:]) >= 0


def test_a_flat_response_is_mid_grey_and_its_ends_say_what_lies_beyond():
    for settings in recorded():
        found = answer(settings)
        low, high = found["scale"]
        middle = found["response"].mean()
        assert (low + high) / 2 == pytest.approx(middle, abs=1e-4) and high - low >= 2
        assert found["level"].startswith("flat") == (found["ripple"] < 5e-4)
        beyond = [
            (found["response"] < low - 0.01).any(),
            (found["response"] > high + 0.01).any(),
        ]
        assert [end[0] in "≤≥" for end in found["ends"]] == beyond, settings
    assert answer({**FIRST, "k": 2})["level"] == "flat: every pixel 1.00, no checkerboard"


def test_random_kernels_of_the_explorer_keep_light_light():
    for k in range(1, 7):
        assert new_weight("nearest", k, 2, seed=SEED, channels=1).sum() > 1


def test_questions_answer_themselves():
    found = {question: answer({**FIRST, **s}) for question, s in questions().items()}
    said = [each["said"] for each in found.values()]
    assert "painted once" in said[0] and "flat: every pixel 1.00" in said[0]
    assert "painted 4 times" in said[1] and "flat: every pixel 1.00" in said[1]
    assert "painted 4 times" in said[2] and found["With random weights, too?"]["ripple"] > 0.8
    assert "flat: every pixel 2.14" in said[3] and "0, 1 times" in said[4]
    first = answer(FIRST)["said"]
    assert (
        "Away from the edge output pixels are painted 1, 2, 4 times, in turn" in first
        and "uneven: from 0.44 to 1.78" in first
        and "ripple 0.48" in answer(FIRST)["name"]
    )


def test_what_is_said_of_a_pattern_is_so():
    """The sentence that names a cause goes with a ripple, and the other two with none."""
    for settings in recorded():
        found = answer(settings)
        flat = found["because"].startswith(("Yes, ", "No pattern"))
        assert flat == (found["ripple"] < 5e-4), settings
        low, high = (signed(float(f(found["response"]))) for f in (np.min, np.max))
        if not flat:
            assert found["level"] == f"uneven: from {low} to {high}"
            assert settings["uniform"] or f"from {low} to {high}" in found["because"] or (
                "never painted" in found["because"]
            )  # fmt: skip


def test_an_image_is_enlarged_as_torch_does():
    found = answer({**FIRST, "kind": "nearest", "k": 1})["images"]
    doubled = np.kron(picture()[0, 0].numpy()[:23, :23], np.ones((2, 2)))
    doubled = (doubled - doubled.min()) / np.ptp(doubled)
    for image in found[[1, 3]]:  # with one equal weight, pixel shuffle copies, too
        assert image == pytest.approx(LIGHTEST * doubled, abs=0.51)


def test_what_cannot_work_is_said():
    for changed in ({"k": 7}, {"s": 1}, {"kind": "bicubic"}):
        found = answer({**FIRST, **changed})
        assert "valid are k of 1 to 6" in found["problem"] and found["offers"] == [FIRST]


def test_the_still_picture_has_the_counts_and_the_response():
    panel = upsampler_explorer()
    panel.set(k=3, uniform=False)
    counted, shown = images_in(panel.picture.body)
    assert counted.shape == (9, 9, 3) and shown.shape == (24, 24, 3)
    rows = re.findall(r'<text x="[^"]* [^"]*"[^>]*>(\d+)</text>', panel.picture.body)
    assert [list(map(int, row)) for row in rows] == panel.answer["after"][-1].tolist()
    values = panel.answer["response"]
    low, high = panel.answer["scale"]
    due = np.clip((values - low) / (high - low), 0, 1)
    assert np.abs(shown / 255 - due[..., None]).max() < 0.005 and np.ptp(shown) > 100
    assert f"ripple {panel.answer['ripple']:.2f}" in panel.picture.alt
    panel.set(k=1, s=3, uniform=True)
    assert rgb("#FBDDD0") == tuple(images_in(panel.picture.body)[0][1, 1])
    panel.set(k=9)
    assert panel.picture.alt == panel.problem
