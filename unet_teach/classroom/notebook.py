"""Read a notebook without trusting it: in the process that judges it, not in the teacher's."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field

from unet_teach.classroom.lessons import lessons, places
from unet_teach.classroom.submissions import Unreadable

CHECK = re.compile(r"""check\(\s*["'](\d\d)\.\w+["']""")


@dataclass(frozen=True)
class Notebook:
    """What counts of a notebook."""

    lesson: str
    cells: list[tuple[str, str]] = field(repr=False)  # (id, source) of each code cell


def read(content: bytes, filename: str) -> Notebook:
    """Read a notebook as data; none of its code is run, or even parsed.

    Raises
    ------
    Unreadable
        It is no notebook, or of none of the lessons.
    """
    try:
        raw = json.loads(content.decode("utf-8-sig"))
        cells = [_cell(cell) for cell in raw["cells"] if cell["cell_type"] == "code"]
    except UnicodeDecodeError:
        raise Unreadable("no notebook: it is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"no notebook: no JSON in line {error.lineno}") from None
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
        raise Unreadable(
            "no notebook: JSON, but without cells as a notebook has them"
        ) from None
    return Notebook(lesson_of(cells, filename), cells)


def _cell(cell: dict) -> tuple[str, str]:
    source = cell["source"]
    text = source if isinstance(source, str) else "".join(source)
    # What is half of a character is none in source code either.
    return str(cell.get("id") or ""), text.encode(errors="replace").decode()


def lesson_of(cells: list[tuple[str, str]], filename: str) -> str:
    """The lesson's number: from the cells' ids, else from calls of check, else from the name.

    Raises
    ------
    Unreadable
        None of them tells.
    """
    ids = {place.cell_id: place.lesson for lesson in lessons() for place in places(lesson)}
    by_id = Counter(ids[label] for label, _source in cells if label in ids)
    by_check = Counter(n for _label, source in cells for n in CHECK.findall(source))
    for votes in (by_id, by_check):
        known = [number for number, _count in votes.most_common() if number in lessons()]
        if known:
            return known[0]
    if (start := re.match(r"\d\d(?=_)", filename)) and start[0] in lessons():
        return start[0]
    raise Unreadable("a notebook, but of none of the lessons: no exercise was found in it")
