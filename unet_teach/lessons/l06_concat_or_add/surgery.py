"""Scale the skips of a trained U-Net, or cut them: what is each good for? Lesson 06."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from unet_teach.data.membranes import membrane_slice
from unet_teach.data.volume import standardise
from unet_teach.drawing.pair import APART, LOST, MEMBRANES, MERGED, the_pair
from unet_teach.film import errors
from unet_teach.film.show import MERGED as JOINED
from unet_teach.metrics import score
from unet_teach.metrics.thinning import components
from unet_teach.models.outputs import class_logits
from unet_teach.models.pretrained import pretrained
from unet_teach.threads import of_this_thread
from unet_teach.tiling import evaluating
from unet_teach.translation import _

GAINS = (0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2)
WALL, INSIDE, A, B, BOTH, CHANGED = 0, 1, 2, 3, 4, 8  # what a pixel of the answer's map is


def scaled(model: nn.Module, x: Tensor, gains: Sequence[float]) -> Tensor:
    """Run a U-Net with each of its skips multiplied on its way; all else stays as it is.

    Parameters
    ----------
    model : UNet with ``merge="concat"``; its training state is given back as it was
    x : (B, C, H, W)
    gains : one for each skip, the top of the U first

    Returns
    -------
    Tensor, logits (B, K, H', W')

    Raises
    ------
    ValueError
        A network without such skips, another number of them.

    Examples
    --------
    >>> from unet_teach.config import UNetConfig
    >>> from unet_teach.models.unet import UNet
    >>> model = UNet(UNetConfig(base_channels=2, depth=1, padding="same"))
    >>> scaled(model, torch.rand(1, 1, 8, 8), [0.0]).shape
    torch.Size([1, 2, 8, 8])
    """
    config = getattr(model, "config", None)
    if getattr(config, "merge", None) != "concat":
        raise ValueError("the model must be a U-Net with merge='concat': its skips stand apart")
    if len(gains) != config.depth:
        raise ValueError(f"{len(gains)} gains; the network has {config.depth} skips")

    def hook(channels: int, gain: float):
        def scale(_part: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
            skip, below = inputs[0][:, :channels], inputs[0][:, channels:]  # the skip is first
            return (torch.cat([gain * skip, below], dim=1),)

        return scale

    with ExitStack() as ending:
        for part, channels, gain in zip(model.expand, config.channels, gains, strict=False):
            handle = part.register_forward_pre_hook(of_this_thread(hook(channels, gain)))
            ending.callback(handle.remove)
        ending.enter_context(evaluating(model))
        return model(x).clone()


def probability(model: nn.Module, image: np.ndarray, gains: Sequence[float]) -> np.ndarray:
    """Probability of inside, (H, W), of an image uint8 (H, W)."""
    x = torch.from_numpy(standardise(image))[None, None]
    return class_logits(scaled(model, x, gains)).softmax(dim=1)[0, 1].cpu().numpy()


@lru_cache(maxsize=1)
def scene() -> tuple[nn.Module, np.ndarray, np.ndarray]:
    """The course's network, and the pair's place: micrograph and labels, uint8 (128, 128)."""
    pair = the_pair(MEMBRANES)
    image, labels = membrane_slice(pair.index, 512, 0)
    return pretrained("membranes"), pair.crop(image), pair.crop(labels)


@lru_cache(maxsize=64)
def _white(gains: tuple[float, ...]) -> np.ndarray:
    model, image, _labels = scene()
    return probability(model, image, gains) > 0.5


@lru_cache(maxsize=64)
def _scores(gains: tuple[float, ...]) -> dict[str, float]:
    """V_rand and pixel accuracy of a mask."""
    labels, white = scene()[2], _white(gains)
    return {
        "v_rand": score(labels[None], white[None].astype(float), [0.5]).v_rand,
        "accuracy": float(np.mean(white == (labels == 1))),
    }


def _moves(name: str, before: float, now: float) -> str:
    """Whether a score falls, stays or rises, as three digits show it.

    Examples
    --------
    >>> _moves("V_rand", 0.9, 0.9501)
    'V_rand even rises from 0.900 to 0.950'
    """
    change = round(now, 3) - round(before, 3)
    said = _("{name} stays at {now:.3f}")
    if change:
        said = _("{name} even rises from {before:.3f} to {now:.3f}")
        if change < 0:
            said = _("{name} falls from {before:.3f} to {now:.3f}")
    return said.format(name=name, before=before, now=now)


def because(gains: Sequence[float]) -> str:
    """What these gains do to the walls, and how that compares, with their numbers."""
    whole, now = _scores((1,) * 4), _scores(tuple(gains))
    others = [(level, gain) for level, gain in enumerate(gains) if gain != 1]
    cut = [level for level, gain in others if gain == 0]
    alone = [
        _scores(tuple(0 if i == level else 1 for i in range(4)))["v_rand"] for level in range(4)
    ]
    worst = int(np.argmin(alone))
    numbers = {
        "v": now["v_rand"], "v_whole": whole["v_rand"], "a": now["accuracy"], "worst": worst,
        "a_whole": whole["accuracy"], "second": sorted(alone)[1],
        "level": others[0][0] if others else 0, "gain": others[0][1] if others else 1,
        "v_moves": _moves(_("V_rand"), whole["v_rand"], now["v_rand"]),
        "a_moves": _moves(_("pixel accuracy"), whole["accuracy"], now["accuracy"]),
    }  # fmt: skip
    if not others:
        said = _(
            "The network was trained with every skip at × 1. Its mask keeps nearly all neurons "
            "separate: V_rand is {v:.3f}, and {a_percent:.0f} % of the pixels are right."
        )
        return said.format(**numbers, a_percent=100 * now["accuracy"])
    if len(cut) == 4:
        said = _(
            "The walls are gone: V_rand falls from {v_whole:.3f} to {v:.3f}, because "
            "everything has to come through the bottleneck, and this network never trained "
            "without its skips."
        )
    elif others == [(worst, 0)]:
        said = _(
            "Level {worst}: without it alone V_rand falls to {v:.3f}, without any other it "
            "stays at {second:.3f} or more. From below only a blur of the wall arrives there, "
            "and the levels above cannot make it sharp again."
        )
    elif len(others) == 1 and cut:
        said = _(
            "The pair's wall stays, so this skip isn't what holds the pair apart: without "
            "level {level} {v_moves}, and {a_moves}."
        )
    elif len(others) == 1 and numbers["gain"] > 1:
        worse = all(now[name] < whole[name] for name in whole)
        better = all(now[name] > whole[name] for name in whole)
        start = _("No: ") if worse else _("A little: ") if better else _("Not clearly: ")
        said = start + _(
            "at × {gain:g} V_rand is {v:.3f} and pixel accuracy {a:.3f}, at × 1 {v_whole:.3f} "
            "and {a_whole:.3f}. The layers that read this skip were trained with × 1."
        )
    elif len(others) == 1:
        said = _("With level {level} at × {gain:g} instead of × 1 {v_moves}, and {a_moves}.")
    else:
        said = _("With these skips changed {v_moves}, and {a_moves}, compared with all at × 1.")
    return said.format(**numbers)


def answer(settings: dict[str, Any]) -> dict[str, Any]:
    """Scale the four skips of the trained network, and judge its mask.

    Parameters
    ----------
    settings : ``gains``, what each skip is multiplied with, the top first; 0 is cut

    Returns
    -------
    map : (128, 128), for each pixel WALL, INSIDE, A or B (a neuron of the pair) or BOTH
        (these or others have run together), plus CHANGED where it was of the other class
    verdict : "apart", "merged" or "lost": the pair
    v_rand, accuracy, changed : of the mask; changed is a fraction of the pixels
    neurons, joined : in the picture, and how many of them share a region with another
    headline, because, said : that, in words
    """
    gains = settings["gains"]
    if len(gains) != 4 or not all(0 <= gain <= 2 for gain in gains):
        legal = [min(max(gain, 0), 2) for gain in [*gains, 1, 1, 1, 1][:4]]
        reason = _("the gains are {gains}; valid are four numbers from 0 to 2")
        return {"problem": reason.format(gains=gains), "offers": [{"gains": legal}]}
    _model, _image, labels = scene()
    white, before = _white(tuple(gains)), _white((1,) * 4)
    pair = the_pair(MEMBRANES)
    verdict = pair.verdict(white, labels)
    changed = white != before
    wrong, joined, _broken = errors(labels == 1, white)
    found = {
        "map": _coloured(white, labels, verdict, wrong == JOINED) + CHANGED * changed,
        "verdict": verdict,
        **_scores(tuple(gains)),
        "changed": float(changed.mean()),
        "neurons": int(components(labels == 1).max()),
        "joined": joined,
        "because": because(gains),
    }
    found["headline"] = _headline(found, list(gains) == [1] * 4, errors(labels == 1, before)[1])
    said = _(
        "Gains {gains}, the top skip first. {headline} V_rand {v_rand:.3f}, pixel accuracy "
        "{accuracy:.3f}; {changed:.1%} of the pixels change class. {because}"
    )
    words = ", ".join(f"{gain:g}" for gain in gains)
    return {**found, "said": said.format(**{**found, "gains": words}).strip()}


def _headline(found: dict[str, Any], is_whole: bool, whole: int) -> str:
    """Whether the pair is apart, and how many have run together, now and with whole skips."""
    pair = {
        APART: _("The two neurons of the pair are apart"),
        MERGED: _("The pair has run together: its wall is gone"),
        LOST: _("A neuron of the pair is lost"),
    }[found["verdict"]]
    rest = _("{joined} of the {neurons} neurons have run together, {whole} with whole skips")
    if is_whole:
        rest = _("even whole, this network lets {whole} of the {neurons} neurons run together")
    elif found["joined"] == whole:
        rest = _("{joined} of the {neurons} neurons have run together, as with whole skips")
    elif not found["joined"]:
        rest = _("no neurons have run together, {whole} with whole skips")
    return f"{pair}; {rest}.".format(**found, whole=whole)


def _coloured(
    white: np.ndarray, labels: np.ndarray, verdict: str, joined: np.ndarray
) -> np.ndarray:
    """What each pixel is, without whether it changed; joined: of neurons that ran together."""
    regions = components(white)
    first, second = the_pair(MEMBRANES).regions(white, labels)
    shown = white.astype(np.uint8)
    if first:
        shown[regions == first] = A
    if second:
        shown[regions == second] = BOTH if verdict == MERGED else B
    neurons, ours = the_pair(MEMBRANES).numbered(labels)
    shown[white & joined & ~np.isin(neurons, ours)] = BOTH
    return shown


def given() -> dict[str, Any]:
    """The micrograph, what the whole network makes of it, and the gains there are."""
    whole = answer({"gains": [1] * 4})
    kept = ("map", "v_rand", "accuracy")
    channels = list(scene()[0].config.channels)
    return {
        "image": scene()[1],
        "before": {name: whole[name] for name in kept},
        "stops": list(GAINS),
        "channels": channels,
    }


def questions() -> dict[str, dict[str, Any]]:
    """Settings that answer a question, by the question."""
    return {
        _("Which skip holds the walls?"): {"gains": [1, 1, 0, 1]},
        _("Cut the finest?"): {"gains": [0, 1, 1, 1]},
        _("No skip at all?"): {"gains": [0, 0, 0, 0]},
        _("Is more better?"): {"gains": [1, 1, 2, 1]},
    }


def recorded() -> Iterator[dict[str, Any]]:
    """What the book holds: every choice of skips that are cut, and each gain of one other."""
    for gains in product((1, 0), repeat=4):
        yield {"gains": list(gains)}
    for level, gain in product(range(4), GAINS):
        yield {"gains": [gain if i == level else 1 for i in range(4)]}
    for gains in product((1, 0), repeat=4):
        for level, gain in product(range(4), (0.5, 2)):
            yield {"gains": [gain if i == level else gains[i] for i in range(4)]}
