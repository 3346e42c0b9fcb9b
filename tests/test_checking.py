"""The engine of the exercises: what it accepts, what it says, and what it survives."""

import builtins
import os
import subprocess
import sys
import time

import jupyter_client
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from unet_teach.exercises import ExerciseFailed, check, exercises, judging
from unet_teach.exercises.agreement import agree, also, describe, truth_entries, whole_entries
from unet_teach.exercises.exercise import Exercise, Mistake, Symptom, Told
from unet_teach.exercises.judging import exercise_named, judge
from unet_teach.exercises.running import TooLong, attempt, limited

FIRST = exercises("00")[0]


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
        Mistake("plus seven", lambda n: n + 7, "that adds seven"),
        Mistake("nothing", lambda n: n, "that changes nothing"),
    ),
    hints=("How many?", "2 n."),
    due="a whole number",
    cases=cases,
    worth="It doubles.",
)


def exercise_of(reference, cases, **more):
    """An exercise without known mistakes."""
    return Exercise("99.any", "Do it.", reference, (), ("?",), "a result", cases=cases, **more)


# ------------------------------------------------------------------- states and messages
def test_right_and_wrong_and_not_attempted():
    def stub(n):
        """Twice n."""
        raise NotImplementedError("your turn")

    assert judge(EXERCISE, double).passed and judge(EXERCISE, double).message == "It doubles."
    assert judge(EXERCISE, stub).state == "not attempted"
    assert judge(EXERCISE, ...).state == "not attempted"
    assert judge(EXERCISE, lambda n: ...).state == "not attempted"
    unknown = judge(EXERCISE, lambda n: 2 * n + (n * 7919) % 5 - 2)
    assert unknown.state == "wrong" and not unknown.hint and "hint(" in unknown.advice


def test_only_an_untouched_stub_is_not_attempted():
    def left_behind(n):
        n = 2 * n
        raise NotImplementedError("your turn")

    def of_torch(n):
        return nn.Module().forward(n)

    assert "take that line out" in str(judge(EXERCISE, left_behind))
    assert judge(EXERCISE, of_torch).state == "wrong"
    assert "it raised NotImplementedError" in str(judge(EXERCISE, of_torch))


def test_the_smallest_counterexample_is_shown_with_the_arguments_named():
    def wrong_from_ten(n):
        print("n is", n)
        return 2 * n if n < 10 else 0

    result = judge(EXERCISE, wrong_from_ten)
    smallest = min(n for (n,) in EXERCISE.arguments() if n >= 10)
    assert result.call == f"wrong_from_ten(n={smallest})"
    assert (result.got, result.expected) == ("0", str(2 * smallest))
    assert result.printed == f"n is {smallest}"
    lines = str(result).splitlines()
    assert lines[1].startswith("  hint ") and f"wrong from n = {smallest} on" in lines[1]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda n: None, "is there a `return`?"),
        (lambda n: print(2 * n), "it printed '2' and returned nothing (None): use `return`"),
        (lambda n: 1 / 0, "it raised ZeroDivisionError: division by zero"),
        (lambda n: str(2 * n), "Your function returns text (str)"),
        (lambda n: double, "Your function returns a function"),
        (lambda n: [2 * n], "it is inside of [2]: take the number out"),
        (lambda n: (2 * k for k in [n]), "a generator"),
        (lambda: 2, "Your function does not take the arguments"),
        (lambda n: sys.exit(), "would end the kernel"),
        (lambda n: exit(), "would end the kernel"),
        (lambda n: os._exit(1), "would end the kernel"),
        (lambda n: input("n?"), "nobody is there to type"),
        (lambda n: undefined, "a name is used that is not defined".capitalize()),  # noqa: F821
        (4, "due a function"),
    ],
)
def test_a_bad_answer_is_reported_kindly(answer, words):
    result = judge(EXERCISE, answer)
    assert result.state == "wrong"
    assert words in str(result)
    assert words.split("`")[0] in result._repr_html_().replace("&#x27;", "'")


