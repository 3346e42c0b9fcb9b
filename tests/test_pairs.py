"""The table behind the primary answers: of today's recipe, and recomputed from its rows."""

import importlib.util
import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from unet_teach.comparisons import QUESTIONS, answer, asked_in, load_table
from unet_teach.config import SkipGraph
from unet_teach.data.volume import Volume
from unet_teach.lessons.l12_augmentation.masks import ONE, PIECE, TOGETHER
from unet_teach.shapes import trace_graph

EXPERIMENTS = Path(__file__).parents[1] / "experiments"
RESULTS = Path(__file__).parents[1] / "unet_teach" / "resources" / "results"
TABLE = load_table("pairs")


@pytest.fixture(scope="module")
def experiment():
    sys.path.insert(0, str(EXPERIMENTS))
    try:
        spec = importlib.util.spec_from_file_location("pairs", EXPERIMENTS / "pairs.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules["pairs"] = module  # dataclasses look their module up
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(EXPERIMENTS))
    return module


def pairs_of(question):
    """(block, seed) -> second minus first, straight from the rows."""
    one, other = (
        {(r["block"], r["seed"]): r["v_rand"] for r in TABLE if r["variant"] == variant}
        for variant in (question.first, question.second)
    )
    return {pair: other[pair] - one[pair] for pair in sorted(set(one) & set(other))}


def test_every_row_is_of_todays_recipe_and_says_how_it_was_made(experiment):
    due = set(experiment.order(list(QUESTIONS), list(range(5))))
    assert len(due) == 10 * len(experiment.VARIANTS)
    done = [(row["variant"], row["block"], row["seed"]) for row in TABLE]
    assert set(done) <= due and len(done) == len(set(done))
    for row in TABLE:
        variant = experiment.VARIANTS[row["variant"]]
        assert row["recipe"] == experiment.recipe_digest(variant), row["run"]
        assert row["steps"] == variant.recipe.steps and row["slices"] == (variant.slices or 24)
        assert row["data"] == "ISBI 2012 train, 30 slices"
        assert row["command"].startswith("python experiments/pairs.py")
        for fact in ("seconds", "wall_seconds", "hardware", "threads", "torch", "code", "loss"):
            assert row[fact], fact
        assert not row["code"].endswith("-dirty"), row["run"]


def test_no_best_threshold_lies_at_an_end(experiment):
    logits = list(experiment.LOGITS)
    assert experiment.THRESHOLDS[logits.index(0)] == 0.5
    for row in TABLE:
        for metric in ("v_rand", "v_info"):
            best, curve = row[f"{metric}_logit"], row[f"{metric}_curve"]
            assert logits[0] < best < logits[-1], (row["run"], metric)
            assert len(curve) == len(logits)
            assert max(curve) == pytest.approx(row[metric], abs=6e-5)
            assert curve[logits.index(best)] == pytest.approx(row[metric], abs=6e-5)


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_answer_is_what_the_raw_rows_say(name):
    """Interval, verdict and power, each by another way than the package's."""
    question, pairs = QUESTIONS[name], pairs_of(QUESTIONS[name])
    if len(pairs) < 10:
        with pytest.raises(ValueError, match=r"pairs|no variant"):
            answer(name)
        return
    found = answer(name)
    blocks = sorted({block for block, _seed in pairs})
    means = [np.mean([d for (b, _s), d in pairs.items() if b == block]) for block in blocks]
    assert blocks == [0, 1, 2, 3, 4] and len(pairs) == 10
    oracle = stats.ttest_1samp(means, 0)
    interval = oracle.confidence_interval(1 - 0.05 / question.together)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.found == (oracle.pvalue < 0.05 / question.together)
    signs = {True: f"{found.b} is higher", False: f"{found.a} is higher"}
    assert found.verdict == (signs[np.mean(means) > 0] if found.found else "not settled")
    edge = stats.t.ppf(1 - 0.05 / question.together / 2, 4)
    shift = found.detectable / (np.std(means, ddof=1) / np.sqrt(5))
    assert stats.nct.sf(edge, 4, shift) == pytest.approx(0.8, abs=0.001)


