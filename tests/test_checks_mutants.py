"""The exercises: small wrong versions of each reference fail."""

import contextlib
import random
import time
from itertools import islice

import pytest
from mutants import mutants

from unet_teach.exercises import exercises, judging
from unet_teach.exercises.running import TooLong, attempt, limited
from unet_teach.rooms import rooms

EVERY = [exercise for lesson in rooms() for exercise in exercises(lesson)]
FUNCTIONS = [exercise for exercise in EVERY if exercise.cases is not None]


def behaves_otherwise(exercise, mutant, seconds=1.0) -> bool:
    """Does it differ on a thousand cases, or a second of them, that no check uses?"""
    start = time.perf_counter()
    for arguments in islice(exercise.cases(random.Random(987)), 1000):
        if time.perf_counter() - start > seconds:
            break
        outcome = attempt(exercise, mutant, arguments)
        if outcome.trouble or not outcome.attempted:
            continue  # an error is refused anyway
        if exercise.same(outcome.value, exercise.expected(arguments)):
            return True
    return False


def passes(exercise, answer) -> bool:
    """As a check would say, without the words: the first wrong case is enough."""
    with limited(10, each=2) as limit:
        for arguments in exercise.arguments():
            limit.begin()
            outcome = attempt(exercise, answer, arguments)
            if not outcome.attempted or judging.differs(exercise, outcome, arguments):
                return False
    return True


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_mutants_of_the_reference_fail(exercise):
    different, survivors = 0, []
    for body, mutant in mutants(exercise.reference):
        with contextlib.suppress(TooLong), limited(20):
            if behaves_otherwise(exercise, mutant):
                different += 1
                if passes(exercise, mutant):
                    survivors.append(body)
    print(f"{exercise.name}: {different} mutants behave otherwise, {len(survivors)} pass")
    assert different >= 3
    assert len(survivors) <= 0.05 * different, "\n\n".join(survivors)
