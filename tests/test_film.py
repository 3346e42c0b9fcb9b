"""The film of a training: it changes no bit of a run, survives a stop, tells the truth."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from unet_teach.data.membranes import synthetic_membranes
from unet_teach.film import Camera, Dashboard, film, screen
from unet_teach.film.picture import COLOURS, legend
from unet_teach.film.record import DENSE, MAP, MOST, Film
from unet_teach.film.show import answer, curves, errors, worst
from unet_teach.metrics import components, thin, v_rand
from unet_teach.tiling import predict
from unet_teach.training import TIERS, RunError, Stopped, read_log, split, train

SMALL = replace(TIERS["check"], steps=8, batch=2, size=48, checkpoint_every=4, device="cpu",
                precision="float32", memory_format="contiguous")  # fmt: skip


@pytest.fixture(scope="module")
def volume():
    return synthetic_membranes(5, size=64, seed=0)


@pytest.fixture(scope="module")
def run(volume, tmp_path_factory):
    folder, camera = tmp_path_factory.mktemp("run"), Camera(pause=math.inf)
    return train(SMALL, volume, folder, watch=camera), camera, folder


def weights(run):
    return list(run.model.state_dict().values())


def test_a_filmed_run_has_the_same_bits(run, volume, tmp_path):
    plain = train(SMALL, volume, tmp_path)
    for one, other in zip(weights(run[0]), weights(plain), strict=True):
        assert torch.equal(one, other)


def test_the_last_picture_is_what_the_network_says(run, volume):
    model, shown = run[0].model, film(run[2])
    __, held_out = split(volume, SMALL)
    image, truth = held_out.images[0][8:56, 8:56], held_out.labels[0][8:56, 8:56]
    probability = predict(model, image)
    assert (shown.image.shape, shown.held_out) == (truth.shape, True)
    assert (shown.truth == truth).all() and shown.steps.tolist() == [0, 1, 2, 4, 8]
    assert (shown.maps[-1] == np.uint8(probability[1] * 255 + 0.5)).all()
    log = torch.from_numpy(probability).log()[None]
    due = F.nll_loss(log, torch.from_numpy(truth.astype(int))[None]).item()
    assert shown.validation[-1] == pytest.approx(due, rel=1e-5)
    white = probability[1] > 0.5
    assert shown.v_rand[-1] == pytest.approx(v_rand(components(truth), thin(white)))
    assert shown.loss.tolist() == [record["loss"] for record in read_log(run[2])]


def test_a_feature_map_is_the_part_s_output(run, volume):
    model, shown, found = run[0].model, film(run[2]), {}
    part = model.get_submodule(shown.names[0])
    part.register_forward_hook(lambda _p, _i, out: found.update(out=out))
    predict(model, split(volume, SMALL)[1].images[0][8:56, 8:56])
    values = F.adaptive_avg_pool2d(found["out"][0, shown.channels[0]][None], MAP)[0].numpy()
    due = (values - values.min()) / (values.max() - values.min()) * 255
    assert np.abs(shown.features[-1, 0] - due).max() < 0.51


def test_a_run_that_was_stopped_goes_on_with_the_same_film(run, volume, tmp_path):
    class Impatient(Camera):
        def step(self, record):
            super().step(record)
            return record["step"] == 5

    with pytest.raises(Stopped, match="after step 6 of 8, and saved; the same call goes on"):
        train(SMALL, volume, tmp_path, watch=Impatient(pause=math.inf))
    assert film(tmp_path).steps.tolist() == [0, 1, 2, 4] and len(film(tmp_path).loss) == 6
    resumed = train(SMALL, volume, tmp_path, watch=Camera(pause=math.inf))
    whole, cut = film(run[2]), film(tmp_path)
    assert cut.steps.tolist() == whole.steps.tolist() and (cut.maps == whole.maps).all()
    assert (cut.loss == whole.loss).all() and cut.channels == whole.channels
    for one, other in zip(weights(run[0]), weights(resumed), strict=True):
        assert torch.equal(one, other)


def test_a_film_is_kept_where_a_run_breaks_off(volume, tmp_path):
    def pull_the_plug(record):
        if record["step"] == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(SMALL, volume, tmp_path, on_step=pull_the_plug, watch=Camera(pause=math.inf))
    assert film(tmp_path).steps.tolist() == [0, 1, 2, 4]
    train(SMALL, volume, tmp_path, watch=Camera(pause=math.inf))  # from step 4
    assert film(tmp_path).steps.tolist() == [0, 1, 2, 4, 8] and len(film(tmp_path).loss) == 8


def test_what_is_no_film_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="give the folder of a filmed run"):
        film(tmp_path)
    (tmp_path / "film.npz").write_bytes(b"not a film")
    with pytest.raises(RunError, match="damaged or is no film"):
        film(tmp_path)


def test_a_long_run_keeps_few_pictures():
    camera = Camera()
    camera.apart = 1.0
    for step in range(1000):
        camera.taken.append((step,))
        camera._thin_out()
    steps = [step for (step,) in camera.taken]
    assert len(steps) <= MOST and set(DENSE) <= set(steps) and steps[-1] == 999
    gaps = np.diff([step for step in steps if step > 100])
    assert gaps.max() <= 2 * camera.apart


def test_a_short_run_spends_little_on_its_film():
    """Two seconds, forty steps, and a picture takes ten milliseconds."""

    class Slow(Camera):
        def _take(self, done, _seconds):
            self.taken.append(done)
            self.cost += 0.01

    camera = Slow()
    camera.planned, camera.losses, camera.taken = 40, [], []
    camera.before, camera.next, camera.spent = 0.0, 1.0, 0.0
    for step in range(40):
        camera.step({"step": step, "seconds": (step + 1) / 20, "loss": 1.0})
    assert camera.taken == [1, 2, 4, 25, 32, 40] and camera.spent == pytest.approx(camera.cost)
    assert camera.cost / 2 < 0.031


# -------------------------------------------------------------------------- what is shown
TRUTH = np.ones((7, 9), int)
TRUTH[:, 4] = 0  # two neurons and the wall between them


def test_errors_have_their_colours():
    assert errors(TRUTH, TRUTH)[0].tolist() == TRUTH.tolist()
    hole = TRUTH.copy()
    hole[3, 4] = 1
    found, merged, broken = errors(TRUTH, hole)
    assert (merged, broken) == (2, 0) and found[3, 4] == 2 and (found[:, :4] == 4).all()
    cut = TRUTH.copy()
    cut[3, :4] = 0
    found, merged, broken = errors(TRUTH, cut)
    assert (merged, broken) == (0, 1) and (found[3, :4] == 3).all()
    assert (found[:3, :4] == 5).all() and (found[:, 5:] == 1).all()
    assert errors(TRUTH, np.zeros_like(TRUTH))[1:] == (0, 0)


def test_a_neuron_in_small_pieces_is_broken():
    """Two pieces of 7 % each: no second region of a tenth, and yet a tenth is lost."""
    truth, white = np.ones((30, 10), int), np.ones((30, 10), int)
    white[2], white[-3] = 0, 0  # walls after two rows at either end
    assert errors(truth, white)[1:] == (0, 1)
    white[2:] = 1  # one piece alone is less than a tenth
    white[2] = 0
    assert errors(truth, white)[1:] == (0, 0)


def made(loss, steps=(0, 2, 4)):
    n = len(steps)
    return Film(
        image=np.zeros((7, 9), np.uint8), truth=np.uint8(TRUTH), planned=1000, held_out=True,
        names=tuple("abcd"), channels=(0, 1, 2, 3), steps=np.array(steps),
        seconds=np.arange(n) * 1.0, maps=np.stack([np.uint8(TRUTH * 255)] * n),
        features=np.zeros((n, 4, 2, 2), np.uint8), validation=np.full(n, 0.5),
        v_rand=np.ones(n), loss=np.array(loss),
    )  # fmt: skip


def test_no_loss_is_cut_off_and_few_points_are_sent():
    loss = np.full(1000, 0.5)
    loss[333], loss[334] = 97.3, np.nan
    found = curves(made(loss))
    assert [334, 97.3] in found["loss"] and found["high"] >= 97.3
    assert len(found["loss"]) <= 202 and np.isfinite(found["loss"]).all()


def test_the_answer_is_of_the_last_picture_before_the_step():
    films = {"one": made([0.3, 0.2, 0.1, 0.0]), "two": made([1.0] * 4, steps=(0, 1, 3))}
    found = answer(films, {"step": 3, "beside": "two"})
    assert found["now"]["step"] == 2 and found["now"]["loss"] == 0.2
    assert found["other"]["step"] == 3 and found["now"]["right"] == 1
    assert answer(films, {"step": 3, "beside": ""})["other"] == {}
    assert found["because"].startswith(
        "The same at the end, to three decimals: V_rand is 1.000 (two) against 1.000 (one). "
    )


def test_a_step_with_more_pixels_right_and_a_lower_score_is_found():
    """One hole in a wall against a rim that is all wrong: fewer pixels, and one neuron."""
    film = replace(made([0.5] * 6, steps=(0, 3, 6)), planned=6)
    assert worst(film) is None
    assert screen({"run": film}, "dashboard", "").presets == []
    hole, rim = TRUTH.copy(), TRUTH.copy()
    hole[3, 4], rim[:, 0] = 1, 0
    maps = np.stack([np.uint8(255 * map_) for map_ in (rim, hole, rim)])
    film = replace(film, maps=maps, v_rand=np.array([1.0, 0.6, 1.0]))
    assert worst(film) == 3 and worst(replace(film, planned=9)) is None  # the end is to come
    shown = screen({"run": film}, "dashboard", "")
    assert shown.settings["step"] == 0 and "Nothing is learned" in shown.answer["because"]
    shown.ask("More pixels right, yet worse?")
    right = [f"{100 * (1 - wrong / 63):.1f} %" for wrong in (1, 7)]
    assert shown.answer["because"] == (
        f"Yes: {right[0]} of the pixels are right here and only {right[1]} at the end. Yet "
        "V_rand is 0.600 here and 1.000 there, because it judges regions: a few missed pixels "
        "of wall let 2 neurons run together."
    )
    assert shown.answer["said"].endswith(shown.answer["because"])


def test_a_still_has_titles_and_says_every_colour():
    shown = screen({"one": made([0.3, 0.2, 0.1, 0.0])}, "dashboard", "A run").picture
    for words in ("micrograph", "prediction after step 4", "errors", *legend()):
        assert f">{words}</text>" in shown.body
    assert all(f'fill="{colour}"' in shown.body for colour in COLOURS)
    assert len(legend()) == len(COLOURS) == 6
    assert "Of 2 neurons, 0 have run together and 0 are broken. By step 4" in shown.alt


# -------------------------------------------------------------------------- the dashboard
def test_a_dashboard_follows_stops_and_goes_on(volume, tmp_path):
    dashboard, seen = Dashboard(), []
    assert dashboard.answer["waiting"] and "Nothing" in dashboard.picture.alt
    dashboard.observe(lambda change: seen.append(change["new"]["now"]["step"]), names="answer")

    def press(record):
        if record["step"] == 2:
            dashboard.wish = "stop"  # as the page does

    with pytest.raises(Stopped):
        train(SMALL, volume, tmp_path, on_step=press, watch=dashboard)
    assert dashboard.running == "stopped" and seen[:3] == [0, 1, 2]
    dashboard._go_on()  # what the button starts, in a thread
    assert dashboard.running == "done" and dashboard.run.log[-1]["step"] == 7
    assert dashboard.answer["now"]["step"] == 8 and dashboard.answer["left"] is None
    dashboard.set(step=1)
    assert dashboard.answer["now"]["step"] == 1