def test_all_pairs_are_done(experiment):
    assert len(TABLE) == 10 * len(experiment.VARIANTS)


def test_what_is_cut_short_is_balanced(experiment):
    """Both runs of a pair come before the next block, all questions before the next seed."""
    order = list(experiment.order(list(QUESTIONS), list(range(5))))
    variants = len(experiment.VARIANTS)
    for first in range(0, len(order), variants):
        assert {v for v, _b, _s in order[first : first + variants]} == set(experiment.VARIANTS)
        assert len({(b, s) for _v, b, s in order[first : first + variants]}) == 1
    seeds = [seed for _v, _b, seed in order[::variants]]
    assert sorted(seeds) == list(range(10)) and seeds[:5] == [0, 2, 4, 6, 8]


def test_the_table_is_read_line_by_line(experiment, monkeypatch, tmp_path):
    """A row replaces the older one of the same run; the order is not that of making."""
    monkeypatch.setattr(experiment, "TABLE", tmp_path / "pairs.json")
    for name, seed, value in (("U-Net", 1, 0.1), ("no skips", 0, 0.2), ("U-Net", 1, 0.3)):
        row = {
            "run": f"{name} {seed}",
            "variant": name,
            "block": 0,
            "seed": seed,
            "v_rand": value,
        }
        experiment.add_row(row)
    text = experiment.TABLE.read_text()
    assert [row["v_rand"] for row in json.loads(text)] == [0.2, 0.3]
    assert len(text.splitlines()) == 4


def test_two_that_end_at_once_both_leave_their_row(experiment, monkeypatch, tmp_path):
    monkeypatch.setattr(experiment, "TABLE", tmp_path / "pairs.json")
    rows = [{"run": str(n), "variant": "U-Net", "block": 0, "seed": n} for n in range(24)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(experiment.add_row, rows))
    assert experiment.read_table() == rows


def test_the_status_counts_pairs_and_not_runs(experiment, monkeypatch, capsys):
    runs = [("no skips", 0, 9), ("U-Net", 0, 9), ("U-Net", 1, None), ("bilinear", 1, 9)]
    rows = [
        {"variant": v, "block": 0, "seed": seed, "wall_seconds": 50.4, "cpu_seconds": cpu}
        for v, seed, cpu in runs
    ]
    monkeypatch.setattr(experiment, "read_table", lambda: rows)
    experiment.status()
    said = capsys.readouterr().out.splitlines()
    assert "skips: 1 pairs 0/0" in said and "upsampling: 1 pairs 0/1" in said
    assert "alignment: 0 pairs" in said and "U-Net: 2 runs, seconds: 50 (9 of CPU), 50" in said


def test_few_slices_are_among_more_and_none_is_held_out(experiment):
    pixels = np.arange(30, dtype=np.uint8)[:, None, None] * np.ones((1, 16, 16), np.uint8)
    volume = Volume(pixels, pixels, "numbered")
    for block in range(5):
        held_out, chosen = set(range(6 * block, 6 * block + 6)), []
        for name in ("1 slice, crops", "3 slices, augmented", "U-Net"):
            variant = experiment.VARIANTS[name]
            config = replace(variant.recipe, fold=block, seed=2 * block)
            learned = experiment.training_slices(variant, config, volume)
            chosen.append({int(image[0, 0]) for image in learned.images})
            assert len(chosen[-1]) == (variant.slices or 24) and not chosen[-1] & held_out
        assert chosen[0] < chosen[1] < chosen[2]


