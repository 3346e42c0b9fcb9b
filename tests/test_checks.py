"""The exercises: the reference passes, every known mistake is recognised."""

import itertools
import time

import pytest

from unet_teach.exercises import exercises, hint, judging, solution
from unet_teach.exercises.agreement import plain
from unet_teach.exercises.judging import judge
from unet_teach.exercises.running import attempt
from unet_teach.rooms import rooms

EVERY = [exercise for lesson in rooms() for exercise in exercises(lesson)]
every = pytest.mark.parametrize("exercise", EVERY, ids=lambda exercise: exercise.name)


# ------------------------------------------------------------- what holds for each exercise
@every
def test_the_reference_passes(exercise):
    answer = exercise.reference if exercise.cases else exercise.reference()
    result = judge(exercise, answer)
    assert result.passed, str(result)


@every
def test_each_mistake_is_told_by_its_own_hint(exercise):
    assert len(exercise.mistakes) >= 3
    assert len({mistake.hint for mistake in exercise.mistakes}) == len(exercise.mistakes)
    for mistake in exercise.mistakes:
        result = judge(exercise, mistake.answer)
        assert result.state == "wrong", f"{mistake.name} passes"
        assert result.mistake == mistake.name and result.hint == mistake.hint
        assert mistake.hint in str(result)


@every
def test_a_mistake_is_right_in_type_and_shape(exercise):
    """Or else the type would give it away, and the hint would never be read."""
    arguments = next(iter(exercise.arguments()))
    due = exercise.expected(arguments)
    for mistake in exercise.mistakes:
        outcome = attempt(exercise, mistake.answer, arguments)
        assert not outcome.trouble, f"{mistake.name}: {outcome.trouble}"
        forms = [type(plain(value)) for value in (outcome.value, due)]
        numbers = [issubclass(form, (int, float)) for form in forms]
        assert forms[0] is forms[1] or all(numbers), mistake.name


@every
def test_the_same_verdict_for_every_seed(exercise):
    """As in the notebook, so in `collect`, which draws other cases: for each known mistake."""
    if exercise.cases is None:
        return
    for seed, mistake in itertools.product(range(1, 4), exercise.mistakes):
        assert any(  # the first case that shows it is enough
            judging.differs(exercise, attempt(exercise, mistake.answer, case), case)
            for case in exercise.arguments(seed=seed)
        ), f"seed {seed}: {mistake.name} passes"


@every
def test_hints_and_solution_can_be_shown(exercise):
    for number in range(1, len(exercise.hints) + 1):
        assert exercise.hints[number - 1] in str(hint(exercise.name, number))
    assert "sure=True" in str(solution(exercise.name))
    assert len(str(solution(exercise.name, sure=True)).splitlines()) > 1
    with pytest.raises(ValueError, match="hints 1 to"):
        hint(exercise.name, len(exercise.hints) + 1)


def test_hint_moves_on_by_itself(monkeypatch):
    monkeypatch.setattr(judging, "_given", {})
    exercise = EVERY[0]
    for number in (1, 2, 3, 3):
        assert exercise.hints[number - 1] in str(hint(exercise.name))
    assert exercise.hints[0] in str(hint(exercise.name, 1))
    assert exercise.hints[1] in str(hint(exercise.name))


@every
def test_a_check_takes_no_time_to_speak_of(exercise):
    """Printed, not asserted: run with -s to see it."""
    start = time.perf_counter()
    judge(exercise, exercise.reference if exercise.cases else exercise.reference())
    print(f"{exercise.name}: {time.perf_counter() - start:.2f} s")


@pytest.mark.parametrize(
    "exercise", [e for e in EVERY if e.specification], ids=lambda exercise: exercise.name
)
def test_the_reference_equals_its_specification(exercise):
    for arguments in exercise.arguments(200, seed=2):
        expected = exercise.outcome(exercise.specification, arguments)
        assert exercise.same(exercise.expected(arguments), expected) == "", arguments
