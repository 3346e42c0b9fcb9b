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
    digits = {"joined": 0, "megabytes": 1, "next": 0, "network": 0, "operations": 1}
    marks: Marks = []
    for name, places in digits.items():
        for way, costs in answer["costs"].items():
            cell = f"td[data-cost={name}][data-way={way}]"
            text = f"{costs[name]:,.{places}f}"
            marks += [(cell, "data-value", costs[name]), (cell, "text", text)]
    return [
        *marks,
        (".join-map", "data-reads", answer["reads"]),
        (".join-headline", "text", answer["headline"]),
        (".join-table th.join-now", "holds", settings["merge"].replace("none", "no skip")),
        (".unet-view [role=status]", "text", answer["said"]),
    ]


def skip_surgery(settings: dict, answer: dict) -> Marks:
    """The gain at each skip, the pair's verdict and three numbers."""
    marks: Marks = []
    for name in ("v_rand", "accuracy"):
        row = f".unet-bar-row[data-name={name}]"
        marks += [(row, "data-value", answer[name])]
        marks += [(f"{row} .unet-bar-value", "text", f"{answer[name]:.3f}")]
    gains = [f"× {gain:g}" if gain else "cut" for gain in settings["gains"]]
    share = f"{answer['changed'] * 100:.1f} % of the pixels change class."
    return [
        *marks,
        (".cut-gain", "all", gains),
        (".cut-headline", "text", answer["headline"]),
        (".cut-headline", "data-verdict", answer["verdict"]),
        (".cut-changed-words", "text", share),
        (".unet-view [role=status]", "text", answer["said"]),
    ]


def weight_explorer(settings: dict, answer: dict) -> Marks:
    """The wall's width and weight, and whose pull comes from it."""
    marks: Marks = []
    for name in ("cross_entropy", "class_weights", "weight_map", "dice"):
        share = answer["shares"].get(name)
        row = f".unet-bar-row[data-name={name}]"
        text = "–" if share is None else f"{share * 100:.1f} %"
        marks += [(row, "data-value", share or 0), (f"{row} .unet-bar-value", "text", text)]
    return [
        *marks,
        (".unet-pixels", "data-gap", settings["gap"]),
        (".unet-pixels", "holds", f"wall {settings['gap']} px"),
        (".pull-headline", "text", answer["headline"]),
        (".pull-headline", "data-wall", answer["wall"]),
        (".pull-asked", "holds", f"The wall is {answer['area'] * 100:.1f} % of the pixels"),
        (".unet-view [role=status]", "text", answer["said"]),
    ]


MARKS: dict[str, Callable[[dict, dict], Marks]] = {
    "crop_explorer": crop_explorer,
    "merge_toggle": merge_toggle,
    "skip_surgery": skip_surgery,
    "threshold_explorer": threshold_explorer,
    "wall_eraser": wall_eraser,
    "weight_explorer": weight_explorer,
}