def test_regions_are_coloured_by_what_the_labels_say_of_them():
    sys.path.insert(0, str(EXPERIMENTS))
    try:
        import few_slices
    finally:
        sys.path.remove(str(EXPERIMENTS))
    labels = np.zeros((5, 24), bool)
    labels[:, :7] = labels[:, 8:15] = labels[:, 16:23] = True  # three neurons
    inside = labels.copy()
    inside[2, 7] = True  # the first wall has a hole
    inside[:, 19] = False  # and the third neuron is cut
    codes = few_slices.judged(labels, inside)
    whole = [set(codes[:, place][inside[:, place]]) for place in (slice(0, 15), slice(16, 24))]
    assert whole == [{TOGETHER}, {PIECE}] and not codes[~inside].any()
    assert set(few_slices.judged(labels, labels)[labels]) == {ONE}
    spot = inside.copy()
    spot[:, 19] = True
    spot[2, 7] = False
    spot[0, 0] = False  # a pixel too few breaks nothing
    assert set(few_slices.judged(labels, spot)[spot]) == {ONE}


def test_only_what_a_question_names_differs(experiment):
    def differing(question):
        one, other = (experiment.VARIANTS[v] for v in (question.first, question.second))
        a, b = one.recipe.to_dict(), other.recipe.to_dict()
        nets = {f"network.{k}" for k in a["network"] if a["network"][k] != b["network"][k]}
        slices = {"slices"} if one.slices != other.slices else set()
        return {k for k in a if k != "network" and a[k] != b[k]} | nets | slices

    expected = {
        "skips": {"network.merge"},
        "upsampling": {"network.upsample"},
        "alignment": {"network.padding", "size", "augmentation"},
        "weight map": {"weight_map"},
        "Dice": {"loss"},
        "augmentation, 24 slices": {"augmentation"},
        "augmentation, 3 slices": {"augmentation"},
        "augmentation, 1 slice": {"augmentation"},
        "U-Net++": {"architecture", "network.base_channels"},
    }
    assert {name: differing(question) for name, question in QUESTIONS.items()} == expected
    for name in ("U-Net", "valid, crop"):  # bent alike for each pixel
        recipe = experiment.VARIANTS[name].recipe
        assert recipe.augmentation.elastic_sigma / recipe.size == pytest.approx(10 / 512)


def test_u_net_plus_plus_does_as_much_work_within_five_percent(experiment):
    work = []
    for name, preset in (("U-Net, 11 channels", "u_net"), ("U-Net++", "unet_plus_plus")):
        recipe = experiment.VARIANTS[name].recipe
        graph = getattr(SkipGraph, preset)(recipe.network.depth)
        work.append(trace_graph(recipe.network, graph, recipe.size).operations)
        rows = {row["giga_operations"] for row in TABLE if row["variant"] == name}
        assert rows <= {round(work[-1] / 1e9, 3)}
    assert abs(work[1] / work[0] - 1) < 0.05


def test_the_command_does_not_name_places_of_one_machine(experiment):
    words = ["experiments/pairs.py", "weight map", "--data", "/somewhere", "--blocks", "0"]
    assert experiment.named(words) == ['"weight map"', "--blocks", "0"]


NOTEBOOKS = Path(__file__).parents[1] / "notebooks" / "src"
ASKING = sorted({lesson for question in QUESTIONS.values() for lesson in question.lessons})


@pytest.mark.parametrize("lesson", ASKING)
def test_a_lesson_says_what_its_primary_answers_say(lesson):
    """Estimate and both ends of every interval, rounded, in the lesson's own prose."""
    (source,) = NOTEBOOKS.glob(f"{lesson:02}_*.py")
    text = source.read_text(encoding="utf-8")
    assert f"\nprimary_answers({lesson})\n" in text
    _, _, verdict = text.partition('id="primary-verdict"')
    verdict = verdict.partition("\n# %%")[0].replace("\n#", " ").replace("−", "-")
    verdict = " ".join(verdict.split())  # wherever a line ends
    said = re.findall(r"[+-]?\d+\.\d+", verdict)
    for name in asked_in(lesson):
        found = answer(name)
        for number in (found.mean, found.low, found.high):
            near = f"{number:+.3f}"
            assert near in said or near.lstrip("+") in said, (name, near, said)
        words = "not settled" if not found.found else "worse" if found.mean < 0 else "better"
        assert words in verdict.lower(), name
    power = re.search(r"true\s+difference of (0\.\d+)", verdict)
    assert not power or power[1] == f"{answer(asked_in(lesson)[0]).detectable:.3f}"


