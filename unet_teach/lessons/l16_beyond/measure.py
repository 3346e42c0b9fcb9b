"""Lesson 16: what a skip graph costs, what a pruned network loses, and images of one's own.

`answer` is what the interactive shows: nodes and edges with their prices, or the reason why
this list of edges cannot be built, with what would mend it. `HEADS` trains a U-Net++ with three
heads, which `pruned` cuts down to one; ``experiments/pruned_heads.py`` repeats it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache, lru_cache
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np

from unet_teach.comparisons import Difference, load_table
from unet_teach.config import Edge, Node, SkipGraph, UNetConfig
from unet_teach.data import Volume
from unet_teach.data.membranes import membrane_slice
from unet_teach.drawing import png
from unet_teach.models import NestedUNet
from unet_teach.shapes import GraphEdge, GraphTrace, IllegalSize, edge_kind, trace_graph
from unet_teach.training import TrainConfig
from unet_teach.translation import _, whole_number

NETWORKS = {"u_net": "U-Net", "unet_plus_plus": "U-Net++", "unet_3plus": "UNet 3+"}
DEPTHS, BASES, SIZES = (2, 3, 4), (8, 16, 32, 64), tuple(range(16, 513, 16))
FIRST = {"kind": "u_net", "depth": 3, "edited": [], "deep": False, "size": 256,
         "base": 32}  # fmt: skip
HEADS = TrainConfig(  # a small U-Net++, and a minute's training
    network=UNetConfig(base_channels=4, depth=3, padding="same", batch_norm=True),
    architecture="unet_plus_plus", deep_supervision=True, steps=240, size=96, lr=0.01,
    fold=None, average=False, device="cpu", precision="float32", memory_format="contiguous",
)  # fmt: skip
UNSEEN = tuple(range(201, 209))  # seeds of tissues that no head trains on

Settings = dict[str, Any]
Edges = frozenset[Edge]


def preset_graph(kind: str, depth: int, deep: bool) -> SkipGraph:
    """A network of the papers; with deep supervision U-Net, too, has several outputs.

    Examples
    --------
    >>> preset_graph("u_net", 2, True).heads
    ((1, 1), (0, 2))
    """
    if kind != "u_net":
        return getattr(SkipGraph, kind)(depth, deep)
    graph = SkipGraph.u_net(depth)
    heads = tuple((i, depth - i) for i in reversed(range(depth)))
    return replace(graph, heads=heads) if deep else graph


def said(node: Node) -> str:
    """A node's name in words without superscripts.

    Examples
    --------
    >>> said((0, 2))
    'X0,2'
    """
    return f"X{node[0]},{node[1]}"


def arrow(edge: Edge) -> str:
    """An edge in words: "X0,0 → X0,2"."""
    return f"{said(edge[0])} → {said(edge[1])}"


def flat(edge: Edge) -> list[int]:
    """An edge as settings have it: level and column of its start, then of its end."""
    return [*edge[0], *edge[1]]


def answer(settings: Settings) -> dict[str, Any]:
    """What this graph is and costs.

    Parameters
    ----------
    settings : ``kind``, ``depth``, ``deep`` (several outputs), ``size`` and ``base`` (channels
        at the top) name a network of the papers; ``edited`` are the edges that differ from it,
        there or gone, each ``[level, column, level, column]``, sorted

    Returns
    -------
    nodes : those that an output needs, each after its inputs: ``joined`` channels from
        ``inputs`` maps, its own ``channels``; with the edges into it, ``parameters`` and
        ``work``, in words and as a ``share`` of all
    edges : between them, each with the channels it brings, and its ``price``: the parameters
        that are there for its sake, its own and in the convolution that takes its channels;
        their ``work``, in words and as a ``share`` of all
    spare : edges drawn by hand that no output needs
    parameters, operations, times, work : in all; as multiples of U-Net's; and in words
    gone : edges that were taken out; with a ``problem``, those of a node without input
    wrong, lacking : of a graph with a ``problem``: the edges to blame, a node without input
    because : why it costs what it costs, or what the edits have changed

    Examples
    --------
    >>> found = answer(FIRST | {"edited": [[0, 0, 0, 3]]})
    >>> found["because"][:61]
    'X0,0 → X0,3 costs 9,216 parameters and 1.21 GFLOP, 6.6 % of U'
    >>> answer(FIRST | {"edited": [[0, 3, 1, 2]]})["problem"]
    'X0,3 → X1,2 → X0,3 is a loop. Remove one of its arrows.'
    """
    preset = preset_graph(settings["kind"], settings["depth"], settings["deep"])
    edited = frozenset(((a, b), (c, d)) for a, b, c, d in settings["edited"])
    edges = frozenset(preset.edges) ^ edited
    drawn = {"heads": preset.heads, "edges": _drawn(edges, preset.heads)}
    gone = [flat(edge) for edge in sorted(edited - edges)]
    try:
        if problem := trouble(edges, preset.heads):
            drawn["gone"] = [edge for edge in gone if tuple(edge[2:]) == problem["lacking"]]
            offers = _mends(edges, edited, preset, settings)
            return problem | drawn | {"offers": offers, "sides": _sides(settings)}
        traced = _traced(replace(preset, edges=tuple(edges)), settings)
    except IllegalSize as illegal:
        offers = [settings | {"size": n} for n in illegal.nearest if n in range(16, 513)]
        return {"problem": str(illegal), "offers": offers, "wrong": [], "lacking": None} | drawn
    except ValueError as error:  # a node that this depth does not have
        return {"problem": str(error), "wrong": [], "lacking": None} | drawn | {
            "offers": _bare(settings)}  # fmt: skip
    return _facts(settings, traced, edited)


def trouble(edges: Iterable[Edge], heads: Iterable[Node]) -> dict[str, Any]:
    """Why these edges are no network, with the edges or the node to blame; {} if they are.

    Examples
    --------
    >>> trouble([((0, 1), (0, 2))], [(0, 2)])["problem"]
    'X0,1 has no input. Draw an arrow into it first, or remove the arrows that leave it.'
    """
    edges, says = sorted(edges), sentences()
    if loop := leading(edges, [end for _start, end in edges])[1]:
        problem = says["loop"].format(loop=" → ".join(map(said, loop)))
        return {"problem": problem, "because": says["why_loop"], "lacking": None,
                "wrong": list(map(flat, pairwise(loop)))}  # fmt: skip
    ends = {(0, 0), *(end for _start, end in edges)}
    lacking = min({*leading(edges, heads)[0]} - ends, default=None)
    if lacking is None:
        return {}
    problem = says["lacking_output" if lacking in heads else "lacking"]
    return {"problem": problem.format(node=said(lacking)), "because": says["why_lacking"],
            "wrong": [flat(edge) for edge in edges if edge[0] == lacking],
            "lacking": lacking}  # fmt: skip


def leading(edges: Iterable[Edge], wanted: Iterable[Node]) -> tuple[list[Node], list[Node]]:
    """The nodes that lead to these, each after its inputs; and a loop, if there is one.

    Examples
    --------
    >>> leading([((0, 0), (0, 1)), ((0, 1), (0, 2)), ((0, 2), (0, 1))], [(0, 2)])
    ([(0, 0), (0, 1), (0, 2)], [(0, 2), (0, 1), (0, 2)])
    """
    edges, order, loop = sorted(edges), [], []

    def visit(node: Node, path: list[Node]) -> None:
        if node in path and not loop:
            loop.extend([node, *path[: path.index(node) + 1]])
        if node in path or node in order:
            return
        for start, end in edges:
            if end == node:
                visit(start, [node, *path])
        order.append(node)

    for node in wanted:
        visit(node, [])
    return order, loop


def _drawn(edges: Edges, heads: Iterable[Node]) -> list[dict[str, Any]]:
    """The edges that an output would need, of a graph that cannot be traced."""
    alive, _loop = leading(edges, heads)
    return [{"edge": flat(e), "kind": edge_kind(e)} for e in sorted(edges) if e[1] in alive]


def _mends(
    edges: Edges, edited: Edges, preset: SkipGraph, settings: Settings
) -> list[Settings]:
    """What would work: without one of the edits, three at most; of several, without all."""
    says, offers = sentences(), []
    for edge in sorted(edited):
        if not trouble(edges ^ {edge}, preset.heads):
            words = says["without" if edge in edges else "again"].format(edge=arrow(edge))
            kept = [flat(other) for other in sorted(edited - {edge})]
            offers.append(settings | {"edited": kept, "words": words})
    return [*offers[:3], *(_bare(settings) if len(edited) > 1 else [])]


def _bare(settings: Settings) -> list[Settings]:
    """What always works."""
    return [settings | {"edited": [], "words": sentences()["bare"]}]


@lru_cache(maxsize=256)
def _before(kind: str, depth: int, deep: bool, base: int, size: int) -> GraphTrace:
    """A network of the papers, without edits."""
    return _traced(preset_graph(kind, depth, deep), {"base": base, "size": size})


def _traced(graph: SkipGraph, settings: Settings) -> GraphTrace:
    config = UNetConfig(padding="same", base_channels=settings["base"], depth=graph.depth)
    return trace_graph(config, graph, settings["size"])


def _sides(settings: Settings) -> list[int]:
    return [settings["size"] // 2**level for level in range(settings["depth"] + 1)]


def _facts(settings: Settings, traced: GraphTrace, edited: Edges) -> dict[str, Any]:
    graph, depth = traced.graph, settings["depth"]
    plain = _before("u_net", depth, False, settings["base"], settings["size"])
    works = _works(traced)
    into: dict[Node, list] = {facts.node: [] for facts in traced.nodes}
    for facts in traced.edges:
        into[facts.edge[1]].append(facts)
    nodes = [
        {
            "node": facts.node, "joined": facts.joined, "channels": facts.channels,
            "inputs": len(into[facts.node]),
            "parameters": facts.parameters + sum(e.parameters for e in into[facts.node]),
            "work": _giga(works[facts.node]),
            "share": round(works[facts.node] / traced.operations, 4),
        }
        for facts in traced.nodes
    ]  # fmt: skip
    edges = [
        {
            "edge": flat(e.edge), "kind": e.kind, "channels": e.channels,
            "price": price, "work": _giga(work), "share": round(work / traced.operations, 4),
        }
        for e in traced.edges
        for price, work in [_own(traced, e)]
    ]  # fmt: skip
    used = {facts.edge for facts in traced.edges}
    spare = sorted(edge for edge in edited & set(graph.edges) if edge not in used)
    found = {
        "name": NETWORKS[settings["kind"]],
        "nodes": nodes,
        "edges": edges,
        "spare": [flat(edge) for edge in spare],
        "gone": [flat(edge) for edge in sorted(edited - set(graph.edges))],
        "heads": graph.heads,
        "sides": _sides(settings),
        "parameters": traced.parameters,
        "operations": traced.operations,
        "work": _giga(traced.operations),
        "times": [
            round(traced.parameters / plain.parameters, 4),
            round(traced.operations / plain.operations, 4),
        ],
        "counted": _counted(traced),
        "because": because(settings, traced, edited, spare),
    }
    says, name = sentences(), found["name"]
    if edited:
        name = found["name"] = says["edited"].format(name=name)
    found["said"] = says["said"].format(
        depth=depth, size=settings["size"], name=name, counted=found["counted"],
        p=whole_number(traced.parameters), o=found["work"], a=f"{found['times'][0]:.3f}",
        b=f"{found['times'][1]:.3f}", because=found["because"],
    )  # fmt: skip
    return found


def _counted(traced: GraphTrace) -> str:
    depth, n = traced.graph.depth, len(traced.graph.heads)
    return sentences()["counted"].format(
        n=n,
        nodes=len(traced.nodes),
        edges=len(traced.edges),
        all=(depth + 1) * (depth + 2) // 2,
    )


def sentences() -> dict[str, str]:
    """What an answer says, with holes; `answer`, here and in the book, fills them."""
    return {
        "loop": _("{loop} is a loop. Remove one of its arrows."),
        "why_loop": _("No: each map is made from those that arrows bring, so on a loop each "
                      "would have to wait for the one before it, and none could be the first."),
        "lacking": _("{node} has no input. Draw an arrow into it first, or remove the arrows "
                     "that leave it."),
        "lacking_output": _("{node} has no input, and it is an output. Draw an arrow into it."),
        "why_lacking": _("A node makes its map from those that arrows bring. Only X0,0 needs "
                         "none, because it takes the image."),
        "without": _("without {edge}"), "again": _("with {edge} again"),
        "bare": _("without all edits"), "edited": _("{name}, edited"),
        "counted": _("Nodes: {nodes} of {all}. Arrows: {edges}. Outputs: {n}."),
        "said": _("{name}, depth {depth}, {size}² pixels. {counted} {p} parameters, {o} GFLOP: "
                  "× {a} of U-Net's parameters, × {b} of its work. {because}"),
        "u_net": _("One on each of the {n} levels above the bottleneck: {skips}. Each takes "
                   "the encoder's map to the decoder, so the detail need not pass the "
                   "bottleneck. Their price: {share} % of the work."),
        "unet_plus_plus_one": _("{n} more node than U-Net has, in the middle: it joins all "
                                "earlier maps of its level and the upsampled one below. It "
                                "does {share} % of the work."),
        "unet_plus_plus": _("{n} more nodes than U-Net has, in the middle: each joins all "
                            "earlier maps of its level and the upsampled one below. Together "
                            "they do {share} % of the work."),
        "unet_3plus": _("Each map is first narrowed to {base} channels by a convolution. "
                        "Then {node} joins {n} of them and makes {own} channels at full size, "
                        "where U-Net's makes {base}. It alone does {share} % of the work."),
        "costs": _("{edge} costs {p} parameters and {o} GFLOP, {share} % of {name}'s work: "
                   "each of its {n} channels meets each of {end}'s {own} in a 3 × 3 kernel."),
        "own": _("{q} of these parameters are the arrow's own, which change its map on the "
                 "way."),
        "spare": _("No output needs {edge} yet, so it costs nothing. Draw an arrow on from "
                   "{end}."),
        "compared": _("Compared with {name} itself: {p} parameters, {o} GFLOP."),
        "lost": _("No output needs these any more, so they aren't built: {nodes}."),
        "won": _("An output needs these now, so they are built: {nodes}."),
    }  # fmt: skip


def because(settings: Settings, traced: GraphTrace, edited: Edges, spare: list[Edge]) -> str:
    """Why this network costs what it costs, or what the edits have changed."""
    kind, depth = settings["kind"], settings["depth"]
    if edited:
        return _changed(settings, traced, edited, spare)
    last, works, n = traced.node((0, depth)), _works(traced), depth + 1
    words, work = kind, works[last.node]
    if kind == "u_net":
        n, skips = depth, [edge for edge in traced.edges if edge.kind == "skip"]
        work = sum(_own(traced, edge)[1] for edge in skips)
    if kind == "unet_plus_plus":
        between = [node for node in grid(depth) if 0 < node[1] < depth - node[0]]
        n, work = len(between), sum(works[node] for node in between)
        words += "_one" if n == 1 else ""
    skips = ", ".join(arrow(((level, 0), (level, depth - level))) for level in range(depth))
    return sentences()[words].format(
        n=n, skips=skips, node=said(last.node), base=settings["base"], own=last.channels,
        share=f"{100 * work / traced.operations:.0f}",
    )  # fmt: skip


def _works(traced: GraphTrace) -> dict[Node, int]:
    """Operations of each node and of the edges into it."""
    into = {facts.node: facts.operations for facts in traced.nodes}
    for facts in traced.edges:
        into[facts.edge[1]] += facts.operations
    return into


def _own(traced: GraphTrace, edge: GraphEdge) -> tuple[int, int]:
    """Parameters and operations that are there for an edge's sake."""
    end = traced.node(edge.edge[1])
    weights = 9 * edge.channels * end.channels
    return edge.parameters + weights, edge.operations + 2 * weights * end.size**2


