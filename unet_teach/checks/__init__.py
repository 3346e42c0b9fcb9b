"""Checks that teach: ``check("05.center_crop", center_crop)`` says what is wrong and why.

`exercise` says what an exercise is, `lesson_NN` holds each lesson's three, `agreement`
compares, `running` keeps a learner's mistakes harmless, `result` shows what was found.
"""

from unet_teach.checks.judging import check, exercise_named, exercises, hint, solution
from unet_teach.checks.result import ExerciseFailed, Result

__all__ = [
    "ExerciseFailed",
    "Result",
    "check",
    "exercise_named",
    "exercises",
    "hint",
    "solution",
]
