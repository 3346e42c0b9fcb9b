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
        (".look-head b", "text", answer["step"]),
        (".unet-pixels", "data-field", answer["field"] and list(answer["field"])),
        (".unet-view [role=status]", "text", answer["said"]),
    ]
    for i, value in enumerate(answer["values"]):
        marks.append((f".net-box[data-box='{i}'] .net-value", "text", value))
    if answer["channel"] in answer["order"]:
        marks.append((one, "aria-pressed", True))
    if why := answer["why"]:
        halves = [[f"{part['channel']}:", part["sum"]] for part in why["parts"]]
        grids = [grid for part in why["parts"] for grid in (part["patch"], part["kernel"])]
        marks.append((".look-part b", "all", [half for both in halves for half in both]))
        cells = [n for grid in grids for line in grid for n in line]
        marks.append((".look-part td", "all", cells))
    if answer.get("flipped") and answer["shift"]:
        marks.append((".look-verdict", "holds", f"{answer['share']} of the pixels"))
    return marks


MARKS: dict[str, Callable[[dict, dict], Marks]] = {
    "threshold_explorer": threshold_explorer,
    "viewer": viewer,
    "wall_eraser": wall_eraser,
}
