"""What a view must show of an answer: (selector, attribute or "text", value) for each mark.

A room's view is tested by these in the notebook and in a static page; an interactive whose
name is not here fails. Text is written as Python writes it: a view that rounds otherwise is
found out.
"""

from __future__ import annotations

from collections.abc import Callable

from unet_teach.lessons.l13_overlap_tile.measure import given as of_tiles

Marks = list[tuple[str, str, str]]


def wall_eraser(settings: dict, answer: dict) -> Marks:
    """Four bars, the error, the formula's numbers, who has run together, and the table."""
    found = {
        "right": (1 - answer["wrong"], f"{(1 - answer['wrong']) * 100:.2f} %"),
        "dice": (answer["dice"], f"{answer['dice']:.4f}"),
        "v_rand": (answer["v_rand"], f"{answer['v_rand']:.3f}"),
        "v_info": (answer["v_info"], f"{answer['v_info']:.3f}"),
    }
    marks = []
    for name, (value, text) in found.items():
        row = f".unet-bar-row[data-name={name}]"
        marks += [(row, "data-value", value), (f"{row} .unet-bar-value", "text", text)]
    n, sums = len(settings["flipped"]), answer["sums"]
    wrong = f"wrong pixels {answer['wrong'] * 100:.2f} % · {n:,} of 5,184 pixels"
    sum_words = f"2 × {sums['both']:,} / ({sums['truth']:,} + {sums['segments']:,})"
    rows: list[list[str]] = [[] for _ in range(13)]
    for i, _j, pixels in answer["table"]["counts"]:
        rows[i].append(str(pixels))
    for i, lost in enumerate(answer["table"]["lost"]):
        rows[i] += [str(lost)] if lost else []
    for i, counts in enumerate(rows):
        marks.append((f"tr[data-neuron='{i + 1}'] td[data-count]", "all", counts))
    return [
        *marks,
        (".wall-wrong", "text", wrong),
        (".wall-formula", "holds", sum_words),
        (".wall-verdict", "text", answer["verdict"]),
        (".unet-view [role=status]", "text", answer["said"]),
        (".unet-pixels", "data-merged", answer["merged"]),
    ]


def threshold_explorer(settings: dict, answer: dict) -> Marks:
    """The handle, three numbers under the curves, who has run together, and the words."""
    marks: Marks = []
    for name in ("accuracy", "dice", "v_rand"):
        value = f"b[data-name={name}]"
        marks += [(value, "data-value", answer[name]), (value, "text", f"{answer[name]:.3f}")]
    return [
        *marks,
        (".unet-handle", "data-value", settings["threshold"]),
        (".threshold-above", "holds", f"above {settings['threshold']:.3f}"),
        (".threshold-verdict", "text", answer["verdict"]),
        (".threshold-verdict", "data-good", answer["good"]),
        (".unet-view [role=status]", "text", answer["said"]),
        (".unet-pixels[data-merged]", "data-merged", answer["merged"]),
    ]


def deformation_explorer(settings: dict, answer: dict) -> Marks:
    """Nine arrows, the strength, how far distances change, and the words."""
    marks: Marks = [
        (f".bend-grip:nth-of-type({i})", "data-vector", vector)
        for i, vector in enumerate(answer["vectors"], 1)
    ]
    return [
        *marks,
        (".unet-slider input", "data-value", settings["sigma"]),
        (".bend-key", "data-value", answer["stretch"]),
        (".bend-key", "holds", f"typically change by {answer['stretch'] * 100:.0f} %"),
        (".bend-tally", "text", answer["tally"]),
        (".bend-verdict", "text", answer["verdict"]),
        (".unet-view [role=status]", "text", answer["said"]),
    ]


def bottleneck_explorer(settings: dict, answer: dict) -> Marks:
    """The handle, what is lost, how dark the wall is in the copy, and the words."""
    wall = ".neck-walls figure:nth-child(2) span"
    return [
        (".unet-handle", "data-value", settings["depth"]),
        (".neck-verdict", "data-lost", answer["lost"]),
        (".neck-verdict", "text", answer["verdict"]),
        (wall, "data-value", answer["contrast"]),
        (wall, "text", f"darker by {answer['contrast']:.0f} grey values"),
        (".unet-view [role=status]", "text", answer["said"]),
    ]


