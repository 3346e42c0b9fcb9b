"""Lesson 07: the explorer against torch, illegal sizes, the picture and its controls."""

import inspect

import numpy as np
import pytest
import torch
from answers import is_accepted, is_told
from matplotlib.colors import to_hex
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from unet_teach import layers
from unet_teach.config import UNetConfig
from unet_teach.data.membranes import membrane_slice
from unet_teach.data.volume import standardise
from unet_teach.drawing.pair import the_pair
from unet_teach.drawing.style import BAD_NEWS, BLUE, LIGHT, ORANGE, rgb
from unet_teach.exercises.judging import exercise_named, judge
from unet_teach.lessons.l07_build_unet.exercises import SHAPES, forward, legal, variant
from unet_teach.lessons.l07_build_unet.floors import follow
from unet_teach.lessons.l07_build_unet.ghosts import ghost_walls, in_a_row, met_walls
from unet_teach.lessons.l07_build_unet.measure import (
    FIRST,
    answer,
    coordinate_shifts,
    feature_maps,
    given,
    met_places,
    run_any_size,
    untrained,
)
from unet_teach.lessons.l07_build_unet.panel import u_explorer
from unet_teach.lessons.l07_build_unet.sockets import SOCKETS, drawn, sockets
from unet_teach.lessons.l07_build_unet.words import short
from unet_teach.models.pretrained import pretrained
from unet_teach.models.unet import UNet, count_parameters
from unet_teach.shapes import legal_sizes, skip_sizes

CHANGES = [
    {}, {"padding": "same"}, {"align": "pad"}, {"merge": "add"}, {"merge": "none"},
    {"upsample": "bilinear"}, {"depth": 2, "padding": "same"},
]  # fmt: skip


@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_any_size_comes_out_as_in_torch(changes):
    config = UNetConfig(base_channels=1, **{"depth": 3, **changes})
    model = UNet(config).eval()
    for size in (100, 101, 102, 107, 108, 120):
        followed = follow(config, size)
        with torch.no_grad():
            output = run_any_size(model, torch.zeros(1, 1, size, size))
        assert followed.output == output.shape[-1], size
        assert (followed.failing == "") == (size in legal_sizes(config, size, size)), size


@pytest.mark.parametrize("size", [572, 570, 188, 571])
def test_the_crops_of_any_size_are_those_of_a_centre_crop(size):
    followed = follow(UNetConfig(), size)
    for level, crop in enumerate(followed.crops):
        below = followed.expansive[level][0]
        assert crop == (followed.contracting[level][-1] - below) // 2
    assert followed.contracting[0][-1] == skip_sizes(UNetConfig(), size)[0]


def test_a_size_that_runs_out_of_pixels_names_the_step():
    assert follow(UNetConfig(), 100).stuck == "contract 4 conv 1"
    with pytest.raises(RuntimeError):
        run_any_size(UNet(UNetConfig(base_channels=1)), torch.zeros(1, 1, 100, 100))


def test_only_legal_sizes_and_one_more_have_straight_skips():
    straight = [n for n in range(188, 300) if not any(coordinate_shifts(n))]
    assert straight == [n for n in range(188, 300) if n % 16 in (12, 13)]


@pytest.mark.parametrize("size", [572, 571, 570, 569, 568, 564, 333])
def test_a_skip_is_off_by_half_of_the_rows_lost_in_whole_pixels_of_its_level(size):
    lost, crops = 0, follow(UNetConfig(), size).crops
    for level, (skip, below) in reversed(list(enumerate(met_places(size)))):
        lost += skip_sizes(UNetConfig(), size)[level] % 2 * 2**level
        pixel = 2**level
        assert np.ptp(skip - below) == 0 and np.all(np.diff(below) == pixel)
        assert (
            coordinate_shifts(size)[level] == skip[0] - below[0] == lost // 2 // pixel * pixel
        )
        first = sum(2 * 2**above for above in range(level + 1)) + (pixel - 1) / 2
        assert skip[0] == first + crops[level] * pixel


@pytest.mark.parametrize("size", [572, 570])
def test_a_network_that_copies_brings_each_pixel_from_the_place_that_is_said(size):
    """A ramp that comes through the whole U unchanged, in blocks of a bottleneck's pixel."""
    model = UNet(UNetConfig(base_channels=1, merge="none")).eval()
    with torch.no_grad():
        for name, weights in model.named_parameters():
            weights.zero_()
            if name.endswith("weight"):
                middle = weights.shape[-1] // 2
                copied = ... if "upsamplers" in name else (middle, middle)
                weights[0, 0][copied] = 1
        ramp = torch.arange(size, dtype=torch.float32).repeat(200, 1)[None, None]
        output = run_any_size(model, ramp)[0, 0, 0].double().numpy()
    _skip, below = met_places(size)[0]
    blocks = output - below[2:-2]  # max pooling brings the largest of 16, for each block
    assert abs(blocks).max() <= 15 and blocks.mean() == 7.5


