"""What an exercise is: a task, the right answer, and the wrong ones that learners give."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from unet_teach.checks.agreement import agree


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that learners really give: right in type and shape, wrong in value."""

    name: str
    answer: Any  # a function, or a value where the exercise asks for one
    hint: str  # about this mistake and no other


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
    # Arguments, simplest first: some fixed ones, then seeded random ones without end. None
    # where the answer is a value.
    cases: Callable[[random.Random], Iterator[tuple]] | None = None
    count: int = 40  # so many cases are tried
    run: Callable = call  # run(answer, *arguments) -> outcome
    same: Callable[[Any, Any], str] = agree  # "" or, in words, what differs
    specification: Callable | None = None  # slow and obvious; tests hold the reference to it

    def arguments(self, count: int | None = None, seed: int = 0) -> Iterator[tuple]:
        """The first ``count`` cases of a seed; one empty case for a value."""
        if self.cases is None:
            yield ()
            return
        stream = self.cases(random.Random(seed))
        for _number, arguments in zip(range(count or self.count), stream, strict=False):
            yield arguments

    def outcome(self, answer: Any, arguments: tuple) -> Any:
        """What an answer gives for one case; a value is its own outcome."""
        return answer if self.cases is None else self.run(answer, *arguments)

    def expected(self, arguments: tuple) -> Any:
        """What the reference gives for one case."""
        return self.reference() if self.cases is None else self.run(self.reference, *arguments)
