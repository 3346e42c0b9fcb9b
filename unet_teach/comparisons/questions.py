"""The lessons' primary questions, named before a run of theirs was started.

``experiments/README.md`` says why they are asked in this way; ``experiments/pairs.py`` trains.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from unet_teach.comparisons.difference import Difference
from unet_teach.comparisons.tables import load_table, paired
from unet_teach.translation import _

PAIRS = 10  # of each question: five blocks of slices, two seeds each


@dataclass(frozen=True)
class Question:
    """Does the second variant reach a higher V_rand than the first?"""

    asks: str
    first: str  # variants, as the table names them
    second: str
    lessons: tuple[int, ...]
    shown: tuple[str, str]  # the same two, as a picture names them
    together: int = 1  # primary questions that the lesson asks, for Bonferroni's correction


_CROPS = _("crops alone")
_AUGMENTED = {  # by the number of slices
    24: (_CROPS, _("bent crops, 24 slices")),
    3: (_CROPS, _("bent crops, 3 slices")),
    1: (_CROPS, _("bent crops, 1 slice")),
}

QUESTIONS = {
    "skips": Question(
        _("Do skips help?"),
        "no skips", "U-Net", (3, 6), (_("no skips"), _("skips")),
    ),
    "upsampling": Question(
        _("Is a learned up-convolution better than bilinear interpolation?"),
        "bilinear", "U-Net", (4,), (_("bilinear"), _("up-convolution")),
    ),
    "alignment": Question(
        _("Are valid convolutions with cropped skips better than zero padding?"),
        "U-Net", "valid, crop", (5,), (_("zero padding"), _("valid, cropped skips")),
    ),
    "weight map": Question(
        _("Is the weight map better than class weights?"),
        "U-Net", "weight map", (11,), (_("class weights"), _("weight map")), 2,
    ),
    "Dice": Question(
        _("Is the Dice loss better than cross-entropy, both without weights?"),
        "cross-entropy", "Dice", (11,), (_("cross-entropy"), _("Dice loss")), 2,
    ),
    "augmentation, 24 slices": Question(
        _("Does augmentation help with 24 slices?"),
        "24 slices, crops", "U-Net", (12,), _AUGMENTED[24], 3,
    ),
    "augmentation, 3 slices": Question(
        _("Does augmentation help with 3 slices?"),
        "3 slices, crops", "3 slices, augmented", (12,), _AUGMENTED[3], 3,
    ),
    "augmentation, 1 slice": Question(
        _("Does augmentation help with 1 slice?"),
        "1 slice, crops", "1 slice, augmented", (12,), _AUGMENTED[1], 3,
    ),
    "U-Net++": Question(
        _("Is U-Net++ better than a U-Net with as many operations?"),
        "U-Net, 11 channels", "U-Net++", (16,), (_("U-Net"), "U-Net++"),
    ),
}  # fmt: skip


def answer(name: str, table: list[dict] | None = None) -> Difference:
    """The answer to a primary question: V_rand of its second variant minus its first.

    Parameters
    ----------
    name : one of `QUESTIONS`
    table : runs; the committed ones if not given

    Raises
    ------
    ValueError
        No such question. Fewer pairs than were planned: an answer that is looked at while
        runs are still going on would decide when they stop.
    """
    if name not in QUESTIONS:
        raise ValueError(f"no question {name!r}; valid: {', '.join(map(repr, QUESTIONS))}")
    asked = QUESTIONS[name]
    table = load_table("pairs") if table is None else table
    found = paired(table, asked.first, asked.second, questions=asked.together)
    if found.n != PAIRS:
        raise ValueError(
            f"{found.n} pairs of {name!r} are done; {PAIRS} were planned, and there is no "
            "answer before. Go on with: python experiments/pairs.py"
        )
    first, second = asked.shown
    return replace(found, a=first, b=second)


def asked_in(lesson: int) -> list[str]:
    """The names of a lesson's primary questions, in their order.

    Examples
    --------
    >>> asked_in(11)
    ['weight map', 'Dice']
    """
    return [name for name, question in QUESTIONS.items() if lesson in question.lessons]
