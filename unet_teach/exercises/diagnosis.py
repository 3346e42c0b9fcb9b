"""What a wrong answer tells of the mistake behind it: the hint that a learner reads first.

A mistake that is known is recognised by what it does. Of any other, two facts are looked for:
what its results have to do with the right ones (`relations`), and in which cases they are
wrong (`conditions`). A hint that would not fit is worse than none, so only what holds in every
case is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from unet_teach.exercises.agreement import agree, as_array, kind, plain
from unet_teach.exercises.conditions import where
from unet_teach.exercises.exercise import Exercise, Mistake, Told
from unet_teach.exercises.relations import relations
from unet_teach.exercises.relations_of_arrays import Faint
from unet_teach.exercises.running import Outcome, attempt
from unet_teach.translation import _


@dataclass(frozen=True)
class Trial:
    """One case: what it was, what came of it, and what differs from what was due."""

    arguments: tuple
    outcome: Outcome
    differs: str  # "" where it is right
    due: Any = None


@dataclass(frozen=True)
class Diagnosis:
    """The hint, and the known mistake that it belongs to, if any."""

    hint: str = ""
    mistake: str = ""


# What an error says of its cause, by its type and a part of its message.
ERRORS = (
    ("TypeError", "positional argument",
     _("Your function does not take the arguments that the exercise names: compare its first "
       "line with the one that was given.")),
    ("TypeError", "unexpected keyword",
     _("A function is called with an argument that it does not know: look at its name.")),
    ("TypeError", "not subscriptable",
     _("Square brackets stand behind something that has no entries: a number, or a function.")),
    ("TypeError", "not callable",
     _("Round brackets stand behind something that is no function.")),
    ("TypeError", "must be integers",
     _("A place or a length has to be a whole number: `//` in place of `/`.")),
    ("TypeError", "not iterable", _("A single number stands where several are asked for.")),
    ("UnboundLocalError", "", _("A variable is used before anything was put into it.")),
    ("NameError", "", _("A name is used that is not defined: is it misspelt?")),
    ("AttributeError", "",
     _("Something is asked for a part that it does not have: NumPy arrays and torch's tensors "
       "have different names for many things.")),
    ("NotImplementedError", "forward",
     _("A module is called that has no `forward`, such as nn.ModuleList, which only keeps its "
       "layers: nn.Sequential runs them, or write a `forward` of your own.")),
    ("IndexError", "",
     _("A place is asked for that is not there: counting starts at 0 and ends one before the "
       "length.")),
    ("KeyError", "", _("A key is asked for that the dictionary does not have.")),
    ("ZeroDivisionError", "", _("Something is divided by 0: which case makes that number 0?")),
    ("RecursionError", "", _("Your function calls itself without end: what ends the calls?")),
    ("RuntimeError", "size of tensor",
     _("Two tensors meet whose shapes differ: print both before that line.")),
    ("RuntimeError", "Sizes of tensors",
     _("The tensors that are put together differ in more than the axis along which they are "
       "joined: print their shapes before that line.")),
    ("RuntimeError", "expanded size",
     _("Something is written into a place of another shape: print both shapes before that "
       "line.")),
    ("RuntimeError", "to have",
     _("A layer gets a map with another number of channels than it was built for.")),
    ("RuntimeError", "Output size is too small",
     _("A pooling gets a map that is too small for it: is there one more than there should "
       "be?")),
    ("RuntimeError", "Kernel size can't be greater",
     _("A convolution gets a map that is smaller than its kernel: print the shape before it.")),
    ("RuntimeError", "mat1 and mat2", _("Two matrices meet whose shapes do not fit.")),
    ("NotImplementedError", "not implemented for 'Long'",
     _("A function for fractions is given whole numbers: are two arguments exchanged, or is a "
       "`.float()` missing?")),
    ("RuntimeError", "shape", _("A shape does not fit: print it before that line.")),
    ("RuntimeError", "expected scalar type",
     _("Whole numbers meet fractions: `.float()` or `.long()` makes both alike.")),
    ("RuntimeError", "element 0 of tensors does not require grad",
     _("There is nothing to differentiate: was the result computed without gradients, or taken "
       "out with `.item()` or `.detach()`?")),
    ("ValueError", "broadcast", _("Two arrays meet whose shapes do not fit.")),
    ("ValueError", "truth value of an array",
     _("`if` asks for one yes or no, and gets an array of them: `.any()`, `.all()`, or `&` and "
       "`|` in place of `and` and `or`.")),
    ("RuntimeError", "Boolean value of Tensor",
     _("`if` asks for one yes or no, and gets a tensor of them: `.any()`, `.all()`, or `&` and "
       "`|` in place of `and` and `or`.")),
    ("ValueError", "cannot crop",
     _("`center_crop` is asked to make a map larger: the map from below is larger than its "
       "skip. Is the skip from the same level, and is there a pooling between two levels?")),
    ("ValueError", "unpack", _("A line takes apart more or fewer parts than there are.")),
)  # fmt: skip


def diagnose(exercise: Exercise, trials: Sequence[Trial]) -> Diagnosis:
    """The hint for an answer that came out wrong in some of these trials."""
    failed = [trial for trial in trials if trial.differs]
    if exercise.keeps_input and all(trial.outcome.changed for trial in failed):
        return Diagnosis(failed[0].differs)
    if mistake := recognise(exercise, trials, failed):
        return Diagnosis(mistake.hint, mistake.name)
    for symptom in exercise.symptoms:
        if _shows(exercise, symptom, failed) and _mostly_wrong(exercise, symptom, trials):
            return Diagnosis(symptom.hint, symptom.name)
    if words := _memory(trials):
        return Diagnosis(words)
    facts = [_of_errors(failed) or _of_kinds(exercise, trials, failed)
             or _of_results(exercise, failed), _where(exercise, trials)]  # fmt: skip
    return Diagnosis(" ".join(fact for fact in facts if fact))


def recognise(
    exercise: Exercise, trials: Sequence[Trial], failed: Sequence[Trial]
) -> Mistake | None:
    """The known mistake that goes wrong just as this answer did.

    In every case; or else in every case that this answer has wrong, where these are three or
    more and most of those that the mistake has wrong.
    """
    near = None
    for mistake in exercise.mistakes:
        if not all(_alike(exercise, mistake, trial) for trial in failed):
            continue
        others = [t for t in trials if not t.differs and not _alike(exercise, mistake, t)]
        if not others:
            return mistake
        if near is None and len(failed) >= max(3, 2 * len(others)):
            near = mistake
    return near


def _alike(exercise: Exercise, mistake: Mistake, trial: Trial) -> bool:
    theirs = attempt(exercise, mistake.answer, trial.arguments)
    if theirs.trouble or trial.outcome.trouble:
        return theirs.error == trial.outcome.error != ""
    try:
        return not exercise.same(trial.outcome.value, theirs.value)
    except Exception:
        return False


def _shows(exercise: Exercise, symptom: Any, failed: Sequence[Trial]) -> bool:
    """In all failed cases that gave a value, where these are most of the failed ones."""
    judged = [trial for trial in failed if not trial.outcome.trouble]
    if 2 * len(judged) <= len(failed):
        return False
    try:
        return all(
            symptom.shows(exercise.named(trial.arguments), trial.outcome.value, trial.due)
            for trial in judged
        )
    except Exception:  # a value of a type that it does not know
        return False


def _mostly_wrong(exercise: Exercise, symptom: Any, trials: Sequence[Trial]) -> bool:
    """Of the cases in which it shows at least half came out wrong, so that it is no chance."""
    if not symptom.of_case:
        return True
    try:
        meant = [t for t in trials if symptom.shows(exercise.named(t.arguments), None, t.due)]
    except Exception:  # a case of a form that it does not know
        return False
    return 2 * sum(bool(trial.differs) for trial in meant) >= len(meant)


def of_error(outcome: Outcome) -> str:
    """What the error of one case says of its cause, or nothing."""
    for error, part, words in ERRORS:
        if outcome.error == error and part in outcome.trouble:
            return words
    return ""


def _of_errors(failed: Sequence[Trial]) -> str:
    """What the errors have in common, where at least half of the failed cases end in one."""
    outcomes = [trial.outcome for trial in failed]
    told = [outcome.trouble for outcome in outcomes if outcome.error == Told.__name__]
    if 2 * len(told) >= len(outcomes):
        return told[0]
    raised = [outcome for outcome in outcomes if outcome.error]
    if not raised or 2 * len(raised) < len(outcomes):
        return ""
    words = {of_error(outcome) for outcome in raised}
    return words.pop() if len(words) == 1 else ""


def _of_kinds(exercise: Exercise, trials: Sequence[Trial], failed: Sequence[Trial]) -> str:
    """Nothing returned; a value of another kind; always the same one; the argument itself."""
    outcomes = [trial.outcome for trial in failed]
    if all(outcome.trouble and not outcome.error for outcome in outcomes):
        if len(failed) < len(trials):
            return _("In some cases your function returns nothing (None): which way through it "
                     "leads to no `return`, or to one of nothing?")  # fmt: skip
        return _("A function's result is what stands behind `return`; what it prints is lost.")
    if any(outcome.trouble for outcome in outcomes):
        return ""
    kinds = {_kind(outcome.value) for outcome in outcomes}
    if len(kinds) == 1 and not kinds & {_kind(trial.due) for trial in failed}:
        words = _("Your function returns {kind}; due is {due}.")
        if exercise.cases is None:
            words = _("Your answer is {kind}; due is {due}.")
        return words.format(kind=kind(outcomes[0].value), due=exercise.due)
    if exercise.cases is None:
        return ""
    if len(trials) >= 4:
        first = trials[0].outcome.value
        if all(not agree(trial.outcome.value, first) for trial in trials):
            return _("Your function returns the same in every case, whatever it is given.")
    cases = [exercise.named(trial.arguments) for trial in failed]
    for name in cases[0]:
        if all(name in c and not agree(o.value, c[name])
               for c, o in zip(cases, outcomes, strict=True)):  # fmt: skip
            return _("Where it is wrong, your function returns {name} as it was.").format(
                name=name
            )
    return ""


def _kind(value: Any) -> str:
    """What a value is, equal forms alike."""
    value = plain(value)
    if isinstance(value, (bool, int, float)):
        return "number"
    if as_array(value) is not None or isinstance(value, list):
        return "numbers"
    return type(value).__name__


def _of_results(exercise: Exercise, failed: Sequence[Trial]) -> str:
    """The most telling relation that holds in all failed cases."""
    if any(trial.outcome.trouble for trial in failed):
        return ""
    try:
        found = [list(relations(trial.outcome.value, trial.due)) for trial in failed]
    except Exception:  # a value of a type that it does not know
        return ""
    common = set.intersection(*map(set, found))
    clear = {words for facts in found for words in facts if not isinstance(words, Faint)}
    # One number says little: 4 for 2 is twice, two more, and the square.
    few = len(failed) < 2 and exercise.cases is not None
    said = [words for words in found[0] if words in common & clear]
    return "" if few and len(common) > 2 else next(iter(said), "")


def _where(exercise: Exercise, trials: Sequence[Trial]) -> str:
    if exercise.cases is None or len(trials) < 2:
        return ""
    cases = [exercise.named(trial.arguments) for trial in trials]
    try:
        return where(cases, [bool(trial.differs) for trial in trials], exercise.reference)
    except Exception:  # an argument of a class of the exercise's own
        return ""


def _memory(trials: Sequence[Trial]) -> str:
    """The last case is the first once more: whoever has it wrong keeps something."""
    if len(trials) > 2 and not trials[0].differs and trials[-1].differs:
        if trials[0].arguments is trials[-1].arguments:
            return _(
                "The first call is right, and a later one with the same arguments is wrong: "
                "does your function keep something between two calls, in a default argument or "
                "in a variable outside?"
            )
    return ""
