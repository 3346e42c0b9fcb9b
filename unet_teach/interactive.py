"""An interactive: an answer, a view that draws it, and what joins them.

`answer`, in a room's `measure`, says what is true for some settings; ``view.js`` in the same
room draws it and takes hands and keys. In a notebook this class carries settings to the one
and answers to the other; in the book a recording does (``tools/record.py``), made with the
same class. Without anywidget, or without JavaScript, a still picture is shown. How one is made:
``unet_teach/drawing/web/README.md``.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from traitlets import Bool, Dict, HasTraits, List, Unicode

from unet_teach.ahead import as_a_page, one_step, stops
from unet_teach.drawing.picture import Picture
from unet_teach.drawing.web import bundle, look
from unet_teach.threads import one_thread
from unet_teach.translation import _

try:
    from anywidget import AnyWidget as Base
except ImportError:  # a page without widgets: the still picture

    class Base(HasTraits):
        _anywidget_id = Unicode()

        def _repr_html_(self) -> str:
            return self.picture.html


Settings = dict[str, Any]  # numbers, words, booleans, and lists of them
Answer = dict[str, Any]  # the same, and numpy arrays
SLICE = 0.015  # seconds; so long a hand may have to wait for answers that it did not ask for
AHEAD = 40  # answers at most that are sent ahead while a hand rests
KEPT = 128  # answers that a kernel keeps


def words_of_all_views() -> dict[str, str]:
    """What the shared parts say; a view's own words come on top."""
    return {
        "undo": _("Undo"),
        "reset": _("Reset"),
        "play": _("Play"),
        "pause": _("Pause"),
        "questions": _("Ask"),
        "unasked": _("Ask one of the questions above, or try for yourself."),
        "would_work": _("This would work:"),
        "recorded": _(
            "This page holds recorded answers, and shows the nearest place or number that it "
            "has. The notebook answers everything."
        ),
        "silent": _(
            "No answer yet. Either the kernel is busy with another cell, or this view has lost "
            "it: then run its cell again."
        ),
        "refused": _(
            "Nothing has changed: this page holds recorded answers only, and this one is not "
            "among them. The notebook answers it."
        ),
        "thousands": _(","),  # between the thousands of a number
    }


