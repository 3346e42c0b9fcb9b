"""Lesson 14: the films, the record of a run on ISBI, and the exercises' references."""

import json
from dataclasses import replace
from importlib import resources

import numpy as np
import pytest
import torch
from answers import is_hinted
from torch import nn

from unet_teach.comparisons import load_table
from unet_teach.config import UNetConfig
from unet_teach.data.membranes import synthetic_membranes
from unet_teach.data.volume import block_folds, standardise
from unet_teach.film import film
from unet_teach.film.show import beside_in_words, screen
from unet_teach.lessons.l14_isbi_2012.exercises import Slanted, average, blocks, pages
from unet_teach.lessons.l14_isbi_2012.measure import load_watched
from unet_teach.lessons.l14_isbi_2012.panel import training_dashboard
from unet_teach.lessons.l14_isbi_2012.picture import course_rows, published_rows, score_table
from unet_teach.tiling import predict
from unet_teach.training import TIERS, learning_rate, split


# ------------------------------------------------------------------------- the table of scores
def test_the_floors_are_those_that_are_measured_on_the_stack():
    """By test_the_floors_of_the_real_stack, where the stack is."""
    floors = [(reached, v_info) for _name, reached, v_info in course_rows()[:2]]
    assert floors == [((0.078,) * 3, 0.0), ((0.882,) * 3, 0.936)]


def test_the_course_s_rows_are_the_means_of_its_tables():
    rows = {name: (reached[0], v_info) for name, reached, v_info in course_rows()}
    for name, table, way in (
        ("class", "isbi_class", "single"),
        ("class, eight views", "isbi_class", "averaged"),
        ("full, 3000 steps, eight views", "isbi_full_3000", "averaged"),
    ):
        runs = [run[way] for run in load_table(table) if run["seed"] == 0]
        due = [np.mean([run[metric] for run in runs]) for metric in ("v_rand", "v_info")]
        assert rows[name] == pytest.approx(due)
    assert rows["class"][0] == pytest.approx(0.960, abs=5e-4)


def test_every_row_of_the_table_is_said():
    said = score_table({}, "nothing").alt
    for name, reached, v_info in [*course_rows(), *published_rows()]:
        assert f"{name} {reached[0]:.3f} and {v_info:.3f}" in said


# ----------------------------------------------------------------------------------- the record
def test_the_record_ends_with_the_score_of_the_results_file():
    watched = load_watched("class")
    (entry,) = [
        e
        for e in load_table("isbi_class")
        if (e["fold"], e["seed"]) == (watched.facts["fold"], watched.facts["seed"])
    ]
    last = dict(watched.checkpoints[-1])
    assert last.pop("step") == watched.steps == entry["steps"]
    assert last == entry["single"]


def test_the_record_is_of_today_s_tier():
    watched, config = load_watched("class"), TIERS["class"]
    assert [r["step"] for r in watched.records] == list(range(config.steps))
    due = range(config.checkpoint_every, config.steps + 1, config.checkpoint_every)
    assert [c["step"] for c in watched.checkpoints] == list(due)
    for record in watched.records:
        assert record["lr"] == pytest.approx(learning_rate(record["step"], config))
    seconds = [record["seconds"] for record in watched.records]
    assert sorted(seconds) == seconds and all(record["loss"] > 0 for record in watched.records)
    assert watched.maps.shape == (len(due), 160, 160) and watched.maps.dtype == np.uint8
    assert watched.maps[-1].std() > 2 * watched.maps[0].std() / 3 > 0


def test_an_unknown_record_lists_those_there_are():
    with pytest.raises(ValueError, match="no record of tier 'huge'; valid: class"):
        load_watched("huge")


def test_the_record_is_small():
    folder = resources.files("unet_teach") / "resources" / "results"
    for name in ("log_class.json", "log_class.npz"):
        assert len((folder / name).read_bytes()) < 300_000, name
    assert json.loads((folder / "log_class.json").read_text())["data"].startswith("ISBI 2012")


# ------------------------------------------------------------------- the films of the room
def test_the_room_s_films_are_of_the_same_place_and_small():
    with_skips, without = (
        film(str(resources.files("unet_teach") / "resources" / "results" / f"film_{name}.npz"))
        for name in ("skips", "no_skips")
    )
    volume = synthetic_membranes(10, size=256, seed=0)
    __, held_out = split(volume, TIERS["check"])
    assert with_skips.held_out and (with_skips.truth == without.truth).all()
    assert (with_skips.truth == (held_out.labels[0][64:192, 64:192] == 1)).all()
    assert (with_skips.steps == without.steps).all() and with_skips.steps[-1] == 1200


def test_a_question_shows_the_other_run_at_the_same_step():
    panel = training_dashboard()
    panel.ask("And without skips?")
    assert panel.answer["other"]["name"] == "without skips"
    assert panel.answer["other"]["step"] == panel.answer["now"]["step"] == 1200
    told = panel.answer["because"]
    assert told.startswith("The same at the end, to three decimals: V_rand is 0.989 (without")
    assert "ahead at 9 of the 18" in told
    panel.set(beside="", step=90)
    assert panel.answer["now"]["step"] == 80 and panel.answer["other_map"] is None


def filmed(name: str = "skips"):
    return film(str(resources.files("unet_teach") / f"resources/results/film_{name}.npz"))


def test_a_run_that_ends_worse_or_better_than_another():
    one = filmed()
    for shift, word in ((-0.2, "Worse"), (0.01, "Better")):
        other = replace(one, v_rand=one.v_rand + shift)
        told = beside_in_words(one, "one", other, "other")
        assert told.startswith(f"{word} at the end: V_rand is {one.v_rand[-1] + shift:.3f} (")


