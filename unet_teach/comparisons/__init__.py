"""What a table of trained networks says, and what it does not: paired differences.

Two networks are compared run by run. Runs of a **pair** share the held-out block of slices and
the seed: the same crops in the same order, and where both networks have the same layers, the
same first weights. The estimate is the mean of the pairs' differences, and its 95 % confidence
interval says which true differences fit what was seen. Pairs of one block share their tissue
and are no independent observations, so they are averaged before the interval is taken.

The lessons' primary questions are in `QUESTIONS`, and `answer` answers one of them;
``experiments/README.md`` says why they are asked in this way.

The files read in this order: ``difference``, ``tables``, ``questions``.
"""

from unet_teach.comparisons.difference import Difference
from unet_teach.comparisons.questions import QUESTIONS, Question, answer, asked_in
from unet_teach.comparisons.tables import by_pair, by_seed, load_table, paired, summary

__all__ = [
    "QUESTIONS",
    "Difference",
    "Question",
    "answer",
    "asked_in",
    "by_pair",
    "by_seed",
    "load_table",
    "paired",
    "summary",
]
