"""Paired differences against scipy's own test, and what a table can and cannot show."""

from importlib import resources

import pytest
from scipy import stats

from unet_teach.comparisons import Difference, by_seed, load_table, paired, summary

ONE = [0.90, 0.93, 0.95, 0.91, 0.92]
OTHER = [0.94, 0.95, 0.96, 0.95, 0.93]


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
    assert not several.found and several.verdict == "none found"


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
