"""Lesson 00: what the threshold picture shows; its numbers are those of the metrics."""

import re

import numpy as np
import pytest
from pictures import images_in

from unet_teach.data.membranes import synthetic_membranes
from unet_teach.drawing.style import SKY, VERMILLION, rgb
from unet_teach.lessons.l00_start_here.panel import threshold_explorer
from unet_teach.lessons.l00_start_here.picture import STEPS, judge, thresholded
from unet_teach.metrics import dice, score


@pytest.fixture(scope="module")
def tissue():
    volume = synthetic_membranes(1, size=96, seed=3)
    return volume.images[0], volume.labels[0]


def pixels(picture):
    return images_in(picture.body)[0]


def test_the_numbers_are_those_of_the_metrics(tissue):
    image, labels = tissue
    judged = judge(labels, image / 255)
    for place in (4, 10, 13):
        t, inside = STEPS[place], image / 255 > STEPS[place]
        assert judged.accuracy[place] == np.mean(inside == (labels == 1))
        assert judged.dice[place] == pytest.approx(dice(labels, inside))
        alone = score(labels[None], image[None] / 255, [t])
        assert judged.v_rand[place] == pytest.approx(alone.v_rand)


def test_every_pixel_has_the_colour_of_its_case(tissue):
    image, labels = tissue
    picture = thresholded(image, labels, judge(labels, image / 255), 0.5)
    shown, inside = pixels(picture), image / 255 > 0.5
    height, width = image.shape
    assert (shown[:, :width] == image[..., None] // 2 * 2).all()  # 128 greys
    right = shown[:, -width:]
    assert (right[inside & (labels == 0)] == rgb(VERMILLION)).all()
    assert (right[~inside & (labels == 1)] == rgb(SKY)).all()
    assert (right[inside & (labels == 1)] == 255).all()
    assert height == 96 and "membrane that was missed" in picture.alt


def test_every_control_changes_the_picture():
    panel = threshold_explorer()
    before = panel.picture
    panel.controls["threshold"].value = 0.6
    assert panel.picture.body != before.body and "0.60" in panel.picture.alt
    before = panel.picture
    panel.controls["source"].value = "network"
    assert panel.picture.body != before.body and panel.problem == ""


def test_the_network_beats_the_grey_value_in_the_explorer():
    panel = threshold_explorer()

    def best(source):
        found = []
        for step in STEPS:
            panel.set(source=source, threshold=step)
            found.append(float(re.search(r"V_rand ([\d.]+\d)", panel.picture.alt)[1]))
        return max(found)

    assert best("network") > best("grey") + 0.03


def test_a_micrograph_of_ones_own_is_cut_to_its_middle(tissue):
    image, labels = tissue
    panel = threshold_explorer(image, labels, image / 255)
    assert pixels(panel.picture).shape == (96, 96 * 2 + 6, 3)


def test_strict_every_end_of_every_control(monkeypatch):
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    threshold_explorer()