def test_a_shy_error_and_a_shy_value_end_in_words():
    class Shy(Exception):
        def __str__(self):
            raise RuntimeError

        __repr__ = __str__

    def raises(n):
        raise Shy

    assert "its message cannot be shown" in str(judge(EXERCISE, raises))
    assert "an object of type Shy" in describe(Shy())
    assert judge(EXERCISE, lambda n: Shy()).state == "wrong"
    assert "an object of type Shy" in str(judge(EXERCISE, lambda n: [Shy(), n]))


def test_strict_turns_a_missing_or_wrong_answer_into_a_failure(monkeypatch):
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    with pytest.raises(ExerciseFailed, match="not attempted"):
        check(FIRST.name, ...)
    with pytest.raises(ExerciseFailed):
        check(FIRST.name, FIRST.mistakes[0].answer)
    monkeypatch.delenv("UNET_TEACH_STRICT")
    assert check(FIRST.name, ...).state == "not attempted"


def test_a_wrong_name_lists_the_right_ones():
    with pytest.raises(ValueError, match="did you mean"):
        exercise_named(FIRST.name + "s")
    with pytest.raises(ValueError, match="starts with its lesson: 0"):
        check("77.nothing", ...)


def test_a_value_exercise_takes_a_value_and_keeps_its_secret():
    exercise = Exercise(
        "99.value", "How many?", lambda: [28, 56],
        (Mistake("halved", [14, 28], "twice that"),), ("?",), "a list of two sizes",
    )  # fmt: skip
    assert judge(exercise, [28, 56]).passed
    assert judge(exercise, np.array([28, 56])).passed and judge(exercise, (28.0, 56)).passed
    wrong = judge(exercise, [14, 28])
    assert wrong.hint == "twice that" and "56" not in str(wrong)
    assert "call it" in str(judge(exercise, lambda: [28, 56]))
    for near in ([28, 55], [56, 28], [27, 55], torch.tensor([56, 28]), [28]):
        assert "56" not in str(judge(exercise, near)).split("got")[-1].split("due")[-1]


# ------------------------------------------------------------------------------- values
@pytest.mark.parametrize(
    ("got", "expected", "words"),
    [
        (torch.zeros(1, 2), torch.zeros(2, 1), "got shape (1, 2), due (2, 1)"),
        (torch.tensor([1.0, 2.0]), torch.tensor([1.0, 3.0]), "at [1] got 2, due 3"),
        ([1], (1, 2), "got 1 entry, due 2"),
        ({"a": 1}, {"a": 1, "b": 2}, "there is no 'b'"),
        ({"heigth": 1}, {"height": 1}, "there is no 'height'; did you mean that by 'heigth'?"),
        ({"a": 1, "c": 1}, {"a": 1}, "'c' should not be there"),
        ({"a": 1}, {"a": 2}, "at ['a']: got 1, due 2"),
        ([1, [3, 4]], [1, [3, 5]], "at [1][1]: got 4, due 5"),
        (float("nan"), 1.0, "got nan, due 1.0"),
        ({1, 3}, {2, 3}, "missing: 2; too many: 1"),
        (2, True, "got 2, due True"),
        (2.5, 2, "got 2.5, due 2"),
        ("3", 3, "got text (str), due a whole number (int)"),
        ([[1], [2, 3]], np.zeros((2, 2)), "got a list, due a NumPy array"),
    ],
)
def test_what_differs_is_said(got, expected, words):
    assert words in agree(got, expected)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (1.0 + 1e-9, 1.0), (1, 1.0), ([1, 2], (1, 2)), (float("nan"), float("nan")),
        (torch.ones(2), torch.ones(2) + 1e-7), (nn.Parameter(torch.ones(1)), torch.ones(1)),
        (np.int64(3), 3), (np.float32(0.1), 0.1), (torch.tensor(3), 3), (3.0, 3),
        (np.array(3), 3), (True, 1), (1, True), (np.bool_(True), True),
        ([[1, 2], [3, 4]], np.array([[1, 2], [3, 4]])), (np.ones(2), torch.ones(2)),
        (np.array([1, 2]), [1, 2]), (torch.tensor([1, 2]), (1, 2)), (range(2), [0, 1]),
        ({np.int64(1): 2}, {1: 2}), (frozenset({1}), {1}), ({"a": 1}.keys(), {"a"}),
        (torch.ones(2, dtype=torch.bfloat16), torch.ones(2)),
        ([torch.tensor(1.0), 2], np.array([1.0, 2.0])), (np.ones(2), np.array([1, 1])),
        ([np.array([1, 2]), [3]], [[1, 2], torch.tensor([3])]),
    ],
)  # fmt: skip
def test_what_is_right_is_left_alone(got, expected):
    assert agree(got, expected) == ""


