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
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from traitlets import Dict, HasTraits, List, Unicode

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


def words_of_all_views() -> dict[str, str]:
    """What the shared parts say; a view's own words come on top."""
    return {
        "undo": _("Undo"),
        "reset": _("Reset"),
        "play": _("Play"),
        "pause": _("Pause"),
        "questions": _("Ask"),
        "would_work": _("This would work:"),
        "recorded": _(
            "This page holds recorded answers, and shows the one nearest to what you did. "
            "The notebook answers everything."
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
    ) -> None:
        self.name, self.panel_title = name, title
        self._answer, self._picture, self._recorded = answer, picture, recorded
        self._esm, self._css = bundle(view), look(view)
        first = dict(settings)
        super().__init__(
            title=title, first=first, settings=first, answer=self.answered(first),
            given=dict(given or {}),
            presets=[[question, first | dict(s)] for question, s in (presets or {}).items()],
            words=words_of_all_views() | dict(words or {}),
            # A page keeps one style sheet for each id: that of the class would be all views'.
            _anywidget_id=f"unet_teach.{name}",
        )  # fmt: skip
        self.observe(self._on_settings, names="settings")
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
            return {**self._answer(settings), "settings": settings}

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
        self.answer = self.answered(self.settings)


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
