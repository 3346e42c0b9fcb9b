"""Checks that teach: ``check("05.center_crop", center_crop)`` says what is wrong and why.

`exercise` says what an exercise is; each lesson's three are in its room. `running` and
`guarded` run an answer so that it can hurt nothing, `agreement` compares what it gave with what
was due, `diagnosis` says what the mistake seems to be (from `relations` of the results and
`conditions` of the cases), and `result` and `drawn` show it.

What passes is kept: `typed` finds an answer's text, `own_file` puts it in its place in the
learner's ``my_unet.py``, `keeping` writes that file and uses it, `assembled` trains with it.
"""

from unet_teach.exercises.checking import check
from unet_teach.exercises.judging import exercise_named, exercises, hint, solution
from unet_teach.exercises.keeping import mine
from unet_teach.exercises.result import ExerciseFailed, Result

__all__ = [
    "ExerciseFailed",
    "Result",
    "check",
    "exercise_named",
    "exercises",
    "hint",
    "mine",
    "solution",
]
