"""The arithmetic of shapes against torch: formulas, legal sizes, the traced U, its fields."""

from __future__ import annotations

import pickle
import subprocess
import sys
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from unet_teach import shapes
from unet_teach.config import CHOICES, UNetConfig
from unet_teach.layers import UpConv
from unet_teach.models import unet as unet_module
from unet_teach.models.unet import UNet
from unet_teach.shapes import IllegalSize, trace

PAPER = UNetConfig()
KEYS = ("padding", "merge", "upsample", "align")
COMBINATIONS = [
    dict(zip(KEYS, values, strict=True)) for values in product(*(CHOICES[key] for key in KEYS))
]


def name_of(combination: dict) -> str:
    return "-".join(str(value) for value in combination.values())


def size_or_error(function, *arguments):
    """What a formula or torch gives: the size, or the word for any refusal."""
    try:
        out = function(*arguments)
    except (ValueError, RuntimeError):
        return "refused"
    return out if isinstance(out, int) else out.shape[-1]


# --- formulas -----------------------------------------------------------------------------


def test_conv_out_and_dropped_equal_torch_and_brute_force():
    for n, k, s, p, d in product(range(1, 13), (1, 2, 3, 4, 5), (1, 2, 3), range(4), (1, 2, 3)):
        x, weight = torch.zeros(1, 1, n), torch.zeros(1, 1, k)
        expected = size_or_error(lambda: F.conv1d(x, weight, None, s, p, d))  # noqa: B023
        assert size_or_error(shapes.conv_out, n, k, s, p, d) == expected, (n, k, s, p, d)
        if expected != "refused":
            last_seen = (expected - 1) * s + d * (k - 1)  # index in the padded input
            assert shapes.dropped(n, k, s, p, d) == n + 2 * p - 1 - last_seen


def test_pool_out_equals_torch():
    for n, k, s, p, d in product(range(1, 13), (1, 2, 3, 4), (1, 2, 3), range(4), (1, 2)):
        x = torch.zeros(1, 1, 1, n)
        window = ((1, k), (1, s), (0, p), (1, d))
        expected = size_or_error(lambda: F.max_pool2d(x, *window))  # noqa: B023
        assert size_or_error(shapes.pool_out, n, k, s, p, d) == expected, (n, k, s, p, d)
    assert shapes.pool_out(9, 3) == F.max_pool1d(torch.zeros(1, 1, 9), 3).shape[-1] == 3


def test_conv_transpose_out_equals_torch_and_turns_conv_out_round():
    grid = product(range(1, 8), (1, 2, 3, 4), (1, 2, 3), range(4), (1, 2, 3), range(4))
    for n, k, s, p, d, extra in grid:
        x, weight = torch.zeros(1, 1, n), torch.zeros(1, 1, k)
        expected = size_or_error(
            lambda: F.conv_transpose1d(x, weight, None, s, p, extra, 1, d)  # noqa: B023
        )
        settings_ = (n, k, s, p, d, extra)
        assert size_or_error(shapes.conv_transpose_out, *settings_) == expected, settings_
        if expected != "refused" and extra < s:
            assert shapes.conv_out(expected, k, s, p, d) == n


def test_two_small_kernels_see_what_a_large_one_sees():
    assert shapes.receptive_field([(3, 1), (3, 1)]) == shapes.receptive_field([(5, 1)])
    assert shapes.conv_out(shapes.conv_out(572, 3), 3) == shapes.conv_out(572, 5) == 568