def _changed(settings: Settings, traced: GraphTrace, edited: Edges, spare: list[Edge]) -> str:
    """What the edits cost or save, and why, and what is still to do."""
    name, says = NETWORKS[settings["kind"]], sentences()
    before = _before(*(settings[key] for key in ("kind", "depth", "deep", "base", "size")))
    todo = [says["spare"].format(edge=arrow(edge), end=said(edge[1])) for edge in spare[-1:]]
    if traced.edges == before.edges:
        return " ".join(todo)
    if len(edited) == 1 and _works(traced).keys() == _works(before).keys():
        (edge,) = edited
        with_it = traced if edge in traced.graph.edges else before
        facts = next(facts for facts in with_it.edges if facts.edge == edge)
        parameters, work = _own(with_it, facts)
        words = f"{says['costs']} {says['own']}" if facts.parameters else says["costs"]
        return words.format(
            edge=arrow(edge), name=name, end=said(edge[1]), n=facts.channels,
            own=traced.node(edge[1]).channels, p=whole_number(parameters), o=_giga(work),
            q=whole_number(facts.parameters), share=f"{100 * work / before.operations:.1f}",
        )  # fmt: skip
    more = [
        getattr(traced, what) - getattr(before, what) for what in ("parameters", "operations")
    ]
    costs = says["compared"].format(name=name, p=_signed(more[0], whole_number),
                                    o=_signed(more[1], _giga))  # fmt: skip
    now, then = ({facts.node for facts in one.nodes} for one in (traced, before))
    built = [
        says[word].format(nodes=", ".join(said(node) for node in sorted(nodes)))
        for word, nodes in (("lost", then - now), ("won", now - then))
        if nodes
    ]
    return " ".join([costs, *built, *todo])


