"""Lesson 14: two trainings on synthetic membranes, played back."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from unet_teach.film import film, show
from unet_teach.interactive import Interactive
from unet_teach.translation import _


def training_dashboard(*runs: str | Path) -> Interactive:
    """The film of a run; or two recorded ones, with skips and without.

    Parameters
    ----------
    runs : folders of filmed runs: the first is shown, the others can be compared with it

    Examples
    --------
    >>> training_dashboard().answer["now"]["step"]
    0
    """
    if runs:
        films = {Path(run).name: film(run) for run in runs}
        return show.screen(films, "training_dashboard", _("Your runs, played back"))
    results = resources.files("unet_teach") / "resources" / "results"
    films = {
        name: film(str(results / f"film_{file}.npz"))
        for name, file in ((_("with skips"), "skips"), (_("without skips"), "no_skips"))
    }
    questions = {
        _("When do walls appear?"): {"step": 16, "beside": ""},
        _("How good is it half way?"): {"step": 600, "beside": ""},
        _("And without skips?"): {"step": 1200, "beside": _("without skips")},
    }
    title = _("A training played back, with skips or without")
    return show.screen(films, "training_dashboard", title, questions)
