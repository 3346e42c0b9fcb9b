"""Write the README's table of results from the committed tables, so that no figure is typed.

python tools/make_results.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import mean, stdev

sys.path.insert(0, str(Path(__file__).parent))
from marked import between

ROOT = Path(__file__).parents[1]
TABLES = ROOT / "unet_teach" / "resources" / "results"
RECIPES = ("class", "class_1500", "full")  # a tier, or a tier trained for other than its steps
HEAD = """\
| recipe | judged on | runs | V_rand | V_info | V_rand, averaged | V_info, averaged | minutes |
|---|---|---|---|---|---|---|---|"""

NOTES = """\
Mean ± standard deviation over the runs, each judged at its last checkpoint on slices that it
did not see, each metric at its best of eleven thresholds, as the challenge has it (for the
last row: at the one that was best on synthetic slices). *Averaged*: the mean over eight flips
and rotations. Minutes of training on one thread of
{hardware}. Every run, with its settings,
stands in [`unet_teach/resources/results`](unet_teach/resources/results);
[`experiments/`](experiments) holds the commands. U-Net as submitted in 2015 reached V_rand
0.973 and V_info 0.987 on the challenge's test stack, with all thirty slices to train on:
another test, so the figures stand near each other, not against each other."""


def read_table(name: str) -> list[dict]:
    """The entries of a table; none where it was not computed yet."""
    path = TABLES / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else []


def spread(values: list[float]) -> str:
    """Mean and, of more than one, standard deviation."""
    if len(values) == 1:
        return f"{values[0]:.3f}"
    return f"{mean(values):.3f} ± {stdev(values):.3f}"


def row(recipe: str, judged_on: str, entries: list[dict], pick) -> str:
    """One line of the table; ``pick(entry, way)`` gives an entry's V_rand and V_info."""
    cells = []
    for way in ("single", "averaged"):
        for metric in ("v_rand", "v_info"):
            cells.append(spread([pick(entry, way)[metric] for entry in entries]))
    minutes = f"{mean(entry['minutes'] for entry in entries):.0f}"
    return "| " + " | ".join([recipe, judged_on, str(len(entries)), *cells, minutes]) + " |"


def results() -> str:
    """The table, with what is needed to read it."""
    lines = [HEAD]

    def own(entry: dict, way: str) -> dict:
        return entry[way]

    for name in RECIPES:
        entries = read_table(f"isbi_{name}")
        tier, _, steps = name.partition("_")
        recipe = f"`{tier}`, {steps} steps" if steps else f"`{tier}`"
        seeds = [e for e in entries if e["fold"] == 4]
        folds = [e for e in entries if e["seed"] == 0]
        if len(seeds) > 1:
            lines.append(row(recipe, "slices 24–29, by seed", seeds, own))
        if len(folds) == 5:
            lines.append(row(recipe, "all five blocks of six, by block", folds, own))
    transfer = read_table("membranes_to_isbi")
    if transfer:

        def abroad(entry: dict, way: str) -> dict:
            return entry[way]["on_isbi_at_that_threshold"]

        recipe = "trained on synthetic membranes alone"
        lines.append(row(recipe, "ISBI's 30 training slices", transfer, abroad))
    hardware = sorted({e["hardware"] for name in RECIPES for e in read_table(f"isbi_{name}")})
    where = "; ".join(hardware)
    return "\n".join(lines) + "\n\n" + NOTES.format(hardware=where)


def with_results(readme: str) -> str:
    """The README's text with the table of today."""
    return between(readme, "results", results())


if __name__ == "__main__":
    path = ROOT / "README.md"
    path.write_text(with_results(path.read_text(encoding="utf-8")), encoding="utf-8")
