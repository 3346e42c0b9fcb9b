"""The results as a table for programs (CSV) and as a page for people (HTML)."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import astuple, fields
from html import escape

from unet_teach.classroom.results import STATES, TROUBLE, Row

SIGNS = {
    "passed": "✓", "wrong": "✗", "not attempted": "○", "missing": "–", "stopped": "■",
    "crashed": "!", "unreadable": "?",
}  # fmt: skip
# What a spreadsheet would take for a formula, at the start of a cell; where semicolons divide
# cells, behind each of them.
FORMULA = re.compile("(^|[;\t])(\\s*)(?=[=+\\-@\t\r＝＋－＠])")

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Graded submissions</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto;
  padding: 0 1rem; }}
table {{ border-collapse: collapse; margin: 1rem 0; }}
caption {{ text-align: left; font-weight: bold; padding: .3rem 0; }}
th, td {{ border: 1px solid GrayText; padding: .25rem .6rem; text-align: left;
  vertical-align: top; }}
.look {{ font-weight: bold; text-decoration: underline; }}
td p {{ margin: 0; overflow-wrap: anywhere; }}
</style>
</head>
<body>
<main>
<h1>Graded submissions</h1>
<p>{summary}</p>
{tables}
<h2>Details</h2>
{details}
<h2>What the words mean</h2>
<dl>{legend}</dl>
</main>
</body>
</html>
"""


def as_csv(rows: list[Row]) -> str:
    """One line a row; a cell that a spreadsheet would compute is made plain text.

    Examples
    --------
    >>> row = Row("=1+1", "05", "05.center_crop", "passed", "", 0.5, "a.ipynb")
    >>> print(as_csv([row]).splitlines()[1])
    '=1+1,05,05.center_crop,passed,,0.5,a.ipynb
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([field.name for field in fields(Row)])
    writer.writerows([[_cell(value) for value in astuple(row)] for row in rows])
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str):
        value = value.encode(errors="replace").decode().replace("\0", "")
        value = " ".join(value.splitlines())
        return FORMULA.sub(r"\1\2'", value)
    return value


def summary(rows: list[Row]) -> str:
    """How many of what, in one sentence."""
    counted = Counter(row.state for row in rows)
    students = len({row.student for row in rows})
    words = ", ".join(f"{counted[state]} {state}" for state in STATES if counted[state])
    return f"{students} student{'s' if students != 1 else ''}: {words or 'nothing'}"


def as_page(rows: list[Row]) -> str:
    """A page without scripts and without anything from elsewhere."""
    legend = "".join(
        f"<dt>{SIGNS[state]} {state}</dt><dd>{escape(words)}</dd>"
        for state, words in STATES.items()
    )
    lessons = sorted({row.lesson for row in rows if row.lesson})
    tables = "".join(
        _table(lesson, [r for r in rows if r.lesson == lesson]) for lesson in lessons
    )
    page = PAGE.format(
        summary=escape(summary(rows)), legend=legend, tables=tables, details=_details(rows)
    )
    return page.encode(errors="replace").decode()


def _table(lesson: str, rows: list[Row]) -> str:
    """Students down, exercises across."""
    exercises = list(dict.fromkeys(row.exercise for row in rows))
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in exercises)
    found = {(row.notebook, row.exercise): row for row in rows}
    students = dict.fromkeys((row.notebook, row.student) for row in rows)
    lines = []
    for notebook, student in students:
        cells = "".join(_state(found.get((notebook, exercise))) for exercise in exercises)
        name = f'<th scope="row" title="{escape(notebook)}"><bdi>{escape(student)}</bdi></th>'
        lines.append(f"<tr>{name}{cells}</tr>")
    return (
        f"<h2>Lesson {escape(lesson)}</h2><table><caption>What became of each exercise"
        f'</caption><thead><tr><th scope="col">Student</th>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table>"
    )


def _state(row: Row | None) -> str:
    if row is None:
        return "<td></td>"
    look = ' class="look"' if row.state in TROUBLE else ""
    note = " (note)" if "note: " in row.detail else ""
    return f"<td{look}>{SIGNS[row.state]} {row.state}{note}</td>"


def _details(rows: list[Row]) -> str:
    """Everything that there is something to say of."""
    head = "".join(
        f'<th scope="col">{name}</th>' for name in ("Student", "Exercise", "State", "Detail")
    )
    lines = []
    for row in rows:
        if row.detail:
            what = row.exercise or row.notebook
            lines.append(
                f'<tr><th scope="row"><bdi>{escape(row.student)}</bdi></th>'
                f"<td><bdi>{escape(what)}</bdi></td>{_state(row)}"
                f"<td><p><bdi>{escape(row.detail)}</bdi></p></td></tr>"
            )
    if not lines:
        return "<p>Nothing more to say.</p>"
    return (
        "<table><caption>What was wrong, and what to look at</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    )
