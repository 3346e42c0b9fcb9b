"""What a notebook calls: `check` judges an answer, and keeps what it builds."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from unet_teach.exercises.judging import exercise_named, judge
from unet_teach.exercises.keeping import keep
from unet_teach.exercises.result import ExerciseFailed, Result


def check(name: str, answer: Any) -> Result:
    """Judge an answer to an exercise; a part of the network that passes is kept.

    Parameters
    ----------
    name : the exercise, for example ``"05.center_crop"``
    answer : your function (itself, not its result) or, where one is asked for, your value

    Returns
    -------
    Result
        Not attempted, wrong (with the smallest case that shows it, and a hint wherever
        something fitting can be said) or passed.

    Raises
    ------
    ValueError
        No such exercise.
    ExerciseFailed
        With ``UNET_TEACH_STRICT=1``, where the exercise is not solved.
    """
    exercise = exercise_named(name)
    result = judge(exercise, answer)
    if os.environ.get("UNET_TEACH_STRICT") == "1" and not result.passed:
        raise ExerciseFailed(str(result))
    return replace(result, kept=keep(exercise, answer)) if result.passed else result
