"""Lessons 00 to 03: right answers in other styles pass, wrong ones get the hint that fits.

The wrong ones are none of the listed mistakes: they are recognised by what they do.
"""

import random
from itertools import islice, pairwise

import numpy as np
import pytest
import torch
from answers import is_hinted
from torch import nn
from torch.nn import functional as F

from unet_teach.classroom.harness import harness_source
from unet_teach.exercises.judging import exercise_named, exercises, judge, verdict
from unet_teach.exercises.running import attempt
from unet_teach.lessons.l01_convolution_arithmetic import exercises as lesson_01
from unet_teach.lessons.l02_receptive_field import exercises as lesson_02


def dices(labels, values, thresholds):
    found = []
    for t in thresholds:
        truth, inside = labels == 1, values > t
        areas = truth.sum() + inside.sum()
        found.append(2 * (truth & inside).sum() / areas if areas else 1.0)
    return found


def best(labels, values, thresholds):
    found = dices(labels, values, thresholds)
    return [t for t, d in zip(thresholds, found, strict=True) if d == max(found)]


class Later(nn.Module):
    """Registers the second convolution first."""

    def __init__(self, i, o):
        super().__init__()
        self.later, self.earlier = nn.Conv2d(o, o, 3), nn.Conv2d(i, o, 3)

    def forward(self, x):
        return self.later(self.earlier(x).relu()).relu()


class Bare(nn.Module):
    """Weights without layers, both weights before both biases."""

    def __init__(self, i, o):
        super().__init__()
        self.w, self.v = (nn.Parameter(torch.zeros(o, n, 3, 3)) for n in (i, o))
        self.a, self.b = (nn.Parameter(torch.zeros(o)) for _bias in range(2))

    def forward(self, x):
        return F.conv2d(F.conv2d(x, self.w, self.a).relu(), self.v, self.b).relu()


def lazy(_i, o):
    return nn.Sequential(nn.LazyConv2d(o, 3), nn.ReLU(), nn.LazyConv2d(o, 3), nn.ReLU(True))


def recursive(convs, x):
    top = convs[0](x)
    return (top, *(recursive(convs[1:], F.max_pool2d(top, 2)) if convs[1:] else ()))


def normalised(gradient, middle, share):
    rows, columns = np.indices(gradient.shape)
    far = np.maximum(abs(rows - middle[0]), abs(columns - middle[1]))
    gradient = gradient / gradient.sum()
    halves = range(far.max() + 1)
    return torch.tensor(next(2 * h + 1 for h in halves if gradient[far <= h].sum() >= share))


