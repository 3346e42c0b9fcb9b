"""A lesson that was saved, closed and opened again: only its kernel is gone."""

from __future__ import annotations

from browser import CURRENT, open_notebook, run_notebook
from conftest import SHOTS

COPY = """async path => {
  const { contents } = window.jupyterapp.serviceManager;
  return (await contents.copy(path, 'notebooks')).path;
}"""
SAVE = "() => window.jupyterapp.commands.execute('docmanager:save')"
SHOW = f"""() => {{
  const notebook = {CURRENT}.content;
  notebook.activeCellIndex = notebook.widgets.findIndex(
    cell => cell.model.sharedModel.source.trim() === 'crop_explorer()');
  notebook.activeCell.node.scrollIntoView({{ block: 'start' }});
}}"""

ANSWERED = """before => {
  const view = document.querySelector('.jp-Cell.jp-mod-active .unet-view');
  return view && view.dataset.answered !== before;
}"""


def test_a_lesson_opened_again_shows_its_interactive_and_says_that_no_kernel_answers(
    page, address
):
    page.goto("about:blank")  # the page before may still ask a server that has ended
    page.complaints.clear()
    open_notebook(page, address.format(path="notebooks/05_crop_or_pad.ipynb"))
    again = address.format(path=page.evaluate(COPY, "notebooks/05_crop_or_pad.ipynb"))
    assert run_notebook(page, again) == []
    page.evaluate(SAVE)
    page.evaluate(f"() => {CURRENT}.sessionContext.shutdown()")

    page.goto("about:blank")
    open_notebook(page, again)
    page.evaluate(SHOW)
    view = page.locator(".jp-Cell.jp-mod-active .unet-view")
    view.wait_for(timeout=20_000)
    before = view.get_attribute("data-answered")
    note = view.locator(".unet-note")
    assert note.is_hidden()
    view.get_by_role("button", name="Only two pixels off?").click()
    note.wait_for(timeout=20_000)
    assert note.inner_text().startswith("No answer yet.")
    assert view.get_attribute("data-answered") == before  # and the picture is the old one
    page.screenshot(path=SHOTS / "05_opened_again.png")

    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.evaluate(SHOW)  # run again, it answers
    view.wait_for(timeout=20_000)
    view.get_by_role("button", name="Only two pixels off?").click()
    page.wait_for_function(ANSWERED, arg=before, timeout=20_000)
    assert note.is_hidden()
    assert page.complaints == []
    page.evaluate(f"() => {CURRENT}.sessionContext.shutdown()")
