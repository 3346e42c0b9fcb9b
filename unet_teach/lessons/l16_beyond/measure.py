"""Lesson 16: what a skip graph costs, what a pruned network loses, and images of one's own.

`answer` is what the interactive shows: nodes and edges with their prices, or the reason why
this list of edges cannot be built, with what would mend it. `HEADS` trains a U-Net++ with three
heads, which `pruned` cuts down to one; ``experiments/pruned_heads.py`` repeats it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from itertools import combinations, pairwise, permutations, product
from pathlib import Path
from typing import Any

import numpy as np

from unet_teach.comparisons import Difference, load_table
from unet_teach.config import Edge, Node, SkipGraph, UNetConfig
from unet_teach.data import Volume
from unet_teach.data.membranes import membrane_slice
from unet_teach.drawing import png
from unet_teach.models import NestedUNet
from unet_teach.shapes import GraphTrace, IllegalSize, edge_kind, trace_graph
from unet_teach.training import TrainConfig
from unet_teach.translation import _, _n

NETWORKS = {"u_net": "U-Net", "unet_plus_plus": "U-Net++", "unet_3plus": "UNet 3+"}
DEPTHS, BASES, SIZES = (2, 3, 4), (8, 16, 32, 64), tuple(range(16, 513, 16))
FIRST = {"kind": "unet_plus_plus", "depth": 3, "edited": [], "deep": False, "size": 256,
         "base": 32}  # fmt: skip
MOST_OFFERS = 3
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
        ``inputs`` maps, its own ``channels``, ``parameters`` and ``share`` of the work, both
        with the edges into it
    edges : between them, each with the channels it brings, and its ``price``: the parameters
        that are there for its sake, its own and in the convolution that takes its channels
    spare : edges drawn by hand that no output needs
    parameters, operations, times, work : in all; as multiples of U-Net's; and in words
    gone : edges that were taken out; with a ``problem``, those of a node without input
    wrong, lacking : of a graph with a ``problem``: the edges to blame, a node without input
    because : why it costs what it costs, or what the edits have changed

    Examples
    --------
    >>> found = answer(FIRST | {"edited": [[0, 0, 0, 3]]})
    >>> found["because"][:61]
    'X0,0 → X0,3 costs 9,216 parameters and 1.21 GFLOP, 3.5 % of U'
    >>> answer(FIRST | {"edited": [[0, 3, 1, 2]]})["problem"][:49]
    'No: X0,3 → X1,2 → X0,3 is a circle, so each of th'
    """
    preset = preset_graph(settings["kind"], settings["depth"], settings["deep"])
    edited = frozenset(((a, b), (c, d)) for a, b, c, d in settings["edited"])
    edges = frozenset(preset.edges) ^ edited
    drawn = {"heads": preset.heads, "edges": _drawn(edges, preset.heads)}
    gone = [flat(edge) for edge in sorted(edited - edges)]
    try:
        if problem := trouble(edges, preset.heads):
            drawn["gone"] = [edge for edge in gone if tuple(edge[2:]) == problem["lacking"]]
            return problem | drawn | {"offers": _offers(settings, edges, edited, problem)}
        traced = _traced(replace(preset, edges=tuple(edges)), settings)
    except IllegalSize as illegal:
        offers = [settings | {"size": n} for n in illegal.nearest if n in range(16, 513)]
        return {"problem": str(illegal), "offers": offers, "wrong": [], "lacking": None} | drawn
    except ValueError as error:  # a node that this depth does not have
        return {"problem": str(error), "wrong": [], "lacking": None} | drawn | {
            "offers": [settings | {"edited": [], "words": _("without the edits")}]}  # fmt: skip
    return _facts(settings, traced, edited)


