"""Lesson 14 as its learner uses it: ■ in the middle of the training, then the cell again."""

from __future__ import annotations

from browser import CURRENT, KERNEL, open_notebook
from conftest import SHOTS
from views import ASK

TRAINING = "run = train(config, volume, runs / tier, watch=dashboard, forward=forward)"
CELLS = f"{CURRENT}.content.widgets"
PLACE = f"{CELLS}.findIndex(cell => cell.model.sharedModel.source.startsWith('{TRAINING}'))"
RUN_ALL = """
() => {
  window.allRan = false;
  window.jupyterapp.commands.execute('notebook:run-all-cells')
    .finally(() => { window.allRan = true; });
}
"""
STEPS = 240  # on a fast machine sixty are over before anyone can press
STEP = f"document.body.textContent.match(/Step (\\d+) of {STEPS}/)"
LONGER = f"""() => {{
  const {{ sharedModel: tier }} = {CELLS}.map(cell => cell.model).find(
    model => model.sharedModel.source.startsWith('tier = os.environ'));
  tier.source += '\\nconfig = replace(config, steps={STEPS})';
}}"""
# What ■ does, in the page itself: steps are soon over where a test waits for its turn.
PRESSED = f"""
() => {STEP}?.[1] > 24
  && (window.jupyterapp.commands.execute('notebook:interrupt-kernel'), true)
"""
SAID = f"""
() => {CELLS}[{PLACE}].model.outputs.toJSON().map(
  output => [output.text || output.ename].flat().join('')).join('\\n')
"""


def test_a_run_that_was_stopped_goes_on_when_its_cell_is_run_again(page, address):
    page.goto("about:blank")  # the page before may still ask a server that has ended
    page.complaints.clear()
    open_notebook(page, address.format(path="notebooks/14_isbi_2012.ipynb"))
    page.evaluate(LONGER)
    page.evaluate(RUN_ALL)
    page.wait_for_function(PRESSED, timeout=240_000, polling=50)
    wait_until_said(page, "KeyboardInterrupt")
    stopped = int(page.evaluate(f"() => {STEP}[1]"))
    assert 24 < stopped < STEPS
    page.screenshot(path=SHOTS / "14_stopped.png")

    page.wait_for_function(
        "() => window.allRan"
    )  # until then the kernel sends cells back unrun
    page.evaluate(f"""async () => {{
        {CURRENT}.content.activeCellIndex = {PLACE};
        await window.jupyterapp.commands.execute('notebook:run-cell');
    }}""")
    page.wait_for_function(f"() => {KERNEL}.status === 'idle'", timeout=120_000)
    assert "Error" not in page.evaluate(SAID)
    whole = f"[record['step'] for record in run.log] == list(range({STEPS}))"
    film = "dashboard.film.steps[-1], len(dashboard.film.loss)"
    assert page.evaluate(ASK, f"print({whole}, {film})") == f"True {STEPS} {STEPS}\n"
    assert page.complaints == []
    page.screenshot(path=SHOTS / "14_resumed.png")
    page.evaluate(f"() => {CURRENT}.sessionContext.shutdown()")


def wait_until_said(page, words: str) -> None:
    """Until the training's cell has said this."""
    page.wait_for_function(f"words => ({SAID})().includes(words)", arg=words, timeout=120_000)