def test_a_contract_may_name_a_type():
    truths, wholes = np.array([True, False]), np.array([1, 0], np.uint8)
    assert also(whole_entries)(truths, wholes) and not also(whole_entries)([1, 0], wholes)
    assert also(truth_entries)(wholes, truths) and not also(truth_entries)(truths, truths)
    assert also(whole_entries)(np.array([2, 0]), wholes).startswith("1 of 2")  # values first


def test_values_are_shown_and_never_a_page_of_them():
    assert describe(np.array([[3]])) == "an array (1, 1): [[3]]"
    assert "[[0, 1]," in describe(np.arange(4).reshape(2, 2))
    for large in (torch.zeros(3, 64, 64), [torch.zeros(9, 9)] * 50, list(range(1000))):
        assert len(describe(large)) <= 240


# ------------------------------------------------------------------------------- diagnosis
def maps(rng):
    for height, width in ((2, 2), (3, 3), (2, 3), (3, 5), (4, 4), (5, 3), (6, 6), (4, 5)):
        yield (np.random.default_rng(rng.randrange(99)).integers(0, 50, (height, width)),)


IDENTITY = exercise_of(lambda x: x + 1, maps)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda x: x[::-1] + 1, "top and bottom have changed places"),
        (lambda x: x[:, ::-1] + 1, "left and right have changed places"),
        (lambda x: np.rot90(x, 2) + 1, "by half a turn"),
        (lambda x: 3 * x + 3, "Your result is 3 times the right one."),
        (lambda x: x + 3, "Your values are too large by 2."),
        (lambda x: -x - 1, "The sign is the other way round."),
        (lambda x: (x + 1)[None], "the shape is not"),
        (lambda x: (x + 1).ravel(), "the shape is not"),
        (lambda x: (x + 1).T, "your result is the transpose"),
        (lambda x: (x + 1)[:-1, :-1], "rows or columns at the edges are missing"),
        (lambda x: np.pad(x + 1, 1), "rows or columns too many"),
        (lambda x: x.mean(), "Your function returns a NumPy number"),
        (lambda x: np.zeros(x.shape), "Your result is 0 everywhere."),
        (lambda x: x.copy(), "returns x as it was"),
        (lambda x: x + 1 if x.shape[0] == x.shape[1] else x * 2, "as high as it is wide"),
        (lambda x: x + 1 + x.shape[0] % 2, "the height of x is odd"),
        (lambda x: np.full((2, 2), 7), "Your function returns the same in every case"),
        (lambda x: np.sort((x + 1).ravel()).reshape(x.shape), "in other places"),
    ],
)
def test_a_mistake_of_no_list_is_told_by_what_it_does(answer, words):
    result = judge(IDENTITY, answer)
    assert result.state == "wrong" and words in result.hint, str(result)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda values: values[::-1], "The order is reversed."),
        (lambda values: sorted(values), "sorted; their order matters"),
        (lambda values: [*values[1:], values[0]], "in other places"),
        (lambda values: values[:-1], "The last entry is missing."),
        (lambda values: values[1:], "The first entry is missing."),
        (lambda values: [0, *values], "an entry too many at the beginning"),
        (lambda values: [v for v in values if v > 9], "some entries are missing"),
        (lambda values: [*values, 77, 78], "some that should not be"),
        (lambda values: values[0], "Your function returns a whole number (int); due is"),
        (lambda values: [v + 1 for v in values], "Your values are too large by 1."),
    ],
)
def test_a_wrong_list_is_told_by_what_it_lacks(answer, words):
    def lists(rng):
        while True:
            yield ([rng.randrange(4, 40) * 2 + 1 for _entry in range(rng.randint(4, 7))],)

    result = judge(exercise_of(lambda values: list(values), lists), answer)
    assert result.state == "wrong" and words in result.hint, str(result)