def first_look(settings: dict, answer: dict) -> Marks:
    """How many cells, which fraction, and which picture is pressed."""
    number = settings["picture"]
    pressed = [n == number for n in range(1, 7)]
    share = (
        f"{answer['inside'] * 100:.0f} % of the pixels are called inside, the rest membrane."
    )
    return [
        (".look-verdict", "text", answer["verdict"]),
        (".look-verdict", "data-value", answer["cells"]),
        (".look-share", "text", share),
        (".look-share", "data-value", answer["inside"]),
        (".unet-view [role=status]", "text", answer["said"]),
        *[
            (f".look-choice:nth-child({n})", "aria-pressed", p)
            for n, p in enumerate(pressed, 1)
        ],
    ]


def u_explorer(_settings: dict, answer: dict) -> Marks:
    """The totals, every box with its channels and size, and the skip or box looked into."""
    total = answer["totals"]
    marks = [(f".u-totals [data-name={name}]", "data-value", total[name])
             for name in ("parameters", "operations", "convolutions", "output")]  # fmt: skip
    boxes = [
        f"{n} × {size}²" for n, size in zip(answer["channels"], answer["sizes"], strict=True)
    ]
    said = f"{total['operations'] / 1e9:.1f} GFLOP"
    return [
        *marks,
        (".u-totals [data-name=parameters]", "holds", f"{total['parameters']:,}"),
        (".u-totals [data-name=operations]", "text", said),
        (".u-box title", "all", boxes),
        (".u-way", "all", ["contracting", "expanding"]),
    ]


def viewer(settings: dict, answer: dict) -> Marks:
    """The value in every box, the opened layer's channels, the field, what changed, and why."""
    one = f".look-tile[data-channel='{answer['channel']}']"
    order = [str(c) for c in answer["order"]]
    under = answer["likeness"] or order
    dead = set(answer["dead"])
    names = ["dead" if c in dead else u for c, u in zip(answer["order"], under, strict=True)]
    marks = [
        (".look-tile > span:last-child", "all", names),
        (".look-value", "text", f"Channel {answer['channel']}: {answer['value']} at the cross"),
        (".look-head code", "text", answer["step"]),
        (".unet-pixels", "data-field", answer["field"] and list(answer["field"])),
        (".look-name", "all", ["What goes in", "What comes out"]),
        (".unet-view [role=status]", "text", answer["said"]),
    ]
    for i, value in enumerate(answer["values"]):
        marks.append((f".net-box[data-box='{i}'] .net-value", "text", value))
    if answer["channel"] in answer["order"]:
        marks.append((one, "aria-pressed", True))
    if why := answer["why"]:
        halves = [[f"input channel {p['channel']}:", p["sum"]] for p in why["parts"]]
        grids = [grid for part in why["parts"] for grid in (part["patch"], part["kernel"])]
        marks.append((".look-part b", "all", [half for both in halves for half in both]))
        cells = [n for grid in grids for line in grid for n in line]
        marks.append((".look-part td", "all", cells))
        then = [f" → {word} {number}" for word, number in why["then"]]
        marks.append((".look-then", "all", then))
    if answer.get("flipped") and answer["shift"]:
        marks.append((".unet-because", "holds", f"({answer['share']})"))
    return marks


def training_dashboard(settings: dict, answer: dict) -> Marks:
    """The step that is shown, the handle on it, scores and neurons; the other run's."""
    now, planned = answer["now"], answer["curves"]["planned"]
    marks: Marks = [
        (".film-now", "data-step", now["step"]),
        (".film-now", "text", f"Step {now['step']} of {planned}, after {now['seconds']:.1f} s"),
        (".unet-handle", "data-value", now["step"]),
        (".film-verdict b", "data-value", now["v_rand"]),
        (".film-verdict", "text", _film_numbers(now, " (1 = every neuron whole)")),
        (".film-features figcaption", "all", answer["feature_names"]),
        (".unet-view [role=status]", "text", answer["said"]),
    ]
    if answer["other"]:
        other = answer["other"]
        marks.append((".film-other", "text", f"{other['name']}: {_film_numbers(other)}"))
    return marks


def _film_numbers(at: dict, said: str = "") -> str:
    return (
        f"{at['right'] * 100:.1f} % of the pixels right · V_rand{said} {at['v_rand']:.3f} · "
        f"{at['merged']} run together, {at['broken']} broken"
    )