def _giga(operations: int) -> str:
    """GFLOP in words, with one digit; three valid ones where it is little.

    Examples
    --------
    >>> _giga(34_900_000_000), _giga(1_212_000_000), _giga(45_678)
    ('34.9', '1.21', '0.0000457')
    """
    giga = operations / 1e9
    short = f"{giga:.1f}" if giga >= 10 else f"{giga:.3g}"
    return np.format_float_positional(float(short), trim="-") if giga < 10 else short


def _signed(number: int, said: Callable[[int], str]) -> str:
    return ("−" if number < 0 else "+") + said(abs(number))


@cache
def given() -> dict[str, Any]:
    """The stops of the levers; for the book's own answers, the networks and the sentences."""
    presets = {}
    for kind, depth, deep in product(NETWORKS, DEPTHS, (False, True)):
        graph = preset_graph(kind, depth, deep)
        traced = {base: _before(kind, depth, deep, base, 256) for base in BASES}
        presets[f"{kind} {depth} {deep}".lower()] = {
            "edges": [",".join(map(str, flat(edge))) for edge in graph.edges],
            "places": [",".join(map(str, node)) for node in grid(depth)],
            "heads": graph.heads, "projected": graph.projected,
            "because": {str(base): because({"kind": kind, "depth": depth, "base": base}, found,
                                           frozenset(), []) for base, found in traced.items()},
        }  # fmt: skip
    return {"kinds": list(NETWORKS.items()), "depths": [[n, str(n)] for n in DEPTHS],
            "bases": [[n, str(n)] for n in BASES], "sizes": SIZES, "presets": presets,
            "says": sentences()}  # fmt: skip


