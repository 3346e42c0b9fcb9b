"""A real JupyterLab on loopback and a real headless Chromium: what a learner has before her.

    python -m pip install -e ".[browser]"     # and Debian's chromium: apt-get install chromium

Used by `latency.py` and by the tests in a browser. What took longest to find out is said where
it is dealt with.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import chromium  # noqa: E402
from opening import Server  # noqa: E402

SETTINGS = {
    # JupyterLab 4.6's own choice: every cell is in the page, none out of sight is drawn.
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "contentVisibility"},
    # A lesson saved half-way has widgets in it that the next kernel doesn't know.
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
    # The popup about news covers what it lies on.
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
}
CURRENT = "window.jupyterapp.shell.currentWidget"
KERNEL = f"{CURRENT}?.sessionContext?.session?.kernel"


def lab_python() -> str:
    """The Python that has JupyterLab: this one, or the course's own."""
    own = ROOT / ".venv" / "bin" / "python"
    return str(own) if own.exists() else sys.executable


@contextmanager
def lab(
    theme: str = "light", extra: Mapping[str, str] | None = None, **environment: str
) -> Iterator[str]:
    """A JupyterLab over this checkout's notebooks; gives its address, with ``{path}``.

    ``extra`` holds notebooks beside them: name -> text.
    """
    scratch = Path(tempfile.mkdtemp(prefix="lab_"))
    server = Server(log=scratch / "lab.log")
    settings = dict(SETTINGS)
    if theme == "dark":
        settings["@jupyterlab/apputils-extension/themes"] = {"theme": "JupyterLab Dark"}
    for name, values in settings.items():
        path = scratch / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    # A copy: opening, running and closing must not change the committed files.
    shutil.copytree(ROOT / "notebooks", scratch / "notebooks")
    for name, text in (extra or {}).items():
        (scratch / "notebooks" / f"{name}.ipynb").write_text(text, encoding="utf-8")
    command = [
        lab_python(), "-m", "jupyterlab", *server.flags,
        "--LabApp.expose_app_in_browser=True", f"--ServerApp.root_dir={scratch}",
    ]  # fmt: skip
    folders = {"JUPYTERLAB_SETTINGS_DIR": str(scratch / "settings"), "OMP_NUM_THREADS": "1"}
    folders["JUPYTERLAB_WORKSPACES_DIR"] = str(scratch / "workspaces")
    with open(server.log, "w") as log:
        server.process = subprocess.Popen(
            command, stdout=log, stderr=log, env={**os.environ, **folders, **environment}
        )
    try:
        server.wait()
        yield f"http://127.0.0.1:{server.port}/lab/tree/{{path}}?token={server.token}&reset"
    finally:
        server.process.terminate()
        server.process.wait(20)
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def browser(width: int = 1280, height: int = 1000) -> Iterator[Page]:
    """A page of headless Chromium; ``page.complaints`` gathers what its console says."""
    if trouble := chromium.missing():
        sys.exit(trouble)
    found = chromium.chromium()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=chromium.FLAGS)
        page = started.new_page(viewport={"width": width, "height": height})
        page.complaints = []

        def note(message) -> None:
            if message.type == "error":  # and which address it is about
                page.complaints.append(f"{message.text} {message.location.get('url', '')}")

        page.on("console", note)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        yield page
        started.close()


def open_notebook(page: Page, address: str) -> None:
    """Open a notebook and wait until its kernel answers."""
    page.goto(address, timeout=150_000, wait_until="domcontentloaded")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=120_000)
    # "idle" is said before the kernel is connected, and a run-all is then lost for ever.
    page.wait_for_function(f"() => {KERNEL}?.connectionStatus === 'connected'", timeout=120_000)
    page.evaluate(f"async () => {{ await {KERNEL}.info; }}")


def run_notebook(page: Page, address: str, seconds: float = 300) -> list[str]:
    """Open a notebook, run all its cells; gives the errors that cells ended with."""
    open_notebook(page, address)
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    cells = f"{CURRENT}.content.widgets.filter(cell => cell.model.type === 'code')"
    outputs = f"{cells}.flatMap(cell => cell.model.outputs.toJSON())"
    failed = f"{outputs}.filter(output => output.output_type === 'error')"
    done = (
        f"() => {KERNEL}.status === 'idle' && ({failed}.length || {cells}.every(cell => "
        "!cell.model.sharedModel.source.trim() || cell.model.executionCount))"
    )
    page.wait_for_function(done, timeout=seconds * 1000, polling=200)
    page.wait_for_timeout(1500)  # the last widgets are still being drawn
    return page.evaluate(f"() => {failed}.map(output => output.ename + ': ' + output.evalue)")
