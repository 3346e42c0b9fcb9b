"""Lesson 01: a window that slides, in numbers."""

from __future__ import annotations

from pathlib import Path

from unet_teach.interactive import Interactive
from unet_teach.lessons.l01_convolution_arithmetic.measure import (
    FIRST,
    answer,
    given,
    questions,
)
from unet_teach.lessons.l01_convolution_arithmetic.picture import still
from unet_teach.translation import _


def convolution_grid() -> Interactive:
    """Every n, k, s, p, d of a convolution, any kernel, and what is made of what.

    Examples
    --------
    >>> panel = convolution_grid()
    >>> panel.set(n=8)
    >>> panel.answer["m"], panel.answer["formula"][-1]
    (6, '6')
    """
    return Interactive(
        "convolution_grid",
        _("Where does each number of the output come from?"),
        answer,
        FIRST,
        Path(__file__).with_name("view.js"),
        still,
        given=given(),
        presets=questions(),
        computed=Path(__file__).with_name("answer.js"),
        words={
            "lead": _(
                "Point at any number, or press Play. Type other numbers into the kernel, "
                "from −9 to 9."
            ),
            "range": _("Whole numbers from −9 to 9, please."),
            "input": _("input"),
            "output": _("output"),
            "keys": _("Arrow keys move the window."),
            "micrograph": _("the whole micrograph, 48 × 48"),
            "way": _("what becomes of a window"),
            "sum": _("convolution"),
            "max": _("max pooling"),
            "patch": _("window"),
            "kernel": _("kernel"),
            "products": _("products"),
            "the_sum": _("sum"),
            "the_max": _("largest"),
            "weight": _("weight in row {row}, column {column}"),
            "n": _("input n"),
            "k": _("kernel k"),
            "s": _("stride s"),
            "p": _("padding p"),
            "d": _("dilation d"),
            "cell": _(
                "Output ({row}, {column}) is {value}, from rows {rows} and columns {columns} "
                "of the input."
            ),
            "read": _("Input ({row}, {column}) is {value}; outputs that read it: {n}."),
            "zero": _("This is padding, not a pixel of the image."),
        },
    )
