"""The exercises: the reference passes, every known mistake is recognised, mutants fail."""

import contextlib
import os
import random
import subprocess
import sys
import time
from itertools import islice

import numpy as np
import pytest
import torch
from mutants import mutants

from unet_teach.checks import ExerciseFailed, check, exercises, hint, judging, solution
from unet_teach.checks.agreement import agree
from unet_teach.checks.exercise import Exercise, Mistake
from unet_teach.checks.judging import exercise_named, judge
from unet_teach.checks.running import TooLong, attempt, limited

EVERY = [exercise for lesson in judging.lessons() for exercise in exercises(lesson)]
every = pytest.mark.parametrize("exercise", EVERY, ids=lambda exercise: exercise.name)
FUNCTIONS = [exercise for exercise in EVERY if exercise.cases is not None]


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
        assert isinstance(outcome.value, type(due)), mistake.name


@every
def test_hints_and_solution_can_be_shown(exercise):
    for number in range(1, len(exercise.hints) + 1):
        assert exercise.hints[number - 1] in str(hint(exercise.name, number))
    assert "sure=True" in str(solution(exercise.name))
    assert len(str(solution(exercise.name, sure=True)).splitlines()) > 1
    with pytest.raises(ValueError, match="hints 1 to"):
        hint(exercise.name, len(exercise.hints) + 1)


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


def behaves_otherwise(exercise, mutant, seconds=1.0) -> bool:
    """Does it differ on a thousand cases, or a second of them, that no check uses?"""
    start = time.perf_counter()
    for arguments in islice(exercise.cases(random.Random(987)), 1000):
        outcome = attempt(exercise, mutant, arguments)
        if outcome.trouble or not outcome.attempted:
            continue  # an error is refused anyway
        if exercise.same(outcome.value, exercise.expected(arguments)):
            return True
        if time.perf_counter() - start > seconds:
            break
    return False


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_mutants_of_the_reference_fail(exercise):
    different, survivors = 0, []
    for body, mutant in mutants(exercise.reference):
        with contextlib.suppress(TooLong), limited(20):
            if behaves_otherwise(exercise, mutant):
                different += 1
                if judge(exercise, mutant).passed:
                    survivors.append(body)
    print(f"{exercise.name}: {different} mutants behave otherwise, {len(survivors)} pass")
    assert different >= 3
    assert len(survivors) <= 0.05 * different, "\n\n".join(survivors)


# ---------------------------------------------------------------- answers of every bad kind
def double(n):
    return 2 * n


def cases(rng):
    yield (1,)
    while True:
        yield (rng.randrange(2, 50),)


EXERCISE = Exercise(
    name="99.double",
    task="Double a number.",
    reference=double,
    mistakes=(
        Mistake("square", lambda n: n * n, "that is the square"),
        Mistake("plus two", lambda n: n + 2, "that adds two"),
        Mistake("nothing", lambda n: n, "that changes nothing"),
    ),
    hints=("How many?", "2 n."),
    due="a whole number",
    cases=cases,
)


def test_right_and_wrong_and_not_attempted():
    def stub(n):
        raise NotImplementedError("your turn")

    assert judge(EXERCISE, double).passed
    assert judge(EXERCISE, stub).state == "not attempted"
    assert judge(EXERCISE, ...).state == "not attempted"
    assert judge(EXERCISE, lambda n: ...).state == "not attempted"
    unknown = judge(EXERCISE, lambda n: 2 * n + 1)
    assert unknown.state == "wrong" and not unknown.hint and "hint(" in unknown.advice


def test_the_smallest_counterexample_is_shown():
    def wrong_from_ten(n):
        return 2 * n if n < 10 else 0

    result = judge(EXERCISE, wrong_from_ten)
    tried = [n for (n,) in EXERCISE.arguments() if n >= 10]
    assert result.call == f"wrong_from_ten({min(tried)})"
    assert (result.got, result.expected) == ("0", str(2 * min(tried)))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda n: None, "is there a `return`?"),
        (lambda n: print(2 * n), "it printed '2' and gave back nothing (None): use `return`"),
        (lambda n: 1 / 0, "it raised ZeroDivisionError: division by zero"),
        (lambda n: np.int64(2 * n), "got a NumPy number (int64), due a whole number (int)"),
        (lambda n: torch.tensor(2 * n), "`.item()` takes the number out of a tensor"),
        (lambda n: 2.0 * n, "got a number (float), due a whole number (int)"),
        (lambda n: str(2 * n), "got text (str)"),
        (lambda n: double, "got a function"),
        (lambda n: True, "got a truth value (bool)"),
        (lambda: 2, "TypeError"),
        (lambda n: sys.exit(), "SystemExit"),
        (lambda n: [2 * n], "got a list"),
        (4, "due a function"),
    ],
)
def test_a_bad_answer_is_reported_kindly(answer, words):
    result = judge(EXERCISE, answer)
    assert result.state == "wrong"
    assert words in str(result)
    assert words.split("`")[0] in result._repr_html_().replace("&#x27;", "'")


