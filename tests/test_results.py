"""The committed tables: complete, from known recipes, and what the README says they are."""

import importlib.util
import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from statistics import mean, median

import pytest

from unet_teach.training import TIERS, TrainConfig

ROOT = Path(__file__).parents[1]
TABLES = ROOT / "unet_teach" / "resources" / "results"
MAY_DIFFER = {"threads": None, "fold": 4, "seed": 0}  # may differ from the tier's


def load_tool(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    tool = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


def entries():
    for path in sorted(TABLES.glob("isbi_*.json")):
        for entry in json.loads(path.read_text()):
            yield pytest.param(path.stem.removeprefix("isbi_"), entry, id=entry["run"])


@pytest.mark.parametrize(("tier", "entry"), list(entries()))
def test_an_entry_is_of_todays_recipe_and_complete(tier, entry):
    config = TrainConfig.from_dict(entry["config"])
    tier, steps, _ = load_tool("make_results").parts(tier)  # such as class_1500
    due = replace(TIERS[tier], **MAY_DIFFER)
    assert replace(config, **MAY_DIFFER) == (replace(due, steps=int(steps)) if steps else due)
    assert entry["steps"] == config.steps and entry["seed"] == config.seed
    assert entry["data"] == "ISBI 2012 train, 30 slices"
    for fact in ("minutes", "hardware", "code", "precision", "torch"):
        assert entry[fact], fact
    for way in ("single", "averaged"):
        assert 0.5 < entry[way]["v_rand"] < 1 and 0.5 < entry[way]["v_info"] < 1


README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_shows_the_tables():
    shown = load_tool("make_results").with_results(README)
    assert shown == README, "run python tools/make_results.py"


def table(name):
    return json.loads((TABLES / f"{name}.json").read_text())


def mean_of(name, way, metric):
    """Over three seeds, slices 24–29 held out."""
    entries = {e["seed"]: e for e in table(name) if e["fold"] == 4}
    assert sorted(entries) == [0, 1, 2]
    return mean(e[way][metric] for e in entries.values())


def test_the_tables_reach_the_goals():
    """Class within eight minutes on two cores with AMX, full, and five blocks."""
    amx = table("isbi_class_on_amx")
    assert all("with AMX" in e["hardware"] and e["threads"] == 2 for e in amx)
    assert mean(e["minutes"] for e in amx) < 8
    assert mean_of("isbi_class_on_amx", "single", "v_rand") > 0.95
    assert mean_of("isbi_class_on_amx", "single", "v_info") > 0.97
    assert mean_of("isbi_full", "averaged", "v_rand") > 0.972
    assert mean_of("isbi_full", "averaged", "v_info") > 0.983
    blocks = {
        e["fold"]: e["single"]["v_rand"] for e in table("isbi_full_3000") if e["seed"] == 0
    }
    assert sorted(blocks) == [0, 1, 2, 3, 4] and mean(blocks.values()) > 0.965


def test_a_training_step_reaches_its_goals():
    """Four times as fast as each of the others as shipped, no slower where all are alike."""
    for run in load_tool("make_results").step_runs("cpu"):
        assert run["threads"] == 2
        for name in ("milesial", "MONAI BasicUNet", "nnU-Net PlainConvUNet"):
            assert median(run["as shipped"][name]["ratios"]) > 4, (run["run"], name)
            assert median(run["all alike"][name]["ratios"]) >= 1, (run["run"], name)


def test_the_readme_shows_the_claims():
    tool = load_tool("make_claims")
    assert tool.with_claims(README) == README, "run python tools/make_claims.py"
    for claim in tool.CLAIMS:  # "five seeds a variant"
        table = json.loads((TABLES / f"{claim.table}.json").read_text())
        for variant in (claim.a, claim.b):
            assert len({e["seed"] for e in table if e["variant"] == variant}) == 5, claim


def test_a_claim_is_answered_by_its_table(monkeypatch):
    tool = load_tool("make_claims")
    better = [0.90, 0.91, 0.92]
    table = [
        {"variant": variant, "seed": seed, "v_rand": value + gain, "pixel_error": value + gain}
        for variant, gains in (
            ("a", [0, 0, 0]),
            ("b", [0.05, 0.06, 0.05]),
            ("c", [0.3, -0.3, 0]),
        )
        for seed, (value, gain) in enumerate(zip(better, gains, strict=True))
    ]
    monkeypatch.setattr(tool, "load_table", lambda name: table)
    asked = {
        ("b", "v_rand"): "| yes |", ("b", "pixel_error"): "| no, worse |",
        ("c", "v_rand"): "| not settled |",
    }  # fmt: skip
    for (variant, metric), answer in asked.items():
        claim = tool.Claim("Better?", "06", "any", "a", variant, metric)
        assert answer in claim.line()
    # By hand: 0.0533 ± 4.303 · 0.00577 / √3.
    assert (
        "| V_rand +0.053 | +0.039 to +0.068 |" in tool.Claim("?", "06", "any", "a", "b").line()
    )


def test_the_readme_gives_each_lesson_its_title_and_minutes():
    for source in sorted((ROOT / "notebooks" / "src").glob("*.py")):
        text = source.read_text(encoding="utf-8")
        due = re.search(r"\*\*Time\*\* about (\d+) minutes", text)[1]
        title = re.search(r"^# # \d\d · (.*)$", text, re.M)[1]
        assert f"| [{title}](notebooks/{source.stem}.ipynb) |" in README
        (line,) = re.findall(rf"^\| {source.name[:2]} \| \[.*\| (\d+) \| .*$", README, re.M)
        assert line == due, source.name
