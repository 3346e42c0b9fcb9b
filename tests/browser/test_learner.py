"""A learner's hands in JupyterLab: each answer typed wrongly, then rightly, and kept.

One lesson in CI; `python -m pytest -m slow tests/browser/test_learner.py` types all of them.
"""

from __future__ import annotations

import json

import pytest
from browser import CURRENT, KERNEL, run_notebook
from collect import mistakes
from conftest import LESSONS, ROOT, SHOTS

from unet_teach.classroom.lessons import places
from unet_teach.rooms import facts

CELLS = f"{CURRENT}.content.widgets"
# What a cell's outputs say, of text and of pages.
SAID = f"""
id => {CELLS}.find(cell => cell.model.id === id).node
  .querySelector('.jp-OutputArea')?.innerText ?? ''
"""
SELECT = f"""
id => {{
  const notebook = {CURRENT}.content;
  notebook.activeCellIndex = notebook.widgets.findIndex(cell => cell.model.id === id);
  notebook.activeCell.node.scrollIntoView({{ block: 'center' }});
}}
"""
MINE = "async () => (await fetch('/files/notebooks/my_unet.py')).text()"


def write(page, cell: str, text: str) -> None:
    """Into a cell, in the place of what is there; then Shift + Enter."""
    page.evaluate(SELECT, cell)
    page.locator(".jp-Cell.jp-mod-active").locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
    page.keyboard.press("Shift+Enter")


def said(page, cell: str) -> str:
    """What a cell says when it is run."""
    page.evaluate(SELECT, cell)
    page.locator(".jp-Cell.jp-mod-active .jp-InputPrompt").click()
    page.keyboard.press("Shift+Enter")
    page.wait_for_timeout(300)
    page.wait_for_function(f"() => {KERNEL}.status === 'idle'", timeout=180_000)
    page.wait_for_function(f"id => ({SAID})(id) !== ''", arg=cell, timeout=20_000)
    page.wait_for_timeout(200)
    return page.evaluate(SAID, cell)


def right(lesson) -> dict[str, str]:
    """The solved notebook's cells: id -> source."""
    cells = json.loads((ROOT / "notebooks" / "solutions" / lesson.name).read_text())["cells"]
    return {cell["id"]: "".join(cell["source"]) for cell in cells}


@pytest.mark.parametrize(
    "lesson",
    [pytest.param(one, marks=() if one.stem.startswith("05") else pytest.mark.slow)
     for one in LESSONS],
    ids=lambda path: path.stem,
)  # fmt: skip
def test_answers_are_typed_wrongly_and_rightly_and_kept(page, address, lesson):
    number, solved = lesson.name[:2], right(lesson)
    wrong = mistakes(number)
    page.goto("about:blank")  # the page before may still ask a server that has ended
    page.complaints.clear()
    assert run_notebook(page, address.format(path=f"notebooks/{lesson.name}")) == []
    for place in places(number):
        check = next(one for one, text in solved.items() if f'check("{place.exercise}"' in text)
        assert "not yet" not in page.evaluate(SAID, check)  # nothing attempted, nobody scolded
        name, code = next(r[place.exercise] for r in wrong if place.exercise in r)
        write(page, place.cell_id, code)
        first = said(page, check)
        assert "not yet" in first, (place.exercise, name, first)
        write(page, place.cell_id, solved[place.cell_id])
        second = said(page, check)
        assert "passed" in second and "not yet" not in second, (place.exercise, second)
        page.screenshot(path=SHOTS / f"typed_{place.exercise}.png")
    kept = page.evaluate(MINE) if any(one.part for one in facts(number).asked) else ""
    for one in facts(number).asked:
        assert (f"# === end {one.name}" in kept) == one.part
    assert page.complaints == []
    page.evaluate(f"() => {CURRENT}.sessionContext.shutdown()")
