"""A page is answered in a thread beside the cells: neither may disturb the other."""

import json
import random
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))
import record as recorder

from unet_teach.config import UNetConfig
from unet_teach.data import Volume
from unet_teach.film import Camera
from unet_teach.inspection import record
from unet_teach.interactive import packed
from unet_teach.lessons.l06_concat_or_add.readout import met
from unet_teach.lessons.l06_concat_or_add.surgery import scaled
from unet_teach.lessons.l07_build_unet.measure import shapes_on_the_way
from unet_teach.lessons.l09_look_inside.maps import record_all
from unet_teach.lessons.l09_look_inside.panel import viewer
from unet_teach.lessons.l09_look_inside.trace import traced
from unet_teach.models.unet import UNet
from unet_teach.tiling import evaluating
from unet_teach.training import TIERS, Beginning

RECORDABLE = recorder.recordable()


def small(seed=0):
    torch.manual_seed(seed)
    return UNet(UNetConfig(base_channels=2, depth=2, padding="same", batch_norm=True)).eval()


def text(found):
    return json.dumps(recorder._text(packed(as_arrays(found))))


def as_arrays(found):
    if isinstance(found, dict):
        return {name: as_arrays(value) for name, value in found.items()}
    if isinstance(found, (list, tuple)):
        return [as_arrays(value) for value in found]
    return found.detach().numpy() if isinstance(found, torch.Tensor) else found


# ------------------------------------------------------------------------- two ask one viewer
@pytest.fixture
def asked():
    """A viewer of four checkpoints, settings that change it, and the answers due."""
    torch.manual_seed(0)
    x, weights = torch.randn(1, 1, 32, 32), [small(n).state_dict() for n in range(1, 4)]
    panel = viewer(small(), x, checkpoints=weights)
    layer = panel.first["layer"]
    settings = [
        {**panel.first, "version": version, "edits": [[layer, 0, percent]]}
        for version in range(4)
        for percent in (0, 150)
    ]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)  # seconds: threads take turns often
    yield panel, settings, [text(panel.answered(one)) for one in settings]
    sys.setswitchinterval(before)


def wrong(asked, shift):
    """How many of a viewer's answers, in another order, aren't those that are due."""
    panel, settings, due = asked
    order = [(5 * n + shift) % len(settings) for n in range(len(settings))]
    return sum(text(panel.answered(settings[n])) != due[n] for n in order)


def test_two_threads_get_the_answers_that_one_gets(asked):
    found = []
    threads = [
        threading.Thread(target=lambda shift=shift: found.append(wrong(asked, shift)))
        for shift in (0, 3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [0, 0]


def test_a_version_that_was_seen_before_still_has_its_reasons(asked):
    panel, _settings, _due = asked
    first = panel.answered(panel.first | {"version": 0})
    panel.answered(panel.first | {"version": 1})
    assert first["why"] and text(panel.answered(panel.first | {"version": 0})) == text(first)


# ----------------------------------------------------------------- a cell runs the same network
class Beside(nn.Module):
    """While the main thread runs it, another one runs the whole network on something else."""

    def __init__(self):
        super().__init__()
        self.whole, self.given = None, []

    def forward(self, x):
        if self.whole and threading.current_thread() is threading.main_thread():
            beside = threading.Thread(target=self.run)
            beside.start()
            beside.join()
        return x

    def run(self):
        self.given.append(self.whole[0](torch.ones(1, 1, 16, 16)).detach())


def with_passes_beside():
    """A network, and what is to be told of it before another thread runs it, too."""
    model, beside = small(), Beside()
    model.contract[1].append(beside)
    model.expand[0].append(beside)  # the last block
    return model, beside


WAYS = {
    "record": lambda model, x: record(model, x, "expand.1"),
    "record_all": record_all,
    "traced": lambda model, x: [(s.name, s.maps) for s in traced(model, x).steps],
    "scaled": lambda model, x: scaled(model, x, [0.0, 0.5]),
    "met": lambda model, x: met(model, (255 * x[0, 0]).byte().numpy()),
    "shapes_on_the_way": shapes_on_the_way,
}


@pytest.mark.parametrize("way", WAYS)
def test_hooks_hear_only_the_pass_that_they_are_for(way):
    (model, beside), x = with_passes_beside(), torch.rand(1, 1, 16, 16)
    alone = WAYS[way](model, x)
    beside.whole = [model]
    assert text(WAYS[way](model, x)) == text(alone)
    beside.whole = None
    due = model(torch.ones(1, 1, 16, 16))
    assert beside.given and all(torch.equal(given, due) for given in beside.given)


def test_a_film_keeps_the_maps_of_its_own_pass(tmp_path):
    seen = np.random.default_rng(0).integers(0, 256, (1, 16, 16), dtype=np.uint8)
    place, config = Volume(seen, np.uint8(seen > 127), "noise"), TIERS["check"]

    def taken(with_one_beside):
        model, beside = with_passes_beside()
        beside.whole = [model] if with_one_beside else None
        camera = Camera()
        camera.begin(Beginning(model, place, True, tmp_path, config, 0, again=None))
        return text([list(entry[2:4]) for entry in camera.taken])

    assert taken(True) == taken(False)


def test_who_evaluates_beside_does_not_give_back_eval_mode():
    model, entered, left = nn.Dropout(), threading.Event(), threading.Event()

    def other():
        with evaluating(model):
            entered.set()
            left.wait(5)

    beside = threading.Thread(target=other)
    with evaluating(model):
        beside.start()
        entered.wait(0.5)  # it waits, else it would find eval mode here
    left.set()
    beside.join()
    assert model.training


# ------------------------------------------------------------------------ random numbers
@pytest.mark.parametrize("name", RECORDABLE)
def test_an_answer_draws_no_random_numbers_of_all(name, monkeypatch):
    """A cell that trains meanwhile would train otherwise."""
    panel = RECORDABLE[name]()
    settings = panel.recorded()
    settings = settings[:: max(1, len(settings) // 8)] + [s for _question, s in panel.presets]

    seeded, fork = [], torch.random.fork_rng

    def forked(*given, enabled=True, **named):
        seeded.extend([enabled] * enabled)
        return fork(*given, enabled=enabled, **named)

    monkeypatch.setattr(torch, "manual_seed", seeded.append)
    monkeypatch.setattr(torch.random, "fork_rng", forked)
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    for one in settings:
        panel.answered(one)
    after = torch.get_rng_state(), np.random.get_state()[1], random.getstate()
    assert torch.equal(before[0], after[0]) and np.array_equal(before[1], after[1])
    assert before[2] == after[2] and not seeded