def questions() -> dict[str, Settings]:
    """Settings that answer a question, by the question."""
    return {
        _("Which skips does a plain U-Net have?"): FIRST,
        _("What fills the gaps in U-Net++?"): FIRST | {"kind": "unet_plus_plus"},
        _("Why does UNet 3+ need more work?"): FIRST | {"kind": "unet_3plus"},
        _("What does one long skip cost?"): FIRST | {"edited": [[0, 0, 0, 3]]},
        _("Can an arrow point back?"): FIRST | {"edited": [[0, 3, 1, 2]]},
    }


def recorded() -> Iterator[Settings]:
    """What the book holds: the first settings and the questions; it computes all else."""
    yield from questions().values()


def grid(depth: int) -> list[Node]:
    """All places for nodes, level by level."""
    return [(i, j) for i in range(depth + 1) for j in range(depth - i + 1)]


def draw_cells(folder: Path, seed: int = 0) -> Path:
    """Ten images of cells with a nucleus, all of different sizes, and their masks, as PNG.

    Masks hold 0, 128 and 255, so that they can be looked at.
    """
    rng = np.random.default_rng(seed)
    for kind in ("images", "masks"):
        (folder / kind).mkdir(parents=True)
    for number in range(1, 11):
        mask = np.zeros((80 + 8 * number, 150 - 5 * number), "uint8")
        y, x = np.mgrid[: mask.shape[0], : mask.shape[1]]
        for _cell in range(9):
            distance = np.hypot(y - rng.uniform(0, len(y)), x - rng.uniform(0, x.shape[1]))
            mask[distance < 13], mask[distance < 7] = 1, 2
        grey = np.array([70, 160, 90])[mask] + rng.normal(0, 20, mask.shape)
        (folder / f"images/{number}.png").write_bytes(png(grey.clip(0, 255).astype("uint8")))
        shown = np.array([0, 128, 255], "uint8")[mask]
        (folder / f"masks/{number}_mask.png").write_bytes(png(shown))
    return folder


