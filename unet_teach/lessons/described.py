"""A lesson's figure with what it shows in words, which its room says."""

from __future__ import annotations

from matplotlib.figure import Figure

from unet_teach.drawing.export import figure_picture
from unet_teach.drawing.picture import Picture
from unet_teach.rooms import facts


def described(figure: Figure, name: str) -> Picture:
    """A lesson's figure, with its words as alternative text.

    A figure that a lesson draws with matplotlib has no alternative text in a notebook; shown
    by this function, it has.

    Parameters
    ----------
    figure : as the lesson drew it
    name : lesson and figure, ``"05.measure_borders"``

    Raises
    ------
    ValueError
        No words for a figure of this name.

    Examples
    --------
    >>> described(Figure(figsize=(1, 1)), "05.measure_borders").alt[:24]
    'Mean difference over the'
    """
    lesson, _dot, figure_name = name.partition(".")
    words = facts(lesson).figures
    if figure_name not in words:
        raise ValueError(f"no figure {name!r}; valid in this lesson: {', '.join(words)}")
    return figure_picture(figure, words[figure_name])
