"""Look at an interactive: a small static page of it in headless Chromium, as a picture.

    python tools/show_view.py 10 --out shot.png                    # lesson 10's, 900 px, light
    python tools/show_view.py wall_eraser --width 360 --dark --out shot.png
    python tools/show_view.py 10 --set '{"flipped": [1685]}' --out shot.png
    python tools/show_view.py 10 --ask "Which wall matters most?" --out shot.png
    python tools/show_view.py 10 --js "document.querySelector('button').click()" --out shot.png
    python tools/show_view.py 10 --page build/page        # the page alone, to open by hand

What the console says is printed, and an error makes the command fail. Recording takes longest:
``--first`` records the first settings and the presets only.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

sys.path.insert(0, str(Path(__file__).parent))
import record
import site_browser

from unet_teach.rooms import interactives, rooms

SHIM = Path(__file__).parents[1] / "book" / "_static" / "interactives.js"
PAGE = """<!DOCTYPE html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{name}</title>
<link rel="icon" href="data:,"><style>
html {{ --pst-color-background: #fff; --pst-color-text-base: #222832; }}
html[data-theme=dark] {{ --pst-color-background: #14181e; --pst-color-text-base: #ced6dd; }}
body {{ margin: 16px; font: 16px sans-serif; background: var(--pst-color-background);
color: var(--pst-color-text-base); }}
</style></head><body><main><h1>{name}</h1>
<div class="interactive" data-interactive="{name}">{still}</div>
</main><script src="_static/interactives.js"></script></body></html>
"""
READY = ".unet-view[data-answered]"


def named(word: str) -> str:
    """The name of an interactive, from itself or from the number of its lesson."""
    known = record.recordable()
    if word in known:
        return word
    for name, module in interactives().items():
        if name in known and module.__name__.split(".")[2] == rooms().get(word):
            return name
    raise SystemExit(f"no interactive {word!r}; valid: {', '.join(known)}")


def page(
    folder: Path, name: str, first: bool = False, theme: str = "light", made: Any = None
) -> Path:
    """Write a page with one interactive, its recording and the shim; gives the page."""
    made = made or record.recordable()[name]()
    if first:
        made._recorded = tuple
    for part in (folder / "_static", folder / record.FOLDER):
        part.mkdir(parents=True, exist_ok=True)
    (folder / "_static" / SHIM.name).write_bytes(SHIM.read_bytes())
    text = record.script(name, record.recording(made))
    (folder / record.FOLDER / f"{name}.js").write_text(text, encoding="utf-8")
    target = folder / "index.html"
    still = PAGE.format(name=escape(name), theme=theme, still=made.picture.html)
    target.write_text(still, encoding="utf-8")
    return target


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", help="of the interactive, or its lesson's number")
    parser.add_argument("--out", type=Path, help="where the picture goes")
    parser.add_argument("--page", type=Path, help="keep the page in this folder")
    parser.add_argument("--width", type=int, default=900)
    parser.add_argument("--height", type=int, default=900)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--first", action="store_true", help="do not record everything")
    parser.add_argument("--set", type=json.loads, default={}, help="settings, as JSON")
    parser.add_argument("--ask", help="the words of a preset")
    parser.add_argument("--js", help="run this in the page before the picture is taken")
    chosen = parser.parse_args()
    name, theme = named(chosen.name), "dark" if chosen.dark else "light"
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.page or Path(scratch)
        page(folder, name, chosen.first, theme)
        query = urlencode({key: json.dumps(value) for key, value in chosen.set.items()})
        link = f"index.html#{quote(name)}?{query}" if query else "index.html"
        if not chosen.out:
            return 0
        with site_browser.opened(folder, chosen.width, chosen.height) as (shown, address):
            shown.emulate_media(color_scheme=theme)
            shown.on("console", lambda message: print(f"{message.type}: {message.text}"))
            shown.goto(address + link)
            shown.wait_for_selector(READY)
            if chosen.ask:
                shown.get_by_role("button", name=chosen.ask, exact=True).click()
            if chosen.js:
                print(shown.evaluate(chosen.js))
            shown.wait_for_timeout(1200)
            shown.screenshot(path=chosen.out, full_page=True)
            wide = shown.evaluate("document.documentElement.scrollWidth")
            print(f"{chosen.out}: {name}, {chosen.width} px ({wide} px wide), {theme}")
            for said in shown.said:
                print(said, file=sys.stderr)
            return bool(shown.said)


if __name__ == "__main__":
    sys.exit(main())