def test_the_ghost_is_seven_pixels_right_and_down_and_nowhere_at_a_legal_size():
    walls = membrane_slice(3, 160, 7)[1] == 0
    skip, below = met_walls(walls, (16, 20), 128, 572)
    assert np.array_equal(skip, walls[16:144, 20:148]) and np.array_equal(skip, below)
    skip, below = met_walls(walls, (16, 20), 128, 570)
    assert np.array_equal(skip, walls[16:144, 20:148])
    assert np.array_equal(below, walls[9:137, 13:141]) and not np.array_equal(skip, below)


def test_the_picture_of_the_ghosts_has_orange_only_where_walls_are_apart():
    legal_, illegal = ghost_walls((572, 570)).axes
    orange = [np.all(axes.images[0].get_array() == rgb(ORANGE), -1).mean()
              for axes in (legal_, illegal)]  # fmt: skip
    assert orange[0] == 0 and orange[1] > 0.1
    assert "7 pixels" in illegal.get_xlabel() and "pixels" not in legal_.get_xlabel()


def test_the_forward_pass_separates_the_pair_with_trained_weights_and_not_with_random_ones():
    pair = the_pair("synthetic membranes (seed 0)")
    micrograph, labels = map(pair.crop, membrane_slice(pair.index))
    network, x = pretrained("membranes"), torch.from_numpy(standardise(micrograph))[None, None]
    with torch.no_grad():
        logits = forward(network, x)
        assert torch.equal(logits, network(x))
    assert pair.verdict(logits.softmax(1)[0, 1].numpy() >= 0.5, labels) == "apart"
    torch.manual_seed(1)
    before = torch.get_rng_state()
    inside = untrained(micrograph)
    assert torch.equal(torch.get_rng_state(), before), "the lesson's own numbers go on"
    assert inside.shape == labels.shape and inside.max() < 0.5
    walls, within = inside[labels == 0], inside[labels > 0]
    assert walls.mean() - within.mean() > 0.3 * within.std(), "the faint walls are light"


def test_pictures_in_a_row_have_their_own_greys_or_those_of_the_first_alike():
    pictures = {"one": np.eye(3), "two": 5 * np.eye(3), "three": 9 * np.eye(3)}
    row = in_a_row(pictures, alike=("two", "three")).axes
    assert [axes.get_title() for axes in row] == list(pictures)
    assert [axes.images[0].get_clim() for axes in row] == [(0, 1), (0, 5), (0, 5)]


# ------------------------------------------------------------------------------- the explorer
@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_the_explorer_says_what_torch_builds(changes):
    settings = FIRST | {"base_channels": 2, "depth": 3} | changes
    config = UNetConfig(**{k: v for k, v in settings.items() if k != "size"})
    settings["size"] = legal_sizes(config, 100, 200)[0]
    found, model = answer(settings), UNet(config).eval()
    assert "problem" not in found
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        output = model(torch.zeros(1, 1, settings["size"], settings["size"]))
    assert found["totals"]["parameters"] == sum(found["parameters"]) == count_parameters(model)
    assert sum(found["operations"]) == counter.get_total_flops()
    assert found["totals"]["output"] == found["sizes"][-1] == output.shape[-1]
    for formula, count in zip(found["formulas"], found["parameters"], strict=True):
        assert eval(formula.replace("·", "*") or "0") == count
    for skip in found["skips"]:
        below = 3 * (2 * config.depth - skip["level"])
        met = found["sizes"][below] if skip["used"] else skip["kept"]
        assert skip["kept"] == met and skip["size"] == found["sizes"][3 * skip["level"] + 2]


def test_each_box_has_the_shape_of_its_map():
    config = UNetConfig(padding="same", base_channels=2)
    maps = feature_maps(UNet(config).eval(), np.eye(32))
    found = answer(FIRST | {"size": 32, "padding": "same", "base_channels": 2})
    assert [m.shape for m in maps] == [
        (n, size, size) for n, size in zip(found["channels"], found["sizes"], strict=True)
    ]


def test_the_last_shown_map_is_the_network_s_prediction():
    network, (image, _labels) = pretrained("membranes"), membrane_slice(3, 144, 7)
    with torch.no_grad():
        due = network(torch.from_numpy(standardise(image))[None, None]).softmax(1)[0]
    maps = feature_maps(network, image)
    assert np.array_equal(maps[-1], due.numpy())
    shown = given()["maps"]
    assert len(shown) == len(maps) == len(answer(FIRST)["boxes"])
    assert (shown[-1].shape, shown[14].shape) == ((2, 36, 36), (3, 9, 9))
    for level in range(4):  # the first channel of a merged map is its skip's
        assert np.array_equal(shown[3 * (8 - level)][0], shown[3 * level + 2][0])


