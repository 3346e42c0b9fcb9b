"""Lesson 14 as its learner uses it: ■ in the middle of the training, then the cell again."""

from __future__ import annotations

from browser import CURRENT, KERNEL, open_notebook
from conftest import SHOTS
from interactive import ASK

TRAINING = "run = train(config, volume, runs / tier, on_step=dashboard)"
CELLS = f"{CURRENT}.content.widgets"
PLACE = f"{CELLS}.findIndex(cell => cell.model.sharedModel.source.startsWith('{TRAINING}'))"
STEP = "document.body.textContent.match(/Step (\\d+) of 60/)"
SAID = f"""
() => {CELLS}[{PLACE}].model.outputs.toJSON().map(
  output => [output.text || output.ename].flat().join('')).join('\\n')
"""


def test_a_run_that_was_stopped_goes_on_when_its_cell_is_run_again(page, address):
    page.complaints.clear()
    open_notebook(page, address.format(path="notebooks/14_isbi_2012.ipynb"))
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    page.wait_for_function(f"() => {STEP}?.[1] > 24", timeout=240_000, polling=50)
    page.locator("[data-jp-item-name=interrupt]").locator("visible=true").click()
    wait_until_said(page, "KeyboardInterrupt")
    stopped = int(page.evaluate(f"() => {STEP}[1]"))
    assert 24 < stopped < 60
    done = 20 * (stopped // 20)  # a checkpoint every 20 steps
    page.screenshot(path=SHOTS / "14_stopped.png")

    page.evaluate(ASK, "kept = list(dashboard.records)")
    page.evaluate(f"""async () => {{
        {CURRENT}.content.activeCellIndex = {PLACE};
        await window.jupyterapp.commands.execute('notebook:run-cell');
    }}""")
    wait_until_said(page, "held-out block: V_rand")
    page.wait_for_function(f"() => {KERNEL}.status === 'idle'", timeout=60_000)
    assert "Error" not in page.evaluate(SAID)  # the cell's own assertions hold
    again = "sum(old is new for old, new in zip(kept, dashboard.records))"
    steps = "[record['step'] for record in dashboard.records] == list(range(60))"
    assert page.evaluate(ASK, f"print({again}, {steps})") == f"{done} True\n"
    assert page.complaints == []
    page.screenshot(path=SHOTS / "14_resumed.png")
    page.evaluate(f"() => {CURRENT}.sessionContext.shutdown()")


def wait_until_said(page, words: str) -> None:
    """Until the training's cell has said this."""
    page.wait_for_function(f"words => ({SAID})().includes(words)", arg=words, timeout=120_000)
