"""Lesson 16: skip graphs counted against torch, what the interactive answers, the exercises."""

import random
import re
from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
import torch
from answers import is_hinted
from scipy import stats
from torch.utils.flop_counter import FlopCounterMode

from unet_teach.comparisons import load_table
from unet_teach.config import SkipGraph, UNetConfig
from unet_teach.exercises.judging import exercise_named, judge
from unet_teach.lessons.l16_beyond.exercises import (
    dense_input,
    images_in,
    mask_of,
    node_parameters,
    own_pairs,
    read,
)
from unet_teach.lessons.l16_beyond.measure import (
    FIRST,
    HEADS,
    NETWORKS,
    SIZES,
    UNSEEN,
    _giga,
    answer,
    behind,
    eight_slices,
    flat,
    given,
    grid,
    other_microscopes,
    preset_graph,
    pruned,
    questions,
    recorded,
)
from unet_teach.lessons.l16_beyond.panel import skip_graph
from unet_teach.lessons.l16_beyond.picture import COLOURS, RADIUS, three_networks
from unet_teach.models import NestedUNet, UNet3Plus, UNetPlusPlus
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


# ------------------------------------------------------------------------------ the answer
def graph_of(settings):
    """The graph of some settings; raises where SkipGraph refuses it."""
    preset = preset_graph(settings["kind"], settings["depth"], settings["deep"])
    edited = {((a, b), (c, d)) for a, b, c, d in settings["edited"]}
    return replace(preset, edges=tuple(set(preset.edges) ^ edited))


