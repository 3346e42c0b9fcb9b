"""In JupyterLab: a run in a cell is stopped from its view, and goes on from there."""

from __future__ import annotations

import nbformat
from browser import CURRENT, lab, open_notebook
from conftest import SHOTS
from nbformat.v4 import new_code_cell, new_notebook

CELLS = (
    "from dataclasses import replace\n"
    "from unet_teach.data.membranes import synthetic_membranes\n"
    "from unet_teach.film import Dashboard\n"
    "from unet_teach.training import TIERS, train\n"
    "import tempfile\n"
    "volume, folder = synthetic_membranes(5, size=96, seed=0), tempfile.mkdtemp()\n"
    "config = replace(TIERS['check'], steps=100_000)\n"
    "dashboard = Dashboard()\ndashboard",
    "run = train(config, volume, folder, watch=dashboard)",
)
STEP = "() => Number(document.querySelector('.film-now')?.dataset.step || 0)"
NUMBER = f"{CURRENT}.content.widgets[1].model.executionCount"  # of the training's cell


def test_stop_and_go_on_from_the_view(page):
    book = new_notebook(cells=[new_code_cell(source) for source in CELLS])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    with lab(extra={"film": nbformat.writes(book)}, UNET_TEACH_DATA="") as address:
        open_notebook(page, address.format(path="notebooks/film.ipynb"))
        page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
        page.wait_for_function(f"({STEP})() > 20", timeout=90_000)
        page.screenshot(path=SHOTS / "film_live.png")
        assert (
            page.evaluate(f"() => {NUMBER}") is None
        )  # the cell goes on, and the page is heard
        page.get_by_role("button", name="Stop", exact=True).click()
        page.get_by_role("button", name="Go on", exact=True).wait_for(timeout=60_000)
        step = page.evaluate(STEP)
        page.wait_for_function(f"() => {NUMBER}", timeout=60_000)
        page.get_by_role("button", name="Go on", exact=True).click()
        page.wait_for_function(f"({STEP})() > {step}", timeout=60_000)
        page.get_by_role("button", name="Stop", exact=True).click()
        page.get_by_role("button", name="Go on", exact=True).wait_for(timeout=60_000)
        page.evaluate(f"() => {CURRENT}.sessionContext.shutdown()")
