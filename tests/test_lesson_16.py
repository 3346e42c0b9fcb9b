"""Lesson 16: skip graphs counted against torch, the picture, the controls, the exercises."""

import re
from dataclasses import replace

import pytest
import torch
from answers import is_hinted
from torch.utils.flop_counter import FlopCounterMode

from unet_teach.config import SkipGraph, UNetConfig
from unet_teach.drawing.style import LIGHT, PURPLE
from unet_teach.exercises.judging import exercise_named, judge
from unet_teach.lessons.l16_beyond.exercises import dense_input, node_parameters, own_pairs
from unet_teach.lessons.l16_beyond.panel import preset_graph, skip_graph
from unet_teach.lessons.l16_beyond.picture import COLOURS, RADIUS, place, skip_graph_picture
from unet_teach.models import NestedUNet, UNet3Plus, UNetPlusPlus
from unet_teach.panel import PROBLEM
from unet_teach.shapes import IllegalSize, edge_kind, trace, trace_graph

SMALL = UNetConfig(padding="same", base_channels=4, depth=3)
GRAPHS = {
    "u_net": SkipGraph.u_net(3),
    "u_net, deep": preset_graph("u_net", 3, True),
    "nested": SkipGraph.unet_plus_plus(3),
    "nested, deep": SkipGraph.unet_plus_plus(3, True),
    "full scale": SkipGraph.unet_3plus(3),
    "full scale, deep": SkipGraph.unet_3plus(3, True),
    "pruned": replace(SkipGraph.unet_plus_plus(3), heads=((0, 2),)),
    "a skip less": SkipGraph.unet_plus_plus(3).remove((0, 0), (0, 3)),
    "two levels up": SkipGraph.u_net(3).add((3, 0), (1, 2)),
    "two levels down": SkipGraph.u_net(3).add((0, 0), (2, 1)),
    "down beside": SkipGraph.unet_plus_plus(3).add((0, 1), (1, 1)).remove((1, 1), (0, 2)),
}
each_graph = pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)


