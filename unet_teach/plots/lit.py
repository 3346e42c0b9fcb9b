"""The picture that opens every lesson: a small U, today's part in colour and the rest pale.

`lit_drawing` draws; here it is said what each lesson's part is.
"""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure

from unet_teach.plots import lit_drawing as drawing
from unet_teach.plots.style import theme_named


@dataclass(frozen=True)
class Part:
    """Today's part: what is said, and which elements are lit."""

    label: str
    shows: str  # for the alt text: which parts stand out
    lit: frozenset[str]


def _part(label: str, shows: str, lit: str) -> Part:
    return Part(label, shows, frozenset(lit.split()))


PATHS = "contract bottom merged expand conv pool up skip last"
PARTS = {
    "00": _part("One class\nfor each pixel", "the image and the output", "image output"),
    "01": _part("Convolution\narithmetic", "the arrows of the convolutions", "conv"),
    "02": _part(
        "What one\npixel sees", "one output pixel and the square of the image that it sees",
        "field image output",
    ),
    "03": _part("Contract\nand expand", "both paths, without the skips",
                "contract bottom expand conv pool up"),
    "04": _part("Ways to grow\na map", "the four upsampling arrows", "up"),
    "05": _part("Crop or pad", "the skips and the dashed frames of their crops", "skip crop"),
    "06": _part("Concatenate\nor add", "the skips and the maps where they are joined",
                "skip merged"),
    "07": _part("The whole U", "every part", f"image output crop {PATHS}"),
    "08": _part("Make it learn", "an arrow from the output back through the network",
                "learn output"),
    "09": _part("Look inside", "the feature maps themselves",
                "contract bottom merged expand"),
    "10": _part("How good is it?", "the output beside the labels", "output target"),
    "11": _part("What counts\nas wrong", "the output and the map of weights beside it",
                "output weights"),
    "12": _part("Many images\nfrom few", "the image, bent by a grid", "image warp"),
    "13": _part("An image\nof any size", "the image cut into tiles, the output put together",
                "image output tiles"),
    "14": _part("The real\nchallenge", "every part, from the image to the labels",
                f"image output target crop {PATHS}"),
    "15": _part("Break it,\nmend it", "four places where things go wrong, marked by crosses",
                "broken"),
    "16": _part("Beyond U-Net", "new maps and skips inside of the U", "nested skip"),
}  # fmt: skip


def lit_u(part: str, theme: str = "light") -> Figure:
    """The small U with the part of one lesson lit.

    Parameters
    ----------
    part : the lesson's number, "00" to "16"
    theme : "light" or "dark"

    Examples
    --------
    >>> [text.get_text() for text in lit_u("04").axes[0].texts][:2]
    ['Lesson 04', 'Ways to grow\\na map']
    """
    today, colours = part_of(part), theme_named(theme)
    figure = Figure(
        figsize=(drawing.WIDTH / 100, drawing.HEIGHT / 100), facecolor=colours.paper, dpi=100
    )
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, drawing.WIDTH), ylim=(drawing.HEIGHT, 0))
    axes.set_axis_off()
    pen = drawing.Pen(axes, colours, today.lit)
    pen.words(24, 40, f"Lesson {part}", 10.5, colours.faint, weight="normal")
    pen.words(24, 64, today.label, 17, colours.ink)
    rows = list(drawing.u_rows())
    drawing.draw_skips(pen, rows)
    drawing.draw_paths(pen, rows)
    drawing.draw_ends(pen, rows)
    for name, draw in drawing.EXTRAS.items():
        if name in today.lit:
            draw(pen, rows)
    return figure


def part_of(part: str) -> Part:
    """What is lit in a lesson.

    Examples
    --------
    >>> part_of("17")
    Traceback (most recent call last):
        ...
    ValueError: part is '17'; valid values: '00' to '16'
    """
    if part not in PARTS:
        raise ValueError(f"part is {part!r}; valid values: '00' to '16'")
    return PARTS[part]


def lit_alt(part: str) -> str:
    """What `lit_u` shows, in words.

    Examples
    --------
    >>> lit_alt("04")
    'Lesson 04, Ways to grow a map. A small U-Net; in colour: the four upsampling arrows.'
    """
    today = part_of(part)
    label = today.label.replace("\n", " ")
    return f"Lesson {part}, {label}. A small U-Net; in colour: {today.shows}."