def config_of(settings):
    return UNetConfig(padding="same", base_channels=settings["base"], depth=settings["depth"])


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("depth", [2, 3])
def test_an_answer_is_what_torch_counts(kind, deep, depth):
    settings = FIRST | {"kind": kind, "deep": deep, "depth": depth, "size": 32, "base": 8}
    found = answer(settings)
    model = NestedUNet(config_of(settings), graph_of(settings))
    assert (found["parameters"], found["operations"]) == counted(model, 32)
    plain = counted(NestedUNet(config_of(settings), SkipGraph.u_net(depth)), 32)
    times = [found["parameters"] / plain[0], found["operations"] / plain[1]]
    assert found["times"] == [round(each, 4) for each in times]
    heads = sum(p.numel() for key, p in model.named_parameters() if key.startswith("heads"))
    assert sum(node["parameters"] for node in found["nodes"]) + heads == found["parameters"]
    assert 0.9 < sum(node["share"] for node in found["nodes"]) < 1  # the rest is the outputs'
    assert found["sides"] == [32 // 2**level for level in range(depth + 1)]


def test_what_the_first_edition_said_of_the_presets():
    due = {
        "u_net": "Nodes: 7 of 10. Arrows: 9. Outputs: 1.",
        "unet_plus_plus": "Nodes: 10 of 10. Arrows: 19. Outputs: 1.",
        "unet_3plus": "Nodes: 7 of 10. Arrows: 15. Outputs: 1.",
    }
    for kind, words in due.items():
        assert answer(FIRST | {"kind": kind})["counted"] == words
    assert answer(FIRST | {"kind": "unet_plus_plus", "deep": True})["heads"] == (
        (0, 1),
        (0, 2),
        (0, 3),
    )
    found = answer(FIRST | {"kind": "unet_plus_plus"})
    assert found["said"].endswith(
        "2,204,994 parameters, 34.9 GFLOP: × 1.145 of U-Net's parameters, × 1.899 of its work. "
        + found["because"]
    )


def test_an_edge_costs_what_goes_with_it():
    """The price of each edge is what the network saves without it, its nodes kept."""
    tried = 0
    for kind in NETWORKS:
        whole = answer(FIRST | {"kind": kind, "base": 8})
        for facts in whole["edges"]:
            found = answer(FIRST | {"kind": kind, "base": 8, "edited": [facts["edge"]]})
            if "problem" in found or len(found["nodes"]) < len(whole["nodes"]):
                continue
            assert facts["price"] == whole["parameters"] - found["parameters"], facts
            saved = whole["operations"] - found["operations"]
            assert facts["work"] == _giga(saved), facts
            assert facts["share"] == round(saved / whole["operations"], 4), facts
            tried += 1
    assert tried > 25


def test_what_is_refused_is_what_skip_graph_refuses():
    """Two random edits of each network: the same are no graph, and each offer is one."""
    rng, refused = random.Random(0), set()
    for _number in range(600):
        kind, depth = rng.choice(list(NETWORKS)), rng.choice([2, 3])
        edited = sorted([*a, *b] for a, b in (rng.sample(grid(depth), 2) for _edit in range(2)))
        if edited[0] == edited[1]:
            continue
        settings = FIRST | {"kind": kind, "depth": depth, "edited": edited}
        found = answer(settings)
        try:
            graph_of(settings)
            assert "problem" not in found
        except ValueError as error:
            refused.add("cycle" if "cycle" in str(error) else "no edge")
            assert ("loop" if "cycle" in str(error) else "no input") in found["problem"]
            assert found["offers"] and found["because"]
            for offer in found["offers"]:
                graph_of(offer)
    assert refused == {"cycle", "no edge"}


def test_who_is_to_blame():
    found = answer(FIRST | {"kind": "u_net", "edited": [[0, 0, 0, 3], [1, 2, 0, 3]]})
    assert found["problem"] == "X0,3 has no input, and it is an output. Draw an arrow into it."
    assert found["sides"] == answer(FIRST)["sides"]
    assert found["lacking"] == (0, 3) and found["gone"] == [[0, 0, 0, 3], [1, 2, 0, 3]]
    due = {"with X0,0 → X0,3 again": [[1, 2, 0, 3]], "with X1,2 → X0,3 again": [[0, 0, 0, 3]],
           "without all edits": []}  # fmt: skip
    assert {offer["words"]: offer["edited"] for offer in found["offers"]} == due
    found = answer(FIRST | {"kind": "u_net", "edited": [[0, 1, 0, 3]]})
    assert found["wrong"] == [[0, 1, 0, 3]] and found["lacking"] == (0, 1)
    found = answer(FIRST | {"edited": [[0, 0, 0, 1], [0, 3, 1, 2]]})
    due = {"without X0,3 → X1,2": [[0, 0, 0, 1]], "without all edits": []}  # the other is kept
    assert {offer["words"]: offer["edited"] for offer in found["offers"]} == due
    found = answer(FIRST | {"edited": [[0, 3, 1, 2]]})
    assert [offer["words"] for offer in found["offers"]] == ["without X0,3 → X1,2"]
    assert sorted(found["wrong"]) == [[0, 3, 1, 2], [1, 2, 0, 3]]


def test_an_edge_that_no_output_needs_waits_until_one_does():
    found = answer(FIRST | {"kind": "u_net", "edited": [[0, 0, 0, 1]]})
    assert found["spare"] == [[0, 0, 0, 1]] and len(found["nodes"]) == 7
    due = "No output needs X0,0 → X0,1 yet, so it costs nothing. Draw an arrow on from X0,1."
    assert found["because"] == due
    found = answer(FIRST | {"kind": "u_net", "edited": [[0, 0, 0, 1], [0, 1, 0, 3]]})
    assert found["spare"] == [] and len(found["nodes"]) == 8
    assert found["because"].startswith("Compared with U-Net itself: +27,712 parameters")
    assert found["because"].endswith("An output needs these now, so they are built: X0,1.")


def test_nodes_that_go_with_an_arrow_are_told():
    found = answer(FIRST | {"kind": "u_net", "edited": [[1, 2, 0, 3]]})
    assert [n["node"] for n in found["nodes"]] == [(0, 0), (0, 3)]
    lost = "No output needs these any more, so they aren't built: X1,0, X1,2, X2,0, X2,1, X3,0."
    assert found["because"].endswith(lost)


def test_sizes_that_do_not_fit_and_nodes_that_are_not_there():
    found = answer(FIRST | {"depth": 4, "size": 264})
    assert [offer["size"] for offer in found["offers"]] == [256, 272]
    assert all("problem" not in answer(FIRST | {"depth": 4, "size": n}) for n in SIZES)
    found = answer(FIRST | {"depth": 2, "edited": [[0, 0, 0, 3]]})
    assert "unknown node (0, 3) at depth 2" in found["problem"]
    assert "problem" not in answer(found["offers"][0])


def test_the_questions_answer_what_they_ask():
    asked = {question: answer(settings) for question, settings in questions().items()}
    u_net, nested, full, skip, back = asked.values()
    assert u_net["times"] == [1, 1] and len(nested["nodes"]) == 10
    assert full["times"][1] > 3 > 2 * full["times"][0]
    assert skip["because"].startswith(
        "X0,0 → X0,3 costs 9,216 parameters and 1.21 GFLOP, 6.6 %"
    )
    assert back["because"].startswith("No: ") and "is a loop" in back["problem"]
    assert u_net["because"].startswith("One on each of the 3 levels")
    for facts in u_net["edges"]:
        a, b, c, d = facts["edge"]
        assert (f"X{a},{b} → X{c},{d}" in u_net["because"]) is (facts["kind"] == "skip")
    made = {tuple(n["node"]) for n in nested["nodes"]} - {
        tuple(n["node"]) for n in u_net["nodes"]
    }
    into = {tuple(e["edge"][2:]): e["price"] for e in u_net["edges"] if e["kind"] == "skip"}
    work = sum(2 * price * (256 >> level) ** 2 for (level, _), price in into.items())
    assert f"Their price: {100 * work / u_net['operations']:.0f} % of" in u_net["because"]
    share = sum(n["share"] for n in nested["nodes"] if tuple(n["node"]) in made)
    assert f"{len(made)} more nodes" in nested["because"]
    assert f"do {share:.0%}".replace("%", " %") in nested["because"]
    top = full["nodes"][-1]
    assert top["node"] == (0, 3) and f"{top['share']:.0%}".replace("%", " %") in full["because"]
    assert f"joins {top['inputs']} of them" in full["because"]
    narrowed = top["joined"] // top["inputs"]
    assert f"first narrowed to {narrowed} channels" in full["because"]


def test_what_one_edit_costs_is_what_the_network_has_more_or_less():
    tried, own = 0, 0
    for kind, depth, base in product(NETWORKS, (2, 3), (8, 32)):
        for edge in permutations(grid(depth), 2):
            start = FIRST | {"kind": kind, "depth": depth, "base": base}
            found = answer(start | {"edited": [flat(edge)]})
            if " costs " not in found.get("because", ""):
                continue
            before = answer(start)
            cost = abs(found["parameters"] - before["parameters"])
            part = abs(found["operations"] - before["operations"]) / before["operations"]
            if "costs nothing" in found["because"]:
                assert cost == 0 == part and found["spare"] == [flat(edge)]
                continue
            assert f"costs {cost:,} parameters" in found["because"]
            assert f", {part * 100:.1f} % of" in found["because"]
            assert len(found["because"].split()) <= 50
            own += "the arrow's own" in found["because"]
            tried += 1
    assert tried > 150 and own > 50


def test_the_book_holds_what_is_asked_first_and_computes_the_rest():
    assert FIRST in list(recorded()) and list(recorded()) == list(questions().values())
    assert skip_graph().computed and given()["presets"].keys() == {
        f"{kind} {depth} {deep}" for kind in NETWORKS for depth in (2, 3, 4)
        for deep in ("false", "true")
    }  # fmt: skip


def test_what_was_taken_out_is_still_drawn():
    found = answer(FIRST | {"edited": [[0, 0, 0, 3], [0, 1, 1, 1]]})
    assert found["gone"] == [[0, 0, 0, 3]]


def test_the_still_picture_has_every_node_and_edge_in_its_colour():
    panel = skip_graph()
    panel.ask("What fills the gaps in U-Net++?")
    body = panel.picture.body
    assert body.count("<circle") == 10 and body.count('class="edge"') == 19
    for kind, colour in COLOURS.items():
        drawn = re.findall(rf'<path [^>]*stroke="{colour}"[^>]*class="edge"', body)
        assert len(drawn) == sum(e["kind"] == kind for e in panel.answer["edges"])
    assert panel.picture.alt == panel.answer["said"]
    panel.ask("Which skips does a plain U-Net have?")
    assert panel.picture.body.count('stroke-dasharray="4 4"') == 3  # nodes that are not built
    panel.ask("Can an arrow point back?")
    assert panel.picture.alt == panel.problem


def test_three_networks_have_equal_places_and_their_own_edges_and_prices():
    plain, priced = three_networks(), three_networks(priced=True)
    assert plain.body.count("<circle") == 3 * 15 and "×" not in plain.body + plain.alt
    places = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="(\d+)"', priced.body)
    assert {radius for _x, _y, radius in places} == {str(RADIUS)}
    assert [sorted(places[n : n + 15]) for n in (0, 15, 30)] == [sorted(places[:15])] * 3
    for kind, name in NETWORKS.items():
        preset = preset_graph(kind, 4, False)
        graph, config = replace(preset), UNetConfig(padding="same")
        found, base = (trace_graph(config, g, 256) for g in (graph, SkipGraph.u_net(4)))
        a, b = found.parameters / base.parameters, found.operations / base.operations
        assert f"× {a:.2f} parameters" in priced.body and f"× {b:.2f} work" in priced.body
        drawn = f"{name}: Nodes: {len(found.nodes)} of 15. Arrows: {len(found.edges)}."
        assert drawn in priced.alt and drawn in plain.alt
    edges = sum(len(preset_graph(kind, 4, False).edges) for kind in NETWORKS)
    assert plain.body.count('class="edge"') == edges


# ------------------------------------------------------------------------------ pruned heads
def test_a_pruned_network_answers_as_its_head_did():
    model = UNetPlusPlus(SMALL, deep_supervision=True).eval()
    heads = model.train()(torch.zeros(1, 1, 32, 32))  # three of them
    model.eval()
    image = torch.randn(1, 1, 32, 32)
    cuts = [pruned(model, column) for column in (1, 2, 3)]
    assert len(heads) == 3 and all(not cut.training for cut in cuts)
    assert torch.allclose(sum(cut(image) for cut in cuts) / 3, model(image), atol=1e-5)
    counts = [sum(p.numel() for p in cut.parameters()) for cut in cuts]
    assert counts == sorted(counts) and counts[0] < counts[2]


@pytest.mark.parametrize(("column", "least", "most"), [(1, 18, 18), (3, 90, 100)])
def test_a_head_sees_the_window_that_the_lesson_says(column, least, most):
    model = NestedUNet(
        HEADS.network, replace(SkipGraph.unet_plus_plus(3), heads=((0, column),))
    )
    for parameter in model.eval().parameters():
        parameter.data.abs_()  # so that nothing cancels
    image = torch.rand(8, 1, 128, 128, requires_grad=True)
    model(image)[:, 1, 58, 58].sum().backward()
    places = image.grad.abs().sum((0, 1)).nonzero()
    assert all(least <= n <= most for n in (places.amax(0) - places.amin(0) + 1).tolist())


def test_the_heads_differences_are_what_the_rows_say():
    """Ten trainings, all of one commit; the intervals by another way than the package's."""
    rows = load_table("pruned_heads")
    assert sorted(row["seed"] for row in rows) == list(range(1, 11))
    assert len({row["code"] for row in rows}) == 1 and "dirty" not in rows[0]["code"]
    for row in rows:
        assert row["steps"] == HEADS.steps and row["parameters"] == {
            "1": 1_682, "2": 8_206, "3": 34_922}  # fmt: skip
        assert [len(v) for v in row["v_rand"].values()] == [len(UNSEEN)] * 3
    for found, head in zip(behind(), "12", strict=True):
        diffs = [np.mean(r["v_rand"][head]) - np.mean(r["v_rand"]["3"]) for r in rows]
        due = stats.ttest_1samp(diffs, 0).confidence_interval(1 - 0.05 / 2)
        assert (found.low, found.high) == pytest.approx((due.low, due.high))
    assert len(eight_slices()) == 8 and not set(UNSEEN) & {0}


def test_other_microscopes_show_the_same_cells():
    image = np.arange(10 * 13, dtype=np.uint8).reshape(10, 13)
    shown = other_microscopes(image, image)
    assert list(shown) == ["your microscope", "weak contrast", "wide pixels", "negative"]
    own, weak, coarse, negative = (seen for seen, _labels in shown.values())
    assert own is image and np.ptp(weak) < 0.35 * np.ptp(image) and weak.dtype == np.uint8
    assert coarse.shape == (3, 4) == shown["wide pixels"][1].shape
    assert (coarse == shown["wide pixels"][1]).all()  # of a ramp, a block's mean is its middle
    assert (negative.astype(int) + image == 255).all()


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


def careless(folder):
    """Two mistakes at once: no size is compared, and each mask is numbered by itself."""
    masks = {file.stem: read(mask_of(file)) for file in images_in(folder)}
    return {
        file.stem: (read(file), np.searchsorted(np.unique(masks[file.stem]), masks[file.stem]))
        for file in images_in(folder)
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
        "More than one thing": careless,
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
