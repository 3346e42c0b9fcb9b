"""Crawl a built site: what is broken, and what its pages weigh.

    python tools/check_site.py build/book

Every link inside leads to a page, a file or an anchor that is there, every link to elsewhere
is well formed (it is not followed), nothing on a page is fetched from elsewhere, every picture
has words, every page has one first heading, no output shows an error, no page weighs more than
3 MB with all that it loads.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

sys.path.insert(0, str(Path(__file__).parent))
import chromium
import site_browser

HEAVIEST = 3_000_000  # bytes of a page with all that it loads
LOADS = {"img": "src", "script": "src", "source": "srcset", "iframe": "src", "video": "src"}
REMOTE = re.compile(r"^(https?:)?//")
CSS_URL = re.compile(r"url\(\s*['\"]?([^'\")]+)['\"]?\s*\)|@import\s+['\"]([^'\"]+)")
TRACEBACK = "Traceback (most recent call last)"
# Sphinx's own pages without a lesson: no heading of theirs is checked.
PRINTED = "jb-print-docs-body"  # the theme's second title, for paper
GENERATED = ("genindex.html", "search.html")


@dataclass
class Page(HTMLParser):
    """What one page links to, loads and shows."""

    path: Path
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    unnamed: list[str] = field(default_factory=list)  # pictures without words
    headings: list[int] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    on_paper: bool = False  # inside of what only a printout shows

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        for name in ("id", "name"):
            if found.get(name):
                self.anchors.add(found[name])
        if tag == "a" and found.get("href") is not None:
            self.links.append(found["href"])
        if tag in LOADS and found.get(LOADS[tag]):
            self.loads.append(found[LOADS[tag]].split()[0])
        if found.get("data-interactive"):  # its recording comes when it is near
            self.loads.append(f"interactives/{found['data-interactive']}.js")
        if tag == "image" and (found.get("href") or found.get("xlink:href")):  # inside an SVG
            self.loads.append(found.get("href") or found["xlink:href"])
        if tag == "link" and found.get("rel") in ("stylesheet", "icon", "preload", "manifest"):
            self.loads.append(found.get("href") or "")
        if tag == "img" and not (found.get("alt") or "").strip():
            self.unnamed.append(found.get("src") or "?")
        if tag == "svg" and found.get("role") == "img" and not found.get("aria-label"):
            self.unnamed.append("<svg>")
        if re.fullmatch("h[1-6]", tag) and not self.on_paper:
            self.headings.append(int(tag[1]))
        if tag == "div" and found.get("id") == PRINTED:
            self.on_paper = True
        elif tag in ("article", "main"):
            self.on_paper = False

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read_pages(site: Path) -> dict[Path, Page]:
    """Every page of a site; what lies in _static is the theme's."""
    found = sorted(site.rglob("*.html"))
    return {path: Page(path) for path in found if "_static" not in path.parts}


def complaints(site: Path) -> list[str]:
    """What is broken; empty for a whole site."""
    pages = read_pages(site)
    if not pages:
        return [f"{site}: no page"]
    found = []
    for path, page in pages.items():
        place = path.relative_to(site)
        found += [f"{place}: {what}" for what in _of_page(page, pages, site)]
    for path in sorted(site.rglob("*.css")):
        for pair in CSS_URL.findall(path.read_text(encoding="utf-8", errors="replace")):
            if REMOTE.match(address := pair[0] or pair[1]):
                found.append(f"{path.relative_to(site)}: loads {address} from elsewhere")
    return found


def _of_page(page: Page, pages: dict[Path, Page], site: Path) -> list[str]:
    found = [_of_link(link, page, pages, site) for link in page.links]
    for address in page.loads:
        if REMOTE.match(address):
            found.append(f"loads {address} from elsewhere")
        elif not address.startswith("data:") and not _file(address, page.path).is_file():
            found.append(f"{address} is not there")
    found += [f"a picture without words: {name[:60]}" for name in page.unnamed]
    if page.path.name not in GENERATED and page.headings.count(1) != 1:
        found.append(f"{page.headings.count(1)} headings of level 1")
    if TRACEBACK in "".join(page.text):
        found.append("an output shows an error")
    if (weight := weigh(page)) > HEAVIEST:
        found.append(f"weighs {weight / 1e6:.1f} MB; at most {HEAVIEST / 1e6:.0f}")
    return [what for what in found if what]


def _of_link(link: str, page: Page, pages: dict[Path, Page], site: Path) -> str:
    """What is wrong with one link, or nothing."""
    if link.startswith("mailto:"):
        return ""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        well = parts.scheme == "https" and re.fullmatch(r"[\w.-]+\.[a-z]{2,}", parts.netloc)
        return "" if well and not re.search(r"\s", link) else f"no well-formed link: {link!r}"
    target = _file(link, page.path)
    if target.is_dir():
        target /= "index.html"
    if not target.is_file() or not target.is_relative_to(site.resolve()):
        return f"{link!r} leads nowhere"
    if parts.fragment and target.suffix == ".html":
        known = next(other for path, other in pages.items() if path.resolve() == target)
        if unquote(parts.fragment) not in known.anchors:
            return f"{link!r}: no such place on that page"
    return ""


def _file(address: str, page: Path) -> Path:
    path = unquote(urlsplit(address).path)
    return (page.parent / path).resolve() if path else page.resolve()


def weigh(page: Page) -> int:
    """Bytes of a page with the pictures, scripts and styles that it names."""
    files = {page.path.resolve()} | {
        _file(address, page.path) for address in page.loads if not address.startswith("data:")
    }
    return sum(file.stat().st_size for file in files if file.is_file())


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("which site? python tools/check_site.py build/book", file=sys.stderr)
        return 2
    site = Path(arguments[0])
    found = complaints(site)
    pages = read_pages(site)
    if reason := chromium.missing():
        print(f"not opened in a browser: {reason}")
    else:
        names = [path.relative_to(site).as_posix() for path in pages]
        found += site_browser.complaints(site, names)
        judged = (
            "judged by axe-core" if site_browser.axe() else "not judged by axe-core: not here"
        )
        print(f"opened in a browser, light and dark: every page, and a search; {judged}")
    for path, page in pages.items():
        html, whole = path.stat().st_size, weigh(page)
        name = str(path.relative_to(site))
        print(
            f"{name:32} html {html / 1e3:4.0f} kB, with all that it loads {whole / 1e6:.2f} MB"
        )
    for what in found:
        print(what, file=sys.stderr)
    inside = sum(not urlsplit(link).scheme for page in pages.values() for link in page.links)
    print(f"{len(pages)} pages, {inside} links inside, {len(found)} complaints")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
