"""``unet-teach mine``: what of the network is the learner's own, and what it can learn."""

from __future__ import annotations

import argparse
from pathlib import Path

from unet_teach.cli.common import Failed, say
from unet_teach.exercises.assembled import train
from unet_teach.exercises.judging import judge
from unet_teach.exercises.keeping import FILE, because, first_fix, parts, place, read_file
from unet_teach.exercises.own_file import changed_by_hand


def run(options: argparse.Namespace) -> int:
    """Show what is hers, or train with it; the exit code."""
    file = where(options.file)
    if options.train:
        train(file, options.steps, Path(options.folder))
        return 0
    return show(file)


def where(typed: str | None) -> Path:
    """The file that was typed, or the one here, or the one beside the notebooks."""
    if typed and not Path(typed).is_file():
        raise Failed(f"{typed} is no file; it is written when an exercise passes")
    usual = [place() or Path(FILE), Path("notebooks") / FILE]
    return Path(typed) if typed else next((p for p in usual if p.exists()), usual[0])


def show(file: Path) -> int:
    """A line for each part, and where one of hers does something else, the smallest case."""
    own, wrong = read_file(file), []
    if own.trouble:
        raise Failed(f"{file} does not run: {own.trouble}")
    by_hand = changed_by_hand(file.read_bytes().decode()) if file.exists() else set()
    say(f"{file}" if file.exists() else f"{file} is not there yet")
    for part, exercise in parts().items():
        line, words = f"{exercise.name[:2]}  {part:15}", "the library's; yours when "
        if part not in own.found:
            say(f"{line} {words}{exercise.name} passes")
            continue
        hand = ", changed by hand" if part in by_hand else ""
        result = judge(exercise, own.found[part])
        if result.passed:
            say(f"{line} yours{hand}: agrees with the library's in {exercise.count} cases")
            continue
        wrong.append(part)
        say(f"{line} yours{hand}: differs from the library's")
        if broken := because(own, part):
            say(f"    {first_fix(broken)}")
            continue
        for label, found in result.rows():
            say("    " + f"{label} {found}".strip().replace("\n", "\n    "))
    yours = len(set(parts()) & set(own.found))
    failing = f", and {len(wrong)} of them don't pass" if wrong else ""
    say(f"{yours} of {len(parts())} parts are yours{failing}")
    if wrong:
        raise Failed(f"not passed: {', '.join(wrong)}; fix it in {file}")
    return 0
