"""What a check has to say of an answer: for the tests of each lesson's exercises."""

from __future__ import annotations

from typing import Any

from unet_teach.exercises.judging import exercise_named, judge


def is_told(name: str, answer: Any, mistake: str) -> None:
    """Wrong, and recognised as the known mistake, or the symptom, of this name."""
    result = judge(exercise_named(name), answer)
    assert (result.state, result.mistake) == ("wrong", mistake), str(result)


def is_hinted(name: str, answer: Any, words: str) -> None:
    """Wrong, with a hint that has these words."""
    result = judge(exercise_named(name), answer)
    assert result.state == "wrong" and words in result.hint, str(result)


def is_accepted(name: str, answer: Any) -> None:
    """Passed, and told what it is worth."""
    result = judge(exercise_named(name), answer)
    assert result.passed and result.message, str(result)
