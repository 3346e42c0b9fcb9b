"""How pytest treats the notebooks: the sources are built, not run; what ran can be kept.

With ``UNET_TEACH_EXECUTED=FOLDER`` every solved notebook whose cells all passed is saved there
with its outputs, for the book and the slides. An interactive is a live view that needs its
kernel; in its place stands the picture that it showed, asked of the kernel while it runs.

Solved notebooks are one course: each takes the parts that those before it have kept in
`my_unet.py`.
"""

from __future__ import annotations

import ast
import atexit
import importlib.util
import json
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

collect_ignore_glob = ["src/*", "translations/*"]

MINE = "UNET_TEACH_MINE"  # the folder of `my_unet.py`
VIEW = "application/vnd.jupyter.widget-view+json"
# Evaluated in the kernel: the interactive's name and title, and its picture.
PICTURE = """(lambda json, panel: json.dumps({
    "name": panel.name,
    "title": panel.panel_title,
    "html": panel.picture.html,
}))(__import__("json"), __import__("ipywidgets").widgets.widget._instances["MODEL"])"""


@cache
def _tool(name: str) -> ModuleType:
    path = Path(__file__).parents[1] / "tools" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pytest_configure(config: pytest.Config) -> None:
    """Keep what ran, where the environment names a folder and no micrograph can show.

    A learner's lessons, and all other tests, find no `my_unet.py` and write none.
    """
    os.environ[MINE] = "off"
    folder = os.environ.get("UNET_TEACH_EXECUTED")
    if not folder:
        return
    from unet_teach.data import isbi

    if isbi.find_isbi2012() is not None:
        print("UNET_TEACH_EXECUTED: nothing is kept, since the lessons run on ISBI 2012 here")
        return
    config.pluginmanager.register(Keeper(config.rootpath / folder), "unet-teach-keeper")


@cache
def _chain() -> Path:
    """A folder for each lesson, with the `my_unet.py` of all solved lessons before it."""
    folder = Path(tempfile.mkdtemp(prefix="unet-teach-chain-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for lesson, text in _tool("solved_parts").chain().items():
        (folder / lesson).mkdir()
        if text:
            (folder / lesson / "my_unet.py").write_text(text, encoding="utf-8")
    return folder


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item):
    """A solved lesson has the parts of all lessons before it.

    Its kernel starts with its first cell, and inherits where they are.
    """
    if item.path.parent.name == "solutions" and item.path.name[:2].isdigit():
        os.environ[MINE] = str(_chain() / item.path.name[:2])
    try:
        return (yield)
    finally:
        os.environ[MINE] = "off"


class Keeper:
    """Gathers the outputs of each solved notebook, and saves those that passed whole."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.tools = folder, _tool("executed")
        self.marks: dict[Path, str] = {}  # notebook -> what it was when it began to run
        self.passed: dict[Path, int] = {}  # notebook -> cells

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if hasattr(item, "test_outputs") and item.path not in self.marks:
            self.marks[item.path] = self.tools.fingerprint(item.path)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo):
        report = yield
        solved = item.path.parent.name == "solutions" and hasattr(item, "test_outputs")
        if solved and call.when == "call" and report.passed:
            item.cell.outputs, item.cell.execution_count = item.test_outputs, item.cell_num + 1
            self.passed[item.path] = self.passed.get(item.path, 0) + 1
            self._save_if_whole(item)
        return report

    def _save_if_whole(self, item: pytest.Item) -> None:
        code = [cell for cell in item.parent.nb.cells if cell.cell_type == "code"]
        if self.passed[item.path] < len(code):
            return
        for output in [output for cell in code for output in cell.outputs]:
            still(output, item.parent.kernel)
        self.tools.save(item.parent.nb, self.marks[item.path], self.folder / item.path.name)


def still(output, kernel) -> None:
    """Put an interactive's picture, as it is at the end of the lesson, in place of its view."""
    view = output.get("data", {}).get(VIEW)
    if view is None:
        return
    expression = PICTURE.replace("MODEL", view["model_id"])
    asked = kernel.kc.execute("", silent=True, user_expressions={"picture": expression})
    while True:
        reply = kernel.get_message("shell", timeout=30)
        if reply["parent_header"].get("msg_id") == asked:
            break
    answer = reply["content"]["user_expressions"]["picture"]
    if answer["status"] != "ok":  # none of the course's interactives: the book will complain
        return
    seen = json.loads(ast.literal_eval(answer["data"]["text/plain"]))
    output.data = {"text/html": seen.pop("html"), "text/plain": output.data["text/plain"]}
    output.metadata["interactive"] = seen
