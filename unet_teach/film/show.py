"""A film on its screen: a picture of a run at a step, its curves, another run beside it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from traitlets import Int, Unicode

from unet_teach.drawing.picture import Picture
from unet_teach.film.picture import still
from unet_teach.film.record import Camera, Film
from unet_teach.interactive import Interactive
from unet_teach.metrics import components, thin
from unet_teach.training import Beginning, Stopped
from unet_teach.translation import _

POINTS = 200  # at most so many points of a curve: more would not be seen
RIGHT_WALL, RIGHT_INSIDE, MISSED, TOO_MUCH, MERGED, BROKEN = range(6)  # what a pixel is
PIECE = 0.1  # of a neuron; so much of it outside of its largest region, and it is broken
FAR = 0.1  # of V_rand: so far below the end, and it is no chance
SURE = 25  # of 255; a right class that has less was denied with more than 90 % certainty


def errors(truth: np.ndarray, white: np.ndarray) -> tuple[np.ndarray, int, int]:
    """What is wrong with a map, pixel by pixel.

    Parameters
    ----------
    truth, white : (H, W), 1 is inside

    Returns
    -------
    uint8 (H, W): 0 wall and 1 inside, both right; 2 a wall that was missed; 3 wall inside of a
    neuron; 4 a neuron that has run together with another (more than half of each lies in one
    region); 5 one that is broken (regions beside its largest hold more than a tenth of it,
    together). Then how many neurons have run together, and how many are broken.

    Examples
    --------
    >>> found, merged, broken = errors(np.array([[1, 1, 0, 1, 1]]), np.ones((1, 5), int))
    >>> found.tolist(), merged, broken
    ([[4, 4, 2, 4, 4]], 2, 0)
    """
    truth, white = np.asarray(truth) > 0, np.asarray(white) > 0
    neurons, regions = components(truth), thin(white)
    found = np.where(truth, np.where(white, RIGHT_INSIDE, TOO_MUCH),
                     np.where(white, MISSED, RIGHT_WALL)).astype(np.uint8)  # fmt: skip
    home, broken = {}, []
    for neuron in range(1, int(neurons.max(initial=0)) + 1):
        inside = neurons == neuron
        counts = np.bincount(regions[inside], minlength=2)
        size, counts = counts.sum(), np.sort(counts[1:])[::-1]
        first = int(np.bincount(regions[inside], minlength=2)[1:].argmax()) + 1
        if counts[0] * 2 > size:
            home[neuron] = first
        if counts[1:].sum() > PIECE * size:
            broken.append(neuron)
    places = list(home.values())
    merged = [neuron for neuron, region in home.items() if places.count(region) > 1]
    right = found == RIGHT_INSIDE
    found[right & np.isin(neurons, broken)] = BROKEN
    found[right & np.isin(neurons, merged)] = MERGED
    return found, len(merged), len(broken)


def answer(films: dict[str, Film], settings: dict[str, Any]) -> dict[str, Any]:
    """A film at a step: maps, numbers, curves; and, where asked for, another run's map there.

    Parameters
    ----------
    films : by name; the first is shown, the others can be compared with it
    settings : ``step``, of which the last picture at or before it is shown; ``beside``, the
        name of another film, or ""
    """
    (name, shown), *_others = films.items()
    number = shown.at(settings["step"])
    found = {
        "image": shown.image,
        "truth": shown.truth,
        "name": name,
        "held_out": shown.held_out,
        "steps": shown.steps.tolist(),
        "features": shown.features[number],
        "feature_names": [
            _("{part}, channel {n}").format(part=part, n=channel)
            for part, channel in zip(shown.names, shown.channels, strict=True)
        ],
        **_of(shown, number),
        "curves": curves(shown),
        "other": {}, "other_map": None, "other_error": None,
    }  # fmt: skip
    if settings["beside"] in films:
        other = films[settings["beside"]]
        beside = _of(other, other.at(settings["step"]))
        found["other_map"], found["other_error"] = beside.pop("map"), beside.pop("error")
        found["other"] = {
            "name": settings["beside"], **beside["now"],
            "scores": pairs(other.steps, other.v_rand),
        }  # fmt: skip
    if found["other"]:
        found["because"] = beside_in_words(shown, name, other, settings["beside"])
    else:
        found["because"] = alone_in_words(shown, number, found)
    return {**found, "said": in_words(found)}


def worse(film: Film) -> np.ndarray:
    """Which pictures have more pixels right than the run's last, and yet a far lower V_rand."""
    right = ((film.maps > 127) == (film.truth > 0)).mean((1, 2))
    is_whole = film.steps[-1] == film.planned
    return is_whole & (right > right[-1]) & (film.v_rand < film.v_rand[-1] - FAR)