# ------------------------------------------------------------------- real and synthetic tissue
def test_what_is_said_of_mixed_training_is_what_its_rows_say():
    rows = load_table("mixed")
    text = " ".join((EXPERIMENTS / "README.md").read_text(encoding="utf-8").split())
    kinds = ["real", "synthetic", "mixed", "mean of the three"]
    assert sorted(r["run"] for r in rows) == sorted(
        f"{kind}, block {block}, seed {2 * block + repetition}"
        for kind in kinds for block in range(5) for repetition in range(2)
    )  # fmt: skip
    value = {(r["variant"], r["block"], r["seed"]): r["v_rand"] for r in rows}
    at = sorted({key[1:] for key in value})
    for kind in kinds[1:]:
        pairs = [value[kind, *pair] - value["real", *pair] for pair in at]
        blocks = np.reshape(pairs, (5, 2)).mean(axis=1)
        half = stats.t.ppf(0.975, 4) * blocks.std(ddof=1) / 5**0.5
        low, high = (f"{blocks.mean() + side:+.3f}".replace("-", "−") for side in (-half, half))
        said = f"{blocks.mean():+.3f}".replace("-", "−")
        assert re.search(
            rf"{re.escape(said)}[^.]*{re.escape(low)} to {re.escape(high)}", text
        ), kind
    means = {kind: np.mean([value[kind, *pair] for pair in at]) for kind in kinds}
    assert ", ".join(f"{kind} {mean:.3f}" for kind, mean in means.items()) in text
    assert all(-8 < r["v_rand_logit"] < 14 for r in rows)  # no optimum at an end of the range
    assert all(r["hardware"] and not r["code"].endswith("-dirty") for r in rows)


def test_the_page_shows_the_narrow_runs_of_the_papers_recipe():
    """Every row of the table, and the three figures of its sentences."""
    rows = json.loads((RESULTS / "paper_runs.json").read_text("utf-8"))
    text = (EXPERIMENTS / "README.md").read_text(encoding="utf-8")
    table = text.split("<!-- paper runs: begin -->")[1].split("<!-- paper runs: end -->")[0]
    shown = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.split("\n")]
    shown = [line for line in shown if line][2:]
    assert [line[0] for line in shown] == [row["variant"] for row in rows]
    for line, row in zip(shown, rows, strict=True):
        assert line[1:4] == [f"{row[x]:.3f}" for x in ("v_rand", "v_info", "pixel_error")]
        assert line[4] == f"{row['error_outer_60']:.3f}, {row['error_inner']:.3f}"
        assert row["block"] == 2 and -8 < row["v_rand_logit"] < 14
    v_rand = {row["variant"]: round(row["v_rand"], 3) for row in rows}
    best = v_rand.pop("Adam, decays")
    said = re.findall(r"0\.\d{3}", text.split("The optimiser stands out")[1])[:4]
    assert said == [
        f"{x:.3f}"
        for x in (best, v_rand["paper"], *sorted(v_rand.values())[:: len(v_rand) - 1])
    ]
    assert best > max(v_rand.values())
    for rate in ("", "rate × 10", "rate × 30"):  # decay against constant
        assert (
            v_rand[f"{rate}, decays" if rate else "rate decays"]
            < v_rand[rate or "paper"] + 0.01
        )
    for row in rows:  # the ring is hardly worse than the middle
        assert row["error_outer_60"] < 1.2 * row["error_inner"]
