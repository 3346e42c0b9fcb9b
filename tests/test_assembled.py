"""What trains her network: crops that fit their labels, and a run that goes on where it was."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from unet_teach.data.volume import standardise
from unet_teach.exercises.assembled import (
    LEFT_OUT,
    MARGIN,
    SEEDS,
    SIZE,
    UNSEEN,
    USED,
    Practice,
    Small,
    crops,
    pair_volume,
    unseen,
)
from unet_teach.exercises.keeping import choose
from unet_teach.film import Dashboard
from unet_teach.training import Stopped


def practice(folder, steps=3):
    of = SimpleNamespace(**choose(USED, file=None)[0])
    torch.manual_seed(0)
    return Practice(Small(of, whole=True), of.train_step, steps, folder)


def test_a_crop_fits_its_labels():
    """A slice whose grey is its label, and no other pixel: it shows in both where each is."""
    labels = np.random.default_rng(1).integers(0, 2, (256, 256)).astype(np.uint8)
    images, target = crops([(200 * labels, labels)], np.random.default_rng(2))
    white, black = standardise(200 * labels).max(), standardise(200 * labels).min()
    assert images.shape == (4, 1, SIZE, SIZE) and target.shape == (4, SIZE - 40, SIZE - 40)
    middle = images[:, 0, MARGIN:-MARGIN, MARGIN:-MARGIN]
    assert (middle[target == 0] == black).all() and (middle[target == 1] == white).all()
    assert (middle[target == LEFT_OUT] == white).all()  # never a wall
    kept = (target == 1).sum() / (target != 0).sum()
    assert kept.item() == pytest.approx(0.15, abs=0.02)
    flips = [torch.rot90(images[0, 0], n) for n in range(4)]
    assert not any(torch.equal(one, other) for one in flips for other in images[1:, 0])


def test_what_it_is_judged_on_it_never_saw(tmp_path):
    tissue = practice(tmp_path).tissue
    shown = [*unseen().images, *pair_volume().images]
    assert not any(np.array_equal(image, s) for image, _labels in tissue for s in shown)
    assert not set(SEEDS) & {0, *UNSEEN}  # the pair's is 0


def test_a_run_that_was_stopped_goes_on_with_the_same_losses_and_film(tmp_path):
    whole, parted = practice(tmp_path / "whole"), practice(tmp_path / "parted")
    for one in (whole, parted):
        one.folder.mkdir()
    due, dashboard = whole.run(), Dashboard()

    def press(record):
        if record["step"] == 1:
            dashboard.wish = "stop"  # as the page does

    with pytest.raises(Stopped):
        parted.run(dashboard, press)
    assert len(parted.log) == 2 and dashboard.running == "stopped"
    assert parted.run(dashboard) == due
    assert dashboard.film.steps.tolist() == [0, 1, 2, 3] and dashboard.running == "done"
    assert dashboard.film.loss.tolist() == due and dashboard.film.held_out
    assert (dashboard.film.truth == pair_volume().labels[0]).all()
    for one, other in zip(whole.net.parameters(), parted.net.parameters(), strict=True):
        assert torch.equal(one, other)