def test_a_symptom_is_told_where_it_shows_in_every_failed_case():
    shows = Symptom("seven", lambda case, got, due: got == case["n"] * 7, "seven times")
    exercise = exercise_of(double, cases, symptoms=(shows,))
    assert judge(exercise, lambda n: 7 * n).hint == "seven times"
    assert judge(exercise, lambda n: 7 * n if n > 9 else 2 * n).hint == "seven times"
    assert judge(exercise, lambda n: 7 * n if n > 9 else -n).hint != "seven times"


def test_a_symptom_of_the_case_alone_needs_most_of_such_cases():
    """Where few of them came out wrong, it is chance that all that did are such."""
    shows = Symptom("small", lambda case, got, due: case["n"] < 40, "small", of_case=True)
    exercise = exercise_of(double, cases, symptoms=(shows,))
    assert judge(exercise, lambda n: 0.5 if n < 40 else 2 * n).hint == "small"
    assert judge(exercise, lambda n: 0.5 if n == 1 else 2 * n).hint != "small"


def test_an_error_that_only_some_cases_raise_is_explained_where_it_is_shown():
    result = judge(EXERCISE, lambda n: [][n] if n == 1 else 0.5)
    assert "IndexError" in result.message and "counting starts at 0" in result.hint


def test_a_known_mistake_is_recognised_in_part():
    assert judge(EXERCISE, lambda n: n + 7 if n > 9 else 2 * n).hint == "that adds seven"
    assert judge(EXERCISE, lambda n: n + 7 if n > 9 else n + 6).hint != "that adds seven"


def test_what_its_run_tells_is_the_hint():
    def run(answer, n):
        if not isinstance(answer(n), int):
            raise Told("Give a module.")
        return answer(n)

    assert judge(exercise_of(double, cases, run=run), lambda n: str(n)).hint == "Give a module."