@pytest.mark.parametrize(("settings", "whose"), [
    ({}, "like"), ({"size": 144, "padding": "same", "base_channels": 16}, "same"),
    ({"merge": "add"}, ""), ({"upsample": "nearest"}, ""), ({"depth": 3}, ""),
    ({"size": 160, "padding": "same", "base_channels": 16}, "like"),
])  # fmt: skip
def test_maps_are_shown_where_that_is_honest(settings, whose):
    assert answer(FIRST | settings)["pictured"] == whose


def test_an_illegal_size_says_where_and_offers_the_nearest():
    panel = u_explorer()
    panel.ask("Why not 570?")
    assert "pool 2 gets 279 pixels" in panel.problem and "372²" in panel.problem
    found = panel.answer
    assert found["boxes"][found["failing"]] == ["pool", 2, "down"]
    assert found["note"].startswith("279 is odd") and found["sizes"][5:7] == [279, 139]
    assert [offer["size"] for offer in found["offers"]] == [556, 572]
    assert panel.picture.alt == panel.problem
    panel.set(size=572)
    assert panel.problem == "" and "31,030,658" in panel.picture.body


def test_every_size_is_answered_and_the_slider_stops_at_the_legal_ones():
    first, step = given()["stops"]["4 valid crop concat"]
    for size in range(-1, 1030):
        found = answer(FIRST | {"size": size})
        legal = size in range(first, 1025, step)
        assert ("problem" not in found) == legal == (size in legal_sizes(UNetConfig(), 0, 1024))
        assert legal or all("problem" not in answer(FIRST | {"size": offer["size"]})
                            for offer in found["offers"])  # fmt: skip
    assert None in answer(FIRST | {"size": 100})["sizes"]


def test_the_still_has_arrows_between_the_levels_and_a_red_one_where_a_row_is_lost():
    panel = u_explorer()
    body = panel.picture.body
    counts = [body.count(f'fill="{ink}"') for ink in (LIGHT.pool, LIGHT.up)]
    assert counts == [4, 4] and BAD_NEWS not in body
    assert body.count("stroke-dasharray") == 4 and "568² → 392²" in body
    panel.set(size=570)
    body = panel.picture.body
    assert body.count(f'fill="{LIGHT.pool}"') == 3, "the fourth is red"
    assert f'fill="{BAD_NEWS}"' in body and "stroke-dasharray" not in body


@pytest.mark.parametrize(
    ("size", "words"), [(94, "up to 1 pixel from"), (96, "up to 2 pixels")]
)
def test_one_pixel_is_not_pixels(size, words):
    assert words in answer(FIRST | {"depth": 3, "size": size})["problem"]


@pytest.mark.parametrize("number", [0, 7, 960, 1000, 36928, 2359808, 300856848896])
def test_few_digits(number):
    assert float(short(number).split()[0]) > 0 or number == 0
    assert len(short(number, 2)) <= 5


# ---------------------------------------------------------------------------------- exercises
def blurred(skip, x):
    skip = F.interpolate(skip, x.shape[-2:], mode="bilinear", align_corners=False)
    return torch.cat([skip, x], 1)


def moved(by):
    """All shapes with these four numbers added."""
    return {
        name: tuple(n + m for n, m in zip(shape, by, strict=True))
        for name, shape in SHAPES.items()
    }


def shifted(low, high, depth=4):
    """Two pixels larger than legal ones."""
    return [n for n in range(low, high + 1) if legal(n - 2, n - 2, depth)]


