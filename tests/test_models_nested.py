"""Skip graphs and the networks made of them, against hand formulas and plain torch."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from unet_teach.config import SkipGraph, UNetConfig
from unet_teach.models import NestedUNet, UNet, UNet3Plus, UNetPlusPlus
from unet_teach.shapes import IllegalSize

CONFIG = UNetConfig(padding="same", base_channels=4, depth=3)


def count(model):
    return sum(p.numel() for p in model.parameters())


def double_conv(c, k):
    return 9 * c * k + k + 9 * k * k + k


# The graph


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
def test_edges_of_the_presets_by_hand(depth):
    nested = depth * (depth + 1) // 2  # nodes beside the contracting path in U-Net++
    skips = sum(j for j in range(1, depth + 1) for _ in range(depth - j + 1))
    assert len(SkipGraph.u_net(depth).edges) == 3 * depth
    assert len(SkipGraph.unet_plus_plus(depth).edges) == depth + skips + nested
    assert len(SkipGraph.unet_3plus(depth).edges) == depth + depth * (depth + 1)


def test_inputs_are_those_of_the_papers_figures():
    # Zhou et al., figure 1: X^{0,2} takes X^{0,0}, X^{0,1} and X^{1,1} from below.
    assert SkipGraph.unet_plus_plus(4).inputs((0, 2)) == ((0, 0), (0, 1), (1, 1))
    # Huang et al., figure 2: X_De^3 (level 2 here) takes X_En^1, 2, 3, X_De^4 and X_En^5.
    assert SkipGraph.unet_3plus(4).inputs((2, 2)) == ((0, 0), (1, 0), (2, 0), (3, 1), (4, 0))
    assert SkipGraph.u_net(4).inputs((2, 2)) == ((2, 0), (3, 1))


@settings(deadline=None)
@given(st.integers(1, 5), st.sampled_from(["u_net", "unet_plus_plus", "unet_3plus"]))
def test_order_puts_inputs_first_and_nothing_twice(depth, preset):
    graph = getattr(SkipGraph, preset)(depth)
    order = graph.order
    assert order[0] == (0, 0) and order[-1] == (0, depth) and len(set(order)) == len(order)
    assert all(order.index(a) < order.index(b) for a, b in graph.edges)


@settings(deadline=None)
@given(st.data())
def test_removing_and_adding_an_edge_gives_the_graph_back(data):
    graph = SkipGraph.unet_plus_plus(3)
    skips = [edge for edge in graph.edges if edge[0][0] == edge[1][0]]
    edge = data.draw(st.sampled_from(skips))
    less = graph.remove(*edge)
    assert edge not in less.edges and len(less.edges) == len(graph.edges) - 1
    assert less.add(*edge) == graph


def test_order_of_the_given_edges_does_not_matter():
    graph = SkipGraph.unet_plus_plus(3)
    assert SkipGraph(3, graph.edges[::-1]) == graph
    assert hash(SkipGraph(3, graph.edges[::-1])) == hash(graph)


def test_graph_refuses():
    graph = SkipGraph.u_net(2)
    with pytest.raises(ValueError, match=r"unknown node \(1, 2\) at depth 2; valid nodes"):
        graph.add((0, 0), (1, 2))
    with pytest.raises(ValueError, match=r"unknown node \(-1, 0\)"):
        SkipGraph(2, graph.edges, heads=((-1, 0),))
    with pytest.raises(ValueError, match=r"cycle in the graph: .*\(0, 2\) → \(1, 1\)"):
        graph.add((0, 2), (1, 1))
    with pytest.raises(ValueError, match="cycle"):  # beside what the output needs, too
        SkipGraph(2, (*graph.edges, ((0, 1), (0, 1))))
    with pytest.raises(ValueError, match=r"output \(0, 2\) needs node \(1, 0\)"):
        graph.remove((0, 0), (1, 0))
    with pytest.raises(ValueError, match=r"output \(0, 2\) needs node \(0, 2\)"):
        SkipGraph(2, graph.edges[1:2])  # (0, 0) → (1, 0) alone
    with pytest.raises(
        ValueError, match=r"no edge \(1, 0\) → \(0, 2\); .*: \(0, 0\), \(1, 1\)"
    ):
        graph.remove((1, 0), (0, 2))
    with pytest.raises(ValueError, match="is there already"):
        graph.add((0, 0), (0, 2))
    with pytest.raises(ValueError, match="depth is 0"):
        SkipGraph(0, ())


# The networks


@pytest.mark.parametrize("upsample", ["transposed", "nearest", "bilinear", "pixel_shuffle"])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_u_net_as_a_graph_is_the_unet(upsample, batch_norm):
    """Same number of parameters and, with the same weights, the same output."""
    config = replace(CONFIG, upsample=upsample, batch_norm=batch_norm)
    plain, graph = UNet(config).eval(), NestedUNet(config, SkipGraph.u_net(3)).eval()
    assert count(plain) == count(graph)
    for level in range(4):
        graph.nodes[f"{level}_0"].load_state_dict(plain.contract[level].state_dict())
    for level in range(3):
        node = f"{level}_{3 - level}"
        up = graph.edges[f"{level + 1}_{2 - level}__{node}"][0]
        up.load_state_dict(plain.upsamplers[level].state_dict())
        graph.nodes[node].load_state_dict(plain.expand[level].state_dict())
    graph.heads["0_3"].load_state_dict(plain.last.state_dict())
    x = torch.randn(2, 1, 16, 24)
    torch.testing.assert_close(graph(x), plain(x))


@pytest.mark.parametrize("depth", [1, 2, 4])
@pytest.mark.parametrize("deep_supervision", [False, True])
def test_unet_plus_plus_parameters_by_hand(depth, deep_supervision):
    c = [4 * 2**level for level in range(depth + 1)]
    total = double_conv(1, c[0]) + sum(double_conv(c[i], c[i + 1]) for i in range(depth))
    for j in range(1, depth + 1):
        for i in range(depth - j + 1):
            total += 4 * c[i + 1] * c[i] + c[i]  # 2×2 transposed convolution
            total += double_conv((j + 1) * c[i], c[i])  # j skips and the map from below
    total += (depth if deep_supervision else 1) * (2 * c[0] + 2)
    config = replace(CONFIG, depth=depth)
    assert count(UNetPlusPlus(config, deep_supervision)) == total


@pytest.mark.parametrize("depth", [1, 2, 4])
@pytest.mark.parametrize("deep_supervision", [False, True])
def test_unet_3plus_parameters_by_hand(depth, deep_supervision):
    base, scales = 4, depth + 1
    c, wide = [base * 2**level for level in range(depth + 1)], 4 * (depth + 1)
    total = double_conv(1, c[0]) + sum(double_conv(c[i], c[i + 1]) for i in range(depth))
    for i in range(depth):
        from_contracting = [*c[: i + 1], c[depth]]
        from_expansive = [wide] * (depth - 1 - i)
        assert len(from_contracting) + len(from_expansive) == scales
        total += sum(9 * k * base + base for k in from_contracting + from_expansive)
        total += 9 * wide * wide + wide
    total += 9 * wide * 2 + 2
    if deep_supervision:
        total += (depth - 1) * (9 * wide * 2 + 2) + 9 * c[depth] * 2 + 2
    config = replace(CONFIG, depth=depth)
    assert count(UNet3Plus(config, deep_supervision)) == total


def test_unet_3plus_written_out():
    """The whole of UNet 3+ at depth 2 in plain functional torch, with the same weights."""
    torch.manual_seed(0)
    model = UNet3Plus(UNetConfig(padding="same", base_channels=3, depth=2), True)
    weights = dict(model.named_parameters())

    def conv(x, name, relu=True):
        x = F.conv2d(x, weights[f"{name}.weight"], weights[f"{name}.bias"], padding=1)
        return F.relu(x) if relu else x

    def up(x, factor):
        return F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)

    def twice(x, name):
        return conv(conv(x, f"{name}.0"), f"{name}.2")

    x = torch.randn(2, 1, 8, 12)
    en0 = twice(x, "nodes.0_0")
    en1 = twice(F.max_pool2d(en0, 2), "nodes.1_0")
    en2 = twice(F.max_pool2d(en1, 2), "nodes.2_0")
    parts = [
        conv(F.max_pool2d(en0, 2), "edges.0_0__1_1.1"),
        conv(en1, "edges.1_0__1_1.0"),
        conv(up(en2, 2), "edges.2_0__1_1.1"),
    ]
    de1 = conv(torch.cat(parts, 1), "nodes.1_1.0")
    parts = [
        conv(en0, "edges.0_0__0_2.0"),
        conv(up(de1, 2), "edges.1_1__0_2.1"),
        conv(up(en2, 4), "edges.2_0__0_2.1"),
    ]
    de0 = conv(torch.cat(parts, 1), "nodes.0_2.0")
    last = conv(de0, "heads.0_2", relu=False)
    expected = (
        up(conv(en2, "heads.2_0", relu=False), 4),
        up(conv(de1, "heads.1_1", relu=False), 2),
        last,
    )
    for got, due in zip(model(x), expected, strict=True):
        torch.testing.assert_close(got, due, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(model.eval()(x), last, rtol=1e-5, atol=1e-5)


def test_deep_supervision_of_unet_plus_plus():
    """A tuple in training, one head a column; their mean in evaluation (accurate mode)."""
    model = UNetPlusPlus(CONFIG, deep_supervision=True)
    x = torch.randn(2, 1, 16, 8)
    heads = model(x)
    assert [z.shape for z in heads] == [(2, 2, 16, 8)] * 3
    torch.testing.assert_close(model.eval()(x), sum(heads) / 3)
    single = UNetPlusPlus(CONFIG)
    assert single(x).shape == single.eval()(x).shape == (2, 2, 16, 8)


@pytest.mark.parametrize("network", [UNetPlusPlus, UNet3Plus])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_every_parameter_learns(network, batch_norm):
    torch.manual_seed(0)
    model = network(replace(CONFIG, batch_norm=batch_norm, dropout=0.1), deep_supervision=True)
    sum(z.square().mean() for z in model(torch.randn(2, 1, 32, 32))).backward()
    # A bias before batch norm would be taken away again: there is none.
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_any_legal_edit_runs(data):
    """Edges drawn from the whole grid, added to the U-Net: it runs, or is refused by name."""
    grid = [(i, j) for i in range(4) for j in range(4 - i)]
    graph = SkipGraph.u_net(3)
    for _ in range(data.draw(st.integers(1, 4))):
        edge = (data.draw(st.sampled_from(grid)), data.draw(st.sampled_from(grid)))
        try:
            graph = graph.add(*edge)
        except ValueError as error:
            assert any(w in str(error) for w in ("cycle", "already", "no edge leads into"))
    with torch.no_grad():
        model = NestedUNet(replace(CONFIG, base_channels=2), graph)
        assert model(torch.zeros(1, 1, 16, 8)).shape == (1, 2, 16, 8)


def test_a_removed_skip_is_gone():
    """Without its three skips the output of a U-Net hangs on the bottom alone."""
    graph = SkipGraph.u_net(3)
    for level in range(3):
        graph = graph.remove((level, 0), (level, 3 - level))
    without = NestedUNet(CONFIG, graph)
    assert count(without) == count(UNet(replace(CONFIG, merge="none")))
    with torch.no_grad():
        for parameter in without.nodes["3_0"].parameters():
            parameter.zero_()
    one, other = (without(torch.randn(1, 1, 16, 16)) for _ in range(2))
    assert torch.equal(one, other)


def test_networks_refuse():
    for network in (UNetPlusPlus, UNet3Plus):
        name = network.__name__
        with pytest.raises(ValueError, match=f"{name} needs padding='same', and padding is"):
            network(UNetConfig())
        with pytest.raises(
            ValueError, match=f"{name} needs merge='concat', and merge is 'add'"
        ):
            network(replace(CONFIG, merge="add"))
        with pytest.raises(IllegalSize) as error:
            network(CONFIG)(torch.zeros(1, 1, 16, 20))
        assert error.value.nearest == (16, 24)
    with pytest.raises(ValueError, match="graph has depth 4 and the config depth 3"):
        NestedUNet(CONFIG, SkipGraph.u_net(4))


def test_unet_3plus_has_the_published_size():
    """26.97 million without deep supervision (Huang et al., table 1), RGB, one class."""
    config = UNetConfig(3, 1, padding="same", batch_norm=True)
    with torch.device("meta"):
        assert round(count(UNet3Plus(config)) / 1e6, 2) == 26.97
