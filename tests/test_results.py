"""The committed tables: complete, from known recipes, and what the README says they are."""

import importlib.util
import json
import math
import re
import sys
from dataclasses import replace
from pathlib import Path
from statistics import mean, median, stdev

import pytest
from scipy import stats

from unet_teach.comparisons import QUESTIONS, answer
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


def test_the_readme_shows_the_answers():
    tool = load_tool("make_claims")
    assert tool.with_claims(README) == README, "run python tools/make_claims.py"
    alt = tool.answers()[1]
    for name in QUESTIONS:
        mean = f"{answer(name).mean:+.3f}".replace("-", "−")
        assert f"{QUESTIONS[name].asks} " in alt and f": {mean}, from" in alt


def test_the_page_shows_what_minutes_buy():
    tool = load_tool("make_minutes")
    page = (ROOT / "experiments" / "README.md").read_text(encoding="utf-8")
    assert tool.with_minutes(page) == page, "run python tools/make_minutes.py"
    points = {point.name: point for point in tool.points()}
    quick, long = (
        points["8 channels, 400 steps, crops alone"],
        points["`class`, 1,500 steps, the same"],
    )
    rows = [row for row in table("pairs") if row["variant"] == "24 slices, crops"]
    assert len(rows) == 10 and quick.v_rand == pytest.approx(mean(r["v_rand"] for r in rows))
    low, high = stats.t.interval(
        0.95, 4, loc=long.v_rand, scale=stdev(long.blocks) / math.sqrt(5)
    )
    assert (long.v_rand - long.half_width, long.v_rand + long.half_width) == pytest.approx(
        (low, high)
    )
    # The sentence below the table.
    assert round(60 * quick.minutes) == 43 and f"{quick.v_rand:.3f}" == "0.956"
    assert 55 < long.minutes / quick.minutes < 65 and long.v_rand - quick.v_rand < 0.02
    assert "Forty-three seconds reach 0.956, and sixty times as long" in " ".join(page.split())


def test_the_readme_gives_each_lesson_its_title_and_minutes():
    for source in sorted((ROOT / "notebooks" / "src").glob("*.py")):
        text = source.read_text(encoding="utf-8")
        due = re.search(r"\*\*Time\*\* about (\d+) minutes", text)[1]
        title = re.search(r"^# # \d\d · (.*)$", text, re.M)[1]
        assert f"| [{title}](notebooks/{source.stem}.ipynb) |" in README
        (line,) = re.findall(rf"^\| {source.name[:2]} \| \[.*\| (\d+) \| .*$", README, re.M)
        assert line == due, source.name
