"""What a check found, as a panel in a notebook and as plain text elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from unet_teach.translation import _

# State -> sign, colour (readable on white and on near-black), heading.
LOOKS = {
    "passed": ("✓", "#00805C", _("passed")),
    "wrong": ("✗", "#C4500A", _("not yet")),
    "not attempted": ("○", "#5B6472", _("not attempted")),
}


class ExerciseFailed(AssertionError):
    """With ``UNET_TEACH_STRICT=1``: an exercise that is not solved."""


@dataclass(frozen=True)
class Result:
    """The state of one exercise, and what helps to get on.

    Examples
    --------
    >>> print(Result("01.conv_out", "wrong", "got 4, due 3", call="conv_out(4, 2)"))
    ✗ 01.conv_out: not yet
      with conv_out(4, 2)
      got 4, due 3
    """

    exercise: str
    state: str  # passed, wrong, not attempted
    message: str = ""
    call: str = ""  # the smallest case that went wrong
    got: str = ""
    expected: str = ""
    hint: str = ""  # what the mistake seems to be
    advice: str = ""  # what to do next
    mistake: str = ""  # the name of a known mistake
    printed: str = ""  # what the answer printed in that case
    notes: tuple[str, ...] = ()  # what should be known besides, right or wrong
    picture: str = ""  # the case drawn, as HTML
    kept: str = ""  # what became of it in the learner's own file

    @property
    def passed(self) -> bool:
        return self.state == "passed"

    def rows(self) -> list[tuple[str, str]]:
        """What is said, each with its label: the hint first."""
        rows = [
            (_("hint"), self.hint),
            (_("with"), self.call),
            (_("got"), self.got),
            (_("due"), self.expected),
            ("", self.message),
            ("", self.kept),
            (_("it printed"), self.printed),
            *((_("note"), note) for note in self.notes),
            ("", self.advice),
        ]
        return [(label, words) for label, words in rows if words]

    def __str__(self) -> str:
        sign, _colour, heading = LOOKS[self.state]
        lines = [f"{sign} {self.exercise}: {heading}"]
        for label, words in self.rows():
            said = f"{label} {words}" if label else words
            lines += [f"  {line}" for line in said.splitlines()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        sign, colour, heading = LOOKS[self.state]
        title = f"<b>{sign} {escape(self.exercise)}: {escape(heading)}</b>"
        lines = []
        if not self.hint:
            lines.append(self.picture)
        for label, words in self.rows():
            if self.picture and label in (_("got"), _("due")):
                continue  # drawn, with its numbers
            lead = f'<span style="opacity:0.75">{escape(label)}</span> ' if label else ""
            code = label in (_("with"), _("got"), _("due"), _("it printed"))
            shown = f"<code>{escape(words)}</code>" if code else marked(words)
            lines.append(f"<div>{lead}{shown}</div>")
            if label == _("hint"):
                lines.append(self.picture)
        return panel(colour, title + "".join(lines))


def marked(words: str) -> str:
    """Text as HTML, with the marks that the hints use: ``code``, bold, italics.

    Examples
    --------
    >>> marked("`a < b` is **not** *this*")
    '<code>a &lt; b</code> is <b>not</b> <i>this</i>'
    """
    parts = re.split(r"`([^`]+)`", words)
    said = []
    for place, part in enumerate(parts):
        html = escape(part, quote=False)
        if place % 2:
            html = f"<code>{html}</code>"
        else:
            html = re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", html)
            html = re.sub(r"(?<![\w*])\*([^*\s][^*]*)\*(?![\w*])", r"<i>\1</i>", html)
        said.append(html)
    return "".join(said)


@dataclass(frozen=True)
class Note:
    """A hint, or a solution behind a fold: HTML in a notebook, text elsewhere.

    Examples
    --------
    >>> print(Note("Hint 1 of 2", "<p>Try n = 5.</p>", "Try n = 5."))
    Hint 1 of 2
    Try n = 5.
    """

    title: str
    html: str
    text: str

    def __str__(self) -> str:
        return f"{self.title}\n{self.text}"

    def _repr_html_(self) -> str:
        return panel("#2F86BF", f"<b>{escape(self.title)}</b>{self.html}")


def panel(colour: str, content: str) -> str:
    """A box with a coloured edge; the page's own colours inside, so dark themes work."""
    return (
        f'<div role="status" style="border-left:5px solid {colour};padding:6px 12px;'
        f'margin:4px 0;line-height:1.55;white-space:pre-wrap">{content}</div>'
    )
