"""What a check found, as a panel in a notebook and as plain text elsewhere."""

from __future__ import annotations

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
    hint: str = ""  # where the mistake is a known one
    advice: str = ""  # what to do next
    mistake: str = ""  # the name of the known mistake

    @property
    def passed(self) -> bool:
        return self.state == "passed"

    def rows(self) -> list[tuple[str, str]]:
        """What is said, each with its label."""
        rows = [
            (_("with"), self.call),
            (_("got"), self.got),
            (_("due"), self.expected),
            ("", self.message),
            (_("hint"), self.hint),
            ("", self.advice),
        ]
        return [(label, words) for label, words in rows if words]

    def __str__(self) -> str:
        sign, _colour, heading = LOOKS[self.state]
        lines = [f"{sign} {self.exercise}: {heading}"]
        lines += [f"  {label} {words}".replace("   ", "  ") for label, words in self.rows()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        sign, colour, heading = LOOKS[self.state]
        title = f"<b>{sign} {escape(self.exercise)}: {escape(heading)}</b>"
        lines = []
        for label, words in self.rows():
            lead = f"<span>{escape(label)}</span> " if label else ""
            code = label in (_("with"), _("got"), _("due"))
            shown = f"<code>{escape(words)}</code>" if code else escape(words)
            lines.append(f"<div>{lead}{shown}</div>")
        return panel(colour, title + "".join(lines))


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
