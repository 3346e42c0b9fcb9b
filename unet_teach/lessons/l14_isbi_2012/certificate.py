"""A page to keep: what a learner built, what it learned, and what is hers. Lesson 14.

One HTML file that needs no other. Of ISBI 2012 it shows predictions, and no micrograph.
"""

from __future__ import annotations

import json
import platform
from datetime import date
from pathlib import Path

import numpy as np
import torch

from unet_teach import __version__
from unet_teach.data import Volume
from unet_teach.data.membranes import membrane_slice
from unet_teach.drawing.pair import MEMBRANES, coloured, the_pair
from unet_teach.drawing.picture import png_data
from unet_teach.drawing.svg import element, escape, polyline, text
from unet_teach.exercises.keeping import FILE, choose, parts, place
from unet_teach.film import errors, film, in_colour
from unet_teach.film.record import NAME
from unet_teach.lessons.l14_isbi_2012.measure import baselines, interval
from unet_teach.metrics import Scores
from unet_teach.tiling import predict
from unet_teach.training import Run, TrainConfig, load_model, split
from unet_teach.training.evaluation import INSIDE
from unet_teach.training.files import write_atomically
from unet_teach.training.resume import run_facts
from unet_teach.translation import _, _n, language

PAGE = Path(__file__).with_name("certificate.html")


def certificate(
    run: Run, volume: Volume, path: str | Path | None = None, name: str = ""
) -> Path:
    """Write the page of a finished run; returns where it is.

    A page that is there already stays, and the new one gets a number: ``certificate-2.html``.

    Parameters
    ----------
    run : as `unet_teach.training.train` returned it
    volume : the slices that it was given
    path : the page to write; without one, ``certificate.html`` beside ``my_unet.py``, or beside
        the run's folder where no such file is kept
    name : yours, if you like

    Raises
    ------
    ValueError
        There is nothing to certify: the run is not finished, its folder or its data are
        another's, or no slice was held out.
    """
    config, facts = _proven(run, volume)
    held_out = split(volume, config)[1]
    file = place()
    source = file.read_text(encoding="utf-8") if file and file.exists() else ""
    _chosen, hers = choose(parts(), file if source else None)
    ran = getattr(run.model.forward, "__module__", "") == Path(FILE).stem
    others = [part for part in parts() if part not in hers]
    shown = {
        "name": name or _("My U-Net"),
        "day": date.today().isoformat(),
        "ran": _("The forward pass that was trained is the one in my_unet.py.") if ran
        else _("The forward pass that was trained is the library's."),
        "hers": ", ".join(hers) or _("none"),
        "others": ", ".join(others) or _("none"),
        "source": source or _("There is no my_unet.py yet: it is written when a part passes."),
        "machine": f"{platform.machine()}, {platform.system()}, {facts['device']}, "
        f"{facts['precision']}, {_('threads: {n}').format(n=facts['threads'])}",
        "versions": f"unet_teach {__version__}, torch {torch.__version__}, "
        f"Python {platform.python_version()}",
        "steps": _n(
            "{n} step on {data}", "{n} steps on {data}", config.steps, data=volume.name
        ),
        "judged": _(
            "On {slices}, which the network was never trained on. V_rand and V_info are 1 and "
            "the pixel error is 0 if everything is right. The 95 % confidence interval is over "
            "these slices. They are neighbours and so alike, so it is too narrow for other "
            "tissue. The thresholds are those that score best on these slices, as in the "
            "challenge."
        ).format(slices=held_out.name),
        "drawn": "" if _is_isbi(volume) else _(
            "Synthetic membranes are drawn by a program, so these numbers can't be compared "
            "with published ones."
        ),
    }  # fmt: skip
    made = {key: escape(words) for key, words in (_fixed() | shown).items()}
    made |= {"rows": _rows(run.scores, held_out), "curves": _curves(run)}
    made |= {"masks": _masks(run, volume, held_out)}
    page = PAGE.read_text(encoding="utf-8")
    for key, words in made.items():
        page = page.replace(f"<!--{key}-->", words)
    beside = file or run.folder
    return _kept(Path(path or beside.with_name("certificate.html")), page.encode())


def _is_isbi(volume: Volume) -> bool:
    return volume.name.startswith("ISBI")


def _fixed() -> dict[str, str]:
    """The words that are the same on every page: no word stands in the page itself."""
    return {
        "language": language(),
        "title": _("U-Net, built by hand"),
        "made": _("A U-Net, built by hand and trained"),
        "about": _(
            "A U-Net (Ronneberger, Fischer and Brox, 2015) says of each pixel of a micrograph "
            "whether it is inside a nerve cell or part of a wall between two. This one was "
            "built part by part in the course unet_teach and then trained."
        ),
        "sees": _("What it sees"),
        "pair": _(
            "First two neighbouring neurons, the pair, each in a colour of its own where the "
            "wall between them is whole; then a larger slice that it was never trained on."
        ),
        "merged": _("neurons run together"),
        "broken": _("neuron broken"),
        "missed": _("wall missed"),
        "invented": _("wall where there is none"),
        "scores": _("What it scores"),
        "interval": _("95 % confidence interval"),
        "pixel_error": _("pixel error"),
        "learned": _("How it learned"),
        "batches": _("loss of each batch"),
        "place": _("cross-entropy of a patch never trained on"),
        "whose": _("Whose it is"),
        "mine": _("Mine"),
        "library": _("The library's"),
        "forward": _("What ran"),
        "trained": _("Trained"),
        "computer": _("Machine"),
        "software": _("Versions"),
    }