def test_the_maps_are_drawn_and_what_differs_is_outlined():
    result = judge(IDENTITY, lambda x: (x + 1).T)
    html = result._repr_html_()
    assert html.count("<svg") == 3 and "a map of " in html  # what went in, got, due
    wrong = judge(IDENTITY, lambda x: x + 1 + (x == x.max()))
    assert "1 cell that differs is outlined" in wrong._repr_html_()
    assert wrong.picture.count('fill="none"') == 2 * (wrong.picture.count("outlined") // 2)
    assert not judge(EXERCISE, lambda n: 3 * n).picture


def test_marks_of_a_hint_become_html():
    exercise = exercise_of(double, cases, symptoms=(
        Symptom("any", lambda *_case: True, "Use `a < b`, **not** `a > b`."),
    ))  # fmt: skip
    html = judge(exercise, lambda n: n)._repr_html_()
    assert "Use <code>a &lt; b</code>, <b>not</b>" in html


# ------------------------------------------------------------------- inputs and memory
def test_a_changed_input_is_noted_or_a_fault_where_it_matters():
    def in_place(values):
        values.sort()
        return values

    def lists(rng):
        while True:
            yield ([rng.randrange(9) for _ in range(4)],)

    noted = judge(exercise_of(sorted, lists), in_place)
    assert noted.passed and "changed its input" in str(noted)
    fault = judge(exercise_of(sorted, lists, keeps_input=True), in_place)
    assert fault.state == "wrong" and "changed its input" in str(fault)
    assert not judge(exercise_of(sorted, lists), lambda values: sorted(values)).notes


@pytest.mark.parametrize("make", [np.zeros, torch.zeros])
def test_a_changed_array_is_noted(make):
    def in_place(x):
        x += 1
        return x

    def arrays(rng):
        while True:
            yield (make(3),)

    assert "changed its input" in str(judge(exercise_of(lambda x: x + 1, arrays), in_place))


def test_what_is_kept_between_calls_shows_and_is_not_shown_forty_times():
    def keeps(n, seen=[]):  # noqa: B006
        seen.append(n)
        return seen

    result = judge(exercise_of(lambda n: [n], cases), keeps)
    assert result.state == "wrong" and len(result.got) <= 240

    def only_once(n, calls=[]):  # noqa: B006
        calls.append(n)
        return 2 * n + (calls.count(1) > 1 and n == 1)

    assert "keep something between two calls" in judge(EXERCISE, only_once).hint


# --------------------------------------------------------------------- the kernel lives on
def test_a_loop_without_end_is_stopped_and_the_next_check_works():
    def forever(n):
        while True:
            pass

    result = judge(EXERCISE, forever, seconds=0.3)
    assert result.state == "wrong" and "a loop without end?" in str(result)
    assert "forever(n=1)" in str(result)
    assert judge(EXERCISE, double).passed


def bare(n):
    while True:
        try:
            while True:
                pass
        except:  # noqa: E722
            pass


def every_exception(n):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue


def asleep(n):
    time.sleep(100)


def asleep_again(n):
    for _try in range(100):
        try:
            time.sleep(100)
        except BaseException:
            pass


@pytest.mark.parametrize("answer", [bare, every_exception, asleep, asleep_again])
def test_nothing_swallows_the_stop(answer):
    assert "was stopped" in str(judge(EXERCISE, answer, seconds=0.3))
    assert sys.gettrace() is None or "coverage" in str(sys.gettrace())
    assert judge(EXERCISE, double).passed


def test_a_slow_answer_is_told_how_long_it_took_and_on_which_case():
    def slow(n):
        end = time.process_time() + 0.03
        while time.process_time() < end:
            pass
        return 2 * n

    began = time.perf_counter()
    assert judge(EXERCISE, slow, seconds=600).passed
    needed = time.perf_counter() - began  # by the clock of a machine that may be busy
    late = str(judge(EXERCISE, slow, seconds=0.4 * needed))
    assert "it is right in the" in late and "but slow" in late and "slow(n=" in late
    assert "without end" not in late


def test_what_was_wrong_before_it_was_stopped_is_said():
    def wrong_then_forever(n):
        while n > 20:
            pass
        return 0

    result = judge(EXERCISE, wrong_then_forever, seconds=0.5)
    assert (result.got, result.expected) == ("0", "2")


@pytest.mark.parametrize("before", ["SIG_IGN", "SIG_DFL"])
def test_a_loop_is_stopped_where_the_process_ignores_interrupts(before):
    # as does what a script starts in the background: `make test &`
    code = f"""if True:
        import signal
        from unet_teach.exercises.running import TooLong, limited
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


def test_a_limit_inside_of_a_limit():
    with pytest.raises(TooLong), limited(0.2):
        with limited(60):
            while True:
                pass


def test_an_interrupt_by_hand_stays_one():
    with pytest.raises(KeyboardInterrupt), limited(5):
        raise KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt), limited(5):
        import _thread

        _thread.interrupt_main()
        while True:
            pass


def test_the_kernel_lives_on_in_a_thread_too():
    """Where a timer cannot interrupt, the answer is run without one."""
    code = (
        "import threading\n"
        "from unet_teach.exercises.running import limited\n"
        "def work():\n"
        "    with limited(0.01):\n"
        "        print('ran')\n"
        "thread = threading.Thread(target=work); thread.start(); thread.join()\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, env=os.environ)
    assert ran.stdout.strip() == b"ran"


def grad_off():
    torch.set_grad_enabled(False)


def other_dtype():
    torch.set_default_dtype(torch.float64)


def other_function():
    F.relu = lambda x: x


def other_method():
    torch.Tensor.sum = lambda *a, **k: 0


def other_builtin():
    builtins.sum = len


def other_folder():
    os.chdir("/")


def other_environment():
    os.environ["UNET_TEACH_STRICT"] = "1"


@pytest.mark.parametrize(
    "change",
    [grad_off, other_dtype, other_function, other_method, other_builtin, other_folder,
     other_environment],
)  # fmt: skip
def test_what_an_answer_leaves_behind_is_put_back_and_named(change):
    def answer(n):
        change()
        return 2 * n

    def state():
        return (torch.is_grad_enabled(), torch.get_default_dtype(), F.relu, torch.Tensor.sum,
                sum, os.getcwd(), dict(os.environ))  # fmt: skip

    before = state()
    result = judge(EXERCISE, answer)
    assert state() == before
    assert result.passed and "the check put it back" in str(result)


def test_what_the_notebook_left_behind_does_not_make_a_right_answer_wrong():
    def gradient(n):
        x = torch.tensor(1.0, requires_grad=True)
        F.relu(x * n).backward()
        return 2 * x.grad.item()

    before = F.relu
    try:
        torch.set_grad_enabled(False)
        F.relu = lambda x: 0 * x
        result = judge(EXERCISE, gradient)
        assert result.passed, str(result)
        assert not torch.is_grad_enabled() and F.relu is not before  # as she had it
    finally:
        torch.set_grad_enabled(True)
        F.relu = before


def test_a_check_draws_none_of_the_notebooks_random_numbers():
    def draws(n):
        torch.rand(3), np.random.rand(3)
        return 2 * n

    torch.manual_seed(0)
    np.random.seed(0)
    judge(EXERCISE, draws)
    ours = torch.rand(1).item(), np.random.rand()
    torch.manual_seed(0)
    np.random.seed(0)
    assert ours == (torch.rand(1).item(), np.random.rand())


def test_what_it_prints_does_not_flood_the_notebook(capfd):
    def noisy(n):
        print("out", n)
        print("err", n, file=sys.stderr)
        import warnings

        warnings.warn("look out", stacklevel=1)
        return 3 * n

    result = judge(EXERCISE, noisy)
    assert capfd.readouterr() == ("", "")
    assert "out 1" in result.printed and "err 1" in result.printed


def test_an_attempt_alone_keeps_its_outcome():
    kept = attempt(EXERCISE, lambda n: [torch.ones(1, requires_grad=True) * n], (3,))
    assert not kept.value[0].requires_grad and kept.value[0].item() == 3
    assert judging.verdict(EXERCISE, None, [((3,), kept)]).state == "wrong"


# ------------------------------------------------------------------------ in a real kernel
KERNEL = """
import time
from unet_teach.exercises import check, exercise_named
from unet_teach.exercises.judging import judge

exercise = exercise_named("01.conv_out")

def leaves(n, k, s=1, p=0, d=1):
    quit()

def forever(n, k, s=1, p=0, d=1):
    while True:
        try:
            time.sleep(100)
        except:
            pass

print("would end the kernel" in str(check("01.conv_out", leaves)))
print("was stopped" in str(judge(exercise, forever, seconds=0.5)))
print(check("01.conv_out", exercise.reference).passed)
"""


def test_a_real_kernel_survives():
    """IPython's own quit() ends the kernel a second later, and its interrupts are its own."""
    manager, client = jupyter_client.manager.start_new_kernel()
    try:
        said = []

        def listen(message):
            said.append(message["content"].get("text", ""))

        for code in (KERNEL, "import time; time.sleep(2); print('alive')"):
            reply = client.execute_interactive(code, timeout=120, output_hook=listen)
            assert reply["content"]["status"] == "ok", reply["content"]
            assert not reply["content"]["payload"]  # "ask_exit" would stand there
        assert "".join(said).split() == ["True", "True", "True", "alive"]
        assert manager.is_alive()
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