def worst(film: Film) -> int | None:
    """The step, among those of `worse`, with the lowest V_rand; None where there is none."""
    (found,) = np.nonzero(worse(film))
    return int(film.steps[min(found, key=lambda n: film.v_rand[n])]) if len(found) else None


def alone_in_words(film: Film, number: int, found: dict[str, Any]) -> str:
    """What is seen at a picture, and why its V_rand is as it is, in a sentence or two."""
    now, end = found["now"], _of(film, len(film.steps) - 1)["now"]
    wall, white = film.truth == 0, film.maps[number] > 127
    right = np.where(wall, 255 - film.maps[number], film.maps[number])
    numbers = {
        **now, "v_end": end["v_rand"], "end": f"{100 * end['right']:.1f}",
        "here": f"{100 * now['right']:.1f}", "planned": film.planned,
        "wrong": f"{100 - 100 * now['right']:.1f}",
        "found": f"{100 * np.mean(~white[wall]):.0f}" if wall.any() else "0",
        "extra": f"{100 * np.mean(~white[~wall]):.0f}" if not wall.all() else "0",
        "sure": f"{100 * np.mean(right < SURE):.0f}",
    }  # fmt: skip
    if not now["step"]:
        said = _(
            "Nothing is learned yet: after 0 of {planned} steps the weights are as they began, "
            "and {here} % of the pixels are right. V_rand is {v_rand:.3f}; 1 would be perfect."
        )
    elif worse(film)[number]:
        said = _(
            "Yes: {here} % of the pixels are right here and only {end} % at the end. Yet "
            "V_rand is {v_rand:.3f} here and {v_end:.3f} there, because it judges regions: "
        )
        if now["merged"] > end["merged"]:
            said += _("a few missed pixels of wall let {merged} neurons run together.")
        else:
            said += _("a few wrong pixels of wall change which pixels belong together.")
    elif number and number == film.validation.argmax():
        said = _(
            "The loss of the patch has its peak here, {validation:.2f}: at {sure} % of the "
            "pixels the network is wrong, and more than 90 % sure. Cross-entropy punishes sure "
            "mistakes most."
        )
    elif not now["merged"] and not now["broken"]:
        said = _(
            "By step {step} V_rand is {v_rand:.3f}: none of the {neurons} neurons has run "
            "together with another or is broken."
        )
        if now["v_rand"] > 1 - FAR and now["right"] < 1:
            said += _(" It judges regions, so the {wrong} % of wrong pixels hardly count.")
    elif now["broken"] > now["merged"]:
        said = _(
            "By step {step} V_rand is {v_rand:.3f}: the network finds {found} % of the wall "
            "pixels, but it also calls {extra} % of the inside wall, and that breaks {broken} "
            "of the {neurons} neurons in pieces."
        )
    else:
        said = _(
            "By step {step} V_rand is {v_rand:.3f}: the network finds {found} % of the wall "
            "pixels, but a gap of a few is enough for two neurons to run together. {merged} of "
            "the {neurons} have."
        )
    return said.format(**numbers)


def beside_in_words(one: Film, name: str, other: Film, beside: str) -> str:
    """What two runs of one kind each can tell, and what they cannot."""
    scores = [other.v_rand[other.at(step)] for step in one.steps.tolist()]
    first, second = float(one.v_rand[-1]), float(other.v_rand[-1])
    numbers = {"one": first, "other": second, "name": name, "beside": beside, "n": len(scores),
               "ahead": int((np.array(scores) > one.v_rand).sum())}  # fmt: skip
    said = _("Worse at the end: ") if second < first else _("Better at the end: ")
    alike = round(first, 3) == round(second, 3)
    said = _("The same at the end, to three decimals: ") if alike else said
    said += _(
        "V_rand is {other:.3f} ({beside}) against {one:.3f} ({name}). The run {beside} is "
        "ahead at {ahead} of the {n} steps shown, and one run of each cannot tell which is "
        "better."
    )
    return said.format(**numbers)


def _of(film: Film, number: int) -> dict[str, Any]:
    map_ = film.maps[number]
    wrong, merged, broken = errors(film.truth, map_ > 127)
    done = int(film.steps[number])
    before = film.loss[done - 1] if done else np.nan
    return {
        "map": map_,
        "error": wrong,
        "now": {
            "step": done,
            "seconds": float(film.seconds[number]),
            "loss": float(before),
            "validation": float(film.validation[number]),
            "v_rand": float(film.v_rand[number]),
            "right": float(np.mean((map_ > 127) == (film.truth > 0))),
            "merged": merged,
            "broken": broken,
            "neurons": int(components(film.truth).max(initial=0)),
        },
    }


def pairs(steps: np.ndarray, values: np.ndarray) -> list[list]:
    """Points of a curve."""
    return [list(pair) for pair in zip(steps.tolist(), values.tolist(), strict=True)]