def test_a_loop_without_end_is_stopped_and_the_next_check_works():
    def forever(n):
        while True:
            pass

    result = judge(EXERCISE, forever, seconds=0.3)
    assert result.state == "wrong" and "a loop without end?" in str(result)
    assert judge(EXERCISE, double).passed


@pytest.mark.parametrize("before", ["SIG_IGN", "SIG_DFL"])
def test_a_loop_is_stopped_where_the_process_ignores_interrupts(before):
    # as does what a script starts in the background: `make test &`
    code = f"""if True:
        import signal
        from unet_teach.checks.running import TooLong, limited
        signal.signal(signal.SIGINT, signal.{before})
        try:
            with limited(0.2):
                while True:
                    pass
        except TooLong:
            print(signal.getsignal(signal.SIGINT) is signal.{before})
    """
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60
    )
    assert (found.stdout, found.stderr) == ("True\n", "")


def test_a_bare_except_does_not_swallow_the_stop():
    def stubborn(n):
        tries = 0
        while tries < 3:
            try:
                while True:
                    pass
            except Exception:
                tries += 1

    assert "a loop without end?" in str(judge(EXERCISE, stubborn, seconds=0.3))


def test_an_interrupt_by_hand_stays_one():
    with pytest.raises(KeyboardInterrupt), limited(5):
        raise KeyboardInterrupt


def test_an_answer_may_overwrite_its_arguments():
    def reference(values):
        return sorted(values)

    def in_place(values):
        values.sort()
        return values

    def lists(rng):
        while True:
            yield ([rng.randrange(9) for _ in range(4)],)

    exercise = Exercise(
        "99.sort", "Sort.", reference, EXERCISE.mistakes, ("?",), "a list", cases=lists
    )
    assert judge(exercise, in_place).passed


def test_strict_turns_a_missing_or_wrong_answer_into_a_failure(monkeypatch):
    exercise = EVERY[0]
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    with pytest.raises(ExerciseFailed, match="not attempted"):
        check(exercise.name, ...)
    with pytest.raises(ExerciseFailed):
        check(exercise.name, exercise.mistakes[0].answer)
    monkeypatch.delenv("UNET_TEACH_STRICT")
    assert check(exercise.name, ...).state == "not attempted"


def test_a_wrong_name_lists_the_right_ones():
    with pytest.raises(ValueError, match="did you mean"):
        exercise_named(EVERY[0].name + "s")
    with pytest.raises(ValueError, match="starts with its lesson: 0"):
        check("77.nothing", ...)


def test_a_value_exercise_takes_a_value_and_keeps_its_secret():
    exercise = Exercise(
        "99.value", "How many?", lambda: [28, 56],
        (Mistake("halved", [14, 28], "twice that"),), ("?",), "a list of two sizes",
    )  # fmt: skip
    assert judge(exercise, [28, 56]).passed
    wrong = judge(exercise, [14, 28])
    assert wrong.hint == "twice that" and "56" not in str(wrong)
    assert "call it" in str(judge(exercise, lambda: [28, 56]))
    assert "56" not in str(judge(exercise, [28, 55]))


@pytest.mark.parametrize(
    ("got", "expected", "words"),
    [
        (torch.zeros(1, 2), torch.zeros(2, 1), "got shape (1, 2), due (2, 1)"),
        (np.zeros(2), torch.zeros(2), "got a NumPy array, due a tensor"),
        (torch.zeros(2, dtype=int), torch.zeros(2), "got entries of type int64, due float32"),
        (torch.tensor([1.0, 2.0]), torch.tensor([1.0, 3.0]), "at (1,) got 2, due 3"),
        ([1], (1, 2), "got 1 entries, due 2"),
        ({"a": 1}, {"a": 1, "b": 2}, "missing: 'b'"),
        ({"a": 1}, {"a": 2}, "at 'a': got 1, due 2"),
        ([1, 3], [1, 2], "at place 1: got 3, due 2"),
        (float("nan"), 1.0, "got nan, due 1.0"),
        ({1}, {2}, "got {1}, due {2}"),
        (1, True, "due a truth value"),
    ],
)
def test_what_differs_is_said(got, expected, words):
    assert words in agree(got, expected)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (1.0 + 1e-9, 1.0), (1, 1.0), ([1, 2], (1, 2)), (float("nan"), float("nan")),
        (torch.ones(2), torch.ones(2) + 1e-7),
        (torch.nn.Parameter(torch.ones(1)), torch.ones(1)),
    ],
)  # fmt: skip
def test_what_is_right_is_left_alone(got, expected):
    assert agree(got, expected) == ""


def test_the_kernel_lives_on_in_a_thread_too():
    """Where a timer cannot interrupt, the answer is run without one."""
    code = (
        "import threading\n"
        "from unet_teach.checks.running import limited\n"
        "def work():\n"
        "    with limited(0.01):\n"
        "        print('ran')\n"
        "thread = threading.Thread(target=work); thread.start(); thread.join()\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, env=os.environ)
    assert ran.stdout.strip() == b"ran"