def crop_explorer(settings: dict, answer: dict) -> Marks:
    """Where the window is, how far from its place, and how many walls meet."""
    met = f"{answer['met']} of {answer['walls']} wall pixels meet wall"
    top, left = settings["top"], settings["left"]
    return [
        (".unet-pixels[data-window]", "data-window", [top, left, settings["below"]]),
        (".crop-begins", "text", f"The window begins at row {top}, column {left}."),
        (".crop-verdict", "text", answer["verdict"]),
        (".crop-verdict", "data-offset", answer["offset"]),
        (".crop-met b", "text", met),
        (".crop-met b", "data-met", answer["met"]),
        (".unet-view [role=status]", "text", answer["said"]),
    ]


def merge_toggle(settings: dict, answer: dict) -> Marks:
    """What each joined channel reads, the merge in words, and the costs of all three."""
    marks: Marks = []
    for name in ("megabytes", "next"):
        texts = [row[name]["text"] for row in answer["table"]]
        marks += [(f"td[data-cost={name}]", "all", texts)]
        now = f".join-now td[data-cost={name}]"
        marks += [(now, "data-value", answer["costs"][settings["merge"]][name])]
    names = [answer["labels"][name] for name in ("skip", "below")]
    return [
        *marks,
        (".join-map", "data-reads", answer["reads"]),
        (".join-headline", "text", answer["headline"]),
        (".join-flow > :first-child b", "all", names),
        (".join-flow > :first-child figcaption", "all", [answer["lost"], ""]),
        (
            ".join-flow .unet-slider:not([hidden]) span",
            "all",
            [
                {"skip": "skip ×", "below": "from below ×", "sum": "their sum ×"}[name]
                for name in answer["weights"]
            ],
        ),
        (
            ".join-flow .unet-slider:not([hidden]) output",
            "all",
            [str(settings[name]).replace("-", "−") for name in answer["weights"]],
        ),
        (".join-said", "text", answer["bars"][settings["block"]]),
        (".join-table .join-now th", "text", str(settings["level"])),
        (".join-all", "text", answer["in_all"]),
        (".join-learned", "text", answer["learned"]),
        (".unet-view [role=status]", "text", answer["said"]),
    ]


def skip_surgery(settings: dict, answer: dict) -> Marks:
    """The gain at each skip, the pair's verdict and three numbers."""
    marks: Marks = []
    for name in ("v_rand", "accuracy"):
        row = f".unet-bar-row[data-name={name}]"
        marks += [(row, "data-value", answer[name])]
        marks += [(f"{row} .unet-bar-value", "text", f"{answer[name]:.3f}")]
    gains = [f"× {gain:g}" if gain else "× 0: cut" for gain in settings["gains"]]
    share = f"{answer['changed'] * 100:.1f} % of the pixels change class."
    return [
        *marks,
        (".cut-row output", "all", gains),
        (".cut-row button", "all", ["✂ cut" if g else "↺ join" for g in settings["gains"]]),
        (".cut-headline", "text", answer["headline"]),
        (".cut-headline", "data-verdict", answer["verdict"]),
        (".cut-changed-words", "text", share),
        (".unet-view [role=status]", "text", answer["said"]),
    ]


def weight_explorer(settings: dict, answer: dict) -> Marks:
    """The wall's width and weight, and whose pull comes from it."""
    marks: Marks = []
    for name, share in answer["shares"].items():
        row = f".unet-bar-row[data-name={name}]"
        marks += [(row, "data-value", share)]
        marks += [(f"{row} .unet-bar-value", "text", f"{share * 100:.1f} %")]
    names = {0: "no wall", 12: "12 px is the limit"}
    wall = names.get(settings["gap"], f"wall {settings['gap']} px")
    cells = ["cell 1", "cell 2"] if settings["gap"] else ["one cell"]
    return [
        *marks,
        (".pull-here", "data-gap", settings["gap"]),
        (".pull-dim", "text", wall),
        (".unet-pixels .pull-of", "all", cells),
        (".pull-headline", "text", answer["headline"]),
        (".pull-headline", "data-wall", answer["wall"]),
        (".pull-asked", "text", answer["asked"]),
        (
            ".unet-pixels .pull-miss",
            "all",
            ["if missed:", "one cell"] if settings["gap"] else [],
        ),
        (".unet-view [role=status]", "text", answer["said"]),
    ]