def counted(model, size):
    """Parameters and operations, both by torch."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model.eval()(torch.zeros(1, model.config.in_channels, size, size))
    return sum(p.numel() for p in model.parameters()), counter.get_total_flops()


# ------------------------------------------------------------------------------ arithmetic
@each_graph
@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("upsample", ["transposed", "nearest", "bilinear", "pixel_shuffle"])
def test_parameters_and_operations_are_torch_s(graph, upsample, batch_norm):
    config = replace(
        SMALL, upsample=upsample, batch_norm=batch_norm, in_channels=3, out_channels=5
    )
    found = trace_graph(config, graph, 24)
    assert (found.parameters, found.operations) == counted(NestedUNet(config, graph), 24)


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("depth", [1, 2, 4])
def test_the_presets_are_the_library_s_networks(depth, deep):
    config = replace(SMALL, depth=depth, base_channels=2)
    for kind, preset in ((UNetPlusPlus, "unet_plus_plus"), (UNet3Plus, "unet_3plus")):
        found = trace_graph(config, preset_graph(preset, depth, deep), 16)
        assert (found.parameters, found.operations) == counted(kind(config, deep), 16)


@each_graph
def test_sizes_and_channels_are_those_of_the_maps(graph):
    model, maps = NestedUNet(SMALL, graph).eval(), {}
    for name, block in model.nodes.items():
        node = tuple(map(int, name.split("_")))
        block.register_forward_hook(
            lambda _m, x, y, node=node: maps.update({node: (x[0].shape, y.shape)})
        )
    model(torch.zeros(1, 1, 32, 32))
    found = trace_graph(SMALL, graph, 32)
    assert {facts.node for facts in found.nodes} == set(maps)
    for facts in found.nodes:
        taken, given = maps[facts.node]
        assert (facts.joined, facts.size) == (taken[1], taken[2])
        assert (facts.channels, facts.size) == (given[1], given[3])


def test_a_u_net_as_a_graph_is_the_traced_u():
    for config in (UNetConfig(padding="same"), replace(SMALL, upsample="pixel_shuffle")):
        found = trace_graph(config, SkipGraph.u_net(config.depth), 64)
        due = trace(config, 64)
        assert (found.parameters, found.operations) == (due.parameters, due.operations)


def test_edge_kinds_and_what_an_edge_delivers():
    found = trace_graph(SMALL, GRAPHS["nested"], 32)
    kinds = {facts.edge: (facts.kind, facts.channels) for facts in found.edges}
    assert kinds[(0, 0), (1, 0)] == ("down", 4) and kinds[(2, 0), (1, 1)] == ("up", 8)
    assert kinds[(1, 0), (1, 2)] == ("skip", 8)
    assert found.node((0, 3)).joined == 16 and found.node((3, 0)).size == 4
    assert trace_graph(SMALL, GRAPHS["u_net"], 32).node((0, 1)) is None
    assert edge_kind(((0, 0), (2, 0))) == "down"


def test_what_cannot_be_traced_is_said():
    with pytest.raises(ValueError, match="needs 'same', 'concat' and that depth"):
        trace_graph(UNetConfig(depth=3), GRAPHS["nested"], 64)
    with pytest.raises(ValueError, match="depth 3"):
        trace_graph(replace(SMALL, depth=2), GRAPHS["nested"], 64)
    with pytest.raises(IllegalSize):
        trace_graph(SMALL, GRAPHS["nested"], 60)


# ------------------------------------------------------------------------------ the picture
def test_every_node_and_edge_is_drawn_in_its_colour():
    found = trace_graph(SMALL, GRAPHS["nested"], 64)
    body = skip_graph_picture(found, name="U-Net++").body
    assert body.count("<circle") == 10 and body.count('class="edge"') == 19
    for kind, colour in COLOURS.items():
        drawn = re.findall(rf'<path [^>]*stroke="{colour}"[^>]*class="edge"', body)
        assert len(drawn) == sum(facts.kind == kind for facts in found.edges)
    for facts in found.nodes:
        x, y = place(facts.node)
        label = f'<text x="{x}" y="{y - 2}" [^>]*>{facts.node[0]},{facts.node[1]}</text>'
        channels = f'<text x="{x}" y="{y + 13}" [^>]*>{facts.channels}</text>'
        assert re.search(label + channels, body)
    for level, side in enumerate((64, 32, 16, 8)):
        assert re.search(rf'<text x="8" y="{place((level, 0))[1] + 5}"[^>]*>{side}²<', body)
    assert body.count("▸") == 2  # one output, and the legend


def test_an_edge_ends_at_the_rim_of_its_node_and_bows_around_others():
    found = trace_graph(SMALL, GRAPHS["nested"], 64)
    body = skip_graph_picture(found).body
    ways = dict(
        (title, [float(n) for n in re.findall(r"-?[\d.]+", d)])
        for d, title in re.findall(r'd="([^"]+)"[^>]*class="edge"><title>([^<]+)<', body)
    )
    _x1, y1, _across, up, _x2, y2 = ways["X0,0 → X0,3"]
    assert up < y1 - 60 and y1 == pytest.approx(y2)  # a bow above the nodes between
    _x1, y1, _across, up, x2, y2 = ways["X0,0 → X0,1"]
    assert y1 == up == y2 == place((0, 0))[1]  # straight
    assert x2 == pytest.approx(place((0, 1))[0] - RADIUS)


def test_what_is_not_built_is_pale_and_what_is_chosen_stands_out():
    found = trace_graph(SMALL, GRAPHS["u_net"], 64)
    body = skip_graph_picture(found, chosen=((0, 0), (0, 2))).body
    assert body.count(f'stroke="{LIGHT.line}" stroke-dasharray="4 4"') == 2  # X0,1 and X1,1
    assert len(re.findall(rf'<circle [^>]*stroke="{PURPLE}"', body)) == 2  # both ends
    assert body.count(f'stroke="{PURPLE}" stroke-width="5" stroke-dasharray="6 6"') == 1
    picture = skip_graph_picture(found, chosen=((0, 0), (0, 3)), name="U-Net", plain=1000)
    assert "stroke-dasharray" not in re.search(r'stroke-width="5"[^>]*', picture.body)[0]
    assert "X0,0 → X0,3 (skip) brings 4 channels. Channels at X0,3: 8 in, 4 out." in picture.alt
    assert f"× {found.parameters / 1000:.2f} of U-Net" in picture.text


# ------------------------------------------------------------------------------ the controls
def test_the_presets_of_the_widget():
    panel = skip_graph()
    due = {
        "u_net": "7 of 10 nodes, 9 edges (3 down, 3 up, 3 skips)",
        "unet_plus_plus": "10 of 10 nodes, 19 edges (3 down, 6 up, 10",
        "unet_3plus": "7 of 10 nodes, 15 edges (6 down, 6 up, 3",
    }
    for preset, words in due.items():
        panel.set(preset=preset)
        config = UNetConfig(padding="same", base_channels=32, depth=3)
        due = trace_graph(config, preset_graph(preset, 3, False), 256)
        assert words in panel.picture.alt and f"{due.parameters:,} param" in panel.picture.alt
        assert panel.problem == ""


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("preset", "u_net", "U-Net, depth 3"),
        ("depth", 4, "15 of 15 nodes"),
        ("deep", True, "3 outputs"),
        ("size", 64, "64² pixels"),
        ("base", 8, "brings 8 channels"),
        ("start", (0, 1), "X0,1 → X0,3 (skip)"),
        ("end", (0, 2), "X0,0 → X0,2 (skip)"),
        ("there", False, "U-Net++, edited"),
    ],
)
def test_every_control_changes_the_picture(name, value, words):
    panel = skip_graph()
    before = panel.picture
    panel.controls[name].value = value
    assert panel.picture.body != before.body and panel.problem == ""
    assert words in panel.picture.alt


def test_an_edge_is_switched_off_and_on_again():
    panel = skip_graph()
    before = panel.picture.alt
    panel.set(there=False)
    config = UNetConfig(padding="same", base_channels=32, depth=3)
    due = trace_graph(config, SkipGraph.unet_plus_plus(3).remove((0, 0), (0, 3)), 256)
    assert "18 edges" in panel.picture.alt and f"{due.parameters:,}" in panel.picture.alt
    panel.set(start=(0, 1))
    assert panel.values["there"] and "18 edges" in panel.picture.alt  # the edit is kept
    panel.set(start=(0, 0))
    assert not panel.values["there"]
    panel.set(there=True)
    assert panel.picture.alt == before


def test_what_cannot_work_turns_the_box_red_and_says_how_to_mend_it():
    panel = skip_graph()
    panel.set(preset="u_net", start=(1, 2), end=(0, 3))
    panel.set(there=False)
    assert panel.problem == "" and "no" in panel.picture.alt  # the skip is left
    panel.set(start=(0, 0))
    panel.set(there=False)
    assert "no edge leads into (0, 3)" in panel.problem
    red = [name for name, c in panel.controls.items() if PROBLEM in c._dom_classes]
    assert red == ["there"]
    panel._offers.children[1].click()  # after the words "This would work:"
    assert panel.problem == "" and panel.values["there"]


def test_a_cycle_is_said_and_undone():
    panel = skip_graph()
    before = panel.picture.alt
    panel.set(start=(0, 3), end=(1, 2))
    panel.set(there=True)
    assert "cycle in the graph" in panel.problem
    panel.set(start=(2, 0), end=(2, 0))
    panel.set(there=True)
    assert "cycle in the graph" in panel.problem and not panel._offers.children  # two of them
    undo = next(
        b for row in panel.children if hasattr(row, "children") for b in row.children
        if getattr(b, "description", "") == "undo all edits"
    )  # fmt: skip
    undo.click()
    panel.set(start=(0, 0), end=(0, 3))
    assert panel.problem == "" and panel.picture.alt == before


def test_an_illegal_size_offers_legal_ones():
    panel = skip_graph()
    panel.set(depth=4, size=264)
    assert PROBLEM in panel.controls["size"]._dom_classes
    labels = [child.description for child in panel._offers.children[1:]]
    assert [label[-3:] for label in labels] == ["256", "272"]


def test_another_depth_offers_its_own_nodes():
    panel = skip_graph()
    for depth in (2, 4, 3):
        panel.set(there=not panel.values["there"])
        panel.set(depth=depth)
        assert len(panel.controls["start"].options) == (depth + 1) * (depth + 2) // 2
        assert panel.values["end"] == (0, depth) and panel.values["there"]
        assert "edited" not in panel.picture.alt and panel.problem == ""


def test_strict_every_end_of_every_control(monkeypatch):
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    panel = skip_graph()
    assert panel.problem == "" and "edited" not in panel.picture.alt


# ------------------------------------------------------------------------------ the exercises
@pytest.mark.parametrize("preset", ["u_net", "unet_plus_plus"])
def test_all_nodes_and_the_head_are_the_network(preset):
    graph = getattr(SkipGraph, preset)(3)
    total = sum(node_parameters(graph, node, 4) for node in graph.order) + 4 * 2 + 2
    assert total == sum(p.numel() for p in NestedUNet(SMALL, graph).parameters())


def test_a_dense_node_joins_what_the_network_joins():
    graph = SkipGraph.unet_plus_plus(3)
    model, maps, arrived = NestedUNet(SMALL, graph).eval(), {}, {}
    for name, block in model.nodes.items():
        node = tuple(map(int, name.split("_")))
        block.register_forward_hook(
            lambda _m, x, y, node=node: (
                (maps.update({node: y}), arrived.update({node: x[0]})) and None
            )
        )
    model(torch.randn(1, 1, 16, 16))
    for i, j in [(0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (2, 1)]:
        found, skips = dense_input(maps, i, j), 4 * 2**i * j
        up = model.edges[f"{i + 1}_{j - 1}__{i}_{j}"](maps[i + 1, j - 1])
        due = torch.cat([found[:, :skips], up], dim=1)
        assert torch.equal(due, arrived[i, j])


def test_a_folder_that_does_not_fit_has_to_be_refused():
    exercise = exercise_named("16.own_pairs")

    def skips_it(folder):
        try:
            return exercise.reference(folder)
        except ValueError:
            return {}

    result = judge(exercise, skips_it)
    assert result.state == "wrong" and "ValueError" in str(result)
    assert "masks/" in result.call and "hold" in result.call

    def refuses_all(folder):
        raise ValueError("no")

    assert "refused a folder that is in order" in str(judge(exercise, refuses_all))


# ------------------------------------------- hints for kinds of mistakes, however written
def off_by_one(where):
    """The right count, and one more for the nodes that have such an input."""
    return lambda graph, node, base: (
        node_parameters(graph, node, base)
        + any(where(level, node[0]) for level, _column in graph.inputs(node))
    )


def renumbered(number):
    """The right pairs, their class numbers changed."""
    return lambda folder: {
        name: (image, number(classes)) for name, (image, classes) in own_pairs(folder).items()
    }


KINDS = {
    "16.node_parameters": {
        "only for the first node": lambda graph, node, base: (
            node_parameters(graph, node, base) + (node == (0, 0))
        ),
        "pooled into": off_by_one(lambda level, own: level < own),
        "with an edge from below": off_by_one(lambda level, own: level > own),
        "nodes with a skip": off_by_one(lambda level, own: level == own),
        "count too many": lambda *case: node_parameters(*case) + 1,
        "count too few": lambda *case: node_parameters(*case) - 1,
    },
    "16.dense_input": {
        "first image of the batch": lambda *case: dense_input(*case)[:1],
        "do not add them": lambda *case: dense_input(*case) + 1,
        "from below is not": lambda maps, i, j: torch.cat(
            [
                dense_input(maps, i, j)[:, : j * 2**i],
                dense_input(maps, i, j)[:, j * 2**i :] + 1,
            ],
            dim=1,
        ),
        "from below is missing": lambda maps, i, j: dense_input(maps, i, j)[:, : j * 2**i],
        "Some maps are missing": lambda maps, i, j: maps[i, 0],
        "level is missing": lambda maps, i, j: dense_input(maps, i, j)[:, 2**i :],
        "others that should not be": lambda maps, i, j: torch.cat(
            [dense_input(maps, i, j), maps[i, j]], dim=1
        ),
    },
    "16.own_pairs": {
        "folder that is in order": lambda folder: list(own_pairs(folder)) and int("no"),
        "`file.stem`": lambda folder: {f"{k}.png": v for k, v in own_pairs(folder).items()},
        "first the image": lambda folder: {k: v[::-1] for k, v in own_pairs(folder).items()},
        "and the images are not": lambda folder: {
            name: (image / 255, classes) for name, (image, classes) in own_pairs(folder).items()
        },
        "became the same class": renumbered(lambda classes: 0 * classes),
        "have gaps": renumbered(lambda classes: 2 * classes + 1),
        "in another order": renumbered(lambda classes: classes ^ 1),
        "which is not there": lambda folder: (folder / "masks" / "7.png").read_bytes(),
    },
}


@pytest.mark.parametrize(
    ("name", "words", "answer"),
    [(name, *kind) for name, kinds in KINDS.items() for kind in kinds.items()],
)
def test_a_kind_of_mistake_is_told(name, words, answer):
    is_hinted(name, answer, words)


def test_a_node_is_shown_by_its_inputs():
    result = judge(exercise_named("16.node_parameters"), lambda *case: 0)
    assert "graph.inputs(" in result.call and "SkipGraph" not in result.call