def _proven(run: Run, volume: Volume) -> tuple[TrainConfig, dict]:
    """The run's settings and facts, if the folder says that it is what it seems to be."""
    try:
        config, facts, scores = (
            json.loads((run.folder / name).read_text(encoding="utf-8"))
            for name in ("config.json", "facts.json", "scores.json")
        )
        saved = load_model(run.folder / "model.pt").state_dict()
    except FileNotFoundError as error:
        raise ValueError(_("nothing is trained here yet: {why}").format(why=error)) from None
    config, weights = TrainConfig.from_dict(config), run.model.state_dict()
    if len(run.log) != config.steps or not isinstance(run.scores, Scores):
        raise ValueError(_("this run is not finished, or no slice was held out to judge it by"))
    same = weights.keys() == saved.keys() and all(
        torch.equal(w.cpu(), saved[k]) for k, w in weights.items()
    )
    if not same or json.loads(json.dumps(run.scores.as_dict())) != scores:
        raise ValueError(_("the network or the scores are not those in {folder}").format(
            folder=run.folder))  # fmt: skip
    if run_facts(config, volume, "cpu", 1)["data_sha256"] != facts["data_sha256"]:
        raise ValueError(_("this run was trained on other data, {data}").format(**facts))
    return config, facts


def _kept(path: Path, page: bytes) -> Path:
    """Written whole, beside whatever is there."""
    first, number = path, 1
    while path.exists() and path.read_bytes() != page:
        number += 1
        path = first.with_name(f"{first.stem}-{number}{first.suffix}")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, page)
    return path


def _rows(scores: Scores, held_out: Volume) -> str:
    called = {"constant": _("all inside, without looking"),
              "threshold": _("a threshold on the grey value")}  # fmt: skip
    judged = {called[name]: found for name, found in baselines(held_out).items()}
    rows = []
    for title, found in {**judged, _("this network"): scores}.items():
        mean, low, high = interval(found.v_rand_slices)
        cells = f"<td>{mean:.3f}</td><td>{low:.3f} … {high:.3f}</td><td>{found.v_info:.3f}</td>"
        rows.append(f"<tr><th>{escape(title)}</th>{cells}<td>{found.pixel_error:.3f}</td></tr>")
    return "".join(rows)


def _curves(run: Run) -> str:
    """The loss of every batch and, where it was filmed, the cross-entropy of the place."""
    lines = [("batch", [(r["step"] + 1, r["loss"]) for r in run.log])]
    if (run.folder / NAME).exists():
        seen = film(run.folder)
        points = list(zip(seen.steps.tolist(), seen.validation.tolist(), strict=True))
        lines.append(("seen", points))
    high, last = max(y for _name, points in lines for _x, y in points), len(run.log)
    drawn = []
    for name, points in lines:
        places = [(40 + 550 * x / last, 180 - 165 * y / high) for x, y in points]
        drawn.append(polyline(places, stroke="currentColor", class_=name))
    drawn.append(polyline([(40, 10), (40, 180), (590, 180)], stroke="currentColor"))
    ticks = ((36, 184, "0"), (36, 20, f"{high:.2f}"), (590, 198, f"{_('step')} {last}"))
    words = [text(x, y, said, anchor="end", fill="currentColor") for x, y, said in ticks]
    alt = _("Loss by step, from {first:.3f} to {last:.3f}.").format(
        first=run.log[0]["loss"], last=run.log[-1]["loss"])  # fmt: skip
    inside = "".join([element("title", escape(alt)), *drawn, *words])
    return element("svg", inside, viewBox="0 0 600 205", role="img")


def _masks(run: Run, volume: Volume, held_out: Volume) -> str:
    """The pair's place and a slice that was held out: image, prediction and errors, in rows."""
    threshold, isbi = run.scores.v_rand_threshold, _is_isbi(volume)
    pair = the_pair(volume.name if isbi else MEMBRANES)
    image, truth = (
        (volume.images[pair.index], volume.labels[pair.index]) if isbi
        else membrane_slice(pair.index)
    )  # fmt: skip
    found = predict(run.model, image)[INSIDE] > threshold
    rows = [{
        **({} if isbi else {_("the pair: image"): pair.crop(image)}),
        _("the pair: ground truth"): coloured(pair, truth, truth),
        _("the pair: prediction"): coloured(pair, found, truth),
    }]  # fmt: skip
    image, truth = held_out.images[0], held_out.labels[0]
    inside = predict(run.model, image)[INSIDE]
    rows.append({
        **({} if isbi else {_("a slice never trained on"): image}),
        _("its prediction"): np.uint8(255 * inside.clip(0, 1)),
        _("its errors"): in_colour(errors(truth, inside > threshold)[0]),
    })  # fmt: skip
    return "".join(
        f'<div class="masks">{"".join(map(_figure, row.items()))}</div>' for row in rows
    )


def _figure(shown: tuple[str, np.ndarray]) -> str:
    title, picture = shown
    return (
        f'<figure><img alt="{escape(title)}" src="{png_data(picture)}">'
        f"<figcaption>{escape(title)}</figcaption></figure>"
    )