def convolution_grid(settings: dict, answer: dict) -> Marks:
    """Every number of both grids, the kernel, the sizes and the formula."""
    n, p, output = settings["n"], settings["p"], answer["output"]
    marks = [
        (".conv-size", "text", f"{n} × {n} → {answer['m']} × {answer['m']}"),
        (".conv-formula", "text", answer["formula"]),
        (".conv-in ~ p", "text", " ".join(answer["notes"])),
        (".conv-out ~ p", "text", answer["shade_words"]),
        (".conv-out", "data-output", output),
    ]
    if settings["way"] == "sum":
        marks.append((".conv-sum-row", "data-kernel", settings["kernel"]))
    for place, rows, room in (
        (".conv-in", answer["input"], n + 2 * p),
        (".conv-out", output, 0),
    ):
        numbers = [str(number).replace("-", "−") for row in rows for number in row]
        few = (room or answer["m"]) <= 18
        marks.append((f"{place} .unet-pixels svg text", "all", numbers if few else []))
    return marks


def field_explorer(settings: dict, answer: dict) -> Marks:
    """What each map sees, for each phase; in words where all phases see alike."""
    marks = []
    for number, sizes in enumerate(answer["sizes"]):
        row = f".field-maps p[data-map='{number}']"
        marks.append((row, "data-sizes", sizes))
        if len(set(sizes)) == 1:
            marks.append((f"{row} b", "text", f"{sizes[0]} × {sizes[0]}"))
    return marks


def signal_explorer(settings: dict, answer: dict) -> Marks:
    """The layer, each seen initialisation's number there and its bars, and the headline."""
    marks: Marks = [
        (".unet-handle", "data-value", settings["layer"]),
        (".unet-axes[data-now]", "data-now", answer["now"]),
        *(
            (f".signal-{part}", "text", answer[part])
            for part in ("caption", "headline", "key", "spread")
        ),
        (".unet-view [role=status]", "text", answer["said"]),
    ]
    for name in answer["seen"]:
        row = f".signal-row[data-init={name}]"
        marks += [
            (row, "data-chosen", name == answer["line"]),
            (f"{row} .signal-note", "text", answer["notes"][name]),
            (f".signal-name[data-init={name}]:not([hidden])", "text", answer["ends"][name]),
            (row, "data-heights", signal_heights(settings, name)),
        ]
    return marks


def signal_heights(settings: dict, line: str) -> list[int]:
    """The bars of one initialisation, which an answer holds as an array."""
    from unet_teach.lessons.l08_train_it.measure import answer

    found = answer(settings)
    return found["heights"][list(found["notes"]).index(line)].tolist()


NAMES = {
    "transposed": "transposed", "nearest": "nearest, conv", "bilinear": "bilinear, conv",
    "pixel_shuffle": "pixel shuffle",
}  # fmt: skip


def upsampler_explorer(settings: dict, answer: dict) -> Marks:
    """What each input paints, whether equal inputs stay equal, and the ripple of all four."""
    marks = [
        (".up-level", "text", answer["level"]),
        (".up-level", "data-ripple", answer["ripple"]),
        (".up-large .up-head", "text", answer["name"]),
        (".up-out", "data-foot", answer["foot"]),
        ("[aria-pressed=true]", "holds", NAMES[settings["kind"]]),
    ]
    for kind, ripple in zip(NAMES, answer["ripples"], strict=True):
        place = f".up-thumb[data-kind={kind}] > span:last-child"
        marks += [(place, "text", f"ripple {ripple:.2f}"), (place, "data-value", ripple)]
    return marks


