"""`my_unet.py`, the learner's own network: what passes is kept, what is kept can be used.

`keep` writes an answer that passed into the file, and has first run it from there: a part that
needed something of the notebook would not pass. `mine` gives a lesson her part where it exists
and still passes, and the library's where not.

``UNET_TEACH_MINE`` names the folder of the file, in place of the one that the notebook is in;
``off`` means that no file is written or read.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from unet_teach.exercises.exercise import Exercise
from unet_teach.exercises.guarded import guarded
from unet_teach.exercises.judging import exercise_named, judge
from unet_teach.exercises.own_file import FILE, composed, imported, users
from unet_teach.exercises.result import Result
from unet_teach.exercises.running import TooLong, explain, limited
from unet_teach.exercises.typed import NotKept, is_hers, typed
from unet_teach.rooms import facts, rooms
from unet_teach.translation import _, _n

QUICK = 8  # cases, the first of which are the edges that the contract promises
SECONDS = 10.0  # for these cases, and for what the file itself does


@cache
def parts() -> dict[str, Exercise]:
    """The exercises that build a part of her network, by the part's name, lesson by lesson.

    Examples
    --------
    >>> parts()["center_crop"].name
    '05.center_crop'
    """
    built = [f"{n}.{asked.name}" for n in rooms() for asked in facts(n).asked if asked.part]
    return {e.reference.__name__: e for e in map(exercise_named, built)}


def place() -> Path | None:
    """Where her file is, or would be; None where none is wanted."""
    folder = os.environ.get("UNET_TEACH_MINE", "")
    return None if folder == "off" else Path(folder or os.getcwd()).resolve() / FILE


# ------------------------------------------------------------------------------ writing


def keep(exercise: Exercise, answer: Any) -> str:
    """Put an answer that passed into her file; what is to be said of it, or nothing.

    Whatever goes wrong here is said, and the pass stays a pass.
    """
    part = exercise.reference.__name__
    try:
        path = place()
        if path is None or not is_hers(answer) or parts().get(part) is not exercise:
            return ""
        new = _written(path, exercise, answer)
    except NotKept as why:
        return _("Not put into {file}: {why}.").format(file=FILE, why=why)
    except Exception as error:
        return _("{file} could not be written: {error}.").format(file=FILE, error=error)
    words = (
        _("`{part}` is in {file} now.") if new else _("`{part}` is in {file}, as it stands.")
    )
    if "google.colab" in sys.modules:
        words += _(
            " In Colab each notebook has a machine of its own: download {file} from the list "
            "of files on the left, and upload it there in the next lesson."
        )
    return words.format(part=part, file=FILE)


def _written(path: Path, exercise: Exercise, answer: Any) -> bool:
    """Whether the file had to be changed for it."""
    from unet_teach.training.files import write_atomically  # brings all of `training`

    part = exercise.reference.__name__
    old = path.read_bytes().decode() if path.exists() else ""
    text = composed(old, exercise.name[:2], part, typed(answer, part), list(parts()))
    if text == old:
        return False
    own = read(text, f"<{FILE}>")
    result = _judged(exercise, own.found[part], QUICK) if part in own.found else None
    if result is None or not result.passed:
        why = own.trouble or (result and (result.message or result.hint))
        raise NotKept(_("it passes here, but not in that file ({why})").format(why=why))
    if old and part in imported(old):
        _refuse_others_place(own, part, imported(old)[part], text)
    write_atomically(path, text.encode())
    return True


def _refuse_others_place(own: Own, part: str, statement: str, text: str) -> None:
    """Her part takes the place of an import only if what used that passes with it, too."""
    for user in users(text, part):
        if user in own.found and not _judged(parts()[user], own.found[user], QUICK).passed:
            raise NotKept(
                _("`{user}` there needs `{statement}`, and would not pass with yours").format(
                    user=user, statement=statement
                )
            )


# ------------------------------------------------------------------------------ reading


@dataclass(frozen=True)
class Own:
    """What a file of hers holds: her functions and classes by name, or why it does not run."""

    found: dict[str, Any] = field(default_factory=dict)
    trouble: str = ""
    text: str = ""


def read(text: str, name: str) -> Own:
    """Run the text of her file, for some seconds at most, and take what it defines."""
    module = ModuleType(FILE[:-3])
    try:
        with limited(SECONDS), guarded():
            exec(compile(text, name, "exec"), module.__dict__)
    except SyntaxError as error:
        return Own(trouble=_("line {line}: {error}").format(line=error.lineno, error=error.msg))
    except TooLong:
        return Own(trouble=_("it does not come to its end within {n:g} s").format(n=SECONDS))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # `exit()`, too
        lines = [
            f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == name
        ]
        words = explain(error) if not lines else f"{type(error).__name__}: {error}"
        line = _("line {line}: ").format(line=lines[-1]) if lines else ""
        return Own(trouble=line + words)
    hers = {n: v for n, v in vars(module).items() if getattr(v, "__module__", "") == FILE[:-3]}
    return Own(hers, text=text)


def read_file(path: Path) -> Own:
    """The same of a file; an empty one where there is none."""
    try:
        return read(path.read_bytes().decode(), str(path)) if path.exists() else Own()
    except (OSError, UnicodeDecodeError) as error:
        return Own(trouble=str(error))


def because(own: Own, part: str) -> list[str]:
    """The other parts of hers that this one uses and that do not pass themselves."""
    used = [p for p in parts() if p != part and p in own.found and part in users(own.text, p)]
    return [p for p in used if not _judged(parts()[p], own.found[p], QUICK).passed]


def _judged(exercise: Exercise, answer: Any, count: int) -> Result:
    return judge(replace(exercise, count=count), answer, seconds=SECONDS)


def mine(*names: str) -> SimpleNamespace:
    """Parts of the network: yours from ``my_unet.py`` where they pass, else the library's.

    Prints which are which.

    Parameters
    ----------
    names : the parts, for example ``"center_crop"``

    Raises
    ------
    ValueError
        No such part.
    """
    chosen, yours = choose(names, place())
    print(in_a_line(yours, [name for name in names if name not in yours]))
    return SimpleNamespace(**chosen)


def choose(names: Iterable[str], file: Path | None) -> tuple[dict[str, Any], list[str]]:
    """The parts by name, as `mine` has them, and which are hers. Says what is wrong.

    Examples
    --------
    >>> choose(["center_crop"], file=None)[1]
    []
    """
    own = read_file(file) if file else Own()
    if own.trouble:
        print(_("{file} does not run: {why}").format(file=FILE, why=own.trouble))
    chosen, yours = {}, []
    for name in names:
        if name not in parts():
            raise ValueError(f"no part {name!r}; valid: {', '.join(parts())}")
        exercise = parts()[name]
        chosen[name] = exercise.reference
        if name not in own.found:
            continue
        result = _judged(exercise, own.found[name], QUICK)
        if result.passed:
            chosen[name] = own.found[name]
            yours.append(name)
        else:
            print(_("your `{part}` in {file} does not pass:").format(part=name, file=FILE))
            if broken := because(own, name):
                print(f"  {first_fix(broken)}")
            else:
                print(f"  {result}".replace("\n", "\n  "))
    return chosen, yours


def first_fix(broken: list[str]) -> str:
    """Where a part fails that only uses what is broken.

    Examples
    --------
    >>> first_fix(["center_crop"])
    'it uses your `center_crop`, which does not pass: fix that first'
    """
    names = ", ".join(f"`{part}`" for part in broken)
    return _n("it uses your {parts}, which does not pass: fix that first",
              "it uses your {parts}, which do not pass: fix those first",
              len(broken), parts=names)  # fmt: skip


def in_a_line(yours: list[str], others: list[str]) -> str:
    """Which part is whose.

    Examples
    --------
    >>> in_a_line(["double_conv", "center_crop"], ["forward"])
    "parts: yours: double_conv, center_crop · the library's: forward"
    """
    both = ((_("yours"), yours), (_("the library's"), others))
    said = [f"{whose}: {', '.join(names)}" for whose, names in both if names]
    return _("parts: {said}").format(said=" · ".join(said))
