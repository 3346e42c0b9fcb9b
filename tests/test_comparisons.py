"""Paired differences against scipy's own test, and what a table can and cannot show."""

import importlib.util
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from unet_teach.comparisons import (
    QUESTIONS,
    Difference,
    answer,
    by_pair,
    by_seed,
    load_table,
    paired,
    summary,
)
from unet_teach.comparisons.leak import BLOCK, FIFTH, distance, leaks

ROOT = Path(__file__).parents[1]
ONE = [0.90, 0.93, 0.95, 0.91, 0.92]
OTHER = [0.94, 0.95, 0.96, 0.95, 0.93]


@pytest.fixture(scope="module")
def simulation():
    path = Path(__file__).parents[1] / "experiments" / "simulate_analysis.py"
    spec = importlib.util.spec_from_file_location("simulate_analysis", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table():
    runs = [("a", seed, value) for seed, value in enumerate(ONE)]
    runs += [("b", seed, value) for seed, value in enumerate(OTHER)]
    return [{"variant": v, "seed": s, "v_rand": x} for v, s, x in runs]


def test_the_interval_is_that_of_scipys_paired_t_test():
    difference, oracle = paired(table(), "a", "b"), stats.ttest_rel(OTHER, ONE)
    interval = oracle.confidence_interval(0.95)
    assert difference.low == pytest.approx(interval.low)
    assert difference.high == pytest.approx(interval.high)
    assert difference.found == (oracle.pvalue < 0.05)
    assert difference.verdict == "b is higher" and paired(table(), "b", "a").verdict == (
        "b is higher"
    )


def test_several_questions_widen_the_interval_as_bonferroni_says():
    several = paired(table(), "a", "b", questions=12)
    oracle = stats.ttest_rel(OTHER, ONE).confidence_interval(1 - 0.05 / 12)
    assert several.high == pytest.approx(oracle.high)
    assert not several.found and several.verdict == "not settled"


def test_pairs_are_matched_by_seed_and_not_by_place():
    shuffled = table()[::-1][:-1]  # seed 0 of a is gone
    difference = paired(shuffled, "a", "b")
    assert difference.n == 4 and difference.mean == pytest.approx(0.08 / 4)


def test_what_cannot_be_said_is_refused():
    with pytest.raises(ValueError, match="no variant 'c'; valid: 'a', 'b'"):
        by_seed(table(), "c", "v_rand")
    with pytest.raises(ValueError, match="no metric 'dice'; valid: variant"):
        by_seed(table(), "a", "dice")
    with pytest.raises(ValueError, match="1 pairs of 'a' and 'b'"):
        paired(table()[:6], "a", "b")
    with pytest.raises(ValueError, match="isbi_class"):
        load_table("unknown")


def test_the_summary_counts_every_run():
    assert summary(table())["a"] == (pytest.approx(0.922), pytest.approx(stats.tstd(ONE)), 5)
    said = str(Difference("a", "b", "v_rand", (0.1, 0.1001)))
    assert said.startswith("b − a: v_rand\n    +0.1")


def test_a_verdict_is_not_cut_on_a_narrow_page():
    tables = resources.files("unet_teach") / "resources" / "results"
    names = sorted(path.name[:-5] for path in tables.iterdir() if "compare_" in path.name)
    variants = {run["variant"] for name in names for run in load_table(name)}
    assert len(names) > 5 and len(variants) > 20
    longest = max((v for v in variants if "slices" in v), key=len)
    said = str(Difference(longest, longest, "pixel_error", (-0.1, -0.1001, -0.13), 8))
    assert max(map(len, said.splitlines())) <= 57, said  # at 900 pixels, beside the file list


# Five blocks of two pairs: (block, seed, plain, new).
BLOCKS = [
    (block, 2 * block + seed, 0.90 + 0.01 * block, 0.90 + 0.01 * block + gain)
    for block, gains in enumerate(
        [(0.01, 0.02), (0.03, 0.02), (-0.01, 0.01), (0.00, 0.04), (0.02, 0.02)]
    )
    for seed, gain in enumerate(gains)
]


def block_table(first="plain", second="new"):
    return [
        {"variant": name, "block": block, "seed": seed, "v_rand": value}
        for block, seed, *values in BLOCKS
        for name, value in zip((first, second), values, strict=True)
    ]


def test_pairs_of_a_block_are_averaged_before_the_interval_is_taken():
    found = paired(block_table(), "plain", "new", questions=2)
    means = [0.015, 0.025, 0.0, 0.02, 0.02]
    oracle = stats.ttest_1samp(means, 0).confidence_interval(1 - 0.05 / 2)
    assert found.observations == pytest.approx(means) and (found.n, found.degrees) == (10, 4)
    assert (found.low, found.high) == pytest.approx((oracle.low, oracle.high))
    shuffled = paired(block_table()[::-1], "plain", "new", questions=2)
    assert shuffled == found
    alone = Difference("plain", "new", "v_rand", found.differences)
    assert alone.degrees == 9 and alone.mean == pytest.approx(found.mean)


def test_power_is_what_simulated_repetitions_detect():
    """Noncentral t against 40,000 repetitions of the whole procedure."""
    found = paired(block_table(), "plain", "new")
    rng, deviation = np.random.default_rng(0), np.std([0.015, 0.025, 0, 0.02, 0.02], ddof=1)
    for true, power in ((found.detectable, 0.8), (found.half_width, 0.56), (0.0, 0.05)):
        drawn = true + rng.normal(0, deviation, (40_000, 5))
        detected = (stats.ttest_1samp(drawn, 0, axis=1).pvalue < 0.05).mean()
        assert found.power(true) == pytest.approx(detected, abs=0.01)
        assert found.power(true) == pytest.approx(power, abs=0.005)
    assert found.detectable / found.half_width == pytest.approx(1.355, abs=0.001)


def test_bonferroni_makes_a_difference_harder_to_detect():
    once, thrice = (paired(block_table(), "plain", "new", questions=q) for q in (1, 3))
    assert thrice.detectable > 1.3 * once.detectable
    assert thrice.power(0.0) == pytest.approx(0.05 / 3)


def test_the_analysis_covers_what_it_promises_where_seeds_share_a_block(simulation):
    """And taking ten pairs as independent does not."""
    found = simulation.simulate(0.5, 1.0, np.random.default_rng(1))
    assert found["means of blocks"][0] == pytest.approx(0.95, abs=0.006)
    assert found["ten independent pairs"][0] < 0.9
    pairs = np.random.default_rng(2).normal(size=(1, 5, 2))
    mine = Difference(
        "a", "b", "v_rand", tuple(pairs.ravel()), blocks=(0, 0, 1, 1, 2, 2, 3, 3, 4, 4)
    )
    assert simulation.half_widths(pairs)["means of blocks"][0] == pytest.approx(mine.half_width)


def test_runs_that_make_no_pairs_are_refused():
    table = block_table()
    with pytest.raises(ValueError, match="11 runs of 'new' make 10 pairs"):
        by_pair([*table, table[-1]], "new", "v_rand")
    with pytest.raises(ValueError, match="of block 0; at least 2"):
        paired(table[:4], "plain", "new")
    twice = [{**row, "seed": 0} for row in table if row["block"] < 2 and row["seed"] % 2 == 0]
    with pytest.raises(ValueError, match="occurs in two blocks; use by_pair"):
        by_seed(twice, "new", "v_rand")


def test_there_is_no_answer_before_the_last_pair():
    table = block_table("no skips", "U-Net")
    found = answer("skips", table)
    assert (found.a, found.b, found.n) == ("no skips", "skips", 10)
    assert found.mean == pytest.approx(0.016) and found.questions == 1
    with pytest.raises(ValueError, match="9 pairs of 'skips' are done; 10 were planned"):
        answer("skips", table[:-1])
    with pytest.raises(ValueError, match="no question 'skip'; valid: 'skips', 'upsampling'"):
        answer("skip")


def test_questions_that_a_lesson_asks_together_count_each_other():
    for question in QUESTIONS.values():
        together = [q for q in QUESTIONS.values() if q.lessons == question.lessons]
        assert question.together == len(together), question.asks


def test_words_say_what_the_interval_is():
    said = str(paired(block_table(), "plain", "new", questions=3))
    assert said.startswith("new − plain: v_rand\n    +0.0160, 95 % confidence interval ")
    assert said.endswith("\n    10 pairs, Bonferroni for 3:\n    not settled")
    assert "could have been seen" not in said


def leak_rows(both_neighbours: float, at_the_ends: float, own: float = 0.0) -> list[dict]:
    """Two rows a part, of slices that differ, with a leak of a known size."""
    rows = []
    for part in range(5):
        for design in (BLOCK, FIFTH):
            numbers = range(6 * part, 6 * part + 6) if design == BLOCK else range(part, 30, 5)
            score = {
                n: 0.8 + n / 1000 + (both_neighbours if design == FIFTH else 0)
                + at_the_ends * (design == BLOCK and distance(n, [*numbers]) == 1)
                for n in numbers
            }  # fmt: skip
            rows.append({
                "design": design, "part": part, "seed": 0, "slices": [*numbers],
                "v_rand_slices": [*score.values()],
                "v_rand_own": [value + own * (design == FIFTH) for value in score.values()],
            })  # fmt: skip
    return rows


def test_a_leak_of_a_known_size_is_found():
    single, ends = leaks(leak_rows(0.03, 0.02))
    gains = {0: 0.03 - 0.02 / 6, 1: 0.03 - 0.02 / 3}  # an outer block has one such end
    due = [gains[0], gains[1], gains[1], gains[1], gains[0]]
    assert single.observations == pytest.approx(due) and single.found
    assert ends.observations == pytest.approx([0.02] * 5) and ends.mean == pytest.approx(0.02)
    single, ends = leaks(leak_rows(0.0, 0.0, own=0.01), "v_rand_own")
    assert single.mean == pytest.approx(0.01) and ends.mean == pytest.approx(0)


def test_the_leak_that_lesson_14_and_the_page_of_experiments_tell():
    rows = load_table("leak")
    held = {design: [] for design in (BLOCK, FIFTH)}
    for row in rows:
        assert np.mean(row["v_rand_slices"]) == pytest.approx(row["v_rand"], abs=2e-5)
        both = zip(row["v_rand_own"], row["v_rand_slices"], strict=True)
        assert all(own >= each for own, each in both)
        held[row["design"]] += row["slices"]
    for numbers in held.values():  # every slice twice, by two seeds
        assert sorted(numbers) == sorted([*range(30)] * 2)
    page = " ".join((ROOT / "experiments" / "README.md").read_text(encoding="utf-8").split())
    for scores, words in (
        ("v_rand_slices", ("is {:.3f} *lower* (95 % confidence interval", "{:.3f} lower than")),
        ("v_rand_own", ("the first answer is {} (", "the second {} (")),
    ):
        for found, said in zip(leaks(rows, scores), words, strict=True):
            size = f"{found.mean:+.3f}".replace("-", "−") if scores == "v_rand_own" else 0
            assert not found.found
            assert said.format(size or abs(found.mean)) in page
            low, high = (f"{x:+.3f}".replace("-", "−") for x in (found.low, found.high))
            assert f"{low} to {high})" in page, (low, high)
