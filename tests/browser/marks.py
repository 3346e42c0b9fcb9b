"""What a view must show of an answer: (selector, attribute or "text", value) for each mark.

A room's view is tested by these in the notebook and in a static page; an interactive whose
name is not here fails. Text is written as Python writes it: a view that rounds otherwise is
found out.
"""

from __future__ import annotations

from collections.abc import Callable

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
    wrong = f"pixel error {answer['wrong'] * 100:.2f} % · {n:,} of 5,184 pixels"
    sum_words = f"2 × {sums['both']:,} / ({sums['truth']:,} + {sums['segments']:,})"
    rows: list[list[str]] = [[] for _ in range(13)]
    for i, _j, pixels in answer["table"]["counts"]:
        rows[i].append(str(pixels))
    for i, lost in enumerate(answer["table"]["lost"]):
        rows[i] += [str(lost)] if lost else []
    for i, counts in enumerate(rows):
        marks.append((f"tr[data-neuron='{i + 1}'] td[data-count]", "all", counts))
    merged = "; ".join(" + ".join(map(str, group)) for group in answer["merged"])
    regions = f"{answer['found']} regions for 13 neurons"
    verdict = (
        f"Run together: {merged}. {regions}." if merged else f"{regions}: none run together."
    )
    return [
        *marks,
        (".wall-wrong", "text", wrong),
        (".wall-formula", "holds", sum_words),
        (".wall-verdict", "text", verdict),
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
        (".unet-view [role=status]", "text", answer["said"]),
        (".unet-pixels[data-merged]", "data-merged", answer["merged"]),
    ]


def deformation_explorer(settings: dict, answer: dict) -> Marks:
    """Nine arrows, the strength, how far lengths change, and the words."""
    marks: Marks = [
        (f".bend-grip:nth-of-type({i})", "data-vector", vector)
        for i, vector in enumerate(answer["vectors"], 1)
    ]
    return [
        *marks,
        (".unet-slider input", "data-value", settings["sigma"]),
        (".bend-key span", "data-value", answer["stretch"]),
        (".bend-key span", "text", f"Lengths change by {answer['stretch'] * 100:.0f} %."),
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
        (wall, "text", f"{answer['contrast']:.0f} of 31 grey values darker"),
        (".unet-view [role=status]", "text", answer["said"]),
    ]


def first_look(settings: dict, answer: dict) -> Marks:
    """How many cells, which fraction, and which picture is pressed."""
    number = settings["picture"]
    pressed = ["true" if n == number else "false" for n in range(1, 7)]
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
    ]


MARKS: dict[str, Callable[[dict, dict], Marks]] = {
    "bottleneck_explorer": bottleneck_explorer,
    "deformation_explorer": deformation_explorer,
    "first_look": first_look,
    "threshold_explorer": threshold_explorer,
    "wall_eraser": wall_eraser,
    "u_explorer": u_explorer,
}
