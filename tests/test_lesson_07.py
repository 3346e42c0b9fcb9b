"""Lesson 07: the explorer against torch, illegal sizes, the picture and its controls."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from answers import is_accepted, is_told
from torch.nn import functional as F

from unet_teach.config import UNetConfig
from unet_teach.exercises.judging import exercise_named, judge
from unet_teach.lessons.l07_build_unet.exercises import SHAPES, forward, legal, variant
from unet_teach.lessons.l07_build_unet.floors import follow
from unet_teach.lessons.l07_build_unet.measure import coordinate_shifts, run_any_size
from unet_teach.lessons.l07_build_unet.panel import u_explorer
from unet_teach.lessons.l07_build_unet.picture import broken_u, u_picture
from unet_teach.models.unet import UNet, count_parameters
from unet_teach.shapes import legal_sizes, skip_sizes, trace

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


# ------------------------------------------------------------------------------- the explorer
def texts(picture):
    return [node.text for node in ElementTree.fromstring(picture.body).iter() if node.text]


@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_the_explorer_says_what_torch_builds(changes):
    panel = u_explorer()
    size = 512 if changes.get("padding") == "same" else 572
    settings = {"size": size, "depth": 4, **changes}
    panel.set(**settings)
    if panel.problem:  # another depth needs another size
        panel.set(size=next(iter(panel._offers.children[1:])).description.split()[-1])
    values = {k: v for k, v in panel.values.items() if k not in ("size", "show")}
    with torch.device("meta"):
        network = UNet(UNetConfig(**values))
    assert f"{count_parameters(network):,}" in panel.picture.text + panel.picture.body
    traced = trace(UNetConfig(**values), panel.values["size"])
    assert any(f"{traced.output}²" in words for words in texts(panel.picture))


def test_an_illegal_size_is_red_says_where_and_offers_the_nearest():
    panel = u_explorer()
    panel.set(size=570)
    assert "pool 2 gets 279 pixels" in panel.problem
    assert any("279 is odd" in words for words in texts(panel.picture))
    offers = [button.description for button in panel._offers.children[1:]]
    assert [offer.split()[-1] for offer in offers] == ["556", "572"]
    panel._offers.children[2].click()
    assert panel.values["size"] == 572 and panel.problem == ""


@pytest.mark.parametrize("name", sorted(u_explorer().controls))
def test_every_control_changes_the_picture(name):
    panel = u_explorer()
    before, control = panel.picture, panel.controls[name]
    if hasattr(control, "options"):
        values = [o[1] if isinstance(o, tuple) else o for o in control.options]
        control.value = next(value for value in values if value != control.value)
    else:
        control.value = control.value - control.step
    assert panel.picture != before


def test_strict_every_end_of_every_control(monkeypatch):
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    u_explorer()


def numbers_at_boxes(body):
    """Each row of numbers in one style, and whether it is pale."""
    rows = re.findall(r"<text ([^>]*)>((?:<tspan[^>]*>[^<]*</tspan>)+)</text>", body)
    return [(re.findall(r">([^<]+)</tspan>", spans), "opacity" in look) for look, spans in rows]


def test_numbers_behind_what_fails_are_pale():
    config = UNetConfig(depth=1, base_channels=4)
    above, below = numbers_at_boxes(u_picture(config, 20).body)
    channels, sizes = "1 4 4 4 8 8 8 4 4 2".split(), "20² 18² 16² 8² 6² 4² 8² 6² 4² 4²".split()
    assert above == (channels, False) and below == (sizes, False)
    channels_1, sizes_1, channels_2, sizes_2 = numbers_at_boxes(broken_u(config, 21).body)
    assert channels_1 == (channels[:3], False) and channels_2 == (channels[3:], True)
    assert sizes_1 == (["21²", "19²", "17²"], False)
    assert sizes_2 == (sizes[3:], True)  # the pooling drops a row: 17 becomes 8


@pytest.mark.parametrize(
    ("size", "words"), [(94, "up to 1 pixel beside"), (96, "up to 2 pixels")]
)
def test_one_pixel_is_not_pixels(size, words):
    panel = u_explorer()
    panel.set(depth=3, size=size)
    assert words in panel.picture.alt


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