KINDS_OF_MISTAKES = [
    ("07.five_shapes", {name: shape[1:] for name, shape in SHAPES.items()}, "not four numbers"),
    ("07.five_shapes", moved((-1, 0, 0, 0)), "only the batch"),
    ("07.five_shapes", moved((0, 4, 0, 0)), "only the channels"),
    ("07.five_shapes", moved((0, 0, 2, 2)), "only height and width"),
    *[("07.five_shapes", SHAPES | {name: (2, 7, 9, 9)}, f"only {name}") for name in SHAPES],
    *[("07.five_shapes", SHAPES | {name: (2, 7, 9, 9), "output": (2, 1, 9, 9)}, f"first {name}")
      for name in list(SHAPES)[:-1]],
    ("07.forward", variant(join=lambda skip, x: torch.cat([0 * x, x], 1)), "no skips"),
    ("07.forward", variant(join=blurred), "skip resized smoothly"),
    ("07.forward", lambda self, x: forward(self, x).argmax(1), "no classes"),
    ("07.forward", lambda self, x: forward(self, x)[..., 1:, 1:], "too small"),
    ("07.forward", lambda self, x: F.pad(forward(self, x), (1, 1, 1, 1)), "too large"),
    ("07.forward", lambda self, x: forward(self, x[:1]).expand(len(x), -1, -1, -1) + 1,
     "values only"),
    ("07.legal", lambda low, high, depth=4: [
        bool(legal(n, n, depth)) for n in range(low, high + 1)], "truth values"),
    ("07.legal", lambda low, high, depth=4: legal(low + 1, high, depth), "low missing"),
    ("07.legal", lambda low, high, depth=4: [*legal(low, high, depth), high + 1],
     "outside"),
    ("07.legal", lambda low, high, depth=4: [
        n for n in range(low, high + 1) if n > 9 and (n + 4) % 2**depth == 0],
     "starting too early"),
    ("07.legal", lambda low, high, depth=4: legal(max(low, 100), high, depth),
     "another smallest"),
    ("07.legal", shifted, "beginning elsewhere"),
    ("07.legal", lambda low, high, depth=4: [
        n for n in range(low, high + 1) if n % 16 == 12 and n >= 188], "depth 4 only"),
    ("07.legal", lambda low, high, depth=4: [
        n for n in range(low, high + 1) if n % 2 == 0 and n >= 18], "dropping"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer", "told"), KINDS_OF_MISTAKES)
def test_kinds_of_mistakes_are_told_by_what_they_do(name, answer, told):
    is_told(name, answer, told)


def test_a_skip_smaller_than_the_map_is_told():
    result = judge(exercise_named("07.forward"), variant(pool=lambda x, _two: x))
    assert result.state == "wrong" and "asked to make a map larger" in result.hint


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("07.five_shapes", {name: torch.Size(shape) for name, shape in SHAPES.items()}),
        ("07.forward", lambda self, x: torch.cat([forward(self, one[None]) for one in x])),
        ("07.legal", lambda low, high, depth=4: np.array(legal(low, high, depth))),
        ("07.legal", lambda *args: tuple(legal(*args))),
    ],
)
def test_right_answers_in_other_forms_pass(name, answer):
    is_accepted(name, answer)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("07.forward", lambda self, x: forward(self, x[:1])),
        ("07.legal", lambda low, high, depth=3: legal(low, high, depth)),
        ("07.legal", lambda low, high, depth=4: legal(low, high, depth) or [high]),
    ],
)
def test_what_passed_with_tamer_cases_fails(name, answer):
    assert judge(exercise_named(name), answer).state == "wrong"


def test_each_question_of_the_u_has_its_sentence():
    panel = u_explorer()
    found = {question: panel.answered(settings) for question, settings in panel.presets}
    starts = {
        "What does a trained network see?": "Thin walls at the top",
        "Why not 570?": "Because 279 is odd",
        "No cropping at all?": "None: a padded convolution keeps its size, so 576² go in, 576²",
        "Add instead of concatenate?": "Adding saves 10 % of the parameters",
        "Half as deep?": "It has 6 % of the parameters of depth 4",
    }
    assert found.keys() == starts.keys()
    for question, start in starts.items():
        assert found[question]["because"].startswith(start), question
    add, whole = found["Add instead of concatenate?"]["totals"], panel.answer["totals"]
    assert f"{100 - 100 * add['parameters'] / whole['parameters']:.0f}" == "10"
    for settings in panel.recorded()[::7]:
        said = panel.answered(settings)["because"]
        assert "{" not in said and len(said.split()) <= 42, said


@pytest.mark.parametrize(
    ("hers", "filled"),
    [((), 0), (("double_conv",), 5), (("center_crop", "forward"), 3), (SOCKETS, 10)],
)
def test_sockets_are_filled_with_her_parts(hers, filled):
    patches = drawn(hers).axes[0].patches
    blue = [patch for patch in patches if to_hex(patch.get_facecolor()).upper() == BLUE]
    assert len(blue) == filled and len(patches) == 10


def test_the_sockets_are_filled_by_what_passes_in_her_file(monkeypatch, tmp_path):
    monkeypatch.setenv("UNET_TEACH_MINE", str(tmp_path))
    crop = inspect.getsource(layers.center_crop)
    text = (
        f"import torch\nfrom torch import Tensor\n\n\n{crop}\n\ndef double_conv():\n    pass\n"
    )
    (tmp_path / "my_unet.py").write_text(text)
    patches = sockets().axes[0].patches
    assert sum(to_hex(patch.get_facecolor()).upper() == BLUE for patch in patches) == 2