# --- refusals -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: shapes.conv_out(572.0, 3),
            "n is 572.0; .* whole number, 1 or more: write 572",
        ),
        (lambda: shapes.conv_out("572", 3), "n is '572'.*whole number"),
        (lambda: shapes.conv_out(True, 3), "n is True"),
        (lambda: shapes.conv_out(float("nan"), 3), "n is nan"),
        (lambda: shapes.conv_out(None, 3), "n is None"),
        (lambda: shapes.conv_out(-5, 3), "n is -5; it must be a whole number, 1 or more"),
        (lambda: shapes.conv_out(5, 3, s=0), "stride s is 0.*1 or more"),
        (lambda: shapes.conv_out(5, 0), "kernel size k is 0"),
        (lambda: shapes.conv_out(5, 3, p=-1), "padding p is -1"),
        (lambda: shapes.conv_out(5, 3, d=3), "spans 7 pixels.*smallest n.*: 7"),
        (lambda: shapes.pool_out(6, 2, p=2), "padding p is 2.*0 to 1"),
        (lambda: shapes.conv_transpose_out(2, 2, p=2), "p is 2.*leaves one: 1"),
        (
            lambda: shapes.conv_transpose_out(2, 3, 2, output_padding=2),
            "output_padding is 2.*0 to 1",
        ),
        (lambda: shapes.receptive_field([(3, 1), (3,)]), r"layer 1 is \(3,\)"),
        (lambda: shapes.receptive_field([3]), "layer 0 is 3"),
        (lambda: shapes.receptive_field([(3, 0)]), "stride s of layer 0 is 0"),
        (lambda: shapes.receptive_field([(3, 1.5)]), "stride s of layer 0 is 1.5"),
        (lambda: trace(PAPER, 572.0), "input size is 572.0"),
        (lambda: shapes.legal_sizes(PAPER, 600, 100), "low is 600 and high is 100"),
        (lambda: shapes.unet_field(PAPER, -1), "output pixel is -1"),
    ],
)
def test_a_wrong_argument_is_named_with_what_would_do(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_whatever_counts_as_an_index_is_taken():
    for integer in (np.int64, np.uint8, torch.tensor):
        out = shapes.conv_out(integer(200), integer(3))
        assert out == 198 and type(out) is int
    assert trace(PAPER, np.int32(572)) == trace(PAPER, 572)


def test_illegal_size_names_the_nearest():
    with pytest.raises(IllegalSize) as caught:
        trace(PAPER, 570)
    assert str(caught.value) == (
        "input size 570 does not halve evenly at depth 4 with valid convolutions; "
        "nearest legal sizes: 556, 572"
    )
    assert caught.value.nearest == (556, 572)
    again = pickle.loads(pickle.dumps(caught.value))  # data loaders send errors home this way
    assert (str(again), again.nearest) == (str(caught.value), (556, 572))
    for size in (172, 100, 0, -4):  # 172 halves evenly, and leaves nothing
        with pytest.raises(
            IllegalSize, match=r"too small at depth 4.*legal size: 188"
        ) as caught:
            shapes.output_size(PAPER, size)
        assert caught.value.nearest == (188,)


# --- legal sizes --------------------------------------------------------------------------


def plain_u(config: UNetConfig, size: int) -> tuple[int, bool]:
    """A U of bare torch calls along one side: its output size, and whether a pool dropped."""
    x, kernel = torch.zeros(1, 1, size, device="meta"), torch.zeros(1, 1, 3, device="meta")
    up, p = torch.zeros(1, 1, 2, device="meta"), 1 if config.padding == "same" else 0
    skips, whole = [], True
    for _ in range(config.depth):
        x = F.conv1d(F.conv1d(x, kernel, padding=p), kernel, padding=p)
        skips.append(x)
        whole &= x.shape[-1] % 2 == 0
        x = F.avg_pool1d(x, 2)
    x = F.conv1d(F.conv1d(x, kernel, padding=p), kernel, padding=p)
    for skip in reversed(skips):
        x = F.conv_transpose1d(x, up, stride=2)
        if config.align == "pad":
            x = F.pad(x, (0, skip.shape[-1] - x.shape[-1]))
        x = F.conv1d(F.conv1d(x, kernel, padding=p), kernel, padding=p)
    return x.shape[-1], whole


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
@pytest.mark.parametrize("align", CHOICES["align"])
@pytest.mark.parametrize("padding", CHOICES["padding"])
def test_legal_sizes_are_those_where_torch_drops_nothing(padding, align, depth):
    config = UNetConfig(padding=padding, align=align, depth=depth)
    outputs = {}
    for size in range(1, 13 * 2**depth):
        try:
            out, whole = plain_u(config, size)
        except RuntimeError:  # a kernel larger than its map
            continue
        if whole:
            outputs[size] = out
    last = 13 * 2**depth - 1
    assert outputs and shapes.legal_sizes(config, 0, last) == list(outputs)
    assert {n: shapes.output_size(config, n) for n in outputs} == outputs
    assert shapes.smallest_size(config) == min(outputs)
    for size in range(max(outputs)):
        below = [n for n in outputs if n <= size][-1:]
        above = [n for n in outputs if n >= size][:1]
        expected = tuple(sorted(set(below + above)))
        assert shapes.nearest_legal_sizes(config, size) == expected
    steps = {b - a for a, b in zip(list(outputs), list(outputs)[1:], strict=False)}
    assert steps == {shapes.size_step(config)}


def test_the_papers_sizes():
    legal = shapes.legal_sizes(PAPER, 100, 600)
    assert legal == [n for n in range(188, 601) if n % 16 == 12]
    assert all(shapes.output_size(PAPER, n) == n - 184 for n in legal)
    assert shapes.output_size(PAPER, 572) == 388
    assert shapes.output_size(UNetConfig(align="pad"), 572) == 564
    assert shapes.legal_sizes(PAPER, 573, 587) == []
    # A mirror-padded 512 is 696, which is illegal: 700 is the next, and covers 512.
    assert shapes.nearest_legal_sizes(PAPER, 512 + 184) == (684, 700)
    assert plain_u(PAPER, 570) == (372, False)  # torch runs it all the same


# --- the whole U --------------------------------------------------------------------------

KIND_OF = {  # torch's operation -> the kind of step
    "aten.convolution.default": "convolution",
    "aten.native_batch_norm.default": "batch_norm",
    "aten.max_pool2d_with_indices.default": "pool",
    "aten.cat.default": "concat",
    "aten.add.Tensor": "add",
    "aten.constant_pad_nd.default": "pad",
    "aten.upsample_nearest2d.default": "interpolate",
    "aten.upsample_bilinear2d.default": "interpolate",
    "aten.pixel_shuffle.default": "shuffle",
    "aten.mul.Tensor": "dropout",  # by the mask
}
NO_STEP = (
    "relu_",
    "slice",
    "empty",
    "num_batches",
    "add_",
    "detach",
    "view",
    "alias",
    "bernoulli_",
    "div_",
)


class Recorder(TorchDispatchMode):
    """Every operation that makes a new map: its kind, channels, size and bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.maps = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        name = str(func)
        if name in KIND_OF:
            x = out[0] if isinstance(out, tuple) else out
            n_bytes = x.numel() * x.element_size()
            self.maps.append((KIND_OF[name], x.shape[1], x.shape[2], n_bytes))
        else:
            assert any(word in name for word in NO_STEP), f"what is {name}?"
        return out


@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("combination", COMBINATIONS, ids=name_of)
def test_every_step_is_what_torch_does(combination, batch_norm, depth, monkeypatch):
    config = UNetConfig(
        in_channels=3,
        base_channels=2,
        depth=depth,
        batch_norm=batch_norm,
        dropout=0.5 if depth == 3 else 0.0,
        **combination,
    )
    size = shapes.smallest_size(config) + shapes.size_step(config)
    traced, aligned = trace(config, size), []

    def align(skip, x, how):
        out = unet_align(skip, x, how)
        aligned.append((skip.shape[1], skip.shape[-1], x.shape[-1], out[0].shape[-1]))
        return out

    unet_align = unet_module.align
    monkeypatch.setattr(unet_module, "align", align)
    # One operation of torch, not the matrix product that `UpConv` makes of it on a CPU.
    monkeypatch.setattr(UpConv, "forward", torch.nn.ConvTranspose2d.forward)
    model, x = UNet(config), torch.zeros(1, 3, size, size)
    with torch.no_grad(), FlopCounterMode(display=False) as counter, Recorder() as recorder:
        out = model(x)

    kinds = dict.fromkeys(("conv", "up", "project", "last"), "convolution")
    steps = [
        (kinds.get(s.kind, s.kind), s.out_channels, s.output_size, s.memory)
        for s in traced.steps
    ]
    assert steps == recorder.maps
    for before, after in zip(traced.steps, traced.steps[1:], strict=False):
        assert before.output_size == after.input_size
        assert before.out_channels == after.in_channels
    assert (traced.steps[0].input_size, traced.steps[0].in_channels) == (size, 3)
    assert len({step.name for step in traced.steps}) == len(traced.steps)
    assert traced.output == out.shape[-1] == size - 2 * traced.margin
    assert traced.memory == sum(n_bytes for *_, n_bytes in recorder.maps)
    assert traced.operations == counter.get_total_flops()
    assert traced.parameters == sum(p.numel() for p in model.parameters())
    per_module = [
        sum(p.numel() for p in m.parameters(recurse=False)) for m in model.modules()
    ]  # module order is not path order, hence sorted
    expected = sorted(number for number in per_module if number)
    assert sorted(s.parameters for s in traced.steps if s.parameters) == expected

    used = [skip for skip in reversed(traced.skips) if skip.used]
    assert len(used) == (0 if config.merge == "none" else depth)
    for skip, (channels, before, below, after) in zip(used, aligned, strict=True):
        assert (skip.channels, skip.size, skip.below) == (channels, before, below)
        assert skip.size - 2 * skip.crop == after == skip.below + 2 * skip.pad
    assert all(s.used or (s.crop, s.pad) == (0, 0) for s in traced.skips)


def test_the_papers_network_in_numbers():
    unet = trace(PAPER, 572)
    assert (unet.output, unet.margin, unet.convolutions) == (388, 92, 23)
    assert unet.parameters == 31_030_658
    assert trace(UNetConfig(merge="add"), 572).parameters == 27_897_218
    assert trace(UNetConfig(upsample="bilinear"), 572).parameters == 28_941_698
    assert f"{unet.operations / 1e9:.1f}" == "300.9"
    assert f"{trace(UNetConfig(padding='same'), 512).operations / 1e9:.1f}" == "384.8"
    assert [(s.size, s.below, s.crop) for s in unet.skips] == [
        (568, 392, 88),
        (280, 200, 40),
        (136, 104, 16),
        (64, 56, 4),
    ]
    contracting = [s for s in unet.steps if s.name.startswith("contract")]
    assert sum(s.parameters for s in contracting) == 18_842_048
    # The sizes in the paper's figure 1, at each of its arrows.
    figure = [570, 568, 284, 282, 280, 140, 138, 136, 68, 66, 64, 32, 30, 28]
    figure += [56, 54, 52, 104, 102, 100, 200, 198, 196, 392, 390, 388, 388]
    assert [s.output_size for s in unet.steps if s.kind != "concat"] == figure
    rows = str(unet).splitlines()
    assert len(rows) == len(unet.steps) + 2 and len(set(map(len, rows))) == 1
    assert "31030658" in rows[-1] and "572 → 388" in rows[-1] and "300856.8" in rows[-1]


@pytest.mark.parametrize(
    ("config", "size"), [(PAPER, 572), (UNetConfig(padding="same"), 512)], ids=["valid", "same"]
)
def test_the_papers_operations_and_memory_equal_torchs(config, size):
    with torch.device("meta"):
        model, x = UNet(config), torch.zeros(1, 1, size, size)
    with torch.no_grad(), FlopCounterMode(display=False) as counter, Recorder() as recorder:
        model(x)
    assert trace(config, size).operations == counter.get_total_flops()
    assert trace(config, size).memory == sum(n_bytes for *_, n_bytes in recorder.maps)


# --- receptive fields ---------------------------------------------------------------------

LAYERS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 2), st.integers(0, 2)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(LAYERS)
def test_both_recursions_equal_the_gradient(layers):
    field = shapes.receptive_field(layers)
    assert shapes.receptive_field_backwards(layers) == field.size
    output = -(-max(0, -field.start) // field.jump) + 1  # the first clear of the padding, + 1
    seen = field.pixels(output)
    last = shapes.receptive_field(layers).pixels(output + 2)[-1]
    x = torch.zeros(1, 1, last + 20, dtype=torch.float64, requires_grad=True)
    y = x
    for k, s, d, p in layers:
        y = F.conv1d(y, torch.ones(1, 1, k, dtype=torch.float64), None, s, p, d)
    y[0, 0, output].backward()
    hit = x.grad[0, 0].nonzero().flatten()  # a dilated kernel leaves holes between
    assert (hit[0].item(), hit[-1].item()) == (seen[0], seen[-1])


def test_the_popular_formula_is_wrong_after_a_pool_and_right_after_a_double_conv():
    layers, popular, exact = [], [], []
    size = 1
    for layer in [(3, 1), (3, 1), (2, 2)] * 4 + [(3, 1), (3, 1)]:
        layers.append(layer)
        size = size + 2 if layer == (3, 1) else 2 * size  # the popular formula
        popular.append(size)
        exact.append(shapes.receptive_field(layers).size)
    assert [pair for pair in zip(popular, exact, strict=True)][2::3] == [
        (10, 6),
        (28, 16),
        (64, 36),
        (136, 76),
    ]
    assert popular[1::3] == exact[1::3] == [5, 14, 32, 68, 140]
    steps = trace(PAPER, 572).steps[:14]
    assert [step.receptive_field for step in steps] == exact


def measured_fields(config: UNetConfig, monkeypatch) -> tuple[list[range], int]:
    """Rows with a gradient, for one output pixel of each phase in the middle of the map.

    Average pooling for max pooling, positive weights, float64: nothing can cancel, no pixel
    is hidden by a larger neighbour, and no contribution is rounded away.
    """
    monkeypatch.setattr(F, "max_pool2d", F.avg_pool2d)
    step = shapes.size_step(config)
    size = shapes.nearest_legal_sizes(config, 2 * max(shapes.unet_reach(config).sizes))[-1]
    model = UNet(config).double().eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.fill_(0.2)
    x = torch.ones(1, 1, size, size, dtype=torch.float64, requires_grad=True)
    y = model(x)
    first = (y.shape[-1] // 2 // step) * step
    fields = []
    for pixel in range(first, first + step):
        (gradient,) = torch.autograd.grad(y[0, 0, pixel, pixel], x, retain_graph=True)
        assert gradient.min() >= 0
        rows, columns = (gradient[0, 0].sum(dim=d).nonzero().flatten() for d in (1, 0))
        assert torch.equal(rows, columns)
        assert len(rows) == rows[-1] - rows[0] + 1
        fields.append(range(int(rows[0]), int(rows[-1]) + 1))
    return fields, first


def test_the_papers_field_is_188_or_204_by_phase(monkeypatch):
    fields, first = measured_fields(UNetConfig(base_channels=1), monkeypatch)
    assert [shapes.unet_field(PAPER, first + q) for q in range(16)] == fields
    assert [len(field) for field in fields] == [188] * 4 + [204] * 12
    last = trace(PAPER, 572).steps[-1]
    assert (last.receptive_field_smallest, last.receptive_field) == (188, 204)


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("combination", COMBINATIONS, ids=name_of)
def test_the_field_of_every_network_equals_its_gradient(combination, depth, monkeypatch):
    config = UNetConfig(base_channels=1, depth=depth, **combination)
    fields, first = measured_fields(config, monkeypatch)
    assert [shapes.unet_field(config, first + q) for q in range(2**depth)] == fields
    last = trace(config, shapes.smallest_size(config)).steps[-1]
    sizes = {len(field) for field in fields}
    assert (last.receptive_field_smallest, last.receptive_field) == (min(sizes), max(sizes))


# --- the module ---------------------------------------------------------------------------


def test_shapes_needs_neither_torch_nor_numpy():
    code = "import unet_teach.shapes, sys; print({'torch', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "set()"), done.stderr
