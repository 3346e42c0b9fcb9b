"""The picture that opens every lesson: a small U, today's part in colour and the rest pale.

`lit_drawing` draws; what is lit says the lesson's room.
"""

from __future__ import annotations

import lit_drawing as drawing
from matplotlib.figure import Figure

from unet_teach.drawing.style import theme_named
from unet_teach.rooms import facts


def lit_u(part: str, theme: str = "light") -> Figure:
    """The small U with the part of one lesson lit.

    Parameters
    ----------
    part : the lesson's number, "00"
    theme : "light" or "dark"

    Examples
    --------
    >>> [text.get_text() for text in lit_u("04").axes[0].texts][:2]
    ['Lesson 04', 'Ways to grow\\na map']
    """
    today, colours = facts(part), theme_named(theme)
    lit = frozenset(today.lit.split())
    figure = Figure(
        figsize=(drawing.WIDTH / 100, drawing.HEIGHT / 100), facecolor=colours.paper, dpi=100
    )
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, drawing.WIDTH), ylim=(drawing.HEIGHT, 0))
    axes.set_axis_off()
    pen = drawing.Pen(axes, colours, lit)
    pen.words(24, 40, f"Lesson {part}", 10.5, colours.faint, weight="normal")
    pen.words(24, 64, today.label, 17, colours.ink)
    rows = list(drawing.u_rows())
    drawing.draw_skips(pen, rows)
    drawing.draw_paths(pen, rows)
    drawing.draw_ends(pen, rows)
    for name, draw in drawing.EXTRAS.items():
        if name in lit:
            draw(pen, rows)
    return figure


def lit_alt(part: str) -> str:
    """What `lit_u` shows, in words.

    Examples
    --------
    >>> lit_alt("04")
    'Lesson 04, Ways to grow a map. A small U-Net; in colour: the four upsampling arrows.'
    """
    today = facts(part)
    label = today.label.replace("\n", " ")
    return f"Lesson {part}, {label}. A small U-Net; in colour: {today.shows}."