def trouble(edges: Iterable[Edge], heads: Iterable[Node]) -> dict[str, Any]:
    """Why these edges are no network, with the edges or the node to blame; {} if they are.

    Examples
    --------
    >>> trouble([((0, 1), (0, 2))], [(0, 2)])["problem"]
    'X0,1 has no input. Draw an edge into it first, or remove the edges that leave it.'
    """
    before: dict[Node, list[Node]] = {}
    for start, end in sorted(edges):
        before.setdefault(end, []).append(start)
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        circle = error.args[1]
        problem = _("No: {circle} is a circle, so each of these maps would have to wait for "
                    "another. Remove one of the edges.")  # fmt: skip
        wrong = [flat(edge) for edge in pairwise(circle)]
        words = " → ".join(map(said, circle))
        return {"problem": problem.format(circle=words), "wrong": wrong, "lacking": None}
    lacking = sorted(node for node in needed(edges, heads)
                     if node not in before and node != (0, 0))  # fmt: skip
    if not lacking:
        return {}
    problem = _("{node} has no input. Draw an edge into it first, or remove the edges that "
                "leave it.")  # fmt: skip
    if lacking[0] in heads:
        problem = _("{node} has no input, and it is an output. Draw an edge into it.")
    wrong = [flat(edge) for edge in sorted(edges) if edge[0] == lacking[0]]
    return {"problem": problem.format(node=said(lacking[0])), "wrong": wrong,
            "lacking": lacking[0]}  # fmt: skip


def needed(edges: Iterable[Edge], heads: Iterable[Node]) -> set[Node]:
    """The nodes that lead to an output."""
    edges, found, ahead = list(edges), set(heads), list(heads)
    while ahead:
        end = ahead.pop()
        new = {start for start, to in edges if to == end} - found
        found |= new
        ahead += new
    return found


def _drawn(edges: Edges, heads: Iterable[Node]) -> list[dict[str, Any]]:
    """The edges that an output would need, of a graph that cannot be traced."""
    alive = needed(edges, heads)
    return [{"edge": flat(e), "kind": edge_kind(e)} for e in sorted(edges) if e[1] in alive]


def _offers(
    settings: Settings, edges: Edges, edited: Edges, problem: dict[str, Any]
) -> list[Settings]:
    """Single changes that would mend a graph, an edit that is taken back first."""
    depth, lacking = settings["depth"], problem["lacking"]
    heads = preset_graph(settings["kind"], depth, settings["deep"]).heads
    ways = sorted(edited)
    if lacking is not None:
        level, column = lacking
        ways += [((level, column - 1), lacking)] if column else [((level - 1, 0), lacking)]
    good = [e for e in dict.fromkeys(ways) if not trouble(edges ^ {e}, heads)]
    offers = []
    for edge in good[:MOST_OFFERS]:
        words = _("without {edge}") if edge in edges else _("with {edge}")
        offers.append(settings | {"edited": sorted(map(flat, edited ^ {edge})),
                                  "words": words.format(edge=arrow(edge))})  # fmt: skip
    return offers or [settings | {"edited": [], "words": _("without the edits")}]


@lru_cache(maxsize=256)
def _before(kind: str, depth: int, deep: bool, base: int, size: int) -> GraphTrace:
    """A network of the papers, without edits."""
    return _traced(preset_graph(kind, depth, deep), {"base": base, "size": size})


def _traced(graph: SkipGraph, settings: Settings) -> GraphTrace:
    config = UNetConfig(padding="same", base_channels=settings["base"], depth=graph.depth)
    return trace_graph(config, graph, settings["size"])