class Interactive(Base):
    """Settings, their answer, and the view that shows both.

    Parameters
    ----------
    name : of the function that makes it, of its still picture and its recording
    title : shown above
    answer : settings -> what is true for them: numbers, words, lists and arrays. For settings
        that cannot work ``{"problem": one sentence, "offers": [settings that would]}``
    settings : the first ones, to which *reset* returns
    view : the file ``view.js``; a ``view.css`` beside it goes with it
    picture : settings, answer -> what a page without JavaScript shows
    given : what is true for all settings, sent once
    presets : a question, as the learner would ask it -> its settings
    words : what the view says, translated
    recorded : gives the settings that the book holds answers for; the first and the presets
        are always among them
    approximate : numbers among the settings, for which the book may answer with the nearest
        recorded one when a hand changes them; all others it answers exactly, or not at all
    follows : those of them that may also move when another setting is changed, as a place does
        when another layer is opened
    computed : the file ``answer.js``, if the book can compute what it has no record of:
        ``export default (settings, given, words) => answer``, equal to `answer`. A kernel
        never asks it

    With ``UNET_TEACH_STRICT=1`` a new interactive answers its presets, so that one that fails
    is found where no one presses a button: in a test.

    Examples
    --------
    >>> from unet_teach.drawing.web import FOLDER
    >>> double = lambda settings: {"twice": 2 * settings["n"]}
    >>> shown = Interactive(
    ...     "double", "Twice a number", double, {"n": 3}, FOLDER / "example.js",
    ...     picture=lambda s, a: Picture("<svg/>", alt=f"twice {s['n']} is {a['twice']}"))
    >>> shown.set(n=5)
    >>> shown.answer["twice"], shown.picture.alt
    (10, 'twice 5 is 10')
    """

    title = Unicode().tag(sync=True)
    first = Dict().tag(sync=True)  # the settings that *reset* returns to
    settings = Dict().tag(sync=True)
    answer = Dict().tag(sync=True, to_json=lambda value, _widget: packed(value))
    given = Dict().tag(sync=True, to_json=lambda value, _widget: packed(value))
    presets = List().tag(sync=True)  # of [question, settings]
    keeps = Bool(True).tag(sync=True)  # the same settings will always have the same answer
    words = Dict().tag(sync=True)

    def __init__(
        self,
        name: str,
        title: str,
        answer: Callable[[Settings], Answer],
        settings: Settings,
        view: Path,
        picture: Callable[[Settings, Answer], Picture],
        given: Mapping[str, Any] | None = None,
        presets: Mapping[str, Settings] | None = None,
        words: Mapping[str, str] | None = None,
        recorded: Callable[[], Iterable[Settings]] = tuple,
        approximate: Iterable[str] = (),
        follows: Iterable[str] = (),
        computed: Path | None = None,
    ) -> None:
        self.name, self.panel_title = name, title
        self._known: OrderedDict[str, Answer] = OrderedDict()
        self._turn = threading.RLock()
        self._sent: set[str] = set()
        self._answer, self._picture, self._recorded = answer, picture, recorded
        self._esm, self._css = bundle(view), look(view)
        self.computed = bundle(computed) if computed else ""
        first = dict(settings)
        self.follows = sorted(follows)
        self.approximate = sorted({*approximate, *self.follows})
        super().__init__(
            title=title, first=first, settings=first, answer=self.answered(first),
            given=dict(given or {}),
            presets=[[question, first | dict(s)] for question, s in (presets or {}).items()],
            words=words_of_all_views() | dict(words or {}),
            # A page keeps one style sheet for each id: that of the class would be all views'.
            _anywidget_id=f"unet_teach.{name}",
        )  # fmt: skip
        self.observe(self._on_settings, names="settings")
        if hasattr(self, "on_msg"):  # there is a page
            self.on_msg(self._on_message)
        if os.environ.get("UNET_TEACH_STRICT") == "1":
            for _question, preset in self.presets:
                self.answered(preset)

    @property
    def problem(self) -> str:
        """Why these settings cannot work; "" where they can."""
        return self.answer.get("problem", "")

    @property
    def picture(self) -> Picture:
        """What a page without a kernel and JavaScript shows of these settings."""
        return self._picture(self.settings, self.answer)

    def set(self, **settings: Any) -> None:
        """Change some of the settings.

        Raises
        ------
        ValueError
            No setting of this name.
        """
        if unknown := sorted(set(settings) - set(self.first)):
            valid = ", ".join(self.first)
            raise ValueError(f"no setting {unknown[0]!r}; valid names: {valid}")
        self.settings = {**self.settings, **settings}

    def ask(self, question: str) -> None:
        """Take the settings of a preset, by its words.

        Raises
        ------
        ValueError
            No such question.
        """
        found = {words: settings for words, settings in self.presets}
        if question not in found:
            raise ValueError(f"no question {question!r}; valid: {', '.join(map(repr, found))}")
        self.settings = found[question]

    def answered(self, settings: Settings) -> Answer:
        """The answer to settings, with the settings that it is for."""
        with one_thread():
            return {"settings": settings, **self._answer(settings)}

    def recorded(self) -> list[Settings]:
        """The settings that the book holds answers for, each once."""
        found: list[Settings] = []
        seen: set[str] = set()
        for settings in [self.first, *(s for _q, s in self.presets), *self._recorded()]:
            whole = self.first | dict(settings)
            if (mark := repr(sorted(whole.items()))) not in seen:
                seen.add(mark)
                found.append(whole)
        return found

    def state(self) -> dict[str, Any]:
        """All that a view asks of its model, ready for JSON but for bytes."""
        names = ("title", "first", "settings", "answer", "given", "presets", "words")
        return {name: packed(getattr(self, name)) for name in names}

    def _on_settings(self, _change: Any) -> None:
        self.answer = self._kept(self.settings)

    def _kept(self, settings: Settings) -> Answer:
        """An answer, from before if it was asked for and stays the same."""
        if not self.keeps:
            return self.answered(settings)
        key = repr(settings)
        with self._turn:  # a page asks beside a cell
            if key not in self._known:
                self._known[key] = self.answered(settings)
                if len(self._known) > KEPT:
                    self._known.popitem(last=False)
            self._known.move_to_end(key)
            return self._known[key]

    def _on_message(self, _widget: Any, said: dict[str, Any], _buffers: Any) -> None:
        """While a hand rests: answers to what it may ask next, some at a time."""
        if "ahead" not in said:
            return
        if said["anew"]:  # a view that has none yet
            self._sent.clear()
        waiting = [one for one in self.ahead() if repr(one) not in self._sent]
        answers: list[Answer] = []
        end = time.perf_counter() + SLICE
        while waiting and (not answers or time.perf_counter() < end):
            settings = waiting.pop(0)
            self._sent.add(repr(settings))
            try:
                answers.append(self._kept(settings))
            except Exception:  # settings that do not go together: no hand can ask for them
                continue
        buffers: list[bytes] = []
        found = bytes_beside(packed(answers), buffers)
        self.send({"ahead": said["ahead"], "answers": found, "more": bool(waiting)}, buffers)

    def ahead(self) -> list[Settings]:
        """What a hand may ask for next: presets, or one setting as a recorded one has it."""
        here = as_a_page(self.settings)
        presets = [as_a_page(settings) for _question, settings in self.presets]
        every = {repr(one): one for one in [*presets, *one_step(here, self._stops)]}
        return [settings for settings in every.values() if settings != here][:AHEAD]

    @cached_property
    def _stops(self) -> dict[str, list[list]]:
        known = [self.first, *(settings for _question, settings in self.presets)]
        end = time.perf_counter() + 3 * SLICE
        for settings in self._recorded():  # not all: some views must answer to find them
            known.append(dict(settings))
            if time.perf_counter() > end:
                break
        return stops([as_a_page(settings) for settings in known])


