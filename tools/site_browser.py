"""A built site in headless Chromium: what it asks for, is it accessible, does its search find.

Used by ``check_site.py`` and ``build_slides.py`` where Playwright and a Chromium are installed
(the extra "browser"); a site is served on loopback and every other request is noted.
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import chromium

SERIOUS = """async () => {
  // A colour on its way from light to dark is neither.
  document.getAnimations().forEach(moving => { try { moving.finish(); } catch { } });
  const result = await axe.run(document, {resultTypes: ["violations"], preload: false});
  return result.violations
    .filter(found => ["serious", "critical"].includes(found.impact))
    .flatMap(found => found.nodes.map(node => `${found.id}: ${node.html.slice(0, 160)}`));
}"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_words: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_request: object) -> None:
        pass  # the browser left a page before it had all of it


@contextmanager
def served(site: Path) -> Iterator[str]:
    """The address of a folder that is served on loopback."""
    server = _Server(("127.0.0.1", 0), partial(_Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()


@contextmanager
def opened(site: Path, width: int = 1280, height: int = 900) -> Iterator[tuple[Any, str]]:
    """A page of Chromium and the address of a served site.

    ``page.asked`` gathers requests to elsewhere, ``page.said`` the console's errors.
    """
    from playwright.sync_api import sync_playwright

    with served(site) as address, sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium.chromium(), args=chromium.FLAGS
        )
        page = started.new_page(viewport={"width": width, "height": height})
        page.asked, page.said = [], []

        def note(request: Any) -> None:
            if not request.url.startswith((address, "data:", "blob:", "about:")):
                page.asked.append(request.url)

        page.on("request", note)
        page.on("console", lambda m: m.type == "error" and page.said.append(m.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        try:
            yield page, address
        finally:
            started.close()


def axe() -> str:
    """axe-core, which judges accessibility; nothing where it is not installed."""
    spec = importlib.util.find_spec("axe_playwright_python")
    if spec is None:
        return ""
    return (Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8")


def complaints(site: Path, pages: list[str], word: str = "receptive") -> list[str]:
    """Open every page, light and dark; then search for a word that the book must have."""
    found, judge = [], axe()
    with opened(site) as (page, address):
        for theme, name in product(("light", "dark"), pages):
            page.emulate_media(color_scheme=theme)
            page.goto(address + name, wait_until="load")
            if judge:
                page.evaluate(judge)
                found += [f"{name}, {theme}: {said}" for said in page.evaluate(SERIOUS)]
            found += [f"{name}: asks for {url}" for url in page.asked]
            found += [f"{name}: the console says {said[:200]}" for said in page.said]
            page.asked.clear()
            page.said.clear()
        if "search.html" in pages:
            page.goto(f"{address}search.html?q={word}")
            try:
                page.wait_for_selector("#search-results li a", timeout=20_000)
            except Exception as error:
                found.append(f"search.html: nothing found for {word!r}: {error}")
    return found