def _facts(settings: Settings, traced: GraphTrace, edited: Edges) -> dict[str, Any]:
    graph, depth = traced.graph, settings["depth"]
    plain = _before("u_net", depth, False, settings["base"], settings["size"])
    into: dict[Node, list] = {facts.node: [] for facts in traced.nodes}
    for facts in traced.edges:
        into[facts.edge[1]].append(facts)
    nodes = [
        {
            "node": facts.node, "joined": facts.joined, "channels": facts.channels,
            "inputs": len(into[facts.node]),
            "parameters": facts.parameters + sum(e.parameters for e in into[facts.node]),
            "share": round(
                (facts.operations + sum(e.operations for e in into[facts.node]))
                / traced.operations, 4),
        }
        for facts in traced.nodes
    ]  # fmt: skip
    edges = [
        {
            "edge": flat(e.edge), "kind": e.kind, "channels": e.channels,
            "price": e.parameters + 9 * e.channels * traced.node(e.edge[1]).channels,
        }
        for e in traced.edges
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
        "sides": [settings["size"] // 2**level for level in range(depth + 1)],
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
    name = found["name"]
    if edited:
        name = found["name"] = _("{name}, edited").format(name=name)
    words = _("{name}, depth {depth}, {size}² pixels. {counted} {p:,} parameters, {o} GFLOP: "
              "× {a:.2f} of U-Net's parameters, × {b:.2f} of its work. {because}")  # fmt: skip
    found["said"] = words.format(
        **{key: settings[key] for key in ("depth", "size")}, name=name, a=found["times"][0],
        counted=found["counted"], p=traced.parameters, o=found["work"], b=found["times"][1],
        because=found["because"],
    )  # fmt: skip
    return found


def _counted(traced: GraphTrace) -> str:
    kinds = [facts.kind for facts in traced.edges]
    depth = traced.graph.depth
    return _n(
        "{nodes} of {all} nodes, {edges} edges ({down} down, {up} up, {skip} skips), {n} "
        "output.",
        "{nodes} of {all} nodes, {edges} edges ({down} down, {up} up, {skip} skips), {n} "
        "outputs.",
        len(traced.graph.heads), nodes=len(traced.nodes), edges=len(kinds),
        all=(depth + 1) * (depth + 2) // 2,
        **{kind: kinds.count(kind) for kind in ("down", "up", "skip")},
    )  # fmt: skip


def because(settings: Settings, traced: GraphTrace, edited: Edges, spare: list[Edge]) -> str:
    """Why this network costs what it costs, or what the edits have changed."""
    kind, depth = settings["kind"], settings["depth"]
    if edited:
        return _changed(settings, traced, edited, spare)
    last = traced.node((0, depth))
    if kind == "u_net":
        skips = [arrow(((level, 0), (level, depth - level))) for level in range(depth)]
        words = _(
            "One on each of the {n} levels above the bottleneck: {skips}. It brings the "
            "encoder's map to the decoder, so the detail need not pass the bottleneck."
        )
        return words.format(n=depth, skips=", ".join(skips))
    if kind == "unet_plus_plus":
        between = [node for node in grid(depth) if 0 < node[1] < depth - node[0]]
        share = sum(_work(traced, node) for node in between) / traced.operations
        return _n(
            "{n} more node than U-Net has, in the middle: it joins all earlier maps of its "
            "level and the upsampled one below. It does {share:.0f} % of the work.",
            "{n} more nodes than U-Net has, in the middle: each joins all earlier maps of its "
            "level and the upsampled one below. Together they do {share:.0f} % of the work.",
            len(between), share=100 * share,
        )  # fmt: skip
    words = _(
        "Because its decoder stays wide where maps are large: {node} joins {maps} maps of "
        "{base} channels and makes {channels}, where U-Net's makes {base}. This node alone "
        "does {share:.0f} % of the work."
    )
    return words.format(
        node=said((0, depth)), maps=depth + 1, base=settings["base"], channels=last.channels,
        share=100 * _work(traced, (0, depth)) / traced.operations,
    )  # fmt: skip


def _work(traced: GraphTrace, node: Node) -> int:
    """Operations of a node and of the edges into it."""
    into = (facts.operations for facts in traced.edges if facts.edge[1] == node)
    return traced.node(node).operations + sum(into)


def _changed(settings: Settings, traced: GraphTrace, edited: Edges, spare: list[Edge]) -> str:
    """What the edits cost or save, and which of them do nothing."""
    name = NETWORKS[settings["kind"]]
    before = _before(*(settings[key] for key in ("kind", "depth", "deep", "base", "size")))
    words = [_("No output needs {edge} yet.").format(edge=arrow(edge)) for edge in spare]
    if traced.edges == before.edges:
        return " ".join(words)
    more = traced.parameters - before.parameters
    work = traced.operations - before.operations
    if len(edited) == 1 and _same_nodes(traced, before):
        (edge,) = edited
        with_it = traced if edge in traced.graph.edges else before
        channels = next(facts.channels for facts in with_it.edges if facts.edge == edge)
        own = traced.node(edge[1]).channels
        if abs(more) == 9 * channels * own:
            cost = _("{edge} costs {p} parameters and {o} GFLOP, {share:.1f} % of {name}'s "
                     "work: each of the {n} channels that it brings to {end} meets each of "
                     "{end}'s own {own} in a 3 × 3 kernel.")  # fmt: skip
            return cost.format(
                p=f"{abs(more):,}", o=_giga(abs(work)), name=name, edge=arrow(edge), own=own,
                share=100 * abs(work) / before.operations, end=said(edge[1]), n=channels,
            )  # fmt: skip
    costs = _("Compared with {name} itself: {p} parameters, {o} GFLOP.").format(
        name=name, p=_signed(f"{more:+,}"), o=_signed(_giga(work, "+"))
    )
    return " ".join([costs, *words])


def _same_nodes(one: GraphTrace, other: GraphTrace) -> bool:
    return {facts.node for facts in one.nodes} == {facts.node for facts in other.nodes}


def _giga(operations: int, sign: str = "") -> str:
    """GFLOP in words, with one digit; three valid ones where it is little.

    Examples
    --------
    >>> _giga(34_900_000_000), _giga(-1_212_000_000, "+"), _giga(45_678)
    ('34.9', '-1.21', '4.57e-05')
    """
    giga = operations / 1e9
    return format(giga, sign + (".1f" if abs(giga) >= 10 else ".3g"))


def _signed(number: str) -> str:
    return number.replace("-", "−")


def given() -> dict[str, Any]:
    """The stops of the levers."""
    return {"kinds": list(NETWORKS.items()), "depths": DEPTHS, "bases": BASES, "sizes": SIZES}


def questions() -> dict[str, Settings]:
    """Settings that answer a question, by the question."""
    return {
        _("Which skips does a plain U-Net have?"): FIRST | {"kind": "u_net"},
        _("What fills the gaps in U-Net++?"): FIRST | {"depth": 4},
        _("Why does UNet 3+ need more work?"): FIRST | {
            "kind": "unet_3plus", "depth": 4, "base": 64},
        _("What does one long skip cost?"): FIRST | {"edited": [[0, 0, 0, 3]]},
        _("Can an arrow point back?"): FIRST | {"edited": [[0, 3, 1, 2]]},
    }  # fmt: skip


def recorded() -> Iterator[Settings]:
    """What the book holds: all levers of the three networks, and up to two edits of each."""
    for kind, depth, deep in product(NETWORKS, DEPTHS, (False, True)):
        start = {"kind": kind, "depth": depth, "deep": deep}
        yield from (start | {"base": base} for base in BASES)
        yield from (start | {"size": size} for size in SIZES)
        yield from (start | {"base": b, "size": s} for b, s in product(BASES, (64, 128, 512)))
    for kind in NETWORKS:
        whole = preset_graph(kind, FIRST["depth"], False).edges
        works = [edge for edge in permutations(grid(FIRST["depth"]), 2)
                 if edge in whole or "problem" not in answer(_once(kind, edge))]  # fmt: skip
        for edge in permutations(grid(FIRST["depth"]), 2):
            yield from _with_offers(_once(kind, edge))
        for edge, base, deep in product(works, BASES, (False, True)):
            yield _once(kind, edge, base=base, deep=deep)
        for edge, size in product(works, (128, 512)):
            yield _once(kind, edge, size=size)
        for both in combinations(works, 2):
            yield from _with_offers(_once(kind, *both))
        for depth in (2, 4):
            yield from (
                _once(kind, edge, depth=depth, base=base)
                for edge in preset_graph(kind, depth, False).edges
                for base in ((32, 64) if depth == 4 else (32,))
            )


def _once(kind: str, *edges: Edge, **more: Any) -> Settings:
    return FIRST | {"kind": kind, "edited": sorted(map(flat, edges))} | more


def _with_offers(settings: Settings) -> Iterator[Settings]:
    yield settings
    for offer in answer(settings).get("offers", []):
        yield {name: offer[name] for name in FIRST}


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