def eight_slices() -> Volume:
    """What `HEADS` trains on: slices 0 to 7 of the synthetic membranes of seed 0."""
    images, labels = zip(*map(membrane_slice, range(8)), strict=True)
    return Volume(np.stack(images), np.stack(labels), "eight slices", classes=2)


def pruned(model: NestedUNet, column: int) -> NestedUNet:
    """The part of a trained U-Net++ that its head on (0, column) needs, with its weights."""
    cut = NestedUNet(model.config, replace(model.graph, heads=((0, column),))).eval()
    learned = model.state_dict()
    cut.load_state_dict({key: learned[key] for key in cut.state_dict()})
    return cut


def behind() -> list[Difference]:
    """V_rand of the first and of the second head minus that of the last, over ten trainings."""
    rows = [row["v_rand"] for row in load_table("pruned_heads")]  # a list over tissues each
    means = [{head: float(np.mean(each)) for head, each in row.items()} for row in rows]
    return [
        Difference("X0,3", f"X0,{head}", "v_rand", tuple(m[head] - m["3"] for m in means), 2)
        for head in ("1", "2")
    ]


def other_microscopes(
    image: np.ndarray, labels: np.ndarray
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The cells as they are, and as three other microscopes would show them, with labels.

    Examples
    --------
    >>> shown = other_microscopes(np.full((7, 9), 200, np.uint8), np.ones((7, 9), np.uint8))
    >>> [(name, seen.shape, int(seen[0, 0])) for name, (seen, _labels) in shown.items()][1:]
    [('weak contrast', (7, 9), 170), ('wide pixels', (2, 3), 200), ('negative', (7, 9), 55)]
    """
    high, wide = (length // 3 for length in image.shape)
    blocks = image[: 3 * high, : 3 * wide].reshape(high, 3, wide, 3)
    return {
        "your microscope": (image, labels),
        "weak contrast": (np.uint8(110 + 0.3 * image), labels),
        "wide pixels": (
            np.uint8(blocks.mean(axis=(1, 3))),
            labels[1 : 3 * high : 3, 1::3][:, :wide],
        ),
        "negative": (255 - image, labels),
    }