def tile_explorer(settings: dict, answer: dict) -> Marks:
    """Where the tile is, how different the result is, how wrong, and the verdict."""
    top, left, reads = settings["top"], settings["left"], answer["window"][2]
    grid = f"{'on' if answer['on_grid'] else 'off'} the grid of 16 = 2⁴ (four poolings)"
    before = of_tiles()["v_rand"]
    pair = "apart" if answer["pair"] == "apart" else "run together"
    found = {
        "largest": f"{answer['largest']:.2f}",
        "changed": f"{answer['changed'] * 100:.2f} %",
        "now_wrong": f"{answer['now_wrong']:,}",
        "now_right": f"{answer['now_right']:,}",
        "v_rand": f"{before:.3f} → {answer['v_rand']:.3f}",
    }
    marks: Marks = []
    for name, text in found.items():
        number = f"dd[data-name={name}]"
        marks += [(number, "data-value", answer[name]), (number, "text", text)]
    return [
        *marks,
        (".tile-grip", "data-place", [top, left]),
        (
            ".tile-at",
            "holds",
            f"row {top}, column {left}: {grid} · reads {reads} × {reads} pixels",
        ),
        (".tile-verdict", "text", answer["verdict"]),
        (
            "figure :not([hidden]) > .tile-key",
            "all",
            [f"our pair, A and B, {pair}", "wrong in tiles only", "right in tiles only"],
        ),
        (".unet-view [role=status]", "text", answer["said"]),
    ]


def clinic(settings: dict, answer: dict) -> Marks:
    """Which patient is open, what is pinned to it, who answers a question, and the verdict."""
    card = f".ward-card[data-letter={settings['patient']}]"
    marks: Marks = [
        (card, "aria-pressed", True),
        (".ward-card.ward-lit > b", "all", answer["lit"]),
        (".ward-told", "data-right", answer["right"]),
        (".unet-view [role=status]", "text", answer["said"]),
    ]
    if not settings["ask"]:  # a question leaves the pins as they are
        marks.append((f"{card} .ward-pin", "text", settings["pin"] or "no diagnosis yet"))
    if answer["told"]:
        mark = {True: "✓ ", False: "✗ ", None: ""}[answer["right"]]
        told = answer["told"]
        marks += [
            (".ward-verdict", "text", mark + answer["verdict"]),
            (".ward-told div p", "all", answer["reasons"]),
            (".ward-code", "text", f"− {told['broken']}\n+ {told['mended']}"),
        ]
    return marks


def skip_graph(settings: dict, answer: dict) -> Marks:
    """Every edge that is drawn, the channels by node, the sizes, the costs and the words."""
    channels = {tuple(n["node"]): str(n["channels"]) for n in answer["nodes"]}
    kinds = [[e["edge"], e["kind"]] for e in answer["edges"]]
    kinds += [[edge, "spare"] for edge in answer["spare"]]
    kinds += [[edge, "gone"] for edge in answer["gone"]]
    costs = {"parameters": f"{answer['parameters']:,}", "work": f"{answer['work']} GFLOP"}
    values = {"parameters": answer["parameters"], "work": answer["operations"]}
    marks: Marks = []
    for (name, text), times in zip(costs.items(), answer["times"], strict=True):
        meter = f".graph-meter[data-name={name}]"
        marks += [(meter, "data-value", values[name]), (f"{meter} b", "text", text),
                  (f"{meter} .unet-faint", "text", f"× {times:.3f} of U-Net")]  # fmt: skip
    return [
        *marks,
        (".graph-picture", "data-edges", [[",".join(map(str, e)), k] for e, k in kinds]),
        (".graph-channels", "all", [channels[node] for node in sorted(channels)]),
        (".graph-side", "all", [f"{side}²" for side in answer["sides"]]),
        (".graph-head", "text", f"{answer['name']} {answer['counted']}"),
        (".unet-view [role=status]", "text", answer["said"]),
    ]


MARKS: dict[str, Callable[[dict, dict], Marks]] = {
    "clinic": clinic,
    "bottleneck_explorer": bottleneck_explorer,
    "convolution_grid": convolution_grid,
    "crop_explorer": crop_explorer,
    "dashboard": training_dashboard,
    "deformation_explorer": deformation_explorer,
    "field_explorer": field_explorer,
    "first_look": first_look,
    "merge_toggle": merge_toggle,
    "signal_explorer": signal_explorer,
    "skip_graph": skip_graph,
    "skip_surgery": skip_surgery,
    "threshold_explorer": threshold_explorer,
    "tile_explorer": tile_explorer,
    "training_dashboard": training_dashboard,
    "u_explorer": u_explorer,
    "upsampler_explorer": upsampler_explorer,
    "own_viewer": viewer,
    "viewer": viewer,
    "wall_eraser": wall_eraser,
    "weight_explorer": weight_explorer,
}
