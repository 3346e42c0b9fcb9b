"""From a key on a control to the new picture on the screen, in a real browser.

    python benchmarks/latency.py                         # every lesson with an interactive
    python benchmarks/latency.py 01 07 --shots shots     # two of them, with screenshots
    python benchmarks/latency.py --runs 1                # once only

Each learner's notebook is opened in JupyterLab, run from top to bottom and every control of
its interactive moved by the keyboard alone. A time runs from the key's event to the frame
after the picture has changed in the page. The table is
unet_teach/resources/results/latency.json. Nothing else should run meanwhile.

Machines differ by more than interactives do. So the barest slider there is, with its number as
text in an otherwise empty notebook, is measured before and after the lessons: the floor.

And one run differs from the next by more than a change of an interactive does. So all lessons
are gone through several times, each time with a new server and a new browser: ``runs_ms`` are
the medians of the runs, ``median_ms`` their median, ``p95_ms`` that of all moves.

And a virtual machine has only the time that its host leaves it. What was taken from its cores
while a lesson was measured, in per cent of their time, is ``stolen_percent``, for each run.
Above 1 the lesson is opened and measured again, three times at most, and the try that lost
least counts, however long its moves took. Linux says it; elsewhere it is 0.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import nbformat
from browser import ROOT, browser, lab, run_notebook

RESULTS = ROOT / "unet_teach" / "resources" / "results" / "latency.json"
MOVES = 10  # of each control
REST = 50  # milliseconds before a move
# And after it. The page is left alone meanwhile: asking it every 5 ms whether the picture has
# changed, as Playwright's own waiting does, doubles the time of a bare slider.
QUIET = 300
CALM, TRIES = 1.0, 3  # per cent of the cores' time that the host may take, or once more
LISTEN = """
() => {
  const panel = document.querySelectorAll('.unet-panel')[PANEL];
  const shown = panel.querySelector('.unet-picture').closest('.widget-html-content');
  const state = { start: null, times: [] };
  window.unetLatency = state;
  for (const kind of ['keydown', 'change'])
    window.addEventListener(kind, event => {
      if (kind === 'keydown' || event.target.tagName === 'SELECT')
        state.start = performance.now();
    }, true);
  new MutationObserver(() => {
    if (state.start === null) return;
    const start = state.start;
    state.start = null;
    // The frame that shows it begins; a message posted in it is handled when it was painted.
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => state.times.push(performance.now() - start);
      channel.port2.postMessage(null);
    });
  }).observe(shown, { childList: true, subtree: true, characterData: true });
}
"""
FLOOR = """
import ipywidgets as core
slider, shown = core.IntSlider(), core.HTML('<p class="unet-picture">0</p>')
def show(move):
    shown.value = f'<p class="unet-picture">{move.new}</p>'