RIGHT = [
    ("00.fix_mask", lambda mask: mask > 127),
    ("00.fix_mask", lambda mask: mask >> 7),
    ("00.fix_mask", lambda mask: np.rint(mask / 255)),
    ("00.fix_mask", lambda mask: torch.tensor(mask.tolist()).gt(127).int()),
    ("00.constant_accuracy", lambda x: np.bincount(x.ravel().astype(int)).max() / x.size),
    ("00.best_thresholds", lambda a, b, c: np.array(best(a, b, c))),
    ("01.conv_out", lambda n, k, s=1, p=0, d=1: float((n + 2 * p - d * (k - 1) + s - 1) // s)),
    ("01.inputs_for", lambda m, k, s=1, p=0, d=1: range(
        max(1, (m - 1) * s + d * (k - 1) + 1 - 2 * p), m * s + d * (k - 1) + 1 - 2 * p)),
    ("01.same_padding", lambda k, d=1: np.array([d * (k - 1) // 2, (d * (k - 1) + 1) // 2])),
    ("02.one_layer", lambda size, jump, k, s: [size + (k - 1.0) * jump, np.int64(jump * s)]),
    ("02.field_of", lambda layers: lesson_02._by_marking(layers)),
    ("02.effective_square", normalised),
    ("03.double_conv", Later),
    ("03.double_conv", Bare),
    ("03.double_conv", lazy),
    ("03.contract", recursive),
    ("03.parameters", lambda i, b, d: sum(
        p.numel() for n in range(d + 1)
        for p in Later(b * 2 ** (n - 1) if n else i, b * 2**n).parameters())),
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer"), RIGHT)
def test_right_in_another_style(name, answer):
    result = judge(exercise_named(name), answer)
    assert result.passed, str(result)
    assert result.message and not result.notes


def conv(n, k, s=1, p=0, d=1):
    return (n + 2 * p - d * (k - 1) - 1) // s + 1


def chain(*layers):
    return lambda i, o: nn.Sequential(*(layer(i, o) for layer in layers))


def path(pool=lambda x: F.max_pool2d(x, 2), end=lambda maps: maps):
    def contract(convs, x):
        maps = []
        for level, layer in enumerate(convs):
            x = layer(pool(x) if level else x)
            maps.append(x)
        return end(maps)

    return contract


def eaten(convs, x):
    maps = []
    while convs:
        maps.append(convs.pop(0)(F.max_pool2d(maps[-1], 2) if maps else x))
    return maps


def pooled_at_the_end(convs, x):
    maps = []
    for layer in convs:
        maps.append(layer(x))
        x = F.max_pool2d(maps[-1], 2)
    return maps


def first(i, o):
    return nn.Conv2d(i, o, 3)


def second(_i, o):
    return nn.Conv2d(o, o, 3)


def relu(_i, _o):
    return nn.ReLU()


WRONG = [
    ("00.fix_mask", lambda mask: np.abs(mask - 255) < np.abs(mask - 0), "wraps around"),
    ("00.fix_mask", lambda mask: mask > mask.mean(), "not the same for every mask"),
    ("00.fix_mask", lambda mask: mask >= 127, "become 1 that are nearer to 0"),
    ("00.fix_mask", lambda mask: mask > 200, "become 0 that are nearer to 255"),
    ("00.fix_mask", lambda mask: (mask > 127).T, "Rows and columns"),
    ("00.constant_accuracy", lambda x: np.bincount(x.ravel()[x.ravel() < x.max()],
                                                   minlength=1).max() / x.size,
     "another class occurs more often"),
    ("00.constant_accuracy", lambda x: np.array(
        [(x == c).sum(dtype=np.uint8) for c in np.unique(x)]).max() / x.size, "uint8 can't"),
    ("00.constant_accuracy", lambda x: x.size // x.size * 0, "does `//`"),
    ("00.best_thresholds", lambda a, b, c: sorted(best(a, b, c)), "the order"),
    ("00.best_thresholds", lambda a, b, c: best(a.astype(bool) + 0, b, c), "class 2"),
    ("01.conv_out", lambda n, k, s=1, p=0, d=1: round((n + 2 * p - d * (k - 1) - 1) / s) + 1,
     "round down"),
    ("01.conv_out", lambda n, k, s=2, p=0, d=1: conv(n, k, s, p, d), "default of s"),
    ("01.conv_out", lambda n, k, s=1, p=1, d=1: conv(n, k, s, p, d), "default of p"),
    ("01.conv_out", lambda n, k, s=1, p=0, d=2: conv(n, k, s, p, d), "default of d"),
    ("01.conv_out", lambda n, k, s=1, p=0, d=1: conv(n, k, s, min(p, k // 2), d),
     "while p is 0"),
    ("01.inputs_for", lambda m, k, s=1, p=0, d=1: [
        n for n in range(1, 100) if conv(n, k, s, p, d) == m and n + 2 * p > d * (k - 1)],
     "some are missing"),
    ("01.inputs_for", lambda m, k, s=1, p=0, d=1: [
        n for n in range(1, 2000) if int((n + 2 * p - d * (k - 1) - 1) / s) + 1 == m],
     "does not fit at all"),
    ("01.same_padding", lambda k, d=1: (0, d * (k - 1)), "all zeros are on one side"),
    ("01.same_padding", lambda k, d=1: (d * k // 2, d * k // 2), "more than what is lost"),
    ("02.one_layer", lambda size, jump, k, s: (size + k // 2 * 2 * jump, jump * s),
     "k is even"),
    ("02.one_layer", lambda size, jump, k, s: (jump * s, size + (k - 1) * jump), "other order"),
    ("02.field_of", lambda x: lesson_02.field_of(sorted(x)[::-1]), "another order"),
    ("02.field_of", lambda x: lesson_02.field_of([(k, min(s, 2)) for k, s in x]), "above 2"),
    ("02.field_of", lambda x: lesson_02.field_of(x[:-1]), "left out"),
    ("02.effective_square", lambda g, m, share: max(3, lesson_02.effective_square(g, m, share)),
     "holds the share alone"),
    ("02.effective_square", lambda g, m, share: lesson_02.effective_square(g, m[::-1], share),
     "(row, column)"),
    ("02.effective_square", lambda g, m, share: min(
        lesson_02.effective_square(g, m, share), 2 * min(*m, *(np.array(g.shape) - m - 1)) + 1),
     "leaves it"),
    ("03.double_conv", chain(first, relu, second, lambda i, o: nn.LeakyReLU()), "negative"),
    ("03.double_conv", chain(first, lambda i, o: nn.ReLU6(), second, lambda i, o: nn.ReLU6()),
     "no upper end"),
    ("03.double_conv", chain(first, relu, lambda i, o: nn.Dropout(0.1), second, relu),
     "dropout"),
    ("03.double_conv", chain(first, lambda i, o: nn.BatchNorm2d(o), relu, second, relu),
     "BatchNorm2d"),
    ("03.double_conv", chain(first, relu), "too large"),
    ("03.double_conv", chain(first, relu, second, relu, second, relu), "too small"),
    ("03.double_conv", chain(lambda i, o: nn.Conv2d(i, i, 3), relu, first, relu),
     "first convolution has 1 output"),
    ("03.double_conv", lambda i, o: [nn.Conv2d(i, o, 3)], "Return one module"),
    ("03.contract", path(lambda x: F.max_pool2d(x, 2, ceil_mode=True)), "odd height"),
    ("03.contract", lambda convs, x: path()(convs, x[:1]), "of several only one"),
    ("03.contract", path(lambda x: F.max_pool2d(x, 2, stride=1)), "halves height"),
    ("03.contract", path(end=lambda maps: (maps[:-1], maps[-1])), "a list inside"),
    ("03.contract", path(end=lambda maps: maps[-1]), "the lowest map only"),
    ("03.contract", pooled_at_the_end, "too small for it"),
    ("03.contract", eaten, "changed its input convs"),
    ("03.parameters", lambda i, b, d: sum(
        9 * b * 2**n * ((b * 2 ** (n - 1) if n else i) + b * 2**n) + b * 2**n
        for n in range(d + 1)), "number of biases"),
    ("03.parameters", lambda i, b, d: sum(
        9 * b * 2**n * (b * 2**n // 2 if n or not d else i) + 9 * (b * 2**n) ** 2 + 2 * b * 2**n
        for n in range(d + 1)), "depth is 0"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer", "words"), WRONG)
def test_a_wrong_answer_is_told_what_it_does(name, answer, words):
    is_hinted(name, answer, words)


@pytest.mark.parametrize("seed", range(0, 15, 3))
@pytest.mark.parametrize(("name", "answer", "words"), WRONG[1::4])
def test_every_seed_says_the_same(name, answer, words, seed):
    exercise = exercise_named(name)
    ran = [(case, attempt(exercise, answer, case)) for case in exercise.arguments(seed=seed)]
    result = verdict(exercise, answer, ran)
    assert result.state == "wrong" and words in result.hint, str(result)


@pytest.mark.parametrize("exercise", lesson_01.EXERCISES, ids=lambda exercise: exercise.name)
def test_a_case_with_defaults_comes_once_more_written_out(exercise):
    """So a wrong default is told apart from what only happens to go wrong without it."""
    cases = list(islice(exercise.cases(random.Random(3)), 60))
    full = max(map(len, cases))
    for case, following in pairwise(cases):
        if len(case) < full:
            assert len(following) == full
            assert exercise.reference(*case) == exercise.reference(*following)
            assert following[: len(case)] == case


def test_no_square_holds_its_share_but_for_rounding():
    """Or else `sum / total >= share` and `sum >= share * total` would be judged otherwise."""
    for gradient, middle, share in lesson_02.stretch.arguments(seed=5):
        whole, row, column = gradient.sum(), *middle
        for half in range(max(gradient.shape)):
            top, left = max(row - half, 0), max(column - half, 0)
            inside = gradient[top : row + half + 1, left : column + half + 1].sum()
            exact = inside == share * whole and inside / whole == share
            assert exact or abs(inside / whole - share) > 1e-6


@pytest.mark.parametrize("lesson", ["00", "01", "02", "03"])
def test_what_runs_an_answer_elsewhere_needs_no_reference(lesson):
    listed = exercises(lesson)
    source = harness_source(lesson, listed, {e.name: list(e.arguments()) for e in listed})
    exec(compile(source, "harness", "exec"), {"__name__": "harness"})