def test_more_pixels_right_and_yet_worse():
    made = filmed()
    maps = made.maps.copy()
    maps[-2] = np.where(made.truth > 0, 255, 0)  # all right, but for a gap in every wall
    maps[-2, ::16] = 255
    v_rand = made.v_rand.copy()
    v_rand[-2] = 0.2
    panel = screen({"one": replace(made, maps=maps, v_rand=v_rand)}, "film", "A film")
    panel.ask("More pixels right, yet worse?")
    now = panel.answer["now"]
    assert now["step"] == made.steps[-2] and now["right"] > 0.9
    assert f"{now['merged']} neurons run together" in panel.answer["because"]


def test_the_first_walls_and_the_middle_have_their_sentences():
    panel = training_dashboard()
    for question, start in (
        ("When do walls", "By step 16"),
        ("How good", "By step 600 V_rand is 0.989: none of the 12 neurons"),
    ):
        panel.ask(next(q for q, _settings in panel.presets if q.startswith(question)))
        assert panel.answer["because"].startswith(start)


def test_the_peak_of_the_loss_has_its_sentence():
    made = filmed()
    validation = made.validation.copy()
    validation[7] = 2.5
    panel = screen({"one": replace(made, validation=validation)}, "film", "A film")
    panel.set(step=int(made.steps[7]))
    right = made.maps[7] / 255
    right = np.where(made.truth > 0, right, 1 - right)
    sure = f"at {100 * np.mean(right < 0.1):.0f} % of the pixels the network is wrong"
    assert "has its peak here, 2.50" in panel.answer["because"]
    assert sure in panel.answer["because"]


def test_own_runs_are_played_back(tmp_path):
    committed = resources.files("unet_teach") / "resources" / "results" / "film_skips.npz"
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "film.npz").write_bytes(committed.read_bytes())
    panel = training_dashboard(tmp_path / "one", tmp_path / "two")
    assert panel.answer["name"] == "one" and panel.given["others"] == ["two"]


# ------------------------------------------------------------------------------ exercises
def test_blocks_are_the_library_s():
    assert blocks(30, 5) == [(train, list(held)) for train, held in block_folds()]


def test_the_average_is_the_library_s():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.Conv2d(2, 2, 3, padding=1)).eval()
    model.config = UNetConfig(padding="same", depth=1)
    image = np.random.default_rng(0).integers(0, 255, (12, 12)).astype(np.uint8)

    def network(view):
        with torch.no_grad():
            x = torch.from_numpy(np.ascontiguousarray(view, dtype=np.float32))
            return model(x[None, None]).softmax(1)[0, 1].numpy()

    expected = predict(model, image, average=True, context=2)[1]
    assert np.allclose(average(network, standardise(image)), expected, atol=1e-5)


def test_no_view_of_the_stand_in_equals_another():
    image = np.random.default_rng(1).random((4, 4))
    network = Slanted(3)
    four = [np.rot90(network(np.rot90(image, t)), -t) for t in range(4)]
    assert not np.allclose(np.mean(four, axis=0), average(network, image))


def test_the_pages_add_up_with_the_walls():
    logits = torch.randn(2, 2, 3, 4)
    walls = logits.softmax(dim=1)[:, 0].numpy()
    assert np.allclose(pages(logits) + walls, 1) and pages(logits).dtype == np.float32


# ------------------------------------------- hints for kinds of mistakes, however written
def held_back(change):
    """The right pairs, each changed: change(train, held out)."""
    return lambda n, folds: [change(train, held) for train, held in blocks(n, folds)]


def clockwise(network, image):
    eight = [np.rot90(network(np.rot90(x, t)), t) for x in (image, image.T) for t in range(4)]
    return np.mean(eight, axis=0)


def identity_twice(network, image):
    return (8 * average(network, image) + network(image)) / 9


KINDS = {
    "14.blocks": {
        "True or False": lambda n, folds: [([True] * n, [False] * n)] * folds,
        "ends of a range": held_back(lambda train, held: ((0, 9), (held[0], held[-1]))),
        "number of blocks": lambda n, folds: blocks(n, n // folds),
        "one pair for each block": lambda n, folds: blocks(n, folds)[1:],
        "both trained on and held out": held_back(lambda train, held: (train + held[:1], held)),
        "n // folds slices each": held_back(lambda train, held: (train, held[:-1])),
        "neither trained on nor": held_back(lambda train, held: (train[:-1], held)),
        "more than once": lambda n, folds: blocks(n, folds)[:1] * folds,
        "order is not": lambda n, folds: blocks(n, folds)[::-1],
    },
    "14.average": {
        "7 never reached": lambda network, image: network(image),
        "not one of the eight": lambda network, image: network(image + 1),
        "not every answer": clockwise,
        "do not all count the same": identity_twice,
    },
    "14.pages": {
        "not a number": lambda z: (z.exp() / z.exp().sum(1, keepdim=True))[:, 1],
        "rows or columns": lambda z: z.softmax(2)[:, 1],
        "softmax twice": lambda z: z.softmax(1).softmax(1)[:, 1],
        "second **class**": lambda z: z.softmax(1)[-1] if len(z) == 2 else z.softmax(1)[1],
        "sum of both": lambda z: z[:, 1] / z.sum(1),
        "logarithms": lambda z: z.log_softmax(1)[:, 1],
        "`.astype(np.float32)`": lambda z: pages(z).astype(float),
    },
}


@pytest.mark.parametrize(
    ("name", "words", "answer"),
    [(name, *kind) for name, kinds in KINDS.items() for kind in kinds.items()],
)
def test_a_kind_of_mistake_is_told(name, words, answer):
    is_hinted(name, answer, words)
