"""The committed tables: complete, from known recipes, and what the README says they are."""

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import pytest

from unet_teach.training import TIERS, TrainConfig

ROOT = Path(__file__).parents[1]
TABLES = ROOT / "unet_teach" / "resources" / "results"
HOW = {"threads": None, "fold": 4, "seed": 0}  # may differ from the tier's


def load_tool(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


def entries():
    for path in sorted(TABLES.glob("isbi_*.json")):
        for entry in json.loads(path.read_text()):
            yield pytest.param(path.stem.removeprefix("isbi_"), entry, id=entry["run"])


@pytest.mark.parametrize(("tier", "entry"), list(entries()))
def test_an_entry_is_of_todays_recipe_and_complete(tier, entry):
    config = TrainConfig.from_dict(entry["config"])
    assert replace(config, **HOW) == replace(TIERS[tier], **HOW)
    assert entry["steps"] == config.steps and entry["seed"] == config.seed
    assert entry["data"] == "ISBI 2012 train, 30 slices"
    for fact in ("minutes", "hardware", "code", "precision", "torch"):
        assert entry[fact], fact
    for way in ("single", "averaged"):
        assert 0.5 < entry[way]["v_rand"] < 1 and 0.5 < entry[way]["v_info"] < 1


def test_the_readme_shows_the_tables():
    tool = load_tool("make_results")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert tool.with_results(readme) == readme, "run python tools/make_results.py"