def bytes_beside(value: Any, beside: list[bytes]) -> Any:
    """A packed value with its bytes apart, as messages have them: where they lie instead.

    Examples
    --------
    >>> beside = []
    >>> bytes_beside(packed({"map": np.array([7, 8])}), beside), beside
    ({'map': {'dtype': 'uint8', 'shape': [2], 'bytes': 0}}, [b'\\x07\\x08'])
    """
    if isinstance(value, bytes):
        beside.append(value)
        return len(beside) - 1
    if isinstance(value, dict):
        return {key: bytes_beside(inner, beside) for key, inner in value.items()}
    return [bytes_beside(one, beside) for one in value] if isinstance(value, list) else value


def packed(value: Any) -> Any:
    """A value for the page: arrays as ``{"dtype", "shape", "bytes"}``, the rest as JSON has it.

    Whole numbers go as the smallest of uint8, int16 and int32 that holds them. What is not a
    number (nan, inf) goes as None.

    Examples
    --------
    >>> packed({"map": np.array([[True, False]]), "n": np.int64(3), "v": float("nan")})
    {'map': {'dtype': 'uint8', 'shape': [1, 2], 'bytes': b'\\x01\\x00'}, 'n': 3, 'v': None}
    """
    if isinstance(value, np.ndarray):
        kept = np.ascontiguousarray(value, _dtype(value))
        return {"dtype": kept.dtype.name, "shape": list(kept.shape), "bytes": kept.tobytes()}
    if isinstance(value, Mapping):
        return {str(key): packed(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [packed(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _dtype(array: np.ndarray) -> str:
    if array.dtype.kind == "f":
        return "float32" if array.dtype.itemsize <= 4 else "float64"
    low, high = int(array.min(initial=0)), int(array.max(initial=0))
    for name in ("uint8", "int16", "int32"):
        if np.iinfo(name).min <= low and high <= np.iinfo(name).max:
            return name
    raise ValueError(f"whole numbers from {low} to {high} do not fit into 32 bits")
