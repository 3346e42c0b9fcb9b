"""What an exercise is: a task, the right answer, and the wrong ones that learners give."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from unet_teach.exercises.agreement import agree, describe


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that learners really give: right in type and shape, wrong in value."""

    name: str
    answer: Any  # a function, or a value where the exercise asks for one
    hint: str  # about this mistake and no other; says what it does, not how it is written


@dataclass(frozen=True)
class Symptom:
    """What a kind of mistake does, whoever writes it and however.

    ``shows(case, got, due)`` looks at one case that came out wrong: ``case`` has the
    arguments by name, ``got`` is what the answer gave (never an error). The hint is given
    where it shows in every case that came out wrong. Where ``of_case``, it looks at the case
    alone, and most cases in which it shows must have come out wrong.
    """

    name: str
    shows: Callable[[dict[str, Any], Any, Any], bool]
    hint: str
    of_case: bool = False


class Told(Exception):
    """Raised by an exercise's ``run``: what is wrong with an answer, in words, as its hint."""


def call(answer: Callable, *arguments: Any) -> Any:
    """The usual way to run an answer."""
    return answer(*arguments)


@dataclass(frozen=True)
class Exercise:
    """One exercise of a lesson, and all that is needed to judge an answer to it."""

    name: str  # "05.center_crop": lesson, then what is built
    task: str  # one sentence
    reference: Callable  # the right answer; takes nothing where a value is asked for
    mistakes: tuple[Mistake, ...]  # at least three
    hints: tuple[str, ...]  # graded: a question, a direction, nearly the answer
    due: str  # what an answer gives, in words: "a whole number"
    # Arguments, simplest first: the edges that the contract promises, the same for every
    # seed, then seeded random ones without end. None where the answer is a value.
    cases: Callable[[random.Random], Iterator[tuple]] | None = None
    count: int = 40  # so many cases are tried
    run: Callable = call  # run(answer, *arguments) -> outcome
    # ``run`` only looks at what the answer gave, so the grader does it where the answer is not.
    only_looks: bool = False
    same: Callable[[Any, Any], str] = agree  # "" or, in words, what differs
    specification: Callable | None = None  # slow and obvious; tests hold the reference to it
    symptoms: tuple[Symptom, ...] = ()  # kinds of mistakes, beside those of `diagnosis`
    keeps_input: bool = False  # an answer that changes its arguments is wrong, not only noted
    worth: str = ""  # said with a pass: what the function now does in the network
    # How a case is written where its arguments alone do not say it: show(*arguments) -> words
    show: Callable[..., str] | None = None

    def arguments(self, count: int | None = None, seed: int = 0) -> Iterator[tuple]:
        """The first ``count`` cases of a seed, and then the first once more: what an answer
        keeps between two calls would show there. One empty case for a value."""
        if self.cases is None:
            yield ()
            return
        stream, first = self.cases(random.Random(seed)), None
        for _number, arguments in zip(range(count or self.count), stream, strict=False):
            first = arguments if first is None else first
            yield arguments
        if first is not None:
            yield first

    def outcome(self, answer: Any, arguments: tuple) -> Any:
        """What an answer gives for one case; a value is its own outcome."""
        return answer if self.cases is None else self.run(answer, *arguments)

    def expected(self, arguments: tuple) -> Any:
        """What the reference gives for one case."""
        return self.reference() if self.cases is None else self.run(self.reference, *arguments)

    def named(self, arguments: tuple) -> dict[str, Any]:
        """The arguments of a case by the names that the contract gives them."""
        try:
            return dict(inspect.signature(self.reference).bind(*arguments).arguments)
        except (TypeError, ValueError):  # a case that `run` makes something of
            return {f"{number}": value for number, value in enumerate(arguments, 1)}

    def case(self, name: str, arguments: tuple) -> str:
        """A case as one would type it: ``conv_out(n=4, k=3)``."""
        if self.show is not None:
            return self.show(*arguments)
        listed = [
            describe(value) if key.isdigit() else f"{key}={describe(value)}"
            for key, value in self.named(arguments).items()
        ]
        return f"{name}({', '.join(listed)})"
