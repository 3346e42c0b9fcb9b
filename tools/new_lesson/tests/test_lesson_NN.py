"""Lesson NN: REPLACE: what is compared with which oracle."""

import pytest
from answers import is_accepted, is_told

from unet_teach.lessons.lNN_NAME.exercises import block_means
from unet_teach.lessons.lNN_NAME.measure import answer, blocks
from unet_teach.lessons.lNN_NAME.panel import NAME_explorer


# ------------------------------------------------------------------------- what is measured
@pytest.mark.parametrize(("n", "k"), [(0, 1), (7, 3), (8, 4), (2, 5)])
def test_blocks_take_every_cell_but_the_rest_once(n, k):
    taken = [cell for block in blocks(n, k) for cell in block]
    assert taken == list(range(n - n % k))


def test_lengths_that_are_none_are_refused():
    with pytest.raises(ValueError, match="k is 0"):
        blocks(4, 0)


# ---------------------------------------------------------------------------- the exercises
@pytest.mark.parametrize(
    ("name", "answer", "told"),
    [
        ("NN.blocks_and_rest", lambda n, k: [len(range(0, n, k)), n % k], "rounded up"),
        ("NN.block_means", lambda values, k: [k * m for m in block_means(values, k)], "sums"),
        ("NN.fitting_size", lambda n, k, times: n - n % k**times, "rounded down"),
    ],
)
def test_mistakes_are_told_however_they_are_written(name, answer, told):
    is_told(name, answer, told)


def test_right_answers_in_other_forms_pass():
    is_accepted("NN.blocks_and_rest", divmod)


# -------------------------------------------------------------------------- the interactive
@pytest.mark.parametrize("n", range(1, 9))
def test_the_answer_gives_each_cell_its_block(n):
    for k in range(1, n + 1):
        found = answer({"n": n, "k": k})
        whole = n // k
        due = [cell // k if cell < whole * k else -1 for cell in range(n)]
        assert (found["block"], found["blocks"], found["rest"]) == (due, whole, n % k)


def test_the_picture_says_what_the_answer_says():
    panel = NAME_explorer()
    assert panel.picture.alt == "7 cells in blocks of 3: 2 blocks, 1 cells left over."
    assert panel.picture.alt == panel.answer["said"]


@pytest.mark.parametrize("name", ["n", "k"])
def test_every_setting_changes_the_picture(name):
    panel = NAME_explorer()
    before = panel.picture.body
    panel.set(**{name: panel.settings[name] + 1})
    assert panel.picture.body != before and panel.problem == ""


def test_what_does_not_fit_is_said_with_an_offer_that_does():
    panel = NAME_explorer()
    panel.ask("What if the block is too long?")
    assert panel.problem == "a block of 9 is longer than the row, 7"
    (offer,) = panel.answer["offers"]
    panel.set(**offer)
    assert panel.problem == "" and panel.answer["rest"] == 0


def test_strict_every_question(monkeypatch):
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    NAME_explorer()