def curves(film: Film) -> dict[str, Any]:
    """Losses and V_rand by step, and the ticks of their axes: as high as the highest value."""
    count = len(film.loss)
    picks = np.unique(np.linspace(0, count - 1, min(count, POINTS)).round().astype(int))
    # The highest and the lowest loss stay, wherever they are: a curve hides nothing.
    if count and np.isfinite(film.loss).any():
        picks = np.union1d(picks, [np.nanargmax(film.loss), np.nanargmin(film.loss)])
    loss = [[int(i) + 1, float(film.loss[i])] for i in picks if np.isfinite(film.loss[i])]
    validation = pairs(film.steps, film.validation)
    high = max([value for _step, value in loss + validation], default=1.0)
    unit = next(u for u in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1e9) if high / u <= 5)
    ticks = [i * unit for i in range(int(np.ceil(high / unit)) + 1)]
    return {
        "loss": loss,
        "validation": validation,
        "v_rand": pairs(film.steps, film.v_rand),
        "high": max(high, ticks[-1]),
        "ticks": [[tick, f"{tick:g}"] for tick in ticks],
        "planned": film.planned,
        "step_ticks": [[n, str(n)] for n in sorted({0, film.planned // 2, film.planned})],
    }  # fmt: skip


def in_words(found: dict[str, Any]) -> str:
    """An answer in a few sentences, for who cannot see the picture."""
    now = found["now"]
    said = _(
        "Step {step} of {planned}: {right:.1%} right, V_rand {v_rand:.3f}. Of {neurons} "
        "neurons, {merged} have run together and {broken} are broken."
    ).format(**now, planned=found["curves"]["planned"])
    if found["other"]:
        said += " " + _("{name} at step {step}: {right:.1%}, V_rand {v_rand:.3f}.").format(
            **found["other"]
        )
    return f"{said} {found['because']}".strip()


def words() -> dict[str, str]:
    """What the view says."""
    return {
        "lead": _("Press Play, or drag along the curve: what has the network learned by then?"),
        "live": _("It is being trained. Each second you see what it makes of one patch."),
        "waiting": _("Nothing is trained yet: run the next cell."),
        "image": _("micrograph"),
        "truth": _("ground truth"),
        "map": _("prediction"),
        "error": _("errors"),
        "held_out": _("A validation patch: the network is never trained on it."),
        "seen": _("A patch that the network is trained on, too."),
        "more": _("Four of its feature maps"),
        "features": _(
            "Each is shown from its smallest value (dark) to its largest. "
            "The names are those of the network's parts: contract.0 is its top level, last its "
            "1×1 convolution."
        ),
        "losses": _("Loss"),
        "loss": _("loss of each batch"),
        "validation": _("cross-entropy of the patch"),
        "scores": _("V_rand of the patch: 1 is perfect"),
        "step": _("step"),
        "now": _("Step {step} of {planned}, after {seconds} s"),
        "left": _("about {left} s to go"),
        "right": _("{right} of the pixels right"),
        "v_rand": _("V_rand (1 = every neuron whole)"),
        "of_other": _("V_rand"),
        "again": _("Play again"),
        "merged": _("{n} run together"),
        "broken": _("{n} broken"),
        "legend_inside": _("inside, right"),
        "legend_wall": _("wall, right"),
        "legend_merged": _("neurons run together"),
        "legend_missed": _("wall missed"),
        "legend_broken": _("neuron broken in two"),
        "legend_extra": _("wall where there is none"),
        "beside": _("Compare with"),
        "alone": _("no other run"),
        "wipe": _("Divider between the two runs"),
        "stop": _("Stop"),
        "go": _("Go on"),
        "how": _("Press ■ above to stop: what is done is kept, and can go on."),
    }


def recorded(films: dict[str, Film]) -> Iterator[dict[str, Any]]:
    """What the book holds: every picture, alone and beside each other run."""
    first = next(iter(films))
    for beside in ("", *(name for name in films if name != first)):
        for step in films[first].steps.tolist():
            yield {"step": step, "beside": beside}


def screen(
    films: dict[str, Film], name: str, title: str,
    presets: dict[str, dict] | None = None,
) -> Interactive:  # fmt: skip
    """A view of films: the first by its steps, the others beside it.

    Parameters
    ----------
    films : by the names that are shown, as `unet_teach.film.film` reads them
    name, title, presets : as `Interactive` takes them
    """
    first = next(iter(films.values()))
    presets = dict(presets or {})
    if step := worst(first):
        presets[_("More pixels right, yet worse?")] = {"step": step, "beside": ""}
    return Interactive(
        name, title, partial(answer, films),
        {"step": int(first.steps[0]), "beside": ""},
        Path(__file__).with_name("view.js"), partial(_still, films),
        given={"others": list(films)[1:]},
        presets=presets, words=words(), recorded=partial(recorded, films),
    )  # fmt: skip


def _still(films: dict[str, Film], settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """What is shown; where nothing can be played, the film's end in place of its beginning."""
    first, *_others = films.values()
    if settings["step"] == int(first.steps[0]):
        found = answer(films, settings | {"step": int(first.steps[-1])})
    return still(settings, found)


class Dashboard(Interactive, Camera):
    """Shows a run while it goes on: ``train(config, volume, folder, watch=dashboard)``.

    Show it in a cell of its own first. The view's Stop, or the notebook's ■, ends the run, and
    what is done is kept; the same call, or the view's button, goes on. Where a busy cell keeps
    the kernel from hearing the page, the view has no Stop and says that ■ is there.
    Afterwards it is the run's film.

    Parameters
    ----------
    others : films to compare with, by name
    """

    wish = Unicode("").tag(sync=True)  # "stop" or "go", from the page
    # "" before; "cell" in a cell, and the page was not heard since; "heard", so that it can say
    # Stop; "stopped"; "done".
    running = Unicode("").tag(sync=True)
    here = Int(0).tag(sync=True)  # counted up by a page that sees "cell": does the kernel hear?

    def __init__(self, others: dict[str, Film] | None = None) -> None:
        Camera.__init__(self)
        self.others, self.run, self._again, self._newest = others or {}, None, None, 0
        Interactive.__init__(
            self, "dashboard", _("Watch it learn"), self._now, {"step": 0, "beside": ""},
            Path(__file__).with_name("view.js"), still,
            given={"others": list(self.others)}, words=words(),
        )  # fmt: skip
        self.keeps = False  # a film that grows has other answers later
        self.observe(self._on_wish, names="wish")
        self.observe(self._on_here, names="here")

    def begin(self, beginning: Beginning) -> None:
        """See `unet_teach.training.Watcher`."""
        beside = threading.current_thread() is not threading.main_thread()
        self.wish, self._again = "", beginning.again
        self.running = "heard" if beside else "cell"
        self._listen()
        super().begin(beginning)
        self._show()

    def step(self, record: dict) -> bool:
        """See `unet_teach.training.Watcher`."""
        before = len(self.taken), self.taken[-1][0]
        super().step(record)
        if (len(self.taken), self.taken[-1][0]) != before:
            self._show()
        return self.wish == "stop"

    def end(self) -> None:
        """See `unet_teach.training.Watcher`."""
        super().end()
        self.running = "done" if self.film.steps[-1] == self.planned else "stopped"
        self._show()

    @property
    def is_live(self) -> bool:
        """Whether a run is going on now."""
        return self.running in ("cell", "heard")

    def answered(self, settings: dict[str, Any]) -> dict[str, Any]:
        """See `Interactive`; torch keeps its threads, since it is training."""
        return {"settings": settings, **self._answer(settings)}

    def _now(self, settings: dict[str, Any]) -> dict[str, Any]:
        if not self.taken:
            return {"waiting": True, "said": _("Nothing is trained yet.")}
        made = self._made() if self.is_live else self.film
        found = answer({_("this run"): made, **self.others}, settings)
        done = len(made.loss)
        seconds = float(made.seconds[-1])
        left = seconds / max(1, int(made.steps[-1])) * (self.planned - done)
        if self.is_live:  # it says what there is at the end, and not each second something
            found["because"] = ""
        return {**found, "left": left if self.is_live and done else None}

    def _show(self) -> None:
        """The newest picture, unless she is looking at an older one."""
        start = time.perf_counter()
        step, here = self.taken[-1][0], self.settings["step"]
        is_newest, self._newest = here >= self._newest, step
        if is_newest and here != step:
            self.set(step=step)
        else:
            self.answer = self.answered(self.settings)
        self._listen()
        self.cost += time.perf_counter() - start

    def _listen(self) -> None:
        """Hear the page while a cell is busy.

        JupyterLab sends what a page says to a loop beside the cells (a subshell). From 7.4 on
        ipykernel sends it to the loop that spoke last instead, which is the busy one: unless
        nothing is kept of who spoke.
        """
        if self.comm is not None:
            vars(self.comm).pop("_reply_subshell_id", None)

    def _on_here(self, _change: dict) -> None:
        if self.running == "cell":
            self.running = "heard"

    def _on_wish(self, change: dict) -> None:
        if change["new"] == "go" and self.running == "stopped":
            # Beside the notebook's cells, so that the page can still say *Stop*.
            threading.Thread(target=self._go_on, daemon=True).start()

    def _go_on(self) -> None:
        try:
            self.run = self._again()
        except Stopped:
            pass
