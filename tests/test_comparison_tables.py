"""The tables that the lessons quote: complete, paired, and made by today's recipe."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from unet_teach.comparisons import load_table
from unet_teach.config import SkipGraph
from unet_teach.models import build, count_parameters
from unet_teach.shapes import trace_graph
from unet_teach.training import TrainConfig
from unet_teach.training.batches import Batches

EXPERIMENTS = Path(__file__).parents[1] / "experiments"


@pytest.fixture(scope="module")
def experiment():
    sys.path.insert(0, str(EXPERIMENTS))
    try:
        spec = importlib.util.spec_from_file_location(
            "comparisons_experiment", EXPERIMENTS / "comparisons.py"
        )
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(EXPERIMENTS))
    return module


@pytest.mark.parametrize(
    "name", ["merges", "align", "depth", "matched", "losses", "slices", "architectures"]
)
def test_a_table_is_complete_and_of_todays_recipe(experiment, name):
    variants, table = experiment.COMPARISONS[name], load_table(f"compare_{name}")
    due = {(v, seed) for v in variants for seed in range(experiment.SEEDS[name])}
    assert {(entry["variant"], entry["seed"]) for entry in table} == due
    assert len(table) == len(due)
    for entry in table:
        recipe = replace(variants[entry["variant"]], seed=entry["seed"])
        assert TrainConfig.from_dict(entry["config"]) == recipe
        assert entry["data"] == "ISBI 2012 train, 30 slices"
        assert 0 < entry["v_rand"] < 1 and 0 < entry["v_info"] < 1 and 0 < entry["dice"] < 1
        for fact in ("minutes", "hardware", "code", "loss"):
            assert entry[fact], fact


@pytest.mark.parametrize(
    "name", ["merges", "align", "depth", "matched", "losses", "slices", "architectures"]
)
def test_the_parameters_in_a_table_are_those_of_the_networks(experiment, name):
    for variant, recipe in experiment.COMPARISONS[name].items():
        model = build(recipe.network, recipe.architecture, recipe.deep_supervision)
        built = count_parameters(model)
        listed = {
            e["parameters"] for e in load_table(f"compare_{name}") if e["variant"] == variant
        }
        assert listed == {built}


def test_matched_networks_are_matched_within_one_percent(experiment):
    sizes = {e["variant"]: e["parameters"] for e in load_table("compare_matched")}
    assert max(sizes.values()) / min(sizes.values()) < 1.01


def test_architectures_do_equal_work_within_five_percent(experiment):
    table = load_table("compare_architectures")
    work = {e["variant"]: e["giga_operations"] for e in table}
    assert set(work) == set(experiment.COMPARISONS["architectures"])
    for variant, giga_operations in work.items():
        assert abs(giga_operations / work["U-Net"] - 1) < 0.05, variant
    for preset, variant in (("u_net", "U-Net"), ("unet_plus_plus", "U-Net++")):
        recipe = experiment.COMPARISONS["architectures"][variant]
        graph = getattr(SkipGraph, preset)(recipe.network.depth)
        traced = trace_graph(recipe.network, graph, recipe.size)
        assert round(traced.operations / 1e9, 3) == work[variant]


def test_runs_of_one_seed_see_the_same_slices(experiment):
    """Pairs: whatever the network, step by step the same pixels, as far as crops are alike."""
    from unet_teach.data.membranes import synthetic_membranes

    volume, recipes = synthetic_membranes(5, size=256, seed=0), experiment.COMPARISONS["merges"]
    first, *others = [
        Batches(volume, recipe, "cpu").batch(3, range(2)) for recipe in recipes.values()
    ]
    for images, masks, _weights in others:
        assert (images == first[0]).all() and (masks == first[1]).all()


def test_slices_of_a_smaller_number_are_among_those_of_a_larger(experiment):
    """And no run has seen what it is judged on."""
    from unet_teach.data.volume import Volume

    pixels = np.arange(30, dtype=np.uint8)[:, None, None] * np.ones((1, 16, 16), np.uint8)
    volume = Volume(pixels, pixels, "numbered")
    for seed in range(5):
        chosen = {}
        for count in (1, 3, 8, 24):
            learned = experiment.training_slices(f"{count} slices, crops", seed, volume)
            chosen[count] = {int(image[0, 0]) for image in learned.images}
            assert len(chosen[count]) == count and max(chosen[count]) < 24
        assert chosen[1] < chosen[3] < chosen[8] < chosen[24]


def test_the_fine_thresholds_judge_the_same_runs():
    """At least as good as the challenge's own scan, which is a part of theirs."""
    coarse, fine = (
        {e["run"]: e for e in load_table(f"compare_losses{n}")} for n in ("", "_fine")
    )
    assert set(coarse) == set(fine) and len(fine) == 25
    for run, entry in fine.items():
        assert entry["thresholds"][:10] == [round(0.1 * i, 1) for i in range(10)]
        assert max(entry["thresholds"]) == 0.999
        for metric in ("v_rand", "v_info"):
            assert entry[metric] >= coarse[run][metric] - 2e-5, run
