"""Lesson 14: a run while it goes on, and a run replayed."""

from __future__ import annotations

import time

import ipywidgets as core

from unet_teach.drawing.picture import Picture
from unet_teach.lessons.l14_isbi_2012.measure import load_watched
from unet_teach.lessons.l14_isbi_2012.picture import training_so_far
from unet_teach.panel import Panel, slider
from unet_teach.training import TrainConfig
from unet_teach.translation import _

PAUSE = 0.5  # seconds between two pictures while a run goes on


class Dashboard(core.HTML):
    """Shows a run while it goes on: ``train(config, volume, folder, on_step=dashboard)``.

    Show it in a cell of its own first. After an interruption give the same one, or a new
    one, to the resumed run: it goes on from the step at which the run goes on.

    Examples
    --------
    >>> from unet_teach.training import TIERS
    >>> dashboard = Dashboard(TIERS["check"])
    >>> dashboard({"step": 0, "loss": 0.7, "lr": 0.1, "seconds": 1.0})
    >>> dashboard.picture.alt[:13]
    'Step 1 of 60:'
    """

    def __init__(self, config: TrainConfig) -> None:
        super().__init__()
        self.config, self.records, self._shown_at = config, [], 0.0
        self.picture: Picture | None = None
        self._show()
        self._shown_at = 0.0  # so that the first step is shown at once

    def __call__(self, record: dict) -> None:
        """Take a step's record; draws now and then, and at the last step."""
        while self.records and self.records[-1]["step"] >= record["step"]:
            self.records.pop()  # a resumed run comes by its last steps again
        self.records.append(record)
        last = record["step"] + 1 >= self.config.steps
        if last or time.monotonic() - self._shown_at > PAUSE:
            self._show()

    def _show(self) -> None:
        self._shown_at = time.monotonic()
        self.picture = training_so_far(self.records, self.config.steps)
        self.value = self.picture.html


def training_dashboard(tier: str = "class") -> Panel:
    """A committed run on ISBI 2012, replayed: move through its checkpoints.

    Examples
    --------
    >>> panel = training_dashboard()
    >>> panel.picture.alt[:16]
    'All 500 steps ar'
    """
    watched = load_watched(tier)
    every = watched.steps // len(watched.checkpoints)
    controls = {
        "step": slider(_("step"), watched.steps, every, watched.steps, every),
    }

    def draw(step: int) -> Picture:
        count = step // every
        words = "<p>" + _("recorded: tier {tier}, seed {seed}, {hardware}").format(
            **{name: watched.facts[name] for name in ("tier", "seed", "hardware")}
        )
        return training_so_far(
            watched.records[:step],
            watched.steps,
            watched.checkpoints[:count],
            watched.maps[count - 1],
            words + "</p>",
        )

    def on(panel: Panel) -> None:
        step = panel.values["step"] + every
        panel.set(step=step if step <= watched.steps else every)

    actions = {_("next checkpoint"): on}
    return Panel(_("A run on ISBI 2012, replayed"), controls, draw, actions)
