"""Controls above a picture: what every interactive is made of.

A panel asks a drawing function for a new `Picture` at each move of a control and puts it
into one ``HTML`` widget: one message a move, no figure, core ipywidgets only (7.7 or 8).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral
from typing import Any

import ipywidgets as core

from unet_teach.drawing.picture import Picture
from unet_teach.drawing.svg import escape
from unet_teach.threads import one_thread
from unet_teach.translation import _

# ipywidgets sends every move of a control back to where it came from, for a second page that
# might show the same notebook. `benchmarks/latency.py` says what a move costs without that.
if "JUPYTER_WIDGETS_ECHO" not in os.environ:  # ipywidgets' own switch
    core.widgets.widget.JUPYTER_WIDGETS_ECHO = False

EDGE = 13  # of the card around a picture, in pixels
RED = "color:#B3261E;background:#FFFFFF;font-weight:bold"  # to be read on a dark page, too
PROBLEM = "unet-problem"  # the class of a control that is set to what cannot work
STYLE = f"""<style>
.{PROBLEM} {{ outline: 2px solid #E5483B; outline-offset: 1px; border-radius: 4px; }}
.{PROBLEM} .widget-label, .{PROBLEM} .widget-readout {{ {RED} }}
.unet-panel .widget-html-content {{ min-width: 0; }}
.unet-panel .widget-label {{ text-align: left; }}
.unet-title {{ font-size: 1.05em; font-weight: 600; }}
</style>"""
# ipywidgets gives the handle of a slider no name; a screen reader would say a bare number. This
# picture of nothing, which cannot be loaded, gives each the words that stand beside it. And a
# slider's own End key goes to the end that it had at first: this one goes to today's.
NAMES = (
    '<img alt="" src="data:," style="display:none" onerror="const name = () => {'
    "const panel = this.closest('.unet-panel'); if (!panel) return setTimeout(name, 300);"
    "for (const slider of panel.querySelectorAll('.widget-slider'))"
    "slider.querySelector('.noUi-handle')?.setAttribute('aria-label',"
    "slider.querySelector('.widget-label').textContent);"
    "panel.addEventListener('keydown', event => {"
    "const handle = event.target.closest('.noUi-handle');"
    "if (!handle || event.key !== 'End') return;"
    "event.preventDefault(); event.stopPropagation();"
    "handle.closest('.noUi-target').noUiSlider.set(Number(handle.ariaValueMax)) }, true)"
    '}; setTimeout(name, 300)">'
)
# The rules that a picture brings with it. Every change of a page's rules restyles the whole
# page, so a panel takes them out and keeps them in its head.
RULES = re.compile(r"<style>.*?</style>", re.DOTALL)


class Impossible(ValueError):
    """A setting that cannot work, said by the drawing function.

    Parameters
    ----------
    control : the name of the responsible control, which turns red
    reason : one sentence
    offers : control -> values that would work, shown as buttons
    picture : shown in place of the last good one (which is shown pale)
    """

    def __init__(
        self,
        control: str,
        reason: str,
        offers: Mapping[str, Sequence[Any]] | None = None,
        picture: Picture | None = None,
    ) -> None:
        super().__init__(reason)
        self.control, self.reason = control, reason
        self.offers, self.picture = dict(offers or {}), picture


def slider(label: str, value: float, low: float, high: float, step: float = 1) -> core.Widget:
    """A slider over whole numbers or, where one of the numbers is a float, fractions."""
    whole = all(isinstance(number, Integral) for number in (value, low, high, step))
    kind = core.IntSlider if whole else core.FloatSlider
    layout = core.Layout(width="330px")
    return kind(
        value=value, min=low, max=high, step=step, description=label, layout=layout,
        style={"description_width": "130px"}, continuous_update=True,
    )  # fmt: skip


def choice(label: str, options: Sequence, value: Any) -> core.Widget:
    """A drop-down list of values, or of (words, value) pairs."""
    layout = core.Layout(width="auto", min_width="330px", max_width="100%")  # long words fit
    return core.Dropdown(
        options=list(options), value=value, description=label,
        layout=layout, style={"description_width": "130px"},
    )  # fmt: skip


def toggle(label: str, value: bool) -> core.Widget:
    """A box to tick."""
    layout = core.Layout(width="330px")
    return core.Checkbox(value=value, description=label, indent=False, layout=layout)


class Panel(core.VBox):
    """Controls, the picture that they make, and what cannot work said in words.

    Parameters
    ----------
    title : shown above
    controls : name -> widget with a ``value``; see `slider`, `choice`, `toggle`
    draw : takes each control's value by its name, gives a `Picture` or raises `Impossible`
    actions : label of a button -> what it does with this panel, for example one step on

    With ``UNET_TEACH_STRICT=1`` a new panel tries the ends of every control, so that a
    drawing that fails is found where no one moves a slider: in a test.

    Examples
    --------
    >>> def draw(n):
    ...     return Picture(f"<svg>{n}</svg>", alt=f"n is {n}")
    >>> panel = Panel("A number", {"n": slider("n", 3, 1, 9)}, draw)
    >>> panel.set(n=5)
    >>> panel.picture.alt
    'n is 5'
    """

    def __init__(
        self,
        title: str,
        controls: Mapping[str, core.Widget],
        draw: Callable[..., Picture],
        actions: Mapping[str, Callable[[Panel], None]] | None = None,
    ) -> None:
        self.panel_title, self.controls, self._draw = title, dict(controls), draw
        self.picture: Picture | None = None
        self._last_good: Picture | None = None  # or, before there is one, what a problem showed
        self.problem = ""  # why the settings cannot work; "" where they can
        self._held, self._tallest = False, 0.0
        self._lead, self._made = core.HTML(_("This would work:")), {}  # what offers are made of
        self._head = core.HTML(f'{STYLE}{NAMES}<div class="unet-title">{escape(title)}</div>')
        self._reason, self._offers, self._shown = core.HTML(), core.HBox(), core.HTML()
        wrap = core.Layout(flex_flow="row wrap", grid_gap="2px 18px")
        rows = [self._head, core.HBox(list(self.controls.values()), layout=wrap)]
        if actions:
            rows.append(core.HBox([self._button(*pair) for pair in actions.items()]))
        super().__init__([*rows, self._reason, self._offers, self._shown])
        self.add_class("unet-panel")
        for control in self.controls.values():
            control.observe(self._on_move, names="value")
        self.redraw()
        if os.environ.get("UNET_TEACH_STRICT") == "1":
            self.try_all()

    @property
    def values(self) -> dict[str, Any]:
        """What each control is set to."""
        return {name: control.value for name, control in self.controls.items()}

    def set(self, **values: Any) -> None:
        """Move several controls, then draw once."""
        unknown = sorted(set(values) - set(self.controls))
        if unknown:
            valid = ", ".join(self.controls)
            raise ValueError(f"no control {unknown[0]!r}; valid names: {valid}")
        self._held = True
        try:
            for name, value in values.items():
                self.controls[name].value = value
        finally:
            self._held = False
        self.redraw()

    def redraw(self) -> None:
        """Draw what the controls say."""
        try:
            with one_thread():
                picture = self._draw(**self.values)
            trouble = None
        except Impossible as impossible:
            trouble = impossible
            picture = impossible.picture or (self._last_good and self._last_good.pale())
        if trouble is None or self._last_good is None:
            self._last_good = picture
        if picture is not None:  # first: it is what she waits for
            self.picture = picture
            self._show(picture)
        self._say(trouble)

    def _show(self, picture: Picture) -> None:
        """Put a picture into the page, where it takes no less room than those before it.

        So what stands below it stays where it is, for the reader and for the browser: laying
        out the page anew at a move takes longer than drawing.
        """
        new = [rules for rules in RULES.findall(picture.html) if rules not in self._head.value]
        if new:
            self._head.value += "".join(dict.fromkeys(new))
        self._tallest = max(self._tallest, picture.height + 2 * EDGE)
        room = f'<div style="min-height:{self._tallest:.0f}px">'
        self._shown.value = f"{room}{RULES.sub('', picture.html)}</div>"

    def try_all(self) -> None:
        """Move every control to its ends, or through its choices, and back."""
        for name, control in self.controls.items():
            before = control.value
            for value in _ends(control):
                self.set(**{name: value})
            self.set(**{name: before})

    def _on_move(self, change: dict) -> None:
        if not self._held:
            self.redraw()

    def _say(self, trouble: Impossible | None) -> None:
        """Turn the responsible control red, or all back; send only what changed."""
        reason = trouble.reason if trouble else ""
        offers = trouble.offers if trouble else {}
        for name, control in self.controls.items():
            red = trouble is not None and name == trouble.control
            if red != (PROBLEM in control._dom_classes):
                (control.add_class if red else control.remove_class)(PROBLEM)
        if reason != self.problem:
            self.problem = reason
            words = escape(reason)
            self._reason.value = (
                f'<p role="alert" style="{RED};padding:2px 6px;border-radius:4px">⚠ {words}</p>'
                if reason
                else ""
            )
        buttons = tuple(
            self._offer(name, value) for name, values in offers.items() for value in values
        )
        children = (self._lead, *buttons) if buttons else ()
        if children != self._offers.children:
            self._offers.children = children

    def _offer(self, name: str, value: Any) -> core.Button:
        """A button that sets a control; made once, since making one takes three messages."""
        if (name, value) not in self._made:
            label = f"{self._label(name)} = {value}"
            self._made[name, value] = self._button(label, _setter(name, value))
        return self._made[name, value]

    def _label(self, name: str) -> str:
        return self.controls[name].description or name

    def _button(self, label: str, action: Callable[[Panel], None]) -> core.Button:
        button = core.Button(description=label, layout=core.Layout(width="auto"))
        button.on_click(lambda _button: action(self))
        return button


def _setter(name: str, value: Any) -> Callable[[Panel], None]:
    return lambda panel: panel.set(**{name: value})


def _ends(control: core.Widget) -> list:
    """The values that a strict test tries: each choice, or both ends of a range."""
    if isinstance(control, core.Checkbox):
        return [False, True]
    if hasattr(control, "options"):  # pairs of (words, value), or values
        options = control.options
        return [option[1] if isinstance(option, tuple) else option for option in options]
    if hasattr(control, "min"):
        return [control.min, control.max]
    return []