slider.observe(show, "value")
core.VBox([slider, shown]).add_class("unet-panel")
"""
CONTROLS = ".noUi-handle, select, input[type=checkbox], .jupyter-button"


def moves(page, element, kind: str) -> list[float]:
    """Move one control back and forth; gives the milliseconds of the moves that showed."""
    found = []
    keys = {"slider": ["ArrowRight", "ArrowLeft"]}
    for number in range(MOVES):
        pair = keys.get(kind, ["Space", "Space"])
        key = pair[(number // 3) % 2]
        page.evaluate("() => Object.assign(window.unetLatency, {start: null, times: []})")
        page.wait_for_timeout(REST)
        if kind == "select":  # headless Chromium opens a list of its own on arrow keys
            count = element.evaluate("e => e.options.length")
            element.select_option(index=number % count)
        else:
            element.focus()
            page.keyboard.press(key)
        page.wait_for_timeout(QUIET)
        # None where the control stood at its end, or the picture stayed the same.
        found += page.evaluate("() => window.unetLatency.times.slice(0, 1)")
    return found


def kind_of(element) -> str:
    tag = element.evaluate("e => e.tagName + ' ' + (e.type || '') + ' ' + e.className")
    if "noUi-handle" in tag:
        return "slider"
    return "select" if tag.startswith("SELECT") else "button"


def name_of(element) -> str:
    """What stands beside a control."""
    return element.evaluate(
        """e => (e.type === 'checkbox' ? e.closest('label') || e.parentElement
        : e.tagName === 'BUTTON' ? e
        : e.closest('.jupyter-widgets').querySelector('.widget-label')
        ).textContent.replace(/\\u200b/g, '').trim()"""
    )


def measure(page, panel: int) -> dict[str, list[float]]:
    """Control -> milliseconds, for one panel."""
    page.evaluate(LISTEN.replace("PANEL", str(panel)))
    box = page.locator(".unet-panel").nth(panel)
    box.scroll_into_view_if_needed()
    times = {}
    for place in range(box.locator(CONTROLS).count()):
        element = box.locator(CONTROLS).nth(place)
        if not element.is_visible():
            continue
        name = name_of(element) or f"control {place}"
        found = moves(page, element, kind_of(element))
        times[name if name not in times else f"{name} ({place})"] = found
    return times


def ticks() -> tuple[int, int]:
    """Ticks of all cores that the host took for others, and all ticks; (0, 1) if not said."""
    try:
        first = Path("/proc/stat").read_text().splitlines()[0]
    except OSError:
        return 0, 1
    counts = [int(count) for count in first.split()[1:9]]  # the rest is counted in these
    return counts[7], sum(counts)


def lesson(page, name: str) -> tuple[float, dict[str, dict[str, list[float]]]]:
    """A lesson that has run, measured: stolen per cent; interactive -> control -> ms."""
    table: dict[str, dict[str, list[float]]] = {}
    before = ticks()
    for panel in range(page.locator(".unet-panel").count()):
        title = page.locator(".unet-panel .unet-title").nth(panel).text_content()
        title = f"{name} {title}"
        title = title if title not in table else f"{title}, {panel + 1}"
        table[title] = measure(page, panel)
        print(f"  {title}:", summarise([table[title]]), flush=True)
    stolen, every = (now - then for now, then in zip(ticks(), before, strict=True))
    share = round(100 * stolen / max(every, 1), 1)
    print(f"  stolen {share} %", flush=True)
    return share, table


def summarise(runs: Sequence[dict[str, list[float]]], stolen: Sequence[float] = ()) -> dict:
    """Of one interactive: all runs together, each run's median, each control's median."""
    medians = [statistics.median(chain(*times.values())) for times in runs]
    names = dict.fromkeys(chain(*runs))
    controls = {name: [*chain(*(times.get(name, []) for times in runs))] for name in names}
    every = sorted(chain(*controls.values()))
    return {
        "median_ms": round(statistics.median(medians), 1),
        "runs_ms": [round(median, 1) for median in medians],
        **({"stolen_percent": list(stolen)} if stolen else {}),
        "p95_ms": round(every[int(0.95 * (len(every) - 1))], 1),
        "moves": len(every),
        "controls": {
            name: round(statistics.median(values), 1) if values else None
            for name, values in controls.items()
        },
    }


def measure_floor(page, address: str) -> list[float]:
    """Milliseconds of a bare slider and a number, in a notebook of its own."""
    assert run_notebook(page, address.format(path="notebooks/floor.ipynb")) == []
    return measure(page, 0)["control 0"]


def shoot(page, folder: Path, name: str) -> None:
    """The whole notebook, screen by screen."""
    folder.mkdir(parents=True, exist_ok=True)
    pane = page.locator(".jp-WindowedPanel-outer").first
    height = pane.evaluate("e => e.scrollHeight")
    for number, top in enumerate(range(0, int(height), 880)):
        pane.evaluate("(e, top) => { e.scrollTop = top; }", top)
        page.wait_for_timeout(250)
        pane.screenshot(path=str(folder / f"{name}_{number:02d}.png"))


def go_through(notebooks: list[Path], options: argparse.Namespace) -> tuple[dict, list, list]:
    """All lessons once: interactive -> (control -> ms, stolen per cent); floor's; failures."""
    table, floor, failed = {}, [], []
    empty = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(FLOOR)])
    # Without one JupyterLab asks which kernel to start.
    empty.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    theme, extra = "dark" if options.dark else "light", {"floor": nbformat.writes(empty)}
    with lab(theme, extra) as address, browser() as page:
        if options.runs:
            floor += measure_floor(page, address)
        for path in notebooks:
            tries = []
            for number in range(TRIES if options.runs else 1):
                errors = run_notebook(page, address.format(path=f"notebooks/{path.name}"))
                panels = page.locator(".unet-panel").count()
                print(f"{path.stem}: {panels} interactives, errors {errors}", flush=True)
                failed += [f"{path.stem}: {error}" for error in errors]
                if options.shots and number == 0:
                    shoot(page, options.shots, path.stem)
                if options.runs:
                    tries.append(lesson(page, path.stem[:2]))
                    if tries[-1][0] <= CALM:
                        break
            if tries:
                stolen, found = min(tries, key=lambda one: one[0])
                table.update({title: (times, stolen) for title, times in found.items()})
            for panel in range(panels if options.shots else 0):
                page.locator(".unet-panel").nth(panel).screenshot(
                    path=str(options.shots / f"{path.stem}_widget{panel}.png")
                )
            if page.complaints:
                print("  console:", page.complaints[:5])
                page.complaints.clear()
        if options.runs:
            floor += measure_floor(page, address)
            print(f"the floor: median {statistics.median(floor):.1f} ms")
    return table, floor, failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", help="such as 01; all where none is given")
    parser.add_argument("--runs", type=int, default=3, help="times through all; 0: only look")
    parser.add_argument("--shots", type=Path, help="a folder for screenshots")
    parser.add_argument("--dark", action="store_true", help="JupyterLab's dark theme")
    options = parser.parse_args()
    notebooks = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    if options.lessons:
        notebooks = [path for path in notebooks if path.name[:2] in options.lessons]
    if not notebooks:
        parser.error(f"no such lesson: {' '.join(options.lessons)}")
    runs = [go_through(notebooks, options) for _ in range(max(options.runs, 1))]
    tables, floors, failures = zip(*runs, strict=True)
    if any(tables):
        names = dict.fromkeys(chain(*tables))  # one that failed to run has none in that run
        found = {name: [table[name] for table in tables if name in table] for name in names}
        rows = {name: summarise(*zip(*each, strict=True)) for name, each in found.items()}
        known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        rows = dict(sorted({**known.get("interactives", {}), **rows}.items()))
        machine = f"{os.cpu_count()} cores, {platform.machine()}, headless Chromium"
        floor = summarise([{"a bare slider": floor} for floor in floors])
        facts = {"hardware": machine, "floor": floor, "interactives": rows}
        RESULTS.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", "utf-8")
    failed = [*chain(*failures)]
    for line in failed:
        print("FAILED", line)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
