"""One JupyterLab and one headless Chromium for all lessons: `make test-browser`.

Left out of a plain `pytest`, since it needs a browser. What is seen and measured lies in
build/browser afterwards: a screenshot of each interactive and each lesson, and the
milliseconds from a key to the new picture, which are printed and never judged.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "benchmarks"), str(Path(__file__).parent)]

from browser import CURRENT, browser, lab, run_notebook  # noqa: E402

LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
SHOTS = ROOT / "build" / "browser"
BADGE = '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="20"/>'
times: dict[str, list[float]] = {}  # interactive -> milliseconds, over all its controls


@pytest.fixture(scope="session")
def address():
    """Of JupyterLab, over a copy of the notebooks, on synthetic membranes."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    with lab(UNET_TEACH_DATA="", UNET_TEACH_CACHE=str(SHOTS / "no_data")) as found:
        yield found


@pytest.fixture(scope="session")
def page(address):
    """A page that reaches nothing but the course; ``page.asked`` gathers what it asked for."""
    with browser() as found:
        found.asked = []

        def answer(route):
            request = route.request
            if request.url.startswith(("http://127.0.0.1", "data:", "blob:")):
                route.continue_()
            elif "badge" in request.url:  # the links under a lesson's title
                route.fulfill(content_type="image/svg+xml", body=BADGE)
            else:
                found.asked.append(request.url)
                route.abort()

        found.route("**/*", answer)
        yield found


@pytest.fixture(scope="module", params=LESSONS, ids=lambda path: path.stem)
def lesson(request, page, address):
    """A learner's lesson, run from top to bottom with nothing attempted."""
    name = request.param.stem
    page.goto("about:blank")  # the page before may still ask a server that has ended
    page.complaints.clear()
    page.asked.clear()
    errors = run_notebook(page, address.format(path=f"notebooks/{name}.ipynb"))
    yield SimpleNamespace(name=name, errors=errors, page=page)
    page.evaluate(f"() => {CURRENT}.sessionContext.shutdown()")  # one kernel's memory at a time


class ByLesson(LoadScopeScheduling):
    """What shares a lesson's kernel or an interactive's page stays with one worker."""

    def _split_scope(self, nodeid):
        path, _, chosen = nodeid.partition("[")
        return re.split("[-\\]]", chosen)[0] or path.partition("::")[0]


def pytest_xdist_make_scheduler(config, log):
    return ByLesson(config, log)


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["times"] = times


def pytest_testnodedown(node, error):
    """A worker's times, when it has ended."""
    times.update(getattr(node, "workeroutput", {}).get("times", {}))


def pytest_terminal_summary(terminalreporter):
    if not times:
        return
    rows = {
        name: {
            "median": statistics.median(found),
            "p95": sorted(found)[int(0.95 * (len(found) - 1))],
            "moves": len(found),
        }
        for name, found in sorted(times.items())
    }
    (SHOTS / "latency.json").write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
    terminalreporter.section("from an event to the painted answer, ms (printed, not judged)")
    for name, row in rows.items():
        numbers = "{median:6.1f} median {p95:6.1f} in 95 % {moves:4d} moves".format(**row)
        terminalreporter.line(f"{numbers}  {name}")
