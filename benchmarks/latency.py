"""From an input event to the painted frame that shows its answer, for every interactive.

    python benchmarks/latency.py                  # all, in a static page: minutes
    python benchmarks/latency.py u_explorer       # one of them

Each interactive's page is opened from a folder, answered by its recording, and every lever is
pressed by the keyboard alone: once as on a desk, once as on a phone (360 pixels wide, the
processor four times as slow), three times each, in a page opened again. *Floor* is the time
from the same events to the next painted frame, whatever it shows; *ready* the time from opening
the page to its first answer (the median of the three). The table is
unet_teach/resources/results/latency.json. Nothing else should run meanwhile; in a notebook,
where a kernel answers, `make test-browser` prints the same figures.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests" / "browser")]
import record  # noqa: E402
import show_view  # noqa: E402
from browser import browser  # noqa: E402
from views import READY, View  # noqa: E402

RESULTS = ROOT / "unet_teach" / "resources" / "results" / "latency.json"
WAYS = {"desk": (1280, 1), "phone": (360, 4)}  # width in pixels, slow-down of the processor
REST = 60  # milliseconds between two moves
ROUNDS = 3  # of fewer than twenty moves, the largest alone would be "95 %"


def summary(found: list[float]) -> dict[str, float]:
    """Median and 95 % of some milliseconds."""
    ordered = sorted(found)
    return {
        "median": round(statistics.median(ordered), 1),
        "p95": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 1),
    }


def measured(page, address: str, name: str, width: int, slower: int) -> dict:
    """One interactive, one way, in all rounds."""
    rounds = [once(page, address, name, width, slower) for _round in range(ROUNDS)]
    answers, floor = (
        [time for times, _ready in rounds for time in times[kind]]
        for kind in ("answers", "floor")
    )
    return {
        "answer_ms": summary(answers), "floor_ms": summary(floor), "moves": len(answers),
        "ready_ms": round(statistics.median(ready for _times, ready in rounds)),
    }  # fmt: skip


def once(page, address: str, name: str, width: int, slower: int) -> tuple[dict, float]:
    """Every lever pressed: the milliseconds of each answer and of each floor; until ready."""
    context = page.context.browser.new_context(viewport={"width": width, "height": 900})
    shown = context.new_page()
    client = context.new_cdp_session(shown)
    client.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    shown.goto(address, wait_until="commit")
    shown.wait_for_selector(READY)
    ready = shown.evaluate("performance.now()")
    view = View(shown, 0, name, None)
    view.listen()
    for _done in view.press_everything():
        shown.wait_for_timeout(REST * slower)
    times = view.times()
    context.close()
    return times, ready


def write(rows: dict) -> None:
    cores = f"{os.cpu_count()} cores, {platform.machine()}, headless Chromium"
    made = {"hardware": cores, "command": "python benchmarks/latency.py", "interactives": rows}
    RESULTS.write_text(json.dumps(made, indent=2) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="of interactives; all, if none is given")
    known = list(record.recordable())
    chosen = parser.parse_args().names or known
    if unknown := sorted(set(chosen) - set(known)):
        parser.error(f"no interactive {unknown[0]!r}; valid: {', '.join(known)}")
    table = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    rows = {name: row for name, row in table.get("interactives", {}).items() if name in known}
    with browser() as page:
        for name in chosen:
            with tempfile.TemporaryDirectory() as folder:
                show_view.page(Path(folder), name)
                address = (Path(folder) / "index.html").as_uri()
                rows[name] = {
                    way: measured(page, address, name, *how) for way, how in WAYS.items()
                }
            said = (
                "{} {answer_ms[median]:6.1f} ms, 95 % {answer_ms[p95]:6.1f}, ready {ready_ms}"
            )
            print(f"{name:22}", *(said.format(w, **row) for w, row in rows[name].items()))
            write(rows)  # one that is stopped keeps what it has
    return 0


if __name__ == "__main__":
    sys.exit(main())
